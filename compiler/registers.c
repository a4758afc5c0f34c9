// SPDX-License-Identifier: Apache-2.0
// Registers: every value gets one, in the order of the blocks, in which
// definitions come before uses; a register is free again behind the last use.
// As this is SSA, no more registers are taken than values are alive at once.
//
// Y registers are numbered from the far end of the frame while they are given
// out, since the size of the frame is not yet known: number n becomes
// size - 1 - n. The first are for tags of catch and try, outermost first, as
// the machine looks for the innermost from the near end.
//
// Before it each value that must outlive a call has INST_NEEDS_Y and lies in
// one frame; afterwards every value has a register, and two that live at once
// never the same. Phis and calls may still find their values elsewhere: the
// moves that bring them there are made when code is emitted. Hints make these
// few: a value is put where its first use wants it, if that is free.
//
// The scan keeps no intervals: what is in use at the start of a block follows
// from what lives there, so blocks are independent but for the registers that
// earlier ones have given out. Time is that of liveness.
#include <string.h>

#include "backend.h"

enum { X_MOST = 1023 };

typedef struct {
    uint64_t bits[X_MOST / 64 + 1]; // one for each register that is in use
} XSet;

typedef struct {
    Unit *u; // for its arena and stamp
    Function *f; // whose values get registers
    XSet x;        // registers in use
    uint64_t *y;   // the same, by number
    size_t y_words; // of y
} Assign;

static bool x_used(const Assign *a, int32_t r)
{
    return a->x.bits[r / 64] >> (r % 64) & 1;
}

static void take(Assign *a, int32_t r)
{
    if (r < REG_Y) {
        a->x.bits[r / 64] |= (uint64_t)1 << (r % 64);
        return;
    }
    // A frame has no limit of its own.
    size_t n = (size_t)(r - REG_Y);
    while (n / 64 >= a->y_words) {
        uint64_t *more = arena_zeroed(&a->u->arena,
                                      (a->y_words * 2 + 1) * sizeof *more);
        if (a->y_words > 0) memcpy(more, a->y, a->y_words * sizeof *more);
        a->y = more;
        a->y_words = a->y_words * 2 + 1;
    }
    a->y[n / 64] |= (uint64_t)1 << (n % 64);
}

static void release(Assign *a, int32_t r) // REG_NONE: a value that nobody uses
{
    if (r == REG_NONE) return;
    if (r < REG_Y) {
        a->x.bits[r / 64] &= ~((uint64_t)1 << (r % 64));
        return;
    }
    size_t n = (size_t)(r - REG_Y);
    if (n / 64 < a->y_words) a->y[n / 64] &= ~((uint64_t)1 << (n % 64));
}

static bool y_used(const Assign *a, size_t n)
{
    return n / 64 < a->y_words && (a->y[n / 64] >> (n % 64) & 1);
}

// The first word has a free one nearly always.
static int32_t lowest_x(const Assign *a)
{
    for (size_t i = 0; i <= X_MOST / 64; i++)
        if (~a->x.bits[i] != 0)
            return (int32_t)(i * 64) + __builtin_ctzll(~a->x.bits[i]);
    return X_MOST;
}

static int32_t highest_x(const Assign *a) // -1: none is in use
{
    for (size_t i = X_MOST / 64 + 1; i-- > 0;)
        if (a->x.bits[i] != 0)
            return (int32_t)(i * 64) + 63 - __builtin_clzll(a->x.bits[i]);
    return -1;
}

// Tags have their places in front; others take the lowest free one, or that of
// the value which they become.
static int32_t choose_y(Assign *a, Inst *v, Block *root)
{
    size_t n;
    // At its depth, which was counted when the try was built.
    if (v->flags & INST_TAG) {
        n = v->index;
    } else if (v->hint >= REG_Y && !y_used(a, (size_t)(v->hint - REG_Y))
               && (size_t)(v->hint - REG_Y) >= a->f->tag_depth) {
        n = (size_t)(v->hint - REG_Y);
    } else {
        n = a->f->tag_depth;
        while (y_used(a, n)) n++;
    }
    if (n + 1 > root->frame_size) root->frame_size = (uint32_t)n + 1;
    return REG_Y + (int32_t)n;
}

static int32_t choose_x(const Assign *a, const Inst *v)
{
    // A register far above the others would leave holes that an instruction
    // which may collect has to fill.
    if (v->hint >= 0 && v->hint < REG_Y && v->hint <= highest_x(a) + 1
        && !x_used(a, v->hint))
        return v->hint;
    return lowest_x(a);
}

// The X register in which the machine leaves the result, or REG_NONE.
static int32_t fixed_result(const Inst *v)
{
    switch (v->op) {
    case IR_TRY_CASE: return 0;
    case IR_EXTRACT: return (int32_t)v->index;
    case IR_CATCH_LAND: case IR_CATCH_END: case IR_BUILD_TRACE: case IR_RECV:
        return 0;
    default: return ir_is_call(v) ? 0 : REG_NONE;
    }
}

// A value that lives over a call lies in the frame from its definition on, so
// no move is needed at the call.
static void assign(Assign *a, Inst *v, Block *b)
{
    int32_t fixed = fixed_result(v);
    if (v->flags & INST_NEEDS_Y) v->reg = choose_y(a, v, b->root);
    else if (fixed != REG_NONE && !x_used(a, fixed)) v->reg = fixed;
    // The value it copies has died: no move is needed.
    else if (v->op == IR_COPY && v->args[0]->reg >= 0
             && v->args[0]->reg < REG_Y
             && !x_used(a, v->args[0]->reg))
        v->reg = v->args[0]->reg;
    else v->reg = choose_x(a, v);
    // Phis are written by the ways to them, all at once, so each holds its own.
    if (v->uses > 0 || v->op == IR_PHI) take(a, v->reg);
}

// Values whose last use is [x]; those that live on at the block's end have
// none.
static void release_last(Assign *a, Inst *x, uint32_t stamp)
{
    for (size_t k = 0; k < x->nargs; k++) {
        Inst *v = x->args[k];
        if (!ir_is_literal(v) && v->last_use == x && v->stamp == stamp)
            release(a, v->reg);
    }
}

// Whether the result may lie where an argument was: not if the instruction may
// fail after it has written.
static bool may_reuse(const Inst *x)
{
    if (x->flags & INST_GUARD) return false;
    return x->op != IR_RECV_MARKER_RESERVE;
}

// The result may take the register of an operand that dies, if nothing can fail
// between: a guard that fails must find its operands as they were.
static void walk_block(Assign *a, Block *b)
{
    // What is in use follows from what lives at the entry: the order of blocks
    // does not matter but for definitions before uses.
    memset(&a->x, 0, sizeof a->x);
    if (a->y_words > 0) memset(a->y, 0, a->y_words * sizeof *a->y);
    for (size_t k = 0; k < b->live_count; k++) take(a, b->live[k]->reg);
    uint32_t stamp = ++a->u->stamp;
    live_mark_last(&a->u->arena, b, stamp);
    for (Inst *x = b->first; x != NULL; x = x->next) {
        if (x->op == IR_PHI) {
            assign(a, x, b);
            continue;
        }
        bool before = may_reuse(x);
        if (before) release_last(a, x, stamp);
        if (ir_has_value(x)) assign(a, x, b);
        if (!before) release_last(a, x, stamp);
        // A value that nobody uses holds its register for a moment only.
        if (ir_has_value(x) && x->uses == 0) release(a, x->reg);
    }
}

// Parameters lie in X registers in their order.
static void place_params(Function *f)
{
    for (uint32_t i = 0; i < f->arity; i++) f->params[i]->reg = (int32_t)i;
}

static void hint_args(const Inst *x, size_t first)
{
    for (size_t k = first; k < x->nargs; k++)
        // Arguments of a call lie in x0, x1 ...
        x->args[k]->hint = (int32_t)(k - first);
}

// Wishes, last uses first, so that earlier ones win.
static void find_hints(Function *f)
{
    for (size_t i = f->block_count; i-- > 0;) {
        for (Inst *x = f->blocks[i]->last; x != NULL; x = x->prev) {
            switch (x->op) {
            case IR_CALL: case IR_CALL_EXT: hint_args(x, 0); break;
            // The fun itself comes behind its arguments.
            case IR_CALL_FUN: hint_args(x, 1); break;
            case IR_APPLY: hint_args(x, 2); break;
            case IR_RETURN: case IR_CATCH_END: case IR_BUILD_TRACE:
                x->args[x->nargs - 1]->hint = 0;
                break;
            case IR_PHI:
                for (size_t k = 0; k < x->nargs; k++)
                    x->args[k]->hint = x->hint;
                break;
            default: break;
            }
        }
    }
}

static void count_uses(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            x->uses = 0;
    for (uint32_t i = 0; i < f->arity; i++) f->params[i]->uses = 0;
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            for (size_t k = 0; k < x->nargs; k++) x->args[k]->uses++;
}

// Parameters come where the caller has put them, whatever hints say.
void register_assign(Unit *u, Function *f)
{
    Assign a = {.u = u, .f = f};
    count_uses(f);
    place_params(f);
    find_hints(f);
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        b->frame_size = 0;
        walk_block(&a, b);
    }
}
