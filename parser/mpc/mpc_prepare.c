// SPDX-License-Identifier: Apache-2.0
// Preparation of parsers: what each can begin with.
//
// The sets are the least that satisfy the equations below, found by going over
// all parsers until nothing changes.
#include <stdlib.h>

#include "memory.h"
#include "mpc_part.h"

enum { SIMPLE_MOST = 8 }; // parts of a sequence that is simple

// Those to prepare now, each once; later ones are the deeper ones.
typedef struct {
    mpc_parser_t **items; // not owned
    size_t count, room;   // in use, and allocated
} ParserList;

static void collect_one(ParserList *list, mpc_parser_t *p)
{
    // Prepared by an earlier call: its sets are final and must stay.
    if (p->prepared) return;
    p->prepared = true;
    if (list->count == list->room)
        list->items = memory_grow(list->items, &list->room, list->count + 64,
                                  sizeof *list->items);
    list->items[list->count++] = p;
}

// All that can be reached from [p] and is not prepared; marks it so.
// The list grows while it is read: no recursion, however deep the grammar.
static void collect(ParserList *list, mpc_parser_t *p)
{
    collect_one(list, p);
    for (size_t i = 0; i < list->count; i++) {
        mpc_parser_t *x = list->items[i];
        for (int j = 0; j < x->n; j++) collect_one(list, x->xs[j]);
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

// It only ever goes from false to true, so the search ends.
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
    // [first] was given when it was made.
    case MPC_CHARACTERS: return false;
    case MPC_PASS:
    case MPC_FAIL: // entered anywhere, to fail with its message
    // Reached without a look at the next character.
    case MPC_LIFT:
    case MPC_LIFT_VAL:
    case MPC_STATE:
    // NOT looks at what follows but takes nothing: a choice may enter it with
    // any character.
    case MPC_NOT: return set_nullable(p, true);
    case MPC_OR:
        nullable = false;
        // What any alternative begins with.
        for (int i = 0; i < p->n; i++) {
            changed |= add_all(&p->first, &p->xs[i]->first);
            nullable = nullable || p->xs[i]->nullable;
        }
        return set_nullable(p, nullable) || changed;
    case MPC_AND:
        // Up to and with the first child that must consume something.
        for (int i = 0; i < p->n && nullable; i++) {
            changed |= add_all(&p->first, &p->xs[i]->first);
            nullable = p->xs[i]->nullable;
        }
        return set_nullable(p, nullable) || changed;
    // Checks, names and lifts begin with what they are over.
    default: // one child that matters; may or must be there
        nullable = p->type == MPC_MAYBE || p->type == MPC_MANY;
        changed = add_all(&p->first, &p->xs[0]->first);
        return set_nullable(p, nullable || p->xs[0]->nullable) || changed;
    }
}

// Whether parsers of [p]'s type are compiled where they stand.
// Only what needs no frame: it can then be a part of any piece of code.
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
    // Else the copies would be larger than a call.
    case MPC_AND: return p->n <= SIMPLE_MOST;
    default: return false;
    }
}

// Whether [p] is simple, now that its children are known to be or not. What
// leads back to itself never becomes simple, so the depth is bounded.
static bool simplify(mpc_parser_t *p)
{
    // The answer is "changed", so false also where it was simple already.
    if (p->simple || !may_be_simple(p)) return false;
    for (int i = 0; i < p->n; i++)
        if (!p->xs[i]->simple) return false;
    p->simple = true;
    return true;
}

// Code for what has a name and is not compiled in place, and for [root].
// All code first: linking needs the addresses of what is called.
static void make_code(const ParserList *list, mpc_parser_t *root)
{
    mpc_code_make(root);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->retained && !list->items[i]->simple)
            mpc_code_make(list->items[i]);
    for (size_t i = 0; i < list->count; i++) mpc_code_link(list->items[i]);
    for (size_t i = 0; i < list->count; i++) mpc_code_shorten(list->items[i]);
}

void mpc_optimise(mpc_parser_t *p)
{
    ParserList list = {0};
    // Compiled as a part of another it has its sets but no code; it is
    // collected again to get some.
    if (p->code.count == 0) p->prepared = false; // as a part of another it was
    collect(&list, p);
    for (bool changed = true; changed;) {
        changed = false;
        // Backwards: children mostly stand behind their parents.
        for (size_t i = list.count; i-- > 0;) {
            changed |= improve(list.items[i]);
            changed |= simplify(list.items[i]);
        }
    }
    make_code(&list, p);
    free(list.items);
}
