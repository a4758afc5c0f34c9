// SPDX-License-Identifier: Apache-2.0
// What drivers send the owners of their ports: bytes, and the port's end.
#include <stdlib.h>

#include "bif.h"
#include "driver.h"
#include "nif.h"
#include "port_message.h"
#include "posix_error.h"

// ---- bytes ----

static Term data_term(const DriverPort *d, Heap *h, ErlDrvBinary *bin,
                      const char *bytes, size_t size)
{
    if (!d->binary) return heap_string(h, bytes, size, TERM_NIL);
    if (bin == NULL) return heap_binary(h, bytes, size);
    return driver_binary_term(h, bin, (size_t)(bytes - bin->orig_bytes), size);
}

// {Port, {data, Data}}: [header] as a list of bytes before the rest.
static int send_data(DriverPort *d, Signal *s, const char *header,
                     size_t header_size, Term data)
{
    Term all = heap_string(&s->heap, header, header_size, data);
    port_message_send(&d->port, s, heap_tuple2(&s->heap, ATOM_data, all));
    return 0;
}

// [bytes], which lie in [bin] unless that is NULL, behind [header].
static int output(ErlDrvPort port, const char *header, size_t header_size,
                  ErlDrvBinary *bin, char *bytes, size_t size)
{
    DriverPort *d = driver_port_of(port);
    if (d == NULL) return -1;
    if (d->flushing) return 0;
    d->port.input += header_size + size;
    Signal *s = port_message_new(&d->port);
    Term data = size == 0 && header_size > 0
                    ? TERM_NIL
                    : data_term(d, &s->heap, bin, bytes, size);
    return send_data(d, s, header, header_size, data);
}

int driver_output2(ErlDrvPort port, char *header, ErlDrvSizeT header_size,
                   char *bytes, ErlDrvSizeT size)
{
    return output(port, header, header_size, NULL, bytes, size);
}

int driver_output(ErlDrvPort port, char *bytes, ErlDrvSizeT size)
{
    return output(port, NULL, 0, NULL, bytes, size);
}

int driver_output_binary(ErlDrvPort port, char *header,
                         ErlDrvSizeT header_size, ErlDrvBinary *bin,
                         ErlDrvSizeT offset, ErlDrvSizeT size)
{
    return output(port, header, header_size, bin, bin->orig_bytes + offset,
                  size);
}

// The last piece comes first: a single binary is not put into a list.
int driver_outputv(ErlDrvPort port, char *header, ErlDrvSizeT header_size,
                   ErlIOVec *v, ErlDrvSizeT skip)
{
    DriverPort *d = driver_port_of(port);
    if (d == NULL) return -1;
    if (d->flushing) return 0;
    d->port.input += header_size + v->size - skip;
    Signal *s = port_message_new(&d->port);
    Heap *h = &s->heap;
    size_t left = v->size - skip; // bytes that are not in [data] yet
    Term data = TERM_NIL;
    for (int i = v->vsize; i-- > 0 && left > 0;) {
        size_t size = v->iov[i].iov_len;
        if (size == 0) continue;
        const char *bytes = v->iov[i].iov_base;
        if (size > left) {
            bytes += size - left;
            size = left;
        }
        left -= size;
        ErlDrvBinary *bin = v->binv == NULL ? NULL : v->binv[i];
        if (!d->binary)
            data = heap_string(h, bytes, size, data);
        else if (term_is_nil(data) && left == 0)
            data = data_term(d, h, bin, bytes, size);
        else
            data = heap_cons(h, data_term(d, h, bin, bytes, size), data);
    }
    if (term_is_nil(data) && d->binary && header_size == 0)
        data = heap_binary(h, "", 0);
    return send_data(d, s, header, header_size, data);
}

ErlDrvSizeT driver_vec_to_buf(ErlIOVec *v, char *to, ErlDrvSizeT room)
{
    size_t used = 0;
    for (int i = 0; i < v->vsize && used < room; i++) {
        size_t n = v->iov[i].iov_len;
        if (n > room - used) n = room - used;
        if (n == 0) continue; // the first piece is empty, and nowhere
        memcpy(to + used, v->iov[i].iov_base, n);
        used += n;
    }
    return used;
}

// ---- the end ----

static int fail(ErlDrvPort port, Term reason)
{
    DriverPort *d = driver_port_of(port);
    if (d == NULL) return -1;
    driver_queue_drop(&d->queue, d->queue.size);
    driver_port_exit(d, reason);
    return 0;
}

int driver_failure_eof(ErlDrvPort port)
{
    DriverPort *d = driver_port_of(port);
    if (d == NULL || !d->eof || d->closing) return fail(port, ATOM_normal);
    port_message_send(&d->port, port_message_new(&d->port), ATOM_eof);
    return 0;
}

int driver_failure_atom(ErlDrvPort port, char *reason)
{
    AtomTable *atoms = nif_thread()->node->atoms;
    return fail(port, atom_new(atoms, reason, strlen(reason)));
}

int driver_failure_posix(ErlDrvPort port, int error)
{
    AtomTable *atoms = nif_thread()->node->atoms;
    return fail(port, posix_error_name(atoms, error));
}

int driver_failure(ErlDrvPort port, int code)
{
    return code == 0 ? driver_failure_eof(port) : fail(port, term_small(code));
}

int driver_exit(ErlDrvPort port, int error)
{
    if (error != 0) return driver_failure_posix(port, error);
    return fail(port, ATOM_normal);
}

// ---- ports ----

void erl_drv_busy_msgq_limits(ErlDrvPort port, ErlDrvSizeT *low,
                              ErlDrvSizeT *high)
{
    // Messages to ports are taken as they come.
    if (low != NULL) *low = ERL_DRV_BUSY_MSGQ_DISABLED;
    if (high != NULL) *high = ERL_DRV_BUSY_MSGQ_DISABLED;
}

void set_busy_port(ErlDrvPort port, int on)
{
    DriverPort *d = driver_port_of(port);
    if (d != NULL) port_set_busy(&d->port, on != 0);
}

void set_port_control_flags(ErlDrvPort port, int flags)
{
    driver_port_of(port)->control_flags = flags;
}

int get_port_flags(ErlDrvPort port)
{
    return driver_port_of(port)->binary ? PORT_FLAG_BINARY : 0;
}

void erl_drv_set_os_pid(ErlDrvPort port, ErlDrvSInt pid)
{
    driver_port_of(port)->os_pid = pid;
}

ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData owner,
                              char *name, ErlDrvData data)
{
    Node *node = driver_port_of(creator)->port.node;
    Driver *driver = driver_for_command(node, name);
    if (driver == NULL || !term_is_local_pid((Term){owner})
        || !port_table_has_room(node))
        return (ErlDrvPort)-1;
    return (ErlDrvPort)driver_port_add(driver, node, (Term){owner}, data);
}

int driver_lock_driver(ErlDrvPort port)
{
    DriverPort *d = driver_port_of(port);
    d->driver->permanent = true;
    driver_tell(d->driver, d->port.node, ATOM_driver_permanent);
    return 0;
}

ErlDrvTermData driver_mk_port(ErlDrvPort port)
{
    return driver_port_of(port)->port.id.bits;
}

ErlDrvTermData driver_connected(ErlDrvPort port)
{
    return driver_port_of(port)->port.owner.bits;
}

ErlDrvTermData driver_caller(ErlDrvPort port)
{
    return driver_port_of(port)->port.caller.bits;
}

const ErlDrvTermData driver_term_nil = TAG_NIL;
