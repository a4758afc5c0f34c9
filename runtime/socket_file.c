// SPDX-License-Identifier: Apache-2.0
// Sockets: files that are sent, by the system, from where it has them.
//
// A file waits in the queue as bytes do, so it keeps its place among what
// others send. The call is answered when it is written. The descriptor is one
// of the queue's own: the file may be closed meanwhile.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bif.h"
#include "posix_error.h"
#include "request.h"
#include "socket.h"

// What is to be sent, until it is in the queue.
typedef struct {
    int fd;
    int64_t offset;
    size_t size;
} File;

static Term fail(PortCall *call, Term reason)
{
    return heap_tuple2(&call->heap, ATOM_error, reason);
}

static Term sent(PortCall *call, size_t size)
{
    return heap_tuple2(&call->heap, ATOM_ok, heap_unsigned(&call->heap, size));
}

// Why [s] cannot send a file for the caller; TERM_NONE if it can.
static Term refusal(const Socket *s, const PortCall *call)
{
    if (s == NULL) return ATOM_einval;
    if (!term_same(s->port.owner, call->caller)) return ATOM_not_owner;
    if (s->type != SOCK_STREAM) return ATOM_exbadport;
    if (s->state != SOCKET_CONNECTED)
        return posix_error_name(call->node->atoms, ENOTCONN);
    return s->shut ? ATOM_closed : TERM_NONE;
}

// The descriptor is this call's: the queue's in the end, or closed.
static Term run(Port *port, PortCall *call)
{
    File f;
    Socket *s = socket_of(port);
    memcpy(&f, call->bytes, sizeof f);
    Term reason = refusal(s, call);
    if (!term_is_none(reason) || f.size == 0) {
        close(f.fd);
        return term_is_none(reason) ? sent(call, 0) : fail(call, reason);
    }
    socket_wait(s, &s->files, call, -1, 0);
    port->output += f.size;
    s->sent.octets += f.size;
    s->sent.count++;
    port_queue_add_file(&s->out, f.fd, f.offset, f.size);
    socket_send_queued(s);
    return TERM_NONE;
}

void socket_file_answer(Socket *s)
{
    size_t waiting = 0;
    for (const SocketWait *w = s->files; w != NULL; w = w->next) waiting++;
    // One leaves the queue at a time.
    for (; waiting > s->out.files; waiting--)
        socket_answer(&s->files, sent(s->files->call, s->out.file_sent));
}

// How much of [f] there is. 0, or an error number: EOPNOTSUPP for what the
// system cannot say that of.
static int measure(int fd, File *f, size_t most)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return errno;
    if (!S_ISREG(info.st_mode) || info.st_size == 0) return EOPNOTSUPP;
    int64_t left = info.st_size > f->offset ? info.st_size - f->offset : 0;
    f->size = most == 0 || most > (uint64_t)left ? (size_t)left : most;
    f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return f->fd < 0 ? errno : 0;
}

Term socket_file_send(Process *p, Term socket, int fd, int64_t offset,
                      size_t most)
{
    File f = {.offset = offset};
    int error = measure(fd, &f, most);
    if (error == EOPNOTSUPP)
        return heap_tuple2(process_heap(p), ATOM_error, ATOM_enotsup);
    if (error != 0) return posix_error_tuple(p, error);
    PortCall *call = port_call_new(p, socket, run);
    call->size = sizeof f;
    call->bytes = memory_alloc(sizeof f);
    memcpy(call->bytes, &f, sizeof f);
    request_is_new(p);
    port_call_start(call);
    return TERM_NONE;
}
