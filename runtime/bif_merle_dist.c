// SPDX-License-Identifier: Apache-2.0
// merle_dist: what net_kernel and its helpers do with connections.
// A connection has a number, so that what concerns an earlier one of the same
// node is told from the present one.
#include "bif.h"
#include "dist.h"
#include "port.h"
#include "request.h"
#include "runtime_bifs.gen.h"

// set_name(Name, Creation): Name is nonode@nohost when there is no more
// distribution.
// All pids of this node change their look at that moment.
Term bif_merle_dist_set_name_2(Process *p, const Term *args)
{
    size_t creation;
    if (!term_is_atom(args[0]) || !bif_get_size(args[1], &creation)
        || creation > UINT32_MAX)
        return bif_error(p, ATOM_badarg);
    dist_set_name(p->node, args[0], (uint32_t)creation);
    return ATOM_true;
}

// prepare(Node) -> {idle | pending | up | ending, Number}: what it was. An idle
// connection is pending then.
// net_kernel asks it before it connects.
Term bif_merle_dist_prepare_1(Process *p, const Term *args)
{
    static const uintptr_t names[] = {ATOM_BITS_idle, ATOM_BITS_pending,
                                      ATOM_BITS_up, ATOM_BITS_ending};
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    DistEntry *e = dist_entry(p->node, args[0], true);
    uint32_t connection;
    pthread_mutex_lock(&e->lock);
    // In the order of DistState.
    Term before = (Term){names[e->state]};
    dist_begin(e, &connection);
    pthread_mutex_unlock(&e->lock);
    Heap *h = process_heap(p);
    return heap_tuple2(h, before, heap_unsigned(h, connection));
}

// abort(Node, Number) -> boolean()
// False: it was another connection.
Term bif_merle_dist_abort_2(Process *p, const Term *args)
{
    size_t connection;
    if (!term_is_atom(args[0]) || !bif_get_size(args[1], &connection))
        return bif_error(p, ATOM_badarg);
    DistEntry *e = dist_entry(p->node, args[0], true);
    return dist_abort(e, (uint32_t)connection) ? ATOM_true : ATOM_false;
}

// expect_name(boolean()): another node will give this one its name.
Term bif_merle_dist_expect_name_1(Process *p, const Term *args)
{
    atomic_store(&p->node->dist->expects_name, term_same(args[0], ATOM_true));
    return ATOM_true;
}

// The entry of [args], {Node, Number, Flags, Creation}, and what they say.
static DistEntry *read_open(Node *node, const Term *args, DistOpen *how)
{
    size_t connection, flags, creation;
    if (!term_is_atom(args[0]) || !bif_get_size(args[1], &connection)
        || !bif_get_size(args[2], &flags) || !bif_get_size(args[3], &creation))
        return NULL;
    *how = (DistOpen){(uint32_t)connection, (uint32_t)creation, flags};
    return dist_entry(node, args[0], true);
}

// On the thread of ports, which owns the socket.
static Term run_open(Port *port, PortCall *call)
{
    DistOpen how;
    Term parts[4];
    Socket *s = socket_of(port);
    for (size_t i = 0; i < 4; i++) parts[i] = term_tuple_get(call->question, i);
    DistEntry *e = read_open(call->node, parts, &how);
    bool good = s != NULL && s->state == SOCKET_CONNECTED
                && dist_open(e, s, &how);
    return good ? ATOM_true : ATOM_false;
}

// open(Carrier, Node, Number, Flags, Creation) -> DHandle | false
// After the handshake: Carrier, a socket's port or the pid of a process, is the
// connection from now on.
Term bif_merle_dist_open_5(Process *p, const Term *args)
{
    DistOpen how;
    DistEntry *e = read_open(p->node, args + 1, &how);
    Term opened = ATOM_false;
    if (e == NULL) return bif_error(p, ATOM_badarg);
    if (term_is_local_port(args[0])) {
        if (request_is_new(p)) {
            PortCall *call = port_call_new(p, args[0], run_open);
            call->question = heap_tuple(&call->heap, 4, args + 1);
            call->on_loop = true;
            port_call_start(call);
        }
        // The answer is false when the socket is gone, too.
        opened = request_wait(p, 5, args);
    } else if (term_is_local_pid(args[0])) {
        if (dist_open_carried(e, args[0], &how)) opened = ATOM_true;
    } else {
        return bif_error(p, ATOM_badarg);
    }
    return term_same(opened, ATOM_true)
               ? dist_handle_new(p, e, how.connection)
               : opened;
}

// close(Node, Number, Reason): the connection ends, or is about to be closed
// by who has its port, for that reason.
// What monitors of the node are told.
Term bif_merle_dist_close_3(Process *p, const Term *args)
{
    size_t connection;
    if (!term_is_atom(args[0]) || !bif_get_size(args[1], &connection))
        return bif_error(p, ATOM_badarg);
    return dist_close(dist_entry(p->node, args[0], true), (uint32_t)connection,
                      args[2])
               ? ATOM_true
               : ATOM_false;
}

// tick(Node, Number) -> boolean(): a sign of life.
// An empty packet.
Term bif_merle_dist_tick_2(Process *p, const Term *args)
{
    size_t connection;
    if (!term_is_atom(args[0]) || !bif_get_size(args[1], &connection))
        return bif_error(p, ATOM_badarg);
    DistMessage m = {.connection = (uint32_t)connection,
                     .payload = TERM_NONE, .watcher = TERM_NONE};
    DistEntry *e = dist_entry(p->node, args[0], true);
    return dist_post(e, &m) != 0 ? ATOM_true : ATOM_false;
}

// traffic(Node) -> {Received, Sent, Queued}: packets, and bytes.
// net_kernel looks whether anything moved.
Term bif_merle_dist_traffic_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    DistEntry *e = dist_entry(p->node, args[0], true);
    Heap *h = process_heap(p);
    pthread_mutex_lock(&e->lock);
    Term t = heap_tuple3(h, heap_unsigned(h, e->received),
                         heap_unsigned(h, e->sent),
                         heap_unsigned(h, e->queued + e->uncut));
    pthread_mutex_unlock(&e->lock);
    return t;
}

// watch(Flag, Types, {Info, AsMap, Reason, Connection, Type}) -> how often it
// was wished before. The flags are 0 or 1.
// net_kernel:monitor_nodes of OTP, with its options.
Term bif_merle_dist_watch_3(Process *p, const Term *args)
{
    size_t types, flags[5];
    if (!bif_get_size(args[1], &types) || !term_is_tuple_of(args[2], 5))
        return bif_error(p, ATOM_badarg);
    for (size_t i = 0; i < 5; i++)
        if (!bif_get_size(term_tuple_get(args[2], i), &flags[i]))
            return bif_error(p, ATOM_badarg);
    NodesWatch w = {.pid = p->pid, .types = (uint8_t)types,
                    .info = flags[0] != 0, .as_map = flags[1] != 0,
                    .reason = flags[2] != 0, .connection = flags[3] != 0,
                    .type_wanted = flags[4] != 0};
    return heap_unsigned(process_heap(p),
                         dist_watch_nodes(p->node->dist, &w,
                                          term_same(args[0], ATOM_true)));
}
