// SPDX-License-Identifier: Apache-2.0
// Lint of attributes that name functions, which can be judged only when all
// functions are known: -deprecated, -removed, -dialyzer and options of
// -compile. Names of modules are judged here, too.
//
// The forms are walked once more for each of them. -file attributes are heeded
// on the way, and the current file is set back behind.
//
// Attributes may hold deep lists wherever they hold a list, as erl_lint
// flattens them; so each item is visited by a function, with a context that
// says what it is for.
#include "lint_module.h"

// What is done with one item of a deep list.
typedef void (*Visit)(Lint *l, Term anno, Term item, Term context);

// Recursion is as deep as the source nests its lists, which the parser bounds.
static void each(Lint *l, Term anno, Term list, Visit visit, Term context)
{
    if (!term_is_list(list)) {
        visit(l, anno, list, context);
        return;
    }
    for (; term_is_cons(list); list = term_tail(list))
        each(l, anno, term_head(list), visit, context);
}

// Visits the items of all attributes -[name](...), at the place and in the file
// of the attribute.
static void each_attribute(Lint *l, Term forms, Term name, Visit visit,
                           Term context)
{
    Term file = l->file;
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        Term f = term_head(forms);
        if (!form_is(f, ATOM_BITS_attribute) || form_arity(f) != 2) continue;
        if (lint_set_file(l, f) || !term_same(form_arg(f, 0), name)) continue;
        each(l, form_anno(f), form_arg(f, 1), visit, context);
    }
    l->file = file;
}

// A definition counts, an import or an export does not.
static bool is_defined(const Lint *l, Term function)
{
    Term name;
    size_t arity;
    if (!lint_read_function(function, &name, &arity)) return false;
    const Entity *f = entity_find(&l->functions, name, arity);
    return f != NULL && f->is_defined;
}

// ---- options {Tag, [F/A]} ----

// For -compile({inline, [f/1]}) and its like: the name must be of something.
static void check_named(Lint *l, Term anno, Term function, Term error)
{
    Term name;
    size_t arity;
    if (is_defined(l, function)) return;
    if (lint_read_function(function, &name, &arity)) {
        const Entity *f = entity_find(&l->functions, name, arity);
        // An import may be named as well.
        if (f != NULL && !term_is_none(f->imported)) return;
    }
    lint_error(l, anno, lint_tuple1(l, error, function));
}

// [pair] is the tag that is looked for and the error.
static void check_option(Lint *l, Term anno, Term option, Term pair)
{
    if (term_is_tuple_of(option, 2)
        && term_same(term_tuple_get(option, 0), term_tuple_get(pair, 0)))
        each(l, anno, term_tuple_get(option, 1), check_named,
             term_tuple_get(pair, 1));
}

// Option lists of the caller are not judged, as in OTP: they have no place.
void lint_check_option(Lint *l, Term forms, Term tag, Term error)
{
    each_attribute(l, forms, ATOM_compile, check_option,
                   heap_tuple2(l->heap, tag, error));
}

// In the end all records are known, so order does not matter.
static void check_record_name(Lint *l, Term anno, Term name, Term context)
{
    (void)context;
    if (record_find(l, name) == NULL)
        lint_error(l, anno, lint_tuple1(l, ATOM_undefined_record, name));
}

static void check_record_option(Lint *l, Term anno, Term option, Term context)
{
    if (term_is_tuple_of(option, 2)
        && term_same(term_tuple_get(option, 0), ATOM_nowarn_unused_record))
        each(l, anno, term_tuple_get(option, 1), check_record_name, context);
}

void lint_check_record_options(Lint *l, Term forms)
{
    each_attribute(l, forms, ATOM_compile, check_record_option, TERM_NIL);
}

// ---- nowarn_bif_clash, which was allowed once ----
// OTP ignores the option today and refuses it in sources, so that nobody relies
// on it.

// Alone it is wrong only where the warning is off, by it or otherwise. Or
// within the options given, which have no place.
static void check_clash_option(Lint *l, Term anno, Term option)
{
    bool of_function = term_is_tuple_of(option, 2)
                       && term_is_tuple_of(term_tuple_get(option, 1), 2);
    bool alone = term_same(option, ATOM_nowarn_bif_clash)
                 && !l->warns[WARN_BIF_CLASH];
    if (alone
        || (of_function
            && term_same(term_tuple_get(option, 0), ATOM_nowarn_bif_clash)))
        lint_error(l, anno, ATOM_disallowed_nowarn_bif_clash);
}

// Where no attribute is to blame, the option came from outside: then it is one
// error without a place.
void lint_check_clash_options(Lint *l, Term forms)
{
    size_t before = l->errors.count;
    Term file = l->file;
    for (Term f = forms; term_is_cons(f); f = term_tail(f)) {
        Term form = term_head(f);
        if (lint_set_file(l, form)) continue;
        if (!form_is(form, ATOM_BITS_attribute) || form_arity(form) != 2
            || !term_same(form_arg(form, 0), ATOM_compile))
            continue;
        // Only options that stand alone: lists were never looked into.
        check_clash_option(l, form_anno(form), form_arg(form, 1));
    }
    l->file = file;
    if (l->warns[WARN_BIF_CLASH] || l->errors.count > before) return;
    lint_error_anywhere(l, ATOM_disallowed_nowarn_bif_clash);
}

// ---- -deprecated and -removed ----
// A deprecated function must be there and exported, a removed one must not; '_'
// stands for any.

static bool is_text(Term list) // "" is a text, too
{
    for (; term_is_cons(list); list = term_tail(list))
        if (!term_is_small(term_head(list))) return false;
    return term_is_nil(list);
}

// When it will be removed, or a text to say what to use instead.
static bool is_flag(Term flag)
{
    return term_same(flag, ATOM_next_version)
           || term_same(flag, ATOM_next_major_release)
           || term_same(flag, ATOM_eventually)
           || (term_is_cons(flag) && is_text(flag));
}

static bool is_exported(const Lint *l, const Entity *f)
{
    return f->is_exported || (l->export_all && f->is_defined);
}

// Whether a function is exported that [name] and [arity] fit, '_' being any.
// Linear, and asked once for each item.
static bool exports(const Lint *l, Term name, Term arity)
{
    for (size_t i = 0; i < l->functions.count; i++) {
        const Entity *f = l->functions.items[i];
        bool fits = (term_same(name, ATOM_underscore)
                     || term_same(name, f->name))
                    && (term_same(arity, ATOM_underscore)
                        || term_same(arity, term_small((intptr_t)f->arity)));
        if (fits && is_exported(l, f)) return true;
    }
    return false;
}

// Whether {Name, Arity, ...} may begin so, in either attribute.
static bool names_functions(Term name, Term arity)
{
    if (!term_is_atom(name)) return false;
    return term_same(arity, ATOM_underscore)
           || (term_is_small(arity) && term_small_value(arity) >= 0);
}

// Each item is {F, A}, {F, A, Flag} or `module'. Form comes first, meaning
// after.
static void check_deprecated(Lint *l, Term anno, Term d, Term context)
{
    (void)context;
    if (term_same(d, ATOM_module)) return;
    size_t n = term_is_tuple(d) ? term_arity(d) : 0;
    if (n < 2 || n > 3 || (n == 3 && !is_flag(term_tuple_get(d, 2)))) {
        lint_error(l, anno, lint_tuple1(l, ATOM_invalid_deprecated, d));
        return;
    }
    Term name = term_tuple_get(d, 0), arity = term_tuple_get(d, 1);
    Term pair = heap_tuple2(l->heap, name, arity);
    if (!names_functions(name, arity))
        lint_error(l, anno, lint_tuple1(l, ATOM_invalid_deprecated, pair));
    else if (!exports(l, name, arity)
             && !(term_same(name, ATOM_underscore)
                  && term_same(arity, ATOM_underscore)))
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_deprecated, pair));
}

// `module' says that all of it was removed, so nothing may be exported.
static void check_removed(Lint *l, Term anno, Term d, Term context)
{
    (void)context;
    Term name = ATOM_underscore, arity = ATOM_underscore;
    if (!term_same(d, ATOM_module)) {
        size_t n = term_is_tuple(d) ? term_arity(d) : 0;
        if (n < 2 || n > 3 || (n == 3 && !is_text(term_tuple_get(d, 2)))) {
            lint_error(l, anno, lint_tuple1(l, ATOM_invalid_removed, d));
            return;
        }
        name = term_tuple_get(d, 0);
        arity = term_tuple_get(d, 1);
    }
    Term pair = heap_tuple2(l->heap, name, arity);
    if (!names_functions(name, arity))
        lint_error(l, anno, lint_tuple1(l, ATOM_invalid_removed, pair));
    else if (exports(l, name, arity))
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_removed, pair));
}

void lint_check_deprecated(Lint *l, Term forms)
{
    each_attribute(l, forms, ATOM_deprecated, check_deprecated, TERM_NIL);
}

void lint_check_removed(Lint *l, Term forms)
{
    each_attribute(l, forms, ATOM_removed, check_removed, TERM_NIL);
}

// ---- -dialyzer ----
// Options of the tool are checked though nothing here uses them: a slip in one
// would silence nothing, and nobody would notice.

// By text: names of options are no atoms of the compiler's own. The blanks
// around each are what the search relies on.
static bool is_dialyzer_option(const Lint *l, Term option, bool of_function)
{
    static const char words[]
        = " no_return no_unused no_improper_lists no_fun_app no_match "
          "no_opaque no_fail_call no_contracts no_behaviours "
          "no_undefined_callbacks unmatched_returns error_handling "
          "race_conditions no_missing_calls specdiffs overspecs underspecs "
          "unknown no_underspecs extra_return no_extra_return missing_return "
          "no_missing_return overlapping_contract ";
    if (!term_is_atom(option)) return false;
    // This one makes sense for functions only.
    if (of_function && term_same(option, ATOM_nowarn_function)) return true;
    const AtomText *text = atom_text(l->node->atoms, option);
    const char *at = strstr(words, text->bytes);
    return at != NULL && at[-1] == ' ' && at[text->size] == ' ';
}

// The order of tests is that of the texts: form, option, function.
static void check_function_option(Lint *l, Term anno, Term option,
                                  Term function)
{
    Term pair = heap_tuple2(l->heap, option, function), name;
    size_t arity;
    if (!term_is_atom(option) || !lint_read_function(function, &name, &arity)
        || (intptr_t)arity < 0)
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_dialyzer_attribute, pair));
    else if (!is_dialyzer_option(l, option, true))
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_dialyzer_option, option));
    else if (!is_defined(l, function))
        lint_error(l, anno,
                   lint_tuple1(l, ATOM_undefined_function, function));
}

// Either may be a list, so each option is seen with each function.
static void check_function_options(Lint *l, Term anno, Term function,
                                   Term options)
{
    // -dialyzer({[Options], [F/A]}): each option with each function.
    each(l, anno, options, check_function_option, function);
}

// -dialyzer(Option), or -dialyzer({Options, Functions}).
static void check_dialyzer(Lint *l, Term anno, Term item, Term context)
{
    (void)context;
    if (term_is_tuple_of(item, 2)) {
        each(l, anno, term_tuple_get(item, 1), check_function_options,
             term_tuple_get(item, 0));
    } else if (!term_is_atom(item)) {
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_dialyzer_attribute, item));
    } else if (!is_dialyzer_option(l, item, false)) {
        lint_error(l, anno, lint_tuple1(l, ATOM_bad_dialyzer_option, item));
    }
}

void lint_check_dialyzer(Lint *l, Term forms)
{
    each_attribute(l, forms, ATOM_dialyzer, check_dialyzer, TERM_NIL);
}

// ---- names of modules ----
// The name becomes the name of a file, which the code server must be able to
// write and find again.

// UTF-8 is well formed here, since it is the text of an atom.
static uint32_t next_char(const uint8_t **p)
{
    uint32_t c = *(*p)++;
    if (c < 0x80) return c;
    unsigned more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
    c &= 0x3Fu >> more;
    while (more-- > 0) c = c << 6 | (*(*p)++ & 0x3F);
    return c;
}

// Errors exclude each other only where one implies the other: a blank name is
// not also told to have control characters.
void lint_check_module_name(Lint *l, Term anno, Term name)
{
    if (!term_is_atom(name)) return;
    const AtomText *text = atom_text(l->node->atoms, name);
    const uint8_t *p = (const uint8_t *)text->bytes, *end = p + text->size;
    bool visible = false, wide = false, control = false;
    if (text->size == 0) {
        lint_error(l, anno, ATOM_empty_module_name);
        return;
    }
    while (p < end) {
        uint32_t c = next_char(&p);
        // Blanks, no-break blanks and soft hyphens show nothing.
        visible |= c != ' ' && c != 0xA0 && c != 0xAD;
        wide |= c > 0xFF;
        control |= c < 0x20 || (c >= 0x7F && c < 0xA0);
    }
    if (!visible) {
        lint_error(l, anno, ATOM_blank_module_name);
        return;
    }
    if (wide) lint_error(l, anno, ATOM_non_latin1_module_unsupported);
    if (control) lint_error(l, anno, ATOM_ctrl_chars_in_module_name);
}
