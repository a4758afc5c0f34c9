// SPDX-License-Identifier: Apache-2.0
// BeamReader: numbers out of the bytes of a .beam file, each checked against
// the end.
//
// Nothing moves when a read fails, but for reader_tagged.
#ifndef MERLE_BEAM_READER_H
#define MERLE_BEAM_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *at, *end; // next byte; one past the last
} BeamReader;

static inline bool reader_bytes(BeamReader *b, size_t size,
                                const uint8_t **bytes)
{
    if ((size_t)(b->end - b->at) < size) return false;
    *bytes = b->at;
    b->at += size;
    return true;
}

static inline bool reader_u8(BeamReader *b, uint8_t *n)
{
    if (b->at == b->end) return false;
    *n = *b->at++;
    return true;
}

static inline bool reader_u16(BeamReader *b, uint16_t *n)
{
    const uint8_t *p;
    if (!reader_bytes(b, 2, &p)) return false;
    *n = (uint16_t)(p[0] << 8 | p[1]);
    return true;
}

static inline bool reader_u32(BeamReader *b, uint32_t *n)
{
    const uint8_t *p;
    if (!reader_bytes(b, 4, &p)) return false;
    *n = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
         | p[3];
    return true;
}

// A compact term: a tag in three bits and a number.
//
//   nnnn 0ttt                            n < 16
//   nnn0 1ttt  nnnnnnnn                  n < 2048
//   sss1 1ttt  s + 2 bytes               signed; s < 7
//   1111 1ttt  <compact u: size - 9> ... signed
typedef enum {
    BEAM_TAG_U, // u: a number
    BEAM_TAG_I, // i: an integer
    BEAM_TAG_A, // a: an atom's index
    BEAM_TAG_X,
    BEAM_TAG_Y,
    BEAM_TAG_F, // f: a label
    BEAM_TAG_H, // h: a character, not used
    BEAM_TAG_Z  // z: extended, see beam_decode.c
} BeamTag;

typedef struct {
    BeamTag tag;
    bool fits;            // [value] holds it
    int64_t value;
    const uint8_t *bytes; // the number, when it does not fit
    size_t size;
} BeamTagged;

bool reader_tagged(BeamReader *b, BeamTagged *t);

#endif
