// SPDX-License-Identifier: Apache-2.0
// Emit: calls, and the instructions that end blocks.
//
// A call takes its arguments in x0 and up and leaves its value in x0; nothing
// else in X registers outlives it. What is needed behind it lies in the frame
// already: live_split has seen to that.
//
// Tail calls are no instructions of the graph: a call before a return is one,
// if nothing is needed behind it (frame_is_tail). So the forms of the machine,
// with a frame to give back or without one, are chosen here:
//     call N L    call_last N L Frame    call_only N L
#include "emit.h"

#include "atom.h"

// Moves arguments [first..] of [i] into x0 and up, all at once: they may be in
// each other's places. The first [extra] come behind them.
static void move_args(Emitter *e, Inst *i, size_t first, size_t extra)
{
    size_t n = i->nargs - first;
    int32_t *to = arena_alloc(&e->a->u->arena, (i->nargs + 1) * sizeof *to);
    Inst **from = arena_alloc(&e->a->u->arena, (i->nargs + 1) * sizeof *from);
    for (size_t k = 0; k < n; k++) {
        from[k] = i->args[first + k];
        to[k] = (int32_t)k;
    }
    // A fun, or a module and function, comes behind the arguments.
    for (size_t k = 0; k < extra; k++) {
        from[n + k] = i->args[k];
        to[n + k] = (int32_t)(n + k);
    }
    emit_moves(e, n + extra, from, to);
}

// The arguments of call [i] are in place: the frame is made fit for it. Y
// registers whose values are dead are emptied, so that a process that waits
// long in a call does not keep garbage alive.
static void make_ready(Emitter *e, const Inst *i)
{
    if (!frame_is_tail(i)) emit_forget(e); // else the frame goes anyway
    emit_safe(e);
}

// Only x0 is good behind a call; the result goes where it belongs, and stays in
// x0 when that is where it belongs.
static void take_result(Emitter *e, Inst *i)
{
    memset(&e->known, 0, sizeof e->known);
    emit_written(e, 0);
    if (i->uses > 0) emit_move(e, (Arg){.kind = ARG_X, .number = 0}, i->reg);
}

// The forms of a call: in the middle, last with and without a frame. [codes]
// are in the order of these.
static void call_op(Emitter *e, Inst *i, Arg target, const OpCode codes[3])
{
    int frame = emit_frame(e);
    bool tail = frame_is_tail(i);
    bool dies = tail && i->next->op == IR_UNREACHABLE; // it never returns
    // error(R) keeps a frame that is there: stack traces name the function.
    if (tail && !(dies && frame >= 0)) {
        OpCode code = frame < 0 ? codes[2] : codes[1];
        assemble_op(e->a, code);
        assemble_arg(e->a, arg_u(i->nargs));
        assemble_arg(e->a, target);
        if (frame >= 0) assemble_arg(e->a, arg_u((uint64_t)frame));
        return; // behind it comes nothing
    }
    assemble(e->a, codes[0], 2, (Arg[]){arg_u(i->nargs), target});
    take_result(e, i);
}

// Two labels for each function, given out when it is first named.
static uint32_t entry_of(Emitter *e, Function *f)
{
    if (f->label == 0) { // it comes behind in the code
        f->label = e->a->labels + 1;
        e->a->labels += 2;
    }
    return f->label + 1;
}

// Send is an instruction in the machine, and raise/3 with a trace that was
// never made a list is one, too (rethrow.c). A tail call of a BIF is one like
// any other: the loader knows what to make of it.
static void call_ext(Emitter *e, Inst *i)
{
    static const OpCode codes[] = {OP_CALL_EXT, OP_CALL_EXT_LAST,
                                   OP_CALL_EXT_ONLY};
    move_args(e, i, 0, 0);
    make_ready(e, i);
    emit_line(e, i);
    if (term_same(i->term, ATOM_erlang) && term_same(i->term2, ATOM_send_op)) {
        assemble(e->a, OP_SEND, 0, NULL);
        take_result(e, i);
        return;
    }
    if (i->flags & INST_RAW) {
        assemble(e->a, OP_RAW_RAISE, 0, NULL);
        return;
    }
    uint32_t import = assemble_import(e->a, i->term, i->term2, i->nargs);
    call_op(e, i, arg_u(import), codes);
}

// The target may come later in the code, so it is known by its label alone.
static void call_local(Emitter *e, Inst *i)
{
    static const OpCode codes[] = {OP_CALL, OP_CALL_LAST, OP_CALL_ONLY};
    move_args(e, i, 0, 0);
    make_ready(e, i);
    // A tail call leaves nothing in stack traces that could have a line.
    if (!frame_is_tail(i)) emit_line(e, i);
    call_op(e, i, arg_f(entry_of(e, i->function)), codes);
}

// There is no tail call of a fun in OTP's files: the loader joins it with the
// return behind it.
static void call_fun(Emitter *e, Inst *i)
{
    uint32_t arity = i->nargs - 1u;
    move_args(e, i, 1, 1);
    make_ready(e, i);
    emit_line(e, i);
    // unsafe: the machine is to test that it is a fun of that arity.
    assemble(e->a, OP_CALL_FUN2, 3,
             (Arg[]){arg_atom(ATOM_unsafe), arg_u(arity),
                     (Arg){.kind = ARG_X, .number = arity}});
    take_result(e, i);
}

// Module and function come in the two X registers behind the arguments.
static void apply(Emitter *e, Inst *i)
{
    uint32_t arity = i->nargs - 2u;
    move_args(e, i, 2, 2);
    make_ready(e, i);
    emit_line(e, i);
    if (frame_is_tail(i) && i->next->op == IR_RETURN) {
        assemble(e->a, OP_APPLY_LAST, 2,
                 (Arg[]){arg_u(arity), arg_u((uint64_t)emit_frame(e))});
        return;
    }
    assemble(e->a, OP_APPLY, 1, (Arg[]){arg_u(arity)});
    take_result(e, i);
}

// The last of them, IR_INIT_WRITABLE, takes a size in x0 and leaves a binary
// there.
void emit_call(Emitter *e, Inst *i)
{
    switch (i->op) {
    case IR_CALL: call_local(e, i); break;
    case IR_CALL_EXT: call_ext(e, i); break;
    case IR_CALL_FUN: call_fun(e, i); break;
    case IR_APPLY: apply(e, i); break;
    default:
        move_args(e, i, 0, 0);
        emit_safe(e);
        assemble(e->a, OP_BS_INIT_WRITABLE, 0, NULL);
        take_result(e, i);
    }
}

// ---- ends of blocks ----

// Sets the phis of the block that follows. Only a jump leads to a block with
// phis, so that there is a place for the moves. They are done at once: on a way
// back a phi may be the argument of another, as in loops that swap two values.
static void set_phis(Emitter *e, Block *to)
{
    size_t at = 0, n = 0, count = 0;
    while (to->prev[at] != e->block) at++; // which of the ways this is
    for (Inst *x = to->first; x != NULL && x->op == IR_PHI; x = x->next)
        count++;
    if (count == 0) return;
    Inst **from = arena_alloc(&e->a->u->arena, count * sizeof *from);
    int32_t *regs = arena_alloc(&e->a->u->arena, count * sizeof *regs);
    for (Inst *x = to->first; x != NULL && x->op == IR_PHI; x = x->next) {
        from[n] = x->args[at];
        regs[n++] = x->reg;
    }
    emit_moves(e, n, from, regs);
}

// Also before a return and where a head fails.
static void leave_frame(Emitter *e)
{
    int frame = emit_frame(e);
    if (frame >= 0)
        assemble(e->a, OP_DEALLOCATE, 1, (Arg[]){arg_u((uint64_t)frame)});
}

// Behind a tail call there is nothing to return from any more.
static void return_value(Emitter *e, Inst *i)
{
    const Inst *call = i->prev;
    if (call != NULL && frame_is_tail(call)) return; // it has returned
    emit_move(e, emit_source(e, i->args[0]), 0);
    leave_frame(e);
    assemble(e->a, OP_RETURN, 0, NULL);
}

// The cases as the graph has them; the loader makes of them a jump table or a
// search, whatever suits.
static void select_value(Emitter *e, Inst *i)
{
    Block *b = i->block;
    size_t n = b->next_count - 1;
    assemble_op(e->a, i->op == IR_SWITCH ? OP_SELECT_VAL
                                         : OP_SELECT_TUPLE_ARITY);
    assemble_arg(e->a, emit_source(e, i->args[0]));
    assemble_arg(e->a, emit_label(e, b->next[n]));
    assemble_arg(e->a, arg_list(2 * n));
    for (size_t k = 0; k < n; k++) {
        if (i->op == IR_SWITCH)
            assemble_arg(e->a, assemble_literal(e->a, b->cases[k]));
        else
            assemble_arg(e->a, arg_u((uint64_t)term_small_value(b->cases[k])));
        assemble_arg(e->a, emit_label(e, b->next[k]));
    }
}

// Each of them raises with a value that is told, or with none.
static void error(Emitter *e, Inst *i)
{
    static const OpCode codes[] = {
        [IR_BADMATCH] = OP_BADMATCH, [IR_CASE_CLAUSE] = OP_CASE_END,
        [IR_TRY_CLAUSE] = OP_TRY_CASE_END, [IR_BADRECORD] = OP_BADRECORD,
        [IR_IF_CLAUSE] = OP_IF_END};
    emit_safe(e);
    emit_line(e, i);
    assemble_op(e->a, codes[i->op]);
    if (i->nargs > 0) assemble_arg(e->a, emit_source(e, i->args[0]));
}

// func_info raises with the arguments that it finds in X registers, and no
// frame may be left: the stack trace tells of them in place of the arity, and
// the function itself must be the top of it.
static void function_clause(Emitter *e, Inst *i)
{
    int32_t *to = arena_alloc(&e->a->u->arena, (i->nargs + 1) * sizeof *to);
    for (size_t k = 0; k < i->nargs; k++) to[k] = (int32_t)k;
    emit_moves(e, i->nargs, i->args, to);
    leave_frame(e);
    assemble(e->a, OP_JUMP, 1, (Arg[]){arg_f(e->f->label)});
}

// ---- exceptions ----

// The tag is a Y register: the machine puts the handler there and looks for it
// when something raises.
static void begin_try(Emitter *e, Inst *i)
{
    emit_safe(e);
    assemble(e->a, i->op == IR_TRY ? OP_TRY : OP_CATCH, 2,
             (Arg[]){emit_register(e, i->reg),
                     emit_label(e, i->block->next[1])});
    emit_written(e, i->reg);
    emit_goto(e, i->block->next[0]);
}

// The three registers, or one, are written by the exception itself.
static void land(Emitter *e, Inst *i)
{
    bool is_try = i->op == IR_TRY_CASE; // else the end of a catch
    assemble(e->a, is_try ? OP_TRY_CASE : OP_CATCH_END, 1,
             (Arg[]){emit_source(e, i->args[0])});
    // class, reason and raw trace, or the value of the catch
    for (int32_t r = 0; r < (is_try ? 3 : 1); r++) emit_written(e, r);
    if (i->uses > 0) emit_move(e, (Arg){.kind = ARG_X, .number = 0}, i->reg);
}

// Both ways of a catch end in catch_end: this is that on which nothing was
// raised, so x0 just stays.
static void catch_end(Emitter *e, Inst *i)
{
    emit_move(e, emit_source(e, i->args[1]), 0);
    assemble(e->a, OP_CATCH_END, 1, (Arg[]){emit_source(e, i->args[0])});
    take_result(e, i);
}

// Takes the raw trace in x0 and gives the list there.
static void build_trace(Emitter *e, Inst *i)
{
    emit_move(e, emit_source(e, i->args[0]), 0);
    emit_safe(e);
    assemble(e->a, OP_BUILD_STACKTRACE, 0, NULL);
    take_result(e, i);
}

// ---- receive ----

// The loop of a receive, which its blocks spell out:
//     L1: loop_rec L2 x0    <match>    remove_message  ...
//         loop_rec_end L1   where no clause matched
//     L2: wait L1, or wait_timeout L1 Time    timeout
static void receive(Emitter *e, Inst *i)
{
    emit_safe(e);
    assemble(e->a, OP_LOOP_REC, 2,
             (Arg[]){emit_label(e, i->block->next[1]),
                     (Arg){.kind = ARG_X, .number = 0}});
    take_result(e, i);
    emit_goto(e, i->block->next[0]);
}

// A marker is a place in the message queue from which a receive may begin.
static void receive_marker(Emitter *e, const Inst *i)
{
    if (i->op == IR_RECV_MARKER_RESERVE) {
        assemble(e->a, OP_RECV_MARKER_RESERVE, 1,
                 (Arg[]){emit_register(e, i->reg)});
        emit_written(e, i->reg);
        return;
    }
    bool binds = i->op == IR_RECV_MARKER_BIND;
    assemble_op(e->a, binds ? OP_RECV_MARKER_BIND : OP_RECV_MARKER_USE);
    for (size_t k = 0; k < i->nargs; k++)
        assemble_arg(e->a, emit_source(e, i->args[k]));
}

// Behind it the time is over; X registers were lost while the process waited.
static void wait_timeout(Emitter *e, Inst *i)
{
    emit_safe(e);
    assemble(e->a, OP_WAIT_TIMEOUT, 2,
             (Arg[]){emit_label(e, i->block->next[0]),
                     emit_source(e, i->args[0])});
    memset(&e->known, 0, sizeof e->known);
    emit_goto(e, i->block->next[1]);
}

// What jumps back must leave the frame as the loop expects it.
static void back_to(Emitter *e, Inst *i, OpCode code)
{
    emit_safe(e);
    assemble(e->a, code, 1, (Arg[]){emit_label(e, i->block->next[0])});
}

void emit_end(Emitter *e, Inst *i) // next: where it holds; then where not
{
    switch (i->op) {
    case IR_JUMP:
        set_phis(e, i->block->next[0]);
        emit_goto(e, i->block->next[0]);
        break;
    case IR_RETURN: return_value(e, i); break;
    case IR_SWITCH: case IR_SWITCH_ARITY: select_value(e, i); break;
    case IR_BADMATCH: case IR_CASE_CLAUSE: case IR_TRY_CLAUSE:
    case IR_BADRECORD: case IR_IF_CLAUSE:
        error(e, i);
        break;
    case IR_FUNCTION_CLAUSE: function_clause(e, i); break;
    case IR_TRY: case IR_CATCH: begin_try(e, i); break;
    case IR_TRY_END:
        assemble(e->a, OP_TRY_END, 1, (Arg[]){emit_source(e, i->args[0])});
        break;
    case IR_TRY_CASE: case IR_CATCH_LAND: land(e, i); break;
    case IR_EXTRACT:
        if (i->uses > 0)
            emit_move(e, (Arg){.kind = ARG_X, .number = i->index}, i->reg);
        break;
    case IR_CATCH_END: catch_end(e, i); break;
    case IR_BUILD_TRACE: build_trace(e, i); break;
    case IR_RAW_RAISE:
        assemble(e->a, OP_RAISE, 2, // class is told by the trace
                 (Arg[]){emit_source(e, i->args[2]),
                         emit_source(e, i->args[1])});
        break;
    case IR_RECV: receive(e, i); break;
    case IR_RECV_MARKER_RESERVE: case IR_RECV_MARKER_BIND:
    case IR_RECV_MARKER_USE:
        receive_marker(e, i);
        break;
    case IR_RECV_TAKE: assemble(e->a, OP_REMOVE_MESSAGE, 0, NULL); break;
    case IR_RECV_NEXT: back_to(e, i, OP_LOOP_REC_END); break;
    case IR_WAIT: back_to(e, i, OP_WAIT); break;
    case IR_WAIT_TIMEOUT: wait_timeout(e, i); break;
    case IR_TIMEOUT: assemble(e->a, OP_TIMEOUT, 0, NULL); break;
    default: break; // UNREACHABLE: nothing comes here
    }
}
