// SPDX-License-Identifier: Apache-2.0
// The texts of lint's descriptors. A descriptor is an atom, or a tuple of its
// tag and what the text names; tuples within are flattened: {Tag, {F, A}} has
// the arguments F and A. In a text
//
//     %w %p   the next argument, as ~w or ~p
//     %s      the next argument, a string
//     %(      the next argument, an arity, as (_,_)
//     %l      the rest: a location, as (line L) or (line L, column C)


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
    {"undefined_bittype", "bit type %w undefined"},
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
    Term items[ARGUMENTS_MOST];
    size_t count, next;
} Arguments;

static void flatten(Term t, Arguments *a)
{
    if (!term_is_tuple(t)) {
        if (a->count < ARGUMENTS_MOST) a->items[a->count++] = t;
        return;
    }
    for (size_t i = 0; i < term_arity(t); i++)
        flatten(term_tuple_get(t, i), a);
}

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

static void add_write(const Node *node, Buffer *b, Term t)
{
    PrintOptions o;
    print_options_init(&o);
    o.encoding = PRINT_UNICODE;
    print_write(node, b, t, &o);
}

static void add_arity(Buffer *b, Term arity)
{
    intptr_t n = term_is_small(arity) ? term_small_value(arity) : 0;
    add_text(b, "(");
    for (intptr_t i = 0; i < n; i++) add_text(b, i == 0 ? "_" : ",_");
    add_text(b, ")");
}

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

// "%3" and "%3s": argument number 3.
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

static void fill(const Node *node, Buffer *b, const char *p, Arguments *a)
{
    for (; *p != 0; p++) {
        if (*p != '%') {
            buffer_add_byte(b, (uint8_t)*p);
            continue;
        }
        p++;
        if (*p >= '1' && *p <= '9') {
            p = add_numbered(node, b, p, a);
            continue;
        }
        if (*p == 'l') {
            add_location(node, b, a);
            continue;
        }
        Term t = a->next < a->count ? a->items[a->next++] : TERM_NIL;
        if (*p == '(')
            add_arity(b, t);
        else if (*p == 's')
            add_string(b, t);
        else
            add_write(node, b, t);
    }
}

// {redefine_spec, {F, A}} or {redefine_spec, {M, F, A}}
static bool fill_spec(const Node *node, Buffer *b, const char *tag,
                      Arguments *a)
{
    if (strcmp(tag, "redefine_spec") != 0) return false;
    fill(node, b,
         a->count == 3 ? "spec for %w:%w/%w already defined"
                       : "spec for %w/%w already defined", a);
    return true;
}

char *lint_format(Node *node, Term descriptor)
{
    Buffer b;
    Arguments a = {.count = 0};
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
    while (i < count && strcmp(texts[i].tag, name) != 0) i++;
    if (i < count)
        fill(node, &b, texts[i].text, &a);
    else if (strcmp(name, "format_error") == 0 && a.count > 0)
        add_string(&b, a.items[0]);
    else if (!fill_spec(node, &b, name, &a))
        add_write(node, &b, descriptor);
    buffer_add_byte(&b, 0);
    return (char *)b.bytes;
}
