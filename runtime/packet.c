// SPDX-License-Identifier: Apache-2.0
// Packet: lengths.
//
// Most kinds have a header that says how much follows; lines and HTTP go by
// what ends them. A header line of HTTP goes on in the next line if that begins
// with a space, so its end is known only with the byte behind it.
//
// Each function answers true with a length of 0 when more bytes are needed to
// tell it, and false when no more bytes could make it a packet.
#include "packet.h"

#include "bytes.h"
#include "packet_http.h"

// Bytes of headers, and what must stand in them.
enum {
    CDR_HEADER = 12,
    FCGI_HEADER = 8,
    TPKT_HEADER = 4,
    TLS_HEADER = 5,
    SSL2_HEADER = 2,
    SSL2_HELLO = 1,
    FCGI_VERSION = 1,
    FCGI_PADDING = 6, // where its length lies
    TPKT_VERSION = 3,
    ASN1_LONG_TAG = 0x1f
};

// The lengths that these types are named for.
static const uint32_t type_atoms[] = {
    [PACKET_RAW] = 0, [PACKET_1] = 1, [PACKET_2] = 2, [PACKET_4] = 4};

static const uintptr_t type_names[] = {
    [PACKET_ASN1] = ATOM_BITS_asn1, [PACKET_SUNRM] = ATOM_BITS_sunrm,
    [PACKET_CDR] = ATOM_BITS_cdr, [PACKET_FCGI] = ATOM_BITS_fcgi,
    [PACKET_TPKT] = ATOM_BITS_tpkt, [PACKET_LINE] = ATOM_BITS_line,
    [PACKET_HTTP] = ATOM_BITS_http, [PACKET_HTTPH] = ATOM_BITS_httph,
    [PACKET_HTTP_BIN] = ATOM_BITS_http_bin,
    [PACKET_HTTPH_BIN] = ATOM_BITS_httph_bin,
    [PACKET_SSL_TLS] = ATOM_BITS_ssl_tls};

bool packet_read_type(Term t, PacketType *type)
{
    if (term_same(t, ATOM_raw)) {
        *type = PACKET_RAW;
        return true;
    }
    if (term_same(t, ATOM_ssl)) t = ATOM_ssl_tls; // the older name
    for (PacketType i = PACKET_RAW; i <= PACKET_SSL_TLS; i++) {
        if (!term_same(t, packet_type_term(i))) continue;
        *type = i;
        return true;
    }
    return false;
}

Term packet_type_term(PacketType type)
{
    if (type <= PACKET_4) return term_small((intptr_t)type_atoms[type]);
    return (Term){type_names[type]};
}

size_t packet_header(PacketType type)
{
    return type <= PACKET_4 ? type_atoms[type] : 0;
}

void packet_body(PacketType type, const uint8_t **bytes, size_t *size)
{
    if (type == PACKET_FCGI) *size -= (*bytes)[FCGI_PADDING];
    *bytes += packet_header(type);
    *size -= packet_header(type);
}

bool packet_is_term(PacketType type)
{
    return type >= PACKET_HTTP;
}

// A header of [header] bytes, and [body] bytes behind it.
static bool set_length(const PacketMode *mode, size_t header, size_t body,
                       size_t *length)
{
    *length = header + body;
    // Body: the header is not counted.
    return (mode->most == 0 || body <= mode->most) && *length <= INT32_MAX;
}

static bool line_length(const PacketMode *mode, const uint8_t *bytes,
                        size_t size, size_t *length)
{
    const uint8_t *end = memchr(bytes, mode->delimiter, size);
    size_t n = end == NULL ? size : (size_t)(end - bytes) + 1;
    if (mode->most != 0 && n > mode->most) return false;
    // Too long: cut, though the end is not there.
    if (mode->line != 0 && (end == NULL ? n >= mode->line : n > mode->line))
        *length = mode->line;
    else if (end != NULL)
        *length = n;
    return true;
}

// The tag may have several bytes; the length has one, or says in how many
// bytes it follows.
static bool asn1_length(const PacketMode *mode, const uint8_t *bytes,
                        size_t size, size_t *length)
{
    size_t at = 1;
    if (size < 2) return true;
    // Tags above 30 go on while bit 7 is set.
    if ((bytes[0] & ASN1_LONG_TAG) == ASN1_LONG_TAG) {
        while (at < size && (bytes[at] & 0x80) != 0) at++;
        at++;
        if (at >= size) return true;
    }
    size_t n = bytes[at] & 0x7f;
    // The short form.
    if ((bytes[at++] & 0x80) == 0) return set_length(mode, at, n, length);
    if (size - at < n) return true;
    if (n > 4) return false; // longer than 4 GB: nobody means that
    return set_length(mode, at + n, bytes_read(bytes + at, n), length);
}

static bool cdr_length(const PacketMode *mode, const uint8_t *bytes,
                       size_t size, size_t *length)
{
    if (size < CDR_HEADER) return true;
    if (memcmp(bytes, "GIOP", 4) != 0) return false;
    size_t body = bytes_read(bytes + 8, 4);
    if ((bytes[6] & 1) != 0) // its flag says little-endian
        body = (size_t)bytes[8] | (size_t)bytes[9] << 8
               | (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    return set_length(mode, CDR_HEADER, body, length);
}

static bool fcgi_length(const PacketMode *mode, const uint8_t *bytes,
                        size_t size, size_t *length)
{
    if (size < FCGI_HEADER) return true;
    if (bytes[0] != FCGI_VERSION) return false;
    return set_length(mode, FCGI_HEADER,
                      bytes_read(bytes + 4, 2) + bytes[FCGI_PADDING], length);
}

static bool tpkt_length(const PacketMode *mode, const uint8_t *bytes,
                        size_t size, size_t *length)
{
    if (size < TPKT_HEADER) return true;
    size_t all = bytes_read(bytes + 2, 2); // counts the header too
    if (bytes[0] != TPKT_VERSION || all < TPKT_HEADER) return false;
    return set_length(mode, TPKT_HEADER, all - TPKT_HEADER, length);
}

// A client may say hello in the way of SSL 2.
static bool tls_length(const PacketMode *mode, const uint8_t *bytes,
                       size_t size, size_t *length)
{
    if (size < TLS_HEADER) return true;
    // Its length has 15 bits, and what follows is shorter than a TLS header.
    if ((bytes[0] & 0x80) != 0 && bytes[2] == SSL2_HELLO) {
        size_t all = SSL2_HEADER + (bytes_read(bytes, 2) & 0x7fff);
        if (all < TLS_HEADER) return false;
        return set_length(mode, TLS_HEADER, all - TLS_HEADER, length);
    }
    return set_length(mode, TLS_HEADER, bytes_read(bytes + 3, 2), length);
}

static bool http_length(const PacketMode *mode, const uint8_t *bytes,
                        size_t size, size_t *length)
{
    bool headers = mode->in_headers || mode->type == PACKET_HTTPH
                   || mode->type == PACKET_HTTPH_BIN;
    size_t most = mode->most != 0 ? mode->most : mode->line;
    // An empty line ends the headers: no line can follow it.
    if ((size == 1 && bytes[0] == '\n')
        || (size == 2 && bytes[0] == '\r' && bytes[1] == '\n')) {
        *length = size;
        return true;
    }
    for (size_t at = 0;;) {
        const uint8_t *end = memchr(bytes + at, '\n', size - at);
        // No end in sight: too long, or not yet there.
        if (end == NULL) return most == 0 || size < most;
        at = (size_t)(end - bytes) + 1;
        bool folded = headers && at > 2 && at < size
                      && (bytes[at] == ' ' || bytes[at] == '\t');
        if (folded) continue;
        if (most != 0 && at > most) return false;
        // The next byte must be there to see that the line is not folded.
        if (!headers || at < size) *length = at;
        return true;
    }
}

static bool counted_length(const PacketMode *mode, const uint8_t *bytes,
                           size_t size, size_t *length)
{
    size_t header = packet_header(mode->type);
    if (size < header) return true;
    return set_length(mode, header, bytes_read(bytes, header), length);
}

bool packet_length(const PacketMode *mode, const uint8_t *bytes, size_t size,
                   size_t *length)
{
    *length = 0;
    switch (mode->type) {
    case PACKET_RAW:
        *length = size;
        return true;
    case PACKET_1:
    case PACKET_2:
    case PACKET_4:
        return counted_length(mode, bytes, size, length);
    case PACKET_SUNRM:
        if (size < 4) return true;
        return set_length(mode, 4, bytes_read(bytes, 4) & 0x7fffffff, length);
    case PACKET_ASN1: return asn1_length(mode, bytes, size, length);
    case PACKET_CDR: return cdr_length(mode, bytes, size, length);
    case PACKET_FCGI: return fcgi_length(mode, bytes, size, length);
    case PACKET_TPKT: return tpkt_length(mode, bytes, size, length);
    case PACKET_LINE: return line_length(mode, bytes, size, length);
    case PACKET_SSL_TLS: return tls_length(mode, bytes, size, length);
    case PACKET_HTTP:
    case PACKET_HTTPH:
    case PACKET_HTTP_BIN:
    case PACKET_HTTPH_BIN:
        return http_length(mode, bytes, size, length);
    }
    return false; // not reached: all are above
}

// {ssl_tls, [], Type, {Major, Minor}, Bytes}; a hello of SSL 2 is given the
// header that one of TLS has.
static Term tls_term(Heap *h, const uint8_t *bytes, size_t size)
{
    bool old = (bytes[0] & 0x80) != 0 && bytes[2] == SSL2_HELLO;
    const uint8_t *version = old ? bytes + 3 : bytes + 1;
    size_t skip = old ? 3 : TLS_HEADER, front = old ? 4 : 0;
    uint8_t *to;
    Term data = heap_binary_new(h, front + size - skip, &to);
    // Type 1 and the length in three bytes.
    if (old) bytes_write(to, (uint64_t)1 << 24 | (size - skip), front);
    memcpy(to + front, bytes + skip, size - skip);
    Term type = term_small(old ? 22 : bytes[0]);
    Term both = heap_tuple2(h, term_small(version[0]), term_small(version[1]));
    return heap_tuple(h, 5, (Term[]){ATOM_ssl_tls, TERM_NIL, type, both,
                                     data});
}

Term packet_term(AtomTable *atoms, Heap *h, PacketMode *mode,
                 const uint8_t *bytes, size_t size)
{
    if (mode->type == PACKET_SSL_TLS) return tls_term(h, bytes, size);
    return packet_http_term(atoms, h, mode, bytes, size);
}
