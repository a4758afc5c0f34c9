// SPDX-License-Identifier: Apache-2.0
// BeamFile: the chunks of a .beam file and the tables in them.
//
// Chunks, as the compiler writes them: AtU8 atoms, Code, StrT strings, ImpT
// imports, ExpT exports, FunT funs, LitT literals, Line, Attr, CInf. What is
// read here are tables; instructions are beam_decode.c's.
#ifndef MERLE_BEAM_FILE_H
#define MERLE_BEAM_FILE_H

#include "heap.h"
#include "node.h"

// A run of bytes of the file.
typedef struct {
    const uint8_t *bytes;
    size_t size;
} Span;

typedef struct {
    Term module, function; // a name that code refers to
    uint32_t arity;
} BeamImport;

typedef struct {
    Term function;
    uint32_t arity, label; // where it begins
} BeamExport;

typedef struct {
    Term function;
    // [free_count] of the arity are the environment.
    uint32_t arity, label, index, free_count, old_uniq;
} BeamFun;

typedef struct {
    uint32_t file; // index into files; 0 is the module's own
    uint32_t line;
} BeamLine;

typedef struct {
    // Of the file, or of [inflated].
    Span atoms_span, code, strings, attributes, compile_info;
    uint8_t *unzipped;        // the whole file when it came compressed
    uint8_t *inflated;        // literals, of malloc; NULL when they were plain
    Term *atoms;              // [atom_count + 1], from 1
    size_t atom_count;
    BeamImport *imports;
    size_t import_count;
    BeamExport *exports;
    size_t export_count;
    BeamFun *funs;
    size_t fun_count;
    Span *literals;           // external terms
    size_t literal_count;
    BeamLine *lines;          // [line_count + 1], from 1
    size_t line_count;
    Span *files;              // names, from 1
    size_t file_count;
    // [op_most]: the file's own word, not relied on.
    uint32_t label_count, function_count, op_most;
    uint8_t md5[16];          // of the essential chunks
} BeamFile;

// Reads the tables of the file in [size] [bytes], which must stay while [file]
// is in use. False, with a text in [why], when the file is damaged. Must be
// freed in either case.
bool beam_file_read(BeamFile *file, Node *node, Span bytes, char *why,
                    size_t why_size);
void beam_file_free(BeamFile *file);

// The chunk [id] (four letters) of a file in [bytes]; false without.
bool beam_file_chunk(Span bytes, const char *id, Span *chunk);

#endif
