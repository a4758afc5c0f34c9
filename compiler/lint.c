// SPDX-License-Identifier: Apache-2.0
// Lint: the state, its options, and the way through a module's forms; what can
// be told only when all forms were seen is in lint_module.c.
//
// Messages are kept with the file they belong to and packed by file in the
// end: warnings in order of their places, errors as they were found. Functions
// of the module are noted before any body is looked at, as calls may come
// before what they call, and a local function takes the place of an import.
//
// Nothing here changes forms, and nothing depends on the compile options but
// what is told. The result is {errors, warnings} as erl_lint:module/3 has it:
// lists by file, each message {Location, erl_lint, Descriptor}; texts come
// later (lint_text.c).
#include "lint_state.h"

#include <stdlib.h>

#include "auto_import.h"
#include "compare.h"
#include "lint_module.h"

// ---- messages ----

// Descriptors lie on the caller's heap, as they outlive the check; tables lie
// in the arena.
Term lint_tuple1(Lint *l, Term tag, Term a)
{
    return heap_tuple2(l->heap, tag, a);
}

Term lint_tuple2(Lint *l, Term tag, Term a, Term b)
{
    return heap_tuple3(l->heap, tag, a, b);
}

Term lint_function_tuple(Lint *l, Term tag, Term name, size_t arity)
{
    Term pair = heap_tuple2(l->heap, name, term_small((intptr_t)arity));
    return heap_tuple2(l->heap, tag, pair);
}

// An annotation is a location, or a list of {location, L}, {file, F} ... as
// parse transforms make it with erl_anno.
static Term annotation_item(Term anno, Term key)
{
    for (; term_is_cons(anno); anno = term_tail(anno)) {
        Term item = term_head(anno);
        if (term_is_tuple_of(item, 2)
            && term_same(term_tuple_get(item, 0), key))
            return term_tuple_get(item, 1);
    }
    return TERM_NONE;
}

Term lint_location(Term anno)
{
    if (!term_is_cons(anno)) return anno;
    Term location = annotation_item(anno, ATOM_location);
    return term_is_none(location) ? term_small(0) : location;
}

// The file is the current one, unless the annotation names its own.
static void add_message(Lint *l, Messages *m, Term anno, Term descriptor)
{
    if (m->count == m->room)
        m->items = arena_grow(&l->arena, m->items, m->count, &m->room,
                              sizeof *m->items);
    // A parse transform may say where a form came from.
    Term file = annotation_item(anno, ATOM_file);
    Term message = heap_tuple3(l->heap, lint_location(anno), ATOM_erl_lint,
                               descriptor);
    m->items[m->count++]
        = (Message){term_is_none(file) ? l->file : file, message};
}

// As it came: a message that has a module of its own, or no place.
static void add_bare(Lint *l, Messages *m, Term message)
{
    if (m->count == m->room)
        m->items = arena_grow(&l->arena, m->items, m->count, &m->room,
                              sizeof *m->items);
    m->items[m->count++] = (Message){l->file, message};
}

void lint_error_anywhere(Lint *l, Term descriptor)
{
    add_bare(l, &l->errors, heap_tuple2(l->heap, ATOM_erl_lint, descriptor));
}

// All three keep the order of finding; only warnings are sorted in the end.
void lint_error(Lint *l, Term anno, Term descriptor)
{
    add_message(l, &l->errors, anno, descriptor);
}

void lint_warning(Lint *l, Term anno, Term descriptor)
{
    add_message(l, &l->warnings, anno, descriptor);
}

// TERM_NONE stands for the current file.
void lint_warning_in(Lint *l, Term file, Term anno, Term descriptor)
{
    Term now = l->file;
    if (!term_is_none(file)) l->file = file;
    lint_warning(l, anno, descriptor);
    l->file = now;
}

// ---- options ----

// {warn_format, 1} is named by its first element.
static Term option_name(Term option)
{
    if (term_is_tuple(option) && term_arity(option) > 0)
        return term_tuple_get(option, 0);
    return option;
}

// The options of the module are in front of those given, so both are asked.
bool lint_has_option(const Lint *l, Term name)
{
    for (Term o = l->options; term_is_cons(o); o = term_tail(o))
        if (term_same(option_name(term_head(o)), name)) return true;
    return false;
}

// Whether [list], deep, holds {name, arity}.
static bool holds_function(Term list, Term name, size_t arity)
{
    // Names may be one pair, or lists of lists.
    for (; term_is_cons(list); list = term_tail(list))
        if (holds_function(term_head(list), name, arity)) return true;
    return term_is_tuple_of(list, 2)
           && term_same(term_tuple_get(list, 0), name)
           && term_same(term_tuple_get(list, 1), term_small((intptr_t)arity));
}

// As in {nowarn_unused_function, [{f, 1}]} and {nowarn_unused_function, {f,
// 1}}.
bool lint_option_names(const Lint *l, Term option, Term name, size_t arity)
{
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        Term item = term_head(o);
        if (term_is_tuple_of(item, 2)
            && term_same(term_tuple_get(item, 0), option)
            && holds_function(term_tuple_get(item, 1), name, arity))
            return true;
    }
    return false;
}

// Of every module, by its name alone; what the module itself says comes next.
bool lint_is_auto_import(const Lint *l, Term name, size_t arity)
{
    return auto_import_has(l->node->atoms, name, arity);
}

// By -compile(no_auto_import) for all, or by name for some.
bool lint_is_auto_suppressed(const Lint *l, Term name, size_t arity)
{
    return l->no_auto_all
           || lint_option_names(l, ATOM_no_auto_import, name, arity);
}

// The last of warn_X and nowarn_X among the options decides; without either
// [normally] does, which is OTP's default.
static bool is_enabled(const Lint *l, Term on, Term off, bool normally)
{
    bool enabled = normally;
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        if (term_same(term_head(o), on)) enabled = true;
        if (term_same(term_head(o), off)) enabled = false;
    }
    return enabled;
}

// warn_format stands for {warn_format, 1}.
static int format_level(const Lint *l)
{
    int level = 1;
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        Term item = term_head(o);
        if (term_same(item, ATOM_warn_format)) level = 1;
        if (term_same(item, ATOM_nowarn_format)) level = 0;
        if (term_is_tuple_of(item, 2)
            && term_same(term_tuple_get(item, 0), ATOM_warn_format)
            && term_is_small(term_tuple_get(item, 1)))
            level = (int)term_small_value(term_tuple_get(item, 1));
    }
    return level;
}

// Options that are no simple yes or no (nowarn_unused_function with names,
// warn_format with a level) are read where they matter.
static void read_warnings(Lint *l)
{
    const struct {
        Warning warning;
        Term on, off;
        bool normally;
    } all[] = {
        {WARN_UNUSED_VARS, ATOM_warn_unused_vars, ATOM_nowarn_unused_vars,
         true},
        {WARN_UNDERSCORE_MATCH, ATOM_warn_underscore_match,
         ATOM_nowarn_underscore_match, true},
        {WARN_EXPORT_ALL, ATOM_warn_export_all, ATOM_nowarn_export_all, true},
        {WARN_EXPORT_VARS, ATOM_warn_export_vars, ATOM_nowarn_export_vars,
         false},
        {WARN_SHADOW_VARS, ATOM_warn_shadow_vars, ATOM_nowarn_shadow_vars,
         true},
        {WARN_UNUSED_IMPORT, ATOM_warn_unused_import,
         ATOM_nowarn_unused_import, false},
        {WARN_UNUSED_FUNCTION, ATOM_warn_unused_function,
         ATOM_nowarn_unused_function, true},
        {WARN_UNUSED_TYPE, ATOM_warn_unused_type, ATOM_nowarn_unused_type,
         true},
        {WARN_BIF_CLASH, ATOM_warn_bif_clash, ATOM_nowarn_bif_clash, true},
        {WARN_UNUSED_RECORD, ATOM_warn_unused_record,
         ATOM_nowarn_unused_record, true},
        {WARN_OBSOLETE_GUARD, ATOM_warn_obsolete_guard,
         ATOM_nowarn_obsolete_guard, true},
        {WARN_UNTYPED_RECORD, ATOM_warn_untyped_record,
         ATOM_nowarn_untyped_record, false},
        {WARN_MISSING_SPEC, ATOM_warn_missing_spec, ATOM_nowarn_missing_spec,
         false},
        {WARN_MISSING_SPEC_ALL, ATOM_warn_missing_spec_all,
         ATOM_nowarn_missing_spec_all, false},
        {WARN_NIF_INLINE, ATOM_warn_nif_inline, ATOM_nowarn_nif_inline, true},
        {WARN_DEPRECATED_FUNCTION, ATOM_warn_deprecated_function,
         ATOM_nowarn_deprecated_function, true},
        {WARN_DEPRECATED_TYPE, ATOM_warn_deprecated_type,
         ATOM_nowarn_deprecated_type, true},
        {WARN_REMOVED, ATOM_warn_removed, ATOM_nowarn_removed, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        l->warns[all[i].warning]
            = is_enabled(l, all[i].on, all[i].off, all[i].normally);
    l->warn_format = format_level(l);
}

// ---- entities ----

// Places only grow: what is told of in the end names all of them.
void places_add(Lint *l, Places *p, Place place)
{
    if (p->count == p->room)
        p->items = arena_grow(&l->arena, p->items, p->count, &p->room,
                              sizeof *p->items);
    p->items[p->count++] = place;
}

Place *places_find(const Places *p, Term name, size_t arity)
{
    for (size_t i = p->count; i-- > 0;)
        if (term_same(p->items[i].name, name) && p->items[i].arity == arity)
            return p->items + i;
    return NULL;
}

bool lint_read_function(Term t, Term *name, size_t *arity)
{
    if (!term_is_tuple_of(t, 2) || !term_is_atom(term_tuple_get(t, 0))
        || !term_is_small(term_tuple_get(t, 1)))
        return false;
    *name = term_tuple_get(t, 0);
    *arity = (size_t)term_small_value(term_tuple_get(t, 1));
    return true;
}

// NULL: nobody has named it yet.
Entity *entity_find(const Entities *all, Term name, size_t arity)
{
    return table_get(&all->index, table_function_key(name, arity));
}

// Functions and types that are called but not defined are entities, too, so
// that the end can tell of them at every place. Order of first mention is that
// in which undefined ones are told.
Entity *entity_get(Lint *l, Entities *all, Term name, size_t arity)
{
    Entity *e = entity_find(all, name, arity);
    if (e != NULL) return e;
    e = arena_zeroed(&l->arena, sizeof *e);
    e->name = name;
    e->arity = arity;
    table_put(&all->index, &l->arena, table_function_key(name, arity), e);
    if (all->count == all->room)
        all->items = arena_grow(&l->arena, all->items, all->count, &all->room,
                                sizeof *all->items);
    all->items[all->count++] = e;
    return e;
}

// ---- the forms ----

// In reverse, as the whole is turned round behind.
static Term add_options(Lint *l, Term value, Term to)
{
    if (!term_is_list(value)) return heap_cons(l->heap, value, to);
    for (; term_is_cons(value); value = term_tail(value))
        to = heap_cons(l->heap, term_head(value), to);
    return to;
}

// Puts the options of -compile attributes in front of the others, which so
// have the last word.
static void read_options(Lint *l, Term forms, Term options)
{
    Term backwards = TERM_NIL, found = options;
    for (Term f = forms; term_is_cons(f); f = term_tail(f)) {
        Term form = term_head(f);
        if (form_is(form, ATOM_BITS_attribute) && form_arity(form) == 2
            && term_same(form_arg(form, 0), ATOM_compile))
            backwards = add_options(l, form_arg(form, 1), backwards);
    }
    for (; term_is_cons(backwards); backwards = term_tail(backwards))
        found = heap_cons(l->heap, term_head(backwards), found);
    l->options = found;
    l->export_all = lint_has_option(l, ATOM_export_all);
    for (Term o = found; term_is_cons(o); o = term_tail(o))
        l->no_auto_all |= term_same(term_head(o), ATOM_no_auto_import);
    read_warnings(l);
}

// Before anything else is looked at: whether f(X) means the module's f or a
// built-in depends on functions that may come last.
static void note_locals(Lint *l, Term forms)
{
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        Term f = term_head(forms);
        if (!form_is(f, ATOM_BITS_function) || form_arity(f) != 3) continue;
        entity_get(l, &l->functions, form_arg(f, 0),
                   (size_t)term_small_value(form_arg(f, 1)))
            ->is_local = true;
    }
}

// One that was defined before is an error, but its body is looked at all the
// same: it may have errors of its own, and names what it calls.
static void function(Lint *l, Term form)
{
    Term name = form_arg(form, 0), anno = form_anno(form);
    size_t arity = (size_t)term_small_value(form_arg(form, 1));
    Entity *f = entity_get(l, &l->functions, name, arity);
    if (f->is_defined) {
        lint_error(l, anno,
                   lint_function_tuple(l, ATOM_redefine_function, name,
                                       arity));
        places_add(l, &l->redefined, (Place){name, arity, anno, l->file});
    } else {
        f->is_defined = true;
        f->anno = anno;
        f->file = l->file;
        // An arity is a byte in the code.
        if (arity > 255)
            lint_error(l, anno,
                       lint_tuple1(l, ATOM_too_many_arguments,
                                   term_small((intptr_t)arity)));
        if (!term_is_none(f->imported))
            lint_error(l, anno,
                       lint_function_tuple(l, ATOM_define_import, name,
                                           arity));
    }
    l->function = f;
    lint_function(l, form_arg(form, 2));
    l->function = NULL;
}

// Whether the text [chars], a list, ends with [end].
static bool ends_with(Term chars, const char *end)
{
    intptr_t n = term_list_length(chars), m = (intptr_t)strlen(end);
    if (n < m) return false;
    for (; n > m; n--) chars = term_tail(chars);
    for (; term_is_cons(chars); chars = term_tail(chars), end++)
        if (!term_same(term_head(chars), term_small(*end))) return false;
    return true;
}

// The qlc header comes with a parse transform; only its name is seen here,
// since epp has put its forms in place already.
bool lint_set_file(Lint *l, Term form)
{
    if (!form_is(form, ATOM_BITS_attribute) || form_arity(form) != 2
        || !term_same(form_arg(form, 0), ATOM_file))
        return false;
    Term value = form_arg(form, 1);
    if (term_is_tuple_of(value, 2)) l->file = term_tuple_get(value, 0);
    l->includes_qlc |= ends_with(l->file, "/qlc.hrl");
    return true;
}

// Order matters in a module: -module first, attributes before functions. The
// error about a missing -module is at the first form, whatever that is.
static void form(Lint *l, Term f)
{
    // What epp found is passed on, in its words.
    if (term_is_tuple_of(f, 2) && form_is(f, ATOM_BITS_error)) {
        add_bare(l, &l->errors, term_tuple_get(f, 1));
        return;
    }
    if (term_is_tuple_of(f, 2) && form_is(f, ATOM_BITS_warning)) {
        add_bare(l, &l->warnings, term_tuple_get(f, 1));
        return;
    }
    if (lint_set_file(l, f)) return;
    bool is_attribute = form_is(f, ATOM_BITS_attribute) && form_arity(f) == 2;
    // Their options were read before.
    if (is_attribute && term_same(form_arg(f, 0), ATOM_compile)) return;
    // The first form must say which module it is.
    if (!l->saw_module) {
        l->saw_module = true;
        if (!is_attribute || !term_same(form_arg(f, 0), ATOM_module))
            lint_error(l, term_tuple_get(f, 1), ATOM_undefined_module);
        else if (term_is_tuple_of(form_arg(f, 1), 2))
            lint_error(l, form_anno(f), ATOM_pmod_unsupported);
    } else if (is_attribute && term_same(form_arg(f, 0), ATOM_module)
               && !term_is_none(l->module)) {
        lint_error(l, form_anno(f), ATOM_redefine_module);
        return;
    }
    if (is_attribute) {
        lint_attribute(l, form_arg(f, 0), form_anno(f), form_arg(f, 1));
    } else if (form_is(f, ATOM_BITS_function) && form_arity(f) == 3) {
        l->saw_function = true;
        function(l, f);
    }
}

// ---- the results ----
// Warnings are sorted by their message, which begins with the place.

static int compare_messages(const Lint *l, const Message *a, const Message *b)
{
    return term_compare(l->node->atoms, a->message, b->message);
}

// Sorts warnings by place; errors stay in the order they were found. By
// insertion: most come in order already, so it is nearly linear, and equal ones
// stay in their order.
static void sort(const Lint *l, Messages *m)
{
    for (size_t i = 1; i < m->count; i++) {
        Message x = m->items[i];
        size_t j = i;
        for (; j > 0 && compare_messages(l, m->items + j - 1, &x) > 0; j--)
            m->items[j] = m->items[j - 1];
        m->items[j] = x;
    }
}

// From the last, so that the list is in order.
static Term messages_of(Lint *l, const Messages *m, Term file)
{
    Term list = TERM_NIL;
    for (size_t i = m->count; i-- > 0;)
        if (term_exact_equal(m->items[i].file, file))
            list = heap_cons(l->heap, m->items[i].message, list);
    return list;
}

// [{File, Messages}], by file: erl_lint packs them so and programs match on it.
// Files are few, so each is found by looking at all messages.
static Term pack(Lint *l, const Messages *m)
{
    Term list = TERM_NIL;
    Term last = TERM_NONE;
    for (;;) { // files in falling order, each once
        Term best = TERM_NONE;
        for (size_t i = 0; i < m->count; i++) {
            Term file = m->items[i].file;
            if (!term_is_none(last)
                && term_compare(l->node->atoms, file, last) >= 0)
                continue;
            if (term_is_none(best)
                || term_compare(l->node->atoms, file, best) > 0)
                best = file;
        }
        if (term_is_none(best)) return list;
        list = heap_cons(
            l->heap, heap_tuple2(l->heap, best, messages_of(l, m, best)),
            list);
        last = best;
    }
}

// The arena goes, the heap with the messages is the caller's.
static LintResult result(Lint *l)
{
    sort(l, &l->warnings);
    LintResult r = {pack(l, &l->errors), pack(l, &l->warnings),
                    l->asks_behaviours};
    arena_free(&l->arena);
    return r;
}

static void begin(Lint *l, Node *node, Heap *heap, Term file, Term options)
{
    memset(l, 0, sizeof *l);
    arena_init(&l->arena);
    l->node = node;
    l->heap = heap;
    l->file = file;
    l->behaviours = TERM_NIL;
    l->options = options;
}

// The main file is that of the first -file attribute, as epp makes it; what is
// told in the end belongs to it, unless it is about something in a header.
LintResult lint_module(Node *node, Heap *heap, Term forms, Term file,
                       Term options)
{
    Lint l;
    begin(&l, node, heap, file, options);
    read_options(&l, forms, options);
    note_locals(&l, forms);
    lint_check_clash_options(&l, forms);
    for (Term f = forms; term_is_cons(f); f = term_tail(f))
        form(&l, term_head(f));
    // What is told of the whole belongs to the first file that is named.
    l.file = file;
    for (Term f = forms; term_is_cons(f); f = term_tail(f))
        if (lint_set_file(&l, term_head(f))) break;
    lint_finish(&l, forms);
    return result(&l);
}

// For shells: bindings are names of variables, and forms of records and types
// that the shell knows. Unused variables are none of its business, since a
// later command may use them.
LintResult lint_expressions_of(Node *node, Heap *heap, Term expressions,
                               Term bindings, Term options)
{
    Lint l;
    begin(&l, node, heap, heap_string(heap, "nofile", 6, TERM_NIL), options);
    read_options(&l, TERM_NIL, options);
    l.saw_module = true; // expressions belong to none
    Vars known = no_vars;
    for (Term b = bindings; term_is_cons(b); b = term_tail(b)) {
        Term item = term_head(b);
        if (term_is_atom(item))
            known = vars_update(
                &l, vars_one(&l, item, VAR_BOUND, false, term_small(0)),
                known);
        else
            form(&l, item);
    }
    lint_expressions(&l, expressions, known);
    return result(&l);
}
