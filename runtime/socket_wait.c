// SPDX-License-Identifier: Apache-2.0
// Sockets: calls that wait for something, each with its timer.
//
// A wait is in one list of its socket, and answered once: by what it waits for,
// by its time, or by the socket's end. Its timer is a handle of the socket's
// until libuv has closed it.
#include <stdlib.h>

#include "memory.h"
#include "socket.h"

static void remove_wait(SocketWait **list, SocketWait *w)
{
    while (*list != NULL && *list != w) list = &(*list)->next;
    if (*list != NULL) *list = w->next;
}

// The timer is closed: the memory may go, and perhaps the socket.
static void free_wait(uv_handle_t *handle)
{
    SocketWait *w = handle->data;
    Socket *s = w->socket;
    s->handles--;
    free(w);
    if (s->stopped) socket_update(s);
}

// Out of its list before: answering may run others.
static void end_wait(SocketWait *w, Term answer)
{
    port_answer(w->call, answer);
    if (w->timed)
        uv_close((uv_handle_t *)&w->timer, free_wait);
    else
        free(w);
}

static Term make_error(PortCall *call, Term reason)
{
    return heap_tuple2(&call->heap, ATOM_error, reason);
}

static void on_timeout(uv_timer_t *timer)
{
    SocketWait *w = timer->data;
    Socket *s = w->socket;
    // It is in one of them; which does not matter.
    SocketWait **lists[] = {&s->receivers, &s->acceptors, &s->senders,
                            &s->connector, &s->drainers};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        remove_wait(lists[i], w);
    bool sender = w->queued;
    end_wait(w, make_error(w->call, ATOM_timeout));
    if (sender) socket_give_up_sending(s);
    socket_update(s);
}

// Oldest first: they are served in order.
void socket_wait(Socket *s, SocketWait **list, PortCall *call,
                 int64_t timeout, size_t size)
{
    SocketWait *w = memory_zeroed(1, sizeof *w);
    w->call = call;
    w->socket = s;
    w->size = size;
    while (*list != NULL) list = &(*list)->next;
    *list = w;
    socket_wait_limit(w, timeout);
}

void socket_wait_limit(SocketWait *w, int64_t timeout)
{
    Socket *s = w->socket;
    if (timeout < 0) return;
    w->timed = true;
    w->timer.data = w;
    uv_timer_init(io_loop_uv(s->port.node->io), &w->timer);
    uv_timer_start(&w->timer, on_timeout, (uint64_t)timeout, 0);
    s->handles++;
}

void socket_answer(SocketWait **list, Term answer)
{
    SocketWait *w = *list;
    *list = w->next;
    end_wait(w, answer);
}

void socket_fail(SocketWait **list, Term reason)
{
    while (*list != NULL)
        socket_answer(list, make_error((*list)->call, reason));
}

void socket_forget(SocketWait **list)
{
    while (*list != NULL) {
        SocketWait *w = *list;
        *list = w->next;
        port_call_free(w->call);
        free(w);
    }
}
