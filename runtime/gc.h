// SPDX-License-Identifier: Apache-2.0
// Collection of a process's heap; called by the instruction loop and between
// slices only.
//
// A young heap is one block, copied whole when it is full. From
// GENERATIONAL_LEAST words on it is a nursery: what lies below the mark has
// survived a collection before and moves to the old space, what lies above
// moves to the bottom of the next nursery. Old terms never point to younger
// ones, so a minor collection looks at roots and at the nursery only.
//
// The old space is a list of chunks that is filled at its end. When it has
// doubled since, a full collection copies all that lives into one new chunk.
// Large messages join it as they come.
//
// All of a heap with its stack:
//
//   nursery          mark                 top      limit     room
//   | survived once  | made since          |  free  |  spare  |
//   old -> [chunk] -> [chunk] -> [chunk, filled up to top]
//          adopted fragments
//   stack_limit    guard         stack                 stack_base
//   |  slack       |    free     | y0 y1 .. frame .. frame |
//
// Nothing here locks: the thread that runs the process collects its heap, and
// nobody else reads it.
#ifndef MERLE_GC_H
#define MERLE_GC_H

#include "process.h"

enum {
    NURSERY_MOST = 65536,      // words; then it does not grow any more
    // below that a copy of all is cheaper than to keep two generations
    GENERATIONAL_LEAST = 4096, // words of a nursery that lets terms grow old
    FRAGMENTS_LEAST = 2048,    // words in fragments that are worth a look
    ADOPTED_OLD = 32768,       // words of a message that is old when it comes
    MIN_HEAP_DEFAULT = 233     // what min_heap_size is said to be
};

// The sizes of heaps that are spoken of, in words: the least one that is not
// less than [words]. Heaps themselves grow by other steps.
enum { GC_SIZES = 59 }; // as many as OTP's table has
size_t gc_sizes(size_t *sizes);
size_t gc_rounded_size(size_t words);

// Whether fragments of more than [p]->fragments_most words ask for a
// collection; if not, it raises that number.
// Cheap; for the loop to ask after a BIF that built in fragments.
bool gc_fragments_are_many(Process *p);

// Makes room for [need] words in the main block of p->heap. Roots are the
// stack from p->stack on, p's own terms, its mailbox, and [live] registers at
// [x]. Minor or full as it sees fit.
void gc_collect(Process *p, size_t need, Term *x, unsigned live);

// Whether the next collection, of a process that runs, is better done in the
// pool: REASON_COLLECT.
bool gc_is_long(const Process *p);

// A full collection (garbage_collect/0) that shrinks what can be, the stack
// too: as after gc_grow_stack, p->stack and its bounds change.
void gc_full(Process *p, Term *x, unsigned live);

// Makes what is on [from], which refers to nothing but itself and literals, a
// part of the old space, uncopied. [from] is empty then.
void gc_adopt(Process *p, Heap *from);

// Makes what is on [from] a part of the heap, uncopied, old where it is large.
// [from] is empty then.
void gc_join(Process *p, Heap *from);

// Grows the stack so that [need] words fit below p->stack. Terms stay where
// they are; p->stack, _limit and _base change.
void gc_grow_stack(Process *p, size_t need);

// The process is about to wait: gives back what a deep recursion has left of a
// very large stack.
void gc_rest(Process *p);

// Gives a stack that needs little of its room a smaller block.
void gc_shrink_stack(Process *p);

// The parts of gc_init and gc_free that have to do with the stack.
void gc_init_stack(Process *p);
void gc_free_stack(Process *p);

// Sets up the first heap and stack in the memory behind [p].
void gc_init(Process *p);

// Frees all heap, old space and stack of an ended process.
void gc_free(Process *p);

// Words in use: nursery, old space, fragments.
size_t gc_heap_used(const Process *p);

// Words that there are: blocks of nursery and old space, fragments.
size_t gc_heap_size(const Process *p);

// The sizes as garbage_collection_info lists them: [{heap_size, N}, ...].
Term gc_info(const Process *p, Heap *h);

// Calls [visit] for every word that the process refers to terms by: for the
// search for literals and the like.
typedef void (*GcVisit)(void *context, Term *root);
void gc_visit_roots(Process *p, Term *x, unsigned live, GcVisit visit,
                    void *context);

#endif
