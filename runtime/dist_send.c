// SPDX-License-Identifier: Apache-2.0
// Sending to other nodes: encoding, and who waits because much is queued.
//
// Who sends writes to the socket himself when nothing is queued; what is left
// then, and all that comes while something is queued, is the loop's to write
// (dist_queue.c).
//
// A packet is made in the sender's thread, outside of any lock; under the
// entry's lock it is only queued or handed to the socket. So packets of one
// process stay in order, and large terms hold up nobody.
#include <stdlib.h>
#include <sys/socket.h>

#include "bytes.h"
#include "dist.h"
#include "dist_packet.h"
#include "external.h"
#include "registry.h"
#include "runtime_bifs.gen.h"
#include "signal.h"
#include "watch.h"

// ---- encoding ----

// NULL when it is more than sizes of four bytes can say.
static DistPacket *encode(const Node *node, const DistMessage *m)
{
    static const ExternalOutput output = {.no_version = true,
                                          .utf8_atoms = true,
                                          .aliases = true,
                                          .most = UINT32_MAX};
    static const uint8_t header[DIST_PACKET_HEADER] = {
        0, 0, 0, 0, EXTERNAL_VERSION, 68, 0};
    // The control message's tuple, on the C stack: 7 elements at most.
    Term box[8];
    Buffer b;
    buffer_init(&b);
    buffer_add(&b, header, DIST_PACKET_HEADER);
    box[0] = term_header(SUBTAG_TUPLE, m->count);
    memcpy(box + 1, m->control, m->count * sizeof *box);
    bool fits = external_append(node, &b, term_from_box(box), &output);
    size_t payload = b.size;
    // Behind the control message, without anything in between.
    if (fits && !term_is_none(m->payload))
        fits = external_append(node, &b, m->payload, &output);
    if (!fits) {
        buffer_free(&b);
        return NULL;
    }
    dist_packet_set_length(b.bytes, b.size);
    DistPacket *packet = memory_alloc(sizeof *packet);
    *packet = (DistPacket){.bytes = b.bytes, .size = b.size,
                           .payload = payload, .needs = m->needs,
                           .from = m->from, .asker = m->watcher,
                           .request = m->request};
    return packet;
}

// A packet of nothing: a sign of life.
static DistPacket *new_tick(void)
{
    DistPacket *packet = memory_alloc(sizeof *packet);
    *packet = (DistPacket){.bytes = memory_zeroed(1, DIST_PACKET_LENGTH),
                           .size = DIST_PACKET_LENGTH,
                           .payload = DIST_PACKET_LENGTH, .ready = true};
    return packet;
}

// ---- who waits ----

// Who waits goes on when its signal comes, which may be before it has stopped.
// One that ends waits as dist_ending.c has it.
static void suspend(Process *p, Term carrier)
{
    watch_dist_busy(p->node, p->pid, carrier);
    p->flags |= PROCESS_DIST_BUSY;
    if (p->flags & PROCESS_ENDING) return;
    signal_apply(p, signal_new(SIGNAL_SUSPEND, p->pid));
}

bool dist_was_too_large(Process *p)
{
    bool was = (p->flags & PROCESS_DIST_LARGE) != 0;
    p->flags &= ~(uint32_t)PROCESS_DIST_LARGE;
    return was;
}

Term dist_answer(Process *p, Term answer)
{
    if (dist_was_too_large(p)) return bif_error(p, ATOM_system_limit);
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
    if (e->state != DIST_UP || e->queued > 0 || e->first != NULL
        || e->socket == NULL || dist_packet_is_cut(e, packet))
        return false;
    dist_packet_make_ready(e, packet);
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
    packet->whole = true;
    return false;
}

// Who sends something large, and has not yet sent what was large before it,
// waits until that is sent; who does not, only when too much is queued, and
// then until the socket takes more.
static bool has_to_wait(DistEntry *e, Process *sender, DistPacket *packet)
{
    size_t limit = e->dist->busy_limit;
    // It may send more before it stops: it waits for one thing.
    if (sender == NULL
        || sender->flags & (PROCESS_DIST_BUSY | PROCESS_ASYNC_DIST))
        return false;
    if (!dist_packet_is_large(packet)) {
        if (e->queued + e->uncut + packet->size <= limit) return false;
        // One that ends may be there since before, and nobody counts how often
        // it is suspended.
        return pid_set_add(e->dist->node, &e->suspended, sender->pid)
               || sender->flags & PROCESS_ENDING;
    }
    if (packet->size <= limit && !dist_queue_has_large(e, packet->from))
        return false;
    packet->waiter = sender->pid;
    return true;
}

// What is to be done when the lock is free again.
typedef struct {
    uint32_t connection; // 0: not sent
    // Net_kernel is to be asked; the task posted; the sender suspended; the
    // packet is not for this node.
    bool asks, posts, waits, refused;
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
    packet->refused = state == DIST_UP && dist_packet_is_beyond(e, packet);
    q.refused = packet->refused;
    if (q.refused) return q;
    e->sent++;
    if (write_now(e, packet)) return q;
    q.waits = has_to_wait(e, m->sender, packet);
    dist_queue_add(e, packet);
    // Once until it has run: see dist_queue.c.
    q.posts = state == DIST_UP && dist_queue_wants(e);
    return q;
}

// [m] cannot be sent: its sender fails. What nobody has asked for, as an exit
// signal, must not be missed: the connection ends.
static void fail(DistEntry *e, const DistMessage *m)
{
    if (m->sender != NULL) {
        m->sender->flags |= PROCESS_DIST_LARGE;
        return;
    }
    pthread_mutex_lock(&e->lock);
    uint32_t connection = e->connection;
    pthread_mutex_unlock(&e->lock);
    dist_break_off(e, connection, ATOM_system_limit);
}

uint32_t dist_post(DistEntry *e, const DistMessage *m)
{
    Node *node = e->dist->node;
    // Asked without the lock: most that is not sent ends here.
    if ((e->state == DIST_IDLE && !m->connect)
        || term_same(e->name, atomic_load(&node->name))
        || !dist_has_name(node))
        return 0;
    // Encoded before the lock is taken.
    DistPacket *packet = m->count == 0 ? new_tick() : encode(node, m);
    if (packet == NULL) {
        fail(e, m);
        return 0;
    }
    size_t size = packet->size;
    pthread_mutex_lock(&e->lock);
    Queued q = queue(e, m, packet);
    pthread_mutex_unlock(&e->lock);
    if (q.connection == 0) {
        dist_free_packets(packet);
        return 0;
    }
    // Outside the lock: each of these may take others.
    if (q.refused) dist_settle(node, packet);
    if (q.posts) dist_queue_post(e);
    if (q.waits) suspend(m->sender, e->carrier);
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
    bool busy = e->queued + e->uncut > e->dist->busy_limit;
    pthread_mutex_unlock(&e->lock);
    return busy;
}
