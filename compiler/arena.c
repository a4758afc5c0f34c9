// SPDX-License-Identifier: Apache-2.0
// Arenas: chunks that double in size, up to two megabytes; the largest lie on
// huge pages, where there are such.
//
// Nothing is ever given back but all of it, so an object costs its size and no
// more, and memory is the compiler's only cleaning up. Objects are aligned to
// 16 bytes.
#include "arena.h"

#include <string.h>

#include "page.h"

struct ArenaChunk {
    ArenaChunk *next; // older
    size_t words; // of the whole chunk
};

// In words. A module of a few lines takes one small chunk; a large one asks for
// more only now and then, and wastes two megabytes at most.
enum { CHUNK_LEAST = 4096, CHUNK_MOST = 1 << 18 };

enum { HEAD = 16 }; // bytes

_Static_assert(sizeof(ArenaChunk) <= HEAD, "objects are aligned to 16");

void arena_init(Arena *a)
{
    *a = (Arena){0};
}

void arena_free(Arena *a)
{
    for (ArenaChunk *c = a->chunks; c != NULL;) {
        ArenaChunk *next = c->next;
        page_give(NULL, (Term *)(void *)c, c->words);
        c = next;
    }
    arena_init(a);
}

// The new chunk is twice the last one, so the number of chunks is logarithmic
// up to the largest size.
void *arena_alloc_slow(Arena *a, size_t size)
{
    size_t words = CHUNK_LEAST, least = (size + HEAD) / sizeof(Term) + 1;
    if (a->chunks != NULL) words = a->chunks->words * 2;
    if (words > CHUNK_MOST) words = CHUNK_MOST;
    // What is left of the chunk before is given up.
    if (words < least) words = page_round(least);
    ArenaChunk *c = (ArenaChunk *)(void *)page_take(NULL, words);
    c->next = a->chunks;
    c->words = words;
    a->chunks = c;
    char *p = (char *)c + HEAD;
    a->top = p + size;
    a->limit = (char *)c + words * sizeof(Term);
    return p;
}

void *arena_zeroed(Arena *a, size_t size)
{
    return memset(arena_alloc(a, size), 0, size);
}

void *arena_grow(Arena *a, const void *items, size_t count, size_t *room,
                 size_t size)
{
    // Doubling: all that was ever left behind is smaller than what is in use.
    size_t more = count < 8 ? 8 : count * 2;
    void *moved = arena_alloc(a, more * size);
    if (count > 0) memcpy(moved, items, count * size);
    *room = more;
    return moved;
}
