// SPDX-License-Identifier: Apache-2.0
// Sockets: options. Some are merle's own, the others the system's.
//
// A value that an option cannot have is EINVAL; what the system refuses is
// ENOTSUP, whatever its reason: inet tells no other. What an option is not
// meant for is refused by the system, not here.
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "bif.h"
#include "memory.h"
#include "socket.h"

enum {
    BUFFER_DEFAULT = 1460,   // most bytes of a raw packet
    DATAGRAM_DEFAULT = 8192, // of a datagram
    READ_PACKETS = 5,        // datagrams in one go
    QUEUE_HIGH = 8192, QUEUE_LOW = 4096,
    DATAGRAM_MOST = 65536, // no datagram is larger
    RAW_MOST = 65535 // bytes of a raw option that can be got
};

// As inet documents its defaults.
void socket_options_init(SocketOptions *o, int type)
{
    bool stream = type == SOCK_STREAM;
    *o = (SocketOptions){
        .exit_on_close = true, .read_packets = READ_PACKETS,
        .buffer = stream ? BUFFER_DEFAULT : DATAGRAM_DEFAULT,
        .send_timeout = -1, .queue_high = QUEUE_HIGH, .queue_low = QUEUE_LOW,
        .packet = {.type = PACKET_RAW, .delimiter = '\n'}};
}

// ---- the system's ----

// How an option's value is given and got.
typedef enum { KIND_BOOL, KIND_INT, KIND_LINGER, KIND_ADDRESS } OptionKind;

typedef struct {
    uintptr_t name;    // bits of an atom
    int level, option; // as setsockopt wants them
    OptionKind kind;
    bool told; // a failure is: those of the others are nobody's trouble
} SystemOption;

static const SystemOption system_options[] = {
    {ATOM_BITS_reuseaddr, SOL_SOCKET, SO_REUSEADDR, KIND_BOOL},
    {ATOM_BITS_reuseport, SOL_SOCKET, SO_REUSEPORT, KIND_BOOL},
    {ATOM_BITS_keepalive, SOL_SOCKET, SO_KEEPALIVE, KIND_BOOL},
    {ATOM_BITS_dontroute, SOL_SOCKET, SO_DONTROUTE, KIND_BOOL},
    {ATOM_BITS_broadcast, SOL_SOCKET, SO_BROADCAST, KIND_BOOL},
    {ATOM_BITS_sndbuf, SOL_SOCKET, SO_SNDBUF, KIND_INT},
    {ATOM_BITS_recbuf, SOL_SOCKET, SO_RCVBUF, KIND_INT},
    {ATOM_BITS_priority, SOL_SOCKET, SO_PRIORITY, KIND_INT, true},
    {ATOM_BITS_linger, SOL_SOCKET, SO_LINGER, KIND_LINGER},
    {ATOM_BITS_nodelay, IPPROTO_TCP, TCP_NODELAY, KIND_BOOL},
    {ATOM_BITS_nopush, IPPROTO_TCP, TCP_CORK, KIND_BOOL},
    {ATOM_BITS_tos, IPPROTO_IP, IP_TOS, KIND_INT, true},
    {ATOM_BITS_ttl, IPPROTO_IP, IP_TTL, KIND_INT, true},
    {ATOM_BITS_recvtos, IPPROTO_IP, IP_RECVTOS, KIND_BOOL, true},
    {ATOM_BITS_recvttl, IPPROTO_IP, IP_RECVTTL, KIND_BOOL, true},
    {ATOM_BITS_tclass, IPPROTO_IPV6, IPV6_TCLASS, KIND_INT, true},
    {ATOM_BITS_recvtclass, IPPROTO_IPV6, IPV6_RECVTCLASS, KIND_BOOL, true},
    {ATOM_BITS_ipv6_v6only, IPPROTO_IPV6, IPV6_V6ONLY, KIND_BOOL, true},
    {ATOM_BITS_multicast_ttl, IPPROTO_IP, IP_MULTICAST_TTL, KIND_INT},
    {ATOM_BITS_multicast_loop, IPPROTO_IP, IP_MULTICAST_LOOP, KIND_BOOL},
    {ATOM_BITS_multicast_if, IPPROTO_IP, IP_MULTICAST_IF, KIND_ADDRESS},
};

// Linear: each option is set once or twice in a socket's life.
static const SystemOption *find_system(Term name)
{
    size_t n = sizeof system_options / sizeof *system_options;
    for (size_t i = 0; i < n; i++)
        if (system_options[i].name == name.bits) return &system_options[i];
    return NULL;
}

static bool read_bool(Term t, bool *to)
{
    *to = term_same(t, ATOM_true);
    return *to || term_same(t, ATOM_false);
}

static int set_bytes(Socket *s, int level, int option, const void *value,
                     size_t size)
{
    // Closed already: what the system says of it would be another error.
    if (s->fd < 0) return EINVAL;
    return setsockopt(s->fd, level, option, value, (socklen_t)size) == 0
               ? 0 : ENOTSUP;
}

static int set_linger(Socket *s, Term t)
{
    bool on;
    int64_t seconds;
    if (!term_is_tuple_of(t, 2) || !read_bool(term_tuple_get(t, 0), &on)
        || !bif_get_int64(term_tuple_get(t, 1), &seconds))
        return EINVAL;
    struct linger l = {on, (int)seconds}; // the system cuts what is too long
    set_bytes(s, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    return 0;
}

// What the system may hold, one packet may have, unless that was said.
static void grow_buffer(Socket *s, int64_t n)
{
    if (s->type == SOCK_DGRAM && n > DATAGRAM_MOST) n = DATAGRAM_MOST;
    if (!s->options.buffer_given && n > s->options.buffer)
        s->options.buffer = (uint32_t)n;
}

// Of IPv6 the index of an interface.
static int set_interface6(Socket *s, Term t)
{
    int64_t index;
    if (!bif_get_int64(t, &index)) return EINVAL;
    int number = (int)index;
    set_bytes(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, &number, sizeof number);
    return 0;
}

static int set_system(Socket *s, const SystemOption *o, Term value)
{
    bool on;
    int64_t n;
    SocketAddress a;
    switch (o->kind) {
    case KIND_LINGER: return set_linger(s, value);
    case KIND_ADDRESS:
        if (s->family == AF_UNIX) return ENOTSUP;
        if (s->family == AF_INET6) return set_interface6(s, value);
        if (!socket_address_read(&a, AF_INET, value, term_small(0)))
            return EINVAL;
        set_bytes(s, o->level, o->option, &a.in.sin_addr,
                  sizeof a.in.sin_addr);
        return 0;
    case KIND_BOOL:
        if (!read_bool(value, &on)) return EINVAL;
        n = on;
        break;
    default:
        // The system takes an int.
        if (!bif_get_int64(value, &n) || n > INT32_MAX || n < INT32_MIN)
            return EINVAL;
    }
    // A bool is an int for the system too.
    int number = (int)n;
    int error = set_bytes(s, o->level, o->option, &number, sizeof number);
    if (!o->told) error = 0;
    if (o->name == ATOM_BITS_recbuf) grow_buffer(s, n);
    bool tells = o->name == ATOM_BITS_recvtos || o->name == ATOM_BITS_recvttl
                 || o->name == ATOM_BITS_recvtclass;
    // Asked for once: what does not come is not told.
    if (error == 0 && tells && n != 0) s->options.ancillary = true;
    return error;
}

static Term get_system(Socket *s, Heap *h, const SystemOption *o)
{
    // Large enough for any of them; the kind says which it is.
    union {
        int number;
        struct linger linger;
        struct in_addr in;
    } v = {0};
    socklen_t size = sizeof v;
    // What cannot be got is left out of the answer, as in OTP.
    if (s->fd < 0 || getsockopt(s->fd, o->level, o->option, &v, &size) != 0)
        return TERM_NONE;
    SocketAddress a = {.in = {.sin_family = AF_INET, .sin_addr = v.in}};
    bool six = s->family == AF_INET6 && o->kind == KIND_ADDRESS;
    if (six) getsockopt(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &v, &size);
    if (six) return term_small(v.number);
    switch (o->kind) {
    case KIND_BOOL: return v.number != 0 ? ATOM_true : ATOM_false;
    case KIND_LINGER:
        return heap_tuple2(h, v.linger.l_onoff ? ATOM_true : ATOM_false,
                           term_small(v.linger.l_linger));
    case KIND_ADDRESS: return socket_address_host(h, &a);
    default: return term_small(v.number);
    }
}

// {raw, {Level, Option, Bytes}}
static int set_raw(Socket *s, Term t)
{
    int64_t level, option;
    size_t size;
    // Whatever the system makes of it; only the form is checked.
    if (!term_is_tuple_of(t, 3) || !bif_get_int64(term_tuple_get(t, 0), &level)
        || !bif_get_int64(term_tuple_get(t, 1), &option)
        || !term_is_binary(term_tuple_get(t, 2)))
        return EINVAL;
    uint8_t *bytes = bif_get_iodata(term_tuple_get(t, 2), &size);
    set_bytes(s, (int)level, (int)option, bytes, size);
    free(bytes);
    return 0;
}

// {raw, Level, Option, Size | Binary}: the whole option.
static Term get_raw(Socket *s, Heap *h, Term t)
{
    int64_t level, option;
    size_t size;
    if (!bif_get_int64(term_tuple_get(t, 1), &level)
        || !bif_get_int64(term_tuple_get(t, 2), &option))
        return TERM_NONE;
    Term room = term_tuple_get(t, 3);
    // Its size is the room wanted; its bytes are of no use on Linux.
    if (term_is_binary(room)) size = term_binary_size(room);
    else if (!bif_get_size(room, &size)) return TERM_NONE;
    if (size > RAW_MOST) return TERM_NONE;
    socklen_t got = (socklen_t)size;
    uint8_t *bytes = memory_alloc(size + 1);
    Term value = TERM_NONE;
    // Not supported: left out of the answer.
    if (getsockopt(s->fd, (int)level, (int)option, bytes, &got) == 0)
        value = heap_tuple(h, 4, (Term[]){ATOM_raw, term_tuple_get(t, 1),
                                          term_tuple_get(t, 2),
                                          heap_binary(h, bytes, got)});
    free(bytes);
    return value;
}

// Of IPv6: {Group, InterfaceIndex}
static int set_membership6(Socket *s, bool add, Term t)
{
    SocketAddress group;
    int64_t index;
    if (!socket_address_read(&group, AF_INET6, term_tuple_get(t, 0),
                             term_small(0))
        || !bif_get_int64(term_tuple_get(t, 1), &index))
        return EINVAL;
    struct ipv6_mreq m = {group.in6.sin6_addr, (unsigned)index};
    set_bytes(s, IPPROTO_IPV6, add ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &m,
              sizeof m);
    return 0;
}

// {add_membership | drop_membership, {Group, Interface}}, with the index of the
// interface behind it if need be. What the system says of it is not told, as
// in inet.
static int set_membership(Socket *s, bool add, Term t)
{
    SocketAddress group, interface;
    int64_t index = 0;
    bool indexed = term_is_tuple_of(t, 3);
    if (!indexed && !term_is_tuple_of(t, 2)) return EINVAL;
    if (term_is_tuple_of(term_tuple_get(t, 0), 8))
        return indexed ? EINVAL : set_membership6(s, add, t);
    if (!socket_address_read(&group, AF_INET, term_tuple_get(t, 0),
                             term_small(0))
        || !socket_address_read(&interface, AF_INET, term_tuple_get(t, 1),
                                term_small(0))
        || (indexed && !bif_get_int64(term_tuple_get(t, 2), &index)))
        return EINVAL;
    struct ip_mreqn m = {group.in.sin_addr, interface.in.sin_addr, (int)index};
    set_bytes(s, IPPROTO_IP, add ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &m,
              sizeof m);
    return 0;
}

static int set_device(Socket *s, Term t)
{
    size_t size;
    if (!term_is_binary(t)) return EINVAL;
    uint8_t *name = bif_get_iodata(t, &size);
    int error = name == NULL || size >= IFNAMSIZ // the name's 0 byte must fit
                    ? EINVAL
                    : set_bytes(s, SOL_SOCKET, SO_BINDTODEVICE, name, size);
    free(name);
    return error;
}

// The name of the interface, empty when it is bound to none.
static Term get_device(const Socket *s, Heap *h)
{
    char name[IFNAMSIZ] = "";
    socklen_t size = sizeof name;
    if (getsockopt(s->fd, SOL_SOCKET, SO_BINDTODEVICE, name, &size) != 0)
        return TERM_NONE;
    return heap_binary(h, (const uint8_t *)name, strnlen(name, size));
}

// ---- our own ----

// {active, true | false | once | N}: N is added to what is left.
static int set_active(Socket *s, Term t)
{
    SocketOptions *o = &s->options;
    int64_t n;
    if (term_same(t, ATOM_true)) o->active = ACTIVE_TRUE;
    else if (term_same(t, ATOM_false)) o->active = ACTIVE_FALSE;
    else if (term_same(t, ATOM_once)) o->active = ACTIVE_ONCE;
    else if (!bif_get_int64(t, &n) || n < INT16_MIN || n > INT16_MAX)
        return EINVAL; // 16 bits, as inet documents the number
    else {
        // Added, not set: so that packets are not lost between two calls.
        int64_t left = (o->active > 0 ? o->active : 0) + n;
        // Beyond 16 bits it is an error, below 0 it is 0.
        if (left > INT16_MAX) return EINVAL;
        o->active = left < 0 ? 0 : (int)left;
        // Told even if it never was active: as inet does it.
        if (o->active == 0)
            socket_tell(s, socket_tag(s, "_passive"), TERM_NONE);
    }
    return 0;
}

static Term active_term(const Socket *s)
{
    switch (s->options.active) {
    case ACTIVE_FALSE: return ATOM_false;
    case ACTIVE_TRUE: return ATOM_true;
    case ACTIVE_ONCE: return ATOM_once;
    default: return term_small(s->options.active);
    }
}

static int set_flag(bool *flag, Term t)
{
    return read_bool(t, flag) ? 0 : EINVAL;
}

static int set_number(uint32_t *to, Term t)
{
    size_t n;
    // What does not fit an int is wrong everywhere.
    if (!bif_get_size(t, &n) || n > INT32_MAX) return EINVAL;
    *to = (uint32_t)n;
    return 0;
}

// Of streams it means nothing.
static int set_read_packets(Socket *s, Term t)
{
    uint32_t n;
    int error = set_number(&n, t);
    if (error != 0 || s->type == SOCK_STREAM) return error;
    if (n > 0) s->options.read_packets = n;
    return n > 0 ? 0 : ENOTSUP;
}

// A buffer without room could not read anything.
static int set_buffer(SocketOptions *o, Term t)
{
    int64_t n;
    if (!bif_get_int64(t, &n) || n > INT32_MAX) return EINVAL;
    o->buffer = n > 0 ? (uint32_t)n : 1;
    o->buffer_given = true;
    return 0;
}

// Kept for getopts: a socket is made in its name space.
static int set_namespace(Socket *s, Term t)
{
    size_t size;
    uint8_t *name = bif_get_iodata(t, &size);
    if (name == NULL) return EINVAL;
    free(s->namespace);
    s->namespace = name;
    return 0;
}

static int set_size(size_t *to, Term t)
{
    return bif_get_size(t, to) ? 0 : EINVAL;
}

// Of a mailbox: at least 1.
static int set_queue(size_t *to, Term t)
{
    size_t n;
    if (!bif_get_size(t, &n)) return EINVAL;
    if (n > 0) *to = n;
    return n > 0 ? 0 : ENOTSUP;
}

// A new mode begins outside of headers.
static int set_packet(Socket *s, Term t)
{
    s->options.packet.in_headers = false;
    return packet_read_type(t, &s->options.packet.type) ? 0 : EINVAL;
}

static int set_mode(Socket *s, Term t)
{
    // list and binary are values of one option.
    s->options.binary = term_same(t, ATOM_binary);
    return s->options.binary || term_same(t, ATOM_list) ? 0 : EINVAL;
}

static int set_deliver(Socket *s, Term t)
{
    s->options.deliver_port = term_same(t, ATOM_port);
    return s->options.deliver_port || term_same(t, ATOM_term) ? 0 : EINVAL;
}

// -1: it waits for as long as it takes.
static int set_send_timeout(Socket *s, Term t)
{
    int64_t n = -1;
    if (!term_same(t, ATOM_infinity) && (!bif_get_int64(t, &n) || n < 0))
        return EINVAL;
    s->options.send_timeout = n;
    return 0;
}

static int set_delimiter(Socket *s, Term t)
{
    int64_t n;
    if (!bif_get_int64(t, &n)) return EINVAL;
    s->options.packet.delimiter = (uint8_t)n; // its last byte, as inet has it
    return 0;
}

// Ours by name first, then the system's table.
int socket_set_option(Socket *s, Term name, Term value)
{
    SocketOptions *o = &s->options;
    switch (name.bits) {
    case ATOM_BITS_active: return set_active(s, value);
    case ATOM_BITS_mode: return set_mode(s, value);
    case ATOM_BITS_packet: return set_packet(s, value);
    case ATOM_BITS_packet_size: return set_number(&o->packet.most, value);
    case ATOM_BITS_line_delimiter: return set_delimiter(s, value);
    case ATOM_BITS_header: return set_number(&o->header, value);
    case ATOM_BITS_buffer: return set_buffer(o, value);
    case ATOM_BITS_read_packets:
        return set_read_packets(s, value);
    case ATOM_BITS_netns: return set_namespace(s, value);
    case ATOM_BITS_deliver: return set_deliver(s, value);
    case ATOM_BITS_exit_on_close: return set_flag(&o->exit_on_close, value);
    case ATOM_BITS_show_econnreset: return set_flag(&o->show_reset, value);
    case ATOM_BITS_delay_send: return set_flag(&o->delay_send, value);
    case ATOM_BITS_high_watermark: return set_size(&s->port.high, value);
    case ATOM_BITS_low_watermark: return set_size(&s->port.low, value);
    case ATOM_BITS_high_msgq_watermark:
        return set_queue(&o->queue_high, value);
    case ATOM_BITS_low_msgq_watermark: return set_queue(&o->queue_low, value);
    case ATOM_BITS_send_timeout: return set_send_timeout(s, value);
    case ATOM_BITS_send_timeout_close:
        return set_flag(&o->send_timeout_close, value);
    case ATOM_BITS_raw: return set_raw(s, value);
    case ATOM_BITS_add_membership:
        return set_membership(s, true, value);
    case ATOM_BITS_drop_membership:
        return set_membership(s, false, value);
    case ATOM_BITS_bind_to_device: return set_device(s, value);
    case ATOM_BITS_debug: return set_flag(&o->debug, value);
    default: break;
    }
    // Names of neither kind are einval.
    const SystemOption *system = find_system(name);
    return system == NULL ? EINVAL : set_system(s, system, value);
}

static Term flag_term(bool flag)
{
    return flag ? ATOM_true : ATOM_false;
}

static Term get_namespace(const Socket *s, Heap *h)
{
    if (s->namespace == NULL) return TERM_NONE;
    return heap_binary(h, s->namespace, strlen((const char *)s->namespace));
}

// Those that only streams have.
static Term get_stream(const Socket *s, Heap *h, Term name)
{
    const SocketOptions *o = &s->options;
    if (s->type != SOCK_STREAM) return TERM_NONE;
    switch (name.bits) {
    case ATOM_BITS_show_econnreset: return flag_term(o->show_reset);
    case ATOM_BITS_delay_send: return flag_term(o->delay_send);
    case ATOM_BITS_high_watermark: return heap_unsigned(h, s->port.high);
    case ATOM_BITS_low_watermark: return heap_unsigned(h, s->port.low);
    case ATOM_BITS_send_timeout:
        return o->send_timeout < 0 ? ATOM_infinity
                                   : heap_integer(h, o->send_timeout);
    case ATOM_BITS_send_timeout_close: return flag_term(o->send_timeout_close);
    case ATOM_BITS_pktoptions: return socket_ancillary_pending(s, h);
    default: return TERM_NONE;
    }
}

static Term get_own(const Socket *s, Heap *h, Term name)
{
    const SocketOptions *o = &s->options;
    switch (name.bits) {
    case ATOM_BITS_active: return active_term(s);
    case ATOM_BITS_mode: return o->binary ? ATOM_binary : ATOM_list;
    case ATOM_BITS_packet:
        // By its older name, as inet has it.
        return o->packet.type == PACKET_SSL_TLS
                   ? ATOM_ssl : packet_type_term(o->packet.type);
    case ATOM_BITS_packet_size: return term_small(o->packet.most);
    case ATOM_BITS_header: return term_small(o->header);
    case ATOM_BITS_buffer: return term_small(o->buffer);
    case ATOM_BITS_read_packets:
        return s->type == SOCK_STREAM ? TERM_NONE
                                      : term_small(o->read_packets);
    case ATOM_BITS_deliver: return o->deliver_port ? ATOM_port : ATOM_term;
    case ATOM_BITS_exit_on_close: return flag_term(o->exit_on_close);
    case ATOM_BITS_high_msgq_watermark: return heap_unsigned(h, o->queue_high);
    case ATOM_BITS_low_msgq_watermark: return heap_unsigned(h, o->queue_low);
    case ATOM_BITS_debug: return flag_term(o->debug);
    case ATOM_BITS_bind_to_device: return get_device(s, h);
    case ATOM_BITS_netns: return get_namespace(s, h);
    default: return get_stream(s, h, name);
    }
}

// The pair of one option: {Name, Value}, or {raw, Level, Option, Bytes}.
Term socket_get_option(Socket *s, Heap *h, Term name)
{
    if (term_is_tuple_of(name, 4) && term_same(term_tuple_get(name, 0),
                                               ATOM_raw))
        return get_raw(s, h, name);
    // Our own first: recbuf and the like are the system's.
    Term value = get_own(s, h, name);
    const SystemOption *system = find_system(name);
    if (term_is_none(value) && system != NULL)
        value = get_system(s, h, system);
    return term_is_none(value) ? value : heap_tuple2(h, name, value);
}
