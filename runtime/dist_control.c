// SPDX-License-Identifier: Apache-2.0
// What other nodes' control messages do here.
//
// Most become signals as processes send them; those about relations are run
// in the context of the process that has them (SIGNAL_CALL). Of such a signal
//
//     from     the other process, on the signal's heap
//     message  what else came with it: see each
//     ref.id0  the connection's number
//
// Nothing is trusted: whatever is not as it must be refuses the command, which
// ends the connection. A process that is not there (any more) is no error.
#include "dist.h"

#include <stdlib.h>

#include "copy.h"
#include "dist_damaged.h"
#include "identifier.h"
#include "registry.h"
#include "seq_trace.h"
#include "signal.h"
#include "trace.h"

static Term part(const DistCommand *c, size_t i)
{
    return term_tuple_get(c->control, i);
}

// It makes no sense: the connection ends.
static bool is_refused(DistCommand *c)
{
    signal_free(c->signal);
    return false;
}

// Nobody to tell: as with signals of this node.
static bool is_done(DistCommand *c)
{
    signal_free(c->signal);
    return true;
}

// Whether [pid] is one of the node that the command came from.
static bool is_sender(const DistCommand *c, Term pid)
{
    return term_has_subtag(pid, SUBTAG_EXT_PID)
           && term_same(identifier_node(pid)->name, c->entry->name);
}

// What is pushed next is a message. One that is damaged becomes something
// else, once it is known who is to get it.
static void set_message(DistCommand *c, Term from)
{
    Signal *s = c->signal;
    if (is_sender(c, from)) s->from = from;
    s->message = c->payload;
    if (!c->damaged) return;
    s->kind = SIGNAL_CALL;
    s->call = dist_damaged_came;
    s->from = c->entry->name;
    s->message = TERM_NIL;
    s->token = TERM_NIL;
    s->ref.id0 = c->entry->connection;
}

// The signal is gone: signal_push frees it in any case.
static void push(DistCommand *c, Term to)
{
    signal_push(c->entry->dist->node, to, c->signal);
}

// ---- messages and exits ----

static bool has_message(const DistCommand *c)
{
    return c->damaged || !term_is_none(c->payload);
}

// Of sequential tracing: only what its code relies on is looked at.
static bool set_token(DistCommand *c, Term token)
{
    if (!term_is_tuple_of(token, SEQ_SIZE)) return false;
    if (!term_is_small(term_tuple_get(token, SEQ_FLAGS))
        || !term_is_small(term_tuple_get(token, SEQ_SERIAL))
        || !term_is_small(term_tuple_get(token, SEQ_PREVIOUS)))
        return false;
    c->signal->token = token;
    return true;
}

// {_, From, To}, {_, From, To, Token}; From may be anything.
static bool take_send(DistCommand *c)
{
    Term to = part(c, 2), from = part(c, 1);
    if (!has_message(c) || !term_is_pid(to)) return is_refused(c);
    if (c->arity == 4 && !set_token(c, part(c, 3))) return is_refused(c);
    // Of an earlier start of this node.
    if (!term_is_local_pid(to)) return is_done(c);
    set_message(c, from);
    push(c, to);
    return true;
}

// {_, From, _, Name}, {_, From, _, Name, Token}
static bool take_named_send(DistCommand *c)
{
    Term name = part(c, 3);
    if (!has_message(c) || !term_is_atom(name)
        || !term_is_pid(part(c, 1)))
        return is_refused(c);
    if (c->arity == 5 && !set_token(c, part(c, 4))) return is_refused(c);
    Term to = registry_find(c->entry->dist->node->registry, name);
    if (term_is_none(to)) return is_done(c);
    set_message(c, part(c, 1));
    push(c, to);
    return true;
}

// {_, From, Alias}, {_, From, Alias, Token}
static bool take_alias_send(DistCommand *c)
{
    Term alias = part(c, 2);
    if (!has_message(c) || !term_is_ref(alias)) return is_refused(c);
    if (c->arity == 4 && !set_token(c, part(c, 3))) return is_refused(c);
    // The reference itself says to whom it leads.
    Term to = ref_alias_pid(alias);
    if (term_is_none(to)) return is_done(c);
    c->signal->kind = SIGNAL_ALIAS_MESSAGE;
    c->signal->ref = ref_to_id(alias);
    set_message(c, part(c, 1));
    push(c, to);
    return true;
}

// {_, From, To, [Token,] Reason}, or the reason as payload.
static bool exit_signal(DistCommand *c, SignalKind kind, bool token)
{
    Term from = part(c, 1), to = part(c, 2);
    // The reason is an element, or comes behind as payload.
    size_t rest = token ? 4 : 3;
    bool payload = !term_is_none(c->payload);
    if (c->arity != rest + (payload ? 0 : 1) || !is_sender(c, from)
        || !term_is_pid(to))
        return is_refused(c);
    if (token && !set_token(c, part(c, 3))) return is_refused(c);
    if (!term_is_local_pid(to)) return is_done(c);
    c->signal->kind = (uint8_t)kind;
    c->signal->from = from;
    c->signal->message = payload ? c->payload : part(c, rest);
    push(c, to);
    return true;
}

// What a link's end and exit/2 differ in is the kind of signal.
static bool take_exit(DistCommand *c)
{
    return exit_signal(c, SIGNAL_LINK_EXIT, false);
}

static bool take_exit_token(DistCommand *c)
{
    return exit_signal(c, SIGNAL_LINK_EXIT, true);
}

static bool take_exit2(DistCommand *c)
{
    return exit_signal(c, SIGNAL_EXIT, false);
}

static bool take_exit2_token(DistCommand *c)
{
    return exit_signal(c, SIGNAL_EXIT, true);
}

// {_, From, To, Ref [, Reason]}; From is a pid or a name.
static bool take_down(DistCommand *c)
{
    Term from = part(c, 1), to = part(c, 2), ref = part(c, 3);
    bool payload = !term_is_none(c->payload);
    if (c->arity != (payload ? 4 : 5) || !term_is_ref(ref)
        || !term_is_pid(to) || (!is_sender(c, from) && !term_is_atom(from)))
        return is_refused(c);
    // A reference of this node, else nobody watches by it.
    if (!term_is_local_pid(to) || !ref_is_local(ref)) return is_done(c);
    c->signal->kind = SIGNAL_DOWN;
    c->signal->from = from;
    c->signal->ref = ref_to_id(ref);
    c->signal->message = payload ? c->payload : part(c, 4);
    push(c, to);
    return true;
}

// ---- relations ----

bool dist_call(DistCommand *c, DistCall run, Term to, Term from, Term message)
{
    DistEntry *e = c->entry;
    Signal *s = c->signal;
    s->kind = SIGNAL_CALL;
    s->call = run;
    s->from = from;
    s->message = message;
    s->ref.id0 = e->connection;
    // Run here without a process: it answers that there is none.
    if (!term_is_local_pid(to)) {
        run(e->dist->node, NULL, s);
        signal_free(s);
        return true;
    }
    push(c, to);
    return true;
}

// The same with a process that has to do with the connection from now on.
static bool call_new(DistCommand *c, DistCall run, Term to, Term from,
                     Term message)
{
    // Noted before it is sent: the connection's end must find it.
    if (term_is_local_pid(to)) dist_note(c->entry, to);
    return dist_call(c, run, to, from, message);
}

void dist_note(DistEntry *e, Term pid)
{
    pthread_mutex_lock(&e->lock);
    pid_set_add(e->dist->node, &e->watchers, pid);
    pthread_mutex_unlock(&e->lock);
}

// message: who is to be linked, a pid
static bool run_link(Node *node, Process *p, Signal *s)
{
    if (p == NULL) {
        dist_tell_exit(node, &(DistExit){NULL, s->message, s->from, TERM_NONE,
                                         ATOM_noproc, (uint32_t)s->ref.id0});
        return false;
    }
    RefId key = relation_link_key(s->from);
    // UNLINKED: this side has taken the link away and waits for the answer to
    // that; the other side did not know yet.
    if (relation_find(p->relations, RELATION_UNLINKED, key) != NULL
        || relation_find(p->relations, RELATION_LINK, key) != NULL)
        return false;
    Relation *r = relation_add(p, RELATION_LINK, key);
    relation_set_other(r, s->from);
    r->connection = (uint32_t)s->ref.id0;
    if (p->flags & PROCESS_TRACED) trace_getting_linked(p, true, s->from);
    return false;
}

static bool take_link(DistCommand *c)
{
    Term from = part(c, 1), to = part(c, 2);
    if (!is_sender(c, from) || !term_is_pid(to)) return is_refused(c);
    return call_new(c, run_link, to, from, to);
}

// message: {Id, Pid}, or nil from a node that wants no answer
static bool run_unlink(Node *node, Process *p, Signal *s)
{
    RefId key = relation_link_key(s->from);
    if (p != NULL && relation_remove(p, RELATION_LINK, key, NULL)
        && p->flags & PROCESS_TRACED)
        trace_getting_linked(p, false, s->from);
    if (term_is_nil(s->message)) return false;
    // Acknowledged whether or not there was a link: the other waits for it.
    Term control[] = {term_small(CONTROL_UNLINK_ID_ACK),
                      term_tuple_get(s->message, 0),
                      term_tuple_get(s->message, 1), s->from};
    DistMessage m = {.control = control, .count = 4,
                     .connection = (uint32_t)s->ref.id0,
                     .from = p == NULL ? TERM_NONE : p->pid};
    dist_post(dist_entry(node, identifier_node(s->from)->name, true), &m);
    return false;
}

// From older nodes: no number, no answer.
static bool take_old_unlink(DistCommand *c)
{
    if (!is_sender(c, part(c, 1)) || !term_is_pid(part(c, 2)))
        return is_refused(c);
    return dist_call(c, run_unlink, part(c, 2), part(c, 1), TERM_NIL);
}

static bool take_unlink(DistCommand *c)
{
    Term id = part(c, 1), from = part(c, 2), to = part(c, 3);
    if (!is_sender(c, from) || !term_is_pid(to) || !term_is_integer(id))
        return is_refused(c);
    return dist_call(c, run_unlink, to, from,
                     heap_tuple2(&c->signal->heap, id, to));
}

// message: the number of the request
static bool run_unlinked(Node *node, Process *p, Signal *s)
{
    if (p == NULL) return false;
    RefId key = relation_link_key(s->from);
    Relation *r = relation_find(p->relations, RELATION_UNLINKED, key);
    // Only the latest request: an older answer says nothing of it.
    if (r != NULL && term_same(r->tag, s->message))
        relation_remove(p, RELATION_UNLINKED, key, NULL);
    return false;
}

static bool take_unlinked(DistCommand *c)
{
    if (!is_sender(c, part(c, 2)) || !term_is_pid(part(c, 3)))
        return is_refused(c);
    return dist_call(c, run_unlinked, part(c, 3), part(c, 2), part(c, 1));
}

// message: {Ref, Pid or Name}
static bool run_monitor(Node *node, Process *p, Signal *s)
{
    Term ref = term_tuple_get(s->message, 0);
    Term what = term_tuple_get(s->message, 1);
    // The answer goes by the same connection only.
    if (p == NULL) {
        Relation none = {.other = s->from, .tag = ref,
                         .connection = (uint32_t)s->ref.id0};
        dist_tell_down(node, &none, NULL, what, ATOM_noproc);
        return false;
    }
    Relation *r = relation_add(p, RELATION_WATCHED, relation_ref_key(ref));
    if (r->connection != 0) return false; // that reference was there
    relation_set_other(r, s->from);
    relation_set_tag(r, ref);
    r->name = term_is_atom(what) ? what : TERM_NONE;
    r->connection = (uint32_t)s->ref.id0;
    return false;
}

// The process that a name or pid stands for.
static Term process_of(const DistCommand *c, Term what)
{
    if (!term_is_atom(what)) return what;
    return registry_find(c->entry->dist->node->registry, what);
}

static bool take_monitor(DistCommand *c)
{
    Term from = part(c, 1), what = part(c, 2), ref = part(c, 3);
    if (!is_sender(c, from) || !term_is_ref(ref)
        || !(term_is_pid(what) || term_is_atom(what)))
        return is_refused(c);
    // A name is looked up now: the monitor is of who has it.
    return call_new(c, run_monitor, process_of(c, what), from,
                    heap_tuple2(&c->signal->heap, ref, what));
}

// message: the reference
static bool run_demonitor(Node *node, Process *p, Signal *s)
{
    if (p != NULL)
        relation_remove(p, RELATION_WATCHED, relation_ref_key(s->message),
                        NULL);
    return false;
}

// A name may lead to another process by now: the old one is told, too, when it
// ends, which nobody minds.
static bool take_demonitor(DistCommand *c)
{
    Term from = part(c, 1), what = part(c, 2), ref = part(c, 3);
    if (!is_sender(c, from) || !term_is_ref(ref)
        || !(term_is_pid(what) || term_is_atom(what)))
        return is_refused(c);
    return dist_call(c, run_demonitor, process_of(c, what), from, ref);
}

static bool run_group_leader(Node *node, Process *p, Signal *s)
{
    if (p != NULL && !process_is_exiting(p))
        p->group_leader = copy_term(node, &p->heap, s->from);
    return false;
}

static bool take_group_leader(DistCommand *c)
{
    if (!term_is_pid(part(c, 1)) || !term_is_pid(part(c, 2)))
        return is_refused(c);
    return dist_call(c, run_group_leader, part(c, 2), part(c, 1), TERM_NIL);
}

static bool take_nothing(DistCommand *c)
{
    return is_done(c);
}

// ---- all of them ----

// What each number wants. Missing ones have no take.
typedef struct {
    uint8_t least, most; // elements of the control message
    bool (*take)(DistCommand *c);
} Control;

static const Control controls[] = {
    [CONTROL_LINK] = {3, 3, take_link},
    [CONTROL_SEND] = {3, 3, take_send},
    [CONTROL_EXIT] = {4, 4, take_exit},
    [CONTROL_UNLINK] = {3, 3, take_old_unlink},
    [CONTROL_NODE_LINK] = {1, 1, take_nothing},
    [CONTROL_REG_SEND] = {4, 4, take_named_send},
    [CONTROL_GROUP_LEADER] = {3, 3, take_group_leader},
    [CONTROL_EXIT2] = {4, 4, take_exit2},
    [CONTROL_SEND_TT] = {4, 4, take_send},
    [CONTROL_EXIT_TT] = {5, 5, take_exit_token},
    [CONTROL_REG_SEND_TT] = {5, 5, take_named_send},
    [CONTROL_EXIT2_TT] = {5, 5, take_exit2_token},
    [CONTROL_MONITOR_P] = {4, 4, take_monitor},
    [CONTROL_DEMONITOR_P] = {4, 4, take_demonitor},
    [CONTROL_MONITOR_P_EXIT] = {5, 5, take_down},
    [CONTROL_SEND_SENDER] = {3, 3, take_send},
    [CONTROL_SEND_SENDER_TT] = {4, 4, take_send},
    [CONTROL_PAYLOAD_EXIT] = {3, 3, take_exit},
    [CONTROL_PAYLOAD_EXIT_TT] = {4, 4, take_exit_token},
    [CONTROL_PAYLOAD_EXIT2] = {3, 3, take_exit2},
    [CONTROL_PAYLOAD_EXIT2_TT] = {4, 4, take_exit2_token},
    [CONTROL_PAYLOAD_MONITOR_P_EXIT] = {4, 4, take_down},
    [CONTROL_SPAWN_REQUEST] = {6, 6, dist_take_spawn_request},
    [CONTROL_SPAWN_REQUEST_TT] = {7, 7, dist_take_spawn_request},
    [CONTROL_SPAWN_REPLY] = {5, 5, dist_take_spawn_reply},
    [CONTROL_SPAWN_REPLY_TT] = {6, 6, dist_take_spawn_reply},
    [CONTROL_ALIAS_SEND] = {3, 3, take_alias_send},
    [CONTROL_ALIAS_SEND_TT] = {4, 4, take_alias_send},
    [CONTROL_UNLINK_ID] = {4, 4, take_unlink},
    [CONTROL_UNLINK_ID_ACK] = {4, 4, take_unlinked},
};

bool dist_control(DistCommand *c)
{
    size_t number = 0, count = sizeof controls / sizeof *controls;
    if (!bif_get_size(part(c, 0), &number) || number >= count)
        return is_refused(c);
    const Control *control = &controls[number];
    if (control->take == NULL || c->arity < control->least
        || c->arity > control->most)
        return is_refused(c);
    // Only a message waits until its receiver finds out.
    if (c->damaged && control->take != take_send
        && control->take != take_named_send && control->take != take_alias_send)
        return is_refused(c);
    return control->take(c);
}

// ---- the end of a connection ----

// Of one relation that is lost.
typedef struct {
    RefId key;
    uint8_t kind;
} Lost;

// As if the other had ended with noconnection.
static SignalResult lose_link(Process *p, RefId key)
{
    Relation *r = relation_find(p->relations, RELATION_LINK, key);
    Signal *s = signal_new(SIGNAL_LINK_EXIT, TERM_NONE);
    s->from = copy_term(p->node, &s->heap, r->other);
    s->message = ATOM_noconnection;
    return signal_apply(p, s);
}

static SignalResult lose_monitor(Process *p, RefId key)
{
    Relation *r = relation_find(p->relations, RELATION_MONITOR, key);
    Signal *s = signal_new(SIGNAL_DOWN, TERM_NONE);
    s->from = copy_term(p->node, &s->heap, r->other);
    s->ref = key;
    s->message = ATOM_noconnection;
    return signal_apply(p, s);
}

static SignalResult lose(Process *p, const Lost *l)
{
    switch (l->kind) {
    case RELATION_LINK:
        return lose_link(p, l->key);
    case RELATION_MONITOR:
        return lose_monitor(p, l->key);
    case RELATION_SPAWN:
        return dist_lose_spawn(p, l->key);
    default:
        relation_remove(p, (RelationKind)l->kind, l->key, NULL);
        return SIGNAL_NOTHING;
    }
}

// What the process has by connection ref.id0: first noted, then lost, for that
// changes the table.
static bool run_end(Node *node, Process *p, Signal *s)
{
    if (p == NULL) return false;
    Lost *all = memory_alloc((relation_count(p->relations) + 1) * sizeof *all);
    size_t count = 0;
    const Relation *r;
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;)
        // The number tells: the same node may be back.
        if (r->connection == s->ref.id0)
            all[count++] = (Lost){r->key, r->kind};
    bool came = false;
    // The first may end the process: what is left breaks then.
    for (size_t i = 0; i < count && !process_is_exiting(p); i++)
        came |= lose(p, &all[i]) != SIGNAL_NOTHING;
    free(all);
    return came;
}

void dist_tell_end(Node *node, Term pid, uint32_t connection)
{
    Signal *s = signal_new(SIGNAL_CALL, TERM_NONE);
    s->call = run_end;
    s->ref.id0 = connection;
    signal_push(node, pid, s);
}
