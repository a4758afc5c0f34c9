// SPDX-License-Identifier: Apache-2.0
// Dictionary: linear probing over pairs of words; the room is a power of two
// and at most three quarters full. Taking out moves later pairs back, so there
// are no tombstones.
#include "dictionary.h"

#include <stdlib.h>

#include "compare.h"
#include "hash.h"
#include "memory.h"

// SMALL_ROOM: of those that people look at.
enum { LEAST_ROOM = 8, SMALL_ROOM = 64 };

struct Dictionary {
    size_t count;   // pairs in use
    size_t room;    // pairs there are; a power of two
    unsigned shift; // leaves of a hash of 64 bits those that count to room
    Term *pairs;    // 2 * room words
};

// In a small dictionary, the kind that people look at, small integers and atoms
// made one after the other lie side by side, as they do in OTP's: get() shows
// them in that order, the last first. In a large one they are spread, so that
// no pattern among them makes long runs.
static inline size_t home_of(const Dictionary *d, Term key)
{
    size_t mask = d->room - 1;
    if (!term_is_immediate(key)) return hash_internal(key) & mask;
    // The golden section's multiples lie as far apart as can be, so integers in
    // a row hardly ever meet.
    if (d->room > SMALL_ROOM)
        return (key.bits >> TAG_IMMEDIATE_BITS) * 0x9E3779B97F4A7C15u
               >> d->shift;
    if (term_is_small(key)) return (size_t)term_small_value(key) & mask;
    if (term_is_atom(key)) return term_atom_index(key) & mask;
    return key.bits >> TAG_IMMEDIATE_BITS & mask;
}

// The pair that holds [key], or the vacant one where it would go.
// Terms are compared, so no pair moves when the heap does.
static inline size_t find(const Dictionary *d, Term key)
{
    size_t i = home_of(d, key), mask = d->room - 1;
    const Term *pairs = d->pairs;
    // Nothing but the same word equals an immediate, which most keys are.
    if (term_is_immediate(key)) {
        while (!term_same(pairs[2 * i], key) && !term_is_none(pairs[2 * i]))
            i = (i + 1) & mask;
        return i;
    }
    while (!term_is_none(pairs[2 * i]) && !term_exact_equal(pairs[2 * i], key))
        i = (i + 1) & mask;
    return i;
}

static void set_room(Dictionary *d, size_t room)
{
    Term *old = d->pairs;
    size_t old_room = d->room;
    d->pairs = memory_zeroed(2 * room, sizeof(Term));
    d->room = room;
    d->shift = 64 - (unsigned)__builtin_ctzl(room);
    for (size_t i = 0; i < old_room; i++) {
        if (term_is_none(old[2 * i])) continue;
        size_t at = find(d, old[2 * i]);
        d->pairs[2 * at] = old[2 * i];
        d->pairs[2 * at + 1] = old[2 * i + 1];
    }
    free(old);
}

// A vacant pair's value is TERM_NONE.
Term dictionary_get(const Dictionary *d, Term key)
{
    if (d == NULL) return TERM_NONE;
    return d->pairs[2 * find(d, key) + 1];
}

Term dictionary_put(Process *p, Term key, Term value)
{
    Dictionary *d = p->dictionary;
    if (d == NULL) {
        d = p->dictionary = memory_zeroed(1, sizeof *d);
        set_room(d, LEAST_ROOM);
    }
    size_t i = find(d, key);
    Term *pair = d->pairs + 2 * i;
    Term old = pair[1];
    if (term_is_none(pair[0])) {
        if (4 * (d->count + 1) > 3 * d->room) {
            set_room(d, 2 * d->room);
            pair = d->pairs + 2 * find(d, key);
        }
        pair[0] = key;
        d->count++;
    }
    pair[1] = value;
    return old;
}

// Closes the gap at [gap]: a later pair moves into it unless its home lies
// behind the gap.
static void close_gap(Dictionary *d, size_t gap)
{
    size_t mask = d->room - 1;
    for (size_t i = (gap + 1) & mask; !term_is_none(d->pairs[2 * i]);
         i = (i + 1) & mask) {
        size_t home = home_of(d, d->pairs[2 * i]);
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        d->pairs[2 * gap] = d->pairs[2 * i];
        d->pairs[2 * gap + 1] = d->pairs[2 * i + 1];
        gap = i;
    }
    d->pairs[2 * gap] = d->pairs[2 * gap + 1] = TERM_NONE;
}

Term dictionary_erase(Process *p, Term key)
{
    Dictionary *d = p->dictionary;
    if (d == NULL) return TERM_NONE;
    size_t i = find(d, key);
    Term old = d->pairs[2 * i + 1];
    if (term_is_none(d->pairs[2 * i])) return TERM_NONE;
    d->count--;
    close_gap(d, i);
    return old;
}

void dictionary_clear(Process *p)
{
    dictionary_free(p->dictionary);
    p->dictionary = NULL;
}

size_t dictionary_count(const Dictionary *d)
{
    return d == NULL ? 0 : d->count;
}

Term *dictionary_words(Dictionary *d, size_t *n)
{
    *n = 2 * d->room;
    return d->pairs;
}

Term dictionary_to_list(const Dictionary *d, Heap *h)
{
    Term list = TERM_NIL;
    for (size_t i = 0; d != NULL && i < d->room; i++) {
        const Term *pair = d->pairs + 2 * i;
        if (!term_is_none(pair[0]))
            list = heap_cons(h, heap_tuple2(h, pair[0], pair[1]), list);
    }
    return list;
}

void dictionary_free(Dictionary *d)
{
    if (d == NULL) return;
    free(d->pairs);
    free(d);
}
