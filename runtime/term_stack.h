// SPDX-License-Identifier: Apache-2.0
// TermStack: terms still to be visited while C code walks something deep. It
// starts on the C stack and moves to malloc when it grows, so that no term is
// too deep to be walked.
//
// Growing never fails and never collects, so the terms on it stay good while
// nothing moves the heap.
#ifndef MERLE_TERM_STACK_H
#define MERLE_TERM_STACK_H

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "term.h"

enum { TERM_STACK_LOCAL = 64 };

typedef struct {
    Term *items;        // local, or of malloc
    size_t count, room; // in use; there are
    Term local[TERM_STACK_LOCAL];
} TermStack;

static inline void term_stack_init(TermStack *s)
{
    s->items = s->local;
    s->count = 0;
    s->room = TERM_STACK_LOCAL;
}

static inline void term_stack_free(TermStack *s)
{
    if (s->items != s->local) free(s->items);
}

static inline void term_stack_grow(TermStack *s)
{
    if (s->items == s->local) {
        s->room *= 4;
        s->items = memory_alloc(s->room * sizeof(Term));
        memcpy(s->items, s->local, sizeof s->local);
    } else {
        s->items = memory_grow(s->items, &s->room, 0, sizeof(Term));
    }
}

static inline void term_stack_push(TermStack *s, Term t)
{
    if (s->count == s->room) term_stack_grow(s);
    s->items[s->count++] = t;
}

static inline bool term_stack_is_empty(const TermStack *s)
{
    return s->count == 0;
}

static inline Term term_stack_pop(TermStack *s)
{
    assert(s->count > 0);
    return s->items[--s->count];
}

#endif
