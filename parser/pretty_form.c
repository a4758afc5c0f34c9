// SPDX-License-Identifier: Apache-2.0
// Items of forms: attributes and functions.
#include "atom.h"
#include "pretty_item.h"

// Element [i], from 0: the tag is 0.
static Term at(Term tuple, size_t i)
{
    return term_tuple_get(tuple, i);
}

static bool is_node(Term t, Term tag, size_t arity)
{
    return term_is_tuple_of(t, arity) && term_same(at(t, 0), tag);
}

static const Item *make_row2(Pretty *p, const Item *a, const Item *b)
{
    return item_row(p, 2, (const Item *[]){a, b});
}

// "-name"
static const Item *make_name(Pretty *p, Term name)
{
    return make_row2(p, item_text(p, "-"), item_atom(p, name));
}

// "-name(args...": the items between parentheses.
static const Item *make_plain(Pretty *p, Term name, size_t count,
                              const Item *const *args)
{
    Item *item = item_new(p, ITEM_SEQUENCE, count);
    memcpy(item->items, args, count * sizeof *args);
    item->before = item_text(p, "(");
    item->after = item_text(p, ")");
    item->separator = item->last_separator = item_text(p, ",");
    item->spaced = true; // broken between arguments if they do not fit
    return item_first(p, make_name(p, name), item);
}

// A module's name: an atom, or a list of atoms parted by dots.
// Packages: [a, b] is a.b; a leading empty atom is a leading dot.
static const Item *make_module_name(Pretty *p, Term name)
{
    if (term_is_atom(name)) {
        leaf_add_term(p, name);
        return leaf_close(p, true);
    }
    if (!term_is_cons(name)) return item_bad(p);
    for (; term_is_cons(name); name = term_tail(name)) {
        if (!term_same(term_head(name), ATOM_empty))
            leaf_add_term(p, term_head(name));
        if (term_is_cons(term_tail(name))) leaf_add(p, ".");
    }
    return leaf_close(p, true);
}

// f/1
static const Item *make_name_arity(Pretty *p, Term t)
{
    if (!term_is_tuple_of(t, 2)) return item_bad(p);
    const Item *name = item_atom(p, at(t, 0));
    leaf_add(p, "/");
    leaf_add_term(p, at(t, 1));
    return make_row2(p, name, leaf_close(p, true));
}

// [Name/Arity,...]
// Without spaces, as in "-export([a/1,b/2])".
static const Item *make_exports(Pretty *p, Term list)
{
    if (term_is_nil(list)) return item_leaf(p, "[]");
    Item *item = (Item *)item_brackets(p, "[", "]", list, make_name_arity);
    if (item->kind != ITEM_SEQUENCE) return item;
    item->spaced = false;
    // In a row, so that it does not break after the bracket.
    return item_row(p, 1, (const Item *[]){item});
}

// Else it is printed as a value: optional_callbacks may hold anything.
static bool is_exports(const AtomTable *atoms, Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term t = term_head(list);
        if (!term_is_tuple_of(t, 2) || !term_is_atom(at(t, 0))) return false;
    }
    return term_is_nil(list);
}

static const Item *make_variable(Pretty *p, Term name)
{
    if (!leaf_add_name(p, name)) return item_bad(p);
    return leaf_close(p, true);
}

// -module(name), or of a parameterized module -module(name, [Parameters]).
static const Item *make_module(Pretty *p, Term arg)
{
    if (!term_is_tuple_of(arg, 2)) {
        const Item *name = make_module_name(p, arg);
        return make_plain(p, ATOM_module, 1, &name);
    }
    const Item *parameters = item_leaf(p, "[]");
    if (!term_is_nil(at(arg, 1)))
        parameters = item_brackets(p, "[", "]", at(arg, 1), make_variable);
    const Item *args[2] = {make_module_name(p, at(arg, 0)), parameters};
    return make_plain(p, ATOM_module, 2, args);
}

// A pair is -import(m,[f/1]); -import(m) is an old form still printed.
static const Item *make_import(Pretty *p, Term arg)
{
    if (!term_is_tuple_of(arg, 2)) {
        const Item *name = make_module_name(p, arg);
        return make_plain(p, ATOM_import, 1, &name);
    }
    leaf_add_term(p, at(arg, 0));
    const Item *module = leaf_close(p, true);
    return make_plain(p, ATOM_import, 2, (const Item *[]){
        module, make_exports(p, at(arg, 1))});
}

// -file("x.erl",1).
static const Item *make_file(Pretty *p, Term arg)
{
    if (!term_is_tuple_of(arg, 2)) return item_bad(p);
    Item *name = item_new(p, ITEM_STRING, 0);
    name->term = at(arg, 0);
    leaf_add_term(p, at(arg, 1));
    const Item *args[2] = {name, leaf_close(p, true)};
    return make_plain(p, ATOM_file, 2, args);
}

// -record(r,{a = 1 :: integer(),b}).
static const Item *make_record_definition(Pretty *p, Term arg)
{
    if (!term_is_tuple_of(arg, 2)) return item_bad(p);
    const Item *head[3] = {item_leaf(p, "-record("), item_atom(p, at(arg, 0)),
                           item_text(p, ",")};
    const Item *item = item_first(p, item_row(p, 3, head),
                                  make_record_fields(p, at(arg, 1)));
    return make_row2(p, item, item_text(p, ")"));
}

// -type name(Vars) :: Type, and the same with -opaque and -nominal
// -type t(A) :: [A].
static const Item *make_type_definition(Pretty *p, Term name, Term arg)
{
    if (!term_is_tuple_of(arg, 3)) return item_bad(p);
    leaf_add(p, "-");
    leaf_add_name(p, name);
    leaf_add(p, " ");
    const Item *word = leaf_close(p, true);
    // The hook is for expressions; parameters are printed as such but are none.
    bool hooks = p->hooks;
    p->hooks = false;
    const Item *head = make_type_head(p, at(arg, 0), at(arg, 2));
    p->hooks = hooks;
    return item_first(p, word, make_typed(p, head, at(arg, 1)));
}

// -spec and -callback
// -spec f(A) -> B when A :: atom(); (C) -> D.
static const Item *make_spec(Pretty *p, Term kind, Term arg)
{
    if (!term_is_tuple_of(arg, 2) || !term_is_tuple(at(arg, 0)))
        return item_bad(p);
    Term function = at(arg, 0);
    const Item *name;
    // The module is printed only if the form has one.
    if (term_arity(function) == 2)
        name = item_atom(p, at(function, 0));
    else if (term_arity(function) == 3)
        name = item_row(p, 3, (const Item *[]){item_atom(p, at(function, 0)),
                                               item_text(p, ":"),
                                               item_atom(p, at(function, 1))});
    else
        return item_bad(p);
    leaf_add(p, "-");
    leaf_add_name(p, kind);
    leaf_add(p, " ");
    const Item *word = leaf_close(p, true);
    const Item *spec = item_first(p, name, make_signatures(p, at(arg, 1)));
    return item_first(p, word, item_list(p, 1, &spec));
}

// -vsn(1). -compile([export_all]).
static const Item *make_value_attribute(Pretty *p, Term name, Term arg)
{
    const Item *value = make_abstract(p, arg, 0);
    return make_plain(p, name, 1, &value);
}

static const Item *make_export_attribute(Pretty *p, Term name, Term arg)
{
    const Item *list = make_exports(p, arg);
    return make_plain(p, name, 1, &list);
}

// Types and specs have no parentheses around, all others do.
static const Item *make_named_attribute(Pretty *p, Term name, Term arg)
{
    switch (name.bits) {
    case ATOM_BITS_type:
    case ATOM_BITS_opaque:
    case ATOM_BITS_nominal: return make_type_definition(p, name, arg);
    case ATOM_BITS_spec:
    case ATOM_BITS_callback: return make_spec(p, name, arg);
    case ATOM_BITS_module: return make_module(p, arg);
    case ATOM_BITS_export:
    case ATOM_BITS_export_type: return make_export_attribute(p, name, arg);
    case ATOM_BITS_optional_callbacks:
        if (is_exports(p->node->atoms, arg))
            return make_export_attribute(p, name, arg);
        return make_value_attribute(p, name, arg);
    case ATOM_BITS_import: return make_import(p, arg);
    case ATOM_BITS_file: return make_file(p, arg);
    case ATOM_BITS_record: return make_record_definition(p, arg);
    default: return make_value_attribute(p, name, arg);
    }
}

// The dot is a leaf of its own, so it is never parted from the text.
const Item *make_attribute(Pretty *p, Term form)
{
    if (!is_node(form, ATOM_attribute, 4)) return item_bad(p);
    return make_row2(p, make_named_attribute(p, at(form, 2), at(form, 3)),
                     item_leaf(p, ".\n"));
}

// Clauses on lines of their own with ";" between, each with the name again.
const Item *make_function(Pretty *p, Term form)
{
    if (!is_node(form, ATOM_function, 5)) return item_bad(p);
    Term clauses = at(form, 4);
    intptr_t count = term_list_length(clauses);
    // Not a list: no form of the parser's.
    if (count < 0) return item_bad(p);
    Item *lines = item_new(p, ITEM_LINES, (size_t)count);
    for (size_t i = 0; i < lines->count; i++, clauses = term_tail(clauses)) {
        Term clause = term_head(clauses);
        if (!is_node(clause, ATOM_clause, 5)) return item_bad(p);
        const Item *head =
            make_call(p, item_atom(p, at(form, 2)), at(clause, 2));
        // "f(X) when X > 0 ->" and below it, indented by a step, the body.
        lines->items[i] = item_step(p, make_guarded(p, head, at(clause, 3)),
                                    make_body(p, at(clause, 4)));
    }
    lines->separator = lines->last_separator = item_text(p, ";");
    return make_row2(p, lines, item_leaf(p, ".\n"));
}

// What epp:parse_file answers can be printed as a whole: errors are shown as
// terms, eof as an empty line.
const Item *make_form(Pretty *p, Term form)
{
    if (is_node(form, ATOM_attribute, 4)) return make_attribute(p, form);
    if (is_node(form, ATOM_function, 5)) return make_function(p, form);
    if (is_node(form, ATOM_eof, 2)) return item_text(p, "\n");
    if (!is_node(form, ATOM_error, 2) && !is_node(form, ATOM_warning, 2))
        return item_bad(p);
    leaf_add_pretty_term(p, form);
    leaf_add(p, "\n");
    return leaf_close(p, true);
}
