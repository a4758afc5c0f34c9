// SPDX-License-Identifier: Apache-2.0
// Hash tables with open addressing; nothing is ever removed.
//
// Slots that were outgrown stay in the arena, as all else there does: no more
// than the table itself, since it doubles. One slot at least is vacant, so
// that a search for what is not there ends.
#include "table.h"

static size_t mix(uint64_t key)
{
    // Keys are indices of atoms and words of terms: low bits are much alike.
    return (size_t)((key * 0x9E3779B97F4A7C15u) >> 29);
}

// The slot of [key], or the vacant one where it belongs.
static TableSlot *slot_of(const Table *t, uint64_t key)
{
    size_t i = mix(key) & (t->size - 1);
    while (t->slots[i].key != 0 && t->slots[i].key != key)
        i = (i + 1) & (t->size - 1);
    return &t->slots[i];
}

void *table_get(const Table *t, uint64_t key)
{
    if (t->size == 0) return NULL;
    TableSlot *slot = slot_of(t, key);
    return slot->key == key ? slot->value : NULL;
}

static void enlarge(Table *t, Arena *a)
{
    Table old = *t;
    t->size = old.size == 0 ? 16 : old.size * 2;
    t->slots = arena_zeroed(a, t->size * sizeof *t->slots);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].key != 0)
            *slot_of(t, old.slots[i].key) = old.slots[i];
}

void table_put(Table *t, Arena *a, uint64_t key, void *value)
{
    // Full tables make long searches.
    if (t->used * 2 >= t->size) enlarge(t, a);
    TableSlot *slot = slot_of(t, key);
    if (slot->key == 0) t->used++;
    *slot = (TableSlot){key, value};
}
