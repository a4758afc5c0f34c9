// SPDX-License-Identifier: Apache-2.0
// Saved calls: the last calls of exported functions that a process has made, by
// process_flag(save_calls, N).
//
// Others pay nothing for it. Such a process runs with reductions at 0, and what
// is left of its slice lies beside: so each of its calls leaves the straight
// way as if the slice were over, where the call is noted and the loop goes on
// (saved_calls_goes_on). BIFs that are called without a test of reductions
// lead through a function that notes their calls, as long as there is a process
// whose calls are saved.
//
// The process itself changes all of this, as its trace flags; PROCESS_SAVE_CALLS
// and PROCESS_TRACED are set while it has a SavedCalls.
#ifndef MERLE_SAVED_CALLS_H
#define MERLE_SAVED_CALLS_H

#include "code.h"
#include "process.h"

enum { SAVED_CALLS_MOST = 10000 };

// Has the last [count] calls saved from now on, of which there are none yet;
// 0: none are. Answers how many it were before.
unsigned saved_calls_set(Process *p, unsigned count);

// The calls, oldest first: {M, F, Arity}, send, receive, timeout; false when
// none are saved.
Term saved_calls_list(const Process *p, Heap *h);

// Calls [visit] for each, newest first, with the export or an atom.
void saved_calls_each(const Process *p,
                      void (*visit)(void *with, const Export *e, Term atom),
                      void *with);

// [p] calls [e]; it sends, receives or waits no longer. For processes with
// PROCESS_SAVE_CALLS; of those that are sensitive nothing is noted.
void saved_calls_note(Process *p, const Export *e);
void saved_calls_note_atom(Process *p, Term what);

// Calls the BIF of the instruction call_bif, and notes that.
Term saved_calls_call_bif(Process *p, const Term *args);

// What the loop asks when reductions are below 0: whether it is for the calls
// only.
bool saved_calls_goes_on(Process *p);

// The slice begins, where reductions are all that is left; or it is over, and
// they are to be so again.
void saved_calls_begin_slice(Process *p);
void saved_calls_end_slice(Process *p);

#endif
