// SPDX-License-Identifier: Apache-2.0
// Magic references.
#include "magic.h"

Term magic_ref_new(Node *node, Heap *h, Counted *object)
{
    uint64_t id = atomic_fetch_add(&node->unique_plain, 1);
    Term *box = heap_alloc(h, 1 + MAGIC_REF_ARITY);
    box[0] = term_header(SUBTAG_REF, MAGIC_REF_ARITY);
    box[COUNTED_OBJECT].bits = (uintptr_t)object;
    box[3].bits = id;
    box[4].bits = UINT32_MAX; // made by no scheduler
    box[5].bits = 0;
    heap_link_counted(h, box);
    return term_from_box(box);
}

Counted *magic_object(Term t, void (*destroy)(Counted *))
{
    if (!term_is_magic_ref(t)) return NULL;
    Counted *object = counted_object(t);
    return object->destroy == destroy ? object : NULL;
}
