// SPDX-License-Identifier: Apache-2.0
// EditText: the text that is being edited, with its cursor and its past.
//
// Text is valid UTF-8, lines end in '\n'. Positions are offsets in bytes and
// stand between characters; a character is a code point with the marks of no
// width that follow it. Every change goes through edit_text_replace.
// Lines are not kept apart: a prompt's text is short, and one string is
// simplest.
#ifndef MERLE_EDIT_TEXT_H
#define MERLE_EDIT_TEXT_H

#include "buffer.h"

// One step of undo.
typedef struct {
    size_t at;       // where
    size_t inserted; // bytes that came
    Buffer removed;  // bytes that went
    size_t cursor;   // before the change
} EditChange;

typedef struct {
    Buffer bytes;        // the text; no NUL at its end
    size_t cursor;       // a position
    EditChange *changes; // newest last
    size_t change_count; // in use
    size_t change_room;  // allocated
} EditText;

// All zero afterwards, and ready for use.
void edit_text_free(EditText *t);

// Puts [size] bytes in the place of all that is there, forgets the past, and
// sets the cursor behind them.
// For a new line, or an entry of the history.
void edit_text_set(EditText *t, const void *bytes, size_t size);

// Puts [size] [bytes] in the place of what lies from [from] to [to]; the
// cursor is then behind them.
// The past gets one change more, or the last one grows.
void edit_text_replace(EditText *t, size_t from, size_t to,
                       const void *bytes, size_t size);

// Takes the last change back; false when there is none.
// Undone changes are gone: there is no redo.
bool edit_text_undo(EditText *t);

// ---- places; at the text's ends they answer the end ----
// They never fail.

size_t edit_text_before(const EditText *t, size_t at); // a character back
size_t edit_text_after(const EditText *t, size_t at);
size_t edit_text_word_before(const EditText *t, size_t at);
size_t edit_text_word_after(const EditText *t, size_t at);
size_t edit_text_line_start(const EditText *t, size_t at);
size_t edit_text_line_end(const EditText *t, size_t at);
size_t edit_text_blanks_end(const EditText *t, size_t at); // blanks skipped

// The place in the line above (below) that stands as many characters from the
// line's start; SIZE_MAX when there is no such line.
// Counted in characters, not in columns.
size_t edit_text_above(const EditText *t, size_t at);
size_t edit_text_below(const EditText *t, size_t at);

// The bracket that belongs to the one at [at]; SIZE_MAX when there is none.
// Those in strings, quoted atoms and comments do not count.
// By counting from the text's beginning.
size_t edit_text_match(const EditText *t, size_t at);

// Where the string, quoted atom, comment or character at [at] ends; [at] when
// there is none.
// Text that is half typed ends at its own end.
size_t edit_text_skip_quoted(const Buffer *bytes, size_t at);

// Reads the code point at [at]; answers its length (1 for a stray byte).
// A stray byte is U+FFFD.
unsigned edit_text_read(const Buffer *bytes, size_t at, uint32_t *c);

// Whether code point [c] would tell the terminal something: C0, DEL and C1.
bool edit_text_is_control(uint32_t c);

// Columns that code point [c] takes on a terminal.
// 0 of marks and of what is not printed.
unsigned edit_text_width(uint32_t c);

#endif
