// SPDX-License-Identifier: Apache-2.0
// Sessions of TLS: how they are made, judged and brought forward.
#include "tls_session.h"

#include <stdlib.h>
#include <string.h>

#include "crypto_argument.h"
#include "late_library.h"
#include "magic.h"
#include "memory.h"

// What libssl is told so that it sends the alert: it knows faults only.
static int fault_of_alert(uint8_t alert)
{
    switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
        return X509_V_ERR_CERT_REJECTED;
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
        return X509_V_ERR_INVALID_PURPOSE;
    case SSL_AD_CERTIFICATE_REVOKED:
        return X509_V_ERR_CERT_REVOKED;
    case SSL_AD_CERTIFICATE_EXPIRED:
        return X509_V_ERR_CERT_HAS_EXPIRED;
    case SSL_AD_UNKNOWN_CA:
        return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
    case SSL_AD_HANDSHAKE_FAILURE:
        return X509_V_ERR_APPLICATION_VERIFICATION;
    case SSL_AD_INTERNAL_ERROR:
        return X509_V_ERR_UNSPECIFIED;
    default:
        return X509_V_ERR_AKID_SKID_MISMATCH; // certificate_unknown
    }
}

// Any thread.
static void session_destroy(Counted *counted)
{
    TlsSession *s = (TlsSession *)counted;
    const TlsLibrary *l = s->library;
    l->SSL_free(s->ssl); // and its buffers
    buffer_free(&s->key);
    buffer_free(&s->log);
    free(s->identity);
    counted_release(&s->context->counted);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

TlsSession *tls_session_get(Term t)
{
    return (TlsSession *)magic_object(t, session_destroy);
}

// The name goes into the first message, if there is one.
static void set_server_name(TlsSession *s, Term name)
{
    size_t size;
    uint8_t *text = bif_get_iodata(name, &size);
    if (text == NULL) return;
    s->library->SSL_ctrl(s->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                         TLSEXT_NAMETYPE_host_name, text);
    free(text);
}

// A session that cannot be read is one that cannot be resumed.
static void set_resumed(TlsSession *s, Term bytes)
{
    const TlsLibrary *l = s->library;
    CryptoBytes der;
    if (!crypto_get_binary(bytes, &der)) return;
    const unsigned char *at = der.data;
    SSL_SESSION *session = l->d2i_SSL_SESSION(NULL, &at, (long)der.size);
    if (session != NULL) l->SSL_set_session(s->ssl, session);
    l->SSL_SESSION_free(session);
    crypto_bytes_free(&der);
}

// Memory for the bytes of one side; libssl frees it with the SSL.
static BIO *new_buffer(const TlsLibrary *l)
{
    BIO *buffer = l->BIO_new(l->BIO_s_mem());
    if (buffer == NULL) memory_exhausted("a BIO", 0);
    return buffer;
}

Term tls_session_new(Process *p, TlsContext *context, Term server_name,
                     Term resumed)
{
    const TlsLibrary *l = context->library;
    TlsSession *s = memory_zeroed(1, sizeof *s);
    atomic_init(&s->counted.count, 1);
    s->counted.destroy = session_destroy;
    s->library = l;
    s->context = context;
    counted_keep(&context->counted);
    pthread_mutex_init(&s->lock, NULL);
    s->sent = s->received = -1;
    s->ssl = l->SSL_new(context->ctx);
    if (s->ssl == NULL) memory_exhausted("an SSL", 0);
    s->in = new_buffer(l);
    s->out = new_buffer(l);
    l->SSL_set_bio(s->ssl, s->in, s->out);
    l->SSL_set_ex_data(s->ssl, 0, s);
    l->SSL_set_msg_callback(s->ssl, tls_session_message);
    l->SSL_ctrl(s->ssl, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, s);
    if (context->server) {
        l->SSL_set_accept_state(s->ssl);
    } else {
        l->SSL_set_connect_state(s->ssl);
        set_server_name(s, server_name);
        set_resumed(s, resumed);
    }
    return magic_ref_new(p->node, process_heap(p), &s->counted);
}

// ---- what libssl calls ----

// Whether the chain of [store] holds by nothing but that the peer's own
// certificate, which somebody else has signed, is among the trusted ones. In
// OTP these are issuers only.
static bool trusts_leaf_alone(const TlsLibrary *l, X509_STORE_CTX *store)
{
    X509 *leaf = l->X509_STORE_CTX_get0_cert(store);
    return l->X509_STORE_CTX_get_num_untrusted(store) == 0
           && (l->X509_get_extension_flags(leaf) & EXFLAG_SS) == 0;
}

// Lets Erlang judge: always true here, but for a client that was told no.
int tls_session_certified(X509_STORE_CTX *store, void *arg)
{
    const TlsLibrary *l = arg;
    SSL *ssl = l->X509_STORE_CTX_get_ex_data(
        store, l->SSL_get_ex_data_X509_STORE_CTX_idx());
    TlsSession *s = l->SSL_get_ex_data(ssl, 0);
    if (!s->context->judged || s->judgement == JUDGE_ACCEPTED) return 1;
    if (s->judgement == JUDGE_REFUSED) {
        l->X509_STORE_CTX_set_error(store, fault_of_alert(s->refusal));
        return 0;
    }
    // As in OTP, what is trusted need not be signed by itself.
    l->X509_STORE_CTX_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN
                                           | X509_V_FLAG_TRUSTED_FIRST);
    if (l->X509_verify_cert(store) <= 0) {
        s->error = l->X509_STORE_CTX_get_error(store);
        s->depth = l->X509_STORE_CTX_get_error_depth(store);
    } else if (trusts_leaf_alone(l, store)) {
        s->error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        s->depth = 0;
    }
    s->judgement = JUDGE_WAITS;
    if (!s->context->server)
        l->SSL_ctrl(ssl, SSL_CTRL_SET_RETRY_VERIFY, 0, NULL);
    return 1;
}

// Notes alerts, and tickets of sessions.
void tls_session_message(int written, int version, int kind, const void *bytes,
                         size_t size, SSL *ssl, void *arg)
{
    (void)version;
    (void)ssl;
    TlsSession *s = arg;
    const uint8_t *b = bytes;
    if (kind == SSL3_RT_ALERT && size == 2)
        *(written ? &s->sent : &s->received) = b[0] << 8 | b[1];
    if (kind == SSL3_RT_HANDSHAKE && !written && size > 0
        && b[0] == SSL3_MT_NEWSESSION_TICKET)
        s->ticket = true;
}

// The one place where libssl asks which alert it shall send instead of a
// message: an extension of the ticket that a server gives after the handshake.
int tls_session_refuses(SSL *ssl, unsigned type, unsigned context,
                        const unsigned char **out, size_t *size, X509 *x,
                        size_t index, int *alert, void *arg)
{
    (void)type, (void)context, (void)out, (void)size, (void)x, (void)index;
    const TlsLibrary *l = arg;
    const TlsSession *s = l->SSL_get_ex_data(ssl, 0);
    if (s->judgement != JUDGE_REFUSED) return 0; // no such extension
    *alert = s->refusal;
    return -1;
}

// ---- keys that are known before ----

bool tls_session_set_psk(TlsSession *s, Term identity, Term key)
{
    CryptoBytes bytes;
    size_t size;
    uint8_t *name = bif_get_iodata(identity, &size);
    if (name == NULL || !crypto_get_binary(key, &bytes)) {
        free(name);
        return false;
    }
    free(s->identity);
    s->identity = memory_resize(name, size + 1);
    s->identity[size] = 0;
    s->key.size = 0;
    buffer_add(&s->key, bytes.data, bytes.size);
    crypto_bytes_free(&bytes);
    return true;
}

// libssl gives these callbacks nothing but the SSL. [caller] is where it goes
// on behind the call.
static TlsSession *session_of(const SSL *ssl, const void *caller)
{
    __typeof__(SSL_get_ex_data) *get_ex_data;
    late_library_find_beside(caller, "SSL_get_ex_data", &get_ex_data);
    return get_ex_data(ssl, 0);
}

static unsigned give_key(const TlsSession *s, unsigned char *key,
                         unsigned room)
{
    if (s->key.size == 0 || s->key.size > room) return 0; // libssl refuses
    memcpy(key, s->key.bytes, s->key.size);
    return (unsigned)s->key.size;
}

unsigned tls_session_psk_client(SSL *ssl, const char *hint, char *identity,
                                unsigned identity_room, unsigned char *key,
                                unsigned key_room)
{
    (void)hint;
    const TlsSession *s = session_of(ssl, __builtin_return_address(0));
    if (s->identity == NULL || strlen(s->identity) >= identity_room) return 0;
    strcpy(identity, s->identity);
    return give_key(s, key, key_room);
}

unsigned tls_session_psk_server(SSL *ssl, const char *identity,
                                unsigned char *key, unsigned key_room)
{
    (void)identity; // Erlang has read it before
    return give_key(session_of(ssl, __builtin_return_address(0)), key,
                    key_room);
}

void tls_session_log_secret(const SSL *ssl, const char *line)
{
    TlsSession *s = session_of(ssl, __builtin_return_address(0));
    buffer_add(&s->log, line, strlen(line));
    buffer_add_byte(&s->log, '\n');
}

// ---- steps ----

void tls_session_judge(TlsSession *s, uint8_t alert)
{
    if (s->judgement != JUDGE_WAITS) return;
    s->judgement = alert == 0 ? JUDGE_ACCEPTED : JUDGE_REFUSED;
    s->refusal = alert;
}

TlsStatus tls_session_status(TlsSession *s, int result)
{
    if (result > 0) return TLS_OK;
    switch (s->library->SSL_get_error(s->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_MORE;
    case SSL_ERROR_WANT_RETRY_VERIFY:
        return TLS_JUDGE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    default:
        s->reason =
            s->library->ERR_reason_error_string(s->library->ERR_peek_error());
        return TLS_FAILED;
    }
}

// Before TLS 1.3 the client still waits for the server's last message and reads
// alerts as they are; libssl has gone on to write ciphered ones.
static void refuse_plainly(TlsSession *s)
{
    const TlsLibrary *l = s->library;
    int version = l->SSL_version(s->ssl);
    const uint8_t alert[] = {SSL3_RT_ALERT, (uint8_t)(version >> 8),
                             (uint8_t)version, 0, 2, SSL3_AL_FATAL,
                             s->refusal};
    l->BIO_ctrl(s->out, BIO_CTRL_RESET, 0, NULL);
    l->BIO_write(s->out, alert, sizeof alert);
    s->sent = SSL3_AL_FATAL << 8 | s->refusal;
}

// A refused client must not come back by a session that the server has kept.
static TlsStatus refuse_client(TlsSession *s)
{
    const TlsLibrary *l = s->library;
    l->SSL_CTX_remove_session(s->context->ctx, l->SSL_get_session(s->ssl));
    if (l->SSL_version(s->ssl) < TLS1_3_VERSION) {
        refuse_plainly(s);
    } else {
        l->SSL_new_session_ticket(s->ssl); // see tls_session_refuses
        l->SSL_do_handshake(s->ssl);
    }
    return TLS_FAILED;
}

// A server's handshake goes on by itself until it is done.
TlsStatus tls_session_handshake(TlsSession *s)
{
    const TlsLibrary *l = s->library;
    l->ERR_clear_error();
    if (s->context->server && s->judgement == JUDGE_REFUSED)
        return refuse_client(s);
    TlsStatus status = tls_session_status(s, l->SSL_do_handshake(s->ssl));
    if (status == TLS_FAILED && s->context->server
        && ERR_GET_REASON(l->ERR_peek_error()) == SSL_R_NO_SHARED_CIPHER) {
        // Nothing is ciphered yet; libssl says handshake_failure, OTP this.
        s->refusal = SSL_AD_INSUFFICIENT_SECURITY;
        refuse_plainly(s);
    }
    if (status != TLS_OK) return status;
    if (s->judgement == JUDGE_WAITS) return TLS_JUDGE;
    s->judgement = JUDGE_NOBODY; // a later handshake is judged anew
    if (!s->context->server) return status;
    for (int i = s->context->tickets; i > 0; i--)
        l->SSL_new_session_ticket(s->ssl);
    if (s->context->tickets > 0) l->SSL_do_handshake(s->ssl);
    return TLS_OK;
}

// What is held back is not lost: it is taken when Erlang has judged.
Term tls_session_take(Process *p, TlsSession *s)
{
    const TlsLibrary *l = s->library;
    bool done = s->context->server && l->SSL_is_init_finished(s->ssl);
    if (done && s->judgement == JUDGE_WAITS)
        return heap_binary(process_heap(p), "", 0);
    char *bytes;
    long size = l->BIO_ctrl(s->out, BIO_CTRL_INFO, 0, &bytes);
    Term taken = heap_binary(process_heap(p), bytes, (size_t)size);
    l->BIO_ctrl(s->out, BIO_CTRL_RESET, 0, NULL);
    return taken;
}
