// SPDX-License-Identifier: Apache-2.0
// Bit building: new bitstrings from segments.
//
// The words of a segment are made by the loader and read by bitbuild_create and
// the disassembler.
#ifndef MERLE_BITBUILD_H
#define MERLE_BITBUILD_H

#include "bits.h"
#include "instruction.h"
#include "process.h"

enum { BITS_WORDS = 4 }; // of a BITS term

// The flags that a list of atoms means.
unsigned bit_flags_of(Term list);

typedef enum {
    SEGMENT_INTEGER, // integer
    SEGMENT_BINARY,  // bitstring
    SEGMENT_APPEND,  // the first segment; the answer may share its memory
    SEGMENT_PRIVATE, // the same where nobody looks at the first segment again
    SEGMENT_FLOAT,   // 16, 32 or 64 bits
    SEGMENT_STRING,  // bytes of the module's strings
    SEGMENT_UTF8,    // code points
    SEGMENT_UTF16,
    SEGMENT_UTF32
} SegmentKind;

// A segment of bs_create_bin is three words: this one, the source as an item
// (of a string: its address), the size as an item. The size counts units; it
// is the atom all for whole binaries.
//
//     kind 8 | flags 8 | unit 16 | number 16
enum { SEGMENT_SOURCE = 1, SEGMENT_WORDS = 3 };

// [number] counts segments from 1, for messages.
static inline CodeWord segment_word(unsigned kind, unsigned unit,
                                    unsigned flags, unsigned number)
{
    return kind | flags << 8 | unit << 16 | (CodeWord)number << 32;
}

// The flags of a COUNTED whose owner may write behind its [used] bits.
static inline uintptr_t bitbuild_flags(size_t used)
{
    return used << 1 | 1;
}

// Builds [count] segments, whose words lie at [segments]. TERM_NONE: failed,
// with the exception in [p].
Term bitbuild_create(Process *p, const CodeWord *segments, unsigned count,
                     const Term *x, const Term *y);

// Puts [byte] in place behind bitstring [src]; the caller makes that longer, or
// a longer one. False: it is not for this process to write there, or no byte.
static inline bool bitbuild_append_byte(Term src, Term byte)
{
    if (!term_is_small(byte) || !term_has_subtag(src, SUBTAG_BITS))
        return false;
    const Term *box = term_box_ptr(src);
    size_t used = box[2].bits;
    if (box[1].bits != 0 || used % 8 != 0
        || !term_has_subtag(box[3], SUBTAG_COUNTED))
        return false;
    Term *owner = term_box_ptr(box[3]);
    Blob *blob = counted_blob(box[3]);
    if (owner[COUNTED_FLAGS].bits != bitbuild_flags(used)
        || blob->capacity < used / 8 + 1)
        return false;
    blob->bytes[used / 8] = (uint8_t)term_small_value(byte);
    owner[COUNTED_FLAGS].bits = bitbuild_flags(used + 8);
    owner[COUNTED_SIZE].bits = blob->size = used / 8 + 1;
    return true;
}

// The instructions of OTP 24 build piece by piece: a bitstring is made with
// its final size, and filled by puts from the front. Its state lies in [b].
typedef struct {
    uint8_t *base; // where bits go
    size_t at;     // bits written
    size_t end;    // bits there are
    size_t copied; // bits of the source of an append, already there
} BitBuilder;

// Answers the term; [b] is to be filled up to its end.
Term bitbuild_init(Process *p, BitBuilder *b, Term size, unsigned unit);
// [src], of a multiple of [unit] bits, with room for [size] bits behind.
Term bitbuild_append(Process *p, BitBuilder *b, Term src, Term size,
                     unsigned unit);

// Puts one segment; false with the exception in [p].
bool bitbuild_put(Process *p, BitBuilder *b, CodeWord segment, Term src,
                  Term size);
void bitbuild_put_string(BitBuilder *b, const uint8_t *bytes, size_t size);

// The 16 bits of [d] as a float of that size; false when it is too large.
bool bitbuild_half(double d, uint64_t *n);

#endif
