// SPDX-License-Identifier: Apache-2.0
// merle_base64: three bytes as four digits and back, for base64.erl, which
// does what is out of the ordinary: bytes in lists, spaces between digits.
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { BYTES_A_REDUCTION = 256, GROUP = 4, BAD = 64 };

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Three bytes as a number; fewer are followed by zeros.
static uint32_t read_bytes(const uint8_t *p, size_t left)
{
    uint32_t n = (uint32_t)p[0] << 16;
    if (left > 1) n |= (uint32_t)p[1] << 8;
    if (left > 2) n |= p[2];
    return n;
}

static void encode(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < size; i += 3, to += GROUP) {
        size_t left = size - i;
        uint32_t n = read_bytes(from + i, left);
        to[0] = (uint8_t)digits[n >> 18];
        to[1] = (uint8_t)digits[n >> 12 & 63];
        to[2] = left > 1 ? (uint8_t)digits[n >> 6 & 63] : '=';
        to[3] = left > 2 ? (uint8_t)digits[n & 63] : '=';
    }
}

// The text of a binary.
Term bif_merle_base64_encode_1(Process *p, const Term *args)
{
    size_t size;
    uint8_t *copy, *to;
    const uint8_t *from = bits_bytes(args[0], &size, &copy);
    if (from == NULL) return bif_error(p, ATOM_badarg);
    size_t length = (size + 2) / 3 * GROUP;
    Term text = heap_binary_new(process_heap(p), length, &to);
    encode(to, from, size);
    free(copy);
    bif_bump(p, size / BYTES_A_REDUCTION);
    return text;
}

// What a digit counts, BAD for what is none.
static void fill_values(uint8_t values[256])
{
    memset(values, BAD, 256);
    for (uint8_t i = 0; i < 64; i++) values[(uint8_t)digits[i]] = i;
}

static uint32_t read_digits(const uint8_t *p, const uint8_t values[256])
{
    return (uint32_t)values[p[0]] << 18 | (uint32_t)values[p[1]] << 12
           | (uint32_t)values[p[2]] << 6 | values[p[3]];
}

static bool is_group(const uint8_t *p, const uint8_t values[256])
{
    return ((values[p[0]] | values[p[1]] | values[p[2]] | values[p[3]]) & BAD)
           == 0;
}

// [Bytes | Size]: the bytes of the digits, in groups of four, that a text
// begins with, and how long that part of the text is.
Term bif_merle_base64_decode_1(Process *p, const Term *args)
{
    size_t size, n = 0;
    uint8_t *copy, *to, values[256];
    const uint8_t *from = bits_bytes(args[0], &size, &copy);
    if (from == NULL) return bif_error(p, ATOM_badarg);
    fill_values(values);
    // Counted first: a text of many lines is asked about for each.
    while (size - n >= GROUP && is_group(from + n, values)) n += GROUP;
    Heap *h = process_heap(p);
    Term bytes = heap_binary_new(h, n / GROUP * 3, &to);
    for (size_t i = 0; i < n; i += GROUP) {
        uint32_t number = read_digits(from + i, values);
        *to++ = (uint8_t)(number >> 16);
        *to++ = (uint8_t)(number >> 8);
        *to++ = (uint8_t)number;
    }
    free(copy);
    bif_bump(p, n / BYTES_A_REDUCTION);
    return heap_cons(h, bytes, term_small((intptr_t)n));
}
