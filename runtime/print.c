// SPDX-License-Identifier: Apache-2.0
// Text of terms on one line: leaves, and ~w with its stack of open brackets.
//
// ~w walks with a stack of its own, so depth costs memory only. What is cut
// where, and with which dots, follows io_lib to the character.
#include "print.h"

#include <stdio.h>
#include <stdlib.h>

#include "big.h"
#include "bits.h"
#include "code.h"
#include "identifier.h"
#include "map.h"
#include "number_text.h"
#include "print_item.h"

// As io_lib has its defaults: 80 columns, strings shown as such.
void print_options_init(PrintOptions *o)
{
    *o = (PrintOptions){.encoding = PRINT_UNICODE,
                        .strings = true,
                        .depth = PRINT_NO_LIMIT,
                        .max_chars = PRINT_NO_LIMIT,
                        .column = 1,
                        .line_length = 80,
                        .max_line = PRINT_NO_LIMIT,
                        .records = TERM_NONE,
                        .orders = TERM_NONE};
}

static void add_text(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

static void add_number(Buffer *out, uint64_t n)
{
    char text[20], *p = text + sizeof text; // 2^64 has 20 digits
    // From the last digit on.
    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    buffer_add(out, p, (size_t)(text + sizeof text - p));
}

// ---- atoms and characters ----

// Words that would be read as something else.
static bool is_reserved(const char *text)
{
    static const char *const words[] = {
        "after", "and",    "andalso", "band", "begin",   "bnot", "bor",
        "bsl",   "bsr",    "bxor",    "case", "catch",   "cond", "div",
        "end",   "fun",    "if",      "let",  "not",     "of",   "or",
        "orelse", "receive", "rem",   "try",  "when",    "xor"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0) return true;
    return false;
}

// Latin-1: 0xF7 is the division sign among the letters.
static bool is_lower(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7);
}

// 0xD7 is the multiplication sign.
static bool is_name_char(uint32_t c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || c == '_' || c == '@' || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
}

// Letters beyond Latin-1 begin no bare atom: what io_lib decides.
static bool is_bare(const AtomText *text)
{
    const uint8_t *p = (const uint8_t *)text->bytes, *end = p + text->size;
    uint32_t c;
    // An empty atom is '' and so not bare.
    if (text->size == 0 || is_reserved(text->bytes)) return false;
    p += utf8_read(p, end, &c);
    if (!is_lower(c)) return false;
    while (p < end) {
        p += utf8_read(p, end, &c);
        if (!is_name_char(c)) return false;
    }
    return true;
}

// Always three digits, so that a digit behind is not taken along.
static void add_octal(Buffer *out, uint32_t c)
{
    buffer_add_byte(out, '\\');
    buffer_add_byte(out, (uint8_t)('0' + (c >> 6)));
    buffer_add_byte(out, (uint8_t)('0' + (c >> 3 & 7)));
    buffer_add_byte(out, (uint8_t)('0' + (c & 7)));
}

// Those with a name of their own; others in octal.
static void add_control(Buffer *out, uint32_t c)
{
    static const char names[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
                                 ['\v'] = 'v', ['\b'] = 'b', ['\f'] = 'f',
                                 [27] = 'e',   [127] = 'd'};
    // A place without a name holds 0.
    if (c >= sizeof names || names[c] == 0) {
        add_octal(out, c);
        return;
    }
    buffer_add_byte(out, '\\');
    buffer_add_byte(out, (uint8_t)names[c]);
}

void print_char(Buffer *out, uint32_t c, char quote, PrintEncoding encoding)
{
    // Only the quote that is used needs a backslash.
    if (c == (uint8_t)quote || c == '\\') {
        buffer_add_byte(out, '\\');
        buffer_add_byte(out, (uint8_t)c);
    } else if (c < ' ' || (c > '~' && c < 0xA0)) {
        // Control characters of both halves of Latin-1.
        add_control(out, c);
    } else if (c > 0xFF && encoding == PRINT_LATIN1) {
        // What the encoding has not, as io_lib writes it.
        char text[16];
        snprintf(text, sizeof text, "\\x{%X}", (unsigned)c);
        add_text(out, text);
    } else {
        buffer_add_utf8(out, c);
    }
}

void print_atom(const Node *node, Buffer *out, Term atom,
                PrintEncoding encoding)
{
    const AtomText *text = atom_text(node->atoms, atom);
    // The common case: copied as it is.
    bool has_at = encoding == PRINT_DISPLAY
                  && memchr(text->bytes, '@', text->size) != NULL;
    if (is_bare(text) && !has_at) {
        buffer_add(out, text->bytes, text->size);
        return;
    }
    const uint8_t *p = (const uint8_t *)text->bytes, *end = p + text->size;
    buffer_add_byte(out, '\'');
    while (p < end) {
        uint32_t c;
        p += utf8_read(p, end, &c);
        print_char(out, c, '\'', encoding);
    }
    buffer_add_byte(out, '\'');
}

// ---- other leaves ----

// Identifiers of code are written as UTF-8 whatever the encoding.
static void add_fun(const Node *node, Buffer *out, Term t)
{
    const Term *box = term_box_ptr(t);
    if (header_subtag(box[0]) == SUBTAG_EXPORT) {
        const Export *e = (const Export *)box[1].bits;
        add_text(out, "fun ");
        print_atom(node, out, e->module, PRINT_UNICODE);
        buffer_add_byte(out, ':');
        print_atom(node, out, e->function, PRINT_UNICODE);
        buffer_add_byte(out, '/');
        add_number(out, e->arity);
        return;
    }
    // As #Fun<Module.Index.Uniq>: numbers of the compiler's.
    const FunEntry *f = (const FunEntry *)box[1].bits;
    add_text(out, "#Fun<");
    print_atom(node, out, f->module, PRINT_UNICODE);
    buffer_add_byte(out, '.');
    add_number(out, f->old_index);
    buffer_add_byte(out, '.');
    add_number(out, f->old_uniq);
    buffer_add_byte(out, '>');
}

// The number that stands for the node of [t]: 0 is this one.
static void add_node(Buffer *out, const char *prefix, Term t)
{
    // NULL for this node.
    const RemoteNode *node = identifier_node(t);
    add_text(out, prefix);
    add_number(out, node == NULL ? 0 : term_atom_index(node->name));
    buffer_add_byte(out, '.');
}

static void add_identifier(Buffer *out, Term t)
{
    if (term_is_pid(t)) {
        add_node(out, "<", t);
        add_number(out, identifier_pid_number(t));
        buffer_add_byte(out, '.');
        add_number(out, identifier_pid_serial(t));
    } else if (term_is_port(t)) {
        add_node(out, "#Port<", t);
        add_number(out, identifier_port_number(t));
    } else {
        // From the last number to the first.
        uint32_t numbers[REF_NUMBERS_MOST];
        unsigned count = identifier_ref_numbers(t, numbers);
        add_node(out, "#Ref<", t);
        while (count-- > 0) {
            add_number(out, numbers[count]);
            if (count > 0) buffer_add_byte(out, '.');
        }
    }
    buffer_add_byte(out, '>');
}

static void add_integer(Buffer *out, Term t)
{
    size_t size;
    if (term_is_small(t)) {
        intptr_t n = term_small_value(t);
        if (n < 0) buffer_add_byte(out, '-');
        add_number(out, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
        return;
    }
    // Takes more than linear time in its digits.
    char *text = big_to_text(t, 10, &size);
    buffer_add(out, text, size);
    free(text);
}

static void add_float(Buffer *out, double d, PrintEncoding encoding)
{
    char text[NUMBER_TEXT_MOST]; // room for any
    size_t size = encoding == PRINT_DISPLAY ? number_scientific(d, 6, text)
                                            : number_short(d, text);
    buffer_add(out, text, size);
}

void print_leaf(const Node *node, Buffer *out, Term t, PrintEncoding encoding)
{
    if (term_is_integer(t)) {
        add_integer(out, t);
    } else if (term_is_float(t)) {
        add_float(out, term_float_value(t), encoding);
    } else if (term_is_fun(t)) {
        add_fun(node, out, t);
    } else {
        add_identifier(out, t);
    }
}

// The bits of the last byte, as Value:Size from the left.
static void add_last_bits(Buffer *out, const Bits *bits, size_t at)
{
    // Of an offset of any kind: bit by bit, at most seven.
    uint64_t value = 0;
    for (size_t i = at; i < bits->size; i++) {
        size_t bit = bits->offset + i;
        value = value << 1 | (bits->base[bit / 8] >> (7 - bit % 8) & 1);
    }
    add_number(out, value);
    buffer_add_byte(out, ':');
    add_number(out, bits->size - at);
}

bool print_bytes(Buffer *out, Term t, intptr_t depth, intptr_t chars)
{
    Bits bits;
    term_bits(t, &bits);
    // Each byte counts as an element of the depth.
    for (size_t at = 0; at < bits.size; at += 8, depth--) {
        if (depth == 1 || chars == 0) {
            add_text(out, "...");
            return false;
        }
        if (bits.size - at < 8) {
            add_last_bits(out, &bits, at);
            break;
        }
        size_t start = out->size;
        add_number(out, bits_byte_at(bits.base, bits.offset + at));
        // One behind the last byte is the end, or its bits.
        if (bits.size - at > 8) buffer_add_byte(out, ',');
        chars = print_minus(chars, (intptr_t)(out->size - start));
    }
    return true;
}

void print_mark_numbers(Buffer *out, const uint8_t *text, size_t size)
{
    bool within = false;
    for (size_t i = 0; i < size; i++) {
        bool apart = text[i] == ',' || text[i] == ':';
        if (within == apart)
            buffer_add_byte(out, apart ? PRINT_CLOSE : PRINT_OPEN);
        within = !apart;
        buffer_add_byte(out, text[i]);
    }
    if (within) buffer_add_byte(out, PRINT_CLOSE);
}

// ---- ~w ----

typedef enum { OPEN_LIST, OPEN_TUPLE, OPEN_MAP } OpenKind;

// A bracket whose inside is being written.
typedef struct {
    OpenKind kind;
    Term rest;      // list: what follows; tuple: itself
    size_t next;    // tuple, map: index of the next element, key or value
    size_t count;   // of elements, or keys and values
    Term *pairs;    // map: keys and values, of malloc
    intptr_t depth; // left
    intptr_t inner; // map: depth of its keys and values
} Open;

typedef struct {
    const Node *node;       // whose atoms are written
    Buffer *out;            // what is written so far
    PrintEncoding encoding; // of atoms
    bool nested;            // with marks
    Term orders;            // of the keys of maps, or TERM_NONE
    Open *opens;            // the innermost last; of malloc
    size_t count, room;     // in use; there are
} Writer;

static void mark(const Writer *w, uint8_t byte)
{
    if (w->nested) buffer_add_byte(w->out, byte);
}

static Open *push_open(Writer *w, OpenKind kind, intptr_t depth)
{
    if (w->count == w->room)
        w->opens = memory_grow(w->opens, &w->room, 16, sizeof *w->opens);
    Open *o = &w->opens[w->count++];
    *o = (Open){.kind = kind, .depth = depth, .inner = depth};
    return o;
}

void print_pairs_start(PrintPairs *pairs, Term map, Term orders)
{
    pairs->map = map;
    pairs->keys = term_is_none(orders) ? TERM_NONE : map_get(orders, map);
    map_iterate_fold(&pairs->it, map);
}

bool print_pairs_next(PrintPairs *pairs, Term *key, Term *value)
{
    if (term_is_none(pairs->keys)) return map_next(&pairs->it, key, value);
    if (!term_is_cons(pairs->keys)) return false;
    *key = term_head(pairs->keys);
    *value = map_get(pairs->map, *key);
    pairs->keys = term_tail(pairs->keys);
    return true;
}

// The pairs are taken at once: an iterator in each bracket would be large.
static void open_map(Writer *w, Term map, intptr_t depth)
{
    size_t n = map_size(map);
    add_text(w->out, "#{");
    mark(w, PRINT_OPEN);
    Open *o = push_open(w, OPEN_MAP, depth - 1);
    o->count = 2 * n;
    // One more: not 0 bytes.
    o->pairs = memory_alloc((2 * n + 1) * sizeof *o->pairs);
    PrintPairs pairs;
    print_pairs_start(&pairs, map, w->orders);
    for (size_t i = 0; i < n; i++)
        print_pairs_next(&pairs, &o->pairs[2 * i], &o->pairs[2 * i + 1]);
}

// The tuple is its own iterator: element [next] is next.
static void open_tuple(Writer *w, Term tuple, intptr_t depth)
{
    buffer_add_byte(w->out, '{');
    mark(w, PRINT_OPEN);
    Open *o = push_open(w, OPEN_TUPLE, depth);
    o->rest = tuple;
    o->count = term_arity(tuple);
}

// Its depth is one of bytes.
static void write_bitstring(Writer *w, Term t, intptr_t depth)
{
    add_text(w->out, "<<");
    if (w->nested) {
        Buffer numbers;
        buffer_init(&numbers);
        print_bytes(&numbers, t, depth, PRINT_NO_LIMIT);
        mark(w, PRINT_OPEN);
        print_mark_numbers(w->out, numbers.bytes, numbers.size);
        mark(w, PRINT_CLOSE);
        buffer_free(&numbers);
    } else {
        print_bytes(w->out, t, depth, PRINT_NO_LIMIT);
    }
    add_text(w->out, ">>");
}

static void write_compound(Writer *w, Term t, intptr_t depth)
{
    if (term_is_bitstring(t)) {
        write_bitstring(w, t, depth);
    } else if (term_is_cons(t)) {
        // Depth 1 shows that there is something, no more.
        if (depth == 1) {
            add_text(w->out, "[...]");
            return;
        }
        buffer_add_byte(w->out, '[');
        mark(w, PRINT_OPEN);
        push_open(w, OPEN_LIST, depth)->rest = t;
    } else if (term_is_tuple(t)) {
        // As in io_lib: an empty tuple needs no depth, an empty map does.
        if (term_arity(t) == 0) add_text(w->out, "{}");
        else if (depth == 1) add_text(w->out, "{...}");
        else open_tuple(w, t, depth);
    } else {
        if (depth == 1 || map_size(t) == 0) add_text(w->out, "#{}");
        else open_map(w, t, depth);
    }
}

// Brackets are opened; all else is written at once.
static void write_term(Writer *w, Term t, intptr_t depth)
{
    if (term_is_atom(t)) print_atom(w->node, w->out, t, w->encoding);
    else if (term_is_nil(t)) add_text(w->out, "[]");
    else if (term_is_cons(t) || term_is_tuple(t) || term_is_map(t)
             || term_is_bitstring(t))
        write_compound(w, t, depth);
    else print_leaf(w->node, w->out, t, w->encoding);
}

// An element: a list of its own, which ends here or with its bracket.
static void write_element(Writer *w, Term t, intptr_t depth)
{
    size_t count = w->count;
    mark(w, PRINT_OPEN);
    write_term(w, t, depth);
    if (w->count == count) mark(w, PRINT_CLOSE);
}

// Ends the innermost after [text]; its pairs are NULL but for a map.
static void close_bracket(Writer *w, const char *text, char bracket)
{
    add_text(w->out, text);
    mark(w, PRINT_CLOSE);
    buffer_add_byte(w->out, (uint8_t)bracket);
    free(w->opens[--w->count].pairs);
    // The outermost is the list of all text.
    if (w->count > 0) mark(w, PRINT_CLOSE);
}

static void continue_list(Writer *w, Open *o)
{
    // No comma before the first.
    bool first = o->next++ == 0;
    if (term_is_nil(o->rest)) {
        close_bracket(w, "", ']');
    } else if (o->depth == 1) {
        // The end was not reached: cut as a tail.
        close_bracket(w, "|...", ']');
    } else if (term_is_cons(o->rest)) {
        if (!first) buffer_add_byte(w->out, ',');
        Term head = term_head(o->rest);
        o->rest = term_tail(o->rest);
        // From element to element, too, the depth falls.
        write_element(w, head, --o->depth);
    } else {
        buffer_add_byte(w->out, '|');
        Term tail = o->rest;
        o->rest = TERM_NIL; // the end comes next time
        write_element(w, tail, o->depth - 1);
    }
}

static void continue_tuple(Writer *w, Open *o)
{
    if (o->next == o->count) {
        close_bracket(w, "", '}');
    } else if (o->depth == 1) {
        close_bracket(w, ",...", '}');
    } else {
        if (o->next > 0) buffer_add_byte(w->out, ',');
        write_element(w, term_tuple_get(o->rest, o->next++), --o->depth);
    }
}

// The depth is asked for before the end is looked at, as in the original.
static void continue_map(Writer *w, Open *o)
{
    // Keys have even places, values odd ones.
    if (o->next % 2 == 1) {
        mark(w, PRINT_OPEN);
        add_text(w->out, " => ");
        mark(w, PRINT_CLOSE);
        write_element(w, o->pairs[o->next++], o->inner);
        return;
    }
    // A pair is a list, too, which ends with its value.
    if (o->next > 0) mark(w, PRINT_CLOSE);
    if (o->next > 0 && o->depth == 1) {
        close_bracket(w, ",...", '}');
    } else if (o->next == o->count) {
        close_bracket(w, "", '}');
    } else {
        // A pair counts once, when its key comes.
        if (o->next > 0) {
            o->depth--;
            buffer_add_byte(w->out, ',');
        }
        mark(w, PRINT_OPEN);
        write_element(w, o->pairs[o->next++], o->inner);
    }
}

static void write_all(Writer *w, Term t, intptr_t depth)
{
    write_term(w, t, depth);
    while (w->count > 0) {
        // A write may move the stack: [o] is read anew each time.
        Open *o = &w->opens[w->count - 1];
        if (o->kind == OPEN_LIST) continue_list(w, o);
        else if (o->kind == OPEN_TUPLE) continue_tuple(w, o);
        else continue_map(w, o);
    }
    free(w->opens);
}

void print_write(const Node *node, Buffer *out, Term t, const PrintOptions *o)
{
    if (o->depth == 0 || o->max_chars == 0) {
        add_text(out, "...");
    } else if (o->max_chars > 0) {
        // With a limit on characters all is measured first, as for ~p.
        PrintOptions flat = *o; // the limit is a matter of items
        flat.strings = false;
        flat.line_length = 0;
        flat.records = TERM_NONE;
        print_items(node, out, t, &flat);
    } else {
        Writer w = {.node = node, .out = out, .encoding = o->encoding,
                    .nested = o->nested, .orders = o->orders};
        write_all(&w, t, o->depth);
    }
}

// ---- lists ----

// What is open is told by the cells whose heads are being made.
Term print_list(Heap *h, const Buffer *text)
{
    Term result = TERM_NIL, *link = &result, **opens = NULL;
    size_t count = 0, room = 0;
    const uint8_t *p = text->bytes, *end = p + text->size;
    while (p < end) {
        uint32_t c;
        if (*p == PRINT_CLOSE) {
            link = opens[--count] + 1;
            p++;
            continue;
        }
        *link = heap_cons(h, TERM_NIL, TERM_NIL);
        Term *cell = term_cons_ptr(*link);
        if (*p == PRINT_OPEN) {
            if (count == room)
                opens = memory_grow(opens, &room, 16, sizeof *opens);
            opens[count++] = link = cell;
            p++;
            continue;
        }
        p += utf8_read(p, end, &c);
        cell[0] = term_small(c);
        link = cell + 1;
    }
    free(opens);
    return result;
}
