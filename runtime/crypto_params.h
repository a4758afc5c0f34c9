// SPDX-License-Identifier: Apache-2.0
// Parameters for libcrypto, collected one by one, and the keys they make.
#ifndef MERLE_CRYPTO_PARAMS_H
#define MERLE_CRYPTO_PARAMS_H

#include "crypto_argument.h"

enum { CRYPTO_PARAMS_MOST = 12, CRYPTO_NAME_ROOM = 64 };

typedef struct {
    const CryptoLibrary *library;
    OSSL_PARAM_BLD *builder;
    OSSL_PARAM *array; // what was built: a builder builds once; else NULL
    // What the builder refers to until the parameters are made.
    char curve[CRYPTO_NAME_ROOM]; // its name
    BIGNUM *numbers[CRYPTO_PARAMS_MOST];
    size_t number_count;
    CryptoBytes octets[CRYPTO_PARAMS_MOST];
    size_t octets_count;
} CryptoParams;

void crypto_params_init(CryptoParams *params, const CryptoLibrary *c);
void crypto_params_free(CryptoParams *params);

// Each adds a parameter of that name; false when [t] is no binary, or when
// there are too many. A text must stay where it is.
bool crypto_params_number(CryptoParams *params, const char *name, Term t);
bool crypto_params_octets(CryptoParams *params, const char *name, Term t);
bool crypto_params_text(CryptoParams *params, const char *name,
                        const char *text);

// Adds a number that belongs to the parameters from here on; false when it is
// NULL or one too many.
bool crypto_params_own(CryptoParams *params, const char *name, BIGNUM *number);

// Adds a number for each element of list [*list], by [names] that NULL ends;
// [*list] is what follows. False when the list is too short or wrong.
bool crypto_params_list(CryptoParams *params, const char *const *names,
                        Term *list);

// The parameters as libcrypto takes them, until crypto_params_free; none can
// be added after that. NULL when they cannot be built.
OSSL_PARAM *crypto_params_get(CryptoParams *params);

// The key of [kind] that they make, NULL when they make none. [selection] says
// which part: EVP_PKEY_KEYPAIR or EVP_PKEY_PUBLIC_KEY. The caller frees it.
EVP_PKEY *crypto_params_key(CryptoParams *params, const char *kind,
                            int selection);

#endif
