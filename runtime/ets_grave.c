// SPDX-License-Identifier: Apache-2.0
// Ets: graves, where the objects of tables that have ended wait to be freed.
//
// A table with millions of objects takes longer to free than a scheduler may
// be held, so whoever ends it takes the objects out, all at once, and frees
// them in steps: a BIF yields in between, a process that ends does so in
// several slices.
//
// The count of a grave is held by the list of all of them until it is empty,
// and by each magic reference to it. Only one process, in whose list of things
// owned it is, clears it; for the end of the node all are in one list.
#include "ets_grave.h"

#include <stdlib.h>

#include "bif.h"
#include "ets_lock.h"
#include "ets_ordered.h"
#include "magic.h"
#include "memory.h"
#include "scheduler.h"

// The last count goes: it has been emptied before.
static void destroy_grave(Counted *c)
{
    EtsGrave *g = (EtsGrave *)c; // [counted] is first
    free(g->buckets);
    free(g);
}

EtsGrave *ets_grave_dig(EtsTable *t)
{
    EtsGrave *g = memory_zeroed(1, sizeof *g);
    atomic_init(&g->counted.count, 1);
    g->counted.destroy = destroy_grave;
    g->node = t->node;
    g->tree = t->root;
    g->buckets = t->buckets;
    g->end = t->active;
    t->root = NULL;
    t->buckets = NULL;
    t->marked = 0;
    atomic_store_explicit(&t->cursor, NULL, memory_order_relaxed);
    ets_count_none(t, true);
    ets_list_grave(t->node->ets, g);
    return g;
}

// The next chain that is not empty becomes [chain]; empty buckets are passed
// for little, so that [*steps] is charged for many of them together.
static bool next_chain(EtsGrave *g, size_t *steps)
{
    enum { BUCKETS_A_STEP = 16 };
    if (g->buckets == NULL) return false;
    size_t from = g->at;
    while (g->chain == NULL && g->at < g->end) g->chain = g->buckets[g->at++];
    *steps += (g->at - from) / BUCKETS_A_STEP;
    return g->chain != NULL;
}

bool ets_grave_clear(EtsGrave *g, size_t most, size_t *steps)
{
    *steps = 0;
    while (g->chain != NULL || next_chain(g, steps)) {
        if (*steps >= most) return false;
        EtsObject *o = g->chain;
        g->chain = o->next[0];
        ets_object_release(o);
        ++*steps;
    }
    if (!ets_ordered_clear(&g->tree, &g->below, most, steps)) return false;
    ets_unlist_grave(g->node->ets, g);
    counted_release(&g->counted);
    return true;
}

void ets_grave_clear_all(EtsGrave *g)
{
    size_t steps;
    if (!ets_grave_clear(g, SIZE_MAX, &steps)) assert(false);
}

// The process ends before the grave is empty, or by ending has dug it.
static void clear_at_exit(Process *owner, Owned *owned)
{
    EtsGrave *g = (EtsGrave *)((char *)owned - offsetof(EtsGrave, owned));
    size_t steps;
    bool done = ets_grave_clear(g, SLICE_REDUCTIONS, &steps);
    bif_bump(owner, steps);
    if (!done) process_own(owner, owned);
}

void ets_grave_own(EtsGrave *g, Process *p)
{
    g->owned.owner_exit = clear_at_exit;
    process_own(p, &g->owned);
}

EtsGrave *ets_grave_of(Term t)
{
    return (EtsGrave *)magic_object(t, destroy_grave);
}

bool ets_grave_step(EtsGrave *g, Process *p)
{
    size_t steps;
    // Out of the list first: with the last object the grave goes too.
    process_disown(&g->owned);
    bool done = ets_grave_clear(g, SLICE_REDUCTIONS, &steps);
    bif_bump(p, steps);
    if (!done) process_own(p, &g->owned);
    return done;
}

Term ets_grave_ref(EtsGrave *g, Process *p)
{
    counted_keep(&g->counted);
    return magic_ref_new(p->node, process_heap(p), &g->counted);
}
