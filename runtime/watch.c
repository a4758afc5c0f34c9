// SPDX-License-Identifier: Apache-2.0
// Watch: telling those who watch the system.
//
// Messages are built on heaps of their own, and sent as trace messages, which
// are not traced themselves.
#include "watch.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "code.h"
#include "gc.h"
#include "memory.h"
#include "process_table.h"
#include "signal.h"
#include "trace.h"

Watch *watch_new(void)
{
    Watch *w = memory_zeroed(1, sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    return w;
}

void watch_free(Watch *w)
{
    pthread_mutex_destroy(&w->lock);
    free(w);
}

// Sends {monitor, Pid, What, Info} unless it is about the watcher itself.
static void tell_monitor_of(Node *node, Term pid, Heap *h, Term what,
                            Term info)
{
    Watch *w = node->watch;
    pthread_mutex_lock(&w->lock);
    Term to = w->monitor;
    pthread_mutex_unlock(&w->lock);
    if (term_is_none(to) || term_same(to, pid)) return;
    if (!process_table_has(node->processes, to)) {
        // It has ended: nobody watches any more, unless another began to.
        pthread_mutex_lock(&w->lock);
        if (term_same(w->monitor, to))
            atomic_fetch_and(&w->flags, ~(uint32_t)WATCH_MONITOR);
        pthread_mutex_unlock(&w->lock);
        return;
    }
    Term parts[] = {ATOM_monitor, pid, what, info};
    signal_send_trace(node, to, heap_tuple(h, 4, parts));
}

static void tell_monitor(Process *p, Heap *h, Term what, Term info)
{
    tell_monitor_of(p->node, p->pid, h, what, info);
}

static void tell_busy(Node *node, Term pid, Term what, Term port)
{
    Heap h;
    heap_init(&h);
    tell_monitor_of(node, pid, &h, what, port);
    heap_free(&h);
}

void watch_port_busy(Node *node, Term pid, Term port)
{
    if (watch_is_on(node, WATCH_BUSY_PORT))
        tell_busy(node, pid, ATOM_busy_port, port);
}

void watch_dist_busy(Node *node, Term pid, Term port)
{
    if (watch_is_on(node, WATCH_BUSY_DIST_PORT))
        tell_busy(node, pid, ATOM_busy_dist_port, port);
}

// ---- heaps ----

static Term pair(Heap *h, Term name, uint64_t n)
{
    return heap_tuple2(h, name, heap_unsigned(h, n));
}

// A list of pairs, as system_monitor documents it.
static Term heap_info(Process *p, Heap *h)
{
    size_t used = gc_heap_used(p), size = gc_heap_size(p);
    size_t mbuf = p->heap.fragment_words;
    size_t young = (size_t)(p->heap.top - p->nursery);
    // A fragment is current: the block ends earlier.
    if (p->heap.main_limit != NULL)
        young = (size_t)(p->heap.main_top - p->nursery);
    Term items[] = {
        pair(h, ATOM_old_heap_block_size, size - p->nursery_room - mbuf),
        pair(h, ATOM_heap_block_size, p->nursery_room),
        pair(h, ATOM_mbuf_size, mbuf),
        pair(h, ATOM_stack_size, (size_t)(p->stack_base - p->stack)),
        pair(h, ATOM_old_heap_size, used - young - mbuf),
        pair(h, ATOM_heap_size, young),
    };
    return heap_list(h, sizeof items / sizeof *items, items, TERM_NIL);
}

int64_t watch_collects(const Process *p)
{
    int64_t now = clock_monotonic();
    unsigned ms = atomic_load_explicit(&p->node->watch->delay,
                                       memory_order_relaxed);
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    if (ms > 0) nanosleep(&t, NULL);
    return now;
}

// Both may be told of one collection.
void watch_collected(Process *p, int64_t ns)
{
    Watch *w = p->node->watch;
    uint32_t flags = atomic_load(&w->flags);
    uint64_t ms = (uint64_t)ns / 1000000;
    // The numbers are read together with nobody changing them.
    pthread_mutex_lock(&w->lock);
    bool is_long = (flags & WATCH_LONG_GC) && ms >= w->long_gc;
    bool is_large = (flags & WATCH_LARGE_HEAP)
                    && gc_heap_size(p) >= w->large_heap;
    pthread_mutex_unlock(&w->lock);
    Heap h;
    heap_init(&h);
    if (is_long)
        tell_monitor(p, &h, ATOM_long_gc,
                     heap_cons(&h, pair(&h, ATOM_timeout, ms),
                               heap_info(p, &h)));
    if (is_large) tell_monitor(p, &h, ATOM_large_heap, heap_info(p, &h));
    heap_free(&h);
}

// ---- running ----

static Term function_at(Process *p, Heap *h, const CodeWord *pc)
{
    CodePlace place;
    if (!code_place(p->node, pc, &place)) return ATOM_undefined;
    return heap_tuple3(h, place.module, place.function,
                       term_small((intptr_t)place.arity));
}

void watch_ran(Process *p, const CodeWord *in, int64_t ns)
{
    Watch *w = p->node->watch;
    uint64_t ms = (uint64_t)ns / 1000000;
    pthread_mutex_lock(&w->lock);
    bool is_long = ms >= w->long_schedule;
    pthread_mutex_unlock(&w->lock);
    if (!is_long) return;
    Heap h;
    heap_init(&h);
    // In and out: where the slice began and where it ended.
    Term items[] = {
        pair(&h, ATOM_timeout, ms),
        heap_tuple2(&h, ATOM_in, function_at(p, &h, in)),
        heap_tuple2(&h, ATOM_out, function_at(p, &h, p->pc)),
    };
    tell_monitor(p, &h, ATOM_long_schedule,
                 heap_list(&h, 3, items, TERM_NIL));
    heap_free(&h);
}

// ---- profile ----

// Sends {profile, parts..., Time} to the profiler.
static void tell_profiler(Node *node, Heap *h, unsigned n, const Term *parts)
{
    enum { MOST = 8 };
    Watch *w = node->watch;
    Term all[MOST] = {ATOM_profile};
    pthread_mutex_lock(&w->lock);
    Term to = w->profiler;
    uint32_t stamp = w->stamp;
    pthread_mutex_unlock(&w->lock);
    // Not about itself.
    if (term_is_none(to) || term_same(to, parts[0])) return;
    memcpy(all + 1, parts, n * sizeof *parts);
    all[n + 1] = trace_stamp(node, h, stamp);
    signal_send_trace(node, to, heap_tuple(h, n + 2, all));
}

static Term state(bool active)
{
    return active ? ATOM_active : ATOM_inactive;
}

// 0 in place of a function that is not known.
void watch_process(Process *p, bool active)
{
    Heap h;
    heap_init(&h);
    CodePlace place;
    Term function = term_small(0);
    if (code_place(p->node, p->pc, &place))
        function = function_at(p, &h, p->pc);
    Term parts[] = {p->pid, state(active), function};
    tell_profiler(p->node, &h, 3, parts);
    heap_free(&h);
}

// The number says how many run besides, after this change.
void watch_scheduler(Node *node, unsigned index, bool active)
{
    Heap h;
    heap_init(&h);
    uint64_t idle = atomic_load(&node->idle);
    intptr_t busy = (intptr_t)node->scheduler_count
                    - __builtin_popcountll(idle);
    Term parts[] = {ATOM_scheduler, term_small((intptr_t)index + 1),
                    state(active), term_small(busy)};
    tell_profiler(node, &h, 4, parts);
    heap_free(&h);
}
