// SPDX-License-Identifier: Apache-2.0
// The C functions that the layers above the runtime bring to the program.
#ifndef MERLE_PROGRAM_BIFS_H
#define MERLE_PROGRAM_BIFS_H

#include "node.h"

// Adds them all, in the order that the program's image is made with.
// An image refers to them by number.
void program_add_bifs(Node *node);

#endif
