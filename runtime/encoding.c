// SPDX-License-Identifier: Apache-2.0
// Encodings of text.
//
// UTF-16 and -32 are read by their units; everything is checked to be a
// character.
#include "encoding.h"

#include <string.h>

#include "utf8.h"

// The bytes of a character by its first; 0 when none begins so.
static unsigned utf8_needs(uint8_t lead)
{
    if (lead < 0x80) return 1;
    if (lead < 0xC0) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) return 3;
    return lead < 0xF8 ? 4 : 0;
}

// What is cut may be the beginning of a character that is not allowed: that
// shows when it is whole.
static int read_utf8(const uint8_t *p, size_t size, uint32_t *c)
{
    unsigned needs = utf8_needs(p[0]);
    if (needs == 0) return ENCODING_BAD;
    if (needs == 1) {
        *c = p[0];
        return 1;
    }
    // What is there must at least continue it.
    for (size_t i = 1; i < needs && i < size; i++)
        if ((p[i] & 0xC0) != 0x80) return ENCODING_BAD;
    if (size < needs) return ENCODING_CUT;
    // Overlong forms and surrogates are found here.
    unsigned read = utf8_read(p, p + size, c);
    return read == 0 ? ENCODING_BAD : (int)read;
}

static uint32_t unit16(const uint8_t *p, bool little)
{
    return little ? (uint32_t)p[1] << 8 | p[0] : (uint32_t)p[0] << 8 | p[1];
}

static int read_utf16(const uint8_t *p, size_t size, bool little, uint32_t *c)
{
    if (size < 2) return ENCODING_CUT;
    uint32_t first = unit16(p, little);
    if (first < 0xD800 || first > 0xDFFF) {
        *c = first;
        return 2;
    }
    if (first > 0xDBFF) return ENCODING_BAD; // a low surrogate alone
    if (size < 4) return ENCODING_CUT;
    uint32_t second = unit16(p + 2, little);
    if (second < 0xDC00 || second > 0xDFFF) return ENCODING_BAD;
    *c = 0x10000 + ((first & 0x3FF) << 10 | (second & 0x3FF));
    return 4;
}

static int read_utf32(const uint8_t *p, size_t size, bool little, uint32_t *c)
{
    if (size < 4) return ENCODING_CUT;
    *c = little ? unit16(p + 2, true) << 16 | unit16(p, true)
                : unit16(p, false) << 16 | unit16(p + 2, false);
    return utf8_is_valid(*c) ? 4 : ENCODING_BAD;
}

int encoding_read(Encoding e, const uint8_t *bytes, size_t size, uint32_t *c)
{
    if (size == 0) return ENCODING_CUT;
    switch (e) {
    case ENCODING_LATIN1:
        *c = bytes[0];
        return 1;
    case ENCODING_UTF8:
        return read_utf8(bytes, size, c);
    case ENCODING_UTF16_BIG:
    case ENCODING_UTF16_LITTLE:
        return read_utf16(bytes, size, e == ENCODING_UTF16_LITTLE, c);
    default:
        return read_utf32(bytes, size, e == ENCODING_UTF32_LITTLE, c);
    }
}

static void put16(uint8_t *to, uint32_t unit, bool little)
{
    to[little ? 1 : 0] = (uint8_t)(unit >> 8);
    to[little ? 0 : 1] = (uint8_t)unit;
}

static unsigned write_utf16(uint8_t *to, uint32_t c, bool little)
{
    if (c < 0x10000) {
        put16(to, c, little);
        return 2;
    }
    c -= 0x10000; // above U+FFFF: two units
    put16(to, 0xD800 | c >> 10, little);
    put16(to + 2, 0xDC00 | (c & 0x3FF), little);
    return 4;
}

unsigned encoding_write(Encoding e, uint8_t *to, uint32_t c)
{
    switch (e) {
    case ENCODING_LATIN1:
        *to = (uint8_t)c;
        return c < 256; // 0: no such character
    case ENCODING_UTF8:
        return utf8_write(to, c);
    case ENCODING_UTF16_BIG:
    case ENCODING_UTF16_LITTLE:
        return write_utf16(to, c, e == ENCODING_UTF16_LITTLE);
    case ENCODING_UTF32_BIG:
        put16(to, c >> 16, false);
        put16(to + 2, c, false);
        return 4;
    default:
        put16(to, c, true);
        put16(to + 2, c >> 16, true);
        return 4;
    }
}

// Eight bytes at once: most text is ASCII in long runs.
size_t encoding_ascii_run(const uint8_t *bytes, size_t size)
{
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        if ((word & 0x8080808080808080u) != 0) break;
    }
    while (i < size && bytes[i] < 0x80) i++;
    return i;
}
