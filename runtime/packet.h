// SPDX-License-Identifier: Apache-2.0
// Packet: where messages end in a stream of bytes, for sockets and for
// erlang:decode_packet/3.
#ifndef MERLE_PACKET_H
#define MERLE_PACKET_H

#include "atom.h"
#include "heap.h"

typedef enum {
    PACKET_RAW,
    PACKET_1, // length in so many bytes
    PACKET_2,
    PACKET_4,
    PACKET_ASN1,  // ASN.1 BER
    PACKET_SUNRM, // Sun RPC: 4 bytes, the first bit not of the length
    PACKET_CDR,   // CORBA GIOP
    PACKET_FCGI,  // Fast CGI
    PACKET_TPKT,  // RFC 1006
    PACKET_LINE,  // up to a delimiter
    PACKET_HTTP,  // a request, response or header line
    PACKET_HTTPH, // headers only
    PACKET_HTTP_BIN,
    PACKET_HTTPH_BIN,
    PACKET_SSL_TLS // records of TLS
} PacketType;

typedef struct {
    PacketType type;   // how the bytes are cut
    uint32_t most;     // longest packet; 0: any
    uint32_t line;     // longer lines are cut; 0: none
    uint8_t delimiter; // of lines
    bool in_headers;   // HTTP: the request or status line is over
} PacketMode;

// How long the packet at the start of [size] bytes is: [*length], with all
// that belongs to it, may be more than there are. 0: not yet known. False:
// that is no packet.
// Called again with more bytes until it is known; it keeps nothing.
bool packet_length(const PacketMode *mode, const uint8_t *bytes, size_t size,
                   size_t *length);

// Bytes of the length in front of a packet of these types; else 0.
size_t packet_header(PacketType type);

// Cuts what is not for the user off a whole packet.
void packet_body(PacketType type, const uint8_t **bytes, size_t *size);

// Whether packets are given as terms, not as bytes.
bool packet_is_term(PacketType type);

// The term of a whole packet of such a type; TERM_NONE when it makes no sense.
// Moves [mode] on to the headers, or back.
Term packet_term(AtomTable *atoms, Heap *h, PacketMode *mode,
                 const uint8_t *bytes, size_t size);

// Type [t] as options have it; false when it is none. And back.
bool packet_read_type(Term t, PacketType *type);
Term packet_type_term(PacketType type);

#endif
