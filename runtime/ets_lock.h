// SPDX-License-Identifier: Apache-2.0
// Ets: the locks of a table. Only for the files of ets; others enter a table.
#ifndef MERLE_ETS_LOCK_H
#define MERLE_ETS_LOCK_H

#include "ets.h"

// Objects whose hash ends in the same bits. Lock and tally are one line of the
// cache, which goes from core to core with them.
struct EtsStripe {
    _Alignas(64) pthread_mutex_t mutex;
    EtsTally tally; // of these objects
};
_Static_assert(sizeof(EtsStripe) == 64, "a stripe is a line");

// Makes the locks of a table whose options are known, and ends them.
void ets_lock_init(EtsTable *t);
void ets_lock_destroy(EtsTable *t);

// Locks the whole table.
void ets_lock(EtsTable *t, bool to_write);
void ets_unlock(EtsTable *t);

// Locks what has to do with [key], of a table with stripes: NULL when that is
// the whole table.
EtsStripe *ets_lock_key(EtsTable *t, Term key, bool to_write);
void ets_unlock_key(EtsTable *t, EtsStripe *s);

static inline EtsStripe *ets_stripe(EtsTable *t, uint32_t hash)
{
    return &t->stripes[hash & (t->stripe_count - 1)];
}

// The tally of the objects with [hash].
static inline EtsTally *ets_tally(EtsTable *t, uint32_t hash)
{
    return t->stripe_count == 0 ? &t->tally : &ets_stripe(t, hash)->tally;
}

// No object is left, or none that is not marked.
void ets_count_none(EtsTable *t, bool words_too);

#endif
