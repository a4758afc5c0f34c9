// SPDX-License-Identifier: Apache-2.0
// What happens to traced processes, but for calls (breakpoint.h).
//
// Each function is called by the process it is about, at the moment when it
// happens, and answers at once when the flag is not set. Messages are built on
// heaps of their own, so tracing leaves no garbage on the process's heap but
// what specifications need.
#include "code.h"
#include "gc.h"
#include "identifier.h"
#include "memory.h"
#include "process_table.h"
#include "seq_trace.h"
#include "signal.h"
#include "trace.h"

#include <stdlib.h>

// ---- messages ----

// What the pattern for sent or received messages says of the one with [args]:
// false when it is not to be told. [*extra] is what {message, Term} gave.
static bool choose(Process *p, const TraceEvent *event, Term args,
                   Term *extra)
{
    TraceTable *t = p->node->trace;
    *extra = TERM_NONE;
    pthread_mutex_lock(&t->lock);
    bool on = event->on;
    MatchSpec *spec = event->spec;
    // Held while it runs: the pattern may be replaced meanwhile.
    if (spec != NULL) counted_keep(&spec->counted);
    pthread_mutex_unlock(&t->lock);
    if (spec == NULL) return on;
    MatchActions actions = {.message = TERM_NONE, .traced = true};
    Term answer = match_spec_run(spec, p, args, false, &actions);
    counted_release(&spec->counted);
    if (term_is_none(answer) || term_same(actions.message, ATOM_false))
        // No match, or {message, false}.
        return false;
    // True: as without a message.
    if (!term_same(actions.message, ATOM_true)) *extra = actions.message;
    // Asked after the run: the specification may have made it silent.
    return !trace_is_on(p, TRACE_SILENT);
}

// Only who chooses needs the arguments.
static bool has_spec(TraceTable *t, const TraceEvent *event)
{
    pthread_mutex_lock(&t->lock);
    bool has = event->spec != NULL;
    pthread_mutex_unlock(&t->lock);
    return has;
}

void trace_sent(Process *p, Term to, Term message)
{
    TraceTable *t = p->node->trace;
    Term args = TERM_NIL, extra;
    if (!trace_is_on(p, TRACE_SEND)) return;
    // The specification matches [To, Message].
    if (has_spec(t, &t->send)) {
        Term both[] = {to, message};
        args = heap_list(process_heap(p), 2, both, TERM_NIL);
    }
    if (!choose(p, &t->send, args, &extra)) return;
    // Asked by the sender, so it may be out of date when it is read.
    bool gone = term_is_local_pid(to)
                && process_table_find(p->node->processes, to) == NULL;
    TraceMessage m;
    trace_begin(&m, gone ? ATOM_send_to_non_existing_process : ATOM_send);
    trace_add(&m, message);
    trace_add(&m, to);
    if (!term_is_none(extra)) trace_add(&m, extra);
    trace_send(p, &m);
}

void trace_received(Process *p, Term from, Term message)
{
    TraceTable *t = p->node->trace;
    Term args = TERM_NIL, extra;
    if (!trace_is_on(p, TRACE_RECEIVE)) return;
    if (has_spec(t, &t->receive)) {
        bool pid = !term_is_none(from) && term_is_pid(from);
        bool local = pid && term_is_local_pid(from);
        Term node = ATOM_undefined; // of a port, or nobody
        if (term_same(from, ATOM_clock_service)) node = from;
        if (local) node = atomic_load(&p->node->name);
        else if (pid) node = identifier_node(from)->name;
        // The specification matches [Node or name, Sender, Message]; of another
        // node's process only the node is told.
        Term all[] = {node, local ? from : ATOM_undefined, message};
        args = heap_list(process_heap(p), 3, all, TERM_NIL);
    }
    if (!choose(p, &t->receive, args, &extra)) return;
    TraceMessage m;
    trace_begin(&m, ATOM_receive);
    trace_add(&m, message);
    if (!term_is_none(extra)) trace_add(&m, extra);
    trace_send(p, &m);
}

// ---- life ----

void trace_process(Process *p, Term what, Term data)
{
    TraceMessage m;
    if (!trace_is_on(p, TRACE_PROCS)) return;
    trace_begin(&m, what);
    trace_add(&m, data);
    trace_send(p, &m);
}

// In the context of the one it is about.
static bool tell(Node *node, Process *p, Signal *s)
{
    (void)node;
    // It may have ended: nobody to tell.
    if (p != NULL)
        trace_process(p, term_tuple_get(s->message, 0),
                      term_tuple_get(s->message, 1));
    return false;
}

void trace_process_of(Process *self, Term pid, Term what, Term data)
{
    if (term_same(self->pid, pid)) {
        trace_process(self, what, data);
        return;
    }
    if (!term_is_local_pid(pid)) return;
    // Whether it is traced only its owner knows; names are given seldom.
    Signal *s = signal_new(SIGNAL_CALL, self->pid);
    s->call = tell;
    s->message = heap_tuple2(&s->heap, what, data);
    signal_push(self->node, pid, s);
}

static void tell_spawn(Process *p, Term what, Term other,
                       const SpawnOptions *o)
{
    TraceMessage m;
    if (!trace_is_on(p, TRACE_PROCS)) return;
    trace_begin(&m, what);
    trace_add(&m, other);
    trace_add(&m, heap_tuple3(&m.heap, o->module, o->function, o->args));
    trace_send(p, &m);
    // A link by spawning has a message of its own, from both sides.
    if (o->link)
        trace_process(p, term_same(what, ATOM_spawn) ? ATOM_link
                                                     : ATOM_getting_linked,
                      other);
}

// Flags that [child] gets from its traced parent. Those of the first spawn are
// taken from both.
static void inherit(Process *parent, Process *child, bool link)
{
    TraceState *t = parent->trace;
    uint32_t taken = 0;
    if (t == NULL) return;
    // Taken from the parent as well: it was the first one.
    if (t->flags & TRACE_SET_ON_FIRST_SPAWN) taken |= TRACE_ANY_SPAWN;
    if (link && (t->flags & TRACE_SET_ON_FIRST_LINK)) taken |= TRACE_ANY_LINK;
    bool gets = (t->flags & TRACE_ANY_SPAWN)
                || (link && (t->flags & TRACE_ANY_LINK));
    if (!gets) return;
    t->flags &= ~taken; // both have the same flags and tracer from here on
    trace_inherit(child, t->flags, t->tracer);
}

// Mostly nobody traces new processes: one relaxed read.
static void inherit_default(Process *child)
{
    TraceTable *t = child->node->trace;
    if (atomic_load_explicit(&t->new_flags, memory_order_relaxed) == 0) return;
    pthread_mutex_lock(&t->lock);
    uint32_t set = atomic_load(&t->new_flags);
    Term tracer = t->new_tracer;
    pthread_mutex_unlock(&t->lock);
    // The tracer itself is not traced by itself.
    if (set != 0 && !term_same(tracer, child->pid))
        trace_inherit(child, set, tracer);
}

// The default first: a parent's flags override it.
void trace_spawned(Process *parent, Process *child, const SpawnOptions *o)
{
    inherit_default(child);
    if (parent != NULL && (parent->flags & PROCESS_TRACED)) {
        if (seq_trace_is_on(parent)) seq_trace_spawn(parent, child, o);
        inherit(parent, child, o->link);
        tell_spawn(parent, ATOM_spawn, child->pid, o);
    }
    if (child->flags & PROCESS_TRACED)
        tell_spawn(child, ATOM_spawned,
                   parent == NULL ? ATOM_undefined : parent->pid, o);
}

// What goes to a process that one is linked to.
typedef struct {
    uint32_t flags;
    Term tracer;
} Inheritance;

// Runs in the one that is linked; it keeps what it has.
static bool take_inheritance(Node *node, Process *p, Signal *s)
{
    (void)node;
    Inheritance *i = s->data;
    if (p != NULL && (p->trace == NULL || p->trace->flags == 0))
        trace_inherit(p, i->flags, i->tracer);
    free(i);
    return false;
}

static void bequeath(Process *p, Term to)
{
    TraceState *t = p->trace;
    // The first link takes it from both.
    if (t->flags & TRACE_SET_ON_FIRST_LINK)
        t->flags &= ~(uint32_t)TRACE_ANY_LINK;
    Inheritance *i = memory_alloc(sizeof *i);
    // By value: the giver's state may change before it arrives.
    *i = (Inheritance){t->flags, t->tracer};
    Signal *s = signal_new(SIGNAL_CALL, p->pid);
    s->call = take_inheritance;
    s->data = i;
    signal_push(p->node, to, s);
}

void trace_linked(Process *p, Term to)
{
    trace_process(p, ATOM_link, to);
    if (trace_is_on(p, TRACE_ANY_LINK)) bequeath(p, to);
}

void trace_getting_linked(Process *p, bool link, Term from)
{
    trace_process(p, link ? ATOM_getting_linked : ATOM_getting_unlinked, from);
}

// While its heap still stands.
void trace_ended(Process *p)
{
    trace_process(p, ATOM_exit, p->exit_reason);
    Term name = atomic_load(&p->name);
    if (!term_is_none(name)) trace_process(p, ATOM_unregister, name);
}

// ---- running ----

// Where it stands: {M, F, Arity}, or 0.
static Term function_of(Process *p, Heap *h)
{
    CodePlace place;
    const Export *native = code_native(p->pc);
    if (native != NULL) {
        FunctionName name = code_name_of(native);
        return heap_tuple3(h, name.module, name.function,
                           term_small(native->arity));
    }
    if (!code_place(p->node, p->pc, &place)) {
        // In a stub of another kind: the function that called it.
        if (p->stack == p->stack_base
            || !code_place(p->node, (const CodeWord *)p->stack[0].bits,
                           &place))
            return term_small(0);
    }
    return heap_tuple3(h, place.module, place.function,
                       term_small(place.arity));
}

void trace_scheduled(Process *p, Term what)
{
    TraceMessage m;
    bool ends = term_same(what, ATOM_out_exited)
                || term_same(what, ATOM_out_exiting)
                || term_same(what, ATOM_in_exiting);
    // Running covers both names for processes.
    uint32_t set = ends ? TRACE_EXITING : TRACE_RUNNING | TRACE_RUNNING_PROCS;
    if (!trace_is_on(p, set)) return;
    trace_begin(&m, what);
    // Whoever ends has no place any more.
    trace_add(&m, ends ? term_small(0) : function_of(p, &m.heap));
    trace_send(p, &m);
}

// Time of call_time runs while the process runs only.
void trace_runs(Process *p, bool in)
{
    bool ends = process_is_exiting(p);
    if (p->trace != NULL && p->trace->timed != NULL)
        breakpoint_pause_time(p, in);
    if (in)
        trace_scheduled(p, ends ? ATOM_in_exiting : ATOM_in);
    else if (!ends) // its end is told by out_exited
        trace_scheduled(p, ATOM_out);
}

// In front of gc_info's list: what was wanted, or was freed.
void trace_collected(Process *p, Term what, size_t words)
{
    TraceMessage m;
    if (!trace_is_on(p, TRACE_GC)) return;
    trace_begin(&m, what);
    Term size = heap_tuple2(&m.heap, ATOM_wordsize,
                            heap_unsigned(&m.heap, words));
    trace_add(&m, heap_cons(&m.heap, size, gc_info(p, &m.heap)));
    trace_send(p, &m);
}
