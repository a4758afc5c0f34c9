// SPDX-License-Identifier: Apache-2.0
// Emit: moves that are done at once, in an order in which none overwrites what
// another still reads.
//
// OTP's machine joins two moves one behind the other, from neighbours to
// neighbours, to one of two words. When these words were just written one by
// one, a processor waits for both to reach memory; so where it can be helped
// such moves do not follow on each other.
//
// The number of moves at a call is at most that of its arguments, so quadratic
// search is no matter but for long switches of phis, which CARE_MOST excludes.
#include "emit.h"

enum { CARE_MOST = 24 }; // more moves than these are not put in order

typedef struct {
    Arg from;    // a register, or a literal
    Arg to;      // a register that no other move writes
    int32_t reg; // of [to]
} Move;

// Only registers can be overwritten; literals are never the same as anything.
static bool is_same(const Arg *a, const Arg *b)
{
    return a->kind == b->kind && a->number == b->number
           && (a->kind == ARG_X || a->kind == ARG_Y);
}

// Then it must wait: what it would overwrite is still needed.
static bool is_read_by_other(const Move *moves, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (k != i && is_same(&moves[k].from, &moves[i].to)) return true;
    return false;
}

// Neighbours in the same kind of register: one before or one behind.
static bool are_beside(const Arg *a, const Arg *b)
{
    return a->kind == b->kind && (a->kind == ARG_X || a->kind == ARG_Y)
           && (a->number == b->number + 1 || b->number == a->number + 1);
}

// Two moves that the loader would join into one.
static bool are_joined(const Arg *from, const Arg *to, const Move *m)
{
    return are_beside(from, &m->from) && are_beside(to, &m->to);
}

// How bad it is to do move [i] next: 2 if it would be joined with the one just
// emitted, 0 if it is one of two that might be and this one is apart now, 1
// otherwise.
static int cost(const Assembler *a, const Move *moves, size_t n, size_t i)
{
    const Op *last = &a->ops[a->op_count - 1];
    if (last->code == OP_MOVE) {
        const Arg *args = a->args + last->first;
        if (are_joined(&args[0], &args[1], &moves[i])) return 2;
    }
    // One that would be joined to another had best be done apart from it.
    for (size_t k = 0; k < n; k++)
        if (k != i && are_joined(&moves[i].from, &moves[i].to, &moves[k]))
            return 0;
    return 1;
}

// The move to do next, or [n] when each overwrites what another reads: then all
// that are left are cycles.
static size_t choose(const Assembler *a, const Move *moves, size_t n)
{
    size_t best = n;
    int least = 3;
    for (size_t i = n; i-- > 0;) {
        if (is_read_by_other(moves, n, i)) continue;
        if (n > CARE_MOST) return i; // too many: any that may
        int c = cost(a, moves, n, i);
        if (c >= least) continue;
        least = c;
        best = i;
    }
    return best;
}

// One move of a cycle as a swap; whoever read its target now reads its source.
// A cycle of k moves takes k - 1 swaps and no register beside.
static void swap(Emitter *e, Move *moves, size_t n, size_t i)
{
    Move m = moves[i];
    assemble(e->a, OP_SWAP, 2, (Arg[]){m.from, m.to});
    for (size_t k = 0; k < n; k++)
        if (k != i && is_same(&moves[k].from, &m.to)) moves[k].from = m.from;
    emit_written(e, m.reg);
}

// A move onto itself is left when swaps have done its work.
static size_t drop_idle(Move *moves, size_t n)
{
    for (size_t i = n; i-- > 0;)
        if (is_same(&moves[i].from, &moves[i].to)) moves[i] = moves[--n];
    return n;
}

// Every turn does at least one move, so it ends.
static void run(Emitter *e, Move *moves, size_t n)
{
    while ((n = drop_idle(moves, n)) > 0) {
        size_t i = choose(e->a, moves, n);
        if (i < n) emit_move(e, moves[i].from, moves[i].reg);
        else swap(e, moves, n, i = 0);
        moves[i] = moves[--n];
    }
}

// [to] are registers of which each is written once.
void emit_moves(Emitter *e, size_t n, Inst *const *from, const int32_t *to)
{
    Move *moves = arena_alloc(&e->a->u->arena, (n + 1) * sizeof *moves);
    for (size_t i = 0; i < n; i++)
        moves[i] = (Move){emit_source(e, from[i]), emit_register(e, to[i]),
                          to[i]};
    run(e, moves, n);
}

// A copy from an X register into the frame.
static bool is_saved(const Inst *i)
{
    return i != NULL && i->op == IR_COPY && i->reg >= REG_Y
           && !ir_is_literal(i->args[0]) && i->args[0]->reg < REG_Y;
}

// Values that go into the frame are saved in a row where it begins: their order
// is free, so they are put in one that suits.
void emit_copies(Emitter *e, Inst *i)
{
    size_t n = 0;
    if (i->flags & INST_MARK) return; // done with one before it
    if (!is_saved(i)) {
        emit_move(e, emit_source(e, i->args[0]), i->reg);
        return;
    }
    for (Inst *x = i; is_saved(x); x = x->next) n++;
    Move *moves = arena_alloc(&e->a->u->arena, n * sizeof *moves);
    n = 0;
    for (Inst *x = i; is_saved(x); x = x->next) {
        x->flags |= INST_MARK;
        moves[n++] = (Move){emit_source(e, x->args[0]),
                            emit_register(e, x->reg), x->reg};
    }
    run(e, moves, n);
}
