// SPDX-License-Identifier: Apache-2.0
// Dist: connections to other nodes, and what goes over them.
//
// There is an entry for each node that was ever spoken to. Connections are
// made by Erlang code (net_kernel and its helpers): an entry becomes PENDING
// when somebody has something to say, or a node knocks; net_kernel is told,
// does the handshake over a socket and hands that over (dist_open). From then
// on the thread of the I/O loop reads packets from the socket and does what
// they say; whoever has something to send encodes it in his own thread and
// appends it to the entry's queue. While the connection is PENDING the queue
// waits: no process waits for a connection.
//
// Each connection has a number that no other has. Links, monitors and
// requests between nodes carry it; the processes that have some are noted
// beside the connection. When it ends all of them are told its number, and
// each breaks what it had by it.
//
// Locks: an entry's lock is held briefly, never while another entry's is, and
// the Dist's only inside or alone; signals are sent outside of both where that
// is possible.
#ifndef MERLE_DIST_H
#define MERLE_DIST_H

#include <pthread.h>

#include "buffer.h"
#include "process.h"
#include "relation.h"
#include "remote.h"
#include "signal.h"
#include "socket.h"

typedef enum {
    DIST_IDLE,    // nothing to it
    DIST_PENDING, // net_kernel is at it
    DIST_UP,      // packets come and go
    DIST_ENDING   // those who had to do with it are being told
} DistState;

// What nodes say in a handshake that they can; see erl_dist_protocol.
enum {
    DIST_PUBLISHED = 1 << 0,    // a visible node
    DIST_HEADER = 1 << 13,      // packets begin with a header for atoms
    DIST_SEND_SENDER = 1 << 19, // SEND_SENDER instead of SEND
    DIST_EXIT_PAYLOAD = 1 << 22, // reasons come as payload
    DIST_FRAGMENTS = 1 << 23     // large packets may come in pieces
};

// The bits of what not every node can; what needs it is not sent to others.
typedef enum {
    DIST_NEEDS_NOTHING = 0,
    DIST_NEEDS_MONITOR = 3, // monitors: nodes of C have none
    DIST_NEEDS_SPAWN = 32,  // requests to spawn
    DIST_NEEDS_ALIAS = 35   // messages to aliases
} DistNeed;

// The numbers of control messages.
enum {
    CONTROL_LINK = 1,
    CONTROL_SEND = 2,
    CONTROL_EXIT = 3,
    CONTROL_UNLINK = 4,
    CONTROL_NODE_LINK = 5,
    CONTROL_REG_SEND = 6,
    CONTROL_GROUP_LEADER = 7,
    CONTROL_EXIT2 = 8,
    CONTROL_SEND_TT = 12,
    CONTROL_EXIT_TT = 13,
    CONTROL_REG_SEND_TT = 16,
    CONTROL_EXIT2_TT = 18,
    CONTROL_MONITOR_P = 19,
    CONTROL_DEMONITOR_P = 20,
    CONTROL_MONITOR_P_EXIT = 21,
    CONTROL_SEND_SENDER = 22,
    CONTROL_SEND_SENDER_TT = 23,
    CONTROL_PAYLOAD_EXIT = 24,
    CONTROL_PAYLOAD_EXIT_TT = 25,
    CONTROL_PAYLOAD_EXIT2 = 26,
    CONTROL_PAYLOAD_EXIT2_TT = 27,
    CONTROL_PAYLOAD_MONITOR_P_EXIT = 28,
    CONTROL_SPAWN_REQUEST = 29,
    CONTROL_SPAWN_REQUEST_TT = 30,
    CONTROL_SPAWN_REPLY = 31,
    CONTROL_SPAWN_REPLY_TT = 32,
    CONTROL_ALIAS_SEND = 33,
    CONTROL_ALIAS_SEND_TT = 34,
    CONTROL_UNLINK_ID = 35,
    CONTROL_UNLINK_ID_ACK = 36
};

// A set of local pids; those of processes that have ended may stay in it for
// a while.
typedef struct {
    Term *slots;        // TERM_NONE: free
    size_t count, room; // in use; a power of two
} PidSet;

// Who is told when this one connection ends (erlang:monitor_node).
typedef struct {
    Term pid;
    size_t count; // messages that it wants
} NodeWatch;

typedef struct DistPacket DistPacket; // dist_packet.h
typedef struct DistInput DistInput;   // dist_receive.c

typedef struct DistEntry DistEntry;
struct DistEntry {
    IoTask task;           // must be first: writes what is queued
    Dist *dist;            // of which it is part
    Term name;             // the other node's
    DistEntry *next;       // in the list of all
    pthread_mutex_t lock;  // guards what follows, up to the loop's part
    _Atomic uint8_t state; // DistState
    uint32_t connection;   // its number, when not IDLE
    uint32_t creation;     // of the other node, as the handshake told
    uint64_t flags;        // what both nodes can
    Term carrier;          // its port, or the pid of the process that gets
                           // and brings its packets (bif_erlang_dist.c)
    Term reason;        // why it was ended by this node; TERM_NONE: the other
    Heap reason_heap;   // where that lies
    bool posted; // [task] is on its way
    DistPacket *first, **last;       // to be written; see dist_queue.c
    DistPacket *large;               // those of them that are sent in pieces
    uint64_t sequence;               // of the last one of those
    size_t queued;                   // bytes that are not written, without
    size_t uncut;                    // those of large packets
    _Atomic uint64_t sent, received; // packets
    PidSet watchers;    // who has links, monitors or requests over it
    PidSet suspended;   // senders that wait until less is queued
    NodeWatch *watches; // who asked for nodedown
    size_t watch_count, watch_room;
    Term bringer;        // a pid that may bring packets beside the carrier
    bool notify;         // the carrier wants to know when there is a packet
    bool sizes;          // and how large those are that it gets
    Socket *socket;      // NULL unless UP; the loop's thread may read it
                         // without the lock, and only that may use it
    size_t in_socket;    // bytes of [queued] that it has
    pthread_mutex_t receiving; // guards what follows, when a process carries
    // Else it is the loop's thread's only:
    DistInput *input; // packets that are not whole yet
};

// Who is told of all nodes that come and go (net_kernel:monitor_nodes).
typedef enum { NODES_VISIBLE = 1, NODES_HIDDEN = 2 } NodeType;

typedef struct {
    Term pid;      // who is told
    uint8_t types; // NodeType
    // What the messages are to say, see dist_watch.c.
    bool info, as_map, reason, connection, type_wanted;
    uint32_t count; // times it has asked
} NodesWatch;

typedef struct DistEnding DistEnding; // dist_ending.c
enum { DIST_ENDINGS = 64 };           // lists that they are kept in

struct Dist {
    Node *node;           // it belongs to
    pthread_mutex_t lock; // guards lists: of entries, who watches, who ends
    _Atomic(DistEntry *) entries;
    NodesWatch *watches; // of monitor_nodes
    size_t watch_count, watch_room;
    _Atomic uint32_t last_connection; // counts up from 1
    atomic_bool expects_name;         // from another node
    size_t busy_limit; // bytes queued that make senders wait: +zdbbl
    DistEnding *endings[DIST_ENDINGS]; // see dist_ending.c
};

// ---- dist.c ----

Dist *dist_new(Node *node);
void dist_free(Dist *dist);

// Whether it can have to do with other nodes.
bool dist_is_alive(const Node *node);

// Whether it has a name, which it may get from another node later.
bool dist_has_name(const Node *node);

// The node's name and creation from now on; nonode@nohost: none.
void dist_set_name(Node *node, Term name, uint32_t creation);

// The entry of node [name], made if need be; NULL when there is none and not
// [make]. Any thread.
DistEntry *dist_entry(Node *node, Term name, bool make);

// [{Node, Port or Pid}] of all that are UP.
Term dist_list_carriers(const Node *node, Heap *h);

// Makes [e] PENDING if it is IDLE. Answers its state, and its number in
// [*connection]. Under the lock of [e].
DistState dist_begin(DistEntry *e, uint32_t *connection);

// Gives a PENDING connection up. False when it is not that, or another one.
bool dist_abort(DistEntry *e, uint32_t connection);

// What the handshake has found out.
typedef struct {
    uint32_t connection, creation;
    uint64_t flags;
} DistOpen;

// The PENDING connection is made: [socket] is its own now. The loop's thread
// only. False when it is not that any more.
bool dist_open(DistEntry *e, Socket *socket, const DistOpen *how);

// The same with process [carrier], which ends the connection when it ends.
// Any thread.
bool dist_open_carried(DistEntry *e, Term carrier, const DistOpen *how);

// Ends the connection for [reason], if it is that one, it is UP and a process
// carries it. Else notes the reason for when its port ends. False when it is
// another one. Any thread.
bool dist_close(DistEntry *e, uint32_t connection, Term reason);

// The same with the socket cut off where one carries it: nothing of what is
// queued goes out. Any thread.
void dist_break_off(DistEntry *e, uint32_t connection, Term reason);

// Adds a pid to a set; false when it is there. Under the lock of the set's
// entry.
bool pid_set_add(Node *node, PidSet *set, Term pid);

// ---- dist_watch.c: nodes that come and go ----

// [pid] wants one more message (or one less) {nodedown, Node} when [e], which
// is PENDING or UP, ends. Under the lock of [e].
void dist_watch(DistEntry *e, Term pid, bool on);

// Tells those who watch [e]. Takes their list, [count] watches.
void dist_tell_watches(DistEntry *e, NodeWatch *watches, size_t count);

// Counts the wish of [w] up or down; answers what the count was.
uint32_t dist_watch_nodes(Dist *dist, const NodesWatch *w, bool on);

// Tells those who watch all nodes that [e] came, or went for [reason].
void dist_tell_nodes(DistEntry *e, bool up, Term reason);

// The same of this node, when it has a name or loses it.
void dist_tell_self(Node *node, Term name, bool up);

// [{Pid, Wishes}] of those that are alive, once for each time they have asked,
// the latest first.
Term dist_list_watchers(Dist *dist, Heap *h);

// ---- dist_send.c ----

typedef struct {
    const Term *control;  // elements of the control message
    unsigned count;       // 0: a packet of nothing, a sign of life
    Term payload;         // TERM_NONE: none
    bool connect;         // to the node, if it is not
    uint32_t connection;  // this one only; 0: any
    Term from;            // local pid whose messages keep their order
    Term watcher;         // local pid that has to do with the connection
                          // from now on; TERM_NONE: none
    Process *sender;      // is suspended when too much is queued; may be NULL
    DistNeed needs;       // not sent to a node that lacks it
    RefId request;        // to spawn: [watcher] hears when it is not sent
} DistMessage;

// Queues [m] for [e]. Answers the connection's number, 0 when there is none.
// Any thread.
uint32_t dist_post(DistEntry *e, const DistMessage *m);

// Whether what [p] has posted last was larger than can be sent, which it is to
// be told.
bool dist_was_too_large(Process *p);

// What a BIF answers that has posted something with [p] as sender: [answer],
// now or when [p] may go on.
Term dist_answer(Process *p, Term answer);

// Asks net_kernel for the PENDING connection of that number.
void dist_ask(DistEntry *e, uint32_t connection);

// Whether senders to node [name] have to wait.
bool dist_is_busy(Node *node, Term name);

// ---- dist_ending.c: processes that end while connections are busy ----

// [p], which ends, is about to tell another node so, and may have to wait.
void dist_ending_note(Process *p);

// It has not had to.
void dist_ending_forget(Process *p);

// [p] waits: true. It is not the caller's any more; a scheduler is given it
// when it may go on. False: it may go on at once.
bool dist_ending_wait(Process *p);

// [pid] may go on, if it is that of a process that waits so. Any thread.
void dist_ending_resume(Dist *dist, Term pid);

// The node's end: frees those that wait.
void dist_ending_free(Dist *dist);

// ---- dist_queue.c ----

// What is posted goes out from now on. The loop's thread.
void dist_flush(DistEntry *e);

// Writes what is queued for other nodes, when the node has ended and no thread
// of it runs any more. A node that takes nothing for some seconds is given up.
void dist_flush_all(Node *node);

// The socket of [e] has written: senders may go on. The loop's thread.
void dist_written(DistEntry *e);

// Lets all senders go on.
void dist_resume(Node *node, PidSet *set);

void dist_free_packets(DistPacket *first);

// ---- bif_erlang_dist.c: connections that a process carries ----

// A magic reference to connection [connection] of [e], UP.
Term dist_handle_new(Process *p, DistEntry *e, uint32_t connection);

// ---- dist_receive.c; the loop's thread, or with [receiving] locked ----

// Does what a packet says. False when it makes no sense.
bool dist_receive(DistEntry *e, const uint8_t *bytes, size_t size);

void dist_free_input(DistInput *input);

// ---- dist_control.c: what other nodes' control messages do here ----

// What came: its [signal] has the terms on its heap.
typedef struct {
    DistEntry *entry;
    Term control;   // a tuple of [arity]
    size_t arity;
    Term payload;   // TERM_NONE: none
    bool damaged;   // there is one, but it cannot be read
    Signal *signal; // to be sent, or freed
} DistCommand;

// Does it. False when it makes no sense; the signal is gone in any case.
bool dist_control(DistCommand *c);

// Has [run] done in the context of process [to] (NULL: there is none), with
// these in its signal; [message] lies on the signal's heap. True.
typedef bool (*DistCall)(Node *node, Process *p, Signal *s);
bool dist_call(DistCommand *c, DistCall run, Term to, Term from, Term message);

// [pid] has to do with the connection from now on.
void dist_note(DistEntry *e, Term pid);

// The connection of number [connection] has ended: [pid] is to break what it
// had by it.
void dist_tell_end(Node *node, Term pid, uint32_t connection);

// ---- dist_relation.c: what processes do to those of other nodes ----

// Sends [message] to [to]: a pid or reference of another node, or {Name,
// Node}; false when there is no way to the node.
typedef enum {
    DIST_CONNECT = 1, // to the node, if it is not
    DIST_SUSPEND = 2  // [p] when too much is queued
} DistSendOption;
bool dist_send(Process *p, Term to, Term message, unsigned options);

// Links [p] with [to]. False: there is no way to its node.
bool dist_link(Process *p, Term to);
void dist_unlink(Process *p, Term from);

// Monitors [to], a pid, or the name on node [node_name].
Term dist_monitor(Process *p, Term to, Term name, Term node_name,
                  Term options);
void dist_demonitor(Process *p, const Relation *monitor);

// An exit signal of exit/2.
void dist_exit(Process *p, Term to, Term reason);

// [p] has ended: tells the other one of relation [r].
void dist_break(Process *p, const Relation *r);

// A link that is broken.
typedef struct {
    Process *sender; // [from] if it may have to wait, else NULL
    Term from, to;
    Term token; // of sequential tracing, TERM_NONE without
    Term reason;
    uint32_t connection;
} DistExit;
void dist_tell_exit(Node *node, const DistExit *exit);

// Tells who watches [what], a name or a pid, under the reference of [r] that it
// has ended; [p] is that process, NULL if there is none.
void dist_tell_down(Node *node, const Relation *r, Process *p, Term what,
                    Term reason);

void dist_group_leader(Process *p, Term leader, Term of);

// ---- dist_spawn.c ----

typedef struct {
    Term node, module, function, args; // the other node; what to run there
    Term options;                      // for the other node
    Term tag;                          // of the reply
    bool success, error;               // which replies are wanted
    bool monitor;
    Term monitor_options;
} SpawnRequest;

// Asks node [r->node] for a process; answers the request's reference.
Term dist_spawn(Process *p, const SpawnRequest *r);

// Forgets the request; false when it has been answered.
bool dist_spawn_abandon(Process *p, Term ref);

// The request [key] of [pid] went to a node that cannot do it. Any thread.
void dist_refuse_spawn(Node *node, Term pid, RefId key);

// The connection that the request [key] of [p] went by has ended.
SignalResult dist_lose_spawn(Process *p, RefId key);

bool dist_take_spawn_request(DistCommand *c);
bool dist_take_spawn_reply(DistCommand *c);

#endif
