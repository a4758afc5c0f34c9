// SPDX-License-Identifier: Apache-2.0
// Inlining: the clauses of a function of the module in place of its call, where
// -compile(inline) or {inline, [F/A]} asks for it. The body has variables of
// its own. When no clause matches the function is called after all: it fails
// with the exception that is due. A fun that is called where it is written
// (macros are often made so) is inlined always, unless its head can fail.
//
// OTP does this on Core Erlang (cerl_inline) with measures of its own, so what
// is inlined differs; what the program does, and its exceptions, do not.
#include "builder.h"
#include "match.h"

enum {
    DEPTH_MOST = 4,      // of calls within what is inlined
    TOTAL_MOST = 40000,  // parts of forms put in over the whole module
};

// How many parts [form] has, counted up to [most].
static size_t size_of(Term form, size_t most)
{
    size_t n = 0;
    for (; term_is_cons(form) && n < most; form = term_tail(form))
        n += size_of(term_head(form), most - n);
    if (!term_is_tuple(form)) return n;
    n++;
    for (size_t i = 2; i < term_arity(form) && n < most; i++)
        n += size_of(term_tuple_get(form, i), most - n);
    return n;
}

// Not within itself, not too deep, and not more over the whole module than
// keeps compiling linear.
bool inline_is_wanted(Builder *b, Definition *d)
{
    Unit *u = b->u;
    if (!term_is_cons(d->clauses) || d->inlining
        || u->inline_depth == DEPTH_MOST)
        return false;
    size_t most = TOTAL_MOST - u->inline_total;
    if (table_get(&u->inlines, table_function_key(d->name, d->arity)) == NULL) {
        if (!u->inline_all) return false;
        if (most > u->inline_size) most = u->inline_size;
    }
    size_t size = size_of(d->clauses, most);
    if (size >= most) return false;
    u->inline_total += size;
    return true;
}

// Calls [d] where none of its clauses matched: nothing can follow, and the
// stack trace shows the function with its arguments.
static void call_failing(Builder *b, Definition *d, size_t n, Inst **args,
                         Block *fail)
{
    Block *on = b->cur;
    build_at(b, fail);
    Inst *call = build_inst(b, IR_CALL, n, args);
    call->function = d->function;
    build_last(b, IR_UNREACHABLE, 0, NULL);
    build_at(b, on);
}

// The clauses see no variable of the caller, and names of funs in them are
// given as if they stood in the function itself.
Inst *inline_call(Builder *b, Definition *d, size_t n, Inst **args)
{
    Table index = b->index;
    Builder *parent = b->parent;
    Term self = b->self_name;
    Place place = b->place;
    Block *fail = build_block(b);
    b->index = (Table){0};
    b->parent = NULL;
    b->self_name = TERM_NONE;
    d->inlining = true;
    b->u->inline_depth++;
    Inst *value = match_clauses(b, n, args, d->clauses, fail, true);
    b->u->inline_depth--;
    d->inlining = false;
    b->index = index;
    b->parent = parent;
    b->self_name = self;
    b->place = place;
    if (fail->prev_count > 0) call_failing(b, d, n, args, fail);
    return value;
}

// ---- funs ----

// Whether [patterns] are different variables, so that they always match.
static bool always_match(Term patterns)
{
    for (; term_is_cons(patterns); patterns = term_tail(patterns)) {
        Term p = term_head(patterns);
        if (!form_is(p, ATOM_var)) return false;
        if (term_same(form_get(p, 3), ATOM_underscore)) continue;
        for (Term l = term_tail(patterns); term_is_cons(l); l = term_tail(l))
            if (form_is(term_head(l), ATOM_var)
                && term_same(form_get(term_head(l), 3), form_get(p, 3)))
                return false;
    }
    return true;
}

// The clause of fun [f] when it is the only one and takes any [n] arguments:
// without a guard, too.
static Term only_clause(Term f, size_t n)
{
    if (!form_is(f, ATOM_fun) || !form_is(form_get(f, 3), ATOM_clauses))
        return TERM_NONE;
    Term clauses = form_get(form_get(f, 3), 2), c = term_head(clauses);
    if (!term_is_nil(term_tail(clauses)) || !term_is_nil(form_get(c, 4))
        || term_list_length(form_get(c, 3)) != (intptr_t)n
        || !always_match(form_get(c, 3)))
        return TERM_NONE;
    return c;
}

// Arguments are evaluated first, as for a call. The bindings shadow those
// around; NULL: it has to be a call.
Inst *inline_fun(Builder *b, Term f, Term args)
{
    size_t n = (size_t)term_list_length(args);
    Term c = only_clause(f, n);
    if (term_is_none(c)) return NULL;
    Siblings s = {b->siblings, build_mark(b), 0};
    Inst **values = build_exprs(b, args, &n);
    size_t mark = s.to = build_mark(b);
    b->siblings = &s;
    build_hide_siblings(b);
    Term p = form_get(c, 3);
    for (size_t i = 0; i < n; i++, p = term_tail(p)) {
        Term name = form_get(term_head(p), 3);
        if (!term_same(name, ATOM_underscore))
            build_bind(b, name, ir_value(values[i]));
    }
    Inst *value = build_body(b, form_get(c, 5));
    build_undo(b, mark); // what it binds is not seen behind it
    build_show_siblings(b);
    b->siblings = s.around;
    return value;
}
