// SPDX-License-Identifier: Apache-2.0
// The block that a process makes its terms in, and how large it is to be.
//
// nursery_size is what is aimed at, nursery_room what there is; what lies
// below nursery_mark has survived a collection.
#ifndef MERLE_NURSERY_H
#define MERLE_NURSERY_H

#include "page.h"
#include "process.h"

// The first one, FIRST_HEAP words in the process's own block.
static inline Term *nursery_first(Process *p)
{
    return (Term *)(p + 1);
}

// Gives the block back; the first one stays.
void nursery_give(Process *p, PageCache *pages);

// Makes [block], filled up to [top], the nursery.
void nursery_set(Process *p, Term *block, size_t room, Term *top);

// Sets where it ends for now: so that nursery_size words are free, or [need],
// or what there is.
void nursery_set_limit(Process *p, size_t need);

// After a collection: how large the next one is to be.
void nursery_adapt(Process *p, size_t need);

#endif
