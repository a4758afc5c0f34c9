// SPDX-License-Identifier: Apache-2.0
// Threads and locks for NIFs: those of POSIX under other names. A thread that
// is made here belongs to the node of the one that made it.
#include <pthread.h>
#include <stdlib.h>

#include "memory.h"
#include "nif_part.h"

// A library's own text may go; NULL is an empty name.
static char *copy_name(const char *name)
{
    size_t size = strlen(name == NULL ? "" : name) + 1;
    return memcpy(memory_alloc(size), name == NULL ? "" : name, size);
}

// ---- locks ----
// Names are for those who debug.

// Opaque to the library, here and below.
struct ErlNifMutex_ {
    pthread_mutex_t lock;
    char *name;
};

// Used with a mutex of the library's.
struct ErlNifCond_ {
    pthread_cond_t cond;
    char *name;
};

struct ErlNifRWLock_ {
    pthread_rwlock_t lock;
    char *name;
};

ErlNifMutex *enif_mutex_create(char *name)
{
    ErlNifMutex *m = memory_alloc(sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    m->name = copy_name(name);
    return m;
}

void enif_mutex_destroy(ErlNifMutex *m)
{
    pthread_mutex_destroy(&m->lock);
    free(m->name);
    free(m);
}

// 0: locked, else EBUSY.
int enif_mutex_trylock(ErlNifMutex *m)
{
    return pthread_mutex_trylock(&m->lock);
}

void enif_mutex_lock(ErlNifMutex *m)
{
    pthread_mutex_lock(&m->lock);
}

void enif_mutex_unlock(ErlNifMutex *m)
{
    pthread_mutex_unlock(&m->lock);
}

// The lock's own copy.
char *enif_mutex_name(ErlNifMutex *m)
{
    return m->name;
}

ErlNifCond *enif_cond_create(char *name)
{
    ErlNifCond *c = memory_alloc(sizeof *c);
    pthread_cond_init(&c->cond, NULL);
    c->name = copy_name(name);
    return c;
}

void enif_cond_destroy(ErlNifCond *c)
{
    pthread_cond_destroy(&c->cond);
    free(c->name);
    free(c);
}

void enif_cond_signal(ErlNifCond *c)
{
    pthread_cond_signal(&c->cond);
}

void enif_cond_broadcast(ErlNifCond *c)
{
    pthread_cond_broadcast(&c->cond);
}

void enif_cond_wait(ErlNifCond *c, ErlNifMutex *m)
{
    pthread_cond_wait(&c->cond, &m->lock);
}

char *enif_cond_name(ErlNifCond *c)
{
    return c->name;
}

ErlNifRWLock *enif_rwlock_create(char *name)
{
    ErlNifRWLock *l = memory_alloc(sizeof *l);
    pthread_rwlock_init(&l->lock, NULL);
    l->name = copy_name(name);
    return l;
}

void enif_rwlock_destroy(ErlNifRWLock *l)
{
    pthread_rwlock_destroy(&l->lock);
    free(l->name);
    free(l);
}

// Many readers, or one writer.
int enif_rwlock_tryrlock(ErlNifRWLock *l)
{
    return pthread_rwlock_tryrdlock(&l->lock);
}

void enif_rwlock_rlock(ErlNifRWLock *l)
{
    pthread_rwlock_rdlock(&l->lock);
}

void enif_rwlock_runlock(ErlNifRWLock *l)
{
    pthread_rwlock_unlock(&l->lock);
}

int enif_rwlock_tryrwlock(ErlNifRWLock *l)
{
    return pthread_rwlock_trywrlock(&l->lock);
}

void enif_rwlock_rwlock(ErlNifRWLock *l)
{
    pthread_rwlock_wrlock(&l->lock);
}

void enif_rwlock_rwunlock(ErlNifRWLock *l)
{
    pthread_rwlock_unlock(&l->lock);
}

char *enif_rwlock_name(ErlNifRWLock *l)
{
    return l->name;
}

// ---- data of threads ----
// Values of the calling thread, under keys that libraries make.

// There are too few keys of POSIX for what OTP allows: one of them leads to an
// array of the thread's own. A key is never given out again, so nobody sees
// what was left under one that is gone.
// Freed at the thread's end.
typedef struct {
    size_t room;
    void *slots[]; // by key
} ThreadData;

// Numbers from 0 on.
int enif_tsd_key_create(char *name, ErlNifTSDKey *key)
{
    (void)name;
    NifTable *t = nif_thread()->node->nifs;
    pthread_mutex_lock(&t->lock);
    *key = t->data_keys++;
    pthread_mutex_unlock(&t->lock);
    return 0;
}

// Of this thread only; nobody can reach the others'.
void enif_tsd_key_destroy(ErlNifTSDKey key)
{
    enif_tsd_set(key, NULL);
}

// The array grows to the key; NULL needs none.
void enif_tsd_set(ErlNifTSDKey key, void *data)
{
    NifTable *t = nif_thread()->node->nifs;
    ThreadData *all = pthread_getspecific(t->data);
    size_t at = (size_t)key, room = all == NULL ? 0 : all->room;
    if (at >= room) {
        if (data == NULL) return;
        size_t larger = at + at / 2 + 8;
        all = memory_resize(all, sizeof *all + larger * sizeof(void *));
        memset(all->slots + room, 0, (larger - room) * sizeof(void *));
        all->room = larger;
        pthread_setspecific(t->data, all);
    }
    all->slots[at] = data;
}

// NULL: nothing was set.
void *enif_tsd_get(ErlNifTSDKey key)
{
    const ThreadData *all = pthread_getspecific(nif_thread()->node->nifs->data);
    return all != NULL && (size_t)key < all->room ? all->slots[key] : NULL;
}

// ---- threads ----
// A thread that a library makes can call what any thread may: send, alloc_env
// and the like.

// Freed by join.
struct ErlNifTid_ {
    pthread_t thread;          // POSIX's
    Node *node;                // of its maker
    void *(*function)(void *); // what it runs
    void *data;                // and with what
    char *name;                // own copy
};

// The thread's pointer is set before the library's code runs.
static void *run_thread(void *data)
{
    ErlNifTid id = data;
    *nif_thread() = (NifThread){.node = id->node, .made = id};
    return id->function(id->data);
}

// -1: the system's own size.
ErlNifThreadOpts *enif_thread_opts_create(char *name)
{
    ErlNifThreadOpts *options = memory_alloc(sizeof *options);
    (void)name;
    options->suggested_stack_size = -1;
    return options;
}

void enif_thread_opts_destroy(ErlNifThreadOpts *options)
{
    free(options);
}

// 0, or an error number.
int enif_thread_create(char *name, ErlNifTid *id, void *(*function)(void *),
                       void *data, ErlNifThreadOpts *options)
{
    pthread_attr_t attributes;
    ErlNifTid made = memory_alloc(sizeof *made);
    *made = (struct ErlNifTid_){.node = nif_thread()->node,
                                .function = function, .data = data,
                                .name = copy_name(name)};
    pthread_attr_init(&attributes);
    if (options != NULL && options->suggested_stack_size > 0)
        // In kilowords, as in OTP.
        pthread_attr_setstacksize(
            &attributes,
            (size_t)options->suggested_stack_size * 1024 * sizeof(void *));
    int failed = pthread_create(&made->thread, &attributes, run_thread, made);
    pthread_attr_destroy(&attributes);
    if (failed) {
        free(made->name);
        free(made);
    } else {
        *id = made;
    }
    return failed;
}

// Threads that were not made here are known by their own NifThread, which is
// only to be compared.
// So two of them compare as the same thread if they are.
ErlNifTid enif_thread_self(void)
{
    NifThread *self = nif_thread();
    return (ErlNifTid)(self->made != NULL ? self->made : self);
}

int enif_equal_tids(ErlNifTid a, ErlNifTid b)
{
    return a == b;
}

void enif_thread_exit(void *answer)
{
    pthread_exit(answer);
}

// Only once for each thread.
int enif_thread_join(ErlNifTid id, void **answer)
{
    int failed = pthread_join(id->thread, answer);
    if (failed) return failed;
    free(id->name);
    free(id);
    return 0;
}

char *enif_thread_name(ErlNifTid id)
{
    return id->name;
}
