// SPDX-License-Identifier: Apache-2.0
// Table: a hash table from 64-bit keys to pointers, in an arena.
#ifndef MERLE_TABLE_H
#define MERLE_TABLE_H

#include "arena.h"
#include "term.h"

typedef struct {
    uint64_t key; // 0: vacant
    void *value;  // what the key leads to
} TableSlot;

typedef struct {
    TableSlot *slots; // half of them vacant at least
    size_t size, used; // size: a power of 2, or 0
} Table;

// The key of an atom, and of an atom with an arity. Never 0.
static inline uint64_t table_atom_key(Term atom)
{
    return (uint64_t)term_atom_index(atom) + 1;
}

static inline uint64_t table_function_key(Term name, size_t arity)
{
    return ((uint64_t)term_atom_index(name) + 1) << 16 | (arity & 0xFFFF);
}

// What [key] leads to, or NULL.
void *table_get(const Table *t, uint64_t key);

// Lets [key] lead to [value].
void table_put(Table *t, Arena *a, uint64_t key, void *value);

#endif
