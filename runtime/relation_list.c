// SPDX-License-Identifier: Apache-2.0
// Relation lists. Both sides of a link have a record of it.
#include "relation_list.h"

#include "copy.h"

static Term type_of(const Relation *r)
{
    if (r->connection != 0) return ATOM_dist_process;
    if (term_same(r->other, ATOM_time_offset)) return ATOM_time_offset;
    return term_is_local_port(r->other) ? ATOM_port : ATOM_process;
}

static Term link_record(const Process *p, Heap *h, const Relation *r)
{
    bool linked = r->kind == RELATION_LINK;
    Term parts[] = {ATOM_erl_link, type_of(r),
                    copy_term(p->node, h, r->other),
                    linked ? ATOM_linked : ATOM_unlinking,
                    // Links of this node need no number.
                    linked ? term_small(0) : r->tag};
    return heap_tuple(h, 5, parts);
}

Term relation_list_links(const Process *p, Heap *h)
{
    Term list = TERM_NIL;
    const Relation *r;
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;) {
        // Who it was is not kept of one that waits for the other's answer.
        bool known =
            r->kind == RELATION_LINK
            || (r->kind == RELATION_UNLINKED && !term_is_none(r->other));
        if (known) list = heap_cons(h, link_record(p, h, r), list);
    }
    return list;
}

// The reference by which it is watched.
static Term reference_of(const Process *p, Heap *h, const Relation *r)
{
    if (r->kind == RELATION_WATCHED) return copy_term(p->node, h, r->tag);
    if (r->kind == RELATION_MONITOR && r->alias != ALIAS_NONE)
        return ref_alias_from_id(h, r->key, p->pid);
    return ref_from_id(h, r->key);
}

static Term monitor_record(const Process *p, Heap *h, const Relation *r)
{
    Term other = term_is_none(r->other) ? TERM_NIL
                                        : copy_term(p->node, h, r->other);
    Term parts[] = {ATOM_erl_monitor, type_of(r),
                    r->kind == RELATION_MONITOR ? ATOM_origin : ATOM_target,
                    reference_of(p, h, r), other,
                    term_is_atom(r->name) ? r->name : TERM_NIL};
    return heap_tuple(h, 6, parts);
}

Term relation_list_monitors(const Process *p, Heap *h)
{
    Term list = TERM_NIL;
    const Relation *r;
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;)
        if (r->kind == RELATION_MONITOR || r->kind == RELATION_MONITORED
            || r->kind == RELATION_WATCHED)
            list = heap_cons(h, monitor_record(p, h, r), list);
    return list;
}
