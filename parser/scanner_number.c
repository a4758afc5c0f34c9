// SPDX-License-Identifier: Apache-2.0
// Numbers of the scanner: 1_000, 16#FF, 1.5e-3, 2#0.001#e8. An underscore may
// stand between two digits only.
#include <gmp.h>
#include <math.h>
#include <stdlib.h>

#include "atom.h"
#include "big.h"
#include "memory.h"
#include "number_text.h"
#include "scanner_part.h"

// Digits without their underscores; those of common numbers need no malloc.
// Their text is what GMP and the reader of floats take.
typedef struct {
    char *text;         // NUL behind the last; own, or memory of malloc
    size_t count, room; // in use, and allocated, NUL included
    char own[64];       // longer ones are mostly generated constants
} Digits;

static void digits_init(Digits *d)
{
    d->text = d->own;
    d->count = 0;
    d->room = sizeof d->own;
}

static void digits_free(Digits *d)
{
    if (d->text != d->own) free(d->text);
}

static void digits_add(Digits *d, uint8_t c)
{
    if (d->count + 1 >= d->room) {
        // The first growth leaves [own]: nothing there can be resized.
        char *old = d->text == d->own ? NULL : d->text;
        size_t count = d->count;
        d->text = memory_grow(old, &d->room, d->count + 2, 1);
        if (old == NULL) memcpy(d->text, d->own, count);
    }
    d->text[d->count++] = (char)c;
    d->text[d->count] = 0;
}

// Value of the digit [c], 36 of everything else.
static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 36;
}

// 0 behind the end: it is no digit of any base.
static uint8_t byte_at(const Scanner *s, size_t at)
{
    return at < s->size ? s->text[at] : 0;
}

// Collects digits of [base] from [at] on; answers where they end.
// An underscore counts only between digits: 1__0 and 1_ end before it.
static size_t collect(const Scanner *s, size_t at, int base, Digits *d)
{
    size_t start = at;
    for (;;) {
        if (digit_value(byte_at(s, at)) < base && at < s->size) {
            digits_add(d, s->text[at++]);
        } else if (at > start && byte_at(s, at) == '_'
                   && digit_value(byte_at(s, at + 1)) < base) {
            at++;
        } else {
            return at;
        }
    }
}

// All of a number is ASCII: as many columns as bytes.
static void move_to(Scanner *s, size_t at)
{
    scanner_advance(s, at - s->at, at - s->at);
}

// The integer of [d] in [base]; TERM_NONE when it is too large.
// Digits are added up in a machine word as long as it cannot overflow: the
// limit leaves room for one more digit of any base up to 36.
static Term to_integer(Scanner *s, const Digits *d, int base)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; i < d->count && n < (uint64_t)SMALL_MAX / 64; i++)
        n = n * (unsigned)base + (unsigned)digit_value((uint8_t)d->text[i]);
    if (i == d->count) return heap_integer(s->heap, (int64_t)n);
    return big_from_text(s->heap, d->text, d->count, base);
}

// Appends an exponent's 'e', sign and digits from [at] on; answers its end.
static size_t collect_exponent(const Scanner *s, size_t at, Digits *d)
{
    digits_add(d, 'e');
    at++;
    if (byte_at(s, at) == '+' || byte_at(s, at) == '-')
        digits_add(d, s->text[at++]);
    return collect(s, at, 10, d);
}

static bool is_exponent_mark(uint8_t c)
{
    return c == 'e' || c == 'E';
}

// A float whose integer part is in [d] and whose '.' is at [at].
// The text goes to the common reader of floats as it stands, so that 1.5e3 here
// and list_to_float("1.5e3") round alike. Overflow is illegal, underflow is 0.0
// as in OTP.
static ReadStatus read_float(Scanner *s, size_t at, Digits *d, Token *t,
                             ScanError *error)
{
    Place place = s->place;
    double value;
    // In OTP a float must have a digit on both sides: 1. and .5 are none.
    digits_add(d, '.');
    at = collect(s, at + 1, 10, d);
    if (is_exponent_mark(byte_at(s, at))) at = collect_exponent(s, at, d);
    move_to(s, at);
    if (!number_parse_float(d->text, d->count, &value))
        return scanner_illegal(s, place, ATOM_float, error);
    t->kind = TOKEN_FLOAT;
    t->value = heap_float(s->heap, value);
    return READ_TOKEN;
}

// Mantissa times [base] to the power [exponent], rounded once.
// Exact in rational numbers, so that base 2 and base 3 are as good as 10. OTP
// 28 is where such floats come from.
static double scale(const char *mantissa, int base, long exponent)
{
    mpz_t n, power;
    mpq_t q;
    mpz_init_set_str(n, mantissa, base);
    mpz_init(power);
    mpz_ui_pow_ui(power, (unsigned long)base, (unsigned long)labs(exponent));
    mpq_init(q);
    if (exponent >= 0) {
        mpz_mul(mpq_numref(q), n, power);
    } else {
        mpz_set(mpq_numref(q), n);
        mpz_set(mpq_denref(q), power);
        mpq_canonicalize(q); // lowest terms: mpq_cmp demands it
    }
    // mpq_get_d cuts off; the nearest double is this or the next one.
    double low = mpq_get_d(q), high = nextafter(low, INFINITY);
    mpq_t a, b;
    mpq_init(a);
    mpq_init(b);
    if (isfinite(high)) {
        // Half of low + high is the middle; above it the next double is nearer.
        mpq_set_d(a, low);
        mpq_set_d(b, high);
        mpq_add(a, a, b);
        mpq_set_ui(b, 1, 2);
        mpq_mul(a, a, b);
        if (mpq_cmp(q, a) > 0) low = high;
    }
    mpq_clears(a, b, q, NULL);
    mpz_clears(n, power, NULL);
    return low;
}

// Without the limit 2#1.0#e999999999 would ask for that much memory.
enum { BASED_EXPONENT_MOST = 5000 }; // beyond it every float is 0 or too large

// A float in [base]: its integer digits are in [d], its '.' is at [at].
static ReadStatus read_based_float(Scanner *s, size_t at, int base, Digits *d,
                                   Token *t, ScanError *error)
{
    Place place = s->place;
    size_t whole = d->count;
    at = collect(s, at + 1, base, d);
    // The mantissa is read as an integer, each digit of the fraction then
    // counts as one in the exponent.
    long exponent = -(long)(d->count - whole);
    // Digits of the mantissa: bounds the work, as no float needs more.
    bool good = d->count < 4096;
    if (byte_at(s, at) == '#' && is_exponent_mark(byte_at(s, at + 1))) {
        Digits e;
        digits_init(&e);
        at = collect_exponent(s, at + 1, &e);
        // "#e" or "#e+" without digits is no exponent.
        good = good && e.count > 1
               && digit_value((uint8_t)e.text[e.count - 1]) < 10;
        if (good) exponent += strtol(e.text + 1, NULL, 10);
        digits_free(&e);
    }
    move_to(s, at);
    if (exponent > BASED_EXPONENT_MOST || exponent < -2 * BASED_EXPONENT_MOST)
        good = false;
    double value = good ? scale(d->text, base, exponent) : INFINITY;
    if (!isfinite(value)) return scanner_illegal(s, place, ATOM_float, error);
    t->kind = TOKEN_FLOAT;
    t->value = heap_float(s->heap, value);
    return READ_TOKEN;
}

// The digits behind "Base#", the '#' being at [at].
// 16#FF, 16#F_F, 2#0.001, 36#ZZ.
static ReadStatus read_based(Scanner *s, size_t at, int base, Token *t,
                             ScanError *error)
{
    Place place = s->place;
    ReadStatus status = READ_TOKEN;
    Digits d;
    digits_init(&d);
    at = collect(s, at + 1, base, &d);
    // "16#F.foo" is 16#F and a '.': only a digit goes on.
    if (d.count > 0 && byte_at(s, at) == '.'
        && digit_value(byte_at(s, at + 1)) < base) {
        status = read_based_float(s, at, base, &d, t, error);
    } else {
        move_to(s, at);
        t->kind = TOKEN_INTEGER;
        t->value = d.count > 0 ? to_integer(s, &d, base) : TERM_NONE;
        if (term_is_none(t->value))
            status = scanner_illegal(s, place, ATOM_integer, error);
    }
    digits_free(&d);
    return status;
}

// Goes on at '#' at [at] behind the base in [d].
// {base, 37} is erl_scan's error; the base itself is named in it.
static ReadStatus read_base(Scanner *s, size_t at, const Digits *d, Token *t,
                            ScanError *error)
{
    Place place = s->place;
    Term base = to_integer(s, d, 10);
    if (term_is_small(base) && term_small_value(base) >= 2
        && term_small_value(base) <= 36)
        return read_based(s, at, (int)term_small_value(base), t, error);
    move_to(s, at);
    if (term_is_none(base))
        return scanner_illegal(s, place, ATOM_integer, error);
    return scanner_error(s, place, heap_tuple2(s->heap, ATOM_base, base),
                         READ_BAD, error);
}

ReadStatus scanner_read_number(Scanner *s, Token *t, ScanError *error)
{
    Place place = s->place;
    ReadStatus status = READ_TOKEN;
    Digits d;
    digits_init(&d);
    size_t at = collect(s, s->at, 10, &d);
    uint8_t c = byte_at(s, at);
    // "1.e" and "1..2" are integers followed by something else.
    if (c == '.' && digit_value(byte_at(s, at + 1)) < 10) {
        status = read_float(s, at, &d, t, error);
    } else if (c == '#') {
        status = read_base(s, at, &d, t, error);
    } else {
        move_to(s, at);
        t->kind = TOKEN_INTEGER;
        t->value = to_integer(s, &d, 10);
        if (term_is_none(t->value))
            status = scanner_illegal(s, place, ATOM_integer, error);
    }
    digits_free(&d);
    return status;
}
