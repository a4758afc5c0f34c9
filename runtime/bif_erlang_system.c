// SPDX-License-Identifier: Apache-2.0
// erlang: halting, statistics, flags of the system.
// The node's figures and switches; they are atomics of node or schedulers, read
// and written without locks.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bif.h"
#include "clock.h"
#include "gc.h"
#include "microstate.h"
#include "online.h"
#include "page.h"
#include "pool.h"
#include "process.h"
#include "process_log.h"
#include "process_table.h"
#include "registry.h"
#include "runtime_bifs.gen.h"
#include "scheduler.h"
#include "seq_trace.h"
#include "trace.h"

enum {
    MIN_HEAP_MOST = 1 << 28,      // words
    REQUESTS_MOST = (1 << 27) - 1 // largest that OTP takes
};

// ---- halt ----
// Ends the whole node: other threads see its flag.

// Whether [t] is a list of numbers, as a text is that is not deep.
static bool is_flat(Term t)
{
    while (term_is_cons(t) && term_is_small(term_head(t))) t = term_tail(t);
    return term_is_nil(t);
}

static Term halt(Process *p, Term status, bool flushes)
{
    size_t n;
    if (term_same(status, ATOM_abort)) abort();
    if (bif_get_size(status, &n)) {
        // As exit does: the low byte.
        node_halt(p->node, (int)(n & 255), flushes);
    } else {
        // A text: end with a crash dump of that slogan.
        size_t size;
        if (!is_flat(status)) return bif_error(p, ATOM_badarg);
        char *slogan = bif_get_text(p, status, &size);
        if (slogan == NULL) return bif_error(p, ATOM_badarg);
        node_crash(p->node, slogan);
    }
    // Never runs again: the scheduler sees the node's end first.
    return bif_wait(p, 1, &status);
}

Term bif_erlang_halt_0(Process *p, const Term *args)
{
    return halt(p, term_small(0), true);
}

Term bif_erlang_halt_1(Process *p, const Term *args)
{
    return halt(p, args[0], true);
}

// {flush, false}: what ports have still to write is lost. The last one counts.
Term bif_erlang_halt_2(Process *p, const Term *args)
{
    Term list = args[1];
    bool flushes = true;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        if (!term_is_tuple_of(o, 2)
            || !term_same(term_tuple_get(o, 0), ATOM_flush)
            || !(term_same(term_tuple_get(o, 1), ATOM_true)
                 || term_same(term_tuple_get(o, 1), ATOM_false)))
            break;
        flushes = term_same(term_tuple_get(o, 1), ATOM_true);
    }
    if (!term_is_nil(list)) return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return halt(p, args[0], flushes);
}

// ---- statistics ----
// Sums over schedulers, which count for themselves; such sums may be a little
// behind.

static uint64_t sum_reductions(const Node *node)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < node->scheduler_count; i++)
        sum += atomic_load_explicit(&node->schedulers[i]->reductions,
                                    memory_order_relaxed);
    return sum;
}

static uint64_t sum_slices(const Node *node)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < node->scheduler_count; i++)
        sum += atomic_load_explicit(&node->schedulers[i]->slice_count,
                                    memory_order_relaxed);
    return sum;
}

// {Total, SinceLastCall}
// One "last call" for all processes, as in OTP.
static Term since_last(Process *p, uint64_t total, _Atomic uint64_t *last)
{
    Heap *h = process_heap(p);
    // Another thread may have been faster.
    uint64_t before = atomic_exchange(last, total);
    uint64_t since = total > before ? total - before : 0;
    return heap_tuple2(h, heap_unsigned(h, total), heap_unsigned(h, since));
}

static Term reductions(Process *p)
{
    uint64_t total = sum_reductions(p->node);
    // What this slice has used is not in the sum yet.
    total += (uint64_t)(SLICE_REDUCTIONS - process_left(p));
    return since_last(p, total, &p->node->last_reductions);
}

// Of all threads together.
static Term runtime(Process *p)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    uint64_t ms = (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000
                  + (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec)
                        / 1000;
    return since_last(p, ms, &p->node->last_runtime);
}

// Since the node's start.
static Term wall_clock(Process *p)
{
    int64_t ms = (clock_monotonic() - p->node->start_time) / 1000000;
    return since_last(p, (uint64_t)ms, &p->node->last_wall_clock);
}

// Processes that wait to run on scheduler [i], and [active]: that run there.
static size_t count_tasks(const Node *node, unsigned i, bool active)
{
    const Scheduler *s = node->schedulers[i];
    bool works = atomic_load_explicit(&s->sleeps_since,
                                      memory_order_relaxed) == 0;
    return atomic_load_explicit(&s->queued, memory_order_relaxed)
           + (active && works ? 1 : 0);
}

static size_t sum_tasks(const Node *node, bool active)
{
    size_t sum = 0;
    for (unsigned i = 0; i < node->scheduler_count; i++)
        sum += count_tasks(node, i, active);
    return sum;
}

// The same of all schedulers, and of the [more] dirty queues, which are not
// told: here all of that goes to the pool.
static Term list_tasks(Process *p, bool active, unsigned more)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (unsigned i = 0; i < more; i++)
        list = heap_cons(h, term_small(0), list);
    for (unsigned i = p->node->scheduler_count; i-- > 0;)
        list = heap_cons(h, heap_unsigned(h, count_tasks(p->node, i, active)),
                         list);
    return list;
}

// {Collections, WordsReclaimed, 0}
static Term collections(Process *p)
{
    Heap *h = process_heap(p);
    uint64_t n = 0, words = 0;
    for (unsigned i = 0; i < p->node->scheduler_count; i++) {
        const Scheduler *s = p->node->schedulers[i];
        n += atomic_load_explicit(&s->collections, memory_order_relaxed);
        words += atomic_load_explicit(&s->reclaimed, memory_order_relaxed);
    }
    return heap_tuple3(h, heap_unsigned(h, n), heap_unsigned(h, words),
                       term_small(0));
}

// Bytes of ports are not counted.
static Term io(Process *p)
{
    Heap *h = process_heap(p);
    Term in = heap_tuple2(h, ATOM_input, term_small(0));
    Term out = heap_tuple2(h, ATOM_output, term_small(0));
    return heap_tuple2(h, in, out);
}

// {Id, Active, Total} of scheduler [i], in ns; behind them stand the dirty ones,
// which are threads of the pool.
static Term wall_time(Process *p, unsigned i)
{
    Heap *h = process_heap(p);
    const Node *node = p->node;
    int64_t now = clock_monotonic();
    uint64_t total = (uint64_t)(now - node->start_time), slept = total;
    if (i < node->scheduler_count) {
        const Scheduler *s = node->schedulers[i];
        int64_t since = atomic_load(&s->sleeps_since);
        slept = atomic_load_explicit(&s->slept, memory_order_relaxed);
        // Asleep now: the time up to now counts, too.
        if (since != 0 && since < now) slept += (uint64_t)(now - since);
    }
    uint64_t active = slept < total ? total - slept : 0;
    if (i >= node->scheduler_count)
        active = pool_worked(node->pool, i - node->scheduler_count);
    return heap_tuple3(h, term_small(i + 1), heap_unsigned(h, active),
                       heap_unsigned(h, total));
}

// Of the schedulers and [more] others, if they were asked to measure it.
// undefined, as in OTP, while nobody asked.
static Term wall_times(Process *p, unsigned more)
{
    if (atomic_load(&p->node->wall_time_users) == 0) return ATOM_undefined;
    Term list = TERM_NIL;
    for (unsigned i = p->node->scheduler_count + more; i-- > 0;)
        list = heap_cons(process_heap(p), wall_time(p, i), list);
    return list;
}

// Unknown items are badarg.
Term bif_erlang_statistics_1(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    switch (args[0].bits) {
    case ATOM_BITS_context_switches:
        return heap_tuple2(h, heap_unsigned(h, sum_slices(p->node)),
                           term_small(0));
    case ATOM_BITS_exact_reductions:
    case ATOM_BITS_reductions:
        return reductions(p);
    case ATOM_BITS_garbage_collection:
        return collections(p);
    case ATOM_BITS_io:
        return io(p);
    case ATOM_BITS_run_queue:
    case ATOM_BITS_total_run_queue_lengths:
    case ATOM_BITS_total_run_queue_lengths_all:
        return heap_unsigned(h, sum_tasks(p->node, false));
    case ATOM_BITS_total_active_tasks:
    case ATOM_BITS_total_active_tasks_all:
        return heap_unsigned(h, sum_tasks(p->node, true));
    case ATOM_BITS_run_queue_lengths:
        return list_tasks(p, false, 1);
    case ATOM_BITS_run_queue_lengths_all:
        return list_tasks(p, false, 2);
    case ATOM_BITS_active_tasks:
        return list_tasks(p, true, 1);
    case ATOM_BITS_active_tasks_all:
        return list_tasks(p, true, 2);
    case ATOM_BITS_runtime:
        return runtime(p);
    case ATOM_BITS_wall_clock:
        return wall_clock(p);
    case ATOM_BITS_scheduler_wall_time:
        return wall_times(p, p->node->scheduler_count);
    case ATOM_BITS_scheduler_wall_time_all:
        return wall_times(p, p->node->scheduler_count + POOL_IO_SCHEDULERS);
    case ATOM_BITS_microstate_accounting:
        return microstate_list(p->node, process_heap(p));
    default:
        return bif_error(p, ATOM_badarg);
    }
}

// ---- flags ----
// Each answers the old value; badarg of a bad one, badopt of an unknown flag.

// The times are measured as long as somebody wants to know them.
// A count of users, since several may ask; the answer is whether anybody did.
static Term use_wall_time(Process *p, bool yes)
{
    int users = atomic_load(&p->node->wall_time_users);
    int wanted;
    do {
        wanted = yes ? users + 1 : users > 0 ? users - 1 : 0;
    } while (!atomic_compare_exchange_weak(&p->node->wall_time_users, &users,
                                           wanted));
    return users > 0 ? ATOM_true : ATOM_false;
}

// A process may end without switching off what it switched on: where the
// kernel runs, one of its processes counts for each.
// The kernel_refc process counts, and notices ends.
static Term ask_for_wall_time(Process *p, Term flag, bool yes)
{
    Term counter = registry_find(p->node->registry, ATOM_kernel_refc);
    if (term_is_none(counter) || term_same(counter, p->pid))
        return use_wall_time(p, yes);
    return bif_trap(p, ATOM_kernel_refc, ATOM_scheduler_wall_time, 1, &flag);
}

// Answers whether they were counted; they are from now on, or not, or begin
// anew.
static Term count_microstates(Node *node, bool switches, bool on)
{
    bool before = microstate_is_on(node);
    if (switches)
        microstate_switch(node, on);
    else
        microstate_reset(node);
    return before ? ATOM_true : ATOM_false;
}

// Who gets the messages of sequential tracing: a process or port of this node,
// {Module, State}, or false for nobody. Answers the one before.
static Term set_seq_tracer(Process *p, Term tracer)
{
    bool module = term_is_tuple_of(tracer, 2)
                  && term_is_atom(term_tuple_get(tracer, 0));
    bool off = term_same(tracer, ATOM_false);
    bool one = module || term_is_local_port(tracer)
               || term_is_local_pid(tracer);
    if (!off && (!one || !trace_lives(p->node, tracer)))
        return bif_error(p, ATOM_badarg);
    if (off) tracer = TERM_NONE;
    if (module)
        tracer = trace_module_new(p->node, term_tuple_get(tracer, 0),
                                  term_tuple_get(tracer, 1));
    Term old = atomic_exchange(&p->node->trace->seq_tracer, tracer);
    return term_is_none(old) ? ATOM_false : old;
}

// block stops all schedulers but one.
static Term set_blocking(Process *p, Term what)
{
    switch (what.bits) {
    case ATOM_BITS_block: online_block(p, BLOCK_ALL); break;
    case ATOM_BITS_unblock: online_unblock(p, BLOCK_ALL); break;
    case ATOM_BITS_block_normal: online_block(p, BLOCK_NORMAL); break;
    case ATOM_BITS_unblock_normal: online_unblock(p, BLOCK_NORMAL); break;
    default: return bif_error(p, ATOM_badarg);
    }
    return online_state(p->node);
}

// The limit of all processes to come that do not have one of their own.
// Kept in two atomics; a spawn in between may see one of them new.
static Term set_max_heap(Process *p, Term value)
{
    HeapDefaults *d = &p->node->heap_defaults;
    size_t size;
    uint8_t flags = (uint8_t)atomic_load(&d->max_heap_flags);
    if (!process_read_max_heap(value, &size, &flags))
        return bif_error(p, ATOM_badarg);
    Term old = process_limit_map(p->node, process_heap(p),
                                 atomic_load(&d->max_heap),
                                 atomic_load(&d->max_heap_flags));
    atomic_store(&d->max_heap, size);
    atomic_store(&d->max_heap_flags, flags);
    return old;
}

// The process that the runtime's own log events go to: the one before.
// Pid, logger, or undefined for nobody.
static Term set_logger(Process *p, Term to)
{
    if (!term_is_local_pid(to) && !term_same(to, ATOM_logger)
        && !term_same(to, ATOM_undefined))
        return bif_error(p, ATOM_badarg);
    Term before = process_logger(p->node);
    atomic_store(&p->node->system_logger, to);
    return before;
}

Term bif_erlang_system_flag_2(Process *p, const Term *args)
{
    size_t n;
    bool yes = term_same(args[1], ATOM_true);
    bool flag = yes || term_same(args[1], ATOM_false);
    bool number = bif_get_size(args[1], &n);
    HeapDefaults *d = &p->node->heap_defaults;
    switch (args[0].bits) {
    case ATOM_BITS_backtrace_depth:
        if (!number) break;
        return term_small(atomic_exchange(&p->node->backtrace_depth,
                                          (int)(n > 1024 ? 1024 : n)));
    case ATOM_BITS_fullsweep_after:
        if (!number) break;
        return term_small(atomic_exchange(&d->fullsweep_after,
                                          n > UINT16_MAX ? UINT16_MAX
                                                         : (unsigned)n));
    case ATOM_BITS_min_heap_size:
        // The old value is the answer, rounded as it was set.
        if (!number || n > MIN_HEAP_MOST) break;
        n = atomic_exchange(&d->min_heap,
                            n > MIN_HEAP_DEFAULT ? gc_rounded_size(n) : 0);
        return term_small(n == 0 ? MIN_HEAP_DEFAULT : (intptr_t)n);
    case ATOM_BITS_min_bin_vheap_size:
        if (!number || n > UINT32_MAX) break;
        n = atomic_exchange(&d->min_bin_vheap, (unsigned)gc_rounded_size(n));
        return term_small(n == 0 ? MIN_BIN_VHEAP_DEFAULT : (intptr_t)n);
    case ATOM_BITS_max_heap_size:
        return set_max_heap(p, args[1]);
    case ATOM_BITS_schedulers_online:
        if (number && n > 0 && n <= p->node->scheduler_count)
            return term_small(online_set(p->node, (unsigned)n));
        break;
    case ATOM_BITS_scheduler_wall_time:
        if (flag) return ask_for_wall_time(p, args[1], yes);
        break;
    case ATOM_BITS_microstate_accounting:
        if (!flag && !term_same(args[1], ATOM_reset)) break;
        return count_microstates(p->node, flag, yes);
    case ATOM_BITS_multi_scheduling:
        return set_blocking(p, args[1]);
    case ATOM_BITS_outstanding_system_requests_limit:
        // Modules are looked for in all processes at once: it limits nothing.
        if (!number || n == 0 || n > REQUESTS_MOST) break;
        return term_small((intptr_t)atomic_exchange(&p->node->requests_limit,
                                                    (unsigned)n));
    case ATOM_BITS_trace_control_word:
        if (!number || n > UINT32_MAX) break;
        return term_small((intptr_t)atomic_exchange(
            &p->node->trace->control_word, (uint32_t)n));
    case ATOM_BITS_time_offset:
        // The offset is final from the start.
        if (term_same(args[1], ATOM_finalize)) return ATOM_final;
        break;
    case ATOM_BITS_sequential_tracer:
        return set_seq_tracer(p, args[1]);
    case ATOM_BITS_system_logger:
        return set_logger(p, args[1]);
    case ATOM_BITS_reset_seq_trace:
        if (!yes) break;
        seq_trace_reset(p);
        return ATOM_true;
    default:
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    }
    return bif_error(p, ATOM_badarg);
}
