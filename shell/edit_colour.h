// SPDX-License-Identifier: Apache-2.0
// EditColour: what the characters of Erlang text are, and how deep they nest.
//
// The text may be broken off anywhere; the scanner's tables tell which words
// are reserved, but nothing that is half typed becomes an atom.
// At a key only the lines around the change are scanned anew.
#ifndef MERLE_EDIT_COLOUR_H
#define MERLE_EDIT_COLOUR_H

#include "buffer.h"

// One byte each, for EditCell. The values are indices of the table of
// sequences; MATCH is a bit on top.
typedef enum {
    STYLE_PLAIN,
    STYLE_KEYWORD,   // case, end, ...
    STYLE_VARIABLE,  // X, _Y
    STYLE_NUMBER,    // 42, $a, <0.1.0>
    STYLE_STRING,    // "text"
    STYLE_QUOTED,    // 'an atom'
    STYLE_COMMENT,   // % to the line's end
    STYLE_RECORD,    // #name, ?MACRO
    STYLE_HINT,      // grey: what was not typed
    STYLE_RAW,       // a sequence of the prompt's own
    STYLE_MATCH = 16 // a bit: a bracket that belongs to the cursor's
} Style;

// The sequence that turns [style] on; STYLE_PLAIN's turns all off.
// An empty text for STYLE_RAW: such cells bring their own.
const char *edit_colour_sequence(unsigned style);

// Calls for the pieces of [text] in their order; white space and operators are
// left out. [style] is one byte for each byte of the text.
// Every byte gets a style, those in between STYLE_PLAIN.
void edit_colour(const Buffer *text, uint8_t *style);

// The same where [style] is right already for the bytes before [from] and
// from [to] on: as far around as the bytes between change it.
void edit_colour_from(const Buffer *text, uint8_t *style, size_t from,
                      size_t to);

// Appends [text] to [to], coloured; each line begins and ends plain.
// For what others show, help for example: no state is left on the terminal.
void edit_colour_add(Buffer *to, const Buffer *text);

// The blanks that the line which begins at [line] should begin with: as deep as
// what stands before it nests, less what it closes itself. SIZE_MAX within a
// string, where blanks are the user's own.
// Four columns for each step, counted anew from the text's beginning.
size_t edit_colour_indent(const Buffer *text, size_t line);

// Whether the word or bracket at [at] closes something, so that its line stands
// further out than the lines before it.
bool edit_colour_closes(const Buffer *text, size_t at);

#endif
