// SPDX-License-Identifier: Apache-2.0
// Crash dump: what is left for people when the node cannot go on.
#ifndef MERLE_CRASH_DUMP_H
#define MERLE_CRASH_DUMP_H

#include "node.h"

// Writes erl_crash.dump (or the file that ERL_CRASH_DUMP names; nothing with
// ERL_CRASH_DUMP_SECONDS=0) with [slogan], and tells it on stderr. [node] may
// be NULL.
void crash_dump(Node *node, const char *slogan);

#endif
