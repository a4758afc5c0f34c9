// SPDX-License-Identifier: Apache-2.0
// Tracers that are modules: native functions enabled/3 and trace/5 of a module
// are called where a message would be sent, on the thread where it happens.
//
// Such a tracer is a tuple {Module, State} among the literals, so that what
// holds tracers need not know that this one is no immediate term. Equal ones
// are kept once, for the node's life: who traces does not make many.
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "literal.h"
#include "map.h"
#include "memory.h"
#include "nif.h"
#include "scheduler.h"
#include "trace.h"

struct TraceModule {
    TraceModule *next;
    Term tracer;
    LiteralBlock *block;
};

Term trace_module_new(Node *node, Term module, Term state)
{
    TraceTable *t = node->trace;
    pthread_mutex_lock(&t->lock);
    TraceModule *m = t->modules;
    while (m != NULL
           && !(term_same(term_tuple_get(m->tracer, 0), module)
                && term_exact_equal(term_tuple_get(m->tracer, 1), state)))
        m = m->next;
    if (m == NULL) {
        Heap h;
        heap_init(&h);
        Term pair = heap_tuple2(&h, module, state);
        m = memory_alloc(sizeof *m);
        m->block = literal_block_new(node, 1, &pair);
        m->tracer = pair;
        m->next = t->modules;
        t->modules = m;
        heap_free(&h);
    }
    pthread_mutex_unlock(&t->lock);
    return m->tracer;
}

void trace_modules_free(TraceModule *m)
{
    while (m != NULL) {
        TraceModule *next = m->next;
        literal_block_release(m->block);
        free(m);
        m = next;
    }
}

// ---- calling ----

// The part of the names of functions that are for happening [what] alone.
static const char *kind_of(Term what)
{
    switch (what.bits) {
    case ATOM_BITS_send:
    case ATOM_BITS_send_to_non_existing_process: return "send";
    case ATOM_BITS_receive: return "receive";
    case ATOM_BITS_call:
    case ATOM_BITS_return_to:
    case ATOM_BITS_return_from:
    case ATOM_BITS_exception_from: return "call";
    case ATOM_BITS_in:
    case ATOM_BITS_out:
    case ATOM_BITS_in_exiting:
    case ATOM_BITS_out_exiting:
    case ATOM_BITS_out_exited: return "running_procs";
    case ATOM_BITS_gc_minor_start:
    case ATOM_BITS_gc_minor_end:
    case ATOM_BITS_gc_major_start:
    case ATOM_BITS_gc_major_end: return "garbage_collection";
    case ATOM_BITS_seq_trace: return "seq_trace";
    default: return "procs";
    }
}

// Makes call [c] of [base]_Kind of its module if that is there, else of [base];
// TERM_NONE when neither is.
static Term call(NifCall *c, const char *base)
{
    AtomTable *atoms = c->node->atoms;
    char name[64];
    snprintf(name, sizeof name, "%s_%s", base, kind_of(c->args[0]));
    c->function = atom_find(atoms, name, strlen(name));
    Term answer = term_is_none(c->function) ? TERM_NONE : nif_call(c);
    if (!term_is_none(answer)) return answer;
    c->function = atom_find(atoms, base, strlen(base));
    return term_is_none(c->function) ? TERM_NONE : nif_call(c);
}

bool trace_module_is_there(Node *node, Term module)
{
    return nif_has_function(node, module, ATOM_enabled, 3)
           && nif_has_function(node, module, ATOM_trace, 5);
}

// The time that is wanted, which the module itself takes.
static Term stamp_of(const Node *node, uint32_t flags)
{
    if (flags & TRACE_TIMESTAMP)
        return atomic_load(&node->trace->cpu_time) ? ATOM_cpu_timestamp
                                                   : ATOM_timestamp;
    return flags & TRACE_STRICT_MONOTONIC ? ATOM_strict_monotonic
                                          : ATOM_monotonic;
}

// What comes behind the first term: #{extra => ..., match_spec_result => ...,
// scheduler_id => ..., timestamp => ...}.
static Term options_of(Node *node, TraceMessage *m, uint32_t flags)
{
    Term pairs[8];
    size_t n = 0;
    bool has_extra = !term_same(m->parts[0], ATOM_call)
                     && !term_same(m->parts[0], ATOM_receive);
    unsigned at = 2;
    if (has_extra && m->count > at) {
        pairs[n++] = ATOM_extra;
        pairs[n++] = m->parts[at++];
    }
    if (m->count > at) {
        pairs[n++] = ATOM_match_spec_result;
        pairs[n++] = m->parts[at];
    }
    if (flags & TRACE_SCHEDULER_ID) {
        const Scheduler *s = scheduler_self();
        pairs[n++] = ATOM_scheduler_id;
        pairs[n++] = term_small(s == NULL ? 0 : (intptr_t)s->index + 1);
    }
    if (flags & TRACE_ANY_STAMP) {
        pairs[n++] = ATOM_timestamp;
        pairs[n++] = stamp_of(node, flags);
    }
    return map_from_pairs(&m->heap, node->atoms, n / 2, pairs);
}

bool trace_module_send(Node *node, TraceMessage *m, uint32_t flags, Term about,
                       Term tracer)
{
    // Of sequential tracing it is told whose message it is about, and asked
    // for the process.
    Term self = term_is_none(m->self) ? about : m->self;
    Term args[5] = {m->parts[0], term_tuple_get(tracer, 1), self};
    NifCall c = {.node = node, .module = term_tuple_get(tracer, 0),
                 .arity = 3, .args = args, .heap = &m->heap,
                 .self = term_is_local_pid(self) ? self : TERM_NONE};
    // What comes of a call is told of those who want calls.
    if (strcmp(kind_of(m->parts[0]), "call") == 0) args[0] = ATOM_call;
    Term answer = call(&c, "enabled");
    args[0] = m->parts[0];
    if (term_same(answer, ATOM_trace)) {
        args[2] = about;
        args[3] = m->count > 1 ? m->parts[1] : TERM_NIL;
        args[4] = options_of(node, m, flags);
        c.arity = 5;
        call(&c, "trace");
    }
    // A module that is gone traces no more.
    return !term_is_none(answer) && !term_same(answer, ATOM_remove);
}
