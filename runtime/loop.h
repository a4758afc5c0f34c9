// SPDX-License-Identifier: Apache-2.0
// Loop: runs the instructions of a process.
#ifndef MERLE_LOOP_H
#define MERLE_LOOP_H

#include "process.h"
#include "scheduler.h"

// Runs [p] on [s] until it must stop and answers why. On entry and on return
// the process's state lies in p->pc, p->stack, p->heap and the first p->live
// x registers in p->saved; in between they are the loop's (registers in s->x).
//
//   REASON_YIELD  the slice (p->reductions) is used up, or
//                 PROCESS_EXIT_PENDING was seen; runnable at p->pc
//   REASON_WAIT   nothing to receive: go on at p->pc when a message came, the
//                 receive timed out (PROCESS_TIMED_OUT) or process_wake
//   REASON_COLLECT  process_collect_now is to be called in the pool; the loop
//                 goes on at pc
//   REASON_DIRTY  p->dirty_function is to be called with p->saved in the
//                 pool; p->dirty then tells the loop how that ended
//   REASON_EXIT   the process has ended with p->exit_reason
//
// A new process starts at code_spawn_entry with module, function and argument
// list as its three x registers.
Reason loop_run(Scheduler *s, Process *p);

#endif
