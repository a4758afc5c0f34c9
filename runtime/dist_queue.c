// SPDX-License-Identifier: Apache-2.0
// The queue of a connection: packets in the order they are sent in, large ones
// a fragment at a time.
//
// One fragment of a large packet is sent, then it goes to the queue's end: so
// small packets of other senders pass it, and large ones take turns. Packets
// of its own sender must not pass it: they wait in a list of their own behind
// it until its last fragment is out.
//
// The socket gets little at a time, for what it has nothing can pass. What is
// in packets that are not cut yet is counted apart [uncut]: others than their
// senders wait only until the socket takes more.
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "dist_packet.h"
#include "external.h"

enum {
    FRAGMENT_HEADER = DIST_PACKET_LENGTH + 18, // 131 69, two numbers
    SOCKET_MOST = 256 << 10 // bytes that the socket is given ahead
};

void dist_free_packets(DistPacket *first)
{
    while (first != NULL) {
        DistPacket *next = first->next;
        dist_free_packets(first->behind);
        free(first->bytes);
        free(first);
        first = next;
    }
}

// ---- packets ----

void dist_packet_set_length(uint8_t *bytes, size_t size)
{
    bytes_write(bytes, size - DIST_PACKET_LENGTH, DIST_PACKET_LENGTH);
}

bool dist_packet_is_large(const DistPacket *packet)
{
    return packet->size - packet->payload > DIST_PACKET_FRAGMENT
           && !packet->whole;
}

bool dist_packet_is_cut(const DistEntry *e, const DistPacket *packet)
{
    return (e->flags & DIST_FRAGMENTS) != 0 && (e->flags & DIST_HEADER) != 0
           && dist_packet_is_large(packet);
}

bool dist_packet_is_beyond(const DistEntry *e, const DistPacket *packet)
{
    return packet->needs != DIST_NEEDS_NOTHING
           && (e->flags >> packet->needs & 1) == 0;
}

// Makes it the packet of a node that knows no headers.
static void remake(DistPacket *packet)
{
    static const uint8_t header[DIST_PACKET_LENGTH + 2] = {
        0, 0, 0, 0, 112, EXTERNAL_VERSION};
    Buffer b;
    buffer_init(&b);
    buffer_add(&b, header, sizeof header);
    buffer_add(&b, packet->bytes + DIST_PACKET_HEADER,
               packet->payload - DIST_PACKET_HEADER);
    if (packet->size > packet->payload) {
        buffer_add_byte(&b, EXTERNAL_VERSION);
        buffer_add(&b, packet->bytes + packet->payload,
                   packet->size - packet->payload);
    }
    dist_packet_set_length(b.bytes, b.size);
    free(packet->bytes);
    packet->bytes = b.bytes;
    packet->size = b.size;
}

void dist_packet_make_ready(const DistEntry *e, DistPacket *packet)
{
    // Once: a tick, or what is half sent, is ready from the beginning.
    if (!packet->ready && !(e->flags & DIST_HEADER)) remake(packet);
    packet->ready = true;
}

// ---- adding ----

// The large packet that those of [from] have to wait for.
static DistPacket *find_large(const DistEntry *e, Term from)
{
    DistPacket *p = e->large;
    while (p != NULL && !term_same(p->from, from)) p = p->others;
    return p;
}

bool dist_queue_has_large(const DistEntry *e, Term from)
{
    return find_large(e, from) != NULL;
}

static void add_last(DistEntry *e, DistPacket *packet)
{
    packet->next = NULL;
    *e->last = packet;
    e->last = &packet->next;
}

void dist_queue_add(DistEntry *e, DistPacket *packet)
{
    bool large = dist_packet_is_large(packet);
    *(large ? &e->uncut : &e->queued) += packet->size;
    DistPacket *before = find_large(e, packet->from);
    if (before != NULL) {
        packet->next = NULL;
        *before->behind_last = packet;
        before->behind_last = &packet->next;
        return;
    }
    add_last(e, packet);
    if (!large) return;
    packet->behind = NULL;
    packet->behind_last = &packet->behind;
    packet->others = e->large;
    e->large = packet;
}

// ---- taking ----

// [packet] is sent, or never will be: those behind it go on, up to the next
// large one, behind which the others wait then.
static void finish(DistEntry *e, DistPacket *packet, DistPacket **done)
{
    DistPacket *next, **link = &e->large;
    while (*link != NULL && *link != packet) link = &(*link)->others;
    if (*link != NULL) *link = packet->others;
    DistPacket *waiting = packet->behind;
    packet->behind = NULL;
    for (; waiting != NULL; waiting = next) {
        next = waiting->next;
        // It is counted again.
        *(dist_packet_is_large(waiting) ? &e->uncut : &e->queued) -=
            waiting->size;
        dist_queue_add(e, waiting);
    }
    packet->next = *done;
    *done = packet;
}

// The next fragment of [packet]; answers whether it was the last.
static bool cut(DistEntry *e, DistPacket *packet, DistPiece *piece)
{
    bool first = packet->left == 0;
    size_t payload = packet->size - packet->payload;
    if (first) {
        packet->left = (payload + DIST_PACKET_FRAGMENT - 1)
                       / DIST_PACKET_FRAGMENT;
        packet->sequence = ++e->sequence;
    }
    // The control message goes with the first one, and no atoms.
    size_t control = first ? packet->payload - DIST_PACKET_HEADER : 0;
    const uint8_t *from = packet->bytes + packet->payload + packet->done;
    size_t part = payload - packet->done;
    if (part > DIST_PACKET_FRAGMENT) part = DIST_PACKET_FRAGMENT;
    piece->size = FRAGMENT_HEADER + first + control + part;
    uint8_t *to = piece->bytes = memory_alloc(piece->size);
    dist_packet_set_length(to, piece->size);
    to[DIST_PACKET_LENGTH] = EXTERNAL_VERSION;
    to[DIST_PACKET_LENGTH + 1] = first ? 69 : 70;
    bytes_write(to + DIST_PACKET_LENGTH + 2, packet->sequence, 8);
    bytes_write(to + DIST_PACKET_LENGTH + 10, packet->left, 8);
    to += FRAGMENT_HEADER;
    if (first) *to++ = 0;
    memcpy(to, packet->bytes + DIST_PACKET_HEADER, control);
    memcpy(to + control, from, part);
    packet->done += part;
    e->uncut -= part + (first ? packet->payload : 0);
    e->queued += piece->size;
    return --packet->left == 0;
}

// All of it at once.
static void take_whole(DistEntry *e, DistPacket *packet, DistPiece *piece)
{
    *(dist_packet_is_large(packet) ? &e->uncut : &e->queued) -= packet->size;
    dist_packet_make_ready(e, packet);
    *piece = (DistPiece){packet->bytes, packet->size};
    packet->bytes = NULL;
    e->queued += piece->size;
}

bool dist_queue_take(DistEntry *e, DistPiece *piece, DistPacket **done)
{
    DistPacket *p;
    while ((p = e->first) != NULL) {
        e->first = p->next;
        if (e->first == NULL) e->last = &e->first;
        p->refused = dist_packet_is_beyond(e, p);
        if (p->refused) {
            *(dist_packet_is_large(p) ? &e->uncut : &e->queued) -= p->size;
            finish(e, p, done);
            continue;
        }
        if (!dist_packet_is_cut(e, p))
            take_whole(e, p, piece);
        else if (!cut(e, p, piece)) {
            add_last(e, p);
            return true;
        }
        finish(e, p, done);
        return true;
    }
    return false;
}

DistPacket *dist_queue_empty(DistEntry *e)
{
    DistPacket *all = e->first;
    for (DistPacket *p = all; p != NULL; p = p->next) {
        if (p->behind == NULL) continue;
        *p->behind_last = p->next;
        p->next = p->behind;
        p->behind = NULL;
    }
    e->first = e->large = NULL;
    e->last = &e->first;
    e->queued = e->uncut = 0;
    return all;
}

// ---- what follows ----

// Who monitors goes without until the connection ends; who spawns is told.
void dist_settle(Node *node, DistPacket *done)
{
    for (DistPacket *p = done; p != NULL; p = p->next) {
        if (!term_is_none(p->waiter))
            signal_push(node, p->waiter, signal_new(SIGNAL_RESUME, p->waiter));
        if (p->needs == DIST_NEEDS_SPAWN && p->refused)
            dist_refuse_spawn(node, p->asker, p->request);
    }
    dist_free_packets(done);
}

void dist_resume(Node *node, PidSet *set)
{
    for (size_t i = 0; i < set->room; i++)
        if (!term_is_none(set->slots[i]))
            signal_push(node, set->slots[i],
                        signal_new(SIGNAL_RESUME, set->slots[i]));
}

// ---- who takes them ----

// Only here the task is out of the loop's list and may be put into it again.
static void run_flush(IoLoop *io, IoTask *task)
{
    DistEntry *e = (DistEntry *)task;
    pthread_mutex_lock(&e->lock);
    e->posted = false;
    pthread_mutex_unlock(&e->lock);
    dist_flush(e);
}

bool dist_queue_wants(DistEntry *e)
{
    bool *asked = &e->notify, wants = e->notify;
    if (term_is_port(e->carrier)) {
        asked = &e->posted;
        wants = !e->posted;
    }
    if (wants) *asked = !*asked;
    return wants;
}

void dist_queue_post(DistEntry *e)
{
    if (!term_is_port(e->carrier)) {
        signal_send_message(e->dist->node, NULL, e->carrier, ATOM_dist_data);
        return;
    }
    e->task.run = run_flush;
    io_loop_add(e->dist->node->io, &e->task);
}

// [written] bytes are not queued any more: those who may go on. At half the
// limit, so that senders do not stop again at once, and when the socket has not
// much before theirs; large packets of others are no reason. Under the lock.
static PidSet take_off(DistEntry *e, size_t written)
{
    PidSet suspended = e->suspended;
    size_t limit = e->dist->busy_limit;
    e->queued -= written;
    if (e->suspended.count == 0 || e->queued >= limit / 2 + 1
        || e->in_socket > SOCKET_MOST / 2)
        return (PidSet){NULL, 0, 0};
    e->suspended = (PidSet){NULL, 0, 0};
    return suspended;
}

bool dist_queue_fetch(DistEntry *e, uint32_t connection, DistPiece *piece)
{
    DistPacket *done = NULL;
    PidSet suspended = {NULL, 0, 0};
    pthread_mutex_lock(&e->lock);
    bool good = e->state == DIST_UP && e->connection == connection
                && dist_queue_take(e, piece, &done);
    if (good) suspended = take_off(e, piece->size);
    pthread_mutex_unlock(&e->lock);
    dist_settle(e->dist->node, done);
    dist_resume(e->dist->node, &suspended);
    free(suspended.slots);
    return good;
}

// What the socket has written is not queued any more.
void dist_written(DistEntry *e)
{
    if (e->socket == NULL) return;
    pthread_mutex_lock(&e->lock);
    size_t left = e->socket->out.size;
    size_t written = e->in_socket - left;
    e->in_socket = left;
    PidSet suspended = take_off(e, written);
    // More for the socket, not from within its own call.
    bool posts = e->first != NULL && e->in_socket <= SOCKET_MOST / 2
                 && dist_queue_wants(e);
    pthread_mutex_unlock(&e->lock);
    if (posts) dist_queue_post(e);
    dist_resume(e->dist->node, &suspended);
    free(suspended.slots);
}

// Gives the socket packets until it has [most] bytes. Those that are done are
// [*done]. False when there was none. Under the lock.
static bool give_socket(DistEntry *e, size_t most, DistPacket **done)
{
    DistPiece piece;
    bool any = false;
    // The queue of the socket is this thread's; it is not written to here.
    while (e->socket != NULL && e->in_socket < most
           && dist_queue_take(e, &piece, done)) {
        e->in_socket += piece.size;
        port_queue_add(&e->socket->out, piece.bytes, piece.size);
        any = true;
    }
    return any;
}

void dist_flush(DistEntry *e)
{
    DistPacket *done = NULL;
    pthread_mutex_lock(&e->lock);
    bool any = give_socket(e, SOCKET_MOST, &done);
    pthread_mutex_unlock(&e->lock);
    dist_settle(e->dist->node, done);
    if (any) socket_send_queued(e->socket);
}

// ---- at the node's end ----

// Unlike other ports' readers a node that hangs can be many, and far away.
static void write_all(const Socket *s, PortQueue *out)
{
    enum { PATIENCE = 5000 }; // in ms
    struct pollfd waits = {.fd = s->fd, .events = POLLOUT};
    do
        if (port_queue_write(out, s->fd) != 0) return;
    while (out->size > 0 && poll(&waits, 1, PATIENCE) > 0);
    shutdown(s->fd, SHUT_WR);
}

// Reads what comes on [fd] up to its end, or [until]: closed with bytes that
// nobody has read it would be reset, and what was written be lost.
static void read_to_end(int fd, int64_t until)
{
    uint8_t bytes[4096];
    struct pollfd waits = {.fd = fd, .events = POLLIN};
    for (;;) {
        int64_t left = (until - clock_monotonic()) / 1000000;
        if (left <= 0 || poll(&waits, 1, (int)left) <= 0
            || read(fd, bytes, sizeof bytes) <= 0)
            return;
    }
}

static bool has_socket(const DistEntry *e)
{
    return e->state == DIST_UP && e->socket != NULL && e->socket->fd >= 0;
}

void dist_flush_all(Node *node)
{
    enum { SECOND = 1000000000 };
    DistEntry *all = atomic_load(&node->dist->entries);
    for (DistEntry *e = all; e != NULL; e = e->next) {
        DistPacket *done = NULL;
        if (!has_socket(e)) continue;
        give_socket(e, SIZE_MAX, &done);
        dist_free_packets(done);
        write_all(e->socket, &e->socket->out);
    }
    // The others close when they have read the end.
    int64_t until = clock_monotonic() + SECOND;
    for (DistEntry *e = all; e != NULL; e = e->next)
        if (has_socket(e)) read_to_end(e->socket->fd, until);
}
