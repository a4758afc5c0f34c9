// SPDX-License-Identifier: Apache-2.0
// Remote nodes: names of nodes as they stand in pids, ports and references.
// Each pair of name and creation is kept once, for the node's life, so that
// they compare by address. This node is one of them, as what it was called
// before is.
#ifndef MERLE_REMOTE_H
#define MERLE_REMOTE_H

#include <stdatomic.h>

#include "node.h"

typedef struct DistEntry DistEntry; // dist.h

struct RemoteNode {
    Term name;                  // an atom
    uint32_t creation;          // number of the node's start; 0: any
    _Atomic(RemoteNode *) next; // added before
    _Atomic(DistEntry *) entry; // of its name; NULL: not looked up yet
};

// The entry of this name and creation, made if need be. Any thread.
RemoteNode *remote_node(Node *node, Term name, uint32_t creation);

// Whether [name] and [creation] are those of this node, so that a pid with
// them is local. Creation 0 stands for any.
bool remote_is_this(const Node *node, Term name, uint32_t creation);

#endif
