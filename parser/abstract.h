// SPDX-License-Identifier: Apache-2.0
// Abstract: constants as forms, and the values they stand for.
#ifndef MERLE_ABSTRACT_H
#define MERLE_ABSTRACT_H

#include "heap.h"
#include "node.h"

// Attributes may hold f/1, which is no expression of a constant: -export lists
// and -compile({inline, [f/1]}).
typedef enum {
    NORMALISE_TERM,     // what erl_parse:normalise/1 does
    NORMALISE_ATTRIBUTE // and Name/Arity is a pair
} NormaliseMode;

// The value of the constant [form], built on [heap]; false when it is none.
// No depth is too deep.
// On failure what was built is garbage on [heap].
bool abstract_normalise(Node *node, Heap *heap, Term form,
                        NormaliseMode mode, Term *value);

#endif
