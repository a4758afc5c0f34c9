// SPDX-License-Identifier: Apache-2.0
// Identifiers: pids, ports and references taken apart and put together.
//
// Numbers are as other nodes see them; the bits of local terms are packed
// closer.
#include "identifier.h"

enum { PAYLOAD = 1, EXT_DATA = 2, EXT_REF_NUMBERS = 3 }; // word offsets

RemoteNode *identifier_node(Term t)
{
    if (!term_is_boxed(t) || term_subtag(t) == SUBTAG_REF) return NULL;
    return (RemoteNode *)term_box_ptr(t)[PAYLOAD].bits;
}

// The 64 bits of a pid: number | serial << 32.
static uint64_t pid_data(Term pid)
{
    if (!term_is_local_pid(pid)) return term_box_ptr(pid)[EXT_DATA].bits;
    uint64_t data = term_id_data(pid);
    return (data & PID_NUMBER_MAX) | data >> ID_NUMBER_BITS << 32;
}

uint32_t identifier_pid_number(Term pid)
{
    return (uint32_t)pid_data(pid);
}

uint32_t identifier_pid_serial(Term pid)
{
    return (uint32_t)(pid_data(pid) >> 32);
}

uint64_t identifier_port_number(Term port)
{
    if (term_is_local_port(port)) return term_id_data(port);
    return term_box_ptr(port)[EXT_DATA].bits;
}

// Copied as bytes: two numbers lie in a word.
unsigned identifier_ref_numbers(Term ref, uint32_t numbers[REF_NUMBERS_MOST])
{
    const Term *box = term_box_ptr(ref);
    if (header_subtag(box[0]) == SUBTAG_EXT_REF) {
        unsigned count = (unsigned)box[EXT_DATA].bits;
        memcpy(numbers, box + EXT_REF_NUMBERS, count * sizeof *numbers);
        return count;
    }
    bool magic = header_arity(box[0]) == MAGIC_REF_ARITY;
    const Term *ids = box + PAYLOAD + (magic ? 2 : 0);
    numbers[0] = (uint32_t)ids[0].bits;
    numbers[1] = (uint32_t)(ids[0].bits >> 32);
    numbers[2] = (uint32_t)ids[1].bits;
    return REF_NUMBERS;
}

Term identifier_ref(Heap *h, const uint32_t numbers[REF_NUMBERS])
{
    Term *box = heap_alloc(h, 3);
    box[0] = term_header(SUBTAG_REF, 2);
    box[1].bits = numbers[0] | (uintptr_t)numbers[1] << 32;
    box[2].bits = numbers[2];
    return term_from_box(box);
}

// Pids and ports of other nodes have the same form.
static Term remote_thing(Heap *h, Subtag tag, RemoteNode *node, uint64_t data)
{
    Term *box = heap_alloc(h, 3);
    box[0] = term_header(tag, 2);
    box[PAYLOAD].bits = (uintptr_t)node;
    box[EXT_DATA].bits = data;
    return term_from_box(box);
}

Term identifier_remote_pid(Heap *h, RemoteNode *node, uint32_t number,
                           uint32_t serial)
{
    uint64_t data = number | (uint64_t)serial << 32;
    return remote_thing(h, SUBTAG_EXT_PID, node, data);
}

Term identifier_remote_port(Heap *h, RemoteNode *node, uint64_t number)
{
    return remote_thing(h, SUBTAG_EXT_PORT, node, number);
}

Term identifier_remote_ref(Heap *h, RemoteNode *node, unsigned count,
                           const uint32_t *numbers)
{
    assert(count <= REF_NUMBERS_MOST);
    size_t words = (count + 1) / 2;
    Term *box = heap_alloc(h, 3 + words);
    box[0] = term_header(SUBTAG_EXT_REF, 2 + words);
    box[PAYLOAD].bits = (uintptr_t)node;
    box[EXT_DATA].bits = count;
    if (words > 0) box[EXT_DATA + words].bits = 0; // the odd half
    memcpy(box + EXT_REF_NUMBERS, numbers, count * sizeof *numbers);
    return term_from_box(box);
}

// By their names; of one name, this node comes first, then the older.
static int compare_nodes(const AtomTable *atoms, Term a, Term b)
{
    const RemoteNode *x = identifier_node(a), *y = identifier_node(b);
    if (x == y) return 0; // one RemoteNode for each name and creation
    if (atoms == NULL) return 1;
    Term name = x == NULL ? atom_table_node(atoms) : x->name;
    Term other = y == NULL ? atom_table_node(atoms) : y->name;
    int order = term_same(name, other) ? 0 : atom_compare(atoms, name, other);
    if (order != 0) return order;
    // The same name: an earlier start of it.
    if (x == NULL || y == NULL) return x == NULL ? -1 : 1;
    return x->creation < y->creation ? -1 : 1;
}

// The last number counts most; missing ones are 0.
static int compare_refs(Term a, Term b)
{
    uint32_t x[REF_NUMBERS_MOST] = {0}, y[REF_NUMBERS_MOST] = {0};
    identifier_ref_numbers(a, x);
    identifier_ref_numbers(b, y);
    for (int i = REF_NUMBERS_MOST - 1; i >= 0; i--)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

int identifier_compare(const AtomTable *atoms, Term a, Term b)
{
    if (term_is_pid(a)) { // numbers first, then nodes
        uint64_t x = pid_data(a), y = pid_data(b);
        if (x != y) return x < y ? -1 : 1;
        return compare_nodes(atoms, a, b);
    }
    int order = compare_nodes(atoms, a, b);
    if (order != 0) return order;
    if (term_is_ref(a)) return compare_refs(a, b);
    uint64_t x = identifier_port_number(a), y = identifier_port_number(b);
    return (x > y) - (x < y);
}
