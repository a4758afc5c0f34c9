// SPDX-License-Identifier: Apache-2.0
// FileHandle: an open file, what the magic reference in a raw file stands for.
// Only its owner uses it, one call at a time. It is closed with the last
// reference, at the latest.
#ifndef MERLE_FILE_HANDLE_H
#define MERLE_FILE_HANDLE_H

#include <sys/types.h>

#include "counted.h"

typedef struct {
    Counted counted;
    int fd;            // -1: closed
    size_t read_ahead; // bytes to read beyond what was asked for
    uint8_t *buffer;   // read already; the file's position is behind it
    size_t start, end; // what is left of it
    size_t room;       // bytes of buffer
} FileHandle;

// A handle of [fd], count 1.
FileHandle *file_handle_new(int fd, size_t read_ahead);

// Ends a handle; also tells a magic reference of one.
void file_handle_destroy(Counted *c);

// Closes; 0 or an error number.
int file_handle_close(FileHandle *f);

static inline size_t file_handle_buffered(const FileHandle *f)
{
    return f->end - f->start;
}

// Reads [size] bytes, at [offset] unless it is negative, if nothing is read ahead
// and the system has them in memory, so that it takes no waiting; else nothing.
// Of what is no file it may be less.
ssize_t file_handle_read_cached(FileHandle *f, uint8_t *to, size_t size,
                                int64_t offset);

// Whether a whole line has been read ahead.
bool file_handle_has_line(const FileHandle *f);

// Reads up to [size] bytes; -1 and errno on error, 0 at the end of the file.
ssize_t file_handle_read(FileHandle *f, uint8_t *to, size_t size);

// The bytes up to and with the next newline are [*size] at the answer, and
// taken; at the end of the file what is left. NULL: error number in [*error],
// or the end of the file when that is 0. Good until the next call.
const uint8_t *file_handle_read_line(FileHandle *f, size_t *size, int *error);

// Forgets what was read ahead and puts the file's position where its reader
// believes it to be; 0 or an error number.
int file_handle_settle(FileHandle *f);

// Writes all of [size] bytes, at [offset] unless it is negative; 0 or an error
// number.
int file_handle_write(FileHandle *f, const uint8_t *bytes, size_t size,
                      int64_t offset);

#endif
