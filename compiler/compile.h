// SPDX-License-Identifier: Apache-2.0
// Compile: from a source file to a .beam file, with what there is to say about
// it as text.
#ifndef MERLE_COMPILE_H
#define MERLE_COMPILE_H

#include "buffer.h"
#include "node.h"

typedef struct {
    const char *path;    // the source, with .erl
    const char *out;     // folder for the .beam file, NULL: the current one
    Term options;        // as compile:file/2 takes them
    bool no_warnings;    // they are not told
    bool coloured;       // messages, for a terminal
    const char *libraries; // where -include_lib looks, as in ERL_LIBS; or NULL
} CompileJob;

typedef struct {
    bool ok;         // no errors, nor warnings where these count as such
    bool needs_node; // it asks for what only a node can do: parse transforms,
                     // listings, behaviours that no table knows; the rest
                     // says nothing then
    Buffer text;     // messages
    uint8_t *beam;   // what the .beam file is to hold, NULL on errors
    size_t size;
    char *path;      // of the .beam file
} CompileResult;

// Compiles one file, in memory. Any number of threads at once.
CompileResult compile_file(Node *node, const CompileJob *job);

// Writes the .beam file of a result that is ok; what goes wrong is put into
// its text, and then it is not ok.
void compile_write(CompileResult *r);

// Removes the .beam file of an earlier run: nobody shall take it for that of a
// run that failed.
void compile_discard(CompileResult *r);

// Frees what the result holds, not [r] itself.
void compile_result_free(CompileResult *r);

// The command merlec: erlc's options; the answer is the exit status. Of the
// node's options, the program's path and its library are used.
int compile_command(const NodeOptions *options, int argc, char **argv);

#endif
