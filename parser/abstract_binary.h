// SPDX-License-Identifier: Apache-2.0
// Binaries of constants, as attributes and terms may hold them.
#ifndef MERLE_ABSTRACT_BINARY_H
#define MERLE_ABSTRACT_BINARY_H

#include "heap.h"
#include "node.h"

// The bitstring that the list [elements] of bin_element forms stands for;
// TERM_NONE when they are no constants.
// For instance <<1, "ab", 3:4>>: sizes and values must be constants.
Term abstract_binary(Node *node, Heap *heap, Term elements);

#endif
