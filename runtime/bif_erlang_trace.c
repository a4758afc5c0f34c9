// SPDX-License-Identifier: Apache-2.0
// erlang: trace/3, trace_pattern/2,3, trace_info/2, trace_delivered/1.
// Flags of processes are set by those processes themselves (trace_set), which
// are asked by a signal. What all processes share is in the node's TraceTable,
// under its lock.
#include <stdlib.h>

#include "bif.h"
#include "breakpoint.h"
#include "code_module.h"
#include "copy.h"
#include "match_action.h"
#include "memory.h"
#include "process_log.h"
#include "process_table.h"
#include "ref.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "signal.h"
#include "trace.h"

// ---- whose flags ----

typedef enum { // what an atom in the place of a process stands for
    SPEC_EXISTING = 1,
    SPEC_NEW = 2,
    SPEC_PORTS = 4 // and no processes
} SpecBits;

// 0: it stands for nothing. Ports have no trace here, so they are 0 ports in
// the answer.
static unsigned read_spec(Term t)
{
    switch (t.bits) {
    case ATOM_BITS_all:
    case ATOM_BITS_processes: return SPEC_EXISTING | SPEC_NEW;
    case ATOM_BITS_existing:
    case ATOM_BITS_existing_processes: return SPEC_EXISTING;
    case ATOM_BITS_new:
    case ATOM_BITS_new_processes: return SPEC_NEW;
    case ATOM_BITS_ports:
    case ATOM_BITS_existing_ports:
    case ATOM_BITS_new_ports: return SPEC_PORTS;
    default: return 0;
    }
}

// What trace/3 was asked for, read once.
typedef struct {
    bool on;        // set, or clear
    uint32_t flags; // bits of trace_flag
    Term tracer;    // TERM_NONE: not given
    bool cpu;       // cpu_timestamp
} Wish;

// A tracer that is gone would never be told of anything. {Module, State} is one
// as well.
static bool is_tracer(Process *p, Term t)
{
    if (term_is_tuple(t))
        return term_is_tuple_of(t, 2) && term_is_atom(term_tuple_get(t, 0))
               && trace_module_is_there(p->node, term_tuple_get(t, 0));
    if (term_is_local_port(t)) return true;
    return term_is_local_pid(t)
           && process_table_find(p->node->processes, t) != NULL;
}

// Unknown flags are badarg, as a whole.
static bool read_flag(Process *p, Term t, Wish *w)
{
    uint32_t flag = term_is_atom(t) ? trace_flag(t) : 0;
    w->flags |= flag;
    if (flag != 0) return true;
    if (term_same(t, ATOM_cpu_timestamp)) {
        w->cpu = true;
        return true;
    }
    if (term_is_tuple_of(t, 3) && term_same(term_tuple_get(t, 0), ATOM_tracer)
        && term_is_atom(term_tuple_get(t, 1))) {
        w->tracer = trace_module_new(p->node, term_tuple_get(t, 1),
                                     term_tuple_get(t, 2));
        return true;
    }
    if (!term_is_tuple_of(t, 2) || !term_same(term_tuple_get(t, 0),
                                              ATOM_tracer))
        return false;
    w->tracer = term_tuple_get(t, 1);
    return term_is_local_pid(w->tracer) || term_is_local_port(w->tracer);
}

// [args]: what, how, flags.
static bool read_wish(Process *p, const Term *args, Wish *w)
{
    *w = (Wish){.tracer = TERM_NONE};
    Term list = args[2];
    while (term_is_cons(list) && read_flag(p, term_head(list), w))
        list = term_tail(list);
    return term_is_nil(list);
}

// ---- one process ----
// Answers: true, false (another tracer has it), noproc.

// The question is {On, Flags, Tracer}.
static Term answer_trace(Node *node, Process *p, Heap *h, Term question)
{
    (void)node, (void)h;
    if (p == NULL) return ATOM_noproc;
    bool on = term_same(term_tuple_get(question, 0), ATOM_true);
    uint32_t flags = (uint32_t)term_small_value(term_tuple_get(question, 1));
    Term tracer = term_tuple_get(question, 2);
    // A term cannot be TERM_NONE, so nil stands for it.
    if (term_is_nil(tracer)) tracer = TERM_NONE;
    return trace_set(p, on, flags, tracer) ? ATOM_true : ATOM_false;
}

// A process whose BIF takes its time does it when that is done: nothing else
// will come of it before.
// It is counted before it has done so.
static bool obey_later(Node *node, Process *p, Signal *s)
{
    (void)node;
    Wish *w = s->data;
    if (p != NULL) trace_set(p, w->on, w->flags, w->tracer);
    free(w);
    return false;
}

static void tell_later(Process *p, const Process *other, const Wish *wish)
{
    Signal *s = signal_new(SIGNAL_CALL, p->pid);
    Wish *w = memory_alloc(sizeof *w);
    *w = *wish;
    s->call = obey_later;
    s->data = w;
    signal_push(p->node, other->pid, s);
}

// The request's question is a term, for it is copied to the other process.
static Term trace_one(Process *p, const Wish *w, const Term *args)
{
    Heap *h = process_heap(p);
    const Process *other = process_table_find(p->node->processes, args[0]);
    if (p->request == REQUEST_NONE && other != NULL && process_is_dirty(other)) {
        tell_later(p, other, w);
        return term_small(1);
    }
    Term question = heap_tuple3(
        h, w->on ? ATOM_true : ATOM_false, term_small((intptr_t)w->flags),
        term_is_none(w->tracer) ? TERM_NIL : w->tracer);
    Term answer = request_process(p, args[0], answer_trace, question, 3, args);
    if (term_is_none(answer)) return answer; // not answered yet: called again
    if (term_same(answer, ATOM_true)) return term_small(1);
    // OTP logs this, as it is a common mistake of people.
    if (term_same(answer, ATOM_false))
        process_log(p->node, ATOM_error,
                    "** can only have one tracer per process~n", TERM_NIL, p);
    return bif_error(p, ATOM_badarg);
}

// ---- many processes ----
// all, existing, new: each process does it when it comes to it.

// The one who asks has its answer when all that were told have done it.
typedef struct {
    Wish wish;                   // copied for each
    Term requester;              // pid of the caller
    atomic_size_t left, matched; // still to answer; how many did it
} Roll;

// The last one answers; the caller itself is counted as well, so that none can
// be last before all were told.
static void finish_roll(Node *node, Roll *r)
{
    if (atomic_fetch_sub(&r->left, 1) != 1) return;
    request_answer(node, r->requester,
                   term_small((intptr_t)atomic_load(&r->matched)));
    free(r);
}

// A process that ended meanwhile does not count.
static bool obey(Node *node, Process *p, Signal *s)
{
    Roll *r = s->data;
    if (p != NULL
        && trace_set(p, r->wish.on, r->wish.flags, r->wish.tracer))
        atomic_fetch_add(&r->matched, 1);
    finish_roll(node, r);
    return false;
}

// Signals keep their order: what [p] sends afterwards comes afterwards.
static void tell(Process *p, const Process *other, Roll *r)
{
    if (process_is_dirty(other)) {
        atomic_fetch_add(&r->matched, 1);
        tell_later(p, other, &r->wish);
        return;
    }
    Signal *s = signal_new(SIGNAL_CALL, p->pid);
    s->call = obey;
    s->data = r;
    atomic_fetch_add(&r->left, 1);
    signal_push(p->node, other->pid, s);
}

static void call_roll(Process *p, const Wish *w)
{
    ProcessTable *table = p->node->processes;
    Roll *r = memory_zeroed(1, sizeof *r);
    r->wish = *w;
    r->requester = p->pid;
    atomic_init(&r->left, 1);
    for (size_t i = 0; i < process_table_end(table); i++) {
        Process *other = process_table_at(table, i);
        // Of itself without a signal, since it waits.
        if (other == p) {
            if (trace_set(p, w->on, w->flags, w->tracer))
                atomic_fetch_add(&r->matched, 1);
        } else if (other != NULL) {
            tell(p, other, r);
        }
    }
    finish_roll(p->node, r);
}

// For processes to come; their parents are not asked.
static void set_default(Process *p, const Wish *w)
{
    TraceTable *t = p->node->trace;
    if (w->cpu) atomic_store(&t->cpu_time, w->on);
    pthread_mutex_lock(&t->lock);
    uint32_t old = atomic_load(&t->new_flags);
    uint32_t now = w->on ? old | w->flags : old & ~w->flags;
    // Atomic, as spawns read it without the lock.
    atomic_store(&t->new_flags, now);
    if (now == 0)
        // Without flags there is no need for a tracer.
        t->new_tracer = TERM_NONE;
    else if (!term_is_none(w->tracer))
        t->new_tracer = w->tracer;
    pthread_mutex_unlock(&t->lock);
}

// Called again until the answer is there; it is asked only once.
static Term trace_many(Process *p, unsigned spec, const Wish *w,
                       const Term *args)
{
    if (request_is_new(p)) {
        if (spec & SPEC_NEW) set_default(p, w);
        if (spec & SPEC_EXISTING)
            call_roll(p, w);
        else
            request_answer(p->node, p->pid, term_small(0));
    }
    return request_wait(p, 3, args);
}

static bool must_load(Process *p, Term tracer)
{
    if (!term_is_tuple_of(tracer, 2)
        || !term_is_atom(term_tuple_get(tracer, 0)))
        return false;
    const Module *m = code_find_module(p->node, term_tuple_get(tracer, 0));
    return m == NULL || m->current == NULL;
}

// Has the tracer's module loaded, and then erlang:[function]([args]) called
// once more.
static Term load_and_retry(Process *p, Term tracer, Term function,
                           const Term *args)
{
    Heap *h = process_heap(p);
    Term all = heap_list(h, 3, args, TERM_NIL);
    Term ask[] = {term_tuple_get(tracer, 0),
                  heap_tuple3(h, ATOM_erlang, function, all)};
    return bif_trap(p, ATOM_erl_tracer, ATOM_load, 2, ask);
}

// trace(PidOrSpec, How, Flags) -> number of processes.
Term bif_erlang_trace_3(Process *p, const Term *args)
{
    Wish w;
    if (!read_wish(p, args, &w))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    w.on = term_same(args[1], ATOM_true);
    if (!w.on && !term_same(args[1], ATOM_false))
        return bif_error(p, ATOM_badarg);
    // Who calls is the tracer unless another is named.
    if (w.on && term_is_none(w.tracer)) w.tracer = p->pid;
    if (w.on && p->request == REQUEST_NONE && must_load(p, w.tracer))
        return load_and_retry(p, w.tracer, ATOM_trace, args);
    // What a request waits for is not asked again.
    if (w.on && p->request == REQUEST_NONE && !is_tracer(p, w.tracer))
        return term_is_tuple(w.tracer)
                   ? bif_error_cause(p, ATOM_badarg, ATOM_badopt)
                   : bif_error(p, ATOM_badarg);
    unsigned spec = read_spec(args[0]);
    // cpu_timestamp is for all or nobody.
    if (w.cpu && !term_same(args[0], ATOM_all))
        return bif_error(p, ATOM_badarg);
    if (term_is_local_pid(args[0])) return trace_one(p, &w, args);
    if (spec == 0) return bif_error(p, ATOM_badarg);
    return trace_many(p, spec, &w, args);
}

// ---- patterns ----
// Which calls are traced, see breakpoint.h.

// [error] gets what is wrong with a match specification.
// true, false, restart, pause, or a match specification; [] is true.
static bool read_switch(Process *p, Term t, BreakpointPattern *b, char *error)
{
    b->on = PATTERN_ON;
    if (term_same(t, ATOM_false))
        b->on = PATTERN_OFF;
    else if (term_same(t, ATOM_restart))
        b->on = PATTERN_RESTART;
    else if (term_same(t, ATOM_pause))
        b->on = PATTERN_PAUSE;
    else if (!term_is_nil(t) && !term_same(t, ATOM_true)) {
        b->spec = match_spec_compile(p->node, t, MATCH_TRACE, true, error);
        return b->spec != NULL;
    }
    return true;
}

// The tracer of {meta, Tracer} or {meta, Module, State}; TERM_NONE: it is
// neither.
static Term meta_tracer(Process *p, Term t)
{
    bool module = term_is_tuple_of(t, 3);
    if (!(module || term_is_tuple_of(t, 2))
        || !term_same(term_tuple_get(t, 0), ATOM_meta))
        return TERM_NONE;
    if (!module) return term_tuple_get(t, 1);
    return heap_tuple2(process_heap(p), term_tuple_get(t, 1),
                       term_tuple_get(t, 2));
}

// Bits, as kinds may be combined: [local, call_count].
static bool read_kind(Process *p, Term t, BreakpointPattern *b)
{
    unsigned kind = 0;
    if (term_is_tuple(t)) {
        b->meta_tracer = meta_tracer(p, t);
        b->kinds |= BREAK_META;
        return !term_is_none(b->meta_tracer) && is_tracer(p, b->meta_tracer);
    }
    switch (t.bits) {
    case ATOM_BITS_global: kind = BREAK_GLOBAL; break;
    case ATOM_BITS_local: kind = BREAK_LOCAL; break;
    case ATOM_BITS_call_count: kind = BREAK_COUNT; break;
    case ATOM_BITS_call_time: kind = BREAK_TIME; break;
    case ATOM_BITS_meta:
        kind = BREAK_META;
        if (term_is_none(b->meta_tracer)) b->meta_tracer = p->pid;
        break;
    default: return false;
    }
    b->kinds |= kind;
    return true;
}

// global goes alone: the others need a breakpoint in the code.
static bool read_kinds(Process *p, Term list, BreakpointPattern *b)
{
    while (term_is_cons(list) && read_kind(p, term_head(list), b))
        list = term_tail(list);
    return term_is_nil(list)
           && (!(b->kinds & BREAK_GLOBAL) || b->kinds == BREAK_GLOBAL);
}

static bool is_any(Term t)
{
    return term_same(t, ATOM_underscore);
}

// {M, F, A}, where '_' may only be followed by '_'.
// How many of the three are given is kept: {m, '_', '_'} is one.
static bool read_mfa(Term t, BreakpointPattern *b)
{
    if (!term_is_tuple_of(t, 3)) return false;
    for (size_t i = 0; i < 3; i++) b->mfa[i] = term_tuple_get(t, i);
    if (!term_is_atom(b->mfa[0]) || !term_is_atom(b->mfa[1])
        || (!term_is_small(b->mfa[2]) && !is_any(b->mfa[2])))
        return false;
    while (b->specified < 3 && !is_any(b->mfa[b->specified])) b->specified++;
    for (unsigned i = b->specified; i < 3; i++)
        if (!is_any(b->mfa[i])) return false;
    return true;
}

// What makes no sense in a specification for messages: there is no call to
// look at, and receiving one is to change nothing.
static bool has_actions_of_calls(const MatchSpec *spec, bool sent)
{
    static const uint32_t calls = 1 << ACTION_CALLER | 1 << ACTION_CALLER_LINE
                                  | 1 << ACTION_STACKTRACE;
    static const uint32_t changes =
        1 << ACTION_SILENT | 1 << ACTION_PROCESS_DUMP
        | 1 << ACTION_ENABLE_TRACE | 1 << ACTION_DISABLE_TRACE
        | 1 << ACTION_TRACE | 1 << ACTION_IS_SEQ_TRACE
        | 1 << ACTION_SET_SEQ_TOKEN | 1 << ACTION_GET_SEQ_TOKEN;
    return match_spec_has_action(spec, sent ? calls : calls | changes);
}

// trace_pattern(send, Spec, []): which messages are traced.
static bool set_event(Process *p, Term name, const BreakpointPattern *b)
{
    TraceTable *t = p->node->trace;
    TraceEvent *event = term_same(name, ATOM_send) ? &t->send : &t->receive;
    if (!term_same(name, ATOM_send) && !term_same(name, ATOM_receive))
        return false;
    if (b->on == PATTERN_RESTART || b->on == PATTERN_PAUSE) return false;
    if (b->spec != NULL && has_actions_of_calls(b->spec, event == &t->send))
        return false;
    // Who sends reads it under the same lock, so it must not be freed before
    // the new one is in place.
    pthread_mutex_lock(&t->lock);
    MatchSpec *old = event->spec;
    event->on = b->on == PATTERN_ON;
    event->spec = b->spec;
    if (b->spec != NULL) counted_keep(&b->spec->counted);
    pthread_mutex_unlock(&t->lock);
    if (old != NULL) counted_release(&old->counted);
    return true;
}

// A specification makes no sense where nothing is told of the call.
// call_count with a specification is an error of OTP's.
static bool fits(const BreakpointPattern *b)
{
    return b->spec == NULL || (b->kinds & (BREAK_LOCAL | BREAK_META))
           || !(b->kinds & (BREAK_COUNT | BREAK_TIME));
}

// Errors in OTP's order, with its causes.
static Term set_pattern(Process *p, Term what, Term kinds,
                        BreakpointPattern *b)
{
    if (!read_kinds(p, kinds, b))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (!fits(b)) return bif_error_cause(p, ATOM_badarg, ATOM_call_count);
    // An atom is send or receive.
    if (term_is_atom(what) && !term_same(what, ATOM_on_load)) {
        if (b->kinds == 0 && set_event(p, what, b)) return term_small(1);
        return bif_error(p, ATOM_badarg);
    }
    // Without options it is a global pattern.
    if (b->kinds == 0) b->kinds = BREAK_GLOBAL;
    if (term_same(what, ATOM_on_load)) {
        breakpoint_set_on_load(p->node, b);
        return term_small(0);
    }
    if (!read_mfa(what, b)) return bif_error(p, ATOM_badarg);
    size_t n = breakpoint_set(p->node, b);
    // As many functions as were changed.
    bif_bump(p, n);
    return term_small((intptr_t)n);
}

// The specification is compiled before anything else is looked at.
static Term trace_pattern(Process *p, const Term *args, Term kinds)
{
    BreakpointPattern b = {.meta_tracer = TERM_NONE};
    char error[MATCH_ERROR_ROOM];
    if (!read_switch(p, args[1], &b, error)) {
        if (match_error_is_limit(error))
            return bif_error(p, ATOM_system_limit);
        return bif_error_cause(p, ATOM_badarg, ATOM_match_spec);
    }
    Term answer = set_pattern(p, args[0], kinds, &b);
    if (b.spec != NULL) counted_release(&b.spec->counted);
    return answer;
}

Term bif_erlang_trace_pattern_2(Process *p, const Term *args)
{
    return trace_pattern(p, args, TERM_NIL);
}

Term bif_erlang_trace_pattern_3(Process *p, const Term *args)
{
    // A tracer's module is loaded when it is first named.
    for (Term t = args[2]; term_is_cons(t); t = term_tail(t)) {
        Term tracer = meta_tracer(p, term_head(t));
        if (!term_is_none(tracer) && must_load(p, tracer))
            return load_and_retry(p, tracer, ATOM_trace_pattern, args);
    }
    return trace_pattern(p, args, args[2]);
}

// What erlang's functions of these names call in OTP, where those add texts to
// errors only.
Term bif_erts_internal_trace_pattern_3(Process *p, const Term *args)
{
    return bif_erlang_trace_pattern_3(p, args);
}

Term bif_erts_internal_trace_3(Process *p, const Term *args)
{
    return bif_erlang_trace_3(p, args);
}

// ---- information ----
// What is set: by whom, with which flags.

// {Key, Value} of flags and tracer.
// No tracer is [].
static Term flags_info(Heap *h, uint32_t flags, Term tracer, Term key)
{
    if (term_same(key, ATOM_flags))
        return heap_tuple2(h, key, trace_flag_names(h, flags));
    if (term_is_none(tracer)) tracer = TERM_NIL;
    return heap_tuple2(h, key, tracer);
}

// In the context of the process that is asked.
static Term answer_info(Node *node, Process *p, Heap *h, Term key)
{
    (void)node;
    if (p == NULL || process_is_exiting(p)) return ATOM_undefined;
    const TraceState *t = p->trace;
    if (t == NULL) return flags_info(h, 0, TERM_NONE, key);
    if (!term_is_none(t->tracer) && !term_same(t->tracer, p->pid))
        trace_tracer(p); // forgets one that is dead
    return flags_info(h, t->flags, t->tracer, key);
}

// trace_info(new, flags): of processes to come.
static Term info_of_new(Process *p, Term key)
{
    TraceTable *t = p->node->trace;
    pthread_mutex_lock(&t->lock);
    uint32_t flags = atomic_load(&t->new_flags);
    // A dead tracer traces nobody.
    if (term_is_local_pid(t->new_tracer)
        && process_table_find(p->node->processes, t->new_tracer) == NULL) {
        t->new_tracer = TERM_NONE;
        atomic_store(&t->new_flags, flags = 0);
    }
    Term tracer = t->new_tracer;
    pthread_mutex_unlock(&t->lock);
    return flags_info(process_heap(p), flags, tracer, key);
}

// The specification as it was given.
static Term info_of_event(Process *p, Term name)
{
    TraceTable *t = p->node->trace;
    const TraceEvent *e = term_same(name, ATOM_send) ? &t->send : &t->receive;
    pthread_mutex_lock(&t->lock);
    Term value = e->on ? ATOM_true : ATOM_false;
    if (e->spec != NULL)
        value = copy_term(p->node, process_heap(p), e->spec->source);
    pthread_mutex_unlock(&t->lock);
    return heap_tuple2(process_heap(p), ATOM_match_spec, value);
}

// breakpoint_info answers TERM_NONE of an unknown key.
static Term info_of_function(Process *p, Term what, Term key)
{
    if (!term_is_tuple_of(what, 3)) return TERM_NONE;
    const Term *mfa = term_box_ptr(what) + 1;
    if (!term_is_atom(mfa[0]) || !term_is_atom(mfa[1])
        || !term_is_small(mfa[2]))
        return TERM_NONE;
    Term value = breakpoint_info(p, mfa, key);
    if (term_is_none(value)) return value;
    return heap_tuple2(process_heap(p), key, value);
}

// Which kinds of question fit what is asked about.
Term bif_erlang_trace_info_2(Process *p, const Term *args)
{
    Term what = args[0], key = args[1], answer = TERM_NONE;
    bool of_flags = term_same(key, ATOM_flags) || term_same(key, ATOM_tracer);
    if (term_same(what, ATOM_on_load)) {
        answer = breakpoint_info_on_load(p, key);
        if (!term_is_none(answer))
            answer = heap_tuple2(process_heap(p), key, answer);
    } else if (term_same(what, ATOM_send) || term_same(what, ATOM_receive)) {
        if (term_same(key, ATOM_match_spec)) answer = info_of_event(p, what);
    } else if (term_is_tuple(what)) {
        answer = info_of_function(p, what, key);
    } else if (term_is_local_pid(what) && of_flags) {
        return request_process(p, what, answer_info, key, 2, args);
    } else if (term_is_atom(what) && of_flags
               && (read_spec(what) == SPEC_NEW
                   || term_same(what, ATOM_new_ports))) {
        answer = info_of_new(p, key);
    } else if (!term_is_local_pid(what)) {
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    }
    return term_is_none(answer) ? bif_error(p, ATOM_badarg) : answer;
}

// ---- delivery ----
// A tracer that has the answer has had all that happened before.

// Messages to tracers are sent when things happen, so that what [p] has been
// told of is on its way already: the answer goes by the one who is traced.
static bool answer_delivered(Node *node, Process *p, Signal *s)
{
    (void)p;
    Term ref = s->message;
    Heap h;
    heap_init(&h);
    Term message = heap_tuple3(&h, ATOM_trace_delivered,
                               term_tuple_get(ref, 0), term_tuple_get(ref, 1));
    signal_send_message(node, NULL, s->from, message);
    heap_free(&h);
    return false;
}

// all: oneself will do, for messages go straight to the tracer.
Term bif_erlang_trace_delivered_1(Process *p, const Term *args)
{
    Term who = args[0];
    if (!term_is_local_pid(who) && !term_same(who, ATOM_all))
        return bif_error(p, ATOM_badarg);
    Term ref = ref_new(p->node, process_heap(p));
    Signal *s = signal_new(SIGNAL_CALL, p->pid);
    s->call = answer_delivered;
    // Both terms go with the signal, on its heap.
    Term both = heap_tuple2(process_heap(p), who, ref);
    s->message = copy_term(p->node, &s->heap, both);
    signal_push(p->node, term_is_atom(who) ? p->pid : who, s);
    return ref;
}
