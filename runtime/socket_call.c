// SPDX-License-Identifier: Apache-2.0
// Sockets: the operations of prim_inet:call/3. Each answers ok, {ok, What} or
// {error, Reason}, or later.
//
// All run under the socket's lock (port.h). Wrong arguments are einval, never
// an exception: prim_inet has checked them.
#include <errno.h>
#include <stdlib.h>

#include "bif.h"
#include "posix_error.h"
#include "process_table.h"
#include "socket.h"

enum { RECEIVE_MOST = 1 << 26 }; // bytes that one call asks for, as in inet

Term socket_error(Node *node, Heap *h, int error)
{
    return heap_tuple2(h, ATOM_error, posix_error_name(node->atoms, error));
}

static Term fail(PortCall *call, int error)
{
    return socket_error(call->node, &call->heap, error);
}

static Term fail_closed(PortCall *call)
{
    return heap_tuple2(&call->heap, ATOM_error, ATOM_closed);
}

static Term ok(PortCall *call, Term t)
{
    return heap_tuple2(&call->heap, ATOM_ok, t);
}

static Term fail_broken(const Socket *s, PortCall *call)
{
    return heap_tuple2(&call->heap, ATOM_error, socket_reason(s));
}

// A time in milliseconds or infinity (-1).
static bool read_timeout(Term t, int64_t *timeout)
{
    *timeout = -1;
    return term_same(t, ATOM_infinity)
           || (bif_get_int64(t, timeout) && *timeout >= 0);
}

// ---- names and states ----

// The system says what is wrong with the address, in its own number.
static Term call_bind(Socket *s, PortCall *call, Term arg)
{
    SocketAddress a;
    if (!term_is_tuple_of(arg, 2)
        || !socket_address_read(&a, s->family, term_tuple_get(arg, 0),
                                term_tuple_get(arg, 1)))
        return fail(call, EINVAL);
    return bind(s->fd, &a.any, a.size) == 0 ? ATOM_ok : fail(call, errno);
}

// {Host, Port, Timeout}
static Term call_connect(Socket *s, PortCall *call, Term arg)
{
    SocketAddress a;
    int64_t timeout;
    if (!term_is_tuple_of(arg, 3)
        || !socket_address_read(&a, s->family, term_tuple_get(arg, 0),
                                term_tuple_get(arg, 1))
        || !read_timeout(term_tuple_get(arg, 2), &timeout))
        return fail(call, EINVAL);
    // One attempt at a time.
    if (s->state == SOCKET_CONNECTING) return fail(call, EALREADY);
    if (s->state == SOCKET_CONNECTED && s->type == SOCK_STREAM)
        return fail(call, EISCONN);
    // Or the way to the old peer would be taken to the new one.
    if (s->state == SOCKET_CONNECTED) {
        struct sockaddr none = {.sa_family = AF_UNSPEC};
        connect(s->fd, &none, sizeof none);
        s->state = SOCKET_OPEN;
    }
    if (connect(s->fd, &a.any, a.size) == 0) {
        s->state = SOCKET_CONNECTED; // local sockets, and datagrams: at once
        return ATOM_ok;
    }
    if (errno != EINPROGRESS) return fail(call, errno);
    // The answer comes when it becomes writable; to oneself that is now.
    s->state = SOCKET_CONNECTING;
    socket_wait(s, &s->connector, call, timeout, 0);
    socket_finish_connect(s);
    return TERM_NONE;
}

static Term call_listen(Socket *s, PortCall *call, Term arg)
{
    int64_t backlog;
    if (!bif_get_int64(arg, &backlog)) return fail(call, EINVAL);
    // The system cuts it further.
    if (backlog > INT32_MAX) backlog = INT32_MAX;
    if (listen(s->fd, (int)backlog) != 0) return fail(call, errno);
    s->state = SOCKET_LISTENING;
    return ATOM_ok;
}

// Put in the list first: accept serves the list in order.
static Term call_accept(Socket *s, PortCall *call, Term arg)
{
    int64_t timeout;
    if (!read_timeout(arg, &timeout) || s->state != SOCKET_LISTENING)
        return fail(call, EINVAL);
    socket_wait(s, &s->acceptors, call, timeout, 0);
    socket_accept(s);
    return TERM_NONE;
}

// Both names are got in the same way.
static Term call_name(Socket *s, PortCall *call,
                      int (*get)(int, struct sockaddr *, socklen_t *))
{
    SocketAddress a = {.size = sizeof a.room};
    if (s->fd < 0) return fail(call, EBADF);
    if (get(s->fd, &a.any, &a.size) != 0) return fail(call, errno);
    return ok(call, socket_address_term(&call->heap, &a));
}

static Term call_sockname(Socket *s, PortCall *call, Term arg)
{
    return call_name(s, call, getsockname);
}

static Term call_peername(Socket *s, PortCall *call, Term arg)
{
    // A closed one has no peer: ENOTCONN and not EBADF, as in inet.
    return s->fd < 0 ? fail(call, ENOTCONN) : call_name(s, call, getpeername);
}

static Term call_getfd(Socket *s, PortCall *call, Term arg)
{
    return s->fd < 0 ? fail(call, EINVAL) : ok(call, term_small(s->fd));
}

// true: another socket reads from the descriptor and writes to it.
static Term call_ignorefd(Socket *s, PortCall *call, Term arg)
{
    s->ignored = term_same(arg, ATOM_true);
    return ATOM_ok;
}

// What is queued goes out before the writing side is shut.
static Term call_shutdown(Socket *s, PortCall *call, Term arg)
{
    if (s->state != SOCKET_CONNECTED) return fail(call, ENOTCONN);
    bool reads = !term_same(arg, ATOM_write),
         writes = !term_same(arg, ATOM_read);
    if (writes) s->shut = true;
    if (writes && s->out.size > 0) {
        s->shut_when_sent = true;
        writes = false;
        if (!reads) return ATOM_ok;
    }
    int how = reads && writes ? SHUT_RDWR : reads ? SHUT_RD : SHUT_WR;
    return shutdown(s->fd, how) == 0 ? ATOM_ok : fail(call, errno);
}

// ---- sending and receiving ----

// Whether the peer's end is news, which it is once.
static bool is_news(bool *tell)
{
    bool news = *tell;
    *tell = false;
    return news;
}

static Term call_send(Socket *s, PortCall *call, Term arg)
{
    s->port.output += call->size; // also what does not go
    // The reason is told once, then it is closed like any other.
    if (s->state == SOCKET_CLOSED && is_news(&s->tell_sender))
        return fail_broken(s, call);
    if (s->state != SOCKET_CONNECTED) return fail(call, ENOTCONN);
    if (s->shut) return fail_closed(call);
    if (s->type == SOCK_DGRAM) { // no queue: a datagram goes or is lost
        ssize_t n = send(s->fd, call->bytes, call->size, MSG_NOSIGNAL);
        return n >= 0 ? ATOM_ok : fail(call, errno);
    }
    size_t header = packet_header(s->options.packet.type);
    // The length must fit its header.
    if (header > 0 && header < 8 && call->size >> (8 * header) > 0)
        return fail(call, EMSGSIZE);
    socket_send_call(s, call);
    // If it has broken, that was told by the answer.
    if (s->state == SOCKET_CLOSED) s->tell_sender = false;
    return TERM_NONE;
}

// Timeout: answered when all that is queued is written. A socket that lingers
// has its own time.
static Term call_drain(Socket *s, PortCall *call, Term arg)
{
    int64_t timeout;
    struct linger l = {0, 0};
    socklen_t size = sizeof l;
    if (!read_timeout(arg, &timeout)) return fail(call, EINVAL);
    if (s->out.size == 0 || s->state != SOCKET_CONNECTED) return ATOM_ok;
    getsockopt(s->fd, SOL_SOCKET, SO_LINGER, &l, &size);
    if (l.l_onoff != 0 && l.l_linger == 0) return ATOM_ok;
    if (l.l_onoff != 0) timeout = (int64_t)l.l_linger * 1000;
    socket_wait(s, &s->drainers, call, timeout, 0);
    return TERM_NONE;
}

// {Host, Port, Data, [what goes with it]}
static Term call_sendto(Socket *s, PortCall *call, Term arg)
{
    SocketAddress a;
    size_t size;
    if (!term_is_tuple_of(arg, 4)
        || !socket_address_read(&a, s->family, term_tuple_get(arg, 0),
                                term_tuple_get(arg, 1)))
        return fail(call, EINVAL);
    uint8_t *bytes = bif_get_iodata(term_tuple_get(arg, 2), &size);
    if (bytes == NULL) return fail(call, EINVAL);
    Term with = term_tuple_get(arg, 3);
    ssize_t n = term_is_nil(with)
                    ? sendto(s->fd, bytes, size, MSG_NOSIGNAL, &a.any, a.size)
                    : socket_ancillary_send(s, &a, with, bytes, size);
    int error = errno; // before free may change it
    free(bytes);
    if (n < 0) return fail(call, error);
    // Counted by hand: a datagram does not go through the queue.
    s->sent.octets += size;
    s->sent.count++;
    if (size > s->sent.most) s->sent.most = size;
    s->port.output += size;
    return ATOM_ok;
}

// {Size, Timeout}
static Term call_recv(Socket *s, PortCall *call, Term arg)
{
    size_t size;
    int64_t timeout;
    if (!term_is_tuple_of(arg, 2)
        || !bif_get_size(term_tuple_get(arg, 0), &size)
        || !read_timeout(term_tuple_get(arg, 1), &timeout))
        return fail(call, EINVAL);
    // Datagrams may be received without a connection.
    bool stream = s->type == SOCK_STREAM;
    if (stream && s->state == SOCKET_CLOSED && is_news(&s->tell_receiver))
        return fail_broken(s, call);
    if (stream && s->state != SOCKET_CONNECTED) return fail(call, ENOTCONN);
    // Packets are the owner's messages then.
    if (s->options.active != ACTIVE_FALSE) return fail(call, EINVAL);
    // 32 bits, as inet takes them; what is negative then is as good as 0.
    int32_t most = (int32_t)(uint32_t)size;
    if (stream && s->options.packet.type == PACKET_RAW && most > RECEIVE_MOST)
        return fail(call, ENOMEM);
    size = most > 0 ? (size_t)most : 0;
    // One at a time.
    socket_drop_dead(s);
    if (s->receivers != NULL) return fail(call, EALREADY);
    // Served from what is there at once, perhaps.
    socket_wait(s, &s->receivers, call, timeout, size);
    socket_deliver(s);
    return TERM_NONE;
}

// ---- options and counts ----

static Term call_setopts(Socket *s, PortCall *call, Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term t = term_head(list);
        if (!term_is_tuple_of(t, 2)) return fail(call, EINVAL);
        int error = socket_set_option(s, term_tuple_get(t, 0),
                                      term_tuple_get(t, 1));
        // prim_inet tells those two apart.
        if (error != 0) return fail(call, error);
    }
    // active may have been set: what is there is delivered at once.
    if (!s->stopped && s->fd >= 0 && socket_is_wanted(s)
        && s->state == SOCKET_CONNECTED)
        socket_deliver(s);
    else if (s->state == SOCKET_CLOSED && !s->stopped
             && s->options.active != ACTIVE_FALSE)
        socket_tell_broken(s);
    return ATOM_ok;
}

// An option that the socket has not is left out; one that none has is an error.
static Term call_getopts(Socket *s, PortCall *call, Term list)
{
    Heap *h = &call->heap;
    Term values[256]; // more than there are options
    size_t n = 0;
    // Longer lists are cut: options named several times.
    for (; term_is_cons(list) && n < 256; list = term_tail(list)) {
        Term value = socket_get_option(s, h, term_head(list));
        if (!term_is_none(value)) values[n++] = value;
    }
    return ok(call, heap_list(h, n, values, TERM_NIL));
}

// Whole octets, as inet has it.
static uint64_t average(const SocketCount *c)
{
    return c->count == 0 ? 0 : c->octets / c->count;
}

static Term stat_value(const Socket *s, Heap *h, Term name)
{
    switch (name.bits) {
    case ATOM_BITS_recv_cnt: return heap_unsigned(h, s->received.count);
    case ATOM_BITS_recv_max: return heap_unsigned(h, s->received.most);
    case ATOM_BITS_recv_avg: return heap_unsigned(h, average(&s->received));
    case ATOM_BITS_recv_oct: return heap_unsigned(h, s->received.octets);
    case ATOM_BITS_recv_dvi: return term_small(0); // deviation is not kept
    case ATOM_BITS_send_cnt: return heap_unsigned(h, s->sent.count);
    case ATOM_BITS_send_max: return heap_unsigned(h, s->sent.most);
    case ATOM_BITS_send_avg: return heap_unsigned(h, average(&s->sent));
    case ATOM_BITS_send_oct: return heap_unsigned(h, s->sent.octets);
    case ATOM_BITS_send_pend: return heap_unsigned(h, s->out.size);
    default: return TERM_NONE;
    }
}

static Term call_getstat(Socket *s, PortCall *call, Term list)
{
    Heap *h = &call->heap;
    Term values[16]; // there are ten counts
    size_t n = 0;
    for (; term_is_cons(list) && n < 16; list = term_tail(list)) {
        Term value = stat_value(s, h, term_head(list));
        // One that is no count is an error.
        if (term_is_none(value)) return fail(call, EINVAL);
        values[n++] = heap_tuple2(h, term_head(list), value);
    }
    return ok(call, heap_list(h, n, values, TERM_NIL));
}

// What kind of socket it is: {Family, Type}.
static Term call_kind(Socket *s, PortCall *call, Term arg)
{
    Term family = s->family == AF_INET    ? ATOM_inet
                  : s->family == AF_INET6 ? ATOM_inet6
                                          : ATOM_local;
    Term type = s->type == SOCK_STREAM ? ATOM_tcp : ATOM_udp;
    return ok(call, heap_tuple2(&call->heap, family, type));
}

static bool is_accepting(const Socket *s)
{
    const SocketWait *w = s->acceptors;
    // Those who died are dropped when a connection comes.
    while (w != NULL
           && !process_table_has(s->port.node->processes, w->call->caller))
        w = w->next;
    return w != NULL;
}

// [busy, accepting, connecting, listen, connected, open]: what holds. Inet has
// a state bound, which it never tells.
static Term call_status(Socket *s, PortCall *call, Term arg)
{
    const struct { bool holds; Term name; } flags[] = {
        {s->fd >= 0, ATOM_open}, {s->state == SOCKET_CONNECTED, ATOM_connected},
        {s->state == SOCKET_LISTENING, ATOM_listen},
        {s->state == SOCKET_CONNECTING, ATOM_connecting},
        {is_accepting(s), ATOM_accepting}, {s->port.busy, ATOM_busy}};
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].holds)
            list = heap_cons(&call->heap, flags[i].name, list);
    return ok(call, list);
}

typedef struct {
    uintptr_t name; // bits of an atom
    SocketOperation run;
} NamedOperation;

static const NamedOperation operations[] = {
    {ATOM_BITS_send, call_send},         {ATOM_BITS_recv, call_recv},
    {ATOM_BITS_sendto, call_sendto},     {ATOM_BITS_accept, call_accept},
    {ATOM_BITS_setopts, call_setopts},   {ATOM_BITS_getopts, call_getopts},
    {ATOM_BITS_bind, call_bind},         {ATOM_BITS_connect, call_connect},
    {ATOM_BITS_listen, call_listen},     {ATOM_BITS_sockname, call_sockname},
    {ATOM_BITS_peername, call_peername}, {ATOM_BITS_shutdown, call_shutdown},
    {ATOM_BITS_getstat, call_getstat},   {ATOM_BITS_getfd, call_getfd},
    {ATOM_BITS_kind, call_kind},         {ATOM_BITS_drain, call_drain},
    {ATOM_BITS_status, call_status},     {ATOM_BITS_ignorefd, call_ignorefd},
};

SocketOperation socket_find_operation(Term name)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (operations[i].name == name.bits) return operations[i].run;
    return NULL;
}
