// SPDX-License-Identifier: Apache-2.0
// The loop: runs loaded code.
//
// The machine's state lies in locals: pc, x and y (registers; y is the top of
// the stack, which grows downwards) and htop (next free word of the heap). Two
// moments bring it to the process and back:
//
//   SAVE()     before anything that may build terms, collect, raise or yield
//   RESTORE()  after it
//
// A call pushes the return address and goes on at the callee; allocate takes
// the frame below it. So y[0] is always the first word of the frame, and the
// return address lies behind its last. A call needs no check of the stack, for
// frames leave FRAME_SLACK words.
//
// Collections happen at instructions that know how many x registers are live
// (allocate, test_heap, and those that build much: RESERVE), and after BIFs.
// Handlers read their operands through OPERANDS, which the instruction table
// gives; what is read before a collection must be read again after it. An
// operand need not be in a live register, so an instruction collects when it
// is done with its operands, or keeps what it needs beside the live ones.
//
// An error in an instruction goes to `raise`; one in a guard BIF or operator to
// `raise_callee` with callee and args set.
#include "loop.h"

#include <math.h>

#include "bif.h"
#include "bitbuild.h"
#include "bitmatch.h"
#include "breakpoint.h"
#include "compare.h"
#include "exception.h"
#include "gc.h"
#include "instruction.h"
#include "loop_registers.h"
#include "loop_slow.h"
#include "mailbox.h"
#include "map.h"
#include "ref.h"
#include "seq_trace.h"
#include "signal.h"
#include "timer.h"
#include "trace.h"

#ifndef MERLE_STRESS_GC
#define MERLE_STRESS_GC 0
#endif

enum {
    NO_LABEL = 0,          // fail_at of what fails to no label
    HIBERNATE_LIVE = 3,
    HANDLER_LIVE = 4,      // see exception.h
    CREATE_WORDS = 16,     // enough for a small binary
    HEADER_TAG = 0x3F      // bits of a header that say what it heads
};

// ---- helpers of the handlers ----

static bool is_both_small(Term a, Term b)
{
    return (a.bits & b.bits & TAG_IMMEDIATE_MASK) == TAG_SMALL;
}

static bool is_both_immediate(Term a, Term b)
{
    return term_is_immediate(a) && term_is_immediate(b);
}

static bool is_one_immediate(Term a, Term b)
{
    return term_is_immediate(a) || term_is_immediate(b);
}

static bool is_below(Term a, Term b)
{
    return (intptr_t)a.bits < (intptr_t)b.bits;
}

static bool is_kind(Term t, Subtag tag)
{
    return term_is_boxed(t)
           && (term_box_ptr(t)->bits & HEADER_TAG) == ((uintptr_t)tag << 2);
}


static bool add_overflows(Term a, Term b, Term *sum)
{
    return __builtin_add_overflow((intptr_t)a.bits,
                                  (intptr_t)(b.bits - TAG_SMALL),
                                  (intptr_t *)&sum->bits);
}

static bool sub_overflows(Term a, Term b, Term *difference)
{
    return __builtin_sub_overflow((intptr_t)a.bits,
                                  (intptr_t)(b.bits - TAG_SMALL),
                                  (intptr_t *)&difference->bits);
}

static bool mul_overflows(Term a, Term b, Term *product)
{
    intptr_t n;
    if (__builtin_mul_overflow((intptr_t)a.bits >> TAG_IMMEDIATE_BITS,
                               (intptr_t)(b.bits - TAG_SMALL), &n))
        return true;
    product->bits = (uintptr_t)n | TAG_SMALL;
    return false;
}

// a bsl b for small a, when that is a small too.
static bool shift_left(Term a, Term b, Term *shifted)
{
    intptr_t n = term_small_value(a), by = term_small_value(b);
    if (by < 0 || by > 58) return false;
    intptr_t result = (intptr_t)((uintptr_t)n << by);
    if (result >> by != n || !term_fits_small(result)) return false;
    *shifted = term_small(result);
    return true;
}

static bool shift_right(Term a, Term b, Term *shifted)
{
    intptr_t by = term_small_value(b);
    if (by < 0) return false;
    *shifted = term_small(term_small_value(a) >> (by > 60 ? 60 : by));
    return true;
}

// The value of immediate [key] in a flat map by comparing words.
static inline Term find_in_flatmap(Term map, Term key)
{
    const Term *box = term_box_ptr(map);
    const Term *keys = term_box_ptr(box[1]);
    size_t n = header_arity(keys[0]);
    for (size_t i = 1; i <= n; i++) {
        if (keys[i].bits == key.bits) return box[1 + i];
    }
    return TERM_NONE;
}

static inline Term find_in_map(Term map, Term key)
{
    if (term_is_immediate(key) && is_kind(map, SUBTAG_FLATMAP))
        return find_in_flatmap(map, key);
    return slow_map_get(map, key);
}

// The index of [value] among [count] sorted words, or -1.
static inline int find_word(const CodeWord *words, unsigned count,
                            uintptr_t value)
{
    unsigned low = 0;
    while (count > 8) {
        unsigned half = count / 2;
        if (words[low + half] <= value) low += half;
        count -= half;
    }
    for (unsigned i = 0; i < count; i++) {
        if (words[low + i] == value) return (int)(low + i);
    }
    return -1;
}

static int find_exact(const CodeWord *words, unsigned count, Term value)
{
    for (unsigned i = 0; i < count; i++) {
        if (term_exact_equal((Term){words[i]}, value)) return (int)i;
    }
    return -1;
}

// A collection with [live] registers; the process's state is saved.
static __attribute__((noinline)) void collect(Process *p, size_t need, Term *x,
                                              unsigned live)
{
    if (live < LIVE_UNKNOWN) gc_collect(p, need, x, live);
}

// Whether [words] more need a collection first. When stressing every second
// question is answered so, for the instruction asks again.
static inline bool is_short(const Process *p, const Term *htop, size_t words,
                            bool *stressed)
{
    if (MERLE_STRESS_GC && (*stressed = !*stressed)) return true;
    return (char *)p->heap.limit - (char *)htop
           < (intptr_t)(words * sizeof(Term));
}

// Whether fragments or counted binaries ask for a collection.
static inline bool wants_collection(Process *p)
{
    return MERLE_STRESS_GC
           || (p->heap.fragment_words > p->fragments_most
               && gc_fragments_are_many(p))
           || (p->flags & (PROCESS_WANTS_GC | PROCESS_WANTS_FULL)) != 0;
}

static RefId id_of(Term ref)
{
    return ref_is_local(ref) ? ref_to_id(ref) : (RefId){0, 0};
}

bool code_is_stub(const CodeWord *pc)
{
    const int32_t *handlers = loop_handlers();
    static const uint16_t stubs[] = {
        OP_call_bif_stub, OP_call_error_handler, OP_call_fun_handler,
        OP_apply_stub, OP_apply_fun_stub, OP_hibernate_stub,
        OP_breakpoint_bif, OP_breakpoint_export};
    int32_t handler = code_handler(pc);
    for (size_t i = 0; i < sizeof stubs / sizeof *stubs; i++) {
        if (handler == handlers[stubs[i]]) return true;
    }
    return false;
}

// What a dirty BIF's stub finds when the pool is done with it.
static Term dirty_answer(Process *p, const Term *x)
{
    DirtyResult result = (DirtyResult)p->dirty;
    p->dirty = DIRTY_NONE;
    return result == DIRTY_ANSWERED ? x[0] : TERM_NONE;
}

// ---- the loop ----

#define SAVE() (p->heap.top = htop, p->stack = y, p->pc = pc)
#define RESTORE() (htop = p->heap.top, y = p->stack)

#define HALF(slot) code_half(pc, slot)
#define NUMBER(slot) (((const int32_t *)pc)[slot])
#define WORD(slot) (pc[slot])
#define CONSTANT(slot) ((Term){pc[slot]})
#define SMALL(slot) ((Term){(uintptr_t)(intptr_t)NUMBER(slot)})
#define LABEL(name) (pc + NUMBER(name##_at))
#define COUNT(name) \
    ((int)name##_is >= 0 ? (unsigned)name##_is : HALF(name##_at))
// The register, read or written after others of the instruction.
#define PLACE(name) ((int)name##_y ? &y[HALF(name##_at)] : &x[HALF(name##_at)])

// Whether failing goes on at a label; the others raise.
#define FAILS_TO_LABEL() ((int)fail_at != NO_LABEL && NUMBER(fail_at) != 0)

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#define DISPATCH() goto *(base + code_handler(pc))
#define CASE(op) op_##op:
#define OPERANDS(op) enum { THIS_OP = OP_##op }; OPERANDS_##op
#define NEXT_TAIL(op, words) \
    do { \
        const CodeWord *next = pc + WORDS_##op + (words); \
        intptr_t handler = *(const int32_t *)next; \
        pc = next; \
        goto *(base + handler); \
    } while (0)
#define NEXT(op) NEXT_TAIL(op, 0)
#define GOTO(target) do { pc = (target); DISPATCH(); } while (0)

// A family of instructions that differ in the kinds of their operands only.
#define MEMBER(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        __VA_ARGS__; \
        NEXT(op); \
    }
#define FAMILY(name, ...) MEMBERS_##name(MEMBER, __VA_ARGS__)

// The same, with room for [words] on the heap made before.
#define ROOMY_MEMBER(op, words, ...) \
    CASE(op) { \
        OPERANDS(op) \
        RESERVE(words); \
        __VA_ARGS__; \
        NEXT(op); \
    }

// Room on the heap before an instruction does anything: a collection begins it
// again.
#define RESERVE(words) \
    do { \
        if (UNLIKELY(is_short(p, htop, words, &stressed))) { \
            room = (words); \
            live_now = live; \
            goto make_room; \
        } \
    } while (0)

// A collection that keeps [kept] too, as one live register more.
#define COLLECT_WITH(words, kept) \
    do { \
        if (live < LIVE_UNKNOWN) { \
            x[live] = (kept); \
            SAVE(); \
            gc_collect(p, words, x, live + 1); \
            RESTORE(); \
            (kept) = x[live]; \
        } \
    } while (0)

// Room on the heap in the middle of an instruction that has read [kept].
#define RESERVE_WITH(words, kept) \
    do { \
        if (MERLE_STRESS_GC || (size_t)(p->heap.limit - htop) < (words)) \
            COLLECT_WITH(words, kept); \
    } while (0)

// A collection when the slow paths have left many fragments, at the end of an
// instruction.
#define TIDY() \
    do { \
        if (wants_collection(p)) COLLECT_WITH(0, *dst); \
    } while (0)

// The same where the label is that of the next instruction: not to read where
// it lies lets the machine run ahead.
#define TEST_OR_NEXT(op, condition) \
    if (!(condition)) NEXT(op)

#define TEST(condition) \
    if (!(condition)) GOTO(LABEL(fail))

// The failure of a guard after SAVE: what the exception was built of is there,
// though nobody looks at it.
#define FAIL_SAVED() \
    do { \
        RESTORE(); \
        GOTO(LABEL(fail)); \
    } while (0)

// Whether operands a and b are small; what the code holds need not be asked.
#define BOTH_SMALL() \
    (a_small ? term_is_small(b) : b_small ? term_is_small(a) \
                                          : is_both_small(a, b))

// An operator: [fast] sets r and is true, or the slow path reads the operands
// again, so that nothing need outlive the fast one, and comes back behind it.
#define OPERATOR_OR(arith, fast, label) \
    { \
        __label__ done; \
        Term r; \
        if (UNLIKELY(!(fast))) { \
            slow = (SlowOperator){THIS_OP, arith, {TERM_NIL, TERM_NIL}}; \
            slow_fail = (label); \
            slow_done = &&done; \
            goto slow_operator; \
        } \
        *dst = r; \
        done:; \
    }
#define OPERATOR(arith, fast) OPERATOR_OR(arith, fast, NUMBER(fail_at))

// A comparison of what is not small: comes back behind the fast one, or goes
// on at its label.
#define COMPARE(fast, comparison) \
    { \
        __label__ done; \
        if (UNLIKELY(!(fast))) { \
            slow = (SlowOperator){THIS_OP, comparison, {TERM_NIL, TERM_NIL}}; \
            slow_fail = NUMBER(fail_at); \
            slow_done = &&done; \
            goto slow_comparison; \
        }
#define COMPARED() \
        done:; \
    }
#define COMPARE_OR_NEXT(op, comparison, condition) \
    { \
        __label__ done; \
        OPERANDS(op) \
        if (UNLIKELY(!BOTH_SMALL())) { \
            slow = (SlowOperator){THIS_OP, comparison, {TERM_NIL, TERM_NIL}}; \
            slow_fail = WORDS_##op; \
            slow_done = &&done; \
            goto slow_comparison; \
        } \
        TEST_OR_NEXT(op, condition); \
        done:; \
    }
#define IS_LESS() \
    COMPARE(BOTH_SMALL(), COMPARE_LESS) TEST(is_below(a, b)); COMPARED()
#define IS_NOT_LESS() \
    COMPARE(BOTH_SMALL(), COMPARE_NOT_LESS) TEST(!is_below(a, b)); COMPARED()

#define MOVE(from, to) *PLACE(to) = *PLACE(from)

// What a C function answers, or the failure of an instruction or guard.
#define CHECKED(expression) \
    SAVE(); \
    Term r = (expression); \
    if (term_is_none(r)) { \
        if (FAILS_TO_LABEL()) FAIL_SAVED(); \
        goto raise; \
    } \
    RESTORE(); \
    *dst = r

#define GUARD(count, ...) \
    const Term given[] = {__VA_ARGS__}; \
    SAVE(); \
    Term r = callee->bif->function(p, given); \
    if (term_is_none(r)) { \
        if (FAILS_TO_LABEL()) FAIL_SAVED(); \
        memcpy(culprit_args, given, sizeof given); \
        culprit = callee; \
        goto raise_callee; \
    } \
    RESTORE(); \
    *dst = r

// Code that failed in a guard BIF that is an instruction of its own.
#define FAIL_GUARD(e, ...) \
    do { \
        const Term given[] = {__VA_ARGS__}; \
        if (FAILS_TO_LABEL()) GOTO(LABEL(fail)); \
        SAVE(); \
        bif_error(p, ATOM_badarg); \
        memcpy(culprit_args, given, sizeof given); \
        culprit = (e); \
        goto raise_callee; \
    } while (0)

#define RAISE(...) \
    do { \
        SAVE(); \
        __VA_ARGS__; \
        goto raise; \
    } while (0)

#define CALL(target) \
    do { \
        pc = (target); \
        if (UNLIKELY(--p->reductions < 0)) goto yield; \
        DISPATCH(); \
    } while (0)

#define PUSH(address) (*--y = (Term){(uintptr_t)(address)})

static const int32_t *run(Scheduler *s, Process *p, Reason *answer);

Reason loop_run(Scheduler *s, Process *p)
{
    Reason answer;
    run(s, p, &answer);
    return answer;
}

const int32_t *loop_handlers(void)
{
    return run(NULL, NULL, NULL);
}

Op code_op(const CodeWord *pc)
{
    const int32_t *handlers = loop_handlers(), handler = code_number(pc, 0);
    unsigned op = 0;
    while (op < OP_COUNT && handlers[op] != handler) op++;
    return (Op)op;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-label"

// Runs [p]; without a process answers the offsets of the handlers instead.
__attribute__((noinline, noclone))
static const int32_t *run(Scheduler *s, Process *process, Reason *answer)
{
#define LABEL_OFFSET(op) \
    [OP_##op] = (int32_t)((const char *)&&op_##op - (const char *)&&op_return),
    static const int32_t handlers[OP_COUNT] = {OP_LABELS(LABEL_OFFSET)};
    if (process == NULL) return handlers;

    const char *const base = &&op_return;
    register Process *p REGISTER_PROCESS = process;
    register const CodeWord *pc REGISTER_PC = p->pc;
    register Term *x REGISTER_X = s->x;
    register Term *y REGISTER_Y = p->stack;
    register Term *htop REGISTER_HTOP = p->heap.top;
    double *const f = ((Scheduler *)x)->f;
    const Export *culprit = NULL; // of raise_callee, with its arguments
    Term culprit_args[4];
    unsigned live_now;           // of yield_live and make_room
    size_t room;                 // of make_room and grow_stack
    bool stressed = false;       // has collected for the sake of it
    SlowOperator slow;           // of slow_operator and slow_comparison
    int32_t slow_fail;           // words to where failing leads, or 0
    const void *slow_done = NULL; // behind the operator
    BitBuilder builder = {0};

    KEEP_IN_REGISTERS(p, x);
    slow_load_registers(p, x);
    DISPATCH();

// ---- control ----

    CASE(func_info) {
        SAVE();
        pc = exception_function_clause(p, x, pc);
        goto raised;
    }
    CASE(breakpoint) {
        SAVE();
        int32_t handler = breakpoint_enter(p, pc, x);
        RESTORE();
        goto *(base + handler);
    }
    CASE(nif_entry) {
        const CodeWord *info = function_info(pc);
        GOTO(((const Export *)info[FUNCTION_NIF])->stub);
    }
    CASE(breakpoint_bif) {
        OPERANDS(breakpoint_bif)
        SAVE();
        breakpoint_enter_export(p, callee, x);
        RESTORE();
        GOTO(callee->traced_stub);
    }
    CASE(breakpoint_export) {
        OPERANDS(breakpoint_export)
        SAVE();
        const CodeWord *to = breakpoint_enter_export(p, callee, x);
        RESTORE();
        GOTO(to);
    }
    CASE(return_trace) {
        SAVE();
        breakpoint_return(p, x[0]);
        RESTORE();
        GOTO((const CodeWord *)(*y++).bits);
    }
    CASE(return_to_trace) {
        SAVE();
        breakpoint_return_to(p);
        RESTORE();
        GOTO((const CodeWord *)(*y++).bits);
    }
    CASE(return_time) {
        SAVE();
        breakpoint_return_time(p);
        RESTORE();
        GOTO((const CodeWord *)(*y++).bits);
    }
    CASE(call) {
        OPERANDS(call)
        PUSH(pc + WORDS_call);
        CALL(LABEL(target));
    }
    CASE(call_only) {
        OPERANDS(call_only)
        CALL(LABEL(target));
    }
    FAMILY(call_last, y += drop; CALL(LABEL(target)))
    CASE(call_ext) {
        OPERANDS(call_ext)
        PUSH(pc + WORDS_call_ext);
        CALL(atomic_load_explicit(&callee->address, memory_order_acquire));
    }
    CASE(call_ext_only) {
        OPERANDS(call_ext_only)
        CALL(atomic_load_explicit(&callee->address, memory_order_acquire));
    }
    CASE(call_ext_last) {
        OPERANDS(call_ext_last)
        y += drop;
        CALL(atomic_load_explicit(&callee->address, memory_order_acquire));
    }
    CASE(call_bif) {
        OPERANDS(call_bif)
        SAVE();
        Term r = atomic_load_explicit(&callee->call, memory_order_relaxed)(
            p, x);
        if (term_is_none(r)) goto bif_gave_none;
        RESTORE();
        p->reductions--;
        x[0] = r;
        if (wants_collection(p)) {
            SAVE();
            collect(p, 0, x, 1);
            RESTORE();
        }
        NEXT(call_bif);
    }
    CASE(call_bif_stub) {
        OPERANDS(call_bif_stub)
        SAVE();
        if (callee->bif->kind == BIF_DIRTY) goto call_dirty;
        Term r = callee->bif->function(p, x);
        if (term_is_none(r)) goto bif_gave_none;
        x[0] = r;
        if (wants_collection(p)) collect(p, 0, x, 1);
        RESTORE();
        GOTO((const CodeWord *)(*y++).bits);
    }
    CASE(dirty_done) {
        Term r = dirty_answer(p, x);
        pc -= WORDS_call_bif_stub;
        if (term_is_none(r)) goto bif_gave_none;
        GOTO((const CodeWord *)(*y++).bits);
    }
    CASE(call_error_handler) {
        OPERANDS(call_error_handler)
        SAVE();
        const CodeWord *to = slow_call_undefined(p, callee, x);
        if (to == NULL) {
            pc = exception_undefined(p, x, pc, callee);
            goto raised;
        }
        RESTORE();
        GOTO(to);
    }
    CASE(call_fun_handler) RAISE(bif_error(p, ATOM_undef));
    CASE(apply_stub) {
        SAVE();
        const CodeWord *to = slow_apply(p, x[0], x[1], x[2], x);
        if (to == NULL) goto raise_apply;
        CALL(to);
    }
    CASE(apply_fun_stub) {
        SAVE();
        const CodeWord *to = slow_apply_fun(p, x[0], x[1], x);
        if (to == NULL) goto raise;
        RESTORE();
        CALL(to);
    }
// Where the call of [fun] goes on, its environment behind the arguments.
#define ENTER_FUN() \
    const CodeWord *to = NULL; \
    if (is_kind(fun, SUBTAG_FUN)) { \
        const FunEntry *entry = (const FunEntry *)term_box_ptr(fun)[1].bits; \
        if (entry->arity == arity) \
            to = atomic_load_explicit(&entry->address, memory_order_acquire); \
    } \
    if (to != NULL && code_number(to, 0) != handlers[OP_call_fun_handler]) { \
        const Term *box = term_box_ptr(fun); \
        size_t count = header_arity(box[0]) - 2; \
        for (size_t i = 0; i < count; i++) x[arity + i] = box[3 + i]; \
    } else { \
        SAVE(); \
        to = slow_call_fun(p, fun, arity, x); \
        if (to == NULL) goto raise; \
        RESTORE(); \
    }
    FAMILY(call_fun,
        PUSH(pc + WORDS_call_fun_x); // the trace of a failure shows it too
        ENTER_FUN()
        CALL(to))
    FAMILY(call_fun_last,
        ENTER_FUN()
        y += drop;
        CALL(to))
    CASE(apply) {
        OPERANDS(apply)
        SAVE();
        const CodeWord *to = slow_apply_registers(p, arity, x);
        if (to == NULL) goto raise_apply;
        PUSH(pc + WORDS_apply);
        CALL(to);
    }
    CASE(apply_last) {
        OPERANDS(apply_last)
        SAVE();
        const CodeWord *to = slow_apply_registers(p, arity, x);
        if (to == NULL) goto raise_apply;
        y += drop;
        CALL(to);
    }
    CASE(return) {
        GOTO((const CodeWord *)(*y++).bits);
    }
    CASE(deallocate) {
        OPERANDS(deallocate)
        y += drop;
        NEXT(deallocate);
    }
#define RETURN_BELOW(drop) \
    y += (drop); \
    GOTO((const CodeWord *)(*y++).bits)
    FAMILY(deallocate_return, RETURN_BELOW(drop))

// A frame, before an instruction does anything: a larger stack begins it again.
#define STACK_ROOM(words) \
    if (UNLIKELY((char *)y - (char *)p->stack_limit \
                 < (intptr_t)((words) + FRAME_SLACK) * (intptr_t)sizeof(Term))) { \
        room = (words) + FRAME_SLACK; \
        goto grow_stack; \
    }
#define ALLOCATE(words) STACK_ROOM(words) y -= (words)

    FAMILY(allocate,
        ALLOCATE(need))
    CASE(allocate_heap) {
        OPERANDS(allocate_heap)
        RESERVE((size_t)heap);
        ALLOCATE(need);
        NEXT(allocate_heap);
    }
    CASE(test_heap) {
        OPERANDS(test_heap)
        RESERVE((size_t)heap);
        NEXT(test_heap);
    }
    CASE(trim) {
        OPERANDS(trim)
        y += drop;
        NEXT(trim);
    }
    CASE(init) {
        OPERANDS(init)
        *dst = TERM_NIL;
        NEXT(init);
    }
    CASE(init2) {
        OPERANDS(init2)
        *a = *b = TERM_NIL;
        NEXT(init2);
    }
    CASE(init3) {
        OPERANDS(init3)
        *a = *b = *c = TERM_NIL;
        NEXT(init3);
    }
    CASE(jump) {
        OPERANDS(jump)
        GOTO(LABEL(target));
    }
    CASE(finish) {
        SAVE();
        process_exit(p, ATOM_normal);
        *answer = REASON_EXIT;
        return NULL;
    }
    CASE(spawn_entry) {
        SAVE();
        const CodeWord *to = slow_apply(p, x[0], x[1], x[2], x);
        if (to == NULL) goto raise_apply;
        PUSH(pc + WORDS_spawn_entry);
        CALL(to);
    }
    CASE(raise_pending) {
        SAVE();
        goto raise;
    }
    CASE(on_load) NEXT(on_load);
    CASE(nif_start) NEXT(nif_start);
    CASE(hibernate_stub) {
        y = p->stack_base - 1; // the address of finish
        if (!term_is_none(mailbox_peek(&p->mailbox)))
            GOTO(code_apply_stub(p->node));
        pc = code_apply_stub(p->node);
        SAVE();
        slow_save_registers(p, x, HIBERNATE_LIVE);
        gc_full(p, p->saved, HIBERNATE_LIVE);
        p->flags |= PROCESS_HIBERNATED;
        *answer = REASON_WAIT;
        return NULL;
    }

// ---- fused ----

// As OPERATOR, where failing always raises.
#define OPERATOR_FUSED(arith, overflows) \
    OPERATOR_OR(arith, BOTH_SMALL() && !overflows(a, b, &r), 0)

    FAMILY(is_nonempty_list_allocate,
        TEST(term_is_cons(src));
        ALLOCATE(need))
    FAMILY(allocate_move,
        ALLOCATE(need);
        y[HALF(dst_at)] = src)
    FAMILY(allocate_move2,
        ALLOCATE(need);
        y[HALF(b_at)] = a;
        y[HALF(d_at)] = c)
#define MOVE_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        *dst = src; \
        PUSH(pc + WORDS_##op); \
        CALL(__VA_ARGS__); \
    }
    MEMBERS_move_call(MOVE_CALL, LABEL(target))
    MEMBERS_move_call_ext(MOVE_CALL,
        atomic_load_explicit(&callee->address, memory_order_acquire))
#define MOVE2_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        *b = a; \
        *d = c; \
        PUSH(pc + WORDS_##op); \
        CALL(LABEL(target)); \
    }
    MEMBERS_move2_call(MOVE2_CALL, 0)
    FAMILY(move_call_only, *dst = src; CALL(LABEL(target)))
    FAMILY(move_call_last, *dst = src; y += drop; CALL(LABEL(target)))
    FAMILY(move_deallocate_return, x[0] = src; RETURN_BELOW(drop))
#define GET_LIST_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        const Term *cell = term_cons_ptr(src); \
        Term t = cell[1]; \
        *head = cell[0]; \
        *tail = t; \
        PUSH(pc + WORDS_##op); \
        CALL(LABEL(target)); \
    }
    MEMBERS_get_list_call(GET_LIST_CALL, 0)
#define ARITH_CALL(op, arith, overflows) \
    CASE(op) { \
        OPERANDS(op) \
        Term *const dst = x; \
        OPERATOR_FUSED(arith, overflows) \
        PUSH(pc + WORDS_##op); \
        CALL(LABEL(target)); \
    }
    MEMBERS_add_call(ARITH_CALL, ARITH_ADD, add_overflows)
    MEMBERS_sub_call(ARITH_CALL, ARITH_SUB, sub_overflows)
    FAMILY(add_call_only,
        OPERATOR_FUSED(ARITH_ADD, add_overflows) CALL(LABEL(target)))
    FAMILY(sub_call_only,
        OPERATOR_FUSED(ARITH_SUB, sub_overflows) CALL(LABEL(target)))
    FAMILY(add_return,
        Term *const dst = x;
        OPERATOR_FUSED(ARITH_ADD, add_overflows)
        RETURN_BELOW(COUNT(drop)))
#define PUT_LIST(to) \
    htop[0] = head; \
    htop[1] = tail; \
    to = term_from_cons(htop); \
    htop += 2
    MEMBERS_test_heap_put_list(ROOMY_MEMBER, (size_t)heap, PUT_LIST(*dst))
    MEMBERS_test_heap_put_list_return(ROOMY_MEMBER, (size_t)heap,
        PUT_LIST(x[0]);
        RETURN_BELOW(drop))
    FAMILY(put_list_return, PUT_LIST(x[0]); RETURN_BELOW(drop))

#define IF_LESS(op, ...) \
    CASE(op) { \
        COMPARE_OR_NEXT(op, COMPARE_LESS, is_below(a, b)) \
        OPERANDS(op) \
        __VA_ARGS__; \
    }
#define IF_NOT_LESS(op, ...) \
    CASE(op) { \
        COMPARE_OR_NEXT(op, COMPARE_NOT_LESS, !is_below(a, b)) \
        OPERANDS(op) \
        __VA_ARGS__; \
    }
#define IF_SAME(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        TEST_OR_NEXT(op, term_same(a, b)); \
        __VA_ARGS__; \
    }
    MEMBERS_if_lt_return(IF_LESS, RETURN_BELOW(0))
    MEMBERS_if_ge_return(IF_NOT_LESS, RETURN_BELOW(0))
    MEMBERS_if_same_return(IF_SAME, RETURN_BELOW(0))
    MEMBERS_if_lt_move_return(IF_LESS, x[0] = src; RETURN_BELOW(0))
    MEMBERS_if_ge_move_return(IF_NOT_LESS, x[0] = src; RETURN_BELOW(0))
    MEMBERS_if_same_move_return(IF_SAME, x[0] = src; RETURN_BELOW(0))
    MEMBERS_if_lt_call_only(IF_LESS, CALL(LABEL(target)))
    MEMBERS_if_ge_call_only(IF_NOT_LESS, CALL(LABEL(target)))
    MEMBERS_if_same_call_only(IF_SAME, CALL(LABEL(target)))
    FAMILY(is_tuple_of_get2,
        TEST(term_is_tuple_of(src, arity));
        const Term *box = term_box_ptr(src) + 1 + index; Term t = box[1];
        *a = box[0]; *b = t)
    FAMILY(is_tagged_tuple_get,
        TEST(term_is_tuple_of(src, arity));
        const Term *box = term_box_ptr(src);
        TEST(term_same(box[1], tag));
        *dst = box[1 + index])
    FAMILY(is_tuple_arity,
        TEST(is_kind(src, SUBTAG_TUPLE));
        if (!term_same(*term_box_ptr(src), term_header(SUBTAG_TUPLE, arity)))
            GOTO(LABEL(fail2)))
#define PUSH_CALL(op) \
    PUSH(pc + WORDS_##op); \
    CALL(LABEL(target))
#define IS_NONEMPTY_LIST_ALLOCATE_GET_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        TEST(term_is_cons(src)); \
        ALLOCATE(need); \
        const Term *cell = term_cons_ptr(src); \
        Term t = cell[1]; \
        y[HALF(head_at)] = cell[0]; \
        *tail = t; \
        PUSH_CALL(op); \
    }
    MEMBERS_is_nonempty_list_allocate_get_call(IS_NONEMPTY_LIST_ALLOCATE_GET_CALL, 0)
    FAMILY(allocate_init,
        ALLOCATE(need);
        y[HALF(a_at)] = TERM_NIL)
    FAMILY(allocate_init2,
        ALLOCATE(need);
        y[HALF(a_at)] = y[HALF(b_at)] = TERM_NIL)
#define ALLOCATE_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        ALLOCATE(need); \
        PUSH_CALL(op); \
    }
    MEMBERS_allocate_call(ALLOCATE_CALL, 0)
#define ALLOCATE_MOVE_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        ALLOCATE(need); \
        y[HALF(b_at)] = a; \
        PUSH_CALL(op); \
    }
    MEMBERS_allocate_move_call(ALLOCATE_MOVE_CALL, 0)
#define ALLOCATE_MOVE2_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        ALLOCATE(need); \
        y[HALF(b_at)] = a; \
        *d = c; \
        PUSH_CALL(op); \
    }
    MEMBERS_allocate_move2_call(ALLOCATE_MOVE2_CALL, 0)
#define SUB_ALLOCATE_MOVE2_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        STACK_ROOM(need); \
        OPERATOR_FUSED(ARITH_SUB, sub_overflows) \
        y -= COUNT(need); \
        y[HALF(d_at)] = x[HALF(c_at)]; \
        x[HALF(g_at)] = x[HALF(e_at)]; \
        PUSH_CALL(op); \
    }
    MEMBERS_sub_allocate_move2_call(SUB_ALLOCATE_MOVE2_CALL, 0)
#define ALLOCATE_ARITH_CALL(op, arith, overflows) \
    CASE(op) { \
        OPERANDS(op) \
        STACK_ROOM(need); \
        OPERATOR_FUSED(arith, overflows) \
        y -= COUNT(need); \
        PUSH_CALL(op); \
    }
    MEMBERS_allocate_sub_call(ALLOCATE_ARITH_CALL, ARITH_SUB, sub_overflows)
    MEMBERS_allocate_add_call(ALLOCATE_ARITH_CALL, ARITH_ADD, add_overflows)
#define ARITH_MOVE2_CALL(op, arith, overflows) \
    CASE(op) { \
        OPERANDS(op) \
        OPERATOR_FUSED(arith, overflows) \
        MOVE(c, d); \
        MOVE(e, g); \
        PUSH_CALL(op); \
    }
    MEMBERS_sub_move2_call(ARITH_MOVE2_CALL, ARITH_SUB, sub_overflows)
    MEMBERS_add_move2_call(ARITH_MOVE2_CALL, ARITH_ADD, add_overflows)
#define MOVE3_CALL(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        MOVE(a, b); \
        MOVE(c, d); \
        MOVE(e, g); \
        PUSH_CALL(op); \
    }
    MEMBERS_move3_call(MOVE3_CALL, 0)
    FAMILY(move3_call_last,
        MOVE(a, b); MOVE(c, d); MOVE(e, g); y += drop; CALL(LABEL(target)))
    FAMILY(move2_call_only, MOVE(a, b); MOVE(c, d); CALL(LABEL(target)))
    FAMILY(move2_call_last,
        MOVE(a, b); MOVE(c, d); y += drop; CALL(LABEL(target)))
    CASE(trim_call) {
        OPERANDS(trim_call)
        y += drop;
        PUSH_CALL(trim_call);
    }
    FAMILY(test_heap_put_list_call_only,
        RESERVE((size_t)heap); PUT_LIST(*dst); CALL(LABEL(target)))

// ---- data ----

    FAMILY(move, *dst = src)
    FAMILY(move2, *b = a; *d = c)
    FAMILY(move3, MOVE(a, b); MOVE(c, d); MOVE(e, g))
    MEMBERS_move_return(MEMBER, x[0] = src;
                        GOTO((const CodeWord *)(*y++).bits))
    FAMILY(swap, Term t = *a; *a = *b; *b = t)
    FAMILY(get_list,
        const Term *cell = term_cons_ptr(src); Term t = cell[1];
        *head = cell[0]; *tail = t)
    FAMILY(get_hd, *dst = term_head(src))
    FAMILY(get_tl, *dst = term_tail(src))
    FAMILY(get_tuple_element, *dst = term_box_ptr(src)[1 + index])
    FAMILY(get_tuple_element2,
        const Term *box = term_box_ptr(src) + 1 + index; Term t = box[1];
        *a = box[0]; *b = t)
    FAMILY(get_tuple_element3,
        const Term *box = term_box_ptr(src) + 1 + index; Term t = box[1];
        Term u = box[2]; *a = box[0]; *b = t; *c = u)
    FAMILY(set_tuple_element, term_box_ptr(tuple)[1 + index] = src)
    FAMILY(put_list, PUT_LIST(*dst))
    FAMILY(put_tuple2,
        htop[0] = term_header(SUBTAG_TUPLE, 2); htop[1] = a; htop[2] = b;
        *dst = term_from_box(htop); htop += 3)
    FAMILY(put_tuple3,
        htop[0] = term_header(SUBTAG_TUPLE, 3); htop[1] = a; htop[2] = b;
        htop[3] = c; *dst = term_from_box(htop); htop += 4)
#define PUT_TUPLE(op) \
    CASE(op) { \
        OPERANDS(op) \
        htop[0] = term_header(SUBTAG_TUPLE, count); \
        for (unsigned i = 0; i < count; i++) \
            htop[1 + i] = item_value(items[i], x, y); \
        *dst = term_from_box(htop); \
        htop += 1 + count; \
        NEXT_TAIL(op, count); \
    }
    PUT_TUPLE(put_tuple_x)
    PUT_TUPLE(put_tuple_y)
    CASE(update_record) {
        OPERANDS(update_record)
        memcpy(htop, term_box_ptr(src), (size + 1) * sizeof(Term));
        for (unsigned i = 0; i < count; i += 2)
            htop[items[i]] = item_value(items[i + 1], x, y);
        *dst = term_from_box(htop);
        htop += size + 1;
        NEXT_TAIL(update_record, count);
    }
#define PUT_MAP_ASSOC(op) \
    CASE(op) { \
        OPERANDS(op) \
        SAVE(); \
        Term r = slow_put_map(p, src, count, items, (const Term *[2]){x, y}); \
        if (term_is_none(r)) goto raise; \
        RESTORE(); \
        *dst = r; \
        TIDY(); \
        NEXT_TAIL(op, count); \
    }
    PUT_MAP_ASSOC(put_map_assoc_x)
    PUT_MAP_ASSOC(put_map_assoc_y)
#define PUT_MAP_EXACT(op) \
    CASE(op) { \
        OPERANDS(op) \
        SAVE(); \
        Term r = slow_update_map(p, src, count, items, \
                                 (const Term *[2]){x, y}); \
        if (term_is_none(r)) { \
            if (FAILS_TO_LABEL()) FAIL_SAVED(); \
            goto raise; \
        } \
        RESTORE(); \
        *dst = r; \
        TIDY(); \
        NEXT_TAIL(op, count); \
    }
    PUT_MAP_EXACT(put_map_exact_x)
    PUT_MAP_EXACT(put_map_exact_y)
    FAMILY(get_map_element,
        Term r = find_in_map(src, key);
        TEST(!term_is_none(r));
        *dst = r)
    CASE(get_map_elements) {
        OPERANDS(get_map_elements)
        for (unsigned i = 0; i < count; i += 2) {
            Term r = find_in_map(src, item_value(items[i], x, y));
            TEST(!term_is_none(r));
            *item_place(items[i + 1], x, y) = r;
        }
        NEXT_TAIL(get_map_elements, count);
    }
    FAMILY(has_map_field, TEST(!term_is_none(find_in_map(src, key))))
    CASE(make_fun) {
        OPERANDS(make_fun)
        SAVE();
        Term *box = heap_alloc(process_heap(p), 3 + count);
        box[0] = term_header(SUBTAG_FUN, 2 + count);
        box[1].bits = entry;
        box[2] = p->pid;
        for (unsigned i = 0; i < count; i++)
            box[3 + i] = item_value(items[i], x, y);
        RESTORE();
        *dst = term_from_box(box);
        NEXT_TAIL(make_fun, count);
    }

// ---- tests ----

    FAMILY(is_integer,
        TEST(term_is_small(src) || is_kind(src, SUBTAG_BIG_POS)
             || is_kind(src, SUBTAG_BIG_NEG)))
    FAMILY(is_float, TEST(is_kind(src, SUBTAG_FLOAT)))
    FAMILY(is_number, TEST(term_is_number(src)))
    FAMILY(is_atom, TEST(term_is_atom(src)))
    FAMILY(is_pid, TEST(term_is_pid(src)))
    FAMILY(is_reference, TEST(term_is_ref(src)))
    FAMILY(is_port, TEST(term_is_port(src)))
    FAMILY(is_nil, TEST(term_is_nil(src)))
    FAMILY(is_binary, TEST(term_is_binary(src)))
    FAMILY(is_bitstr, TEST(term_is_bitstring(src)))
    FAMILY(is_list, TEST(term_is_list(src)))
    FAMILY(is_nonempty_list, TEST(term_is_cons(src)))
    FAMILY(is_nonempty_list_get,
        TEST(term_is_cons(src));
        const Term *cell = term_cons_ptr(src); Term t = cell[1];
        *head = cell[0]; *tail = t)
    FAMILY(is_nonempty_list_get_hd,
        TEST(term_is_cons(src)); *head = term_head(src))
    FAMILY(is_nonempty_list_get_tl,
        TEST(term_is_cons(src)); *tail = term_tail(src))
    FAMILY(is_tuple, TEST(is_kind(src, SUBTAG_TUPLE)))
    FAMILY(test_arity,
        TEST(term_same(*term_box_ptr(src), term_header(SUBTAG_TUPLE, arity))))
    FAMILY(is_tuple_of, TEST(term_is_tuple_of(src, arity)))
    FAMILY(is_tagged_tuple,
        TEST(term_is_tuple_of(src, arity));
        TEST(term_same(term_box_ptr(src)[1], tag)))
    FAMILY(is_boolean,
        TEST(term_same(src, ATOM_true) || term_same(src, ATOM_false)))
    FAMILY(is_function, TEST(term_is_fun(src)))
    FAMILY(is_function2, TEST(slow_is_function(src, arity)))
    FAMILY(is_map, TEST(term_is_map(src)))
    FAMILY(is_lt, IS_LESS())
    FAMILY(is_ge, IS_NOT_LESS())
    FAMILY(is_eq,
        COMPARE(term_same(a, b) || is_both_immediate(a, b), COMPARE_EQUAL)
        TEST(term_same(a, b));
        COMPARED())
    FAMILY(is_ne,
        COMPARE(term_same(a, b) || is_both_immediate(a, b), COMPARE_NOT_EQUAL)
        TEST(!term_same(a, b));
        COMPARED())
    FAMILY(is_eq_exact,
        COMPARE(term_same(a, b) || is_one_immediate(a, b), COMPARE_SAME)
        TEST(term_same(a, b));
        COMPARED())
    FAMILY(is_ne_exact,
        COMPARE(term_same(a, b) || is_one_immediate(a, b), COMPARE_NOT_SAME)
        TEST(!term_same(a, b));
        COMPARED())
    FAMILY(is_same, TEST(term_same(a, b)))
    FAMILY(is_not_same, TEST(!term_same(a, b)))
#define SELECT(op, find) \
    CASE(op) { \
        OPERANDS(op) \
        int i = find; \
        GOTO(i < 0 ? LABEL(fail) : pc + (intptr_t)items[count + (unsigned)i]); \
    }
    SELECT(select_val_x, find_word(items, count, src.bits))
    SELECT(select_val_y, find_word(items, count, src.bits))
    SELECT(select_exact, find_exact(items, count, src))
    SELECT(select_arity_x,
           find_word(items, count, term_box_ptr(src)->bits))
    SELECT(select_arity_y,
           find_word(items, count, term_box_ptr(src)->bits))
    FAMILY(select_val2,
        if (term_same(src, a)) GOTO(LABEL(fail));
        if (term_same(src, b)) GOTO(LABEL(fail2)))
#define SELECT_JUMP(op) \
    CASE(op) { \
        OPERANDS(op) \
        uintptr_t i = (src.bits - first) >> TAG_IMMEDIATE_BITS; \
        TEST(term_is_small(src) && i < (uintptr_t)count); \
        GOTO(pc + (intptr_t)items[i]); \
    }
    SELECT_JUMP(select_jump_x)
    SELECT_JUMP(select_jump_y)

// ---- arithmetic ----

    FAMILY(add,
        OPERATOR(ARITH_ADD, BOTH_SMALL() && !add_overflows(a, b, &r)))
    FAMILY(sub,
        OPERATOR(ARITH_SUB, BOTH_SMALL() && !sub_overflows(a, b, &r)))
    FAMILY(mul,
        OPERATOR(ARITH_MUL, BOTH_SMALL() && !mul_overflows(a, b, &r)))
    FAMILY(idiv,
        OPERATOR(ARITH_DIV,
                 BOTH_SMALL() && b.bits != term_small(0).bits
                 && b.bits != term_small(-1).bits
                 && (r = term_small(term_small_value(a)
                                    / term_small_value(b)), true)))
    FAMILY(rem,
        OPERATOR(ARITH_REM,
                 BOTH_SMALL() && b.bits != term_small(0).bits
                 && (r = term_small(term_small_value(a)
                                    % term_small_value(b)), true)))
    FAMILY(band,
        OPERATOR(ARITH_AND,
                 BOTH_SMALL() && (r.bits = a.bits & b.bits, true)))
    FAMILY(bor,
        OPERATOR(ARITH_OR,
                 BOTH_SMALL() && (r.bits = a.bits | b.bits, true)))
    FAMILY(bxor,
        OPERATOR(ARITH_XOR,
                 BOTH_SMALL()
                 && (r.bits = (a.bits ^ b.bits) | TAG_SMALL, true)))
    FAMILY(bsl,
        OPERATOR(ARITH_SHIFT_LEFT,
                 BOTH_SMALL() && shift_left(a, b, &r)))
    FAMILY(bsr,
        OPERATOR(ARITH_SHIFT_RIGHT,
                 BOTH_SMALL() && shift_right(a, b, &r)))
    FAMILY(guard0,
        enum { fail_at = NO_LABEL };
        GUARD(0, TERM_NIL))
#define GUARD_MEMBER(op, ...) \
    CASE(op) { \
        OPERANDS(op) \
        __VA_ARGS__; \
        TIDY(); \
        NEXT(op); \
    }
    MEMBERS_guard1(GUARD_MEMBER, GUARD(1, a))
    MEMBERS_guard2(GUARD_MEMBER, GUARD(2, a, b))
    FAMILY(guard3, GUARD(3, a, b, c)) // its operands may lie in scratch
    FAMILY(element,
        uintptr_t i = index.bits >> TAG_IMMEDIATE_BITS;
        if (!term_is_small(index) || !is_kind(src, SUBTAG_TUPLE)
            || i - 1 >= term_arity(src))
            FAIL_GUARD(callee, index, src);
        *dst = term_box_ptr(src)[i])
    FAMILY(element_small,
        if (!is_kind(src, SUBTAG_TUPLE)
            || term_arity(src) < index)
            FAIL_GUARD(callee, term_small(index), src);
        *dst = term_box_ptr(src)[index])
    FAMILY(bif_hd,
        if (!term_is_cons(src)) FAIL_GUARD(callee, src);
        *dst = term_head(src))
    FAMILY(bif_tl,
        if (!term_is_cons(src)) FAIL_GUARD(callee, src);
        *dst = term_tail(src))
    FAMILY(bif_tuple_size,
        if (!is_kind(src, SUBTAG_TUPLE)) FAIL_GUARD(callee, src);
        *dst = term_small((intptr_t)term_arity(src)))
    FAMILY(bif_self, *dst = p->pid)
    FAMILY(bif_exact_eq,
        *dst = term_exact_equal(a, b) ? ATOM_true : ATOM_false)
    FAMILY(bif_exact_ne,
        *dst = term_exact_equal(a, b) ? ATOM_false : ATOM_true)
    FAMILY(bif_lt, *dst = slow_less(p, a, b) ? ATOM_true : ATOM_false)
    FAMILY(bif_ge, *dst = slow_less(p, a, b) ? ATOM_false : ATOM_true)

// ---- floats ----

#define FSTORE(from, to) \
    htop[0] = term_header(SUBTAG_FLOAT, 1); \
    memcpy(htop + 1, from, sizeof *(from)); \
    *(to) = term_from_box(htop); \
    htop += 2
    FAMILY(fload, *dst = term_float_value(src))
    FAMILY(fload2, *b = term_float_value(a); *d = term_float_value(c))
    FAMILY(fstore, FSTORE(src, dst))
    FAMILY(fstore2, FSTORE(a, b); FSTORE(c, d))
    FAMILY(test_heap_fstore, RESERVE((size_t)heap); FSTORE(src, dst))
    FAMILY(test_heap_fstore2,
        RESERVE((size_t)heap); FSTORE(a, b); FSTORE(c, d))
#define FCONV(to) \
    if (term_is_small(src)) { \
        *(to) = (double)term_small_value(src); \
    } else if (is_kind(src, SUBTAG_FLOAT)) { \
        *(to) = term_float_value(src); \
    } else { \
        SAVE(); \
        if (!slow_to_double(p, src, to)) goto raise; \
    }
    FAMILY(fconv, FCONV(dst))
#define FLOAT_OP(op, before, expression) \
    CASE(op) { \
        OPERANDS(op) \
        before; \
        double r = expression; \
        if (UNLIKELY(!isfinite(r))) goto not_finite; \
        *dst = r; \
        NEXT(op); \
    }
#define FLOAT_MEMBER(op, ...) FLOAT_OP(op, __VA_ARGS__)
    FLOAT_OP(fadd, , *a + *b)
    FLOAT_OP(fsub, , *a - *b)
    FLOAT_OP(fmul, , *a * *b)
    FLOAT_OP(fdiv, , *a / *b)
    FLOAT_OP(fnegate, , -*a)
    MEMBERS_fload_fadd(FLOAT_MEMBER, *to = term_float_value(src), *a + *b)
    MEMBERS_fload_fsub(FLOAT_MEMBER, *to = term_float_value(src), *a - *b)
    MEMBERS_fload_fmul(FLOAT_MEMBER, *to = term_float_value(src), *a * *b)
    MEMBERS_fload_fdiv(FLOAT_MEMBER, *to = term_float_value(src), *a / *b)
    MEMBERS_fconv_fadd(FLOAT_MEMBER, FCONV(to), *a + *b)
    MEMBERS_fconv_fsub(FLOAT_MEMBER, FCONV(to), *a - *b)
    MEMBERS_fconv_fmul(FLOAT_MEMBER, FCONV(to), *a * *b)
    MEMBERS_fconv_fdiv(FLOAT_MEMBER, FCONV(to), *a / *b)

// ---- exceptions ----

    FAMILY(badmatch, RAISE(bif_error_value(p, ATOM_badmatch, value)))
    FAMILY(case_end, RAISE(bif_error_value(p, ATOM_case_clause, value)))
    FAMILY(try_case_end, RAISE(bif_error_value(p, ATOM_try_clause, value)))
    FAMILY(badrecord, RAISE(bif_error_value(p, ATOM_badrecord, value)))
    CASE(if_end) RAISE(bif_error(p, ATOM_if_clause));
    CASE(catch_begin) {
        OPERANDS(catch_begin)
        *tag = term_catch(LABEL(handler));
        NEXT(catch_begin);
    }
    CASE(catch_end) {
        OPERANDS(catch_end)
        *tag = TERM_NIL;
        if (term_is_none(x[0])) {
            SAVE();
            x[0] = exception_catch_value(p, x);
            RESTORE();
        }
        NEXT(catch_end);
    }
    CASE(try_end) {
        OPERANDS(try_end)
        *tag = TERM_NIL;
        NEXT(try_end);
    }
    CASE(try_case) {
        OPERANDS(try_case)
        *tag = TERM_NIL;
        x[0] = x[3];
        NEXT(try_case);
    }
    FAMILY(raise,
        SAVE();
        pc = exception_again(p, x, trace, value);
        goto raised)
    CASE(raw_raise) {
        if (!term_same(x[0], ATOM_error) && !term_same(x[0], ATOM_exit)
            && !term_same(x[0], ATOM_throw)) {
            x[0] = ATOM_badarg;
            NEXT(raw_raise);
        }
        SAVE();
        pc = exception_raw_raise(p, x);
        goto raised;
    }
    CASE(build_stacktrace) {
        SAVE();
        x[0] = exception_trace_list(p, x[0]);
        RESTORE();
        NEXT(build_stacktrace);
    }

// ---- messages ----

    CASE(loop_rec) {
        OPERANDS(loop_rec)
        Term message = mailbox_peek(&p->mailbox);
        if (term_is_none(message)) {
            if (!signal_is_waiting(p)) GOTO(LABEL(fail));
            SAVE();
            if (signal_receive(p) == SIGNAL_ENDED) {
                p->live = 0;
                *answer = REASON_EXIT;
                return NULL;
            }
            RESTORE();
            message = mailbox_peek(&p->mailbox);
            if (term_is_none(message)) GOTO(LABEL(fail));
        }
        *dst = message;
        NEXT(loop_rec);
    }
    CASE(loop_rec_end) {
        OPERANDS(loop_rec_end)
        mailbox_skip(&p->mailbox);
        live_now = 0;
        pc = LABEL(target);
        if (--p->reductions < 0) goto yield_live;
        DISPATCH();
    }
    CASE(remove_message) {
        if (p->flags & PROCESS_TRACED) {
            SAVE();
            seq_trace_receive(p);
            RESTORE();
        }
        mailbox_take(&p->mailbox);
        if (timer_has_receive(p)) timer_cancel_receive(p);
        NEXT(remove_message);
    }
    CASE(timeout) {
        if (p->flags & PROCESS_TRACED) {
            SAVE();
            trace_received(p, ATOM_clock_service, ATOM_timeout);
            RESTORE();
        }
        mailbox_rewind(&p->mailbox);
        if (timer_has_receive(p)) timer_cancel_receive(p);
        NEXT(timeout);
    }
    CASE(wait) {
        OPERANDS(wait)
        pc = LABEL(target);
        goto wait_here;
    }
    FAMILY(wait_timeout,
        uint64_t ms = 0;
        if ((p->flags & PROCESS_TIMED_OUT) == 0) {
            if (p->timer == NULL) {
                SAVE();
                if (!slow_timeout(p, time, &ms)) {
                    mailbox_rewind(&p->mailbox);
                    goto raise;
                }
                if (ms != 0 && ms != UINT64_MAX) timer_set_receive(p, ms);
            }
            if (p->timer != NULL || ms != 0) {
                pc = LABEL(target);
                goto wait_here;
            }
        })
    FAMILY(recv_marker_reserve,
        *dst = term_small((intptr_t)mailbox_marker_reserve(&p->mailbox)))
    FAMILY(recv_marker_bind,
        if (term_is_small(marker))
            mailbox_marker_bind(&p->mailbox,
                                (uint64_t)term_small_value(marker),
                                id_of(ref)))
    FAMILY(recv_marker_clear, mailbox_marker_clear(&p->mailbox, id_of(ref)))
    FAMILY(recv_marker_use, mailbox_marker_use(&p->mailbox, id_of(ref)))

// ---- bit matching ----

    FAMILY(bs_start_match,
        if (is_kind(src, SUBTAG_MATCH)) {
            *dst = src;
        } else {
            RESERVE_WITH(MATCH_WORDS, src);
            SAVE();
            Term r = bitmatch_start(process_heap(p), src);
            RESTORE();
            TEST(!term_is_none(r));
            *dst = r;
        })
    FAMILY(bs_get_position,
        *dst = term_small((intptr_t)match_context(src)->offset))
    FAMILY(bs_set_position,
        match_context(src)->offset = (size_t)term_small_value(position))
    FAMILY(bs_get_tail,
        RESERVE_WITH(PART_WORDS, src);
        MatchContext *m = match_context(src);
        SAVE();
        Term r = heap_sub_bits(process_heap(p), m->original, m->offset,
                               match_left(m));
        RESTORE();
        *dst = r)
    FAMILY(bs_get_integer,
        size_t bits;
        MatchContext *m = match_context(src);
        TEST(bitmatch_size(m, size, unit, &bits));
        SAVE();
        Term r = bitmatch_integer(process_heap(p), m, bits, flags);
        RESTORE();
        TEST(!term_is_none(r));
        *dst = r)
    FAMILY(bs_get_int8,
        MatchContext *m = match_context(src);
        TEST(match_left(m) >= 8);
        *dst = term_small(bits_byte_at(m->base, m->offset));
        m->offset += 8)
    FAMILY(bs_get_int_fixed,
        MatchContext *m = match_context(src);
        TEST(match_left(m) >= bits);
        *dst = match_integer(m, bits, flags))
    FAMILY(bs_get_float,
        size_t bits;
        MatchContext *m = match_context(src);
        TEST(bitmatch_size(m, size, unit, &bits));
        SAVE();
        Term r = bitmatch_float(process_heap(p), m, bits, flags);
        RESTORE();
        TEST(!term_is_none(r));
        *dst = r)
    FAMILY(bs_get_binary,
        size_t bits;
        TEST(bitmatch_size(match_context(src), size, unit, &bits));
        RESERVE_WITH(PART_WORDS, src);
        SAVE();
        Term r = bitmatch_part(process_heap(p), match_context(src), bits);
        RESTORE();
        *dst = r)
    FAMILY(bs_get_binary_all,
        RESERVE_WITH(PART_WORDS, src);
        MatchContext *m = match_context(src);
        TEST(match_left(m) % unit == 0);
        SAVE();
        Term r = bitmatch_part(process_heap(p), m, match_left(m));
        RESTORE();
        *dst = r)
    FAMILY(bs_skip,
        size_t bits;
        MatchContext *m = match_context(src);
        TEST(bitmatch_size(m, size, unit, &bits));
        m->offset += bits)
    FAMILY(bs_skip_fixed,
        MatchContext *m = match_context(src);
        TEST(match_left(m) >= (size_t)bits);
        m->offset += (size_t)bits)
    FAMILY(bs_skip_all,
        MatchContext *m = match_context(src);
        TEST(match_left(m) % unit == 0);
        m->offset = m->end)
    FAMILY(bs_test_tail,
        TEST(match_left(match_context(src)) == (size_t)bits))
    FAMILY(bs_test_unit, TEST(match_left(match_context(src)) % unit == 0))
    FAMILY(bs_match_string,
        TEST(bitmatch_string(match_context(src), (const uint8_t *)string,
                             (size_t)bits)))
#define CODE_POINT(take) \
    Term r = take; \
    TEST(!term_is_none(r)); \
    *dst = r
    FAMILY(bs_get_utf8, CODE_POINT(bitmatch_utf8(match_context(src))))
    FAMILY(bs_get_utf16,
        CODE_POINT(bitmatch_utf16(match_context(src), flags)))
    FAMILY(bs_get_utf32,
        CODE_POINT(bitmatch_utf32(match_context(src), flags)))
    FAMILY(bs_ensure,
        size_t left = match_left(match_context(src));
        TEST(left >= (size_t)bits && (left - (size_t)bits) % unit == 0))
    FAMILY(bs_take_int8,
        MatchContext *m = match_context(src);
        *dst = term_small(bits_byte_at(m->base, m->offset));
        m->offset += 8)
    FAMILY(bs_take_int,
        MatchContext *m = match_context(src);
        if (bits > 56) {
            SAVE();
            Term r = bitmatch_integer(process_heap(p), m, bits, flags);
            RESTORE();
            *dst = r;
        } else {
            *dst = match_integer(m, bits, flags);
        })
    FAMILY(bs_take_binary,
        RESERVE_WITH(PART_WORDS, src);
        SAVE();
        Term r = bitmatch_part(process_heap(p), match_context(src),
                               (size_t)bits);
        RESTORE();
        *dst = r)
    FAMILY(bs_take_skip, match_context(src)->offset += (size_t)bits)
    FAMILY(bs_take_equal,
        MatchContext *m = match_context(src);
        TEST(bits == 0 || match_peek(m, bits) == value);
        m->offset += bits)

// ---- bit building ----

#define CREATE_BIN(op) \
    CASE(op) { \
        OPERANDS(op) \
        SAVE(); \
        Term r = bitbuild_create(p, items, count, x, y); \
        if (term_is_none(r)) { \
            if (FAILS_TO_LABEL()) FAIL_SAVED(); \
            goto raise; \
        } \
        RESTORE(); \
        *dst = r; \
        RESERVE_WITH(CREATE_WORDS, *dst); /* for the next one */ \
        TIDY(); \
        RESERVE_WITH((size_t)extra, *dst); \
        NEXT_TAIL(op, count * SEGMENT_WORDS); \
    }
    CREATE_BIN(bs_create_bin_x)
    CREATE_BIN(bs_create_bin_y)
    FAMILY(bs_init,
        Term bits = size;
        if (term_is_small(bits)) RESERVE_WITH((size_t)extra + 12, bits);
        CHECKED(bitbuild_init(p, &builder, bits, unit)))
    FAMILY(bs_append,
        Term first = src;
        if (term_is_small(size)) RESERVE_WITH((size_t)extra + 12, first);
        CHECKED(bitbuild_append(p, &builder, first, size, unit)))
    FAMILY(bs_private_append,
        CHECKED(bitbuild_append(p, &builder, src, size, unit)))
    CASE(bs_init_writable) {
        SAVE();
        x[0] = bitbuild_append(p, &builder,
                               heap_binary(process_heap(p), "", 0),
                               term_small(0), 1);
        RESTORE();
        NEXT(bs_init_writable);
    }
    FAMILY(bs_add,
        if (!term_is_small(a) || !term_is_small(b)
            || term_small_value(a) < 0 || term_small_value(b) < 0) {
            if (FAILS_TO_LABEL()) GOTO(LABEL(fail));
            RAISE(bif_error(p, ATOM_badarg));
        }
        *dst = term_small(term_small_value(a) + term_small_value(b) * unit))
#define PUT_SEGMENT(kind, flags, unit, src, size) \
    SAVE(); \
    if (!bitbuild_put(p, &builder, segment_word(kind, unit, flags, 0), src, \
                      size)) { \
        if (FAILS_TO_LABEL()) FAIL_SAVED(); \
        goto raise; \
    }
    FAMILY(bs_put_integer, PUT_SEGMENT(SEGMENT_INTEGER, flags, unit, src, size))
    FAMILY(bs_put_float, PUT_SEGMENT(SEGMENT_FLOAT, flags, unit, src, size))
    FAMILY(bs_put_binary, PUT_SEGMENT(SEGMENT_BINARY, flags, unit, src, size))
    CASE(bs_put_string) {
        OPERANDS(bs_put_string)
        bitbuild_put_string(&builder, (const uint8_t *)string, (size_t)size);
        NEXT(bs_put_string);
    }
    FAMILY(bs_utf8_size, *dst = slow_utf8_size(src))
    FAMILY(bs_utf16_size, *dst = slow_utf16_size(src))
    FAMILY(bs_put_utf8, PUT_SEGMENT(SEGMENT_UTF8, 0, 0, src, TERM_NIL))
    FAMILY(bs_put_utf16, PUT_SEGMENT(SEGMENT_UTF16, flags, 0, src, TERM_NIL))
    FAMILY(bs_put_utf32, PUT_SEGMENT(SEGMENT_UTF32, flags, 0, src, TERM_NIL))

// ---- leaving the straight way ----

slow_operator: // of the instruction at pc
    SAVE();
    if (slow_operate(p, &slow, x)) {
        RESTORE();
        goto *slow_done;
    }
    if (slow_fail != 0) {
        RESTORE();
        GOTO(pc + slow_fail);
    }
    if (slow_is_increment(p, &slow)) goto raise;
    memcpy(culprit_args, slow.args, sizeof slow.args);
    culprit = slow_arith_export(p->node, (ArithOp)slow.what);
    goto raise_callee;

slow_comparison: // of the instruction at pc
    SAVE();
    if (slow_compare(p, &slow, x)) goto *slow_done;
    GOTO(pc + slow_fail);

not_finite: // what the float instruction at pc made
    SAVE();
    bif_error(p, ATOM_badarith);
    goto raise;

make_room: // for the instruction at pc
    SAVE();
    collect(p, room, x, live_now);
    RESTORE();
    DISPATCH();

grow_stack:
    SAVE();
    gc_grow_stack(p, room);
    RESTORE();
    DISPATCH();

yield: // at pc, where a function begins, or a stub: those go on to one
    if (code_is_stub(pc)) DISPATCH();
    live_now = function_arity(pc);
yield_live:
    SAVE();
    slow_save_registers(p, x, live_now);
    *answer = REASON_YIELD;
    return NULL;

wait_here: // to go on at pc
    SAVE();
    p->live = 0;
    *answer = REASON_WAIT;
    return NULL;

raise: // what the process holds, at pc; the state is saved
    pc = exception_raise(p, x, pc, NULL, NULL);
    goto raised;

raise_callee:
    pc = exception_raise(p, x, pc, culprit, culprit_args);
    goto raised;

raise_apply: // a failed apply/3: x0 to x2 are its arguments
    pc = exception_raise(p, x, pc,
                         code_export(p->node, ATOM_erlang, ATOM_apply, 3), x);
raised:
    if (pc == NULL) {
        p->live = 0;
        *answer = REASON_EXIT;
        return NULL;
    }
    RESTORE();
    // Raising leaves garbage, and a loop that does it may not ask for room.
    if (wants_collection(p)) {
        SAVE();
        collect(p, 0, x, HANDLER_LIVE);
        RESTORE();
    }
    DISPATCH();

call_dirty: // at the stub of a dirty BIF
    culprit = (const Export *)pc[1];
    slow_save_registers(p, x, culprit->arity);
    p->dirty_function = culprit->bif->function;
    p->pc = pc + WORDS_call_bif_stub;
    *answer = REASON_DIRTY;
    return NULL;

bif_gave_none: // the BIF called at pc wants something else
    culprit = (const Export *)pc[1];
    switch ((Reason)p->reason) {
    case REASON_TRAP:
        RESTORE();
        slow_load_registers(p, x);
        p->reason = REASON_NONE;
        if (!code_is_stub(pc))
            PUSH(pc + WORDS_call_bif);
        CALL(p->trap_code);
    case REASON_YIELD:
    case REASON_WAIT:
    case REASON_EXIT:
        p->pc = pc;
        *answer = (Reason)p->reason;
        return NULL;
    default:
        pc = exception_raise(p, x, pc, culprit, x);
        goto raised;
    }
}
#pragma GCC diagnostic pop
