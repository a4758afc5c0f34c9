// SPDX-License-Identifier: Apache-2.0
// The texts of lint's descriptors. A descriptor is an atom, or a tuple of its
// tag and what the text names; tuples within are flattened: {Tag, {F, A}} has
// the arguments F and A. In a text
//
//     %w %p   the next argument, as ~w or ~p
//     %s      the next argument, a string
//     %(      the next argument, an arity, as (_,_)
//     %W      the whole of what stands behind the tag
//     %l      the rest: a location, as (line L) or (line L, column C)
//
// The texts are OTP's to the letter, its slips included ("attibute"): programs
// and their tests compare them. What a text cannot say with these directives is
// made by a function at the end.
//
// With marks around what is filled in, a caller can tell names from the words,
// to colour them; the texts without marks are byte for byte those of
// erl_lint:format_error.

#include "buffer.h"
#include "lint.h"
#include "print.h"

enum { ARGUMENTS_MOST = 12 };

static const struct {
    const char *tag;
    const char *text;
} texts[] = {
    {"undefined_module", "no module definition"},
    {"redefine_module", "redefining module"},
    {"pmod_unsupported", "parameterized modules are no longer supported"},
    {"invalid_call", "invalid function call"},
    {"invalid_record", "invalid record expression"},
    {"attribute", "attribute %w after function definitions"},
    {"redefine_import", "function %w/%w already imported from %w"},
    {"bad_inline", "inlined function %w/%w undefined"},
    {"invalid_deprecated", "badly formed deprecated attribute %W"},
    {"bad_deprecated",
     "deprecated function %w/%w undefined or not exported"},
    {"invalid_removed", "badly formed removed attribute %W"},
    {"bad_nowarn_unused_function", "function %w/%w undefined"},
    {"bad_nowarn_bif_clash", "function %w/%w undefined"},
    {"disallowed_nowarn_bif_clash",
     "compile directive nowarn_bif_clash is no longer allowed,\n"
     " - use explicit module names or -compile({no_auto_import, [F/A]})"},
    {"bad_dialyzer_attribute", "badly formed dialyzer attribute: %W"},
    {"bad_dialyzer_option", "unknown dialyzer warning option: %W"},
    {"missing_qlc_hrl", "qlc:q/%w called, but \"qlc.hrl\" not included"},
    {"empty_module_name", "the module name must not be empty"},
    {"blank_module_name",
     "the module name must contain at least one visible character"},
    {"ctrl_chars_in_module_name",
     "the module name must not contain control characters"},
    {"non_latin1_module_unsupported",
     "module names with non-latin1 characters are not supported"},
    {"obsolete_guard_overridden",
     "obsolete %1/1 (meaning is_%1/1) is illegal when there is a "
     "local/imported function named is_%1/1 "},
    {"ill_defined_behaviour_callbacks",
     "behaviour %w callback functions erroneously defined"},
    {"ill_defined_optional_callbacks",
     "behaviour %w optional callback functions erroneously defined"},
    {"redefine_optional_callback", "optional callback %w/%w duplicated"},
    {"spec_wrong_arity", "spec has wrong arity"},
    {"callback_wrong_arity", "callback has wrong arity"},
    {"undefined_nif", "nif %w/%w undefined"},
    {"no_load_nif", "nifs defined, but no call to erlang:load_nif/2"},
    {"bad_on_load", "badly formed on_load attribute: %w"},
    {"multiple_on_loads", "more than one on_load attribute"},
    {"bad_on_load_arity", "function %w/%w has wrong arity (must be 0)"},
    {"undefined_on_load", "function %w/%w undefined"},
    {"nif_inline",
     "inlining is enabled - local calls to NIFs may call their Erlang "
     "implementation instead"},
    {"export_all", "export_all flag enabled - all functions will be exported"},
    {"duplicated_export", "function %w/%w already exported"},
    {"unused_import", "import %3:%1/%2 is unused"},
    {"undefined_function", "function %w/%w undefined"},
    {"redefine_function", "function %w/%w already defined"},
    {"define_import", "defining imported function %w/%w"},
    {"unused_function", "function %w/%w is unused"},
    {"call_to_redefined_bif",
     "ambiguous call of overridden auto-imported BIF %1/%2\n"
     " - use erlang:%1/%2 or \"-compile({no_auto_import,[%1/%2]}).\" "
     "to resolve name clash"},
    {"call_to_redefined_old_bif",
     "ambiguous call of overridden pre R14 auto-imported BIF %1/%2\n"
     " - use erlang:%1/%2 or \"-compile({no_auto_import,[%1/%2]}).\" "
     "to resolve name clash"},
    {"redefine_old_bif_import",
     "import directive overrides pre R14 auto-imported BIF %1/%2\n"
     " - use \"-compile({no_auto_import,[%1/%2]}).\" to resolve name clash"},
    {"redefine_bif_import",
     "import directive overrides auto-imported BIF %1/%2\n"
     " - use \"-compile({no_auto_import,[%1/%2]}).\" to resolve name clash"},
    {"obsolete_guard", "%1/%2 obsolete (use is_%1/%2)"},
    {"too_many_arguments",
     "too many arguments (%w) - maximum allowed is 255"},
    {"illegal_pattern", "illegal pattern"},
    {"illegal_bin_pattern",
     "binary patterns cannot be matched in parallel using '='"},
    {"illegal_expr", "illegal expression"},
    {"illegal_guard_local_call",
     "call to local/imported function %w/%w is illegal in guard"},
    {"illegal_guard_expr", "illegal guard expression"},
    {"illegal_map_construction",
     "only association operators '=>' are allowed in map construction"},
    {"undefined_record", "record %w undefined"},
    {"redefine_record", "record %w already defined"},
    {"redefine_field", "field %2 already defined in record %1"},
    {"bad_multi_field_init", "'_' initializes no omitted fields"},
    {"undefined_field", "field %2 undefined in record %1"},
    {"illegal_record_info", "illegal record info"},
    {"field_name_is_variable", "field %2 is not an atom or _ in record %1"},
    {"wildcard_in_update", "meaningless use of _ in update of record %w"},
    {"unused_record", "record %w is unused"},
    {"untyped_record", "record %w has field(s) without type information"},
    {"unbound_var", "variable %w is unbound"},
    {"unsafe_var", "variable %w unsafe in %w %l"},
    {"exported_var", "variable %w exported from %w %l"},
    {"match_underscore_var",
     "variable %w is already bound. If you mean to ignore this value, use '_' "
     "or a different underscore-prefixed name"},
    {"match_underscore_var_pat",
     "variable %w is bound multiple times in this pattern. If you mean to "
     "ignore this value, use '_' or a different underscore-prefixed name"},
    {"shadowed_var", "variable %w shadowed in %w"},
    {"unused_var", "variable %w is unused"},
    {"variable_in_record_def", "variable %w in record definition"},
    {"stacktrace_guard", "stacktrace variable %w must not be used in a guard"},
    {"stacktrace_bound",
     "stacktrace variable %w must not be previously bound"},
    {"undefined_bittype", "bit type %W undefined"},
    {"bittype_mismatch",
     "conflict in %3s specification for bit field: '%1' and '%2'"},
    {"bittype_unit",
     "a bit unit size must not be specified unless a size is specified too"},
    {"illegal_bitsize", "illegal bit size"},
    {"illegal_bitsize_local_call",
     "call to local/imported function %w/%w is illegal in a size expression "
     "for a binary segment"},
    {"non_integer_bitsize",
     "a size expression in a pattern evaluates to a non-integer value; this "
     "pattern cannot possibly match"},
    {"unsized_binary_not_at_end",
     "a binary field without size is only allowed at the end of a binary "
     "pattern"},
    {"typed_literal_string",
     "a literal string in a binary pattern must not have a type or a size"},
    {"utf_bittype_size_or_unit",
     "neither size nor unit must be given for segments of type "
     "utf8/utf16/utf32"},
    {"bad_bitsize", "bad %s bit size"},
    {"unsized_binary_in_bin_gen_pattern",
     "binary fields without size are not allowed in patterns of bit string "
     "generators"},
    {"undefined_behaviour_func",
     "undefined callback function %w/%w (behaviour '%w')"},
    {"undefined_behaviour", "behaviour %w undefined"},
    {"undefined_behaviour_callbacks",
     "behaviour %w callback functions are undefined"},
    {"behaviour_info",
     "cannot define callback attibute for %2/%3 when behaviour_info is "
     "defined"},
    {"undefined_callback", "callback %2/%3 is undefined"},
    {"singleton_typevar", "type variable %w is only used once (is unbound)"},
    {"bad_export_type", "bad export_type declaration"},
    {"duplicated_export_type", "type %w/%w already exported"},
    {"undefined_type", "type %w%( undefined"},
    {"unused_type", "type %w%( is unused"},
    {"builtin_type", "type %w%( is a builtin type; it cannot be redefined"},
    {"renamed_type",
     "type %w() is now called %w(); please use the new name instead"},
    {"redefine_type", "type %w%( already defined"},
    {"type_syntax", "bad %w type"},
    {"old_abstract_code",
     "abstract code generated before Erlang/OTP 19.0 and having typed record "
     "fields cannot be compiled"},
    {"redefine_callback", "callback %w/%w already defined"},
    {"bad_callback",
     "explicit module not allowed for callback %w:%w/%w"},
    {"bad_module", "spec for function %w:%w/%w from other module"},
    {"spec_fun_undefined", "spec for undefined function %w/%w"},
    {"missing_spec", "missing specification for function %w/%w"},
    {"not_exported_opaque", "opaque type %w%( is not exported"},
    {"underspecified_opaque",
     "opaque type %w%( is underspecified and therefore meaningless"},
};

typedef struct {
    Term items[ARGUMENTS_MOST]; // flattened
    size_t count, next; // next: the one for the next directive
    Term whole; // the descriptor
    bool marked; // what is filled in stands between marks
} Arguments;

// In the order in which they stand: {redefine_import, {{F, A}, M}} is F, A, M.
static void flatten(Term t, Arguments *a)
{
    if (!term_is_tuple(t)) {
        // No text names more than there is room for.
        if (a->count < ARGUMENTS_MOST) a->items[a->count++] = t;
        return;
    }
    for (size_t i = 0; i < term_arity(t); i++)
        flatten(term_tuple_get(t, i), a);
}

// Characters only: a deep list would be no string.
static void add_string(Buffer *b, Term chars)
{
    for (; term_is_cons(chars) && term_is_small(term_head(chars));
         chars = term_tail(chars))
        buffer_add_utf8(b, (uint32_t)term_small_value(term_head(chars)));
}

static void add_text(Buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

// As ~tw writes it: names of functions may need quotes.
static void add_write(const Node *node, Buffer *b, Term t)
{
    PrintOptions o;
    print_options_init(&o);
    o.encoding = PRINT_UNICODE;
    print_write(node, b, t, &o);
}

static void add_arity(Buffer *b, Term arity) // as in t(_,_)
{
    intptr_t n = term_is_small(arity) ? term_small_value(arity) : 0;
    add_text(b, "(");
    for (intptr_t i = 0; i < n; i++) add_text(b, i == 0 ? "_" : ",_");
    add_text(b, ")");
}

// The directive is the last of a text, so all that is left is the location.
static void add_location(const Node *node, Buffer *b, const Arguments *a)
{
    add_text(b, "(line ");
    if (a->next < a->count) add_write(node, b, a->items[a->next]);
    if (a->next + 1 < a->count) {
        add_text(b, ", column ");
        add_write(node, b, a->items[a->next + 1]);
    }
    add_text(b, ")");
}

// "%3" and "%3s": argument number 3, which does not count for the next.
static const char *add_numbered(const Node *node, Buffer *b, const char *p,
                                const Arguments *a)
{
    size_t i = (size_t)(*p - '1');
    if (i < a->count && p[1] == 's') {
        add_string(b, a->items[i]);
        return p + 1;
    }
    if (i < a->count) add_write(node, b, a->items[i]);
    return p;
}

// What stands for the directive at [p]; answers its last character, as the loop
// goes on behind it.
static const char *add_directive(const Node *node, Buffer *b, const char *p,
                                 Arguments *a)
{
    if (*p >= '1' && *p <= '9') return add_numbered(node, b, p, a);
    if (*p == 'l') {
        add_location(node, b, a);
        return p;
    }
    if (*p == 'W') {
        add_write(node, b, term_tuple_get(a->whole, 1));
        return p;
    }
    // A descriptor that somebody else made may have less than the text names:
    // then nil is shown.
    Term t = a->next < a->count ? a->items[a->next++] : TERM_NIL;
    if (*p == '(')
        add_arity(b, t);
    else if (*p == 's')
        add_string(b, t);
    else
        add_write(node, b, t);
    return p;
}

// Marks come in pairs, also around nothing.
static void fill(const Node *node, Buffer *b, const char *p, Arguments *a)
{
    for (; *p != 0; p++) {
        if (*p != '%') {
            buffer_add_byte(b, (uint8_t)*p);
            continue;
        }
        if (a->marked) buffer_add_byte(b, LINT_MARK);
        p = add_directive(node, b, p + 1, a);
        if (a->marked) buffer_add_byte(b, LINT_MARK);
    }
}

// What is obsolete: {Tag, {M, F, A}, Text} or {Tag, {M, F, A}, Text, Release}.
// Tags are told apart by their beginning.
static void fill_obsolete(const Node *node, Buffer *b, const char *tag,
                          Arguments *a)
{
    bool is_type = strstr(tag, "_type") != NULL;
    bool removed = tag[0] == 'r';
    if (is_type) add_text(b, "the type ");
    fill(node, b, is_type ? "%w:%w%(" : "%w:%w/%w", a);
    if (a->count > 4)
        fill(node, b, " is deprecated and will be removed in %5s; %4s", a);
    else
        fill(node, b, removed ? " is removed; %4s" : " is deprecated; %4s", a);
}

// Texts that depend on what there is to tell of; false: the tag is none of
// them.
static bool fill_special(const Node *node, Buffer *b, const char *tag,
                         Arguments *a)
{
    Term what = term_is_tuple(a->whole) ? term_tuple_get(a->whole, 1)
                                        : TERM_NIL;
    if (strcmp(tag, "redefine_spec") == 0) {
        fill(node, b,
             a->count == 3 ? "spec for %w:%w/%w already defined"
                           : "spec for %w/%w already defined", a);
    } else if (strcmp(tag, "bad_removed") == 0) {
        bool any = term_same(term_tuple_get(what, 0), ATOM_underscore)
                   || term_same(term_tuple_get(what, 1), ATOM_underscore);
        fill(node, b,
             any ? "at least one function matching %w/%w is still exported"
                 : "removed function %w/%w is still exported", a);
    } else if (strcmp(tag, "conflicting_behaviours") == 0) {
        fill(node, b,
             "conflicting behaviours - callback %w/%w required by both '%w' "
             "and '", a);
        add_write(node, b, a->items[a->count - 1]);
        a->count--;
        fill(node, b, "' %l", a);
    } else if (strncmp(tag, "deprecated", 10) == 0
               || strncmp(tag, "removed", 7) == 0) {
        fill_obsolete(node, b, tag, a);
    } else {
        return false;
    }
    return true;
}

// {format_error, {Format, Arguments}}, of which all are texts: lint_format.c
// made both, or a parse transform did.
static void fill_format(Buffer *b, Term format, Term arguments)
{
    for (; term_is_cons(format); format = term_tail(format)) {
        if (!term_same(term_head(format), term_small('~'))) {
            buffer_add_utf8(b, (uint32_t)term_small_value(term_head(format)));
            continue;
        }
        format = term_tail(format);
        // ~ts and ~s are the same here: all texts are lists of characters.
        if (term_same(term_head(format), term_small('t')))
            format = term_tail(format);
        if (!term_is_cons(arguments)) continue;
        add_string(b, term_head(arguments));
        arguments = term_tail(arguments);
    }
}

// Of malloc, and NULL only with [marked] when lint has no text for it. Tags are
// compared by text: they come from any node.
static char *format(Node *node, Term descriptor, bool marked)
{
    Buffer b;
    Arguments a = {.count = 0, .whole = descriptor, .marked = marked};
    Term tag = descriptor;
    buffer_init(&b);
    if (term_is_tuple(descriptor) && term_arity(descriptor) > 0) {
        tag = term_tuple_get(descriptor, 0);
        for (size_t i = 1; i < term_arity(descriptor); i++)
            flatten(term_tuple_get(descriptor, i), &a);
    }
    const char *name
        = term_is_atom(tag) ? atom_text(node->atoms, tag)->bytes : "";
    size_t i = 0, count = sizeof texts / sizeof *texts;
    // One by one: messages are few.
    while (i < count && strcmp(texts[i].tag, name) != 0) i++;
    if (i < count)
        fill(node, &b, texts[i].text, &a);
    else if (strcmp(name, "format_error") == 0 && a.count == 2)
        fill_format(&b, a.items[0], a.items[1]);
    else if (!fill_special(node, &b, name, &a)) {
        // The caller has another text for what is none of lint's.
        if (marked) {
            buffer_free(&b);
            return NULL;
        }
        add_write(node, &b, descriptor);
    }
    buffer_add_byte(&b, 0);
    return (char *)b.bytes;
}

char *lint_format(Node *node, Term descriptor)
{
    return format(node, descriptor, false);
}

char *lint_format_marked(Node *node, Term descriptor)
{
    return format(node, descriptor, true);
}
