// SPDX-License-Identifier: Apache-2.0
// Schedulers: picking, running, handing over, sleeping.
//
// The order of a round: say that nothing is held (grace periods), do what
// others ask for, look at clock and timers, bury the dead, run one process.
// Whatever another thread wants of a scheduler goes through one of its three
// lists and is done between two slices, on its own thread.
//
// Pushing and sleeping: who pushes writes the list and then reads [asleep]; who
// goes to sleep writes [asleep] and then reads the lists. Both in sequentially
// consistent order, so one of them sees the other's write.
#include "scheduler.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "gc.h"
#include "loop.h"
#include "memory.h"
#include "online.h"
#include "page.h"
#include "poller.h"
#include "pool.h"
#include "process_table.h"
#include "saved_calls.h"
#include "signal.h"
#include "timer.h"
#include "trace.h"
#include "watch.h"

// The one variable outside all nodes: which scheduler this thread is.
static _Thread_local Scheduler *current;

enum {
    CLOCK_SLICES = 16,       // short slices before the clock is read again
    LONG_SLICE = 1000,       // reductions of one that is not short
    LOW_TURNS = 8,           // of normal processes for one of a low one
    DEAD_BATCH = 64,         // dead processes that wait for one grace period
    BUSY_NS = 300000,        // busy so long: idle schedulers get some work
    TALK_REDUCTIONS = 32,    // a message in so many: it does little else
    FAR_MANY = 32,           // messages to another scheduler: it may go there
    HEARD_MANY = 16,         // messages lately: it is spoken to
    LOOKED_AT = 64,          // of those that stay, for some that may go
    POOL_YIELDS = 8,         // for what the pool does, before it sleeps
    TRIM_NS = 100000000,     // idle so long: free pages go back ...
    TRIM_SLICES = 1000       // ... if there were so many slices since they did
};

#ifdef MERLE_STRESS_REDUCTIONS
enum { SLICE = 1 }; // for the tests: every test of reductions ends the slice
#else
enum { SLICE = SLICE_REDUCTIONS };
#endif

Scheduler *scheduler_self(void)
{
    return current;
}

Scheduler *scheduler_new(Node *node, unsigned index)
{
    // On lines of the cache of their own: see the struct.
    Scheduler *s = aligned_alloc(64, (sizeof *s + 63) / 64 * 64);
    if (s == NULL) memory_exhausted("scheduler_data", sizeof *s);
    memset(s, 0, sizeof *s);
    s->node = node;
    s->index = index;
    s->now = clock_monotonic();
    // References of two starts of a node should differ: the clock is in them.
    // See ref.h.
    s->ref_next = (uint64_t)s->now >> 10 << 18 | 1u << 16;
    // Any start will do: it only spreads things.
    s->random = (uint64_t)s->now * 0x9E3779B97F4A7C15u + index + 1;
    s->timers = timer_wheel_new(s->now);
    s->pages = page_cache_new();
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    // Deadlines are of the monotonic clock: setting the time moves nobody.
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&s->sleep_over, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&s->sleep_lock, NULL);
    microstate_init(&s->microstates);
    return s;
}

// Its memory stays until scheduler_free, for blobs may be counted there.
static void free_ending(Process *p)
{
    while (p != NULL) {
        Process *next = p->next;
        if (p->flags & PROCESS_ENDING) process_free_ending(p);
        p = next;
    }
}

void scheduler_free_ending(Scheduler *s)
{
    for (int i = 0; i < PRIORITY_COUNT; i++) free_ending(s->queue[i].first);
    free_ending(atomic_load(&s->given));
}

void scheduler_close(Scheduler *s)
{
    signal_free_parcel(s->parcel);
    timer_wheel_free(s->timers);
    page_cache_free(s->pages);
    pthread_mutex_destroy(&s->sleep_lock);
    microstate_close(&s->microstates);
    pthread_cond_destroy(&s->sleep_over);
}

void scheduler_free(Scheduler *s)
{
    free(s);
}

// ---- run queues ----

// Adds to a number that others read but only this thread writes.
static inline void count_up(atomic_size_t *n, size_t by)
{
    size_t now = atomic_load_explicit(n, memory_order_relaxed) + by;
    atomic_store_explicit(n, now, memory_order_relaxed);
}

// One that only frees what it owned is no work to share: nobody waits for it,
// and its memory is best used again where it is. So it does not count.
static bool counts(const Process *p)
{
    return (p->flags & PROCESS_ENDING) == 0;
}

static void append(Scheduler *s, Process *p)
{
    RunQueue *q = &s->queue[p->priority];
    p->next = NULL;
    if (q->last == NULL)
        q->first = p;
    else
        q->last->next = p;
    q->last = p;
    q->length++;
    count_up(&s->queued, counts(p));
}

static Process *take_first(Scheduler *s, ProcessPriority priority)
{
    RunQueue *q = &s->queue[priority];
    Process *p = q->first;
    if (p == NULL) return NULL;
    q->first = p->next;
    if (q->first == NULL) q->last = NULL;
    q->length--;
    count_up(&s->queued, 0 - (size_t)counts(p));
    return p;
}

void scheduler_enqueue(Scheduler *s, Process *p)
{
    append(s, p);
}

// Low processes have every eighth turn while normal ones want to run.
// OTP does the same with its schedule count; max and high ones can starve the
// rest, and are documented to.
static Process *pick(Scheduler *s)
{
    Process *p = take_first(s, PRIORITY_MAX);
    if (p == NULL) p = take_first(s, PRIORITY_HIGH);
    if (p != NULL) return p;
    // Counted whether or not there is one: cheap, and fair soon enough.
    if (++s->low_turn >= LOW_TURNS) {
        s->low_turn = 0;
        p = take_first(s, PRIORITY_LOW);
    }
    if (p == NULL) p = take_first(s, PRIORITY_NORMAL);
    if (p == NULL) p = take_first(s, PRIORITY_LOW);
    return p;
}

// ---- what others ask for ----

void scheduler_unpark(Scheduler *s)
{
    // Mostly awake: one read and no lock.
    if (!atomic_load(&s->asleep)) return;
    pthread_mutex_lock(&s->sleep_lock);
    // Under the lock, so that the write does not fall between the sleeper's
    // look at its lists and its wait.
    atomic_store(&s->asleep, false);
    bool polls = s->polls;
    pthread_mutex_unlock(&s->sleep_lock);
    if (polls)
        poller_wake(s->node->poller);
    else
        pthread_cond_signal(&s->sleep_over); // it finds the lock free
}

void scheduler_post(Scheduler *s, Job *job)
{
    job->next = atomic_load_explicit(&s->jobs, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&s->jobs, &job->next, job)) {
    }
    // The job is not touched again: it may have been run by now.
    scheduler_unpark(s);
}

// Gives processes that are linked from the [newest] to the [oldest]. All by one
// push: woken by the first of several, a sleeper would be back asleep before
// the second.
static void give_all(Scheduler *s, Process *newest, Process *oldest)
{
    // They belong to the other thread from the push on.
    oldest->next = atomic_load_explicit(&s->given, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&s->given, &oldest->next, newest)) {
    }
    scheduler_unpark(s);
}

void scheduler_give(Scheduler *s, Process *p)
{
    give_all(s, p, p);
}

// A sleeper leaves its sleep under the lock, so what is its own may be changed
// while that is held.
bool scheduler_pull(Scheduler *s, Process *p)
{
    Scheduler *home = process_home(p);
    if (home == s || !atomic_load(&home->asleep)) return false;
    // Never wait here: two schedulers may pull from each other.
    if (pthread_mutex_trylock(&home->sleep_lock) != 0) return false;
    // Asked again under the lock: it may have woken up between.
    bool good = atomic_load(&home->asleep) && process_home(p) == home
                && process_state(p) == PROCESS_WAITING;
    if (good) {
        // The timer lies in the old home's wheel, which is ours while it
        // sleeps.
        timer_detach_receive(p);
        atomic_store(&p->home, s); // senders on other threads read it
        timer_attach_receive(p);
    }
    pthread_mutex_unlock(&home->sleep_lock);
    return good;
}

static void post_process(Scheduler *s, Process *p)
{
    p->wake_next = atomic_load_explicit(&s->woken, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&s->woken, &p->wake_next, p)) {
    }
    scheduler_unpark(s);
}

void scheduler_nudge(Process *p)
{
    // It may be in a list already; whoever finds it there looks at it later.
    // The read first spares the exchange when many send to one process.
    if (atomic_load(&p->posted) || atomic_exchange(&p->posted, true)) return;
    post_process(process_home(p), p);
}

// Looks at a process somebody nudged for: what is in its inbox, and whether
// its dirty BIF has ended. A running one will see to itself.
static void look_at(Scheduler *s, Process *p)
{
    Scheduler *home = process_home(p);
    if (home != s) {
        post_process(home, p); // has moved meanwhile
        return;
    }
    // Retired while it was in this list: nobody else may bury it.
    if (process_state(p) == PROCESS_DEAD) {
        scheduler_bury(s, p);
        return;
    }
    // Before the inbox is looked at: whoever pushes from now on nudges again.
    // An exchange, for the look must not move in front of it.
    atomic_exchange(&p->posted, false);
    ProcessState state = (ProcessState)atomic_load(&p->state);
    if (state == PROCESS_DIRTY_DONE && p->gone) {
        process_finish(s, p);
    } else if (state == PROCESS_DIRTY_DONE) {
        // What the BIF has built may be more than it may have.
        if (p->max_heap != 0 && p->dirty_function != NULL)
            p->flags |= PROCESS_WANTS_GC;
        process_set_state(p, PROCESS_RUNNABLE);
        append(s, p);
    } else if (state == PROCESS_DIRTY) {
        signal_receive_dirty(p);
    } else if (state == PROCESS_WAITING || state == PROCESS_STOPPED) {
        // A message, or its end: it is to run. Others are seen to here.
        if (signal_receive(p) != SIGNAL_NOTHING) process_wake(p);
    } else if (state == PROCESS_RUNNABLE) {
        // Whoever asks it something may be of a higher priority.
        signal_receive(p);
    }
}

static void look_at_woken(Scheduler *s)
{
    Process *p = atomic_exchange(&s->woken, NULL);
    while (p != NULL) {
        Process *next = p->wake_next;
        look_at(s, p);
        p = next;
    }
}

// The stack is turned round: who came first runs first.
static void take_given(Scheduler *s)
{
    Process *p = atomic_exchange(&s->given, NULL), *oldest = NULL;
    while (p != NULL) {
        Process *next = p->next;
        p->next = oldest;
        oldest = p;
        p = next;
    }
    while (oldest != NULL) {
        Process *next = oldest->next;
        // It was taken out of its old home's wheel when it was handed over.
        timer_attach_receive(oldest);
        append(s, oldest);
        oldest = next;
    }
}

static void run_jobs(Scheduler *s)
{
    // As above: in the order that they were posted in.
    Job *job = atomic_exchange(&s->jobs, NULL), *oldest = NULL;
    while (job != NULL) {
        Job *next = job->next;
        job->next = oldest;
        oldest = job;
        job = next;
    }
    while (oldest != NULL) {
        Job *next = oldest->next; // it may free itself
        oldest->run(s, oldest);
        oldest = next;
    }
}

static bool is_asked(const Scheduler *s)
{
    return atomic_load(&s->woken) != NULL || atomic_load(&s->given) != NULL
           || atomic_load(&s->jobs) != NULL;
}

// Read before exchange: lists are empty nearly always, and a read of a shared
// line costs little.
static void do_what_is_asked(Scheduler *s)
{
    MicrostateKind before = microstate_enter(&s->microstates, MICROSTATE_AUX);
    if (atomic_load(&s->given) != NULL) take_given(s);
    if (atomic_load(&s->woken) != NULL) look_at_woken(s);
    if (atomic_load(&s->jobs) != NULL) run_jobs(s);
    microstate_enter(&s->microstates, before);
}

// ---- the dead ----

void scheduler_bury(Scheduler *s, Process *p)
{
    p->next = s->dead;
    s->dead = p;
    s->dead_count++;
}

// Begins a grace period for a batch of dead processes, and gives the memory
// of the one before back when its is over.
// One batch waits for its grace period while the next one gathers.
static void bury_dead(Scheduler *s, size_t least)
{
    ProcessTable *table = s->node->processes;
    MicrostateKind before = microstate_enter(&s->microstates, MICROSTATE_AUX);
    // All of the batch died before the stamp: one question is enough.
    if (s->stamped != NULL && process_table_is_past(table, s->stamp)) {
        while (s->stamped != NULL) {
            Process *p = s->stamped;
            s->stamped = p->next;
            process_release(s, p);
        }
    }
    if (s->stamped == NULL && s->dead_count >= least) {
        s->stamped = s->dead;
        s->stamp = process_table_stamp(table);
        s->dead = NULL;
        s->dead_count = 0;
    }
    microstate_enter(&s->microstates, before);
}

// ---- running ----

// Makes [other] the home of [p], which is to be given to it then. In this
// order: the timer is in the old wheel, and the new home may run it at once.
static void move_home(Process *p, Scheduler *other)
{
    timer_detach_receive(p);
    atomic_store(&p->home, other);
}

static void hand_to(Scheduler *other, Process *p)
{
    move_home(p, other);
    scheduler_give(other, p);
}

// Whether a process that has used so many reductions of this slice has done
// little else but send.
static bool talks(const Scheduler *s, int32_t used)
{
    return (s->sent_near + s->sent_far) * TALK_REDUCTIONS > (unsigned)used;
}

void scheduler_sent_far(Scheduler *s, Process *sender, Scheduler *to)
{
    s->sent_far++;
    s->partner = to;
    // Long before a whole slice of messages has gone the long way.
    if (s->sent_far % FAR_MANY != 0 || sender == NULL) return;
    int32_t left = process_left(sender);
    if (left <= 0 || s->sent_far <= s->sent_near || !talks(s, SLICE - left))
        return;
    s->unused = left;
    process_set_left(sender, 0);
}

// Where [p] is best at home after its slice. One that talks to another
// scheduler's processes all the time belongs there.
static Scheduler *best_home(Scheduler *s, const Process *p)
{
    bool moves = p->talks && s->sent_far > s->sent_near
                 && s->partner != s && online_allows(s->partner);
    return moves ? s->partner : s;
}

// What is done in the pool is mostly short: without anything else to do it is
// cheaper to let others run than to sleep and be woken.
static void await_pool(const Scheduler *s)
{
    size_t queued = atomic_load_explicit(&s->queued, memory_order_relaxed);
    for (int i = 0; i < POOL_YIELDS && queued == 0 && !is_asked(s); i++)
        sched_yield();
}

// Where the slice of [p] ends for [reason]; [p] is the scheduler's again.
static void end_slice(Scheduler *s, Process *p, Reason reason)
{
    // A dirty BIF cannot be stopped: it ends first.
    bool to_pool = reason == REASON_DIRTY || reason == REASON_COLLECT;
    bool to_end = process_is_exiting(p) && !to_pool;
    bool stops = reason == REASON_WAIT || reason == REASON_EXIT || to_end;
    if (stops && watch_is_on(s->node, WATCH_PROCESSES))
        watch_process(p, false);
    if (to_end || reason == REASON_EXIT) {
        // Its memory is given back, nothing may touch [p] below.
        process_finish(s, p);
    } else if (to_pool) {
        if (reason == REASON_COLLECT) p->dirty_function = NULL;
        process_set_state(p, PROCESS_DIRTY);
        // From here on [p] is the pool's: the state was set before.
        pool_run_dirty(s->node->pool, p);
        await_pool(s);
    } else if (p->flags & PROCESS_SUSPENDED) {
        bool waits = reason == REASON_WAIT;
        // What it waits for may come while it is suspended; see process_wake.
        process_set_state(p, waits ? PROCESS_WAITING : PROCESS_STOPPED);
    } else if (reason == REASON_WAIT) {
        // A good moment to give memory back: it may wait for long.
        gc_rest(p);
        process_set_state(p, PROCESS_WAITING);
    } else {
        process_set_state(p, PROCESS_RUNNABLE);
        Scheduler *home = best_home(s, p);
        // At the end of its queue: all others of its priority come first.
        if (home == s)
            append(s, p);
        else
            hand_to(home, p);
    }
}

// What is due before a process runs; if it is not to run, why it stops.
static Reason prepare(Process *p)
{
    // One that wakes up has the heap again that it asked for.
    if ((p->flags & PROCESS_HIBERNATED) && p->min_heap > p->nursery_room)
        p->flags |= PROCESS_WANTS_GC;
    p->flags &= ~(uint32_t)PROCESS_HIBERNATED;
    // Signals take effect before code runs.
    if (signal_is_waiting(p)) signal_receive(p);
    if (process_is_exiting(p)) return REASON_YIELD;
    // A signal may have suspended it; the slice ends at once.
    if (p->flags & PROCESS_SUSPENDED) return REASON_YIELD;
    if (p->flags & PROCESS_WANTS_GC) {
        if (gc_is_long(p)) return REASON_COLLECT;
        process_collect_now(p);
    }
    // A collection may find the heap too large, and end it.
    return process_is_exiting(p) ? REASON_YIELD : REASON_NONE;
}

// Runs [p], and tells when its slice was long if somebody wants to know.
static Reason run_watched(Scheduler *s, Process *p)
{
    if (!watch_is_on(s->node, WATCH_LONG_SCHEDULE)) return loop_run(s, p);
    // Only here does a slice cost two readings of the clock.
    const CodeWord *in = p->pc;
    int64_t began = clock_monotonic();
    Reason reason = loop_run(s, p);
    watch_ran(p, in, clock_monotonic() - began);
    return reason;
}

// A slice of one that only frees what it owned: nothing else of it is touched
// any more, and signals find its inbox closed.
static void run_ending(Scheduler *s, Process *p)
{
    if (p->flags & PROCESS_TRACED) trace_runs(p, true);
    process_finish(s, p);
    s->long_slice = true;
}

// What few processes need at both ends of a slice.
static void begin_traced(Process *p)
{
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_begin_slice(p);
    trace_runs(p, true);
}

static void end_traced(Process *p)
{
    if (p->flags & PROCESS_SAVE_CALLS) saved_calls_end_slice(p);
    trace_runs(p, false);
}

static void run(Scheduler *s, Process *p)
{
    if (p->flags & PROCESS_ENDING) {
        run_ending(s, p);
        return;
    }
    // The state comes before the signals: who sends from now on leaves it in
    // the inbox.
    process_set_state(p, PROCESS_RUNNING);
    s->running = p;
    p->reductions = SLICE;
    p->heard /= 2; // what was long ago counts less
    s->sent_near = s->sent_far = 0;
    s->unused = 0;
    if (p->flags & PROCESS_TRACED) begin_traced(p);
    microstate_enter(&s->microstates, MICROSTATE_EMULATOR);
    Reason reason = prepare(p);
    if (reason == REASON_NONE) reason = run_watched(s, p);
    microstate_enter(&s->microstates, MICROSTATE_OTHER);
    if (p->flags & PROCESS_TRACED) end_traced(p);
    // What the loop has left of the slice; may be below 0 after large BIFs.
    int32_t used = SLICE - p->reductions - s->unused;
    p->reductions_done += (uint64_t)used;
    count_up(&s->reductions, (size_t)used);
    count_up(&s->slice_count, 1);
    s->running = NULL;
    p->talks = talks(s, used);
    // A long slice takes the clock forward: it is read at the next round.
    if (used >= LONG_SLICE) s->long_slice = true;
    if (p->heap.counted_bytes >= HEAP_COUNTED_MOST)
        p->flags |= PROCESS_WANTS_GC;
    end_slice(s, p, reason);
}

// ---- idle ----

// With the lock, which others need to wake it.
static void wait_in_poller(Scheduler *s, int64_t when)
{
    s->polls = true;
    pthread_mutex_unlock(&s->sleep_lock);
    poller_wait(s->node->poller, when);
    pthread_mutex_lock(&s->sleep_lock);
    s->polls = false;
    atomic_store(&s->asleep, false);
}

// Sleeps until [when], or somebody asks for something; if it [polls], also
// until a descriptor is ready.
static void wait_until(Scheduler *s, int64_t when, bool polls)
{
    struct timespec at = {when / 1000000000, when % 1000000000};
    // The lock is held from the check of the lists to the wait, and a waker
    // takes it to clear [asleep]: no wake-up is lost.
    pthread_mutex_lock(&s->sleep_lock);
    if (is_asked(s) || atomic_load(&s->node->exit_status) >= 0)
        atomic_store(&s->asleep, false);
    if (polls && atomic_load(&s->asleep)) wait_in_poller(s, when);
    while (atomic_load(&s->asleep)) {
        if (when == INT64_MAX)
            pthread_cond_wait(&s->sleep_over, &s->sleep_lock);
        else if (pthread_cond_timedwait(&s->sleep_over, &s->sleep_lock, &at))
            break;
    }
    atomic_store(&s->asleep, false);
    pthread_mutex_unlock(&s->sleep_lock);
}

static bool all_others_sleep(const Scheduler *s)
{
    const Node *node = s->node;
    for (unsigned i = 0; i < node->scheduler_count; i++)
        if (i != s->index && !atomic_load(&node->schedulers[i]->asleep))
            return false;
    return true;
}

// Idle long enough: what is kept for the next heap goes back. What malloc keeps
// is everybody's: who runs would wait for its locks, and then for the pages that
// it was about to use.
static void give_back(Scheduler *s, size_t slices)
{
    MicrostateKind before = microstate_enter(&s->microstates, MICROSTATE_AUX);
    page_cache_trim(s->pages);
    if (slices - s->trimmed >= TRIM_SLICES) process_trim(s);
    s->trimmed = slices;
    s->keeps = !all_others_sleep(s);
    if (!s->keeps) memory_trim();
    microstate_enter(&s->microstates, before);
}

// Sleeps until somebody asks for something or a timer is due.
static void sleep_a_while(Scheduler *s)
{
    Node *node = s->node;
    // The dead go while there is time, however few they are.
    bury_dead(s, 1);
    int64_t until = timer_next(s->timers);
    s->now = clock_monotonic();
    int64_t trim = s->now + TRIM_NS;
    size_t slices = atomic_load_explicit(&s->slice_count,
                                         memory_order_relaxed);
    bool trims = until > trim && (s->keeps || !page_cache_is_empty(s->pages)
                                  || slices - s->trimmed >= TRIM_SLICES);
    // A grace period ends without a wake-up: it is looked at again then.
    bool buries = s->stamped != NULL;
    if ((trims || buries) && until > trim) until = trim;
    bool watched = watch_is_on(node, WATCH_SCHEDULERS);
    if (watched) watch_scheduler(node, s->index, false);
    // It holds nothing while it sleeps, so nobody's grace period waits for it.
    process_table_quiet(node->processes, s->index, true);
    atomic_store(&s->asleep, true);
    // Whoever has too much work finds it here from now on.
    atomic_fetch_or(&node->idle, UINT64_C(1) << s->index);
    atomic_store_explicit(&s->sleeps_since, s->now, memory_order_relaxed);
    // One that may not run others' processes is to fetch none, either.
    bool polls = online_allows(s) && poller_take(node->poller);
    microstate_enter(&s->microstates, MICROSTATE_SLEEP);
    wait_until(s, until, polls);
    microstate_enter(&s->microstates, MICROSTATE_OTHER);
    atomic_fetch_and(&node->idle, ~(UINT64_C(1) << s->index));
    // Before any process is looked up again.
    process_table_quiet(node->processes, s->index, false);
    if (watched) watch_scheduler(node, s->index, true);
    int64_t began = s->now;
    s->now = clock_monotonic();
    atomic_store_explicit(&s->sleeps_since, 0, memory_order_relaxed);
    count_up(&s->slept, (size_t)(s->now - began));
    if (polls) poller_serve(node->poller);
    // It will not poll again: somebody else has to, and may be asleep.
    if (polls && !online_allows(s)) scheduler_unpark(online_substitute(s));
    if (trims && s->now >= trim) give_back(s, slices);
}

// ---- handing over ----

// Takes an idle scheduler off the node's list; NULL when none is.
// A bit can be taken once: two busy ones never wake the same sleeper.
static Scheduler *take_idle(Node *node)
{
    uint64_t idle = atomic_load_explicit(&node->idle, memory_order_relaxed);
    uint64_t allowed = atomic_load_explicit(&node->allowed,
                                            memory_order_relaxed);
    while ((idle & allowed) != 0) {
        unsigned i = (unsigned)__builtin_ctzl(idle & allowed);
        uint64_t rest = idle & ~(UINT64_C(1) << i);
        // On failure [idle] holds what is there by now.
        if (atomic_compare_exchange_weak(&node->idle, &idle, rest))
            return node->schedulers[i];
    }
    return NULL;
}

// Whether [p] is better kept beside those that it sends to, or that send to it:
// a message to another scheduler costs several times one that stays.
static bool belongs_here(const Process *p)
{
    return p->talks || p->heard >= HEARD_MANY || !counts(p);
}

// Moves up to [most] processes of [q] that may go to the front of [*chain],
// and answers how many. Looks at no more than LOOKED_AT.
static size_t take_movable(Scheduler *s, RunQueue *q, size_t most,
                           Process **chain)
{
    size_t taken = 0;
    Process *before = NULL, **link = &q->first;
    for (unsigned i = 0; i < LOOKED_AT && taken < most && *link != NULL;) {
        Process *p = *link;
        if (belongs_here(p)) {
            i++;
            before = p;
            link = &p->next;
            continue;
        }
        *link = p->next;
        if (q->last == p) q->last = before;
        p->next = *chain;
        *chain = p;
        taken++;
    }
    q->length -= taken;
    count_up(&s->queued, (size_t)0 - taken);
    return taken;
}

// Gives half of what waits to run to a scheduler that has nothing to do.
static void hand_over(Scheduler *s)
{
    Process *newest = NULL;
    // Half of all, and no more than half of a queue: the more urgent first.
    size_t n = atomic_load_explicit(&s->queued, memory_order_relaxed) / 2;
    for (int i = 0; i < PRIORITY_COUNT && n > 0; i++) {
        RunQueue *q = &s->queue[i];
        size_t half = (q->length + 1) / 2;
        n -= take_movable(s, q, half < n ? half : n, &newest);
    }
    // Nobody is to go: not to be asked at once again.
    if (newest == NULL) s->busy_since = s->now;
    Scheduler *other = newest == NULL ? s : take_idle(s->node);
    // Another one was faster, or had more for it: all go back.
    if (other == NULL) other = s;
    Process *oldest = newest;
    for (Process *p = newest; p != NULL; oldest = p, p = p->next)
        move_home(p, other);
    if (newest != NULL) give_all(other, newest, oldest);
}

// A scheduler gives away when processes have been waiting for a while, or
// are going to, as [backlog], ns of work, says: what is done soon is cheaper
// done here. One of them is the next to run.
static void balance(Scheduler *s, int64_t backlog)
{
    if (s->now - s->busy_since < BUSY_NS && backlog < BUSY_NS) return;
    uint64_t allowed = atomic_load_explicit(&s->node->allowed,
                                            memory_order_relaxed);
    if (atomic_load_explicit(&s->node->idle, memory_order_relaxed) & allowed)
        hand_over(s);
}

// Reading the clock costs as much as a short slice: done every 16th, or after a
// long one.
static void look_at_clock(Scheduler *s)
{
    size_t queued = atomic_load_explicit(&s->queued, memory_order_relaxed);
    if (queued < 2) s->busy_since = s->now;
    if (++s->slices < CLOCK_SLICES && !s->long_slice) return;
    int64_t before = s->now;
    s->now = clock_monotonic();
    // What waits is taken for work like that of the last slices; one long
    // slice among them tells nothing about the others.
    int64_t each = s->long_slice ? 0 : (s->now - before) / s->slices;
    s->slices = 0;
    s->long_slice = false;
    poller_look(s->node->poller);
    if (queued < 2)
        s->busy_since = s->now;
    else
        balance(s, each * (int64_t)queued);
}

void *scheduler_run(void *context)
{
    Scheduler *s = context;
    ProcessTable *table = s->node->processes;
    current = s;
    // Relaxed: whoever halts the node wakes all schedulers as well.
    while (atomic_load_explicit(&s->node->exit_status, memory_order_relaxed)
           < 0) {
        // No pointer to a process or literal survives this point.
        process_table_quiet(table, s->index, false);
        // Copies leave out literals that are on their way out, from now on.
        literal_view_update(&s->literals, s->node->literals);
        if (is_asked(s)) do_what_is_asked(s);
        look_at_clock(s);
        timer_advance(s);
        if (s->stamped != NULL || s->dead_count >= DEAD_BATCH)
            bury_dead(s, DEAD_BATCH);
        Process *p = pick(s);
        if (p == NULL)
            sleep_a_while(s);
        else if (online_allows(s))
            run(s, p);
        else
            // Too many schedulers for system_flag(schedulers_online): it passes
            // on what it has.
            hand_to(online_substitute(s), p);
    }
    process_table_quiet(table, s->index, true);
    current = NULL;
    return NULL;
}
