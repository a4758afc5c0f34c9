// SPDX-License-Identifier: Apache-2.0
// Taking integers, floats, code points and parts out of match contexts.
//
// All of them check what is left themselves, or say that the caller has. On
// failure the context has not moved.
#include "bitmatch.h"

#include <math.h>
#include <stdlib.h>

#include "big.h"
#include "bitbuild.h"
#include "memory.h"
#include "utf8.h"

// SMALL_BITS: what fits a small and a word at any offset. CODE_UNIT: of UTF-16.
enum { SMALL_BITS = 56, CODE_UNIT = 16 };

Term bitmatch_start(Heap *h, Term t)
{
    if (!term_is_boxed(t)) return TERM_NONE;
    // A context goes on where it is: the compiler saves positions apart.
    if (term_subtag(t) == SUBTAG_MATCH) return t;
    Bits bits;
    if (!term_bits(t, &bits)) return TERM_NONE;
    MatchContext *m = (MatchContext *)heap_alloc(h, MATCH_WORDS);
    const Term *box = term_box_ptr(t);
    m->header = term_header(SUBTAG_MATCH, MATCH_WORDS - 1);
    m->base = bits.base;
    m->offset = bits.offset;
    m->end = bits.offset + bits.size;
    // The parent: a part of a part leads to the whole.
    m->original = header_subtag(box[0]) == SUBTAG_BITS ? box[3] : t;
    return term_from_box((Term *)m);
}

static Bits next_bits(const MatchContext *m, size_t size)
{
    return (Bits){m->base, m->offset, size};
}

// ---- integers ----

// Bits of little-endian numbers fill whole bytes first; the last byte in the
// text has the highest bits, at its low end.
static uint64_t turn_bytes(uint64_t n, unsigned bits)
{
    uint64_t turned = 0;
    unsigned at = 0;
    for (; bits - at >= 8; at += 8)
        turned |= (n >> (bits - at - 8) & 0xFF) << at;
    if (at < bits) turned |= (n & (((uint64_t)1 << (bits - at)) - 1)) << at;
    return turned;
}

static Term small_integer(MatchContext *m, unsigned bits, unsigned flags)
{
    uint64_t n = bits == 0 ? 0 : match_peek(m, bits);
    if (bits_are_little(flags)) n = turn_bytes(n, bits);
    m->offset += bits;
    // The sign bit is spread over all bits above.
    if ((flags & BIT_SIGNED) != 0 && bits > 0 && (n >> (bits - 1) & 1) != 0)
        return term_small((intptr_t)(n | ~(uint64_t)0 << bits));
    return term_small((intptr_t)n);
}

// The bytes of a number of [bits] bits, most significant first, in [to], with
// its sign spread over the unused bits of the first.
static void read_number(uint8_t *to, const Bits *from, unsigned flags)
{
    size_t size = (from->size + 7) / 8;
    unsigned unused = (unsigned)(size * 8 - from->size);
    // Big-endian: pushed to the low end of the first byte.
    if (!bits_are_little(flags)) {
        to[0] = 0;
        bits_put(to, unused, from);
    } else {
        bits_copy(to, from);
        // The last byte's bits are its highest: they belong to its low end.
        if (unused > 0) to[size - 1] = (uint8_t)(to[size - 1] >> unused);
        for (size_t i = 0; i < size / 2; i++) {
            uint8_t byte = to[i];
            to[i] = to[size - 1 - i];
            to[size - 1 - i] = byte;
        }
    }
    bool negative = (flags & BIT_SIGNED) != 0
                    && (to[0] >> (7 - unused) & 1) != 0;
    if (negative) to[0] = (uint8_t)(to[0] | 0xFF00 >> unused);
}

// Two's complement to magnitude.
static void negate_bytes(uint8_t *bytes, size_t size)
{
    unsigned carry = 1;
    for (size_t i = size; i-- > 0;) {
        carry += (uint8_t)~bytes[i];
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

Term bitmatch_integer(Heap *h, MatchContext *m, size_t bits, unsigned flags)
{
    if (bits <= SMALL_BITS) return small_integer(m, (unsigned)bits, flags);
    uint8_t local[64], *bytes = local;
    size_t size = (bits + 7) / 8;
    Bits from = next_bits(m, bits);
    if (size > sizeof local) bytes = memory_alloc(size);
    read_number(bytes, &from, flags);
    bool negative = (flags & BIT_SIGNED) != 0 && (bytes[0] & 0x80) != 0;
    if (negative) negate_bytes(bytes, size);
    Term t = big_from_bytes(h, bytes, size, false, negative);
    if (bytes != local) free(bytes);
    m->offset += bits;
    return t;
}

// ---- parts ----

Term bitmatch_part(Heap *h, MatchContext *m, size_t bits)
{
    Term t;
    // Small ones are copied: a BITS box and a kept parent cost more.
    if (bits % 8 == 0 && bits <= PART_COPY_BYTES * 8) {
        uint8_t *to;
        Bits from = next_bits(m, bits);
        t = heap_binary_new(h, bits / 8, &to);
        bits_copy(to, &from);
    } else {
        t = heap_sub_bits(h, m->original, m->offset, bits);
    }
    m->offset += bits;
    return t;
}

// Neither a negative size nor one beyond the end is an error: no match.
bool bitmatch_size(const MatchContext *m, Term size, unsigned unit,
                   size_t *bits)
{
    if (!term_is_small(size) || term_small_value(size) < 0) return false;
    size_t n = (size_t)term_small_value(size);
    return !__builtin_mul_overflow(n, unit, bits) && *bits <= match_left(m);
}

// ---- floats ----

// 31 is infinity or no number: refused by the caller.
static double half_to_double(uint64_t n)
{
    int exponent = (int)(n >> 10 & 31);
    double fraction = (double)(n & 1023) / 1024;
    double d = exponent == 0 ? ldexp(fraction, -14) // subnormal: no hidden bit
                             : ldexp(1 + fraction, exponent - 15);
    if (exponent == 31) d = HUGE_VAL;
    return (n >> 15 & 1) != 0 ? -d : d;
}

static double number_to_double(uint64_t n, size_t bits)
{
    if (bits == 16) return half_to_double(n);
    if (bits == 32) {
        float f;
        uint32_t word = (uint32_t)n;
        memcpy(&f, &word, sizeof f);
        return (double)f;
    }
    double d;
    memcpy(&d, &n, sizeof d);
    return d;
}

Term bitmatch_float(Heap *h, MatchContext *m, size_t bits, unsigned flags)
{
    if ((bits != 16 && bits != 32 && bits != 64) || bits > match_left(m))
        return TERM_NONE;
    uint8_t bytes[8];
    Bits from = next_bits(m, bits);
    uint64_t n = 0;
    // Turned to big-endian.
    read_number(bytes, &from, flags & ~(unsigned)BIT_SIGNED);
    for (size_t i = 0; i < bits / 8; i++) n = n << 8 | bytes[i];
    double d = number_to_double(n, bits);
    if (!isfinite(d)) return TERM_NONE; // no match, as in OTP
    m->offset += bits;
    return heap_float(h, d);
}

// ---- code points ----

Term bitmatch_utf8(MatchContext *m)
{
    uint8_t bytes[UTF8_MOST];
    const uint8_t *from = m->base + m->offset / 8;
    size_t size = match_left(m) / 8;
    if (size > sizeof bytes) size = sizeof bytes;
    // Inside a byte: a few bytes are copied to look at them.
    if (m->offset % 8 != 0) {
        Bits bits = next_bits(m, size * 8);
        bits_copy(bytes, &bits);
        from = bytes;
    }
    uint32_t c;
    unsigned used = utf8_read(from, from + size, &c);
    if (used == 0) return TERM_NONE;
    m->offset += used * 8;
    return term_small(c);
}

static bool read_unit(const MatchContext *m, size_t at, unsigned flags,
                      uint32_t *unit)
{
    if (match_left(m) < at + CODE_UNIT) return false;
    MatchContext there = *m;
    there.offset += at;
    *unit = (uint32_t)match_peek(&there, CODE_UNIT);
    if (bits_are_little(flags)) *unit = (*unit >> 8 | *unit << 8) & 0xFFFF;
    return true;
}

Term bitmatch_utf16(MatchContext *m, unsigned flags)
{
    uint32_t high, low;
    if (!read_unit(m, 0, flags, &high)) return TERM_NONE;
    // Not a surrogate: one unit is the character.
    if (high < 0xD800 || high > 0xDFFF) {
        m->offset += CODE_UNIT;
        return term_small((intptr_t)high);
    }
    // A high one must be followed by a low one.
    if (high > 0xDBFF || !read_unit(m, CODE_UNIT, flags, &low) || low < 0xDC00
        || low > 0xDFFF)
        return TERM_NONE;
    m->offset += 2 * CODE_UNIT;
    return term_small((intptr_t)(0x10000 + ((high - 0xD800) << 10)
                                 + (low - 0xDC00)));
}

Term bitmatch_utf32(MatchContext *m, unsigned flags)
{
    if (match_left(m) < 32) return TERM_NONE;
    uint64_t c = match_peek(m, 32);
    if (bits_are_little(flags)) c = turn_bytes(c, 32);
    if (c > 0x10FFFF || !utf8_is_valid((uint32_t)c)) return TERM_NONE;
    m->offset += 32;
    return term_small((intptr_t)c);
}

// ---- constant bits ----

bool bitmatch_string(MatchContext *m, const uint8_t *bytes, size_t bits)
{
    if (bits > match_left(m)) return false;
    if (bits <= 8) { // most often: a flag, a version
        unsigned wanted = bytes[0] >> (8 - bits);
        if (bits > 0 && match_peek(m, (unsigned)bits) != wanted) return false;
        m->offset += bits;
        return true;
    }
    size_t whole = bits / 8;
    for (size_t i = 0; i < whole; i++) {
        if (bits_byte_at(m->base, m->offset + i * 8) != bytes[i]) return false;
    }
    unsigned rest = bits % 8;
    MatchContext last = *m;
    last.offset += whole * 8;
    if (rest > 0 && match_peek(&last, rest)
                        != (uint64_t)bytes[whole] >> (8 - rest))
        return false;
    m->offset += bits;
    return true;
}
