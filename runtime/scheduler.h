// SPDX-License-Identifier: Apache-2.0
// Scheduler: one thread that runs processes, with all it needs for that: run
// queues by priority, registers, timer wheel, page caches. Nothing of it is
// locked: other threads push to its three lists (jobs, processes to look at,
// processes given to it), which it takes between slices.
//
// Who writes what: the owner's thread alone, but for the fields behind
// _Alignas, which are a cache line of their own so that senders do not slow the
// owner down, and [binary_bytes].
#ifndef MERLE_SCHEDULER_H
#define MERLE_SCHEDULER_H

#include <pthread.h>
#include <stdatomic.h>

#include "literal.h"
#include "microstate.h"
#include "node.h"
#include "process.h"

typedef struct TimerWheel TimerWheel; // timer.h
typedef struct PageCache PageCache;   // page.h

enum {
    SLICE_REDUCTIONS = 4000, // as in OTP: a slice is about a millisecond
    FLOAT_REGISTERS = 1024,  // as many as a .beam file can name
    SCHEDULERS_MOST = 64     // bits in Node.idle
};

typedef struct Parcel Parcel;         // signal.c

typedef struct Job Job;
struct Job {
    Job *next;                           // pushed before this one
    void (*run)(Scheduler *s, Job *job); // frees [job] if need be
};

typedef struct {
    Process *first, *last; // both NULL: nobody
    size_t length;         // processes
} RunQueue;

struct Scheduler {
    Term x[REGISTER_COUNT];    // of the process that runs
    double f[FLOAT_REGISTERS]; // its float registers; not kept over a call
    Node *node;
    unsigned index;                 // from 0
    Process *running;               // NULL between slices
    unsigned low_turn;              // turns since a low process had one
    RunQueue queue[PRIORITY_COUNT]; // first in, first out
    atomic_size_t queued;           // processes in all queues that count
    TimerWheel *timers;             // timers of processes at home here
    PageCache *pages;               // blocks for heaps and stacks
    int64_t now;                    // monotonic ns, read about once a slice
    int64_t busy_since;             // since then two processes or more wait
    unsigned slices;                // since [now] was read
    size_t trimmed;                 // slices when memory was given back
    bool keeps;                     // was idle, but malloc's memory is kept
    bool long_slice;                // one of them was: [now] is out of date
    // For statistics; written by this scheduler only.
    atomic_size_t slice_count, reductions, collections, reclaimed;
    atomic_size_t slept;         // ns without anything to run ...
    _Atomic int64_t sleeps_since; // ... and since when it has none; 0: it has
    atomic_size_t binary_bytes;  // of blobs made here, less those freed: by all
    Microstates microstates;     // what it does, and for how long
    LiteralView literals;        // what copies share
    Parcel *parcel;              // where signals are put, see signal.c
    uint64_t ref_next;           // counter of references, see ref.h
    uint64_t random;             // state of a small generator

    // Messages that the slice has sent: to processes of this scheduler and of
    // others, the last of them at home at [partner].
    unsigned sent_near, sent_far;
    Scheduler *partner;
    int32_t unused; // reductions that the slice was cut short by

    // Processes whose memory is free; dead ones that others may still hold;
    // and those of them that are past after [stamp]. Linked by next.
    Process *free, *dead, *stamped;
    size_t free_count, dead_count;
    uint64_t stamp;

    // What other threads write.
    _Alignas(64) _Atomic(Job *) jobs; // newest first
    _Atomic(Process *) woken;         // to look at; linked by wake_next
    _Atomic(Process *) given;         // handed over to this one; linked by next
    atomic_bool asleep;               // others must wake it
    bool polls;                       // with the lock: it sleeps in the poller
    pthread_mutex_t sleep_lock;       // held to leave the sleep
    pthread_cond_t sleep_over;        // with the lock: wakes it
    pthread_t thread;                 // runs scheduler_run
};

// The scheduler of the calling thread; NULL on other threads.
Scheduler *scheduler_self(void);

// All empty; the thread is the caller's to start.
Scheduler *scheduler_new(Node *node, unsigned index);

// When the node ends: frees what processes still hold that are in no table of
// processes any more, but in a queue.
void scheduler_free_ending(Scheduler *s);

// Gives back all that [s] holds, and then its own memory: not before the last
// binary is gone, which may be counted there.
void scheduler_close(Scheduler *s);
void scheduler_free(Scheduler *s);

// The thread's main function: runs processes until the node halts.
void *scheduler_run(void *s);

// Appends [p] to the run queue. The scheduler's own thread only.
void scheduler_enqueue(Scheduler *s, Process *p);

// Gives the runnable process [p], whose home is [s] by now, to it. Any thread.
void scheduler_give(Scheduler *s, Process *p);

// Makes [s], the caller's own, the home of waiting process [p] if the one it
// has sleeps: whoever sends to it then needs to wake nobody. False when that
// cannot be.
bool scheduler_pull(Scheduler *s, Process *p);

// Notes that [sender], which is running on [s] or NULL, has sent a message to a
// process of [to], and ends its slice if that is where it belongs.
void scheduler_sent_far(Scheduler *s, Process *sender, Scheduler *to);

// Has [job] run by [s] between two slices. Any thread.
void scheduler_post(Scheduler *s, Job *job);

// Has the home scheduler of [p] look at its inbox and state. Any thread that
// may hold [p].
void scheduler_nudge(Process *p);

// Where blocks for heap and stack of [p] come from on the thread that has it:
// its home scheduler's, or one of the pool's while it is dirty.
PageCache *process_pages(const Process *p);

// Keeps a dead process until nobody can hold it any more.
void scheduler_bury(Scheduler *s, Process *p);

// Wakes [s] if it sleeps. Any thread.
void scheduler_unpark(Scheduler *s);

#endif
