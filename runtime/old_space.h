// SPDX-License-Identifier: Apache-2.0
// What of a process's heap has survived twice: a list of chunks that is filled
// at its end, and large messages, which stay where they are. The collector
// fills it.
#ifndef MERLE_OLD_SPACE_H
#define MERLE_OLD_SPACE_H

#include "page.h"
#include "process.h"

typedef struct Chunk Chunk;
struct Chunk {
    Chunk *next; // filled after this one
    size_t room; // words of the block, of which this is the start
    Term *top;   // first free word
    Term words[];
};

enum { CHUNK_HEADER = sizeof(Chunk) / sizeof(Term) };

struct OldSpace {
    Chunk *first, *last;  // oldest, and the one that is filled; both NULL: none
    Fragment *adopted;    // large messages, which stay where they are
    size_t used;          // words in those, and in all chunks but the last
    size_t limit;         // a full collection when more is used
    Term *counted;        // as in a Heap
    size_t counted_bytes; // of them
    size_t counted_limit; // a full collection when there are more
};

OldSpace *old_space_new(void);

// Frees it, with its chunks and messages, and releases what is counted.
void old_space_free(OldSpace *old, PageCache *pages);

// A chunk with room for [words] at least.
Chunk *old_space_chunk(PageCache *pages, size_t words);

static inline Term *old_space_chunk_end(Chunk *c)
{
    return (Term *)c + c->room;
}

// Frees the list of [chunk].
void old_space_free_chunks(PageCache *pages, Chunk *chunk);

// Puts a chunk with room for [words] at the end; the top of the one before
// must stand.
Chunk *old_space_extend(OldSpace *old, PageCache *pages, size_t words);

// After a full collection: only what is in [chunk], all that there is.
void old_space_restart(OldSpace *old, Chunk *chunk);

// Sets when the next full collection is due. [before] words were in use when
// the last one began.
void old_space_set_limits(OldSpace *old, size_t before);

// Words in use; [old] may be NULL.
size_t old_space_used(const OldSpace *old);

// Words that there are; [old] may be NULL.
size_t old_space_size(const OldSpace *old);

#endif
