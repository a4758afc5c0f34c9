// SPDX-License-Identifier: Apache-2.0
// Mailbox: the messages of a process, in the order of their arrival.
//
// Two parts. [inbox] is a lock-free stack that any thread pushes signals to
// (signal.h); the owner takes them all at once and applies them in order of
// arrival, which puts messages into the queue. The queue is an array of terms
// that belongs to the owner alone:
//
//      head                 save                  tail
//       | taken? m  m  m  .  |  m  m  m  m  m  m   |
//
// Messages before [save] were looked at by the current receive and not
// wanted. A message that is taken from the middle leaves a hole (TERM_NONE)
// or, when few lie before it, those are moved up by one. Messages before
// [young] have been moved out of the nursery: a minor collection does not
// look at them.
#ifndef MERLE_MAILBOX_H
#define MERLE_MAILBOX_H

#include <stdatomic.h>

#include "term.h"

typedef struct Signal Signal;

typedef struct {
    _Atomic(Signal *) inbox; // newest first; INBOX_CLOSED after exit
    Term *slots;
    size_t head, tail;       // indices into slots
    size_t room;
    size_t save;             // next to look at, head <= save <= tail
    size_t young;            // first that may point into the nursery
    size_t count;            // messages in the queue, without holes
    Term marker;             // reference a receive marker was set for
    size_t marker_at;        // messages before this index cannot hold it
} Mailbox;

void mailbox_init(Mailbox *m);
void mailbox_free(Mailbox *m);

// Appends [message], which lies on the owner's heap.
void mailbox_append(Mailbox *m, Term message);

// The message at the save position, TERM_NONE when all were looked at.
Term mailbox_peek(Mailbox *m);

// Passes over the message at the save position.
void mailbox_skip(Mailbox *m);

// Takes the message at the save position out and rewinds.
void mailbox_take(Mailbox *m);

// Starts from the first message again (receive done, or timed out).
void mailbox_rewind(Mailbox *m);

#endif
