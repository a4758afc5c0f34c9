// SPDX-License-Identifier: Apache-2.0
// Lint of a module's attributes, and of what is known in the end: functions
// and records that are undefined or unused, missing callbacks.
//
// Whatever is told in the end names the file of what it is about; l->file is
// set for that and set back.
//
// lint_finish goes through its checks in the order of erl_lint's own, since
// errors are told in the order in which they were found, and programs compare
// the lists.
#include "lint_module.h"

#include "auto_import.h"
#include "compare.h"

// A name may stand in several lists; that it does is worth a warning only.
static void export(Lint *l, Term anno, Term list)
{
    Term name;
    size_t arity;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (!lint_read_function(term_head(list), &name, &arity)) continue;
        Entity *f = entity_get(l, &l->functions, name, arity);
        if (f->is_exported)
            lint_warning(l, anno,
                         lint_function_tuple(l, ATOM_duplicated_export, name,
                                             arity));
        f->is_exported = true;
        // An export names it: undefined functions are told here, too.
        places_add(l, &f->calls, (Place){name, arity, anno, l->file});
    }
}

// An import may hide a function that needs no import, but must not hide another
// import. The one error here is about names that were built-ins before R14: for
// these an old module may rely on the built-in, so OTP asks for no_auto_import.
static bool may_import(Lint *l, Term anno, Entity *f)
{
    if (!term_is_none(f->imported)) {
        Term pair = heap_tuple2(l->heap, f->name,
                                term_small((intptr_t)f->arity));
        lint_error(l, anno,
                   lint_tuple1(l, ATOM_redefine_import,
                               heap_tuple2(l->heap, pair, f->imported)));
        return false;
    }
    if (!auto_import_has(l->node->atoms, f->name, f->arity)
        || !l->warns[WARN_BIF_CLASH]
        || lint_is_auto_suppressed(l, f->name, f->arity)
        || lint_option_names(l, ATOM_nowarn_bif_clash, f->name, f->arity))
        return true;
    if (auto_import_has_old(l->node->atoms, f->name, f->arity))
        lint_error(l, anno,
                   lint_function_tuple(l, ATOM_redefine_old_bif_import,
                                       f->name, f->arity));
    else
        lint_warning(l, anno,
                     lint_function_tuple(l, ATOM_redefine_bif_import, f->name,
                                         f->arity));
    return true;
}

// Names that were refused are passed over, so that they do not seem to be
// imported later and hide the import that was first.
static void import(Lint *l, Term anno, Term value)
{
    if (!term_is_tuple_of(value, 2)) return;
    lint_check_module_name(l, anno, term_tuple_get(value, 0));
    Term module = term_tuple_get(value, 0), list = term_tuple_get(value, 1);
    Term name;
    size_t arity;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (!lint_read_function(term_head(list), &name, &arity)) continue;
        Entity *f = entity_get(l, &l->functions, name, arity);
        if (!may_import(l, anno, f)) continue;
        f->imported = module;
        f->import_anno = anno;
        f->import_file = l->file;
    }
}

// The first of several is judged; each further one is an error of its own
// place. Whether the function is there at all can be told in the end only.
static void on_load(Lint *l, Term anno, Term value)
{
    Term name;
    size_t arity;
    if (!lint_read_function(value, &name, &arity)) {
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_on_load, value));
        return;
    }
    if (l->on_load_count++ > 0) {
        // All of them count as used.
        Entity *f = entity_get(l, &l->functions, name, arity);
        f->is_on_load = true;
        lint_error(l, anno, ATOM_multiple_on_loads);
        return;
    }
    entity_get(l, &l->functions, name, arity)->is_on_load = true;
    if (arity != 0)
        lint_error(l, anno,
                   lint_function_tuple(l, ATOM_bad_on_load_arity, name,
                                       arity));
    l->on_load_name = name;
    l->on_load_arity = arity;
    l->on_load_anno = anno;
    l->on_load_file = l->file;
}

// For -nifs: the functions themselves may come later.
static void note_functions(Lint *l, Places *to, Term anno, Term list)
{
    Term name;
    size_t arity;
    for (; term_is_cons(list); list = term_tail(list))
        if (lint_read_function(term_head(list), &name, &arity))
            places_add(l, to, (Place){name, arity, anno, l->file});
}

// A list that holds anything else is judged by nobody, not even in part.
static void optional_callbacks(Lint *l, Term anno, Term list)
{
    Term name;
    size_t arity;
    for (Term t = list; term_is_cons(t); t = term_tail(t))
        if (!lint_read_function(term_head(t), &name, &arity)) return;
    for (; term_is_cons(list); list = term_tail(list)) {
        lint_read_function(term_head(list), &name, &arity);
        if (places_find(&l->optional_callbacks, name, arity) != NULL)
            lint_error(l, anno,
                       lint_function_tuple(l, ATOM_redefine_optional_callback,
                                           name, arity));
        places_add(l, &l->optional_callbacks,
                   (Place){name, arity, anno, l->file});
    }
}

// Attributes that may stand behind functions, too: those that leave no trace in
// what functions mean, or that a function may have needed before.
static bool anywhere(Lint *l, Term name, Term anno, Term value)
{
    switch (name.bits) {
    case ATOM_BITS_record:
        if (term_is_tuple_of(value, 2))
            lint_record_definition(l, anno, term_tuple_get(value, 0),
                                   term_tuple_get(value, 1));
        return true;
    case ATOM_BITS_type:
    case ATOM_BITS_opaque:
    case ATOM_BITS_nominal:
        lint_type_definition(l, name, anno, value);
        return true;
    case ATOM_BITS_spec: lint_spec(l, anno, value, false); return true;
    case ATOM_BITS_doc:
    case ATOM_BITS_dialyzer: return true;
    default: return false;
    }
}

// -module and the like must come before the first function, as their meaning
// must be known when bodies are looked at. Order is checked here, what is in
// them by the functions above; unknown ones are wild and may hold anything.
void lint_attribute(Lint *l, Term name, Term anno, Term value)
{
    if (anywhere(l, name, anno, value)) return;
    // Attributes that functions depend on must come before them.
    if (l->saw_function) {
        lint_error(l, anno, lint_tuple1(l, ATOM_attribute, name));
        return;
    }
    switch (name.bits) {
    case ATOM_BITS_module:
        // A second one is told of in lint.c.
        if (!term_is_none(l->module) || !term_is_atom(value)) return;
        l->module = value;
        lint_check_module_name(l, anno, value);
        return;
    case ATOM_BITS_export: export(l, anno, value); return;
    case ATOM_BITS_export_type: lint_export_type(l, anno, value); return;
    case ATOM_BITS_import: import(l, anno, value); return;
    case ATOM_BITS_behaviour:
    case ATOM_BITS_behavior:
        l->behaviours = heap_cons(
            l->heap, heap_tuple3(l->heap, anno, value, l->file),
            l->behaviours);
        return;
    case ATOM_BITS_callback: lint_spec(l, anno, value, true); return;
    case ATOM_BITS_optional_callbacks:
        optional_callbacks(l, anno, value);
        return;
    case ATOM_BITS_on_load: on_load(l, anno, value); return;
    case ATOM_BITS_nifs: note_functions(l, &l->nifs, anno, value); return;
    default: return;
    }
}

// ---- in the end ----

// These two come with every module, so they are defined although no form says
// so; record_info is no function at all.
static bool is_pseudo_local(const Entity *f)
{
    return (term_same(f->name, ATOM_module_info) && f->arity <= 1)
           || (term_same(f->name, ATOM_record_info) && f->arity == 2);
}

// Errors for all places where an undefined function is called or exported: each
// place is its own mistake.
static void check_undefined(Lint *l, const Entity *f)
{
    if (f->is_defined || is_pseudo_local(f)) return;
    Term file = l->file;
    for (size_t i = 0; i < f->calls.count; i++) {
        const Place *p = f->calls.items + i;
        // What it calls itself, not who names it.
        if (term_is_none(p->anno)) continue;
        l->file = p->file;
        lint_error(l, p->anno,
                   lint_function_tuple(l, ATOM_undefined_function, f->name,
                                       f->arity));
    }
    l->file = file;
}

// A function is of use when one that is of use calls it. So a ring of functions
// that only call each other is told as unused, each of them. Goes deep, but no
// deeper than the longest chain of calls among unvisited ones.
static void reach(Lint *l, Entity *f)
{
    if (f->is_reached) return;
    f->is_reached = true;
    for (size_t i = 0; i < f->calls.count; i++) {
        const Place *p = f->calls.items + i;
        if (!term_is_none(p->anno)) continue; // a place that names [f]
        Entity *callee = entity_find(&l->functions, p->name, p->arity);
        if (callee != NULL) reach(l, callee);
    }
}

// At [anno] rather than its own place: a function that is defined twice is
// warned of twice, once at each.
static void warn_unused(Lint *l, const Entity *f, Term anno, Term file)
{
    if (!f->is_defined || f->is_reached
        || lint_option_names(l, ATOM_nowarn_unused_function, f->name,
                             f->arity))
        return;
    Term now = l->file;
    l->file = file;
    lint_warning(l, anno,
                 lint_function_tuple(l, ATOM_unused_function, f->name,
                                     f->arity));
    l->file = now;
}

// Roots are what others can call. Options of the source that name functions
// which are not there are errors here, between the other checks, as erl_lint
// has it.
static void check_unused(Lint *l, Term forms)
{
    for (size_t i = 0; i < l->functions.count; i++) {
        Entity *f = l->functions.items[i];
        bool is_root = f->is_exported || l->export_all || f->is_on_load;
        if (is_root) reach(l, f);
    }
    // Also where nothing is warned of: the option itself may be wrong.
    lint_check_option(l, forms, ATOM_nowarn_unused_function,
                      ATOM_bad_nowarn_unused_function);
    if (!l->warns[WARN_UNUSED_FUNCTION] || l->export_all) return;
    for (size_t i = 0; i < l->functions.count; i++) {
        const Entity *f = l->functions.items[i];
        warn_unused(l, f, f->anno, f->file);
    }
    for (size_t i = 0; i < l->redefined.count; i++) {
        const Place *p = &l->redefined.items[i];
        warn_unused(l, entity_find(&l->functions, p->name, p->arity), p->anno,
                    p->file);
    }
}

// Under warn_unused_import only: header files import for all who include them.
static void check_imports(Lint *l)
{
    if (!l->warns[WARN_UNUSED_IMPORT]) return;
    for (size_t i = 0; i < l->functions.count; i++) {
        const Entity *f = l->functions.items[i];
        if (term_is_none(f->imported) || f->import_used) continue;
        Term pair = heap_tuple2(l->heap, f->name,
                                term_small((intptr_t)f->arity));
        lint_warning_in(l, f->import_file, f->import_anno,
                     lint_tuple1(l, ATOM_unused_import,
                                 heap_tuple2(l->heap, pair, f->imported)));
    }
}

// Looked up in the forms once more, as record_info keeps fields without their
// types. It is the first definition that counts.
static bool has_types(Term forms, Term name)
{
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        Term f = term_head(forms);
        if (!form_is(f, ATOM_BITS_attribute) || form_arity(f) != 2
            || !term_same(form_arg(f, 0), ATOM_record)
            || !term_same(term_tuple_get(form_arg(f, 1), 0), name))
            continue;
        Term fields = term_tuple_get(form_arg(f, 1), 1);
        for (; term_is_cons(fields); fields = term_tail(fields))
            if (!form_is(term_head(fields), ATOM_BITS_typed_record_field))
                return false;
        return true;
    }
    return false;
}

// One name, or a list of names and lists, as deep as programs nest them.
static bool holds_name(Term names, Term name)
{
    for (; term_is_cons(names); names = term_tail(names))
        if (holds_name(term_head(names), name)) return true;
    return term_same(names, name);
}

static bool may_be_unused(const Lint *l, Term name)
{
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        Term item = term_head(o);
        if (!term_is_tuple_of(item, 2)
            || !term_same(term_tuple_get(item, 0), ATOM_nowarn_unused_record))
            continue;
        if (holds_name(term_tuple_get(item, 1), name)) return true;
    }
    return false;
}

// Untyped records are asked for by option; unused ones are told by default.
// Forms that no file was named for were made by a program: their records are
// not asked for, as with erl_lint.
static bool names_file(Term forms)
{
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        Term f = term_head(forms);
        if (form_is(f, ATOM_BITS_attribute) && form_arity(f) == 2
            && term_same(form_arg(f, 0), ATOM_file))
            return true;
    }
    return false;
}

static void check_records(Lint *l, Term forms)
{
    bool asked = l->warns[WARN_UNUSED_RECORD] && names_file(forms);
    for (size_t i = 0; i < l->record_count; i++) {
        const RecordInfo *r = l->records[i];
        if (l->warns[WARN_UNTYPED_RECORD] && !term_is_nil(r->fields)
            && !has_types(forms, r->name))
            lint_warning_in(l, r->file, r->anno,
                            lint_tuple1(l, ATOM_untyped_record, r->name));
        // those of header files may be for others
        if (asked && !r->used && term_exact_equal(r->file, l->file)
            && !may_be_unused(l, r->name))
            lint_warning(l, r->anno,
                         lint_tuple1(l, ATOM_unused_record, r->name));
    }
    // {nowarn_unused_record, R} must name a record.
    if (asked) lint_check_record_options(l, forms);
}

// Specifications of what is not there are errors. What is there without one is
// told only if asked, and then [missing_spec] looks at exported functions,
// missing_spec_all at each.
static void check_specs(Lint *l)
{
    Term file = l->file;
    for (size_t i = 0; i < l->specs.count; i++) {
        const Place *p = l->specs.items + i;
        const Entity *f = entity_find(&l->functions, p->name, p->arity);
        if (f != NULL && f->is_defined) continue;
        l->file = p->file;
        lint_error(l, p->anno,
                   lint_function_tuple(l, ATOM_spec_fun_undefined, p->name,
                                       p->arity));
    }
    for (size_t i = 0; i < l->functions.count; i++) {
        const Entity *f = l->functions.items[i];
        bool asked = l->warns[WARN_MISSING_SPEC_ALL]
                     || (l->warns[WARN_MISSING_SPEC]
                         && (f->is_exported || l->export_all));
        if (!asked || !f->is_defined
            || places_find(&l->specs, f->name, f->arity) != NULL)
            continue;
        l->file = f->file;
        lint_warning(l, f->anno,
                     lint_function_tuple(l, ATOM_missing_spec, f->name,
                                         f->arity));
    }
    l->file = file;
}

static void check_on_load(Lint *l)
{
    // What is wrong with it otherwise was told where it stands.
    if (l->on_load_count != 1 || l->on_load_arity != 0) return;
    const Entity *f = entity_find(&l->functions, l->on_load_name, 0);
    if (f != NULL && f->is_defined) return;
    Term file = l->file;
    l->file = l->on_load_file;
    lint_error(l, l->on_load_anno,
               lint_function_tuple(l, ATOM_undefined_on_load, l->on_load_name,
                                   0));
    l->file = file;
}

// -nifs without load_nif helps nobody: the functions would stay what they are
// in Erlang. With inlining the compiler must know them (lint_call.c).
static void check_nifs(Lint *l)
{
    if (l->nifs.count > 0 && !l->loads_nif)
        lint_warning_in(l, l->nifs.items[0].file, l->nifs.items[0].anno,
                        ATOM_no_load_nif);
    for (size_t i = 0; i < l->nifs.count; i++) {
        const Place *p = l->nifs.items + i;
        const Entity *f = entity_find(&l->functions, p->name, p->arity);
        if (f == NULL || !f->is_defined)
            lint_error(l, p->anno,
                       lint_function_tuple(l, ATOM_undefined_nif, p->name,
                                           p->arity));
    }
}

// An error about the callback that was declared at [p].
static void callback_error(Lint *l, const Place *p, Term what)
{
    Term mfa = heap_tuple3(l->heap, l->module, p->name,
                           term_small((intptr_t)p->arity));
    lint_error(l, p->anno, lint_tuple1(l, what, mfa));
}

// Optional callbacks must be among the callbacks, in whatever order both were
// declared.
static void check_callbacks(Lint *l)
{
    for (size_t i = 0; i < l->optional_callbacks.count; i++) {
        const Place *p = l->optional_callbacks.items + i;
        if (places_find(&l->callbacks, p->name, p->arity) == NULL)
            callback_error(l, p, ATOM_undefined_callback);
    }
    const Entity *f = entity_find(&l->functions, ATOM_behaviour_info, 1);
    if (f == NULL || !f->is_defined) return;
    // -callback makes a behaviour_info/1 of its own.
    for (size_t i = 0; i < l->callbacks.count; i++)
        callback_error(l, l->callbacks.items + i, ATOM_behaviour_info);
}

// -compile(export_all) is worth a word, at the attribute; as an option of the
// command line it has no place and is told by nobody.
static void check_export_all(Lint *l, Term forms)
{
    if (!l->warns[WARN_EXPORT_ALL]) return;
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        Term f = term_head(forms);
        if (!form_is(f, ATOM_BITS_attribute) || form_arity(f) != 2
            || !term_same(form_arg(f, 0), ATOM_compile))
            continue;
        Term value = form_arg(f, 1);
        bool found = term_same(value, ATOM_export_all);
        for (; term_is_cons(value); value = term_tail(value))
            found |= term_same(term_head(value), ATOM_export_all);
        if (found) lint_warning(l, form_anno(f), ATOM_export_all);
    }
}

// The order is that of erl_lint, see above. Unused functions come behind
// undefined ones: what calls them has been noted by then.
void lint_finish(Lint *l, Term forms)
{
    check_export_all(l, forms);
    lint_check_behaviours(l);
    lint_check_deprecated(l, forms);
    check_imports(l);
    lint_check_option(l, forms, ATOM_inline, ATOM_bad_inline);
    for (size_t i = 0; i < l->functions.count; i++)
        check_undefined(l, l->functions.items[i]);
    check_unused(l, forms);
    lint_check_option(l, forms, ATOM_nowarn_bif_clash,
                      ATOM_bad_nowarn_bif_clash);
    check_specs(l);
    lint_check_types(l);
    check_on_load(l);
    check_records(l, forms);
    lint_check_dialyzer(l, forms);
    check_callbacks(l);
    check_nifs(l);
    lint_check_removed(l, forms);
}
