// SPDX-License-Identifier: Apache-2.0
// Messages of other nodes that cannot be read. As in OTP they are told when
// their receiver looks at them: until then they count as messages, then they
// are gone, and so is the connection that they came by.
#ifndef MERLE_DIST_DAMAGED_H
#define MERLE_DIST_DAMAGED_H

#include "process.h"
#include "signal.h"

// The message of [s] was damaged; [s]->from is the other node's name, and
// [s]->ref.id0 the connection's number. A process that is suspended looks at it
// later, all others at once. [p] is NULL when there is no such process.
bool dist_damaged_came(Node *node, Process *p, Signal *s);

// How many wait for [p].
size_t dist_damaged_count(const Process *p);

// The process looks at them.
void dist_damaged_look(Process *p);

// [p] ends without having looked.
void dist_damaged_free(Process *p);

#endif
