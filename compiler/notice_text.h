// SPDX-License-Identifier: Apache-2.0
#ifndef MERLE_NOTICE_TEXT_H
#define MERLE_NOTICE_TEXT_H

#include "buffer.h"
#include "node.h"

// The words for [descriptor] of [module], a pass behind lint; false when it
// has none.
bool notice_describe(Node *node, Buffer *out, Term module, Term descriptor);

#endif
