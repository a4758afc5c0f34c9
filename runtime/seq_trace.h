// SPDX-License-Identifier: Apache-2.0
// Sequential tracing: a token that a process sets goes with its messages to
// whoever receives them, and on with theirs.
//
//     token  {Flags, Label, Serial, Sender, Previous}, or nil
//
// A message's token lies beside it in the mailbox. Only processes with
// PROCESS_TRACED have a token or messages with one.
//
// Serial counts what the sender has sent, Previous what it had received by
// then: from these the tracer puts the messages of several processes in order.
// Only the process itself changes its token, seq_clock and seq_last.
#ifndef MERLE_SEQ_TRACE_H
#define MERLE_SEQ_TRACE_H

#include "process.h"
#include "signal.h"

enum { // Flags of a token
    SEQ_SEND = 1,
    SEQ_RECEIVE = 2,
    SEQ_PRINT = 4,
    SEQ_TIMESTAMP = 8,
    SEQ_STRICT_MONOTONIC = 16,
    SEQ_MONOTONIC = 32
};

// Places in the tuple.
enum { SEQ_FLAGS, SEQ_LABEL, SEQ_SERIAL, SEQ_SENDER, SEQ_PREVIOUS,
       SEQ_SIZE };

static inline bool seq_trace_is_on(const Process *p)
{
    return (p->flags & PROCESS_TRACED) && !term_is_nil(p->seq_token);
}

// Sets component [name] of the token, which is made if need be; answers what
// it was, TERM_NONE when there is no such component or value.
Term seq_trace_set(Process *p, Term name, Term value);

// The component's value; nil or false without a token; TERM_NONE of others.
Term seq_trace_get(Process *p, Term name);

// [p] sends [s] to [to]: it takes the token along.
void seq_trace_stamp(Process *p, Signal *s, Term to);

// [p] receives the message at its save position: the token becomes its own.
void seq_trace_receive(Process *p);

// Tells the system's tracer that [p] prints [term].
void seq_trace_print(Process *p, Term term);

// [child] of [parent] inherits its token.
void seq_trace_spawn(Process *parent, Process *child, const SpawnOptions *o);

// Takes the tokens from all processes and messages.
void seq_trace_reset(Process *p);

#endif
