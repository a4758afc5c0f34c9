// SPDX-License-Identifier: Apache-2.0
// Characters of literals as text, by the rules of io_lib:write_string and
// io_lib:write_char, so that what is written reads back as the same literal.
#include "quote.h"

#include <stdio.h>

// The letter that stands for control character [c] behind a backslash, or 0.
static char escape_letter(uint32_t c)
{
    switch (c) {
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\v': return 'v';
    case '\b': return 'b';
    case '\f': return 'f';
    case 27: return 'e';  // escape
    case 127: return 'd'; // delete
    default: return 0;
    }
}

void quote_add_char(Buffer *out, uint32_t c, uint32_t quote, bool latin1)
{
    enum { TEXT_MOST = 16 }; // the longest is \x{10FFFF}
    char text[TEXT_MOST];
    if (c == '\\' || (c == quote && quote != 0)) {
        snprintf(text, sizeof text, "\\%c", (int)c);
    } else if (latin1 && c > 255) {
        snprintf(text, sizeof text, "\\x{%X}", (unsigned)c);
    } else if (c >= 160 || (c >= ' ' && c < 127)) {
        // 128 to 159 are control characters too, without letters of their own.
        buffer_add_utf8(out, c);
        return;
    } else if (escape_letter(c) != 0) {
        snprintf(text, sizeof text, "\\%c", escape_letter(c));
    } else {
        // Three digits always: a digit that follows is then not part of it.
        snprintf(text, sizeof text, "\\%03o", (unsigned)c);
    }
    buffer_add(out, text, strlen(text));
}

void quote_add_char_literal(Buffer *out, uint32_t c, bool latin1)
{
    if (c == ' ' && !latin1) {
        buffer_add(out, "$\\s", 3);
        return;
    }
    buffer_add_byte(out, '$');
    quote_add_char(out, c, 0, latin1);
}

void quote_add_string(Buffer *out, Term string, bool latin1)
{
    buffer_add_byte(out, '"');
    for (; term_is_cons(string); string = term_tail(string))
        quote_add_char(out, (uint32_t)term_small_value(term_head(string)), '"',
                       latin1);
    buffer_add_byte(out, '"');
}
