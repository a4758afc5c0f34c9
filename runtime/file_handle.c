// SPDX-License-Identifier: Apache-2.0
// Open files and their read buffers.
//
// The descriptor's position is behind what was read ahead; whoever moves or
// writes calls file_handle_settle before.
#include "file_handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"

FileHandle *file_handle_new(int fd, size_t read_ahead)
{
    FileHandle *f = memory_zeroed(1, sizeof *f);
    atomic_init(&f->counted.count, 1);
    f->counted.destroy = file_handle_destroy;
    f->fd = fd;
    f->read_ahead = read_ahead;
    return f;
}

int file_handle_close(FileHandle *f)
{
    int fd = f->fd;
    if (fd < 0) return EINVAL;
    f->fd = -1;
    // After EINTR the descriptor is gone all the same.
    return close(fd) < 0 && errno != EINTR ? errno : 0;
}

// By the last reference: nobody hears of an error any more.
void file_handle_destroy(Counted *c)
{
    FileHandle *f = (FileHandle *)c;
    if (f->fd >= 0) close(f->fd);
    free(f->buffer);
    free(f);
}

static ssize_t read_fd(int fd, uint8_t *to, size_t size)
{
    ssize_t n;
    do {
        n = read(fd, to, size);
    } while (n < 0 && errno == EINTR);
    return n;
}

// Makes room for [size] more bytes behind the buffer's end.
// What is left moves to the front first.
static void make_room(FileHandle *f, size_t size)
{
    if (f->start > 0) {
        memmove(f->buffer, f->buffer + f->start, f->end - f->start);
        f->end -= f->start;
        f->start = 0;
    }
    if (f->room - f->end >= size) return;
    f->room = f->end + size;
    f->buffer = memory_resize(f->buffer, f->room);
}

// Reads [size] more bytes into the buffer.
static ssize_t fill(FileHandle *f, size_t size)
{
    make_room(f, size);
    ssize_t n = read_fd(f->fd, f->buffer + f->end, size);
    if (n > 0) f->end += (size_t)n;
    return n;
}

static size_t take(FileHandle *f, uint8_t *to, size_t size)
{
    size_t n = file_handle_buffered(f);
    if (n > size) n = size;
    if (n > 0) memcpy(to, f->buffer + f->start, n);
    f->start += n;
    return n;
}

// From the buffer first; the rest in one call, directly if nothing is to be
// read ahead.
ssize_t file_handle_read(FileHandle *f, uint8_t *to, size_t size)
{
    size_t done = take(f, to, size);
    if (done == size) return (ssize_t)done;
    ssize_t n;
    if (f->read_ahead > 0) {
        n = fill(f, size - done + f->read_ahead);
        if (n > 0) n = (ssize_t)take(f, to + done, size - done);
    } else {
        n = read_fd(f->fd, to + done, size - done);
    }
    // An error after some bytes is told as an error: nothing was taken then
    // from the descriptor.
    return n < 0 ? -1 : (ssize_t)done + n;
}

ssize_t file_handle_read_cached(FileHandle *f, uint8_t *to, size_t size,
                                int64_t offset)
{
    struct iovec all = {to, size};
    bool moves = offset < 0;
    if (moves && file_handle_buffered(f) > 0) return 0;
    ssize_t n = preadv2(f->fd, &all, 1, moves ? -1 : offset, RWF_NOWAIT);
    if (n <= 0 || (size_t)n == size) return n < 0 ? 0 : n;
    // The end, or the rest lies on the disk.
    if (!moves || lseek(f->fd, -n, SEEK_CUR) >= 0) return 0;
    return n;
}

bool file_handle_has_line(const FileHandle *f)
{
    size_t n = file_handle_buffered(f);
    return n > 0 && memchr(f->buffer + f->start, '\n', n) != NULL;
}

const uint8_t *file_handle_read_line(FileHandle *f, size_t *size, int *error)
{
    enum { LEAST = 256 };
    size_t searched = 0; // bytes that hold no newline
    *error = 0;
    for (;;) {
        const uint8_t *start = f->buffer + f->start, *newline = NULL;
        if (file_handle_buffered(f) > searched)
            newline = memchr(start + searched, '\n',
                             file_handle_buffered(f) - searched);
        if (newline != NULL) {
            *size = (size_t)(newline + 1 - start);
            f->start += *size;
            return start;
        }
        searched = file_handle_buffered(f);
        ssize_t n = fill(f, f->read_ahead > LEAST ? f->read_ahead : LEAST);
        if (n > 0) continue;
        if (n < 0) *error = errno;
        *size = file_handle_buffered(f);
        if (n < 0 || *size == 0) return NULL; // what was read stays for later
        start = f->buffer + f->start;
        f->start = f->end;
        return start;
    }
}

int file_handle_settle(FileHandle *f)
{
    off_t ahead = (off_t)file_handle_buffered(f);
    f->start = f->end = 0;
    if (ahead > 0 && lseek(f->fd, -ahead, SEEK_CUR) < 0) return errno;
    return 0;
}

// A write may take less than it was given: on until all is out.
int file_handle_write(FileHandle *f, const uint8_t *bytes, size_t size,
                      int64_t offset)
{
    while (size > 0) {
        ssize_t n = offset < 0 ? write(f->fd, bytes, size)
                               : pwrite(f->fd, bytes, size, offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        bytes += n;
        size -= (size_t)n;
        if (offset >= 0) offset += n;
    }
    return 0;
}
