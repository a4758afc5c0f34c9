// SPDX-License-Identifier: Apache-2.0
// Iteration over maps, and lists of what is in them.
#include "big.h"
#include "map_trie.h"

// ---- iteration ----

static void enter_node(MapIterator *it, Term node)
{
    assert(it->depth < MAP_DEPTH_MOST);
    const Term *box = term_box_ptr(node);
    it->way[it->depth].node = box;
    it->way[it->depth].left = (unsigned)header_arity(box[0]) - 1;
    it->depth++;
}

static void iterate(MapIterator *it, Term map, bool ascending)
{
    it->map = map;
    it->ascending = ascending;
    it->position = 0;
    it->depth = 0;
    if (!map_is_flat(map)) enter_node(it, map);
}

void map_iterate(MapIterator *it, Term map)
{
    iterate(it, map, false);
}

void map_iterate_fold(MapIterator *it, Term map)
{
    iterate(it, map, true);
}

static bool next_leaf(MapIterator *it, Term *key, Term *value)
{
    // No recursion: the way stands in the iterator, so it can stop at any pair.
    while (it->depth > 0) {
        const Term *node = it->way[it->depth - 1].node;
        unsigned left = it->way[it->depth - 1].left;
        if (left == 0) {
            it->depth--;
            continue;
        }
        it->way[it->depth - 1].left = left - 1;
        size_t n = header_arity(node[0]) - 1;
        // The lowest slot first, or the highest.
        size_t i = it->ascending ? n - left : left - 1;
        Term child = node[MAP_TRIE_CHILDREN + i];
        if (term_is_cons(child)) {
            *key = term_head(child);
            *value = term_tail(child);
            return true;
        }
        enter_node(it, child);
    }
    return false;
}

bool map_next(MapIterator *it, Term *key, Term *value)
{
    if (!map_is_flat(it->map)) return next_leaf(it, key, value);
    size_t i = it->position++;
    if (i >= map_size(it->map)) return false;
    *key = map_flat_keys(it->map)[i];
    *value = map_flat_values(it->map)[i];
    return true;
}

// ---- places ----
//
// A flat map's place is the next index. A trie's is a row of digits, one for
// each level on the way, lowest first: 1 + the children still to visit there.

enum { PLACE_BITS = 5, PLACE_MOST = MAP_DEPTH_MOST * PLACE_BITS / 8 + 1 };

static void put_digit(uint8_t *bytes, unsigned level, unsigned digit)
{
    unsigned at = level * PLACE_BITS;
    // A digit may lie across two bytes.
    unsigned word = digit << (at % 8);
    bytes[at / 8] |= (uint8_t)word;
    bytes[at / 8 + 1] |= (uint8_t)(word >> 8);
}

static unsigned get_digit(const uint8_t *bytes, unsigned level)
{
    unsigned at = level * PLACE_BITS;
    unsigned word = bytes[at / 8] | (unsigned)bytes[at / 8 + 1] << 8;
    return word >> (at % 8) & ((1u << PLACE_BITS) - 1);
}

// Leaves nodes that are done, so that the end is seen.
static void leave_finished(MapIterator *it)
{
    while (it->depth > 0 && it->way[it->depth - 1].left == 0) it->depth--;
}

Term map_iterator_place(Heap *h, MapIterator *it)
{
    if (map_is_flat(it->map)) {
        bool end = it->position >= map_size(it->map);
        return end ? TERM_NONE : term_small((intptr_t)it->position);
    }
    leave_finished(it);
    if (it->depth == 0) return TERM_NONE;
    uint8_t bytes[PLACE_MOST + 1] = {0};
    for (unsigned i = 0; i < it->depth; i++)
        put_digit(bytes, i, 1 + it->way[i].left);
    // An integer, since the user sees and keeps it.
    return big_from_bytes(h, bytes, sizeof bytes, true, false);
}

// Goes to the node that is being visited below the deepest one.
static bool descend(MapIterator *it)
{
    const Term *node = it->way[it->depth - 1].node;
    size_t n = header_arity(node[0]) - 1, left = it->way[it->depth - 1].left;
    if (left >= n) return false; // a place made for another map
    Term child = node[MAP_TRIE_CHILDREN + n - left - 1];
    if (term_is_cons(child)) return false;
    enter_node(it, child);
    return true;
}

static bool follow_place(MapIterator *it, const uint8_t *bytes)
{
    for (unsigned level = 0; level < MAP_DEPTH_MOST; level++) {
        unsigned digit = get_digit(bytes, level);
        if (digit == 0) return level > 0;
        if (level > 0 && !descend(it)) return false;
        // More than there are: not a place of this map. Such integers can come
        // from anybody, so nothing is taken on trust.
        if (digit - 1 > it->way[level].left) return false;
        it->way[level].left = digit - 1;
    }
    return true;
}

bool map_iterate_from(MapIterator *it, Term map, Term place)
{
    uint8_t bytes[PLACE_MOST + 1] = {0};
    iterate(it, map, true);
    if (!term_is_integer(place) || big_sign(place) < 0) return false;
    if (big_sign(place) == 0) return true;
    if (map_is_flat(map)) {
        if (!term_is_small(place)) return false;
        it->position = (size_t)term_small_value(place);
        return it->position < map_size(map);
    }
    if (big_byte_size(place) > PLACE_MOST) return false;
    big_to_bytes(place, bytes);
    return follow_place(it, bytes);
}

// ---- lists ----

static Term element(Heap *h, MapTake take, Term key, Term value)
{
    if (take == MAP_PAIRS) return heap_tuple2(h, key, value);
    return take == MAP_KEYS ? key : value;
}

Term map_list(Heap *h, Term map, MapTake take, const MapPause *pause)
{
    Term list = TERM_NIL, *link = &list, key, value;
    MapIterator it;
    map_iterate(&it, map);
    for (size_t n = 1; map_next(&it, &key, &value); n++) {
        // Front to back by a link to the last tail: no second walk.
        *link = heap_cons(h, element(h, take, key, value), TERM_NIL);
        link = term_cons_ptr(*link) + 1;
        if (n % MAP_SLICE == 0) pause->pause(pause->context);
    }
    return list;
}
