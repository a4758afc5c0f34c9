// SPDX-License-Identifier: Apache-2.0
// Ets: tables, their names and owners.
//
// The count of a table is held by: its owner's list (one, from ets_create on),
// each magic reference on any heap, each fixation, and an access by name while
// it lasts.
//
// The order of locks: a table's own (ets_lock.c) before the list of all tables
// and before a stripe of names.
#include "ets.h"

#include <stdlib.h>

#include "bif.h"
#include "clock.h"
#include "copy.h"
#include "ets_grave.h"
#include "ets_lock.h"
#include "ets_ordered.h"
#include "magic.h"
#include "memory.h"
#include "process_table.h"
#include "signal.h"

// So many names can be looked up at the same time without waiting.
enum { STRIPES = 64 };

struct EtsTables {
    struct { // named tables, by name
        pthread_mutex_t mutex;
        EtsTable *first;
    } named[STRIPES];
    pthread_mutex_t mutex; // of the two lists of all
    EtsTable *first;
    EtsGrave *graves;
};

static EtsGrave *end_table(EtsTable *t);
static void forget_fix(EtsTable *t, const Process *p);

EtsTables *ets_tables_new(Node *node)
{
    EtsTables *tables = memory_zeroed(1, sizeof *tables);
    pthread_mutex_init(&tables->mutex, NULL);
    for (int i = 0; i < STRIPES; i++)
        pthread_mutex_init(&tables->named[i].mutex, NULL);
    return tables;
}

// No process is left: tables that still are belong to nobody.
void ets_tables_free(EtsTables *tables)
{
    while (tables->first != NULL) {
        EtsTable *t = tables->first;
        end_table(t);
        counted_release(&t->counted);
    }
    while (tables->graves != NULL) ets_grave_clear_all(tables->graves);
    for (int i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&tables->named[i].mutex);
    pthread_mutex_destroy(&tables->mutex);
    free(tables);
}

// ---- names ----

static unsigned stripe(Term name)
{
    return term_atom_index(name) % STRIPES;
}

// The stripe's lock is held.
static EtsTable *find_in_stripe(EtsTables *tables, Term name)
{
    EtsTable *t = tables->named[stripe(name)].first;
    while (t != NULL && !term_same(t->name, name)) t = t->next_named;
    return t;
}

// The table with [name], counted for the caller; NULL without.
// Counted under the lock: it cannot end in between.
static EtsTable *find_named(EtsTables *tables, Term name)
{
    pthread_mutex_t *mutex = &tables->named[stripe(name)].mutex;
    pthread_mutex_lock(mutex);
    EtsTable *t = find_in_stripe(tables, name);
    if (t != NULL) counted_keep(&t->counted);
    pthread_mutex_unlock(mutex);
    return t;
}

// The table of a reference that was made from text or came from afar, counted
// for the caller; NULL without. All tables are looked at: this is rare.
static EtsTable *find_by_id(EtsTables *tables, RefId id)
{
    pthread_mutex_lock(&tables->mutex);
    EtsTable *t = tables->first;
    while (t != NULL && !ref_id_same(t->id, id)) t = t->next;
    if (t != NULL) counted_keep(&t->counted);
    pthread_mutex_unlock(&tables->mutex);
    return t;
}

// The two below are called with the stripe of the name locked.
static void link_name(EtsTables *tables, EtsTable *t, Term name)
{
    t->name = name;
    t->next_named = tables->named[stripe(name)].first;
    tables->named[stripe(name)].first = t;
}

static void unlink_name(EtsTables *tables, EtsTable *t)
{
    EtsTable **link = &tables->named[stripe(t->name)].first;
    while (*link != t) link = &(*link)->next_named;
    *link = t->next_named;
}

// Gives [t] its name; false when another table has it.
static bool add_name(EtsTables *tables, EtsTable *t, Term name)
{
    pthread_mutex_t *mutex = &tables->named[stripe(name)].mutex;
    pthread_mutex_lock(mutex);
    bool is_free = find_in_stripe(tables, name) == NULL;
    if (is_free) link_name(tables, t, name);
    pthread_mutex_unlock(mutex);
    return is_free;
}

// It has one: the search ends.
static void remove_name(EtsTables *tables, EtsTable *t)
{
    unsigned i = stripe(t->name);
    pthread_mutex_lock(&tables->named[i].mutex);
    unlink_name(tables, t);
    pthread_mutex_unlock(&tables->named[i].mutex);
}

// The table is held to write.
// Both stripes are held, the lower one first, so that nobody takes the new name
// between the look for it and the move.
bool ets_rename(EtsTable *t, Term name)
{
    EtsTables *tables = t->node->ets;
    if (!t->is_named) { // no name to be found by: only what info shows
        t->name = name;
        return true;
    }
    unsigned from = stripe(t->name), to = stripe(name);
    unsigned low = from < to ? from : to, high = from < to ? to : from;
    pthread_mutex_lock(&tables->named[low].mutex);
    if (high != low) pthread_mutex_lock(&tables->named[high].mutex);
    bool is_free = find_in_stripe(tables, name) == NULL;
    if (is_free) {
        unlink_name(tables, t);
        link_name(tables, t, name);
    }
    if (high != low) pthread_mutex_unlock(&tables->named[high].mutex);
    pthread_mutex_unlock(&tables->named[low].mutex);
    return is_free;
}

// ---- making and ending ----

static void delete_with_owner(Process *owner, Owned *owned);

// Into the list of its owner, and out of it. In the owner.
static void own(EtsTable *t, Process *owner)
{
    process_own(owner, &t->owned);
    t->is_owned = true;
}

static void disown(EtsTable *t)
{
    process_disown(&t->owned);
    t->is_owned = false;
}

// For ets:all and memory; order does not matter.
static void list_table(EtsTables *tables, EtsTable *t)
{
    pthread_mutex_lock(&tables->mutex);
    t->next = tables->first;
    t->link = &tables->first;
    if (t->next != NULL) t->next->link = &t->next;
    tables->first = t;
    pthread_mutex_unlock(&tables->mutex);
}

static void unlist_table(EtsTables *tables, EtsTable *t)
{
    pthread_mutex_lock(&tables->mutex);
    *t->link = t->next;
    if (t->next != NULL) t->next->link = t->link;
    pthread_mutex_unlock(&tables->mutex);
}

void ets_list_grave(EtsTables *tables, EtsGrave *g)
{
    pthread_mutex_lock(&tables->mutex);
    g->next = tables->graves;
    g->link = &tables->graves;
    if (g->next != NULL) g->next->link = &g->next;
    tables->graves = g;
    pthread_mutex_unlock(&tables->mutex);
}

void ets_unlist_grave(EtsTables *tables, EtsGrave *g)
{
    pthread_mutex_lock(&tables->mutex);
    *g->link = g->next;
    if (g->next != NULL) g->next->link = g->link;
    pthread_mutex_unlock(&tables->mutex);
}

// Its kind and key position are known.
void ets_storage_init(EtsTable *t)
{
    if (t->type == ETS_ORDERED_SET) {
        ets_ordered_init(t);
    } else {
        t->links = 1;
        ets_hash_init(t);
    }
}

bool ets_create(Process *p, EtsTable *t)
{
    t->node = p->node;
    // An id even for a named table: ets:whereis answers it.
    t->id = ref_id_new(p->node);
    atomic_init(&t->counted.count, 1);
    t->counted.destroy = ets_destroy;
    atomic_init(&t->owner, p->pid.bits);
    atomic_init(&t->is_shared, t->protection != ETS_PRIVATE);
    ets_lock_init(t);
    ets_storage_init(t);
    // The name last: from then on others find it, complete.
    if (t->is_named && !add_name(p->node->ets, t, t->name)) {
        counted_release(&t->counted); // nobody knows it: this frees it
        return false;
    }
    list_table(p->node->ets, t);
    t->owned.owner_exit = delete_with_owner;
    own(t, p);
    return true;
}

// The table is in no process's list any more. References may keep its memory
// for long, so its objects leave it now.
static EtsGrave *end_table(EtsTable *t)
{
    // First: whoever waits for the lock then finds it ended.
    atomic_store(&t->is_deleted, true);
    unlist_table(t->node->ets, t);
    if (t->is_named) remove_name(t->node->ets, t);
    t->fixes = NULL; // of others: each is freed with its process
    t->fix_count = 0;
    return ets_grave_dig(t);
}

// Runs in the owner: lets go of a table that another process has ended. An
// owner that ends does so by itself, and so does one whom the table has been
// given but has not reached yet: see take_over.
static bool let_go(Node *node, Process *owner, Signal *signal)
{
    EtsTable *t = signal->data;
    if (owner != NULL && t->is_owned) {
        disown(t);
        counted_release(&t->counted);
    }
    counted_release(&t->counted); // the signal's own
    return false;
}

// The owner's list is the owner's to change, so that it lets go when it is
// told. The count of the list stays until then; the signal has its own.
static Signal *let_go_signal(EtsTable *t)
{
    Signal *signal = signal_new(SIGNAL_CALL, ATOM_ets);
    signal->call = let_go;
    signal->data = t;
    counted_keep(&t->counted);
    return signal;
}

// Who is told is the owner from now on: a table that has ended is not given
// away (pass_table). Told when the table is left: with the signal, earlier ones
// may be applied here, which lock the table themselves (take_over).
EtsGrave *ets_delete(EtsAccess *a, Process *p)
{
    EtsTable *t = a->table;
    Node *node = p->node;
    Term owner = {atomic_load(&t->owner)};
    bool is_own = term_same(owner, p->pid);
    Signal *signal = is_own ? NULL : let_go_signal(t);
    if (is_own) disown(t);
    forget_fix(t, p);
    EtsGrave *grave = end_table(t);
    ets_leave(a);
    if (is_own)
        counted_release(&t->counted);
    else
        signal_push(node, owner, signal);
    return grave;
}

// By whoever drops the last count: any thread.
void ets_destroy(Counted *c)
{
    EtsTable *t = (EtsTable *)c; // [counted] is first
    heap_free(&t->heir_heap);
    ets_lock_destroy(t);
    free(t->root);
    free(t->buckets);
    free(t);
}

// ---- owners ----

// {'ETS-TRANSFER', Table, From, Gift} to [to].
static void tell_transfer(EtsTable *t, Process *from, Term to, Term gift)
{
    // Built beside, for the message is copied to the receiver.
    Heap h;
    heap_init(&h);
    Term message[] = {ATOM_ETS_TRANSFER, ets_table_term(&h, t), from->pid,
                      gift};
    signal_send_message(t->node, from, to, heap_tuple(&h, 4, message));
    heap_free(&h);
}

// Ends a table that is in no process's list, if it has not ended already: then
// there is no grave.
static EtsGrave *end_unowned(EtsTable *t)
{
    EtsGrave *grave = NULL;
    // Others may be in it: ended under the lock, freed with the last count.
    ets_lock(t, true);
    if (!atomic_load(&t->is_deleted)) grave = end_table(t);
    ets_unlock(t);
    counted_release(&t->counted);
    return grave;
}

// Runs in the new owner: takes the table over; if it has gone meanwhile, the
// table goes too.
static bool take_over(Node *node, Process *receiver, Signal *signal)
{
    EtsTable *t = signal->data;
    // Gone since: the table would have nobody to end it.
    if (receiver == NULL || atomic_load(&t->is_deleted)) {
        // Rare enough to be done at once.
        EtsGrave *grave = end_unowned(t);
        if (grave != NULL) ets_grave_clear_all(grave);
    } else {
        own(t, receiver);
    }
    return false;
}

// From now on the new owner's pid has the rights, even before its signal is
// applied. Under the lock: whoever ends the table (ets_delete) has to know who
// the owner is. False when somebody has.
static bool change_owner(EtsTable *t, Term to)
{
    ets_lock(t, true);
    bool lives = !atomic_load(&t->is_deleted);
    if (lives) atomic_store(&t->owner, to.bits);
    ets_unlock(t);
    return lives;
}

bool ets_is_coming(const EtsTable *t, const Process *p)
{
    return atomic_load(&t->owner) == p->pid.bits && !t->is_owned;
}

// Passes a table that is in no process's list to [to]; false when there is
// no such process, or no table any more.
static bool pass_table(EtsTable *t, Process *from, Term to, Term gift)
{
    if (process_table_find(t->node->processes, to) == NULL
        || !change_owner(t, to))
        return false;
    Signal *signal = signal_new(SIGNAL_CALL, from->pid);
    signal->call = take_over;
    signal->data = t;
    // Against an end in between: the receiver may drop its count at once.
    counted_keep(&t->counted);
    // The signal first, so that it owns the table when it reads the message.
    signal_push(t->node, to, signal);
    tell_transfer(t, from, to, gift);
    counted_release(&t->counted);
    return true;
}

bool ets_give(EtsTable *t, Process *from, Term to, Term gift)
{
    disown(t);
    if (pass_table(t, from, to, gift)) return true;
    // Taken back if there is nobody: only the owner gives.
    own(t, from);
    return false;
}

bool ets_heir_lives(const EtsTable *t)
{
    if (term_is_none(t->heir)) return false;
    const Process *p = process_table_find(t->node->processes, t->heir);
    // Another process may have the pid by now.
    return p != NULL && p == t->heir_process && p->life == t->heir_life;
}

// The owner ends: the table goes to its heir, or with it.
static void delete_with_owner(Process *owner, Owned *owned)
{
    EtsTable *t = (EtsTable *)((char *)owned - offsetof(EtsTable, owned));
    t->is_owned = false;
    // The heir itself ending, or no heir, or a dead one: the table ends.
    if (!term_same(t->heir, owner->pid) && ets_heir_lives(t)
        && pass_table(t, owner, t->heir, t->heir_data))
        return;
    EtsGrave *grave = end_unowned(t);
    if (grave != NULL) ets_grave_own(grave, owner); // its turn is next
}

// Each reference on a heap is one count more.
Term ets_table_ref(Heap *h, EtsTable *t)
{
    counted_keep(&t->counted);
    return magic_ref_from_id(h, &t->counted, t->id);
}

Term ets_table_term(Heap *h, EtsTable *t)
{
    return t->is_named ? t->name : ets_table_ref(h, t);
}

// Hash buckets and links not counted: about what OTP shows.
size_t ets_bytes(Node *node)
{
    EtsTables *tables = node->ets;
    size_t bytes = 0;
    pthread_mutex_lock(&tables->mutex);
    for (const EtsTable *t = tables->first; t != NULL; t = t->next)
        bytes += sizeof *t + ets_words(t) * sizeof(Term);
    pthread_mutex_unlock(&tables->mutex);
    return bytes;
}

void ets_each(Node *node, void (*visit)(const EtsTable *t, void *data),
              void *data)
{
    pthread_mutex_lock(&node->ets->mutex);
    for (const EtsTable *t = node->ets->first; t != NULL; t = t->next)
        visit(t, data);
    pthread_mutex_unlock(&node->ets->mutex);
}

// TERM_NONE: whoever owns them.
static Term list_tables(EtsTables *tables, Term owner, Heap *h)
{
    Term list = TERM_NIL;
    pthread_mutex_lock(&tables->mutex);
    for (EtsTable *t = tables->first; t != NULL; t = t->next)
        if (term_is_none(owner) || atomic_load(&t->owner) == owner.bits)
            list = heap_cons(h, ets_table_term(h, t), list);
    pthread_mutex_unlock(&tables->mutex);
    return list;
}

Term ets_all(Node *node, Heap *h)
{
    return list_tables(node->ets, TERM_NONE, h);
}

Term ets_owned_by(Node *node, Term owner, Heap *h)
{
    return list_tables(node->ets, owner, h);
}

// ---- access ----

// Public: all may; protected: all may read; private: the owner only.
static bool is_allowed(const EtsTable *t, const Process *p, EtsUse use)
{
    uint8_t protection =
        atomic_load_explicit(&t->protection, memory_order_relaxed);
    if (use == ETS_INFO || protection == ETS_PUBLIC) return true;
    if (use == ETS_READ && protection == ETS_PROTECTED) return true;
    return atomic_load_explicit(&t->owner, memory_order_relaxed)
           == p->pid.bits;
}

// The table that [tid] names; the cause when there is none.
static Term find_table(Process *p, Term tid, EtsAccess *a)
{
    *a = (EtsAccess){0};
    // By name: others may end it meanwhile, so it is counted.
    if (term_is_atom(tid)) {
        a->table = find_named(p->node->ets, tid);
        a->is_counted = true;
        return a->table == NULL ? ATOM_id : TERM_NONE;
    }
    // The reference on the caller's heap counts it as long as it is used.
    a->table = (EtsTable *)magic_object(tid, ets_destroy);
    if (a->table != NULL) return TERM_NONE;
    if (!ref_is_local(tid) || term_is_magic_ref(tid)) return ATOM_type;
    a->table = find_by_id(p->node->ets, ref_to_id(tid));
    a->is_counted = true;
    // Of a table that has gone, or never of one: nothing tells them apart.
    return a->table == NULL ? ATOM_type : TERM_NONE;
}

// Locks the table that is [a]'s. [key] is NONE if all of it is wanted.
static void lock(EtsAccess *a, EtsUse use, Term key)
{
    EtsTable *t = a->table;
    // A private table is used by its owner alone; others may ask about it.
    a->is_locked = atomic_load_explicit(&t->is_shared, memory_order_relaxed);
    if (!a->is_locked) return;
    if (!term_is_none(key) && t->stripe_count > 0) {
        a->stripe = ets_lock_key(t, key, use == ETS_WRITE);
    } else {
        ets_lock(t, use == ETS_WRITE);
    }
}

// Whether [p] may do what it has locked the table for: TERM_NONE, or the cause
// why not, and the table is left.
// Asked under the lock: it may have ended while this waited.
static Term check(Process *p, EtsUse use, EtsAccess *a)
{
    Term cause = ATOM_access;
    if (atomic_load_explicit(&a->table->is_deleted, memory_order_relaxed)) {
        cause = ATOM_id;
    } else if (is_allowed(a->table, p, use)) {
        return TERM_NONE;
    }
    ets_leave(a);
    return cause;
}

Term ets_try_enter(Process *p, Term tid, EtsUse use, EtsAccess *a)
{
    Term cause = find_table(p, tid, a);
    if (!term_is_none(cause)) return cause;
    lock(a, use, TERM_NONE);
    return check(p, use, a);
}

// The cause is what the shell explains badarg with.
static bool succeed(Process *p, Term cause)
{
    if (term_is_none(cause)) return true;
    bif_error_cause(p, ATOM_badarg, cause);
    return false;
}

bool ets_enter(Process *p, Term tid, EtsUse use, EtsAccess *access)
{
    return succeed(p, ets_try_enter(p, tid, use, access));
}

bool ets_enter_key(Process *p, Term tid, EtsUse use, Term key, EtsAccess *a)
{
    Term cause = find_table(p, tid, a);
    if (!term_is_none(cause)) return succeed(p, cause);
    lock(a, use, key);
    return succeed(p, check(p, use, a));
}

bool ets_enter_object(Process *p, Term tid, EtsUse use, Term object,
                      EtsAccess *a)
{
    Term cause = find_table(p, tid, a);
    if (!term_is_none(cause)) return succeed(p, cause);
    bool is_one = ets_is_object(a->table, object);
    lock(a, use, is_one ? term_tuple_get(object, a->table->key_position)
                        : TERM_NONE);
    return succeed(p, check(p, use, a));
}

// In this order: the count may be the last, and the lock goes with it.
void ets_leave(EtsAccess *a)
{
    if (a->stripe != NULL) {
        ets_unlock_key(a->table, a->stripe);
    } else if (a->is_locked) {
        ets_unlock(a->table);
    }
    if (a->is_counted) counted_release(&a->table->counted);
}

// The lock cannot be raised: it is given up and taken again.
void ets_enter_again(EtsAccess *a)
{
    if (!a->is_locked) return;
    ets_unlock(a->table);
    ets_lock(a->table, true);
}

// ---- fixing ----
// Fixing is counted for each process, so that an ending one gives back all of
// its own.

// Few processes fix a table at the same time.
static EtsFix *find_fix(const EtsTable *t, const Process *p)
{
    EtsFix *fix = t->fixes;
    while (fix != NULL && !term_same(fix->pid, p->pid)) fix = fix->next;
    return fix;
}

static void unlink_fix(EtsTable *t, EtsFix *fix)
{
    EtsFix **link = &t->fixes;
    while (*link != fix) link = &(*link)->next;
    *link = fix->next;
    t->fix_count -= fix->count;
}

static void remove_fix(EtsTable *t, EtsFix *fix)
{
    unlink_fix(t, fix);
    if (t->fixes == NULL) ets_sweep(t); // the last one: marked objects can go
}

// In its process; it has been taken out of its table.
static void free_fix(EtsFix *fix)
{
    process_disown(&fix->owned);
    counted_release(&fix->table->counted);
    free(fix);
}

// Of the process that ends the table, which may live long; those of others go
// with them.
static void forget_fix(EtsTable *t, const Process *p)
{
    EtsFix *fix = find_fix(t, p);
    if (fix == NULL) return;
    unlink_fix(t, fix);
    free_fix(fix);
}

// The process that fixed the table ends.
static void end_fix(Process *owner, Owned *owned)
{
    EtsFix *fix = (EtsFix *)owned;
    EtsTable *t = fix->table;
    // Even of a private table: only its own process can be here, the lock is
    // free.
    ets_lock(t, true);
    if (!atomic_load(&t->is_deleted)) remove_fix(t, fix);
    ets_unlock(t);
    counted_release(&t->counted);
    free(fix);
}

void ets_fix(EtsTable *t, Process *p)
{
    EtsFix *fix = find_fix(t, p);
    if (t->fixes == NULL) t->fixed_since = clock_monotonic();
    if (fix == NULL) {
        fix = memory_zeroed(1, sizeof *fix);
        fix->owned.owner_exit = end_fix;
        fix->table = t;
        fix->pid = p->pid;
        fix->next = t->fixes;
        t->fixes = fix;
        counted_keep(&t->counted);
        // In the process's list as well, so that its end is the fixation's end.
        process_own(p, &fix->owned);
    }
    fix->count++;
    t->fix_count++;
}

void ets_unfix(EtsTable *t, Process *p)
{
    EtsFix *fix = find_fix(t, p);
    if (fix == NULL) return;
    fix->count--;
    t->fix_count--;
    if (fix->count > 0) return; // fixed more than once
    remove_fix(t, fix);
    free_fix(fix);
}
