// SPDX-License-Identifier: Apache-2.0
// Stack traces and the search for handlers. See exception.h for raw traces.
//
// The stack is scanned word by word: return addresses have the tag of headers
// and so are no terms; a catch marker is the handler's address.
//
// Nothing here collects: fragments take what is built.
#include "exception.h"

#include "atom.h"
#include "breakpoint.h"
#include "instruction.h"
#include "map.h"
#include "nif.h"

enum { TRACE_MOST = 64 }; // whatever system_flag(backtrace_depth) says

// Places in the tuple.
enum { RAW_CLASS, RAW_PCS, RAW_FIRST, RAW_INFO, RAW_LEFT, RAW_SIZE };

// ---- gathering ----

// Addresses on their way to a binary.
typedef struct {
    uintptr_t pcs[TRACE_MOST];
    size_t count, most; // found, and wanted
    size_t left;        // words of the stack still to be looked at
} Trace;

// An empty trace. [others] entries are added to it later.
static void trace_init(Trace *t, const Process *p, int others)
{
    int most = atomic_load(&p->node->backtrace_depth);
    if (most < 1) most = 1;
    if (most > TRACE_MOST) most = TRACE_MOST;
    // 0 is possible: the others may have taken all that are wanted.
    t->most = most > others ? (size_t)(most - others) : 0;
    t->count = 0;
    t->left = (size_t)(p->stack_base - p->stack);
}

static void add_pc(Trace *t, const CodeWord *pc)
{
    if (t->count < t->most) t->pcs[t->count++] = (uintptr_t)pc;
}

// TERM_NONE has the same tag.
static bool is_return_address(Term word)
{
    return term_is_header(word) && !term_is_none(word);
}

// The return addresses of what is left of the stack, or of that before the next
// handler; one that follows itself (a recursion) counts once. An address is
// made to point into the call before it.
static void gather_more(const Process *p, Trace *t, const CodeWord *last,
                        bool all)
{
    const Term *at = p->stack_base - t->left;
    for (; at < p->stack_base && t->count < t->most; at++) {
        if (!all && term_is_catch(*at)) break;
        if (!is_return_address(*at) || breakpoint_is_frame(p->node, *at))
            continue;
        const CodeWord *pc = (const CodeWord *)at->bits;
        // The address behind a call may belong to the next line already.
        if (pc != last) add_pc(t, pc - 1);
        last = pc;
    }
    t->left = t->count < t->most ? (size_t)(p->stack_base - at) : 0;
}

// Up to the handler: most that catch never ask for the trace, and a deep
// recursion that fails and catches at each step would look at all of the stack
// each time. What lies behind the handler stays there as long as it can ask.
static void gather(const Process *p, Trace *t)
{
    gather_more(p, t, NULL, false);
}

// The addresses become bytes: the collector leaves them alone.
static Term make_raw(Process *p, const Trace *t, Term first, Term info)
{
    Heap *h = process_heap(p);
    Term pcs = heap_binary(h, t->pcs, t->count * sizeof t->pcs[0]);
    Term *box = heap_alloc(h, 1 + RAW_SIZE), *parts = box + 1;
    box[0] = term_header(SUBTAG_TUPLE, RAW_SIZE);
    parts[RAW_CLASS] = p->exception_class;
    parts[RAW_PCS] = pcs;
    parts[RAW_FIRST] = first;
    parts[RAW_INFO] = info;
    parts[RAW_LEFT] = term_small((intptr_t)t->left);
    return term_from_box(box);
}

static bool is_raw(Term trace)
{
    return term_is_tuple_of(trace, RAW_SIZE);
}

// The trace that [raw] stands for, continued in the function that has caught
// it: to the end of the stack or to the next handler.
static void read_raw(Process *p, Term raw, Trace *t, bool all)
{
    // A first entry that is no address has taken one of the places.
    trace_init(t, p, term_is_tuple(term_tuple_get(raw, RAW_FIRST)));
    Bits bits;
    if (!term_bits(term_tuple_get(raw, RAW_PCS), &bits)) return;
    size_t size = bits.size / 8;
    // Never more than was put in.
    if (size > sizeof t->pcs) size = sizeof t->pcs;
    memcpy(t->pcs, bits.base, size);
    t->count = size / sizeof t->pcs[0];
    size_t left = (size_t)term_small_value(term_tuple_get(raw, RAW_LEFT));
    // The handler may have given back some of its frame since.
    if (left < t->left) t->left = left;
    const CodeWord *last =
        t->count > 0 ? (const CodeWord *)t->pcs[t->count - 1] + 1 : NULL;
    if (left > 0) gather_more(p, t, last, all);
}

// ---- making the list ----

// Unknown lines are left out, as in OTP.
Term exception_location(Heap *h, const CodePlace *place, Term info)
{
    Term list = info;
    if (place->line != 0) {
        list = heap_cons(h, heap_tuple2(h, ATOM_line, term_small(place->line)),
                         list);
        list = heap_cons(h, heap_tuple2(h, ATOM_file, place->file), list);
    }
    return list;
}

static Term make_entry(Heap *h, const CodePlace *place, Term args, Term info)
{
    Term parts[4] = {place->module, place->function, args,
                     exception_location(h, place, info)};
    return heap_tuple(h, 4, parts);
}

// The entries of [count] addresses. [args] stand in the place of the first
// one's arity unless they are none.
static Term list_pcs(Process *p, Heap *h, const uintptr_t *pcs, size_t count,
                     Term args, Term info)
{
    Term list = TERM_NIL, *link = &list;
    for (size_t i = 0; i < count; i++) {
        CodePlace place;
        // Code that was purged since.
        if (!code_place(p->node, (const CodeWord *)pcs[i], &place)) continue;
        bool first = i == 0 && !term_is_none(args)
                     && !term_same(args, ATOM_none);
        Term entry = make_entry(h, &place,
                                first ? args : term_small(place.arity),
                                i == 0 ? info : TERM_NIL);
        *link = heap_cons(h, entry, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    return list;
}

// Also given lists, and what was never a raw trace.
Term exception_trace_list(Process *p, Term trace)
{
    Heap *h = process_heap(p);
    if (!term_is_tuple(trace)) return trace;
    if (term_arity(trace) == 2) return term_tuple_get(trace, 1);
    if (!is_raw(trace)) return trace;
    Term first = term_tuple_get(trace, RAW_FIRST);
    Term info = term_tuple_get(trace, RAW_INFO);
    Trace t;
    read_raw(p, trace, &t, true);
    if (!term_is_tuple(first)) // arguments, or none
        return list_pcs(p, h, t.pcs, t.count, first, info);
    // The failed BIF itself stands in front of the code that called it.
    Term rest = list_pcs(p, h, t.pcs, t.count, TERM_NONE, TERM_NIL);
    Term parts[4] = {term_tuple_get(first, 0), term_tuple_get(first, 1),
                     term_tuple_get(first, 2), info};
    return heap_cons(h, heap_tuple(h, 4, parts), rest);
}

// current_stacktrace of process_info.
Term exception_current_trace(Process *p, Heap *h, const CodeWord *pc)
{
    Trace t;
    // An exception always says where it was; who asks can be told nothing.
    if (atomic_load(&p->node->backtrace_depth) < 1) return TERM_NIL;
    trace_init(&t, p, 0);
    add_pc(&t, pc);
    gather_more(p, &t, NULL, true);
    return list_pcs(p, h, t.pcs, t.count, TERM_NONE, TERM_NIL);
}

// ---- handlers ----

// The word on the stack that holds the nearest catch marker; [*frame] is then
// the frame it belongs to. [*traced]: a frame of a breakpoint was passed.
static Term *find_catch(Process *p, Term **frame, bool *traced)
{
    *frame = p->stack;
    *traced = false;
    for (Term *at = p->stack; at < p->stack_base; at++) {
        if (term_is_catch(*at)) return at;
        if (!is_return_address(*at)) continue;
        *frame = at + 1; // a frame ends with its return address
        if (breakpoint_is_frame(p->node, *at)) *traced = true;
    }
    return NULL;
}

// An error takes its trace along; exit reasons are as they are.
static void end_process(Process *p)
{
    Term reason = p->exception_value;
    if (term_same(p->exception_class, ATOM_error)) {
        Term list = exception_trace_list(p, p->exception_trace);
        reason = heap_tuple2(process_heap(p), reason, list);
        p->flags |= PROCESS_CRASHED;
    }
    process_exit(p, reason);
}

// A throw that nobody catches is an error.
static void make_nocatch(Process *p)
{
    if (!term_same(p->exception_class, ATOM_throw)) return;
    p->exception_class = ATOM_error;
    p->exception_value = heap_tuple2(process_heap(p), ATOM_nocatch,
                                     p->exception_value);
}

// With nothing to catch it the process ends, after traces were told.
static const CodeWord *go_to_handler(Process *p, Term *x)
{
    bool traced;
    Term *frame, *tag = find_catch(p, &frame, &traced);
    const CodeWord *handler = tag == NULL ? NULL : term_catch_handler(*tag);
    if (tag == NULL) make_nocatch(p); // before tracers see the reason
    if (traced)
        breakpoint_unwind(p, tag == NULL ? p->stack_base : tag, handler);
    if (tag == NULL) {
        end_process(p);
        return NULL;
    }
    *tag = TERM_NIL; // used up: a catch inside does not find it again
    p->stack = frame;
    x[0] = TERM_NONE;
    x[1] = p->exception_value;
    x[2] = p->exception_trace;
    x[3] = p->exception_class;
    // No longer roots: registers hold them.
    p->exception_value = TERM_NIL;
    p->exception_trace = TERM_NIL;
    return handler;
}

// ---- raising ----

bool exception_is_raising(const Export *callee)
{
    if (!term_same(callee->module, ATOM_erlang)) return false;
    if (term_same(callee->function, ATOM_error)) return callee->arity <= 3;
    if (term_same(callee->function, ATOM_raise)) return callee->arity == 3;
    return callee->arity == 1
           && (term_same(callee->function, ATOM_exit)
               || term_same(callee->function, ATOM_throw));
}

// Which module explains the failures of BIFs of [module].
// For erl_error to format: OTP's own modules do it.
static Term format_module(Term module)
{
    static const uintptr_t erts[] = {
        ATOM_BITS_atomics, ATOM_BITS_counters, ATOM_BITS_erlang,
        ATOM_BITS_erts_internal, ATOM_BITS_persistent_term};
    static const uintptr_t stdlib[] = {
        ATOM_BITS_binary, ATOM_BITS_ets, ATOM_BITS_lists, ATOM_BITS_maps,
        ATOM_BITS_math, ATOM_BITS_re, ATOM_BITS_unicode};
    for (size_t i = 0; i < sizeof erts / sizeof *erts; i++) {
        if (module.bits == erts[i]) return ATOM_erl_erts_errors;
    }
    for (size_t i = 0; i < sizeof stdlib / sizeof *stdlib; i++) {
        if (module.bits == stdlib[i]) return ATOM_erl_stdlib_errors;
    }
    if (term_same(module, ATOM_os)) return ATOM_erl_kernel_errors;
    return TERM_NONE;
}

// [{error_info, #{module => ..., cause => ...}}]
static Term error_info(Process *p, Term module, Term cause)
{
    Heap *h = process_heap(p);
    Term explains = format_module(module);
    if (term_is_none(explains)) return TERM_NIL;
    Term pairs[4] = {ATOM_module, explains, ATOM_cause, cause};
    // The cause only if the BIF has left one.
    Term map = map_from_pairs(h, p->node->atoms, term_is_none(cause) ? 1 : 2,
                              pairs);
    return heap_cons(h, heap_tuple2(h, ATOM_error_info, map), TERM_NIL);
}

// With the arguments in place of the arity.
static Term first_entry(Process *p, const Export *callee, const Term *args)
{
    Heap *h = process_heap(p);
    Term origin = nif_origin_of(callee, args);
    if (!term_is_none(origin)) return origin;
    Term list = heap_list(h, callee->arity, args, TERM_NIL);
    FunctionName name = code_name_of(callee);
    return heap_tuple3(h, name.module, name.function, list);
}

// The stub of an export is no place.
static void add_place(Trace *t, const CodeWord *pc)
{
    if (!code_is_stub(pc)) add_pc(t, pc);
}

// The BIF is the first entry, so one fewer of the stack.
static void trace_of_bif(Process *p, const CodeWord *pc, const Export *callee,
                         const Term *args)
{
    Trace t;
    trace_init(&t, p, 1);
    Term cause = p->exception_trace; // left by bif_error_cause
    Term first = first_entry(p, callee, args);
    add_place(&t, pc);
    gather(p, &t);
    p->exception_trace = make_raw(p, &t, first,
                                  error_info(p, callee->module, cause));
}

// error/2, error/3 leave {Args, Info} in exception_trace; raise/3 the list.
static void trace_of_raising(Process *p, const CodeWord *pc,
                             const Export *callee)
{
    Heap *h = process_heap(p);
    Term given = p->exception_trace;
    if (term_same(callee->function, ATOM_raise)) {
        p->exception_trace = heap_tuple2(h, p->exception_class, given);
        return;
    }
    Trace t;
    trace_init(&t, p, 0);
    add_place(&t, pc);
    gather(p, &t);
    bool more = term_is_tuple_of(given, 2);
    p->exception_trace = make_raw(p, &t,
                                  more ? term_tuple_get(given, 0) : ATOM_none,
                                  more ? term_tuple_get(given, 1) : TERM_NIL);
}

static void trace_of_instruction(Process *p, const CodeWord *pc)
{
    Trace t;
    Term first = ATOM_none;
    // An instruction may leave what explains it.
    Term info = p->exception_trace;
    if (!term_is_cons(info)) info = TERM_NIL;
    // A stub that fails by itself is that of apply/2, from which every process
    // of a fun starts.
    bool is_stub = code_is_stub(pc);
    trace_init(&t, p, is_stub);
    if (is_stub)
        first = heap_tuple3(process_heap(p), ATOM_erlang, ATOM_apply,
                            term_small(2));
    add_place(&t, pc);
    gather(p, &t);
    p->exception_trace = make_raw(p, &t, first, info);
}

const CodeWord *exception_raise(Process *p, Term *x, const CodeWord *pc,
                                const Export *callee, const Term *args)
{
    // A raising BIF that was called with bad arguments failed itself.
    if (callee != NULL && exception_is_raising(callee)
        && !term_same(p->exception_trace, ATOM_badarg)) {
        trace_of_raising(p, pc, callee);
    } else if (callee != NULL) {
        trace_of_bif(p, pc, callee, args);
    } else {
        trace_of_instruction(p, pc);
    }
    return go_to_handler(p, x);
}

// The address lies within the func_info: it tells the function.
const CodeWord *exception_function_clause(Process *p, Term *x,
                                          const CodeWord *info)
{
    Trace t;
    trace_init(&t, p, 0);
    unsigned arity = code_half(info, FUNCTION_ARITY);
    p->exception_class = ATOM_error;
    p->exception_value = ATOM_function_clause;
    // All arguments: they did not match.
    Term args = heap_list(process_heap(p), arity, x, TERM_NIL);
    add_pc(&t, info);
    gather(p, &t);
    p->exception_trace = make_raw(p, &t, args, TERM_NIL);
    return go_to_handler(p, x);
}

const CodeWord *exception_undefined(Process *p, Term *x, const CodeWord *pc,
                                    const Export *callee)
{
    Trace t;
    trace_init(&t, p, 1);
    p->exception_class = ATOM_error;
    p->exception_value = ATOM_undef;
    Term first = first_entry(p, callee, x);
    add_place(&t, pc);
    gather(p, &t);
    p->exception_trace = make_raw(p, &t, first, TERM_NIL);
    return go_to_handler(p, x);
}

// Passes on to the next handler, and so does what is left of the trace.
static Term continue_raw(Process *p, Term raw)
{
    if (term_same(term_tuple_get(raw, RAW_LEFT), term_small(0))) return raw;
    Trace t;
    read_raw(p, raw, &t, false);
    return make_raw(p, &t, term_tuple_get(raw, RAW_FIRST),
                    term_tuple_get(raw, RAW_INFO));
}

// What is no raw trace (any more) is an error without one.
const CodeWord *exception_again(Process *p, Term *x, Term trace, Term value)
{
    bool raw = term_is_tuple(trace) && term_arity(trace) >= 2;
    p->exception_class = raw ? term_tuple_get(trace, RAW_CLASS) : ATOM_error;
    p->exception_value = value;
    p->exception_trace = is_raw(trace) ? continue_raw(p, trace) : trace;
    return go_to_handler(p, x);
}

// A function none of whose clauses matched is told without its place once its
// exception was raised again: OTP has lost it by then, and users see that.
static void forget_place(Process *p, Term *parts)
{
    uintptr_t pc;
    CodePlace place;
    Bits bits;
    if (!term_is_list(parts[RAW_FIRST]) || !term_bits(parts[RAW_PCS], &bits)
        || bits.size / 8 < sizeof pc)
        return;
    memcpy(&pc, bits.base, sizeof pc);
    const CodeWord *at = (const CodeWord *)pc;
    if (code_op(at) != OP_func_info || !code_place(p->node, at, &place)) return;
    Heap *h = process_heap(p);
    parts[RAW_PCS] = heap_binary(h, (const uint8_t *)bits.base + sizeof pc,
                                 bits.size / 8 - sizeof pc);
    parts[RAW_FIRST] = heap_tuple3(h, place.module, place.function,
                                   parts[RAW_FIRST]);
}

// The trace must have the class that it is raised with now.
const CodeWord *exception_raw_raise(Process *p, Term *x)
{
    Term trace = x[2];
    // A copy: the trace may be shared with who has caught it.
    if (is_raw(trace)) {
        Term parts[RAW_SIZE];
        memcpy(parts, term_box_ptr(trace) + 1, sizeof parts);
        parts[RAW_CLASS] = x[0];
        forget_place(p, parts);
        trace = heap_tuple(process_heap(p), RAW_SIZE, parts);
    } else {
        if (term_is_tuple_of(trace, 2)) trace = term_tuple_get(trace, 1);
        trace = heap_tuple2(process_heap(p), x[0], trace);
    }
    return exception_again(p, x, trace, x[1]);
}

// {'EXIT', {Reason, Trace}}, {'EXIT', Reason}, or what was thrown.
Term exception_catch_value(Process *p, const Term *x)
{
    Heap *h = process_heap(p);
    Term value = x[1];
    if (term_same(x[3], ATOM_throw)) return value;
    if (term_same(x[3], ATOM_error))
        value = heap_tuple2(h, value, exception_trace_list(p, x[2]));
    return heap_tuple2(h, ATOM_EXIT, value);
}
