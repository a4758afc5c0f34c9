// SPDX-License-Identifier: Apache-2.0
// Online: which schedulers may run processes. system_flag(schedulers_online,
// N) takes the last ones out, and a process can have all but its own blocked.
// A scheduler that may not run hands whatever becomes runnable to one that
// may; it goes on looking at signals and timers.
//
// The mask Node.allowed is what schedulers read; all else is under a lock that
// only those who change it take.
#ifndef MERLE_ONLINE_H
#define MERLE_ONLINE_H

#include "process.h"
#include "scheduler.h"

// multi_scheduling: block and block_normal; all schedulers are normal here.
typedef enum { BLOCK_ALL, BLOCK_NORMAL, BLOCK_KINDS } BlockKind;

Online *online_new(Node *node);
void online_free(Online *o);

// How many schedulers may run when nobody blocks them; sets it and answers
// what it was.
unsigned online_count(Node *node);
unsigned online_set(Node *node, unsigned count);

// Blocks all schedulers but that of [p], until the last who did so takes it
// back or ends. Taking back what was not done does nothing.
void online_block(Process *p, BlockKind kind);
void online_unblock(Process *p, BlockKind kind);

// enabled, blocked or blocked_normal.
Term online_state(Node *node);

// The pids of those who block in that way.
Term online_blockers(Node *node, Heap *h, BlockKind kind);

// The scheduler that is to run what becomes runnable at [s], which may not.
Scheduler *online_substitute(const Scheduler *s);

static inline bool online_allows(const Scheduler *s)
{
    return atomic_load_explicit(&s->node->allowed, memory_order_relaxed)
               >> s->index
           & 1;
}

#endif
