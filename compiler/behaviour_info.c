// SPDX-License-Identifier: Apache-2.0
// behaviour_info/1 of a module with -callback attributes: it answers which
// functions these name, and which of them are optional.
//
// It is made as forms and goes through all passes like a function of the
// source, so traces and module_info know it. Its line is 0: it stands nowhere.
#include "behaviour_info.h"

#include "table.h"

static Term leaf(Unit *u, Term kind, Term value) // {Kind, Anno, Value}
{
    return heap_tuple3(&u->heap, kind, term_small(0), value);
}

// The form of {Name, Arity}.
static Term name_form(Unit *u, Term name)
{
    Term parts[] = {
        leaf(u, ATOM_atom, term_tuple_get(name, 0)),
        leaf(u, ATOM_integer, term_tuple_get(name, 1)),
    };
    return leaf(u, ATOM_tuple, heap_list(&u->heap, 2, parts, TERM_NIL));
}

// The form of the list of [names], which come newest first.
static Term names_form(Unit *u, Term names)
{
    Term form = heap_tuple2(&u->heap, ATOM_nil, term_small(0));
    for (; term_is_cons(names); names = term_tail(names)) {
        Term cell[] = {ATOM_cons, term_small(0),
                       name_form(u, term_head(names)), form};
        form = heap_tuple(&u->heap, 4, cell);
    }
    return form;
}

static Term one(Unit *u, Term form) // bodies and heads are lists
{
    return heap_cons(&u->heap, form, TERM_NIL);
}

// behaviour_info(What) -> Names
static Term clause_form(Unit *u, Term what, Term names)
{
    Term clause[] = {ATOM_clause, term_small(0),
                     one(u, leaf(u, ATOM_atom, what)), TERM_NIL,
                     one(u, names_form(u, names))};
    return heap_tuple(&u->heap, 5, clause);
}

void behaviour_info_define(Unit *u)
{
    // A function of the source goes before: old behaviours have one.
    if (term_is_nil(u->callbacks)
        || unit_find(u, ATOM_behaviour_info, 1) != NULL)
        return;
    Term clauses[] = {
        clause_form(u, ATOM_callbacks, u->callbacks),
        clause_form(u, ATOM_optional_callbacks, u->optional_callbacks),
    };
    unit_define(u, ATOM_behaviour_info, 1,
                heap_list(&u->heap, 2, clauses, TERM_NIL), (Place){0, 0});
    table_put(&u->exports, &u->arena,
              table_function_key(ATOM_behaviour_info, 1), u);
}
