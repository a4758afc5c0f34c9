// SPDX-License-Identifier: Apache-2.0
// Rewriters of bit syntax, see loader_rewrite.h.
#include "bitbuild.h"
#include "loader_rewrite.h"

// For the rules.
bool loader_when_byte(Loader *l, const GenericOperand *v);
bool loader_when_whole_bytes(Loader *l, const GenericOperand *v);

// ---- matching ----

// What fits a small after shifting by an odd offset; BITS_MOST keeps sums of
// bits from overflowing 64 bits.
enum { FIXED_BITS_MOST = 56, BITS_MOST = INT32_MAX };

// The size in bits of a segment of constant size, else -1.
static int64_t fixed_bits(const GenericOperand *size,
                          const GenericOperand *unit)
{
    int64_t n = operand_value(size); // less than 0: not known before it runs
    if (n < 0 || unit->kind != GENERIC_NUMBER || unit->value > 256) return -1;
    if (unit->value != 0 && n > BITS_MOST / (int64_t)unit->value) return -1;
    return n * (int64_t)unit->value;
}

// F S L N U G D: an unsigned byte.
bool loader_when_byte(Loader *l, const GenericOperand *v)
{
    return fixed_bits(&v[3], &v[4]) == 8 && (v[5].value & BIT_SIGNED) == 0
           && !operand_same(&v[1], &v[6]);
}

// F S L N U G D: an unsigned integer of some bytes, the first the highest.
bool loader_when_whole_bytes(Loader *l, const GenericOperand *v)
{
    int64_t bits = fixed_bits(&v[3], &v[4]);
    return bits > 0 && bits <= FIXED_BITS_MOST && bits % 8 == 0
           && (v[5].value & BIT_SIGNED) == 0
           && !bits_are_little((unsigned)v[5].value)
           && !operand_same(&v[1], &v[6]);
}

// F L S D; resume: what is a context already.
REWRITER(bs_start_match4)
{
    if (operand_is(&v[0], ATOM_resume) && operand_same(&v[2], &v[3])) return;
    GenericOperand fail =
        v[0].kind == GENERIC_LABEL ? v[0] : operand_no_label();
    EMIT(l, bs_start_match, v[2], v[3], v[1], fail);
}

// F S L N U G D
REWRITER(bs_get_integer)
{
    int64_t bits = fixed_bits(&v[3], &v[4]);
    GenericOperand size = operand_source(&v[3]);
    // Bytes first, then what fits a word, then anything.
    if (bits == 8 && (v[5].value & BIT_SIGNED) == 0)
        EMIT(l, bs_get_int8, v[1], v[6], v[2], v[0]);
    else if (bits >= 0 && bits <= FIXED_BITS_MOST)
        EMIT(l, bs_get_int_fixed, v[1], v[6], operand_number((uint64_t)bits),
             v[5], v[2], v[0]);
    else
        EMIT(l, bs_get_integer, v[1], size, v[6], v[4], v[5], v[2], v[0]);
}

REWRITER(bs_get_int_whole)
{
    int64_t bits = fixed_bits(&v[3], &v[4]);
    EMIT(l, bs_get_int_whole, v[1], v[6], operand_number((uint64_t)bits), v[0]);
}

REWRITER(bs_get_float)
{
    EMIT(l, bs_get_float, v[1], operand_source(&v[3]), v[6], v[4], v[5], v[2],
         v[0]);
}

REWRITER(bs_get_binary)
{
    // The rest of the binary; only its unit is to be checked.
    if (operand_is(&v[3], ATOM_all))
        EMIT(l, bs_get_binary_all, v[1], v[6], v[4], v[2], v[0]);
    else
        EMIT(l, bs_get_binary, v[1], operand_source(&v[3]), v[6], v[4], v[5],
             v[2], v[0]);
}

// F S N U
REWRITER(bs_skip)
{
    int64_t bits = fixed_bits(&v[2], &v[3]);
    if (operand_is(&v[2], ATOM_all))
        EMIT(l, bs_skip_all, v[1], v[3], v[0]);
    else if (bits >= 0)
        EMIT(l, bs_skip_fixed, v[1], operand_number((uint64_t)bits), v[0]);
    else
        EMIT(l, bs_skip, v[1], operand_source(&v[2]), v[3], v[0]);
}

// Where [bits] bits of the module's strings from byte [offset] on lie.
static GenericOperand string_at(Loader *l, const GenericOperand *offset,
                                uint64_t bits)
{
    size_t size = l->file->strings.size;
    // Written so that nothing overflows.
    if (offset->kind != GENERIC_NUMBER || offset->value > size
        || (bits + 7) / 8 > size - offset->value) {
        loader_fail(l, "bad offset of a string");
        return operand_number(0);
    }
    return operand_number((uintptr_t)(l->strings + offset->value));
}

// F S N O
REWRITER(bs_match_string)
{
    EMIT(l, bs_match_string, v[1], v[2], v[0], string_at(l, &v[3], v[2].value));
}

// Flags come as a number, or as a list of atoms in newer files; false for
// anything else.
static bool get_flags(const GenericOperand *o, uint64_t *flags)
{
    *flags = o->kind == GENERIC_CONSTANT ? bit_flags_of((Term){o->value})
                                         : o->value;
    return o->kind == GENERIC_CONSTANT || o->kind == GENERIC_NUMBER;
}

// One command of bs_match at [c]; answers how many operands it takes, 0 when
// it is none.
static uint32_t match_command(Loader *l, const GenericOperand *fail,
                              const GenericOperand *src,
                              const GenericOperand *c, uint32_t left)
{
    GenericOperand none = operand_number(0);
    int64_t bits;
    // Once for several: what follows needs no test of its own.
    if (operand_is(c, ATOM_ensure_at_least) && left >= 3) {
        EMIT(l, bs_ensure, *src, c[1], c[2], *fail);
        return 3;
    }
    // The binary must end there.
    if (operand_is(c, ATOM_ensure_exactly) && left >= 2) {
        EMIT(l, bs_test_tail, *src, c[1], *fail);
        return 2;
    }
    // Already ensured: it cannot fail.
    if (operand_is(c, ATOM_skip) && left >= 2) {
        EMIT(l, bs_take_skip, *src, c[1]);
        return 2;
    }
    if (operand_is(c, ATOM_get_tail) && left >= 4) {
        EMIT(l, bs_get_tail, *src, c[3],
             c[1].kind == GENERIC_NUMBER ? c[1] : none);
        return 4;
    }
    // At most 64 bits, cut to the width that is compared.
    if (operand_is(c, ATOM_exact_eq) && left >= 4) {
        int64_t value = operand_value(&c[3]);
        uint64_t mask = c[2].value >= 64 ? ~(uint64_t)0
                                         : ((uint64_t)1 << c[2].value) - 1;
        EMIT(l, bs_take_equal, *src, c[2],
             operand_number((uint64_t)value & mask), *fail);
        return 4;
    }
    if (left < 6) return 0;
    GenericOperand live = c[1].kind == GENERIC_NUMBER ? c[1] : none;
    bits = fixed_bits(&c[3], &c[4]);
    if (bits < 0) return 0;
    uint64_t flags;
    if (!get_flags(&c[2], &flags)) return 0;
    if (operand_is(c, ATOM_integer)) {
        if (bits == 8 && (flags & BIT_SIGNED) == 0)
            EMIT(l, bs_take_int8, *src, c[5]);
        else
            EMIT(l, bs_take_int, *src, c[5], operand_number((uint64_t)bits),
                 operand_number(flags), live);
        return 6;
    }
    // Commands that newer compilers may invent.
    if (!operand_is(c, ATOM_binary)) return 0;
    EMIT(l, bs_take_binary, *src, c[5], operand_number((uint64_t)bits), live);
    return 6;
}

// OTP 26 and later match several segments by one instruction; it becomes
// several here, which cost no more.
REWRITER(bs_match)
{
    const GenericOperand *c = loader_items(l, &v[2]);
    uint32_t left = c == NULL ? 0 : v[2].count;
    while (left > 0 && !l->failed) {
        uint32_t used = match_command(l, &v[0], &v[1], c, left);
        if (used == 0) {
            loader_fail(l, "bad command in bs_match");
            return;
        }
        c += used;
        left -= used;
    }
}

// ---- building ----

// -1 for none.
static int segment_kind(const GenericOperand *o)
{
    static const struct {
        uintptr_t atom;
        int kind;
    } kinds[] = {{ATOM_BITS_integer, SEGMENT_INTEGER},
                 {ATOM_BITS_binary, SEGMENT_BINARY},
                 {ATOM_BITS_append_segment, SEGMENT_APPEND},
                 {ATOM_BITS_private_append, SEGMENT_PRIVATE},
                 {ATOM_BITS_float, SEGMENT_FLOAT},
                 {ATOM_BITS_string, SEGMENT_STRING},
                 {ATOM_BITS_utf8, SEGMENT_UTF8},
                 {ATOM_BITS_utf16, SEGMENT_UTF16},
                 {ATOM_BITS_utf32, SEGMENT_UTF32}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (o->kind == GENERIC_CONSTANT && o->value == kinds[i].atom)
            return kinds[i].kind;
    }
    return -1;
}

// A segment is type, number, unit, flags, source, size; it becomes the words
// that bitbuild.h describes.
static void emit_segment(Loader *l, const GenericOperand *s)
{
    int kind = segment_kind(&s[0]);
    uint64_t flags;
    int64_t unit = operand_value(&s[2]), number = operand_value(&s[1]);
    if (kind < 0 || unit < 0 || unit > 256 || number < 0
        || !get_flags(&s[3], &flags)) {
        loader_fail(l, "bad segment in bs_create_bin");
        return;
    }
    loader_emit_word(l, segment_word((unsigned)kind, (unsigned)unit,
                                     (unsigned)flags,
                                     (unsigned)(number & 0xFFFF)));
    // A string lies in the module's StrT chunk: its address goes into the code.
    if (kind == SEGMENT_STRING) {
        int64_t size = operand_value(&s[5]);
        GenericOperand offset = operand_number((uint64_t)operand_value(&s[4]));
        loader_emit_word(l, string_at(l, &offset, (uint64_t)size * 8).value);
        loader_emit_word(l, term_small((intptr_t)(size & INT32_MAX)).bits);
        return;
    }
    GenericOperand src = operand_source(&s[4]), size = operand_source(&s[5]);
    loader_emit_item(l, &src);
    loader_emit_item(l, &size);
}

// As the list has them.
enum { SEGMENT_OPERANDS = 6 };

// Whether the segments are something that is whole bytes and one byte more,
// and no [extra] words are asked for.
static bool appends_byte(const GenericOperand *s, uint32_t count,
                         const GenericOperand *extra)
{
    if (count != 2 || operand_value(extra) != 0) return false;
    int first = segment_kind(&s[0]);
    const GenericOperand *byte = s + SEGMENT_OPERANDS;
    // Whole bytes, or any bits.
    return (first == SEGMENT_APPEND || first == SEGMENT_PRIVATE)
           && (operand_value(&s[2]) == 8 || operand_value(&s[2]) == 1)
           && segment_kind(byte) == SEGMENT_INTEGER
           && fixed_bits(&byte[5], &byte[2]) == 8;
}

// F H N U D L
REWRITER(bs_create_bin)
{
    const GenericOperand *s = loader_items(l, &v[5]);
    if (s == NULL || v[5].count % SEGMENT_OPERANDS != 0) {
        loader_fail(l, "bad segments in bs_create_bin");
        return;
    }
    GenericOperand dst = operand_out(&v[4]);
    uint32_t count = v[5].count / SEGMENT_OPERANDS;
    // Appending bytes one by one, as loops that build binaries do.
    if (dst.kind == GENERIC_X && appends_byte(s, count, &v[1]))
        EMIT(l, bs_append_int8, dst, v[2], operand_number(count), v[1], v[0]);
    else
        EMIT(l, bs_create_bin, dst, v[2], operand_number(count), v[1], v[0]);
    for (uint32_t i = 0; i < count && !l->failed; i++)
        emit_segment(l, s + i * SEGMENT_OPERANDS);
    loader_take_out(l, &dst, &v[4]);
}

// F S X L D
// The instructions below are those of compilers before OTP 25.
static void emit_bs_init(Loader *l, unsigned unit, const GenericOperand *v)
{
    // Bytes or bits: one instruction with a unit.
    EMIT(l, bs_init, operand_source(&v[1]), v[4], v[3], operand_number(unit),
         v[2], v[0]);
}

REWRITER(bs_init2)
{
    emit_bs_init(l, 8, v);
}

REWRITER(bs_init_bits)
{
    emit_bs_init(l, 1, v);
}

// F A B U D
REWRITER(bs_add)
{
    EMIT(l, bs_add, operand_source(&v[1]), operand_source(&v[2]), v[4], v[3],
         v[0]);
}

// F N U G S
REWRITER(bs_put_integer)
{
    EMIT(l, bs_put_integer, operand_source(&v[1]), v[4], v[2], v[3], v[0]);
}

REWRITER(bs_put_float)
{
    EMIT(l, bs_put_float, operand_source(&v[1]), v[4], v[2], v[3], v[0]);
}

REWRITER(bs_put_binary)
{
    EMIT(l, bs_put_binary, operand_source(&v[1]), v[4], v[2], v[3], v[0]);
}

REWRITER(bs_put_string)
{
    EMIT(l, bs_put_string, v[0], string_at(l, &v[1], v[0].value * 8));
}
