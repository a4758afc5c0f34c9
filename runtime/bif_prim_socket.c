// SPDX-License-Identifier: Apache-2.0
// prim_socket: the system's calls for module socket, each tried once and never
// waited for. Addresses, options and control messages are bytes as the system
// has them, names are its numbers: what they mean is known to the Erlang part
// (socket_code.erl), which gets the numbers of this system from numbers/1.
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bif.h"
#include "bits.h"
#include "endpoint.h"
#include "memory.h"
#include "poller.h"
#include "posix_error.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "socket_address.h"
#include "socket_descriptor.h"

enum {
    PIECES_MOST = 1024,   // of one message; the rest is sent by another
    CONTROLS_MOST = 64,   // that are told
    OPTION_MOST = 65536,  // bytes of an option
    IOCTL_MOST = 4096     // bytes that ioctl reads and writes
};

static Term ok(Process *p, Term t)
{
    return heap_tuple2(process_heap(p), ATOM_ok, t);
}

static Term answer(Process *p, int result)
{
    return result < 0 ? posix_error_tuple(p, errno) : ATOM_ok;
}

// The endpoint of args[0], locked; else NULL and [*error], the BIF's answer.
static Endpoint *lock_endpoint(Process *p, const Term *args, Term *error)
{
    Endpoint *e = endpoint_of(args[0]);
    if (e == NULL) {
        *error = bif_error(p, ATOM_badarg);
        return NULL;
    }
    pthread_mutex_lock(&e->lock);
    if (e->fd >= 0) return e;
    pthread_mutex_unlock(&e->lock);
    *error = heap_tuple2(process_heap(p), ATOM_error, ATOM_closed);
    return NULL;
}

static Term unlock(Endpoint *e, Term result)
{
    pthread_mutex_unlock(&e->lock);
    return result;
}

static bool get_int(Term t, int *n)
{
    int64_t wide;
    if (!bif_get_int64(t, &wide) || wide > INT32_MAX || wide < INT32_MIN)
        return false;
    *n = (int)wide;
    return true;
}

// An address as bytes; false when it is none.
static bool get_address(Term t, SocketAddress *a)
{
    uint8_t *copy;
    size_t size;
    if (!term_is_binary(t)) return false;
    const uint8_t *bytes = bits_bytes(t, &size, &copy);
    bool fits = bytes != NULL && size <= sizeof a->room;
    if (fits) memcpy(&a->room, bytes, size);
    a->size = (socklen_t)(fits ? size : 0);
    free(copy);
    return fits;
}

static Term address_bytes(Process *p, const SocketAddress *a)
{
    size_t size = a->size < sizeof a->room ? a->size : sizeof a->room;
    return heap_binary(process_heap(p), &a->room, size);
}

// ---- the life of a socket ----

static int int_option(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    getsockopt(fd, SOL_SOCKET, option, &value, &size);
    return value;
}

// {ok, Reference} of [fd].
static Term new_socket(Process *p, int fd)
{
    if (fd < 0) return posix_error_tuple(p, errno);
    int error = poller_start(p->node->poller);
    if (error != 0) {
        close(fd);
        return posix_error_tuple(p, error);
    }
    Endpoint *e = endpoint_new(p->node, fd);
    SocketAddress a = {.size = sizeof a.room};
    e->connected = getpeername(fd, &a.any, &a.size) == 0;
    e->domain = int_option(fd, SO_DOMAIN);
    e->type = int_option(fd, SO_TYPE);
    e->protocol = int_option(fd, SO_PROTOCOL);
    return ok(p, endpoint_term(e, process_heap(p)));
}

// prim_socket:open(Domain, Type, Protocol, NameSpace)
Term bif_prim_socket_open_4(Process *p, const Term *args)
{
    int domain, type, protocol;
    if (!get_int(args[0], &domain) || !get_int(args[1], &type)
        || !get_int(args[2], &protocol))
        return bif_error(p, ATOM_badarg);
    return new_socket(p, socket_descriptor_new(args[3], domain, type,
                                               protocol));
}

// prim_socket:open(Fd, Dup): of a descriptor that is there.
Term bif_prim_socket_open_2(Process *p, const Term *args)
{
    int fd;
    if (!get_int(args[0], &fd)) return bif_error(p, ATOM_badarg);
    SocketAddress a = {.size = sizeof a.room};
    if (getsockname(fd, &a.any, &a.size) != 0)
        return posix_error_tuple(p, errno);
    if (term_same(args[1], ATOM_true)) fd = dup(fd);
    int on = 1;
    ioctl(fd, FIONBIO, &on);
    return new_socket(p, fd);
}

Term bif_prim_socket_close_1(Process *p, const Term *args)
{
    Endpoint *e = endpoint_of(args[0]);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    return endpoint_close(e) ? ATOM_ok
                             : heap_tuple2(process_heap(p), ATOM_error,
                                           ATOM_closed);
}

// prim_socket:bind(Socket, Address)
Term bif_prim_socket_bind_2(Process *p, const Term *args)
{
    SocketAddress a;
    Term error;
    if (!get_address(args[1], &a)) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    int result = bind(e->fd, &a.any, a.size);
    if (result == 0) e->bound = true;
    return unlock(e, answer(p, result));
}

// prim_socket:connect(Socket, Address): {error, einprogress} when it goes on.
Term bif_prim_socket_connect_2(Process *p, const Term *args)
{
    SocketAddress a;
    Term error;
    if (!get_address(args[1], &a)) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    int result = connect(e->fd, &a.any, a.size);
    e->connects = result < 0 && errno == EINPROGRESS;
    if (result == 0) e->connected = true;
    return unlock(e, answer(p, result));
}

// prim_socket:connected(Socket): how connect ended.
Term bif_prim_socket_connected_1(Process *p, const Term *args)
{
    Term error;
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    if (!e->connects)
        return unlock(e, posix_error_tuple(p, EINVAL));
    int number = int_option(e->fd, SO_ERROR);
    e->connects = false;
    endpoint_pass(e, ENDPOINT_WRITE, p->pid);
    e->connected = number == 0;
    return unlock(e, number == 0 ? ATOM_ok : posix_error_tuple(p, number));
}

// prim_socket:listen(Socket, Backlog)
Term bif_prim_socket_listen_2(Process *p, const Term *args)
{
    int backlog;
    Term error;
    if (!get_int(args[1], &backlog)) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    int result = listen(e->fd, backlog);
    if (result == 0) e->listens = true;
    return unlock(e, answer(p, result));
}

// Counts the end of an operation.
static void count_result(EndpointCount *c, ssize_t result)
{
    c->tries++;
    if (result >= 0) {
        c->bytes += (uint64_t)result;
        c->packets++;
        if ((uint64_t)result > c->most) c->most = (uint64_t)result;
    } else if (errno == EAGAIN) {
        c->waits++;
    } else {
        c->fails++;
    }
}

// Others wait for the same: as if nothing could be done.
static Term wait_behind(Process *p, EndpointCount *c)
{
    errno = EAGAIN;
    count_result(c, -1);
    return posix_error_tuple(p, EAGAIN);
}

// prim_socket:accept(Socket) -> {ok, Reference} | {error, eagain | ..}
Term bif_prim_socket_accept_1(Process *p, const Term *args)
{
    Term error;
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    if (!endpoint_may_try(e, ENDPOINT_READ, p->pid))
        return unlock(e, wait_behind(p, &e->accepted));
    int fd = accept4(e->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    count_result(&e->accepted, fd < 0 ? -1 : 0);
    Term result = new_socket(p, fd);
    if (fd >= 0 || errno != EAGAIN) endpoint_pass(e, ENDPOINT_READ, p->pid);
    return unlock(e, result);
}

// prim_socket:shutdown(Socket, How)
Term bif_prim_socket_shutdown_2(Process *p, const Term *args)
{
    int how;
    Term error;
    if (!get_int(args[1], &how)) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    return unlock(e, answer(p, shutdown(e->fd, how)));
}

// ---- names ----

static Term name_of(Process *p, const Term *args,
                    int (*get)(int, struct sockaddr *, socklen_t *))
{
    Term error;
    SocketAddress a = {.size = sizeof a.room};
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    if (get(e->fd, &a.any, &a.size) != 0)
        return unlock(e, posix_error_tuple(p, errno));
    return unlock(e, ok(p, address_bytes(p, &a)));
}

Term bif_prim_socket_sockname_1(Process *p, const Term *args)
{
    return name_of(p, args, getsockname);
}

Term bif_prim_socket_peername_1(Process *p, const Term *args)
{
    return name_of(p, args, getpeername);
}

// ---- options ----

// prim_socket:setopt(Socket, Level, Option, Bytes)
Term bif_prim_socket_setopt_4(Process *p, const Term *args)
{
    int level, option;
    Term error;
    uint8_t *copy;
    size_t size;
    if (!get_int(args[1], &level) || !get_int(args[2], &option)
        || !term_is_binary(args[3]))
        return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    const uint8_t *bytes = bits_bytes(args[3], &size, &copy);
    Term result = answer(p, setsockopt(e->fd, level, option, bytes,
                                       (socklen_t)size));
    free(copy);
    return unlock(e, result);
}

// prim_socket:getopt(Socket, Level, Option, Bytes): what they become.
Term bif_prim_socket_getopt_4(Process *p, const Term *args)
{
    int level, option;
    Term error;
    uint8_t *copy;
    size_t size;
    if (!get_int(args[1], &level) || !get_int(args[2], &option)
        || !term_is_binary(args[3]) || term_binary_size(args[3]) > OPTION_MOST)
        return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    const uint8_t *given = bits_bytes(args[3], &size, &copy);
    socklen_t got = (socklen_t)size;
    uint8_t *bytes = memory_alloc(size + 1);
    memcpy(bytes, given, size);
    Term result = getsockopt(e->fd, level, option, bytes, &got) != 0
                      ? posix_error_tuple(p, errno)
                      : ok(p, heap_binary(process_heap(p), bytes, got));
    free(bytes);
    free(copy);
    return unlock(e, result);
}

// prim_socket:ioctl(Socket, Request, Bytes): what the bytes become.
Term bif_prim_socket_ioctl_3(Process *p, const Term *args)
{
    size_t request, size;
    Term error;
    uint8_t *copy, bytes[IOCTL_MOST];
    if (!bif_get_size(args[1], &request) || !term_is_binary(args[2])
        || term_binary_size(args[2]) > sizeof bytes)
        return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    const uint8_t *given = bits_bytes(args[2], &size, &copy);
    memcpy(bytes, given, size);
    free(copy);
    if (ioctl(e->fd, request, bytes) < 0)
        return unlock(e, posix_error_tuple(p, errno));
    return unlock(e, ok(p, heap_binary(process_heap(p), bytes, size)));
}

// ---- sending ----

// What a message is made of; [copies] are freed by end_message.
typedef struct {
    struct msghdr header;
    SocketAddress to;
    struct iovec *pieces;
    uint8_t **copies; // of pieces that do not begin with a byte
    size_t count;
    uint8_t *control;
} Message;

// A list of binaries.
static bool add_pieces(Message *m, Term list)
{
    size_t room = 0;
    for (Term l = list; term_is_cons(l) && room < PIECES_MOST; l = term_tail(l))
        room++;
    m->pieces = memory_zeroed(room + 1, sizeof *m->pieces);
    m->copies = memory_zeroed(room + 1, sizeof *m->copies);
    for (; term_is_cons(list) && m->count < PIECES_MOST;
         list = term_tail(list)) {
        size_t size;
        if (!term_is_binary(term_head(list))) return false;
        const uint8_t *bytes = bits_bytes(term_head(list), &size,
                                          &m->copies[m->count]);
        // The system does not write to what is sent.
        m->pieces[m->count++] = (struct iovec){(void *)(uintptr_t)bytes, size};
    }
    m->header.msg_iov = m->pieces;
    m->header.msg_iovlen = m->count;
    return term_is_cons(list) || term_is_nil(list);
}

static bool is_control(Term t)
{
    int level, type;
    return term_is_tuple_of(t, 3) && get_int(term_tuple_get(t, 0), &level)
           && get_int(term_tuple_get(t, 1), &type)
           && term_is_binary(term_tuple_get(t, 2));
}

// A list of {Level, Type, Bytes}.
static bool add_controls(Message *m, Term list)
{
    size_t room = 0;
    for (Term l = list; term_is_cons(l); l = term_tail(l)) {
        if (!is_control(term_head(l))) return false;
        room += CMSG_SPACE(term_binary_size(term_tuple_get(term_head(l), 2)));
    }
    if (room == 0) return true;
    m->control = memory_zeroed(1, room);
    m->header.msg_control = m->control;
    m->header.msg_controllen = room;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m->header);
    for (; term_is_cons(list) && c != NULL; list = term_tail(list)) {
        Term t = term_head(list);
        uint8_t *copy;
        size_t size;
        const uint8_t *bytes = bits_bytes(term_tuple_get(t, 2), &size, &copy);
        get_int(term_tuple_get(t, 0), &c->cmsg_level);
        get_int(term_tuple_get(t, 1), &c->cmsg_type);
        c->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(c), bytes, size);
        free(copy);
        c = CMSG_NXTHDR(&m->header, c);
    }
    return true;
}

static void end_message(Message *m)
{
    for (size_t i = 0; i < m->count; i++) free(m->copies[i]);
    free(m->pieces);
    free(m->copies);
    free(m->control);
    free(m);
}

// NULL when [args] make none: see sendmsg.
static Message *new_message(const Term *args)
{
    Message *m = memory_zeroed(1, sizeof *m);
    if (add_pieces(m, args[1]) && get_address(args[2], &m->to)
        && add_controls(m, args[3])) {
        m->header.msg_name = m->to.size > 0 ? &m->to.any : NULL;
        m->header.msg_namelen = m->to.size;
        return m;
    }
    end_message(m);
    return NULL;
}

static size_t message_size(const Message *m)
{
    size_t size = 0;
    for (size_t i = 0; i < m->header.msg_iovlen; i++)
        size += m->header.msg_iov[i].iov_len;
    return size;
}

// prim_socket:sendmsg(Socket, [Binary], Address | <<>>, Controls, Flags)
//     -> {ok, Sent} | {error, Reason}
Term bif_prim_socket_sendmsg_5(Process *p, const Term *args)
{
    int flags;
    Term error;
    Message *m = get_int(args[4], &flags) ? new_message(args) : NULL;
    if (m == NULL) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) {
        end_message(m);
        return error;
    }
    if (!endpoint_may_try(e, ENDPOINT_WRITE, p->pid)) {
        end_message(m);
        return unlock(e, wait_behind(p, &e->count[ENDPOINT_WRITE]));
    }
    ssize_t n = sendmsg(e->fd, &m->header, flags | MSG_NOSIGNAL);
    int number = errno; // before what follows changes it
    count_result(&e->count[ENDPOINT_WRITE], n);
    // The rest of what was sent in part is to follow it.
    if (n < 0 ? number != EAGAIN : (size_t)n == message_size(m))
        endpoint_pass(e, ENDPOINT_WRITE, p->pid);
    Term result = n < 0 ? posix_error_tuple(p, number)
                        : ok(p, heap_integer(process_heap(p), n));
    end_message(m);
    return unlock(e, result);
}

// ---- receiving ----

static Term controls_term(Process *p, struct msghdr *m)
{
    Heap *h = process_heap(p);
    Term items[CONTROLS_MOST];
    size_t n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL && n < CONTROLS_MOST;
         c = CMSG_NXTHDR(m, c))
        items[n++] = heap_tuple3(
            h, term_small(c->cmsg_level), term_small(c->cmsg_type),
            heap_binary(h, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0)));
    return heap_list(h, n, items, TERM_NIL);
}

// The bytes are the blob's if they are many.
static Term received_bytes(Process *p, Blob *blob, size_t size)
{
    blob->size = size;
    if (size > 64) {
        blob = blob_resize(blob, size);
        return heap_binary_from_blob(process_heap(p), blob, size);
    }
    Term t = heap_binary(process_heap(p), blob->bytes, size);
    counted_release(&blob->counted);
    return t;
}

// prim_socket:recvmsg(Socket, Size, ControlSize, Flags)
//     -> {ok, Address | <<>>, Flags, Controls, Bytes} | {error, Reason}
Term bif_prim_socket_recvmsg_4(Process *p, const Term *args)
{
    size_t most, control;
    int flags;
    Term error;
    if (!bif_get_size(args[1], &most) || most > INT32_MAX
        || !bif_get_size(args[2], &control) || control > OPTION_MOST
        || !get_int(args[3], &flags))
        return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    if (!endpoint_may_try(e, ENDPOINT_READ, p->pid))
        return unlock(e, wait_behind(p, &e->count[ENDPOINT_READ]));
    Blob *blob = blob_new(most);
    SocketAddress from = {.size = 0};
    struct iovec piece = {blob->bytes, most};
    struct msghdr m = {.msg_name = &from.any, .msg_namelen = sizeof from.room,
                       .msg_iov = &piece, .msg_iovlen = 1,
                       .msg_controllen = control};
    m.msg_control = memory_alloc(control + 1);
    ssize_t n = recvmsg(e->fd, &m, flags | MSG_CMSG_CLOEXEC);
    int number = errno; // before what follows changes it
    count_result(&e->count[ENDPOINT_READ], n);
    // Who wants all of it reads on.
    bool goes_on = n > 0 && (size_t)n < most && (flags & MSG_WAITALL) != 0;
    if (n < 0 ? number != EAGAIN : !goes_on)
        endpoint_pass(e, ENDPOINT_READ, p->pid);
    Term result;
    if (n < 0) {
        result = posix_error_tuple(p, number);
        counted_release(&blob->counted);
    } else {
        from.size = m.msg_namelen;
        result = heap_tuple(
            process_heap(p), 5,
            (Term[]){ATOM_ok, address_bytes(p, &from),
                     term_small(m.msg_flags & ~MSG_CMSG_CLOEXEC),
                     controls_term(p, &m),
                     received_bytes(p, blob, (size_t)n)});
    }
    free(m.msg_control);
    return unlock(e, result);
}

// ---- waiting ----

// prim_socket:select(Socket, read | write, Handle): a message comes once.
Term bif_prim_socket_select_3(Process *p, const Term *args)
{
    Term error;
    if (!ref_is_local(args[2])) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    bool writes = term_same(args[1], ATOM_write);
    endpoint_wait(e, writes ? ENDPOINT_WRITE : ENDPOINT_READ, p->pid,
                  ref_to_id(args[2]));
    return unlock(e, ATOM_ok);
}

// prim_socket:cancel(Socket, Handle): whether it waited still.
Term bif_prim_socket_cancel_2(Process *p, const Term *args)
{
    Term error;
    if (!ref_is_local(args[1])) return bif_error(p, ATOM_badarg);
    Endpoint *e = lock_endpoint(p, args, &error);
    if (e == NULL) return error;
    bool there = endpoint_cancel(e, ref_to_id(args[1]));
    return unlock(e, there ? ATOM_true : ATOM_false);
}

// ---- looking ----

static Term count_term(Process *p, const EndpointCount *c)
{
    Heap *h = process_heap(p);
    return heap_tuple(h, 6, (Term[]){
        heap_unsigned(h, c->bytes), heap_unsigned(h, c->packets),
        heap_unsigned(h, c->most), heap_unsigned(h, c->tries),
        heap_unsigned(h, c->waits), heap_unsigned(h, c->fails)});
}

// [bound, listen, connecting, connected]: what holds.
static Term states_term(Heap *h, const Endpoint *e)
{
    const struct { bool holds; Term name; } states[] = {
        {e->connected, ATOM_connected}, {e->connects, ATOM_connecting},
        {e->listens, ATOM_listen}, {e->bound, ATOM_bound}};
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (states[i].holds) list = heap_cons(h, states[i].name, list);
    return list;
}

// prim_socket:info(Socket) -> {ok, Fd, {Domain, Type, Protocol},
//     {Readers, Writers, [State]}, {Reads, Writes, Accepts}}
// Of one that is closed, too: its Fd is -1.
Term bif_prim_socket_info_1(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Endpoint *e = endpoint_of(args[0]);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&e->lock);
    Term kind = heap_tuple3(h, term_small(e->domain), term_small(e->type),
                            term_small(e->protocol));
    Term waits = heap_tuple3(
        h, heap_unsigned(h, endpoint_waiting(e, ENDPOINT_READ)),
        heap_unsigned(h, endpoint_waiting(e, ENDPOINT_WRITE)),
        states_term(h, e));
    Term counts = heap_tuple3(h, count_term(p, &e->count[ENDPOINT_READ]),
                              count_term(p, &e->count[ENDPOINT_WRITE]),
                              count_term(p, &e->accepted));
    return unlock(e, heap_tuple(h, 5, (Term[]){ATOM_ok, term_small(e->fd),
                                               kind, waits, counts}));
}

// prim_socket:protocols() -> [{[Name], Number}] of the system's file
Term bif_prim_socket_protocols_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    struct protoent entry, *found;
    char room[2048];
    setprotoent(1);
    while (getprotoent_r(&entry, room, sizeof room, &found) == 0) {
        Term names = TERM_NIL;
        for (char **a = found->p_aliases; *a != NULL; a++)
            names = heap_cons(h, atom_new(p->node->atoms, *a, strlen(*a)),
                              names);
        Term name = atom_new(p->node->atoms, found->p_name,
                             strlen(found->p_name));
        names = heap_cons(h, name, names);
        list = heap_cons(h, heap_tuple2(h, names, term_small(found->p_proto)),
                         list);
    }
    endprotoent();
    return list;
}
