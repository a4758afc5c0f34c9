// SPDX-License-Identifier: Apache-2.0
// Breakpoints: setting, clearing, and what is told about them.
//
// The order of stores matters, as other threads run the code meanwhile: going
// on, the handler or stub is set before the kinds; going off, the kinds are
// cleared before it goes. A thread in between meets a breakpoint without kinds,
// which does nothing.
#include "breakpoint.h"

#include <stdlib.h>

#include "copy.h"
#include "instruction.h"
#include "memory.h"
#include "saved_calls.h"
#include "trace.h"

BreakpointTable *breakpoint_table_new(void)
{
    BreakpointTable *t = memory_zeroed(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->data_lock, NULL);
    // Two words with the same instruction: the frame is told by its address.
    t->return_trace[0] = t->exception_trace[0] = code_plain(OP_return_trace);
    t->return_to[0] = code_plain(OP_return_to_trace);
    t->return_time[0] = code_plain(OP_return_time);
    return t;
}

// Counted: a specification may serve many functions.
static void set_spec(MatchSpec **place, MatchSpec *spec)
{
    if (spec != NULL) counted_keep(&spec->counted);
    if (*place != NULL) counted_release(&(*place)->counted);
    *place = spec;
}

// No process runs any more: nobody is at a breakpoint.
void breakpoint_table_free(BreakpointTable *t)
{
    while (t->all != NULL) {
        Breakpoint *b = t->all;
        t->all = b->next;
        set_spec(&b->spec, NULL);
        set_spec(&b->meta_spec, NULL);
        free(b->times);
        free(b);
    }
    set_spec(&t->loading.spec, NULL);
    set_spec(&t->loading_meta, NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_mutex_destroy(&t->data_lock);
    free(t);
}

void breakpoint_lock(Node *node)
{
    pthread_mutex_lock(&node->breakpoints->lock);
}

void breakpoint_unlock(Node *node)
{
    pthread_mutex_unlock(&node->breakpoints->lock);
}

// ---- places ----

// The word lies in code, which is constant for all but this file.
static _Atomic(Breakpoint *) *place_of(const CodeWord *entry)
{
    const CodeWord *word = function_info(entry) + FUNCTION_BREAKPOINT;
    return (_Atomic(Breakpoint *) *)(uintptr_t)word;
}

// Acquire: what the breakpoint holds is seen with it.
Breakpoint *breakpoint_of(const CodeWord *entry)
{
    return atomic_load_explicit(place_of(entry), memory_order_acquire);
}

// Once for each place; under the lock.
static Breakpoint *add(Node *node, _Atomic(Breakpoint *) *place, Term module,
                       Term function, uint32_t arity)
{
    Breakpoint *b = atomic_load(place);
    if (b != NULL) return b;
    b = memory_zeroed(1, sizeof *b);
    b->module = module;
    b->function = function;
    b->arity = arity;
    b->meta_tracer = TERM_NONE;
    b->next = node->breakpoints->all;
    node->breakpoints->all = b;
    atomic_store(place, b); // complete by now
    return b;
}

// Has the code at [at] begin with [op], or with what stood there.
static void patch(Breakpoint *b, const CodeWord *at, Op op)
{
    CodeWord *code = (CodeWord *)(uintptr_t)at;
    int32_t handler = loop_handlers()[op];
    // Stands there already: original must not become itself.
    if (code_handler(code) == handler) return;
    // First, for the new handler asks for it at once.
    atomic_store(&b->original, code_handler(code));
    code_set_handler(code, handler);
}

static void restore(Breakpoint *b, const CodeWord *at)
{
    CodeWord *code = (CodeWord *)(uintptr_t)at;
    // Whatever else stands there was not put there by patch.
    int32_t here = code_handler(code);
    if (here == loop_handlers()[OP_breakpoint]
        || here == loop_handlers()[OP_breakpoint_bif])
        code_set_handler(code, atomic_load(&b->original));
}

// The loader's NIFs and the like change entries too: below a breakpoint its
// original is changed.
void breakpoint_replace(CodeWord *entry, Op op)
{
    Breakpoint *b = breakpoint_of(entry);
    if (b != NULL && code_handler(entry) == loop_handlers()[OP_breakpoint])
        atomic_store(&b->original, loop_handlers()[op]);
    else
        code_set_handler(entry, loop_handlers()[op]);
}

// ---- what a breakpoint does ----

static void reset_count(Breakpoint *b)
{
    atomic_store(&b->count, 0);
}

// Times of all processes; under data_lock.
static void reset_times(Breakpoint *b)
{
    free(b->times);
    b->times = NULL;
    b->time_count = b->time_room = 0;
}

// Counters and times that are there start again or pause; only PATTERN_ON
// makes new ones.
static uint32_t start(uint32_t kinds, const BreakpointPattern *p,
                      uint32_t kind, uint32_t paused)
{
    bool had = kinds & kind; // restart and pause act on what is there
    if (!(p->kinds & kind) || (!had && p->on != PATTERN_ON)) return kinds;
    kinds = (kinds | kind) & ~paused;
    return p->on == PATTERN_PAUSE ? kinds | paused : kinds;
}

static uint32_t start_counters(Breakpoint *b, uint32_t kinds,
                               const BreakpointPattern *p)
{
    if (p->on != PATTERN_PAUSE && (p->kinds & BREAK_COUNT)) reset_count(b);
    if (p->on != PATTERN_PAUSE && (p->kinds & BREAK_TIME)) reset_times(b);
    kinds = start(kinds, p, BREAK_COUNT, BREAK_COUNT_PAUSED);
    return start(kinds, p, BREAK_TIME, BREAK_TIME_PAUSED);
}

// The kinds of [b] after [p]; its specifications are set.
static uint32_t change(Node *node, Breakpoint *b, const BreakpointPattern *p)
{
    uint32_t kinds = atomic_load(&b->kinds);
    pthread_mutex_lock(&node->breakpoints->data_lock);
    if (p->on == PATTERN_OFF) {
        // A counter that goes takes its pause along.
        kinds &= ~p->kinds;
        if (!(kinds & BREAK_COUNT)) kinds &= ~(uint32_t)BREAK_COUNT_PAUSED;
        if (!(kinds & BREAK_TIME)) kinds &= ~(uint32_t)BREAK_TIME_PAUSED;
        if (p->kinds & (BREAK_LOCAL | BREAK_GLOBAL)) set_spec(&b->spec, NULL);
        if (p->kinds & BREAK_META) set_spec(&b->meta_spec, NULL);
    } else {
        if (p->kinds & (BREAK_LOCAL | BREAK_GLOBAL))
            // Counted by the breakpoint from here on.
            set_spec(&b->spec, p->spec);
        if (p->kinds & BREAK_META) {
            set_spec(&b->meta_spec, p->spec);
            b->meta_tracer = p->meta_tracer;
        }
        kinds |= p->kinds & (BREAK_LOCAL | BREAK_GLOBAL | BREAK_META);
        kinds = start_counters(b, kinds, p);
    }
    pthread_mutex_unlock(&node->breakpoints->data_lock);
    return kinds;
}

// The memory stays: threads may be reading it.
static void clear_all(Node *node, Breakpoint *b)
{
    pthread_mutex_lock(&node->breakpoints->data_lock);
    atomic_store(&b->kinds, 0);
    set_spec(&b->spec, NULL);
    set_spec(&b->meta_spec, NULL);
    reset_count(b);
    reset_times(b);
    pthread_mutex_unlock(&node->breakpoints->data_lock);
}

// ---- at entries ----

static void set_entry(Node *node, const Code *code, const CodeFunction *f,
                      const BreakpointPattern *p)
{
    const CodeWord *entry = code->words + f->info + FUNCTION_WORDS;
    Breakpoint *b = breakpoint_of(entry);
    // Never traced: nothing to take away.
    if (b == NULL && p->on == PATTERN_OFF) return;
    b = add(node, place_of(entry), code->module, f->name, f->arity);
    // Global ones are at the export.
    if ((p->kinds & BREAK_GLOBAL) && p->on == PATTERN_OFF) return;
    if (p->kinds & BREAK_GLOBAL) { // which excludes all that is here
        clear_all(node, b);
        restore(b, entry);
        return;
    }
    uint32_t kinds = change(node, b, p);
    if (kinds != 0) patch(b, entry, OP_breakpoint);
    atomic_store(&b->kinds, kinds);
    if (kinds == 0) restore(b, entry);
}

// ---- at exports ----

// What call_bif calls in the place of a traced BIF: its stub, as calls of an
// export do.
static Term call_by_stub(Process *p, const Term *args)
{
    const Export *e = (const Export *)p->pc[1];
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_note(p, e);
    return bif_trap(p, e->module, e->function, e->arity, args);
}

// Both ways to a BIF: calls through the export, and call_bif. An operator is
// no call.
static void open_bif(Export *e, Breakpoint *b)
{
    patch(b, e->stub, OP_breakpoint_bif);
    if (!code_is_send_operator(e)) atomic_store(&e->call, call_by_stub);
}

static void close_bif(Node *node, Export *e, Breakpoint *b)
{
    bool noted = node->breakpoints->savers > 0;
    atomic_store(&e->call, noted ? saved_calls_call_bif : e->bif->function);
    restore(b, e->stub);
}

// Those that are traced lead to call_by_stub, which notes them as well.
static void visit_bif(Export *e, void *data)
{
    const BreakpointTable *t = data;
    if (e->bif == NULL || atomic_load(&e->call) == call_by_stub) return;
    atomic_store(&e->call, t->savers > 0 ? saved_calls_call_bif : e->bif->function);
}

void breakpoint_save_calls(Node *node, bool more)
{
    BreakpointTable *t = node->breakpoints;
    breakpoint_lock(node);
    t->savers += more ? 1 : -(size_t)1;
    if (t->savers == (more ? 1 : 0)) code_each_export(node, visit_bif, t);
    breakpoint_unlock(node);
}

// Has calls of [e] go by its breakpoint, or not.
static void switch_export(Node *node, Export *e, Breakpoint *b,
                          uint32_t kinds)
{
    const CodeWord *at = atomic_load(&e->address);
    if (e->bif != NULL) {
        if (kinds != 0)
            open_bif(e, b);
        else
            close_bif(node, e, b);
    } else if (kinds != 0 && at != e->traced_stub) {
        // The target first: a thread that comes by the stub asks for it.
        atomic_store(&b->target, at);
        atomic_store_explicit(&e->address, e->traced_stub,
                              memory_order_release);
    } else if (kinds == 0 && at == e->traced_stub) {
        // Back to where it led; loading has changed the target meanwhile if the
        // code has changed.
        atomic_store_explicit(&e->address, atomic_load(&b->target),
                              memory_order_release);
    }
}

static void set_export(Node *node, Export *e, const BreakpointPattern *p)
{
    Breakpoint *b = atomic_load(&e->breakpoint);
    bool is_bif = e->bif != NULL;
    bool global = p->kinds & BREAK_GLOBAL;
    BreakpointPattern here = *p;
    // Local breakpoints of Erlang functions take the place of global ones.
    if (!is_bif && !global) {
        if (p->on == PATTERN_OFF) return;
        // Nothing global may stay beside a local one, as in OTP.
        here = (BreakpointPattern){.on = PATTERN_OFF, .kinds = BREAK_GLOBAL};
    }
    if (b == NULL && here.on == PATTERN_OFF) return;
    b = add(node, &e->breakpoint, e->module, e->function, e->arity);
    if (is_bif && p->on != PATTERN_OFF && global) clear_all(node, b);
    if (is_bif && p->on != PATTERN_OFF && !global) {
        // Local and global of a BIF exclude each other as well.
        BreakpointPattern off = {.on = PATTERN_OFF, .kinds = BREAK_GLOBAL};
        if (atomic_load(&b->kinds) & BREAK_GLOBAL)
            atomic_store(&b->kinds, change(node, b, &off));
    }
    uint32_t kinds = change(node, b, &here);
    if (kinds != 0) switch_export(node, e, b, kinds);
    atomic_store(&b->kinds, kinds);
    if (kinds == 0) switch_export(node, e, b, kinds);
}

// ---- patterns ----

// One pass over all functions.
typedef struct {
    Node *node;
    const BreakpointPattern *pattern;
    size_t count; // functions that matched
} Setting;

// Only the first [specified] of module, function, arity count.
static bool matches(const BreakpointPattern *p, Term module, Term function,
                    uint32_t arity)
{
    const Term mfa[] = {module, function, term_small((intptr_t)arity)};
    for (unsigned i = 0; i < p->specified; i++)
        if (!term_same(p->mfa[i], mfa[i])) return false;
    return true;
}

static bool is_bif(Node *node, Term module, Term function, uint32_t arity)
{
    const Export *e = code_find_export(node, module, function, arity);
    return e != NULL && e->bif != NULL;
}

// Functions of a module, but for those that are C functions.
static void visit_module(Module *m, void *data)
{
    Setting *s = data;
    const Code *code = m->current;
    if (code == NULL || (s->pattern->specified > 0
                         && !term_same(s->pattern->mfa[0], m->name)))
        return;
    // Each function counts once: global ones are counted as exports.
    bool counts = !(s->pattern->kinds & BREAK_GLOBAL);
    for (size_t i = 0; i < code->function_count; i++) {
        const CodeFunction *f = &code->functions[i];
        if (!matches(s->pattern, m->name, f->name, f->arity)
            || is_bif(s->node, m->name, f->name, f->arity))
            continue;
        set_entry(s->node, code, f, s->pattern);
        s->count += counts;
    }
}

// What has an instruction of its own is no call.
static bool is_operation(const Export *e)
{
    const Bif *bif = e->bif;
    return bif != NULL && bif->kind == BIF_OP;
}

static void visit_export(Export *e, void *data)
{
    Setting *s = data;
    if (!matches(s->pattern, e->module, e->function, e->arity)
        || !code_export_is_defined(e) || is_operation(e))
        return;
    set_export(s->node, e, s->pattern);
    s->count += (s->pattern->kinds & BREAK_GLOBAL) || e->bif != NULL;
}

// Exports first: a local breakpoint takes the global one away there.
static size_t set_all(Node *node, const BreakpointPattern *pattern)
{
    Setting s = {node, pattern, 0};
    code_each_export(node, visit_export, &s);
    code_each_module(node, visit_module, &s);
    return s.count;
}

size_t breakpoint_set(Node *node, const BreakpointPattern *pattern)
{
    breakpoint_lock(node);
    size_t n = set_all(node, pattern);
    breakpoint_unlock(node);
    return n;
}

// ---- loading ----

// What was asked for modules to come; kinds add up unless global and local take
// turns.
void breakpoint_set_on_load(Node *node, const BreakpointPattern *p)
{
    BreakpointTable *t = node->breakpoints;
    breakpoint_lock(node);
    bool global = p->kinds & BREAK_GLOBAL;
    bool was = t->loading.kinds & BREAK_GLOBAL;
    uint32_t kinds = t->loading.kinds;
    if (p->kinds & (BREAK_GLOBAL | BREAK_LOCAL))
        set_spec(&t->loading.spec, p->spec);
    if (p->kinds & BREAK_META) {
        set_spec(&t->loading_meta, p->spec);
        t->loading.meta_tracer = p->meta_tracer;
    } else if (global) { // global ones exclude meta as well
        set_spec(&t->loading_meta, NULL);
    }
    if (p->on == PATTERN_OFF)
        kinds &= ~p->kinds;
    else if (global != was)
        kinds = p->kinds;
    else
        kinds |= p->kinds;
    t->loading.kinds = kinds;
    t->on_load = kinds != 0;
    breakpoint_unlock(node);
}

// The code may go: its words must be as they were made, and its exports lead to
// code.
void breakpoint_unload(Node *node, const Code *code)
{
    for (size_t i = 0; i < code->function_count; i++) {
        const CodeFunction *f = &code->functions[i];
        const CodeWord *entry = code->words + f->info + FUNCTION_WORDS;
        Breakpoint *b = breakpoint_of(entry);
        if (b != NULL) {
            clear_all(node, b);
            restore(b, entry);
        }
    }
    for (size_t i = 0; i < code->export_count; i++) {
        Export *e = code->exports[i].export;
        Breakpoint *b = atomic_load(&e->breakpoint);
        // BIFs do not go with a module.
        if (b == NULL || e->bif != NULL) continue;
        clear_all(node, b);
        switch_export(node, e, b, 0);
    }
}

// Two passes: the meta specification is another one.
void breakpoint_load(Node *node, Term module)
{
    BreakpointTable *t = node->breakpoints;
    if (!t->on_load) return;
    BreakpointPattern p = t->loading; // a copy: its mfa is of this module
    p.mfa[0] = module;
    p.specified = 1;
    p.on = PATTERN_ON;
    p.kinds &= ~(uint32_t)BREAK_META;
    if (p.kinds != 0) set_all(node, &p);
    if (!(t->loading.kinds & BREAK_META)) return;
    p.kinds = BREAK_META;
    p.spec = t->loading_meta;
    set_all(node, &p);
}

// ---- what is told ----

// [*exists] tells "undefined" from "not traced".
static Breakpoint *find(Node *node, const Term *mfa, bool *exists)
{
    uint32_t arity = (uint32_t)term_small_value(mfa[2]);
    Export *e = code_find_export(node, mfa[0], mfa[1], arity);
    *exists = e != NULL && code_export_is_defined(e);
    if (*exists) {
        Breakpoint *b = atomic_load(&e->breakpoint);
        // A BIF has no other place; else the entry may be traced.
        if (e->bif != NULL || (b != NULL && atomic_load(&b->kinds) != 0))
            return b;
    }
    const Module *m = code_find_module(node, mfa[0]);
    if (m == NULL || m->current == NULL) return NULL;
    const Code *code = m->current;
    for (size_t i = 0; i < code->function_count; i++) {
        const CodeFunction *f = &code->functions[i];
        if (!term_same(f->name, mfa[1]) || f->arity != arity) continue;
        *exists = true;
        return breakpoint_of(code->words + f->info + FUNCTION_WORDS);
    }
    return NULL;
}

// The source as it was given; [] for true.
static Term spec_term(Process *p, bool on, const MatchSpec *spec)
{
    if (!on) return ATOM_false;
    if (spec == NULL) return TERM_NIL;
    return copy_term(p->node, process_heap(p), spec->source);
}

// [{Pid, Count, Seconds, Microseconds}]
static Term times_term(Process *p, const Breakpoint *b)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = 0; i < b->time_room; i++) {
        const CallTime *t = &b->times[i];
        if (t->pid == 0) continue;
        int64_t us = t->time / 1000;
        Term parts[] = {(Term){t->pid}, heap_unsigned(h, t->count),
                        heap_integer(h, us / 1000000),
                        heap_integer(h, us % 1000000)};
        list = heap_cons(h, heap_tuple(h, 4, parts), list);
    }
    return list;
}

// Under data_lock.
static Term item(Process *p, const Breakpoint *b, uint32_t kinds, Term key)
{
    bool traced = kinds & (BREAK_LOCAL | BREAK_GLOBAL);
    bool meta = kinds & BREAK_META;
    switch (key.bits) {
    case ATOM_BITS_traced:
        if (!traced) return ATOM_false;
        return kinds & BREAK_GLOBAL ? ATOM_global : ATOM_local;
    case ATOM_BITS_match_spec:
        return spec_term(p, traced, b->spec);
    case ATOM_BITS_meta:
        if (!meta) return ATOM_false;
        return term_is_none(b->meta_tracer) ? TERM_NIL : b->meta_tracer;
    case ATOM_BITS_meta_match_spec:
        return spec_term(p, meta, b->meta_spec);
    case ATOM_BITS_call_count:
        return kinds & BREAK_COUNT
                   ? heap_unsigned(process_heap(p), atomic_load(&b->count))
                   : ATOM_false;
    case ATOM_BITS_call_time:
        return kinds & BREAK_TIME ? times_term(p, b) : ATOM_false;
    default:
        return TERM_NONE;
    }
}

// From the last to the first: the list is built from behind.
static Term all_items(Process *p, const Breakpoint *b, uint32_t kinds)
{
    static const uintptr_t keys[] = {
        ATOM_BITS_call_count, ATOM_BITS_call_time, ATOM_BITS_meta_match_spec,
        ATOM_BITS_meta, ATOM_BITS_match_spec, ATOM_BITS_traced};
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        Term key = {keys[i]};
        list = heap_cons(h, heap_tuple2(h, key, item(p, b, kinds, key)), list);
    }
    return list;
}

Term breakpoint_info(Process *p, const Term *mfa, Term key)
{
    bool exists;
    BreakpointTable *t = p->node->breakpoints;
    breakpoint_lock(p->node);
    const Breakpoint *b = find(p->node, mfa, &exists);
    uint32_t kinds = b == NULL ? 0 : atomic_load(&b->kinds);
    Term answer;
    if (!exists || kinds == 0) {
        answer = exists ? ATOM_false : ATOM_undefined;
    } else {
        pthread_mutex_lock(&t->data_lock);
        answer = term_same(key, ATOM_all) ? all_items(p, b, kinds)
                                          : item(p, b, kinds, key);
        pthread_mutex_unlock(&t->data_lock);
    }
    breakpoint_unlock(p->node);
    return answer;
}

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// As if on_load were a function with these breakpoints.
static Term on_load_item(Process *p, uint32_t kinds, Term key)
{
    BreakpointTable *t = p->node->breakpoints;
    Breakpoint b = {.spec = t->loading.spec, .meta_spec = t->loading_meta,
                    .meta_tracer = t->loading.meta_tracer};
    if (term_same(key, ATOM_call_count))
        return boolean(kinds & BREAK_COUNT);
    if (term_same(key, ATOM_call_time)) return boolean(kinds & BREAK_TIME);
    return item(p, &b, kinds, key);
}

Term breakpoint_info_on_load(Process *p, Term key)
{
    static const uintptr_t keys[] = {
        ATOM_BITS_call_count, ATOM_BITS_meta_match_spec, ATOM_BITS_meta,
        ATOM_BITS_match_spec, ATOM_BITS_traced};
    Heap *h = process_heap(p);
    breakpoint_lock(p->node);
    uint32_t kinds = p->node->breakpoints->loading.kinds;
    Term answer = TERM_NIL;
    if (kinds == 0) {
        answer = ATOM_false;
    } else if (!term_same(key, ATOM_all)) {
        answer = on_load_item(p, kinds, key);
    } else {
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            Term k = {keys[i]};
            Term t = heap_tuple2(h, k, on_load_item(p, kinds, k));
            answer = heap_cons(h, t, answer);
        }
    }
    breakpoint_unlock(p->node);
    return answer;
}
