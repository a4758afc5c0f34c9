// SPDX-License-Identifier: Apache-2.0
// Backend: from a graph of blocks to one whose values have registers. The
// passes run in this order.
//
// Up to context_reuse they look at the whole module, for facts that hold over
// calls, and all functions are there. Behind it each function is done by itself
// up to its code.
#ifndef MERLE_BACKEND_H
#define MERLE_BACKEND_H

#include "unit.h"

// Removes what is never reached or used; leaves f->blocks in order of code:
// reverse postorder, with the way of success next.
void simplify_function(Unit *u, Function *f);

// Finds the functions that never return, and lets their calls be the last thing
// done; all are simplified.
void diverge_cut(Unit *u);

// Raises raw traces where they are only raised again (rethrow.c).
void rethrow_function(Function *f);

// Drops the functions that cannot be called from outside (reach.c); all are
// simplified.
void reach_cut(Unit *u);

// Has receives that ask for a new reference begin where it was made; all are
// simplified.
void receive_mark(Unit *u);

// Has functions of the module hand match contexts to each other; all are
// simplified.
void context_reuse(Unit *u);

// Joins the three tests that ask for a tuple with a tag; all is simplified.
void tagged_fuse(Unit *u, Function *f);

// Puts the reachable blocks into order again.
void simplify_order(Unit *u, Function *f);

// Finds the immediate dominator of each block.
void dominate_function(Function *f);

// The nearest block that dominates both; dominators are known.
Block *dominate_meet(Block *a, Block *b);

// Has elements of tuples read behind the tests that do not ask for them.
void sink_elements(Function *f);

// Decides which blocks have a stack frame, and which of them make it (root).
// A frame is made as late as it can be and stays until the function is left.
void frame_place(Unit *u, Function *f);

// Whether the instruction at the end of a call's block makes it a tail call,
// or it never returns and there is no frame: then it needs none.
bool frame_is_tail(const Inst *call);

// Finds the values live at the entry of each block: b->live.
void live_compute(Unit *u, Function *f);

// Decides what must be in Y registers: sets INST_NEEDS_Y, and copies values
// from around into each frame at its root.
void live_split(Unit *u, Function *f);

// What is live while walking a block from its start to its end.
typedef struct {
    Inst **live;        // in no order; each knows its place_in_set
    size_t count, room; // of live
    uint32_t stamp;     // members have it: no set need be cleared
} LiveSet;

// The values live at the end of [b], without arguments of phis behind it
// unless [phis].
void live_at_end(Arena *a, Block *b, LiveSet *set, uint32_t stamp);

// Marks, for each instruction of [b], the values that it uses last: value's
// last_use is that instruction.
void live_mark_last(Arena *a, Block *b, uint32_t stamp);

// Gives every value a register.
void register_assign(Unit *u, Function *f);

#endif
