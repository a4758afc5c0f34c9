// SPDX-License-Identifier: Apache-2.0
// Socket: its descriptor, polling, writing, and the end.
//
// The structure outlives its port until the queue is written and the handles
// are closed.
//
// What is polled for is always worked out anew from what somebody wants
// (socket_update), never switched by hand, so no event is forgotten. What is
// not wanted any more is polled for until it comes: mostly it is wanted again
// before, and the system need not be told.
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "bif.h"
#include "bytes.h"
#include "memory.h"
#include "posix_error.h"
#include "process_table.h"

// ---- the end ----

// The last handle: the structure may go now.
static void on_poll_closed(uv_handle_t *handle)
{
    Socket *s = handle->data;
    s->handles--;
    socket_update(s);
}

void socket_close_fd(Socket *s)
{
    port_queue_free(&s->out);
    if (s->in_loop) uv_close((uv_handle_t *)&s->loop_poll, on_poll_closed);
    port_poll_stop(&s->poll);
    s->in_loop = false;
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
}

// Linger of 0 means to throw away what is not sent.
static bool lingers(const Socket *s)
{
    struct linger l = {0, 0};
    socklen_t size = sizeof l;
    getsockopt(s->fd, SOL_SOCKET, SO_LINGER, &l, &size);
    return l.l_onoff == 0 || l.l_linger > 0;
}

// The queue is flushed by events, without a port; see socket_flush.
static void stop(Port *port, bool flush)
{
    Socket *s = (Socket *)port;
    s->stopped = true;
    if (s->taker != NULL) s->taker->ended(s->taken_by, port->reason);
    s->taker = NULL;
    socket_fail_all(s, ATOM_closed);
    socket_stop_alarm(s);
    if (!flush || s->out.size == 0 || !lingers(s)) socket_close_fd(s);
    socket_update(s);
}

static void release(Port *port)
{
    Socket *s = (Socket *)port;
    if (s->fd >= 0) close(s->fd);
    // Only when the node ends: all who wait are told when a socket does.
    socket_forget_all(s);
    port_queue_free(&s->out);
    buffer_free(&s->in);
    free(s->namespace);
    free(port->text);
}

// ---- breaking ----

// A reset is an end like others for those who did not ask to be shown it.
Term socket_reason(const Socket *s)
{
    int error = s->error;
    if (error == 0 || error == EPIPE
        || (error == ECONNRESET && !s->options.show_reset))
        return ATOM_closed;
    return posix_error_name(s->port.node->atoms, error);
}

// With exit_on_close the port ends, too: the owner has been told and gets no
// exit signal.
void socket_tell_broken(Socket *s)
{
    Term reason = socket_reason(s);
    if (!term_same(reason, ATOM_closed))
        socket_tell(s, socket_tag(s, "_error"), reason);
    socket_tell(s, socket_tag(s, "_closed"), TERM_NONE);
    s->options.active = ACTIVE_FALSE;
    if (!s->options.exit_on_close) return;
    port_unlink(&s->port, s->port.owner);
    port_exit(&s->port, ATOM_normal);
}

// Told once: by an answer to who waits, or by messages to the owner.
void socket_break(Socket *s, int error)
{
    if (s->state == SOCKET_CLOSED || s->stopped) return;
    s->error = error;
    Term reason = socket_reason(s);
    // Half open: it may still be written to.
    bool half = error == 0 && !s->options.exit_on_close;
    if (!half) s->state = SOCKET_CLOSED;
    s->tell_receiver = s->receivers == NULL;
    // Who hears of an error hears it for all; an end is told each side.
    s->tell_sender = s->senders == NULL
                     && (s->tell_receiver || term_same(reason, ATOM_closed));
    socket_fail(&s->receivers, reason);
    if (!half) {
        socket_fail(&s->senders, reason);
        socket_fail(&s->drainers, reason);
        socket_fail(&s->files, reason);
    }
    if (s->options.active != ACTIVE_FALSE) socket_tell_broken(s);
    if (!half && !s->stopped) socket_close_fd(s);
}

// ---- writing ----

static void enqueue(Socket *s, uint8_t *bytes, size_t size)
{
    // Length and bytes are two pieces: no copy of the data.
    size_t header = packet_header(s->options.packet.type);
    if (header > 0) {
        uint8_t length[4];
        bytes_write(length, size, header);
        port_queue_add_copy(&s->out, length, header);
    }
    port_queue_add(&s->out, bytes, size);
    s->sent.octets += size + header;
    s->sent.count++;
    if (size > s->sent.most) s->sent.most = size;
}

// Queues bytes: busy when they come behind others and make the queue too long,
// as inet has it; however much comes first is taken at once.
static void add_output(Socket *s, uint8_t *bytes, size_t size)
{
    bool first = s->out.size == 0;
    enqueue(s, bytes, size);
    if (first)
        socket_send_queued(s);
    else if (s->out.size >= s->port.high)
        port_set_busy(&s->port, true);
    s->port.queued = s->out.size;
    socket_update(s);
}

void socket_send_call(Socket *s, PortCall *call)
{
    // Busy with another's: no limit but that of the one who is waited for.
    if (s->port.busy) {
        socket_wait(s, &s->senders, call, -1, 0);
        return;
    }
    uint8_t *bytes = call->bytes; // the port's from here on
    // Freeing the call must not free them.
    call->bytes = NULL;
    // Before it may break: that tells who waits.
    socket_wait(s, &s->senders, call, -1, 0);
    SocketWait *w = s->senders;
    w->queued = true;
    add_output(s, bytes, call->size);
    if (s->senders != w) return; // broken, and answered
    if (s->port.busy)
        socket_wait_limit(w, s->options.send_timeout);
    else
        socket_answer(&s->senders, ATOM_ok);
}

// Lets those go on who wait until the socket is not busy any more.
static void release_senders(Socket *s)
{
    while (s->senders != NULL && !s->port.busy) {
        SocketWait *w = s->senders;
        PortCall *call = w->call;
        if (w->queued) {
            socket_answer(&s->senders, ATOM_ok);
            continue;
        }
        uint8_t *bytes = call->bytes;
        call->bytes = NULL;
        w->queued = true;
        add_output(s, bytes, call->size);
        if (s->senders == w && s->port.busy)
            socket_wait_limit(w, s->options.send_timeout);
    }
}

void socket_give_up_sending(Socket *s)
{
    port_set_busy(&s->port, false);
    if (s->options.send_timeout_close) { // the port stays, without connection
        s->state = SOCKET_CLOSED;
        socket_close_fd(s);
        socket_fail(&s->senders, ATOM_closed);
        socket_fail(&s->drainers, ATOM_closed);
        socket_fail(&s->files, ATOM_closed);
    }
    release_senders(s);
}

// Called also when the port has ended and only the queue is left.
bool socket_flush(Socket *s)
{
    int error = s->fd < 0 ? EPIPE : port_queue_write(&s->out, s->fd);
    if (error != 0) {
        port_queue_free(&s->out);
        if (s->stopped)
            socket_close_fd(s);
        else
            socket_break(s, error);
        return false;
    }
    s->port.queued = s->out.size;
    socket_file_answer(s);
    if (s->port.busy && s->out.size <= s->port.low)
        port_set_busy(&s->port, false);
    release_senders(s);
    while (s->out.size == 0 && s->drainers != NULL)
        socket_answer(&s->drainers, ATOM_ok);
    if (s->taker != NULL) s->taker->wrote(s->taken_by);
    if (s->out.size == 0 && s->shut_when_sent) {
        shutdown(s->fd, SHUT_WR);
        s->shut_when_sent = false;
    }
    if (s->out.size == 0 && s->stopped) socket_close_fd(s);
    return true;
}

void socket_send_queued(Socket *s)
{
    // Before it is connected bytes wait.
    if (s->state == SOCKET_CONNECTED) socket_flush(s);
    socket_update(s);
}

// Bytes that a process sends to the port as to any other.
static void output(Port *port, uint8_t *bytes, size_t size)
{
    port->output += size;
    add_output((Socket *)port, bytes, size);
}

// ---- connecting and accepting ----

// Writable, or broken: the error tells which.
void socket_finish_connect(Socket *s)
{
    int error = 0;
    socklen_t size = sizeof error;
    struct pollfd writable = {.fd = s->fd, .events = POLLOUT};
    if (poll(&writable, 1, 0) <= 0) return;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    s->state = error == 0 ? SOCKET_CONNECTED : SOCKET_OPEN;
    if (s->connector == NULL) return;
    PortCall *call = s->connector->call;
    socket_answer(&s->connector,
                  error == 0 ? ATOM_ok
                             : socket_error(call->node, &call->heap, error));
}

// The system passes most options of a socket on, but not this one.
static void pass_priority(const Socket *s, int fd)
{
    int priority = 0;
    socklen_t size = sizeof priority;
    if (getsockopt(s->fd, SOL_SOCKET, SO_PRIORITY, &priority, &size) == 0
        && priority != 0)
        setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, size);
}

// The caller becomes the owner of the new socket.
static void answer_accepted(Socket *s, PortCall *call, int fd)
{
    if (!port_table_has_room(call->node)) {
        close(fd);
        socket_answer(&s->acceptors,
                      heap_tuple2(&call->heap, ATOM_error, ATOM_system_limit));
        return;
    }
    pass_priority(s, fd);
    Socket *new = socket_new(call->node, fd, s->family, s->type, call->caller);
    new->options = s->options; // accepted sockets begin as the listener is set
    new->options.packet.in_headers = false;
    new->port.high = s->port.high;
    new->port.low = s->port.low;
    new->state = SOCKET_CONNECTED;
    socket_answer(&s->acceptors,
                  heap_tuple2(&call->heap, ATOM_ok, new->port.id));
    socket_update(new);
    port_leave(&new->port);
}

// Connections go to those who wait, in order; those who died get none.
void socket_accept(Socket *s)
{
    while (s->acceptors != NULL) {
        PortCall *call = s->acceptors->call;
        if (!process_table_has(call->node->processes, call->caller)) {
            socket_answer(&s->acceptors, ATOM_ok); // nobody reads the answer
            continue;
        }
        int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        // No connection waits: polled for.
        if (fd < 0 && errno == EAGAIN) return;
        // It was gone before it was taken.
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0)
            socket_answer(&s->acceptors,
                          socket_error(call->node, &call->heap, errno));
        else
            answer_accepted(s, call, fd);
    }
}

// ---- polling ----

// Something fails, or is over: that is an event of whatever is waited for.
enum { TROUBLE = EPOLLERR | EPOLLHUP };

// The events that somebody waits for.
static uint32_t wanted_events(const Socket *s)
{
    if (s->fd < 0 || s->ignored) return 0;
    if (s->state == SOCKET_CONNECTING) return EPOLLOUT;
    if (s->state == SOCKET_LISTENING) return s->acceptors != NULL ? EPOLLIN : 0;
    uint32_t events = s->out.size > 0 ? EPOLLOUT : 0;
    if (!s->stopped && socket_is_wanted(s)
        && (s->type == SOCK_DGRAM || s->state == SOCKET_CONNECTED))
        events |= EPOLLIN;
    return events;
}

static void take_events(Socket *s, uint32_t events)
{
    if (s->state == SOCKET_CONNECTING) {
        socket_finish_connect(s);
    } else if (s->state == SOCKET_LISTENING) {
        socket_accept(s);
    } else {
        if (s->out.size > 0 && events & (EPOLLOUT | TROUBLE)) socket_flush(s);
        // Flushing may have ended it.
        if (s->fd >= 0 && !s->stopped) socket_deliver(s);
    }
    socket_update(s);
}

// 0, or why it cannot be polled for.
static int ask_poller(Socket *s, uint32_t events)
{
    int error = port_poll_for(&s->poll, s->fd, events);
    if (error != EEXIST) return error;
    // Another socket has this descriptor: one of our own leads to the same.
    int fd = dup(s->fd);
    if (fd < 0) {
        error = errno;
        s->fd = -1; // it stays the other's
        return error;
    }
    s->fd = fd;
    return port_poll_for(&s->poll, fd, events);
}

static void poll_for(Socket *s, uint32_t events)
{
    int error = ask_poller(s, events);
    // A file is always ready: what it is asked for it does at once.
    if (error == 0 || error == EPERM)
        s->polled = events;
    else // nothing would ever come
        socket_break(s, error);
}

// Told by the poller.
static void ready(Port *port, uint32_t events)
{
    Socket *s = (Socket *)port;
    uint32_t wanted = wanted_events(s);
    // What came though nobody wants it would come again at once.
    bool idle = (events & ~(wanted | TROUBLE)) != 0 || wanted == 0;
    if (wanted != 0) take_events(s, events);
    wanted = wanted_events(s);
    // Nor is there an end to being writable.
    idle = idle || (s->polled & ~wanted & EPOLLOUT) != 0;
    if (idle && s->fd >= 0 && s->polled != wanted) poll_for(s, wanted);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    Socket *s = poll->data;
    uint32_t seen = status < 0 ? TROUBLE : 0;
    if (status < 0) s->polled = 0; // libuv has stopped polling
    if (events & UV_READABLE) seen |= EPOLLIN;
    if (events & UV_WRITABLE) seen |= EPOLLOUT;
    take_events(s, seen);
}

static void poll_in_loop(Socket *s, uint32_t events)
{
    int ways = (events & EPOLLIN ? UV_READABLE : 0)
               | (events & EPOLLOUT ? UV_WRITABLE : 0);
    if (events == s->polled) return;
    s->polled = events;
    if (ways == 0)
        uv_poll_stop(&s->loop_poll);
    else
        uv_poll_start(&s->loop_poll, ways, on_event);
}

void socket_update(Socket *s)
{
    uint32_t wanted = wanted_events(s);
    if (s->in_loop) {
        poll_in_loop(s, wanted);
    } else if (s->fd >= 0) {
        if ((wanted & ~s->polled) != 0) poll_for(s, wanted);
    } else if (s->stopped && s->handles == 0 && !s->freed) {
        s->freed = true;
        port_free(&s->port);
    }
}

void socket_hand_over(Socket *s, const SocketTaker *taker, void *taken_by)
{
    s->taker = taker;
    s->taken_by = taken_by;
    atomic_store(&s->port.direct, false);
    port_poll_stop(&s->poll);
    s->polled = 0;
    uv_loop_t *loop = io_loop_uv(s->port.node->io);
    s->in_loop = uv_poll_init(loop, &s->loop_poll, s->fd) == 0;
    s->handles += s->in_loop;
}

// ---- making ----

// Others than those of the distribution, see dist_flush_all.
static int flush(Port *port)
{
    Socket *s = (Socket *)port;
    bool writes = s->out.size > 0 && s->fd >= 0 && s->taker == NULL
                  && (s->state == SOCKET_CONNECTED || s->stopped);
    if (!writes || port_queue_write(&s->out, s->fd) != 0) return -1;
    return s->out.size > 0 ? s->fd : -1;
}

static const PortKind socket_kind = {.output = output,
                                     .stop = stop,
                                     .release = release,
                                     .flush = flush,
                                     .direct = true};

// By the kind: programs' ports are no sockets.
Socket *socket_of(Port *port)
{
    return port != NULL && port->kind == &socket_kind ? (Socket *)port : NULL;
}

// Known and linked to its owner when this returns.
Socket *socket_new(Node *node, int fd, int family, int type, Term owner)
{
    Socket *s = memory_zeroed(1, sizeof *s);
    const char *text = type == SOCK_STREAM ? "tcp_inet" : "udp_inet";
    s->port.node = node;
    s->port.text = memory_alloc(strlen(text) + 1);
    strcpy(s->port.text, text);
    s->fd = fd;
    s->family = family;
    s->type = type;
    port_queue_init(&s->out);
    socket_options_init(&s->options, type);
    s->loop_poll.data = s;
    port_poll_init(&s->poll, &s->port, ready);
    s->alarm = (SocketAlarm){.socket = s, .at = INT64_MAX};
    port_init(&s->port, &socket_kind, owner);
    return s;
}
