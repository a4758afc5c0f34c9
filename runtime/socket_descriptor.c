// SPDX-License-Identifier: Apache-2.0
// Descriptors of sockets.
//
// A name space belongs to a thread: the one that asks goes there for one call
// of the system and comes back, while others make their sockets as before.
#include "socket_descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bif.h"
#include "memory.h"

static void close_if_open(int fd)
{
    int error = errno;
    if (fd >= 0) close(fd);
    errno = error;
}

static int open_in(const char *path, int family, int type, int protocol)
{
    int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int other = own < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    int fd = -1;
    if (other >= 0 && setns(other, CLONE_NEWNET) == 0) {
        fd = socket(family, type, protocol);
        int error = errno;
        // It came from there a moment ago; to stay would move all sockets.
        if (setns(own, CLONE_NEWNET) != 0) abort();
        errno = error;
    }
    close_if_open(own);
    close_if_open(other);
    return fd;
}

int socket_descriptor_new(Term space, int family, int type, int protocol)
{
    size_t size;
    type |= SOCK_NONBLOCK | SOCK_CLOEXEC;
    uint8_t *path = bif_get_iodata(space, &size);
    if (path == NULL || size == 0) {
        free(path);
        return socket(family, type, protocol);
    }
    int fd = open_in((char *)path, family, type, protocol);
    int error = errno;
    free(path);
    errno = error;
    return fd;
}
