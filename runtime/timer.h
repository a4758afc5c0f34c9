// SPDX-License-Identifier: Apache-2.0
// Timers: one wheel for each scheduler, with ticks of a millisecond. A timer
// belongs to the scheduler that set it; only its thread touches it.
//
// A tick of a millisecond is what Erlang's times are given in; nothing fires
// early, and late by the slice that runs.
#ifndef MERLE_TIMER_H
#define MERLE_TIMER_H

#include "process.h"
#include "ref.h"
#include "scheduler.h"

TimerWheel *timer_wheel_new(int64_t now); // empty, at [now]
void timer_wheel_free(TimerWheel *wheel);

// Fires all timers of [s] that are due at s->now.
void timer_advance(Scheduler *s);

// When the next is due, in monotonic ns; INT64_MAX when there is none. It may
// be told too early, never too late.
int64_t timer_next(const TimerWheel *wheel);

// ---- receive ... after ----

// Sets the timeout of the receive that running process [p] is about to wait
// in: after [ms] it gets PROCESS_TIMED_OUT and is woken, at the pc where it
// waits. The loop's wait instruction then goes on behind the receive instead
// of waiting. p->timer is not NULL as long as the timer is set.
void timer_set_receive(Process *p, uint64_t ms);

// The receive is over: takes back timer and PROCESS_TIMED_OUT. Cheap when
// neither is there.
static inline bool timer_has_receive(const Process *p)
{
    return p->timer != NULL || (p->flags & PROCESS_TIMED_OUT) != 0;
}
// Also when the process ends: nothing of it may stay in a wheel.
void timer_cancel_receive(Process *p);

// A process that moves to another scheduler takes its receive timer with it:
// out of the old wheel, and into that of its new home.
void timer_detach_receive(Process *p);
void timer_attach_receive(Process *p);

// ---- erlang:start_timer and the like ----

// Sets a timer on the caller's scheduler that sends a copy of [message] to
// [to], a local pid or a name, at [when] (monotonic ns). With [wrap] the
// message is {timeout, Ref, message}. Answers its reference.
RefId timer_start(Scheduler *s, int64_t when, Term to, Term message,
                  bool wrap);

// The ms left of timer [ref] of scheduler [s], on its own thread; -1 without
// such a timer. [cancel]: and takes it back.
int64_t timer_read(Scheduler *s, RefId ref, bool cancel);

// Calls [visit] for each timer that sends a message; nothing else may use the
// wheel meanwhile.
void timer_each(const TimerWheel *wheel,
                void (*visit)(Term to, Term message, int64_t left_ms,
                              void *data),
                void *data);

// How many timers there are.
size_t timer_count(const TimerWheel *wheel);

#endif
