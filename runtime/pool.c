// SPDX-License-Identifier: Apache-2.0
// Pool: a queue under a lock, and threads that start one by one as long as
// work waits and all others are busy.
//
// A dirty process is its own job: it is linked by Process.next in a queue of
// its own.
#include "pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"
#include "process_table.h"
#include "scheduler.h"

struct Pool {
    Node *node;
    pthread_mutex_t lock;
    pthread_cond_t work;
    PoolJob *first_job, *last_job;
    Process *first_dirty, *last_dirty;
    pthread_t *threads;
    unsigned most, count, idle;
    bool ending;
};

Pool *pool_new(Node *node, unsigned threads)
{
    Pool *pool = memory_zeroed(1, sizeof *pool);
    pool->node = node;
    pool->most = threads;
    pool->threads = memory_zeroed(threads, sizeof *pool->threads);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    return pool;
}

void pool_free(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work);
    free(pool->threads);
    free(pool);
}

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

static void *work(void *context)
{
    Pool *pool = context;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ending) {
        if (do_one(pool)) continue;
        pool->idle++;
        pthread_cond_wait(&pool->work, &pool->lock);
        pool->idle--;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

// Somebody is to do what has just been queued. The lock is held.
static void find_worker(Pool *pool)
{
    if (pool->idle > 0) {
        pthread_cond_signal(&pool->work);
    } else if (pool->count < pool->most) {
        if (pthread_create(&pool->threads[pool->count], NULL, work, pool) == 0)
            pool->count++;
    }
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
    pthread_mutex_unlock(&pool->lock);
}
