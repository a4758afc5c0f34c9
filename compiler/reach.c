// SPDX-License-Identifier: Apache-2.0
// Reach: functions that nothing leads to from outside are left away, as OTP's
// compiler does: module_info tells which ones there are.
//
// Afterwards Unit.first holds the reached ones in their order, and no
// instruction names another. It comes behind what removes dead code, so calls
// that cannot happen do not count.
#include "backend.h"

typedef struct {
    Function **found; // still to be looked through
    size_t count, room;
} Search;

static void find(Unit *u, Search *s, Function *f)
{
    if (f->is_reached) return;
    f->is_reached = true;
    if (s->count == s->room)
        s->found = arena_grow(&u->arena, s->found, s->count, &s->room,
                              sizeof *s->found);
    s->found[s->count++] = f;
}

static void look_through(Unit *u, Search *s, const Function *f)
{
    for (size_t b = 0; b < f->block_count; b++)
        for (const Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
            // A fun may be called by anybody once it is made.
            if (i->op == IR_CALL || i->op == IR_MAKE_FUN)
                find(u, s, i->function);
}

void reach_cut(Unit *u)
{
    Search s = {0};
    for (Function *f = u->first; f != NULL; f = f->next)
        // A function that is declared native may be put in place by load_nif.
        if (f->is_exported || f->is_on_load || f->is_nif) find(u, &s, f);
    while (s.count > 0) look_through(u, &s, s.found[--s.count]);
    Function **link = &u->first;
    u->last = NULL;
    for (Function *f; (f = *link) != NULL;) {
        if (f->is_reached) {
            u->last = f;
            link = &f->next;
        } else {
            *link = f->next;
        }
    }
}
