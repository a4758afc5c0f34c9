// SPDX-License-Identifier: Apache-2.0
// OpenSSL's libcrypto, loaded when a program first asks for it: mapping and
// relocating it is a third of what a small node needs of memory, and few
// programs use it.
#ifndef MERLE_CRYPTO_LIBRARY_H
#define MERLE_CRYPTO_LIBRARY_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "node.h"

// The functions in use: each is a member of CryptoLibrary of its name.
#define CRYPTO_FUNCTIONS(F) \
    F(CRYPTO_memcmp) \
    F(EVP_Digest) \
    F(EVP_DigestFinal_ex) \
    F(EVP_DigestInit_ex) \
    F(EVP_DigestUpdate) \
    F(EVP_MAC_CTX_dup) \
    F(EVP_MAC_CTX_free) \
    F(EVP_MAC_CTX_new) \
    F(EVP_MAC_fetch) \
    F(EVP_MAC_final) \
    F(EVP_MAC_free) \
    F(EVP_MAC_init) \
    F(EVP_MAC_update) \
    F(EVP_MD_CTX_copy_ex) \
    F(EVP_MD_CTX_free) \
    F(EVP_MD_CTX_new) \
    F(EVP_MD_get_block_size) \
    F(EVP_MD_get_size) \
    F(EVP_MD_get_type) \
    F(EVP_get_digestbyname) \
    F(OSSL_PARAM_construct_end) \
    F(OSSL_PARAM_construct_utf8_string) \
    F(RAND_bytes)

struct CryptoLibrary {
    void *handle;
#define CRYPTO_MEMBER(name) __typeof__(name) *name;
    CRYPTO_FUNCTIONS(CRYPTO_MEMBER)
#undef CRYPTO_MEMBER
};

// The library. Ends the program with a message when it is not there: it is one
// that merle was built with. Any thread.
const CryptoLibrary *crypto_library(Node *node);

void crypto_library_free(Node *node);

#endif
