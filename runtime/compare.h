// SPDX-License-Identifier: Apache-2.0
// Order and equality of terms, at any depth.
//
// number < atom < reference < fun < port < pid < tuple < map < nil < list <
// bitstring. Integers and floats compare by value, exactly.
//
// Any depth, no allocation for shallow terms. Two terms that are the same word
// are equal without being looked at.
#ifndef MERLE_COMPARE_H
#define MERLE_COMPARE_H

#include "atom.h"
#include "term.h"

// The order of Erlang's < and ==: <0, 0 (equal as == has it), >0.
int term_compare(const AtomTable *atoms, Term a, Term b);

// The order of map keys, which is total on terms that are not =:=: as
// term_compare, but an integer is less than any float, at every depth.
int term_compare_exact(const AtomTable *atoms, Term a, Term b);

// What term_exact_equal and term_equal do when the words differ.
bool term_exact_equal_slow(Term a, Term b);
bool term_equal_slow(Term a, Term b);

// =:=
static inline bool term_exact_equal(Term a, Term b)
{
    if (term_same(a, b)) return true;
    if (term_is_immediate(a) || term_is_immediate(b)) return false;
    return term_exact_equal_slow(a, b);
}

// ==, where 1 == 1.0.
static inline bool term_equal(Term a, Term b)
{
    if (term_same(a, b)) return true;
    if (term_is_immediate(a) && term_is_immediate(b)) return false;
    return term_equal_slow(a, b);
}

#endif
