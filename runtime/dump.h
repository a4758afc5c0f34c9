// SPDX-License-Identifier: Apache-2.0
// Dump: what the parts of a crash dump are written with. The format is that of
// OTP's crashdump_viewer, version 0.5.
#ifndef MERLE_DUMP_H
#define MERLE_DUMP_H

#include <stdio.h>

#include "process.h"

// A binary that some heap refers to: written once, at the end.
typedef struct {
    const uint8_t *bytes;
    size_t size;
} DumpBinary;

typedef struct {
    FILE *file;
    Node *node;    // NULL: the failure came before there was one
    size_t left;   // bytes that may still be written
    bool is_cut;   // more were wanted
    bool is_still; // no process runs: heaps and tables may be looked at
    DumpBinary *binaries;
    size_t binary_count, binary_room;
} Dump;

// ---- dump.c ----

// As printf; what is too much is left out.
__attribute__((format(printf, 2, 3)))
void dump_print(Dump *d, const char *format, ...);
void dump_bytes(Dump *d, const void *bytes, size_t size);

// Bytes as text in base 64, behind their number in base 16.
void dump_base64(Dump *d, const uint8_t *bytes, size_t size);

// A term as ~w has it, and M:F/A.
void dump_term(Dump *d, Term t);
void dump_function(Dump *d, Term module, Term function, unsigned arity);

// ---- dump_heap.c: terms as viewers read them ----

typedef struct DumpHeap DumpHeap;
DumpHeap *dump_heap_new(Dump *d);
void dump_heap_free(DumpHeap *h);

// The word of [t]; what it points to is due for dump_heap_write.
void dump_heap_word(DumpHeap *h, Term t);

// A tuple that is none: it shall have lain at [address].
void dump_heap_pair(DumpHeap *h, const Term *address, Term a, Term b);

// All objects that are due, and what these refer to.
void dump_heap_write(DumpHeap *h);

// The section of all binaries that were referred to.
void dump_heap_binaries(Dump *d);

// ---- dump_process.c ----

// Section =proc, and those of what it holds.
void dump_process(Dump *d, Process *p);
void dump_process_heap(Dump *d, Process *p);

// ---- dump_node.c ----

// What stands before the processes, and behind them.
void dump_node_head(Dump *d);
void dump_node_tables(Dump *d);
void dump_node_atoms(Dump *d);

#endif
