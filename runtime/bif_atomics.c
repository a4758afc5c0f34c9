// SPDX-License-Identifier: Apache-2.0
// atomics and counters: arrays of 64-bit integers behind a magic reference.
// counters are the same arrays, signed, whatever their kind of concurrency.
// Any process that has the reference may use the array, without a lock.
#include <stdlib.h>

#include "arith.h"
#include "big.h"
#include "bif.h"
#include "magic.h"
#include "map.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Freed with the last reference.
typedef struct {
    Counted counted;          // must be first
    size_t size;              // of slots
    bool is_signed;           // how values are read and shown
    _Atomic uint64_t slots[]; // index 1 is slots[0]
} Array;

// Nothing but its memory.
static void destroy(Counted *c)
{
    free(c);
}

// All zero at first.
static Term new_array(Process *p, size_t size, bool is_signed)
{
    if (size > (SIZE_MAX - sizeof(Array)) / sizeof(uint64_t))
        return bif_error(p, ATOM_system_limit);
    Array *a = memory_zeroed(1, sizeof *a + size * sizeof a->slots[0]);
    atomic_init(&a->counted.count, 1);
    a->counted.destroy = destroy;
    a->size = size;
    a->is_signed = is_signed;
    return magic_ref_new(p->node, process_heap(p), &a->counted);
}

// atomics:new_array(Size, IsSigned)
// A size that no memory can have: system_limit.
Term bif_merle_atomics_new_2(Process *p, const Term *args)
{
    size_t size;
    if (term_is_big(args[0]) && term_subtag(args[0]) == SUBTAG_BIG_POS)
        return bif_error(p, ATOM_system_limit);
    if (!bif_get_size(args[0], &size) || size == 0
        || !term_is_atom(args[1]))
        return bif_error(p, ATOM_badarg);
    return new_array(p, size, term_same(args[1], ATOM_true));
}

// The slot that [ref] and [index] name; NULL when they name none.
// Index 0, or beyond the end, is badarg.
static _Atomic uint64_t *find_slot(Term ref, Term index, Array **array)
{
    size_t i;
    *array = (Array *)magic_object(ref, destroy);
    if (*array == NULL || !bif_get_size(index, &i)) return NULL;
    if (i == 0 || i > (*array)->size) return NULL;
    return &(*array)->slots[i - 1];
}

// An integer that fits the array's kind.
// Both kinds are stored in two's complement.
static bool get_value(const Array *a, Term t, uint64_t *value)
{
    int64_t n;
    if (!a->is_signed) return bif_get_uint64(t, value);
    if (!bif_get_int64(t, &n)) return false;
    *value = (uint64_t)n;
    return true;
}

// An increment may be negative for both kinds.
// Sums wrap round, as in OTP.
static bool get_change(Term t, uint64_t *value)
{
    int64_t n;
    if (bif_get_uint64(t, value)) return true;
    if (!bif_get_int64(t, &n)) return false;
    *value = (uint64_t)n;
    return true;
}

// Large values become bignums.
static Term value_term(Process *p, const Array *a, uint64_t value)
{
    Heap *h = process_heap(p);
    return a->is_signed ? heap_integer(h, (int64_t)value)
                        : heap_unsigned(h, value);
}

Term bif_atomics_get_2(Process *p, const Term *args)
{
    Array *a;
    _Atomic uint64_t *slot = find_slot(args[0], args[1], &a);
    if (slot == NULL) return bif_error(p, ATOM_badarg);
    return value_term(p, a, atomic_load(slot));
}

// Sequentially consistent, all of them: counters promise less.
Term bif_atomics_put_3(Process *p, const Term *args)
{
    Array *a;
    uint64_t value;
    _Atomic uint64_t *slot = find_slot(args[0], args[1], &a);
    if (slot == NULL || !get_value(a, args[2], &value))
        return bif_error(p, ATOM_badarg);
    atomic_store(slot, value);
    return ATOM_ok;
}

// Adds [change]; the sum in [*sum].
static bool add(const Term *args, Term change, Array **a, uint64_t *sum)
{
    uint64_t n;
    _Atomic uint64_t *slot = find_slot(args[0], args[1], a);
    if (slot == NULL || !get_change(change, &n)) return false;
    *sum = atomic_fetch_add(slot, n) + n;
    return true;
}

static Term add_only(Process *p, const Term *args, Term change)
{
    Array *a;
    uint64_t sum;
    return add(args, change, &a, &sum) ? ATOM_ok : bif_error(p, ATOM_badarg);
}

static Term add_and_get(Process *p, const Term *args, Term change)
{
    Array *a;
    uint64_t sum;
    if (!add(args, change, &a, &sum)) return bif_error(p, ATOM_badarg);
    return value_term(p, a, sum);
}

Term bif_atomics_add_3(Process *p, const Term *args)
{
    return add_only(p, args, args[2]);
}

Term bif_atomics_add_get_3(Process *p, const Term *args)
{
    return add_and_get(p, args, args[2]);
}

// Subtraction is addition of the negative, which must exist (badarith) and be
// a change itself.
Term bif_atomics_sub_3(Process *p, const Term *args)
{
    Term change = arith_negate(process_heap(p), args[2]);
    if (term_is_none(change)) return bif_error(p, ATOM_badarith);
    return add_only(p, args, change);
}

Term bif_atomics_sub_get_3(Process *p, const Term *args)
{
    Term change = arith_negate(process_heap(p), args[2]);
    if (term_is_none(change)) return bif_error(p, ATOM_badarith);
    return add_and_get(p, args, change);
}

// Answers the value that was there.
Term bif_atomics_exchange_3(Process *p, const Term *args)
{
    Array *a;
    uint64_t value;
    _Atomic uint64_t *slot = find_slot(args[0], args[1], &a);
    if (slot == NULL || !get_value(a, args[2], &value))
        return bif_error(p, ATOM_badarg);
    return value_term(p, a, atomic_exchange(slot, value));
}

// ok, or the value that was there instead.
Term bif_atomics_compare_exchange_4(Process *p, const Term *args)
{
    Array *a;
    uint64_t expected, wanted;
    _Atomic uint64_t *slot = find_slot(args[0], args[1], &a);
    if (slot == NULL || !get_value(a, args[2], &expected)
        || !get_value(a, args[3], &wanted))
        return bif_error(p, ATOM_badarg);
    if (atomic_compare_exchange_strong(slot, &expected, wanted))
        return ATOM_ok;
    return value_term(p, a, expected);
}

// Bounds of the values; memory in bytes.
Term bif_atomics_info_1(Process *p, const Term *args)
{
    const Array *a = (const Array *)magic_object(args[0], destroy);
    if (a == NULL) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    Term pairs[] = {
        ATOM_size, heap_unsigned(h, a->size),
        ATOM_max, a->is_signed ? heap_integer(h, INT64_MAX)
                               : heap_unsigned(h, UINT64_MAX),
        ATOM_min, a->is_signed ? heap_integer(h, INT64_MIN) : term_small(0),
        ATOM_memory,
        heap_unsigned(h, sizeof *a + a->size * sizeof a->slots[0]),
    };
    return map_from_pairs(h, process_atoms(p), 4, pairs);
}

// counters have no min and max.
Term bif_counters_info_1(Process *p, const Term *args)
{
    const Array *a = (const Array *)magic_object(args[0], destroy);
    if (a == NULL) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    Term pairs[] = {
        ATOM_size, heap_unsigned(h, a->size),
        ATOM_memory,
        heap_unsigned(h, sizeof *a + a->size * sizeof a->slots[0]),
    };
    return map_from_pairs(h, process_atoms(p), 2, pairs);
}
