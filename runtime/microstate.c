// SPDX-License-Identifier: Apache-2.0
// Microstates: counting, and what is told of it.
#include "microstate.h"

#include <string.h>

#include "clock.h"
#include "map.h"
#include "scheduler.h"

void microstate_init(Microstates *m)
{
    atomic_init(&m->on, false);
    atomic_init(&m->now, MICROSTATE_OTHER);
    pthread_mutex_init(&m->lock, NULL);
    memset(m->spent, 0, sizeof m->spent);
}

void microstate_close(Microstates *m)
{
    pthread_mutex_destroy(&m->lock);
}

// What it does now is counted up to this moment. With the lock.
static void settle(Microstates *m)
{
    if (!atomic_load(&m->on)) return;
    int64_t now = clock_monotonic();
    m->spent[atomic_load(&m->now)] += (uint64_t)(now - m->since);
    m->since = now;
}

void microstate_count(Microstates *m, MicrostateKind kind)
{
    pthread_mutex_lock(&m->lock);
    settle(m);
    atomic_store(&m->now, (uint8_t)kind);
    pthread_mutex_unlock(&m->lock);
}

MicrostateKind microstate_enter_here(MicrostateKind kind)
{
    Scheduler *s = scheduler_self();
    return s == NULL ? kind : microstate_enter(&s->microstates, kind);
}

// All are switched together.
bool microstate_is_on(const Node *node)
{
    return atomic_load(&node->schedulers[0]->microstates.on);
}

void microstate_switch(Node *node, bool on)
{
    for (unsigned i = 0; i < node->scheduler_count; i++) {
        Microstates *m = &node->schedulers[i]->microstates;
        pthread_mutex_lock(&m->lock);
        settle(m);
        if (!atomic_load(&m->on)) m->since = clock_monotonic();
        atomic_store(&m->on, on);
        pthread_mutex_unlock(&m->lock);
    }
}

void microstate_reset(Node *node)
{
    for (unsigned i = 0; i < node->scheduler_count; i++) {
        Microstates *m = &node->schedulers[i]->microstates;
        pthread_mutex_lock(&m->lock);
        settle(m);
        memset(m->spent, 0, sizeof m->spent);
        pthread_mutex_unlock(&m->lock);
    }
}

static Term counters(Node *node, Heap *h, Microstates *m)
{
    const Term names[MICROSTATE_COUNT] = {
        [MICROSTATE_AUX] = ATOM_aux,
        [MICROSTATE_CHECK_IO] = ATOM_check_io,
        [MICROSTATE_EMULATOR] = ATOM_emulator,
        [MICROSTATE_GC] = ATOM_gc,
        [MICROSTATE_OTHER] = ATOM_other,
        [MICROSTATE_PORT] = ATOM_port,
        [MICROSTATE_SLEEP] = ATOM_sleep,
    };
    Term pairs[2 * MICROSTATE_COUNT];
    pthread_mutex_lock(&m->lock);
    settle(m);
    for (int i = 0; i < MICROSTATE_COUNT; i++) {
        pairs[2 * i] = names[i];
        pairs[2 * i + 1] = heap_unsigned(h, m->spent[i]);
    }
    pthread_mutex_unlock(&m->lock);
    return map_from_pairs(h, node->atoms, MICROSTATE_COUNT, pairs);
}

Term microstate_list(Node *node, Heap *h)
{
    Term list = TERM_NIL;
    for (unsigned i = node->scheduler_count; i-- > 0;) {
        Microstates *m = &node->schedulers[i]->microstates;
        Term pairs[] = {
            ATOM_counters, counters(node, h, m),
            ATOM_id, term_small(i + 1),
            ATOM_type, ATOM_scheduler,
        };
        list = heap_cons(h, map_from_pairs(h, node->atoms, 3, pairs), list);
    }
    return list;
}
