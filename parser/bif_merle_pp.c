// SPDX-License-Identifier: Apache-2.0
// The BIF of module merle_pp, which erl_pp is made of.
// Options arrive as a list that erl_pp made; the text goes back as a list of
// characters, since erl_pp's answers are such lists.
#include <stdlib.h>

#include "bif.h"
#include "parser_bifs.gen.h"
#include "pretty.h"
#include "process.h"

// Which of erl_pp's functions was called.
static bool get_kind(Term t, PrettyKind *kind)
{
    switch (t.bits) {
    case ATOM_BITS_form: *kind = PRETTY_FORM; return true;
    case ATOM_BITS_attribute: *kind = PRETTY_ATTRIBUTE; return true;
    case ATOM_BITS_function: *kind = PRETTY_FUNCTION; return true;
    case ATOM_BITS_guard: *kind = PRETTY_GUARD; return true;
    case ATOM_BITS_exprs: *kind = PRETTY_EXPRESSIONS; return true;
    case ATOM_BITS_expr: *kind = PRETTY_EXPRESSION; return true;
    default: return false;
    }
}

// Small integers all; anything else makes the option unknown.
static bool set_number(PrettyOptions *o, Term key, intptr_t n)
{
    switch (key.bits) {
    case ATOM_BITS_column: o->column = n; return true;
    case ATOM_BITS_precedence: o->precedence = n; return true;
    case ATOM_BITS_indent: o->indent = n; return true;
    case ATOM_BITS_linewidth: o->width = n; return true;
    default: return false;
    }
}

// The hook itself stays in Erlang: here only its being there counts.
static bool set_option(PrettyOptions *o, Term option)
{
    switch (option.bits) {
    case ATOM_BITS_latin1: o->latin1 = true; return true;
    case ATOM_BITS_latin1_lists: o->latin1_lists = true; return true;
    case ATOM_BITS_quote_singleton_atom_types:
        o->quote_types = true;
        return true;
    case ATOM_BITS_hook: o->hooks = true; return true;
    }
    return term_is_tuple_of(option, 2)
           && term_is_small(term_tuple_get(option, 1))
           && set_number(o, term_tuple_get(option, 0),
                         term_small_value(term_tuple_get(option, 1)));
}

// merle_pp:print(Kind, Form, Options, Answers) -> Characters
//     | {hook, Expression, Column, Precedence}
// The latter asks for the text of an expression: call again with the binary
// of it behind the Answers.
// A hook is an Erlang function and cannot be called from within; so the
// printing is done again for each unknown expression, with one more text known.
Term bif_merle_pp_print_4(Process *p, const Term *args)
{
    PrettyKind kind;
    PrettyOptions o;
    pretty_options_init(&o);
    Term list = args[2];
    for (; term_is_cons(list); list = term_tail(list))
        if (!set_option(&o, term_head(list))) break;
    if (!get_kind(args[0], &kind) || !term_is_nil(list))
        return bif_error(p, ATOM_badarg);
    o.answers = args[3];
    PrettyResult r = pretty_print(p->node, kind, args[1], &o);
    // Deeper than can be printed on any stack.
    if (r.too_deep) return bif_error(p, ATOM_system_limit);
    if (!r.valid) return bif_error(p, ATOM_function_clause);
    Heap *h = process_heap(p);
    if (!term_is_none(r.hook)) {
        Term hook[] = {ATOM_hook, r.hook, term_small(r.hook_column),
                       term_small(r.hook_precedence)};
        return heap_tuple(h, sizeof hook / sizeof hook[0], hook);
    }
    Term text = heap_string_utf8(h, (const char *)r.text, r.size, TERM_NIL);
    free(r.text);
    bif_bump(p, r.size / 16); // writing is cheap: 16 bytes a reduction
    return text;
}
