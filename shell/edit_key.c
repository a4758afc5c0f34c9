// SPDX-License-Identifier: Apache-2.0
// EditKey: the bytes that a terminal sends, as keys.
#include "edit_key.h"

// A sequence longer than this is none: the bytes are dropped.
enum { ESC = 27, SEQUENCE_MOST = 32 };

// Whatever stands before it is text, other escapes included.
static const char paste_end_mark[] = "\x1b[201~";

static uint32_t letter_key(uint8_t c)
{
    switch (c) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return KEY_RIGHT;
    case 'D': return KEY_LEFT;
    case 'H': return KEY_HOME;
    case 'F': return KEY_END;
    default: return KEY_UNKNOWN;
    }
}

// Of CSI n ~; terminals differ in what they send for Home and End.
static uint32_t number_key(unsigned n)
{
    switch (n) {
    case 1: case 7: return KEY_HOME;
    case 4: case 8: return KEY_END;
    case 3: return KEY_DELETE;
    case 200: return KEY_PASTE;
    default: return KEY_UNKNOWN;
    }
}

// The bits of modifier [m] (1 + Shift 1, Meta 2, Control 4).
// 2 is Shift alone, which changes nothing.
static uint32_t modifier_bits(unsigned m)
{
    if (m == 0) return 0;
    return ((m - 1) & 2 ? KEY_META : 0) | ((m - 1) & 4 ? KEY_CONTROL : 0);
}

// A sequence CSI numbers letter.
// Two numbers are enough: key and modifier.
static uint32_t read_sequence(const uint8_t *bytes, size_t size, size_t *used)
{
    unsigned numbers[2] = {0, 0}, i = 0;
    // Behind CSI, which is two bytes.
    for (size_t at = 2; at < size; at++) {
        uint8_t c = bytes[at];
        if (c >= '0' && c <= '9') {
            if (numbers[i] < 10000) numbers[i] = numbers[i] * 10 + c - '0';
        } else if (c == ';') {
            i = 1;
        } else if (c >= 0x40 || at > SEQUENCE_MOST) {
            // A letter or ~ ends it.
            *used = at + 1;
            if (c != '~') {
                // Some terminals leave the 1 before the modifier out.
                uint32_t key = letter_key(c);
                return key == KEY_UNKNOWN ? key
                                          : key | modifier_bits(numbers[i]);
            }
            uint32_t key = number_key(numbers[0]);
            return key == KEY_UNKNOWN ? key : key | modifier_bits(numbers[1]);
        }
    }
    return KEY_NONE;
}

// Until its end has come a paste is no key at all, so that nothing of it is
// served.
static uint32_t read_paste(const uint8_t *bytes, size_t size, size_t *used,
                           size_t *paste, size_t *paste_end)
{
    size_t length = sizeof paste_end_mark - 1;
    *paste = *used;
    const uint8_t *end = memmem(bytes + *used, size - *used, paste_end_mark,
                                length);
    if (end == NULL) {
        *used = 0;
        return KEY_NONE;
    }
    *paste_end = (size_t)(end - bytes);
    *used = *paste_end + length;
    return KEY_PASTE;
}

// A lone ESC waits for what follows; it means nothing by itself. Before the
// sequence of a key it is the Alt key.
static uint32_t read_escape(const uint8_t *bytes, size_t size, size_t *used)
{
    if (size < 2) return KEY_NONE;
    if (bytes[1] == ESC && size > 2 && (bytes[2] == '[' || bytes[2] == 'O')) {
        uint32_t key = read_escape(bytes + 1, size - 1, used);
        if (key == KEY_NONE) return key;
        ++*used;
        return key == KEY_PASTE || key == KEY_UNKNOWN ? key : key | KEY_META;
    }
    if (bytes[1] == ESC && size == 2) return KEY_NONE;
    if (bytes[1] == '[') return read_sequence(bytes, size, used);
    if (bytes[1] == 'O' && size < 3) return KEY_NONE;
    *used = bytes[1] == 'O' ? 3 : 2;
    // ESC O A: keys in "application mode".
    return bytes[1] == 'O' ? letter_key(bytes[2]) : KEY_META | bytes[1];
}

uint32_t edit_key_read(const uint8_t *bytes, size_t size, size_t *used,
                       size_t *paste, size_t *paste_end)
{
    *used = 0;
    if (size == 0) return KEY_NONE;
    if (bytes[0] == ESC) {
        uint32_t key = read_escape(bytes, size, used);
        if (key != KEY_PASTE) return key;
        return read_paste(bytes, size, used, paste, paste_end);
    }
    uint32_t c;
    // UTF-8 as it comes, cut off perhaps.
    unsigned n = utf8_read(bytes, bytes + size, &c);
    *used = n > 0 ? n : 1;
    if (n > 0) return c;
    // First bytes of longer characters.
    if (bytes[0] >= 0xC2 && bytes[0] < 0xF5 && size < UTF8_MOST) {
        *used = 0;
        return KEY_NONE; // a character that is cut off
    }
    return KEY_UNKNOWN;
}
