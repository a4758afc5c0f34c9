// SPDX-License-Identifier: Apache-2.0
// merlec: compiles files, several at once, with erlc's options.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compile.h"
#include "pack.h"
#include "parser.h"

typedef struct {
    Node *node;
    Heap heap;        // of the options
    Term options;     // newest first while reading
    const char *out;
    const char *libraries;
    const char **files;
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t print;
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
        ++*i; // only parse transforms are looked for there
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

// Takes files until there are no more.
static void *work(void *data)
{
    Command *c = data;
    for (;;) {
        size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->count) return NULL;
        CompileJob job = {.path = c->files[i], .out = c->out,
                          .options = c->options, .libraries = c->libraries};
        CompileResult r = compile_file(c->node, &job);
        pthread_mutex_lock(&c->print);
        fwrite(r.text.bytes, 1, r.text.size, stdout);
        if (r.needs_node)
            printf("%s: has parse transforms, which need a running node\n",
                   c->files[i]);
        pthread_mutex_unlock(&c->print);
        if (!r.ok) atomic_store(&c->failed, true);
        buffer_free(&r.text);
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
                 .libraries = getenv("ERL_LIBS")};
    heap_init(&c.heap);
    pthread_mutex_init(&c.print, NULL);
    bool good = read_arguments(&c, argc, argv);
    if (good) run_threads(&c);
    free(c.files);
    pthread_mutex_destroy(&c.print);
    heap_free(&c.heap);
    return good && !atomic_load(&c.failed);
}

int compile_command(const NodeOptions *options, int argc, char **argv)
{
    // Not node_new: nothing runs on this node.
    Node node = {.atoms = atom_table_new(ATOM_LIMIT_DEFAULT),
                 .options.program = options->program};
    if (options->pack != NULL)
        node.pack = pack_open(options->pack, options->pack_size);
    parser_attach(&node);
    bool good = compile_all(&node, argc, argv);
    parser_detach(&node);
    if (node.pack != NULL) pack_close(node.pack);
    atom_table_free(node.atoms);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
