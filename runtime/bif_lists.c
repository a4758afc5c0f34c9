// SPDX-License-Identifier: Apache-2.0
// lists: what OTP has in C too.
#include "bif.h"
#include "compare.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { CELLS_A_REDUCTION = 32 }; // each is a comparison of words

// For atoms and small integers a comparison of words decides.
Term bif_lists_member_2(Process *p, const Term *args)
{
    Term list = args[1];
    size_t n = 0, most = bif_steps_most(p);
    if (term_is_immediate(args[0])) {
        while (term_is_cons(list) && !term_same(term_head(list), args[0])
               && n < most) {
            list = term_tail(list);
            n++;
        }
    } else {
        while (term_is_cons(list)
               && !term_exact_equal(term_head(list), args[0]) && n < most) {
            list = term_tail(list);
            n += 4; // dearer
        }
    }
    if (n >= most) return bif_to_pool(p);
    bif_bump(p, n / CELLS_A_REDUCTION);
    if (term_is_cons(list)) return ATOM_true;
    // An improper end is badarg only if nothing was found before.
    return term_is_nil(list) ? ATOM_false : bif_error(p, ATOM_badarg);
}

// reverse(List, Tail): the cells are one block, filled from the front and
// linked backwards.
Term bif_lists_reverse_2(Process *p, const Term *args)
{
    intptr_t n = bif_list_length(p, args[0], 1);
    if (n < 0) return bif_list_error(p, n);
    if (n == 0) return args[1];
    Term *cell = heap_alloc(process_heap(p), 2 * (size_t)n);
    Term tail = args[1];
    for (Term l = args[0]; term_is_cons(l); l = term_tail(l), cell += 2) {
        cell[0] = term_head(l);
        cell[1] = tail;
        tail = term_from_cons(cell);
    }
    bif_bump(p, (size_t)n / CELLS_A_REDUCTION);
    return tail;
}

// The first tuple in a list whose element equals (==) a key: the arguments of
// keyfind/3. False with what to answer raised, when they are none or it takes
// too long; [*found] is TERM_NONE without a match.
// == decides: keyfind(1, ..) finds 1.0.
static bool find_key(Process *p, const Term *args, Term *found)
{
    size_t position, n = 0, most = bif_steps_most(p);
    // Positions count from 1.
    if (!bif_get_size(args[1], &position) || position < 1) {
        bif_error(p, ATOM_badarg);
        return false;
    }
    Term list = args[2];
    *found = TERM_NONE;
    for (; term_is_cons(list); list = term_tail(list), n++) {
        Term t = term_head(list);
        if (term_is_tuple(t) && term_arity(t) >= position
            && term_equal(args[0], term_tuple_get(t, position - 1))) {
            *found = t;
            break;
        }
        if (n == most) {
            bif_to_pool(p);
            return false;
        }
    }
    bif_bump(p, n / 8);
    // Found, or at a proper end.
    if (!term_is_list(list)) bif_error(p, ATOM_badarg);
    return term_is_list(list);
}

Term bif_lists_keyfind_3(Process *p, const Term *args)
{
    Term found;
    if (!find_key(p, args, &found)) return TERM_NONE;
    return term_is_none(found) ? ATOM_false : found;
}

Term bif_lists_keymember_3(Process *p, const Term *args)
{
    Term found;
    if (!find_key(p, args, &found)) return TERM_NONE;
    return term_is_none(found) ? ATOM_false : ATOM_true;
}

// The old form, {value, Tuple}.
Term bif_lists_keysearch_3(Process *p, const Term *args)
{
    Term found;
    if (!find_key(p, args, &found)) return TERM_NONE;
    if (term_is_none(found)) return ATOM_false;
    return heap_tuple2(process_heap(p), ATOM_value, found);
}
