// SPDX-License-Identifier: Apache-2.0
// Reading the external term format.
//
// Compound terms are read through a stack of frames: a frame is a row of words
// that are still to be filled. The words of a tuple or list are taken from the
// heap at once; as every term takes a byte or more, the terms that all frames
// wait for must not exceed the bytes left, or it is an error before memory is
// asked for. The pairs of a map and
// the parts of a fun are collected in malloc, and made a term at the end of
// their frame.
//
// Errors are answers: false all the way up, and TERM_NONE at last. What was
// built by then is garbage on the heap.
#include "external.h"

#include <math.h>
#include <stdlib.h>
#include <zlib.h>

#include "big.h"
#include "code.h"
#include "external_tag.h"
#include "identifier.h"
#include "map.h"
#include "memory.h"
#include "number_text.h"
#include "ref.h"

// WORDS: a row of slots. LIST: every second word, heads; the tail last. MAP and
// FUN: slots in malloc.
typedef enum { FRAME_WORDS, FRAME_LIST, FRAME_MAP, FRAME_FUN } FrameKind;

typedef struct {
    FrameKind kind;
    Term *next;    // word to fill
    size_t left;   // how many words are to be filled
    Term *result;  // map, fun: where it goes
    Term *parts;   // map: pairs; fun: creator and environment; of malloc
    size_t count;  // map: pairs; fun: parts
    FunEntry *fun; // fun: what code it is of
} Frame;

typedef struct {
    Node *node;
    Heap *heap; // where terms are built; never moves while this runs
    const uint8_t *p, *end;     // the bytes not read yet
    const ExternalInput *input; // never NULL
    Frame *frames;              // the innermost last
    size_t count, room;
    size_t owed; // terms that the frames wait for
} Decoder;

// ---- bytes; all answer false when there are not enough ----

static size_t bytes_left(const Decoder *d)
{
    return (size_t)(d->end - d->p);
}

static bool read_big_endian(Decoder *d, unsigned bytes, uint64_t *n)
{
    if (bytes_left(d) < bytes) return false;
    *n = 0;
    while (bytes-- > 0) *n = *n << 8 | *d->p++;
    return true;
}

static bool read_u8(Decoder *d, uint32_t *n)
{
    if (d->p == d->end) return false;
    *n = *d->p++;
    return true;
}

static bool read_u16(Decoder *d, uint32_t *n)
{
    uint64_t wide;
    if (!read_big_endian(d, 2, &wide)) return false;
    *n = (uint32_t)wide;
    return true;
}

static bool read_u32(Decoder *d, uint32_t *n)
{
    uint64_t wide;
    if (!read_big_endian(d, 4, &wide)) return false;
    *n = (uint32_t)wide;
    return true;
}

// The bytes themselves: good as long as the input is.
static const uint8_t *read_bytes(Decoder *d, size_t size)
{
    if (bytes_left(d) < size) return NULL;
    const uint8_t *bytes = d->p;
    d->p += size;
    return bytes;
}

// ---- atoms ----

// With [safe] the text is made UTF-8 to look it up, without adding it.
static Term latin1_atom(Decoder *d, const char *bytes, size_t size)
{
    uint8_t utf8[2 * ATOM_MAX_CHARACTERS]; // two bytes a character
    size_t to = 0;
    if (size > ATOM_MAX_CHARACTERS) return TERM_NONE;
    if (!d->input->safe)
        return atom_from_latin1(d->node->atoms, bytes, size);
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)bytes[i];
        if (c >= 0x80) utf8[to++] = (uint8_t)(0xC0 | c >> 6);
        utf8[to++] = c < 0x80 ? c : (uint8_t)(0x80 | (c & 0x3F));
    }
    return atom_find(d->node->atoms, (const char *)utf8, to);
}

static bool read_atom_text(Decoder *d, uint32_t size, bool latin1, Term *t)
{
    const char *bytes = (const char *)read_bytes(d, size);
    if (bytes == NULL) return false;
    if (latin1)
        *t = latin1_atom(d, bytes, size);
    else if (d->input->safe)
        *t = atom_find(d->node->atoms, bytes, size);
    else
        *t = atom_new(d->node->atoms, bytes, size);
    return !term_is_none(*t); // no UTF-8, too long, or unknown and safe
}

static bool read_atom_body(Decoder *d, uint32_t tag, Term *t)
{
    uint32_t n;
    switch (tag) {
    case EXTERNAL_ATOM:
        return read_u16(d, &n) && read_atom_text(d, n, true, t);
    case EXTERNAL_SMALL_ATOM:
        return read_u8(d, &n) && read_atom_text(d, n, true, t);
    case EXTERNAL_ATOM_UTF8:
        return read_u16(d, &n) && read_atom_text(d, n, false, t);
    case EXTERNAL_SMALL_ATOM_UTF8:
        return read_u8(d, &n) && read_atom_text(d, n, false, t);
    // The distribution's cache: an index into the message's own list.
    case EXTERNAL_ATOM_CACHE_REF:
        if (!read_u8(d, &n) || n >= d->input->cached_count) return false;
        *t = d->input->cached[n];
        return true;
    default: return false;
    }
}

static bool read_atom(Decoder *d, Term *t)
{
    uint32_t tag;
    return read_u8(d, &tag) && read_atom_body(d, tag, t);
}

// ---- numbers and bitstrings ----

static bool read_big(Decoder *d, size_t size, Term *t)
{
    uint32_t sign;
    if (!read_u8(d, &sign)) return false;
    const uint8_t *bytes = read_bytes(d, size);
    if (bytes == NULL) return false;
    // Normalised: leading zeros make no second form of a number.
    *t = big_from_bytes(d->heap, bytes, size, true, sign != 0);
    return !term_is_none(*t);
}

static bool read_float(Decoder *d, Term *t)
{
    uint64_t bits;
    double value;
    if (!read_big_endian(d, 8, &bits)) return false;
    memcpy(&value, &bits, sizeof value);
    // No NaN, no infinity: no float of Erlang.
    if (!isfinite(value)) return false;
    *t = heap_float(d->heap, value);
    return true;
}

// A float as 31 bytes of text, padded by zero bytes.
static bool read_float_text(Decoder *d, Term *t)
{
    const char *text = (const char *)read_bytes(d, EXTERNAL_FLOAT_BYTES);
    double value;
    if (text == NULL) return false;
    // Ended by 0 bytes or the end.
    if (!number_parse_float(text, strnlen(text, EXTERNAL_FLOAT_BYTES), &value))
        return false;
    *t = heap_float(d->heap, value);
    return true;
}

// Copied: the input may go, and small parts would keep it alive.
static bool read_binary(Decoder *d, Term *t)
{
    uint32_t size;
    if (!read_u32(d, &size)) return false;
    const uint8_t *bytes = read_bytes(d, size);
    if (bytes == NULL) return false;
    *t = heap_binary(d->heap, bytes, size);
    return true;
}

static bool read_bitstring(Decoder *d, Term *t)
{
    uint32_t size, last;
    if (!read_u32(d, &size) || !read_u8(d, &last)) return false;
    // 8 bits in the last byte: whole bytes.
    if (last > 8 || (last == 0) != (size == 0)) return false;
    const uint8_t *bytes = read_bytes(d, size);
    if (bytes == NULL) return false;
    *t = heap_binary(d->heap, bytes, size);
    if (last % 8 != 0)
        *t = heap_sub_bits(d->heap, *t, 0, (size_t)(size - 1) * 8 + last);
    return true;
}

// ---- identifiers ----

// The oldest forms have two bits of creation.
static bool read_creation(Decoder *d, bool wide, uint32_t *creation)
{
    if (wide) return read_u32(d, creation);
    return read_u8(d, creation) && *creation <= 3;
}

static bool read_pid(Decoder *d, bool wide, Term *t)
{
    Term name;
    uint32_t number, serial, creation;
    if (!read_atom(d, &name) || !read_u32(d, &number) || !read_u32(d, &serial)
        || !read_creation(d, wide, &creation))
        return false;
    // Of another node, or of this one before it was restarted.
    if (!remote_is_this(d->node, name, creation)) {
        RemoteNode *node = remote_node(d->node, name, creation);
        *t = identifier_remote_pid(d->heap, node, number, serial);
        return true;
    }
    if (number > PID_NUMBER_MAX) return false;
    // Serial 32 bits, number 28: they fit 60. A local pid may name no process:
    // that is for the receiver to find out.
    *t = term_local_pid((uint64_t)serial << ID_NUMBER_BITS | number);
    return true;
}

static bool read_port(Decoder *d, uint32_t tag, Term *t)
{
    Term name;
    uint64_t number;
    uint32_t creation;
    unsigned bytes = tag == EXTERNAL_V4_PORT ? 8 : 4;
    if (!read_atom(d, &name) || !read_big_endian(d, bytes, &number)
        || !read_creation(d, tag != EXTERNAL_PORT, &creation))
        return false;
    if (!remote_is_this(d->node, name, creation)) {
        RemoteNode *node = remote_node(d->node, name, creation);
        *t = identifier_remote_port(d->heap, node, number);
        return true;
    }
    if (number >> 60 != 0) return false; // local ones have 60 bits
    *t = term_local_port(number);
    return true;
}

static bool make_ref(Decoder *d, Term name, uint32_t creation, uint32_t count,
                     Term *t)
{
    uint32_t numbers[REF_NUMBERS_MOST] = {0};
    if (count == 0 || count > REF_NUMBERS_MOST) return false;
    // Read whole before anything is built.
    for (uint32_t i = 0; i < count; i++)
        if (!read_u32(d, &numbers[i])) return false;
    if (!remote_is_this(d->node, name, creation)) {
        RemoteNode *node = remote_node(d->node, name, creation);
        *t = identifier_remote_ref(d->heap, node, count, numbers);
        return true;
    }
    // As many bits as a local reference has.
    if (numbers[0] > REF_NUMBER_0_MAX) return false;
    *t = identifier_ref(d->heap, numbers);
    // 0 when there are no such numbers.
    uint64_t pid = numbers[3] | (uint64_t)numbers[4] << 32;
    if (count > REF_NUMBERS) // an alias
        *t = ref_alias_from_id(d->heap, ref_to_id(*t), term_local_pid(pid));
    return pid >> 60 == 0; // else the pid is none
}

static bool read_ref(Decoder *d, bool wide, Term *t)
{
    Term name;
    uint32_t count, creation;
    return read_u16(d, &count) && read_atom(d, &name)
           && read_creation(d, wide, &creation)
           && make_ref(d, name, creation, count, t);
}

// The oldest form has one number, and the creation behind it.
static bool read_old_ref(Decoder *d, Term *t)
{
    Term name;
    uint32_t number, creation;
    if (!read_atom(d, &name) || !read_u32(d, &number)
        || !read_creation(d, false, &creation) || number > REF_NUMBER_0_MAX)
        return false;
    if (remote_is_this(d->node, name, creation)) {
        *t = identifier_ref(d->heap, (uint32_t[REF_NUMBERS]){number});
    } else {
        RemoteNode *node = remote_node(d->node, name, creation);
        *t = identifier_remote_ref(d->heap, node, 1, &number);
    }
    return true;
}

// ---- compound terms ----

// Whether [count] more terms may be asked of the bytes left.
// Each term takes a byte at least. So a few bytes cannot ask for much memory.
static bool can_read(const Decoder *d, size_t count)
{
    return count + d->owed <= bytes_left(d);
}

static Frame *push_frame(Decoder *d, FrameKind kind, Term *words, size_t count)
{
    d->owed += count + (kind == FRAME_LIST); // a list has a tail
    if (d->count == d->room)
        d->frames = memory_grow(d->frames, &d->room, 16, sizeof *d->frames);
    Frame *f = &d->frames[d->count++];
    *f = (Frame){.kind = kind, .next = words, .left = count};
    return f;
}

// Slots are filled before anybody can see the tuple.
static bool read_tuple(Decoder *d, size_t arity, Term *t)
{
    if (!can_read(d, arity)) return false;
    Term *box = heap_alloc(d->heap, 1 + arity);
    box[0] = term_header(SUBTAG_TUPLE, arity);
    *t = term_from_box(box);
    push_frame(d, FRAME_WORDS, box + 1, arity);
    return true;
}

static bool read_list(Decoder *d, Term *t)
{
    uint32_t n;
    if (!read_u32(d, &n) || !can_read(d, 1 + (size_t)n)) return false;
    if (n == 0) { // only a tail: it may take the list's place
        push_frame(d, FRAME_WORDS, t, 1);
        return true;
    }
    // All cells at once, linked but for the last, whose tail comes last.
    Term *cells = heap_alloc(d->heap, 2 * (size_t)n);
    for (size_t i = 0; i + 1 < n; i++)
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    *t = term_from_cons(cells);
    push_frame(d, FRAME_LIST, cells, n);
    return true;
}

static bool read_string(Decoder *d, Term *t)
{
    uint32_t n;
    if (!read_u16(d, &n)) return false;
    const char *bytes = (const char *)read_bytes(d, n);
    if (bytes == NULL) return false;
    *t = heap_string(d->heap, bytes, n, TERM_NIL);
    return true;
}

static bool read_map(Decoder *d, Term *t)
{
    uint32_t n;
    if (!read_u32(d, &n) || !can_read(d, 2 * (size_t)n)) return false;
    // Pairs are collected first: the map's form depends on all keys.
    Term *pairs = n > 0 ? memory_alloc(2 * (size_t)n * sizeof *pairs) : NULL;
    Frame *f = push_frame(d, FRAME_MAP, pairs, 2 * (size_t)n);
    f->result = t;
    f->parts = pairs;
    f->count = n;
    return true;
}

// An integer that must fit 32 bits.
static bool read_small(Decoder *d, uint32_t *n)
{
    uint32_t tag;
    if (!read_u8(d, &tag)) return false;
    if (tag == EXTERNAL_SMALL_INTEGER) return read_u8(d, n);
    return tag == EXTERNAL_INTEGER && read_u32(d, n);
}

static bool read_export(Decoder *d, Term *t)
{
    Term module, function;
    uint32_t arity;
    if (!read_atom(d, &module) || !read_atom(d, &function)
        || !read_small(d, &arity) || arity > 255)
        return false;
    // Exports last as long as the node: strangers must not make them at will.
    if (d->input->safe
        && code_find_export(d->node, module, function, arity) == NULL)
        return false;
    Term *box = heap_alloc(d->heap, 2);
    box[0] = term_header(SUBTAG_EXPORT, 1);
    box[1].bits = (uintptr_t)code_export(d->node, module, function, arity);
    *t = term_from_box(box);
    return true;
}

enum { ARGUMENTS_MOST = 255 }; // of a fun's function

static bool read_fun_entry(Decoder *d, FunEntry *key)
{
    uint32_t size;
    if (!read_u32(d, &size) || !read_u8(d, &key->arity)) return false;
    const uint8_t *uniq = read_bytes(d, sizeof key->uniq);
    if (uniq == NULL) return false;
    memcpy(key->uniq, uniq, sizeof key->uniq);
    // The environment's terms must still be there; they are arguments, too.
    return read_u32(d, &key->index) && read_u32(d, &key->free_count)
           && key->arity + key->free_count <= ARGUMENTS_MOST
           && read_atom(d, &key->module) && read_small(d, &key->old_index)
           && read_small(d, &key->old_uniq)
           && can_read(d, 1 + (size_t)key->free_count);
}

static bool read_fun(Decoder *d, Term *t)
{
    FunEntry key = {.index = 0};
    if (!read_fun_entry(d, &key)) return false;
    size_t count = 1 + (size_t)key.free_count;
    Term *parts = memory_alloc(count * sizeof *parts);
    Frame *f = push_frame(d, FRAME_FUN, parts, count);
    f->result = t;
    f->parts = parts;
    f->count = count;
    // Entries are kept for the node's life, like exports.
    f->fun = code_fun_entry(d->node, &key, !d->input->safe);
    return f->fun != NULL;
}

static bool finish_map(Decoder *d, const Frame *f)
{
    Term map = map_from_pairs(d->heap, d->node->atoms, f->count, f->parts);
    *f->result = map;
    return map_size(map) == f->count; // else a key came twice
}

// The maker's pid comes first; anything else is damage.
static bool finish_fun(Decoder *d, const Frame *f)
{
    if (!term_is_pid(f->parts[0])) return false;
    Term *box = heap_alloc(d->heap, 2 + f->count);
    box[0] = term_header(SUBTAG_FUN, 1 + f->count);
    box[1].bits = (uintptr_t)f->fun;
    memcpy(box + 2, f->parts, f->count * sizeof *box);
    *f->result = term_from_box(box);
    return true;
}

// ---- the walk ----

static bool read_small_big(Decoder *d, Term *t)
{
    uint32_t n;
    return read_u8(d, &n) && read_big(d, n, t);
}

static bool read_large_big(Decoder *d, Term *t)
{
    uint32_t n;
    return read_u32(d, &n) && read_big(d, n, t);
}

// Reads a term to [*t]; what is in it is read later through frames.
static bool read_term(Decoder *d, Term *t)
{
    uint32_t tag, n;
    if (!read_u8(d, &tag)) return false;
    switch (tag) {
    case EXTERNAL_SMALL_INTEGER:
        if (!read_u8(d, &n)) return false;
        *t = term_small((intptr_t)n);
        return true;
    case EXTERNAL_INTEGER:
        if (!read_u32(d, &n)) return false;
        *t = term_small((int32_t)n); // signed
        return true;
    case EXTERNAL_FLOAT: return read_float_text(d, t);
    case EXTERNAL_NEW_FLOAT: return read_float(d, t);
    case EXTERNAL_SMALL_BIG: return read_small_big(d, t);
    case EXTERNAL_LARGE_BIG: return read_large_big(d, t);
    case EXTERNAL_NIL: *t = TERM_NIL; return true;
    case EXTERNAL_STRING: return read_string(d, t);
    case EXTERNAL_LIST: return read_list(d, t);
    case EXTERNAL_SMALL_TUPLE: return read_u8(d, &n) && read_tuple(d, n, t);
    case EXTERNAL_LARGE_TUPLE: return read_u32(d, &n) && read_tuple(d, n, t);
    case EXTERNAL_MAP: return read_map(d, t);
    case EXTERNAL_BINARY: return read_binary(d, t);
    case EXTERNAL_BIT_BINARY: return read_bitstring(d, t);
    case EXTERNAL_PID: return read_pid(d, false, t);
    case EXTERNAL_NEW_PID: return read_pid(d, true, t);
    case EXTERNAL_PORT:
    case EXTERNAL_NEW_PORT:
    case EXTERNAL_V4_PORT: return read_port(d, tag, t);
    case EXTERNAL_REFERENCE: return read_old_ref(d, t);
    case EXTERNAL_NEW_REFERENCE: return read_ref(d, false, t);
    case EXTERNAL_NEWER_REFERENCE: return read_ref(d, true, t);
    case EXTERNAL_EXPORT: return read_export(d, t);
    case EXTERNAL_NEW_FUN: return read_fun(d, t);
    // Atoms of any form, and the cache.
    default: return read_atom_body(d, tag, t);
    }
}

// Ends the newest frame, all of whose words are filled.
static bool end_frame(Decoder *d)
{
    Frame *f = &d->frames[d->count - 1];
    bool good = true;
    if (f->kind == FRAME_LIST) { // the tail follows the elements
        f->kind = FRAME_WORDS;
        f->next--; // it was one step behind the last head
        f->left = 1;
        return true;
    }
    if (f->kind == FRAME_MAP) good = finish_map(d, f);
    if (f->kind == FRAME_FUN) good = finish_fun(d, f);
    free(f->parts);
    d->count--;
    return good;
}

static bool read_all(Decoder *d, Term *t)
{
    if (!read_term(d, t)) return false;
    while (d->count > 0) {
        Frame *f = &d->frames[d->count - 1];
        if (f->left == 0) {
            if (!end_frame(d)) return false;
            continue;
        }
        // The slot is noted before reading: that may push, and move the frames.
        Term *word = f->next;
        f->next += f->kind == FRAME_LIST ? 2 : 1;
        f->left--;
        d->owed--;
        if (!read_term(d, word)) return false;
    }
    return true;
}

static Term decode_plain(Decoder *d)
{
    Term t;
    bool good = read_all(d, &t);
    // After an error: what was collected is given back.
    while (d->count > 0) free(d->frames[--d->count].parts);
    free(d->frames);
    return good ? t : TERM_NONE;
}

// A compressed term: its size as it was, and a zlib stream.
static Term decode_compressed(Decoder *d)
{
    uint32_t size;
    if (!read_u32(d, &size)) return TERM_NONE;
    // zlib packs at most about 1032 to 1: larger sizes are lies.
    if (size / 1100 > bytes_left(d)) return TERM_NONE;
    uint8_t *plain = memory_alloc((size_t)size + 1);
    uLongf got = size;
    uLong packed = bytes_left(d);
    Term t = TERM_NONE;
    // Exactly as many bytes as it says.
    if (uncompress2(plain, &got, d->p, &packed) == Z_OK && got == size) {
        Decoder inner = {.node = d->node, .heap = d->heap, .p = plain,
                         .end = plain + size, .input = d->input};
        t = decode_plain(&inner);
        // Something behind the term inside.
        if (inner.p != inner.end) t = TERM_NONE;
        d->p += packed;
    }
    free(plain);
    return t;
}

Term external_decode(Node *node, Heap *h, const uint8_t *bytes, size_t size,
                     const ExternalInput *input, size_t *used)
{
    static const ExternalInput plain_input;
    if (input == NULL) input = &plain_input;
    Decoder d = {.node = node, .heap = h, .p = bytes, .end = bytes + size,
                 .input = input};
    uint32_t version;
    if (!input->no_version
        && (!read_u8(&d, &version) || version != EXTERNAL_VERSION))
        return TERM_NONE;
    Term t;
    if (d.p < d.end && *d.p == EXTERNAL_COMPRESSED) {
        d.p++;
        t = decode_compressed(&d);
    } else {
        t = decode_plain(&d);
    }
    if (used != NULL)
        *used = (size_t)(d.p - bytes);
    else if (d.p != d.end) // all bytes must belong to the term
        return TERM_NONE;
    return t;
}
