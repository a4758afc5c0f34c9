// SPDX-License-Identifier: Apache-2.0
// Sending to other nodes: encoding, the queue of a connection, and who waits
// because it is long.
//
// A packet is encoded without version bytes, behind room for the bytes that
// go before it, when nobody knows yet what the other node can:
//
//     length 131 68 0 control payload      with a header for atoms, of none
//     length 112 131 control 131 payload   without
//
// Who sends writes to the socket himself when nothing is queued; what is left
// then, and all that comes while something is queued, is the loop's to write.
//
// A packet is made in the sender's thread, outside of any lock; under the
// entry's lock it is only queued or handed to the socket. So packets of one
// process stay in order, and large terms hold up nobody.
#include <stdlib.h>
#include <sys/socket.h>

#include "bytes.h"
#include "dist.h"
#include "external.h"
#include "registry.h"
#include "runtime_bifs.gen.h"
#include "signal.h"
#include "watch.h"

enum { LENGTH = 4, HEADER = LENGTH + 3 }; // bytes before a control message

struct DistPacket {
    DistPacket *next; // behind it in the queue
    uint8_t *bytes;   // of malloc; LENGTH bytes of length first
    size_t size;      // with all that goes before
    size_t payload;   // where it begins
    bool ready;       // as the other node wants it
    DistNeed needs;   // what the other node has to be able to do
    Term asker;       // who waits for it, when it asks for a process,
    RefId request;    // under this reference
};

void dist_free_packets(DistPacket *first)
{
    while (first != NULL) {
        DistPacket *next = first->next;
        free(first->bytes);
        free(first);
        first = next;
    }
}

// ---- encoding ----

static DistPacket *encode(const Node *node, const DistMessage *m)
{
    static const ExternalOutput output = {.no_version = true,
                                          .utf8_atoms = true,
                                          .aliases = true};
    static const uint8_t header[HEADER] = {0, 0, 0, 0, EXTERNAL_VERSION, 68, 0};
    // The control message's tuple, on the C stack: 7 elements at most.
    Term box[8];
    Buffer b;
    buffer_init(&b);
    buffer_add(&b, header, HEADER);
    box[0] = term_header(SUBTAG_TUPLE, m->count);
    memcpy(box + 1, m->control, m->count * sizeof *box);
    external_append(node, &b, term_from_box(box), &output);
    size_t payload = b.size;
    // Behind the control message, without anything in between.
    if (!term_is_none(m->payload))
        external_append(node, &b, m->payload, &output);
    // The length does not count itself.
    bytes_write(b.bytes, b.size - LENGTH, LENGTH);
    DistPacket *packet = memory_alloc(sizeof *packet);
    *packet = (DistPacket){NULL, b.bytes, b.size, payload, false, m->needs,
                           m->watcher, m->request};
    return packet;
}

// A packet of nothing: a sign of life.
static DistPacket *new_tick(void)
{
    DistPacket *packet = memory_alloc(sizeof *packet);
    *packet = (DistPacket){.bytes = memory_zeroed(1, LENGTH), .size = LENGTH,
                           .payload = LENGTH, .ready = true};
    return packet;
}

// Makes it the packet of a node that knows no headers.
static void remake(DistPacket *packet)
{
    static const uint8_t header[LENGTH + 2] = {0, 0, 0, 0, 112,
                                               EXTERNAL_VERSION};
    Buffer b;
    if (packet->ready) return; // done, or a tick
    buffer_init(&b);
    buffer_add(&b, header, sizeof header);
    buffer_add(&b, packet->bytes + HEADER, packet->payload - HEADER);
    if (packet->size > packet->payload) {
        buffer_add_byte(&b, EXTERNAL_VERSION);
        buffer_add(&b, packet->bytes + packet->payload,
                   packet->size - packet->payload);
    }
    bytes_write(b.bytes, b.size - LENGTH, LENGTH);
    free(packet->bytes);
    packet->bytes = b.bytes;
    packet->size = b.size;
    packet->ready = true;
}

// The node is known by now.
static void make_ready(const DistEntry *e, DistPacket *packet)
{
    if (!(e->flags & DIST_HEADER)) remake(packet);
    packet->ready = true;
}

// Whether the other node cannot do what the packet needs.
static bool is_beyond(const DistEntry *e, const DistPacket *packet)
{
    return packet->needs != DIST_NEEDS_NOTHING
           && (e->flags >> packet->needs & 1) == 0;
}

// Who monitors goes without until the connection ends; who spawns is told.
static void refuse(Node *node, DistPacket *first)
{
    for (DistPacket *p = first; p != NULL; p = p->next)
        if (p->needs == DIST_NEEDS_SPAWN)
            dist_refuse_spawn(node, p->asker, p->request);
    dist_free_packets(first);
}

// ---- the queue ----

// Only here the task is out of the loop's list and may be put into it again.
static void run_flush(IoLoop *io, IoTask *task)
{
    DistEntry *e = (DistEntry *)task;
    pthread_mutex_lock(&e->lock);
    e->posted = false;
    pthread_mutex_unlock(&e->lock);
    dist_flush(e);
}

static size_t limit_of(const DistEntry *e)
{
    return atomic_load_explicit(&e->dist->busy_limit, memory_order_relaxed);
}

// Who waits goes on when its signal comes, which may be before it has stopped.
static void suspend(Process *p, Term port)
{
    watch_dist_busy(p->node, p->pid, port);
    p->flags |= PROCESS_DIST_BUSY;
    signal_apply(p, signal_new(SIGNAL_SUSPEND, p->pid));
}

Term dist_answer(Process *p, Term answer)
{
    if (!(p->flags & PROCESS_DIST_BUSY)) return answer;
    return bif_trap(p, ATOM_erts_internal, ATOM_dsend_continue_trap, 1,
                    &answer);
}

// dsend_continue_trap(Answer): the answer of a BIF that has sent to another
// node, when that has taken enough of what waits for it.
// Called by dist_answer only; the name is what OTP shows of such a process.
Term bif_erts_internal_dsend_continue_trap_1(Process *p, const Term *args)
{
    if (p->flags & PROCESS_DIST_BUSY) return bif_yield(p, 1, args);
    return args[0];
}

// Without net_kernel nobody makes connections: given up at once.
void dist_ask(DistEntry *e, uint32_t connection)
{
    Heap h;
    Node *node = e->dist->node;
    Term kernel = registry_find(node->registry, ATOM_net_kernel);
    if (!term_is_local_pid(kernel)) {
        dist_abort(e, connection);
        return;
    }
    heap_init(&h);
    Term message = heap_tuple3(&h, ATOM_auto_connect, e->name,
                               heap_unsigned(&h, connection));
    signal_send_message(node, NULL, kernel, message);
    heap_free(&h);
}

// Writes the packet, or what of it can be written at once, when it is the only
// one. True when nothing is left of it, which is freed then.
static bool write_now(DistEntry *e, DistPacket *packet)
{
    // Something queued: the order would be lost.
    if (e->state != DIST_UP || e->queued > 0 || e->socket == NULL) return false;
    make_ready(e, packet);
    ssize_t n = send(e->socket->fd, packet->bytes, packet->size,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n <= 0) return false; // an error is the loop's to see
    if ((size_t)n == packet->size) {
        dist_free_packets(packet);
        return true;
    }
    // The rest waits for the loop, in front of all that comes.
    packet->size -= (size_t)n;
    memmove(packet->bytes, packet->bytes + n, packet->size);
    return false;
}

// What is to be done when the lock is free again.
typedef struct {
    uint32_t connection; // 0: not sent
    // Net_kernel is to be asked; the task posted; the sender suspended; the
    // packet is not for this node.
    bool asks, posts, waits, beyond;
} Queued;

// Puts the packet into the queue, if there is one for it.
static Queued queue(DistEntry *e, const DistMessage *m, DistPacket *packet)
{
    Queued q = {0};
    DistState state = (DistState)e->state;
    if (state == DIST_ENDING || (state == DIST_IDLE && !m->connect)) return q;
    // Of a connection that has ended: what it says means nothing now.
    if (m->connection != 0 && (state == DIST_IDLE
                               || e->connection != m->connection))
        return q;
    q.asks = state == DIST_IDLE;
    state = dist_begin(e, &q.connection); // PENDING now if it was IDLE
    // Noted under the same lock: the connection's end cannot miss it.
    if (!term_is_none(m->watcher))
        pid_set_add(e->dist->node, &e->watchers, m->watcher);
    q.beyond = state == DIST_UP && is_beyond(e, packet);
    if (q.beyond) return q;
    e->sent++;
    if (write_now(e, packet)) return q;
    *e->last = packet;
    e->last = &packet->next;
    e->queued += packet->size;
    // It may send more before it stops: one signal lets it go on.
    q.waits = m->sender != NULL && e->queued > limit_of(e)
              && pid_set_add(e->dist->node, &e->suspended, m->sender->pid);
    // Once until it has run: see dist_flush.
    q.posts = state == DIST_UP && !e->posted;
    if (q.posts) {
        e->posted = true;
        e->task.run = run_flush;
    }
    return q;
}

uint32_t dist_post(DistEntry *e, const DistMessage *m)
{
    Node *node = e->dist->node;
    // Asked without the lock: most that is not sent ends here.
    if ((e->state == DIST_IDLE && !m->connect)
        || term_same(e->name, atomic_load(&node->name))
        || !dist_is_alive(node))
        return 0;
    // Encoded before the lock is taken.
    DistPacket *packet = m->count == 0 ? new_tick() : encode(node, m);
    size_t size = packet->size;
    pthread_mutex_lock(&e->lock);
    Queued q = queue(e, m, packet);
    pthread_mutex_unlock(&e->lock);
    if (q.connection == 0) {
        dist_free_packets(packet);
        return 0;
    }
    // Outside the lock: each of these may take others.
    if (q.beyond) refuse(node, packet);
    if (q.posts) io_loop_add(node->io, &e->task);
    if (q.waits) suspend(m->sender, e->port);
    if (q.asks) dist_ask(e, q.connection);
    // Work is paid for by its size.
    if (m->sender != NULL) bif_bump(m->sender, size / 64);
    return q.connection;
}

bool dist_is_busy(Node *node, Term name)
{
    DistEntry *e = dist_entry(node, name, false);
    if (e == NULL) return false;
    pthread_mutex_lock(&e->lock);
    bool busy = e->queued > limit_of(e);
    pthread_mutex_unlock(&e->lock);
    return busy;
}

// ---- the loop's thread ----

void dist_resume(Node *node, PidSet *set)
{
    for (size_t i = 0; i < set->room; i++)
        if (!term_is_none(set->slots[i]))
            signal_push(node, set->slots[i],
                        signal_new(SIGNAL_RESUME, set->slots[i]));
}

// What the socket has written is not queued any more.
void dist_written(DistEntry *e)
{
    if (e->socket == NULL) return;
    PidSet suspended = {NULL, 0, 0};
    pthread_mutex_lock(&e->lock);
    e->queued -= e->in_socket - e->socket->out.size;
    e->in_socket = e->socket->out.size;
    // At half the limit: so that senders do not stop again at once.
    if (e->suspended.count > 0 && e->queued < limit_of(e) / 2 + 1) {
        suspended = e->suspended;
        e->suspended = (PidSet){NULL, 0, 0};
    }
    pthread_mutex_unlock(&e->lock);
    dist_resume(e->dist->node, &suspended);
    free(suspended.slots);
}

// Takes what is queued, ready to be sent; what is not for this node is put
// into [*beyond]. Under the lock.
static DistPacket *take_ready(DistEntry *e, DistPacket **beyond)
{
    DistPacket *next, *taken = NULL, **last = &taken;
    for (DistPacket *p = e->first; p != NULL; p = next) {
        next = p->next;
        p->next = NULL;
        e->queued -= p->size;
        if (is_beyond(e, p)) {
            *beyond = p;
            beyond = &p->next;
            continue;
        }
        // Ready only now: sizes may change with the node's abilities.
        make_ready(e, p);
        e->queued += p->size;
        e->in_socket += p->size;
        *last = p;
        last = &p->next;
    }
    e->first = NULL;
    e->last = &e->first;
    return taken;
}

void dist_flush(DistEntry *e)
{
    DistPacket *packet = NULL, *beyond = NULL;
    pthread_mutex_lock(&e->lock);
    if (e->socket != NULL) packet = take_ready(e, &beyond);
    pthread_mutex_unlock(&e->lock);
    refuse(e->dist->node, beyond);
    if (packet == NULL) return;
    // Outside the lock: the socket is this thread's.
    while (packet != NULL) {
        DistPacket *next = packet->next;
        port_queue_add(&e->socket->out, packet->bytes, packet->size);
        free(packet);
        packet = next;
    }
    socket_send_queued(e->socket);
}
