// SPDX-License-Identifier: Apache-2.0
// Binaries of constants, as attributes and terms may hold them.
#ifndef MERLE_ABSTRACT_BINARY_H
#define MERLE_ABSTRACT_BINARY_H

#include "heap.h"

// Who knows the values and sizes of elements.
typedef struct {
    bool (*read)(void *context, Term form, Term *value); // false: it has none
    void *context;
} AbstractReader;

// The bitstring that the list [elements] of bin_element forms stands for, as
// <<1, "ab", 3:4>>; TERM_NONE when some has no value, or one that does not fit.
Term abstract_binary(Heap *heap, Term elements, const AbstractReader *reader);

#endif
