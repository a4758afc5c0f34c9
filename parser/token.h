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

typedef struct {
    uint8_t kind;  // TokenKind
    int32_t line;
    int32_t column;
    uint32_t start, end; // bytes of the source it was read from
    Term value;    // ATOM, VAR: atom of the name; INTEGER, FLOAT, CHAR: the
                   // number; STRING: list of code points; others: the symbol
                   // as an atom ('->', 'case')
} Token;

typedef struct {
    Token *items;
    size_t count, room;
} TokenList;

#endif
