// SPDX-License-Identifier: Apache-2.0
// Port poll: a descriptor of a direct port, which the poller tells of.
#ifndef MERLE_PORT_POLL_H
#define MERLE_PORT_POLL_H

#include "poller.h"
#include "port.h"

// A part of its port, which it keeps as long as the poller may tell of it.
typedef struct {
    PollerWatch watch; // must be first
    Port *port;
    void (*ready)(Port *port, uint32_t events); // under the port's lock
} PortPoll;

void port_poll_init(PortPoll *p, Port *port,
                    void (*ready)(Port *port, uint32_t events));

// Has [events] of [fd] told from now on; 0 or an error number. Under the port's
// lock, as all that follows.
int port_poll_for(PortPoll *p, int fd, uint32_t events);

// Ends it, before the descriptor is closed.
void port_poll_stop(PortPoll *p);

#endif
