// SPDX-License-Identifier: Apache-2.0
// What a .beam file tells of its making: the chunks Dbgi and Meta, and what
// chunk CInf holds. compile_info of the library makes the same in Erlang.
#ifndef MERLE_COMPILE_INFO_H
#define MERLE_COMPILE_INFO_H

#include "node.h"

typedef struct {
    Term forms;    // of the module
    Term features; // that it enables
    Term given;    // options of the caller
    Term all;      // those of the module in front of them
    const char *source; // absolute path, or NULL
} CompileOrigin;

// The list that codegen_module takes as chunks, on [heap].
Term compile_info_chunks(Node *node, Heap *heap, const CompileOrigin *o);

#endif
