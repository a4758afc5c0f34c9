// SPDX-License-Identifier: Apache-2.0
// Places in forms: what stands leftmost, and what comes last.
//
// A form's annotation is that of its operator or keyword; what stands leftmost
// has the place of the first token, parentheses left out. Where the tokens'
// places rise, that token is known; where macros have mixed them the form is
// searched as erl_parse does: from left to right, as long as the places do not
// rise.
#include "grammar_part.h"
#include "term_stack.h"

// The place of [anno]; line 0 when it holds none.
// Column 1 if only lines are known, so that lines alone decide.
static Place place_of(Term anno)
{
    Term location = grammar_location(anno);
    Place place = {0, 1};
    if (term_is_tuple_of(location, 2)) {
        Term column = term_tuple_get(location, 1);
        location = term_tuple_get(location, 0);
        if (term_is_small(column))
            place.column = (int32_t)term_small_value(column);
    }
    if (term_is_small(location))
        place.line = (int32_t)term_small_value(location);
    return place;
}

static bool is_before_or_at(Term a, Term b)
{
    Place x = place_of(a), y = place_of(b);
    return x.line < y.line || (x.line == y.line && x.column <= y.column);
}

Term grammar_location(Term anno)
{
    // [{location, {1,5}}, {text, "x"}]: any list is searched.
    for (Term l = anno; term_is_cons(l); l = term_tail(l)) {
        Term pair = term_head(l);
        if (term_is_tuple_of(pair, 2)
            && term_same(term_tuple_get(pair, 0), ATOM_location))
            return term_tuple_get(pair, 1);
    }
    // Otherwise it is the location itself.
    return anno;
}

// The index of the first element of [form] that may hold forms, its tag being
// known; sets where they end, and whether element 1 is an annotation.
// {Tag, Anno, ...} is the common shape; these are the others.
static size_t children_of(Term form, size_t *end, bool *has_anno)
{
    Term tag = term_tuple_get(form, 0);
    *end = term_arity(form);
    *has_anno = true;
    // {bin_element, A, Value, Size, Types}: types are atoms and integers.
    if (term_same(tag, ATOM_bin_element)) *end = 4;
    // Their third element is text, not forms.
    if (term_same(tag, ATOM_string) || term_same(tag, ATOM_char)) *end = 2;
    // {clauses, [...]} has no annotation at all.
    bool bare = term_same(tag, ATOM_clauses)
                || term_same(tag, ATOM_typed_record_field)
                || term_same(tag, ATOM_typed);
    if (term_same(tag, ATOM_function)) {
        *has_anno = false; // {function, Name, Arity} or with forms
        if (*end == 3) *end = 1;
        return 1;
    }
    if (bare) *has_anno = false;
    return bare ? 1 : 2;
}

// Pushes what [t] holds, the leftmost on top; answers its annotation, or
// TERM_NONE.
// A stack of its own: a sum of 100 000 terms is a form as deep as that.
static Term open_term(TermStack *stack, Term t)
{
    size_t end;
    bool has_anno;
    if (term_is_cons(t)) {
        term_stack_push(stack, term_tail(t));
        term_stack_push(stack, term_head(t));
        return TERM_NONE;
    }
    if (!term_is_tuple(t) || term_arity(t) < 2
        || !term_is_atom(term_tuple_get(t, 0)))
        return TERM_NONE;
    size_t from = children_of(t, &end, &has_anno);
    for (size_t i = end; i-- > from;)
        term_stack_push(stack, term_tuple_get(t, i));
    return has_anno ? term_tuple_get(t, 1) : TERM_NONE;
}

Term grammar_leftmost(Grammar *g, Term form)
{
    (void)g;
    while (term_is_cons(form)) form = term_head(form); // of a guard
    Term found = term_tuple_get(form, 1);
    TermStack stack;
    term_stack_init(&stack);
    term_stack_push(&stack, form);
    while (!term_stack_is_empty(&stack)) {
        Term anno = open_term(&stack, term_stack_pop(&stack));
        if (term_is_none(anno)) continue;
        // "f(X) + g(Y)": '+' is found first, then f before it; '(' X lies
        // behind, so the search ends there, as OTP's does.
        if (!is_before_or_at(anno, found)) break;
        found = anno;
    }
    term_stack_free(&stack);
    return found;
}

Term grammar_first_anno(Grammar *g, uint32_t start, Term form)
{
    // The places are mixed where one macro's text stands before another's.
    if (!g->ordered) return grammar_leftmost(g, form);
    // "((((X))))" asks at each level; one walk over the parentheses serves all,
    // else this would be quadratic.
    if (start >= g->run_start && start < g->run_end)
        return anno_at(g, g->run_end); // of deep nests, each asks for the same
    uint32_t end = start;
    // Parentheses leave no trace in forms, so they have no place.
    while (token_at(g, end)->kind == TOKEN_LPAREN) end++;
    g->run_start = start;
    g->run_end = end;
    return anno_at(g, end);
}

// No order is assumed here: all of the form is searched.
Term grammar_last_anno(Grammar *g, Term form)
{
    Term found = TERM_NONE;
    TermStack stack;
    (void)g;
    term_stack_init(&stack);
    term_stack_push(&stack, form);
    while (!term_stack_is_empty(&stack)) {
        Term anno = open_term(&stack, term_stack_pop(&stack));
        if (term_is_none(anno)) continue;
        if (term_is_none(found) || !is_before_or_at(anno, found)) found = anno;
    }
    term_stack_free(&stack);
    return found;
}
