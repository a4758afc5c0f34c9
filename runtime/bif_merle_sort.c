// SPDX-License-Identifier: Apache-2.0
// merle_lists: sorting. Stable merge sort over an array of keys and terms, with
// runs that are in order already taken as they are. Answers false as
// bif_merle_lists.c says.
// lists:sort/1 and its like; with functions of comparison they are Erlang's.
#include <stdlib.h>

#include "bif.h"
#include "compare.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Keys are fetched once, not at each comparison.
typedef struct {
    Term key;  // what is compared
    Term term; // the element
} Item;

// One call's work; memory of malloc.
typedef struct {
    const AtomTable *atoms; // of the order of atoms
    bool smalls;            // all keys are small integers: their words compare
    Item *items;            // in their order
    Item *spare;            // half as many, to merge into
    size_t count;           // of [items]
} Sorter;

// Whether [a] must come behind [b].
// Equal ones never change places: the sort is stable.
static inline bool is_greater(const Sorter *s, Term a, Term b)
{
    if (s->smalls || (term_is_small(a) && term_is_small(b)))
        return (intptr_t)a.bits > (intptr_t)b.bits;
    return term_compare(s->atoms, a, b) > 0;
}

// For short pieces it is the quickest.
static void insertion_sort(const Sorter *s, Item *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        Item item = items[i];
        size_t at = i;
        while (at > 0 && is_greater(s, items[at - 1].key, item.key)) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = item;
    }
}

// Merges the two sorted halves of [items], the first of [half].
// The first half is moved aside, the second stays in place.
static void merge(const Sorter *s, Item *items, size_t half, size_t n)
{
    memcpy(s->spare, items, half * sizeof *items);
    const Item *a = s->spare, *a_end = a + half;
    const Item *b = items + half, *b_end = items + n;
    Item *to = items;
    while (a < a_end && b < b_end)
        *to++ = is_greater(s, a->key, b->key) ? *b++ : *a++;
    // What is left of the second is in its place.
    if (a < a_end) memcpy(to, a, (size_t)(a_end - a) * sizeof *a);
}

static void merge_sort(const Sorter *s, Item *items, size_t n)
{
    enum { SHORT = 12 }; // pieces below it are not merged
    if (n <= SHORT) {
        insertion_sort(s, items, n);
        return;
    }
    size_t half = n / 2;
    merge_sort(s, items, half);
    merge_sort(s, items + half, n - half);
    // Halves that follow each other already need no merge.
    if (is_greater(s, items[half - 1].key, items[half].key))
        merge(s, items, half, n);
}

// Length of the run at the start that is in order.
// Lists are often sorted, or sorted backwards.
static size_t ordered_run(const Sorter *s)
{
    size_t i = 1;
    while (i < s->count
           && !is_greater(s, s->items[i - 1].key, s->items[i].key))
        i++;
    return i;
}

// Length of the strictly falling run at the start.
// Strictly: equal ones must not be turned round.
static size_t falling_run(const Sorter *s)
{
    size_t i = 1;
    while (i < s->count && is_greater(s, s->items[i - 1].key, s->items[i].key))
        i++;
    return i;
}

static void reverse_items(Item *items, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        Item item = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = item;
    }
}

static void sort(Sorter *s)
{
    if (s->count < 2) return;
    if (ordered_run(s) == s->count) return;
    if (falling_run(s) == s->count) {
        reverse_items(s->items, s->count);
        return;
    }
    // Half is enough, see merge.
    s->spare = memory_alloc((s->count / 2 + 1) * sizeof *s->spare);
    merge_sort(s, s->items, s->count);
    free(s->spare);
}

// Keeps the first of equals.
// == decides: usort([1, 1.0]) is [1].
static void drop_equals(Sorter *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (i == 0 || !term_equal(s->items[kept - 1].key, s->items[i].key))
            s->items[kept++] = s->items[i];
    s->count = kept;
}

// Fills [s] from [list]; [position] 0: the terms themselves are the keys.
// False: an element is no such tuple.
static bool fill(Sorter *s, Term list, size_t position)
{
    s->smalls = true;
    Item *item = s->items;
    for (; term_is_cons(list); list = term_tail(list), item++) {
        item->term = item->key = term_head(list);
        if (position > 0) {
            if (!term_is_tuple(item->term)
                || term_arity(item->term) < position)
                return false;
            item->key = term_tuple_get(item->term, position - 1);
        }
        if (!term_is_small(item->key)) s->smalls = false;
    }
    return true;
}

// One block of cells.
static Term list_from_items(Heap *h, const Sorter *s)
{
    Term *cells = heap_alloc(h, 2 * s->count);
    for (size_t i = 0; i < s->count; i++) {
        cells[2 * i] = s->items[i].term;
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    cells[2 * s->count - 1] = TERM_NIL;
    return term_from_cons(cells);
}

// Proper lists only.
static Term sorted(Process *p, Term list, size_t position, bool unique)
{
    intptr_t n = term_list_length(list);
    if (n < 0) return ATOM_false;
    if (n == 0) return TERM_NIL;
    if (bif_is_long(p, 2 * (size_t)n)) return bif_to_pool(p);
    Sorter s = {.atoms = process_atoms(p), .count = (size_t)n};
    s.items = memory_alloc(s.count * sizeof *s.items);
    bool good = fill(&s, list, position);
    Term result = ATOM_false;
    if (good) {
        sort(&s);
        if (unique) drop_equals(&s);
        result = list_from_items(process_heap(p), &s);
    }
    free(s.items);
    bif_bump(p, (size_t)n / 2);
    return result;
}

Term bif_merle_lists_sort_1(Process *p, const Term *args)
{
    return sorted(p, args[0], 0, false);
}

Term bif_merle_lists_usort_1(Process *p, const Term *args)
{
    return sorted(p, args[0], 0, true);
}

// keysort(Position, List)
Term bif_merle_lists_keysort_2(Process *p, const Term *args)
{
    size_t position;
    if (!bif_get_size(args[0], &position) || position < 1) return ATOM_false;
    return sorted(p, args[1], position, false);
}

Term bif_merle_lists_ukeysort_2(Process *p, const Term *args)
{
    size_t position;
    if (!bif_get_size(args[0], &position) || position < 1) return ATOM_false;
    return sorted(p, args[1], position, true);
}
