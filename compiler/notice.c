// SPDX-License-Identifier: Apache-2.0
// Notice: the walk over expressions. What is known of variables is bound while
// the walk goes down a clause and forgotten behind it. Values are followed only
// as far as OTP's pass over Core Erlang follows them, so that the same is told:
// literals and other variables take a variable's place, tuples made in the
// function are seen through where they are matched, and nothing else.
//
// It is run for its warnings alone, on forms that lint let pass. Each rule
// follows what sys_core_fold and v3_core do with the same form, also where that
// is less than could be known: to tell more than OTP does would fail builds
// with warnings_as_errors. n->count is set back behind a clause, fun or
// comprehension, so what was bound within is forgotten.
//
// The parts: what is known (Know), calls that have no effect or must fail,
// terms that are built for nothing, then funs, comprehensions and all that has
// clauses. What is told depends on what a value is wanted for (Want), which
// goes down with the walk: in `{f(), 1}, ok' the tuple is useless and f() is
// not.
#include "notice.h"

#include <stdio.h>

#include "compare.h"
#include "copy.h"
#include "evaluate.h"
#include "fold.h"
#include "map.h"
#include "match.h"
#include "operator.h"

enum { DEPTH_MOST = 2000 }; // deeper nesting is left alone

// ---- what is known ----

// Each value has an entry of its own, as callers may mark it.
Know *know_nothing(Notice *n)
{
    return arena_zeroed(&n->u->arena, sizeof(Know));
}

// A literal is data whatever it is; is_data is meant as in cerl:is_data/1.
Know *know_literal(Notice *n, Term t)
{
    Know *k = know_nothing(n);
    k->kind = KNOW_LITERAL;
    k->is_data = true;
    k->term = t;
    k->is_boolean = term_same(t, ATOM_true) || term_same(t, ATOM_false);
    return k;
}

// The literal that [k], with literal parts, is: on the unit's heap.
static Term made_term(Notice *n, KnowKind kind, size_t count,
                      Know *const *parts)
{
    Heap *h = &n->u->heap;
    if (kind == KNOW_CONS) return heap_cons(h, parts[0]->term, parts[1]->term);
    Term *terms = arena_alloc(&n->u->arena, (count + 1) * sizeof *terms);
    for (size_t i = 0; i < count; i++) terms[i] = parts[i]->term;
    return heap_tuple(h, count, terms);
}

// The parts are kept as they are: {X, 1} is seen through where it is matched.
Know *know_made(Notice *n, KnowKind kind, size_t count, Know **parts)
{
    bool constant = true;
    for (size_t i = 0; i < count; i++)
        constant &= parts[i]->kind == KNOW_LITERAL;
    // {a, 1} is one literal, as in Core Erlang.
    if (constant) return know_literal(n, made_term(n, kind, count, parts));
    Know *k = know_nothing(n);
    k->kind = kind;
    k->is_data = true;
    k->count = count;
    k->parts = parts;
    return k;
}

// NULL: it is bound, but nothing is known. Such a variable still counts as
// bound in patterns.
void notice_bind(Notice *n, Term name, Know *value)
{
    if (n->count == n->room)
        n->bound = arena_grow(&n->u->arena, n->bound, n->count, &n->room,
                              sizeof *n->bound);
    n->bound[n->count++] = (Known){name, value, false};
}

// The newest binding of the name.
const Known *notice_find(const Notice *n, Term name)
{
    for (size_t i = n->count; i-- > 0;)
        if (term_same(n->bound[i].name, name))
            // The newest one counts; a hidden one is shadowed by a head.
            return n->bound[i].hidden ? NULL : &n->bound[i];
    return NULL;
}

// ---- warnings ----

// Whether a form was made by a program, not written by somebody: parse
// transforms say so by erl_anno:set_generated, and OTP tells nothing of these.
static bool is_generated(Term anno)
{
    for (; term_is_cons(anno); anno = term_tail(anno)) {
        Term item = term_head(anno);
        if (term_is_tuple_of(item, 2)
            && term_same(term_tuple_get(item, 0), ATOM_generated))
            return term_same(term_tuple_get(item, 1), ATOM_true);
    }
    return false;
}

// Twice the same at one place is told once; without columns that happens, and
// also with a body that is walked twice.
static bool is_told(Notice *n, Term anno, Term pass, Term what)
{
    // Newest first; a module has few warnings.
    for (Term l = n->u->warnings; term_is_cons(l); l = term_tail(l)) {
        Term d = term_head(l);
        if (term_exact_equal(term_tuple_get(d, 1), anno)
            && term_same(term_tuple_get(d, 2), pass)
            && term_exact_equal(term_tuple_get(d, 3), what))
            return true;
    }
    return false;
}

// By class, as OTP's options name them: nowarn_failed and the like, or all at
// once.
static bool is_unwanted(const Notice *n, Term class)
{
    const Unit *u = n->u;
    // OTP has no option against it.
    if (term_same(class, ATOM_map_key_repeated)) return false;
    Term no = term_same(class, ATOM_failed)    ? ATOM_nowarn_failed
              : term_same(class, ATOM_nomatch) ? ATOM_nowarn_nomatch
                                               : ATOM_nowarn_ignored;
    return unit_option(u->options, no)
           || unit_option(u->options, ATOM_nowarn_opportunistic);
}

// Each warning goes through here. [pass] is the module of OTP under whose name
// it is told: whoever formats it asks that module.
void notice_warn(Notice *n, Term anno, Term pass, Term class, Term what)
{
    if (n->quiet || n->is_dead || is_generated(anno) || is_unwanted(n, class))
        return;
    // With no_copt sys_core_fold is not run; other passes are.
    if (n->unfolded && term_same(pass, ATOM_sys_core_fold)) return;
    Term pair = heap_tuple2(n->u->out, class,
                            copy_term(n->u->node, n->u->out, what));
    if (!is_told(n, anno, pass, pair))
        unit_warn(n->u, n->file, anno, pass, pair);
}

// A term that nobody looks at. Parts of it are WANT_INNER: the whole is told
// once and its parts are not told again.
void notice_useless(Notice *n, Term anno, Want want)
{
    if (want == WANT_EFFECT)
        notice_warn(n, anno, ATOM_sys_core_fold, ATOM_ignored,
                    ATOM_useless_building);
}

static bool is_effect(Want want)
{
    return want == WANT_EFFECT || want == WANT_INNER;
}

// What a part of a term is wanted for that is wanted for [want].
static Want inner(Want want)
{
    return is_effect(want) ? WANT_INNER : WANT_VALUE;
}

static Term mfa(Notice *n, Term m, Term f, size_t arity)
{
    return heap_tuple3(n->u->out, m, f, term_small((intptr_t)arity));
}

// ---- calls ----

// Functions without an effect, and with no failure either: " name/arity". As
// erl_bifs:is_safe/3 has them; a call of one whose value is dropped is gone in
// OTP's code.
static const char safe_functions[]
    = " /=/2 </2 =/=/2 =:=/2 =</2 ==/2 >/2 >=/2 date/0 get/0 get/1 "
      "get_cookie/0 get_keys/1 group_leader/0 is_alive/0 is_atom/1 "
      "is_boolean/1 is_binary/1 is_bitstring/1 is_float/1 is_function/1 "
      "is_integer/1 is_list/1 is_map/1 is_number/1 is_pid/1 is_port/1 "
      "is_reference/1 is_tuple/1 make_ref/0 max/2 min/2 node/0 nodes/0 ports/0 "
      "pre_loaded/0 processes/0 registered/0 self/0 term_to_binary/1 time/0 ";

// Those that may fail, but do nothing else: erl_bifs:is_pure/3. Their calls
// stay, but it is told that the result is ignored.
static const char pure_functions[]
    = " */2 +/1 +/2 ++/2 -/1 -/2 --/2 //2 and/2 band/2 bnot/1 bor/2 bsl/2 "
      "bsr/2 bxor/2 div/2 not/1 or/2 rem/2 xor/2 abs/1 atom_to_binary/1 "
      "atom_to_binary/2 atom_to_list/1 binary_part/2 binary_part/3 "
      "binary_to_atom/1 binary_to_atom/2 binary_to_float/1 "
      "binary_to_integer/1 binary_to_list/1 binary_to_list/3 bit_size/1 "
      "byte_size/1 ceil/1 element/2 float/1 float_to_list/1 "
      "float_to_binary/1 floor/1 hd/1 integer_to_binary/1 "
      "integer_to_list/1 is_function/2 is_map_key/2 is_record/2 "
      "is_record/3 length/1 list_to_atom/1 list_to_binary/1 "
      "list_to_float/1 list_to_integer/1 list_to_integer/2 list_to_pid/1 "
      "list_to_tuple/1 make_fun/3 map_get/2 pid_to_list/1 round/1 "
      "setelement/3 size/1 split_binary/2 tl/1 trunc/1 tuple_size/1 "
      "tuple_to_list/1 ";

// The same of other modules: " module:name/arity", which OTP's table of pure
// functions has as well.
static const char pure_remote[]
    = " lists:append/2 lists:subtract/2 maps:get/2 maps:is_key/2 maps:new/0 "
      "math:acos/1 math:acosh/1 math:asin/1 math:asinh/1 math:atan/1 "
      "math:atan2/2 math:atanh/1 math:ceil/1 math:cos/1 math:cosh/1 "
      "math:erf/1 math:erfc/1 math:exp/1 math:floor/1 math:fmod/2 "
      "math:log/1 math:log2/1 math:log10/1 math:pow/2 math:sin/1 "
      "math:sinh/1 math:sqrt/1 math:tan/1 math:tanh/1 math:pi/0 ";

// Found by text: these lists are asked seldom.
static bool is_listed(const Notice *n, const char *list, const Term name[2],
                      size_t arity)
{
    char word[80];
    const char *f = atom_text(n->u->atoms, name[1])->bytes;
    if (list == pure_remote)
        // Blanks on both sides, so that no name is found within another.
        snprintf(word, sizeof word, " %s:%s/%zu ",
                 atom_text(n->u->atoms, name[0])->bytes, f, arity);
    else
        snprintf(word, sizeof word, " %s/%zu ", f, arity);
    return strstr(list, word) != NULL;
}

// What may be said of a call whose value nobody uses: that it has no effect, or
// that its result is ignored.
static void unused_call(Notice *n, Term anno, const Term name[2], size_t arity)
{
    bool erlang = term_same(name[0], ATOM_erlang);
    Term what = mfa(n, name[0], name[1], arity), tag = ATOM_result;
    if (erlang && is_listed(n, safe_functions, name, arity))
        tag = ATOM_no_effect;
    else if (!is_listed(n, erlang ? pure_functions : pure_remote, name, arity))
        // It may do something: to call it for that is fine.
        return;
    notice_warn(n, anno, ATOM_sys_core_fold, ATOM_ignored,
                heap_tuple2(n->u->out, tag, what));
}

// Why an operator fails on [terms], which fold_call could not fold; TERM_NONE
// when it may be something that is too large to be made here. OTP evaluates the
// call itself and tells the reason that it got.
static Term operator_failure(Term name, size_t arity, const Term *terms)
{
    if (operator_class(name, arity) == OPERATOR_LOGICAL) return ATOM_badarg;
    bool shift = term_same(name, ATOM_bsl) || term_same(name, ATOM_bsr);
    if (shift && term_is_integer(terms[0]) && term_is_integer(terms[1]))
        return TERM_NONE;
    return ATOM_badarith;
}

// The runtime has these two as operators only, so lists:append/2 is tried as
// ++.
static void rename_lists(const Notice *n, Term name[2])
{
    if (!term_same(name[0], ATOM_lists)) return;
    bool append = atom_text(n->u->atoms, name[1])->bytes[0] == 'a';
    name[0] = ATOM_erlang;
    name[1] = append ? ATOM_append : ATOM_subtract;
}

// Whether a call with constants may be tried. What is about processes needs a
// node that runs; what has effects must not be done while compiling.
static bool may_evaluate(const Notice *n, const Term name[2], size_t arity)
{
    static const char of_processes[]
        = " is_record/2 is_record/3 list_to_pid/1 make_fun/3 pid_to_list/1 ";
    if (!term_same(name[0], ATOM_erlang))
        return is_listed(n, pure_remote, name, arity);
    return is_listed(n, pure_functions, name, arity)
           && !is_listed(n, of_processes, name, arity);
}

// The value of the call; else TERM_NONE, with the reason of its failure if it
// is known to fail.
static Term value_of(Notice *n, const Term name[2], size_t arity,
                     const Term *terms, Term *why)
{
    *why = TERM_NONE;
    bool known = may_evaluate(n, name, arity);
    if (term_same(name[0], ATOM_erlang)) {
        if (!known && !is_listed(n, safe_functions, name, arity))
            return TERM_NONE; // it may have an effect
        Term t = fold_call(n->u, name[1], arity, terms);
        if (!term_is_none(t)) return t;
        if (operator_class(name[1], arity) != OPERATOR_NONE) {
            *why = operator_failure(name[1], arity, terms);
            return TERM_NONE;
        }
    }
    if (!known) return TERM_NONE;
    return evaluate_call(n->u, name, arity, terms, why);
}

// module:name(values), folded as far as it can be; a failure is told, as OTP
// does when all arguments are literals. No function in the lists has more than
// three.
static Know *fold(Notice *n, Term anno, const Term name[2], size_t arity,
                  Know *const *values)
{
    Know *k = know_nothing(n);
    Term terms[3];
    k->is_boolean = term_same(name[0], ATOM_erlang)
                    && build_bif_is_boolean(name[1], arity);
    if (arity < 1 || arity > 3) return k;
    for (size_t i = 0; i < arity; i++) {
        if (values[i]->kind != KNOW_LITERAL) return k;
        terms[i] = values[i]->term;
    }
    Term called[2] = {name[0], name[1]}, why;
    if (may_evaluate(n, name, arity)) rename_lists(n, called);
    Term t = value_of(n, called, arity, terms, &why);
    if (!term_is_none(t)) return know_literal(n, t);
    if (!term_is_none(why))
        notice_warn(n, anno, ATOM_sys_core_fold, ATOM_failed,
                    heap_tuple3(n->u->out, ATOM_eval_failure,
                                mfa(n, name[0], name[1], arity), why));
    return k;
}

// Each argument is wanted, or is only what is left of a call that is gone.
static Know **values_of(Notice *n, Term list, size_t *count, Want want)
{
    *count = (size_t)term_list_length(list);
    Know **values = arena_alloc(&n->u->arena, (*count + 1) * sizeof *values);
    for (size_t i = 0; i < *count; i++, list = term_tail(list))
        values[i] = notice_expr(n, term_head(list), want);
    return values;
}

// A call of module:name whose names are known. maps:get/2 and its like are the
// guard BIFs; they are told under both names if their value is unused, as two
// of OTP's passes see them.
static Know *known_call(Notice *n, Term e, const Term called[2], Term args,
                        Want want)
{
    size_t arity;
    Term anno = form_get(e, 2), name[2] = {called[0], called[1]};
    Term guard = build_map_bif(name[1], (size_t)term_list_length(args));
    if (term_same(name[0], ATOM_maps) && !term_is_none(guard)) {
        name[0] = ATOM_erlang;
        name[1] = guard;
    }
    bool erlang = term_same(name[0], ATOM_erlang);
    bool drops = is_effect(want) && erlang
                 && is_listed(n, safe_functions, name,
                              (size_t)term_list_length(args));
    // Of what has no effect only the arguments are left.
    Know **values = values_of(n, args, &arity,
                              drops ? WANT_INNER : WANT_VALUE);
    if (is_effect(want)) unused_call(n, anno, called, arity);
    if (drops) return know_nothing(n);
    Know *k = fold(n, anno, name, arity, values);
    // A call that was renamed and is still there is seen once more.
    if (is_effect(want) && k->kind != KNOW_LITERAL
        && !term_same(name[0], called[0]))
        unused_call(n, anno, name, arity);
    return k;
}

// Names of modules and functions in a call.
static bool is_atom(const Know *k)
{
    return k->kind == KNOW_LITERAL && term_is_atom(k->term);
}

// What cannot be a name, 1:f() or m:{}(), is told by v3_kernel, and its
// arguments are not looked at as those of a known function.
static Know *remote_call(Notice *n, Term e, Term f, Want want)
{
    size_t arity;
    Term args = form_get(e, 4);
    Know *m = notice_expr(n, form_get(f, 3), WANT_VALUE);
    Know *name = notice_expr(n, form_get(f, 4), WANT_VALUE);
    bool bad = (m->is_data && !is_atom(m))
               || (name->is_data && !is_atom(name));
    if (bad)
        notice_warn(n, form_get(e, 2), ATOM_v3_kernel, ATOM_failed,
                    ATOM_bad_call);
    if (!bad && m->is_data && name->is_data)
        return known_call(n, e, (Term[]){m->term, name->term}, args, want);
    values_of(n, args, &arity, WANT_VALUE);
    return know_nothing(n);
}

// A local function may do anything. What is no function at all is told; its
// arguments are evaluated for their effects only, since nothing will take them.
static Know *call(Notice *n, Term e, Want want)
{
    Term f = form_get(e, 3), args = form_get(e, 4);
    size_t arity = (size_t)term_list_length(args);
    if (form_is(f, ATOM_remote)) return remote_call(n, e, f, want);
    if (form_is(f, ATOM_atom)) {
        Term name = form_get(f, 3);
        Term *import = table_get(&n->u->imports,
                                 table_function_key(name, arity));
        if (unit_find(n->u, name, arity) == NULL
            && !term_same(name, ATOM_record_info))
            return known_call(
                n, e,
                (Term[]){import != NULL ? *import : ATOM_erlang, name}, args,
                want);
        values_of(n, args, &arity, WANT_VALUE);
        return know_nothing(n);
    }
    Know *fun = notice_expr(n, f, WANT_VALUE);
    // 1(): a literal that is no fun.
    bool bad = fun->is_data
               && !(fun->kind == KNOW_LITERAL && term_is_fun(fun->term));
    if (bad)
        notice_warn(n, form_get(e, 2), ATOM_sys_core_fold, ATOM_failed,
                    ATOM_bad_call);
    if (!bad) values_of(n, args, &arity, WANT_VALUE);
    for (Term l = args; bad && term_is_cons(l); l = term_tail(l)) {
        Term arg = term_head(l);
        bool plain = form_is(arg, ATOM_tuple) || form_is(arg, ATOM_cons);
        notice_expr(n, arg, plain ? WANT_INNER : WANT_EFFECT);
    }
    return know_nothing(n);
}

// The second operand may be the value of the whole; the first is always used.
static Know *logic(Notice *n, Term e, Want want)
{
    notice_expr(n, form_get(e, 4), WANT_VALUE);
    size_t mark = n->count;
    Know *second = notice_expr(n, form_get(e, 5),
                               is_effect(want) ? WANT_EFFECT : WANT_VALUE);
    // The right side may not be reached: what it binds is unsafe behind.
    n->count = mark;
    n->is_dead = false;
    Know *k = know_nothing(n);
    k->is_boolean = second->is_boolean;
    return k;
}

// As a call of erlang's function of that name. Signs of numbers are part of the
// literal: -1 is one in Core Erlang.
static Know *operator(Notice *n, Term e, Want want)
{
    Term name = form_get(e, 3);
    if (term_same(name, ATOM_andalso) || term_same(name, ATOM_orelse))
        return logic(n, e, want);
    Term args = heap_cons(&n->u->heap, form_get(e, term_arity(e)), TERM_NIL);
    if (term_arity(e) == 5)
        args = heap_cons(&n->u->heap, form_get(e, 4), args);
    Term constant = term_arity(e) == 4 ? form_constant(n->u, e) : TERM_NONE;
    if (!term_is_none(constant)) {
        if (!term_is_atom(constant)) notice_useless(n, form_get(e, 2), want);
        return know_literal(n, constant);
    }
    return known_call(n, e, (Term[]){ATOM_erlang, name}, args, want);
}

// ---- terms ----

// For its effect a variable is nothing, and nothing is told of it.
static Know *variable(Notice *n, Term e, Want want)
{
    const Known *v = notice_find(n, form_get(e, 3));
    if (v != NULL && v->value != NULL && !is_effect(want)) return v->value;
    Know *k = know_nothing(n);
    // Who is matched against it later sees the name.
    k->variable = form_get(e, 3);
    return k;
}

// Known as cells, but a variable bound to such is not seen through
// (bind_variable): sys_core_fold does so with tuples only.
static Know *cons(Notice *n, Term e, Want want)
{
    Term anno = form_get(e, 2);
    size_t count = 0, room = 0;
    Know **heads = NULL;
    for (; form_is(e, ATOM_cons); e = form_get(e, 4)) {
        if (count == room)
            heads = arena_grow(&n->u->arena, heads, count, &room,
                               sizeof *heads);
        heads[count++] = notice_expr(n, form_get(e, 3), inner(want));
    }
    Know *tail = notice_expr(n, e, inner(want));
    notice_useless(n, anno, want);
    // [f(), g()], ok: the calls were told of where they stand.
    if (is_effect(want)) return know_nothing(n);
    while (count-- > 0) {
        Know **parts = arena_alloc(&n->u->arena, 2 * sizeof *parts);
        parts[0] = heads[count];
        parts[1] = tail;
        tail = know_made(n, KNOW_CONS, 2, parts);
    }
    return tail;
}

// One warning for the whole; parts that are terms are inner ones.
static Know *tuple(Notice *n, Term e, Want want)
{
    size_t count;
    Know **parts = values_of(n, form_get(e, 3), &count, inner(want));
    notice_useless(n, form_get(e, 2), want);
    if (is_effect(want)) return know_nothing(n);
    return know_made(n, KNOW_TUPLE, count, parts);
}

// Atoms and [] are no terms that were built.
static Know *literal(Notice *n, Term e, Want want)
{
    Term t = form_get(e, 3);
    if (!term_is_atom(t) && !term_is_nil(t))
        notice_useless(n, form_get(e, 2), want);
    return know_literal(n, t);
}

// Whether [e] is written as a literal: nothing in it is computed. v3_core tells
// of keys before anything is folded.
static bool is_literal_form(Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_atom: case ATOM_BITS_integer: case ATOM_BITS_char:
    case ATOM_BITS_float: case ATOM_BITS_string: case ATOM_BITS_nil:
        return true;
    case ATOM_BITS_cons:
        return is_literal_form(form_get(e, 3))
               && is_literal_form(form_get(e, 4));
    case ATOM_BITS_bin: case ATOM_BITS_tuple: case ATOM_BITS_map: break;
    default: return false;
    }
    if (term_arity(e) != 3) return false;
    for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l)) {
        Term part = term_head(l);
        if (form_is(e, ATOM_tuple)) {
            if (!is_literal_form(part)) return false;
        } else if (!is_literal_form(form_get(part, 3))
                   || (form_is(e, ATOM_map)
                       && !is_literal_form(form_get(part, 4)))) {
            return false;
        }
    }
    return true;
}

// Where [e] begins, as Core Erlang has the place of an expression.
static Term first_anno(Term e)
{
    while (form_is(e, ATOM_op) && term_arity(e) == 5) e = form_get(e, 4);
    return form_get(e, 2);
}

// Of keys that stand twice the earlier is told of: the later one replaces it.
// By a map of those seen, as maps may be written with thousands of keys.
static void repeated_keys(Notice *n, Term keys, Know *const *known,
                          size_t count)
{
    Heap *h = &n->u->heap;
    Term seen = map_new(h), annos = TERM_NIL;
    for (; term_is_cons(keys); keys = term_tail(keys))
        annos = heap_cons(h, term_head(keys), annos);
    for (size_t i = count; i-- > 0; annos = term_tail(annos)) {
        Term key = form_get(term_head(annos), 3);
        // #{a => 1, a => 2}; keys that are computed may differ.
        if (known[i]->kind != KNOW_LITERAL || !is_literal_form(key)) continue;
        if (!term_is_none(map_get(seen, known[i]->term)))
            notice_warn(n, first_anno(key), ATOM_v3_core, ATOM_map_key_repeated,
                        known[i]->term);
        else
            seen = map_put(h, n->u->atoms, seen, known[i]->term, TERM_NIL);
    }
}

// Of an update: {}#{a => 1} can only fail.
static void update_of(Notice *n, Term e)
{
    Know *k = notice_expr(n, form_get(e, 3), WANT_VALUE);
    // {}#{a => 1}
    if (k->is_data && !(k->kind == KNOW_LITERAL && term_is_map(k->term)))
        notice_warn(n, form_get(e, 2), ATOM_sys_core_fold, ATOM_failed,
                    ATOM_bad_map_update);
}

// A map of literals is one. With `:=' and without a map lint has refused it.
static Know *map(Notice *n, Term e, Want want)
{
    Heap *h = &n->u->heap;
    if (term_arity(e) == 4) update_of(n, e);
    Term fields = form_get(e, term_arity(e));
    size_t count = (size_t)term_list_length(fields), i = 0;
    Know **keys = arena_alloc(&n->u->arena, (count + 1) * sizeof *keys);
    Term whole = term_arity(e) == 3 ? map_new(h) : TERM_NONE;
    for (Term l = fields; term_is_cons(l); l = term_tail(l)) {
        keys[i] = notice_expr(n, form_get(term_head(l), 3), inner(want));
        Know *value = notice_expr(n, form_get(term_head(l), 4), inner(want));
        bool known = keys[i]->kind == KNOW_LITERAL
                     && value->kind == KNOW_LITERAL && !is_effect(want);
        if (!known) whole = TERM_NONE;
        if (!term_is_none(whole))
            whole = map_put(h, n->u->atoms, whole, keys[i]->term, value->term);
        i++;
    }
    notice_useless(n, form_get(e, 2), want);
    repeated_keys(n, fields, keys, count);
    return term_is_none(whole) ? know_nothing(n) : know_literal(n, whole);
}

// Records are tuples for OTP here, but the defaults that were put in are not
// told of; so they are not seen as such at all.
static Know *record(Notice *n, Term e, Want want)
{
    if (form_is(e, ATOM_record_index)) return know_nothing(n);
    if (form_is(e, ATOM_record_field)) {
        notice_expr(n, form_get(e, 3), WANT_VALUE);
        return know_nothing(n);
    }
    bool update = term_arity(e) == 5;
    if (update) notice_expr(n, form_get(e, 3), WANT_VALUE);
    else notice_useless(n, form_get(e, 2), want);
    Term fields = form_get(e, term_arity(e));
    for (; term_is_cons(fields); fields = term_tail(fields))
        notice_expr(n, form_get(term_head(fields), 4),
                    update ? WANT_VALUE : inner(want));
    return know_nothing(n);
}

// ---- funs and comprehensions ----
// What is known around is known within, but for names that are hidden.

// Clauses of a fun: nothing is known of what they get, not even if it is called
// at once.
static void fun_clauses(Notice *n, Term clauses, Term anno)
{
    Term first = form_get(term_head(clauses), 3);
    size_t count = (size_t)term_list_length(first);
    Know **values = arena_alloc(&n->u->arena, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = know_nothing(n);
    // What the patterns bind hides what is bound around.
    size_t mark = n->count;
    for (Term c = clauses; term_is_cons(c); c = term_tail(c))
        notice_hide(n, form_get(term_head(c), 3));
    notice_clauses(n, clauses, count, values, anno, WANT_VALUE);
    n->count = mark;
}

// A fun that nobody uses is not looked into: its code is gone.
static Know *fun(Notice *n, Term e, Want want)
{
    if (is_effect(want)) {
        notice_useless(n, form_get(e, 2), want);
        return know_nothing(n);
    }
    bool quiet = n->quiet;
    // Its body is a function of its own: what is bound to _ is the fun.
    n->quiet = false;
    Term body = form_get(e, 3);
    if (form_is(e, ATOM_named_fun))
        fun_clauses(n, form_get(e, 4), form_get(e, 2));
    else if (form_is(body, ATOM_clauses))
        fun_clauses(n, form_get(body, 2), form_get(e, 2));
    n->quiet = quiet;
    return know_nothing(n);
}

// Generators are funs in Core Erlang. The pattern and what follows is their
// body, where nothing but what is around is known.
static Know *comprehension(Notice *n, Term e, Want want)
{
    size_t mark = n->count;
    for (Term q = form_get(e, 4); term_is_cons(q); q = term_tail(q)) {
        Term x = term_head(q);
        if (form_is(x, ATOM_generate) || form_is(x, ATOM_b_generate)) {
            notice_expr(n, form_get(x, 4), WANT_VALUE);
            Term patterns = heap_cons(&n->u->heap, form_get(x, 3), TERM_NIL);
            notice_hide(n, patterns);
            notice_bind_all(n, form_get(x, 3));
        } else if (form_is(x, ATOM_m_generate) || form_is(x, ATOM_zip)) {
            n->count = mark;
            return know_nothing(n); // newer than what is imitated here
        } else {
            notice_expr(n, x, WANT_VALUE);
        }
    }
    bool list = form_is(e, ATOM_lc); // for effect only: so is its template
    if (!form_is(e, ATOM_mc))
        notice_expr(n, form_get(e, 3),
                    list && is_effect(want) ? WANT_EFFECT : WANT_VALUE);
    n->count = mark;
    n->is_dead = false;
    return know_nothing(n);
}

// ---- = and what has clauses ----

// Of the whole function: a name that another clause uses as well counts as
// used, which is less than OTP knows and never too much.
static uintptr_t uses_of(const Notice *n, Term name)
{
    return (uintptr_t)table_get(&n->counts, table_atom_key(name));
}

// V = E, where V is new. If nobody uses V, and the match is for its effect, E
// is walked for its effect: `X = {a}, ok' builds for nothing.
static Know *bind_variable(Notice *n, Term name, Term e, Want want)
{
    bool underscored = atom_text(n->u->atoms, name)->bytes[0] == '_';
    bool quiet = n->quiet;
    n->quiet |= underscored; // _X = f(): so wished
    bool unused = uses_of(n, name) <= 1 && want != WANT_VALUE;
    Know *k;
    // A literal takes the variable's place and is gone.
    if (unused && !form_is(e, ATOM_match)
        && term_is_none(form_constant(n->u, e)))
        k = notice_expr(n, e, WANT_EFFECT);
    else
        k = notice_expr(n, e, WANT_VALUE);
    n->quiet = quiet;
    if (!term_same(name, ATOM_underscore)) {
        bool seen = k->is_data || !term_is_none(k->variable);
        // Only tuples are seen through, and literals.
        if (k->kind == KNOW_CONS) seen = false;
        notice_bind(n, name, seen ? k : NULL);
    }
    return k;
}

// P1 = P2 = E is one pattern, P1 = P2, of E: v3_core puts them together before
// it looks at any.
static Term fold_match(Notice *n, Term e, Term *right)
{
    Heap *h = &n->u->heap;
    Term p = form_get(e, 3);
    *right = form_get(e, 4);
    for (; form_is(*right, ATOM_match); *right = form_get(*right, 4))
        p = heap_tuple(h, 4, (Term[]){ATOM_match, form_get(*right, 2), p,
                                      form_get(*right, 3)});
    return p;
}

// A new variable takes what E is; everything else is a match that may never
// hold.
static Know *match(Notice *n, Term e, Want want)
{
    Term right, p = fold_match(n, e, &right);
    if (form_is(p, ATOM_var)
        && (term_same(form_get(p, 3), ATOM_underscore)
            || notice_find(n, form_get(p, 3)) == NULL))
        return bind_variable(n, form_get(p, 3), right, want);
    Know *k = notice_expr(n, right, WANT_VALUE);
    notice_match(n, p, k, form_get(e, 2));
    return k;
}

// What the body's value is known to be is known in the clauses of `of' only if
// it is a literal: v3_core puts a variable between.
static Know *try(Notice *n, Term e)
{
    size_t mark = n->count;
    Know *nothing = know_nothing(n), *parts[] = {nothing};
    Know *k = notice_body(n, form_get(e, 3), WANT_VALUE);
    n->is_dead = false; // what it raises may be caught
    if (k->kind == KNOW_LITERAL) parts[0] = k;
    if (term_is_cons(form_get(e, 4)))
        notice_clauses(n, form_get(e, 4), 1, parts, TERM_NIL, WANT_VALUE);
    n->count = mark;
    // Each handler starts from what was known before the try.
    for (Term c = form_get(e, 5); term_is_cons(c); c = term_tail(c)) {
        notice_hide(n, form_get(term_head(c), 3));
        notice_bind_all(n, term_head(form_get(term_head(c), 3)));
        notice_guard(n, form_get(term_head(c), 4));
        notice_body(n, form_get(term_head(c), 5), WANT_VALUE);
        n->count = mark;
        n->is_dead = false;
    }
    if (term_is_cons(form_get(e, 6)))
        notice_body(n, form_get(e, 6), WANT_EFFECT); // after: for its effects
    n->count = mark;
    n->is_dead = false;
    return nothing;
}

// Of a message nothing is known. Clauses that never match are told as in a
// case, but no clause at all is not: a receive waits.
static Know *receive(Notice *n, Term e, Want want)
{
    Know *parts[] = {know_nothing(n)};
    size_t mark = n->count;
    if (term_arity(e) == 5) notice_expr(n, form_get(e, 4), WANT_VALUE);
    bool was_dead = n->is_dead;
    if (term_is_cons(form_get(e, 3)))
        notice_clauses(n, form_get(e, 3), 1, parts, TERM_NIL, want);
    if (term_arity(e) == 5) notice_body(n, form_get(e, 5), want);
    n->count = mark;
    // Each clause is a way of its own.
    n->is_dead = was_dead;
    return know_nothing(n);
}

// The subject is one value, and its place that of the case.
static Know *case_of(Notice *n, Term e, Want want)
{
    Know *parts[] = {notice_expr(n, form_get(e, 3), WANT_VALUE)};
    return notice_clauses(n, form_get(e, 4), 1, parts, form_get(e, 2), want);
}

// All but the last for their effects. Behind a match that never holds nothing
// is told any more (is_dead).
Know *notice_body(Notice *n, Term exprs, Want want)
{
    Know *k = NULL;
    for (; term_is_cons(exprs); exprs = term_tail(exprs)) {
        bool last = term_is_nil(term_tail(exprs));
        k = notice_expr(n, term_head(exprs), last ? want : WANT_EFFECT);
    }
    return k != NULL ? k : know_nothing(n);
}

// What is not listed is newer than the passes that are imitated.
static Know *one(Notice *n, Term e, Want want)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_var: return variable(n, e, want);
    case ATOM_BITS_atom: case ATOM_BITS_integer: case ATOM_BITS_float:
    case ATOM_BITS_char: case ATOM_BITS_string:
        return literal(n, e, want);
    case ATOM_BITS_nil: return know_literal(n, TERM_NIL);
    case ATOM_BITS_cons: return cons(n, e, want);
    case ATOM_BITS_tuple: return tuple(n, e, want);
    case ATOM_BITS_map: return map(n, e, want);
    case ATOM_BITS_bin: return notice_binary(n, e, want);
    case ATOM_BITS_record: case ATOM_BITS_record_field:
    case ATOM_BITS_record_index:
        return record(n, e, want);
    case ATOM_BITS_call: return call(n, e, want);
    case ATOM_BITS_op: return operator(n, e, want);
    case ATOM_BITS_match: return match(n, e, want);
    case ATOM_BITS_block: return notice_body(n, form_get(e, 3), want);
    case ATOM_BITS_case: return case_of(n, e, want);
    case ATOM_BITS_if:
        return notice_clauses(n, form_get(e, 3), 0, NULL, form_get(e, 2), want);
    case ATOM_BITS_fun: case ATOM_BITS_named_fun: return fun(n, e, want);
    case ATOM_BITS_lc: case ATOM_BITS_bc: case ATOM_BITS_mc:
        return comprehension(n, e, want);
    case ATOM_BITS_try: return try(n, e);
    case ATOM_BITS_receive: return receive(n, e, want);
    case ATOM_BITS_catch: // it may fail and go on behind the catch
        notice_expr(n, form_get(e, 3), WANT_VALUE);
        n->is_dead = false;
        return know_nothing(n);
    default: return know_nothing(n);
    }
}

// Depth is bounded quietly: the builder tells of too deep a nest.
Know *notice_expr(Notice *n, Term e, Want want)
{
    if (n->depth >= DEPTH_MOST || n->is_dead) return know_nothing(n);
    n->depth++;
    Know *k = one(n, e, want);
    n->depth--;
    return k;
}

// ---- functions ----

// Counts how often each variable is named in [t], bindings included: one that
// is named once is bound and never used.
static void count_variables(Notice *n, Term t)
{
    for (; term_is_cons(t); t = term_tail(t)) count_variables(n, term_head(t));
    if (!term_is_tuple(t)) return;
    // Any tuple {var, A, Name}; what else may look so is harmless here.
    if (term_arity(t) == 3 && form_is(t, ATOM_var)
        && term_is_atom(form_get(t, 3))) {
        uint64_t key = table_atom_key(form_get(t, 3));
        uintptr_t count = (uintptr_t)table_get(&n->counts, key);
        table_put(&n->counts, &n->u->arena, key, (void *)(count + 1));
        return;
    }
    for (size_t i = 0; i < term_arity(t); i++)
        count_variables(n, term_tuple_get(t, i));
}

// Nothing is known of arguments, and nothing outlives a function.
static void function(Unit *u, const Definition *d)
{
    Notice n = {.u = u, .file = d->place.file, .function = d->name,
                .arity = d->arity};
    n.unfolded = unit_option(u->options, ATOM_no_copt);
    Know **values = arena_alloc(&u->arena, (d->arity + 1) * sizeof *values);
    for (size_t i = 0; i < d->arity; i++) values[i] = know_nothing(&n);
    count_variables(&n, d->clauses);
    Term anno = form_get(term_head(d->clauses), 2);
    notice_clauses(&n, d->clauses, d->arity, values, anno, WANT_VALUE);
}

// In the order of the source, as everything is told.
void notice_module(Unit *u)
{
    for (size_t i = 0; i < u->order_count; i++)
        // Functions that were made by the compiler have none.
        if (term_is_cons(u->order[i]->clauses)) function(u, u->order[i]);
}
