// SPDX-License-Identifier: Apache-2.0
// The tables of digests and ciphers.
#include "crypto_algorithm.h"

#include <stdlib.h>

#include "memory.h"

// crypto:supports shows them from the last to the first.
static const CryptoDigest digests[] = {
    {ATOM_BITS_md4, "MD4", false},
    {ATOM_BITS_md5, "MD5", false},
    {ATOM_BITS_ripemd160, "RIPEMD160", false},
    {ATOM_BITS_sha, "SHA1", true},
    {ATOM_BITS_sha224, "SHA2-224", true},
    {ATOM_BITS_sha256, "SHA2-256", true},
    {ATOM_BITS_sha384, "SHA2-384", true},
    {ATOM_BITS_sha512, "SHA2-512", true},
    {ATOM_BITS_sha3_224, "SHA3-224", false},
    {ATOM_BITS_sha3_256, "SHA3-256", false},
    {ATOM_BITS_sha3_384, "SHA3-384", false},
    {ATOM_BITS_sha3_512, "SHA3-512", false},
    {ATOM_BITS_blake2b, "BLAKE2B-512", false},
    {ATOM_BITS_blake2s, "BLAKE2S-256", false},
};

static const CryptoCipher ciphers[] = {
    {ATOM_BITS_des_ede3_cbc, "DES-EDE3-CBC", 0, false, false},
    {ATOM_BITS_aes_128_ctr, "AES-128-CTR", 16, false, false},
    {ATOM_BITS_aes_192_ctr, "AES-192-CTR", 24, false, false},
    {ATOM_BITS_aes_256_ctr, "AES-256-CTR", 32, false, false},
    {ATOM_BITS_aes_128_ccm, "AES-128-CCM", 16, true, true},
    {ATOM_BITS_aes_128_gcm, "AES-128-GCM", 16, true, false},
    {ATOM_BITS_aes_192_ccm, "AES-192-CCM", 24, true, true},
    {ATOM_BITS_aes_192_gcm, "AES-192-GCM", 24, true, false},
    {ATOM_BITS_aes_256_ccm, "AES-256-CCM", 32, true, true},
    {ATOM_BITS_aes_256_gcm, "AES-256-GCM", 32, true, false},
    {ATOM_BITS_chacha20_poly1305, "ChaCha20-Poly1305", 0, true, false},
    {ATOM_BITS_aes_256_ecb, "AES-256-ECB", 32, false, false},
    {ATOM_BITS_aes_192_ecb, "AES-192-ECB", 24, false, false},
    {ATOM_BITS_aes_128_ecb, "AES-128-ECB", 16, false, false},
    {ATOM_BITS_aes_256_cfb8, "AES-256-CFB8", 32, false, false},
    {ATOM_BITS_aes_192_cfb8, "AES-192-CFB8", 24, false, false},
    {ATOM_BITS_aes_128_cfb8, "AES-128-CFB8", 16, false, false},
    {ATOM_BITS_aes_256_cfb128, "AES-256-CFB", 32, false, false},
    {ATOM_BITS_aes_192_cfb128, "AES-192-CFB", 24, false, false},
    {ATOM_BITS_aes_128_cfb128, "AES-128-CFB", 16, false, false},
    {ATOM_BITS_aes_256_cbc, "AES-256-CBC", 32, false, false},
    {ATOM_BITS_aes_192_cbc, "AES-192-CBC", 24, false, false},
    {ATOM_BITS_aes_128_cbc, "AES-128-CBC", 16, false, false},
    {ATOM_BITS_rc2_cbc, "RC2-CBC", 0, false, false},
    {ATOM_BITS_rc4, "RC4", 0, false, false},
    {ATOM_BITS_des_cbc, "DES-CBC", 0, false, false},
    {ATOM_BITS_des_cfb, "DES-CFB", 0, false, false},
    {ATOM_BITS_des_ecb, "DES-ECB", 0, false, false},
    {ATOM_BITS_des_ede3_cfb, "DES-EDE3-CFB", 0, false, false},
    {ATOM_BITS_blowfish_cbc, "BF-CBC", 0, false, false},
    {ATOM_BITS_blowfish_cfb64, "BF-CFB", 0, false, false},
    {ATOM_BITS_blowfish_ofb64, "BF-OFB", 0, false, false},
    {ATOM_BITS_blowfish_ecb, "BF-ECB", 0, false, false},
    {ATOM_BITS_aes_128_ofb, "AES-128-OFB", 16, false, false},
    {ATOM_BITS_aes_192_ofb, "AES-192-OFB", 24, false, false},
    {ATOM_BITS_aes_256_ofb, "AES-256-OFB", 32, false, false},
    {ATOM_BITS_chacha20, "ChaCha20", 32, false, false},
};

enum {
    DIGESTS = sizeof digests / sizeof *digests,
    CIPHERS = sizeof ciphers / sizeof *ciphers
};

// Few enough to be looked through: it takes less than the call.
const CryptoDigest *crypto_digest(Term name)
{
    for (size_t i = 0; i < DIGESTS; i++)
        if (digests[i].atom == name.bits) return &digests[i];
    return NULL;
}

// The same; names of a size only, general ones are gone.
const CryptoCipher *crypto_cipher(Term name)
{
    for (size_t i = 0; i < CIPHERS; i++)
        if (ciphers[i].atom == name.bits) return &ciphers[i];
    return NULL;
}

// ---- fetching ----
//
// To look an algorithm up takes longer than to hash a few bytes with it, so
// each is fetched once. Places in "fetched": digests, ciphers, MACs.

typedef enum { FETCH_DIGEST, FETCH_CIPHER, FETCH_MAC } FetchKind;

enum {
    CIPHERS_AT = DIGESTS,
    MACS_AT = DIGESTS + CIPHERS,
    PLACES = MACS_AT + CRYPTO_MACS
};

// By the default properties: no FIPS.
static void *fetch(const CryptoLibrary *c, FetchKind kind, const char *name)
{
    switch (kind) {
    case FETCH_DIGEST:
        return c->EVP_MD_fetch(NULL, name, NULL);
    case FETCH_CIPHER:
        return c->EVP_CIPHER_fetch(NULL, name, NULL);
    default:
        return c->EVP_MAC_fetch(NULL, name, NULL);
    }
}

// libcrypto counts its objects, each by a function of its own.
static void release(const CryptoLibrary *c, FetchKind kind, void *object)
{
    switch (kind) {
    case FETCH_DIGEST:
        c->EVP_MD_free(object);
        break;
    case FETCH_CIPHER:
        c->EVP_CIPHER_free(object);
        break;
    default:
        c->EVP_MAC_free(object);
        break;
    }
}

// True when the provider is there. It is loaded once, to be given back at the
// end: what it allocates is its own.
static bool load_provider(const CryptoLibrary *c, CryptoProvider which,
                          const char *name)
{
    OSSL_PROVIDER *none = NULL;
    if (atomic_load(&c->providers[which]) != NULL) return true;
    OSSL_PROVIDER *mine = c->OSSL_PROVIDER_load(NULL, name);
    if (mine == NULL) return false;
    if (!atomic_compare_exchange_strong(&c->providers[which], &none, mine))
        c->OSSL_PROVIDER_unload(mine); // another thread was faster
    return true;
}

// "default" must be named, too: whoever loads a provider of his own loses the
// one that is there when nobody asks for any.
static bool load_legacy(const CryptoLibrary *c)
{
    return load_provider(c, CRYPTO_DEFAULT, "default")
           && load_provider(c, CRYPTO_LEGACY, "legacy");
}

// An object lives as long as the library; what is missing is looked for again
// each time, which is rare.
static void *fetch_once(const CryptoLibrary *c, FetchKind kind, size_t place,
                        const char *name)
{
    void *object = atomic_load(&c->fetched[place]);
    if (object != NULL) return object;
    void *mine = fetch(c, kind, name);
    if (mine == NULL && load_legacy(c)) mine = fetch(c, kind, name);
    if (mine == NULL
        || atomic_compare_exchange_strong(&c->fetched[place], &object, mine))
        return mine;
    release(c, kind, mine); // another thread was faster
    return object;
}

EVP_MD *crypto_digest_fetch(const CryptoLibrary *c, const CryptoDigest *digest)
{
    return fetch_once(c, FETCH_DIGEST, (size_t)(digest - digests),
                      digest->name);
}

EVP_CIPHER *crypto_cipher_fetch(const CryptoLibrary *c,
                                const CryptoCipher *cipher)
{
    return fetch_once(c, FETCH_CIPHER, CIPHERS_AT + (size_t)(cipher - ciphers),
                      cipher->name);
}

EVP_MAC *crypto_mac_fetch(const CryptoLibrary *c, CryptoMac mac)
{
    static const char *const names[] = {"HMAC", "CMAC", "POLY1305"};
    return fetch_once(c, FETCH_MAC, MACS_AT + mac, names[mac]);
}

// All NULL.
void crypto_algorithms_init(CryptoLibrary *library)
{
    library->fetched = memory_zeroed(PLACES, sizeof *library->fetched);
    library->providers = memory_zeroed(CRYPTO_PROVIDERS,
                                       sizeof *library->providers);
}

// At the end of the node, when no state can be left.
void crypto_algorithms_free(CryptoLibrary *library)
{
    for (size_t i = 0; i < PLACES; i++) {
        void *object = atomic_load(&library->fetched[i]);
        FetchKind kind = i < CIPHERS_AT ? FETCH_DIGEST
                         : i < MACS_AT  ? FETCH_CIPHER
                                        : FETCH_MAC;
        if (object != NULL) release(library, kind, object);
    }
    free((void *)library->fetched);
    for (size_t i = 0; i < CRYPTO_PROVIDERS; i++) {
        OSSL_PROVIDER *provider = atomic_load(&library->providers[i]);
        if (provider != NULL) library->OSSL_PROVIDER_unload(provider);
    }
    free((void *)library->providers);
}

// ---- names ----

// Consed from the front, so the last of the table comes first.
Term crypto_digest_names(Process *p)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Term list = TERM_NIL;
    for (size_t i = 0; i < DIGESTS; i++) {
        if (crypto_digest_fetch(c, &digests[i]) == NULL) continue;
        list = heap_cons(process_heap(p), (Term){digests[i].atom}, list);
    }
    return list;
}

// The same.
Term crypto_cipher_names(Process *p)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Term list = TERM_NIL;
    for (size_t i = 0; i < CIPHERS; i++) {
        if (crypto_cipher_fetch(c, &ciphers[i]) == NULL) continue;
        list = heap_cons(process_heap(p), (Term){ciphers[i].atom}, list);
    }
    return list;
}
