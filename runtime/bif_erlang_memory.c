// SPDX-License-Identifier: Apache-2.0
// erlang:memory. What lies in pages and literals is counted where it is taken
// and given back, the rest is what malloc knows.
// All of it read without stopping anybody, so the sums are of slightly
// different moments.
#include "bif.h"
#include "code_module.h"
#include "ets.h"
#include "literal.h"
#include "memory.h"
#include "memory_info.h"
#include "page.h"
#include "pool.h"
#include "process.h"
#include "process_table.h"
#include "runtime_bifs.gen.h"
#include "scheduler.h"

// Counters of schedulers may be negative for a moment, when memory goes from
// one to the other.
void memory_info_measure(Node *node, MemoryInfo *m)
{
    int64_t pages = 0, mapped = 0;
    *m = (MemoryInfo){0};
    for (unsigned i = 0; i < node->scheduler_count; i++) {
        const Scheduler *s = node->schedulers[i];
        pages += page_cache_taken(s->pages);
        mapped += page_cache_mapped(s->pages);
        m->binaries += atomic_load_explicit(&s->binary_bytes,
                                            memory_order_relaxed);
    }
    pool_count_pages(node->pool, &pages, &mapped);
    // A process's own block, besides its heap's pages.
    size_t blocks = process_table_count(node->processes) * process_block_size();
    m->processes = blocks;
    if (pages > 0) m->processes += (size_t)pages;
    m->atoms = atom_table_bytes(node->atoms, &m->atoms_used);
    m->code = code_bytes(node);
    m->ets = ets_bytes(node);
    // Blocks of processes that have ended are kept for others: not in use.
    size_t in_use = memory_in_use(), kept = process_blocks_allocated(node);
    m->total = literal_area_used(node->literals) + blocks
               + (in_use > kept ? in_use - kept : 0);
    if (mapped > 0) m->total += (size_t)mapped;
    // Some mallocs tell nothing.
    size_t least = m->processes + m->atoms + m->binaries + m->code + m->ets;
    if (m->total < least) m->total = least;
}

// used is the same as allocated here.
static Term memory_item(Process *p, const MemoryInfo *m, Term name)
{
    Heap *h = process_heap(p);
    switch (name.bits) {
    case ATOM_BITS_total:
        return heap_unsigned(h, m->total);
    case ATOM_BITS_processes:
    case ATOM_BITS_processes_used:
        return heap_unsigned(h, m->processes);
    case ATOM_BITS_system:
        // What is not of processes.
        return heap_unsigned(h, m->total - m->processes);
    case ATOM_BITS_atom:
        return heap_unsigned(h, m->atoms);
    case ATOM_BITS_atom_used:
        return heap_unsigned(h, m->atoms_used);
    case ATOM_BITS_binary:
        return heap_unsigned(h, m->binaries);
    case ATOM_BITS_code:
        return heap_unsigned(h, m->code);
    case ATOM_BITS_ets:
        return heap_unsigned(h, m->ets);
    default:
        return TERM_NONE;
    }
}

// [{Name, Bytes}] of the names in [list]; TERM_NONE when one is none.
// In the order of the names.
static Term memory_list(Process *p, const MemoryInfo *m, size_t n,
                        const Term *names)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    while (n-- > 0) {
        Term value = memory_item(p, m, names[n]);
        if (term_is_none(value)) return value;
        list = heap_cons(h, heap_tuple2(h, names[n], value), list);
    }
    return list;
}

// OTP's items in OTP's order.
Term bif_erlang_memory_0(Process *p, const Term *args)
{
    MemoryInfo m;
    Term names[] = {ATOM_total, ATOM_processes, ATOM_processes_used,
                    ATOM_system, ATOM_atom, ATOM_atom_used, ATOM_binary,
                    ATOM_code, ATOM_ets};
    memory_info_measure(p->node, &m);
    return memory_list(p, &m, sizeof names / sizeof *names, names);
}

// One name, or a list of them; longer lists have names twice.
Term bif_erlang_memory_1(Process *p, const Term *args)
{
    MemoryInfo m;
    Term names[16], list = args[0], answer;
    size_t n = 0;
    memory_info_measure(p->node, &m);
    if (term_is_list(list)) {
        for (; term_is_cons(list) && n < 16; list = term_tail(list))
            names[n++] = term_head(list);
        answer = term_is_nil(list) ? memory_list(p, &m, n, names) : TERM_NONE;
    } else {
        answer = memory_item(p, &m, list);
    }
    return term_is_none(answer) ? bif_error(p, ATOM_badarg) : answer;
}
