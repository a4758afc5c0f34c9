// SPDX-License-Identifier: Apache-2.0
// persistent_term.
// Values are literals that all processes share: get copies nothing, put and
// erase are the costly ones, and may make processes collect.
#include "bif.h"
#include "map.h"
#include "persistent.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// [{Key, Value}], in no order; pairs are made, values shared.
Term bif_persistent_term_get_0(Process *p, const Term *args)
{
    return persistent_list(p->node->persistent, process_heap(p));
}

Term bif_persistent_term_get_1(Process *p, const Term *args)
{
    // The answer is no copy.
    Term value = persistent_get(p->node->persistent, args[0]);
    return term_is_none(value) ? bif_error(p, ATOM_badarg) : value;
}

Term bif_persistent_term_get_2(Process *p, const Term *args)
{
    Term value = persistent_get(p->node->persistent, args[0]);
    return term_is_none(value) ? args[1] : value;
}

Term bif_persistent_term_put_2(Process *p, const Term *args)
{
    // The same value again changes nothing.
    persistent_put(p->node, args[0], args[1], false);
    return ATOM_ok;
}

Term bif_persistent_term_erase_1(Process *p, const Term *args)
{
    return persistent_erase(p->node, args[0]) ? ATOM_true : ATOM_false;
}

Term bif_persistent_term_info_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    size_t count = persistent_count(p->node->persistent);
    // Key and value, not what they hold: the size of literals is not kept here.
    Term pairs[] = {ATOM_count, heap_unsigned(h, count), ATOM_memory,
                    heap_unsigned(h, count * 2 * sizeof(Term))};
    return map_from_pairs(h, process_atoms(p), 2, pairs);
}
