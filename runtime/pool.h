// SPDX-License-Identifier: Apache-2.0
// Pool: threads for work that may block or take long: dirty BIFs, and jobs of
// whoever has some.
#ifndef MERLE_POOL_H
#define MERLE_POOL_H

#include "node.h"
#include "process.h"

typedef struct PoolJob PoolJob;
struct PoolJob {
    PoolJob *next;                         // behind it in the queue
    void (*run)(Node *node, PoolJob *job); // frees [job] if need be
};

// A pool of at most [threads]; they start when there is work.
Pool *pool_new(Node *node, unsigned threads);

// Waits for the jobs that run, drops those that do not.
void pool_free(Pool *pool);

// Any thread. The job may run before this returns.
void pool_add(Pool *pool, PoolJob *job);

// Calls p->dirty_function(p, p->saved) and tells the home scheduler of [p].
void pool_run_dirty(Pool *pool, Process *p);

#endif
