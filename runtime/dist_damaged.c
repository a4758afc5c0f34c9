// SPDX-License-Identifier: Apache-2.0
// Damaged messages: nothing is kept of them but whom they came from.
#include "dist_damaged.h"

#include <stdlib.h>

#include "dist.h"
#include "memory.h"

struct DamagedMessage {
    DamagedMessage *next;
    Term name;           // of the other node
    uint32_t connection; // that it came by; may have ended since
};

static void end_connection(Node *node, Term name, uint32_t connection)
{
    dist_break_off(dist_entry(node, name, true), connection, ATOM_killed);
}

bool dist_damaged_came(Node *node, Process *p, Signal *s)
{
    uint32_t connection = (uint32_t)s->ref.id0;
    if (p == NULL) return false;
    if (!(p->flags & PROCESS_SUSPENDED)) {
        end_connection(node, s->from, connection);
        return false;
    }
    DamagedMessage *d = memory_alloc(sizeof *d);
    *d = (DamagedMessage){p->mailbox.damaged, s->from, connection};
    p->mailbox.damaged = d;
    return false;
}

size_t dist_damaged_count(const Process *p)
{
    size_t count = 0;
    const DamagedMessage *d = p->mailbox.damaged;
    for (; d != NULL; d = d->next) count++;
    return count;
}

static DamagedMessage *take(Process *p)
{
    DamagedMessage *d = p->mailbox.damaged;
    if (d != NULL) p->mailbox.damaged = d->next;
    return d;
}

void dist_damaged_look(Process *p)
{
    DamagedMessage *d;
    while ((d = take(p)) != NULL) {
        end_connection(p->node, d->name, d->connection);
        free(d);
    }
}

void dist_damaged_free(Process *p)
{
    DamagedMessage *d;
    while ((d = take(p)) != NULL) free(d);
}
