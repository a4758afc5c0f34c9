// SPDX-License-Identifier: Apache-2.0
// Gzip: bytes that were compressed as a whole. The last word, little-endian,
// is the size they had.
#ifndef MERLE_GZIP_H
#define MERLE_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether [bytes] begin as compressed ones.
bool gzip_is(const uint8_t *bytes, size_t size);

// The size that [bytes], which gzip_is, say they had: not to be trusted.
uint32_t gzip_plain_size(const uint8_t *bytes, size_t size);

// Inflates [bytes] into [plain], which has room for [plain_size] and one more.
// False when they are damaged or of another size.
bool gzip_inflate(const uint8_t *bytes, size_t size, uint8_t *plain,
                  uint32_t plain_size);

#endif
