// SPDX-License-Identifier: Apache-2.0
// crypto: keys that are made, and secrets that two of them share.
#include <limits.h>
#include <openssl/core_names.h>

#include "crypto_curve.h"
#include "crypto_key.h"
#include "crypto_params.h"
#include "runtime_bifs.gen.h"

// ---- RSA ----

// Makes a key; NULL, and an error raised, when libcrypto will not.
static EVP_PKEY *make_rsa(Process *p, unsigned bits, Term exponent)
{
    const CryptoLibrary *c = crypto_library(p->node);
    CryptoParams params;
    crypto_params_init(&params, c);
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *x = c->EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *array = NULL;
    if (c->OSSL_PARAM_BLD_push_uint(params.builder, OSSL_PKEY_PARAM_RSA_BITS,
                                    bits)
        && crypto_params_number(&params, OSSL_PKEY_PARAM_RSA_E, exponent))
        array = crypto_params_get(&params);
    if (x == NULL || c->EVP_PKEY_keygen_init(x) <= 0)
        crypto_failed(p, "rsa.c", 478, "Can't init RSA generation");
    else if (array == NULL || c->EVP_PKEY_CTX_set_params(x, array) <= 0)
        crypto_failed(p, "rsa.c", 487, "Can't set params");
    else if (c->EVP_PKEY_generate(x, &key) <= 0)
        crypto_failed(p, "rsa.c", 492, "Can't generate RSA key-pair");
    c->EVP_PKEY_CTX_free(x);
    crypto_params_free(&params);
    return key;
}

// The list of the numbers of [key], [names] from the last to the first;
// TERM_NONE when one is missing.
static Term key_numbers(Process *p, const EVP_PKEY *key,
                        const char *const *names, size_t count)
{
    Term list = TERM_NIL;
    for (size_t i = 0; i < count; i++) {
        Term number = crypto_key_number(p, key, names[i], 0);
        if (term_same(number, TERM_NONE)) return TERM_NONE;
        list = heap_cons(process_heap(p), number, list);
    }
    return list;
}

// rsa_generate_key_nif(Bits, Exponent) -> [E, N, D, P, Q, D1, D2, C]
Term bif_crypto_rsa_generate_key_nif_2(Process *p, const Term *args)
{
    static const char *const names[] = {OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
                                        OSSL_PKEY_PARAM_RSA_EXPONENT2,
                                        OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                        OSSL_PKEY_PARAM_RSA_FACTOR2,
                                        OSSL_PKEY_PARAM_RSA_FACTOR1,
                                        OSSL_PKEY_PARAM_RSA_D,
                                        OSSL_PKEY_PARAM_RSA_N,
                                        OSSL_PKEY_PARAM_RSA_E};
    enum { LEAST_BITS = 256 };
    uint64_t bits;
    if (!bif_get_uint64(args[0], &bits) || bits > UINT_MAX)
        return crypto_badarg(p, 0, "rsa.c", 461, "Can't get unsigned int");
    // OTP's own limit; libcrypto's lies above it.
    if (bits < LEAST_BITS)
        return crypto_badarg(p, 0, "rsa.c", 465, "Can't be < 256");
    if (!term_is_binary(args[1]))
        return crypto_badarg(p, 1, "rsa.c", 470,
                             "Can't get binary public exponent");
    // Primes are looked for at random: seconds for large keys.
    EVP_PKEY *key = make_rsa(p, (unsigned)bits, args[1]);
    if (key == NULL) return TERM_NONE;
    Term list = key_numbers(p, key, names, sizeof names / sizeof *names);
    crypto_library(p->node)->EVP_PKEY_free(key);
    if (!term_same(list, TERM_NONE)) return list;
    return crypto_failed(p, "rsa.c", 522, "Can't get RSA keys");
}

// privkey_to_pubkey_nif(rsa or dss, Key) -> [E, N] or [P, Q, G, Y]
Term bif_crypto_privkey_to_pubkey_nif_2(Process *p, const Term *args)
{
    static const char *const rsa[] = {OSSL_PKEY_PARAM_RSA_N,
                                      OSSL_PKEY_PARAM_RSA_E};
    static const char *const dss[] = {
        OSSL_PKEY_PARAM_PUB_KEY, OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_FFC_Q,
        OSSL_PKEY_PARAM_FFC_P};
    static const int arguments[] = {0, 1};
    bool is_rsa = term_same(args[0], ATOM_rsa);
    if (!crypto_key_algorithm(p, args[0], 0)) return TERM_NONE;
    EVP_PKEY *key = crypto_key_private(p, args[0], args[1], arguments);
    if (key == NULL) return TERM_NONE;
    // A private DSA key has no public number, so this finds none.
    Term list = TERM_NONE;
    if (is_rsa || term_same(args[0], ATOM_dss))
        list = key_numbers(p, key, is_rsa ? rsa : dss, is_rsa ? 2 : 4);
    crypto_library(p->node)->EVP_PKEY_free(key);
    if (!term_same(list, TERM_NONE)) return list;
    if (term_same(args[0], ATOM_ecdsa))
        return crypto_notsup(p, 0, "pkey.c", 1350, "ECDSA not implemented");
    return crypto_badarg(p, 1, "pkey.c", is_rsa ? 1308 : 1313,
                         is_rsa ? "Couldn't get RSA public key from private key"
                                : "Couldn't get DSA public key from private"
                                  " key");
}

// ---- Diffie-Hellman ----

// Adds P and G of list [t]; [argument] and [line] tell where OTP refuses them.
static bool add_group(Process *p, CryptoParams *params, Term t, int argument,
                      int line)
{
    static const char *const first[] = {OSSL_PKEY_PARAM_FFC_P, NULL};
    static const char *const second[] = {OSSL_PKEY_PARAM_FFC_G, NULL};
    if (!crypto_params_list(params, first, &t)) {
        crypto_badarg(p, argument, "dh.c", line, "Bad value of 'p'");
        return false;
    }
    if (!crypto_params_list(params, second, &t)) {
        crypto_badarg(p, argument, "dh.c", line + 5 - (argument == 2) * 2,
                      "Bad value of 'g'");
        return false;
    }
    if (term_is_nil(t)) return true;
    crypto_badarg(p, argument, "dh.c", line + 11 - (argument == 2) * 4,
                  "Not a two-element list");
    return false;
}

// {Public, Private} of the new key that [params] make.
static Term generate_dh(Process *p, CryptoParams *params)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY *base = crypto_params_key(params, "DH", EVP_PKEY_KEYPAIR);
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *x =
        base == NULL ? NULL : c->EVP_PKEY_CTX_new_from_pkey(NULL, base, NULL);
    OSSL_PARAM *array = crypto_params_get(params);
    Term answer = TERM_NONE;
    // libcrypto makes a new private number even when it has one, and OTP
    // answers that: so it is here.
    if (base == NULL) {
        crypto_failed(p, "dh.c", 105, "Can't do fromdata");
    } else if (x == NULL || c->EVP_PKEY_keygen_init(x) <= 0) {
        crypto_failed(p, "dh.c", 114, "Can't init DH generation");
    } else if (array == NULL || c->EVP_PKEY_CTX_set_params(x, array) <= 0) {
        crypto_failed(p, "dh.c", 119, "Can't set params");
    } else if (c->EVP_PKEY_generate(x, &key) <= 0) {
        crypto_failed(p, "dh.c", 124, "Can't generate DH key pair");
    } else {
        Term pub = crypto_key_number(p, key, OSSL_PKEY_PARAM_PUB_KEY, 0);
        Term priv = crypto_key_number(p, key, OSSL_PKEY_PARAM_PRIV_KEY, 0);
        answer = heap_tuple2(process_heap(p), pub, priv);
    }
    c->EVP_PKEY_CTX_free(x);
    c->EVP_PKEY_free(key);
    c->EVP_PKEY_free(base);
    return answer;
}

// dh_generate_key_nif(Private or undefined, [P, G], 0, Bits of the private key
// or 0) -> {Public, Private}
Term bif_crypto_dh_generate_key_nif_4(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    CryptoParams params;
    uint64_t length = 0;
    Term answer = TERM_NONE;
    crypto_params_init(&params, c);
    if (!term_same(args[0], ATOM_undefined)
        && !crypto_params_number(&params, OSSL_PKEY_PARAM_PRIV_KEY, args[0])) {
        crypto_badarg(p, 0, "dh.c", 57, "PrivKeyIn");
    } else if (add_group(p, &params, args[1], 1, 66)) {
        if (!bif_get_uint64(args[3], &length) || length > LONG_MAX)
            crypto_badarg(p, 3, "dh.c", 89, "Bad value of length element");
        else if (length == 0
                 || c->OSSL_PARAM_BLD_push_uint64(
                     params.builder, OSSL_PKEY_PARAM_DH_PRIV_LEN, length))
            answer = generate_dh(p, &params);
    }
    crypto_params_free(&params);
    return answer;
}

// One of the two keys of an exchange.
static EVP_PKEY *dh_key(Process *p, const char *name, Term value, Term group)
{
    CryptoParams params;
    EVP_PKEY *key = NULL;
    bool peer = strcmp(name, OSSL_PKEY_PARAM_PUB_KEY) == 0;
    crypto_params_init(&params, crypto_library(p->node));
    if (!crypto_params_number(&params, name, value)) {
        crypto_badarg(p, 0, "dh.c", peer ? 187 : 215,
                      "Bad peer public key; binary expected");
    } else if (add_group(p, &params, group, 2, 194)) {
        key = crypto_params_key(&params, "DH",
                                peer ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR);
        if (key == NULL)
            crypto_failed(p, "dh.c", peer ? 211 : 223, "Can't do fromdata");
    }
    crypto_params_free(&params);
    return key;
}

// dh_compute_key_nif(Their public key, My private key, [P, G])
Term bif_crypto_dh_compute_key_nif_3(Process *p, const Term *args)
{
    // Of dh.c, see crypto_key_derive.
    static const int lines[] = {230, 233, 236, 243};
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY *peer = dh_key(p, OSSL_PKEY_PARAM_PUB_KEY, args[0], args[2]);
    EVP_PKEY *own = peer == NULL
                        ? NULL
                        : dh_key(p, OSSL_PKEY_PARAM_PRIV_KEY, args[1], args[2]);
    Term answer = own == NULL ? TERM_NONE
                              : crypto_key_derive(p, own, peer, "dh.c", lines);
    c->EVP_PKEY_free(peer);
    c->EVP_PKEY_free(own);
    return answer;
}

// ---- elliptic curves ----

// The public point of private number [number] on the curve of [params], as a
// binary; TERM_NONE, and an error raised, when there is none.
// libcrypto makes no public key of a private one by its newer interface.
static Term public_point(Process *p, CryptoParams *params, const BIGNUM *number)
{
    const CryptoLibrary *c = crypto_library(p->node);
    OSSL_PARAM *array = crypto_params_get(params);
    EC_GROUP *group = c->EC_GROUP_new_from_params(array, NULL, NULL);
    EC_POINT *point = group == NULL ? NULL : c->EC_POINT_new(group);
    Term answer = TERM_NONE;
    if (point == NULL) {
        crypto_failed(p, "ec.c", 287, "Can't do fromdata");
    } else if (c->BN_is_zero(number)) {
        // It would be the point at infinity.
        crypto_badarg(p, 1, "ec.c", 429, "peer priv key must not be 0");
    } else if (!c->EC_POINT_mul(group, point, number, NULL, NULL, NULL)) {
        crypto_failed(p, "ec.c", 432, "Couldn't multiply POINT");
    } else {
        point_conversion_form_t form =
            c->EC_GROUP_get_point_conversion_form(group);
        size_t size = c->EC_POINT_point2oct(group, point, form, NULL, 0, NULL);
        uint8_t *to;
        answer = heap_binary_new(process_heap(p), size, &to);
        c->EC_POINT_point2oct(group, point, form, to, size, NULL);
    }
    c->EC_POINT_free(point);
    c->EC_GROUP_free(group);
    return answer;
}

// {Public, Private} of a key that is given but for its public half. A private
// key has as many bytes as the order of the curve.
static Term complete_ec(Process *p, Term curve, Term private)
{
    const CryptoLibrary *c = crypto_library(p->node);
    CryptoParams params;
    Term answer = TERM_NONE;
    BIGNUM *number = crypto_get_number(c, private);
    crypto_params_init(&params, c);
    if (number == NULL) {
        crypto_badarg(p, 0, "ec.c", 273, "Bad private key");
    } else if (crypto_curve_add(p, &params, curve)) {
        answer = public_point(p, &params, number);
    }
    if (!term_same(answer, TERM_NONE)) {
        size_t size = crypto_curve_order_size(&params);
        size_t least = (size_t)(c->BN_num_bits(number) + 7) / 8;
        uint8_t *to;
        if (size < least) size = least;
        Term own = heap_binary_new(process_heap(p), size, &to);
        c->BN_bn2binpad(number, to, (int)size);
        answer = heap_tuple2(process_heap(p), answer, own);
    }
    crypto_params_free(&params);
    c->BN_clear_free(number);
    return answer;
}

// The point has the form that the curve asks for, compressed or not; the number
// is filled up to [size] bytes, as other programs expect it.
static Term ec_pair(Process *p, const EVP_PKEY *key, size_t size)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const char *name = OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY;
    size_t room = 0;
    uint8_t *to;
    if (!c->EVP_PKEY_get_octet_string_param(key, name, NULL, 0, &room))
        return crypto_failed(p, "ec.c", 374, "Can't get pub octet string size");
    Term public = heap_binary_new(process_heap(p), room, &to);
    if (!c->EVP_PKEY_get_octet_string_param(key, name, to, room, &room))
        return crypto_failed(p, "ec.c", 383, "Can't get pub octet string");
    Term private = crypto_key_number(p, key, OSSL_PKEY_PARAM_PRIV_KEY, size);
    if (term_same(private, TERM_NONE))
        return crypto_badarg(p, 1, "ec.c", 386, "Couldn't get priv key bytes");
    return heap_tuple2(process_heap(p), public, private);
}

// ec_generate_key_nif(Curve, Private or undefined) -> {Public, Private}
Term bif_crypto_ec_generate_key_nif_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (!term_same(args[1], ATOM_undefined))
        return complete_ec(p, args[0], args[1]);
    CryptoParams params;
    crypto_params_init(&params, c);
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *x = NULL;
    OSSL_PARAM *array = NULL;
    Term answer = TERM_NONE;
    if (!crypto_curve_add(p, &params, args[0]))
        crypto_badarg(p, 0, "ec.c", 355, "Couldn't get Curve definition");
    else if ((x = c->EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL)) == NULL
             || c->EVP_PKEY_keygen_init(x) <= 0)
        crypto_failed(p, "ec.c", 364, "Can't EVP_PKEY_keygen_init");
    else if ((array = crypto_params_get(&params)) == NULL
             || c->EVP_PKEY_CTX_set_params(x, array) <= 0)
        crypto_failed(p, "ec.c", 367, "Can't EVP_PKEY_CTX_set_params");
    else if (c->EVP_PKEY_generate(x, &key) <= 0)
        crypto_failed(p, "ec.c", 370, "Couldn't generate EC key");
    else
        answer = ec_pair(p, key, crypto_curve_order_size(&params));
    c->EVP_PKEY_CTX_free(x);
    c->EVP_PKEY_free(key);
    crypto_params_free(&params);
    return answer;
}

// One of the two keys of an exchange.
static EVP_PKEY *ecdh_key(Process *p, Term curve, Term value, bool peer)
{
    CryptoParams params;
    EVP_PKEY *key = NULL;
    crypto_params_init(&params, crypto_library(p->node));
    bool good =
        peer ? crypto_params_octets(&params, OSSL_PKEY_PARAM_PUB_KEY, value)
             : crypto_params_number(&params, OSSL_PKEY_PARAM_PRIV_KEY, value);
    if (!good) {
        crypto_badarg(p, 0, "ecdh.c", peer ? 54 : 81,
                      "Bad peer public key; binary expected");
    } else if (crypto_curve_add(p, &params, curve)) {
        key = crypto_params_key(&params, "EC",
                                peer ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR);
        if (key == NULL)
            crypto_failed(p, "ecdh.c", peer ? 70 : 89, "Can't do fromdata");
    }
    crypto_params_free(&params);
    return key;
}

// ecdh_compute_key_nif(Their public key, Curve, My private key)
Term bif_crypto_ecdh_compute_key_nif_3(Process *p, const Term *args)
{
    // Of ecdh.c.
    static const int lines[] = {100, 103, 106, 113};
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY *peer = ecdh_key(p, args[1], args[0], true);
    EVP_PKEY *own = peer == NULL ? NULL : ecdh_key(p, args[1], args[2], false);
    Term answer = own == NULL
                      ? TERM_NONE
                      : crypto_key_derive(p, own, peer, "ecdh.c", lines);
    c->EVP_PKEY_free(peer);
    c->EVP_PKEY_free(own);
    return answer;
}

// Curve Name written out, or the atom false.
Term bif_crypto_curve_nif_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    Term t = crypto_curve_term(p, args[0]);
    return term_same(t, TERM_NONE) ? ATOM_false : t;
}

// ---- curves whose keys are bytes ----

// libcrypto's name of x25519 and its like; NULL when it is none.
static const char *raw_kind(Term curve)
{
    if (term_same(curve, ATOM_x25519)) return "X25519";
    if (term_same(curve, ATOM_x448)) return "X448";
    if (term_same(curve, ATOM_ed25519)) return "ED25519";
    if (term_same(curve, ATOM_ed448)) return "ED448";
    return NULL;
}

// A new key, or that of the private half [t].
static EVP_PKEY *raw_key(Process *p, const char *kind, Term t)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY *key = NULL;
    if (term_same(t, ATOM_undefined)) {
        EVP_PKEY_CTX *x = c->EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
        if (x == NULL || c->EVP_PKEY_keygen_init(x) <= 0
            || c->EVP_PKEY_generate(x, &key) <= 0)
            crypto_failed(p, "evp.c", 140, "Can't EVP_PKEY_keygen");
        c->EVP_PKEY_CTX_free(x);
        return key;
    }
    CryptoBytes bytes;
    if (!crypto_get_binary(t, &bytes)) {
        crypto_failed(p, "evp.c", 143, "Can't get max size");
        return NULL;
    }
    key = c->EVP_PKEY_new_raw_private_key_ex(NULL, kind, NULL, bytes.data,
                                             bytes.size);
    crypto_bytes_free(&bytes);
    if (key == NULL)
        crypto_failed(p, "evp.c", 145, "Can't EVP_PKEY_new_raw_private_key");
    return key;
}

// evp_generate_key_nif(Curve, Private or undefined) -> {Public, Private}
Term bif_crypto_evp_generate_key_nif_2(Process *p, const Term *args)
{
    enum { KEY_ROOM = 64 }; // ed448 has 57 bytes
    const CryptoLibrary *c = crypto_library(p->node);
    const char *kind = raw_kind(args[0]);
    if (kind == NULL) return crypto_badarg(p, 0, "evp.c", 132, "Bad curve");
    EVP_PKEY *key = raw_key(p, kind, args[1]);
    if (key == NULL) return TERM_NONE;
    // On the stack, where the private half can be wiped.
    uint8_t public[KEY_ROOM], private[KEY_ROOM];
    size_t public_size = KEY_ROOM, private_size = KEY_ROOM;
    bool good =
        c->EVP_PKEY_get_raw_public_key(key, public, &public_size) == 1
        && c->EVP_PKEY_get_raw_private_key(key, private, &private_size) == 1;
    c->EVP_PKEY_free(key);
    if (!good)
        return crypto_failed(p, "evp.c", 153,
                             "Can't EVP_PKEY_get_raw_public_key");
    Heap *h = process_heap(p);
    Term pair = heap_tuple2(h, heap_binary(h, public, public_size),
                            heap_binary(h, private, private_size));
    c->OPENSSL_cleanse(private, sizeof private);
    return pair;
}

// evp_compute_key_nif(Curve, Their public key, My private key)
Term bif_crypto_evp_compute_key_nif_3(Process *p, const Term *args)
{
    // Of evp.c.
    static const int lines[] = {56, 66, 70, 79};
    const CryptoLibrary *c = crypto_library(p->node);
    const char *kind = raw_kind(args[0]);
    CryptoBytes own_bytes = {0}, peer_bytes = {0};
    EVP_PKEY *own = NULL, *peer = NULL;
    Term answer = TERM_NONE;
    if (kind == NULL)
        crypto_badarg(p, 0, "evp.c", 43, "Bad curve");
    else if (!crypto_get_binary(args[2], &own_bytes))
        crypto_badarg(p, 2, "evp.c", 47, "Binary expected");
    else if ((own = c->EVP_PKEY_new_raw_private_key_ex(
                  NULL, kind, NULL, own_bytes.data, own_bytes.size))
             == NULL)
        crypto_badarg(p, 2, "evp.c", 50, "Not a valid raw private key");
    else if (!crypto_get_binary(args[1], &peer_bytes))
        crypto_badarg(p, 1, "evp.c", 60, "Binary expected");
    else if ((peer = c->EVP_PKEY_new_raw_public_key_ex(
                  NULL, kind, NULL, peer_bytes.data, peer_bytes.size))
             == NULL)
        crypto_badarg(p, 1, "evp.c", 63, "Not a raw public peer key");
    else
        answer = crypto_key_derive(p, own, peer, "evp.c", lines);
    crypto_bytes_free(&own_bytes);
    crypto_bytes_free(&peer_bytes);
    c->EVP_PKEY_free(own);
    c->EVP_PKEY_free(peer);
    return answer;
}
