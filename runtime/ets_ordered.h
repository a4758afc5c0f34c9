// SPDX-License-Identifier: Apache-2.0
// Ets: ordered sets, by the order of terms (1 and 1.0 are one key). Only for
// the files of ets.
#ifndef MERLE_ETS_ORDERED_H
#define MERLE_ETS_ORDERED_H

#include "ets.h"

enum { ETS_NODE_ROOM = 32, ETS_PATH_MOST = 24 };

// A node of the tree: a leaf holds objects, another one nodes. Keys lie here
// too, side by side, so that finding one reads few lines of memory; those that
// are no immediates lead into their objects.
struct EtsNode {
    EtsNode *next, *previous;  // neighbours on the same level
    uint16_t count;            // of items, at least 1 but in an empty root
    bool is_leaf;
    _Atomic uint16_t answered; // of a leaf: where the last answer was; a hint
    // Of a leaf: of each object. Else of the first object below each item; that
    // of item 0 is not kept, and not looked at.
    Term keys[ETS_NODE_ROOM];
    void *items[ETS_NODE_ROOM]; // EtsObject * or EtsNode *
};

// The way from the root down to a key.
typedef struct {
    EtsNode *nodes[ETS_PATH_MOST]; // the last is a leaf
    size_t items[ETS_PATH_MOST];   // which of its items the way goes by
    size_t depth;
} EtsPath;

void ets_ordered_init(EtsTable *t);

// The object with [key], by ==.
EtsObject *ets_ordered_find(const EtsTable *t, Term key, bool marked);

// The object with [key], marked or not, and the way to it; NULL without, and
// the way to where it belongs.
EtsObject *ets_ordered_descend(const EtsTable *t, Term key, EtsPath *path);

// Puts [o] where [path] has ended.
void ets_ordered_insert(EtsTable *t, EtsPath *path, EtsObject *o);
void ets_ordered_unlink(EtsTable *t, EtsObject *o);

// Puts [by], which has the same key, in the place of [o].
void ets_ordered_exchange(EtsTable *t, EtsObject *o, EtsObject *by);

// The first object, or the [last]; NULL without. These and those below pass
// over marked ones.
EtsObject *ets_ordered_end(EtsTable *t, bool last);

// The object behind [o], which is in the table, or the one before it ([back]);
// and that behind (before) [key], which need not be there.
EtsObject *ets_ordered_next(EtsTable *t, const EtsObject *o, bool back);
EtsObject *ets_ordered_next_key(EtsTable *t, Term key, bool back);

// The first object whose key [order] does not put before 0, or the [last] that
// it does not put behind. It grows with the keys.
EtsObject *ets_ordered_edge(EtsTable *t, bool last,
                            int (*order)(const void *with, Term key),
                            const void *with);

// The first leaf; the others follow by [next].
EtsNode *ets_ordered_leaves(const EtsTable *t);

// Frees nodes from [*tree] on and [*below], the first of the level under it
// (NULL at first), with their objects: about [most], of which [*steps] counts.
// True when nothing is left.
bool ets_ordered_clear(EtsNode **tree, EtsNode **below, size_t most,
                       size_t *steps);

#endif
