// SPDX-License-Identifier: Apache-2.0
// Sockets: calls that wait for something, each with its timer.
//
// A wait is in one list of its socket, and answered once: by what it waits for,
// by its time, or by the socket's end.
//
// One alarm of the loop serves all waits of a socket. It is set for the first
// that may be over and stays so when that ends before: most waits end long
// before their time, and then the loop is not asked at all.
#include <stdlib.h>

#include "clock.h"
#include "memory.h"
#include "socket.h"

static void remove_wait(SocketWait **list, SocketWait *w)
{
    while (*list != NULL && *list != w) list = &(*list)->next;
    if (*list != NULL) *list = w->next;
}

// Out of its list before: answering may run others.
static void end_wait(SocketWait *w, Term answer)
{
    port_answer(w->call, answer);
    free(w);
}

static Term make_error(PortCall *call, Term reason)
{
    return heap_tuple2(&call->heap, ATOM_error, reason);
}

// ---- the alarm ----

static int64_t now_ms(void)
{
    return clock_monotonic() / 1000000;
}

enum { LISTS = 6 };

static void get_lists(Socket *s, SocketWait **lists[LISTS])
{
    SocketWait **all[LISTS] = {&s->receivers, &s->acceptors, &s->senders,
                               &s->connector, &s->drainers,  &s->files};
    memcpy(lists, all, sizeof all);
}

// Of the waits the one that is over first; NULL without any.
static SocketWait *find_first(Socket *s)
{
    SocketWait *first = NULL, **lists[LISTS];
    get_lists(s, lists);
    for (size_t i = 0; i < LISTS; i++)
        for (SocketWait *w = *lists[i]; w != NULL; w = w->next)
            if (first == NULL || w->until < first->until) first = w;
    return first;
}

static void give_up(Socket *s, SocketWait *w)
{
    SocketWait **lists[LISTS];
    get_lists(s, lists);
    // It is in one of them; which does not matter.
    for (size_t i = 0; i < LISTS; i++) remove_wait(lists[i], w);
    bool sender = w->queued;
    end_wait(w, make_error(w->call, ATOM_timeout));
    if (sender) socket_give_up_sending(s);
    socket_update(s);
}

// Looked for anew each time: giving up may answer others.
void socket_expire(Socket *s)
{
    int64_t now = now_ms();
    SocketWait *w;
    while ((w = find_first(s)) != NULL && w->until <= now) give_up(s, w);
}

static void on_alarm(uv_timer_t *timer);

static void on_alarm_closed(uv_handle_t *handle)
{
    Socket *s = handle->data;
    port_drop(&s->port);
}

static void start_timer(SocketAlarm *a)
{
    int64_t left = a->at - now_ms();
    uv_timer_start(&a->timer, on_alarm, left > 0 ? (uint64_t)left : 0, 0);
}

// On the loop's thread, as all of a timer is.
static void on_alarm(uv_timer_t *timer)
{
    Socket *s = timer->data;
    port_hold(&s->port);
    if (!s->stopped) {
        socket_expire(s);
        const SocketWait *w = find_first(s);
        s->alarm.at = w == NULL ? INT64_MAX : w->until;
        if (s->alarm.at != INT64_MAX) start_timer(&s->alarm);
    }
    port_leave(&s->port);
}

static void run_alarm(IoLoop *io, IoTask *task)
{
    SocketAlarm *a = (SocketAlarm *)task;
    Socket *s = a->socket;
    port_hold(&s->port);
    a->queued = false;
    bool ends = s->stopped;
    if (!ends && !a->open) {
        a->open = true;
        a->timer.data = s;
        uv_timer_init(io_loop_uv(io), &a->timer);
    }
    if (!ends) start_timer(a);
    if (ends && a->open) uv_close((uv_handle_t *)&a->timer, on_alarm_closed);
    bool over = ends && !a->open;
    port_leave(&s->port);
    if (over) port_drop(&s->port);
}

static void queue_alarm(Socket *s)
{
    SocketAlarm *a = &s->alarm;
    if (a->queued) return;
    // It keeps the socket until it has ended.
    if (!a->open) port_keep(&s->port);
    a->queued = true;
    a->task.run = run_alarm;
    io_loop_add(s->port.node->io, &a->task);
}

void socket_stop_alarm(Socket *s)
{
    if (s->alarm.open) queue_alarm(s);
}

// ---- waiting ----

// Oldest first: they are served in order.
void socket_wait(Socket *s, SocketWait **list, PortCall *call,
                 int64_t timeout, size_t size)
{
    SocketWait *w = memory_zeroed(1, sizeof *w);
    w->call = call;
    w->socket = s;
    w->size = size;
    w->until = INT64_MAX;
    while (*list != NULL) list = &(*list)->next;
    *list = w;
    socket_wait_limit(w, timeout);
}

void socket_wait_limit(SocketWait *w, int64_t timeout)
{
    if (timeout < 0) return;
    w->until = now_ms() + timeout;
    if (w->until < w->socket->alarm.at) {
        w->socket->alarm.at = w->until;
        queue_alarm(w->socket);
    }
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

void socket_fail_all(Socket *s, Term reason)
{
    SocketWait **lists[LISTS];
    get_lists(s, lists);
    for (size_t i = 0; i < LISTS; i++) socket_fail(lists[i], reason);
}

static void forget(SocketWait **list)
{
    while (*list != NULL) {
        SocketWait *w = *list;
        *list = w->next;
        port_call_free(w->call);
        free(w);
    }
}

void socket_forget_all(Socket *s)
{
    SocketWait **lists[LISTS];
    get_lists(s, lists);
    for (size_t i = 0; i < LISTS; i++) forget(lists[i]);
}
