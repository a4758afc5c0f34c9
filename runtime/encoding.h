// SPDX-License-Identifier: Apache-2.0
// Encoding: text as bytes in Latin-1, UTF-8, UTF-16 or UTF-32.
//
// Nothing is kept between calls: a character that is cut is read again from its
// beginning when more bytes are there.
#ifndef MERLE_ENCODING_H
#define MERLE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    ENCODING_LATIN1,
    ENCODING_UTF8,
    ENCODING_UTF16_BIG,
    ENCODING_UTF16_LITTLE,
    ENCODING_UTF32_BIG,
    ENCODING_UTF32_LITTLE
} Encoding;

// Larger answers are bytes.
enum { ENCODING_MOST = 4, ENCODING_CUT = 0, ENCODING_BAD = -1 };

// Reads the first character of [size] bytes: how many bytes it takes;
// ENCODING_CUT when they are its beginning only (or there are none),
// ENCODING_BAD when they are none.
int encoding_read(Encoding e, const uint8_t *bytes, size_t size, uint32_t *c);

// Writes valid code point [c] to [to] (room for ENCODING_MOST); 0 when the
// encoding has no such character.
unsigned encoding_write(Encoding e, uint8_t *to, uint32_t c);

// How many of [size] bytes from the start are below 128.
size_t encoding_ascii_run(const uint8_t *bytes, size_t size);

#endif
