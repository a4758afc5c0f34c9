// SPDX-License-Identifier: Apache-2.0
// Ets: ordered sets, by the order of terms (1 and 1.0 are one key).
//
// A tree that is balanced by height (AVL), so that finding compares as few keys
// as can be, whose objects are also linked in their order, so that traversals
// need no tree:
//
//     next[AHEAD], previous   neighbours in the order; [head] stands in front
//     next[LEFT], next[RIGHT] children; the root is the right child of [head]
//
// The heights of an object's subtrees differ by one at most. Changes go down by
// a path of links and mend the heights on the way back.
//
// One writer at a time, under the table's lock. [cursor] is the one thing that
// readers write, several at once: it is only a hint, and only ever an object of
// the table, for whoever unlinks one clears it with the lock held to write.
#include <stdlib.h>

#include "compare.h"
#include "ets.h"
#include "memory.h"

// Links of an object, by what they lead to.
enum { AHEAD, LEFT, RIGHT };

// [head] takes part in the order as one less than all.
void ets_ordered_init(EtsTable *t)
{
    t->head = memory_zeroed(1, sizeof *t->head
                                   + ETS_ORDERED_LINKS * sizeof(EtsObject *));
    t->head->levels = ETS_ORDERED_LINKS;
    t->last = t->head;
    atomic_init(&t->cursor, NULL);
}

// Smalls compare as their words do; most keys are small.
static int compare_key(const EtsTable *t, const EtsObject *o, Term key)
{
    Term other = ets_key(t, o);
    if (term_is_small(other) && term_is_small(key))
        return (intptr_t)other.bits < (intptr_t)key.bits
                   ? -1
                   : (intptr_t)other.bits > (intptr_t)key.bits;
    return term_compare(t->node->atoms, other, key);
}

// ---- finding ----

// The first object whose key is not less than [key].
EtsObject *ets_ordered_least(const EtsTable *t, Term key)
{
    EtsObject *least = NULL;
    for (EtsObject *o = t->head->next[RIGHT]; o != NULL;) {
        int order = compare_key(t, o, key);
        if (order == 0) return o;
        if (order > 0) least = o;
        o = o->next[order > 0 ? LEFT : RIGHT];
    }
    return least;
}

EtsObject *ets_ordered_edge(const EtsTable *t, bool last,
                            int (*order)(const void *with, Term key),
                            const void *with)
{
    EtsObject *edge = NULL;
    for (EtsObject *o = t->head->next[RIGHT]; o != NULL;) {
        int at = order(with, ets_key(t, o));
        bool is_inside = last ? at <= 0 : at >= 0;
        if (is_inside) edge = o;
        // Further out if it is inside, else back.
        o = o->next[is_inside == last ? RIGHT : LEFT];
    }
    return edge;
}

// Equal by ==, so 1.0 finds 1.
EtsObject *ets_ordered_find(const EtsTable *t, Term key, bool marked)
{
    EtsObject *o = t->head->next[RIGHT];
    int order;
    while (o != NULL && (order = compare_key(t, o, key)) != 0)
        o = o->next[order > 0 ? LEFT : RIGHT];
    return o == NULL || (o->deleted && !marked) ? NULL : o;
}

EtsObject *ets_ordered_descend(const EtsTable *t, Term key, EtsPath *path)
{
    // Links and not objects: what stands there can be replaced at once.
    EtsObject **link = &t->head->next[RIGHT];
    path->depth = 0;
    path->before = t->head;
    for (;;) {
        assert(path->depth < ETS_PATH_MOST);
        path->links[path->depth++] = link;
        EtsObject *o = *link;
        if (o == NULL) return NULL;
        int order = compare_key(t, o, key);
        if (order == 0) return o;
        if (order < 0) path->before = o; // the last turn to the right
        link = &o->next[order > 0 ? LEFT : RIGHT];
    }
}

// The caller asks key after key: the object that the last answer was is
// looked at first.
EtsObject *ets_ordered_after(EtsTable *t, Term key)
{
    EtsObject *at = atomic_load_explicit(&t->cursor, memory_order_relaxed);
    if (at == NULL || compare_key(t, at, key) != 0)
        at = ets_ordered_least(t, key);
    // The key itself may be there: behind it.
    if (at != NULL && compare_key(t, at, key) == 0) at = at->next[AHEAD];
    atomic_store_explicit(&t->cursor, at, memory_order_relaxed);
    return at;
}

// ---- balance ----

// None: 0, one without children: 1.
static int height_of(const EtsObject *o)
{
    return o == NULL ? 0 : o->height;
}

static void set_height(EtsObject *o)
{
    int left = height_of(o->next[LEFT]), right = height_of(o->next[RIGHT]);
    o->height = (uint8_t)(1 + (left > right ? left : right));
}

// How much higher the right subtree is.
static int lean_of(const EtsObject *o)
{
    return height_of(o->next[RIGHT]) - height_of(o->next[LEFT]);
}

// The child on side [up] comes up in the place of [o], which becomes its other
// child.
static EtsObject *rotate(EtsObject *o, int up)
{
    int down = LEFT + RIGHT - up;
    EtsObject *child = o->next[up];
    o->next[up] = child->next[down];
    child->next[down] = o;
    set_height(o);
    set_height(child);
    return child;
}

// Balances what [link] leads to, whose subtrees are in balance. False: it is as
// high as it was.
static bool balance(EtsObject **link)
{
    EtsObject *o = *link;
    // Two higher on one side: one rotation, or two when the inner grandchild is
    // the higher one.
    int before = o->height, lean = lean_of(o);
    if (lean > 1) {
        if (lean_of(o->next[RIGHT]) < 0)
            o->next[RIGHT] = rotate(o->next[RIGHT], LEFT);
        *link = rotate(o, RIGHT);
    } else if (lean < -1) {
        if (lean_of(o->next[LEFT]) > 0)
            o->next[LEFT] = rotate(o->next[LEFT], RIGHT);
        *link = rotate(o, LEFT);
    } else {
        set_height(o);
    }
    return (*link)->height != before;
}

// Something below the last link of [path] has changed its height.
static void balance_above(EtsPath *path)
{
    // Ends at the first that is as high as before: nothing above has changed.
    // The head is not balanced: depth 0.
    unsigned depth = path->depth - 1;
    while (depth > 0 && balance(path->links[depth - 1])) depth--;
}

// ---- changing ----

// Lets the neighbours of [o] know it.
static void join(EtsTable *t, EtsObject *o)
{
    o->previous->next[AHEAD] = o;
    if (o->next[AHEAD] != NULL) {
        o->next[AHEAD]->previous = o;
    } else {
        t->last = o;
    }
}

void ets_ordered_insert(EtsTable *t, EtsPath *path, EtsObject *o)
{
    o->next[LEFT] = o->next[RIGHT] = NULL;
    o->height = 1;
    *path->links[path->depth - 1] = o; // it was NULL
    o->previous = path->before;
    o->next[AHEAD] = path->before->next[AHEAD];
    join(t, o);
    balance_above(path);
}

// Takes [o] out, which has both children: the next one takes its place.
static void unlink_inner(EtsPath *path, EtsObject *o)
{
    // The next one is the leftmost of the right subtree; the way goes on to it,
    // for heights change from there up.
    unsigned place = path->depth;
    EtsObject **link = &o->next[RIGHT];
    path->links[path->depth++] = link;
    while ((*link)->next[LEFT] != NULL) {
        link = &(*link)->next[LEFT];
        path->links[path->depth++] = link;
    }
    EtsObject *by = *link;
    *link = by->next[RIGHT];
    by->next[LEFT] = o->next[LEFT];
    by->next[RIGHT] = o->next[RIGHT];
    by->height = o->height;
    *path->links[place - 1] = by;
    // The link was inside [o]: it is inside [by] now.
    path->links[place] = &by->next[RIGHT];
}

void ets_ordered_unlink(EtsTable *t, EtsObject *o)
{
    EtsPath path;
    // Found by its key: an object does not know its parent.
    ets_ordered_descend(t, ets_key(t, o), &path);
    assert(*path.links[path.depth - 1] == o);
    if (o->next[LEFT] != NULL && o->next[RIGHT] != NULL) {
        unlink_inner(&path, o);
    } else {
        *path.links[path.depth - 1] = o->next[LEFT] != NULL ? o->next[LEFT]
                                                            : o->next[RIGHT];
    }
    balance_above(&path);
    o->previous->next[AHEAD] = o->next[AHEAD];
    if (o->next[AHEAD] != NULL) {
        o->next[AHEAD]->previous = o->previous;
    } else {
        t->last = o->previous;
    }
    atomic_store_explicit(&t->cursor, NULL, memory_order_relaxed);
}

// Puts [by] in the place of [o].
// Keys are equal, so the order stays; heights, too.
void ets_ordered_exchange(EtsTable *t, EtsObject *o, EtsObject *by)
{
    EtsPath path;
    ets_ordered_descend(t, ets_key(t, o), &path);
    *path.links[path.depth - 1] = by;
    memcpy(by->next, o->next, ETS_ORDERED_LINKS * sizeof o->next[0]);
    by->height = o->height;
    by->previous = o->previous;
    join(t, by);
    atomic_store_explicit(&t->cursor, NULL, memory_order_relaxed);
}
