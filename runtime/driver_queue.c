// SPDX-License-Identifier: Apache-2.0
// The queues of drivers' ports, and the locks that let other threads of a
// driver use them.
#include <pthread.h>
#include <stdlib.h>

#include "driver.h"
#include "memory.h"
#include "nif.h"

static DriverQueue *queue_of(ErlDrvPort port)
{
    return &((DriverPort *)port)->queue;
}

// ---- pieces ----

// Makes room for [n] pieces before the first, or behind the last.
// A few places more than asked for, so that not every piece moves all.
static void make_room(DriverQueue *q, size_t n, bool before)
{
    // Twice what is needed: all moves together cost no more than what is put
    // in, at whichever end.
    size_t used = q->end - q->first, room = 2 * (used + n) + 8;
    // Enough on the side where they are wanted.
    if (before ? q->first >= n : q->room - q->end >= n) return;
    if (room > q->room) {
        q->bytes = memory_resize(q->bytes, room * sizeof *q->bytes);
        q->bins = memory_resize(q->bins, room * sizeof *q->bins);
        q->room = room;
    }
    size_t first = before ? q->room - used : 0; // all that is free is there
    // The arrays are one in two parts: they move together.
    memmove(q->bytes + first, q->bytes + q->first, used * sizeof *q->bytes);
    memmove(q->bins + first, q->bins + q->first, used * sizeof *q->bins);
    q->first = first;
    q->end = first + used;
}

// Takes [*skip] bytes off the front of [v]; false when nothing is left.
static bool skip_bytes(SysIOVec *v, size_t *skip)
{
    size_t n = *skip < v->iov_len ? *skip : v->iov_len;
    v->iov_base = (char *)v->iov_base + n;
    v->iov_len -= n;
    *skip -= n;
    return v->iov_len > 0;
}

// The piece to put into a queue: what lies in no binary is copied to one.
static ErlDrvBinary *keep(SysIOVec *v, ErlDrvBinary *bin)
{
    if (bin != NULL) {
        counted_keep(&driver_blob(bin)->counted);
        return bin;
    }
    bin = driver_binary_new(v->iov_len);
    memcpy(bin->orig_bytes, v->iov_base, v->iov_len);
    v->iov_base = bin->orig_bytes;
    return bin;
}

// Puts the bytes of [from] but for the first [skip] into the queue.
static int add(DriverQueue *q, const ErlIOVec *from, size_t skip, bool before)
{
    size_t at = 0, count = (size_t)from->vsize;
    make_room(q, count, before);
    // A row in front ends where the queue begins, in its own order.
    size_t to = before ? q->first - count : q->end;
    for (size_t i = 0; i < count; i++) {
        SysIOVec v = from->iov[i];
        // Empty pieces are not put in: each in the queue has bytes.
        if (!skip_bytes(&v, &skip)) continue;
        q->bins[to + at] = keep(&v, from->binv == NULL ? NULL : from->binv[i]);
        q->bytes[to + at++] = v;
        q->size += v.iov_len;
    }
    if (!before) {
        q->end += at;
        return 0;
    }
    size_t gap = count - at; // of pieces that were empty
    memmove(q->bytes + to + gap, q->bytes + to, at * sizeof *q->bytes);
    memmove(q->bins + to + gap, q->bins + to, at * sizeof *q->bins);
    q->first = to + gap;
    return 0;
}

void driver_queue_drop(DriverQueue *q, size_t size)
{
    // Pieces that are used up give their binaries back; the last is shortened.
    while (q->first < q->end && size > 0) {
        size_t before = size;
        bool left = skip_bytes(&q->bytes[q->first], &size);
        q->size -= before - size;
        if (left) break;
        counted_release(&driver_blob(q->bins[q->first])->counted);
        q->first++;
    }
}

static int add_one(ErlDrvPort port, void *bytes, size_t size, ErlDrvBinary *bin,
                   bool before)
{
    SysIOVec v = {bytes, size};
    ErlIOVec from = {.vsize = 1, .size = size, .iov = &v, .binv = &bin};
    return add(queue_of(port), &from, 0, before);
}

int driver_enq(ErlDrvPort port, char *bytes, ErlDrvSizeT size)
{
    return add_one(port, bytes, size, NULL, false);
}

int driver_pushq(ErlDrvPort port, char *bytes, ErlDrvSizeT size)
{
    return add_one(port, bytes, size, NULL, true);
}

int driver_enq_bin(ErlDrvPort port, ErlDrvBinary *bin, ErlDrvSizeT offset,
                   ErlDrvSizeT size)
{
    return add_one(port, bin->orig_bytes + offset, size, bin, false);
}

int driver_pushq_bin(ErlDrvPort port, ErlDrvBinary *bin, ErlDrvSizeT offset,
                     ErlDrvSizeT size)
{
    return add_one(port, bin->orig_bytes + offset, size, bin, true);
}

int driver_enqv(ErlDrvPort port, ErlIOVec *bytes, ErlDrvSizeT skip)
{
    // More than there are: refused, as documented.
    return skip > bytes->size ? -1 : add(queue_of(port), bytes, skip, false);
}

int driver_pushqv(ErlDrvPort port, ErlIOVec *bytes, ErlDrvSizeT skip)
{
    return skip > bytes->size ? -1 : add(queue_of(port), bytes, skip, true);
}

ErlDrvSizeT driver_deq(ErlDrvPort port, ErlDrvSizeT size)
{
    DriverQueue *q = queue_of(port);
    // The queue stays as it is.
    if (size > q->size) return (ErlDrvSizeT)-1;
    driver_queue_drop(q, size);
    return q->size;
}

ErlDrvSizeT driver_sizeq(ErlDrvPort port)
{
    return queue_of(port)->size;
}

// Shown, not copied: good until the queue changes.
ErlDrvSizeT driver_peekqv(ErlDrvPort port, ErlIOVec *to)
{
    const DriverQueue *q = queue_of(port);
    to->vsize = (int)(q->end - q->first);
    to->size = q->size;
    to->iov = q->bytes + q->first;
    to->binv = q->bins + q->first;
    return q->size;
}

SysIOVec *driver_peekq(ErlDrvPort port, int *count)
{
    const DriverQueue *q = queue_of(port);
    *count = (int)(q->end - q->first);
    return *count == 0 ? NULL : q->bytes + q->first;
}

// ---- locks ----

// It outlives its port when a thread of the driver still counts on it.
struct erl_drv_port_data_lock {
    pthread_mutex_t mutex; // guards what the driver keeps with the queue
    atomic_long count;     // of the port, and of threads
};

ErlDrvPDL driver_pdl_create(ErlDrvPort port)
{
    DriverPort *d = (DriverPort *)port;
    // One for each port: the driver has made it before.
    if (d->lock != NULL) return NULL;
    d->lock = memory_zeroed(1, sizeof *d->lock);
    pthread_mutex_init(&d->lock->mutex, NULL);
    atomic_init(&d->lock->count, 1);
    return d->lock;
}

void driver_pdl_lock(ErlDrvPDL lock)
{
    // Counted while it is held: who unlocks may be the last.
    driver_pdl_inc_refc(lock);
    pthread_mutex_lock(&lock->mutex);
}

void driver_pdl_unlock(ErlDrvPDL lock)
{
    pthread_mutex_unlock(&lock->mutex);
    driver_pdl_dec_refc(lock);
}

ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL lock)
{
    return atomic_load(&lock->count);
}

ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL lock)
{
    return atomic_fetch_add(&lock->count, 1) + 1;
}

ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL lock)
{
    // The last one, of whatever thread, frees it.
    long left = atomic_fetch_sub(&lock->count, 1) - 1;
    if (left == 0) {
        pthread_mutex_destroy(&lock->mutex);
        free(lock);
    }
    return left;
}
