// SPDX-License-Identifier: Apache-2.0
// The clock.
//
// Time that is shown never goes back, whatever is done to the system's clock.
#include "clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

// The first thread that asks sets it; others that ask meanwhile take its value.
int64_t clock_offset(Node *node)
{
    int64_t offset = atomic_load_explicit(&node->clock_offset,
                                          memory_order_relaxed);
    if (offset != 0) return offset;
    int64_t none = 0;
    offset = read_clock(CLOCK_REALTIME) - clock_monotonic();
    if (!atomic_compare_exchange_strong(&node->clock_offset, &none, offset))
        offset = none;
    return offset; // what the other thread has set
}

int64_t clock_erlang_offset(Node *node)
{
    return clock_from_erlang(clock_offset(node));
}

int64_t clock_system(Node *node)
{
    return clock_monotonic() + clock_offset(node);
}
