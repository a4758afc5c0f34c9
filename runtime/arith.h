// SPDX-License-Identifier: Apache-2.0
// Arithmetic on terms, as the operators of Erlang have it.
//
// All functions build on [h] and answer TERM_NONE when they fail: an operand
// is no number (or no integer), a divisor is 0, a float is out of range, an
// integer too large. arith_reason then tells which error to raise. The loop has
// its own fast path for smalls and calls these for the rest.
//
// Results are normal: what fits a small is one, and a bignum has no leading
// zero limbs. Operands may be any terms; literals and terms of other heaps too.
#ifndef MERLE_ARITH_H
#define MERLE_ARITH_H

#include "heap.h"

Term arith_add(Heap *h, Term a, Term b);
Term arith_subtract(Heap *h, Term a, Term b);
Term arith_multiply(Heap *h, Term a, Term b);
Term arith_divide(Heap *h, Term a, Term b); // "/": always a float
Term arith_div(Heap *h, Term a, Term b);
Term arith_rem(Heap *h, Term a, Term b);
Term arith_and(Heap *h, Term a, Term b); // band
Term arith_or(Heap *h, Term a, Term b);
Term arith_xor(Heap *h, Term a, Term b);
Term arith_shift_left(Heap *h, Term a, Term b);  // bsl; b may be negative
Term arith_shift_right(Heap *h, Term a, Term b); // bsr; b may be negative
Term arith_not(Heap *h, Term a);                 // bnot
Term arith_negate(Heap *h, Term a);
Term arith_plus(Heap *h, Term a); // unary +: [a] if it is a number
Term arith_abs(Heap *h, Term a);

// Why one of the above failed on [a] and [b] (unary: twice [a]): system_limit
// or badarith. Not for arith_divide, whose reason is always badarith.
Term arith_reason(Term a, Term b);

// float/1, and the float instructions: the double of number [t]; false when it
// is none or out of range.
bool arith_to_double(Term t, double *d);

// A float term; TERM_NONE when [d] is infinite or no number.
Term arith_float(Heap *h, double d);

// round/1 and the like: number to integer. TERM_NONE: [t] is no number.
Term arith_round(Heap *h, Term t);
Term arith_trunc(Heap *h, Term t);
Term arith_floor(Heap *h, Term t);
Term arith_ceil(Heap *h, Term t);

#endif
