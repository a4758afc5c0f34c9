// SPDX-License-Identifier: Apache-2.0
// Arenas: chunks that double in size, up to a megabyte.
#include "arena.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct ArenaChunk {
    ArenaChunk *next; // older
    size_t size; // of the whole chunk
};

// A module of a few lines takes one small chunk; a large one is asked of malloc
// only now and then, and wastes at most a megabyte.
enum { CHUNK_LEAST = 32768, CHUNK_MOST = 1 << 20, HEAD = 16 };

_Static_assert(sizeof(ArenaChunk) <= HEAD, "objects are aligned to 16");

void arena_init(Arena *a)
{
    *a = (Arena){0};
}

void arena_free(Arena *a)
{
    for (ArenaChunk *c = a->chunks; c != NULL;) {
        ArenaChunk *next = c->next;
        free(c);
        c = next;
    }
    arena_init(a);
}

void *arena_alloc_slow(Arena *a, size_t size)
{
    size_t room = CHUNK_LEAST;
    if (a->chunks != NULL) room = a->chunks->size * 2;
    if (room > CHUNK_MOST) room = CHUNK_MOST;
    // What is left of the chunk before is given up.
    if (room < size + HEAD) room = size + HEAD;
    ArenaChunk *c = memory_alloc(room);
    c->next = a->chunks;
    c->size = room;
    a->chunks = c;
    char *p = (char *)c + HEAD;
    a->top = p + size;
    a->limit = (char *)c + room;
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
