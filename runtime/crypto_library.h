// SPDX-License-Identifier: Apache-2.0
// OpenSSL's libcrypto, loaded when a program first asks for it: mapping and
// relocating it is a third of what a small node needs of memory, and few
// programs use it.
#ifndef MERLE_CRYPTO_LIBRARY_H
#define MERLE_CRYPTO_LIBRARY_H

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdatomic.h>

#include "node.h"

// The functions in use: each is a member of CryptoLibrary of its name.
#define CRYPTO_FUNCTIONS(F) \
    F(BN_CTX_free) \
    F(BN_CTX_new) \
    F(BN_bin2bn) \
    F(BN_bn2bin) \
    F(BN_bn2binpad) \
    F(BN_clear_free) \
    F(BN_free) \
    F(BN_is_bit_set) \
    F(BN_is_zero) \
    F(BN_mod_exp) \
    F(BN_new) \
    F(BN_num_bits) \
    F(BN_rand_range) \
    F(BN_set_bit) \
    F(CRYPTO_free) \
    F(CRYPTO_memcmp) \
    F(CRYPTO_memdup) \
    F(EC_GROUP_free) \
    F(EC_GROUP_get0_cofactor) \
    F(EC_GROUP_get0_generator) \
    F(EC_GROUP_get0_order) \
    F(EC_GROUP_get0_seed) \
    F(EC_GROUP_get_curve) \
    F(EC_GROUP_get_field_type) \
    F(EC_GROUP_get_point_conversion_form) \
    F(EC_GROUP_get_seed_len) \
    F(EC_GROUP_new_by_curve_name) \
    F(EC_GROUP_new_from_params) \
    F(EC_GROUP_order_bits) \
    F(EC_POINT_free) \
    F(EC_POINT_mul) \
    F(EC_POINT_new) \
    F(EC_POINT_point2oct) \
    F(EVP_CIPHER_CTX_ctrl) \
    F(EVP_CIPHER_CTX_free) \
    F(EVP_CIPHER_CTX_get_block_size) \
    F(EVP_CIPHER_CTX_new) \
    F(EVP_CIPHER_CTX_set_key_length) \
    F(EVP_CIPHER_CTX_set_padding) \
    F(EVP_CIPHER_fetch) \
    F(EVP_CIPHER_free) \
    F(EVP_CIPHER_get_block_size) \
    F(EVP_CIPHER_get_flags) \
    F(EVP_CIPHER_get_iv_length) \
    F(EVP_CIPHER_get_key_length) \
    F(EVP_CIPHER_get_mode) \
    F(EVP_CIPHER_get_type) \
    F(EVP_CIPHER_is_a) \
    F(EVP_CipherFinal_ex) \
    F(EVP_CipherInit_ex2) \
    F(EVP_CipherUpdate) \
    F(EVP_Digest) \
    F(EVP_DigestFinal_ex) \
    F(EVP_DigestInit_ex) \
    F(EVP_DigestSign) \
    F(EVP_DigestSignInit_ex) \
    F(EVP_DigestUpdate) \
    F(EVP_DigestVerify) \
    F(EVP_DigestVerifyInit_ex) \
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
    F(EVP_MD_fetch) \
    F(EVP_MD_free) \
    F(EVP_MD_get_block_size) \
    F(EVP_MD_get_size) \
    F(EVP_MD_get_type) \
    F(EVP_PKEY_CTX_free) \
    F(EVP_PKEY_CTX_new_from_name) \
    F(EVP_PKEY_CTX_new_from_pkey) \
    F(EVP_PKEY_CTX_set0_rsa_oaep_label) \
    F(EVP_PKEY_CTX_set_params) \
    F(EVP_PKEY_CTX_set_rsa_mgf1_md) \
    F(EVP_PKEY_CTX_set_rsa_oaep_md) \
    F(EVP_PKEY_CTX_set_rsa_padding) \
    F(EVP_PKEY_CTX_set_rsa_pss_saltlen) \
    F(EVP_PKEY_CTX_set_signature_md) \
    F(EVP_PKEY_decrypt) \
    F(EVP_PKEY_decrypt_init) \
    F(EVP_PKEY_derive) \
    F(EVP_PKEY_derive_init) \
    F(EVP_PKEY_derive_set_peer) \
    F(EVP_PKEY_encrypt) \
    F(EVP_PKEY_encrypt_init) \
    F(EVP_PKEY_free) \
    F(EVP_PKEY_fromdata) \
    F(EVP_PKEY_fromdata_init) \
    F(EVP_PKEY_generate) \
    F(EVP_PKEY_get_bn_param) \
    F(EVP_PKEY_get_octet_string_param) \
    F(EVP_PKEY_get_raw_private_key) \
    F(EVP_PKEY_get_raw_public_key) \
    F(EVP_PKEY_keygen_init) \
    F(EVP_PKEY_new_raw_private_key_ex) \
    F(EVP_PKEY_new_raw_public_key_ex) \
    F(EVP_PKEY_sign) \
    F(EVP_PKEY_sign_init) \
    F(EVP_PKEY_verify) \
    F(EVP_PKEY_verify_init) \
    F(EVP_PKEY_verify_recover) \
    F(EVP_PKEY_verify_recover_init) \
    F(OBJ_sn2nid) \
    F(OPENSSL_cleanse) \
    F(OSSL_PARAM_BLD_free) \
    F(OSSL_PARAM_BLD_new) \
    F(OSSL_PARAM_BLD_push_BN) \
    F(OSSL_PARAM_BLD_push_octet_string) \
    F(OSSL_PARAM_BLD_push_uint) \
    F(OSSL_PARAM_BLD_push_uint64) \
    F(OSSL_PARAM_BLD_push_utf8_string) \
    F(OSSL_PARAM_BLD_to_param) \
    F(OSSL_PARAM_construct_end) \
    F(OSSL_PARAM_construct_utf8_string) \
    F(OSSL_PARAM_free) \
    F(OSSL_PROVIDER_available) \
    F(OSSL_PROVIDER_load) \
    F(OSSL_PROVIDER_unload) \
    F(OpenSSL_version) \
    F(PKCS5_PBKDF2_HMAC) \
    F(RAND_bytes) \
    F(RAND_seed)

typedef enum { CRYPTO_DEFAULT, CRYPTO_LEGACY, CRYPTO_PROVIDERS } CryptoProvider;

struct CryptoLibrary {
    void *handle;
    _Atomic(void *) *fetched; // crypto_algorithm's: NULL until asked for
    _Atomic(OSSL_PROVIDER *) *providers; // likewise
#define CRYPTO_MEMBER(name) __typeof__(name) *name;
    CRYPTO_FUNCTIONS(CRYPTO_MEMBER)
#undef CRYPTO_MEMBER
};

// The library. Ends the program with a message when it is not there: it is one
// that merle was built with. Any thread.
const CryptoLibrary *crypto_library(Node *node);

void crypto_library_free(Node *node);

#endif
