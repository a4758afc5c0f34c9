// SPDX-License-Identifier: Apache-2.0
// PackedFile: a file or folder of the pack, seen where it seems to lie: below
// the node's root (ROOT/lib/stdlib-4.2/ebin/lists.beam). It can be read, not
// written. A file of the disk at the same place comes first: callers ask here
// when the system has found nothing.
#ifndef MERLE_PACKED_FILE_H
#define MERLE_PACKED_FILE_H

#include <sys/stat.h>

#include "node.h"
#include "pack.h"

typedef struct {
    PackEntry entry;  // of a file
    bool is_folder;   // then [entry] is not set
    char *path;       // within the pack, of malloc; "" is the root
    const Node *node; // whose pack it is
} PackedFile;

// What the pack has at path [name]; false if nothing. packed_file_release in
// the end.
bool packed_file_find(const Node *node, const char *name, PackedFile *file);

void packed_file_release(PackedFile *file);

// A descriptor that reads the file's bytes; -1 and errno when there is none
// to be had.
int packed_file_open(const PackedFile *file);

// As stat() would tell of it. What belongs to everybody and is as old as the
// program.
void packed_file_stat(const PackedFile *file, struct stat *info);

// Calls [visit] with each name in the folder, once.
void packed_file_each(const PackedFile *folder,
                      void (*visit)(const char *name, size_t size, void *data),
                      void *data);

#endif
