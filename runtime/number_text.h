// SPDX-License-Identifier: Apache-2.0
// Texts of numbers, as Erlang writes and reads them. Integers: big.h.
#ifndef MERLE_NUMBER_TEXT_H
#define MERLE_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NUMBER_SHORT_MOST = 32,     // bytes of number_short
    NUMBER_TEXT_MOST = 1024     // bytes of the others
};

// The shortest text that reads back as [d], as ~p and float_to_list(D,
// [short]) have it: "0.1", "1.0e22". Answers its length; a 0 byte ends it.
size_t number_short(double d, char *to);

// The shortest decimal digits that read back as finite [d] != 0 (sign left
// out): value = 0.DIGITS * 10^[*exponent]. At most 17 digits; answers how many.
size_t number_digits(double d, char *digits, int *exponent);

// "1.50000e+02": [decimals] digits behind the point; float_to_list/1 has 20.
// 0 when it gets too long.
size_t number_scientific(double d, int decimals, char *to);

// "150.00"; [compact] drops zeros at the end but one. 0 when it gets too long.
size_t number_decimal(double d, int decimals, bool compact, char *to);

// The float of a text of the form [+-]digits.digits[e[+-]digits]; false when
// it has another form or is out of range.
bool number_parse_float(const char *text, size_t size, double *d);

#endif
