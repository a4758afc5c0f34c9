// SPDX-License-Identifier: Apache-2.0
// merlec: compiles files, several at once, with erlc's options.
//
// Threads share the atom table and the options, and nothing else; each file has
// a heap of its own. They take files in any order, and whoever finishes one
// tells of all that can be told by then: results come out in the order of the
// files, with the lock given up while writing. The first failure ends it: files
// behind it are as if they had not been named, whether or not a thread has done
// them.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compile.h"
#include "compile_message.h"
#include "pack.h"
#include "parser.h"

typedef struct {
    Node *node;       // shared by all threads: atoms, and no process
    Heap heap;        // of the options
    Term macros;      // {d, ...}, newest first, as erlc hands them on
    Term includes;    // {i, Path}, newest first
    Term others;      // of +TERM and the like, newest first
    Term options;     // all of them
    const char *out;
    const char *libraries;
    const char *program; // for what needs a node
    Buffer paths;     // "-pa", DIR and the like, each ended by a 0 byte
    Buffer arguments; // all options as they were given, in the same way
    const char **files; // in the order in which they were named
    size_t count;     // of files, results and done
    bool no_warnings; // -W0
    bool coloured;    // messages, for a terminal
    bool strange;     // options that erl_compile of the library knows
    atomic_size_t next; // file that no thread has taken
    CompileResult *results; // one for each file
    bool *done;       // which of them there are
    size_t told;      // so many have been told of, in order
    bool telling;     // some thread is at that
    atomic_bool failed; // then files behind are as if they had not been named
    pthread_mutex_t lock; // for what tells
} Command;

// The list is newest first until all options are read.
static void add_to(Command *c, Term *list, Term option)
{
    *list = heap_cons(&c->heap, option, *list);
}

// An Erlang term, as +TERM and -DNAME=TERM give it; false when it is none.
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

// Names are as from the root: who reads them later may be elsewhere.
static void add_include(Command *c, const char *path)
{
    char *folder = path[0] == '/' ? NULL : getcwd(NULL, 0), *whole = NULL;
    while (path[0] == '.' && path[1] == '/') path += 2;
    if (folder != NULL && asprintf(&whole, "%s/%s", folder, path) < 0)
        memory_exhausted("path", 0);
    if (whole != NULL) path = whole;
    Term text = heap_string_utf8(&c->heap, path, strlen(path), TERM_NIL);
    add_to(c, &c->includes, heap_tuple2(&c->heap, ATOM_i, text));
    free(folder);
    free(whole);
}

// A name alone is defined as true, as in erlc; so is NAME= with nothing behind.
static bool define(Command *c, const char *text)
{
    const char *eq = strchr(text, '=');
    Term value = ATOM_true, option;
    size_t n = eq != NULL ? (size_t)(eq - text) : strlen(text);
    Term name = atom_new(c->node->atoms, text, n);
    if (eq != NULL && eq[1] != 0) {
        if (!parse_term(c, eq + 1, &value)) return false;
        option = heap_tuple3(&c->heap, ATOM_d, name, value);
    } else {
        option = heap_tuple2(&c->heap, ATOM_d, name);
    }
    add_to(c, &c->macros, option);
    return true;
}

// Any compile option as a term: +debug_info, +{d,x}.
static bool plus_option(Command *c, const char *text)
{
    Term t;
    if (!parse_term(c, text, &t)) return false;
    add_to(c, &c->others, t);
    return true;
}

// The value of an option: behind its letter, or the next argument; NULL when
// there is none. What begins with - is an option of its own.
static const char *value_of(int argc, char **argv, int *i)
{
    if (argv[*i][2] != 0) return argv[*i] + 2;
    return *i + 1 < argc && argv[*i + 1][0] != '-' ? argv[++*i] : NULL;
}

// -W, -Wall and -WN are as good as nothing: warnings are told unless -W0 says
// no.
static bool warning_option(Command *c, const char *text)
{
    if (strcmp(text, "error") == 0) {
        add_to(c, &c->others, ATOM_warnings_as_errors);
        return true;
    }
    c->no_warnings = strcmp(text, "0") == 0;
    return *text == 0 || strcmp(text, "all") == 0
           || strspn(text, "0123456789") == strlen(text);
}

// false: the option, or its value, is none that is known here: erlc's own
// program, which the library has, will tell or do it.
static bool read_option(Command *c, int argc, char **argv, int *i)
{
    const char *a = argv[*i], *value;
    if (a[0] == '+') return plus_option(c, a + 1);
    if (strcmp(a, "-pa") == 0 || strcmp(a, "-pz") == 0) {
        // only parse transforms and behaviours are looked for there
        if (++*i < argc) {
            buffer_add(&c->paths, a, 4);
            buffer_add(&c->paths, argv[*i], strlen(argv[*i]) + 1);
        }
        return true;
    }
    if (strcmp(a, "-v") == 0 || strcmp(a, "-server") == 0
        || strcmp(a, "-no-server") == 0 || strcmp(a, "-smp") == 0)
        return true;
    if (a[1] == 'W') return warning_option(c, a + 2);
    if (a[1] == 0 || strchr("oIDb", a[1]) == NULL) return false;
    value = value_of(argc, argv, i);
    if (value == NULL) return false;
    switch (a[1]) {
    case 'o': c->out = value; return true;
    case 'I': add_include(c, value); return true;
    case 'D': return define(c, value);
    default: return true; // -b: there is one format
    }
}

// The newest come first, so that turns them round on the way.
static Term onto(Command *c, Term newest_first, Term list)
{
    for (Term l = newest_first; term_is_cons(l); l = term_tail(l))
        list = heap_cons(&c->heap, term_head(l), list);
    return list;
}

// The value of these is always the next argument.
static bool is_path_option(const char *text)
{
    return strcmp(text, "-pa") == 0 || strcmp(text, "-pz") == 0;
}

// In the order in which erlc hands them on: macros newest first, so that the
// last -D of a name counts.
static void join_options(Command *c)
{
    c->options = onto(c, c->includes, onto(c, c->others, TERM_NIL));
    c->options = onto(c, onto(c, c->macros, TERM_NIL), c->options);
}

// Options are read to the end even after one that is not known: a node gets
// them all as they were.
static void read_arguments(Command *c, int argc, char **argv)
{
    bool only_files = false;
    c->files = memory_alloc((size_t)argc * sizeof *c->files + 1);
    for (int i = 1; i < argc; i++) {
        int first = i;
        bool option = argv[i][0] == '-' || argv[i][0] == '+';
        if (only_files || !option) {
            c->files[c->count++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_files = true;
        } else {
            if (!read_option(c, argc, argv, &i)) c->strange = true;
            for (int k = first; k <= i && k < argc; k++)
                if (!is_path_option(argv[first]))
                    buffer_add(&c->arguments, argv[k], strlen(argv[k]) + 1);
        }
    }
    join_options(c);
}

// ---- files that need a node ----
// A node is another process: it has a code path, and can run a transform. Its
// text comes by a pipe and is told in its turn.

// Adds texts that 0 bytes end to the [n] there are; how many there are then.
// They are not copied.
static size_t add_texts(const char **args, size_t n, const Buffer *texts)
{
    const char *at = (const char *)texts->bytes, *end = at + texts->size;
    for (; at < end; at += strlen(at) + 1) args[n++] = at;
    return n;
}

// What comes before the options when the command becomes a node; erl_compile
// reads those behind -extra.
static const char **node_arguments(const Command *c, size_t room, size_t *n)
{
    const char **args = memory_zeroed(c->paths.size + room + 16, sizeof *args);
    args[(*n)++] = "merle"; // whatever the file is called
    args[(*n)++] = "-noinput";
    *n = add_texts(args, *n, &c->paths);
    args[(*n)++] = "-s";
    args[(*n)++] = "erl_compile";
    args[(*n)++] = "compile_cmdline";
    args[(*n)++] = "-extra";
    return args;
}

// Becomes a node that compiles [file] with the options that were given; what it
// writes goes to [to]. In the child of a fork: only exec or _exit follow.
static void become_node_for(Command *c, const char *file, int to)
{
    size_t n = 0;
    const char **args = node_arguments(c, c->arguments.size, &n);
    n = add_texts(args, n, &c->arguments);
    args[n++] = "--";
    args[n++] = file;
    // It writes into a pipe, but what it says gets to the terminal.
    if (c->coloured) setenv("CLICOLOR_FORCE", "1", 1);
    dup2(to, STDOUT_FILENO);
    execv(c->program, (char **)args);
    _exit(127);
}

// Becomes a node that does the whole command: for options that are not known
// here and for files of other kinds no thread need be started.
static void become_node(Command *c, int argc, char **argv)
{
    size_t n = 0;
    const char **args = node_arguments(c, (size_t)argc, &n);
    for (int i = 1; i < argc; i++) {
        if (is_path_option(argv[i])) i++;
        else args[n++] = argv[i];
    }
    execv(c->program, (char **)args);
    fprintf(stderr, "merlec: cannot start %s\n", c->program);
    exit(EXIT_FAILURE);
}

// Until the other end is closed, which it is when the node has ended.
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

// Has a node compile [file], which also writes the .beam file. Both ends are
// closed on exec, so no other child holds the pipe open.
static void run_node(Command *c, const char *file, CompileResult *r)
{
    int ends[2], status = 1;
    if (c->program == NULL || pipe2(ends, O_CLOEXEC) != 0) {
        fprintf(stderr, "merlec: no program to compile %s with\n", file);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) become_node_for(c, file, ends[1]);
    close(ends[1]);
    read_all(ends[0], &r->text);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    r->ok = pid > 0 && status == 0;
}

// ---- the files ----

// Tells of the results that are there, in the order of the files; with the
// first that failed all is over. The lock is held, and given up in between:
// other threads go on compiling while this one writes, and find c->telling set.
static void tell(Command *c)
{
    if (c->telling) return;
    c->telling = true;
    while (c->told < c->count && c->done[c->told] && !c->failed) {
        CompileResult *r = &c->results[c->told];
        pthread_mutex_unlock(&c->lock);
        if (r->needs_node) run_node(c, c->files[c->told], r);
        else if (r->ok) compile_write(r);
        // A file of an earlier run must not pass for a result of this one.
        if (!r->ok && !r->needs_node) compile_discard(r);
        if (r->text.size > 0) fwrite(r->text.bytes, 1, r->text.size, stdout);
        pthread_mutex_lock(&c->lock);
        c->failed = !r->ok;
        c->told++;
    }
    c->telling = false;
}

// All but sources of Erlang are for programs of the library.
static bool is_source(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && strcmp(dot, ".erl") == 0;
}

// Takes files until there are no more; each thread does so.
static void *work(void *data)
{
    Command *c = data;
    for (;;) {
        size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->count || c->failed) return NULL;
        CompileJob job = {.path = c->files[i], .out = c->out,
                          .options = c->options, .libraries = c->libraries,
                          .no_warnings = c->no_warnings,
                          .coloured = c->coloured};
        CompileResult r = {.needs_node = !is_source(job.path)};
        if (!r.needs_node) r = compile_file(c->node, &job);
        pthread_mutex_lock(&c->lock);
        c->results[i] = r;
        c->done[i] = true;
        tell(c);
        pthread_mutex_unlock(&c->lock);
    }
}

// The compiler recurses as deep as a source nests, hence the stack.
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

// Results are kept until all is over: their text is told in order.
static void compile_files(Command *c)
{
    c->results = memory_zeroed(c->count + 1, sizeof *c->results);
    c->done = memory_zeroed(c->count + 1, sizeof *c->done);
    run_threads(c);
    for (size_t i = 0; i < c->count; i++) compile_result_free(&c->results[i]);
    free(c->results);
    free(c->done);
}

// Whether this run's standard output shows colours.
static bool wants_colour(void)
{
    ColourWish wish = {getenv("NO_COLOR"), getenv("CLICOLOR_FORCE"),
                       getenv("TERM")};
    return message_wants_colour(isatty(STDOUT_FILENO), &wish);
}

// Environment before threads: nobody may call getenv later.
static bool compile_all(Node *node, int argc, char **argv)
{
    Command c = {.node = node, .options = TERM_NIL, .macros = TERM_NIL,
                 .includes = TERM_NIL, .others = TERM_NIL,
                 .program = node->options.program,
                 .coloured = wants_colour(),
                 .libraries = getenv("ERL_LIBS")};
    heap_init(&c.heap);
    buffer_init(&c.paths);
    buffer_init(&c.arguments);
    pthread_mutex_init(&c.lock, NULL);
    read_arguments(&c, argc, argv);
    // Options of the environment come behind those of the command.
    if (getenv("ERL_COMPILER_OPTIONS") != NULL) c.strange = true;
    if (c.strange && c.program != NULL)
        become_node(&c, argc, argv);
    compile_files(&c);
    free(c.files);
    buffer_free(&c.paths);
    buffer_free(&c.arguments);
    pthread_mutex_destroy(&c.lock);
    heap_free(&c.heap);
    return !c.failed;
}

// [options] are the program's own: where it lies, and the library within it.
// Answers an exit status.
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
