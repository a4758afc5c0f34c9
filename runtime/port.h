// SPDX-License-Identifier: Apache-2.0
// Port: the end of something outside - a program, a file descriptor, a socket
// - that Erlang code holds by a port identifier.
//
// A port of a driver belongs to the thread of the I/O loop (io_loop.h), and
// whatever others want of it is a task of the loop:
//
//   signals   links, monitors, exits and messages, as between processes;
//             signal_push brings them here when the receiver is a port
//   calls     what a BIF asks and waits for (PortCall)
//
// Others are direct: they belong to whoever has their lock. A call, or a message
// of a process, is seen to at once on the thread that asks, unless something
// that was told the port before is still on its way. The loop's thread takes the
// lock for its tasks.
//
// So everything that one process tells a port arrives in order, and what the
// port tells a process does too. The table of ports says which exist, and may
// be read from any thread.
//
// What a port stands for is its kind's business. A kind embeds Port as the
// first member of its own structure.
//
// The life of a port: port_init makes it known and links it to its owner;
// port_exit makes it unknown, tells all that are linked or watch, and has the
// kind stop, which may take its time to write what is queued; port_free.
//
// Memory: a port is one malloc, made by its kind. Its holders are counted: the
// kind, which lets go by port_free, what is on its way to it, and whoever has
// its lock. The last one frees it.
#ifndef MERLE_PORT_H
#define MERLE_PORT_H

#include <pthread.h>
#include <stdatomic.h>

#include "io_loop.h"
#include "signal.h"

typedef struct Port Port;
typedef struct PortCall PortCall;
typedef struct PortPeer PortPeer; // port.c: a link or a monitor

// Everything runs on the loop's thread, or under the lock of a direct port.
typedef struct {
    // Writes [size] bytes, which lie in memory of malloc and are the port's
    // now. May end the port.
    void (*output)(Port *port, uint8_t *bytes, size_t size);
    // Gives back what the port holds, after writing what is queued if [flush],
    // and then calls port_free. The port is not known any more.
    void (*stop)(Port *port, bool flush);
    // Frees what the kind has beside the structure itself, and [port]'s text;
    // no handle is open any more.
    void (*release)(Port *port);
    // The process id that port_info answers; 0 without. May be NULL.
    int64_t (*os_pid)(const Port *port);
    // port_control and port_call, with the answer as of a PortCall. NULL: it
    // has none.
    Term (*control)(Port *port, PortCall *call);
    Term (*call)(Port *port, PortCall *call);
    // The bytes that wait in the kind. NULL: those of port_set_queued.
    size_t (*queue_size)(const Port *port);
    // A process that the kind watches under [ref] has ended; and all those it
    // watches, as port_info has them. NULL: it watches none.
    void (*down)(Port *port, RefId ref);
    Term (*watched)(const Port *port, Heap *h);
    // Whether it takes bytes while it is busy if it must. NULL: no.
    bool (*may_force)(const Port *port);
    // Writes what it can of what is queued, when the node has ended: the
    // descriptor that takes the rest later, or -1. NULL: that is lost.
    int (*flush)(Port *port);
    // While it is busy it is given no bytes: commands wait in the port.
    bool holds;
    bool direct; // ports of it are when they are made
} PortKind;

struct Port {
    Node *node;                 // it belongs to
    const PortKind *kind;       // what it is
    pthread_mutex_t lock;       // see above
    atomic_size_t holders;      // the last one frees it
    atomic_size_t coming;       // signals and calls on their way to it
    atomic_bool direct;         // others than the loop's thread may do things
    Term id, owner;             // its identifier; local pid that data goes to
    Term name;                  // registered name, TERM_NONE without
    char *text;                 // what it was opened as, for port_info; its own
    Port *next;                 // in its chain of the table
    Port *all_next, **all_link; // of all that are not freed
    PortPeer *peers;   // links, monitors, and senders that wait
    PortCall *waiting; // calls that wait because it is busy, oldest first
    IoTask *held, **held_end; // messages that wait so, oldest first
    Term caller;       // who sent the bytes or asks, for the kind
    Heap data_heap;    // where [data] lies
    Term data;         // of port_set_data
    uint64_t input, output; // bytes read and written
    size_t queued;     // bytes that wait to be written
    size_t high, low;  // it is busy from so many queued on, until so few
    atomic_bool busy;  // others read it under the table's lock
    atomic_uint commands; // on their way to a driver
    bool ended;        // it is not known any more
    Term reason;       // why, while its kind is stopping it
    bool freeing;      // what waited is about to go on
};

// What a process asks of a port and waits for.
struct PortCall {
    IoTask task;    // must be first
    PortCall *next; // of those that wait for the same port
    Node *node;
    Term port, caller; // to be asked (TERM_NONE: none); the pid that asks
    Port *to;          // the same, held while the call is on its way
    bool direct;       // without a port: may run on the thread that asks; with
                       // one: runs there now
    bool on_loop;      // never is direct
    bool answered;     // while it was direct, by [answer]
    Term answer;
    Term async;        // a small integer: nobody waits, the answer comes as a
                       // message {inet_async, Port, async, Answer}
    // Answers, with a term that may lie on [heap]; TERM_NONE: later, by
    // port_answer. [port] is NULL when it is gone.
    Term (*run)(Port *port, PortCall *call);
    Heap heap;      // of question
    Term question;
    uint8_t *bytes; // memory of malloc, freed with the call; may be NULL
    size_t size;
    unsigned number; // whatever [run] needs
};

typedef struct PortTable PortTable;

// With a port in it that stands for whoever starts programs, as in OTP.
PortTable *port_table_new(Node *node, size_t limit);

// Frees all ports; after the loop has ended.
void port_table_free(PortTable *t);

// ---- any thread ----

// How many there are.
size_t port_table_count(Node *node);

bool port_exists(Node *node, Term id);

// Whether who sends it bytes has to wait.
bool port_is_busy(Node *node, Term id);

// Whether a process that may be suspended has to wait before it sends a command.
bool port_must_wait(Node *node, Term id);

// Suspends the caller's own process [p], which goes on when [port] is not busy
// any more.
void port_suspend(Process *p, Term port);

// Gives it the registered name [name]; false when it has one, the name is
// taken or there is no such port. And takes it again.
bool port_set_name(Node *node, Term id, Term name);
void port_forget_name(Node *node, Term id, Term name);

// Calls [visit] for each port; it may read what is set once.
void port_each(Node *node, void (*visit)(const Port *port, void *data),
               void *data);

// All ports, as a list.
Term port_list(Node *node, Heap *h);

// Has port [to] take [message] of [p], whose slice this is. False: it has to be
// sent, for the port is not direct or has not yet all that it was sent before.
bool port_take(Process *p, Term to, Term message);

// Writes what ports have still to write; when a node has ended and no thread
// runs any more.
void port_table_flush(PortTable *t);

// Brings signal [s], which is gone then, to port [to].
void port_signal(Node *node, Term to, Signal *s);

// For BIFs, in this way (runs again until the answer is there):
//     if (request_is_new(p)) port_call_start(port_call_new(p, id, run));
//     return request_wait(p, n, args);
PortCall *port_call_new(Process *p, Term port,
                        Term (*run)(Port *port, PortCall *call));
void port_call_start(PortCall *call);

// Frees a call that is not started.
void port_call_free(PortCall *call);

// Whether one more port may be.
bool port_table_has_room(Node *node);


// One holder more, and one less.
void port_keep(Port *port);
void port_drop(Port *port);

// Locks [port], which somebody keeps, and keeps it once more until port_leave.
void port_hold(Port *port);
void port_leave(Port *port);

// ---- the loop's thread, or under the lock ----

// Makes [port], which is zeroed but for its node and text, known under a new
// identifier, linked to [owner], which is told so. A direct one is locked when
// this returns, as by port_hold.
void port_init(Port *port, const PortKind *kind, Term owner);

// The port has ended with [reason], an immediate term or one that outlives
// the call. Does nothing when it has already. It may be freed then.
void port_exit(Port *port, Term reason);

// The same with the name of error number [error].
void port_exit_error(Port *port, int error);

// The kind lets go of [port], whose handles are closed.
void port_free(Port *port);

// Answers [call], which is freed.
void port_answer(PortCall *call, Term answer);

// Makes [port] unknown as if it had never been, and frees it: opening failed.
void port_forget(Port *port);

// The port is to end for [reason] once the caller is done.
void port_exit_later(Port *port, Term reason);

// The kind cannot take more, or can again.
void port_set_busy(Port *port, bool busy);

// Sets how many bytes are queued: it may become busy, or free, so that those
// go on who wait for it.
void port_set_queued(Port *port, size_t queued);

// Has [from], which has sent to a busy port, suspended until it is not busy any
// more.
void port_suspend_sender(Port *port, Term from);

// Has [call] run again when the port is not busy any more.
void port_wait(Port *port, PortCall *call);

// Makes [pid] the owner, linked to it.
void port_connect(Port *port, Term pid);

// Links it with [pid], which is told so.
void port_link(Port *port, Term pid);

// Takes the link with [pid] away, on both sides.
void port_unlink(Port *port, Term pid);

// The pids that are linked (SIGNAL_LINK) or watch (SIGNAL_MONITOR).
Term port_peers(const Port *port, Heap *h, SignalKind kind);

// Bytes as a port's messages have them: a binary, or a list.
Term port_data(Heap *h, const uint8_t *bytes, size_t size, bool binary);

// The port of [id], NULL when there is none. On the loop's thread, of ports
// that are not direct.
Port *port_find(Node *node, Term id);

#endif
