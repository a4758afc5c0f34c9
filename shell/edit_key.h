// SPDX-License-Identifier: Apache-2.0
// EditKey: the bytes that a terminal sends, as keys.
//
// What is understood (ESC is byte 27, CSI is ESC [, SS3 is ESC O):
//
//     CSI A B C D H F      arrows, Home, End; SS3 with the same letters
//     CSI n ~              1 7 Home, 4 8 End, 3 Delete, 5 6 page keys
//     CSI 1 ; m C, CSI m C with modifier m: 3 is Meta, 5 is Control
//     ESC CSI C            the same with Meta
//     CSI 200~ ... 201~    a paste: its text is one key
//     ESC c                Meta with c
//     0 .. 31, 127         control keys, as they are
// One table for all terminals: those in use send these, whatever TERM says.
#ifndef MERLE_EDIT_KEY_H
#define MERLE_EDIT_KEY_H

#include "buffer.h"

// Bits are above the numbers, so a key with a modifier is one integer.
enum {                   // beyond all code points
    KEY_NONE = 0x200000, // no whole key is there
    KEY_UNKNOWN,         // a key, but nobody's
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_DELETE,
    KEY_PASTE,              // text between the marks
    KEY_META = 0x1000000,   // a bit
    KEY_CONTROL = 0x2000000 // a bit, of arrows
};

// The key at the beginning of [size] [bytes], and in [*used] their number: 0
// with KEY_NONE, when more must come. The text of KEY_PASTE lies in [*paste]
// to [*paste_end].
// Never more than one key: an event may come of it.
uint32_t edit_key_read(const uint8_t *bytes, size_t size, size_t *used,
                       size_t *paste, size_t *paste_end);

#endif
