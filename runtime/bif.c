// SPDX-License-Identifier: Apache-2.0
// What all BIFs share: failing, handing over to other code, unwrapping.
//
// A BIF that does not answer leaves its wish in Process.reason:
//
//   REASON_ERROR  exception_class, exception_value; exception_trace holds the
//                 cause for error_info, or TERM_NONE. The loop replaces it by
//                 the trace.
//   REASON_TRAP   trap_code is where to go on, with [live] registers that
//                 lie in [saved].
//   REASON_YIELD  the same BIF again, later, with [saved].
//   REASON_WAIT   the same, once something has arrived.
//   REASON_DIRTY  the same BIF at once, in the pool, with its own arguments.
//
// Such a wish is read by the loop at once, before anything else runs.
#include "bif.h"

#include <stdlib.h>

#include "buffer.h"
#include "code.h"
#include "copy.h"
#include "gc.h"
#include "iodata.h"
#include "memory.h"
#include "process.h"
#include "term_stack.h"
#include "utf8.h"

// ---- failing ----

Term bif_raise(Process *p, Term class, Term reason)
{
    p->reason = REASON_ERROR;
    p->exception_class = class;
    p->exception_value = reason;
    p->exception_trace = TERM_NONE;
    return TERM_NONE;
}

Term bif_error(Process *p, Term reason)
{
    return bif_raise(p, ATOM_error, reason);
}

Term bif_error_value(Process *p, Term reason, Term value)
{
    return bif_error(p, heap_tuple2(process_heap(p), reason, value));
}

Term bif_error_cause(Process *p, Term reason, Term cause)
{
    bif_error(p, reason);
    p->exception_trace = cause;
    return TERM_NONE;
}

// ---- not answering yet ----

// Keeps the registers to go on with where a resting process has them.
static void save_registers(Process *p, unsigned n, const Term *args)
{
    if (p->saved == NULL) {
        p->saved = p->own_saved;
        p->saved_room = PROCESS_SAVED_REGISTERS;
    }
    if (n > p->saved_room) {
        if (p->saved != p->own_saved) free(p->saved);
        p->saved = memory_alloc(n * sizeof(Term));
        p->saved_room = (uint16_t)n;
    }
    // Args may be the saved registers themselves.
    if (n > 0) memmove(p->saved, args, n * sizeof(Term));
    p->live = (uint16_t)n;
}

Term bif_trap(Process *p, Term module, Term function, unsigned n,
              const Term *args)
{
    const Export *e = code_export(p->node, module, function, n);
    return bif_trap_to(p, atomic_load(&e->address), n, args);
}

Term bif_trap_to(Process *p, const CodeWord *code, unsigned n, const Term *args)
{
    save_registers(p, n, args);
    p->trap_code = code;
    p->reason = REASON_TRAP;
    return TERM_NONE;
}

Term bif_trap_to_clauses(Process *p, Term module, Term function, unsigned n,
                         const Term *args)
{
    const Export *e = code_export(p->node, module, function, n);
    const CodeWord *clauses = code_clauses_of(p->node, e);
    if (clauses != NULL) return bif_trap_to(p, clauses, n, args);
    Term loading[2] = {function, heap_list(process_heap(p), n, args, TERM_NIL)};
    return bif_trap(p, module, ATOM_fail, 2, loading);
}

Term bif_yield(Process *p, unsigned n, const Term *args)
{
    save_registers(p, n, args);
    // What is left of the slice was not used.
    // reductions_done is what was really done, for process_info.
    int32_t left = process_left(p);
    if (left > 0) p->reductions_done -= (uint64_t)left;
    process_set_left(p, 0);
    p->reason = REASON_YIELD;
    return TERM_NONE;
}

// Collections happen between slices: never within a BIF, whose terms would
// move. All registers are roots at a yield.
Term bif_collect(Process *p, unsigned n, const Term *args)
{
    p->flags |= PROCESS_WANTS_GC;
    return bif_yield(p, n, args);
}

// The process's request state serves as memory between both calls.
bool bif_has_yielded(Process *p)
{
    if (p->request == REQUEST_NONE) {
        p->request = REQUEST_SENT;
        return false;
    }
    p->request = REQUEST_NONE;
    return true;
}

Term bif_wait(Process *p, unsigned n, const Term *args)
{
    save_registers(p, n, args);
    p->reason = REASON_WAIT;
    return TERM_NONE;
}

// Two milliseconds: about what a call in the pool may cost when all cores are
// busy.
enum { STEPS_MOST = 200000 };

// In the pool, and on threads of others, nobody else waits for the process.
size_t bif_steps_most(const Process *p)
{
    return process_state(p) == PROCESS_RUNNING ? STEPS_MOST : SIZE_MAX;
}

bool bif_is_long(const Process *p, size_t steps)
{
    return steps > STEPS_MOST && steps > bif_steps_most(p);
}

Term bif_to_pool(Process *p)
{
    p->reason = REASON_DIRTY;
    return TERM_NONE;
}

// ---- large arguments ----

// A small heap holds no large terms but counted binaries: most calls need no
// look. Large literals are rare, and to measure all would cost more than they
// do.
static bool heap_is_small(const Process *p)
{
    return p->old == NULL && p->nursery_room <= STEPS_MOST
           && p->heap.fragment_words <= STEPS_MOST;
}

static bool has_large(const Process *p, unsigned n, const Term *args)
{
    bool small = heap_is_small(p);
    for (unsigned i = 0; i < n; i++)
        if (!term_is_immediate(args[i])
            && !(small && !term_is_bitstring(args[i]))
            && copy_is_larger(args[i], STEPS_MOST))
            return true;
    return false;
}

Term bif_call_long(Process *p, BifFunction function, unsigned n,
                   const Term *args)
{
    if (process_state(p) == PROCESS_RUNNING && has_large(p, n, args))
        return bif_to_pool(p);
    return function(p, args);
}

enum { LENGTH_IMPROPER = -1, LENGTH_LONG = -2 };

// A long list is walked no further than need be.
intptr_t bif_list_length(const Process *p, Term list, size_t steps)
{
    size_t n = 0, most = bif_steps_most(p) / steps;
    for (; term_is_cons(list); list = term_tail(list))
        if (n++ == most) return LENGTH_LONG;
    return term_is_nil(list) ? (intptr_t)n : LENGTH_IMPROPER;
}

bool bif_is_long_list(const Process *p, Term list, size_t steps)
{
    return bif_list_length(p, list, steps) == LENGTH_LONG;
}

Term bif_list_error(Process *p, intptr_t length)
{
    return length == LENGTH_LONG ? bif_to_pool(p) : bif_error(p, ATOM_badarg);
}

// Never below 0: the slice ends with the call, not in the middle of it.
void bif_bump(Process *p, size_t reductions)
{
    int32_t now = process_left(p);
    size_t left = now > 0 ? (size_t)now : 0;
    process_set_left(p, reductions < left ? (int32_t)(left - reductions) : 0);
}

void bif_bump_loop(Process *p, LoopKind kind, size_t steps, size_t cheap)
{
    uint32_t limit =
        atomic_load_explicit(&p->node->loop_limits[kind], memory_order_relaxed);
    bif_bump(p, limit != 0 && steps > limit ? SIZE_MAX : steps / cheap);
}

// ---- unwrapping ----

bool bif_get_uint64(Term t, uint64_t *n)
{
    if (term_is_small(t)) {
        intptr_t value = term_small_value(t);
        *n = (uint64_t)value;
        return value >= 0;
    }
    // Longer ones have more than 64 bits.
    if (!term_has_subtag(t, SUBTAG_BIG_POS) || term_arity(t) != 1) return false;
    *n = term_box_ptr(t)[1].bits;
    return true;
}

bool bif_get_size(Term t, size_t *n)
{
    uint64_t value;
    if (!bif_get_uint64(t, &value) || value > SIZE_MAX) return false;
    *n = (size_t)value;
    return true;
}

bool bif_get_int64(Term t, int64_t *n)
{
    if (term_is_small(t)) {
        *n = term_small_value(t);
        return true;
    }
    if (!term_is_big(t) || term_arity(t) != 1) return false;
    bool negative = term_subtag(t) == SUBTAG_BIG_NEG;
    uint64_t magnitude = term_box_ptr(t)[1].bits;
    if (magnitude > (uint64_t)INT64_MAX + negative) return false;
    *n = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

uint8_t *bif_get_iodata(Term t, size_t *size)
{
    if (iodata_size(t, size) != IODATA_OK) return NULL;
    uint8_t *bytes = memory_alloc(*size + 1);
    iodata_copy(t, bytes);
    bytes[*size] = 0;
    return bytes;
}

// Appends a binary that must be UTF-8.
static bool add_binary_text(Buffer *b, Term t)
{
    Bits bits;
    if (!term_bits(t, &bits) || bits.size % 8 != 0) return false;
    size_t size = bits.size / 8;
    buffer_reserve(b, size + 1);
    bits_copy(b->bytes + b->size, &bits);
    if (utf8_length(b->bytes + b->size, size) < 0) return false;
    b->size += size;
    return true;
}

// What of a text is no character: binaries may be refused.
typedef bool AddPart(Buffer *b, Term t);

static bool add_no_part(Buffer *b, Term t)
{
    return false;
}

// Appends a list up to its first element that is a list; what is left goes on
// the stack.
static bool add_list_text(Buffer *b, Term t, AddPart *add, TermStack *stack)
{
    for (; term_is_cons(t); t = term_tail(t)) {
        Term head = term_head(t);
        if (term_is_small(head)) {
            intptr_t c = term_small_value(head);
            if (c < 0 || c > 0x10FFFF || !utf8_is_valid((uint32_t)c))
                return false;
            buffer_add_utf8(b, (uint32_t)c);
        } else if (term_is_cons(head)) {
            // Goes on behind the inner list later.
            term_stack_push(stack, term_tail(t));
            term_stack_push(stack, head);
            return true;
        } else if (!term_is_nil(head) && !add(b, head)) {
            return false;
        }
    }
    // An improper tail may be a binary.
    return term_is_nil(t) || add(b, t);
}

// Not atoms.
static bool add_text(Buffer *b, Term t, AddPart *add)
{
    TermStack stack;
    bool good = true;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (good && !term_stack_is_empty(&stack))
        good = add_list_text(b, term_stack_pop(&stack), add, &stack);
    term_stack_free(&stack);
    return good;
}

// The end of a text; NULL unless it is [good].
static char *take_text(Buffer *b, bool good, size_t *size)
{
    if (!good) {
        buffer_free(b);
        return NULL;
    }
    *size = b->size;
    buffer_add_byte(b, 0);
    return (char *)b->bytes;
}

char *bif_get_text(Process *p, Term t, size_t *size)
{
    Buffer b;
    bool good = true;
    buffer_init(&b);
    if (term_is_atom(t)) {
        const AtomText *text = atom_text(process_atoms(p), t);
        buffer_add(&b, text->bytes, text->size);
    } else {
        good = add_text(&b, t, add_binary_text);
    }
    return take_text(&b, good, size);
}

char *bif_get_characters(Term t, size_t *size)
{
    Buffer b;
    buffer_init(&b);
    return take_text(&b, add_text(&b, t, add_no_part), size);
}
