// SPDX-License-Identifier: Apache-2.0
// The functions of libssl, found by their names at the first use.
#include "tls_library.h"

#include <openssl/opensslv.h>
#include <stdlib.h>

#include "late_library.h"
#include "memory.h"

static TlsLibrary *open_library(void)
{
    TlsLibrary *library = memory_zeroed(1, sizeof *library);
    library->handle = late_library_open(
        LATE_LIBRARY_NAME("libssl", OPENSSL_SHLIB_VERSION));
#define FIND(name) late_library_find(library->handle, #name, &library->name);
    TLS_FUNCTIONS(FIND)
    return library;
}

// A second thread may open it at once; libssl counts who has it open, and it
// stays loaded anyway.
const TlsLibrary *tls_library(Node *node)
{
    TlsLibrary *library = atomic_load(&node->tls);
    if (library != NULL) return library;
    TlsLibrary *mine = open_library();
    if (atomic_compare_exchange_strong(&node->tls, &library, mine))
        return mine;
    free(mine); // another thread was faster
    return library;
}

void tls_library_free(Node *node)
{
    free(atomic_load(&node->tls));
}
