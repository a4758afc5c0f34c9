// SPDX-License-Identifier: Apache-2.0
// Texts of floats. The shortest digits are found by Raffaello Giulietti's
// Schubfach method: with a table of the powers of ten to 128 bits, three
// products tell where a double and the borders of its interval lie between
// decimals of 16 or 17 digits.
//
// Everything is exact integer arithmetic but write_decimal, whose errors are
// wanted.
#include "number_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "powers.gen.h"

enum {
    MANTISSA_BITS = 52,                   // of a double, without the hidden one
    EXPONENT_BIAS = 1023 + MANTISSA_BITS, // of c in c * 2^q
    TEXT_LIMIT = 256,                     // longer texts are refused
    FRACTION_EXACT = 18 // decimals that a 64-bit fraction can hold
};

typedef unsigned __int128 Wide;

typedef struct {
    uint64_t digits; // value = digits * 10^exponent
    int exponent;
} Decimal;

// The upper 64 bits of power * [n], the lowest of them set when any bit below
// is: rounding to odd keeps all comparisons right.
static uint64_t scale(const uint64_t power[2], uint64_t n)
{
    Wide low = (Wide)power[1] * n;
    Wide high = (Wide)power[0] * n + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

// The decimal nearest to c * 2^q that lies in the interval of the doubles
// that round to it. [uneven]: the gap below is half of that above.
static Decimal shortest(uint64_t c, int q, bool uneven)
{
    bool closed = c % 2 == 0; // the borders round to this double
    int k = (q * 1262611 - (uneven ? 524031 : 0)) >> 22; // log10, down
    int shift = q + ((-k * 1741647) >> 19) + 1;
    const uint64_t *power = powers_of_ten[-k - POWER_LEAST];
    uint64_t lower = scale(power, (4 * c - 2 + uneven) << shift) + !closed;
    uint64_t middle = scale(power, (4 * c) << shift);
    uint64_t upper = scale(power, (4 * c + 2) << shift) - !closed;
    uint64_t s = middle / 4;
    // A shorter decimal is taken only if exactly one of its two neighbours lies
    // in the interval: else there is no choice to make, or none that is safe.
    if (s >= 10) { // one digit less?
        uint64_t tens = s / 10;
        bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
        if (down != up) return (Decimal){tens + up, k + 1};
    }
    bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
    if (down != up) return (Decimal){s + up, k};
    uint64_t half = 4 * s + 2; // both or none: the nearer one, even on a tie
    bool round_up = middle > half || (middle == half && s % 2 == 1);
    return (Decimal){s + round_up, k};
}

static Decimal decimal_of(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    uint64_t mantissa = bits & (((uint64_t)1 << MANTISSA_BITS) - 1);
    int exponent = (int)(bits >> MANTISSA_BITS & 0x7FF);
    // Subnormal: no hidden bit.
    if (exponent == 0) return shortest(mantissa, 1 - EXPONENT_BIAS, false);
    uint64_t c = mantissa | (uint64_t)1 << MANTISSA_BITS;
    int q = exponent - EXPONENT_BIAS;
    // Integers are their own decimals: no table needed.
    if (q <= 0 && q >= -MANTISSA_BITS && (c & (((uint64_t)1 << -q) - 1)) == 0)
        return (Decimal){c >> -q, 0}; // an integer
    return shortest(c, q, mantissa == 0 && exponent > 1);
}

static size_t write_digits(uint64_t n, char *to)
{
    char room[20], *p = room + sizeof room;
    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    size_t count = (size_t)(room + sizeof room - p);
    memcpy(to, p, count);
    return count;
}

size_t number_digits(double d, char *digits, int *exponent)
{
    Decimal v = decimal_of(fabs(d));
    while (v.digits % 10 == 0) { // zeros at the end belong to the exponent
        v.digits /= 10;
        v.exponent++;
    }
    size_t count = write_digits(v.digits, digits);
    *exponent = (int)count + v.exponent;
    return count;
}

// Whether [count] digits times 10^[exponent] are written without an exponent:
// when that is not longer, and the number is below 2^53 where doubles stop
// holding every integer.
static bool is_plain(double d, int count, int exponent)
{
    int least = -(count + 2), most = 1;
    if (count == 1) {
        least = -4;
        most = 2;
    } else if (exponent + count - 1 >= 10) {
        most = 2;
    }
    return exponent >= least && exponent <= most && fabs(d) < 0x1p53;
}

// [point]: how many digits stand before the point.
static char *write_plain(char *to, const char *digits, int count, int point)
{
    if (point <= 0) {
        to = memcpy(to, "0.", 2);
        memset(to + 2, '0', (size_t)-point);
        memcpy(to + 2 - point, digits, (size_t)count);
        return to + 2 - point + count;
    }
    // Zeros fill up what the digits do not reach.
    for (int i = 0; i < point; i++) *to++ = i < count ? digits[i] : '0';
    *to++ = '.';
    if (count <= point) *to++ = '0';
    for (int i = point; i < count; i++) *to++ = digits[i];
    return to;
}

// As io_lib:format_float does: with an exponent when that is shorter.
size_t number_short(double d, char *to)
{
    char digits[20], *p = to;
    int point;
    if (signbit(d)) *p++ = '-'; // -0.0 keeps its sign
    if (d == 0) {
        memcpy(p, "0.0", 4);
        return (size_t)(p - to) + 3;
    }
    int count = (int)number_digits(d, digits, &point);
    if (is_plain(d, count, point - count)) {
        p = write_plain(p, digits, count, point);
    } else {
        p = write_plain(p, digits, count, 1); // one digit before the point
        *p++ = 'e';
        int exponent = point - 1;
        if (exponent < 0) *p++ = '-';
        p += write_digits((uint64_t)abs(exponent), p);
    }
    *p = 0;
    return (size_t)(p - to);
}

size_t number_scientific(double d, int decimals, char *to)
{
    if (decimals < 0) decimals = 6; // as printf has it
    if (decimals >= TEXT_LIMIT) return 0;
    int size = snprintf(to, NUMBER_TEXT_MOST, "%.*e", decimals, d);
    return size < TEXT_LIMIT ? (size_t)size : 0;
}

// Drops zeros at the end, but for one behind the point.
static size_t drop_zeros(char *text, size_t size)
{
    while (text[size - 1] == '0') size--;
    if (text[size - 1] == '.') size++;
    text[size] = 0;
    return size;
}

// The fraction is multiplied out in double arithmetic, whose rounding errors
// are part of the text that is expected.
static size_t write_decimal(double d, int decimals, char *to)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                  1e14, 1e15, 1e16, 1e17, 1e18};
    double size = fabs(d), whole = floor(size);
    char *p = to;
    if (signbit(d)) *p++ = '-';
    if (decimals == 0) {
        p += write_digits((uint64_t)round(size), p);
        return (size_t)(p - to);
    }
    double fraction = round((size - whole) * tens[decimals]);
    if (fraction >= tens[decimals]) { // rounded up to a whole one
        whole += 1;
        fraction = 0;
    }
    p += write_digits((uint64_t)whole, p);
    *p++ = '.';
    uint64_t rest = (uint64_t)fraction;
    for (int i = decimals; i-- > 0; rest /= 10) p[i] = (char)('0' + rest % 10);
    return (size_t)(p + decimals - to);
}

size_t number_decimal(double d, int decimals, bool compact, char *to)
{
    if (decimals < 0 || decimals >= TEXT_LIMIT) return 0;
    size_t size;
    // Beyond that printf's exact arithmetic is what OTP uses as well.
    bool exact = fabs(d) <= 0x1p53 && decimals <= FRACTION_EXACT;
    if (exact)
        size = write_decimal(d, decimals, to);
    else
        size = (size_t)snprintf(to, NUMBER_TEXT_MOST, "%.*f", decimals, d);
    if (size >= TEXT_LIMIT) return 0;
    to[size] = 0;
    if (compact && (decimals > 0 || !exact)) size = drop_zeros(to, size);
    return size;
}

// ---- reading ----

enum { PARSE_ROOM = 256 }; // longer texts are copied to malloc

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

// Whether the text is digits.digits, with sign and exponent as they may be.
// strtod takes much more: the form is checked before.
static bool has_float_form(const char *p, const char *end)
{
    if (p < end && (*p == '+' || *p == '-')) p++;
    const char *whole = p;
    p = skip_digits(p, end);
    if (p == whole || p == end || *p != '.') return false;
    const char *fraction = ++p;
    p = skip_digits(p, end);
    if (p == fraction) return false;
    if (p == end) return true;
    if (*p != 'e' && *p != 'E') return false;
    p++;
    if (p < end && (*p == '+' || *p == '-')) p++;
    const char *exponent = p;
    p = skip_digits(p, end);
    return p > exponent && p == end;
}

// strtod wants an end, which a binary has not.
bool number_parse_float(const char *text, size_t size, double *d)
{
    char room[PARSE_ROOM], *copy = room;
    if (!has_float_form(text, text + size)) return false;
    if (size >= PARSE_ROOM) copy = memory_alloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = 0;
    *d = strtod(copy, NULL);
    if (copy != room) free(copy);
    return isfinite(*d);
}
