// SPDX-License-Identifier: Apache-2.0
// prim_inet: sockets, names of hosts and interfaces.
// Sockets are ports, which PortCalls ask.
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <unistd.h>

#include "bif.h"
#include "copy.h"
#include "name_lookup.h"
#include "poller.h"
#include "posix_error.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "socket.h"
#include "socket_descriptor.h"

// Also of names: inet or inet6.
static bool read_family(Term t, int *family)
{
    switch (t.bits) {
    case ATOM_BITS_inet:
        *family = AF_INET;
        return true;
    case ATOM_BITS_inet6:
        *family = AF_INET6;
        return true;
    case ATOM_BITS_local:
        *family = AF_UNIX;
        return true;
    default:
        return false;
    }
}

// ---- sockets ----
// These run on the thread that asks, or that of ports.

// 0 when descriptor [fd], which somebody else has opened, is what it is said to
// be; else an error number.
static int check_family(int fd, int family)
{
    SocketAddress a = {.size = sizeof a.room};
    if (getsockname(fd, &a.any, &a.size) != 0) return errno;
    return a.any.sa_family == family ? 0 : EINVAL;
}

// Of {Type, Family, Fd, NameSpace}; Fd -1: a new one.
static Term run_open(Port *none, PortCall *call)
{
    int family = AF_INET;
    read_family(term_tuple_get(call->question, 1), &family);
    bool stream = term_same(term_tuple_get(call->question, 0), ATOM_tcp);
    int type = stream ? SOCK_STREAM : SOCK_DGRAM;
    int fd = (int)term_small_value(term_tuple_get(call->question, 2));
    if (!port_table_has_room(call->node))
        return heap_tuple2(&call->heap, ATOM_error, ATOM_system_limit);
    int error = poller_start(call->node->poller);
    if (error != 0) return socket_error(call->node, &call->heap, error);
    bool given = fd >= 0;
    if (!given)
        fd = socket_descriptor_new(term_tuple_get(call->question, 3), family,
                                   type, 0);
    if (fd < 0) return socket_error(call->node, &call->heap, errno);
    if (given) error = check_family(fd, family);
    if (error != 0) return socket_error(call->node, &call->heap, error);
    Socket *s = socket_new(call->node, fd, family, type, call->caller);
    // A descriptor from elsewhere may have done something already.
    if (given) {
        SocketAddress a = {.size = sizeof a.room};
        int listening = 0;
        socklen_t size = sizeof listening;
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
        if (listening)
            s->state = SOCKET_LISTENING;
        else if (getpeername(fd, &a.any, &a.size) == 0)
            s->state = SOCKET_CONNECTED;
    }
    Term id = s->port.id;
    port_leave(&s->port);
    return heap_tuple2(&call->heap, ATOM_ok, id);
}

// prim_inet:open0(tcp | udp, Family, Fd | -1 | stream | dgram, NameSpace)
//     -> {ok, Socket} | {error, Reason}
// The protocol tells the type; its name is as good as -1.
Term bif_prim_inet_open0_4(Process *p, const Term *args)
{
    int family;
    Term fd = term_is_atom(args[2]) ? term_small(-1) : args[2];
    if (!read_family(args[1], &family) || !term_is_small(fd))
        return bif_error(p, ATOM_badarg);
    // Asked once; called again until the answer is there.
    if (request_is_new(p)) {
        PortCall *call = port_call_new(p, TERM_NONE, run_open);
        Term space = copy_term(p->node, &call->heap, args[3]);
        call->question =
            heap_tuple(&call->heap, 4, (Term[]){args[0], args[1], fd, space});
        call->direct = true;
        port_call_start(call);
    }
    return request_wait(p, 4, args);
}

// Operations to which a socket that is gone is closed, not an error.
// gen_tcp:send on a closed socket is {error, closed}.
static bool is_traffic(Term name)
{
    switch (name.bits) {
    case ATOM_BITS_send:
    case ATOM_BITS_sendto:
    case ATOM_BITS_recv:
    case ATOM_BITS_accept:
    case ATOM_BITS_connect:
    case ATOM_BITS_shutdown:
        return true;
    default:
        return false;
    }
}

// Of {Operation, Argument}
// Operations answer on the call's heap.
static Term run_operation(Port *port, PortCall *call)
{
    Socket *s = socket_of(port);
    Term name = term_tuple_get(call->question, 0);
    if (s == NULL)
        return heap_tuple2(&call->heap, ATOM_error,
                           is_traffic(name) ? ATOM_closed : ATOM_einval);
    SocketOperation run = socket_find_operation(name);
    Term answer = run(s, call, term_tuple_get(call->question, 1));
    // The operation may have changed what the socket waits for.
    socket_update(s);
    return answer;
}

// The bytes to send are taken from the caller's heap at once.
// Others are copied as terms.
static bool add_argument(PortCall *call, Term operation, Term arg)
{
    if (term_same(operation, ATOM_send)) {
        call->bytes = bif_get_iodata(arg, &call->size);
        arg = TERM_NIL;
        if (call->bytes == NULL) return false;
    }
    arg = copy_term(call->node, &call->heap, arg);
    call->question = heap_tuple2(&call->heap, operation, arg);
    return true;
}

// prim_inet:call(Socket, Operation, Argument)
//     -> ok | {ok, Answer} | {error, Reason}
// One request at a time: the process waits.
Term bif_prim_inet_call_3(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        if (!term_is_local_port(args[0])
            || socket_find_operation(args[1]) == NULL)
            return bif_error(p, ATOM_badarg);
        PortCall *call = port_call_new(p, args[0], run_operation);
        // Bad iodata is einval, as inet answers it.
        if (!add_argument(call, args[1], args[2])) {
            port_call_free(call);
            return socket_error(p->node, process_heap(p), EINVAL);
        }
        request_is_new(p);
        port_call_start(call);
    }
    return request_wait(p, 3, args);
}

// accept0 and recv0: the same under the names that processes which wait for a
// socket are known by.
Term bif_prim_inet_accept0_3(Process *p, const Term *args)
{
    return bif_prim_inet_call_3(p, args);
}

Term bif_prim_inet_recv0_3(Process *p, const Term *args)
{
    return bif_prim_inet_call_3(p, args);
}

// prim_inet:start(Socket, Operation, Argument, Ref): as call, but the answer
// comes as a message {inet_async, Socket, Ref, Answer}.
// For active sockets and timeouts, where the caller goes on.
Term bif_prim_inet_start_4(Process *p, const Term *args)
{
    if (!term_is_local_port(args[0]) || !term_is_small(args[3])
        || socket_find_operation(args[1]) == NULL)
        return bif_error(p, ATOM_badarg);
    PortCall *call = port_call_new(p, args[0], run_operation);
    call->async = args[3];
    if (!add_argument(call, args[1], args[2])) {
        port_call_free(call);
        return bif_error(p, ATOM_badarg);
    }
    port_call_start(call);
    return ATOM_ok;
}

// ---- names of hosts ----
// The system's resolver; inet's own, in Erlang, is a layer above.

// The name as uname has it.
Term bif_prim_inet_gethostname_0(Process *p, const Term *args)
{
    char name[256];
    Heap *h = process_heap(p);
    if (gethostname(name, sizeof name) != 0) return posix_error_tuple(p, errno);
    return heap_tuple2(h, ATOM_ok,
                       heap_string(h, name, strlen(name), TERM_NIL));
}

// The addresses of [list], each once, in order.
// At most 64: nobody uses more.
static Term list_addresses(Heap *h, const struct addrinfo *list)
{
    Term addresses[64];
    size_t n = 0;
    for (; list != NULL && n < 64; list = list->ai_next) {
        SocketAddress a = {.size = list->ai_addrlen};
        memcpy(&a.room, list->ai_addr, list->ai_addrlen);
        addresses[n++] = socket_address_host(h, &a);
    }
    return heap_list(h, n, addresses, TERM_NIL);
}

// Whatever was wrong, OTP says nxdomain.
static Term tell_host(const NameLookup *l, Node *node, Heap *h)
{
    (void)node;
    if (l->error != 0) return heap_tuple2(h, ATOM_error, ATOM_nxdomain);
    const char *full = l->found->ai_canonname;
    if (full == NULL) full = l->host;
    Term text = heap_string(h, full, strlen(full), TERM_NIL);
    return heap_tuple3(h, ATOM_ok, text, list_addresses(h, l->found));
}

// prim_inet:gethostbyname0(Name, Family)
//     -> {ok, Canonical, [Address]} | {error, nxdomain}
Term bif_prim_inet_gethostbyname0_2(Process *p, const Term *args)
{
    int family;
    size_t size;
    char *name = bif_get_text(p, args[0], &size);
    if (name == NULL || !read_family(args[1], &family)) {
        free(name);
        return bif_error(p, ATOM_badarg);
    }
    if (!request_is_new(p)) {
        free(name);
        return request_wait(p, 2, args);
    }
    NameLookup *l = name_lookup_new(p, tell_host);
    l->host = name;
    // One kind of socket, or each address would come three times.
    l->hints = (struct addrinfo){.ai_family = family,
                                 .ai_socktype = SOCK_STREAM,
                                 .ai_flags = AI_CANONNAME};
    name_lookup_start(p->node->name_lookups, l);
    return request_wait(p, 2, args);
}

static Term tell_name(const NameLookup *l, Node *node, Heap *h)
{
    (void)node;
    if (l->error != 0) return heap_tuple2(h, ATOM_error, ATOM_nxdomain);
    return heap_tuple2(h, ATOM_ok,
                       heap_string(h, l->name, strlen(l->name), TERM_NIL));
}

// prim_inet:gethostbyaddr0(Address) -> {ok, Name} | {error, nxdomain}
// The name is asked for, not the number as text.
Term bif_prim_inet_gethostbyaddr0_1(Process *p, const Term *args)
{
    SocketAddress a;
    int family = term_is_tuple_of(args[0], 8) ? AF_INET6 : AF_INET;
    if (!socket_address_read(&a, family, args[0], term_small(0)))
        return bif_error(p, ATOM_badarg);
    if (request_is_new(p)) {
        NameLookup *l = name_lookup_new(p, tell_name);
        l->address = a;
        l->flags = NI_NAMEREQD | NI_NUMERICSERV;
        name_lookup_start(p->node->name_lookups, l);
    }
    return request_wait(p, 1, args);
}

// prim_inet:getservbyname(Name, Protocol) -> {ok, Port} | {error, einval}
// "http", "tcp" in /etc/services.
Term bif_prim_inet_getservbyname_2(Process *p, const Term *args)
{
    size_t size;
    char *name = bif_get_text(p, args[0], &size);
    char *protocol = bif_get_text(p, args[1], &size);
    struct servent entry, *found = NULL;
    char room[1024];
    if (name != NULL && protocol != NULL)
        getservbyname_r(name, protocol, &entry, room, sizeof room, &found);
    free(name);
    free(protocol);
    if (found == NULL) return posix_error_tuple(p, EINVAL);
    return heap_tuple2(process_heap(p), ATOM_ok,
                       term_small(ntohs((uint16_t)found->s_port)));
}

// prim_inet:getservbyport(Port, Protocol) -> {ok, Name} | {error, einval}
// Ports are in network order there.
Term bif_prim_inet_getservbyport_2(Process *p, const Term *args)
{
    size_t size, port;
    char *protocol = bif_get_text(p, args[1], &size);
    struct servent entry, *found = NULL;
    char room[1024];
    if (protocol != NULL && bif_get_size(args[0], &port) && port <= UINT16_MAX)
        getservbyport_r(htons((uint16_t)port), protocol, &entry, room,
                        sizeof room, &found);
    free(protocol);
    if (found == NULL) return posix_error_tuple(p, EINVAL);
    Heap *h = process_heap(p);
    return heap_tuple2(
        h, ATOM_ok,
        heap_string(h, found->s_name, strlen(found->s_name), TERM_NIL));
}

// ---- interfaces ----
// inet:getifaddrs: one entry for each address; its Erlang part puts those of an
// interface together.

// Backwards, so that the list begins with up.
static Term flag_list(Heap *h, unsigned flags)
{
    static const struct {
        unsigned flag;
        uintptr_t name;
    } names[] = {{IFF_MULTICAST, ATOM_BITS_multicast},
                 {IFF_RUNNING, ATOM_BITS_running},
                 {IFF_POINTOPOINT, ATOM_BITS_pointtopoint},
                 {IFF_LOOPBACK, ATOM_BITS_loopback},
                 {IFF_BROADCAST, ATOM_BITS_broadcast},
                 {IFF_UP, ATOM_BITS_up}};
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((flags & names[i].flag) != 0)
            list = heap_cons(h, (Term){names[i].name}, list);
    return list;
}

// undefined of what is not there, or of another family; a hardware address is a
// list of bytes.
static Term interface_address(Heap *h, const struct sockaddr *from)
{
    SocketAddress a = {.size = sizeof a.room};
    if (from == NULL) return ATOM_undefined;
    if (from->sa_family == AF_INET) {
        memcpy(&a.in, from, sizeof a.in);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&a.in6, from, sizeof a.in6);
    } else if (from->sa_family == AF_PACKET) {
        const struct sockaddr_ll *link = (const struct sockaddr_ll *)from;
        return heap_string(h, (const char *)link->sll_addr, link->sll_halen,
                           TERM_NIL);
    } else {
        return ATOM_undefined;
    }
    return socket_address_host(h, &a);
}

// prim_inet:getifaddrs()
//     -> {ok, [{Name, Flags, Address, Netmask, Broadcast | Peer}]}
// All at once: the system's list is freed before the answer.
Term bif_prim_inet_getifaddrs_0(Process *p, const Term *args)
{
    struct ifaddrs *all;
    Heap *h = process_heap(p);
    if (getifaddrs(&all) != 0) return posix_error_tuple(p, errno);
    Term entries[512];
    size_t n = 0;
    for (const struct ifaddrs *i = all; i != NULL && n < 512; i = i->ifa_next)
        entries[n++] = heap_tuple(
            h, 5,
            (Term[]){heap_string(h, i->ifa_name, strlen(i->ifa_name), TERM_NIL),
                     flag_list(h, i->ifa_flags),
                     interface_address(h, i->ifa_addr),
                     interface_address(h, i->ifa_netmask),
                     interface_address(h, i->ifa_broadaddr)});
    freeifaddrs(all);
    return heap_tuple2(h, ATOM_ok, heap_list(h, n, entries, TERM_NIL));
}
