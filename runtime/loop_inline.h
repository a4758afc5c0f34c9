// SPDX-License-Identifier: Apache-2.0
// What the handlers of the loop ask and calculate without leaving it: the
// common cases, of small integers, floats and flat maps. For loop.c only.
//
// Each answers without touching the heap or the process, so the machine's
// registers stay where they are; what they cannot do goes to loop_slow.h.
#ifndef MERLE_LOOP_INLINE_H
#define MERLE_LOOP_INLINE_H

#include <math.h>

#include "compare.h"
#include "gc.h"
#include "instruction.h"
#include "loop_slow.h"
#include "ref.h"

#ifndef MERLE_STRESS_GC
#define MERLE_STRESS_GC 0
#endif

enum {
    HEADER_TAG = 0x3F // bits of a header that say what it heads
};

// All four tag bits are 1 in a small: the and of both keeps them.
static inline bool is_both_small(Term a, Term b)
{
    return (a.bits & b.bits & TAG_IMMEDIATE_MASK) == TAG_SMALL;
}

static inline bool is_both_immediate(Term a, Term b)
{
    return term_is_immediate(a) && term_is_immediate(b);
}

static inline bool is_one_immediate(Term a, Term b)
{
    return term_is_immediate(a) || term_is_immediate(b);
}

// Tags are equal, so words compare as the numbers do.
static inline bool is_below(Term a, Term b)
{
    return (intptr_t)a.bits < (intptr_t)b.bits;
}

static inline bool is_kind(Term t, Subtag tag)
{
    return term_is_boxed(t)
           && (term_box_ptr(t)->bits & HEADER_TAG) == ((uintptr_t)tag << 2);
}

static inline bool is_less(const Process *p, Term a, Term b)
{
    return is_both_small(a, b) ? is_below(a, b) : slow_less(p, a, b);
}

// Whether [t] lies in a row of small integers. What has another tag differs in
// the bits that are highest here.
static inline bool is_small_between(Term t, Term low, Term high)
{
    uintptr_t d = t.bits - low.bits;
    d = d >> TAG_IMMEDIATE_BITS | d << (64 - TAG_IMMEDIATE_BITS);
    return d <= (high.bits - low.bits) >> TAG_IMMEDIATE_BITS;
}

// ---- integers ----
// One of the tags is taken off, so the result has exactly one: the numbers are
// added in place, and the processor's overflow is that of 60 bits.

static inline bool add_overflows(Term a, Term b, Term *sum)
{
    return __builtin_add_overflow((intptr_t)a.bits,
                                  (intptr_t)(b.bits - TAG_SMALL),
                                  (intptr_t *)&sum->bits);
}

static inline bool sub_overflows(Term a, Term b, Term *difference)
{
    return __builtin_sub_overflow((intptr_t)a.bits,
                                  (intptr_t)(b.bits - TAG_SMALL),
                                  (intptr_t *)&difference->bits);
}

// One factor without its tag's bits below: the product is in place.
static inline bool mul_overflows(Term a, Term b, Term *product)
{
    intptr_t n;
    if (__builtin_mul_overflow((intptr_t)a.bits >> TAG_IMMEDIATE_BITS,
                               (intptr_t)(b.bits - TAG_SMALL), &n))
        return true;
    product->bits = (uintptr_t)n | TAG_SMALL;
    return false;
}

// a bsl b for small a, when that is a small too.
static inline bool shift_left(Term a, Term b, Term *shifted)
{
    // In place: what is shifted out is missing when it is shifted back.
    intptr_t n = (intptr_t)(a.bits - TAG_SMALL), by = term_small_value(b);
    // Negative shifts are left to the slow path.
    if ((uintptr_t)by > 58) return false; // 1 bsl 59 is no small any more
    intptr_t result = (intptr_t)((uintptr_t)n << by);
    if (result >> by != n) return false;
    shifted->bits = (uintptr_t)result + TAG_SMALL;
    return true;
}

// Shifting by more than all bits leaves 0 or -1.
static inline bool shift_right(Term a, Term b, Term *shifted)
{
    intptr_t by = term_small_value(b);
    if (by < 0) return false;
    // What comes down into the tag is covered by it: its bits are all 1.
    shifted->bits =
        (uintptr_t)((intptr_t)a.bits >> (by > 60 ? 60 : by)) | TAG_SMALL;
    return true;
}

// ---- floats that the compiler did not know to be such ----

static inline bool is_both_float(Term a, Term b)
{
    return is_kind(a, SUBTAG_FLOAT) && is_kind(b, SUBTAG_FLOAT);
}

// The value of a float or small integer; false for anything else.
static inline bool read_double(Term t, double *d)
{
    if (is_kind(t, SUBTAG_FLOAT))
        *d = term_float_value(t);
    else if (term_is_small(t))
        *d = (double)term_small_value(t);
    else
        return false;
    return true;
}

// a op b in floats: false when it is another case, or fails.
// Division is not here: it never gives an integer, and 0 fails.
static inline bool operate_on_floats(ArithOp op, Term a, Term b, double *r)
{
    double x, y;
    if (op > ARITH_MUL || is_both_small(a, b) || !read_double(a, &x)
        || !read_double(b, &y))
        return false;
    *r = op == ARITH_ADD ? x + y : op == ARITH_SUB ? x - y : x * y;
    return isfinite(*r); // an overflow is badarith
}

// No NaN exists in Erlang, so == and =< need no special care.
static inline bool compare_floats(Comparison what, double x, double y)
{
    switch (what) {
    case COMPARE_LESS: return x < y;
    case COMPARE_NOT_LESS: return x >= y;
    case COMPARE_EQUAL:
    case COMPARE_SAME: return x == y;
    default: return x != y;
    }
}

// ---- maps and jump tables ----

// The value of immediate [key] in a flat map by comparing words.
// Linear: keys of one tuple lie side by side, and there are few.
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

// Other keys need comparing, which may take long.
static inline Term find_in_map(Term map, Term key)
{
    if (term_is_immediate(key) && is_kind(map, SUBTAG_FLATMAP))
        return find_in_flatmap(map, key);
    return slow_map_get(map, key);
}

// The index of [value] among [count] sorted words, or -1.
// Halves without a branch to be guessed wrong, then looks at eight.
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

// For values that are no immediates: floats and bignums of a case.
static inline int find_exact(const CodeWord *words, unsigned count, Term value)
{
    for (unsigned i = 0; i < count; i++) {
        if (term_exact_equal((Term){words[i]}, value)) return (int)i;
    }
    return -1;
}

// ---- binaries ----

// Units of 8 bits by far the most: no division for them.
static inline bool is_whole(size_t bits, unsigned unit)
{
    return unit == 8 ? bits % 8 == 0 : unit == 1 || bits % unit == 0;
}

// ---- memory ----

// A collection with [live] registers; the process's state is saved.
static inline void collect(Process *p, size_t need, Term *x, unsigned live)
{
    // Else fragments have to do, until somebody knows.
    if (live < LIVE_UNKNOWN) gc_collect(p, need, x, live);
}

// The same when there is no hurry: a long one is left to the pool, where the
// process comes to when its slice ends.
static inline void tidy(Process *p, Term *x, unsigned live)
{
    if (gc_is_long(p)) {
        p->flags |= PROCESS_WANTS_GC;
        process_set_left(p, 0);
    } else {
        collect(p, 0, x, live);
    }
}

// Whether [words] more need a collection first. When stressing every second
// question is answered so, for the instruction asks again.
static inline bool is_short(const Process *p, const Term *htop, size_t words,
                            bool *stressed)
{
    if (MERLE_STRESS_GC && (*stressed = !*stressed)) return true;
    // As integers: htop + words may lie behind the block.
    return (uintptr_t)(htop + words) > (uintptr_t)p->heap.limit;
}

// Whether fragments or counted binaries ask for a collection.
// The common answer takes one compare and one test.
static inline bool wants_collection(Process *p)
{
    return MERLE_STRESS_GC
           || (p->heap.fragment_words > p->fragments_most
               && gc_fragments_are_many(p))
           || (p->flags & (PROCESS_WANTS_GC | PROCESS_WANTS_FULL)) != 0;
}

// ---- calls and messages ----

// Whether the code [at], where a tail call leads, does nothing but raise: then
// its caller is to be seen. [bif_stub] is the handler of such code, [traced]
// that of the same with a breakpoint.
static inline bool only_raises(const CodeWord *at, int32_t bif_stub,
                               int32_t traced)
{
    int32_t handler = code_handler(at);
    return (handler == bif_stub || handler == traced)
           && exception_is_raising((const Export *)at[1]);
}

// The export that [cache] of an apply instruction holds, if it is that of
// [name] (module and function); exports are never freed.
// Acquire: the export was made by another thread, perhaps.
static inline const Export *find_cached(const CodeWord *cache, const Term *name)
{
    const Export *e = (const Export *)__atomic_load_n(cache, __ATOMIC_ACQUIRE);
    return e != NULL && term_same(e->module, name[0])
                   && term_same(e->function, name[1])
               ? e
               : NULL;
}

// Zeros match no marker: references of other nodes have none here.
static inline RefId id_of(Term ref)
{
    return ref_is_local(ref) ? ref_to_id(ref) : (RefId){0, 0};
}

#endif
