// SPDX-License-Identifier: Apache-2.0
// FuzzNode: the node of fuzz targets that parse.
#ifndef MERLE_FUZZ_NODE_H
#define MERLE_FUZZ_NODE_H

#include "node.h"

// One node for all inputs: to make a grammar takes longer than to read a file
// with it. So what the node keeps is tried as well; a run ends when the table
// of atoms is full.
Node *fuzz_node(void);

#endif
