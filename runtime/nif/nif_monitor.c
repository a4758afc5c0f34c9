// SPDX-License-Identifier: Apache-2.0
// Monitors of resources: a resource hears of the end of a process.
//
// Each is known under a number: the process has it among its relations, the
// table leads from it to the resource. Whoever takes it out of the table first
// decides: the process that ends, the library that takes the monitor back, or
// the resource that goes.
#include <stdlib.h>

#include "io_loop.h"
#include "memory.h"
#include "nif_resource.h"
#include "relation.h"
#include "signal.h"

// Belongs to whoever took it out of the table.
struct NifWatch {
    NifWatch *next;        // in its chain of the table
    NifWatch *own;         // next of its resource
    NifResource *resource; // not counted: it ends its watches itself
    RefId id;              // of the monitor, on both sides
    Term pid;              // who is watched
};

// Where the pointer to it stands, for taking it out.
static NifWatch **find_link(NifTable *t, RefId id)
{
    NifWatch **link = &t->watches[id.id0 % NIF_WATCH_CHAINS];
    while (*link != NULL && !ref_id_same((*link)->id, id))
        link = &(*link)->next;
    return link;
}

// Takes the watch of [id] out; NULL when it is gone. The lock is held.
// Out of both chains: the table's and its resource's.
static NifWatch *take(NifTable *t, RefId id)
{
    NifWatch **link = find_link(t, id), *w = *link;
    if (w == NULL) return NULL;
    *link = w->next;
    NifWatch **own = &w->resource->watches;
    while (*own != w) own = &(*own)->own;
    *own = w->own;
    return w;
}

// A new number, so the chain's end is where it goes.
static void add(NifTable *t, NifResource *r, RefId id, Term pid)
{
    NifWatch *w = memory_alloc(sizeof *w), **link;
    pthread_mutex_lock(&t->lock);
    link = find_link(t, id);
    *w = (NifWatch){.own = r->watches, .resource = r, .id = id, .pid = pid};
    *link = w;
    r->watches = w;
    pthread_mutex_unlock(&t->lock);
}

// ---- on the process's side ----
// The library sees a monitor as a few bytes.

// Rest of the bytes is zero, so they compare.
static ErlNifMonitor monitor_of(RefId id)
{
    ErlNifMonitor m = {{0}};
    memcpy(m.data, &id, sizeof id);
    return m;
}

// Whatever the library made of it meanwhile.
static RefId id_of(const ErlNifMonitor *m)
{
    RefId id;
    memcpy(&id, m->data, sizeof id);
    return id;
}

// On the thread where the process ended, or the loop's.
static void call_down(NifResource *r, RefId id, Term pid)
{
    // What the thread was is put back: it may be in a call of another library.
    NifThread before = *nif_thread();
    ErlNifMonitor m = monitor_of(id);
    ErlNifPid of = {pid.bits};
    ErlNifEnv env;
    nif_env_open(&env, r->type->node, r->type->library);
    nif_thread()->node = r->type->node;
    nif_thread()->calls = true;
    r->type->init.down(&env, r->object, &of, &m);
    nif_thread_return(&before);
    nif_env_close(&env);
}

// The count keeps the resource until its function has returned.
static void fire(Node *node, RefId id)
{
    NifTable *t = node->nifs;
    pthread_mutex_lock(&t->lock);
    NifWatch *w = take(t, id);
    bool lives = w != NULL && nif_resource_keep(w->resource);
    pthread_mutex_unlock(&t->lock);
    if (lives) {
        call_down(w->resource, id, w->pid);
        counted_release(&w->resource->counted);
    }
    free(w);
}

// For another thread.
typedef struct {
    IoTask task; // must be first
    RefId id;
} LateFire;

static void run_late(IoLoop *io, IoTask *task)
{
    fire(io_loop_node(io), ((LateFire *)task)->id);
    free(task);
}

// A library that watches a process which has just ended may hold the lock that
// its function for this takes: another thread calls that.
void nif_watch_fire(Node *node, RefId id)
{
    if (!nif_thread()->calls) {
        fire(node, id);
        return;
    }
    LateFire *late = memory_zeroed(1, sizeof *late);
    *late = (LateFire){.task.run = run_late, .id = id};
    io_loop_add(node->io, &late->task);
}

// For process_info(Pid, monitored_by).
Term nif_watch_term(Node *node, Heap *h, RefId id)
{
    NifTable *t = node->nifs;
    pthread_mutex_lock(&t->lock);
    const NifWatch *w = *find_link(t, id);
    NifResource *r = w != NULL && nif_resource_keep(w->resource)
                         ? w->resource
                         : NULL;
    pthread_mutex_unlock(&t->lock);
    if (r == NULL) return TERM_NONE;
    Term term = nif_resource_term(h, r);
    counted_release(&r->counted);
    return term;
}

// Runs at the process that is watched: it may be ending already.
static bool begin(Node *node, Process *p, Signal *s)
{
    if (p != NULL && !process_is_exiting(p))
        relation_add(p, RELATION_RESOURCE, s->ref);
    else
        nif_watch_fire(node, s->ref);
    return false;
}

// Its end need not be told any more.
static bool end(Node *node, Process *p, Signal *s)
{
    if (p != NULL) relation_remove(p, RELATION_RESOURCE, s->ref, NULL);
    return false;
}

// Signals keep their order: begin comes before end.
static void tell(Node *node, Term pid, RefId id,
                 bool (*call)(Node *node, Process *p, Signal *s))
{
    Signal *s = signal_new(SIGNAL_CALL, TERM_NONE);
    s->ref = id;
    s->call = call;
    signal_push(node, pid, s);
}

// ---- on the resource's side ----
// May be called from any thread.

// Whether [env] is of a call from process [pid], whose relations are at hand.
// Then no signal is needed.
static bool is_own(const ErlNifEnv *env, Term pid)
{
    return env != NULL && env->process != NULL
           && term_same(env->process->pid, pid);
}

int enif_monitor_process(ErlNifEnv *env, void *object, const ErlNifPid *target,
                         ErlNifMonitor *monitor)
{
    NifResource *r = nif_resource_of(object);
    Node *node = r->type->node;
    Term pid = {target->pid};
    if (r->type->init.down == NULL) return -1;
    if (!term_is_local_pid(pid) || !process_lives(node, pid)) return 1;
    RefId id = ref_id_new(node);
    // In the table before the process knows: its end must find it.
    add(node->nifs, r, id, pid);
    if (monitor != NULL) *monitor = monitor_of(id);
    if (is_own(env, pid))
        relation_add(env->process, RELATION_RESOURCE, id);
    else
        tell(node, pid, id, begin);
    return 0;
}

int enif_demonitor_process(ErlNifEnv *env, void *object,
                           const ErlNifMonitor *monitor)
{
    NifResource *r = nif_resource_of(object);
    Node *node = r->type->node;
    RefId id = id_of(monitor);
    pthread_mutex_lock(&node->nifs->lock);
    // A number of another resource is no monitor of this one.
    const NifWatch *there = *find_link(node->nifs, id);
    NifWatch *w = there != NULL && there->resource == r
                      ? take(node->nifs, id)
                      : NULL;
    pthread_mutex_unlock(&node->nifs->lock);
    if (w == NULL) return 1; // fired, or taken back before
    if (is_own(env, w->pid))
        relation_remove(env->process, RELATION_RESOURCE, id, NULL);
    else
        tell(node, w->pid, id, end);
    free(w);
    return 0;
}

// Nobody is told under the lock: a signal may be applied at once, and then
// anything may happen, the end of another resource, too.
void nif_watch_end(NifResource *r)
{
    Node *node = r->type->node;
    NifWatch *ended = NULL;
    pthread_mutex_lock(&node->nifs->lock);
    while (r->watches != NULL) {
        NifWatch *w = take(node->nifs, r->watches->id);
        // Taken out, so [next] is free for this chain.
        w->next = ended;
        ended = w;
    }
    pthread_mutex_unlock(&node->nifs->lock);
    while (ended != NULL) {
        NifWatch *w = ended;
        ended = w->next;
        // Where the node ends, processes may be gone.
        if (atomic_load(&node->exit_status) < 0) tell(node, w->pid, w->id, end);
        free(w);
    }
}

// As terms cannot be compared outside a process.
int enif_compare_monitors(const ErlNifMonitor *a, const ErlNifMonitor *b)
{
    return memcmp(a->data, b->data, sizeof(RefId));
}

// For messages and logs.
ERL_NIF_TERM enif_make_monitor_term(ErlNifEnv *env,
                                    const ErlNifMonitor *monitor)
{
    return ref_from_id(env->heap, id_of(monitor)).bits;
}
