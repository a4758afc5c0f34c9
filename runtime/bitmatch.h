// SPDX-License-Identifier: Apache-2.0
// Bit matching: a match context, and what is taken out of it.
//
// A context is a MATCH object: where the bytes are, how far the match has come,
// where it ends (both in bits from the base), and the BYTES or COUNTED that
// owns the bytes. It never leaves registers, and is changed in place.
#ifndef MERLE_BITMATCH_H
#define MERLE_BITMATCH_H

#include "bits.h"
#include "heap.h"

// The layout of a MATCH object.
typedef struct {
    Term header;         // SUBTAG_MATCH
    const uint8_t *base; // first byte of the original
    size_t offset, end;  // bits from the base: next one, and one past the last
    Term original;       // BYTES or COUNTED that has them
} MatchContext;

enum {
    MATCH_WORDS = 5,
    PART_WORDS = 5,      // most that bitmatch_part takes
    PART_COPY_BYTES = 24 // parts up to this size are copied
};

static inline MatchContext *match_context(Term t)
{
    assert(term_subtag(t) == SUBTAG_MATCH);
    return (MatchContext *)term_box_ptr(t);
}

static inline size_t match_left(const MatchContext *m)
{
    return m->end - m->offset;
}

// A context for [t], itself if it is one; TERM_NONE when [t] is no bitstring.
Term bitmatch_start(Heap *h, Term t);

// The next [bits] (1 to 56) bits as an unsigned number, without moving on.
static inline uint64_t match_peek(const MatchContext *m, unsigned bits)
{
    const uint8_t *p = m->base + m->offset / 8;
    unsigned shift = m->offset % 8, bytes = (shift + bits + 7) / 8;
    // Eight bytes at once: the common case needs no loop.
    if (match_left(m) >= 64) // so eight bytes may be read
        return bits_read_word(p) << shift >> (64 - bits);
    uint64_t n = 0;
    for (unsigned i = 0; i < bytes; i++) n = n << 8 | p[i];
    return n >> (bytes * 8 - shift - bits)
           & (((uint64_t)1 << bits) - 1);
}

// Takes the next [bits] bits, which must be there, as an integer.
Term bitmatch_integer(Heap *h, MatchContext *m, size_t bits, unsigned flags);

// The same for at most 56 bits.
static inline Term match_integer(MatchContext *m, unsigned bits,
                                 unsigned flags)
{
    bool little = bits_are_little(flags);
    if (bits == 0 || (little && bits % 8 != 0))
        return bitmatch_integer(NULL, m, bits, flags);
    uint64_t n = match_peek(m, bits);
    if (little) n = __builtin_bswap64(n) >> (64 - bits);
    if ((flags & BIT_SIGNED) != 0)
        n = (uint64_t)((int64_t)(n << (64 - bits)) >> (64 - bits));
    m->offset += bits;
    return term_small((intptr_t)n);
}

// Takes [bits] bits that are there as a bitstring.
Term bitmatch_part(Heap *h, MatchContext *m, size_t bits);

// Takes a float of [bits] bits. TERM_NONE: no such float, or not there.
Term bitmatch_float(Heap *h, MatchContext *m, size_t bits, unsigned flags);

// Takes a code point. TERM_NONE: the bits are none.
Term bitmatch_utf8(MatchContext *m);
Term bitmatch_utf16(MatchContext *m, unsigned flags);
Term bitmatch_utf32(MatchContext *m, unsigned flags);

// Takes [bits] bits if they are those of [bytes].
bool bitmatch_string(MatchContext *m, const uint8_t *bytes, size_t bits);

// The number of bits of [size] units, if [size] is such and they are left.
bool bitmatch_size(const MatchContext *m, Term size, unsigned unit,
                   size_t *bits);

#endif
