// SPDX-License-Identifier: Apache-2.0
// Suspends: which processes a process has suspended, and how often. A process
// is suspended as long as somebody has it suspended; whoever ends gives free
// what it held.
//
// Only the suspending process touches its own list; the suspended one counts
// how many hold it (suspenders), by signals.
#include <stdlib.h>

#include "bif.h"
#include "memory.h"
#include "process.h"
#include "process_table.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "signal.h"

struct Suspends {
    Suspends *next;
    Term pid;     // who is suspended
    size_t count; // by this process
    bool active;  // it has told that it is; before, this is outstanding
    bool again;   // who waits for that had it suspended before
};

static void push(Process *p, SignalKind kind, Term to)
{
    signal_push(p->node, to, signal_new(kind, p->pid));
}

void process_free_suspends(Process *p)
{
    while (p->suspends != NULL) {
        Suspends *s = p->suspends;
        p->suspends = s->next;
        free(s);
    }
}

// The list itself is freed with the process.
void process_resume_all(Process *p)
{
    for (Suspends *s = p->suspends; s != NULL; s = s->next)
        push(p, SIGNAL_RESUME, s->pid);
}

// [{Pid, ActiveCount, OutstandingCount}]
Term process_suspending(const Process *p, Heap *h)
{
    Term list = TERM_NIL;
    for (const Suspends *s = p->suspends; s != NULL; s = s->next)
        list = heap_cons(
            h, heap_tuple3(h, s->pid,
                           heap_unsigned(h, s->active ? s->count : 0),
                           heap_unsigned(h, s->active ? 0 : s->count)),
            list);
    return list;
}

static Suspends *find(const Process *p, Term pid)
{
    Suspends *s = p->suspends;
    while (s != NULL && !term_same(s->pid, pid)) s = s->next;
    return s;
}

typedef struct {
    bool unless_suspending, asynchronous;
    Term tag; // of the message for {asynchronous, Tag}; TERM_NONE without
} SuspendOptions;

static bool read_options(Term list, SuspendOptions *o)
{
    *o = (SuspendOptions){.tag = TERM_NONE};
    for (; term_is_cons(list); list = term_tail(list)) {
        Term t = term_head(list);
        if (term_same(t, ATOM_unless_suspending)) {
            o->unless_suspending = true;
        } else if (term_same(t, ATOM_asynchronous)) {
            o->asynchronous = true;
        } else if (term_is_tuple_of(t, 2)
                   && term_same(term_tuple_get(t, 0), ATOM_asynchronous)) {
            o->asynchronous = true;
            o->tag = term_tuple_get(t, 1);
        } else {
            return false;
        }
    }
    return term_is_nil(list);
}

// Runs in the suspended process: it is suspended once it answers.
static Term answer_suspended(Node *node, Process *p, Heap *h, Term question)
{
    return p == NULL ? ATOM_exited : ATOM_suspended;
}

static Suspends *note(Process *p, Term pid)
{
    Suspends *s = memory_alloc(sizeof *s);
    *s = (Suspends){.next = p->suspends, .pid = pid};
    p->suspends = s;
    // The signal goes first, so the request that follows finds it suspended.
    push(p, SIGNAL_SUSPEND, pid);
    return s;
}

// Back in the suspending process: what it did is no longer outstanding.
static bool confirm(Node *node, Process *p, Signal *signal)
{
    Suspends *s = p == NULL ? NULL : find(p, signal->from);
    if (s != NULL) s->active = true;
    return false;
}

// Runs in the suspended process.
static bool ask_to_confirm(Node *node, Process *p, Signal *signal)
{
    if (p == NULL) return false;
    Signal *back = signal_new(SIGNAL_CALL, p->pid);
    back->call = confirm;
    signal_push(node, signal->from, back);
    return false;
}

// What is said when it is done, to a process that does not wait.
static void ask_for_answers(Process *p, Term pid, const SuspendOptions *o)
{
    Signal *s = signal_new(SIGNAL_CALL, p->pid);
    s->call = ask_to_confirm;
    signal_push(p->node, pid, s);
    if (term_is_none(o->tag)) return;
    RequestReply reply = {p->pid, o->tag, TERM_NONE, false};
    request_async(p->node, pid, answer_suspended, TERM_NIL, &reply);
}

// Suspends and, unless asynchronously, waits until that is done. TERM_NONE:
// see p->reason.
static Term suspend(Process *p, Term pid, const SuspendOptions *o, unsigned n,
                    const Term *args)
{
    Suspends *s = find(p, pid);
    if (p->request == REQUEST_NONE) {
        bool again = s != NULL && o->unless_suspending;
        if (s == NULL
            && process_table_find(p->node->processes, pid) == NULL)
            return bif_error(p, ATOM_badarg);
        if (s == NULL) s = note(p, pid);
        // Already suspended by this process: only counted.
        if (!again) s->count++;
        if (o->asynchronous) ask_for_answers(p, pid, o);
        if (o->asynchronous || s->active) return again ? ATOM_false : ATOM_true;
        s->again = again;
    }
    // Called again: the request is on its way, or answered.
    Term t = request_process(p, pid, answer_suspended, TERM_NIL, n, args);
    if (term_is_none(t)) return t;
    if (term_same(t, ATOM_exited)) return bif_error(p, ATOM_badarg);
    s->active = true;
    return s->again ? ATOM_false : ATOM_true;
}

Term bif_erlang_suspend_process_1(Process *p, const Term *args)
{
    SuspendOptions o = {.tag = TERM_NONE};
    if (!term_is_local_pid(args[0]) || term_same(args[0], p->pid))
        return bif_error(p, ATOM_badarg);
    return suspend(p, args[0], &o, 1, args);
}

Term bif_erlang_suspend_process_2(Process *p, const Term *args)
{
    SuspendOptions o;
    if (!read_options(args[1], &o))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (!term_is_local_pid(args[0]) || term_same(args[0], p->pid))
        return bif_error(p, ATOM_badarg);
    return suspend(p, args[0], &o, 2, args);
}

Term bif_erlang_resume_process_1(Process *p, const Term *args)
{
    Suspends **link = &p->suspends;
    while (*link != NULL && !term_same((*link)->pid, args[0]))
        link = &(*link)->next;
    Suspends *s = *link;
    // Ended meanwhile: badarg, as for one that was never suspended.
    if (s == NULL || process_table_find(p->node->processes, s->pid) == NULL)
        return bif_error(p, ATOM_badarg);
    if (--s->count > 0) return ATOM_true;
    *link = s->next;
    push(p, SIGNAL_RESUME, s->pid);
    free(s);
    return ATOM_true;
}
