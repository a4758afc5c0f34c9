// SPDX-License-Identifier: Apache-2.0
// crypto: digests, message authentication and random bytes, on OpenSSL's
// libcrypto. States of digests are magic references that are never changed:
// an update makes a new one.
// libcrypto is loaded when first used (crypto_library), for most programs never
// need it.
#include <openssl/core_names.h>
#include <stdlib.h>

#include "bif.h"
#include "crypto_library.h"
#include "magic.h"
#include "map.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { BYTES_A_REDUCTION = 256 }; // of data: about what a hash takes

// Names of OTP's and of OpenSSL's.
static const struct {
    uintptr_t atom;
    const char *name; // OpenSSL's
} digests[] = {
    {ATOM_BITS_blake2b, "BLAKE2B-512"}, {ATOM_BITS_blake2s, "BLAKE2S-256"},
    {ATOM_BITS_md5, "MD5"},             {ATOM_BITS_ripemd160, "RIPEMD-160"},
    {ATOM_BITS_sha, "SHA1"},            {ATOM_BITS_sha224, "SHA2-224"},
    {ATOM_BITS_sha256, "SHA2-256"},     {ATOM_BITS_sha384, "SHA2-384"},
    {ATOM_BITS_sha3_224, "SHA3-224"},   {ATOM_BITS_sha3_256, "SHA3-256"},
    {ATOM_BITS_sha3_384, "SHA3-384"},   {ATOM_BITS_sha3_512, "SHA3-512"},
    {ATOM_BITS_sha512, "SHA2-512"},
};

// The digest that [t] names; NULL when there is none.
static const char *digest_name(Term t)
{
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
        if (digests[i].atom == t.bits) return digests[i].name;
    return NULL;
}

// NULL also when libcrypto was built without it.
static const EVP_MD *get_digest(const CryptoLibrary *c, Term t)
{
    const char *name = digest_name(t);
    return name == NULL ? NULL : c->EVP_get_digestbyname(name);
}

// Fails with {badarg, {File, Line}, Text}: where OTP's crypto found it.
// People match on {badarg, {File, Line}, Text}, so OTP's own lines are shown.
static Term crypto_error(Process *p, const char *file, int line,
                         const char *text)
{
    Heap *h = process_heap(p);
    Term name = heap_string(h, file, strlen(file), TERM_NIL);
    Term where = heap_tuple2(h, name, term_small(line));
    Term string = heap_string(h, text, strlen(text), TERM_NIL);
    return bif_error(p, heap_tuple3(h, ATOM_badarg, where, string));
}

// ---- states ----

// What a hash or MAC that is being computed is known by; [destroy] of
// [counted] tells which.
typedef struct {
    Counted counted;
    const CryptoLibrary *library; // which was there when the state was made
    void *context;                // of libcrypto
} CryptoState;

// The context belongs to the state from here on.
static Term state_term(Process *p, void *context, void (*destroy)(Counted *))
{
    CryptoState *s = memory_alloc(sizeof *s);
    atomic_init(&s->counted.count, 1);
    s->counted.destroy = destroy;
    s->library = crypto_library(p->node);
    s->context = context;
    return magic_ref_new(p->node, process_heap(p), &s->counted);
}

// ---- digests ----
// crypto:hash and its parts.

static void digest_destroy(Counted *counted)
{
    CryptoState *s = (CryptoState *)counted;
    s->library->EVP_MD_CTX_free(s->context);
    free(s);
}

static Term digest_term(Process *p, EVP_MD_CTX *context)
{
    return state_term(p, context, digest_destroy);
}

// hash(Type, Data)
Term bif_crypto_hash_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned value_size = 0;
    size_t size;
    // The data is bad before the type is.
    uint8_t *data = bif_get_iodata(args[1], &size);
    if (data == NULL) return bif_error(p, ATOM_badarg);
    const EVP_MD *digest = get_digest(c, args[0]);
    bool good = digest != NULL
                && c->EVP_Digest(data, size, value, &value_size, digest, NULL);
    free(data);
    if (!good) return crypto_error(p, "hash.c", 108, "Bad digest type");
    bif_bump(p, size / BYTES_A_REDUCTION);
    return heap_binary(process_heap(p), value, value_size);
}

Term bif_crypto_hash_init_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const EVP_MD *digest = get_digest(c, args[0]);
    if (digest == NULL)
        return crypto_error(p, "hash.c", 142, "Bad digest type");
    EVP_MD_CTX *context = c->EVP_MD_CTX_new();
    c->EVP_DigestInit_ex(context, digest, NULL);
    return digest_term(p, context);
}

// A copy of the state that [t] stands for; NULL when it is none.
// Programs keep a state and go on from it in two ways: RFC protocols do.
static EVP_MD_CTX *copy_state(const CryptoLibrary *c, Term t)
{
    CryptoState *s = (CryptoState *)magic_object(t, digest_destroy);
    if (s == NULL) return NULL;
    EVP_MD_CTX *copy = c->EVP_MD_CTX_new();
    c->EVP_MD_CTX_copy_ex(copy, s->context);
    return copy;
}

// hash_update(State, Data)
Term bif_crypto_hash_update_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    size_t size;
    uint8_t *data = bif_get_iodata(args[1], &size);
    EVP_MD_CTX *context = data == NULL ? NULL : copy_state(c, args[0]);
    // An update of a copy cannot fail.
    if (context != NULL) c->EVP_DigestUpdate(context, data, size);
    free(data);
    if (context == NULL) return bif_error(p, ATOM_badarg);
    bif_bump(p, size / BYTES_A_REDUCTION);
    return digest_term(p, context);
}

// The state can be used again.
Term bif_crypto_hash_final_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *context = copy_state(c, args[0]);
    if (context == NULL) return bif_error(p, ATOM_badarg);
    c->EVP_DigestFinal_ex(context, value, &size);
    c->EVP_MD_CTX_free(context);
    return heap_binary(process_heap(p), value, size);
}

// hash_info(Type) -> #{block_size, size, type}
// Sizes in bytes; type is OpenSSL's number.
Term bif_crypto_hash_info_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const EVP_MD *digest = get_digest(c, args[0]);
    Heap *h = process_heap(p);
    if (digest == NULL)
        return crypto_error(p, "hash.c", 65, "Bad digest type");
    Term pairs[] = {ATOM_block_size, term_small(c->EVP_MD_get_block_size(digest)),
                    ATOM_size, term_small(c->EVP_MD_get_size(digest)),
                    ATOM_type, term_small(c->EVP_MD_get_type(digest))};
    return map_from_pairs(h, process_atoms(p), 3, pairs);
}

// ---- message authentication ----
// HMAC only: CMAC and Poly1305 are not here.

static void mac_destroy(Counted *counted)
{
    CryptoState *s = (CryptoState *)counted;
    s->library->EVP_MAC_CTX_free(s->context);
    free(s);
}

static Term mac_term(Process *p, EVP_MAC_CTX *context)
{
    return state_term(p, context, mac_destroy);
}

// Starts an HMAC of type, digest and key; [line] is where OTP finds a digest to
// be bad. NULL, and an error raised, when the arguments are bad.
// The caller has the context, to be freed or given to a state.
static EVP_MAC_CTX *hmac_begin(Process *p, const Term *args, int line)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Term type = args[0], sub_type = args[1], key = args[2];
    size_t size;
    if (!term_same(type, ATOM_hmac)) {
        crypto_error(p, "mac.c", 233, "Unknown mac algorithm");
        return NULL;
    }
    const char *name = digest_name(sub_type);
    if (name == NULL) {
        crypto_error(p, "mac.c", line, "Bad digest algorithm for HMAC");
        return NULL;
    }
    uint8_t *bytes = bif_get_iodata(key, &size);
    if (bytes == NULL) {
        bif_error(p, ATOM_badarg);
        return NULL;
    }
    EVP_MAC *mac = c->EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = c->EVP_MAC_CTX_new(mac);
    // The context keeps it alive.
    c->EVP_MAC_free(mac);
    OSSL_PARAM params[] = {
        c->OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)name,
                                         0),
        c->OSSL_PARAM_construct_end()};
    c->EVP_MAC_init(context, bytes, size, params);
    free(bytes);
    return context;
}

// Ends [context]; its value cut to [most] bytes.
static Term mac_value(Process *p, EVP_MAC_CTX *context, size_t most)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t value[EVP_MAX_MD_SIZE];
    size_t size = 0;
    c->EVP_MAC_final(context, value, &size, sizeof value);
    c->EVP_MAC_CTX_free(context);
    return heap_binary(process_heap(p), value, size < most ? size : most);
}

// 263 is the line in OTP's mac.c.
static Term whole_mac(Process *p, const Term *args, size_t most)
{
    const CryptoLibrary *c = crypto_library(p->node);
    size_t size;
    EVP_MAC_CTX *context = hmac_begin(p, args, 263);
    if (context == NULL) return TERM_NONE;
    uint8_t *data = bif_get_iodata(args[3], &size);
    if (data == NULL) {
        c->EVP_MAC_CTX_free(context);
        return bif_error(p, ATOM_badarg);
    }
    c->EVP_MAC_update(context, data, size);
    free(data);
    bif_bump(p, size / BYTES_A_REDUCTION);
    return mac_value(p, context, most);
}

// mac(hmac, Type, Key, Data)
Term bif_crypto_mac_4(Process *p, const Term *args)
{
    return whole_mac(p, args, SIZE_MAX);
}

// macN(hmac, Type, Key, Data, Length)
// A length beyond the digest's is the whole of it.
Term bif_crypto_macN_5(Process *p, const Term *args)
{
    size_t most;
    if (!bif_get_size(args[4], &most)) return bif_error(p, ATOM_badarg);
    return whole_mac(p, args, most);
}

// mac_init(hmac, Type, Key)
Term bif_crypto_mac_init_3(Process *p, const Term *args)
{
    EVP_MAC_CTX *context = hmac_begin(p, args, 617);
    return context == NULL ? TERM_NONE : mac_term(p, context);
}

// NULL also of a digest's state.
static EVP_MAC_CTX *copy_mac(const CryptoLibrary *c, Term t)
{
    CryptoState *s = (CryptoState *)magic_object(t, mac_destroy);
    return s == NULL ? NULL : c->EVP_MAC_CTX_dup(s->context);
}

Term bif_crypto_mac_update_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    size_t size;
    uint8_t *data = bif_get_iodata(args[1], &size);
    EVP_MAC_CTX *context = data == NULL ? NULL : copy_mac(c, args[0]);
    if (context != NULL) c->EVP_MAC_update(context, data, size);
    free(data);
    if (context == NULL) return bif_error(p, ATOM_badarg);
    bif_bump(p, size / BYTES_A_REDUCTION);
    return mac_term(p, context);
}

Term bif_crypto_mac_final_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_MAC_CTX *context = copy_mac(c, args[0]);
    if (context == NULL) return bif_error(p, ATOM_badarg);
    return mac_value(p, context, SIZE_MAX);
}

// ---- bytes ----
// Random bytes, and two binaries byte by byte.

Term bif_crypto_strong_rand_bytes_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    size_t size;
    uint8_t *to;
    if (!bif_get_size(args[0], &size) || size > INT32_MAX)
        return bif_error(p, ATOM_badarg);
    // Filled where it lies: no copy of secrets.
    Term t = heap_binary_new(process_heap(p), size, &to);
    if (c->RAND_bytes(to, (int)size) != 1) return bif_error(p, ATOM_low_entropy);
    return t;
}

// Both arguments as bytes of the same size; false, with nothing to free, when
// they are not.
// iodata, as crypto:exor takes it.
static bool get_pair(const Term *args, uint8_t **a, uint8_t **b, size_t *size)
{
    size_t other = 0;
    *a = bif_get_iodata(args[0], size);
    *b = bif_get_iodata(args[1], &other);
    if (*a != NULL && *b != NULL && *size == other) return true;
    free(*a);
    free(*b);
    return false;
}

Term bif_crypto_exor_2(Process *p, const Term *args)
{
    uint8_t *a, *b, *to;
    size_t size;
    if (!get_pair(args, &a, &b, &size)) return bif_error(p, ATOM_badarg);
    Term t = heap_binary_new(process_heap(p), size, &to);
    for (size_t i = 0; i < size; i++) to[i] = a[i] ^ b[i];
    free(a);
    free(b);
    return t;
}

// hash_equals(A, B): in a time that does not tell where they differ.
// Sizes may differ visibly: then it is badarg in OTP.
Term bif_crypto_hash_equals_2(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t *a, *b;
    size_t size;
    if (!term_is_binary(args[0]) || !term_is_binary(args[1])
        || !get_pair(args, &a, &b, &size))
        return bif_error(p, ATOM_badarg);
    bool same = c->CRYPTO_memcmp(a, b, size) == 0;
    free(a);
    free(b);
    return same ? ATOM_true : ATOM_false;
}

// The same function under another name.
Term bif_crypto_bytes_to_integer_1(Process *p, const Term *args)
{
    return bif_binary_decode_unsigned_1(p, args);
}
