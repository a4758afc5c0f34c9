// SPDX-License-Identifier: Apache-2.0
// Ets: hash tables, with linear hashing: when there are more objects than
// buckets, one more bucket is taken into use and gets its part of another one.
// Objects of one key follow each other, the newest first; new keys go to the
// end of a chain. Traversals go by buckets: which order that gives is the same
// as in OTP, as programs print tables.
//
//   hash & mask  < active:  that bucket
//                otherwise: the one that it has not been split from yet,
//                           hash & mask >> 1
#include "compare.h"
#include "ets.h"
#include "hash.h"
#include "memory.h"
#include "page.h"

// As OTP begins; buckets that one insertion may add.
enum { FIRST_BUCKETS = 256, GROWTH_STEPS = 5 };

void ets_hash_init(EtsTable *t)
{
    t->room = t->active = FIRST_BUCKETS;
    t->mask = FIRST_BUCKETS - 1;
    t->buckets = memory_zeroed(t->room, sizeof *t->buckets);
}

// Atoms by their text, so that the order is the same in each run.
uint32_t ets_hash_key(const EtsTable *t, Term key)
{
    if (term_is_atom(key)) return atom_text(t->node->atoms, key)->hash;
    return hash_internal(key);
}

size_t ets_hash_bucket(const EtsTable *t, uint32_t hash)
{
    size_t i = hash & t->mask;
    return i < t->active ? i : i & t->mask >> 1;
}

// The stored hash first: chains hold few equal ones.
static bool has_key(const EtsTable *t, const EtsObject *o, Term key,
                    uint32_t hash)
{
    return o->hash == hash && term_exact_equal(ets_key(t, o), key);
}

EtsObject *ets_hash_find(const EtsTable *t, Term key, bool marked)
{
    uint32_t hash = ets_hash_key(t, key);
    EtsObject *o = t->buckets[ets_hash_bucket(t, hash)];
    while (o != NULL && (!has_key(t, o, key, hash) || (o->deleted && !marked)))
        o = o->next[0];
    return o;
}

// Takes one more bucket into use; chains keep their order.
static void split_bucket(EtsTable *t)
{
    if (t->active == t->room) {
        t->room *= 2;
        // Doubled seldom; buckets are given out one at a time in between.
        t->buckets = memory_resize(t->buckets, t->room * sizeof *t->buckets);
        // Read at random: each read of a small page asks for its address, too.
        page_prefer_huge(t->buckets, t->room * sizeof *t->buckets);
    }
    size_t to = t->active++;
    // A new round: one bit more counts.
    if (to > t->mask) t->mask = t->mask << 1 | 1;
    size_t from = to & t->mask >> 1; // the bucket that it was one with
    EtsObject **stay = &t->buckets[from], **move = &t->buckets[to];
    // In one walk both chains are tied again, in order.
    for (EtsObject *o = *stay; o != NULL; o = o->next[0]) {
        EtsObject ***end = (o->hash & t->mask) == to ? &move : &stay;
        **end = o;
        *end = &o->next[0];
    }
    *stay = *move = NULL;
}

void ets_hash_insert(EtsTable *t, EtsObject *o)
{
    Term key = ets_key(t, o);
    o->hash = ets_hash_key(t, key);
    EtsObject **link = &t->buckets[ets_hash_bucket(t, o->hash)];
    // To the others of its key, in front; a new key to the end.
    while (*link != NULL && !has_key(t, *link, key, o->hash))
        link = &(*link)->next[0];
    o->next[0] = *link;
    *link = o;
    // Before it is counted. With stripes the table grows when all are held.
    if (t->stripe_count > 0 && !t->is_whole) return;
    size_t count = ets_size(t);
    for (int i = 0; i < GROWTH_STEPS && count >= t->active
                    && !ets_is_fixed(t); i++)
        split_bucket(t);
}

// While fixed the buckets stay: a traversal stands in one of them.
void ets_hash_grow(EtsTable *t)
{
    if (ets_is_fixed(t) || t->buckets == NULL) return;
    size_t count = ets_size(t);
    while (count > t->active) split_bucket(t);
}

// It is in the table: the search ends.
EtsObject **ets_hash_link(EtsTable *t, const EtsObject *o)
{
    EtsObject **link = &t->buckets[ets_hash_bucket(t, o->hash)];
    while (*link != o) link = &(*link)->next[0];
    return link;
}

EtsObject *ets_hash_from(const EtsTable *t, size_t bucket)
{
    for (; bucket < t->active; bucket++) {
        EtsObject *o = t->buckets[bucket];
        while (o != NULL && o->deleted) o = o->next[0];
        if (o != NULL) return o;
    }
    return NULL;
}

// The rest of the chain, then the buckets behind.
EtsObject *ets_hash_next(const EtsTable *t, const EtsObject *o)
{
    EtsObject *next = o->next[0];
    while (next != NULL && next->deleted) next = next->next[0];
    if (next != NULL) return next;
    return ets_hash_from(t, ets_hash_bucket(t, o->hash) + 1);
}
