// SPDX-License-Identifier: Apache-2.0
// DistPacket: a message to another node, encoded, until it is sent.
//
// It is encoded without version bytes, behind room for the bytes that go
// before it, when nobody knows yet what the other node can:
//
//     length 131 68 0 control payload      with a header for atoms, of none
//     length 112 131 control 131 payload   without
//
// A large payload goes in fragments, the first with the control message:
//
//     length 131 69 sequence count 0 control bytes
//     length 131 70 sequence number bytes         counting down to 1
#ifndef MERLE_DIST_PACKET_H
#define MERLE_DIST_PACKET_H

#include "dist.h"

enum {
    DIST_PACKET_LENGTH = 4,                      // bytes of length
    DIST_PACKET_HEADER = DIST_PACKET_LENGTH + 3, // before a control message
    DIST_PACKET_FRAGMENT = 64 << 10              // of a payload in one piece
};

struct DistPacket {
    DistPacket *next;   // behind it in the queue
    DistPacket *others; // of [large] of the entry
    DistPacket *behind, **behind_last; // from the same sender, wait for its end
    uint8_t *bytes;     // of malloc, the length first; NULL when it is sent
    size_t size;        // with all that goes before
    size_t payload;     // where it begins
    bool ready;         // as the other node wants it
    bool whole;         // begun without fragments: to be sent so
    bool refused;       // not sent: the other node lacks what it needs
    DistNeed needs;     // what the other node has to be able to do
    Term from;          // local pid whose packets keep their order
    Term waiter;        // is suspended until it is sent; TERM_NONE: nobody
    Term asker;         // who waits for it, when it asks for a process,
    RefId request;      // under this reference
    // When it is sent in fragments: how many are left; the number they have;
    // bytes of the payload that are sent.
    uint64_t left, sequence;
    size_t done;
};

// Bytes that are ready to be sent, with their length, in memory of malloc.
typedef struct {
    uint8_t *bytes;
    size_t size;
} DistPiece;

// Writes the length of a packet of [size] bytes, which does not count itself.
void dist_packet_set_length(uint8_t *bytes, size_t size);

// Whether it is sent in fragments if the other node can take them.
bool dist_packet_is_large(const DistPacket *packet);

// Whether it is sent so to the node of [e], which is UP.
bool dist_packet_is_cut(const DistEntry *e, const DistPacket *packet);

// Whether the node of [e], which is UP, cannot do what [packet] needs.
bool dist_packet_is_beyond(const DistEntry *e, const DistPacket *packet);

// Makes it what the node of [e], which is UP, understands.
void dist_packet_make_ready(const DistEntry *e, DistPacket *packet);

// ---- the queue; under the lock of [e] ----

void dist_queue_add(DistEntry *e, DistPacket *packet);

// Whether a large packet of [from] is not yet sent.
bool dist_queue_has_large(const DistEntry *e, Term from);

// Takes the next piece. False when nothing is queued. Packets that are done
// with go to the list [*done], for dist_settle outside of the lock.
bool dist_queue_take(DistEntry *e, DistPiece *piece, DistPacket **done);

// Whether whoever takes packets is to be told (dist_queue_post) that there is
// one; he will not be until he wants to be told again.
bool dist_queue_wants(DistEntry *e);

// Takes all packets, to be settled; nobody hears that they were not sent.
DistPacket *dist_queue_empty(DistEntry *e);

// ---- without the lock ----

// Lets those go on who wait for [done], tells those whose request was not
// sent, and frees all.
void dist_settle(Node *node, DistPacket *done);

// The loop's thread writes what is queued, or the carrier is told of it.
void dist_queue_post(DistEntry *e);

// Takes the next piece of connection [connection] of [e], which a process
// carries. False when there is none.
bool dist_queue_fetch(DistEntry *e, uint32_t connection, DistPiece *piece);

#endif
