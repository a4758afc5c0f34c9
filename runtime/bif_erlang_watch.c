// SPDX-License-Identifier: Apache-2.0
// erlang: system_monitor, system_profile, process_display.
// What is to be watched lies in the node's Watch: flags, which are read at
// every slice and must be cheap, and numbers under a lock.
#include <stdio.h>

#include "bif.h"
#include "buffer.h"
#include "print.h"
#include "process_table.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "trace.h"
#include "watch.h"

// Words, as OTP: smaller limits are raised to it.
enum { LARGE_HEAP_LEAST = 16384 };

// ---- system_monitor ----

// What system_monitor/2 was asked for.
// Read into this first, so that a bad list changes nothing.
typedef struct {
    uint32_t flags;                              // WATCH_ bits
    uint64_t long_gc, long_schedule, large_heap; // milliseconds; words
} Wish;

// 0 would fire at each slice.
static bool read_limit(Term name, uint64_t n, Wish *w)
{
    switch (name.bits) {
    case ATOM_BITS_long_gc:
        w->flags |= WATCH_LONG_GC;
        w->long_gc = n < 1 ? 1 : n;
        return true;
    case ATOM_BITS_long_schedule:
        w->flags |= WATCH_LONG_SCHEDULE;
        w->long_schedule = n < 1 ? 1 : n;
        return true;
    case ATOM_BITS_large_heap:
        w->flags |= WATCH_LARGE_HEAP;
        w->large_heap = n < LARGE_HEAP_LEAST ? LARGE_HEAP_LEAST : n;
        return true;
    default: return false;
    }
}

// Atoms and pairs may be mixed; the last one of a name wins.
static bool read_wishes(Term list, Wish *w)
{
    uint64_t n;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term t = term_head(list);
        if (term_same(t, ATOM_busy_port))
            w->flags |= WATCH_BUSY_PORT;
        else if (term_same(t, ATOM_busy_dist_port))
            w->flags |= WATCH_BUSY_DIST_PORT;
        else if (!term_is_tuple_of(t, 2)
                 || !bif_get_uint64(term_tuple_get(t, 1), &n)
                 || !read_limit(term_tuple_get(t, 0), n, w))
            return false;
    }
    return term_is_nil(list);
}

// [{Name, N} | List]
static Term add(Heap *h, Term name, uint64_t n, Term list)
{
    return heap_cons(h, heap_tuple2(h, name, heap_unsigned(h, n)), list);
}

// {Pid, Options} as it is now, or undefined.
// A process that is gone monitors nothing; that is found here.
static Term monitor_term(Process *p)
{
    Watch *w = p->node->watch;
    Heap *h = process_heap(p);
    // Read once: another process may change them meanwhile.
    uint32_t flags = atomic_load(&w->flags);
    Term list = TERM_NIL;
    // The common case: no lock.
    if (!(flags & WATCH_MONITOR)) return ATOM_undefined;
    pthread_mutex_lock(&w->lock);
    Term pid = w->monitor;
    if (flags & WATCH_LONG_GC) list = add(h, ATOM_long_gc, w->long_gc, list);
    if (flags & WATCH_LONG_SCHEDULE)
        list = add(h, ATOM_long_schedule, w->long_schedule, list);
    if (flags & WATCH_LARGE_HEAP)
        list = add(h, ATOM_large_heap, w->large_heap, list);
    pthread_mutex_unlock(&w->lock);
    if (flags & WATCH_BUSY_PORT) list = heap_cons(h, ATOM_busy_port, list);
    if (flags & WATCH_BUSY_DIST_PORT)
        list = heap_cons(h, ATOM_busy_dist_port, list);
    // Its death is not watched: it is found when somebody asks, or when there
    // is something to tell.
    if (process_table_find(p->node->processes, pid) == NULL) {
        // Other flags in the word are the profiler's.
        atomic_fetch_and(&w->flags, ~(uint32_t)WATCH_MONITOR);
        return ATOM_undefined;
    }
    return heap_tuple2(h, pid, list);
}

static bool lives(Process *p, Term pid)
{
    return term_is_local_pid(pid)
           && process_table_find(p->node->processes, pid) != NULL;
}

// Both at once: who and what. Answers what was before.
// Held under the lock are the numbers only; the list has been read before.
static Term set_monitor(Process *p, Term pid, Term list)
{
    Watch *w = p->node->watch;
    Wish wish = {0};
    // undefined or [] turns it off.
    bool off = term_same(pid, ATOM_undefined) || term_is_nil(list);
    if (!off && (!read_wishes(list, &wish) || !lives(p, pid)))
        return bif_error(p, ATOM_badarg);
    Term old = monitor_term(p);
    pthread_mutex_lock(&w->lock);
    w->monitor = off ? TERM_NONE : pid;
    w->long_gc = wish.long_gc;
    w->long_schedule = wish.long_schedule;
    w->large_heap = wish.large_heap;
    uint32_t flags = atomic_load(&w->flags) & ~(uint32_t)WATCH_MONITOR;
    // Last, so that nobody reads flags without their numbers.
    atomic_store(&w->flags, flags | wish.flags);
    pthread_mutex_unlock(&w->lock);
    return old;
}

Term bif_erlang_system_monitor_0(Process *p, const Term *args)
{
    (void)args;
    return monitor_term(p);
}

Term bif_erlang_system_monitor_1(Process *p, const Term *args)
{
    Term t = args[0];
    if (term_same(t, ATOM_undefined)) return set_monitor(p, t, TERM_NIL);
    if (!term_is_tuple_of(t, 2)) return bif_error(p, ATOM_badarg);
    return set_monitor(p, term_tuple_get(t, 0), term_tuple_get(t, 1));
}

Term bif_erlang_system_monitor_2(Process *p, const Term *args)
{
    return set_monitor(p, args[0], args[1]);
}

// ---- system_profile ----
// One process is told of schedulers and processes going on and off.

// A flag, or a kind of time stamp.
static const struct {
    uintptr_t name;       // as it stands in the list
    uint32_t flag, stamp; // bits for Watch; which clock is to be read
} profile_flags[] = { // the last is named first
    {ATOM_BITS_runnable_ports, WATCH_PORTS, 0},
    {ATOM_BITS_runnable_procs, WATCH_PROCESSES, 0},
    {ATOM_BITS_scheduler, WATCH_SCHEDULERS, 0},
    {ATOM_BITS_exclusive, WATCH_EXCLUSIVE, 0},
    {ATOM_BITS_timestamp, 0, TRACE_TIMESTAMP},
    {ATOM_BITS_monotonic_timestamp, 0, TRACE_MONOTONIC},
    {ATOM_BITS_strict_monotonic_timestamp, 0, TRACE_STRICT_MONOTONIC},
};

enum { PROFILE_FLAGS = sizeof profile_flags / sizeof *profile_flags };

// As monitor_term.
static Term profile_term(Process *p)
{
    Watch *w = p->node->watch;
    uint32_t flags = atomic_load(&w->flags) & WATCH_PROFILE;
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    if (flags == 0) return ATOM_undefined;
    for (size_t i = 0; i < PROFILE_FLAGS; i++)
        if (flags & profile_flags[i].flag)
            list = heap_cons(h, (Term){profile_flags[i].name}, list);
    pthread_mutex_lock(&w->lock);
    Term pid = w->profiler;
    pthread_mutex_unlock(&w->lock);
    if (!lives(p, pid)) {
        atomic_fetch_and(&w->flags, ~(uint32_t)WATCH_PROFILE);
        return ATOM_undefined;
    }
    return heap_tuple2(h, pid, list);
}

// The last time stamp wins. A flag may be named twice.
static bool read_profile(Term list, uint32_t *flags, uint32_t *stamp)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        size_t i = 0;
        while (i < PROFILE_FLAGS
               && profile_flags[i].name != term_head(list).bits)
            i++;
        if (i == PROFILE_FLAGS) return false;
        *flags |= profile_flags[i].flag;
        if (profile_flags[i].stamp != 0) *stamp = profile_flags[i].stamp;
    }
    return term_is_nil(list);
}

Term bif_erlang_system_profile_0(Process *p, const Term *args)
{
    (void)args;
    return profile_term(p);
}

// timestamp is erlang:timestamp, unless another is named.
Term bif_erlang_system_profile_2(Process *p, const Term *args)
{
    Watch *w = p->node->watch;
    // The default without any of the three.
    uint32_t flags = 0, stamp = TRACE_TIMESTAMP;
    bool off = term_same(args[0], ATOM_undefined) || term_is_nil(args[1]);
    if (!off && (!lives(p, args[0]) || !read_profile(args[1], &flags, &stamp)))
        return bif_error(p, ATOM_badarg);
    Term old = profile_term(p);
    pthread_mutex_lock(&w->lock);
    w->profiler = off ? TERM_NONE : args[0];
    w->stamp = stamp;
    uint32_t others = atomic_load(&w->flags) & ~(uint32_t)WATCH_PROFILE;
    // As in set_monitor: flags go last.
    atomic_store(&w->flags, others | flags);
    pthread_mutex_unlock(&w->lock);
    return old;
}

// ---- process_display ----
// For erlang:process_display(Pid, backtrace): to standard error.

// In the context of the process; its stack is written by itself.
static Term answer_display(Node *node, Process *p, Heap *h, Term question)
{
    (void)h, (void)question;
    Term item = ATOM_backtrace;
    Bits bits;
    if (p == NULL) return ATOM_false; // it has exited meanwhile
    Term answer = bif_erlang_process_info_2(p, (Term[]){p->pid, item});
    if (!term_is_tuple_of(answer, 2)
        || !term_bits(term_tuple_get(answer, 1), &bits))
        return ATOM_false;
    fwrite(bits.base, 1, bits.size / 8, stderr);
    (void)node;
    return ATOM_true;
}

Term bif_erlang_process_display_2(Process *p, const Term *args)
{
    if (!term_same(args[1], ATOM_backtrace))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    Term answer = request_process(p, args[0], answer_display, TERM_NIL, 2,
                                  args);
    // The caller sees badarg for a dead process, as in OTP.
    return term_same(answer, ATOM_false) ? bif_error(p, ATOM_badarg) : answer;
}
