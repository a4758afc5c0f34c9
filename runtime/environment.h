// SPDX-License-Identifier: Apache-2.0
// Environment: the node's environment variables, a copy of the process's made
// at the first use. C's own environ is never changed, as other threads may
// read it. Any thread.
//
// So programs that are started see what Erlang code has set, and libraries in C
// do not.
#ifndef MERLE_ENVIRONMENT_H
#define MERLE_ENVIRONMENT_H

#include "node.h"

// The value of [name] in memory of malloc; NULL without.
char *environment_get(Node *node, const char *name);

void environment_put(Node *node, const char *name, const char *value);
void environment_remove(Node *node, const char *name);

// All as "NAME=VALUE", ended by NULL, in one block of malloc: to start programs
// with.
char **environment_copy(Node *node);

// Frees what the node keeps.
void environment_free(Node *node);

#endif
