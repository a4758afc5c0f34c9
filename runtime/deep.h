// SPDX-License-Identifier: Apache-2.0
// Deep: a large C stack for work that recurses as deep as its input is nested.
// Memory is taken only as far as the stack is used.
#ifndef MERLE_DEEP_H
#define MERLE_DEEP_H

// Calls [f] with [context] on a thread of its own that has such a stack, and
// waits for it; on the caller's stack if there can be no thread.
void deep_run(void *(*f)(void *), void *context);

#endif
