// SPDX-License-Identifier: Apache-2.0
// System tasks: what one process has done for another, in the other's context
// and as request.h wants it.
#ifndef MERLE_SYSTEM_TASK_H
#define MERLE_SYSTEM_TASK_H

#include "heap.h"
#include "node.h"
#include "process.h"

// Whether it runs the old code of [module].
Term system_task_check(Node *node, Process *receiver, Heap *h, Term module);

// Collects, by [type]: minor or major. False when the process is not there.
Term system_task_collect(Node *node, Process *receiver, Heap *h, Term type);

#endif
