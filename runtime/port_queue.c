// SPDX-License-Identifier: Apache-2.0
// Port queue: a list of chunks, of which the first may be half written.
//
// No byte is moved: chunks are taken over as they come, and written many at a
// time.
#include "port_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"

enum {
    CHUNKS_AT_ONCE = 64,   // in one system call; below IOV_MAX everywhere
    FILE_AT_ONCE = 1 << 20 // bytes: the disk may have to be waited for
};

struct PortChunk {
    PortChunk *next;   // to be written after it
    uint8_t *bytes;    // of malloc; NULL: in a file
    size_t size, done; // done: written already
    int file;          // its descriptor
    off_t offset;      // where the next byte of it is
    size_t sent;       // bytes of it
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
    if (c->bytes == NULL) {
        close(c->file);
        q->files--;
        q->file_sent = c->sent;
    }
    free(c->bytes);
    free(c);
}

void port_queue_free(PortQueue *q)
{
    while (q->first != NULL) drop_first(q);
    q->size = 0;
}

static PortChunk *add(PortQueue *q, size_t size)
{
    PortChunk *c = memory_zeroed(1, sizeof *c);
    c->size = size;
    *q->last = c;
    q->last = &c->next;
    q->size += size;
    return c;
}

void port_queue_add(PortQueue *q, uint8_t *bytes, size_t size)
{
    // An empty one would make writev write nothing for ever.
    if (size == 0) {
        free(bytes);
        return;
    }
    add(q, size)->bytes = bytes;
}

void port_queue_add_file(PortQueue *q, int file, int64_t offset, size_t size)
{
    PortChunk *c = add(q, size);
    c->file = file;
    c->offset = offset;
    q->files++;
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

// Of the file that is first. A file that has become shorter is done.
static ssize_t write_file(PortQueue *q, int fd)
{
    PortChunk *c = q->first;
    size_t left = c->size - c->done;
    ssize_t n = sendfile(fd, c->file, &c->offset,
                         left < FILE_AT_ONCE ? left : FILE_AT_ONCE);
    if (n > 0) c->sent += (size_t)n;
    return n == 0 ? (ssize_t)left : n;
}

// Of the bytes up to the next file.
static ssize_t write_bytes(PortQueue *q, int fd)
{
    struct iovec parts[CHUNKS_AT_ONCE];
    int n = 0;
    for (PortChunk *c = q->first;
         c != NULL && c->bytes != NULL && n < CHUNKS_AT_ONCE; c = c->next)
        parts[n++] = (struct iovec){c->bytes + c->done, c->size - c->done};
    return writev(fd, parts, n);
}

// Until all is written, or the descriptor takes no more. After a part of a file
// others have their turn: the descriptor is still ready then.
int port_queue_write(PortQueue *q, int fd)
{
    while (q->first != NULL) {
        bool file = q->first->bytes == NULL;
        ssize_t written = file ? write_file(q, fd) : write_bytes(q, fd);
        if (written >= 0)
            take(q, (size_t)written);
        else if (errno == EAGAIN) // to be called again when it is writable
            return 0;
        else if (errno != EINTR)
            return errno;
        if (file && q->first != NULL) return 0;
    }
    return 0;
}
