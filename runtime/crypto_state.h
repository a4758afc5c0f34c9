// SPDX-License-Identifier: Apache-2.0
// States of what is computed in parts: magic references to a context of
// libcrypto. Those of digests are never changed; those of MACs and ciphers
// are, by whoever has the lock.
#ifndef MERLE_CRYPTO_STATE_H
#define MERLE_CRYPTO_STATE_H

#include <pthread.h>

#include "counted.h"
#include "crypto_library.h"
#include "process.h"

typedef struct {
    Counted counted;              // must be first
    const CryptoLibrary *library; // which was there when the state was made
    pthread_mutex_t lock;         // of the context
    void *context;                // of libcrypto; belongs to the state
} CryptoState;

// Makes [state], which malloc gave and [destroy] frees, and a reference to it.
Term crypto_state_term(Process *p, CryptoState *state, void *context,
                       void (*destroy)(Counted *));

// Frees the state but not its context.
void crypto_state_free(CryptoState *state);

#endif
