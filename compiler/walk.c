// SPDX-License-Identifier: Apache-2.0
// Walks over the blocks of a function.
#include "walk.h"

void walk_push(Walk *w, Block *b)
{
    if (w->depth == w->room)
        w->stack = arena_grow(&w->u->arena, w->stack, w->depth, &w->room,
                              sizeof *w->stack);
    w->stack[w->depth++] = b;
}

Block *walk_pop(Walk *w)
{
    return w->depth > 0 ? w->stack[--w->depth] : NULL;
}
