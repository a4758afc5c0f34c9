// SPDX-License-Identifier: Apache-2.0
// Freeze: the whole node stands still for a while. Only for tests of what
// other nodes make of that.
#ifndef MERLE_FREEZE_H
#define MERLE_FREEZE_H

#include "node.h"

// All schedulers and the thread of the I/O loop sleep for [ms] milliseconds
// from now on; so does the caller, who is a scheduler.
void freeze(Node *node, size_t ms);

#endif
