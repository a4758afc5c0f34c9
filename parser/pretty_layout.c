// SPDX-License-Identifier: Apache-2.0
// Layout of the pretty printer: items to lines of text.
//
// Every item is laid out once, from the inside out, at the column where it
// will start if nothing before it breaks. The result is a chain of pieces and
// its width; whoever puts results together decides between a space and a line
// break. A column below 0 means that no line may be broken.
#include <utf8proc.h>

#include "memory.h"
#include "pretty_item.h"
#include "quote.h"

// A run of bytes, or a line break with an indentation.
typedef struct Piece Piece;
struct Piece {
    Piece *next;
    const uint8_t *bytes; // NULL: line break
    size_t size;          // bytes, or spaces behind the break
};

// What an item became. [width] is its width, or when it has several [lines]
// the column that it ends in.
typedef struct {
    Piece *first, *last;
    intptr_t width;
    bool lines;
} Text;

// The two parts of a list's element; only steps have a second.
typedef struct {
    Text head, rest;
} Entry;

typedef struct {
    Pretty *pretty;
    Term answers;        // of hooks, still to come
    PrettyResult *result;
} Layout;

static const Text NO_TEXT = {0};

static Text lay(Layout *l, const Item *item, intptr_t column);

static bool text_is_none(const Text *t)
{
    return t->width == 0 && !t->lines;
}

static Piece *new_piece(Layout *l, const uint8_t *bytes, size_t size)
{
    size_t words = sizeof(Piece) / sizeof(Term);
    Piece *piece = (Piece *)heap_alloc(&l->pretty->scratch, words);
    *piece = (Piece){.bytes = bytes, .size = size};
    return piece;
}

// The column behind [t] that starts in [column].
static intptr_t column_after(const Text *t, intptr_t column)
{
    if (t->lines) return t->width;
    return column < 0 ? column : column + t->width;
}

static intptr_t column_right(intptr_t column, intptr_t by)
{
    return column < 0 ? column : column + by;
}

// Links [more] behind [t]; widths are left alone.
static void link_text(Text *t, const Text *more)
{
    if (more->first == NULL) return;
    if (t->first == NULL)
        t->first = more->first;
    else
        t->last->next = more->first;
    t->last = more->last;
}

static void link_piece(Text *t, Piece *piece)
{
    link_text(t, &(Text){.first = piece, .last = piece});
}

static void link_break(Layout *l, Text *t, intptr_t column)
{
    link_piece(t, new_piece(l, NULL, column < 0 ? 0 : (size_t)column));
}

static void link_space(Layout *l, Text *t)
{
    link_piece(t, new_piece(l, (const uint8_t *)" ", 1));
}

// [more] follows [t] on the line where that ends.
static void join_text(Text *t, const Text *more)
{
    if (text_is_none(more)) return;
    link_text(t, more);
    t->width = more->lines ? more->width : t->width + more->width;
    t->lines |= more->lines;
}

static Text lay_row(Layout *l, size_t count, const Item *const *items,
                    intptr_t column)
{
    Text all = NO_TEXT;
    for (size_t i = 0; i < count; i++) {
        Text t = lay(l, items[i], column);
        column = column_after(&t, column);
        join_text(&all, &t);
    }
    return all;
}

static Text lay_pair(Layout *l, const Item *a, const Item *b, intptr_t column)
{
    return lay_row(l, 2, (const Item *[]){a, b}, column);
}

// The second part of a CLOSE_STEP stays on the line when the first is narrow.
static Entry lay_close_step(Layout *l, const Item *item, const Item *separator,
                            intptr_t column)
{
    intptr_t indent = l->pretty->options->indent;
    Entry e = {lay(l, item->first, column), NO_TEXT};
    if (e.head.lines || e.head.width >= indent) {
        e.rest = lay_pair(l, item->second, separator,
                          column_right(column, indent));
        return e;
    }
    intptr_t at = column_right(column_after(&e.head, column), 1);
    Text second = lay_pair(l, item->second, separator, at);
    link_space(l, &e.head);
    e.head.width++;
    join_text(&e.head, &second);
    return e;
}

static Entry lay_entry(Layout *l, const Item *item, const Item *separator,
                       intptr_t column)
{
    Entry e = {NO_TEXT, NO_TEXT};
    intptr_t right = column_right(column, l->pretty->options->indent);
    switch (item->kind) {
    case ITEM_STEP:
        e.head = lay(l, item->first, column);
        e.rest = lay_pair(l, item->second, separator, right);
        return e;
    case ITEM_CLOSE_STEP:
        return lay_close_step(l, item, separator, column);
    default:
        e.head = lay_pair(l, item, separator, column);
        return e;
    }
}

// The items of a SEQUENCE or LINES; [*count] is at least 1 for [after]'s sake.
static Entry *lay_entries(Layout *l, const Item *list, size_t *count,
                          intptr_t column)
{
    size_t n = list->count;
    *count = n == 0 ? 1 : n;
    Entry *entries = memory_alloc(*count * sizeof *entries);
    if (n == 0)
        entries[0] = (Entry){lay(l, list->after, column), NO_TEXT};
    for (size_t i = 0; i < n; i++) {
        const Item *separator = i + 1 == n ? list->after
                                : i + 2 == n ? list->last_separator
                                             : list->separator;
        entries[i] = lay_entry(l, list->items[i], separator, column);
    }
    return entries;
}

// Makes one text of an entry, its parts on lines of their own.
static Text break_entry(Layout *l, const Entry *e, intptr_t column)
{
    Text t = e->head;
    if (text_is_none(&e->rest)) return t;
    link_break(l, &t, column + l->pretty->options->indent);
    link_text(&t, &e->rest);
    t.width = e->rest.lines ? e->rest.width : t.width + e->rest.width;
    t.lines |= e->rest.lines;
    return t;
}

// Puts all entries behind [before] on one line if they fit; else answers false
// and changes nothing.
static bool join_on_line(Layout *l, Text *before, const Entry *entries,
                         size_t count, const Item *list, intptr_t column)
{
    intptr_t width = before->width, parts = 0;
    if (before->lines) return false;
    for (size_t i = 0; i < count; i++) {
        const Entry *e = &entries[i];
        if (e->head.lines || e->rest.lines) return false;
        width += e->head.width + e->rest.width;
        parts += !text_is_none(&e->head) + !text_is_none(&e->rest);
    }
    bool spaced = list->spaced && parts > 1;
    if (spaced) width += parts - 1;
    if (column_right(column, width) > l->pretty->options->width) return false;
    for (size_t i = 0, n = 0; i < 2 * count; i++) {
        const Entry *e = &entries[i / 2];
        const Text *part = i % 2 == 0 ? &e->head : &e->rest;
        if (text_is_none(part)) continue;
        if (spaced && n++ > 0) link_space(l, before);
        link_text(before, part);
    }
    before->width = width;
    return true;
}

static bool is_spaced(const Entry *entries, size_t count, const Item *list)
{
    size_t parts = 0;
    for (size_t i = 0; i < count; i++)
        parts += !text_is_none(&entries[i].head)
                 + !text_is_none(&entries[i].rest);
    return list->spaced && parts > 1;
}

// A list that needs several lines. Neighbours that are atomic share a line as
// long as it has room for them.
static Text break_list(Layout *l, const Entry *entries, const Item *list,
                       size_t count, intptr_t column)
{
    intptr_t width = l->pretty->options->width;
    bool spaced = is_spaced(entries, count, list);
    Text all = break_entry(l, &entries[0], column);
    bool atomic = list->count > 0 && list->items[0]->atomic;
    intptr_t at = atomic ? column + all.width : width + 1;
    for (size_t i = 1; i < count; i++) {
        Text t = break_entry(l, &entries[i], column);
        atomic = list->items[i]->atomic && !t.lines;
        if (atomic && at + t.width + 1 <= width) {
            if (spaced) link_space(l, &all);
            link_text(&all, &t);
            all.width += t.width + 1;
            at += t.width + 1;
            continue;
        }
        link_break(l, &all, column);
        link_text(&all, &t);
        all.width = atomic ? t.width + 1 : 0;
        all.lines = false;
        at = atomic ? column + t.width : width + 1;
    }
    return all;
}

static Text lay_sequence(Layout *l, const Item *list, intptr_t column)
{
    Text all = lay(l, list->before, column);
    intptr_t inner = column_after(&all, column);
    size_t count;
    Entry *entries = lay_entries(l, list, &count, inner);
    if (!join_on_line(l, &all, entries, count, list, column)) {
        Text t = break_list(l, entries, list, count, inner);
        link_text(&all, &t);
        all.width = t.lines ? t.width : t.width + column;
        all.lines = true;
    }
    free(entries);
    return all;
}

static Text break_lines(Layout *l, const Entry *entries, size_t count,
                        intptr_t column)
{
    Text all = NO_TEXT, last = NO_TEXT;
    for (size_t i = 0; i < count; i++) {
        const Entry *e = &entries[i];
        if (!text_is_none(&e->head)) last = e->head;
        if (!text_is_none(&e->rest)) last = e->rest;
        Text t = break_entry(l, e, column);
        if (text_is_none(&t)) continue;
        if (all.first != NULL) link_break(l, &all, column);
        link_text(&all, &t);
    }
    if (text_is_none(&last)) return NO_TEXT;
    all.width = last.lines ? last.width : last.width + column;
    all.lines = true;
    return all;
}

static Text lay_lines(Layout *l, const Item *list, intptr_t column)
{
    if (column < 0) return lay_sequence(l, list, column);
    size_t count;
    Entry *entries = lay_entries(l, list, &count, column);
    Text all = break_lines(l, entries, count, column);
    free(entries);
    return all;
}

static Text lay_commented(Layout *l, const Item *item, intptr_t column)
{
    // A comment would swallow what follows it on its line.
    if (column < 0) return lay(l, item->second, column);
    Item *lines = item_new(l->pretty, ITEM_LINES, 2);
    lines->items[0] = item->first;
    lines->items[1] = item->second;
    return lay(l, lines, column);
}

// ---- string literals ----

enum { SUBSTRING_LEAST = 5 };

// What follows the first grapheme cluster of string [s].
static Term skip_cluster(Term s)
{
    utf8proc_int32_t state = 0;
    Term next = term_tail(s);
    for (; term_is_cons(next); s = next, next = term_tail(next))
        if (utf8proc_grapheme_break_stateful(
                (utf8proc_int32_t)term_small_value(term_head(s)),
                (utf8proc_int32_t)term_small_value(term_head(next)), &state))
            break;
    return next;
}

// A literal of the first clusters of [*s], at most [most] columns wide but
// never of fewer than SUBSTRING_LEAST; [*s] becomes the rest.
static const Item *cut_string(Pretty *p, Term *s, size_t most)
{
    size_t width = 2; // the quotes
    buffer_add_byte(&p->leaf, '"');
    for (size_t taken = 0; term_is_cons(*s); taken++) {
        size_t before = p->leaf.size;
        Term next = skip_cluster(*s);
        for (Term t = *s; t.bits != next.bits; t = term_tail(t))
            quote_add_char(&p->leaf, (uint32_t)term_small_value(term_head(t)),
                           '"', p->options->latin1);
        width += text_width(p->leaf.bytes + before, p->leaf.size - before);
        if (taken >= SUBSTRING_LEAST && (width > most || taken >= most)) {
            p->leaf.size = before;
            break;
        }
        *s = next;
    }
    buffer_add_byte(&p->leaf, '"');
    return leaf_close(p, true);
}

static bool is_text(Term s)
{
    for (; term_is_cons(s); s = term_tail(s)) {
        Term c = term_head(s);
        if (!term_is_small(c) || !utf8_is_valid((uint32_t)term_small_value(c)))
            return false;
    }
    return term_is_nil(s);
}

static Text lay_string(Layout *l, const Item *item, intptr_t column)
{
    Pretty *p = l->pretty;
    Term s = item->term;
    if (!is_text(s)) return lay(l, item_bad(p), column);
    if (column < 0 || term_is_nil(s))
        return lay(l, cut_string(p, &s, SIZE_MAX), column);
    intptr_t most = p->options->width - column;
    if (most < SUBSTRING_LEAST) most = SUBSTRING_LEAST;
    size_t count = 0, room = 0;
    const Item **parts = NULL;
    while (!term_is_nil(s)) {
        if (count == room)
            parts = memory_grow(parts, &room, 8, sizeof *parts);
        parts[count++] = cut_string(p, &s, (size_t)most);
    }
    const Item *list = item_list(p, count, parts);
    free(parts);
    return lay(l, list, column);
}

// ---- hooks ----

// The column behind [size] bytes that start in [column]; tabs go to the next
// multiple of 8.
static intptr_t text_column(const uint8_t *bytes, size_t size, intptr_t column)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n')
            column = 0;
        else if (bytes[i] == '\t')
            column = (column + 8) / 8 * 8;
        else if ((bytes[i] & 0xC0) != 0x80)
            column++;
    }
    return column;
}

static Text lay_answer(Layout *l, Term answer, intptr_t column)
{
    Bits bits;
    if (!term_bits(answer, &bits) || bits.offset % 8 != 0)
        return lay(l, item_bad(l->pretty), column);
    const uint8_t *bytes = bits.base + bits.offset / 8;
    size_t size = bits.size / 8;
    Text t = NO_TEXT;
    link_piece(&t, new_piece(l, bytes, size));
    if (column < 0) {
        t.width = (intptr_t)text_width(bytes, size);
        return t;
    }
    t.width = text_column(bytes, size, column);
    t.lines = memchr(bytes, '\n', size) != NULL;
    return t;
}

// The text of the caller's hook if that is known by now; else notes that it
// is to be asked.
static Text lay_hook(Layout *l, const Item *item, intptr_t column)
{
    if (!term_is_none(l->result->hook)) return NO_TEXT;
    if (term_is_cons(l->answers)) {
        Term answer = term_head(l->answers);
        l->answers = term_tail(l->answers);
        return lay_answer(l, answer, column);
    }
    l->result->hook = item->term;
    l->result->hook_column = column;
    l->result->hook_precedence = item->width;
    return NO_TEXT;
}

static Text lay(Layout *l, const Item *item, intptr_t column)
{
    Text t = NO_TEXT;
    switch ((ItemKind)item->kind) {
    case ITEM_LEAF:
        link_piece(&t, new_piece(l, item->bytes, item->size));
        t.width = item->width;
        return t;
    case ITEM_ROW:
        return lay_row(l, item->count, item->items, column);
    case ITEM_SEQUENCE:
        return lay_sequence(l, item, column);
    case ITEM_LINES:
        return lay_lines(l, item, column);
    case ITEM_COMMENTED:
        return lay_commented(l, item, column);
    case ITEM_STRING:
        return lay_string(l, item, column);
    case ITEM_HOOK:
        return lay_hook(l, item, column);
    case ITEM_EMPTY:
    case ITEM_STEP: // only within lists
    case ITEM_CLOSE_STEP:
        break;
    }
    return t;
}

static void write_pieces(Buffer *out, const Text *t)
{
    for (const Piece *piece = t->first; piece != NULL; piece = piece->next) {
        if (piece->bytes != NULL) {
            buffer_add(out, piece->bytes, piece->size);
            continue;
        }
        buffer_reserve(out, piece->size + 1);
        out->bytes[out->size] = '\n';
        memset(out->bytes + out->size + 1, ' ', piece->size);
        out->size += piece->size + 1;
    }
}

void layout_item(Pretty *p, const Item *item, PrettyResult *result)
{
    Layout l = {p, p->options->answers, result};
    Text t = lay(&l, item, p->options->column);
    if (p->bad || !term_is_none(result->hook)) return;
    Buffer out;
    buffer_init(&out);
    buffer_reserve(&out, 1);
    write_pieces(&out, &t);
    result->text = out.bytes;
    result->size = out.size;
}
