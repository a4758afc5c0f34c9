// SPDX-License-Identifier: Apache-2.0
// Relations: linear probing; the room is a power of two and at most three
// quarters full. Removing moves later ones back, so there are no tombstones.
//
// Most processes have none or a few: no table at all, then four entries, then
// twice as many each time. It never shrinks; it goes with the process.
#include "relation.h"

#include <stdlib.h>

#include "copy.h"
#include "identifier.h"
#include "memory.h"

enum { LEAST_ROOM = 4 };

struct Relations {
    size_t count, room; // entries in use; a power of two
    // Of a process that ends: entries up to here are broken, if it was their
    // turn (turn_of).
    uint32_t broken;
    uint8_t turn, turns; // whose turn it is; a bit for each that was seen
    Relation entries[];  // RELATION_NONE: free
};

// In this order they are broken. Links first: who has a link and a monitor
// hears of them so. Other nodes last, for they may let the process wait.
typedef enum {
    TURN_LINK,
    TURN_REST,
    TURN_FAR_LINK,
    TURN_FAR_REST,
    TURN_END
} Turn;

// Multiplied: references count up, so low bits alone would cluster.
static size_t home_of(const Relations *r, RelationKind kind, RefId key)
{
    uint64_t h = (key.id0 ^ key.id1 * 31 ^ kind) * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 32) & (r->room - 1);
}

static bool is_it(const Relation *e, RelationKind kind, RefId key)
{
    return e->kind == kind && ref_id_same(e->key, key);
}

// The entry, or the free one where it would be: one is always free.
static size_t probe(const Relations *r, RelationKind kind, RefId key)
{
    size_t i = home_of(r, kind, key);
    while (r->entries[i].kind != RELATION_NONE
           && !is_it(&r->entries[i], kind, key))
        i = (i + 1) & (r->room - 1);
    return i;
}

// The caller may change it, but for key and kind.
Relation *relation_find(const Relations *r, RelationKind kind, RefId key)
{
    if (r == NULL) return NULL;
    size_t i = probe(r, kind, key);
    const Relation *e = &r->entries[i];
    return e->kind == RELATION_NONE ? NULL : (Relation *)e;
}

static Relations *make_room(Relations *old, size_t room)
{
    Relations *r = memory_zeroed(1, sizeof *r + room * sizeof(Relation));
    r->room = room;
    for (size_t i = 0; old != NULL && i < old->room; i++) {
        const Relation *e = &old->entries[i];
        if (e->kind == RELATION_NONE) continue;
        r->entries[probe(r, e->kind, e->key)] = *e;
        r->count++;
    }
    free(old);
    return r;
}

// May move all others: pointers to them are bad afterwards.
Relation *relation_add(Process *p, RelationKind kind, RefId key)
{
    Relation *found = relation_find(p->relations, kind, key);
    if (found != NULL) return found;
    Relations *r = p->relations;
    if (r == NULL)
        r = make_room(NULL, LEAST_ROOM);
    else if (4 * (r->count + 1) > 3 * r->room)
        r = make_room(r, 2 * r->room);
    p->relations = r;
    Relation *e = &r->entries[probe(r, kind, key)];
    *e = (Relation){.kind = (uint8_t)kind, .key = key};
    r->count++;
    return e;
}

static AliasMode alias_mode(Term t)
{
    switch (t.bits) {
    case ATOM_BITS_explicit_unalias:
        return ALIAS_EXPLICIT_UNALIAS;
    case ATOM_BITS_demonitor:
        return ALIAS_DEMONITOR;
    case ATOM_BITS_reply_demonitor:
        return ALIAS_REPLY_DEMONITOR;
    default:
        return ALIAS_NONE;
    }
}

// Keeps [t] beside the relation, for the collector not to see.
// With literals copied: it may outlive the code.
static Term keep(Relation *r, Term t)
{
    if (term_is_none(t) || term_is_immediate(t)) return t;
    if (r->heap == NULL) {
        r->heap = memory_alloc(sizeof *r->heap);
        heap_init(r->heap);
    }
    return copy_whole(r->heap, t);
}

void relation_set_tag(Relation *r, Term tag)
{
    r->tag = keep(r, tag);
}

void relation_set_other(Relation *r, Term other)
{
    r->other = keep(r, other);
}

// All numbers count, and the node: other nodes number as they like.
RefId relation_ref_key(Term ref)
{
    uint32_t numbers[REF_NUMBERS_MOST] = {0};
    identifier_ref_numbers(ref, numbers);
    uint64_t rest = (uintptr_t)identifier_node(ref) >> 4;
    rest = (rest * 31 + numbers[3]) * 31 + numbers[4];
    return (RefId){numbers[0] | (uint64_t)numbers[1] << 32,
                   numbers[2] | rest << 32};
}

// The alias is a relation of its own under the same key.
Term relation_add_monitor(Process *p, RefId id, Term other, Term name,
                          Term options)
{
    Relation *r = relation_add(p, RELATION_MONITOR, id);
    relation_set_other(r, other);
    r->name = name;
    r->tag = ATOM_DOWN;
    for (; term_is_cons(options); options = term_tail(options)) {
        Term key = term_tuple_get(term_head(options), 0);
        Term value = term_tuple_get(term_head(options), 1);
        if (term_same(key, ATOM_tag)) {
            relation_set_tag(r, value);
        } else {
            r->alias = (uint8_t)alias_mode(value);
        }
    }
    if (r->alias == ALIAS_NONE) return ref_from_id(&p->heap, id);
    uint8_t mode = r->alias; // the next one may move it
    relation_add(p, RELATION_ALIAS, id)->alias = mode;
    return ref_alias_from_id(&p->heap, id, p->pid);
}

// Closes the gap at [gap]: a later entry moves into it unless its home lies
// behind the gap.
static void close_gap(Relations *r, size_t gap)
{
    size_t mask = r->room - 1;
    for (size_t i = (gap + 1) & mask; r->entries[i].kind != RELATION_NONE;
         i = (i + 1) & mask) {
        const Relation *e = &r->entries[i];
        size_t home = home_of(r, e->kind, e->key);
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        r->entries[gap] = *e;
        gap = i;
    }
    r->entries[gap].kind = RELATION_NONE;
}

bool relation_remove(Process *p, RelationKind kind, RefId key, Relation *out)
{
    Relation *e = relation_find(p->relations, kind, key);
    if (e == NULL) return false;
    if (out != NULL) // the caller has to free tag and other
        *out = *e;
    else
        relation_free_tag(e);
    p->relations->count--;
    close_gap(p->relations, (size_t)(e - p->relations->entries));
    return true;
}

// Removing while going on may skip or repeat entries: relations are broken only
// after all were visited.
Relation *relation_next(const Relations *r, size_t *i)
{
    while (r != NULL && *i < r->room) {
        const Relation *e = &r->entries[(*i)++];
        if (e->kind != RELATION_NONE) return (Relation *)e;
    }
    return NULL;
}

static Turn turn_of(const Relation *e)
{
    Turn turn = e->kind == RELATION_LINK ? TURN_LINK : TURN_REST;
    return e->connection == 0 ? turn : turn + TURN_FAR_LINK;
}

// Goes through the table for each turn that the first time has seen.
const Relation *relation_next_broken(Relations *r)
{
    if (r == NULL) return NULL;
    while (r->turn < TURN_END) {
        while (r->broken < r->room) {
            const Relation *e = &r->entries[r->broken++];
            if (e->kind == RELATION_NONE) continue;
            r->turns |= (uint8_t)(1 << turn_of(e));
            if (turn_of(e) == r->turn) return e;
        }
        r->broken = 0;
        do r->turn++;
        while (r->turn < TURN_END && !(r->turns >> r->turn & 1));
    }
    return NULL;
}

size_t relation_count(const Relations *r)
{
    return r == NULL ? 0 : r->count;
}

void relation_free_tag(Relation *e)
{
    if (e->heap == NULL) return;
    heap_free(e->heap);
    free(e->heap);
    e->heap = NULL;
}

// Of a process that ends: the others were told before.
void relation_free_all(Process *p)
{
    Relation *e;
    for (size_t i = 0; (e = relation_next(p->relations, &i)) != NULL;)
        relation_free_tag(e);
    free(p->relations);
    p->relations = NULL;
}
