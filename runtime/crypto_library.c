// SPDX-License-Identifier: Apache-2.0
// The functions of libcrypto, found by their names at the first use.
//
// The library is that of the build: other versions of its interface have other
// names.
#include "crypto_library.h"

#include <dlfcn.h>
#include <openssl/opensslv.h>
#include <stdlib.h>

#include "crypto_algorithm.h"
#include "late_library.h"
#include "memory.h"

static CryptoLibrary *open_library(void)
{
    CryptoLibrary *library = memory_zeroed(1, sizeof *library);
    library->handle = late_library_open(
        LATE_LIBRARY_NAME("libcrypto", OPENSSL_SHLIB_VERSION));
#define FIND(name) late_library_find(library->handle, #name, &library->name);
    CRYPTO_FUNCTIONS(FIND)
    crypto_algorithms_init(library);
    return library;
}

// Two threads may open it at once: it is the same library, opened twice.
const CryptoLibrary *crypto_library(Node *node)
{
    CryptoLibrary *library = atomic_load(&node->crypto);
    if (library != NULL) return library;
    CryptoLibrary *mine = open_library();
    if (atomic_compare_exchange_strong(&node->crypto, &library, mine))
        return mine;
    crypto_algorithms_free(mine);
    dlclose(mine->handle); // another thread was faster
    free(mine);
    return library;
}

void crypto_library_free(Node *node)
{
    CryptoLibrary *library = atomic_load(&node->crypto);
    if (library == NULL) return;
    crypto_algorithms_free(library);
    // It stays loaded: it has told the C library to call it at the end.
    free(library);
}
