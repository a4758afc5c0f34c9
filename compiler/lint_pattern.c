// SPDX-License-Identifier: Apache-2.0
// Lint of patterns. [known] are the variables that may be used (sizes, map
// keys), [bound] those whose occurrence is a comparison.
//
// [bound] is empty in heads of functions and funs, where all names are new.
// Parts of one pattern do not see each other but in binaries; a name that
// stands twice is compared.
//
// The answer is a pair: names that were bound (old), now used by comparison,
// and names that are new (fresh). The caller decides what the new ones are:
// variables of a clause, of a fun, or of what follows a match.
#include "lint_state.h"
#include "operator.h"

static const PatternVars nothing;

// Twice in one pattern is one comparison, and counts as a use of the name.
PatternVars patterns_join(Lint *l, PatternVars a, PatternVars b)
{
    return (PatternVars){vars_merge_pattern(l, a.old, b.old),
                         vars_merge_pattern(l, a.fresh, b.fresh)};
}

// For arguments and for elements of a tuple; order does not matter to OTP, so
// nothing is seen from left to right.
PatternVars lint_head(Lint *l, Term patterns, Vars known, Vars bound)
{
    PatternVars all = nothing;
    for (; term_is_cons(patterns); patterns = term_tail(patterns))
        all = patterns_join(
            l, all, lint_pattern(l, term_head(patterns), known, bound));
    return all;
}

// Characters are numbers everywhere but in their form.
static bool is_number(Term p)
{
    return form_is(p, ATOM_BITS_integer) || form_is(p, ATOM_BITS_char)
           || form_is(p, ATOM_BITS_float);
}

// Atoms only by themselves: nothing can be computed from one.
bool lint_is_pattern_constant(const Lint *l, Term p)
{
    if (is_number(p) || form_is(p, ATOM_BITS_atom)) return true;
    // f(1 + 2) -> ...: arithmetic on numbers is folded.
    if (!form_is(p, ATOM_BITS_op)
        || operator_class(form_arg(p, 0), form_arity(p) - 1)
               != OPERATOR_ARITHMETIC)
        return false;
    for (size_t i = 1; i < form_arity(p); i++) {
        Term a = form_arg(p, i);
        if (form_is(a, ATOM_BITS_atom) || !lint_is_pattern_constant(l, a))
            return false;
    }
    return true;
}

// "abc" ++ P, [$a, $b] ++ P: the pattern that is left, TERM_NONE when the
// prefix is no literal string. It must be one, as its length is to be known.
static Term behind_prefix(Term p)
{
    Term prefix = form_arg(p, 1);
    while (form_is(prefix, ATOM_BITS_cons)) {
        Term head = form_arg(prefix, 0);
        if (!form_is(head, ATOM_BITS_char)
            && !form_is(head, ATOM_BITS_integer))
            return TERM_NONE;
        prefix = form_arg(prefix, 1);
    }
    if (form_is(prefix, ATOM_BITS_nil) || form_is(prefix, ATOM_BITS_string))
        return form_arg(p, 2);
    return TERM_NONE;
}

// A key is an expression of variables that were bound before the whole pattern,
// not by other parts of it.
static PatternVars map(Lint *l, Term fields, Vars known, Vars bound)
{
    PatternVars all = nothing;
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        if (form_is(f, ATOM_BITS_map_field_assoc)) {
            // #{k => V} builds; patterns ask with `:='.
            lint_error(l, form_anno(f), ATOM_illegal_pattern);
            continue;
        }
        GuardContext context = l->context;
        l->context = CONTEXT_MAP_KEY;
        Vars key = lint_guard_expression(l, form_arg(f, 0), known);
        l->context = context;
        PatternVars v = lint_pattern(l, form_arg(f, 1), known, bound);
        v.old = vars_merge_pattern(l, key, v.old);
        all = patterns_join(l, v, all);
    }
    return all;
}

// Both patterns are judged by themselves, then beside each other.
static void check_alias(Lint *l, Term a, Term b, Vars known);

static PatternVars match(Lint *l, Term p, Vars known, Vars bound)
{
    PatternVars a = lint_pattern(l, form_arg(p, 0), known, bound);
    PatternVars b = lint_pattern(l, form_arg(p, 1), known, bound);
    check_alias(l, form_arg(p, 0), form_arg(p, 1), known);
    return patterns_join(l, a, b);
}

// By a loop: a long list nests as deep as it is long.
static PatternVars cons(Lint *l, Term p, Vars known, Vars bound)
{
    PatternVars all = nothing;
    for (; form_is(p, ATOM_BITS_cons); p = form_arg(p, 1))
        all = patterns_join(
            l, all, lint_pattern(l, form_arg(p, 0), known, bound));
    return patterns_join(l, all, lint_pattern(l, p, known, bound));
}

// A prefix, or arithmetic on constants; everything else has no place in a
// pattern: calls, funs, comparisons.
static PatternVars other(Lint *l, Term p, Vars known, Vars bound)
{
    if (form_is(p, ATOM_BITS_op) && form_arity(p) == 3
        && term_same(form_arg(p, 0), ATOM_append)) {
        Term rest = behind_prefix(p);
        if (!term_is_none(rest)) return lint_pattern(l, rest, known, bound);
    }
    if (!lint_is_pattern_constant(l, p))
        lint_error(l, form_anno(p), ATOM_illegal_pattern);
    return nothing;
}

PatternVars lint_pattern(Lint *l, Term p, Vars known, Vars bound)
{
    if (!term_is_tuple(p) || term_arity(p) < 2) return nothing;
    switch (term_tuple_get(p, 0).bits) {
    case ATOM_BITS_var:
        if (term_same(form_arg(p, 0), ATOM_underscore)) return nothing;
        return vars_bind(l, form_arg(p, 0), form_anno(p), bound, no_vars);
    case ATOM_BITS_char:
    case ATOM_BITS_integer:
    case ATOM_BITS_float:
    case ATOM_BITS_atom:
    case ATOM_BITS_string:
    case ATOM_BITS_nil: return nothing;
    case ATOM_BITS_cons: return cons(l, p, known, bound);
    case ATOM_BITS_tuple:
        return lint_head(l, form_arg(p, 0), known, bound);
    case ATOM_BITS_map:
        if (form_arity(p) == 1) return map(l, form_arg(p, 0), known, bound);
        break;
    case ATOM_BITS_record:
    case ATOM_BITS_record_index:
        return lint_record_pattern(l, p, known, bound);
    case ATOM_BITS_bin:
        return lint_binary_pattern(l, form_arg(p, 0), known, bound);
    case ATOM_BITS_match: return match(l, p, known, bound);
    default: break;
    }
    return other(l, p, known, bound);
}

// ---- P1 = P2 ----

// Keys of aliased maps are computed before the match, and must be known by
// then.
static void check_map_keys(Lint *l, Term fields, Vars known)
{
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term key = form_arg(term_head(fields), 0);
        if (!form_is(key, ATOM_BITS_var)) continue;
        const Var *v = vars_find(known, form_arg(key, 0));
        if (v == NULL || v->state != VAR_BOUND)
            lint_error(l, form_anno(key),
                       lint_tuple1(l, ATOM_unbound_var, form_arg(key, 0)));
    }
}

// Records are tuples: fields at the same place are matched together, also those
// of two records.
static void check_records(Lint *l, Term a, Term b, Vars known)
{
    RecordInfo *r = record_find(l, form_arg(a, 0));
    RecordInfo *s = record_find(l, form_arg(b, 0));
    if (r == NULL || s == NULL) return;
    for (Term f = form_arg(a, 1); term_is_cons(f); f = term_tail(f)) {
        intptr_t at = record_place(r, form_arg(term_head(f), 0));
        for (Term g = form_arg(b, 1); at >= 0 && term_is_cons(g);
             g = term_tail(g))
            if (record_place(s, form_arg(term_head(g), 0)) == at)
                check_alias(l, form_arg(term_head(f), 1),
                                 form_arg(term_head(g), 1), known);
    }
}

// Two patterns for one value, which OTP checks further than each for itself.
static void check_alias(Lint *l, Term a, Term b, Vars known)
{
    if (!term_is_tuple(a) || !term_is_tuple(b)) return;
    if (form_is(a, ATOM_BITS_match) || form_is(b, ATOM_BITS_match)) {
        Term m = form_is(a, ATOM_BITS_match) ? a : b;
        Term p = form_is(a, ATOM_BITS_match) ? b : a;
        check_alias(l, form_arg(m, 0), p, known);
        check_alias(l, form_arg(m, 1), p, known);
    } else if (form_is(a, ATOM_BITS_map) && form_is(b, ATOM_BITS_map)) {
        check_map_keys(l, form_arg(a, 0), known);
        check_map_keys(l, form_arg(b, 0), known);
    } else if (form_is(a, ATOM_BITS_cons) && form_is(b, ATOM_BITS_cons)) {
        check_alias(l, form_arg(a, 0), form_arg(b, 0), known);
        check_alias(l, form_arg(a, 1), form_arg(b, 1), known);
    } else if (form_is(a, ATOM_BITS_record) && form_is(b, ATOM_BITS_record)) {
        check_records(l, a, b, known);
    } else if (form_is(a, ATOM_BITS_tuple) && form_is(b, ATOM_BITS_tuple)) {
        Term x = form_arg(a, 0), y = form_arg(b, 0);
        for (; term_is_cons(x) && term_is_cons(y);
             x = term_tail(x), y = term_tail(y))
            check_alias(l, term_head(x), term_head(y), known);
    }
}
