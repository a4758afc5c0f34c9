// SPDX-License-Identifier: Apache-2.0
// Command: the command line as people type it, made into the flags that the
// node and init:boot/1 know.
//
//     merle FILE ARG...      runs the script FILE, with the flags of its "%%!"
//                            line
//     merle -e EXPR ARG...   evaluates EXPR, then ends
//     merle test ARG...      runs tests
//     ERL_AFLAGS             stands before all, ERL_FLAGS and ERL_ZFLAGS behind
//     -args_file FILE        stands for the words in FILE
//     -extra ARG...          of each of these goes behind all flags
//     -env NAME VALUE        sets a variable of the environment, at once
#ifndef MERLE_COMMAND_H
#define MERLE_COMMAND_H

#include <stdbool.h>

// On the C stack of main; arguments are pointers to be left alone.
typedef struct Command Command;
struct Command {
    int argc; // words so far
    char **argv;   // NULL at the end; texts are the program's or [owned]
    int room; // of argv
    char **owned; // texts of malloc that argv points to
    int owned_count, owned_room; // of owned
    bool detaches; // -detached: runs on its own, without a terminal
    bool shows;    // -emu_args_exit: the flags are printed, that is all
    Command *extra; // words behind -extra, of all places; while it is made
};

// Whether the program was called for its usage; it was printed then.
// -h, -help and --help as the only argument.
bool command_helps(int argc, char **argv);

// Ends the program, with a message, when a flag has no value.
void command_init(Command *c, int argc, char **argv);

// Prints what -emu_args_exit asks for: the emulator's flags, those that init
// gets from the program itself, and the rest.
void command_show(const Command *c);

// Behind the node's end: its arguments are used all the time.
void command_free(Command *c);

#endif
