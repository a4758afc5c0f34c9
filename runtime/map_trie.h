// SPDX-License-Identifier: Apache-2.0
// The tries of large maps: nodes, and what is done with keys in them. For the
// files of maps only.
//
// A trie has one form for one set of keys: an inner node holds two keys or
// more, and what holds one is the leaf itself. Sizes may be any here; map.c
// sees to it that small maps are flat.
#ifndef MERLE_MAP_TRIE_H
#define MERLE_MAP_TRIE_H

#include "map.h"

enum {
    MAP_TRIE_SLOTS = 16,
    MAP_TRIE_CHILDREN = 2 // words before a node's children: header and bitmap
};

// A change of one key.
typedef struct {
    Heap *heap;
    Term key;
    Term value; // to be set, or what was removed
    bool keep;  // a value that is there already stays
    bool only;  // a key that is not there is not put
    bool found; // the key was there already
} MapChange;

// The value of [key], TERM_NONE without.
Term map_trie_get(Term map, Term key);

// [map] with the key set; itself when nothing changes.
Term map_trie_put(MapChange *c, Term map);

// [map] without the key; itself when it has none.
Term map_trie_remove(MapChange *c, Term map);

// A trie of [n] pairs, as in map_from_pairs; of equal keys the last counts.
// [pause] may be NULL.
Term map_trie_from_pairs(Heap *h, size_t n, const Term *pairs,
                         const MapPause *pause);

// The keys of both; where both have one, the value of [b].
Term map_trie_merge(Heap *h, Term a, Term b);

#endif
