// SPDX-License-Identifier: Apache-2.0
// What the loop's instructions do when it is not the common case.
//
// Called with the state saved, so that p->heap.top is right; after them the
// loop reads it back.
#include "loop_slow.h"

#include <math.h>
#include <stdlib.h>

#include "arith.h"
#include "bif.h"
#include "code_module.h"
#include "compare.h"
#include "map.h"
#include "memory.h"
#include "off_heap.h"
#include "saved_calls.h"
#include "seq_trace.h"
#include "trace.h"

enum { ARGUMENTS_MOST = 255 }; // of a call, as in OTP

// ---- arithmetic ----

// An operator's function and the atom that names it.
typedef struct {
    Term (*run)(Heap *h, Term a, Term b);
    uintptr_t name; // bits of the atom
} ArithEntry;

static const ArithEntry arith_table[] = {
    [ARITH_ADD] = {arith_add, ATOM_BITS_plus},
    [ARITH_SUB] = {arith_subtract, ATOM_BITS_minus},
    [ARITH_MUL] = {arith_multiply, ATOM_BITS_times},
    [ARITH_DIV] = {arith_div, ATOM_BITS_div},
    [ARITH_REM] = {arith_rem, ATOM_BITS_rem},
    [ARITH_AND] = {arith_and, ATOM_BITS_band},
    [ARITH_OR] = {arith_or, ATOM_BITS_bor},
    [ARITH_XOR] = {arith_xor, ATOM_BITS_bxor},
    [ARITH_SHIFT_LEFT] = {arith_shift_left, ATOM_BITS_bsl},
    [ARITH_SHIFT_RIGHT] = {arith_shift_right, ATOM_BITS_bsr},
};

static bool is_float(Term t)
{
    return term_has_subtag(t, SUBTAG_FLOAT);
}

bool slow_operate(Process *p, const SlowOperator *slow)
{
    // Both may be any terms: what is no number is found out there.
    Term t = arith_table[slow->what].run(process_heap(p), slow->a, slow->b);
    if (term_is_none(t)) {
        bif_error(p, arith_reason(slow->a, slow->b));
        return false;
    }
    *slow->into = t;
    return true;
}

// Asked when it has failed: the trace differs from that of a call.
bool slow_is_increment(const Process *p, const SlowOperator *slow)
{
    // In code of the prompt OTP's evaluator calls the operator.
    CodePlace place;
    if (code_place(p->node, p->pc, &place)
        && term_same(place.module, ATOM_erl_eval))
        return false;
    // Only a literal that stands in the code counts: the second operand.
    unsigned kind = instructions[slow->op].operands[1].kind;
    return (slow->what == ARITH_ADD || slow->what == ARITH_SUB)
           && (kind == OPERAND_SMALL || kind == OPERAND_CONSTANT)
           && term_is_small(slow->b);
}

// The order of floats first: term_compare walks.
bool slow_less(const Process *p, Term a, Term b)
{
    if (is_float(a) && is_float(b))
        return term_float_value(a) < term_float_value(b);
    return term_compare(p->node->atoms, a, b) < 0;
}

bool slow_compare(const Process *p, const SlowOperator *slow)
{
    Term a = slow->a, b = slow->b;
    switch ((Comparison)slow->what) {
    case COMPARE_LESS: return slow_less(p, a, b);
    case COMPARE_NOT_LESS: return !slow_less(p, a, b);
    case COMPARE_EQUAL: return term_equal(a, b);
    case COMPARE_NOT_EQUAL: return !term_equal(a, b);
    case COMPARE_SAME: return term_exact_equal(a, b);
    default: return !term_exact_equal(a, b);
    }
}

bool slow_is_between(const Process *p, Term t, Term low, Term high)
{
    return !slow_less(p, t, low) && !slow_less(p, high, t);
}

// For traces: the operator stands in them as erlang's function.
const Export *slow_arith_export(Node *node, ArithOp op)
{
    return code_export(node, ATOM_erlang, (Term){arith_table[op].name}, 2);
}

// Float instructions fail as arithmetic does.
bool slow_to_double(Process *p, Term t, double *d)
{
    if (term_is_number(t) && arith_to_double(t, d)) return true;
    bif_error(p, ATOM_badarith);
    return false;
}

// ---- calls ----

// The arguments are a list in the error, so they are built only here.
static const CodeWord *bad_arity(Process *p, Term fun, unsigned arity,
                                 const Term *x)
{
    // {badarity, {Fun, Args}}
    Heap *h = process_heap(p);
    Term args = heap_list(h, arity, x, TERM_NIL);
    bif_error_value(p, ATOM_badarity, heap_tuple2(h, fun, args));
    return NULL;
}

// process_flag(error_handler, Module) may name another module.
static const Export *error_handler(Process *p, Term function, unsigned arity)
{
    Term module = term_is_none(p->error_handler) ? ATOM_error_handler
                                                 : p->error_handler;
    const Export *e = code_export(p->node, module, function, arity);
    return code_export_is_defined(e) ? e : NULL;
}

// The module of the fun may be loaded by this; or its code is about to go, and
// the call has to wait for what comes of that.
static const CodeWord *call_undefined_lambda(Process *p, Term fun,
                                             unsigned arity, Term *x)
{
    Term module = ((const FunEntry *)term_box_ptr(fun)[1].bits)->module;
    const Module *m = code_find_module(p->node, module);
    const Export *handler = NULL;
    if (code_is_purged(p->node, module))
        handler = code_export(p->node, ATOM_erts_code_purger,
                              ATOM_pending_purge_lambda, 3);
    else if (m == NULL || m->current == NULL)
        handler = error_handler(p, ATOM_undefined_lambda, 3);
    if (handler == NULL) { // loaded is another version of the module
        bif_error_value(p, ATOM_badfun, fun);
        return NULL;
    }
    Term args = heap_list(process_heap(p), arity, x, TERM_NIL);
    // error_handler:undefined_lambda(Module, Fun, Args) is called instead.
    x[0] = module;
    x[1] = fun;
    x[2] = args;
    return atomic_load(&handler->address);
}

// Where the call of [e] goes on.
static const CodeWord *call_export(Process *p, const Export *e)
{
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_note(p, e);
    return atomic_load(&e->address);
}

const CodeWord *slow_call_fun(Process *p, Term fun, unsigned arity, Term *x)
{
    if (term_has_subtag(fun, SUBTAG_FUN)) {
        const Term *box = term_box_ptr(fun);
        const FunEntry *entry = (const FunEntry *)box[1].bits;
        // Before it is asked whether the code is there, as OTP does it.
        if (entry->arity != arity) return bad_arity(p, fun, arity, x);
        if (!code_fun_is_loaded(p->node, entry))
            return call_undefined_lambda(p, fun, arity, x);
        // The environment follows the arguments.
        for (unsigned i = 0; i < entry->free_count; i++)
            x[arity + i] = box[3 + i];
        return atomic_load(&entry->address);
    }
    if (term_has_subtag(fun, SUBTAG_EXPORT)) {
        const Export *e = (const Export *)term_box_ptr(fun)[1].bits;
        if (e->arity != arity) return bad_arity(p, fun, arity, x);
        // An export without code leads to the stub that calls error_handler.
        return call_export(p, e);
    }
    bif_error_value(p, ATOM_badfun, fun); // no fun at all
    return NULL;
}

// The elements of a proper list to the registers; their number, or -1.
static int spread(Term list, Term *x)
{
    int count = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        // Registers end there.
        if (count == ARGUMENTS_MOST) return -1;
        x[count++] = term_head(list);
    }
    return term_is_nil(list) ? count : -1;
}

// Why [args] cannot be spread, or the function before them not be found.
static Term apply_failure(Term args)
{
    return term_list_length(args) > ARGUMENTS_MOST ? ATOM_system_limit
                                                   : ATOM_badarg;
}

const CodeWord *slow_apply_fun(Process *p, Term fun, Term args, Term *x)
{
    int arity = spread(args, x);
    if (arity >= 0) return slow_call_fun(p, fun, (unsigned)arity, x);
    bif_error(p, apply_failure(args));
    // x0 and x1 may be overwritten by now: on failure they are put back, for
    // the trace shows them.
    x[0] = fun;
    x[1] = args;
    return NULL;
}

const Export *slow_apply_culprit(const Process *p)
{
    bool arguments = term_same(p->exception_value, ATOM_badarg)
                     || term_same(p->exception_value, ATOM_system_limit);
    if (!arguments) return NULL;
    return code_export(p->node, ATOM_erlang, ATOM_apply, 2);
}

static bool is_apply(Term module, Term function)
{
    return term_same(module, ATOM_erlang) && term_same(function, ATOM_apply);
}

// What is to be applied, its arguments in [x]. NULL: it cannot be.
static const Export *find_applied(Process *p, Term module, Term function,
                                  Term args, Term *x)
{
    // Of apply itself what it is to apply: it leaves no trace of its own.
    while (is_apply(module, function) && term_list_length(args) == 3) {
        module = term_head(args);
        function = term_head(term_tail(args));
        args = term_head(term_tail(term_tail(args)));
    }
    // Names first: a bad one must not have touched the registers.
    if (term_is_atom(module) && term_is_atom(function)) {
        int arity = spread(args, x);
        // The export is made if there is none: calling it may load the module.
        if (arity >= 0)
            return code_export(p->node, module, function, (unsigned)arity);
    }
    bif_error(p, apply_failure(args));
    x[0] = module;
    x[1] = function;
    x[2] = args;
    return NULL;
}

const CodeWord *slow_apply(Process *p, Term module, Term function, Term args,
                           Term *x)
{
    const Export *e = find_applied(p, module, function, args, x);
    return e == NULL ? NULL : call_export(p, e);
}

const Export *slow_apply_registers(Process *p, unsigned arity, Term *x,
                                   const CodeWord *cache)
{
    Term module = x[arity], function = x[arity + 1];
    // Another one the next time, perhaps: nothing is cached.
    if (arity == 3 && is_apply(module, function))
        return find_applied(p, x[0], x[1], x[2], x);
    if (term_is_atom(module) && term_is_atom(function)) {
        const Export *e = code_export(p->node, module, function, arity);
        // Release: other threads find the export complete. A race stores
        // either.
        __atomic_store_n((CodeWord *)cache, (CodeWord)e, __ATOMIC_RELEASE);
        return e;
    }
    // The arguments as a list, as apply shows them in a trace.
    Term args = heap_list(process_heap(p), arity, x, TERM_NIL);
    bif_error(p, ATOM_badarg);
    x[0] = module;
    x[1] = function;
    x[2] = args;
    return NULL;
}

const CodeWord *slow_call_undefined(Process *p, const Export *e, Term *x)
{
    const Export *handler = error_handler(p, ATOM_undefined_function, 3);
    // NULL: undef, which the caller raises.
    if (handler == NULL) return NULL;
    Term args = heap_list(process_heap(p), e->arity, x, TERM_NIL);
    x[0] = e->module;
    x[1] = e->function;
    x[2] = args;
    return atomic_load(&handler->address);
}

// ---- maps ----

// Items are read to a small array on the stack when they are few.
enum { PAIRS_LOCAL = 64 };

typedef struct {
    Term local[PAIRS_LOCAL];
    Term *terms; // local, or of malloc
} Pairs;

static void read_pairs(Pairs *pairs, unsigned count, const CodeWord *items,
                       const Term *registers[2])
{
    // Maps of constants are literals, so many pairs are rare.
    pairs->terms = count <= PAIRS_LOCAL ? pairs->local
                                        : memory_alloc(count * sizeof(Term));
    for (unsigned i = 0; i < count; i++)
        pairs->terms[i] = item_value(items[i], registers[0], registers[1]);
}

static void free_pairs(Pairs *pairs)
{
    if (pairs->terms != pairs->local) free(pairs->terms);
}

// The index of immediate [key] among [n] keys, looked for from [from] on and
// then in front of it; [n] when it is not there.
static size_t find_key(const Term *keys, size_t n, size_t from, Term key)
{
    for (size_t i = from; i < n; i++)
        if (term_same(keys[i], key)) return i;
    for (size_t i = 0; i < from; i++)
        if (term_same(keys[i], key)) return i;
    return n;
}

bool slow_get_fields(Term map, unsigned count, const CodeWord *items, Term *x,
                     Term *y)
{
    if (!term_is_map(map)) return false;
    bool is_flat = map_is_flat(map);
    const Term *keys = is_flat ? term_box_ptr(flatmap_keys(map)) + 1 : NULL;
    const Term *values = term_box_ptr(map) + 2;
    size_t n = is_flat ? map_size(map) : 0, at = 0;
    for (unsigned i = 0; i < count; i += 2) {
        Term key = item_value(items[i], x, y), value;
        if (is_flat && term_is_immediate(key)) {
            // The loader has put them in order: the next is behind this one.
            at = find_key(keys, n, at, key);
            if (at == n) return false;
            value = values[at++];
        } else {
            value = map_get(map, key);
            if (term_is_none(value)) return false;
        }
        *item_place(items[i + 1], x, y) = value;
    }
    return true;
}

Term slow_set_fields(Term map, unsigned count, const CodeWord *items,
                     const Term *registers[2], const SlowRoom *room)
{
    if (!term_is_map(map) || !map_is_flat(map)) return TERM_NONE;
    const Term *box = term_box_ptr(map);
    const Term *keys = term_box_ptr(box[1]) + 1;
    size_t n = header_arity(box[0]) - 1, at = 0;
    if ((size_t)(room->limit - room->top) < 2 + n) return TERM_NONE;
    memcpy(room->top, box, (2 + n) * sizeof *box);
    for (unsigned i = 0; i < count; i += 2, at++) {
        Term key = item_value(items[i], registers[0], registers[1]);
        if (!term_is_immediate(key)) return TERM_NONE;
        at = find_key(keys, n, at, key);
        if (at == n) return TERM_NONE;
        room->top[2 + at] =
            item_value(items[i + 1], registers[0], registers[1]);
    }
    // No change, no garbage.
    if (count == 2 && term_same(room->top[1 + at], box[1 + at])) return map;
    return term_from_box(room->top);
}

Term slow_put_map(Process *p, Term map, unsigned count, const CodeWord *items,
                  const Term *registers[2])
{
    Pairs pairs;
    // Before the pairs are read: that error comes first in OTP too.
    if (!term_is_map(map)) return bif_error_value(p, ATOM_badmap, map);
    const AtomTable *atoms = p->node->atoms;
    read_pairs(&pairs, count, items, registers);
    // One pair needs no array of its own.
    Term t = count == 2
                 ? map_put(process_heap(p), atoms, map, pairs.terms[0],
                           pairs.terms[1])
                 : map_put_pairs(process_heap(p), atoms, map, count / 2,
                                 pairs.terms);
    free_pairs(&pairs);
    return t;
}

// Which of the keys that are not there an error names: where all keys stand in
// the code, the least, for OTP's loader sorts those; else TERM_NONE, which is
// the first.
static Term find_missing(const AtomTable *atoms, Term map, unsigned count,
                         const CodeWord *items, const Term *keys)
{
    Term least = TERM_NONE;
    for (unsigned i = 0; i < count; i += 2) {
        if (!item_is_constant(items[i])) return TERM_NONE;
        if (term_is_none(map_get(map, keys[i]))
            && (term_is_none(least)
                || term_compare_exact(atoms, keys[i], least) < 0))
            least = keys[i];
    }
    return least;
}

Term slow_update_map(Process *p, Term map, unsigned count,
                     const CodeWord *items, const Term *registers[2])
{
    Pairs pairs;
    // Any term: it is only looked at when it was set.
    Term missing = TERM_NIL;
    if (!term_is_map(map)) return bif_error_value(p, ATOM_badmap, map);
    read_pairs(&pairs, count, items, registers);
    Term t;
    if (count == 2) {
        // One key: nothing to sort, so nothing is scrambled.
        t = map_update(process_heap(p), map, pairs.terms[0], pairs.terms[1]);
        missing = pairs.terms[0];
    } else {
        t = map_update_pairs(process_heap(p), map, count / 2, pairs.terms,
                             &missing);
        if (term_is_none(t)) { // that has scrambled the pairs
            free_pairs(&pairs);
            read_pairs(&pairs, count, items, registers);
            Term least = find_missing(p->node->atoms, map, count, items,
                                      pairs.terms);
            if (!term_is_none(least)) missing = least;
        }
    }
    free_pairs(&pairs);
    return term_is_none(t) ? bif_error_value(p, ATOM_badkey, missing) : t;
}

// A badmap in a guard is only a failure.
Term slow_map_get(Term map, Term key)
{
    return term_is_map(map) ? map_get(map, key) : TERM_NONE;
}

// ---- the rest ----

bool slow_is_function(Term t, Term arity)
{
    // A bignum is no arity: false.
    if (!term_is_fun(t) || !term_is_small(arity)) return false;
    const Term *box = term_box_ptr(t);
    uint32_t have = header_subtag(box[0]) == SUBTAG_FUN
                        ? ((const FunEntry *)box[1].bits)->arity
                        : ((const Export *)box[1].bits)->arity;
    return term_small_value(arity) == (intptr_t)have;
}

// The size must be right for what can be put: errors come at the put.
Term slow_utf8_size(Term t)
{
    // What is no character: any size will do.
    intptr_t c = term_is_small(t) ? term_small_value(t) : INT32_MAX;
    return term_small(c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
}

Term slow_utf16_size(Term t)
{
    intptr_t c = term_is_small(t) ? term_small_value(t) : INT32_MAX;
    return term_small(c < 0x10000 ? 2 : 4);
}

bool slow_timeout(Process *p, Term t, uint64_t *ms)
{
    if (term_same(t, ATOM_infinity)) {
        *ms = UINT64_MAX;
        return true;
    }
    if (term_is_small(t) && term_small_value(t) >= 0
        && term_small_value(t) <= UINT32_MAX) { // 2^32 - 1 ms, as in OTP
        *ms = (uint64_t)term_small_value(t);
        return true;
    }
    // Also for negative numbers and floats.
    bif_error(p, ATOM_timeout_value);
    return false;
}

void slow_save_registers(Process *p, const Term *x, unsigned live)
{
    // Fresh processes have none yet.
    if (p->saved == NULL) {
        p->saved = p->own_saved;
        p->saved_room = PROCESS_SAVED_REGISTERS;
    }
    if (live > p->saved_room) { // it keeps what it needed once
        // The room that came with the process is part of it.
        if (p->saved != p->own_saved) free(p->saved);
        p->saved = memory_alloc(live * sizeof(Term));
        p->saved_room = (uint16_t)live;
    }
    memcpy(p->saved, x, live * sizeof(Term));
    // They are roots of the collector from here on.
    p->live = (uint16_t)live;
}

void slow_load_registers(Process *p, Term *x)
{
    if (p->live > 0) memcpy(x, p->saved, p->live * sizeof(Term));
    // And are not any more: the loop's registers are.
    p->live = 0;
}

Term slow_apply_fault(const Term *x)
{
    intptr_t arity = term_list_length(x[2]);
    if (!term_is_atom(x[0]) || !term_is_atom(x[1]) || arity < 0)
        return ATOM_badarg;
    return arity > ARGUMENTS_MOST ? ATOM_system_limit : TERM_NONE;
}

// ---- traced processes ----

void slow_received(Process *p)
{
    off_heap_receive(p);
    if (!(p->flags & PROCESS_TRACED)) return;
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_note_atom(p, ATOM_receive);
    seq_trace_receive(p);
}

void slow_timed_out(Process *p)
{
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_note_atom(p, ATOM_timeout);
    trace_received(p, ATOM_clock_service, ATOM_timeout);
}
