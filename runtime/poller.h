// SPDX-License-Identifier: Apache-2.0
// Poller: tells whoever waits for descriptors when they are ready.
//
// It has no thread. A scheduler that finds nothing to run takes it and sleeps
// in it, so that what a packet wakes can run where the packet is read; those
// that are busy look at it now and then. One at a time has it.
//
// A descriptor is forgotten before it is closed, on whatever thread. Who has
// the poller may be about to tell of it then: so what is told lives until it
// is retired, which is when the events that were seen before are told.
#ifndef MERLE_POLLER_H
#define MERLE_POLLER_H

#include <sys/epoll.h>

#include "node.h"

typedef struct PollerWatch PollerWatch;

// A part of who waits for a descriptor. [fd] to [known] are read and changed
// under a lock of its own, by itself and by poller_watch and poller_forget.
struct PollerWatch {
    // Events of the descriptor, by whoever has the poller. It may have been
    // forgotten meanwhile: see [known].
    void (*ready)(PollerWatch *w, uint32_t events);
    // Nothing will be told any more. Any thread, without a lock.
    void (*retire)(PollerWatch *w);
    PollerWatch *next; // of those that are to be retired
    int fd;            // that is polled for
    uint32_t events;   // asked for
    bool known;        // by the system
};

Poller *poller_new(Node *node);

// Retires what is to be.
void poller_free(Poller *p);

// Before anything else: the first call makes what it needs of the system. 0, or
// an error number.
int poller_start(Poller *p);

// From now on [w] is told of [events] of [fd] as long as they last, and of
// nothing else than its end. Once it has been forgotten it is over with it.
// 0, or an error number.
int poller_watch(Poller *p, PollerWatch *w, int fd, uint32_t events);

// Nothing if it does not know [w]. Under the same lock as poller_watch.
void poller_forget(Poller *p, PollerWatch *w);

// Takes it, if there is anything to wait for and nobody else has it.
bool poller_take(Poller *p);

// Waits until something is ready or [until], in monotonic ns; or somebody
// wakes it.
void poller_wait(Poller *p, int64_t until);
void poller_wake(Poller *p);

// Tells of what was seen, retires what is to be, and gives the poller back.
void poller_serve(Poller *p);

// All of it without waiting, for who has other things to do.
void poller_look(Poller *p);

#endif
