// SPDX-License-Identifier: Apache-2.0
// EditScreen: draws prompt and text.
//
// A drawing is made by a pen that walks over it twice: first to find the row
// of the cursor, then to write those rows that the window has room for.
#include "edit_screen.h"

#include <stdio.h>

enum { ESC = 27, TAB = 8 };

typedef struct {
    Buffer *out;
    size_t columns;
    size_t row, column;  // where the next character goes
    size_t first, end;   // rows that are written
    size_t cursor_row, cursor_column;
} Pen;

static void add_text(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

static void add_move(Buffer *out, size_t n, char letter)
{
    if (n == 0) return;
    char text[32];
    snprintf(text, sizeof text, "\x1b[%zu%c", n, letter);
    add_text(out, text);
}

static bool is_shown(const Pen *pen)
{
    return pen->row >= pen->first && pen->row < pen->end;
}

static void break_row(Pen *pen)
{
    if (is_shown(pen)) {
        if (pen->column < pen->columns) add_text(pen->out, "\x1b[K");
        if (pen->row + 1 < pen->end) add_text(pen->out, "\r\n");
    }
    pen->row++;
    pen->column = 0;
}

static void put(Pen *pen, const void *bytes, size_t size, size_t width)
{
    if (pen->column + width > pen->columns) break_row(pen);
    if (is_shown(pen)) buffer_add(pen->out, bytes, size);
    pen->column += width;
}

static void put_blanks(Pen *pen, size_t n)
{
    while (n-- > 0) put(pen, " ", 1, 1);
}

static void put_char(Pen *pen, const uint8_t *bytes, size_t size, uint32_t c)
{
    if (c == '\t') {
        put_blanks(pen, TAB - pen->column % TAB);
    } else if (c < ' ' || c == 127) {
        put(pen, (char[]){'^', (char)(c ^ 64)}, 2, 2);
    } else {
        put(pen, bytes, size, edit_text_width(c));
    }
}

// Bytes of the sequence CSI ... letter at [at]; 0 when there is none.
static size_t sequence_length(const Buffer *b, size_t at)
{
    if (at + 1 >= b->size || b->bytes[at] != ESC || b->bytes[at + 1] != '[')
        return 0;
    size_t end = at + 2;
    while (end < b->size && b->bytes[end] < 0x40) end++;
    return end < b->size ? end + 1 - at : b->size - at;
}

static void put_prompt(Pen *pen, const Buffer *prompt)
{
    for (size_t at = 0; at < prompt->size;) {
        size_t n = sequence_length(prompt, at);
        if (n > 0) {
            put(pen, prompt->bytes + at, n, 0);
        } else {
            uint32_t c;
            n = edit_text_read(prompt, at, &c);
            put_char(pen, prompt->bytes + at, n, c);
        }
        at += n;
    }
}

static void put_text(Pen *pen, const EditPicture *p, size_t indent)
{
    const Buffer *b = &p->text->bytes;
    for (size_t at = 0;;) {
        if (at == p->text->cursor) {
            if (pen->column == pen->columns) break_row(pen);
            pen->cursor_row = pen->row;
            pen->cursor_column = pen->column;
        }
        if (at == b->size) return;
        uint32_t c;
        size_t n = edit_text_read(b, at, &c);
        if (c == '\n') {
            break_row(pen);
            put_blanks(pen, indent);
        } else if (at == p->match) {
            put(pen, "\x1b[7m", 4, 0);
            put_char(pen, b->bytes + at, n, c);
            put(pen, "\x1b[27m", 5, 0);
        } else {
            put_char(pen, b->bytes + at, n, c);
        }
        at += n;
    }
}

static void walk(Pen *pen, const EditPicture *p)
{
    static const EditText nothing = {0};
    EditPicture picture = *p;
    if (p->is_hidden) picture.text = &nothing;
    put_prompt(pen, p->prompt);
    // Further lines stand below the first; what is copied has blanks only.
    size_t indent = pen->column < pen->columns / 2 ? pen->column : 0;
    put_text(pen, &picture, indent);
    if (pen->column == pen->columns) break_row(pen);
}

static void go_to_start(EditScreen *s, Buffer *out)
{
    add_text(out, "\r");
    add_move(out, s->cursor_row, 'A');
    s->cursor_row = 0;
}

void edit_screen_clear(EditScreen *s, Buffer *out)
{
    go_to_start(s, out);
    add_text(out, "\x1b[J");
}

void edit_screen_draw(EditScreen *s, const EditPicture *p, Buffer *out)
{
    Pen measure = {.out = out, .columns = s->columns};
    walk(&measure, p);
    size_t rows = measure.row + 1, first = 0;
    if (rows > s->rows && measure.cursor_row >= s->rows)
        first = measure.cursor_row + 1 - s->rows;
    size_t end = rows - first > s->rows ? first + s->rows : rows;

    go_to_start(s, out);
    Pen pen = {.out = out, .columns = s->columns, .first = first, .end = end};
    walk(&pen, p);
    if (end == rows) add_text(out, "\x1b[K");
    if (end - first < s->rows) add_text(out, "\x1b[J");
    add_text(out, "\r");
    add_move(out, end - 1 - pen.cursor_row, 'A');
    add_move(out, pen.cursor_column, 'C');
    s->cursor_row = pen.cursor_row - first;
}

void edit_screen_resize(EditScreen *s, unsigned columns, unsigned rows)
{
    // A terminal that got narrower has broken the rows above the cursor.
    if (columns > 0 && columns < s->columns)
        s->cursor_row *= (s->columns + columns - 1) / columns;
    s->columns = columns > 1 ? columns : 80;
    s->rows = rows > 0 ? rows : 24;
    if (s->cursor_row >= s->rows) s->cursor_row = s->rows - 1;
}
