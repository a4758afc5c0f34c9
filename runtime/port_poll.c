// SPDX-License-Identifier: Apache-2.0
// Port poll: between the poller and a port.
//
// The poller holds the port until it has retired the watch: an event that was
// seen before the port ended finds it still there.
#include "port_poll.h"

static void tell(PollerWatch *watch, uint32_t events)
{
    PortPoll *p = (PortPoll *)watch;
    port_hold(p->port);
    // Forgotten between the event and the lock: it is old.
    if (watch->known) p->ready(p->port, events);
    port_leave(p->port);
}

static void retire(PollerWatch *watch)
{
    PortPoll *p = (PortPoll *)watch;
    port_drop(p->port);
}

void port_poll_init(PortPoll *p, Port *port,
                    void (*ready)(Port *port, uint32_t events))
{
    *p = (PortPoll){{.ready = tell, .retire = retire}, port, ready};
}

int port_poll_for(PortPoll *p, int fd, uint32_t events)
{
    Poller *poller = p->port->node->poller;
    bool known = p->watch.known;
    if (known && p->watch.events == events) return 0;
    // Before the poller can tell of it.
    if (!known) port_keep(p->port);
    int error = poller_watch(poller, &p->watch, fd, events);
    // The caller has the port's lock, so this is not its last holder.
    if (error != 0 && !known) port_drop(p->port);
    return error;
}

void port_poll_stop(PortPoll *p)
{
    poller_forget(p->port->node->poller, &p->watch);
}
