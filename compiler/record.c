// SPDX-License-Identifier: Apache-2.0
// Records: made, read and updated as tuples.
//
// An unknown record or field was told by lint, and need only not crash here: a
// field that is not there has number 0, the tag. Fields of a new record are
// evaluated in the order of the definition, those of an update as they are
// written. R#r.f of what is no such record raises {badrecord, R}.
#include "builder.h"

// The number of field [name] from 1, or 0: its element, counted from 0.
static size_t field_number(const Record *r, Term name)
{
    for (size_t i = 0; i < r->count; i++)
        if (term_same(r->fields[i], name)) return i + 1;
    return 0;
}

// The expressions that are given for fields, by number; the answer is that of
// `_ = E', or TERM_NONE.
static Term given_fields(const Record *r, Term fields, Term *given)
{
    Term rest = TERM_NONE;
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term field = term_head(fields), name = form_get(field, 3);
        if (form_is(name, ATOM_var)) {
            rest = form_get(field, 4);
            continue;
        }
        size_t i = field_number(r, form_get(name, 3));
        if (i > 0) given[i] = form_get(field, 4);
    }
    return rest;
}

// Fields are computed in the order of the definition, however they are written.
static Inst *create(Builder *b, Term e)
{
    Record *r = unit_record(b->u, form_get(e, 3));
    if (r == NULL) return build_nil(b);
    size_t n = r->count + 1;
    Inst **values = arena_zeroed(&b->u->arena, n * sizeof(Inst *));
    Term *given = arena_zeroed(&b->u->arena, n * sizeof(Term));
    Term rest = given_fields(r, form_get(e, 4), given);
    values[0] = build_literal(b, r->name);
    for (size_t i = 1; i < n; i++) {
        // Defaults, or `_ = E', which is evaluated anew for each field.
        Term other = term_is_none(rest) ? r->defaults[i - 1] : rest;
        if (!term_is_none(given[i])) other = given[i];
        values[i] = term_is_none(other) ? build_literal(b, ATOM_undefined)
                                        : ir_value(build_expr(b, other));
    }
    return build_tuple(b, n, values);
}

// Goes on where [v] is the record; raises badrecord, or fails the guard.
static void check(Builder *b, Inst *v, const Record *r, Term anno)
{
    Block *no = b->fail != NULL ? b->fail : build_block(b);
    build_place(b, anno);
    build_record_test(b, v, r->name, (intptr_t)r->count + 1, no);
    // The record is known, `R = #r{}, R#r.f'; or failure is the guard's.
    if (b->fail != NULL || no->prev_count == 0) return;
    Block *on = b->cur;
    build_at(b, no);
    build_last(b, IR_BADRECORD, 1, &v);
    build_at(b, on);
}

// Whether [v], which was checked, has the elements of a record. What cannot
// have them never gets here.
static bool has_elements(Inst *v, const Record *r)
{
    if (ir_is_literal(v)) return term_is_tuple_of(v->term, r->count + 1);
    // A tuple made here of another size: the check has failed already, what
    // follows is dead code that must not read behind its end.
    if (v->op == IR_TUPLE) return v->nargs == r->count + 1;
    return (v->type & 0xFFFF) == TYPE_TUPLE;
}

// A new tuple with every element: those that are not named are read from the
// old one, by as few instructions as its size allows.
static Inst *update(Builder *b, Term e)
{
    Record *r = unit_record(b->u, form_get(e, 4));
    if (r == NULL) return build_nil(b);
    Inst **values = arena_zeroed(&b->u->arena,
                                 (r->count + 1) * sizeof(Inst *));
    // New values are computed in the order in which they are written, and
    // before the record that gets them.
    for (Term l = form_get(e, 5); term_is_cons(l); l = term_tail(l)) {
        Term field = term_head(l);
        size_t i = field_number(r, form_get(form_get(field, 3), 3));
        values[i] = ir_value(build_expr(b, form_get(field, 4)));
    }
    Inst *v = ir_value(build_expr(b, form_get(e, 3)));
    check(b, v, r, form_get(e, 2));
    if (!has_elements(v, r)) return v;
    values[0] = build_literal(b, r->name);
    for (size_t i = 1; i <= r->count; i++)
        if (values[i] == NULL) values[i] = build_element(b, v, (uint32_t)i);
    return build_tuple(b, r->count + 1, values);
}

// Without strict tests a field is what element/2 finds in any tuple.
static Inst *access_loosely(Builder *b, Term e, size_t i)
{
    Heap *h = &b->u->heap;
    Term anno = form_get(e, 2);
    Term erlang = heap_tuple3(h, ATOM_atom, anno, ATOM_erlang);
    Term name = heap_tuple3(h, ATOM_atom, anno, ATOM_element);
    Term number = heap_tuple3(h, ATOM_integer, anno,
                              term_small((intptr_t)i + 1));
    Term args = heap_cons(h, number,
                          heap_cons(h, form_get(e, 3), TERM_NIL));
    Term f = heap_tuple(h, 4, (Term[]){ATOM_remote, anno, erlang, name});
    Term call = heap_tuple(h, 4, (Term[]){ATOM_call, anno, f, args});
    return build_value(b, call);
}

// The check makes the tuple known: more fields of the same record are plain
// reads, without another check.
static Inst *access(Builder *b, Term e)
{
    Record *r = unit_record(b->u, form_get(e, 4));
    if (r != NULL && unit_option(b->u->options,
                                 ATOM_no_strict_record_tests))
        return access_loosely(b, e, field_number(r, form_get(form_get(e, 5),
                                                             3)));
    Inst *v = build_value(b, form_get(e, 3));
    if (r == NULL) return build_nil(b);
    size_t i = field_number(r, form_get(form_get(e, 5), 3));
    check(b, v, r, form_get(e, 2));
    if (!has_elements(v, r)) return v;
    return build_element(b, v, (uint32_t)i);
}

// #r.f by itself is a number, as lists:keyfind wants it.
Inst *build_record(Builder *b, Term e)
{
    if (form_is(e, ATOM_record_field)) return access(b, e);
    if (form_is(e, ATOM_record)) {
        return term_arity(e) == 5 ? update(b, e) : create(b, e);
    }
    Record *r = unit_record(b->u, form_get(e, 3));
    if (r == NULL) return build_nil(b);
    size_t i = field_number(r, form_get(form_get(e, 4), 3));
    return build_literal(b, term_small((intptr_t)i + 1));
}
