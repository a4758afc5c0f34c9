// SPDX-License-Identifier: Apache-2.0
// MD5: four rounds of sixteen steps a block.
//
// Little-endian machines only: words are copied as they lie.
#include "md5.h"

#include <string.h>

static const uint32_t sines[64] = { // 2^32 * |sin(step + 1)|
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

// Rotations of a round's steps, in turns.
static const uint8_t shifts[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

void md5_init(Md5 *m)
{
    *m = (Md5){{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}, 0, {0}};
}

// [b] is known last, so little should be left to do with it: in round 1 two
// sets of bits that have none in common are added, one of them beforehand.
static inline uint32_t mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
    switch (round) {
    case 0: return d ^ (b & (c ^ d));
    case 1: return (c & ~d) + (b & d);
    case 2: return b ^ c ^ d;
    default: return c ^ (b | ~d);
    }
}

// Which word of the block step [i] takes.
// By multiplication instead of a table: the loop is unrolled, so both are
// constants then.
static inline unsigned word_of(unsigned round, unsigned i)
{
    static const uint8_t factors[4] = {1, 5, 3, 7}, starts[4] = {0, 1, 5, 0};
    return (i * factors[round] + starts[round]) % 16;
}

static void add_block(Md5 *m, const uint8_t *block)
{
    uint32_t a = m->words[0], b = m->words[1], c = m->words[2];
    uint32_t d = m->words[3], x[16];
    memcpy(x, block, sizeof x);
#pragma GCC unroll 64
    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i / 16, shift = shifts[round][i % 4];
        uint32_t word = x[word_of(round, i)];
        uint32_t sum = a + mix(round, b, c, d) + word + sines[i];
        // The four words change places instead of being moved.
        a = d;
        d = c;
        c = b;
        b += sum << shift | sum >> (32 - shift);
    }
    m->words[0] += a;
    m->words[1] += b;
    m->words[2] += c;
    m->words[3] += d;
}

// Whole blocks are taken from where they lie; a rest waits in the state.
void md5_update(Md5 *m, const uint8_t *bytes, size_t size)
{
    size_t have = m->size % MD5_BLOCK;
    m->size += size;
    if (have > 0) {
        size_t room = MD5_BLOCK - have, take = size < room ? size : room;
        memcpy(m->rest + have, bytes, take);
        if (take < room) return;
        add_block(m, m->rest);
        bytes += take;
        size -= take;
    }
    for (; size >= MD5_BLOCK; bytes += MD5_BLOCK, size -= MD5_BLOCK)
        add_block(m, bytes);
    if (size > 0) memcpy(m->rest, bytes, size);
}

// A bit of 1, zeros, and the size in bits fill the last block.
void md5_final(Md5 *m, uint8_t digest[MD5_SIZE])
{
    static const uint8_t end[MD5_BLOCK] = {0x80};
    uint64_t bits = m->size * 8;
    size_t have = m->size % MD5_BLOCK;
    size_t fill = have < 56 ? 56 - have : MD5_BLOCK + 56 - have;
    md5_update(m, end, fill);
    md5_update(m, (const uint8_t *)&bits, sizeof bits);
    memcpy(digest, m->words, MD5_SIZE);
}
