// SPDX-License-Identifier: Apache-2.0
// Elliptic curves between OTP's terms and libcrypto's parameters.
//
// libcrypto's own names are OTP's, but for those of the table.
#include "crypto_curve.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELD_BITS_MOST = 661 };

// The fault is the curve's, and an error and no badarg, as in OTP.
static bool refuse(Process *p, int line, const char *text)
{
    crypto_failed(p, "ec.c", line, text);
    return false;
}

// ---- names ----

static const struct {
    const char *name, *known_as;
} other_names[] = {
    {"ipsec3", "Oakley-EC2N-3"},
    {"ipsec4", "Oakley-EC2N-4"},
    {"secp192r1", "prime192v1"},
    {"secp256r1", "prime256v1"},
};

// libcrypto's name of the curve that atom [t] names.
static void get_name(const AtomTable *atoms, Term t,
                     char name[CRYPTO_NAME_ROOM])
{
    const AtomText *text = atom_text(atoms, t);
    snprintf(name, CRYPTO_NAME_ROOM, "%s", text->bytes);
    // wtls1 and its like stand in the tree of WAP.
    if (strncmp(name, "wtls", 4) == 0)
        snprintf(name, CRYPTO_NAME_ROOM, "wap-wsg-idm-ecid-%s", text->bytes);
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (strcmp(name, other_names[i].name) == 0)
            snprintf(name, CRYPTO_NAME_ROOM, "%s", other_names[i].known_as);
}

// ---- curves written out ----

// A bit of the polynomial of a binary field; below the one before.
static bool get_bit(Term t, int64_t below, int64_t *bit)
{
    return bif_get_int64(t, bit) && *bit > 0 && *bit < below;
}

// The polynomial x^m + ... + 1 of {tpbasis, K} or {ppbasis, K1, K2, K3}; NULL,
// and an error raised, when it is none.
static BIGNUM *get_polynomial(Process *p, int64_t m, Term basis)
{
    const CryptoLibrary *c = crypto_library(p->node);
    int64_t bits[4] = {m, 0, 0, 0}; // exponents, falling
    size_t count = 1;
    if (term_same(basis, ATOM_onbasis)) {
        crypto_notsup(p, 1, "ec.c", 186, "'onbasis' not supported");
        return NULL;
    }
    bool one = term_is_tuple_of(basis, 2)
               && term_same(term_tuple_get(basis, 0), ATOM_tpbasis);
    bool three = term_is_tuple_of(basis, 4)
                 && term_same(term_tuple_get(basis, 0), ATOM_ppbasis);
    if (!one && !three) {
        refuse(p, term_is_tuple(basis) ? 181 : 188,
               term_is_tuple(basis) ? "Bad tuple" : "Bad last field");
        return NULL;
    }
    // K3 is the highest.
    for (size_t k = one ? 1 : 3; k > 0; k--, count++) {
        if (get_bit(term_tuple_get(basis, k), bits[count - 1], &bits[count]))
            continue;
        refuse(p, one ? 148 : 170,
               one ? "bad values (field_bits or k1)"
                   : "bad values (field_bits, k1, k2 or k3)");
        return NULL;
    }
    // Bit n stands for x^n.
    BIGNUM *polynomial = c->BN_new();
    for (size_t i = 0; i < count; i++) c->BN_set_bit(polynomial, (int)bits[i]);
    c->BN_set_bit(polynomial, 0);
    return polynomial;
}

// {prime_field, Prime} or {characteristic_two_field, M, Basis}
static bool add_field(Process *p, CryptoParams *params, Term field)
{
    if (term_is_tuple_of(field, 2)
        && term_same(term_tuple_get(field, 0), ATOM_prime_field)) {
        crypto_params_text(params, OSSL_PKEY_PARAM_EC_FIELD_TYPE,
                           SN_X9_62_prime_field);
        return crypto_params_number(params, OSSL_PKEY_PARAM_EC_P,
                                    term_tuple_get(field, 1))
               || refuse(p, 115, "Bad p (Prime)");
    }
    if (!term_is_tuple_of(field, 3)
        || !term_same(term_tuple_get(field, 0), ATOM_characteristic_two_field))
        return refuse(p, term_is_tuple(field) ? 202 : 108,
                      term_is_tuple(field) ? "Bad field-type" : "Bad Field");
    int64_t m;
    if (!bif_get_int64(term_tuple_get(field, 1), &m) || m > FIELD_BITS_MOST)
        return refuse(p, 135, "Bad field-bits (M)");
    BIGNUM *polynomial = get_polynomial(p, m, term_tuple_get(field, 2));
    if (polynomial == NULL) return false;
    crypto_params_text(params, OSSL_PKEY_PARAM_EC_FIELD_TYPE,
                       SN_X9_62_characteristic_two_field);
    return crypto_params_own(params, OSSL_PKEY_PARAM_EC_P, polynomial);
}

// In the order in which OTP looks at them, so that the same one is told.
static bool add_explicit(Process *p, CryptoParams *params, Term t)
{
    if (!term_is_tuple_of(t, 5))
        return refuse(p, 78, "Bad curve def. Expect 5-tuple.");
    if (!crypto_params_octets(params, OSSL_PKEY_PARAM_EC_GENERATOR,
                              term_tuple_get(t, 2)))
        return refuse(p, 81, "Bad Generator (Point)");
    if (!crypto_params_number(params, OSSL_PKEY_PARAM_EC_ORDER,
                              term_tuple_get(t, 3)))
        return refuse(p, 84, "Bad order");
    if (term_same(term_tuple_get(t, 4), ATOM_none))
        return refuse(p, 87, "Cofactor must be != none");
    if (!crypto_params_number(params, OSSL_PKEY_PARAM_EC_COFACTOR,
                              term_tuple_get(t, 4)))
        return refuse(p, 90, "Bad cofactor");
    Term prime = term_tuple_get(t, 1);
    if (!term_is_tuple_of(prime, 3)) return refuse(p, 94, "Bad Prime");
    if (!crypto_params_number(params, OSSL_PKEY_PARAM_EC_A,
                              term_tuple_get(prime, 0)))
        return refuse(p, 97, "Bad a");
    if (!crypto_params_number(params, OSSL_PKEY_PARAM_EC_B,
                              term_tuple_get(prime, 1)))
        return refuse(p, 100, "Bad b");
    // Whatever is no binary, as none, is no seed.
    crypto_params_octets(params, OSSL_PKEY_PARAM_EC_SEED,
                         term_tuple_get(prime, 2));
    return add_field(p, params, term_tuple_get(t, 0));
}

// libcrypto is faster with a curve that it knows by name.
bool crypto_curve_add(Process *p, CryptoParams *params, Term t)
{
    char *name = params->curve;
    if (!term_is_atom(t)) return add_explicit(p, params, t);
    get_name(process_atoms(p), t, name);
    if (params->library->OBJ_sn2nid(name) == NID_undef)
        return refuse(p, 78, "Bad curve def. Expect 5-tuple.");
    return crypto_params_text(params, OSSL_PKEY_PARAM_GROUP_NAME, name);
}

// The group must be made for it; keys tell it by another interface only.
size_t crypto_curve_order_size(CryptoParams *params)
{
    const CryptoLibrary *c = params->library;
    OSSL_PARAM *array = crypto_params_get(params);
    EC_GROUP *group = c->EC_GROUP_new_from_params(array, NULL, NULL);
    size_t size = 0;
    if (group != NULL) size = (size_t)(c->EC_GROUP_order_bits(group) + 7) / 8;
    c->EC_GROUP_free(group);
    return size;
}

// ---- known curves as terms ----

// A number in [size] bytes; a single 0 when it is zero.
static Term number_term(Process *p, const BIGNUM *n)
{
    static const uint8_t zero = 0;
    if (crypto_library(p->node)->BN_num_bits(n) == 0)
        return heap_binary(process_heap(p), &zero, 1);
    return crypto_number_term(p, n);
}

// {prime_field, Prime}, or the set bits of the polynomial.
static Term field_term(Process *p, const EC_GROUP *group, const BIGNUM *prime)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Heap *h = process_heap(p);
    if (c->EC_GROUP_get_field_type(group) == NID_X9_62_prime_field)
        return heap_tuple2(h, ATOM_prime_field, number_term(p, prime));
    int top = c->BN_num_bits(prime) - 1;
    Term bits[4]; // name and exponents, rising
    size_t count = 1;
    for (int i = 1; i < top && count < 4; i++)
        if (c->BN_is_bit_set(prime, i)) bits[count++] = term_small(i);
    bits[0] = count == 2 ? ATOM_tpbasis : ATOM_ppbasis;
    return heap_tuple3(h, ATOM_characteristic_two_field, term_small(top),
                       heap_tuple(h, count, bits));
}

// Uncompressed, as OTP writes base points.
static Term point_term(Process *p, const EC_GROUP *group)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const EC_POINT *point = c->EC_GROUP_get0_generator(group);
    point_conversion_form_t form = POINT_CONVERSION_UNCOMPRESSED;
    size_t size = c->EC_POINT_point2oct(group, point, form, NULL, 0, NULL);
    uint8_t *to;
    Term t = heap_binary_new(process_heap(p), size, &to);
    c->EC_POINT_point2oct(group, point, form, to, size, NULL);
    return t;
}

// Answers are built from the inside out: each part is a term already.
static Term group_term(Process *p, const EC_GROUP *group)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Heap *h = process_heap(p);
    BIGNUM *prime = c->BN_new(), *a = c->BN_new(), *b = c->BN_new();
    Term answer = TERM_NONE;
    if (c->EC_GROUP_get_curve(group, prime, a, b, NULL)) {
        const uint8_t *seed = c->EC_GROUP_get0_seed(group);
        Term seed_term =
            seed == NULL
                ? ATOM_none
                : heap_binary(h, seed, c->EC_GROUP_get_seed_len(group));
        Term rows[] = {
            field_term(p, group, prime),
            heap_tuple3(h, number_term(p, a), number_term(p, b), seed_term),
            point_term(p, group), number_term(p, c->EC_GROUP_get0_order(group)),
            number_term(p, c->EC_GROUP_get0_cofactor(group))};
        answer = heap_tuple(h, 5, rows);
    }
    c->BN_free(prime);
    c->BN_free(a);
    c->BN_free(b);
    return answer;
}

// libcrypto has the numbers, so they stand nowhere here.
Term crypto_curve_term(Process *p, Term name)
{
    const CryptoLibrary *c = crypto_library(p->node);
    char text[CRYPTO_NAME_ROOM];
    get_name(process_atoms(p), name, text);
    EC_GROUP *group = c->EC_GROUP_new_by_curve_name(c->OBJ_sn2nid(text));
    if (group == NULL) return TERM_NONE;
    Term t = group_term(p, group);
    c->EC_GROUP_free(group);
    return t;
}
