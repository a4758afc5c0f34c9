// SPDX-License-Identifier: Apache-2.0
// Sink: elements of tuples are read behind the test that they are not asked
// for in, on the one way where they are.
//
//   lookup(K, {K1, _, Low, _}) when K < K1 -> lookup(K, Low); ...
//
// The match reads all that a clause names before the clause's guard. It needs
// blocks in order. An element that lies beside one that is read before the test
// stays there: the loader of the machine makes one instruction of both.
//
// Nothing moves over a call: the tuple would have to be kept instead, and all
// that is in it.
#include "backend.h"

// Notes the blocks that use elements, each as the nearest block that dominates
// all: in last_live, which live_compute sets anew.
static void note_use(Inst *v, Block *b)
{
    if (v->op != IR_ELEMENT) return;
    v->last_live = v->last_live == NULL ? b : dominate_meet(v->last_live, b);
}

static void note_uses(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            x->last_live = NULL;
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        for (Inst *x = b->first; x != NULL; x = x->next)
            for (size_t k = 0; k < x->nargs; k++)
                // A phi uses its arguments at the end of where they come from.
                note_use(x->args[k], x->op == IR_PHI ? b->prev[k] : b);
    }
}

// The block behind [e]'s that all uses lie behind; NULL if there is none.
static Block *way_of(const Inst *e)
{
    Block *at = e->last_live;
    if (at == NULL || at == e->block) return NULL;
    while (at->dominator != e->block) at = at->dominator;
    return at->prev_count == 1 ? at : NULL;
}

// Whether an element that stays in front of the test lies beside [e].
static bool stays_beside(const Inst *e)
{
    for (const Inst *x = e->block->first; x != NULL; x = x->next) {
        if (x->op == IR_ELEMENT && x->args[0] == e->args[0]
            && (x->index + 1 == e->index || e->index + 1 == x->index)
            && way_of(x) == NULL)
            return true;
    }
    return false;
}

// Last first: an element of an element follows the outer one's uses.
static void sink_block(Block *b)
{
    if (b->last->op != IR_TEST && b->last->op != IR_SWITCH) return;
    for (Inst *x = b->last, *before; x != NULL; x = before) {
        before = x->prev;
        if (ir_is_call(x)) return;
        Block *to = x->op == IR_ELEMENT ? way_of(x) : NULL;
        if (to == NULL || stays_beside(x)) continue;
        ir_remove(x);
        ir_insert_first(to, x);
        // What it is read of is used there now.
        note_use(x->args[0], to);
    }
}

// A block comes behind those that dominate it, so an element may go on.
void sink_elements(Function *f)
{
    dominate_function(f);
    note_uses(f);
    for (size_t i = 0; i < f->block_count; i++) sink_block(f->blocks[i]);
}
