// SPDX-License-Identifier: Apache-2.0
// Code generation: checked forms to the bytes of a .beam file.
#ifndef MERLE_CODEGEN_H
#define MERLE_CODEGEN_H

#include "heap.h"
#include "node.h"

typedef struct {
    uint8_t *beam;  // bytes of the .beam file, of malloc; NULL on errors
    size_t size;
    Term errors;    // as in LintResult, with module v3_core, sys_core_fold ...
    Term warnings;  // of the passes behind lint (no effect, cannot match, ...)
} CodegenResult;

// Compiles [forms] with [options]. [chunks] is a list of {<<"Dbgi">>, Binary}
// and the like to be put into the file beside the code; {compile_info, List}
// among them is what chunk CInf is to say.
CodegenResult codegen_module(Node *node, Heap *heap, Term forms, Term options,
                             Term chunks);

#endif
