// SPDX-License-Identifier: Apache-2.0
// Literals: terms outside all heaps that are shared by all processes: those of
// loaded code and of persistent_term. They lie in one reserved range of
// addresses, so that the collector and the copier know them by two compares.
// What else loaded code is made of lies there as well: an image (image.h) is
// the beginning of such a range.
//
// Who may refer to a literal: heaps, messages and tables of copies that share
// them, for as long as the block has not been retired. A retired block goes
// when no heap refers to it any more: see literal_collect.c.
#ifndef MERLE_LITERAL_H
#define MERLE_LITERAL_H

#include "heap.h"
#include "node.h"

typedef struct AreaState AreaState; // literal.c

struct LiteralArea {
    uintptr_t base;   // start of the reserved range
    uintptr_t size;   // bytes
    AreaState *state; // allocator within the range
    _Atomic uintptr_t leaving, leaving_size; // the blocks that are on their
                                             // way out, see literal_collect.c
};

// What of the area a copy may share: all but the blocks on their way out.
// Each scheduler has its own, which changes between slices only.
typedef struct {
    uintptr_t base, size, leaving, leaving_size;
} LiteralView;

void literal_view_update(LiteralView *view, const LiteralArea *area);

// Both compares are of one unsigned difference, as in the collector.
static inline bool literal_is_shared(const LiteralView *view, const Term *p)
{
    return (uintptr_t)p - view->base < view->size
           && (uintptr_t)p - view->leaving >= view->leaving_size;
}

// Reserves the range; NULL never: without it nothing can be loaded.
LiteralArea *literal_area_new(void);
void literal_area_free(LiteralArea *area);

// Memory of the area, in blocks of at least [size] bytes that begin at
// multiples of 16. Never fails; not cleared.
void *literal_area_take(LiteralArea *area, size_t size);
void literal_area_give(LiteralArea *area, void *block, size_t size);

// Bytes of the area that blocks take.
size_t literal_area_used(LiteralArea *area);

// Whether a pointer to heap words leads into the area.
static inline bool literal_contains(const LiteralArea *area, const Term *p)
{
    return (uintptr_t)p - area->base < area->size;
}

typedef struct LiteralBlock LiteralBlock;

// Copies the [n] [terms] into one block of the area and stores the copies back
// into [terms]. NULL when n is 0.
LiteralBlock *literal_block_new(Node *node, size_t n, Term *terms);

// Bytes that a block takes; 0 of NULL.
size_t literal_block_size(const LiteralBlock *block);

// Frees a block; no heap may refer to it any more.
void literal_block_free(Node *node, LiteralBlock *block);

// Moves the binaries that a block counts into the area, to stay for ever: for
// an image.
void literal_block_pin(Node *node, LiteralBlock *block);

// Releases what the terms of a block count; its memory goes with the area's.
// For the node's end, when no heap is left.
void literal_block_release(LiteralBlock *block);

// Frees a block as soon as no heap refers to it: a process is started that has
// all others copy what they have of it.
void literal_block_retire(Node *node, LiteralBlock *block);

// Some of the blocks that are retired leave, neighbours: copies are made of
// their terms from the next slices on. Of what lies between them, too, which
// does no harm. False when there is none, or some are leaving.
bool literal_leave(Node *node);

// The blocks that leave are freed.
void literal_left(Node *node);

#endif
