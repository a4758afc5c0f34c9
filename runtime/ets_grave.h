// SPDX-License-Identifier: Apache-2.0
// Ets: graves, where the objects of tables that have ended wait to be freed.
#ifndef MERLE_ETS_GRAVE_H
#define MERLE_ETS_GRAVE_H

#include "ets.h"

struct EtsGrave {
    Counted counted;        // must be first
    Owned owned;            // in the list of the process that clears it
    Node *node;
    EtsObject *chain;       // to be freed next, linked by next[0]
    EtsObject **buckets;    // NULL: of a tree
    size_t at, end;         // buckets from [at] on have not been looked at
    EtsNode *tree, *below;  // see ets_ordered_clear
    EtsGrave *next, **link; // in the list of all graves; see ets.c
};

// Takes all objects out of [t], which nobody else is in and which is not
// fixed; it has no storage afterwards. The grave is to be cleared, or to be
// owned by a process.
EtsGrave *ets_grave_dig(EtsTable *t);

// Frees about [most] objects; [*steps] tells how many it were. True when that
// was all: the grave has gone.
bool ets_grave_clear(EtsGrave *g, size_t most, size_t *steps);

// Frees all, however long that takes.
void ets_grave_clear_all(EtsGrave *g);

// Has [p] clear the grave when it ends, if not before.
void ets_grave_own(EtsGrave *g, Process *p);

// Frees a slice's worth of what [p] owns, and charges it. True when that was
// all: the grave has gone.
bool ets_grave_step(EtsGrave *g, Process *p);

// A reference to the grave for the arguments of a BIF that yields, and back:
// NULL of other terms.
Term ets_grave_ref(EtsGrave *g, Process *p);
EtsGrave *ets_grave_of(Term t);

#endif
