// SPDX-License-Identifier: Apache-2.0
// What is told about heaps: sizes, as garbage_collection_info and traces have
// them, and the report of one that has grown past max_heap_size.
//
// Names and meaning are OTP's as far as this heap has the same parts; the rest
// is what comes nearest.
#include "gc.h"
#include "old_space.h"
#include "process_log.h"

// Each is the sum of the two before it at first, later a fifth more.
size_t gc_sizes(size_t *sizes)
{
    enum { SUMS = 23 }; // sums up to about a million words
    sizes[0] = 12;
    sizes[1] = 38;
    for (size_t i = 2; i < GC_SIZES; i++)
        sizes[i] = i < SUMS ? sizes[i - 1] + sizes[i - 2] + 1
                            : sizes[i - 1] + sizes[i - 1] / 5;
    return GC_SIZES;
}

size_t gc_rounded_size(size_t words)
{
    size_t sizes[GC_SIZES];
    size_t count = gc_sizes(sizes);
    for (size_t i = 0; i < count; i++)
        if (sizes[i] >= words) return sizes[i];
    return words;
}

static Term add(Heap *h, Term name, size_t n, Term list)
{
    return heap_cons(h, heap_tuple2(h, name, heap_unsigned(h, n)), list);
}

// Built from the last to the first.
Term gc_info(const Process *p, Heap *h)
{
    size_t used = gc_heap_used(p), size = gc_heap_size(p);
    size_t young = (size_t)(p->heap.top - p->nursery);
    // While a fragment is current the block ends earlier.
    if (p->heap.main_limit != NULL)
        young = (size_t)(p->heap.main_top - p->nursery);
    size_t mbuf = p->heap.fragment_words;
    size_t old_size = size - p->nursery_room - mbuf;
    size_t old_used = used - young - mbuf;
    size_t old_bytes = p->old == NULL ? 0 : p->old->counted_bytes;
    size_t recent = (size_t)(p->nursery_mark - p->nursery);
    Term list = TERM_NIL;
    list = add(h, ATOM_bin_old_vheap_block_size, MIN_BIN_VHEAP_DEFAULT, list);
    list = add(h, ATOM_bin_old_vheap_size, old_bytes / sizeof(Term), list);
    list = add(h, ATOM_bin_vheap_block_size, MIN_BIN_VHEAP_DEFAULT, list);
    list = add(h, ATOM_bin_vheap_size, p->heap.counted_bytes / sizeof(Term),
               list);
    list = add(h, ATOM_heap_size, young, list);
    list = add(h, ATOM_old_heap_size, old_used, list);
    list = add(h, ATOM_stack_size, (size_t)(p->stack_base - p->stack), list);
    list = add(h, ATOM_recent_size, recent, list);
    list = add(h, ATOM_mbuf_size, mbuf, list);
    list = add(h, ATOM_heap_block_size, p->nursery_room, list);
    return add(h, ATOM_old_heap_block_size, old_size, list);
}

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// Built beside the heap, which is too large already.
static void log_exceeded(Process *p)
{
    Heap h;
    heap_init(&h);
    Term args[] = {
        p->pid,
        heap_unsigned(&h, p->max_heap),
        heap_unsigned(&h, gc_heap_size(p)),
        boolean(p->max_heap_flags & MAX_HEAP_KILL),
        ATOM_true, // whether it is logged: it is
        heap_unsigned(&h, p->mailbox.count),
        gc_info(p, &h),
    };
    Term list = heap_list(&h, sizeof args / sizeof *args, args, TERM_NIL);
    process_log(p->node, ATOM_error,
                "     Process:            ~p ~n"
                "     Context:            maximum heap size reached~n"
                "     Max Heap Size:      ~p~n"
                "     Total Heap Size:    ~p~n"
                "     Kill:               ~p~n"
                "     Error Logger:       ~p~n"
                "     Message Queue Len:  ~p~n"
                "     GC Info:            ~p~n", list, p);
    heap_free(&h);
}

// Called by the collector and by stacks that grow, in the process's thread.
void process_heap_exceeded(Process *p)
{
    if (process_is_exiting(p)) return;
    if (p->max_heap_flags & MAX_HEAP_LOG) log_exceeded(p);
    if (p->max_heap_flags & MAX_HEAP_KILL) process_exit(p, ATOM_killed);
}
