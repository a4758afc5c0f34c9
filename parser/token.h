// SPDX-License-Identifier: Apache-2.0
// Tokens: what the scanner makes of text, and the grammar reads.
//
// The grammar runs over the kinds alone, one byte each; the position in that
// byte string is the token's index, which leads back to value and place.
#ifndef MERLE_TOKEN_H
#define MERLE_TOKEN_H

#include "heap.h"
#include "term.h"

// Kinds: X(NAME, atom, text). Reserved words and punctuation have one each, so
// that a kind alone tells a token without a value apart; [atom] names its
// symbol in atoms.tab, or the category of the kinds that carry a value.
// The order matters: TOKEN_ATOM to TOKEN_WHITE_SPACE are the kinds with a value
// (but DOT), TOKEN_AFTER up to TOKEN_SPEC those that a symbol alone names; see
// token.c.
// EOF is 0 and never stands among tokens: tables that are 0 where nothing is
// said (the scanner's, the preprocessor's) read it as "none".
// SPEC and CALLBACK are kinds that only the grammar gives (mark_spec) for
// "-spec" begins more than an attribute. OTHER is what no rule accepts, so it
// always ends in a syntax error.
#define TOKENS(X)                                                           \
    X(EOF, eof, "") X(ATOM, atom, "") X(VAR, var, "")                       \
    X(INTEGER, integer, "") X(FLOAT, float, "") X(CHAR, char, "")           \
    X(STRING, string, "") X(SIGIL_PREFIX, sigil_prefix, "")                 \
    X(SIGIL_SUFFIX, sigil_suffix, "") X(DOT, dot, "")                       \
    X(COMMENT, comment, "") X(WHITE_SPACE, white_space, "")                 \
    X(AFTER, after, "after") X(BEGIN, begin, "begin") X(CASE, case, "case") \
    X(TRY, try, "try") X(CATCH, catch, "catch") X(COND, cond, "cond")       \
    X(END, end, "end") X(FUN, fun, "fun") X(IF, if, "if")                   \
    X(LET, let, "let") X(OF, of, "of") X(RECEIVE, receive, "receive")       \
    X(WHEN, when, "when") X(MAYBE, maybe, "maybe") X(ELSE, else, "else")    \
    X(ANDALSO, andalso, "andalso") X(ORELSE, orelse, "orelse")              \
    X(BNOT, bnot, "bnot") X(NOT, not, "not") X(DIV, div, "div")             \
    X(REM, rem, "rem") X(BAND, band, "band") X(AND, and, "and")             \
    X(BOR, bor, "bor") X(BXOR, bxor, "bxor") X(BSL, bsl, "bsl")             \
    X(BSR, bsr, "bsr") X(OR, or, "or") X(XOR, xor, "xor")                   \
    X(LPAREN, lparen_token, "(") X(RPAREN, rparen_token, ")")               \
    X(COMMA, comma_token, ",") X(ARROW, arrow_token, "->")                  \
    X(LBRACE, lbrace_token, "{") X(RBRACE, rbrace_token, "}")               \
    X(LBRACKET, lbracket_token, "[") X(RBRACKET, rbracket_token, "]")       \
    X(BAR, bar_token, "|") X(BARBAR, barbar_token, "||")                    \
    X(LARROW, larrow_token, "<-") X(SEMICOLON, semicolon_token, ";")        \
    X(COLON, colon, ":") X(HASH, hash, "#")                     \
    X(PERIOD, period, ".") X(TIMES, times, "*") X(SLASH, slash, "/")  \
    X(PLUS, plus, "+") X(MINUS, minus, "-") X(APPEND, append, "++")         \
    X(SUBTRACT, subtract, "--") X(EQ, eq, "==") X(NE, ne, "/=")             \
    X(LE, le, "=<") X(LT, lt, "<") X(GE, ge, ">=") X(GT, gt, ">")           \
    X(EXACT_EQ, exact_eq, "=:=") X(EXACT_NE, exact_ne, "=/=")               \
    X(BINARY_LARROW, binary_larrow_token, "<=")                             \
    X(STRICT_LARROW, strict_larrow_token, "<:-")                            \
    X(STRICT_BINARY_LARROW, strict_binary_larrow_token, "<:=")              \
    X(ZIP, zip_token, "&&") X(LBINARY, lbinary_token, "<<")                 \
    X(RBINARY, rbinary_token, ">>") X(BANG, send_op, "!")                   \
    X(MATCH, match_op, "=") X(COLONCOLON, coloncolon_token, "::")           \
    X(DOTDOT, dotdot_token, "..") X(ELLIPSIS, ellipsis_token, "...")        \
    X(MAP_ASSOC, map_assoc_token, "=>") X(MAP_EXACT, map_exact_token, ":=") \
    X(MAYBE_MATCH, maybe_match_token, "?=")                                 \
    X(QUESTION, question_token, "?") X(SPEC, spec, "spec")                  \
    X(CALLBACK, callback, "callback") X(OTHER, undefined, "")

typedef enum {
#define TOKEN_ENUM(name, atom, text) TOKEN_##name,
    TOKENS(TOKEN_ENUM)
#undef TOKEN_ENUM
    TOKEN_COUNT // how many kinds there are
} TokenKind;

// A place in the source. [column] is 0 where only lines are counted.
typedef struct {
    int32_t line;   // from 1; 0 in terms of unknown place
    int32_t column; // in code points, from 1
} Place;

typedef struct {
    uint8_t kind;        // TokenKind
    Place place;         // where it begins
    uint32_t start, end; // bytes of the source it was read from
    Term value; // ATOM, VAR, SIGIL_PREFIX: atom of the name; INTEGER, FLOAT,
                // CHAR: the number; STRING, SIGIL_SUFFIX, COMMENT,
                // WHITE_SPACE: list of code points; others: the symbol as an
                // atom ('->', 'case', dot)
    Term anno;  // annotation; TERM_NONE: none made yet, see token_anno
} Token; // 40 bytes: a large module has some 100 000 of them

typedef struct {
    Token *items;       // memory of malloc; all zero is an empty list
    size_t count, room; // in use, and allocated, in tokens
} TokenList;

// The location of [place] as a term: Line or {Line, Column}.
Term place_to_term(Heap *h, Place place);

// The annotation of [token]; made from its place when first asked for.
Term token_anno(Heap *h, Token *token);

// The symbol of a kind that has no value of its own, as an atom; the category
// (atom, var, integer ...) of the others.
extern const uintptr_t token_symbol_bits[TOKEN_COUNT];

static inline Term token_symbol(TokenKind kind)
{
    return (Term){token_symbol_bits[kind]};
}

// The kind of the reserved word or punctuation [symbol]; TOKEN_OTHER when it is
// none. "maybe" and "else" count as reserved here.
// The scanner looks words up by its own table; this way is for tokens that came
// as terms.
TokenKind token_kind_of_symbol(Term symbol);

// The token as erl_scan has it: {Category, Anno, Value} or {Symbol, Anno}.
Term token_to_term(Heap *h, Token *token);

// The token that [term] stands for; false when [term] is none. Its start and
// end are 0.
// Any term may come, as erl_parse is given whatever a caller made: it is looked
// at, never trusted.
bool token_from_term(Term term, Token *token);

// Makes room for [more] tokens behind those in [list].
void token_list_reserve(TokenList *list, size_t more);

// Appends [token] to [list]; the [count] tokens at [tokens].
static inline void token_list_add(TokenList *list, const Token *token)
{
    if (list->count == list->room) token_list_reserve(list, 1);
    list->items[list->count++] = *token;
}

void token_list_append(TokenList *list, const Token *tokens, size_t count);

// Frees the list's memory and makes it empty; what its terms hold stays.
void token_list_free(TokenList *list);

#endif
