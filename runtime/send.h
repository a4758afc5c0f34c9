// SPDX-License-Identifier: Apache-2.0
// Send: what Erlang's "!" does with any destination.
#ifndef MERLE_SEND_H
#define MERLE_SEND_H

#include "process.h"

typedef enum {
    SEND_DONE,         // or dropped, as the language has it
    SEND_BADARG,       // no destination, or a name that nobody has
    SEND_NO_CONNECTION // to a node that is not reached
} SendResult;

// Sends [message] from running process [p] to a pid, port, name, alias or
// {Name, Node}; [options] are DIST_... of dist.h.
SendResult send_message(Process *p, Term to, Term message, unsigned options);

#endif
