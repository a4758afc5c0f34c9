// SPDX-License-Identifier: Apache-2.0
// erlang: checksums of iodata.
#include <stdlib.h>
#include <zlib.h>

#include "bif.h"
#include "bits.h"
#include "crc32.h"
#include "md5.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// A sum to go on from has 32 bits.
static bool get_sum(Term t, uint64_t *sum)
{
    return bif_get_uint64(t, sum) && *sum <= UINT32_MAX;
}

// ---- crc32, adler32 ----
// zlib's, but for CRC-32 (crc32.h).

// Both have this shape.
typedef uLong (*Checksum)(uLong sum, const Bytef *bytes, z_size_t size);
typedef uLong (*Combine)(uLong a, uLong b, z_off_t size);

// The bytes of a binary are read where they lie; of others [*copy] is to be
// freed. NULL: no iodata.
// No copy of large binaries.
static const uint8_t *get_bytes(Term data, size_t *size, uint8_t **copy)
{
    *copy = NULL;
    const uint8_t *bytes = bits_bytes(data, size, copy);
    if (bytes == NULL) bytes = *copy = bif_get_iodata(data, size);
    return bytes;
}

// The whole data at once: the caller waits.
static Term checksum(Process *p, Checksum function, uint64_t start, Term data)
{
    size_t size;
    uint8_t *copy;
    const uint8_t *bytes = get_bytes(data, &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    uLong sum = function((uLong)start, bytes, size);
    free(copy);
    return term_small((intptr_t)sum);
}

// crc32(Old, Data)
static Term checksum_from(Process *p, Checksum function, const Term *args)
{
    uint64_t start;
    if (!get_sum(args[0], &start)) return bif_error(p, ATOM_badarg);
    return checksum(p, function, start, args[1]);
}

// The sum of two pieces from the sums of each.
static Term combine(Process *p, Combine function, const Term *args)
{
    uint64_t a, b, size;
    if (!get_sum(args[0], &a) || !get_sum(args[1], &b)
        || !get_sum(args[2], &size))
        return bif_error(p, ATOM_badarg);
    uLong sum = function((uLong)a, (uLong)b, (z_off_t)size);
    return term_small((intptr_t)sum);
}

Term bif_erlang_crc32_1(Process *p, const Term *args)
{
    return checksum(p, crc32_update, 0, args[0]);
}

Term bif_erlang_crc32_2(Process *p, const Term *args)
{
    return checksum_from(p, crc32_update, args);
}

Term bif_erlang_crc32_combine_3(Process *p, const Term *args)
{
    return combine(p, crc32_combine, args);
}

// Adler-32 begins with 1.
Term bif_erlang_adler32_1(Process *p, const Term *args)
{
    return checksum(p, adler32_z, 1, args[0]);
}

Term bif_erlang_adler32_2(Process *p, const Term *args)
{
    return checksum_from(p, adler32_z, args);
}

Term bif_erlang_adler32_combine_3(Process *p, const Term *args)
{
    return combine(p, adler32_combine, args);
}

// ---- md5; its context is a binary that holds the state ----
// OTP's context is a binary too; its contents are nobody's concern.

// False: no iodata.
static bool add_data(Md5 *m, Term data)
{
    size_t size;
    uint8_t *copy;
    const uint8_t *bytes = get_bytes(data, &size, &copy);
    if (bytes == NULL) return false;
    md5_update(m, bytes, size);
    free(copy);
    return true;
}

// Any binary of that size is taken.
static bool get_context(Term t, Md5 *m)
{
    uint8_t *copy = NULL;
    size_t size;
    const uint8_t *bytes = bits_bytes(t, &size, &copy);
    bool good = bytes != NULL && size == sizeof *m;
    if (good) memcpy(m, bytes, sizeof *m);
    free(copy);
    return good;
}

static Term digest(Process *p, Md5 *m)
{
    uint8_t sum[MD5_SIZE];
    md5_final(m, sum);
    return heap_binary(process_heap(p), sum, sizeof sum);
}

Term bif_erlang_md5_1(Process *p, const Term *args)
{
    Md5 m;
    md5_init(&m);
    if (!add_data(&m, args[0])) return bif_error(p, ATOM_badarg);
    return digest(p, &m);
}

Term bif_erlang_md5_init_0(Process *p, const Term *args)
{
    Md5 m;
    md5_init(&m);
    return heap_binary(process_heap(p), &m, sizeof m);
}

// A new context; the old one stays good.
Term bif_erlang_md5_update_2(Process *p, const Term *args)
{
    Md5 m;
    if (!get_context(args[0], &m) || !add_data(&m, args[1]))
        return bif_error(p, ATOM_badarg);
    return heap_binary(process_heap(p), &m, sizeof m);
}

Term bif_erlang_md5_final_1(Process *p, const Term *args)
{
    Md5 m;
    if (!get_context(args[0], &m)) return bif_error(p, ATOM_badarg);
    return digest(p, &m);
}
