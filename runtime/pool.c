// SPDX-License-Identifier: Apache-2.0
// Pool: a queue under a lock, and threads that start one by one as long as
// work waits and all others are busy. Who became idle last is woken first: its
// caches, and what malloc keeps for it, are still warm.
//
// A dirty process is its own job: it is linked by Process.next in a queue of
// its own.
//
// Dirty processes go before jobs: somebody waits for them. Nothing is ever
// taken back out of the queues.
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"
#include "process_table.h"
#include "scheduler.h"

// A thread of the pool.
typedef struct Worker Worker;
struct Worker {
    Pool *pool; // it belongs to
    pthread_t thread;
    pthread_cond_t wake; // with the pool's lock: something is to be done
    bool idle;           // is in the list of those
    Worker *next_idle;
};

struct Pool {
    Node *node;
    pthread_mutex_t lock;          // of all below
    PoolJob *first_job, *last_job; // oldest and newest
    Process *first_dirty, *last_dirty;
    Worker *workers;      // [most], the first [count] of them run
    Worker *idle;         // the newest first
    unsigned most, count; // there may be, and that run
    bool ending;          // the node ends
};

// No thread is started before there is work.
Pool *pool_new(Node *node, unsigned threads)
{
    Pool *pool = memory_zeroed(1, sizeof *pool);
    pool->node = node;
    pool->most = threads;
    pool->workers = memory_zeroed(threads, sizeof *pool->workers);
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

void pool_free(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    for (unsigned i = 0; i < pool->count; i++)
        pthread_cond_signal(&pool->workers[i].wake);
    pthread_mutex_unlock(&pool->lock);
    // One by one: each may finish what it is at.
    for (unsigned i = 0; i < pool->count; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        pthread_cond_destroy(&pool->workers[i].wake);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool->workers);
    free(pool);
}

// The process belongs to this thread until its state says DONE.
static void run_dirty(Process *p)
{
    Term answer = p->dirty_function(p, p->saved);
    if (term_is_none(answer)) {
        p->dirty = DIRTY_FAILED;
    } else {
        p->dirty = DIRTY_ANSWERED;
        p->saved[0] = answer;
        p->live = 1;
    }
    // Once it is done the process may run on and end: hold it for the nudge.
    ProcessTable *table = p->node->processes;
    process_table_enter(table);
    atomic_store(&p->state, PROCESS_DIRTY_DONE);
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

static PoolJob *take_job(Pool *pool)
{
    PoolJob *job = pool->first_job;
    if (job == NULL) return NULL;
    pool->first_job = job->next;
    if (pool->first_job == NULL) pool->last_job = NULL;
    return job;
}

// Does one thing; false when there was none. The lock is held, but not
// meanwhile.
static bool do_one(Pool *pool)
{
    Process *p = take_dirty(pool);
    PoolJob *job = p != NULL ? NULL : take_job(pool);
    if (p == NULL && job == NULL) return false;
    pthread_mutex_unlock(&pool->lock);
    if (p != NULL)
        run_dirty(p);
    else
        job->run(pool->node, job);
    pthread_mutex_lock(&pool->lock);
    return true;
}

// Sleeps until there may be something to do. The lock is held.
static void rest(Worker *self)
{
    Pool *pool = self->pool;
    self->idle = true;
    self->next_idle = pool->idle;
    pool->idle = self;
    while (self->idle && !pool->ending) // may wake up for nothing
        pthread_cond_wait(&self->wake, &pool->lock);
}

static void *work(void *context)
{
    Worker *self = context;
    Pool *pool = self->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ending)
        if (!do_one(pool)) rest(self);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

// With the lock held: it begins by waiting for it.
static void start_worker(Pool *pool)
{
    Worker *w = &pool->workers[pool->count];
    w->pool = pool;
    pthread_cond_init(&w->wake, NULL);
    if (pthread_create(&w->thread, NULL, work, w) == 0)
        pool->count++;
    else
        pthread_cond_destroy(&w->wake);
}

// Somebody is to do what has just been queued. Gives the lock back first, so
// that who is woken finds it free.
static void find_worker(Pool *pool)
{
    Worker *w = pool->idle;
    if (w != NULL) {
        pool->idle = w->next_idle;
        w->idle = false;
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
    find_worker(pool);
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
