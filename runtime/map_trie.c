// SPDX-License-Identifier: Apache-2.0
// Hash tries: the form is in map.h.
//
// Nothing is changed in place: a change copies the nodes on the way from the
// root to the key, about log16 of the size, and shares the rest.
#include "map_trie.h"

#include <stdlib.h>

#include "bytes.h"
#include "compare.h"
#include "hash.h"
#include "memory.h"

enum {
    STEP_BITS = 4, // of the hash, that a level takes
    STEP_MASK = 15,
    LEVELS_A_HASH = 8,
    SLOTS = MAP_TRIE_SLOTS,
    CHILDREN = MAP_TRIE_CHILDREN
};

// ---- nodes ----

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
// How many lower slots are taken: all, near the root of a large map.
static size_t child_index(unsigned bitmap, unsigned slot)
{
    if (bitmap == 0xFFFF) return slot;
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
    memcpy(copy + CHILDREN, node + CHILDREN, at * sizeof *copy);
    copy[CHILDREN + at] = child;
    memcpy(copy + CHILDREN + at + 1, node + CHILDREN + at,
           (n - at) * sizeof *copy);
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

// ---- one key ----

Term map_trie_get(Term map, Term key)
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
static Term insert_at_leaf(MapChange *c, Term leaf, unsigned level)
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

static Term insert(MapChange *c, Term map, uint32_t hash, unsigned level)
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

Term map_trie_put(MapChange *c, Term map)
{
    c->found = false;
    Term changed = insert(c, map, hash_internal(c->key), 0);
    // Only the root knows the size. [changed] is a fresh copy: a key that is
    // added changes the root in any case.
    if (!c->found && !c->only)
        set_size(term_box_ptr(changed), map_size(map) + 1);
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
static Term delete(MapChange *c, Term map, uint32_t hash, unsigned level)
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
        less = delete(c, child, next_hash(hash, level, c->key), level + 1);
        if (term_same(less, child)) return map;
    }
    return shrink(c->heap, node, slot, less);
}

Term map_trie_remove(MapChange *c, Term map)
{
    c->found = false;
    Term less = delete(c, map, hash_internal(c->key), 0);
    // A trie of 33 keys does not shrink to a leaf: there is a root.
    if (c->found) set_size(term_box_ptr(less), map_size(map) - 1);
    return less;
}

// ---- many keys ----

typedef struct {
    Term key, value;
    uint32_t hash; // for the level in hand
} Entry;

typedef struct {
    Heap *heap;
    size_t size; // leaves made
    size_t due;  // so many: time for a pause
    const MapPause *pause;
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

static void rest(Build *b)
{
    b->due = b->size + MAP_SLICE;
    b->pause->pause(b->pause->context);
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
    if (b->size >= b->due) rest(b);
    // Equal keys whose hash ended inside a group may leave one leaf.
    if (count == 1 && level > 0 && term_is_cons(children[0]))
        return children[0];
    Term *node = node_new(b->heap, bitmap);
    memcpy(node + CHILDREN, children, count * sizeof *children);
    return term_from_box(node);
}

static void read_entries(Entry *entries, size_t n, const Term *pairs,
                         const MapPause *pause)
{
    for (size_t i = 0; i < n; i++) {
        entries[i].key = pairs[2 * i];
        entries[i].value = pairs[2 * i + 1];
        entries[i].hash = hash_internal(pairs[2 * i]);
        if (pause != NULL && (i + 1) % MAP_SLICE == 0)
            pause->pause(pause->context);
    }
}

Term map_trie_from_pairs(Heap *h, size_t n, const Term *pairs,
                         const MapPause *pause)
{
    // Halves: entries, and room to group them.
    Entry *entries = memory_alloc(2 * n * sizeof *entries);
    read_entries(entries, n, pairs, pause);
    Build b = {h, 0, pause == NULL ? SIZE_MAX : MAP_SLICE, pause};
    Term map = build_node(&b, entries, entries + n, n, 0);
    free(entries);
    set_size(term_box_ptr(map), b.size);
    return map;
}

// ---- merging ----

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
    MapChange c = {.heap = m->heap, .key = term_head(leaf),
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

Term map_trie_merge(Heap *h, Term a, Term b)
{
    // What both have is counted once: the sizes of inner nodes are not known.
    Merge m = {h, 0};
    Term merged = merge_nodes(&m, a, b, 0);
    set_size(term_box_ptr(merged), map_size(a) + map_size(b) - m.common);
    return merged;
}
