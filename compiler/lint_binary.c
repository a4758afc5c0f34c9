// SPDX-License-Identifier: Apache-2.0
// Lint of binaries: segments in expressions and patterns, their sizes, types
// and units.
//
// A segment is {bin_element, Anno, Value, Size, Words}. Words that are said
// twice must agree; where they do not, one error is told and the size counts
// as unknown, so that nothing more follows from it.
//
// Values and sizes of a binary that is built are expressions beside each other.
// In a pattern the segments are read in order: a size may use what earlier
// segments have bound, and a name that occurs twice is compared.
#include "lint_state.h"

typedef enum { SIZE_DEFAULT, SIZE_KNOWN, SIZE_UNKNOWN, SIZE_ALL } SizeKind;

typedef struct {
    SizeKind kind; // SIZE_ALL: all bits that are left
    int64_t size; // of SIZE_KNOWN
} Size;

typedef struct {
    Term type, sign, endian; // TERM_NONE: not said
    int64_t unit;            // 0: not said
} Spec;

static bool is_type(uintptr_t t) // bytes, bits, bitstring are names of binary
{
    return t == ATOM_BITS_integer || t == ATOM_BITS_float
           || t == ATOM_BITS_binary || t == ATOM_BITS_utf8
           || t == ATOM_BITS_utf16 || t == ATOM_BITS_utf32;
}

static bool is_utf(Term t) // they have no size of their own to give
{
    return t.bits == ATOM_BITS_utf8 || t.bits == ATOM_BITS_utf16
           || t.bits == ATOM_BITS_utf32;
}

// Sets *[slot]; false, with a conflict told, when it was set to another.
static bool set_once(Lint *l, Term anno, Term *slot, Term value,
                     const char *what)
{
    if (term_is_none(*slot) || term_same(*slot, value)) {
        *slot = value;
        return true;
    }
    Term parts[] = {ATOM_bittype_mismatch, value, *slot,
                    heap_string(l->heap, what, strlen(what), TERM_NIL)};
    lint_error(l, anno, heap_tuple(l->heap, 4, parts));
    return false;
}

// The same for units, which are numbers.
static bool set_unit(Lint *l, Term anno, Spec *s, int64_t unit)
{
    if (s->unit != 0 && s->unit != unit) {
        Term parts[] = {ATOM_bittype_mismatch, heap_integer(l->heap, unit),
                        heap_integer(l->heap, s->unit),
                        heap_string(l->heap, "unit", 4, TERM_NIL)};
        lint_error(l, anno, heap_tuple(l->heap, 4, parts));
        return false;
    }
    s->unit = unit;
    return true;
}

// [word] is {unit, N}.
static bool add_unit(Lint *l, Term anno, Spec *s, Term word)
{
    enum { UNIT_MOST = 256 };
    Term n = term_tuple_get(word, 1);
    intptr_t unit = term_is_small(n) ? term_small_value(n) : 0;
    if (unit >= 1 && unit <= UNIT_MOST) return set_unit(l, anno, s, unit);
    lint_error(l, anno, lint_tuple1(l, ATOM_undefined_bittype, word));
    return false;
}

// Each word sets one of four things, of which none may be set twice to
// different values.
static bool add_word(Lint *l, Term anno, Spec *s, Term word)
{
    switch (word.bits) {
    case ATOM_BITS_bytes: word = ATOM_binary; break;
    // Other names of `binary', of which these count bits.
    case ATOM_BITS_bits:
    case ATOM_BITS_bitstring:
        if (!set_unit(l, anno, s, 1)) return false;
        word = ATOM_binary;
        break;
    case ATOM_BITS_signed:
    case ATOM_BITS_unsigned:
        return set_once(l, anno, &s->sign, word, "sign");
    case ATOM_BITS_big:
    case ATOM_BITS_little:
    case ATOM_BITS_native:
        return set_once(l, anno, &s->endian, word, "endianness");
    default: break;
    }
    if (is_type(word.bits)) return set_once(l, anno, &s->type, word, "type");
    lint_error(l, anno, lint_tuple1(l, ATOM_undefined_bittype, word));
    return false;
}

// false: something was told, and the rest is not looked at.
static bool read_words(Lint *l, Term anno, Term words, Spec *s)
{
    for (; term_is_cons(words); words = term_tail(words)) {
        Term w = term_head(words);
        bool good;
        if (term_is_tuple_of(w, 2) && term_same(term_tuple_get(w, 0), ATOM_unit))
            good = add_unit(l, anno, s, w);
        else if (term_is_atom(w))
            good = add_word(l, anno, s, w);
        else
            good = false;
        if (!good) return false;
    }
    return true;
}

// Fills in the defaults of type and size; tells what does not fit. What it
// answers is for the rules of patterns: whether anything can follow.
static Size resolve(Lint *l, Term anno, Size size, Spec *s)
{
    Size unknown = {SIZE_UNKNOWN, 0};
    if (term_is_none(s->type)) s->type = ATOM_integer;
    // A character is as long as it is.
    if (is_utf(s->type)) {
        if (size.kind != SIZE_DEFAULT || s->unit != 0)
            lint_error(l, anno, ATOM_utf_bittype_size_or_unit);
        return unknown;
    }
    // <<X/unit:4>>: a unit is of a size, and none is given.
    if (size.kind == SIZE_DEFAULT && s->unit != 0
        && !term_same(s->type, ATOM_binary)) {
        lint_error(l, anno, ATOM_bittype_unit);
        return unknown;
    }
    bool is_binary = term_same(s->type, ATOM_binary);
    if (s->unit == 0) s->unit = is_binary ? 8 : 1;
    if (size.kind == SIZE_DEFAULT) {
        if (is_binary) return (Size){SIZE_ALL, 0};
        size = (Size){SIZE_KNOWN, term_same(s->type, ATOM_float) ? 64 : 8};
    }
    if (size.kind == SIZE_ALL && !is_binary)
        lint_error(l, anno, ATOM_illegal_bitsize);
    return size;
}

// 16 bits since OTP 24; other sizes can never match and fail when built.
static void check_float(Lint *l, Term anno, Size size, const Spec *s)
{
    if (size.kind != SIZE_KNOWN || !term_same(s->type, ATOM_float)) return;
    int64_t bits = size.size * s->unit;
    if (bits == 16 || bits == 32 || bits == 64) return;
    lint_warning(l, anno,
                 lint_tuple1(l, ATOM_bad_bitsize,
                             heap_string(l->heap, "float", 5, TERM_NIL)));
}

// What a size means depends on the words, so they are read first.
static Size check_spec(Lint *l, Term anno, Size size, Term words)
{
    Spec s = {TERM_NONE, TERM_NONE, TERM_NONE, 0};
    if (!read_words(l, anno, words, &s)) return (Size){SIZE_UNKNOWN, 0};
    size = resolve(l, anno, size, &s);
    check_float(l, anno, size, &s);
    return size;
}

// Only integers count as known; <<X:(4*2)>> is not judged.
static bool literal_size(Term t, Size *size)
{
    if (!form_is(t, ATOM_BITS_integer) || !term_is_small(form_arg(t, 0)))
        return false;
    *size = (Size){SIZE_KNOWN, term_small_value(form_arg(t, 0))};
    return true;
}

// [v]: what the size uses.
static Size expression_size(Lint *l, Term t, Vars known, LintCheck check,
                            Vars *v)
{
    Size size = {SIZE_UNKNOWN, 0};
    *v = no_vars;
    if (term_same(t, ATOM_default)) return (Size){SIZE_DEFAULT, 0};
    // Forms that programs made, parse transforms above all, may say `all'.
    if (form_is(t, ATOM_BITS_atom) && term_same(form_arg(t, 0), ATOM_all))
        return (Size){SIZE_ALL, 0};
    if (!literal_size(t, &size)) *v = check(l, t, known);
    return size;
}

// [check] is that of expressions or of guards.
Vars lint_binary(Lint *l, Term segments, Vars known, LintCheck check)
{
    Vars done = no_vars;
    for (; term_is_cons(segments); segments = term_tail(segments)) {
        Term s = term_head(segments);
        Vars in_size, v = check(l, form_arg(s, 0), known);
        Size size
            = expression_size(l, form_arg(s, 1), known, check, &in_size);
        check_spec(l, form_anno(s), size, form_arg(s, 2));
        done = vars_merge(l, done, vars_merge(l, v, in_size));
    }
    return done;
}

// ---- patterns ----

static bool has_utf(Term words)
{
    for (; term_is_cons(words); words = term_tail(words))
        if (is_utf(term_head(words))) return true;
    return false;
}

// "abc"/utf8 is fine; "abc":16 is not, since in a pattern each character would
// have the size, which OTP does not allow.
static bool is_bad_string(Term s)
{
    if (!form_is(form_arg(s, 0), ATOM_BITS_string)) return false;
    Term words = form_arg(s, 2);
    if (!term_same(form_arg(s, 1), ATOM_default)) return true;
    return !term_same(words, ATOM_default) && !has_utf(words);
}

// Values of segments are variables, numbers and strings; nothing nested can be
// matched within a binary.
static PatternVars segment_value(Lint *l, Term p, Vars bound, Vars fresh)
{
    PatternVars none = {no_vars, no_vars};
    if (form_is(p, ATOM_BITS_var)) {
        if (term_same(form_arg(p, 0), ATOM_underscore)) return none;
        // Names bound by segments before are compared: <<X, X>>.
        return vars_bind(l, form_arg(p, 0), form_anno(p), bound, fresh);
    }
    if (form_is(p, ATOM_BITS_string)) return none;
    if (!lint_is_pattern_constant(l, p))
        lint_error(l, form_anno(p), ATOM_illegal_pattern);
    return none;
}

// Sizes that are no integer for sure.
static bool is_senseless_size(Term t)
{
    switch (term_tuple_get(t, 0).bits) {
    case ATOM_BITS_atom:
    case ATOM_BITS_bin:
    case ATOM_BITS_cons:
    case ATOM_BITS_float:
    case ATOM_BITS_map:
    case ATOM_BITS_nil:
    case ATOM_BITS_tuple: return true;
    default: return false;
    }
}

// A variable as size is looked up here as it may come from this pattern. In
// other expressions vars_use does so: l->bit_pattern holds those of the
// segments before, and gets their uses.
static Size pattern_size(Lint *l, Term t, Vars known, Vars fresh,
                         PatternVars *pv)
{
    Size size = {SIZE_UNKNOWN, 0};
    *pv = (PatternVars){no_vars, no_vars};
    if (term_same(t, ATOM_default)) return (Size){SIZE_DEFAULT, 0};
    if (literal_size(t, &size)) return size;
    if (form_is(t, ATOM_BITS_var)) {
        *pv = vars_use_in_size(l, form_arg(t, 0), form_anno(t), known, fresh);
        return size;
    }
    // An expression: it may use what segments before have bound.
    GuardContext context = l->context;
    bool in_bit_pattern = l->in_bit_pattern;
    Vars before = l->bit_pattern;
    l->context = CONTEXT_BIT_SIZE;
    l->in_bit_pattern = true;
    l->bit_pattern = fresh;
    pv->old = lint_guard_expression(l, t, known);
    pv->fresh = l->bit_pattern;
    l->context = context;
    l->in_bit_pattern = in_bit_pattern;
    l->bit_pattern = before;
    if (is_senseless_size(t))
        lint_warning(l, form_anno(t), ATOM_non_integer_bitsize);
    return size;
}

// What follows a segment that takes all that is left can never be matched. The
// error is at that segment and found when the next one comes.
PatternVars lint_binary_pattern(Lint *l, Term segments, Vars known,
                                Vars bound)
{
    PatternVars all = {no_vars, no_vars};
    bool was_open = false; // the segment before takes all there is
    Term open_anno = TERM_NONE;
    for (; term_is_cons(segments); segments = term_tail(segments)) {
        Term s = term_head(segments), anno = form_anno(s);
        if (is_bad_string(s)) {
            lint_error(l, anno, ATOM_typed_literal_string);
            continue;
        }
        PatternVars in_size;
        PatternVars v = segment_value(l, form_arg(s, 0), bound, all.fresh);
        Size size = pattern_size(l, form_arg(s, 1), known, all.fresh,
                                 &in_size);
        size = check_spec(l, anno, size, form_arg(s, 2));
        // <<A/binary, B>>: nothing would be left for B.
        if (was_open)
            lint_error(l, open_anno, ATOM_unsized_binary_not_at_end);
        was_open = size.kind == SIZE_ALL
                   && !form_is(form_arg(s, 0), ATOM_BITS_string);
        open_anno = anno;
        all.old = vars_merge(l, in_size.old, vars_merge(l, v.old, all.old));
        all.fresh = vars_merge(l, in_size.fresh,
                               vars_merge(l, all.fresh, v.fresh));
    }
    return all;
}
