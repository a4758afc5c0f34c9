// SPDX-License-Identifier: Apache-2.0
// Items: terms measured, within a depth and a number of characters.
//
// "depth" falls by one from element to element as well as inwards; 1 is where
// dots begin. "chars" is what may still be written; it is only a guide, for
// what is to be shown is found by giving more and more depth until the text
// gets too long (intermediate results keep how to go on in More).
//
// Lengths are in characters as a reader counts them, so a line's width is right
// for what a terminal shows.
#include "print_item.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "bits.h"
#include "map.h"

enum {
    BLOCK_BYTES = 32000, // taken from malloc at a time
    NESTING_MOST = 4000, // deeper terms are written as ~w does: any depth
    CHARS_A_DEPTH = 4,   // bytes of a string that a step of depth shows
    FIRST_LOOK = 20      // bytes of a binary looked at before the rest
};

// Memory that is given back as a whole.
typedef struct Block Block;
struct Block {
    Block *next;
    size_t used;
    _Alignas(max_align_t) uint8_t bytes[BLOCK_BYTES];
};

// One term on its way.
typedef struct {
    const Node *node;
    const PrintOptions *options;
    Buffer texts;     // of all items, one behind the other
    Block *blocks;    // newest first
    unsigned nesting; // of measure
} Printer;

static Item *measure(Printer *p, Term t, intptr_t depth, intptr_t chars);

static void *take(Printer *p, size_t size)
{
    if (p->blocks == NULL || BLOCK_BYTES - p->blocks->used < size) {
        Block *block = memory_alloc(sizeof *block);
        block->next = p->blocks;
        block->used = 0;
        p->blocks = block;
    }
    void *taken = p->blocks->bytes + p->blocks->used;
    p->blocks->used += size;
    return taken;
}

// Its text begins where the texts end by now: see end_text.
static Item *new_item(Printer *p, ItemKind kind)
{
    Item *i = take(p, sizeof *i);
    *i = (Item){.kind = kind, .text = p->texts.size};
    return i;
}

static void free_printer(Printer *p)
{
    while (p->blocks != NULL) {
        Block *next = p->blocks->next;
        free(p->blocks);
        p->blocks = next;
    }
    buffer_free(&p->texts);
}

// ---- texts ----

static bool is_ascii(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] >= 0x80) return false;
    return true;
}

// What a base character and its marks make is one.
static intptr_t count_clusters(const uint8_t *p, const uint8_t *end)
{
    intptr_t clusters = 0;
    utf8proc_int32_t state = 0;
    uint32_t before = 0, c;
    while (p < end) {
        p += utf8_read(p, end, &c);
        if (before == 0
            || utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
                                                (utf8proc_int32_t)c, &state))
            clusters++;
        before = c;
    }
    return clusters;
}

// Characters as a reader counts them: what belongs together counts once, but
// only in text that is not all Latin-1.
static intptr_t count_characters(const uint8_t *text, size_t size)
{
    const uint8_t *p = text, *end = text + size;
    intptr_t points = 0;
    bool latin1 = true;
    // ASCII by far the most: bytes are characters.
    if (is_ascii(text, size)) return (intptr_t)size;
    while (p < end) {
        uint32_t c;
        p += utf8_read(p, end, &c);
        if (c > 0xFF) latin1 = false;
        points++;
    }
    return latin1 ? points : count_clusters(text, end);
}

// Ends a text that was appended since [i] was made.
static Item *end_text(Printer *p, Item *i)
{
    i->size = p->texts.size - i->text;
    i->length = count_characters(p->texts.bytes + i->text, i->size);
    return i;
}

static void add(Printer *p, const char *text)
{
    buffer_add(&p->texts, text, strlen(text));
}

static Item *text_item(Printer *p, const char *text)
{
    Item *i = new_item(p, ITEM_TEXT);
    add(p, text);
    return end_text(p, i);
}

static Item *with_more(Printer *p, Item *i, More more)
{
    More *kept = take(p, sizeof *kept);
    *kept = more;
    i->more = kept;
    return i;
}

// Measuring [t] again gives [i] more depth.
static Item *with_term(Printer *p, Item *i, Term t, intptr_t depth)
{
    return with_more(p, i, (More){MORE_TERM, t, .depth = depth});
}

// Dots say where to go on with more depth.
static Item *dots_item(Printer *p, More more)
{
    Item *i = new_item(p, ITEM_DOTS);
    i->length = i->dots = 3;
    return with_more(p, i, more);
}

// A term that is cut down to [text] of three dots in brackets.
static Item *cut_item(Printer *p, const char *text, Term t)
{
    Item *i = text_item(p, text);
    i->dots = 3;
    return with_term(p, i, t, 1);
}

static Item *leaf_item(Printer *p, Term t)
{
    Item *i = new_item(p, ITEM_TEXT);
    if (term_is_atom(t))
        print_atom(p->node, &p->texts, t, p->options->encoding);
    else
        print_leaf(p->node, &p->texts, t, p->options->encoding);
    return end_text(p, i);
}

// ---- strings ----

// As io_lib:printable_latin1_list has it.
static bool is_printable_latin1(uint32_t c)
{
    return (c >= ' ' && c <= '~') || (c >= 0xA0 && c <= 0xFF)
           || (c >= '\b' && c <= '\r') || c == 27;
}

// Without surrogates and the two that are no characters.
static bool is_printable(const Printer *p, uint32_t c)
{
    if (!p->options->unicode_strings) return is_printable_latin1(c);
    return is_printable_latin1(c) || (c > 0xFF && c < 0xD800)
           || (c > 0xDFFF && c < 0xFFFE) || (c > 0xFFFF && c <= 0x10FFFF);
}

// Whether the element is a character that a string may hold.
static bool is_string_char(const Printer *p, Term t)
{
    if (!term_is_small(t)) return false;
    intptr_t c = term_small_value(t);
    if (c < 0 || c > 0x10FFFF) return false;
    if (p->options->encoding == PRINT_LATIN1)
        return is_printable_latin1((uint32_t)c);
    return is_printable(p, (uint32_t)c);
}

// The first [n] elements of [list] as text in quotes; [n] < 0: all.
static void add_string(Printer *p, Term list, intptr_t n)
{
    buffer_add_byte(&p->texts, '"');
    for (; term_is_cons(list) && n != 0; list = term_tail(list), n--)
        print_char(&p->texts, (uint32_t)term_small_value(term_head(list)), '"',
                   p->options->encoding);
    buffer_add_byte(&p->texts, '"');
}

// How many elements at the head of [list] make [n] characters, as far as they
// are printable; -1 when they are not. [*whole]: nothing follows.
static intptr_t string_prefix(const Printer *p, Term list, intptr_t n,
                              bool *whole)
{
    intptr_t elements = 0, characters = 0;
    utf8proc_int32_t state = 0;
    bool unicode = p->options->encoding != PRINT_LATIN1;
    uint32_t before = 0;
    // Through all of it if there is no limit.
    for (; term_is_cons(list); list = term_tail(list), elements++) {
        Term head = term_head(list);
        uint32_t c = 0;
        if (term_is_small(head)) c = (uint32_t)term_small_value(head);
        bool apart = before == 0 || !unicode
                     || utf8proc_grapheme_break_stateful(
                         (utf8proc_int32_t)before, (utf8proc_int32_t)c, &state);
        // In Unicode, where a character ends shows only from what follows.
        if (apart && characters == n) {
            if (unicode && term_is_atom(head)) return -1;
            break;
        }
        if (!is_string_char(p, head)) return -1;
        if (apart) characters++;
        before = c;
    }
    *whole = term_is_nil(list);
    // An improper list is no string.
    return *whole || term_is_cons(list) ? elements : -1;
}

// The string that [list] is, or NULL when it is none. With a limit, a string
// too long is cut, and its dots do not count as such.
static Item *string_item(Printer *p, Term list, intptr_t depth, intptr_t chars)
{
    bool whole;
    if (!p->options->strings || depth == 1) return NULL;
    // Less the two quotes.
    intptr_t room = chars < 0 ? INTPTR_MAX : print_minus(chars, 2);
    intptr_t n = string_prefix(p, list, room, &whole);
    if (n < 0) return NULL;
    // No room at all shows nothing of the list, in Unicode not even that it
    // is a string.
    if (n == 0 && p->options->encoding != PRINT_LATIN1) return NULL;
    Item *i = new_item(p, ITEM_TEXT);
    add_string(p, list, n);
    if (!whole) add(p, "...");
    return end_text(p, i);
}

// ---- bitstrings ----

// What a binary is as text.
typedef struct {
    bool is_text;
    bool utf8;    // not all bytes are characters
    bool cut;     // [count] does not cover it all
    size_t count; // bytes, or code points when [unicode]
    bool unicode; // decoded as UTF-8
} BinaryText;

static size_t printable_bytes(const uint8_t *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && is_printable_latin1(bytes[i])) i++;
    return i;
}

// Bytes as Latin-1: all of them, or as many as [depth] asks for at least.
static BinaryText latin1_text(const uint8_t *bytes, size_t size, size_t shown,
                              intptr_t depth)
{
    BinaryText t = {.is_text = true};
    t.count = printable_bytes(bytes, shown);
    t.cut = t.count < size;
    if (!t.cut) return t;
    // A short binary that is all printable needs no depth.
    if (t.count == shown && shown <= FIRST_LOOK) return t;
    t.is_text = depth > 0 && (intptr_t)t.count >= depth;
    return t;
}

// As far as it will be looked at; the end may cut a character.
static bool is_valid_utf8(const uint8_t *bytes, size_t size, size_t points)
{
    const uint8_t *p = bytes, *end = bytes + size;
    uint32_t c;
    while (p < end && points-- > 0) {
        unsigned used = utf8_read(p, end, &c);
        if (used == 0) return false;
        p += used;
    }
    return true;
}

static BinaryText unicode_text(const Printer *p, const uint8_t *bytes,
                               size_t size, size_t shown, intptr_t depth)
{
    // No UTF-8 at all: then perhaps Latin-1.
    if (!is_valid_utf8(bytes, size, shown))
        return latin1_text(bytes, size, shown, depth);
    BinaryText t = {.unicode = true};
    const uint8_t *at = bytes, *end = bytes + size;
    while (at < end && t.count < shown) {
        uint32_t c;
        unsigned used = utf8_read(at, end, &c);
        if (used == 0 || !is_printable(p, c)) break;
        at += used;
        t.count++;
    }
    // Two bytes for some character: /utf8 must be said.
    t.utf8 = (size_t)(at - bytes) != t.count;
    t.cut = at < end;
    t.is_text = !t.cut || (depth > 0 && (intptr_t)t.count >= depth);
    return t;
}

// How much is looked at at all: large binaries must not be read whole only to
// show their beginning.
static BinaryText look_at_bytes(const Printer *p, const uint8_t *bytes,
                                size_t size, intptr_t depth, intptr_t chars)
{
    size_t shown = size;
    // Written so that nothing overflows.
    if (depth >= 0 && (size_t)depth < size / CHARS_A_DEPTH + 1
        && (size_t)depth * CHARS_A_DEPTH < size)
        shown = (size_t)depth * CHARS_A_DEPTH;
    if (chars >= 0 && (size_t)chars < shown) shown = (size_t)chars;
    if (shown == 0) return (BinaryText){0};
    if (p->options->encoding == PRINT_LATIN1)
        return latin1_text(bytes, size, shown, depth);
    return unicode_text(p, bytes, size, shown, depth);
}

static void add_binary_text(Printer *p, const uint8_t *bytes, size_t size,
                            BinaryText t)
{
    const uint8_t *at = bytes;
    add(p, "<<\"");
    // Already decided to be printable.
    for (size_t i = 0; i < t.count; i++) {
        uint32_t c = *at;
        at += t.unicode ? utf8_read(at, bytes + size, &c) : 1;
        print_char(&p->texts, c, '"', PRINT_UNICODE);
    }
    add(p, t.utf8 ? "\"/utf8" : "\"");
    add(p, t.cut ? "...>>" : ">>");
}

static Item *binary_text_item(Printer *p, Term t, intptr_t depth,
                              intptr_t chars)
{
    size_t size;
    uint8_t *copy = NULL;
    const uint8_t *bytes = bits_bytes(t, &size, &copy);
    // 6: of <<"">>.
    BinaryText text = look_at_bytes(p, bytes, size, depth - 1,
                                    print_minus(chars, 6));
    Item *i = NULL;
    if (text.is_text) {
        i = new_item(p, ITEM_TEXT);
        add_binary_text(p, bytes, size, text);
        end_text(p, i);
        // More depth may show more of it.
        if (text.cut) {
            i->dots = 3;
            with_term(p, i, t, depth);
        }
    }
    free(copy);
    return i;
}

static Item *bitstring_item(Printer *p, Term t, intptr_t depth, intptr_t chars)
{
    Bits bits;
    term_bits(t, &bits);
    if (bits.size == 0) return text_item(p, "<<>>");
    if (depth == 1) return cut_item(p, "<<...>>", t);
    // Whole bytes only: a bitstring is no text.
    if (p->options->strings && bits.size % 8 == 0) {
        Item *i = binary_text_item(p, t, depth, chars);
        if (i != NULL) return i;
    }
    Item *i = new_item(p, ITEM_BYTES);
    add(p, "<<");
    bool whole = print_bytes(&p->texts, t, depth, print_minus(chars, 4));
    add(p, ">>");
    end_text(p, i);
    if (!whole) {
        i->dots = 3;
        with_term(p, i, t, depth);
    }
    return i;
}

// ---- rows of elements ----

static void append(Item *parent, Item *e)
{
    if (parent->first == NULL) parent->first = e;
    else parent->last->next = e;
    parent->last = e;
}

// Sums up what is in [parent] beside [own] characters of brackets.
static Item *sum_up(Item *parent, intptr_t own)
{
    parent->length = own;
    parent->dots = 0;
    // A comma between each two.
    for (const Item *e = parent->first; e != NULL; e = e->next) {
        parent->length += e->length + (e != parent->first);
        parent->dots += e->dots;
    }
    if (parent->rest != NULL) {
        parent->length += parent->rest->length + (parent->first != NULL);
        parent->dots += parent->rest->dots;
    }
    return parent;
}

// Ends at the tail, at depth 1, or when no characters are left.
static void append_list(Printer *p, Item *parent, Term list, intptr_t depth,
                        intptr_t chars)
{
    for (; !term_is_nil(list); depth--) {
        if (depth == 1 || chars == 0) {
            parent->rest =
                dots_item(p, (More){MORE_LIST, list, .depth = depth});
            return;
        }
        if (!term_is_cons(list)) {
            parent->rest = measure(p, list, depth - 1, chars);
            return;
        }
        // For the comma.
        if (!term_is_nil(term_tail(list))) chars = print_minus(chars, 1);
        Item *e = measure(p, term_head(list), depth - 1, chars);
        append(parent, e);
        chars = print_minus(chars, e->length);
        list = term_tail(list);
    }
}

// From the element on that [from] says.
static void append_tuple(Printer *p, Item *parent, const More *from,
                         intptr_t depth, intptr_t chars)
{
    size_t size = term_arity(from->term);
    for (size_t i = from->index; i < size; i++, depth--) {
        if (depth == 1 || chars == 0) {
            More more = {MORE_TUPLE, from->term, .index = i, .depth = depth};
            parent->rest = dots_item(p, more);
            return;
        }
        if (i + 1 < size) chars = print_minus(chars, 1);
        Item *e = measure(p, term_tuple_get(from->term, i), depth - 1, chars);
        append(parent, e);
        chars = print_minus(chars, e->length);
    }
}

// " => " has four characters.
static Item *pair_item(Printer *p, Term key, Term value, intptr_t depth,
                       intptr_t chars)
{
    Item *pair = new_item(p, ITEM_PAIR);
    Item *k = measure(p, key, depth, chars);
    append(pair, k);
    Item *v = measure(p, value, depth, print_minus(chars, k->length + 4));
    append(pair, v);
    pair->length = k->length + 4 + v->length;
    pair->dots = k->dots + v->dots;
    return pair;
}

static void append_map(Printer *p, Item *parent, const More *from,
                       intptr_t depth, intptr_t chars)
{
    PrintPairs pairs;
    Term key, value;
    size_t size = map_size(from->term);
    print_pairs_start(&pairs, from->term, p->options->orders);
    for (size_t i = 0; print_pairs_next(&pairs, &key, &value); i++) {
        // Skips to where it has been cut before: maps have no index.
        if (i < from->index) continue;
        if (depth == 1 || chars == 0) {
            More more = {MORE_MAP, from->term, .index = i, .depth = depth,
                         .inner = from->inner};
            parent->rest = dots_item(p, more);
            return;
        }
        if (i + 1 < size) chars = print_minus(chars, 1);
        Item *e = pair_item(p, key, value, from->inner, chars);
        append(parent, e);
        chars = print_minus(chars, e->length);
        depth--;
    }
}

// " = " has three.
static Item *field_item(Printer *p, Term name, Term value, intptr_t depth,
                        intptr_t chars)
{
    Item *field = new_item(p, ITEM_FIELD);
    print_atom(p->node, &p->texts, name, p->options->encoding);
    end_text(p, field);
    field->name_length = field->length + 3;
    Item *v = measure(p, value, depth, print_minus(chars, field->name_length));
    append(field, v);
    field->length = field->name_length + v->length;
    field->dots = v->dots;
    return field;
}

static void append_fields(Printer *p, Item *parent, const More *from,
                          intptr_t depth, intptr_t chars)
{
    Term names = from->fields;
    size_t size = term_arity(from->term);
    for (size_t i = from->index; i < size; i++, depth--) {
        if (depth == 1 || chars == 0) {
            More more = {MORE_FIELDS, from->term, names, i, depth, 0};
            parent->rest = dots_item(p, more);
            return;
        }
        if (i + 1 < size) chars = print_minus(chars, 1);
        Item *e = field_item(p, term_head(names), term_tuple_get(from->term, i),
                             depth - 1, chars);
        append(parent, e);
        chars = print_minus(chars, e->length);
        names = term_tail(names);
    }
}

// ---- compound terms ----

static Item *list_item(Printer *p, Term list, intptr_t depth, intptr_t chars)
{
    Item *i = string_item(p, list, depth, chars);
    if (i != NULL) return i;
    i = new_item(p, ITEM_LIST);
    append_list(p, i, list, depth, print_minus(chars, 2));
    sum_up(i, 2);
    // With dots in it: measured anew when there is more depth.
    return i->dots > 0 ? with_term(p, i, list, depth) : i;
}

static Item *map_item(Printer *p, Term map, intptr_t depth, intptr_t chars)
{
    if (map_size(map) == 0) return text_item(p, "#{}");
    if (depth == 1) return cut_item(p, "#{...}", map);
    Item *i = new_item(p, ITEM_MAP);
    // Keys and values have one depth for all, whatever stands before them.
    More start = {.term = map, .inner = depth - 1};
    append_map(p, i, &start, depth, print_minus(chars, 3));
    return sum_up(i, 3);
}

// The names of the fields that [tuple] has as a record, or TERM_NONE.
static Term field_names(const Printer *p, Term tuple)
{
    Term records = p->options->records;
    size_t count = term_arity(tuple) - 1;
    if (term_is_none(records) || !term_is_atom(term_tuple_get(tuple, 0)))
        return TERM_NONE;
    // A key on the C stack: looked up, never kept.
    Term key[3] = {term_header(SUBTAG_TUPLE, 2), term_tuple_get(tuple, 0),
                   term_small((intptr_t)count)};
    Term names = map_get(records, term_from_box(key));
    if (term_is_none(names) || term_list_length(names) != (intptr_t)count)
        return TERM_NONE;
    // Whatever the caller's map holds, only atoms are names.
    for (Term rest = names; term_is_cons(rest); rest = term_tail(rest))
        if (!term_is_atom(term_head(rest))) return TERM_NONE;
    return names;
}

static Item *record_item(Printer *p, Term tuple, Term names, intptr_t depth,
                         intptr_t chars)
{
    Item *i = new_item(p, ITEM_RECORD);
    buffer_add_byte(&p->texts, '#');
    print_atom(p->node, &p->texts, term_tuple_get(tuple, 0),
               p->options->encoding);
    end_text(p, i);
    i->name_length = i->length;
    // Element 0 is the name.
    More start = {.term = tuple, .fields = names, .index = 1};
    append_fields(p, i, &start, depth - 1,
                  print_minus(chars, i->name_length + 2));
    return sum_up(i, i->name_length + 2);
}

static Item *tuple_item(Printer *p, Term tuple, intptr_t depth, intptr_t chars)
{
    if (term_arity(tuple) == 0) return text_item(p, "{}");
    if (depth == 1) return cut_item(p, "{...}", tuple);
    Term names = field_names(p, tuple);
    if (!term_is_none(names))
        return record_item(p, tuple, names, depth, chars);
    Item *i = new_item(p, ITEM_TUPLE);
    // {error, ...} and the like are indented differently.
    i->tagged = term_arity(tuple) > 1 && term_is_atom(term_tuple_get(tuple, 0));
    append_tuple(p, i, &(More){.term = tuple}, depth, print_minus(chars, 2));
    return sum_up(i, 2);
}

// At C's own limit of nesting: the rest on one line, without recursion.
static Item *deep_item(Printer *p, Term t)
{
    Item *i = new_item(p, ITEM_TEXT);
    PrintOptions o = *p->options;
    o.nested = false; // marks would count as characters
    o.depth = o.max_chars = PRINT_NO_LIMIT;
    print_write(p->node, &p->texts, t, &o);
    return end_text(p, i);
}

static Item *measure(Printer *p, Term t, intptr_t depth, intptr_t chars)
{
    Item *i;
    if (term_is_nil(t)) return text_item(p, "[]");
    // Recursion is bounded by NESTING_MOST.
    if (p->nesting == NESTING_MOST) return deep_item(p, t);
    p->nesting++;
    if (term_is_cons(t)) i = list_item(p, t, depth, chars);
    else if (term_is_tuple(t)) i = tuple_item(p, t, depth, chars);
    else if (term_is_map(t)) i = map_item(p, t, depth, chars);
    else if (term_is_bitstring(t)) i = bitstring_item(p, t, depth, chars);
    else i = leaf_item(p, t);
    p->nesting--;
    return i;
}

// ---- limits on characters ----

static Item *expand(Printer *p, Item *i, intptr_t chars, intptr_t more);

// Appends what the dots at the end of a row stand for.
static void append_more(Printer *p, Item *parent, const More *from,
                        intptr_t chars, intptr_t more)
{
    // As deep as it would have been measured at once.
    intptr_t depth = from->depth + more;
    switch (from->kind) {
    case MORE_LIST: append_list(p, parent, from->term, depth, chars); break;
    case MORE_TUPLE: append_tuple(p, parent, from, depth, chars); break;
    case MORE_MAP: append_map(p, parent, from, depth, chars); break;
    default: append_fields(p, parent, from, depth, chars);
    }
}

// [own]: characters of brackets.
static Item *expand_row(Printer *p, const Item *i, intptr_t own,
                        intptr_t chars, intptr_t more)
{
    // A copy: the old one stays as it is, with its own links.
    Item *grown = new_item(p, i->kind);
    *grown = *i;
    grown->first = grown->last = grown->rest = grown->next = NULL;
    chars = print_minus(chars, own);
    for (Item *e = i->first; e != NULL; e = e->next) {
        if (e->next != NULL || i->rest != NULL) chars = print_minus(chars, 1);
        Item *longer = expand(p, e, chars, more);
        if (longer == e) { // shared, but in a row of its own
            longer = new_item(p, e->kind);
            *longer = *e;
            longer->next = NULL;
        }
        append(grown, longer);
        chars = print_minus(chars, longer->length);
    }
    if (i->rest != NULL) append_more(p, grown, i->rest->more, chars, more);
    return sum_up(grown, own);
}

static Item *expand_pair(Printer *p, const Item *i, intptr_t chars,
                         intptr_t more)
{
    Item *pair = new_item(p, ITEM_PAIR);
    Item *k = new_item(p, ITEM_TEXT), *v = new_item(p, ITEM_TEXT);
    // Copies again, since they get a next of this row.
    *k = *expand(p, i->first, print_minus(chars, 1), more);
    k->next = NULL;
    append(pair, k);
    chars = print_minus(chars, k->length + 4);
    *v = *expand(p, i->first->next, chars, more);
    v->next = NULL;
    append(pair, v);
    pair->length = k->length + 4 + v->length;
    pair->dots = k->dots + v->dots;
    return pair;
}

static Item *expand_field(Printer *p, const Item *i, intptr_t chars,
                          intptr_t more)
{
    Item *field = new_item(p, ITEM_FIELD), *v = new_item(p, ITEM_TEXT);
    *field = *i;
    field->first = field->last = field->next = NULL;
    *v = *expand(p, i->first, print_minus(chars, i->name_length), more);
    v->next = NULL;
    append(field, v);
    field->length = i->name_length + v->length;
    field->dots = v->dots;
    return field;
}

// [i] measured with [more] depth.
static Item *expand(Printer *p, Item *i, intptr_t chars, intptr_t more)
{
    if (i->more != NULL && i->more->kind == MORE_TERM)
        return measure(p, i->more->term, i->more->depth + more, chars);
    if (i->dots == 0) return i; // all of it is there
    switch (i->kind) {
    case ITEM_TUPLE: return expand_row(p, i, 2, chars, more);
    case ITEM_MAP: return expand_row(p, i, 3, chars, more);
    case ITEM_RECORD:
        return expand_row(p, i, i->name_length + 2, chars, more);
    case ITEM_PAIR: return expand_pair(p, i, chars, more);
    case ITEM_FIELD: return expand_field(p, i, chars, more);
    default: return i;
    }
}

// Between a depth whose text fits and one whose text does not.
static Item *search_depth(Printer *p, Item *lower, Item *upper, intptr_t low,
                          intptr_t high)
{
    intptr_t limit = p->options->max_chars;
    // By halves, from what fits: lower and upper differ by one at last.
    while (high - low != 1) {
        intptr_t middle = (low + high) / 2;
        Item *i = expand(p, lower, limit, middle - low);
        if (i->length > limit) {
            upper = i;
            high = middle;
        } else {
            lower = i;
            low = middle;
        }
    }
    // The first that is too long is taken, unless one fits exactly: as io_lib.
    return lower->length == limit ? lower : upper;
}

// The text grows with the depth until it is long enough.
static Item *measure_limited(Printer *p, Term t)
{
    intptr_t limit = p->options->max_chars, most = p->options->depth;
    intptr_t low = 1, step = 2;
    Item *lower = measure(p, t, low, limit);
    // Nothing left out, or already too long, or no more allowed.
    if (lower->dots == 0 || lower->length > limit || most == 1) return lower;
    for (;;) {
        // The step doubles: few measurings for any depth.
        step *= 2;
        intptr_t high = low + step;
        if (most >= 0 && high > most) high = most;
        Item *i = expand(p, lower, limit, high - low);
        // Nothing more came: that is all there is.
        if (i->dots == 0 || i->length == lower->length) return i;
        if (i->length > limit || (most >= 0 && high >= most))
            return search_depth(p, lower, i, low, high);
        lower = i;
        low = high;
    }
}

// ---- the whole ----

void print_items(const Node *node, Buffer *out, Term t, const PrintOptions *o)
{
    Printer p = {.node = node, .options = o};
    Item *i = o->max_chars > 0 ? measure_limited(&p, t)
                               : measure(&p, t, o->depth, PRINT_NO_LIMIT);
    print_layout(out, &p.texts, i, o);
    free_printer(&p);
}

void print_pretty(const Node *node, Buffer *out, Term t, const PrintOptions *o)
{
    if (o->depth == 0 || o->max_chars == 0)
        buffer_add(out, "...", 3);
    else
        print_items(node, out, t, o);
}
