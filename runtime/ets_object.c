// SPDX-License-Identifier: Apache-2.0
// Ets: objects, and what tables do with them, whatever their storage.
//
// One malloc each: head, links, then the tuple with all that it refers to; so
// freeing an object is freeing one block, and reading it touches neighbours.
#include <stdlib.h>

#include "compare.h"
#include "copy.h"
#include "ets_lock.h"
#include "ets_ordered.h"
#include "memory.h"

static bool is_ordered(const EtsTable *t)
{
    return t->type == ETS_ORDERED_SET;
}

static void add(atomic_size_t *sum, size_t more)
{
    // Changed under the lock; atomic only for those who ask without it.
    size_t old = atomic_load_explicit(sum, memory_order_relaxed);
    atomic_store_explicit(sum, old + more, memory_order_relaxed);
}

static void add_count(EtsTable *t, const EtsObject *o, size_t more)
{
    add(&ets_tally(t, o->hash)->count, more);
}

// Of an object that is in the table, so that its hash is known.
static void add_words(EtsTable *t, const EtsObject *o)
{
    add(&ets_tally(t, o->hash)->words, o->words);
}

// ---- single objects ----

// Words of a copy. Literals are copied too: the code that they belong to may be
// purged before the table ends.
static size_t object_words(Term tuple)
{
    size_t n = term_arity(tuple), words = n + 1;
    for (size_t i = 0; i < n; i++) {
        // Shared parts count each time, as copy makes them.
        Term element = term_tuple_get(tuple, i);
        if (!term_is_immediate(element)) words += copy_whole_size(element);
    }
    return words;
}

// Copies [tuple] to [box]; what its elements take comes behind it.
static Term copy_object(Heap *h, Term tuple, Term *box)
{
    size_t n = term_arity(tuple);
    Term *at = box + n + 1; // behind the tuple's own words
    box[0] = term_header(SUBTAG_TUPLE, n);
    for (size_t i = 0; i < n; i++) {
        Term element = term_tuple_get(tuple, i);
        box[1 + i] = term_is_immediate(element)
                         ? element
                         : copy_whole_into(h, element, &at);
    }
    return term_from_box(box);
}

EtsObject *ets_object_new(EtsTable *t, Term tuple)
{
    size_t words = object_words(tuple);
    EtsObject *o = memory_alloc(sizeof *o + t->links * sizeof(EtsObject *)
                                + words * sizeof(Term));
    // A heap only to gather what the copy counts: memory is here already.
    Heap h;
    heap_init(&h);
    copy_object(&h, tuple, (Term *)(o->next + t->links));
    o->counted = h.counted;
    o->hash = 0;
    assert(words <= INT32_MAX);
    o->words = (uint32_t)words & INT32_MAX;
    o->deleted = false;
    return o;
}

void ets_object_release(EtsObject *o)
{
    if (o->counted != NULL) { // binaries go with a heap that has nothing else
        Heap h;
        heap_init(&h);
        h.counted = o->counted;
        heap_free(&h);
    }
    free(o);
}

void ets_object_free(EtsTable *t, EtsObject *o)
{
    add(&ets_tally(t, o->hash)->words, 0 - (size_t)o->words);
    ets_object_release(o);
}

// Measured once when it was put in: no second walk to read it.
Term ets_object_copy(const EtsTable *t, const EtsObject *o, Heap *h)
{
    return copy_object(h, ets_tuple(t, o), heap_alloc(h, o->words));
}

// ---- finding ----

EtsObject *ets_find(const EtsTable *t, Term key)
{
    return is_ordered(t) ? ets_ordered_find(t, key, false)
                         : ets_hash_find(t, key, false);
}

EtsObject *ets_find_more(const EtsTable *t, const EtsObject *o)
{
    EtsObject *next = o->next[0];
    if (t->type != ETS_BAG && t->type != ETS_DUPLICATE_BAG) return NULL;
    // Marked ones are passed over, but not the end of the key's group.
    while (next != NULL && next->deleted && next->hash == o->hash)
        next = next->next[0];
    if (next == NULL || next->deleted || next->hash != o->hash) return NULL;
    return term_exact_equal(ets_key(t, next), ets_key(t, o)) ? next : NULL;
}

// ---- changing ----

// Writes [tuple], which has the same key, over [o] if that is as large: no block
// is taken or freed, and no link is written, so that the line of the chain
// stays with all who read it.
static bool overwrite(EtsTable *t, EtsObject *o, Term tuple)
{
    if (o->deleted || o->counted != NULL || object_words(tuple) != o->words)
        return false;
    // Nodes have keys that are immediates, and lead to where others lie.
    Term key = term_tuple_get(tuple, t->key_position);
    if (is_ordered(t)
        && !(term_is_immediate(key) && term_same(key, ets_key(t, o))))
        return false;
    Heap h;
    heap_init(&h);
    copy_object(&h, tuple, term_box_ptr(ets_tuple(t, o)));
    o->counted = h.counted;
    return true;
}

// Puts [by] in the place of [o], which is freed.
static void exchange(EtsTable *t, EtsObject *o, EtsObject *by)
{
    if (is_ordered(t)) {
        ets_ordered_exchange(t, o, by);
    } else {
        // Its place in the chain stays: traversals go on behind it.
        EtsObject **link = ets_hash_link(t, o);
        by->hash = o->hash;
        by->next[0] = o->next[0];
        *link = by;
    }
    add_words(t, by);
    if (o->deleted) { // an object came back under the mark's key
        t->marked--;
        add_count(t, by, 1);
    }
    ets_object_free(t, o);
}

void ets_replace(EtsTable *t, EtsObject *o, Term tuple)
{
    exchange(t, o, ets_object_new(t, tuple));
}

static void unlink_object(EtsTable *t, EtsObject *o)
{
    if (is_ordered(t)) {
        ets_ordered_unlink(t, o);
    } else {
        *ets_hash_link(t, o) = o->next[0];
    }
}

void ets_remove(EtsTable *t, EtsObject *o)
{
    add_count(t, o, (size_t)-1);
    // Its key must still be found by a traversal that stands on it.
    if (ets_is_fixed(t)) {
        o->deleted = true;
        t->marked++;
        return;
    }
    unlink_object(t, o);
    ets_object_free(t, o);
}

// The object of a bag that is equal to [tuple], marked or not.
static EtsObject *find_equal(const EtsTable *t, Term tuple)
{
    Term key = term_tuple_get(tuple, t->key_position);
    EtsObject *o = ets_hash_find(t, key, true);
    // To the end of the chain: others with the same key are in it, and few
    // besides.
    for (; o != NULL; o = o->next[0])
        if (term_exact_equal(ets_tuple(t, o), tuple)) return o;
    return NULL;
}

// Puts an object of a bag in unless there is its equal.
static void put_in_bag(EtsTable *t, Term tuple)
{
    EtsObject *o = find_equal(t, tuple);
    if (o != NULL && !o->deleted) return;
    if (o != NULL) { // comes back, as the newest
        unlink_object(t, o);
        ets_object_free(t, o);
        t->marked--;
    }
    o = ets_object_new(t, tuple);
    ets_hash_insert(t, o);
    add_words(t, o);
    add_count(t, o, 1);
}

void ets_put(EtsTable *t, Term tuple)
{
    Term key = term_tuple_get(tuple, t->key_position);
    EtsObject *o = NULL;
    EtsPath path;
    if (t->type == ETS_BAG) {
        put_in_bag(t, tuple);
        return;
    }
    // Marked ones too: their place is used again.
    if (t->type == ETS_SET) o = ets_hash_find(t, key, true);
    if (is_ordered(t)) o = ets_ordered_descend(t, key, &path);
    if (o != NULL) { // a set has one object for a key
        // Nothing of [tuple] lies in the table, as it may in ets_replace.
        if (!overwrite(t, o, tuple)) ets_replace(t, o, tuple);
        return;
    }
    o = ets_object_new(t, tuple);
    if (is_ordered(t)) {
        ets_ordered_insert(t, &path, o);
    } else {
        ets_hash_insert(t, o);
    }
    add_words(t, o);
    add_count(t, o, 1);
}

// ---- traversal ----
// Traversals are by objects while the table is locked, so that nobody changes
// it meanwhile, or by keys when it is not.

EtsObject *ets_first(EtsTable *t)
{
    return is_ordered(t) ? ets_ordered_end(t, false) : ets_hash_from(t, 0);
}

// A hash table has no other order: last is first.
EtsObject *ets_last(EtsTable *t)
{
    return is_ordered(t) ? ets_ordered_end(t, true) : ets_hash_from(t, 0);
}

EtsObject *ets_next(EtsTable *t, const EtsObject *o)
{
    return is_ordered(t) ? ets_ordered_next(t, o, false) : ets_hash_next(t, o);
}

// A hash table's key must be there: else nothing says where to go on.
bool ets_next_key(EtsTable *t, Term key, EtsObject **o)
{
    if (is_ordered(t)) {
        *o = ets_ordered_next_key(t, key, false);
        return true;
    }
    EtsObject *at = ets_hash_find(t, key, true);
    if (at == NULL) return false;
    do { // past all that have this key
        at = ets_hash_next(t, at);
    } while (at != NULL && t->type != ETS_SET
             && term_exact_equal(ets_key(t, at), key));
    *o = at;
    return true;
}

bool ets_previous_key(EtsTable *t, Term key, EtsObject **o)
{
    if (!is_ordered(t)) return ets_next_key(t, key, o);
    *o = ets_ordered_next_key(t, key, true);
    return true;
}

// ---- all objects ----

static Term ordered_binaries(const EtsTable *t, Heap *h)
{
    Term list = TERM_NIL;
    for (EtsNode *n = ets_ordered_leaves(t); n != NULL; n = n->next) {
        for (size_t i = 0; i < n->count; i++) {
            const EtsObject *o = n->items[i];
            list = heap_binaries(h, o->counted, list);
        }
    }
    return list;
}

Term ets_binaries(const EtsTable *t, Heap *h)
{
    if (is_ordered(t)) return ordered_binaries(t, h);
    Term list = TERM_NIL;
    for (size_t i = 0; i < t->active; i++)
        for (const EtsObject *o = t->buckets[i]; o != NULL; o = o->next[0])
            list = heap_binaries(h, o->counted, list);
    return list;
}

// Objects stay where they are, for traversals.
void ets_mark_all(EtsTable *t)
{
    for (EtsObject *o = ets_first(t); o != NULL; o = ets_next(t, o)) {
        o->deleted = true;
        t->marked++;
    }
    ets_count_none(t, false);
}

static void sweep_chain(EtsTable *t, EtsObject **link)
{
    while (*link != NULL) {
        EtsObject *o = *link;
        if (o->deleted) {
            *link = o->next[0];
            ets_object_free(t, o);
            t->marked--;
        } else {
            link = &o->next[0];
        }
    }
}

// Gathered first, for the tree changes with each that is taken out.
static void sweep_ordered(EtsTable *t)
{
    size_t count = 0;
    EtsObject **marked = memory_alloc(t->marked * sizeof *marked);
    for (EtsNode *n = ets_ordered_leaves(t); n != NULL; n = n->next) {
        for (size_t i = 0; i < n->count; i++) {
            EtsObject *o = n->items[i];
            if (o->deleted) marked[count++] = o;
        }
    }
    assert(count == t->marked);
    for (size_t i = 0; i < count; i++) {
        ets_ordered_unlink(t, marked[i]);
        ets_object_free(t, marked[i]);
    }
    t->marked = 0;
    free(marked);
}

void ets_sweep(EtsTable *t)
{
    if (t->marked == 0) return;
    if (is_ordered(t)) {
        sweep_ordered(t);
        return;
    }
    // Stops when all are found.
    for (size_t i = 0; i < t->active && t->marked > 0; i++)
        sweep_chain(t, &t->buckets[i]);
}
