// SPDX-License-Identifier: Apache-2.0
// Process: an Erlang process.
//
// Who may touch what. Every process has a home scheduler, and is changed only
//   - by its home scheduler's thread, while it does not run dirty,
//   - by the pool thread that runs its dirty BIF (state PROCESS_DIRTY).
// All others push signals to its inbox (signal.h), which is lock-free. A
// scheduler that steals gets the process handed over by its old home between
// two slices, so no lock protects a process. Its memory is freed when every
// scheduler has passed a quiet point after its exit (process_table.h).
//
// Memory: a nursery that is filled from below (heap), an old generation in
// chunks (gc.h), and a stack that grows downwards in a block of its own.
#ifndef MERLE_PROCESS_H
#define MERLE_PROCESS_H

#include <stdatomic.h>

#include "heap.h"
#include "mailbox.h"
#include "node.h"

typedef uint64_t CodeWord; // loaded code, see instruction.h

typedef enum {
    PROCESS_RUNNABLE, // in a run queue
    PROCESS_RUNNING,  // in the loop
    PROCESS_DIRTY,    // its BIF runs in the pool
    PROCESS_WAITING,  // for a message, a timer or process_wake
    PROCESS_EXITING,  // being taken down
    PROCESS_DEAD      // awaits being freed
} ProcessState;

typedef enum {
    PRIORITY_MAX,
    PRIORITY_HIGH,
    PRIORITY_NORMAL,
    PRIORITY_LOW,
    PRIORITY_COUNT
} ProcessPriority;

enum {
    PROCESS_TRAP_EXIT = 1 << 0,
    PROCESS_SENSITIVE = 1 << 1,
    PROCESS_SAVE_CALLS = 1 << 2,
    PROCESS_OFF_HEAP_MESSAGES = 1 << 3,
    PROCESS_SUSPENDED = 1 << 4, // by suspend_process: not to be scheduled
    PROCESS_HIBERNATED = 1 << 5,
    PROCESS_TRACED = 1 << 6,    // some trace flag is set: take slow paths
    PROCESS_WANTS_GC = 1 << 7   // fragments or counted bytes ask for one
};

// Why the loop returned a process; also how a BIF that answers TERM_NONE says
// what it wants (Process.reason).
typedef enum {
    REASON_NONE,
    REASON_ERROR,  // an exception: exception_class, _value, _trace
    REASON_TRAP,   // go on at trap_code with x registers
    REASON_YIELD,  // slice used up
    REASON_WAIT,   // nothing to do until a signal
    REASON_DIRTY,  // dirty BIF to run in the pool
    REASON_EXIT    // process has ended: exit_reason
} Reason;

typedef struct OldSpace OldSpace;     // gc.h
typedef struct Relations Relations;   // relation.h: links and monitors
typedef struct Dictionary Dictionary; // dictionary.h
typedef struct TraceState TraceState; // trace.h
typedef struct Timer Timer;           // timer.h
typedef struct Suspends Suspends;     // suspend_process bookkeeping

enum { PROCESS_SAVED_REGISTERS = 6, REGISTER_COUNT = 1024 };

typedef struct Process Process;
struct Process {
    Heap heap; // must be first

    // Machine state while the loop does not run it.
    const CodeWord *pc;   // next instruction
    Term *stack;          // top of the stack (y0 of the current frame)
    Term *stack_limit;    // lowest word it may grow to
    Term *stack_base;     // one past the highest word
    Term *saved;          // x registers: own_saved, or malloc when there are more
    uint16_t live;        // how many of them hold terms
    uint16_t saved_room;
    int32_t reductions;   // left in this slice
    Term own_saved[PROCESS_SAVED_REGISTERS];

    // The nursery's block, and what the collector knows.
    Term *nursery;        // start of the heap's main block
    Term *nursery_mark;   // below it: survived one collection already
    OldSpace *old;        // NULL until something grew old
    size_t min_heap;      // words; nursery never gets smaller
    size_t max_heap;      // words; 0: no limit
    uint32_t collections; // minor ones since the last full one
    uint16_t fullsweep_after;
    uint8_t max_heap_flags; // kill, error_logger

    uint8_t priority;     // ProcessPriority
    _Atomic uint8_t state; // ProcessState
    uint8_t reason;       // Reason
    uint32_t flags;       // PROCESS_...

    // Exceptions.
    Term exception_class;
    Term exception_value;
    Term exception_trace; // raw trace, see exception.h
    const CodeWord *trap_code;

    Mailbox mailbox;
    Node *node;
    _Atomic(Scheduler *) home;
    Process *next;        // in a run queue or free list
    Timer *timer;         // of receive ... after

    Term pid;
    Term group_leader;
    Term name;            // registered name, TERM_NONE without
    Term parent;          // pid of the spawner
    Term initial_call[3]; // module, function, arity (small)
    const CodeWord *current; // {module, function, arity} of the BIF it runs
    Dictionary *dictionary;
    Relations *relations;
    Suspends *suspends;
    TraceState *trace;
    Term seq_token;       // of seq_trace, nil without
    uint64_t reductions_done;
    Term exit_reason;
};

// Where a BIF builds its answer.
static inline Heap *process_heap(Process *p)
{
    return &p->heap;
}

static inline AtomTable *process_atoms(const Process *p)
{
    return p->node->atoms;
}

typedef struct {
    Term module, function, args; // args: a proper list
    Term group_leader;           // TERM_NONE: the spawner's
    size_t min_heap;             // words; 0: default
    size_t max_heap;
    uint8_t max_heap_flags;
    uint16_t fullsweep_after;
    uint8_t priority;
    uint32_t flags;              // PROCESS_OFF_HEAP_MESSAGES ...
    bool link, monitor;
    Term monitor_options;        // alias and tag, nil without
    bool any_scheduler;          // false: on the spawner's scheduler
} SpawnOptions;

void spawn_options_init(SpawnOptions *o);

// Starts a process at module:function(args), from [parent] (NULL: the node
// itself). [*ref] gets the monitor's reference when one was asked for. Answers
// its pid; TERM_NONE when the process table is full.
Term process_spawn(Node *node, Process *parent, const SpawnOptions *o,
                   Term *ref);

// Makes a waiting process runnable. Its home scheduler's thread only.
void process_wake(Process *p);

// Begins the end of a process: [reason] is the exit reason. The process must
// be the caller's to change.
void process_exit(Process *p, Term reason);

#endif
