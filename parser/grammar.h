// SPDX-License-Identifier: Apache-2.0
// Grammar: tokens to the documented Abstract Format.
//
// A grammar is the mpc parsers for Erlang and the context that their actions
// build in. It is made once and used for any number of parses, by one thread
// at a time; parser.h keeps those of a node.
#ifndef MERLE_GRAMMAR_H
#define MERLE_GRAMMAR_H

#include "node.h"
#include "token.h"

// Large and slow to make, so they are kept (parser_take_grammar) rather than
// made for each form.
typedef struct Grammar Grammar;

typedef struct {
    Term location;   // where: Line or {Line, Column}, or nil when unknown
    Term module;     // whose format_error knows the descriptor (erl_parse)
    // Text is a list of characters, so that it can be shown in any encoding.
    Term descriptor; // ["syntax error before: ", Text], "bad attribute" ...
    size_t token;    // index of the token where it went wrong
} ParseError;

// Never fails: a mistake in a rule is an assertion, not an answer.
Grammar *grammar_new(Node *node);
void grammar_free(Grammar *grammar);

// These read [n] [tokens], the last of them a dot, and build the result on
// [heap]. False: [*error] says why; its terms are on the heap too. The tokens
// change only in that annotations are filled in. COMMENT and WHITE_SPACE
// tokens must not be among them.

// One form: attribute or function.
bool grammar_parse_form(Grammar *g, Heap *heap, TokenList *tokens,
                        Term *form, ParseError *error);

// Expressions with commas between: a list of them.
// What erl_parse:parse_exprs reads: "X = 1, Y." is two of them.
bool grammar_parse_exprs(Grammar *g, Heap *heap, TokenList *tokens,
                         Term *exprs, ParseError *error);

// One expression that is a constant: its value.
// What erl_parse:parse_term and file:consult read: "{a, [1, 2]}."; "a()." is a
// "bad term", and so is more than one.
bool grammar_parse_term(Grammar *g, Heap *heap, TokenList *tokens,
                        Term *term, ParseError *error);

// The error as erl_parse gives it: {Location, Module, Descriptor}.
Term grammar_error_term(Heap *heap, const ParseError *error);

#endif
