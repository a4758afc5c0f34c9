// SPDX-License-Identifier: Apache-2.0
// Ranges follow from how a value is computed, and from nothing else: no test
// that was passed on the way counts, so that they hold wherever the value is.
// Only what has a result at all counts: a sum of two integers that lie between
// bounds is one, or there was an exception.
//
// All bounds are numbers without a box, of which the sum and the difference of
// two fit 64 bits; what grows beyond that has no range.
//
// It is asked for operands that are integers for certain (emit_op.c) and costs
// at most a few dozen steps each, as depth and ways are bounded. What it finds
// lets a machine leave tests for overflow out.
#include "range.h"

#include "atom.h"

enum {
    DEPTH_MOST = 8, // of computations that are looked through
    WAYS_MOST = 8   // of what ways bring to one place
};

static bool find(const Inst *v, Range *r, unsigned depth);

static bool is_small(int64_t n)
{
    return n >= SMALL_MIN && n <= SMALL_MAX;
}

// False when a bound is too large to be told.
static bool set(Range *r, int64_t low, int64_t high)
{
    *r = (Range){low, high};
    return is_small(low) && is_small(high);
}

static int64_t least(int64_t a, int64_t b) // as in ranges: low to high
{
    return a < b ? a : b;
}

static int64_t greatest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

// Of four products one is the least, one the greatest.
static bool multiply(Range a, Range b, Range *r)
{
    int64_t n[4];
    if (__builtin_mul_overflow(a.low, b.low, &n[0])
        || __builtin_mul_overflow(a.low, b.high, &n[1])
        || __builtin_mul_overflow(a.high, b.low, &n[2])
        || __builtin_mul_overflow(a.high, b.high, &n[3]))
        return false;
    return set(r, least(least(n[0], n[1]), least(n[2], n[3])),
               greatest(greatest(n[0], n[1]), greatest(n[2], n[3])));
}

// The lowest number of as many bits as [n] has, less one: what `bor' of
// numbers up to [n] can reach.
static int64_t all_bits(int64_t n)
{
    int64_t all = 0;
    while (all < n) all = all * 2 + 1;
    return all;
}

// The other operand may be any integer.
static bool mask(const Inst *a, const Inst *b, Range *r, unsigned depth)
{
    Range x, y;
    bool has_x = find(a, &x, depth) && x.low >= 0;
    bool has_y = find(b, &y, depth) && y.low >= 0;
    if (!has_x && !has_y) return false;
    if (!has_x) return set(r, 0, y.high);
    if (!has_y) return set(r, 0, x.high);
    return set(r, 0, least(x.high, y.high));
}

// The remainder has the sign of what is divided.
static bool remainder_of(const Inst *a, const Inst *b, Range *r, unsigned depth)
{
    Range x, y;
    if (!find(b, &y, depth) || y.low <= 0) return false;
    bool positive = find(a, &x, depth) && x.low >= 0;
    return set(r, positive ? 0 : 1 - y.high, y.high - 1);
}

// Only shifts that are no negative ones: these go the other way.
static bool shift_left(Range a, Range b, Range *r)
{
    // Of no more bits than is sure to fit.
    if (b.low < 0 || b.high > 58) return false;
    return multiply(a, (Range){(int64_t)1 << b.low, (int64_t)1 << b.high}, r);
}

// Rounds down: -1 bsr 1 is -1.
static bool shift_right(Range a, Range b, Range *r)
{
    if (b.low < 0) return false;
    int64_t most = least(b.high, 63), few = least(b.low, 63);
    return set(r, least(a.low >> few, a.low >> most),
               greatest(a.high >> few, a.high >> most));
}

// Operators of which both operands count.
static bool combine(Term name, Range a, Range b, Range *r)
{
    switch (name.bits) {
    case ATOM_BITS_plus: return set(r, a.low + b.low, a.high + b.high);
    case ATOM_BITS_minus: return set(r, a.low - b.high, a.high - b.low);
    case ATOM_BITS_times: return multiply(a, b, r);
    case ATOM_BITS_div:
        if (b.low <= 0) return false;
        return set(r, least(a.low / b.low, a.low / b.high),
                   greatest(a.high / b.low, a.high / b.high));
    case ATOM_BITS_bor: case ATOM_BITS_bxor:
        if (a.low < 0 || b.low < 0) return false;
        return set(r, 0, all_bits(greatest(a.high, b.high)));
    case ATOM_BITS_bsl: return shift_left(a, b, r);
    case ATOM_BITS_bsr: return shift_right(a, b, r);
    default: return false;
    }
}

// What BIFs give that take one operand: sizes have bounds, others none.
static bool of_bif(const Inst *i, Range *r, unsigned depth)
{
    Range a, b;
    if (i->nargs == 1) {
        // No tuple has more elements. Sizes of other things have bounds that
        // tell nothing.
        if (term_same(i->term, ATOM_tuple_size)) return set(r, 0, 16777215);
        return false;
    }
    if (i->nargs != 2) return false;
    switch (i->term.bits) {
    case ATOM_BITS_band: return mask(i->args[0], i->args[1], r, depth);
    case ATOM_BITS_rem: return remainder_of(i->args[0], i->args[1], r, depth);
    default:
        return find(i->args[0], &a, depth) && find(i->args[1], &b, depth)
               && combine(i->term, a, b, r);
    }
}

// What was read from a binary: so many bits, or a character.
static bool of_segment(const Inst *i, Range *r)
{
    const Segment *s = i->segments;
    if (s->type == SEG_UTF8 || s->type == SEG_UTF16 || s->type == SEG_UTF32)
        return set(r, 0, 0x10FFFF);
    if (s->type != SEG_INTEGER || i->nargs < 2 || !ir_is_literal(i->args[1])
        || !term_is_small(i->args[1]->term))
        return false;
    intptr_t size = term_small_value(i->args[1]->term);
    if (size < 1 || size > 58 || size * s->unit > 58) return false;
    int64_t bits = size * s->unit, half = (int64_t)1 << (bits - 1);
    if (s->flags & SEG_SIGNED) return set(r, -half, half - 1);
    return set(r, 0, 2 * half - 1);
}

// Round a loop nothing is known: depth ends it.
static bool of_phi(const Inst *i, Range *r, unsigned depth)
{
    Range x;
    if (i->nargs == 0 || i->nargs > WAYS_MOST) return false;
    for (size_t k = 0; k < i->nargs; k++) {
        if (!find(i->args[k], &x, depth)) return false;
        if (k == 0) *r = x;
        r->low = least(r->low, x.low);
        r->high = greatest(r->high, x.high);
    }
    return true;
}

// [depth] counts the computations that may still be looked through.
static bool find(const Inst *v, Range *r, unsigned depth)
{
    if (ir_is_literal(v))
        return term_is_small(v->term)
               && set(r, term_small_value(v->term), term_small_value(v->term));
    if (depth == 0) return false;
    switch (v->op) {
    case IR_COPY: return find(v->args[0], r, depth - 1);
    case IR_PHI: return of_phi(v, r, depth / 2);
    case IR_BIF: return of_bif(v, r, depth - 1);
    case IR_BS_GET: return of_segment(v, r);
    default: return false;
    }
}

bool range_of(const Inst *v, Range *range)
{
    return find(v, range, DEPTH_MOST);
}
