// SPDX-License-Identifier: Apache-2.0
// Terminal: the program's standard input and output, on the node's I/O loop.
// What is typed goes as messages to the process that opened it:
//
//     {prim_tty, Ref, {data, Binary}}
//     {prim_tty, Ref, eof}
//     {prim_tty, Ref, {signal, winch | resume}}
//
// On a terminal raw mode turns the line discipline off, so that keys come as
// they are typed. The terminal is put back as it was found by
// terminal_restore.
// The io server is that process; it gets bytes, and cuts them into keys itself.
#ifndef MERLE_TERMINAL_H
#define MERLE_TERMINAL_H

#include <stdatomic.h>

#include "counted.h"
#include "node.h"
#include "ref.h"

// One for each program, though it hangs on a node.
typedef struct Terminal Terminal;

// Looks at the terminal as it is found; changes nothing yet.
Terminal *terminal_new(Node *node);

// Puts the terminal back as it was found; nothing is read any more.
// Safe to call twice.
void terminal_restore(Terminal *t);

// After node_stop.
// No thread may read any more.
void terminal_free(Terminal *t);

// The terminal of [node].
// NULL before main has set it.
Terminal *terminal_of(Node *node);

// Where the one thing lies that all shells of a node have in common: see
// bif_merle_keep.c, which sets it once. It goes with the terminal.
_Atomic(Counted *) *terminal_keeper(Terminal *t);

// Makes [owner] the process that gets what is typed, under reference [ref].
// Reading starts when [input] says so. False when it is open already.
// Messages come until the end of input; nobody is told of an owner's death.
bool terminal_open(Terminal *t, Term owner, RefId ref, bool input);

// Turns raw mode on or off; false where there is no terminal.
// Waits until what was written is shown.
bool terminal_set_raw(Terminal *t, bool raw);

// Leaves raw mode and stops the program, as C-z does to others; answers when
// it goes on, in raw mode again. When somebody else stops it, the owner hears
// {signal, resume} afterwards, for the terminal shows something else then.
void terminal_suspend(Terminal *t);

// Whether standard input and output both are terminals.
bool terminal_is_terminal(void);

// The size of the window; false when there is none.
// Columns and rows as the kernel knows them.
bool terminal_window_size(int *columns, int *rows);

// Writes all of [bytes]; waits where need be. 0, or an error number.
// Any thread; two writers are told apart by nobody.
int terminal_write(const uint8_t *bytes, size_t size);

// Whether a few bytes can be written without waiting.
bool terminal_can_write(void);

#endif
