// SPDX-License-Identifier: Apache-2.0
// The watchdog of a node. Messages both ways are a length (2 bytes, high byte
// first), a letter and what belongs to it; the letters are OTP's.
#include "heart.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    HEART_ACK = 1,
    HEART_BEAT,
    HEART_SHUT_DOWN,
    HEART_SET_COMMAND,
    HEART_CLEAR_COMMAND,
    HEART_GET_COMMAND,
    HEART_COMMAND,
    HEART_PREPARING_CRASH
};

enum { COMMAND_MOST = 2048, BEAT_LEAST = 11, BEAT_MOST = 65535, BEAT = 60 };

typedef struct {
    pid_t node;
    int patience;               // seconds between two signs of life
    char command[COMMAND_MOST]; // "": HEART_COMMAND
} Guard;

// How the node went away.
typedef enum { STILL_THERE, TOOK_LEAVE, CLOSED, SILENT } Fate;

static void say(const char *format, ...)
{
    time_t now = time(NULL);
    char when[32];
    va_list values;
    strftime(when, sizeof when, "%a %b %e %H:%M:%S %Y", localtime(&now));
    fprintf(stderr, "heart: %s: ", when);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
}

static bool read_all(uint8_t *to, size_t size)
{
    while (size > 0) {
        ssize_t n = read(STDIN_FILENO, to, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        to += n;
        size -= (size_t)n;
    }
    return true;
}

static void answer(uint8_t letter, const char *text)
{
    uint8_t message[COMMAND_MOST + 3];
    size_t size = strlen(text);
    message[0] = (uint8_t)((size + 1) >> 8);
    message[1] = (uint8_t)(size + 1);
    message[2] = letter;
    memcpy(message + 3, text, size);
    if (write(STDOUT_FILENO, message, size + 3) < 0)
        return; // nobody is there: the next read tells
}

static Fate obey(Guard *guard, const uint8_t *message, size_t size)
{
    switch (message[0]) {
    case HEART_SHUT_DOWN: return TOOK_LEAVE;
    case HEART_SET_COMMAND:
        memcpy(guard->command, message + 1, size - 1);
        guard->command[size - 1] = 0;
        answer(HEART_ACK, "");
        break;
    case HEART_CLEAR_COMMAND:
        guard->command[0] = 0;
        answer(HEART_ACK, "");
        break;
    case HEART_GET_COMMAND: answer(HEART_COMMAND, guard->command); break;
    default: break; // a beat
    }
    return STILL_THERE;
}

static Fate hear(Guard *guard)
{
    uint8_t head[2], message[COMMAND_MOST];
    if (!read_all(head, sizeof head)) return CLOSED;
    size_t size = (size_t)head[0] << 8 | head[1];
    if (size == 0 || size >= sizeof message || !read_all(message, size))
        return CLOSED;
    return obey(guard, message, size);
}

static Fate watch(Guard *guard)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    Fate fate = STILL_THERE;
    while (fate == STILL_THERE) {
        int ready = poll(&input, 1, guard->patience * 1000);
        if (ready < 0 && errno == EINTR) continue;
        fate = ready == 0 ? SILENT : hear(guard);
    }
    return fate;
}

// A node that has closed its end may still write a dump; one that is silent
// gets no time.
static void end_node(const Guard *guard, Fate fate)
{
    enum { TRIES = 50, TRY_NS = 100000000 };
    const struct timespec pause = {.tv_nsec = TRY_NS};
    if (guard->node <= 0 || getenv("HEART_NO_KILL") != NULL) return;
    if (fate == CLOSED) {
        say("Wait 5 seconds for Erlang to terminate nicely");
        for (int i = 0; i < TRIES && kill(guard->node, 0) == 0; i++)
            nanosleep(&pause, NULL);
        if (kill(guard->node, 0) < 0) return;
        say("Erlang still alive, kill it");
    }
    const char *wish = getenv("HEART_KILL_SIGNAL");
    bool aborts = wish != NULL && strcmp(wish, "SIGABRT") == 0;
    if (kill(guard->node, aborts ? SIGABRT : SIGKILL) < 0 && errno != ESRCH)
        say("Unable to kill old process, kill failed");
}

static void start_again(const Guard *guard)
{
    const char *command = guard->command;
    if (*command == 0) command = getenv("HEART_COMMAND");
    if (command == NULL || *command == 0) {
        say("Would reboot. Terminating.");
        return;
    }
    int status = system(command);
    say("Executed \"%s\" -> %d. Terminating.", command, status);
}

int heart_guard(int argc, char **argv)
{
    Guard guard = {.patience = BEAT};
    if (argc > 2) guard.node = (pid_t)strtol(argv[2], NULL, 10);
    const char *patience = getenv("HEART_BEAT_TIMEOUT");
    long seconds = patience != NULL ? strtol(patience, NULL, 10) : 0;
    if (seconds >= BEAT_LEAST && seconds <= BEAT_MOST)
        guard.patience = (int)seconds;
    fprintf(stderr, "heart_beat_kill_pid = %ld\n", (long)guard.node);
    signal(SIGPIPE, SIG_IGN);
    answer(HEART_ACK, "");
    Fate fate = watch(&guard);
    if (fate == TOOK_LEAVE) return EXIT_SUCCESS;
    if (fate == CLOSED) say("Erlang has closed.");
    else
        say("heart-beat time-out, no activity for %d seconds", guard.patience);
    end_node(&guard, fate);
    start_again(&guard);
    return EXIT_SUCCESS;
}
