// SPDX-License-Identifier: Apache-2.0
// prim_socket:numbers/0: what the names of module socket are to this system.
//
// One flat table: a new option is a line here, and the Erlang part knows it. A
// type says how the bytes of a value are read (socket_code.erl).
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "bif.h"
#include "process.h"
#include "runtime_bifs.gen.h"

typedef struct {
    const char *category, *name;
    int number, second; // second: of an option, whose level comes first
    const char *type;   // of a value, empty without
} Number;

static const Number numbers[] = {
    // domain
    {"domain", "inet", AF_INET, 0, ""},
    {"domain", "inet6", AF_INET6, 0, ""},
    {"domain", "local", AF_UNIX, 0, ""},
    {"domain", "unspec", AF_UNSPEC, 0, ""},
    {"domain", "packet", AF_PACKET, 0, ""},
    // type
    {"type", "stream", SOCK_STREAM, 0, ""},
    {"type", "dgram", SOCK_DGRAM, 0, ""},
    {"type", "raw", SOCK_RAW, 0, ""},
    {"type", "rdm", SOCK_RDM, 0, ""},
    {"type", "seqpacket", SOCK_SEQPACKET, 0, ""},
    // flag
    {"flag", "cmsg_cloexec", MSG_CMSG_CLOEXEC, 0, ""},
    {"flag", "confirm", MSG_CONFIRM, 0, ""},
    {"flag", "ctrunc", MSG_CTRUNC, 0, ""},
    {"flag", "dontroute", MSG_DONTROUTE, 0, ""},
    {"flag", "eor", MSG_EOR, 0, ""},
    {"flag", "errqueue", MSG_ERRQUEUE, 0, ""},
    {"flag", "more", MSG_MORE, 0, ""},
    {"flag", "nosignal", MSG_NOSIGNAL, 0, ""},
    {"flag", "oob", MSG_OOB, 0, ""},
    {"flag", "peek", MSG_PEEK, 0, ""},
    {"flag", "trunc", MSG_TRUNC, 0, ""},
    // level
    {"level", "socket", SOL_SOCKET, 0, ""},
    {"level", "ip", IPPROTO_IP, 0, ""},
    {"level", "ipv6", IPPROTO_IPV6, 0, ""},
    {"level", "tcp", IPPROTO_TCP, 0, ""},
    {"level", "udp", IPPROTO_UDP, 0, ""},
    // request
    {"request", "gifconf", SIOCGIFCONF, 0, ""},
    {"request", "gifname", SIOCGIFNAME, 0, ""},
    {"request", "gifindex", SIOCGIFINDEX, 0, ""},
    {"request", "gifaddr", SIOCGIFADDR, 0, ""},
    {"request", "gifdstaddr", SIOCGIFDSTADDR, 0, ""},
    {"request", "gifbrdaddr", SIOCGIFBRDADDR, 0, ""},
    {"request", "gifnetmask", SIOCGIFNETMASK, 0, ""},
    {"request", "gifhwaddr", SIOCGIFHWADDR, 0, ""},
    {"request", "gifmtu", SIOCGIFMTU, 0, ""},
    {"request", "giftxqlen", SIOCGIFTXQLEN, 0, ""},
    {"request", "gifflags", SIOCGIFFLAGS, 0, ""},
    {"request", "gifmap", SIOCGIFMAP, 0, ""},
    {"request", "sifaddr", SIOCSIFADDR, 0, ""},
    {"request", "sifdstaddr", SIOCSIFDSTADDR, 0, ""},
    {"request", "sifbrdaddr", SIOCSIFBRDADDR, 0, ""},
    {"request", "sifmtu", SIOCSIFMTU, 0, ""},
    {"request", "siftxqlen", SIOCSIFTXQLEN, 0, ""},
    {"request", "sifflags", SIOCSIFFLAGS, 0, ""},
    // interface
    {"interface", "up", IFF_UP, 0, ""},
    {"interface", "broadcast", IFF_BROADCAST, 0, ""},
    {"interface", "debug", IFF_DEBUG, 0, ""},
    {"interface", "loopback", IFF_LOOPBACK, 0, ""},
    {"interface", "pointopoint", IFF_POINTOPOINT, 0, ""},
    {"interface", "notrailers", IFF_NOTRAILERS, 0, ""},
    {"interface", "running", IFF_RUNNING, 0, ""},
    {"interface", "noarp", IFF_NOARP, 0, ""},
    {"interface", "promisc", IFF_PROMISC, 0, ""},
    {"interface", "master", IFF_MASTER, 0, ""},
    {"interface", "slave", IFF_SLAVE, 0, ""},
    {"interface", "multicast", IFF_MULTICAST, 0, ""},
    {"interface", "portsel", IFF_PORTSEL, 0, ""},
    {"interface", "automedia", IFF_AUTOMEDIA, 0, ""},
    {"interface", "dynamic", IFF_DYNAMIC, 0, ""},
    {"interface", "allmulti", IFF_ALLMULTI, 0, ""},
    // option of socket
    {"option_socket", "acceptconn", SOL_SOCKET, SO_ACCEPTCONN, "boolean"},
    {"option_socket", "bindtodevice", SOL_SOCKET, SO_BINDTODEVICE, "string"},
    {"option_socket", "broadcast", SOL_SOCKET, SO_BROADCAST, "boolean"},
    {"option_socket", "debug", SOL_SOCKET, SO_DEBUG, "integer"},
    {"option_socket", "domain", SOL_SOCKET, SO_DOMAIN, "domain"},
    {"option_socket", "dontroute", SOL_SOCKET, SO_DONTROUTE, "boolean"},
    {"option_socket", "keepalive", SOL_SOCKET, SO_KEEPALIVE, "boolean"},
    {"option_socket", "linger", SOL_SOCKET, SO_LINGER, "linger"},
    {"option_socket", "oobinline", SOL_SOCKET, SO_OOBINLINE, "boolean"},
    {"option_socket", "passcred", SOL_SOCKET, SO_PASSCRED, "boolean"},
    {"option_socket", "peek_off", SOL_SOCKET, SO_PEEK_OFF, "integer"},
    {"option_socket", "priority", SOL_SOCKET, SO_PRIORITY, "integer"},
    {"option_socket", "protocol", SOL_SOCKET, SO_PROTOCOL, "protocol"},
    {"option_socket", "rcvbuf", SOL_SOCKET, SO_RCVBUF, "integer"},
    {"option_socket", "rcvlowat", SOL_SOCKET, SO_RCVLOWAT, "integer"},
    {"option_socket", "rcvtimeo", SOL_SOCKET, SO_RCVTIMEO, "timeval"},
    {"option_socket", "reuseaddr", SOL_SOCKET, SO_REUSEADDR, "boolean"},
    {"option_socket", "reuseport", SOL_SOCKET, SO_REUSEPORT, "boolean"},
    {"option_socket", "sndbuf", SOL_SOCKET, SO_SNDBUF, "integer"},
    {"option_socket", "sndlowat", SOL_SOCKET, SO_SNDLOWAT, "integer"},
    {"option_socket", "sndtimeo", SOL_SOCKET, SO_SNDTIMEO, "timeval"},
    {"option_socket", "timestamp", SOL_SOCKET, SO_TIMESTAMP, "boolean"},
    {"option_socket", "type", SOL_SOCKET, SO_TYPE, "type"},
    // option of ip
    {"option_ip", "add_membership", IPPROTO_IP, IP_ADD_MEMBERSHIP,
     "membership"},
    {"option_ip", "add_source_membership", IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP,
     "source"},
    {"option_ip", "block_source", IPPROTO_IP, IP_BLOCK_SOURCE, "source"},
    {"option_ip", "drop_membership", IPPROTO_IP, IP_DROP_MEMBERSHIP,
     "membership"},
    {"option_ip", "drop_source_membership", IPPROTO_IP,
     IP_DROP_SOURCE_MEMBERSHIP, "source"},
    {"option_ip", "freebind", IPPROTO_IP, IP_FREEBIND, "boolean"},
    {"option_ip", "hdrincl", IPPROTO_IP, IP_HDRINCL, "boolean"},
    {"option_ip", "minttl", IPPROTO_IP, IP_MINTTL, "integer"},
    {"option_ip", "mtu", IPPROTO_IP, IP_MTU, "integer"},
    {"option_ip", "mtu_discover", IPPROTO_IP, IP_MTU_DISCOVER, "discover"},
    {"option_ip", "multicast_all", IPPROTO_IP, IP_MULTICAST_ALL, "boolean"},
    {"option_ip", "multicast_if", IPPROTO_IP, IP_MULTICAST_IF, "address"},
    {"option_ip", "multicast_loop", IPPROTO_IP, IP_MULTICAST_LOOP, "boolean"},
    {"option_ip", "multicast_ttl", IPPROTO_IP, IP_MULTICAST_TTL, "integer"},
    {"option_ip", "nodefrag", IPPROTO_IP, IP_NODEFRAG, "boolean"},
    {"option_ip", "pktoptions", IPPROTO_IP, IP_PKTOPTIONS, "bytes"},
    {"option_ip", "pktinfo", IPPROTO_IP, IP_PKTINFO, "boolean"},
    {"option_ip", "recverr", IPPROTO_IP, IP_RECVERR, "boolean"},
    {"option_ip", "recvopts", IPPROTO_IP, IP_RECVOPTS, "boolean"},
    {"option_ip", "recvorigdstaddr", IPPROTO_IP, IP_RECVORIGDSTADDR, "boolean"},
    {"option_ip", "recvtos", IPPROTO_IP, IP_RECVTOS, "boolean"},
    {"option_ip", "recvttl", IPPROTO_IP, IP_RECVTTL, "boolean"},
    {"option_ip", "retopts", IPPROTO_IP, IP_RETOPTS, "boolean"},
    {"option_ip", "router_alert", IPPROTO_IP, IP_ROUTER_ALERT, "integer"},
    {"option_ip", "tos", IPPROTO_IP, IP_TOS, "tos"},
    {"option_ip", "transparent", IPPROTO_IP, IP_TRANSPARENT, "boolean"},
    {"option_ip", "ttl", IPPROTO_IP, IP_TTL, "integer"},
    {"option_ip", "unblock_source", IPPROTO_IP, IP_UNBLOCK_SOURCE, "source"},
    // option of ipv6
    {"option_ipv6", "addrform", IPPROTO_IPV6, IPV6_ADDRFORM, "domain"},
    {"option_ipv6", "add_membership", IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,
     "membership6"},
    {"option_ipv6", "drop_membership", IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP,
     "membership6"},
    {"option_ipv6", "dstopts", IPPROTO_IPV6, IPV6_DSTOPTS, "boolean"},
    {"option_ipv6", "hoplimit", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, "boolean"},
    {"option_ipv6", "hopopts", IPPROTO_IPV6, IPV6_HOPOPTS, "boolean"},
    {"option_ipv6", "mtu", IPPROTO_IPV6, IPV6_MTU, "integer"},
    {"option_ipv6", "mtu_discover", IPPROTO_IPV6, IPV6_MTU_DISCOVER,
     "discover6"},
    {"option_ipv6", "multicast_hops", IPPROTO_IPV6, IPV6_MULTICAST_HOPS,
     "integer"},
    {"option_ipv6", "multicast_if", IPPROTO_IPV6, IPV6_MULTICAST_IF, "integer"},
    {"option_ipv6", "multicast_loop", IPPROTO_IPV6, IPV6_MULTICAST_LOOP,
     "boolean"},
    {"option_ipv6", "recverr", IPPROTO_IPV6, IPV6_RECVERR, "boolean"},
    {"option_ipv6", "recvhoplimit", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, "boolean"},
    {"option_ipv6", "recvpktinfo", IPPROTO_IPV6, IPV6_RECVPKTINFO, "boolean"},
    {"option_ipv6", "recvtclass", IPPROTO_IPV6, IPV6_RECVTCLASS, "boolean"},
    {"option_ipv6", "router_alert", IPPROTO_IPV6, IPV6_ROUTER_ALERT, "integer"},
    {"option_ipv6", "rthdr", IPPROTO_IPV6, IPV6_RTHDR, "boolean"},
    {"option_ipv6", "tclass", IPPROTO_IPV6, IPV6_TCLASS, "integer"},
    {"option_ipv6", "unicast_hops", IPPROTO_IPV6, IPV6_UNICAST_HOPS, "integer"},
    {"option_ipv6", "v6only", IPPROTO_IPV6, IPV6_V6ONLY, "boolean"},
    // option of tcp
    {"option_tcp", "congestion", IPPROTO_TCP, TCP_CONGESTION, "string"},
    {"option_tcp", "cork", IPPROTO_TCP, TCP_CORK, "boolean"},
    {"option_tcp", "maxseg", IPPROTO_TCP, TCP_MAXSEG, "integer"},
    {"option_tcp", "nodelay", IPPROTO_TCP, TCP_NODELAY, "boolean"},
    // option of udp
    {"option_udp", "cork", IPPROTO_UDP, UDP_CORK, "boolean"},
    // control of socket
    {"control_socket", "timestamp", SOL_SOCKET, SCM_TIMESTAMP, "timeval"},
    {"control_socket", "rights", SOL_SOCKET, SCM_RIGHTS, "bytes"},
    {"control_socket", "credentials", SOL_SOCKET, SCM_CREDENTIALS, "bytes"},
    // control of ip
    {"control_ip", "tos", IPPROTO_IP, IP_TOS, "tos"},
    {"control_ip", "ttl", IPPROTO_IP, IP_TTL, "integer"},
    {"control_ip", "pktinfo", IPPROTO_IP, IP_PKTINFO, "pktinfo"},
    {"control_ip", "origdstaddr", IPPROTO_IP, IP_ORIGDSTADDR, "sockaddr"},
    {"control_ip", "recverr", IPPROTO_IP, IP_RECVERR, "bytes"},
    // control of ipv6
    {"control_ipv6", "tclass", IPPROTO_IPV6, IPV6_TCLASS, "integer"},
    {"control_ipv6", "hoplimit", IPPROTO_IPV6, IPV6_HOPLIMIT, "integer"},
    {"control_ipv6", "pktinfo", IPPROTO_IPV6, IPV6_PKTINFO, "pktinfo6"},
    {"control_ipv6", "recverr", IPPROTO_IPV6, IPV6_RECVERR, "bytes"},
};

static Term atom_of(Process *p, const char *text)
{
    return atom_new(p->node->atoms, text, strlen(text));
}

// prim_socket:numbers() -> [{Category, Name, Number, Second, Type}]
// Asked for once in a node's life.
Term bif_prim_socket_numbers_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = sizeof numbers / sizeof *numbers; i-- > 0;) {
        const Number *n = &numbers[i];
        Term row = heap_tuple(h, 5, (Term[]){
            atom_of(p, n->category), atom_of(p, n->name),
            heap_integer(h, n->number), heap_integer(h, n->second),
            atom_of(p, n->type)});
        list = heap_cons(h, row, list);
    }
    return list;
}
