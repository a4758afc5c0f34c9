// SPDX-License-Identifier: Apache-2.0
// The stack of a process: where it lies, and how it grows and shrinks.
//
// It grows downwards in a block of its own; the first one lies behind the
// first heap. No word of it points into it, so it is moved by a copy.
#include "gc.h"
#include "instruction.h"
#include "page.h"
#include "scheduler.h"

// Behind the first heap, which lies behind the control block.
static Term *first_stack(Process *p)
{
    return (Term *)(p + 1) + FIRST_HEAP;
}

void gc_free_stack(Process *p)
{
    if (p->stack_limit != first_stack(p))
        page_give(process_pages(p), p->stack_limit,
                  (size_t)(p->stack_base - p->stack_limit));
}

void gc_init_stack(Process *p)
{
    p->stack_limit = first_stack(p);
    p->stack_guard = p->stack_limit + FRAME_SLACK;
    p->stack_base = p->stack = p->stack_limit + FIRST_STACK;
}

static void move_stack(Process *p, Term *block, size_t room)
{
    // Filled from above: y registers keep their distance to stack_base.
    size_t used = (size_t)(p->stack_base - p->stack);
    Term *top = block + room - used;
    // No word of it points into the stack itself, so a copy is all.
    memcpy(top, p->stack, used * sizeof(Term));
    gc_free_stack(p);
    p->stack_limit = block;
    // Room for small frames without a test.
    p->stack_guard = block + FRAME_SLACK;
    p->stack_base = block + room;
    p->stack = top;
}

enum { LARGE_STACK = 1 << 17 }; // words

void gc_grow_stack(Process *p, size_t need)
{
    size_t used = (size_t)(p->stack_base - p->stack);
    // Pages of a large block that are never touched cost nothing, and each
    // smaller block on the way would: fewer steps then.
    size_t times = used < LARGE_STACK / 8 || p->max_heap != 0 ? 2 : 4;
    size_t room = page_round(times * used + need);
    move_stack(p, page_take(process_pages(p), room), room);
    if (p->max_heap != 0 && room > p->max_heap) process_heap_exceeded(p);
}

// A stack that needs little of its room goes to a smaller block.
void gc_shrink_stack(Process *p)
{
    size_t used = (size_t)(p->stack_base - p->stack);
    size_t room = (size_t)(p->stack_base - p->stack_limit);
    if (room == FIRST_STACK) return; // the least one already
    if (used <= FIRST_STACK) {
        move_stack(p, first_stack(p), FIRST_STACK);
    } else if (page_round(2 * used) < room) {
        room = page_round(2 * used);
        move_stack(p, page_take(process_pages(p), room), room);
    }
}

void gc_rest(Process *p)
{
    size_t used = (size_t)(p->stack_base - p->stack);
    size_t room = (size_t)(p->stack_base - p->stack_limit);
    if (room < LARGE_STACK || used > room / 8) return;
    // The pages go back to the system, whatever block it is: the next deep
    // recursion pays for them again.
    page_forget(p->stack_limit, p->stack);
    gc_shrink_stack(p);
}
