// SPDX-License-Identifier: Apache-2.0
// The kinds of bytes 128 to 255: as OTP has them, which is ISO 8859-1.
//
// PCRE makes its tables from the locale of the program, and that is C. Each
// byte above 127 then gets what a byte below has that is of the same kind, in
// each of the tables:
//
//   lower case [256] | other case [256] | 10 sets of bits [32] | kinds [256]
#include "regex_table.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stdlib.h>

// Where the tables lie, as PCRE2 10 has them.
enum {
    LOWER_AT = 0,
    OTHER_AT = 256,
    SETS_AT = 512,
    SETS = 10, // of classes such as digit, space, word
    SET_BYTES = 32,
    KINDS_AT = SETS_AT + SETS * SET_BYTES,
    TABLES_SIZE = KINDS_AT + 256
};

static bool is_upper(unsigned c)
{
    return c >= 0xC0 && c <= 0xDE && c != 0xD7;
}

// Letters, the ordinal indicators and the micro sign among them.
static bool is_lower(unsigned c)
{
    return (c >= 0xDF && c != 0xF7) || c == 0xAA || c == 0xB5 || c == 0xBA;
}

// A byte below 128 of the same kind as [c]; g is no hexadecimal digit.
static unsigned likeness(unsigned c)
{
    if (is_upper(c)) return 'G';
    if (is_lower(c)) return 'g';
    // Control characters; others are like punctuation.
    return c < 0xA0 ? 1 : '!';
}

static void add_byte(uint8_t *tables, unsigned c)
{
    unsigned like = likeness(c);
    // Y with diaeresis has its capital beyond Latin-1.
    bool has_upper = is_lower(c) && c >= 0xE0 && c != 0xFF;
    tables[KINDS_AT + c] = tables[KINDS_AT + like];
    tables[LOWER_AT + c] = (uint8_t)(is_upper(c) ? c + 0x20 : c);
    tables[OTHER_AT + c] = (uint8_t)(is_upper(c)   ? c + 0x20
                                     : has_upper ? c - 0x20
                                                 : c);
    for (uint8_t *set = tables + SETS_AT; set < tables + KINDS_AT;
         set += SET_BYTES)
        if (set[like / 8] >> like % 8 & 1)
            set[c / 8] |= (uint8_t)(1u << c % 8);
}

uint8_t *regex_table_new(void)
{
    uint32_t size = 0;
    uint8_t *tables = (uint8_t *)(uintptr_t)pcre2_maketables(NULL);
    pcre2_config(PCRE2_CONFIG_TABLES_LENGTH, &size);
    // Another layout stays as it was made: only ASCII has letters then.
    if (tables != NULL && size == TABLES_SIZE)
        for (unsigned c = 128; c < 256; c++) add_byte(tables, c);
    return tables;
}

void regex_table_free(uint8_t *tables)
{
    pcre2_maketables_free(NULL, tables);
}
