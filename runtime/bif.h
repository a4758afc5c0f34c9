// SPDX-License-Identifier: Apache-2.0
// BIFs: Erlang functions that are written in C.
//
// Each layer has one table, a text file bif.tab, whose lines are
//
//     module:name/arity kind [c_name]
//
// from which runtime/gen_bifs.py makes prototypes and the table of BifModule.
// The C function is bif_MODULE_NAME_ARITY unless c_name says otherwise. Kinds:
//
//     guard   pure and short; may be called in guards
//     plain   runs on the scheduler, never blocks
//     long    the same, but in the pool if its arguments are large
//     nif     plain, but called as native functions are: a tail call leaves
//             no trace of who calls it
//     dirty   may block or take long: runs in the pool while the process is
//             suspended; must not touch the scheduler. Plain ones may ask
//             for that, too: bif_to_pool
//     dirty_cpu  the same, but it computes: statistics tell it apart
//     op      has an instruction of its own; the entry serves apply and funs
//
// Every body has one shape: check the arguments, build on process_heap(p),
// return the answer. It never collects (see heap.h), and fails by
//
//     return bif_error(p, ATOM_badarg);
//
// A BIF may also replace itself by another call, or suspend the process:
// bif_trap, bif_wait below.
#ifndef MERLE_BIF_H
#define MERLE_BIF_H

#include "atom.h"
#include "heap.h"
#include "term.h"

typedef struct Process Process;

// [args] are registers: good until the BIF answers, and to be copied by one
// that keeps them for longer.
typedef Term (*BifFunction)(Process *p, const Term *args);

typedef enum {
    BIF_GUARD,
    BIF_PLAIN,
    BIF_NIF,
    BIF_OP,
    BIF_DIRTY,
    BIF_DIRTY_CPU // from here on the dirty ones
} BifKind;

// A row of the generated table.
typedef struct {
    const char *name; // NULL ends a list
    uint8_t arity;
    uint8_t kind;         // BifKind
    BifFunction function; // what is called
} Bif;

typedef struct BifModule {
    const char *module; // NULL ends a table
    const Bif *bifs;
} BifModule;

// ---- failing; all answer TERM_NONE, for "return bif_error(...)" ----

// Fails with error:[reason].
Term bif_error(Process *p, Term reason);

// Fails with error:{[reason], [value]} (badkey, badmap, badfun and the like).
Term bif_error_value(Process *p, Term reason, Term value);

// Fails with class [class] (error, exit, throw).
Term bif_raise(Process *p, Term class, Term reason);

// Fails with badarg, and with cause [cause] in the error_info of the trace
// (erl_erts_errors and the like look at it: none, notalive, ...).
Term bif_error_cause(Process *p, Term reason, Term cause);

// ---- not answering yet ----

// Goes on with a call of [module]:[function] with [n] [args] in the place of
// this BIF.
Term bif_trap(Process *p, Term module, Term function, unsigned n,
              const Term *args);

// The same with the code that starts at [code].
Term bif_trap_to(Process *p, const uint64_t *code, unsigned n,
                 const Term *args);

// Goes on with the clauses that [module] itself has for this BIF, [function],
// which are there to fail as users are to see it: they name who was given what.
// Its fail/2 is called with function and arguments to have it loaded.
Term bif_trap_to_clauses(Process *p, Term module, Term function, unsigned n,
                         const Term *args);

// Yields the rest of the slice and calls this BIF again with [args], which
// may be other terms than those it was called with.
Term bif_yield(Process *p, unsigned n, const Term *args);

// The same after a collection: for one that is about to build much, so that the
// memory of what nobody needs any more serves again.
Term bif_collect(Process *p, unsigned n, const Term *args);

// Suspends the process until a message or signal arrives, or process_wake, and
// then calls this BIF again with [args].
Term bif_wait(Process *p, unsigned n, const Term *args);

// True when a BIF that has yielded for its own purpose is called again:
//     if (!bif_has_yielded(p)) return bif_yield(p, n, args);
bool bif_has_yielded(Process *p);

// Whether [steps], of about ten nanoseconds each, are more than a scheduler is
// to be held for. A BIF then answers bif_to_pool, before it has changed
// anything: it is called again with the same arguments on a thread of the
// pool, where nothing is too long.
bool bif_is_long(const Process *p, size_t steps);

// How many steps are not too long: for those that find out on their way.
size_t bif_steps_most(const Process *p);

Term bif_to_pool(Process *p);

// Calls [function] with its [n] [args], or answers bif_to_pool when these are
// so large that to read them is long.
Term bif_call_long(Process *p, BifFunction function, unsigned n,
                   const Term *args);

// The length of [list], for work of [steps] on each cell. Below 0 when it is no
// proper list or the work is too long: bif_list_error then is the answer.
intptr_t bif_list_length(const Process *p, Term list, size_t steps);
bool bif_is_long_list(const Process *p, Term list, size_t steps);
Term bif_list_error(Process *p, intptr_t length);

// Long loops of BIFs, whose length tests may limit.
typedef enum { LOOP_BINARY, LOOP_REGEX, LOOP_UNICODE, LOOP_KINDS } LoopKind;

// Charges [reductions] for long work done on the scheduler.
void bif_bump(Process *p, size_t reductions);

// Charges [steps] of a loop, [cheap] of them for a reduction; the rest of the
// slice when the node has a limit for such loops and they were more.
void bif_bump_loop(Process *p, LoopKind kind, size_t steps, size_t cheap);

// ---- checked unwrapping; false (or NULL) when the term is something else ----

// A non-negative integer that fits.
bool bif_get_size(Term t, size_t *n);
bool bif_get_int64(Term t, int64_t *n);
// An integer from 0 to 2^64 - 1.
bool bif_get_uint64(Term t, uint64_t *n);

// The bytes of an iolist or binary and a 0 byte behind them, in memory of
// malloc that the caller frees; NULL when [t] is no iodata.
uint8_t *bif_get_iodata(Term t, size_t *size);

// The text of chardata (string, binary, deep list of them, or atom) in UTF-8,
// ended by a 0 byte, in memory of malloc; NULL when it is none.
char *bif_get_text(Process *p, Term t, size_t *size);

// The same of a string or deep list of them: no binaries, no atom.
char *bif_get_characters(Term t, size_t *size);

#endif
