// SPDX-License-Identifier: Apache-2.0
// crypto: digests. A state is never changed: an update makes a new one.
#include <stdlib.h>

#include "crypto_algorithm.h"
#include "crypto_argument.h"
#include "crypto_state.h"
#include "magic.h"
#include "map.h"
#include "memory.h"
#include "runtime_bifs.gen.h"

// OTP finds fault with these in its hash.c.
static Term bad(Process *p, int argument, int line, const char *text)
{
    return crypto_badarg(p, argument, "hash.c", line, text);
}

// Nothing of it has been seen to happen; silence would answer garbage.
static Term failed(Process *p, int line, const char *text)
{
    return crypto_failed(p, "hash.c", line, text);
}

// The digest of the first argument; NULL, and an error raised, without. OTP
// tells names it does not know, found at [line], from those that its libcrypto
// does not have.
static EVP_MD *get_digest(Process *p, Term name, int line, const char *missing)
{
    const CryptoDigest *digest = crypto_digest(name);
    if (digest == NULL) {
        bad(p, 0, line, "Bad digest type");
        return NULL;
    }
    EVP_MD *md = crypto_digest_fetch(crypto_library(p->node), digest);
    if (md == NULL) crypto_notsup(p, 0, "hash.c", line + 5, missing);
    return md;
}

// The type is bad before the data is, as in OTP.
Term bif_crypto_hash_nif_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_MD *md = get_digest(p, args[0], 108,
                            "Digest type not supported in this cryptolib");
    if (md == NULL) return TERM_NONE;
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    CryptoBytes data = {0};
    Term answer;
    if (!crypto_get_iodata(args[1], &data))
        answer = bad(p, 1, 115, "Not iolist");
    else if (!c->EVP_Digest(data.data, data.size, value, &size, md, NULL))
        answer = failed(p, 125, "Low-level call failed");
    else
        answer = heap_binary(process_heap(p), value, size);
    bif_bump(p, data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&data);
    return answer;
}

// Any thread.
static void digest_destroy(Counted *counted)
{
    CryptoState *s = (CryptoState *)counted;
    s->library->EVP_MD_CTX_free(s->context);
    crypto_state_free(s);
}

// The context belongs to the state from here on.
static Term digest_term(Process *p, EVP_MD_CTX *context)
{
    CryptoState *s = memory_alloc(sizeof *s);
    return crypto_state_term(p, s, context, digest_destroy);
}

// The context keeps what it needs of the digest.
Term bif_crypto_hash_init_nif_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_MD *md = get_digest(p, args[0], 142, "Unsupported digest type");
    if (md == NULL) return TERM_NONE;
    EVP_MD_CTX *context = c->EVP_MD_CTX_new();
    Term answer;
    if (context != NULL && c->EVP_DigestInit_ex(context, md, NULL)) {
        answer = digest_term(p, context);
    } else {
        c->EVP_MD_CTX_free(context);
        answer = failed(p, 154, "Low-level call EVP_DigestInit failed");
    }
    return answer;
}

// A copy of the state that [t] stands for; NULL, and an error raised with OTP's
// [line], when it is none.
static EVP_MD_CTX *copy_state(Process *p, Term t, int line)
{
    const CryptoLibrary *c = crypto_library(p->node);
    CryptoState *s = (CryptoState *)magic_object(t, digest_destroy);
    if (s == NULL) {
        bad(p, 0, line, "Bad state");
        return NULL;
    }
    EVP_MD_CTX *copy = c->EVP_MD_CTX_new();
    if (copy != NULL && c->EVP_MD_CTX_copy_ex(copy, s->context)) return copy;
    c->EVP_MD_CTX_free(copy);
    failed(p, 181, "Low-level call EVP_MD_CTX_copy failed");
    return NULL;
}

// Programs go on from one state in two ways (TLS does), so it is copied first.
Term bif_crypto_hash_update_nif_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_MD_CTX *context = copy_state(p, args[0], 171);
    if (context == NULL) return TERM_NONE;
    CryptoBytes data = {0};
    Term answer = TERM_NONE;
    if (!crypto_get_iodata(args[1], &data))
        bad(p, 1, 174, "Not iolist");
    else if (!c->EVP_DigestUpdate(context, data.data, data.size))
        failed(p, 183, "Low-level call EVP_DigestUpdate failed");
    else
        answer = digest_term(p, context);
    if (term_same(answer, TERM_NONE)) c->EVP_MD_CTX_free(context);
    bif_bump(p, data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&data);
    return answer;
}

// The state can be used again.
Term bif_crypto_hash_final_nif_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *context = copy_state(p, args[0], 205);
    if (context == NULL) return TERM_NONE;
    bool good = c->EVP_DigestFinal_ex(context, value, &size);
    c->EVP_MD_CTX_free(context);
    if (!good) return failed(p, 217, "Low-level call EVP_DigestFinal failed");
    return heap_binary(process_heap(p), value, size);
}

// Sizes in bytes; type is libcrypto's number. The atom notsup when libcrypto
// does not have the digest.
Term bif_crypto_hash_info_nif_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const CryptoDigest *digest = crypto_digest(args[0]);
    if (digest == NULL) return bif_error(p, ATOM_badarg);
    EVP_MD *md = crypto_digest_fetch(c, digest);
    if (md == NULL) return ATOM_notsup;
    Term pairs[] = {ATOM_block_size, term_small(c->EVP_MD_get_block_size(md)),
                    ATOM_size,       term_small(c->EVP_MD_get_size(md)),
                    ATOM_type,       term_small(c->EVP_MD_get_type(md))};
    return map_from_pairs(process_heap(p), process_atoms(p), 3, pairs);
}

// hash_equals(A, B): in a time that does not tell where they differ.
// Sizes may differ visibly: then it is badarg in OTP.
Term bif_crypto_hash_equals_nif_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    CryptoBytes a = {0}, b = {0};
    Term answer = TERM_NONE;
    if (crypto_get_binary(args[0], &a) && crypto_get_binary(args[1], &b)
        && a.size == b.size) {
        bool same = c->CRYPTO_memcmp(a.data, b.data, a.size) == 0;
        answer = same ? ATOM_true : ATOM_false;
    }
    crypto_bytes_free(&a);
    crypto_bytes_free(&b);
    if (term_same(answer, TERM_NONE)) return bif_error(p, ATOM_badarg);
    return answer;
}
