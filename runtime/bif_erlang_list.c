// SPDX-License-Identifier: Apache-2.0
// erlang: lists and their operators.
#include <stdlib.h>

#include "bif.h"
#include "compare.h"
#include "hash.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum {
    CELLS_A_REDUCTION = 16, // of copying
    STEPS_A_TERM = 4        // of hashing it for a search: see bif_is_long
};

// The list is walked: long ones are charged for.
Term bif_erlang_length_1(Process *p, const Term *args)
{
    intptr_t n = term_list_length(args[0]);
    if (n < 0) return bif_error(p, ATOM_badarg);
    bif_bump(p, (size_t)n / 64);
    return term_small(n);
}

Term bif_erlang_hd_1(Process *p, const Term *args)
{
    if (!term_is_cons(args[0])) return bif_error(p, ATOM_badarg);
    return term_head(args[0]);
}

Term bif_erlang_tl_1(Process *p, const Term *args)
{
    if (!term_is_cons(args[0])) return bif_error(p, ATOM_badarg);
    return term_tail(args[0]);
}

// The right side may be anything, and is shared.
Term bif_erlang_append_2(Process *p, const Term *args)
{
    intptr_t n = bif_list_length(p, args[0], 1);
    if (n < 0) return bif_list_error(p, n);
    if (n == 0) return args[1];
    if (term_is_nil(args[1])) return args[0];
    Term *cells = heap_alloc(process_heap(p), 2 * (size_t)n);
    Term *at = cells;
    for (Term l = args[0]; term_is_cons(l); l = term_tail(l), at += 2) {
        at[0] = term_head(l);
        at[1] = term_from_cons(at + 2);
    }
    // The last cell's tail.
    at[-1] = args[1];
    bif_bump(p, (size_t)n / CELLS_A_REDUCTION);
    return term_from_cons(cells);
}

// ---- subtraction: what is left of a list when the first occurrence of each
// element of another is taken away ----
// A -- B in linear time: OTP's takes n log n, the naive way n * m.

// A multiset of terms, open addressing: how often each is still to be taken.
// =:= decides what is the same.
typedef struct {
    struct {
        Term term;      // TERM_NONE: free
        uint32_t hash;  // of the term, compared first
        uint32_t count; // still to be taken
    } *slots;
    size_t mask; // slots less one
    size_t left; // sum of the counts
} Bag;

// The slot of [t], or a vacant one.
static size_t bag_find(const Bag *bag, Term t, uint32_t hash)
{
    size_t i = hash & bag->mask;
    while (!term_is_none(bag->slots[i].term)
           && (bag->slots[i].hash != hash
               || !term_exact_equal(bag->slots[i].term, t)))
        i = (i + 1) & bag->mask;
    return i;
}

// At most half full.
static void bag_init(Bag *bag, Term list, size_t n)
{
    size_t size = 16;
    while (size < 2 * n) size *= 2;
    bag->slots = memory_zeroed(size, sizeof *bag->slots);
    bag->mask = size - 1;
    bag->left = n;
    for (; term_is_cons(list); list = term_tail(list)) {
        uint32_t hash = hash_internal(term_head(list));
        size_t i = bag_find(bag, term_head(list), hash);
        bag->slots[i].term = term_head(list);
        bag->slots[i].hash = hash;
        bag->slots[i].count++;
    }
}

// Takes one occurrence of [t]; false when there is none left.
// A vacant slot has count 0.
static bool bag_take(Bag *bag, Term t)
{
    size_t i = bag_find(bag, t, hash_internal(t));
    if (bag->slots[i].count == 0) return false;
    bag->slots[i].count--;
    bag->left--;
    return true;
}

// From the left: [a, b, a] -- [a] is [b, a].
Term bif_erlang_subtract_2(Process *p, const Term *args)
{
    intptr_t n = bif_list_length(p, args[0], STEPS_A_TERM);
    if (n < 0) return bif_list_error(p, n);
    intptr_t m = bif_list_length(p, args[1], STEPS_A_TERM);
    if (m < 0) return bif_list_error(p, m);
    if (n == 0 || m == 0) return args[0];
    Bag bag;
    bag_init(&bag, args[1], (size_t)m);
    Term result = TERM_NIL, *link = &result, l = args[0];
    for (; term_is_cons(l) && bag.left > 0; l = term_tail(l)) {
        if (bag_take(&bag, term_head(l))) continue;
        *link = heap_cons(process_heap(p), term_head(l), TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    *link = l; // nothing more to take: the rest is shared
    free(bag.slots);
    bif_bump(p, (size_t)(n + m) / 4);
    return result;
}
