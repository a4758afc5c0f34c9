// SPDX-License-Identifier: Apache-2.0
// What the runtime itself tells the logger: crashes of processes and the like.
#ifndef MERLE_PROCESS_LOG_H
#define MERLE_PROCESS_LOG_H

#include "process.h"

// Logs the end of a process that PROCESS_CRASHED says is worth it.
void process_log_exit(Process *p);

// Sends {log, [level], [format], [args], Metadata} to the process `logger`, or
// prints it on stderr when there is none. [leader] is the group leader the
// event is said to have.
void process_log(Node *node, Term level, const char *format, Term args,
                 Process *about);

// Who gets these events: a pid, the atom logger, or undefined for nobody.
Term process_logger(Node *node);

#endif
