// SPDX-License-Identifier: Apache-2.0
// Arithmetic. Each operator takes smalls first, then floats, then bignums,
// whose limbs are calculated in place on the heap.
//
// A bignum's room is taken for the largest result there may be; big_finish cuts
// it and gives the rest back, so nothing is calculated twice.
#include "arith.h"

#include <math.h>

#include "atom.h"
#include "big.h"

static bool both_small(Term a, Term b)
{
    return term_is_small(a) && term_is_small(b);
}

static bool both_integer(Term a, Term b)
{
    return term_is_integer(a) && term_is_integer(b);
}

bool arith_to_double(Term t, double *d)
{
    if (term_is_float(t)) {
        *d = term_float_value(t);
        return true;
    }
    if (!term_is_integer(t)) return false;
    return big_to_double(t, d); // false when it is beyond the largest double
}

Term arith_float(Heap *h, double d)
{
    return isfinite(d) ? heap_float(h, d) : TERM_NONE;
}

// All else that can fail with two integers is their size.
Term arith_reason(Term a, Term b)
{
    bool zero = term_is_small(b) && term_small_value(b) == 0;
    return both_integer(a, b) && !zero ? ATOM_system_limit : ATOM_badarith;
}

// ---- sums ----

// The sum of magnitudes, with the sign of both.
static Term add_magnitudes(Heap *h, Big a, Big b)
{
    // The longer one first, as mpn_add wants it.
    if (a.size < b.size) {
        Big other = a;
        a = b;
        b = other;
    }
    mp_limb_t *limbs;
    Term *box = big_new(h, a.size + 1, &limbs);
    // mpn functions want one limb at least.
    limbs[a.size] = b.size == 0
                        ? (mpn_copyi(limbs, a.limbs, (mp_size_t)a.size), 0)
                        : mpn_add(limbs, a.limbs, (mp_size_t)a.size, b.limbs,
                                  (mp_size_t)b.size);
    return big_finish(h, box, a.size + 1, a.negative);
}

static int compare_magnitudes(Big a, Big b)
{
    if (a.size != b.size) return a.size < b.size ? -1 : 1;
    return a.size == 0 ? 0 : mpn_cmp(a.limbs, b.limbs, (mp_size_t)a.size);
}

// The sum of two numbers of different sign.
static Term subtract_magnitudes(Heap *h, Big a, Big b)
{
    int order = compare_magnitudes(a, b);
    if (order == 0) return term_small(0); // the only way to get 0
    // The greater magnitude gives the sign.
    if (order < 0) {
        Big other = a;
        a = b;
        b = other;
    }
    mp_limb_t *limbs;
    Term *box = big_new(h, a.size, &limbs);
    if (b.size == 0)
        mpn_copyi(limbs, a.limbs, (mp_size_t)a.size);
    else
        mpn_sub(limbs, a.limbs, (mp_size_t)a.size, b.limbs, (mp_size_t)b.size);
    return big_finish(h, box, a.size, a.negative);
}

// Views of smalls have their limb in [room].
static Term add_bigs(Heap *h, Term a, Term b, bool subtract)
{
    mp_limb_t room_a, room_b;
    Big x = big_view(a, &room_a), y = big_view(b, &room_b);
    y.negative ^= subtract; // a - b is a + -b
    if (x.negative == y.negative) return add_magnitudes(h, x, y);
    return subtract_magnitudes(h, x, y);
}

Term arith_add(Heap *h, Term a, Term b)
{
    // 60 bits and 60 bits make at most 61: no overflow of 64.
    if (both_small(a, b))
        return heap_integer(h, term_small_value(a) + term_small_value(b));
    if (both_integer(a, b)) return add_bigs(h, a, b, false);
    double x, y;
    // One of them is a float, or no number at all.
    if (!arith_to_double(a, &x) || !arith_to_double(b, &y)) return TERM_NONE;
    return arith_float(h, x + y);
}

Term arith_subtract(Heap *h, Term a, Term b)
{
    if (both_small(a, b))
        return heap_integer(h, term_small_value(a) - term_small_value(b));
    if (both_integer(a, b)) return add_bigs(h, a, b, true);
    double x, y;
    if (!arith_to_double(a, &x) || !arith_to_double(b, &y)) return TERM_NONE;
    return arith_float(h, x - y);
}

// ---- products and quotients ----

static Term multiply_bigs(Heap *h, Term a, Term b)
{
    mp_limb_t room_a, room_b, *limbs;
    Big x = big_view(a, &room_a), y = big_view(b, &room_b);
    if (x.size == 0 || y.size == 0) return term_small(0);
    // One limb more may be needed than the product has; big_finish decides.
    if (x.size + y.size > BIG_LIMBS_MAX + 1) return TERM_NONE;
    bool negative = x.negative != y.negative;
    Term *box = big_new(h, x.size + y.size, &limbs);
    if (x.size >= y.size)
        mpn_mul(limbs, x.limbs, (mp_size_t)x.size, y.limbs, (mp_size_t)y.size);
    else
        mpn_mul(limbs, y.limbs, (mp_size_t)y.size, x.limbs, (mp_size_t)x.size);
    return big_finish(h, box, x.size + y.size, negative);
}

Term arith_multiply(Heap *h, Term a, Term b)
{
    intptr_t product;
    // Most products of smalls fit a word.
    if (both_small(a, b)
        && !__builtin_mul_overflow(term_small_value(a), term_small_value(b),
                                   &product))
        return heap_integer(h, product);
    if (both_integer(a, b)) return multiply_bigs(h, a, b);
    double x, y;
    if (!arith_to_double(a, &x) || !arith_to_double(b, &y)) return TERM_NONE;
    return arith_float(h, x * y);
}

// Integers too: 4 / 2 is 2.0.
Term arith_divide(Heap *h, Term a, Term b)
{
    double x, y;
    if (!arith_to_double(a, &x) || !arith_to_double(b, &y)) return TERM_NONE;
    return y == 0 ? TERM_NONE : arith_float(h, x / y); // also -0.0
}

// Quotient or remainder of magnitudes; a's is not below b's, b is not 0.
static Term divide_magnitudes(Heap *h, Big a, Big b, bool remainder)
{
    mp_limb_t *quotient, *rest;
    size_t size = a.size - b.size + 1;
    // The remainder has the sign of the dividend, as rem has it.
    bool negative = remainder ? a.negative : a.negative != b.negative;
    // The one that is kept comes first, so that the other can be given back.
    Term *kept = big_new(h, remainder ? b.size : size,
                         remainder ? &rest : &quotient);
    Term *dropped = big_new(h, remainder ? size : b.size,
                            remainder ? &quotient : &rest);
    mpn_tdiv_qr(quotient, rest, 0, a.limbs, (mp_size_t)a.size, b.limbs,
                (mp_size_t)b.size);
    big_finish(h, dropped, 0, false); // gives its words back
    return big_finish(h, kept, remainder ? b.size : size, negative);
}

static Term divide_bigs(Heap *h, Term a, Term b, bool remainder)
{
    mp_limb_t room_a, room_b;
    Big x = big_view(a, &room_a), y = big_view(b, &room_b);
    if (y.size == 0) return TERM_NONE; // 0 has no limbs
    if (compare_magnitudes(x, y) < 0) return remainder ? a : term_small(0);
    return divide_magnitudes(h, x, y, remainder);
}

Term arith_div(Heap *h, Term a, Term b)
{
    if (both_small(a, b)) {
        intptr_t y = term_small_value(b);
        // SMALL_MIN / -1 does not fit a small, but heap_integer takes it.
        return y == 0 ? TERM_NONE : heap_integer(h, term_small_value(a) / y);
    }
    return both_integer(a, b) ? divide_bigs(h, a, b, false) : TERM_NONE;
}

Term arith_rem(Heap *h, Term a, Term b)
{
    if (both_small(a, b)) {
        intptr_t y = term_small_value(b);
        // Never larger than the divisor.
        return y == 0 ? TERM_NONE : term_small(term_small_value(a) % y);
    }
    return both_integer(a, b) ? divide_bigs(h, a, b, true) : TERM_NONE;
}

// ---- bits ----
// Bit operators see numbers as endless two's complement; limbs hold magnitudes,
// so they are turned on the way in and out.

// Reads a number limb by limb as two's complement, with endless sign limbs.
typedef struct {
    Big big;
    size_t next;
    mp_limb_t carry; // of the 1 that negation adds
} Complement;

static mp_limb_t next_limb(Complement *c)
{
    mp_limb_t limb = c->next < c->big.size ? c->big.limbs[c->next] : 0;
    c->next++;
    if (!c->big.negative) return limb;
    // -n is ~n + 1: the 1 is carried on as long as limbs are 0.
    limb = ~limb + c->carry;
    c->carry = c->carry && limb == 0;
    return limb;
}

typedef enum { BITS_AND, BITS_OR, BITS_XOR } BitsOperator;

static mp_limb_t combine(BitsOperator op, mp_limb_t x, mp_limb_t y)
{
    if (op == BITS_AND) return x & y;
    return op == BITS_OR ? x | y : x ^ y;
}

static Term combine_bigs(Heap *h, BitsOperator op, Term a, Term b)
{
    mp_limb_t room_a, room_b, *limbs;
    Complement x = {big_view(a, &room_a), 0, 1};
    Complement y = {big_view(b, &room_b), 0, 1};
    // One limb more, for the sign.
    size_t size = 1 + (x.big.size > y.big.size ? x.big.size : y.big.size);
    Term *box = big_new(h, size, &limbs);
    for (size_t i = 0; i < size; i++) {
        mp_limb_t limb_x = next_limb(&x), limb_y = next_limb(&y);
        limbs[i] = combine(op, limb_x, limb_y);
    }
    bool negative = limbs[size - 1] >> 63;
    if (negative) mpn_neg(limbs, limbs, (mp_size_t)size);
    return big_finish(h, box, size, negative);
}

static Term combine_bits(Heap *h, BitsOperator op, Term a, Term b)
{
    if (both_small(a, b)) {
        mp_limb_t x = (mp_limb_t)term_small_value(a);
        mp_limb_t y = (mp_limb_t)term_small_value(b);
        // The sign bits combine as others do.
        return term_small((intptr_t)combine(op, x, y));
    }
    return both_integer(a, b) ? combine_bigs(h, op, a, b) : TERM_NONE;
}

Term arith_and(Heap *h, Term a, Term b)
{
    return combine_bits(h, BITS_AND, a, b);
}

Term arith_or(Heap *h, Term a, Term b)
{
    return combine_bits(h, BITS_OR, a, b);
}

Term arith_xor(Heap *h, Term a, Term b)
{
    return combine_bits(h, BITS_XOR, a, b);
}

// Fails when the result would be too large, before room is taken.
static Term shift_up(Heap *h, Term a, uint64_t bits)
{
    mp_limb_t room, *limbs;
    Big x = big_view(a, &room);
    if (x.size == 0) return a; // 0 shifted is 0, by however much
    if (bits / 64 + x.size > BIG_LIMBS_MAX + 1) return TERM_NONE;
    size_t whole = bits / 64, size = x.size + whole + 1;
    unsigned rest = bits % 64;
    Term *box = big_new(h, size, &limbs);
    mpn_zero(limbs, (mp_size_t)whole);
    limbs[size - 1] = 0;
    if (rest == 0)
        mpn_copyi(limbs + whole, x.limbs, (mp_size_t)x.size);
    else
        limbs[size - 1] = mpn_lshift(limbs + whole, x.limbs, (mp_size_t)x.size,
                                     rest);
    return big_finish(h, box, size, x.negative);
}

// Whether any of the lowest [bits] of a magnitude is set.
static bool has_low_bits(Big x, size_t whole, unsigned rest)
{
    // Called with [whole] below the size.
    for (size_t i = 0; i < whole; i++)
        if (x.limbs[i] != 0) return true;
    return rest > 0 && x.limbs[whole] << (64 - rest) != 0;
}

// Rounds down, so negative numbers whose lost bits are not all 0 grow by one.
static Term shift_down(Heap *h, Term a, uint64_t bits)
{
    mp_limb_t room, *limbs;
    Big x = big_view(a, &room);
    // All is shifted out.
    if (bits / 64 >= x.size) return term_small(x.negative ? -1 : 0);
    size_t whole = bits / 64, size = x.size - whole;
    unsigned rest = bits % 64;
    Term *box = big_new(h, size + 1, &limbs);
    if (rest == 0)
        mpn_copyi(limbs, x.limbs + whole, (mp_size_t)size);
    else
        mpn_rshift(limbs, x.limbs + whole, (mp_size_t)size, rest);
    limbs[size] = 0;
    // One limb more was taken for this carry.
    if (x.negative && has_low_bits(x, whole, rest))
        mpn_add_1(limbs, limbs, (mp_size_t)size + 1, 1);
    return big_finish(h, box, size + 1, x.negative);
}

// By 63 at most: C says nothing of more.
static Term shift_small_down(intptr_t n, uint64_t bits)
{
    return term_small(n >> (bits < 63 ? bits : 63));
}

// [left] tells where a positive [b] shifts to.
static Term shift(Heap *h, Term a, Term b, bool left)
{
    int64_t bits;
    if (!both_integer(a, b)) return TERM_NONE;
    if (!big_to_int64(b, &bits)) // all bits out, or more than there may be
        bits = big_sign(b) < 0 ? -INT64_MAX : INT64_MAX;
    uint64_t count = bits < 0 ? 0 - (uint64_t)bits : (uint64_t)bits;
    // Left by a negative number is right, and the other way round.
    if ((bits < 0) == left) {
        if (term_is_small(a))
            return shift_small_down(term_small_value(a), count);
        return shift_down(h, a, count);
    }
    return shift_up(h, a, count);
}

Term arith_shift_left(Heap *h, Term a, Term b)
{
    return shift(h, a, b, true);
}

Term arith_shift_right(Heap *h, Term a, Term b)
{
    return shift(h, a, b, false);
}

Term arith_not(Heap *h, Term a)
{
    if (term_is_small(a)) return term_small(~term_small_value(a));
    if (!term_is_big(a)) return TERM_NONE;
    return arith_subtract(h, term_small(-1), a); // ~n is -1 - n
}

// ---- one operand ----

Term arith_negate(Heap *h, Term a)
{
    // -SMALL_MIN is a bignum: heap_integer knows.
    if (term_is_small(a)) return heap_integer(h, -term_small_value(a));
    if (term_is_float(a)) return heap_float(h, -term_float_value(a));
    return term_is_big(a) ? add_bigs(h, term_small(0), a, true) : TERM_NONE;
}

Term arith_plus(Heap *h, Term a)
{
    return term_is_number(a) ? a : TERM_NONE;
}

Term arith_abs(Heap *h, Term a)
{
    if (term_is_float(a)) return heap_float(h, fabs(term_float_value(a)));
    if (!term_is_integer(a)) return TERM_NONE;
    return big_sign(a) < 0 ? arith_negate(h, a) : a;
}

// A double is exact: the result may be a bignum of a thousand bits.
static Term to_integer(Heap *h, Term t, double (*cut)(double))
{
    if (term_is_float(t)) return big_from_double(h, cut(term_float_value(t)));
    return term_is_integer(t) ? t : TERM_NONE;
}

Term arith_round(Heap *h, Term t)
{
    return to_integer(h, t, round);
}

Term arith_trunc(Heap *h, Term t)
{
    return to_integer(h, t, trunc);
}

Term arith_floor(Heap *h, Term t)
{
    return to_integer(h, t, floor);
}

Term arith_ceil(Heap *h, Term t)
{
    return to_integer(h, t, ceil);
}
