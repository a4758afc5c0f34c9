// SPDX-License-Identifier: Apache-2.0
// Bits: reading and writing runs of bits that begin anywhere in a byte, most
// significant bit first.
//
// A field of size n at offset o of a byte string:
//
//     byte o / 8, bit 7 - o % 8  is its first and most significant bit
#ifndef MERLE_BITS_H
#define MERLE_BITS_H

#include <string.h>

#include "term.h"

// Flags of a field, as .beam files have them.
enum { BIT_LITTLE = 2, BIT_SIGNED = 4, BIT_NATIVE = 16 };

static inline bool bits_are_little(unsigned flags)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (flags & (BIT_LITTLE | BIT_NATIVE)) != 0;
#else
    return (flags & BIT_LITTLE) != 0;
#endif
}

// The next eight bytes as a number, most significant first.
// Eight bytes must be there.
static inline uint64_t bits_read_word(const uint8_t *p)
{
    uint64_t n;
    memcpy(&n, p, sizeof n);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    n = __builtin_bswap64(n);
#endif
    return n;
}

static inline void bits_write_word(uint8_t *p, uint64_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    n = __builtin_bswap64(n);
#endif
    memcpy(p, &n, sizeof n);
}

// The byte of eight bits from bit [offset] of [base] on. All eight must be
// there.
static inline uint8_t bits_byte_at(const uint8_t *base, size_t offset)
{
    unsigned shift = offset % 8;
    const uint8_t *p = base + offset / 8;
    if (shift == 0) return *p;
    return (uint8_t)((unsigned)p[0] << shift | (unsigned)p[1] >> (8 - shift));
}

// Copies [bits] to bit [at] of [to]; other bits of the first byte stay, those
// of the last become 0.
void bits_put(uint8_t *to, size_t at, const Bits *bits);

// The [size] bytes of a binary, as they lie, or copied to [*copy] (malloc, to
// be freed by the caller; else NULL) when they begin inside a byte. NULL when
// [t] is no binary; never NULL for one.
const uint8_t *bits_bytes(Term t, size_t *size, uint8_t **copy);

#endif
