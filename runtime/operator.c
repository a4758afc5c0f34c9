// SPDX-License-Identifier: Apache-2.0
// Operators by name and number of operands.
//
// Answers the same as the instructions and BIFs do: all three use arith.c and
// compare.c.
#include "operator.h"

#include "arith.h"
#include "compare.h"

// Lists' ++ and --, !, andalso and orelse are no operators here.
OperatorClass operator_class(Term name, size_t arity)
{
    // Prefix operators are other functions of the same names.
    if (arity == 1) {
        switch (name.bits) {
        case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_bnot:
            return OPERATOR_ARITHMETIC;
        case ATOM_BITS_not: return OPERATOR_LOGICAL;
        default: return OPERATOR_NONE;
        }
    }
    if (arity != 2) return OPERATOR_NONE;
    switch (name.bits) {
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_times:
    case ATOM_BITS_slash: case ATOM_BITS_div: case ATOM_BITS_rem:
    case ATOM_BITS_band: case ATOM_BITS_bor: case ATOM_BITS_bxor:
    case ATOM_BITS_bsl: case ATOM_BITS_bsr:
        return OPERATOR_ARITHMETIC;
    case ATOM_BITS_and: case ATOM_BITS_or: case ATOM_BITS_xor:
        return OPERATOR_LOGICAL;
    case ATOM_BITS_eq: case ATOM_BITS_ne: case ATOM_BITS_exact_eq:
    case ATOM_BITS_exact_ne: case ATOM_BITS_lt: case ATOM_BITS_le:
    case ATOM_BITS_gt: case ATOM_BITS_ge:
        return OPERATOR_COMPARISON;
    default: return OPERATOR_NONE;
    }
}

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

static bool is_boolean(Term t)
{
    return term_same(t, ATOM_true) || term_same(t, ATOM_false);
}

// and, or, xor: both operands must be booleans, and both are looked at.
static Term combine(Term name, Term a, Term b)
{
    if (!is_boolean(a) || !is_boolean(b)) return TERM_NONE;
    bool x = term_same(a, ATOM_true), y = term_same(b, ATOM_true);
    switch (name.bits) {
    case ATOM_BITS_and: return boolean(x && y);
    case ATOM_BITS_or: return boolean(x || y);
    default: return boolean(x != y);
    }
}

// Equality needs no order, and so no atoms.
static Term compare(const AtomTable *atoms, Term name, Term a, Term b)
{
    switch (name.bits) {
    case ATOM_BITS_eq: return boolean(term_equal(a, b));
    case ATOM_BITS_ne: return boolean(!term_equal(a, b));
    case ATOM_BITS_exact_eq: return boolean(term_exact_equal(a, b));
    case ATOM_BITS_exact_ne: return boolean(!term_exact_equal(a, b));
    case ATOM_BITS_lt: return boolean(term_compare(atoms, a, b) < 0);
    case ATOM_BITS_le: return boolean(term_compare(atoms, a, b) <= 0);
    case ATOM_BITS_gt: return boolean(term_compare(atoms, a, b) > 0);
    default: return boolean(term_compare(atoms, a, b) >= 0);
    }
}

// TERM_NONE when an operand is wrong, or 0 divides.
static Term calculate(Heap *h, Term name, Term a, Term b)
{
    switch (name.bits) {
    case ATOM_BITS_plus: return arith_add(h, a, b);
    case ATOM_BITS_minus: return arith_subtract(h, a, b);
    case ATOM_BITS_times: return arith_multiply(h, a, b);
    case ATOM_BITS_slash: return arith_divide(h, a, b);
    case ATOM_BITS_div: return arith_div(h, a, b);
    case ATOM_BITS_rem: return arith_rem(h, a, b);
    case ATOM_BITS_band: return arith_and(h, a, b);
    case ATOM_BITS_bor: return arith_or(h, a, b);
    case ATOM_BITS_bxor: return arith_xor(h, a, b);
    case ATOM_BITS_bsl: return arith_shift_left(h, a, b);
    default: return arith_shift_right(h, a, b);
    }
}

Term operator_prefix(Heap *h, Term name, Term a)
{
    switch (name.bits) {
    case ATOM_BITS_plus: return arith_plus(h, a);
    case ATOM_BITS_minus: return arith_negate(h, a);
    case ATOM_BITS_bnot: return arith_not(h, a);
    case ATOM_BITS_not:
        return is_boolean(a) ? boolean(term_same(a, ATOM_false)) : TERM_NONE;
    default: return TERM_NONE;
    }
}

Term operator_infix(Heap *h, const AtomTable *atoms, Term name, Term a, Term b)
{
    switch (operator_class(name, 2)) {
    case OPERATOR_ARITHMETIC: return calculate(h, name, a, b);
    case OPERATOR_LOGICAL: return combine(name, a, b);
    case OPERATOR_COMPARISON: return compare(atoms, name, a, b);
    default: return TERM_NONE;
    }
}
