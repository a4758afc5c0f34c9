// SPDX-License-Identifier: Apache-2.0
// Compact terms: see the picture in beam_reader.h.
//
// Nothing is allocated: long numbers are given as the bytes they are.
#include "beam_reader.h"

// The length of a number in bytes, from the top bits of its first byte.
static bool read_size(BeamReader *b, uint8_t first, size_t *size)
{
    if (first >> 5 < 7) {
        *size = (size_t)(first >> 5) + 2;
        return true;
    }
    BeamTagged more;
    // A length may be long itself, but not so long that it has a length again.
    if (b->at == b->end || (*b->at & 0x18) == 0x18) return false;
    if (!reader_tagged(b, &more) || more.tag != BEAM_TAG_U) return false;
    *size = (size_t)more.value + 9;
    return true;
}

// Up to eight bytes the value is worked out, sign and all.
static bool read_bytes(BeamReader *b, BeamTagged *t, size_t size)
{
    if (!reader_bytes(b, size, &t->bytes)) return false;
    t->size = size;
    t->fits = size <= 8;
    if (!t->fits) return true;
    uint64_t n = t->bytes[0] & 0x80 ? ~(uint64_t)0 : 0;
    for (size_t i = 0; i < size; i++) n = n << 8 | t->bytes[i];
    t->value = (int64_t)n;
    return true;
}

// By the two bits behind the tag; see the picture.
bool reader_tagged(BeamReader *b, BeamTagged *t)
{
    uint8_t first, second;
    size_t size;
    if (!reader_u8(b, &first)) return false;
    *t = (BeamTagged){.tag = (BeamTag)(first & 7), .fits = true};
    if ((first & 8) == 0) {
        t->value = first >> 4; // one byte
        return true;
    }
    if ((first & 16) == 0) {
        if (!reader_u8(b, &second)) return false;
        t->value = (first >> 5) << 8 | second; // eleven bits, in two bytes
        return true;
    }
    return read_size(b, first, &size) && read_bytes(b, t, size);
}
