// SPDX-License-Identifier: Apache-2.0
// Tokens: what the scanner makes of text, and the grammar reads.
//
// The grammar runs over the kinds alone, one byte each; the position in that
// byte string is the token's index, which leads back to value and place.
#ifndef MERLE_TOKEN_H
#define MERLE_TOKEN_H

#include "heap.h"
#include "term.h"

// Kinds. Reserved words and punctuation have one each, so that a kind alone
// tells a token without a value apart. TOKENS(X): X(NAME, text).
#define TOKENS(X)                                                              \
    X(EOF, "") X(ATOM, "") X(VAR, "") X(INTEGER, "") X(FLOAT, "")              \
    X(CHAR, "") X(STRING, "") X(SIGIL_PREFIX, "") X(SIGIL_SUFFIX, "")          \
    X(DOT, ".") X(COMMENT, "") X(WHITE_SPACE, "")                              \
    X(AFTER, "after") X(BEGIN, "begin") X(CASE, "case") X(TRY, "try")          \
    X(CATCH, "catch") X(COND, "cond") X(END, "end") X(FUN, "fun")              \
    X(IF, "if") X(LET, "let") X(OF, "of") X(RECEIVE, "receive")                \
    X(WHEN, "when") X(MAYBE, "maybe") X(ELSE, "else")                          \
    X(ANDALSO, "andalso") X(ORELSE, "orelse") X(BNOT, "bnot") X(NOT, "not")    \
    X(DIV, "div") X(REM, "rem") X(BAND, "band") X(AND, "and") X(BOR, "bor")    \
    X(BXOR, "bxor") X(BSL, "bsl") X(BSR, "bsr") X(OR, "or") X(XOR, "xor")      \
    X(LPAREN, "(") X(RPAREN, ")") X(COMMA, ",") X(ARROW, "->")                 \
    X(LBRACE, "{") X(RBRACE, "}") X(LBRACKET, "[") X(RBRACKET, "]")            \
    X(BAR, "|") X(BARBAR, "||") X(LARROW, "<-") X(SEMICOLON, ";")              \
    X(COLON, ":") X(HASH, "#") X(PERIOD, ".") X(TIMES, "*") X(SLASH, "/")      \
    X(PLUS, "+") X(MINUS, "-") X(APPEND, "++") X(SUBTRACT, "--")               \
    X(EQ, "==") X(NE, "/=") X(LE, "=<") X(LT, "<") X(GE, ">=") X(GT, ">")      \
    X(EXACT_EQ, "=:=") X(EXACT_NE, "=/=") X(BINARY_LARROW, "<=")               \
    X(STRICT_LARROW, "<:-") X(STRICT_BINARY_LARROW, "<:=")                     \
    X(ZIP, "&&") X(LBINARY, "<<") X(RBINARY, ">>") X(BANG, "!")                \
    X(MATCH, "=") X(COLONCOLON, "::") X(DOTDOT, "..") X(ELLIPSIS, "...")       \
    X(MAP_ASSOC, "=>") X(MAP_EXACT, ":=") X(MAYBE_MATCH, "?=")                 \
    X(QUESTION, "?") X(SPEC, "spec") X(CALLBACK, "callback")                   \
    X(OTHER, "")

typedef enum {
#define TOKEN_ENUM(name, text) TOKEN_##name,
    TOKENS(TOKEN_ENUM)
#undef TOKEN_ENUM
    TOKEN_COUNT
} TokenKind;

// A place in the source. [column] is 0 where only lines are counted.
typedef struct {
    int32_t line;
    int32_t column;
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
} Token;

typedef struct {
    Token *items; // memory of malloc; all zero is an empty list
    size_t count, room;
} TokenList;

// The location of [place] as a term: Line or {Line, Column}.
Term place_to_term(Heap *h, Place place);

// The annotation of [token]; made from its place when first asked for.
Term token_anno(Heap *h, Token *token);

// The symbol of a kind that has no value of its own, as an atom; the category
// (atom, var, integer ...) of the others.
Term token_symbol(TokenKind kind);

// The kind of the reserved word or punctuation [symbol]; TOKEN_OTHER when it is
// none. "maybe" and "else" count as reserved here.
TokenKind token_kind_of_symbol(Term symbol);

// The token as erl_scan has it: {Category, Anno, Value} or {Symbol, Anno}.
Term token_to_term(Heap *h, Token *token);

// The token that [term] stands for; false when [term] is none. Its start and
// end are 0.
bool token_from_term(Term term, Token *token);

// Appends [token] to [list].
void token_list_add(TokenList *list, const Token *token);

// Frees the list's memory and makes it empty; what its terms hold stays.
void token_list_free(TokenList *list);

#endif
