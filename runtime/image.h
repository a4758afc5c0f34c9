// SPDX-License-Identifier: Apache-2.0
// Image: modules of the library as they lie in memory once they are prepared,
// with all atoms, exports and funs that they name. It is made when the program
// is built: a node prepares the modules, and the used part of its literal area
// is written out as it is. A node whose area begins at the same address has
// that part mapped from the program's file, page by page as it is touched; the
// modules are then there without having been decoded. They count as loaded no
// sooner than anybody loads them. Where the address is taken, or the image was
// made by another program, modules are prepared from the pack as any other.
//
// Nothing in an image leads out of it, but for the places of exports that lead
// to C functions: these are filled in when the BIFs are added.
#ifndef MERLE_IMAGE_H
#define MERLE_IMAGE_H

#include "atom.h"
#include "node.h"

typedef struct AtomImage AtomImage; // atom.c

// Lies at the beginning of each literal area.
typedef struct {
    char magic[8];
    uint64_t stamp;   // of the program that the image fits
    size_t size;      // bytes, with this head
    uintptr_t base;   // where it has to lie
    AtomImage *atoms;
    CodeTable *code;
} Image;

// Takes the place of an image in the literal area of [node], which must be
// empty; NULL when there is none that fits: its head is then left free.
const Image *image_open(Node *node);

// Writes all that is prepared on [node] to [path], which must not be run any
// more; false, with a message, when that cannot be done.
bool image_write(Node *node, const char *path);

#endif
