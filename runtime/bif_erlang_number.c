// SPDX-License-Identifier: Apache-2.0
// erlang: operators on numbers, rounding, comparison. The instructions of the
// same names do the common cases; these serve apply, funs and the rest.
#include "arith.h"
#include "big.h"
#include "bif.h"
#include "compare.h"
#include "process.h"
#include "runtime_bifs.gen.h"

static Term boolean(bool is)
{
    return is ? ATOM_true : ATOM_false;
}

// ---- arithmetic ----
// Operators fail with badarith, functions with badarg.

// They answer TERM_NONE for arguments that they cannot take.
typedef Term (*Binary)(Heap *h, Term a, Term b);
typedef Term (*Unary)(Heap *h, Term a);

// system_limit if the result is too large.
// The result is on the heap of the process; nothing is collected in here.
static Term calculate(Process *p, Binary op, const Term *args)
{
    Term result = op(process_heap(p), args[0], args[1]);
    if (!term_is_none(result)) return result;
    return bif_error(p, arith_reason(args[0], args[1]));
}

static Term calculate_one(Process *p, Unary op, const Term *args)
{
    Term result = op(process_heap(p), args[0]);
    if (!term_is_none(result)) return result;
    return bif_error(p, arith_reason(args[0], args[0]));
}

Term bif_erlang_plus_2(Process *p, const Term *args)
{
    return calculate(p, arith_add, args);
}

Term bif_erlang_minus_2(Process *p, const Term *args)
{
    return calculate(p, arith_subtract, args);
}

Term bif_erlang_times_2(Process *p, const Term *args)
{
    return calculate(p, arith_multiply, args);
}

// 1 / 2: a float; by 0 it is badarith.
// The operator always gives a float, even for 4 / 2.
Term bif_erlang_divide_2(Process *p, const Term *args)
{
    Term result = arith_divide(process_heap(p), args[0], args[1]);
    return term_is_none(result) ? bif_error(p, ATOM_badarith) : result;
}

Term bif_erlang_div_2(Process *p, const Term *args)
{
    return calculate(p, arith_div, args);
}

Term bif_erlang_rem_2(Process *p, const Term *args)
{
    return calculate(p, arith_rem, args);
}

Term bif_erlang_band_2(Process *p, const Term *args)
{
    return calculate(p, arith_and, args);
}

Term bif_erlang_bor_2(Process *p, const Term *args)
{
    return calculate(p, arith_or, args);
}

Term bif_erlang_bxor_2(Process *p, const Term *args)
{
    return calculate(p, arith_xor, args);
}

Term bif_erlang_bsl_2(Process *p, const Term *args)
{
    return calculate(p, arith_shift_left, args);
}

Term bif_erlang_bsr_2(Process *p, const Term *args)
{
    return calculate(p, arith_shift_right, args);
}

Term bif_erlang_bnot_1(Process *p, const Term *args)
{
    return calculate_one(p, arith_not, args);
}

Term bif_erlang_minus_1(Process *p, const Term *args)
{
    return calculate_one(p, arith_negate, args);
}

// +a is badarith: the operator checks, though it changes nothing.
Term bif_erlang_plus_1(Process *p, const Term *args)
{
    return calculate_one(p, arith_plus, args);
}

// ---- functions of one number, which fail with badarg ----
// abs, round and the like.

static Term convert(Process *p, Unary op, const Term *args)
{
    Term result = op(process_heap(p), args[0]);
    return term_is_none(result) ? bif_error(p, ATOM_badarg) : result;
}

Term bif_erlang_abs_1(Process *p, const Term *args)
{
    return convert(p, arith_abs, args);
}

Term bif_erlang_ceil_1(Process *p, const Term *args)
{
    return convert(p, arith_ceil, args);
}

Term bif_erlang_floor_1(Process *p, const Term *args)
{
    return convert(p, arith_floor, args);
}

Term bif_erlang_round_1(Process *p, const Term *args)
{
    return convert(p, arith_round, args);
}

Term bif_erlang_trunc_1(Process *p, const Term *args)
{
    return convert(p, arith_trunc, args);
}

// An integer too large for a float is badarg.
Term bif_erlang_float_1(Process *p, const Term *args)
{
    double d;
    if (term_is_float(args[0])) return args[0];
    if (!arith_to_double(args[0], &d)) return bif_error(p, ATOM_badarg);
    return heap_float(process_heap(p), d);
}

// ---- comparison ----
// Any terms can be compared; only atoms need the table.

static int compare(const Process *p, const Term *args)
{
    return term_compare(process_atoms(p), args[0], args[1]);
}

Term bif_erlang_less_2(Process *p, const Term *args)
{
    return boolean(compare(p, args) < 0);
}

Term bif_erlang_less_equal_2(Process *p, const Term *args)
{
    return boolean(compare(p, args) <= 0);
}

Term bif_erlang_greater_2(Process *p, const Term *args)
{
    return boolean(compare(p, args) > 0);
}

Term bif_erlang_greater_equal_2(Process *p, const Term *args)
{
    return boolean(compare(p, args) >= 0);
}

// 1 == 1.0, but 1 =/= 1.0.
Term bif_erlang_equal_2(Process *p, const Term *args)
{
    return boolean(term_equal(args[0], args[1]));
}

Term bif_erlang_not_equal_2(Process *p, const Term *args)
{
    return boolean(!term_equal(args[0], args[1]));
}

Term bif_erlang_exact_equal_2(Process *p, const Term *args)
{
    return boolean(term_exact_equal(args[0], args[1]));
}

Term bif_erlang_exact_not_equal_2(Process *p, const Term *args)
{
    return boolean(!term_exact_equal(args[0], args[1]));
}

// Of equal terms that are not the same, the first.
// 1 == 1.0, so min(1, 1.0) is 1 and min(1.0, 1) is 1.0.
Term bif_erlang_max_2(Process *p, const Term *args)
{
    return args[compare(p, args) >= 0 ? 0 : 1];
}

Term bif_erlang_min_2(Process *p, const Term *args)
{
    return args[compare(p, args) <= 0 ? 0 : 1];
}

// erts_internal:cmp_term(A, B): the order of map keys, as a number.
// Integers before floats: 1 and 1.0 differ.
Term bif_erts_internal_cmp_term_2(Process *p, const Term *args)
{
    return term_small(term_compare_exact(process_atoms(p), args[0], args[1]));
}
