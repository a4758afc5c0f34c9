// SPDX-License-Identifier: Apache-2.0
// Bytes that are no text: where OTP says that they are.
//
// Its scanner has been given all that stands before them, and waits for the
// rest of what it read last: the place is where that begins. A piece that needs
// no more, such as "->" or a character within quotes, is behind it; there the
// place is that of the bytes themselves.
#include <string.h>

#include "preprocess.h"
#include "preprocess_state.h"

// What is read in one piece. At the end of the text an open one may go on.
typedef struct {
    size_t size;
    bool open;
} Piece;

// Continuation bytes are no characters of their own.
static void advance_place(Place *place, uint8_t c)
{
    if (c == '\n') {
        place->line++;
        if (place->column > 0) place->column = 1;
    } else if (place->column > 0 && (c & 0xC0) != 0x80) {
        place->column++;
    }
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_octal(uint8_t c)
{
    return c >= '0' && c <= '7';
}

static bool is_name(uint8_t c)
{
    return c >= 0x80 || c == '_' || c == '@' || is_digit(c)
           || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A newline is a piece of its own.
static bool is_blank(uint8_t c)
{
    return c <= ' ' && c != '\n';
}

static bool is_no_newline(uint8_t c)
{
    return c != '\n';
}

static size_t count_while(bool (*holds)(uint8_t c), const uint8_t *p,
                          size_t left)
{
    size_t n = 0;
    while (n < left && holds(p[n])) n++;
    return n;
}

// Of a known size, if there is as much.
static Piece piece_of(size_t size, size_t left)
{
    return left < size ? (Piece){left, true} : (Piece){size, false};
}

// A backslash and what belongs to it.
static Piece read_escape(const uint8_t *p, size_t left)
{
    enum { CONTROL = 3, HEX = 4, OCTAL_MOST = 4 }; // "\\^C", "\\xFF", "\\377"
    if (left == 1) return (Piece){1, true};
    size_t n = 2;
    if (p[1] == 'x' && left > 2 && p[2] == '{') {
        while (n < left && p[n] != '}') n++;
        return n < left ? (Piece){n + 1, false} : (Piece){n, true};
    }
    if (p[1] == 'x') return piece_of(HEX, left);
    if (p[1] == '^') return piece_of(CONTROL, left);
    if (!is_octal(p[1])) return (Piece){2, false};
    while (n < left && n < OCTAL_MOST && is_octal(p[n])) n++;
    return (Piece){n, n < OCTAL_MOST};
}

// "$a", "$\n".
static Piece read_char(const uint8_t *p, size_t left)
{
    if (left == 1) return (Piece){1, true};
    size_t n = 2;
    if (p[1] == '\\') {
        Piece escape = read_escape(p + 1, left - 1);
        return (Piece){1 + escape.size, escape.open};
    }
    while (n < left && (p[n] & 0xC0) == 0x80) n++;
    return (Piece){n, false};
}

// A number goes on behind a point and a base.
static Piece read_name(const uint8_t *p, size_t left)
{
    size_t n = count_while(is_name, p, left);
    bool joins = is_digit(p[0]) && n < left
                 && (p[n] == '#'
                     || (p[n] == '.' && (n + 1 == left || is_digit(p[n + 1]))));
    if (joins) n += 1 + count_while(is_name, p + n + 1, left - n - 1);
    return (Piece){n, true};
}

// The longest sign; open when what is left begins a longer one.
static Piece read_sign(const uint8_t *p, size_t left)
{
    static const char signs[][4] = {"++", "--", "->", "==", "=:=", "=/=", "=<",
                                    "=>", "<<", "<=", "<-", ">>",  ">=",  ":=",
                                    "::", "||", "/=", "..", "...", "?="};
    size_t longest = 1;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        if (n > left && memcmp(signs[i], p, left) == 0)
            return (Piece){left, true};
        if (n <= left && n > longest && memcmp(signs[i], p, n) == 0)
            longest = n;
    }
    return (Piece){longest, false};
}

// [*quote] is that of the literal that is open, or 0.
static Piece read_piece(const uint8_t *p, size_t left, uint8_t *quote)
{
    if (*quote != 0) {
        if (*p == '\\') return read_escape(p, left);
        if (*p == *quote) *quote = 0;
        return (Piece){1, false};
    }
    if (is_blank(*p)) return (Piece){count_while(is_blank, p, left), true};
    if (*p == '%') return (Piece){count_while(is_no_newline, p, left), true};
    if (is_name(*p)) return read_name(p, left);
    if (*p == '$') return read_char(p, left);
    if (*p == '"' || *p == '\'') *quote = *p;
    return read_sign(p, left);
}

Place damaged_place(const Scanner *s, size_t from, Place place)
{
    uint8_t quote = 0;
    for (size_t i = from; i < s->size;) {
        Piece piece = read_piece(s->text + i, s->size - i, &quote);
        if (piece.open && i + piece.size == s->size) break;
        for (size_t end = i + piece.size; i < end; i++)
            advance_place(&place, s->text[i]);
    }
    return place;
}
