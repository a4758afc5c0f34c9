// SPDX-License-Identifier: Apache-2.0
// Spawning on other nodes, and for them.
//
// A request is a relation until it is answered; its tag is what the answer
// needs: {Tag, Success, Error, MonitorOptions | false}.
//
// The other node answers with a pid when the process is there, before it runs;
// link and monitor are then on both sides. An answer that nobody wants any more
// takes both away again.
#include "copy.h"
#include "dist.h"
#include "identifier.h"
#include "trace.h"

enum { REPLY_LINK = 1, REPLY_MONITOR = 2 }; // what was set up beside

// Places in the tag.
enum { WISH_TAG, WISH_SUCCESS, WISH_ERROR, WISH_MONITOR, WISH_SIZE };

// ---- asking ----

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

static bool has_alias(Term options)
{
    for (; term_is_cons(options); options = term_tail(options))
        if (term_same(term_tuple_get(term_head(options), 0), ATOM_alias))
            return true;
    return false;
}

// The request's reference, which a monitor's options may make an alias from
// now on: as if that monitor were there.
static Term make_ref(Process *p, RefId id, const SpawnRequest *r)
{
    if (!r->monitor || !has_alias(r->monitor_options))
        return ref_from_id(&p->heap, id);
    // A monitor of nobody for a moment: only its alias stays.
    Term ref = relation_add_monitor(p, id, TERM_NONE, TERM_NONE,
                                    r->monitor_options);
    relation_remove(p, RELATION_MONITOR, id, NULL);
    return ref;
}

// Sends itself {Tag, Ref, Result, Value}; the terms are copied.
static SignalResult answer(Process *p, Term tag, Term ref, Term result,
                           Term value)
{
    Signal *s = signal_new(SIGNAL_MESSAGE, p->pid);
    Term parts[] = {tag, ref, result, value};
    for (int i = 0; i < 4; i++)
        parts[i] = copy_term(p->node, &s->heap, parts[i]);
    s->message = heap_tuple(&s->heap, 4, parts);
    return signal_apply(p, s);
}

Term dist_spawn(Process *p, const SpawnRequest *r)
{
    Heap *h = &p->heap;
    RefId id = ref_id_new(p->node);
    Term ref = make_ref(p, id, r);
    intptr_t arity = term_list_length(r->args);
    Term control[] = {term_small(CONTROL_SPAWN_REQUEST), ref, p->pid,
                      p->group_leader,
                      heap_tuple3(h, r->module, r->function,
                                  term_small(arity)),
                      r->options};
    DistMessage m = {.control = control, .count = 6, .payload = r->args,
                     // The watcher is noted with the packet.
                     .connect = true, .watcher = p->pid, .sender = p,
                     .from = p->pid,
                     .needs = DIST_NEEDS_SPAWN, .request = id};
    uint32_t connection =
        dist_post(dist_entry(p->node, r->node, true), &m);
    if (dist_was_too_large(p)) {
        relation_remove(p, RELATION_ALIAS, id, NULL);
        return bif_error(p, ATOM_system_limit);
    }
    // No way to the node: answered as the other node would have.
    if (connection == 0) {
        relation_remove(p, RELATION_ALIAS, id, NULL);
        if (r->error) answer(p, r->tag, ref, ATOM_error, ATOM_noconnection);
        return ref;
    }
    Relation *waiting = relation_add(p, RELATION_SPAWN, id);
    waiting->connection = connection;
    Term wish[] = {r->tag, boolean(r->success), boolean(r->error),
                   r->monitor ? r->monitor_options : ATOM_false};
    // Kept beside the relation, copied.
    relation_set_tag(waiting, heap_tuple(h, WISH_SIZE, wish));
    return ref;
}

bool dist_spawn_abandon(Process *p, Term ref)
{
    RefId id = ref_to_id(ref);
    if (!relation_remove(p, RELATION_SPAWN, id, NULL)) return false;
    relation_remove(p, RELATION_ALIAS, id, NULL);
    return true;
}

// ---- the answer ----

static SignalResult fail(Process *p, RefId id, Term reason)
{
    Relation r;
    if (!relation_remove(p, RELATION_SPAWN, id, &r)) return SIGNAL_NOTHING;
    SignalResult result = SIGNAL_NOTHING;
    // The reference as it was given: an alias goes with the failure.
    Term ref = relation_remove(p, RELATION_ALIAS, id, NULL)
                   ? ref_alias_from_id(&p->heap, id, p->pid)
                   : ref_from_id(&p->heap, id);
    if (term_same(term_tuple_get(r.tag, WISH_ERROR), ATOM_true))
        result = answer(p, term_tuple_get(r.tag, WISH_TAG), ref, ATOM_error,
                        reason);
    relation_free_tag(&r);
    return result;
}

SignalResult dist_lose_spawn(Process *p, RefId key)
{
    return fail(p, key, ATOM_noconnection);
}

static bool run_refused(Node *node, Process *p, Signal *s)
{
    return p != NULL && fail(p, s->ref, ATOM_notsup) != SIGNAL_NOTHING;
}

void dist_refuse_spawn(Node *node, Term pid, RefId key)
{
    Signal *s = signal_new(SIGNAL_CALL, TERM_NONE);
    s->call = run_refused;
    s->ref = key;
    signal_push(node, pid, s);
}

// Nobody waits for [pid] any more: what was set up is taken away.
static bool refuse(Node *node, const Signal *s, Term to, intptr_t flags)
{
    Term pid = term_tuple_get(s->message, 2);
    uint32_t connection = (uint32_t)s->ref.id0;
    // The process was started: it is told what it has to know.
    if (flags & REPLY_LINK)
        dist_tell_exit(node, &(DistExit){NULL, to, pid, TERM_NONE,
                                         ATOM_abandoned, connection});
    if (flags & REPLY_MONITOR) {
        Term control[] = {term_small(CONTROL_DEMONITOR_P), to, pid,
                          term_tuple_get(s->message, 0)};
        DistMessage m = {.control = control, .count = 4, .from = to,
                         .connection = connection};
        dist_post(dist_entry(node, identifier_node(pid)->name, true), &m);
    }
    return false;
}

// What the request asked for beside the process.
static void relate(Process *p, RefId id, Term pid, const Signal *s,
                   Term options)
{
    intptr_t flags = term_small_value(term_tuple_get(s->message, 1));
    if (flags & REPLY_LINK) {
        Relation *link = relation_add(p, RELATION_LINK,
                                      relation_link_key(pid));
        relation_set_other(link, pid);
        link->connection = (uint32_t)s->ref.id0;
        if (p->flags & PROCESS_TRACED) trace_process(p, ATOM_link, pid);
    }
    if (flags & REPLY_MONITOR && !term_same(options, ATOM_false)) {
        // An alias that was taken back meanwhile must not come back.
        bool alias = relation_find(p->relations, RELATION_ALIAS, id) != NULL;
        relation_add_monitor(p, id, pid, TERM_NONE, options);
        relation_find(p->relations, RELATION_MONITOR, id)->connection =
            (uint32_t)s->ref.id0;
        if (!alias) relation_remove(p, RELATION_ALIAS, id, NULL);
    }
}

// message: {Ref, Flags, Pid or Reason, To}
static bool run_reply(Node *node, Process *p, Signal *s)
{
    Term ref = term_tuple_get(s->message, 0);
    intptr_t flags = term_small_value(term_tuple_get(s->message, 1));
    Term value = term_tuple_get(s->message, 2);
    RefId id = ref_to_id(ref);
    if (term_is_atom(value)) // an error's name
        return p != NULL && fail(p, id, value) != SIGNAL_NOTHING;
    Relation r;
    // Abandoned, or the process has ended.
    if (p == NULL || !relation_remove(p, RELATION_SPAWN, id, &r))
        return refuse(node, s, term_tuple_get(s->message, 3), flags);
    relate(p, id, value, s, term_tuple_get(r.tag, WISH_MONITOR));
    bool wanted = term_same(term_tuple_get(r.tag, WISH_SUCCESS), ATOM_true);
    if (wanted)
        answer(p, term_tuple_get(r.tag, WISH_TAG), ref, ATOM_ok, value);
    relation_free_tag(&r);
    return wanted;
}

// {_, Ref, To, Flags, Result [, Token]}
bool dist_take_spawn_reply(DistCommand *c)
{
    Term parts[4];
    for (size_t i = 0; i < 4; i++) parts[i] = term_tuple_get(c->control, 1 + i);
    Term ref = parts[0], to = parts[1], flags = parts[2], result = parts[3];
    // The pid must be one of the node that answers.
    bool remote = term_has_subtag(result, SUBTAG_EXT_PID)
                  && term_same(identifier_node(result)->name, c->entry->name);
    if (!ref_is_local(ref) || !term_is_pid(to) || !term_is_small(flags)
        || !(term_is_atom(result) || remote)) {
        signal_free(c->signal);
        return false;
    }
    Term message = heap_tuple(&c->signal->heap, 4,
                              (Term[]){ref, flags, result, to});
    return dist_call(c, run_reply, to, TERM_NONE, message);
}

// ---- being asked ----

// What is known while the child is made.
typedef struct {
    DistEntry *entry;
    const SpawnOptions *options;
    Term ref, from;
} Child;

static void reply(const Child *c, intptr_t flags, Term result)
{
    Term control[] = {term_small(CONTROL_SPAWN_REPLY), c->ref, c->from,
                      term_small(flags), result};
    // A pid's own packets come behind it.
    DistMessage m = {.control = control, .count = 5, .from = result,
                     .connection = c->entry->connection};
    dist_post(c->entry, &m);
}

// Before the child runs: so the answer comes before all that it says itself.
static void prepare(Process *p, void *with)
{
    const Child *c = with;
    const SpawnOptions *o = c->options;
    // The parent is on the other node.
    p->parent = copy_term(p->node, &p->heap, c->from);
    // Noted before it can end.
    if (o->link || o->monitor) dist_note(c->entry, p->pid);
    if (o->link) {
        Relation *r = relation_add(p, RELATION_LINK,
                                   relation_link_key(c->from));
        relation_set_other(r, c->from);
        r->connection = c->entry->connection;
    }
    if (o->monitor) {
        Relation *r = relation_add(p, RELATION_WATCHED,
                                   relation_ref_key(c->ref));
        relation_set_other(r, c->from);
        relation_set_tag(r, c->ref);
        r->name = TERM_NONE;
        r->connection = c->entry->connection;
    }
    reply(c, (o->link ? REPLY_LINK : 0) | (o->monitor ? REPLY_MONITOR : 0),
          p->pid);
}

static bool is_function(Term mfa, Term args)
{
    intptr_t arity = term_list_length(args);
    // Below 0: no list that ends.
    return term_is_tuple_of(mfa, 3) && term_is_atom(term_tuple_get(mfa, 0))
           && term_is_atom(term_tuple_get(mfa, 1)) && arity >= 0
           && term_same(term_tuple_get(mfa, 2), term_small(arity));
}

static bool is_request(const DistCommand *c)
{
    Term from = term_tuple_get(c->control, 2);
    return term_is_ref(term_tuple_get(c->control, 1))
           && term_has_subtag(from, SUBTAG_EXT_PID)
           && term_same(identifier_node(from)->name, c->entry->name)
           && term_is_pid(term_tuple_get(c->control, 3))
           && !term_is_none(c->payload)
           && is_function(term_tuple_get(c->control, 4), c->payload);
}

// {_, Ref, From, GroupLeader, {M, F, Arity}, Options [, Token]}
bool dist_take_spawn_request(DistCommand *c)
{
    bool good = is_request(c);
    if (good) {
        SpawnOptions o;
        Term mfa = term_tuple_get(c->control, 4);
        Child child = {c->entry, &o, term_tuple_get(c->control, 1),
                       term_tuple_get(c->control, 2)};
        spawn_options_init(&o, NULL); // nobody of this node is the parent
        spawn_options_default(&o, c->entry->dist->node);
        o.module = term_tuple_get(mfa, 0);
        o.function = term_tuple_get(mfa, 1);
        o.args = c->payload;
        o.group_leader = term_tuple_get(c->control, 3);
        o.prepare = prepare;
        o.prepare_with = &child;
        // Answers of failure come instead of prepare's.
        if (!spawn_options_read(&o, term_tuple_get(c->control, 5)))
            reply(&child, 0, ATOM_badopt);
        else if (term_is_none(process_spawn(c->entry->dist->node, NULL, &o,
                                            NULL)))
            reply(&child, 0, ATOM_system_limit);
    }
    signal_free(c->signal);
    return good;
}
