// SPDX-License-Identifier: Apache-2.0
// enif_select: processes that wait for descriptors.
//
// All descriptors are in one epoll set, which any thread may change and the
// I/O loop polls. What is to be sent lies ready as signals. A descriptor's
// resource is held from its first use until its stop function is called.
// The library must not close a descriptor before its stop function was called.
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "copy.h"
#include "io_loop.h"
#include "memory.h"
#include "nif_resource.h"
#include "signal.h"

// Kinds of events, and how many there are.
enum { READS, WRITES, ERRORS, WAITS };

// Ready to be sent, so that nothing can fail when the event comes.
typedef struct {
    Term to;        // pid
    Signal *signal; // NULL: nobody waits
} Wait;

// By descriptor: they are small numbers.
typedef struct {
    NifResource *resource; // NULL: the descriptor is not in use
    Wait waits[WAITS];     // by kind
    bool known;            // to the epoll set
} Entry;

// One for each node, made when first asked for.
struct NifSelects {
    // Tells the loop of the set.
    IoTask start;         // must be first
    Node *node;           // whose processes wait
    pthread_mutex_t lock; // guards the entries
    int set;              // of epoll
    Entry *entries;       // by descriptor
    size_t room;          // of entries
    uv_poll_t poll;       // the loop's thread only
};

// ---- waiting ----

// Once only: a library asks again after each message.
static uint32_t wanted_events(const Entry *e)
{
    uint32_t events = EPOLLONESHOT;
    if (e->waits[READS].signal != NULL) events |= EPOLLIN;
    if (e->waits[WRITES].signal != NULL) events |= EPOLLOUT;
    return events;
}

// An error alone is reported by epoll in any case.
static bool waits_for_something(const Entry *e)
{
    return e->waits[READS].signal != NULL || e->waits[WRITES].signal != NULL
           || e->waits[ERRORS].signal != NULL;
}

// Tells the set what [fd] waits for now; false when it cannot be waited for.
// Called with the lock held.
static bool arm(NifSelects *s, int fd, Entry *e)
{
    struct epoll_event event = {.events = wanted_events(e), .data.fd = fd};
    if (!waits_for_something(e)) {
        if (e->known) epoll_ctl(s->set, EPOLL_CTL_DEL, fd, NULL);
        e->known = false;
        return true;
    }
    // Somebody may have closed it, and opened another of that number.
    if (e->known && epoll_ctl(s->set, EPOLL_CTL_MOD, fd, &event) == 0)
        return true;
    e->known = epoll_ctl(s->set, EPOLL_CTL_ADD, fd, &event) == 0;
    return e->known;
}

// The signal is the receiver's from here on.
static void fire(const NifSelects *s, Wait *w)
{
    if (w->signal == NULL) return;
    signal_push(s->node, w->to, w->signal);
    w->signal = NULL;
}

// The message will not be sent.
static void drop(Wait *w)
{
    if (w->signal != NULL) signal_free(w->signal);
    w->signal = NULL;
}

static void on_event(NifSelects *s, int fd, uint32_t events)
{
    // A descriptor that has ended is ready for all.
    bool ends = (events & (EPOLLERR | EPOLLHUP)) != 0;
    pthread_mutex_lock(&s->lock);
    Entry *e = &s->entries[fd];
    if (ends || (events & EPOLLIN)) fire(s, &e->waits[READS]);
    if (ends || (events & EPOLLOUT)) fire(s, &e->waits[WRITES]);
    if (ends) fire(s, &e->waits[ERRORS]);
    // What is still waited for: the event has disarmed it.
    if (e->known && waits_for_something(e)) arm(s, fd, e);
    pthread_mutex_unlock(&s->lock);
}

// The set itself is a descriptor, readable when one of its own is.
static void on_ready(uv_poll_t *poll, int status, int events)
{
    NifSelects *s = poll->data;
    struct epoll_event found[64];
    // More are told of at the next round.
    int n = epoll_wait(s->set, found, 64, 0);
    for (int i = 0; i < n; i++) on_event(s, found[i].data.fd, found[i].events);
}

// libuv's handles belong to its thread.
static void start(IoLoop *io, IoTask *task)
{
    NifSelects *s = (NifSelects *)task;
    s->poll.data = s;
    if (uv_poll_init(io_loop_uv(io), &s->poll, s->set) == 0)
        uv_poll_start(&s->poll, UV_READABLE, on_ready);
}

// The table's lock, as two libraries may ask at once.
static NifSelects *get_selects(Node *node)
{
    NifTable *t = node->nifs;
    pthread_mutex_lock(&t->lock);
    NifSelects *s = t->selects;
    if (s == NULL) {
        s = t->selects = memory_zeroed(1, sizeof *s);
        s->node = node;
        s->set = epoll_create1(EPOLL_CLOEXEC);
        pthread_mutex_init(&s->lock, NULL);
        s->start.run = start;
        io_loop_add(node->io, &s->start);
    }
    pthread_mutex_unlock(&t->lock);
    return s;
}

// Nobody runs any more.
void nif_selects_free(NifSelects *s)
{
    if (s == NULL) return;
    for (size_t i = 0; i < s->room; i++)
        for (int k = 0; k < WAITS; k++) drop(&s->entries[i].waits[k]);
    close(s->set);
    pthread_mutex_destroy(&s->lock);
    free(s->entries);
    free(s);
}

// Under the lock.
// Grows by doubling; entries move, so no pointer to one is kept.
static Entry *get_entry(NifSelects *s, int fd)
{
    while ((size_t)fd >= s->room) {
        size_t room = s->room == 0 ? 64 : s->room * 2;
        s->entries = memory_resize(s->entries, room * sizeof *s->entries);
        memset(s->entries + s->room, 0,
               (room - s->room) * sizeof *s->entries);
        s->room = room;
    }
    return &s->entries[fd];
}

// ---- what a library asks for ----

// Arguments of enif_select_x.
typedef struct {
    ErlNifEnv *env; // of the call
    int fd, flags;
    NifResource *resource;
    Term to, message;       // to: who gets the message
    ErlNifEnv *message_env; // NULL: [message] is of [env]
} Request;

// By kind.
static const int flag_of[WAITS] = {ERL_NIF_SELECT_READ, ERL_NIF_SELECT_WRITE,
                                   ERL_NIF_SELECT_ERROR};

// {select, Resource, Ref, ready_input}, or the library's own.
static Signal *make_message(const Request *r, int which)
{
    static const uintptr_t names[WAITS] = {ATOM_BITS_ready_input,
                                           ATOM_BITS_ready_output,
                                           ATOM_BITS_ready_error};
    Signal *s = signal_new(SIGNAL_MESSAGE, ATOM_undefined);
    s->token = TERM_NIL;
    if (r->flags & ERL_NIF_SELECT_CUSTOM_MSG) {
        if (r->message_env == NULL) {
            s->message = copy_term(r->env->node, &s->heap, r->message);
        } else {
            // Its heap goes with the message.
            heap_adopt(&s->heap, &r->message_env->own);
            s->message = r->message;
            nif_free_loans(r->message_env);
        }
        return s;
    }
    Term items[] = {ATOM_select, nif_resource_term(&s->heap, r->resource),
                    copy_term(r->env->node, &s->heap, r->message),
                    (Term){names[which]}};
    s->message = heap_tuple(&s->heap, 4, items);
    return s;
}

// Bits of what was waited for.
static int cancel(NifSelects *s, const Request *r, Entry *e)
{
    static const int answers[WAITS] = {ERL_NIF_SELECT_READ_CANCELLED,
                                       ERL_NIF_SELECT_WRITE_CANCELLED,
                                       ERL_NIF_SELECT_ERROR_CANCELLED};
    int answer = 0;
    for (int i = 0; i < WAITS; i++) {
        if (!(r->flags & flag_of[i]) || e->waits[i].signal == NULL) continue;
        drop(&e->waits[i]);
        answer |= answers[i];
    }
    // The set hears of it if nothing is left.
    arm(s, r->fd, e);
    return answer;
}

// Whoever waits already for the same is forgotten.
// 0, or a negative number with a bit for the reason.
static int begin(NifSelects *s, const Request *r, Entry *e)
{
    for (int i = 0; i < WAITS; i++) {
        if (!(r->flags & flag_of[i])) continue;
        drop(&e->waits[i]);
        e->waits[i] = (Wait){r->to, make_message(r, i)};
    }
    if (arm(s, r->fd, e)) return 0;
    // Nothing can come: all of it is forgotten.
    for (int i = 0; i < WAITS; i++) drop(&e->waits[i]);
    return INT32_MIN
           | (errno == EBADF ? ERL_NIF_SELECT_INVALID_EVENT
                             : ERL_NIF_SELECT_FAILED);
}

// The descriptor is the library's to close from now on.
// The lock is given up while the library's function runs: it may select again.
static int stop(NifSelects *s, const Request *r, Entry *e)
{
    for (int i = 0; i < WAITS; i++) drop(&e->waits[i]);
    arm(s, r->fd, e);
    // Its count ends with the entry.
    NifResource *held = e->resource;
    e->resource = NULL;
    pthread_mutex_unlock(&s->lock);
    ErlNifEnv env;
    nif_env_open(&env, s->node, r->resource->type->library);
    r->resource->type->init.stop(&env, r->resource->object, r->fd, 1);
    nif_env_close(&env);
    if (held != NULL) counted_release(&held->counted);
    pthread_mutex_lock(&s->lock);
    return ERL_NIF_SELECT_STOP_CALLED;
}

static int run(NifSelects *s, const Request *r)
{
    pthread_mutex_lock(&s->lock);
    Entry *e = get_entry(s, r->fd);
    NifResource *stolen = NULL;
    int answer;
    if (r->flags & ERL_NIF_SELECT_STOP) {
        answer = stop(s, r, e);
    } else if (r->flags & ERL_NIF_SELECT_CANCEL) {
        answer = cancel(s, r, e);
    } else {
        if (e->resource != r->resource) {
            // Another resource uses the descriptor: the first has closed it
            // without a stop.
            stolen = e->resource;
            for (int i = 0; i < WAITS; i++) drop(&e->waits[i]);
            e->resource = r->resource;
            counted_keep(&r->resource->counted);
        }
        answer = begin(s, r, e);
    }
    pthread_mutex_unlock(&s->lock);
    // Not under the lock: its destructor may call anything.
    if (stolen != NULL) counted_release(&stolen->counted);
    return answer;
}

// No stop function: the type cannot be selected with.
int enif_select_x(ErlNifEnv *env, ErlNifEvent event,
                  enum ErlNifSelectFlags flags, void *object,
                  const ErlNifPid *pid, ERL_NIF_TERM message,
                  ErlNifEnv *message_env)
{
    Request r = {.env = env, .fd = event, .flags = (int)flags,
                 .resource = nif_resource_of(object),
                 .message = {message}, .message_env = message_env};
    if (r.resource->type->init.stop == NULL)
        return INT32_MIN | ERL_NIF_SELECT_FAILED;
    if (event < 0) return INT32_MIN | ERL_NIF_SELECT_INVALID_EVENT;
    if (pid != NULL)
        r.to = (Term){pid->pid};
    else if (env->process != NULL)
        r.to = env->process->pid;
    return run(get_selects(r.resource->type->node), &r);
}

// The message is {select, ..} with [ref].
int enif_select(ErlNifEnv *env, ErlNifEvent event, enum ErlNifSelectFlags flags,
                void *object, const ErlNifPid *pid, ERL_NIF_TERM ref)
{
    return enif_select_x(env, event, flags, object, pid, ref, NULL);
}
