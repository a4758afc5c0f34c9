// SPDX-License-Identifier: Apache-2.0
// Ets: the locks of a table.
//
// A table has one lock, for readers or a writer. One that many write at a time
// (write_concurrency), and is no tree, has stripes instead: the objects whose
// hash ends in the same bits, with a lock and a tally of their own. Who knows
// the key takes the lock of its stripe, who does not takes all of them, in
// order. All objects of a bucket belong to one stripe, since buckets are told
// by more bits of the hash than stripes.
//
// What the whole table has (buckets, fixations, marks) changes only while all
// stripes are held; so the table grows when somebody holds them all, which an
// insertion sees to when it is late.
#include "ets_lock.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

// Writers first: with readers first, a table that is read all the time would
// never be written. No thread reads a table twice at a time, so nobody waits
// for himself.
static void init_single(EtsTable *t)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(
        &attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&t->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

// So many keep schedulers apart mostly; who takes all of them pays for each, and
// the thread sanitizer knows of no more than 64 locks that are held.
static uint32_t stripes_wanted(const EtsTable *t)
{
    enum { FOR_EACH_SCHEDULER = 16, MOST = 32 };
    uint32_t n = FOR_EACH_SCHEDULER;
    while (n < MOST && n / FOR_EACH_SCHEDULER < t->node->scheduler_count)
        n *= 2;
    return n;
}

void ets_lock_init(EtsTable *t)
{
    init_single(t);
    if (t->type == ETS_ORDERED_SET
        || term_same(t->write_concurrency, ATOM_false))
        return;
    t->stripe_count = stripes_wanted(t);
    size_t bytes = t->stripe_count * sizeof *t->stripes;
    t->stripes = aligned_alloc(alignof(EtsStripe), bytes);
    if (t->stripes == NULL) memory_exhausted("ets_locks", bytes);
    memset(t->stripes, 0, bytes);
    for (size_t i = 0; i < t->stripe_count; i++)
        pthread_mutex_init(&t->stripes[i].mutex, NULL);
}

void ets_lock_destroy(EtsTable *t)
{
    pthread_rwlock_destroy(&t->lock);
    for (size_t i = 0; i < t->stripe_count; i++)
        pthread_mutex_destroy(&t->stripes[i].mutex);
    free(t->stripes);
}

// ---- waiting ----

// Does nothing for a while, and leaves the memory alone.
static void pass_time(unsigned steps)
{
    while (steps-- > 0) atomic_signal_fence(memory_order_seq_cst);
}

// A table is held for less time than it takes to fall asleep, mostly: so a lock
// is tried some times before it is waited for. In between whoever has it goes
// on undisturbed and takes it several times: table and lock then need not go
// from core to core with each access. A stripe will not be taken again at once.
enum { STEPS_TABLE = 1024, STEPS_STRIPE = 64 };

static bool try_often(bool (*try)(void *lock), void *lock, unsigned steps)
{
    enum { STEPS_MOST = 1 << 15, TRIES = 20 };
    for (int i = 0; i < TRIES; i++) {
        if (try(lock)) return true;
        pass_time(steps);
        if (steps < STEPS_MOST) steps *= 2;
    }
    return false;
}

static bool try_write(void *lock)
{
    return pthread_rwlock_trywrlock(lock) == 0;
}

static bool try_read(void *lock)
{
    return pthread_rwlock_tryrdlock(lock) == 0;
}

static bool try_mutex(void *lock)
{
    return pthread_mutex_trylock(lock) == 0;
}

static void lock_stripe(EtsStripe *s)
{
    if (!try_often(try_mutex, &s->mutex, STEPS_STRIPE))
        pthread_mutex_lock(&s->mutex);
}

// ---- locks ----

// A thread that holds a table and comes for it again is refused, and would then
// unlock it twice: so nobody does what may apply signals while he holds one.
static void granted(int error)
{
    assert(error == 0);
    (void)error;
}

void ets_lock(EtsTable *t, bool to_write)
{
    for (size_t i = 0; i < t->stripe_count; i++) lock_stripe(&t->stripes[i]);
    if (t->stripe_count > 0) {
        t->is_whole = true;
        ets_hash_grow(t); // what single insertions have left to do
    } else if (to_write) {
        if (!try_often(try_write, &t->lock, STEPS_TABLE))
            granted(pthread_rwlock_wrlock(&t->lock));
    } else {
        if (!try_often(try_read, &t->lock, STEPS_TABLE))
            granted(pthread_rwlock_rdlock(&t->lock));
    }
}

void ets_unlock(EtsTable *t)
{
    if (t->stripe_count == 0) {
        pthread_rwlock_unlock(&t->lock);
        return;
    }
    t->is_whole = false;
    for (size_t i = 0; i < t->stripe_count; i++)
        pthread_mutex_unlock(&t->stripes[i].mutex);
}

EtsStripe *ets_lock_key(EtsTable *t, Term key, bool to_write)
{
    EtsStripe *s = ets_stripe(t, ets_hash_key(t, key));
    lock_stripe(s);
    // Marks are the whole table's.
    if (!to_write || !ets_is_fixed(t)) return s;
    pthread_mutex_unlock(&s->mutex);
    ets_lock(t, true);
    return NULL;
}

// Seldom enough for all stripes to be taken, often enough for chains to be
// short.
static bool is_late(const EtsTable *t, const EtsStripe *s)
{
    enum { PART = 8 };
    size_t count = atomic_load_explicit(&s->tally.count, memory_order_relaxed);
    return count * t->stripe_count > t->active + t->active / PART;
}

void ets_unlock_key(EtsTable *t, EtsStripe *s)
{
    bool late = is_late(t, s);
    pthread_mutex_unlock(&s->mutex);
    if (!late) return;
    ets_lock(t, true);
    ets_unlock(t);
}

// ---- tallies ----

size_t ets_size(const EtsTable *t)
{
    size_t count = atomic_load_explicit(&t->tally.count, memory_order_relaxed);
    for (size_t i = 0; i < t->stripe_count; i++)
        count += atomic_load_explicit(&t->stripes[i].tally.count,
                                      memory_order_relaxed);
    return count;
}

size_t ets_words(const EtsTable *t)
{
    size_t words = atomic_load_explicit(&t->tally.words, memory_order_relaxed);
    for (size_t i = 0; i < t->stripe_count; i++)
        words += atomic_load_explicit(&t->stripes[i].tally.words,
                                      memory_order_relaxed);
    return words;
}

static void clear_tally(EtsTally *tally, bool words_too)
{
    atomic_store_explicit(&tally->count, 0, memory_order_relaxed);
    if (words_too)
        atomic_store_explicit(&tally->words, 0, memory_order_relaxed);
}

void ets_count_none(EtsTable *t, bool words_too)
{
    clear_tally(&t->tally, words_too);
    for (size_t i = 0; i < t->stripe_count; i++)
        clear_tally(&t->stripes[i].tally, words_too);
}
