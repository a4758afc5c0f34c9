// SPDX-License-Identifier: Apache-2.0
// Counted: an object outside all heaps, shared by reference count. Large
// binaries (Blob) are counted, and what magic references stand for (tables,
// atomics, resources).
//
// A heap keeps its references in a list through the boxed terms themselves:
//
//   COUNTED  [header | next | Blob *    | size | flags ]
//   REF      [header | next | Counted * | id0  | id1   | unused]   magic
//
// "next" is the raw address of the next such header, or 0. When a heap dies,
// heap_free releases each object of the list; the collector keeps the list of
// what it moved and releases the rest.
//
// The last release may happen on any thread, so destroy must not rely on where
// it runs.
#ifndef MERLE_COUNTED_H
#define MERLE_COUNTED_H

#include <stdatomic.h>

#include "term.h"

typedef struct Counted Counted;
struct Counted {
    atomic_size_t count;      // references; starts at 1
    void (*destroy)(Counted *); // called when the count falls to 0
};

typedef struct {
    Counted counted; // must be first
    size_t size;     // bytes in use
    size_t capacity; // bytes there are
    atomic_size_t *total; // what its bytes are counted in; NULL: nothing
    uint8_t bytes[];
} Blob;

enum { // words of a COUNTED term and of a magic REF
    COUNTED_NEXT = 1,
    COUNTED_OBJECT = 2,
    COUNTED_SIZE = 3,
    COUNTED_FLAGS = 4,
    COUNTED_ARITY = 4,
    MAGIC_REF_ARITY = 5
};

static inline void counted_keep(Counted *c)
{
    // Relaxed: whoever copies a reference holds one, so it cannot be the last.
    atomic_fetch_add_explicit(&c->count, 1, memory_order_relaxed);
}

// Gives one reference back; the last one destroys the object.
void counted_release(Counted *c);

// A new blob of [capacity] bytes, size 0, count 1. Its bytes are those of the
// caller's scheduler; other threads say where they count by blob_account.
Blob *blob_new(size_t capacity);
void blob_account(Blob *blob, atomic_size_t *total);

// A blob made of [memory] of malloc, which it takes: the header goes to its
// first sizeof(Blob) bytes, [size] bytes stand behind them.
Blob *blob_from_memory(void *memory, size_t size);

// Gives a blob that nobody else refers to another capacity; it may move.
Blob *blob_resize(Blob *blob, size_t capacity);

// The object a COUNTED term or magic reference leads to.
static inline Counted *counted_object(Term t)
{
    return (Counted *)term_box_ptr(t)[COUNTED_OBJECT].bits;
}

static inline Blob *counted_blob(Term t)
{
    assert(term_subtag(t) == SUBTAG_COUNTED);
    return (Blob *)term_box_ptr(t)[COUNTED_OBJECT].bits;
}

static inline bool term_is_magic_ref(Term t)
{
    return term_has_subtag(t, SUBTAG_REF) && term_arity(t) == MAGIC_REF_ARITY;
}

#endif
