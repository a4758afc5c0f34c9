// SPDX-License-Identifier: Apache-2.0
// Socket: a port that is a TCP, UDP or local socket.
//
// It has two sides. Packets are read from the descriptor only when somebody
// wants one: a receiver that waits (passive), or the owner (active). What was
// read beyond that waits in [in]. Bytes to write are queued and written when
// the descriptor takes them; a queue that is too long makes the port busy.
//
// A port that is direct: what processes ask is done on their own threads, under
// the port's lock, and what a packet brings on that of whoever has the poller.
// With a taker it is the loop's alone.
#ifndef MERLE_SOCKET_H
#define MERLE_SOCKET_H

#include "buffer.h"
#include "packet.h"
#include "port_poll.h"
#include "port_queue.h"
#include "socket_address.h"

typedef struct Socket Socket;
typedef struct SocketWait SocketWait; // socket_wait.c: a call that waits

typedef enum {
    SOCKET_OPEN,
    SOCKET_LISTENING,
    SOCKET_CONNECTING,
    SOCKET_CONNECTED,
    SOCKET_CLOSED // by the peer, or by an error: nothing can be read or sent
} SocketState;

enum { ACTIVE_FALSE = 0, ACTIVE_TRUE = -1, ACTIVE_ONCE = -2 };

// What accepted sockets have of the one that listens.
typedef struct {
    int active;            // ACTIVE_..., or how many packets may be sent yet
    bool binary;           // packets are binaries, not lists
    bool exit_on_close;    // the port ends when the peer closes
    bool show_reset;       // econnreset is told, rather than closed
    bool send_timeout_close;
    bool deliver_port;     // {S, {data, D}} rather than {tcp, S, D}
    bool delay_send;       // kept for getopts
    bool debug;            // likewise
    bool ancillary;        // datagrams may come with more than their bytes
    uint32_t header;       // so many bytes of a binary packet are a list
    uint32_t buffer;       // most bytes of a raw packet
    bool buffer_given;     // it was set, and does not grow with the system's
    uint32_t read_packets; // datagrams that are read in one go
    int64_t send_timeout;  // ms, -1: none
    size_t queue_high, queue_low; // high_msgq_watermark and low, for getopts
    PacketMode packet;
} SocketOptions;

// Of packets of one direction, for getstat.
typedef struct {
    // Bytes in all, packets, the largest one's bytes.
    uint64_t octets, count, most;
} SocketCount;

// Who takes all packets in the place of the owner, on the loop's thread (see
// dist.h), which has the socket to itself then. [take] answers false of a
// packet that makes no sense.
typedef struct {
    bool (*take)(void *taker, const uint8_t *bytes, size_t size);
    void (*wrote)(void *taker); // less is queued
    void (*ended)(void *taker, Term reason); // the port has ended
} SocketTaker;

// When the first of those who wait have waited long enough. Handle and task
// are the loop's, and keep the socket.
typedef struct {
    IoTask task; // must be first
    Socket *socket;
    uv_timer_t timer; // used when [open]
    int64_t at;       // monotonic ms; INT64_MAX: never
    bool open, queued;
} SocketAlarm;

struct Socket {
    Port port; // must be first
    int fd;    // -1: closed
    int family, type;
    SocketState state;
    SocketOptions options;
    uint32_t polled; // events that are polled for, of epoll
    PortPoll poll;   // by which the poller tells of them
    bool in_loop;    // the loop does, by [loop_poll]
    uv_poll_t loop_poll;
    SocketAlarm alarm;
    bool ignored;          // nothing is polled for: somebody else uses the fd
    uint8_t *namespace;    // name of its network name space, or NULL
    bool stopped;          // the port has ended; freed when all is closed
    bool freed;            // and it is
    bool tell_receiver, tell_sender; // closed: who asks first is told why,
                                     // later ones that it is not connected
    int error;           // why; 0: the peer has closed
    bool shut_when_sent; // shut down for writing when the queue is empty
    bool shut;           // or it is: nothing more is sent
    int handles;         // of the loop that are open, but for the alarm
    Buffer in;           // read, but not yet wanted
    size_t in_start;     // what lies before has been taken
    PortQueue out;       // bytes to be written
    // Oldest first; drainers wait until nothing is queued, files until they are
    // sent.
    SocketWait *receivers, *acceptors, *senders, *connector, *drainers, *files;
    SocketCount received, sent;
    const SocketTaker *taker; // NULL: packets are the owner's
    void *taken_by;           // handed to the taker
};

// ---- socket.c ----

// A new socket of [owner] on [fd]; to be left by port_leave. The poller has
// been started.
Socket *socket_new(Node *node, int fd, int family, int type, Term owner);

// The socket of [port], NULL when it is no socket.
Socket *socket_of(Port *port);

// Reads and delivers what is wanted, and polls for the rest. After anything
// changes that has to do with being wanted.
void socket_update(Socket *s);

// Writes as much of the queue as can be. False when the socket has broken.
bool socket_flush(Socket *s);

// Has the bytes of [call] sent, which waits for up to the socket's send_timeout
// when there is too much before them.
void socket_send_call(Socket *s, PortCall *call);

// It has waited too long: its bytes stay queued, others may go on.
void socket_give_up_sending(Socket *s);

// Writes what is queued, of a socket that is connected.
void socket_send_queued(Socket *s);

// [taker] gets all packets from now on, and everything is the loop's, whose
// thread this is.
void socket_hand_over(Socket *s, const SocketTaker *taker, void *taken_by);

// Answers who connects, if that is decided.
void socket_finish_connect(Socket *s);

// Gives waiting connections to those who wait for one.
void socket_accept(Socket *s);

// The peer has closed, or [error]: tells whoever wants to know.
void socket_break(Socket *s, int error);

// Tells the owner of a socket that has broken, and that is active now.
void socket_tell_broken(Socket *s);

// What has broken it, as users hear of it.
Term socket_reason(const Socket *s);

// Closes the descriptor at once.
void socket_close_fd(Socket *s);

// ---- socket_receive.c ----

// Gives out packets of what was read, or reads some, as long as they are
// wanted.
void socket_deliver(Socket *s);

// Drops receivers that have died.
void socket_drop_dead(Socket *s);

// Whether anybody wants a packet.
bool socket_is_wanted(const Socket *s);

// Sends {[tag], Socket} or {[tag], Socket, [what]} to the owner.
void socket_tell(Socket *s, Term tag, Term what);

// tcp or udp, closed as it is in names of messages.
Term socket_tag(const Socket *s, const char *suffix);

// Takes datagrams in.
void socket_read_datagrams(Socket *s);

// ---- socket_ancillary.c ----

enum { SOCKET_CONTROLS = 3 }; // kinds of what can go with a datagram

// What came with a datagram.
typedef struct {
    int level, type, number;
} SocketControl;

typedef struct {
    SocketControl messages[SOCKET_CONTROLS];
    size_t count;
} SocketAncillary;

// As recvfrom, with what came with the datagram in [got].
ssize_t socket_ancillary_receive(Socket *s, void *bytes, size_t most,
                                 SocketAddress *from, SocketAncillary *got);

// The list of it.
Term socket_ancillary_term(Heap *h, const SocketAncillary *got);

// The list of what came with the last bytes of a stream; TERM_NONE when that
// cannot be got.
Term socket_ancillary_pending(const Socket *s, Heap *h);

// As sendto, with the [list] of what is to go with it. -1 and EINVAL when that
// is wrong.
ssize_t socket_ancillary_send(Socket *s, const SocketAddress *to, Term list,
                              const void *bytes, size_t size);

// ---- socket_wait.c ----

struct SocketWait {
    SocketWait *next; // behind it in the list
    PortCall *call;   // to be answered
    Socket *socket;
    size_t size;   // bytes wanted, 0: any
    int64_t until; // monotonic ms; INT64_MAX: for ever
    bool queued;   // of a sender: its bytes are in the queue
};

// Puts [call] at the end of [list], for [timeout] ms (-1: for ever); then it
// is answered {error, timeout}.
void socket_wait(Socket *s, SocketWait **list, PortCall *call,
                 int64_t timeout, size_t size);

// [w] waits for no longer than [timeout] ms from now on (-1: for ever).
void socket_wait_limit(SocketWait *w, int64_t timeout);

// Answers all who have waited long enough.
void socket_expire(Socket *s);

// No alarm any more: the socket has ended.
void socket_stop_alarm(Socket *s);

// Answers the first of [list] with [answer], which may lie on its call's heap.
void socket_answer(SocketWait **list, Term answer);

// Answers all of [list], or of all lists of [s], {error, Reason}.
void socket_fail(SocketWait **list, Term reason);
void socket_fail_all(Socket *s, Term reason);

// Frees all who wait, at the node's end: no thread serves them any more, and
// nobody waits for answers.
void socket_forget_all(Socket *s);

// ---- socket_file.c ----

// Has [most] bytes (0: all) of file [fd] sent from [offset] on. TERM_NONE: to
// be answered (request_wait) {ok, Sent} or {error, Reason}; else why it cannot
// be, {error, enotsup} when the bytes are to be read.
Term socket_file_send(Process *p, Term socket, int fd, int64_t offset,
                      size_t most);

// Answers those whose files have left the queue.
void socket_file_answer(Socket *s);

// ---- socket_option.c ----

void socket_options_init(SocketOptions *o, int type);

// Sets one option. 0, EINVAL for what it can never be, ENOTSUP for what the
// system refuses.
int socket_set_option(Socket *s, Term name, Term value);

// Gets one: TERM_NONE when there is no such option, or it cannot be had.
Term socket_get_option(Socket *s, Heap *h, Term name);

// ---- socket_call.c ----

typedef Term (*SocketOperation)(Socket *s, PortCall *call, Term arg);

// What prim_inet:call asks for; NULL when there is no such operation.
SocketOperation socket_find_operation(Term name);

// {error, Reason} on [h].
Term socket_error(Node *node, Heap *h, int error);

#endif
