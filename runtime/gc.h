// SPDX-License-Identifier: Apache-2.0
// Collection of a process's heap; called by the instruction loop and between
// slices only.
#ifndef MERLE_GC_H
#define MERLE_GC_H

#include "process.h"

// Makes room for [need] words in the main block of p->heap. Roots are the
// stack from p->stack on, p's own terms, its mailbox, and [live] registers at
// [x]. Minor or full as it sees fit.
void gc_collect(Process *p, size_t need, Term *x, unsigned live);

// A full collection (garbage_collect/0), shrinking what can be.
void gc_full(Process *p, Term *x, unsigned live);

// Grows the stack so that [need] words fit below p->stack. Terms stay where
// they are; p->stack, _limit and _base change.
void gc_grow_stack(Process *p, size_t need);

// Frees all heap, old space and stack of an ended process.
void gc_free(Process *p);

// Words in use: nursery, old space, fragments.
size_t gc_heap_used(const Process *p);

#endif
