// SPDX-License-Identifier: Apache-2.0
// EditFrame: rows of cells, as a terminal shows them.
#ifndef MERLE_EDIT_FRAME_H
#define MERLE_EDIT_FRAME_H

#include "buffer.h"

// A character with the marks of no width that follow it.
// Cells are compared by bytes and style: the same bytes show the same.
typedef struct {
    uint32_t at;   // into the frame's bytes
    uint16_t size; // bytes: one character and its marks
    uint8_t width; // columns: 0 for a sequence of the prompt's own
    uint8_t style; // Style
} EditCell;

// Two of them: what is shown, and what is to be. They change places, so their
// memory is used again and again.
typedef struct {
    Buffer bytes;                 // of all cells, one behind the other
    EditCell *cells;              // of all rows
    size_t cell_count, cell_room; // in use, and allocated
    size_t *rows;                 // the first cell of each
    size_t row_count, row_room;   // in use, and allocated
} EditFrame;

void edit_frame_free(EditFrame *f);

// Makes it empty: without rows.
void edit_frame_clear(EditFrame *f);

// Must come before its first cell.
void edit_frame_add_row(EditFrame *f);

// Appends a cell to the last row; a mark of no width joins the cell before it.
void edit_frame_add(EditFrame *f, const void *bytes, size_t size,
                    unsigned width, unsigned style);

// The cells of row [row] and their number; none where there is no such row.
// [count] is 0 for a row that is not there.
const EditCell *edit_frame_row(const EditFrame *f, size_t row, size_t *count);

// Columns that the first [count] cells of a row take.
size_t edit_frame_width(const EditCell *cells, size_t count);

// How many cells at the beginning of row [row] are the same in both.
// A row with a sequence of the prompt behind the difference has none in common.
size_t edit_frame_common(const EditFrame *a, const EditFrame *b, size_t row);

#endif
