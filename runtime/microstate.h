// SPDX-License-Identifier: Apache-2.0
// Microstates: what a scheduler's thread spends its time with, where somebody
// wants to know (system_flag(microstate_accounting, true)).
//
// The thread notes what it does now at all times; only where that is wanted is
// the clock read, too. The lock is taken then, by the thread and by who asks.
#ifndef MERLE_MICROSTATE_H
#define MERLE_MICROSTATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "heap.h"
#include "node.h"

typedef enum {
    MICROSTATE_AUX,      // what others have asked for, and clearing up
    MICROSTATE_CHECK_IO, // looks which descriptors are ready
    MICROSTATE_EMULATOR, // runs a process
    MICROSTATE_GC,       // collects its heap
    MICROSTATE_OTHER,
    MICROSTATE_PORT, // serves descriptors that are ready
    MICROSTATE_SLEEP,
    MICROSTATE_COUNT
} MicrostateKind;

typedef struct {
    atomic_bool on;        // changes with the lock
    _Atomic uint8_t now;   // MicrostateKind; written by the thread only
    pthread_mutex_t lock;  // of what follows
    int64_t since;         // when what it does now began, or counting did
    uint64_t spent[MICROSTATE_COUNT]; // ns
} Microstates;

void microstate_init(Microstates *m);
void microstate_close(Microstates *m);

// The slow path of microstate_enter.
void microstate_count(Microstates *m, MicrostateKind kind);

// The thread does [kind] from now on; answers what it has done before.
static inline MicrostateKind microstate_enter(Microstates *m,
                                              MicrostateKind kind)
{
    MicrostateKind before = (MicrostateKind)atomic_load_explicit(
        &m->now, memory_order_relaxed);
    if (atomic_load_explicit(&m->on, memory_order_relaxed))
        microstate_count(m, kind);
    else
        atomic_store_explicit(&m->now, (uint8_t)kind, memory_order_relaxed);
    return before;
}

// The same of the calling thread, if it is a scheduler's.
MicrostateKind microstate_enter_here(MicrostateKind kind);

// Whether it is counted on [node], from now on or since; what was counted
// stays. Any thread.
void microstate_switch(Node *node, bool on);
bool microstate_is_on(const Node *node);
void microstate_reset(Node *node);

// [#{type => scheduler, id => 1, counters => #{aux => Ns, ...}}, ...]
Term microstate_list(Node *node, Heap *h);

#endif
