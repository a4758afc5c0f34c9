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
//
// A message lies on the process's heap, or, where that is its owner's wish, in
// fragments of its own, off the heap, until it is received (off_heap.h). These
// and the tokens of sequential tracing stand in an array beside the slots,
// which most mailboxes do not have.
//
// A marker says of a reference that messages before some place cannot hold it.
// One lies here, the others, while a process waits for several answers at
// once, in memory of their own; a marker too many takes the oldest's place.
#ifndef MERLE_MAILBOX_H
#define MERLE_MAILBOX_H

#include <stdatomic.h>

#include "heap.h"
#include "ref.h"
#include "term.h"

typedef struct Signal Signal;

// Slots in the process itself; kept when empty.
enum { MAILBOX_OWN = 4, MAILBOX_KEPT = 1024 };

typedef struct {
    RefId ref;   // zeros: no marker
    uint64_t at; // messages before this one, counted from the first ever
} MailboxMarker;

// What there is of a message besides it.
typedef struct {
    Term token;          // of sequential tracing: nil without one
    Fragment *fragments; // closed; that it lies in off the heap. NULL: on it
    Term *counted;       // the counted boxes in them
} MailboxBeside;

// Whether a receive tries its patterns on the message at the save position, so
// that terms may refer to it where it lies off the heap.
typedef enum {
    MAILBOX_UNSEEN,
    MAILBOX_SEEN,          // it may
    MAILBOX_SEEN_COLLECTED // and there was a collection since
} MailboxSeen;

typedef struct MailboxMarkers MailboxMarkers;
typedef struct DamagedMessage DamagedMessage; // dist_damaged.h

typedef struct {
    _Atomic(Signal *) inbox; // newest first; INBOX_CLOSED after exit
    Signal *held;            // oldest first: taken out of it, and to wait until
                             // a dirty BIF has ended
    DamagedMessage *damaged; // newest first; not in the queue
    Term *slots;             // own, or memory of malloc
    size_t head, tail;       // indices into slots; slots[head] is no hole
    size_t room;             // slots that there are
    size_t save;             // next to look at, head <= save <= tail
    size_t young;            // first that may point into the nursery
    size_t aged;             // first that no collection has seen yet
    size_t count;            // messages in the queue, without holes
    uint64_t passed;         // slots that were dropped at the front
    MailboxMarker marker;    // the newest receive marker
    MailboxMarkers *markers; // those before it, NULL without
    MailboxBeside *beside;   // of each slot; NULL while there is nothing
    bool tokens;             // some message may have a token
    uint8_t seen;            // MailboxSeen, where there are fragments beside
    Term own[MAILBOX_OWN]; // for short queues: no malloc
} Mailbox;

void mailbox_init(Mailbox *m);
void mailbox_free(Mailbox *m);

// Appends [message], which lies on the owner's heap.
void mailbox_append(Mailbox *m, Term message);

// The same with a token, see seq_trace.h; where [beside] has fragments the
// message lies in them, and they pass to the mailbox.
void mailbox_append_beside(Mailbox *m, Term message, MailboxBeside beside);
void mailbox_forget_tokens(Mailbox *m);

// Puts [message] in the place of the one at index [i], which lies on the heap.
void mailbox_replace(Mailbox *m, size_t i, Term message, MailboxBeside beside);

// The token of the message at index [i].
static inline Term mailbox_token(const Mailbox *m, size_t i)
{
    return m->beside == NULL ? TERM_NIL : m->beside[i].token;
}

// The fragments of the message at index [i] that lies off the heap, else NULL.
static inline const Fragment *mailbox_fragments(const Mailbox *m, size_t i)
{
    return m->beside == NULL ? NULL : m->beside[i].fragments;
}

// Moves the save position over holes; mailbox_peek's slow path.
void mailbox_skip_holes(Mailbox *m);

// The message at the save position, TERM_NONE when all were looked at.
static inline Term mailbox_peek(Mailbox *m)
{
    if (m->save == m->tail) return TERM_NONE;
    if (term_is_none(m->slots[m->save])) {
        mailbox_skip_holes(m);
        if (m->save == m->tail) return TERM_NONE;
    }
    return m->slots[m->save];
}

// Passes over the message at the save position.
// It stays for a later receive.
static inline void mailbox_skip(Mailbox *m)
{
    m->save++;
}

// Takes the message at the save position, which lies on the heap, out and
// rewinds.
void mailbox_take(Mailbox *m);

// Takes the message at index [i], which lies on the heap, out, whatever receive
// looks at.
void mailbox_remove(Mailbox *m, size_t i);

// Starts from the first message again (receive done, or timed out).
void mailbox_rewind(Mailbox *m);

// Receive markers: what recv_marker_reserve keeps (a number that fits a small
// integer)...
uint64_t mailbox_marker_reserve(const Mailbox *m);

// ... recv_marker_bind binds to the reference made after it...
void mailbox_marker_bind(Mailbox *m, uint64_t at, RefId ref);

// ... recv_marker_use starts a receive behind, and recv_marker_clear forgets.
// A marker is only a hint: without it all messages are looked at.
void mailbox_marker_use(Mailbox *m, RefId ref);
void mailbox_marker_clear(Mailbox *m, RefId ref);

#endif
