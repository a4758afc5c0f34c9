// SPDX-License-Identifier: Apache-2.0
// Layout: items on lines.
//
// What fits behind the current column is written as it is; else it is broken
// after commas. Elements that are plain text share lines, all others have
// lines of their own. Inside brackets text is indented to the first element,
// if in that way all of it fits; else by a fixed width, found by trying.
//
// "last" counts the closing brackets that must follow on the same line; "used"
// the characters on the line without indentation.
//
// Two passes with the same rules: one tries an indentation without writing, the
// other writes. They must agree to the character, so each function of the one
// has its twin in the other; oddities are io_lib's, which programs' output
// depends on.
#include "print_item.h"

typedef struct {
    Buffer *out;         // NULL while trying
    const Buffer *texts; // of the items
    intptr_t line;       // length of lines
    intptr_t most;       // characters of a line without indentation
    intptr_t indent;     // by which to indent below a tag; -1: as it comes
} Layout;

static void add(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

static void add_item_text(Buffer *out, const Buffer *texts, const Item *i)
{
    buffer_add(out, texts->bytes + i->text, i->size);
}

// ---- on one line ----

// A row of elements joined by commas; [bar] joins what is behind the last.
static void write_row(Buffer *out, const Buffer *texts, const Item *i,
                      const char *bar)
{
    for (const Item *e = i->first; e != NULL; e = e->next) {
        if (e != i->first) buffer_add_byte(out, ',');
        print_layout_line(out, texts, e);
    }
    if (i->rest == NULL) return;
    if (i->first != NULL) add(out, bar);
    print_layout_line(out, texts, i->rest);
}

// Recursion is bounded by the nesting of items.
void print_layout_line(Buffer *out, const Buffer *texts, const Item *i)
{
    switch (i->kind) {
    case ITEM_TEXT:
    case ITEM_BYTES: add_item_text(out, texts, i); break;
    case ITEM_DOTS: add(out, "..."); break;
    case ITEM_LIST:
        buffer_add_byte(out, '[');
        write_row(out, texts, i, "|");
        buffer_add_byte(out, ']');
        break;
    case ITEM_MAP: buffer_add_byte(out, '#'); // fall through
    case ITEM_TUPLE:
        buffer_add_byte(out, '{');
        write_row(out, texts, i, ",");
        buffer_add_byte(out, '}');
        break;
    case ITEM_PAIR:
        print_layout_line(out, texts, i->first);
        add(out, " => ");
        print_layout_line(out, texts, i->first->next);
        break;
    case ITEM_RECORD:
        add_item_text(out, texts, i);
        buffer_add_byte(out, '{');
        write_row(out, texts, i, ",");
        buffer_add_byte(out, '}');
        break;
    case ITEM_FIELD:
        add_item_text(out, texts, i);
        add(out, " = ");
        print_layout_line(out, texts, i->first);
        break;
    }
}

static void write_line(Layout *l, const Item *i)
{
    if (l->out != NULL) print_layout_line(l->out, l->texts, i);
}

// ---- what both passes ask ----

static bool is_text(const Item *i)
{
    return i->kind == ITEM_TEXT;
}

// Elements that may share a line with others.
static bool is_plain(const Item *i)
{
    if (i->kind == ITEM_PAIR)
        return is_text(i->first) && is_text(i->first->next);
    return i->kind == ITEM_FIELD ? is_text(i->first) : is_text(i);
}

// Where text goes: behind [column], which is also what lines are indented to.
typedef struct {
    intptr_t column; // from 1
    intptr_t last;   // closing brackets that must follow
    intptr_t used;   // characters on this line so far
} Place;

// Strictly less: one column is kept for what follows.
static bool fits(const Layout *l, const Item *i, Place p)
{
    return i->length < l->line - p.column - p.last
           && i->length + p.used + p.last <= l->most;
}

// Whether a plain element fits behind a comma at [column].
static bool fits_behind(const Layout *l, const Item *e, intptr_t column,
                        intptr_t last, intptr_t used)
{
    intptr_t size = 1 + e->length, end = last == 0 ? 1 : last;
    bool in_line = last == 0 ? size + 1 < l->line - column
                             : size < l->line - column - last;
    return in_line && used + size + end <= l->most && is_plain(e);
}

// Brackets to close behind element [e].
static intptr_t last_of(const Item *e, intptr_t last)
{
    return e->next != NULL ? 0 : last + 1;
}

// ---- the pass that tries an indentation; false: it is no good ----

static bool try_item(const Layout *l, const Item *i, Place p);

// Answers by [*width] how wide the element is; one that is broken takes the
// rest of its line.
static bool try_element(const Layout *l, const Item *e, Place p,
                        intptr_t *width);

// The value goes to a new line, further in.
static bool try_pair(const Layout *l, const Item *e, Place p)
{
    Place value = {p.column + (l->indent > 0 ? l->indent : 4), p.last, 0};
    return try_item(l, e->first, p) && try_item(l, e->first->next, value);
}

// Where what follows a name of [width] goes.
static bool try_behind_name(const Layout *l, intptr_t width, Place *p)
{
    bool broken = l->indent > 0 && width > l->indent;
    p->column += broken ? l->indent : width;
    if (broken) p->used = 0;
    // Not further right than half a line, unless the rest still has room.
    return l->most + p->column <= l->line || p->column <= l->line / 2;
}

static bool try_field(const Layout *l, const Item *e, Place p)
{
    p.used += e->name_length;
    return try_behind_name(l, e->name_length, &p) && try_item(l, e->first, p);
}

static bool try_element(const Layout *l, const Item *e, Place p,
                        intptr_t *width)
{
    *width = l->line;
    // Pairs and fields are tried whole before they are taken apart.
    if (e->kind == ITEM_PAIR || e->kind == ITEM_FIELD) {
        if (fits(l, e, p)) {
            if (is_plain(e)) *width = e->length;
            return true;
        }
        return e->kind == ITEM_PAIR ? try_pair(l, e, p) : try_field(l, e, p);
    }
    if (is_plain(e) && fits(l, e, p)) {
        *width = e->length;
        return true;
    }
    return try_item(l, e, p);
}

// Elements from [e] on, the first behind a comma at [column].
static bool try_tail(const Layout *l, const Item *parent, const Item *e,
                     intptr_t column, Place p)
{
    // As many as fit behind each other, then a new line.
    for (; e != NULL; e = e->next) {
        intptr_t last = last_of(e, p.last), width;
        if (fits_behind(l, e, column, last, p.used)) {
            column += 1 + e->length;
            p.used += 1 + e->length;
            continue;
        }
        if (!try_element(l, e, (Place){p.column, last, 0}, &width))
            return false;
        // Fields count from where the last one ended, as they always did.
        column = width + (parent->kind == ITEM_RECORD ? column : p.column);
        p.used = width;
    }
    const Item *rest = parent->rest;
    if (rest == NULL || rest->kind == ITEM_DOTS
        || fits_behind(l, rest, column, p.last + 1, p.used))
        return true;
    return try_item(l, rest, (Place){column, p.last + 1, 0});
}

static bool try_row(const Layout *l, const Item *i, Place p)
{
    const Item *e = i->first;
    intptr_t width;
    if (e == NULL) return true;
    if (!try_element(l, e, (Place){p.column, last_of(e, p.last), p.used},
                     &width))
        return false;
    intptr_t column = p.column + width;
    p.used += width;
    return try_tail(l, i, e->next, column, p);
}

// {tag, ...}: what follows the tag is aligned behind it, or indented.
static bool try_tagged(const Layout *l, const Item *i, Place p)
{
    const Item *tag = i->first;
    if (tag == NULL) return true; // only dots
    intptr_t width = tag->length + 2;
    if (l->indent > 0 && width > l->indent) {
        Place below = {p.column + l->indent, p.last, p.used + tag->length};
        if (l->most + below.column > l->line && below.column > l->line / 2)
            return false;
        return try_tail(l, i, tag->next, p.column + width, below);
    }
    intptr_t column = p.column + width;
    if (l->most + column >= l->line && column >= l->line / 2) return false;
    // A copy without its tag: a row like others.
    Item rest = *i;
    rest.first = tag->next;
    return try_row(l, &rest,
                   (Place){column, p.last, p.used + tag->length + 1});
}

static bool try_record(const Layout *l, const Item *i, Place p)
{
    if (i->first == NULL) return true;
    p.used += i->name_length + 1;
    return try_behind_name(l, i->name_length + 1, &p) && try_row(l, i, p);
}

static bool try_item(const Layout *l, const Item *i, Place p)
{
    // Whole on this line: nothing to try.
    if (fits(l, i, p)) return true;
    Place inside = {p.column + 1, p.last, p.used + 1};
    switch (i->kind) {
    case ITEM_LIST: return try_row(l, i, inside);
    case ITEM_TUPLE:
        if (!i->tagged) return try_row(l, i, inside);
        return try_tagged(l, i, (Place){p.column, p.last, p.used + 1});
    case ITEM_MAP:
        return try_row(l, i, (Place){p.column + 2, p.last, p.used + 2});
    case ITEM_RECORD: return try_record(l, i, p);
    default: return true; // text is written wherever it is
    }
}

// ---- the pass that writes ----

static void lay_item(Layout *l, const Item *i, Place p);

static void break_line(Layout *l, intptr_t column)
{
    buffer_add_byte(l->out, '\n');
    for (intptr_t i = 1; i < column; i++) buffer_add_byte(l->out, ' ');
}

static void lay_pair(Layout *l, const Item *e, Place p)
{
    Place value = {p.column + (l->indent > 0 ? l->indent : 4), p.last, 0};
    lay_item(l, e->first, p);
    add(l->out, " =>");
    break_line(l, value.column);
    lay_item(l, e->first->next, value);
}

// Goes to where what follows a name of [width] is written; true: on a new line.
static bool go_behind_name(const Layout *l, intptr_t width, Place *p)
{
    bool broken = l->indent > 0 && width > l->indent;
    p->column += broken ? l->indent : width;
    if (broken) p->used = 0;
    return broken;
}

static void lay_field(Layout *l, const Item *e, Place p)
{
    p.used += e->name_length;
    add_item_text(l->out, l->texts, e);
    if (go_behind_name(l, e->name_length, &p)) {
        add(l->out, " =");
        break_line(l, p.column);
    } else {
        add(l->out, " = ");
    }
    lay_item(l, e->first, p);
}

// Writes an element and answers its width; one that was broken, or may not
// share its line, takes the rest of it.
static intptr_t lay_element(Layout *l, const Item *e, Place p)
{
    bool joined = e->kind == ITEM_PAIR || e->kind == ITEM_FIELD;
    if (fits(l, e, p) && (joined || is_plain(e))) {
        write_line(l, e);
        return is_plain(e) ? e->length : l->line;
    }
    if (e->kind == ITEM_PAIR) lay_pair(l, e, p);
    else if (e->kind == ITEM_FIELD) lay_field(l, e, p);
    else lay_item(l, e, p);
    return l->line;
}

// What stands behind the last comma or the bar.
static void lay_rest(Layout *l, const Item *i, intptr_t column, Place p)
{
    buffer_add_byte(l->out, i->kind == ITEM_LIST ? '|' : ',');
    if (i->rest->kind == ITEM_DOTS) {
        add(l->out, "...");
    } else if (fits_behind(l, i->rest, column, p.last + 1, p.used)) {
        write_line(l, i->rest);
    } else {
        break_line(l, p.column);
        lay_item(l, i->rest, (Place){p.column, p.last + 1, 0});
    }
}

static void lay_tail(Layout *l, const Item *i, const Item *e, intptr_t column,
                     Place p)
{
    for (; e != NULL; e = e->next) {
        intptr_t last = last_of(e, p.last);
        buffer_add_byte(l->out, ',');
        if (fits_behind(l, e, column, last, p.used)) {
            write_line(l, e);
            column += 1 + e->length;
            p.used += 1 + e->length;
            continue;
        }
        break_line(l, p.column);
        intptr_t width = lay_element(l, e, (Place){p.column, last, 0});
        column = p.column + width;
        p.used = width;
    }
    if (i->rest != NULL) lay_rest(l, i, column, p);
}

static void lay_row(Layout *l, const Item *i, Place p)
{
    const Item *e = i->first;
    if (e == NULL) {
        if (i->rest != NULL) print_layout_line(l->out, l->texts, i->rest);
        return;
    }
    intptr_t width =
        lay_element(l, e, (Place){p.column, last_of(e, p.last), p.used});
    intptr_t column = p.column + width;
    // A map's first pair counts only itself.
    p.used = i->kind == ITEM_MAP ? width : p.used + width;
    lay_tail(l, i, e->next, column, p);
}

static void lay_tagged(Layout *l, const Item *i, Place p)
{
    const Item *tag = i->first;
    if (tag == NULL) {
        add(l->out, "...");
        return;
    }
    intptr_t width = tag->length + 2;
    write_line(l, tag);
    if (l->indent > 0 && width > l->indent) {
        Place below = {p.column + l->indent, p.last, p.used + tag->length};
        lay_tail(l, i, tag->next, p.column + width, below);
        return;
    }
    Item rest = *i;
    rest.first = tag->next;
    buffer_add_byte(l->out, ',');
    lay_row(l, &rest, (Place){p.column + width, p.last,
                              p.used + tag->length + 1});
}

static void lay_record(Layout *l, const Item *i, Place p)
{
    add_item_text(l->out, l->texts, i);
    buffer_add_byte(l->out, '{');
    p.used += i->name_length + 1;
    if (i->first != NULL && go_behind_name(l, i->name_length + 1, &p))
        break_line(l, p.column);
    lay_row(l, i, p);
    buffer_add_byte(l->out, '}');
}

// Bytes are broken behind commas.
static void lay_bytes(Layout *l, const Item *i, Place p)
{
    // Between << and >>, which were written with it.
    const char *text = (const char *)l->texts->bytes + i->text + 2;
    const char *end = text + i->size - 4;
    // The narrower of the two limits; at least 8, to get on at all.
    intptr_t room = l->line - p.column, other = l->most - 4 - p.used;
    room = (room < other ? room : other) - p.last;
    if (room < 8) room = 8;
    add(l->out, "<<");
    for (intptr_t left = room; text < end;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma == NULL ? end : comma + 1;
        intptr_t size = stop - text;
        if (size > left) {
            break_line(l, p.column);
            left = room;
        }
        left -= size;
        buffer_add(l->out, text, (size_t)size);
        text = stop;
    }
    add(l->out, ">>");
}

static void lay_bracket(Layout *l, const Item *i, Place p)
{
    bool map = i->kind == ITEM_MAP, list = i->kind == ITEM_LIST;
    Place inside = {p.column + (map ? 2 : 1), p.last, p.used + 1};
    add(l->out, map ? "#{" : list ? "[" : "{");
    lay_row(l, i, inside);
    buffer_add_byte(l->out, list ? ']' : '}');
}

static void lay_item(Layout *l, const Item *i, Place p)
{
    if (fits(l, i, p)) {
        write_line(l, i);
        return;
    }
    switch (i->kind) {
    case ITEM_LIST:
    case ITEM_MAP: lay_bracket(l, i, p); break;
    case ITEM_TUPLE:
        if (!i->tagged) {
            lay_bracket(l, i, p);
            break;
        }
        buffer_add_byte(l->out, '{');
        lay_tagged(l, i, (Place){p.column, p.last, p.used + 1});
        buffer_add_byte(l->out, '}');
        break;
    case ITEM_RECORD: lay_record(l, i, p); break;
    case ITEM_BYTES:
        lay_bytes(l, i, (Place){p.column + 2, p.last, p.used});
        break;
    default: write_line(l, i);
    }
}

void print_layout(Buffer *out, const Buffer *texts, const Item *i,
                  const PrintOptions *o)
{
    intptr_t column = o->column < 1 ? 1 : o->column;
    intptr_t most = o->max_line < 0 ? i->length : o->max_line;
    // On one line if allowed, or if it fits: the common case.
    if (o->line_length == 0
        || (i->length < o->line_length - column && i->length <= most)) {
        print_layout_line(out, texts, i);
        return;
    }
    // Aligned under the first element if all fits so, else indented by 4.
    static const intptr_t indents[] = {-1, 4};
    Layout l = {out, texts, o->line_length, most, 1}; // if neither does: 1
    Place start = {column, 0, 0};
    for (size_t k = 0; k < 2; k++) {
        Layout trial = l;
        trial.indent = indents[k];
        if (!try_item(&trial, i, start)) continue;
        l.indent = trial.indent;
        break;
    }
    lay_item(&l, i, start);
}
