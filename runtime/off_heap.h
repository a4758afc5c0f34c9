// SPDX-License-Identifier: Apache-2.0
// Messages off the heap: what message_queue_data of off_heap means.
//
// Such a message lies in fragments of its own, which the mailbox holds, until
// it is received: then they become fragments of the heap, and nothing moves.
// Until then no heap refers to it, so collections neither copy nor read it. But
// for the one that a receive is looking at: while patterns are tried there may
// be references to it, in registers and in match contexts, so a collection
// leaves it where it is; and as these may be old then, it joins the old space.
#ifndef MERLE_OFF_HEAP_H
#define MERLE_OFF_HEAP_H

#include "process.h"

static inline bool off_heap_is_wished(const Process *p)
{
    return (p->flags & PROCESS_OFF_HEAP_MESSAGES) != 0;
}

// Puts [message] with [token], which lies on the heap of [p], into the mailbox;
// all that is on [part], which is empty then, is the message's alone.
void off_heap_append(Process *p, Term message, Term token, Heap *part);

// The message at index [i] of the mailbox joins the heap, where it lies, if it
// is not there already; all of them do. Collects nothing.
void off_heap_join(Process *p, size_t i);
void off_heap_join_all(Process *p);

// What a receive does before it takes its message.
void off_heap_receive(Process *p);

// What a collection of [p] must not move, and asks for once: the fragments of
// the message that a receive is looking at; NULL without.
const Fragment *off_heap_fixed(Process *p);

// Moves messages that lie on the heap off it.
void off_heap_move(Process *p);

// Words that the messages off the heap take.
size_t off_heap_words(const Process *p);

#endif
