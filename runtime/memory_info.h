// SPDX-License-Identifier: Apache-2.0
// What erlang:memory tells, and crash dumps.
#ifndef MERLE_MEMORY_INFO_H
#define MERLE_MEMORY_INFO_H

#include "node.h"

// In bytes, as erlang:memory names them.
typedef struct {
    size_t total, processes, atoms, atoms_used, binaries, code, ets;
} MemoryInfo;

// Any thread; others may allocate meanwhile.
void memory_info_measure(Node *node, MemoryInfo *m);

#endif
