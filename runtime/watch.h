// SPDX-License-Identifier: Apache-2.0
// Watch: what system_monitor and system_profile ask for: a process is told of
// long collections, large heaps, long slices; of processes and schedulers that
// become active or inactive. One word of flags tells whether anybody wants it.
//
// Settings are changed under the lock; the flags may be read without it, so
// where nobody watches a relaxed read is all there is to pay.
#ifndef MERLE_WATCH_H
#define MERLE_WATCH_H

#include <pthread.h>

#include "process.h"

// Bits of system_monitor below WATCH_PROCESSES, of system_profile from there.
enum { // Watch.flags
    WATCH_LONG_GC = 1,
    WATCH_LARGE_HEAP = 2,
    WATCH_LONG_SCHEDULE = 4,
    WATCH_BUSY_PORT = 8,
    WATCH_BUSY_DIST_PORT = 16,
    WATCH_MONITOR = 31,
    WATCH_PROCESSES = 32,
    WATCH_PORTS = 64,
    WATCH_SCHEDULERS = 128,
    WATCH_EXCLUSIVE = 256,
    WATCH_PROFILE = WATCH_PROCESSES | WATCH_PORTS | WATCH_SCHEDULERS
                    | WATCH_EXCLUSIVE
};

struct Watch {
    _Atomic uint32_t flags;          // WATCH_...
    pthread_mutex_t lock;            // of what follows
    Term monitor, profiler;          // local pids; TERM_NONE without
    uint64_t long_gc, long_schedule; // milliseconds
    uint64_t large_heap;             // words
    uint32_t stamp;                  // TRACE_..., of profile messages
    atomic_uint delay; // milliseconds that tests make collections longer by
};

Watch *watch_new(void);
void watch_free(Watch *w);

static inline bool watch_is_on(const Node *node, uint32_t flags)
{
    return (atomic_load_explicit(&node->watch->flags,
                                 memory_order_relaxed) & flags) != 0;
}

// A collection begins that somebody wants to be told of: the time.
int64_t watch_collects(const Process *p);

// A collection of [p] took [ns].
void watch_collected(Process *p, int64_t ns);

// A slice of [p], which began at [in], took [ns].
void watch_ran(Process *p, const CodeWord *in, int64_t ns);

// Process [pid] has to wait for [port], which is busy. Any thread.
void watch_port_busy(Node *node, Term pid, Term port);

// The same of the connection to a node, whose port that is.
void watch_dist_busy(Node *node, Term pid, Term port);

// [p] has become runnable, or waits or ends.
void watch_process(Process *p, bool active);

// Scheduler [index] has found work, or has none.
void watch_scheduler(Node *node, unsigned index, bool active);

#endif
