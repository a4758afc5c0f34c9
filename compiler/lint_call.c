// SPDX-License-Identifier: Apache-2.0
// Lint of calls: what is called is noted, so that undefined and unused
// functions can be told when all is seen.
//
// What an unqualified name means, in this order: a function of the module, an
// import, a built-in that needs no import, else an undefined function.
//
// The list of calls that an entity has serves two ends: places that name it
// (for errors when it is undefined) and, marked by an anno of TERM_NONE,
// functions that its body calls (for finding what is reached).
#include "auto_import.h"
#include "lint_state.h"
#include "obsolete.h"

// Also for fun f/1. Outside of functions (defaults of records) nobody is the
// caller.
void lint_note_call(Lint *l, Term anno, Term name, size_t arity)
{
    Entity *f = entity_get(l, &l->functions, name, arity);
    places_add(l, &f->calls, (Place){name, arity, anno, l->file});
    // Entries without anno are what it calls, others where it is named.
    if (l->function != NULL && l->function != f) {
        // what the current function calls is kept as its own list
        Entity *caller = l->function;
        places_add(l, &caller->calls, (Place){name, arity, TERM_NONE, l->file});
    }
}

// Whether [f] of F(...) can be called at all. A literal in the place of a
// function fails when it runs; it is told as a warning. {M, F} of two elements
// was callable long ago.
static bool is_callable(Term f)
{
    switch (term_tuple_get(f, 0).bits) {
    case ATOM_BITS_char:
    case ATOM_BITS_integer:
    case ATOM_BITS_float:
    case ATOM_BITS_string:
    case ATOM_BITS_cons:
    case ATOM_BITS_nil:
    case ATOM_BITS_lc:
    case ATOM_BITS_record_index: return false;
    case ATOM_BITS_tuple: return term_list_length(form_arg(f, 0)) == 2;
    default: return true;
    }
}

// No function: both arguments must be literals, and fail as expressions do not.
static void check_record_info(Lint *l, Term called, Term args)
{
    Term what = term_head(args), name = term_head(term_tail(args));
    if (!form_is(what, ATOM_BITS_atom) || !form_is(name, ATOM_BITS_atom)) {
        lint_error(l, form_anno(called), ATOM_illegal_record_info);
    } else if (!term_same(form_arg(what, 0), ATOM_fields)
               && !term_same(form_arg(what, 0), ATOM_size)) {
        lint_error(l, form_anno(what), ATOM_illegal_record_info);
    } else {
        record_use(l, form_arg(name, 0), form_anno(called));
    }
}

// A local function hides one that needs no module name: say so, since the
// reader of length(X) thinks of erlang's.
static void check_clash(Lint *l, Term anno, Term name, size_t arity)
{
    AtomTable *atoms = l->node->atoms;
    if (!auto_import_has(atoms, name, arity) || !l->warns[WARN_BIF_CLASH]
        || lint_is_auto_suppressed(l, name, arity)
        || lint_option_names(l, ATOM_nowarn_bif_clash, name, arity))
        return;
    // Names of before R14 were always built-ins: an old module may mean them.
    if (auto_import_has_old(atoms, name, arity))
        lint_error(l, anno,
                   lint_function_tuple(l, ATOM_call_to_redefined_old_bif,
                                       name, arity));
    else
        lint_warning(l, anno,
                     lint_function_tuple(l, ATOM_call_to_redefined_bif, name,
                                         arity));
}

static bool is_inlining(const Lint *l) // {inline, []} asks for nothing
{
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        Term item = term_head(o);
        if (term_same(item, ATOM_inline)
            || (term_is_tuple_of(item, 2)
                && term_same(term_tuple_get(item, 0), ATOM_inline)
                && term_is_cons(term_tuple_get(item, 1))))
            return true;
    }
    return false;
}

// Whether option {[name], ...} names what is called: {M, F, A}, or M when
// [modules] may be named. The option may hold one or a list.
static bool is_excused(const Lint *l, Term name, const Term mfa[3],
                       bool modules)
{
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        Term item = term_head(o);
        if (!term_is_tuple_of(item, 2)
            || !term_same(term_tuple_get(item, 0), name))
            continue;
        Term list = term_tuple_get(item, 1);
        bool single = !term_is_list(list);
        for (; single || term_is_cons(list); list = term_tail(list)) {
            Term x = single ? list : term_head(list);
            if (modules && term_same(x, mfa[0])) return true;
            if (term_is_tuple_of(x, 3)
                && term_same(term_tuple_get(x, 0), mfa[0])
                && term_same(term_tuple_get(x, 1), mfa[1])
                && term_same(term_tuple_get(x, 2), mfa[2]))
                return true;
            if (single) break;
        }
    }
    return false;
}

// The table is asked for every remote call; what is removed and what is
// deprecated are switched off apart.
void lint_check_obsolete(Lint *l, Term anno, Term m, Term f, size_t arity)
{
    const Obsolete *o
        = obsolete_find(l->node->atoms, OBSOLETE_FUNCTION, m, f, arity);
    if (o == NULL) return;
    Term mfa[] = {m, f, term_small((intptr_t)arity)};
    bool wanted = o->removed ? l->warns[WARN_REMOVED]
                                   && !is_excused(l, ATOM_nowarn_removed, mfa,
                                                  true)
                             : l->warns[WARN_DEPRECATED_FUNCTION]
                                   && !is_excused(
                                       l, ATOM_nowarn_deprecated_function,
                                       mfa, false);
    if (wanted)
        lint_warning(l, anno,
                     obsolete_tuple(l->heap, o, heap_tuple(l->heap, 3, mfa)));
}

// What can be told of a call by its names alone. Imports and built-ins without
// a module come here as well, as they are remote calls in disguise.
static void check_remote(Lint *l, Term anno, Term m, Term f, Term args)
{
    if (term_same(m, ATOM_erlang) && term_same(f, ATOM_load_nif)
        && term_list_length(args) == 2) {
        // -nifs without such a call is told in the end.
        l->loads_nif = true;
        if (l->warns[WARN_NIF_INLINE] && is_inlining(l))
            lint_warning(l, anno, ATOM_nif_inline);
    }
    size_t arity = (size_t)term_list_length(args);
    lint_check_obsolete(l, anno, m, f, arity);
    // The parse transform that qlc:q needs comes with its header file.
    if (term_same(m, ATOM_qlc) && term_same(f, ATOM_q) && arity >= 1
        && arity < 3 && form_is(term_head(args), ATOM_BITS_lc)
        && !l->includes_qlc)
        lint_warning(l, anno,
                     lint_tuple1(l, ATOM_missing_qlc_hrl,
                                 term_small((intptr_t)arity)));
    lint_check_format_call(l, anno, m, f, args);
}

// In the order of the head of this file. Arguments come first, so warnings
// within them are found first; they are sorted later.
static Vars local_call(Lint *l, Term e, Vars known)
{
    Term called = form_arg(e, 0), args = form_arg(e, 1);
    Term name = form_arg(called, 0), anno = form_anno(e);
    intptr_t n = term_list_length(args);
    size_t arity = n < 0 ? 0 : (size_t)n;
    Vars v = lint_expression_list(l, args, known);
    Entity *f = entity_find(&l->functions, name, arity);
    bool is_local = f != NULL && f->is_local;
    bool is_imported = f != NULL && !term_is_none(f->imported);
    if (!is_local && !is_imported && lint_is_auto_import(l, name, arity)
        && !lint_is_auto_suppressed(l, name, arity)) {
        check_remote(l, anno, ATOM_erlang, name, args);
        return v;
    }
    if (is_imported) {
        check_remote(l, anno, f->imported, name, args);
        f->import_used = true;
    } else if (term_same(name, ATOM_record_info) && arity == 2) {
        check_record_info(l, called, args);
    } else {
        check_clash(l, anno, name, arity);
        // A function that only calls itself stays unused. F() -> f() is no use
        // of f.
        if (l->function == NULL || f != l->function)
            lint_note_call(l, anno, name, arity);
    }
    return v;
}

// Either may be an expression; only literals are checked for what they name.
static Vars remote_call(Lint *l, Term e, Vars known)
{
    Term called = form_arg(e, 0), args = form_arg(e, 1);
    Term m = form_arg(called, 0), f = form_arg(called, 1);
    if (form_is(m, ATOM_BITS_atom) && form_is(f, ATOM_BITS_atom)) {
        lint_check_module_name(l, form_anno(e), form_arg(m, 0));
        check_remote(l, form_anno(e), form_arg(m, 0), form_arg(f, 0), args);
        return lint_expression_list(l, args, known);
    }
    // M:f() with the module known and the function not.
    if (form_is(m, ATOM_BITS_atom))
        lint_check_module_name(l, form_anno(m), form_arg(m, 0));
    Vars v = vars_merge_pattern(l, lint_expression(l, f, known),
                                lint_expression(l, m, known));
    return vars_merge_pattern(l, lint_expression_list(l, args, known), v);
}

// is_record(E, Name), as erlang:is_record(E, Name), names a record: it must be
// defined, unlike with a name that is computed.
static bool is_record_test(Term called, Term args)
{
    Term name = called;
    if (form_is(called, ATOM_BITS_tuple)
        && term_list_length(form_arg(called, 0)) == 2) {
        // {erlang, is_record}(E, Name), as it was written once
        Term m = term_head(form_arg(called, 0));
        name = term_head(term_tail(form_arg(called, 0)));
        if (!form_is(m, ATOM_BITS_atom)
            || !term_same(form_arg(m, 0), ATOM_erlang))
            return false;
    } else if (form_is(called, ATOM_BITS_remote)) {
        Term m = form_arg(called, 0);
        if (!form_is(m, ATOM_BITS_atom)
            || !term_same(form_arg(m, 0), ATOM_erlang))
            return false;
        name = form_arg(called, 1);
    }
    return form_is(name, ATOM_BITS_atom)
           && term_same(form_arg(name, 0), ATOM_is_record)
           && term_list_length(args) == 2
           && form_is(term_head(term_tail(args)), ATOM_BITS_atom);
}

// What has a meaning of its own first, then by the kind of what is called. F in
// F(X) is an expression beside the arguments.
Vars lint_call(Lint *l, Term e, Vars known)
{
    Term called = form_arg(e, 0), args = form_arg(e, 1);
    if (is_record_test(called, args)) {
        Term name = term_head(term_tail(args));
        Vars v = lint_expression(l, term_head(args), known);
        record_use(l, form_arg(name, 0), form_anno(name));
        return v;
    }
    if (form_is(called, ATOM_BITS_atom)) return local_call(l, e, known);
    if (form_is(called, ATOM_BITS_remote)) return remote_call(l, e, known);
    if (term_is_tuple(called) && !is_callable(called))
        lint_warning(l, form_anno(e), ATOM_invalid_call);
    Vars v = lint_expression(l, called, known);
    return vars_merge_pattern(l, lint_expression_list(l, args, known), v);
}
