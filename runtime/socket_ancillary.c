// SPDX-License-Identifier: Apache-2.0
// Sockets: what goes with a datagram beside its bytes: type of service, time
// to live, traffic class. [{tos | ttl | tclass, Number}] in Erlang, control
// messages for the system.
#include <errno.h>
#include <netinet/in.h>

#include "bif.h"
#include "socket.h"

// Room for one control message of each kind.
enum {
    KINDS = SOCKET_CONTROLS,
    CONTROL_ROOM = KINDS * CMSG_SPACE(sizeof(int))
};

typedef struct {
    uintptr_t name;  // bits of an atom
    int level, type; // of the message
} AncillaryKind;

static const AncillaryKind kinds[KINDS] = {
    {ATOM_BITS_tos, IPPROTO_IP, IP_TOS},
    {ATOM_BITS_ttl, IPPROTO_IP, IP_TTL},
    {ATOM_BITS_tclass, IPPROTO_IPV6, IPV6_TCLASS},
};

// The number in a message: the system makes some a byte, some an int.
static int message_number(const struct cmsghdr *c)
{
    int number = 0;
    if (c->cmsg_len < CMSG_LEN(sizeof number)) return *CMSG_DATA(c);
    memcpy(&number, CMSG_DATA(c), sizeof number);
    return number;
}

static void read_messages(struct msghdr *m, SocketAncillary *got)
{
    got->count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m);
         c != NULL && got->count < KINDS; c = CMSG_NXTHDR(m, c))
        got->messages[got->count++] = (SocketControl){
            c->cmsg_level, c->cmsg_type, message_number(c)};
}

ssize_t socket_ancillary_receive(Socket *s, void *bytes, size_t most,
                                 SocketAddress *from, SocketAncillary *got)
{
    _Alignas(struct cmsghdr) char control[CONTROL_ROOM];
    struct iovec part = {bytes, most};
    struct msghdr m = {.msg_name = &from->any, .msg_namelen = from->size,
                       .msg_iov = &part, .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s->fd, &m, 0);
    if (n < 0) return n;
    from->size = m.msg_namelen;
    read_messages(&m, got);
    return n;
}

Term socket_ancillary_term(Heap *h, const SocketAncillary *got)
{
    Term list = TERM_NIL;
    for (size_t i = got->count; i-- > 0;) {
        const SocketControl *c = &got->messages[i];
        for (size_t k = 0; k < KINDS; k++)
            if (kinds[k].level == c->level && kinds[k].type == c->type)
                list = heap_cons(h, heap_tuple2(h, (Term){kinds[k].name},
                                                term_small(c->number)), list);
    }
    return list;
}

Term socket_ancillary_pending(const Socket *s, Heap *h)
{
    _Alignas(struct cmsghdr) char control[CONTROL_ROOM];
    struct msghdr m = {.msg_control = control};
    socklen_t size = sizeof control;
    SocketAncillary got;
    bool six = s->family == AF_INET6;
    if (getsockopt(s->fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
                   six ? IPV6_2292PKTOPTIONS : IP_PKTOPTIONS, control, &size)
        != 0)
        return TERM_NONE;
    m.msg_controllen = size;
    read_messages(&m, &got);
    return socket_ancillary_term(h, &got);
}

// Puts one pair into the next message at [c]; false when it is none of ours.
static bool write_message(struct cmsghdr *c, Term pair)
{
    int64_t n;
    if (!term_is_tuple_of(pair, 2)
        || !bif_get_int64(term_tuple_get(pair, 1), &n) || n < 0
        || n > UINT8_MAX)
        return false;
    int number = (int)n;
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].name != term_tuple_get(pair, 0).bits) continue;
        c->cmsg_level = kinds[i].level;
        c->cmsg_type = kinds[i].type;
        c->cmsg_len = CMSG_LEN(sizeof number);
        memcpy(CMSG_DATA(c), &number, sizeof number);
        return true;
    }
    return false;
}

ssize_t socket_ancillary_send(Socket *s, const SocketAddress *to, Term list,
                              const void *bytes, size_t size)
{
    _Alignas(struct cmsghdr) char control[CONTROL_ROOM] = {0};
    // The system does not write to what is sent.
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    SocketAddress a = *to;
    struct msghdr m = {.msg_name = &a.any, .msg_namelen = a.size,
                       .msg_iov = &part, .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    size_t used = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (c == NULL || !write_message(c, term_head(list))) {
            errno = EINVAL;
            return -1;
        }
        used += CMSG_SPACE(sizeof(int));
        c = CMSG_NXTHDR(&m, c);
    }
    m.msg_controllen = used;
    return sendmsg(s->fd, &m, MSG_NOSIGNAL);
}
