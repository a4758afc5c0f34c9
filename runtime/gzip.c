// SPDX-License-Identifier: Apache-2.0
// Gzip: whole files are compressed by the pack and by beam_lib:strip.
#include "gzip.h"

#include <zlib.h>

enum {
    LEAST = 18,                // header and trailer
    GZIP_BITS = 16 + MAX_WBITS // tells zlib to expect a gzip header
};

bool gzip_is(const uint8_t *bytes, size_t size)
{
    return size >= LEAST && bytes[0] == 31 && bytes[1] == 139;
}

uint32_t gzip_plain_size(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = bytes + size;
    return end[-4] | (uint32_t)end[-3] << 8 | (uint32_t)end[-2] << 16
           | (uint32_t)end[-1] << 24;
}

// One byte more: what is longer than it says is found out.
bool gzip_inflate(const uint8_t *bytes, size_t size, uint8_t *plain,
                  uint32_t plain_size)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes,
                  .avail_in = (uInt)size,
                  .next_out = plain, .avail_out = plain_size + 1};
    if (inflateInit2(&z, GZIP_BITS) != Z_OK) return false;
    int code = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return code == Z_STREAM_END && z.total_out == plain_size;
}
