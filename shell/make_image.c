// SPDX-License-Identifier: Apache-2.0
// make_image PACK OUT MODULE...: the image (image.h) of some modules of the
// library, in this order, for the program that has the same C functions.
// Runs in the build, on the same machine code as the program: the image holds
// offsets and numbers of BIFs, which must be the same in both.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code_module.h"
#include "image.h"
#include "memory.h"
#include "node.h"
#include "pack.h"
#include "program_bifs.h"

// Ends with a message: a build must stop.
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    *size = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = memory_alloc(*size + 1);
    // Too short: the pack is then found bad.
    if (fread(bytes, 1, *size, f) != *size) *size = 0;
    fclose(f);
    return bytes;
}

// As the program would do at its start; the image saves it that.
static void prepare(Node *node, const char *name)
{
    PackEntry entry;
    char why[256] = "it is not in the library";
    if (pack_find_module(node->pack, name, strlen(name), &entry)
        && code_prepare_packed(node, entry.data, entry.size, why, sizeof why))
        return;
    fprintf(stderr, "make_image: %s: %s\n", name, why);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    NodeOptions options = {.schedulers = 1}; // its threads are never started
    if (argc < 3) return EXIT_FAILURE;
    uint8_t *pack = read_file(argv[1], &options.pack_size);
    options.pack = pack;
    Node *node = node_new(&options);
    if (node->pack == NULL) return EXIT_FAILURE;
    // Before modules: they are linked to the functions.
    program_add_bifs(node);
    for (int i = 3; i < argc; i++) prepare(node, argv[i]);
    bool good = image_write(node, argv[2]);
    node_free(node);
    free(pack);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
