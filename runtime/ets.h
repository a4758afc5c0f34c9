// SPDX-License-Identifier: Apache-2.0
// Ets: tables of tuples that processes share.
//
// A table is counted: once while it exists, and once by each magic reference
// to it. Objects are copied in and out, each in one block. Sets and bags lie in
// a linear hash table (ets_hash.c) that grows by one bucket at a time, ordered
// sets in a B+ tree (ets_ordered.c).
//
// Locks: one lock a table, for readers or a writer, or one for each part of its
// objects (ets_lock.c); none for a private table, which only its owner uses.
// Names are found under one of several small locks.
//
// A table that is fixed keeps what is deleted, marked, and its buckets stay,
// so that a traversal by keys finds its way; what is marked goes with the last
// fixation.
//
// Who touches what: under its locks, held to read or to write, all of a table
// but what is atomic and what its owner has to itself (owned). A table ends
// (is_deleted) before its memory does: those who still count it find it empty.
#ifndef MERLE_ETS_H
#define MERLE_ETS_H

#include <pthread.h>
#include <stdatomic.h>

#include "counted.h"
#include "heap.h"
#include "node.h"
#include "process.h"
#include "ref.h"

typedef enum {
    ETS_SET,
    ETS_BAG,
    ETS_DUPLICATE_BAG,
    ETS_ORDERED_SET
} EtsType;

typedef enum { ETS_PRIVATE, ETS_PROTECTED, ETS_PUBLIC } EtsProtection;

typedef struct EtsObject EtsObject;
// What a search reads of each object on its way, hash, link and key, lies side
// by side, in one line of the cache mostly.
struct EtsObject {
    Term *counted;         // what it holds of counted things, linked
    uint32_t words : 31;   // of the copy
    uint32_t deleted : 1;  // marked: gone but for traversals
    uint32_t hash;         // of its key; hash tables only
    EtsObject *next[];     // the table's [links], then the words of the tuple
};

typedef struct EtsNode EtsNode; // ets_ordered.h
typedef struct EtsStripe EtsStripe; // ets_lock.h

// Written under the lock; atomic only for those who ask without it.
typedef struct {
    atomic_size_t count; // objects that are not marked
    atomic_size_t words; // memory of all objects
} EtsTally;

typedef struct EtsGrave EtsGrave; // ets_grave.h

typedef struct EtsFix EtsFix; // a process's fixation of a table

typedef struct EtsTable EtsTable;
struct EtsTable {
    Counted counted;            // must be first
    Owned owned;                // in its owner's list,
    bool is_owned;              // if it is in one; for the owner only
    Node *node;                 // whose table of tables and atoms it uses
    Term name;                  // an atom; need not be unique unless is_named
    bool is_named;              // found by its name
    RefId id;                   // of the reference that names it
    // What all accesses look at lies together: with the lock, the lines of it
    // go from core to core.
    pthread_rwlock_t lock;      // not used when there are stripes
    EtsStripe *stripes;         // NULL: the table has one lock
    uint32_t stripe_count;      // a power of 2; 0 without
    bool is_whole;              // all stripes are held by one
    uint8_t type;               // EtsType
    _Atomic uint8_t protection; // EtsProtection
    atomic_bool is_shared;      // not private, or was not at some time
    atomic_bool is_deleted;     // ended: only counts keep its memory
    _Atomic uintptr_t owner;    // bits of its pid
    size_t key_position;        // of the key in a tuple, from 0
    size_t links;               // of each object: 1, in ordered sets 0
    EtsTally tally;             // of a table without stripes
    size_t marked;              // objects that are
    EtsFix *fixes;              // NULL: not fixed
    // Hash table: bucket i of [buckets]; those below [active] are in use.
    EtsObject **buckets;
    size_t active, room, mask; // of buckets; see ets_hash_bucket for mask
    EtsNode *root;             // of an ordered set
    _Atomic(EtsNode *) cursor; // where the last answer was, NULL if unknown
    size_t fix_count;    // by all processes, each as often as it has fixed
    int64_t fixed_since; // monotonic time
    // As ets:info shows them.
    bool read_concurrency, decentralized_counters, compressed;
    Term counters_wish;     // as the options have it; NONE: nothing
    Term write_concurrency; // true, false or auto; NONE: a number of [locks]
    uint32_t locks;         // as OTP would have
    Term heir;                   // pid, TERM_NONE without
    const Process *heir_process; // who that was, ...
    uint32_t heir_life;          // ... for pids come round
    Heap heir_heap;              // where heir_data lies
    Term heir_data;              // message for the heir, with the table
    EtsTable *next_named;        // of the same stripe
    EtsTable *next, **link;      // in the list of all tables
};

typedef struct {
    EtsTable *table;
    bool is_counted; // the access holds a count
    bool is_locked;  // is to be unlocked by ets_leave
    EtsStripe *stripe; // that only this is
} EtsAccess;

EtsTables *ets_tables_new(Node *node);
void ets_tables_free(EtsTables *tables);

// ---- tables ----

// Makes [t], of zeros but for its options, a table of [p]. False when it is
// named and the name is taken; it is then freed.
bool ets_create(Process *p, EtsTable *t);

// Ends the table that [p] has entered to write, and leaves it. Its objects are
// in the grave that it answers. [p] need not be the owner (public tables).
EtsGrave *ets_delete(EtsAccess *a, Process *p);

// Whether [p], who has entered the table, is its owner by right, but the signal
// that puts it into its list is still on the way.
bool ets_is_coming(const EtsTable *t, const Process *p);

// Ends a table's memory; also tells a magic reference of one.
void ets_destroy(Counted *c);

// Gives a named table another name; false when that is taken.
bool ets_rename(EtsTable *t, Term name);

// The reference, or the name of a named table.
Term ets_table_term(Heap *h, EtsTable *t);
Term ets_table_ref(Heap *h, EtsTable *t);

// Bytes of all tables.
size_t ets_bytes(Node *node);

// The list of all graves, for the end of the node; only for ets_grave.c.
void ets_list_grave(EtsTables *tables, EtsGrave *g);
void ets_unlist_grave(EtsTables *tables, EtsGrave *g);

// Makes the storage of a table that has none.
void ets_storage_init(EtsTable *t);

// Calls [visit] for each table; it may not make or end one.
void ets_each(Node *node, void (*visit)(const EtsTable *t, void *data),
              void *data);

// The list of all tables' terms, and of those that [owner] owns.
Term ets_all(Node *node, Heap *h);
Term ets_owned_by(Node *node, Term owner, Heap *h);

// Passes the table of [from] to process [to]; false when there is no such
// process, or the table has ended. The table is not entered.
bool ets_give(EtsTable *t, Process *from, Term to, Term gift);

// Whether the process that was made the heir still is there.
bool ets_heir_lives(const EtsTable *t);

// ---- access ----

typedef enum { ETS_READ, ETS_WRITE, ETS_INFO } EtsUse;

// Finds the table of [tid] and locks it for [use]. False, and badarg with its
// cause raised, when there is none or the process may not.
bool ets_enter(Process *p, Term tid, EtsUse use, EtsAccess *access);

// The same for what has to do with one key only, or with [object] (if it is no
// object, or a list of them, with all).
bool ets_enter_key(Process *p, Term tid, EtsUse use, Term key,
                   EtsAccess *access);
bool ets_enter_object(Process *p, Term tid, EtsUse use, Term object,
                      EtsAccess *access);

// The same as ets_enter without raising: the cause, or TERM_NONE when all is
// well.
Term ets_try_enter(Process *p, Term tid, EtsUse use, EtsAccess *access);
void ets_leave(EtsAccess *access);

// Goes over from reading to writing; in between others may have the table, and
// it may have ended.
void ets_enter_again(EtsAccess *access);

// How many objects a table has that are not marked, and the words of all.
size_t ets_size(const EtsTable *t);
size_t ets_words(const EtsTable *t);

// Fixes the table for [p], and lets it go again. The table is entered to
// write (or the caller is its only user).
void ets_fix(EtsTable *t, Process *p);
void ets_unfix(EtsTable *t, Process *p);

static inline bool ets_is_fixed(const EtsTable *t)
{
    return t->fixes != NULL;
}

struct EtsFix {
    Owned owned;     // must be first: ended with its process
    EtsTable *table; // which it counts
    Term pid;        // of the process
    size_t count;    // how often it has fixed
    EtsFix *next;    // of the same table
};

// ---- objects ----

// The tuple that the object is. It is the table's: others get copies.
static inline Term ets_tuple(const EtsTable *t, const EtsObject *o)
{
    return term_from_box((const Term *)(o->next + t->links));
}

static inline Term ets_key(const EtsTable *t, const EtsObject *o)
{
    return ((const Term *)(o->next + t->links))[1 + t->key_position];
}

// Whether a tuple can be an object of the table.
static inline bool ets_is_object(const EtsTable *t, Term tuple)
{
    return term_is_tuple(tuple) && term_arity(tuple) > t->key_position;
}

// A copy of [tuple] as an object, not yet in the table.
EtsObject *ets_object_new(EtsTable *t, Term tuple);
void ets_object_free(EtsTable *t, EtsObject *o);

// The same when its table has forgotten it.
void ets_object_release(EtsObject *o);

// A copy of the object's tuple on [h].
Term ets_object_copy(const EtsTable *t, const EtsObject *o, Heap *h);

// The first object with [key] that is not marked; NULL without. Those of a bag
// with the same key follow each other in [next][0], newest first.
EtsObject *ets_find(const EtsTable *t, Term key);

// The next object with the same key as [o]: bags only.
EtsObject *ets_find_more(const EtsTable *t, const EtsObject *o);

// Puts a copy of [tuple] in, replacing (sets) one with the same key.
void ets_put(EtsTable *t, Term tuple);

// Takes [o] out (or marks it) and frees it.
void ets_remove(EtsTable *t, EtsObject *o);

// Puts [tuple], which has the same key, in the place of [o].
void ets_replace(EtsTable *t, EtsObject *o, Term tuple);

// [{Address, Size, References}] of the counted binaries of all objects, marked
// ones too; the table is entered.
Term ets_binaries(const EtsTable *t, Heap *h);

// Marks all objects, of a table that is fixed.
void ets_mark_all(EtsTable *t);

// Traversal, in the order of the table; marked objects are passed over.
EtsObject *ets_first(EtsTable *t);
EtsObject *ets_last(EtsTable *t);
EtsObject *ets_next(EtsTable *t, const EtsObject *o);

// The object behind (before) [key], which need not be there in an ordered set;
// false when it must and is not.
bool ets_next_key(EtsTable *t, Term key, EtsObject **o);
bool ets_previous_key(EtsTable *t, Term key, EtsObject **o);

// Takes out what is marked; the table is no longer fixed.
void ets_sweep(EtsTable *t);

// ---- hash tables; only for ets_object.c ----

void ets_hash_init(EtsTable *t);
uint32_t ets_hash_key(const EtsTable *t, Term key);

// Takes as many buckets into use as there are objects.
void ets_hash_grow(EtsTable *t);
EtsObject *ets_hash_find(const EtsTable *t, Term key, bool marked);
void ets_hash_insert(EtsTable *t, EtsObject *o);
EtsObject **ets_hash_link(EtsTable *t, const EtsObject *o);
EtsObject *ets_hash_from(const EtsTable *t, size_t bucket);
EtsObject *ets_hash_next(const EtsTable *t, const EtsObject *o);
size_t ets_hash_bucket(const EtsTable *t, uint32_t hash);

#endif
