// SPDX-License-Identifier: Apache-2.0
// Endpoint: its life, and those who wait.
//
// The poller's side is a structure of its own, which outlives the endpoint
// until nothing is told of it any more. It finds the endpoint through [owner],
// which is guarded by a lock of its own; the rest of it is under the
// endpoint's.
#include "endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "magic.h"
#include "memory.h"
#include "poller.h"
#include "posix_error.h"
#include "process_table.h"
#include "signal.h"

struct EndpointWait {
    EndpointWait *next;
    Term pid;     // who gets the message
    RefId handle; // what it knows it by
    bool told;    // it has got it, and is about to try
};

struct EndpointPoll {
    PollerWatch watch; // must be first
    pthread_mutex_t lock;
    Endpoint *owner; // NULL: it is closed
    int own_fd;      // that is polled for in the place of the endpoint's, or -1
    uint32_t armed;  // events that will be told, once
};

// ---- messages ----

static Term socket_term(const Endpoint *e, Heap *h)
{
    Endpoint *same = (Endpoint *)(uintptr_t)e;
    counted_keep(&same->counted);
    return heap_tuple2(h, ATOM_socket_tag,
                       magic_ref_from_id(h, &same->counted, e->id));
}

// {'$socket', Socket, select, Handle}; with a reason to abort
// {'$socket', Socket, abort, {Handle, Reason}}.
static void tell(const Endpoint *e, const EndpointWait *w, Term reason)
{
    Signal *s = signal_new(SIGNAL_MESSAGE, ATOM_undefined);
    Heap *h = &s->heap;
    Term handle = ref_from_id(h, w->handle);
    bool abort = !term_is_none(reason);
    Term what = abort ? heap_tuple2(h, handle, reason) : handle;
    s->token = TERM_NIL;
    s->message = heap_tuple(h, 4,
                            (Term[]){ATOM_socket_tag, socket_term(e, h),
                                     abort ? ATOM_abort : ATOM_select, what});
    signal_push(e->node, w->pid, s);
}

// ---- polling ----

// Events are told once, and then asked for again. Those of who has been told
// already are asked for if others wait behind it, as they come: it may have
// died.
static uint32_t wanted_events(const Endpoint *e)
{
    const uint32_t events[] = {
        [ENDPOINT_READ] = EPOLLIN, [ENDPOINT_WRITE] = EPOLLOUT};
    uint32_t wanted = 0, later = 0;
    for (int way = 0; way < ENDPOINT_WAYS; way++) {
        const EndpointWait *w = e->waits[way];
        if (w == NULL) continue;
        if (!w->told)
            wanted |= events[way];
        else if (w->next != NULL)
            later |= events[way];
    }
    if (wanted != 0) return wanted | EPOLLONESHOT;
    return later != 0 ? later | EPOLLET | EPOLLONESHOT : 0;
}

// The owner, kept while it is told; NULL when it is gone.
static Endpoint *keep_owner(EndpointPoll *p)
{
    pthread_mutex_lock(&p->lock);
    Endpoint *e = p->owner;
    // From a count of 0 none comes back: it is being destroyed.
    size_t count = e == NULL ? 0 : atomic_load(&e->counted.count);
    while (count > 0
           && !atomic_compare_exchange_weak(&e->counted.count, &count,
                                            count + 1)) {
    }
    pthread_mutex_unlock(&p->lock);
    return count > 0 ? e : NULL;
}

static void free_first(EndpointWait **list)
{
    EndpointWait *w = *list;
    *list = w->next;
    free(w);
}

// The dead have no turn.
static void drop_dead(Endpoint *e, EndpointWay way)
{
    EndpointWait **list = &e->waits[way];
    while (*list != NULL
           && !process_table_has(e->node->processes, (*list)->pid))
        free_first(list);
}

static void serve(Endpoint *e, EndpointWay way)
{
    drop_dead(e, way);
    EndpointWait *w = e->waits[way];
    if (w == NULL || w->told) return;
    w->told = true;
    tell(e, w, TERM_NONE);
}

static void update(Endpoint *e);

static void on_events(PollerWatch *watch, uint32_t events)
{
    EndpointPoll *p = (EndpointPoll *)watch;
    Endpoint *e = keep_owner(p);
    if (e == NULL) return;
    pthread_mutex_lock(&e->lock);
    // What has failed is ready for all: they will see.
    bool fails = (events & (EPOLLERR | EPOLLHUP)) != 0;
    p->armed = 0;
    if (fails || (events & EPOLLIN) != 0) serve(e, ENDPOINT_READ);
    if (fails || (events & EPOLLOUT) != 0) serve(e, ENDPOINT_WRITE);
    update(e);
    pthread_mutex_unlock(&e->lock);
    counted_release(&e->counted);
}

static void free_poll(PollerWatch *watch)
{
    EndpointPoll *p = (EndpointPoll *)watch;
    if (p->own_fd >= 0) close(p->own_fd);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static EndpointPoll *new_poll(Endpoint *e)
{
    EndpointPoll *p = memory_zeroed(1, sizeof *p);
    p->watch.ready = on_events;
    p->watch.retire = free_poll;
    pthread_mutex_init(&p->lock, NULL);
    p->owner = e;
    p->own_fd = -1;
    return p;
}

// 0, or why [events] cannot be told.
static int ask_poller(Endpoint *e, uint32_t events)
{
    EndpointPoll *p = e->poll;
    Poller *poller = e->node->poller;
    int error = poller_watch(poller, &p->watch,
                             p->own_fd >= 0 ? p->own_fd : e->fd, events);
    if (error != EEXIST) return error;
    // Another socket has this descriptor: one of our own leads to the same.
    p->own_fd = dup(e->fd);
    return p->own_fd < 0 ? errno
                         : poller_watch(poller, &p->watch, p->own_fd, events);
}

// Nothing will be told to those who wait.
static void abort_all(Endpoint *e, int error)
{
    Term reason = posix_error_name(e->node->atoms, error);
    for (int way = 0; way < ENDPOINT_WAYS; way++)
        while (e->waits[way] != NULL) {
            if (!e->waits[way]->told) tell(e, e->waits[way], reason);
            free_first(&e->waits[way]);
        }
}

// Has what is waited for told. What is not any more is told once and in vain.
static void update(Endpoint *e)
{
    uint32_t wanted = wanted_events(e);
    if (wanted == 0 || e->fd < 0) return;
    if (e->poll == NULL) e->poll = new_poll(e);
    EndpointPoll *p = e->poll;
    if (p->armed == wanted) return;
    int error = ask_poller(e, wanted);
    p->armed = error == 0 ? wanted : 0;
    if (error != 0) abort_all(e, error);
}

static void give_up_fd(Endpoint *e)
{
    EndpointPoll *p = e->poll;
    if (p != NULL) {
        pthread_mutex_lock(&p->lock);
        p->owner = NULL;
        pthread_mutex_unlock(&p->lock);
        bool known = p->watch.known;
        poller_forget(e->node->poller, &p->watch);
        if (!known) free_poll(&p->watch); // never told of
    }
    e->poll = NULL;
    close(e->fd);
}

// ---- the endpoint ----

static void destroy(Counted *counted)
{
    Endpoint *e = (Endpoint *)counted;
    // At the node's end the poller goes first.
    if (e->fd >= 0 && e->poll != NULL && e->node->io == NULL)
        free_poll(&e->poll->watch);
    if (e->fd >= 0 && e->node->io == NULL)
        close(e->fd);
    else if (e->fd >= 0)
        give_up_fd(e);
    for (int way = 0; way < ENDPOINT_WAYS; way++)
        while (e->waits[way] != NULL) free_first(&e->waits[way]);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

Endpoint *endpoint_new(Node *node, int fd)
{
    Endpoint *e = memory_zeroed(1, sizeof *e);
    atomic_init(&e->counted.count, 1);
    e->counted.destroy = destroy;
    e->node = node;
    e->id = ref_id_new(node);
    e->fd = fd;
    pthread_mutex_init(&e->lock, NULL);
    return e;
}

Term endpoint_term(Endpoint *e, Heap *h)
{
    return magic_ref_from_id(h, &e->counted, e->id);
}

Endpoint *endpoint_of(Term t)
{
    return (Endpoint *)magic_object(t, destroy);
}

bool endpoint_may_try(Endpoint *e, EndpointWay way, Term pid)
{
    drop_dead(e, way);
    const EndpointWait *w = e->waits[way];
    return w == NULL || term_same(w->pid, pid);
}

void endpoint_pass(Endpoint *e, EndpointWay way, Term pid)
{
    EndpointWait *w = e->waits[way];
    if (w == NULL || !term_same(w->pid, pid)) return;
    free_first(&e->waits[way]);
    update(e);
}

void endpoint_wait(Endpoint *e, EndpointWay way, Term pid, RefId handle)
{
    EndpointWait **at = &e->waits[way];
    while (*at != NULL && !term_same((*at)->pid, pid)) at = &(*at)->next;
    if (*at == NULL) *at = memory_zeroed(1, sizeof **at);
    (*at)->pid = pid;
    (*at)->handle = handle;
    (*at)->told = false;
    update(e);
}

bool endpoint_cancel(Endpoint *e, RefId handle)
{
    for (int way = 0; way < ENDPOINT_WAYS; way++)
        for (EndpointWait **at = &e->waits[way]; *at != NULL;
             at = &(*at)->next) {
            EndpointWait *w = *at;
            if (!ref_id_same(w->handle, handle)) continue;
            // One that was told has had its message.
            bool there = !w->told;
            free_first(at);
            update(e);
            return there;
        }
    return false;
}

size_t endpoint_waiting(const Endpoint *e, EndpointWay way)
{
    size_t n = 0;
    for (const EndpointWait *w = e->waits[way]; w != NULL; w = w->next) n++;
    return n;
}

bool endpoint_close(Endpoint *e)
{
    pthread_mutex_lock(&e->lock);
    bool open = e->fd >= 0;
    if (open) give_up_fd(e);
    e->fd = -1;
    EndpointWait *waits[ENDPOINT_WAYS];
    memcpy(waits, e->waits, sizeof waits);
    memset(e->waits, 0, sizeof e->waits);
    pthread_mutex_unlock(&e->lock);
    // Not under the lock: a message may be taken at once.
    for (int way = 0; way < ENDPOINT_WAYS; way++)
        while (waits[way] != NULL) {
            EndpointWait *w = waits[way];
            waits[way] = w->next;
            tell(e, w, ATOM_closed);
            free(w);
        }
    return open;
}
