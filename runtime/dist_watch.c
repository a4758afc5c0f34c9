// SPDX-License-Identifier: Apache-2.0
// Those who want to know of other nodes: of one connection's end, or of all
// that come and go.
//
// Messages are sent outside of the locks where lists can be copied. Who has
// ended gets messages that go nowhere.
#include <stdlib.h>

#include "dist.h"
#include "map.h"
#include "process_table.h"
#include "signal.h"

// Copied to the receiver: the heap goes.
static void deliver(Node *node, Term pid, Heap *h, Term message)
{
    signal_send_message(node, NULL, pid, message);
    heap_free(h);
}

// ---- one connection ----

// Counted: monitor_node twice means two messages.
void dist_watch(DistEntry *e, Term pid, bool on)
{
    size_t i = 0;
    while (i < e->watch_count && !term_same(e->watches[i].pid, pid)) i++;
    if (i < e->watch_count) {
        NodeWatch *w = &e->watches[i];
        w->count += on ? 1 : (size_t)-1;
        // Order does not matter.
        if (w->count == 0) *w = e->watches[--e->watch_count];
    } else if (on) {
        if (e->watch_count == e->watch_room)
            e->watches = memory_grow(e->watches, &e->watch_room, 4,
                                     sizeof *e->watches);
        e->watches[e->watch_count++] = (NodeWatch){pid, 1};
    }
}

void dist_tell_watches(DistEntry *e, NodeWatch *watches, size_t count)
{
    Node *node = e->dist->node;
    for (size_t i = 0; i < count; i++)
        for (size_t n = watches[i].count; n > 0; n--) {
            Heap h;
            heap_init(&h);
            Term message = heap_tuple2(&h, ATOM_nodedown, e->name);
            deliver(node, watches[i].pid, &h, message);
        }
    free(watches);
}

// ---- all nodes ----

// Wishes with different options are different wishes.
static bool is_same_wish(const NodesWatch *a, const NodesWatch *b)
{
    return term_same(a->pid, b->pid) && a->types == b->types
           && a->info == b->info && a->as_map == b->as_map
           && a->reason == b->reason && a->connection == b->connection
           && a->type_wanted == b->type_wanted;
}

// Makes room for one more: in the places of those who have ended, if there are
// any. The lock is held.
static void make_room(Dist *dist)
{
    size_t kept = 0;
    if (dist->watch_count < dist->watch_room) return;
    for (size_t i = 0; i < dist->watch_count; i++)
        if (process_table_has(dist->node->processes, dist->watches[i].pid))
            dist->watches[kept++] = dist->watches[i];
    dist->watch_count = kept;
    if (kept == dist->watch_room)
        dist->watches = memory_grow(dist->watches, &dist->watch_room, 4,
                                    sizeof *dist->watches);
}

uint32_t dist_watch_nodes(Dist *dist, const NodesWatch *w, bool on)
{
    pthread_mutex_lock(&dist->lock);
    size_t i = 0;
    while (i < dist->watch_count && !is_same_wish(&dist->watches[i], w)) i++;
    uint32_t before = i < dist->watch_count ? dist->watches[i].count : 0;
    if (i == dist->watch_count && on) {
        make_room(dist);
        i = dist->watch_count++;
        dist->watches[i] = *w;
        dist->watches[i].count = 1;
    } else if (before > 0 && on) {
        dist->watches[i].count++;
    } else if (before > 0) { // off means all
        dist->watch_count--;
        memmove(&dist->watches[i], &dist->watches[i + 1],
                (dist->watch_count - i) * sizeof *dist->watches);
    }
    pthread_mutex_unlock(&dist->lock);
    return before;
}

// What [w] wants to know beside the node, as a list of atoms.
static Term wish_list(const NodesWatch *w, Heap *h)
{
    Term list = TERM_NIL;
    if (w->types & NODES_HIDDEN) list = heap_cons(h, ATOM_hidden, list);
    if (w->connection) list = heap_cons(h, ATOM_connection_id, list);
    if (w->reason) list = heap_cons(h, ATOM_nodedown_reason, list);
    if (w->type_wanted) list = heap_cons(h, ATOM_node_type, list);
    return list;
}

// Those who have ended stay in the list until their places are wanted.
Term dist_list_watchers(Dist *dist, Heap *h)
{
    Term list = TERM_NIL;
    pthread_mutex_lock(&dist->lock);
    for (size_t i = 0; i < dist->watch_count; i++) {
        const NodesWatch *w = &dist->watches[i];
        if (!process_table_has(dist->node->processes, w->pid)) continue;
        Term pair = heap_tuple2(h, w->pid, wish_list(w, h));
        for (uint32_t n = w->count; n > 0; n--) list = heap_cons(h, pair, list);
    }
    pthread_mutex_unlock(&dist->lock);
    return list;
}

// Key and value of what [w] wants to know, in pairs; answers how many pairs.
static size_t info_pairs(const NodesWatch *w, const DistEntry *e, Heap *h,
                         Term reason, Term pairs[6])
{
    size_t n = 0;
    // The other node did not publish itself.
    bool hidden = !(e->flags & DIST_PUBLISHED);
    if (w->connection) {
        pairs[n++] = ATOM_connection_id;
        // This node has none with itself.
        pairs[n++] = e->connection == 0 ? ATOM_undefined
                                        : heap_unsigned(h, e->connection);
    }
    if (w->type_wanted) {
        pairs[n++] = ATOM_node_type;
        pairs[n++] = hidden ? ATOM_hidden : ATOM_visible;
    }
    if (w->reason && !term_is_none(reason)) {
        pairs[n++] = ATOM_nodedown_reason;
        pairs[n++] = reason;
    }
    return n / 2;
}

static void tell(const NodesWatch *w, const DistEntry *e, bool up,
                 Term reason)
{
    Heap h;
    Node *node = e->dist->node;
    heap_init(&h);
    Term what = up ? ATOM_nodeup : ATOM_nodedown;
    Term pairs[6], info = TERM_NIL; // three pairs at most
    size_t n = info_pairs(w, e, &h, reason, pairs);
    if (w->as_map)
        info = map_from_pairs(&h, node->atoms, n, pairs);
    else
        for (size_t i = 0; i < n; i++)
            info = heap_cons(&h, heap_tuple2(&h, pairs[2 * i],
                                             pairs[2 * i + 1]), info);
    Term message = w->info ? heap_tuple(&h, 3, (Term[]){what, e->name, info})
                           : heap_tuple2(&h, what, e->name);
    deliver(node, w->pid, &h, message);
}

// Each wish is told as often as it was made.
void dist_tell_nodes(DistEntry *e, bool up, Term reason)
{
    Dist *dist = e->dist;
    unsigned type = e->flags & DIST_PUBLISHED ? NODES_VISIBLE : NODES_HIDDEN;
    pthread_mutex_lock(&dist->lock);
    size_t count = dist->watch_count;
    // A copy: telling takes other locks.
    NodesWatch *watches = memory_alloc((count + 1) * sizeof *watches);
    if (count > 0) memcpy(watches, dist->watches, count * sizeof *watches);
    pthread_mutex_unlock(&dist->lock);
    for (size_t i = 0; i < count; i++)
        for (uint32_t n = watches[i].types & type ? watches[i].count : 0;
             n > 0; n--)
            tell(&watches[i], e, up, reason);
    free(watches);
}

void dist_tell_self(Node *node, Term name, bool up)
{
    // As a connection to itself would be told.
    DistEntry self = {.dist = node->dist, .name = name,
                      .flags = DIST_PUBLISHED};
    dist_tell_nodes(&self, up, ATOM_net_kernel_terminated);
}
