// SPDX-License-Identifier: Apache-2.0
// Crc32: the checksum of zlib and Ethernet, as fast as the machine has it.
#ifndef MERLE_CRC32_H
#define MERLE_CRC32_H

#include <zlib.h>

// The checksum [sum] of what came before, gone on with [size] [bytes].
uLong crc32_update(uLong sum, const Bytef *bytes, z_size_t size);

#endif
