// SPDX-License-Identifier: Apache-2.0
// Port: the table of ports, their relations with processes, and their end.
#include "port.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "bif.h"
#include "copy.h"
#include "external.h"
#include "memory.h"
#include "port_message.h"
#include "posix_error.h"
#include "process_table.h"
#include "registry.h"
#include "request.h"
#include "scheduler.h"
#include "watch.h"

enum {
    DIRECT_REDUCTIONS = 100, // of a call that runs where it is asked
    CHAINS_FIRST = 64,       // a power of two, as later numbers of them
    FIRST_NUMBER = 6,        // OTP's prompt has used the ones before
    LIMIT_DEFAULT = 65536,   // ports, as +Q has it
    BUSY_HIGH = 8192,
    BUSY_LOW = 4096 // bytes queued, as OTP's drivers say
};

struct PortTable {
    pthread_mutex_t mutex; // guards what follows, and the ports' names
    Port **chains;         // for finding by id, as many as ports at least
    size_t chain_count;
    uint64_t next;       // number of the next port
    size_t count, limit; // in the table, and at most
    Port *all;           // that are not freed
};

static const RefId NO_REF = {0, 0}; // of links

// Links, monitors and suspended senders in one list: a port has few.
struct PortPeer {
    PortPeer *next;
    Term pid;
    RefId ref;
    uint8_t kind;       // SignalKind: SIGNAL_LINK, _MONITOR; or
                        // SIGNAL_SUSPEND: it sent while the port was busy
};

static void drop_held(Port *port);

// ---- the table ----

static void free_peers(Port *port)
{
    while (port->peers != NULL) {
        PortPeer *peer = port->peers;
        port->peers = peer->next;
        free(peer);
    }
}

static void destroy(PortTable *t, Port *port)
{
    pthread_mutex_lock(&t->mutex);
    *port->all_link = port->all_next;
    if (port->all_next != NULL) port->all_next->all_link = port->all_link;
    pthread_mutex_unlock(&t->mutex);
    free_peers(port);
    drop_held(port);
    heap_free(&port->data_heap);
    port->kind->release(port);
    pthread_mutex_destroy(&port->lock);
    free(port);
}

// acq_rel: who frees it must see what all others did to it.
void port_drop(Port *port)
{
    if (atomic_fetch_sub_explicit(&port->holders, 1, memory_order_acq_rel) == 1)
        destroy(port->node->ports, port);
}

// By its kind, when nothing is open; it left the table before.
void port_free(Port *port)
{
    port_drop(port);
}

// No thread runs any more, so whoever holds one is not there.
void port_table_free(PortTable *t)
{
    while (t->all != NULL) destroy(t, t->all);
    pthread_mutex_destroy(&t->mutex);
    free(t->chains);
    free(t);
}

static Port **find_chain(PortTable *t, Term id)
{
    return &t->chains[term_id_data(id) & (t->chain_count - 1)];
}

// Where the pointer to the port of [id] lies, or the end of its chain.
static Port **find_link(PortTable *t, Term id)
{
    Port **link = find_chain(t, id);
    while (*link != NULL && !term_same((*link)->id, id)) link = &(*link)->next;
    return link;
}

Port *port_find(Node *node, Term id)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    Port *port = *find_link(t, id);
    pthread_mutex_unlock(&t->mutex);
    return port;
}

// The port of [id] with one holder more, or NULL. [comes]: something for it is
// on its way from now on.
static Port *find_and_keep(Node *node, Term id, bool comes)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    Port *port = *find_link(t, id);
    // In the table it is held by its kind: it cannot be on its way out.
    if (port != NULL) port_keep(port);
    if (port != NULL && comes) atomic_fetch_add(&port->coming, 1);
    pthread_mutex_unlock(&t->mutex);
    return port;
}

// The same of one that is direct, for others than the loop's thread: the last
// holder of any other is to be that thread.
static Port *keep_direct(Node *node, Term id)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    Port *port = *find_link(t, id);
    if (port != NULL && !atomic_load(&port->direct)) port = NULL;
    if (port != NULL) port_keep(port);
    pthread_mutex_unlock(&t->mutex);
    return port;
}

void port_keep(Port *port)
{
    atomic_fetch_add(&port->holders, 1);
}

void port_hold(Port *port)
{
    port_keep(port);
    pthread_mutex_lock(&port->lock);
}

void port_leave(Port *port)
{
    pthread_mutex_unlock(&port->lock);
    port_drop(port);
}

bool port_exists(Node *node, Term id)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    bool found = *find_link(t, id) != NULL;
    pthread_mutex_unlock(&t->mutex);
    return found;
}

// A driver may become busy by a command that is on its way still.
bool port_must_wait(Node *node, Term id)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    const Port *port = *find_link(t, id);
    bool waits = port != NULL
                 && (atomic_load(&port->busy)
                     || atomic_load(&port->commands) > 0);
    pthread_mutex_unlock(&t->mutex);
    return waits;
}

void port_suspend(Process *p, Term port)
{
    signal_push(p->node, port, signal_new(SIGNAL_SUSPEND, p->pid));
    signal_apply(p, signal_new(SIGNAL_SUSPEND, port));
}

bool port_is_busy(Node *node, Term id)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    const Port *port = *find_link(t, id);
    bool busy = port != NULL && atomic_load(&port->busy);
    pthread_mutex_unlock(&t->mutex);
    return busy;
}

size_t port_table_count(Node *node)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    size_t count = t->count;
    pthread_mutex_unlock(&t->mutex);
    return count;
}

bool port_set_name(Node *node, Term id, Term name)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    Port *port = *find_link(t, id);
    bool named = port != NULL && term_is_none(port->name)
                 && registry_add(node->registry, name, id);
    if (named) port->name = name;
    pthread_mutex_unlock(&t->mutex);
    return named;
}

void port_forget_name(Node *node, Term id, Term name)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    Port *port = *find_link(t, id);
    if (port != NULL && term_same(port->name, name)) port->name = TERM_NONE;
    pthread_mutex_unlock(&t->mutex);
}

void port_each(Node *node, void (*visit)(const Port *port, void *data),
               void *data)
{
    PortTable *t = node->ports;
    pthread_mutex_lock(&t->mutex);
    for (size_t i = 0; i < t->chain_count; i++)
        for (const Port *port = t->chains[i]; port != NULL; port = port->next)
            visit(port, data);
    pthread_mutex_unlock(&t->mutex);
}

Term port_list(Node *node, Heap *h)
{
    PortTable *t = node->ports;
    Term list = TERM_NIL;
    pthread_mutex_lock(&t->mutex);
    for (size_t i = t->chain_count; i-- > 0;)
        for (Port *port = t->chains[i]; port != NULL; port = port->next)
            list = heap_cons(h, port->id, list);
    pthread_mutex_unlock(&t->mutex);
    return list;
}

bool port_table_has_room(Node *node)
{
    PortTable *t = node->ports;
    return port_table_count(node) < t->limit;
}

static void add_to_chain(PortTable *t, Port *port)
{
    Port **chain = find_chain(t, port->id);
    port->next = *chain;
    *chain = port;
}

// Under the mutex. Twice as many chains, so that they stay short: numbers
// follow each other, so a chain has one port mostly.
static void grow(PortTable *t)
{
    Port **old = t->chains, *next;
    size_t count = t->chain_count;
    t->chain_count = 2 * count;
    t->chains = memory_zeroed(t->chain_count, sizeof *t->chains);
    for (size_t i = 0; i < count; i++)
        for (Port *port = old[i]; port != NULL; port = next) {
            next = port->next;
            add_to_chain(t, port);
        }
    free(old);
}

// Numbers are never used again: an id names one port only.
static void add_to_table(PortTable *t, Port *port)
{
    pthread_mutex_lock(&t->mutex);
    port->id = term_local_port(t->next++);
    if (t->count == t->chain_count) grow(t);
    add_to_chain(t, port);
    t->count++;
    // For freeing at the node's end.
    port->all_next = t->all;
    port->all_link = &t->all;
    if (t->all != NULL) t->all->all_link = &port->all_next;
    t->all = port;
    pthread_mutex_unlock(&t->mutex);
}

// The name goes with it, under the same lock as it was given.
static void remove_from_table(PortTable *t, Port *port)
{
    pthread_mutex_lock(&t->mutex);
    *find_link(t, port->id) = port->next;
    t->count--;
    if (!term_is_none(port->name))
        registry_remove(port->node->registry, port->name, port->id);
    pthread_mutex_unlock(&t->mutex);
}

// ---- links and monitors ----

// Linear: its owner is mostly the only one.
static PortPeer **find_peer(Port *port, SignalKind kind, Term pid, RefId ref)
{
    PortPeer **link = &port->peers;
    for (; *link != NULL; link = &(*link)->next) {
        const PortPeer *peer = *link;
        if (peer->kind == kind && term_same(peer->pid, pid)
            && ref_id_same(peer->ref, ref))
            break;
    }
    return link;
}

// At the end, so that all are told in the order in which they came.
static void add_peer(Port *port, SignalKind kind, Term pid, RefId ref)
{
    PortPeer **end = find_peer(port, kind, pid, ref);
    if (*end != NULL) return;
    *end = memory_zeroed(1, sizeof **end);
    **end = (PortPeer){.pid = pid, .ref = ref, .kind = (uint8_t)kind};
}

static bool remove_peer(Port *port, SignalKind kind, Term pid, RefId ref)
{
    PortPeer **link = find_peer(port, kind, pid, ref), *peer = *link;
    if (peer == NULL) return false;
    *link = peer->next;
    free(peer);
    return true;
}


void port_link(Port *port, Term pid)
{
    if (*find_peer(port, SIGNAL_LINK, pid, NO_REF) != NULL) return;
    add_peer(port, SIGNAL_LINK, pid, NO_REF);
    signal_push(port->node, pid, signal_new(SIGNAL_LINK, port->id));
}

// Only if there is a link: else the other may have one that is newer.
void port_unlink(Port *port, Term pid)
{
    if (remove_peer(port, SIGNAL_LINK, pid, NO_REF))
        signal_push(port->node, pid, signal_new(SIGNAL_UNLINK, port->id));
}

Term port_peers(const Port *port, Heap *h, SignalKind kind)
{
    Term list = TERM_NIL;
    for (const PortPeer *peer = port->peers; peer != NULL; peer = peer->next)
        if (peer->kind == kind) list = heap_cons(h, peer->pid, list);
    return list;
}

static void make_known(PortTable *t, Port *port, const PortKind *kind,
                       Term owner)
{
    port->kind = kind;
    pthread_mutex_init(&port->lock, NULL);
    // Before others can find it: they wait until it is ready.
    if (kind->direct) pthread_mutex_lock(&port->lock);
    atomic_init(&port->holders, kind->direct ? 2 : 1);
    atomic_init(&port->coming, 0);
    atomic_init(&port->direct, kind->direct);
    port->owner = owner;
    port->name = TERM_NONE;
    heap_init(&port->data_heap);
    port->data = ATOM_undefined;
    port->high = BUSY_HIGH;
    port->low = BUSY_LOW;
    add_to_table(t, port);
}

void port_init(Port *port, const PortKind *kind, Term owner)
{
    make_known(port->node->ports, port, kind, owner);
    port_link(port, owner);
}

// ---- the first port ----

static void drop_output(Port *port, uint8_t *bytes, size_t size)
{
    free(bytes);
}

static void stop_first(Port *port, bool flush)
{
    port_free(port);
}

static void release_first(Port *port)
{
    free(port->text);
}

// Programs are started by the loop itself, but there is always a port that
// stands for that.
static void add_first(PortTable *t, Node *node)
{
    static const PortKind kind = {
        .output = drop_output, .stop = stop_first, .release = release_first};
    static const char name[] = "forker";
    Port *port = memory_zeroed(1, sizeof *port);
    port->node = node;
    port->text = memcpy(memory_alloc(sizeof name), name, sizeof name);
    make_known(t, port, &kind, term_local_pid(0)); // nobody's: process 0
}

PortTable *port_table_new(Node *node, size_t limit)
{
    PortTable *t = memory_zeroed(1, sizeof *t);
    pthread_mutex_init(&t->mutex, NULL);
    t->limit = limit == 0 ? LIMIT_DEFAULT : limit;
    t->chain_count = CHAINS_FIRST;
    t->chains = memory_zeroed(CHAINS_FIRST, sizeof *t->chains);
    add_first(t, node);
    t->next = FIRST_NUMBER;
    return t;
}

// ---- the end ----

// Tells all peers of one kind that the port has ended.
static void tell_peers(Port *port, SignalKind kind, Term reason)
{
    for (const PortPeer *peer = port->peers; peer != NULL; peer = peer->next) {
        if (peer->kind != kind) continue;
        // Who was suspended for it goes on.
        SignalKind what = kind == SIGNAL_LINK      ? SIGNAL_LINK_EXIT
                          : kind == SIGNAL_MONITOR ? SIGNAL_DOWN
                                                   : SIGNAL_RESUME;
        Signal *s = signal_new(what, port->id);
        s->ref = peer->ref;
        // Each peer gets its own copy.
        s->message = copy_term(port->node, &s->heap, reason);
        signal_push(port->node, peer->pid, s);
    }
}

// Runs the calls that waited once more; those of a port that has ended, which
// one of them may do, answer that it is gone.
static void run_waiting(Port *port)
{
    PortCall *call = port->waiting;
    // Taken off first: one may wait again.
    port->waiting = NULL;
    while (call != NULL) {
        PortCall *next = call->next;
        Term answer = call->run(port->ended ? NULL : port, call);
        if (!term_is_none(answer)) port_answer(call, answer);
        call = next;
    }
}

// The peers first, then calls: a caller hears of the end before its answer.
static void end_port(Port *port, Term reason, bool flush)
{
    if (port->ended) return;
    // Unknown first: whoever is told of its end must not find it any more.
    port->ended = true;
    remove_from_table(port->node->ports, port);
    tell_peers(port, SIGNAL_LINK, reason);
    tell_peers(port, SIGNAL_MONITOR, reason);
    tell_peers(port, SIGNAL_SUSPEND, TERM_NIL);
    free_peers(port);
    // Messages that waited for it are lost with it, as those of a process.
    drop_held(port);
    run_waiting(port);
    port->reason = reason;
    port->kind->stop(port, flush);
}

void port_exit(Port *port, Term reason)
{
    end_port(port, reason, true);
}

// Of a port that could not be opened: the owner gets an error instead of exits.
void port_forget(Port *port)
{
    port->ended = true;
    remove_from_table(port->node->ports, port);
    port_unlink(port, port->owner);
    port_free(port);
}

// [reason] is immediate: nothing has to be copied.
typedef struct {
    IoTask task; // must be first
    Term id, reason;
} ExitTask;

static void run_exit(IoLoop *io, IoTask *task)
{
    ExitTask *t = (ExitTask *)task;
    Port *port = find_and_keep(io_loop_node(io), t->id, false);
    if (port != NULL) {
        pthread_mutex_lock(&port->lock);
        port_exit(port, t->reason);
        port_leave(port);
    }
    free(t);
}

// By identifier: another end may come first.
void port_exit_later(Port *port, Term reason)
{
    ExitTask *t = memory_zeroed(1, sizeof *t);
    *t = (ExitTask){{.run = run_exit}, port->id, reason};
    io_loop_add(port->node->io, &t->task);
}

// As inet and file name errors: {'EXIT', Port, econnreset}.
void port_exit_error(Port *port, int error)
{
    port_exit(port, posix_error_name(port->node->atoms, error));
}

// ---- being busy ----

// It goes on when the port is not busy any more.
void port_suspend_sender(Port *port, Term from)
{
    // Once for each sender: it is told once that it may go on.
    if (!term_is_local_pid(from)
        || *find_peer(port, SIGNAL_SUSPEND, from, NO_REF) != NULL)
        return;
    add_peer(port, SIGNAL_SUSPEND, from, NO_REF);
    signal_push(port->node, from, signal_new(SIGNAL_SUSPEND, port->id));
    watch_port_busy(port->node, from, port->id);
}

// [from] has suspended itself: it was busy when [from] wanted to send.
static void take_suspended(Port *port, Term from)
{
    if (!port->busy && port->held == NULL) {
        signal_push(port->node, from, signal_new(SIGNAL_RESUME, port->id));
        return;
    }
    // Beside port_suspend_sender's: either will be told.
    add_peer(port, SIGNAL_SUSPEND, from, NO_REF);
    watch_port_busy(port->node, from, port->id);
}

// In the order in which they came.
void port_wait(Port *port, PortCall *call)
{
    PortCall **end = &port->waiting;
    // Linear: few processes call one busy port.
    while (*end != NULL) end = &(*end)->next;
    call->next = NULL;
    *end = call;
    port_suspend_sender(port, call->caller);
}

static void resume_senders(Port *port)
{
    // All are told before any is taken out: the list is the same for both.
    tell_peers(port, SIGNAL_SUSPEND, TERM_NIL);
    PortPeer **link = &port->peers;
    while (*link != NULL) {
        PortPeer *peer = *link;
        if (peer->kind == SIGNAL_SUSPEND) {
            *link = peer->next;
            free(peer);
        } else {
            link = &peer->next;
        }
    }
}

static void run_held(IoLoop *io, IoTask *task);

typedef struct {
    IoTask task; // must be first
    Node *node;  // the port may be gone when it runs
    Term id;
} FreeTask;

// The kind may be in the middle of something: the rest is left to the loop.
static void set_free(Port *port)
{
    port->busy = false;
    // One task for all that happens until it runs.
    if (port->freeing) return;
    port->freeing = true;
    FreeTask *t = memory_zeroed(1, sizeof *t);
    *t = (FreeTask){{.run = run_held}, port->node, port->id};
    io_loop_add(port->node->io, &t->task);
}

void port_set_busy(Port *port, bool busy)
{
    if (busy)
        port->busy = true;
    else if (port->busy) // setting it free twice wakes nobody twice
        set_free(port);
}

// High and low differ, so that senders do not stop and go for each write.
void port_set_queued(Port *port, size_t queued)
{
    port->queued = queued;
    if (!port->busy)
        port->busy = queued >= port->high;
    else if (queued <= port->low)
        set_free(port);
}

// ---- at the node's end ----

// The descriptors that take no more for now, in [*waits].
static size_t flush_all(PortTable *t, struct pollfd **waits, size_t *room)
{
    size_t n = 0;
    for (Port *port = t->all; port != NULL; port = port->all_next) {
        int fd = port->kind->flush == NULL ? -1 : port->kind->flush(port);
        if (fd < 0) continue;
        if (n == *room) {
            *room = 2 * n + 16;
            *waits = memory_resize(*waits, *room * sizeof **waits);
        }
        (*waits)[n++] = (struct pollfd){.fd = fd, .events = POLLOUT};
    }
    return n;
}

// All at once: who reads one may wait for what comes by another.
void port_table_flush(PortTable *t)
{
    struct pollfd *waits = NULL;
    size_t n, room = 0;
    while ((n = flush_all(t, &waits, &room)) > 0)
        poll(waits, (nfds_t)n, -1);
    free(waits);
}

// ---- messages ----

// As open_port's binary and list have it.
Term port_data(Heap *h, const uint8_t *bytes, size_t size, bool binary)
{
    return binary ? heap_binary(h, bytes, size)
                  : heap_string(h, (const char *)bytes, size, TERM_NIL);
}

// What a tracer gets as a message goes out of a port in the external format.
static void take_trace(Port *port, Term message)
{
    size_t size;
    uint8_t *bytes = external_encode(port->node, message, NULL, &size);
    port->caller = port->owner;
    port->kind->output(port, bytes, size);
}

void port_connect(Port *port, Term pid)
{
    port->owner = pid;
    port_link(port, pid);
}

// As a process that traps nothing; but exit/2 with normal ends it, and so does
// a link to its owner.
static void take_exit(Port *port, const Signal *s)
{
    bool linked = s->kind == SIGNAL_LINK_EXIT;
    // The link is used up, whatever the reason does.
    if (linked && !remove_peer(port, SIGNAL_LINK, s->from, NO_REF))
        return; // unlinked meanwhile
    if (linked && term_same(s->message, ATOM_normal)
        && !term_same(s->from, port->owner))
        return;
    // Links of a killed port see killed, as with processes. What it has queued
    // is lost; that of one whose owner was killed is written.
    bool kill = term_same(s->message, ATOM_kill);
    end_port(port, kill ? ATOM_killed : s->message, linked || !kill);
}

// ---- signals and calls ----

// A signal on its way to the loop's thread.
typedef struct {
    IoTask task;    // must be first
    Node *node;     // of both ends
    Term to;        // the port's identifier
    Port *port;     // itself, held; NULL: there is none
    Signal *signal; // owned by the task until it is applied
    bool is_counted; // in the port's commands
} SignalTask;

static void apply(Port *port, Signal *s)
{
    switch ((SignalKind)s->kind) {
    case SIGNAL_MESSAGE:
        port_message_take(port, s->from, s->message);
        break;
    case SIGNAL_TRACE:
        take_trace(port, s->message);
        break;
    case SIGNAL_EXIT:
    case SIGNAL_LINK_EXIT:
        take_exit(port, s);
        break;
    case SIGNAL_LINK:
        add_peer(port, SIGNAL_LINK, s->from, NO_REF);
        break;
    case SIGNAL_UNLINK:
        remove_peer(port, SIGNAL_LINK, s->from, NO_REF);
        break;
    case SIGNAL_MONITOR:
        add_peer(port, SIGNAL_MONITOR, s->from, s->ref);
        break;
    case SIGNAL_DEMONITOR:
        remove_peer(port, SIGNAL_MONITOR, s->from, s->ref);
        break;
    case SIGNAL_DOWN:
        // Only kinds that monitor processes get it.
        if (port->kind->down != NULL) port->kind->down(port, s->ref);
        break;
    case SIGNAL_SUSPEND:
        take_suspended(port, s->from);
        break;
    default: // nothing that one does to a port
        break;
    }
}

static void apply_and_free(Port *port, SignalTask *t)
{
    apply(port, t->signal);
    signal_free(t->signal);
    free(t);
}

// Whether [s] is a command for a driver, which may become busy by it.
static bool is_counted(const Port *port, const Signal *s)
{
    return port != NULL && port->kind->holds && s->kind == SIGNAL_MESSAGE
           && port_message_is_command(s->message);
}

// Whether [s] has to wait: behind one that waits all messages do, so that
// those of one process keep their order.
static bool must_wait(const Port *port, const Signal *s)
{
    return port->kind->holds && s->kind == SIGNAL_MESSAGE
           && (port->held != NULL || (port->busy && port_message_is_command(s->message)));
}

static void hold(Port *port, SignalTask *t)
{
    // An ordinary list of the tasks, in the order in which they came.
    if (port->held == NULL) port->held_end = &port->held;
    t->task.next = NULL;
    *port->held_end = &t->task;
    port->held_end = &t->task.next;
    if (port_message_is_command(t->signal->message)) port_suspend_sender(port, t->signal->from);
}

static void drop_held(Port *port)
{
    while (port->held != NULL) {
        SignalTask *t = (SignalTask *)port->held;
        // Before the task: the list goes through the tasks.
        port->held = t->task.next;
        signal_free(t->signal);
        free(t);
    }
}

// What is held back runs in its order; it may make the port busy again, or end
// it. Those that sent it go on when nothing is held any more.
static void go_on(Port *port)
{
    port->freeing = false;
    // A message may end the port.
    while (!port->ended && !port->busy && port->held != NULL) {
        SignalTask *held = (SignalTask *)port->held;
        port->held = held->task.next;
        apply_and_free(port, held);
    }
    if (port->ended || port->busy) return;
    resume_senders(port);
    if (port->waiting != NULL) run_waiting(port);
}

static void run_held(IoLoop *io, IoTask *task)
{
    FreeTask *t = (FreeTask *)task;
    Port *port = find_and_keep(t->node, t->id, false);
    free(t);
    if (port == NULL) return;
    pthread_mutex_lock(&port->lock);
    if (!port->ended) go_on(port);
    port_leave(port);
}

// What came for [port] is there; it may have ended while that waited.
static bool arrive(Port *port)
{
    if (port == NULL) return false;
    pthread_mutex_lock(&port->lock);
    atomic_fetch_sub(&port->coming, 1);
    return !port->ended;
}

static void run_signal(IoLoop *io, IoTask *task)
{
    SignalTask *t = (SignalTask *)task;
    Port *port = t->port;
    bool lives = arrive(port), is_counted = t->is_counted;
    // Who waits for a port that has ended waits for nothing.
    if (!lives && t->signal->kind == SIGNAL_SUSPEND)
        signal_push(t->node, t->signal->from,
                    signal_new(SIGNAL_RESUME, t->to));
    // Requests want an answer, though nobody is there.
    if (!lives || t->signal->kind == SIGNAL_CALL) {
        signal_bounce(t->node, t->to, t->signal);
        free(t);
    } else if (must_wait(port, t->signal)) {
        hold(port, t);
    } else {
        apply_and_free(port, t);
    }
    // Only now, when it shows whether the port is busy by it.
    if (is_counted) atomic_fetch_sub(&port->commands, 1);
    if (port != NULL) port_leave(port);
}

// Never fails: of an unknown port the loop tells.
void port_signal(Node *node, Term to, Signal *s)
{
    SignalTask *t = memory_zeroed(1, sizeof *t);
    t->task.run = run_signal;
    t->node = node;
    t->to = to;
    t->port = find_and_keep(node, to, true);
    t->signal = s;
    t->is_counted = is_counted(t->port, s);
    if (t->is_counted) atomic_fetch_add(&t->port->commands, 1);
    io_loop_add(node->io, &t->task);
}

// What is on its way was told the port before, by whomever.
bool port_take(Process *p, Term to, Term message)
{
    Port *port = keep_direct(p->node, to);
    if (port == NULL) return false;
    pthread_mutex_lock(&port->lock);
    bool good = atomic_load(&port->direct) && atomic_load(&port->coming) == 0
                && !port->ended;
    if (good) {
        bif_bump(p, DIRECT_REDUCTIONS);
        port_message_take(port, p->pid, message);
    }
    port_leave(port);
    return good;
}

// May run several times: see port_wait.
static void run_call(IoLoop *io, IoTask *task)
{
    PortCall *call = (PortCall *)task;
    Port *port = call->to;
    // Calls without a port run too: for opening one.
    Term answer = call->run(arrive(port) ? port : NULL, call);
    // Without an answer it waits, and is called again or answered later.
    if (!term_is_none(answer)) port_answer(call, answer);
    if (port != NULL) port_leave(port);
}

// The process whose slice this is, and that asks; NULL when [call] cannot run
// on this thread.
static Process *get_caller(const PortCall *call)
{
    const Scheduler *self = scheduler_self();
    Process *p = self == NULL ? NULL : self->running;
    return p != NULL && term_same(p->pid, call->caller) && !call->on_loop
               ? p
               : NULL;
}

// Gives [p] the answer that it does not have to wait for.
static void answer_at_once(Process *p, PortCall *call, Term answer)
{
    if (!term_is_none(call->async)) {
        port_answer(call, answer);
        return;
    }
    request_answer_own(p, &call->heap, answer);
    port_call_free(call);
}

// Runs [call] of [p] on [port] (which may be NULL) here and now.
static void run_direct(Process *p, Port *port, PortCall *call)
{
    bool waits = term_is_none(call->async);
    bif_bump(p, DIRECT_REDUCTIONS);
    call->direct = waits;
    Term answer = call->run(port, call);
    if (term_is_none(answer) && waits && call->answered) answer = call->answer;
    // Whoever answers it later does so from elsewhere.
    if (term_is_none(answer) && waits) call->direct = false;
    if (!term_is_none(answer)) answer_at_once(p, call, answer);
}

// Whether [call] has been run on this thread.
static bool try_direct(PortCall *call)
{
    Process *p = get_caller(call);
    if (p == NULL) return false;
    if (term_is_none(call->port)) {
        if (!call->direct) return false;
        run_direct(p, NULL, call);
        return true;
    }
    Port *port = keep_direct(call->node, call->port);
    if (port == NULL) return false;
    pthread_mutex_lock(&port->lock);
    bool good = atomic_load(&port->direct) && atomic_load(&port->coming) == 0;
    if (good) run_direct(p, port->ended ? NULL : port, call);
    port_leave(port);
    return good;
}

PortCall *port_call_new(Process *p, Term port,
                        Term (*run)(Port *port, PortCall *call))
{
    PortCall *call = memory_zeroed(1, sizeof *call);
    call->task.run = run_call;
    call->node = p->node;
    call->port = port;
    call->caller = p->pid;
    call->run = run;
    call->question = TERM_NIL;
    heap_init(&call->heap);
    return call;
}

void port_call_start(PortCall *call)
{
    if (try_direct(call)) return;
    call->direct = false;
    if (!term_is_none(call->port))
        call->to = find_and_keep(call->node, call->port, true);
    io_loop_add(call->node->io, &call->task);
}

// Async callers get a message, others the answer that they wait for.
void port_answer(PortCall *call, Term answer)
{
    if (call->direct) { // by the one who asks
        call->answered = true;
        call->answer = answer;
        return;
    }
    if (term_is_none(call->async)) {
        request_answer_from(call->node, call->caller, &call->heap, answer);
    } else {
        Term parts[] = {ATOM_inet_async, call->port, call->async, answer};
        // Sent as a copy: the call's heap goes with it.
        signal_send_message(call->node, NULL, call->caller,
                            heap_tuple(&call->heap, 4, parts));
    }
    port_call_free(call);
}

void port_call_free(PortCall *call)
{
    heap_free(&call->heap);
    free(call->bytes);
    free(call);
}
