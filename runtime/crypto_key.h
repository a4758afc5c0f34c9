// SPDX-License-Identifier: Apache-2.0
// Keys of public-key algorithms, as the lists and tuples that crypto.erl has
// made of what its callers gave: all numbers are binaries.
#ifndef MERLE_CRYPTO_KEY_H
#define MERLE_CRYPTO_KEY_H

#include "crypto_argument.h"

// The key [t] of [algorithm] (rsa, dss, ecdsa, eddsa), to be freed by the
// caller. NULL, and an error raised, when it is none; [arguments] are the
// places of algorithm and key in the call.
//
//     rsa    [E, N] and, private, [E, N, D] or with P, Q, D1, D2, C behind
//     dss    [P, Q, G, Y], private [P, Q, G, X]
//     ecdsa  {Curve, Point}, private {Curve, Number}
//     eddsa  [Bytes, Curve]
EVP_PKEY *crypto_key_public(Process *p, Term algorithm, Term t,
                            const int arguments[2]);
EVP_PKEY *crypto_key_private(Process *p, Term algorithm, Term t,
                             const int arguments[2]);

// Whether [algorithm] is one of these; if not, an error is raised.
bool crypto_key_algorithm(Process *p, Term algorithm, int argument);

// The digest [type] that goes with [algorithm]; NULL in [*md] when it takes
// none. False, and an error about [argument]
// raised, when there is no such digest.
bool crypto_key_digest(Process *p, Term algorithm, Term type, int argument,
                       EVP_MD **md);

// Number [name] of [key] as a binary, of [size] bytes at least. TERM_NONE, and
// nothing raised, when the key has none.
Term crypto_key_number(Process *p, const EVP_PKEY *key, const char *name,
                       size_t size);

// The secret that [own] shares with [peer]; [lines] are OTP's, in [file], for
// a key that cannot derive, a wrong peer, an unknown size and no result.
Term crypto_key_derive(Process *p, EVP_PKEY *own, EVP_PKEY *peer,
                       const char *file, const int lines[4]);

#endif
