// SPDX-License-Identifier: Apache-2.0
// Pages: blocks of words for heaps and stacks, kept by size class for each
// scheduler. Fresh memory is dear (a page fault a 4 KB page), so a freed block
// waits for the next that wants its size; big blocks lie on huge pages.
//
// Sizes are 2^k and 3 * 2^(k-1) words. Any cache may take any block back.
//
// A cache belongs to a scheduler's thread. Without one (NULL) blocks come from
// the system and go there at once: for foreign threads and for what is taken
// once.
#ifndef MERLE_PAGE_H
#define MERLE_PAGE_H

#include "term.h"

typedef struct PageCache PageCache;

PageCache *page_cache_new(void);
void page_cache_free(PageCache *cache);

// Whether blocks of [words] are the system's own mappings, and none of malloc.
bool page_is_mapped(size_t words);

// Words that a block for [words] words really has.
size_t page_round(size_t words);

// A block of page_round(words) words, not cleared. [cache] may be NULL.
Term *page_take(PageCache *cache, size_t words);

// Gives a block of page_round(words) words back. [cache] may be NULL.
void page_give(PageCache *cache, Term *block, size_t words);

// Tells the system that the words from [used] on need no memory for now;
// worth it for large blocks only.
void page_trim(Term *block, size_t used, size_t words);

// The same for the words between [from] and [to], of any block that is given
// back next.
void page_forget(Term *from, const Term *to);

// Has the system put huge pages where [bytes] of any memory are not touched
// yet: a fault for each small one would take longer than to fill it.
void page_prefer_huge(void *block, size_t bytes);

// Bytes that were taken from this cache less those given to it. Any thread.
int64_t page_cache_taken(const PageCache *cache);

// Those of them that malloc does not know of.
int64_t page_cache_mapped(const PageCache *cache);

bool page_cache_is_empty(const PageCache *cache);

// Gives blocks that nobody wanted for long back to the system. Called when the
// scheduler has been idle for some time.
void page_cache_trim(PageCache *cache);

#endif
