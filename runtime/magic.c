// SPDX-License-Identifier: Apache-2.0
// Magic references.
//
// The object's kind is told by its destroy function: each kind has its own.
#include "magic.h"

// The reference counts for the heap: the caller gives his.
Term magic_ref_from_id(Heap *h, Counted *object, RefId id)
{
    Term *box = heap_alloc(h, 1 + MAGIC_REF_ARITY);
    box[0] = term_header(SUBTAG_REF, MAGIC_REF_ARITY);
    box[COUNTED_OBJECT].bits = (uintptr_t)object;
    box[3].bits = id.id0;
    box[4].bits = id.id1;
    box[5].bits = 0; // the word that makes its arity differ from an alias's
    heap_link_counted(h, box);
    return term_from_box(box);
}

Term magic_ref_new(Node *node, Heap *h, Counted *object)
{
    return magic_ref_from_id(h, object, ref_id_new(node));
}

Counted *magic_object(Term t, void (*destroy)(Counted *))
{
    if (!term_is_magic_ref(t)) return NULL;
    Counted *object = counted_object(t);
    return object->destroy == destroy ? object : NULL;
}
