// SPDX-License-Identifier: Apache-2.0
// math: the functions of the C library on doubles. What is no number fails
// with badarg; what gives no finite float, with badarith.
#include <math.h>

#include "arith.h"
#include "bif.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// A bignum too large for a float is badarith.
// Integers are taken as well as floats: math:sqrt(4) is 2.0.
static bool get_double(Process *p, Term t, double *d)
{
    if (arith_to_double(t, d)) return true;
    bif_error(p, term_is_number(t) ? ATOM_badarith : ATOM_badarg);
    return false;
}

// NaN and infinity are no floats of Erlang: math:sqrt(-1) fails.
static Term answer(Process *p, double d)
{
    // The C library's errno is not asked: it need not be set.
    if (!isfinite(d)) return bif_error(p, ATOM_badarith);
    return heap_float(process_heap(p), d);
}

// One function for all of one argument.
static Term call(Process *p, double (*function)(double), const Term *args)
{
    double x;
    if (!get_double(p, args[0], &x)) return TERM_NONE;
    return answer(p, function(x));
}

// And for all of two.
static Term call2(Process *p, double (*function)(double, double),
                  const Term *args)
{
    double x, y;
    // The first bad argument decides on the reason.
    if (!get_double(p, args[0], &x) || !get_double(p, args[1], &y))
        return TERM_NONE;
    return answer(p, function(x, y));
}

Term bif_math_acos_1(Process *p, const Term *args)
{
    return call(p, acos, args);
}

Term bif_math_acosh_1(Process *p, const Term *args)
{
    return call(p, acosh, args);
}

Term bif_math_asin_1(Process *p, const Term *args)
{
    return call(p, asin, args);
}

Term bif_math_asinh_1(Process *p, const Term *args)
{
    return call(p, asinh, args);
}

Term bif_math_atan_1(Process *p, const Term *args)
{
    return call(p, atan, args);
}

Term bif_math_atanh_1(Process *p, const Term *args)
{
    return call(p, atanh, args);
}

// Floats, unlike erlang:ceil.
Term bif_math_ceil_1(Process *p, const Term *args)
{
    return call(p, ceil, args);
}

Term bif_math_cos_1(Process *p, const Term *args)
{
    return call(p, cos, args);
}

Term bif_math_cosh_1(Process *p, const Term *args)
{
    return call(p, cosh, args);
}

Term bif_math_erf_1(Process *p, const Term *args)
{
    return call(p, erf, args);
}

Term bif_math_erfc_1(Process *p, const Term *args)
{
    return call(p, erfc, args);
}

Term bif_math_exp_1(Process *p, const Term *args)
{
    return call(p, exp, args);
}

Term bif_math_floor_1(Process *p, const Term *args)
{
    return call(p, floor, args);
}

Term bif_math_log_1(Process *p, const Term *args)
{
    return call(p, log, args);
}

Term bif_math_log10_1(Process *p, const Term *args)
{
    return call(p, log10, args);
}

Term bif_math_log2_1(Process *p, const Term *args)
{
    return call(p, log2, args);
}

Term bif_math_sin_1(Process *p, const Term *args)
{
    return call(p, sin, args);
}

Term bif_math_sinh_1(Process *p, const Term *args)
{
    return call(p, sinh, args);
}

Term bif_math_sqrt_1(Process *p, const Term *args)
{
    return call(p, sqrt, args);
}

Term bif_math_tan_1(Process *p, const Term *args)
{
    return call(p, tan, args);
}

Term bif_math_tanh_1(Process *p, const Term *args)
{
    return call(p, tanh, args);
}

Term bif_math_atan2_2(Process *p, const Term *args)
{
    return call2(p, atan2, args);
}

// fmod(X, 0.0) is no number.
Term bif_math_fmod_2(Process *p, const Term *args)
{
    return call2(p, fmod, args);
}

// math:pow(0, -1) is infinite in C, so it is badarith.
Term bif_math_pow_2(Process *p, const Term *args)
{
    return call2(p, pow, args);
}
