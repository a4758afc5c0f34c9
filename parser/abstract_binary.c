// SPDX-License-Identifier: Apache-2.0
// Binaries of constants, as attributes and terms may hold them.
// Written bit by bit: such binaries are a few bytes, and any element may begin
// within a byte.
#include "abstract_binary.h"

#include <math.h>

#include "arith.h"
#include "big.h"
#include "bitbuild.h"
#include "buffer.h"

enum { UNIT_MOST = 256 }; // as in the language

// What the types behind an element's '/' say.
typedef struct {
    Term type;     // integer, float, binary, utf8 ...
    bool little;   // of integers, floats, UTF-16 and -32
    intptr_t unit; // 0: the type's own
    bool given;    // a type was named
} Segment;

// Bits are appended from the highest of each byte on.
typedef struct {
    const AbstractReader *reader; // for the values of elements
    Heap *heap;
    Buffer bytes; // the last may be used in part
    size_t bits;  // in use
} Output;

// Appends the [n] low bits of [value].
// Highest first; [n] is at most 64.
static void add_bits(Output *o, uint64_t value, unsigned n)
{
    while (n-- > 0) {
        if (o->bits % 8 == 0) buffer_add_byte(&o->bytes, 0); // a byte begins
        unsigned bit = (unsigned)(value >> n & 1) << (7 - o->bits % 8);
        o->bytes.bytes[o->bits / 8] |= (uint8_t)bit;
        o->bits++;
    }
}

// The low eight bits of [n] from bit [from] on, [n] being an integer of any
// size in two's complement.
// Bits beyond the number are those of its sign: <<-1:80>> is ten times 255.
static uint8_t byte_of(Output *o, Term n, size_t from)
{
    if (term_is_small(n)) {
        intptr_t v = term_small_value(n);
        // Sign, without an undefined shift.
        return (uint8_t)(from >= 64 ? (v < 0 ? 0xFF : 0) : (v >> from));
    }
    Term shifted = arith_shift_right(o->heap, n, term_small((intptr_t)from));
    uint64_t low = term_is_small(shifted) ? (uint64_t)term_small_value(shifted)
                                          : big_low_bits(shifted);
    return (uint8_t)low;
}

// 2 MB. Beyond it a constant is a mistake, or an attack on the parser.
enum { SEGMENT_BITS_MOST = 1 << 24 };

// Appends an integer of [size] bits.
// A little-endian integer has its odd bits in the last byte:
// <<16#123:12/little>> is <<16#23, 1:4>>.
static bool add_integer(Output *o, Term n, size_t size, bool little)
{
    if (!term_is_integer(n) || size > SEGMENT_BITS_MOST) return false;
    size_t whole = size / 8;
    unsigned rest = size % 8;
    if (little) {
        for (size_t i = 0; i < whole; i++) add_bits(o, byte_of(o, n, 8 * i), 8);
        if (rest > 0) add_bits(o, byte_of(o, n, 8 * whole), rest);
        return true;
    }
    // Big-endian has them in the first.
    if (rest > 0) add_bits(o, byte_of(o, n, 8 * whole), rest);
    for (size_t i = whole; i-- > 0;) add_bits(o, byte_of(o, n, 8 * i), 8);
    return true;
}

static bool add_float(Output *o, Term n, size_t size, bool little)
{
    double d;
    uint64_t bits = 0;
    // Integers are allowed as values of floats: <<1/float>>.
    if (term_is_float(n))
        d = term_float_value(n);
    else if (term_is_small(n))
        d = (double)term_small_value(n);
    else if (!term_is_big(n) || !big_to_double(n, &d))
        return false;
    if (size == 32) {
        float f = (float)d;
        uint32_t word;
        if (isinf(f)) return false; // too large for 32 bits
        memcpy(&word, &f, sizeof word);
        bits = little ? __builtin_bswap32(word) : word;
    } else if (size == 64) {
        memcpy(&bits, &d, sizeof bits);
        if (little) bits = __builtin_bswap64(bits);
    } else if (size == 16 && bitbuild_half(d, &bits)) {
        if (little) bits = __builtin_bswap16((uint16_t)bits);
    } else {
        return false;
    }
    add_bits(o, bits, (unsigned)size);
    return true;
}

// The types utf8, utf16 and utf32, which have no size.
static bool add_character(Output *o, Term n, const Segment *s)
{
    if (!term_is_small(n) || term_small_value(n) < 0
        || term_small_value(n) > 0x10FFFF)
        return false;
    uint32_t c = (uint32_t)term_small_value(n);
    if (!utf8_is_valid(c)) return false;
    if (term_same(s->type, ATOM_utf8)) {
        uint8_t bytes[UTF8_MOST];
        unsigned count = utf8_write(bytes, c);
        for (unsigned i = 0; i < count; i++) add_bits(o, bytes[i], 8);
        return true;
    }
    if (term_same(s->type, ATOM_utf32))
        return add_integer(o, n, 32, s->little);
    if (c < 0x10000) return add_integer(o, n, 16, s->little);
    // Above U+FFFF: a pair of surrogates, the high one first.
    c -= 0x10000;
    add_integer(o, term_small(0xD800 | (c >> 10)), 16, s->little);
    return add_integer(o, term_small(0xDC00 | (c & 0x3FF)), 16, s->little);
}

// Appends the first [size] bits of bitstring [t]; all of it, a multiple of
// [unit], when [all]. A binary within a binary: <<(<<1,2>>):1/binary>>.
static bool add_bitstring(Output *o, Term t, size_t size, size_t unit, bool all)
{
    Bits b;
    // Shorter than it was said to be.
    if (!term_bits(t, &b) || (!all && size > b.size)) return false;
    if (all && b.size % unit != 0) return false;
    if (!all) b.size = size;
    for (size_t i = 0; i < b.size; i++) {
        size_t at = b.offset + i;
        add_bits(o, (uint64_t)(b.base[at / 8] >> (7 - at % 8)) & 1, 1);
    }
    return true;
}

// Anything else is taken for a type; a wrong one then counts as integer.
static void read_type(Segment *s, Term t)
{
    if (term_is_tuple_of(t, 2)) { // {unit, N}
        Term unit = term_tuple_get(t, 1);
        bool good = term_is_small(unit) && term_small_value(unit) > 0;
        // What is no unit is refused as one that is too large.
        s->unit = good ? term_small_value(unit) : UNIT_MOST + 1;
    } else if (term_same(t, ATOM_little)) {
        s->little = true;
    } else if (term_same(t, ATOM_native)) {
        // native: what this machine is.
        const uint16_t one = 1;
        s->little = *(const uint8_t *)&one == 1;
    } else if (!term_same(t, ATOM_big) && !term_same(t, ATOM_signed)
               && !term_same(t, ATOM_unsigned)) {
        s->type = t;
        s->given = true;
    }
}

// Without types it is an unsigned big-endian integer.
static Segment read_types(Term types)
{
    Segment s = {.type = ATOM_integer};
    for (; term_is_cons(types); types = term_tail(types))
        read_type(&s, term_head(types));
    return s;
}

static bool is_utf(Term type)
{
    return term_same(type, ATOM_utf8) || term_same(type, ATOM_utf16)
           || term_same(type, ATOM_utf32);
}

static bool is_bitstring(Term type)
{
    return term_same(type, ATOM_binary) || term_same(type, ATOM_bytes)
           || term_same(type, ATOM_bitstring) || term_same(type, ATOM_bits);
}

// Appends [value] of [size] units, TERM_NONE: as many as the type has.
// The size is known to be a small integer here.
static bool add_value(Output *o, Term value, Term size, const Segment *s)
{
    if (is_utf(s->type)) return add_character(o, value, s);
    bool whole = term_is_none(size), is_float = term_same(s->type, ATOM_float);
    intptr_t n = whole ? 0 : term_small_value(size);
    bool bytes = term_same(s->type, ATOM_binary)
                 || term_same(s->type, ATOM_bytes);
    // The unit of bits is 1, that of bytes 8, unless one was given.
    intptr_t unit = s->unit > 0 ? s->unit : bytes ? 8 : 1;
    // The product is below 2^33 then.
    if (n < 0 || n > SEGMENT_BITS_MOST || unit > UNIT_MOST) return false;
    if (is_bitstring(s->type))
        return add_bitstring(o, value, (size_t)(n * unit), (size_t)unit, whole);
    // The sizes of a lone integer and of a lone float; a unit alone is not used
    // then.
    if (whole) n = is_float ? 64 : 8;
    if (whole) unit = 1;
    if (is_float) return add_float(o, value, (size_t)(n * unit), s->little);
    return add_integer(o, value, (size_t)(n * unit), s->little);
}

// The elements nest only as deep as binaries stand in binaries.
// A string is one segment for each of its characters: <<"ab":16>>.
static bool add_element(Output *o, Term element)
{
    Term form = term_tuple_get(element, 2), size = term_tuple_get(element, 3);
    Segment s = read_types(term_tuple_get(element, 4));
    Term value;
    if (!o->reader->read(o->reader->context, form, &value)) return false;
    if (term_same(size, ATOM_default))
        size = TERM_NONE;
    // The size is an expression of its own.
    else if (!o->reader->read(o->reader->context, size, &size)
             || !term_is_small(size))
        return false;
    if (!term_same(term_tuple_get(form, 0), ATOM_string))
        return add_value(o, value, size, &s);
    for (; term_is_cons(value); value = term_tail(value))
        if (!add_value(o, term_head(value), size, &s)) return false;
    return true;
}

// One buffer for all; the binary is made when its size is known.
Term abstract_binary(Heap *heap, Term elements, const AbstractReader *reader)
{
    Output o = {.reader = reader, .heap = heap};
    bool good = true;
    for (; good && term_is_cons(elements); elements = term_tail(elements))
        good = term_is_tuple_of(term_head(elements), 5)
               && add_element(&o, term_head(elements));
    Term result = TERM_NONE;
    if (good) {
        Bits bits = {o.bytes.bytes, 0, o.bits};
        // Whole bytes are a binary, anything else a bitstring.
        result = o.bits % 8 == 0 ? heap_binary(heap, o.bytes.bytes, o.bits / 8)
                                 : heap_bits(heap, &bits);
    }
    buffer_free(&o.bytes);
    return result;
}
