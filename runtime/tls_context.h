// SPDX-License-Identifier: Apache-2.0
// Contexts of TLS: what the connections of one side share, which is how they
// are to be made. A magic reference to an SSL_CTX, which is not changed once
// there are sessions of it.
//
// Erlang decides about certificates (see tls_session.h), and about how good an
// algorithm must be: libssl's levels of security are off.
#ifndef MERLE_TLS_CONTEXT_H
#define MERLE_TLS_CONTEXT_H

#include "counted.h"
#include "process.h"
#include "tls_library.h"

typedef struct {
    Counted counted;           // must be first
    const TlsLibrary *library; // which was there when it was made
    SSL_CTX *ctx;
    bool server;
    int tickets;          // that a server gives after a handshake of TLS 1.3
    bool judged;          // certificates are checked, and Erlang asked
    uint8_t *protocols;   // of ALPN that a server takes, in the form they are
    size_t protocol_size; // sent in, best first; NULL: ALPN is not heard of
} TlsContext;

// The context that [t] refers to; NULL when it is something else.
TlsContext *tls_context_get(Term t);

// A new context and a reference to it.
Term tls_context_new(Process *p, bool server);

// Sets [key], an atom, to [value]; false when libssl or this does not take it.
bool tls_context_set(TlsContext *context, Term key, Term value);

#endif
