// SPDX-License-Identifier: Apache-2.0
// Lint of records: definitions, and expressions and patterns that name them.
//
// A record must be defined before it is named. Its fields are kept in reverse
// and without types; records are few, so they are searched one by one.
//
// What is `used' is a matter of warnings only: a record that just another
// definition names is not, nor are functions called from a default, until
// somebody makes the record.
#include "lint_state.h"

RecordInfo *record_find(Lint *l, Term name)
{
    for (size_t i = 0; i < l->record_count; i++)
        if (term_same(l->records[i]->name, name)) return l->records[i];
    return NULL;
}

// The error is told for each use; the answer is NULL then, and callers look no
// further.
RecordInfo *record_use(Lint *l, Term name, Term anno)
{
    RecordInfo *r = record_find(l, name);
    if (r == NULL)
        lint_error(l, anno, lint_tuple1(l, ATOM_undefined_record, name));
    // What only another record's default names is not used by that alone.
    else if (!l->in_record_definition)
        r->used = true;
    return r;
}

// The record_field form of a field in a definition: the field itself, or what
// stands in {typed_record_field, Field, Type}.
static Term bare_field(Term f)
{
    return term_same(term_tuple_get(f, 0), ATOM_typed_record_field)
               ? term_tuple_get(f, 1)
               : f;
}

static Term field_name(Term f) // of {record_field, A, {atom, A, Name}, ...}
{
    return form_arg(form_arg(f, 0), 0);
}

// Names are atoms, so bits decide.
static Term find_field(Term fields, Term name)
{
    for (; term_is_cons(fields); fields = term_tail(fields))
        if (term_same(field_name(term_head(fields)), name))
            return term_head(fields);
    return TERM_NONE;
}

// The fields are kept in reverse, so the place is what is behind.
intptr_t record_place(const RecordInfo *r, Term key)
{
    if (!form_is(key, ATOM_BITS_atom)) return -1;
    Term found = find_field(r->fields, form_arg(key, 0));
    if (term_is_none(found)) return -1;
    for (Term f = r->fields; term_is_cons(f); f = term_tail(f))
        if (term_same(term_head(f), found)) return term_list_length(f) - 1;
    return -1;
}

// A default must name no variables; funs and comprehensions have their own.
// Answers the field as it is kept: one whose default is wrong has none. Within
// a definition variables are refused where they would be bound
// (lint_variable.c), and unbound as ever.
static Term check_default(Lint *l, Term field)
{
    if (form_arity(field) < 2) return field;
    size_t errors = l->errors.count;
    l->in_record_definition = true;
    lint_expression(l, form_arg(field, 1), no_vars);
    l->in_record_definition = false;
    if (l->errors.count == errors) return field;
    // So that what is wrong is told once, not wherever the record is made.
    return heap_tuple3(l->heap, ATOM_record_field, form_anno(field),
                       form_arg(field, 0));
}

// What the defaults use that are put in is used where the record is made; what
// is wrong with them has been told. Walking the defaults at each use is how
// erl_lint has it: `-record(r, {f = g()})' calls g where the record is made, so
// g is unused before. Messages are cut off again.
static void use_defaults(Lint *l, Term given, const RecordInfo *r)
{
    size_t errors = l->errors.count, warnings = l->warnings.count;
    for (Term f = r->fields; term_is_cons(f); f = term_tail(f)) {
        Term field = term_head(f);
        if (form_arity(field) < 2) continue;
        bool is_given = false;
        for (Term g = given; !is_given && term_is_cons(g); g = term_tail(g))
            is_given = term_same(form_arg(form_arg(term_head(g), 0), 0),
                                 field_name(field));
        if (!is_given) lint_expression(l, form_arg(field, 1), no_vars);
    }
    l->errors.count = errors;
    l->warnings.count = warnings;
}

// A second definition is refused and the first one stays. The types come last,
// when the record can be found: it may name itself.
void lint_record_definition(Lint *l, Term anno, Term name, Term fields)
{
    if (record_find(l, name) != NULL) {
        lint_error(l, anno, lint_tuple1(l, ATOM_redefine_record, name));
        return;
    }
    Term normal = TERM_NIL, types = TERM_NIL;
    for (Term f = fields; term_is_cons(f); f = term_tail(f)) {
        Term field = bare_field(term_head(f));
        if (!term_is_none(find_field(normal, field_name(field)))) {
            lint_error(l, form_anno(field),
                       lint_tuple2(l, ATOM_redefine_field, name,
                                   field_name(field)));
            continue;
        }
        normal = heap_cons(l->heap, check_default(l, field), normal);
        // Types are checked when the record can be found: it may name itself.
        if (!term_same(field, term_head(f)))
            types = heap_cons(l->heap, term_tuple_get(term_head(f), 2), types);
    }
    RecordInfo *r = arena_zeroed(&l->arena, sizeof *r);
    *r = (RecordInfo){name, anno, normal, l->file, false};
    if (l->record_count == l->record_room)
        l->records = arena_grow(&l->arena, l->records, l->record_count,
                                &l->record_room, sizeof *l->records);
    l->records[l->record_count++] = r;
    lint_type_attribute_types(l, types);
}

// [name] is for the text. A field that is a variable is told elsewhere.
void lint_record_field(Lint *l, Term field, Term name, Term fields)
{
    if (form_is(field, ATOM_BITS_atom)
        && term_is_none(find_field(fields, form_arg(field, 0))))
        lint_error(l, form_anno(field),
                   lint_tuple2(l, ATOM_undefined_field, name,
                               form_arg(field, 0)));
}

static bool is_seen(Term seen, Term name) // atoms, by bits
{
    for (; term_is_cons(seen); seen = term_tail(seen))
        if (term_same(term_head(seen), name)) return true;
    return false;
}

// Whether a field's value is to be looked at; tells what is wrong with it. Only
// one thing of each field is told: its name, else that it stands twice, else
// that the record has none of the name.
static bool check_field(Lint *l, Term f, const RecordInfo *r, Term *seen)
{
    Term key = form_arg(f, 0), name = form_arg(key, 0);
    bool is_atom = form_is(key, ATOM_BITS_atom);
    if (!is_atom && !term_same(name, ATOM_underscore)) {
        lint_error(l, form_anno(key),
                   lint_tuple2(l, ATOM_field_name_is_variable, r->name,
                               name));
        return false;
    }
    if (is_seen(*seen, name)) {
        // #r{a = 1, a = 2}, and #r{_ = 1, _ = 2}.
        if (is_atom)
            lint_error(l, form_anno(f),
                       lint_tuple2(l, ATOM_redefine_field, r->name, name));
        else
            lint_error(l, form_anno(key), ATOM_bad_multi_field_init);
        return false;
    }
    *seen = heap_cons(l->heap, name, *seen);
    if (!is_atom || !term_is_none(find_field(r->fields, name))) return true;
    lint_error(l, form_anno(key),
               lint_tuple2(l, ATOM_undefined_field, r->name, name));
    return false;
}

// Values of fields do not see each other, like elements of a tuple.
static Vars check_fields(Lint *l, Term fields, const RecordInfo *r,
                         Vars known, LintCheck check)
{
    Term seen = TERM_NIL;
    Vars done = no_vars;
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        if (!check_field(l, f, r, &seen)) continue;
        done = vars_merge_pattern(l, done, check(l, form_arg(f, 1), known));
    }
    return done;
}

// `_ = V' stands for all that are not named; the place is for errors.
static Term wildcard_anno(Term fields)
{
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term key = form_arg(term_head(fields), 0);
        if (form_is(key, ATOM_BITS_var)
            && term_same(form_arg(key, 0), ATOM_underscore))
            return form_anno(key);
    }
    return TERM_NONE;
}

// [e] as if it stood at [anno]: a default stands in the definition, but what is
// wrong in a guard is wrong where the guard stands.
static Term with_anno(Lint *l, Term e, Term anno)
{
    size_t n = term_arity(e);
    Term *parts = arena_alloc(&l->arena, n * sizeof *parts);
    for (size_t i = 0; i < n; i++) parts[i] = term_tuple_get(e, i);
    parts[1] = anno;
    return heap_tuple(l->heap, n, parts);
}

// In a guard the defaults that are put in must be allowed there as well, though
// nobody sees them there.
static void check_guard_defaults(Lint *l, Term given, const RecordInfo *r,
                                 Term anno)
{
    for (Term f = r->fields; term_is_cons(f); f = term_tail(f)) {
        Term field = term_head(f);
        if (form_arity(field) < 2) continue;
        bool is_given = false;
        for (Term g = given; term_is_cons(g); g = term_tail(g))
            is_given = is_given
                       || term_same(form_arg(form_arg(term_head(g), 0), 0),
                                    field_name(field));
        if (is_given || lint_is_guard_test(l, form_arg(field, 1))) continue;
        Term e = form_arg(field, 1);
        lint_guard_expression(l, with_anno(l, e, anno), no_vars);
    }
}

// Whether a literal stands where a record is to be: it will fail when it runs,
// so it is told, as a warning only.
static void check_is_record(Lint *l, Term anno, Term e)
{
    switch (term_tuple_get(e, 0).bits) {
    case ATOM_BITS_char:
    case ATOM_BITS_integer:
    case ATOM_BITS_float:
    case ATOM_BITS_atom:
    case ATOM_BITS_string:
    case ATOM_BITS_cons:
    case ATOM_BITS_nil:
    case ATOM_BITS_lc:
    case ATOM_BITS_record_index:
    case ATOM_BITS_fun:
    case ATOM_BITS_named_fun: lint_warning(l, anno, ATOM_invalid_record);
    default: break;
    }
}

// E#r{...}: the fields are expressions beside E, and `_' has no meaning, since
// what is not named is copied.
static Vars update(Lint *l, Term e, Vars known)
{
    Term name = form_arg(e, 1), fields = form_arg(e, 2);
    check_is_record(l, form_anno(e), form_arg(e, 0));
    Vars v = lint_expression(l, form_arg(e, 0), known);
    RecordInfo *r = record_use(l, name, form_anno(e));
    if (r != NULL)
        v = vars_merge(l, v,
                       check_fields(l, fields, r, known, lint_expression));
    Term wild = wildcard_anno(fields);
    if (term_is_none(wild)) return v;
    lint_error(l, wild, lint_tuple1(l, ATOM_wildcard_in_update, name));
    return no_vars;
}

// [check] is lint_expression or lint_guard_expression: records mean the same in
// both, but defaults are looked at in another way.
Vars lint_record_expression(Lint *l, Term e, Vars known, LintCheck check)
{
    Term anno = form_anno(e);
    if (form_is(e, ATOM_BITS_record_index)) {
        RecordInfo *r = record_use(l, form_arg(e, 0), anno);
        if (r != NULL)
            lint_record_field(l, form_arg(e, 1), r->name, r->fields);
        return no_vars;
    }
    if (form_is(e, ATOM_BITS_record_field)) {
        if (check == lint_expression)
            check_is_record(l, anno, form_arg(e, 0));
        Vars v = check(l, form_arg(e, 0), known);
        RecordInfo *r = record_use(l, form_arg(e, 1), anno);
        if (r != NULL)
            lint_record_field(l, form_arg(e, 2), r->name, r->fields);
        return v;
    }
    // E#r{...} has E besides; guards never get here with it.
    if (form_arity(e) == 3) return update(l, e, known);
    RecordInfo *r = record_use(l, form_arg(e, 0), anno);
    if (r == NULL) return no_vars;
    Vars v = check_fields(l, form_arg(e, 1), r, known, check);
    if (check == lint_expression && !l->in_record_definition)
        use_defaults(l, form_arg(e, 1), r);
    if (check == lint_guard_expression
        && term_is_none(wildcard_anno(form_arg(e, 1))))
        check_guard_defaults(l, form_arg(e, 1), r, anno);
    return v;
}

// Whether every field is named, so that "_ = V" has nothing to stand for.
static bool names_all(Term fields, const RecordInfo *r)
{
    for (Term f = r->fields; term_is_cons(f); f = term_tail(f)) {
        bool found = false;
        for (Term g = fields; term_is_cons(g); g = term_tail(g))
            found = found
                    || term_same(form_arg(form_arg(term_head(g), 0), 0),
                                 field_name(term_head(f)));
        if (!found) return false;
    }
    return true;
}

// The tag and the number of fields are all that is matched of a field that is
// not named.
PatternVars lint_record_pattern(Lint *l, Term p, Vars known, Vars bound)
{
    PatternVars all = {no_vars, no_vars};
    RecordInfo *r = record_use(l, form_arg(p, 0), form_anno(p));
    if (r == NULL) return all;
    if (form_is(p, ATOM_BITS_record_index)) {
        lint_record_field(l, form_arg(p, 1), r->name, r->fields);
        return all;
    }
    Term fields = form_arg(p, 1), seen = TERM_NIL;
    Term wild = wildcard_anno(fields);
    // #r{a = X, _ = Y} of a record with one field only.
    if (!term_is_none(wild) && names_all(fields, r))
        lint_error(l, wild, ATOM_bad_multi_field_init);
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        if (!check_field(l, f, r, &seen)) {
            all.fresh = no_vars; // and so what follows names unbound ones
            continue;
        }
        all = patterns_join(
            l, all, lint_pattern(l, form_arg(f, 1), known, bound));
    }
    return all;
}
