// SPDX-License-Identifier: Apache-2.0
// Lint of expressions. Each function answers what its expression does to the
// variables: those it uses and those it binds.
//
// Expressions in a row see what those before have bound. Arguments, elements
// and operands do not see each other, as their order is not promised: in
// {X = 1, X} the last X is unbound. What two of them bind is compared, so it
// counts as used (merge_pattern).
//
// The names follow erl_lint's: vtupdate is vars_update, vtmerge vars_merge,
// vtmerge_pat vars_merge_pattern. Which of the three stands where decides what
// is warned of, and each is as it is there.
#include "lint_state.h"

enum { DEPTH_MOST = 5000 }; // of nesting; deeper expressions are refused

// One after the other; the answer holds what all of them did.
Vars lint_expressions(Lint *l, Term list, Vars known)
{
    Vars done = no_vars;
    for (; term_is_cons(list); list = term_tail(list)) {
        Vars v = lint_expression(l, term_head(list), known);
        known = vars_update(l, v, known);
        done = vars_update(l, done, v);
    }
    return done;
}

// Side by side: each is looked at with what was known before the first.
Vars lint_expression_list(Lint *l, Term list, Vars known)
{
    Vars done = no_vars;
    for (; term_is_cons(list); list = term_tail(list)) {
        Vars v = lint_expression(l, term_head(list), known);
        done = vars_merge_pattern(l, v, done);
    }
    return done;
}

// [b] is joined first, as erl_lint does.
static Vars expression_pair(Lint *l, Term a, Term b, Vars known)
{
    Vars va = lint_expression(l, a, known);
    Vars vb = lint_expression(l, b, known);
    return vars_merge_pattern(l, vb, va);
}

// The cells of a list one by one: a long list is nested in its tail.
static Vars cons(Lint *l, Term e, Vars known)
{
    Vars done = no_vars;
    for (; form_is(e, ATOM_BITS_cons); e = form_arg(e, 1)) {
        Vars v = lint_expression(l, form_arg(e, 0), known);
        done = vars_merge_pattern(l, v, done);
    }
    Vars v = lint_expression(l, e, known);
    return vars_merge_pattern(l, v, done);
}

// Keys and values do not see each other; fields in a row do not either, though
// a later one tells of its state.
static Vars map_fields(Lint *l, Term fields, Vars known)
{
    Vars done = no_vars;
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        Vars v = expression_pair(l, form_arg(f, 0), form_arg(f, 1), known);
        done = vars_update(l, done, v);
    }
    return done;
}

// Only an update may have `:=', as it asks for what is there already.
static Vars map(Lint *l, Term e, Vars known)
{
    if (form_arity(e) == 2) {
        Vars v = lint_expression(l, form_arg(e, 0), known);
        return vars_update(l, v, map_fields(l, form_arg(e, 1), known));
    }
    Term fields = form_arg(e, 0);
    for (Term f = fields; term_is_cons(f); f = term_tail(f))
        if (form_is(term_head(f), ATOM_BITS_map_field_exact))
            lint_error(l, form_anno(term_head(f)),
                       ATOM_illegal_map_construction);
    return map_fields(l, fields, known);
}

// A pattern sees what the right side has bound and compares it. What it binds
// itself is new behind the match.
static Vars match(Lint *l, Term e, Vars known)
{
    Vars v = lint_expression(l, form_arg(e, 1), known);
    Vars now = vars_update(l, v, known);
    // The right side is evaluated first: X = (X = 1) compares, and P1 may ask
    // for keys that P2 of P1 = P2 = E has bound.
    PatternVars pv = lint_pattern(l, form_arg(e, 0), now, now);
    return vars_update(l, pv.fresh, vars_merge(l, v, pv.old));
}

// andalso, orelse: what the right side binds may not be bound behind, so it is
// unsafe there; within the right side it is as ever.
static Vars short_circuit(Lint *l, Term e, Vars known)
{
    Vars left = lint_expression(l, form_arg(e, 1), known);
    Vars now = vars_update(l, left, known);
    Vars right = lint_expression(l, form_arg(e, 2), now);
    Vars unsafe = vars_unsafe(l, form_arg(e, 0), form_anno(e), right, now);
    return vars_merge(l, left, vars_update(l, unsafe, right));
}

static bool is_strict_operator(Term e)
{
    return form_is(e, ATOM_BITS_op) && form_arity(e) == 3
           && form_arg(e, 0).bits != ATOM_BITS_andalso
           && form_arg(e, 0).bits != ATOM_BITS_orelse;
}

// Operators have operands that do not see each other: (X = 1) + X is an error.
static Vars operator(Lint *l, Term e, Vars known)
{
    if (form_arity(e) == 2) return lint_expression(l, form_arg(e, 1), known);
    if (!is_strict_operator(e)) return short_circuit(l, e, known);
    // A long chain leans to the left: its operands from the left, without
    // recursion.
    Term leftmost = e;
    size_t n = 0;
    for (; is_strict_operator(leftmost); leftmost = form_arg(leftmost, 1)) n++;
    Term *right = arena_alloc(&l->arena, n * sizeof *right);
    for (size_t i = n; i > 0; e = form_arg(e, 1)) right[--i] = form_arg(e, 2);
    Vars done = lint_expression(l, leftmost, known);
    for (size_t i = 0; i < n; i++)
        done = vars_merge_pattern(l, lint_expression(l, right[i], known), done);
    return done;
}

// Behind it, variables are unsafe whether it has failed or not: nobody knows.
static Vars catch(Lint *l, Term e, Vars known)
{
    Vars v = lint_expression(l, form_arg(e, 0), known);
    // It may have failed before anything was bound.
    Vars unsafe = vars_unsafe(l, ATOM_catch, form_anno(e), v, known);
    return vars_update(l, unsafe, v);
}

// What a maybe binds is for its own steps; else clauses and what follows see it
// as unsafe.
static Vars maybe(Lint *l, Term e, Vars known)
{
    Vars v = lint_expressions(l, form_arg(e, 0), known);
    Vars unsafe = vars_update(
        l, vars_unsafe(l, ATOM_maybe, form_anno(e), v, known), known);
    Vars both = vars_merge(l, v, unsafe);
    if (form_arity(e) == 1) return both;
    Term other = form_arg(e, 1);
    Vars c = lint_icrt(l, form_arg(other, 0), ATOM_else, form_anno(other),
                       unsafe);
    Vars c_unsafe = vars_update(
        l, vars_unsafe(l, ATOM_else, form_anno(other), c, known), known);
    return vars_merge(l, both, vars_merge(l, c, c_unsafe));
}

// The clauses see what the subject has bound, and what all of them bind is
// exported.
static Vars case_of(Lint *l, Term e, Vars known)
{
    Vars v = lint_expression(l, form_arg(e, 0), known);
    Vars c = lint_icrt(l, form_arg(e, 1), ATOM_case, form_anno(e),
                       vars_update(l, v, known));
    return vars_merge(l, v, c);
}

static Vars receive(Lint *l, Term e, Vars known) // after is one more clause
{
    if (form_arity(e) > 1) return lint_receive_after(l, e, known);
    return lint_icrt(l, form_arg(e, 0), ATOM_receive, form_anno(e), known);
}

// fun F/A and fun M:F/A: no call, but a use of the function. Of three
// expressions it may be anything, told when it runs.
static Vars external_fun(Lint *l, Term anno, Term body, Vars known)
{
    if (term_arity(body) == 4) {
        Vars v = no_vars;
        for (size_t i = 1; i < 4; i++)
            v = vars_merge_pattern(
                l, lint_expression(l, term_tuple_get(body, i), known), v);
        return v;
    }
    Term name = term_tuple_get(body, 1);
    size_t arity = (size_t)term_small_value(term_tuple_get(body, 2));
    if (term_same(name, ATOM_record_info) && arity == 2) {
        lint_error(l, anno, ATOM_illegal_record_info);
        return no_vars;
    }
    Entity *f = entity_find(&l->functions, name, arity);
    bool is_local = f != NULL && f->is_local;
    // `fun length/1' is the built-in unless the module has its own or has said
    // that it is not imported.
    if (is_local || !lint_is_auto_import(l, name, arity)
        || lint_is_auto_suppressed(l, name, arity))
        lint_note_call(l, anno, name, arity);
    return no_vars;
}

static Vars fun(Lint *l, Term e, Vars known) // a scope, or a name
{
    Term body = form_arg(e, 0);
    if (term_same(term_tuple_get(body, 0), ATOM_clauses))
        return lint_fun_clauses(l, term_tuple_get(body, 1), known);
    return external_fun(l, form_anno(e), body, known);
}

// What binds or uses nothing falls to the end: literals. Whatever is not known
// is taken for one, as forms were checked before (form_check.c).
static Vars expression(Lint *l, Term e, Vars known)
{
    switch (term_tuple_get(e, 0).bits) {
    case ATOM_BITS_var:
        return vars_use(l, form_arg(e, 0), form_anno(e), known);
    case ATOM_BITS_cons: return cons(l, e, known);
    case ATOM_BITS_tuple:
        return lint_expression_list(l, form_arg(e, 0), known);
    case ATOM_BITS_map: return map(l, e, known);
    case ATOM_BITS_lc:
    case ATOM_BITS_bc:
    case ATOM_BITS_mc: return lint_comprehension(l, e, known);
    case ATOM_BITS_record:
    case ATOM_BITS_record_index:
    case ATOM_BITS_record_field:
        return lint_record_expression(l, e, known, lint_expression);
    case ATOM_BITS_bin:
        return lint_binary(l, form_arg(e, 0), known, lint_expression);
    case ATOM_BITS_block: return lint_expressions(l, form_arg(e, 0), known);
    case ATOM_BITS_if:
        return lint_icrt(l, form_arg(e, 0), ATOM_if, form_anno(e), known);
    case ATOM_BITS_case: return case_of(l, e, known);
    case ATOM_BITS_receive: return receive(l, e, known);
    case ATOM_BITS_fun: return fun(l, e, known);
    case ATOM_BITS_named_fun: return lint_named_fun(l, e, known);
    case ATOM_BITS_call: return lint_call(l, e, known);
    case ATOM_BITS_try: return lint_try(l, e, known);
    case ATOM_BITS_catch: return catch(l, e, known);
    case ATOM_BITS_match:
    case ATOM_BITS_maybe_match: return match(l, e, known);
    case ATOM_BITS_maybe: return maybe(l, e, known);
    case ATOM_BITS_op: return operator(l, e, known);
    case ATOM_BITS_remote: // m:f without a call
        lint_error(l, form_anno(form_arg(e, 0)), ATOM_illegal_expr);
        return no_vars;
    default: return no_vars; // literals
    }
}

// Too deep an expression is not looked into; the compiler refuses it with a
// text of its own (expression.c), which erl_lint has not.
Vars lint_expression(Lint *l, Term e, Vars known)
{
    if (!term_is_tuple(e) || term_arity(e) < 2) return no_vars;
    if (l->depth >= DEPTH_MOST) return no_vars;
    l->depth++;
    Vars v = expression(l, e, known);
    l->depth--;
    return v;
}

// A clause of a named function: nothing is known before its head. Variables
// that are unused are told when all of the clause was seen.
static void clause(Lint *l, Term c)
{
    PatternVars pv = lint_head(l, form_arg(c, 0), no_vars, no_vars);
    Vars v = vars_update(l, pv.old, pv.fresh);
    v = vars_update(l, lint_guard(l, form_arg(c, 1), v), v);
    v = vars_update(l, lint_expressions(l, form_arg(c, 2), v), v);
    vars_check_unused(l, v, no_vars);
}

// Clauses share nothing.
void lint_function(Lint *l, Term clauses)
{
    for (; term_is_cons(clauses); clauses = term_tail(clauses))
        clause(l, term_head(clauses));
}
