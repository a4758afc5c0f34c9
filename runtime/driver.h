// SPDX-License-Identifier: Apache-2.0
// Drivers: libraries in C that are the other end of ports.
//
// All of this belongs to the thread of the I/O loop, as ports do: it loads
// drivers, calls their functions and is called back, one at a time. So a
// driver needs no locks but for threads of its own. Who uses a driver, and when
// it is unloaded, a process keeps account of (lib/kernel, erl_ddll): it is told
// when the last port of a driver is gone.
//
// A driver asks within a function of its own for the end of its port: that
// waits until the function has returned. A port that closes with bytes in its
// queue lives on, unknown to anybody else, until these are gone.
//
// What drivers call is in driver/.
#ifndef MERLE_DRIVER_H
#define MERLE_DRIVER_H

#include "nif/erl_driver.h"
#include "port_stream.h"

typedef struct DriverWatch DriverWatch;   // driver_event.c
typedef struct DriverSelect DriverSelect; // driver_select.c
typedef struct DriverAsync DriverAsync;   // driver/driver_async.c

typedef struct Driver Driver;
struct Driver {
    Driver *next;             // in the table's list
    void *handle;             // of dlopen
    const ErlDrvEntry *entry; // the library's own; good while it is open
    Term name;                // an atom
    size_t ports;             // open ones, those that still write included
    bool permanent;           // driver_lock_driver: never unloaded
};

// Bytes that a driver has put aside, in pieces of binaries: those of
// [first, end) of both arrays.
typedef struct {
    SysIOVec *bytes;         // each inside the binary of its place
    ErlDrvBinary **bins;     // that are held, one for each piece
    size_t first, end, room; // pieces in use: [first, end); places there are
    size_t size;             // bytes
} DriverQueue;

typedef struct DriverPort DriverPort;
struct DriverPort {
    Port port;                // must be first
    DriverPort *next, **link; // of all
    Driver *driver;           // counted in its [ports]
    ErlDrvData data;          // what its start has answered
    int control_flags;        // PORT_CONTROL_FLAG_...
    bool binary, eof;         // as open_port was asked
    bool closing;             // unknown, waits for its queue to become empty
    bool flushing;            // and so sends nothing any more
    bool exits;               // its driver wants its end, for [reason]
    Term reason;              // an immediate term
    unsigned depth;           // functions of the driver that run
    DriverQueue queue;
    uv_timer_t *timer;    // NULL until it is used
    DriverWatch *watches; // processes that it monitors
    ErlDrvPDL lock;       // guards the queue; NULL: nobody else uses it
    int64_t os_pid;       // of a program that the driver has started; 0: none
};

// What a node has of it.
struct DriverTable {
    Node *node;            // it belongs to
    Driver *first;         // newest first
    DriverPort *ports;     // that are not freed
    DriverSelect *selects; // descriptors that are polled
    DriverAsync *async;    // NULL until it is used
    // Set with [async], so that only who uses the thread links it.
    void (*end_async)(DriverAsync *async);
    Term watcher;       // a pid: told when drivers have no port any more
};

DriverTable *driver_table_new(Node *node);

// Ends the thread that works for drivers; before the loop ends.
void driver_table_stop(DriverTable *t);
void driver_table_free(DriverTable *t); // after the loop has ended

// The driver called [name], NULL without.
Driver *driver_find(Node *node, Term name);

// The driver that the first word of [command] names, NULL without.
Driver *driver_for_command(Node *node, const char *command);

// Opens a port of [owner] to [driver], which is called [*id]; 0, an error number,
// or -1 for badarg.
int driver_port_open(Node *node, Driver *driver, PortOptions *o, Term owner,
                     Term *id);

// A port that is there already on the driver's side.
DriverPort *driver_port_add(Driver *driver, Node *node, Term owner,
                            ErlDrvData data);

// Around each call of a driver's function. The second may free the port.
void driver_enter(DriverPort *d);
void driver_leave(DriverPort *d);

// Ends [d] for [reason]: now, or when its functions have returned.
void driver_port_exit(DriverPort *d, Term reason);

// Tells the keeper of accounts {[what], Name}.
void driver_tell(const Driver *driver, Node *node, Term what);

// Takes pieces out of the queue, [size] bytes in all.
void driver_queue_drop(DriverQueue *q, size_t size);

// ---- driver_event.c: what a port waits for ----

// Forgets all of it, at the end of [d].
void driver_events_end(DriverPort *d);

// The process that [d] watches under [ref] has ended.
void driver_watch_fire(Port *port, RefId ref);

// The processes it watches, as a list.
Term driver_watched(const Port *port, Heap *h);

// What [port] stands for; NULL for what drivers put in the place of one.
static inline DriverPort *driver_port_of(ErlDrvPort port)
{
    return port == (ErlDrvPort)-1 ? NULL : (DriverPort *)port;
}

// ---- binaries ----

// The blob that [bin] lies in.
Blob *driver_blob(ErlDrvBinary *bin);
ErlDrvBinary *driver_binary_new(size_t size);

// A term for a part of it.
Term driver_binary_term(Heap *h, ErlDrvBinary *bin, size_t offset, size_t size);

#endif
