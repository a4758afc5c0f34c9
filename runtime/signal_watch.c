// SPDX-License-Identifier: Apache-2.0
// Signal watch: one handle of the I/O loop for each signal, opened at its
// first use. Only the loop's thread touches them.
//
// SIGTERM asks for an orderly end, which Erlang code does. Should that code
// never get to run, the node is ended after some time all the same.
#include "signal_watch.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "io_loop.h"
#include "memory.h"
#include "process_table.h"
#include "registry.h"
#include "signal.h"

typedef struct {
    uintptr_t name; // bits of an atom
    int number;
} SystemSignal;

static const SystemSignal system_signals[] = {
    {ATOM_BITS_sighup, SIGHUP},   {ATOM_BITS_sigquit, SIGQUIT},
    {ATOM_BITS_sigabrt, SIGABRT}, {ATOM_BITS_sigalrm, SIGALRM},
    {ATOM_BITS_sigterm, SIGTERM}, {ATOM_BITS_sigusr1, SIGUSR1},
    {ATOM_BITS_sigusr2, SIGUSR2}, {ATOM_BITS_sigchld, SIGCHLD},
    {ATOM_BITS_sigstop, SIGSTOP}, {ATOM_BITS_sigtstp, SIGTSTP},
};

enum { SIGNAL_COUNT = sizeof system_signals / sizeof *system_signals };

// How long a node that is told to end may take to hear of it, in ms.
enum { PATIENCE = 4000, EXIT_STATUS = 128 + SIGTERM };

struct SignalWatches {
    uv_signal_t handles[SIGNAL_COUNT];
    bool open[SIGNAL_COUNT];    // opened before
    bool ignored[SIGNAL_COUNT]; // and was not before
    uv_timer_t patience;        // from SIGTERM on
    bool timer_open;            // patience was opened
};

typedef struct {
    IoTask task;  // must be first
    size_t index; // into system_signals
    SignalAction action;
} WatchTask;

// Whether the process that hears of signals wants to run but never does.
static bool is_hung(Node *node)
{
    Term id = registry_find(node->registry, ATOM_erl_signal_server);
    if (!term_is_local_pid(id)) return false;
    // Not a scheduler's thread: the look-up is bracketed.
    process_table_enter(node->processes);
    const Process *p = process_table_find(node->processes, id);
    bool hung = p != NULL && process_state(p) == PROCESS_RUNNABLE;
    process_table_leave(node->processes);
    return hung;
}

// Ends the node without asking anybody, and when not even that works, the
// program.
static void on_patience(uv_timer_t *timer)
{
    Node *node = timer->data;
    // It is halting, and does not get on.
    if (atomic_load(&node->exit_status) >= 0) _exit(EXIT_STATUS);
    if (!is_hung(node)) return;
    node_halt(node, EXIT_STATUS, false);
    uv_timer_start(timer, on_patience, PATIENCE, 0);
}

static void begin_patience(Node *node)
{
    SignalWatches *w = node->signal_watches;
    if (!w->timer_open) uv_timer_init(io_loop_uv(node->io), &w->patience);
    w->timer_open = true;
    w->patience.data = node;
    uv_timer_start(&w->patience, on_patience, PATIENCE, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
    Node *node = handle->data;
    if (number == SIGTERM) begin_patience(node);
    Heap h;
    heap_init(&h);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (system_signals[i].number != number) continue;
        Term name = {system_signals[i].name};
        signal_send_named(node, ATOM_erl_signal_server,
                          heap_tuple2(&h, ATOM_notify, name));
    }
    heap_free(&h);
}

// What the system does with the signal.
static void set_default(SignalWatches *w, size_t index, bool ignore)
{
    int number = system_signals[index].number;
    // Children must be waited for as long as there are ports.
    if (number == SIGCHLD) return;
    void (*old)(int) = signal(number, ignore ? SIG_IGN : SIG_DFL);
    w->ignored[index] = ignore && (w->ignored[index] || old != SIG_IGN);
}

// On the loop's thread: handles are made there.
static void set_watch(IoLoop *io, IoTask *task)
{
    WatchTask *t = (WatchTask *)task;
    Node *node = io_loop_node(io);
    if (node->signal_watches == NULL)
        node->signal_watches = memory_zeroed(1, sizeof(SignalWatches));
    SignalWatches *w = node->signal_watches;
    uv_signal_t *handle = &w->handles[t->index];
    int number = system_signals[t->index].number;
    if (!w->open[t->index]) {
        uv_signal_init(io_loop_uv(io), handle);
        handle->data = node;
        w->open[t->index] = true;
    }
    if (t->action == SIGNAL_HANDLE) {
        uv_signal_start(handle, on_signal, number);
        w->ignored[t->index] = false;
    } else {
        uv_signal_stop(handle);
        set_default(w, t->index, t->action == SIGNAL_IGNORE);
    }
    free(t);
}

bool signal_watch_set(Node *node, Term name, SignalAction action)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (system_signals[i].name != name.bits) continue;
        WatchTask *t = memory_zeroed(1, sizeof *t);
        t->task.run = set_watch;
        t->index = i;
        t->action = action;
        io_loop_add(node->io, &t->task);
        return true;
    }
    return false;
}

void signal_watch_ignored(const Node *node, sigset_t *set)
{
    const SignalWatches *w = node->signal_watches;
    sigemptyset(set);
    for (size_t i = 0; w != NULL && i < SIGNAL_COUNT; i++)
        if (w->ignored[i]) sigaddset(set, system_signals[i].number);
}

// The loop has closed the handles.
void signal_watch_free(Node *node)
{
    free(node->signal_watches);
    node->signal_watches = NULL;
}
