// SPDX-License-Identifier: Apache-2.0
// run_erl [-daemon] PIPE LOG-FOLDER COMMAND: runs a system on a terminal of
// its own, whose output is kept in files; to_erl talks with it over two pipes.
//
// PIPE is the beginning of the pipes' names, or a folder, where the first free
// name erlang.pipe.N is taken: PIPE.r carries output to to_erl, PIPE.w what is
// typed there. Logs are erlang.log.1 .. N, of which the oldest is overwritten.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NAME_MOST = 4096, BUFFER = 4096 };

typedef struct {
    const char *folder;
    int generation, generations; // the one that is written; how many
    long size, most;             // bytes of it
    int fd;
} Log;

// A number of the environment, or [otherwise].
static long number(const char *name, long least, long otherwise)
{
    const char *text = getenv(name);
    long n = text == NULL ? 0 : strtol(text, NULL, 10);
    return n >= least ? n : otherwise;
}

static void fail(const char *what)
{
    fprintf(stderr, "run_erl: %s: %s\n", what, strerror(errno));
    exit(1);
}

// ---- logs ----

static void log_write(Log *log, const char *bytes, size_t size);

static void log_open(Log *log)
{
    char name[NAME_MOST], head[128], now[64];
    snprintf(name, sizeof name, "%s/erlang.log.%d", log->folder,
             log->generation);
    log->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    log->size = 0;
    time_t t = time(NULL);
    struct tm local;
    strftime(now, sizeof now, "%a %b %e %T %Z %Y", localtime_r(&t, &local));
    int n = snprintf(head, sizeof head,
                     "\n=====\n===== LOGGING STARTED %s\n=====\n", now);
    log_write(log, head, (size_t)n);
}

// The next file when this one is full. What cannot be written is lost: the
// system goes on.
static void log_write(Log *log, const char *bytes, size_t size)
{
    if (log->fd < 0) return;
    if (log->size > log->most) {
        close(log->fd);
        log->generation = log->generation % log->generations + 1;
        log_open(log);
        if (log->fd < 0) return;
    }
    ssize_t n = write(log->fd, bytes, size);
    if (n > 0) log->size += n;
}

// ---- pipes ----

static bool make_pipes(const char *base)
{
    char name[NAME_MOST + 2];
    snprintf(name, sizeof name, "%s.r", base);
    if (mkfifo(name, 0600) != 0) return false;
    snprintf(name, sizeof name, "%s.w", base);
    return mkfifo(name, 0600) == 0;
}

static void remove_pipes(const char *base)
{
    char name[NAME_MOST + 2];
    snprintf(name, sizeof name, "%s.r", base);
    unlink(name);
    snprintf(name, sizeof name, "%s.w", base);
    unlink(name);
}

// A folder's first free name; a name that is given is taken over.
static void name_pipes(const char *given, char *base)
{
    size_t size = strlen(given);
    if (size > 0 && given[size - 1] != '/') {
        snprintf(base, NAME_MOST, "%s", given);
        remove_pipes(base);
        if (!make_pipes(base)) fail(base);
        return;
    }
    for (int n = 1; n < 1000; n++) {
        snprintf(base, NAME_MOST, "%serlang.pipe.%d", given, n);
        if (make_pipes(base)) return;
    }
    fail(given);
}

// Output goes to to_erl if one reads.
static void tell(const char *base, const char *bytes, size_t size)
{
    char name[NAME_MOST + 2];
    snprintf(name, sizeof name, "%s.r", base);
    int fd = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, bytes, size) < 0) errno = 0; // it does not read fast enough
    close(fd);
}

// ---- the system ----

static void become_daemon(void)
{
    pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (pid > 0) exit(0);
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    if (null > 2) close(null);
}

// Carries bytes until the system has ended.
static void serve(int terminal, const char *base, Log *log)
{
    char name[NAME_MOST + 2], bytes[BUFFER];
    snprintf(name, sizeof name, "%s.w", base);
    // Read and write: the pipe has no end when a to_erl goes.
    int typed = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct pollfd fds[] = {{terminal, POLLIN, 0}, {typed, POLLIN, 0}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) return;
        if (fds[0].revents != 0) {
            ssize_t n = read(terminal, bytes, sizeof bytes);
            if (n <= 0) return;
            log_write(log, bytes, (size_t)n);
            tell(base, bytes, (size_t)n);
        }
        if ((fds[1].revents & POLLIN) != 0) {
            ssize_t n = read(typed, bytes, sizeof bytes);
            if (n > 0 && write(terminal, bytes, (size_t)n) < 0) return;
        }
    }
}

int main(int argc, char **argv)
{
    bool daemon = argc > 1 && strcmp(argv[1], "-daemon") == 0;
    char **arg = argv + (daemon ? 2 : 1);
    if (argc - (arg - argv) < 3) {
        fprintf(stderr, "usage: %s [-daemon] PIPE LOG-FOLDER COMMAND\n",
                argv[0]);
        return 1;
    }
    char base[NAME_MOST];
    name_pipes(arg[0], base);
    if (daemon) become_daemon();
    signal(SIGPIPE, SIG_IGN);
    int terminal;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    pid_t pid = forkpty(&terminal, NULL, NULL, &size);
    if (pid < 0) fail("forkpty");
    if (pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        execl("/bin/sh", "sh", "-c", arg[2], (char *)NULL);
        _exit(127);
    }
    Log log = {.folder = arg[1], .generation = 1,
               .generations = (int)number("RUN_ERL_LOG_GENERATIONS", 2, 5),
               .most = number("RUN_ERL_LOG_MAXSIZE", 1000, 100000)};
    log_open(&log);
    serve(terminal, base, &log);
    remove_pipes(base);
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
