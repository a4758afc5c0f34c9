// SPDX-License-Identifier: Apache-2.0
// The program: reads what must be known before the node starts (the emulator's
// flags, those with a plus sign), and hands all else to init:boot/1 in Erlang.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "code.h"
#include "command.h"
#include "compile.h"
#include "heap.h"
#include "heart.h"
#include "node.h"
#include "online.h"
#include "options.h"
#include "pack.h"
#include "pack_data.h"
#include "parser.h"
#include "program_bifs.h"
#include "terminal.h"

// A build option, see meson.build.
// Leak checkers want all memory freed, people want the program to end.
#ifndef MERLE_FREE_ALL
#define MERLE_FREE_ALL 0
#endif

// The arguments as init:boot/1 takes them: [[Binary]].
// Bytes as they were typed; init makes characters of them.
static Term boot_arguments(Heap *h, const Options *options)
{
    Term list = TERM_NIL;
    for (int i = options->count; i-- > 0;) {
        const char *text = options->arguments[i];
        list = heap_cons(h, heap_binary(h, text, strlen(text)), list);
    }
    return heap_cons(h, list, TERM_NIL);
}

// Loads a module of the library, which must be there.
// A program without its library cannot even say so in Erlang.
static void load_packed(Node *node, const char *name)
{
    PackEntry entry;
    char why[256] = "it is not in the library";
    Term module = TERM_NONE;
    if (node->pack != NULL
        && pack_find_module(node->pack, name, strlen(name), &entry)
        && code_load(node, &module, entry.data, entry.size, why, sizeof why)
               == CODE_LOADED)
        return;
    fprintf(stderr, "merle: cannot load %s: %s\n", name, why);
    exit(EXIT_FAILURE);
}

// The order matters: BIFs must be there before modules are loaded, and the
// terminal before anything is written.
static int run_node(const Options *options)
{
    Node *node = node_new(&options->node);
    if (options->node.online > 0) online_set(node, options->node.online);
    parser_attach(node);
    Terminal *terminal = terminal_new(node);
    // The shell's BIFs find it here; the runtime knows of no terminal.
    *parser_extension(node) = terminal;
    program_add_bifs(node);
    // What loads all other modules cannot be loaded by itself.
    load_packed(node, "init");
    load_packed(node, "error_handler");
    load_packed(node, "code_server");
    // The arguments are copied by node_run: this heap is only to build them.
    Heap heap;
    heap_init(&heap);
    Term arguments = boot_arguments(&heap, options);
    int status = node_run(node, ATOM_init, ATOM_boot, arguments);
    heap_free(&heap);
    // First the terminal: should anything hang now, the user has it back.
    terminal_restore(terminal);
    // A thread that cannot be stopped is not to see how all else is taken down.
    if (!node_stop(node)) _exit(status);
    // What the system takes back at once is freed only for who looks for leaks.
    if (!MERLE_FREE_ALL) return status;
    terminal_free(terminal);
    parser_detach(node);
    node_free(node);
    return status;
}

// Called merlec, or as "merle compile": the compiler alone.
// The answer is how many words to skip.
static int arguments_of_compiler(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    if (strcmp(slash != NULL ? slash + 1 : argv[0], "merlec") == 0) return 1;
    return argc > 1 && strcmp(argv[1], "compile") == 0 ? 2 : 0;
}

// Goes on as another process, in a session of its own: who started it goes on
// as well. Before any thread is there.
static void detach(void)
{
    pid_t pid = fork();
    // The first process ends, the shell is free.
    if (pid > 0) _exit(EXIT_SUCCESS);
    setsid(); // no terminal can send signals here
    int fd = open("/dev/null", O_RDWR);
    for (int i = 0; fd >= 0 && i < 3; i++) dup2(fd, i);
    if (fd > 2) close(fd);
}

// What the command line asks for; the first [skip] arguments are the compiler's
// name, if it is the compiler that is asked for.
// In this order: flags are checked before the program goes away from its
// terminal.
static int run(Options *options, Command *command, int argc, char **argv,
               int skip)
{
    if (!options_read(options, skip > 0 ? 1 : command->argc, command->argv))
        return EXIT_FAILURE;
    if (command->shows) {
        command_show(command);
        return EXIT_SUCCESS;
    }
    options->node.pack = pack_data;
    options->node.pack_size = pack_data_size;
    options->node.image = image_data;
    options->node.image_size = image_data_size;
    if (command->detaches) detach();
    if (skip == 0) return run_node(options);
    // The compiler runs without init: its node has only what it needs.
    return compile_command(&options->node, argc - skip + 1, argv + skip - 1);
}

// heart-guard comes first: it reads no flags and must be small.
// Whoever started the program may have closed some of the three: a file that
// is opened later must not get such a number and be taken for it.
static void open_standard_files(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) return;
}

int main(int argc, char **argv)
{
    Options options;
    Command command;
    open_standard_files();
    if (argc > 1 && strcmp(argv[1], "heart-guard") == 0)
        return heart_guard(argc, argv);
    int skip = arguments_of_compiler(argc, argv);
    // "merlec -h" is the compiler's.
    if (skip != 1 && command_helps(argc, argv)) return EXIT_SUCCESS;
    command_init(&command, skip == 1 ? 1 : argc, argv);
    int status = run(&options, &command, argc, argv, skip);
    options_free(&options);
    command_free(&command);
    return status;
}
