// SPDX-License-Identifier: Apache-2.0
// Registry: a word for each atom index, in chunks made when first needed.
#include "registry.h"

#include <stdlib.h>

#include "atom.h"
#include "memory.h"
#include "port.h"
#include "process_table.h"

// Few atoms are names: chunks are small.
enum { CHUNK_BITS = 9, CHUNK_NAMES = 1 << CHUNK_BITS };

typedef _Atomic(uintptr_t) Entry; // bits of a pid or port, 0 without

struct Registry {
    size_t chunk_count;       // enough for every atom there may be
    _Atomic(Entry *) *chunks; // NULL: none of its atoms was ever a name
};

Registry *registry_new(size_t atom_limit)
{
    Registry *r = memory_alloc(sizeof *r);
    if (atom_limit == 0) atom_limit = ATOM_LIMIT_DEFAULT;
    r->chunk_count = atom_limit / CHUNK_NAMES + 1;
    r->chunks = memory_zeroed(r->chunk_count, sizeof *r->chunks);
    return r;
}

void registry_free(Registry *r)
{
    for (size_t i = 0; i < r->chunk_count; i++)
        free(atomic_load(&r->chunks[i]));
    free(r->chunks);
    free(r);
}

// The entry of [name]; NULL when its chunk has never been needed.
static Entry *find_entry(const Registry *r, Term name)
{
    uint32_t index = term_atom_index(name);
    if (index >> CHUNK_BITS >= r->chunk_count) return NULL;
    Entry *chunk = atomic_load_explicit(&r->chunks[index >> CHUNK_BITS],
                                        memory_order_acquire);
    return chunk == NULL ? NULL : &chunk[index & (CHUNK_NAMES - 1)];
}

// Of two threads that make it, one gives its own back.
static Entry *make_entry(Registry *r, Term name)
{
    uint32_t index = term_atom_index(name);
    if (index >> CHUNK_BITS >= r->chunk_count) return NULL;
    _Atomic(Entry *) *chunk = &r->chunks[index >> CHUNK_BITS];
    Entry *none = NULL, *made = memory_zeroed(CHUNK_NAMES, sizeof(Entry));
    if (!atomic_compare_exchange_strong(chunk, &none, made)) free(made);
    return find_entry(r, name);
}

// From nobody to [id] in one step: taken names stay.
bool registry_add(Registry *r, Term name, Term id)
{
    Entry *e = find_entry(r, name);
    if (e == NULL) e = make_entry(r, name);
    uintptr_t none = 0;
    return e != NULL && atomic_compare_exchange_strong(e, &none, id.bits);
}

// Only from [id]: somebody else may have it by now.
bool registry_remove(Registry *r, Term name, Term id)
{
    Entry *e = find_entry(r, name);
    return e != NULL && atomic_compare_exchange_strong(e, &id.bits, 0);
}

// Acquire: what was done before it was registered is seen.
Term registry_find(const Registry *r, Term name)
{
    const Entry *e = find_entry(r, name);
    if (e == NULL) return TERM_NONE;
    return (Term){atomic_load_explicit(e, memory_order_acquire)};
}

// The process first, then the table: the other way round its end might miss the
// name.
bool registry_name_process(Node *node, Term name, Term pid)
{
    Process *p = process_table_find(node->processes, pid);
    Term none = TERM_NONE;
    if (p == NULL || !atomic_compare_exchange_strong(&p->name, &none, name))
        return false;
    if (!registry_add(node->registry, name, pid)) {
        atomic_store(&p->name, TERM_NONE);
        return false;
    }
    // If it has ended meanwhile it may not have seen its name.
    if (process_table_find(node->processes, pid) != NULL) return true;
    registry_remove(node->registry, name, pid);
    return false;
}

// Whoever has it by then; the holder is told through its own field.
bool registry_forget(Node *node, Term name)
{
    Term id = registry_find(node->registry, name);
    if (term_is_none(id) || !registry_remove(node->registry, name, id))
        return false;
    if (term_is_local_port(id)) port_forget_name(node, id, name);
    if (!term_is_local_pid(id)) return true;
    Process *p = process_table_find(node->processes, id);
    // Unless it has another name already.
    if (p != NULL) atomic_compare_exchange_strong(&p->name, &name, TERM_NONE);
    return true;
}

// The names of one chunk, in front of [tail].
static Term chunk_names(const Registry *r, size_t i, Heap *h, Term tail)
{
    const Entry *chunk = atomic_load(&r->chunks[i]);
    for (size_t k = 0; chunk != NULL && k < CHUNK_NAMES; k++)
        if (atomic_load(&chunk[k]) != 0)
            tail = heap_cons(h, term_atom((uint32_t)(i * CHUNK_NAMES + k)),
                             tail);
    return tail;
}

// Reads the whole table: registered/0 is for people.
Term registry_names(const Registry *r, Heap *h)
{
    Term names = TERM_NIL;
    for (size_t i = 0; i < r->chunk_count; i++)
        names = chunk_names(r, i, h, names);
    return names;
}
