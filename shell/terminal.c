// SPDX-License-Identifier: Apache-2.0
// Terminal: standard input is read on the I/O loop's thread, by polling where
// that is possible and by libuv's file reads where it is a file. Output is
// written by whoever wants it written, in one piece.
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "counted.h"
#include "heap.h"
#include "io_loop.h"
#include "memory.h"
#include "parser.h"
#include "signal.h"

enum { READ_SIZE = 65536, IN = 0, OUT = 1 }; // a paste of some pages at once

// Fields are grouped by who may touch them.
struct Terminal {
    Node *node; // whose loop and processes
    pthread_mutex_t mutex; // guards raw, saved and is_suspended
    bool is_saved, raw; // a terminal was found; it is in raw mode
    bool is_suspended;  // by terminal_suspend: it has not been heard to go on
    struct termios saved; // as it was found
    int flags; // of standard input as it was found, which others share
    // Set once by terminal_open, before the loop's thread hears of it.
    bool is_open, input;    // input: reading was asked for
    Term owner;             // pid; an immediate
    RefId ref;              // of all messages
    atomic_bool is_closing; // nobody wants to read any more
    _Atomic(Counted *) keeper; // of this node's shells, or NULL
    // The loop's thread only.
    uv_poll_t poll;    // of standard input, where it can be polled
    uv_signal_t winch; // the window's size has changed
    uv_signal_t cont;  // the program goes on that was stopped
    uv_fs_t file;      // the read that is going on, of a file
    char *buffer;      // READ_SIZE bytes, of malloc
};

// How another thread gives the loop's thread something to do.
typedef struct {
    IoTask task; // must be first
    Terminal *terminal;
} OpenTask;

// A signal's handler has no argument: the one place for what it restores.
// Only what a handler may touch: no lock, no heap.
static struct {
    struct termios mode;
    volatile sig_atomic_t is_saved;
} at_crash;

// tcsetattr is allowed in a handler.
static void restore_and_die(int number)
{
    if (at_crash.is_saved) tcsetattr(IN, TCSANOW, &at_crash.mode);
    raise(number); // the default action, now that the handler was taken off
}

// Whatever ends the program, the terminal is usable afterwards.
// SIGKILL cannot be caught, and C-c is a key in raw mode.
static void guard_terminal(const Terminal *t)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
                                 SIGHUP, SIGTERM};
    // Once: a second signal of the kind ends the program.
    struct sigaction action = {.sa_handler = restore_and_die,
                               .sa_flags = (int)SA_RESETHAND};
    at_crash.mode = t->saved;
    at_crash.is_saved = true;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction old;
        // Signals that somebody handles already are left alone.
        if (sigaction(deadly[i], NULL, &old) == 0
            && old.sa_handler == SIG_DFL)
            sigaction(deadly[i], &action, NULL);
    }
}

Terminal *terminal_new(Node *node)
{
    Terminal *t = memory_zeroed(1, sizeof *t);
    t->node = node;
    t->is_saved = tcgetattr(IN, &t->saved) == 0;
    // Standard input may be shared with the shell that started us, so its flags
    // are put back as well.
    t->flags = fcntl(IN, F_GETFL);
    pthread_mutex_init(&t->mutex, NULL);
    return t;
}

// Called by main, whatever node_run answered.
void terminal_restore(Terminal *t)
{
    terminal_set_raw(t, false);
    if (t->flags >= 0) fcntl(IN, F_SETFL, t->flags);
    atomic_store(&t->is_closing, true);
}

void terminal_free(Terminal *t)
{
    Counted *keeper = atomic_load(&t->keeper);
    if (keeper != NULL) counted_release(keeper);
    pthread_mutex_destroy(&t->mutex);
    free(t->buffer);
    free(t);
}

// The parser has the one place on a node for layers above; the shell's is the
// terminal.
Terminal *terminal_of(Node *node)
{
    return *parser_extension(node);
}

_Atomic(Counted *) *terminal_keeper(Terminal *t)
{
    return &t->keeper;
}

// Sends {prim_tty, Ref, [what]} to the owner.
// [h] is freed: the message is copied to the owner.
static void tell_owner(Terminal *t, Heap *h, Term what)
{
    Term message = heap_tuple3(h, ATOM_prim_tty, ref_from_id(h, t->ref), what);
    signal_send_message(t->node, NULL, t->owner, message);
    heap_free(h);
}

// Each message has a heap of its own, as the loop's thread has none.
static void tell_data(Terminal *t, const char *bytes, size_t size)
{
    Heap h;
    heap_init(&h);
    Term data = heap_binary(&h, bytes, size);
    tell_owner(t, &h, heap_tuple2(&h, ATOM_data, data));
}

// Once, at the end of input.
static void tell_end(Terminal *t)
{
    Heap h;
    heap_init(&h);
    tell_owner(t, &h, ATOM_eof);
}

// The io server then asks for the size.
static void on_window_change(uv_signal_t *handle, int number)
{
    Heap h;
    heap_init(&h);
    tell_owner(handle->data, &h, heap_tuple2(&h, ATOM_signal, ATOM_winch));
}

// Raw or not as [t] has it. The mutex is held.
static void set_mode(const Terminal *t)
{
    struct termios mode = t->saved;
    if (t->raw) {
        // No echo, no lines, no signals: keys come as they are.
        cfmakeraw(&mode);
        mode.c_oflag |= OPOST; // output is text, not keys
    }
    // TCSADRAIN: what was written under the old mode is shown so.
    tcsetattr(IN, TCSADRAIN, &mode);
}

// Somebody else stopped the program: the shell that had the terminal meanwhile
// has left it in its own mode, and has written to it. Who stops by
// terminal_suspend looks after that himself.
static void on_continue(uv_signal_t *handle, int number)
{
    Terminal *t = handle->data;
    pthread_mutex_lock(&t->mutex);
    bool is_told = t->raw && !t->is_suspended;
    t->is_suspended = false;
    if (is_told) set_mode(t);
    pthread_mutex_unlock(&t->mutex);
    if (!is_told) return;
    Heap h;
    heap_init(&h);
    tell_owner(t, &h, heap_tuple2(&h, ATOM_signal, ATOM_resume));
}

// [status] is not looked at: the read says what is wrong.
static void on_readable(uv_poll_t *handle, int status, int events)
{
    Terminal *t = handle->data;
    ssize_t size = read(IN, t->buffer, READ_SIZE);
    if (size > 0) {
        tell_data(t, t->buffer, (size_t)size);
    } else if (size == 0 || (errno != EINTR && errno != EAGAIN)) {
        // End of input, or an error that will not go away.
        uv_poll_stop(handle);
        tell_end(t);
    }
}

// Reads of files call each other through the loop.
static void read_file(Terminal *t, uv_loop_t *loop);

static void on_file_read(uv_fs_t *request)
{
    Terminal *t = request->data;
    uv_loop_t *loop = request->loop;
    ssize_t size = request->result;
    uv_fs_req_cleanup(request);
    if (atomic_load(&t->is_closing)) return; // the node ends; nobody listens
    if (size > 0) {
        tell_data(t, t->buffer, (size_t)size);
        read_file(t, loop);
    } else {
        tell_end(t);
    }
}

// -1: from where the last read ended.
static void read_file(Terminal *t, uv_loop_t *loop)
{
    uv_buf_t buffer = uv_buf_init(t->buffer, READ_SIZE);
    t->file.data = t;
    if (uv_fs_read(loop, &t->file, IN, &buffer, 1, -1, on_file_read) != 0)
        tell_end(t);
}

static void watch_signal(Terminal *t, uv_loop_t *loop, uv_signal_t *handle,
                         int number, uv_signal_cb heard)
{
    if (uv_signal_init(loop, handle) != 0) return;
    handle->data = t;
    uv_signal_start(handle, heard, number);
}

// On the loop's thread, as libuv demands of its handles.
static void start_reading(IoLoop *io, IoTask *task)
{
    Terminal *t = ((OpenTask *)task)->terminal;
    uv_loop_t *loop = io_loop_uv(io);
    free(task);
    t->buffer = memory_alloc(READ_SIZE);
    // A size to watch only where there is a window.
    if (terminal_is_terminal()) {
        watch_signal(t, loop, &t->winch, SIGWINCH, on_window_change);
        watch_signal(t, loop, &t->cont, SIGCONT, on_continue);
    }
    // Pipes and terminals; a file says EPERM.
    if (uv_poll_init(loop, &t->poll, IN) == 0) {
        t->poll.data = t;
        if (uv_poll_start(&t->poll, UV_READABLE, on_readable) == 0) return;
    }
    read_file(t, loop); // a file: always readable, so it cannot be polled
}

// Nothing is read before somebody wants it: a pipe's data then stays for a
// program that is started by this one.
bool terminal_open(Terminal *t, Term owner, RefId ref, bool input)
{
    pthread_mutex_lock(&t->mutex);
    bool was_open = t->is_open;
    t->is_open = true;
    pthread_mutex_unlock(&t->mutex);
    if (was_open) return false;
    t->owner = owner;
    t->ref = ref;
    if (!input) return true;
    OpenTask *task = memory_zeroed(1, sizeof *task);
    task->task.run = start_reading;
    task->terminal = t;
    // What was set before is seen by the loop's thread, for the queue has a
    // lock.
    io_loop_add(t->node->io, &task->task);
    return true;
}

bool terminal_set_raw(Terminal *t, bool raw)
{
    if (!t->is_saved) return false;
    pthread_mutex_lock(&t->mutex);
    if (raw != t->raw) {
        if (raw) guard_terminal(t);
        t->raw = raw;
        set_mode(t);
    }
    pthread_mutex_unlock(&t->mutex);
    return true;
}

// The whole program stops, all schedulers with it; it goes on behind the call.
void terminal_suspend(Terminal *t)
{
    terminal_set_raw(t, false);
    pthread_mutex_lock(&t->mutex);
    t->is_suspended = true;
    pthread_mutex_unlock(&t->mutex);
    // To this thread: one sent to the program would stop it a little later.
    raise(SIGTSTP);
    terminal_set_raw(t, true);
}

bool terminal_is_terminal(void)
{
    return isatty(IN) && isatty(OUT);
}

// A pipe or a file has no window.
bool terminal_window_size(int *columns, int *rows)
{
    struct winsize size;
    if (ioctl(OUT, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return false;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}

bool terminal_can_write(void)
{
    struct pollfd out = {OUT, POLLOUT, 0};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0;
}

// EAGAIN may come from a shared terminal that somebody made non-blocking.
int terminal_write(const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(OUT, bytes, size);
        if (written > 0) {
            bytes += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd out = {OUT, POLLOUT, 0};
            poll(&out, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}
