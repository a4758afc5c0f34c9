// SPDX-License-Identifier: Apache-2.0
// Big integers: sign and magnitude in 64-bit limbs, which lie on the heap as
// GMP's mpn_ functions want them, least significant first.
//
// A bignum term is always normal: its highest limb is not 0 and its value does
// not fit a small. So two integers are equal only if they have the same form.
//
// Everything is calculated in place on the heap: no memory of malloc but for
// texts and bytes.
#ifndef MERLE_BIG_H
#define MERLE_BIG_H

#include <gmp.h>

#include "heap.h"

// Limbs of the largest integer there may be; more is a system_limit.
enum { BIG_LIMBS_MAX = (1 << 19) - 1 }; // as in OTP: a bit less than 2^25 bits

// An integer seen as limbs. Zero has [size] 0.
typedef struct {
    const mp_limb_t *limbs; // least significant first
    size_t size;            // of them
    bool negative;
} Big;

// The limbs of integer [t]; those of a small are put into [*room].
Big big_view(Term t, mp_limb_t *room);

// Room for a bignum of [size] limbs on [h]; [*limbs] are to be filled and then
// given to big_finish.
Term *big_new(Heap *h, size_t size, mp_limb_t **limbs);

// Makes the integer of the [size] limbs behind [box] (of big_new, the newest
// thing on [h]): drops leading zeros, gives unused words back, makes it a
// small if it fits. TERM_NONE when it has more than BIG_LIMBS_MAX limbs.
Term big_finish(Heap *h, Term *box, size_t size, bool negative);

// The integer with these limbs (copied).
Term big_from_limbs(Heap *h, const mp_limb_t *limbs, size_t size,
                    bool negative);

// The integer of [size] bytes of magnitude, most or least significant first.
Term big_from_bytes(Heap *h, const uint8_t *bytes, size_t size,
                    bool little_endian, bool negative);

// Bytes of the magnitude of integer [t] (0 has 1).
size_t big_byte_size(Term t);

// Stores the magnitude of [t], least significant byte first; [to] has room for
// big_byte_size bytes.
void big_to_bytes(Term t, uint8_t *to);

// Whether integer [t] fits, and its value.
bool big_to_int64(Term t, int64_t *n);

// The lowest 64 bits of [t] in two's complement.
uint64_t big_low_bits(Term t);

// -1, 0 or 1.
int big_sign(Term t);

// The nearest double of integer [t]; false when its magnitude is too large.
bool big_to_double(Term t, double *d);

// [d] cut to an integer; [d] must be finite.
Term big_from_double(Heap *h, double d);

// Order of two integers: <0, 0, >0.
int big_compare(Term a, Term b);

// Order of integer [t] and a finite or infinite double, exact at any size.
int big_compare_double(Term t, double d);

// The digits of [t] in [base] (2 to 36, capital letters), with a sign when it
// is negative; ended by a 0 byte, in memory of malloc.
char *big_to_text(Term t, int base, size_t *size);

// The same of a small integer, without the 0, at the end of [room], which has
// BIG_SMALL_TEXT bytes: 64 binary digits and a sign.
enum { BIG_SMALL_TEXT = 66 };
const char *big_small_to_text(intptr_t n, int base, char *room, size_t *size);

// The integer of [size] digits in [base], which may begin with + or -.
// TERM_NONE when they are no such digits, or too many.
Term big_from_text(Heap *h, const char *text, size_t size, int base);

#endif
