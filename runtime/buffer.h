// SPDX-License-Identifier: Apache-2.0
// Buffer: bytes in malloc that grow by appending.
//
// Made empty without memory; after buffer_free it may be used again.
#ifndef MERLE_BUFFER_H
#define MERLE_BUFFER_H

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "utf8.h"

typedef struct {
    uint8_t *bytes; // NULL while nothing was appended
    size_t size;    // in use
    size_t room;    // bytes there are
} Buffer;

static inline void buffer_init(Buffer *b)
{
    *b = (Buffer){0};
}

static inline void buffer_free(Buffer *b)
{
    free(b->bytes);
    buffer_init(b);
}

// Makes room for [more] bytes behind the [size] that are in use.
static inline void buffer_reserve(Buffer *b, size_t more)
{
    if (b->room - b->size >= more) return;
    // By half, so appending is linear in sum.
    size_t room = b->room + b->room / 2 + 32;
    if (room < b->size + more) room = b->size + more;
    b->bytes = memory_resize(b->bytes, room);
    b->room = room;
}

static inline void buffer_add(Buffer *b, const void *bytes, size_t size)
{
    if (size == 0) return;
    buffer_reserve(b, size);
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
}

static inline void buffer_add_byte(Buffer *b, uint8_t byte)
{
    buffer_reserve(b, 1);
    b->bytes[b->size++] = byte;
}

// Appends code point [c] in UTF-8.
static inline void buffer_add_utf8(Buffer *b, uint32_t c)
{
    buffer_reserve(b, UTF8_MOST);
    b->size += utf8_write(b->bytes + b->size, c);
}

#endif
