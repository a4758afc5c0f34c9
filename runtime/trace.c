// SPDX-License-Identifier: Apache-2.0
// Trace flags, and the messages to tracers.
//
// A tracer that has ended is found out when something is to be sent to it: its
// flags are cleared then, so nobody has to watch it.
#include "trace.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "memory.h"
#include "port.h"
#include "process_table.h"
#include "scheduler.h"
#include "signal.h"

TraceTable *trace_table_new(void)
{
    TraceTable *t = memory_zeroed(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    t->send.on = t->receive.on = true; // without patterns all is told
    return t;
}

void trace_table_free(TraceTable *t)
{
    if (t->send.spec != NULL) counted_release(&t->send.spec->counted);
    trace_modules_free(t->modules);
    if (t->receive.spec != NULL) counted_release(&t->receive.spec->counted);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

// ---- flags ----

// In the order in which trace_info lists them, from behind.
static const struct {
    uintptr_t name;
    uint32_t flag;
} flags[] = { // the last is named first
    {ATOM_BITS_timestamp, TRACE_TIMESTAMP},
    {ATOM_BITS_strict_monotonic_timestamp, TRACE_STRICT_MONOTONIC},
    {ATOM_BITS_monotonic_timestamp, TRACE_MONOTONIC},
    {ATOM_BITS_send, TRACE_SEND},
    {ATOM_BITS_receive, TRACE_RECEIVE},
    {ATOM_BITS_set_on_spawn, TRACE_SET_ON_SPAWN},
    {ATOM_BITS_call, TRACE_CALL},
    {ATOM_BITS_procs, TRACE_PROCS},
    {ATOM_BITS_set_on_first_spawn, TRACE_SET_ON_FIRST_SPAWN},
    {ATOM_BITS_set_on_link, TRACE_SET_ON_LINK},
    {ATOM_BITS_set_on_first_link, TRACE_SET_ON_FIRST_LINK},
    {ATOM_BITS_running, TRACE_RUNNING},
    {ATOM_BITS_exiting, TRACE_EXITING},
    {ATOM_BITS_garbage_collection, TRACE_GC},
    {ATOM_BITS_arity, TRACE_ARITY},
    {ATOM_BITS_return_to, TRACE_RETURN_TO},
    {ATOM_BITS_silent, TRACE_SILENT},
    {ATOM_BITS_scheduler_id, TRACE_SCHEDULER_ID},
    {ATOM_BITS_ports, TRACE_PORTS},
    {ATOM_BITS_running_ports, TRACE_RUNNING_PORTS},
    {ATOM_BITS_running_procs, TRACE_RUNNING_PROCS},
};

enum { FLAG_COUNT = sizeof flags / sizeof *flags };

uint32_t trace_flag(Term name)
{
    // Without silent: who traces all wants to hear of it.
    if (term_same(name, ATOM_all))
        return TRACE_ALL & ~(uint32_t)TRACE_SILENT;
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (flags[i].name == name.bits) return flags[i].flag;
    return 0;
}

// The list is built from its end.
Term trace_flag_names(Heap *h, uint32_t set)
{
    Term list = TERM_NIL;
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (set & flags[i].flag)
            list = heap_cons(h, (Term){flags[i].name}, list);
    return list;
}

// Zeroed: no flags, clocks at 0.
TraceState *trace_state(Process *p)
{
    if (p->trace == NULL) {
        p->trace = memory_zeroed(1, sizeof *p->trace);
        p->trace->tracer = TERM_NONE;
    }
    return p->trace;
}

void trace_free(Process *p)
{
    if (p->trace != NULL) free(p->trace->calls);
    free(p->trace);
    p->trace = NULL;
}

// Tokens count as well, for messages that carry one take the slow path; and
// saved calls, of which receiving is one.
void trace_update(Process *p)
{
    bool any = (p->trace != NULL && p->trace->flags != 0)
               || !term_is_nil(p->seq_token) || p->mailbox.tokens
               || (p->flags & PROCESS_SAVE_CALLS);
    p->flags &= ~(uint32_t)PROCESS_TRACED;
    if (any) p->flags |= PROCESS_TRACED;
}

void trace_inherit(Process *p, uint32_t set, Term tracer)
{
    TraceState *state = trace_state(p);
    state->flags = set;
    // Without flags a tracer means nothing.
    state->tracer = set == 0 ? TERM_NONE : tracer;
    trace_update(p);
}

bool trace_lives(Node *node, Term tracer)
{
    if (term_is_tuple(tracer))
        return trace_module_is_there(node, term_tuple_get(tracer, 0));
    if (term_is_local_port(tracer)) return port_exists(node, tracer);
    if (!term_is_local_pid(tracer)) return false;
    return process_table_find(node->processes, tracer) != NULL;
}

bool trace_set(Process *p, bool on, uint32_t set, Term tracer)
{
    uint32_t old = p->trace == NULL ? 0 : p->trace->flags;
    Term had = p->trace == NULL ? TERM_NONE : p->trace->tracer;
    // One tracer a process: another one only when the first has ended.
    bool other = old != 0 && !term_is_none(tracer) && !term_same(had, tracer);
    if (other && trace_lives(p->node, had)) return false;
    uint32_t now = on ? old | set : old & ~set;
    // Nothing to clear, nothing is made.
    if (now == old && p->trace == NULL) return true;
    trace_inherit(p, now, term_is_none(tracer) ? had : tracer);
    return true;
}

Term trace_tracer(Process *p)
{
    if (p->trace == NULL || term_is_none(p->trace->tracer)) return TERM_NONE;
    Term tracer = p->trace->tracer;
    // A process does not tell itself, though it may have been set so.
    if (term_same(tracer, p->pid)) return TERM_NONE;
    if (trace_lives(p->node, tracer)) return tracer;
    trace_inherit(p, 0, TERM_NONE);
    return TERM_NONE;
}

// ---- messages ----

void trace_begin(TraceMessage *m, Term what)
{
    heap_init(&m->heap);
    m->parts[0] = what;
    m->count = 1;
    m->self = TERM_NONE;
}

// As erlang:now/0 has it: millions of seconds, seconds, microseconds.
static Term time_term(Heap *h, int64_t us)
{
    int64_t seconds = us / 1000000;
    return heap_tuple3(h, term_small(seconds / 1000000),
                       term_small(seconds % 1000000),
                       term_small(us % 1000000));
}

// For dbg's cpu_timestamp.
static Term cpu_time(Heap *h)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return time_term(h, (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

// A time later than all that were told before, as erlang:now/0.
static Term now(Node *node, Heap *h)
{
    if (atomic_load(&node->trace->cpu_time)) return cpu_time(h);
    int64_t us = clock_system(node) / 1000;
    int64_t seen = atomic_load(&node->now_last);
    do {
        // Strictly later than any before, on all schedulers: a tie gets 1 more.
        if (us <= seen) us = seen + 1;
    } while (!atomic_compare_exchange_weak(&node->now_last, &seen, us));
    return time_term(h, us);
}

Term trace_stamp(Node *node, Heap *h, uint32_t set)
{
    if (set & TRACE_TIMESTAMP) return now(node, h);
    if (!(set & TRACE_ANY_STAMP)) return TERM_NONE;
    // One counter for all, shared with monotonic unique integers: so the order
    // holds across processes.
    uint64_t n = atomic_fetch_add(&node->unique_ordered, 1);
    Term time = heap_integer(h, clock_to_erlang(clock_monotonic()));
    if (!(set & TRACE_STRICT_MONOTONIC)) return time;
    return heap_tuple2(h, time, heap_integer(h, SMALL_MIN + (int64_t)n));
}

// {trace, About, What, ...}: order and number of parts are OTP's. The tracer
// does not want to be one any more if this is false.
static bool deliver(Node *node, TraceMessage *m, uint32_t set, Term about,
                    Term tracer)
{
    if (term_is_tuple(tracer)) {
        bool stays = trace_module_send(node, m, set, about, tracer);
        heap_free(&m->heap);
        return stays;
    }
    enum { MOST = TRACE_PARTS + 4 };
    Term all[MOST];
    unsigned n = 2;
    all[1] = about;
    for (unsigned i = 0; i < m->count; i++) all[n++] = m->parts[i];
    // The scheduler stands before the time.
    if (set & TRACE_SCHEDULER_ID) {
        const Scheduler *s = scheduler_self();
        all[n++] = term_small(s == NULL ? 0 : (intptr_t)s->index + 1);
    }
    Term time = trace_stamp(node, &m->heap, set);
    if (!term_is_none(time)) all[n++] = time;
    all[0] = term_is_none(time) ? ATOM_trace : ATOM_trace_ts;
    // Copied to the tracer: the heap here can go.
    signal_send_trace(node, tracer, heap_tuple(&m->heap, n, all));
    heap_free(&m->heap);
    return true;
}

void trace_send_to(Node *node, TraceMessage *m, uint32_t set, Term about,
                   Term tracer)
{
    deliver(node, m, set, about, tracer);
}

void trace_send(Process *p, TraceMessage *m)
{
    Term tracer = trace_tracer(p);
    if (term_is_none(tracer))
        // It has ended since it was asked for.
        heap_free(&m->heap);
    else if (!deliver(p->node, m, p->trace->flags, p->pid, tracer))
        trace_inherit(p, 0, TERM_NONE);
}
