// SPDX-License-Identifier: Apache-2.0
// NifResource: an object of a library and what the parts of nif/ know of it.
// The library has a pointer to [object]; the counts are merle's.
#ifndef MERLE_NIF_RESOURCE_H
#define MERLE_NIF_RESOURCE_H

#include "nif_part.h"
#include "ref.h"

typedef struct {
    Counted counted;          // must be first
    ErlNifResourceType *type; // whose destructor ends it
    size_t size;              // of [object]
    RefId id;                 // of all its references
    NifWatch *watches;        // processes it watches; under the table's lock
    // The library's own data, aligned for any type.
    _Alignas(16) uint8_t object[];
} NifResource;

// From the library's pointer to ours.
static inline NifResource *nif_resource_of(void *object)
{
    return (NifResource *)((uint8_t *)object - offsetof(NifResource, object));
}

// A reference to [r], which takes a count of its own.
Term nif_resource_term(Heap *h, NifResource *r);

// Counts one more unless the last is gone already.
// False: it is being destroyed on another thread.
bool nif_resource_keep(NifResource *r);

// Ends what [r] watches, which is being destroyed.
// The watched processes are told to forget it.
void nif_watch_end(NifResource *r);

#endif
