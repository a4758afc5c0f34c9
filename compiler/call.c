// SPDX-License-Identifier: Apache-2.0
// Calls: of functions here and elsewhere, of BIFs, of funs.
//
// A remote call stays one, even of this module: ?MODULE:f() goes to the newest
// code, f() does not. Only functions of erlang, and those of maps that are
// guard BIFs, are known to be what they are.
#include "builder.h"
#include "fold.h"

// An import is taken for the module's own: it hides what erlang has. What has
// neither is erlang's, or an error that lint tells.
bool build_is_local(Builder *b, Term name, size_t arity)
{
    return unit_find(b->u, name, arity) != NULL
           || table_get(&b->u->imports, table_function_key(name, arity))
                  != NULL;
}

// Functions of erlang that never return. OTP's compiler knows these, too:
// nothing is emitted behind them, and a clause that ends so takes no part in
// joins.
static bool never_returns(Term name, size_t arity)
{
    switch (name.bits) {
    // raise/3 is not one: it returns badarg when it is called wrongly.
    case ATOM_BITS_error: return arity == 1 || arity == 2;
    case ATOM_BITS_exit: case ATOM_BITS_throw: return arity == 1;
    case ATOM_BITS_nif_error: return arity == 1 || arity == 2;
    default: return false;
    }
}

// Inlined where options ask for it, else a call within the module.
static Inst *local_call(Builder *b, Definition *d, size_t n, Inst **args)
{
    if (inline_is_wanted(b, d)) return inline_call(b, d, n, args);
    Inst *i = build_inst(b, IR_CALL, n, args);
    i->function = d->function;
    return i;
}

// The list that [list] is built as, when all of it is known here. Lists that
// are written out are known, [A, B] as well as [A | [B]]. More than 200 are
// left to the machine.
static bool known_list(Inst *list, Inst **items, size_t *n, Builder *b)
{
    for (*n = 0; *n < 200; (*n)++) {
        list = ir_value(list);
        if (list->op == IR_CONS) {
            items[*n] = ir_value(list->args[0]);
            list = list->args[1];
        } else if (ir_is_literal(list) && term_is_cons(list->term)) {
            items[*n] = build_literal(b, term_head(list->term));
            list = build_literal(b, term_tail(list->term));
        } else {
            return ir_is_literal(list) && term_is_nil(list->term);
        }
    }
    return false;
}

// With names known by now it is a plain call. As in M = lists, M:reverse(L).
// The atoms are then in the import table of the file, so xref and the loader
// see the call.
static Inst *apply(Builder *b, Inst *module, Inst *function, size_t n,
                   Inst **args)
{
    if (ir_is_literal(module) && ir_is_literal(function)
        && term_is_atom(module->term) && term_is_atom(function->term))
        return build_call_ext(b, module->term, function->term, n, args);
    Inst **all = arena_alloc(&b->u->arena, (n + 2) * sizeof *all);
    all[0] = module;
    all[1] = function;
    for (size_t i = 0; i < n; i++) all[i + 2] = args[i];
    return build_inst(b, IR_APPLY, n + 2, all);
}

// A call of a fun. One of the wrong arity is left to the machine, which raises
// badarity; while a fun is open (it is built just now) its environment is not
// known, so that only it itself can pass it on.
static Inst *call_fun(Builder *b, Inst *fun, size_t n, Inst **args)
{
    if (fun->op == IR_MAKE_FUN && fun->function == b->f && b->f->is_open
        && n == b->f->arity)
        return build_self(b, IR_CALL, n, args);
    Inst **all = arena_alloc(&b->u->arena, (n + 1) * sizeof *all);
    all[0] = fun;
    for (size_t i = 0; i < n; i++) all[i + 1] = args[i];
    if (fun->op == IR_MAKE_FUN && fun->function->arity != 0
        && fun->function->arity - fun->nargs == n
        && !fun->function->is_open) {
        // A fun that is known here is a function with its environment: F =
        // fun(X) -> X + Y end, F(1) is a call of -f/1-fun-0-(1, Y).
        all = arena_alloc(&b->u->arena, (n + fun->nargs) * sizeof *all);
        for (size_t i = 0; i < n; i++) all[i] = args[i];
        for (size_t i = 0; i < fun->nargs; i++) all[n + i] = fun->args[i];
        Inst *i = build_inst(b, IR_CALL, n + fun->nargs, all);
        i->function = fun->function;
        return i;
    }
    return build_inst(b, IR_CALL_FUN, n + 1, all);
}

// erlang:apply with a list whose items are known. Both forms: apply(F, [A]) and
// apply(M, F, [A]). Lists that are not known need the machine's apply/2,3.
static Inst *known_apply(Builder *b, size_t n, Inst **args)
{
    Inst *items[200];
    size_t count;
    if (!known_list(args[n - 1], items, &count, b)) return NULL;
    if (n == 2) return call_fun(b, args[0], count, items);
    return apply(b, args[0], args[1], count, items);
}

// erlc makes guard BIFs of these three, too, so an exception tells erlang's
// function.
Term build_map_bif(Term name, size_t n)
{
    if (term_same(name, ATOM_get) && n == 2) return ATOM_map_get;
    if (term_same(name, ATOM_is_key) && n == 2) return ATOM_is_map_key;
    if (term_same(name, ATOM_size) && n == 1) return ATOM_map_size;
    return TERM_NONE;
}

// The order matters: what has an instruction is no call, and no trace of calls
// sees it, as with OTP.
Inst *build_call_ext(Builder *b, Term module, Term name, size_t n, Inst **args)
{
    if (term_same(module, ATOM_maps) && !term_is_none(build_map_bif(name, n)))
        return build_bif(b, build_map_bif(name, n), n, args);
    if (term_same(module, ATOM_erlang)) {
        // Before OTP 26 these two were functions in Erlang: a call suits all.
        bool called = term_same(name, ATOM_max) || term_same(name, ATOM_min);
        if (build_is_guard_bif(name, n) && !called)
            return build_bif(b, name, n, args);
        if (term_same(name, ATOM_apply) && (n == 2 || n == 3)) {
            Inst *known = known_apply(b, n, args);
            if (known != NULL) return known;
        }
    }
    Inst *i = build_inst(b, IR_CALL_EXT, n, args);
    i->term = module;
    i->term2 = name;
    if (term_same(module, ATOM_erlang) && never_returns(name, n))
        build_last(b, IR_UNREACHABLE, 0, NULL); // nothing follows it
    return i;
}

// record_info(fields | size, Record), the only `function' that is none. The
// second argument is an atom; lint has seen to it.
static Inst *record_info(Builder *b, Term args)
{
    Term what = form_get(term_head(args), 3);
    Record *r = unit_record(b->u, form_get(term_head(term_tail(args)), 3));
    if (r == NULL) return build_nil(b);
    if (term_same(what, ATOM_size))
        return build_literal(b, term_small((intptr_t)r->count + 1));
    return build_literal(b, heap_list(&b->u->heap, r->count, r->fields,
                                      TERM_NIL));
}

// A call by a plain name: a function here, an import, or of erlang. A
// definition wins over an import, and both over erlang's: with no_auto_import
// or a function of that name, size(X) is a call of the module's.
static Inst *named_call(Builder *b, Term e, Term name)
{
    Term list = form_get(e, 4);
    size_t n = (size_t)term_list_length(list);
    Definition *d = unit_find(b->u, name, n);
    Term *import = table_get(&b->u->imports, table_function_key(name, n));
    // record_info is no function; is_record(X, r) needs no call.
    if (d == NULL && import == NULL) {
        if (term_same(name, ATOM_record_info) && n == 2)
            return record_info(b, list);
        if (term_same(name, ATOM_is_record) && build_is_condition(b, e))
            return build_condition_value(b, e);
    }
    Inst **args = build_exprs(b, list, &n);
    build_place(b, form_get(e, 2)); // the arguments have set theirs
    if (d != NULL) return local_call(b, d, n, args);
    return build_call_ext(b, import != NULL ? *import : ATOM_erlang, name, n,
                          args);
}

// lists:map and friends with a literal fun may be loops (inline_lists). Module
// and function are expressions: they are evaluated before the arguments, and
// only then is it decided what kind of call it is.
static Inst *remote_call(Builder *b, Term e, Term f)
{
    size_t n;
    if (form_is(form_get(f, 3), ATOM_atom) && form_is(form_get(f, 4), ATOM_atom)
        && term_same(form_get(form_get(f, 4), 3), ATOM_is_record)
        && build_is_condition(b, e))
        return build_condition_value(b, e);
    // Which is asked for by the form alone, as erlc does.
    Term loop = form_is(form_get(f, 3), ATOM_atom)
                        && term_same(form_get(form_get(f, 3), 3), ATOM_lists)
                        && form_is(form_get(f, 4), ATOM_atom)
                    ? inline_lists_call(b->u, e, form_get(form_get(f, 4), 3))
                    : TERM_NONE;
    if (!term_is_none(loop)) return build_expr(b, loop);
    Inst *module = ir_value(build_expr(b, form_get(f, 3)));
    Inst *function = ir_value(build_expr(b, form_get(f, 4)));
    Inst **args = build_exprs(b, form_get(e, 4), &n);
    build_place(b, form_get(e, 2));
    return apply(b, module, function, n, args);
}

// {erlang,is_record}(R, r), as it was written long ago, is the remote call.
static Term without_pair(Builder *b, Term f)
{
    Term names = form_is(f, ATOM_tuple) ? form_get(f, 3) : TERM_NIL;
    if (!term_is_cons(names) || term_list_length(names) != 2) return f;
    Term module = term_head(names), name = term_head(term_tail(names));
    if (!form_is(module, ATOM_atom) || !form_is(name, ATOM_atom)
        || !term_same(form_get(module, 3), ATOM_erlang)
        || !term_same(form_get(name, 3), ATOM_is_record))
        return f;
    return heap_tuple(&b->u->heap, 4,
                      (Term[]){ATOM_remote, form_get(f, 2), module, name});
}

// fun(X) -> ... end(1) is put in place (inline_fun); names that are known are
// calls. Last comes whatever gives a fun, evaluated before its arguments.
Inst *build_call(Builder *b, Term e)
{
    Term f = without_pair(b, form_get(e, 3));
    size_t n;
    if (!term_same(f, form_get(e, 3)))
        e = heap_tuple(&b->u->heap, 4,
                       (Term[]){ATOM_call, form_get(e, 2), f, form_get(e, 4)});
    if (form_is(f, ATOM_remote)) return remote_call(b, e, f);
    if (form_is(f, ATOM_atom)) return named_call(b, e, form_get(f, 3));
    Inst *known = inline_fun(b, f, form_get(e, 4));
    if (known != NULL) return known;
    Inst *fun = ir_value(build_expr(b, f));
    Inst **args = build_exprs(b, form_get(e, 4), &n);
    build_place(b, form_get(e, 2));
    return call_fun(b, fun, n, args);
}
