// SPDX-License-Identifier: Apache-2.0
// Operators by name and number of operands: their classes, and what they make
// of values. For who meets them as names: folding, conditions, checks. The
// instructions have their own ways.
#ifndef MERLE_OPERATOR_H
#define MERLE_OPERATOR_H

#include "atom.h"
#include "heap.h"

typedef enum {
    OPERATOR_NONE,       // no operator, or one that no guard may use
    OPERATOR_ARITHMETIC, // numbers to a number
    OPERATOR_LOGICAL,    // booleans to a boolean: not and or xor
    OPERATOR_COMPARISON, // anything to a boolean
} OperatorClass;

// The class of [name] with [arity] operands.
OperatorClass operator_class(Term name, size_t arity);

// [name] of [a], and [a] [name] [b], built on [h]. TERM_NONE: it fails for
// these operands, or [name] is of class OPERATOR_NONE.
Term operator_prefix(Heap *h, Term name, Term a);
Term operator_infix(Heap *h, const AtomTable *atoms, Term name, Term a, Term b);

#endif
