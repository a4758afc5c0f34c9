// SPDX-License-Identifier: Apache-2.0
// Lint of comprehensions: each generator's pattern is a scope of its own for
// what follows it.
//
// Nothing that is bound within comes out. A source is looked at before its
// pattern: in [X || X <- X] the last X is the one around.
//
// Variables of a pattern that hide others are kept aside with the hidden ones
// (Scope.shadowed), so that in the end what was used within counts for the
// right one of two variables of the same name.
#include "lint_state.h"

typedef struct {
    Vars known;    // what the next qualifier sees
    Vars shadowed; // variables that patterns hide
} Scope;

// A last segment without a size matches all that is left, once: as a generator
// it would give one element and never more, so it is refused.
static void check_bit_generator(Lint *l, Term pattern)
{
    if (!form_is(pattern, ATOM_BITS_bin)) return;
    Term last = TERM_NONE;
    for (Term s = form_arg(pattern, 0); term_is_cons(s); s = term_tail(s))
        last = term_head(s);
    if (term_is_none(last) || !term_same(form_arg(last, 1), ATOM_default))
        return;
    for (Term f = form_arg(last, 2); term_is_cons(f); f = term_tail(f)) {
        uintptr_t flag = term_head(f).bits;
        if (flag != ATOM_BITS_binary && flag != ATOM_BITS_bytes
            && flag != ATOM_BITS_bits && flag != ATOM_BITS_bitstring)
            continue;
        // << <<A>> || <<A, B/binary>> <= Bin >> would match once.
        lint_error(l, form_anno(last),
                   ATOM_unsized_binary_in_bin_gen_pattern);
        return;
    }
}

// The pattern of a generator has a scope of its own: no name in it is compared,
// all are bound anew.
static PatternVars generator_pattern(Lint *l, Term p, Vars known)
{
    // K := V of a generator over a map
    if (form_is(p, ATOM_BITS_map_field_exact)) {
        PatternVars k = lint_pattern(l, form_arg(p, 0), known, no_vars);
        PatternVars v = lint_pattern(l, form_arg(p, 1), known, no_vars);
        return patterns_join(l, k, v);
    }
    return lint_pattern(l, p, known, no_vars);
}

// Its value is computed outside of the scope that the pattern opens; what it
// binds is unused behind it.
static Vars generator_source(Lint *l, Term e, Vars known)
{
    Vars v = lint_expression(l, e, known);
    vars_check_unused(l, v, known);
    return vars_update(l, vars_old(l, v, known), known);
}

// Binds the pattern in a scope where [known] holds: new names hide old ones,
// and old ones that were not used till now can be used no more, so they are
// told.
static void bind_generator(Lint *l, PatternVars pv, Vars known, Scope *scope)
{
    Vars v2 = vars_update(l, pv.old, known);
    vars_check_shadowed(l, pv.fresh, known, ATOM_generate);
    Vars hidden = vars_old(l, v2, pv.fresh);
    vars_check_old_unused(l, hidden, scope->shadowed);
    scope->shadowed = vars_update(l, vars_new(l, hidden, scope->shadowed),
                                  scope->shadowed);
    scope->known = vars_update(l, vars_new(l, v2, pv.fresh), pv.fresh);
}

// The source sees the patterns of generators before it.
static void generator(Lint *l, Term q, Scope *scope)
{
    Vars known = generator_source(l, form_arg(q, 1), scope->known);
    bind_generator(l, generator_pattern(l, form_arg(q, 0), known), known,
                   scope);
}

// G1 && G2 ...: all sources are seen before any pattern, and the patterns
// together are as one.
static void zip(Lint *l, Term q, Scope *scope)
{
    Vars known = scope->known;
    PatternVars all = {no_vars, no_vars};
    for (Term g = form_arg(q, 0); term_is_cons(g); g = term_tail(g))
        known = generator_source(l, form_arg(term_head(g), 1), known);
    for (Term g = form_arg(q, 0); term_is_cons(g); g = term_tail(g))
        all = patterns_join(
            l, generator_pattern(l, form_arg(term_head(g), 0), known), all);
    bind_generator(l, all, known, scope);
}

// Generators open a scope each; everything else is a filter.
static void qualifier(Lint *l, Term q, Scope *scope)
{
    switch (term_tuple_get(q, 0).bits) {
    case ATOM_BITS_b_generate:
    case ATOM_BITS_b_generate_strict:
        check_bit_generator(l, form_arg(q, 0));
        generator(l, q, scope);
        return;
    case ATOM_BITS_generate:
    case ATOM_BITS_generate_strict:
    case ATOM_BITS_m_generate:
    case ATOM_BITS_m_generate_strict: generator(l, q, scope); return;
    case ATOM_BITS_zip: zip(l, q, scope); return;
    default: break;
    }
    // What may be a guard is one: it fails quietly, as in OTP.
    Vars v = lint_is_guard_test(l, q)
                 ? lint_guard_test(l, q, scope->known)
                 : lint_expression(l, q, scope->known);
    scope->known = vars_update(l, v, scope->known);
}

// The template; that of a map comprehension is K => V.
static Vars result(Lint *l, Term e, Vars known)
{
    if (!form_is(e, ATOM_BITS_map_field_assoc))
        return lint_expression(l, e, known);
    Vars k = lint_expression(l, form_arg(e, 0), known);
    return vars_merge(l, lint_expression(l, form_arg(e, 1), known), k);
}

// What is told at the end: unused variables of patterns, then those of the
// template. Only uses of what is around come out.
Vars lint_comprehension(Lint *l, Term e, Vars known)
{
    Scope scope = {known, no_vars};
    bool in_record = l->in_record_definition;
    // Generators may bind, even in the default of a record's field.
    l->in_record_definition = false;
    for (Term q = form_arg(e, 1); term_is_cons(q); q = term_tail(q))
        qualifier(l, term_head(q), &scope);
    l->in_record_definition = in_record;
    Vars v = result(l, form_arg(e, 0), scope.known);
    Vars all = vars_update(l, v, scope.known);
    vars_check_old_unused(l, all, scope.shadowed);
    vars_check_unused(l, scope.shadowed, known);
    vars_check_unused(l, all, known);
    Vars outer = vars_merge(l, vars_new(l, all, scope.shadowed),
                            scope.shadowed);
    outer = vars_without_unused(l, vars_old(l, outer, known));
    return vars_without_unsafe(l, outer);
}
