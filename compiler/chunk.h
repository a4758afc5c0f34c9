// SPDX-License-Identifier: Apache-2.0
// Chunks: bytes that grow, and the chunks of a .beam file made of them.
#ifndef MERLE_CHUNK_H
#define MERLE_CHUNK_H

#include "assemble.h"

typedef struct {
    uint8_t *bytes; // of malloc
    size_t size, room; // of bytes
} Bytes;

// Adds [size] bytes, which are copied; [bytes] may be NULL for none.
void bytes_add(Bytes *b, const void *bytes, size_t size);
void bytes_put(Bytes *b, uint8_t byte);
void bytes_put32(Bytes *b, uint32_t n); // big-endian

// A number in the compact form of instructions, with a tag of three bits.
void encode_number(Bytes *out, unsigned tag, int64_t n);

// All instructions, but labels that nothing leads to. It may add atoms to the
// table, which is therefore written later.
void encode_code(Assembler *a, Bytes *out);

#endif
