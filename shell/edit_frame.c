// SPDX-License-Identifier: Apache-2.0
// EditFrame: rows of cells.
#include "edit_frame.h"

#include "edit_colour.h"

void edit_frame_free(EditFrame *f)
{
    buffer_free(&f->bytes);
    free(f->cells);
    free(f->rows);
    *f = (EditFrame){0};
}

// Memory stays for the next picture.
void edit_frame_clear(EditFrame *f)
{
    f->bytes.size = 0;
    f->cell_count = f->row_count = 0;
}

// Its cells are those from here on, up to the next row's.
void edit_frame_add_row(EditFrame *f)
{
    if (f->row_count == f->row_room)
        f->rows = memory_grow(f->rows, &f->row_room, 32, sizeof *f->rows);
    f->rows[f->row_count++] = f->cell_count;
}

void edit_frame_add(EditFrame *f, const void *bytes, size_t size,
                    unsigned width, unsigned style)
{
    size_t at = f->bytes.size;
    bool is_first = f->rows[f->row_count - 1] == f->cell_count;
    buffer_add(&f->bytes, bytes, size);
    // At most 64 bytes: a character with endless marks is cut into cells.
    if (width == 0 && style != STYLE_RAW && !is_first
        && f->cells[f->cell_count - 1].size < 64) {
        f->cells[f->cell_count - 1].size += (uint16_t)size;
        return;
    }
    if (f->cell_count == f->cell_room)
        f->cells = memory_grow(f->cells, &f->cell_room, 256,
                               sizeof *f->cells);
    f->cells[f->cell_count++] = (EditCell){(uint32_t)at, (uint16_t)size,
                                           (uint8_t)width, (uint8_t)style};
}

const EditCell *edit_frame_row(const EditFrame *f, size_t row, size_t *count)
{
    *count = 0;
    // Any pointer will do, for there is nothing at it.
    if (row >= f->row_count) return f->cells;
    size_t end = row + 1 < f->row_count ? f->rows[row + 1] : f->cell_count;
    *count = end - f->rows[row];
    return f->cells + f->rows[row];
}

size_t edit_frame_width(const EditCell *cells, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) width += cells[i].width;
    return width;
}

// As far as this the terminal shows what is wanted already.
size_t edit_frame_common(const EditFrame *a, const EditFrame *b, size_t row)
{
    size_t na, nb, i = 0;
    const EditCell *x = edit_frame_row(a, row, &na);
    const EditCell *y = edit_frame_row(b, row, &nb);
    while (i < na && i < nb && x[i].size == y[i].size
           && x[i].style == y[i].style
           && memcmp(a->bytes.bytes + x[i].at, b->bytes.bytes + y[i].at,
                     x[i].size) == 0)
        i++;
    // What the prompt's own sequences say holds only from the row's start.
    // If the prompt sets a colour behind the difference, writing must begin
    // before it.
    for (size_t k = i; k < nb; k++)
        if (y[k].style == STYLE_RAW) return 0;
    return i;
}
