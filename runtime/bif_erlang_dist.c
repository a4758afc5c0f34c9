// SPDX-License-Identifier: Apache-2.0
// erlang:dist_...: what a process does that carries a connection to another
// node: it gets the packets that are to be sent and brings those that have
// come, as OTP's guide to alternative carriers of the distribution has it.
//
// A connection is known to it by a handle, a magic reference; a handle of a
// connection that has ended is a bad argument.
#include <stdlib.h>

#include "bif.h"
#include "dist_packet.h"
#include "iodata.h"
#include "magic.h"
#include "runtime_bifs.gen.h"

typedef struct {
    Counted counted; // must be first
    DistEntry *entry;
    uint32_t connection;
} Handle;

// Entries are not freed before the node.
static void destroy(Counted *c)
{
    free(c);
}

Term dist_handle_new(Process *p, DistEntry *e, uint32_t connection)
{
    Handle *h = memory_zeroed(1, sizeof *h);
    atomic_init(&h->counted.count, 1);
    h->counted.destroy = destroy;
    h->entry = e;
    h->connection = connection;
    return magic_ref_new(p->node, process_heap(p), &h->counted);
}

// Locks the entry of [t], a handle, if its connection is UP; else NULL. So it
// stays as it is until the caller unlocks it.
static DistEntry *lock(Term t, uint32_t *connection)
{
    const Handle *h = (const Handle *)magic_object(t, destroy);
    if (h == NULL) return NULL;
    DistEntry *e = h->entry;
    *connection = h->connection;
    pthread_mutex_lock(&e->lock);
    if (e->state == DIST_UP && e->connection == h->connection) return e;
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

// The same when [p] carries the connection.
static DistEntry *lock_own(Process *p, Term t, uint32_t *connection)
{
    DistEntry *e = lock(t, connection);
    if (e == NULL || term_same(e->carrier, p->pid)) return e;
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

// ---- what is to be sent ----

// dist_ctrl_get_data(DHandle) -> [binary()] | {Size, [binary()]} | none
// Without the length that a packet has on a socket.
Term bif_erlang_dist_ctrl_get_data_1(Process *p, const Term *args)
{
    uint32_t connection;
    DistPiece piece;
    DistEntry *e = lock_own(p, args[0], &connection);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    bool sizes = e->sizes;
    pthread_mutex_unlock(&e->lock);
    if (!dist_queue_fetch(e, connection, &piece)) return ATOM_none;
    Heap *h = process_heap(p);
    size_t size = piece.size - DIST_PACKET_LENGTH;
    Term data = heap_binary(h, piece.bytes + DIST_PACKET_LENGTH, size);
    free(piece.bytes);
    data = heap_cons(h, data, TERM_NIL);
    // Copying is paid for as it is in dist_post.
    bif_bump(p, size / 64);
    return sizes ? heap_tuple2(h, heap_unsigned(h, size), data) : data;
}

// dist_ctrl_get_data_notification(DHandle) -> ok: the message dist_data comes
// when there is something to get; at once if there is.
Term bif_erlang_dist_ctrl_get_data_notification_1(Process *p, const Term *args)
{
    uint32_t connection;
    DistEntry *e = lock_own(p, args[0], &connection);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    bool ready = e->first != NULL;
    e->notify = !ready;
    pthread_mutex_unlock(&e->lock);
    if (ready) signal_send_message(p->node, p, p->pid, ATOM_dist_data);
    return ATOM_ok;
}

// ---- what has come ----

// dist_ctrl_input_handler(DHandle, Pid) -> ok: Pid brings data, too.
Term bif_erlang_dist_ctrl_input_handler_2(Process *p, const Term *args)
{
    uint32_t connection;
    DistEntry *e = term_is_local_pid(args[1])
                       ? lock_own(p, args[0], &connection)
                       : NULL;
    if (e == NULL) return bif_error(p, ATOM_badarg);
    e->bringer = args[1];
    pthread_mutex_unlock(&e->lock);
    return ATOM_ok;
}

// Does what the packet says, in the order of those that bring packets. False
// when it makes no sense.
static bool take(DistEntry *e, uint32_t connection, const uint8_t *bytes,
                 size_t size)
{
    pthread_mutex_lock(&e->receiving);
    // It may have ended meanwhile, and the input is another one's.
    bool good = e->state != DIST_UP || e->connection != connection
                || size == 0 || dist_receive(e, bytes, size);
    pthread_mutex_unlock(&e->receiving);
    return good;
}

// dist_ctrl_put_data(DHandle, Data) -> ok: a whole packet has come.
// What makes no sense ends the connection, as on a socket.
Term bif_erlang_dist_ctrl_put_data_2(Process *p, const Term *args)
{
    uint32_t connection;
    size_t size;
    if (iodata_size(args[1], &size) != IODATA_OK)
        return bif_error(p, ATOM_badarg);
    DistEntry *e = lock(args[0], &connection);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    bool good = term_same(e->carrier, p->pid) || term_same(e->bringer, p->pid);
    if (good) e->received++;
    pthread_mutex_unlock(&e->lock);
    if (!good) return bif_error(p, ATOM_badarg);
    uint8_t *bytes = memory_alloc(size + 1);
    iodata_copy(args[1], bytes);
    if (!take(e, connection, bytes, size))
        dist_close(e, connection, ATOM_killed);
    free(bytes);
    bif_bump(p, size / 64);
    return ATOM_ok;
}

// ---- about it ----

// dist_get_stat(DHandle) -> {ok, Received, Sent, Pending}: packets, and whether
// some are not sent.
// Any process may ask.
Term bif_erlang_dist_get_stat_1(Process *p, const Term *args)
{
    uint32_t connection;
    DistEntry *e = lock(args[0], &connection);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    uint64_t received = e->received, sent = e->sent;
    bool pending = e->queued > 0 || e->first != NULL;
    pthread_mutex_unlock(&e->lock);
    return heap_tuple(h, 4,
                      (Term[]){ATOM_ok, heap_unsigned(h, received),
                               heap_unsigned(h, sent),
                               pending ? ATOM_true : ATOM_false});
}

// The only option, get_size, as it was; set if [value] is a boolean.
static Term change_option(Process *p, Term handle, Term name, Term value)
{
    uint32_t connection;
    DistEntry *e = term_same(name, ATOM_get_size)
                       ? lock_own(p, handle, &connection)
                       : NULL;
    if (e == NULL) return bif_error(p, ATOM_badarg);
    bool before = e->sizes;
    if (!term_is_none(value)) e->sizes = term_same(value, ATOM_true);
    pthread_mutex_unlock(&e->lock);
    return before ? ATOM_true : ATOM_false;
}

// Whether data comes with its size.
Term bif_erlang_dist_ctrl_get_opt_2(Process *p, const Term *args)
{
    return change_option(p, args[0], args[1], TERM_NONE);
}

Term bif_erlang_dist_ctrl_set_opt_3(Process *p, const Term *args)
{
    if (!term_same(args[2], ATOM_true) && !term_same(args[2], ATOM_false))
        return bif_error(p, ATOM_badarg);
    return change_option(p, args[0], args[1], args[2]);
}
