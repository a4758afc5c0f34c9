// SPDX-License-Identifier: Apache-2.0
// Endpoint: its life, and those who wait.
//
// The descriptor and its handle of libuv are the poll's, which lives on the
// loop's thread: it outlives the endpoint until libuv has closed the handle, so
// that no other descriptor of that number is polled meanwhile. The endpoint is
// told of events through [owner], which is guarded by the poll's own lock.
#include "endpoint.h"

#include <stdlib.h>
#include <unistd.h>

#include "magic.h"
#include "memory.h"
#include "signal.h"

struct EndpointWait {
    EndpointWait *next;
    Term pid;     // who gets the message
    RefId handle; // what it knows it by
};

struct EndpointPoll {
    IoTask task; // must be first
    pthread_mutex_t lock;
    Endpoint *owner; // NULL: it is to close
    int fd;
    int wanted;  // events, set under the lock
    bool queued; // the task waits for its turn
    bool ready;  // libuv knows the handle
    uv_poll_t handle;
};

// ---- messages ----

static Term socket_term(const Endpoint *e, Heap *h)
{
    Endpoint *same = (Endpoint *)(uintptr_t)e;
    counted_keep(&same->counted);
    return heap_tuple2(h, ATOM_socket_tag,
                       magic_ref_from_id(h, &same->counted, e->id));
}

// {'$socket', Socket, Tag, What}
static void tell(const Endpoint *e, const EndpointWait *w, bool abort)
{
    Signal *s = signal_new(SIGNAL_MESSAGE, ATOM_undefined);
    Heap *h = &s->heap;
    Term handle = ref_from_id(h, w->handle);
    Term what = abort ? heap_tuple2(h, handle, ATOM_closed) : handle;
    s->token = TERM_NIL;
    s->message = heap_tuple(h, 4, (Term[]){ATOM_socket_tag, socket_term(e, h),
                                           abort ? ATOM_abort : ATOM_select,
                                           what});
    signal_push(e->node, w->pid, s);
}

// ---- polling, on the loop's thread ----

static void free_poll(uv_handle_t *handle)
{
    EndpointPoll *p = handle->data;
    close(p->fd);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static int wanted_events(const Endpoint *e)
{
    return (e->waits[ENDPOINT_READ] != NULL ? UV_READABLE : 0)
           | (e->waits[ENDPOINT_WRITE] != NULL ? UV_WRITABLE : 0);
}

// The oldest of those who wait has its turn; others follow when the loop looks
// again, as it does at once.
static void serve(Endpoint *e, EndpointWay way)
{
    EndpointWait *w = e->waits[way];
    if (w == NULL) return;
    e->waits[way] = w->next;
    tell(e, w, false);
    free(w);
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

static void poll_for(EndpointPoll *p, int events);

static void on_event(uv_poll_t *handle, int status, int events)
{
    EndpointPoll *p = handle->data;
    Endpoint *e = keep_owner(p);
    if (e == NULL) return;
    // What has failed is ready for all: they will see.
    if (status < 0) events = UV_READABLE | UV_WRITABLE;
    pthread_mutex_lock(&e->lock);
    if (events & UV_READABLE) serve(e, ENDPOINT_READ);
    if (events & UV_WRITABLE) serve(e, ENDPOINT_WRITE);
    int wanted = wanted_events(e);
    pthread_mutex_unlock(&e->lock);
    poll_for(p, wanted);
    counted_release(&e->counted);
}

static void poll_for(EndpointPoll *p, int events)
{
    if (events == 0)
        uv_poll_stop(&p->handle);
    else
        uv_poll_start(&p->handle, events, on_event);
}

// Something has changed: what is waited for, or the endpoint is gone.
static void run_poll(IoLoop *io, IoTask *task)
{
    EndpointPoll *p = (EndpointPoll *)task;
    pthread_mutex_lock(&p->lock);
    p->queued = false;
    bool ends = p->owner == NULL;
    int wanted = p->wanted;
    pthread_mutex_unlock(&p->lock);
    if (!p->ready) {
        p->handle.data = p;
        p->ready = uv_poll_init(io_loop_uv(io), &p->handle, p->fd) == 0;
    }
    if (ends && p->ready)
        uv_close((uv_handle_t *)&p->handle, free_poll);
    else if (ends)
        free_poll((uv_handle_t *)&p->handle);
    else if (p->ready)
        poll_for(p, wanted);
}

// ---- the endpoint's side ----

// Under the poll's lock.
static void queue_poll(const Endpoint *e, EndpointPoll *p)
{
    if (p->queued) return;
    p->queued = true;
    io_loop_add(e->node->io, &p->task);
}

static EndpointPoll *new_poll(Endpoint *e)
{
    EndpointPoll *p = memory_zeroed(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    p->task.run = run_poll;
    p->owner = e;
    p->fd = e->fd;
    p->handle.data = p;
    return p;
}

static void ask_poll(Endpoint *e)
{
    if (e->poll == NULL) e->poll = new_poll(e);
    pthread_mutex_lock(&e->poll->lock);
    e->poll->wanted = wanted_events(e);
    queue_poll(e, e->poll);
    pthread_mutex_unlock(&e->poll->lock);
}

// The descriptor goes with its poll, if it has one.
static void give_up_fd(Endpoint *e)
{
    EndpointPoll *p = e->poll;
    if (p == NULL) {
        close(e->fd);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->owner = NULL;
    queue_poll(e, p);
    pthread_mutex_unlock(&p->lock);
}

static void destroy(Counted *counted)
{
    Endpoint *e = (Endpoint *)counted;
    // At the node's end the loop goes first, and closes all its handles.
    bool ended = e->node->io == NULL;
    if (e->fd >= 0 && ended && e->poll != NULL)
        free_poll((uv_handle_t *)&e->poll->handle);
    else if (e->fd >= 0)
        give_up_fd(e);
    for (int way = 0; way < ENDPOINT_WAYS; way++)
        while (e->waits[way] != NULL) {
            EndpointWait *w = e->waits[way];
            e->waits[way] = w->next;
            free(w);
        }
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

void endpoint_wait(Endpoint *e, EndpointWay way, Term pid, RefId handle)
{
    EndpointWait *w = memory_zeroed(1, sizeof *w), **at = &e->waits[way];
    w->pid = pid;
    w->handle = handle;
    while (*at != NULL) at = &(*at)->next;
    *at = w;
    ask_poll(e);
}

bool endpoint_cancel(Endpoint *e, RefId handle)
{
    for (int way = 0; way < ENDPOINT_WAYS; way++)
        for (EndpointWait **at = &e->waits[way]; *at != NULL;
             at = &(*at)->next) {
            EndpointWait *w = *at;
            if (!ref_id_same(w->handle, handle)) continue;
            *at = w->next;
            free(w);
            ask_poll(e);
            return true;
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
            tell(e, w, true);
            free(w);
        }
    return open;
}
