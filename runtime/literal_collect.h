// SPDX-License-Identifier: Apache-2.0
// Collecting literals: freeing those of purged code and of persistent terms
// that were replaced.
#ifndef MERLE_LITERAL_COLLECT_H
#define MERLE_LITERAL_COLLECT_H

#include "node.h"

// A block was retired: starts the process that collects, literal_collector in
// lib/kernel. Without a code server nothing happens; a later one sees to it.
void literal_collect_start(Node *node);

#endif
