// SPDX-License-Identifier: Apache-2.0
// Poller: tells ports when their descriptors are ready.
//
// It has no thread. A scheduler that finds nothing to run takes it and sleeps
// in it, so that what a packet wakes can run where the packet is read; those
// that are busy look at it now and then. One at a time has it.
//
// A descriptor is forgotten before it is closed, on whatever thread.
#ifndef MERLE_POLLER_H
#define MERLE_POLLER_H

#include <sys/epoll.h>

#include "node.h"

Poller *poller_new(Node *node);
void poller_free(Poller *p);

// Before anything else: the first call makes what it needs of the system.
void poller_start(Poller *p);

// From now on port [id], which is direct, is told of [events] of [fd] as long
// as they last, and of nothing else than its end. [known]: it has been before.
// 0, or an error number.
int poller_watch(Poller *p, int fd, Term id, uint32_t events, bool known);
void poller_forget(Poller *p, int fd);

// Takes it, if there is anything to wait for and nobody else has it.
bool poller_take(Poller *p);

// Waits until something is ready or [until], in monotonic ns; or somebody
// wakes it.
void poller_wait(Poller *p, int64_t until);
void poller_wake(Poller *p);

// Tells the ports what was seen, and gives the poller back.
void poller_serve(Poller *p);

// All of it without waiting, for who has other things to do.
void poller_look(Poller *p);

#endif
