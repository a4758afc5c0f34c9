// SPDX-License-Identifier: Apache-2.0
// Remote nodes: names of nodes as they stand in pids, ports and references.
// Each pair of name and creation is kept once, for the node's life, so that
// they compare by address. The list starts with this node itself.
#ifndef MERLE_REMOTE_H
#define MERLE_REMOTE_H

#include <stdatomic.h>

#include "node.h"

struct RemoteNode {
    Term name;
    uint32_t creation;
    _Atomic(RemoteNode *) next;
};

// The entry of this name and creation, made if need be. Any thread.
RemoteNode *remote_node(Node *node, Term name, uint32_t creation);

// Whether [name] and [creation] are those of this node, so that a pid with
// them is local. Creation 0 stands for any.
bool remote_is_this(const Node *node, Term name, uint32_t creation);

#endif
