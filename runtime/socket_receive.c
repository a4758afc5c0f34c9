// SPDX-License-Identifier: Apache-2.0
// Sockets: what comes in, on its way to receivers and owners.
//
// Bytes wait in [in] until somebody wants them; a packet is given out as soon
// as it is whole, never twice. Giving one may change anything: the receiver is
// gone, the owner may have been told, the socket may have broken. So everything
// is asked anew for each packet.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "port_message.h"
#include "posix_error.h"
#include "process_table.h"
#include "socket.h"

// READS of one event; KEPT bytes of buffer.
enum { READS = 16, DATAGRAM_MOST = 65536, KEPT = 65536 };

bool socket_is_wanted(const Socket *s)
{
    return s->receivers != NULL || s->options.active != ACTIVE_FALSE;
}

// Those who have died while they waited get nothing: the packet is for the next
// one.
void socket_drop_dead(Socket *s)
{
    while (s->receivers != NULL
           && !process_table_has(s->port.node->processes,
                                 s->receivers->call->caller))
        socket_answer(&s->receivers, ATOM_ok); // nobody reads the answer
}

// ---- messages ----

Term socket_tag(const Socket *s, const char *suffix)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%s%s",
                     s->type == SOCK_STREAM ? "tcp" : "udp", suffix);
    return atom_new(s->port.node->atoms, text, (size_t)n);
}

static void send_to_owner(Socket *s, Signal *m, Term message)
{
    m->message = message;
    signal_push(s->port.node, s->port.owner, m);
}

void socket_tell(Socket *s, Term tag, Term what)
{
    Signal *m = port_message_new(&s->port);
    Term message = term_is_none(what)
                       ? heap_tuple2(&m->heap, tag, s->port.id)
                       : heap_tuple3(&m->heap, tag, s->port.id, what);
    send_to_owner(s, m, message);
}

// Bytes as the options want them: a list, a binary, or [header] bytes of a
// list that ends in a binary.
static Term make_data(const Socket *s, Heap *h, const uint8_t *bytes,
                      size_t size)
{
    const SocketOptions *o = &s->options;
    if (!o->binary) return port_data(h, bytes, size, false);
    size_t list = o->header < size ? o->header : size;
    // All as a list ends in nil, not in an empty binary.
    Term rest = list == size && list > 0
                    ? TERM_NIL
                    : heap_binary(h, bytes + list, size - list);
    return heap_string(h, (const char *)bytes, list, rest);
}

static Term make_packet(Socket *s, Heap *h, const uint8_t *bytes, size_t size)
{
    PacketMode *mode = &s->options.packet;
    if (packet_is_term(mode->type))
        return packet_term(s->port.node->atoms, h, mode, bytes, size);
    packet_body(mode->type, &bytes, &size);
    return make_data(s, h, bytes, size);
}

// One packet has been sent to the owner.
static void count_active(Socket *s)
{
    if (s->options.active == ACTIVE_ONCE) s->options.active = ACTIVE_FALSE;
    if (s->options.active > 0 && --s->options.active == 0)
        // The owner asks for more, or for none.
        socket_tell(s, socket_tag(s, "_passive"), TERM_NONE);
}

static void count(SocketCount *c, size_t size)
{
    c->octets += size;
    c->count++;
    if (size > c->most) c->most = size;
}

// {tcp, S, Data}, {http, S, Packet}, {ssl_tls, S, ...} or {S, {data, Data}}
static Term make_message(Socket *s, Heap *h, Term packet)
{
    PacketType type = s->options.packet.type;
    Term id = s->port.id;
    if (type == PACKET_SSL_TLS && term_is_tuple(packet)) {
        // Packets of TLS bring their own form: the socket is put into it.
        Term parts[5];
        for (size_t i = 0; i < 5; i++) parts[i] = term_tuple_get(packet, i);
        parts[1] = id;
        return heap_tuple(h, 5, parts);
    }
    if (packet_is_term(type)) return heap_tuple3(h, ATOM_http, id, packet);
    if (s->options.deliver_port)
        return heap_tuple2(h, id, heap_tuple2(h, ATOM_data, packet));
    return heap_tuple3(h, ATOM_tcp, id, packet);
}

static void give_packet(Socket *s, const uint8_t *bytes, size_t size)
{
    count(&s->received, size);
    // Taken by code of ours: no terms are made.
    if (s->taker != NULL) {
        packet_body(s->options.packet.type, &bytes, &size);
        if (!s->taker->take(s->taken_by, bytes, size))
            socket_break(s, EBADMSG);
        return;
    }
    // Of one that became active meanwhile all is the owner's.
    if (s->receivers != NULL && s->options.active == ACTIVE_FALSE) {
        Heap *h = &s->receivers->call->heap;
        Term packet = make_packet(s, h, bytes, size);
        socket_answer(&s->receivers, heap_tuple2(h, ATOM_ok, packet));
        return;
    }
    // Built in the signal: the message needs no copy.
    Signal *m = port_message_new(&s->port);
    Term packet = make_packet(s, &m->heap, bytes, size);
    send_to_owner(s, m, make_message(s, &m->heap, packet));
    count_active(s);
}

// ---- streams ----

// How long the next packet is, of [size] bytes there are; 0: not yet there.
// False when it is no packet.
static bool next_packet(const Socket *s, size_t size, size_t *length)
{
    const SocketOptions *o = &s->options;
    *length = 0;
    if (size == 0) return true;
    if (o->packet.type == PACKET_RAW) {
        // As many as recv asked for, or what there is.
        size_t asked = s->receivers != NULL ? s->receivers->size : 0;
        *length = asked > 0 ? asked : size < o->buffer ? size : o->buffer;
        return true;
    }
    PacketMode mode = o->packet;
    // A line that does not fit into the buffer comes in parts.
    if (mode.type == PACKET_LINE) mode.line = o->buffer;
    return packet_length(&mode, s->in.bytes + s->in_start, size, length);
}

// Gives out one packet of what was read; else says how much is [*missing].
static bool take_packet(Socket *s, size_t *missing)
{
    size_t length, size = s->in.size - s->in_start;
    *missing = 0;
    if (!next_packet(s, size, &length)) {
        socket_break(s, EMSGSIZE); // longer than allowed, or damaged
        return false;
    }
    if (length == 0 || length > size) {
        *missing = length > size ? length - size : 0;
        return false;
    }
    // Taken before it is given: giving may come back here.
    size_t at = s->in_start;
    s->in_start += length;
    give_packet(s, s->in.bytes + at, length);
    return true;
}

// Moves what is left to the start, and gives a large buffer back.
static void compact(Socket *s)
{
    size_t left = s->in.size - s->in_start;
    if (s->in_start > 0 && left > 0)
        memmove(s->in.bytes, s->in.bytes + s->in_start, left);
    s->in.size = left;
    s->in_start = 0;
    // After something large.
    if (left == 0 && s->in.room > KEPT) buffer_free(&s->in);
}

// Reads once; false when nothing came. [*dry]: there was less than room for it,
// so an event tells of more.
static bool fill(Socket *s, size_t missing, bool *dry)
{
    compact(s);
    // A packet whose length is known is read in one go.
    size_t room = missing > s->options.buffer ? missing : s->options.buffer;
    buffer_reserve(&s->in, room);
    ssize_t n = recv(s->fd, s->in.bytes + s->in.size, room, 0);
    *dry = n < (ssize_t)room;
    if (n > 0)
        s->in.size += (size_t)n;
    else if (n == 0) // the peer has closed its side
        socket_break(s, 0);
    else if (errno != EAGAIN && errno != EINTR)
        socket_break(s, errno);
    return n > 0;
}

static bool can_read(const Socket *s)
{
    return !s->stopped && s->fd >= 0 && s->state == SOCKET_CONNECTED;
}

// Gives out what is wanted of what was read; [*missing] bytes of the next.
static void take_packets(Socket *s, size_t *missing)
{
    *missing = 0;
    do {
        socket_drop_dead(s);
    } while (can_read(s) && socket_is_wanted(s) && take_packet(s, missing));
}

// Some reads for each event, so that one socket cannot keep the loop.
void socket_deliver(Socket *s)
{
    if (s->type == SOCK_DGRAM) {
        socket_read_datagrams(s);
        return;
    }
    size_t missing;
    bool dry = false;
    for (int reads = 0; reads < READS && can_read(s); reads++) {
        take_packets(s, &missing);
        if (dry || !can_read(s) || !socket_is_wanted(s)) return;
        if (!fill(s, missing, &dry)) return;
    }
    take_packets(s, &missing); // no event may come for what was read last
}

// ---- datagrams ----

// One that lies in the socket's buffer.
typedef struct {
    SocketAddress from;
    SocketAncillary with;
    size_t size;
} Datagram;

// {Host, Port, Data}, after [before] terms; with the list of what came with it
// before the data, if anything did.
static Term make_datagram(Socket *s, Heap *h, const Datagram *d, size_t before)
{
    // Of a message the first two; a receiver's answer begins with the host.
    Term parts[6] = {ATOM_udp, s->port.id};
    size_t n = before;
    parts[n++] = socket_address_host(h, &d->from);
    parts[n++] = term_small(socket_address_port(&d->from));
    if (d->with.count > 0) parts[n++] = socket_ancillary_term(h, &d->with);
    parts[n++] = make_data(s, h, s->in.bytes, d->size);
    return heap_tuple(h, n, parts);
}

static void give_datagram(Socket *s, const Datagram *d)
{
    count(&s->received, d->size);
    if (s->receivers != NULL && s->options.active == ACTIVE_FALSE) {
        Heap *h = &s->receivers->call->heap;
        socket_answer(&s->receivers,
                      heap_tuple2(h, ATOM_ok, make_datagram(s, h, d, 0)));
        return;
    }
    Signal *m = port_message_new(&s->port);
    send_to_owner(s, m, make_datagram(s, &m->heap, d, 2));
    count_active(s);
}

// A port that nobody listens on, and the like: told, not the end.
static void fail_datagram(Socket *s, int error)
{
    Term reason = posix_error_name(s->port.node->atoms, error);
    if (s->receivers != NULL) {
        Heap *h = &s->receivers->call->heap;
        socket_answer(&s->receivers, heap_tuple2(h, ATOM_error, reason));
    } else {
        socket_tell(s, socket_tag(s, "_error"), reason);
        count_active(s);
    }
}

void socket_read_datagrams(Socket *s)
{
    for (uint32_t i = 0; i < s->options.read_packets; i++) {
        socket_drop_dead(s);
        if (s->stopped || s->fd < 0 || !socket_is_wanted(s)) return;
        size_t most = s->options.buffer;
        // Recv of more than the buffer.
        if (s->receivers != NULL && s->receivers->size > most)
            most = s->receivers->size;
        if (most > DATAGRAM_MOST) most = DATAGRAM_MOST;
        buffer_reserve(&s->in, most);
        // What does not fit is lost: datagrams are never read in parts.
        Datagram d = {.from.size = sizeof d.from.room};
        ssize_t n = s->options.ancillary
                        ? socket_ancillary_receive(s, s->in.bytes, most,
                                                   &d.from, &d.with)
                        : recvfrom(s->fd, s->in.bytes, most, 0, &d.from.any,
                                   &d.from.size);
        if (n >= 0) {
            d.size = (size_t)n;
            // The system leaves out who has no name.
            if (s->family == AF_UNIX) d.from.any.sa_family = AF_UNIX;
            give_datagram(s, &d);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            fail_datagram(s, errno);
        }
    }
}
