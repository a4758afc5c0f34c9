// SPDX-License-Identifier: Apache-2.0
// Poller: epoll, and an eventfd that wakes who waits in it.
//
// An event carries the address of a watch. It may have been forgotten after the
// system told of it and before it is told; so those that are forgotten wait in
// a list until whoever has the poller has told all that was seen. What is seen
// afterwards cannot be of them: the system has forgotten them before.
#include "poller.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "microstate.h"
#include "scheduler.h"

enum {
    EVENTS_AT_ONCE = 64,
    RETIRED_MOST = 64 // are kept for who sleeps
};

struct Poller {
    Node *node;
    pthread_mutex_t starting; // guards the start
    atomic_bool started;      // there are the descriptors
    int epoll, wake;
    atomic_size_t watched;            // descriptors
    _Atomic(PollerWatch *) forgotten; // to be retired, newest first
    atomic_size_t retiring;           // that have come since the last time
    atomic_bool taken;                // somebody has it: what follows is theirs
    struct epoll_event events[EVENTS_AT_ONCE];
    int seen; // events
};

Poller *poller_new(Node *node)
{
    Poller *p = memory_zeroed(1, sizeof *p);
    p->node = node;
    pthread_mutex_init(&p->starting, NULL);
    return p;
}

// By who has the poller, when nothing that was seen is left to be told.
static void retire_all(Poller *p)
{
    // Mostly there is none: a read of a shared line costs little.
    if (atomic_load(&p->forgotten) == NULL) return;
    atomic_store(&p->retiring, 0);
    PollerWatch *w = atomic_exchange(&p->forgotten, NULL);
    while (w != NULL) {
        PollerWatch *next = w->next;
        w->retire(w); // may free it
        w = next;
    }
}

void poller_free(Poller *p)
{
    retire_all(p);
    if (atomic_load(&p->started)) {
        close(p->epoll);
        close(p->wake);
    }
    pthread_mutex_destroy(&p->starting);
    free(p);
}

// Of an eventfd at its edge: it need never be read.
static int make(Poller *p)
{
    struct epoll_event wake = {.events = EPOLLIN | EPOLLET};
    // Who writes to a socket that nobody reads gets an error, not a signal.
    signal(SIGPIPE, SIG_IGN);
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (p->epoll < 0) return errno;
    p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->wake >= 0 && epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->wake, &wake) == 0)
        return 0;
    int error = errno;
    if (p->wake >= 0) close(p->wake);
    close(p->epoll);
    return error;
}

int poller_start(Poller *p)
{
    int error = 0;
    if (atomic_load(&p->started)) return 0;
    pthread_mutex_lock(&p->starting);
    if (!atomic_load(&p->started)) error = make(p);
    if (error == 0) atomic_store(&p->started, true);
    pthread_mutex_unlock(&p->starting);
    return error;
}

// Without events it tells only of an end, and that once.
int poller_watch(Poller *p, PollerWatch *w, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events != 0 ? events : EPOLLET,
                            .data.ptr = w};
    int how = w->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    // Before: who is told of it by the system has read this count since, and so
    // sees what [w] is; see poller_serve.
    bool first = !w->known && atomic_fetch_add(&p->watched, 1) == 0;
    if (epoll_ctl(p->epoll, how, fd, &e) != 0) {
        int error = errno;
        if (!w->known) atomic_fetch_sub(&p->watched, 1);
        return error;
    }
    w->events = events;
    if (w->known) return 0;
    w->fd = fd;
    w->known = true;
    // All schedulers may sleep, none of them here. One that asks comes here
    // before it sleeps.
    if (first && scheduler_self() == NULL)
        scheduler_unpark(p->node->schedulers[0]);
    return 0;
}

// It is retired by whoever has the poller next.
void poller_forget(Poller *p, PollerWatch *w)
{
    if (!w->known) return;
    epoll_ctl(p->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    w->known = false;
    atomic_fetch_sub(&p->watched, 1);
    w->next = atomic_load(&p->forgotten);
    while (!atomic_compare_exchange_weak(&p->forgotten, &w->next, w)) {
    }
    // [w] may be gone from here on. Who sleeps is not woken for a few.
    if (atomic_fetch_add(&p->retiring, 1) == RETIRED_MOST) poller_wake(p);
}

// The reads first: they cost little when others have it. Who sees that
// something is watched sees the poller's descriptors, too.
bool poller_take(Poller *p)
{
    return (atomic_load_explicit(&p->watched, memory_order_acquire) > 0
            || atomic_load_explicit(&p->forgotten, memory_order_acquire)
                   != NULL)
           && !atomic_load_explicit(&p->taken, memory_order_relaxed)
           && !atomic_exchange(&p->taken, true);
}

void poller_wait(Poller *p, int64_t until)
{
    int64_t left = until == INT64_MAX ? 0 : until - clock_monotonic();
    if (left < 0) left = 0;
    struct timespec t = {left / 1000000000, left % 1000000000};
    p->seen = epoll_pwait2(p->epoll, p->events, EVENTS_AT_ONCE,
                           until == INT64_MAX ? NULL : &t, NULL);
    // An older system knows milliseconds only: rounded up, for timers. Some
    // sandboxes refuse calls that they do not know.
    if (p->seen < 0 && (errno == ENOSYS || errno == EPERM))
        p->seen = epoll_wait(p->epoll, p->events, EVENTS_AT_ONCE,
                             until == INT64_MAX
                                 ? -1
                                 : (int)(left / 1000000 < 60000
                                             ? (left + 999999) / 1000000
                                             : 60000));
}

void poller_wake(Poller *p)
{
    uint64_t one = 1;
    // It can fail only when as many have not been seen as fit into 64 bits.
    ssize_t n = write(p->wake, &one, sizeof one);
    (void)n;
}

void poller_serve(Poller *p)
{
    atomic_load(&p->watched); // all that was done before what was seen is here
    MicrostateKind before = microstate_enter_here(MICROSTATE_PORT);
    for (int i = 0; i < p->seen; i++) {
        PollerWatch *w = p->events[i].data.ptr;
        if (w != NULL) w->ready(w, p->events[i].events); // NULL: woken
    }
    p->seen = 0;
    microstate_enter_here(MICROSTATE_CHECK_IO);
    retire_all(p);
    microstate_enter_here(before);
    atomic_store(&p->taken, false);
}

void poller_look(Poller *p)
{
    if (!poller_take(p)) return;
    MicrostateKind before = microstate_enter_here(MICROSTATE_CHECK_IO);
    p->seen = epoll_wait(p->epoll, p->events, EVENTS_AT_ONCE, 0);
    poller_serve(p);
    microstate_enter_here(before);
}
