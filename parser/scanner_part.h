// SPDX-License-Identifier: Apache-2.0
// What the files of the scanner share: reading one token. Each reader begins
// with the scanner at the token's first byte, moves it behind the token and
// fills kind and value.
#ifndef MERLE_SCANNER_PART_H
#define MERLE_SCANNER_PART_H

#include "scanner.h"

// What a reader of one token answers. It never appends a half token: on CUT and
// BAD what it filled in is not used.
typedef enum {
    READ_TOKEN, // the token is complete
    READ_CUT,   // the text ended inside; the error is set
    READ_BAD    // no token of the language; the error is set
} ReadStatus;

// A code point of UTF-8, surrogates and other points that text must not hold
// included; answers its length, 0 when the bytes are none.
unsigned scanner_decode(const uint8_t *p, const uint8_t *end, uint32_t *c);

// Whether a literal may hold [c].
// Noncharacters (U+FFFE, U+FFFF) are refused as well: OTP's scanner has it so,
// though unicode:characters_to_list lets them through.
static inline bool scanner_char_is_legal(uint32_t c)
{
    return c < 0xD800 || (c > 0xDFFF && c < 0xFFFE)
           || (c > 0xFFFF && c <= 0x10FFFF);
}

// As in OTP: all control characters, and U+0080 to U+00A0.
static inline bool scanner_char_is_space(uint32_t c)
{
    return c <= ' ' || (c >= 0x80 && c <= 0xA0);
}

// Moves behind [bytes] that hold [characters] of one line.
// Columns are counted only if the first was: column 0 stays 0.
static inline void scanner_advance(Scanner *s, size_t bytes, size_t characters)
{
    s->at += bytes;
    if (s->place.column != 0) s->place.column += (int32_t)characters;
}

// Moves behind a line's end of one byte.
static inline void scanner_advance_line(Scanner *s)
{
    s->at++;
    s->place.line++;
    if (s->place.column != 0) s->place.column = 1;
}

// Bytes at and after the scanner's that may belong to a name.
// Sets how many code points they are, which is what columns count.
size_t scanner_name_length(const Scanner *s, size_t from, size_t *characters);

// The kind of the unquoted word [atom].
// Reserved words depend on options: "maybe" may be an atom.
TokenKind scanner_word_kind(const Scanner *s, Term atom);

// Reads plain tokens, see scanner_plain.c; needs [s]->words.
void scanner_read_plain(Scanner *s, TokenList *out);

// Fills the error: [descriptor] at [place], given up where the scanner stands.
ReadStatus scanner_error(const Scanner *s, Place place, Term descriptor,
                         ReadStatus status, ScanError *error);

// {illegal, What} at [place].
ReadStatus scanner_illegal(const Scanner *s, Place place, Term what,
                           ScanError *error);

// The readers; scanner_read_string reads triple-quoted strings as well,
// scanner_read_sigil appends prefix and string itself and leaves the suffix.
ReadStatus scanner_read_number(Scanner *s, Token *t, ScanError *error);
ReadStatus scanner_read_char(Scanner *s, Token *t, ScanError *error);
ReadStatus scanner_read_string(Scanner *s, Token *t, ScanError *error);
ReadStatus scanner_read_quoted_atom(Scanner *s, Token *t, ScanError *error);
ReadStatus scanner_read_sigil(Scanner *s, TokenList *out, Token *t,
                              ScanError *error);

// Whether a sigil begins at the scanner, which stands at a '~'.
bool scanner_at_sigil(const Scanner *s);

#endif
