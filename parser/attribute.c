// SPDX-License-Identifier: Apache-2.0
// Attributes: what the expressions behind an attribute's name mean. Where they
// mean nothing, the first failure is noted with the grammar, in erl_parse's
// words.
// This runs as the action of a whole form, when its dot was seen. OTP's
// build_attribute has the same cases in the same order, since the first error
// is the one that is shown.
#include "abstract.h"
#include "grammar_part.h"
#include "map.h"

// What every builder needs.
typedef struct {
    Grammar *g;    // whose heap and failures
    uint32_t name; // token
    size_t next;   // token behind the attribute
} Attribute;

static bool is_form(Term t, Term tag, size_t arity)
{
    return term_is_tuple_of(t, arity) && term_same(term_tuple_get(t, 0), tag);
}

// As an atom; words such as "if" are no attribute names.
static Term name_of(const Attribute *a)
{
    return token_at(a->g, a->name)->value;
}

// Any value will do as an answer, for the failure ends the parse.
static Term fail_at(const Attribute *a, Term form, const char *text)
{
    grammar_fail_text(a->g, a->next, grammar_leftmost(a->g, form), text);
    return TERM_NIL;
}

// "bad Name declaration" as io_lib:format makes it: ["bad ", Name |
// " declaration"], nested as OTP nests it. Who formats the descriptor flattens
// it.
static Term declaration_text(const Attribute *a, Term name)
{
    static const char before[] = "bad ", behind[] = " declaration";
    Heap *h = a->g->heap;
    const AtomText *text = atom_text(a->g->atoms, name);
    Term rest = heap_string(h, behind, sizeof behind - 1, TERM_NIL);
    Term middle = heap_string_utf8(h, text->bytes, text->size, TERM_NIL);
    return heap_string(h, before, sizeof before - 1,
                       heap_cons(h, middle, rest));
}

static Term fail_declaration(const Attribute *a, Term anno)
{
    grammar_fail(a->g, a->next, anno, declaration_text(a, name_of(a)));
    return TERM_NIL;
}

// At the place of what is leftmost in [form].
static Term bad_declaration(const Attribute *a, Term form)
{
    return fail_declaration(a, grammar_leftmost(a->g, form));
}

// {attribute, Anno, Name, Value}; the place is the name's, not the '-'.
static Term build(const Attribute *a, Term value)
{
    return heap_tuple(a->g->heap, 4,
                      (Term[]){ATOM_attribute, anno_at(a->g, a->name),
                               name_of(a), value});
}

// ---- lists of names ----

// [Name/Arity, ...] as a form to pairs.
// -export([f/1]): read as an expression, f/1 is a division.
static Term build_arities(const Attribute *a, Term form)
{
    Term list = TERM_NIL, *end = &list;
    for (; is_form(form, ATOM_cons, 4); form = term_tuple_get(form, 3)) {
        Term op = term_tuple_get(form, 2);
        if (!is_form(op, ATOM_op, 5)
            || !term_same(term_tuple_get(op, 2), ATOM_slash))
            break; // the rest is named in the error
        Term name = term_tuple_get(op, 3), arity = term_tuple_get(op, 4);
        if (!is_form(name, ATOM_atom, 3))
            return fail_at(a, name, "bad function name");
        if (!is_form(arity, ATOM_integer, 3))
            return fail_at(a, arity, "bad function arity");
        Term pair = heap_tuple2(a->g->heap, term_tuple_get(name, 2),
                                term_tuple_get(arity, 2));
        *end = heap_cons(a->g->heap, pair, TERM_NIL);
        end = term_cons_ptr(*end) + 1;
    }
    // Also of [f/1 | X]: a tail that is not nil.
    if (!is_form(form, ATOM_nil, 2)) return fail_at(a, form, "bad Name/Arity");
    return list;
}

// -module(m, [A, B]): for parameterized modules, which lint refuses.
static Term build_variables(const Attribute *a, Term form)
{
    Term list = TERM_NIL, *end = &list;
    for (; is_form(form, ATOM_cons, 4); form = term_tuple_get(form, 3)) {
        Term var = term_tuple_get(form, 2);
        if (!is_form(var, ATOM_var, 3)) break;
        *end = heap_cons(a->g->heap, term_tuple_get(var, 2), TERM_NIL);
        end = term_cons_ptr(*end) + 1;
    }
    if (!is_form(form, ATOM_nil, 2))
        return fail_at(a, form, "bad variable list");
    return list;
}

// ---- records ----

// {record_field, A, Name} or {record_field, A, Name, Default}; nil of others.
// "a = 1" in a record is a match by the expression's grammar.
static Term build_plain_field(const Attribute *a, Term form)
{
    Heap *h = a->g->heap;
    bool has_default = is_form(form, ATOM_match, 4);
    Term name = has_default ? term_tuple_get(form, 2) : form;
    // 'X = 1' and "f()" are no fields.
    if (!is_form(name, ATOM_atom, 3))
        return fail_at(a, form, "bad record field");
    Term anno = term_tuple_get(name, 1);
    // A field's annotation is that of its name.
    Term copy = heap_tuple3(h, ATOM_atom, anno, term_tuple_get(name, 2));
    if (!has_default) return heap_tuple3(h, ATOM_record_field, anno, copy);
    return heap_tuple(h, 4, (Term[]){ATOM_record_field, anno, copy,
                                     term_tuple_get(form, 3)});
}

// {typed_record_field, Field, Type}; the grammar made {typed, Expr, Type}.
static Term build_field(const Attribute *a, Term form)
{
    if (!is_form(form, ATOM_typed, 3)) return build_plain_field(a, form);
    return heap_tuple3(a->g->heap, ATOM_typed_record_field,
                       build_plain_field(a, term_tuple_get(form, 1)),
                       term_tuple_get(form, 2));
}

// The record's name and its fields from a tuple form.
// -record(r, {a, b = 1}): {attribute, A, record, {r, Fields}}.
static Term build_record(const Attribute *a, Term name, Term tuple)
{
    if (!is_form(tuple, ATOM_tuple, 3))
        return fail_at(a, tuple, "bad record declaration");
    Term list = TERM_NIL, *end = &list;
    // A bad field notes its failure and is nil in the list.
    for (Term f = term_tuple_get(tuple, 2); term_is_cons(f); f = term_tail(f)) {
        *end = heap_cons(a->g->heap, build_field(a, term_head(f)), TERM_NIL);
        end = term_cons_ptr(*end) + 1;
    }
    return build(a, heap_tuple2(a->g->heap, term_tuple_get(name, 2), list));
}

// ---- types ----

// nominal is of OTP 28; without meaning before.
static bool is_type_name(Term name)
{
    return term_same(name, ATOM_type) || term_same(name, ATOM_opaque)
           || term_same(name, ATOM_nominal);
}

// Only variables with names stand behind a type's name; "_" is looked for
// first.
// Two walks, as OTP's clauses are tried one after the other: with a bad pattern
// and a '_' the latter is reported.
static bool check_parameters(const Attribute *a, Term parameters)
{
    for (Term p = parameters; term_is_cons(p); p = term_tail(p)) {
        Term var = term_head(p);
        if (!is_form(var, ATOM_var, 3)
            || !term_same(term_tuple_get(var, 2), ATOM_underscore))
            continue;
        fail_at(a, var, "bad type variable");
        return false;
    }
    for (Term p = parameters; term_is_cons(p); p = term_tail(p)) {
        if (is_form(term_head(p), ATOM_var, 3)) continue;
        fail_at(a, term_head(p), "bad type variable");
        return false;
    }
    return true;
}

// What had a "::" somewhere: a typed record or a type.
static Term build_typed(const Attribute *a, const Item *value)
{
    Term name = name_of(a), head = value->value;
    // -record(foo(), {...}) falls through to the failures below.
    if (value->kind == ATTRIBUTE_RECORD && term_same(name, ATOM_record)
        && is_form(head, ATOM_atom, 3))
        return build_record(a, head, value->second);
    if (value->kind == ATTRIBUTE_TYPE && is_type_name(name)
        && is_form(head, ATOM_call, 4)
        && is_form(term_tuple_get(head, 2), ATOM_atom, 3)) {
        Term parameters = term_tuple_get(head, 3);
        if (!check_parameters(a, parameters)) return TERM_NIL;
        // {Name, Type, Parameters}
        return build(a, heap_tuple3(a->g->heap,
                                    term_tuple_get(term_tuple_get(head, 2), 2),
                                    value->second, parameters));
    }
    Term anno = anno_at(a->g, a->name);
    // These names announce a declaration; others are attributes whose value
    // makes no sense.
    if (term_same(name, ATOM_record) || is_type_name(name))
        return fail_declaration(a, anno);
    grammar_fail_text(a->g, a->next, anno, "bad attribute");
    return TERM_NIL;
}

// ---- documentation ----

static bool is_atom_form(Term t, Term name)
{
    return is_form(t, ATOM_atom, 3) && term_same(term_tuple_get(t, 2), name);
}

// The call that a field of -doc #{equiv => f(X)} holds, else TERM_NONE.
static Term equivalent_call(Term field)
{
    if (!is_form(field, ATOM_map_field_assoc, 4)
        || !is_atom_form(term_tuple_get(field, 2), ATOM_equiv)
        || !is_form(term_tuple_get(field, 3), ATOM_call, 4))
        return TERM_NONE;
    return term_tuple_get(field, 3);
}

// A map of constants, but for a call that is equivalent: that one stays a form.
static Term build_doc_map(const Attribute *a, Term form)
{
    Heap *h = a->g->heap;
    Term list = TERM_NIL, *end = &list, equiv = TERM_NONE, value;
    for (Term l = term_tuple_get(form, 2); term_is_cons(l); l = term_tail(l)) {
        Term call = equivalent_call(term_head(l));
        if (!term_is_none(call)) {
            equiv = call;
            continue;
        }
        *end = heap_cons(h, term_head(l), TERM_NIL);
        end = term_cons_ptr(*end) + 1;
    }
    Term rest = heap_tuple3(h, ATOM_map, term_tuple_get(form, 1), list);
    if (!abstract_normalise(a->g->node, h, rest, NORMALISE_ATTRIBUTE, &value))
        return fail_at(a, form, "bad attribute");
    if (!term_is_none(equiv))
        value = map_put(h, a->g->atoms, value, ATOM_equiv, equiv);
    return build(a, value);
}

// Whether [form] is a text, or says that there is none, or where it is.
static bool is_doc(Term form)
{
    if (is_form(form, ATOM_string, 3) || is_form(form, ATOM_bin, 3)
        || is_form(form, ATOM_map, 3))
        return true;
    if (is_form(form, ATOM_atom, 3)) {
        Term name = term_tuple_get(form, 2);
        return term_same(name, ATOM_hidden) || term_same(name, ATOM_true)
               || term_same(name, ATOM_false);
    }
    if (!is_form(form, ATOM_tuple, 3)) return false;
    Term parts = term_tuple_get(form, 2);
    return term_list_length(parts) == 2
           && is_atom_form(term_head(parts), ATOM_file)
           && is_form(term_head(term_tail(parts)), ATOM_string, 3);
}

// ---- the attributes with a meaning of their own ----

// Two values at most have a meaning: -import(m, [f/1]).
typedef struct {
    size_t count;       // expressions there are
    Term first, second; // TERM_NONE without the second
} Values;

static Term build_module(const Attribute *a, const Values *v)
{
    if (!is_form(v->first, ATOM_atom, 3) || v->count > 2)
        return bad_declaration(a, v->first);
    Term name = term_tuple_get(v->first, 2);
    if (v->count == 1) return build(a, name);
    return build(a, heap_tuple2(a->g->heap, name,
                                build_variables(a, v->second)));
}

static Term build_export(const Attribute *a, const Values *v)
{
    // -export([f/1], x)
    if (v->count > 1) return bad_declaration(a, v->second);
    return build(a, build_arities(a, v->first));
}

// -import(m) was once an import of a whole module; it is refused.
static Term build_import(const Attribute *a, const Values *v)
{
    if (v->count == 2 && is_form(v->first, ATOM_atom, 3))
        return build(a, heap_tuple2(a->g->heap, term_tuple_get(v->first, 2),
                                    build_arities(a, v->second)));
    return bad_declaration(a, v->count > 1 ? v->second : v->first);
}

// The second expression must be a tuple; fields with types never come here.
static Term build_record_declaration(const Attribute *a, const Values *v)
{
    if (v->count == 2 && is_form(v->first, ATOM_atom, 3))
        return build_record(a, v->first, v->second);
    return bad_declaration(a, v->first);
}

// Written by the preprocessor, and by people in erl_parse:parse_form.
static Term build_file(const Attribute *a, const Values *v)
{
    if (v->count == 2 && is_form(v->first, ATOM_string, 3)
        && is_form(v->second, ATOM_integer, 3))
        return build(a, heap_tuple2(a->g->heap, term_tuple_get(v->first, 2),
                                    term_tuple_get(v->second, 2)));
    return bad_declaration(a, v->first);
}

// -vsn(1), -behaviour(m), -author("x"): any constant.
static Term build_other(const Attribute *a, const Values *v)
{
    Term value;
    if (v->count > 1) return fail_at(a, v->second, "bad attribute");
    if (!abstract_normalise(a->g->node, a->g->heap, v->first,
                            NORMALISE_ATTRIBUTE, &value))
        return fail_at(a, v->first, "bad attribute");
    return build(a, value);
}

static Term build_moduledoc(const Attribute *a, const Values *v)
{
    if (v->count > 1 || !is_doc(v->first)) {
        // OTP calls both by this name.
        grammar_fail(a->g, a->next, grammar_leftmost(a->g, v->first),
                     declaration_text(a, ATOM_doc));
        return TERM_NIL;
    }
    return build_other(a, v);
}

static Term build_doc(const Attribute *a, const Values *v)
{
    if (v->count == 1 && is_form(v->first, ATOM_map, 3))
        return build_doc_map(a, v->first);
    return build_moduledoc(a, v);
}

typedef struct {
    uintptr_t name; // bits of the atom
    Term (*build)(const Attribute *a, const Values *v);
} Builder;

static const Builder builders[] = {
    {ATOM_BITS_module, build_module},
    {ATOM_BITS_export, build_export},
    {ATOM_BITS_import, build_import},
    {ATOM_BITS_record, build_record_declaration},
    {ATOM_BITS_file, build_file},
    {ATOM_BITS_doc, build_doc},
    {ATOM_BITS_moduledoc, build_moduledoc},
};

// [value] holds at least one expression: the rule demands it.
Term grammar_attribute(Grammar *g, uint32_t name, const Item *value,
                       size_t next)
{
    Attribute a = {g, name, next};
    if (value->kind != ATTRIBUTE_VALUES) return build_typed(&a, value);
    Values v = {(size_t)term_list_length(value->value),
                term_head(value->value), TERM_NONE};
    if (v.count > 1) v.second = term_head(term_tail(value->value));
    for (size_t i = 0; i < sizeof builders / sizeof *builders; i++)
        if (builders[i].name == name_of(&a).bits)
            return builders[i].build(&a, &v);
    return build_other(&a, &v);
}

// ---- specifications ----
// -spec f(A) -> B; (C) -> D. The arity is that of the first signature; lint
// compares the others.

// How many arguments the first signature has, -1 of fun((...) -> T).
// A bounded fun has its type in front of its constraints.
static intptr_t arity_of(Term signature)
{
    if (term_same(term_tuple_get(signature, 2), ATOM_bounded_fun))
        signature = term_head(term_tuple_get(signature, 3));
    Term product = term_head(term_tuple_get(signature, 3));
    // {type, A, any} stands for "(...)".
    if (term_arity(product) != 4) return -1;
    return term_list_length(term_tuple_get(product, 3));
}

Term grammar_spec(Grammar *g, uint32_t name, const Item *spec)
{
    // A spec's error is at the end of the form.
    Attribute a = {g, name, g->count};
    Heap *h = g->heap;
    intptr_t arity = arity_of(term_head(spec->value));
    if (arity < 0) {
        // OTP's parser crashes here; this says what it is about.
        // Token 0: before anything else that went wrong.
        grammar_fail_text(g, 0, anno_at(g, spec->token), "bad function arity");
        return TERM_NIL;
    }
    Term first = token_at(g, spec->token)->value, number = term_small(arity);
    // {f, 1}, or {m, f, 1} with a module.
    Term function = spec->start == 0
                        ? heap_tuple2(h, first, number)
                        : heap_tuple3(h, first,
                                      token_at(g, spec->start)->value, number);
    return build(&a, heap_tuple2(h, function, spec->value));
}
