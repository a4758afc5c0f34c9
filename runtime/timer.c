// SPDX-License-Identifier: Apache-2.0
// Timers: a hierarchical wheel.
//
// Level 0 has a slot for each of the next 256 ticks, level 1 one for each 256
// ticks, and so on; what lies behind the last level waits in [later]. When a
// level has gone round, the next slot of the level above is dealt out below.
// Setting and cancelling touch one slot.
//
//   level 0   256 slots of 1 tick         bits  7..0  of the tick
//   level 1   256 slots of 256 ticks      bits 15..8
//   level 2   256 slots of 2^16 ticks     bits 23..16
//   level 3   256 slots of 2^24 ticks     bits 31..24  (50 days)
//   later     one list
//
// A timer's level is that of the highest bits in which its tick differs from
// the wheel's: so it need not be stored, and a slot never holds two rounds.
#include "timer.h"

#include <stdlib.h>

#include "clock.h"
#include "copy.h"
#include "memory.h"
#include "signal.h"

// 2^32 ticks in all: see timer_next.
enum { LEVELS = 4, LEVEL_BITS = 8, SLOTS = 1 << LEVEL_BITS };
enum { TICK_NS = 1000000 }; // a millisecond

// Of receive ... after, send_after, start_timer.
typedef enum { TIMER_RECEIVE, TIMER_SEND, TIMER_START } TimerKind;

struct Timer {
    Timer *next, **link; // in its slot
    uint64_t tick;       // when it is due
    RefId ref;           // zeros of a receive
    union {
        Process *process; // of a receive
        Term to;          // else: pid or name
    } u;
    Term message;   // to be sent; on [heap] or an immediate
    Heap *heap;     // of the message; NULL when that is an immediate
    uint32_t index; // in the wheel's table; 0 of a receive
    uint8_t kind;   // TimerKind
};

// Its scheduler's thread only: no locks. A timer of another scheduler is
// cancelled by asking that one.
struct TimerWheel {
    Timer *slot[LEVELS][SLOTS]; // newest first
    // Timers in each: an empty level is not searched.
    size_t level_count[LEVELS];
    Timer *later;      // due behind all levels
    uint64_t tick;     // all before it have fired
    size_t count;      // of all levels and later
    Timer *free;       // linked by next
    Timer **table;     // by index, for references
    size_t room, used; // of the table; entry 0 is not used
    uint32_t *vacant;  // indices given back
    size_t vacant_count, vacant_room;
};

TimerWheel *timer_wheel_new(int64_t now)
{
    TimerWheel *w = memory_zeroed(1, sizeof *w);
    w->tick = (uint64_t)(now / TICK_NS); // from now on: no timer is due before
    w->used = 1; // index 0 says "no timer" in a reference
    return w;
}

static void free_message(Timer *t)
{
    if (t->heap == NULL) return;
    heap_free(t->heap);
    free(t->heap);
}

// [set]: timers that would have fired, with their messages.
static void free_list(Timer *t, bool set)
{
    while (t != NULL) {
        Timer *next = t->next;
        if (set) free_message(t);
        free(t);
        t = next;
    }
}

void timer_wheel_free(TimerWheel *w)
{
    for (int level = 0; level < LEVELS; level++)
        for (int i = 0; i < SLOTS; i++) free_list(w->slot[level][i], true);
    free_list(w->later, true);
    free_list(w->free, false);
    free(w->table);
    free(w->vacant);
    free(w);
}

// ---- the wheel ----

// The level that a timer due at [tick] belongs to; LEVELS: later.
static int level_of(const TimerWheel *w, uint64_t tick)
{
    // The highest differing bits decide; equal ticks differ in nothing: level
    // 0.
    uint64_t differ = w->tick ^ tick;
    int level = 0;
    while (level < LEVELS && differ >> ((level + 1) * LEVEL_BITS) != 0)
        level++;
    return level;
}

static void insert(TimerWheel *w, Timer *t)
{
    // Too late already: fires with the next tick.
    if (t->tick < w->tick) t->tick = w->tick;
    int level = level_of(w, t->tick);
    Timer **list = &w->later;
    if (level < LEVELS) {
        list = &w->slot[level][t->tick >> (level * LEVEL_BITS) & (SLOTS - 1)];
        w->level_count[level]++;
    }
    // At the front: which is why those of one tick fire in reverse of the list.
    t->next = *list;
    t->link = list;
    if (t->next != NULL) t->next->link = &t->next;
    *list = t;
    w->count++;
}

// The level is the one that insert chose: the wheel's tick has not passed a
// border of it since without dealing the list out.
static void unlink_timer(TimerWheel *w, Timer *t)
{
    int level = level_of(w, t->tick);
    if (level < LEVELS) w->level_count[level]--;
    w->count--;
    *t->link = t->next;
    if (t->next != NULL) t->next->link = t->link;
}

// Deals a list of a higher level out again.
static void deal(TimerWheel *w, Timer **list, int level)
{
    Timer *t = *list;
    // Taken off first: insert may put one back into the same list.
    *list = NULL;
    while (t != NULL) {
        Timer *next = t->next;
        w->count--;
        if (level < LEVELS) w->level_count[level]--;
        insert(w, t);
        t = next;
    }
}

// Brings down what the new tick makes near.
static void cascade(TimerWheel *w)
{
    // A level's turn is over when the bits below it are all 0.
    for (int level = 1; level <= LEVELS; level++) {
        uint64_t below = (UINT64_C(1) << (level * LEVEL_BITS)) - 1;
        if ((w->tick & below) != 0) return;
        // Once in 2^32 ticks: those still too far go back into [later].
        if (level == LEVELS) {
            deal(w, &w->later, level);
            return;
        }
        size_t i = w->tick >> (level * LEVEL_BITS) & (SLOTS - 1);
        deal(w, &w->slot[level][i], level);
    }
}

// From a list of the wheel: a receive with a timeout costs no malloc.
static Timer *new_timer(TimerWheel *w, TimerKind kind, int64_t when)
{
    Timer *t = w->free;
    if (t != NULL)
        w->free = t->next;
    else
        t = memory_alloc(sizeof *t);
    // Rounded up: never before its time.
    uint64_t tick = when < 0 ? 0 : ((uint64_t)when + TICK_NS - 1) / TICK_NS;
    *t = (Timer){.kind = (uint8_t)kind, .tick = tick};
    return t;
}

static void give_back(TimerWheel *w, Timer *t)
{
    t->next = w->free;
    w->free = t;
}

// ---- references ----

// The table leads from the bits of a reference to the timer, so cancelling
// needs no search; entries are used again.
static uint32_t take_index(TimerWheel *w, Timer *t)
{
    uint32_t i;
    if (w->vacant_count > 0) {
        i = w->vacant[--w->vacant_count];
    } else {
        if (w->used >= w->room)
            w->table = memory_grow(w->table, &w->room, 64, sizeof *w->table);
        i = (uint32_t)w->used++; // 0 is never given out: used begins at 1
    }
    w->table[i] = t;
    return i;
}

static void give_index(TimerWheel *w, uint32_t i)
{
    w->table[i] = NULL;
    if (w->vacant_count == w->vacant_room)
        w->vacant = memory_grow(w->vacant, &w->vacant_room, 64,
                                sizeof *w->vacant);
    w->vacant[w->vacant_count++] = i;
}

// ---- firing ----

// The message is copied to the receiver, so a scratch heap does.
static void send_timeout(Scheduler *s, Timer *t)
{
    Heap scratch;
    Term message = t->message;
    heap_init(&scratch);
    // {timeout, Ref, Message}; ref and tuple live until it is sent.
    if (t->kind == TIMER_START)
        message = heap_tuple3(&scratch, ATOM_timeout,
                              ref_from_id(&scratch, t->ref), message);
    signal_send_named(s->node, t->u.to, message);
    heap_free(&scratch);
}

static void fire(Scheduler *s, Timer *t)
{
    TimerWheel *w = s->timers;
    if (t->kind == TIMER_RECEIVE) {
        Process *p = t->u.process;
        p->timer = NULL;
        p->flags |= PROCESS_TIMED_OUT;
        process_wake(p);
    } else {
        // The index first: the reference leads nowhere from here on.
        give_index(w, t->index);
        send_timeout(s, t);
        free_message(t);
    }
    give_back(w, t);
}

void timer_advance(Scheduler *s)
{
    TimerWheel *w = s->timers;
    uint64_t now = (uint64_t)(s->now / TICK_NS);
    // Nothing to fire: the ticks between are passed over at once.
    if (w->count == 0 && w->tick <= now) w->tick = now + 1;
    while (w->tick <= now) {
        Timer **slot = &w->slot[0][w->tick & (SLOTS - 1)];
        Timer *t;
        // Those set last stand first; they are to fire last.
        Timer *due = NULL;
        while ((t = *slot) != NULL) {
            unlink_timer(w, t);
            t->next = due;
            due = t;
        }
        // The tick moves before firing, so that timers set now with no delay go
        // into the next slot, not into the one that is done.
        w->tick++;
        if ((w->tick & (SLOTS - 1)) == 0) cascade(w);
        while ((t = due) != NULL) {
            due = t->next;
            fire(s, t);
        }
    }
}

// Exact on level 0, the beginning of a slot above: waking then only deals it
// out.
int64_t timer_next(const TimerWheel *w)
{
    if (w->count == 0) return INT64_MAX;
    for (int level = 0; level < LEVELS; level++) {
        if (w->level_count[level] == 0) continue;
        int shift = level * LEVEL_BITS;
        // A slot of the level that is not empty exists, so this ends; it lies
        // at or after the wheel's tick.
        for (uint64_t at = w->tick >> shift;; at++)
            if (w->slot[level][at & (SLOTS - 1)] != NULL)
                return (int64_t)(at << shift) * TICK_NS;
    }
    // The next time that [later] is dealt out.
    return (int64_t)(w->tick | UINT32_MAX) * TICK_NS;
}

void timer_each(const TimerWheel *w,
                void (*visit)(Term to, Term message, int64_t left_ms,
                              void *data),
                void *data)
{
    // Only those that have a reference are in the table.
    for (size_t i = 1; i < w->used; i++) {
        const Timer *t = w->table[i];
        if (t == NULL || t->index != i) continue;
        visit(t->u.to, t->message, (int64_t)(t->tick - w->tick), data);
    }
}

size_t timer_count(const TimerWheel *w)
{
    return w->count;
}

// ---- receive ----

void timer_set_receive(Process *p, uint64_t ms)
{
    Scheduler *s = process_home(p);
    // Read anew: the slice may have run for long, and a wait must not be short.
    s->now = clock_monotonic();
    int64_t when = s->now + (int64_t)ms * TICK_NS;
    p->timer = new_timer(s->timers, TIMER_RECEIVE, when);
    p->timer->u.process = p;
    insert(s->timers, p->timer);
}

// The flag goes too: it belongs to the receive that is over.
void timer_cancel_receive(Process *p)
{
    p->flags &= ~(uint32_t)PROCESS_TIMED_OUT;
    if (p->timer == NULL) return;
    TimerWheel *w = process_home(p)->timers;
    unlink_timer(w, p->timer);
    give_back(w, p->timer);
    p->timer = NULL;
}

// p->timer stays set: it moves along. Done by the old home's thread, or under
// its sleep lock.
void timer_detach_receive(Process *p)
{
    if (p->timer != NULL) unlink_timer(process_home(p)->timers, p->timer);
}

void timer_attach_receive(Process *p)
{
    if (p->timer != NULL) insert(process_home(p)->timers, p->timer);
}

// ---- start_timer, send_after ----

// A whole copy, with literals: it may stay longer than the code.
RefId timer_start(Scheduler *s, int64_t when, Term to, Term message,
                  bool wrap)
{
    TimerWheel *w = s->timers;
    Timer *t = new_timer(w, wrap ? TIMER_START : TIMER_SEND, when);
    t->u.to = to;
    t->message = message;
    if (!term_is_immediate(message)) {
        t->heap = memory_alloc(sizeof *t->heap);
        heap_init(t->heap);
        t->message = copy_whole(t->heap, message);
    }
    t->index = take_index(w, t);
    t->ref = ref_id_new(s->node);
    // The low bits of id1 are left free for it by ref.h.
    t->ref.id1 |= t->index;
    insert(w, t);
    return t->ref;
}

int64_t timer_read(Scheduler *s, RefId ref, bool cancel)
{
    TimerWheel *w = s->timers;
    size_t i = ref.id1 & ((1u << REF_SLOT_BITS) - 1);
    // Index and whole reference must agree: indices are used again.
    Timer *t = i > 0 && i < w->used ? w->table[i] : NULL;
    if (t == NULL || !ref_id_same(t->ref, ref)) return -1;
    // The clock is read: the ms left are shown to the caller.
    int64_t left = (int64_t)t->tick * TICK_NS - clock_monotonic();
    if (cancel) {
        unlink_timer(w, t);
        give_index(w, t->index);
        free_message(t);
        give_back(w, t);
    }
    // Due, but not fired yet: 0, as in OTP.
    return left <= 0 ? 0 : left / TICK_NS;
}
