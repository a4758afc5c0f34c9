// SPDX-License-Identifier: Apache-2.0
// Pattern: one or several byte strings to be searched for. Of several that
// occur, the one that begins first is found, and of those the longest.
#ifndef MERLE_PATTERN_H
#define MERLE_PATTERN_H

#include "counted.h"
#include "term.h"

typedef struct {
    const uint8_t *bytes; // in Pattern.bytes, or in the text that was searched
    size_t size;          // > 0
} Needle;

typedef struct {
    Counted counted;     // of a compiled one
    size_t count;        // of needles
    Needle *needles;     // by first byte, then the longest first
    uint32_t first[257]; // needles of first byte B: first[B] to first[B + 1]
    uint8_t *bytes;      // what the needles point into
} Pattern;

// The pattern of [t], a binary or a list of them, none empty; NULL when it is
// none. Its count is 1.
Pattern *pattern_new(Term t);

// Ends a pattern; also tells a magic reference of one (magic.h).
void pattern_destroy(Counted *c);

// Where [p] occurs first in [text], from [from] on and ending before [to]:
// [*at] and how long it is. False when it does not.
bool pattern_find(const Pattern *p, const uint8_t *text, size_t from,
                  size_t to, Needle *found);

#endif
