// SPDX-License-Identifier: Apache-2.0
// Crash dump: what is left for people when the node cannot go on.
#ifndef MERLE_CRASH_DUMP_H
#define MERLE_CRASH_DUMP_H

#include "node.h"

// Writes erl_crash.dump (or the file that ERL_CRASH_DUMP names) with [slogan],
// and tells both on stderr. [node] may be NULL. Others may be running: no heap
// is looked at.
//
// ERL_CRASH_DUMP_SECONDS: 0 no dump; more: so long the writing may take.
// ERL_CRASH_DUMP_BYTES: no more than so many; 0 no dump.
// ERL_CRASH_DUMP_NICE: how nice to be meanwhile.
void crash_dump(Node *node, const char *slogan);

// The same of a node whose schedulers have ended, with all there is.
void crash_dump_still(Node *node, const char *slogan);

#endif
