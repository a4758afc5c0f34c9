// SPDX-License-Identifier: Apache-2.0
// What the handlers of the loop are written in: operands, dispatch, and the
// ways out of the straight line. For the function run of loop.c only, whose
// locals and labels they name.
//
// Macros, for each stands in many handlers and must be inlined into one
// function whose locals it uses. Those that leave the handler are named for it:
// NEXT, GOTO, CALL, RAISE ...
#ifndef MERLE_LOOP_HANDLER_H
#define MERLE_LOOP_HANDLER_H

enum {
    NO_LABEL = 0,       // fail_at of what fails to no label
    HIBERNATE_LIVE = 3, // its arguments
    HANDLER_LIVE = 4,   // see exception.h
    FLOAT_WORDS = 2,    // of a float term
    CREATE_WORDS = 16   // enough for a small binary
};

// ---- the machine's state ----

// Only htop, y and pc are ever out of step with the process.
#define SAVE() (p->heap.top = htop, p->stack = y, p->pc = pc)
#define RESTORE() (htop = p->heap.top, y = p->stack)

// ---- operands ----

// Operands at slots that the table gives as constants.
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

// ---- going on ----

// One jump for each handler, so that each has its own prediction.
#define DISPATCH() goto *(base + code_handler(pc))
#define CASE(op) op_##op:
#define OPERANDS(op) enum { THIS_OP = OP_##op }; OPERANDS_##op
// The handler is read before pc moves, and from there: see SEPARATE.
#define NEXT_TAIL(op, words) \
    do { \
        intptr_t handler = *(const int32_t *)(pc + WORDS_##op + (words)); \
        SEPARATE(pc); \
        pc += WORDS_##op + (words); \
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

// ---- memory ----

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

// ---- tests and operators ----

// A test whose label is that of the next instruction: not to read where it lies
// lets the machine run ahead.
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

// Leaves for slow_operator or slow_comparison, which come back to [done] or go
// on [label] words from here.
#define TAKE_SLOW_PATH(path, operation, label, into) \
    do { \
        slow = (SlowOperator){THIS_OP, operation, a, b, into}; \
        slow_fail = (label); \
        slow_done = &&done; \
        goto path; \
    } while (0)

// An operator: [fast] sets r and is true, or the slow path sets *dst.
#define OPERATOR_OR(arith, fast, label) \
    { \
        __label__ done; \
        Term r; \
        if (UNLIKELY(!(fast))) \
            TAKE_SLOW_PATH(slow_operator, arith, label, dst); \
        *dst = r; \
        done:; \
    }
#define OPERATOR(arith, fast) OPERATOR_OR(arith, fast, NUMBER(fail_at))

// The same where failing always raises, in a fused instruction.
#define OPERATOR_FUSED(arith, overflows) \
    OPERATOR_OR(arith, BOTH_SMALL() && !overflows(a, b, &r), 0)

// A comparison of what is not small: comes back behind the fast one, or goes
// on at its label.
#define COMPARE(fast, comparison) \
    { \
        __label__ done; \
        if (UNLIKELY(!(fast))) \
            TAKE_SLOW_PATH(slow_comparison, comparison, NUMBER(fail_at), \
                           NULL);
#define COMPARED() \
        done:; \
    }
#define COMPARE_OR_NEXT(op, comparison, condition) \
    { \
        __label__ done; \
        OPERANDS(op) \
        if (UNLIKELY(!BOTH_SMALL())) \
            TAKE_SLOW_PATH(slow_comparison, comparison, WORDS_##op, NULL); \
        TEST_OR_NEXT(op, condition); \
        done:; \
    }
#define IS_LESS() \
    COMPARE(BOTH_SMALL(), COMPARE_LESS) TEST(is_below(a, b)); COMPARED()
#define IS_NOT_LESS() \
    COMPARE(BOTH_SMALL(), COMPARE_NOT_LESS) TEST(!is_below(a, b)); COMPARED()

#define MOVE(from, to) *PLACE(to) = *PLACE(from)

// ---- C functions, and failing ----

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

// ---- calls and frames ----

#define CALL(target) \
    do { \
        pc = (target); \
        if (UNLIKELY(--p->reductions < 0)) goto yield; \
        DISPATCH(); \
    } while (0)

// The same for an exported function: its calls may be saved.
#define CALL_EXPORT(callee) \
    do { \
        pc = atomic_load_explicit(&(callee)->address, memory_order_acquire); \
        if (UNLIKELY(--p->reductions < 0)) { \
            culprit = (callee); \
            goto yield_export; \
        } \
        DISPATCH(); \
    } while (0)

// The return address is a word with tag 00: the collector passes it over.
#define PUSH(address) (*--y = (Term){(uintptr_t)(address)})
#define PUSH_CALL(op) \
    PUSH(pc + WORDS_##op); \
    CALL(LABEL(target))
#define RETURN_BELOW(drop) \
    y += (drop); \
    GOTO((const CodeWord *)(*y++).bits)

// A frame, before an instruction does anything: a larger stack begins it again.
#define STACK_ROOM(words) \
    if (UNLIKELY(y - (words) < p->stack_guard)) { \
        room = (words) + FRAME_SLACK; \
        goto grow_stack; \
    }
#define ALLOCATE(words) \
    Term *const frame = y - (words); \
    if (UNLIKELY(frame < p->stack_guard)) { \
        room = (words) + FRAME_SLACK; \
        goto grow_stack; \
    } \
    y = frame

// ---- building ----

// Room was made before: these cannot fail.
#define PUT_LIST(to) \
    htop[0] = head; \
    htop[1] = tail; \
    to = term_from_cons(htop); \
    htop += 2
#define FSTORE(from, to) \
    htop[0] = term_header(SUBTAG_FLOAT, 1); \
    memcpy(htop + 1, from, sizeof *(from)); \
    *(to) = term_from_box(htop); \
    htop += FLOAT_WORDS

#endif
