// SPDX-License-Identifier: Apache-2.0
// Process table: an array of slots, and epochs.
//
// Pids are given in order: process n has slot n modulo the limit (a power of
// two), the next free one when that is taken. So a pid is not used again for
// 2^28 processes.
//
//   pid data  SERIAL << 28 | NUMBER      slot = low bits of it
//
// Epochs: each stamp begins a new one; memory given up under a stamp is free
// when every reader has seen that epoch, or sleeps.
#include "process_table.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "memory.h"

typedef struct {
    _Alignas(64) _Atomic uint64_t seen; // epoch of its last quiet point
} Reader;

enum { ASLEEP = 0 }; // what [seen] of a sleeper is: it holds nothing

struct ProcessTable {
    _Atomic(Process *) *slots;           // NULL: free
    size_t limit;                        // power of two
    unsigned reader_count;               // schedulers
    Reader *readers;                     // one for each scheduler
    _Alignas(64) _Atomic uint64_t epoch; // grows with each stamp; from 1
    _Alignas(64) _Atomic uint64_t next;  // number of the next pid
    _Alignas(64) atomic_size_t count;    // taken slots, and those about to be
    _Alignas(64) atomic_uint foreign;    // threads between enter and leave
};

// A power of two, so that a mask finds the slot.
static size_t round_limit(size_t limit)
{
    if (limit == 0) limit = PROCESS_LIMIT_DEFAULT;
    if (limit > PROCESS_LIMIT_MOST) limit = PROCESS_LIMIT_MOST;
    size_t power = 1024;
    while (power < limit) power *= 2;
    return power;
}

// Slots come zeroed and take no memory before they are used.
static void *map_slots(size_t limit)
{
    void *p = mmap(NULL, limit * sizeof(Process *), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        memory_exhausted("proc_tab", limit * sizeof(Process *));
    return p;
}

ProcessTable *process_table_new(size_t limit, unsigned schedulers)
{
    ProcessTable *t = aligned_alloc(64, sizeof *t);
    size_t bytes = schedulers * sizeof(Reader);
    // Aligned as the fields ask for: no two writers share a line.
    Reader *readers = aligned_alloc(64, bytes);
    if (t == NULL || readers == NULL) memory_exhausted("proc_tab", bytes);
    memset(t, 0, sizeof *t);
    memset(readers, 0, bytes);
    t->limit = round_limit(limit);
    t->slots = map_slots(t->limit);
    t->readers = readers;
    t->reader_count = schedulers;
    atomic_init(&t->epoch, 1); // 0 is ASLEEP: that is no epoch
    return t;
}

void process_table_free(ProcessTable *t)
{
    munmap(t->slots, t->limit * sizeof(Process *));
    free(t->readers);
    free(t);
}

bool process_table_add(ProcessTable *t, Process *p)
{
    // Counted first: a count below the limit promises a free slot.
    if (atomic_fetch_add(&t->count, 1) >= t->limit) {
        atomic_fetch_sub(&t->count, 1);
        return false;
    }
    for (;;) {
        // Numbers are taken in order; on a taken slot the next is tried. Nobody
        // waits for another: each try is its own number.
        uint64_t n = atomic_fetch_add_explicit(&t->next, 1,
                                               memory_order_relaxed);
        _Atomic(Process *) *slot = &t->slots[n & (t->limit - 1)];
        Process *none = NULL;
        // A long-lived process sits there.
        if (atomic_load_explicit(slot, memory_order_relaxed) != NULL) continue;
        // The pid must stand before others can see the process.
        p->pid = term_local_pid(n);
        // Another may have come to the same slot, a whole round later.
        if (atomic_compare_exchange_strong(slot, &none, p)) return true;
    }
}

void process_table_remove(ProcessTable *t, Process *p)
{
    size_t i = term_id_data(p->pid) & (t->limit - 1);
    // The slot first: when the count has room, a slot is free.
    atomic_store(&t->slots[i], NULL);
    atomic_fetch_sub(&t->count, 1);
}

Process *process_table_find(const ProcessTable *t, Term pid)
{
    size_t i = term_id_data(pid) & (t->limit - 1);
    // The pid is compared, for another process may have the slot by now. Both
    // are readable: the memory is not reused before this thread's quiet point.
    Process *p = atomic_load(&t->slots[i]);
    return p != NULL && term_same(p->pid, pid) ? p : NULL;
}

size_t process_table_count(const ProcessTable *t)
{
    return atomic_load(&t->count);
}

size_t process_table_limit(const ProcessTable *t)
{
    return t->limit;
}

uint64_t process_table_next(const ProcessTable *t)
{
    return atomic_load(&t->next) & (UINT64_MAX >> TAG_IMMEDIATE_BITS);
}

void process_table_set_next(ProcessTable *t, uint64_t number)
{
    atomic_store(&t->next, number);
}

// Before the first round is over the slots beyond were never written.
size_t process_table_end(const ProcessTable *t)
{
    uint64_t next = atomic_load(&t->next);
    return next < t->limit ? (size_t)next : t->limit;
}

Process *process_table_at(const ProcessTable *t, size_t i)
{
    return atomic_load(&t->slots[i]);
}

// ---- grace periods ----

void process_table_quiet(ProcessTable *t, unsigned index, bool asleep)
{
    // Acquire: what was done before the stamp is seen by whoever has seen it.
    uint64_t now = atomic_load_explicit(&t->epoch, memory_order_acquire);
    _Atomic uint64_t *seen = &t->readers[index].seen;
    if (asleep) {
        // In sequential order: all look-ups of before are done by now.
        atomic_store(seen, ASLEEP);
        return;
    }
    uint64_t before = atomic_load_explicit(seen, memory_order_relaxed);
    if (before == now) return; // nothing new: no write, the line stays shared
    // Waking up must be seen before any look-up that follows; a later epoch
    // only tells what is over.
    if (before == ASLEEP)
        atomic_exchange(seen, now);
    else
        atomic_store_explicit(seen, now, memory_order_release);
}

// One counter for all of them: while anybody is inside no grace period ends.
// They are few and quick.
void process_table_enter(ProcessTable *t)
{
    atomic_fetch_add(&t->foreign, 1);
}

void process_table_leave(ProcessTable *t)
{
    atomic_fetch_sub(&t->foreign, 1);
}

bool process_table_has(ProcessTable *t, Term pid)
{
    process_table_enter(t);
    bool found = process_table_find(t, pid) != NULL;
    process_table_leave(t);
    return found;
}

// What was unlinked before this is not found by who sees the new epoch.
uint64_t process_table_stamp(ProcessTable *t)
{
    return atomic_fetch_add(&t->epoch, 1) + 1;
}

bool process_table_is_past(const ProcessTable *t, uint64_t stamp)
{
    for (unsigned i = 0; i < t->reader_count; i++) {
        uint64_t seen = atomic_load(&t->readers[i].seen);
        if (seen != ASLEEP && seen < stamp) return false;
    }
    return atomic_load(&t->foreign) == 0;
}
