// SPDX-License-Identifier: Apache-2.0
// Collector: Cheney's copying, in two generations.
//
// A moved list cell has TERM_NONE as its head and the new place as its tail; a
// moved boxed object has the new place in its header's stead. Payloads that
// are no terms are skipped by subtag in scan_word. Nothing recurses.
//
// Which words move is asked for every pointer found:
//   minor  those in the nursery's block and in fragments ("young")
//   full   all but literals, what lies in the new space already and a message
//          off the heap that a receive is looking at (off_heap.h)
//
// Two new spaces are filled at a time in a minor collection: the next nursery
// ([to], [scan]) and the end of the old space ([old_to], [old_scan]). Each is
// scanned from where it began to its end, which moves while it is scanned; when
// both scans have caught up, all that lives has been moved.
//
//   new    | scanned      | scan   moved, to be scanned  | to   free |
//
// A pointer from old to young exists only inside what this collection moved
// itself; that is scanned before it ends.
#include "gc.h"

#include <stdlib.h>

#include "clock.h"
#include "dictionary.h"
#include "instruction.h"
#include "literal.h"
#include "memory.h"
#include "microstate.h"
#include "nursery.h"
#include "off_heap.h"
#include "old_space.h"
#include "scheduler.h"
#include "trace.h"
#include "watch.h"

typedef struct {
    uintptr_t base, bytes; // of one fragment's words in use
} Range;

typedef struct {
    Process *p; // whose heap; its home scheduler's thread runs this
    const LiteralArea *literals; // never moved, see moves
    PageCache *pages;            // where blocks come from and go to
    bool full;                   // all generations, or the young one
    // Where terms come from (minor).
    uintptr_t young, young_bytes; // the nursery's block; full: all there is
    uintptr_t grown_bytes;        // its part below the mark: to grow old
    Range *fragments;             // sorted; full: those that do not move
    Range last;                   // the one that a term was found in last
    Range all;                    // from the first fragment to the last
    size_t fragment_count;
    // Where they go to: the new block, a nursery or the chunk of a full one.
    uintptr_t new_space, new_bytes;
    Term *to;                       // next free word of it
    Term *scan;                     // up to here its terms have been visited
    // And the old space (minor): the rest of its last chunk, whose own top is
    // not kept up to date, and how far it is scanned.
    Term *old_to, *old_limit;
    Chunk *old_scan_chunk; // NULL: nothing grew old
    Term *old_scan;        // next word to visit in it
    // The last counted box of each list that was kept; NULL: none yet.
    Term *young_last, *old_last;
} Collector;

// ---- what moves ----

static bool is_in_fragment(Collector *c, const Term *t)
{
    size_t low = 0, high = c->fragment_count;
    // One comparison for both ends: below the base the difference is huge.
    // What is old is asked for most, and seldom lies among fragments.
    if ((uintptr_t)t - c->all.base >= c->all.bytes) return false;
    if ((uintptr_t)t - c->last.base < c->last.bytes) return true;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const Range *r = &c->fragments[middle];
        if ((uintptr_t)t < r->base)
            high = middle;
        else if ((uintptr_t)t - r->base >= r->bytes)
            low = middle + 1;
        else
            return c->last = *r, true;
    }
    return false;
}

static inline bool moves(Collector *c, const Term *t)
{
    if (c->full)
        return (uintptr_t)t - c->new_space >= c->new_bytes
               && !literal_contains(c->literals, t)
               && !(c->fragment_count > 0 && is_in_fragment(c, t));
    // Old terms and literals are outside the nursery, so nothing else need be
    // asked of them.
    if ((uintptr_t)t - c->young < c->young_bytes) return true;
    return c->fragment_count > 0 && is_in_fragment(c, t);
}

// ---- where it goes ----

// Goes on filling the last chunk of the old space, and scans from there.
static void open_old(Collector *c)
{
    OldSpace *old = c->p->old;
    if (old == NULL || old->last == NULL) return;
    c->old_to = old->last->top;
    c->old_limit = old_space_chunk_end(old->last);
    c->old_scan_chunk = old->last;
    c->old_scan = c->old_to;
}

static void close_old(Collector *c)
{
    if (c->old_to != NULL) c->p->old->last->top = c->old_to;
}

// A new chunk in the old space, with room for [n] words.
static void add_old(Collector *c, size_t n)
{
    Process *p = c->p;
    if (p->old == NULL) p->old = old_space_new();
    // Its top must stand, for the scan reads it
    close_old(c);
    Chunk *chunk = old_space_extend(p->old, c->pages, n);
    c->old_to = chunk->words;
    c->old_limit = old_space_chunk_end(chunk);
    if (c->old_scan != NULL) return;
    c->old_scan_chunk = chunk;
    c->old_scan = chunk->words;
}

// Where [n] words from [from] go to: what lies below the mark has survived
// before and grows old; the rest, fragments too, survives its first time. Room
// in the nursery's successor was measured before and cannot run out.
static inline Term *reserve(Collector *c, const Term *from, size_t n)
{
    if ((uintptr_t)from - c->young >= c->grown_bytes) {
        Term *at = c->to;
        c->to += n;
        return at;
    }
    if ((size_t)(c->old_limit - c->old_to) < n) add_old(c, n);
    Term *at = c->old_to;
    c->old_to += n;
    return at;
}

// ---- moving ----

static void move_box(Collector *c, Term *slot)
{
    Term *from = term_box_ptr(*slot);
    if (!moves(c, from)) return;
    // A header is no pointer: see the chart in term.h.
    if (!term_is_header(*from)) {
        *slot = *from; // has been moved
        return;
    }
    size_t n = 1 + header_arity(*from);
    Term *to = reserve(c, from, n);
    to[0] = from[0];
    for (size_t i = 1; i < n; i++) {
        // Soon to be visited: fetched from memory meanwhile.
        Term t = to[i] = from[i];
        if (!term_is_immediate(t)) __builtin_prefetch((void *)t.bits, 1);
    }
    // The old header's place holds the way to the copy from now on.
    *from = *slot = term_from_box(to);
}

// The common case of move_list, in locals: cells of the nursery. Answers the
// slot of what it has stopped at.
static Term *move_young_list(Collector *c, Term *slot)
{
    const uintptr_t young = c->young, bytes = c->young_bytes;
    const uintptr_t grown = c->grown_bytes;
    Term *to = c->to, *old_to = c->old_to, *old_limit = c->old_limit;
    for (Term t = *slot; term_is_cons(t);) {
        Term *from = term_cons_ptr(t), *at;
        uintptr_t place = (uintptr_t)from - young;
        if (place >= bytes || term_is_none(from[0])) break;
        if (place >= grown) {
            at = to;
            to += 2;
        } else {
            if (old_limit - old_to < 2) {
                c->old_to = old_to;
                add_old(c, 2);
                old_to = c->old_to;
                old_limit = c->old_limit;
            }
            at = old_to;
            old_to += 2;
        }
        at[0] = from[0];
        at[1] = t = from[1];
        from[0] = TERM_NONE;
        from[1] = *slot = term_from_cons(at);
        slot = at + 1;
    }
    c->to = to;
    c->old_to = old_to;
    return slot;
}

// Moves a whole list's cells at once, so that they lie side by side.
static void move_list(Collector *c, Term *slot)
{
    if (!c->full) slot = move_young_list(c, slot);
    // The last cell's tail is what the loop goes on with: the cells are linked
    // while they move, so a list of any length takes no stack.
    while (term_is_cons(*slot)) {
        Term *from = term_cons_ptr(*slot);
        if (!moves(c, from)) return;
        if (term_is_none(from[0])) { // TERM_NONE is no element of a list
            *slot = from[1];         // has been moved
            return;
        }
        Term *to = reserve(c, from, 2);
        to[0] = from[0];
        to[1] = from[1];
        // Only after both words were copied.
        from[0] = TERM_NONE;
        from[1] = *slot = term_from_cons(to);
        slot = to + 1;
    }
}

// Most that is visited is old: told without a call.
static inline bool may_move(const Collector *c, const Term *t)
{
    return (uintptr_t)t - c->young < c->young_bytes
           || (uintptr_t)t - c->all.base < c->all.bytes;
}

static inline void visit(Collector *c, Term *slot)
{
    if (term_is_cons(*slot)) {
        if (may_move(c, term_cons_ptr(*slot))) move_list(c, slot);
    } else if (term_is_boxed(*slot)) {
        if (may_move(c, term_box_ptr(*slot))) move_box(c, slot);
    }
}

// The base pointer of a match context leads to its binary's bytes.
static void move_match(Collector *c, Term *box)
{
    Bits bits;
    // Only when the binary has moved may its bytes be asked for: those of a
    // small one lie in the heap and move with it.
    visit(c, box + 4);
    bool found = term_bits(box[4], &bits);
    assert(found);
    (void)found;
    box[1].bits = (uintptr_t)bits.base;
}

// Visits what stands at [at] of a new space; answers where to go on.
// Words of raw data are stepped over by their header, so no bit pattern in them
// is taken for a term.
static inline Term *scan_word(Collector *c, Term *at)
{
    if (!term_is_header(*at)) {
        visit(c, at);
        return at + 1;
    }
    if (header_subtag(*at) == SUBTAG_MATCH) {
        move_match(c, at);
        return at + 5;
    }
    return at + header_raw_words(*at);
}

// Where the chunk that is scanned ends by now.
static inline const Term *old_scan_end(const Collector *c)
{
    const Chunk *chunk = c->old_scan_chunk;
    // All but the last are closed.
    return chunk->next == NULL ? c->old_to : chunk->top;
}

static void scan_old(Collector *c)
{
    while (c->old_scan != NULL) {
        while (c->old_scan < old_scan_end(c))
            c->old_scan = scan_word(c, c->old_scan);
        if (c->old_scan_chunk->next == NULL) return; // caught up, for now
        c->old_scan_chunk = c->old_scan_chunk->next;
        c->old_scan = c->old_scan_chunk->words;
    }
}

static bool old_is_scanned(const Collector *c)
{
    return c->old_scan == NULL
           || (c->old_scan == c->old_to && c->old_scan_chunk->next == NULL);
}

static void scan_all(Collector *c)
{
    // Both scans take turns: either can move what the other has to look at.
    while (c->scan < c->to || !old_is_scanned(c)) {
        while (c->scan < c->to) c->scan = scan_word(c, c->scan);
        scan_old(c);
    }
}

// ---- roots ----

// Return addresses on a stack and TERM_NONE have a header's tag: they are
// passed over without asking what they are.
static void visit_range(GcVisit v, void *context, Term *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!term_is_immediate(from[i]) && !term_is_header(from[i]))
            v(context, from + i);
}

static void visit_mailbox(Process *p, bool young_only, GcVisit v,
                          void *context)
{
    Mailbox *m = &p->mailbox;
    // What came before [young] refers to the old space only. Holes are
    // TERM_NONE and skipped.
    size_t from = young_only ? m->young : m->head;
    if (m->beside == NULL) {
        visit_range(v, context, m->slots + from, m->tail - from);
        return;
    }
    for (size_t i = from; i < m->tail; i++) {
        // Nothing refers to what lies off the heap, and it to nothing on it.
        if (m->beside[i].fragments == NULL)
            visit_range(v, context, m->slots + i, 1);
        visit_range(v, context, &m->beside[i].token, 1);
    }
}

static void visit_process(Process *p, Term *x, unsigned live, GcVisit v,
                          void *context)
{
    // The whole stack each time: frames do not say whether they changed.
    visit_range(v, context, x, live);
    visit_range(v, context, p->stack, (size_t)(p->stack_base - p->stack));
    // Every term that lives in the control block itself must stand here. Those
    // in memory of their own (dictionary, mailbox) follow; what relations and
    // timers hold are copies of their own.
    Term *own[] = {&p->exception_class, &p->exception_value,
                   &p->exception_trace, &p->exit_reason, &p->group_leader,
                   &p->parent, &p->seq_token, &p->answer,
                   &p->initial_call[0], &p->initial_call[1],
                   &p->initial_call[2]};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        visit_range(v, context, own[i], 1);
    if (p->dictionary != NULL) {
        size_t n;
        Term *words = dictionary_words(p->dictionary, &n);
        visit_range(v, context, words, n);
    }
}

void gc_visit_roots(Process *p, Term *x, unsigned live, GcVisit v,
                    void *context)
{
    visit_process(p, x, live, v, context);
    visit_mailbox(p, false, v, context);
}

static void visit_root(void *context, Term *root)
{
    visit(context, root);
}

// ---- counted things ----
// A counted box that was not moved is garbage, and with it one reference to
// what it counts. The lists are walked after the scan, when that is known, and
// before the old blocks are freed, for the boxes still lie there.

// Where a counted box has moved to; NULL when nothing refers to it any more.
static Term *moved_to(const Term *box)
{
    return term_is_header(*box) ? NULL : term_box_ptr(*box);
}

static bool is_in_new_space(const Collector *c, const Term *t)
{
    return (uintptr_t)t - c->new_space < c->new_bytes;
}

// Behind the last one that was kept, or to the front of [list]: so the order of
// a list stays, which process_info shows.
static void append_counted(Term **list, Term **last, Term *box)
{
    Term *next = *last == NULL ? *list : (Term *)(*last)[COUNTED_NEXT].bits;
    box[COUNTED_NEXT].bits = (uintptr_t)next;
    if (*last == NULL)
        *list = box;
    else
        (*last)[COUNTED_NEXT].bits = (uintptr_t)box;
    *last = box;
}

// The list goes by where the box lies by now: a minor collection must find all
// young ones in the heap's list, and only those.
static void keep_counted(Collector *c, Term *box)
{
    Process *p = c->p;
    bool is_blob = header_subtag(*box) == SUBTAG_COUNTED;
    if (p->old == NULL || (!c->full && is_in_new_space(c, box))) {
        append_counted(&p->heap.counted, &c->young_last, box);
        return;
    }
    // For the limit that makes a full one due.
    if (is_blob) p->old->counted_bytes += box[COUNTED_SIZE].bits;
    append_counted(&p->old->counted, &c->old_last, box);
}

// Goes through a list of before the collection: what has moved is kept, the
// rest released.
static void sweep_counted(Collector *c, Term *box)
{
    while (box != NULL) {
        Term *next = (Term *)box[COUNTED_NEXT].bits;
        Term *moved = moved_to(box);
        if (moved != NULL)
            keep_counted(c, moved);
        else
            counted_release((Counted *)box[COUNTED_OBJECT].bits);
        box = next;
    }
}

// ---- fragments ----

static int compare_ranges(const void *a, const void *b)
{
    uintptr_t x = ((const Range *)a)->base, y = ((const Range *)b)->base;
    return x < y ? -1 : x > y;
}

// Words in use in fragments.
static size_t fragment_words(const Heap *h)
{
    size_t n = 0;
    for (const Fragment *f = h->fragments; f != NULL; f = f->next)
        n += f->used;
    return n;
}

static void list_fragments(Collector *c, const Fragment *first)
{
    size_t n = 0;
    for (const Fragment *f = first; f != NULL; f = f->next) n++;
    c->fragment_count = n;
    if (n == 0) return;
    c->fragments = memory_alloc(n * sizeof(Range));
    n = 0;
    for (const Fragment *f = first; f != NULL; f = f->next)
        c->fragments[n++] = (Range){(uintptr_t)f->words,
                                    f->used * sizeof(Term)};
    // For the search by halves.
    if (n > 1) qsort(c->fragments, n, sizeof(Range), compare_ranges);
    const Range *last = &c->fragments[n - 1];
    c->all.base = c->fragments[0].base;
    c->all.bytes = last->base + last->bytes - c->all.base;
}

// ---- the two collections ----

static void begin(Collector *c, Process *p, bool full)
{
    *c = (Collector){.p = p, .literals = p->node->literals, .full = full};
    c->pages = process_pages(p);
    if (full) c->young_bytes = UINTPTR_MAX;
    // [used] of the newest fragment stands from here on.
    heap_close_fragment(&p->heap);
    const Fragment *fixed = off_heap_fixed(p);
    list_fragments(c, full ? fixed : p->heap.fragments);
}

// Whether the message at index [i] refers to nothing that could ever move.
static bool is_settled(const Mailbox *m, size_t i)
{
    Term t = m->slots[i];
    bool here = !term_is_immediate(t) && !term_is_header(t);
    return (!here || mailbox_fragments(m, i) != NULL)
           && term_is_immediate(mailbox_token(m, i));
}

// Messages that were there at the collection before this one are old now, if
// the nursery lets terms grow old; those in front of [young] have been already.
static void age_messages(Mailbox *m, bool generational)
{
    if (generational) m->young = m->aged;
    m->aged = m->tail;
    // A long queue off the heap is gone through once.
    while (m->young < m->aged && is_settled(m, m->young)) m->young++;
}

static void collect_minor(Process *p, size_t need, Term *x, unsigned live)
{
    Collector c;
    Heap *h = &p->heap;
    begin(&c, p, false);
    c.young = (uintptr_t)p->nursery;
    c.young_bytes = (uintptr_t)h->top - c.young;
    // Without generations nothing lies below the mark: all goes to the next
    // block.
    bool grow_old = p->nursery_size >= GENERATIONAL_LEAST;
    if (grow_old) c.grown_bytes = (uintptr_t)p->nursery_mark - c.young;
    // An upper bound: what is young and does not grow old, and fragments.
    size_t fresh = (size_t)(h->top - p->nursery_mark) + fragment_words(h);
    size_t most = (c.young_bytes - c.grown_bytes) / sizeof(Term)
                  + fragment_words(h);
    size_t grown_before = old_space_used(p->old);
    // Nearly all will live: to copy it twice would be for nothing.
    bool all = grow_old && p->keeps_most;
    if (all) {
        c.grown_bytes = UINTPTR_MAX; // fragments, too
        most = 0;
    }
    size_t room = most + need;
    // A full-sized nursery keeps its size free besides what survives.
    if (p->nursery_size >= NURSERY_MOST && need < p->nursery_size)
        room = most + p->nursery_size;
    if (room < p->nursery_size) room = p->nursery_size;
    room = page_round(room);
    Term *block = page_take(c.pages, room);
    c.new_space = (uintptr_t)block;
    c.new_bytes = room * sizeof(Term);
    c.to = c.scan = block;
    open_old(&c);
    visit_process(p, x, live, visit_root, &c);
    visit_mailbox(p, true, visit_root, &c);
    scan_all(&c);
    close_old(&c); // before anybody asks for its top
    Term *counted = h->counted;
    // The list is built anew by the sweep; boxes that grow old leave it.
    h->counted = NULL;
    sweep_counted(&c, counted);
    // From here on nothing may look at what was not moved.
    nursery_give(p, c.pages);
    heap_free_fragments(&h->fragments);
    h->fragment_words = 0;
    free(c.fragments);
    nursery_set(p, block, room, c.to);
    if (all) p->mailbox.aged = p->mailbox.tail;
    age_messages(&p->mailbox, grow_old);
    size_t kept = all ? old_space_used(p->old) - grown_before
                      : (size_t)(c.to - block);
    p->keeps_most = kept >= fresh - fresh / 4;
    p->collections++;
}

// A full collection into one block; with [chunk], that of a new old space.
static void copy_all(Collector *c, Chunk *chunk, Term *block, size_t room,
                     Term *x, unsigned live)
{
    Process *p = c->p;
    c->new_space = (uintptr_t)block;
    c->new_bytes = room * sizeof(Term);
    c->to = c->scan = block;
    visit_process(p, x, live, visit_root, c);
    visit_mailbox(p, false, visit_root, c);
    scan_all(c);
    Term *young = p->heap.counted;
    OldSpace *old = p->old;
    Term *grown = old == NULL ? NULL : old->counted;
    Chunk *chunks = old == NULL ? NULL : old->first;
    Fragment *adopted = old == NULL ? NULL : old->adopted;
    p->heap.counted = NULL;
    // Into a nursery: there is no old space any more.
    if (chunk == NULL) {
        free(old);
        p->old = NULL;
    } else {
        // Before the sweep, which puts boxes on the list of the new one.
        if (old == NULL) p->old = old_space_new();
        old_space_restart(p->old, chunk);
        chunk->top = c->to;
    }
    sweep_counted(c, young);
    sweep_counted(c, grown);
    old_space_free_chunks(c->pages, chunks); // all that lived in them has moved
    heap_free_fragments(&adopted);
    heap_free_fragments(&p->heap.fragments);
    free(c->fragments);
    p->heap.fragment_words = 0;
}

// Words that may live at most.
static size_t words_at_most(const Process *p)
{
    return (size_t)(p->heap.top - p->nursery) + fragment_words(&p->heap)
           + old_space_used(p->old);
}

// Full, with all that lives in a new nursery: for small heaps.
static void collect_into_nursery(Process *p, size_t room, Term *x,
                                 unsigned live)
{
    Collector c;
    begin(&c, p, true);
    // Back into the process's own block, if it fits: a process that rests costs
    // no pages besides.
    bool back = room <= FIRST_HEAP && p->nursery != nursery_first(p);
    room = back ? FIRST_HEAP : page_round(room);
    Term *block = back ? nursery_first(p) : page_take(c.pages, room);
    copy_all(&c, NULL, block, room, x, live);
    nursery_give(p, c.pages);
    nursery_set(p, block, room, c.to);
    // All is in the nursery: messages are young again.
    p->mailbox.young = p->mailbox.head;
    p->mailbox.aged = p->mailbox.tail;
    p->collections = 0;
}

// Full, with all that lives in one chunk of a new old space. The nursery is
// empty then, and goes on where it was if [need] fits.
static void collect_into_chunk(Process *p, size_t need, Term *x, unsigned live)
{
    Collector c;
    begin(&c, p, true);
    // For the worst case, that all lives; what is not used goes back below.
    size_t before = words_at_most(p);
    Chunk *chunk = old_space_chunk(c.pages, before);
    size_t room = chunk->room - CHUNK_HEADER;
    copy_all(&c, chunk, chunk->words, room, x, live);
    page_trim((Term *)chunk, (size_t)(chunk->top - (Term *)chunk),
              chunk->room);
    old_space_set_limits(p->old, before);
    size_t wanted = p->nursery_size < need ? need : p->nursery_size;
    if (p->nursery_room < wanted) {
        nursery_give(p, c.pages);
        p->nursery_room = page_round(wanted);
        p->nursery = page_take(c.pages, p->nursery_room);
    }
    nursery_set(p, p->nursery, p->nursery_room, p->nursery);
    // All that they hold is old.
    p->mailbox.young = p->mailbox.aged = p->mailbox.tail;
    p->collections = 0;
}

static void collect_full(Process *p, size_t need, Term *x, unsigned live)
{
    heap_close_fragment(&p->heap);
    size_t most = words_at_most(p);
    // No old space to keep, and little to copy: a single block does.
    if (p->old == NULL && most + need < 2 * GENERATIONAL_LEAST)
        collect_into_nursery(p, most + need, x, live);
    else
        collect_into_chunk(p, need, x, live);
}

static bool wants_full(const Process *p)
{
    // Asked for by garbage_collect, or by fullsweep_after of the process; the
    // limits are the common reason.
    if (p->flags & PROCESS_WANTS_FULL) return true;
    if (p->collections >= p->fullsweep_after) return true;
    if (p->old == NULL) return false;
    return old_space_used(p->old) > p->old->limit
           || p->old->counted_bytes > p->old->counted_limit;
}

// Ten milliseconds or more of copying: for less, the other cache is dearer.
bool gc_is_long(const Process *p)
{
    enum { LONG = 1 << 22 }; // words
    return p->heap.fragment_words > LONG
           || (gc_heap_used(p) > LONG
               && (p->flags & PROCESS_WANTS_SHRINK || wants_full(p)));
}

static void add_to(atomic_size_t *sum, size_t n)
{
    size_t now = atomic_load_explicit(sum, memory_order_relaxed) + n;
    atomic_store_explicit(sum, now, memory_order_relaxed);
}

// What a BIF has just built mostly lives: it waits until there is several times
// as much, so that large results are not copied one by one.
bool gc_fragments_are_many(Process *p)
{
    // Only at first and without max_heap: a limit is to be kept to the word.
    enum { FACTOR = 4, MOST = 1 << 28 };
    size_t words = p->heap.fragment_words;
    bool many = p->fragments_most > FRAGMENTS_LEAST || p->max_heap != 0
                || words > MOST / FACTOR;
    if (!many) p->fragments_most = (uint32_t)(FACTOR * words);
    return many;
}

// [before] words were in use when the collection began.
static void finish(Process *p, size_t need, size_t before)
{
    Scheduler *s = process_home(p);
    size_t after = gc_heap_used(p);
    add_to(&s->collections, 1);
    if (before > after) add_to(&s->reclaimed, before - after);
    nursery_adapt(p, need);
    nursery_set_limit(p, need);
    p->heap.counted_bytes = 0; // counted anew from here
    p->fragments_most = FRAGMENTS_LEAST;
    p->flags &= ~(uint32_t)(PROCESS_WANTS_GC | PROCESS_WANTS_FULL
                            | PROCESS_WANTS_SHRINK);
    // Last: it may log, and end the process.
    if (p->max_heap != 0 && gc_heap_size(p) > p->max_heap)
        process_heap_exceeded(p);
}

// When the collection begins, if somebody wants to know; else 0.
static int64_t start_watching(const Process *p)
{
    // The clock is not read for nobody.
    if (!watch_is_on(p->node, WATCH_LONG_GC | WATCH_LARGE_HEAP)) return 0;
    return watch_collects(p);
}

// To tracers and watchers, of a collection of [before] words.
static void tell_end(Process *p, Term event, size_t before, int64_t began)
{
    if (p->flags & PROCESS_TRACED)
        trace_collected(p, event, before - gc_heap_used(p));
    if (began != 0) watch_collected(p, clock_monotonic() - began);
}

void gc_collect(Process *p, size_t need, Term *x, unsigned live)
{
    MicrostateKind state = microstate_enter_here(MICROSTATE_GC);
    size_t before = gc_heap_used(p);
    bool full = wants_full(p);
    int64_t began = start_watching(p);
    if (p->flags & PROCESS_TRACED)
        trace_collected(p, full ? ATOM_gc_major_start : ATOM_gc_minor_start,
                        need);
    if (full)
        collect_full(p, need, x, live);
    else
        collect_minor(p, need, x, live);
    finish(p, need, before);
    tell_end(p, full ? ATOM_gc_major_end : ATOM_gc_minor_end, before, began);
    microstate_enter_here(state);
}

// The last of [link] and those behind it, of which [*words] are in use.
static Fragment **last_link(Fragment **link, size_t *words)
{
    for (; *link != NULL; link = &(*link)->next) *words += (*link)->used;
    return link;
}

void gc_adopt(Process *p, Heap *from)
{
    if (p->old == NULL) p->old = old_space_new();
    OldSpace *old = p->old;
    heap_close_fragment(from);
    // They keep their places: [moves] answers no for them in a minor
    // collection, since they are neither nursery nor fragments of the heap.
    *last_link(&from->fragments, &old->used) = old->adopted;
    old->adopted = from->fragments;
    Term *last = from->counted;
    // Newest first as ever: the end of the short list gets the long one.
    if (last != NULL) {
        while (last[COUNTED_NEXT].bits != 0)
            last = (Term *)last[COUNTED_NEXT].bits;
        last[COUNTED_NEXT].bits = (uintptr_t)old->counted;
        old->counted = from->counted;
    }
    old->counted_bytes += from->counted_bytes;
    heap_init(from);
    // Cannot be done here: a BIF may hold terms.
    if (wants_full(p) || p->max_heap != 0) p->flags |= PROCESS_WANTS_GC;
}

void gc_join(Process *p, Heap *from)
{
    // Already in one piece and large: a copy would cost more than it gives.
    if (from->fragment_words >= ADOPTED_OLD) {
        gc_adopt(p, from);
        return;
    }
    // Fragments: the next collection brings them home.
    heap_adopt(&p->heap, from);
    // As much again as the nursery: time for one.
    if (p->heap.fragment_words > p->nursery_size)
        p->flags |= PROCESS_WANTS_GC;
}

void gc_full(Process *p, Term *x, unsigned live)
{
    MicrostateKind state = microstate_enter_here(MICROSTATE_GC);
    heap_close_fragment(&p->heap);
    size_t most = words_at_most(p), before = gc_heap_used(p);
    int64_t began = start_watching(p);
    if (p->flags & PROCESS_TRACED) trace_collected(p, ATOM_gc_major_start, 0);
    // What it asked to have it keeps, unless it hibernates.
    size_t least = p->flags & PROCESS_HIBERNATED || p->min_heap < FIRST_HEAP
                       ? FIRST_HEAP : p->min_heap;
    collect_into_nursery(p, most < least ? least : most, x, live);
    size_t used = (size_t)(p->heap.top - p->nursery);
    if (p->nursery_room > 2 * used + least && most > least)
        collect_into_nursery(p, used + used / 4
                                    + (least > FIRST_HEAP ? least : 16),
                             x, live);
    // It begins from the start, as one that was just spawned.
    p->nursery_size = least;
    gc_shrink_stack(p);
    finish(p, 0, before);
    tell_end(p, ATOM_gc_major_end, before, began);
    microstate_enter_here(state);
}

// ---- life ----

void gc_init(Process *p)
{
    Heap *h = &p->heap;
    heap_init(h);
    p->nursery = nursery_first(p);
    p->nursery_room = FIRST_HEAP;
    p->nursery_size = FIRST_HEAP;
    p->nursery_mark = p->nursery;
    p->fragments_most = FRAGMENTS_LEAST;
    h->top = p->nursery;
    h->limit = p->nursery + FIRST_HEAP;
    gc_init_stack(p);
}

void gc_free(Process *p)
{
    PageCache *pages = process_pages(p);
    heap_free(&p->heap);
    if (p->old != NULL) old_space_free(p->old, pages);
    p->old = NULL;
    nursery_give(p, pages);
    gc_free_stack(p);
}

size_t gc_heap_used(const Process *p)
{
    const Heap *h = &p->heap;
    // While a fragment is current the block's top stands in main_top.
    const Term *top = h->main_limit != NULL ? h->main_top : h->top;
    return (size_t)(top - p->nursery) + h->fragment_words
           + old_space_used(p->old);
}

size_t gc_heap_size(const Process *p)
{
    return p->nursery_room + p->heap.fragment_words + old_space_size(p->old);
}
