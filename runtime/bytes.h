// SPDX-License-Identifier: Apache-2.0
// Bytes: unsigned numbers in bytes, the most significant first.
#ifndef MERLE_BYTES_H
#define MERLE_BYTES_H

#include <stddef.h>
#include <stdint.h>

// The number in [n] <= 8 bytes.
static inline uint64_t bytes_read(const uint8_t *bytes, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++) number = number << 8 | bytes[i];
    return number;
}

// Writes the low [n] bytes of [number].
static inline void bytes_write(uint8_t *to, uint64_t number, size_t n)
{
    while (n-- > 0) {
        to[n] = (uint8_t)number;
        number >>= 8;
    }
}

#endif
