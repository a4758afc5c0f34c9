// SPDX-License-Identifier: Apache-2.0
// Maps: sorted arrays while small, hash tries when large. The forms are in
// map.h. A trie has one form for one set of keys: an inner node holds two keys
// or more, and what holds one is the leaf itself.
//
// Nothing is changed in place: a change copies the nodes on the way from the
// root to the key, about log16 of the size, and shares the rest.
#include "map.h"

#include <stdlib.h>

#include "big.h"
#include "bytes.h"
#include "compare.h"
#include "hash.h"
#include "memory.h"

enum {
    STEP_BITS = 4, // of the hash, that a level takes
    STEP_MASK = 15,
    LEVELS_A_HASH = 8,
    SLOTS = 16,
    CHILDREN = 2 // words before a node's children: header and bitmap
};

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

static const Term *flat_keys(Term map)
{
    return term_box_ptr(flatmap_keys(map)) + 1;
}

static const Term *flat_values(Term map)
{
    return term_box_ptr(map) + 2;
}

// The index of [key], or the map's size.
static size_t flat_find(Term map, Term key)
{
    const Term *keys = flat_keys(map);
    size_t n = map_size(map), i = 0;
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

// [map] with value [i] set.
static Term flat_set(Heap *h, Term map, size_t i, Term value)
{
    size_t n = map_size(map);
    // No change, no garbage.
    if (term_same(flat_values(map)[i], value)) return map;
    // The keys are shared: setting a value allocates the values only.
    Term *values, set = flat_new(h, flatmap_keys(map), n, &values);
    memcpy(values, flat_values(map), n * sizeof *values);
    values[i] = value;
    return set;
}

// The index where the absent [key] belongs.
static size_t flat_place(const AtomTable *atoms, Term map, Term key)
{
    size_t low = 0, high = map_size(map);
    while (low < high) {
        size_t middle = (low + high) / 2;
        // Exact order: 1 and 1.0 are different keys.
        if (term_compare_exact(atoms, flat_keys(map)[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Leaves a gap of one at [at].
static void copy_around(Term *to, const Term *from, size_t n, size_t at)
{
    memcpy(to, from, at * sizeof *to);
    memcpy(to + at + 1, from + at, (n - at) * sizeof *to);
}

static Term flat_insert(Heap *h, const AtomTable *atoms, Term map, Term key,
                        Term value)
{
    size_t n = map_size(map), at = flat_place(atoms, map, key);
    Term *keys = heap_alloc(h, n + 2), *values;
    keys[0] = term_header(SUBTAG_TUPLE, n + 1);
    copy_around(keys + 1, flat_keys(map), n, at);
    keys[1 + at] = key;
    Term grown = flat_new(h, term_from_box(keys), n + 1, &values);
    copy_around(values, flat_values(map), n, at);
    values[at] = value;
    return grown;
}

static Term flat_remove(Heap *h, Term map, size_t at)
{
    size_t n = map_size(map), rest = n - 1 - at;
    if (n == 1) return map_new(h);
    Term *keys = heap_alloc(h, n), *values;
    keys[0] = term_header(SUBTAG_TUPLE, n - 1);
    memcpy(keys + 1, flat_keys(map), at * sizeof *keys);
    memcpy(keys + 1 + at, flat_keys(map) + at + 1, rest * sizeof *keys);
    Term less = flat_new(h, term_from_box(keys), n - 1, &values);
    memcpy(values, flat_values(map), at * sizeof *values);
    memcpy(values + at, flat_values(map) + at + 1, rest * sizeof *values);
    return less;
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

// ---- tries: nodes ----

static unsigned node_bitmap(const Term *node)
{
    return (unsigned)term_small_value(node[1]) & 0xFFFF;
}

// A small integer: the collector need not know of it.
static Term bitmap_word(size_t size, unsigned bitmap)
{
    return term_small((intptr_t)(size << SLOTS | bitmap));
}

// The place of slot [slot] among a node's children.
// How many lower slots are taken.
static size_t child_index(unsigned bitmap, unsigned slot)
{
    return bytes_count_bits(bitmap & ((1u << slot) - 1));
}

static Term *node_new(Heap *h, unsigned bitmap)
{
    size_t n = bytes_count_bits(bitmap);
    Term *node = heap_alloc(h, CHILDREN + n);
    node[0] = term_header(SUBTAG_HASHMAP, 1 + n);
    node[1] = bitmap_word(0, bitmap);
    return node;
}

static void set_size(Term *node, size_t size)
{
    node[1] = bitmap_word(size, node_bitmap(node));
}

// The hash for the level behind [level].
static uint32_t next_hash(uint32_t hash, unsigned level, Term key)
{
    level++;
    if (level % LEVELS_A_HASH != 0) return hash >> STEP_BITS;
    return hash_internal_deep(key, level / LEVELS_A_HASH);
}

// The hash of [key] as it is at [level].
static uint32_t hash_at(Term key, unsigned level)
{
    uint32_t hash = hash_internal_deep(key, level / LEVELS_A_HASH);
    return hash >> STEP_BITS * (level % LEVELS_A_HASH);
}

static Term *copy_node(Heap *h, const Term *node)
{
    size_t words = 1 + header_arity(node[0]);
    Term *copy = heap_alloc(h, words);
    memcpy(copy, node, words * sizeof *copy);
    return copy;
}

static Term with_child(Heap *h, const Term *node, size_t index, Term child)
{
    Term *copy = copy_node(h, node);
    copy[CHILDREN + index] = child;
    return term_from_box(copy);
}

// [node] with one more child. The size in word 1 stays as it is.
static Term with_slot(Heap *h, const Term *node, unsigned slot, Term child)
{
    unsigned bitmap = node_bitmap(node);
    size_t n = header_arity(node[0]) - 1, at = child_index(bitmap, slot);
    Term *copy = heap_alloc(h, CHILDREN + n + 1);
    copy[0] = term_header(SUBTAG_HASHMAP, n + 2);
    // Both words are smalls: or-ing the bits leaves tag and size alone.
    copy[1].bits = node[1].bits | bitmap_word(0, 1u << slot).bits;
    copy_around(copy + CHILDREN, node + CHILDREN, n, at);
    copy[CHILDREN + at] = child;
    return term_from_box(copy);
}

static Term without_slot(Heap *h, const Term *node, unsigned slot)
{
    unsigned bitmap = node_bitmap(node);
    size_t n = header_arity(node[0]) - 1, at = child_index(bitmap, slot);
    size_t size = (size_t)term_small_value(node[1]) >> SLOTS;
    Term *copy = node_new(h, bitmap & ~(1u << slot));
    set_size(copy, size);
    memcpy(copy + CHILDREN, node + CHILDREN, at * sizeof *copy);
    memcpy(copy + CHILDREN + at, node + CHILDREN + at + 1,
           (n - at - 1) * sizeof *copy);
    return term_from_box(copy);
}

// ---- tries: one key ----

static Term trie_get(Term map, Term key)
{
    uint32_t hash = hash_internal(key);
    for (unsigned level = 0;; level++) {
        const Term *node = term_box_ptr(map);
        unsigned bitmap = node_bitmap(node), slot = hash & STEP_MASK;
        // No such branch: not in the map.
        if ((bitmap >> slot & 1) == 0) return TERM_NONE;
        Term child = node[CHILDREN + child_index(bitmap, slot)];
        if (term_is_cons(child))
            return term_exact_equal(term_head(child), key) ? term_tail(child)
                                                           : TERM_NONE;
        map = child;
        hash = next_hash(hash, level, key);
    }
}

// A change of one key on its way down.
typedef struct {
    Heap *heap;
    Term key;
    Term value;     // to be set, or what was removed
    bool keep;      // a value that is there already stays
    bool only;      // a key that is not there is not put
    bool found;     // the key was there already
} Change;

// The smallest trie of two leaves with different keys.
static Term join_leaves(Heap *h, Term a, Term b, unsigned level)
{
    // Different keys with eight equal hashes in a row do not occur: the salt
    // makes each new hash independent.
    assert(level < MAP_DEPTH_MOST);
    unsigned slot_a = hash_at(term_head(a), level) & STEP_MASK;
    unsigned slot_b = hash_at(term_head(b), level) & STEP_MASK;
    Term *node;
    if (slot_a == slot_b) {
        // The same slot again: nodes with one child, until they part.
        Term child = join_leaves(h, a, b, level + 1);
        node = node_new(h, 1u << slot_a);
        node[CHILDREN] = child;
    } else {
        node = node_new(h, 1u << slot_a | 1u << slot_b);
        // Index 0 or 1 by which slot is the lower.
        node[CHILDREN + (slot_a > slot_b)] = a;
        node[CHILDREN + (slot_b > slot_a)] = b;
    }
    return term_from_box(node);
}

// What takes the place of leaf [leaf] at [level] when the change is made.
static Term insert_at_leaf(Change *c, Term leaf, unsigned level)
{
    if (!term_exact_equal(term_head(leaf), c->key)) {
        if (c->only) return leaf;
        Term added = heap_cons(c->heap, c->key, c->value);
        return join_leaves(c->heap, leaf, added, level);
    }
    c->found = true;
    // Same map, no garbage.
    if (c->keep || term_same(term_tail(leaf), c->value)) return leaf;
    return heap_cons(c->heap, term_head(leaf), c->value);
}

static Term insert(Change *c, Term map, uint32_t hash, unsigned level)
{
    const Term *node = term_box_ptr(map);
    unsigned bitmap = node_bitmap(node), slot = hash & STEP_MASK;
    if ((bitmap >> slot & 1) == 0) { // free slot: a leaf is put there
        if (c->only) return map;
        return with_slot(c->heap, node, slot,
                         heap_cons(c->heap, c->key, c->value));
    }
    size_t index = child_index(bitmap, slot);
    Term child = node[CHILDREN + index], changed;
    if (term_is_cons(child))
        changed = insert_at_leaf(c, child, level + 1);
    else
        changed = insert(c, child, next_hash(hash, level, c->key), level + 1);
    // Nothing changed below: the old map is answered.
    if (term_same(child, changed)) return map;
    return with_child(c->heap, node, index, changed);
}

static Term trie_insert(Change *c, Term map)
{
    c->found = false;
    Term changed = insert(c, map, hash_internal(c->key), 0);
    // Only the root knows the size. [changed] is a fresh copy: a key not found
    // changes the root in any case.
    if (!c->found) set_size(term_box_ptr(changed), map_size(map) + 1);
    return changed;
}

// What is left of [node] when one child has become [child], or is gone
// (TERM_NONE): a lone leaf stands for itself.
static Term shrink(Heap *h, const Term *node, unsigned slot, Term child)
{
    size_t n = header_arity(node[0]) - 1;
    size_t index = child_index(node_bitmap(node), slot);
    if (!term_is_none(child)) {
        // A leaf moves up through every node that had nothing else.
        if (n == 1 && term_is_cons(child)) return child;
        return with_child(h, node, index, child);
    }
    if (n == 1) return TERM_NONE;
    Term other = node[CHILDREN + (index == 0)];
    if (n == 2 && term_is_cons(other)) return other;
    return without_slot(h, node, slot);
}

// [map] without the key; itself when it has none.
static Term trie_delete(Change *c, Term map, uint32_t hash, unsigned level)
{
    const Term *node = term_box_ptr(map);
    unsigned bitmap = node_bitmap(node), slot = hash & STEP_MASK;
    if ((bitmap >> slot & 1) == 0) return map;
    Term child = node[CHILDREN + child_index(bitmap, slot)], less;
    if (term_is_cons(child)) {
        // Another key with the same beginning of its hash.
        if (!term_exact_equal(term_head(child), c->key)) return map;
        c->found = true;
        c->value = term_tail(child);
        less = TERM_NONE;
    } else {
        less = trie_delete(c, child, next_hash(hash, level, c->key), level + 1);
        if (term_same(less, child)) return map;
    }
    return shrink(c->heap, node, slot, less);
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

static Term trie_remove(Change *c, const AtomTable *atoms, Term map)
{
    size_t size = map_size(map);
    Term less = trie_delete(c, map, hash_internal(c->key), 0);
    if (!c->found) return map;
    if (size - 1 > MAP_FLAT_MAX) {
        set_size(term_box_ptr(less), size - 1);
        return less;
    }
    // A trie of 33 keys does not shrink to a leaf, so it can be iterated.
    set_size(term_box_ptr(less), size - 1);
    Term *pairs = take_pairs(less, 0);
    // There is one form for one set of keys: 32 keys are a flat map.
    Term flat = flat_from_pairs(c->heap, atoms, size - 1, pairs);
    free(pairs);
    return flat;
}

// ---- tries: many keys ----

typedef struct {
    Term key, value;
    uint32_t hash; // for the level in hand
} Entry;

typedef struct {
    Heap *heap;
    size_t size; // leaves made
} Build;

// Drops entries of equal keys but for the last; all have the same hash, so
// hardly ever are there two different ones.
static size_t drop_equal_entries(Entry *entries, size_t n)
{
    size_t kept = 1;
    for (size_t i = 1; i < n; i++) {
        size_t j = 0;
        while (j < kept && !term_exact_equal(entries[j].key, entries[i].key))
            j++;
        entries[j] = entries[i];
        if (j == kept) kept++;
    }
    return kept;
}

static bool same_hashes(const Entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (entries[i].hash != entries[0].hash) return false;
    return true;
}

// Moves entries to [to], grouped by slot; [starts] gets where groups begin.
static void group_by_slot(const Entry *entries, size_t n, Entry *to,
                          size_t starts[SLOTS + 1])
{
    size_t at[SLOTS] = {0};
    for (size_t i = 0; i < n; i++) at[entries[i].hash & STEP_MASK]++;
    size_t sum = 0;
    for (unsigned s = 0; s < SLOTS; s++) {
        starts[s] = sum;
        sum += at[s];
        at[s] = starts[s];
    }
    starts[SLOTS] = sum;
    for (size_t i = 0; i < n; i++)
        to[at[entries[i].hash & STEP_MASK]++] = entries[i];
}

static Term build_node(Build *b, Entry *entries, Entry *room, size_t n,
                       unsigned level);

static Term build_child(Build *b, Entry *entries, Entry *room, size_t n,
                        unsigned level)
{
    // Only when all hashes agree can there be equal keys.
    if (n > 1 && same_hashes(entries, n)) n = drop_equal_entries(entries, n);
    if (n == 1) {
        b->size++;
        return heap_cons(b->heap, entries[0].key, entries[0].value);
    }
    for (size_t i = 0; i < n; i++)
        entries[i].hash = next_hash(entries[i].hash, level, entries[i].key);
    return build_node(b, entries, room, n, level + 1);
}

static Term build_node(Build *b, Entry *entries, Entry *room, size_t n,
                       unsigned level)
{
    size_t starts[SLOTS + 1];
    Term children[SLOTS];
    unsigned bitmap = 0, count = 0;
    assert(level < MAP_DEPTH_MOST);
    group_by_slot(entries, n, room, starts);
    for (unsigned s = 0; s < SLOTS; s++) {
        size_t size = starts[s + 1] - starts[s];
        if (size == 0) continue;
        bitmap |= 1u << s;
        // Entries and room change places at each level: no allocation on the
        // way.
        children[count++] = build_child(b, room + starts[s],
                                        entries + starts[s], size, level);
    }
    // Equal keys whose hash ended inside a group may leave one leaf.
    if (count == 1 && level > 0 && term_is_cons(children[0]))
        return children[0];
    Term *node = node_new(b->heap, bitmap);
    memcpy(node + CHILDREN, children, count * sizeof *children);
    return term_from_box(node);
}

static Term trie_from_pairs(Heap *h, const AtomTable *atoms, size_t n,
                            const Term *pairs)
{
    // Halves: entries, and room to group them.
    Entry *entries = memory_alloc(2 * n * sizeof *entries);
    for (size_t i = 0; i < n; i++) {
        entries[i].key = pairs[2 * i];
        entries[i].value = pairs[2 * i + 1];
        entries[i].hash = hash_internal(pairs[2 * i]);
    }
    Build b = {h, 0};
    Term map = build_node(&b, entries, entries + n, n, 0);
    free(entries);
    set_size(term_box_ptr(map), b.size);
    // The common case: few or no equal keys.
    if (b.size > MAP_FLAT_MAX) return map;
    Term *left = take_pairs(map, 0); // there were equal keys
    map = flat_from_pairs(h, atoms, b.size, left);
    free(left);
    return map;
}

Term map_from_pairs(Heap *h, const AtomTable *atoms, size_t n, Term *pairs)
{
    if (n <= MAP_FLAT_MAX) return flat_from_pairs(h, atoms, n, pairs);
    return trie_from_pairs(h, atoms, n, pairs);
}

// ---- the interface for both forms ----

Term map_get(Term map, Term key)
{
    if (!map_is_flat(map)) return trie_get(map, key);
    size_t i = flat_find(map, key);
    // TERM_NONE stands for a missing key: no value has these bits.
    return i < map_size(map) ? flat_values(map)[i] : TERM_NONE;
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
        Change c = {.heap = h, .key = key, .value = value};
        return trie_insert(&c, map);
    }
    size_t i = flat_find(map, key), n = map_size(map);
    if (i < n) return flat_set(h, map, i, value);
    if (n < MAP_FLAT_MAX) return flat_insert(h, atoms, map, key, value);
    return overflow(h, atoms, map, key, value);
}

Term map_update(Heap *h, Term map, Term key, Term value)
{
    if (!map_is_flat(map)) {
        Change c = {.heap = h, .key = key, .value = value, .only = true};
        Term updated = insert(&c, map, hash_internal(key), 0);
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
    memcpy(values, flat_values(map), size * sizeof *values);
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
    Term missing;
    size_t size = map_size(map);
    if (size == 0) return map_from_pairs(h, atoms, n, pairs);
    if (!map_is_flat(map) || n == 1) {
        for (size_t i = 0; i < n; i++)
            map = map_put(h, atoms, map, pairs[2 * i], pairs[2 * i + 1]);
        return map;
    }
    // First as if all keys were there: then the keys tuple is shared.
    Term set = flat_set_all(h, map, n, pairs, &missing);
    if (!term_is_none(set)) return set;
    Term *all = take_pairs(map, n);
    memcpy(all + 2 * size, pairs, 2 * n * sizeof *all);
    set = map_from_pairs(h, atoms, size + n, all);
    free(all);
    return set;
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
    Change c = {.heap = h, .key = key, .value = TERM_NONE};
    Term less = map;
    if (!map_is_flat(map)) {
        less = trie_remove(&c, atoms, map);
    } else {
        size_t i = flat_find(map, key);
        if (i < map_size(map)) {
            c.value = flat_values(map)[i];
            less = flat_remove(h, map, i);
        }
    }
    if (value != NULL) *value = c.value;
    return less;
}

// ---- merging ----

static Term merge_flat(Heap *h, const AtomTable *atoms, Term a, Term b)
{
    size_t n = map_size(a), m = map_size(b);
    Term missing;
    // The right one wins, and it has all keys.
    if (n == 0 || term_same(a, b)) return b;
    if (m == 0) return a;
    // The same tuple: made by the same code or from each other.
    if (term_same(flatmap_keys(a), flatmap_keys(b))) return b;
    // Perhaps [a] has all keys of [b]: its keys are shared then.
    Term *pairs = take_pairs(b, 0);
    Term merged = flat_set_all(h, a, m, pairs, &missing);
    free(pairs);
    if (!term_is_none(merged)) return merged; // all keys of b are in a
    pairs = take_pairs(a, m);
    for (size_t i = 0; i < m; i++) {
        pairs[2 * (n + i)] = flat_keys(b)[i];
        pairs[2 * (n + i) + 1] = flat_values(b)[i];
    }
    merged = map_from_pairs(h, atoms, n + m, pairs);
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
        Change c = {.heap = h, .key = flat_keys(flat)[i],
                    .value = flat_values(flat)[i], .keep = keep};
        trie = trie_insert(&c, trie);
    }
    return trie;
}

typedef struct {
    Heap *heap;
    size_t common; // keys that both have
} Merge;

// Both tries at once, slot by slot: subtrees that only one has are shared, not
// visited.
static Term merge_nodes(Merge *m, Term a, Term b, unsigned level);

// One of the children is a leaf: it goes into the other. The leaf's value
// counts when it is the second.
static Term merge_leaf(Merge *m, Term into, Term leaf, unsigned level,
                       bool keep)
{
    Change c = {.heap = m->heap, .key = term_head(leaf),
                .value = term_tail(leaf), .keep = keep};
    Term merged;
    if (term_is_cons(into))
        merged = insert_at_leaf(&c, into, level);
    else
        // The leaf's hash from here on.
        merged = insert(&c, into, hash_at(c.key, level), level);
    m->common += c.found;
    return merged;
}

static Term merge_children(Merge *m, Term a, Term b, unsigned level)
{
    if (term_is_cons(b)) return merge_leaf(m, a, b, level, false);
    if (term_is_cons(a)) return merge_leaf(m, b, a, level, true);
    return merge_nodes(m, a, b, level);
}

static Term merge_nodes(Merge *m, Term a, Term b, unsigned level)
{
    const Term *x = term_box_ptr(a), *y = term_box_ptr(b);
    unsigned bits_x = node_bitmap(x), bits_y = node_bitmap(y);
    Term children[SLOTS]; // one for each slot; no allocation before the node
    size_t count = 0;
    x += CHILDREN;
    y += CHILDREN;
    for (unsigned s = 0; s < SLOTS; s++) {
        bool in_x = bits_x >> s & 1, in_y = bits_y >> s & 1;
        if (in_x && in_y)
            // Subtrees of the same place hold hashes with the same beginning.
            children[count++] = merge_children(m, *x++, *y++, level + 1);
        else if (in_x || in_y)
            children[count++] = in_x ? *x++ : *y++;
    }
    Term *node = node_new(m->heap, bits_x | bits_y);
    memcpy(node + CHILDREN, children, count * sizeof *children);
    return term_from_box(node);
}

Term map_merge(Heap *h, const AtomTable *atoms, Term a, Term b)
{
    bool flat_a = map_is_flat(a), flat_b = map_is_flat(b);
    if (flat_a && flat_b) return merge_flat(h, atoms, a, b);
    if (flat_a) return merge_into_trie(h, b, a, true);
    if (flat_b) return merge_into_trie(h, a, b, false);
    if (term_same(a, b)) return b;
    // What both have is counted once: the sizes of inner nodes are not known.
    Merge m = {h, 0};
    Term merged = merge_nodes(&m, a, b, 0);
    set_size(term_box_ptr(merged), map_size(a) + map_size(b) - m.common);
    return merged;
}

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
        Term child = node[CHILDREN + (it->ascending ? n - left : left - 1)];
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
    *key = flat_keys(it->map)[i];
    *value = flat_values(it->map)[i];
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
    Term child = node[CHILDREN + n - left - 1];
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

// What a list of a map is made of.
typedef enum { TAKE_KEY, TAKE_VALUE, TAKE_PAIR } Take;

static Term list_of(Heap *h, Term map, Take take)
{
    Term list = TERM_NIL, *link = &list, key, value;
    MapIterator it;
    map_iterate(&it, map);
    while (map_next(&it, &key, &value)) {
        Term head = take == TAKE_KEY ? key : value;
        if (take == TAKE_PAIR) head = heap_tuple2(h, key, value);
        // Front to back by a link to the last tail: no second walk.
        *link = heap_cons(h, head, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    return list;
}

Term map_keys(Heap *h, Term map)
{
    return list_of(h, map, TAKE_KEY);
}

Term map_values(Heap *h, Term map)
{
    return list_of(h, map, TAKE_VALUE);
}

Term map_to_list(Heap *h, Term map)
{
    return list_of(h, map, TAKE_PAIR);
}
