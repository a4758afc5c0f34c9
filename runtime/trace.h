// SPDX-License-Identifier: Apache-2.0
// Trace: which processes are traced, by whom, and the messages about what
// they do.
//
// A process's flags and tracer belong to it alone, as all of a process: others
// change them by a signal. PROCESS_TRACED in Process.flags is set while there
// is anything to look for, so that where nobody traces one test of a word that
// is at hand is all that is paid. What holds for the whole node stands in the
// TraceTable, under a lock that only traced processes take.
//
// A tracer learns of things in the order in which its process does them: each
// message is sent by the process's own thread, as a message of its own.
#ifndef MERLE_TRACE_H
#define MERLE_TRACE_H

#include <pthread.h>

#include "breakpoint.h"
#include "match_spec.h"
#include "process.h"

// Numbers are this file's; only the names are shown.
enum {                             // trace flags
    TRACE_SEND = 1 << 0,           // messages sent
    TRACE_RECEIVE = 1 << 1,        // messages that arrive
    TRACE_PROCS = 1 << 2,          // spawn, exit, link, register ...
    TRACE_CALL = 1 << 3,           // calls of functions with breakpoints
    TRACE_SILENT = 1 << 4,         // nothing of calls, for now
    TRACE_RETURN_TO = 1 << 5,      // where a local call returns to
    TRACE_ARITY = 1 << 6,          // calls with an arity in place of arguments
    TRACE_RUNNING = 1 << 7,        // scheduled in and out
    TRACE_EXITING = 1 << 8,        // the same of ending processes
    TRACE_GC = 1 << 9,             // collections
    TRACE_RUNNING_PROCS = 1 << 10, // as running, processes only
    TRACE_SET_ON_SPAWN = 1 << 11,  // flags go to all that it spawns ...
    TRACE_SET_ON_FIRST_SPAWN = 1 << 12, // ... to the first one
    TRACE_SET_ON_LINK = 1 << 13,        // to all that it links to ...
    TRACE_SET_ON_FIRST_LINK = 1 << 14,  // ... to the first one
    TRACE_TIMESTAMP = 1 << 15,          // {Mega, Seconds, Micro}
    TRACE_MONOTONIC = 1 << 16,          // monotonic ns
    TRACE_STRICT_MONOTONIC = 1 << 17,   // and a number that only grows
    TRACE_SCHEDULER_ID = 1 << 18,       // on which it happened
    TRACE_PORTS = 1 << 19, // taken, though ports are not traced yet
    TRACE_RUNNING_PORTS = 1 << 20,
    TRACE_ANY_SPAWN = TRACE_SET_ON_SPAWN | TRACE_SET_ON_FIRST_SPAWN,
    TRACE_ANY_LINK = TRACE_SET_ON_LINK | TRACE_SET_ON_FIRST_LINK,
    TRACE_ANY_STAMP = TRACE_TIMESTAMP | TRACE_MONOTONIC
                      | TRACE_STRICT_MONOTONIC,
    TRACE_ALL = (1 << 21) - 1 // every bit above
};

typedef struct SavedCalls SavedCalls; // saved_calls.c

// What a process keeps from the first time that it was traced on.
struct TraceState {
    uint32_t flags;         // TRACE_..., see trace_set
    Term tracer;            // a local pid or port, or {Module, State} of
                            // trace_module.c; TERM_NONE without
    int64_t seq_clock, seq_last; // of sequential tracing, see seq_trace.h
    SavedCalls *calls;           // of saved_calls.h, NULL without
    Breakpoint *timed;           // function whose time runs, or NULL
    int64_t timed_since;         // monotonic ns
};

// The patterns that choose among messages sent and received.
typedef struct {
    bool on;         // false: none
    MatchSpec *spec; // NULL: all
} TraceEvent;

typedef struct TraceModule TraceModule; // trace_module.c

struct TraceTable {
    pthread_mutex_t lock;        // of what follows, but for the atomic ones
    _Atomic uint32_t new_flags;  // of processes to come
    Term new_tracer;             // of new_flags
    TraceEvent send, receive;    // among what TRACE_SEND and _RECEIVE tell
    TraceModule *modules;        // tracers that are modules
    // {control_word}, which specifications read and set.
    _Atomic uint32_t control_word;
    atomic_bool cpu_time;        // timestamps are of the CPU time used
    _Atomic(Term) seq_tracer;    // TERM_NONE without
};

TraceTable *trace_table_new(void);
void trace_table_free(TraceTable *t);

// The bit of the flag called [name]; 0 of other atoms.
uint32_t trace_flag(Term name);

// The list of the names of [flags].
Term trace_flag_names(Heap *h, uint32_t flags);

// Sets or clears [flags] of [p], the caller's own to change. False when it has
// another tracer that still lives.
bool trace_set(Process *p, bool on, uint32_t flags, Term tracer);

// The same without questions: [flags] and [tracer] become those of [p].
void trace_inherit(Process *p, uint32_t flags, Term tracer);

// The trace state of [p], made if need be; lasts until the process ends.
TraceState *trace_state(Process *p);
void trace_free(Process *p);

// Has PROCESS_TRACED say whether anything of [p] is traced.
void trace_update(Process *p);

// Whether [tracer] can be told anything: a process or port that is there, a
// module with the functions of a tracer.
bool trace_lives(Node *node, Term tracer);

// The tracer of [p] if it lives and is another; else TERM_NONE, and a dead
// tracer's flags are cleared.
Term trace_tracer(Process *p);

// The test of both flags at once: a sensitive process is not traced, whatever
// its flags are.
static inline bool trace_is_on(const Process *p, uint32_t flags)
{
    return (p->flags & (PROCESS_TRACED | PROCESS_SENSITIVE)) == PROCESS_TRACED
           && p->trace != NULL && (p->trace->flags & flags) != 0;
}

// A message about one happening: {trace, Pid, parts...}, or {trace_ts, ...}
// with what the flags ask for behind.
enum { TRACE_PARTS = 5 }; // more than any message has
typedef struct {
    Heap heap;               // for what is built of it
    Term parts[TRACE_PARTS]; // behind the pid
    unsigned count;          // of them
    Term self; // pid of who does it; TERM_NONE: it is about that process
} TraceMessage;

// Begins the message with [what]; ends it by trace_send_to, which frees it.
void trace_begin(TraceMessage *m, Term what);
static inline void trace_add(TraceMessage *m, Term t)
{
    m->parts[m->count++] = t;
}

// Sends it about [about] to [tracer] with the stamps that [flags] ask for.
void trace_send_to(Node *node, TraceMessage *m, uint32_t flags, Term about,
                   Term tracer);

// Sends it to the tracer of [p].
void trace_send(Process *p, TraceMessage *m);

// Time as [flags] want it; TERM_NONE without.
Term trace_stamp(Node *node, Heap *h, uint32_t flags);

// ---- what happens; for processes with PROCESS_TRACED ----

void trace_sent(Process *p, Term to, Term message);
void trace_received(Process *p, Term from, Term message);

// A message of two parts about [p], of the flag procs.
void trace_process(Process *p, Term what, Term data);

// The same about process [pid], whoever runs here.
void trace_process_of(Process *self, Term pid, Term what, Term data);

// [parent] may be NULL; [child] does not run yet.
void trace_spawned(Process *parent, Process *child, const SpawnOptions *o);

// [p] links itself to [to]: what the other inherits is on its way then.
void trace_linked(Process *p, Term to);

// A link comes to or goes from [p] by another's doing.
void trace_getting_linked(Process *p, bool link, Term from);

void trace_ended(Process *p);

// Its slice begins or is over.
void trace_runs(Process *p, bool in);

// in, out and the like, of the flags running and exiting.
void trace_scheduled(Process *p, Term what);

// A collection of [p] starts or ends; [words] are wanted, or were freed.
void trace_collected(Process *p, Term what, size_t words);

// ---- tracers that are modules ----

// The tracer {[module], [state]}, which lives as long as the node.
Term trace_module_new(Node *node, Term module, Term state);
void trace_modules_free(TraceModule *m);

// Whether the module has the native functions of a tracer.
bool trace_module_is_there(Node *node, Term module);

// Has [tracer] told what a process would be sent; false when it traces no
// more.
bool trace_module_send(Node *node, TraceMessage *m, uint32_t flags, Term about,
                       Term tracer);

#endif
