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

#include "bif.h"
#include "heap.h"
#include "mailbox.h"
#include "node.h"

typedef uint64_t CodeWord; // loaded code, see instruction.h
typedef struct Process Process;

typedef enum {
    PROCESS_RUNNABLE,   // in a run queue
    PROCESS_RUNNING,    // in the loop
    PROCESS_DIRTY,      // its BIF runs in the pool
    PROCESS_DIRTY_HELD, // and its home looks at it: only the BIF may go on
    PROCESS_DIRTY_MOVING, // its heap is collected in the pool
    PROCESS_DIRTY_DONE, // its BIF has ended; the home scheduler is told
    PROCESS_WAITING,    // for a message, a timer or process_wake
    PROCESS_STOPPED,    // would be runnable, but is suspended
    PROCESS_EXITING,    // being taken down
    PROCESS_DEAD        // awaits being freed
} ProcessState;

typedef enum {
    PRIORITY_MAX,  // whoever wants to run runs before all others
    PRIORITY_HIGH, // before normal ones, always
    PRIORITY_NORMAL,
    PRIORITY_LOW,  // each eighth turn while normal ones want to run
    PRIORITY_COUNT // number of run queues
} ProcessPriority;

enum {
    PROCESS_TRAP_EXIT = 1 << 0,         // exit signals become messages
    PROCESS_SENSITIVE = 1 << 1,         // not to be traced or looked into
    PROCESS_SAVE_CALLS = 1 << 2,        // last calls are kept, saved_calls.h
    PROCESS_OFF_HEAP_MESSAGES = 1 << 3, // message_queue_data of off_heap
    PROCESS_SUSPENDED = 1 << 4,  // by suspend_process: not to be scheduled
    PROCESS_HIBERNATED = 1 << 5, // waits with the least heap
    PROCESS_TRACED = 1 << 6,     // some trace flag is set: take slow paths
    PROCESS_WANTS_GC = 1 << 7,   // fragments or counted bytes ask for one
    PROCESS_WANTS_FULL = 1 << 8, // and for a full one
    PROCESS_TIMED_OUT = 1 << 9,  // the receive's time is over; see timer.h
    // It has ended with exit_reason and is only to be taken down. The loop
    // looks when its slice is over (whoever sets this for a running process
    // leaves nothing of it) and after signal_receive.
    PROCESS_EXIT_PENDING = 1 << 10,
    PROCESS_CRASHED = 1 << 11,      // by an uncaught exception: to be logged
    PROCESS_WANTS_SHRINK = 1 << 12, // as WANTS_FULL, and to give memory back
    PROCESS_ASYNC_DIST = 1 << 13,   // sends to nodes never suspend it
    PROCESS_DIST_BUSY = 1 << 14,    // is suspended since it did send to one
    PROCESS_ENDING = 1 << 15,       // frees what it owned, slice by slice
    PROCESS_DIST_LARGE = 1 << 16,   // tried to send more than a packet can have
    PROCESS_BESIDE = 1 << 17        // a message may lie off the heap
};

// How the dirty BIF that a process was taken out of the loop for has ended.
typedef enum {
    DIRTY_NONE,     // there was none
    DIRTY_ANSWERED, // its answer is saved[0], live is 1: go on at pc
    DIRTY_FAILED    // it answered TERM_NONE: p->reason says what it wants
} DirtyResult;

// The answer to a request that a BIF sent to another party (request.h).
// What a BIF that is called again looks at first.
typedef enum { REQUEST_NONE, REQUEST_SENT, REQUEST_ANSWERED } RequestState;

// Why the loop returned a process; also how a BIF that answers TERM_NONE says
// what it wants (Process.reason).
typedef enum {
    REASON_NONE,
    REASON_ERROR,  // an exception: exception_class, _value, _trace
    REASON_TRAP,   // go on at trap_code with x registers
    REASON_YIELD,  // slice used up
    REASON_WAIT,   // nothing to do until a signal
    REASON_DIRTY,  // dirty BIF to run in the pool
    REASON_COLLECT, // to be collected in the pool
    REASON_EXIT    // process has ended: exit_reason
} Reason;

typedef struct OldSpace OldSpace;     // gc.h
typedef struct Relations Relations;   // relation.h: links and monitors
typedef struct Dictionary Dictionary; // dictionary.h
typedef struct Owned Owned;           // below
typedef struct TraceState TraceState; // trace.h
typedef struct Timer Timer;           // timer.h
typedef struct Suspends Suspends;     // suspend_process bookkeeping

// PROCESS_SAVED_REGISTERS: most calls need no more. REGISTER_COUNT: the 1024
// that a .beam file can name (compilers before OTP 23 use the last ones), and
// those of the loader behind them.
enum { PROCESS_SAVED_REGISTERS = 6, REGISTER_COUNT = 1040 };

// A process begins with a heap and a stack of this many words behind its
// control block; both move to blocks of their own when they grow.
enum { FIRST_HEAP = 56, FIRST_STACK = 20 };

// Something that lives as long as its owner: a table, a port. [owner_exit] is
// called when the process is taken down, on its home scheduler; the owner
// keeps them in a list.
struct Owned {
    Owned *next, **link;
    void (*owner_exit)(Process *owner, Owned *owned);
};

struct Process {
    Heap heap; // must be first

    // Machine state while the loop does not run it.
    const CodeWord *pc; // next instruction
    Term *stack;        // top of the stack (y0 of the current frame)
    Term *stack_limit;  // lowest word it may grow to
    Term *stack_guard;  // lowest frame: FRAME_SLACK words above that
    Term *stack_base;   // one past the highest word
    Term *saved;        // x registers: own_saved, or malloc when there are more
    uint16_t live;      // how many of them hold terms
    uint16_t saved_room; // words that saved has room for
    int32_t reductions;  // left in this slice: process_left
    Term own_saved[PROCESS_SAVED_REGISTERS];

    // The nursery's block, and what the collector knows (gc.h).
    Term *nursery;            // start of the heap's main block
    Term *nursery_mark;       // below it: survived one collection already
    size_t nursery_room;      // words of the block; FIRST_HEAP: the first one
    size_t nursery_size;      // words that should be free after a collection
    OldSpace *old;            // NULL until something grew old
    size_t max_heap;          // words; 0: no limit
    uint32_t min_heap;        // words; nursery never gets smaller
    uint32_t min_bin_vheap;   // words of counted binaries; 0: the default
    uint32_t collections;     // minor ones since the last full one
    uint16_t busy;            // collections since it has waited last
    uint16_t fullsweep_after; // minor collections before a full one
    uint8_t max_heap_flags;   // MAX_HEAP_...
    bool keeps_most;          // the last minor one found little garbage

    // By size, with those above: there may be millions of processes.
    uint8_t priority;     // ProcessPriority
    _Atomic uint8_t state; // ProcessState
    uint8_t reason;       // Reason
    uint8_t dirty;        // DirtyResult
    uint8_t request;      // RequestState
    bool talks;           // its last slice did little but send messages
    atomic_bool gone;     // has ended for all others while its BIF runs
    uint16_t heard;       // messages from its own scheduler, lately
    uint16_t suspenders;  // how many have it suspended
    uint16_t wished_scheduler; // as process_flag has it; all may run it
    uint32_t flags;       // PROCESS_...
    uint32_t fragments_most; // words of fragments that are not collected yet

    // Exceptions.
    Term exception_class;
    Term exception_value;
    Term exception_trace; // raw trace, see exception.h
    const CodeWord *trap_code;

    Mailbox mailbox;
    Node *node;
    _Atomic(Scheduler *) home;
    Process *next;        // in a run queue or free list
    Process *wake_next;   // in a scheduler's list of those to look at
    atomic_bool posted;   // is in that list, or dead
    uint32_t life;        // which one in this memory
    Timer *timer;         // of receive ... after

    Term pid;
    Term group_leader;
    _Atomic(Term) name;   // registered name, TERM_NONE without; see registry.c
    Term parent;          // pid of the spawner
    Term initial_call[3]; // module, function, arity (small)
    const CodeWord *current; // {module, function, arity} of the BIF it runs
    BifFunction dirty_function; // NULL: a collection
    Dictionary *dictionary;
    Relations *relations;
    Suspends *suspends;
    Owned *owned;
    TraceState *trace;
    Term seq_token;       // of seq_trace, nil without
    Term answer;          // to its request
    Term error_handler;   // module; TERM_NONE: error_handler
    uint64_t reductions_done;
    Term exit_reason;
};

enum { MIN_BIN_VHEAP_DEFAULT = 46422 }; // words

enum { MAX_HEAP_KILL = 1, MAX_HEAP_LOG = 2, MAX_HEAP_SHARED_BINARIES = 4 };

// What is left of the slice, which is over below 0. While the calls of the
// process are saved it lies beside, see saved_calls.h.
int32_t process_left_beside(const Process *p);
void process_set_left_beside(Process *p, int32_t left);

static inline int32_t process_left(const Process *p)
{
    return p->flags & PROCESS_SAVE_CALLS ? process_left_beside(p)
                                         : p->reductions;
}

static inline void process_set_left(Process *p, int32_t left)
{
    p->reductions = left;
    if (p->flags & PROCESS_SAVE_CALLS) process_set_left_beside(p, left);
}

// More than fits in its word is as good as all there is.
static inline void process_set_min_heap(Process *p, size_t words)
{
    p->min_heap = words < UINT32_MAX ? (uint32_t)words : UINT32_MAX;
}

// Where a BIF builds its answer.
static inline Heap *process_heap(Process *p)
{
    return &p->heap;
}

static inline AtomTable *process_atoms(const Process *p)
{
    return p->node->atoms;
}

static inline ProcessState process_state(const Process *p)
{
    return (ProcessState)atomic_load_explicit(&p->state, memory_order_relaxed);
}

// Whether its BIF runs in the pool, or has just ended there.
static inline bool process_is_dirty(const Process *p)
{
    ProcessState state = process_state(p);
    return state >= PROCESS_DIRTY && state <= PROCESS_DIRTY_DONE;
}

static inline void process_set_state(Process *p, ProcessState state)
{
    atomic_store_explicit(&p->state, (uint8_t)state, memory_order_relaxed);
}

// The scheduler of a process that runs, or that the caller's thread is home of.
static inline Scheduler *process_home(const Process *p)
{
    return atomic_load_explicit(&p->home, memory_order_acquire);
}

typedef struct {
    Term module, function, args; // args: a proper list
    Term group_leader;           // TERM_NONE: the spawner's
    size_t min_heap;             // words; 0: default
    size_t max_heap;
    uint8_t max_heap_flags;
    uint16_t fullsweep_after;
    uint32_t min_bin_vheap;
    uint8_t priority;
    uint32_t flags;              // PROCESS_OFF_HEAP_MESSAGES ...
    bool link, monitor;
    Term monitor_options;        // alias and tag, nil without
    Term request, reply_tag;     // of spawn_request, where sequential tracing
                                 // is on; TERM_NONE otherwise
    // Called with the process before it runs; NULL: nothing.
    void (*prepare)(Process *p, void *with);
    void *prepare_with;
} SpawnOptions;

void spawn_options_init(SpawnOptions *o, const Process *parent);

// What processes have on [node] that do not say; done for those with a parent.
void spawn_options_default(SpawnOptions *o, const Node *node);

// Reads the options of spawn_opt; false when they are none.
bool spawn_options_read(SpawnOptions *o, Term list);

// Starts a process at module:function(args), from [parent] (NULL: the node
// itself), on the caller's scheduler if it is one. [*ref] gets the monitor's
// reference, on the parent's heap, when one was asked for. Answers its pid;
// TERM_NONE when the process table is full.
Term process_spawn(Node *node, Process *parent, const SpawnOptions *o,
                   Term *ref);

// Makes a waiting process runnable. Its home scheduler's thread only.
void process_wake(Process *p);

// Begins the end of a process: [reason], which lies on its heap, becomes the
// exit reason. The process must be the caller's to change; its scheduler takes
// it down before it would run again.
void process_exit(Process *p, Term reason);

// The heap of [p] has grown past max_heap: logs and kills as it was told to.
void process_heap_exceeded(Process *p);

static inline bool process_is_exiting(const Process *p)
{
    return (p->flags & PROCESS_EXIT_PENDING) != 0;
}

// Whether the process of local pid [pid] is there and does not end. Any thread;
// it may end at once.
bool process_lives(Node *node, Term pid);

// Ends [p], whose BIF runs in the pool and cannot be stopped, for all others:
// it is found no more, and those who are linked or watch are told [reason].
// What it holds goes when the BIF has ended. Its home scheduler, while it is
// held.
void process_leave(Process *p, Term reason);

// Takes an ended process down: tells all that are linked or watch, gives its
// memory back. One that owns much is queued again meanwhile (PROCESS_ENDING),
// and this is its slice. Its home scheduler only, between slices.
void process_finish(Scheduler *s, Process *p);

// What is left of one that is ending so. When the node ends.
void process_free_ending(Process *p);

// Frees all that [p] holds but its block; tells nobody. When the node ends.
void process_free(Process *p);

// Collects as PROCESS_WANTS_... of [p], which does not run, says.
void process_collect_now(Process *p);

// max_heap_size as the options have it: read it, where [*flags] hold for what
// is not said; and as a map, a process's and any.
bool process_read_max_heap(Term t, size_t *size, uint8_t *flags);
Term process_limit_map(Node *node, Heap *h, size_t size, unsigned flags);
Term process_max_heap_map(const Process *p, Heap *h);

// min_bin_vheap_size as process_info has it.
Term process_min_bin_vheap(const Process *p);

// Bytes of a process with its first heap and stack.
size_t process_block_size(void);

// Bytes of malloc that hold such blocks, in use or free.
size_t process_blocks_allocated(Node *node);

// Takes the memory of a dead process back.
void process_release(Scheduler *s, Process *p);

// Frees the memory of all processes, when the node ends.
void process_free_slabs(Node *node);

// Gives the memory back of ended processes that lie together. Called when the
// scheduler has been idle for some time.
void process_trim(Scheduler *s);

// What suspend_process keeps (suspend.c): frees it, lets all go on that [p]
// has suspended, and lists them as process_info has it.
void process_free_suspends(Process *p);
void process_resume_all(Process *p);
Term process_suspending(const Process *p, Heap *h);

// Puts [owned] on the list of [p]; removes it. The owner's thread only.
void process_own(Process *p, Owned *owned);
void process_disown(Owned *owned);

#endif
