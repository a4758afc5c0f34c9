// SPDX-License-Identifier: Apache-2.0
// Ets: objects, and what tables do with them, whatever their storage.
//
// One malloc each: head, links, then the tuple with all that it refers to; so
// freeing an object is freeing one block, and reading it touches neighbours.
#include <stdlib.h>

#include "compare.h"
#include "copy.h"
#include "ets.h"
#include "memory.h"

static bool is_ordered(const EtsTable *t)
{
    return t->type == ETS_ORDERED_SET;
}

static void add_count(EtsTable *t, size_t more)
{
    // Changed under the lock; atomic only for those who ask without it.
    size_t count = atomic_load_explicit(&t->count, memory_order_relaxed);
    atomic_store_explicit(&t->count, count + more, memory_order_relaxed);
}

static void add_words(EtsTable *t, size_t more)
{
    size_t words = atomic_load_explicit(&t->words, memory_order_relaxed);
    atomic_store_explicit(&t->words, words + more, memory_order_relaxed);
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

static EtsObject *object_new(EtsTable *t, Term tuple, uint8_t levels)
{
    size_t words = object_words(tuple);
    EtsObject *o = memory_alloc(sizeof *o + levels * sizeof(EtsObject *)
                                + words * sizeof(Term));
    // A heap only to gather what the copy counts: memory is here already.
    Heap h;
    heap_init(&h);
    o->tuple = copy_object(&h, tuple, (Term *)(o->next + levels));
    o->counted = h.counted;
    o->hash = 0;
    o->words = (uint32_t)words;
    o->levels = levels;
    o->deleted = false;
    o->previous = NULL;
    add_words(t, words);
    return o;
}

EtsObject *ets_object_new(EtsTable *t, Term tuple)
{
    return object_new(t, tuple, is_ordered(t) ? ETS_ORDERED_LINKS : 1);
}

// Releases binaries by a heap that has nothing else.
void ets_object_release(EtsObject *o)
{
    Heap h;
    heap_init(&h);
    h.counted = o->counted;
    heap_free(&h);
    free(o);
}

void ets_object_free(EtsTable *t, EtsObject *o)
{
    add_words(t, 0 - (size_t)o->words);
    ets_object_release(o);
}

// Measured once when it was put in: no second walk to read it.
Term ets_object_copy(const EtsTable *t, const EtsObject *o, Heap *h)
{
    return copy_object(h, o->tuple, heap_alloc(h, o->words));
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
    if (o->deleted) { // an object came back under the mark's key
        t->marked--;
        add_count(t, 1);
    }
    ets_object_free(t, o);
}

// The same levels: links are copied as they are.
void ets_replace(EtsTable *t, EtsObject *o, Term tuple)
{
    exchange(t, o, object_new(t, tuple, o->levels));
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
    add_count(t, (size_t)-1);
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
        if (term_exact_equal(o->tuple, tuple)) return o;
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
    add_count(t, 1);
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
        ets_replace(t, o, tuple);
        return;
    }
    o = ets_object_new(t, tuple);
    if (is_ordered(t)) {
        ets_ordered_insert(t, &path, o);
    } else {
        ets_hash_insert(t, o);
    }
    add_count(t, 1);
}

// ---- traversal ----
// Traversals are by the objects' links; nobody changes them meanwhile, for the
// table is locked, or by keys when it is not.

static EtsObject *skip_marked(EtsObject *o)
{
    while (o != NULL && o->deleted) o = o->next[0];
    return o;
}

// [head] ends the chain backwards.
static EtsObject *skip_marked_back(const EtsTable *t, EtsObject *o)
{
    while (o != t->head && o->deleted) o = o->previous;
    return o == t->head ? NULL : o;
}

EtsObject *ets_first(const EtsTable *t)
{
    return is_ordered(t) ? skip_marked(t->head->next[0])
                         : ets_hash_from(t, 0);
}

// A hash table has no other order: last is first.
EtsObject *ets_last(const EtsTable *t)
{
    return is_ordered(t) ? skip_marked_back(t, t->last) : ets_hash_from(t, 0);
}

EtsObject *ets_next(const EtsTable *t, const EtsObject *o)
{
    return is_ordered(t) ? skip_marked(o->next[0]) : ets_hash_next(t, o);
}

// A hash table's key must be there: else nothing says where to go on.
bool ets_next_key(EtsTable *t, Term key, EtsObject **o)
{
    if (is_ordered(t)) {
        *o = skip_marked(ets_ordered_after(t, key));
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
    EtsObject *at = ets_ordered_least(t, key);
    // The one before the first that is not less; the last if all are less.
    *o = skip_marked_back(t, at == NULL ? t->last : at->previous);
    return true;
}

// ---- all objects ----

// Of the objects from [o] on that hang together.
static Term chain_binaries(const EtsObject *o, Heap *h, Term list)
{
    for (; o != NULL; o = o->next[0])
        list = heap_binaries(h, o->counted, list);
    return list;
}

Term ets_binaries(const EtsTable *t, Heap *h)
{
    if (is_ordered(t)) return chain_binaries(t->head->next[0], h, TERM_NIL);
    Term list = TERM_NIL;
    for (size_t i = 0; i < t->active; i++)
        list = chain_binaries(t->buckets[i], h, list);
    return list;
}

// Objects stay where they are, for traversals.
void ets_mark_all(EtsTable *t)
{
    for (EtsObject *o = ets_first(t); o != NULL; o = ets_next(t, o)) {
        o->deleted = true;
        t->marked++;
    }
    atomic_store_explicit(&t->count, 0, memory_order_relaxed);
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

void ets_sweep(EtsTable *t)
{
    if (t->marked == 0) return;
    if (!is_ordered(t)) {
        // Stops when all are found.
        for (size_t i = 0; i < t->active && t->marked > 0; i++)
            sweep_chain(t, &t->buckets[i]);
        return;
    }
    // One by one from the tree: there are few, mostly.
    for (EtsObject *o = t->head->next[0]; o != NULL;) {
        EtsObject *next = o->next[0];
        if (o->deleted) {
            ets_ordered_unlink(t, o);
            ets_object_free(t, o);
            t->marked--;
        }
        o = next;
    }
}
