// SPDX-License-Identifier: Apache-2.0
// Scanner: the way from text to tokens; words, punctuation, white space and
// comments. Numbers stand in scanner_number.c, everything in quotes in
// scanner_quoted.c.
//
// Columns count code points. White space is what OTP takes for it: all control
// characters, space, and U+0080 to U+00A0.
#include "scanner.h"

#include <stdlib.h>

#include "memory.h"
#include "scanner_part.h"
#include "utf8.h"

// What a byte can begin, or go on with.
// One byte tells nearly always what to read; only bytes of CLASS_HIGH need the
// code point. Names hold letters of Latin-1, not of all Unicode.
enum {
    CLASS_LOWER = 1,  // begins an atom
    CLASS_UPPER = 2,  // begins a variable
    CLASS_DIGIT = 4,  // begins a number
    CLASS_NAME = 8,   // goes on in a name
    CLASS_SPACE = 16, // white space of one byte, but newline
    CLASS_HIGH = 32   // first byte of two or more: look at the code point
};

static unsigned class_of(uint8_t c)
{
    if (c >= 'a' && c <= 'z') return CLASS_LOWER | CLASS_NAME;
    if ((c >= 'A' && c <= 'Z') || c == '_') return CLASS_UPPER | CLASS_NAME;
    if (c >= '0' && c <= '9') return CLASS_DIGIT | CLASS_NAME;
    // '@' goes on in a name but begins none: foo@host is one atom.
    if (c == '@') return CLASS_NAME;
    // A newline has no class, for it changes the line.
    if (c <= ' ') return c == '\n' ? 0 : CLASS_SPACE;
    return c >= 0x80 ? CLASS_HIGH : 0;
}

void scanner_init(Scanner *s, AtomTable *atoms, Heap *heap,
                  const uint8_t *text, size_t size)
{
    // Maybe is on: the language is the newest one. epp turns it off for a
    // module that says -feature(maybe_expr, disable).
    *s = (Scanner){.atoms = atoms, .heap = heap, .text = text, .size = size,
                   .place = {1, 1}, .options = SCANNER_MAYBE};
}

unsigned scanner_decode(const uint8_t *p, const uint8_t *end, uint32_t *c)
{
    unsigned n = utf8_read(p, end, c);
    if (n != 0) return n;
    // Surrogates come from lists of characters; no other way leads to them.
    // Only ED A0..BF xx can be one: D800 to DFFF in three bytes.
    if (end - p < 3 || p[0] != 0xED || (p[1] & 0xE0) != 0xA0) return 0;
    *c = 0xD000 | ((uint32_t)(p[1] & 0x3F) << 6) | (p[2] & 0x3F);
    return 3;
}

// By value, for the error outlives the scanner's position.
ReadStatus scanner_error(const Scanner *s, Place place, Term descriptor,
                         ReadStatus status, ScanError *error)
{
    *error = (ScanError){place, s->place, descriptor};
    return status;
}

ReadStatus scanner_illegal(const Scanner *s, Place place, Term what,
                           ScanError *error)
{
    return scanner_error(s, place, heap_tuple2(s->heap, ATOM_illegal, what),
                         READ_BAD, error);
}

// ---- words ----

// Class of the two-byte letters of Latin-1 at [p], 0 of all else.
static unsigned class_of_latin1(const uint8_t *p, const uint8_t *end)
{
    // C3 80 to C3 BF: U+00C0 to U+00FF, the letters of Latin-1.
    if (end - p < 2 || p[0] != 0xC3 || p[1] < 0x80 || p[1] > 0xBF) return 0;
    if (p[1] == 0x97 || p[1] == 0xB7) return 0; // the signs of times and divide
    // U+00DF (sharp s) and above are small letters.
    return (p[1] >= 0x9F ? CLASS_LOWER : CLASS_UPPER) | CLASS_NAME;
}

size_t scanner_name_length(const Scanner *s, size_t from, size_t *characters)
{
    const uint8_t *start = s->text + from, *end = s->text + s->size;
    const uint8_t *p = start;
    size_t wide = 0;
    for (; p < end; p++) {
        if (class_of(*p) & CLASS_NAME) continue;
        // A letter is two bytes and one column.
        if (!(class_of_latin1(p, end) & CLASS_NAME)) break;
        p++;
        wide++;
    }
    *characters = (size_t)(p - start) - wide;
    return (size_t)(p - start);
}

// Kinds of the atoms of atoms.tab that are reserved words.
// Indexed by atom, so that after atom_new no text is compared again.
static const uint8_t word_kinds[ATOM_TAB_COUNT] = {
#define WORD_KIND(name) [ATOM_INDEX_##name]
    WORD_KIND(after) = TOKEN_AFTER,     WORD_KIND(and) = TOKEN_AND,
    WORD_KIND(andalso) = TOKEN_ANDALSO, WORD_KIND(band) = TOKEN_BAND,
    WORD_KIND(begin) = TOKEN_BEGIN,     WORD_KIND(bnot) = TOKEN_BNOT,
    WORD_KIND(bor) = TOKEN_BOR,         WORD_KIND(bsl) = TOKEN_BSL,
    WORD_KIND(bsr) = TOKEN_BSR,         WORD_KIND(bxor) = TOKEN_BXOR,
    WORD_KIND(case) = TOKEN_CASE,       WORD_KIND(catch) = TOKEN_CATCH,
    WORD_KIND(cond) = TOKEN_COND,       WORD_KIND(div) = TOKEN_DIV,
    WORD_KIND(else) = TOKEN_ELSE,       WORD_KIND(end) = TOKEN_END,
    WORD_KIND(fun) = TOKEN_FUN,         WORD_KIND(if) = TOKEN_IF,
    WORD_KIND(let) = TOKEN_LET,         WORD_KIND(maybe) = TOKEN_MAYBE,
    WORD_KIND(not) = TOKEN_NOT,         WORD_KIND(of) = TOKEN_OF,
    WORD_KIND(or) = TOKEN_OR,           WORD_KIND(orelse) = TOKEN_ORELSE,
    WORD_KIND(receive) = TOKEN_RECEIVE, WORD_KIND(rem) = TOKEN_REM,
    WORD_KIND(try) = TOKEN_TRY,         WORD_KIND(when) = TOKEN_WHEN,
    WORD_KIND(xor) = TOKEN_XOR,
#undef WORD_KIND
};

TokenKind scanner_word_kind(const Scanner *s, Term atom)
{
    uint32_t index = term_atom_index(atom);
    if (index >= ATOM_TAB_COUNT || word_kinds[index] == 0) return TOKEN_ATOM;
    if (s->options & SCANNER_PLAIN_WORDS) return TOKEN_ATOM;
    TokenKind kind = (TokenKind)word_kinds[index];
    bool optional = kind == TOKEN_MAYBE || kind == TOKEN_ELSE;
    // Not reserved by all: files older than OTP 25 use "maybe" as a name.
    return optional && !(s->options & SCANNER_MAYBE) ? TOKEN_ATOM : kind;
}

static ReadStatus read_word(Scanner *s, Token *t, bool variable,
                            ScanError *error)
{
    Place place = s->place;
    size_t characters, bytes = scanner_name_length(s, s->at, &characters);
    t->value = atom_new(s->atoms, (const char *)s->text + s->at, bytes);
    scanner_advance(s, bytes, characters);
    // No term: it has more than 255 characters.
    if (term_is_none(t->value))
        return scanner_illegal(s, place, variable ? ATOM_var : ATOM_atom,
                               error);
    t->kind = variable ? TOKEN_VAR : (uint8_t)scanner_word_kind(s, t->value);
    return READ_TOKEN;
}

// ---- punctuation ----

typedef struct {
    char text[4];
    uint8_t kind;
} Punctuation;

// Sorted by first byte, longer before shorter.
// "=:=" must come before "=": the first match wins.
static const Punctuation punctuations[] = {
    {"!", TOKEN_BANG},       {"#", TOKEN_HASH},
    {"&&", TOKEN_ZIP},       {"(", TOKEN_LPAREN},
    {")", TOKEN_RPAREN},     {"*", TOKEN_TIMES},
    {"++", TOKEN_APPEND},    {"+", TOKEN_PLUS},
    {",", TOKEN_COMMA},      {"->", TOKEN_ARROW},
    {"--", TOKEN_SUBTRACT},  {"-", TOKEN_MINUS},
    {"...", TOKEN_ELLIPSIS}, {"..", TOKEN_DOTDOT},
    {"/=", TOKEN_NE},        {"/", TOKEN_SLASH},
    {"::", TOKEN_COLONCOLON}, {":=", TOKEN_MAP_EXACT},
    {":", TOKEN_COLON},      {";", TOKEN_SEMICOLON},
    {"<:-", TOKEN_STRICT_LARROW}, {"<:=", TOKEN_STRICT_BINARY_LARROW},
    {"<<", TOKEN_LBINARY},   {"<-", TOKEN_LARROW},
    {"<=", TOKEN_BINARY_LARROW}, {"<", TOKEN_LT},
    {"=:=", TOKEN_EXACT_EQ}, {"=/=", TOKEN_EXACT_NE},
    {"=<", TOKEN_LE},        {"=>", TOKEN_MAP_ASSOC},
    {"==", TOKEN_EQ},        {"=", TOKEN_MATCH},
    {">>", TOKEN_RBINARY},   {">=", TOKEN_GE},
    {">", TOKEN_GT},         {"?=", TOKEN_MAYBE_MATCH},
    {"?", TOKEN_QUESTION},   {"[", TOKEN_LBRACKET},
    {"]", TOKEN_RBRACKET},   {"{", TOKEN_LBRACE},
    {"||", TOKEN_BARBAR},    {"|", TOKEN_BAR},
    {"}", TOKEN_RBRACE},
};

// Where the punctuation beginning with each byte starts in that table, plus
// one; 0 where there is none.
static const uint8_t punctuation_from[128] = {
    ['!'] = 1,  ['#'] = 2,  ['&'] = 3,  ['('] = 4,  [')'] = 5,  ['*'] = 6,
    ['+'] = 7,  [','] = 9,  ['-'] = 10, ['.'] = 13, ['/'] = 15, [':'] = 17,
    [';'] = 20, ['<'] = 21, ['='] = 27, ['>'] = 33, ['?'] = 36, ['['] = 38,
    [']'] = 39, ['{'] = 40, ['|'] = 41, ['}'] = 43,
};

// Whether the bytes at [p] begin with [text]; sets its length.
static bool begins_with(const uint8_t *p, const uint8_t *end, const char *text,
                        size_t *length)
{
    size_t n = 0;
    while (text[n] != 0 && p + n < end && p[n] == (uint8_t)text[n]) n++;
    *length = n;
    return text[n] == 0;
}

// A character of Latin-1 that stands for nothing is a token of its own name.
// The pound sign, say: {'£', 1} is what erl_scan answers. The grammar knows no
// such token and says "syntax error before".
static ReadStatus read_other(Scanner *s, Token *t, ScanError *error)
{
    const uint8_t *p = s->text + s->at;
    uint32_t c;
    Place place = s->place;
    unsigned n = scanner_decode(p, s->text + s->size, &c);
    scanner_advance(s, n == 0 ? 1 : n, 1);
    if (n == 0 || c > 0xFF)
        return scanner_illegal(s, place, ATOM_character, error);
    t->value = atom_new(s->atoms, (const char *)p, n);
    t->kind = TOKEN_OTHER;
    return READ_TOKEN;
}

static ReadStatus read_punctuation(Scanner *s, Token *t, ScanError *error)
{
    const uint8_t *p = s->text + s->at, *end = s->text + s->size;
    unsigned from = *p < 128 ? punctuation_from[*p] : 0;
    // Any character of Latin-1 is possible here, such as a lone backquote.
    if (from == 0) return read_other(s, t, error);
    for (const Punctuation *x = &punctuations[from - 1];
         x < punctuations + sizeof punctuations / sizeof *punctuations
         && x->text[0] == (char)*p;
         x++) {
        size_t length;
        if (!begins_with(p, end, x->text, &length)) continue;
        t->kind = x->kind;
        t->value = token_symbol((TokenKind)x->kind);
        scanner_advance(s, length, length);
        return READ_TOKEN;
    }
    return read_other(s, t, error); // a single '&'
}

// A '.' that no other follows: it ends the form before white space, a comment
// or the end of text. The white space belongs to it.
// The dot of "X. Y" ends a form; that of "R#r.f" and "1..2" does not.
static ReadStatus read_period(Scanner *s, Token *t, ScanError *error)
{
    const uint8_t *p = s->text + s->at + 1, *end = s->text + s->size;
    uint32_t c = ' ';
    unsigned n = p < end ? scanner_decode(p, end, &c) : 0;
    // ".." or "...".
    if (p < end && *p == '.') return read_punctuation(s, t, error);
    // At the end of text the dot ends the form, but see may_go_on: with more
    // text to come it may have been the first of "..".
    bool is_dot = p == end || c == '%' || (n != 0 && scanner_char_is_space(c));
    t->kind = is_dot ? TOKEN_DOT : TOKEN_PERIOD;
    t->value = token_symbol((TokenKind)t->kind);
    scanner_advance(s, 1, 1);
    if (!is_dot || p == end || c == '%') return READ_TOKEN;
    if (c == '\n')
        scanner_advance_line(s);
    else
        scanner_advance(s, n, 1);
    return READ_TOKEN;
}

// ---- white space and comments ----

// The common case: white space gives no tokens.
static void skip_space(Scanner *s)
{
    while (s->at < s->size) {
        const uint8_t *p = s->text + s->at;
        if (*p == '\n') {
            scanner_advance_line(s);
        } else if (class_of(*p) & CLASS_SPACE) {
            scanner_advance(s, 1, 1);
        } else {
            uint32_t c;
            // U+0080 to U+00A0 all begin with C2, so no other is decoded.
            if (*p != 0xC2) return;
            unsigned n = scanner_decode(p, s->text + s->size, &c);
            if (n == 0 || !scanner_char_is_space(c)) return;
            scanner_advance(s, n, 1);
        }
    }
}

// How many of the bytes at the scanner are [c], at most [most].
static size_t run_length(const Scanner *s, size_t from, uint8_t c, size_t most)
{
    size_t n = 0;
    while (n < most && from + n < s->size && s->text[from + n] == c) n++;
    return n;
}

// Bytes of mixed white space at [from] on, up to a newline.
static size_t mixed_space_length(const Scanner *s, size_t from,
                                 size_t *characters)
{
    size_t at = from;
    *characters = 0;
    while (at < s->size && s->text[at] != '\n') {
        uint32_t c;
        unsigned n = scanner_decode(s->text + at, s->text + s->size, &c);
        if (n == 0 || !scanner_char_is_space(c)) break;
        at += n;
        ++*characters;
    }
    return at - from;
}

// Length of the white space token at the scanner. As in OTP a newline comes
// first in its token, and long runs of blanks are cut into pieces.
// The lengths 16 and 10 are those of erl_scan's clauses for blanks, which keep
// shared strings for them; tools see the tokens, so they must agree.
static size_t space_token_length(const Scanner *s, size_t *characters)
{
    uint8_t first = s->text[s->at];
    size_t from = s->at + (first == '\n');
    uint8_t c = from < s->size ? s->text[from] : 0;
    size_t n;
    if (c == ' ') {
        n = run_length(s, from, c, 16);
    } else if (c == '\t') {
        n = run_length(s, from, c, 10);
    } else if (c == '\r' || (c == '\f' && first == '\n')) {
        // "\r\n" is cut behind "\r" as in OTP.
        n = 1;
    } else {
        // Anything: then the token goes on up to the next newline.
        n = mixed_space_length(s, from, characters);
        *characters += first == '\n';
        return n + (first == '\n');
    }
    n += first == '\n';
    *characters = n;
    return n;
}

static bool at_space(const Scanner *s)
{
    uint32_t c;
    return s->at < s->size
           && scanner_decode(s->text + s->at, s->text + s->size, &c) != 0
           && scanner_char_is_space(c);
}

static void read_space(Scanner *s, Token *t)
{
    size_t characters, bytes = space_token_length(s, &characters);
    bool newline = s->text[s->at] == '\n';
    t->kind = TOKEN_WHITE_SPACE;
    t->value = heap_string_utf8(s->heap, (const char *)s->text + s->at, bytes,
                                TERM_NIL);
    if (newline) {
        scanner_advance_line(s);
        scanner_advance(s, bytes - 1, characters - 1);
    } else {
        scanner_advance(s, bytes, characters);
    }
}

// Moves behind the comment at the scanner; the newline is not part of it.
static ReadStatus read_comment(Scanner *s, Token *t, ScanError *error)
{
    Place place = s->place;
    size_t start = s->at;
    // Byte by byte, for a comment may hold letters of any script.
    while (s->at < s->size && s->text[s->at] != '\n') {
        uint32_t c = s->text[s->at];
        unsigned n = 1;
        if (c >= 0x80)
            n = scanner_decode(s->text + s->at, s->text + s->size, &c);
        scanner_advance(s, n == 0 ? 1 : n, 1);
        if (n == 0 || !scanner_char_is_legal(c))
            return scanner_illegal(s, place, ATOM_character, error);
    }
    t->kind = TOKEN_COMMENT;
    if (s->options & SCANNER_COMMENTS)
        t->value = heap_string_utf8(s->heap, (const char *)s->text + start,
                                    s->at - start, TERM_NIL);
    return READ_TOKEN;
}

// ---- forms ----

// Bytes above 0x7F: a letter of Latin-1, or a token of its own.
static ReadStatus read_high(Scanner *s, Token *t, ScanError *error)
{
    const uint8_t *p = s->text + s->at;
    unsigned class = class_of_latin1(p, s->text + s->size);
    if (class != 0) return read_word(s, t, class & CLASS_UPPER, error);
    return read_other(s, t, error);
}

// Reads the token at the scanner, which is neither space nor comment.
static ReadStatus read_token(Scanner *s, TokenList *out, Token *t,
                             ScanError *error)
{
    uint8_t c = s->text[s->at];
    unsigned class = class_of(c);
    if (class & (CLASS_LOWER | CLASS_UPPER))
        return read_word(s, t, class & CLASS_UPPER, error);
    if (class & CLASS_DIGIT) return scanner_read_number(s, t, error);
    if (class & CLASS_HIGH) return read_high(s, t, error);
    switch (c) {
    case '"': return scanner_read_string(s, t, error);
    case '\'': return scanner_read_quoted_atom(s, t, error);
    case '$': return scanner_read_char(s, t, error);
    case '.': return read_period(s, t, error);
    case '~':
        // '~' with neither name nor quote behind it is a token by itself.
        if (scanner_at_sigil(s)) return scanner_read_sigil(s, out, t, error);
        return read_other(s, t, error);
    default: return read_punctuation(s, t, error);
    }
}

// Whether a token may have been cut within what follows it: 1. of 1.5, 1.5e+
// of 1.5e+3, =: of =:=.
static bool may_join(const Scanner *s, const Token *t)
{
    const uint8_t *next = s->text + s->at;
    size_t left = s->size - s->at;
    if (s->text[t->start] == '=' && s->at == t->start + 1)
        return left == 1 && (*next == ':' || *next == '/');
    if (s->text[t->start] < '0' || s->text[t->start] > '9') return false;
    if (left == 2) return (*next | 32) == 'e' && memchr("+-", next[1], 2);
    // "1." may be 1.5 or an end; "1e" may become a float's exponent.
    return left == 1 && memchr(".#_eE", *next, 5) != NULL;
}

// Whether what was read up to the end of text may go on when more arrives.
// Only with SCANNER_MORE. A cut string is not an error then, and a word at the
// very end may get longer: "fo" of "foo".
static bool may_go_on(const Scanner *s, ReadStatus status, const Token *t)
{
    if (!(s->options & SCANNER_MORE)) return false;
    if (status == READ_CUT) return true;
    if (s->at < s->size) return may_join(s, t);
    // A dot that took its white space is complete.
    return t->kind != TOKEN_DOT || s->at == t->start + 1;
}

// Reads white space, a comment or a token; appends it when it is wanted.
static ReadStatus read_next(Scanner *s, TokenList *out, Token *t,
                            ScanError *error)
{
    ReadStatus status = READ_TOKEN;
    bool wanted = true;
    size_t count = out->count;
    // A copy is the way back: the scanner has no other state.
    Scanner mark = *s;
    *t = (Token){.place = s->place, .start = (uint32_t)s->at};
    if (at_space(s)) {
        read_space(s, t);
    } else if (s->text[s->at] == '%') {
        status = read_comment(s, t, error);
        wanted = s->options & SCANNER_COMMENTS;
    } else {
        status = read_token(s, out, t, error);
    }
    if (may_go_on(s, status, t)) {
        *s = mark;
        out->count = count; // a sigil may have appended already
        return READ_CUT;
    }
    t->end = (uint32_t)s->at;
    if (status == READ_TOKEN && wanted) token_list_add(out, t);
    // Without more to come a token that was cut off is simply wrong.
    return status == READ_CUT ? READ_BAD : status;
}

// Plain text goes the fast way; it stops at what it does not know, one token is
// then read the slow way, and the fast way tries again. Text whose comments and
// white space are wanted, or that may go on, has only the slow way.
ScanStatus scanner_form(Scanner *s, TokenList *out, ScanError *error)
{
    bool plain = s->words != NULL
                 && (s->options & ~(unsigned)SCANNER_MAYBE) == 0;
    for (;;) {
        if (plain) scanner_read_plain(s, out);
        if (!(s->options & SCANNER_WHITE_SPACE)) skip_space(s);
        if (s->at >= s->size)
            return s->options & SCANNER_MORE ? SCAN_MORE : SCAN_END;
        Token t;
        ReadStatus status = read_next(s, out, &t, error);
        if (status == READ_CUT) return SCAN_MORE;
        if (status == READ_BAD) return SCAN_ERROR;
        if (t.kind == TOKEN_DOT) return SCAN_FORM;
    }
}

// ---- encodings ----

uint8_t *scanner_text_from_latin1(const uint8_t *text, size_t size,
                                  size_t *utf8_size)
{
    // Each byte becomes two at most.
    uint8_t *to = memory_alloc(2 * size + 1), *p = to;
    for (size_t i = 0; i < size; i++) p += utf8_write(p, text[i]);
    *p = 0; // a sentinel for who reads C strings; not counted in the size
    *utf8_size = (size_t)(p - to);
    return to;
}

// The name that follows "coding:" or "coding=" in [line]; false without one.
static bool find_coding(const uint8_t *line, const uint8_t *end, char *name,
                        size_t room)
{
    for (const uint8_t *p = line; end - p > 7; p++) {
        if (memcmp(p, "coding", 6) != 0 || (p[6] != ':' && p[6] != '='))
            continue;
        size_t n = 0;
        for (p += 7; p < end && *p == ' '; p++) continue;
        for (; p < end && n + 1 < room; p++) {
            if (!(class_of(*p) & CLASS_NAME) && *p != '-') break;
            name[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        }
        name[n] = 0;
        return true;
    }
    return false;
}

// "%% -*- coding: latin-1 -*-"
Encoding scanner_encoding(const uint8_t *text, size_t size)
{
    const uint8_t *p = text, *end = text + size;
    for (int line = 0; line < 2 && p < end; line++) {
        const uint8_t *stop = memchr(p, '\n', (size_t)(end - p));
        if (stop == NULL) stop = end; // a last line without an end
        const uint8_t *comment = memchr(p, '%', (size_t)(stop - p));
        char name[16];
        if (comment != NULL && find_coding(comment, stop, name, sizeof name))
            return strcmp(name, "latin-1") == 0 ? ENCODING_LATIN1
                                                : ENCODING_UTF8;
        p = stop < end ? stop + 1 : end;
    }
    return ENCODING_UTF8;
}
