// SPDX-License-Identifier: Apache-2.0
// driver_async: work that takes long, on a thread of its own. There is one for
// all drivers, as in OTP: what is asked for is done in that order, whatever key
// it has. The result goes back to the loop's thread.
#include <pthread.h>
#include <stdlib.h>

#include "driver.h"
#include "io_loop.h"
#include "memory.h"
#include "nif.h"

typedef struct Job Job;
struct Job {
    IoTask task; // must be first
    Job *next;
    Term port;
    void (*invoke)(void *data);
    void (*free)(void *data);
    void *data;
};

struct DriverAsync {
    Node *node;
    pthread_t thread;
    pthread_mutex_t lock; // guards what follows
    pthread_cond_t came;
    Job *first, **last;
    long number;
    bool ends;
};

static void finish(IoLoop *io, IoTask *task)
{
    Job *job = (Job *)task;
    DriverPort *d = io_loop_node(io)->drivers->ports;
    while (d != NULL && !term_same(d->port.id, job->port)) d = d->next;
    if (d != NULL && d->driver->entry->ready_async != NULL) {
        driver_enter(d);
        d->driver->entry->ready_async(d->data, job->data);
        driver_leave(d);
    } else if (job->free != NULL) {
        job->free(job->data);
    }
    free(job);
}

// The next job; NULL at the end.
static Job *wait_for_job(DriverAsync *a)
{
    pthread_mutex_lock(&a->lock);
    while (a->first == NULL && !a->ends)
        pthread_cond_wait(&a->came, &a->lock);
    Job *job = a->first;
    if (job != NULL) a->first = job->next;
    if (a->first == NULL) a->last = &a->first;
    if (a->ends) {
        free(job);
        job = NULL;
    }
    pthread_mutex_unlock(&a->lock);
    return job;
}

static void *work(void *data)
{
    DriverAsync *a = data;
    Job *job;
    nif_thread()->node = a->node;
    while ((job = wait_for_job(a)) != NULL) {
        job->invoke(job->data);
        io_loop_add(a->node->io, &job->task);
    }
    return NULL;
}

static void end(DriverAsync *a)
{
    pthread_mutex_lock(&a->lock);
    a->ends = true;
    pthread_cond_signal(&a->came);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    while (a->first != NULL) {
        Job *job = a->first;
        a->first = job->next;
        free(job);
    }
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->came);
    free(a);
}

static DriverAsync *get_async(Node *node)
{
    DriverTable *t = node->drivers;
    if (t->async != NULL) return t->async;
    DriverAsync *a = memory_zeroed(1, sizeof *a);
    a->node = node;
    a->last = &a->first;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->came, NULL);
    if (pthread_create(&a->thread, NULL, work, a) != 0) abort();
    t->end_async = end;
    return t->async = a;
}

long driver_async(ErlDrvPort port, unsigned *key, void (*invoke)(void *),
                  void *data, void (*free)(void *))
{
    const DriverPort *d = (const DriverPort *)port;
    DriverAsync *a = get_async(d->port.node);
    Job *job = memory_zeroed(1, sizeof *job);
    *job = (Job){.task.run = finish, .port = d->port.id, .invoke = invoke,
                 .free = free, .data = data};
    (void)key;
    pthread_mutex_lock(&a->lock);
    *a->last = job;
    a->last = &job->next;
    long number = ++a->number;
    pthread_cond_signal(&a->came);
    pthread_mutex_unlock(&a->lock);
    return number;
}

unsigned driver_async_port_key(ErlDrvPort port)
{
    const DriverPort *d = (const DriverPort *)port;
    return (unsigned)term_id_data(d->port.id);
}
