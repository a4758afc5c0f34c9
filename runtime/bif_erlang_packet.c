// SPDX-License-Identifier: Apache-2.0
// erlang:decode_packet/3.
// The same rules as sockets have for {packet, Type} (packet.h).
#include "bif.h"
#include <stdlib.h>
#include "memory.h"
#include "packet.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// {packet_size | line_length | line_delimiter, Number}
// Unknown options and sizes are badarg.
static bool read_option(PacketMode *mode, Term t)
{
    size_t n;
    if (!term_is_tuple_of(t, 2) || !bif_get_size(term_tuple_get(t, 1), &n)
        || n > UINT32_MAX)
        return false;
    switch (term_tuple_get(t, 0).bits) {
    case ATOM_BITS_packet_size: mode->most = (uint32_t)n; return true;
    case ATOM_BITS_line_length: mode->line = (uint32_t)n; return true;
    case ATOM_BITS_line_delimiter:
        mode->delimiter = (uint8_t)n;
        // Other types have no lines.
        return mode->type == PACKET_LINE && n <= UINT8_MAX;
    default: return false;
    }
}

// undefined: how much is missing cannot be told.
static Term more(Heap *h, size_t length)
{
    return heap_tuple2(h, ATOM_more, length == 0 ? ATOM_undefined
                                                 : heap_unsigned(h, length));
}

// {ok, Packet, Rest}; bits of the last byte that are none go to the rest.
// Packets of bytes are parts of the binary; those of HTTP and others are terms.
static Term split(Process *p, PacketMode *mode, const uint8_t *bytes,
                  size_t length, Term binary)
{
    Heap *h = process_heap(p);
    const uint8_t *body = bytes;
    size_t size = length;
    Bits all;
    term_bits(binary, &all);
    Term packet;
    if (packet_is_term(mode->type)) {
        packet = packet_term(process_atoms(p), h, mode, bytes, length);
    } else {
        // Headers of lengths do not belong to the packet.
        packet_body(mode->type, &body, &size);
        packet = heap_sub_bits(h, binary, 8 * (size_t)(body - bytes), 8 * size);
    }
    Term rest = heap_sub_bits(h, binary, 8 * length, all.size - 8 * length);
    return heap_tuple3(h, ATOM_ok, packet, rest);
}

// erlang:decode_packet(Type, Bin, Options)
//     -> {ok, Packet, Rest} | {more, Length | undefined} | {error, invalid}
// A packet longer than packet_size is invalid.
Term bif_erlang_decode_packet_3(Process *p, const Term *args)
{
    PacketMode mode = {.delimiter = '\n'};
    if (!packet_read_type(args[0], &mode.type))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    Bits bits;
    if (!term_bits(args[1], &bits)) return bif_error(p, ATOM_badarg);
    Term list = args[2];
    for (; term_is_cons(list); list = term_tail(list))
        if (!read_option(&mode, term_head(list)))
            return bif_error(p, ATOM_badarg);
    if (!term_is_nil(list)) return bif_error(p, ATOM_badarg);
    size_t size = bits.size / 8, length;
    bits.size = 8 * size;
    // Copied, so that a part that begins within a byte is read like all.
    uint8_t *bytes = memory_alloc(size + 1);
    bits_copy(bytes, &bits);
    Term answer;
    if (!packet_length(&mode, bytes, size, &length))
        answer = heap_tuple2(process_heap(p), ATOM_error, ATOM_invalid);
    else if (length == 0 || length > size)
        answer = more(process_heap(p), length);
    else
        answer = split(p, &mode, bytes, length, args[1]);
    free(bytes);
    return answer;
}
