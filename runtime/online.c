// SPDX-License-Identifier: Apache-2.0
// Online: the mask of schedulers that may run, and who blocks them.
#include "online.h"

#include <stdlib.h>

#include "memory.h"

// That a process blocks; goes with it.
typedef struct Block Block;
struct Block {
    Owned owned; // must be first
    Block *next;
    Term pid;                  // who blocks
    size_t count[BLOCK_KINDS]; // how often, in each way
};

struct Online {
    pthread_mutex_t lock; // guards what follows
    unsigned count;       // as schedulers_online has it
    unsigned keeper;      // scheduler that runs while others are blocked
    Block *blocks;        // of all that block
};

static uint64_t first_bits(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

Online *online_new(Node *node)
{
    Online *o = memory_zeroed(1, sizeof *o);
    pthread_mutex_init(&o->lock, NULL);
    o->count = node->scheduler_count;
    atomic_store(&node->allowed, first_bits(o->count));
    return o;
}

void online_free(Online *o)
{
    while (o->blocks != NULL) {
        Block *b = o->blocks;
        o->blocks = b->next;
        free(b);
    }
    pthread_mutex_destroy(&o->lock);
    free(o);
}

// Under the lock: the mask as it is to be; schedulers look at it between two
// slices, sleepers have nothing to hand over.
static void update(Node *node)
{
    const Online *o = node->online;
    atomic_store(&node->allowed, o->blocks != NULL
                                     ? UINT64_C(1) << o->keeper
                                     : first_bits(o->count));
}

unsigned online_count(Node *node)
{
    Online *o = node->online;
    pthread_mutex_lock(&o->lock);
    unsigned count = o->count;
    pthread_mutex_unlock(&o->lock);
    return count;
}

unsigned online_set(Node *node, unsigned count)
{
    Online *o = node->online;
    pthread_mutex_lock(&o->lock);
    unsigned before = o->count;
    o->count = count;
    update(node);
    pthread_mutex_unlock(&o->lock);
    return before;
}

// ---- blocking ----

static void remove_block(Online *o, Block *b)
{
    Block **link = &o->blocks;
    while (*link != b) link = &(*link)->next;
    *link = b->next;
}

// Whoever blocked has ended: it is as if it had taken all back.
static void on_owner_exit(Process *p, Owned *owned)
{
    Online *o = p->node->online;
    pthread_mutex_lock(&o->lock);
    remove_block(o, (Block *)owned);
    update(p->node);
    pthread_mutex_unlock(&o->lock);
    free(owned);
}

static Block *find_block(const Online *o, Term pid)
{
    Block *b = o->blocks;
    while (b != NULL && !term_same(b->pid, pid)) b = b->next;
    return b;
}

void online_block(Process *p, BlockKind kind)
{
    Online *o = p->node->online;
    pthread_mutex_lock(&o->lock);
    Block *b = find_block(o, p->pid);
    // The first who blocks goes on running where it is.
    if (o->blocks == NULL) o->keeper = process_home(p)->index;
    if (b == NULL) {
        b = memory_zeroed(1, sizeof *b);
        b->owned.owner_exit = on_owner_exit;
        b->pid = p->pid;
        b->next = o->blocks;
        o->blocks = b;
        process_own(p, &b->owned); // its end takes it back
    }
    b->count[kind]++;
    update(p->node);
    pthread_mutex_unlock(&o->lock);
}

void online_unblock(Process *p, BlockKind kind)
{
    Online *o = p->node->online;
    pthread_mutex_lock(&o->lock);
    Block *b = find_block(o, p->pid);
    // The last of both kinds frees it.
    if (b != NULL && b->count[kind] > 0 && --b->count[kind] == 0
        && b->count[BLOCK_ALL] + b->count[BLOCK_NORMAL] == 0) {
        remove_block(o, b);
        process_disown(&b->owned);
        free(b);
        update(p->node);
    }
    pthread_mutex_unlock(&o->lock);
}

// The strongest one counts.
Term online_state(Node *node)
{
    Online *o = node->online;
    Term state = ATOM_enabled;
    pthread_mutex_lock(&o->lock);
    for (const Block *b = o->blocks; b != NULL; b = b->next) {
        if (b->count[BLOCK_ALL] > 0)
            state = ATOM_blocked;
        else if (term_same(state, ATOM_enabled))
            state = ATOM_blocked_normal;
    }
    pthread_mutex_unlock(&o->lock);
    return state;
}

Term online_blockers(Node *node, Heap *h, BlockKind kind)
{
    Online *o = node->online;
    Term list = TERM_NIL;
    pthread_mutex_lock(&o->lock);
    for (const Block *b = o->blocks; b != NULL; b = b->next)
        if (b->count[kind] > 0) list = heap_cons(h, b->pid, list);
    pthread_mutex_unlock(&o->lock);
    return list;
}

// Spread over those that may, so that not one gets everything.
Scheduler *online_substitute(const Scheduler *s)
{
    uint64_t allowed = atomic_load(&s->node->allowed);
    unsigned n = (unsigned)__builtin_popcountl(allowed);
    // The lowest bit goes, one for each that is passed over.
    for (unsigned skip = s->index % n; skip > 0; skip--)
        allowed &= allowed - 1;
    return s->node->schedulers[__builtin_ctzl(allowed)];
}
