// SPDX-License-Identifier: Apache-2.0
// Bytes: unsigned numbers in bytes, the most significant first; and in bits.
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

// How many of 16 bits are set. By hand, for not all machines have the
// instruction, and what stands for it is a call.
static inline size_t bytes_count_bits(unsigned bits)
{
    bits -= bits >> 1 & 0x5555;
    bits = (bits & 0x3333) + (bits >> 2 & 0x3333);
    bits = (bits + (bits >> 4)) & 0x0F0F;
    return (bits + (bits >> 8)) & 0x1F;
}

#endif
