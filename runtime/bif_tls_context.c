// SPDX-License-Identifier: Apache-2.0
// BIFs of tls_context, which is behind lib/ssl.
#include "runtime_bifs.gen.h"
#include "tls_context.h"

// new(client | server)
Term bif_tls_context_new_1(Process *p, const Term *args)
{
    return tls_context_new(p, term_same(args[0], ATOM_server));
}

// set(Context, Key, Value) -> boolean()
Term bif_tls_context_set_3(Process *p, const Term *args)
{
    TlsContext *c = tls_context_get(args[0]);
    if (c == NULL) return bif_error(p, ATOM_badarg);
    return tls_context_set(c, args[1], args[2]) ? ATOM_true : ATOM_false;
}
