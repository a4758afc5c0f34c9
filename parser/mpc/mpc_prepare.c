// SPDX-License-Identifier: Apache-2.0
// Preparation of parsers: what each can begin with, and the tables by which an
// "or" finds its alternative without trying the others.
//
// The sets are the least that satisfy the equations below, found by going over
// all parsers until nothing changes.
#include <stdlib.h>

#include "memory.h"
#include "mpc_part.h"

typedef struct {
    mpc_parser_t **items;
    size_t count, room;
} ParserList;

static int children_of(const mpc_parser_t *p)
{
    return p->type == MPC_COUNT ? 1 : p->xs == NULL ? 0 : p->n;
}

static void collect_one(ParserList *list, mpc_parser_t *p)
{
    if (p->prepared) return;
    p->prepared = true;
    if (list->count == list->room)
        list->items = memory_grow(list->items, &list->room, list->count + 64,
                                  sizeof *list->items);
    list->items[list->count++] = p;
}

// All that can be reached from [p] and is not prepared; marks it so.
static void collect(ParserList *list, mpc_parser_t *p)
{
    collect_one(list, p);
    for (size_t i = 0; i < list->count; i++) {
        mpc_parser_t *x = list->items[i];
        for (int j = 0; j < children_of(x); j++) collect_one(list, x->xs[j]);
    }
}

// Adds [from] to [to]; whether that changed it.
static bool add_all(MpcSet *to, const MpcSet *from)
{
    bool changed = false;
    for (int i = 0; i < 4; i++) {
        uint64_t bits = to->bits[i] | from->bits[i];
        changed = changed || bits != to->bits[i];
        to->bits[i] = bits;
    }
    return changed;
}

static bool set_nullable(mpc_parser_t *p, bool nullable)
{
    bool changed = nullable && !p->nullable;
    p->nullable = p->nullable || nullable;
    return changed;
}

// One step towards the least solution for [p]; whether it changed anything.
static bool improve(mpc_parser_t *p)
{
    bool changed = false, nullable = true;
    switch ((MpcType)p->type) {
    case MPC_UNDEFINED:
    case MPC_CHARACTERS: return false;
    case MPC_PASS:
    case MPC_FAIL: // entered anywhere, to fail with its message
    case MPC_LIFT:
    case MPC_LIFT_VAL:
    case MPC_STATE:
    case MPC_NOT: return set_nullable(p, true);
    case MPC_OR:
        nullable = false;
        for (int i = 0; i < p->n; i++) {
            changed |= add_all(&p->first, &p->xs[i]->first);
            nullable = nullable || p->xs[i]->nullable;
        }
        return set_nullable(p, nullable) || changed;
    case MPC_AND:
        for (int i = 0; i < p->n && nullable; i++) {
            changed |= add_all(&p->first, &p->xs[i]->first);
            nullable = p->xs[i]->nullable;
        }
        return set_nullable(p, nullable) || changed;
    default: // one child that matters; may or must be there
        nullable = p->type == MPC_MAYBE || p->type == MPC_MANY;
        changed = add_all(&p->first, &p->xs[0]->first);
        return set_nullable(p, nullable || p->xs[0]->nullable) || changed;
    }
}

// Whether parsers of [p]'s type may run without a frame.
static bool may_be_simple(const mpc_parser_t *p)
{
    switch ((MpcType)p->type) {
    case MPC_CHARACTERS:
    case MPC_PASS:
    case MPC_LIFT:
    case MPC_LIFT_VAL:
    case MPC_STATE:
    case MPC_APPLY:
    case MPC_APPLY_TO:
    case MPC_NOT: return true;
    case MPC_EXPECT: return p->xs[0]->type == MPC_CHARACTERS;
    case MPC_AND: return p->n <= MPC_SIMPLE_MOST;
    default: return false;
    }
}

// Whether [p] is simple, now that its children are known to be or not. What
// leads back to itself never becomes simple, so the depth is bounded.
static bool simplify(mpc_parser_t *p)
{
    if (p->simple || !may_be_simple(p)) return false;
    for (int i = 0; i < children_of(p); i++)
        if (!p->xs[i]->simple) return false;
    p->simple = true;
    return true;
}

// Whether [p] can match where [c] (256: the end) is next.
static bool can_begin(const mpc_parser_t *p, int c)
{
    return p->nullable || (c < 256 && mpc_set_has(&p->first, (unsigned char)c));
}

static void make_dispatch(mpc_parser_t *p)
{
    p->f.dispatch = memory_zeroed(1, sizeof *p->f.dispatch);
    for (int c = 0; c <= 256; c++) {
        int found = MPC_NONE, count = 0;
        for (int i = p->n; i-- > 0;) {
            if (!can_begin(p->xs[i], c)) continue;
            found = i;
            count++;
        }
        p->f.dispatch->first[c] = (uint8_t)found;
        if (count == 1) p->f.dispatch->only[c] = p->xs[found];
    }
}

// Looks through alternatives that are choices themselves.
static void shorten_dispatch(mpc_parser_t *p)
{
    for (int c = 0; c <= 256; c++) {
        const mpc_parser_t **only = &p->f.dispatch->only[c];
        while (*only != NULL && (*only)->type == MPC_OR
               && (*only)->f.dispatch != NULL
               && (*only)->f.dispatch->only[c] != NULL)
            *only = (*only)->f.dispatch->only[c];
    }
}

void mpc_optimise(mpc_parser_t *p)
{
    ParserList list = {0};
    collect(&list, p);
    for (bool changed = true; changed;) {
        changed = false;
        // Backwards: children mostly stand behind their parents.
        for (size_t i = list.count; i-- > 0;)
            changed |= improve(list.items[i]) | simplify(list.items[i]);
    }
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i]->type == MPC_OR && list.items[i]->n < MPC_NONE)
            make_dispatch(list.items[i]);
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i]->type == MPC_OR && list.items[i]->f.dispatch != NULL)
            shorten_dispatch(list.items[i]);
    free(list.items);
}
