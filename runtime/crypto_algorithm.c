// SPDX-License-Identifier: Apache-2.0
// The tables of digests and ciphers.
#include "crypto_algorithm.h"

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

const CryptoDigest *crypto_digest(Term name)
{
    for (size_t i = 0; i < DIGESTS; i++)
        if (digests[i].atom == name.bits) return &digests[i];
    return NULL;
}

const CryptoCipher *crypto_cipher(Term name)
{
    for (size_t i = 0; i < CIPHERS; i++)
        if (ciphers[i].atom == name.bits) return &ciphers[i];
    return NULL;
}

// "default" must be named, too: whoever loads a provider of his own loses the
// one that is there when nobody asks for any.
static bool load_legacy(const CryptoLibrary *c)
{
    return c->OSSL_PROVIDER_load(NULL, "default") != NULL
           && c->OSSL_PROVIDER_load(NULL, "legacy") != NULL;
}

EVP_MD *crypto_digest_fetch(const CryptoLibrary *c, const CryptoDigest *digest)
{
    EVP_MD *md = c->EVP_MD_fetch(NULL, digest->name, NULL);
    if (md == NULL && load_legacy(c))
        md = c->EVP_MD_fetch(NULL, digest->name, NULL);
    return md;
}

EVP_CIPHER *crypto_cipher_fetch(const CryptoLibrary *c,
                                const CryptoCipher *cipher)
{
    EVP_CIPHER *e = c->EVP_CIPHER_fetch(NULL, cipher->name, NULL);
    if (e == NULL && load_legacy(c))
        e = c->EVP_CIPHER_fetch(NULL, cipher->name, NULL);
    return e;
}

Term crypto_digest_names(Process *p)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Term list = TERM_NIL;
    for (size_t i = 0; i < DIGESTS; i++) {
        EVP_MD *md = crypto_digest_fetch(c, &digests[i]);
        if (md == NULL) continue;
        c->EVP_MD_free(md);
        list = heap_cons(process_heap(p), (Term){digests[i].atom}, list);
    }
    return list;
}

Term crypto_cipher_names(Process *p)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Term list = TERM_NIL;
    for (size_t i = 0; i < CIPHERS; i++) {
        EVP_CIPHER *e = crypto_cipher_fetch(c, &ciphers[i]);
        if (e == NULL) continue;
        c->EVP_CIPHER_free(e);
        list = heap_cons(process_heap(p), (Term){ciphers[i].atom}, list);
    }
    return list;
}
