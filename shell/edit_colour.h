// SPDX-License-Identifier: Apache-2.0
// EditColour: what the characters of Erlang text are, and how deep they nest.
//
// The text may be broken off anywhere; the scanner's tables tell which words
// are reserved, but nothing that is half typed becomes an atom.
#ifndef MERLE_EDIT_COLOUR_H
#define MERLE_EDIT_COLOUR_H

#include "buffer.h"

typedef enum {
    STYLE_PLAIN,
    STYLE_KEYWORD,
    STYLE_VARIABLE,
    STYLE_NUMBER,
    STYLE_STRING,
    STYLE_QUOTED,  // 'an atom'
    STYLE_COMMENT,
    STYLE_RECORD,  // #name, ?MACRO
    STYLE_HINT,
    STYLE_RAW,     // a sequence of the prompt's own
    STYLE_MATCH = 16 // a bit: a bracket that belongs to the cursor's
} Style;

// The sequence that turns [style] on; STYLE_PLAIN's turns all off.
const char *edit_colour_sequence(unsigned style);

// Calls for the pieces of [text] in their order; white space and operators are
// left out. [style] is one byte for each byte of the text.
void edit_colour(const Buffer *text, uint8_t *style);

// The blanks that a line behind [text] should begin with.
size_t edit_colour_indent(const Buffer *text);

#endif
