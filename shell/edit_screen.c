// SPDX-License-Identifier: Apache-2.0
// EditScreen: draws prompt and text.
//
// A picture is walked over twice by a pen: first to find the row of the
// cursor, then to make the cells of those rows that the window has room for.
#include "edit_screen.h"

#include <stdio.h>

#include "edit_colour.h"

// Tabs are every 8 columns.
enum { ESC = 27, TAB = 8 };

// Only rows [first] to [end] become cells; the others are counted.
typedef struct {
    EditFrame *frame;                 // where cells go
    size_t columns;                   // of the window
    size_t row, column;               // where the next character goes
    size_t first, end;                // rows that are made
    size_t cursor_row, cursor_column; // where the text's cursor came to stand
} Pen;

void edit_screen_free(EditScreen *s)
{
    edit_frame_free(&s->shown);
    edit_frame_free(&s->next);
    buffer_free(&s->styles);
    buffer_free(&s->styled);
}

// ---- pictures to cells ----

// A picture taller than the window shows the rows around the cursor.
static bool is_shown(const Pen *pen)
{
    return pen->row >= pen->first && pen->row < pen->end;
}

static void begin_row(Pen *pen)
{
    pen->column = 0;
    if (is_shown(pen)) edit_frame_add_row(pen->frame);
}

// The terminal would wrap by itself, but when is not the same on all of them.
static void break_row(Pen *pen)
{
    pen->row++;
    begin_row(pen);
}

// A wide character that does not fit goes to the next row.
static void put(Pen *pen, const void *bytes, size_t size, unsigned width,
                unsigned style)
{
    if (pen->column + width > pen->columns) break_row(pen);
    if (is_shown(pen)) edit_frame_add(pen->frame, bytes, size, width, style);
    pen->column += width;
}

static void put_blanks(Pen *pen, size_t n)
{
    while (n-- > 0) put(pen, " ", 1, 1, STYLE_PLAIN);
}

// Puts the character at [at] of [b]; answers its length in bytes.
// A control character in a prompt or an old entry is shown as ^X.
static size_t put_char(Pen *pen, const Buffer *b, size_t at, unsigned style)
{
    uint32_t c;
    size_t size = edit_text_read(b, at, &c);
    if (c == '\t') {
        put_blanks(pen, TAB - pen->column % TAB);
    } else if (edit_text_is_control(c)) {
        put(pen, (char[]){'^', (char)(c < 128 ? c ^ 64 : '?')}, 2, 2, style);
    } else {
        put(pen, b->bytes + at, size, edit_text_width(c), style);
    }
    return size;
}

// Bytes of the sequence CSI ... letter at [at]; 0 when there is none.
// Colours of a prompt; their width is 0.
static size_t sequence_length(const Buffer *b, size_t at)
{
    if (at + 1 >= b->size || b->bytes[at] != ESC || b->bytes[at + 1] != '[')
        return 0;
    size_t end = at + 2;
    while (end < b->size && b->bytes[end] < 0x40) end++;
    return end < b->size ? end + 1 - at : b->size - at;
}

// A prompt with newlines has them shown as ^J; its partial line has none.
static void put_prompt(Pen *pen, const Buffer *prompt)
{
    for (size_t at = 0; at < prompt->size;) {
        size_t n = sequence_length(prompt, at);
        if (n > 0) put(pen, prompt->bytes + at, n, 0, STYLE_RAW);
        else n = put_char(pen, prompt, at, STYLE_PLAIN);
        at += n;
    }
}

// Behind the last column there is no place: the cursor goes below.
static void note_cursor(Pen *pen)
{
    if (pen->column == pen->columns) break_row(pen);
    pen->cursor_row = pen->row;
    pen->cursor_column = pen->column;
}

// Whether the characters from [at] to [end] have one column each.
static bool is_plain(const Buffer *b, size_t at, size_t end)
{
    uint8_t odd = 0;
    for (; at < end; at++)
        odd |= (uint8_t)((uint8_t)(b->bytes[at] - ' ') > '~' - ' ');
    return odd == 0;
}

// Behind what need not be put because the window has no room for it: lines and
// parts of them from [at], up to the cursor at most. A text may have thousands.
static size_t skip_unseen(Pen *pen, const EditPicture *p, size_t at)
{
    const Buffer *b = &p->text->bytes;
    const uint8_t *newline = memchr(b->bytes + at, '\n', b->size - at);
    size_t end = newline == NULL ? b->size : (size_t)(newline - b->bytes);
    if (at <= p->text->cursor && end > p->text->cursor) end = p->text->cursor;
    size_t column = pen->column + (end - at);
    size_t row = pen->row + (column == 0 ? 0 : (column - 1) / pen->columns);
    bool is_seen = row + 1 >= pen->first && pen->row < pen->end;
    if (end == at || is_seen || !is_plain(b, at, end)) return at;
    pen->column = column - (row - pen->row) * pen->columns;
    pen->row = row;
    return end;
}

// Further lines are indented as far as the prompt is wide, so that text stands
// below text.
static void put_text(Pen *pen, const EditPicture *p, const uint8_t *styles,
                     size_t indent)
{
    const Buffer *b = &p->text->bytes;
    for (size_t at = 0;;) {
        if (at < b->size) at = skip_unseen(pen, p, at);
        if (at == p->text->cursor) note_cursor(pen);
        if (at == b->size) return;
        if (b->bytes[at] == '\n') {
            break_row(pen);
            put_blanks(pen, indent);
            at++;
        } else {
            unsigned style = styles == NULL ? STYLE_PLAIN : styles[at];
            if (at == p->match) style |= STYLE_MATCH;
            at += put_char(pen, b, at, style);
        }
    }
}

// A row of its own; what is too long for it is left out.
// Notes are help: one row must do.
static void put_note(Pen *pen, const Buffer *note)
{
    break_row(pen);
    for (size_t at = 0; at < note->size && pen->column + 2 < pen->columns;)
        at += put_char(pen, note, at, STYLE_HINT);
}

// The same walk measures and makes.
static void walk(Pen *pen, const EditPicture *p, const uint8_t *styles)
{
    static const EditText nothing = {0}; // a password's place is drawn as empty
    EditPicture picture = *p;
    if (p->is_hidden) picture.text = &nothing;
    begin_row(pen);
    put_prompt(pen, p->prompt);
    // Further lines stand below the first; what is copied has blanks only.
    // A prompt that fills half the row leaves no room for that.
    size_t indent = pen->column < pen->columns / 2 ? pen->column : 0;
    put_text(pen, &picture, styles, indent);
    for (size_t at = 0; at < p->hint->size;)
        at += put_char(pen, p->hint, at, STYLE_HINT);
    if (p->note->size > 0) put_note(pen, p->note);
}

// How many bytes at the beginning (at the end) of two texts are the same.
static size_t same_begin(const Buffer *a, const Buffer *b)
{
    size_t most = a->size < b->size ? a->size : b->size, n = 0;
    while (n + 64 <= most && memcmp(a->bytes + n, b->bytes + n, 64) == 0)
        n += 64;
    while (n < most && a->bytes[n] == b->bytes[n]) n++;
    return n;
}

static size_t same_end(const Buffer *a, const Buffer *b, size_t most)
{
    const uint8_t *x = a->bytes + a->size, *y = b->bytes + b->size;
    size_t n = 0;
    while (n + 64 <= most && memcmp(x - n - 64, y - n - 64, 64) == 0) n += 64;
    while (n < most && x[-1 - (ptrdiff_t)n] == y[-1 - (ptrdiff_t)n]) n++;
    return n;
}

// Colours the text anew where it differs from the one that was coloured last,
// to the ends of the lines around: a key should not cost more in a long text.
static const uint8_t *find_styles(EditScreen *s, const EditPicture *p)
{
    const Buffer *text = &p->text->bytes;
    if (!s->is_coloured || !p->is_erlang || text->size == 0) return NULL;
    size_t from = same_begin(&s->styled, text);
    size_t most = (s->styled.size < text->size ? s->styled.size : text->size)
                  - from;
    size_t behind = same_end(&s->styled, text, most);
    buffer_reserve(&s->styles, text->size + 1);
    if (behind > 0)
        memmove(s->styles.bytes + text->size - behind,
                s->styles.bytes + s->styled.size - behind, behind);
    edit_colour_from(text, s->styles.bytes, from, text->size - behind);
    s->styled.size = 0;
    buffer_add(&s->styled, text->bytes, text->size);
    s->styles.size = text->size;
    return s->styles.bytes;
}

// Makes the next frame; answers the cursor's place in it.
// Twice over the picture, since which rows are shown depends on the cursor's
// row.
static Pen make_frame(EditScreen *s, const EditPicture *p)
{
    const uint8_t *styles = find_styles(s, p);
    Pen measure = {.frame = &s->next, .columns = s->columns};
    walk(&measure, p, styles);
    // The cursor's row is the last if it would be below the window.
    size_t rows = measure.row + 1, first = 0;
    if (rows > s->rows && measure.cursor_row >= s->rows)
        first = measure.cursor_row + 1 - s->rows;
    size_t end = rows - first > s->rows ? first + s->rows : rows;
    Pen pen = {.frame = &s->next, .columns = s->columns, .first = first,
               .end = end};
    edit_frame_clear(&s->next);
    walk(&pen, p, styles);
    pen.cursor_row -= first;
    return pen;
}

// ---- cells to the terminal ----
// From here on only differences are written.

static void add_text(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

// Not written at all when nothing moves.
static void add_move(Buffer *out, size_t n, char letter)
{
    if (n == 0) return;
    char text[32];
    snprintf(text, sizeof text, "\x1b[%zu%c", n, letter);
    add_text(out, text);
}

// Moves the cursor; rows that the drawing has not had yet come into being.
// "\n" makes a row, and scrolls if there is none; "B" would stop at the bottom.
static void move_to(EditScreen *s, size_t row, size_t column, Buffer *out)
{
    size_t last = s->shown.row_count == 0 ? 0 : s->shown.row_count - 1;
    if (row < s->cursor_row) {
        add_move(out, s->cursor_row - row, 'A');
    } else if (row > s->cursor_row && row <= last) {
        add_move(out, row - s->cursor_row, 'B');
    } else if (row > last) {
        if (last > s->cursor_row) add_move(out, last - s->cursor_row, 'B');
        else last = s->cursor_row; // the drawing had none yet
        add_text(out, "\r");
        for (; last < row; last++) add_text(out, "\n");
        s->cursor_column = 0;
    }
    s->cursor_row = row;
    // Behind the last column the terminal itself may not know where it is.
    // And a way back of several columns is shorter from the row's start.
    if (s->cursor_column == s->columns
        || column + 1 < s->cursor_column) {
        add_text(out, "\r");
        s->cursor_column = 0;
    }
    if (column + 1 == s->cursor_column) add_text(out, "\b");
    else add_move(out, column - s->cursor_column, 'C');
    s->cursor_column = column;
}

// Styles are turned off at the end of a row: other programs may write.
static void write_cells(EditScreen *s, const EditCell *cells, size_t count,
                        Buffer *out)
{
    unsigned style = STYLE_PLAIN;
    for (size_t i = 0; i < count; i++) {
        unsigned wanted = cells[i].style == STYLE_RAW ? STYLE_PLAIN
                                                      : cells[i].style;
        if (wanted != style) {
            if (style != STYLE_PLAIN)
                add_text(out, edit_colour_sequence(STYLE_PLAIN));
            if (wanted != STYLE_PLAIN)
                add_text(out, edit_colour_sequence(wanted));
        }
        style = wanted;
        buffer_add(out, s->next.bytes.bytes + cells[i].at, cells[i].size);
        s->cursor_column += cells[i].width;
    }
    if (style != STYLE_PLAIN)
        add_text(out, edit_colour_sequence(STYLE_PLAIN));
}

// A row that is the same is not touched.
static void write_row(EditScreen *s, size_t row, Buffer *out)
{
    size_t count, old_count;
    const EditCell *cells = edit_frame_row(&s->next, row, &count);
    const EditCell *old = edit_frame_row(&s->shown, row, &old_count);
    size_t same = edit_frame_common(&s->shown, &s->next, row);
    bool is_new = row >= s->shown.row_count;
    if (!is_new && same == count && same == old_count) return;
    move_to(s, row, edit_frame_width(cells, same), out);
    write_cells(s, cells + same, count - same, out);
    // What stood there was longer.
    if (edit_frame_width(old, old_count) > edit_frame_width(cells, count))
        add_text(out, "\x1b[K");
}

// The cursor is where we left it, so the drawing begins that many rows up.
static void lose(EditScreen *s, Buffer *out)
{
    add_text(out, "\r");
    add_move(out, s->cursor_row, 'A');
    add_text(out, "\x1b[J");
    s->cursor_row = s->cursor_column = 0;
    edit_frame_clear(&s->shown);
    s->is_lost = false;
}

void edit_screen_clear(EditScreen *s, Buffer *out)
{
    lose(s, out);
}

// Output for one key is a few bytes; a whole drawing is some hundred.
void edit_screen_draw(EditScreen *s, const EditPicture *p, Buffer *out)
{
    if (s->is_lost) lose(s, out);
    Pen pen = make_frame(s, p);
    size_t rows = s->next.row_count;
    for (size_t row = 0; row < rows; row++) {
        write_row(s, row, out);
        // from now on the row is there
        // move_to must know which rows are there.
        if (row >= s->shown.row_count) edit_frame_add_row(&s->shown);
    }
    // Fewer rows than before.
    if (s->shown.row_count > rows) {
        move_to(s, rows, 0, out);
        add_text(out, "\x1b[J");
    }
    move_to(s, pen.cursor_row, pen.cursor_column, out);
    // The frames change places.
    EditFrame shown = s->shown;
    s->shown = s->next;
    s->next = shown;
}

void edit_screen_leave(EditScreen *s, Buffer *out)
{
    size_t last = s->shown.row_count == 0 ? 0 : s->shown.row_count - 1;
    if (last > s->cursor_row) add_move(out, last - s->cursor_row, 'B');
    // LF alone: the io server's newlines are plain, and output is cooked.
    add_text(out, "\n");
    edit_screen_forget(s);
}

void edit_screen_forget(EditScreen *s)
{
    edit_frame_clear(&s->shown);
    s->cursor_row = s->cursor_column = 0;
    s->is_lost = false;
}

// Only what was written in one row is known for sure.
void edit_screen_adopt(EditScreen *s, const Buffer *prompt)
{
    edit_screen_forget(s);
    Pen pen = {.frame = &s->shown, .columns = s->columns, .end = SIZE_MAX};
    begin_row(&pen);
    put_prompt(&pen, prompt);
    s->cursor_row = pen.row;
    s->cursor_column = pen.column;
    // Of a line that fills rows it is not sure where they break.
    s->is_lost = pen.row > 0;
}

// A sequence may have moved the cursor to anywhere.
bool edit_screen_is_full(const EditScreen *s, const Buffer *line)
{
    if (line->size == 0 || memchr(line->bytes, ESC, line->size) != NULL)
        return false;
    Pen pen = {.columns = s->columns}; // no rows: it only measures
    put_prompt(&pen, line);
    return pen.column == pen.columns;
}

// Where the cursor is in a terminal that got narrower: it has broken the rows
// above the cursor, and the cursor's own, where they are too long now.
static size_t broken_row(const EditScreen *s, unsigned columns)
{
    size_t row = s->cursor_column / columns;
    for (size_t i = 0; i < s->cursor_row; i++) {
        size_t count;
        const EditCell *cells = edit_frame_row(&s->shown, i, &count);
        size_t width = edit_frame_width(cells, count);
        row += width <= columns ? 1 : (width + columns - 1) / columns;
    }
    return row;
}

void edit_screen_resize(EditScreen *s, unsigned columns, unsigned rows)
{
    if (columns > 0 && columns < s->columns)
        s->cursor_row = broken_row(s, columns);
    s->columns = columns > 1 ? columns : 80;
    s->rows = rows > 0 ? rows : 24;
    if (s->cursor_row >= s->rows) s->cursor_row = s->rows - 1;
    s->is_lost = true;
}
