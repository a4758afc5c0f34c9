// SPDX-License-Identifier: Apache-2.0
// Counted objects and blobs.
#include "counted.h"

#include <stdlib.h>

#include "memory.h"
#include "scheduler.h"

void counted_release(Counted *c)
{
    // acq_rel: all uses by others are done before it is destroyed.
    if (atomic_fetch_sub_explicit(&c->count, 1, memory_order_acq_rel) == 1)
        c->destroy(c);
}

// Counts [more] bytes, modulo the size of a word.
static void count_bytes(const Blob *blob, size_t more)
{
    if (blob->total != NULL)
        atomic_fetch_add_explicit(blob->total, more, memory_order_relaxed);
}

static void blob_destroy(Counted *c)
{
    const Blob *blob = (const Blob *)c;
    count_bytes(blob, 0 - blob->capacity);
    free(c);
}

// Once: a blob is counted at one place.
void blob_account(Blob *blob, atomic_size_t *total)
{
    if (blob->total != NULL) return;
    blob->total = total;
    count_bytes(blob, blob->capacity);
}

// Memory becomes a blob of [capacity] bytes, which are left as they are.
static Blob *init_blob(Blob *blob, size_t capacity)
{
    atomic_init(&blob->counted.count, 1);
    blob->counted.destroy = blob_destroy;
    blob->size = 0;
    blob->capacity = capacity;
    blob->total = NULL;
    // A thread of its own counts where it likes.
    Scheduler *self = scheduler_self();
    if (self != NULL) blob_account(blob, &self->binary_bytes);
    return blob;
}

Blob *blob_new(size_t capacity)
{
    return init_blob(memory_alloc(sizeof(Blob) + capacity), capacity);
}

// A smaller block is cut in place: no copy of the bytes.
Blob *blob_from_memory(void *memory, size_t size)
{
    Blob *blob = memory_resize(memory, sizeof *blob + size);
    blob = init_blob(blob, size);
    blob->size = size;
    return blob;
}

Blob *blob_resize(Blob *blob, size_t capacity)
{
    count_bytes(blob, capacity - blob->capacity);
    blob = memory_resize(blob, sizeof *blob + capacity);
    blob->capacity = capacity;
    return blob;
}
