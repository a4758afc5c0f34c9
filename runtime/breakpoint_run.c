// SPDX-License-Identifier: Apache-2.0
// Breakpoints: what happens when one is reached, and when its function
// returns.
//
// All of it runs in the process that makes the call, with its state saved. The
// stack may grow, but nothing is collected: x registers stay good.
#include "bitmatch.h"
#include "breakpoint.h"
#include "clock.h"
#include "gc.h"
#include "instruction.h"
#include "memory.h"
#include "process_table.h"
#include "trace.h"

#include <stdlib.h>

enum {
    FRAME_RETURN = 4, // words of a return_trace frame behind the address
    FRAME_MOST = FRAME_RETURN + 4 // all kinds of frame at once
};

// ---- frames ----

// A word as it stands on a stack: tag 00.
static Term address_of(const CodeWord *code)
{
    return (Term){(uintptr_t)code};
}

// By address: two of the codes have the same instruction.
int breakpoint_frame(const Node *node, Term at)
{
    const BreakpointTable *t = node->breakpoints;
    if (term_same(at, address_of(t->return_trace))
        || term_same(at, address_of(t->exception_trace)))
        return FRAME_RETURN;
    if (term_same(at, address_of(t->return_time))) return 1;
    return term_same(at, address_of(t->return_to)) ? 0 : -1;
}

// The return address that lies behind the frames of this file; [*returns_to]
// tells whether one of them is return_to.
static const CodeWord *real_return(const Process *p, bool *returns_to)
{
    // Frames of this file may lie on each other, for several kinds of
    // breakpoint; behind them stands the caller's return address.
    const Term *at = p->stack;
    int words;
    *returns_to = false;
    while (at < p->stack_base
           && (words = breakpoint_frame(p->node, *at)) >= 0) {
        if (words == 0) *returns_to = true;
        at += 1 + words;
    }
    return at < p->stack_base ? (const CodeWord *)at->bits : NULL;
}

static void push(Process *p, Term t)
{
    *--p->stack = t;
}

// Room was not checked when the function was called: calls need none.
static void make_room(Process *p)
{
    if ((size_t)(p->stack - p->stack_limit) < FRAME_MOST + FRAME_SLACK)
        gc_grow_stack(p, FRAME_MOST + FRAME_SLACK);
}

// As the head of breakpoint.h lists the words, from the last.
static void push_return(Process *p, const Breakpoint *b, bool exceptions,
                        Term tracer)
{
    const BreakpointTable *t = p->node->breakpoints;
    make_room(p);
    push(p, tracer);
    push(p, term_small((intptr_t)b->arity));
    push(p, b->function);
    push(p, b->module);
    push(p, address_of(exceptions ? t->exception_trace : t->return_trace));
}

// ---- calls ----

// The arguments as a list; what only matching code may see as bitstrings.
static Term list_args(Process *p, const Breakpoint *b, const Term *x)
{
    Term list = TERM_NIL;
    Heap *h = process_heap(p);
    for (uint32_t i = b->arity; i-- > 0;) {
        Term arg = x[i];
        if (term_has_subtag(arg, SUBTAG_MATCH)) {
            // A context is no term: what is left of its binary is.
            const MatchContext *m = match_context(arg);
            arg = heap_sub_bits(h, m->original, m->offset, match_left(m));
        }
        list = heap_cons(h, arg, list);
    }
    return list;
}

// One call at one breakpoint.
typedef struct {
    Process *process;       // that calls
    Breakpoint *breakpoint; // that it has met
    Term args;              // as a list, for specification and message
    MatchSpec *spec;        // held
    uint32_t flags;         // TRACE_... for the message
    Term tracer;            // who is told
    MatchActions actions;   // what the specification asked for
} Call;

// Whether the call is to be told; runs the specification.
static bool choose(Call *c)
{
    if (c->spec == NULL) return true;
    // {message, ...} and the like act while it runs.
    Term answer = match_spec_run(c->spec, c->process, c->args, false,
                                 &c->actions);
    return !term_is_none(answer)
           && !term_same(c->actions.message, ATOM_false);
}

static void tell_call(Call *c)
{
    const Breakpoint *b = c->breakpoint;
    TraceMessage m;
    trace_begin(&m, ATOM_call);
    // Only the number of arguments, for who wants it short.
    Term args = c->flags & TRACE_ARITY ? term_small((intptr_t)b->arity)
                                       : c->args;
    trace_add(&m, heap_tuple3(&m.heap, b->module, b->function, args));
    if (!term_is_none(c->actions.message)
        && !term_same(c->actions.message, ATOM_true))
        trace_add(&m, c->actions.message);
    trace_send_to(c->process->node, &m, c->flags, c->process->pid, c->tracer);
}

// What was built for the call is not needed any more; but a token may have
// been set on the heap, or the specification may have answered with fragments.
typedef struct {
    Term *top;           // of the heap before
    Fragment *fragments; // that there were then
    Term token;          // seq_token
} Mark;

static Mark mark(const Process *p)
{
    return (Mark){p->heap.top, p->heap.fragments, p->seq_token};
}

// Only if nothing but the main block has grown.
static void back_to(Process *p, const Mark *m)
{
    if (p->heap.fragments == m->fragments && p->heap.counted == NULL
        && term_same(p->seq_token, m->token))
        p->heap.top = m->top;
}

// The frames that the actions ask for.
static void push_frames(Call *c, bool returns_to, Term tracer)
{
    bool already;
    Process *p = c->process;
    make_room(p);
    real_return(p, &already);
    // One return_to is enough for calls that tail-call each other.
    if (returns_to && !already)
        push(p, address_of(p->node->breakpoints->return_to));
    if (c->actions.return_trace || c->actions.exception_trace)
        push_return(p, c->breakpoint, c->actions.exception_trace, tracer);
}

static void trace_call(Call *c, bool local)
{
    Process *p = c->process;
    bool told = choose(c);
    // The specification may have turned tracing off, or made it silent.
    uint32_t now = p->trace->flags;
    if (now & TRACE_SILENT) return;
    if (told) tell_call(c);
    // Return places are told of local calls, and only if the call was.
    push_frames(c, told && local && (now & TRACE_RETURN_TO), TERM_NIL);
}

// A meta trace needs no flags of the process.
static void meta_call(Call *c)
{
    if (choose(c)) tell_call(c);
    push_frames(c, false, c->tracer);
}

static bool is_dead(Node *node, Term tracer)
{
    return term_is_local_pid(tracer)
           && process_table_find(node->processes, tracer) == NULL;
}

// Takes what the breakpoint says for calls of its kind.
// Under the lock: specification and tracer may be changed by others.
static bool begin_call(Call *c, Process *p, Breakpoint *b, bool meta)
{
    BreakpointTable *t = p->node->breakpoints;
    *c = (Call){.process = p, .breakpoint = b,
                .actions = {.message = TERM_NONE, .traced = true,
                            .at_call = true}};
    pthread_mutex_lock(&t->data_lock);
    c->spec = meta ? b->meta_spec : b->spec;
    if (c->spec != NULL) counted_keep(&c->spec->counted);
    c->tracer = meta ? b->meta_tracer : TERM_NONE;
    pthread_mutex_unlock(&t->data_lock);
    if (meta) {
        // Meta calls carry a time, always.
        c->flags = TRACE_CALL | TRACE_TIMESTAMP;
    } else {
        c->tracer = trace_tracer(p); // may clear the flags of a dead tracer
        c->flags = p->trace->flags;
    }
    // A tracer does not tell of itself.
    bool good = !term_is_none(c->tracer) && !term_same(c->tracer, p->pid);
    if (good && meta && is_dead(p->node, c->tracer)) {
        good = false;
        pthread_mutex_lock(&t->data_lock);
        // Unless somebody has set another one since.
        if (term_same(b->meta_tracer, c->tracer)) b->meta_tracer = TERM_NONE;
        pthread_mutex_unlock(&t->data_lock);
    }
    if (!good && c->spec != NULL) counted_release(&c->spec->counted);
    return good;
}

static void run_call(Process *p, Breakpoint *b, const Term *x, uint32_t kind)
{
    Call c;
    bool meta = kind == BREAK_META;
    if (!begin_call(&c, p, b, meta)) return;
    // The list of arguments is garbage afterwards: the heap goes back.
    Mark m = mark(p);
    c.args = list_args(p, b, x);
    if (meta)
        meta_call(&c);
    else
        trace_call(&c, kind == BREAK_LOCAL);
    back_to(p, &m);
    if (c.spec != NULL) counted_release(&c.spec->counted);
}

// ---- time ----
// Times are kept for each process, by pid; under data_lock.

// Open addressing; never full, so there is a free place.
static CallTime *find_time(Breakpoint *b, uint64_t pid)
{
    size_t i = (size_t)(pid >> TAG_IMMEDIATE_BITS);
    while (b->times[i & (b->time_room - 1)].pid != 0
           && b->times[i & (b->time_room - 1)].pid != pid)
        i++;
    return &b->times[i & (b->time_room - 1)];
}

static void grow_times(Breakpoint *b)
{
    CallTime *old = b->times;
    size_t room = b->time_room;
    b->time_room = room == 0 ? 8 : room * 2;
    b->times = memory_zeroed(b->time_room, sizeof *b->times);
    for (size_t i = 0; i < room; i++)
        if (old[i].pid != 0) *find_time(b, old[i].pid) = old[i];
    free(old);
}

// 0 calls: only time; and the other way round.
static void add_time(Process *p, Breakpoint *b, uint64_t count, int64_t time)
{
    BreakpointTable *t = p->node->breakpoints;
    uint32_t kinds = atomic_load(&b->kinds);
    // Off, or paused meanwhile.
    if (!(kinds & BREAK_TIME) || (kinds & BREAK_TIME_PAUSED)) return;
    pthread_mutex_lock(&t->data_lock);
    // At most half full.
    if (2 * (b->time_count + 1) > b->time_room) grow_times(b);
    CallTime *c = find_time(b, p->pid.bits);
    if (c->pid == 0) b->time_count++;
    c->pid = p->pid.bits;
    c->count += count;
    c->time += time;
    pthread_mutex_unlock(&t->data_lock);
}

// From now on the time of [b] runs, no longer that of what ran before.
static void switch_time(Process *p, Breakpoint *b, uint64_t count)
{
    TraceState *t = trace_state(p);
    int64_t now = clock_monotonic();
    // The function before stops counting: times are of each alone.
    if (t->timed != NULL) add_time(p, t->timed, 0, now - t->timed_since);
    if (b != NULL && count > 0) add_time(p, b, count, 0);
    t->timed = b;
    t->timed_since = now;
}

// Behind a frame of this file a function calls as the last thing it does: its
// own frame will do.
static void time_call(Process *p, Breakpoint *b)
{
    TraceState *t = trace_state(p);
    Breakpoint *before = t->timed;
    switch_time(p, b, 1);
    // A tail call: whoever returns finds the frame that is there.
    if (breakpoint_frame(p->node, p->stack[0]) >= 0) return;
    make_room(p);
    // Shifted: addresses are multiples of 16, and a small keeps them.
    push(p, before == NULL ? TERM_NIL
                           : term_small((intptr_t)((uintptr_t)before >> 4)));
    push(p, address_of(p->node->breakpoints->return_time));
}

static Breakpoint *breakpoint_from(Term t)
{
    if (!term_is_small(t)) return NULL;
    return (Breakpoint *)((uintptr_t)term_small_value(t) << 4);
}

void breakpoint_return_time(Process *p)
{
    Breakpoint *before = breakpoint_from(*p->stack++);
    // The time may have been turned off in between.
    if (p->trace != NULL && p->trace->timed != NULL)
        switch_time(p, before, 0);
}

// Out: what has run so far is added. In: it starts from here.
void breakpoint_pause_time(Process *p, bool in)
{
    TraceState *t = p->trace;
    int64_t now = clock_monotonic();
    if (!in) add_time(p, t->timed, 0, now - t->timed_since);
    t->timed_since = now;
}

// ---- entering ----

// In the order in which OTP tells of them; a local one replaces global.
static void run(Process *p, Breakpoint *b, const Term *x)
{
    uint32_t kinds = atomic_load(&b->kinds);
    bool calls = trace_is_on(p, TRACE_CALL);
    if (calls && (kinds & BREAK_LOCAL))
        run_call(p, b, x, BREAK_LOCAL);
    else if (calls && (kinds & BREAK_GLOBAL))
        run_call(p, b, x, BREAK_GLOBAL);
    // Meta tracing is of the function, whoever calls it.
    if ((kinds & BREAK_META) && !(p->flags & PROCESS_SENSITIVE))
        run_call(p, b, x, BREAK_META);
    if ((kinds & BREAK_COUNT) && !(kinds & BREAK_COUNT_PAUSED))
        // Relaxed: a counter, read now and then.
        atomic_fetch_add_explicit(&b->count, 1, memory_order_relaxed);
    if (calls && (kinds & BREAK_TIME) && !(kinds & BREAK_TIME_PAUSED))
        time_call(p, b);
}

// The loop goes on with what stood at the entry.
int32_t breakpoint_enter(Process *p, const CodeWord *entry, Term *x)
{
    Breakpoint *b = breakpoint_of(entry);
    run(p, b, x);
    return atomic_load(&b->original);
}

// Where the export has led before.
const CodeWord *breakpoint_enter_export(Process *p, Export *e, Term *x)
{
    Breakpoint *b = atomic_load(&e->breakpoint);
    run(p, b, x);
    return atomic_load(&b->target);
}

// ---- returning ----

// Sends [what] about the function of a return frame; [kind] says whose.
// nil: traced by the flags of the process; else a meta tracer.
static void tell_return(Process *p, const Term *frame, Term what, Term value)
{
    TraceMessage m;
    Term tracer = frame[3];
    bool own = term_is_nil(tracer);
    uint32_t set = TRACE_CALL | TRACE_TIMESTAMP;
    if (own) {
        // Tracing may have been turned off since the call.
        if (!trace_is_on(p, TRACE_CALL)) return;
        tracer = trace_tracer(p);
        set = p->trace->flags;
        if (term_is_none(tracer)) return;
    }
    trace_begin(&m, what);
    trace_add(&m, heap_tuple3(&m.heap, frame[0], frame[1], frame[2]));
    trace_add(&m, value);
    trace_send_to(p->node, &m, set, p->pid, tracer);
}

// The words are read before anything else is pushed.
void breakpoint_return(Process *p, Term value)
{
    const Term *frame = p->stack;
    p->stack += FRAME_RETURN;
    tell_return(p, frame, ATOM_return_from, value);
}

static void tell_return_to(Process *p, const CodeWord *pc)
{
    CodePlace place;
    TraceMessage m;
    if (!trace_is_on(p, TRACE_RETURN_TO)) return;
    trace_begin(&m, ATOM_return_to);
    if (pc != NULL && code_place(p->node, pc, &place))
        trace_add(&m, heap_tuple3(&m.heap, place.module, place.function,
                                  term_small((intptr_t)place.arity)));
    else
        trace_add(&m, ATOM_undefined);
    trace_send(p, &m);
}

void breakpoint_return_to(Process *p)
{
    bool again;
    const CodeWord *pc = real_return(p, &again);
    // The one further up tells it, in the same place. Into the call: the
    // address behind it may be of the next line.
    if (!again) tell_return_to(p, pc == NULL ? NULL : pc - 1);
}

// From the inside out, as functions would have returned.
void breakpoint_unwind(Process *p, const Term *to, const CodeWord *handler)
{
    const BreakpointTable *t = p->node->breakpoints;
    bool returns_to = false;
    for (const Term *at = p->stack; at < to; at++) {
        if (!breakpoint_is_frame(p->node, *at)) continue;
        if (term_same(*at, address_of(t->exception_trace))) {
            // The heap is only for the tuple; the message is copied.
            Heap h;
            heap_init(&h);
            tell_return(p, at + 1, ATOM_exception_from,
                        heap_tuple2(&h, p->exception_class,
                                    p->exception_value));
            heap_free(&h);
        } else if (term_same(*at, address_of(t->return_to))) {
            // Told once, when all frames are passed.
            returns_to = true;
        } else if (term_same(*at, address_of(t->return_time))) {
            if (p->trace != NULL && p->trace->timed != NULL)
                switch_time(p, breakpoint_from(at[1]), 0);
        }
    }
    // The handler is where it returns to.
    if (returns_to && handler != NULL) tell_return_to(p, handler);
}
