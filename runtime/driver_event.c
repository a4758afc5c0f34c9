// SPDX-License-Identifier: Apache-2.0
// What drivers wait for: descriptors, timers and the ends of processes.
//
// A descriptor has one entry, whatever ports wait for it: one for reading and
// one for writing. A handle of libuv lives until the loop has closed it, so
// each is memory of its own.
#include <stdlib.h>

#include "driver.h"
#include "memory.h"
#include "ref.h"
#include "signal.h"

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

// ---- descriptors ----

struct DriverSelect {
    uv_poll_t poll;           // must be first
    DriverSelect *next;       // in the table's list
    Node *node;               // it belongs to
    int fd;                   // what is polled
    DriverPort *in, *out;     // who waits; NULL: nobody
    const ErlDrvEntry *entry; // whose stop_select it is to hear
    bool used;                // and whether
};

// Linear: drivers wait for a few descriptors.
static DriverSelect *find_select(Node *node, int fd)
{
    DriverSelect *s = node->drivers->selects;
    while (s != NULL && s->fd != fd) s = s->next;
    return s;
}

static void call_ready(DriverPort *d, int fd, bool input)
{
    void (*ready)(ErlDrvData, ErlDrvEvent) =
        input ? d->driver->entry->ready_input : d->driver->entry->ready_output;
    if (ready == NULL) return;
    driver_enter(d);
    ready(d->data, (ErlDrvEvent)(intptr_t)fd);
    driver_leave(d);
}

// The driver may change what it waits for within its function.
static void on_poll(uv_poll_t *poll, int status, int events)
{
    DriverSelect *s = (DriverSelect *)poll;
    Node *node = s->node;
    int fd = s->fd;
    // An error: both are told, and find it when they read or write.
    if (status < 0) events = UV_READABLE | UV_WRITABLE;
    if ((events & (UV_READABLE | UV_DISCONNECT)) && s->in != NULL)
        call_ready(s->in, fd, true);
    // Looked up anew: the driver may have given it up.
    s = find_select(node, fd);
    if ((events & UV_WRITABLE) && s != NULL && s->out != NULL)
        call_ready(s->out, fd, false);
}

// Waits for what is wanted of [s]; false when that cannot be.
// Both directions share one handle: it is started with what is wanted of both.
static bool arm(DriverSelect *s)
{
    int events = (s->in != NULL ? UV_READABLE : 0)
                 | (s->out != NULL ? UV_WRITABLE : 0);
    if (events == 0) return uv_poll_stop(&s->poll) == 0;
    return uv_poll_start(&s->poll, events, on_poll) == 0;
}

static void drop_select(DriverSelect *s)
{
    DriverSelect **link = &s->node->drivers->selects;
    while (*link != s) link = &(*link)->next;
    *link = s->next;
    // Freed when the loop has closed it: it may be in its list of events.
    s->poll.data = s;
    uv_close((uv_handle_t *)&s->poll, free_handle);
}

static DriverSelect *new_select(Node *node, int fd)
{
    DriverSelect *s = memory_zeroed(1, sizeof *s);
    // Refused: a file, or a descriptor that is not open.
    if (uv_poll_init(io_loop_uv(node->io), &s->poll, fd) != 0) {
        free(s);
        return NULL;
    }
    s->node = node;
    s->fd = fd;
    s->next = node->drivers->selects;
    node->drivers->selects = s;
    return s;
}

static int start_select(DriverPort *d, int fd, int mode)
{
    Node *node = d->port.node;
    DriverSelect *s = find_select(node, fd);
    // A second port, or direction, joins the entry.
    if (s == NULL) s = new_select(node, fd);
    if (s == NULL) return -1;
    if (mode & ERL_DRV_READ) s->in = d;
    if (mode & ERL_DRV_WRITE) s->out = d;
    if (mode & ERL_DRV_USE) s->used = true;
    s->entry = d->driver->entry;
    return arm(s) ? 0 : -1;
}

// Nobody waits for [fd] any more. What its number stands for may be closed by
// the driver at any time, so the entry goes with the last who waits.
static void stop_select(DriverPort *d, int fd, int mode)
{
    const ErlDrvEntry *e = d->driver->entry;
    DriverSelect *s = find_select(d->port.node, fd);
    bool all = (mode & ERL_DRV_USE) != 0;
    // Only what it waits for itself: another port may wait for the same.
    if (s != NULL && s->in == d && (all || (mode & ERL_DRV_READ))) s->in = NULL;
    if (s != NULL && s->out == d && (all || (mode & ERL_DRV_WRITE)))
        s->out = NULL;
    bool idle = s == NULL || (s->in == NULL && s->out == NULL);
    if (s != NULL && idle)
        drop_select(s);
    else if (s != NULL)
        arm(s);
    // The descriptor may be closed when nobody polls it: what stop_select is
    // for.
    if (!idle || !all || e->stop_select == NULL) return;
    // Several bits: the test is for all of them.
    if ((mode & ERL_DRV_USE_NO_CALLBACK) == ERL_DRV_USE_NO_CALLBACK) return;
    e->stop_select((ErlDrvEvent)(intptr_t)fd, NULL);
}

int driver_select(ErlDrvPort port, ErlDrvEvent event, int mode, int on)
{
    DriverPort *d = driver_port_of(port);
    int fd = (int)(intptr_t)event;
    if (d == NULL || fd < 0) return -1;
    if (on) return start_select(d, fd, mode);
    stop_select(d, fd, mode);
    return 0;
}

static void end_selects(DriverPort *d)
{
    DriverSelect *next;
    for (DriverSelect *s = d->port.node->drivers->selects; s != NULL;
         s = next) {
        // Stopping takes it out of the list.
        next = s->next;
        if (s->in != d && s->out != d) continue;
        stop_select(d, s->fd, ERL_DRV_READ | ERL_DRV_WRITE
                                  | (s->used ? ERL_DRV_USE : 0));
    }
}

// ---- timers ----

// The port stands behind the handle, which may outlive it.
static void on_timeout(uv_timer_t *timer)
{
    DriverPort *d = *(DriverPort **)(timer + 1);
    if (d->driver->entry->timeout == NULL) return;
    driver_enter(d);
    d->driver->entry->timeout(d->data);
    driver_leave(d);
}

int driver_set_timer(ErlDrvPort port, unsigned long ms)
{
    DriverPort *d = driver_port_of(port);
    if (d == NULL || d->driver->entry->timeout == NULL) return -1;
    uv_loop_t *loop = io_loop_uv(d->port.node->io);
    // Made once, at the first use.
    if (d->timer == NULL) {
        d->timer = memory_zeroed(1, sizeof *d->timer + sizeof d);
        d->timer->data = d->timer;
        *(DriverPort **)(d->timer + 1) = d;
        uv_timer_init(loop, d->timer);
    }
    // The loop's time is that of its last turn: a driver may have worked for
    // long.
    uv_update_time(loop);
    uv_timer_start(d->timer, on_timeout, ms, 0);
    return 0;
}

int driver_cancel_timer(ErlDrvPort port)
{
    DriverPort *d = driver_port_of(port);
    if (d == NULL) return -1;
    if (d->timer != NULL) uv_timer_stop(d->timer);
    return 0;
}

int driver_read_timer(ErlDrvPort port, unsigned long *ms)
{
    DriverPort *d = driver_port_of(port);
    bool runs = d->timer != NULL && uv_is_active((uv_handle_t *)d->timer);
    *ms = runs ? (unsigned long)uv_timer_get_due_in(d->timer) : 0;
    return 0;
}

// ---- processes ----

struct DriverWatch {
    DriverWatch *next; // of the same port
    RefId id;          // of the monitor, which the process has too
    Term pid;          // who is watched
};

// A driver's monitor is the reference's number in a room of bytes.
static ErlDrvMonitor monitor_of(RefId id)
{
    ErlDrvMonitor m = {{0}};
    memcpy(m.data, &id, sizeof id);
    return m;
}

static DriverWatch **find_watch(DriverPort *d, const ErlDrvMonitor *m)
{
    RefId id;
    memcpy(&id, m->data, sizeof id);
    DriverWatch **link = &d->watches;
    while (*link != NULL && !ref_id_same((*link)->id, id))
        link = &(*link)->next;
    return link;
}

int driver_monitor_process(ErlDrvPort port, ErlDrvTermData process,
                           ErlDrvMonitor *monitor)
{
    DriverPort *d = driver_port_of(port);
    Node *node = d->port.node;
    Term pid = {process};
    if (d->driver->entry->process_exit == NULL) return -1;
    // 1: it has ended, as the documentation has it.
    if (!term_is_local_pid(pid) || !process_lives(node, pid)) return 1;
    DriverWatch *w = memory_alloc(sizeof *w);
    *w = (DriverWatch){d->watches, ref_id_new(node), pid};
    d->watches = w;
    *monitor = monitor_of(w->id);
    // It may end before this arrives: then it answers at once with its DOWN.
    Signal *s = signal_new(SIGNAL_MONITOR, d->port.id);
    s->ref = w->id;
    signal_push(node, pid, s);
    return 0;
}

// A DOWN that is on its way finds nothing, see driver_watch_fire.
static void end_watch(DriverPort *d, DriverWatch **link)
{
    DriverWatch *w = *link;
    *link = w->next;
    Signal *s = signal_new(SIGNAL_DEMONITOR, d->port.id);
    s->ref = w->id;
    signal_push(d->port.node, w->pid, s);
    free(w);
}

int driver_demonitor_process(ErlDrvPort port, const ErlDrvMonitor *monitor)
{
    DriverPort *d = driver_port_of(port);
    DriverWatch **link = find_watch(d, monitor);
    if (*link == NULL) return 1;
    end_watch(d, link);
    return 0;
}

ErlDrvTermData driver_get_monitored_process(ErlDrvPort port,
                                            const ErlDrvMonitor *monitor)
{
    const DriverWatch *w = *find_watch(driver_port_of(port), monitor);
    return w != NULL ? w->pid.bits : ATOM_undefined.bits;
}

int driver_compare_monitors(const ErlDrvMonitor *a, const ErlDrvMonitor *b)
{
    return memcmp(a->data, b->data, sizeof(RefId));
}

void driver_watch_fire(Port *port, RefId ref)
{
    DriverPort *d = (DriverPort *)port;
    ErlDrvMonitor m = monitor_of(ref);
    DriverWatch **link = find_watch(d, &m), *w = *link;
    if (w == NULL) return; // taken back meanwhile
    driver_enter(d);
    d->driver->entry->process_exit(d->data, &m);
    link = find_watch(d, &m); // it may ask who that was
    if (*link != NULL) {
        w = *link;
        *link = w->next;
        free(w);
    }
    driver_leave(d);
}

// As port_info(P, monitors) shows them.
Term driver_watched(const Port *port, Heap *h)
{
    Term list = TERM_NIL;
    for (const DriverWatch *w = ((const DriverPort *)port)->watches; w != NULL;
         w = w->next)
        list = heap_cons(h, heap_tuple2(h, ATOM_process, w->pid), list);
    return list;
}

// Handles last: nothing may be called back from here on.
void driver_events_end(DriverPort *d)
{
    end_selects(d);
    while (d->watches != NULL) end_watch(d, &d->watches);
    if (d->timer != NULL) uv_close((uv_handle_t *)d->timer, free_handle);
    d->timer = NULL;
}
