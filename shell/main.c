// SPDX-License-Identifier: Apache-2.0
// The program: reads what must be known before the node starts (the emulator's
// flags, those with a plus sign), and hands all else to init:boot/1 in Erlang.
// Called as merlec, or with "compile" as first argument, it is the compiler.
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "heap.h"
#include "node.h"
#include "options.h"
#include "pack_data.h"
#include "parser.h"

extern const BifModule shell_bifs[];

// The arguments as init:boot/1 takes them: [[Binary]].
static Term boot_arguments(Heap *h, const Options *options)
{
    Term list = TERM_NIL;
    for (int i = options->count; i-- > 0;) {
        const char *text = options->arguments[i];
        list = heap_cons(h, heap_binary(h, text, strlen(text)), list);
    }
    return heap_cons(h, list, TERM_NIL);
}

static int run_node(const Options *options)
{
    Node *node = node_new(&options->node);
    node_add_bifs(node, parser_bifs);
    node_add_bifs(node, compiler_bifs);
    node_add_bifs(node, shell_bifs);
    Heap heap;
    heap_init(&heap);
    Term arguments = boot_arguments(&heap, options);
    int status = node_run(node, ATOM_init, ATOM_boot, arguments);
    heap_free(&heap);
    node_free(node);
    return status;
}

// Whether this is a call of the compiler; then its own arguments are left.
static bool is_compiler(int *argc, char ***argv)
{
    const char *name = strrchr((*argv)[0], '/');
    name = name == NULL ? (*argv)[0] : name + 1;
    if (strcmp(name, "merlec") == 0) return true;
    if (*argc < 2 || strcmp((*argv)[1], "compile") != 0) return false;
    (*argc)--;
    (*argv)++;
    return true;
}

int main(int argc, char **argv)
{
    Options options;
    setlocale(LC_CTYPE, "");
    if (is_compiler(&argc, &argv)) return compile_command(argc, argv);
    if (!options_read(&options, argc, argv)) return EXIT_FAILURE;
    options.node.pack = pack_data;
    options.node.pack_size = pack_data_size;
    int status = run_node(&options);
    options_free(&options);
    return status;
}
