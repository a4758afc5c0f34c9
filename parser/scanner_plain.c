// SPDX-License-Identifier: Apache-2.0
// The fast way through plain text: words of ASCII, small decimal integers,
// common punctuation, blanks and comments, which is nearly all of a source
// file. It stops before anything else, for scanner_form to read that.
//
// Inside, the column is the distance from [base], so that only a new line
// changes it.
#include "memory.h"
#include "scanner_part.h"

enum { WORD_CACHE_SIZE = 8192 }; // a power of two

// A word met before; saves the way through the table of atoms, whose parts
// lie far apart.
typedef struct {
    const char *bytes; // the atom's own text; NULL: vacant
    uint32_t hash;
    uint16_t size;
    uint8_t kind;      // TokenKind of the word
    Term atom;
} CachedWord;

struct WordCache {
    unsigned options; // of the scanner: they decide on kinds
    CachedWord words[WORD_CACHE_SIZE];
};

WordCache *word_cache_new(void)
{
    return memory_zeroed(1, sizeof(WordCache));
}

typedef struct {
    Scanner *scanner;
    TokenList *out;
    const uint8_t *p, *end;
    const uint8_t *base; // column 0 of the line
    int32_t line;
} Plain;

enum { // what a byte is to the fast way
    IS_LOWER = 1,
    IS_UPPER = 2,
    IS_DIGIT = 4,
    IS_NAME = 8,   // goes on in a word
    IS_BLANK = 16,
    IS_SIGN = 32   // may be a part of punctuation of two characters
};

static const uint8_t byte_class[256] = {
#define LOWER(c) [c] = IS_LOWER | IS_NAME
#define UPPER(c) [c] = IS_UPPER | IS_NAME
    LOWER('a'), LOWER('b'), LOWER('c'), LOWER('d'), LOWER('e'), LOWER('f'),
    LOWER('g'), LOWER('h'), LOWER('i'), LOWER('j'), LOWER('k'), LOWER('l'),
    LOWER('m'), LOWER('n'), LOWER('o'), LOWER('p'), LOWER('q'), LOWER('r'),
    LOWER('s'), LOWER('t'), LOWER('u'), LOWER('v'), LOWER('w'), LOWER('x'),
    LOWER('y'), LOWER('z'), UPPER('A'), UPPER('B'), UPPER('C'), UPPER('D'),
    UPPER('E'), UPPER('F'), UPPER('G'), UPPER('H'), UPPER('I'), UPPER('J'),
    UPPER('K'), UPPER('L'), UPPER('M'), UPPER('N'), UPPER('O'), UPPER('P'),
    UPPER('Q'), UPPER('R'), UPPER('S'), UPPER('T'), UPPER('U'), UPPER('V'),
    UPPER('W'), UPPER('X'), UPPER('Y'), UPPER('Z'), UPPER('_'),
#undef LOWER
#undef UPPER
    ['0'] = IS_DIGIT | IS_NAME, ['1'] = IS_DIGIT | IS_NAME,
    ['2'] = IS_DIGIT | IS_NAME, ['3'] = IS_DIGIT | IS_NAME,
    ['4'] = IS_DIGIT | IS_NAME, ['5'] = IS_DIGIT | IS_NAME,
    ['6'] = IS_DIGIT | IS_NAME, ['7'] = IS_DIGIT | IS_NAME,
    ['8'] = IS_DIGIT | IS_NAME, ['9'] = IS_DIGIT | IS_NAME,
    ['@'] = IS_NAME, [' '] = IS_BLANK, ['\t'] = IS_BLANK, ['\r'] = IS_BLANK,
    ['+'] = IS_SIGN, ['-'] = IS_SIGN, ['/'] = IS_SIGN, ['='] = IS_SIGN,
    ['<'] = IS_SIGN, ['>'] = IS_SIGN, [':'] = IS_SIGN, ['|'] = IS_SIGN,
    ['?'] = IS_SIGN, ['.'] = IS_SIGN, ['&'] = IS_SIGN,
};

// Punctuation that is a token whatever follows it.
static const uint8_t alone[256] = {
    ['('] = TOKEN_LPAREN,   [')'] = TOKEN_RPAREN, ['['] = TOKEN_LBRACKET,
    [']'] = TOKEN_RBRACKET, ['{'] = TOKEN_LBRACE, ['}'] = TOKEN_RBRACE,
    [','] = TOKEN_COMMA,    [';'] = TOKEN_SEMICOLON, ['#'] = TOKEN_HASH,
    ['*'] = TOKEN_TIMES,    ['!'] = TOKEN_BANG,
};

// Punctuation that is a token if no sign follows.
static const uint8_t before_no_sign[256] = {
    ['+'] = TOKEN_PLUS, ['-'] = TOKEN_MINUS, ['/'] = TOKEN_SLASH,
    ['='] = TOKEN_MATCH, ['<'] = TOKEN_LT, ['>'] = TOKEN_GT,
    [':'] = TOKEN_COLON, ['|'] = TOKEN_BAR, ['?'] = TOKEN_QUESTION,
};

// Appends a token of [size] bytes at the reader and moves behind it.
static void add_token(Plain *r, TokenKind kind, Term value, size_t size)
{
    TokenList *out = r->out;
    const Scanner *s = r->scanner;
    uint32_t start = (uint32_t)(r->p - s->text);
    int32_t column = s->place.column == 0 ? 0 : (int32_t)(r->p - r->base);
    Token t = {.kind = (uint8_t)kind, .place = {r->line, column},
               .start = start, .end = start + (uint32_t)size, .value = value};
    if (out->count < out->room)
        out->items[out->count++] = t;
    else
        token_list_add(out, &t);
    r->p += size;
}

static bool read_plain_word(Plain *r, unsigned class)
{
    enum { FACTOR = 31 };
    uint32_t hash = 0;
    const uint8_t *q = r->p;
    for (; q < r->end && (byte_class[*q] & IS_NAME); q++)
        hash = hash * FACTOR + *q;
    if (q < r->end && *q >= 0x80) return false; // the word goes on, perhaps
    size_t size = (size_t)(q - r->p);
    Scanner *s = r->scanner;
    CachedWord *w = &s->words->words[(hash ^ hash >> 13) % WORD_CACHE_SIZE];
    if (w->bytes == NULL || w->hash != hash || w->size != size
        || memcmp(w->bytes, r->p, size) != 0) {
        Term atom = atom_new(s->atoms, (const char *)r->p, size);
        if (term_is_none(atom)) return false;
        *w = (CachedWord){atom_text(s->atoms, atom)->bytes, hash,
                          (uint16_t)size, TOKEN_VAR, atom};
        if (class & IS_LOWER) w->kind = (uint8_t)scanner_word_kind(s, atom);
    }
    add_token(r, (TokenKind)w->kind, w->atom, size);
    return true;
}

// Digits that neither a base, a point nor a name follows.
static bool read_plain_integer(Plain *r)
{
    enum { DIGITS_MOST = 15, BASE = 10 };
    intptr_t n = 0;
    const uint8_t *q = r->p;
    for (; q < r->end && (byte_class[*q] & IS_DIGIT); q++)
        if (q - r->p <= DIGITS_MOST) n = n * BASE + (*q - '0');
    if (q - r->p > DIGITS_MOST || q >= r->end || *q == '#' || *q == '.'
        || *q >= 0x80 || (byte_class[*q] & IS_NAME))
        return false;
    add_token(r, TOKEN_INTEGER, term_small(n), (size_t)(q - r->p));
    return true;
}

static bool read_plain_sign(Plain *r)
{
    uint8_t c = *r->p;
    TokenKind kind = (TokenKind)alone[c];
    if (kind == 0) {
        if (r->p + 1 >= r->end) return false;
        uint8_t next = r->p[1];
        if (c == '-' && next == '>') {
            add_token(r, TOKEN_ARROW, token_symbol(TOKEN_ARROW), 2);
            return true;
        }
        if (byte_class[next] & IS_SIGN) return false;
        kind = (TokenKind)before_no_sign[c];
        if (kind == 0) return false;
    }
    add_token(r, kind, token_symbol(kind), 1);
    return true;
}

// A comment of ASCII, up to its newline.
static bool skip_plain_comment(Plain *r)
{
    const uint8_t *q = r->p;
    while (q < r->end && *q != '\n' && *q < 0x80) q++;
    if (q >= r->end || *q != '\n') return false;
    r->p = q;
    return true;
}

static bool read_plain(Plain *r)
{
    uint8_t c = *r->p;
    unsigned class = byte_class[c];
    if (class & IS_BLANK) {
        r->p++;
        return true;
    }
    if (c == '\n') {
        r->base = r->p++;
        r->line++;
        return true;
    }
    if (class & (IS_LOWER | IS_UPPER)) return read_plain_word(r, class);
    if (class & IS_DIGIT) return read_plain_integer(r);
    if (c == '%') return skip_plain_comment(r);
    return read_plain_sign(r);
}

void scanner_read_plain(Scanner *s, TokenList *out)
{
    if (s->words->options != s->options)
        *s->words = (WordCache){.options = s->options};
    Plain r = {.scanner = s, .out = out, .p = s->text + s->at,
               .end = s->text + s->size, .line = s->place.line};
    r.base = r.p - s->place.column;
    while (r.p < r.end && read_plain(&r)) {}
    s->at = (size_t)(r.p - s->text);
    s->place.line = r.line;
    if (s->place.column != 0) s->place.column = (int32_t)(r.p - r.base);
}
