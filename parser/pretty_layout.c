// SPDX-License-Identifier: Apache-2.0
// Layout of the pretty printer: items to lines of text.
//
// Every item is laid out once, from the inside out, at the column where it
// will start if nothing before it breaks. The result is a chain of pieces and
// its width; whoever puts results together decides between a space and a line
// break. A column below 0 means that no line may be broken.
// Text is not moved once it is laid out, so what breaks early may leave later
// text further right than it had to be. erl_pp does the same, and its text is
// the measure.
#include <utf8proc.h>

#include "memory.h"
#include "pretty_item.h"
#include "quote.h"

// A run of bytes, or a line break with an indentation.
// Chains instead of strings: putting text together copies nothing, and the
// bytes are written once, in the end.
typedef struct Piece Piece;
struct Piece {
    Piece *next;          // what follows on the page
    const uint8_t *bytes; // NULL: line break
    size_t size;          // bytes, or spaces behind the break
};

// What an item became. [width] is its width, or when it has several [lines]
// the column that it ends in.
// Columns count from 0; a width is signed as columns may be below 0.
typedef struct {
    Piece *first, *last; // both NULL: no text
    intptr_t width;
    bool lines; // at least one line break is within
} Text;

// The two parts of a list's element; only steps have a second.
// "Pattern -> Body" is a step: both parts on one line, or the body below.
typedef struct {
    Text head, rest; // rest: no text, but for steps
} Entry;

// One laying out.
typedef struct {
    Pretty *pretty;       // items and scratch heap
    Term answers;         // of hooks, still to come
    PrettyResult *result; // where a hook is noted
} Layout;

static const Text NO_TEXT = {0};

// Recursion, as deep as the items; see pretty.c.
static Text lay(Layout *l, const Item *item, intptr_t column);

// A break without width is something, though: a line.
static bool text_is_none(const Text *t)
{
    return t->width == 0 && !t->lines;
}

// On the scratch heap, whose words are larger than a byte needs.
static Piece *new_piece(Layout *l, const uint8_t *bytes, size_t size)
{
    size_t words = sizeof(Piece) / sizeof(Term);
    Piece *piece = (Piece *)heap_alloc(&l->pretty->scratch, words);
    *piece = (Piece){.bytes = bytes, .size = size};
    return piece;
}

// The column behind [t] that starts in [column].
// Where lines are broken the text's own column counts.
static intptr_t column_after(const Text *t, intptr_t column)
{
    if (t->lines) return t->width;
    return column < 0 ? column : column + t->width;
}

// Below 0 it stays there: one line, however long.
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

// The pieces are linked, never copied: each text is used only once.
static void link_piece(Text *t, Piece *piece)
{
    link_text(t, &(Text){.first = piece, .last = piece});
}

// Breaks carry their indentation, so no text depends on tabs.
static void link_break(Layout *l, Text *t, intptr_t column)
{
    link_piece(t, new_piece(l, NULL, column < 0 ? 0 : (size_t)column));
}

static void link_space(Layout *l, Text *t)
{
    link_piece(t, new_piece(l, (const uint8_t *)" ", 1));
}

// [more] follows [t] on the line where that ends.
// Widths add up on a line; behind a break only the last line counts.
static void join_text(Text *t, const Text *more)
{
    if (text_is_none(more)) return;
    link_text(t, more);
    t->width = more->lines ? more->width : t->width + more->width;
    t->lines |= more->lines;
}

// "f" "(" ")": nothing may break between, only within.
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
// "X = case ..." keeps the case on its line; a longer name would push it too
// far to the right, so it goes below.
static Entry lay_close_step(Layout *l, const Item *item, const Item *separator,
                            intptr_t column)
{
    // The limit is the indentation: below would be no further left.
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

// The separator is laid out with what is before it: it takes part of the width,
// and stays on that line.
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
// An empty list still has its closing bracket.
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
// Used when the whole list is broken: then its steps are, too.
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
// Spaces between parts count: a step has two of them.
static bool join_on_line(Layout *l, Text *before, const Entry *entries,
                         size_t count, const Item *list, intptr_t column)
{
    intptr_t width = before->width, parts = 0;
    if (before->lines) return false; // what stands before is already broken
    for (size_t i = 0; i < count; i++) {
        const Entry *e = &entries[i];
        if (e->head.lines || e->rest.lines) return false;
        width += e->head.width + e->rest.width;
        parts += !text_is_none(&e->head) + !text_is_none(&e->rest);
    }
    bool spaced = list->spaced && parts > 1;
    if (spaced) width += parts - 1;
    // The limit is on the whole line.
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

// A lone part needs no space.
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
// [at] is where the line ends if the last one was atomic; else it is beyond the
// line, so that the next one breaks.
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
        // [1,2,3,...] fills lines, [{a,1},{b,2}] has one element a line.
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

// The inside is laid out first, at the column behind the bracket.
static Text lay_sequence(Layout *l, const Item *list, intptr_t column)
{
    Text all = lay(l, list->before, column);
    intptr_t inner = column_after(&all, column);
    size_t count;
    Entry *entries = lay_entries(l, list, &count, inner);
    if (!join_on_line(l, &all, entries, count, list, column)) {
        Text t = break_list(l, entries, list, count, inner);
        link_text(&all, &t);
        // A broken text's width is the column that it ends in.
        all.width = t.lines ? t.width : t.width + column;
        all.lines = true;
    }
    free(entries);
    return all;
}

// An empty line is none: entries without text are left out.
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

// "On one line" wins: clauses are then parted by separators alone.
static Text lay_lines(Layout *l, const Item *list, intptr_t column)
{
    if (column < 0) return lay_sequence(l, list, column);
    size_t count;
    Entry *entries = lay_entries(l, list, &count, column);
    Text all = break_lines(l, entries, count, column);
    free(entries);
    return all;
}

// Comments are only shown where lines can be broken.
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

// Shorter pieces of a string are of no help to a reader.
enum { SUBSTRING_LEAST = 5 };

// What follows the first grapheme cluster of string [s].
// Clusters are never cut: an accent stays with its letter.
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
// The piece is written, measured, and taken back if it was too much.
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
        // The first ones are kept however wide they are.
        if (taken >= SUBSTRING_LEAST && (width > most || taken >= most)) {
            p->leaf.size = before;
            break;
        }
        *s = next;
    }
    buffer_add_byte(&p->leaf, '"');
    return leaf_close(p, true);
}

// Any list may be given as a string's characters.
static bool is_text(Term s)
{
    for (; term_is_cons(s); s = term_tail(s)) {
        Term c = term_head(s);
        if (!term_is_small(c) || !utf8_is_valid((uint32_t)term_small_value(c)))
            return false;
    }
    return term_is_nil(s);
}

// "abc" "def" below each other: neighbours are one string in Erlang.
static Text lay_string(Layout *l, const Item *item, intptr_t column)
{
    Pretty *p = l->pretty;
    Term s = item->term;
    if (!is_text(s)) return lay(l, item_bad(p), column);
    if (column < 0 || term_is_nil(s))
        return lay(l, cut_string(p, &s, SIZE_MAX), column);
    // Far to the right there is always room for a little.
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
// A hook's text is measured by columns, not by clusters: as erl_pp's.
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

// The text is a binary of the caller's, not copied; it is held by the options
// until the end.
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
    // With lines or without, it is the column where the text ends.
    t.width = text_column(bytes, size, column);
    t.lines = memchr(bytes, '\n', size) != NULL;
    return t;
}

// The text of the caller's hook if that is known by now; else notes that it
// is to be asked.
// Hooks are met in the same order at each printing, so the answers are told
// apart by their number.
static Text lay_hook(Layout *l, const Item *item, intptr_t column)
{
    // Only the first unknown one is asked for.
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

// Whole items only; the two parts of a step are laid out by the list that it
// stands in.
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

// Indentation is written as spaces.
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

// At a hook the text is not wanted yet.
void layout_item(Pretty *p, const Item *item, PrettyResult *result)
{
    Layout l = {p, p->options->answers, result};
    Text t = lay(&l, item, p->options->column);
    if (p->bad || !term_is_none(result->hook)) return;
    Buffer out;
    buffer_init(&out);
    // Never NULL, even of an empty text.
    buffer_reserve(&out, 1);
    write_pieces(&out, &t);
    result->text = out.bytes;
    result->size = out.size;
}
