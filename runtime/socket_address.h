// SPDX-License-Identifier: Apache-2.0
// Socket addresses, of the system and as terms: {A, B, C, D} and
// {A, B, C, D, E, F, G, H} with a port, {local, Path}.
#ifndef MERLE_SOCKET_ADDRESS_H
#define MERLE_SOCKET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "heap.h"

typedef struct {
    union { // by the family, in all of them
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un local;
        struct sockaddr_storage room;
    };
    socklen_t size;
} SocketAddress;

// The address [host] (an IP address, one of IPv6 with its scope in a tuple,
// any, loopback, {local, Path}) with [port], of [family]; false when it is
// none.
bool socket_address_read(SocketAddress *a, int family, Term host, Term port);

// {Ip, Port} or {local, Path}.
Term socket_address_term(Heap *h, const SocketAddress *a);

// The address alone; [port]'s meaning is its kind's, 0 where it has none.
Term socket_address_host(Heap *h, const SocketAddress *a);
uint16_t socket_address_port(const SocketAddress *a);

#endif
