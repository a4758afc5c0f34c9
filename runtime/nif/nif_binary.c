// SPDX-License-Identifier: Apache-2.0
// Binaries for NIFs.
//
// The bytes of an inspected binary lie where the term has them (ref_bin is
// NULL then); those of an allocated one in a blob, which ref_bin holds until
// the binary is released or made a term.
// A loan keeps bytes alive that the library has seen: it ends with the
// environment.
#include <stdlib.h>

#include "external.h"
#include "iodata.h"
#include "memory.h"
#include "nif_part.h"

// Loans are a chain, newest first.
void nif_lend(ErlNifEnv *env, Blob *blob)
{
    NifLoan *loan = memory_alloc(sizeof *loan);
    *loan = (NifLoan){env->loans, blob};
    env->loans = loan;
}

void *nif_lend_bytes(ErlNifEnv *env, size_t size)
{
    Blob *blob = blob_new(size);
    nif_lend(env, blob);
    return blob->bytes;
}

// Both sizes of the blob are set: what is used, and what there is.
static Blob *new_blob(size_t size)
{
    Blob *blob = blob_new(size);
    blob->size = size;
    return blob;
}

// ref_bin stays NULL: there is nothing to release.
static void set_inspected(ErlNifBinary *bin, const uint8_t *data, size_t size)
{
    *bin = (ErlNifBinary){.size = size, .data = (unsigned char *)(uintptr_t)data};
}

// Bytes that begin inside of a byte are copied.
int enif_inspect_binary(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifBinary *bin)
{
    Bits bits;
    if (!term_bits((Term){term}, &bits) || bits.size % 8 != 0) return 0;
    if (bits.offset % 8 == 0) {
        set_inspected(bin, bits.base + bits.offset / 8, bits.size / 8);
        return 1;
    }
    Blob *blob = new_blob(bits.size / 8);
    bits_copy(blob->bytes, &bits);
    nif_lend(env, blob);
    set_inspected(bin, blob->bytes, blob->size);
    return 1;
}

// Lists are copied once; binaries are not.
int enif_inspect_iolist_as_binary(ErlNifEnv *env, ERL_NIF_TERM term,
                                  ErlNifBinary *bin)
{
    size_t size;
    if (enif_inspect_binary(env, term, bin)) return 1;
    if (iodata_size((Term){term}, &size) != IODATA_OK) return 0;
    Blob *blob = new_blob(size);
    iodata_copy((Term){term}, blob->bytes);
    nif_lend(env, blob);
    set_inspected(bin, blob->bytes, size);
    return 1;
}

// Never fails: lack of memory ends the node.
int enif_alloc_binary(size_t size, ErlNifBinary *bin)
{
    Blob *blob = new_blob(size);
    *bin = (ErlNifBinary){size, blob->bytes, blob, {NULL}};
    return 1;
}

// Also of an inspected binary, which becomes a copy.
int enif_realloc_binary(ErlNifBinary *bin, size_t size)
{
    ErlNifBinary larger;
    enif_alloc_binary(size, &larger);
    memcpy(larger.data, bin->data, size < bin->size ? size : bin->size);
    enif_release_binary(bin);
    *bin = larger;
    return 1;
}

// Releasing twice does no harm.
void enif_release_binary(ErlNifBinary *bin)
{
    if (bin->ref_bin != NULL) counted_release(&((Blob *)bin->ref_bin)->counted);
    *bin = (ErlNifBinary){0};
}

// The bytes stay readable as long as the environment lives.
ERL_NIF_TERM enif_make_binary(ErlNifEnv *env, ErlNifBinary *bin)
{
    Blob *blob = bin->ref_bin;
    // Inspected: its bytes are another term's.
    if (blob == NULL) return heap_binary(env->heap, bin->data, bin->size).bits;
    // One count for the term, one for the loan.
    counted_keep(&blob->counted);
    nif_lend(env, blob);
    bin->ref_bin = NULL;
    return heap_binary_from_blob(env->heap, blob, bin->size).bits;
}

// The caller fills it; the term is there at once.
unsigned char *enif_make_new_binary(ErlNifEnv *env, size_t size,
                                    ERL_NIF_TERM *term)
{
    uint8_t *bytes;
    *term = heap_binary_new(env->heap, size, &bytes).bits;
    return bytes;
}

// Bounds are the library's to keep.
ERL_NIF_TERM enif_make_sub_binary(ErlNifEnv *env, ERL_NIF_TERM bin,
                                  size_t at, size_t size)
{
    return heap_sub_bits(env->heap, (Term){bin}, 8 * at, 8 * size).bits;
}

// The binary is the library's to release.
int enif_term_to_binary(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifBinary *bin)
{
    size_t size;
    uint8_t *bytes = external_encode(env->node, (Term){term}, NULL, &size);
    enif_alloc_binary(size, bin);
    memcpy(bin->data, bytes, size);
    free(bytes);
    return 1;
}

// 0: no term, or options that are not known.
size_t enif_binary_to_term(ErlNifEnv *env, const unsigned char *data,
                           size_t size, ERL_NIF_TERM *term, unsigned options)
{
    if (options & ~(unsigned)ERL_NIF_BIN2TERM_SAFE) return 0;
    ExternalInput input = {.safe = (options & ERL_NIF_BIN2TERM_SAFE) != 0};
    size_t used;
    Term t = external_decode(env->node, env->heap, data, size, &input, &used);
    if (term_is_none(t)) return 0;
    *term = t.bits;
    return used;
}
