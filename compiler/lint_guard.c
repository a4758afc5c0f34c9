// SPDX-License-Identifier: Apache-2.0
// Lint of guards, which allow a few calls only. The size of a segment in a
// pattern and a key of a map pattern are guard expressions as well.
//
// A guard binds nothing, so the answers hold only what it uses. What is allowed
// are built-in functions without effects, by their own names; a function of the
// module of the same name makes such a call illegal, as it would mean that one.
//
// Each construct that a guard may not have is one error at its own place, and
// the walk goes on: several mistakes in one guard are all told, as erl_lint
// tells them.
#include <stdio.h>

#include "auto_import.h"
#include "lint_state.h"
#include "operator.h"

// By context, as OTP's texts differ, though it is the same list of allowed
// things.
static void illegal(Lint *l, Term anno)
{
    // The same mistake has another name in the size of a segment.
    lint_error(l, anno, l->context == CONTEXT_BIT_SIZE
                            ? ATOM_illegal_bitsize
                            : ATOM_illegal_guard_expr);
}

// Parts that do not see each other bind nothing here, so only uses are joined.
static Vars list(Lint *l, Term items, Vars known)
{
    Vars done = no_vars;
    for (; term_is_cons(items); items = term_tail(items))
        done = vars_merge(
            l, lint_guard_expression(l, term_head(items), known), done);
    return done;
}

static bool is_local_or_imported(const Lint *l, Term name, size_t arity)
{
    const Entity *f = entity_find(&l->functions, name, arity);
    return f != NULL && (f->is_local || !term_is_none(f->imported));
}

// is_record(E, Name) and is_record(E, Name, Size). Both names must be literals,
// since the compiler makes tests of them.
static Vars is_record(Lint *l, Term e, Term args, Vars known)
{
    size_t n = form_count(args);
    Term name = term_head(term_tail(args));
    // is_record(X, Name) must know the record when it is compiled.
    if (!form_is(name, ATOM_BITS_atom)
        || (n == 3
            && !form_is(term_head(term_tail(term_tail(args))),
                        ATOM_BITS_integer))) {
        Vars v = list(l, args, known);
        illegal(l, form_anno(e));
        return v;
    }
    Vars v = lint_guard_expression(l, term_head(args), known);
    // With a size the record need not be defined.
    if (n == 2) record_use(l, form_arg(name, 0), form_anno(name));
    return v;
}

// Whether a BIF's own name means something else in a guard: a function of the
// module, an import but from erlang itself, or nothing, by no_auto_import.
static bool is_overridden(const Lint *l, Term name, size_t arity)
{
    const Entity *f = entity_find(&l->functions, name, arity);
    if (f != NULL && f->is_local) return true;
    if (f != NULL && !term_is_none(f->imported))
        return !term_same(f->imported, ATOM_erlang);
    return lint_is_auto_suppressed(l, name, arity);
}

// Arguments are judged before the call, so errors in them are told first.
static Vars local_call(Lint *l, Term e, Term name, Term args, Vars known)
{
    size_t arity = form_count(args);
    bool overridden = is_overridden(l, name, arity);
    // is_record/2 is never taken for another.
    if (term_same(name, ATOM_is_record)
        && (arity == 2 || (arity == 3 && !overridden)))
        return is_record(l, e, args, known);
    Vars v = list(l, args, known);
    if (auto_import_has_guard(l->node->atoms, name, arity) && !overridden)
        return v;
    // f(X) when g(X) -> ...: the module's own g cannot be called there.
    if (is_local_or_imported(l, name, arity))
        lint_error(l, form_anno(e),
                   lint_function_tuple(
                       l,
                       l->context == CONTEXT_BIT_SIZE
                           ? ATOM_illegal_bitsize_local_call
                           : ATOM_illegal_guard_local_call,
                       name, arity));
    else
        illegal(l, form_anno(e));
    return v;
}

// With erlang: in front no other function can be meant, and operators may be
// called by name: erlang:'+'(1, 2).
static Vars remote_call(Lint *l, Term e, Term name, Term args, Vars known)
{
    size_t arity = form_count(args);
    if (term_same(name, ATOM_is_record) && (arity == 2 || arity == 3))
        return is_record(l, e, args, known);
    Vars v = list(l, args, known);
    if (!auto_import_has_guard(l->node->atoms, name, arity)
        && operator_class(name, arity) == OPERATOR_NONE)
        illegal(l, form_anno(e));
    return v;
}

// The function of a call erlang:F(...), TERM_NONE of others.
static Term erlang_function(Term called)
{
    if (!form_is(called, ATOM_BITS_remote)) return TERM_NONE;
    Term m = form_arg(called, 0), f = form_arg(called, 1);
    if (!form_is(m, ATOM_BITS_atom) || !form_is(f, ATOM_BITS_atom)
        || !term_same(form_arg(m, 0), ATOM_erlang))
        return TERM_NONE;
    return form_arg(f, 0);
}

// Only calls by name: funs have no place in guards.
static Vars call(Lint *l, Term e, Vars known)
{
    Term called = form_arg(e, 0), args = form_arg(e, 1);
    if (form_is(called, ATOM_BITS_atom))
        return local_call(l, e, form_arg(called, 0), args, known);
    Term f = erlang_function(called);
    if (!term_is_none(f)) return remote_call(l, e, f, args, known);
    illegal(l, form_anno(e));
    return no_vars;
}

// Arithmetic, comparisons and logic.
static Vars operator(Lint *l, Term e, Vars known)
{
    Term op = form_arg(e, 0);
    size_t arity = form_arity(e) - 1;
    Vars v = lint_guard_expression(l, form_arg(e, 1), known);
    if (arity == 2)
        v = vars_merge(l, lint_guard_expression(l, form_arg(e, 2), known), v);
    // `!' sends, and ++ and -- are no guard operators.
    if (!term_same(op, ATOM_andalso) && !term_same(op, ATOM_orelse)
        && operator_class(op, arity) == OPERATOR_NONE)
        illegal(l, form_anno(e));
    return v;
}

// The keys of a map in a pattern are guard expressions, too; this is for maps
// that guards build and update.
static Vars map(Lint *l, Term e, Vars known)
{
    Vars v = no_vars;
    Term fields = form_arg(e, form_arity(e) - 1);
    if (form_arity(e) == 2)
        v = lint_guard_expression(l, form_arg(e, 0), known);
    for (Term f = fields; term_is_cons(f); f = term_tail(f)) {
        Term field = term_head(f);
        // #{k := V} updates, and here is nothing to update.
        if (form_arity(e) == 1 && form_is(field, ATOM_BITS_map_field_exact))
            lint_error(l, form_anno(field), ATOM_illegal_map_construction);
        for (size_t i = 0; i < 2; i++)
            v = vars_merge(
                l, lint_guard_expression(l, form_arg(field, i), known), v);
    }
    return v;
}

// The parts of expressions that cannot be anything but a value go through
// without a word; what is not listed (case, funs, comprehensions, receive) is
// an error.
Vars lint_guard_expression(Lint *l, Term e, Vars known)
{
    if (!term_is_tuple(e) || term_arity(e) < 2) return no_vars;
    switch (term_tuple_get(e, 0).bits) {
    case ATOM_BITS_var:
        return vars_use(l, form_arg(e, 0), form_anno(e), known);
    case ATOM_BITS_char:
    case ATOM_BITS_integer:
    case ATOM_BITS_float:
    case ATOM_BITS_atom:
    case ATOM_BITS_string:
    case ATOM_BITS_nil: return no_vars;
    case ATOM_BITS_cons:
        return vars_merge(l, lint_guard_expression(l, form_arg(e, 1), known),
                          lint_guard_expression(l, form_arg(e, 0), known));
    case ATOM_BITS_tuple: return list(l, form_arg(e, 0), known);
    case ATOM_BITS_map: return map(l, e, known);
    case ATOM_BITS_record:
        if (form_arity(e) == 3) break; // no update of records in guards
        return lint_record_expression(l, e, known, lint_guard_expression);
    case ATOM_BITS_record_index:
    case ATOM_BITS_record_field:
        return lint_record_expression(l, e, known, lint_guard_expression);
    case ATOM_BITS_bin:
        return lint_binary(l, form_arg(e, 0), known, lint_guard_expression);
    case ATOM_BITS_call: return call(l, e, known);
    case ATOM_BITS_op: return operator(l, e, known);
    default: break;
    }
    illegal(l, form_anno(e));
    return no_vars;
}

// The tests of old, atom(X) for is_atom(X). They mean the test only as a whole
// test of a guard, not within an expression.
static bool is_old_test(Term name, size_t arity)
{
    switch (name.bits) {
    case ATOM_BITS_integer:
    case ATOM_BITS_float:
    case ATOM_BITS_number:
    case ATOM_BITS_atom:
    case ATOM_BITS_list:
    case ATOM_BITS_tuple:
    case ATOM_BITS_pid:
    case ATOM_BITS_reference:
    case ATOM_BITS_port:
    case ATOM_BITS_binary:
    case ATOM_BITS_function: return arity == 1;
    case ATOM_BITS_record: return arity == 2;
    default: return false;
    }
}

// Here stand whole tests. An old one is told of as obsolete and then judged by
// the rules of its new name, for which there may be a function of the module;
// that would be called, so it is an error.
Vars lint_guard_test(Lint *l, Term g, Vars known)
{
    if (!form_is(g, ATOM_BITS_call)
        || !form_is(form_arg(g, 0), ATOM_BITS_atom))
        return lint_guard_expression(l, g, known);
    Term called = form_arg(g, 0), name = form_arg(called, 0);
    Term args = form_arg(g, 1);
    size_t arity = form_count(args);
    if (!is_old_test(name, arity))
        lint_check_obsolete(l, form_anno(g), ATOM_erlang, name, arity);
    if (!is_old_test(name, arity) || is_local_or_imported(l, name, arity))
        return lint_guard_expression(l, g, known);
    if (l->warns[WARN_OBSOLETE_GUARD])
        lint_warning(l, form_anno(called),
                     lint_function_tuple(l, ATOM_obsolete_guard, name, arity));
    char modern[64];
    int n = snprintf(modern, sizeof modern, "is_%s",
                     atom_text(l->node->atoms, name)->bytes);
    // atom(X) becomes is_atom(X), which then would be the module's own.
    const Entity *f = entity_find(
        &l->functions, atom_new(l->node->atoms, modern, (size_t)n), arity);
    if (f != NULL && f->is_local)
        lint_error(l, form_anno(called),
                   lint_tuple1(l, ATOM_obsolete_guard_overridden, name));
    if (arity == 2) return is_record(l, g, args, known);
    return list(l, args, known);
}

static Vars tests(Lint *l, Term items, Vars known) // one `,' after the other
{
    Vars done = no_vars;
    for (; term_is_cons(items); items = term_tail(items)) {
        Vars v = lint_guard_test(l, term_head(items), known);
        // They are tried from left to right.
        known = vars_update(l, v, known);
        done = vars_update(l, v, done);
    }
    return done;
}

// Alternatives see what those before have used: uses do no harm, and a guard
// binds nothing.
Vars lint_guard(Lint *l, Term guard, Vars known)
{
    GuardContext context = l->context;
    Vars done = no_vars;
    l->context = CONTEXT_GUARD;
    for (; term_is_cons(guard); guard = term_tail(guard)) {
        Vars v = tests(l, term_head(guard), known);
        known = vars_update(l, v, known);
        done = vars_update(l, v, done);
    }
    l->context = context;
    return done;
}

// From here on the same question without messages: could [e] be a guard?
// Filters of comprehensions and defaults of records ask it first, and then have
// it judged as a guard or as an expression.
static bool are_guard_tests(const Lint *l, Term items)
{
    for (; term_is_cons(items); items = term_tail(items))
        if (!lint_is_guard_test(l, term_head(items))) return false;
    return true;
}

// A function of the module or an import by that name makes it an expression,
// however well it would fit a guard.
static bool is_guard_call(const Lint *l, Term e)
{
    Term called = form_arg(e, 0), args = form_arg(e, 1);
    size_t arity = form_count(args);
    AtomTable *atoms = l->node->atoms;
    if (!are_guard_tests(l, args)) return false;
    if (form_is(called, ATOM_BITS_atom)) {
        Term name = form_arg(called, 0);
        if (is_local_or_imported(l, name, arity)) return false;
        return auto_import_has_guard(atoms, name, arity)
               || is_old_test(name, arity);
    }
    Term f = erlang_function(called);
    return !term_is_none(f)
           && (auto_import_has_guard(atoms, f, arity)
               || operator_class(f, arity) != OPERATOR_NONE);
}

// Of maps that are built: keys and values.
static bool are_guard_fields(const Lint *l, Term fields)
{
    for (; term_is_cons(fields); fields = term_tail(fields))
        if (!lint_is_guard_test(l, form_arg(term_head(fields), 0))
            || !lint_is_guard_test(l, form_arg(term_head(fields), 1)))
            return false;
    return true;
}

// The size of a segment is a form, or the atom `default'.
static bool are_guard_segments(const Lint *l, Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term size = form_arg(term_head(list), 1);
        if (!lint_is_guard_test(l, form_arg(term_head(list), 0))
            || (term_is_tuple(size) && !lint_is_guard_test(l, size)))
            return false;
    }
    return true;
}

// Records with fields are missing: their defaults would have to be looked at. A
// record access is one.
bool lint_is_guard_test(const Lint *l, Term e)
{
    if (!term_is_tuple(e) || term_arity(e) < 2) return false;
    switch (term_tuple_get(e, 0).bits) {
    case ATOM_BITS_var:
    case ATOM_BITS_char:
    case ATOM_BITS_integer:
    case ATOM_BITS_float:
    case ATOM_BITS_atom:
    case ATOM_BITS_string:
    case ATOM_BITS_nil: return true;
    case ATOM_BITS_cons:
        return lint_is_guard_test(l, form_arg(e, 0))
               && lint_is_guard_test(l, form_arg(e, 1));
    case ATOM_BITS_tuple: return are_guard_tests(l, form_arg(e, 0));
    case ATOM_BITS_record_index: return true;
    case ATOM_BITS_bin: return are_guard_segments(l, form_arg(e, 0));
    case ATOM_BITS_map:
        return (form_arity(e) == 1 || lint_is_guard_test(l, form_arg(e, 0)))
               && are_guard_fields(l, form_arg(e, form_arity(e) - 1));
    case ATOM_BITS_record_field:
        return lint_is_guard_test(l, form_arg(e, 0));
    case ATOM_BITS_call: return is_guard_call(l, e);
    case ATOM_BITS_op: {
        Term op = form_arg(e, 0);
        size_t arity = form_arity(e) - 1;
        bool allowed = operator_class(op, arity) != OPERATOR_NONE
                       || term_same(op, ATOM_andalso)
                       || term_same(op, ATOM_orelse);
        return allowed && lint_is_guard_test(l, form_arg(e, 1))
               && (arity == 1 || lint_is_guard_test(l, form_arg(e, 2)));
    }
    default: return false;
    }
}
