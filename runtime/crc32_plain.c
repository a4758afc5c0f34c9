// SPDX-License-Identifier: Apache-2.0
// Crc32 where there are no instructions that help: zlib's.
#include "crc32.h"

uLong crc32_update(uLong sum, const Bytef *bytes, z_size_t size)
{
    return crc32_z(sum, bytes, size);
}
