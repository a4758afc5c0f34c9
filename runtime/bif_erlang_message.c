// SPDX-License-Identifier: Apache-2.0
// erlang: sending messages.
// The message is copied to the receiver, or to a heap that goes with the
// signal; the sender's stays as it is. Sending to what is not there is no
// error, but for a name of this node.
#include "bif.h"
#include "copy.h"
#include "dist.h"
#include "identifier.h"
#include "port_message.h"
#include "process.h"
#include "ref.h"
#include "registry.h"
#include "runtime_bifs.gen.h"
#include "send.h"
#include "seq_trace.h"
#include "signal.h"
#include "trace.h"

// What an alias is for is kept by its process, so the message goes there and is
// dropped if the alias is no more.
static SendResult send_to_alias(Process *p, Term ref, Term message)
{
    Term to = ref_alias_pid(ref);
    if (term_is_none(to)) return SEND_DONE; // no alias: leads nowhere
    if (p->flags & PROCESS_TRACED) trace_sent(p, ref, message);
    Signal *s = signal_new(SIGNAL_ALIAS_MESSAGE, p->pid);
    s->ref = ref_to_id(ref);
    s->message = copy_term(p->node, &s->heap, message);
    if (seq_trace_is_on(p)) seq_trace_stamp(p, s, ref);
    // To oneself: it must come before what is sent next.
    if (term_same(to, p->pid))
        signal_apply(p, s);
    else
        signal_push(p->node, to, s);
    return SEND_DONE;
}

// A port's messages are commands, which are done at once if they can be.
static SendResult send_to_port(Process *p, Term to, Term message)
{
    if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
    if (port_take(p, to, message)) return SEND_DONE;
    Signal *s = signal_new(SIGNAL_MESSAGE, p->pid);
    s->message = copy_term(p->node, &s->heap, message);
    signal_push(p->node, to, s);
    return SEND_DONE;
}

// To whoever [to] stands for: [id].
// [to] is how it was named, for the trace.
static SendResult send_to_id(Process *p, Term to, Term id, Term message)
{
    if (!term_is_local_pid(id)) return send_to_port(p, id, message);
    if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
    signal_send_message(p->node, p, id, message);
    return SEND_DONE;
}

// A name that nobody has is badarg, unlike a dead pid.
static SendResult send_to_name(Process *p, Term name, Term message)
{
    Term id = registry_find(p->node->registry, name);
    if (!term_is_none(id)) return send_to_id(p, name, id, message);
    if (p->flags & PROCESS_TRACED) trace_sent(p, name, message);
    return SEND_BADARG;
}

// To a pid, alias or {Name, Node} of another node.
// The packet is made at once; DIST options say what a full channel does.
static SendResult send_elsewhere(Process *p, Term to, Term message,
                                 unsigned options)
{
    if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
    return dist_send(p, to, message, options) ? SEND_DONE : SEND_NO_CONNECTION;
}

// {Name, Node}
// {Name, node()} does not fail when nobody has the name.
static SendResult send_to_node(Process *p, Term to, Term message,
                               unsigned options)
{
    Term name = term_tuple_get(to, 0), node = term_tuple_get(to, 1);
    if (!term_is_atom(name) || !term_is_atom(node)) return SEND_BADARG;
    if (!term_same(node, atomic_load(&p->node->name)))
        return send_elsewhere(p, to, message, options);
    Term id = registry_find(p->node->registry, name);
    return term_is_none(id) ? SEND_DONE : send_to_id(p, to, id, message);
}

// The common case first: a pid of this node.
SendResult send_message(Process *p, Term to, Term message, unsigned options)
{
    if (term_is_local_pid(to)) {
        if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
        signal_send_message(p->node, p, to, message);
        return SEND_DONE;
    }
    if (term_is_atom(to)) return send_to_name(p, to, message);
    if (ref_is_local(to)) return send_to_alias(p, to, message);
    if (term_is_local_port(to)) return send_to_port(p, to, message);
    if (term_is_tuple_of(to, 2)) return send_to_node(p, to, message, options);
    if (term_is_pid(to) || term_is_ref(to))
        return send_elsewhere(p, to, message, options);
    // Ports of other nodes can be named, but not sent to.
    return term_is_port(to) ? SEND_NO_CONNECTION : SEND_BADARG;
}

// The port that [to] is, or is the name of; TERM_NONE else.
static Term find_port(const Process *p, Term to)
{
    if (term_is_atom(to)) to = registry_find(p->node->registry, to);
    return term_is_local_port(to) ? to : TERM_NONE;
}

// Other messages may be sent to a busy port.
static bool must_wait(const Process *p, Term to, Term message,
                      bool (*busy)(Node *node, Term port))
{
    if (!port_message_is_command(message)) return false;
    Term port = find_port(p, to);
    return !term_is_none(port) && busy(p->node, port);
}

// [function] of [n] arguments is called again when it goes on: nothing has been
// sent yet. Its stub is where it waits, and what it is told to be in.
static Term wait_for_port(Process *p, Term function, unsigned n,
                          const Term *args)
{
    if (p->flags & PROCESS_SUSPENDED) return bif_yield(p, n, args);
    port_suspend(p, find_port(p, args[0]));
    return bif_trap(p, ATOM_erlang, function, n, args);
}

// The value of "!" is the message.
Term bif_erlang_send_2(Process *p, const Term *args)
{
    if (must_wait(p, args[0], args[1], port_must_wait))
        return wait_for_port(p, ATOM_send, 2, args);
    unsigned options = DIST_CONNECT | DIST_SUSPEND;
    if (send_message(p, args[0], args[1], options) == SEND_BADARG)
        return bif_error(p, ATOM_badarg);
    return dist_answer(p, args[1]);
}

// The node that [to] is sent to, if it is another one; TERM_NONE else.
// For the channel that would be busy.
static Term node_of(Term to)
{
    if (term_is_tuple_of(to, 2)) return term_tuple_get(to, 1);
    bool id = term_is_pid(to) || term_is_ref(to);
    const RemoteNode *node = id ? identifier_node(to) : NULL;
    return node == NULL ? TERM_NONE : node->name;
}

// As send/3: [*options] are what is left of those in [list].
// As bits: without noconnect a connection is made, without nosuspend a full
// channel suspends the sender.
static bool read_options(Term list, unsigned *options)
{
    *options = DIST_CONNECT | DIST_SUSPEND;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (term_same(term_head(list), ATOM_noconnect))
            *options &= ~(unsigned)DIST_CONNECT;
        else if (term_same(term_head(list), ATOM_nosuspend))
            *options &= ~(unsigned)DIST_SUSPEND;
        else
            return false;
    }
    return term_is_nil(list);
}

Term bif_erlang_send_3(Process *p, const Term *args)
{
    unsigned options;
    if (!read_options(args[2], &options))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    Term node = node_of(args[0]);
    bool may_wait = (options & DIST_SUSPEND) != 0;
    bool waits = must_wait(p, args[0], args[1],
                           may_wait ? port_must_wait : port_is_busy);
    // Busy: not sent, and said so.
    if (!may_wait
        && (waits || (term_is_atom(node) && dist_is_busy(p->node, node))))
        return ATOM_nosuspend;
    if (waits) return wait_for_port(p, ATOM_send, 3, args);
    SendResult result = send_message(p, args[0], args[1], options);
    if (result == SEND_BADARG) return bif_error(p, ATOM_badarg);
    bool connect = (options & DIST_CONNECT) != 0;
    // Without a connection ok is answered as well, unless noconnect was asked
    // for.
    if (result == SEND_NO_CONNECTION && !connect) return ATOM_noconnect;
    return dist_answer(p, ATOM_ok);
}

// Whether it was sent, or at least not because of what [list] says.
// true, or false where send/3 says nosuspend or noconnect.
static Term send_nosuspend(Process *p, Term to, Term message, Term list)
{
    Term options = heap_cons(process_heap(p), ATOM_nosuspend, list);
    Term answer = bif_erlang_send_3(p, (Term[]){to, message, options});
    if (term_is_none(answer)) return answer;
    return term_same(answer, ATOM_ok) ? ATOM_true : ATOM_false;
}

Term bif_erlang_send_nosuspend_2(Process *p, const Term *args)
{
    return send_nosuspend(p, args[0], args[1], TERM_NIL);
}

Term bif_erlang_send_nosuspend_3(Process *p, const Term *args)
{
    return send_nosuspend(p, args[0], args[1], args[2]);
}
