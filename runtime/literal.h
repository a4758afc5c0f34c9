// SPDX-License-Identifier: Apache-2.0
// Literals: terms outside all heaps that are shared by all processes: those of
// loaded code and of persistent_term. They lie in one reserved range of
// addresses, so that the collector and the copier know them by two compares.
#ifndef MERLE_LITERAL_H
#define MERLE_LITERAL_H

#include "heap.h"
#include "node.h"

struct LiteralArea {
    uintptr_t base; // start of the reserved range
    uintptr_t size; // bytes
    void *state;    // allocator within the range, literal.c
};

LiteralArea *literal_area_new(void);
void literal_area_free(LiteralArea *area);

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

// Frees a block; no heap may refer to it any more.
void literal_block_free(Node *node, LiteralBlock *block);

// Whether [p] leads into [block].
bool literal_block_contains(const LiteralBlock *block, const Term *p);

#endif
