// SPDX-License-Identifier: Apache-2.0
// Pages: size classes, free lists, large blocks by mmap.
//
// Class 2k holds blocks of 2^k words, class 2k+1 of 3 * 2^(k-1). A free block's
// first word links it.
//
// Two classes for each power of two: at most a third of a block is wasted, and
// a heap that grows by half finds the next class.
#include "page.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "memory.h"

#define PAGE_BYTES ((uintptr_t)4096)

enum {
    CLASS_COUNT = 96,       // enough for any address space
    LEAST_BITS = 6,         // 64 words
    MAPPED_WORDS = 1 << 15, // from here on by mmap
    HUGE_BYTES = 2 << 20,   // size and alignment of a huge page
    KEPT_BYTES = 16 << 20,  // kept in a class: this, or two blocks
    LARGE_BYTES = 32 << 20  // from here on: none
};

// Lies in the block itself: a free one costs nothing besides.
typedef struct FreeBlock FreeBlock;
struct FreeBlock {
    FreeBlock *next;
};

struct PageCache {
    // Bytes; written by the cache's thread only.
    _Atomic int64_t taken;  // of blocks that are out
    _Atomic int64_t mapped; // those of them that are no blocks of malloc
    struct {
        FreeBlock *first; // newest first: the warmest goes out next
        size_t count;     // free ones
    } class[CLASS_COUNT];
};

bool page_is_mapped(size_t words)
{
    return page_round(words) >= MAPPED_WORDS;
}

PageCache *page_cache_new(void)
{
    return memory_zeroed(1, sizeof(PageCache));
}

static unsigned class_of(size_t words)
{
    if (words <= (size_t)1 << LEAST_BITS) return 2 * LEAST_BITS;
    unsigned k = 63 - (unsigned)__builtin_clzl(words - 1); // 2^k < words
    size_t middle = (size_t)3 << (k - 1);
    return words <= middle ? 2 * k + 1 : 2 * (k + 1);
}

static size_t class_words(unsigned class)
{
    size_t power = (size_t)1 << (class / 2);
    return class % 2 == 0 ? power : power + power / 2;
}

// Callers keep the rounded number as their room, and give the same back.
size_t page_round(size_t words)
{
    return class_words(class_of(words));
}

// Huge pages need an aligned start: maps more and unmaps what sticks out.
static void *map_aligned(size_t bytes)
{
    size_t room = bytes + HUGE_BYTES;
    // NORESERVE: pages are paid for when touched, and much of a nursery's
    // successor never is.
    uint8_t *p = mmap(NULL, room, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) memory_exhausted("eheap_alloc", bytes);
    size_t before = -(uintptr_t)p & (HUGE_BYTES - 1);
    if (before > 0) munmap(p, before);
    munmap(p + before + bytes, room - before - bytes);
    // A wish only: without huge pages it works as well.
    madvise(p + before, bytes, MADV_HUGEPAGE);
    return p + before;
}

static Term *take_from_system(size_t words)
{
    size_t bytes = words * sizeof(Term);
    // Small: malloc is as good, and knows how to reuse.
    if (words < MAPPED_WORDS) return memory_alloc(bytes);
    if (bytes >= HUGE_BYTES) return map_aligned(bytes);
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) memory_exhausted("eheap_alloc", bytes);
    return p;
}

// [words] is the class's size: it tells malloc's blocks from mapped ones.
static void give_to_system(void *block, size_t words)
{
    if (words < MAPPED_WORDS)
        free(block);
    else
        munmap(block, words * sizeof(Term));
}

// Blocks move between caches: each counts what went through it, and only the
// sum over all has a meaning. One writer, so no locked addition.
static void count(PageCache *cache, int64_t words)
{
    int64_t bytes = words * (int64_t)sizeof(Term);
    int64_t taken = page_cache_taken(cache) + bytes;
    atomic_store_explicit(&cache->taken, taken, memory_order_relaxed);
    if (words < MAPPED_WORDS && words > -MAPPED_WORDS) return;
    int64_t mapped = page_cache_mapped(cache) + bytes;
    atomic_store_explicit(&cache->mapped, mapped, memory_order_relaxed);
}

int64_t page_cache_mapped(const PageCache *cache)
{
    return atomic_load_explicit(&cache->mapped, memory_order_relaxed);
}

int64_t page_cache_taken(const PageCache *cache)
{
    return atomic_load_explicit(&cache->taken, memory_order_relaxed);
}

Term *page_take(PageCache *cache, size_t words)
{
    unsigned class = class_of(words);
    if (cache != NULL)
        count(cache, (int64_t)class_words(class));
    if (cache != NULL && cache->class[class].first != NULL) {
        FreeBlock *b = cache->class[class].first;
        cache->class[class].first = b->next;
        cache->class[class].count--;
        return (Term *)b;
    }
    return take_from_system(class_words(class));
}

static size_t most_kept(size_t words)
{
    // Each of these goes back at once.
    if (words * sizeof(Term) >= LARGE_BYTES) return 0;
    // At least two: a collection takes one while it gives one back.
    size_t count = KEPT_BYTES / (words * sizeof(Term));
    return count < 2 ? 2 : count;
}

void page_give(PageCache *cache, Term *block, size_t words)
{
    unsigned class = class_of(words);
    words = class_words(class);
    if (cache != NULL) count(cache, -(int64_t)words);
    if (cache == NULL || cache->class[class].count >= most_kept(words)) {
        give_to_system(block, words);
        return;
    }
    FreeBlock *b = (FreeBlock *)block;
    b->next = cache->class[class].first;
    cache->class[class].first = b;
    cache->class[class].count++;
}

// In steps of huge pages: to give back a part would split one.
void page_trim(Term *block, size_t used, size_t words)
{
    words = page_round(words);
    size_t page = HUGE_BYTES / sizeof(Term);
    used = (used + page - 1) & ~(page - 1);
    if (words * sizeof(Term) < HUGE_BYTES || used >= words) return;
    madvise(block + used, (words - used) * sizeof(Term), MADV_DONTNEED);
}

// Only whole pages in between; the contents are gone afterwards.
void page_forget(Term *from, const Term *to)
{
    uintptr_t begin = ((uintptr_t)from + PAGE_BYTES - 1) & -PAGE_BYTES;
    uintptr_t end = (uintptr_t)to & -PAGE_BYTES;
    if (begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
}

void page_prefer_huge(void *block, size_t bytes)
{
    uintptr_t mask = -(uintptr_t)HUGE_BYTES;
    uintptr_t begin = ((uintptr_t)block + HUGE_BYTES - 1) & mask;
    uintptr_t end = ((uintptr_t)block + bytes) & mask;
    if (begin < end) madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

static void empty_class(PageCache *cache, unsigned class)
{
    for (FreeBlock *b = cache->class[class].first; b != NULL;) {
        FreeBlock *next = b->next;
        give_to_system(b, class_words(class));
        b = next;
    }
    cache->class[class].first = NULL;
    cache->class[class].count = 0;
}

bool page_cache_is_empty(const PageCache *cache)
{
    for (unsigned i = 0; i < CLASS_COUNT; i++)
        if (cache->class[i].count > 0) return false;
    return true;
}

void page_cache_trim(PageCache *cache)
{
    for (unsigned i = 0; i < CLASS_COUNT; i++) empty_class(cache, i);
}

void page_cache_free(PageCache *cache)
{
    page_cache_trim(cache);
    free(cache);
}
