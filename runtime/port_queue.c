// SPDX-License-Identifier: Apache-2.0
// Port queue: a list of chunks, of which the first may be half written.
//
// No byte is moved: chunks are taken over as they come, and written many at a
// time.
#include "port_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "memory.h"

enum { CHUNKS_AT_ONCE = 64 }; // in one system call; below IOV_MAX everywhere

struct PortChunk {
    PortChunk *next;   // to be written after it
    uint8_t *bytes;    // of malloc
    size_t size, done; // done: written already
};

void port_queue_init(PortQueue *q)
{
    *q = (PortQueue){.last = &q->first};
}

static void drop_first(PortQueue *q)
{
    PortChunk *c = q->first;
    q->first = c->next;
    if (q->first == NULL) q->last = &q->first;
    free(c->bytes);
    free(c);
}

void port_queue_free(PortQueue *q)
{
    while (q->first != NULL) drop_first(q);
    q->size = 0;
}

void port_queue_add(PortQueue *q, uint8_t *bytes, size_t size)
{
    // An empty one would make writev write nothing for ever.
    if (size == 0) {
        free(bytes);
        return;
    }
    PortChunk *c = memory_zeroed(1, sizeof *c);
    c->bytes = bytes;
    c->size = size;
    *q->last = c;
    q->last = &c->next;
    q->size += size;
}

void port_queue_add_copy(PortQueue *q, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = memory_alloc(size);
    memcpy(copy, bytes, size);
    port_queue_add(q, copy, size);
}

// [n] bytes were written: whole chunks go, the last may be begun.
static void take(PortQueue *q, size_t n)
{
    q->size -= n;
    while (n > 0) {
        PortChunk *c = q->first;
        size_t left = c->size - c->done;
        if (n < left) {
            c->done += n;
            return;
        }
        n -= left;
        drop_first(q);
    }
}

// Until all is written, or the descriptor takes no more.
int port_queue_write(PortQueue *q, int fd)
{
    while (q->first != NULL) {
        struct iovec parts[CHUNKS_AT_ONCE];
        int n = 0;
        for (PortChunk *c = q->first; c != NULL && n < CHUNKS_AT_ONCE;
             c = c->next)
            parts[n++] = (struct iovec){c->bytes + c->done, c->size - c->done};
        ssize_t written = writev(fd, parts, n);
        if (written >= 0)
            take(q, (size_t)written);
        else if (errno == EAGAIN) // to be called again when it is writable
            return 0;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}
