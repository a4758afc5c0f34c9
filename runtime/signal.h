// SPDX-License-Identifier: Apache-2.0
// Signals: all that one process (or the node) tells another: messages, links,
// monitors, exits, requests. Between two given parties they keep their order.
//
// signal_send... functions may be called from any thread. When the receiver
// lives on the caller's scheduler and is at rest they act at once; else the
// signal is pushed to its inbox and its home scheduler told if it sleeps. A
// signal to a process that is not there is dropped (or answered: noproc).
#ifndef MERLE_SIGNAL_H
#define MERLE_SIGNAL_H

#include "heap.h"
#include "node.h"
#include "process.h"

typedef enum {
    SIGNAL_MESSAGE,      // message
    SIGNAL_ALIAS_MESSAGE, // message by alias reference: dropped if inactive
    SIGNAL_EXIT,         // exit/2: reason in message
    SIGNAL_LINK_EXIT,    // a linked process ended
    SIGNAL_LINK,
    SIGNAL_UNLINK,
    SIGNAL_MONITOR,
    SIGNAL_DEMONITOR,
    SIGNAL_DOWN,         // a monitored process ended
    SIGNAL_GROUP_LEADER,
    SIGNAL_SUSPEND,
    SIGNAL_RESUME,
    SIGNAL_INFO,         // process_info of another process
    SIGNAL_CALL,         // run [call] in the receiver's context
    SIGNAL_WAKE          // nothing but waking up
} SignalKind;

struct Signal {
    Signal *next;
    uint8_t kind;     // SignalKind
    Term from;        // pid of the sender, or an atom
    Term ref;         // monitor or alias reference; lies in [heap]
    Term message;     // lies in [heap]
    Term token;       // seq_trace token, nil without; lies in [heap]
    void (*call)(Process *receiver, Signal *signal);
    void *data;       // for [call]
    Heap heap;        // owns the terms above until they are adopted
};

Signal *signal_new(SignalKind kind, Term from);
void signal_free(Signal *s);

// Pushes [s] to the process [to]; frees it and answers false when there is
// none.
bool signal_push(Node *node, Term to, Signal *s);

// Sends a copy of [message] to local pid [to]; [sender] is NULL from outside.
void signal_send_message(Node *node, Process *sender, Term to, Term message);

// Takes all signals of the inbox of [p] and applies them. The owner only.
// True when a message came or the process is to be run for another reason.
bool signal_receive(Process *p);

#endif
