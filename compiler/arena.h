// SPDX-License-Identifier: Apache-2.0
// Arena: memory that is taken piece by piece and freed all at once. Everything
// the compiler makes of one module lies in one arena.
#ifndef MERLE_ARENA_H
#define MERLE_ARENA_H

#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct {
    ArenaChunk *chunks; // newest first
    char *top, *limit;  // free part of the newest chunk
} Arena;

// Takes no memory yet.
void arena_init(Arena *a);

// Gives back all that was taken; [a] is then as new.
void arena_free(Arena *a);

// A new chunk with room for [size] bytes; arena_alloc's slow path.
void *arena_alloc_slow(Arena *a, size_t size);

// [size] bytes, aligned for any object, not cleared.
static inline void *arena_alloc(Arena *a, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if ((size_t)(a->limit - a->top) < size) return arena_alloc_slow(a, size);
    void *p = a->top;
    a->top += size;
    return p;
}

// The same, cleared.
void *arena_zeroed(Arena *a, size_t size);

// An array of [count] items of [size] bytes doubled; [*room] is set. The old
// array stays where it is.
void *arena_grow(Arena *a, const void *items, size_t count, size_t *room,
                 size_t size);

#endif
