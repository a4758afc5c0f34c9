// SPDX-License-Identifier: Apache-2.0
// crypto: what one half of a key hides and the other shows.
#include <limits.h>
#include <openssl/rsa.h>

#include "crypto_key.h"
#include "runtime_bifs.gen.h"

// What is asked for besides the key.
typedef struct {
    EVP_MD *mask, *oaep, *signature; // digests of options; NULL without
    CryptoBytes label;               // of OAEP
    int padding;
    CryptoBytes text; // what is to be hidden or shown
} Options;

// What is done: libcrypto has two functions for each.
typedef struct {
    bool private; // with the private key
    bool encrypt;
} Direction;

// The options are argument 3 of the call.
static bool bad(Process *p, int line, const char *text)
{
    crypto_badarg(p, 3, "pkey.c", line, text);
    return false;
}

// Also a text that does not fit the key: libcrypto does not say which it was.
static bool failed(Process *p, int line, const char *text)
{
    crypto_failed(p, "pkey.c", line, text);
    return false;
}

// ---- options ----

// Padding for SSL version 2 is gone from libcrypto, and so is refused.
static bool get_padding(Process *p, Term value, Options *o)
{
    if (term_same(value, ATOM_rsa_pkcs1_padding))
        o->padding = RSA_PKCS1_PADDING;
    else if (term_same(value, ATOM_rsa_pkcs1_oaep_padding))
        o->padding = RSA_PKCS1_OAEP_PADDING;
    else if (term_same(value, ATOM_rsa_x931_padding))
        o->padding = RSA_X931_PADDING;
    else if (term_same(value, ATOM_rsa_no_padding))
        o->padding = RSA_NO_PADDING;
    else
        return bad(p, 949, "Bad padding type in option rsa_padding");
    return true;
}

// An option may come twice: the last counts.
static bool get_digest(Process *p, Term value, int line, const char *text,
                       EVP_MD **md)
{
    if (!term_is_atom(value)) return bad(p, line, text);
    return crypto_key_digest(p, ATOM_rsa, value, 3, md);
}

// All are checked, also those that the padding has no use for.
static bool get_option(Process *p, Term option, Options *o)
{
    if (!term_is_tuple_of(option, 2))
        return bad(p, 924, "Expect only two-tuples in the list");
    Term tag = term_tuple_get(option, 0), value = term_tuple_get(option, 1);
    if (term_same(tag, ATOM_rsa_padding) || term_same(tag, ATOM_rsa_pad))
        return get_padding(p, value, o);
    if (term_same(tag, ATOM_signature_md))
        return get_digest(p, value, 953,
                          "Atom expected as argument to option signature_md",
                          &o->signature);
    if (term_same(tag, ATOM_rsa_mgf1_md))
        return get_digest(p, value, 964,
                          "Atom expected as argument to option rsa_mgf1_md",
                          &o->mask);
    if (term_same(tag, ATOM_rsa_oaep_md))
        return get_digest(p, value, 986,
                          "Atom expected as argument to option rsa_oaep_md",
                          &o->oaep);
    if (!term_same(tag, ATOM_rsa_oaep_label))
        return bad(p, 997, "Unknown option");
    crypto_bytes_free(&o->label);
    return crypto_get_binary(value, &o->label)
           || bad(p, 978, "Binary expected for option rsa_oaep_label");
}

// crypto.erl has made a list of the single atom of old.
static bool get_options(Process *p, Term algorithm, Term t, Options *o)
{
    o->padding = RSA_PKCS1_PADDING;
    if (!term_is_list(t)) return bad(p, 895, "Expected a list");
    if (term_is_nil(t)) return true;
    if (!term_same(algorithm, ATOM_rsa))
        return bad(p, 918, "Only RSA supports Options");
    for (; term_is_cons(t); t = term_tail(t))
        if (!get_option(p, term_head(t), o)) return false;
    return true;
}

// Digests belong to the library.
static void free_options(Options *o)
{
    crypto_bytes_free(&o->label);
    crypto_bytes_free(&o->text);
}

// ---- doing it ----

// To encrypt with a private key is to sign, to decrypt with a public one to
// verify; libcrypto knows no other words for it.
static int start(const CryptoLibrary *c, EVP_PKEY_CTX *x, Direction d)
{
    if (d.private)
        return d.encrypt ? c->EVP_PKEY_sign_init(x)
                         : c->EVP_PKEY_decrypt_init(x);
    return d.encrypt ? c->EVP_PKEY_encrypt_init(x)
                     : c->EVP_PKEY_verify_recover_init(x);
}

// One call of libcrypto. Called twice: without room it tells the size.
static bool run(const CryptoLibrary *c, EVP_PKEY_CTX *x, Direction d,
                const CryptoBytes *text, CryptoBytes *to)
{
    uint8_t *out = to->copy;
    if (d.private && d.encrypt)
        return c->EVP_PKEY_sign(x, out, &to->size, text->data, text->size) == 1;
    if (d.private)
        return c->EVP_PKEY_decrypt(x, out, &to->size, text->data, text->size)
               == 1;
    if (d.encrypt)
        return c->EVP_PKEY_encrypt(x, out, &to->size, text->data, text->size)
               == 1;
    return c->EVP_PKEY_verify_recover(x, out, &to->size, text->data, text->size)
           == 1;
}

// libcrypto takes the label and frees it.
static bool set_label(Process *p, EVP_PKEY_CTX *x, const CryptoBytes *label)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (label->size == 0) return true;
    if (label->size > INT_MAX) return bad(p, 1136, "RSA oep label too large");
    void *copy = c->CRYPTO_memdup(label->data, label->size, __FILE__, __LINE__);
    if (copy != NULL
        && c->EVP_PKEY_CTX_set0_rsa_oaep_label(x, copy, (int)label->size) == 1)
        return true;
    c->CRYPTO_free(copy, __FILE__, __LINE__);
    return failed(p, 1145, "Couldn't set RSA oaep label");
}

// Options of other paddings than the one in use are let pass, as in OTP.
static bool prepare(Process *p, EVP_PKEY_CTX *x, const Options *o)
{
    const CryptoLibrary *c = crypto_library(p->node);
    if (o->signature != NULL
        && c->EVP_PKEY_CTX_set_signature_md(x, o->signature) != 1)
        return failed(p, 1097, "Can't EVP_PKEY_CTX_set_signature_md");
    if (c->EVP_PKEY_CTX_set_rsa_padding(x, o->padding) != 1)
        return failed(p, 1120, "Couldn't set rsa padding");
    if (o->padding != RSA_PKCS1_OAEP_PADDING) return true;
    if (o->oaep != NULL && c->EVP_PKEY_CTX_set_rsa_oaep_md(x, o->oaep) != 1)
        return failed(p, 1126, "Couldn't EVP_PKEY_CTX_set_rsa_oaep_md");
    if (o->mask != NULL && c->EVP_PKEY_CTX_set_rsa_mgf1_md(x, o->mask) != 1)
        return failed(p, 1131, "Couldn't EVP_PKEY_CTX_set_rsa_mgf1_md");
    return set_label(p, x, &o->label);
}

// The size that was told is the most there can be: padding goes away again.
static Term run_prepared(Process *p, EVP_PKEY_CTX *x, Direction d,
                         const CryptoBytes *text)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Heap *h = process_heap(p);
    CryptoBytes to = {0};
    if (!run(c, x, d, text, &to))
        return crypto_failed(p, "pkey.c", 1165, "Couldn't get size of result");
    size_t room = to.size;
    Term answer = heap_binary_new(h, room, &to.copy);
    if (!run(c, x, d, text, &to))
        return crypto_failed(p, "pkey.c", 1184, "Couldn't get the result");
    return to.size == room ? answer : heap_binary(h, to.copy, to.size);
}

// A key that cannot do it (DSA, curves) fails at the start: notsup.
static Term crypt_with(Process *p, Term algorithm, EVP_PKEY *key,
                       const Options *o, Direction d)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_PKEY_CTX *x = c->EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    Term answer = TERM_NONE;
    if (x == NULL || start(c, x, d) != 1)
        crypto_notsup(p, -1, "pkey.c", 1091, "Can't initiate encrypt/decrypt");
    else if (!term_same(algorithm, ATOM_rsa) || prepare(p, x, o))
        answer = run_prepared(p, x, d, &o->text);
    c->EVP_PKEY_CTX_free(x);
    return answer;
}

// pkey_crypt_nif(Algorithm, Text, Key, Options, IsPrivate, IsEncrypt)
Term bif_crypto_pkey_crypt_nif_6(Process *p, const Term *args)
{
    static const int arguments[] = {0, 2};
    const CryptoLibrary *c = crypto_library(p->node);
    Direction d = {term_same(args[4], ATOM_true),
                   term_same(args[5], ATOM_true)};
    Options o = {0};
    Term answer = TERM_NONE;
    if (!crypto_key_algorithm(p, args[0], 0)) return TERM_NONE;
    if (!crypto_get_binary(args[1], &o.text))
        return crypto_badarg(p, 1, "pkey.c", 1052, "Binary expected");
    EVP_PKEY *key = NULL;
    if (term_is_map(args[2]))
        crypto_badarg(p, 2, "pkey.c", 1056, "No engine support");
    else
        key = d.private ? crypto_key_private(p, args[0], args[2], arguments)
                        : crypto_key_public(p, args[0], args[2], arguments);
    if (key != NULL && get_options(p, args[0], args[3], &o))
        answer = crypt_with(p, args[0], key, &o, d);
    free_options(&o);
    c->EVP_PKEY_free(key);
    return answer;
}
