// SPDX-License-Identifier: Apache-2.0
// The loop: runs loaded code.
//
// The machine's state lies in locals: pc, x and y (registers; y is the top of
// the stack, which grows downwards) and htop (next free word of the heap). Two
// moments bring it to the process and back:
//
//   SAVE()     before anything that may build terms, collect, raise or yield
//   RESTORE()  after it
//
// A call pushes the return address and goes on at the callee; allocate takes
// the frame below it. So y[0] is always the first word of the frame, and the
// return address lies behind its last. A call needs no check of the stack, for
// frames leave FRAME_SLACK words.
//
// Collections happen at instructions that know how many x registers are live
// (allocate, test_heap, and those that build much: RESERVE), and after BIFs.
// Handlers read their operands through OPERANDS, which the instruction table
// gives; what is read before a collection must be read again after it. An
// operand need not be in a live register, so an instruction collects when it
// is done with its operands, or keeps what it needs beside the live ones.
//
// An error in an instruction goes to `raise`; one in a guard BIF or operator to
// `raise_callee` with callee and args set.
//
// The handlers stand by topic in the files loop_*.inc, which are the body of
// one function: only so do its locals stay in registers. What they are written
// in is in loop_handler.h, what they calculate inline in loop_inline.h, the
// slow paths are functions of loop_slow.h.
#include "loop.h"

#include "bif.h"
#include "bitbuild.h"
#include "bitmatch.h"
#include "breakpoint.h"
#include "dictionary.h"
#include "exception.h"
#include "loop_handler.h"
#include "loop_inline.h"
#include "loop_registers.h"
#include "mailbox.h"
#include "map.h"
#include "saved_calls.h"
#include "seq_trace.h"
#include "signal.h"
#include "timer.h"
#include "trace.h"

// A stub has no func_info before it: its arity is not to be read there.
bool code_is_stub(const CodeWord *pc)
{
    const int32_t *handlers = loop_handlers();
    static const uint16_t stubs[] = {
        OP_call_bif_stub, OP_call_error_handler, OP_call_fun_handler,
        OP_apply_stub, OP_apply_fun_stub, OP_hibernate_stub,
        OP_breakpoint_bif, OP_breakpoint_export};
    int32_t handler = code_handler(pc);
    if (handler == handlers[OP_call_bif]) return false; // most often
    for (size_t i = 0; i < sizeof stubs / sizeof *stubs; i++) {
        if (handler == handlers[stubs[i]]) return true;
    }
    return false;
}

// What a dirty BIF's stub finds when the pool is done with it.
// Answered once: the next dirty call of the process starts from none.
static Term dirty_answer(Process *p, const Term *x)
{
    DirtyResult result = (DirtyResult)p->dirty;
    p->dirty = DIRTY_NONE;
    return result == DIRTY_ANSWERED ? x[0] : TERM_NONE;
}

// ---- the loop ----

static const int32_t *run(Scheduler *s, Process *p, Reason *answer);

Reason loop_run(Scheduler *s, Process *p)
{
    Reason answer;
    run(s, p, &answer);
    return answer;
}

// Labels of a function can be had inside of it only.
const int32_t *loop_handlers(void)
{
    return run(NULL, NULL, NULL);
}

// Read plainly: a breakpoint shows as such.
Op code_op(const CodeWord *pc)
{
    const int32_t *handlers = loop_handlers(), handler = code_number(pc, 0);
    unsigned op = 0;
    while (op < OP_COUNT && handlers[op] != handler) op++;
    return (Op)op;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-label"
#pragma GCC diagnostic ignored "-Wattributes" // clang knows no "noclone"

// Runs [p]; without a process answers the offsets of the handlers instead.
__attribute__((noinline, noclone))
static const int32_t *run(Scheduler *s, Process *process, Reason *answer)
{
#define LABEL_OFFSET(op) \
    [OP_##op] = (int32_t)((const char *)&&op_##op - (const char *)&&op_return),
    static const int32_t handlers[OP_COUNT] = {OP_LABELS(LABEL_OFFSET)};
    if (process == NULL) return handlers;

    // Handlers are offsets from here, 32 bits instead of 64.
    const char *const base = &&op_return;
    register Process *p REGISTER_PROCESS = process;
    register const CodeWord *pc REGISTER_PC = p->pc;
    register Term *x REGISTER_X = s->x;
    register Term *y REGISTER_Y = p->stack;
    register Term *htop REGISTER_HTOP = p->heap.top;
    // The x registers begin the scheduler: its address is theirs.
    double *const f = ((Scheduler *)x)->f;
    const Export *culprit = NULL; // of raise_callee, with its arguments
    Term culprit_args[4];         // as many as an operator or guard has
    unsigned live_now;            // of yield_live and make_room
    size_t room;                  // of make_room and grow_stack
    bool stressed = false;        // has collected for the sake of it
    SlowOperator slow;            // of slow_operator and slow_comparison
    int32_t slow_fail;            // words to where failing leads, or 0
    const void *slow_done = NULL; // behind the operator
    BitBuilder builder = {0};     // what bs_create_bin is building

    KEEP_IN_REGISTERS(p, x);
    slow_load_registers(p, x);
    DISPATCH();

#include "loop_control.inc"
#include "loop_fused.inc"
#include "loop_data.inc"
#include "loop_number.inc"
#include "loop_process.inc"
#include "loop_bits.inc"

// ---- leaving the straight way ----

slow_operator: { // of the instruction at pc
    double d;
    // Floats first: the common case of what is not small. A float needs no SAVE
    // as long as there is room for it.
    if (operate_on_floats((ArithOp)slow.what, slow.a, slow.b, &d)
        && p->heap.limit - htop >= FLOAT_WORDS) {
        FSTORE(&d, slow.into);
        goto *slow_done;
    }
    SAVE();
    bool good = slow_operate(p, &slow);
    // The slow path may have made fragments, but moved nothing.
    RESTORE();
    if (good) goto *slow_done;
    // In a guard: no exception, the next clause.
    if (slow_fail != 0) GOTO(pc + slow_fail);
    // N + 1 and the like: OTP names no operator in the trace.
    if (slow_is_increment(p, &slow)) goto raise;
    culprit_args[0] = slow.a;
    culprit_args[1] = slow.b;
    culprit = slow_arith_export(p->node, (ArithOp)slow.what);
    goto raise_callee;
}

// Comparing never builds: no SAVE, no RESTORE.
slow_comparison: // of the instruction at pc
    if (is_both_float(slow.a, slow.b)
            ? compare_floats((Comparison)slow.what, term_float_value(slow.a),
                             term_float_value(slow.b))
            : slow_compare(p, &slow))
        goto *slow_done;
    GOTO(pc + slow_fail);

not_finite: // what the float instruction at pc made
    SAVE();
    bif_error(p, ATOM_badarith);
    goto raise;

make_room: // for the instruction at pc
    // A breakpoint was passed, and would be met again.
    if (gc_is_long(p) && code_handler(pc) != handlers[OP_breakpoint]) {
        SAVE();
        slow_save_registers(p, x, live_now);
        *answer = REASON_COLLECT;
        return NULL;
    }
    SAVE();
    collect(p, room, x, live_now);
    RESTORE();
    // From its beginning: operands are read anew, for terms have moved.
    goto again;

grow_stack:
    SAVE();
    gc_grow_stack(p, room);
    RESTORE();

again: { // the instruction at pc; a breakpoint there was passed before
    int32_t handler = code_handler(pc);
    // The breakpoint was hit when the instruction began; once is enough.
    if (handler == handlers[OP_breakpoint])
        handler = atomic_load(&breakpoint_of(pc)->original);
    goto *(base + handler);
}

yield_export: // the same, in a call of culprit
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_note(p, culprit);
yield: // at pc, where a function begins, or a stub: those go on to one
    if (code_is_stub(pc) || saved_calls_goes_on(p)) DISPATCH();
    // At a function's beginning the arguments are what lives.
    live_now = function_arity(pc);
yield_live:
    SAVE();
    slow_save_registers(p, x, live_now);
    *answer = REASON_YIELD;
    return NULL;

wait_here: // to go on at pc
    SAVE();
    p->live = 0; // a receive keeps nothing in x registers
    p->busy = 0; // it waits: its nursery need not grow for being busy
    *answer = REASON_WAIT;
    return NULL;

// exception_raise finds the handler, or ends the process: NULL.
raise: // what the process holds, at pc; the state is saved
    pc = exception_raise(p, x, pc, NULL, NULL);
    goto raised;

raise_callee:
    pc = exception_raise(p, x, pc, culprit, culprit_args);
    goto raised;

raise_apply: // a failed apply/3: x0 to x2 are its arguments
    pc = exception_raise(p, x, pc,
                         code_export(p->node, ATOM_erlang, ATOM_apply, 3), x);
    goto raised;

// Of apply/2: x0 and x1 are its arguments if these are what is wrong.
raise_apply_fun:
    pc = exception_raise(p, x, pc, slow_apply_culprit(p), x);
raised:
    if (pc == NULL) { // nobody catches it
        p->live = 0;
        *answer = REASON_EXIT;
        return NULL;
    }
    RESTORE();
    // Raising leaves garbage, and a loop that does it may not ask for room.
    if (wants_collection(p)) {
        SAVE();
        tidy(p, x, HANDLER_LIVE);
        RESTORE();
    }
    DISPATCH();

// It goes on behind the call with the answer in x0: see dirty_answer.
call_dirty: // at the stub of a dirty BIF
    culprit = (const Export *)pc[1];
    slow_save_registers(p, x, culprit->arity);
    p->dirty_function = culprit->bif->function;
    p->pc = pc + WORDS_call_bif_stub;
    *answer = REASON_DIRTY;
    return NULL;

bif_gave_none: // the BIF called at pc wants something else
    culprit = (const Export *)pc[1];
    switch ((Reason)p->reason) {
    // As if the caller had called what the BIF wants run.
    case REASON_TRAP:
        RESTORE();
        slow_load_registers(p, x);
        p->reason = REASON_NONE;
        if (!code_is_stub(pc)) // a stub stands for the whole call: no frame
            PUSH(pc + WORDS_call_bif);
        CALL(p->trap_code);
    // The BIF is called again with the same arguments when it goes on.
    case REASON_YIELD:
    case REASON_WAIT:
    case REASON_EXIT:
        p->pc = pc;
        *answer = (Reason)p->reason;
        return NULL;
    // Too long for here: as if its stub had been called, and it were dirty.
    case REASON_DIRTY:
        RESTORE();
        p->reason = REASON_NONE;
        if (!code_is_stub(pc)) PUSH(pc + WORDS_call_bif);
        pc = culprit->stub;
        SAVE();
        goto call_dirty;
    default:
        pc = exception_raise(p, x, pc, culprit, x);
        goto raised;
    }
}
#pragma GCC diagnostic pop
