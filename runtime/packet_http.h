// SPDX-License-Identifier: Apache-2.0
// HTTP packets: a line of a request's or an answer's head, as a term.
#ifndef MERLE_PACKET_HTTP_H
#define MERLE_PACKET_HTTP_H

#include "packet.h"

// The term of a line of [size] bytes: http_request, http_response,
// http_header, http_eoh or http_error. As packet_term.
Term packet_http_term(AtomTable *atoms, Heap *h, PacketMode *mode,
                      const uint8_t *bytes, size_t size);

#endif
