// SPDX-License-Identifier: Apache-2.0
// Remote nodes: a list that only grows.
//
// Searched from the newest on: few nodes are known, and identifiers remember
// theirs.
#include "remote.h"

#include <stdlib.h>

#include "memory.h"

// The entry of this name and creation from [e] on.
static RemoteNode *find(RemoteNode *e, Term name, uint32_t creation)
{
    while (e != NULL) {
        if (term_same(e->name, name) && e->creation == creation) break;
        e = atomic_load_explicit(&e->next, memory_order_acquire);
    }
    return e;
}

// Added by pushing: no lock, and two threads that add the same find out.
RemoteNode *remote_node(Node *node, Term name, uint32_t creation)
{
    RemoteNode *first = atomic_load(&node->remote_nodes);
    RemoteNode *e = find(first, name, creation);
    if (e != NULL) return e;
    e = memory_zeroed(1, sizeof *e);
    e->name = name;
    e->creation = creation;
    do {
        // Somebody else may have added it meanwhile.
        RemoteNode *other = find(first, name, creation);
        if (other != NULL) {
            free(e);
            return other;
        }
        atomic_store(&e->next, first);
    } while (!atomic_compare_exchange_weak(&node->remote_nodes, &first, e));
    return e;
}

// Creation 0 comes from old formats, which had no room for it.
bool remote_is_this(const Node *node, Term name, uint32_t creation)
{
    const RemoteNode *this_node = node->this_node;
    return term_same(name, this_node->name)
           && (creation == this_node->creation || creation == 0);
}
