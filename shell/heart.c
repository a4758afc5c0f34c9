// SPDX-License-Identifier: Apache-2.0
// The watchdog of a node. Messages both ways are a length (2 bytes, high byte
// first), a letter and what belongs to it; the letters are OTP's.
// No node, no threads: it must live when the node does not. Messages are read
// one at a time from a pipe.
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

// The order is that of the protocol.
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

// Seconds; HEART_BEAT_TIMEOUT must lie between the two limits.
enum { COMMAND_MOST = 2048, BEAT_LEAST = 11, BEAT_MOST = 65535, BEAT = 60 };

// What the guard knows of its node.
typedef struct {
    pid_t node;                 // 0: unknown, nobody is killed
    int patience;               // seconds between two signs of life
    char command[COMMAND_MOST]; // "": HEART_COMMAND
} Guard;

// How the node went away.
// Only TOOK_LEAVE is an orderly end.
typedef enum { STILL_THERE, TOOK_LEAVE, CLOSED, SILENT } Fate;

// As OTP's heart writes it, time first: people search logs for these words.
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

// A signal in between is no end.
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

// Never longer than the pipe takes at once.
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

// Commands are kept as they are; a shell reads them.
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
    // A length that cannot be is a broken pipe: the node is gone.
    if (size == 0 || size >= sizeof message || !read_all(message, size))
        return CLOSED;
    return obey(guard, message, size);
}

// Any message is a sign of life.
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
// Waits in steps of a tenth of a second.
static void end_node(const Guard *guard, Fate fate)
{
    enum { TRIES = 50, TRY_NS = 100000000 };
    const struct timespec pause = {.tv_nsec = TRY_NS};
    if (guard->node <= 0 || getenv("HEART_NO_KILL") != NULL) return;
    if (fate == CLOSED) {
        say("Wait 5 seconds for Erlang to terminate nicely");
        // Signal 0 only asks whether it is there.
        for (int i = 0; i < TRIES && kill(guard->node, 0) == 0; i++)
            nanosleep(&pause, NULL);
        if (kill(guard->node, 0) < 0) return;
        say("Erlang still alive, kill it");
    }
    // SIGABRT leaves a core dump to look at.
    const char *wish = getenv("HEART_KILL_SIGNAL");
    bool aborts = wish != NULL && strcmp(wish, "SIGABRT") == 0;
    if (kill(guard->node, aborts ? SIGABRT : SIGKILL) < 0 && errno != ESRCH)
        say("Unable to kill old process, kill failed");
}

// The command starts the node anew; this guard ends, the new node has its own.
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

// argv[2] is the process to watch.
int heart_guard(int argc, char **argv)
{
    Guard guard = {.patience = BEAT};
    if (argc > 2) guard.node = (pid_t)strtol(argv[2], NULL, 10);
    const char *patience = getenv("HEART_BEAT_TIMEOUT");
    long seconds = patience != NULL ? strtol(patience, NULL, 10) : 0;
    if (seconds >= BEAT_LEAST && seconds <= BEAT_MOST)
        guard.patience = (int)seconds;
    fprintf(stderr, "heart_beat_kill_pid = %ld\n", (long)guard.node);
    // A node that is gone shows itself by the end of the input.
    signal(SIGPIPE, SIG_IGN);
    // The node waits for this before it goes on.
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
