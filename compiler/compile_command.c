// SPDX-License-Identifier: Apache-2.0
// merlec: compiles files, several at once, with erlc's options.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compile.h"
#include "pack.h"
#include "parser.h"
#include "print.h"

typedef struct {
    Node *node;
    Heap heap;        // of the options
    Term options;     // newest first while reading
    const char *out;
    const char *libraries;
    const char *program; // for what needs a node
    Buffer paths;     // " -pa DIR" and the like, each ended by a 0 byte
    const char **files;
    size_t count;
    atomic_size_t next;
    CompileResult *results;
    bool *done;       // which of them there are
    size_t told;      // so many have been told of, in order
    bool telling;     // some thread is at that
    atomic_bool failed; // then files behind are as if they had not been named
    pthread_mutex_t lock; // for what tells
} Command;

static void add_option(Command *c, Term option)
{
    c->options = heap_cons(&c->heap, option, c->options);
}

static Term atom(Command *c, const char *text)
{
    return atom_new(c->node->atoms, text, strlen(text));
}

// An Erlang term, as +TERM and -DNAME=TERM give it.
static bool parse_term(Command *c, const char *text, Term *term)
{
    size_t n = strlen(text);
    char *dotted = memory_alloc(n + 3);
    snprintf(dotted, n + 3, "%s. ", text);
    TokenList tokens = {0};
    Scanner s;
    ScanError scan_error;
    ParseError error;
    scanner_init(&s, c->node->atoms, &c->heap, (const uint8_t *)dotted, n + 2);
    Grammar *g = parser_take_grammar(c->node);
    bool good = scanner_form(&s, &tokens, &scan_error) == SCAN_FORM
                && grammar_parse_term(g, &c->heap, &tokens, term, &error);
    parser_return_grammar(c->node, g);
    token_list_free(&tokens);
    free(dotted);
    return good;
}

static void add_path(Command *c, Term key, const char *path)
{
    Term text = heap_string_utf8(&c->heap, path, strlen(path), TERM_NIL);
    add_option(c, heap_tuple2(&c->heap, key, text));
}

static bool define(Command *c, const char *text)
{
    const char *eq = strchr(text, '=');
    Term value = ATOM_true;
    size_t n = eq != NULL ? (size_t)(eq - text) : strlen(text);
    Term name = atom_new(c->node->atoms, text, n);
    if (eq != NULL && !parse_term(c, eq + 1, &value)) return false;
    if (eq != NULL)
        add_option(c, heap_tuple3(&c->heap, ATOM_d, name, value));
    else
        add_option(c, heap_tuple2(&c->heap, ATOM_d, name));
    return true;
}

static bool plus_option(Command *c, const char *text)
{
    Term t;
    if (!parse_term(c, text, &t)) {
        fprintf(stderr, "merlec: bad term: %s\n", text);
        return false;
    }
    if (term_is_list(t))
        for (; term_is_cons(t); t = term_tail(t)) add_option(c, term_head(t));
    else
        add_option(c, t);
    return true;
}

// The value of an option: behind its letter, or the next argument.
static const char *value_of(int argc, char **argv, int *i)
{
    if (argv[*i][2] != 0) return argv[*i] + 2;
    return *i + 1 < argc ? argv[++*i] : "";
}

static bool read_option(Command *c, int argc, char **argv, int *i)
{
    const char *a = argv[*i];
    if (a[0] == '+') return plus_option(c, a + 1);
    if (strcmp(a, "-Werror") == 0) {
        add_option(c, ATOM_warnings_as_errors);
        return true;
    }
    if (strcmp(a, "-pa") == 0 || strcmp(a, "-pz") == 0) {
        // only parse transforms and behaviours are looked for there
        if (++*i < argc) {
            buffer_add(&c->paths, a, 4);
            buffer_add(&c->paths, argv[*i], strlen(argv[*i]) + 1);
        }
        return true;
    }
    if (strlen(a) == 2 && strchr("PES", a[1]) != NULL) {
        add_option(c, atom(c, a + 1));
        return true;
    }
    switch (a[1]) {
    case 'o': c->out = value_of(argc, argv, i); return true;
    case 'I': add_path(c, ATOM_i, value_of(argc, argv, i)); return true;
    case 'D': return define(c, value_of(argc, argv, i));
    case 'W': if (a[2] == '0') add_option(c, ATOM_nowarn); return true;
    case 'v': add_option(c, atom(c, "verbose")); return true;
    case 'b': value_of(argc, argv, i); return true;
    default:
        fprintf(stderr, "merlec: unknown option: %s\n", a);
        return false;
    }
}

static bool read_arguments(Command *c, int argc, char **argv)
{
    bool only_files = false;
    c->files = memory_alloc((size_t)argc * sizeof *c->files + 1);
    for (int i = 1; i < argc; i++) {
        if (!only_files && strcmp(argv[i], "--") == 0)
            only_files = true;
        else if (!only_files && (argv[i][0] == '-' || argv[i][0] == '+')) {
            if (!read_option(c, argc, argv, &i)) return false;
        } else {
            c->files[c->count++] = argv[i];
        }
    }
    Term list = TERM_NIL;
    for (Term l = c->options; term_is_cons(l); l = term_tail(l))
        list = heap_cons(&c->heap, term_head(l), list);
    c->options = list;
    return true;
}

// ---- files that need a node ----

// The options as text that a node can read.
static char *options_text(Command *c)
{
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    o.encoding = PRINT_UNICODE;
    print_write(c->node, &b, c->options, &o);
    buffer_add_byte(&b, 0);
    return (char *)b.bytes;
}

// Becomes a node that compiles [file]; what it writes goes to [to].
static void become_node(Command *c, const char *file, int to)
{
    size_t n = 0;
    const char **args
        = memory_zeroed(c->paths.size + 16, sizeof *args);
    char *options = options_text(c);
    args[n++] = c->program;
    args[n++] = "-noinput";
    const char *at = (const char *)c->paths.bytes;
    for (const char *end = at + c->paths.size; at < end; at += strlen(at) + 1)
        args[n++] = at;
    args[n++] = "-run";
    args[n++] = "compile";
    args[n++] = "batch";
    args[n++] = file;
    args[n++] = c->out != NULL ? c->out : ".";
    args[n++] = options;
    dup2(to, STDOUT_FILENO);
    execv(c->program, (char **)args);
    _exit(127);
}

static void read_all(int from, Buffer *text)
{
    char bytes[4096];
    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        buffer_add(text, bytes, (size_t)n);
    }
}

// Has a node compile [file], which also writes the .beam file.
static void run_node(Command *c, const char *file, CompileResult *r)
{
    int ends[2], status = 1;
    if (c->program == NULL || pipe2(ends, O_CLOEXEC) != 0) {
        fprintf(stderr, "merlec: no program to compile %s with\n", file);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) become_node(c, file, ends[1]);
    close(ends[1]);
    read_all(ends[0], &r->text);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    r->ok = pid > 0 && status == 0;
}

// ---- the files ----

// Tells of the results that are there, in the order of the files; with the
// first that failed all is over. The lock is held, and given up in between.
static void tell(Command *c)
{
    if (c->telling) return;
    c->telling = true;
    while (c->told < c->count && c->done[c->told] && !c->failed) {
        CompileResult *r = &c->results[c->told];
        pthread_mutex_unlock(&c->lock);
        if (r->needs_node) run_node(c, c->files[c->told], r);
        else if (r->ok) compile_write(r);
        if (r->text.size > 0) fwrite(r->text.bytes, 1, r->text.size, stdout);
        pthread_mutex_lock(&c->lock);
        c->failed = !r->ok;
        c->told++;
    }
    c->telling = false;
}

// Files of yecc and leex, which are programs of the library.
static bool is_grammar(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL
           && (strcmp(dot, ".yrl") == 0 || strcmp(dot, ".xrl") == 0);
}

// Takes files until there are no more.
static void *work(void *data)
{
    Command *c = data;
    for (;;) {
        size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->count || c->failed) return NULL;
        CompileJob job = {.path = c->files[i], .out = c->out,
                          .options = c->options, .libraries = c->libraries};
        CompileResult r = {.needs_node = is_grammar(job.path)};
        if (!r.needs_node) r = compile_file(c->node, &job);
        pthread_mutex_lock(&c->lock);
        c->results[i] = r;
        c->done[i] = true;
        tell(c);
        pthread_mutex_unlock(&c->lock);
    }
}

enum { THREADS_MOST = 64, STACK = 256 << 20 };

// Threads with room for deep expressions; memory is taken only when used.
static void run_threads(Command *c)
{
    pthread_t threads[THREADS_MOST];
    pthread_attr_t attributes;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = cores < 1 ? 1 : (size_t)cores;
    if (n > c->count) n = c->count;
    if (n > THREADS_MOST) n = THREADS_MOST;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (size_t i = 0; i < n; i++)
        pthread_create(&threads[i], &attributes, work, c);
    for (size_t i = 0; i < n; i++) pthread_join(threads[i], NULL);
    pthread_attr_destroy(&attributes);
}

static bool compile_all(Node *node, int argc, char **argv)
{
    Command c = {.node = node, .options = TERM_NIL,
                 .program = node->options.program,
                 .libraries = getenv("ERL_LIBS")};
    heap_init(&c.heap);
    buffer_init(&c.paths);
    pthread_mutex_init(&c.lock, NULL);
    bool good = read_arguments(&c, argc, argv);
    c.results = memory_zeroed(c.count + 1, sizeof *c.results);
    c.done = memory_zeroed(c.count + 1, sizeof *c.done);
    if (good) run_threads(&c);
    for (size_t i = 0; i < c.count; i++) compile_result_free(&c.results[i]);
    free(c.results);
    free(c.done);
    free(c.files);
    buffer_free(&c.paths);
    pthread_mutex_destroy(&c.lock);
    heap_free(&c.heap);
    return good && !c.failed;
}

int compile_command(const NodeOptions *options, int argc, char **argv)
{
    // Not node_new: nothing runs on this node.
    Node node = {.atoms = atom_table_new(ATOM_LIMIT_DEFAULT),
                 .options = {.program = options->program,
                             .root = options->root}};
    if (options->pack != NULL)
        node.pack = pack_open(options->pack, options->pack_size);
    parser_attach(&node);
    bool good = compile_all(&node, argc, argv);
    parser_detach(&node);
    if (node.pack != NULL) pack_close(node.pack);
    atom_table_free(node.atoms);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
