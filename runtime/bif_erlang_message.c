// SPDX-License-Identifier: Apache-2.0
// erlang: sending messages.
#include "bif.h"
#include "copy.h"
#include "process.h"
#include "ref.h"
#include "registry.h"
#include "runtime_bifs.gen.h"
#include "send.h"
#include "seq_trace.h"
#include "signal.h"
#include "trace.h"

static SendResult send_to_alias(Process *p, Term ref, Term message)
{
    Term to = ref_alias_pid(ref);
    if (term_is_none(to)) return SEND_DONE; // no alias: leads nowhere
    if (p->flags & PROCESS_TRACED) trace_sent(p, ref, message);
    Signal *s = signal_new(SIGNAL_ALIAS_MESSAGE, p->pid);
    s->ref = ref_to_id(ref);
    s->message = copy_term(p->node, &s->heap, message);
    if (seq_trace_is_on(p)) seq_trace_stamp(p, s, ref);
    if (term_same(to, p->pid))
        signal_apply(p, s);
    else
        signal_push(p->node, to, s);
    return SEND_DONE;
}

static SendResult send_to_port(Process *p, Term to, Term message)
{
    if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
    Signal *s = signal_new(SIGNAL_MESSAGE, p->pid);
    s->message = copy_term(p->node, &s->heap, message);
    signal_push(p->node, to, s);
    return SEND_DONE;
}

// To whoever [to] stands for: [id].
static SendResult send_to_id(Process *p, Term to, Term id, Term message)
{
    if (!term_is_local_pid(id)) return send_message(p, id, message);
    if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
    signal_send_message(p->node, p, id, message);
    return SEND_DONE;
}

static SendResult send_to_name(Process *p, Term name, Term message)
{
    Term id = registry_find(p->node->registry, name);
    if (term_is_none(id)) return SEND_BADARG;
    return send_to_id(p, name, id, message);
}

// {Name, Node}
static SendResult send_to_node(Process *p, Term to, Term message)
{
    Term name = term_tuple_get(to, 0), node = term_tuple_get(to, 1);
    if (!term_is_atom(name) || !term_is_atom(node)) return SEND_BADARG;
    if (!term_same(node, atomic_load(&p->node->name))) return SEND_NO_CONNECTION;
    Term id = registry_find(p->node->registry, name);
    return term_is_none(id) ? SEND_DONE : send_to_id(p, to, id, message);
}

SendResult send_message(Process *p, Term to, Term message)
{
    if (term_is_local_pid(to)) {
        if (p->flags & PROCESS_TRACED) trace_sent(p, to, message);
        signal_send_message(p->node, p, to, message);
        return SEND_DONE;
    }
    if (term_is_atom(to)) return send_to_name(p, to, message);
    if (ref_is_local(to)) return send_to_alias(p, to, message);
    if (term_is_local_port(to)) return send_to_port(p, to, message);
    if (term_is_tuple_of(to, 2)) return send_to_node(p, to, message);
    if (term_is_pid(to) || term_is_ref(to)) return SEND_NO_CONNECTION;
    return SEND_BADARG;
}

Term bif_erlang_send_2(Process *p, const Term *args)
{
    if (send_message(p, args[0], args[1]) == SEND_BADARG)
        return bif_error(p, ATOM_badarg);
    return args[1];
}

Term bif_erlang_send_3(Process *p, const Term *args)
{
    bool no_connect = false;
    Term list = args[2];
    for (; term_is_cons(list); list = term_tail(list)) {
        if (term_same(term_head(list), ATOM_noconnect))
            no_connect = true;
        else if (!term_same(term_head(list), ATOM_nosuspend))
            break;
    }
    if (!term_is_nil(list)) return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    SendResult result = send_message(p, args[0], args[1]);
    if (result == SEND_BADARG) return bif_error(p, ATOM_badarg);
    return result == SEND_NO_CONNECTION && no_connect ? ATOM_noconnect
                                                      : ATOM_ok;
}

Term bif_erlang_send_nosuspend_2(Process *p, const Term *args)
{
    if (send_message(p, args[0], args[1]) == SEND_BADARG)
        return bif_error(p, ATOM_badarg);
    return ATOM_true;
}

Term bif_erlang_send_nosuspend_3(Process *p, const Term *args)
{
    Term answer = bif_erlang_send_3(p, args);
    if (term_is_none(answer)) return answer;
    return term_same(answer, ATOM_ok) ? ATOM_true : ATOM_false;
}
