// SPDX-License-Identifier: Apache-2.0
// Keys of public-key algorithms from terms, and numbers of keys as terms.
#include "crypto_key.h"

#include <openssl/core_names.h>

#include "crypto_algorithm.h"
#include "crypto_curve.h"
#include "crypto_params.h"

// What a key is used for takes about a tenth of a slice.
enum { REDUCTIONS_A_KEY = 400 };

// For "return refuse(...)" where a key is to be answered.
static EVP_PKEY *refuse(Process *p, int argument, int line, const char *text)
{
    crypto_badarg(p, argument, "pkey.c", line, text);
    return NULL;
}

// Told before the rest is looked at.
bool crypto_key_algorithm(Process *p, Term algorithm, int argument)
{
    return term_same(algorithm, ATOM_rsa) || term_same(algorithm, ATOM_dss)
           || term_same(algorithm, ATOM_ecdsa)
           || term_same(algorithm, ATOM_eddsa)
           || refuse(p, argument, 112, "Bad algorithm") != NULL;
}

// The key whose numbers list [t] holds in the order of [names], and maybe
// [more] behind them.
static EVP_PKEY *key_from_list(Process *p, const char *kind, Term t,
                               const char *const *names,
                               const char *const *more)
{
    const CryptoLibrary *c = crypto_library(p->node);
    // EVP_PKEY_KEYPAIR has what a public key has, too.
    bool private =
        more != NULL || strcmp(names[3], OSSL_PKEY_PARAM_PRIV_KEY) == 0;
    CryptoParams params;
    EVP_PKEY *key = NULL;
    crypto_params_init(&params, c);
    bool good = crypto_params_list(&params, names, &t);
    // All of them or none.
    if (good && more != NULL && term_is_cons(t))
        good = crypto_params_list(&params, more, &t);
    if (good && term_is_nil(t))
        key = crypto_params_key(
            &params, kind, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
    crypto_params_free(&params);
    return key;
}

// E and N come first in both, so a private key begins as its public half does.
static EVP_PKEY *rsa_key(Process *p, Term t, bool private)
{
    static const char *const public_names[] = {OSSL_PKEY_PARAM_RSA_E,
                                               OSSL_PKEY_PARAM_RSA_N, NULL, ""};
    static const char *const private_names[] = {OSSL_PKEY_PARAM_RSA_E,
                                                OSSL_PKEY_PARAM_RSA_N,
                                                OSSL_PKEY_PARAM_RSA_D, NULL};
    // With these libcrypto is four times as fast.
    static const char *const more[] = {
        OSSL_PKEY_PARAM_RSA_FACTOR1,      OSSL_PKEY_PARAM_RSA_FACTOR2,
        OSSL_PKEY_PARAM_RSA_EXPONENT1,    OSSL_PKEY_PARAM_RSA_EXPONENT2,
        OSSL_PKEY_PARAM_RSA_COEFFICIENT1, NULL};
    if (private) return key_from_list(p, "RSA", t, private_names, more);
    return key_from_list(p, "RSA", t, public_names, NULL);
}

// Both halves have the same parameters.
static EVP_PKEY *dss_key(Process *p, Term t, bool private)
{
    const char *names[] = {
        OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G,
        private ? OSSL_PKEY_PARAM_PRIV_KEY : OSSL_PKEY_PARAM_PUB_KEY, NULL};
    return key_from_list(p, "DSA", t, names, NULL);
}

// {Curve, Point or number}
static EVP_PKEY *ec_key(Process *p, Term t, bool private)
{
    if (!term_is_tuple_of(t, 2)) return NULL;
    CryptoParams params;
    EVP_PKEY *key = NULL;
    crypto_params_init(&params, crypto_library(p->node));
    Term value = term_tuple_get(t, 1);
    bool good =
        private ? crypto_params_number(&params, OSSL_PKEY_PARAM_PRIV_KEY, value)
                : crypto_params_octets(&params, OSSL_PKEY_PARAM_PUB_KEY, value);
    // A private key does without its point: nothing asks for it.
    if (good && crypto_curve_add(p, &params, term_tuple_get(t, 0)))
        key = crypto_params_key(
            &params, "EC", private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
    crypto_params_free(&params);
    return key;
}

// [Bytes, ed25519 or ed448]
static EVP_PKEY *eddsa_key(Process *p, Term t, bool private)
{
    const CryptoLibrary *c = crypto_library(p->node);
    // Sizes are checked by libcrypto.
    if (term_list_length(t) != 2) return NULL;
    Term name = term_head(term_tail(t));
    bool small = term_same(name, ATOM_ed25519);
    CryptoBytes bytes;
    if ((!small && !term_same(name, ATOM_ed448))
        || !crypto_get_binary(term_head(t), &bytes))
        return NULL;
    const char *kind = small ? "ED25519" : "ED448";
    EVP_PKEY *key = private ? c->EVP_PKEY_new_raw_private_key_ex(
                        NULL, kind, NULL, bytes.data, bytes.size)
                            : c->EVP_PKEY_new_raw_public_key_ex(
                                NULL, kind, NULL, bytes.data, bytes.size);
    crypto_bytes_free(&bytes);
    return key;
}

typedef struct {
    uintptr_t algorithm;
    EVP_PKEY *(*make)(Process *p, Term t, bool private);
    int private_line, public_line; // where OTP refuses one
    const char *private_text, *public_text;
} KeyKind;

static const KeyKind kinds[] = {
    {ATOM_BITS_rsa, rsa_key, 357, 435, "Couldn't get RSA private key",
     "Couldn't get RSA public key"},
    {ATOM_BITS_ecdsa, ec_key, 362, 440, "Couldn't get ECDSA private key",
     "Couldn't get ECDSA public key"},
    {ATOM_BITS_eddsa, eddsa_key, 371, 449, "Couldn't get EDDSA private key",
     "Couldn't get EDDSA public key"},
    {ATOM_BITS_dss, dss_key, 381, 459, "Couldn't get DSA private key",
     "Couldn't get DSA public key"},
};

// NULL also for ecdh and the like, whose keys are made in bif_crypto_key.c.
static const KeyKind *find_kind(Term algorithm)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].algorithm == algorithm.bits) return &kinds[i];
    return NULL;
}

// Whatever was wrong with it, OTP says no more than that.
EVP_PKEY *crypto_key_public(Process *p, Term algorithm, Term t,
                            const int arguments[2])
{
    const KeyKind *kind = find_kind(algorithm);
    if (kind == NULL) return refuse(p, arguments[0], 464, "Bad algorithm");
    bif_bump(p, REDUCTIONS_A_KEY);
    EVP_PKEY *key = kind->make(p, t, false);
    if (key != NULL) return key;
    return refuse(p, arguments[1], kind->public_line, kind->public_text);
}

// The same.
EVP_PKEY *crypto_key_private(Process *p, Term algorithm, Term t,
                             const int arguments[2])
{
    const KeyKind *kind = find_kind(algorithm);
    if (kind == NULL) return refuse(p, arguments[0], 387, "Bad algorithm");
    bif_bump(p, REDUCTIONS_A_KEY);
    EVP_PKEY *key = kind->make(p, t, true);
    if (key != NULL) return key;
    return refuse(p, arguments[1], kind->private_line, kind->private_text);
}

// EdDSA has its digest in it.
bool crypto_key_digest(Process *p, Term algorithm, Term type, int argument,
                       EVP_MD **md)
{
    *md = NULL;
    if (term_same(algorithm, ATOM_eddsa)
        || (term_same(algorithm, ATOM_rsa) && term_same(type, ATOM_none)))
        return true;
    const CryptoDigest *digest = crypto_digest(type);
    if (digest == NULL)
        return refuse(p, argument, 138, "Bad digest type") != NULL;
    *md = crypto_digest_fetch(crypto_library(p->node), digest);
    return *md != NULL
           || refuse(p, argument, 144, "Digest type not supported") != NULL;
}

// The copy that libcrypto gives may be secret: it is wiped.
Term crypto_key_number(Process *p, const EVP_PKEY *key, const char *name,
                       size_t size)
{
    const CryptoLibrary *c = crypto_library(p->node);
    BIGNUM *number = NULL;
    uint8_t *to;
    if (!c->EVP_PKEY_get_bn_param(key, name, &number)) return TERM_NONE;
    size_t least = (size_t)(c->BN_num_bits(number) + 7) / 8;
    if (size < least) size = least;
    Term t = heap_binary_new(process_heap(p), size, &to);
    c->BN_bn2binpad(number, to, (int)size);
    c->BN_clear_free(number);
    return t;
}

// The secret is made where it will lie.
Term crypto_key_derive(Process *p, EVP_PKEY *own, EVP_PKEY *peer,
                       const char *file, const int lines[4])
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY_CTX *x = c->EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    bif_bump(p, REDUCTIONS_A_KEY);
    size_t size = 0;
    uint8_t *to;
    Term answer = TERM_NONE;
    if (x == NULL || c->EVP_PKEY_derive_init(x) <= 0) {
        crypto_failed(p, file, lines[0], "Can't EVP_PKEY_derive_init");
    } else if (c->EVP_PKEY_derive_set_peer(x, peer) <= 0) {
        crypto_failed(p, file, lines[1], "Can't derive secret or set peer");
    } else if (c->EVP_PKEY_derive(x, NULL, &size) <= 0) {
        crypto_failed(p, file, lines[2], "Can't get result size");
    } else {
        size_t room = size;
        Heap *h = process_heap(p);
        answer = heap_binary_new(h, room, &to);
        if (c->EVP_PKEY_derive(x, to, &size) <= 0)
            answer = crypto_failed(p, file, lines[3], "Can't get result");
        else if (size < room) // leading zeros are dropped
            answer = heap_binary(h, to, size);
    }
    c->EVP_PKEY_CTX_free(x);
    return answer;
}
