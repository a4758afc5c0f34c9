// SPDX-License-Identifier: Apache-2.0
// Walks over the blocks of a function: a stack of those still to be visited.
#ifndef MERLE_WALK_H
#define MERLE_WALK_H

#include "unit.h"

typedef struct {
    Unit *u; // its arena holds the stack
    Function *f; // whose blocks are walked
    Block **stack; // to be visited, the next one last
    size_t depth, room; // depth: blocks on the stack
} Walk;

// [b] is to be visited; whether it was is for the caller to know.
void walk_push(Walk *w, Block *b);

// The block pushed last, taken away; NULL when there is none left.
Block *walk_pop(Walk *w);

#endif
