// SPDX-License-Identifier: Apache-2.0
// NameLookup: a queue under a lock, and threads that come with the work and go
// when there is none. They know the node only while they hold the lock, for it
// may end before they have an answer.
#include "name_lookup.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"
#include "request.h"

enum { THREADS_MOST = 32 };

struct NameLookups {
    pthread_mutex_t lock;     // of all below
    Node *node;               // NULL: it has ended
    NameLookup *first, *last; // that wait, oldest and newest
    unsigned threads;         // that run
};

NameLookups *name_lookups_new(Node *node)
{
    NameLookups *lookups = memory_zeroed(1, sizeof *lookups);
    lookups->node = node;
    pthread_mutex_init(&lookups->lock, NULL);
    return lookups;
}

NameLookup *name_lookup_new(const Process *p,
                            Term (*tell)(const NameLookup *, Node *, Heap *))
{
    NameLookup *l = memory_zeroed(1, sizeof *l);
    l->caller = p->pid;
    l->tell = tell;
    return l;
}

static void free_one(NameLookup *l)
{
    if (l->found != NULL) freeaddrinfo(l->found);
    free(l->host);
    free(l->service);
    free(l);
}

// The first that somebody still waits for; NULL: none.
static NameLookup *take(NameLookups *lookups)
{
    while (lookups->first != NULL) {
        NameLookup *l = lookups->first;
        lookups->first = l->next;
        if (process_lives(lookups->node, l->caller)) return l;
        free_one(l);
    }
    return NULL;
}

// The lock is held.
static void answer(const NameLookups *lookups, NameLookup *l)
{
    if (lookups->node != NULL) {
        Heap h;
        heap_init(&h);
        Term told = l->tell(l, lookups->node, &h);
        request_answer_from(lookups->node, l->caller, &h, told);
        heap_free(&h);
    }
    free_one(l);
}

static void ask(NameLookup *l)
{
    if (l->address.size > 0)
        l->error = getnameinfo(&l->address.any, l->address.size, l->name,
                               sizeof l->name, l->service_name,
                               sizeof l->service_name, l->flags);
    else
        l->error = getaddrinfo(l->host, l->service, &l->hints, &l->found);
}

// Gives back the lock, and what it protects after its last user.
static void leave(NameLookups *lookups)
{
    bool last = lookups->node == NULL && lookups->threads == 0;
    pthread_mutex_unlock(&lookups->lock);
    if (!last) return;
    pthread_mutex_destroy(&lookups->lock);
    free(lookups);
}

static void *work(void *context)
{
    NameLookups *lookups = context;
    NameLookup *l;
    pthread_mutex_lock(&lookups->lock);
    while ((l = take(lookups)) != NULL) {
        pthread_mutex_unlock(&lookups->lock);
        ask(l);
        pthread_mutex_lock(&lookups->lock);
        answer(lookups, l);
    }
    lookups->threads--;
    leave(lookups);
    return NULL;
}

// The lock is held: the thread begins by waiting for it.
static bool start_thread(NameLookups *lookups)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, lookups) != 0) return false;
    pthread_detach(thread);
    lookups->threads++;
    return true;
}

void name_lookup_start(NameLookups *lookups, NameLookup *l)
{
    pthread_mutex_lock(&lookups->lock);
    if (lookups->threads < THREADS_MOST && !start_thread(lookups)
        && lookups->threads == 0) {
        l->error = EAI_AGAIN;
        answer(lookups, l);
    } else if (lookups->first == NULL) {
        lookups->first = lookups->last = l;
    } else {
        lookups->last = lookups->last->next = l;
    }
    pthread_mutex_unlock(&lookups->lock);
}

void name_lookups_free(NameLookups *lookups)
{
    pthread_mutex_lock(&lookups->lock);
    while (lookups->first != NULL) {
        NameLookup *l = lookups->first;
        lookups->first = l->next;
        free_one(l);
    }
    lookups->node = NULL;
    leave(lookups);
}
