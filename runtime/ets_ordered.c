// SPDX-License-Identifier: Apache-2.0
// Ets: ordered sets.
//
// A B+ tree: all objects hang in leaves at the same depth, and each level is
// linked, so that traversals need no tree. A node is read in few accesses to
// memory, where a binary tree takes one for each key that is compared.
//
//     [ -  k3  k7 ]             keys: the first one below an item; none for the
//       |   |   |               first item
//     [k1] [k3  k4  k6] [k7 k9]
//
// A key that stands above is that of an object below, the same word: it changes
// with that object, for it may lead into it. So nothing ever is put in before
// the first object of a leaf, but in the first leaf.
//
// Nodes are split when they are full. They are merged when they hold little,
// not as soon as they could: on the average they stay more than an eighth full,
// and the tree is never deeper than ETS_PATH_MOST.
//
// One writer at a time, under the table's lock. [cursor] and [answered] are
// what readers write, several at once: only a hint where the last answer was.
// Whoever frees a node clears [cursor], with the lock held to write.
#include "ets_ordered.h"

#include <stdlib.h>

#include "compare.h"
#include "memory.h"

enum { ROOM = ETS_NODE_ROOM };

// An object's place in its leaf; no leaf: none.
typedef struct {
    EtsNode *leaf;
    size_t at;
} Place;

static EtsNode *make_node(bool is_leaf)
{
    EtsNode *n = memory_alloc(sizeof *n);
    n->next = n->previous = NULL;
    n->count = 0;
    n->is_leaf = is_leaf;
    atomic_init(&n->answered, 0);
    return n;
}

void ets_ordered_init(EtsTable *t)
{
    t->root = make_node(true);
    atomic_init(&t->cursor, NULL);
}

// Smalls compare as their words do; most keys are small.
static int compare_keys(const EtsTable *t, Term one, Term other)
{
    if (term_is_small(one) && term_is_small(other))
        return ((intptr_t)one.bits > (intptr_t)other.bits)
               - ((intptr_t)one.bits < (intptr_t)other.bits);
    return term_compare(t->node->atoms, one, other);
}

// ---- finding ----

// How many of the [count] words at [keys], which are in order, are not greater
// than the small [key]. False when one that was looked at is no small.
// Without a branch that the processor would have to guess.
static bool count_smalls(const Term *keys, size_t count, Term key, size_t *n)
{
    const Term *from = keys;
    uintptr_t all = TAG_SMALL;
    for (; count > 0;) {
        size_t half = (count + 1) / 2;
        uintptr_t bits = from[half - 1].bits;
        all &= bits;
        from = (intptr_t)bits <= (intptr_t)key.bits ? from + half : from;
        count -= half;
    }
    *n = (size_t)(from - keys);
    return all == TAG_SMALL;
}

// How many keys of [n] are not greater than [key]; the first [from] of them
// are known not to be.
static size_t count_up_to(const EtsTable *t, const EtsNode *n, size_t from,
                          Term key)
{
    size_t count;
    if (term_is_small(key)
        && count_smalls(n->keys + from, n->count - from, key, &count))
        return from + count;
    size_t end = n->count;
    while (from < end) {
        size_t middle = (from + end) / 2;
        if (compare_keys(t, n->keys[middle], key) <= 0) {
            from = middle + 1;
        } else {
            end = middle;
        }
    }
    return from;
}

// All of a node's keys are asked for at once: they come together then, and not
// each when the one before has been compared.
static void prefetch(const EtsNode *n)
{
    enum { LINE = 64 };
    for (const char *at = (const char *)n; at < (const char *)n->items;
         at += LINE)
        __builtin_prefetch(at);
}

// The leaf that [key] belongs to.
static EtsNode *find_leaf(const EtsTable *t, Term key)
{
    EtsNode *n = t->root;
    while (!n->is_leaf) {
        n = n->items[count_up_to(t, n, 1, key) - 1];
        prefetch(n);
    }
    return n;
}

// Whether [key] is the last of the first [count] keys.
static bool is_last_of(const EtsTable *t, const EtsNode *leaf, size_t count,
                       Term key)
{
    return count > 0 && compare_keys(t, leaf->keys[count - 1], key) == 0;
}

// Equal by ==, so 1.0 finds 1. The object itself is not read if it need not be.
EtsObject *ets_ordered_find(const EtsTable *t, Term key, bool marked)
{
    const EtsNode *leaf = find_leaf(t, key);
    size_t count = count_up_to(t, leaf, 0, key);
    if (!is_last_of(t, leaf, count, key)) return NULL;
    EtsObject *o = leaf->items[count - 1];
    return t->marked > 0 && o->deleted && !marked ? NULL : o;
}

EtsObject *ets_ordered_descend(const EtsTable *t, Term key, EtsPath *path)
{
    EtsNode *n = t->root;
    path->depth = 0;
    for (; !n->is_leaf; n = n->items[path->items[path->depth++]]) {
        assert(path->depth < ETS_PATH_MOST - 1);
        path->nodes[path->depth] = n;
        path->items[path->depth] = count_up_to(t, n, 1, key) - 1;
        prefetch(n->items[path->items[path->depth]]);
    }
    size_t count = count_up_to(t, n, 0, key);
    bool is_there = is_last_of(t, n, count, key);
    path->nodes[path->depth] = n;
    path->items[path->depth++] = is_there ? count - 1 : count;
    return is_there ? n->items[count - 1] : NULL;
}

// ---- traversals ----

static Place place_ahead(Place p)
{
    if (p.at + 1 < p.leaf->count) return (Place){p.leaf, p.at + 1};
    return (Place){p.leaf->next, 0};
}

static Place place_back(Place p)
{
    if (p.at > 0) return (Place){p.leaf, p.at - 1};
    EtsNode *leaf = p.leaf->previous;
    return (Place){leaf, leaf == NULL ? 0 : leaf->count - 1U};
}

// The object at [p] or, when that is marked, the next one that is not. The
// caller is expected to ask for the one behind it.
static EtsObject *answer(EtsTable *t, Place p, bool back)
{
    EtsObject *o = NULL;
    while (p.leaf != NULL && p.at < p.leaf->count) {
        o = p.leaf->items[p.at];
        if (t->marked == 0 || !o->deleted) break;
        o = NULL;
        p = back ? place_back(p) : place_ahead(p);
    }
    atomic_store_explicit(&t->cursor, o == NULL ? NULL : p.leaf,
                          memory_order_relaxed);
    if (o == NULL) return NULL;
    atomic_store_explicit(&p.leaf->answered, (uint16_t)p.at,
                          memory_order_relaxed);
    Place soon = back ? place_back(p) : place_ahead(p);
    if (soon.leaf != NULL) __builtin_prefetch(soon.leaf->items[soon.at]);
    return o;
}

// Where the last answer was; no leaf if that is not known.
static Place last_answer(EtsTable *t)
{
    EtsNode *leaf = atomic_load_explicit(&t->cursor, memory_order_relaxed);
    if (leaf == NULL) return (Place){NULL, 0};
    size_t at = atomic_load_explicit(&leaf->answered, memory_order_relaxed);
    // Of another reader's leaf, or from before something was taken out.
    return (Place){at < leaf->count ? leaf : NULL, at};
}

static EtsNode *end_leaf(const EtsTable *t, bool last)
{
    EtsNode *n = t->root;
    while (!n->is_leaf) n = n->items[last ? n->count - 1 : 0];
    return n;
}

EtsNode *ets_ordered_leaves(const EtsTable *t)
{
    return end_leaf(t, false);
}

EtsObject *ets_ordered_end(EtsTable *t, bool last)
{
    EtsNode *leaf = end_leaf(t, last);
    return answer(t, (Place){leaf, last && leaf->count > 0 ? leaf->count - 1U
                                                           : 0}, last);
}

// The place behind the first [count] keys of a leaf, or the one before.
static Place place_behind(EtsNode *leaf, size_t count, bool back)
{
    Place p = {leaf, count};
    if (back) return place_back(p);
    return count < leaf->count ? p : (Place){leaf->next, 0};
}

EtsObject *ets_ordered_next_key(EtsTable *t, Term key, bool back)
{
    // The caller asks key after key: where the last answer was first of all.
    Place p = last_answer(t);
    if (p.leaf != NULL && compare_keys(t, p.leaf->keys[p.at], key) == 0)
        return answer(t, back ? place_back(p) : place_ahead(p), back);
    EtsNode *leaf = find_leaf(t, key);
    size_t count = count_up_to(t, leaf, 0, key);
    if (back && is_last_of(t, leaf, count, key)) count--;
    return answer(t, place_behind(leaf, count, back), back);
}

EtsObject *ets_ordered_next(EtsTable *t, const EtsObject *o, bool back)
{
    Place p = last_answer(t);
    if (p.leaf != NULL && p.leaf->items[p.at] == o)
        return answer(t, back ? place_back(p) : place_ahead(p), back);
    return ets_ordered_next_key(t, ets_key(t, o), back);
}

EtsObject *ets_ordered_edge(EtsTable *t, bool last,
                            int (*order)(const void *with, Term key),
                            const void *with)
{
    // How many keys are before the edge; the last one itself is.
    int most = last ? 0 : -1;
    for (EtsNode *n = t->root;;) {
        size_t from = n->is_leaf ? 0 : 1, end = n->count;
        while (from < end) {
            size_t middle = (from + end) / 2;
            int at = order(with, n->keys[middle]);
            if ((at > 0) - (at < 0) <= most) {
                from = middle + 1;
            } else {
                end = middle;
            }
        }
        if (n->is_leaf) return answer(t, place_behind(n, from, last), last);
        n = n->items[from - 1];
    }
}

// ---- putting in ----

static void put_item(EtsNode *n, size_t at, Term key, void *item)
{
    size_t behind = n->count - at;
    memmove(n->keys + at + 1, n->keys + at, behind * sizeof *n->keys);
    memmove(n->items + at + 1, n->items + at, behind * sizeof *n->items);
    n->keys[at] = key;
    n->items[at] = item;
    n->count++;
}

// Moves what [from] has from [at] on to the end of [to].
static void move_items(EtsNode *to, EtsNode *from, size_t at)
{
    size_t n = from->count - at;
    memcpy(to->keys + to->count, from->keys + at, n * sizeof *to->keys);
    memcpy(to->items + to->count, from->items + at, n * sizeof *to->items);
    to->count = (uint16_t)(to->count + n);
    from->count = (uint16_t)at;
}

// Splits [n], which is full, and puts an item in at [at]; the new right part.
static EtsNode *split(EtsNode *n, size_t at, Term key, void *item)
{
    EtsNode *right = make_node(n->is_leaf);
    size_t least = n->is_leaf ? 0 : 1; // behind an inner node's own first
    right->previous = n;
    right->next = n->next;
    if (n->next != NULL) n->next->previous = right;
    n->next = right;
    // At the ends keys come in order, mostly: what is there stays full.
    size_t middle = ROOM / 2;
    if (at == ROOM && right->next == NULL) middle = ROOM;
    if (at == least && n->previous == NULL) middle = least;
    move_items(right, n, middle);
    if (at > middle || middle == ROOM) {
        put_item(right, at - middle, key, item);
    } else {
        put_item(n, at, key, item);
    }
    return right;
}

// The root was split: both parts get one above them.
static void grow(EtsTable *t, Term key, EtsNode *right)
{
    EtsNode *root = make_node(false);
    put_item(root, 0, TERM_NONE, t->root);
    put_item(root, 1, key, right);
    t->root = root;
}

void ets_ordered_insert(EtsTable *t, EtsPath *path, EtsObject *o)
{
    Term key = ets_key(t, o);
    void *item = o;
    for (size_t depth = path->depth; depth-- > 0;) {
        EtsNode *n = path->nodes[depth];
        // A new node belongs behind the one that it was split from.
        size_t at = path->items[depth] + (n->is_leaf ? 0 : 1);
        if (n->count < ROOM) {
            put_item(n, at, key, item);
            return;
        }
        EtsNode *right = split(n, at, key, item);
        key = right->keys[0];
        item = right;
    }
    grow(t, key, item);
}

// The first object below the node at [depth] of the path has another key now:
// so has the one place above where it stands.
static void set_least(EtsPath *path, size_t depth, Term key)
{
    while (depth > 0 && path->items[depth - 1] == 0) depth--;
    if (depth == 0) return; // the first of all
    path->nodes[depth - 1]->keys[path->items[depth - 1]] = key;
}

void ets_ordered_exchange(EtsTable *t, EtsObject *o, EtsObject *by)
{
    EtsPath path;
    Term key = ets_key(t, by);
    EtsObject *found = ets_ordered_descend(t, key, &path);
    assert(found == o);
    (void)found;
    size_t depth = path.depth - 1, at = path.items[depth];
    path.nodes[depth]->keys[at] = key;
    path.nodes[depth]->items[at] = by;
    if (at == 0) set_least(&path, depth, key);
}

// ---- taking out ----

static void remove_item(EtsNode *n, size_t at)
{
    n->count--;
    size_t behind = n->count - at;
    memmove(n->keys + at, n->keys + at + 1, behind * sizeof *n->keys);
    memmove(n->items + at, n->items + at + 1, behind * sizeof *n->items);
}

static void free_node(EtsTable *t, EtsNode *n)
{
    if (n->previous != NULL) n->previous->next = n->next;
    if (n->next != NULL) n->next->previous = n->previous;
    atomic_store_explicit(&t->cursor, NULL, memory_order_relaxed);
    free(n);
}

// The node at [depth], not the root, has lost an item: merges it with a
// neighbour if it is nearly empty. False when nothing above has changed.
static bool merge(EtsTable *t, EtsPath *path, size_t depth)
{
    EtsNode *n = path->nodes[depth], *above = path->nodes[depth - 1];
    if (n->count >= ROOM / 4) return false;
    size_t at = path->items[depth - 1];
    if (above->count == 1) { // no neighbour: it goes alone
        if (n->count > 0) return false;
        above->count = 0;
        free_node(t, n);
        return true;
    }
    size_t right_at = at + 1 < above->count ? at + 1 : at;
    EtsNode *left = above->items[right_at - 1];
    EtsNode *right = above->items[right_at];
    Term key = above->keys[right_at];
    // Not to be split again at once; an empty one goes always.
    if (left->count + right->count > ROOM - ROOM / 4 && n->count > 0)
        return false;
    // The first key of an inner node stands above it only.
    if (!right->is_leaf) right->keys[0] = key;
    bool was_empty = left->count == 0;
    move_items(left, right, 0);
    if (was_empty) set_least(path, depth, key); // it is [n], and has others now
    free_node(t, right);
    remove_item(above, right_at);
    return true;
}

void ets_ordered_unlink(EtsTable *t, EtsObject *o)
{
    EtsPath path;
    EtsObject *found = ets_ordered_descend(t, ets_key(t, o), &path);
    assert(found == o);
    (void)found;
    size_t depth = path.depth - 1, at = path.items[depth];
    EtsNode *leaf = path.nodes[depth];
    remove_item(leaf, at);
    if (at == 0 && leaf->count > 0) set_least(&path, depth, leaf->keys[0]);
    while (depth > 0 && merge(t, &path, depth)) depth--;
    while (!t->root->is_leaf && t->root->count == 1) {
        EtsNode *root = t->root;
        t->root = root->items[0];
        free_node(t, root);
    }
    // The last object of all is gone, and took each node below with it.
    if (t->root->count == 0) t->root->is_leaf = true;
}

bool ets_ordered_clear(EtsNode **tree, EtsNode **below, size_t most,
                       size_t *steps)
{
    while (*tree != NULL) {
        EtsNode *n = *tree;
        if (!n->is_leaf && *below == NULL) *below = n->items[0];
        for (; n->is_leaf && n->count > 0; ++*steps) {
            if (*steps >= most) return false;
            ets_object_release(n->items[--n->count]);
        }
        *tree = n->next;
        free(n);
        ++*steps;
        if (*tree != NULL) continue;
        *tree = *below; // the level is done
        *below = NULL;
    }
    return true;
}
