// SPDX-License-Identifier: Apache-2.0
// Port stream: a port that reads one file descriptor and writes another: a
// program's, or descriptors that were there.
//
// Packets and lines are made here, of what comes in whatever pieces.
#ifndef MERLE_PORT_STREAM_H
#define MERLE_PORT_STREAM_H

#include "port.h"

// What open_port was asked for. Strings and arrays are its own, of malloc.
typedef struct {
    char *command;      // program to run; NULL: descriptors in_fd and out_fd
    bool is_file;       // or the file called [text]
    bool is_program;    // [text] may name a driver instead of a program
    bool is_driver;     // and must
    char **args;        // of the program, ended by NULL
    char *directory;    // where it runs; NULL: here
    char **environment; // as "NAME=VALUE", ended by NULL
    char *text;         // what the port is called
    int in_fd, out_fd;  // for descriptors that were there
    unsigned packet;    // bytes of the length before a packet; 0: none
    size_t line;        // most bytes of a line; 0: no lines
    size_t high, low;   // limits of being busy; 0: the default
    // As open_port's options of those names.
    bool binary, eof, exit_status, in, out, stdio, stderr_to_stdout;
} PortOptions;

void port_options_free(PortOptions *o);

// Opens a port of [owner], which is called [*id]; 0 or an error number. Takes
// what it needs of [o]. On the loop's thread.
int port_stream_open(Node *node, PortOptions *o, Term owner, Term *id);

#endif
