// SPDX-License-Identifier: Apache-2.0
// Compile info: options are told as far as they can change the code, so that
// the same module compiled elsewhere, or by somebody who wants to see more
// warnings, is the same file.
//
// Chunks made here: Dbgi with the forms, for debuggers and cover; Meta with the
// features; CInf, which the assembler makes of the list.
#include "compile_info.h"

#include "external.h"

// Words are compared: options that are not atoms are among none.
static bool is_among(Term t, const uintptr_t *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (t.bits == names[i]) return true;
    return false;
}

static Term key_of(Term option) // {Key, Value}
{
    return term_is_tuple(option) && term_arity(option) > 0
               ? term_tuple_get(option, 0) : TERM_NONE;
}

static bool has(Term options, Term name) // as an atom alone
{
    for (; term_is_cons(options); options = term_tail(options))
        if (term_same(term_head(options), name)) return true;
    return false;
}

// Whether the option is more than one of how and where to tell.
static bool changes_code(Term option)
{
    static const uintptr_t atoms[] = {
        ATOM_BITS_beam, ATOM_BITS_report_warnings, ATOM_BITS_report_errors,
        ATOM_BITS_return_errors, ATOM_BITS_return_warnings,
        ATOM_BITS_warnings_as_errors, ATOM_BITS_binary, ATOM_BITS_verbose};
    static const uintptr_t keys[] = {ATOM_BITS_cwd, ATOM_BITS_outdir};
    return !is_among(option, atoms, sizeof atoms / sizeof *atoms)
           && !is_among(key_of(option), keys, sizeof keys / sizeof *keys);
}

// Whether it would do anything for who compiles the forms once more: macros and
// parse transforms are used up.
static bool is_kept(Term option, bool deterministic)
{
    Term key = key_of(option);
    if (term_same(key, ATOM_i)) return !deterministic;
    if (term_same(key, ATOM_parse_transform)) return false;
    if (term_same(key, ATOM_d) && term_arity(option) == 3) return false;
    return changes_code(option);
}

// By recursion, so that the order stays: options are few.
static Term kept_options(Heap *h, Term options, bool deterministic)
{
    if (!term_is_cons(options)) return TERM_NIL;
    Term rest = kept_options(h, term_tail(options), deterministic);
    Term option = term_head(options);
    return is_kept(option, deterministic) ? heap_cons(h, option, rest) : rest;
}

// debug_info is told first, wherever it was given.
static Term told_options(Heap *h, Term options, bool debug)
{
    if (!term_is_cons(options)) return TERM_NIL;
    Term rest = told_options(h, term_tail(options), debug);
    Term option = term_head(options);
    bool skip = !changes_code(option)
                || (debug && term_same(option, ATOM_debug_info));
    return skip ? rest : heap_cons(h, option, rest);
}

// Debug information is large and seldom read, so only that is compressed.
static Term chunk(Node *node, Heap *h, const char *name, Term content,
                  int compression)
{
    ExternalOutput output = {.compression = compression};
    Term bytes = external_encode_binary(node, h, content, &output);
    return heap_tuple2(h, heap_binary(h, name, 4), bytes);
}

// Without debug_info the chunk is there all the same, with the options only.
static Term debug_chunk(Node *node, Heap *h, const CompileOrigin *o)
{
    bool debug = has(o->all, ATOM_debug_info);
    Term options = kept_options(h, o->given, has(o->given, ATOM_deterministic));
    Term content = heap_tuple3(
        h, ATOM_debug_info_v1, ATOM_erl_abstract_code,
        heap_tuple2(h, debug ? o->forms : ATOM_none, options));
    return chunk(node, h, "Dbgi", content, debug ? 6 : 0);
}

// The features that were enabled, as erl_features:used/1 and the like tell
// them.
static Term features_chunk(Node *node, Heap *h, Term features)
{
    Term pair = heap_tuple2(h, ATOM_enabled_features, features);
    return chunk(node, h, "Meta", heap_cons(h, pair, TERM_NIL), 0);
}

// What module_info(compile) says; nothing of the place and the way it was made
// when two makings are to give the same bytes.
static Term info_list(Heap *h, const CompileOrigin *o)
{
    if (has(o->all, ATOM_deterministic)) return TERM_NIL;
    Term list = TERM_NIL;
    if (o->source != NULL) {
        Term path = heap_string_utf8(h, o->source, strlen(o->source), TERM_NIL);
        list = heap_cons(h, heap_tuple2(h, ATOM_source, path), TERM_NIL);
    }
    Term options = told_options(h, o->given, has(o->all, ATOM_debug_info));
    if (has(o->all, ATOM_debug_info))
        options = heap_cons(h, ATOM_debug_info, options);
    return heap_cons(h, heap_tuple2(h, ATOM_options, options), list);
}

// The list that codegen_module takes; on [h].
Term compile_info_chunks(Node *node, Heap *h, const CompileOrigin *o)
{
    Term list[] = {heap_tuple2(h, ATOM_compile_info, info_list(h, o)),
                   debug_chunk(node, h, o),
                   features_chunk(node, h, o->features)};
    return heap_list(h, sizeof list / sizeof *list, list, TERM_NIL);
}
