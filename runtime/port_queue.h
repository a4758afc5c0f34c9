// SPDX-License-Identifier: Apache-2.0
// Port queue: bytes that wait until a file descriptor takes them.
#ifndef MERLE_PORT_QUEUE_H
#define MERLE_PORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct PortChunk PortChunk;

typedef struct {
    PortChunk *first, **last; // oldest; where the next is to be linked
    size_t size;              // bytes that are left
} PortQueue;

void port_queue_init(PortQueue *q);
void port_queue_free(PortQueue *q);

// Appends [size] bytes in memory of malloc, which is the queue's now.
void port_queue_add(PortQueue *q, uint8_t *bytes, size_t size);

// Appends a copy of [size] bytes.
void port_queue_add_copy(PortQueue *q, const uint8_t *bytes, size_t size);

// Writes what [fd] takes without waiting; 0 or an error number.
int port_queue_write(PortQueue *q, int fd);

#endif
