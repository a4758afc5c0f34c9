// SPDX-License-Identifier: Apache-2.0
// Diverge: functions that never return, because all their ways end in an
// exception or go round for ever. What stands behind a call of one is not
// reached; so the call is the last thing done, and leaves no frame, as in the
// code of OTP's compiler, whose stack traces show that.
//
//   f(X) -> A = bad(X), {ok, A}.     bad(X) -> error({bad, X}).
//
// All are taken to diverge until a way to a return is found, and found ways are
// followed until nothing changes; so loop() -> g(), loop() diverges too.
//
// Functions of erlang that raise are known to call.c; this is about those of
// the module.
#include "atom.h"
#include "backend.h"
#include "fold.h"

// hd([]) and the like in a body never return either.
static bool diverges(const Inst *i)
{
    if (i->op == IR_CALL) return i->function->diverges;
    return i->op == IR_BIF && !(i->flags & INST_GUARD)
           && fold_must_fail(i->term, i->nargs, i->args);
}

// Whether some way through [b] ends with a return, or goes on; in the latter
// case its successors are marked to be looked at.
static bool block_returns(Block *b, Block **stack, size_t *depth)
{
    for (Inst *i = b->first; i != NULL; i = i->next) {
        if (i->op == IR_RETURN || ir_is_nif_error(i)) return true;
        if (!diverges(i)) continue;
        // The way goes on only where the exception is caught.
        if (b->handler != NULL && !b->handler->mark) {
            b->handler->mark = 1;
            stack[(*depth)++] = b->handler;
        }
        return false;
    }
    for (size_t k = 0; k < b->next_count; k++) {
        if (b->next[k]->mark) continue;
        b->next[k]->mark = 1;
        stack[(*depth)++] = b->next[k];
    }
    return false;
}

// A walk over the blocks that can be reached, without those behind calls that
// never return.
static bool function_returns(Function *f, Block **stack)
{
    size_t depth = 0;
    for (size_t i = 0; i < f->block_count; i++) f->blocks[i]->mark = 0;
    f->entry->mark = 1;
    stack[depth++] = f->entry;
    while (depth > 0)
        if (block_returns(stack[--depth], stack, &depth)) return true;
    return false;
}

// The call is the last instruction: its value, which there never is, is
// returned. Within a try an exception would not be caught any more.
static bool cut_behind(Unit *u, Function *f, Block *b)
{
    Inst *call = b->first;
    while (call != NULL && !diverges(call)) call = call->next;
    if (call == NULL || b->handler != NULL) return false;
    if (call->next != NULL && call->next->op == IR_RETURN
        && call->next->args[0] == call)
        return false; // it is so already
    while (b->last != call) ir_remove(b->last);
    for (size_t k = 0; k < b->next_count; k++) {
        Block *to = b->next[k];
        for (size_t at = to->prev_count; at-- > 0;)
            if (to->prev[at] == b) ir_remove_pred(to, at);
    }
    b->next_count = 0;
    Inst *end = ir_inst_new(&u->arena, f, IR_RETURN, 1);
    end->args[0] = call;
    end->place = call->place;
    ir_append(b, end);
    return true;
}

// Simplify drops what only the cut ways led to.
static void cut_function(Unit *u, Function *f)
{
    bool cut = false;
    for (size_t i = 0; i < f->block_count; i++)
        cut |= cut_behind(u, f, f->blocks[i]);
    if (cut) simplify_function(u, f);
}

static size_t most_blocks(const Unit *u) // the stack holds each block once
{
    size_t most = 0;
    for (Function *f = u->first; f != NULL; f = f->next)
        if (f->block_count > most) most = f->block_count;
    return most;
}

void diverge_cut(Unit *u)
{
    Block **stack = arena_alloc(&u->arena,
                                (most_blocks(u) + 1) * sizeof *stack);
    bool changed = true;
    for (Function *f = u->first; f != NULL; f = f->next) f->diverges = true;
    while (changed) {
        changed = false;
        for (Function *f = u->first; f != NULL; f = f->next) {
            if (!f->diverges || !function_returns(f, stack)) continue;
            f->diverges = false;
            changed = true;
        }
    }
    for (Function *f = u->first; f != NULL; f = f->next) cut_function(u, f);
}
