// SPDX-License-Identifier: Apache-2.0
// Processes that end while connections are busy: each tells other nodes of its
// end one relation after the other, and waits as a sender does. Else a process
// that starts others with large reasons would fill the memory.
//
// Who ends has no inbox any more, so the signal to go on finds it here, by its
// pid, while it tells another node, and while it waits:
//
//     noted -- waits --> waiting -- resumed --> a scheduler is given it
//       |
//       +-- resumed --> may go on -- waits --> goes on at once
//
// Who was suspended when it ended may be resumed for that now, and so go on too
// early: it is only one packet more.
#include <stdlib.h>

#include "dist.h"
#include "scheduler.h"

struct DistEnding {
    DistEnding *next; // in its list
    Process *process;
    bool waits;  // it is nobody's but the list's
    bool may_go; // it was resumed before
};

static DistEnding **list_of(Dist *dist, Term pid)
{
    // Pids count up above their tag.
    return &dist->endings[(pid.bits >> 4) % DIST_ENDINGS];
}

// The place that points to the one of [pid], or to NULL. Under the lock.
static DistEnding **find(Dist *dist, Term pid)
{
    DistEnding **at = list_of(dist, pid);
    while (*at != NULL && !term_same((*at)->process->pid, pid))
        at = &(*at)->next;
    return at;
}

static void take_out(DistEnding **at)
{
    DistEnding *e = *at;
    *at = e->next;
    free(e);
}

void dist_ending_note(Process *p)
{
    Dist *dist = p->node->dist;
    DistEnding *e = memory_zeroed(1, sizeof *e);
    e->process = p;
    pthread_mutex_lock(&dist->lock);
    DistEnding **list = list_of(dist, p->pid);
    e->next = *list;
    *list = e;
    pthread_mutex_unlock(&dist->lock);
}

void dist_ending_forget(Process *p)
{
    Dist *dist = p->node->dist;
    pthread_mutex_lock(&dist->lock);
    take_out(find(dist, p->pid));
    pthread_mutex_unlock(&dist->lock);
}

bool dist_ending_wait(Process *p)
{
    Dist *dist = p->node->dist;
    pthread_mutex_lock(&dist->lock);
    DistEnding **at = find(dist, p->pid);
    bool waits = !(*at)->may_go;
    if (waits) {
        (*at)->waits = true;
    } else {
        p->flags &= ~(uint32_t)PROCESS_DIST_BUSY;
        take_out(at);
    }
    pthread_mutex_unlock(&dist->lock);
    return waits;
}

void dist_ending_resume(Dist *dist, Term pid)
{
    Process *p = NULL;
    pthread_mutex_lock(&dist->lock);
    DistEnding **at = find(dist, pid);
    if (*at != NULL && (*at)->waits) {
        p = (*at)->process;
        p->flags &= ~(uint32_t)PROCESS_DIST_BUSY;
        take_out(at);
    } else if (*at != NULL) {
        (*at)->may_go = true;
    }
    pthread_mutex_unlock(&dist->lock);
    // It may run, and be gone, from here on.
    if (p != NULL) scheduler_give(process_home(p), p);
}

void dist_ending_free(Dist *dist)
{
    for (size_t i = 0; i < DIST_ENDINGS; i++)
        while (dist->endings[i] != NULL) {
            process_free_ending(dist->endings[i]->process);
            take_out(&dist->endings[i]);
        }
}
