// SPDX-License-Identifier: Apache-2.0
// Range: between which numbers an integer lies. A machine that makes code of
// what it is told leaves out tests for overflow.
#ifndef MERLE_RANGE_H
#define MERLE_RANGE_H

#include "ir.h"

typedef struct {
    int64_t low, high; // both are among what it can be
} Range;

// Whether [v] is, wherever it is used, an integer between bounds that fit a
// word of the machine; they are put in [range].
bool range_of(const Inst *v, Range *range);

#endif
