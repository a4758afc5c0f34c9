// SPDX-License-Identifier: Apache-2.0
// Memory of malloc that cannot fail.
#include "memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crash_dump.h"

// The text is OTP's: tools look for it in crash dumps. Nothing is freed first,
// for the dump must show what was there.
void memory_exhausted(const char *text, size_t size)
{
    char slogan[160];
    snprintf(slogan, sizeof slogan,
             "%s: Cannot allocate %zu bytes of memory (of type \"heap\").",
             text, size);
    crash_dump(NULL, slogan);
    _exit(1); // what runs at an ordinary end might want memory
}

// By itself malloc gives every larger block back at once, and its pages come
// anew with a fault each.
void memory_init(void)
{
    enum { MAPPED = 32 << 20, KEPT = 64 << 20 };
    // A block of this size goes back when freed.
    mallopt(M_MMAP_THRESHOLD, MAPPED);
    // Free bytes at the top of the arena that are kept.
    mallopt(M_TRIM_THRESHOLD, KEPT);
}

// Takes long: called when a scheduler has been idle.
void memory_trim(void)
{
    malloc_trim(0);
}

void *memory_alloc(size_t size)
{
    void *block = malloc(size);
    // Of size 0 it may be NULL.
    if (block == NULL && size > 0) memory_exhausted("heap_alloc", size);
    return block;
}

void *memory_zeroed(size_t count, size_t size)
{
    void *block = calloc(count, size);
    if (block == NULL && count > 0)
        memory_exhausted("heap_alloc", count * size);
    return block;
}

void *memory_resize(void *block, size_t size)
{
    void *moved = realloc(block, size);
    if (moved == NULL && size > 0) memory_exhausted("heap_realloc", size);
    return moved;
}

// By half: the old block can be used again by a later step, unlike with
// doubling; appending stays linear in sum.
void *memory_grow(void *block, size_t *count, size_t least, size_t size)
{
    size_t wanted = *count + *count / 2;
    if (wanted < least) wanted = least;
    // The product would overflow.
    if (wanted > SIZE_MAX / size) memory_exhausted("heap_realloc", SIZE_MAX);
    *count = wanted;
    return memory_resize(block, wanted * size);
}

// Arena blocks and those that malloc has mapped.
size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
