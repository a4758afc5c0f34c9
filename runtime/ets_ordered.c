// SPDX-License-Identifier: Apache-2.0
// Ets: ordered sets, a skip list by the order of terms (1 and 1.0 are one key).
// Every fourth object has one more level of links.
#include <stdlib.h>

#include "compare.h"
#include "ets.h"
#include "memory.h"

enum { LEVELS_MOST = 24 };

uint8_t ets_ordered_levels(EtsTable *t)
{
    // xorshift: any numbers will do
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    uint8_t levels = 1;
    for (uint64_t bits = t->random; (bits & 3) == 0 && levels < LEVELS_MOST;
         bits >>= 2)
        levels++;
    return levels;
}

void ets_ordered_init(EtsTable *t)
{
    t->head = memory_zeroed(1, sizeof *t->head
                                   + LEVELS_MOST * sizeof(EtsObject *));
    t->head->levels = LEVELS_MOST;
    t->levels = 1;
    t->last = t->head;
    t->random = (uintptr_t)t | 1;
}

static int compare_key(const EtsTable *t, const EtsObject *o, Term key)
{
    Term other = ets_key(t, o);
    if (term_is_small(other) && term_is_small(key))
        return (intptr_t)other.bits < (intptr_t)key.bits
                   ? -1
                   : (intptr_t)other.bits > (intptr_t)key.bits;
    return term_compare(t->node->atoms, other, key);
}

// For each level the last object that is before [key]; the lowest of them.
static EtsObject *find_before(const EtsTable *t, Term key,
                              EtsObject *before[LEVELS_MOST])
{
    EtsObject *o = t->head;
    for (unsigned level = t->levels; level-- > 0;) {
        while (o->next[level] != NULL
               && compare_key(t, o->next[level], key) < 0)
            o = o->next[level];
        before[level] = o;
    }
    return o;
}

// The first object whose key is not less than [key].
EtsObject *ets_ordered_least(const EtsTable *t, Term key)
{
    EtsObject *before[LEVELS_MOST];
    return find_before(t, key, before)->next[0];
}

EtsObject *ets_ordered_find(const EtsTable *t, Term key, bool marked)
{
    EtsObject *o = ets_ordered_least(t, key);
    if (o == NULL || compare_key(t, o, key) != 0) return NULL;
    return o->deleted && !marked ? NULL : o;
}

void ets_ordered_insert(EtsTable *t, EtsObject *o)
{
    EtsObject *before[LEVELS_MOST];
    EtsObject *previous = find_before(t, ets_key(t, o), before);
    for (; t->levels < o->levels; t->levels++) before[t->levels] = t->head;
    for (unsigned level = 0; level < o->levels; level++) {
        o->next[level] = before[level]->next[level];
        before[level]->next[level] = o;
    }
    o->previous = previous;
    if (o->next[0] != NULL) {
        o->next[0]->previous = o;
    } else {
        t->last = o;
    }
}

void ets_ordered_unlink(EtsTable *t, EtsObject *o)
{
    EtsObject *before[LEVELS_MOST];
    find_before(t, ets_key(t, o), before);
    for (unsigned level = 0; level < o->levels; level++)
        before[level]->next[level] = o->next[level];
    if (o->next[0] != NULL) {
        o->next[0]->previous = o->previous;
    } else {
        t->last = o->previous;
    }
}

// Puts [by], of as many levels, in the place of [o].
void ets_ordered_exchange(EtsTable *t, EtsObject *o, EtsObject *by)
{
    EtsObject *before[LEVELS_MOST];
    find_before(t, ets_key(t, o), before);
    for (unsigned level = 0; level < o->levels; level++) {
        by->next[level] = o->next[level];
        before[level]->next[level] = by;
    }
    by->previous = o->previous;
    if (by->next[0] != NULL) {
        by->next[0]->previous = by;
    } else {
        t->last = by;
    }
}
