// SPDX-License-Identifier: Apache-2.0
// erlang: links, monitors, aliases and exit signals.
// A process's own relations are on its side (relation.h), the other side's are
// made by a signal: a link is known here at once and there when the signal
// comes. So link and monitor never wait.
#include "bif.h"
#include "compare.h"
#include "copy.h"
#include "dist.h"
#include "identifier.h"
#include "off_heap.h"
#include "port.h"
#include "process.h"
#include "process_table.h"
#include "ref.h"
#include "registry.h"
#include "relation.h"
#include "remote.h"
#include "runtime_bifs.gen.h"
#include "seq_trace.h"
#include "signal.h"
#include "trace.h"

// Of any node.
static bool is_id(Term t)
{
    return term_is_pid(t) || term_is_port(t);
}

static bool is_local(Term id)
{
    return term_is_local_pid(id) || term_is_local_port(id);
}

// Ends a BIF that may have made the process end: [answer] else.
// An exit signal to oneself takes effect at once.
static Term answer_if_alive(Process *p, Term answer)
{
    if (!process_is_exiting(p)) return answer;
    p->reason = REASON_EXIT;
    return TERM_NONE;
}

// A signal that is no more than its kind, the sender and a number.
static void push_plain(Process *p, SignalKind kind, Term to, RefId ref)
{
    Signal *s = signal_new(kind, p->pid);
    s->ref = ref;
    signal_push(p->node, to, s);
}

// ---- links ----

// The link leads to nobody: an exit signal for those who trap exits, an error
// for others.
// As OTP: link(DeadPid) fails with noproc, or becomes an exit message.
static Term link_to_nobody(Process *p, Term to, Term why)
{
    if (!(p->flags & PROCESS_TRAP_EXIT) && term_same(why, ATOM_noproc))
        return bif_error(p, ATOM_noproc);
    // The link is made so that the signal finds one.
    relation_set_other(
        relation_add(p, RELATION_LINK, relation_link_key(to)), to);
    Signal *s = signal_new(SIGNAL_LINK_EXIT, to);
    s->message = why;
    signal_apply(p, s);
    return answer_if_alive(p, ATOM_true);
}

// Just now; it may end before the signal comes, which then answers with an
// exit.
static bool exists(const Process *p, Term id)
{
    return term_is_local_port(id)
               ? port_exists(p->node, id)
               : process_table_find(p->node->processes, id) != NULL;
}

// Whether [id] is of another node, not of this one before it was restarted.
// A pid of this node's name but another creation is dead.
static bool is_elsewhere(const Process *p, Term id)
{
    const RemoteNode *node = term_is_none(id) ? NULL : identifier_node(id);
    return node != NULL
           && !term_same(node->name, atomic_load(&p->node->name));
}

// Without a connection the link breaks at once.
static Term link_elsewhere(Process *p, Term to)
{
    if (!is_elsewhere(p, to)) return link_to_nobody(p, to, ATOM_noproc);
    if (!dist_link(p, to)) return link_to_nobody(p, to, ATOM_noconnection);
    if (p->flags & PROCESS_TRACED) trace_linked(p, to);
    return dist_answer(p, ATOM_true);
}

Term bif_erlang_link_1(Process *p, const Term *args)
{
    Term to = args[0];
    if (!is_id(to)) return bif_error(p, ATOM_badarg);
    // A link to oneself is none.
    if (term_same(to, p->pid)) return ATOM_true;
    RefId key = relation_link_key(to);
    if (relation_find(p->relations, RELATION_LINK, key) != NULL)
        return ATOM_true; // linked already
    if (!is_local(to)) return link_elsewhere(p, to);
    if (!exists(p, to))
        return link_to_nobody(p, to, ATOM_noproc);
    // Before the signal: should it break, the link is there to break.
    relation_add(p, RELATION_LINK, key)->other = to;
    if (p->flags & PROCESS_TRACED) trace_linked(p, to);
    push_plain(p, SIGNAL_LINK, to, (RefId){0, 0});
    return ATOM_true;
}

// true in any case. After it no exit signal of this link comes: one that is on
// its way finds no link.
Term bif_erlang_unlink_1(Process *p, const Term *args)
{
    if (!is_id(args[0])) return bif_error(p, ATOM_badarg);
    RefId key = relation_link_key(args[0]);
    if (p->flags & PROCESS_TRACED) trace_process(p, ATOM_unlink, args[0]);
    if (!is_local(args[0]))
        dist_unlink(p, args[0]);
    else if (relation_remove(p, RELATION_LINK, key, NULL))
        push_plain(p, SIGNAL_UNLINK, args[0], (RefId){0, 0});
    return ATOM_true;
}

// ---- exit ----
// exit/2 sends, exit/1 raises.

Term bif_erlang_exit_2(Process *p, const Term *args)
{
    if (!is_id(args[0])) return bif_error(p, ATOM_badarg);
    // Signals that have come are served first, since they are older.
    if (term_same(args[0], p->pid)) {
        if (signal_is_waiting(p)) args = signal_receive_with(p, 2, args);
        Signal *s = signal_new(SIGNAL_EXIT, p->pid);
        // Its own heap already: no copy.
        s->message = args[1];
        signal_apply(p, s);
        return answer_if_alive(p, ATOM_true);
    }
    if (!is_local(args[0])) {
        dist_exit(p, args[0], args[1]);
        return dist_answer(p, ATOM_true);
    }
    Signal *s = signal_new(SIGNAL_EXIT, p->pid);
    s->message = copy_term(p->node, &s->heap, args[1]);
    if (seq_trace_is_on(p)) seq_trace_stamp(p, s, args[0]);
    signal_push(p->node, args[0], s);
    return ATOM_true;
}

Term bif_erlang_exit_1(Process *p, const Term *args)
{
    return bif_raise(p, ATOM_exit, args[0]);
}

// ---- monitors ----
// The reference is answered at once; whether the other is there is told by the
// DOWN message.

// [name]: under which it was monitored, for the message.
static Term monitor_pid(Process *p, Term pid, Term name, Term options)
{
    if (is_elsewhere(p, pid) && dist_is_alive(p->node))
        return dist_answer(p, dist_monitor(p, pid, TERM_NONE,
                                           identifier_node(pid)->name,
                                           options));
    RefId id = ref_id_new(p->node);
    Term ref = relation_add_monitor(p, id, pid, name, options);
    if (is_local(pid)) {
        push_plain(p, SIGNAL_MONITOR, pid, id);
        return ref;
    }
    // A DOWN to oneself: nobody, or a node that cannot be reached.
    Signal *down = signal_new(SIGNAL_DOWN, pid);
    if (!term_is_none(pid)) down->from = copy_term(p->node, &down->heap, pid);
    down->ref = id;
    down->message = is_elsewhere(p, pid) ? ATOM_noconnection : ATOM_noproc;
    signal_push(p->node, p->pid, down);
    return ref;
}

// A monitor of oneself never fires, but has a reference.
static Term monitor_self(Process *p, Term options)
{
    RefId id = ref_id_new(p->node);
    Term ref = relation_add_monitor(p, id, p->pid, TERM_NONE, options);
    relation_remove(p, RELATION_MONITOR, id, NULL);
    return ref;
}

// A port's name is no process.
static Term monitor_name(Process *p, Term name, Term options)
{
    Term id = registry_find(p->node->registry, name);
    if (!term_is_local_pid(id)) id = TERM_NONE;
    return monitor_pid(p, id, name, options);
}

// pid, name, {Name, Node}.
static Term monitor_process(Process *p, Term item, Term options)
{
    if (term_same(item, p->pid)) return monitor_self(p, options);
    if (term_is_pid(item)) return monitor_pid(p, item, TERM_NONE, options);
    if (term_is_atom(item)) return monitor_name(p, item, options);
    if (!term_is_tuple_of(item, 2)) return bif_error(p, ATOM_badarg);
    Term name = term_tuple_get(item, 0), node = term_tuple_get(item, 1);
    if (!term_is_atom(name) || !term_is_atom(node))
        return bif_error(p, ATOM_badarg);
    if (term_same(node, atomic_load(&p->node->name)))
        return monitor_name(p, name, options);
    // {Name, Node} on a node without a name.
    if (!dist_is_alive(p->node)) return bif_error(p, ATOM_badarg);
    return dist_answer(p, dist_monitor(p, TERM_NONE, name, node, options));
}

// A name that no port has stands for port 1, which never is.
// It answers noproc by itself.
static Term monitor_port(Process *p, Term item, Term options)
{
    if (term_is_local_port(item))
        return monitor_pid(p, item, TERM_NONE, options);
    if (term_is_tuple_of(item, 2)
        && term_same(term_tuple_get(item, 1), atomic_load(&p->node->name)))
        item = term_tuple_get(item, 0);
    if (!term_is_atom(item)) return bif_error(p, ATOM_badarg);
    Term id = registry_find(p->node->registry, item);
    if (!term_is_local_port(id)) id = term_local_port(1);
    return monitor_pid(p, id, item, options);
}

// {tag, Term}, {alias, How}
static bool is_monitor_option(Term o)
{
    if (!term_is_tuple_of(o, 2)) return false;
    if (term_same(term_tuple_get(o, 0), ATOM_tag)) return true;
    Term mode = term_tuple_get(o, 1);
    return term_same(term_tuple_get(o, 0), ATOM_alias)
           && (term_same(mode, ATOM_explicit_unalias)
               || term_same(mode, ATOM_demonitor)
               || term_same(mode, ATOM_reply_demonitor));
}

static bool are_monitor_options(Term list)
{
    while (term_is_cons(list) && is_monitor_option(term_head(list)))
        list = term_tail(list);
    return term_is_nil(list);
}

// monitor(Type, Item, Options); the third type never fires here, as the time
// offset is final.
static Term monitor(Process *p, Term type, Term item, Term options)
{
    switch (type.bits) {
    case ATOM_BITS_process:
        return monitor_process(p, item, options);
    case ATOM_BITS_port:
        return monitor_port(p, item, options);
    case ATOM_BITS_time_offset: {
        if (!term_same(item, ATOM_clock_service))
            return bif_error_cause(p, ATOM_badarg, ATOM_badtype);
        RefId id = ref_id_new(p->node);
        return relation_add_monitor(p, id, ATOM_time_offset, TERM_NONE,
                                    options);
    }
    default:
        return bif_error_cause(p, ATOM_badarg, ATOM_badtype);
    }
}

// The old form, with no options.
Term bif_erlang_monitor_2(Process *p, const Term *args)
{
    return monitor(p, args[0], args[1], TERM_NIL);
}

Term bif_erlang_monitor_3(Process *p, const Term *args)
{
    if (!are_monitor_options(args[2]))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return monitor(p, args[0], args[1], args[2]);
}

// The alias of a monitor ends with it, unless it was to stay.
static bool demonitor(Process *p, RefId id)
{
    Relation m;
    if (!relation_remove(p, RELATION_MONITOR, id, &m)) return false;
    if (m.alias == ALIAS_DEMONITOR || m.alias == ALIAS_REPLY_DEMONITOR)
        relation_remove(p, RELATION_ALIAS, id, NULL);
    signal_demonitor(p, &m);
    relation_free_tag(&m);
    return true;
}

// Takes the message of monitor [ref] out of the mailbox, if it is there.
// The DOWN message has the reference second, whatever its tag is.
static void flush_down(Process *p, Term ref)
{
    Mailbox *m = &p->mailbox;
    for (size_t i = m->head; i < m->tail; i++) {
        Term t = m->slots[i];
        if (term_is_none(t) || !term_is_tuple_of(t, 5)) continue;
        if (!term_exact_equal(term_tuple_get(t, 1), ref)) continue;
        off_heap_join(p, i); // to be collected
        mailbox_remove(m, i);
        return;
    }
}

// A reference of nothing is no error.
Term bif_erlang_demonitor_1(Process *p, const Term *args)
{
    if (!term_is_ref(args[0])) return bif_error(p, ATOM_badarg);
    if (ref_is_local(args[0])) demonitor(p, ref_to_id(args[0]));
    return ATOM_true;
}

// With info: whether there was a monitor; with flush: no message of it comes
// any more.
Term bif_erlang_demonitor_2(Process *p, const Term *args)
{
    bool flush = false, info = false;
    Term list = args[1];
    for (; term_is_cons(list); list = term_tail(list)) {
        flush |= term_same(term_head(list), ATOM_flush);
        info |= term_same(term_head(list), ATOM_info);
        if (!term_same(term_head(list), ATOM_flush)
            && !term_same(term_head(list), ATOM_info))
            return bif_error(p, ATOM_badarg);
    }
    if (!term_is_nil(list) || !term_is_ref(args[0]))
        return bif_error(p, ATOM_badarg);
    bool found = ref_is_local(args[0]) && demonitor(p, ref_to_id(args[0]));
    if (flush && !found) flush_down(p, args[0]);
    return found || !info ? ATOM_true : ATOM_false;
}

// ---- aliases ----
// An alias is a reference that messages can be sent to.

static Term new_alias(Process *p, AliasMode mode)
{
    RefId id = ref_id_new(p->node);
    relation_add(p, RELATION_ALIAS, id)->alias = (uint8_t)mode;
    return ref_alias_from_id(process_heap(p), id, p->pid);
}

Term bif_erlang_alias_0(Process *p, const Term *args)
{
    return new_alias(p, ALIAS_EXPLICIT_UNALIAS);
}

// reply: the first message ends it.
Term bif_erlang_alias_1(Process *p, const Term *args)
{
    AliasMode mode = ALIAS_EXPLICIT_UNALIAS;
    Term list = args[0];
    for (; term_is_cons(list); list = term_tail(list)) {
        if (term_same(term_head(list), ATOM_reply))
            mode = ALIAS_REPLY;
        else if (term_same(term_head(list), ATOM_explicit_unalias))
            mode = ALIAS_EXPLICIT_UNALIAS;
        else
            return bif_error(p, ATOM_badarg);
    }
    if (!term_is_nil(list)) return bif_error(p, ATOM_badarg);
    return new_alias(p, mode);
}

// Of others' aliases too: false.
Term bif_erlang_unalias_1(Process *p, const Term *args)
{
    if (!term_is_ref(args[0])) return bif_error(p, ATOM_badarg);
    bool found = ref_is_local(args[0])
                 && relation_remove(p, RELATION_ALIAS, ref_to_id(args[0]),
                                    NULL);
    return found ? ATOM_true : ATOM_false;
}
