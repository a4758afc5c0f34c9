// SPDX-License-Identifier: Apache-2.0
// References: numbers that occur once.
#include "ref.h"

#include "counted.h"
#include "scheduler.h"

enum { LOW_BITS = 18 }; // of number 0

// The counter's lowest 18 bits are number 0, the next 32 number 1.
static RefId id_from_counter(uint64_t n, uint64_t maker)
{
    uint64_t low = n & (((uint64_t)1 << LOW_BITS) - 1);
    uint64_t high = (n >> LOW_BITS) & UINT32_MAX;
    return (RefId){high << 32 | low, maker << REF_SLOT_BITS};
}

RefId ref_id_new(Node *node)
{
    Scheduler *s = scheduler_self();
    // No lock, no atomic: each scheduler has its own numbers.
    if (s != NULL && s->node == node)
        return id_from_counter(s->ref_next++, REF_FIRST_MAKER + s->index);
    uint64_t n = atomic_fetch_add_explicit(&node->foreign_refs, 1,
                                           memory_order_relaxed);
    return id_from_counter(n, REF_FOREIGN);
}

Term ref_from_id(Heap *h, RefId id)
{
    Term *box = heap_alloc(h, 3);
    box[0] = term_header(SUBTAG_REF, 2);
    box[1].bits = id.id0;
    box[2].bits = id.id1;
    return term_from_box(box);
}

Term ref_alias_from_id(Heap *h, RefId id, Term pid)
{
    Term *box = heap_alloc(h, 4);
    box[0] = term_header(SUBTAG_REF, 3);
    box[1].bits = id.id0;
    box[2].bits = id.id1;
    box[3] = pid;
    return term_from_box(box);
}

RefId ref_to_id(Term ref)
{
    const Term *box = term_box_ptr(ref);
    // In a magic one the first two words are the counted list's.
    bool magic = header_arity(box[0]) == MAGIC_REF_ARITY;
    const Term *ids = box + (magic ? 3 : 1);
    return (RefId){ids[0].bits, ids[1].bits};
}

bool ref_is_local(Term t)
{
    return term_has_subtag(t, SUBTAG_REF);
}

Term ref_alias_pid(Term ref)
{
    // An alias is told by its arity alone.
    if (!ref_is_local(ref) || term_arity(ref) != 3) return TERM_NONE;
    return term_box_ptr(ref)[3];
}

Term ref_new(Node *node, Heap *h)
{
    return ref_from_id(h, ref_id_new(node));
}
