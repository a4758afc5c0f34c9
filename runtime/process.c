// SPDX-License-Identifier: Apache-2.0
// Processes: their start, waking, and end.
//
// A process's memory is one block: control block, first heap, first stack.
// Blocks are carved out of slabs and kept in a free list of each scheduler;
// what one has too much of is shared through the node, a chain at a time.
//
//   | Process | heap, FIRST_HEAP words | stack, FIRST_STACK words |
//
// A block is dead from process_finish on, and given back (process_release) only
// when no scheduler and no other thread can still hold it: see process_table.h.
// Its address is never returned to the system before the node ends, so a stale
// pointer reads a process at least, or zeros: the pages of slabs where nobody
// lives go back when the node is idle.
#include "process.h"

#include <stdlib.h>

#include "code.h"
#include "copy.h"
#include "dictionary.h"
#include "dist.h"
#include "dist_damaged.h"
#include "gc.h"
#include "memory.h"
#include "nif.h"
#include "page.h"
#include "pool.h"
#include "print.h"
#include "process_log.h"
#include "process_table.h"
#include "registry.h"
#include "relation.h"
#include "saved_calls.h"
#include "scheduler.h"
#include "seq_trace.h"
#include "signal.h"
#include "timer.h"
#include "trace.h"
#include "watch.h"

// ---- memory ----

enum {
    // Rounded to 16, for a Process holds things that are aligned so.
    BLOCK_BYTES = (sizeof(Process) + (FIRST_HEAP + FIRST_STACK) * sizeof(Term)
                   + 15) & ~15,
    SLAB_BYTES = 64 << 10,       // of few processes
    LARGE_SLAB_BYTES = 2 << 20,  // a huge page, of many
    SHARED_CHAIN = 256,          // processes that are shared at a time
    FREE_MOST = 4 * SHARED_CHAIN // free ones that a scheduler keeps
};

// For memory statistics: what a process takes at least.
size_t process_block_size(void)
{
    return BLOCK_BYTES;
}

struct ProcessSlab {
    ProcessSlab *next;    // all slabs of the node, newest first
    size_t words;         // of this block from page_take
    size_t count;         // of processes that it can hold
    size_t idle;          // of them that are free; while slabs are trimmed
    uint32_t carvings;    // how often it was carved
    atomic_bool is_empty; // its pages were given back: it is to be carved
    _Alignas(16) uint8_t blocks[];
};

size_t process_blocks_allocated(Node *node)
{
    size_t bytes = 0;
    for (ProcessSlab *s = atomic_load(&node->slabs); s != NULL; s = s->next)
        if (!page_is_mapped(s->words))
            bytes += page_round(s->words) * sizeof(Term);
    return bytes;
}

// When the node ends there is no pool any more, whoever is dirty.
PageCache *process_pages(const Process *p)
{
    if (!process_is_dirty(p)) return process_home(p)->pages;
    return p->node->pool == NULL ? NULL : pool_pages(p->node->pool);
}

void process_collect_now(Process *p)
{
    if (p->flags & PROCESS_WANTS_SHRINK)
        gc_full(p, p->saved, p->live);
    else
        gc_collect(p, 0, p->saved, p->live);
}

// The blocks of a slab, linked by next.
static Process *carve(ProcessSlab *slab)
{
    Process *first = NULL;
    uint32_t life = slab->carvings++ << 16; // other ones than before
    // From the end, so that blocks are handed out in the order of addresses.
    for (size_t i = slab->count; i-- > 0;) {
        Process *p = (Process *)(slab->blocks + i * BLOCK_BYTES);
        p->next = first;
        p->life = life;
        first = p;
    }
    return first;
}

// Carves a new slab of [bytes] into processes.
static Process *new_slab(Node *node, size_t bytes, size_t *count)
{
    size_t words = bytes / sizeof(Term);
    ProcessSlab *slab = (ProcessSlab *)page_take(NULL, words);
    slab->words = words;
    slab->count = *count = (bytes - sizeof *slab) / BLOCK_BYTES;
    slab->carvings = 0;
    atomic_init(&slab->is_empty, false);
    // Only pushed to until the node ends: no ABA, so a plain stack does.
    slab->next = atomic_load(&node->slabs);
    while (!atomic_compare_exchange_weak(&node->slabs, &slab->next, slab)) {
    }
    return carve(slab);
}

// Carves a slab whose pages were given back; NULL when there is none.
static Process *old_slab(Node *node, size_t *count)
{
    for (ProcessSlab *s = atomic_load(&node->slabs); s != NULL; s = s->next) {
        if (!atomic_load_explicit(&s->is_empty, memory_order_relaxed)
            || !atomic_exchange(&s->is_empty, false))
            continue;
        *count = s->count;
        return carve(s);
    }
    return NULL;
}

// Many processes lie in large slabs, on huge pages.
// Small ones first: an idle node is to stay small.
static size_t slab_bytes(const Node *node)
{
    size_t many = LARGE_SLAB_BYTES / BLOCK_BYTES;
    return process_table_count(node->processes) < many ? SLAB_BYTES
                                                       : LARGE_SLAB_BYTES;
}

// First what others have too many of, then fresh memory.
static void refill(Scheduler *s)
{
    Node *node = s->node;
    // All of it at once: taking one would need protection against ABA.
    s->free = atomic_exchange(&node->free_processes, NULL);
    s->free_count = 0;
    for (Process *p = s->free; p != NULL; p = p->next) s->free_count++;
    if (s->free == NULL) s->free = old_slab(node, &s->free_count);
    if (s->free != NULL) return;
    s->free = new_slab(node, slab_bytes(node), &s->free_count);
}

static Process *take_block(Node *node, Scheduler *s)
{
    if (s == NULL) { // the first process, or one of a foreign thread
        size_t count;
        return new_slab(node, sizeof(ProcessSlab) + BLOCK_BYTES, &count);
    }
    if (s->free == NULL) refill(s);
    Process *p = s->free;
    s->free = p->next;
    s->free_count--;
    return p;
}

// Hands [first] and those behind it to whoever needs some; none without.
static void share(Node *node, Process *first)
{
    Process *last = first;
    if (first == NULL) return;
    while (last->next != NULL) last = last->next;
    last->next = atomic_load(&node->free_processes);
    while (!atomic_compare_exchange_weak(&node->free_processes, &last->next,
                                         first)) {
    }
}

static void share_blocks(Scheduler *s)
{
    Process *first = s->free, *last = first;
    for (int i = 1; i < SHARED_CHAIN; i++) last = last->next;
    s->free = last->next;
    s->free_count -= SHARED_CHAIN;
    last->next = NULL;
    share(s->node, first);
}

// The last one freed is used again first: it is warm.
void process_release(Scheduler *s, Process *p)
{
    p->next = s->free;
    s->free = p;
    if (++s->free_count > FREE_MOST) share_blocks(s);
}

// ---- giving memory back ----
// What is free is counted slab by slab; of large ones where all is, the pages
// go back. One scheduler does so at a time, for it uses [idle] of the slabs.

static int compare_slabs(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)*(ProcessSlab *const *)a;
    uintptr_t y = (uintptr_t)*(ProcessSlab *const *)b;
    return x < y ? -1 : x > y;
}

// All slabs in the order of their addresses, with nothing idle; malloc'ed.
static ProcessSlab **list_slabs(Node *node, size_t *count)
{
    size_t n = 0, i = 0;
    ProcessSlab *newest = atomic_load(&node->slabs);
    for (ProcessSlab *s = newest; s != NULL; s = s->next) n++;
    ProcessSlab **list = memory_alloc(n * sizeof *list);
    for (ProcessSlab *s = newest; s != NULL; s = s->next) {
        s->idle = 0;
        list[i++] = s;
    }
    qsort(list, n, sizeof *list, compare_slabs);
    *count = n;
    return list;
}

// The slab that [p] lies in: the last one in front of it.
static ProcessSlab *slab_of(ProcessSlab **list, size_t count, const Process *p)
{
    size_t low = 0;
    while (count > 1) {
        size_t half = count / 2;
        if ((uintptr_t)list[low + half] < (uintptr_t)p) low += half;
        count -= half;
    }
    return list[low];
}

static bool is_unused(const ProcessSlab *s)
{
    return s->idle == s->count && s->words * sizeof(Term) >= LARGE_SLAB_BYTES;
}

// Takes those of unused slabs out of the free processes from [p] on.
static Process *without_unused(ProcessSlab **list, size_t count, Process *p)
{
    Process *kept = NULL;
    while (p != NULL) {
        Process *next = p->next;
        if (!is_unused(slab_of(list, count, p))) {
            p->next = kept;
            kept = p;
        }
        p = next;
    }
    return kept;
}

static void forget_unused(ProcessSlab **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ProcessSlab *s = list[i];
        if (!is_unused(s)) continue;
        page_forget((Term *)s->blocks, (Term *)s + s->words);
        atomic_store(&s->is_empty, true); // last: from here on it is carved
    }
}

void process_trim(Scheduler *s)
{
    Node *node = s->node;
    share(node, s->free);
    s->free = NULL;
    s->free_count = 0;
    if (atomic_exchange(&node->trims_processes, true)) return;
    size_t count;
    // All of it at once, as ever; others carve new slabs if they must.
    Process *all = atomic_exchange(&node->free_processes, NULL);
    ProcessSlab **list = list_slabs(node, &count);
    for (Process *p = all; p != NULL; p = p->next)
        slab_of(list, count, p)->idle++;
    all = without_unused(list, count, all);
    forget_unused(list, count);
    free(list);
    share(node, all);
    atomic_store(&node->trims_processes, false);
}

void process_free_slabs(Node *node)
{
    ProcessSlab *slab = atomic_exchange(&node->slabs, NULL);
    while (slab != NULL) {
        ProcessSlab *next = slab->next;
        page_give(NULL, (Term *)slab, slab->words);
        slab = next;
    }
}

// ---- start ----

void spawn_options_init(SpawnOptions *o, const Process *parent)
{
    // What OTP has for each spawn without options; the defaults of the system
    // (system_flag) count only for processes that processes start.
    *o = (SpawnOptions){.args = TERM_NIL, .monitor_options = TERM_NIL,
                        .request = TERM_NONE, .reply_tag = TERM_NONE,
                        .fullsweep_after = UINT16_MAX,
                        .priority = PRIORITY_NORMAL};
    o->max_heap_flags = MAX_HEAP_KILL | MAX_HEAP_LOG;
    o->group_leader = parent == NULL ? TERM_NONE : parent->group_leader;
    if (parent != NULL) spawn_options_default(o, parent->node);
}

void spawn_options_default(SpawnOptions *o, const Node *node)
{
    const HeapDefaults *d = &node->heap_defaults;
    if (d->off_heap_messages) o->flags |= PROCESS_OFF_HEAP_MESSAGES;
    o->min_heap = atomic_load_explicit(&d->min_heap, memory_order_relaxed);
    o->max_heap = atomic_load_explicit(&d->max_heap, memory_order_relaxed);
    o->max_heap_flags = (uint8_t)atomic_load_explicit(&d->max_heap_flags,
                                                      memory_order_relaxed);
    o->fullsweep_after = (uint16_t)atomic_load_explicit(&d->fullsweep_after,
                                                        memory_order_relaxed);
    o->min_bin_vheap = atomic_load_explicit(&d->min_bin_vheap,
                                            memory_order_relaxed);
}

static void init_machine(Process *p, const SpawnOptions *o)
{
    // As if x0:x1(x2) had just been called there.
    p->pc = code_spawn_entry(p->node);
    p->saved = p->own_saved;
    p->saved_room = PROCESS_SAVED_REGISTERS;
    p->live = 3;
    p->saved[0] = o->module;
    p->saved[1] = o->function;
    p->saved[2] = copy_term(p->node, &p->heap, o->args);
    p->initial_call[0] = o->module;
    p->initial_call[1] = o->function;
    p->initial_call[2] = term_small(term_list_length(o->args));
}

// From the parent's heap, or another's, to the child's own.
static Term inherited_leader(Process *p, const SpawnOptions *o)
{
    if (!term_is_none(o->group_leader))
        return copy_term(p->node, &p->heap, o->group_leader);
    // The pid is known by now: the slot was taken before.
    return p->pid; // the first process leads itself
}

// A larger first nursery, for those who ask.
static void set_min_heap(Process *p, size_t words)
{
    process_set_min_heap(p, words); // never less than was asked for
    if (words <= FIRST_HEAP) return;
    p->nursery_size = p->nursery_room = page_round(words);
    p->nursery = page_take(NULL, words);
    p->nursery_mark = p->heap.top = p->nursery;
    // The whole block may be filled at once.
    p->heap.limit = p->nursery + p->nursery_room;
}

static Process *new_process(Node *node, Process *parent, Scheduler *s,
                            const SpawnOptions *o)
{
    Process *p = take_block(node, s);
    // A reused block holds what another process left.
    uint32_t life = p->life + 1;
    memset(p, 0, sizeof *p);
    p->life = life;
    p->node = node;
    gc_init(p);
    // 233 is what everybody has by name; the real first heap is smaller.
    if (o->min_heap > MIN_HEAP_DEFAULT)
        set_min_heap(p, gc_rounded_size(o->min_heap));
    mailbox_init(&p->mailbox);
    p->max_heap = o->max_heap;
    p->max_heap_flags = o->max_heap_flags;
    p->fullsweep_after = o->fullsweep_after;
    if (o->min_bin_vheap != 0)
        p->min_bin_vheap = (uint32_t)gc_rounded_size(o->min_bin_vheap);
    p->priority = o->priority;
    p->flags = o->flags;
    p->seq_token = TERM_NIL;
    p->parent = parent == NULL ? TERM_NONE : parent->pid;
    process_set_state(p, PROCESS_RUNNABLE);
    atomic_init(&p->home, s == NULL ? node->schedulers[0] : s);
    init_machine(p, o);
    return p;
}

// Links and monitors exist before the child runs.
static void relate(Process *parent, Process *child, const SpawnOptions *o,
                   Term *ref)
{
    if (o->link) {
        // Both sides at once, without signals: nobody else knows the child yet.
        RefId key = relation_link_key(parent->pid);
        relation_add(child, RELATION_LINK, key)->other = parent->pid;
        key = relation_link_key(child->pid);
        relation_add(parent, RELATION_LINK, key)->other = child->pid;
    }
    if (o->monitor) {
        RefId id = ref_id_new(parent->node);
        relation_add(child, RELATION_MONITORED, id)->other = parent->pid;
        *ref = relation_add_monitor(parent, id, child->pid, TERM_NONE,
                                    o->monitor_options);
    }
}

Term process_spawn(Node *node, Process *parent, const SpawnOptions *o,
                   Term *ref)
{
    Scheduler *s = scheduler_self();
    // A scheduler of another node in the same program.
    if (s != NULL && s->node != node) s = NULL;
    Process *p = new_process(node, parent, s, o);
    if (!process_table_add(node->processes, p)) {
        // A full table is system_limit, as in OTP; all is taken back.
        gc_free(p);
        if (s != NULL) process_release(s, p);
        process_log(node, ATOM_error, "Too many processes~n~n", TERM_NIL, NULL);
        return TERM_NONE;
    }
    // From here on others find it, but it runs only when it is in a queue.
    p->group_leader = inherited_leader(p, o);
    if (parent != NULL) relate(parent, p, o, ref);
    if (o->prepare != NULL) o->prepare(p, o->prepare_with);
    trace_spawned(parent, p, o);
    Term pid = p->pid;
    // On the parent's scheduler: the arguments are warm, and a message to it
    // costs no lock.
    if (s != NULL)
        scheduler_enqueue(s, p);
    else
        scheduler_give(node->schedulers[0], p);
    return pid;
}

// ---- waking ----

void process_wake(Process *p)
{
    ProcessState state = process_state(p);
    // An ending process is not held back by a suspension.
    bool stopped = (p->flags & PROCESS_SUSPENDED) && !process_is_exiting(p);
    // Runnable and running ones look for themselves.
    if (state != PROCESS_WAITING && state != PROCESS_STOPPED) return;
    if (stopped) {
        process_set_state(p, PROCESS_STOPPED);
        return;
    }
    // The end waits for nobody, whoever keeps the schedulers busy.
    if (process_is_exiting(p)) p->priority = PRIORITY_MAX;
    process_set_state(p, PROCESS_RUNNABLE);
    if (state == PROCESS_WAITING && watch_is_on(p->node, WATCH_PROCESSES))
        watch_process(p, true);
    scheduler_enqueue(process_home(p), p);
}

// ---- end ----

void process_exit(Process *p, Term reason)
{
    // The first reason stays: what comes later reaches a dead process.
    if (process_is_exiting(p)) return;
    p->exit_reason = reason;
    p->flags |= PROCESS_EXIT_PENDING;
    // A running one stops at its next test of reductions.
    process_set_left(p, 0);
    process_wake(p);
}

void process_own(Process *p, Owned *owned)
{
    // [link] is the place that points here, so removing needs no search.
    owned->next = p->owned;
    owned->link = &p->owned;
    if (owned->next != NULL) owned->next->link = &owned->next;
    p->owned = owned;
}

void process_disown(Owned *owned)
{
    *owned->link = owned->next;
    if (owned->next != NULL) owned->next->link = owned->link;
}

// Each may start others' signals, or free tables; the list is taken from the
// front, for an owner_exit may disown others. False when the slice is over
// before the list is empty.
static bool exit_owned(Process *p)
{
    enum { REDUCTIONS_EACH = 20 };
    while (p->owned != NULL && p->reductions > 0) {
        Owned *owned = p->owned;
        // Off the list first: owner_exit frees it.
        process_disown(owned);
        p->reductions -= REDUCTIONS_EACH;
        owned->owner_exit(p, owned);
    }
    return p->owned == NULL;
}

// Tells the other party of one relation.
static void break_relation(Process *p, const Relation *r)
{
    Signal *s;
    if (r->connection != 0) { // on another node
        dist_break(p, r);
        return;
    }
    switch (r->kind) {
    case RELATION_LINK:
        s = signal_new(SIGNAL_LINK_EXIT, p->pid);
        s->message = copy_term(p->node, &s->heap, p->exit_reason);
        // A normal end is nobody's concern.
        if (seq_trace_is_on(p) && !term_same(p->exit_reason, ATOM_normal))
            seq_trace_stamp(p, s, r->other);
        signal_push(p->node, r->other, s);
        break;
    case RELATION_MONITORED:
        s = signal_new(SIGNAL_DOWN, p->pid);
        s->ref = r->key;
        s->message = copy_term(p->node, &s->heap, p->exit_reason);
        if (seq_trace_is_on(p)) seq_trace_stamp(p, s, r->other);
        signal_push(p->node, r->other, s);
        break;
    case RELATION_MONITOR:
        // The other one is told that nobody watches any more.
        signal_demonitor(p, r);
        break;
    case RELATION_RESOURCE:
        nif_watch_fire(p->node, r->key);
        break;
    default:
        break;
    }
}

// False when the slice is over, or a connection is busy, before all are told.
static bool break_relations(Process *p)
{
    enum { REDUCTIONS_EACH = 20 };
    const Relation *r;
    while (p->reductions > 0
           && (r = relation_next_broken(p->relations)) != NULL) {
        p->reductions -= REDUCTIONS_EACH;
        break_relation(p, r);
        if (p->flags & PROCESS_DIST_BUSY) return false;
    }
    if (p->reductions <= 0) return false;
    relation_free_all(p);
    return true;
}

// Gives a dead process's block back when nobody can hold it any more. If it
// is still in a list of processes to look at, whoever finds it there does so.
static void retire(Scheduler *s, Process *p)
{
    process_set_state(p, PROCESS_DEAD);
    // Exchanged, not read: a nudge at the same moment either finds it set or is
    // found here.
    if (!atomic_exchange(&p->posted, true)) scheduler_bury(s, p);
}

static void free_parts(Process *p)
{
    dictionary_clear(p);
    process_free_suspends(p);
    dist_damaged_free(p);
    mailbox_free(&p->mailbox);
    trace_free(p);
    if (p->saved != p->own_saved) free(p->saved);
    gc_free(p);
}

// Those who look for it do not find it any more, and hear that it has ended.
static void part(Process *p)
{
    // In this order: who registers it meanwhile looks at the table afterwards.
    process_table_remove(p->node->processes, p);
    Term name = atomic_load(&p->name);
    if (!term_is_none(name))
        registry_remove(p->node->registry, name, p->pid);
    // From here on senders get an answer that it is gone.
    signal_close(p);
}

void process_leave(Process *p, Term reason)
{
    p->exit_reason = reason;
    if (p->flags & PROCESS_TRACED) trace_ended(p);
    part(p);
    // At once, for its BIF runs on: it waits for nobody.
    const Relation *r;
    while ((r = relation_next_broken(p->relations)) != NULL)
        break_relation(p, r);
    relation_free_all(p);
    process_resume_all(p);
    // The reason lay in the signal, which goes now.
    p->exit_reason = ATOM_killed;
    p->gone = true;
}

// Without the first process nothing could be asked of the node, not even to
// end.
static void crash_node(const Process *p)
{
    static const char text[] = "System process <0.0.0> terminated: ";
    PrintOptions options;
    Buffer slogan;
    print_options_init(&options);
    buffer_init(&slogan);
    buffer_add(&slogan, text, sizeof text - 1);
    print_write(p->node, &slogan, p->exit_reason, &options);
    buffer_add_byte(&slogan, 0);
    node_crash(p->node, (char *)slogan.bytes);
}

// All but what may take long.
static void begin_end(Process *p)
{
    p->flags |= PROCESS_ENDING;
    p->flags &= ~(uint32_t)PROCESS_DIST_BUSY; // what it waited for is nothing
    process_set_state(p, PROCESS_EXITING);
    if (term_same(p->pid, term_local_pid(0))) crash_node(p);
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_set(p, 0);
    if (p->gone) return; // others know it already
    // Its heap still stands: logs and tracers are shown terms of it.
    process_log_exit(p);
    if (p->flags & PROCESS_TRACED) trace_ended(p);
    // A timer that fires later would touch a dead process.
    timer_cancel_receive(p);
    part(p);
}

// The slice of [p] is over, or a connection that it has to tell of its end is
// busy. It may go on at once on another scheduler: nothing of it is touched
// then.
static void pause_end(Scheduler *s, Process *p)
{
    if (p->flags & PROCESS_TRACED) trace_scheduled(p, ATOM_out_exiting);
    p->priority = PRIORITY_NORMAL; // it was to begin at once, no more
    if (!(p->flags & PROCESS_DIST_BUSY) || !dist_ending_wait(p))
        scheduler_enqueue(s, p);
}

void process_finish(Scheduler *s, Process *p)
{
    if (!(p->flags & PROCESS_ENDING)) begin_end(p);
    p->reductions = SLICE_REDUCTIONS;
    // Tables go before links break, so that heirs hear of them first.
    if (!exit_owned(p) || !break_relations(p)) {
        pause_end(s, p);
        return;
    }
    // Whoever it has suspended goes on.
    process_resume_all(p);
    if (p->flags & PROCESS_TRACED) trace_scheduled(p, ATOM_out_exited);
    // Exit signals have their own copies of the reason by now.
    free_parts(p);
    retire(s, p);
}

void process_free_ending(Process *p)
{
    relation_free_all(p);
    free_parts(p);
}

// For the node's end: schedulers have stopped, so nothing is told.
void process_free(Process *p)
{
    signal_close(p);
    process_free_ending(p);
}

// Bracketed, since the caller need not be a scheduler.
bool process_lives(Node *node, Term pid)
{
    process_table_enter(node->processes);
    const Process *p = process_table_find(node->processes, pid);
    bool lives = p != NULL && !process_is_exiting(p);
    process_table_leave(node->processes);
    return lives;
}
