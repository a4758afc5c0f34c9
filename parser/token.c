// SPDX-License-Identifier: Apache-2.0
// Tokens: their symbols, annotations and the terms that erl_scan shows.
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "atom.h"
#include "memory.h"

// The atom of each kind, see TOKENS.
// By bits, for a constant table cannot hold what a function makes.
const uintptr_t token_symbol_bits[TOKEN_COUNT] = {
#define TOKEN_SYMBOL(name, atom, text) ATOM_BITS_##atom,
    TOKENS(TOKEN_SYMBOL)
#undef TOKEN_SYMBOL
};

Term place_to_term(Heap *h, Place place)
{
    // 32 bits always are a small.
    Term line = term_small(place.line);
    if (place.column == 0) return line;
    Term *box = heap_alloc(h, 3);
    box[0] = term_header(SUBTAG_TUPLE, 2);
    box[1] = line;
    box[2] = term_small(place.column);
    return term_from_box(box);
}

Term token_anno(Heap *h, Token *token)
{
    // Most tokens are punctuation whose annotation no form keeps, so it is made
    // only on demand; a term may then be shared by several forms.
    if (term_is_none(token->anno)) token->anno = place_to_term(h, token->place);
    return token->anno;
}

// A scan of some 70 words is good enough: only tokens given as terms come here,
// see token_from_term.
TokenKind token_kind_of_symbol(Term symbol)
{
    for (int kind = TOKEN_AFTER; kind < TOKEN_SPEC; kind++)
        if (token_symbol_bits[kind] == symbol.bits) return (TokenKind)kind;
    // {dot, Anno} has two elements like punctuation, though dot is a category.
    return term_same(symbol, ATOM_dot) ? TOKEN_DOT : TOKEN_OTHER;
}

// Whether tokens of this kind are triples with a value.
static bool carries_value(unsigned kind)
{
    return kind >= TOKEN_ATOM && kind <= TOKEN_WHITE_SPACE && kind != TOKEN_DOT;
}

Term token_to_term(Heap *h, Token *token)
{
    Term anno = token_anno(h, token);
    // {'(', {1,5}}: what has no value of its own shows its symbol.
    if (!carries_value(token->kind)) return heap_tuple2(h, token->value, anno);
    return heap_tuple3(h, token_symbol((TokenKind)token->kind), anno,
                       token->value);
}

// The kind of the triples of [category]; TOKEN_EOF when there are none.
static TokenKind kind_of_category(Term category)
{
    // sigil_prefix and the like included; "dot" is left out, see above.
    for (int kind = TOKEN_ATOM; kind <= TOKEN_WHITE_SPACE; kind++)
        if (token_symbol_bits[kind] == category.bits
            && carries_value((unsigned)kind))
            return (TokenKind)kind;
    return TOKEN_EOF;
}

// Whether [value] is what the grammar expects of a token of [kind].
static bool value_fits(TokenKind kind, Term value)
{
    switch (kind) {
    case TOKEN_ATOM:
    case TOKEN_VAR:
    case TOKEN_SIGIL_PREFIX: return term_is_atom(value);
    // Any list: characters are checked where the literal is used.
    case TOKEN_SIGIL_SUFFIX:
    case TOKEN_STRING: return term_list_length(value) >= 0;
    case TOKEN_INTEGER: return term_is_integer(value);
    case TOKEN_FLOAT: return term_is_float(value);
    case TOKEN_CHAR:
        return term_is_small(value) && term_small_value(value) >= 0
               && term_small_value(value) <= 0x10FFFF;
    default: return true;
    }
}

// The place that an annotation holds.
static Place place_of_anno(Term anno)
{
    // Three shapes: Line, {Line, Column}, and a list such as [{location, Line},
    // {text, "x"}] that erl_scan makes with the option text.
    for (Term l = anno; term_is_cons(l); l = term_tail(l)) {
        Term pair = term_head(l);
        if (term_is_tuple_of(pair, 2)
            && term_same(term_tuple_get(pair, 0), ATOM_location))
            anno = term_tuple_get(pair, 1);
    }
    Term line = anno, column = term_small(0);
    if (term_is_tuple_of(anno, 2)) {
        line = term_tuple_get(anno, 0);
        column = term_tuple_get(anno, 1);
    }
    // Anything else is no place that a token could be sorted by.
    if (!term_is_small(line) || !term_is_small(column)) return (Place){0, 0};
    return (Place){(int32_t)term_small_value(line),
                   (int32_t)term_small_value(column)};
}

bool token_from_term(Term term, Token *token)
{
    *token = (Token){0};
    if (!term_is_tuple_of(term, 2) && !term_is_tuple_of(term, 3)) return false;
    Term category = term_tuple_get(term, 0);
    if (!term_is_atom(category)) return false;
    token->anno = term_tuple_get(term, 1);
    token->place = place_of_anno(token->anno);
    if (term_is_tuple_of(term, 3)) {
        TokenKind kind = kind_of_category(category);
        // A triple of another category is no token of the language, as is one
        // with a value that the scanner never makes.
        // erl_parse would say "syntax error before" of it just the same.
        token->value = term_tuple_get(term, 2);
        token->kind = (uint8_t)(kind == TOKEN_EOF ? TOKEN_OTHER : kind);
        return value_fits(kind, token->value);
    }
    token->value = category;
    token->kind = (uint8_t)token_kind_of_symbol(category);
    return true;
}

void token_list_reserve(TokenList *list, size_t more)
{
    enum { AT_LEAST = 64 };
    if (list->room - list->count >= more) return;
    // An empty list has nothing to be moved, though its memory was used before.
    if (list->count == 0) token_list_free(list);
    // Some more than asked for: forms grow token by token.
    list->items = memory_grow(list->items, &list->room,
                              list->count + more + AT_LEAST,
                              sizeof *list->items);
}

void token_list_append(TokenList *list, const Token *tokens, size_t count)
{
    token_list_reserve(list, count);
    memcpy(list->items + list->count, tokens, count * sizeof *tokens);
    list->count += count;
}

void token_list_free(TokenList *list)
{
    free(list->items);
    *list = (TokenList){0};
}
