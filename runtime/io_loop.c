// SPDX-License-Identifier: Apache-2.0
// IoLoop: a libuv loop on a thread of its own, and the queue of its tasks.
//
// Tasks are taken all at once and run in the order in which they were added;
// more that come meanwhile wake the loop again.
#include "io_loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "memory.h"

struct IoLoop {
    Node *node;             // that it serves
    uv_loop_t loop;         // set up when it starts
    uv_async_t wake;        // by which other threads wake it
    pthread_mutex_t mutex;  // guards what follows
    IoTask *first, **last;  // the queue
    bool started, stopping; // the thread runs; it is to end
    pthread_t thread;
};

static IoTask *take_tasks(IoLoop *io, bool *stopping)
{
    pthread_mutex_lock(&io->mutex);
    IoTask *tasks = io->first;
    io->first = NULL;
    io->last = &io->first;
    *stopping = io->stopping;
    pthread_mutex_unlock(&io->mutex);
    return tasks;
}

// Without their owners: they are freed by who knows them.
static void close_handle(uv_handle_t *handle, void *unused)
{
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

// Several wake-ups may come as one: so everything is taken.
static void run_tasks(uv_async_t *wake)
{
    IoLoop *io = wake->data;
    bool stopping;
    IoTask *task = take_tasks(io, &stopping);
    while (task != NULL) {
        IoTask *next = task->next;
        task->run(io, task);
        task = next;
    }
    // With nothing open any more uv_run returns.
    if (stopping) uv_walk(&io->loop, close_handle, NULL);
}

static void *run_loop(void *arg)
{
    IoLoop *io = arg;
    uv_run(&io->loop, UV_RUN_DEFAULT);
    return NULL;
}

// No thread yet: many nodes never need one.
IoLoop *io_loop_new(Node *node)
{
    IoLoop *io = memory_zeroed(1, sizeof *io);
    io->node = node;
    io->last = &io->first;
    pthread_mutex_init(&io->mutex, NULL);
    return io;
}

// Under the mutex. What writes to a pipe that nobody reads gets an error, not
// a signal.
static void start(IoLoop *io)
{
    signal(SIGPIPE, SIG_IGN);
    if (uv_loop_init(&io->loop) != 0
        || uv_async_init(&io->loop, &io->wake, run_tasks) != 0)
        memory_exhausted("io_loop", sizeof *io);
    io->wake.data = io;
    if (pthread_create(&io->thread, NULL, run_loop, io) != 0)
        memory_exhausted("thread", 0);
    io->started = true;
}

// The thread is started under the mutex: once.
void io_loop_add(IoLoop *io, IoTask *task)
{
    pthread_mutex_lock(&io->mutex);
    if (!io->started) start(io);
    task->next = NULL;
    *io->last = task;
    io->last = &task->next;
    pthread_mutex_unlock(&io->mutex);
    uv_async_send(&io->wake);
}

// After the schedulers have stopped: nobody adds tasks any more.
void io_loop_free(IoLoop *io)
{
    pthread_mutex_lock(&io->mutex);
    io->stopping = true;
    bool started = io->started;
    pthread_mutex_unlock(&io->mutex);
    if (started) {
        uv_async_send(&io->wake);
        pthread_join(io->thread, NULL);
        uv_loop_close(&io->loop);
    }
    pthread_mutex_destroy(&io->mutex);
    free(io);
}

uv_loop_t *io_loop_uv(IoLoop *io)
{
    return &io->loop;
}

Node *io_loop_node(IoLoop *io)
{
    return io->node;
}
