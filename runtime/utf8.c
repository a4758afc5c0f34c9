// SPDX-License-Identifier: Apache-2.0
// UTF-8: reading and writing code points.
//
// Only the shortest form of a code point is valid, and no surrogates: so equal
// texts have equal bytes.
#include "utf8.h"

#include <string.h>

// Least code point that needs N bytes: shorter ones so written are invalid.
static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};

// Length by the first byte; 0 for what begins no character: continuation bytes,
// C0 and C1 (too long forms), above F4.
static unsigned lead_length(uint8_t lead)
{
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) return 3;
    return lead < 0xF5 ? 4 : 0;
}

// ASCII first: most text is.
unsigned utf8_read(const uint8_t *p, const uint8_t *end, uint32_t *c)
{
    if (p >= end) return 0;
    unsigned n = lead_length(*p);
    if (n == 1) {
        *c = *p;
        return 1;
    }
    // Cut short counts as invalid.
    if (n == 0 || (size_t)(end - p) < n) return 0;
    uint32_t code = *p & (0xFFu >> (n + 1));
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    if (code < least[n] || !utf8_is_valid(code)) return 0;
    *c = code;
    return n;
}

// [c] is valid: the caller has asked.
unsigned utf8_write(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (unsigned i = n - 1; i > 0; i--) {
        to[i] = (uint8_t)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    to[0] = (uint8_t)((0xF00u >> n) | c);
    return n;
}

ptrdiff_t utf8_length(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = bytes + size;
    ptrdiff_t n = 0;
    uint32_t c;
    while (bytes < end) {
        // Plain text is eight characters at a time.
        uint64_t eight = UINT64_MAX;
        if (end - bytes >= 8) memcpy(&eight, bytes, 8);
        if ((eight & 0x8080808080808080u) == 0) {
            bytes += 8;
            n += 8;
            continue;
        }
        unsigned used = *bytes < 0x80 ? 1 : utf8_read(bytes, end, &c);
        if (used == 0) return -1;
        bytes += used;
        n++;
    }
    return n;
}
