// SPDX-License-Identifier: Apache-2.0
// Timers: a hierarchical wheel.
//
// Level 0 has a slot for each of the next 256 ticks, level 1 one for each 256
// ticks, and so on; what lies behind the last level waits in [later]. When a
// level has gone round, the next slot of the level above is dealt out below.
// Setting and cancelling touch one slot.
#include "timer.h"

#include <stdlib.h>

#include "clock.h"
#include "copy.h"
#include "memory.h"
#include "signal.h"

enum { LEVELS = 4, LEVEL_BITS = 8, SLOTS = 1 << LEVEL_BITS };
enum { TICK_NS = 1000000 };

typedef enum { TIMER_RECEIVE, TIMER_SEND, TIMER_START } TimerKind;

struct Timer {
    Timer *next, **link; // in its slot
    uint64_t tick;       // when it is due
    RefId ref;
    union {
        Process *process; // of a receive
        Term to;          // else: pid or name
    } u;
    Term message;
    Heap *heap;          // of the message; NULL when that is an immediate
    uint32_t index;      // in the wheel's table; 0 of a receive
    uint8_t kind;        // TimerKind
};

struct TimerWheel {
    Timer *slot[LEVELS][SLOTS];
    size_t level_count[LEVELS];
    Timer *later;
    uint64_t tick;       // all before it have fired
    size_t count;
    Timer *free;         // linked by next
    Timer **table;       // by index, for references
    size_t room, used;   // of the table; entry 0 is not used
    uint32_t *vacant;    // indices given back
    size_t vacant_count, vacant_room;
};

TimerWheel *timer_wheel_new(int64_t now)
{
    TimerWheel *w = memory_zeroed(1, sizeof *w);
    w->tick = (uint64_t)(now / TICK_NS);
    w->used = 1;
    return w;
}

static void free_message(Timer *t)
{
    if (t->heap == NULL) return;
    heap_free(t->heap);
    free(t->heap);
}

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
    uint64_t differ = w->tick ^ tick;
    int level = 0;
    while (level < LEVELS && differ >> ((level + 1) * LEVEL_BITS) != 0)
        level++;
    return level;
}

static void insert(TimerWheel *w, Timer *t)
{
    if (t->tick < w->tick) t->tick = w->tick;
    int level = level_of(w, t->tick);
    Timer **list = &w->later;
    if (level < LEVELS) {
        list = &w->slot[level][t->tick >> (level * LEVEL_BITS) & (SLOTS - 1)];
        w->level_count[level]++;
    }
    t->next = *list;
    t->link = list;
    if (t->next != NULL) t->next->link = &t->next;
    *list = t;
    w->count++;
}

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
    for (int level = 1; level <= LEVELS; level++) {
        uint64_t below = (UINT64_C(1) << (level * LEVEL_BITS)) - 1;
        if ((w->tick & below) != 0) return;
        if (level == LEVELS) {
            deal(w, &w->later, level);
            return;
        }
        size_t i = w->tick >> (level * LEVEL_BITS) & (SLOTS - 1);
        deal(w, &w->slot[level][i], level);
    }
}

static Timer *new_timer(TimerWheel *w, TimerKind kind, int64_t when)
{
    Timer *t = w->free;
    if (t != NULL)
        w->free = t->next;
    else
        t = memory_alloc(sizeof *t);
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

static uint32_t take_index(TimerWheel *w, Timer *t)
{
    uint32_t i;
    if (w->vacant_count > 0) {
        i = w->vacant[--w->vacant_count];
    } else {
        if (w->used >= w->room)
            w->table = memory_grow(w->table, &w->room, 64, sizeof *w->table);
        i = (uint32_t)w->used++;
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

static void send_timeout(Scheduler *s, Timer *t)
{
    Heap scratch;
    Term message = t->message;
    heap_init(&scratch);
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
        w->tick++;
        if ((w->tick & (SLOTS - 1)) == 0) cascade(w);
        while ((t = due) != NULL) {
            due = t->next;
            fire(s, t);
        }
    }
}

int64_t timer_next(const TimerWheel *w)
{
    if (w->count == 0) return INT64_MAX;
    for (int level = 0; level < LEVELS; level++) {
        if (w->level_count[level] == 0) continue;
        int shift = level * LEVEL_BITS;
        for (uint64_t at = w->tick >> shift;; at++)
            if (w->slot[level][at & (SLOTS - 1)] != NULL)
                return (int64_t)(at << shift) * TICK_NS;
    }
    return (int64_t)(w->tick | UINT32_MAX) * TICK_NS;
}

size_t timer_count(const TimerWheel *w)
{
    return w->count;
}

// ---- receive ----

void timer_set_receive(Process *p, uint64_t ms)
{
    Scheduler *s = process_home(p);
    s->now = clock_monotonic();
    int64_t when = s->now + (int64_t)ms * TICK_NS;
    p->timer = new_timer(s->timers, TIMER_RECEIVE, when);
    p->timer->u.process = p;
    insert(s->timers, p->timer);
}

void timer_cancel_receive(Process *p)
{
    p->flags &= ~(uint32_t)PROCESS_TIMED_OUT;
    if (p->timer == NULL) return;
    TimerWheel *w = process_home(p)->timers;
    unlink_timer(w, p->timer);
    give_back(w, p->timer);
    p->timer = NULL;
}

void timer_detach_receive(Process *p)
{
    if (p->timer != NULL) unlink_timer(process_home(p)->timers, p->timer);
}

void timer_attach_receive(Process *p)
{
    if (p->timer != NULL) insert(process_home(p)->timers, p->timer);
}

// ---- start_timer, send_after ----

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
    t->ref.id1 |= t->index;
    insert(w, t);
    return t->ref;
}

int64_t timer_read(Scheduler *s, RefId ref, bool cancel)
{
    TimerWheel *w = s->timers;
    size_t i = ref.id1 & ((1u << REF_SLOT_BITS) - 1);
    Timer *t = i > 0 && i < w->used ? w->table[i] : NULL;
    if (t == NULL || !ref_id_same(t->ref, ref)) return -1;
    int64_t left = (int64_t)t->tick * TICK_NS - clock_monotonic();
    if (cancel) {
        unlink_timer(w, t);
        give_index(w, t->index);
        free_message(t);
        give_back(w, t);
    }
    return left <= 0 ? 0 : left / TICK_NS;
}
