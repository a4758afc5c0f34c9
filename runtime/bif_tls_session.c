// SPDX-License-Identifier: Apache-2.0
// BIFs of tls_session, which is behind lib/ssl: bytes of the peer go in, bytes
// for it come out.
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_argument.h"
#include "memory.h"
#include "runtime_bifs.gen.h"
#include "tls_session.h"

enum { READ_LEAST = 512 }; // bytes of room that reading starts with

static Term status_term(TlsStatus status)
{
    const Term atoms[] = {ATOM_ok, ATOM_more, ATOM_judge, ATOM_closed,
                          ATOM_failed};
    return atoms[status];
}

// new(Context, ServerName, Resumed)
Term bif_tls_session_new_3(Process *p, const Term *args)
{
    TlsContext *c = tls_context_get(args[0]);
    if (c == NULL) return bif_error(p, ATOM_badarg);
    return tls_session_new(p, c, args[1], args[2]);
}

// The session of the first argument, locked, and the bytes of the second; NULL
// and an error when they are none.
static TlsSession *begin(Process *p, const Term *args, CryptoBytes *bytes)
{
    TlsSession *s = tls_session_get(args[0]);
    if (s == NULL || !crypto_get_iodata(args[1], bytes)) {
        bif_error(p, ATOM_badarg);
        return NULL;
    }
    pthread_mutex_lock(&s->lock);
    return s;
}

static void end(Process *p, TlsSession *s, CryptoBytes *bytes)
{
    pthread_mutex_unlock(&s->lock);
    bif_bump(p, bytes->size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(bytes);
}

// Bytes that libssl has not taken yet.
static void put_in(TlsSession *s, const CryptoBytes *bytes)
{
    assert(bytes->size <= INT_MAX); // of one message of a socket
    if (bytes->size > 0)
        s->library->BIO_write(s->in, bytes->data, (int)bytes->size);
}

// handshake(Session, Bytes) -> {Status, BytesForPeer}
Term bif_tls_session_handshake_2(Process *p, const Term *args)
{
    CryptoBytes bytes;
    TlsSession *s = begin(p, args, &bytes);
    if (s == NULL) return TERM_NONE;
    put_in(s, &bytes);
    Term status = status_term(tls_session_handshake(s));
    Term out = tls_session_take(p, s);
    end(p, s, &bytes);
    return heap_tuple2(process_heap(p), status, out);
}

// Reads all that can be read to [*blob], which starts with room for [room]
// bytes and has at least [**blob].size.
static TlsStatus read_all(TlsSession *s, Blob **blob)
{
    const TlsLibrary *l = s->library;
    for (;;) {
        Blob *b = *blob;
        size_t size;
        int result = l->SSL_read_ex(s->ssl, b->bytes + b->size,
                                    b->capacity - b->size, &size);
        if (result <= 0) return tls_session_status(s, result);
        b->size += size;
        if (b->size == b->capacity) *blob = blob_resize(b, 2 * b->capacity);
    }
}

// Small answers lie on the heap.
static Term blob_term(Process *p, Blob *blob)
{
    Heap *h = process_heap(p);
    size_t size = blob->size;
    if (size > BINARY_HEAP_MAX)
        return heap_binary_from_blob(h, blob_resize(blob, size), size);
    Term t = heap_binary(h, blob->bytes, size);
    counted_release(&blob->counted);
    return t;
}

// read(Session, Bytes) -> {Status, Data, Pending}
// Status "more" is the rule: all is read that there was. What is pending for
// the peer is left to the process that sends: it alone knows the order.
Term bif_tls_session_read_2(Process *p, const Term *args)
{
    CryptoBytes bytes;
    TlsSession *s = begin(p, args, &bytes);
    if (s == NULL) return TERM_NONE;
    put_in(s, &bytes);
    s->library->ERR_clear_error();
    Blob *blob = blob_new(bytes.size + READ_LEAST);
    TlsStatus status = read_all(s, &blob);
    if (s->judgement == JUDGE_WAITS) status = TLS_JUDGE;
    bool pending = s->library->BIO_ctrl(s->out, BIO_CTRL_PENDING, 0, NULL) > 0;
    end(p, s, &bytes);
    Term data = blob_term(p, blob);
    return heap_tuple3(process_heap(p), status_term(status), data,
                       pending ? ATOM_true : ATOM_false);
}

// write(Session, Data) -> {Status, BytesForPeer}
// Status "more" while another handshake is under way: to be written again.
Term bif_tls_session_write_2(Process *p, const Term *args)
{
    CryptoBytes bytes;
    TlsSession *s = begin(p, args, &bytes);
    if (s == NULL) return TERM_NONE;
    const TlsLibrary *l = s->library;
    size_t written;
    TlsStatus status = TLS_OK;
    l->ERR_clear_error();
    if (bytes.size > 0)
        status = tls_session_status(
            s, l->SSL_write_ex(s->ssl, bytes.data, bytes.size, &written));
    Term out = tls_session_take(p, s);
    end(p, s, &bytes);
    return heap_tuple2(process_heap(p), status_term(status), out);
}

// judge(Session, Alert): 0 accepts the peer's certificate
Term bif_tls_session_judge_2(Process *p, const Term *args)
{
    TlsSession *s = tls_session_get(args[0]);
    size_t alert;
    if (s == NULL || !bif_get_size(args[1], &alert) || alert > UINT8_MAX)
        return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&s->lock);
    tls_session_judge(s, (uint8_t)alert);
    pthread_mutex_unlock(&s->lock);
    return ATOM_ok;
}

// psk(Session, Identity, Key): a key that the peer knows, too
Term bif_tls_session_psk_3(Process *p, const Term *args)
{
    TlsSession *s = tls_session_get(args[0]);
    if (s == NULL) return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&s->lock);
    bool set = tls_session_set_psk(s, args[1], args[2]);
    pthread_mutex_unlock(&s->lock);
    return set ? ATOM_ok : bif_error(p, ATOM_badarg);
}

// What act/2 does; the answers are those of libssl.
static int act(TlsSession *s, Term what)
{
    const TlsLibrary *l = s->library;
    if (term_same(what, ATOM_shutdown)) return l->SSL_shutdown(s->ssl) >= 0;
    if (term_same(what, ATOM_renegotiate))
        return l->SSL_renegotiate(s->ssl) && l->SSL_do_handshake(s->ssl) != 0;
    // The peer may be asked for new keys, too.
    int type = term_same(what, ATOM_read_write) ? SSL_KEY_UPDATE_REQUESTED
                                                : SSL_KEY_UPDATE_NOT_REQUESTED;
    return l->SSL_key_update(s->ssl, type) && l->SSL_do_handshake(s->ssl) > 0;
}

// act(Session, shutdown | renegotiate | write | read_write) ->
//     {ok | failed, BytesForPeer}; the last two are updates of keys
Term bif_tls_session_act_2(Process *p, const Term *args)
{
    TlsSession *s = tls_session_get(args[0]);
    if (s == NULL) return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&s->lock);
    s->library->ERR_clear_error();
    TlsStatus status = act(s, args[1]) ? TLS_OK : TLS_FAILED;
    Term out = tls_session_take(p, s);
    pthread_mutex_unlock(&s->lock);
    return heap_tuple2(process_heap(p), status_term(status), out);
}

// ---- info ----

static Term version_term(Process *p, TlsSession *s)
{
    return term_small(s->library->SSL_version(s->ssl));
}

// The two bytes that the suite is known by, in use or chosen for it; 0 before
// one is.
static Term cipher_term(Process *p, TlsSession *s)
{
    const SSL_CIPHER *cipher = s->library->SSL_get_current_cipher(s->ssl);
    if (cipher == NULL) cipher = s->library->SSL_get_pending_cipher(s->ssl);
    if (cipher == NULL) return term_small(0);
    return term_small(s->library->SSL_CIPHER_get_protocol_id(cipher));
}

static Term certificate_term(Process *p, const TlsLibrary *l, const X509 *x)
{
    uint8_t *to;
    int size = l->i2d_X509(x, NULL);
    Term der = heap_binary_new(process_heap(p), (size_t)size, &to);
    l->i2d_X509(x, &to);
    return der;
}

// The certificates of [chain], in front of [list].
static Term chain_term(Process *p, const TlsLibrary *l,
                       const STACK_OF(X509) *chain)
{
    const OPENSSL_STACK *stack = (const OPENSSL_STACK *)chain;
    Term list = TERM_NIL;
    for (int i = l->OPENSSL_sk_num(stack); i-- > 0;) {
        const X509 *x = l->OPENSSL_sk_value(stack, i);
        list = heap_cons(process_heap(p), certificate_term(p, l, x), list);
    }
    return list;
}

// The peer's own certificate first. A server has it apart from the others.
static Term peer_term(Process *p, TlsSession *s)
{
    const TlsLibrary *l = s->library;
    Term list = chain_term(p, l, l->SSL_get_peer_cert_chain(s->ssl));
    const X509 *own = l->SSL_get0_peer_certificate(s->ssl);
    if (!s->context->server || own == NULL) return list;
    return heap_cons(process_heap(p), certificate_term(p, l, own), list);
}

// The chain as libssl built it, up to the one that is trusted.
static Term built_term(Process *p, TlsSession *s)
{
    const TlsLibrary *l = s->library;
    return chain_term(p, l, l->SSL_get0_verified_chain(s->ssl));
}

static Term protocol_term(Process *p, TlsSession *s)
{
    const unsigned char *name;
    unsigned size;
    s->library->SSL_get0_alpn_selected(s->ssl, &name, &size);
    if (name == NULL) return ATOM_none;
    return heap_binary(process_heap(p), name, size);
}

static Term server_name_term(Process *p, TlsSession *s)
{
    const char *name =
        s->library->SSL_get_servername(s->ssl, TLSEXT_NAMETYPE_host_name);
    if (name == NULL) return ATOM_none;
    return heap_binary(process_heap(p), name, strlen(name));
}

static Term session_id_term(Process *p, TlsSession *s)
{
    const TlsLibrary *l = s->library;
    unsigned size = 0;
    const SSL_SESSION *session = l->SSL_get_session(s->ssl);
    const unsigned char *id =
        session == NULL ? NULL : l->SSL_SESSION_get_id(session, &size);
    return heap_binary(process_heap(p), id == NULL ? (void *)"" : id, size);
}

static Term reused_term(Process *p, TlsSession *s)
{
    int reused = s->library->SSL_session_reused(s->ssl);
    return reused ? ATOM_true : ATOM_false;
}

// Bytes by which it may be resumed.
static Term session_term(Process *p, TlsSession *s)
{
    const TlsLibrary *l = s->library;
    SSL_SESSION *session = l->SSL_get_session(s->ssl);
    int size = session == NULL ? 0 : l->i2d_SSL_SESSION(session, NULL);
    if (size <= 0) return ATOM_none;
    uint8_t *to;
    Term bytes = heap_binary_new(process_heap(p), (size_t)size, &to);
    l->i2d_SSL_SESSION(session, &to);
    return bytes;
}

// Whether a ticket came since this was last asked.
static Term ticket_term(Process *p, TlsSession *s)
{
    bool came = s->ticket;
    s->ticket = false;
    return came ? ATOM_true : ATOM_false;
}

// {Sent, Received}: alerts as level * 256 + number, -1: none
static Term alerts_term(Process *p, TlsSession *s)
{
    return heap_tuple2(process_heap(p), term_small(s->sent),
                       term_small(s->received));
}

// Lines "LABEL RANDOM SECRET", as the context says.
static Term keylog_term(Process *p, TlsSession *s)
{
    return heap_binary(process_heap(p),
                       s->log.size == 0 ? (void *)"" : s->log.bytes,
                       s->log.size);
}

// {X509_V_ERR_..., Depth} of the first fault of the chain
static Term fault_term(Process *p, TlsSession *s)
{
    return heap_tuple2(process_heap(p), term_small(s->error),
                       term_small(s->depth));
}

static Term reason_term(Process *p, TlsSession *s)
{
    const char *text = s->reason == NULL ? "" : s->reason;
    return heap_string(process_heap(p), text, strlen(text), TERM_NIL);
}

static Term state_term(Process *p, TlsSession *s)
{
    return term_small(s->library->SSL_get_state(s->ssl));
}

// libcrypto's number of the group of the key exchange.
static Term group_term(Process *p, TlsSession *s)
{
    return term_small(
        s->library->SSL_ctrl(s->ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, NULL));
}

// {ClientRandom, ServerRandom, MasterSecret}
static Term secrets_term(Process *p, TlsSession *s)
{
    const TlsLibrary *l = s->library;
    Heap *h = process_heap(p);
    uint8_t bytes[SSL_MAX_MASTER_KEY_LENGTH];
    size_t size = l->SSL_get_client_random(s->ssl, bytes, sizeof bytes);
    Term client = heap_binary(h, bytes, size);
    size = l->SSL_get_server_random(s->ssl, bytes, sizeof bytes);
    Term server = heap_binary(h, bytes, size);
    const SSL_SESSION *session = l->SSL_get_session(s->ssl);
    size = session == NULL
               ? 0
               : l->SSL_SESSION_get_master_key(session, bytes, sizeof bytes);
    return heap_tuple3(h, client, server, heap_binary(h, bytes, size));
}

// info(Session, Item)
Term bif_tls_session_info_2(Process *p, const Term *args)
{
    const struct {
        Term item;
        Term (*get)(Process *, TlsSession *);
    } items[] = {
        {ATOM_alerts, alerts_term},   {ATOM_alpn, protocol_term},
        {ATOM_built, built_term},     {ATOM_cipher, cipher_term},
        {ATOM_fault, fault_term},     {ATOM_group, group_term},
        {ATOM_keylog, keylog_term},
        {ATOM_peer, peer_term},       {ATOM_reason, reason_term},
        {ATOM_reused, reused_term},   {ATOM_secrets, secrets_term},
        {ATOM_server_name, server_name_term}, {ATOM_session, session_term},
        {ATOM_session_id, session_id_term},   {ATOM_state, state_term},
        {ATOM_ticket, ticket_term},   {ATOM_version, version_term},
    };
    TlsSession *s = tls_session_get(args[0]);
    Term answer = TERM_NONE;
    if (s == NULL) return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (term_same(args[1], items[i].item)) answer = items[i].get(p, s);
    pthread_mutex_unlock(&s->lock);
    return term_is_none(answer) ? bif_error(p, ATOM_badarg) : answer;
}
