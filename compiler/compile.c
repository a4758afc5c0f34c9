// SPDX-License-Identifier: Apache-2.0
// Compile: the passes over one source file.
#include "compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codegen.h"
#include "compile_message.h"
#include "compare.h"
#include "external.h"
#include "lint.h"
#include "pack.h"
#include "preprocess.h"

typedef struct {
    Node *node;
    const CompileJob *job;
    Heap heap;
    CompileResult *result;
    char *source; // path of the source
    Term options, forms;
    Term errors, warnings; // [{File, [{Location, Module, Descriptor}]}]
} Compile;

static Term text_term(Heap *h, const char *text)
{
    return heap_string_utf8(h, text, strlen(text), TERM_NIL);
}

static bool has_option(Term options, Term name)
{
    for (; term_is_cons(options); options = term_tail(options))
        if (term_same(term_head(options), name)) return true;
    return false;
}

// ---- reading ----

static char *source_path(const char *path)
{
    size_t n = strlen(path);
    bool whole = n > 4 && strcmp(path + n - 4, ".erl") == 0;
    char *source = memory_alloc(n + 5);
    snprintf(source, n + 5, "%s%s", path, whole ? "" : ".erl");
    return source;
}

// The values of options {Name, Value}, in order; [pairs]: whole.
static Term option_values(Compile *c, Term name)
{
    Term found[256];
    size_t n = 0;
    for (Term l = c->options; term_is_cons(l); l = term_tail(l)) {
        Term o = term_head(l);
        if (!term_is_tuple(o) || term_arity(o) < 2 || n == 256
            || !term_same(term_tuple_get(o, 0), name))
            continue;
        if (!term_same(name, ATOM_d)) {
            found[n++] = term_tuple_get(o, 1);
        } else if (term_arity(o) == 2) {
            found[n++] = term_tuple_get(o, 1);
        } else {
            found[n++] = heap_tuple2(&c->heap, term_tuple_get(o, 1),
                                     term_tuple_get(o, 2));
        }
    }
    return heap_list(&c->heap, n, found, TERM_NIL);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// Text of printf in memory of malloc.
static char *text_of(const char *format, const char *a, const char *b)
{
    char *text = NULL;
    if (asprintf(&text, format, a, b) < 0) memory_exhausted("path", 0);
    return text;
}

// The folder of application [name] below [root]: NAME, or NAME-VERSION. Of
// malloc; NULL when there is none.
static char *find_in(const char *root, const char *name)
{
    char *path = text_of("%s/%s", root, name);
    size_t n = strlen(name);
    if (is_folder(path)) return path;
    free(path);
    path = NULL;
    DIR *dir = opendir(root);
    if (dir == NULL) return NULL;
    for (struct dirent *e; path == NULL && (e = readdir(dir)) != NULL;)
        if (strncmp(e->d_name, name, n) == 0 && e->d_name[n] == '-')
            path = text_of("%s/%s", root, e->d_name);
    closedir(dir);
    return path;
}

// The same among the program's own files.
static char *find_packed(const Node *node, const char *name)
{
    PackEntry e;
    size_t n = strlen(name);
    if (node->pack == NULL || node->options.root == NULL) return NULL;
    for (size_t i = 0; pack_entry(node->pack, i, &e); i++) {
        if (e.name_size < 5 + n || memcmp(e.name, "lib/", 4) != 0
            || memcmp(e.name + 4, name, n) != 0 || e.name[4 + n] != '-')
            continue;
        const char *end = memchr(e.name + 4, '/', e.name_size - 4);
        char *path = NULL;
        if (end != NULL
            && asprintf(&path, "%s/%.*s", node->options.root,
                        (int)(end - e.name), e.name) < 0)
            memory_exhausted("path", 0);
        return path;
    }
    return NULL;
}

// {Application, Folder}, or {Application, undefined}, for the preprocessor.
static Term find_library(Compile *c, Term application)
{
    const char *name = atom_text(c->node->atoms, application)->bytes;
    const char *roots = c->job->libraries;
    Term folder = ATOM_undefined;
    while (roots != NULL && *roots != 0 && term_is_atom(folder)) {
        size_t n = strcspn(roots, ":");
        char *root = strndup(roots, n), *path = find_in(root, name);
        if (n > 0 && path != NULL) folder = text_term(&c->heap, path);
        free(path);
        free(root);
        roots += n + (roots[n] == ':');
    }
    char *packed = term_is_atom(folder) ? find_packed(c->node, name) : NULL;
    if (packed != NULL) folder = text_term(&c->heap, packed);
    free(packed);
    return heap_tuple2(&c->heap, application, folder);
}

static Term folder_of(Compile *c)
{
    const char *slash = strrchr(c->source, '/');
    if (slash == NULL) return text_term(&c->heap, ".");
    return heap_string_utf8(&c->heap, c->source, (size_t)(slash - c->source),
                            TERM_NIL);
}

// {error_location, line}: no columns.
static bool is_by_line(Term options)
{
    for (; term_is_cons(options); options = term_tail(options)) {
        Term o = term_head(options);
        if (term_is_tuple_of(o, 2)
            && term_same(term_tuple_get(o, 0), ATOM_error_location))
            return term_same(term_tuple_get(o, 1), ATOM_line);
    }
    return false;
}

static PreprocessResult read_forms(Compile *c)
{
    PreprocessOptions o;
    PreprocessResult r;
    preprocess_options_init(&o);
    o.path = c->source;
    o.libraries = TERM_NIL;
    o.macros = option_values(c, ATOM_d);
    o.includes = heap_cons(&c->heap, folder_of(c), option_values(c, ATOM_i));
    if (is_by_line(c->options)) o.start = (Place){1, 0};
    o.deterministic = has_option(c->options, ATOM_deterministic);
    for (;;) {
        preprocess_file(c->node, &c->heap, &o, &r);
        if (term_is_none(r.library)) return r;
        o.libraries = heap_cons(&c->heap, find_library(c, r.library),
                                o.libraries);
    }
}

// ---- messages ----

static void add_message(Compile *c, Term *list, Term file, Term message)
{
    Term one = heap_cons(&c->heap, message, TERM_NIL);
    *list = heap_cons(&c->heap, heap_tuple2(&c->heap, file, one), *list);
}

static void format_list(Compile *c, Term list, const char *prefix)
{
    bool brief = has_option(c->options, ATOM_brief);
    list = messages_in_order(c->node->atoms, &c->heap, list);
    for (; term_is_cons(list); list = term_tail(list)) {
        Term file = term_tuple_get(term_head(list), 0);
        Term l = term_tuple_get(term_head(list), 1);
        for (; term_is_cons(l); l = term_tail(l))
            message_format(c->node, &c->result->text, file, term_head(l),
                           prefix, brief);
    }
}

static Term reverse(Heap *h, Term list)
{
    Term r = TERM_NIL;
    for (; term_is_cons(list); list = term_tail(list))
        r = heap_cons(h, term_head(list), r);
    return r;
}

// Codegen's diagnostics are {File, Location, Module, Descriptor}.
static void take_diagnostics(Compile *c, Term list, Term *to)
{
    for (list = reverse(&c->heap, list); term_is_cons(list);
         list = term_tail(list)) {
        Term d = term_head(list);
        Term m = heap_tuple3(&c->heap, term_tuple_get(d, 1),
                             term_tuple_get(d, 2), term_tuple_get(d, 3));
        add_message(c, to, term_tuple_get(d, 0), m);
    }
}

// ---- writing ----

static const char *module_name(Compile *c)
{
    for (Term l = c->forms; term_is_cons(l); l = term_tail(l)) {
        Term f = term_head(l);
        if (term_is_tuple_of(f, 4)
            && term_same(term_tuple_get(f, 0), ATOM_attribute)
            && term_same(term_tuple_get(f, 2), ATOM_module)
            && term_is_atom(term_tuple_get(f, 3)))
            return atom_text(c->node->atoms, term_tuple_get(f, 3))->bytes;
    }
    return NULL;
}

static void say(CompileResult *r, const char *format, const char *a,
                const char *b)
{
    char *text = text_of(format, a, b);
    buffer_add(&r->text, text, strlen(text));
    free(text);
}

// Where the .beam file goes: named like the source, as the module must be.
static bool name_output(Compile *c)
{
    const char *slash = strrchr(c->source, '/');
    char *base = strdup(slash != NULL ? slash + 1 : c->source);
    base[strlen(base) - 4] = 0; // .erl
    c->result->path
        = c->job->out == NULL
              ? text_of("%s.beam%s", base, "")
              : text_of("%s/%s.beam", c->job->out, base);
    bool same = strcmp(base, module_name(c)) == 0
                || has_option(c->options, ATOM_no_error_module_mismatch);
    if (!same) {
        char *words = text_of("Module name '%s' does not match file name '%s'",
                              module_name(c), base);
        say(c->result, "%s: %s\n", c->result->path, words);
        free(words);
    }
    free(base);
    return same;
}

// As file:format_error/1 has it.
static const char *error_text(int code)
{
    switch (code) {
    case ENOENT: return "no such file or directory";
    case ENOSPC: return "no space left on device";
    case EACCES: return "permission denied";
    case EROFS: return "read-only file system";
    case EISDIR: return "illegal operation on a directory";
    case ENOTDIR: return "not a directory";
    default: return strerror(code);
    }
}

// Written aside, then renamed: nobody sees half a file.
void compile_write(CompileResult *r)
{
    char *aside = strdup(r->path);
    aside[strlen(aside) - 1] = '#'; // as OTP has it: x.bea#
    errno = 0;
    FILE *f = fopen(aside, "wb");
    r->ok = f != NULL && fwrite(r->beam, 1, r->size, f) == r->size;
    int code = errno;
    if (f != NULL && fclose(f) != 0) {
        r->ok = false;
        code = errno;
    }
    if (!r->ok) {
        say(r, "%s: error writing file: %s\n", aside, error_text(code));
    } else if (rename(aside, r->path) != 0) {
        r->ok = false;
        char *to = text_of("%s to %s", aside, r->path);
        char *words = text_of("%s: failed to rename %s: ", r->path, to);
        say(r, "%s%s\n", words, error_text(errno));
        free(words);
        free(to);
    }
    if (!r->ok && f != NULL) unlink(aside);
    free(aside);
}

void compile_result_free(CompileResult *r)
{
    buffer_free(&r->text);
    free(r->beam);
    free(r->path);
}

// The chunk of debug information, and what chunk CInf holds.
static Term extra_chunks(Compile *c)
{
    Heap *h = &c->heap;
    bool debug = has_option(c->options, ATOM_debug_info);
    Term kept = debug ? c->forms : ATOM_none;
    Term info = heap_tuple3(
        h, ATOM_debug_info_v1, ATOM_erl_abstract_code,
        heap_tuple2(h, kept, c->options));
    Term binary = external_encode_binary(c->node, h, info, NULL);
    Term list = heap_cons(h, heap_tuple2(h, heap_binary(h, "Dbgi", 4), binary),
                          TERM_NIL);
    Term cinf = TERM_NIL;
    if (!has_option(c->options, ATOM_deterministic)) {
        char *real = realpath(c->source, NULL);
        Term path = text_term(h, real != NULL ? real : c->source);
        free(real);
        cinf = heap_cons(h, heap_tuple2(h, ATOM_source, path), cinf);
        cinf = heap_cons(h, heap_tuple2(h, ATOM_options, c->options), cinf);
    }
    return heap_cons(h, heap_tuple2(h, ATOM_compile_info, cinf), list);
}

// ---- passes ----

// The first parse transform that the source asks for, or TERM_NONE.
static Term parse_transform_in(Term options)
{
    if (term_is_tuple_of(options, 2)
        && term_same(term_tuple_get(options, 0), ATOM_parse_transform))
        return term_tuple_get(options, 1);
    for (; term_is_cons(options); options = term_tail(options)) {
        Term found = parse_transform_in(term_head(options));
        if (!term_is_none(found)) return found;
    }
    return TERM_NONE;
}

static bool has_transforms(Compile *c)
{
    Term found = parse_transform_in(c->options);
    for (Term l = c->forms; term_is_none(found) && term_is_cons(l);
         l = term_tail(l)) {
        Term f = term_head(l);
        if (term_is_tuple_of(f, 4)
            && term_same(term_tuple_get(f, 0), ATOM_attribute)
            && term_same(term_tuple_get(f, 2), ATOM_compile))
            found = parse_transform_in(term_tuple_get(f, 3));
    }
    return !term_is_none(found);
}

// Whether a listing is asked for instead of, or beside, the code.
static bool has_listing(Term options)
{
    static const uintptr_t names[] = {ATOM_BITS_P, ATOM_BITS_E, ATOM_BITS_S,
                                      ATOM_BITS_dpp, ATOM_BITS_to_pp};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (has_option(options, (Term){names[i]})) return true;
    return false;
}

static void lint(Compile *c)
{
    LintResult r = lint_module(c->node, &c->heap, c->forms,
                                text_term(&c->heap, c->source), c->options);
    c->errors = reverse(&c->heap, r.errors);
    c->warnings = reverse(&c->heap, r.warnings);
    c->result->needs_node = r.asks_behaviours && c->node->pack != NULL;
}

static const char STOPPED[] = "compile: warnings being treated as errors\n";

static bool warnings_are_errors(Compile *c)
{
    return has_option(c->options, ATOM_warnings_as_errors)
           && !term_is_nil(c->warnings);
}

static bool run_passes(Compile *c)
{
    PreprocessResult r = read_forms(c);
    c->forms = r.forms;
    if (!term_is_none(r.error)) {
        Term m = heap_tuple3(&c->heap, ATOM_none, ATOM_compile,
                             heap_tuple2(&c->heap, ATOM_epp, r.error));
        if (term_same(r.error, ATOM_enoent))
            m = heap_tuple3(&c->heap, ATOM_none, ATOM_compile,
                            heap_tuple(&c->heap, 1, (Term[]){ATOM_open}));
        add_message(c, &c->errors, text_term(&c->heap, c->source), m);
        return false;
    }
    c->result->needs_node = has_transforms(c) || has_listing(c->options);
    if (c->result->needs_node) return false;
    lint(c);
    if (c->result->needs_node) return false;
    if (!term_is_nil(c->errors) || module_name(c) == NULL) return false;
    CodegenResult code = codegen_module(c->node, &c->heap, c->forms,
                                        c->options, extra_chunks(c));
    take_diagnostics(c, code.errors, &c->errors);
    take_diagnostics(c, code.warnings, &c->warnings);
    c->result->beam = code.beam;
    c->result->size = code.size;
    return code.beam != NULL && !warnings_are_errors(c) && name_output(c);
}

CompileResult compile_file(Node *node, const CompileJob *job)
{
    CompileResult result = {0};
    Compile c = {.node = node, .job = job, .result = &result,
                 .options = job->options, .forms = TERM_NIL};
    c.errors = c.warnings = TERM_NIL;
    heap_init(&c.heap);
    c.source = source_path(job->path);
    result.ok = run_passes(&c);
    if (result.needs_node) c.errors = c.warnings = TERM_NIL;
    bool stopped = warnings_are_errors(&c);
    if (stopped && term_is_nil(c.errors))
        buffer_add(&result.text, STOPPED, strlen(STOPPED));
    format_list(&c, c.errors, "");
    if (stopped || !has_option(c.options, ATOM_nowarn))
        format_list(&c, c.warnings, stopped ? "" : "Warning: ");
    free(c.source);
    heap_free(&c.heap);
    return result;
}
