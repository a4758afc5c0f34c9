// SPDX-License-Identifier: Apache-2.0
// Maps: sorted arrays while small, hash tries when large. The forms are in
// map.h; which one it is, is decided here.
#include <stdlib.h>

#include "compare.h"
#include "map_trie.h"
#include "memory.h"

// ---- flat maps ----

// A map with [keys] whose values the caller fills in at [*values], at once:
// until then it is no term.
static Term flat_new(Heap *h, Term keys, size_t n, Term **values)
{
    Term *box = heap_alloc(h, 2 + n);
    box[0] = term_header(SUBTAG_FLATMAP, 1 + n);
    box[1] = keys;
    *values = box + 2;
    return term_from_box(box);
}

Term map_new(Heap *h)
{
    Term *values;
    return flat_new(h, heap_tuple(h, 0, NULL), 0, &values);
}

// The index of [key] among the [n] [keys], or n.
static size_t find_key(const Term *keys, size_t n, Term key)
{
    size_t i = 0;
    // Atoms and small integers are equal only if they are the same word; that
    // is what most keys are. Both loops are linear: 32 words are searched
    // faster than halved.
    if (term_is_immediate(key)) {
        while (i < n && !term_same(keys[i], key)) i++;
    } else {
        while (i < n && !term_exact_equal(keys[i], key)) i++;
    }
    return i;
}

// The index of [key], or the map's size.
static size_t flat_find(Term map, Term key)
{
    return find_key(map_flat_keys(map), map_size(map), key);
}

// [map] with value [i] set.
static Term flat_set(Heap *h, Term map, size_t i, Term value)
{
    size_t n = map_size(map);
    // No change, no garbage.
    if (term_same(map_flat_values(map)[i], value)) return map;
    // The keys are shared: setting a value allocates the values only.
    Term *values, set = flat_new(h, flatmap_keys(map), n, &values);
    memcpy(values, map_flat_values(map), n * sizeof *values);
    values[i] = value;
    return set;
}

// The index among the [n] [keys] where the absent [key] belongs.
static size_t key_place(const AtomTable *atoms, const Term *keys, size_t n,
                        Term key)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        // Exact order: 1 and 1.0 are different keys.
        if (term_compare_exact(atoms, keys[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Puts [word] among [n] words at [at]. They are few: a call to copy them would
// take longer.
static void copy_around(Term *to, const Term *from, size_t n, size_t at,
                        Term word)
{
    for (size_t i = 0; i < at; i++) to[i] = from[i];
    to[at] = word;
    for (size_t i = at; i < n; i++) to[i + 1] = from[i];
}

static Term flat_insert(Heap *h, const AtomTable *atoms, Term map, Term key,
                        Term value)
{
    size_t n = map_size(map);
    size_t at = key_place(atoms, map_flat_keys(map), n, key);
    // Keys and values lie side by side.
    Term *keys = heap_alloc(h, 2 * n + 5), *box = keys + n + 2;
    keys[0] = term_header(SUBTAG_TUPLE, n + 1);
    copy_around(keys + 1, map_flat_keys(map), n, at, key);
    box[0] = term_header(SUBTAG_FLATMAP, n + 2);
    box[1] = term_from_box(keys);
    copy_around(box + 2, map_flat_values(map), n, at, value);
    return term_from_box(box);
}

static Term flat_remove(Heap *h, Term map, size_t at)
{
    size_t n = map_size(map), rest = n - 1 - at;
    if (n == 1) return map_new(h);
    Term *keys = heap_alloc(h, n), *values;
    keys[0] = term_header(SUBTAG_TUPLE, n - 1);
    memcpy(keys + 1, map_flat_keys(map), at * sizeof *keys);
    memcpy(keys + 1 + at, map_flat_keys(map) + at + 1, rest * sizeof *keys);
    Term less = flat_new(h, term_from_box(keys), n - 1, &values);
    memcpy(values, map_flat_values(map), at * sizeof *values);
    memcpy(values + at, map_flat_values(map) + at + 1, rest * sizeof *values);
    return less;
}

// ---- growing flat maps by several pairs ----

// What a flat map is to be, outside of any heap: of the maps on the way to it
// nothing is left.
typedef struct {
    size_t size;
    Term keys[MAP_FLAT_MAX], values[MAP_FLAT_MAX];
} Growth;

static void growth_init(Growth *g, Term map)
{
    g->size = map_size(map);
    memcpy(g->keys, map_flat_keys(map), g->size * sizeof *g->keys);
    memcpy(g->values, map_flat_values(map), g->size * sizeof *g->values);
}

static void insert_word(Term *words, size_t n, size_t at, Term word)
{
    memmove(words + at + 1, words + at, (n - at) * sizeof *words);
    words[at] = word;
}

// Sets or adds a pair; with [keep] a value that is there stays. False when
// there is no room for it.
static bool growth_put(Growth *g, const AtomTable *atoms, Term key, Term value,
                       bool keep)
{
    size_t n = g->size, i = find_key(g->keys, n, key);
    if (i < n) {
        if (!keep) g->values[i] = value;
        return true;
    }
    if (n == MAP_FLAT_MAX) return false;
    i = key_place(atoms, g->keys, n, key);
    insert_word(g->keys, n, i, key);
    insert_word(g->values, n, i, value);
    g->size++;
    return true;
}

// The map that [from] has grown to. Without new keys it shares their tuple.
static Term growth_map(Heap *h, const Growth *g, Term from)
{
    Term *values, keys = g->size == map_size(from)
                             ? flatmap_keys(from)
                             : heap_tuple(h, g->size, g->keys);
    Term map = flat_new(h, keys, g->size, &values);
    memcpy(values, g->values, g->size * sizeof *values);
    return map;
}

// ---- sorting ----

static void swap_in_order(const AtomTable *atoms, Term *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        Term key = pairs[2 * i], value = pairs[2 * i + 1];
        size_t j = i;
        for (; j > 0; j--) {
            // Equal ones keep their order: the last counts later.
            if (term_compare_exact(atoms, pairs[2 * j - 2], key) <= 0) break;
            pairs[2 * j] = pairs[2 * j - 2];
            pairs[2 * j + 1] = pairs[2 * j - 1];
        }
        pairs[2 * j] = key;
        pairs[2 * j + 1] = value;
    }
}

// Merge sort; [room] holds the lower half.
static void merge_sort(const AtomTable *atoms, Term *pairs, size_t n,
                       Term *room)
{
    if (n <= 12) { // below that insertion wins
        swap_in_order(atoms, pairs, n);
        return;
    }
    size_t low = n / 2, i = 0, j = low, to = 0;
    merge_sort(atoms, pairs, low, room);
    merge_sort(atoms, pairs + 2 * low, n - low, room);
    memcpy(room, pairs, 2 * low * sizeof *room);
    while (i < low) {
        Term a = room[2 * i];
        // Of equals the lower half's goes first: the sort is stable.
        bool lower =
            j == n || term_compare_exact(atoms, a, pairs[2 * j]) <= 0;
        const Term *from = lower ? &room[2 * i++] : &pairs[2 * j++];
        pairs[2 * to] = from[0];
        pairs[2 * to + 1] = from[1];
        to++;
    }
}

void map_sort_pairs(const AtomTable *atoms, Term *pairs, size_t n)
{
    Term *room = n > 12 ? memory_alloc(n * sizeof *room) : NULL;
    merge_sort(atoms, pairs, n, room);
    free(room);
}

// Drops all but the last of sorted pairs with equal keys; answers how many
// stay.
static size_t drop_doubles(Term *pairs, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = i + 1 < n
                    && term_exact_equal(pairs[2 * i], pairs[2 * i + 2]);
        if (same) continue;
        pairs[2 * to] = pairs[2 * i];
        pairs[2 * to + 1] = pairs[2 * i + 1];
        to++;
    }
    return to;
}

static Term flat_from_pairs(Heap *h, const AtomTable *atoms, size_t n,
                            Term *pairs)
{
    if (n == 0) return map_new(h);
    map_sort_pairs(atoms, pairs, n);
    n = drop_doubles(pairs, n);
    Term *keys = heap_alloc(h, n + 1), *values;
    keys[0] = term_header(SUBTAG_TUPLE, n);
    Term map = flat_new(h, term_from_box(keys), n, &values);
    for (size_t i = 0; i < n; i++) {
        keys[1 + i] = pairs[2 * i];
        values[i] = pairs[2 * i + 1];
    }
    return map;
}

// All pairs of [map] in an array of malloc with room for [more] others.
static Term *take_pairs(Term map, size_t more)
{
    size_t n = map_size(map);
    Term *pairs = memory_alloc(2 * (n + more) * sizeof *pairs);
    MapIterator it;
    map_iterate(&it, map);
    for (size_t i = 0; i < n; i++)
        map_next(&it, &pairs[2 * i], &pairs[2 * i + 1]);
    return pairs;
}

// A trie that may have become small as the map that it stands for: there is
// one form for one set of keys.
static Term settle(Heap *h, const AtomTable *atoms, Term trie)
{
    size_t n = map_size(trie);
    if (n > MAP_FLAT_MAX) return trie;
    Term *pairs = take_pairs(trie, 0);
    Term flat = flat_from_pairs(h, atoms, n, pairs);
    free(pairs);
    return flat;
}

Term map_from_many(Heap *h, const AtomTable *atoms, size_t n, Term *pairs,
                   const MapPause *pause)
{
    if (n <= MAP_FLAT_MAX) return flat_from_pairs(h, atoms, n, pairs);
    // Of equal keys the last one counts, so there may be few left.
    return settle(h, atoms, map_trie_from_pairs(h, n, pairs, pause));
}

Term map_from_pairs(Heap *h, const AtomTable *atoms, size_t n, Term *pairs)
{
    return map_from_many(h, atoms, n, pairs, NULL);
}

// ---- both forms ----

Term map_get(Term map, Term key)
{
    if (!map_is_flat(map)) return map_trie_get(map, key);
    size_t i = flat_find(map, key);
    // TERM_NONE stands for a missing key: no value has these bits.
    return i < map_size(map) ? map_flat_values(map)[i] : TERM_NONE;
}

// A flat map that is full becomes a trie.
static Term overflow(Heap *h, const AtomTable *atoms, Term map, Term key,
                     Term value)
{
    size_t n = map_size(map);
    Term *pairs = take_pairs(map, 1);
    pairs[2 * n] = key;
    pairs[2 * n + 1] = value;
    Term grown = map_from_pairs(h, atoms, n + 1, pairs);
    free(pairs);
    return grown;
}

Term map_put(Heap *h, const AtomTable *atoms, Term map, Term key, Term value)
{
    if (!map_is_flat(map)) {
        MapChange c = {.heap = h, .key = key, .value = value};
        return map_trie_put(&c, map);
    }
    size_t i = flat_find(map, key), n = map_size(map);
    if (i < n) return flat_set(h, map, i, value);
    if (n < MAP_FLAT_MAX) return flat_insert(h, atoms, map, key, value);
    return overflow(h, atoms, map, key, value);
}

Term map_update(Heap *h, Term map, Term key, Term value)
{
    if (!map_is_flat(map)) {
        MapChange c = {.heap = h, .key = key, .value = value, .only = true};
        Term updated = map_trie_put(&c, map);
        return c.found ? updated : TERM_NONE;
    }
    size_t i = flat_find(map, key);
    return i < map_size(map) ? flat_set(h, map, i, value) : TERM_NONE;
}

// Sets values of a flat map; TERM_NONE and [*missing] at the first key that
// is not there.
static Term flat_set_all(Heap *h, Term map, size_t n, const Term *pairs,
                         Term *missing)
{
    size_t size = map_size(map);
    // On a miss it is garbage; that the keys are all there is the common case.
    Term *values, set = flat_new(h, flatmap_keys(map), size, &values);
    memcpy(values, map_flat_values(map), size * sizeof *values);
    for (size_t i = 0; i < n; i++) {
        size_t at = flat_find(map, pairs[2 * i]);
        if (at == size) {
            *missing = pairs[2 * i];
            return TERM_NONE;
        }
        values[at] = pairs[2 * i + 1];
    }
    return set;
}

Term map_put_pairs(Heap *h, const AtomTable *atoms, Term map, size_t n,
                   Term *pairs)
{
    size_t size = map_size(map);
    if (size == 0) return map_from_pairs(h, atoms, n, pairs);
    if (!map_is_flat(map) || n == 1) {
        for (size_t i = 0; i < n; i++)
            map = map_put(h, atoms, map, pairs[2 * i], pairs[2 * i + 1]);
        return map;
    }
    Growth g;
    size_t put = 0;
    growth_init(&g, map);
    while (put < n
           && growth_put(&g, atoms, pairs[2 * put], pairs[2 * put + 1], false))
        put++;
    if (put == n) return growth_map(h, &g, map);
    // More than a flat map holds.
    Term *all = take_pairs(map, n);
    memcpy(all + 2 * size, pairs, 2 * n * sizeof *all);
    Term grown = map_from_pairs(h, atoms, size + n, all);
    free(all);
    return grown;
}

Term map_update_pairs(Heap *h, Term map, size_t n, const Term *pairs,
                      Term *missing)
{
    if (map_is_flat(map)) return flat_set_all(h, map, n, pairs, missing);
    for (size_t i = 0; i < n; i++) {
        map = map_update(h, map, pairs[2 * i], pairs[2 * i + 1]);
        if (term_is_none(map)) {
            *missing = pairs[2 * i];
            return TERM_NONE; // what was made for the keys before is garbage
        }
    }
    return map;
}

Term map_remove(Heap *h, const AtomTable *atoms, Term map, Term key,
                Term *value)
{
    MapChange c = {.heap = h, .key = key, .value = TERM_NONE};
    Term less = map;
    if (!map_is_flat(map)) {
        less = map_trie_remove(&c, map);
        if (c.found) less = settle(h, atoms, less);
    } else {
        size_t i = flat_find(map, key);
        if (i < map_size(map)) {
            c.value = map_flat_values(map)[i];
            less = flat_remove(h, map, i);
        }
    }
    if (value != NULL) *value = c.value;
    return less;
}

// ---- merging ----

static Term merge_flat(Heap *h, const AtomTable *atoms, Term a, Term b)
{
    size_t n = map_size(a), m = map_size(b), i = 0;
    // The right one wins, and it has all keys.
    if (n == 0 || term_same(a, b)) return b;
    if (m == 0) return a;
    // The same tuple: made by the same code or from each other.
    if (term_same(flatmap_keys(a), flatmap_keys(b))) return b;
    // The smaller one goes into the larger, which may have all its keys.
    bool keep = n < m;
    Term into = keep ? b : a, from = keep ? a : b;
    const Term *keys = map_flat_keys(from), *values = map_flat_values(from);
    size_t count = map_size(from);
    Growth g;
    growth_init(&g, into);
    while (i < count && growth_put(&g, atoms, keys[i], values[i], keep)) i++;
    if (i == count) return growth_map(h, &g, into);
    // More than a flat map holds.
    Term *pairs = take_pairs(a, m);
    for (i = 0; i < m; i++) {
        pairs[2 * (n + i)] = map_flat_keys(b)[i];
        pairs[2 * (n + i) + 1] = map_flat_values(b)[i];
    }
    Term merged = map_from_pairs(h, atoms, n + m, pairs);
    free(pairs);
    return merged;
}

// Puts the pairs of the flat map into the trie; with [keep] those that the
// trie has stay.
static Term merge_into_trie(Heap *h, Term trie, Term flat, bool keep)
{
    size_t n = map_size(flat);
    // One at a time: a flat map has 32 keys at most.
    for (size_t i = 0; i < n; i++) {
        MapChange c = {.heap = h, .key = map_flat_keys(flat)[i],
                       .value = map_flat_values(flat)[i], .keep = keep};
        trie = map_trie_put(&c, trie);
    }
    return trie;
}

Term map_merge(Heap *h, const AtomTable *atoms, Term a, Term b)
{
    bool flat_a = map_is_flat(a), flat_b = map_is_flat(b);
    if (flat_a && flat_b) return merge_flat(h, atoms, a, b);
    if (flat_a) return merge_into_trie(h, b, a, true);
    if (flat_b) return merge_into_trie(h, a, b, false);
    if (term_same(a, b)) return b;
    return map_trie_merge(h, a, b);
}
