// SPDX-License-Identifier: Apache-2.0
// OpenSSL's libssl, loaded when a program first asks for it, and with it the
// functions of libcrypto that certificates and the bytes on their way take.
#ifndef MERLE_TLS_LIBRARY_H
#define MERLE_TLS_LIBRARY_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "node.h"

// The functions in use: each is a member of TlsLibrary of its name.
#define TLS_FUNCTIONS(F) \
    F(BIO_ctrl) \
    F(BIO_free) \
    F(BIO_new) \
    F(BIO_new_mem_buf) \
    F(BIO_s_mem) \
    F(BIO_write) \
    F(ERR_clear_error) \
    F(ERR_peek_error) \
    F(ERR_reason_error_string) \
    F(EVP_PKEY_free) \
    F(OPENSSL_sk_num) \
    F(OPENSSL_sk_value) \
    F(PEM_read_bio_PrivateKey) \
    F(SSL_CIPHER_get_protocol_id) \
    F(SSL_CTX_add_client_CA) \
    F(SSL_CTX_add_custom_ext) \
    F(SSL_CTX_ctrl) \
    F(SSL_CTX_free) \
    F(SSL_CTX_get_cert_store) \
    F(SSL_CTX_new) \
    F(SSL_CTX_remove_session) \
    F(SSL_CTX_set_alpn_protos) \
    F(SSL_CTX_set_alpn_select_cb) \
    F(SSL_CTX_set0_tmp_dh_pkey) \
    F(SSL_CTX_set_cert_verify_callback) \
    F(SSL_CTX_set_cipher_list) \
    F(SSL_CTX_set_ciphersuites) \
    F(SSL_CTX_set_keylog_callback) \
    F(SSL_CTX_set_num_tickets) \
    F(SSL_CTX_set_options) \
    F(SSL_CTX_set_psk_client_callback) \
    F(SSL_CTX_set_psk_server_callback) \
    F(SSL_CTX_set_security_level) \
    F(SSL_CTX_set_session_id_context) \
    F(SSL_CTX_set_tlsext_max_fragment_length) \
    F(SSL_CTX_set_verify) \
    F(SSL_CTX_use_PrivateKey) \
    F(SSL_CTX_use_certificate) \
    F(SSL_CTX_use_psk_identity_hint) \
    F(SSL_SESSION_free) \
    F(SSL_SESSION_get_id) \
    F(SSL_SESSION_get_master_key) \
    F(SSL_ctrl) \
    F(SSL_do_handshake) \
    F(SSL_free) \
    F(SSL_get0_alpn_selected) \
    F(SSL_get0_peer_certificate) \
    F(SSL_get0_verified_chain) \
    F(SSL_get_client_random) \
    F(SSL_get_current_cipher) \
    F(SSL_get_error) \
    F(SSL_get_ex_data) \
    F(SSL_get_ex_data_X509_STORE_CTX_idx) \
    F(SSL_get_peer_cert_chain) \
    F(SSL_get_pending_cipher) \
    F(SSL_get_server_random) \
    F(SSL_get_servername) \
    F(SSL_get_session) \
    F(SSL_get_state) \
    F(SSL_is_init_finished) \
    F(SSL_key_update) \
    F(SSL_new) \
    F(SSL_new_session_ticket) \
    F(SSL_read_ex) \
    F(SSL_renegotiate) \
    F(SSL_session_reused) \
    F(SSL_set_accept_state) \
    F(SSL_set_bio) \
    F(SSL_set_connect_state) \
    F(SSL_set_ex_data) \
    F(SSL_set_msg_callback) \
    F(SSL_set_session) \
    F(SSL_shutdown) \
    F(SSL_version) \
    F(SSL_write_ex) \
    F(TLS_method) \
    F(X509_STORE_CTX_get0_cert) \
    F(X509_STORE_CTX_get_error) \
    F(X509_STORE_CTX_get_error_depth) \
    F(X509_STORE_CTX_get_ex_data) \
    F(X509_STORE_CTX_get_num_untrusted) \
    F(X509_STORE_CTX_set_error) \
    F(X509_STORE_CTX_set_flags) \
    F(X509_STORE_add_cert) \
    F(X509_free) \
    F(X509_get_extension_flags) \
    F(X509_verify_cert) \
    F(d2i_AutoPrivateKey) \
    F(d2i_KeyParams) \
    F(d2i_SSL_SESSION) \
    F(d2i_X509) \
    F(i2d_SSL_SESSION) \
    F(i2d_X509)

struct TlsLibrary {
    void *handle;
#define TLS_MEMBER(name) __typeof__(name) *name;
    TLS_FUNCTIONS(TLS_MEMBER)
#undef TLS_MEMBER
};

// The library. Ends the program with a message when it is not there: it is one
// that merle was built with. Any thread.
const TlsLibrary *tls_library(Node *node);

void tls_library_free(Node *node);

#endif
