// SPDX-License-Identifier: Apache-2.0
// Binaries: made of segments.
//
// Literals that stand side by side are put together now: <<1:4, 2:4, "abc", X>>
// is one string and one segment. A literal whose value does not fit its type is
// left to run time, where it raises badarg.
//
// The whole is one instruction, bs_create_bin, with a row of operands for each
// segment: so it fails as one, and sizes are added up by the machine. Elements
// are values before anything of the binary is made: <<(f()):8, (g()):8>> calls
// both first.
#include "big.h"
#include "bits.h"
#include "builder.h"
#include "match.h"
#include "utf8.h"

typedef struct {
    LiteralBits literal; // gathered so far
    Inst **values;       // one for each segment
    Segment *segments;   // in order, those before literal
    size_t count, seg_room; // of segments
} Parts;

// Bytes are cleared when they are taken, since bits are put in with an or. Room
// doubles, so a long literal costs linear time.
void literal_bits_add(Arena *a, LiteralBits *l, const Bits *bits)
{
    // One byte more, as bits_put may look at the next one.
    size_t need = (l->bits + bits->size + 7) / 8 + 1;
    if (need > l->room) {
        uint8_t *bytes = arena_zeroed(a, need * 2);
        if (l->room > 0) memcpy(bytes, l->bytes, l->room);
        l->bytes = bytes;
        l->room = need * 2;
    }
    if (bits->size > 0) bits_put(l->bytes, l->bits, bits);
    l->bits += bits->size;
}

// Values and segments side by side; sizes join them when all are there.
static void add_segment(Builder *b, Parts *p, Segment s, Inst *value)
{
    if (p->count == p->seg_room) {
        size_t room; // both arrays have as much
        p->values = arena_grow(&b->u->arena, p->values, p->count, &room,
                               sizeof *p->values);
        p->segments = arena_grow(&b->u->arena, p->segments, p->count,
                                 &p->seg_room, sizeof *p->segments);
    }
    p->values[p->count] = value;
    p->segments[p->count++] = s;
}

// The literal bits gathered so far become a segment: whole bytes a string, the
// rest an integer. Literal bits in front of a value need not end at a byte, so
// what follows is shifted by the machine.
static void flush(Builder *b, Parts *p)
{
    size_t bytes = p->literal.bits / 8, rest = p->literal.bits % 8;
    if (bytes > 0) {
        Segment s = {.type = SEG_STRING, .unit = 8};
        s.string = heap_binary(&b->u->heap, p->literal.bytes, bytes);
        s.size = build_literal(b, term_small((intptr_t)bytes));
        add_segment(b, p, s, build_nil(b));
    }
    if (rest > 0) {
        Segment s = {.type = SEG_INTEGER, .unit = 1};
        s.size = build_literal(b, term_small((intptr_t)rest));
        // The broken byte holds its bits on top.
        unsigned last = p->literal.bytes[bytes] >> (8 - rest);
        Inst *value = build_literal(b, term_small((intptr_t)last));
        add_segment(b, p, s, value);
    }
    p->literal = (LiteralBits){0};
}

// The low [size] bits of integer [t], into [bytes]. Big-endian bits come to
// stand at the front of the first byte; little-endian ones fill bytes from the
// low end, and the last, broken byte holds its bits on top.
static void integer_bits(Term t, size_t size, bool little, uint8_t *bytes)
{
    size_t n = (size + 7) / 8;
    uint64_t word = big_low_bits(t);
    unsigned shift = (unsigned)(n * 8 - size);
    for (size_t i = 0; i < n; i++) {
        size_t at = little ? i : n - 1 - i;
        bytes[at] = (uint8_t)(i < 8 ? word >> (8 * i) : 0);
    }
    if (shift == 0) return;
    if (little) {
        bytes[n - 1] = (uint8_t)(bytes[n - 1] << shift);
        return;
    }
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(bytes[i] << shift
                             | (i + 1 < n ? bytes[i + 1] >> (8 - shift) : 0));
}

// Bits that are known now. What is left to run time: native byte order (the
// file runs elsewhere too), floats, code points that are none, and what is too
// large to be worth it.
bool segment_literal(const PatSegment *s, Term t, uint8_t *bytes, Bits *bits)
{
    *bits = (Bits){bytes, 0, 0};
    if (s->type == SEG_UTF8 && term_is_small(t)) {
        intptr_t c = term_small_value(t);
        // At run time such a number is a badarg.
        if (c < 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return false;
        bits->size = 8 * utf8_write(bytes, (uint32_t)c);
        return true;
    }
    if (s->type == SEG_INTEGER && s->fixed && s->bits <= 64 && term_is_small(t)
        && !(s->flags & SEG_NATIVE)) {
        integer_bits(t, s->bits, s->flags & SEG_LITTLE, bytes);
        bits->size = s->bits;
        return true;
    }
    // A literal binary put into another: <<"abc", (<<"def">>)/binary>>.
    return s->type == SEG_BINARY && term_is_none(s->size) && term_bits(t, bits)
           && bits->size % s->unit == 0;
}

// Everything in front that was literal becomes a segment first, so that order
// is kept.
static void add_value(Builder *b, Parts *p, const PatSegment *s, Inst *value,
                      Inst *size)
{
    uint8_t bytes[8];
    Bits bits;
    if (ir_is_literal(value)
        && segment_literal(s, value->term, bytes, &bits)) {
        literal_bits_add(&b->u->arena, &p->literal, &bits);
        return;
    }
    flush(b, p);
    Segment seg = {.type = s->type, .flags = s->flags, .unit = s->unit,
                   .size = size, .line = s->line};
    add_segment(b, p, seg, value);
}

// The size of a segment: given, or the type's own; NULL in utf, and when all of
// a binary is taken. The size is asked for again for each element of a string:
// it is the same value.
static Inst *segment_size(Builder *b, const PatSegment *s)
{
    if (!term_is_none(s->size)) return build_value(b, s->size);
    if (s->type == SEG_INTEGER) return build_literal(b, term_small(8));
    if (s->type == SEG_FLOAT) return build_literal(b, term_small(64));
    return NULL;
}

static Inst *finish(Builder *b, Parts *p, bool appends);

// An empty string takes no room whatever its size, which must be one for all
// that: a binary of that size is made and forgotten. `<<"":N>>' fails when N is
// -1, though no bit depends on it.
static void check_size(Builder *b, const PatSegment *s, Inst *size)
{
    Parts p = {0};
    Segment seg = {.type = SEG_INTEGER, .unit = 1, .size = size,
                   .line = s->line};
    if (size == NULL || term_is_none(s->size)
        || (ir_is_literal(size) && term_is_small(size->term)
            && term_small_value(size->term) >= 0))
        return;
    add_segment(b, &p, seg, build_literal(b, term_small(0)));
    finish(b, &p, false);
}

// Value and size of each element are evaluated before the binary is made.
static void add_element(Builder *b, Parts *p, Term element)
{
    PatSegment s;
    segment_read(b->u, &s, element);
    Term e = form_get(element, 3);
    if (form_is(e, ATOM_string)) {
        // Evaluated once, before the characters.
        Inst *size = segment_size(b, &s);
        // Characters are no binaries, even where there are none. Raises badarg.
        if (s.type == SEG_BINARY && term_is_nil(form_get(e, 3)))
            add_value(b, p, &s, build_literal(b, term_small(0)), size);
        else if (term_is_nil(form_get(e, 3)))
            check_size(b, &s, size);
        for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
            add_value(b, p, &s, build_literal(b, term_head(l)), size);
        return;
    }
    Inst *value = build_value(b, e);
    add_value(b, p, &s, value, segment_size(b, &s));
}

// Without values it is a literal. [appends]: to the first, in place if it can
// be. The operands as they are in the instruction: values first, then as many
// sizes. In a guard it ends its block, since it may fail; elsewhere it raises.
static Inst *finish(Builder *b, Parts *p, bool appends)
{
    if (p->count == 0) {
        Bits bits = {p->literal.bytes, 0, p->literal.bits};
        uint8_t nothing = 0;
        // Without bytes there is no address, and bits want one.
        if (bits.size == 0) bits.base = &nothing;
        return build_literal(b, heap_bits(&b->u->heap, &bits));
    }
    flush(b, p);
    // Sizes are arguments too: behind the values.
    Inst **args = arena_alloc(&b->u->arena, 2 * p->count * sizeof *args);
    for (size_t i = 0; i < p->count; i++) {
        args[i] = p->values[i];
        args[p->count + i] =
            p->segments[i].size != NULL ? p->segments[i].size : build_nil(b);
    }
    Inst *i = b->fail != NULL
                  ? build_ending(b, IR_BIN, 2 * p->count, args, b->fail)
                  : build_inst(b, IR_BIN, 2 * p->count, args);
    i->segments = p->segments;
    i->index = appends; // bs_create_bin's first is `append'
    i->type = TYPE_BITSTRING;
    return i;
}

Inst *build_binary(Builder *b, Term e)
{
    Parts p = {0};
    for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
        add_element(b, &p, term_head(l));
    build_place(b, form_get(e, 2));
    return finish(b, &p, false);
}

// For comprehensions, whose accumulator grows by each turn: the machine appends
// in place while nobody else holds it, so a loop of n turns takes linear time.
// What is no literal binary is appended as a whole.
Inst *build_binary_onto(Builder *b, Inst *front, Term e)
{
    Parts p = {0};
    Segment s = {.type = SEG_BINARY, .unit = 1};
    add_segment(b, &p, s, front);
    if (form_is(e, ATOM_bin)) {
        for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
            add_element(b, &p, term_head(l));
    } else {
        add_segment(b, &p, s, ir_value(build_expr(b, e)));
    }
    build_place(b, form_get(e, 2));
    return finish(b, &p, true);
}
