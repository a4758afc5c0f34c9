// SPDX-License-Identifier: Apache-2.0
// Reading a source or a header, in one piece.
//
// A preprocessor that runs on a scheduler must not wait for a disk, nor for
// who writes to a pipe: it reads what the system has in memory, and as much
// text as is soon read, and gives up when that does not do.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"
#include "pack.h"
#include "preprocess_state.h"

// The library's own files lie in the pack, below the root.
// Only when the file system has none: a file beside the program wins.
static uint8_t *read_packed(Node *node, const char *path, size_t *size)
{
    const char *root = node->options.root;
    // A node without a library.
    if (node->pack == NULL || root == NULL) return NULL;
    size_t n = strlen(root);
    PackEntry entry;
    // No prefix of another directory: "/lib2" is not below "/lib".
    if (strncmp(path, root, n) != 0 || path[n] != '/'
        || !pack_find(node->pack, path + n + 1, strlen(path + n + 1), &entry))
        return NULL;
    *size = pack_file_size(&entry);
    return pack_file_bytes(&entry);
}

// With RWF_NOWAIT what is not in memory is an error (Linux).
static ssize_t read_some(int fd, uint8_t *to, size_t size, bool waits)
{
    if (waits) return read(fd, to, size);
    struct iovec row = {to, size};
    return preadv2(fd, &row, 1, -1, RWF_NOWAIT); // -1: behind what was read
}

static bool read_all(int fd, uint8_t *text, size_t size, bool waits)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read_some(fd, text + done, size - done, waits);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return true;
}

// Of a file that is open; NULL with errno set.
static uint8_t *read_open(Preprocess *pp, int fd, size_t *size)
{
    struct stat st;
    bool waits = pp->options->text_most == 0;
    if (fstat(fd, &st) != 0) return NULL;
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return NULL;
    }
    *size = (size_t)st.st_size;
    pp->text_read += *size;
    if (!waits && (!S_ISREG(st.st_mode)
                   || pp->text_read > pp->options->text_most)) {
        pp->must_wait = true;
        return NULL;
    }
    uint8_t *text = memory_alloc(*size + 1);
    if (read_all(fd, text, *size, waits)) return text;
    if (!waits) {
        pp->must_wait = true;
        free(text);
        return NULL;
    }
    // Cut short while it was read. The text is kept: an empty file answers eof
    // at once.
    *size = 0;
    return text;
}

uint8_t *source_read(Preprocess *pp, const char *path, size_t *size)
{
    // A pipe is opened without waiting for its other end; of files that is no
    // matter.
    bool waits = pp->options->text_most == 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK));
    // The file system's error is the one to report.
    int error = errno;
    uint8_t *text;
    if (fd < 0) {
        text = read_packed(pp->node, path, size);
    } else {
        text = read_open(pp, fd, size);
        error = errno;
        close(fd);
    }
    errno = error;
    return text;
}
