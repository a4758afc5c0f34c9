// SPDX-License-Identifier: Apache-2.0
// Terms: what is too long to be inline in term.h.
#include "term.h"

#include "counted.h"

// Ends for every list: terms have no cycles.
intptr_t term_list_length(Term list)
{
    intptr_t n = 0;
    for (; term_is_cons(list); list = term_tail(list)) n++;
    return term_is_nil(list) ? n : -1;
}

// The bits of a BYTES or COUNTED term, which always begin at a byte.
static void whole_bits(const Term *box, Bits *bits)
{
    bits->offset = 0;
    if (header_subtag(box[0]) == SUBTAG_BYTES) {
        bits->base = (const uint8_t *)(box + 2);
        bits->size = box[1].bits * 8;
    } else {
        bits->base = ((const Blob *)box[COUNTED_OBJECT].bits)->bytes;
        bits->size = box[COUNTED_SIZE].bits * 8;
    }
}

bool term_bits(Term t, Bits *bits)
{
    if (!term_is_bitstring(t)) return false;
    const Term *box = term_box_ptr(t);
    if (header_subtag(box[0]) != SUBTAG_BITS) {
        whole_bits(box, bits);
        return true;
    }
    // A part lies in one whole object: parts of parts do not exist.
    whole_bits(term_box_ptr(box[3]), bits);
    bits->offset = box[1].bits;
    bits->size = box[2].bits;
    return true;
}

// The bits must be looked at: a BITS may have whole bytes too.
bool term_is_binary(Term t)
{
    Bits bits;
    return term_bits(t, &bits) && bits.size % 8 == 0;
}

size_t term_binary_size(Term t)
{
    Bits bits = {0};
    bool found = term_bits(t, &bits);
    assert(found);
    (void)found;
    return bits.size / 8;
}

// Writes whole bytes only: (size + 7) / 8 of them.
void bits_copy(uint8_t *to, const Bits *bits)
{
    const uint8_t *from = bits->base + bits->offset / 8;
    unsigned shift = bits->offset % 8;
    size_t bytes = bits->size / 8;
    unsigned rest = bits->size % 8;
    // From a byte border: the common case is a memcpy.
    if (shift == 0) {
        if (bytes > 0) memcpy(to, from, bytes);
        if (rest > 0) to[bytes] = from[bytes] & (uint8_t)(0xFF00u >> rest);
        return;
    }
    // Each byte lies across two; the last of them is read only if it is needed.
    for (size_t i = 0; i < bytes; i++) {
        unsigned pair = (unsigned)from[i] << 8 | from[i + 1];
        to[i] = (uint8_t)(pair >> (8 - shift));
    }
    if (rest > 0) {
        unsigned pair = (unsigned)from[bytes] << 8;
        if (shift + rest > 8) pair |= from[bytes + 1];
        to[bytes] = (uint8_t)((pair >> (8 - shift)) & (0xFF00u >> rest));
    }
}
