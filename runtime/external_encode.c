// SPDX-License-Identifier: Apache-2.0
// Writing the external term format, as OTP 25 does, byte for byte.
//
// Terms are walked row by row: the elements of a tuple, say. While an element is
// written that has elements of its own, what is left of a row, or of a list,
// waits on a stack of spans. The size of a fun, and the length of a list, are
// patched in when their ends have been reached.
//
// Whoever writes is given the place [to] and answers the place behind what it
// wrote, so that the place stays in a register: a store of a byte might change
// any field. At every such place ROOM_LEAST bytes are free; what takes more
// makes room for it first, and again behind itself.
//
// Span by span:
//
//   WORDS  the rest of a row: tuple elements, pairs of a large map
//   LIST   cells from [next] on
//   MAP    a flat map's keys and values, side by side
//   OWNED  a mark below words that are to be freed when it comes up
//   FUN    a mark below its words: when it comes up, the fun is written
#include "external.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "big.h"
#include "code.h"
#include "counted.h"
#include "external_tag.h"
#include "identifier.h"
#include "map.h"
#include "memory.h"
#include "number_text.h"
#include "ref.h"
#include "utf8.h"

enum {
    STRING_MOST = 65535, // longest list of bytes that is a STRING
    ROOM_LEAST = 32,     // more than any tag with its numbers takes
    LARGE = 1 << 18      // bytes: less of what follows would be wasted
};

typedef enum {
    SPAN_WORDS, // a row of words
    SPAN_LIST,  // cells of a list
    SPAN_MAP,   // a flat map
    SPAN_OWNED, // stands below words that are memory of malloc
    SPAN_FUN    // stands below the words of its environment
} SpanKind;

typedef struct {
    SpanKind kind;
    const Term *next;   // words: next; flat map: key; list: cell
    union {
        const Term *end; // words: behind the last; flat map: of the keys
        size_t cells;    // list: up to [next]
    };
    union {
        const Term *other; // flat map: next value
        Term *owned;       // of OWNED
        size_t patch;      // fun, list: where in the bytes its size goes
    };
} Span;

typedef struct {
    const Node *node;             // whose name is written
    const AtomTable *atoms;       // its atoms
    const ExternalOutput *output; // never NULL while encoding
    uint8_t *bytes, *limit;       // memory of malloc; its end
    Span *spans;        // what is still to be written, the innermost last
    size_t count, room; // of spans
    size_t slack;       // bytes that external_size counts beyond those written
    bool given_up;      // there are too many: what is written is of no use
} Encoder;

// ---- bytes ----

// Twice, or by half when it is large: sizes are not known before, and a second
// walk to find them would cost more than the copies.
static uint8_t *grow(Encoder *e, uint8_t *to, size_t more)
{
    // Places are kept as distances, for the memory may move.
    size_t size = (size_t)(to - e->bytes);
    size_t room = (size_t)(e->limit - e->bytes);
    if (e->output->most > 0 && room > e->output->most) {
        // Until the loops notice, the same bytes are written over.
        e->given_up = true;
        size = 0;
    } else {
        room += room < LARGE ? room : room / 2;
    }
    if (room < size + more) room = size + more;
    e->bytes = memory_resize(e->bytes, room);
    e->limit = e->bytes + room;
    return e->bytes + size;
}

// Makes room for [more] bytes and what must be free behind them.
static inline uint8_t *make_room(Encoder *e, uint8_t *to, size_t more)
{
    more += ROOM_LEAST;
    return (size_t)(e->limit - to) < more ? grow(e, to, more) : to;
}

// [bytes] is a constant: a shift, a swap and a store, where a loop over bytes
// would stay one. Only within the room that is free anyhow.
static inline uint8_t *store_number(uint8_t *to, uint64_t n, unsigned bytes)
{
    n = __builtin_bswap64(n << (64 - 8 * bytes));
    memcpy(to, &n, bytes);
    return to + bytes;
}

static inline uint8_t *store_tag(uint8_t *to, uint8_t tag, uint64_t n,
                                 unsigned bytes)
{
    *to = tag;
    return store_number(to + 1, n, bytes);
}

static inline uint8_t *put_number(Encoder *e, uint8_t *to, uint64_t n,
                                  unsigned bytes)
{
    return make_room(e, store_number(to, n, bytes), 0);
}

static inline uint8_t *put_tag(Encoder *e, uint8_t *to, uint8_t tag,
                               uint64_t n, unsigned bytes)
{
    return make_room(e, store_tag(to, tag, n, bytes), 0);
}

static inline uint8_t *put_byte(Encoder *e, uint8_t *to, uint8_t byte)
{
    *to = byte;
    return make_room(e, to + 1, 0);
}

// ---- leaves ----

__attribute__((noinline))
static uint8_t *put_long_text(Encoder *e, uint8_t *to, const AtomText *text)
{
    to = make_room(e, to, text->size);
    memcpy(to, text->bytes, text->size);
    return make_room(e, to + text->size, 0);
}

// Most texts are short: two words are copied, whatever the size, as they fit
// what is free anyhow; what comes next overwrites the bytes behind the text.
// Another thread may be writing the next atom's text there, which is no matter:
// what is read of it is not kept. The thread sanitizer is not to tell.
__attribute__((no_sanitize_thread))
static inline uint8_t *put_text(Encoder *e, uint8_t *to, const AtomText *text)
{
    size_t size = text->size;
    if (size > ATOM_TEXT_READABLE) return put_long_text(e, to, text);
    // A constant size: two moves, no call.
    memcpy(to, text->bytes, ATOM_TEXT_READABLE);
    return make_room(e, to + size, 0);
}

// The atom in Latin-1, when it can be: what minor version 1 asks for; else
// NULL.
static uint8_t *put_latin1_atom(Encoder *e, uint8_t *to, const AtomText *text)
{
    const uint8_t *p = (const uint8_t *)text->bytes, *end = p + text->size;
    uint8_t latin1[ATOM_MAX_CHARACTERS];
    size_t n = 0;
    while (p < end) {
        uint32_t c;
        p += utf8_read(p, end, &c);
        if (c > 0xFF) return NULL; // the caller writes UTF-8 then
        latin1[n++] = (uint8_t)c;
    }
    to = make_room(e, store_tag(to, EXTERNAL_ATOM, n, 2), n);
    memcpy(to, latin1, n);
    return make_room(e, to + n, 0);
}

// The short form up to 255 bytes: what OTP 26 writes for all.
static uint8_t *put_atom_utf8(Encoder *e, uint8_t *to, const AtomText *text)
{
    if (text->size > 255)
        to = store_tag(to, EXTERNAL_ATOM_UTF8, text->size, 2);
    else
        to = store_tag(to, EXTERNAL_SMALL_ATOM_UTF8, text->size, 1);
    return put_text(e, to, text);
}

// Of an atom that is no ASCII, or must not be written as Latin-1.
static uint8_t *put_wide_atom(Encoder *e, uint8_t *to, const AtomText *text)
{
    if (e->output->utf8_atoms) return put_atom_utf8(e, to, text);
    uint8_t *behind = put_latin1_atom(e, to, text);
    return behind != NULL ? behind : put_atom_utf8(e, to, text);
}

// Of an atom that cannot be copied whole.
__attribute__((noinline))
static uint8_t *put_other_atom(Encoder *e, uint8_t *to, const AtomText *text)
{
    if (text->size != text->length || e->output->utf8_atoms)
        return put_wide_atom(e, to, text);
    return put_text(e, store_tag(to, EXTERNAL_ATOM, text->size, 2), text);
}

static inline uint8_t *put_atom(Encoder *e, uint8_t *to, Term atom)
{
    const AtomText *text = atom_text(e->atoms, atom);
    if (text->external_size == 0 || e->output->utf8_atoms)
        return put_other_atom(e, to, text);
    // A constant size, within the room that is free anyhow.
    memcpy(to, atom_external(text), ATOM_EXTERNAL_MOST);
    return make_room(e, to + text->external_size, 0);
}

static uint8_t *put_big(Encoder *e, uint8_t *to, Term t)
{
    size_t size = big_byte_size(t);
    // Little-endian bytes of the magnitude, whatever the limbs are.
    if (size < 256)
        to = store_tag(to, EXTERNAL_SMALL_BIG, size, 1);
    else
        to = store_tag(to, EXTERNAL_LARGE_BIG, size, 4);
    *to++ = big_sign(t) < 0;
    to = make_room(e, to, size);
    big_to_bytes(t, to);
    return make_room(e, to + size, 0);
}

static bool fits_integer(intptr_t n)
{
    return n >= INT32_MIN && n <= INT32_MAX;
}

// A byte or 32 bits: which of them is no matter of branches, as it is hard to
// foresee. Only within the room that is free anyhow.
static inline uint8_t *store_integer(uint8_t *to, intptr_t n)
{
    bool byte = n >= 0 && n < 256;
    to[0] = byte ? EXTERNAL_SMALL_INTEGER : EXTERNAL_INTEGER;
    // One store for both: the byte is the first of the four.
    store_number(to + 1, byte ? (uint64_t)n << 24 : (uint64_t)n, 4);
    return to + (byte ? 2 : 5);
}

static inline uint8_t *put_small(Encoder *e, uint8_t *to, Term t)
{
    intptr_t n = term_small_value(t);
    // 60 bits: a big of the format.
    if (!fits_integer(n)) return put_big(e, to, t);
    return make_room(e, store_integer(to, n), 0);
}

static uint8_t *put_float(Encoder *e, uint8_t *to, Term t)
{
    double d = term_float_value(t);
    // The text of %.20e, padded with zeros: what OTP before R11 wrote.
    if (e->output->old_floats) {
        char text[NUMBER_TEXT_MOST] = {0};
        number_scientific(d, 20, text);
        *to++ = EXTERNAL_FLOAT;
        to = make_room(e, to, EXTERNAL_FLOAT_BYTES);
        memcpy(to, text, EXTERNAL_FLOAT_BYTES);
        return make_room(e, to + EXTERNAL_FLOAT_BYTES, 0);
    }
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return put_tag(e, to, EXTERNAL_NEW_FLOAT, bits, 8);
}

// Offsets inside a byte go away: the copy begins at a bit 0.
static uint8_t *put_bitstring(Encoder *e, uint8_t *to, Term t)
{
    Bits bits;
    term_bits(t, &bits);
    size_t bytes = (bits.size + 7) / 8;
    // Not copied in vain.
    if (e->output->most > 0 && bytes > e->output->most) {
        e->given_up = true;
        return to;
    }
    if (bits.size % 8 == 0) {
        to = store_tag(to, EXTERNAL_BINARY, bytes, 4);
    } else {
        to = store_tag(to, EXTERNAL_BIT_BINARY, bytes, 4);
        *to++ = bits.size % 8; // bits of the last byte
    }
    to = make_room(e, to, bytes);
    bits_copy(to, &bits);
    return make_room(e, to + bytes, 0);
}

// Local identifiers carry this node's name and creation.
static const RemoteNode *node_of(const Encoder *e, Term identifier)
{
    const RemoteNode *node = identifier_node(identifier);
    return node != NULL ? node : e->node->this_node;
}

static uint8_t *put_pid(Encoder *e, uint8_t *to, Term t)
{
    const RemoteNode *node = node_of(e, t);
    *to++ = EXTERNAL_NEW_PID;
    to = put_atom(e, to, node->name);
    to = store_number(to, identifier_pid_number(t), 4);
    to = store_number(to, identifier_pid_serial(t), 4);
    return put_number(e, to, node->creation, 4);
}

static uint8_t *put_port(Encoder *e, uint8_t *to, Term t)
{
    const RemoteNode *node = node_of(e, t);
    uint64_t number = identifier_port_number(t);
    // Numbers above 28 bits need the newer form, which old nodes do not know.
    bool wide = number >> ID_NUMBER_BITS != 0;
    *to++ = wide ? EXTERNAL_V4_PORT : EXTERNAL_NEW_PORT;
    to = put_atom(e, to, node->name);
    to = wide ? store_number(to, number, 8) : store_number(to, number, 4);
    return put_number(e, to, node->creation, 4);
}

// That of an alias may have the pid that it leads to behind it.
static uint8_t *put_ref(Encoder *e, uint8_t *to, Term t)
{
    const RemoteNode *node = node_of(e, t);
    uint32_t numbers[REF_NUMBERS_MOST];
    unsigned count = identifier_ref_numbers(t, numbers);
    Term pid = ref_alias_pid(t);
    if (e->output->aliases && !term_is_none(pid)) {
        uint64_t data = term_id_data(pid);
        numbers[count++] = (uint32_t)data;
        numbers[count++] = (uint32_t)(data >> 32);
    }
    to = store_tag(to, EXTERNAL_NEWER_REFERENCE, count, 2);
    to = put_atom(e, to, node->name);
    to = put_number(e, to, node->creation, 4);
    for (unsigned i = 0; i < count; i++) to = put_number(e, to, numbers[i], 4);
    return to;
}

static uint8_t *put_export(Encoder *e, uint8_t *to, Term t)
{
    const Export *export = (const Export *)term_box_ptr(t)[1].bits;
    *to++ = EXTERNAL_EXPORT;
    to = put_atom(e, to, export->module);
    to = put_atom(e, to, export->function);
    // Arity is a term of its own.
    return put_tag(e, to, EXTERNAL_SMALL_INTEGER, export->arity, 1);
}

// ---- compound terms ----

static Span *push_span(Encoder *e, SpanKind kind, const Term *next,
                       const Term *end)
{
    if (e->count == e->room)
        e->spans = memory_grow(e->spans, &e->room, 16, sizeof *e->spans);
    Span *s = &e->spans[e->count++];
    s->kind = kind;
    s->next = next;
    s->end = end;
    return s;
}

static void push_words(Encoder *e, const Term *next, const Term *end)
{
    push_span(e, SPAN_WORDS, next, end);
}

static bool is_byte(Term t)
{
    return term_is_small(t) && (uintptr_t)term_small_value(t) < 256;
}

// Writes [list] if it is a string, a list of at most STRING_MOST bytes that
// ends in nil, which takes a third of the space; else answers false. In both
// cases the place may have moved. Few lists look like one for more than a cell.
static bool put_string(Encoder *e, uint8_t **place, Term list)
{
    enum { HEAD = 3 }; // tag and size
    size_t n = 0;
    if (!is_byte(term_head(list))) return false;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term t = term_head(list);
        if (!is_byte(t) || n == STRING_MOST) return false;
        // Behind the head, which is written when the size is known. The space
        // that is free for one more is enough for the head.
        *place = make_room(e, *place, n);
        (*place)[HEAD + n++] = (uint8_t)term_small_value(t);
    }
    if (!term_is_nil(list)) return false;
    store_tag(*place, EXTERNAL_STRING, n, 2);
    *place = make_room(e, *place + HEAD + n, 0);
    return true;
}

// The length is patched in when the last cell has been reached: to count the
// cells first would be to read all that memory twice.
static uint8_t *put_list(Encoder *e, uint8_t *to, Term t)
{
    if (put_string(e, &to, t)) return to;
    Span *s = push_span(e, SPAN_LIST, term_cons_ptr(t), NULL);
    s->cells = 1;
    to = put_byte(e, to, EXTERNAL_LIST);
    s->patch = (size_t)(to - e->bytes);
    return put_number(e, to, 0, 4);
}

// Writes [t] if it is one of the small terms that most terms are made of, else
// answers NULL.
static inline uint8_t *put_leaf(Encoder *e, uint8_t *to, Term t)
{
    if (term_is_atom(t)) return put_atom(e, to, t);
    if (term_is_small(t)) return put_small(e, to, t);
    return term_is_nil(t) ? put_byte(e, to, EXTERNAL_NIL) : NULL;
}

// Whether both elements of [pair] are integers that [fits_integer].
static inline bool is_place(const Term *pair)
{
    return term_is_small(pair[0]) && term_is_small(pair[1])
           && fits_integer(term_small_value(pair[0]))
           && fits_integer(term_small_value(pair[1]));
}

// A pair of integers, as forms have one at each node for its place.
static inline uint8_t *put_place(Encoder *e, uint8_t *to, const Term *pair)
{
    to[0] = EXTERNAL_SMALL_TUPLE;
    to[1] = 2;
    to = store_integer(to + 2, term_small_value(pair[0]));
    // Both together are less than what is free.
    return make_room(e, store_integer(to, term_small_value(pair[1])), 0);
}

// What tuples begin with.
static inline uint8_t *put_arity(Encoder *e, uint8_t *to, size_t n)
{
    if (n > 255) return put_tag(e, to, EXTERNAL_LARGE_TUPLE, n, 4);
    to[0] = EXTERNAL_SMALL_TUPLE;
    to[1] = (uint8_t)n;
    return make_room(e, to + 2, 0);
}

static uint8_t *put_map(Encoder *e, uint8_t *to, Term t)
{
    size_t n = map_size(t);
    to = put_tag(e, to, EXTERNAL_MAP, n, 4);
    if (n == 0) return to; // no span without words
    if (map_is_flat(t)) {
        const Term *keys = term_box_ptr(flatmap_keys(t)) + 1;
        push_span(e, SPAN_MAP, keys, keys + n)->other = term_box_ptr(t) + 2;
        return to;
    }
    // In the order of maps:to_list, copied: the trie has no row of pairs.
    Term *pairs = memory_alloc(2 * n * sizeof *pairs);
    MapIterator it;
    map_iterate(&it, t);
    for (size_t i = 0; i < n; i++)
        map_next(&it, &pairs[2 * i], &pairs[2 * i + 1]);
    if (e->output->deterministic) map_sort_pairs(e->atoms, pairs, n);
    push_span(e, SPAN_OWNED, NULL, NULL)->owned = pairs;
    push_words(e, pairs, pairs + 2 * n);
    return to;
}

// Pid and environment are terms behind the numbers; the size in front counts
// all of it.
static uint8_t *put_fun(Encoder *e, uint8_t *to, Term t)
{
    const Term *box = term_box_ptr(t);
    const FunEntry *f = (const FunEntry *)box[1].bits;
    size_t free_count = header_arity(box[0]) - 2;
    *to++ = EXTERNAL_NEW_FUN;
    push_span(e, SPAN_FUN, NULL, NULL)->patch = (size_t)(to - e->bytes);
    // Above the mark: written before it comes up again.
    push_words(e, box + 2, box + 3 + free_count);
    // 0: patched by end_fun.
    to = make_room(e, store_number(to, 0, 4), 1 + sizeof f->uniq);
    *to++ = (uint8_t)f->arity;
    memcpy(to, f->uniq, sizeof f->uniq);
    to = put_number(e, to + sizeof f->uniq, f->index, 4);
    to = put_number(e, to, free_count, 4);
    to = put_atom(e, to, f->module);
    size_t start = (size_t)(to - e->bytes);
    // Both are written as terms, so their length varies; external_size has them
    // at their longest, as OTP has.
    to = put_small(e, to, term_small(f->old_index));
    to = put_small(e, to, term_small(f->old_uniq));
    e->slack += 10 - ((size_t)(to - e->bytes) - start); // 5 bytes each at most
    return to;
}

static uint8_t *put_boxed(Encoder *e, uint8_t *to, Term t)
{
    switch (term_subtag(t)) {
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP: return put_map(e, to, t);
    case SUBTAG_FUN: return put_fun(e, to, t);
    case SUBTAG_EXPORT: return put_export(e, to, t);
    case SUBTAG_BIG_POS:
    case SUBTAG_BIG_NEG: return put_big(e, to, t);
    case SUBTAG_FLOAT: return put_float(e, to, t);
    case SUBTAG_REF:
    case SUBTAG_EXT_REF: return put_ref(e, to, t);
    case SUBTAG_EXT_PID: return put_pid(e, to, t);
    case SUBTAG_EXT_PORT: return put_port(e, to, t);
    default: return put_bitstring(e, to, t);
    }
}

// Of all but tuples.
static uint8_t *put_term(Encoder *e, uint8_t *to, Term t)
{
    if (term_is_boxed(t)) return put_boxed(e, to, t);
    if (term_is_cons(t)) return put_list(e, to, t);
    uint8_t *behind = put_leaf(e, to, t);
    if (behind != NULL) return behind;
    return term_is_local_pid(t) ? put_pid(e, to, t) : put_port(e, to, t);
}

// The words that are written next: from [next] up to [end].
typedef struct {
    const Term *next, *end;
} Row;

// Terms that were built one after the other lie so in memory, and are written in
// about that order: what comes a little later is asked for now.
static inline void fetch_ahead(const Term *box)
{
    enum { AHEAD = 128 }; // words: 1 KB
    __builtin_prefetch(box + AHEAD);
}

// Writes the row, and of tuples in it their rows, up to what needs a span of
// its own; what is left of a row waits in one. None is made for a row that is at
// its end: a deep right-leaning term does not pile up spans.
static inline uint8_t *put_row(Encoder *e, uint8_t *to, Row row)
{
    const Term *next = row.next, *end = row.end;
    while (next < end) {
        Term t = *next++;
        if (term_is_tuple(t)) {
            const Term *box = term_box_ptr(t);
            fetch_ahead(box);
            size_t n = header_arity(box[0]);
            if (n == 2 && is_place(box + 1)) {
                to = put_place(e, to, box + 1);
                continue;
            }
            if (next < end) push_words(e, next, end);
            to = put_arity(e, to, n);
            next = box + 1;
            end = next + n;
            continue;
        }
        uint8_t *behind = put_leaf(e, to, t);
        if (behind == NULL) {
            if (next < end) push_words(e, next, end);
            return put_term(e, to, t);
        }
        to = behind;
    }
    return to;
}

// Writes cells up to one whose head may need a span; that head is the row to go
// on with, or the last head and the tail.
static inline uint8_t *put_cells(Encoder *e, uint8_t *to, Span *s, Row *row)
{
    const Term *cell = s->next;
    size_t cells = s->cells;
    uint8_t *behind;
    while (term_is_cons(cell[1]) && !e->given_up
           && (behind = put_leaf(e, to, cell[0])) != NULL) {
        to = behind;
        cell = term_cons_ptr(cell[1]);
        cells++;
    }
    *row = (Row){cell, cell + 1};
    if (term_is_cons(cell[1])) {
        s->next = term_cons_ptr(cell[1]);
        s->cells = cells + 1;
        return to;
    }
    store_number(e->bytes + s->patch, cells, 4);
    e->count--;
    row->end++; // nil, mostly
    return to;
}

// A key and a value of a flat map.
// The key is a leaf, mostly: then no span for the value.
static uint8_t *put_pair(Encoder *e, uint8_t *to, Span *s, Row *row)
{
    const Term *key = s->next++, *value = s->other++;
    if (s->next == s->end) e->count--;
    uint8_t *behind = put_leaf(e, to, *key);
    if (behind != NULL) {
        *row = (Row){value, value + 1};
        return behind;
    }
    push_words(e, value, value + 1); // waits for what the key needs
    *row = (Row){key, key + 1};
    return to;
}

static void end_fun(Encoder *e, const uint8_t *to, const Span *s)
{
    store_number(e->bytes + s->patch,
                 (size_t)(to - e->bytes) - s->patch, 4); // counts itself
    e->count--;
}

static void free_words(Encoder *e, const Span *s)
{
    free(s->owned);
    e->count--;
}

// Takes the next row from the innermost span; there is none behind a mark.
static inline uint8_t *next_row(Encoder *e, uint8_t *to, Row *row)
{
    Span *s = &e->spans[e->count - 1];
    *row = (Row){NULL, NULL};
    switch (s->kind) {
    case SPAN_WORDS:
        *row = (Row){s->next, s->end};
        e->count--;
        return to;
    case SPAN_LIST: return put_cells(e, to, s, row);
    case SPAN_MAP: return put_pair(e, to, s, row);
    case SPAN_OWNED: free_words(e, s); return to;
    case SPAN_FUN: end_fun(e, to, s); return to;
    }
    return to;
}

// Depth costs memory of malloc, never C stack.
static uint8_t *put_all(Encoder *e, uint8_t *to, Term t)
{
    Row row = {&t, &t + 1};
    for (;;) {
        to = put_row(e, to, row);
        if (e->count == 0 || e->given_up) break;
        to = next_row(e, to, &row);
    }
    while (e->count > 0) { // only of what was given up
        Span *s = &e->spans[--e->count];
        if (s->kind == SPAN_OWNED) free(s->owned);
    }
    free(e->spans);
    return to;
}

// ---- the whole ----

// Compresses what stands between [start] and [to], if that makes it no longer.
static uint8_t *compress_rest(Encoder *e, size_t start, uint8_t *to)
{
    size_t size = (size_t)(to - e->bytes) - start;
    uLongf packed = compressBound(size);
    uint8_t *bytes = memory_alloc(packed + 5); // 5: tag and size
    int result = compress2(bytes + 5, &packed, e->bytes + start, size,
                           e->output->compression);
    // Otherwise it stays as it is, without the tag, as in OTP.
    if (result == Z_OK && packed + 5 <= size) {
        bytes[0] = EXTERNAL_COMPRESSED;
        store_number(bytes + 1, size, 4);
        memcpy(e->bytes + start, bytes, packed + 5);
        to = e->bytes + start + packed + 5;
    }
    free(bytes);
    return to;
}

static const ExternalOutput PLAIN_OUTPUT;

// Encodes [t] into [e->bytes], behind [before] bytes that are left free;
// answers how many there are then.
static size_t encode(Encoder *e, Term t, size_t before)
{
    if (e->output == NULL) e->output = &PLAIN_OUTPUT;
    // Grown from nothing: the first allocation.
    uint8_t *to = grow(e, NULL, before + 2 * ROOM_LEAST) + before;
    if (!e->output->no_version) *to++ = EXTERNAL_VERSION;
    // The version byte is never compressed.
    size_t start = (size_t)(to - e->bytes);
    to = put_all(e, to, t);
    if (e->output->compression > 0 && !e->given_up)
        to = compress_rest(e, start, to);
    return (size_t)(to - e->bytes);
}

uint8_t *external_encode(const Node *node, Term t, const ExternalOutput *output,
                         size_t *size)
{
    Encoder e = {.node = node, .atoms = node->atoms, .output = output};
    *size = encode(&e, t, 0);
    return e.bytes;
}

// In place, behind what the buffer holds: for messages to other nodes.
bool external_append(const Node *node, Buffer *b, Term t,
                     const ExternalOutput *output)
{
    Encoder e = {.node = node, .atoms = node->atoms, .output = output,
                 .bytes = b->bytes, .limit = b->bytes + b->room};
    uint8_t *to = make_room(&e, b->bytes + b->size, ROOM_LEAST);
    if (!output->no_version) *to++ = EXTERNAL_VERSION;
    to = put_all(&e, to, t);
    b->bytes = e.bytes;
    b->size = (size_t)(to - e.bytes);
    b->room = (size_t)(e.limit - e.bytes);
    return !e.given_up && (output->most == 0 || b->size <= output->most);
}

// The bytes are made where they stay: a blob's head is left free before them.
Term external_encode_binary(const Node *node, Heap *h, Term t,
                            const ExternalOutput *output)
{
    const size_t header = sizeof(Blob);
    Encoder e = {.node = node, .atoms = node->atoms, .output = output};
    size_t size = encode(&e, t, header) - header;
    if (e.given_up) {
        free(e.bytes);
        return TERM_NONE;
    }
    if (size > BINARY_HEAP_MAX)
        return heap_binary_from_blob(h, blob_from_memory(e.bytes, size), size);
    Term binary = heap_binary(h, e.bytes + header, size);
    free(e.bytes);
    return binary;
}

// Written and thrown away.
size_t external_size(const Node *node, Term t, const ExternalOutput *output)
{
    Encoder e = {.node = node, .atoms = node->atoms, .output = output};
    size_t size = encode(&e, t, 0) + e.slack;
    free(e.bytes);
    return size;
}
