// SPDX-License-Identifier: Apache-2.0
// Socket addresses.
//
// Bytes are in the network's order throughout; only terms have numbers.
#include "socket_address.h"

#include <stdlib.h>

#include "bif.h"
#include "bytes.h"

// The elements of a tuple of [n] numbers up to [most], in [width] bytes each:
// inet's addresses are four bytes, or eight times 16 bits.
static bool read_numbers(Term t, size_t n, unsigned most, uint8_t *to,
                         size_t width)
{
    if (!term_is_tuple_of(t, n)) return false;
    for (size_t i = 0; i < n; i++) {
        size_t part;
        // Each is checked, for the tuple is a program's.
        if (!bif_get_size(term_tuple_get(t, i), &part) || part > most)
            return false;
        // Network order is big-endian.
        bytes_write(to + i * width, part, width);
    }
    return true;
}

static bool read_in(SocketAddress *a, Term host, uint16_t port)
{
    a->in.sin_family = AF_INET;
    a->in.sin_port = htons(port);
    a->size = sizeof a->in;
    // any is all zeros, as memset has left it.
    if (term_same(host, ATOM_any)) return true;
    if (term_same(host, ATOM_loopback)) {
        a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return true;
    }
    return read_numbers(host, 4, UINT8_MAX, (uint8_t *)&a->in.sin_addr, 1);
}

// With the number of its interface it is {Address, Scope}.
static bool read_in6(SocketAddress *a, Term host, uint16_t port)
{
    size_t scope = 0;
    if (term_is_tuple_of(host, 2)) {
        if (!bif_get_size(term_tuple_get(host, 1), &scope)
            || scope > UINT32_MAX)
            return false;
        host = term_tuple_get(host, 0);
    }
    a->in6.sin6_scope_id = (uint32_t)scope;
    a->in6.sin6_family = AF_INET6;
    a->in6.sin6_port = htons(port);
    a->size = sizeof a->in6;
    if (term_same(host, ATOM_any)) return true;
    if (term_same(host, ATOM_loopback)) {
        a->in6.sin6_addr = in6addr_loopback;
        return true;
    }
    return read_numbers(host, 8, UINT16_MAX, a->in6.sin6_addr.s6_addr, 2);
}

// {local, Path}: a path that begins with a 0 byte is Linux's, without a file.
static bool read_local(SocketAddress *a, Term host)
{
    a->local.sun_family = AF_UNIX;
    // Of the family alone: any.
    a->size = offsetof(struct sockaddr_un, sun_path);
    if (term_same(host, ATOM_any)) return true;
    if (!term_is_tuple_of(host, 2)
        || !term_same(term_tuple_get(host, 0), ATOM_local))
        return false;
    size_t size;
    uint8_t *path = bif_get_iodata(term_tuple_get(host, 1), &size);
    // One byte is left for the 0 at the end.
    bool good = path != NULL && size < sizeof a->local.sun_path;
    if (good) {
        memcpy(a->local.sun_path, path, size);
        // A path's 0 byte counts, an abstract name's is part of it.
        bool named = size > 0 && path[0] != 0;
        a->size += (socklen_t)(size + (named ? 1 : 0));
    }
    free(path);
    return good;
}

bool socket_address_read(SocketAddress *a, int family, Term host, Term port)
{
    size_t number;
    memset(a, 0, sizeof *a);
    // Local sockets have no port: theirs is not looked at.
    if (family == AF_UNIX) return read_local(a, host);
    if (!bif_get_size(port, &number) || number > UINT16_MAX) return false;
    return family == AF_INET6 ? read_in6(a, host, (uint16_t)number)
                              : read_in(a, host, (uint16_t)number);
}

// Of both families: four bytes or eight pairs.
static Term numbers_term(Heap *h, const uint8_t *bytes, size_t n, size_t width)
{
    Term parts[8]; // eight, for IPv6
    for (size_t i = 0; i < n; i++)
        parts[i] = term_small((intptr_t)bytes_read(bytes + i * width, width));
    return heap_tuple(h, n, parts);
}

// Sockets without a name have an empty path.
static Term local_term(Heap *h, const SocketAddress *a)
{
    size_t start = offsetof(struct sockaddr_un, sun_path);
    size_t size = a->size > start ? a->size - start : 0;
    const char *path = a->local.sun_path;
    // An abstract name may hold 0 bytes: it is taken whole.
    if (size > 0 && path[0] != 0) size = strnlen(path, size);
    return heap_tuple2(h, ATOM_local, heap_binary(h, path, size));
}

Term socket_address_host(Heap *h, const SocketAddress *a)
{
    switch (a->any.sa_family) {
    case AF_INET:
        return numbers_term(h, (const uint8_t *)&a->in.sin_addr, 4, 1);
    case AF_INET6:
        return numbers_term(h, a->in6.sin6_addr.s6_addr, 8, 2);
    case AF_UNIX: return local_term(h, a);
    default: return ATOM_undefined; // unknown, or none: an unnamed socket
    }
}

uint16_t socket_address_port(const SocketAddress *a)
{
    if (a->any.sa_family == AF_INET) return ntohs(a->in.sin_port);
    // 0: a local socket.
    return a->any.sa_family == AF_INET6 ? ntohs(a->in6.sin6_port) : 0;
}

Term socket_address_term(Heap *h, const SocketAddress *a)
{
    Term host = socket_address_host(h, a);
    // {local, Path} has no port.
    if (a->any.sa_family == AF_UNIX) return host;
    return heap_tuple2(h, host, term_small(socket_address_port(a)));
}
