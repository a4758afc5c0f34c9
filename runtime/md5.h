// SPDX-License-Identifier: Apache-2.0
// MD5 (RFC 1321), with a state that can be kept as bytes between updates, as
// erlang:md5_init and its fellows need.
#ifndef MERLE_MD5_H
#define MERLE_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_SIZE = 16, MD5_BLOCK = 64 };

typedef struct {
    uint32_t words[4];
    uint64_t size;            // bytes so far
    uint8_t rest[MD5_BLOCK];  // those of them that fill no block
} Md5;

void md5_init(Md5 *m);
void md5_update(Md5 *m, const uint8_t *bytes, size_t size);
void md5_final(Md5 *m, uint8_t digest[MD5_SIZE]);

#endif
