// SPDX-License-Identifier: Apache-2.0
// Compile: the passes over one source file.
//
// Each pass needs what the one before has made, all terms lie on one heap, and
// the heap goes when the text of all messages has been written: a CompileResult
// holds bytes only, so results may be kept while other files are compiled.
//
// What takes a node (parse transforms, listings and the like) is found as soon
// as the options of the module are known, before anything was told; the caller
// then begins anew with a node.
#include "compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codegen.h"
#include "compare.h"
#include "compile_info.h"
#include "compile_message.h"
#include "lint.h"
#include "pack.h"
#include "preprocess.h"

typedef struct {
    Node *node;
    const CompileJob *job; // what is asked for
    Heap heap;    // of all terms below
    CompileResult *result; // filled in as passes go along
    char *source; // path of the source, as messages name it
    Term options; // those of the caller
    Term all;     // those of the module in front of them, once it is read
    Term forms, features;
    Term errors, warnings; // [{File, [{Location, Module, Descriptor}]}]
} Compile;

// [text] in UTF-8 as a list of code points.
static Term text_term(Heap *h, const char *text)
{
    return heap_string_utf8(h, text, strlen(text), TERM_NIL);
}

// An option counts wherever it stands; only plain atoms are asked for.
static bool has_option(Term options, Term name)
{
    for (; term_is_cons(options); options = term_tail(options))
        if (term_same(term_head(options), name)) return true;
    return false;
}

// Text of printf in memory of malloc. [format] has at most two strings.
static char *text_of(const char *format, const char *a, const char *b)
{
    char *text = NULL;
    if (asprintf(&text, format, a, b) < 0) memory_exhausted("path", 0);
    return text;
}

// ---- reading ----

// A path below the current folder is named from there: messages and stack
// traces show it as erlc does, whatever the caller wrote.
static char *source_path(const char *path)
{
    char *folder = getcwd(NULL, 0);
    size_t n = folder != NULL ? strlen(folder) : 0;
    if (n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/')
        path += n + 1;
    free(folder);
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        while (path[0] == '/') path++;
    }
    return strdup(path);
}

// From the root, of malloc; NULL when nobody knows where we are (the folder is
// gone).
static char *absolute_path(const char *path)
{
    if (path[0] == '/') return strdup(path);
    char *folder = getcwd(NULL, 0);
    if (folder == NULL) return NULL;
    char *whole = text_of("%s/%s", folder, path);
    free(folder);
    return whole;
}

// The values of options {Name, Value}, in order; those of {d, Name, Value} as
// {Name, Value}.
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

// What cannot be looked at is none.
static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// The folder of application [name] below [root]: NAME, or NAME-VERSION, the
// first that the folder lists. Of malloc; NULL when there is none.
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

// The same among the program's own files, which lie in the program and are
// named as if they were below its root.
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
// ERL_LIBS comes first, as it does for code.
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

// Headers lie beside the source, wherever the command was given.
static Term folder_of(Compile *c)
{
    const char *slash = strrchr(c->source, '/');
    if (slash == NULL) return text_term(&c->heap, ".");
    return heap_string_utf8(&c->heap, c->source, (size_t)(slash - c->source),
                            TERM_NIL);
}

// {error_location, line}: no columns, in messages as well as in forms.
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

// -include_lib("app/include/x.hrl") asks for where an application is. The
// preprocessor does not look itself: it stops, names the application, and is
// run again with the answer; there are few of them.
static PreprocessResult read_forms(Compile *c)
{
    PreprocessOptions o;
    PreprocessResult r;
    preprocess_options_init(&o);
    o.path = c->source;
    o.libraries = TERM_NIL;
    o.macros = option_values(c, ATOM_d);
    o.includes = heap_cons(&c->heap, text_term(&c->heap, "."),
                           heap_cons(&c->heap, folder_of(c),
                                     option_values(c, ATOM_i)));
    // Column 0 says that none are counted.
    if (is_by_line(c->options)) o.start = (Place){1, 0};
    o.deterministic = has_option(c->options, ATOM_deterministic);
    for (;;) {
        preprocess_file(c->node, &c->heap, &o, &r);
        if (term_is_none(r.library)) break;
        o.libraries = heap_cons(&c->heap, find_library(c, r.library),
                                o.libraries);
    }
    c->forms = r.forms;
    c->features = r.features;
    return r;
}

// The options of -compile in front of the caller's: what the first says counts,
// for all but lint, which reads the forms itself.
static void take_directives(Compile *c)
{
    Term found[1024];
    size_t n = 0;
    for (Term l = c->forms; term_is_cons(l); l = term_tail(l)) {
        Term f = term_head(l);
        if (!term_is_tuple_of(f, 4)
            || !term_same(term_tuple_get(f, 0), ATOM_attribute)
            || !term_same(term_tuple_get(f, 2), ATOM_compile))
            continue;
        Term value = term_tuple_get(f, 3);
        if (!term_is_list(value)) value = heap_cons(&c->heap, value, TERM_NIL);
        for (; term_is_cons(value) && n < 1024; value = term_tail(value))
            found[n++] = term_head(value);
    }
    c->all = heap_list(&c->heap, n, found, c->options);
}

// ---- messages ----

// Each alone: messages_in_order puts them together by file.
static void add_message(Compile *c, Term *list, Term file, Term message)
{
    Term one = heap_cons(&c->heap, message, TERM_NIL);
    *list = heap_cons(&c->heap, heap_tuple2(&c->heap, file, one), *list);
}

typedef struct { // one message, as it is printed
    Term file, at; // none, when it has no place
    Buffer text;   // ended by a 0 byte
} Told;

// By file and place, then by words, so the order does not depend on what pass
// found it.
static int compare_told(const void *a, const void *b, void *atoms)
{
    const Told *m = a, *n = b;
    int c = term_compare(atoms, m->file, n->file);
    if (c == 0) c = term_compare(atoms, m->at, n->at);
    if (c == 0)
        c = strcmp((const char *)m->text.bytes, (const char *)n->text.bytes);
    return c;
}

// Messages without a place are told in front of all others, and their file is
// not compared.
static Told tell(Compile *c, Term file, Term message, const char *prefix)
{
    bool placed = term_arity(message) == 3
                  && !term_same(term_tuple_get(message, 0), ATOM_none);
    Told told = {.file = placed ? file : ATOM_none, .at = ATOM_none};
    if (placed) told.at = term_tuple_get(message, 0);
    MessageStyle style = {prefix, has_option(c->all, ATOM_brief),
                          c->job->coloured};
    message_format(c->node, &told.text, file, message, &style);
    buffer_add_byte(&told.text, 0);
    return told;
}

// Errors are told file by file, what kept the text from being read first;
// warnings in the order of their places. The two lists are told apart, errors
// first.
static void format_list(Compile *c, Term list, const char *prefix, bool sorted)
{
    size_t n = 0, room = 0;
    Told *all = NULL;
    list = messages_in_order(c->node->atoms, &c->heap, list);
    for (; term_is_cons(list); list = term_tail(list)) {
        Term file = term_tuple_get(term_head(list), 0);
        Term l = term_tuple_get(term_head(list), 1);
        for (; term_is_cons(l); l = term_tail(l)) {
            if (n == room) all = memory_grow(all, &room, n + 16, sizeof *all);
            all[n++] = tell(c, file, term_head(l), prefix);
        }
    }
    if (sorted && n > 1)
        qsort_r(all, n, sizeof *all, compare_told, c->node->atoms);
    for (size_t i = 0; i < n; i++) {
        buffer_add(&c->result->text, all[i].text.bytes, all[i].text.size - 1);
        buffer_free(&all[i].text);
    }
    free(all);
}

static Term reverse(Heap *h, Term list) // what was gathered newest first
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
// The file is written by the caller, when it is this file's turn.

// NULL when the source does not say; then there is nothing to write, and lint
// has told of it.
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

// Puts text in front of all that is told: errors come before warnings, though
// what is wrong with the file is found last.
static void say_first(CompileResult *r, const char *format, const char *a,
                      const char *b)
{
    Buffer told = r->text;
    char *text = text_of(format, a, b);
    buffer_init(&r->text);
    buffer_add(&r->text, text, strlen(text));
    if (told.size > 0) buffer_add(&r->text, told.bytes, told.size);
    buffer_free(&told);
    free(text);
}

// Where the .beam file goes: named like the source, in the folder that was
// asked for or the current one. From the root: a thread must not depend on it.
static void name_output(Compile *c)
{
    const char *slash = strrchr(c->source, '/');
    char *base = strdup(slash != NULL ? slash + 1 : c->source);
    base[strlen(base) - 4] = 0; // .erl
    char *folder = absolute_path(c->job->out != NULL ? c->job->out : "");
    size_t n = folder != NULL ? strlen(folder) : 0;
    while (n > 1 && folder[n - 1] == '/') folder[--n] = 0;
    c->result->path = text_of("%s/%s.beam", folder != NULL ? folder : ".",
                              base);
    free(folder);
    free(base);
}

// The module must be named as the file is, or no code server would find it.
static bool check_name(Compile *c)
{
    const char *slash = strrchr(c->result->path, '/');
    char *base = strdup(slash != NULL ? slash + 1 : c->result->path);
    base[strlen(base) - 5] = 0; // .beam
    bool same = strcmp(base, module_name(c)) == 0
                || has_option(c->all, ATOM_no_error_module_mismatch);
    if (!same) {
        char *words = text_of("Module name '%s' does not match file name '%s'",
                              module_name(c), base);
        say_first(c->result, "%s: %s\n", c->result->path, words);
        free(words);
    }
    free(base);
    return same;
}

// As file:format_error/1 has it, in a process without a runtime.
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

// Written aside, then renamed: nobody sees half a file, and who runs the old
// one keeps it until then.
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
        say_first(r, "%s: error writing file: %s\n", aside, error_text(code));
    } else if (rename(aside, r->path) != 0) {
        r->ok = false;
        char *to = text_of("%s to %s", aside, r->path);
        char *words = text_of("%s: failed to rename %s: ", r->path, to);
        say_first(r, "%s%s\n", words, error_text(errno));
        free(words);
        free(to);
    }
    if (!r->ok && f != NULL) unlink(aside);
    free(aside);
}

// What an earlier run left must not look like the result of this one.
void compile_discard(CompileResult *r)
{
    unlink(r->path);
}

void compile_result_free(CompileResult *r)
{
    buffer_free(&r->text);
    free(r->beam);
    free(r->path);
}

// ---- passes ----
// Errors of one pass end it, as erlc does: lint tells nothing of a file that
// could not be read, codegen nothing of one that lint refused.

// Options that ask for what is done in Erlang only: parse transforms, listings,
// rules for make, features, other chunks. By name, whatever their value.
static bool needs_node(const Compile *c)
{
    static const char names[] =
        " parse_transform P E S dpp dabstr dexp to_pp to_exp to_asm makedep"
        " makedep_side_effect basic_validation strong_validation compressed"
        " encrypt_debug_info debug_info_key extra_chunks compile_info source"
        " absolute_source time feature from_abstr from_asm from_core r18 r19"
        " r20 r21 r22 r23 r24 no_bsm3 no_bsm4 no_get_hd_tl no_put_tuple2"
        " no_utf8_atoms no_type_opt no_module_opt no_make_fun3 to_core0 to_core"
        " dcore dcorefold dcopt dinline dcbsm dkern dssa dssaopt dprecg dcg"
        " clint0 clint ";
    for (Term l = c->all; term_is_cons(l); l = term_tail(l)) {
        Term key = term_head(l);
        if (term_is_tuple(key) && term_arity(key) > 0)
            key = term_tuple_get(key, 0);
        if (!term_is_atom(key)) continue;
        const AtomText *text = atom_text(c->node->atoms, key);
        char word[40];
        if ((size_t)text->size + 3 > sizeof word) continue;
        snprintf(word, sizeof word, " %s ", text->bytes);
        // {debug_info, {Backend, Data}}: no forms at all
        bool custom = term_same(key, ATOM_debug_info)
                      && term_is_tuple(term_head(l));
        if (custom || strstr(names, word) != NULL) return true;
    }
    // Forms that have columns already would have to lose them.
    return is_by_line(c->all) && !is_by_line(c->options);
}

// The table of behaviours knows those of the library. One that it does not know
// may be on the code path, which only a node has. Without a library (merlec
// while the program itself is built) the warning stands.
static void lint(Compile *c)
{
    LintResult r = lint_module(c->node, &c->heap, c->forms,
                               text_term(&c->heap, c->source), c->options);
    c->errors = reverse(&c->heap, r.errors);
    c->warnings = reverse(&c->heap, r.warnings);
    c->result->needs_node = r.asks_behaviours && c->node->pack != NULL;
}

static const char STOPPED[] = "compile: warnings being treated as errors\n";

// Also when the module itself asks for it.
static bool warnings_are_errors(Compile *c)
{
    return has_option(c->all, ATOM_warnings_as_errors)
           && !term_is_nil(c->warnings);
}

// Diagnostics of the code come behind those of the checks.
static bool generate(Compile *c)
{
    char *path = absolute_path(c->source);
    CompileOrigin origin = {.forms = c->forms, .features = c->features,
                            .given = c->options, .all = c->all,
                            .source = path};
    Term chunks = compile_info_chunks(c->node, &c->heap, &origin);
    free(path);
    CodegenResult code = codegen_module(c->node, &c->heap, c->forms, c->all,
                                        chunks);
    take_diagnostics(c, code.errors, &c->errors);
    take_diagnostics(c, code.warnings, &c->warnings);
    c->result->beam = code.beam;
    c->result->size = code.size;
    return code.beam != NULL;
}

// Each pass needs that the one before found no error. When a node is needed
// after all nothing has been told yet: it begins anew.
static bool run_passes(Compile *c)
{
    PreprocessResult r = read_forms(c);
    if (!term_is_none(r.error)) {
        Term m = heap_tuple3(&c->heap, ATOM_none, ATOM_compile,
                             heap_tuple2(&c->heap, ATOM_epp, r.error));
        if (term_same(r.error, ATOM_enoent))
            m = heap_tuple3(&c->heap, ATOM_none, ATOM_compile,
                            heap_tuple(&c->heap, 1, (Term[]){ATOM_open}));
        add_message(c, &c->errors, text_term(&c->heap, c->source), m);
        return false;
    }
    take_directives(c);
    c->result->needs_node = needs_node(c);
    if (c->result->needs_node) return false;
    lint(c);
    if (c->result->needs_node) return false;
    if (!term_is_nil(c->errors) || module_name(c) == NULL) return false;
    return generate(c) && !warnings_are_errors(c) && check_name(c);
}

// Nothing of [job] is kept. On return the caller owns the result, with or
// without code.
CompileResult compile_file(Node *node, const CompileJob *job)
{
    CompileResult result = {0};
    Compile c = {.node = node, .job = job, .result = &result,
                 .options = job->options, .all = job->options,
                 .forms = TERM_NIL, .features = TERM_NIL};
    c.errors = c.warnings = TERM_NIL;
    heap_init(&c.heap);
    c.source = source_path(job->path);
    name_output(&c);
    result.ok = run_passes(&c);
    if (result.needs_node) c.errors = c.warnings = TERM_NIL;
    bool stopped = warnings_are_errors(&c), wanted = !job->no_warnings;
    if (stopped && wanted && term_is_nil(c.errors))
        buffer_add(&result.text, STOPPED, strlen(STOPPED));
    format_list(&c, c.errors, "", false);
    if (stopped || wanted)
        format_list(&c, c.warnings, stopped ? "" : "Warning: ", true);
    free(c.source);
    heap_free(&c.heap);
    return result;
}
