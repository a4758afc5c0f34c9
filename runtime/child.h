// SPDX-License-Identifier: Apache-2.0
// Child: a program that is started, and its end.
//
// It is started without a copy of this one (posix_spawn): what that costs would
// grow with the heaps. It gets the descriptors it is given and no others, in a
// session of its own, where the keys of this terminal do not reach it. What the
// node ignores it ignores, too (SIGPIPE), but for SIGTERM and what Erlang code
// has had ignored.
//
// Any thread.
#ifndef MERLE_CHILD_H
#define MERLE_CHILD_H

#include <signal.h>
#include <sys/types.h>

enum { CHILD_FDS = 5 };

typedef struct {
    const char *file;  // a path: it is not searched for
    char *const *args; // ended by NULL, the first is what it is called
    char *const *environment;
    const char *directory; // where it runs; NULL: here
    // What it has as descriptors 0, 1 ...; -1: nothing. Those of pipes are to
    // be CHILD_FDS or more, and closed when a program is run.
    int fds[CHILD_FDS];
    const sigset_t *defaults; // signals that are not to be ignored
} ChildOptions;

// Starts it: 0 and its number in [*pid], or an error number.
int child_start(const ChildOptions *how, pid_t *pid);

// A descriptor that can be read when child [pid] has ended, for the caller to
// close; -1 with errno.
int child_open_end(pid_t pid);

// Waits for the end of [pid] and forgets it: the status that it ended with, of
// one that a signal has ended 128 and the signal's number.
int child_wait(pid_t pid);

#endif
