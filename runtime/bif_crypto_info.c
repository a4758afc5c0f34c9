// SPDX-License-Identifier: Apache-2.0
// crypto: which libcrypto there is and what it can do.
#include <openssl/opensslv.h>

#include "crypto_algorithm.h"
#include "crypto_argument.h"
#include "map.h"
#include "runtime_bifs.gen.h"

// Of the library that was found: it may be newer than that of the build.
static const char *version_text(const CryptoLibrary *c)
{
    return c->OpenSSL_version(OPENSSL_VERSION);
}

// crypto.erl adds the version of the application.
Term bif_crypto_info_nif_0(Process *p, const Term *args)
{
    (void)args;
    const CryptoLibrary *c = crypto_library(p->node);
    Heap *h = process_heap(p);
    const char *linked = version_text(c);
    bool fips = c->OSSL_PROVIDER_available(NULL, "fips");
    Term pairs[] = {ATOM_compile_type,
                    ATOM_normal,
                    ATOM_link_type,
                    ATOM_dynamic,
                    ATOM_cryptolib_version_compiled,
                    heap_string(h, OPENSSL_VERSION_TEXT,
                                sizeof OPENSSL_VERSION_TEXT - 1, TERM_NIL),
                    ATOM_cryptolib_version_linked,
                    heap_string(h, linked, strlen(linked), TERM_NIL),
                    ATOM_fips_provider_available,
                    fips ? ATOM_true : ATOM_false};
    return map_from_pairs(h, process_atoms(p), 5, pairs);
}

// [{Name, Number, Text}]: the number of what it was built with, the text of
// what was found.
Term bif_crypto_info_lib_0(Process *p, const Term *args)
{
    (void)args;
    Heap *h = process_heap(p);
    const char *text = version_text(crypto_library(p->node));
    Term name = heap_binary(h, "OpenSSL", 7);
    Term row = heap_tuple3(h, name, term_small(OPENSSL_VERSION_NUMBER),
                           heap_binary(h, text, strlen(text)));
    return heap_cons(h, row, TERM_NIL);
}

// These ask libcrypto for each, and so load its legacy module.
Term bif_crypto_hash_algorithms_0(Process *p, const Term *args)
{
    (void)args;
    return crypto_digest_names(p);
}

// General names, such as aes_cbc, are added by crypto.erl.
Term bif_crypto_cipher_algorithms_0(Process *p, const Term *args)
{
    (void)args;
    return crypto_cipher_names(p);
}
