// SPDX-License-Identifier: Apache-2.0
// Persistent terms: an open hash table that is copied at each change.
//
// The order of a change: the new table is complete, then it is published, then
// the old pair is retired. Readers see one of the two tables, whole.
#include "persistent.h"

#include <pthread.h>
#include <stdlib.h>

#include "compare.h"
#include "hash.h"
#include "heap.h"
#include "literal.h"
#include "memory.h"

typedef struct Table Table;
struct Table {
    Table *older; // the one before; kept for readers
    size_t count; // keys
    size_t mask;  // slots - 1; at most half full
    struct {
        Term key, value; // key TERM_NONE: vacant
        LiteralBlock *block; // where they lie
    } slots[];
};

struct PersistentTerms {
    pthread_mutex_t mutex; // for changes
    _Atomic(Table *) table;
};

static Table *table_new(size_t count, Table *older)
{
    size_t size = 16;
    while (size < count * 2) size *= 2;
    Table *t = memory_zeroed(1, sizeof *t + size * sizeof t->slots[0]);
    t->older = older;
    t->mask = size - 1;
    return t;
}

PersistentTerms *persistent_new(void)
{
    PersistentTerms *terms = memory_zeroed(1, sizeof *terms);
    pthread_mutex_init(&terms->mutex, NULL);
    atomic_init(&terms->table, table_new(0, NULL));
    return terms;
}

// Blocks are of the last table; the older ones share them.
void persistent_free(PersistentTerms *terms)
{
    const Table *last = atomic_load(&terms->table);
    for (size_t i = 0; i <= last->mask; i++)
        literal_block_release(last->slots[i].block);
    for (Table *t = atomic_load(&terms->table); t != NULL;) {
        Table *older = t->older;
        free(t);
        t = older;
    }
    pthread_mutex_destroy(&terms->mutex);
    free(terms);
}

// The slot that holds [key], or the vacant one where it would go.
static size_t find(const Table *t, Term key)
{
    size_t i = hash_internal(key) & t->mask;
    while (!term_is_none(t->slots[i].key)
           && !term_exact_equal(t->slots[i].key, key))
        i = (i + 1) & t->mask;
    return i;
}

// Acquire: the slots are seen with the table.
static const Table *current(const PersistentTerms *terms)
{
    return atomic_load_explicit(&terms->table, memory_order_acquire);
}

// A vacant slot's value is TERM_NONE: zeroed.
Term persistent_get(const PersistentTerms *terms, Term key)
{
    const Table *t = current(terms);
    return t->slots[find(t, key)].value;
}

// A copy of [old] without [key], whose terms lie in [*block].
// The whole table is copied: linear, and meant for what changes rarely.
static Table *copy_without(Table *old, Term key, LiteralBlock **block)
{
    Table *t = table_new(old->count + 1, old);
    for (size_t i = 0; i <= old->mask; i++) {
        Term k = old->slots[i].key;
        if (term_is_none(k)) continue;
        if (term_exact_equal(k, key)) {
            *block = old->slots[i].block;
            continue;
        }
        // Pairs are shared, only slots are copied.
        t->slots[find(t, k)] = old->slots[i];
        t->count++;
    }
    return t;
}

static void publish(PersistentTerms *terms, Table *t)
{
    atomic_store_explicit(&terms->table, t, memory_order_release);
}

static void put(Node *node, PersistentTerms *terms, Term key, Term value)
{
    LiteralBlock *before = NULL;
    Table *t = copy_without(atomic_load(&terms->table), key, &before);
    // Key and value in one block: they go together.
    Term pair[2] = {key, value};
    LiteralBlock *block = literal_block_new(node, 2, pair);
    size_t i = find(t, key);
    t->slots[i].block = block;
    t->slots[i].key = pair[0];
    t->slots[i].value = pair[1];
    t->count++;
    publish(terms, t);
    literal_block_retire(node, before);
}

// The same value again costs nothing, and retires nothing.
bool persistent_put(Node *node, Term key, Term value, bool only_new)
{
    PersistentTerms *terms = node->persistent;
    pthread_mutex_lock(&terms->mutex);
    Term old = persistent_get(terms, key);
    bool same = !term_is_none(old) && term_exact_equal(old, value);
    bool allowed = same || term_is_none(old) || !only_new;
    if (allowed && !same) put(node, terms, key, value);
    pthread_mutex_unlock(&terms->mutex);
    return allowed;
}

bool persistent_erase(Node *node, Term key)
{
    PersistentTerms *terms = node->persistent;
    pthread_mutex_lock(&terms->mutex);
    bool found = !term_is_none(persistent_get(terms, key));
    LiteralBlock *before = NULL;
    if (found)
        publish(terms, copy_without(atomic_load(&terms->table), key, &before));
    pthread_mutex_unlock(&terms->mutex);
    // Outside the lock: it may start a process.
    literal_block_retire(node, before);
    return found;
}

void *persistent_mark(PersistentTerms *terms)
{
    return atomic_load(&terms->table);
}

void persistent_trim(PersistentTerms *terms, void *mark)
{
    Table *kept = mark;
    pthread_mutex_lock(&terms->mutex);
    for (Table *t = kept->older; t != NULL;) {
        Table *older = t->older;
        free(t);
        t = older;
    }
    kept->older = NULL;
    pthread_mutex_unlock(&terms->mutex);
}

Term persistent_list(const PersistentTerms *terms, Heap *h)
{
    const Table *t = current(terms);
    Term list = TERM_NIL;
    for (size_t i = 0; i <= t->mask; i++)
        if (!term_is_none(t->slots[i].key))
            list = heap_cons(
                h, heap_tuple2(h, t->slots[i].key, t->slots[i].value), list);
    return list;
}

size_t persistent_count(const PersistentTerms *terms)
{
    return current(terms)->count;
}

size_t persistent_slots(const PersistentTerms *terms)
{
    return atomic_load(&terms->table)->mask + 1;
}
