// SPDX-License-Identifier: Apache-2.0
// UTF-8: reading and writing code points.
#ifndef MERLE_UTF8_H
#define MERLE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MOST = 4 }; // bytes of one code point

// Whether [c] is a code point that text may hold (no surrogate, <= 10FFFF).
static inline bool utf8_is_valid(uint32_t c)
{
    return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
}

// Reads one code point at [p] before [end]; answers its length in bytes, 0
// when the bytes there are no valid UTF-8 (or cut short).
unsigned utf8_read(const uint8_t *p, const uint8_t *end, uint32_t *c);

// Writes [c] to [to] (room for UTF8_MOST); answers its length in bytes.
unsigned utf8_write(uint8_t *to, uint32_t c);

// Characters in [size] bytes, or -1 when they are no valid UTF-8.
ptrdiff_t utf8_length(const uint8_t *bytes, size_t size);

#endif
