// SPDX-License-Identifier: Apache-2.0
// Identifiers: pids, ports and references of this node and of others, taken
// apart and put together.
//
//   EXT_PID   raw RemoteNode * | number | serial << 32
//   EXT_PORT  raw RemoteNode * | 64-bit number
//   EXT_REF   raw RemoteNode * | count | numbers, two of 32 bits a word
//   REF       id0: number 0 | number 1 << 32; id1: number 2
//
// A reference prints as #Ref<node.number 2.number 1.number 0>; number 0 of
// one of this node has 18 bits.
#ifndef MERLE_IDENTIFIER_H
#define MERLE_IDENTIFIER_H

#include "heap.h"
#include "remote.h"

enum {
    PID_NUMBER_MAX = (1 << ID_NUMBER_BITS) - 1, // of this node's pids
    REF_NUMBER_0_MAX = (1 << 18) - 1,
    REF_NUMBERS = 3,     // of this node's references
    REF_NUMBERS_MOST = 5 // of any
};

// The node of a foreign pid, port or reference; NULL for this node's.
RemoteNode *identifier_node(Term t);

// The two numbers of a pid of any node.
uint32_t identifier_pid_number(Term pid);
uint32_t identifier_pid_serial(Term pid);

// The number of a port of any node.
uint64_t identifier_port_number(Term port);

// The numbers of a reference of any node; answers how many.
unsigned identifier_ref_numbers(Term ref, uint32_t numbers[REF_NUMBERS_MOST]);

// A reference of this node with these numbers.
Term identifier_ref(Heap *h, const uint32_t numbers[REF_NUMBERS]);

// Those of other nodes.
Term identifier_remote_pid(Heap *h, RemoteNode *node, uint32_t number,
                           uint32_t serial);
Term identifier_remote_port(Heap *h, RemoteNode *node, uint64_t number);
Term identifier_remote_ref(Heap *h, RemoteNode *node, unsigned count,
                           const uint32_t *numbers);

// Order of two identifiers of the same kind, as term_compare has it; without
// [atoms] only whether they are equal (0).
int identifier_compare(const AtomTable *atoms, Term a, Term b);

#endif
