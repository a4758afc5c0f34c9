// SPDX-License-Identifier: Apache-2.0
// Bits: runs of bits that begin anywhere in a byte.
//
// Nothing is read before the first byte that has bits of the run, nor behind
// the last.
#include "bits.h"

#include "memory.h"

// Bits of [bits] from [i] on, at most [n] <= 8 of them, left-aligned in a byte.
static uint8_t take(const Bits *bits, size_t i, unsigned n)
{
    size_t at = bits->offset + i;
    const uint8_t *p = bits->base + at / 8;
    unsigned shift = at % 8;
    unsigned value = (unsigned)p[0] << shift;
    // Only if it is needed: it may be no one's.
    if (shift + n > 8) value |= (unsigned)p[1] >> (8 - shift);
    return (uint8_t)(value & (0xFF00u >> n));
}

// The first byte is filled up; from there on whole bytes are written.
void bits_put(uint8_t *to, size_t at, const Bits *bits)
{
    uint8_t *p = to + at / 8;
    unsigned filled = at % 8;
    size_t i = 0;
    if (filled != 0 && bits->size > 0) {
        unsigned n = 8 - filled;
        if (n > bits->size) n = (unsigned)bits->size;
        unsigned kept = *p & (0xFF00u >> filled);
        *p++ = (uint8_t)(kept | (unsigned)take(bits, 0, n) >> filled);
        i = n;
    }
    Bits rest = {bits->base, bits->offset + i, bits->size - i};
    if (rest.size > 0) bits_copy(p, &rest);
}

const uint8_t *bits_bytes(Term t, size_t *size, uint8_t **copy)
{
    Bits b;
    *copy = NULL;
    if (!term_bits(t, &b) || b.size % 8 != 0) return NULL;
    *size = b.size / 8;
    if (b.offset % 8 == 0) return b.base + b.offset / 8;
    *copy = memory_alloc(*size + 1);
    bits_copy(*copy, &b);
    return *copy;
}
