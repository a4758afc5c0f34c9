// SPDX-License-Identifier: Apache-2.0
// Port stream: a direct port. What its descriptors are ready for is done by
// whoever has the poller, and bytes are written by the process that sends them
// as far as the descriptor takes them. A file, which cannot be polled, is read
// by libuv's threads and written at once.
//
// A program's port ends when its output ends; if the exit status was asked
// for, that is waited for too. The structure outlives the port for as long as
// the child runs.
//
// All under the port's lock; opening on the loop's thread. Whatever ends it
// goes by port_exit, which calls stop; it is freed when no child runs, nothing
// is read and nothing is to be written any more.
#include "port_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "bytes.h"
#include "child.h"
#include "memory.h"
#include "port_message.h"
#include "port_poll.h"
#include "port_queue.h"
#include "signal_watch.h"

enum { READ_SIZE = 65536, HEADER_MOST = 4 }; // HEADER_MOST: {packet, 4}

typedef struct {
    Port port; // must be first
    PortOptions options;
    int in_fd, out_fd; // -1: none
    int end_fd;        // tells the end of the child; -1: none runs
    PortPoll in, out, end;
    uv_fs_t file;      // read of an input that cannot be polled
    Buffer pending;    // read, but not yet a whole packet or line
    PortQueue queue;   // not written yet
    uint8_t *buffer;   // READ_SIZE bytes of [file]; else NULL
    pid_t pid;         // of the child
    int status;        // of the child that has ended, as messages have it
    bool reading_file; // libuv has [file]
    bool at_end;       // of the input
    bool stopped;      // the port has ended: free when all is closed
} PortStream;

// Also of options that were only half read.
void port_options_free(PortOptions *o)
{
    for (char **arg = o->args; arg != NULL && *arg != NULL; arg++) free(*arg);
    free(o->args);
    free(o->command);
    free(o->directory);
    free(o->environment);
    free(o->text);
    *o = (PortOptions){0};
}

// ---- closing ----

// Nothing is open any more but the descriptors themselves.
static void release(Port *port)
{
    PortStream *s = (PortStream *)port;
    if (s->in_fd >= 0) close(s->in_fd);
    if (s->out_fd >= 0) close(s->out_fd);
    if (s->end_fd >= 0) close(s->end_fd);
    port_queue_free(&s->queue);
    buffer_free(&s->pending);
    free(s->buffer);
    port_options_free(&s->options);
    free(port->text);
}

static void free_if_closed(PortStream *s)
{
    // A queue that is to be written keeps it too.
    if (!s->stopped || s->reading_file || s->end_fd >= 0 || s->queue.size > 0)
        return;
    port_free(&s->port);
}

static void stop_reading(PortStream *s)
{
    port_poll_stop(&s->in);
    // While libuv's thread reads it is still in use; see on_file_read.
    if (s->in_fd >= 0 && !s->reading_file) {
        close(s->in_fd);
        s->in_fd = -1;
    }
}

static void stop_writing(PortStream *s)
{
    port_poll_stop(&s->out);
    port_queue_free(&s->queue);
    if (s->out_fd >= 0) close(s->out_fd);
    s->out_fd = -1;
}

// Flushing, it goes on writing without a port; see on_writable.
static void stop(Port *port, bool flush)
{
    PortStream *s = (PortStream *)port;
    stop_reading(s);
    if (!flush || s->queue.size == 0) stop_writing(s);
    s->stopped = true;
    free_if_closed(s);
}

// ---- input ----

// [size] bytes that are a message of their own: {data, Bytes}, or in lines
// {data, {[ending], Bytes}}.
static void send_data(PortStream *s, const uint8_t *bytes, size_t size,
                      Term ending)
{
    Signal *m = port_message_new(&s->port);
    Term data = port_data(&m->heap, bytes, size, s->options.binary);
    // Bytes of lines are counted as they come, with the ends of the lines.
    if (term_is_none(ending)) s->port.input += size;
    if (!term_is_none(ending)) data = heap_tuple2(&m->heap, ending, data);
    port_message_send(&s->port, m, heap_tuple2(&m->heap, ATOM_data, data));
}

// Drops the first [n] pending bytes.
static void drop_pending(PortStream *s, size_t n)
{
    s->pending.size -= n;
    if (s->pending.size > 0)
        memmove(s->pending.bytes, s->pending.bytes + n, s->pending.size);
}

// Several may have come at once.
static void send_packets(PortStream *s)
{
    size_t at = 0, header = s->options.packet;
    while (s->pending.size - at >= header) {
        const uint8_t *bytes = s->pending.bytes + at;
        size_t size = bytes_read(bytes, header);
        // The rest of it is not there yet.
        if (s->pending.size - at < header + size) break;
        send_data(s, bytes + header, size, TERM_NONE);
        at += header + size;
    }
    drop_pending(s, at);
}

// Lines end with LF or CR LF.
static void send_lines(PortStream *s)
{
    size_t at = 0, most = s->options.line;
    while (at < s->pending.size) {
        const uint8_t *bytes = s->pending.bytes + at;
        size_t left = s->pending.size - at;
        // A line of just the longest has its end in the bytes that follow.
        const uint8_t *end =
            memchr(bytes, '\n', left > most + 2 ? most + 2 : left);
        size_t size = end != NULL ? (size_t)(end - bytes) : left;
        // A CR may be the begin of the end.
        if (size > 0 && bytes[size - 1] == '\r') size--;
        if (size > most) {
            // Longer than the longest: in parts, each but the last noeol.
            send_data(s, bytes, most, ATOM_noeol);
            at += most;
        } else if (end != NULL) {
            send_data(s, bytes, size, ATOM_eol);
            at += (size_t)(end - bytes) + 1;
        } else {
            break;
        }
    }
    drop_pending(s, at);
}

static void take_input(PortStream *s, const uint8_t *bytes, size_t size)
{
    // A stream: whatever was read is a message.
    if (s->options.packet == 0 && s->options.line == 0) {
        send_data(s, bytes, size, TERM_NONE);
        return;
    }
    buffer_add(&s->pending, bytes, size);
    if (s->options.packet > 0) {
        send_packets(s);
    } else {
        s->port.input += size;
        send_lines(s);
    }
}

static void send_status(PortStream *s)
{
    Signal *m = port_message_new(&s->port);
    Term status = term_small(s->status);
    port_message_send(&s->port, m,
                      heap_tuple2(&m->heap, ATOM_exit_status, status));
}

// There will be no more input.
static void finish(PortStream *s)
{
    if (s->port.ended) return;
    // The status first, then a last line without its end, then eof or the end:
    // as OTP tells them.
    if (s->options.exit_status) send_status(s);
    if (s->options.line > 0 && s->pending.size > 0)
        send_data(s, s->pending.bytes, s->pending.size, ATOM_noeol);
    s->pending.size = 0;
    if (s->options.eof) {
        Signal *m = port_message_new(&s->port);
        port_message_send(&s->port, m, ATOM_eof);
    } else {
        port_exit(&s->port, ATOM_normal);
    }
}

static void write_queued(PortStream *s);

static void end_input(PortStream *s)
{
    // The program is gone, mostly: what waits for it breaks before its status
    // is told.
    if (s->options.exit_status && s->queue.size > 0) write_queued(s);
    if (s->stopped) return;
    s->at_end = true;
    stop_reading(s);
    // With exit_status the child's end is waited for: it gives the number.
    if (!s->options.exit_status || s->end_fd < 0) finish(s);
}

// On the stack of whoever has the poller: a port that waits needs no buffer.
static void on_readable(Port *port, uint32_t events)
{
    PortStream *s = (PortStream *)port;
    uint8_t bytes[READ_SIZE];
    ssize_t size = read(s->in_fd, bytes, sizeof bytes);
    if (size > 0)
        take_input(s, bytes, (size_t)size);
    else if (size == 0 || errno == EIO) // EIO: the end of a pseudo terminal
        end_input(s);
    else if (errno != EINTR && errno != EAGAIN) // with those: polled again
        port_exit_error(port, errno);
}

static void read_file(PortStream *s);

// Called on the loop's thread when libuv's has read.
static void on_file_read(uv_fs_t *request)
{
    PortStream *s = request->data;
    ssize_t size = request->result;
    uv_fs_req_cleanup(request);
    port_hold(&s->port);
    s->reading_file = false;
    // The port has gone meanwhile: the descriptor was kept open for this.
    if (s->stopped) {
        stop_reading(s);
        free_if_closed(s);
    } else if (size > 0) {
        take_input(s, s->buffer, (size_t)size);
        read_file(s);
    } else if (size == 0) {
        end_input(s);
    } else {
        port_exit_error(&s->port, (int)-size);
    }
    port_leave(&s->port);
}

static void read_file(PortStream *s)
{
    uv_buf_t buffer = uv_buf_init((char *)s->buffer, READ_SIZE);
    s->file.data = s;
    // -1: from where it stands.
    int error = uv_fs_read(io_loop_uv(s->port.node->io), &s->file, s->in_fd,
                           &buffer, 1, -1, on_file_read);
    if (error != 0) {
        port_exit_error(&s->port, -error);
        return;
    }
    s->reading_file = true;
}

// What is shared with others, as the terminal, does not block for them either.
static void set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) == 0)
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static void start_reading(PortStream *s)
{
    if (port_poll_for(&s->in, s->in_fd, EPOLLIN) == 0) {
        set_nonblocking(s->in_fd);
        return;
    }
    // The poller refuses files: they are always ready, and may still block.
    s->buffer = memory_alloc(READ_SIZE);
    read_file(s);
}

// ---- output ----

// Writes what can be written and waits for the rest.
static void write_queued(PortStream *s)
{
    int error = port_queue_write(&s->queue, s->out_fd);
    if (error != 0) {
        stop_writing(s);
        port_exit_error(&s->port, error);
        return;
    }
    // A writable pipe is always ready: see on_writable.
    if (s->queue.size > 0) port_poll_for(&s->out, s->out_fd, EPOLLOUT);
    port_set_queued(&s->port, s->queue.size);
}

static void on_writable(Port *port, uint32_t events)
{
    PortStream *s = (PortStream *)port;
    bool flushes = s->stopped; // the port has ended before
    if (s->queue.size > 0) write_queued(s);
    if (s->queue.size > 0) return;
    if (flushes) { // all of it, or nobody reads it any more
        stop_writing(s);
        free_if_closed(s);
    } else if (s->out_fd >= 0) {
        // Until something is queued there is nothing to be told.
        port_poll_for(&s->out, s->out_fd, 0);
    }
}

static void output(Port *port, uint8_t *bytes, size_t size)
{
    PortStream *s = (PortStream *)port;
    size_t header = s->options.packet;
    port->output += size; // for port_info: as it was given
    // The length must be expressible in so many bytes.
    bool too_long =
        header > 0 && header < sizeof size && size >> (8 * header) > 0;
    if (s->out_fd < 0 || too_long) {
        free(bytes);
        port_exit_error(port, too_long ? EINVAL : EBADF);
        return;
    }
    // Header and bytes are two pieces of the queue: no copy of the data.
    if (header > 0) {
        uint8_t length[HEADER_MOST];
        bytes_write(length, size, header);
        port_queue_add_copy(&s->queue, length, header);
    }
    port_queue_add(&s->queue, bytes, size);
    write_queued(s);
}

// ---- programs ----

static void on_child_end(Port *port, uint32_t events)
{
    PortStream *s = (PortStream *)port;
    port_poll_stop(&s->end);
    close(s->end_fd);
    s->end_fd = -1;
    s->status = child_wait(s->pid);
    if (s->stopped)
        free_if_closed(s);
    else if (s->at_end && s->options.exit_status) // told when both have come
        finish(s);
}

// Moves *[fd] up where no descriptor of a child is. 0 or an error number.
static int move_up(int *fd)
{
    if (*fd >= CHILD_FDS) return 0;
    int above = fcntl(*fd, F_DUPFD_CLOEXEC, CHILD_FDS);
    int error = above < 0 ? errno : 0;
    close(*fd);
    *fd = above;
    return error;
}

// Not inherited by other children. What was made is the caller's, whatever it
// answers.
static int make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    int error = move_up(&ends[0]);
    return error != 0 ? error : move_up(&ends[1]);
}

static void close_end(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static bool can_enter(const char *directory)
{
    struct stat is;
    return stat(directory, &is) == 0 && S_ISDIR(is.st_mode)
           && access(directory, X_OK) == 0;
}

// The program could not be run: told as the program would, and by a status.
static void fail_child(PortStream *s, int error)
{
    const char *directory = s->options.directory;
    if (directory != NULL && !can_enter(directory))
        fprintf(stderr, "spawn: Could not cd to %s\r\n", directory);
    s->status = error;
}

// Starts the program with the far ends of the pipes. 0 or an error number of
// one that could not even fail.
static int run_child(PortStream *s, int to_child, int from_child)
{
    const PortOptions *o = &s->options;
    sigset_t defaults;
    signal_watch_ignored(s->port.node, &defaults);
    ChildOptions how = {.file = o->command,
                        .args = o->args,
                        .environment = o->environment,
                        .directory = o->directory,
                        // nouse_stdio: descriptors 3 and 4.
                        .fds = {0, 1, 2, to_child, from_child},
                        .defaults = &defaults};
    if (o->stdio) {
        // Without out or in the child has this program's own.
        if (to_child >= 0) how.fds[0] = to_child;
        if (from_child >= 0) how.fds[1] = from_child;
        if (o->stderr_to_stdout) how.fds[2] = how.fds[1];
        how.fds[3] = how.fds[4] = -1;
    }
    int error = child_start(&how, &s->pid);
    if (error == 0 || error == EAGAIN || error == ENOMEM) return error;
    s->pid = 0;
    fail_child(s, error);
    return 0;
}

// Pipes of our ends only remain here; the far ones are the child's.
static int open_program(PortStream *s)
{
    const PortOptions *o = &s->options;
    int to_child[2] = {-1, -1}, from_child[2] = {-1, -1};
    int error = o->out ? make_pipe(to_child) : 0;
    if (error == 0 && o->in) error = make_pipe(from_child);
    if (error == 0) error = run_child(s, to_child[0], from_child[1]);
    // Else the end of the child's output would never be seen.
    close_end(&to_child[0]);
    close_end(&from_child[1]);
    s->in_fd = from_child[0];
    s->out_fd = to_child[1];
    if (error != 0 || s->pid == 0) return error;
    // There is room: what was closed is more.
    s->end_fd = child_open_end(s->pid);
    return s->end_fd < 0 ? errno : 0;
}

// ---- opening ----

// Others use the descriptors too: the port has copies.
static int open_fds(PortStream *s)
{
    const PortOptions *o = &s->options;
    if (o->in) s->in_fd = fcntl(o->in_fd, F_DUPFD_CLOEXEC, 3);
    if (o->out) s->out_fd = fcntl(o->out_fd, F_DUPFD_CLOEXEC, 3);
    return (o->in && s->in_fd < 0) || (o->out && s->out_fd < 0) ? EINVAL : 0;
}

// The file of that name: written anew unless it is to be read, too.
static int open_file(PortStream *s)
{
    const PortOptions *o = &s->options;
    int flags = o->in && o->out ? O_RDWR | O_CREAT
                : o->in         ? O_RDONLY
                                : O_WRONLY | O_CREAT | O_TRUNC;
    int fd = open(s->port.text, flags | O_CLOEXEC, 0666);
    if (fd < 0) return EINVAL; // whatever it was, as in OTP
    if (o->in) s->in_fd = fd;
    if (o->out) s->out_fd = o->in ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : fd;
    return 0;
}

static int open_stream(PortStream *s)
{
    if (s->options.is_file) return open_file(s);
    return s->options.command != NULL ? open_program(s) : open_fds(s);
}

static int flush(Port *port)
{
    PortStream *s = (PortStream *)port;
    if (s->queue.size == 0 || s->out_fd < 0
        || port_queue_write(&s->queue, s->out_fd) != 0)
        return -1;
    return s->queue.size > 0 ? s->out_fd : -1;
}

static int64_t os_pid(const Port *port)
{
    return ((const PortStream *)port)->pid;
}

static const PortKind stream_kind = {.output = output,
                                     .stop = stop,
                                     .release = release,
                                     .os_pid = os_pid,
                                     .flush = flush,
                                     .direct = true};

// Nothing is begun that could not be told of.
static int start(Node *node, PortStream *s)
{
    int error = poller_start(node->poller);
    return error != 0 ? error : open_stream(s);
}

static PortStream *new_stream(Node *node, PortOptions *o)
{
    PortStream *s = memory_zeroed(1, sizeof *s);
    s->port.node = node;
    s->in_fd = s->out_fd = s->end_fd = -1;
    port_queue_init(&s->queue);
    s->options = *o;
    *o = (PortOptions){0};
    // It is port_info's name from now on.
    s->port.text = s->options.text;
    s->options.text = NULL;
    return s;
}

int port_stream_open(Node *node, PortOptions *o, Term owner, Term *id)
{
    PortStream *s = new_stream(node, o);
    int error = start(node, s);
    // Not known yet: freed without telling anybody.
    if (error != 0) {
        release(&s->port);
        free(s);
        return error;
    }
    // From here on errors are the port's end.
    port_init(&s->port, &stream_kind, owner);
    if (s->options.high > 0) {
        s->port.high = s->options.high;
        s->port.low = s->options.low;
    }
    *id = s->port.id;
    port_poll_init(&s->in, &s->port, on_readable);
    port_poll_init(&s->out, &s->port, on_writable);
    port_poll_init(&s->end, &s->port, on_child_end);
    if (s->end_fd >= 0) port_poll_for(&s->end, s->end_fd, EPOLLIN);
    if (s->in_fd >= 0) start_reading(s);
    if (s->out_fd >= 0) set_nonblocking(s->out_fd);
    port_leave(&s->port);
    return 0;
}
