// SPDX-License-Identifier: Apache-2.0
// Parameters for libcrypto and the keys they make.
#include "crypto_params.h"

// libcrypto copies nothing before the parameters are built.
void crypto_params_init(CryptoParams *params, const CryptoLibrary *c)
{
    *params = (CryptoParams){.library = c};
    params->builder = c->OSSL_PARAM_BLD_new();
}

void crypto_params_free(CryptoParams *params)
{
    const CryptoLibrary *c = params->library;
    c->OSSL_PARAM_BLD_free(params->builder);
    c->OSSL_PARAM_free(params->array);
    // Any of them may be a private key: they are wiped.
    for (size_t i = 0; i < params->number_count; i++)
        c->BN_clear_free(params->numbers[i]);
    for (size_t i = 0; i < params->octets_count; i++)
        crypto_bytes_free(&params->octets[i]);
}

// A number that is one too many is freed here, since it has been given away.
bool crypto_params_own(CryptoParams *params, const char *name, BIGNUM *number)
{
    const CryptoLibrary *c = params->library;
    if (number == NULL) return false;
    if (params->number_count == CRYPTO_PARAMS_MOST) {
        c->BN_clear_free(number);
        return false;
    }
    params->numbers[params->number_count++] = number;
    return c->OSSL_PARAM_BLD_push_BN(params->builder, name, number);
}

bool crypto_params_number(CryptoParams *params, const char *name, Term t)
{
    return crypto_params_own(params, name,
                             crypto_get_number(params->library, t));
}

// The bytes must stay where they are until all is built.
bool crypto_params_octets(CryptoParams *params, const char *name, Term t)
{
    CryptoBytes *to = &params->octets[params->octets_count];
    if (params->octets_count == CRYPTO_PARAMS_MOST || !crypto_get_binary(t, to))
        return false;
    params->octets_count++;
    return params->library->OSSL_PARAM_BLD_push_octet_string(
        params->builder, name, to->data, to->size);
}

// Size 0: up to the end of the string.
bool crypto_params_text(CryptoParams *params, const char *name,
                        const char *text)
{
    return params->library->OSSL_PARAM_BLD_push_utf8_string(params->builder,
                                                            name, text, 0);
}

// What follows the last name is for the caller to look at.
bool crypto_params_list(CryptoParams *params, const char *const *names,
                        Term *list)
{
    for (; *names != NULL; names++) {
        if (!term_is_cons(*list)
            || !crypto_params_number(params, *names, term_head(*list)))
            return false;
        *list = term_tail(*list);
    }
    return true;
}

OSSL_PARAM *crypto_params_get(CryptoParams *params)
{
    const CryptoLibrary *c = params->library;
    if (params->array == NULL)
        params->array = c->OSSL_PARAM_BLD_to_param(params->builder);
    return params->array;
}

// The context of a kind without a key is that which makes keys.
EVP_PKEY *crypto_params_key(CryptoParams *params, const char *kind,
                            int selection)
{
    const CryptoLibrary *c = params->library;
    EVP_PKEY *key = NULL;
    OSSL_PARAM *array = crypto_params_get(params);
    EVP_PKEY_CTX *context = c->EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (array == NULL || context == NULL
        || c->EVP_PKEY_fromdata_init(context) <= 0
        || c->EVP_PKEY_fromdata(context, &key, selection, array) <= 0)
        key = NULL;
    c->EVP_PKEY_CTX_free(context);
    return key;
}
