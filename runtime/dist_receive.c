// SPDX-License-Identifier: Apache-2.0
// Receiving from other nodes: the headers of packets, the atoms they bring or
// refer to, and packets that come in fragments.
//
//     131 68 atoms control payload            a whole packet
//     131 69 sequence fragment atoms bytes    first of so many fragments
//     131 70 sequence fragment bytes          the others, down to 1
//     112 131 control 131 payload             of a node that knows no headers
//
// Nothing here is trusted: what makes no sense ends the connection.
//
// Runs on the loop's thread, one packet of an entry at a time. The atom cache
// is the sender's: it says which slot gets which atom, and refers to slots by
// number.
#include <stdlib.h>

#include "bytes.h"
#include "dist.h"
#include "external.h"

enum {
    CACHE_SIZE = 2048, // eight segments of 256
    ATOMS_MOST = 255,  // of one packet
    PASS_THROUGH = 112,
    WHOLE = 68,
    FIRST_FRAGMENT = 69,
    NEXT_FRAGMENT = 70,
    FRAGMENT_HEADER = 16, // two numbers
    LISTS = 64            // that packets in fragments are kept in
};

typedef struct Fragments Fragments;
struct Fragments {
    Fragments *next;
    uint64_t sequence, left; // how many fragments are yet to come
    Buffer bytes;            // gathered so far
    size_t atom_count;       // of the first fragment's header
    Term atoms[];
};

struct DistInput {
    Term cache[CACHE_SIZE]; // TERM_NONE: no atom yet
    Fragments *fragments[LISTS]; // that wait for more, by their sequence
};

// A packet as far as it is read.
typedef struct {
    const uint8_t *p, *end;
    const Term *atoms; // that ATOM_CACHE_REF means
    size_t atom_count;
} Reader;

static void free_fragments(Fragments *f)
{
    buffer_free(&f->bytes);
    free(f);
}

void dist_free_input(DistInput *input)
{
    if (input == NULL) return;
    for (size_t i = 0; i < LISTS; i++)
        while (input->fragments[i] != NULL) {
            Fragments *f = input->fragments[i];
            input->fragments[i] = f->next;
            free_fragments(f);
        }
    free(input);
}

static size_t left(const Reader *r)
{
    return (size_t)(r->end - r->p);
}

// ---- atoms ----

// Long forms have two bytes of length.
static bool read_new_atom(Reader *r, AtomTable *atoms, bool is_long, Term *t)
{
    size_t bytes = is_long ? 2 : 1;
    if (left(r) < bytes) return false;
    size_t size = is_long ? (size_t)r->p[0] << 8 | r->p[1] : r->p[0];
    r->p += bytes;
    if (left(r) < size) return false;
    *t = atom_new(atoms, (const char *)r->p, size);
    r->p += size;
    return !term_is_none(*t);
}

// The atoms that the packet refers to. Each has four bits before all of them:
// the cache's segment, and whether it is a new one; the last four bits say
// whether texts may be long.
static bool read_atoms(Reader *r, DistInput *input, AtomTable *atoms,
                       Term *to)
{
    if (left(r) < 1) return false;
    // Half a byte each, and one half more.
    size_t count = *r->p++, bytes = count / 2 + 1;
    r->atoms = to;
    r->atom_count = count;
    if (count == 0) return true;
    if (left(r) < bytes) return false;
    const uint8_t *flags = r->p;
    r->p += bytes;
    // The half behind the last atom's.
    bool is_long = (flags[count / 2] >> 4 * (count % 2)) & 1;
    for (size_t i = 0; i < count; i++) {
        unsigned flag = flags[i / 2] >> 4 * (i % 2) & 15;
        if (left(r) < 1) return false;
        Term *slot = &input->cache[(flag & 7) << 8 | *r->p++];
        if (flag & 8 && !read_new_atom(r, atoms, is_long, slot)) return false;
        // Refers to a slot that was never filled.
        if (term_is_none(*slot)) return false;
        to[i] = *slot;
    }
    return true;
}

// ---- what is in it ----

static Term decode(DistEntry *e, Reader *r, Heap *h, bool version)
{
    size_t used = 0;
    ExternalInput input = {.no_version = !version, .cached = r->atoms,
                           .cached_count = r->atom_count};
    Term t = external_decode(e->dist->node, h, r->p, left(r), &input, &used);
    r->p += used;
    return t;
}

// The control message and, if there is more, its payload.
static bool run(DistEntry *e, Reader *r, bool version)
{
    // The signal that it becomes: the terms lie where they are needed.
    Signal *s = signal_new(SIGNAL_MESSAGE, TERM_NONE);
    DistCommand c = {.entry = e, .payload = TERM_NONE, .signal = s};
    c.control = decode(e, r, &s->heap, version);
    bool good = !term_is_none(c.control) && term_is_tuple(c.control)
                && term_arity(c.control) > 0;
    if (good && left(r) > 0) {
        c.payload = decode(e, r, &s->heap, version);
        // Nothing may follow the payload.
        c.damaged = term_is_none(c.payload) || left(r) > 0;
        if (c.damaged) c.payload = TERM_NONE;
    }
    if (!good) {
        signal_free(s);
        return false;
    }
    c.arity = term_arity(c.control);
    return dist_control(&c);
}

// ---- fragments ----

// One for each process that sends something large: mostly few at a time.
static Fragments **find(DistInput *input, uint64_t sequence)
{
    Fragments **at = &input->fragments[sequence % LISTS];
    while (*at != NULL && (*at)->sequence != sequence) at = &(*at)->next;
    return at;
}

// The fragments are all there: what they are together.
static bool finish(DistEntry *e, Fragments **at)
{
    // Out of the list first: running may end the connection.
    Fragments *f = *at;
    *at = f->next;
    Reader r = {f->bytes.bytes, f->bytes.bytes + f->bytes.size, f->atoms,
                f->atom_count};
    bool good = f->bytes.size > 0 && run(e, &r, false);
    free_fragments(f);
    return good;
}

static bool begin(DistEntry *e, Reader *r, uint64_t sequence, uint64_t count)
{
    Term atoms[ATOMS_MOST];
    if (!read_atoms(r, e->input, e->dist->node->atoms, atoms)) return false;
    // Room for its atoms only: there may be many.
    size_t bytes = r->atom_count * sizeof *atoms;
    Fragments *f = memory_zeroed(1, sizeof *f + bytes);
    memcpy(f->atoms, atoms, bytes);
    f->atom_count = r->atom_count;
    f->sequence = sequence;
    f->left = count;
    Fragments **list = &e->input->fragments[sequence % LISTS];
    f->next = *list;
    *list = f;
    return true;
}

static bool take_fragment(DistEntry *e, Reader *r, bool first)
{
    if (left(r) < FRAGMENT_HEADER) return false;
    uint64_t sequence = bytes_read(r->p, 8);
    uint64_t number = bytes_read(r->p + 8, 8);
    r->p += FRAGMENT_HEADER;
    // A first one of a known sequence, or another of an unknown one, is wrong.
    Fragments **at = find(e->input, sequence);
    if (number == 0 || first != (*at == NULL)) return false;
    if (first && !begin(e, r, sequence, number)) return false;
    if (first) at = find(e->input, sequence);
    // They come in order, counting down.
    if ((*at)->left != number) return false;
    buffer_add(&(*at)->bytes, r->p, left(r));
    return --(*at)->left > 0 || finish(e, at);
}

// ---- packets ----

bool dist_receive(DistEntry *e, const uint8_t *bytes, size_t size)
{
    Reader r = {bytes, bytes + size, NULL, 0};
    Term atoms[ATOMS_MOST];
    if (e->input == NULL) e->input = memory_zeroed(1, sizeof *e->input);
    // Each term has its version byte then, and there are no atoms before.
    if (bytes[0] == PASS_THROUGH) {
        r.p++;
        return run(e, &r, true);
    }
    if (size < 2 || bytes[0] != EXTERNAL_VERSION) return false;
    r.p += 2;
    switch (bytes[1]) {
    case WHOLE:
        return read_atoms(&r, e->input, e->dist->node->atoms, atoms)
               && run(e, &r, false);
    case FIRST_FRAGMENT: return take_fragment(e, &r, true);
    case NEXT_FRAGMENT: return take_fragment(e, &r, false);
    default: return false;
    }
}
