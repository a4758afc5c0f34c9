// SPDX-License-Identifier: Apache-2.0
// Digests and ciphers: OTP's names, libcrypto's names, and what OTP demands of
// them.
#ifndef MERLE_CRYPTO_ALGORITHM_H
#define MERLE_CRYPTO_ALGORITHM_H

#include "crypto_library.h"
#include "process.h"

typedef struct {
    uintptr_t atom;   // bits of OTP's name
    const char *name; // libcrypto's
    bool for_keys;    // may derive keys: pbkdf2
} CryptoDigest;

typedef struct {
    uintptr_t atom;
    const char *name;
    size_t key_size; // the only one allowed; 0: libcrypto knows
    bool aead;       // makes a tag, too
    bool ccm;        // wants to know sizes beforehand
} CryptoCipher;

// What [name] stands for; NULL when there is none.
const CryptoDigest *crypto_digest(Term name);
const CryptoCipher *crypto_cipher(Term name);

typedef enum {
    CRYPTO_HMAC,
    CRYPTO_CMAC,
    CRYPTO_POLY1305,
    CRYPTO_MACS
} CryptoMac;

// libcrypto's object, which stays the library's; NULL when this libcrypto was
// built without it. Algorithms that are held to be broken live in a module of
// libcrypto's own that is loaded with the first of them. Any thread.
EVP_MD *crypto_digest_fetch(const CryptoLibrary *c, const CryptoDigest *digest);
EVP_CIPHER *crypto_cipher_fetch(const CryptoLibrary *c,
                                const CryptoCipher *cipher);
EVP_MAC *crypto_mac_fetch(const CryptoLibrary *c, CryptoMac mac);

// Makes room for what will be fetched, and frees it with what was.
void crypto_algorithms_init(CryptoLibrary *library);
void crypto_algorithms_free(CryptoLibrary *library);

// The names of those that this libcrypto has, in OTP's order.
Term crypto_digest_names(Process *p);
Term crypto_cipher_names(Process *p);

#endif
