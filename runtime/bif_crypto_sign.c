// SPDX-License-Identifier: Apache-2.0
// crypto: signatures.
#include <limits.h>
#include <openssl/rsa.h>

#include "crypto_key.h"
#include "runtime_bifs.gen.h"

enum { SALT_LIKE_LIBCRYPTO = -2 }; // as long as fits

// What is asked for besides the key.
typedef struct {
    EVP_MD *md;       // of the data; NULL: signed as it is
    EVP_MD *mask;     // RSA-PSS: digest of its mask; NULL: that of the data
    int padding;      // of RSA
    int salt;         // RSA-PSS: bytes
    CryptoBytes data; // to be signed, a digest as a rule
    uint8_t digest[EVP_MAX_MD_SIZE];
} Request;

// OTP finds fault with these in its pkey.c.
static bool bad(Process *p, int argument, int line, const char *text)
{
    crypto_badarg(p, argument, "pkey.c", line, text);
    return false;
}

// Also data that does not fit the key: libcrypto does not say which it was.
static bool failed(Process *p, int line, const char *text)
{
    crypto_failed(p, "pkey.c", line, text);
    return false;
}

// ---- arguments ----

// {digest, Digest}: of the right size.
static bool get_digest(Process *p, Term t, Request *r)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (!term_is_tuple_of(t, 2)) return bad(p, 2, 184, "Bad list");
    if (!term_same(term_tuple_get(t, 0), ATOM_digest))
        return bad(p, 2, 186, "Expected 'digest' as head");
    if (!crypto_get_iodata(term_tuple_get(t, 1), &r->data))
        return bad(p, 2, 188, "Bad 2nd element in list");
    if (r->data.size > INT_MAX) return bad(p, 2, 190, "Too large binary");
    if (r->md != NULL && (int)r->data.size != c->EVP_MD_get_size(r->md))
        return bad(p, 2, 193, "Bad binary size for the algorithm");
    return true;
}

// The data that is signed: the message, its digest, or a digest that is given.
static bool get_data(Process *p, Term t, Request *r)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (term_is_tuple(t)) return get_digest(p, t, r);
    if (!crypto_get_iodata(t, &r->data))
        return bad(p, 2, r->md == NULL ? 201 : 208,
                   "Expected a binary or a list");
    // RSA without a digest signs what it is given; EdDSA hashes by itself.
    if (r->md == NULL) return true;
    unsigned size;
    bool good = c->EVP_Digest(r->data.data, r->data.size, r->digest, &size,
                              r->md, NULL);
    bif_bump(p, r->data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&r->data);
    r->data = (CryptoBytes){.data = r->digest, .size = size};
    return good || failed(p, 220, "Can't create EVP_DigestUpdate");
}

// All of these are for RSA alone.
static bool get_padding(Process *p, Term value, int argument, Request *r)
{
    if (term_same(value, ATOM_rsa_pkcs1_padding))
        r->padding = RSA_PKCS1_PADDING;
    else if (term_same(value, ATOM_rsa_pkcs1_pss_padding))
        r->padding = RSA_PKCS1_PSS_PADDING;
    else if (term_same(value, ATOM_rsa_x931_padding))
        r->padding = RSA_X931_PADDING;
    else if (term_same(value, ATOM_rsa_no_padding))
        r->padding = RSA_NO_PADDING;
    else
        return bad(p, argument, 310, "Bad value in option rsa_padding");
    return true;
}

// All are checked, also those that the padding has no use for.
static bool get_option(Process *p, Term option, int argument, Request *r)
{
    if (!term_is_tuple_of(option, 2))
        return bad(p, argument, 277, "Expects only two-tuples in the list");
    Term tag = term_tuple_get(option, 0), value = term_tuple_get(option, 1);
    if (term_same(tag, ATOM_rsa_mgf1_md)) {
        if (!term_is_atom(value))
            return bad(p, argument, 281,
                       "Atom expected as argument to option rsa_mgf1_md");
        return crypto_key_digest(p, ATOM_rsa, value, argument, &r->mask);
    }
    if (term_same(tag, ATOM_rsa_padding))
        return get_padding(p, value, argument, r);
    if (!term_same(tag, ATOM_rsa_pss_saltlen))
        return bad(p, argument, 319, "Bad option");
    int64_t salt;
    if (!bif_get_int64(value, &salt) || salt < -2 || salt > INT_MAX)
        return bad(p, argument, 316, "Bad value in option rsa_pss_saltlen");
    r->salt = (int)salt;
    return true;
}

// Only RSA has any; the empty list is for all.
static bool get_options(Process *p, Term algorithm, Term t, int argument,
                        Request *r)
{
    r->padding = RSA_PKCS1_PADDING;
    r->salt = SALT_LIKE_LIBCRYPTO;
    if (!term_is_list(t)) return bad(p, argument, 254, "Expected a list");
    if (term_is_nil(t)) return true;
    if (!term_same(algorithm, ATOM_rsa))
        return bad(p, argument, 271, "Only RSA supports Options");
    for (; term_is_cons(t); t = term_tail(t))
        if (!get_option(p, term_head(t), argument, r)) return false;
    return true;
}

// [args]: algorithm, digest, data; [options] is argument [argument].
static bool get_request(Process *p, const Term *args, Term options,
                        int argument, Request *r)
{
    return crypto_key_algorithm(p, args[0], 0)
           && crypto_key_digest(p, args[0], args[1], 1, &r->md)
           && get_data(p, args[2], r)
           && get_options(p, args[0], options, argument, r);
}

// ---- signing ----

// Tells [x] what is asked for; lines of signing, those of verifying lie [on]
// further on.
static bool prepare(Process *p, EVP_PKEY_CTX *x, Term algorithm,
                    const Request *r, int on)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (r->md != NULL && c->EVP_PKEY_CTX_set_signature_md(x, r->md) != 1)
        return failed(p, 533 + on, "Can't EVP_PKEY_CTX_set_signature_md");
    if (!term_same(algorithm, ATOM_rsa)) return true;
    if (c->EVP_PKEY_CTX_set_rsa_padding(x, r->padding) != 1)
        return failed(p, 539 + on, "Can't EVP_PKEY_CTX_set_rsa_padding");
    if (r->padding != RSA_PKCS1_PSS_PADDING) return true;
    // OTP takes the digest of the data for the mask, too.
    const EVP_MD *mask = r->mask == NULL ? r->md : r->mask;
    if (mask != NULL && c->EVP_PKEY_CTX_set_rsa_mgf1_md(x, mask) != 1)
        return failed(p, 545 + on, "Can't EVP_PKEY_CTX_set_rsa_mgf1_md");
    if (r->salt > SALT_LIKE_LIBCRYPTO
        && c->EVP_PKEY_CTX_set_rsa_pss_saltlen(x, r->salt) != 1)
        return bad(p, on == 0 ? 4 : 5, 552 + on, "Bad rsa_pss_saltlen");
    return true;
}

// libcrypto is asked twice: without room it tells the size.
static Term sign_prepared(Process *p, EVP_PKEY_CTX *x, const Request *r)
{
    const CryptoLibrary *c = crypto_library(p->node);
    size_t room = 0;
    uint8_t *to;
    if (c->EVP_PKEY_sign(x, NULL, &room, r->data.data, r->data.size) != 1)
        return crypto_failed(p, "pkey.c", 591, "Can't EVP_PKEY_sign");
    size_t size = room;
    Heap *h = process_heap(p);
    Term signature = heap_binary_new(h, room, &to);
    if (c->EVP_PKEY_sign(x, to, &size, r->data.data, r->data.size) != 1)
        return crypto_failed(p, "pkey.c", 601, "Can't EVP_PKEY_sign");
    // Signatures by curves are shorter than they might be.
    return size == room ? signature : heap_binary(h, to, size);
}

// It hashes by itself and so takes all of the data in one call.
static Term sign_eddsa(Process *p, EVP_PKEY *key, const Request *r)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_MD_CTX *x = c->EVP_MD_CTX_new();
    size_t size = 0;
    uint8_t *to;
    Term answer = TERM_NONE;
    if (x == NULL
        || c->EVP_DigestSignInit_ex(x, NULL, NULL, NULL, NULL, key, NULL)
               != 1) {
        failed(p, 566, "Can't EVP_DigestSignInit");
    } else if (c->EVP_DigestSign(x, NULL, &size, r->data.data, r->data.size)
               != 1) {
        failed(p, 568, "Can't EVP_DigestSign");
    } else {
        answer = heap_binary_new(process_heap(p), size, &to);
        if (c->EVP_DigestSign(x, to, &size, r->data.data, r->data.size) != 1)
            answer = crypto_failed(p, "pkey.c", 576, "Can't EVP_DigestSign");
    }
    c->EVP_MD_CTX_free(x);
    return answer;
}

// libcrypto's context for it is that of the key, but for EdDSA.
static Term sign_with(Process *p, Term algorithm, EVP_PKEY *key,
                      const Request *r)
{
    if (term_same(algorithm, ATOM_eddsa)) return sign_eddsa(p, key, r);
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY_CTX *x = c->EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    Term answer = TERM_NONE;
    if (x == NULL || c->EVP_PKEY_sign_init(x) != 1)
        failed(p, 530, "Can't EVP_PKEY_sign_init");
    else if (prepare(p, x, algorithm, r, 0))
        answer = sign_prepared(p, x, r);
    c->EVP_PKEY_CTX_free(x);
    return answer;
}

// pkey_sign_nif(Algorithm, Digest, Data, Key, Options)
Term bif_crypto_pkey_sign_nif_5(Process *p, const Term *args)
{
    static const int arguments[] = {0, 3};
    Request r = {0};
    EVP_PKEY *key = NULL;
    Term answer = TERM_NONE;
    // A map names a key that an engine keeps.
    if (term_is_map(args[3])) {
        bad(p, 3, 512, "No engine support");
    } else if (get_request(p, args, args[4], 4, &r)) {
        key = crypto_key_private(p, args[0], args[3], arguments);
        if (key != NULL) answer = sign_with(p, args[0], key, &r);
    }
    crypto_library(p->node)->EVP_PKEY_free(key);
    crypto_bytes_free(&r.data);
    return answer;
}

// ---- verifying ----

// As sign_eddsa; what is no signature is false, and no error.
static bool verify_eddsa(Process *p, EVP_PKEY *key, const Request *r,
                         const CryptoBytes *signature, bool *good)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_MD_CTX *x = c->EVP_MD_CTX_new();
    bool ready =
        x != NULL
        && c->EVP_DigestVerifyInit_ex(x, NULL, NULL, NULL, NULL, key, NULL)
               == 1;
    if (ready)
        *good = c->EVP_DigestVerify(x, signature->data, signature->size,
                                    r->data.data, r->data.size)
                == 1;
    else
        failed(p, 807, "Can't EVP_DigestVerifyInit");
    c->EVP_MD_CTX_free(x);
    return ready;
}

// Sets [*good]; false, and an error raised, when it cannot be told.
static bool verify_with(Process *p, Term algorithm, EVP_PKEY *key,
                        const Request *r, const CryptoBytes *signature,
                        bool *good)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (term_same(algorithm, ATOM_eddsa))
        return verify_eddsa(p, key, r, signature, good);
    EVP_PKEY_CTX *x = c->EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool ready = x != NULL && c->EVP_PKEY_verify_init(x) == 1;
    if (!ready)
        failed(p, 771, "Can't EVP_PKEY_sign_init"); // OTP's words
    else
        ready = prepare(p, x, algorithm, r, 241);
    if (ready)
        *good = c->EVP_PKEY_verify(x, signature->data, signature->size,
                                   r->data.data, r->data.size)
                == 1;
    c->EVP_PKEY_CTX_free(x);
    return ready;
}

// pkey_verify_nif(Algorithm, Digest, Data, Signature, Key, Options)
Term bif_crypto_pkey_verify_nif_6(Process *p, const Term *args)
{
    static const int arguments[] = {0, 4};
    Request r = {0};
    CryptoBytes signature = {0};
    EVP_PKEY *key = NULL;
    bool good = false, known = false;
    if (term_is_map(args[4])) {
        bad(p, 4, 748, "No engine support");
    } else if (get_request(p, args, args[5], 5, &r)) {
        if (!crypto_get_binary(args[3], &signature))
            bad(p, 3, 758, "Expected a binary");
        else
            key = crypto_key_public(p, args[0], args[4], arguments);
    }
    if (key != NULL)
        known = verify_with(p, args[0], key, &r, &signature, &good);
    crypto_library(p->node)->EVP_PKEY_free(key);
    crypto_bytes_free(&signature);
    crypto_bytes_free(&r.data);
    if (!known) return TERM_NONE;
    return good ? ATOM_true : ATOM_false;
}
