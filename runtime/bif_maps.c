// SPDX-License-Identifier: Apache-2.0
// maps, and erlang's BIFs of maps.
// Small maps are sorted arrays, others tries (map.h); here are only checks and
// errors: {badmap, Term}, {badkey, Key}.
#include "bif.h"

#include <stdlib.h>

#include "map.h"
#include "memory.h"
#include "pool.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// How many pairs a step of a map's iterator gives at once.
// Enough for most maps, small enough for a pause.
enum { ITERATOR_STEP = 32 };

// What a pair costs to put into a large map, in steps of bif_is_long.
enum { STEPS_A_PAIR = 10 };

static Term fail_badmap(Process *p, Term t)
{
    return bif_error_value(p, ATOM_badmap, t);
}

static Term boolean(bool is)
{
    return is ? ATOM_true : ATOM_false;
}

// ---- erlang ----
// The instructions do the common cases; these are for apply and funs.

Term bif_erlang_map_size_1(Process *p, const Term *args)
{
    if (!term_is_map(args[0])) return fail_badmap(p, args[0]);
    return term_small((intptr_t)map_size(args[0]));
}

Term bif_erlang_map_get_2(Process *p, const Term *args)
{
    if (!term_is_map(args[1])) return fail_badmap(p, args[1]);
    Term value = map_get(args[1], args[0]);
    if (!term_is_none(value)) return value;
    return bif_error_value(p, ATOM_badkey, args[0]);
}

Term bif_erlang_is_map_key_2(Process *p, const Term *args)
{
    if (!term_is_map(args[1])) return fail_badmap(p, args[1]);
    return boolean(!term_is_none(map_get(args[1], args[0])));
}

// ---- one key ----
// Keys are compared with =:=.

Term bif_maps_get_2(Process *p, const Term *args)
{
    return bif_erlang_map_get_2(p, args);
}

Term bif_maps_is_key_2(Process *p, const Term *args)
{
    return bif_erlang_is_map_key_2(p, args);
}

Term bif_maps_find_2(Process *p, const Term *args)
{
    if (!term_is_map(args[1])) return fail_badmap(p, args[1]);
    Term value = map_get(args[1], args[0]);
    if (term_is_none(value)) return ATOM_error;
    return heap_tuple2(process_heap(p), ATOM_ok, value);
}

// A new map that shares most of the old one.
Term bif_maps_put_3(Process *p, const Term *args)
{
    if (!term_is_map(args[2])) return fail_badmap(p, args[2]);
    return map_put(process_heap(p), process_atoms(p), args[2], args[0],
                   args[1]);
}

// The key must be there.
Term bif_maps_update_3(Process *p, const Term *args)
{
    if (!term_is_map(args[2])) return fail_badmap(p, args[2]);
    Term map = map_update(process_heap(p), args[2], args[0], args[1]);
    if (!term_is_none(map)) return map;
    return bif_error_value(p, ATOM_badkey, args[0]);
}

// Without the key it is the map itself.
Term bif_maps_remove_2(Process *p, const Term *args)
{
    if (!term_is_map(args[1])) return fail_badmap(p, args[1]);
    return map_remove(process_heap(p), process_atoms(p), args[1], args[0],
                      NULL);
}

// error without the key.
Term bif_maps_take_2(Process *p, const Term *args)
{
    Term value;
    if (!term_is_map(args[1])) return fail_badmap(p, args[1]);
    Term less = map_remove(process_heap(p), process_atoms(p), args[1], args[0],
                           &value);
    if (term_is_none(value)) return ATOM_error;
    return heap_tuple2(process_heap(p), value, less);
}

// ---- whole maps ----

// Keys of the second win.
Term bif_maps_merge_2(Process *p, const Term *args)
{
    if (!term_is_map(args[0])) return fail_badmap(p, args[0]);
    if (!term_is_map(args[1])) return fail_badmap(p, args[1]);
    size_t pairs = map_size(args[0]) + map_size(args[1]);
    if (bif_is_long(p, pairs * STEPS_A_PAIR)) return bif_to_pool(p);
    return map_merge(process_heap(p), process_atoms(p), args[0], args[1]);
}

static void pause_process(void *p)
{
    pool_pause(p);
}

// All in the order of maps:to_list.
static Term list_of(Process *p, Term map, MapTake take)
{
    MapPause pause = {pause_process, p};
    if (bif_is_long(p, map_size(map))) return bif_to_pool(p);
    return map_list(process_heap(p), map, take, &pause);
}

Term bif_maps_keys_1(Process *p, const Term *args)
{
    if (!term_is_map(args[0])) return fail_badmap(p, args[0]);
    return list_of(p, args[0], MAP_KEYS);
}

Term bif_maps_values_1(Process *p, const Term *args)
{
    if (!term_is_map(args[0])) return fail_badmap(p, args[0]);
    return list_of(p, args[0], MAP_VALUES);
}

// Keys and values in turn; later ones win. Those of small maps lie here.
typedef struct {
    Term *at;
    Term local[2 * MAP_FLAT_MAX];
} Pairs;

static void pairs_init(Pairs *pairs, size_t n)
{
    pairs->at = pairs->local;
    if (n > MAP_FLAT_MAX) pairs->at = memory_alloc(2 * n * sizeof(Term));
}

static void pairs_free(Pairs *pairs)
{
    if (pairs->at != pairs->local) free(pairs->at);
}

static Term make_map(Process *p, size_t n, Pairs *pairs)
{
    MapPause pause = {pause_process, p};
    Term map = map_from_many(process_heap(p), process_atoms(p), n, pairs->at,
                             &pause);
    pairs_free(pairs);
    return map;
}

Term bif_maps_from_list_1(Process *p, const Term *args)
{
    // The length first: an improper list is badarg.
    intptr_t n = bif_list_length(p, args[0], STEPS_A_PAIR);
    if (n < 0) return bif_list_error(p, n);
    Pairs pairs;
    pairs_init(&pairs, (size_t)n);
    Term list = args[0], *to = pairs.at;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term pair = term_head(list);
        if (!term_is_tuple_of(pair, 2)) {
            pairs_free(&pairs);
            return bif_error(p, ATOM_badarg);
        }
        *to++ = term_tuple_get(pair, 0);
        *to++ = term_tuple_get(pair, 1);
    }
    return make_map(p, (size_t)n, &pairs);
}

// One value for all keys.
Term bif_maps_from_keys_2(Process *p, const Term *args)
{
    intptr_t n = bif_list_length(p, args[0], STEPS_A_PAIR);
    if (n < 0) return bif_list_error(p, n);
    Pairs pairs;
    pairs_init(&pairs, (size_t)n);
    Term list = args[0], *to = pairs.at;
    for (; term_is_cons(list); list = term_tail(list)) {
        *to++ = term_head(list);
        *to++ = args[1];
    }
    return make_map(p, (size_t)n, &pairs);
}

// ---- iterators ----
// An iterator is a term: pairs nested in each other, and where to go on.

// {Key, Value, Rest} of [n] pairs, nested.
static Term nest_pairs(Heap *h, const Term *pairs, size_t n, Term rest)
{
    while (n-- > 0)
        rest = heap_tuple3(h, pairs[2 * n], pairs[2 * n + 1], rest);
    return rest;
}

// The same from a place that is a list: of the keys that are left, in an order
// that somebody wished for.
static Term next_of_keys(Heap *h, Term keys, Term map)
{
    Term pairs[2 * ITERATOR_STEP];
    size_t n = 0;
    for (; n < ITERATOR_STEP && term_is_cons(keys); keys = term_tail(keys)) {
        pairs[2 * n] = term_head(keys);
        pairs[2 * n + 1] = map_get(map, term_head(keys));
        if (term_is_none(pairs[2 * n + 1])) return TERM_NONE;
        n++;
    }
    if (!term_is_list(keys)) return TERM_NONE;
    Term rest = term_is_nil(keys) ? ATOM_none : heap_cons(h, keys, map);
    return nest_pairs(h, pairs, n, rest);
}

// The next pairs of [map] from [place] on, as nested {Key, Value, Rest}, where
// the last rest is [Place | Map] or none; TERM_NONE when there is no such place.
// A map of any size is so walked in pieces, without a list of all.
static Term next_pairs(Heap *h, Term place, Term map)
{
    MapIterator it;
    Term pairs[2 * (MAP_FLAT_MAX + 1)];
    size_t n = 0;
    if (term_is_list(place)) return next_of_keys(h, place, map);
    if (!map_iterate_from(&it, map, place)) return TERM_NONE;
    while (n < ITERATOR_STEP && map_next(&it, &pairs[2 * n], &pairs[2 * n + 1]))
        n++;
    place = map_iterator_place(h, &it);
    Term rest = ATOM_none;
    if (!term_is_none(place)) rest = heap_cons(h, place, map);
    return nest_pairs(h, pairs, n, rest);
}

// [Place | Map] of an iterator, walked on from there; TERM_NONE if it is none.
static Term refill(Heap *h, Term iterator)
{
    if (!term_is_cons(iterator) || !term_is_map(term_tail(iterator)))
        return TERM_NONE;
    return next_pairs(h, term_head(iterator), term_tail(iterator));
}

// erts_internal:map_next(Place, Map, iterator)
Term bif_erts_internal_map_next_3(Process *p, const Term *args)
{
    if (!term_is_map(args[1])) return bif_error(p, ATOM_badarg);
    // Any other word asks for all pairs at once.
    if (!term_same(args[2], ATOM_iterator))
        return list_of(p, args[1], MAP_PAIRS);
    Term next = next_pairs(process_heap(p), args[0], args[1]);
    return term_is_none(next) ? bif_error(p, ATOM_badarg) : next;
}

// The generators of comprehensions over maps call these two: what a map or an
// iterator begins with, [] of anything else; and what follows [Place | Map].
Term bif_erts_internal_mc_iterator_1(Process *p, const Term *args)
{
    Term t = args[0];
    if (term_is_map(t)) return next_pairs(process_heap(p), term_small(0), t);
    if (term_same(t, ATOM_none) || term_is_tuple_of(t, 3)) return t;
    Term next = refill(process_heap(p), t);
    return term_is_none(next) ? TERM_NIL : next;
}

Term bif_erts_internal_mc_refill_1(Process *p, const Term *args)
{
    Term next = refill(process_heap(p), args[0]);
    return term_is_none(next) ? bif_error(p, ATOM_badarg) : next;
}

// The list of what is left of an iterator; TERM_NONE when it is none.
// Pairs first, then what the place leads to.
static Term iterator_to_list(Heap *h, Term rest)
{
    Term list = TERM_NIL, *link = &list;
    while (!term_same(rest, ATOM_none)) {
        Term key, value;
        MapIterator it;
        if (term_is_tuple_of(rest, 3)) {
            key = term_tuple_get(rest, 0);
            value = term_tuple_get(rest, 1);
            rest = term_tuple_get(rest, 2);
            *link = heap_cons(h, heap_tuple2(h, key, value), TERM_NIL);
            link = term_cons_ptr(*link) + 1;
            continue;
        }
        if (term_is_cons(rest) && term_is_list(term_head(rest))) {
            rest = refill(h, rest);
            if (term_is_none(rest)) return TERM_NONE;
            continue;
        }
        // Terms that were made up are no iterators.
        if (!term_is_cons(rest) || !term_is_map(term_tail(rest))
            || !map_iterate_from(&it, term_tail(rest), term_head(rest)))
            return TERM_NONE;
        while (map_next(&it, &key, &value)) {
            *link = heap_cons(h, heap_tuple2(h, key, value), TERM_NIL);
            link = term_cons_ptr(*link) + 1;
        }
        break;
    }
    return list;
}

// A map or an iterator.
Term bif_maps_to_list_1(Process *p, const Term *args)
{
    if (term_is_map(args[0])) return list_of(p, args[0], MAP_PAIRS);
    Term list = iterator_to_list(process_heap(p), args[0]);
    return term_is_none(list) ? fail_badmap(p, args[0]) : list;
}
