// SPDX-License-Identifier: Apache-2.0
// What erlang:system_info tells, and crash dumps.
#ifndef MERLE_SYSTEM_INFO_H
#define MERLE_SYSTEM_INFO_H

#include "node.h"

// The line that tells the system's version, with its end, as text.
void system_info_version(const Node *node, char *text, size_t size);

#endif
