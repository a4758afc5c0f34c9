// SPDX-License-Identifier: Apache-2.0
// EditText: the text that is being edited.
#include "edit_text.h"

#include <utf8proc.h>

// Half of them are dropped at once when there are more.
enum { CHANGES_MOST = 1000 };

// The oldest [n].
static void forget_changes(EditText *t, size_t n)
{
    for (size_t i = 0; i < n; i++) buffer_free(&t->changes[i].removed);
    t->change_count -= n;
    memmove(t->changes, t->changes + n, t->change_count * sizeof *t->changes);
}

void edit_text_free(EditText *t)
{
    if (t->change_count > 0) forget_changes(t, t->change_count);
    free(t->changes);
    buffer_free(&t->bytes);
    *t = (EditText){0};
}

void edit_text_set(EditText *t, const void *bytes, size_t size)
{
    if (t->change_count > 0) forget_changes(t, t->change_count);
    t->bytes.size = 0;
    buffer_add(&t->bytes, bytes, size);
    t->cursor = size;
}

// Bytes behind [to] move first, as both ranges may overlap.
static void splice(EditText *t, size_t from, size_t to, const void *bytes,
                   size_t size)
{
    Buffer *b = &t->bytes;
    buffer_reserve(b, size + 1); // never NULL from here
    memmove(b->bytes + from + size, b->bytes + to, b->size - to);
    if (size > 0) memcpy(b->bytes + from, bytes, size);
    b->size += size - (to - from);
    t->cursor = from + size;
}

// Typing is undone by words: a letter joins the change before it.
// A blank begins a new word; after 80 letters so does anything.
static bool joins(const EditText *t, size_t from, size_t to, size_t size,
                  const char *bytes)
{
    if (t->change_count == 0 || from != to || size != 1) return false;
    const EditChange *last = &t->changes[t->change_count - 1];
    return last->removed.size == 0 && last->inserted < 80
           && last->at + last->inserted == from && from == t->cursor
           && *bytes != ' ' && *bytes != '\n';
}

// Before the bytes change: what goes is copied.
static void note_change(EditText *t, size_t from, size_t to, size_t size)
{
    if (t->change_count == CHANGES_MOST) forget_changes(t, CHANGES_MOST / 2);
    if (t->change_count == t->change_room)
        t->changes = memory_grow(t->changes, &t->change_room, 16,
                                 sizeof *t->changes);
    EditChange *c = &t->changes[t->change_count++];
    *c = (EditChange){.at = from, .inserted = size, .cursor = t->cursor};
    if (to > from) buffer_add(&c->removed, t->bytes.bytes + from, to - from);
}

void edit_text_replace(EditText *t, size_t from, size_t to,
                       const void *bytes, size_t size)
{
    if (from == to && size == 0) return;
    if (joins(t, from, to, size, bytes))
        t->changes[t->change_count - 1].inserted += size;
    else
        note_change(t, from, to, size);
    splice(t, from, to, bytes, size);
}

// The reverse of the change; it is not noted itself.
bool edit_text_undo(EditText *t)
{
    if (t->change_count == 0) return false;
    EditChange *c = &t->changes[--t->change_count];
    splice(t, c->at, c->at + c->inserted, c->removed.bytes, c->removed.size);
    t->cursor = c->cursor;
    buffer_free(&c->removed);
    return true;
}

// Bytes of others, such as a prompt's, may be no UTF-8.
unsigned edit_text_read(const Buffer *b, size_t at, uint32_t *c)
{
    unsigned n = utf8_read(b->bytes + at, b->bytes + b->size, c);
    if (n > 0) return n;
    *c = 0xFFFD;
    return 1;
}

bool edit_text_is_control(uint32_t c)
{
    return c < ' ' || (c >= 127 && c < 0xA0);
}

// ASCII needs no table.
unsigned edit_text_width(uint32_t c)
{
    if (c >= 0x20 && c < 0x7F) return 1;
    int width = utf8proc_charwidth((utf8proc_int32_t)c);
    return width > 0 ? (unsigned)width : 0;
}

// Whether what is at [at] belongs to the character before it.
// Continuation bytes, and characters without a width.
static bool is_mark(const EditText *t, size_t at)
{
    if ((t->bytes.bytes[at] & 0xC0) == 0x80) return true;
    if (t->bytes.bytes[at] < 0x80) return false;
    uint32_t c;
    edit_text_read(&t->bytes, at, &c);
    return edit_text_width(c) == 0;
}

// Marks are passed together with their letter.
size_t edit_text_before(const EditText *t, size_t at)
{
    while (at > 0 && is_mark(t, --at)) {}
    return at;
}

size_t edit_text_after(const EditText *t, size_t at)
{
    if (at < t->bytes.size) at++;
    while (at < t->bytes.size && is_mark(t, at)) at++;
    return at;
}

// Letters, digits and all that is not ASCII make words.
// As in names of Erlang: '@' is part of a word.
static bool is_word(const EditText *t, size_t at)
{
    uint8_t c = t->bytes.bytes[at];
    return c >= 0x80 || c == '_' || c == '@' || (c >= '0' && c <= '9')
           || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

// Over blanks and signs, then over the word.
size_t edit_text_word_before(const EditText *t, size_t at)
{
    while (at > 0 && !is_word(t, at - 1)) at--;
    while (at > 0 && is_word(t, at - 1)) at--;
    return at;
}

size_t edit_text_word_after(const EditText *t, size_t at)
{
    while (at < t->bytes.size && !is_word(t, at)) at++;
    while (at < t->bytes.size && is_word(t, at)) at++;
    return at;
}

size_t edit_text_line_start(const EditText *t, size_t at)
{
    while (at > 0 && t->bytes.bytes[at - 1] != '\n') at--;
    return at;
}

size_t edit_text_line_end(const EditText *t, size_t at)
{
    while (at < t->bytes.size && t->bytes.bytes[at] != '\n') at++;
    return at;
}

size_t edit_text_blanks_end(const EditText *t, size_t at)
{
    while (at < t->bytes.size
           && (t->bytes.bytes[at] == ' ' || t->bytes.bytes[at] == '\t'))
        at++;
    return at;
}

// The place in the line that starts at [line], as far from its start as [at]
// is from its own.
// The end of a shorter line.
static size_t same_column(const EditText *t, size_t line, size_t at)
{
    size_t end = edit_text_line_end(t, line);
    for (size_t p = edit_text_line_start(t, at); p < at && line < end;
         p = edit_text_after(t, p))
        line = edit_text_after(t, line);
    return line;
}

size_t edit_text_above(const EditText *t, size_t at)
{
    size_t start = edit_text_line_start(t, at);
    if (start == 0) return SIZE_MAX;
    return same_column(t, edit_text_line_start(t, start - 1), at);
}

size_t edit_text_below(const EditText *t, size_t at)
{
    size_t end = edit_text_line_end(t, at);
    if (end == t->bytes.size) return SIZE_MAX;
    return same_column(t, end + 1, at);
}

// ---- brackets ----
// Counted from the beginning each time, for strings can only be told from
// there.

// Behind the quotes that end the string of many lines at [at]; [at] when none
// begins there. Three quotes or more with nothing behind them in their line
// begin one, and as many alone at a line's start end it.
static size_t skip_lines(const Buffer *b, size_t at)
{
    size_t n = 0, line = at;
    while (line < b->size && b->bytes[line] == '"') line++, n++;
    while (line < b->size && (b->bytes[line] == ' ' || b->bytes[line] == '\t'))
        line++;
    if (n < 3 || line >= b->size || b->bytes[line] != '\n') return at;
    while (line < b->size) {
        size_t quotes = 0;
        // "do" skips the newline that the line before ended in.
        do line++;
        while (line < b->size
               && (b->bytes[line] == ' ' || b->bytes[line] == '\t'));
        while (line < b->size && b->bytes[line] == '"') line++, quotes++;
        if (quotes >= n) return line;
        while (line < b->size && b->bytes[line] != '\n') line++;
    }
    return b->size; // no end yet: all is text
}

size_t edit_text_skip_quoted(const Buffer *b, size_t at)
{
    uint8_t quote = b->bytes[at];
    size_t lines = quote == '"' ? skip_lines(b, at) : at;
    if (lines > at) return lines;
    // $\n is three, $x is two; longer escapes go on as plain text.
    if (quote == '$') {
        bool is_escape = at + 1 < b->size && b->bytes[at + 1] == '\\';
        at += is_escape ? 3 : 2;
    } else if (quote == '%') {
        while (at < b->size && b->bytes[at] != '\n') at++;
    } else if (quote == '"' || quote == '\'') {
        for (at++; at < b->size && b->bytes[at] != quote; at++)
            if (b->bytes[at] == '\\') at++;
        // The closing quote; at the text's end there is none.
        at++;
    }
    return at < b->size ? at : b->size;
}

static bool is_pair(uint8_t open, uint8_t close)
{
    return (open == '(' && close == ')') || (open == '[' && close == ']')
           || (open == '{' && close == '}');
}

// All brackets up to the one that is asked for.
size_t edit_text_match(const EditText *t, size_t at)
{
    enum { DEEPEST = 200 };
    size_t open[DEEPEST], depth = 0;
    const Buffer *b = &t->bytes;
    for (size_t i = 0; i < b->size;) {
        size_t end = edit_text_skip_quoted(b, i);
        if (end > i) {
            i = end;
            continue;
        }
        uint8_t c = b->bytes[i];
        if (c == '(' || c == '[' || c == '{') {
            // Nobody nests like this at a prompt.
            if (depth == DEEPEST) return SIZE_MAX;
            open[depth++] = i;
        } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
            // A wrong pair, as "(]", closes all the same, but is not marked.
            size_t other = open[--depth];
            bool is_good = is_pair(b->bytes[other], c);
            if (i == at) return is_good ? other : SIZE_MAX;
            if (other == at) return is_good ? i : SIZE_MAX;
        }
        i++;
    }
    return SIZE_MAX;
}
