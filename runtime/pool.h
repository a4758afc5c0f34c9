// SPDX-License-Identifier: Apache-2.0
// Pool: threads for work that may block or take long: dirty BIFs, and jobs of
// whoever has some.
#ifndef MERLE_POOL_H
#define MERLE_POOL_H

#include "node.h"
#include "page.h"
#include "process.h"

typedef struct PoolJob PoolJob;
struct PoolJob {
    PoolJob *next;                         // behind it in the queue
    void (*run)(Node *node, PoolJob *job); // frees [job] if need be
};

// A pool of at most [threads]; they start when there is work.
Pool *pool_new(Node *node, unsigned threads);

// Waits for what runs, drops jobs that do not. False, and the pool stays, when
// something goes on for too long: it cannot be stopped.
bool pool_free(Pool *pool);

// Any thread. The job may run before this returns.
void pool_add(Pool *pool, PoolJob *job);

// Calls p->dirty_function(p, p->saved) and tells the home scheduler of [p].
void pool_run_dirty(Pool *pool, Process *p);

// At the end of each slice of a BIF's long loop, on whatever thread: in the pool
// others may have the core, and tracers are told that [p] goes out and in again.
void pool_pause(Process *p);

// To those who look, the threads that run dirty BIFs are dirty schedulers: as
// many for computing as there are schedulers, then these, for what may block.
enum { POOL_IO_SCHEDULERS = 10 };

// For how many ns dirty scheduler [i] has worked, as far as it was measured:
// for what began while somebody wanted scheduler_wall_time.
uint64_t pool_worked(Pool *pool, unsigned i);

// Where blocks come from for a collection on the calling thread; NULL when it
// is none of the pool's.
PageCache *pool_pages(Pool *pool);

// Adds to the sums what all of these have, as of page_cache_taken and _mapped.
void pool_count_pages(Pool *pool, int64_t *taken, int64_t *mapped);

#endif
