// SPDX-License-Identifier: Apache-2.0
// Sizes of nurseries.
#include "nursery.h"

#include "gc.h"

void nursery_give(Process *p, PageCache *pages)
{
    if (p->nursery != nursery_first(p))
        page_give(pages, p->nursery, p->nursery_room);
}

void nursery_set(Process *p, Term *block, size_t room, Term *top)
{
    p->nursery = block;
    p->nursery_room = room;
    p->heap.top = top;
    p->nursery_mark = top; // all that is there has survived once
}

void nursery_set_limit(Process *p, size_t need)
{
    Heap *h = &p->heap;
    size_t free = (size_t)(p->nursery + p->nursery_room - h->top);
    size_t used = (size_t)(h->top - p->nursery);
    size_t wanted = p->nursery_size;
    // A small nursery counts what survived as part of its size; a full-sized
    // one always has the whole size free, so that the work of a collection is
    // spread over as many words.
    if (wanted < NURSERY_MOST) wanted -= used < wanted ? used : wanted;
#ifdef MERLE_STRESS_GC
    wanted = 0;
#endif
    if (wanted < need) wanted = need;
    // The rest above the limit stays untouched, and out of the cache.
    h->limit = h->top + (wanted < free ? wanted : free);
    assert((size_t)(h->limit - h->top) >= need);
}

// A nursery that is half full after a collection was too small. A process that
// has been collected often without waiting once makes much garbage: it gets
// more room for it, that what lives is copied less often, and gives that back
// when it is collected seldom. Deep stacks are gone through by every
// collection, so they want few of them.
void nursery_adapt(Process *p, size_t need)
{
    // OFTEN: collections without a rest; BUSY_WORDS of room for each of them up
    // to BUSY_MOST; ROOMY_MOST: as far as a busy process with little that lives
    // may grow, still inside an L1 or L2 cache.
    enum { OFTEN = 8, BUSY_WORDS = 32, BUSY_MOST = 2048, ROOMY_MOST = 16384 };
    size_t used = (size_t)(p->heap.top - p->nursery) + need;
    size_t stack = (size_t)(p->stack_base - p->stack);
    size_t size = p->nursery_size, busy = p->busy;
    // Halved only when it has been at rest: shrinking a busy heap would only
    // make it grow again.
    if (busy == 0 && size > FIRST_HEAP && used < size / 8) size /= 2;
    // Steps in proportion to how busy it is ...
    while (size < BUSY_MOST && size < busy * BUSY_WORDS) size *= 2;
    // ... then larger ones if an eighth or more of it lives ...
    while (busy >= OFTEN && size < ROOMY_MOST && used > size / 8) size *= 2;
    // ... and in any case so that half is free.
    while (size < NURSERY_MOST && used > size / 2) size *= 2;
    if (busy < UINT16_MAX) p->busy++; // 0 again when it waits
    if (size < p->min_heap) size = p->min_heap;
    if (size < stack / 2) size = stack / 2;
    p->nursery_size = size;
}
