// SPDX-License-Identifier: Apache-2.0
// What the functions of module crypto are given, and how they tell what is
// wrong with it.
#ifndef MERLE_CRYPTO_ARGUMENT_H
#define MERLE_CRYPTO_ARGUMENT_H

#include "bif.h"
#include "crypto_library.h"
#include "process.h"

enum { CRYPTO_BYTES_A_REDUCTION = 256 }; // about what a digest takes

// Bytes of an argument: where they lie, or in memory of their own.
typedef struct {
    const uint8_t *data; // never NULL
    size_t size;
    uint8_t *copy; // freed by crypto_bytes_free; NULL when there is none
} CryptoBytes;

// The bytes of a binary, or of iodata; false, with nothing to free, when [t]
// is something else. Good until the next collection.
bool crypto_get_binary(Term t, CryptoBytes *bytes);
bool crypto_get_iodata(Term t, CryptoBytes *bytes);

// May be called twice, and for bytes that were set to {0}.
void crypto_bytes_free(CryptoBytes *bytes);

// The number that a binary holds, most significant byte first, to be freed by
// the caller; NULL when [t] is no binary. And the shortest binary of a number.
BIGNUM *crypto_get_number(const CryptoLibrary *c, Term t);
Term crypto_number_term(Process *p, const BIGNUM *number);

// Failures carry the place where OTP's own crypto finds them, for programs
// match on {badarg, {File, Line}, Text}: they fail with
// {Kind, {File, Line, Argument}, Text}, from which crypto.erl makes OTP's form
// and the note about the argument (counted from 0). All answer TERM_NONE.
Term crypto_badarg(Process *p, int argument, const char *file, int line,
                   const char *text);
Term crypto_notsup(Process *p, int argument, const char *file, int line,
                   const char *text);

// What libcrypto could not do; no argument is to blame.
Term crypto_failed(Process *p, const char *file, int line, const char *text);

#endif
