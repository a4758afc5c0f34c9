// SPDX-License-Identifier: Apache-2.0
// Scheduler: one thread that runs processes, with all it needs for that: run
// queues by priority, registers, timer wheel, page caches. Nothing of it is
// locked: other threads ask by posting jobs, which it looks at between slices.
#ifndef MERLE_SCHEDULER_H
#define MERLE_SCHEDULER_H

#include <stdatomic.h>

#include "node.h"
#include "process.h"

typedef struct TimerWheel TimerWheel; // timer.h
typedef struct PageCache PageCache;   // page.h

enum { SLICE_REDUCTIONS = 4000, FLOAT_REGISTERS = 16 };

typedef struct Job Job;
struct Job {
    Job *next;
    void (*run)(Scheduler *s, Job *job); // frees [job] if need be
};

struct Scheduler {
    Term x[REGISTER_COUNT];      // of the process that runs
    double f[FLOAT_REGISTERS];
    Node *node;
    unsigned index;              // from 0
    Process *running;
    struct {
        Process *first, *last;
        size_t length;
    } queue[PRIORITY_COUNT];
    TimerWheel *timers;
    PageCache *pages;
    _Atomic(Job *) jobs;         // newest first
    int64_t now;                 // monotonic ns, read once a slice
    atomic_bool asleep;
    uint64_t ref_next;           // numbers of references, see ref.h
    uint64_t random;             // state of a small generator
};

// The scheduler of the calling thread; NULL on other threads.
Scheduler *scheduler_self(void);

// Appends [p] to the run queue. The scheduler's own thread only.
void scheduler_enqueue(Scheduler *s, Process *p);

// Has [job] run by [s] between two slices. Any thread.
void scheduler_post(Scheduler *s, Job *job);

#endif
