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
// io_lib's text is a list with lists in it, and programs print such lists as
// they are: marks say where each begins and ends, indentation included. What
// is written behind a bar, or as a field's value, is spliced, not a list.
//
// Two passes with the same rules: one tries an indentation without writing, the
// other writes. They must agree to the character, so each function of the one
// has its twin in the other; oddities are io_lib's, which programs' output
// depends on.
#include "print_item.h"

typedef struct {
    Buffer *out;         // NULL while trying
    const Buffer *texts; // of the items
    bool nested;         // marks are wanted
    intptr_t line;       // length of lines
    intptr_t most;       // characters of a line without indentation
    intptr_t indent;     // by which to indent below a tag; -1: as it comes
} Layout;

static void add(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

static void mark(const Layout *l, uint8_t byte)
{
    if (l->nested) buffer_add_byte(l->out, byte);
}

// [size] bytes as a list of their own.
static void add_part(const Layout *l, const void *bytes, size_t size)
{
    mark(l, PRINT_OPEN);
    buffer_add(l->out, bytes, size);
    mark(l, PRINT_CLOSE);
}

static const uint8_t *item_text(const Layout *l, const Item *i)
{
    return l->texts->bytes + i->text;
}

// ---- on one line ----

static void write_item(const Layout *l, const Item *i);

static void write_element(const Layout *l, const Item *i)
{
    mark(l, PRINT_OPEN);
    write_item(l, i);
    mark(l, PRINT_CLOSE);
}

// A row of elements joined by commas; [bar] joins what is behind the last.
static void write_row(const Layout *l, const Item *i, const char *bar)
{
    mark(l, PRINT_OPEN);
    for (const Item *e = i->first; e != NULL; e = e->next) {
        if (e != i->first) buffer_add_byte(l->out, ',');
        write_element(l, e);
    }
    if (i->rest != NULL) {
        if (i->first != NULL) add(l->out, bar);
        write_item(l, i->rest);
    }
    mark(l, PRINT_CLOSE);
}

// A string is a list; within << and >>, or before dots, it is one in a list.
static void write_text(const Layout *l, const Item *i)
{
    const uint8_t *text = item_text(l, i), *end = text + i->size;
    const uint8_t *string = text, *behind = end;
    if (i->size > 4 && memcmp(text, "<<\"", 3) == 0) string += 2;
    // The last quote is the string's own.
    if (*string == '"')
        while (behind[-1] != '"') behind--;
    if (string == text && behind == end) {
        buffer_add(l->out, text, i->size);
        return;
    }
    buffer_add(l->out, text, (size_t)(string - text));
    add_part(l, string, (size_t)(behind - string));
    if (*behind != '/' ) {
        buffer_add(l->out, behind, (size_t)(end - behind));
        return;
    }
    bool cut = end[-3] == '.';
    if (cut) buffer_add(l->out, behind, (size_t)(end - behind));
    else add_part(l, behind, (size_t)(end - behind));
}

// Between << and >> each number is a list in one of all numbers.
static void write_bytes(const Layout *l, const Item *i)
{
    const uint8_t *text = item_text(l, i);
    if (!l->nested) {
        buffer_add(l->out, text, i->size);
        return;
    }
    add(l->out, "<<");
    mark(l, PRINT_OPEN);
    print_mark_numbers(l->out, text + 2, i->size - 4);
    mark(l, PRINT_CLOSE);
    add(l->out, ">>");
}

// Recursion is bounded by the nesting of items.
static void write_item(const Layout *l, const Item *i)
{
    switch (i->kind) {
    case ITEM_TEXT: write_text(l, i); break;
    case ITEM_BYTES: write_bytes(l, i); break;
    case ITEM_DOTS: add(l->out, "..."); break;
    case ITEM_LIST:
        buffer_add_byte(l->out, '[');
        write_row(l, i, "|");
        buffer_add_byte(l->out, ']');
        break;
    case ITEM_MAP: buffer_add_byte(l->out, '#'); // fall through
    case ITEM_TUPLE:
        buffer_add_byte(l->out, '{');
        write_row(l, i, ",");
        buffer_add_byte(l->out, '}');
        break;
    case ITEM_PAIR:
        write_element(l, i->first);
        add_part(l, " => ", 4);
        write_element(l, i->first->next);
        break;
    case ITEM_RECORD:
        add_part(l, item_text(l, i), i->size);
        buffer_add_byte(l->out, '{');
        write_row(l, i, ",");
        buffer_add_byte(l->out, '}');
        break;
    case ITEM_FIELD:
        add_part(l, item_text(l, i), i->size);
        add_part(l, " = ", 3);
        write_item(l, i->first);
        break;
    }
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
typedef struct Indent Indent;
struct Indent {
    intptr_t more;       // columns right of
    const Indent *outer; // NULL: of the first column
};

typedef struct {
    intptr_t column; // from 1
    intptr_t last;   // closing brackets that must follow
    intptr_t used;   // characters on this line so far
    const Indent *indent; // that makes the column; of the writing pass
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

static void lay_item(const Layout *l, const Item *i, Place p);

// As halves of halves, in the shape that io_lib gives blanks.
static void add_blanks(const Layout *l, intptr_t n)
{
    if (n <= 3) {
        for (intptr_t i = 0; i < n; i++) buffer_add_byte(l->out, ' ');
        return;
    }
    if (n % 2 == 1) buffer_add_byte(l->out, ' ');
    mark(l, PRINT_OPEN);
    add_blanks(l, n / 2);
    mark(l, PRINT_CLOSE);
    add_blanks(l, n / 2);
}

// The outermost goes last; 1 and 4 have shapes of their own.
static void add_indent(const Layout *l, const Indent *i)
{
    for (; i->outer != NULL; i = i->outer) {
        if (i->more == 1) {
            add(l->out, " ");
        } else if (i->more == 4) {
            add_part(l, "  ", 2);
            add_part(l, "  ", 2);
        } else {
            mark(l, PRINT_OPEN);
            add_blanks(l, i->more);
            mark(l, PRINT_CLOSE);
        }
    }
    add_blanks(l, i->more);
}

static void add_break(const Layout *l, const Indent *i)
{
    add(l->out, "\n");
    mark(l, PRINT_OPEN);
    add_indent(l, i);
    mark(l, PRINT_CLOSE);
}

static void lay_element(const Layout *l, const Item *e, Place p)
{
    mark(l, PRINT_OPEN);
    lay_item(l, e, p);
    mark(l, PRINT_CLOSE);
}

static void lay_pair(const Layout *l, const Item *e, Place p)
{
    Indent further = {l->indent > 0 ? l->indent : 4, p.indent};
    lay_element(l, e->first, p);
    add_part(l, " =>\n", 4);
    mark(l, PRINT_OPEN);
    add_indent(l, &further);
    mark(l, PRINT_CLOSE);
    lay_item(l, e->first->next,
             (Place){p.column + further.more, p.last, 0, &further});
}

// Goes to where what follows a name of [width] is written; [*further] is room
// for its indentation. True: on a new line.
static bool go_behind_name(const Layout *l, intptr_t width, Place *p,
                           Indent *further)
{
    bool broken = l->indent > 0 && width > l->indent;
    *further = (Indent){broken ? l->indent : width, p->indent};
    p->column += further->more;
    p->indent = further;
    if (broken) p->used = 0;
    return broken;
}

// A break, or nothing, that is a list.
static void add_break_if(const Layout *l, bool broken, const Place *p)
{
    mark(l, PRINT_OPEN);
    if (broken) {
        add(l->out, "\n");
        add_indent(l, p->indent);
    }
    mark(l, PRINT_CLOSE);
}

static void lay_field(const Layout *l, const Item *e, Place p)
{
    Indent further;
    p.used += e->name_length;
    add_part(l, item_text(l, e), e->size);
    bool broken = go_behind_name(l, e->name_length, &p, &further);
    if (broken) add_part(l, " =", 2);
    else add_part(l, " = ", 3);
    add_break_if(l, broken, &p);
    lay_item(l, e->first, p);
}

// Writes an element of a row and answers its width; one that was broken, or
// may not share its line, takes the rest of it.
static intptr_t lay_in_row(const Layout *l, const Item *e, Place p)
{
    bool joined = e->kind == ITEM_PAIR || e->kind == ITEM_FIELD;
    if (fits(l, e, p) && (joined || is_plain(e))) {
        write_element(l, e);
        return is_plain(e) ? e->length : l->line;
    }
    mark(l, PRINT_OPEN);
    if (e->kind == ITEM_PAIR) lay_pair(l, e, p);
    else if (e->kind == ITEM_FIELD) lay_field(l, e, p);
    else lay_item(l, e, p);
    mark(l, PRINT_CLOSE);
    return l->line;
}

// What stands behind the last comma or the bar.
static void lay_rest(const Layout *l, const Item *i, intptr_t column, Place p)
{
    buffer_add_byte(l->out, i->kind == ITEM_LIST ? '|' : ',');
    if (i->rest->kind == ITEM_DOTS) {
        add(l->out, "...");
    } else if (fits_behind(l, i->rest, column, p.last + 1, p.used)) {
        write_item(l, i->rest);
    } else {
        add_break(l, p.indent);
        p.last++;
        p.used = 0;
        lay_item(l, i->rest, p);
    }
}

static void lay_tail(const Layout *l, const Item *i, const Item *e,
                     intptr_t column, Place p)
{
    for (; e != NULL; e = e->next) {
        intptr_t last = last_of(e, p.last);
        buffer_add_byte(l->out, ',');
        if (fits_behind(l, e, column, last, p.used)) {
            write_element(l, e);
            column += 1 + e->length;
            p.used += 1 + e->length;
            continue;
        }
        add_break(l, p.indent);
        intptr_t width =
            lay_in_row(l, e, (Place){p.column, last, 0, p.indent});
        column = p.column + width;
        p.used = width;
    }
    if (i->rest != NULL) lay_rest(l, i, column, p);
}

static void lay_row(const Layout *l, const Item *i, Place p)
{
    const Item *e = i->first;
    if (e == NULL) {
        if (i->rest != NULL) write_item(l, i->rest);
        return;
    }
    Place first = p;
    first.last = last_of(e, p.last);
    intptr_t width = lay_in_row(l, e, first);
    intptr_t column = p.column + width;
    // A map's first pair counts only itself.
    p.used = i->kind == ITEM_MAP ? width : p.used + width;
    lay_tail(l, i, e->next, column, p);
}

static void lay_tagged(const Layout *l, const Item *i, Place p)
{
    const Item *tag = i->first;
    if (tag == NULL) {
        add(l->out, "...");
        return;
    }
    intptr_t width = tag->length + 2;
    bool below = l->indent > 0 && width > l->indent;
    Indent further = {below ? l->indent : width, p.indent};
    Place inside = {p.column + further.more, p.last, p.used + tag->length,
                    &further};
    write_element(l, tag);
    if (below) {
        lay_tail(l, i, tag->next, p.column + width, inside);
        return;
    }
    Item rest = *i;
    rest.first = tag->next;
    buffer_add_byte(l->out, ',');
    inside.used++;
    lay_row(l, &rest, inside);
}

static void lay_record(const Layout *l, const Item *i, Place p)
{
    Indent further;
    add_part(l, item_text(l, i), i->size);
    buffer_add_byte(l->out, '{');
    mark(l, PRINT_OPEN);
    p.used += i->name_length + 1;
    if (i->first != NULL) {
        bool broken = go_behind_name(l, i->name_length + 1, &p, &further);
        add_break_if(l, broken, &p);
    }
    lay_row(l, i, p);
    mark(l, PRINT_CLOSE);
    buffer_add_byte(l->out, '}');
}

// Bytes are broken behind commas.
static void lay_bytes(const Layout *l, const Item *i, Place p)
{
    // Between << and >>, which were written with it.
    const char *text = (const char *)item_text(l, i) + 2;
    const char *end = text + i->size - 4;
    Indent further = {2, p.indent};
    // The narrower of the two limits; at least 8, to get on at all.
    intptr_t room = l->line - p.column - 2, other = l->most - 4 - p.used;
    room = (room < other ? room : other) - p.last;
    if (room < 8) room = 8;
    add(l->out, "<<");
    mark(l, PRINT_OPEN);
    for (intptr_t left = room; text < end;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma == NULL ? end : comma + 1;
        intptr_t size = stop - text;
        if (size > left) {
            add_break(l, &further);
            left = room;
        }
        left -= size;
        if (l->nested)
            print_mark_numbers(l->out, (const uint8_t *)text, (size_t)size);
        else
            buffer_add(l->out, text, (size_t)size);
        text = stop;
    }
    mark(l, PRINT_CLOSE);
    add(l->out, ">>");
}

static void lay_bracket(const Layout *l, const Item *i, Place p)
{
    bool map = i->kind == ITEM_MAP, list = i->kind == ITEM_LIST;
    Indent further = {map ? 2 : 1, p.indent};
    Place inside = {p.column + further.more, p.last, p.used + 1, &further};
    add(l->out, map ? "#{" : list ? "[" : "{");
    mark(l, PRINT_OPEN);
    lay_row(l, i, inside);
    mark(l, PRINT_CLOSE);
    buffer_add_byte(l->out, list ? ']' : '}');
}

static void lay_item(const Layout *l, const Item *i, Place p)
{
    if (fits(l, i, p)) {
        write_item(l, i);
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
        mark(l, PRINT_OPEN);
        p.used++;
        lay_tagged(l, i, p);
        mark(l, PRINT_CLOSE);
        buffer_add_byte(l->out, '}');
        break;
    case ITEM_RECORD: lay_record(l, i, p); break;
    case ITEM_BYTES: lay_bytes(l, i, p); break;
    default: write_item(l, i);
    }
}

void print_layout(Buffer *out, const Buffer *texts, const Item *i,
                  const PrintOptions *o)
{
    intptr_t column = o->column < 1 ? 1 : o->column;
    intptr_t most = o->max_line < 0 ? i->length : o->max_line;
    // Aligned under the first element if all fits so, else indented by 4.
    static const intptr_t indents[] = {-1, 4};
    Layout l = {.out = out, .texts = texts, .nested = o->nested,
                .line = o->line_length, .most = most,
                .indent = 1}; // if neither does
    // On one line if allowed, or if it fits: the common case.
    if (o->line_length == 0
        || (i->length < o->line_length - column && i->length <= most)) {
        write_item(&l, i);
        return;
    }
    Indent margin = {column - 1, NULL};
    Place start = {column, 0, 0, &margin};
    for (size_t k = 0; k < 2; k++) {
        Layout trial = l;
        trial.indent = indents[k];
        if (!try_item(&trial, i, start)) continue;
        l.indent = trial.indent;
        break;
    }
    lay_item(&l, i, start);
}
