// SPDX-License-Identifier: Apache-2.0
// Disassembler: loaded code as text, one instruction a line.
#ifndef MERLE_DISASSEMBLE_H
#define MERLE_DISASSEMBLE_H

#include "buffer.h"
#include "code_module.h"

// Appends the instructions of function number [index] of [code] to [out].
void disassemble_function(Node *node, const Code *code, size_t index,
                          Buffer *out);

#endif
