// SPDX-License-Identifier: Apache-2.0
// Pack: the library's files, joined into one block inside the program. Its
// files appear below the path of the program itself, as those of an archive:
// PROGRAM/lib/stdlib-4.2/ebin/lists.beam.
//
// Layout (integers little-endian, 32 bits; made by lib/pack.py):
//
//     "MRL1"  files  modules
//     files * { name offset, name size, data offset, data size }  by name
//     modules * { file index }                        by base name, .beam only
//     names and data
//
// Nothing is copied when it is opened: names and data are used where they lie.
#ifndef MERLE_PACK_H
#define MERLE_PACK_H

#include "term.h"

typedef struct PackFile PackFile;

typedef struct {
    const char *name; // not ended by a 0 byte
    size_t name_size;
    const uint8_t *data;
    size_t size;
} PackEntry;

// A reader of [bytes], which must outlive it; NULL when they are no pack.
PackFile *pack_open(const uint8_t *bytes, size_t size);
void pack_close(PackFile *pack);

// The file called [name] ("lib/kernel-8.5/ebin/init.beam").
bool pack_find(const PackFile *pack, const char *name, size_t size,
               PackEntry *entry);

// How many bytes the file of [entry] has: headers lie compressed.
size_t pack_file_size(const PackEntry *entry);

// Those bytes and room for one more, of memory.h, for the caller to free. The
// pack is the program's own, so nothing of it is damaged.
uint8_t *pack_file_bytes(const PackEntry *entry);

// The .beam file of module [module], wherever it lies.
bool pack_find_module(const PackFile *pack, const char *module, size_t size,
                      PackEntry *entry);

// File number [i] in the order of names; false past the last.
bool pack_entry(const PackFile *pack, size_t i, PackEntry *entry);

// Where in the pack [bytes] lie; 0 when outside.
size_t pack_place(const PackFile *pack, const uint8_t *bytes);

#endif
