// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_parse, which erl_parse is made of.
// Tokens come as terms, as erl_scan made them or as a parse transform did; they
// are read into a list of their own, and the forms are built on the process's
// heap. Nothing here collects.
#include "abstract.h"
#include "bif.h"
#include "parser.h"
#include "parser_bifs.gen.h"
#include "process.h"

// One of the three roots, all of one shape.
typedef bool (*ParseFunction)(Grammar *g, Heap *heap, TokenList *tokens,
                              Term *result, ParseError *error);

// The tokens that [list] holds; false when something else is among them.
static bool read_tokens(Term list, TokenList *tokens)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Token t;
        if (!token_from_term(term_head(list), &t)) return false;
        token_list_add(tokens, &t);
    }
    return term_is_nil(list);
}

// {ok, Result} | {error, Info}
static Term parse(Process *p, Term list, ParseFunction function)
{
    TokenList tokens = {0};
    Heap *h = process_heap(p);
    if (!read_tokens(list, &tokens)) {
        token_list_free(&tokens);
        return bif_error(p, ATOM_badarg);
    }
    // Taken and given back within a call: no process holds one while it waits.
    Grammar *g = parser_take_grammar(p->node);
    Term result;
    ParseError error;
    bool good = function(g, h, &tokens, &result, &error);
    parser_return_grammar(p->node, g);
    // A reduction for each token.
    bif_bump(p, tokens.count);
    token_list_free(&tokens);
    if (good) return heap_tuple2(h, ATOM_ok, result);
    return heap_tuple2(h, ATOM_error, grammar_error_term(h, &error));
}

Term bif_merle_parse_form_1(Process *p, const Term *args)
{
    return parse(p, args[0], grammar_parse_form);
}

Term bif_merle_parse_exprs_1(Process *p, const Term *args)
{
    return parse(p, args[0], grammar_parse_exprs);
}

Term bif_merle_parse_term_1(Process *p, const Term *args)
{
    return parse(p, args[0], grammar_parse_term);
}

// normalise(Form): the value of a constant.
//   {ok, Value} | error
// For erl_parse:normalise/1, which raises badarg of the answer.
Term bif_merle_parse_normalise_1(Process *p, const Term *args)
{
    Term value;
    if (!abstract_normalise(p->node, process_heap(p), args[0], NORMALISE_TERM,
                            &value))
        return ATOM_error;
    return heap_tuple2(process_heap(p), ATOM_ok, value);
}
