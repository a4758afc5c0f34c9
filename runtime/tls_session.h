// SPDX-License-Identifier: Apache-2.0
// Sessions of TLS: one connection's SSL between two buffers. Bytes from the
// peer are put in, bytes for it are taken out; sockets are Erlang's. A magic
// reference, used by the process that receives and the one that sends: all is
// done under the lock.
//
// Certificates: libssl builds and checks the chain, and its first fault is
// noted only. Erlang hears of it and judges. A client waits for that inside
// of the handshake. A server cannot: libssl ends its handshake first, but what
// it then has for the client is held back until the judgement, and replaced by
// an alert if that is no.
#ifndef MERLE_TLS_SESSION_H
#define MERLE_TLS_SESSION_H

#include <pthread.h>

#include "buffer.h"
#include "tls_context.h"

typedef enum {
    JUDGE_NOBODY,   // no certificate came, or none is asked for
    JUDGE_WAITS,    // Erlang is to say
    JUDGE_ACCEPTED, // it said yes
    JUDGE_REFUSED   // it said which alert to send
} TlsJudgement;

typedef struct {
    Counted counted;           // must be first
    const TlsLibrary *library; // which was there when it was made
    TlsContext *context;       // holds a reference
    pthread_mutex_t lock;
    SSL *ssl;
    BIO *in, *out; // of ssl
    TlsJudgement judgement;
    uint8_t refusal; // the alert of JUDGE_REFUSED
    int sent;        // the last alert to the peer, level << 8 | number, or -1
    int received;    // the last one from it
    int error;       // the first fault of the chain, X509_V_ERR_...
    int depth;       // the certificate with it; 0: the peer's own
    const char *reason; // libssl's of what failed; NULL: nothing did
    bool ticket;     // the session may be resumed, and nobody took it
    Buffer key;      // that both sides know; empty: none is known
    char *identity;  // a client's name for it
    Buffer log;      // lines of secrets, if the context keeps them
} TlsSession;

// The session that [t] refers to; NULL when it is something else.
TlsSession *tls_session_get(Term t);

// A new session of [context] and a reference to it; [server_name] and [resumed]
// (bytes of a former session) may be atoms: none.
Term tls_session_new(Process *p, TlsContext *context, Term server_name,
                     Term resumed);

// The judgement: 0, or the number of the alert that refuses.
void tls_session_judge(TlsSession *s, uint8_t alert);

// The key that both sides know, binary, and a client's name for it, iodata.
// False when these are not.
bool tls_session_set_psk(TlsSession *s, Term identity, Term key);

// What libssl calls, see tls_context.c. [arg] is the library, of the second the
// session.
int tls_session_certified(X509_STORE_CTX *store, void *arg);
void tls_session_message(int written, int version, int kind, const void *bytes,
                         size_t size, SSL *ssl, void *arg);
int tls_session_refuses(SSL *ssl, unsigned type, unsigned context,
                        const unsigned char **out, size_t *size, X509 *x,
                        size_t index, int *alert, void *arg);

unsigned tls_session_psk_client(SSL *ssl, const char *hint, char *identity,
                                unsigned identity_room, unsigned char *key,
                                unsigned key_room);
unsigned tls_session_psk_server(SSL *ssl, const char *identity,
                                unsigned char *key, unsigned key_room);
void tls_session_log_secret(const SSL *ssl, const char *line);

// ---- one step each; the caller has the lock ----

typedef enum {
    TLS_OK,      // done, or all is read that was there
    TLS_MORE,    // the peer has to say something first
    TLS_JUDGE,   // Erlang has
    TLS_CLOSED,  // the peer said that it sends no more
    TLS_FAILED   // see sent and received, and ERR_peek_error
} TlsStatus;

// Goes on with the handshake.
TlsStatus tls_session_handshake(TlsSession *s);

// The status after a call of libssl that answered [result].
TlsStatus tls_session_status(TlsSession *s, int result);

// Takes what there is for the peer. Nothing while Erlang has to judge.
Term tls_session_take(Process *p, TlsSession *s);

#endif
