// SPDX-License-Identifier: Apache-2.0
// to_erl [PIPE]: the terminal of a system that run_erl runs; ^D leaves it.
// PIPE as run_erl has it; of a folder (/tmp/ when nothing is said) the highest
// number.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { NAME_MOST = 4096, BUFFER = 4096, CTRL_D = 4 };

static void fail(const char *what)
{
    fprintf(stderr, "to_erl: %s: %s\n", what, strerror(errno));
    exit(1);
}

// The number behind the last dot but one of a pipe's name.
static int pipe_number(const char *name)
{
    const char *at = strstr(name, "erlang.pipe.");
    return at == NULL ? 0 : atoi(at + strlen("erlang.pipe."));
}

static void find_pipe(const char *given, char *base)
{
    size_t size = strlen(given);
    if (given[size - 1] != '/') {
        snprintf(base, NAME_MOST, "%s", given);
        return;
    }
    char pattern[NAME_MOST];
    snprintf(pattern, sizeof pattern, "%serlang.pipe.*.r", given);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        fprintf(stderr, "No running Erlang on pipe %serlang.pipe\n", given);
        exit(1);
    }
    const char *best = found.gl_pathv[0];
    for (size_t i = 1; i < found.gl_pathc; i++)
        if (pipe_number(found.gl_pathv[i]) > pipe_number(best))
            best = found.gl_pathv[i];
    // Without its ending.
    snprintf(base, NAME_MOST, "%.*s", (int)strlen(best) - 2, best);
    globfree(&found);
}

static int open_pipe(const char *base, const char *ending, int flags)
{
    char name[NAME_MOST + 2];
    snprintf(name, sizeof name, "%s%s", base, ending);
    int fd = open(name, flags | O_NONBLOCK);
    if (fd < 0) fail(name);
    return fd;
}

// Carries bytes both ways until ^D, or until the system is gone.
static void serve(int from, int to)
{
    char bytes[BUFFER];
    struct pollfd fds[] = {{0, POLLIN, 0}, {from, POLLIN, 0}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) return;
        if ((fds[1].revents & POLLIN) != 0) {
            ssize_t n = read(from, bytes, sizeof bytes);
            if (n > 0 && write(1, bytes, (size_t)n) < 0) return;
        }
        if (fds[0].revents != 0) {
            ssize_t n = read(0, bytes, sizeof bytes);
            if (n <= 0 || bytes[0] == CTRL_D) return;
            if (write(to, bytes, (size_t)n) < 0) return;
        }
    }
}

int main(int argc, char **argv)
{
    char base[NAME_MOST];
    find_pipe(argc > 1 ? argv[argc - 1] : "/tmp/", base);
    // Read and write: the pipe stays open while nobody writes to it.
    int from = open_pipe(base, ".r", O_RDWR);
    int to = open_pipe(base, ".w", O_WRONLY);
    printf("Attaching to %s (^D to exit)\n\n", base);
    fflush(stdout);
    struct termios before, raw;
    int is_terminal = tcgetattr(0, &before) == 0;
    if (is_terminal) {
        raw = before;
        cfmakeraw(&raw);
        tcsetattr(0, TCSANOW, &raw);
    }
    serve(from, to);
    if (is_terminal) tcsetattr(0, TCSANOW, &before);
    printf("[Quit]\n");
    return 0;
}
