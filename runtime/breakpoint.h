// SPDX-License-Identifier: Apache-2.0
// Breakpoints: functions whose calls are traced or counted.
//
// A function is traced in one of two places. At its entry, the handler of the
// first instruction gives way to that of `breakpoint`, which goes on with the
// one that stood there: a single store of 32 bits that other threads see
// sooner or later, so nothing stops while it is done. At its export (calls
// from other modules only, and BIFs), the export leads to a stub of its own.
// What is to be done then stands in a Breakpoint, which the word in front of
// the function, or the export, refers to. It lives as long as the node, for a
// thread may just be at it.
//
// Functions that tell what they answer return to a frame that is pushed on
// entering:
//
//     return_trace, exception_trace   module, function, arity, tracer or nil
//     return_to_trace
//     return_time                     what was timed before, as a small or nil
//
// Each begins with the address of a piece of code with one instruction of that
// name; scans of the stack know them by these addresses.
//
// Who may change what: setting is done by one at a time (lock). What a running
// function needs besides its kinds (specifications, tracer, times) is read and
// written under data_lock; the kinds and the handlers are atomic, so an
// untraced call costs nothing at all.
#ifndef MERLE_BREAKPOINT_H
#define MERLE_BREAKPOINT_H

#include <pthread.h>

#include "code.h"
#include "code_module.h"
#include "match_spec.h"
#include "process.h"

typedef struct BreakpointTable BreakpointTable;

enum {                       // what a breakpoint does
    BREAK_GLOBAL = 1,        // calls by the export
    BREAK_LOCAL = 2,         // calls of any kind
    BREAK_META = 4,          // calls, told to a tracer of its own
    BREAK_COUNT = 8,         // call_count
    BREAK_TIME = 16,         // call_time
    BREAK_COUNT_PAUSED = 32, // counted so far, and not for now
    BREAK_TIME_PAUSED = 64,
    // What lies at the entry.
    BREAK_ENTRY = BREAK_LOCAL | BREAK_META | BREAK_COUNT | BREAK_TIME
};

typedef enum {
    PATTERN_OFF,     // takes away
    PATTERN_ON,      // sets
    PATTERN_RESTART, // counters and times start from zero
    PATTERN_PAUSE    // they are kept
} PatternSwitch;

// What trace_pattern asks for.
typedef struct {
    Term mfa[3];           // those behind [specified] are not looked at
    unsigned specified;    // how many of them are given
    PatternSwitch on;
    unsigned kinds;   // BREAK_...; BREAK_GLOBAL excludes the others
    MatchSpec *spec;  // NULL: none
    Term meta_tracer; // of BREAK_META; TERM_NONE: whoever the spec says
} BreakpointPattern;

BreakpointTable *breakpoint_table_new(void);
void breakpoint_table_free(BreakpointTable *t);

// Sets or clears breakpoints; answers how many functions match.
size_t breakpoint_set(Node *node, const BreakpointPattern *pattern);

// The same for modules that are loaded later.
void breakpoint_set_on_load(Node *node, const BreakpointPattern *pattern);

// What trace_info says of a function or of on_load: TERM_NONE when [key] is
// none of its keys.
Term breakpoint_info(Process *p, const Term *mfa, Term key);
Term breakpoint_info_on_load(Process *p, Term key);

// Brackets each change of what is loaded; within, breakpoint_unload takes all
// breakpoints out of [code], breakpoint_load sets those for what is loaded.
void breakpoint_lock(Node *node);
void breakpoint_unload(Node *node, const Code *code);
void breakpoint_load(Node *node, Term module);
void breakpoint_unlock(Node *node);

// Has the function at [entry] begin with [op] from now on, whether it is
// traced or not. Within breakpoint_lock.
void breakpoint_replace(CodeWord *entry, Op op);

// There is one process more, or less, whose calls are saved: while there is
// any, call_bif calls saved_calls_call_bif.
void breakpoint_save_calls(Node *node, bool more);

// ---- for the loop: the process's state is saved ----

// At [entry] of a function; answers the handler to go on with.
int32_t breakpoint_enter(Process *p, const CodeWord *entry, Term *x);

// At the stub of [e]; answers where its code is.
const CodeWord *breakpoint_enter_export(Process *p, Export *e, Term *x);

// At the return frames, whose words behind the address are on top.
void breakpoint_return(Process *p, Term value);
void breakpoint_return_to(Process *p);
void breakpoint_return_time(Process *p);

// ---- for those who scan stacks ----

// Words behind return address [at] when it begins a frame of this file; -1 of
// others.
int breakpoint_frame(const Node *node, Term at);

// An exception unwinds the stack of [p] to [to] and goes on at [handler], NULL
// without.
void breakpoint_unwind(Process *p, const Term *to, const CodeWord *handler);

// The process is scheduled in or out: whose time runs.
void breakpoint_pause_time(Process *p, bool in);

// ---- records ----

// Of one process in one function.
typedef struct {
    uint64_t pid;   // bits; 0: free
    uint64_t count; // calls
    int64_t time;   // ns
} CallTime;

struct Breakpoint {
    Breakpoint *next;                 // of all
    _Atomic uint32_t kinds;           // BREAK_...
    _Atomic int32_t original;         // handler that stood at the entry
    _Atomic(const CodeWord *) target; // of an export: its code
    Term module, function;            // of the function
    uint32_t arity;
    MatchSpec *spec, *meta_spec; // under the table's lock
    Term meta_tracer;
    _Atomic uint64_t count;       // of BREAK_COUNT
    CallTime *times;              // hash table by pid
    size_t time_count, time_room; // in use; of the table
};

enum { BREAKPOINT_FRAMES = 4 }; // codes of frames, side by side in the table

// The table's lock, and a place for each frame's code; those stand together.
struct BreakpointTable {
    pthread_mutex_t lock;      // of setting
    pthread_mutex_t data_lock; // of specifications, tracers and times
    Breakpoint *all;           // every breakpoint ever made
    size_t savers;             // processes whose calls are saved
    bool on_load;              // whether [loading] is to be set
    BreakpointPattern loading;
    MatchSpec *loading_meta; // for the kind BREAK_META
    CodeWord return_trace[1], exception_trace[1], return_to[1],
        return_time[1];
};

// Whether return address [at] begins a frame of this file.
static inline bool breakpoint_is_frame(const Node *node, Term at)
{
    uintptr_t first = (uintptr_t)node->breakpoints->return_trace;
    return at.bits - first < BREAKPOINT_FRAMES * sizeof(CodeWord);
}

// The breakpoint of the function at [entry], NULL if it was never traced.
Breakpoint *breakpoint_of(const CodeWord *entry);

#endif
