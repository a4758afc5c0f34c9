// SPDX-License-Identifier: Apache-2.0
// Signal watch: signals that the system sends to the program, on their way to
// the process erl_signal_server.
#ifndef MERLE_SIGNAL_WATCH_H
#define MERLE_SIGNAL_WATCH_H

#include <signal.h>

#include "node.h"

typedef enum { SIGNAL_HANDLE, SIGNAL_IGNORE, SIGNAL_DEFAULT } SignalAction;

// What is done from now on when the signal called [name] (sigterm ...) comes;
// false when there is none of that name.
bool signal_watch_set(Node *node, Term name, SignalAction action);

// The signals that are ignored because of that, in [*set]. On the loop's
// thread.
void signal_watch_ignored(const Node *node, sigset_t *set);

// Frees what the node keeps, after its I/O loop has ended.
void signal_watch_free(Node *node);

#endif
