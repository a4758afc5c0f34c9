// SPDX-License-Identifier: Apache-2.0
// Signals: how they travel and what they do.
//
// The inbox is a stack that others push to with one compare-and-swap; the
// owner takes it whole and turns it round. Whoever pushes nudges the home
// scheduler, once until that has looked.
//
// Order: signals of one sender to one receiver arrive as they were sent. A
// sender on the receiver's own scheduler applies directly, so it first applies
// what lies in the inbox (settle): its own earlier ones may be there.
#include "signal.h"

#include <stdlib.h>

#include "copy.h"
#include "dist.h"
#include "dist_damaged.h"
#include "gc.h"
#include "loop_slow.h"
#include "memory.h"
#include "off_heap.h"
#include "port.h"
#include "process_table.h"
#include "registry.h"
#include "relation.h"
#include "scheduler.h"
#include "seq_trace.h"
#include "trace.h"

// ---- memory ----

// A block that many signals to other schedulers lie in. The scheduler that
// fills it holds it by PARCEL_HELD; each signal in it is one more.
struct Parcel {
    atomic_size_t count; // signals in use, and what the filler holds
    size_t used;         // words
    size_t signals;      // that were put into it so far
    Term words[];
};

// Of a parcel; more than signals fit in.
enum { PARCEL_WORDS = 1000, PARCEL_HELD = 1 << 20 };

// acq_rel: who frees it must see the last use of all others.
static void drop_parcel(Parcel *parcel, size_t n)
{
    size_t before = atomic_fetch_sub_explicit(&parcel->count, n,
                                              memory_order_acq_rel);
    if (before == n) free(parcel);
}

// Nothing more is put into it.
void signal_free_parcel(Parcel *parcel)
{
    // The rest of the filler's hold: after it the count is that of the signals
    // in use.
    if (parcel != NULL) drop_parcel(parcel, PARCEL_HELD - parcel->signals);
}

static Parcel *new_parcel(void)
{
    Parcel *parcel = memory_alloc(sizeof *parcel
                                  + PARCEL_WORDS * sizeof(Term));
    atomic_init(&parcel->count, PARCEL_HELD);
    parcel->used = parcel->signals = 0;
    return parcel;
}

// A signal with [words] words behind it, of which there are few.
static Signal *alloc_signal(size_t words)
{
    // Rounded down is exact: a Signal is a whole number of words.
    size_t size = sizeof(Signal) / sizeof(Term) + words;
    Scheduler *self = scheduler_self();
    Signal *s;
    if (self == NULL) { // on a foreign thread: rare, so malloc does
        s = memory_alloc(size * sizeof(Term));
        *s = (Signal){.parcel = NULL};
        return s;
    }
    Parcel *parcel = self->parcel;
    // What is left at the end is given up: at most a small message's worth.
    if (parcel == NULL || parcel->used + size > PARCEL_WORDS) {
        signal_free_parcel(parcel);
        parcel = self->parcel = new_parcel();
    }
    s = (Signal *)(parcel->words + parcel->used);
    *s = (Signal){.parcel = parcel};
    parcel->used += size;
    // Only this thread puts signals in, so these need no atomics.
    parcel->signals++;
    return s;
}

static Signal *init_signal(Signal *s, SignalKind kind, Term from)
{
    s->kind = (uint8_t)kind;
    s->from = from;
    s->token = TERM_NIL;
    s->reads = false;
    return s;
}

Signal *signal_new(SignalKind kind, Term from)
{
    return init_signal(alloc_signal(0), kind, from);
}

// The terms go with it unless the receiver has taken them.
void signal_free(Signal *s)
{
    heap_free(&s->heap);
    if (s->parcel != NULL)
        drop_parcel(s->parcel, 1);
    else
        free(s);
}

// ---- what reaches nobody ----

// Noproc is answered from [to], as if it had been there and ended.
void signal_bounce(Node *node, Term to, Signal *s)
{
    if (s->kind == SIGNAL_LINK) {
        signal_send_exit(node, SIGNAL_LINK_EXIT, to, s->from, ATOM_noproc);
    } else if (s->kind == SIGNAL_MONITOR) {
        Signal *down = signal_new(SIGNAL_DOWN, to);
        down->ref = s->ref;
        down->message = ATOM_noproc;
        signal_push(node, s->from, down);
    } else if (s->kind == SIGNAL_CALL) {
        // The call frees or answers what it carries.
        s->call(node, NULL, s);
    } else if (s->kind == SIGNAL_RESUME) {
        // It has ended, but its end may wait.
        dist_ending_resume(node->dist, to);
    }
    signal_free(s);
}

// Pushes to the inbox; false when it is closed.
static bool push(Process *p, Signal *s)
{
    // Relaxed: only its address is used, and the exchange checks it.
    Signal *top = atomic_load_explicit(&p->mailbox.inbox,
                                       memory_order_relaxed);
    // Sequentially consistent, with the nudge behind it: see scheduler.c.
    do {
        if (top == INBOX_CLOSED) return false;
        s->next = top;
    } while (!atomic_compare_exchange_weak(&p->mailbox.inbox, &top, s));
    scheduler_nudge(p);
    return true;
}

// All signals that were held and of the inbox, oldest first; [left] takes their
// place.
// Taken whole, so no signal is ever popped alone: no ABA.
static Signal *take_all(Process *p, Signal *left)
{
    // Acquire by default: the signals' contents are seen.
    Signal *s = atomic_exchange(&p->mailbox.inbox, left);
    Signal *oldest = NULL;
    while (s != NULL) {
        Signal *next = s->next;
        s->next = oldest;
        oldest = s;
        s = next;
    }
    if (p->mailbox.held == NULL) return oldest;
    s = p->mailbox.held;
    p->mailbox.held = NULL;
    Signal *last = s;
    while (last->next != NULL) last = last->next;
    last->next = oldest;
    return s;
}

// Links and monitors that came too late get noproc; messages vanish.
void signal_close(Process *p)
{
    Signal *s = take_all(p, INBOX_CLOSED);
    while (s != NULL) {
        Signal *next = s->next;
        signal_bounce(p->node, p->pid, s);
        s = next;
    }
}

// ---- what each does ----

// The signal's terms become the process's.
static void adopt(Process *p, Signal *s)
{
    // A pid of another node is a box in the signal's memory, which is freed
    // soon.
    bool elsewhere = !term_is_none(s->from) && !term_is_immediate(s->from);
    if (elsewhere) s->from = copy_term(p->node, &p->heap, s->from);
    if (term_is_immediate(s->message)) return;
    // Beside a token there may be a fragment that the message is not in.
    if (s->heap.fragment_words < ADOPTED_LEAST || !term_is_nil(s->token)) {
        s->message = copy_term(p->node, &p->heap, s->message);
        return;
    }
    gc_join(p, &s->heap);
}

// The same for a message off the heap: all but the token is on the signal's
// own heap then, and nothing else.
static void adopt_off_heap(Process *p, Signal *s)
{
    enum { WRAPPED = 16 }; // words around a reason
    bool elsewhere = !term_is_none(s->from) && !term_is_immediate(s->from);
    // What is small may lie in the parcel, or in a fragment that is not full.
    if (s->heap.fragment_words < ADOPTED_LEAST || !term_is_nil(s->token)) {
        Heap own;
        size_t more = s->kind == SIGNAL_LINK_EXIT || s->kind == SIGNAL_EXIT
                      || s->kind == SIGNAL_DOWN ? WRAPPED : 0;
        heap_start(&own, copy_size(p->node, s->message) + more);
        s->message = copy_term(p->node, &own, s->message);
        if (elsewhere) s->from = copy_term(p->node, &own, s->from);
        s->token = copy_term(p->node, &p->heap, s->token);
        heap_free(&s->heap);
        s->heap = own;
    } else if (elsewhere) {
        s->from = copy_term(p->node, &s->heap, s->from);
    }
}

// The heap that the signal's terms are on then, for a message to be built.
static Heap *adopt_message(Process *p, Signal *s)
{
    bool off = off_heap_is_wished(p);
    if (off)
        adopt_off_heap(p, s);
    else
        adopt(p, s);
    return off ? &s->heap : &p->heap;
}

// Puts [message], of which [h] holds all, into the mailbox.
static void put(Process *p, Term message, Term token, Heap *h)
{
    if (h != &p->heap)
        off_heap_append(p, message, token, h);
    else if (term_is_nil(token))
        mailbox_append(&p->mailbox, message);
    else
        mailbox_append_beside(&p->mailbox, message,
                              (MailboxBeside){.token = token});
}

// The same with [message] that came by [s], if that is not NULL.
static void enqueue(Process *p, Term from, Term message, const Signal *s,
                    Heap *h)
{
    // The tracer gets its own copy.
    if (p->flags & PROCESS_TRACED) trace_received(p, from, message);
    if (s == NULL || term_is_nil(s->token)) {
        // Messages of ports and of the node leave the receiver's token as it
        // is.
        if ((term_is_none(from) || term_is_port(from)) && seq_trace_is_on(p))
            put(p, message, ATOM_undefined, h);
        else
            put(p, message, TERM_NIL, h);
        return;
    }
    // The receiver's token changes when it takes the message, not here.
    Term token = s->token;
    if (h == &p->heap) token = copy_term(p->node, h, token); // else it is there
    put(p, message, token, h);
    trace_update(p);
}

// Trace messages are not traced again, or tracing would not end.
static SignalResult apply_trace(Process *p, Signal *s)
{
    Heap *h = adopt_message(p, s);
    put(p, s->message, TERM_NIL, h);
    return SIGNAL_CAME;
}

static SignalResult apply_message(Process *p, Signal *s)
{
    Heap *h = adopt_message(p, s);
    enqueue(p, s->from, s->message, s, h);
    return SIGNAL_CAME;
}

// The alias may be off by now: such a message is lost, as documented.
static SignalResult apply_alias_message(Process *p, Signal *s)
{
    Relation *alias = relation_find(p->relations, RELATION_ALIAS, s->ref);
    if (alias == NULL) return SIGNAL_NOTHING;
    AliasMode mode = (AliasMode)alias->alias;
    // One answer was all that it was for.
    if (mode == ALIAS_REPLY || mode == ALIAS_REPLY_DEMONITOR)
        relation_remove(p, RELATION_ALIAS, s->ref, NULL);
    Relation monitor;
    // reply_demonitor: the answer has come, so nobody is watched any more.
    if (mode == ALIAS_REPLY_DEMONITOR
        && relation_remove(p, RELATION_MONITOR, s->ref, &monitor)) {
        signal_demonitor(p, &monitor);
        // The tag was kept for the DOWN that does not come.
        relation_free_tag(&monitor);
    }
    return apply_message(p, s);
}

// An exit signal to a process that traps exits is a message.
static SignalResult trap_exit(Process *p, Signal *s)
{
    Heap *h = adopt_message(p, s);
    // {'EXIT', From, Reason}
    Term m = heap_tuple3(h, ATOM_EXIT, s->from, s->message);
    enqueue(p, s->from, m, s, h);
    return SIGNAL_CAME;
}

static SignalResult apply_exit(Process *p, Signal *s)
{
    // exit/2 works without a link.
    bool by_call = s->kind == SIGNAL_EXIT;
    if (!by_call
        && !relation_remove(p, RELATION_LINK, relation_link_key(s->from),
                            NULL)) {
        // unlink may wait for an acknowledgement: here it is.
        relation_remove(p, RELATION_UNLINKED, relation_link_key(s->from),
                        NULL);
        return SIGNAL_NOTHING; // unlinked meanwhile
    }
    // Kill ends who traps exits, too; by a link it is a reason like others.
    bool kill = by_call && term_same(s->message, ATOM_kill);
    // exit(self(), normal) ends the caller: only from others it is ignored.
    bool own = by_call && term_same(s->from, p->pid);
    bool trap = (p->flags & PROCESS_TRAP_EXIT) && !kill;
    bool lives = trap || (term_same(s->message, ATOM_normal) && !own);
    if (lives && !by_call && (p->flags & PROCESS_TRACED))
        trace_getting_linked(p, false, s->from);
    if (lives) return trap ? trap_exit(p, s) : SIGNAL_NOTHING;
    adopt(p, s);
    // Others are told killed, so that they do not die of a kill themselves.
    process_exit(p, kill ? ATOM_killed : s->message);
    return SIGNAL_ENDED;
}

// {Tag, Ref, process, Object, Reason}
static SignalResult apply_down(Process *p, Signal *s)
{
    Relation m;
    // demonitor came first: nothing is to be told.
    if (!relation_remove(p, RELATION_MONITOR, s->ref, &m))
        return SIGNAL_NOTHING;
    Heap *h = adopt_message(p, s);
    Term ref = ref_from_id(h, s->ref);
    // The alias ends with the monitor unless it was asked to be explicit.
    if (m.alias != ALIAS_NONE) {
        ref = ref_alias_from_id(h, s->ref, p->pid);
        if (m.alias != ALIAS_EXPLICIT_UNALIAS)
            relation_remove(p, RELATION_ALIAS, s->ref, NULL);
    }
    Term object = s->from, node = atomic_load(&p->node->name);
    // Monitored by name at another node, or here: {Name, Node}.
    if (term_is_atom(m.other)) node = m.other;
    if (!term_is_none(m.name)) object = heap_tuple2(h, m.name, node);
    // Object says which kind: ports can be monitored as well.
    Term type = term_is_local_port(m.other) ? ATOM_port : ATOM_process;
    Term tag = copy_term(p->node, h, m.tag);
    relation_free_tag(&m);
    Term message = heap_tuple(h, 5, (Term[]){tag, ref, type, object,
                                             s->message});
    enqueue(p, s->from, message, s, h);
    return SIGNAL_CAME;
}

void signal_demonitor(Process *p, const Relation *m)
{
    // On another node the connection carries it.
    if (m->connection != 0) {
        dist_demonitor(p, m);
    } else if (term_is_local_pid(m->other) || term_is_local_port(m->other)) {
        Signal *off = signal_new(SIGNAL_DEMONITOR, p->pid);
        off->ref = m->key;
        signal_push(p->node, m->other, off);
    }
}

// Counted: it goes on when all who suspended it let it.
static SignalResult apply_suspend(Process *p, Signal *s)
{
    if (s->kind == SIGNAL_SUSPEND) {
        p->suspenders++;
        p->flags |= PROCESS_SUSPENDED;
        // A running process stops at its next test.
        process_set_left(p, 0);
        return SIGNAL_NOTHING;
    }
    if (p->suspenders > 0 && --p->suspenders > 0) return SIGNAL_NOTHING;
    p->flags &= ~(uint32_t)(PROCESS_SUSPENDED | PROCESS_DIST_BUSY);
    dist_damaged_look(p);
    // Stopped: it would be runnable but for this.
    return process_state(p) == PROCESS_STOPPED ? SIGNAL_CAME : SIGNAL_NOTHING;
}

// A second link to the same process is the same link.
static SignalResult apply_link(Process *p, Signal *s)
{
    bool link = s->kind == SIGNAL_LINK;
    RefId key = relation_link_key(s->from);
    if (link)
        relation_add(p, RELATION_LINK, key)->other = s->from;
    else
        relation_remove(p, RELATION_LINK, key, NULL);
    if (p->flags & PROCESS_TRACED) trace_getting_linked(p, link, s->from);
    return SIGNAL_NOTHING;
}

// Each answers whether the receiver is to run for it.
static SignalResult apply(Process *p, Signal *s)
{
    switch ((SignalKind)s->kind) {
    case SIGNAL_MESSAGE:
        return apply_message(p, s);
    case SIGNAL_TRACE:
        return apply_trace(p, s);
    case SIGNAL_ALIAS_MESSAGE:
        return apply_alias_message(p, s);
    case SIGNAL_EXIT:
    case SIGNAL_LINK_EXIT:
        return apply_exit(p, s);
    case SIGNAL_LINK:
    case SIGNAL_UNLINK:
        return apply_link(p, s);
    case SIGNAL_MONITOR:
        relation_add(p, RELATION_MONITORED, s->ref)->other = s->from;
        return SIGNAL_NOTHING;
    case SIGNAL_DEMONITOR:
        relation_remove(p, RELATION_MONITORED, s->ref, NULL);
        return SIGNAL_NOTHING;
    case SIGNAL_DOWN:
        return apply_down(p, s);
    case SIGNAL_SUSPEND:
    case SIGNAL_RESUME:
        return apply_suspend(p, s);
    case SIGNAL_CALL:
        return s->call(p->node, p, s) ? SIGNAL_CAME : SIGNAL_NOTHING;
    case SIGNAL_WAKE:
        return SIGNAL_CAME;
    }
    return SIGNAL_NOTHING;
}

// An ending process answers as if it were gone already.
SignalResult signal_apply(Process *p, Signal *s)
{
    if (process_is_exiting(p)) {
        signal_bounce(p->node, p->pid, s);
        return SIGNAL_ENDED;
    }
    SignalResult result = apply(p, s);
    signal_free(s);
    return result;
}

// What arrives meanwhile waits for the next look.
SignalResult signal_receive(Process *p)
{
    SignalResult result = SIGNAL_NOTHING;
    if (!signal_is_waiting(p)) return result;
    Signal *s = take_all(p, NULL);
    while (s != NULL) {
        Signal *next = s->next;
        SignalResult one = signal_apply(p, s);
        // The strongest answer counts: ended over came over nothing.
        if (one > result) result = one;
        s = next;
    }
    return result;
}

// ---- while a BIF runs in the pool ----

// Whether exit signal [s] ends [p], which then need not wait for its BIF.
static bool is_fatal(const Process *p, const Signal *s)
{
    bool by_call = s->kind == SIGNAL_EXIT;
    if (by_call && term_same(s->message, ATOM_kill)) return true;
    if (!by_call
        && (s->kind != SIGNAL_LINK_EXIT
            || relation_find(p->relations, RELATION_LINK,
                             relation_link_key(s->from)) == NULL))
        return false;
    return !(p->flags & PROCESS_TRAP_EXIT)
           && !term_same(s->message, ATOM_normal);
}

// What touches nothing that the BIF may use. What a call reads must not be
// older than what its sender has sent before.
static bool is_harmless(const Signal *s, const Signal *held)
{
    if (s->kind == SIGNAL_LINK || s->kind == SIGNAL_UNLINK
        || s->kind == SIGNAL_MONITOR || s->kind == SIGNAL_DEMONITOR)
        return term_is_immediate(s->from);
    if (s->kind != SIGNAL_CALL || !s->reads) return false;
    while (held != NULL && !term_same(held->from, s->from)) held = held->next;
    return held == NULL;
}

// Ends [p] by [s], and answers all that came behind it.
static void leave(Process *p, Signal *s)
{
    bool kill = s->kind == SIGNAL_EXIT && term_same(s->message, ATOM_kill);
    if (s->kind == SIGNAL_LINK_EXIT)
        relation_remove(p, RELATION_LINK, relation_link_key(s->from), NULL);
    process_leave(p, kill ? ATOM_killed : s->message);
    signal_free(s);
}

static void apply_to_dirty(Process *p, Signal *s)
{
    Signal *held = NULL, **link = &held;
    while (s != NULL) {
        Signal *next = s->next;
        if (p->gone) {
            signal_bounce(p->node, p->pid, s);
        } else if (is_harmless(s, held)) {
            signal_apply(p, s);
        } else if (is_fatal(p, s)) {
            // What is held came before it, and is of no use any more.
            *link = next;
            next = held;
            held = NULL;
            link = &held;
            leave(p, s);
        } else {
            s->next = NULL;
            *link = s;
            link = &s->next;
        }
        s = next;
    }
    p->mailbox.held = held;
}

// Held meanwhile: neither collected nor done. If it is, a nudge follows.
void signal_receive_dirty(Process *p)
{
    uint8_t state = PROCESS_DIRTY;
    if (p->gone || !signal_is_waiting(p)) return;
    if (!atomic_compare_exchange_strong(&p->state, &state, PROCESS_DIRTY_HELD))
        return;
    apply_to_dirty(p, take_all(p, NULL));
    atomic_store(&p->state, PROCESS_DIRTY);
}

// The arguments are made roots, for a signal may collect; they are read from
// their new place afterwards.
const Term *signal_receive_with(Process *p, unsigned n, const Term *args)
{
    slow_save_registers(p, args, n);
    signal_receive(p);
    p->live = 0;
    return p->saved;
}

// ---- sending ----

// Whether [p] may be changed by scheduler [self] in the middle of a slice; a
// process of a sleeper is fetched home first.
static bool is_at_rest(Process *p, Scheduler *self)
{
    if (process_home(p) != self) return scheduler_pull(self, p);
    // A runnable one is not in the loop either: only running and dirty ones
    // are.
    ProcessState state = process_state(p);
    return state == PROCESS_WAITING || state == PROCESS_RUNNABLE
           || state == PROCESS_STOPPED;
}

// Applies what came before; false when the process is to end.
static bool settle(Process *p)
{
    if (signal_is_waiting(p) && signal_receive(p) != SIGNAL_NOTHING)
        process_wake(p);
    return !process_is_exiting(p);
}

// Directly, or by the inbox; whether the receiver ends by it makes no
// difference to the sender.
static bool send_to(Node *node, Process *p, Signal *s)
{
    Scheduler *self = scheduler_self();
    // A foreign thread owns no process at all.
    if (self == NULL || !is_at_rest(p, self)) {
        if (push(p, s)) return true;
        signal_bounce(node, p->pid, s);
        return false;
    }
    settle(p);
    if (signal_apply(p, s) != SIGNAL_NOTHING) process_wake(p);
    return true;
}

// A thread that is no scheduler of this node.
static bool is_foreign(const Node *node)
{
    const Scheduler *self = scheduler_self();
    return self == NULL || self->node != node;
}

// A process found here is used within the look-up's bracket only; a scheduler
// needs none.
bool signal_push(Node *node, Term to, Signal *s)
{
    if (term_is_local_port(to)) {
        port_signal(node, to, s);
        return true;
    }
    bool foreign = is_foreign(node);
    if (foreign) process_table_enter(node->processes);
    Process *p = process_table_find(node->processes, to);
    bool found = p != NULL;
    if (found)
        found = send_to(node, p, s);
    else
        signal_bounce(node, to, s);
    if (foreign) process_table_leave(node->processes);
    return found;
}

// A small nursery of a process at rest is collected rather than to start a
// fragment for each few messages.
static void make_room(Process *p, size_t size)
{
    Heap *h = &p->heap;
    // With fragments already there, or a large nursery, collecting for each
    // message would cost more than the fragments do.
    if (h->fragments == NULL && p->nursery_size < GENERATIONAL_LEAST
        && size < GENERATIONAL_LEAST)
        gc_collect(p, size, p->saved, p->live);
    else if (h->fragment_words > p->nursery_size)
        p->flags |= PROCESS_WANTS_GC;
}

// Copies [message] of [size] words to a heap of its own, to stay off that of
// [p].
static void deliver_off_heap(Process *p, Term from, Term message, size_t size)
{
    Heap own;
    heap_start(&own, size);
    Term *at = heap_alloc(&own, size);
    message = copy_into(p->node, &own, message, &at);
    enqueue(p, from, message, NULL, &own);
}

// The same onto the heap of [p].
static void deliver_on_heap(Process *p, Term from, Term message, size_t size)
{
    // Into the old space at once, before it is ever copied.
    if (size >= ADOPTED_OLD) {
        Heap large;
        heap_init(&large);
        Term *at = heap_alloc(&large, size);
        message = copy_into(p->node, &large, message, &at);
        gc_adopt(p, &large);
    } else if (size > 0) { // 0: an immediate, or a literal
        Heap *h = &p->heap;
        if ((size_t)(h->limit - h->top) < size) make_room(p, size);
        Term *at = heap_alloc(h, size);
        message = copy_into(p->node, h, message, &at);
    }
    enqueue(p, from, message, NULL, &p->heap);
}

// Copies [message] straight to [p], which is at rest.
// Earlier signals first; after an exit among them nothing is delivered.
static void deliver(Process *p, Term from, Term message)
{
    if (!settle(p)) return;
    size_t size = copy_size(p->node, message);
    if (size > 0 && off_heap_is_wished(p))
        deliver_off_heap(p, from, message, size);
    else
        deliver_on_heap(p, from, message, size);
    if (p->heard < UINT16_MAX) p->heard++;
    // Only a waiting one is put in the queue.
    process_wake(p);
}

// A small message lies right behind its signal.
static Signal *new_message(Node *node, Process *sender, Term message)
{
    Term from = sender == NULL ? TERM_NONE : sender->pid;
    size_t size = copy_size(node, message);
    // One allocation for signal and message, mostly none: the parcel has room.
    bool small = size < ADOPTED_LEAST;
    Signal *s = init_signal(alloc_signal(small ? size : 0), SIGNAL_MESSAGE,
                            from);
    Term *at = small ? (Term *)(s + 1) : heap_alloc(&s->heap, size);
    s->message = copy_into(node, &s->heap, message, &at);
    return s;
}

// A message that takes the token of [sender] along.
static void send_with_token(Process *sender, Term to, Term message)
{
    Signal *s = new_message(sender->node, sender, message);
    seq_trace_stamp(sender, s, to);
    // To itself: no inbox, or it would be late by a slice.
    if (term_same(to, sender->pid))
        signal_apply(sender, s);
    else
        signal_push(sender->node, to, s);
}

void signal_send_message(Node *node, Process *sender, Term to, Term message)
{
    // One test of the token is all that sequential tracing costs others.
    if (sender != NULL && seq_trace_is_on(sender)) {
        send_with_token(sender, to, message);
        return;
    }
    if (is_foreign(node)) {
        signal_push(node, to, new_message(node, sender, message));
        return;
    }
    Scheduler *self = scheduler_self();
    Process *p = process_table_find(node->processes, to);
    if (p == NULL) return; // sending to the dead is no error
    if (p == sender) {
        // To itself: already on its heap, nothing is copied.
        size_t size = off_heap_is_wished(p) ? copy_size(node, message) : 0;
        if (size > 0)
            deliver_off_heap(p, p->pid, message, size);
        else
            enqueue(p, p->pid, message, NULL, &p->heap);
    } else if (is_at_rest(p, self)) {
        // The fast path: same scheduler, or a sleeper's process.
        self->sent_near++;
        deliver(p, sender == NULL ? TERM_NONE : sender->pid, message);
    } else {
        scheduler_sent_far(self, sender, process_home(p));
        Signal *s = new_message(node, sender, message);
        // It has ended since it was found: the message goes nowhere.
        if (!push(p, s)) signal_free(s);
    }
}

void signal_send_trace(Node *node, Term to, Term message)
{
    Signal *s = new_message(node, NULL, message);
    // So that the tracer's own receive trace leaves it out.
    s->kind = SIGNAL_TRACE;
    signal_push(node, to, s);
}

void signal_send_named(Node *node, Term to, Term message)
{
    // An unknown name is dropped: a timer has nobody to tell.
    if (term_is_atom(to)) to = registry_find(node->registry, to);
    if (term_is_local_pid(to)) signal_send_message(node, NULL, to, message);
}

// Through the inbox or directly, as any signal; even to itself.
void signal_send_exit(Node *node, SignalKind kind, Term from, Term to,
                      Term reason)
{
    Signal *s = signal_new(kind, from);
    s->message = copy_term(node, &s->heap, reason);
    signal_push(node, to, s);
}
