// SPDX-License-Identifier: Apache-2.0
// Bitstrings in the conditions of -if and -elif.
//
// All segments are read first, so that there is room for all; those of UTF
// become integers then. What is not right makes the condition false.
#include <stdlib.h>

#include "bitbuild.h"
#include "memory.h"
#include "preprocess_state.h"
#include "utf8.h"

// A person wrote it, so that what is longer is a mistake.
enum { BITS_MOST = 1 << 24 };

typedef struct {
    SegmentKind kind;
    unsigned unit, flags;
    bool sized; // it has a unit of its own
} Type;

typedef struct {
    SegmentKind kind; // an integer, a float or a bitstring
    Term value;
    size_t bits;
    unsigned flags;
} Segment;

typedef struct {
    Preprocess *pp;
    Segment *segments;
    size_t count, room; // of segments
    size_t bits;        // of all together
} Segments;

static Term at(Term tuple, size_t i)
{
    return term_tuple_get(tuple, i);
}

static void read_type(Type *t, Term word)
{
    if (term_is_tuple_of(word, 2)) { // {unit, N}
        t->unit = (unsigned)term_small_value(at(word, 1));
        t->sized = true;
        return;
    }
    switch (word.bits) {
    case ATOM_BITS_float: t->kind = SEGMENT_FLOAT; break;
    case ATOM_BITS_binary: case ATOM_BITS_bytes:
        t->kind = SEGMENT_BINARY;
        if (!t->sized) t->unit = 8;
        break;
    case ATOM_BITS_bitstring: case ATOM_BITS_bits:
        t->kind = SEGMENT_BINARY;
        break;
    case ATOM_BITS_utf8: t->kind = SEGMENT_UTF8; break;
    case ATOM_BITS_utf16: t->kind = SEGMENT_UTF16; break;
    case ATOM_BITS_utf32: t->kind = SEGMENT_UTF32; break;
    default: break; // a flag, or what is so anyway
    }
}

static Type type_of(Term words)
{
    Type t = {.kind = SEGMENT_INTEGER, .unit = 1};
    if (!term_is_cons(words)) return t; // default
    t.flags = bit_flags_of(words);
    for (; term_is_cons(words); words = term_tail(words))
        read_type(&t, term_head(words));
    return t;
}

static bool add(Segments *s, SegmentKind kind, Term value, size_t bits,
                unsigned flags)
{
    if (bits > BITS_MOST || s->bits + bits > BITS_MOST) return false;
    if (s->count == s->room)
        s->segments = memory_grow(s->segments, &s->room, s->count + 1,
                                  sizeof *s->segments);
    s->segments[s->count++] = (Segment){kind, value, bits, flags};
    s->bits += bits;
    return true;
}

static bool add_number(Segments *s, uint32_t n, size_t bits, unsigned flags)
{
    return add(s, SEGMENT_INTEGER, term_small((intptr_t)n), bits, flags);
}

static bool add_character(Segments *s, const Type *t, Term value)
{
    uint8_t bytes[4];
    bool good = term_is_small(value) && term_small_value(value) >= 0
                && term_small_value(value) <= UINT32_MAX;
    if (!good) return false;
    uint32_t c = (uint32_t)term_small_value(value);
    if (!utf8_is_valid(c)) return false;
    if (t->kind == SEGMENT_UTF32) return add_number(s, c, 32, t->flags);
    if (t->kind == SEGMENT_UTF16) {
        if (c < 0x10000) return add_number(s, c, 16, t->flags);
        c -= 0x10000;
        return add_number(s, 0xD800 + (c >> 10), 16, t->flags)
               && add_number(s, 0xDC00 + (c & 0x3FF), 16, t->flags);
    }
    unsigned n = utf8_write(bytes, c);
    for (unsigned i = 0; i < n; i++)
        if (!add_number(s, bytes[i], 8, 0)) return false;
    return true;
}

// The bits of a segment; SIZE_MAX: they make no sense.
static size_t bits_of(Segments *s, const Type *t, Term value, Term size)
{
    Bits have;
    if (term_same(size, ATOM_default)) {
        if (t->kind == SEGMENT_INTEGER) return (size_t)8 * t->unit;
        if (t->kind == SEGMENT_FLOAT) return 64;
        // The whole of it.
        if (!term_bits(value, &have) || have.size % t->unit != 0)
            return SIZE_MAX;
        return have.size;
    }
    size = condition_value(s->pp, size);
    if (term_is_none(size) || !term_is_small(size)
        || term_small_value(size) < 0 || term_small_value(size) > BITS_MOST)
        return SIZE_MAX;
    return (size_t)term_small_value(size) * t->unit;
}

static bool add_value(Segments *s, const Type *t, Term value, Term size)
{
    if (term_is_none(value)) return false;
    if (t->kind >= SEGMENT_UTF8) return add_character(s, t, value);
    return add(s, t->kind, value, bits_of(s, t, value, size), t->flags);
}

// {bin_element, A, Value, Size, Types}; a string stands for its characters.
static bool add_field(Segments *s, Term field)
{
    Term e = at(field, 2), size = at(field, 3);
    Type t = type_of(at(field, 4));
    if (!term_same(at(e, 0), ATOM_string))
        return add_value(s, &t, condition_value(s->pp, e), size);
    for (Term l = at(e, 2); term_is_cons(l); l = term_tail(l))
        if (!add_value(s, &t, term_head(l), size)) return false;
    return true;
}

static Term build(Segments *s)
{
    size_t bytes = (s->bits + 7) / 8;
    BitBuilder b = {.base = memory_zeroed(bytes + 1, 1), .end = s->bits};
    Bits all = {b.base, 0, s->bits};
    bool good = true;
    for (size_t i = 0; good && i < s->count; i++) {
        const Segment *x = &s->segments[i];
        good = bitbuild_write(&b, x->kind, x->value, x->bits, x->flags);
    }
    Term t = good ? heap_bits(s->pp->heap, &all) : TERM_NONE;
    free(b.base);
    return t;
}

Term condition_bits(Preprocess *pp, Term fields)
{
    Segments s = {.pp = pp};
    bool good = true;
    for (; good && term_is_cons(fields); fields = term_tail(fields))
        good = add_field(&s, term_head(fields));
    Term t = good ? build(&s) : TERM_NONE;
    free(s.segments);
    return t;
}
