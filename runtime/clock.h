// SPDX-License-Identifier: Apache-2.0
// The clock. Native time units of Erlang are nanoseconds here. Monotonic time
// is the system's; system time is monotonic time and an offset that is taken
// once, so that it never jumps.
#ifndef MERLE_CLOCK_H
#define MERLE_CLOCK_H

#include "heap.h"
#include "node.h"

// Nanoseconds since some start.
int64_t clock_monotonic(void);

// Erlang's monotonic time counts from the least small integer on, as OTP's:
// it is a small one for as long as can be, and negative.
static inline int64_t clock_to_erlang(int64_t monotonic)
{
    return SMALL_MIN + monotonic;
}

static inline int64_t clock_from_erlang(int64_t time)
{
    return time - SMALL_MIN;
}

// What monotonic time lacks to nanoseconds since 1970; the same for the node's
// life.
int64_t clock_offset(Node *node);

// The same of Erlang's monotonic time.
int64_t clock_erlang_offset(Node *node);

// Nanoseconds since 1970, by monotonic time and offset.
int64_t clock_system(Node *node);

// Microseconds as {MegaSeconds, Seconds, MicroSeconds}.
Term clock_stamp(Heap *h, int64_t us);

// Such a time that is later than all before (erlang:now/0).
Term clock_now(Node *node, Heap *h);

// An integer that no other call answers. Positive; or else the first are the
// least small ones. [ordered]: greater than those before.
Term clock_unique_integer(Node *node, Heap *h, bool positive, bool ordered);

#endif
