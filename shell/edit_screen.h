// SPDX-License-Identifier: Apache-2.0
// EditScreen: draws prompt and text below what the terminal shows already.
//
// It knows nothing of the rows above the drawing, and of its own rows only
// where the cursor stands among them. A drawing starts over at its first row
// and goes to the terminal in one piece. What is sent:
//
//     CR, LF           first column; next row, which scrolls at the bottom
//     ESC [ n A        n rows up
//     ESC [ n C        n columns right
//     ESC [ K          clears to the end of the row
//     ESC [ J          clears to the end of the screen
//     ESC [ H          top left
//     ESC [ 7 m, 27 m  reverse on and off, of matching brackets
#ifndef MERLE_EDIT_SCREEN_H
#define MERLE_EDIT_SCREEN_H

#include "edit_text.h"

typedef struct {
    unsigned columns, rows; // of the window
    size_t cursor_row;      // of the drawing
} EditScreen;

typedef struct {
    const Buffer *prompt; // may hold sequences CSI ... letter; no lines
    const EditText *text;
    size_t match;   // the place of a bracket to mark, or SIZE_MAX
    bool is_hidden; // the text is not shown
} EditPicture;

// Clears the drawing; the cursor is then where it began.
void edit_screen_clear(EditScreen *s, Buffer *out);

// Draws [picture] in the place of the last drawing.
void edit_screen_draw(EditScreen *s, const EditPicture *picture, Buffer *out);

// The window has another size now; after that it must be drawn again.
void edit_screen_resize(EditScreen *s, unsigned columns, unsigned rows);

#endif
