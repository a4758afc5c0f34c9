// SPDX-License-Identifier: Apache-2.0
// Units: reading what the forms of a module declare.
//
// The forms have been checked by lint, or by nobody: what has not the shape of
// a declaration is passed over. They are read in order, so that current_file is
// that of each form.
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>

#include "builder.h"

// Names that are too long for an atom cannot be refused here: the source is
// right.
Term unit_atom(Unit *u, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text) n = (int)sizeof text - 1;
    Term atom = atom_new(u->node->atoms, text, (size_t)n);
    // Names of lifted functions grow with nesting; those that are too long
    // are cut at the front, where they differ least.
    while (term_is_none(atom) && n > 200) {
        n -= 16;
        memmove(text, text + 16, (size_t)n);
        atom = atom_new(u->node->atoms, text, (size_t)n);
    }
    return atom;
}

// NULL: not of this module.
Definition *unit_find(const Unit *u, Term name, size_t arity)
{
    return table_get(&u->functions, table_function_key(name, arity));
}

// NULL: there is none; lint has told of it.
Record *unit_record(const Unit *u, Term name)
{
    if (!term_is_atom(name)) return NULL;
    return table_get(&u->records, table_atom_key(name));
}

// The location within an annotation: a line, {Line, Column}, or TERM_NONE. Both
// kinds are in use: parsers make {Line, Column}, transforms often [{location,
// L}, {generated, true}].
static Term location_of(Term anno)
{
    for (; term_is_cons(anno); anno = term_tail(anno)) {
        Term item = term_head(anno);
        if (term_is_tuple_of(item, 2)
            && term_same(term_tuple_get(item, 0), ATOM_location))
            return term_tuple_get(item, 1);
    }
    return anno;
}

// Code tells lines only; columns are for messages.
Place unit_place(const Unit *u, Term anno)
{
    Term at = location_of(anno);
    if (term_is_tuple_of(at, 2)) at = term_tuple_get(at, 0);
    uint32_t line = 0;
    if (term_is_small(at) && term_small_value(at) > 0)
        line = (uint32_t)term_small_value(at);
    return (Place){line, u->current_file};
}

static void report(Unit *u, Term *list, uint32_t file, Term said[3])
{
    // Without -file attributes there is only the source.
    Term where = file < u->file_count ? u->files[file] : u->source;
    Term tuple = heap_tuple(u->out, 4, (Term[]){where, location_of(said[0]),
                                                said[1], said[2]});
    *list = heap_cons(u->out, tuple, *list);
}

void unit_warn(Unit *u, uint32_t file, Term anno, Term module, Term what)
{
    report(u, &u->warnings, file, (Term[]){anno, module, what});
}

// For options like recv_opt_info that ask what a pass did: OTP tells it as
// warnings, too, and without a line it is about `none'.
void unit_inform(Unit *u, Place place, Term module, Term what)
{
    Term line = place.line == 0 ? ATOM_none : term_small((intptr_t)place.line);
    unit_warn(u, place.file, line, module, what);
}

void unit_error(Unit *u, uint32_t file, Term anno, Term module, Term what)
{
    report(u, &u->errors, file, (Term[]){anno, module, what});
}

// Names of files are compared often, and are short lists.
static bool text_same(Term a, Term b)
{
    for (; term_is_cons(a) && term_is_cons(b);
         a = term_tail(a), b = term_tail(b))
        if (!term_same(term_head(a), term_head(b))) return false;
    return term_same(a, b);
}

// A file that is left and entered again has one number. The chunk Line names
// files by number, and headers are entered and left by every -include, so the
// number is looked up rather than given out again.
static void enter_file(Unit *u, Term name)
{
    for (size_t i = 0; i < u->file_count; i++) {
        if (!text_same(u->files[i], name)) continue;
        u->current_file = (uint32_t)i;
        return;
    }
    if (u->file_count == u->file_room)
        u->files = arena_grow(&u->arena, u->files, u->file_count, &u->file_room,
                              sizeof *u->files);
    u->current_file = (uint32_t)u->file_count;
    u->files[u->file_count++] = name;
}

// Enters the name/arity pairs of [list] into [t], leading to [value]. A set has
// any value but NULL, by custom the unit.
static void enter_names(Unit *u, Table *t, Term list, void *value)
{
    // {inline, {f, 1}} may do without a list.
    if (term_is_tuple(list)) list = heap_cons(&u->heap, list, TERM_NIL);
    for (; term_is_cons(list); list = term_tail(list)) {
        Term pair = term_head(list);
        if (!term_is_tuple_of(pair, 2)) continue;
        Term name = term_tuple_get(pair, 0), arity = term_tuple_get(pair, 1);
        if (!term_is_atom(name) || !term_is_small(arity)) continue;
        table_put(t, &u->arena,
                  table_function_key(name, (size_t)term_small_value(arity)),
                  value);
    }
}

// A field of a record: {record_field, A, Name[, Default]}, in
// typed_record_field when it has a type, which leaves no code.
static void read_field(Record *r, size_t i, Term field)
{
    if (form_is(field, ATOM_typed_record_field)) field = form_get(field, 2);
    r->fields[i] = form_get(form_get(field, 3), 3);
    r->defaults[i] = term_arity(field) >= 4 ? form_get(field, 4) : TERM_NONE;
}

// Defaults are kept as forms: each use builds them anew. The order of fields is
// that of the tuple's elements, which is all that a record is when the program
// runs.
static void read_record(Unit *u, Term value)
{
    if (!term_is_tuple_of(value, 2)) return;
    Term fields = term_tuple_get(value, 1);
    Record *r = arena_zeroed(&u->arena, sizeof *r);
    r->name = term_tuple_get(value, 0);
    size_t count = (size_t)term_list_length(fields);
    r->fields = arena_alloc(&u->arena, count * sizeof(Term));
    r->defaults = arena_alloc(&u->arena, count * sizeof(Term));
    for (; term_is_cons(fields); fields = term_tail(fields))
        read_field(r, r->count++, term_head(fields));
    table_put(&u->records, &u->arena, table_atom_key(r->name), r);
}

// Those given and those of -compile alike, in the order in which they come: a
// later one never takes an earlier one back, and what is not known is of some
// other pass.
static void read_option(Unit *u, Term option)
{
    if (term_same(option, ATOM_export_all)) u->export_all = true;
    if (term_same(option, ATOM_no_auto_import)) u->no_auto_import = true;
    if (term_same(option, ATOM_inline)) u->inline_all = true;
    if (term_same(option, ATOM_no_line_info)) u->no_line_info = true;
    if (term_same(option, ATOM_deterministic)) u->deterministic = true;
    if (term_same(option, ATOM_slim)) u->slim = true;
    if (term_same(option, ATOM_lazy_sequences)) u->lazy_sequences = true;
    if (!term_is_tuple_of(option, 2)) return;
    Term key = term_tuple_get(option, 0), value = term_tuple_get(option, 1);
    if (term_same(key, ATOM_inline)) enter_names(u, &u->inlines, value, u);
    if (term_same(key, ATOM_inline_size) && term_is_small(value)
        && term_small_value(value) >= 0)
        u->inline_size = (size_t)term_small_value(value);
    if (term_same(key, ATOM_no_auto_import))
        enter_names(u, &u->no_auto, value, u);
    if (term_same(key, ATOM_shown_as) && term_is_tuple_of(value, 2)) {
        u->shown_module = term_tuple_get(value, 0);
        u->shown_function = term_tuple_get(value, 1);
    }
}

static void read_options(Unit *u, Term options)
{
    if (!term_is_list(options)) read_option(u, options);
    for (; term_is_cons(options); options = term_tail(options))
        read_option(u, term_head(options));
}

// Options are few and asked for seldom, so a list will do. Only plain atoms are
// found.
bool unit_option(Term options, Term atom)
{
    for (; term_is_cons(options); options = term_tail(options))
        if (term_same(term_head(options), atom)) return true;
    return false;
}

// A wild attribute, which module_info(attributes) shows; several of one name
// stay apart, as OTP has them. Their values are put into a list unless they are
// one: -vsn(1) is {vsn, [1]}.
static void read_wild(Unit *u, Term name, Term value)
{
    if (!term_is_list(value)) value = heap_cons(&u->heap, value, TERM_NIL);
    u->attributes = heap_cons(&u->heap, heap_tuple2(&u->heap, name, value),
                              u->attributes);
}

// The module is kept behind a pointer, as tables have it.
static void read_import(Unit *u, Term value)
{
    if (!term_is_tuple_of(value, 2)) return;
    Term *module = arena_alloc(&u->arena, sizeof *module);
    *module = term_tuple_get(value, 0);
    enter_names(u, &u->imports, term_tuple_get(value, 1), module);
}

static void read_module(Unit *u, Term value)
{
    if (term_is_atom(value)) u->name = value;
}

// {Name, 0}; others were refused by lint.
static void read_on_load(Unit *u, Term value)
{
    if (!term_is_tuple_of(value, 2)) return;
    u->on_load = term_tuple_get(value, 0);
}

// Attributes that leave no trace in the code.
static bool is_declaration(Term name)
{
    switch (name.bits) {
    case ATOM_BITS_type: case ATOM_BITS_opaque: case ATOM_BITS_spec:
    case ATOM_BITS_export_type: case ATOM_BITS_feature: case ATOM_BITS_nominal:
    case ATOM_BITS_doc: case ATOM_BITS_moduledoc: case ATOM_BITS_import_type:
        return true;
    default:
        return false;
    }
}

// -callback: {{Name, Arity}, Types}
// They are no attributes of the file: behaviour_info/1 is made of them, which
// tells their names (behaviour_info.c).
static void read_callback(Unit *u, Term value)
{
    if (!term_is_tuple_of(value, 2)) return;
    Term name = term_tuple_get(value, 0);
    if (term_is_tuple_of(name, 2))
        u->callbacks = heap_cons(&u->heap, name, u->callbacks);
}

// -optional_callbacks([{Name, Arity}, ...]), also more than once.
static void read_optional(Unit *u, Term names)
{
    for (; term_is_cons(names); names = term_tail(names))
        if (term_is_tuple_of(term_head(names), 2))
            u->optional_callbacks = heap_cons(&u->heap, term_head(names),
                                              u->optional_callbacks);
}

// -spec and the like come by thousands and are passed over; what nobody knows
// is wild.
static void read_attribute(Unit *u, Term form)
{
    Term name = form_get(form, 3), value = form_get(form, 4);
    switch (name.bits) {
    case ATOM_BITS_module: read_module(u, value); break;
    case ATOM_BITS_export: enter_names(u, &u->exports, value, u); break;
    case ATOM_BITS_nifs: enter_names(u, &u->nifs, value, u); break;
    case ATOM_BITS_import: read_import(u, value); break;
    case ATOM_BITS_record: read_record(u, value); break;
    case ATOM_BITS_on_load: read_on_load(u, value); break;
    case ATOM_BITS_callback: read_callback(u, value); break;
    case ATOM_BITS_optional_callbacks: read_optional(u, value); break;
    case ATOM_BITS_compile:
        read_options(u, value);
        break;
    case ATOM_BITS_file:
        if (term_is_tuple_of(value, 2)) enter_file(u, term_tuple_get(value, 0));
        break;
    default:
        if (!is_declaration(name)) read_wild(u, name, value);
    }
}

// The function is made with the definition, empty: calls of it may be built
// before its body is. Order is that of the source.
Definition *unit_define(Unit *u, Term name, size_t arity, Term clauses,
                        Place place)
{
    Definition *d = arena_zeroed(&u->arena, sizeof *d);
    d->name = name;
    d->arity = (uint32_t)arity;
    d->clauses = clauses;
    d->place = place;
    Function *f = arena_zeroed(&u->arena, sizeof *f);
    f->name = name;
    f->arity = (uint32_t)arity;
    f->place = place;
    d->function = f;
    table_put(&u->functions, &u->arena, table_function_key(name, arity), d);
    if (u->order_count == u->order_room)
        u->order = arena_grow(&u->arena, u->order, u->order_count,
                              &u->order_room, sizeof *u->order);
    u->order[u->order_count++] = d;
    return d;
}

// Options that were given come before those of the source.
void unit_read(Unit *u, Term forms, Term options)
{
    u->inline_size = 24; // unless {inline_size, N} says otherwise
    read_options(u, options);
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        Term form = term_head(forms);
        if (form_is(form, ATOM_attribute) && term_arity(form) == 4) {
            read_attribute(u, form);
        } else if (form_is(form, ATOM_function) && term_arity(form) == 5) {
            unit_define(u, form_get(form, 3),
                        (size_t)term_small_value(form_get(form, 4)),
                        form_get(form, 5), unit_place(u, form_get(form, 2)));
        }
    }
}
