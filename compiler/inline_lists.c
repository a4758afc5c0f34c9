// SPDX-License-Identifier: Apache-2.0
// Inline lists: calls of functions of lists that call a fun for each element,
// where option inline_list_funcs asks for it and the fun is written there. The
// call becomes that of a loop, a named fun in which the fun stands: it is a
// function of this module, and of the fun itself nothing is left.
//
// The loops are written below as they would be in a source. F@, A@ and L@ are
// the arguments of the call; no other variable ends in @_, so that none is
// taken for one of the source.
//
// The texts are those of sys_core_fold_lists in Erlang's own words: order of
// calls and what is raised for improper lists are the same. They are parsed at
// each use, which is rare enough.
#include "builder.h"
#include "form_text.h"

static const struct {
    const char *name;
    uint8_t arity;
    const char *loop;
} loops[] = {
    {"all", 2, "(fun Loop@_([X@_ | Xs@_]) -> case F@(X@_) of"
               " true -> Loop@_(Xs@_); false -> false end;"
               " Loop@_([]) -> true end)(L@). "},
    {"any", 2, "(fun Loop@_([X@_ | Xs@_]) -> case F@(X@_) of"
               " true -> true; false -> Loop@_(Xs@_) end;"
               " Loop@_([]) -> false end)(L@). "},
    {"foreach", 2, "(fun Loop@_([X@_ | Xs@_]) -> F@(X@_), Loop@_(Xs@_);"
                   " Loop@_([]) -> ok end)(L@). "},
    {"map", 2, "(fun Loop@_([X@_ | Xs@_]) -> Y@_ = F@(X@_),"
               " [Y@_ | Loop@_(Xs@_)]; Loop@_([]) -> [] end)(L@). "},
    {"flatmap", 2, "(fun Loop@_([X@_ | Xs@_]) -> Y@_ = F@(X@_),"
                   " Y@_ ++ Loop@_(Xs@_); Loop@_([]) -> [] end)(L@). "},
    {"filter", 2, "(fun Loop@_([X@_ | Xs@_]) -> case F@(X@_) of"
                  " true -> [X@_ | Loop@_(Xs@_)]; false -> Loop@_(Xs@_) end;"
                  " Loop@_([]) -> [] end)(L@). "},
    {"foldl", 3, "(fun Loop@_(A@_, [X@_ | Xs@_]) ->"
                 " Loop@_(F@(X@_, A@_), Xs@_);"
                 " Loop@_(A@_, []) -> A@_ end)(A@, L@). "},
    {"foldr", 3, "(fun Loop@_(A@_, [X@_ | Xs@_]) ->"
                 " F@(X@_, Loop@_(A@_, Xs@_));"
                 " Loop@_(A@_, []) -> A@_ end)(A@, L@). "},
    {"mapfoldl", 3, "(fun Loop@_(A@_, [X@_ | Xs@_]) ->"
                    " {Y@_, B@_} = F@(X@_, A@_),"
                    " {Ys@_, C@_} = Loop@_(B@_, Xs@_), {[Y@_ | Ys@_], C@_};"
                    " Loop@_(A@_, []) -> {[], A@_} end)(A@, L@). "},
    {"mapfoldr", 3, "(fun Loop@_(A@_, [X@_ | Xs@_]) ->"
                    " {Ys@_, B@_} = Loop@_(A@_, Xs@_),"
                    " {Y@_, C@_} = F@(X@_, B@_), {[Y@_ | Ys@_], C@_};"
                    " Loop@_(A@_, []) -> {[], A@_} end)(A@, L@). "},
};

typedef struct {
    Unit *u;
    Term anno; // of the call: all of the loop stands there
    Term args; // of the call: F@, then A@, then L@
    size_t count;
} Filling;

// The argument that variable [name] stands for, or TERM_NONE: F@, A@ or L@.
static Term argument(const Filling *f, Term name)
{
    const char *text = atom_text(f->u->atoms, name)->bytes;
    if (text[1] != '@' || text[2] != 0) return TERM_NONE;
    size_t n = text[0] == 'F' ? 0 : text[0] == 'A' ? 1 : f->count - 1;
    Term l = f->args;
    while (n-- > 0) l = term_tail(l);
    return term_head(l);
}

// A part of the loop with the arguments in their places, and all else at the
// place of the call.
static Term fill(const Filling *f, Term t)
{
    Heap *h = &f->u->heap;
    if (term_is_cons(t)) {
        Term head = fill(f, term_head(t));
        return heap_cons(h, head, fill(f, term_tail(t)));
    }
    if (!term_is_tuple(t)) return t;
    Term arg = form_is(t, ATOM_var) ? argument(f, form_get(t, 3)) : TERM_NONE;
    if (!term_is_none(arg)) return arg;
    Term parts[8];
    size_t n = term_arity(t);
    for (size_t i = 0; i < n; i++)
        parts[i] = i == 1 ? f->anno : fill(f, term_tuple_get(t, i));
    return heap_tuple(h, n, parts);
}

// Whether [fun] is written with clauses of [arity] arguments: other funs stay
// calls.
static bool is_literal_fun(Term fun, size_t arity)
{
    if (!form_is(fun, ATOM_fun) || !form_is(form_get(fun, 3), ATOM_clauses))
        return false;
    Term first = term_head(form_get(form_get(fun, 3), 2));
    return (size_t)term_list_length(form_get(first, 3)) == arity;
}

// The form is built like any other; the fun that is called where it stands is
// put in place (inline_fun), so that it leaves nothing.
Term inline_lists_call(Unit *u, Term call, Term name)
{
    Filling f = {.u = u, .anno = form_get(call, 2), .args = form_get(call, 4)};
    f.count = (size_t)term_list_length(f.args);
    if (!unit_option(u->options, ATOM_inline_list_funcs)
        || f.count < 2 || !is_literal_fun(term_head(f.args), f.count - 1))
        return TERM_NONE;
    const char *text = atom_text(u->atoms, name)->bytes;
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        if (loops[i].arity == f.count && strcmp(loops[i].name, text) == 0)
            return fill(&f, form_text_expression(u->node, &u->heap,
                                                 loops[i].loop));
    return TERM_NONE;
}
