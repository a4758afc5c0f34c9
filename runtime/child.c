// SPDX-License-Identifier: Apache-2.0
// Child: by posix_spawn, and by descriptors of processes.
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

// ---- start ----

// 0 or an error number, as all that follows.
static int add_fd(posix_spawn_file_actions_t *todo, int fd, int to)
{
    if (fd == to) return 0;
    // What was not open need not be closed: no error.
    return fd < 0 ? posix_spawn_file_actions_addclose(todo, to)
                  : posix_spawn_file_actions_adddup2(todo, fd, to);
}

static int prepare_files(posix_spawn_file_actions_t *todo,
                         const ChildOptions *how)
{
    int error = 0;
    if (how->directory != NULL)
        error = posix_spawn_file_actions_addchdir_np(todo, how->directory);
    for (int to = 0; error == 0 && to < CHILD_FDS; to++)
        error = add_fd(todo, how->fds[to], to);
    // What this program was started with, or a library has opened.
    if (error == 0)
        error = posix_spawn_file_actions_addclosefrom_np(todo, CHILD_FDS);
    return error;
}

// The mask is that of the thread, which blocks none.
static int prepare_signals(posix_spawnattr_t *rules, const ChildOptions *how)
{
    sigset_t defaults = *how->defaults;
    sigaddset(&defaults, SIGTERM);
    int error = posix_spawnattr_setsigdefault(rules, &defaults);
    if (error != 0) return error;
    return posix_spawnattr_setflags(rules,
                                    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
}

// Where it is ignored the system forgets children and their status at their
// end.
static void keep_statuses(void)
{
    struct sigaction now;
    if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
        signal(SIGCHLD, SIG_DFL);
}

int child_start(const ChildOptions *how, pid_t *pid)
{
    posix_spawn_file_actions_t todo;
    posix_spawnattr_t rules;
    keep_statuses();
    posix_spawn_file_actions_init(&todo);
    posix_spawnattr_init(&rules);
    int error = prepare_files(&todo, how);
    if (error == 0) error = prepare_signals(&rules, how);
    if (error == 0)
        error = posix_spawn(pid, how->file, &todo, &rules, how->args,
                            how->environment);
    posix_spawnattr_destroy(&rules);
    posix_spawn_file_actions_destroy(&todo);
    return error;
}

// ---- end ----

// Where the system has no descriptors of processes a thread waits for the
// child, and then closes the writing end of a pipe.
typedef struct {
    pid_t pid;
    int fd; // the pipe's
} Waiter;

static void *run_waiter(void *arg)
{
    Waiter *w = arg;
    siginfo_t unused;
    // WNOWAIT: its status is for child_wait.
    while (waitid(P_PID, (id_t)w->pid, &unused, WEXITED | WNOWAIT) != 0
           && errno == EINTR) {
    }
    close(w->fd);
    free(w);
    return NULL;
}

// 0 or an error number. The thread knows nothing of the node, and may outlive
// it.
static int start_waiter(pid_t pid, int fd)
{
    pthread_t thread;
    Waiter *w = memory_alloc(sizeof *w);
    *w = (Waiter){pid, fd};
    int error = pthread_create(&thread, NULL, run_waiter, w);
    if (error == 0)
        pthread_detach(thread);
    else
        free(w);
    return error;
}

static int open_waiter(pid_t pid)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    int error = start_waiter(pid, ends[1]);
    if (error == 0) return ends[0];
    close(ends[0]);
    close(ends[1]);
    errno = error;
    return -1;
}

// Some sandboxes refuse calls that they do not know.
int child_open_end(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
    return open_waiter(pid);
}

int child_wait(pid_t pid)
{
    int status;
    pid_t found;
    do found = waitpid(pid, &status, 0);
    while (found < 0 && errno == EINTR);
    if (found < 0) return 0; // somebody else has waited for it
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
