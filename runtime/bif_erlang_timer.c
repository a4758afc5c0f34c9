// SPDX-License-Identifier: Apache-2.0
// erlang: timers that send messages.
//
// A timer lives on the scheduler whose index its reference names; to read or
// cancel one of another scheduler a job is posted there.
#include <stdlib.h>

#include "bif.h"
#include "clock.h"
#include "copy.h"
#include "memory.h"
#include "process.h"
#include "ref.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "signal.h"
#include "timer.h"

// Times are in milliseconds, the clock in nanoseconds.
enum { MILLI = 1000000 }; // nanoseconds

// [{abs, true}]: the first argument is a time of the clock.
static bool read_flag(Term list, Term name, bool *flag)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        if (!term_is_tuple_of(o, 2) || !term_same(term_tuple_get(o, 0), name))
            return false;
        Term value = term_tuple_get(o, 1);
        *flag = term_same(value, ATOM_true);
        if (!*flag && !term_same(value, ATOM_false)) return false;
    }
    return term_is_nil(list);
}

// When a timer of [time] is due; -1 when that makes no sense.
// A time that has passed is due at once.
static int64_t due_at(Term time, bool absolute)
{
    int64_t ms;
    int64_t most = INT64_MAX / MILLI;
    if (!bif_get_int64(time, &ms)) return -1;
    if (absolute) {
        // Nothing is due before the clock began.
        bool known = ms >= clock_to_erlang(0) / MILLI
                     && ms <= clock_to_erlang(INT64_MAX) / MILLI;
        return known ? clock_from_erlang(ms * MILLI) : -1;
    }
    int64_t now = clock_monotonic();
    // Never beyond what the clock can count.
    if (ms < 0 || ms > most - now / MILLI) return -1;
    return now + ms * MILLI;
}

// [wrap]: {timeout, Ref, Message} instead of the bare message.
static Term start(Process *p, const Term *args, Term options, bool wrap)
{
    bool absolute = false;
    // A name is looked up when it fires.
    bool known = term_is_local_pid(args[1]) || term_is_atom(args[1]);
    if (!read_flag(options, ATOM_abs, &absolute))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (!known) return bif_error(p, ATOM_badarg);
    int64_t when = due_at(args[0], absolute);
    if (when < 0) return bif_error_cause(p, ATOM_badarg, ATOM_time);
    // On the scheduler that the process runs on.
    RefId id = timer_start(process_home(p), when, args[1], args[2], wrap);
    return ref_from_id(process_heap(p), id);
}

Term bif_erlang_start_timer_3(Process *p, const Term *args)
{
    return start(p, args, TERM_NIL, true);
}

Term bif_erlang_start_timer_4(Process *p, const Term *args)
{
    return start(p, args, args[3], true);
}

Term bif_erlang_send_after_3(Process *p, const Term *args)
{
    return start(p, args, TERM_NIL, false);
}

Term bif_erlang_send_after_4(Process *p, const Term *args)
{
    return start(p, args, args[3], false);
}

// ---- reading and cancelling ----
// A process may have moved, or the timer is another's: its scheduler is the
// only one that touches it.

// The options of cancel_timer and read_timer.
typedef struct {
    bool cancel, async, info;
} Asking;

// Travels to the other scheduler and is freed there.
typedef struct {
    Job job;        // must be first
    Term requester; // who is told
    RefId ref;      // the timer's number
    Asking asking;
} TimerJob;

// false: it has fired, or never was.
static Term left_to_term(Heap *h, int64_t left)
{
    return left < 0 ? ATOM_false : heap_integer(h, left);
}

// {cancel_timer, Ref, Left} and {read_timer, Ref, Left}
// For {async, true}.
static void send_result(Node *node, Term to, RefId ref, Asking asking,
                        int64_t left)
{
    Heap h;
    heap_init(&h);
    Term tag = asking.cancel ? ATOM_cancel_timer : ATOM_read_timer;
    signal_send_message(node, NULL, to, heap_tuple3(
        &h, tag, ref_from_id(&h, ref), left_to_term(&h, left)));
    heap_free(&h);
}

// On the timer's scheduler.
// Where the timer lives, so no lock is needed.
static void run_timer_job(Scheduler *s, Job *job)
{
    TimerJob *t = (TimerJob *)job;
    int64_t left = timer_read(s, t->ref, t->asking.cancel);
    if (!t->asking.async) {
        Heap h;
        heap_init(&h);
        request_answer(s->node, t->requester, left_to_term(&h, left));
        heap_free(&h);
    } else if (t->asking.info) {
        send_result(s->node, t->requester, t->ref, t->asking, left);
    }
    free(t);
}

// The caller then waits, or not.
static void post(Process *p, Scheduler *s, RefId ref, Asking asking)
{
    TimerJob *t = memory_alloc(sizeof *t);
    t->job.run = run_timer_job;
    t->requester = p->pid;
    t->ref = ref;
    t->asking = asking;
    scheduler_post(s, &t->job);
}

// Called again when the answer has come.
static Term ask(Process *p, unsigned n, const Term *args, Asking asking)
{
    if (!term_is_ref(args[0])) return bif_error(p, ATOM_badarg);
    int64_t left = -1;
    if (!ref_is_local(args[0])) return bif_error(p, ATOM_badarg);
    if (p->request != REQUEST_NONE) return request_wait(p, n, args);
    RefId ref = ref_to_id(args[0]);
    // Part of the number is who made it.
    size_t maker = (ref.id1 >> REF_SLOT_BITS) - REF_FIRST_MAKER;
    Scheduler *home = process_home(p);
    // A timer of another scheduler.
    if (maker < p->node->scheduler_count && maker != home->index) {
        Scheduler *other = p->node->schedulers[maker];
        post(p, other, ref, asking);
        if (asking.async) return ATOM_ok;
        p->request = REQUEST_SENT;
        return request_wait(p, n, args);
    }
    // Here: at once.
    if (maker == home->index) left = timer_read(home, ref, asking.cancel);
    if (asking.async && asking.info)
        send_result(p->node, p->pid, ref, asking, left);
    // {info, false}: ok.
    if (asking.async || !asking.info) return ATOM_ok;
    return left_to_term(process_heap(p), left);
}

// Options async and info.
// read_timer has no info.
static bool read_asking(Term list, Asking *asking)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        if (!term_is_tuple_of(o, 2)) return false;
        Term key = term_tuple_get(o, 0), value = term_tuple_get(o, 1);
        bool yes = term_same(value, ATOM_true);
        if (!yes && !term_same(value, ATOM_false)) return false;
        if (term_same(key, ATOM_async))
            asking->async = yes;
        else if (term_same(key, ATOM_info) && asking->cancel)
            asking->info = yes;
        else
            return false;
    }
    return term_is_nil(list);
}

// Answers the milliseconds that were left, or false.
Term bif_erlang_cancel_timer_1(Process *p, const Term *args)
{
    return ask(p, 1, args, (Asking){true, false, true});
}

Term bif_erlang_cancel_timer_2(Process *p, const Term *args)
{
    Asking asking = {true, false, true};
    if (!read_asking(args[1], &asking)) return bif_error(p, ATOM_badarg);
    // Without an answer there is nothing to wait for.
    if (!asking.info) asking.async = true;
    return ask(p, 2, args, asking);
}

Term bif_erlang_read_timer_1(Process *p, const Term *args)
{
    return ask(p, 1, args, (Asking){false, false, true});
}

Term bif_erlang_read_timer_2(Process *p, const Term *args)
{
    Asking asking = {false, false, true};
    if (!read_asking(args[1], &asking)) return bif_error(p, ATOM_badarg);
    return ask(p, 2, args, asking);
}
