// SPDX-License-Identifier: Apache-2.0
// Maps: up to MAP_FLAT_MAX keys a FLATMAP, above that a HASHMAP, never else; so
// equal maps have the same form.
//
//   FLATMAP  keys tuple | value 1 | ... | value n
//            the keys sorted by term_compare_exact; tuples of keys are shared
//            between maps that have the same keys
//   HASHMAP  small: size << 16 | bitmap | child | ...
//            a node of a trie of 16-way steps by 4 bits of the key's
//            hash_internal, lowest bits first; a child is a list cell
//            [Key | Value] or another HASHMAP node. Only the root's size is
//            set; those of inner nodes are 0. Bit i of the bitmap: slot i is
//            taken; children stand in the order of their bits. After the
//            eighth step the hash is made anew, salted with the depth.
//
// All words are terms, so the collector and the copier need know nothing.
#ifndef MERLE_MAP_H
#define MERLE_MAP_H

#include "atom.h"
#include "heap.h"

// As in OTP: the order of maps:iterator shows where the border lies.
enum { MAP_FLAT_MAX = 32 };

// The empty map.
Term map_new(Heap *h);

static inline Term flatmap_keys(Term map)
{
    assert(term_subtag(map) == SUBTAG_FLATMAP);
    return term_box_ptr(map)[1];
}

static inline bool map_is_flat(Term map)
{
    return term_subtag(map) == SUBTAG_FLATMAP;
}

// The keys and values of a flat map, in the same order.
static inline const Term *map_flat_keys(Term map)
{
    return term_box_ptr(flatmap_keys(map)) + 1;
}

static inline const Term *map_flat_values(Term map)
{
    assert(map_is_flat(map));
    return term_box_ptr(map) + 2;
}

// The number of keys.
static inline size_t map_size(Term map)
{
    if (map_is_flat(map)) return term_arity(map) - 1;
    // The size stands above the 16 bits of the bitmap.
    return (size_t)term_small_value(term_box_ptr(map)[1]) >> 16;
}

// The value of [key] (by =:=), TERM_NONE without.
Term map_get(Term map, Term key);

// [map] with [key] set to [value]; [map] itself when it has it already.
Term map_put(Heap *h, const AtomTable *atoms, Term map, Term key, Term value);

// The same, but TERM_NONE when [key] is not there.
Term map_update(Heap *h, Term map, Term key, Term value);

// [map] with [n] keys set; [pairs] is key, value, key, value ... and is
// scrambled. Of equal keys the last counts.
Term map_put_pairs(Heap *h, const AtomTable *atoms, Term map, size_t n,
                   Term *pairs);

// The same, but all keys must be there: TERM_NONE and [*missing] is the first
// in [pairs] that is not.
Term map_update_pairs(Heap *h, Term map, size_t n, const Term *pairs,
                      Term *missing);

// A map of [n] pairs as above: the fast way to build one.
Term map_from_pairs(Heap *h, const AtomTable *atoms, size_t n, Term *pairs);

// Who is called after each MAP_SLICE keys of what is long, for others to run
// meanwhile.
enum { MAP_SLICE = 16384 };
typedef struct {
    void (*pause)(void *context);
    void *context;
} MapPause;

// The same map, made with pauses.
Term map_from_many(Heap *h, const AtomTable *atoms, size_t n, Term *pairs,
                   const MapPause *pause);

// [map] without [key]; [map] itself when it has none. [*value], if asked for,
// is what was there, or TERM_NONE.
Term map_remove(Heap *h, const AtomTable *atoms, Term map, Term key,
                Term *value);

// The keys of both; where both have one, the value of [b].
Term map_merge(Heap *h, const AtomTable *atoms, Term a, Term b);

// Sorts [n] pairs of key and value by term_compare_exact of the keys; pairs
// with equal keys keep their order.
void map_sort_pairs(const AtomTable *atoms, Term *pairs, size_t n);

// ---- iteration ----
//
// Flat maps go in the order of keys. Large ones have two orders, both by hash
// and each the other's reverse: that of maps:to_list, keys, values and the
// external format, and that of maps:iterator, fold and printing.

// A trie of 64 levels would need keys with eight equal hashes one after the
// other.
enum { MAP_DEPTH_MOST = 64 };

typedef struct {
    Term map;        // being visited
    size_t position; // flat: next index
    bool ascending;  // hash: lowest slot first
    unsigned depth;  // hash: nodes on the way
    struct {
        const Term *node; // box of a HASHMAP
        unsigned left;    // children still to visit
    } way[MAP_DEPTH_MOST]; // from the root down to where it is
} MapIterator;

// Starts in the order of maps:to_list.
void map_iterate(MapIterator *it, Term map);

// Starts in the order of maps:iterator and fold.
void map_iterate_fold(MapIterator *it, Term map);

// Starts behind [place]: 0 for the beginning, or what map_iterator_place gave
// for a map with the same keys; in the order of maps:iterator. False when it
// is no place in [map].
bool map_iterate_from(MapIterator *it, Term map, Term place);

// Where an iterator begun by map_iterate_from or _fold is, as an integer;
// TERM_NONE at the end.
Term map_iterator_place(Heap *h, MapIterator *it);

// The next key and value; false at the end.
bool map_next(MapIterator *it, Term *key, Term *value);

// What a list of a map is made of.
typedef enum { MAP_KEYS, MAP_VALUES, MAP_PAIRS } MapTake;

// A list in the order of map_iterate.
Term map_list(Heap *h, Term map, MapTake take, const MapPause *pause);

#endif
