// SPDX-License-Identifier: Apache-2.0
// What the scanner finds in quotes: characters, strings, quoted atoms,
// triple-quoted strings and sigils.
//
// Each function here is entered with the scanner at the opening delimiter and
// leaves it behind the closing one. On READ_CUT and READ_BAD it stands
// anywhere: the caller has a copy to go back to. A literal without escapes and
// letters beyond ASCII, by far the most common, is taken from the text as it
// stands (plain_length); only others are collected as code points first.
#include <stdlib.h>

#include "memory.h"
#include "scanner_part.h"
#include "utf8.h"

// Code points that a literal stands for.
typedef struct {
    uint32_t *chars;    // memory of malloc, grown as needed; all zero is empty
    size_t count, room; // used of it; allocated
} Chars;

static void chars_add(Chars *x, uint32_t c)
{
    if (x->count == x->room)
        x->chars = memory_grow(x->chars, &x->room, x->count + 16, sizeof c);
    x->chars[x->count++] = c;
}

// At most [most] of them: an error shows only how a literal began.
static Term chars_to_list(Heap *h, const Chars *x, size_t most)
{
    Term list = TERM_NIL;
    for (size_t i = x->count < most ? x->count : most; i-- > 0;)
        list = heap_cons(h, term_small(x->chars[i]), list);
    return list;
}

// The atom of these characters; TERM_NONE when there are too many.
static Term chars_to_atom(AtomTable *atoms, const Chars *x)
{
    char text[ATOM_MAX_CHARACTERS * UTF8_MOST];
    size_t n = 0;
    if (x->count > ATOM_MAX_CHARACTERS) return TERM_NONE;
    for (size_t i = 0; i < x->count; i++)
        n += utf8_write((uint8_t *)text + n, x->chars[i]);
    return atom_new(atoms, text, n);
}

// ---- escapes ----

// 0 behind the end of text: that is no delimiter, digit or letter.
static uint8_t byte_at(const Scanner *s, size_t at)
{
    return at < s->size ? s->text[at] : 0;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_octal(uint8_t c)
{
    return c >= '0' && c <= '7';
}

// Reads the character at the scanner, moving over it, newlines included.
static ReadStatus read_plain(Scanner *s, uint32_t *c)
{
    if (s->at >= s->size) return READ_CUT;
    *c = s->text[s->at];
    if (*c == '\n') {
        scanner_advance_line(s);
        return READ_TOKEN;
    }
    unsigned n = 1;
    if (*c >= 0x80) n = scanner_decode(s->text + s->at, s->text + s->size, c);
    scanner_advance(s, n == 0 ? 1 : n, 1);
    return n != 0 && scanner_char_is_legal(*c) ? READ_TOKEN : READ_BAD;
}

// One to three digits: "\1234" is the character 8#123 and a 4.
static ReadStatus read_octal(Scanner *s, uint32_t *c)
{
    *c = 0;
    for (int n = 0; n < 3 && is_octal(byte_at(s, s->at)); n++) {
        *c = *c * 8 + (uint32_t)(s->text[s->at] - '0');
        scanner_advance(s, 1, 1);
    }
    return READ_TOKEN;
}

// The hexadecimal digits behind "x{".
static ReadStatus read_braced_hex(Scanner *s, uint32_t *c)
{
    size_t digits = 0;
    *c = 0;
    for (int v; (v = hex_value(byte_at(s, s->at))) >= 0; digits++) {
        // Larger ones are illegal whatever follows, and must not wrap around.
        if (*c <= 0x10FFFF) *c = *c * 16 + (uint32_t)v;
        scanner_advance(s, 1, 1);
    }
    if (s->at >= s->size) return READ_CUT;
    if (s->text[s->at] != '}') return READ_BAD;
    scanner_advance(s, 1, 1);
    // "\x{}" has no digits; surrogates are no characters.
    return digits > 0 && scanner_char_is_legal(*c) ? READ_TOKEN : READ_BAD;
}

// Behind "x".
static ReadStatus read_hex(Scanner *s, uint32_t *c)
{
    if (s->at >= s->size) return READ_CUT;
    if (s->text[s->at] == '{') {
        scanner_advance(s, 1, 1);
        return read_braced_hex(s, c);
    }
    int high = hex_value(s->text[s->at]);
    // One digit at the end of text: the shell may still read the other.
    if (high >= 0 && s->at + 1 >= s->size && s->options & SCANNER_MORE)
        return READ_CUT;
    int low = hex_value(byte_at(s, s->at + 1));
    if (high < 0 || low < 0) return READ_BAD;
    *c = (uint32_t)(high * 16 + low);
    scanner_advance(s, 2, 2);
    return READ_TOKEN;
}

// Any other letter stands for itself: "\q" is "q".
static uint32_t escaped(uint32_t c)
{
    switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'e': return 27;
    case 's': return ' ';
    case 'd': return 127;
    default: return c;
    }
}

// Reads what follows a backslash.
static ReadStatus read_escape(Scanner *s, uint32_t *c)
{
    uint8_t first = byte_at(s, s->at);
    if (is_octal(first)) return read_octal(s, c);
    if (first == 'x') {
        scanner_advance(s, 1, 1);
        return read_hex(s, c);
    }
    // "\^A" is 1: the control key takes off the upper bits; "\^?" is delete.
    if (first == '^' && s->at < s->size) {
        scanner_advance(s, 1, 1);
        ReadStatus status = read_plain(s, c);
        if (*c == '?') *c = 127;
        else if (*c != '\n') *c &= 31; // of a newline the newline stays
        return status;
    }
    ReadStatus status = read_plain(s, c);
    *c = escaped(*c);
    return status;
}

// ---- characters ----

ReadStatus scanner_read_char(Scanner *s, Token *t, ScanError *error)
{
    Place place = s->place;
    uint32_t c = 0;
    scanner_advance(s, 1, 1);
    ReadStatus status;
    // "$\n" is an escape, "$n" the letter; "$ " is a space.
    if (byte_at(s, s->at) == '\\') {
        scanner_advance(s, 1, 1);
        status = read_escape(s, &c);
    } else {
        Place before = s->place;
        status = read_plain(s, &c);
        if (status == READ_BAD) s->place = before; // where OTP says it ends
    }
    if (status == READ_CUT)
        return scanner_error(s, place, ATOM_char, READ_CUT, error);
    if (status == READ_BAD)
        return scanner_illegal(s, place, ATOM_character, error);
    t->kind = TOKEN_CHAR;
    t->value = term_small((intptr_t)c);
    return READ_TOKEN;
}

// ---- strings and quoted atoms ----

// How many bytes from the scanner on are plain ASCII of a literal that ends in
// [quote]; SIZE_MAX when it holds anything else.
static size_t plain_length(const Scanner *s, uint8_t quote)
{
    const uint8_t *p = s->text + s->at, *end = s->text + s->size;
    // A newline is below ' ' too: it changes the line, which is counted
    // elsewhere.
    for (; p < end && *p != quote; p++)
        if (*p < ' ' || *p == '\\' || *p >= 0x7F) return SIZE_MAX;
    return p < end ? (size_t)(p - s->text) - s->at : SIZE_MAX;
}

// What the string of a sigil must be known by.
typedef struct {
    Term name;           // an atom
    uint8_t open, close; // the delimiters
} Sigil;

enum { SHOWN = 16 }; // characters of a literal in the error

// {string, Quote, Beginning}: the text ended inside a literal.
static ReadStatus unterminated(const Scanner *s, Place place, Term quote,
                               const Chars *text, ScanError *error)
{
    Term head = chars_to_list(s->heap, text, SHOWN);
    return scanner_error(s, place,
                         heap_tuple3(s->heap, ATOM_string, quote, head),
                         READ_CUT, error);
}

// The same of what OTP 25 does not know, in the words of OTP 27:
// {unterminated, What, Beginning}.
static ReadStatus unterminated_new(const Scanner *s, Place place, Term what,
                                   const Chars *text, ScanError *error)
{
    Term head = chars_to_list(s->heap, text, SHOWN);
    Term tag = atom_new(s->atoms, "unterminated", 12);
    return scanner_error(s, place, heap_tuple3(s->heap, tag, what, head),
                         READ_CUT, error);
}

// Reads up to and with [close]; backslashes escape if [escapes]. An error of
// a bad character is set here, that of a cut text by the caller.
static ReadStatus read_until(Scanner *s, uint8_t close, bool escapes,
                             Chars *text, ScanError *error)
{
    for (;;) {
        Place at = s->place;
        uint32_t c = byte_at(s, s->at);
        if (s->at < s->size && c == close) {
            scanner_advance(s, 1, 1);
            return READ_TOKEN;
        }
        // The quote of "\'" was read with its backslash: it is not the end.
        bool escape = escapes && c == '\\';
        if (escape) scanner_advance(s, 1, 1);
        ReadStatus status = escape ? read_escape(s, &c) : read_plain(s, &c);
        if (status == READ_CUT) return READ_CUT;
        if (status == READ_BAD)
            return scanner_illegal(s, at, ATOM_character, error);
        chars_add(text, c);
    }
}

ReadStatus scanner_read_quoted_atom(Scanner *s, Token *t, ScanError *error)
{
    Place place = s->place;
    Chars text = {0}; // stays so where the literal is plain
    ReadStatus status = READ_TOKEN;
    scanner_advance(s, 1, 1);
    size_t plain = plain_length(s, '\'');
    t->kind = TOKEN_ATOM;
    if (plain != SIZE_MAX) {
        const char *bytes = (const char *)s->text + s->at;
        t->value = atom_new(s->atoms, bytes, plain);
        scanner_advance(s, plain + 1, plain + 1);
    } else {
        status = read_until(s, '\'', true, &text, error);
        if (status == READ_TOKEN) t->value = chars_to_atom(s->atoms, &text);
        // Its error is what the caller sees; status stays READ_CUT.
        if (status == READ_CUT)
            unterminated(s, place, term_small('\''), &text, error);
    }
    free(text.chars);
    // Too many characters for an atom.
    if (status == READ_TOKEN && term_is_none(t->value))
        return scanner_illegal(s, place, ATOM_atom, error);
    return status;
}

// The text ended inside the string of a sigil, which begins at [place].
static ReadStatus cut_sigil(const Scanner *s, Place place, const Sigil *sigil,
                            const Chars *text, ScanError *error)
{
    Term what[] = {atom_new(s->atoms, "sigil", 5), sigil->name,
                   term_small(sigil->open), term_small(sigil->close)};
    return unterminated_new(s, place, heap_tuple(s->heap, 4, what), text,
                            error);
}

// A string of one line or more whose opening delimiter the scanner stands at;
// [sigil] is NULL if it is none of a sigil.
static ReadStatus read_delimited(Scanner *s, const Sigil *sigil, bool escapes,
                                 Token *t, ScanError *error)
{
    Place place = s->place;
    uint8_t close = sigil != NULL ? sigil->close : '"';
    Chars text = {0};
    ReadStatus status = READ_TOKEN;
    scanner_advance(s, 1, 1);
    Place begin = s->place;
    size_t plain = plain_length(s, close);
    t->kind = TOKEN_STRING;
    if (plain != SIZE_MAX) {
        t->value = heap_string(s->heap, (const char *)s->text + s->at, plain,
                               TERM_NIL);
        scanner_advance(s, plain + 1, plain + 1);
    } else {
        status = read_until(s, close, escapes, &text, error);
        if (status == READ_TOKEN)
            t->value = chars_to_list(s->heap, &text, text.count);
        if (status == READ_CUT && sigil != NULL)
            cut_sigil(s, begin, sigil, &text, error);
        else if (status == READ_CUT)
            unterminated(s, place, term_small('"'), &text, error);
    }
    free(text.chars);
    return status;
}

// ---- triple-quoted strings ----
//
//     """            the opening quotes, three or more, end their line
//       line
//     """            as many quotes, the first of their line, behind the
//                    indentation that every content line loses

// All pointers go into the scanner's text.
typedef struct {
    size_t quotes;       // of the delimiter
    const uint8_t *from; // first content line
    const uint8_t *to;   // the closing line
    size_t indent;       // bytes of the closing line before the quotes
} TripleQuoted;

static size_t count_quotes(const uint8_t *p, const uint8_t *end)
{
    size_t n = 0;
    while (p + n < end && p[n] == '"') n++;
    return n;
}

static const uint8_t *skip_blanks(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p <= ' ' && *p != '\n') p++;
    return p;
}

// Whether a triple-quoted string begins at the scanner. Three quotes with
// something else behind them on the line are an empty string and the
// beginning of the next, as ever.
static bool at_triple(const Scanner *s)
{
    const uint8_t *p = s->text + s->at, *end = s->text + s->size;
    size_t quotes = count_quotes(p, end);
    if (quotes < 3) return false;
    p = skip_blanks(p + quotes, end);
    return p == end || *p == '\n';
}

// Finds the lines; false when the closing one is missing.
static bool find_lines(const Scanner *s, TripleQuoted *q)
{
    const uint8_t *p = s->text + s->at, *end = s->text + s->size;
    q->quotes = count_quotes(p, end);
    p = skip_blanks(p + q->quotes, end);
    if (p == end) return false;
    q->from = p + 1;
    for (p = q->from; p < end;) {
        const uint8_t *text = skip_blanks(p, end);
        // More quotes than needed close it too; the rest begins the next token.
        if (count_quotes(text, end) >= q->quotes) {
            q->to = p;
            q->indent = (size_t)(text - p);
            return true;
        }
        const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
        if (newline == NULL) return false;
        p = newline + 1;
    }
    return false;
}

// Whether the line from [p] to its end is empty (it then needs no indentation).
static bool is_blank_line(const uint8_t *p, const uint8_t *end)
{
    if (p < end && *p == '\r') p++; // its line ends with "\r\n"
    return p == end || *p == '\n';
}

// Moves the scanner over the indentation of a content line, as far as it is
// the closing line's.
static bool skip_indent(Scanner *s, const TripleQuoted *q)
{
    if (is_blank_line(s->text + s->at, q->to)) return true;
    for (size_t i = 0; i < q->indent; i++) {
        // Compared byte by byte: a tab is not eight spaces here.
        if (s->text[s->at] != q->to[i]) return false;
        scanner_advance(s, 1, 1);
    }
    return true;
}

// Moves to byte [to] of the text, over newlines.
static void move_over(Scanner *s, size_t to)
{
    uint32_t c;
    while (s->at < to) (void)read_plain(s, &c);
}

// Appends the content line at the scanner with its newline.
static ReadStatus read_line(Scanner *s, const TripleQuoted *q, bool escapes,
                            Chars *text, ScanError *error)
{
    const size_t end = (size_t)(q->to - s->text);
    if (!skip_indent(s, q)) {
        Place wrong = s->place;
        // The whole string is given up.
        move_over(s, end + q->indent + q->quotes);
        return scanner_error(s, wrong, ATOM_indentation, READ_BAD, error);
    }
    while (s->at < end) {
        Place at = s->place;
        uint32_t c = s->text[s->at];
        bool newline = c == '\n', escape = escapes && c == '\\';
        if (escape) scanner_advance(s, 1, 1);
        ReadStatus status = escape ? read_escape(s, &c) : read_plain(s, &c);
        if (status != READ_TOKEN)
            return scanner_illegal(s, at, ATOM_character, error);
        chars_add(text, c);
        if (newline) break;
    }
    return READ_TOKEN;
}

// Reads all lines; the last one's newline is not part of the string.
static ReadStatus read_lines(Scanner *s, const TripleQuoted *q, bool escapes,
                             Chars *text, ScanError *error)
{
    const size_t end = (size_t)(q->to - s->text);
    while (s->at < end) {
        ReadStatus status = read_line(s, q, escapes, text, error);
        if (status != READ_TOKEN) return status;
    }
    // The newline before the closing line, and the CR of "\r\n" with it.
    if (text->count > 0) text->count--;
    if (text->count > 0 && text->chars[text->count - 1] == '\r') text->count--;
    return READ_TOKEN;
}

// The text ended before the closing line: all of it belongs to the string.
static ReadStatus cut_triple(Scanner *s, const Sigil *sigil, size_t quotes,
                             Chars *text, ScanError *error)
{
    Heap *h = s->heap;
    Term count = heap_unsigned(h, quotes);
    Term what = sigil == NULL
                    ? heap_tuple2(h, ATOM_string, count)
                    : heap_tuple3(h, atom_new(s->atoms, "sigil", 5),
                                  sigil->name, count);
    scanner_advance(s, quotes, quotes);
    Place begin = s->place;
    for (uint32_t c; s->at < s->size; chars_add(text, c))
        (void)read_plain(s, &c);
    return unterminated_new(s, begin, what, text, error);
}

// Of [sigil], or of none.
static ReadStatus read_triple(Scanner *s, const Sigil *sigil, bool escapes,
                              Token *t, ScanError *error)
{
    TripleQuoted q = {0};
    Chars text = {0};
    bool whole = find_lines(s, &q);
    // Over the opening line: the places of lines must go on being right.
    if (whole) move_over(s, (size_t)(q.from - s->text));
    ReadStatus status = whole ? read_lines(s, &q, escapes, &text, error)
                              : cut_triple(s, sigil, q.quotes, &text, error);
    if (status == READ_TOKEN) {
        t->kind = TOKEN_STRING;
        t->value = chars_to_list(s->heap, &text, text.count);
        // The closing line: nothing but indentation and quotes.
        scanner_advance(s, q.indent + q.quotes, q.indent + q.quotes);
    }
    free(text.chars);
    return status;
}

ReadStatus scanner_read_string(Scanner *s, Token *t, ScanError *error)
{
    // Behind """ a backslash is a character like any other.
    if (at_triple(s)) return read_triple(s, NULL, false, t, error);
    return read_delimited(s, NULL, true, t, error);
}

// ---- sigils ----

// What closes the string that [open] opens; 0 when it opens none.
static uint8_t closing_of(uint8_t open)
{
    // Brackets close with their partner and do not nest: ~s(a(b) ends at the
    // first.
    switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case '<': return '>';
    case '/':
    case '|':
    case '#':
    case '`':
    case '\'':
    case '"': return open;
    default: return 0;
    }
}

bool scanner_at_sigil(const Scanner *s)
{
    size_t characters;
    size_t name = scanner_name_length(s, s->at + 1, &characters);
    // "~" with neither a string behind it nor behind a name is no sigil.
    return closing_of(byte_at(s, s->at + 1 + name)) != 0;
}

// Whether backslashes escape in the sigil named [name].
static bool sigil_escapes(Term name, bool triple)
{
    // ~b and ~s escape always, ~B and ~S never; plain ~ like ~b, but in triple
    // quotes like ~B.
    if (term_same(name, ATOM_b) || term_same(name, ATOM_s)) return true;
    return !triple && term_same(name, ATOM_empty);
}

static ReadStatus read_sigil_string(Scanner *s, Term name, Token *t,
                                    ScanError *error)
{
    uint8_t open = s->text[s->at];
    Sigil sigil = {name, open, closing_of(open)};
    if (open == '"' && at_triple(s))
        return read_triple(s, &sigil, sigil_escapes(name, true), t, error);
    return read_delimited(s, &sigil, sigil_escapes(name, false), t, error);
}

ReadStatus scanner_read_sigil(Scanner *s, TokenList *out, Token *t,
                              ScanError *error)
{
    Place place = s->place;
    size_t characters, bytes = scanner_name_length(s, s->at + 1, &characters);
    t->kind = TOKEN_SIGIL_PREFIX;
    t->value = atom_new(s->atoms, (const char *)s->text + s->at + 1, bytes);
    scanner_advance(s, 1 + bytes, 1 + characters);
    // The prefix ends here; its string is a token of its own.
    t->end = (uint32_t)s->at;
    if (term_is_none(t->value))
        return scanner_illegal(s, place, ATOM_sigil_prefix, error);
    token_list_add(out, t);
    Token string = {.place = s->place, .start = (uint32_t)s->at};
    ReadStatus status = read_sigil_string(s, t->value, &string, error);
    if (status != READ_TOKEN) return status;
    string.end = (uint32_t)s->at;
    token_list_add(out, &string);
    // Then the suffix, which is there even if it is empty.
    *t = (Token){.place = s->place, .start = (uint32_t)s->at};
    bytes = scanner_name_length(s, s->at, &characters);
    t->kind = TOKEN_SIGIL_SUFFIX;
    t->value = heap_string_utf8(s->heap, (const char *)s->text + s->at, bytes,
                                TERM_NIL);
    scanner_advance(s, bytes, characters);
    return READ_TOKEN;
}
