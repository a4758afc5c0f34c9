// SPDX-License-Identifier: Apache-2.0
// Pool: a queue under a lock, and threads that start one by one as long as
// work waits and all others are busy. Who became idle last is woken first: its
// caches, and what malloc keeps for it, are still warm.
//
// A dirty process is its own job: it is linked by Process.next in a queue of
// its own.
//
// Dirty processes go before jobs: somebody waits for them. They may block; jobs
// only compute, so no more of these run at once than there are cores for beside
// who made them: a thread more would only have cold caches and memory of its
// own. Nothing is ever taken back out of the queues.
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "code.h"
#include "gc.h"
#include "instruction.h"
#include "memory.h"
#include "nif.h"
#include "process_table.h"
#include "scheduler.h"
#include "trace.h"

enum {
    NS_PER_SECOND = 1000000000,
    TRIM_NS = 100000000, // idle so long: free pages go back
    YIELDS = 8           // before a thread sleeps: see stay_awake
};

// A thread of the pool.
typedef struct Worker Worker;
struct Worker {
    Pool *pool; // it belongs to
    pthread_t thread;
    pthread_cond_t wake; // with the pool's lock: something is to be done
    PageCache *pages;    // of collections here
    atomic_bool idle;    // is in the list of those; set under the lock
    Worker *next_idle;
};

// What is told as a dirty scheduler: a thread takes a free one for each BIF.
typedef struct {
    int64_t since;   // it works since then; 0: it is free
    uint64_t worked; // ns before
} Desk;

struct Pool {
    Node *node;
    pthread_mutex_t lock;          // of all below
    PoolJob *first_job, *last_job; // oldest and newest
    unsigned jobs_most, jobs;      // that may run at once, and that do
    unsigned coming; // threads that were woken or started and do nothing yet
    Process *first_dirty, *last_dirty;
    Desk *desks;          // those for computing, then those that may block
    Worker *workers;      // [most], the first [count] of them run
    Worker *idle;         // the newest first
    unsigned most, count; // there may be, and that were started
    unsigned live;        // of them, that have not ended
    pthread_cond_t empty; // none has
    bool ending;          // the node ends
};

// No thread is started before there is work.
Pool *pool_new(Node *node, unsigned threads)
{
    Pool *pool = memory_zeroed(1, sizeof *pool);
    pool->node = node;
    pool->most = threads;
    pool->jobs_most = node->scheduler_count > 2 ? node->scheduler_count - 1 : 1;
    pool->workers = memory_zeroed(threads, sizeof *pool->workers);
    pool->desks = memory_zeroed(node->scheduler_count + POOL_IO_SCHEDULERS,
                                sizeof *pool->desks);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->empty, NULL);
    return pool;
}

static PoolJob *take_job(Pool *pool)
{
    PoolJob *job = pool->first_job;
    pool->first_job = job->next;
    if (pool->first_job == NULL) pool->last_job = NULL;
    pool->jobs++;
    return job;
}

// Has all threads end; false when one goes on with what it is at for too long.
static bool end_workers(Pool *pool)
{
    enum { PATIENCE_S = 2 }; // for a disk that is slow
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int late = 0;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    for (unsigned i = 0; i < pool->count; i++)
        pthread_cond_signal(&pool->workers[i].wake);
    while (pool->live > 0 && late == 0)
        late = pthread_cond_timedwait(&pool->empty, &pool->lock, &until);
    pthread_mutex_unlock(&pool->lock);
    return late == 0;
}

bool pool_free(Pool *pool)
{
    if (!end_workers(pool)) return false;
    for (unsigned i = 0; i < pool->count; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        pthread_cond_destroy(&pool->workers[i].wake);
        page_cache_free(pool->workers[i].pages);
    }
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->empty);
    free(pool->workers);
    free(pool->desks);
    free(pool);
    return true;
}

// Kept by a worker as long as it runs: found without a thread's own memory, as
// collections are long.
PageCache *pool_pages(Pool *pool)
{
    PageCache *pages = NULL;
    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; i < pool->count && pages == NULL; i++) {
        if (pthread_equal(pool->workers[i].thread, pthread_self()))
            pages = pool->workers[i].pages;
    }
    pthread_mutex_unlock(&pool->lock);
    return pages;
}

void pool_count_pages(Pool *pool, int64_t *taken, int64_t *mapped)
{
    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++) {
        *taken += page_cache_taken(pool->workers[i].pages);
        *mapped += page_cache_mapped(pool->workers[i].pages);
    }
    pthread_mutex_unlock(&pool->lock);
}

// ---- desks ----
// Only while somebody wants to know; the lock is held.

uint64_t pool_worked(Pool *pool, unsigned i)
{
    pthread_mutex_lock(&pool->lock);
    const Desk *d = &pool->desks[i];
    uint64_t worked = d->worked;
    if (d->since != 0) worked += (uint64_t)(clock_monotonic() - d->since);
    pthread_mutex_unlock(&pool->lock);
    return worked;
}

// Whether it runs there because it may block: others compute, as do
// collections and BIFs whose arguments are large.
static bool may_block(const Process *p)
{
    if (p->dirty_function == NULL) return false;
    const CodeWord *stub = p->pc - WORDS_call_bif_stub;
    return ((const Export *)stub[1])->bif->kind == BIF_DIRTY;
}

// NULL when nobody wants to know, or all are taken.
static Desk *take_desk(Pool *pool, const Process *p)
{
    unsigned computing = pool->node->scheduler_count;
    if (atomic_load_explicit(&pool->node->wall_time_users,
                             memory_order_relaxed) == 0)
        return NULL;
    bool blocks = may_block(p);
    unsigned i = blocks ? computing : 0;
    unsigned end = blocks ? computing + POOL_IO_SCHEDULERS : computing;
    while (i < end && pool->desks[i].since != 0) i++;
    if (i == end) return NULL;
    pool->desks[i].since = clock_monotonic();
    return &pool->desks[i];
}

static void leave_desk(Desk *d)
{
    if (d == NULL) return;
    d->worked += (uint64_t)(clock_monotonic() - d->since);
    d->since = 0;
}

// ---- working ----

// From one state of a dirty process to another, when its home does not hold it.
static void change_state(Process *p, ProcessState from, ProcessState to)
{
    uint8_t state = (uint8_t)from;
    while (!atomic_compare_exchange_weak(&p->state, &state, (uint8_t)to)) {
        if (state != from) sched_yield(); // it is held for a moment
        state = (uint8_t)from;
    }
}

// Nobody looks at it meanwhile: its home is nudged when it is done.
static void collect(Process *p)
{
    change_state(p, PROCESS_DIRTY, PROCESS_DIRTY_MOVING);
    process_collect_now(p);
    change_state(p, PROCESS_DIRTY_MOVING, PROCESS_DIRTY);
}

// For tracers the process runs here.
static void call_dirty(Process *p)
{
    if (p->flags & PROCESS_TRACED) trace_runs(p, true);
    Term answer = p->dirty_function(p, p->saved);
    if (p->flags & PROCESS_TRACED) trace_runs(p, false);
    if (term_is_none(answer)) {
        p->dirty = DIRTY_FAILED;
        return;
    }
    p->dirty = DIRTY_ANSWERED;
    p->saved[0] = answer;
    p->live = 1;
}

void pool_pause(Process *p)
{
    if (!process_is_dirty(p)) return;
    if (p->flags & PROCESS_TRACED) trace_runs(p, false);
    sched_yield();
    if (p->flags & PROCESS_TRACED) trace_runs(p, true);
}

// Reductions count by the clock: nobody counted what was done.
static void charge(Process *p, int64_t ns)
{
    enum { REDUCTION_NS = 250 };
    p->reductions_done += (uint64_t)ns / REDUCTION_NS;
}

// The process belongs to this thread until its state says DONE.
static void run_dirty(Process *p)
{
    int64_t began = clock_monotonic();
    if (p->dirty_function != NULL)
        call_dirty(p);
    else
        collect(p);
    charge(p, clock_monotonic() - began);
    // Once it is done the process may run on and end: hold it for the nudge.
    ProcessTable *table = p->node->processes;
    process_table_enter(table);
    change_state(p, PROCESS_DIRTY, PROCESS_DIRTY_DONE);
    scheduler_nudge(p);
    process_table_leave(table);
}

static Process *take_dirty(Pool *pool)
{
    Process *p = pool->first_dirty;
    if (p == NULL) return NULL;
    pool->first_dirty = p->next;
    if (pool->first_dirty == NULL) pool->last_dirty = NULL;
    return p;
}

// Whether one more thread is wanted for a job.
static bool wants_job(const Pool *pool)
{
    return pool->first_job != NULL
           && pool->jobs + pool->coming < pool->jobs_most;
}

static void find_worker(Pool *pool);

// Does one thing; false when there was none. The lock is held, but not
// meanwhile.
static bool do_one(Pool *pool)
{
    Process *p = take_dirty(pool);
    if (p != NULL) {
        Desk *desk = take_desk(pool, p);
        // It may take long: a job is not to wait for its end.
        if (wants_job(pool))
            find_worker(pool);
        else
            pthread_mutex_unlock(&pool->lock);
        run_dirty(p);
        pthread_mutex_lock(&pool->lock);
        leave_desk(desk);
        return true;
    }
    if (pool->first_job == NULL || pool->jobs >= pool->jobs_most) return false;
    PoolJob *job = take_job(pool);
    pthread_mutex_unlock(&pool->lock);
    job->run(pool->node, job);
    pthread_mutex_lock(&pool->lock);
    pool->jobs--;
    return true;
}

// Waits to be woken; false: it took longer than TRIM_NS. The lock is held.
static bool wait_short(Worker *self)
{
    int64_t until = clock_monotonic() + TRIM_NS;
    struct timespec at = {.tv_sec = until / NS_PER_SECOND,
                          .tv_nsec = until % NS_PER_SECOND};
    return pthread_cond_timedwait(&self->wake, &self->pool->lock, &at) == 0;
}

// Free pages are kept for the next collection, but not for ever. The lock is
// held, but not meanwhile.
static void trim_pages(Worker *self)
{
    pthread_mutex_unlock(&self->pool->lock);
    page_cache_trim(self->pages);
    pthread_mutex_lock(&self->pool->lock);
}

// One small call of a file follows the other: to sleep between them, and to be
// woken, costs more than the call. The lock is held, but not meanwhile.
static void stay_awake(Worker *self)
{
    pthread_mutex_unlock(&self->pool->lock);
    for (int i = 0; i < YIELDS && atomic_load(&self->idle); i++) sched_yield();
    pthread_mutex_lock(&self->pool->lock);
}

// Sleeps until there may be something to do. The lock is held.
static void rest(Worker *self)
{
    Pool *pool = self->pool;
    bool trims = !page_cache_is_empty(self->pages);
    self->idle = true;
    self->next_idle = pool->idle;
    pool->idle = self;
    stay_awake(self);
    while (self->idle && !pool->ending) { // may wake up for nothing
        if (!trims) {
            pthread_cond_wait(&self->wake, &pool->lock);
        } else if (!wait_short(self)) {
            trims = false;
            trim_pages(self);
        }
    }
    if (!self->idle) pool->coming--;
}

static void *work(void *context)
{
    Worker *self = context;
    Pool *pool = self->pool;
    // Collections run here: where memory ends, the dump is this node's.
    nif_thread()->node = pool->node;
    pthread_mutex_lock(&pool->lock);
    pool->coming--;
    while (!pool->ending)
        if (!do_one(pool)) rest(self);
    if (--pool->live == 0) pthread_cond_signal(&pool->empty);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

// With the lock held: it begins by waiting for it.
static void start_worker(Pool *pool)
{
    Worker *w = &pool->workers[pool->count];
    pthread_condattr_t clock;
    w->pool = pool;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &clock);
    pthread_condattr_destroy(&clock);
    w->pages = page_cache_new();
    if (pthread_create(&w->thread, NULL, work, w) == 0) {
        pool->count++, pool->live++, pool->coming++;
        return;
    }
    pthread_cond_destroy(&w->wake);
    page_cache_free(w->pages);
}

// Somebody is to do what has just been queued. Gives the lock back first, so
// that who is woken finds it free.
static void find_worker(Pool *pool)
{
    Worker *w = pool->idle;
    if (w != NULL) {
        pool->idle = w->next_idle;
        w->idle = false;
        pool->coming++;
    } else if (pool->count < pool->most) {
        // Nobody idle: one more, up to [most]; else whoever is free next takes
        // it.
        start_worker(pool);
    }
    pthread_mutex_unlock(&pool->lock);
    if (w != NULL) pthread_cond_signal(&w->wake);
}

void pool_add(Pool *pool, PoolJob *job)
{
    job->next = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->last_job == NULL)
        pool->first_job = job;
    else
        pool->last_job->next = job;
    pool->last_job = job;
    // Else who ends a job takes it.
    if (wants_job(pool))
        find_worker(pool);
    else
        pthread_mutex_unlock(&pool->lock);
}

void pool_run_dirty(Pool *pool, Process *p)
{
    p->next = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->last_dirty == NULL)
        pool->first_dirty = p;
    else
        pool->last_dirty->next = p;
    pool->last_dirty = p;
    find_worker(pool);
}
