// SPDX-License-Identifier: Apache-2.0
// Match actions. Those that change who is traced only do so when a call is
// looked at, not when a specification is tried out.
//
// Their answers are what the forms are documented to give: mostly true. Terms
// are built on the process's heap; back_to in breakpoint_run.c gives it back.
#include "match_action.h"

#include <stdio.h>

#include "breakpoint.h"
#include "buffer.h"
#include "code.h"
#include "exception.h"
#include "print.h"
#include "process.h"
#include "process_table.h"
#include "registry.h"
#include "seq_trace.h"
#include "runtime_bifs.gen.h"
#include "signal.h"
#include "trace.h"

const MatchActionInfo *match_action_find(Term name)
{
    static const MatchActionInfo actions[] = {
        {ATOM_BITS_message, ACTION_MESSAGE, 1, 1, false},
        {ATOM_BITS_return_trace, ACTION_RETURN_TRACE, 0, 0, false},
        {ATOM_BITS_exception_trace, ACTION_EXCEPTION_TRACE, 0, 0, false},
        {ATOM_BITS_silent, ACTION_SILENT, 1, 1, false},
        {ATOM_BITS_caller, ACTION_CALLER, 0, 0, false},
        {ATOM_BITS_caller_line, ACTION_CALLER_LINE, 0, 0, false},
        {ATOM_BITS_current_stacktrace, ACTION_STACKTRACE, 0, 1, false},
        {ATOM_BITS_process_dump, ACTION_PROCESS_DUMP, 0, 0, false},
        {ATOM_BITS_display, ACTION_DISPLAY, 1, 1, false},
        {ATOM_BITS_enable_trace, ACTION_ENABLE_TRACE, 1, 2, false},
        {ATOM_BITS_disable_trace, ACTION_DISABLE_TRACE, 1, 2, false},
        {ATOM_BITS_trace, ACTION_TRACE, 2, 3, false},
        {ATOM_BITS_set_tcw, ACTION_SET_CONTROL, 1, 1, false},
        {ATOM_BITS_get_tcw, ACTION_GET_CONTROL, 0, 0, true},
        {ATOM_BITS_is_seq_trace, ACTION_IS_SEQ_TRACE, 0, 0, true},
        {ATOM_BITS_set_seq_token, ACTION_SET_SEQ_TOKEN, 2, 2, false},
        {ATOM_BITS_get_seq_token, ACTION_GET_SEQ_TOKEN, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (actions[i].name == name.bits) return &actions[i];
    return NULL;
}

// ---- who called ----

// The function that the call returns to; false when it is the first one.
static bool find_caller(const Process *p, const MatchActions *a,
                        CodePlace *place)
{
    const Term *at = p->stack;
    int words;
    if (!a->at_call) return false;
    // Frames of breakpoints are no callers.
    while (at < p->stack_base
           && (words = breakpoint_frame(p->node, *at)) >= 0)
        at += 1 + words;
    if (at == p->stack_base) return false;
    return code_place(p->node, (const CodeWord *)at->bits - 1, place);
}

// {M, F, Arity}, with {File, Line} as a fourth for caller_line.
static Term caller(Process *p, const MatchActions *a, bool line)
{
    CodePlace place;
    Heap *h = process_heap(p);
    if (!find_caller(p, a, &place)) return ATOM_undefined;
    Term mfa[4] = {place.module, place.function,
                   term_small((intptr_t)place.arity)};
    if (!line) return heap_tuple(h, 3, mfa);
    mfa[3] = place.line == 0
                 ? ATOM_undefined
                 : heap_tuple2(h, place.file, term_small(place.line));
    return heap_tuple(h, 4, mfa);
}

// Only the frames below: the call itself has none yet.
static Term stack_trace(Process *p, size_t n, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = exception_current_trace(p, h, NULL);
    size_t most;
    if (n == 0 || !bif_get_size(args[0], &most)) return list;
    Term kept[64];
    size_t count = 0;
    for (; term_is_cons(list) && count < most && count < 64;
         list = term_tail(list))
        kept[count++] = term_head(list);
    return heap_list(h, count, kept, TERM_NIL);
}

static Term process_dump(Process *p)
{
    Buffer b;
    char text[64];
    buffer_init(&b);
    PrintOptions o;
    print_options_init(&o);
    buffer_add(&b, "=proc:", 6);
    print_write(p->node, &b, p->pid, &o);
    int size = snprintf(text, sizeof text, "\nState: Running\nStack: %zu\n",
                        (size_t)(p->stack_base - p->stack));
    buffer_add(&b, text, (size_t)size);
    Term t = heap_binary(process_heap(p), b.bytes, b.size);
    buffer_free(&b);
    return t;
}

// ---- who is traced ----

static uint32_t flag_of(Term t)
{
    return term_is_atom(t) ? trace_flag(t) : 0;
}

static uint32_t flags_of(Term list)
{
    uint32_t flags = 0;
    for (; term_is_cons(list); list = term_tail(list))
        flags |= flag_of(term_head(list));
    return flags;
}

// The tracer in a list of flags.
static Term tracer_in(Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term t = term_head(list);
        if (term_is_tuple_of(t, 2)
            && term_same(term_tuple_get(t, 0), ATOM_tracer))
            return term_tuple_get(t, 1);
    }
    return TERM_NONE;
}

// A registered name stands for its process.
static Term id_of(Process *p, Term t)
{
    if (!term_is_atom(t)) return t;
    return registry_find(p->node->registry, t);
}

// What is to become of a process's flags.
typedef struct {
    uint32_t off, on;
    Term tracer; // who is to trace; nobody ends it
    bool keep;   // its tracer stays
} Change;

static void change(Process *p, const Change *c)
{
    uint32_t old = p->trace == NULL ? 0 : p->trace->flags;
    Term had = p->trace == NULL ? TERM_NONE : p->trace->tracer;
    Term tracer = c->keep ? had : c->tracer;
    // Without a tracer flags mean nothing: all are cleared.
    uint32_t now = term_is_none(tracer) ? 0 : (old & ~c->off) | c->on;
    if (now != old || !term_same(had, tracer)) trace_inherit(p, now, tracer);
}

// Of another process: in its own context.
static bool take_change(Node *node, Process *p, Signal *s)
{
    (void)node;
    Change *c = s->data;
    if (p != NULL) change(p, c);
    free(c);
    return false;
}

static Term apply(Process *p, Term id, Change c)
{
    id = id_of(p, id);
    if (term_same(id, p->pid)) {
        change(p, &c);
    } else if (term_is_local_pid(id)) {
        Signal *s = signal_new(SIGNAL_CALL, p->pid);
        Change *copy = memory_alloc(sizeof *copy);
        *copy = c;
        s->call = take_change;
        s->data = copy;
        signal_push(p->node, id, s);
    }
    return ATOM_true;
}

static Term own_tracer(const Process *p)
{
    return p->trace == NULL ? TERM_NONE : p->trace->tracer;
}

// {trace, [Pid,] Off, On}
static Term retrace(Process *p, size_t n, const Term *args)
{
    const Term *lists = args + n - 2;
    Term tracer = tracer_in(lists[1]);
    if (term_is_none(tracer)) tracer = own_tracer(p);
    // A dead tracer traces nobody.
    if (term_is_local_pid(tracer)
        && process_table_find(p->node->processes, tracer) == NULL)
        tracer = TERM_NONE;
    Change c = {flags_of(lists[0]), flags_of(lists[1]), tracer, false};
    return apply(p, n == 3 ? args[0] : p->pid, c);
}

static Term enable(Process *p, size_t n, const Term *args, bool on)
{
    uint32_t flag = flag_of(args[n - 1]);
    // Turning off keeps the tracer, turning on needs this one's.
    Change c = {on ? 0 : flag, on ? flag : 0, own_tracer(p), !on};
    return apply(p, n == 2 ? args[0] : p->pid, c);
}

// Answers true whatever is given, as documented.
static Term set_silent(Process *p, Term value)
{
    if (p->trace == NULL) return ATOM_true;
    if (term_same(value, ATOM_true))
        p->trace->flags |= TRACE_SILENT;
    else if (term_same(value, ATOM_false))
        p->trace->flags &= ~(uint32_t)TRACE_SILENT;
    return ATOM_true;
}

// Answers what it was; [really] sets it.
static Term set_control(Process *p, Term value, bool really)
{
    uint64_t n;
    _Atomic uint32_t *word = &p->node->trace->control_word;
    uint32_t old = atomic_load(word);
    if (!bif_get_uint64(value, &n) || n > UINT32_MAX) return TERM_NONE;
    if (really) atomic_store(word, (uint32_t)n);
    return term_small((intptr_t)old);
}

// ---- all ----

// What changes the process; the value is true.
static Term act(Process *p, unsigned action, size_t n, const Term *args)
{
    switch ((MatchAction)action) {
    case ACTION_SILENT: return set_silent(p, args[0]);
    case ACTION_ENABLE_TRACE: return enable(p, n, args, true);
    case ACTION_DISABLE_TRACE: return enable(p, n, args, false);
    case ACTION_TRACE: return retrace(p, n, args);
    case ACTION_SET_SEQ_TOKEN:
        return term_is_none(seq_trace_set(p, args[0], args[1])) ? ATOM_false
                                                               : ATOM_true;
    default: return ATOM_true;
    }
}

// Those that only say something are done also when tried out
// (erlang:match_spec_test).
Term match_action(Process *p, unsigned action, size_t n, const Term *args,
                  MatchActions *a)
{
    switch ((MatchAction)action) {
    case ACTION_MESSAGE:
        a->message = args[0];
        return ATOM_true;
    case ACTION_RETURN_TRACE:
        a->return_trace = true;
        return ATOM_true;
    case ACTION_EXCEPTION_TRACE:
        a->exception_trace = true;
        return ATOM_true;
    case ACTION_CALLER:
    case ACTION_CALLER_LINE:
        return caller(p, a, action == ACTION_CALLER_LINE);
    case ACTION_STACKTRACE: return stack_trace(p, n, args);
    case ACTION_PROCESS_DUMP: return process_dump(p);
    case ACTION_DISPLAY:
        bif_erlang_display_1(p, args);
        return ATOM_true;
    case ACTION_GET_CONTROL:
        return term_small(
            (intptr_t)atomic_load(&p->node->trace->control_word));
    case ACTION_IS_SEQ_TRACE:
        return term_is_nil(p->seq_token) ? ATOM_false : ATOM_true;
    case ACTION_GET_SEQ_TOKEN: return p->seq_token;
    case ACTION_SET_CONTROL:
        return set_control(p, args[0], a->traced);
    default:
        return a->traced ? act(p, action, n, args) : ATOM_true;
    }
}
