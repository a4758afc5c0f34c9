// SPDX-License-Identifier: Apache-2.0
// Sequential tracing.
//
// A token is never changed in place: it may have been put into messages and
// mailboxes.
#include "seq_trace.h"

#include "copy.h"
#include "process_table.h"
#include "ref.h"
#include "trace.h"

// ---- the token ----

// 0 of other atoms.
static unsigned flag_of(Term name)
{
    switch (name.bits) {
    case ATOM_BITS_send: return SEQ_SEND;
    case ATOM_BITS_receive: return SEQ_RECEIVE;
    case ATOM_BITS_print: return SEQ_PRINT;
    case ATOM_BITS_timestamp: return SEQ_TIMESTAMP;
    case ATOM_BITS_strict_monotonic_timestamp: return SEQ_STRICT_MONOTONIC;
    case ATOM_BITS_monotonic_timestamp: return SEQ_MONOTONIC;
    default: return 0;
    }
}

static Term part(Term token, size_t i)
{
    return term_tuple_get(token, i);
}

static unsigned flags_of(Term token)
{
    return (unsigned)term_small_value(part(token, SEQ_FLAGS));
}

// Tokens are shared with nobody, but copied all the same: others may have
// been told of the one before.
static void set_part(Process *p, size_t i, Term value)
{
    Term parts[SEQ_SIZE];
    for (size_t k = 0; k < SEQ_SIZE; k++) parts[k] = part(p->seq_token, k);
    parts[i] = value;
    p->seq_token = heap_tuple(process_heap(p), SEQ_SIZE, parts);
}

// As OTP begins: no flags, label and serial 0, from this process.
static void make_token(Process *p)
{
    if (!term_is_nil(p->seq_token)) return;
    Term parts[SEQ_SIZE] = {term_small(0), term_small(0), term_small(0),
                            p->pid,
                            term_small(trace_state(p)->seq_last)};
    p->seq_token = heap_tuple(process_heap(p), SEQ_SIZE, parts);
    trace_update(p); // from now on slow paths look for it
}

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// Answers what it was before, as set_token does.
static Term set_flag(Process *p, unsigned flag, bool on)
{
    make_token(p);
    unsigned flags = flags_of(p->seq_token);
    set_part(p, SEQ_FLAGS, term_small(on ? flags | flag : flags & ~flag));
    return boolean(flags & flag);
}

// {Previous, Current}, as seq_trace:set_token(serial, ...) has it.
static Term set_serial(Process *p, Term value)
{
    if (!term_is_tuple_of(value, 2) || !term_is_small(part(value, 0))
        || !term_is_small(part(value, 1)))
        return TERM_NONE;
    make_token(p);
    TraceState *t = trace_state(p);
    Term old = heap_tuple2(process_heap(p), part(p->seq_token, SEQ_PREVIOUS),
                           part(p->seq_token, SEQ_SERIAL));
    set_part(p, SEQ_PREVIOUS, part(value, 0));
    set_part(p, SEQ_SERIAL, part(value, 1));
    // The process goes on counting from there.
    t->seq_last = term_small_value(part(value, 0));
    t->seq_clock = term_small_value(part(value, 1));
    return old;
}

Term seq_trace_set(Process *p, Term name, Term value)
{
    unsigned flag = flag_of(name);
    bool on = term_same(value, ATOM_true);
    if (flag != 0 && (on || term_same(value, ATOM_false)))
        return set_flag(p, flag, on);
    if (term_same(name, ATOM_label)) {
        make_token(p);
        Term old = part(p->seq_token, SEQ_LABEL);
        set_part(p, SEQ_LABEL, value);
        return old;
    }
    if (term_same(name, ATOM_serial)) return set_serial(p, value);
    if (!term_same(name, ATOM_sequential_trace_token) || !term_is_nil(value))
        return TERM_NONE;
    Term old = p->seq_token;
    p->seq_token = TERM_NIL;
    trace_update(p);
    return old;
}

Term seq_trace_get(Process *p, Term name)
{
    bool has = !term_is_nil(p->seq_token);
    unsigned flag = flag_of(name);
    if (flag != 0) return boolean(has && (flags_of(p->seq_token) & flag));
    // A component of newer releases, off without a token.
    if (term_same(name, ATOM_spawn) && !has) return ATOM_false;
    if (term_same(name, ATOM_label))
        return has ? part(p->seq_token, SEQ_LABEL) : TERM_NIL;
    if (!term_same(name, ATOM_serial)) return TERM_NONE;
    if (!has) return TERM_NIL;
    return heap_tuple2(process_heap(p), part(p->seq_token, SEQ_PREVIOUS),
                       part(p->seq_token, SEQ_SERIAL));
}

// ---- telling ----

// A dead one is forgotten by whoever finds it dead first.
static Term system_tracer(Node *node)
{
    Term tracer = atomic_load(&node->trace->seq_tracer);
    if (term_is_none(tracer) || trace_lives(node, tracer)) return tracer;
    // Only if nobody has set another meanwhile.
    atomic_compare_exchange_strong(&node->trace->seq_tracer, &tracer,
                                   TERM_NONE);
    return TERM_NONE;
}

// Bits of trace_stamp.
static uint32_t stamps(unsigned flags)
{
    return (flags & SEQ_TIMESTAMP ? TRACE_TIMESTAMP : 0)
           | (flags & SEQ_STRICT_MONOTONIC ? TRACE_STRICT_MONOTONIC : 0)
           | (flags & SEQ_MONOTONIC ? TRACE_MONOTONIC : 0);
}

// {seq_trace, Label, Info[, Time]} to a process or port.
static void send(Node *node, TraceMessage *m, uint32_t set, Term label,
                 Term tracer)
{
    Term time = trace_stamp(node, &m->heap, set);
    Term all[] = {m->parts[0], label, m->parts[1], time};
    // One part less without a time.
    Term t = heap_tuple(&m->heap, term_is_none(time) ? 3 : 4, all);
    signal_send_trace(node, tracer, t);
}

// Info is {What, {Previous, Serial}, Sender, To, Message}.
static void tell(Process *p, Term token, unsigned flag, Term to, Term message)
{
    Term tracer = system_tracer(p->node);
    unsigned flags = flags_of(token);
    // Nobody listens, or it is about the tracer itself, or not wanted.
    if (term_is_none(tracer) || term_same(tracer, p->pid) || !(flags & flag)
        || (p->flags & PROCESS_SENSITIVE))
        return;
    // Built beside: copied to the tracer, then thrown away.
    TraceMessage m;
    trace_begin(&m, ATOM_seq_trace);
    Heap *h = &m.heap;
    m.self = p->pid;
    Term what = flag == SEQ_SEND ? ATOM_send
                : flag == SEQ_RECEIVE ? ATOM_receive : ATOM_print;
    Term info[] = {what,
                   heap_tuple2(h, part(token, SEQ_PREVIOUS),
                               part(token, SEQ_SERIAL)),
                   part(token, SEQ_SENDER), to, message};
    trace_add(&m, heap_tuple(h, 5, info));
    Term label = part(token, SEQ_LABEL);
    if (term_is_tuple(tracer))
        trace_module_send(p->node, &m, stamps(flags), label, tracer);
    else
        send(p->node, &m, stamps(flags), label, tracer);
    heap_free(h);
}

// What is told next has the next number, also where nobody listens: the
// tracer may be another node's.
static void count_up(Process *p)
{
    TraceState *t = trace_state(p);
    Term parts[SEQ_SIZE] = {part(p->seq_token, SEQ_FLAGS),
                            part(p->seq_token, SEQ_LABEL),
                            term_small(++t->seq_clock), p->pid,
                            term_small(t->seq_last)};
    p->seq_token = heap_tuple(process_heap(p), SEQ_SIZE, parts);
}

void seq_trace_print(Process *p, Term term)
{
    count_up(p);
    tell(p, p->seq_token, SEQ_PRINT, TERM_NIL, term);
}

// ---- messages ----

void seq_trace_stamp(Process *p, Signal *s, Term to)
{
    Heap h;
    heap_init(&h);
    Term message = s->message;
    // Exits are told as what arrives when they are trapped.
    if (s->kind == SIGNAL_EXIT || s->kind == SIGNAL_LINK_EXIT)
        message = heap_tuple3(&h, ATOM_EXIT, s->from, message);
    // The number first: it is part of what is told and of what is sent.
    count_up(p);
    tell(p, p->seq_token, SEQ_SEND, to, message);
    heap_free(&h);
    // The receiver takes it from there.
    s->token = copy_term(p->node, &s->heap, p->seq_token);
}

// A message without one takes the receiver's token away, but for those that are
// marked with undefined.
void seq_trace_receive(Process *p)
{
    Mailbox *m = &p->mailbox;
    Term token = mailbox_token(m, m->save);
    if (term_same(token, ATOM_undefined)) return;
    p->seq_token = token;
    if (!term_is_nil(token)) {
        TraceState *t = trace_state(p);
        t->seq_last = term_small_value(part(token, SEQ_SERIAL));
        // Its own clock must not fall behind what it has seen.
        if (t->seq_clock < t->seq_last) t->seq_clock = t->seq_last;
        tell(p, token, SEQ_RECEIVE, p->pid, m->slots[m->save]);
    }
    trace_update(p);
}

// ---- spawning: as if by messages to the child and back ----

static Term request_of(Process *parent, Process *child, const SpawnOptions *o,
                       Term ref)
{
    Heap *h = process_heap(parent);
    intptr_t arity = term_list_length(o->args);
    Term options = o->link ? heap_cons(h, ATOM_link, TERM_NIL) : TERM_NIL;
    if (o->monitor) options = heap_cons(h, ATOM_monitor, options);
    Term parts[] = {ATOM_spawn_request, ref, parent->pid, child->group_leader,
                    heap_tuple3(h, o->module, o->function, term_small(arity)),
                    options,
                    term_is_none(o->reply_tag) ? ATOM_spawn_reply
                                               : o->reply_tag,
                    o->args};
    return heap_tuple(h, 8, parts);
}

// Four messages: request sent and received, reply sent and received; all are
// told by the parent, for the child does not run yet.
void seq_trace_spawn(Process *parent, Process *child, const SpawnOptions *o)
{
    Heap *h = process_heap(parent);
    Term ref = term_is_none(o->request) ? ref_new(parent->node, h)
                                        : o->request;
    Term request = request_of(parent, child, o, ref);
    count_up(parent);
    Term token = parent->seq_token;
    child->seq_token = copy_term(parent->node, &child->heap, token);
    tell(parent, token, SEQ_SEND, child->pid, request);
    tell(parent, token, SEQ_RECEIVE, child->pid, request);
    TraceState *t = trace_state(child);
    t->seq_clock = t->seq_last = term_small_value(part(token, SEQ_SERIAL));
    count_up(child);
    trace_update(child);
    Term parts[] = {term_is_none(o->reply_tag) ? ATOM_spawn_reply
                                               : o->reply_tag,
                    ref, ATOM_ok, child->pid};
    Term reply = heap_tuple(h, 4, parts);
    tell(parent, child->seq_token, SEQ_SEND, parent->pid, reply);
    tell(parent, child->seq_token, SEQ_RECEIVE, parent->pid, reply);
    // As if it had received the reply.
    TraceState *own = trace_state(parent);
    own->seq_last = own->seq_clock = t->seq_clock;
}

// ---- reset ----

// Of the process and of what waits in its mailbox.
static void forget(Process *p)
{
    p->seq_token = TERM_NIL;
    mailbox_forget_tokens(&p->mailbox);
    if (p->trace != NULL) p->trace->seq_clock = p->trace->seq_last = 0;
    trace_update(p);
}

// In the other process's own context.
static bool forget_by_signal(Node *node, Process *p, Signal *s)
{
    (void)node, (void)s;
    if (p != NULL) forget(p);
    return false;
}

// Every process by a signal: their tokens are theirs alone.
void seq_trace_reset(Process *p)
{
    ProcessTable *table = p->node->processes;
    for (size_t i = 0; i < process_table_end(table); i++) {
        Process *other = process_table_at(table, i);
        if (other == p) {
            forget(p);
        } else if (other != NULL) {
            Signal *s = signal_new(SIGNAL_CALL, p->pid);
            s->call = forget_by_signal;
            signal_push(p->node, other->pid, s);
        }
    }
}
