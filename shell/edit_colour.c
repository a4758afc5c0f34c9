// SPDX-License-Identifier: Apache-2.0
// EditColour: a scanner for text that is being typed.
// It must make something of any text and never fail, so the parser's scanner
// will not do: half a string is a string here.
#include "edit_colour.h"

#include "edit_text.h"
#include "token.h"

// Bytes [from] to [to] of the text.
typedef struct {
    size_t from, to;
    Style style;
} Piece;

// The sixteen basic colours only: every terminal has them, in shades that its
// owner chose.
const char *edit_colour_sequence(unsigned style)
{
    static const char *const sequences[] = {
        [STYLE_PLAIN] = "\x1b[0m", [STYLE_KEYWORD] = "\x1b[1;34m",
        [STYLE_VARIABLE] = "\x1b[36m", [STYLE_NUMBER] = "\x1b[35m",
        [STYLE_STRING] = "\x1b[32m", [STYLE_QUOTED] = "\x1b[33m",
        [STYLE_COMMENT] = "\x1b[90m", [STYLE_RECORD] = "\x1b[33m",
        [STYLE_HINT] = "\x1b[90m", [STYLE_RAW] = "",
    };
    // Reverse, whatever colour the bracket would have.
    if (style & STYLE_MATCH) return "\x1b[7m";
    return sequences[style];
}

// The scanner's own words; "maybe" and "else" among them.
static bool is_reserved(const uint8_t *word, size_t size)
{
    static const char *const words[] = {
#define TOKEN_TEXT(name, atom, text) text,
        TOKENS(TOKEN_TEXT)
#undef TOKEN_TEXT
    };
    for (size_t i = TOKEN_AFTER; i <= TOKEN_XOR; i++)
        if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0)
            return true;
    return false;
}

// Bytes will do: every byte of a longer character is a letter.
static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_lower(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || c >= 0x80;
}

static bool is_word(uint8_t c)
{
    return is_digit(c) || is_upper(c) || is_lower(c) || c == '@';
}

static size_t word_end(const Buffer *b, size_t at)
{
    while (at < b->size && is_word(b->bytes[at])) at++;
    return at;
}

// 12, 1_000, 16#ff, 1.5e-3
// Digits may be followed by letters, as in 16#ff and 1e5.
static size_t number_end(const Buffer *b, size_t at)
{
    const uint8_t *c = b->bytes;
    at = word_end(b, at);
    if (at < b->size && c[at] == '#') return word_end(b, at + 1);
    if (at + 1 < b->size && c[at] == '.' && is_digit(c[at + 1])) {
        at = word_end(b, at + 1);
        if (at + 1 < b->size && c[at - 1] == 'e'
            && (c[at] == '-' || c[at] == '+') && is_digit(c[at + 1]))
            at = word_end(b, at + 1);
    }
    return at;
}

// Behind the pid <0.1.0> at [at]; [at] when there is none.
// A pid is printed like this and may be pasted back.
static size_t pid_end(const Buffer *b, size_t at)
{
    size_t end = at + 1;
    unsigned dots = 0;
    for (; end < b->size && (is_digit(b->bytes[end]) || b->bytes[end] == '.');
         end++)
        dots += b->bytes[end] == '.';
    bool is_pid = dots == 2 && end < b->size && b->bytes[end] == '>';
    return is_pid ? end + 1 : at;
}

// The piece that begins at [at], or a single plain character.
// Always at least one byte, so the loop ends.
static Piece piece_at(const Buffer *b, size_t at)
{
    uint8_t c = b->bytes[at];
    if (c == '<' && pid_end(b, at) > at)
        return (Piece){at, pid_end(b, at), STYLE_NUMBER};
    // Strings, quoted atoms, comments and $c are skipped in one way by all.
    size_t quoted = edit_text_skip_quoted(b, at);
    if (quoted > at)
        return (Piece){at, quoted, c == '"'    ? STYLE_STRING
                                   : c == '\'' ? STYLE_QUOTED
                                   : c == '%'  ? STYLE_COMMENT
                                               : STYLE_NUMBER};
    if (is_digit(c)) return (Piece){at, number_end(b, at), STYLE_NUMBER};
    if (is_upper(c)) return (Piece){at, word_end(b, at), STYLE_VARIABLE};
    // "#rec" and "?MACRO", but not "#{".
    if ((c == '#' || c == '?') && at + 1 < b->size
        && (is_lower(b->bytes[at + 1]) || is_upper(b->bytes[at + 1])))
        return (Piece){at, word_end(b, at + 1), STYLE_RECORD};
    if (!is_lower(c)) return (Piece){at, at + 1, STYLE_PLAIN};
    size_t end = word_end(b, at);
    bool is_key = is_reserved(b->bytes + at, end - at);
    return (Piece){at, end, is_key ? STYLE_KEYWORD : STYLE_PLAIN};
}

// Whether a piece of its own, the end of a line, is at [at]: what stands before
// it does not matter then for what follows.
static bool is_border(const Buffer *text, const uint8_t *style, size_t at)
{
    return text->bytes[at] == '\n' && style[at] == STYLE_PLAIN;
}

void edit_colour_from(const Buffer *text, uint8_t *style, size_t from,
                      size_t to)
{
    size_t at = from < text->size ? from : text->size;
    // Quotes in a row, which mean something together, may stand in the line
    // before: there goes one more.
    for (unsigned borders = 0; at > 0 && borders < 2;)
        borders += is_border(text, style, --at);
    while (at < text->size) {
        bool was_border = at >= to && is_border(text, style, at);
        Piece p = piece_at(text, at);
        memset(style + p.from, p.style, p.to - p.from);
        if (was_border && is_border(text, style, at)) return;
        at = p.to;
    }
}

void edit_colour(const Buffer *text, uint8_t *style)
{
    edit_colour_from(text, style, 0, text->size);
}

static void add_sequence(Buffer *to, unsigned style)
{
    const char *sequence = edit_colour_sequence(style);
    buffer_add(to, sequence, strlen(sequence));
}

// Lines are taken apart by whoever shows them, so no colour runs on into the
// next one.
void edit_colour_add(Buffer *to, const Buffer *text)
{
    uint8_t *style = memory_zeroed(text->size + 1, 1);
    unsigned current = STYLE_PLAIN;
    edit_colour(text, style);
    for (size_t i = 0; i < text->size; i++) {
        uint8_t c = text->bytes[i];
        unsigned wanted = c == '\n' ? STYLE_PLAIN : style[i];
        // blanks show no colour
        if (wanted != current && c != ' ') {
            if (current != STYLE_PLAIN) add_sequence(to, STYLE_PLAIN);
            if (wanted != STYLE_PLAIN) add_sequence(to, wanted);
            current = wanted;
        }
        buffer_add_byte(to, c);
    }
    if (current != STYLE_PLAIN) add_sequence(to, STYLE_PLAIN);
    free(style);
}

// ---- indenting ----
// As the Erlang mode of editors does it, roughly: a bracket or a block indents
// what is in it once, a body behind "->" once more.

enum { DEEPEST = 64, STEP = 4 }; // nesting beyond counts but does not indent

// What is open: a bracket or a word that end closes. Those that one line
// opens indent once.
typedef struct {
    size_t line[DEEPEST];  // where each was opened
    bool in_body[DEEPEST]; // behind an arrow
    bool in_function;      // the same of a function's clause
    size_t depth;          // all of them, those beyond DEEPEST too
} Nesting;

// Beyond DEEPEST only the number is kept, so that closing still fits.
static void open(Nesting *n, size_t line)
{
    if (n->depth < DEEPEST) {
        n->line[n->depth] = line;
        n->in_body[n->depth] = false;
    }
    n->depth++;
}

// A piece's bytes as text.
static bool word_is(const Buffer *b, const Piece *p, const char *word)
{
    return p->to - p->from == strlen(word)
           && memcmp(b->bytes + p->from, word, p->to - p->from) == 0;
}

// "fun" opens a block only before its clauses.
// "fun foo/1" has no end.
static bool opens_block(const Buffer *b, const Piece *p)
{
    static const char *const openers[] = {"case", "if", "begin", "receive",
                                          "try", "maybe"};
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        if (word_is(b, p, openers[i])) return true;
    if (!word_is(b, p, "fun")) return false;
    size_t at = p->to;
    while (at < b->size && b->bytes[at] == ' ') at++;
    // At the text's end it may still become a block.
    return at == b->size || b->bytes[at] == '('
           || is_upper(b->bytes[at]);
}

// In a body until ";" or the form's dot.
static void note_sign(Nesting *n, const Buffer *b, size_t at, size_t line)
{
    uint8_t c = b->bytes[at];
    size_t top = n->depth - 1;
    if (c == '(' || c == '[' || c == '{') {
        open(n, line);
    } else if ((c == ')' || c == ']' || c == '}') && n->depth > 0) {
        n->depth--;
    } else if (top >= DEEPEST && n->depth > 0) {
        // Nested too deep: nothing is known of it.
        return;
    } else {
        bool *in_body = n->depth > 0 ? &n->in_body[top] : &n->in_function;
        // Only the '>' of "->"; that of ">=" or ">>" stands behind others.
        if (c == '>' && at > 0 && b->bytes[at - 1] == '-') *in_body = true;
        else if (c == ';' || (c == '.' && n->depth == 0)) *in_body = false;
    }
}

// "of" and the like, but not the operator catch.
// A part of a case or try: behind it patterns come again.
static bool starts_part(const Nesting *n, const Buffer *b, const Piece *p)
{
    if (n->depth == 0 || n->depth > DEEPEST) return false;
    if (word_is(b, p, "of") || word_is(b, p, "after") || word_is(b, p, "else"))
        return true;
    // "catch" within a line is the operator.
    size_t line = p->from;
    while (line > 0 && b->bytes[line - 1] == ' ') line--;
    return word_is(b, p, "catch") && line > 0 && b->bytes[line - 1] == '\n';
}

static void note_piece(Nesting *n, const Buffer *b, const Piece *p, size_t line)
{
    if (p->style == STYLE_KEYWORD) {
        if (opens_block(b, p)) open(n, line);
        else if (word_is(b, p, "end") && n->depth > 0) n->depth--;
        else if (starts_part(n, b, p)) n->in_body[n->depth - 1] = false;
    } else if (p->style == STYLE_PLAIN && p->to == p->from + 1) {
        note_sign(n, b, p->from, line);
    }
}

// What ends at [at] with what is closed there for good; [at] when nothing is.
// "end", ")", "]" or "}" at the beginning of a line.
static size_t skip_closer(const Buffer *b, size_t at)
{
    if (at >= b->size) return at;
    if (strchr(")]}", b->bytes[at]) != NULL) return at + 1;
    Piece p = piece_at(b, at);
    return word_is(b, &p, "end") ? p.to : at;
}

// "of" and the like end what a construct had open, and open something anew.
// Such a line stands as far out as the one that opened the construct.
bool edit_colour_closes(const Buffer *text, size_t at)
{
    static const char *const closers[] = {"of", "after", "catch", "else"};
    if (at >= text->size || skip_closer(text, at) > at)
        return at < text->size;
    Piece p = piece_at(text, at);
    for (size_t i = 0; i < sizeof closers / sizeof *closers; i++)
        if (word_is(text, &p, closers[i])) return true;
    return false;
}

static size_t skip_blanks(const Buffer *b, size_t at)
{
    while (at < b->size && (b->bytes[at] == ' ' || b->bytes[at] == '\t')) at++;
    return at;
}

// A line that opens two things, as "foo(fun() ->", indents once.
static size_t count_steps(const Nesting *n)
{
    size_t steps = n->in_function;
    for (size_t i = 0; i < n->depth && i < DEEPEST; i++) {
        // Opened by a line of its own.
        if (i == 0 || n->line[i] != n->line[i - 1]) steps++;
        if (n->in_body[i]
            && (i + 1 == n->depth || n->line[i + 1] != n->line[i]))
            steps++;
    }
    return steps;
}

// Scans all that stands before; a half string at the end means that the line is
// within it.
size_t edit_colour_indent(const Buffer *text, size_t end)
{
    Nesting n = {.depth = 0};
    size_t line = 0;
    for (size_t at = 0; at < end;) {
        Piece p = piece_at(text, at);
        // behind a line's end no string can have ended
        if (p.to >= end
            && (p.style == STYLE_STRING || p.style == STYLE_QUOTED))
            return SIZE_MAX;
        if (text->bytes[at] == '\n') line++;
        note_piece(&n, text, &p, line);
        at = p.to;
    }
    size_t at = skip_blanks(text, end), next;
    bool is_closed = edit_colour_closes(text, at);
    if (is_closed && n.depth > 0) n.depth--;
    // "end)" closes two things, which one line may have opened
    while (is_closed && n.depth > 0 && (next = skip_closer(text, at)) > at) {
        at = next;
        // Only if more follows: the last one has been counted.
        if (skip_closer(text, at) > at) n.depth--;
    }
    return count_steps(&n) * STEP;
}
