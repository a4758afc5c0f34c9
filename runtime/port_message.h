// SPDX-License-Identifier: Apache-2.0
// Messages of ports, to them and from them.
#ifndef MERLE_PORT_MESSAGE_H
#define MERLE_PORT_MESSAGE_H

#include "port.h"
#include "signal.h"

// A message to [port]'s owner: build {Port, [what]} on its heap, then send.
Signal *port_message_new(Port *port);
void port_message_send(Port *port, Signal *s, Term what);

// Whether [message] is {Owner, {command, Data}}; on any thread.
bool port_message_is_command(Term message);

// Does what [message] of [from] says. It may end the port.
void port_message_take(Port *port, Term from, Term message);

#endif
