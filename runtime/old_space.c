// SPDX-License-Identifier: Apache-2.0
// The old space: its chunks and when it is worth a collection.
#include "old_space.h"

#include <stdlib.h>

#include "memory.h"

// 128 KB to begin with, 2 MB at most: a chunk is one huge page then, and its
// unused rest is small beside what it holds.
enum { CHUNK_LEAST = 16384, CHUNK_MOST = 262144 }; // words

// What is not worth a full collection: 4 MB, and 64 MB of binaries, which cost
// a collection nothing.
enum { WORDS_LEAST = 524288, COUNTED_LEAST = 64 << 20 };

OldSpace *old_space_new(void)
{
    OldSpace *old = memory_zeroed(1, sizeof *old);
    old->limit = WORDS_LEAST;
    old->counted_limit = COUNTED_LEAST;
    return old;
}

void old_space_free(OldSpace *old, PageCache *pages)
{
    // A heap to hang the rest on: heap_free knows how it is freed.
    Heap heap;
    heap_init(&heap);
    heap.counted = old->counted;
    heap.fragments = old->adopted;
    heap_free(&heap);
    old_space_free_chunks(pages, old->first);
    free(old);
}

// ---- chunks ----

Chunk *old_space_chunk(PageCache *pages, size_t words)
{
    // To a size class: the rest is room too.
    size_t room = page_round(words + CHUNK_HEADER);
    Chunk *chunk = (Chunk *)page_take(pages, room);
    chunk->next = NULL;
    chunk->room = room;
    chunk->top = chunk->words;
    return chunk;
}

void old_space_free_chunks(PageCache *pages, Chunk *chunk)
{
    while (chunk != NULL) {
        Chunk *next = chunk->next;
        page_give(pages, (Term *)chunk, chunk->room);
        chunk = next;
    }
}

// Each chunk is twice the one before; one very large object gets a chunk of its
// own.
static size_t next_room(const OldSpace *old, size_t words)
{
    size_t room = old->last == NULL ? CHUNK_LEAST : old->last->room * 2;
    if (room > CHUNK_MOST) room = CHUNK_MOST;
    return room < words + CHUNK_HEADER ? words + CHUNK_HEADER : room;
}

Chunk *old_space_extend(OldSpace *old, PageCache *pages, size_t words)
{
    Chunk *chunk =
        old_space_chunk(pages, next_room(old, words) - CHUNK_HEADER);
    if (old->last == NULL) {
        old->first = chunk;
    } else {
        // [used] counts closed chunks only; the last one's top is asked for
        old->used += (size_t)(old->last->top - old->last->words);
        old->last->next = chunk;
    }
    old->last = chunk;
    return chunk;
}

void old_space_restart(OldSpace *old, Chunk *chunk)
{
    old->first = old->last = chunk;
    old->adopted = NULL;
    old->used = 0;
    old->counted = NULL;
    old->counted_bytes = 0;
}

// ---- how much there is ----

void old_space_set_limits(OldSpace *old, size_t before)
{
    enum { SMALL = 1 << 21 }; // 16 MB
    size_t used = old_space_used(old), bytes = old->counted_bytes;
    // Twice what lives: full collections then cost a constant share of what is
    // allocated, however large the heap is. One that found little garbage was
    // not worth its time: the next one comes later, while that is cheap.
    old->limit = used * (used < SMALL && used > before / 4 * 3 ? 4 : 2);
    if (old->limit < WORDS_LEAST) old->limit = WORDS_LEAST;
    old->counted_limit = bytes * 2;
    if (old->counted_limit < COUNTED_LEAST) old->counted_limit = COUNTED_LEAST;
}

size_t old_space_used(const OldSpace *old)
{
    if (old == NULL) return 0;
    const Chunk *last = old->last;
    return old->used + (last == NULL ? 0 : (size_t)(last->top - last->words));
}

size_t old_space_size(const OldSpace *old)
{
    size_t n = 0;
    if (old == NULL) return 0;
    for (const Chunk *c = old->first; c != NULL; c = c->next) n += c->room;
    for (const Fragment *f = old->adopted; f != NULL; f = f->next)
        n += f->size;
    return n;
}
