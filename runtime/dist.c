// SPDX-License-Identifier: Apache-2.0
// Dist: entries, and how connections begin and end.
//
// The list of entries only grows and is read without a lock. An entry's state
// changes under its lock; that it is IDLE or not may be read without.
//
// A connection's end is told in an order: packets and sets are taken out under
// the lock, everybody is told without it, and only then the entry is IDLE, so
// that nobody makes a connection anew that others still break.
#include "dist.h"

#include <stdlib.h>

#include "copy.h"
#include "dist_packet.h"
#include "process_table.h"
#include "registry.h"
#include "signal.h"

enum { BUSY_LIMIT = 1024 }; // kilobytes; as OTP has it

// ---- sets of pids ----

// The place of [pid], or the free one where it would be.
static size_t slot_of(const PidSet *set, Term pid)
{
    size_t i = (size_t)(pid.bits * 0x9E3779B97F4A7C15u >> 32);
    for (i &= set->room - 1; !term_is_none(set->slots[i]);
         i = (i + 1) & (set->room - 1))
        if (term_same(set->slots[i], pid)) break;
    return i;
}

// Room for more, without those who have ended.
static void make_room(Node *node, PidSet *set)
{
    PidSet old = *set;
    size_t alive = 0;
    for (size_t i = 0; i < old.room; i++) {
        if (term_is_none(old.slots[i])) continue;
        if (process_table_has(node->processes, old.slots[i]))
            alive++;
        else // a pid that no process has any more
            old.slots[i] = TERM_NIL;
    }
    size_t room = 8;
    while (room < 4 * alive) room *= 2; // at most a quarter full afterwards
    *set = (PidSet){memory_zeroed(room, sizeof(Term)), 0, room};
    for (size_t i = 0; i < old.room; i++) {
        if (!term_is_local_pid(old.slots[i])) continue;
        set->slots[slot_of(set, old.slots[i])] = old.slots[i];
        set->count++;
    }
    free(old.slots);
}

// The set may be of room 0: nothing is allocated before.
bool pid_set_add(Node *node, PidSet *set, Term pid)
{
    if (2 * (set->count + 1) > set->room) make_room(node, set);
    size_t i = slot_of(set, pid);
    if (!term_is_none(set->slots[i])) return false;
    set->slots[i] = pid;
    set->count++;
    return true;
}

// ---- the node ----

Dist *dist_new(Node *node)
{
    Dist *dist = memory_zeroed(1, sizeof *dist);
    dist->node = node;
    pthread_mutex_init(&dist->lock, NULL);
    size_t limit = node->options.dist_busy_limit;
    dist->busy_limit = (limit == 0 ? BUSY_LIMIT : limit) << 10;
    return dist;
}

static void free_entry(DistEntry *e)
{
    pthread_mutex_destroy(&e->lock);
    pthread_mutex_destroy(&e->receiving);
    dist_free_packets(e->first);
    heap_free(&e->reason_heap);
    dist_free_input(e->input);
    free(e->watchers.slots);
    free(e->suspended.slots);
    free(e->watches);
    free(e);
}

// The node's end: nobody is told.
void dist_free(Dist *dist)
{
    DistEntry *e = atomic_load(&dist->entries);
    while (e != NULL) {
        DistEntry *next = e->next;
        free_entry(e);
        e = next;
    }
    pthread_mutex_destroy(&dist->lock);
    free(dist->watches);
    free(dist);
}

bool dist_has_name(const Node *node)
{
    return !term_same(atomic_load(&node->name), ATOM_nonode_nohost);
}

bool dist_is_alive(const Node *node)
{
    return dist_has_name(node) || atomic_load(&node->dist->expects_name);
}

// In this order: whoever sees the new name finds its identity.
void dist_set_name(Node *node, Term name, uint32_t creation)
{
    Term before = atomic_load(&node->name);
    atomic_store(&node->this_node, remote_node(node, name, creation));
    atom_table_set_node(node->atoms, name);
    atomic_store(&node->name, name);
    if (term_same(before, name)) return;
    bool up = dist_has_name(node);
    dist_tell_self(node, up ? name : before, up);
}

// ---- entries ----

// Linear: a node speaks to few others. Entries are never freed.
static DistEntry *find(DistEntry *e, Term name)
{
    while (e != NULL && !term_same(e->name, name)) e = e->next;
    return e;
}

// Looked for again under the lock: another may have added it.
static DistEntry *add_entry(Dist *dist, Term name)
{
    pthread_mutex_lock(&dist->lock);
    DistEntry *e = find(atomic_load(&dist->entries), name);
    if (e == NULL) {
        e = memory_zeroed(1, sizeof *e);
        e->dist = dist;
        e->name = name;
        e->last = &e->first;
        heap_init(&e->reason_heap);
        pthread_mutex_init(&e->lock, NULL);
        pthread_mutex_init(&e->receiving, NULL);
        // Complete before others see it.
        e->next = atomic_load(&dist->entries);
        atomic_store(&dist->entries, e);
    }
    pthread_mutex_unlock(&dist->lock);
    return e;
}

DistEntry *dist_entry(Node *node, Term name, bool make)
{
    Dist *dist = node->dist;
    DistEntry *e = find(atomic_load(&dist->entries), name);
    return e == NULL && make ? add_entry(dist, name) : e;
}

// One that comes or goes at this moment may be in the list or not.
Term dist_list_carriers(const Node *node, Heap *h)
{
    Term list = TERM_NIL;
    DistEntry *e = atomic_load(&node->dist->entries);
    for (; e != NULL; e = e->next) {
        pthread_mutex_lock(&e->lock);
        Term carrier = e->state == DIST_UP ? e->carrier : TERM_NONE;
        pthread_mutex_unlock(&e->lock);
        if (!term_is_none(carrier))
            list = heap_cons(h, heap_tuple2(h, e->name, carrier), list);
    }
    return list;
}

// ---- the life of a connection ----

DistState dist_begin(DistEntry *e, uint32_t *connection)
{
    if (e->state == DIST_IDLE) {
        e->connection = atomic_fetch_add(&e->dist->last_connection, 1) + 1;
        heap_free(&e->reason_heap);
        e->reason = TERM_NONE;
        e->flags = 0; // nothing known of the other one yet
        e->state = DIST_PENDING;
    }
    *connection = e->connection;
    return (DistState)e->state;
}

// The first reason counts. Under the lock.
static void set_reason(DistEntry *e, Term reason)
{
    if (term_is_none(e->reason))
        e->reason = copy_term(e->dist->node, &e->reason_heap, reason);
}

static void tell_all(Node *node, const PidSet *set, uint32_t connection)
{
    for (size_t i = 0; i < set->room; i++)
        if (!term_is_none(set->slots[i]))
            dist_tell_end(node, set->slots[i], connection);
}

// The connection is no more: tells everybody. The entry is ENDING, so that
// nobody else changes it but for those who wait.
static void end(DistEntry *e, bool was_up, Term reason)
{
    Node *node = e->dist->node;
    pthread_mutex_lock(&e->lock);
    PidSet watchers = e->watchers, suspended = e->suspended;
    NodeWatch *watches = e->watches;
    size_t watch_count = e->watch_count;
    DistPacket *packets = dist_queue_empty(e);
    uint32_t connection = e->connection;
    // Taken: whoever comes now finds an entry without anything.
    e->watchers = e->suspended = (PidSet){NULL, 0, 0};
    e->watches = NULL;
    e->watch_count = e->watch_room = 0;
    pthread_mutex_unlock(&e->lock);
    dist_settle(node, packets);
    // Links and monitors break in each process by itself.
    tell_all(node, &watchers, connection);
    // Senders go on: what they send next asks for a new connection.
    dist_resume(node, &suspended);
    dist_tell_watches(e, watches, watch_count);
    if (was_up) dist_tell_nodes(e, false, reason);
    free(watchers.slots);
    free(suspended.slots);
    pthread_mutex_lock(&e->lock);
    e->state = DIST_IDLE;
    pthread_mutex_unlock(&e->lock);
}

bool dist_abort(DistEntry *e, uint32_t connection)
{
    pthread_mutex_lock(&e->lock);
    bool good = e->state == DIST_PENDING && e->connection == connection;
    if (good) e->state = DIST_ENDING;
    pthread_mutex_unlock(&e->lock);
    if (good) end(e, false, ATOM_noconnection);
    return good;
}

// ---- its socket ----
// Three calls of the socket, all on the loop's thread.

static bool take(void *taker, const uint8_t *bytes, size_t size)
{
    DistEntry *e = taker;
    e->received++;
    // An empty packet is a sign of life.
    if (size == 0 || dist_receive(e, bytes, size)) return true;
    // Ended by this side: nodedown tells that reason.
    pthread_mutex_lock(&e->lock);
    set_reason(e, ATOM_killed);
    pthread_mutex_unlock(&e->lock);
    return false;
}

static void wrote(void *taker)
{
    dist_written(taker);
}

// What has come is of no use without what does not.
static void drop_input(DistEntry *e)
{
    pthread_mutex_lock(&e->receiving);
    dist_free_input(e->input);
    e->input = NULL;
    pthread_mutex_unlock(&e->receiving);
}

// The port of the connection has ended.
static void ended(void *taker, Term reason)
{
    DistEntry *e = taker;
    // So a port ends that the other side has closed.
    if (term_same(reason, ATOM_normal)) reason = ATOM_connection_closed;
    pthread_mutex_lock(&e->lock);
    e->state = DIST_ENDING;
    set_reason(e, reason);
    e->socket = NULL;
    e->in_socket = 0; // what it had is lost with it
    pthread_mutex_unlock(&e->lock);
    drop_input(e);
    end(e, true, e->reason);
}

static const SocketTaker dist_taker = {take, wrote, ended};

// By [socket], or without one by process [carrier].
static bool open_by(DistEntry *e, Term carrier, Socket *socket,
                    const DistOpen *how)
{
    pthread_mutex_lock(&e->lock);
    // Somebody may have given it up, or begun another one, meanwhile.
    bool good = e->state == DIST_PENDING && e->connection == how->connection;
    if (good) {
        e->flags = how->flags;
        e->creation = how->creation;
        e->carrier = carrier;
        e->bringer = TERM_NONE;
        e->notify = e->sizes = false;
        e->socket = socket;
        e->sent = e->received = 0;
        // Told before it is UP: net_kernel hears of the node first.
        dist_tell_nodes(e, true, TERM_NONE);
        e->state = DIST_UP;
    }
    pthread_mutex_unlock(&e->lock);
    return good;
}

bool dist_open(DistEntry *e, Socket *socket, const DistOpen *how)
{
    if (socket->taker != NULL || !open_by(e, socket->port.id, socket, how))
        return false;
    // From now on packets with 4 bytes of length, without end.
    socket->options.packet.type = PACKET_4;
    socket->options.packet.most = 0;
    socket->options.active = ACTIVE_TRUE;
    socket->options.exit_on_close = true;
    socket_hand_over(socket, &dist_taker, e);
    // What was queued while it was PENDING.
    dist_flush(e);
    // Bytes may have come with the end of the handshake.
    if (socket->fd >= 0) socket_deliver(socket);
    socket_update(socket);
    return true;
}

// ---- its process ----

// message: the node's name
static bool run_carry(Node *node, Process *p, Signal *s)
{
    uint32_t connection = (uint32_t)s->ref.id0;
    if (p == NULL) {
        dist_close(dist_entry(node, s->message, true), connection,
                   ATOM_noproc);
        return false;
    }
    // The end of the process ends the connection: see dist_break.
    Relation *r = relation_add(p, RELATION_CARRIER, s->ref);
    r->name = s->message;
    r->connection = connection;
    return false;
}

bool dist_open_carried(DistEntry *e, Term carrier, const DistOpen *how)
{
    if (!open_by(e, carrier, NULL, how)) return false;
    Signal *s = signal_new(SIGNAL_CALL, TERM_NONE);
    s->call = run_carry;
    s->ref.id0 = how->connection;
    s->message = e->name;
    signal_push(e->dist->node, carrier, s);
    return true;
}

void dist_break_off(DistEntry *e, uint32_t connection, Term reason)
{
    pthread_mutex_lock(&e->lock);
    if (e->state == DIST_UP && e->connection == connection
        && e->socket != NULL) {
        set_reason(e, reason); // before anybody sees its end
        shutdown(e->socket->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&e->lock);
    dist_close(e, connection, reason);
}

bool dist_close(DistEntry *e, uint32_t connection, Term reason)
{
    pthread_mutex_lock(&e->lock);
    bool good = e->state == DIST_UP && e->connection == connection;
    bool carried = good && e->socket == NULL;
    if (good) set_reason(e, reason);
    Term carrier = e->carrier;
    if (carried) e->state = DIST_ENDING;
    pthread_mutex_unlock(&e->lock);
    if (!carried) return good;
    drop_input(e);
    // It has no more to do, if it is there at all.
    signal_send_exit(e->dist->node, SIGNAL_EXIT, carrier, carrier, ATOM_kill);
    end(e, true, e->reason);
    return true;
}
