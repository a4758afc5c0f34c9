// SPDX-License-Identifier: Apache-2.0
// The making and freeing of states of module crypto.
#include "crypto_state.h"

#include <stdlib.h>

#include "magic.h"

// Nobody else can have it yet, so nothing is locked.
Term crypto_state_term(Process *p, CryptoState *state, void *context,
                       void (*destroy)(Counted *))
{
    atomic_init(&state->counted.count, 1);
    state->counted.destroy = destroy;
    state->library = crypto_library(p->node);
    pthread_mutex_init(&state->lock, NULL);
    state->context = context;
    return magic_ref_new(p->node, process_heap(p), &state->counted);
}

// For the "destroy" of each kind.
void crypto_state_free(CryptoState *state)
{
    pthread_mutex_destroy(&state->lock);
    free(state);
}
