// SPDX-License-Identifier: Apache-2.0
// Process table: from pids to processes, and when their memory may be used
// again.
//
// A slot holds a process from its start to its end; reading takes no lock. A
// reader may have found a process just before it left its slot, so memory of
// a dead process is reused only after a grace period: each scheduler has since
// said (process_table_quiet) that it holds no process it looked up before.
// Other threads look up between process_table_enter and _leave.
//
// So: who finds a process may use the pointer until its own next quiet point,
// and must keep a pid, not a pointer, for longer.
#ifndef MERLE_PROCESS_TABLE_H
#define MERLE_PROCESS_TABLE_H

#include "node.h"
#include "process.h"

// As OTP 25; what +P may say.
enum { PROCESS_LIMIT_DEFAULT = 262144, PROCESS_LIMIT_MOST = 134217727 };

ProcessTable *process_table_new(size_t limit, unsigned schedulers);
void process_table_free(ProcessTable *table);

// Gives [p] a pid and a slot; others can find it from now on. False when the
// table is full.
bool process_table_add(ProcessTable *table, Process *p);

// Takes [p] out of its slot.
void process_table_remove(ProcessTable *table, Process *p);

// The process of a local pid, NULL when there is none.
Process *process_table_find(const ProcessTable *table, Term pid);

size_t process_table_count(const ProcessTable *table);
size_t process_table_limit(const ProcessTable *table);

// The number of the next pid; for tests, that want to see numbers come round.
uint64_t process_table_next(const ProcessTable *table);
void process_table_set_next(ProcessTable *table, uint64_t number);

// Slots from here on were never used: not even to be read, for that takes
// pages.
size_t process_table_end(const ProcessTable *table);

// The process in slot [i] < end, or NULL: to visit all.
Process *process_table_at(const ProcessTable *table, size_t i);

// ---- grace periods ----

// Scheduler [index] holds no process that it has looked up. [asleep]: and
// will not look one up before it calls this again.
void process_table_quiet(ProcessTable *table, unsigned index, bool asleep);

// Brackets the look-ups of a thread that is no scheduler; short.
void process_table_enter(ProcessTable *table);
void process_table_leave(ProcessTable *table);

// Whether a process has local pid [pid]. Any thread.
bool process_table_has(ProcessTable *table, Term pid);

// A number for memory that is given up now...
uint64_t process_table_stamp(ProcessTable *table);

// ... and whether nobody can hold what was given up under it any more.
bool process_table_is_past(const ProcessTable *table, uint64_t stamp);

#endif
