// SPDX-License-Identifier: Apache-2.0
// Counted objects and blobs.
#include "counted.h"

#include <stdlib.h>

#include "memory.h"

void counted_release(Counted *c)
{
    if (atomic_fetch_sub_explicit(&c->count, 1, memory_order_acq_rel) == 1)
        c->destroy(c);
}

static void blob_destroy(Counted *c)
{
    free(c);
}

Blob *blob_new(size_t capacity)
{
    Blob *blob = memory_alloc(sizeof *blob + capacity);
    atomic_init(&blob->counted.count, 1);
    blob->counted.destroy = blob_destroy;
    blob->size = 0;
    blob->capacity = capacity;
    return blob;
}
