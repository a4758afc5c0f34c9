// SPDX-License-Identifier: Apache-2.0
// Lint of types: what types name, type variables that occur once, types that
// nothing reaches, specifications.
//
// Types may be named before they are defined, so each use is only noted with
// its place; in the end undefined ones are told of at every use. A type is
// used when something that counts names it (a specification, a record, an
// export), or another type that is used.
//
// Types of other modules are not looked up: their modules need not be there
// when this one is compiled. Errors of a definition are told even if nothing
// uses it.
#include "lint_state.h"

#include "compare.h"
#include "obsolete.h"
#include "operator.h"
#include "predefined_type.h"

// Type variables of one declaration.
typedef struct {
    Term name, anno;
    bool again; // it stands more than once
} TypeVar;

typedef struct {
    TypeVar *items; // in the order in which they are first named
    size_t count, room;
    Entity *from; // the type whose definition this is; NULL: something used
} Scope;

static void check_type(Lint *l, Term t, Scope *s);

// Whether the module may define a type of this name, which is built in, without
// a word: OTP 26 lets all modules do so, with a warning that this option is
// against; to OTP 25 dynamic() is a name like any other.
static bool may_be_own(const Lint *l, Term name, size_t arity)
{
    static const char option[] = "nowarn_redefined_builtin_type";
    if (term_same(name, ATOM_dynamic)) return true;
    // Nobody has named it, mostly.
    Term own = atom_find(l->node->atoms, option, sizeof option - 1);
    if (term_is_none(own)) return false;
    for (Term o = l->options; term_is_cons(o); o = term_tail(o))
        if (term_same(term_head(o), own)) return true;
    return lint_option_names(l, own, name, arity);
}

// Notes that type name/arity is named; what it is is told in the end. The list
// of an entity holds both places that name it (with anno) and types that its
// definition names (without), as with functions.
static void use_type(Lint *l, Term anno, Term name, size_t arity, Scope *s)
{
    Entity *t = entity_get(l, &l->types, name, arity);
    places_add(l, &t->calls, (Place){name, arity, anno, l->file});
    // A type that only an unused type names is unused, too.
    if (s->from == NULL)
        t->is_used = true;
    else
        places_add(l, &s->from->calls,
                   (Place){name, arity, TERM_NONE, l->file});
}

static void check_types(Lint *l, Term list, Scope *s) // arguments, elements
{
    for (; term_is_cons(list); list = term_tail(list))
        check_type(l, term_head(list), s);
}

// Variables are scoped by the declaration. A second occurrence is all that is
// asked: it ties two places together.
static void see_variable(Lint *l, Term t, Scope *s)
{
    Term name = form_arg(t, 0);
    // `_' is any type, as often as one likes.
    if (term_same(name, ATOM_underscore)) return;
    for (size_t i = 0; i < s->count; i++) {
        if (!term_same(s->items[i].name, name)) continue;
        s->items[i].again = true;
        return;
    }
    if (s->count == s->room)
        s->items = arena_grow(&l->arena, s->items, s->count, &s->room,
                              sizeof *s->items);
    s->items[s->count++] = (TypeVar){name, form_anno(t), false};
}

// The text is that of the attribute in the module that has the type.
static void check_obsolete(Lint *l, Term t, Term module, Term name,
                           size_t arity)
{
    const Obsolete *o
        = obsolete_find(l->node->atoms, OBSOLETE_TYPE, module, name, arity);
    if (o == NULL || (!o->removed && !l->warns[WARN_DEPRECATED_TYPE])) return;
    Term mna = heap_tuple3(l->heap, module, name, term_small((intptr_t)arity));
    Term text = term_tuple_get(obsolete_tuple(l->heap, o, TERM_NONE), 1);
    lint_warning(l, form_anno(t),
                 lint_tuple2(l, o->removed ? ATOM_removed_type
                                           : ATOM_deprecated_type,
                             mna, text));
}

// m:t() of this module is t(): it counts as a use and must be defined.
static void check_remote(Lint *l, Term t, Scope *s)
{
    Term list = form_arg(t, 0);
    Term module = term_head(list), name = term_head(term_tail(list));
    Term args = term_head(term_tail(term_tail(list)));
    // What other modules define is not looked up here.
    if (form_is(module, ATOM_BITS_atom) && form_is(name, ATOM_BITS_atom)) {
        lint_check_module_name(l, form_anno(t), form_arg(module, 0));
        check_obsolete(l, t, form_arg(module, 0), form_arg(name, 0),
                       form_count(args));
    }
    if (form_is(module, ATOM_BITS_atom)
        && term_same(form_arg(module, 0), l->module)) {
        use_type(l, form_anno(t), form_arg(name, 0), form_count(args), s);
    }
    check_types(l, args, s);
}

// A record may be named with types of fields that narrow those of its
// definition; the fields must be there, each once.
static void check_record(Lint *l, Term t, Scope *s)
{
    Term list = form_arg(t, 1);
    Term name = form_arg(term_head(list), 0);
    RecordInfo *r = record_find(l, name);
    if (r == NULL) {
        lint_error(l, form_anno(t),
                   lint_tuple1(l, ATOM_undefined_record, name));
        return;
    }
    // #r{} in a type is a use of the record.
    r->used = true;
    Term seen = TERM_NIL;
    for (Term f = term_tail(list); term_is_cons(f); f = term_tail(f)) {
        Term field = term_head(f);
        // A parse transform may have put anything there.
        if (!form_is(field, ATOM_BITS_type)
            || !term_same(form_arg(field, 0), ATOM_field_type)) {
            lint_error(l, form_anno(t),
                       lint_tuple1(l, ATOM_type_syntax, ATOM_record));
            return;
        }
        Term parts = form_arg(field, 1), key = form_arg(term_head(parts), 0);
        for (Term x = seen; term_is_cons(x); x = term_tail(x))
            if (term_same(term_head(x), key))
                lint_error(l, form_anno(term_head(parts)),
                           lint_tuple2(l, ATOM_redefine_field, name, key));
        seen = heap_cons(l->heap, key, seen);
        lint_record_field(l, term_head(parts), name, r->fields);
        check_type(l, term_head(term_tail(parts)), s);
    }
}

// The value of an expression of constants, which must not shift far; TERM_NONE
// when it has none.
static Term value_of(Lint *l, Term t)
{
    enum { SHIFT_MOST = 4096 };
    if (form_is(t, ATOM_BITS_integer) || form_is(t, ATOM_BITS_char)
        || form_is(t, ATOM_BITS_atom))
        return form_arg(t, 0);
    if (!form_is(t, ATOM_BITS_op)) return TERM_NONE;
    Term name = form_arg(t, 0), a = value_of(l, form_arg(t, 1));
    if (term_is_none(a)) return TERM_NONE;
    if (form_arity(t) == 2)
        return operator_prefix(l->heap, name, a);
    Term b = value_of(l, form_arg(t, 2));
    if (term_is_none(b)) return TERM_NONE;
    bool shifts = term_same(name, ATOM_bsl) || term_same(name, ATOM_bsr);
    if (shifts && (!term_is_small(b) || term_small_value(b) > SHIFT_MOST
                   || term_small_value(b) < -SHIFT_MOST))
        return TERM_NONE;
    return operator_infix(l->heap, l->node->atoms, name, a, b);
}

// Of a type that is a number.
static void check_integer(Lint *l, Term t)
{
    Term value = value_of(l, t);
    if (term_is_none(value) || !term_is_integer(value))
        lint_error(l, form_anno(t),
                   lint_tuple1(l, ATOM_type_syntax, ATOM_integer));
}

// A pair of integers as the type [t] has them.
static bool get_pair(Lint *l, Term t, Term pair[2])
{
    pair[0] = value_of(l, term_head(form_arg(t, 1)));
    pair[1] = value_of(l, term_head(term_tail(form_arg(t, 1))));
    return !term_is_none(pair[0]) && term_is_integer(pair[0])
           && !term_is_none(pair[1]) && term_is_integer(pair[1]);
}

// A range goes up.
static void check_range(Lint *l, Term t)
{
    Term pair[2];
    if (!get_pair(l, t, pair)
        || term_compare(l->node->atoms, pair[0], pair[1]) >= 0)
        lint_error(l, form_anno(t),
                   lint_tuple1(l, ATOM_type_syntax, ATOM_range));
}

// <<_:M, _:_*N>>: no number of bits is below 0.
static void check_binary(Lint *l, Term t)
{
    Term pair[2];
    bool good = get_pair(l, t, pair);
    for (size_t i = 0; i < 2 && good; i++)
        good = term_compare(l->node->atoms, pair[i], term_small(0)) >= 0;
    if (!good)
        lint_error(l, form_anno(t),
                   lint_tuple1(l, ATOM_type_syntax, ATOM_binary));
}

// As fun(), fun((...) -> T) or fun((A, B) -> T).
static void check_fun(Lint *l, Term t, Scope *s)
{
    Term list = form_arg(t, 1);
    if (form_count(list) == 2) {
        Term domain = term_head(list);
        // fun((...) -> T), or a product of argument types.
        bool good = form_is(domain, ATOM_BITS_type)
                    && (term_same(form_arg(domain, 0), ATOM_product)
                        || term_same(form_arg(domain, 0), ATOM_any));
        if (!good)
            lint_error(l, form_anno(t),
                       lint_tuple1(l, ATOM_type_syntax, ATOM_fun));
    }
    check_types(l, list, s);
}

// [Fun, [Constraint]]; a constraint holds [is_subtype, [Variable, Type]], as in
// `-spec f(X) -> X when X :: t()'.
static void check_bounded_fun(Lint *l, Term t, Scope *s)
{
    Term list = form_arg(t, 1);
    check_type(l, term_head(list), s);
    Term constraints = term_head(term_tail(list));
    for (; term_is_cons(constraints); constraints = term_tail(constraints)) {
        Term c = form_arg(term_head(constraints), 1);
        // In `when X :: t()' X counts as named once more.
        check_types(l, term_head(term_tail(c)), s);
    }
}

// Those with a syntax of their own; others have types as arguments.
static void check_builtin(Lint *l, Term t, Scope *s)
{
    Term name = form_arg(t, 0);
    Term args = form_arity(t) > 1 ? form_arg(t, 1) : TERM_NIL;
    switch (name.bits) {
    case ATOM_BITS_record: check_record(l, t, s); return;
    case ATOM_BITS_range: check_range(l, t); return;
    case ATOM_BITS_fun: check_fun(l, t, s); return;
    case ATOM_BITS_bounded_fun: check_bounded_fun(l, t, s); return;
    case ATOM_BITS_binary: // two numbers instead of types
        if (form_count(args) != 2) break;
        check_binary(l, t);
        return;
    case ATOM_BITS_bool:
        if (!term_is_nil(args)) break;
        lint_warning(l, form_anno(t),
                     lint_tuple2(l, ATOM_renamed_type, ATOM_bool,
                                 ATOM_boolean));
        return;
    default: break;
    }
    // The module's own type of that name, if there is one.
    size_t arity = form_count(args);
    if (predefined_type_has(name, arity) && may_be_own(l, name, arity))
        use_type(l, form_anno(t), name, arity, s);
    check_types(l, args, s);
}

// What no case names (atoms, integers) names no type.
static void check_type(Lint *l, Term t, Scope *s)
{
    if (!term_is_tuple(t) || term_arity(t) < 2) return;
    switch (term_tuple_get(t, 0).bits) {
    case ATOM_BITS_ann_type: // X :: T, the name is a comment
        check_type(l, term_head(term_tail(form_arg(t, 0))), s);
        return;
    case ATOM_BITS_paren_type: check_types(l, form_arg(t, 0), s); return;
    case ATOM_BITS_remote_type: check_remote(l, t, s); return;
    case ATOM_BITS_var: see_variable(l, t, s); return;
    case ATOM_BITS_type: check_builtin(l, t, s); return;
    case ATOM_BITS_op: check_integer(l, t); return;
    case ATOM_BITS_user_type:
        use_type(l, form_anno(t), form_arg(t, 0),
                 form_count(form_arg(t, 1)), s);
        check_types(l, form_arg(t, 1), s);
        return;
    default: return;
    }
}

// Which is told at the variable, in the order in which they were named.
static void end_scope(Lint *l, const Scope *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const TypeVar *v = s->items + i;
        // -type t(A) :: list(B): a variable that stands once says nothing and
        // may be a slip; names with _ in front are meant so.
        if (v->again || atom_text(l->node->atoms, v->name)->bytes[0] == '_')
            continue;
        lint_error(l, v->anno,
                   lint_tuple1(l, ATOM_singleton_typevar, v->name));
    }
}

// Fields of a record are one scope, as erl_lint has them: the same variable in
// two fields is not single.
void lint_type_attribute_types(Lint *l, Term types)
{
    Scope s = {0};
    check_types(l, types, &s);
    end_scope(l, &s);
}

// ---- -type and -opaque: {Name, Type, Variables} ----
// An opaque type that is term() hides nothing.

static bool is_underspecified(Term type, size_t arity)
{
    if (arity > 0 || !form_is(type, ATOM_BITS_type)) return false;
    Term name = form_arg(type, 0);
    return term_same(name, ATOM_term) || term_same(name, ATOM_any);
}

// A wrong definition is not looked into, but for one that is merely opaque
// without need.
void lint_type_definition(Lint *l, Term attribute, Term anno, Term value)
{
    if (!term_is_tuple_of(value, 3)) return;
    Term name = term_tuple_get(value, 0), type = term_tuple_get(value, 1);
    Term args = term_tuple_get(value, 2);
    size_t arity = form_count(args);
    if (term_is_tuple(name)) { // {record, Name}: see form_check.c
        Term field = term_tuple_get(term_head(type), 1);
        lint_error(l, form_anno(field), ATOM_old_abstract_code);
        return;
    }
    // -type list() :: ... would hide a type that is known everywhere.
    if (predefined_type_has(name, arity) && !may_be_own(l, name, arity)
        && !lint_has_option(l, ATOM_no_auto_import_types)) {
        lint_error(l, anno,
                   lint_function_tuple(l, ATOM_builtin_type, name, arity));
        return;
    }
    Entity *t = entity_get(l, &l->types, name, arity);
    if (t->is_defined) {
        lint_error(l, anno,
                   lint_function_tuple(l, ATOM_redefine_type, name, arity));
        return;
    }
    if (term_same(attribute, ATOM_opaque) && is_underspecified(type, arity))
        lint_warning(l, anno,
                     lint_function_tuple(l, ATOM_underspecified_opaque, name,
                                         arity));
    // The first definition counts.
    t->is_defined = true;
    t->anno = anno;
    t->file = l->file;
    t->attribute = attribute;
    Scope s = {.from = t};
    check_type(l, type, &s);
    // After the type: a parameter that the type names stands twice.
    check_types(l, args, &s);
    end_scope(l, &s);
}

// An export counts as a use, so that an exported type is never unused, but also
// as a place where it is told of when it is not defined.
void lint_export_type(Lint *l, Term anno, Term types)
{
    Scope s = {0};
    for (; term_is_cons(types); types = term_tail(types)) {
        Term t = term_head(types);
        if (!term_is_tuple_of(t, 2) || !term_is_atom(term_tuple_get(t, 0))
            || !term_is_small(term_tuple_get(t, 1))) {
            lint_error(l, anno,
                       lint_tuple1(l, ATOM_bad_export_type, types));
            return;
        }
        Term name = term_tuple_get(t, 0);
        size_t arity = (size_t)term_small_value(term_tuple_get(t, 1));
        Entity *e = entity_get(l, &l->types, name, arity);
        if (e->is_exported)
            lint_warning(l, anno,
                         lint_function_tuple(l, ATOM_duplicated_export_type,
                                             name, arity));
        else
            use_type(l, anno, name, arity, &s);
        e->is_exported = true;
    }
}

// ---- -spec and -callback: {{F, A} or {M, F, A}, [FunType]} ----
// Both are checked alike; a callback has a list of its own, may not name a
// module, and nobody asks whether the function is there.

// The form of the type knows the number of arguments, the attribute says it
// once more.
static void check_arity(Lint *l, Term type, size_t arity, Term error)
{
    Term list = form_arg(type, 1);
    if (term_same(form_arg(type, 0), ATOM_bounded_fun)) {
        check_arity(l, term_head(list), arity, error);
        return;
    }
    // Of fun((...) -> T) the domain is `any' and says nothing.
    Term domain = term_head(list);
    if (form_is(domain, ATOM_BITS_type)
        && term_same(form_arg(domain, 0), ATOM_product)
        && form_count(form_arg(domain, 1)) != arity)
        lint_error(l, form_anno(type), error);
}

// Each of several signatures is a scope: X in one says nothing of X in the
// other.
static void check_spec_types(Lint *l, Term types, size_t arity, Term error)
{
    for (; term_is_cons(types); types = term_tail(types)) {
        Scope s = {0};
        check_arity(l, term_head(types), arity, error);
        check_type(l, term_head(types), &s);
        end_scope(l, &s);
    }
}

// A module in front must be this one; a spec for another is an error, and its
// types are checked all the same.
void lint_spec(Lint *l, Term anno, Term value, bool is_callback)
{
    if (!term_is_tuple_of(value, 2)) return;
    Term mfa = term_tuple_get(value, 0);
    size_t n = term_arity(mfa);
    Term name = term_tuple_get(mfa, n - 2);
    size_t arity = (size_t)term_small_value(term_tuple_get(mfa, n - 1));
    // -spec m:f() of another module than this one.
    bool other = n == 3 && !term_same(term_tuple_get(mfa, 0), l->module);
    Places *all = is_callback ? &l->callbacks : &l->specs;
    // Without -module there is nothing for the spec to be of.
    if (n == 2 && !is_callback && term_is_none(l->module))
        lint_error(l, anno, ATOM_empty_module_name);
    if (n == 3) lint_check_module_name(l, anno, term_tuple_get(mfa, 0));
    if (is_callback && n == 3) {
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_callback, mfa));
        return;
    }
    Place *before = other ? NULL : places_find(all, name, arity);
    if (before != NULL) {
        // Of several the last one is told of afterwards.
        before->anno = anno;
        lint_error(l, anno,
                   lint_tuple1(l, is_callback ? ATOM_redefine_callback
                                              : ATOM_redefine_spec, mfa));
        return;
    }
    if (other)
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_module, mfa));
    else
        places_add(l, all, (Place){name, arity, anno, l->file});
    check_spec_types(l, term_tuple_get(value, 1), arity,
                     is_callback ? ATOM_callback_wrong_arity
                                 : ATOM_spec_wrong_arity);
}

// ---- in the end ----
// As with functions: from those that count to those that they name.

static void reach(Lint *l, Entity *t)
{
    if (t->is_reached) return;
    t->is_reached = true;
    for (size_t i = 0; i < t->calls.count; i++) {
        const Place *p = t->calls.items + i;
        if (!term_is_none(p->anno)) continue; // a place that names [t]
        reach(l, entity_get(l, &l->types, p->name, p->arity));
    }
}

// At each place: a type that is misspelled ten times is told ten times.
static void check_undefined(Lint *l, const Entity *t)
{
    if (t->is_defined || predefined_type_has(t->name, t->arity)) return;
    Term file = l->file;
    for (size_t i = 0; i < t->calls.count; i++) {
        const Place *p = t->calls.items + i;
        if (term_is_none(p->anno)) continue;
        l->file = p->file;
        lint_error(l, p->anno,
                   lint_function_tuple(l, ATOM_undefined_type, t->name,
                                       t->arity));
    }
    l->file = file;
}

// Types of header files may be for others, so they are not told as unused.
static void check_definition(Lint *l, const Entity *t, Term main_file)
{
    Term file = l->file;
    l->file = t->file;
    // Types of header files may be for others.
    if (l->warns[WARN_UNUSED_TYPE] && !t->is_reached
        && term_exact_equal(t->file, main_file))
        lint_warning(l, t->anno,
                     lint_function_tuple(l, ATOM_unused_type, t->name,
                                         t->arity));
    // Nobody else could name it, so it hides nothing.
    if (term_same(t->attribute, ATOM_opaque) && !t->is_exported)
        lint_warning(l, t->anno,
                     lint_function_tuple(l, ATOM_not_exported_opaque, t->name,
                                         t->arity));
    l->file = file;
}

// Undefined ones first, then warnings about definitions, in the order of first
// mention: warnings are sorted later, errors are not.
void lint_check_types(Lint *l)
{
    for (size_t i = 0; i < l->types.count; i++)
        if (l->types.items[i]->is_used) reach(l, l->types.items[i]);
    for (size_t i = 0; i < l->types.count; i++)
        check_undefined(l, l->types.items[i]);
    for (size_t i = 0; i < l->types.count; i++)
        if (l->types.items[i]->is_defined)
            check_definition(l, l->types.items[i], l->file);
}
