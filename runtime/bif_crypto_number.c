// SPDX-License-Identifier: Apache-2.0
// crypto: random bytes and numbers, powers, bytes put together, and keys made
// of passwords.
#include <limits.h>
#include <stdlib.h>

#include "crypto_algorithm.h"
#include "crypto_argument.h"
#include "runtime_bifs.gen.h"

// The atom false when libcrypto has no randomness to give.
Term bif_crypto_strong_rand_bytes_nif_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    size_t size;
    uint8_t *to;
    if (!bif_get_size(args[0], &size) || size > INT_MAX)
        return bif_error(p, ATOM_badarg);
    // Filled where it lies: no copy of secrets.
    Term t = heap_binary_new(process_heap(p), size, &to);
    bif_bump(p, size / CRYPTO_BYTES_A_REDUCTION);
    return c->RAND_bytes(to, (int)size) == 1 ? t : ATOM_false;
}

// A number from 0 up to one less than the argument's; false as above.
Term bif_crypto_strong_rand_range_nif_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    BIGNUM *range = crypto_get_number(c, args[0]);
    if (range == NULL) return bif_error(p, ATOM_badarg);
    BIGNUM *number = c->BN_new();
    Term answer = ATOM_false;
    if (number != NULL && c->BN_rand_range(number, range))
        answer = crypto_number_term(p, number);
    c->BN_free(number);
    c->BN_free(range);
    return answer;
}

// libcrypto mixes it in; what it has already is not lost.
Term bif_crypto_rand_seed_nif_1(Process *p, const Term *args)
{
    CryptoBytes seed;
    if (!crypto_get_binary(args[0], &seed)) return bif_error(p, ATOM_badarg);
    if (seed.size <= INT_MAX)
        crypto_library(p->node)->RAND_seed(seed.data, (int)seed.size);
    crypto_bytes_free(&seed);
    return ATOM_ok;
}

// mod_exp_nif(Base, Exponent, Modulus, 0); OTP has another form of answer that
// the last argument asks for and nobody uses.
Term bif_crypto_mod_exp_nif_4(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    BIGNUM *base = crypto_get_number(c, args[0]);
    BIGNUM *exponent = crypto_get_number(c, args[1]);
    BIGNUM *modulus = crypto_get_number(c, args[2]);
    BIGNUM *result = c->BN_new();
    BN_CTX *context = c->BN_CTX_new();
    Term answer = TERM_NONE;
    // Also libcrypto refuses some: there is nothing modulo 0.
    if (base != NULL && exponent != NULL && modulus != NULL && result != NULL
        && context != NULL
        && c->BN_mod_exp(result, base, exponent, modulus, context))
        answer = crypto_number_term(p, result);
    c->BN_free(base);
    c->BN_clear_free(exponent); // is secret as a rule
    c->BN_free(modulus);
    c->BN_free(result);
    c->BN_CTX_free(context);
    if (term_same(answer, TERM_NONE)) return bif_error(p, ATOM_badarg);
    return answer;
}

// Sizes that differ are an error: whoever cuts would hide it.
Term bif_crypto_do_exor_2(Process *p, const Term *args)
{
    CryptoBytes a = {0}, b = {0};
    Term answer = TERM_NONE;
    if (crypto_get_binary(args[0], &a) && crypto_get_binary(args[1], &b)
        && a.size == b.size) {
        uint8_t *to;
        answer = heap_binary_new(process_heap(p), a.size, &to);
        for (size_t i = 0; i < a.size; i++) to[i] = a.data[i] ^ b.data[i];
        bif_bump(p, a.size / CRYPTO_BYTES_A_REDUCTION);
    }
    crypto_bytes_free(&a);
    crypto_bytes_free(&b);
    if (term_same(answer, TERM_NONE)) return bif_error(p, ATOM_badarg);
    return answer;
}

// ---- passwords ----

// OTP finds fault with these in its pbkdf2_hmac.c.
static Term bad(Process *p, int argument, int line, const char *text)
{
    return crypto_badarg(p, argument, "pbkdf2_hmac.c", line, text);
}

// A number of at least 1 that libcrypto can take; false, and an error raised.
static bool get_count(Process *p, Term t, int argument, int line, int *count)
{
    uint64_t n;
    if (!bif_get_uint64(t, &n) || n > INT_MAX) {
        bad(p, argument, line, "Not integer");
        return false;
    }
    if (n == 0) {
        bad(p, argument, line + 2, "Must be > 0");
        return false;
    }
    *count = (int)n;
    return true;
}

// [counts]: rounds, and bytes of the key.
static Term derive_key(Process *p, const EVP_MD *md, const CryptoBytes *word,
                       const CryptoBytes *salt, const int counts[2])
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t *to;
    Term key = heap_binary_new(process_heap(p), (size_t)counts[1], &to);
    if (c->PKCS5_PBKDF2_HMAC((const char *)word->data, (int)word->size,
                             salt->data, (int)salt->size, counts[0], md,
                             counts[1], to))
        return key;
    return crypto_failed(p, "pbkdf2_hmac.c", 64, "Low-level call failed");
}

// pbkdf2_hmac_nif(Digest, Password, Salt, Rounds, Size)
Term bif_crypto_pbkdf2_hmac_nif_5(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const CryptoDigest *digest = crypto_digest(args[0]);
    CryptoBytes word = {0}, salt = {0};
    int counts[2]; // rounds and bytes
    Term answer = TERM_NONE;
    if (digest == NULL) return bad(p, 0, 34, "Bad digest type");
    if (!digest->for_keys) return bad(p, 0, 38, "Not eligible digest type");
    EVP_MD *md = crypto_digest_fetch(c, digest);
    if (md == NULL)
        bad(p, 0, 36, "md.p is not NULL"); // OTP's words
    else if (!crypto_get_binary(args[1], &word) || word.size > INT_MAX)
        bad(p, 1, 41, "Not binary");
    else if (!crypto_get_binary(args[2], &salt) || salt.size > INT_MAX)
        bad(p, 2, 44, "Not binary");
    else if (get_count(p, args[3], 3, 47, &counts[0])
             && get_count(p, args[4], 4, 52, &counts[1]))
        answer = derive_key(p, md, &word, &salt, counts);
    crypto_bytes_free(&word);
    crypto_bytes_free(&salt);
    return answer;
}
