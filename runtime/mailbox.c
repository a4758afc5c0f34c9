// SPDX-License-Identifier: Apache-2.0
// Mailbox: the array of messages.
//
// Indices are relative to the array as it is now; places that outlive a move
// are counted from the first message ever ([passed] + index).
//
// Invariants: head <= save <= tail <= room; slots[head] is a message unless the
// queue is empty; head <= young, head <= aged.
#include "mailbox.h"

#include <stdlib.h>

#include "memory.h"

// Taking a message from behind at most this many others moves those up by one
// instead of leaving a hole.
enum { MOVED_MOST = 16 };

// Markers but for the newest; more than these are seldom open at a time.
enum { MARKERS_MORE = 7 };

struct MailboxMarkers {
    unsigned count; // those in use stand first, oldest first
    MailboxMarker entries[MARKERS_MORE];
};

void mailbox_init(Mailbox *m)
{
    atomic_init(&m->inbox, NULL);
    m->held = NULL;
    m->damaged = NULL;
    m->slots = m->own;
    m->room = MAILBOX_OWN;
    m->head = m->tail = m->save = m->young = m->aged = 0;
    m->passed = 0;
    m->count = 0;
    // All zeros is no reference: ref.h never makes it.
    m->marker = (MailboxMarker){{0, 0}, 0};
    m->markers = NULL;
    m->seen = MAILBOX_UNSEEN;
    m->beside = NULL;
    m->tokens = false;
}

static const MailboxBeside nothing = {.token = {TAG_NIL}};

static void drop_beside(Mailbox *m)
{
    free(m->beside);
    m->beside = NULL;
    m->tokens = false;
}

void mailbox_forget_tokens(Mailbox *m)
{
    for (size_t i = m->head; m->beside != NULL && i < m->tail; i++)
        m->beside[i].token = TERM_NIL;
    m->tokens = false;
}

// What is beside follows its messages.
static void move_beside(Mailbox *m, size_t to, size_t from, size_t n)
{
    if (m->beside != NULL)
        memmove(m->beside + to, m->beside + from, n * sizeof *m->beside);
}

// Of what nobody has received.
static void free_fragments(Mailbox *m)
{
    for (size_t i = m->head; i < m->tail; i++) {
        Heap h = {.fragments = m->beside[i].fragments,
                  .counted = m->beside[i].counted};
        heap_free(&h);
    }
}

void mailbox_free(Mailbox *m)
{
    if (m->slots != m->own) free(m->slots);
    m->slots = m->own;
    if (m->beside != NULL) free_fragments(m);
    drop_beside(m);
    free(m->markers);
    m->markers = NULL;
}

// Moves the messages to the start of the array.
// The front was taken: half of the array is free then, so each message is moved
// once at most for each that was taken.
static void move_down(Mailbox *m)
{
    size_t by = m->head;
    memmove(m->slots, m->slots + by, (m->tail - by) * sizeof(Term));
    move_beside(m, 0, by, m->tail - by);
    m->head = 0;
    m->tail -= by;
    m->save -= by;
    // Borders below the front are at the front.
    m->young -= by < m->young ? by : m->young;
    m->aged -= by < m->aged ? by : m->aged;
    m->passed += by;
}

// From the process to malloc once, then half as much more each time.
static void grow(Mailbox *m)
{
    if (m->slots == m->own) {
        m->room = 4 * MAILBOX_OWN;
        m->slots = memory_alloc(m->room * sizeof(Term));
        memcpy(m->slots, m->own, sizeof m->own);
    } else {
        m->slots = memory_grow(m->slots, &m->room, 0, sizeof(Term));
    }
    // In step with the slots, always.
    if (m->beside != NULL)
        m->beside = memory_resize(m->beside, m->room * sizeof *m->beside);
}

void mailbox_append(Mailbox *m, Term message)
{
    if (m->tail == m->room) {
        // Room is made at the front if that is worth it, else at the end.
        if (m->head > m->room / 2)
            move_down(m);
        else
            grow(m);
    }
    if (m->beside != NULL) m->beside[m->tail] = nothing;
    m->slots[m->tail++] = message;
    m->count++;
}

void mailbox_append_beside(Mailbox *m, Term message, MailboxBeside beside)
{
    mailbox_append(m, message);
    mailbox_replace(m, m->tail - 1, message, beside);
}

void mailbox_replace(Mailbox *m, size_t i, Term message, MailboxBeside beside)
{
    m->slots[i] = message;
    if (m->beside == NULL) {
        if (term_is_nil(beside.token) && beside.fragments == NULL) return;
        // For all that lie there: none of them has anything.
        m->beside = memory_alloc(m->room * sizeof *m->beside);
        for (size_t k = 0; k < m->room; k++) m->beside[k] = nothing;
    }
    m->beside[i] = beside;
    m->tokens |= !term_is_nil(beside.token);
}

// Holes lie between messages that earlier receives passed over.
void mailbox_skip_holes(Mailbox *m)
{
    while (m->save < m->tail && term_is_none(m->slots[m->save])) m->save++;
}

// An emptied mailbox starts from the beginning, and gives a large array back.
static void empty(Mailbox *m)
{
    // So that markers of before stay behind what comes.
    m->passed += m->tail;
    m->head = m->tail = m->save = m->young = m->aged = 0;
    drop_beside(m);
    // A flood leaves no large array behind.
    if (m->room <= MAILBOX_KEPT) return;
    free(m->slots);
    m->slots = m->own;
    m->room = MAILBOX_OWN;
}

// One that is too low only looks at more messages.
static void lower_marker(MailboxMarker *marker, uint64_t most)
{
    if (marker->at > most) marker->at = most;
}

// Takes the last message, and holes before it, away from the end. What comes
// next stands where markers are not to pass it.
static void drop_last(Mailbox *m)
{
    do {
        m->tail--;
    } while (term_is_none(m->slots[m->tail - 1]));
    if (m->young > m->tail) m->young = m->tail;
    if (m->aged > m->tail) m->aged = m->tail;
    uint64_t end = m->passed + m->tail;
    lower_marker(&m->marker, end);
    for (unsigned i = 0; m->markers != NULL && i < m->markers->count; i++)
        lower_marker(&m->markers->entries[i], end);
}

void mailbox_take(Mailbox *m)
{
    assert(m->save < m->tail && !term_is_none(m->slots[m->save]));
    assert(mailbox_fragments(m, m->save) == NULL);
    size_t before = m->save - m->head;
    if (before == 0) {
        m->head++; // the common case
    } else if (before <= MOVED_MOST) {
        // A selective receive with few before: the queue stays without holes.
        memmove(m->slots + m->head + 1, m->slots + m->head,
                before * sizeof(Term));
        move_beside(m, m->head + 1, m->head, before);
        m->head++; // what moved up over a border counts as younger
    } else if (m->save + 1 == m->tail) {
        drop_last(m); // there are others before it
    } else {
        // Deep inside: the hole is skipped by whoever comes along.
        m->slots[m->save] = TERM_NONE;
    }
    m->count--;
    if (m->count == 0) {
        empty(m);
        return;
    }
    // The head is no hole again: count is not 0, so the search ends.
    while (term_is_none(m->slots[m->head])) m->head++;
    if (m->young < m->head) m->young = m->head;
    if (m->aged < m->head) m->aged = m->head;
    m->save = m->head;
}

void mailbox_remove(Mailbox *m, size_t i)
{
    m->save = i;
    mailbox_take(m);
}

void mailbox_rewind(Mailbox *m)
{
    m->save = m->head;
}

// Everything that comes after this call has a place at or above it.
uint64_t mailbox_marker_reserve(const Mailbox *m)
{
    return m->passed + m->tail;
}

static void remove_marker(MailboxMarkers *more, unsigned i)
{
    more->count--;
    memmove(more->entries + i, more->entries + i + 1,
            (more->count - i) * sizeof *more->entries);
}

// The newest has its own place: the usual call and answer needs no memory.
void mailbox_marker_bind(Mailbox *m, uint64_t at, RefId ref)
{
    bool vacant = ref_id_same(m->marker.ref, (RefId){0, 0});
    if (!vacant && m->markers == NULL)
        m->markers = memory_zeroed(1, sizeof *m->markers);
    if (!vacant) {
        MailboxMarkers *more = m->markers;
        // The oldest is given up: its receive is slow, not wrong.
        if (more->count == MARKERS_MORE) remove_marker(more, 0);
        more->entries[more->count++] = m->marker;
    }
    m->marker = (MailboxMarker){ref, at};
}

// The latest first: calls end in the order that nests.
static const MailboxMarker *find_marker(const Mailbox *m, RefId ref)
{
    if (ref_id_same(m->marker.ref, ref)) return &m->marker;
    for (unsigned i = m->markers == NULL ? 0 : m->markers->count; i-- > 0;)
        if (ref_id_same(m->markers->entries[i].ref, ref))
            return &m->markers->entries[i];
    return NULL;
}

void mailbox_marker_use(Mailbox *m, RefId ref)
{
    const MailboxMarker *marker = find_marker(m, ref);
    // All before it are gone already, or the marker is: start as usual.
    if (marker == NULL || marker->at <= m->passed) return;
    size_t at = (size_t)(marker->at - m->passed);
    // Only forwards: never back over what this receive has seen.
    if (at > m->save && at <= m->tail) m->save = at;
}

void mailbox_marker_clear(Mailbox *m, RefId ref)
{
    const MailboxMarker *marker = find_marker(m, ref);
    MailboxMarkers *more = m->markers;
    if (marker == NULL) return;
    if (marker != &m->marker) {
        remove_marker(more, (unsigned)(marker - more->entries));
        return;
    }
    m->marker = (MailboxMarker){{0, 0}, 0};
    if (more != NULL && more->count > 0)
        // The next older one is the newest then.
        m->marker = more->entries[--more->count];
}
