// SPDX-License-Identifier: Apache-2.0
// Notice: binaries. Those made of literals are literals, and may fail to be
// made; segments of patterns may be such that nothing matches them.
//
// Values are folded as sys_core_fold folds them: with sizes that are literals
// and from left to right, so that the first segment that fails is told of.
//
// A binary that cannot be made is told and not folded; its code stays, since it
// has to raise when it runs.
#include "arith.h"
#include "big.h"
#include "match.h"
#include "notice.h"

typedef enum { EVAL_DONE, EVAL_UNKNOWN, EVAL_FAILED } Eval;

// ---- binaries that are made ----

// Whether a literal value does not suit the type of its segment: v3_core tells
// of these by the form alone.
static bool is_unsuitable(Notice *n, Term element)
{
    PatSegment s;
    Term value = form_get(element, 3);
    segment_read(n->u, &s, element);
    Term t = form_is(value, ATOM_string) ? TERM_NONE
                                         : form_constant(n->u, value);
    if (term_is_none(t)) return false;
    switch (s.type) {
    case SEG_INTEGER: case SEG_UTF8: case SEG_UTF16: case SEG_UTF32:
        return !term_is_integer(t);
    case SEG_FLOAT: return !term_is_integer(t) && !term_is_float(t);
    default: return true; // a literal is no binary, as it is written
    }
}

// The place is that of the whole binary.
static Eval fail(Notice *n, Term anno, Term why)
{
    notice_warn(n, anno, ATOM_sys_core_fold, ATOM_failed, why);
    return EVAL_FAILED;
}

static bool is_character(Term t) // no surrogates
{
    if (!term_is_small(t)) return false;
    intptr_t c = term_small_value(t);
    return c >= 0 && c <= 0x10FFFF && (c < 0xD800 || c >= 0xE000);
}

// A binary within a binary: as many of its bits as are asked for. Without a
// size all of it is taken, and must be of whole units.
static Eval eval_inner(Notice *n, Term anno, const PatSegment *s, Bits *bits)
{
    Heap *h = n->u->out;
    // <<(<<1,2>>):3/binary>> asks for more than there is.
    if (s->fixed) {
        if (s->bits > bits->size)
            return fail(n, anno, ATOM_embedded_binary_size);
        bits->size = s->bits;
        return EVAL_DONE;
    }
    if (!term_is_none(s->size)) return EVAL_UNKNOWN;
    if (bits->size % s->unit == 0) return EVAL_DONE;
    return fail(n, anno,
                heap_tuple3(h, ATOM_embedded_unit, term_small(s->unit),
                            term_small((intptr_t)bits->size)));
}

// The bits of [t] in segment [s] of the binary at [anno], added to [out]. What
// is valid but not done here (native order, floats) is unknown.
static Eval eval_segment(Notice *n, Term anno, const PatSegment *s, Term t,
                         LiteralBits *out)
{
    uint8_t bytes[8];
    Bits bits = {bytes, 0, 0};
    if (s->type == SEG_BINARY) {
        if (!term_bits(t, &bits)) return EVAL_UNKNOWN;
        Eval done = eval_inner(n, anno, s, &bits);
        if (done == EVAL_DONE) literal_bits_add(&n->u->arena, out, &bits);
        return done;
    }
    // Floats have 16, 32 or 64 bits.
    if (s->type == SEG_FLOAT && term_is_float(t)
        && (!s->fixed || (s->bits != 16 && s->bits != 32 && s->bits != 64)))
        return fail(n, anno, ATOM_bad_float_size);
    if (s->type >= SEG_UTF8 && s->type <= SEG_UTF32 && term_is_integer(t)
        && !is_character(t))
        return fail(n, anno, ATOM_bad_unicode);
    if (!segment_literal(s, t, bytes, &bits)) return EVAL_UNKNOWN;
    literal_bits_add(&n->u->arena, out, &bits);
    return EVAL_DONE;
}

// Reads [element] with the size that is known of it. False when that is none: a
// negative number, or one that is no integer's.
static bool read_segment(Notice *n, Term element, PatSegment *s)
{
    segment_read(n->u, s, element);
    if (term_is_none(s->size)) return true;
    Know *size = notice_expr(n, s->size, WANT_VALUE);
    if (size->kind != KNOW_LITERAL) return true;
    bool fits = term_is_small(size->term) && term_small_value(size->term) >= 0;
    s->fixed = fits;
    if (fits) s->bits = (size_t)term_small_value(size->term) * s->unit;
    return fits || term_is_integer(size->term);
}

// [before] is what became of the segments in front: once it is not DONE nothing
// more is added.
static Eval eval_element(Notice *n, Term anno, Term element, LiteralBits *out,
                         Eval before)
{
    PatSegment s;
    Term value = form_get(element, 3);
    if (!read_segment(n, element, &s)) {
        notice_warn(n, form_get(element, 2), ATOM_v3_kernel, ATOM_failed,
                    ATOM_bad_segment_size);
        before = EVAL_FAILED;
    }
    if (form_is(value, ATOM_string)) {
        for (Term l = form_get(value, 3); before == EVAL_DONE
                                          && term_is_cons(l); l = term_tail(l))
            before = eval_segment(n, anno, &s, term_head(l), out);
        return before;
    }
    // Walked even when it is known to fail: it may hold warnings of its own.
    Know *k = notice_expr(n, value, WANT_VALUE);
    if (before != EVAL_DONE) return before;
    if (k->kind != KNOW_LITERAL) return EVAL_UNKNOWN;
    return eval_segment(n, anno, &s, k->term, out);
}

// First what v3_core finds in any segment, then folding. Without segments it is
// a literal, too.
Know *notice_binary(Notice *n, Term e, Want want)
{
    LiteralBits bits = {0};
    uint8_t nothing = 0;
    Term anno = form_get(e, 2);
    for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
        if (is_unsuitable(n, term_head(l))) {
            notice_warn(n, anno, ATOM_v3_core, ATOM_failed, ATOM_bad_binary);
            return know_nothing(n);
        }
    notice_useless(n, anno, want);
    Eval all = EVAL_DONE;
    for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
        all = eval_element(n, anno, term_head(l), &bits, all);
    if (all != EVAL_DONE) return know_nothing(n);
    Bits whole = {bits.bits == 0 ? &nothing : bits.bytes, 0, bits.bits};
    return know_literal(n, heap_bits(&n->u->heap, &whole));
}

// ---- segments of patterns ----
// A segment that no value fits makes the whole pattern impossible;
// sys_core_fold tells of the first one.

static bool never(Notice *n, Term anno, Term tag, Term value)
{
    notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch,
                heap_tuple2(n->u->out, tag, value));
    return true;
}

static Term type_name(const PatSegment *s) // for the text
{
    switch (s->type) {
    case SEG_INTEGER: return ATOM_integer;
    case SEG_FLOAT: return ATOM_float;
    case SEG_UTF8: return ATOM_utf8;
    case SEG_UTF16: return ATOM_utf16;
    case SEG_UTF32: return ATOM_utf32;
    default: return ATOM_binary;
    }
}

// Whether the bits of [t] above the lowest [size] are not all as [sign] says:
// then the number does not fit.
static bool has_above(Notice *n, Term t, size_t size, intptr_t sign)
{
    Term above = arith_shift_right(&n->u->heap, t, term_small((intptr_t)size));
    return !term_same(above, term_small(sign));
}

// A number as a pattern must be one that the segment can hold: 256 never comes
// of 8 bits, and 200 not of 8 signed ones.
static bool bad_integer(Notice *n, Term anno, const PatSegment *s, Term t)
{
    bool is_negative = term_is_small(t) ? term_small_value(t) < 0
                                        : !has_above(n, t, 4096, -1);
    Term sign = s->flags & SEG_SIGNED ? ATOM_signed : ATOM_unsigned;
    // <<-1>> as a pattern: what is read is never below 0.
    if (is_negative && !(s->flags & SEG_SIGNED))
        return never(n, anno, ATOM_bit_syntax_unsigned, t);
    if (!s->fixed) return false;
    if (s->flags & SEG_SIGNED) {
        bool bad = s->bits == 0
                       ? !term_same(t, term_small(0))
                       : has_above(n, t, s->bits - 1, is_negative ? -1 : 0);
        if (!bad) return false;
    } else if (!has_above(n, t, s->bits, 0)) {
        return false;
    }
    Term what[] = {ATOM_bit_syntax_truncated, sign, t,
                   term_small((intptr_t)s->bits)};
    notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch,
                heap_tuple(n->u->out, 4, what));
    return true;
}

// By type: numbers for integers and floats, code points for utf; everything
// else can match nothing.
static bool bad_value(Notice *n, Term anno, const PatSegment *s, Term t)
{
    if (s->type == SEG_INTEGER && term_is_integer(t))
        return bad_integer(n, anno, s, t);
    if (s->type == SEG_FLOAT && (term_is_float(t) || term_is_integer(t)))
        return false;
    if (s->type >= SEG_UTF8 && s->type <= SEG_UTF32 && term_is_integer(t)) {
        if (term_is_small(t) && term_small_value(t) >= 0
            && term_small_value(t) <= 0x10FFFF)
            return false;
        return never(n, anno, ATOM_bit_syntax_unicode, t);
    }
    notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch,
                heap_tuple3(n->u->out, ATOM_bit_syntax_type, t, type_name(s)));
    return true;
}

// Sizes may be variables that are known to be literals.
static bool bad_segment(Notice *n, Term element)
{
    PatSegment s;
    Term anno = form_get(element, 2), value = form_get(element, 3);
    bool quiet = n->quiet;
    // The size is only looked up: nothing is told of it here.
    n->quiet = true;
    segment_read(n->u, &s, element);
    Know *size = term_is_none(s.size) ? NULL
                                      : notice_expr(n, s.size, WANT_VALUE);
    n->quiet = quiet;
    if (size != NULL && size->kind == KNOW_LITERAL) {
        s.fixed = term_is_small(size->term)
                  && term_small_value(size->term) >= 0;
        if (!s.fixed)
            return never(n, anno, ATOM_bit_syntax_size, size->term);
        s.bits = (size_t)term_small_value(size->term) * s.unit;
    }
    if (form_is(value, ATOM_string)) {
        for (Term l = form_get(value, 3); term_is_cons(l); l = term_tail(l))
            if (bad_value(n, anno, &s, term_head(l))) return true;
        return false;
    }
    Term t = form_constant(n->u, value); // a variable may be anything
    return !term_is_none(t) && bad_value(n, anno, &s, t);
}

// At any depth of the pattern; the first is told and no other.
bool notice_bad_segment(Notice *n, Term pattern)
{
    if (n->unfolded) return false;
    for (; term_is_cons(pattern); pattern = term_tail(pattern))
        if (notice_bad_segment(n, term_head(pattern))) return true;
    if (!term_is_tuple(pattern) || term_arity(pattern) < 3) return false;
    if (form_is(pattern, ATOM_bin)) {
        for (Term l = form_get(pattern, 3); term_is_cons(l); l = term_tail(l))
            if (bad_segment(n, term_head(l))) return true;
        return false;
    }
    for (size_t i = 2; i < term_arity(pattern); i++)
        if (notice_bad_segment(n, term_tuple_get(pattern, i))) return true;
    return false;
}
