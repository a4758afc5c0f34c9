// SPDX-License-Identifier: Apache-2.0
// Signals: all that one process (or the node) tells another: messages, links,
// monitors, exits, requests. Between two given parties they keep their order.
//
// signal_send... functions may be called from any thread. When the receiver
// lives on the caller's scheduler and is at rest they act at once; else the
// signal is pushed to its inbox and its home scheduler told. What reaches
// nobody is dropped, or answered: a link with an exit signal noproc, a monitor
// with noproc, a call by calling it with no receiver.
//
// A signal owns its terms until it is applied: the receiver copies small ones
// to its heap, takes the fragments of larger ones over, or makes very large
// ones a part of its old space.
#ifndef MERLE_SIGNAL_H
#define MERLE_SIGNAL_H

#include "heap.h"
#include "node.h"
#include "process.h"
#include "ref.h"
#include "relation.h"

typedef struct Parcel Parcel;

typedef enum {
    SIGNAL_MESSAGE,       // message
    SIGNAL_TRACE,         // the same, from one who traces
    SIGNAL_ALIAS_MESSAGE, // message by alias [ref]: dropped if inactive
    SIGNAL_EXIT,          // exit/2: reason in message
    SIGNAL_LINK_EXIT,     // a linked process ended: reason in message
    SIGNAL_LINK,          // [from] links itself
    SIGNAL_UNLINK,        // and no more
    SIGNAL_MONITOR,       // [from] watches under [ref]
    SIGNAL_DEMONITOR,     // and no longer
    SIGNAL_DOWN,          // what was monitored under [ref] ended
    SIGNAL_SUSPEND,       // suspenders is raised
    SIGNAL_RESUME,        // and lowered
    SIGNAL_CALL,          // run [call] in the receiver's context
    SIGNAL_WAKE           // nothing but waking up
} SignalKind;

struct Signal {
    Signal *next; // pushed before; in take_all's list: after
    uint8_t kind; // SignalKind
    Term from;    // pid of the sender, or an atom
    RefId ref;    // of a monitor or alias
    Term message; // lies in [heap]
    Term token;   // seq_trace token, nil without; lies in [heap]
    // Of a call; [receiver] is NULL when there is none. True when the
    // receiver is to run.
    bool (*call)(Node *node, Process *receiver, Signal *signal);
    void *data;    // for [call], which frees it
    bool reads;    // of a call: changes nothing, so a dirty BIF may run on
    Parcel *parcel; // where it lies; NULL: in memory of its own
    Heap heap;     // owns the terms above until they are adopted
};

// Words; smaller messages are copied once more, larger ones taken as they lie.
enum { ADOPTED_LEAST = 128 };

// The inbox of a process that has ended.
// An address that no signal has; nothing is pushed on top of it.
#define INBOX_CLOSED ((Signal *)(uintptr_t)1)

// Lies in the scheduler's parcel, or in memory of its own on other threads.
Signal *signal_new(SignalKind kind, Term from);
void signal_free(Signal *s);

// Gives back what a scheduler keeps to put signals into; may be NULL.
void signal_free_parcel(Parcel *parcel);

// Sends [s] to the local process or port [to]; it is gone then. False when
// there is no such process.
bool signal_push(Node *node, Term to, Signal *s);

// Answers [s], which is gone then, for [to], which is not there.
void signal_bounce(Node *node, Term to, Signal *s);

// Sends a copy of [message] to local pid [to]; [sender] is NULL from outside.
// To itself a process sends what lies on its heap, without copying.
void signal_send_message(Node *node, Process *sender, Term to, Term message);

// Sends a tracer what was seen; of that no tracer of its own is told.
void signal_send_trace(Node *node, Term to, Term message);

// The same to a local pid or port, or to whoever has that name; from outside.
void signal_send_named(Node *node, Term to, Term message);

// Sends an exit signal of exit/2 or of a broken link; [reason] is copied.
void signal_send_exit(Node *node, SignalKind kind, Term from, Term to,
                      Term reason);

typedef enum {
    SIGNAL_NOTHING, // nothing that a waiting process waits for
    SIGNAL_CAME,    // a message came, or it is to run for another reason
    SIGNAL_ENDED    // it is to end: PROCESS_EXIT_PENDING, exit_reason set
} SignalResult;

// Takes all signals of the inbox of [p] and applies them, which may collect:
// what is live in registers must be in p->saved. The owner only: the
// loop when a receive finds no message (answer REASON_EXIT after
// SIGNAL_ENDED), the scheduler at the start of a slice.
SignalResult signal_receive(Process *p);

// Applies what can be while the BIF of [p] runs in the pool, and holds the rest
// until that has ended. Its home scheduler only.
void signal_receive_dirty(Process *p);

// The same in the middle of a BIF: answers where its [n] [args] are then.
const Term *signal_receive_with(Process *p, unsigned n, const Term *args);

// Tells who [p] has watched by [monitor] that it does not any more.
void signal_demonitor(Process *p, const Relation *monitor);

// Applies [s], which is gone then, to the caller's own process [p].
SignalResult signal_apply(Process *p, Signal *s);

// Closes the inbox of an ended process and answers what was in it.
void signal_close(Process *p);

// Relaxed: a signal that is missed here is announced by a nudge.
static inline bool signal_is_waiting(const Process *p)
{
    return atomic_load_explicit(&p->mailbox.inbox, memory_order_relaxed) != NULL
           || p->mailbox.held != NULL;
}

#endif
