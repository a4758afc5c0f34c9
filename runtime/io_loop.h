// SPDX-License-Identifier: Apache-2.0
// IoLoop: one thread that runs a libuv loop for all input and output that
// waits for the world: terminal, ports, sockets, signals. It starts with the
// first task, so that a node that needs none has none.
//
// Only that thread may touch the loop's handles. Others hand it tasks; it
// tells processes by signals (signal.h), as any thread may.
#ifndef MERLE_IO_LOOP_H
#define MERLE_IO_LOOP_H

#include <uv.h>

#include "node.h"

typedef struct IoTask IoTask;
struct IoTask {
    IoTask *next; // in the queue
    void (*run)(IoLoop *io, IoTask *task); // frees [task] if need be
};

IoLoop *io_loop_new(Node *node);

// Closes every handle (without its owner hearing of it) and ends the thread.
void io_loop_free(IoLoop *io);

// Has [task] run by the loop's thread. Any thread; tasks keep their order.
void io_loop_add(IoLoop *io, IoTask *task);

// For tasks and callbacks, on the loop's thread.
uv_loop_t *io_loop_uv(IoLoop *io);
Node *io_loop_node(IoLoop *io);

#endif
