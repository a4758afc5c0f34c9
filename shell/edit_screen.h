// SPDX-License-Identifier: Apache-2.0
// EditScreen: draws prompt and text below what the terminal shows already.
//
// It knows nothing of the rows above the drawing. Of its own rows it keeps
// what they show and where the cursor stands, and a new drawing writes only
// what has changed: a character typed at the end is that character and no
// more. A drawing goes to the terminal in one piece. What is sent:
//
//     CR, LF, BS       first column; next row, which scrolls at the bottom;
//                      a column left
//     ESC [ n A, B     n rows up, down
//     ESC [ n C        n columns right
//     ESC [ K          clears to the end of the row
//     ESC [ J          clears to the end of the screen
//     ESC [ H          top left
//     ESC [ ... m      colours, where they are wanted; reverse for brackets
// So it works below anything, and needs no full screen.
#ifndef MERLE_EDIT_SCREEN_H
#define MERLE_EDIT_SCREEN_H

#include "edit_frame.h"
#include "edit_text.h"

// One for each editor.
typedef struct {
    unsigned columns, rows;           // of the window
    EditFrame shown, next;            // on the terminal; being made
    size_t cursor_row, cursor_column; // of the drawing
    bool is_lost;                     // what is shown is not known (any more)
    bool is_coloured;                 // else no styles but reverse
    Buffer styles; // by byte, of the text that was coloured last,
    Buffer styled; // and that text
} EditScreen;

// What is to be drawn: all of it the caller's, and only read.
typedef struct {
    const Buffer *prompt; // may hold sequences CSI ... letter; no lines
    const EditText *text;
    size_t match;   // the place of a bracket to mark, or SIZE_MAX
    bool is_hidden; // the text is not shown
    bool is_erlang; // the text is coloured
    const Buffer *hint; // shown behind the text; may be empty
    const Buffer *note; // shown in a row below; may be empty
} EditPicture;

// Frees memory; nothing is sent.
void edit_screen_free(EditScreen *s);

// Clears the drawing; the cursor is then where it began.
// As if nothing had been drawn.
void edit_screen_clear(EditScreen *s, Buffer *out);

// Takes what is on the terminal, at least [prompt], for the drawing.
// The cursor stands behind it.
void edit_screen_adopt(EditScreen *s, const Buffer *prompt);

// Whether [line], from the first column on, ends in the last one.
bool edit_screen_is_full(const EditScreen *s, const Buffer *line);

// Draws [picture] in the place of the last drawing.
void edit_screen_draw(EditScreen *s, const EditPicture *picture, Buffer *out);

// Goes behind the drawing, which stays.
void edit_screen_leave(EditScreen *s, Buffer *out);

// The screen was cleared, the cursor is top left.
// As C-l does.
void edit_screen_forget(EditScreen *s);

// The window has another size now; after that it must be drawn again.
// Nothing is sent: what the terminal did to its rows is not known.
void edit_screen_resize(EditScreen *s, unsigned columns, unsigned rows);

#endif
