// SPDX-License-Identifier: Apache-2.0
// Writing the external term format, as OTP 25 does, byte for byte.
//
// Compound terms are walked with a stack of spans: rows of words that are
// still to be written. The length of a list is patched in when its end has
// been reached, as is the size of a fun.
#include "external.h"

#include <stdlib.h>
#include <zlib.h>

#include "big.h"
#include "buffer.h"
#include "code.h"
#include "counted.h"
#include "external_tag.h"
#include "identifier.h"
#include "map.h"
#include "number_text.h"

enum { STRING_MOST = 65535 };

typedef enum { SPAN_WORDS, SPAN_LIST, SPAN_FUN, SPAN_MAP } SpanKind;

typedef struct {
    SpanKind kind;
    const Term *next;  // words: next; pairs of a flat map: next key
    const Term *other; // flat map: next value; NULL elsewhere
    size_t left;
    Term list;         // list: rest
    size_t patch;      // list, fun: where in the bytes the size goes
    Term *owned;       // to be freed at the end
} Span;

typedef struct {
    const Node *node;
    const ExternalOutput *output;
    Buffer out;
    Span *spans;
    size_t count, room;
    size_t slack; // bytes that external_size counts beyond those written
} Encoder;

// ---- bytes ----

static inline void store_big_endian(uint8_t *to, uint64_t n, unsigned bytes)
{
    while (bytes-- > 0) {
        to[bytes] = (uint8_t)n;
        n >>= 8;
    }
}

static inline void put_number(Encoder *e, uint64_t n, unsigned bytes)
{
    buffer_reserve(&e->out, bytes);
    store_big_endian(e->out.bytes + e->out.size, n, bytes);
    e->out.size += bytes;
}

// The number of [bytes], a constant mostly, so that little is left of the loop.
static inline void put_tag(Encoder *e, uint8_t tag, uint64_t n, unsigned bytes)
{
    buffer_reserve(&e->out, 1 + bytes);
    uint8_t *to = e->out.bytes + e->out.size;
    *to = tag;
    store_big_endian(to + 1, n, bytes);
    e->out.size += 1 + bytes;
}

// ---- leaves ----

// Atoms' texts are short: a few words are copied sooner than memcpy is called.
static inline void copy_short(uint8_t *to, const char *from, size_t size)
{
    enum { WORD = sizeof(uint64_t), MOST = 2 * WORD, HALF = WORD / 2 };
    if (size > MOST) {
        memcpy(to, from, size);
    } else if (size >= WORD) {
        memcpy(to, from, WORD);
        memcpy(to + size - WORD, from + size - WORD, WORD);
    } else if (size >= HALF) {
        memcpy(to, from, HALF);
        memcpy(to + size - HALF, from + size - HALF, HALF);
    } else {
        for (size_t i = 0; i < size; i++) to[i] = (uint8_t)from[i];
    }
}

static inline void put_text(Encoder *e, uint8_t tag, const AtomText *text,
                            unsigned bytes)
{
    put_tag(e, tag, text->size, bytes);
    buffer_reserve(&e->out, text->size);
    copy_short(e->out.bytes + e->out.size, text->bytes, text->size);
    e->out.size += text->size;
}

// The atom in Latin-1, when it can be: what minor version 1 asks for.
static bool put_latin1_atom(Encoder *e, const AtomText *text)
{
    const uint8_t *p = (const uint8_t *)text->bytes, *end = p + text->size;
    uint8_t latin1[ATOM_MAX_CHARACTERS];
    size_t n = 0;
    while (p < end) {
        uint32_t c;
        p += utf8_read(p, end, &c);
        if (c > 0xFF) return false;
        latin1[n++] = (uint8_t)c;
    }
    put_tag(e, EXTERNAL_ATOM, n, 2);
    buffer_add(&e->out, latin1, n);
    return true;
}

static void put_atom(Encoder *e, Term atom)
{
    const AtomText *text = atom_text(e->node->atoms, atom);
    if (!e->output->utf8_atoms) {
        if (text->size == text->length) { // ASCII
            put_text(e, EXTERNAL_ATOM, text, 2);
            return;
        }
        if (put_latin1_atom(e, text)) return;
    }
    if (text->size > 255)
        put_text(e, EXTERNAL_ATOM_UTF8, text, 2);
    else
        put_text(e, EXTERNAL_SMALL_ATOM_UTF8, text, 1);
}

static void put_big(Encoder *e, Term t)
{
    size_t size = big_byte_size(t);
    if (size < 256)
        put_tag(e, EXTERNAL_SMALL_BIG, size, 1);
    else
        put_tag(e, EXTERNAL_LARGE_BIG, size, 4);
    buffer_add_byte(&e->out, big_sign(t) < 0);
    buffer_reserve(&e->out, size);
    big_to_bytes(t, e->out.bytes + e->out.size);
    e->out.size += size;
}

static void put_small(Encoder *e, Term t)
{
    intptr_t n = term_small_value(t);
    if (n >= 0 && n < 256)
        put_tag(e, EXTERNAL_SMALL_INTEGER, (uint64_t)n, 1);
    else if (n >= INT32_MIN && n <= INT32_MAX)
        put_tag(e, EXTERNAL_INTEGER, (uint64_t)n, 4);
    else
        put_big(e, t);
}

static void put_float(Encoder *e, Term t)
{
    double d = term_float_value(t);
    if (e->output->old_floats) {
        char text[NUMBER_TEXT_MOST] = {0};
        number_scientific(d, 20, text);
        buffer_add_byte(&e->out, EXTERNAL_FLOAT);
        buffer_add(&e->out, text, EXTERNAL_FLOAT_BYTES);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    put_tag(e, EXTERNAL_NEW_FLOAT, bits, 8);
}

static void put_bitstring(Encoder *e, Term t)
{
    Bits bits;
    term_bits(t, &bits);
    size_t bytes = (bits.size + 7) / 8;
    if (bits.size % 8 == 0) {
        put_tag(e, EXTERNAL_BINARY, bytes, 4);
    } else {
        put_tag(e, EXTERNAL_BIT_BINARY, bytes, 4);
        buffer_add_byte(&e->out, bits.size % 8);
    }
    buffer_reserve(&e->out, bytes);
    bits_copy(e->out.bytes + e->out.size, &bits);
    e->out.size += bytes;
}

static const RemoteNode *node_of(const Encoder *e, Term identifier)
{
    const RemoteNode *node = identifier_node(identifier);
    return node != NULL ? node : e->node->this_node;
}

static void put_pid(Encoder *e, Term t)
{
    const RemoteNode *node = node_of(e, t);
    buffer_add_byte(&e->out, EXTERNAL_NEW_PID);
    put_atom(e, node->name);
    put_number(e, identifier_pid_number(t), 4);
    put_number(e, identifier_pid_serial(t), 4);
    put_number(e, node->creation, 4);
}

static void put_port(Encoder *e, Term t)
{
    const RemoteNode *node = node_of(e, t);
    uint64_t number = identifier_port_number(t);
    bool wide = number >> ID_NUMBER_BITS != 0;
    buffer_add_byte(&e->out, wide ? EXTERNAL_V4_PORT : EXTERNAL_NEW_PORT);
    put_atom(e, node->name);
    put_number(e, number, wide ? 8 : 4);
    put_number(e, node->creation, 4);
}

static void put_ref(Encoder *e, Term t)
{
    const RemoteNode *node = node_of(e, t);
    uint32_t numbers[REF_NUMBERS_MOST];
    unsigned count = identifier_ref_numbers(t, numbers);
    put_tag(e, EXTERNAL_NEWER_REFERENCE, count, 2);
    put_atom(e, node->name);
    put_number(e, node->creation, 4);
    for (unsigned i = 0; i < count; i++) put_number(e, numbers[i], 4);
}

static void put_export(Encoder *e, Term t)
{
    const Export *export = (const Export *)term_box_ptr(t)[1].bits;
    buffer_add_byte(&e->out, EXTERNAL_EXPORT);
    put_atom(e, export->module);
    put_atom(e, export->function);
    put_tag(e, EXTERNAL_SMALL_INTEGER, export->arity, 1);
}

// ---- compound terms ----

static Span *push_span(Encoder *e, SpanKind kind, const Term *words,
                       size_t count)
{
    if (e->count == e->room)
        e->spans = memory_grow(e->spans, &e->room, 16, sizeof *e->spans);
    Span *s = &e->spans[e->count++];
    *s = (Span){.kind = kind, .next = words, .left = count};
    return s;
}

static bool is_byte(Term t)
{
    return term_is_small(t) && (uintptr_t)term_small_value(t) < 256;
}

// The length of a proper list of bytes that is not too long, else 0.
static size_t string_length(Term list)
{
    size_t n = 0;
    for (; term_is_cons(list); list = term_tail(list))
        if (!is_byte(term_head(list)) || ++n > STRING_MOST) return 0;
    return term_is_nil(list) ? n : 0;
}

static void put_list(Encoder *e, Term t)
{
    size_t n = string_length(t);
    if (n == 0) {
        put_tag(e, EXTERNAL_LIST, 0, 4);
        Span *s = push_span(e, SPAN_LIST, NULL, 0);
        s->list = t;
        s->patch = e->out.size - 4;
        return;
    }
    put_tag(e, EXTERNAL_STRING, n, 2);
    buffer_reserve(&e->out, n);
    for (; term_is_cons(t); t = term_tail(t))
        e->out.bytes[e->out.size++] = (uint8_t)term_small_value(term_head(t));
}

// Writes [t] if it is one of the small terms that most terms are made of.
static inline bool put_leaf(Encoder *e, Term t)
{
    if (term_is_small(t)) put_small(e, t);
    else if (term_is_atom(t)) put_atom(e, t);
    else if (term_is_nil(t)) buffer_add_byte(&e->out, EXTERNAL_NIL);
    else return false;
    return true;
}

// Many a tuple is written to its end at once and needs no span.
static void put_tuple(Encoder *e, Term t)
{
    size_t n = term_arity(t);
    if (n <= 255)
        put_tag(e, EXTERNAL_SMALL_TUPLE, n, 1);
    else
        put_tag(e, EXTERNAL_LARGE_TUPLE, n, 4);
    const Term *next = term_box_ptr(t) + 1, *end = next + n;
    while (next < end && put_leaf(e, *next)) next++;
    if (next < end) push_span(e, SPAN_WORDS, next, (size_t)(end - next));
}

static void put_map(Encoder *e, Term t)
{
    size_t n = map_size(t);
    put_tag(e, EXTERNAL_MAP, n, 4);
    if (map_is_flat(t)) {
        Span *s = push_span(e, SPAN_MAP, term_box_ptr(flatmap_keys(t)) + 1,
                            2 * n);
        s->other = term_box_ptr(t) + 2;
        return;
    }
    Term *pairs = memory_alloc(2 * n * sizeof *pairs);
    MapIterator it;
    map_iterate(&it, t);
    for (size_t i = 0; i < n; i++)
        map_next(&it, &pairs[2 * i], &pairs[2 * i + 1]);
    if (e->output->deterministic) map_sort_pairs(e->node->atoms, pairs, n);
    push_span(e, SPAN_WORDS, pairs, 2 * n)->owned = pairs;
}

static void put_fun(Encoder *e, Term t)
{
    const Term *box = term_box_ptr(t);
    const FunEntry *f = (const FunEntry *)box[1].bits;
    size_t free_count = header_arity(box[0]) - 2;
    put_tag(e, EXTERNAL_NEW_FUN, 0, 4);
    size_t patch = e->out.size - 4;
    buffer_add_byte(&e->out, (uint8_t)f->arity);
    buffer_add(&e->out, f->uniq, sizeof f->uniq);
    put_number(e, f->index, 4);
    put_number(e, free_count, 4);
    put_atom(e, f->module);
    size_t start = e->out.size;
    put_small(e, term_small(f->old_index));
    put_small(e, term_small(f->old_uniq));
    e->slack += 10 - (e->out.size - start); // both may take 5 bytes
    push_span(e, SPAN_FUN, box + 2, 1 + free_count)->patch = patch;
}

static void put_boxed(Encoder *e, Term t)
{
    switch (term_subtag(t)) {
    case SUBTAG_TUPLE: put_tuple(e, t); break;
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP: put_map(e, t); break;
    case SUBTAG_FUN: put_fun(e, t); break;
    case SUBTAG_EXPORT: put_export(e, t); break;
    case SUBTAG_BIG_POS:
    case SUBTAG_BIG_NEG: put_big(e, t); break;
    case SUBTAG_FLOAT: put_float(e, t); break;
    case SUBTAG_REF:
    case SUBTAG_EXT_REF: put_ref(e, t); break;
    case SUBTAG_EXT_PID: put_pid(e, t); break;
    case SUBTAG_EXT_PORT: put_port(e, t); break;
    default: put_bitstring(e, t);
    }
}

static void put_term(Encoder *e, Term t)
{
    if (put_leaf(e, t)) return;
    if (term_is_cons(t)) put_list(e, t);
    else if (term_is_boxed(t)) put_boxed(e, t);
    else if (term_is_local_pid(t)) put_pid(e, t);
    else put_port(e, t);
}

static void end_span(Encoder *e)
{
    Span *s = &e->spans[--e->count];
    if (s->kind == SPAN_FUN) // counts itself
        store_big_endian(e->out.bytes + s->patch, e->out.size - s->patch, 4);
    free(s->owned);
}

// Takes the next element of the newest span, a list; its tail comes last.
static Term next_of_list(Encoder *e, Span *s)
{
    Term t = s->list;
    if (term_is_cons(t)) {
        s->left++; // counts the elements written
        s->list = term_tail(t);
        return term_head(t);
    }
    store_big_endian(e->out.bytes + s->patch, s->left, 4);
    e->count--;
    return t;
}

// Keys and values of a flat map by turns.
static Term next_of_map(Span *s)
{
    return s->left-- % 2 == 0 ? *s->next++ : *s->other++;
}

// Writes words up to the first that may need a span of its own.
static void put_words(Encoder *e, Span *s)
{
    while (s->left > 0) {
        Term t = *s->next++;
        s->left--;
        if (put_leaf(e, t)) continue;
        put_term(e, t);
        return;
    }
}

static void put_all(Encoder *e, Term t)
{
    put_term(e, t);
    while (e->count > 0) {
        Span *s = &e->spans[e->count - 1];
        if (s->kind == SPAN_LIST) {
            put_term(e, next_of_list(e, s));
        } else if (s->left == 0) {
            end_span(e);
        } else if (s->kind == SPAN_MAP) {
            put_term(e, next_of_map(s));
        } else {
            put_words(e, s);
        }
    }
    free(e->spans);
}

// ---- the whole ----

// Compresses what stands behind byte [start], if that makes it no longer.
static void compress_rest(Encoder *e, size_t start)
{
    size_t size = e->out.size - start;
    uLongf packed = compressBound(size);
    uint8_t *to = memory_alloc(packed + 5);
    int result = compress2(to + 5, &packed, e->out.bytes + start, size,
                           e->output->compression);
    if (result == Z_OK && packed + 5 <= size) {
        to[0] = EXTERNAL_COMPRESSED;
        store_big_endian(to + 1, size, 4);
        e->out.size = start;
        buffer_add(&e->out, to, packed + 5);
    }
    free(to);
}

static const ExternalOutput PLAIN_OUTPUT;

// Encodes [t] behind [before] bytes that are left free.
static Encoder encode(const Node *node, Term t, const ExternalOutput *output,
                      size_t before)
{
    Encoder e = {.node = node, .output = output};
    if (output == NULL) e.output = &PLAIN_OUTPUT;
    buffer_reserve(&e.out, before + 1);
    e.out.size = before;
    if (!e.output->no_version) buffer_add_byte(&e.out, EXTERNAL_VERSION);
    size_t start = e.out.size;
    put_all(&e, t);
    if (e.output->compression > 0) compress_rest(&e, start);
    return e;
}

uint8_t *external_encode(const Node *node, Term t, const ExternalOutput *output,
                         size_t *size)
{
    Encoder e = encode(node, t, output, 0);
    *size = e.out.size;
    return e.out.bytes;
}

Term external_encode_binary(const Node *node, Heap *h, Term t,
                            const ExternalOutput *output)
{
    const size_t header = sizeof(Blob);
    Encoder e = encode(node, t, output, header);
    size_t size = e.out.size - header;
    if (size > BINARY_HEAP_MAX)
        return heap_binary_from_blob(h, blob_from_memory(e.out.bytes, size),
                                     size);
    Term binary = heap_binary(h, e.out.bytes + header, size);
    buffer_free(&e.out);
    return binary;
}

size_t external_size(const Node *node, Term t, const ExternalOutput *output)
{
    Encoder e = encode(node, t, output, 0);
    size_t size = e.out.size + e.slack;
    buffer_free(&e.out);
    return size;
}
