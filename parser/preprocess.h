// SPDX-License-Identifier: Apache-2.0
// Preprocessor: a source file to the forms of a module, with macros expanded,
// files included and conditions decided, as epp has it.
// Tokens are expanded, not text, so every form's place is that of the source.
// The C code does what epp does as a process of its own: errors are elements of
// the result, and a file that cannot be opened is the only failure of the
// whole.
#ifndef MERLE_PREPROCESS_H
#define MERLE_PREPROCESS_H

#include "node.h"
#include "scanner.h"

// All terms are the caller's and only read; what the options point to must
// outlive the call.
typedef struct {
    const char *path;    // file to read, UTF-8
    const uint8_t *text; // what it holds, when the caller has read it; NULL
    size_t size;         // of [text]
    Term source_name;    // string that -file and ?FILE name; TERM_NONE: path
    Term includes;       // list of strings: where included files are sought
    Term macros;         // list of Name, {Name, Value} and
                         // {Name, Value, redefine}
    Term features;       // list of enabled features
    Term libraries;      // list of {Application, Directory}, see below
    size_t text_most;    // for a caller who cannot wait: give up when a file is
                         // not in memory, or all have more bytes; 0: never
    Place start;         // {1, 1}, or {1, 0} when only lines are counted
    Encoding encoding;   // of files that do not name theirs
    bool maybe_words;    // maybe and else are reserved words
    bool deterministic;  // -file names files without their directories
    bool want_tokens;    // lists of tokens instead of forms
    bool want_macros;    // result.macros
} PreprocessOptions;

// Terms lie on the heap that was given; TERM_NONE where nothing is to say.
typedef struct {
    Term forms;    // list: forms, {error, Info}, {warning, Info}, {eof, Loc}
    Term error;    // why there are none: enoent and the like, {redefine, Name}
                   // or {bad, Option}; else TERM_NONE
    Term library;  // the application that -include_lib names and [libraries]
                   // does not: call again with its directory, an atom when
                   // there is none. Else TERM_NONE.
    Term encoding; // what the file names: utf8, latin1 or none
    Term features; // those enabled in the end
    Term macros;   // as epp:macro_defs/1 has them
    bool must_wait;  // given up, see text_most: call again with 0
    size_t text_read; // bytes of all files
} PreprocessResult;

// Everything off, nothing predefined beyond epp's own macros.
void preprocess_options_init(PreprocessOptions *o);

// Reads the file with all it includes; the result is built on [heap]. May
// block on files, unless there is a text_most; touches no scheduler.
// The caller's thread waits meanwhile for batches that others parse.
void preprocess_file(Node *node, Heap *heap, const PreprocessOptions *o,
                     PreprocessResult *result);

#endif
