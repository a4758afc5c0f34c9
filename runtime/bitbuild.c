// SPDX-License-Identifier: Apache-2.0
// Building bitstrings, and appending to them in amortised constant time.
//
// A binary that is appended to lies in a blob with room to spare. The COUNTED
// term that owns the room has in its flags word the number of bits in use:
//
//     flags = used bits << 1 | 1
//
// and what programs see is a BITS term over its first bits. When a bitstring
// that ends at the used bits is appended to, the new bits go behind it in
// place; any other is copied first. Only the process that built the binary has
// a COUNTED with the flag: copies of the term have flags 0.
//
// A collection moves the box, not the blob, so [base] stays good; and what was
// put behind the used bits by one holder can not be seen by others, whose BITS
// terms end before.
#include "bitbuild.h"

#include <math.h>
#include <stdlib.h>

#include "arith.h"
#include "big.h"
#include "bits.h"
#include "map.h"
#include "memory.h"
#include "utf8.h"

enum {
    APPEND_LEAST = 256, // bytes
    WRITTEN_BITS = 72   // by write_word_at
};
// As much as 128 GB: sums of sizes cannot overflow.
#define BITS_MOST ((size_t)1 << 40)

unsigned bit_flags_of(Term list)
{
    unsigned flags = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term flag = term_head(list);
        if (term_same(flag, ATOM_little)) flags |= BIT_LITTLE;
        if (term_same(flag, ATOM_signed)) flags |= BIT_SIGNED;
        if (term_same(flag, ATOM_native)) flags |= BIT_NATIVE;
    }
    return flags;
}

// ---- failing ----

// Fails with [reason]; [what] is wrong with [value]. bitbuild_create says which
// segment it was.
static bool fail(Process *p, Term reason, Term what, Term value)
{
    bif_error(p, reason);
    p->exception_trace = heap_tuple2(process_heap(p), what, value);
    return false;
}

// As the program wrote the type.
static Term type_name(unsigned kind)
{
    switch (kind) {
    case SEGMENT_INTEGER: return ATOM_integer;
    case SEGMENT_FLOAT: return ATOM_float;
    case SEGMENT_UTF8: return ATOM_utf8;
    case SEGMENT_UTF16: return ATOM_utf16;
    case SEGMENT_UTF32: return ATOM_utf32;
    default: return ATOM_binary;
    }
}

// What erl_erts_errors:format_bs_fail/2 explains, for the stack trace.
static Term fail_segment(Process *p, CodeWord segment)
{
    Heap *h = process_heap(p);
    Term given = p->exception_trace;
    if (!term_is_tuple_of(given, 2)) return TERM_NONE;
    Term cause[4] = {term_small((intptr_t)(segment >> 32 & 0xFFFF)),
                     type_name(segment & 0xFF), term_tuple_get(given, 0),
                     term_tuple_get(given, 1)};
    Term pairs[] = {ATOM_cause, heap_tuple(h, 4, cause),
                    ATOM_function, ATOM_format_bs_fail,
                    ATOM_module, ATOM_erl_erts_errors};
    Term map = map_from_pairs(h, p->node->atoms, 3, pairs);
    p->exception_trace = heap_cons(h, heap_tuple2(h, ATOM_error_info, map),
                                   TERM_NIL);
    return TERM_NONE;
}

// ---- sizes ----

// The size of a segment in bits; false when [size] is no size, with the
// exception set.
static inline bool count_bits(Process *p, Term size, unsigned unit,
                              size_t *bits)
{
    if (term_is_small(size) && term_small_value(size) >= 0
        && !__builtin_mul_overflow((size_t)term_small_value(size), unit, bits)
        && *bits < BITS_MOST)
        return true;
    // Negative, too large, or no number.
    bool large = term_is_integer(size) && big_sign(size) > 0;
    return fail(p, large ? ATOM_system_limit : ATOM_badarg, ATOM_size, size);
}

// Surrogates are no characters.
static bool is_code_point(Term t)
{
    return term_is_small(t) && term_small_value(t) >= 0
           && term_small_value(t) <= 0x10FFFF
           && utf8_is_valid((uint32_t)term_small_value(t));
}

// Written to nowhere: the table of sizes is utf8_write.
static size_t utf8_size_of(Term t)
{
    uint8_t bytes[UTF8_MOST];
    return utf8_write(bytes, (uint32_t)term_small_value(t));
}

static bool measure_binary(Process *p, Term src, Term size, unsigned unit,
                           size_t *bits)
{
    Bits b;
    if (!term_bits(src, &b)) return fail(p, ATOM_badarg, ATOM_type, src);
    // All of it, but in whole units.
    if (term_same(size, ATOM_all)) {
        *bits = b.size;
        if (unit == 0 || b.size % unit == 0) return true;
        return fail(p, ATOM_badarg, ATOM_unit, src);
    }
    if (!count_bits(p, size, unit, bits)) return false;
    // The source may be longer.
    return *bits <= b.size || fail(p, ATOM_badarg, ATOM_short, src);
}

static bool measure_code_point(Process *p, unsigned kind, Term src,
                               size_t *bits)
{
    if (!is_code_point(src)) return fail(p, ATOM_badarg, ATOM_type, src);
    if (kind == SEGMENT_UTF8)
        *bits = utf8_size_of(src) * 8;
    else if (kind == SEGMENT_UTF16)
        *bits = term_small_value(src) > 0xFFFF ? 32 : 16;
    else
        *bits = 32;
    return true;
}

// Sizes are found before anything is allocated, and errors too.
static bool measure(Process *p, CodeWord segment, Term src, Term size,
                    size_t *bits)
{
    unsigned kind = segment & 0xFF, unit = segment >> 16 & 0xFFFF;
    switch (kind) {
    case SEGMENT_INTEGER:
        if (!count_bits(p, size, unit, bits)) return false;
        return term_is_integer(src) || fail(p, ATOM_badarg, ATOM_type, src);
    case SEGMENT_FLOAT:
        if (!count_bits(p, size, unit, bits)) return false;
        if (!term_is_number(src)) return fail(p, ATOM_badarg, ATOM_type, src);
        return *bits == 16 || *bits == 32 || *bits == 64
               || fail(p, ATOM_badarg, ATOM_invalid, size);
    case SEGMENT_STRING:
        *bits = (size_t)term_small_value(size) * 8;
        return true;
    case SEGMENT_BINARY:
    case SEGMENT_APPEND:
    case SEGMENT_PRIVATE:
        return measure_binary(p, src, size, unit, bits);
    default:
        return measure_code_point(p, kind, src, bits);
    }
}

// ---- filling in ----

// Puts the low [bits] bits of [n].
static void put_number(BitBuilder *b, uint64_t n, unsigned bits)
{
    // Byte by byte, of which the first and the last may be there in part.
    while (bits > 0) {
        unsigned room = 8 - b->at % 8, taken = bits < room ? bits : room;
        unsigned shift = room - taken, mask = ((1u << taken) - 1) << shift;
        uint8_t *byte = &b->base[b->at / 8];
        bits -= taken;
        *byte = (uint8_t)((*byte & ~mask) | ((n >> bits) << shift & mask));
        b->at += taken;
    }
}

// The low [bits] bits of integer [t] in two's complement, least significant
// byte first.
static void low_bytes(Term t, uint8_t *to, size_t size)
{
    // Bytes beyond the number are its sign.
    uint8_t fill = big_sign(t) < 0 ? 0xFF : 0;
    size_t have = big_byte_size(t);
    uint8_t *magnitude = memory_alloc(have);
    big_to_bytes(t, magnitude);
    // Two's complement of the magnitude: inverted, plus one.
    unsigned carry = 1;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = i < have ? magnitude[i] : 0;
        if (fill != 0) {
            carry += (uint8_t)~byte;
            byte = (uint8_t)carry;
            carry >>= 8;
        }
        to[i] = byte;
    }
    free(magnitude);
}

static void turn(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

// In a little-endian field the last, incomplete byte has the highest bits.
static void put_long(BitBuilder *b, Term src, size_t bits, unsigned flags)
{
    size_t size = (bits + 7) / 8;
    unsigned unused = (unsigned)(size * 8 - bits);
    uint8_t local[64], *bytes = local; // most integers need no malloc
    if (size > sizeof local) bytes = memory_alloc(size);
    low_bytes(src, bytes, size);
    Bits from = {bytes, 0, bits};
    if (bits_are_little(flags)) {
        // The last byte's bits are taken from the top.
        if (unused > 0) bytes[size - 1] = (uint8_t)(bytes[size - 1] << unused);
    } else {
        turn(bytes, size);
        from.offset = unused;
    }
    bits_put(b->base, b->at, &from);
    b->at += bits;
    if (bytes != local) free(bytes);
}

// Bytes on byte borders by far the most.
static void put_integer(BitBuilder *b, Term src, size_t bits, unsigned flags)
{
    if (bits == 0) return;
    if (term_is_small(src) && bits == 8 && b->at % 8 == 0) {
        b->base[b->at / 8] = (uint8_t)term_small_value(src);
        b->at += 8;
    } else if (term_is_small(src) && bits <= 64 && !bits_are_little(flags)) {
        put_number(b, (uint64_t)term_small_value(src), (unsigned)bits);
    } else {
        put_long(b, src, bits, flags); // little-endian, or longer than a word
    }
}

// 16 bits: sign 1, exponent 5, fraction 10.
bool bitbuild_half(double d, uint64_t *n)
{
    if (fabs(d) >= 65520) return false; // rounds to infinity
    int exponent;
    double m = frexp(fabs(d), &exponent); // d = m * 2^exponent, m in [0.5, 1)
    uint64_t sign = signbit(d) ? 0x8000 : 0;
    if (m == 0) {
        *n = sign;
    } else if (exponent < -13) { // below 2^-14: no hidden bit
        *n = sign | (uint64_t)nearbyint(ldexp(m, exponent + 24));
    } else {
        *n = sign + ((uint64_t)(exponent + 14) << 10)
             + (uint64_t)nearbyint(ldexp(m, 11)) - 1024;
    }
    return true;
}

static bool double_to_number(double d, size_t bits, uint64_t *n)
{
    if (bits == 16) return bitbuild_half(d, n);
    if (bits == 32) {
        float f = (float)d;
        uint32_t word;
        if (!isfinite(f)) return false; // too large for 32 bits
        memcpy(&word, &f, sizeof word);
        *n = word;
        return true;
    }
    memcpy(n, &d, sizeof d);
    return true;
}

static bool put_float(BitBuilder *b, Term src, size_t bits, unsigned flags)
{
    double d;
    uint64_t n;
    if (!arith_to_double(src, &d) || !double_to_number(d, bits, &n))
        return false;
    uint8_t bytes[8];
    size_t size = bits / 8;
    // Least significant first, then turned if need be.
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(n >> 8 * i);
    if (!bits_are_little(flags)) turn(bytes, size);
    Bits from = {bytes, 0, bits};
    bits_put(b->base, b->at, &from);
    b->at += bits;
    return true;
}

static void put_bits(BitBuilder *b, Term src, size_t bits)
{
    Bits from;
    term_bits(src, &from);
    from.size = bits;
    bits_put(b->base, b->at, &from);
    b->at += bits;
}

static void put_utf8(BitBuilder *b, Term src)
{
    uint8_t bytes[UTF8_MOST];
    size_t size = utf8_write(bytes, (uint32_t)term_small_value(src));
    bitbuild_put_string(b, bytes, size);
}

static void put_unit(BitBuilder *b, uint32_t unit, unsigned flags)
{
    if (bits_are_little(flags)) unit = (unit >> 8 | unit << 8) & 0xFFFF;
    put_number(b, unit, 16);
}

// A code point above 0xFFFF is two units.
static void put_utf16(BitBuilder *b, Term src, unsigned flags)
{
    uint32_t c = (uint32_t)term_small_value(src);
    if (c > 0xFFFF) {
        put_unit(b, 0xD800 + ((c - 0x10000) >> 10), flags);
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    put_unit(b, c, flags);
}

// Puts a segment that was measured.
static bool fill(Process *p, BitBuilder *b, CodeWord segment, Term src,
                 size_t bits)
{
    unsigned kind = segment & 0xFF, flags = segment >> 8 & 0xFF;
    switch (kind) {
    case SEGMENT_INTEGER: put_integer(b, src, bits, flags); return true;
    case SEGMENT_FLOAT:
        // In range as a double, not in 16 or 32 bits.
        return put_float(b, src, bits, flags)
               || fail(p, ATOM_badarg, ATOM_no_float, src);
    case SEGMENT_UTF8: put_utf8(b, src); return true;
    case SEGMENT_UTF16: put_utf16(b, src, flags); return true;
    case SEGMENT_UTF32: put_integer(b, src, 32, flags); return true;
    default: put_bits(b, src, bits); return true;
    }
}

void bitbuild_put_string(BitBuilder *b, const uint8_t *bytes, size_t size)
{
    Bits from = {bytes, 0, size * 8};
    bits_put(b->base, b->at, &from);
    b->at += size * 8;
}

// ---- new bitstrings ----

// Filled in by the caller before it is a term to anybody.
static Term new_bits(Process *p, BitBuilder *b, size_t bits)
{
    Term t = heap_binary_new(process_heap(p), (bits + 7) / 8, &b->base);
    b->at = 0;
    b->end = bits;
    if (bits % 8 == 0) return t;
    b->base[bits / 8] = 0;
    return heap_sub_bits(process_heap(p), t, 0, bits);
}

Term bitbuild_init(Process *p, BitBuilder *b, Term size, unsigned unit)
{
    size_t bits;
    if (!count_bits(p, size, unit, &bits)) return TERM_NONE;
    return new_bits(p, b, bits);
}

// ---- appending ----

static void set_used(Term counted, size_t bits)
{
    Term *box = term_box_ptr(counted);
    box[COUNTED_FLAGS].bits = bitbuild_flags(bits);
    box[COUNTED_SIZE].bits = (bits + 7) / 8;
    counted_blob(counted)->size = (bits + 7) / 8;
}

// The COUNTED behind [src] when [more] bits may be written behind it in place.
// The last one who appended: nobody has put anything behind [src].
static Term writable_owner(Term src, size_t more)
{
    const Term *box = term_box_ptr(src);
    if (header_subtag(box[0]) != SUBTAG_BITS || box[1].bits != 0)
        return TERM_NONE;
    size_t size = box[2].bits;
    Term owner = box[3];
    // A part of a small binary has no room to spare.
    if (!term_has_subtag(owner, SUBTAG_COUNTED)) return TERM_NONE;
    uintptr_t flags = term_box_ptr(owner)[COUNTED_FLAGS].bits;
    if (flags != bitbuild_flags(size)) return TERM_NONE;
    if (counted_blob(owner)->capacity * 8 < size + more) return TERM_NONE;
    return owner;
}

// Twice what is needed: each byte is moved once on average.
static Term new_owner(Process *p, const Bits *from, size_t more)
{
    size_t least = (from->size + more + 7) / 8;
    size_t capacity = least * 2 < APPEND_LEAST ? APPEND_LEAST : least * 2;
    Blob *blob = blob_new(capacity);
    bits_copy(blob->bytes, from);
    Heap *h = process_heap(p);
    Term owner = heap_binary_from_blob(h, blob, least);
    // The room is memory as well, for when to collect.
    h->counted_bytes += capacity - least;
    return owner;
}

// [src] with [more] bits behind, which are to be put.
static Term append(Process *p, BitBuilder *b, Term src, size_t more)
{
    Bits from;
    if (!term_bits(src, &from)) return bif_error(p, ATOM_badarg);
    Term owner = writable_owner(src, more);
    if (term_is_none(owner)) owner = new_owner(p, &from, more);
    size_t bits = from.size + more;
    set_used(owner, bits);
    b->base = counted_blob(owner)->bytes;
    b->at = from.size;
    b->end = bits;
    // The last byte's unused bits are not left as they were found.
    if (from.size % 8 == 0 && more % 8 != 0) b->base[bits / 8] = 0;
    return heap_sub_bits(process_heap(p), owner, 0, bits);
}

Term bitbuild_append(Process *p, BitBuilder *b, Term src, Term size,
                     unsigned unit)
{
    Bits from;
    size_t bits;
    if (!count_bits(p, size, 1, &bits)) return TERM_NONE;
    if (term_bits(src, &from) && from.size % unit != 0)
        return bif_error(p, ATOM_badarg);
    return append(p, b, src, bits);
}

// ---- a bitstring from segments ----

typedef struct {
    Process *p;
    const CodeWord *words;
    const Term *x, *y;
} Segments;

static inline uint64_t read_short(const uint8_t *from, size_t size)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, from, size);
    return bits_read_word(bytes);
}

static inline bool short_integer(Term n, size_t bits, unsigned flags,
                                 uint64_t *word)
{
    if (!term_is_small(n) || bits - 1 >= 64) return false;
    *word = (uint64_t)term_small_value(n);
    if (!bits_are_little(flags))
        *word <<= 64 - bits;
    else if (bits % 8 == 0)
        *word = __builtin_bswap64(*word) & ~UINT64_C(0) << (64 - bits);
    else
        return false;
    return true;
}

// The contents of a segment of at most 64 bits that cannot fail, the first bits
// of [*word], whose rest is 0; false when it is not such.
static inline bool short_segment(const CodeWord *segment, const Term *x,
                                 const Term *y, uint64_t *word, size_t *bits)
{
    unsigned kind = segment[0] & 0xFF, flags = segment[0] >> 8 & 0xFF;
    Term size = item_value(segment[2], x, y);
    if (kind == SEGMENT_STRING) {
        *bits = (size_t)term_small_value(size) * 8;
        if (*bits - 1 >= 64) return false; // none, or more than a word
        *word = read_short((const uint8_t *)segment[1], *bits / 8);
        return true;
    }
    Term src = item_value(segment[1], x, y);
    if (kind == SEGMENT_UTF8 && is_code_point(src)) {
        uint8_t bytes[UTF8_MOST];
        size_t n = utf8_write(bytes, (uint32_t)term_small_value(src));
        *word = read_short(bytes, n);
        *bits = n * 8;
        return true;
    }
    // A product with a unit that does not fit a word is no short segment.
    if (!term_is_small(size) || (size_t)term_small_value(size) > 64)
        return false;
    *bits = (size_t)term_small_value(size) * (segment[0] >> 16 & 0xFFFF);
    if (kind == SEGMENT_INTEGER) return short_integer(src, *bits, flags, word);
    if (kind != SEGMENT_FLOAT || *bits != 64 || !term_is_float(src)
        || bits_are_little(flags))
        return false;
    double d = term_float_value(src);
    memcpy(word, &d, sizeof d);
    return true;
}

// Values come from registers or the code itself.
static bool fill_segment(const Segments *s, unsigned i, BitBuilder *b)
{
    const CodeWord *w = s->words + i * SEGMENT_WORDS;
    Term size = item_value(w[2], s->x, s->y);
    size_t bits;
    uint64_t word;
    if (b->at % 8 == 0 && short_segment(w, s->x, s->y, &word, &bits)
        && bits % 8 == 0) {
        for (; bits > 0; bits -= 8, b->at += 8, word <<= 8)
            b->base[b->at / 8] = (uint8_t)(word >> 56);
        return true;
    }
    if ((w[0] & 0xFF) == SEGMENT_STRING) {
        bitbuild_put_string(b, (const uint8_t *)w[1],
                            (size_t)term_small_value(size));
        return true;
    }
    Term src = item_value(w[1], s->x, s->y);
    return measure(s->p, w[0], src, size, &bits)
           && fill(s->p, b, w[0], src, bits);
}

static bool measure_segment(const Segments *s, unsigned i, size_t *bits)
{
    const CodeWord *w = s->words + i * SEGMENT_WORDS;
    bool string = (w[0] & 0xFF) == SEGMENT_STRING;
    Term src = string ? TERM_NIL : item_value(w[1], s->x, s->y);
    return measure(s->p, w[0], src, item_value(w[2], s->x, s->y), bits);
}

// Writes [word] at bit [at], and up to WRITTEN_BITS from there on.
static inline void write_word_at(uint8_t *bytes, size_t at, uint64_t word)
{
    unsigned skipped = at % 8;
    bytes += at / 8;
    if (skipped > 0) { // the byte that is there in part
        unsigned kept = 0xFF00u >> skipped;
        *bytes = (uint8_t)((*bytes & kept) | word >> (56 + skipped));
        bytes++;
        word <<= 8 - skipped;
    }
    bits_write_word(bytes, word);
}

// A whole binary, or one of constant bytes, of which no bit must be shifted.
static bool put_whole(const CodeWord *segment, const Term *x, const Term *y,
                      BitBuilder *b)
{
    unsigned kind = segment[0] & 0xFF, unit = segment[0] >> 16 & 0xFFFF;
    Term size = item_value(segment[2], x, y);
    Bits from;
    if (kind == SEGMENT_STRING)
        from = (Bits){(const uint8_t *)segment[1], 0,
                      (size_t)term_small_value(size) * 8};
    else if (kind != SEGMENT_BINARY || !term_same(size, ATOM_all)
             || !term_bits(item_value(segment[1], x, y), &from)
             || (unit > 1 && from.size % unit != 0))
        return false;
    if ((b->at | from.offset | from.size) % 8 != 0
        || from.size > b->end - b->at)
        return false;
    if (from.size > 0)
        memcpy(b->base + b->at / 8, from.base + from.offset / 8, from.size / 8);
    b->at += from.size;
    return true;
}

// Puts segments that cannot fail as long as there is room; a whole word is
// written, whose rest is free room. False: not all are such.
static bool put_short(const CodeWord *segments, unsigned count, const Term *x,
                      const Term *y, BitBuilder *b)
{
    for (; count > 0; count--, segments += SEGMENT_WORDS) {
        uint64_t word;
        size_t bits;
        if (short_segment(segments, x, y, &word, &bits)) {
            if (b->at + WRITTEN_BITS > b->end) return false;
            write_word_at(b->base, b->at, word);
            b->at += bits;
        } else if (!put_whole(segments, x, y, b)) {
            return false;
        }
    }
    return true;
}

// The commonest case by far, a loop that makes a binary: short segments behind
// bits of which only this process knows. TERM_NONE: it is another case.
static Term append_short(Process *p, const CodeWord *segments, unsigned count,
                         const Term *x, const Term *y)
{
    Term src = item_value(segments[1], x, y);
    unsigned unit = segments[0] >> 16 & 0xFFFF;
    // Anything that is not boxed is no bitstring.
    if (!term_is_boxed(src)) return TERM_NONE;
    Term owner = writable_owner(src, 0);
    if (term_is_none(owner)) return TERM_NONE;
    size_t used = term_box_ptr(src)[2].bits;
    if (unit > 1 && used % unit != 0) return TERM_NONE;
    Blob *blob = counted_blob(owner);
    BitBuilder b = {blob->bytes, used, blob->capacity * 8};
    // Nobody sees what was put when it turns out to be another case.
    if (!put_short(segments + SEGMENT_WORDS, count - 1, x, y, &b))
        return TERM_NONE;
    set_used(owner, b.at);
    if ((segments[0] & 0xFF) == SEGMENT_PRIVATE) {
        term_box_ptr(src)[2].bits = b.at; // nobody else has it
        return src;
    }
    return heap_sub_bits(process_heap(p), owner, 0, b.at);
}

// The same of a new bitstring.
static Term new_short(Process *p, const CodeWord *segments, unsigned count,
                      const Term *x, const Term *y)
{
    uint8_t bytes[BINARY_HEAP_MAX + WRITTEN_BITS / 8];
    BitBuilder b = {bytes, 0, sizeof bytes * 8}, to;
    if (!put_short(segments, count, x, y, &b)) return TERM_NONE;
    Term t = new_bits(p, &to, b.at);
    memcpy(to.base, bytes, (b.at + 7) / 8);
    return t;
}

static bool is_append(CodeWord segment)
{
    unsigned kind = segment & 0xFF;
    return kind == SEGMENT_APPEND || kind == SEGMENT_PRIVATE;
}

Term bitbuild_create(Process *p, const CodeWord *segments, unsigned count,
                     const Term *x, const Term *y)
{
    Segments s = {p, segments, x, y};
    BitBuilder b;
    size_t total = 0, bits;
    bool appends = count > 0 && is_append(segments[0]);
    if (count > appends) {
        Term t = appends ? append_short(p, segments, count, x, y)
                         : new_short(p, segments, count, x, y);
        if (!term_is_none(t)) return t;
    }
    // The first is measured last: errors are of the others first, as in OTP.
    for (unsigned i = appends ? 1 : 0; i < count; i++) {
        if (!measure_segment(&s, i, &bits))
            return fail_segment(p, segments[i * SEGMENT_WORDS]);
        total += bits;
    }
    if (total >= BITS_MOST) return bif_error(p, ATOM_system_limit);
    if (appends && !measure_segment(&s, 0, &bits))
        return fail_segment(p, segments[0]);
    // Nothing behind it: it is the answer.
    if (appends && total == 0) return item_value(segments[1], x, y);
    Term t = appends ? append(p, &b, item_value(segments[1], x, y), total)
                     : new_bits(p, &b, total);
    for (unsigned i = appends ? 1 : 0; i < count && !term_is_none(t); i++) {
        if (!fill_segment(&s, i, &b))
            return fail_segment(p, segments[i * SEGMENT_WORDS]);
    }
    return t;
}

bool bitbuild_put(Process *p, BitBuilder *b, CodeWord segment, Term src,
                  Term size)
{
    size_t bits;
    if (!measure(p, segment, src, size, &bits)) return false;
    // The program has said a size of the whole that is too small.
    if (bits > b->end - b->at) return fail(p, ATOM_badarg, ATOM_size, size);
    return fill(p, b, segment, src, bits);
}
