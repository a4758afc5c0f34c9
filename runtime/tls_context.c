// SPDX-License-Identifier: Apache-2.0
// Contexts of TLS: one function for each thing that can be set.
#include "tls_context.h"

#include <stdlib.h>
#include <string.h>

#include "crypto_argument.h"
#include "magic.h"
#include "memory.h"
#include "tls_session.h"

enum {
    REFUSING_EXTENSION = 0xfeed, // a number that no extension has
    SESSIONS = 1000              // that a server keeps, as in OTP
};

// Any thread.
static void context_destroy(Counted *counted)
{
    TlsContext *c = (TlsContext *)counted;
    c->library->SSL_CTX_free(c->ctx);
    free(c->protocols);
    free(c);
}

TlsContext *tls_context_get(Term t)
{
    return (TlsContext *)magic_object(t, context_destroy);
}

// The first protocol of the server's that the client knows.
static int choose_protocol(SSL *ssl, const unsigned char **chosen,
                           unsigned char *size, const unsigned char *offered,
                           unsigned offered_size, void *arg)
{
    (void)ssl;
    const TlsContext *c = arg;
    for (size_t i = 0; i < c->protocol_size; i += 1u + c->protocols[i])
        for (unsigned j = 0; j < offered_size; j += 1u + offered[j])
            if (memcmp(c->protocols + i, offered + j, 1u + offered[j]) == 0) {
                *chosen = offered + j + 1;
                *size = offered[j];
                return SSL_TLSEXT_ERR_OK;
            }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// What holds of all contexts: memory is given back between records, sessions
// are kept by a server in its context and by a client in Erlang.
static void set_common(TlsContext *c)
{
    const TlsLibrary *l = c->library;
    l->SSL_CTX_set_security_level(c->ctx, 0);
    l->SSL_CTX_ctrl(c->ctx, SSL_CTRL_MODE,
                    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY
                        | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
                    NULL);
    l->SSL_CTX_set_options(c->ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION
                                       | SSL_OP_NO_COMPRESSION);
    l->SSL_CTX_set_cert_verify_callback(c->ctx, tls_session_certified,
                                        (void *)l);
    if (c->server) {
        l->SSL_CTX_set_num_tickets(c->ctx, 0);
        l->SSL_CTX_ctrl(c->ctx, SSL_CTRL_SET_DH_AUTO, 1, NULL);
        l->SSL_CTX_ctrl(c->ctx, SSL_CTRL_SET_SESS_CACHE_SIZE, SESSIONS, NULL);
        l->SSL_CTX_add_custom_ext(
            c->ctx, REFUSING_EXTENSION, SSL_EXT_TLS1_3_NEW_SESSION_TICKET,
            tls_session_refuses, NULL, (void *)l, NULL, NULL);
    } else {
        l->SSL_CTX_ctrl(c->ctx, SSL_CTRL_SET_SESS_CACHE_MODE,
                        SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL,
                        NULL);
    }
}

Term tls_context_new(Process *p, bool server)
{
    TlsContext *c = memory_zeroed(1, sizeof *c);
    atomic_init(&c->counted.count, 1);
    c->counted.destroy = context_destroy;
    c->library = tls_library(p->node);
    c->server = server;
    c->ctx = c->library->SSL_CTX_new(c->library->TLS_method());
    if (c->ctx == NULL) memory_exhausted("an SSL_CTX", 0);
    set_common(c);
    return magic_ref_new(p->node, process_heap(p), &c->counted);
}

// ---- settings; all false when the value will not do ----

// A setting's text, or NULL.
static char *get_text(Term value)
{
    size_t size;
    return (char *)bif_get_iodata(value, &size);
}

// [minors]: list of the second numbers of versions; all others are off.
static bool set_versions(TlsContext *c, Term minors)
{
    static const uint64_t off[] = {SSL_OP_NO_SSLv3, SSL_OP_NO_TLSv1,
                                   SSL_OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_2,
                                   SSL_OP_NO_TLSv1_3};
    enum { VERSIONS = sizeof off / sizeof *off };
    bool on[VERSIONS] = {false};
    for (; term_is_cons(minors); minors = term_tail(minors)) {
        size_t minor;
        if (!bif_get_size(term_head(minors), &minor) || minor >= VERSIONS)
            return false;
        on[minor] = true;
    }
    for (size_t i = 0; i < VERSIONS; i++)
        if (!on[i]) c->library->SSL_CTX_set_options(c->ctx, off[i]);
    return true;
}

// Gives the text of [value] to one of libssl's functions.
static bool set_text(TlsContext *c, Term value,
                     int (*set)(SSL_CTX *, const char *))
{
    char *text = get_text(value);
    bool done = text != NULL && set(c->ctx, text) > 0;
    free(text);
    return done;
}

static bool set_ciphers(TlsContext *c, Term value)
{
    return set_text(c, value, c->library->SSL_CTX_set_cipher_list);
}

// Those of TLS 1.3.
static bool set_suites(TlsContext *c, Term value)
{
    return set_text(c, value, c->library->SSL_CTX_set_ciphersuites);
}

static bool set_list(TlsContext *c, int command, Term value)
{
    char *text = get_text(value);
    bool set =
        text != NULL && c->library->SSL_CTX_ctrl(c->ctx, command, 0, text) > 0;
    free(text);
    return set;
}

static bool set_groups(TlsContext *c, Term value)
{
    return set_list(c, SSL_CTRL_SET_GROUPS_LIST, value);
}

static bool set_signatures(TlsContext *c, Term value)
{
    return set_list(c, SSL_CTRL_SET_SIGALGS_LIST, value);
}

static bool set_flag(TlsContext *c, uint64_t option, Term value)
{
    if (term_same(value, ATOM_true))
        c->library->SSL_CTX_set_options(c->ctx, option);
    return true;
}

static bool set_server_order(TlsContext *c, Term value)
{
    return set_flag(c, SSL_OP_CIPHER_SERVER_PREFERENCE, value);
}

// Sessions are kept in the context, and known by their numbers.
static bool set_no_ticket(TlsContext *c, Term value)
{
    return set_flag(c, SSL_OP_NO_TICKET, value);
}

// How many are sent after a handshake of TLS 1.3.
static bool set_tickets(TlsContext *c, Term value)
{
    size_t n;
    if (!bif_get_size(value, &n) || n > 8) return false;
    c->tickets = (int)n;
    return true;
}

static bool set_no_renegotiation(TlsContext *c, Term value)
{
    return set_flag(c, SSL_OP_NO_RENEGOTIATION, value);
}

// The certificate of [t], DER; NULL when it is none.
static X509 *get_certificate(const TlsLibrary *l, Term t)
{
    CryptoBytes der;
    if (!crypto_get_binary(t, &der)) return NULL;
    const unsigned char *at = der.data;
    X509 *certificate = l->d2i_X509(NULL, &at, (long)der.size);
    crypto_bytes_free(&der);
    return certificate;
}

// Certificates, the one that the next key belongs to first.
static bool set_certificates(TlsContext *c, Term chain)
{
    const TlsLibrary *l = c->library;
    bool first = true, set = term_is_cons(chain);
    for (; set && term_is_cons(chain); chain = term_tail(chain)) {
        X509 *x = get_certificate(l, term_head(chain));
        set = x != NULL;
        if (set && first)
            set = l->SSL_CTX_use_certificate(c->ctx, x) > 0;
        else if (set)
            set = l->SSL_CTX_ctrl(c->ctx, SSL_CTRL_CHAIN_CERT, 1, x) > 0;
        l->X509_free(x);
        first = false;
    }
    return set;
}

// For PEM_read_bio_PrivateKey: [arg] is the password.
static int give_password(char *to, int size, int writing, void *arg)
{
    (void)writing;
    size_t length = strlen(arg);
    if (length > (size_t)size) return -1;
    memcpy(to, arg, length);
    return (int)length;
}

static EVP_PKEY *get_key(const TlsLibrary *l, const CryptoBytes *bytes,
                         char *password)
{
    const unsigned char *at = bytes->data;
    EVP_PKEY *key = l->d2i_AutoPrivateKey(NULL, &at, (long)bytes->size);
    if (key != NULL) return key;
    BIO *pem = l->BIO_new_mem_buf(bytes->data, (int)bytes->size);
    key = l->PEM_read_bio_PrivateKey(pem, NULL, give_password, password);
    l->BIO_free(pem);
    return key;
}

// {DER or PEM, Password}
static bool set_key(TlsContext *c, Term value)
{
    const TlsLibrary *l = c->library;
    CryptoBytes bytes;
    if (!term_is_tuple_of(value, 2)
        || !crypto_get_binary(term_tuple_get(value, 0), &bytes))
        return false;
    char *password = get_text(term_tuple_get(value, 1));
    EVP_PKEY *key = password == NULL ? NULL : get_key(l, &bytes, password);
    bool set = key != NULL && l->SSL_CTX_use_PrivateKey(c->ctx, key) > 0;
    l->EVP_PKEY_free(key);
    free(password);
    crypto_bytes_free(&bytes);
    return set;
}

// Gives each certificate of [list] to [add]. Those that cannot be read are
// passed over, as OTP does.
static bool add_each(TlsContext *c, Term list,
                     void (*add)(TlsContext *, X509 *))
{
    for (; term_is_cons(list); list = term_tail(list)) {
        X509 *x = get_certificate(c->library, term_head(list));
        if (x != NULL) add(c, x);
        c->library->X509_free(x);
    }
    return true;
}

static void trust(TlsContext *c, X509 *x)
{
    const TlsLibrary *l = c->library;
    l->X509_STORE_add_cert(l->SSL_CTX_get_cert_store(c->ctx), x);
}

static bool set_trusted(TlsContext *c, Term list)
{
    return add_each(c, list, trust);
}

static void ask_for(TlsContext *c, X509 *x)
{
    c->library->SSL_CTX_add_client_CA(c->ctx, x);
}

// The names that a server asks for.
static bool set_authorities(TlsContext *c, Term list)
{
    return add_each(c, list, ask_for);
}

// none; peer: Erlang judges; required: and there must be one.
static bool set_verify(TlsContext *c, Term value)
{
    int mode = SSL_VERIFY_NONE;
    if (!term_same(value, ATOM_none)) mode = SSL_VERIFY_PEER;
    if (term_same(value, ATOM_required))
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    c->library->SSL_CTX_set_verify(c->ctx, mode, NULL);
    c->judged = mode != SSL_VERIFY_NONE;
    return true;
}

static bool set_protocols(TlsContext *c, Term value)
{
    const TlsLibrary *l = c->library;
    size_t size;
    uint8_t *bytes = bif_get_iodata(value, &size);
    if (bytes == NULL) return false;
    if (!c->server) {
        // The one function of libssl whose 0 is success.
        bool set = !l->SSL_CTX_set_alpn_protos(c->ctx, bytes, (unsigned)size);
        free(bytes);
        return set;
    }
    c->protocols = bytes;
    c->protocol_size = size;
    l->SSL_CTX_set_alpn_select_cb(c->ctx, choose_protocol, c);
    return true;
}

// Parameters of a server's ephemeral Diffie-Hellman keys, DER.
static bool set_dh(TlsContext *c, Term value)
{
    const TlsLibrary *l = c->library;
    CryptoBytes der;
    if (!crypto_get_binary(value, &der)) return false;
    const unsigned char *at = der.data;
    EVP_PKEY *key = l->d2i_KeyParams(EVP_PKEY_DH, NULL, &at, (long)der.size);
    crypto_bytes_free(&der);
    if (key == NULL) return false;
    l->SSL_CTX_ctrl(c->ctx, SSL_CTRL_SET_DH_AUTO, 0, NULL);
    if (l->SSL_CTX_set0_tmp_dh_pkey(c->ctx, key) > 0) return true;
    l->EVP_PKEY_free(key);
    return false;
}

// Keys that both sides know already, see tls_session_set_psk. A server's value
// is a hint for its clients, or empty.
static bool set_psk(TlsContext *c, Term value)
{
    const TlsLibrary *l = c->library;
    if (!c->server) {
        l->SSL_CTX_set_psk_client_callback(c->ctx, tls_session_psk_client);
        return true;
    }
    char *hint = get_text(value);
    if (hint == NULL) return false;
    l->SSL_CTX_set_psk_server_callback(c->ctx, tls_session_psk_server);
    bool set = hint[0] == 0
               || l->SSL_CTX_use_psk_identity_hint(c->ctx, hint) > 0;
    free(hint);
    return set;
}

// Secrets are noted, for programs that look into what is sent.
static bool set_secrets(TlsContext *c, Term value)
{
    if (term_same(value, ATOM_true))
        c->library->SSL_CTX_set_keylog_callback(c->ctx, tls_session_log_secret);
    return true;
}

// What a session is of, so that it is not taken up where others are judged.
static bool set_session_context(TlsContext *c, Term value)
{
    CryptoBytes name;
    if (!crypto_get_binary(value, &name)) return false;
    bool set = c->library->SSL_CTX_set_session_id_context(
                   c->ctx, name.data, (unsigned)name.size)
               > 0;
    crypto_bytes_free(&name);
    return set;
}

// They have numbers all the same, which lead to nothing.
static bool set_no_sessions(TlsContext *c, Term value)
{
    if (term_same(value, ATOM_true))
        c->library->SSL_CTX_ctrl(c->ctx, SSL_CTRL_SET_SESS_CACHE_MODE,
                                 SSL_SESS_CACHE_SERVER
                                     | SSL_SESS_CACHE_NO_INTERNAL,
                                 NULL);
    return true;
}

// 1 to 4: 512 to 4096 bytes.
static bool set_fragment(TlsContext *c, Term value)
{
    const TlsLibrary *l = c->library;
    size_t n;
    return bif_get_size(value, &n) && n <= 4
           && l->SSL_CTX_set_tlsext_max_fragment_length(c->ctx, (uint8_t)n) > 0;
}

typedef struct {
    const Term key;
    bool (*set)(TlsContext *c, Term value);
} Setting;

bool tls_context_set(TlsContext *context, Term key, Term value)
{
    const Setting settings[] = {
        {ATOM_alpn, set_protocols},
        {ATOM_authorities, set_authorities},
        {ATOM_certificates, set_certificates},
        {ATOM_cipher_suites, set_suites},
        {ATOM_ciphers, set_ciphers},
        {ATOM_dh, set_dh},
        {ATOM_groups, set_groups},
        {ATOM_key, set_key},
        {ATOM_max_fragment, set_fragment},
        {ATOM_no_renegotiation, set_no_renegotiation},
        {ATOM_no_sessions, set_no_sessions},
        {ATOM_no_ticket, set_no_ticket},
        {ATOM_psk, set_psk},
        {ATOM_secrets, set_secrets},
        {ATOM_server_order, set_server_order},
        {ATOM_session_context, set_session_context},
        {ATOM_signatures, set_signatures},
        {ATOM_tickets, set_tickets},
        {ATOM_trusted, set_trusted},
        {ATOM_verify, set_verify},
        {ATOM_versions, set_versions},
    };
    context->library->ERR_clear_error();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (term_same(key, settings[i].key))
            return settings[i].set(context, value);
    return false;
}
