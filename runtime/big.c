// SPDX-License-Identifier: Apache-2.0
// Big integers: limbs on the heap, calculation by GMP.
//
// mpn_ functions know neither signs nor zero limbs: both are dealt with here.
#include "big.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

_Static_assert(sizeof(mp_limb_t) == sizeof(Term) && GMP_NAIL_BITS == 0,
               "limbs lie in the words of a bignum");

// [*room] must live as long as the view.
Big big_view(Term t, mp_limb_t *room)
{
    if (term_is_small(t)) {
        intptr_t n = term_small_value(t);
        // Of SMALL_MIN, too: unsigned negation cannot overflow.
        *room = n < 0 ? 0 - (mp_limb_t)n : (mp_limb_t)n;
        return (Big){room, n != 0, n < 0}; // 0 has no limbs
    }
    assert(term_is_big(t));
    const Term *box = term_box_ptr(t);
    return (Big){(const mp_limb_t *)(box + 1), header_arity(box[0]),
                 header_subtag(box[0]) == SUBTAG_BIG_NEG};
}

// The sign is set at the end: see big_finish.
Term *big_new(Heap *h, size_t size, mp_limb_t **limbs)
{
    Term *box = heap_alloc(h, 1 + size);
    box[0] = term_header(SUBTAG_BIG_POS, size);
    *limbs = (mp_limb_t *)(box + 1);
    return box;
}

// Gives the words of [box] behind [words] back, if nothing was built since.
static void trim(Heap *h, Term *box, size_t words)
{
    // Else it lies in front of something: the words stay, as part of nothing.
    if (h->top == box + 1 + header_arity(box[0])) h->top = box + words;
}

// In this order: leading zeros first, as they decide what fits.
Term big_finish(Heap *h, Term *box, size_t size, bool negative)
{
    const mp_limb_t *limbs = (const mp_limb_t *)(box + 1);
    while (size > 0 && limbs[size - 1] == 0) size--;
    if (size <= 1) {
        mp_limb_t low = size == 0 ? 0 : limbs[0];
        // SMALL_MIN has one more than SMALL_MAX.
        if (low <= (mp_limb_t)SMALL_MAX + negative) {
            // Nothing of it is needed: a small is the answer.
            trim(h, box, 0);
            return term_small(negative ? -(intptr_t)low : (intptr_t)low);
        }
    }
    // Larger than there may be: the caller raises system_limit.
    if (size > BIG_LIMBS_MAX) {
        trim(h, box, 0);
        return TERM_NONE;
    }
    trim(h, box, 1 + size);
    box[0] = term_header(negative ? SUBTAG_BIG_NEG : SUBTAG_BIG_POS, size);
    return term_from_box(box);
}

Term big_from_limbs(Heap *h, const mp_limb_t *limbs, size_t size,
                    bool negative)
{
    mp_limb_t *to;
    Term *box = big_new(h, size, &to);
    if (size > 0) mpn_copyi(to, limbs, (mp_size_t)size);
    return big_finish(h, box, size, negative);
}

Term big_from_bytes(Heap *h, const uint8_t *bytes, size_t size,
                    bool little_endian, bool negative)
{
    // A long field may hold a small number.
    while (size > 0 && bytes[little_endian ? size - 1 : 0] == 0) {
        if (!little_endian) bytes++;
        size--;
    }
    size_t count = (size + 7) / 8;
    if (count > BIG_LIMBS_MAX + 1) return TERM_NONE; // before room is taken
    mp_limb_t *limbs;
    Term *box = big_new(h, count, &limbs);
    for (size_t i = 0; i < count; i++) limbs[i] = 0;
    // Filled byte by byte, so the machine's own order does not matter.
    for (size_t i = 0; i < size; i++) {
        mp_limb_t byte = bytes[little_endian ? i : size - 1 - i];
        limbs[i / 8] |= byte << (i % 8 * 8);
    }
    return big_finish(h, box, count, negative);
}

size_t big_byte_size(Term t)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    if (b.size == 0) return 1; // 0 is one byte
    // Without leading zero bytes, as the external format wants it.
    unsigned empty = (unsigned)__builtin_clzl(b.limbs[b.size - 1]) / 8;
    return b.size * 8 - empty;
}

void big_to_bytes(Term t, uint8_t *to)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    size_t size = big_byte_size(t);
    if (b.size == 0) to[0] = 0;
    for (size_t i = 0; b.size > 0 && i < size; i++)
        to[i] = (uint8_t)(b.limbs[i / 8] >> (i % 8 * 8));
}

bool big_to_int64(Term t, int64_t *n)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    uint64_t low = b.size == 0 ? 0 : b.limbs[0];
    // -2^63 fits.
    if (b.size > 1 || low > (uint64_t)INT64_MAX + b.negative) return false;
    *n = (int64_t)(b.negative ? 0 - low : low);
    return true;
}

// For bit fields: what is above does not matter.
uint64_t big_low_bits(Term t)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    uint64_t low = b.size == 0 ? 0 : b.limbs[0];
    // Two's complement, as bit fields have it.
    return b.negative ? 0 - low : low;
}

int big_sign(Term t)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    if (b.size == 0) return 0;
    return b.negative ? -1 : 1;
}

// The 64 highest bits of [b], the lowest of them set when any bit below is:
// what is needed to round a magnitude of more than 64 bits right.
static uint64_t leading_bits(Big b, unsigned empty)
{
    size_t i = b.size - 1;
    uint64_t top = b.limbs[i] << empty;
    // There are two limbs at least.
    uint64_t below = b.limbs[i - 1];
    if (empty > 0) {
        top |= below >> (64 - empty);
        below <<= empty;
    }
    // Any bit further down counts.
    for (i--; below == 0 && i > 0; i--) below = b.limbs[i - 1];
    return top | (below != 0);
}

// Rounded to nearest, as reading the text of the number would be.
bool big_to_double(Term t, double *d)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    double value;
    if (b.size <= 1) {
        value = b.size == 0 ? 0.0 : (double)b.limbs[0];
    } else {
        if (b.size > 16) return false; // 2^1024 has 17 limbs
        unsigned empty = (unsigned)__builtin_clzl(b.limbs[b.size - 1]);
        // Rounded once: the bit below stands for all that was cut.
        double top = (double)leading_bits(b, empty);
        value = ldexp(top, (int)(64 * (b.size - 1) - empty));
    }
    if (isinf(value)) return false;
    *d = b.negative ? -value : value;
    return true;
}

Term big_from_double(Heap *h, double d)
{
    // Fits a word: no limbs by hand.
    if (fabs(d) < 0x1p62) return heap_integer(h, (int64_t)d);
    int exponent;
    double fraction = frexp(fabs(d), &exponent); // 0.5 <= fraction < 1
    mp_limb_t mantissa = (mp_limb_t)ldexp(fraction, 53);
    // [d] is 2^62 at least, so this is not negative.
    unsigned shift = (unsigned)exponent - 53;
    size_t size = shift / 64 + 2;
    mp_limb_t *limbs;
    Term *box = big_new(h, size, &limbs);
    for (size_t i = 0; i < size; i++) limbs[i] = 0;
    limbs[shift / 64] = mantissa << (shift % 64);
    if (shift % 64 > 0)
        limbs[shift / 64 + 1] = mantissa >> (64 - shift % 64);
    return big_finish(h, box, size, d < 0);
}

static int compare_magnitudes(Big a, Big b)
{
    // No leading zeros: more limbs mean more.
    if (a.size != b.size) return a.size < b.size ? -1 : 1;
    return mpn_cmp(a.limbs, b.limbs, (mp_size_t)a.size);
}

int big_compare(Term a, Term b)
{
    if (term_is_small(a) && term_is_small(b)) {
        intptr_t x = term_small_value(a), y = term_small_value(b);
        return (x > y) - (x < y);
    }
    mp_limb_t room_a, room_b;
    Big x = big_view(a, &room_a), y = big_view(b, &room_b);
    // 0 and positive numbers have the same sign.
    if (x.negative != y.negative) return x.negative ? -1 : 1;
    int order = compare_magnitudes(x, y);
    return x.negative ? -order : order;
}

// An integer against a double beyond 2^53: the double is an integer then, and
// is made one of at most 16 limbs.
static int compare_large_double(Big a, double d)
{
    int exponent;
    double fraction = frexp(fabs(d), &exponent);
    // 2^1024 takes 17 limbs, and one is written beyond.
    mp_limb_t limbs[18] = {0};
    mp_limb_t mantissa = (mp_limb_t)ldexp(fraction, 53);
    unsigned shift = (unsigned)exponent - 53;
    limbs[shift / 64] = mantissa << (shift % 64);
    if (shift % 64 > 0)
        limbs[shift / 64 + 1] = mantissa >> (64 - shift % 64);
    size_t size = shift / 64 + 2;
    while (limbs[size - 1] == 0) size--;
    int order = compare_magnitudes(a, (Big){limbs, size, false});
    return d < 0 ? -order : order;
}

int big_compare_double(Term t, double d)
{
    // Both are exact in 64 bits.
    if (term_is_small(t) && fabs(d) < 0x1p53) {
        // Cut towards 0.
        intptr_t n = term_small_value(t), cut = (intptr_t)d;
        if (n != cut) return n < cut ? -1 : 1;
        double rest = d - (double)cut;
        return (rest < 0) - (rest > 0); // the fraction decides
    }
    mp_limb_t room;
    Big b = big_view(t, &room);
    // Different signs; 0 counts as positive.
    if (b.negative != (d < 0)) return b.negative ? -1 : 1;
    // Of equal signs: infinity is beyond all.
    if (isinf(d)) return d < 0 ? 1 : -1;
    if (fabs(d) < 0x1p53) return b.negative ? -1 : 1; // [t] is a bignum
    return compare_large_double(b, d);
}

// ---- text ----

// The lowest digits first would need a division by 10 each: smalls are written
// backwards into a little room instead.
static inline size_t write_digits(uint64_t n, unsigned base, char *end)
{
    char *p = end;
    do {
        unsigned digit = (unsigned)(n % base);
        *--p = (char)(digit < 10 ? '0' + digit : 'A' + digit - 10);
        n /= base;
    } while (n > 0);
    return (size_t)(end - p);
}

const char *big_small_to_text(intptr_t n, int base, char *room, size_t *size)
{
    char *end = room + BIG_SMALL_TEXT;
    uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    // By a constant it is a multiplication.
    size_t count = base == 10 ? write_digits(magnitude, 10, end)
                              : write_digits(magnitude, (unsigned)base, end);
    if (n < 0) end[-(ptrdiff_t)++count] = '-';
    *size = count;
    return end - count;
}

static char *copy_small_text(intptr_t n, int base, size_t *size)
{
    char room[BIG_SMALL_TEXT];
    const char *digits = big_small_to_text(n, base, room, size);
    char *text = memory_alloc(*size + 1);
    memcpy(text, digits, *size);
    // The caller frees it; the 0 is for those who print.
    text[*size] = 0;
    return text;
}

char *big_to_text(Term t, int base, size_t *size)
{
    if (term_is_small(t))
        return copy_small_text(term_small_value(t), base, size);
    mp_limb_t room;
    Big b = big_view(t, &room);
    // Perhaps one too many, for bases that are no powers of two.
    size_t most = mpn_sizeinbase(b.limbs, (mp_size_t)b.size, base);
    // For a sign, a digit too many, and a 0.
    unsigned char *text = memory_alloc(most + 3);
    // mpn_get_str spoils its operand.
    mp_limb_t *copy = memory_alloc((b.size + 1) * sizeof *copy);
    mpn_copyi(copy, b.limbs, (mp_size_t)b.size);
    size_t count = mpn_get_str(text + 1, base, copy, (mp_size_t)b.size);
    free(copy);
    unsigned char *from = text + 1;
    // The digit that was one too many.
    while (count > 1 && *from == 0) from++, count--;
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < count; i++)
        from[i] = (unsigned char)digits[from[i]];
    size_t sign = b.negative ? 1 : 0;
    // To the front, behind the sign.
    memmove(text + sign, from, count);
    if (b.negative) text[0] = '-';
    text[sign + count] = 0;
    *size = sign + count;
    return (char *)text;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'z') return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'Z') return (unsigned)(c - 'A') + 10;
    return 99; // no digit in any base
}

static Term long_from_text(Heap *h, const char *text, size_t size, int base,
                           bool negative)
{
    unsigned char *digits = memory_alloc(size);
    for (size_t i = 0; i < size; i++)
        digits[i] = (unsigned char)digit_value(text[i]);
    // Each limb takes at least floor(64 / bits of a digit) digits.
    size_t limbs_most = (size_t)((double)size * log2(base) / 64) + 2;
    Term result = TERM_NONE;
    // More would be no number of ours anyway.
    if (limbs_most <= BIG_LIMBS_MAX + 2) {
        mp_limb_t *limbs;
        Term *box = big_new(h, limbs_most, &limbs);
        mp_size_t count = mpn_set_str(limbs, digits, size, base);
        result = big_finish(h, box, (size_t)count, negative);
    }
    free(digits);
    return result;
}

enum { SHORT_DIGITS = 12 }; // fit a word in any base

Term big_from_text(Heap *h, const char *text, size_t size, int base)
{
    bool negative = size > 0 && text[0] == '-';
    // Both signs are allowed.
    if (negative || (size > 0 && text[0] == '+')) text++, size--;
    if (size == 0) return TERM_NONE;
    uint64_t n = 0;
    bool fits = true, is_short = size <= SHORT_DIGITS;
    // All digits are checked, and the value kept as long as it fits.
    for (size_t i = 0; i < size; i++) {
        unsigned digit = digit_value(text[i]);
        if (digit >= (unsigned)base) return TERM_NONE;
        // The largest base.
        if (!is_short && n > ((uint64_t)INT64_MAX - 35) / 36) fits = false;
        if (fits) n = n * (unsigned)base + digit;
    }
    if (fits) return heap_integer(h, negative ? -(int64_t)n : (int64_t)n);
    // Checked already: only digits of the base are in it.
    return long_from_text(h, text, size, base, negative);
}
