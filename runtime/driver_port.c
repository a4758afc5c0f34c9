// SPDX-License-Identifier: Apache-2.0
// Ports of drivers: opening, what processes ask of them, and their end.
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "bif.h"
#include "driver.h"
#include "external.h"
#include "memory.h"
#include "nif.h"

// ---- around a driver's functions ----

// Functions may call others of the same port: only the outermost leaves.
void driver_enter(DriverPort *d)
{
    nif_thread()->node = d->port.node;
    nif_thread()->loop = true;
    d->depth++;
}

static void free_queue(DriverQueue *q)
{
    // Pieces hold binaries: those are given back, then the arrays.
    driver_queue_drop(q, q->size);
    free(q->bytes);
    free(q->bins);
}

// Nothing of it is wanted any more.
static void finish(DriverPort *d)
{
    Driver *driver = d->driver;
    Node *node = d->port.node;
    // Before stop: no function is to be called after it.
    driver_events_end(d);
    d->depth++; // what stop asks for comes too late
    if (driver->entry->stop != NULL && d->data != NULL)
        driver->entry->stop(d->data);
    // Its threads may have counts of their own.
    if (d->lock != NULL) driver_pdl_dec_refc(d->lock);
    port_free(&d->port);
    // The port is gone, and the driver may go: its keeper decides that.
    driver->ports--;
    if (driver->ports == 0) driver_tell(driver, node, ATOM_driver_idle);
}

void driver_leave(DriverPort *d)
{
    // The outermost has returned: what was asked for meanwhile is done.
    if (--d->depth > 0) return;
    if (d->closing && (d->exits || d->queue.size == 0))
        finish(d);
    else if (!d->port.ended && d->exits)
        port_exit(&d->port, d->reason);
}

void driver_port_exit(DriverPort *d, Term reason)
{
    d->reason = reason;
    d->exits = true;
    driver_enter(d);
    driver_leave(d);
}

// ---- as a port ----

// In a binary, for a driver that gets vectors may keep it in its queue. The
// first piece is empty, as in OTP, for a header of the driver's.
static void send_vector(DriverPort *d, const uint8_t *bytes, size_t size)
{
    ErlDrvBinary *bin = driver_binary_new(size);
    memcpy(bin->orig_bytes, bytes, size);
    SysIOVec iov[] = {{NULL, 0}, {bin->orig_bytes, size}};
    ErlDrvBinary *bins[] = {NULL, bin};
    ErlIOVec v = {.vsize = 2, .size = size, .iov = iov, .binv = bins};
    d->driver->entry->outputv(d->data, &v);
    // The driver has counted it if it keeps it.
    counted_release(&driver_blob(bin)->counted);
}

static void output(Port *port, uint8_t *bytes, size_t size)
{
    DriverPort *d = (DriverPort *)port;
    const ErlDrvEntry *e = d->driver->entry;
    port->output += size;
    driver_enter(d);
    if (e->outputv != NULL)
        send_vector(d, bytes, size);
    else if (e->output != NULL)
        e->output(d->data, (char *)bytes, size);
    // Not needed any more: drivers keep copies, or binaries.
    free(bytes);
    driver_leave(d);
}

// What a port still holds back is written first, unless it is killed.
static void stop(Port *port, bool flush)
{
    DriverPort *d = (DriverPort *)port;
    bool waits = flush && !d->exits && d->queue.size > 0;
    d->closing = true;
    d->flushing = waits;
    // Killed, or nothing to write: it goes when its functions have returned.
    if (!waits) d->exits = true;
    driver_enter(d);
    if (waits && d->driver->entry->flush != NULL)
        d->driver->entry->flush(d->data);
    driver_leave(d);
}

// By port_free, at last.
static void release(Port *port)
{
    DriverPort *d = (DriverPort *)port;
    *d->link = d->next;
    if (d->next != NULL) d->next->link = d->link;
    free_queue(&d->queue);
    free(port->text);
}

static int64_t os_pid(const Port *port)
{
    return ((const DriverPort *)port)->os_pid;
}

static size_t queue_size(const Port *port)
{
    return ((const DriverPort *)port)->queue.size;
}

// What a driver's function answers in memory: in [local] of the caller, in
// memory of driver_alloc, or (as the port's flags say) in a binary.
static Term take_answer(const DriverPort *d, Heap *h, char *answer,
                        const char *local, size_t size)
{
    bool binary = (d->control_flags & PORT_CONTROL_FLAG_BINARY) != 0;
    if (answer == NULL) return TERM_NIL;
    // It has written into the room that it was given.
    if (answer == local)
        return port_data(h, (const uint8_t *)local, size, binary);
    if (!binary) {
        Term list = heap_string(h, answer, size, TERM_NIL);
        free(answer);
        return list;
    }
    // The binary is the caller's now: its count is given back here.
    ErlDrvBinary *bin = (ErlDrvBinary *)answer;
    // A driver may say more than there is.
    if (size > (size_t)bin->orig_size) size = (size_t)bin->orig_size;
    Term t = driver_binary_term(h, bin, 0, size);
    counted_release(&driver_blob(bin)->counted);
    return t;
}

static Term control(Port *port, PortCall *call)
{
    DriverPort *d = (DriverPort *)port;
    char local[64], *answer = local;
    if (d->driver->entry->control == NULL) return ATOM_badarg;
    driver_enter(d);
    // A size below 0 says that it takes no such command.
    ErlDrvSSizeT size = d->driver->entry->control(
        d->data, call->number, (char *)call->bytes, call->size, &answer,
        sizeof local);
    Term t = size < 0 ? ATOM_badarg
                      : take_answer(d, &call->heap, answer, local,
                                    (size_t)size);
    driver_leave(d);
    return t;
}

// Question and answer are terms in the external format.
static Term call(Port *port, PortCall *call)
{
    DriverPort *d = (DriverPort *)port;
    char local[256], *answer = local;
    unsigned flags = 0;
    size_t used;
    ExternalInput input = {0};
    if (d->driver->entry->call == NULL) return ATOM_badarg;
    driver_enter(d);
    ErlDrvSSizeT size = d->driver->entry->call(
        d->data, call->number, (char *)call->bytes, call->size, &answer,
        sizeof local, &flags);
    // Checked as bytes of a stranger: what is no term is badarg.
    Term t = size <= 0 ? TERM_NONE
                       : external_decode(port->node, &call->heap,
                                         (const uint8_t *)answer, (size_t)size,
                                         &input, &used);
    if (answer != local && !(flags & DRIVER_CALL_KEEP_BUFFER)) free(answer);
    driver_leave(d);
    return term_is_none(t) ? ATOM_badarg : t;
}

// port_command with force gets through to those that allow it.
static bool may_force(const Port *port)
{
    const DriverPort *d = (const DriverPort *)port;
    return (d->driver->entry->driver_flags & ERL_DRV_FLAG_SOFT_BUSY) != 0;
}

static const PortKind driver_kind = {
    .output = output, .stop = stop, .release = release, .os_pid = os_pid,
    .queue_size = queue_size,
    .control = control, .call = call, .down = driver_watch_fire,
    .watched = driver_watched, .may_force = may_force, .holds = true};

// ---- opening ----

// Counted from here on, so that the driver stays loaded while it starts.
static DriverPort *new_port(Driver *driver, Node *node)
{
    DriverTable *t = node->drivers;
    DriverPort *d = memory_zeroed(1, sizeof *d);
    d->port.node = node;
    d->driver = driver;
    driver->ports++;
    d->next = t->ports;
    d->link = &t->ports;
    if (t->ports != NULL) t->ports->link = &d->next;
    t->ports = d;
    return d;
}

// Calls the driver's start; 0, an error number, or -1 for badarg.
static int start(DriverPort *d, char *command)
{
    if (d->driver->entry->start == NULL) return 0;
    driver_enter(d);
    // It is read even if start fails in another way: it must not be an old one.
    errno = 0;
    ErlDrvData data = d->driver->entry->start((ErlDrvPort)d, command);
    int error = errno;
    // Not driver_leave: what it asks for is done when the port is known to be
    // good.
    d->depth--;
    if (data == ERL_DRV_ERROR_BADARG) return -1;
    if (data == ERL_DRV_ERROR_GENERAL) return EINVAL;
    if (data == ERL_DRV_ERROR_ERRNO) return error != 0 ? error : EINVAL;
    d->data = data;
    return 0;
}

int driver_port_open(Node *node, Driver *driver, PortOptions *o, Term owner,
                     Term *id)
{
    DriverPort *d = new_port(driver, node);
    d->port.text = o->text;
    o->text = NULL;
    d->binary = o->binary;
    d->eof = o->eof;
    // Who opens it is whom driver_caller names in start.
    d->port.caller = owner;
    port_init(&d->port, &driver_kind, owner);
    int error = start(d, d->port.text);
    // As if it had never been: nobody is told.
    if (error != 0) {
        driver_events_end(d);
        if (d->lock != NULL) driver_pdl_dec_refc(d->lock);
        port_forget(&d->port);
        driver->ports--;
        return error;
    }
    *id = d->port.id;
    // Later: who opens it must learn of the port before its end.
    if (d->exits) port_exit_later(&d->port, d->reason);
    return 0;
}

// create_port: start is not called, its data comes from another port's
// function.
DriverPort *driver_port_add(Driver *driver, Node *node, Term owner,
                            ErlDrvData data)
{
    const AtomText *name = atom_text(node->atoms, driver->name);
    DriverPort *d = new_port(driver, node);
    d->port.text = memcpy(memory_alloc(strlen(name->bytes) + 1), name->bytes,
                          strlen(name->bytes) + 1);
    d->data = data;
    port_init(&d->port, &driver_kind, owner);
    return d;
}
