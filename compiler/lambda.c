// SPDX-License-Identifier: Apache-2.0
// Funs and functions: their bodies, and the environments of funs.
//
// What a fun's environment holds is known only when its body has been built:
// each lookup of a variable from around makes it a parameter behind the
// written ones. So the arity is set, and the uses in itself are completed, at
// the end (build_finish). An Origin, the function of the source, goes along
// into all that is made within it, for names and numbers.
//
// Functions are finished from the inside out, so each fun's function stands in
// the unit's list before the one that makes it.
#include "builder.h"
#include "code.h"
#include "fun.h"
#include "match.h"

enum { ARITY_MOST = 255 };

// At the end: the list is in the order of finishing; codegen.c puts it into
// that of the file.
void unit_add_function(Unit *u, Function *f)
{
    if (u->last != NULL) u->last->next = f;
    else u->first = f;
    u->last = f;
}

// Marked as lifted: its place is behind the written ones (codegen.c), and
// nobody outside can name it.
Function *build_lifted(Builder *b, Term name, size_t arity)
{
    Function *f = arena_zeroed(&b->u->arena, sizeof *f);
    f->name = name;
    f->arity = (uint32_t)arity;
    f->place = b->place;
    f->is_lifted = true;
    return f;
}

// The parameters of heads may be anything; those of loops that the compiler
// makes have types that it knows.
Inst *build_param(Builder *b, uint64_t type)
{
    Inst *p = ir_inst_new(&b->u->arena, b->f, IR_PARAM, 0);
    p->type = type;
    return p;
}

// The environment is kept in order of the names, as erlc has it. The order is
// seen: fun_info(F, env) tells it, and a fun that was sent to another node has
// to find its parts where code of erlc expects them.
static void sort_frees(Builder *b)
{
    // By insertion: environments are small.
    for (size_t i = 1; i < b->free_count; i++)
        for (size_t k = i; k > 0; k--) {
            Term x = b->free_names[k - 1], y = b->free_names[k];
            if (atom_compare(b->u->atoms, x, y) <= 0) break;
            b->free_names[k - 1] = y;
            b->free_names[k] = x;
            Inst *p = b->frees[k - 1];
            b->frees[k - 1] = b->frees[k];
            b->frees[k] = p;
        }
}

void build_finish(Builder *b, size_t n, Inst **params)
{
    // Parameters of the machine: the written ones, then the environment.
    Function *f = b->f;
    sort_frees(b);
    f->arity = (uint32_t)(n + b->free_count);
    f->free_count = (uint32_t)b->free_count;
    f->params = arena_alloc(&b->u->arena, f->arity * sizeof(Inst *));
    for (size_t i = 0; i < n; i++) f->params[i] = params[i]; // the written ones
    // Behind them comes the environment.
    for (size_t i = 0; i < b->free_count; i++) f->params[n + i] = b->frees[i];
    for (uint32_t i = 0; i < f->arity; i++) f->params[i]->index = i;
    // Uses of a named fun in itself waited for its environment.
    for (size_t i = 0; i < b->self_count; i++) {
        Inst *use = b->self_uses[i];
        Inst **args = arena_alloc(&b->u->arena, (use->nargs + b->free_count)
                                                    * sizeof(Inst *));
        memcpy(args, use->args, use->nargs * sizeof(Inst *));
        for (size_t k = 0; k < b->free_count; k++)
            args[use->nargs + k] = b->frees[k];
        use->args = args;
        use->nargs = (uint16_t)(use->nargs + b->free_count);
    }
    f->is_open = false;
    // Only now, so that funs within come before what holds them.
    unit_add_function(b->u, f);
}

// A use of the named fun within itself, `fun F(N) -> F(N - 1) end': a call of
// its function, or the fun made anew. The environment is appended when known.
// Parts of the environment are not known while the body is built, so the uses
// are noted and completed by build_finish. A fun made anew is as good as the
// one that runs: both have the same environment.
Inst *build_self(Builder *b, IrOp op, size_t n, Inst *const *args)
{
    Inst *i = build_inst(b, op, n, args);
    i->function = b->f;
    i->type = op == IR_MAKE_FUN ? TYPE_FUN : TYPE_ANY;
    if (b->self_count == b->self_room)
        b->self_uses = arena_grow(&b->u->arena, b->self_uses, b->self_count,
                                  &b->self_room, sizeof *b->self_uses);
    b->self_uses[b->self_count++] = i;
    return i;
}

// Failure goes to func_info, in front of the function's entry, which raises
// function_clause with the arguments as they came: they must be in x0, x1 ...
// again.
void build_function_clause(Builder *b, Block *fail)
{
    // Some clause always matches: `f(_) -> ...'.
    if (fail->prev_count == 0) return;
    build_at(b, fail);
    Inst *i = build_inst(b, IR_FUNCTION_CLAUSE, 0, NULL);
    i->place = b->f->place;
}

// The arguments of the jump to the head are known when all parameters are. For
// a fun these are its arguments and its environment; stack traces show the
// first only, as the machine knows how many are which.
void build_close_head(Builder *b, Block *fail)
{
    Inst *i = fail->last;
    // It was never reached, so it was left empty.
    if (i == NULL || i->op != IR_FUNCTION_CLAUSE) return;
    size_t size = b->f->arity * sizeof(Inst *);
    i->args = arena_alloc(&b->u->arena, size + 1);
    memcpy(i->args, b->f->params, size);
    i->nargs = (uint16_t)b->f->arity;
}

// The clauses are matched like those of a case, but their variables shadow
// those around, and the parameters are not bound to names.
void build_function(Unit *u, Builder *parent, Function *f, Term clauses,
                    Origin *origin, Term self_name)
{
    Builder b;
    builder_init(&b, u, parent, f);
    b.origin = origin;
    b.self_name = self_name;
    b.self_arity = f->arity;
    f->is_open = true;
    size_t n = f->arity;
    Inst **params = arena_alloc(&u->arena, (n + 1) * sizeof *params);
    // Whoever calls it may give it anything; types.c finds out more.
    for (size_t i = 0; i < n; i++) params[i] = build_param(&b, TYPE_ANY);
    f->entry = b.cur = build_block(&b);
    Block *fail = build_block(&b);
    Inst *value = match_clauses(&b, n, params, clauses, fail, true);
    build_last(&b, IR_RETURN, 1, &value);
    build_function_clause(&b, fail);
    build_finish(&b, n, params);
    build_close_head(&b, fail); // behind build_finish: it takes all parameters
}

// fun Name/Arity: a fun that calls the function.
static Inst *local_fun(Builder *b, Term name, size_t arity)
{
    Definition *d = unit_find(b->u, name, arity);
    if (d == NULL) {
        // Of another module: `fun reverse/1' is fun lists:reverse/1 when it was
        // imported, else it can only be a built-in.
        Term *import = table_get(&b->u->imports,
                                 table_function_key(name, arity));
        Inst *args[] = {build_literal(b, import != NULL ? *import
                                                        : ATOM_erlang),
                        build_literal(b, name),
                        build_literal(b, term_small((intptr_t)arity))};
        return build_make_export(b, args);
    }
    // A function that is written needs no environment: one entry in FunT each
    // time.
    Inst *i = build_inst(b, IR_MAKE_FUN, 0, NULL);
    i->function = d->function;
    i->type = TYPE_FUN;
    return i;
}

// Whether the names are constants, and good ones.
static bool is_constant_export(Inst *const *args)
{
    for (size_t i = 0; i < 3; i++)
        if (!ir_is_literal(args[i])) return false;
    Term arity = args[2]->term;
    return term_is_atom(args[0]->term) && term_is_atom(args[1]->term)
           && term_is_small(arity) && term_small_value(arity) >= 0
           && term_small_value(arity) <= ARITY_MOST;
}

// A fun to be written into the file: nobody calls it here, so its export stands
// in no table.
static Term export_literal(Unit *u, Inst *const *args)
{
    Export *e = arena_zeroed(&u->arena, sizeof *e);
    e->module = args[0]->term;
    e->function = args[1]->term;
    e->arity = (uint32_t)term_small_value(args[2]->term);
    return fun_new_export(&u->heap, e);
}

// Names that come from variables are checked by the BIF: fun M:F/A with a
// number for M is a badarg.
Inst *build_make_export(Builder *b, Inst *const *args)
{
    if (is_constant_export(args))
        return build_literal(b, export_literal(b->u, args));
    // `fun M:F/A' is known by its names alone: it has no entry in FunT.
    Inst *i = build_inst(b, IR_CALL_EXT, 3, args);
    i->term = ATOM_erlang;
    i->term2 = ATOM_make_fun;
    i->type = TYPE_FUN;
    return i;
}

static Inst *external_fun(Builder *b, Term f)
{
    Inst *args[3];
    for (size_t i = 0; i < 3; i++)
        args[i] = ir_value(build_expr(b, form_get(f, i + 2)));
    return build_make_export(b, args);
}

// fun ... -> ... end, maybe named; [name] is that of the function. The same for
// all that becomes a function of its own. A variable that is not its own is
// found by build_lookup, through every function between.
static Inst *closure(Builder *b, Term name, Term clauses, Term self_name)
{
    Term patterns = form_get(term_head(clauses), 3);
    Function *f = build_lifted(b, name, (size_t)term_list_length(patterns));
    f->fun_line = b->place.line;
    build_hide_siblings(b);
    build_function(b->u, b, f, clauses, b->origin, self_name);
    build_show_siblings(b);
    // What it needs from around is looked up here, which may make it in turn
    // part of the environment of the fun that is being built. + 1: there may be
    // none.
    Inst **env = arena_alloc(&b->u->arena, (f->free_count + 1) * sizeof *env);
    size_t n = f->arity - f->free_count;
    for (size_t k = 0; k < f->free_count; k++)
        env[k] = ir_value(build_lookup(b, f->params[n + k]->term));
    Inst *i = build_inst(b, IR_MAKE_FUN, f->free_count, env);
    i->function = f;
    i->type = TYPE_FUN;
    return i;
}

Inst *build_closure(Builder *b, Term form, Term clauses, const char *kind)
{
    return closure(b, lifted_loop_name(b, form, kind, 0), clauses, TERM_NONE);
}

// In the order in which erl_parse can make them: named, with clauses, fun f/1,
// fun m:f/1.
Inst *build_fun(Builder *b, Term e)
{
    build_place(b, form_get(e, 2));
    if (form_is(e, ATOM_named_fun)) {
        Term clauses = form_get(e, 4);
        Term patterns = form_get(term_head(clauses), 3);
        size_t arity = (size_t)term_list_length(patterns);
        return closure(b, lifted_self_name(b, e, arity), clauses,
                       form_get(e, 3));
    }
    Term f = form_get(e, 3);
    if (form_is(f, ATOM_clauses))
        return closure(b, lifted_fun_name(b, e), form_get(f, 2), TERM_NONE);
    if (term_arity(f) == 3) // fun f/1
        return local_fun(b, form_get(f, 2),
                         (size_t)term_small_value(form_get(f, 3)));
    return external_fun(b, f);
}
