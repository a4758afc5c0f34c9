// SPDX-License-Identifier: Apache-2.0
// Port queue: bytes that wait until a file descriptor takes them, some of them
// in files.
#ifndef MERLE_PORT_QUEUE_H
#define MERLE_PORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct PortChunk PortChunk;

typedef struct {
    PortChunk *first, **last; // oldest; where the next is to be linked
    size_t size;              // bytes that are left
    size_t files;             // chunks that are files
    size_t file_sent;         // bytes of the file that has left it last
} PortQueue;

void port_queue_init(PortQueue *q);
void port_queue_free(PortQueue *q);

// Appends [size] bytes in memory of malloc, which is the queue's now.
void port_queue_add(PortQueue *q, uint8_t *bytes, size_t size);

// Appends a copy of [size] bytes.
void port_queue_add_copy(PortQueue *q, const uint8_t *bytes, size_t size);

// Appends [size] bytes of [file], a descriptor that is the queue's now, from
// [offset] on; they may be fewer when the file has ended before.
void port_queue_add_file(PortQueue *q, int file, int64_t offset, size_t size);

// Writes what [fd] takes without waiting, of one file at most and not much at
// once; 0 or an error number.
int port_queue_write(PortQueue *q, int fd);

#endif
