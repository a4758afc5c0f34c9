// SPDX-License-Identifier: Apache-2.0
// EditFrame: rows of cells, as a terminal shows them.
#ifndef MERLE_EDIT_FRAME_H
#define MERLE_EDIT_FRAME_H

#include "buffer.h"

// A character with the marks of no width that follow it.
typedef struct {
    uint32_t at;    // into the frame's bytes
    uint16_t size;
    uint8_t width;  // columns: 0 for a sequence of the prompt's own
    uint8_t style;  // Style
} EditCell;

typedef struct {
    Buffer bytes;
    EditCell *cells;
    size_t cell_count, cell_room;
    size_t *rows;   // the first cell of each
    size_t row_count, row_room;
} EditFrame;

void edit_frame_free(EditFrame *f);

// Makes it empty: without rows.
void edit_frame_clear(EditFrame *f);

void edit_frame_add_row(EditFrame *f);

// Appends a cell to the last row; a mark of no width joins the cell before it.
void edit_frame_add(EditFrame *f, const void *bytes, size_t size,
                    unsigned width, unsigned style);

// The cells of row [row] and their number; none where there is no such row.
const EditCell *edit_frame_row(const EditFrame *f, size_t row, size_t *count);

// Columns that the first [count] cells of a row take.
size_t edit_frame_width(const EditCell *cells, size_t count);

// How many cells at the beginning of row [row] are the same in both.
size_t edit_frame_common(const EditFrame *a, const EditFrame *b, size_t row);

#endif
