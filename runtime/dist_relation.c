// SPDX-License-Identifier: Apache-2.0
// What processes do to those of other nodes: sending, links, monitors, exits.
//
// A relation with another node carries the number of the connection that it
// was made by, and is nothing any more when that has ended.
//
// Control messages are built on the C stack; what must be terms in them lies on
// the process's heap and is garbage afterwards.
#include "copy.h"
#include "dist.h"
#include "identifier.h"
#include "seq_trace.h"
#include "signal.h"
#include "trace.h"

// Kept beside the remote node, so that most sends need no search.
static DistEntry *entry_of(Node *node, Term id)
{
    RemoteNode *remote = identifier_node(id);
    DistEntry *e = atomic_load_explicit(&remote->entry, memory_order_acquire);
    if (e != NULL) return e;
    e = dist_entry(node, remote->name, true);
    atomic_store_explicit(&remote->entry, e, memory_order_release);
    return e;
}

// Whether the other node can [flag]; one that is not yet known can.
static bool can(const DistEntry *e, uint64_t flag)
{
    return e->state != DIST_UP || (e->flags & flag) != 0;
}

static uint32_t post(DistEntry *e, unsigned count, const Term *control,
                     DistMessage m)
{
    m.control = control;
    m.count = count;
    return dist_post(e, &m);
}

// In order with what else comes from [from].
static void post_by(DistEntry *e, Term from, unsigned count,
                    const Term *control, DistMessage m)
{
    m.from = from;
    post(e, count, control, m);
}

// [p] if it ends and may have to wait meanwhile. One whose BIF still runs
// (process_leave) does not.
static Process *ending(Process *p)
{
    return p != NULL && p->flags & PROCESS_ENDING ? p : NULL;
}

// ---- messages ----

// The token that goes with a message or exit of [p]; TERM_NONE without.
static Term token_of(Process *p, SignalKind kind, Term to, Term message)
{
    if (!seq_trace_is_on(p)) return TERM_NONE;
    // A signal that is not sent: only its stamping is wanted.
    Signal *s = signal_new(kind, p->pid);
    s->message = message;
    seq_trace_stamp(p, s, to);
    signal_free(s);
    return p->seq_token;
}

bool dist_send(Process *p, Term to, Term message, unsigned options)
{
    bool named = term_is_tuple(to);
    Term unused = ATOM_empty;
    DistEntry *e = named ? dist_entry(p->node, term_tuple_get(to, 1), true)
                         : entry_of(p->node, to);
    Term token = token_of(p, SIGNAL_MESSAGE, to, message);
    bool plain = term_is_none(token);
    Term control[5]; // the longest: REG_SEND with a token
    unsigned n = 1;
    // By name, by alias, or by pid; each with or without a token.
    if (named) {
        control[0] = term_small(plain ? CONTROL_REG_SEND
                                      : CONTROL_REG_SEND_TT);
        control[n++] = p->pid;
        control[n++] = unused;
        control[n++] = term_tuple_get(to, 0);
    } else if (term_is_ref(to)) {
        control[0] = term_small(plain ? CONTROL_ALIAS_SEND
                                      : CONTROL_ALIAS_SEND_TT);
        control[n++] = p->pid;
        control[n++] = to;
    } else {
        // Older nodes are not told who sends.
        bool sender = can(e, DIST_SEND_SENDER);
        control[0] = term_small(
            sender ? plain ? CONTROL_SEND_SENDER : CONTROL_SEND_SENDER_TT
                   : plain ? CONTROL_SEND : CONTROL_SEND_TT);
        control[n++] = sender ? p->pid : unused;
        control[n++] = to;
    }
    if (!plain) control[n++] = token;
    DistMessage m = {.payload = message, .from = p->pid,
                     .connect = (options & DIST_CONNECT) != 0};
    if (term_is_ref(to)) m.needs = DIST_NEEDS_ALIAS;
    if (options & DIST_SUSPEND && !(p->flags & PROCESS_ASYNC_DIST))
        m.sender = p;
    return post(e, n, control, m) != 0;
}

// ---- links ----

bool dist_link(Process *p, Term to)
{
    Term control[] = {term_small(CONTROL_LINK), p->pid, to};
    uint32_t connection = post(entry_of(p->node, to), 3, control,
                               (DistMessage){.connect = true,
                                             .from = p->pid,
                                             .watcher = p->pid,
                                             .sender = p});
    // What noconnection means here is for the caller to say.
    if (connection == 0) return false;
    RefId key = relation_link_key(to);
    // A link anew: an acknowledgement of the old unlink means nothing now.
    relation_remove(p, RELATION_UNLINKED, key, NULL);
    Relation *r = relation_add(p, RELATION_LINK, key);
    relation_set_other(r, to);
    r->connection = connection;
    return true;
}

void dist_unlink(Process *p, Term from)
{
    Relation link;
    RefId key = relation_link_key(from);
    if (!relation_remove(p, RELATION_LINK, key, &link)) return;
    relation_free_tag(&link);
    // Any number that is not used twice will do.
    uint64_t number = atomic_fetch_add(&p->node->unique_plain, 1) + 1;
    Term id = term_small((intptr_t)(number & SMALL_MAX));
    Term control[] = {term_small(CONTROL_UNLINK_ID), id, p->pid, from};
    post_by(entry_of(p->node, from), p->pid, 4, control,
            (DistMessage){.connection = link.connection});
    // Kept until the other has answered: its exits until then do not count.
    Relation *r = relation_add(p, RELATION_UNLINKED, key);
    r->connection = link.connection;
    r->tag = id;
}

// exit/2 takes no token along, unlike an end.
void dist_exit(Process *p, Term to, Term reason)
{
    DistEntry *e = entry_of(p->node, to);
    DistMessage m = {.connect = true, .from = p->pid, .sender = p};
    Term control[] = {term_small(CONTROL_EXIT2), p->pid, to, reason};
    // Older nodes have the reason inside the control message.
    if (!can(e, DIST_EXIT_PAYLOAD)) {
        post(e, 4, control, m);
        return;
    }
    control[0] = term_small(CONTROL_PAYLOAD_EXIT2);
    m.payload = reason;
    post(e, 3, control, m);
}

// ---- monitors ----

// The monitor cannot be: its message comes at once.
static void fail_monitor(Process *p, RefId id, Term to)
{
    Signal *down = signal_new(SIGNAL_DOWN, TERM_NONE);
    if (!term_is_none(to)) down->from = copy_term(p->node, &down->heap, to);
    down->ref = id;
    down->message = ATOM_noconnection;
    signal_push(p->node, p->pid, down);
}

Term dist_monitor(Process *p, Term to, Term name, Term node_name,
                  Term options)
{
    RefId id = ref_id_new(p->node);
    bool named = !term_is_none(name);
    // Of a name: who is watched is the node, for the message says both.
    Term ref = relation_add_monitor(p, id, named ? node_name : to, name,
                                    options);
    Term control[] = {term_small(CONTROL_MONITOR_P), p->pid,
                      named ? name : to, ref};
    uint32_t connection =
        post(dist_entry(p->node, node_name, true), 4, control,
             (DistMessage){.connect = true, .from = p->pid,
                           .watcher = p->pid, .sender = p,
                           .needs = DIST_NEEDS_MONITOR});
    // 0 if there was none: the DOWN is on its way then.
    relation_find(p->relations, RELATION_MONITOR, id)->connection = connection;
    if (connection == 0) fail_monitor(p, id, to);
    return ref;
}

void dist_demonitor(Process *p, const Relation *m)
{
    Heap h;
    heap_init(&h);
    bool named = !term_is_none(m->name);
    // As it was sent: an alias is another reference to the other side.
    Term ref = m->alias == ALIAS_NONE ? ref_from_id(&h, m->key)
                                      : ref_alias_from_id(&h, m->key, p->pid);
    Term control[] = {term_small(CONTROL_DEMONITOR_P), p->pid,
                      named ? m->name : m->other, ref};
    DistEntry *e = named ? dist_entry(p->node, m->other, true)
                         : entry_of(p->node, m->other);
    post_by(e, p->pid, 4, control,
            (DistMessage){.connection = m->connection,
                          .sender = ending(p),
                          .needs = DIST_NEEDS_MONITOR});
    heap_free(&h);
}

// ---- the end ----

void dist_tell_exit(Node *node, const DistExit *x)
{
    DistEntry *e = entry_of(node, x->to);
    DistMessage m = {.connection = x->connection, .sender = x->sender};
    bool payload = can(e, DIST_EXIT_PAYLOAD);
    bool traced = !term_is_none(x->token);
    int number = payload ? traced ? CONTROL_PAYLOAD_EXIT_TT
                                  : CONTROL_PAYLOAD_EXIT
                         : traced ? CONTROL_EXIT_TT : CONTROL_EXIT;
    Term control[5] = {term_small(number), x->from, x->to};
    unsigned n = 3;
    if (traced) control[n++] = x->token;
    if (payload)
        m.payload = x->reason;
    else
        control[n++] = x->reason;
    post_by(e, x->from, n, control, m);
}

void dist_tell_down(Node *node, const Relation *r, Process *p, Term what,
                    Term reason)
{
    DistEntry *e = entry_of(node, r->other);
    Term control[] = {term_small(CONTROL_MONITOR_P_EXIT), what, r->other,
                      r->tag, reason};
    bool payload = can(e, DIST_EXIT_PAYLOAD);
    if (payload) control[0] = term_small(CONTROL_PAYLOAD_MONITOR_P_EXIT);
    post_by(e, p == NULL ? TERM_NONE : p->pid, payload ? 4 : 5, control,
            (DistMessage){.connection = r->connection,
                          .sender = ending(p),
                          .payload = payload ? reason : TERM_NONE});
}

static void break_link(Process *p, const Relation *r)
{
    DistExit x = {
        ending(p),      p->pid,
        r->other,       token_of(p, SIGNAL_LINK_EXIT, r->other, p->exit_reason),
        p->exit_reason, r->connection};
    dist_tell_exit(p->node, &x);
}

static void tell_end(Process *p, const Relation *r)
{
    switch (r->kind) {
    case RELATION_LINK:
        break_link(p, r);
        break;
    case RELATION_WATCHED:
        dist_tell_down(p->node, r, p, term_is_none(r->name) ? p->pid : r->name,
                       p->exit_reason);
        break;
    case RELATION_MONITOR:
        dist_demonitor(p, r);
        break;
    case RELATION_CARRIER:
        dist_close(dist_entry(p->node, r->name, true), r->connection,
                   p->exit_reason);
        break;
    default:
        break;
    }
}

// Noted before: what lets it go on may come before it waits.
void dist_break(Process *p, const Relation *r)
{
    bool may_wait = ending(p) != NULL;
    if (may_wait) dist_ending_note(p);
    tell_end(p, r);
    if (may_wait && !(p->flags & PROCESS_DIST_BUSY)) dist_ending_forget(p);
}

void dist_group_leader(Process *p, Term leader, Term of)
{
    Term control[] = {term_small(CONTROL_GROUP_LEADER), leader, of};
    post(entry_of(p->node, of), 3, control,
         (DistMessage){.connect = true, .from = p->pid, .sender = p});
}
