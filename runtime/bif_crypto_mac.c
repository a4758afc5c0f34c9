// SPDX-License-Identifier: Apache-2.0
// crypto: message authentication codes. A state is changed by its updates, as
// OTP's is.
#include <openssl/core_names.h>
#include <stdlib.h>

#include "crypto_algorithm.h"
#include "crypto_argument.h"
#include "crypto_state.h"
#include "magic.h"
#include "memory.h"
#include "runtime_bifs.gen.h"

enum { POLY1305_KEY = 32 }; // bytes

// OTP finds fault with these in its mac.c.
static Term bad(Process *p, int argument, int line, const char *text)
{
    return crypto_badarg(p, argument, "mac.c", line, text);
}

// No argument's fault, so none is shown.
static Term failed(Process *p, int line, const char *text)
{
    return crypto_failed(p, "mac.c", line, text);
}

// Where OTP finds fault with the arguments, which it checks twice: for a MAC
// in one call and for one in parts.
typedef struct {
    int key;         // is no iodata
    int type;        // is unknown
    int key_length;  // of Poly1305
    int digest;      // of HMAC
    int cipher;      // of CMAC
    int key_size;    // of that cipher
    int unsupported; // by libcrypto
} Lines;

static const Lines whole_lines = {220, 233, 235, 263, 313, 316, 328};
static const Lines part_lines = {580, 587, 589, 617, 658, 661, 673};

// A kind of MAC, and libcrypto's name of what it is made of.
typedef struct {
    CryptoMac mac;
    const char *part; // parameter
    const char *name; // its value
} MacKind;

// The digest of an HMAC.
static bool get_hmac(Process *p, Term name, const Lines *lines, MacKind *kind)
{
    const CryptoDigest *digest = crypto_digest(name);
    if (digest == NULL) {
        bad(p, 1, lines->digest, "Bad digest algorithm for HMAC");
        return false;
    }
    *kind = (MacKind){CRYPTO_HMAC, OSSL_MAC_PARAM_DIGEST, digest->name};
    return true;
}

// The cipher of a CMAC, which the key must fit.
static bool get_cmac(Process *p, const Term *args, size_t key_size,
                     const Lines *lines, MacKind *kind)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const CryptoCipher *cipher = crypto_cipher(args[1]);
    if (cipher == NULL) {
        bad(p, 1, lines->cipher, "Unknown cipher");
        return false;
    }
    if (cipher->key_size != 0 && cipher->key_size != key_size) {
        bad(p, 2, lines->key_size, "Bad key size");
        return false;
    }
    EVP_CIPHER *e = crypto_cipher_fetch(c, cipher);
    if (e == NULL) {
        crypto_notsup(p, 1, "mac.c", lines->unsupported,
                      "Unsupported cipher algorithm");
        return false;
    }
    *kind = (MacKind){CRYPTO_CMAC, OSSL_MAC_PARAM_CIPHER, cipher->name};
    return true;
}

// [args]: type, digest or cipher, key. False, and an error raised, when they
// do not go together.
static bool get_kind(Process *p, const Term *args, size_t key_size,
                     const Lines *lines, MacKind *kind)
{
    if (term_same(args[0], ATOM_hmac)) return get_hmac(p, args[1], lines, kind);
    if (term_same(args[0], ATOM_cmac))
        return get_cmac(p, args, key_size, lines, kind);
    if (!term_same(args[0], ATOM_poly1305)) {
        bad(p, 0, lines->type, "Unknown mac algorithm");
        return false;
    }
    *kind = (MacKind){CRYPTO_POLY1305, NULL, NULL};
    if (key_size == POLY1305_KEY) return true;
    bad(p, 2, lines->key_length, "Bad key length");
    return false;
}

// NULL when libcrypto refuses the key.
static EVP_MAC_CTX *new_context(const CryptoLibrary *c, const MacKind *kind,
                                const CryptoBytes *key)
{
    EVP_MAC *mac = crypto_mac_fetch(c, kind->mac);
    EVP_MAC_CTX *context = mac == NULL ? NULL : c->EVP_MAC_CTX_new(mac);
    if (context == NULL) return NULL;
    OSSL_PARAM params[2], *next = params;
    if (kind->part != NULL)
        *next++ = c->OSSL_PARAM_construct_utf8_string(kind->part,
                                                      (char *)kind->name, 0);
    *next = c->OSSL_PARAM_construct_end();
    if (c->EVP_MAC_init(context, key->data, key->size, params)) return context;
    c->EVP_MAC_CTX_free(context);
    return NULL;
}

// Starts a MAC; NULL, and an error raised with OTP's [line] where libcrypto
// fails, when the arguments are bad.
static EVP_MAC_CTX *mac_begin(Process *p, const Term *args, const Lines *lines,
                              int line, const char *text)
{
    CryptoBytes key = {0};
    MacKind kind;
    EVP_MAC_CTX *context = NULL;
    if (!crypto_get_iodata(args[2], &key)) {
        bad(p, 2, lines->key, "Bad key");
    } else if (get_kind(p, args, key.size, lines, &kind)) {
        context = new_context(crypto_library(p->node), &kind, &key);
        if (context == NULL) failed(p, line, text);
    }
    crypto_bytes_free(&key);
    return context;
}

// The caller still has the context: a state keeps it.
static Term mac_value(Process *p, EVP_MAC_CTX *context, int line,
                      const char *text)
{
    const CryptoLibrary *c = crypto_library(p->node);
    // No MAC is longer than the longest digest.
    uint8_t value[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (!c->EVP_MAC_final(context, value, &size, sizeof value))
        return failed(p, line, text);
    return heap_binary(process_heap(p), value, size);
}

// mac(Type, SubType, Key, Data)
Term bif_crypto_mac_nif_4(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    CryptoBytes data = {0};
    if (!crypto_get_iodata(args[3], &data)) return bad(p, 3, 175, "Bad text");
    EVP_MAC_CTX *context =
        mac_begin(p, args, &whole_lines, 387, "Couldn't get mac");
    Term answer = TERM_NONE;
    if (context != NULL) {
        if (c->EVP_MAC_update(context, data.data, data.size))
            answer = mac_value(p, context, 387, "Couldn't get mac");
        else
            failed(p, 387, "Couldn't get mac");
    }
    c->EVP_MAC_CTX_free(context);
    bif_bump(p, data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&data);
    return answer;
}

// ---- in parts ----

// Any thread.
static void mac_destroy(Counted *counted)
{
    CryptoState *s = (CryptoState *)counted;
    s->library->EVP_MAC_CTX_free(s->context);
    crypto_state_free(s);
}

// Poly1305 has no second argument: crypto.erl gives undefined.
Term bif_crypto_mac_init_nif_3(Process *p, const Term *args)
{
    EVP_MAC_CTX *context =
        mac_begin(p, args, &part_lines, 737, "Can't initialize EVP_MAC_CTX");
    if (context == NULL) return TERM_NONE;
    CryptoState *s = memory_alloc(sizeof *s);
    return crypto_state_term(p, s, context, mac_destroy);
}

// Answers the same state.
Term bif_crypto_mac_update_nif_2(Process *p, const Term *args)
{
    CryptoState *s = (CryptoState *)magic_object(args[0], mac_destroy);
    CryptoBytes data = {0};
    if (!crypto_get_iodata(args[1], &data)) return bad(p, 1, 794, "Bad text");
    Term answer = args[0];
    if (s == NULL) {
        answer = bad(p, 0, 817, "Bad ref");
    } else {
        pthread_mutex_lock(&s->lock);
        if (!s->library->EVP_MAC_update(s->context, data.data, data.size))
            answer = failed(p, 827, "mac update");
        pthread_mutex_unlock(&s->lock);
    }
    bif_bump(p, data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&data);
    return answer;
}

// What comes of a second end is for libcrypto to say, as in OTP.
Term bif_crypto_mac_final_nif_1(Process *p, const Term *args)
{
    CryptoState *s = (CryptoState *)magic_object(args[0], mac_destroy);
    if (s == NULL) return bad(p, 0, 847, "Bad ref");
    pthread_mutex_lock(&s->lock);
    Term answer = mac_value(p, s->context, 866, "Signing");
    pthread_mutex_unlock(&s->lock);
    return answer;
}
