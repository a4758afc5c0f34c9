// SPDX-License-Identifier: Apache-2.0
// Freezing: a job for each other scheduler and a task for the I/O loop, which
// sleep until the same moment. A scheduler in the middle of a slice ends that
// first.
#include "freeze.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "io_loop.h"
#include "memory.h"
#include "scheduler.h"

typedef struct {
    Job job; // must be first
    int64_t until;
} FrozenScheduler;

typedef struct {
    IoTask task; // must be first
    int64_t until;
} FrozenLoop;

// The thread sleeps, whatever it is.
static void sleep_until(int64_t until)
{
    int64_t left = until - clock_monotonic();
    if (left <= 0) return;
    struct timespec t = {(time_t)(left / 1000000000),
                         (long)(left % 1000000000)};
    nanosleep(&t, NULL);
}

static void freeze_scheduler(Scheduler *s, Job *job)
{
    sleep_until(((FrozenScheduler *)job)->until);
    free(job);
}

static void freeze_loop(IoLoop *io, IoTask *task)
{
    sleep_until(((FrozenLoop *)task)->until);
    free(task);
}

void freeze(Node *node, size_t ms)
{
    int64_t until = clock_monotonic() + (int64_t)ms * 1000000;
    FrozenLoop *loop = memory_alloc(sizeof *loop);
    *loop = (FrozenLoop){{.run = freeze_loop}, until};
    io_loop_add(node->io, &loop->task);
    for (unsigned i = 0; i < node->scheduler_count; i++) {
        if (node->schedulers[i] == scheduler_self()) continue;
        FrozenScheduler *s = memory_alloc(sizeof *s);
        *s = (FrozenScheduler){{.run = freeze_scheduler}, until};
        scheduler_post(node->schedulers[i], &s->job);
    }
    sleep_until(until);
}
