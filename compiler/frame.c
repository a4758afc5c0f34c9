// SPDX-License-Identifier: Apache-2.0
// Frames: dominators, and which blocks have a stack frame.
//
// What must hold in the end: a block has the frame of one root, whichever way
// led to it, for the machine has no instruction that asks whether there is one.
// A frame is made as late as that allows, so that the way out of
//
//   f([]) -> []; f([X | Xs]) -> [g(X) | f(Xs)].
//
// by the first clause makes none.
//
// The instructions: allocate at the root, deallocate where a function ends.
// Blocks with a frame form regions that begin at their root and end where the
// function is left; simplify has put returns into them.
#include "atom.h"
#include "backend.h"

// The one further behind goes up, as a dominator always comes earlier in the
// order.
Block *dominate_meet(Block *a, Block *b)
{
    while (a != b) {
        while (a->order > b->order) a = a->dominator;
        while (b->order > a->order) b = b->dominator;
    }
    return a;
}

// The algorithm of Cooper, Harvey and Kennedy: simple, and fast on graphs that
// come from programs.
void dominate_function(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) f->blocks[i]->dominator = NULL;
    f->entry->dominator = f->entry;
    // In reverse postorder one round finds all and a second sees that nothing
    // changes; only loops may take more.
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 1; i < f->block_count; i++) {
            Block *b = f->blocks[i], *d = NULL;
            for (size_t k = 0; k < b->prev_count; k++) {
                Block *p = b->prev[k];
                if (p->dominator == NULL) continue; // a way back, not yet seen
                d = d == NULL ? p : dominate_meet(d, p);
            }
            if (d != b->dominator) {
                b->dominator = d;
                changed = true;
            }
        }
    }
}

// Pid ! Message has an instruction of its own, with no form as a tail call.
static bool is_send(const Inst *i)
{
    return i->op == IR_CALL_EXT && term_same(i->term, ATOM_erlang)
           && term_same(i->term2, ATOM_send_op);
}

bool frame_is_tail(const Inst *call)
{
    const Inst *next = call->next;
    // Within a try the frame holds the tag, so it must stay.
    if (next == NULL || call->block->handler != NULL) return false;
    switch (call->op) {
    case IR_CALL: case IR_CALL_EXT: case IR_APPLY: break;
    default: return false;
    }
    if (next->op == IR_UNREACHABLE) return true;
    return next->op == IR_RETURN && next->args[0] == call && !is_send(call);
}

// Calls and receives destroy X registers, so what lives on needs a frame; so do
// tags.
static bool needs_frame(const Inst *i)
{
    switch (i->op) {
    case IR_TRY: case IR_CATCH: return true;
    case IR_CALL_FUN: case IR_APPLY:
        return true; // have no form without a frame
    default: return ir_is_call(i) && !frame_is_tail(i);
    }
}

// Block.framed. WANTED: something in it asks for a frame, or it was chosen to
// make one; YES: it only has that of a block before it.
enum { FRAME_NO, FRAME_YES, FRAME_WANTED };

static void find_needs(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        b->framed = FRAME_NO;
        for (Inst *x = b->first; x != NULL; x = x->next)
            if (needs_frame(x)) b->framed = FRAME_WANTED;
    }
}

// Spreads frames along the ways, and finds the root of each: that of the way by
// which it is led to, or itself where it asks first.
static void spread(Function *f)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < f->block_count; i++) {
            Block *b = f->blocks[i], *root = NULL;
            for (size_t k = 0; k < b->prev_count; k++)
                if (b->prev[k]->framed && b->prev[k]->order < b->order)
                    root = b->prev[k]->root;
            if (root == NULL && b->framed) root = b;
            uint8_t framed = root != NULL ? (b->framed ? b->framed : FRAME_YES)
                                          : FRAME_NO;
            if (root != b->root || framed != b->framed) changed = true;
            b->root = root;
            b->framed = framed;
        }
    }
}

// A block that ends in an error and needs no frame itself. Many ways lead to
// one: a case of ten clauses has one case_clause for all of them.
static bool is_error(const Block *b)
{
    if (b->next_count > 0 || b->framed == FRAME_WANTED) return false;
    switch (b->last->op) {
    case IR_BADMATCH: case IR_CASE_CLAUSE: case IR_TRY_CLAUSE:
    case IR_IF_CLAUSE: case IR_BADRECORD: case IR_FUNCTION_CLAUSE:
    case IR_UNREACHABLE:
        return b->first->op != IR_PHI;
    default: return false;
    }
}

// A copy of an error block for the predecessors with root [root]: cheaper than
// to make a frame on ways that need none but for their failure.
static void copy_error(Unit *u, Function *f, Block *b, Block *root)
{
    Block *c = arena_zeroed(&u->arena, sizeof *c);
    c->handler = b->handler;
    for (Inst *x = b->first; x != NULL; x = x->next) {
        Inst *y = ir_inst_new(&u->arena, f, (IrOp)x->op, x->nargs);
        Inst **args = y->args;
        uint32_t id = y->id;
        *y = *x;
        y->id = id;
        y->args = args;
        // What the block computes itself, the tuple of a case_clause, is of
        // the copy; all else comes from before and stays.
        for (size_t k = 0; k < x->nargs; k++) {
            Inst *a = x->args[k];
            args[k] = a->block == b ? a->last_copy : a;
        }
        x->last_copy = y;
        ir_append(c, y);
    }
    for (size_t k = b->prev_count; k-- > 0;) {
        Block *p = b->prev[k];
        if (p->root != root) continue;
        ir_remove_pred(b, k);
        size_t at = 0;
        while (p->next[at] != b) at++;
        p->next[at] = c;
        if (c->prev_count == c->prev_room) {
            size_t room;
            c->prev = arena_grow(&u->arena, c->prev, c->prev_count, &room,
                                 sizeof *c->prev);
            c->prev_room = (uint32_t)room;
        }
        c->prev[c->prev_count++] = p;
    }
}

// Whether the ways that lead to [b] come with different frames. A loop must not
// make its frame each time around.
static bool is_mixed(const Block *b)
{
    const Block *expected = b->root == b ? NULL : b->root;
    for (size_t k = 0; k < b->prev_count; k++) {
        if (b->prev[k]->order >= b->order && b->root == b) return true;
        if (b->prev[k]->root != expected) return true;
    }
    return false;
}

// Where ways with different frames meet, the frame is made before they part.
static bool settle(Unit *u, Function *f, bool *copied)
{
    bool changed = false;
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        if (!b->framed && b->prev_count < 2) continue;
        if (!is_mixed(b)) continue;
        if (is_error(b)) { // one of it for each frame, and for none
            for (size_t k = b->prev_count; k-- > 0;) {
                if (k >= b->prev_count || b->prev[k]->root == b->prev[0]->root)
                    continue;
                copy_error(u, f, b, b->prev[k]->root);
            }
            *copied = true;
            continue;
        }
        if (b->dominator->framed != FRAME_WANTED) changed = true;
        b->dominator->framed = FRAME_WANTED;
    }
    return changed;
}

// The entry's frame, at the worst, is right for all.
void frame_place(Unit *u, Function *f)
{
    bool copied = false;
    dominate_function(f);
    find_needs(f);
    // Frames only ever go up, to a dominator, so this ends: at the latest with
    // one frame that the entry makes.
    do {
        spread(f);
    } while (settle(u, f, &copied));
    if (!copied) return;
    simplify_order(u, f); // the copies are not among the blocks yet
    dominate_function(f);
    spread(f);
}
