// SPDX-License-Identifier: Apache-2.0
// The preprocessor's frame: files, answers, and the way of a form.
#include "preprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "pack.h"
#include "parser.h"
#include "preprocess_state.h"
#include "utf8.h"

void preprocess_options_init(PreprocessOptions *o)
{
    *o = (PreprocessOptions){
        .source_name = TERM_NONE, .includes = TERM_NIL, .macros = TERM_NIL,
        .features = TERM_NIL, .libraries = TERM_NIL, .start = {1, 1}};
}

// ---- answers ----

void answer_term(Preprocess *pp, Term t)
{
    Term cell = heap_cons(pp->heap, t, TERM_NIL);
    if (term_is_none(pp->last))
        pp->first = cell;
    else
        term_cons_ptr(pp->last)[1] = cell;
    pp->last = cell;
}

static void answer_tagged(Preprocess *pp, Term tag, Place place, Term module,
                          Term descriptor)
{
    Term info = heap_tuple3(pp->heap, place_to_term(pp->heap, place), module,
                            descriptor);
    answer_term(pp, heap_tuple2(pp->heap, tag, info));
}

void answer_error_at(Preprocess *pp, Place place, Term descriptor)
{
    answer_tagged(pp, ATOM_error, place, ATOM_epp, descriptor);
}

void answer_error(Preprocess *pp, const Token *at, Term descriptor)
{
    answer_error_at(pp, at->place, descriptor);
}

void answer_parse_error(Preprocess *pp, const ParseError *error)
{
    answer_term(pp, heap_tuple2(pp->heap, ATOM_error,
                                grammar_error_term(pp->heap, error)));
}

static Term make_anno(Preprocess *pp, Place place, bool generated)
{
    Heap *h = pp->heap;
    Term location = place_to_term(h, place);
    if (!generated) return location;
    Term rest = heap_cons(h, heap_tuple2(h, ATOM_location, location), TERM_NIL);
    return heap_cons(h, heap_tuple2(h, ATOM_generated, ATOM_true), rest);
}

// The last component of a path, for deterministic forms.
static Term string_base_name(Term name)
{
    Term base = name;
    for (; term_is_cons(name); name = term_tail(name))
        if (term_same(term_head(name), term_small('/'))
            && term_is_cons(term_tail(name)))
            base = term_tail(name);
    return base;
}

Term source_name(const Preprocess *pp, Term name)
{
    return pp->options->deterministic ? string_base_name(name) : name;
}

static Term file_tokens(Preprocess *pp, Term anno, Term name, int32_t line)
{
    Heap *h = pp->heap;
    Term tokens[] = {
        heap_tuple2(h, ATOM_minus, anno),
        heap_tuple3(h, ATOM_atom, anno, ATOM_file),
        heap_tuple2(h, ATOM_lparen, anno),
        heap_tuple3(h, ATOM_string, anno, name),
        heap_tuple2(h, ATOM_comma, anno),
        heap_tuple3(h, ATOM_integer, anno, term_small(line)),
        heap_tuple2(h, ATOM_rparen, term_small(line)),
        heap_tuple2(h, ATOM_dot, anno)};
    return heap_list(h, sizeof tokens / sizeof tokens[0], tokens, TERM_NIL);
}

void answer_file(Preprocess *pp, Place place, bool generated, Term name,
                 int32_t line)
{
    Heap *h = pp->heap;
    Term anno = make_anno(pp, place, generated);
    Term shown = source_name(pp, name);
    if (pp->options->want_tokens) {
        answer_term(pp, file_tokens(pp, anno, shown, line));
        return;
    }
    Term value = heap_tuple2(h, shown, term_small(line));
    Term form[] = {ATOM_attribute, anno, ATOM_file, value};
    answer_term(pp, heap_tuple(h, 4, form));
}

// ---- files ----

bool path_is_absolute(const char *path)
{
    return path[0] == '/';
}

char *path_join(const char *directory, const char *name)
{
    if (path_is_absolute(name) || directory[0] == 0
        || strcmp(directory, ".") == 0)
        directory = "";
    size_t n = strlen(directory), m = strlen(name);
    char *path = memory_alloc(n + m + 2);
    memcpy(path, directory, n);
    if (n > 0 && path[n - 1] != '/') path[n++] = '/';
    memcpy(path + n, name, m + 1);
    return path;
}

static char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    char *directory = memory_alloc(n + 2);
    if (slash == NULL) path = ".", n = 1;
    if (slash == path) n = 1;
    memcpy(directory, path, n);
    directory[n] = 0;
    return directory;
}

// The library's own files lie in the pack, below the program's path.
static uint8_t *read_packed(Node *node, const char *path, size_t *size)
{
    const char *program = node->options.program;
    if (node->pack == NULL || program == NULL) return NULL;
    size_t n = strlen(program);
    PackEntry entry;
    if (strncmp(path, program, n) != 0 || path[n] != '/'
        || !pack_find(node->pack, path + n + 1, strlen(path + n + 1), &entry))
        return NULL;
    uint8_t *text = memory_alloc(entry.size + 1);
    memcpy(text, entry.data, entry.size);
    *size = entry.size;
    return text;
}

static bool read_all(int fd, uint8_t *text, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, text + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return true;
}

// All bytes of a file in memory of malloc; NULL with errno set.
static uint8_t *read_file(Node *node, const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int error = errno;
        uint8_t *text = read_packed(node, path, size);
        errno = error;
        return text;
    }
    struct stat st;
    uint8_t *text = NULL;
    if (fstat(fd, &st) == 0) {
        *size = (size_t)st.st_size;
        if (S_ISDIR(st.st_mode))
            errno = EISDIR;
        else if (!read_all(fd, text = memory_alloc(*size + 1), *size))
            *size = 0; // cut short while it was read
    }
    int error = errno;
    close(fd);
    errno = error;
    return text;
}

// Turns the text of a file into UTF-8 if it is something else.
static void source_decode(SourceFile *f, const uint8_t **text, size_t *size,
                          Encoding encoding)
{
    if (encoding != ENCODING_LATIN1) return;
    uint8_t *utf8 = scanner_text_from_latin1(*text, *size, size);
    free(f->text);
    *text = f->text = utf8;
}

static void source_push(Preprocess *pp, uint8_t *text, size_t size,
                        const char *path, Term name)
{
    SourceFile *f = memory_zeroed(1, sizeof *f);
    const uint8_t *bytes = text;
    f->text = text;
    if (text == NULL) bytes = pp->options->text, size = pp->options->size;
    Encoding encoding = pp->options->encoding;
    (void)encoding_of(bytes, size, &encoding);
    source_decode(f, &bytes, &size, encoding);
    scanner_init(&f->scanner, pp->atoms, pp->heap, bytes, size);
    f->scanner.place = pp->options->start;
    if (pp->file != NULL)
        f->scanner.place = (Place){1, pp->options->start.column > 0};
    f->scanner.options = pp->maybe_words ? SCANNER_MAYBE : 0;
    f->name = f->name2 = name;
    f->directory = path_directory(path);
    f->below = pp->file;
    pp->file = f;
}

static void source_pop(Preprocess *pp)
{
    SourceFile *f = pp->file;
    pp->file = f->below;
    free(f->text);
    free(f->directory);
    free(f->conditions);
    free(f);
}

static void set_file_macro(Preprocess *pp, Place place, Term name)
{
    Token token = {.kind = TOKEN_STRING, .place = place,
                   .value = source_name(pp, name)};
    macro_predefine(pp, ATOM_FILE, &token);
}

bool source_enter(Preprocess *pp, const char *path, Term name)
{
    size_t size;
    uint8_t *text = read_file(pp->node, path, &size);
    if (text == NULL) return false;
    source_push(pp, text, size, path, name);
    pp->depth++;
    Place start = pp->file->scanner.place;
    answer_file(pp, start, false, name, start.line);
    set_file_macro(pp, start, name);
    return true;
}

// Goes back to the file that included the current one, or ends.
static void source_leave(Preprocess *pp)
{
    SourceFile *f = pp->file;
    Place end = f->scanner.place;
    while (f->condition_count > 0) {
        Term descriptor[] = {ATOM_illegal,
                             heap_string(pp->heap, "unterminated", 12, TERM_NIL),
                             f->conditions[--f->condition_count]};
        answer_error_at(pp, end, heap_tuple(pp->heap, 3, descriptor));
    }
    if (f->below == NULL) {
        answer_term(pp, heap_tuple2(pp->heap, ATOM_eof,
                                    place_to_term(pp->heap, end)));
        pp->ended = true;
        return;
    }
    source_pop(pp);
    pp->depth--;
    f = pp->file;
    f->scanner.options = pp->maybe_words ? SCANNER_MAYBE : 0;
    Place place = f->scanner.place, real = place;
    real.line += f->delta;
    set_file_macro(pp, real, f->name2);
    answer_file(pp, real, false, f->name, real.line);
    if (!term_same(f->name, f->name2))
        answer_file(pp, real, true, f->name2, place.line);
}
