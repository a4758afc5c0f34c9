// SPDX-License-Identifier: Apache-2.0
// erlang: other nodes: which there are, watching them, cookies.
// A DistEntry is what is known of the connection to one node, under a lock of
// its own; entries are never freed, so they may be walked without one.
#include "bif.h"
#include "dist.h"
#include "map.h"
#include "process.h"
#include "remote.h"
#include "runtime_bifs.gen.h"
#include "signal.h"

// Changes when the node is named, on another thread perhaps.
static Term this_name(const Process *p)
{
    return atomic_load(&p->node->name);
}

// Alive is to have a name that others can reach.
Term bif_erlang_is_alive_0(Process *p, const Term *args)
{
    return dist_is_alive(p->node) ? ATOM_true : ATOM_false;
}

// ---- which there are ----

// Bits, as nodes/1 takes a list of types.
enum {
    WANT_VISIBLE = 1 << 0,
    WANT_HIDDEN = 1 << 1,
    WANT_THIS = 1 << 2,
    WANT_KNOWN = 1 << 3
};

// What [type] of nodes/1 asks for; 0 when it is none.
// connected is both kinds; known is every node that a pid was ever seen of.
static unsigned read_type(Term type)
{
    switch (type.bits) {
    case ATOM_BITS_this: return WANT_THIS;
    case ATOM_BITS_visible: return WANT_VISIBLE;
    case ATOM_BITS_hidden: return WANT_HIDDEN;
    case ATOM_BITS_connected: return WANT_VISIBLE | WANT_HIDDEN;
    case ATOM_BITS_known:
        return WANT_VISIBLE | WANT_HIDDEN | WANT_THIS | WANT_KNOWN;
    default: return 0;
    }
}

// One type, or a list of them.
static bool read_types(Term t, unsigned *wanted)
{
    *wanted = 0;
    if (term_is_atom(t)) return (*wanted = read_type(t)) != 0;
    for (; term_is_cons(t); t = term_tail(t)) {
        unsigned type = read_type(term_head(t));
        if (type == 0) return false;
        *wanted |= type;
    }
    return term_is_nil(t);
}

// One answer being built.
typedef struct {
    Process *p;                       // whose heap it is on
    unsigned wanted;                  // WANT_ bits
    bool with_info, connection, type; // as nodes/2 asks
    Term list;                        // newest first
} Listing;

// [connection] is 0 of what is not connected.
static void add(Listing *l, Term name, Term type, uint32_t connection)
{
    Heap *h = process_heap(l->p);
    Term pairs[4], entry = name;
    size_t n = 0;
    if (l->connection) {
        pairs[n++] = ATOM_connection_id;
        pairs[n++] = connection == 0 ? ATOM_undefined
                                     : heap_unsigned(h, connection);
    }
    if (l->type) {
        pairs[n++] = ATOM_node_type;
        pairs[n++] = type;
    }
    // The map has no more than was asked for, or nothing.
    if (l->with_info)
        entry = heap_tuple2(h, name, map_from_pairs(h, l->p->node->atoms,
                                                    n / 2, pairs));
    l->list = heap_cons(h, entry, l->list);
}

// A known node may be connected, and listed already.
static bool is_in(const Listing *l, Term name)
{
    for (Term t = l->list; term_is_cons(t); t = term_tail(t)) {
        Term entry = term_head(t);
        if (l->with_info) entry = term_tuple_get(entry, 0);
        if (term_same(entry, name)) return true;
    }
    return false;
}

// The state is read without the lock: a node that comes or goes at this moment
// may be in the list or not.
static Term list_nodes(Listing *l)
{
    Node *node = l->p->node;
    Term own = this_name(l->p);
    l->list = TERM_NIL;
    if (l->wanted & WANT_THIS) add(l, own, ATOM_this, 0);
    for (DistEntry *e = atomic_load(&node->dist->entries); e != NULL;
         e = e->next) {
        if (e->state != DIST_UP) continue; // pending ones are not connected
        bool visible = (e->flags & DIST_PUBLISHED) != 0;
        if (l->wanted & (visible ? WANT_VISIBLE : WANT_HIDDEN))
            add(l, e->name, visible ? ATOM_visible : ATOM_hidden,
                e->connection);
    }
    // A node that is alone knows nobody.
    if (!(l->wanted & WANT_KNOWN) || !dist_is_alive(node)) return l->list;
    for (RemoteNode *r = atomic_load(&node->remote_nodes); r != NULL;
         r = atomic_load(&r->next))
        if (!is_in(l, r->name))
            add(l, r->name, ATOM_known, 0);
    return l->list;
}

// The visible ones only.
Term bif_erlang_nodes_0(Process *p, const Term *args)
{
    Listing l = {.p = p, .wanted = WANT_VISIBLE};
    return list_nodes(&l);
}

Term bif_erlang_nodes_1(Process *p, const Term *args)
{
    Listing l = {.p = p};
    if (!read_types(args[0], &l.wanted)) return bif_error(p, ATOM_badarg);
    return list_nodes(&l);
}

// nodes(Types, #{connection_id => boolean(), node_type => boolean()})
// Unknown keys of the map are badarg, as in OTP.
Term bif_erlang_nodes_2(Process *p, const Term *args)
{
    Listing l = {.p = p, .with_info = true};
    if (!read_types(args[0], &l.wanted) || !term_is_map(args[1]))
        return bif_error(p, ATOM_badarg);
    Term connection = map_get(args[1], ATOM_connection_id);
    Term type = map_get(args[1], ATOM_node_type);
    size_t known = 0;
    Term options[] = {connection, type};
    for (int i = 0; i < 2; i++) {
        if (term_is_none(options[i])) continue;
        known++;
        if (!term_same(options[i], ATOM_true)
            && !term_same(options[i], ATOM_false))
            return bif_error(p, ATOM_badarg);
    }
    // As many keys as were known ones.
    if (known != map_size(args[1])) return bif_error(p, ATOM_badarg);
    l.connection =
        !term_is_none(connection) && term_same(connection, ATOM_true);
    l.type = !term_is_none(type) && term_same(type, ATOM_true);
    return list_nodes(&l);
}

// ---- watching one ----
// monitor_node counts: switched on twice, it tells twice.

// Notes the wish, with a connection to come if need be. A node that cannot be
// reached is down at once.
// The wish is noted under the lock, so no change is missed.
static void watch(Process *p, Term name, bool on)
{
    uint32_t connection;
    DistEntry *e = dist_entry(p->node, name, true);
    pthread_mutex_lock(&e->lock);
    // Of a connection that ends nothing more is to be expected.
    bool idle = e->state == DIST_IDLE || e->state == DIST_ENDING;
    // A node that has no name yet connects to others only when it is told to.
    bool asks = on && e->state == DIST_IDLE && dist_has_name(p->node);
    if (asks) dist_begin(e, &connection);
    if (asks || !idle) dist_watch(e, p->pid, on);
    pthread_mutex_unlock(&e->lock);
    if (asks) {
        // net_kernel makes the connection; its failure is the nodedown.
        dist_ask(e, connection);
    } else if (idle && on) {
        Heap *h = process_heap(p);
        signal_send_message(p->node, p, p->pid,
                            heap_tuple2(h, ATOM_nodedown, name));
    }
}

static Term monitor_node(Process *p, const Term *args)
{
    bool on = term_same(args[1], ATOM_true);
    if (!term_is_atom(args[0]) || (!on && !term_same(args[1], ATOM_false)))
        return bif_error(p, ATOM_badarg);
    if (!dist_is_alive(p->node))
        return bif_error_cause(p, ATOM_notalive, ATOM_notalive);
    // Of this node nobody is told.
    if (!term_same(args[0], this_name(p))) watch(p, args[0], on);
    return ATOM_true;
}

Term bif_erlang_monitor_node_2(Process *p, const Term *args)
{
    return monitor_node(p, args);
}

// The only option says nothing here.
Term bif_erlang_monitor_node_3(Process *p, const Term *args)
{
    Term list = args[2];
    while (term_is_cons(list)
           && term_same(term_head(list), ATOM_allow_passive_connect))
        list = term_tail(list);
    if (!term_is_nil(list)) return bif_error(p, ATOM_badarg);
    bool passive = !term_is_nil(args[2]) && term_same(args[1], ATOM_true)
                   && term_is_atom(args[0]) && dist_is_alive(p->node);
    if (!passive) return monitor_node(p, args);
    return bif_trap(p, ATOM_net_kernel, ATOM_passive_monitor, 1, args);
}

// net_kernel closes it, since it has made it.
Term bif_erlang_disconnect_node_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (!dist_is_alive(p->node)) return ATOM_ignored;
    return bif_trap(p, ATOM_net_kernel, ATOM_disconnect, 1, args);
}

// ---- cookies: auth's business; a node that is alone has none ----
// A trap goes on in Erlang, in the place of this call.

Term bif_erlang_get_cookie_0(Process *p, const Term *args)
{
    if (!dist_is_alive(p->node)) return ATOM_nocookie;
    return bif_trap(p, ATOM_auth, ATOM_get_cookie, 0, args);
}

Term bif_erlang_get_cookie_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (!dist_is_alive(p->node)) return ATOM_nocookie;
    return bif_trap(p, ATOM_auth, ATOM_get_cookie, 1, args);
}

Term bif_erlang_set_cookie_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (!dist_is_alive(p->node))
        // Without a name there is no cookie to set.
        return bif_error(p, ATOM_distribution_not_started);
    return bif_trap(p, ATOM_auth, ATOM_set_cookie, 1, args);
}

Term bif_erlang_set_cookie_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[0]) || !term_is_atom(args[1]))
        return bif_error(p, ATOM_badarg);
    if (!dist_is_alive(p->node))
        return bif_error(p, ATOM_distribution_not_started);
    return bif_trap(p, ATOM_auth, ATOM_set_cookie, 2, args);
}
