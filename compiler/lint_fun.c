// SPDX-License-Identifier: Apache-2.0
// Lint of what has clauses: funs, and case, if, receive and try, whose clauses
// export the variables that all of them bind.
//
// A fun is a scope: what its head binds is new, even under a name from around,
// and nothing comes out but that variables from around were used. Clauses of
// `case' and the like see what is around, and each is looked at from the same
// beginning: what one binds another may bind too.
//
// The answers of clauses are kept apart till all are seen (Branches), since
// only then can be told what every one binds. Names of the tags are those of
// erl_lint: they stand in the messages, `unsafe in 'case' (line 3)'.
#include "lint_state.h"

// ---- funs ----

// In the order of erl_lint's fun_clause: v1 is what is known with what the head
// compares, v2 with the variables of the head in place of those they hide, v3
// behind the guard. What is unused in the head and in the body is told at the
// end of the clause, then of those that were hidden.
static Vars fun_clause(Lint *l, Term c, Vars known)
{
    PatternVars pv = lint_head(l, form_arg(c, 0), known, no_vars);
    Vars v1 = vars_update(l, pv.old, known);
    // fun(X) -> ... where X is known: legal, but often a mistake.
    vars_check_shadowed(l, pv.fresh, known, ATOM_fun);
    Vars v2 = vars_update(l, vars_new(l, v1, pv.fresh), pv.fresh);
    Vars v3 = vars_update(l, lint_guard(l, form_arg(c, 1), v2), v2);
    Vars all = vars_update(l, lint_expressions(l, form_arg(c, 2), v3), v3);
    // Those of the head and of the body, as both end here.
    vars_check_unused(l, all, known);
    Vars shadowed = vars_old(l, v1, pv.fresh);
    vars_check_old_unused(l, all, shadowed);
    Vars v4 = vars_merge(l, shadowed, vars_new(l, all, shadowed));
    return vars_old(l, v4, known);
}

// Only uses of variables from around come out, so a fun that is never called
// counts as a use of what it names.
Vars lint_fun_clauses(Lint *l, Term clauses, Vars known)
{
    bool in_record = l->in_record_definition;
    Vars done = no_vars;
    // Within a fun defaults of records may bind variables.
    l->in_record_definition = false;
    for (; term_is_cons(clauses); clauses = term_tail(clauses))
        done = vars_merge(l, fun_clause(l, term_head(clauses), known), done);
    l->in_record_definition = in_record;
    // What the fun binds stays within.
    Vars used = vars_without_unused(l, vars_old(l, done, known));
    return vars_without_unsafe(l, used);
}

// The name is one more variable of the fun; it is seen in its body only, and
// unused if nobody calls it there.
Vars lint_named_fun(Lint *l, Term e, Vars known)
{
    Term name = form_arg(e, 0), clauses = form_arg(e, 1);
    // fun _(X) -> ... has no name.
    if (term_same(name, ATOM_underscore))
        return lint_fun_clauses(l, clauses, known);
    Vars own = vars_one(l, name, VAR_BOUND, false, form_anno(e));
    vars_check_shadowed(l, own, known,
                        atom_new(l->node->atoms, "named fun", 9));
    Vars inner = vars_update(l, vars_new(l, known, own), own);
    Vars v = lint_fun_clauses(l, clauses, inner);
    vars_check_unused(l, vars_update(l, v, own), no_vars);
    return vars_old(l, v, known);
}

// ---- clauses that export ----
// case, if, receive and try, `icrt' in erl_lint, whence the name.

typedef struct {
    Vars *items;  // what each clause did to variables
    size_t count; // of the clauses
} Branches;

// One more than there are, for an after.
static Branches branches_new(Lint *l, size_t most)
{
    return (Branches){arena_alloc(&l->arena, (most + 1) * sizeof(Vars)), 0};
}

// [known] twice: its variables may be used, and are compared.
static Vars icrt_clause(Lint *l, Term c, Vars known)
{
    PatternVars pv = lint_head(l, form_arg(c, 0), known, known);
    Vars v = vars_update(l, pv.old, pv.fresh);
    Vars g = lint_guard(l, form_arg(c, 1), vars_update(l, v, known));
    v = vars_update(l, g, v);
    Vars b = lint_expressions(l, form_arg(c, 2), vars_update(l, v, known));
    return vars_update(l, b, v);
}

// Each clause starts from what was known before the first.
static void icrt_clauses(Lint *l, Term clauses, Vars known, Branches *out)
{
    for (; term_is_cons(clauses); clauses = term_tail(clauses))
        out->items[out->count++] = icrt_clause(l, term_head(clauses), known);
}

// What a new variable is after clauses of which some bind it: exported if all
// do, otherwise unsafe. If all do and just one of them has it unsafe, the text
// names what is to blame within that clause. It is unused if it is so in some
// clause, at the places of that.
static Var exported(Lint *l, const Var *first, const Branches *b, Term tag,
                    Term anno)
{
    size_t count = 0;
    const Var *unsafe = NULL;
    bool several = false;
    Vars unused = no_vars;
    for (size_t i = 0; i < b->count; i++) {
        const Var *v = vars_find(b->items[i], first->name);
        if (v == NULL) continue;
        count++;
        if (v->state == VAR_UNSAFE) {
            several = unsafe != NULL;
            unsafe = v;
        }
        if (!v->used)
            unused = vars_merge(l, unused,
                                vars_copy_of(l, v, VAR_BOUND, false));
    }
    Var out = *first;
    bool everywhere = count == b->count;
    out.state = unsafe != NULL || !everywhere ? VAR_UNSAFE : VAR_EXPORTED;
    out.from = tag;
    out.where = lint_location(anno);
    if (everywhere && unsafe != NULL && !several) {
        // One clause is to blame, or what is in it.
        out.from = unsafe->from;
        out.where = unsafe->where;
    }
    out.used = unused.count == 0;
    out.annos = unused.count == 0 ? NULL : unused.items[0].annos;
    return out;
}

// A variable that was known is used; an exported one stays so unless a clause
// made it bound, by a use that was warned of there.
static Var known_after(const Var *old, const Branches *b)
{
    Var out = *old;
    out.used = true;
    if (old->state != VAR_EXPORTED) {
        out.state = VAR_BOUND;
        return out;
    }
    for (size_t i = 0; i < b->count; i++) {
        const Var *v = vars_find(b->items[i], old->name);
        if (v != NULL && v->state != VAR_EXPORTED) out.state = VAR_BOUND;
        if (v != NULL) return out;
    }
    return out;
}

// Of all variables that any clause has touched.
static Vars export(Lint *l, const Branches *b, Vars known, Term tag, Term anno)
{
    Vars all = no_vars;
    for (size_t i = 0; i < b->count; i++)
        all = vars_update(l, all, b->items[i]);
    Var *out = arena_alloc(&l->arena, all.count * sizeof *out + 1);
    for (size_t i = 0; i < all.count; i++) {
        const Var *old = vars_find(known, all.items[i].name);
        out[i] = old != NULL ? known_after(old, b)
                             : exported(l, all.items + i, b, tag, anno);
    }
    return (Vars){all.count, out};
}

// [tag] and [anno] say in messages what made a variable unsafe.
Vars lint_icrt(Lint *l, Term clauses, Term tag, Term anno, Vars known)
{
    Branches b = branches_new(l, form_count(clauses));
    icrt_clauses(l, clauses, known, &b);
    return export(l, &b, known, tag, anno);
}

// The after part comes first, like in erl_lint: of a variable that it and
// clauses bind, its places are told first.
Vars lint_receive_after(Lint *l, Term e, Vars known)
{
    Term clauses = form_arg(e, 0);
    Vars time = lint_expression(l, form_arg(e, 1), known);
    Vars after = lint_expressions(l, form_arg(e, 2), known);
    // The `after' part is one more clause.
    Branches b = branches_new(l, form_count(clauses) + 1);
    b.items[b.count++] = after;
    icrt_clauses(l, clauses, known, &b);
    Vars v = export(l, &b, known, ATOM_receive, form_anno(e));
    return vars_merge(l, v, vars_merge(l, after, time));
}

// ---- try ----

// The variable of the stack trace must be new, and is not for guards: in there
// it has a state that every use is an error of. Behind the guard it is an
// ordinary variable.
static Vars taint_stack(Lint *l, Term pattern, Vars known)
{
    if (!form_is(pattern, ATOM_BITS_tuple)) return known;
    Term list = form_arg(pattern, 0);
    if (term_list_length(list) != 3) return known;
    Term stack = term_head(term_tail(term_tail(list)));
    if (!form_is(stack, ATOM_BITS_var)
        || term_same(form_arg(stack, 0), ATOM_underscore))
        return known;
    Term name = form_arg(stack, 0), anno = form_anno(stack);
    const Var *old = vars_find(known, name);
    if (old != NULL && old->used)
        lint_error(l, anno, lint_tuple1(l, ATOM_stacktrace_bound, name));
    return vars_update(l, vars_one(l, name, VAR_STACKTRACE, false, anno),
                       known);
}

// As icrt_clause, but for the guard.
static Vars catch_clause(Lint *l, Term c, Vars known)
{
    Term head = form_arg(c, 0);
    PatternVars pv = lint_head(l, head, known, known);
    Vars v = vars_update(l, pv.old, pv.fresh);
    Vars for_guard = vars_update(l, v, known);
    if (term_is_cons(head))
        for_guard = taint_stack(l, term_head(head), for_guard);
    v = vars_update(l, lint_guard(l, form_arg(c, 1), for_guard), v);
    Vars b = lint_expressions(l, form_arg(c, 2), vars_update(l, v, known));
    return vars_update(l, b, v);
}

// In erl_lint's order: body, of and catch clauses together, then after. Nothing
// that is bound anywhere within is safe behind a try.
Vars lint_try(Lint *l, Term e, Vars known)
{
    Term anno = form_anno(e), of = form_arg(e, 1), catches = form_arg(e, 2);
    Vars body = lint_expressions(l, form_arg(e, 0), known);
    Vars unsafe = vars_unsafe(l, ATOM_try, anno, body, known);
    // `of' sees what the body has bound; the handlers see it as unsafe, since
    // the body may have failed before.
    Vars inside = vars_update(l, body, known);
    Branches b = branches_new(l, form_count(of) + form_count(catches));
    icrt_clauses(l, of, inside, &b);
    Vars at_catch = vars_update(l, unsafe, inside);
    for (Term c = catches; term_is_cons(c); c = term_tail(c))
        b.items[b.count++] = catch_clause(l, term_head(c), at_catch);
    Vars clauses = export(l, &b, inside, ATOM_try, anno);
    Vars all = vars_merge(
        l, vars_update(l, unsafe, body),
        vars_update(l, vars_unsafe(l, ATOM_try, anno, clauses, known),
                    clauses));
    // `after' runs in any case, so it may use none of it.
    Vars after = lint_expressions(l, form_arg(e, 3),
                                  vars_update(l, all, known));
    after = vars_update(l, vars_unsafe(l, ATOM_try, anno, after, known),
                        after);
    return vars_merge(l, all, after);
}
