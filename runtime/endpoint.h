// SPDX-License-Identifier: Apache-2.0
// Endpoint: a socket of module socket: a descriptor that processes use
// directly, without a port.
//
// Every operation is tried at once, on the caller's thread, and never blocks.
// Who finds that it would have to wait gets a message when it need not any
// more, once: {'$socket', Socket, select, Handle}, or {'$socket', Socket,
// abort, {Handle, closed}} when the endpoint is closed before. The poller has
// the descriptor only while somebody waits.
//
// Processes have turns, in each direction: while one waits others wait behind
// it, without trying. The first is told, tries again, and the turn is the next
// one's when it is done.
#ifndef MERLE_ENDPOINT_H
#define MERLE_ENDPOINT_H

#include <pthread.h>

#include "counted.h"
#include "node.h"
#include "ref.h"

typedef struct EndpointPoll EndpointPoll; // endpoint.c: the poller's side
typedef struct EndpointWait EndpointWait; // endpoint.c: one who waits

typedef enum { ENDPOINT_READ, ENDPOINT_WRITE, ENDPOINT_WAYS } EndpointWay;

// Of one direction, for socket:info.
typedef struct {
    uint64_t bytes, packets, most; // that went; the largest packet's bytes
    uint64_t tries, waits, fails;  // of operations
} EndpointCount;

// An endpoint's processes share it: everything is under the lock.
typedef struct {
    Counted counted; // must be first
    Node *node;      // whose processes use it
    RefId id;        // of its reference
    pthread_mutex_t lock;
    int fd;                           // -1: closed
    int domain, type, protocol;       // as the system has them
    bool bound, listens;              // bind, listen were called
    bool connects, connected;         // connect goes on; there is a peer
    EndpointWait *waits[ENDPOINT_WAYS]; // oldest first
    EndpointPoll *poll;               // NULL until somebody waits
    EndpointCount count[ENDPOINT_WAYS];
    EndpointCount accepted; // tries, waits, fails; packets: connections
} Endpoint;

// A new endpoint with descriptor [fd]; its count is the caller's. The poller
// has been started.
Endpoint *endpoint_new(Node *node, int fd);

// The reference of [e] on [h], which takes the caller's count.
Term endpoint_term(Endpoint *e, Heap *h);

// The endpoint of reference [t], NULL when it is none.
Endpoint *endpoint_of(Term t);

// Whether it is the turn of process [pid]. The lock is held, here and below.
bool endpoint_may_try(Endpoint *e, EndpointWay way, Term pid);

// [pid] has done what it may have waited for: it is the next one's turn.
void endpoint_pass(Endpoint *e, EndpointWay way, Term pid);

// Process [pid] waits for [way] under [handle], in the place of what it waited
// for before.
void endpoint_wait(Endpoint *e, EndpointWay way, Term pid, RefId handle);

// It does not any more: whether it did.
bool endpoint_cancel(Endpoint *e, RefId handle);

// How many wait.
size_t endpoint_waiting(const Endpoint *e, EndpointWay way);

// Closes the descriptor, and tells all who wait: false when it was closed
// before.
bool endpoint_close(Endpoint *e);

#endif
