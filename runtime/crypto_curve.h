// SPDX-License-Identifier: Apache-2.0
// Elliptic curves: by name, or as OTP writes them out:
// {Field, {A, B, Seed}, BasePoint, Order, CoFactor}.
#ifndef MERLE_CRYPTO_CURVE_H
#define MERLE_CRYPTO_CURVE_H

#include "crypto_params.h"

// Adds curve [t] (a name, or a tuple with binaries for numbers) to the
// parameters. False, and an error raised, when it is none.
bool crypto_curve_add(Process *p, CryptoParams *params, Term t);

// Bytes of the order of the curve that [params] have; 0 when there is none.
size_t crypto_curve_order_size(CryptoParams *params);

// Curve [name] written out; TERM_NONE when libcrypto does not know it.
Term crypto_curve_term(Process *p, Term name);

#endif
