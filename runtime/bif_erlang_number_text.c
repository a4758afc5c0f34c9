// SPDX-License-Identifier: Apache-2.0
// erlang: numbers to text and back.
// Text is made in memory of malloc or on the C stack, and then becomes a list
// or a binary.
#include <stdlib.h>

#include "big.h"
#include "bif.h"
#include "bits.h"
#include "buffer.h"
#include "number_text.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum {
    DECIMALS_DEFAULT = 20, // as OTP: 1.50000000000000000000e+00
    // Beyond it an integer may be refused with system_limit.
    DIGITS_MOST = BIG_LIMBS_MAX * 12, // more may be too many, in base 36
    PART_OF_TEXT = 64                 // of a list, read at once
};

// What the text becomes.
typedef Term (*MakeText)(Heap *h, const char *text, size_t size);

static Term make_list(Heap *h, const char *text, size_t size)
{
    return heap_string(h, text, size, TERM_NIL);
}

static Term make_binary(Heap *h, const char *text, size_t size)
{
    return heap_binary(h, text, size);
}

// 2 to 36, digits then letters.
static bool get_base(Term t, int *base)
{
    if (!term_is_small(t) || term_small_value(t) < 2
        || term_small_value(t) > 36)
        return false;
    *base = (int)term_small_value(t);
    return true;
}

// ---- integers to text ----

// Upper case letters, as OTP.
static Term integer_to(Process *p, Term t, int base, MakeText make)
{
    if (!term_is_integer(t)) return bif_error(p, ATOM_badarg);
    size_t size;
    if (term_is_small(t)) {
        char room[BIG_SMALL_TEXT];
        const char *digits =
            big_small_to_text(term_small_value(t), base, room, &size);
        return make(process_heap(p), digits, size);
    }
    char *text = big_to_text(t, base, &size);
    Term made = make(process_heap(p), text, size);
    free(text);
    return made;
}

Term bif_erlang_integer_to_list_1(Process *p, const Term *args)
{
    return integer_to(p, args[0], 10, make_list);
}

Term bif_erlang_integer_to_list_2(Process *p, const Term *args)
{
    int base;
    if (!get_base(args[1], &base)) return bif_error(p, ATOM_badarg);
    return integer_to(p, args[0], base, make_list);
}

Term bif_erlang_integer_to_binary_1(Process *p, const Term *args)
{
    return integer_to(p, args[0], 10, make_binary);
}

Term bif_erlang_integer_to_binary_2(Process *p, const Term *args)
{
    int base;
    if (!get_base(args[1], &base)) return bif_error(p, ATOM_badarg);
    return integer_to(p, args[0], base, make_binary);
}

// ---- floats to text ----
// The forms of float_to_list/2.

// 1.5e0, 1.5000, 1.5
typedef enum { FORM_SCIENTIFIC, FORM_DECIMAL, FORM_SHORT } FloatForm;

// Later options win.
typedef struct {
    FloatForm form;
    int decimals; // digits behind the point
    bool compact; // decimals: no zeros at the end
} FloatOptions;

// {scientific, N}, {decimals, N}.
static bool set_decimals(Term option, FloatOptions *o)
{
    if (!term_is_tuple_of(option, 2)) return false;
    Term name = term_tuple_get(option, 0), value = term_tuple_get(option, 1);
    if (!term_is_small(value)) return false;
    intptr_t n = term_small_value(value);
    // Negative: as many as are needed, or badarg; the writer says.
    if (n < -1) n = -1; // all that are negative mean the same
    o->decimals = n > NUMBER_TEXT_MOST ? NUMBER_TEXT_MOST : (int)n;
    bool scientific = term_same(name, ATOM_scientific);
    o->form = scientific ? FORM_SCIENTIFIC : FORM_DECIMAL;
    return scientific || term_same(name, ATOM_decimals);
}

static bool get_float_options(Term list, FloatOptions *o)
{
    *o = (FloatOptions){FORM_SCIENTIFIC, DECIMALS_DEFAULT, false};
    for (; term_is_cons(list); list = term_tail(list)) {
        Term option = term_head(list);
        if (term_same(option, ATOM_compact))
            o->compact = true;
        else if (term_same(option, ATOM_short))
            o->form = FORM_SHORT;
        else if (!set_decimals(option, o))
            return false;
    }
    return term_is_nil(list);
}

// 0: the text would be too long.
static size_t write_float(double d, const FloatOptions *o, char *to)
{
    switch (o->form) {
    case FORM_SHORT: return number_short(d, to);
    case FORM_DECIMAL: return number_decimal(d, o->decimals, o->compact, to);
    default: return number_scientific(d, o->decimals, to);
    }
}

// Integers are badarg: float_to_list(1) fails.
static Term float_to(Process *p, Term t, Term options, MakeText make)
{
    FloatOptions o;
    char text[NUMBER_TEXT_MOST];
    if (!term_is_float(t) || !get_float_options(options, &o))
        return bif_error(p, ATOM_badarg);
    size_t size = write_float(term_float_value(t), &o, text);
    if (size == 0) return bif_error(p, ATOM_badarg);
    return make(process_heap(p), text, size);
}

Term bif_erlang_float_to_list_1(Process *p, const Term *args)
{
    return float_to(p, args[0], TERM_NIL, make_list);
}

Term bif_erlang_float_to_list_2(Process *p, const Term *args)
{
    return float_to(p, args[0], args[1], make_list);
}

Term bif_erlang_float_to_binary_1(Process *p, const Term *args)
{
    return float_to(p, args[0], TERM_NIL, make_binary);
}

Term bif_erlang_float_to_binary_2(Process *p, const Term *args)
{
    return float_to(p, args[0], args[1], make_binary);
}

// ---- text to numbers ----
// No blanks around, a sign allowed.

// Takes characters of ASCII from a list as long as there is room.
// A character above 127 is no digit anyway.
static size_t take_chars(Term *list, char *text, size_t room)
{
    size_t n = 0;
    for (; n < room && term_is_cons(*list); *list = term_tail(*list)) {
        Term c = term_head(*list);
        if (!term_is_small(c) || (uintptr_t)term_small_value(c) > 127) break;
        text[n++] = (char)term_small_value(c);
    }
    return n;
}

// The characters of a string of ASCII; false when [list] is none.
static bool read_list(Term list, Buffer *text)
{
    char part[PART_OF_TEXT];
    size_t n;
    while ((n = take_chars(&list, part, sizeof part)) > 0)
        buffer_add(text, part, n);
    return term_is_nil(list);
}

// [base] is of integers only.
typedef Term (*ReadText)(Process *p, const char *text, size_t size, int base);

static Term read_integer(Process *p, const char *text, size_t size, int base)
{
    Heap *h = process_heap(p);
    Term t = big_from_text(h, text, size, base);
    if (!term_is_none(t)) return t;
    // Too large and wrong look the same there: by its length it is told.
    return bif_error(p, size > DIGITS_MOST ? ATOM_system_limit : ATOM_badarg);
}

// The same reader as the scanner's.
static Term read_float(Process *p, const char *text, size_t size, int base)
{
    double d;
    if (!number_parse_float(text, size, &d)) return bif_error(p, ATOM_badarg);
    return heap_float(process_heap(p), d);
}

// The list's text is copied first, mostly to here.
static Term from_list(Process *p, Term list, int base, ReadText read)
{
    char part[PART_OF_TEXT];
    Term rest = list;
    size_t n = take_chars(&rest, part, sizeof part);
    if (term_is_nil(rest)) return read(p, part, n, base);
    Buffer text;
    buffer_init(&text);
    Term t = read_list(list, &text)
                 ? read(p, (const char *)text.bytes, text.size, base)
                 : bif_error(p, ATOM_badarg);
    buffer_free(&text);
    return t;
}

// Read where it lies, if it begins at a byte.
static Term from_binary(Process *p, Term binary, int base, ReadText read)
{
    uint8_t *copy = NULL;
    size_t size;
    const uint8_t *bytes = bits_bytes(binary, &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Term t = read(p, (const char *)bytes, size, base);
    free(copy);
    return t;
}

// Decimal digits of a small integer, read where they stand. False for all else.
static bool read_small(Term list, Term *small)
{
    enum { DIGITS_OF_SMALL = 17 }; // whichever they are
    Term sign = term_is_cons(list) ? term_head(list) : TERM_NIL;
    bool negative = term_same(sign, term_small('-'));
    intptr_t n = 0;
    unsigned count = 0;
    if (negative) list = term_tail(list);
    for (; term_is_cons(list); list = term_tail(list), count++) {
        uintptr_t digit =
            (term_head(list).bits - term_small('0').bits) >> TAG_IMMEDIATE_BITS;
        if (!term_is_small(term_head(list)) || digit > 9
            || count == DIGITS_OF_SMALL)
            return false;
        n = n * 10 + (intptr_t)digit;
    }
    *small = term_small(negative ? -n : n);
    return count > 0 && term_is_nil(list);
}

Term bif_erlang_list_to_integer_1(Process *p, const Term *args)
{
    Term small;
    if (read_small(args[0], &small)) return small;
    return from_list(p, args[0], 10, read_integer);
}

Term bif_erlang_list_to_integer_2(Process *p, const Term *args)
{
    int base;
    if (!get_base(args[1], &base)) return bif_error(p, ATOM_badarg);
    return from_list(p, args[0], base, read_integer);
}

Term bif_erlang_binary_to_integer_1(Process *p, const Term *args)
{
    return from_binary(p, args[0], 10, read_integer);
}

Term bif_erlang_binary_to_integer_2(Process *p, const Term *args)
{
    int base;
    if (!get_base(args[1], &base)) return bif_error(p, ATOM_badarg);
    return from_binary(p, args[0], base, read_integer);
}

Term bif_erlang_list_to_float_1(Process *p, const Term *args)
{
    return from_list(p, args[0], 10, read_float);
}

Term bif_erlang_binary_to_float_1(Process *p, const Term *args)
{
    return from_binary(p, args[0], 10, read_float);
}
