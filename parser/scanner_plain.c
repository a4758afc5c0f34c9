// SPDX-License-Identifier: Apache-2.0
// The fast way through plain text: words of ASCII, small decimal integers,
// common punctuation, plain strings, blanks and comments, nearly all of a file.
// It stops before anything else, for scanner_form to read that.
//
// Inside, the column is the distance from [base], so that only a new line
// changes it.
#include "memory.h"
#include "scanner_part.h"

enum {
    // 8192 words of 32 bytes: 256 KB. A word that clashes with another is
    // simply looked up again.
    CACHE_BITS = 13,
    CACHE_SIZE = 1 << CACHE_BITS,
    INLINE_SIZE = 16 // bytes of a word that lie in the cache
};

// A word met before; saves the way through the table of atoms, whose parts
// lie far apart. Of a longer word the first and the last bytes are compared
// here, the others in the atom's text.
typedef struct {
    uint64_t ends[2]; // its bytes: zeros follow, or the last 8
    uint32_t size;    // 0: vacant
    uint32_t kind;    // TokenKind of the word
    Term atom;
} CachedWord;

struct WordCache {
    CachedWord words[CACHE_SIZE];
    unsigned options; // of the scanner: they decide on kinds
};

WordCache *word_cache_new(void)
{
    return memory_zeroed(1, sizeof(WordCache));
}

typedef struct {
    Scanner *scanner; // its text, atoms and options
    TokenList *out;   // its count is not true before the end
    Token *next, *last;     // where the next token goes; the end of the room
    const uint8_t *p, *end; // where it stands; the end of text
    const uint8_t *base;    // column 0 of the line
    int32_t line;
    int32_t columns; // -1: they are counted; 0
} Plain;

// Bits, as one byte can be several; 0 is what this way leaves alone.
enum {             // what a byte is to the fast way
    IS_LOWER = 1,  // begins an atom or a reserved word
    IS_UPPER = 2,  // begins a variable
    IS_DIGIT = 4,  // begins an integer
    IS_NAME = 8,   // goes on in a word
    IS_BLANK = 16, // white space that changes no line
    IS_SIGN = 32   // may be a part of punctuation of two characters
};

// Bytes from 0x80 on are 0 as well: any letter beyond ASCII goes the slow way.
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

static void find_room(Plain *r)
{
    TokenList *out = r->out;
    if (out->room > 0) out->count = (size_t)(r->next - out->items);
    token_list_reserve(out, 1);
    r->next = out->items + out->count;
    r->last = out->items + out->room;
}

// Appends a token of [size] bytes at the reader and moves behind it. Its fields
// are written where they stay.
static inline void add_token(Plain *r, TokenKind kind, Term value, size_t size)
{
    if (r->next == r->last) find_room(r);
    Token *t = r->next++;
    t->kind = (uint8_t)kind;
    t->place.line = r->line;
    t->place.column = (int32_t)(r->p - r->base) & r->columns;
    t->start = (uint32_t)(r->p - r->scanner->text);
    t->end = t->start + (uint32_t)size;
    t->value = value;
    t->anno = TERM_NONE;
    r->p += size;
}

// ---- words ----

static uint64_t eight_bytes(const uint8_t *p)
{
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

// The ends of the [size] bytes at the reader. Where the text goes on they are
// read with what follows, which is then shifted out.
// Most words have up to 8 bytes: two loads, no loop, and a comparison of two
// integers tells whether it was met before.
static void word_ends(const Plain *r, size_t size, uint64_t ends[2])
{
    enum { HALF = INLINE_SIZE / 2 };
    uint8_t copy[INLINE_SIZE] = {0};
    const uint8_t *p = r->p;
    if (size > HALF) {
        ends[0] = eight_bytes(p);
        ends[1] = eight_bytes(p + size - HALF);
        return;
    }
    // At the very end eight bytes cannot be read from the text.
    if (r->end - p < HALF) p = memcpy(copy, p, size);
    // On a little-endian machine this shifts out what follows the word.
    ends[0] = eight_bytes(p) << (HALF - size) * 8;
    ends[1] = 0;
}

// Same ends and size; up to 16 bytes these are the whole word.
static bool is_cached(const Scanner *s, const CachedWord *w, const uint8_t *p,
                      size_t size, const uint64_t ends[2])
{
    if (w->ends[0] != ends[0] || w->ends[1] != ends[1] || w->size != size)
        return false;
    return size <= INLINE_SIZE
           || memcmp(atom_text(s->atoms, w->atom)->bytes, p, size) == 0;
}

// Multiplicative hashing: the top bits are the best mixed ones.
static CachedWord *cache_slot(WordCache *words, const uint64_t ends[2])
{
    const uint64_t first = 0x9E3779B97F4A7C15u, second = 0xC2B2AE3D27D4EB4Fu;
    uint64_t hash = (ends[0] ^ ends[1] * second) * first;
    return &words->words[hash >> (64 - CACHE_BITS)];
}

// Four bytes at a time ask once whether the text ends.
static const uint8_t *skip_name(const uint8_t *q, const uint8_t *end)
{
    for (; end - q >= 4; q += 4) {
        if (!(byte_class[q[0]] & IS_NAME)) return q;
        if (!(byte_class[q[1]] & IS_NAME)) return q + 1;
        if (!(byte_class[q[2]] & IS_NAME)) return q + 2;
        if (!(byte_class[q[3]] & IS_NAME)) return q + 3;
    }
    while (q < end && (byte_class[*q] & IS_NAME)) q++;
    return q;
}

// False: nothing was read, and the slow way is to try.
static bool read_plain_word(Plain *r, unsigned class)
{
    const uint8_t *q = skip_name(r->p + 1, r->end);
    if (q < r->end && *q >= 0x80) return false; // the word goes on, perhaps
    size_t size = (size_t)(q - r->p);
    Scanner *s = r->scanner;
    uint64_t ends[2];
    word_ends(r, size, ends);
    CachedWord *w = cache_slot(s->words, ends);
    if (!is_cached(s, w, r->p, size, ends)) {
        Term atom = atom_new(s->atoms, (const char *)r->p, size);
        // Too long for an atom: the slow way has the error.
        if (term_is_none(atom)) return false;
        // The newest word takes the slot: source comes in runs of the same
        // words.
        *w = (CachedWord){{ends[0], ends[1]}, (uint32_t)size, TOKEN_VAR, atom};
        // A variable needs no look at the reserved words.
        if (class & IS_LOWER) w->kind = (uint32_t)scanner_word_kind(s, atom);
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
    // "1_000" and "16#F" and "1.5" all stop here.
    if (q - r->p > DIGITS_MOST || q >= r->end || *q == '#' || *q == '.'
        || *q >= 0x80 || (byte_class[*q] & IS_NAME))
        return false;
    add_token(r, TOKEN_INTEGER, term_small(n), (size_t)(q - r->p));
    return true;
}

// Punctuation of two characters; TOKEN_EOF: not known here.
// Those of three characters ("=:=", "<:-") are left to the slow way.
static TokenKind pair_kind(uint8_t c, uint8_t next)
{
#define PAIR(a, b) ((a) << 8 | (b))
    switch (PAIR(c, next)) {
    case PAIR('-', '>'): return TOKEN_ARROW;
    case PAIR('=', '>'): return TOKEN_MAP_ASSOC;
    case PAIR(':', '='): return TOKEN_MAP_EXACT;
    case PAIR(':', ':'): return TOKEN_COLONCOLON;
    case PAIR('<', '<'): return TOKEN_LBINARY;
    case PAIR('>', '>'): return TOKEN_RBINARY;
    case PAIR('<', '-'): return TOKEN_LARROW;
    case PAIR('|', '|'): return TOKEN_BARBAR;
    case PAIR('+', '+'): return TOKEN_APPEND;
    case PAIR('-', '-'): return TOKEN_SUBTRACT;
    case PAIR('=', '='): return TOKEN_EQ;
    case PAIR('/', '='): return TOKEN_NE;
    case PAIR('=', '<'): return TOKEN_LE;
    case PAIR('>', '='): return TOKEN_GE;
    default: return TOKEN_EOF;
    }
#undef PAIR
}

// A third sign may belong to it, as in "=:=", or begin the next token, as in
// "=-1": only the slow way tells. "->" before a sign is always an arrow.
static bool read_plain_sign(Plain *r)
{
    // No room to look ahead: the end of text is near.
    if (r->end - r->p < 3) return false;
    uint8_t c = *r->p, next = r->p[1];
    TokenKind kind = TOKEN_EOF;
    size_t size = 1;
    if (!(byte_class[next] & IS_SIGN)) {
        kind = (TokenKind)before_no_sign[c];
    } else if (!(byte_class[r->p[2]] & IS_SIGN)
               || (c == '-' && next == '>')) {
        kind = pair_kind(c, next);
        size = 2;
    }
    if (kind == TOKEN_EOF) return false;
    add_token(r, kind, token_symbol(kind), size);
    return true;
}

// A string of printable ASCII without escapes.
static bool read_plain_string(Plain *r)
{
    const uint8_t *q = r->p + 1;
    while (q < r->end && *q >= ' ' && *q < 0x7F && *q != '"' && *q != '\\') q++;
    if (r->end - q < 2 || *q != '"' || q[1] == '"') return false; // or triple
    size_t size = (size_t)(q - r->p);
    Term value = heap_string(r->scanner->heap, (const char *)r->p + 1, size - 1,
                             TERM_NIL);
    add_token(r, TOKEN_STRING, value, size + 1);
    return true;
}

// Bytes at [q] that are neither newlines nor above 0x7F, eight at a time as
// long as there are as many; what is left is for the caller.
static const uint8_t *skip_comment_words(const uint8_t *q, const uint8_t *end)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    for (; end - q >= 8; q += 8) {
        uint64_t bytes = eight_bytes(q), other = bytes ^ ones * '\n';
        // The top bit of a byte that is 0 in [other], or was set in [bytes];
        // a byte above one of those may be taken for one, too.
        if ((((other - ones) & ~other) | bytes) & tops) break;
    }
    return q;
}

// A comment of ASCII, up to its newline.
// Bytes above 0x7F are left to the slow way, which checks that they are UTF-8.
static bool skip_plain_comment(Plain *r)
{
    const uint8_t *q = skip_comment_words(r->p, r->end);
    while (q < r->end && *q != '\n' && *q < 0x80) q++;
    if (q >= r->end || *q != '\n') return false;
    r->p = q;
    return true;
}

static bool read_plain(Plain *r)
{
    uint8_t c = *r->p;
    unsigned class = byte_class[c];
    // Nearly half of all tokens.
    if (alone[c] != TOKEN_EOF) {
        TokenKind kind = (TokenKind)alone[c];
        add_token(r, kind, token_symbol(kind), 1);
        return true;
    }
    if (class & IS_BLANK) {
        // Those that a line begins with come in rows.
        do r->p++;
        while (r->p < r->end && *r->p == ' ');
        return true;
    }
    if (c == '\n') {
        r->base = r->p++; // column 1 is the byte behind the newline
        r->line++;
        return true;
    }
    if (class & (IS_LOWER | IS_UPPER)) return read_plain_word(r, class);
    if (class & IS_DIGIT) return read_plain_integer(r);
    if (c == '%') return skip_plain_comment(r);
    if (c == '"') return read_plain_string(r);
    return read_plain_sign(r);
}

void scanner_read_plain(Scanner *s, TokenList *out)
{
    // Kinds in it hold for the options they were found with.
    if (s->words->options != s->options)
        *s->words = (WordCache){.options = s->options};
    Plain r = {.scanner = s, .out = out, .p = s->text + s->at,
               .end = s->text + s->size, .line = s->place.line,
               .columns = s->place.column == 0 ? 0 : -1};
    if (out->room > 0) {
        r.next = out->items + out->count;
        r.last = out->items + out->room;
    }
    // Column c of a line is base + c.
    // A pointer before the text's beginning is never read, only
    // subtracted.
    r.base = r.p - s->place.column;
    while (r.p < r.end && read_plain(&r)) {}
    if (out->room > 0) out->count = (size_t)(r.next - out->items);
    s->at = (size_t)(r.p - s->text);
    s->place.line = r.line;
    if (s->place.column != 0) s->place.column = (int32_t)(r.p - r.base);
}
