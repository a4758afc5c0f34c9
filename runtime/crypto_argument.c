// SPDX-License-Identifier: Apache-2.0
// Arguments and failures of module crypto.
#include "crypto_argument.h"

#include <limits.h>
#include <stdlib.h>

#include "bits.h"

bool crypto_get_binary(Term t, CryptoBytes *bytes)
{
    bytes->data = bits_bytes(t, &bytes->size, &bytes->copy);
    return bytes->data != NULL;
}

bool crypto_get_iodata(Term t, CryptoBytes *bytes)
{
    // Data is a binary as a rule: it is not copied.
    if (crypto_get_binary(t, bytes)) return true;
    bytes->copy = bif_get_iodata(t, &bytes->size);
    bytes->data = bytes->copy;
    return bytes->copy != NULL;
}

void crypto_bytes_free(CryptoBytes *bytes)
{
    free(bytes->copy);
    bytes->copy = NULL;
}

// Sizes that an int cannot hold are no numbers.
BIGNUM *crypto_get_number(const CryptoLibrary *c, Term t)
{
    CryptoBytes bytes;
    BIGNUM *number = NULL;
    if (!crypto_get_binary(t, &bytes)) return NULL;
    if (bytes.size <= INT_MAX)
        number = c->BN_bin2bn(bytes.data, (int)bytes.size, NULL);
    crypto_bytes_free(&bytes);
    return number;
}

// Zero has no bytes at all.
Term crypto_number_term(Process *p, const BIGNUM *number)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t *to;
    size_t size = (size_t)(c->BN_num_bits(number) + 7) / 8;
    Term t = heap_binary_new(process_heap(p), size, &to);
    c->BN_bn2bin(number, to);
    return t;
}

// What crypto.erl takes apart again.
static Term fail(Process *p, Term kind, Term where, const char *text)
{
    Heap *h = process_heap(p);
    Term string = heap_string(h, text, strlen(text), TERM_NIL);
    return bif_error(p, heap_tuple3(h, kind, where, string));
}

// The place in OTP's sources, and the argument.
static Term place(Process *p, int argument, const char *file, int line)
{
    Heap *h = process_heap(p);
    Term name = heap_string(h, file, strlen(file), TERM_NIL);
    return heap_tuple3(h, name, term_small(line), term_small(argument));
}

Term crypto_badarg(Process *p, int argument, const char *file, int line,
                   const char *text)
{
    return fail(p, ATOM_badarg, place(p, argument, file, line), text);
}

Term crypto_notsup(Process *p, int argument, const char *file, int line,
                   const char *text)
{
    return fail(p, ATOM_notsup, place(p, argument, file, line), text);
}

Term crypto_failed(Process *p, const char *file, int line, const char *text)
{
    return fail(p, ATOM_error, place(p, -1, file, line), text);
}
