// SPDX-License-Identifier: Apache-2.0
// prim_net: what module net asks of the system: addresses of names, names of
// addresses, interfaces. Answers are maps, as module socket has addresses.
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netdb.h>
#include <netpacket/packet.h>
#include <stdlib.h>

#include "bif.h"
#include "map.h"
#include "name_lookup.h"
#include "posix_error.h"
#include "process.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "socket_address.h"

typedef struct {
    int number;
    const char *name;
} Named;

// Atoms that are needed only here are made when they are.
static Term atom_of(Node *node, const char *text)
{
    return atom_new(node->atoms, text, strlen(text));
}

// The name of [number] in a table that ends with NULL; else the number.
static Term name_of(Node *node, const Named *table, int number)
{
    for (; table->name != NULL; table++)
        if (table->number == number) return atom_of(node, table->name);
    return term_small(number);
}

// ---- maps ----

enum { PAIRS_MOST = 8 };

typedef struct {
    Term pairs[2 * PAIRS_MOST];
    size_t count;
} Pairs;

static void add_pair(Node *node, Pairs *to, const char *key, Term value)
{
    to->pairs[2 * to->count] = atom_of(node, key);
    to->pairs[2 * to->count + 1] = value;
    to->count++;
}

static Term pairs_map(Node *node, Heap *h, Pairs *from)
{
    return map_from_pairs(h, node->atoms, from->count, from->pairs);
}

static void add_packet_address(Node *node, Heap *h, Pairs *to,
                               const struct sockaddr_ll *link)
{
    static const Named kinds[] = {{ARPHRD_ETHER, "ether"},
                                  {ARPHRD_LOOPBACK, "loopback"},
                                  {ARPHRD_TUNNEL, "tunnel"},
                                  {ARPHRD_TUNNEL6, "tunnel6"},
                                  {ARPHRD_SIT, "sit"},
                                  {ARPHRD_NONE, "none"},
                                  {0, NULL}};
    static const Named packets[] = {
        {PACKET_HOST, "host"},           {PACKET_BROADCAST, "broadcast"},
        {PACKET_MULTICAST, "multicast"}, {PACKET_OTHERHOST, "otherhost"},
        {PACKET_OUTGOING, "outgoing"},   {0, NULL}};
    add_pair(node, to, "family", atom_of(node, "packet"));
    add_pair(node, to, "protocol", term_small(ntohs(link->sll_protocol)));
    add_pair(node, to, "ifindex", term_small(link->sll_ifindex));
    add_pair(node, to, "hatype", name_of(node, kinds, link->sll_hatype));
    add_pair(node, to, "pkttype", name_of(node, packets, link->sll_pkttype));
    add_pair(node, to, "addr", heap_binary(h, link->sll_addr, link->sll_halen));
}

// The map of an address, TERM_NONE of a family that is not known here.
static Term address_map(Node *node, Heap *h, const struct sockaddr *from)
{
    Pairs pairs = {.count = 0};
    SocketAddress a = {.size = sizeof a.room};
    if (from == NULL) return TERM_NONE;
    if (from->sa_family == AF_PACKET) {
        add_packet_address(node, h, &pairs, (const struct sockaddr_ll *)from);
        return pairs_map(node, h, &pairs);
    }
    if (from->sa_family == AF_INET) {
        memcpy(&a.in, from, sizeof a.in);
        add_pair(node, &pairs, "family", ATOM_inet);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&a.in6, from, sizeof a.in6);
        add_pair(node, &pairs, "family", ATOM_inet6);
        add_pair(node, &pairs, "flowinfo",
                 heap_unsigned(h, ntohl(a.in6.sin6_flowinfo)));
        add_pair(node, &pairs, "scope_id",
                 heap_unsigned(h, a.in6.sin6_scope_id));
    } else {
        return TERM_NONE;
    }
    add_pair(node, &pairs, "addr", socket_address_host(h, &a));
    add_pair(node, &pairs, "port", term_small(socket_address_port(&a)));
    return pairs_map(node, h, &pairs);
}

// ---- names ----

static Term look_up_error(Node *node, Heap *h, int code)
{
    static const Named names[] = {{EAI_AGAIN, "eagain"},
                                  {EAI_BADFLAGS, "ebadflags"},
                                  {EAI_FAIL, "efail"},
                                  {EAI_FAMILY, "efamily"},
                                  {EAI_MEMORY, "emem"},
                                  {EAI_NONAME, "enoname"},
                                  {EAI_SERVICE, "eservice"},
                                  {EAI_SOCKTYPE, "esocktype"},
                                  {EAI_OVERFLOW, "eoverflow"},
                                  {EAI_SYSTEM, "esystem"},
                                  {0, NULL}};
    return heap_tuple2(h, ATOM_error, name_of(node, names, code));
}

static Term info_map(Node *node, Heap *h, const struct addrinfo *info)
{
    static const Named types[] = {{SOCK_STREAM, "stream"},
                                  {SOCK_DGRAM, "dgram"},
                                  {SOCK_RAW, "raw"},
                                  {SOCK_SEQPACKET, "seqpacket"},
                                  {0, NULL}};
    static const Named protocols[] = {{IPPROTO_IP, "ip"},
                                      {IPPROTO_TCP, "tcp"},
                                      {IPPROTO_UDP, "udp"},
                                      {IPPROTO_SCTP, "sctp"},
                                      {0, NULL}};
    Pairs pairs = {.count = 0};
    bool v6 = info->ai_family == AF_INET6;
    add_pair(node, &pairs, "family", v6 ? ATOM_inet6 : ATOM_inet);
    add_pair(node, &pairs, "type", name_of(node, types, info->ai_socktype));
    add_pair(node, &pairs, "protocol",
             name_of(node, protocols, info->ai_protocol));
    add_pair(node, &pairs, "addr", address_map(node, h, info->ai_addr));
    return pairs_map(node, h, &pairs);
}

// undefined is none; false when it is no text either.
static bool get_name(Process *p, Term t, char **text)
{
    size_t size;
    *text = NULL;
    if (term_same(t, ATOM_undefined)) return true;
    *text = bif_get_text(p, t, &size);
    return *text != NULL;
}

static Term tell_addresses(const NameLookup *l, Node *node, Heap *h)
{
    if (l->error != 0) return look_up_error(node, h, l->error);
    Term infos[256]; // names have fewer addresses
    size_t n = 0;
    for (const struct addrinfo *i = l->found; i != NULL && n < 256;
         i = i->ai_next)
        if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
            infos[n++] = info_map(node, h, i);
    return heap_tuple2(h, ATOM_ok, heap_list(h, n, infos, TERM_NIL));
}

// prim_net:getaddrinfo(Host | undefined, Service | undefined)
//     -> {ok, [Info]} | {error, Reason}
Term bif_prim_net_getaddrinfo_2(Process *p, const Term *args)
{
    char *host, *service = NULL;
    if (!get_name(p, args[0], &host) || !get_name(p, args[1], &service)) {
        free(host);
        return bif_error(p, ATOM_badarg);
    }
    if (!request_is_new(p)) {
        free(host);
        free(service);
        return request_wait(p, 2, args);
    }
    NameLookup *l = name_lookup_new(p, tell_addresses);
    l->host = host;
    l->service = service;
    name_lookup_start(p->node->name_lookups, l);
    return request_wait(p, 2, args);
}

static Term tell_names(const NameLookup *l, Node *node, Heap *h)
{
    if (l->error != 0) return look_up_error(node, h, l->error);
    return heap_tuple3(
        h, ATOM_ok, heap_string(h, l->name, strlen(l->name), TERM_NIL),
        heap_string(h, l->service_name, strlen(l->service_name), TERM_NIL));
}

// prim_net:getnameinfo(Family, Address, Port, Flags)
//     -> {ok, Host, Service} | {error, Reason}
// [Flags] is the number that the system takes.
Term bif_prim_net_getnameinfo_4(Process *p, const Term *args)
{
    SocketAddress a;
    int64_t flags;
    int family = term_same(args[0], ATOM_inet6) ? AF_INET6 : AF_INET;
    if (!socket_address_read(&a, family, args[1], args[2])
        || !bif_get_int64(args[3], &flags))
        return bif_error(p, ATOM_badarg);
    if (request_is_new(p)) {
        NameLookup *l = name_lookup_new(p, tell_names);
        l->address = a;
        l->flags = (int)flags;
        name_lookup_start(p->node->name_lookups, l);
    }
    return request_wait(p, 4, args);
}

// ---- interfaces ----

// In the order in which they are told.
static Term flag_list(Node *node, Heap *h, unsigned flags)
{
    static const Named names[] = {{IFF_UP, "up"},
                                  {IFF_BROADCAST, "broadcast"},
                                  {IFF_DEBUG, "debug"},
                                  {IFF_LOOPBACK, "loopback"},
                                  {IFF_POINTOPOINT, "pointopoint"},
                                  {IFF_NOTRAILERS, "notrailers"},
                                  {IFF_RUNNING, "running"},
                                  {IFF_NOARP, "noarp"},
                                  {IFF_PROMISC, "promisc"},
                                  {IFF_MASTER, "master"},
                                  {IFF_SLAVE, "slave"},
                                  {IFF_MULTICAST, "multicast"},
                                  {IFF_PORTSEL, "portsel"},
                                  {IFF_AUTOMEDIA, "automedia"},
                                  {IFF_DYNAMIC, "dynamic"}};
    Term list = TERM_NIL;
    for (size_t i = sizeof names / sizeof *names; i-- > 0;)
        if ((flags & (unsigned)names[i].number) != 0)
            list = heap_cons(h, atom_of(node, names[i].name), list);
    return list;
}

static void add_address(Node *node, Heap *h, Pairs *to, const char *key,
                        const struct sockaddr *from)
{
    Term address = address_map(node, h, from);
    if (!term_is_none(address)) add_pair(node, to, key, address);
}

static Term interface_map(Node *node, Heap *h, const struct ifaddrs *i)
{
    Pairs pairs = {.count = 0};
    add_pair(node, &pairs, "name",
             heap_string(h, i->ifa_name, strlen(i->ifa_name), TERM_NIL));
    add_pair(node, &pairs, "flags", flag_list(node, h, i->ifa_flags));
    add_address(node, h, &pairs, "addr", i->ifa_addr);
    add_address(node, h, &pairs, "netmask", i->ifa_netmask);
    // One field of the system's, of which the flags say what it is.
    if (i->ifa_flags & IFF_POINTOPOINT)
        add_address(node, h, &pairs, "dstaddr", i->ifa_dstaddr);
    else if (i->ifa_flags & IFF_BROADCAST)
        add_address(node, h, &pairs, "broadaddr", i->ifa_broadaddr);
    return pairs_map(node, h, &pairs);
}

// prim_net:getifaddrs() -> {ok, [Interface]} | {error, Reason}
// One map for each address of an interface.
Term bif_prim_net_getifaddrs_0(Process *p, const Term *args)
{
    struct ifaddrs *all;
    if (getifaddrs(&all) != 0) return posix_error_tuple(p, errno);
    Heap *h = process_heap(p);
    Term maps[512];
    size_t n = 0;
    for (const struct ifaddrs *i = all; i != NULL && n < 512; i = i->ifa_next)
        maps[n++] = interface_map(p->node, h, i);
    freeifaddrs(all);
    return heap_tuple2(h, ATOM_ok, heap_list(h, n, maps, TERM_NIL));
}

// prim_net:if_name2index(Name) -> {ok, Index} | {error, Reason}
Term bif_prim_net_if_name2index_1(Process *p, const Term *args)
{
    size_t size;
    char *name = bif_get_text(p, args[0], &size);
    if (name == NULL) return bif_error(p, ATOM_badarg);
    unsigned index = if_nametoindex(name);
    int error = errno;
    free(name);
    if (index == 0) return posix_error_tuple(p, error);
    return heap_tuple2(process_heap(p), ATOM_ok, term_small(index));
}

// prim_net:if_index2name(Index) -> {ok, Name} | {error, Reason}
Term bif_prim_net_if_index2name_1(Process *p, const Term *args)
{
    size_t index;
    char name[IF_NAMESIZE];
    if (!bif_get_size(args[0], &index) || index > UINT32_MAX)
        return bif_error(p, ATOM_badarg);
    if (if_indextoname((unsigned)index, name) == NULL)
        return posix_error_tuple(p, errno);
    Heap *h = process_heap(p);
    return heap_tuple2(h, ATOM_ok,
                       heap_string(h, name, strlen(name), TERM_NIL));
}

// prim_net:if_names() -> {ok, [{Index, Name}]} | {error, Reason}
Term bif_prim_net_if_names_0(Process *p, const Term *args)
{
    struct if_nameindex *all = if_nameindex();
    if (all == NULL) return posix_error_tuple(p, errno);
    Heap *h = process_heap(p);
    Term pairs[512];
    size_t n = 0;
    for (; all[n].if_index != 0 && n < 512; n++)
        pairs[n] = heap_tuple2(
            h, term_small(all[n].if_index),
            heap_string(h, all[n].if_name, strlen(all[n].if_name), TERM_NIL));
    if_freenameindex(all);
    return heap_tuple2(h, ATOM_ok, heap_list(h, n, pairs, TERM_NIL));
}
