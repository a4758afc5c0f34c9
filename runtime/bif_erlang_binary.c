// SPDX-License-Identifier: Apache-2.0
// erlang: binaries, bitstrings and iodata.
// A binary is on the heap up to 64 bytes, counted and shared above; parts refer
// to the whole.
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "iodata.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "term_stack.h"

enum { BYTES_A_REDUCTION = 1024 };

// Odd bits count as a byte.
Term bif_erlang_byte_size_1(Process *p, const Term *args)
{
    Bits bits;
    if (!term_bits(args[0], &bits)) return bif_error(p, ATOM_badarg);
    return term_small((intptr_t)((bits.size + 7) / 8));
}

Term bif_erlang_bit_size_1(Process *p, const Term *args)
{
    Bits bits;
    if (!term_bits(args[0], &bits)) return bif_error(p, ATOM_badarg);
    return heap_unsigned(process_heap(p), bits.size);
}

// Elements of a tuple or whole bytes of a bitstring.
// Unlike byte_size, odd bits do not count.
Term bif_erlang_size_1(Process *p, const Term *args)
{
    Bits bits;
    if (term_is_tuple(args[0]))
        return term_small((intptr_t)term_arity(args[0]));
    if (!term_bits(args[0], &bits)) return bif_error(p, ATOM_badarg);
    return term_small((intptr_t)(bits.size / 8));
}

// ---- iodata ----
// Deep lists of bytes and binaries; the walk does not recurse.

static Term iodata_error(Process *p, IodataResult result)
{
    if (result == IODATA_LONG) return bif_to_pool(p);
    return bif_error(p, result == IODATA_LARGE ? ATOM_system_limit
                                               : ATOM_badarg);
}

// The bitstring of deep list [t].
// Twice over the data: its size first, so that the binary is made once.
// [whole]: odd bits are an error.
static Term join(Process *p, Term t, bool whole)
{
    size_t size;
    IodataLimit limit = {8, BINARY_BYTES_MOST, bif_steps_most(p)};
    if (!whole) limit.unit = 1, limit.most *= 8;
    IodataResult r = iodata_count(t, &limit, &size);
    if (r != IODATA_OK) return iodata_error(p, r);
    size_t bytes = whole ? size : (size + 7) / 8;
    uint8_t *to;
    Term binary = heap_binary_new(process_heap(p), bytes, &to);
    iodata_copy(t, to);
    bif_bump(p, bytes / BYTES_A_REDUCTION);
    if (whole || size % 8 == 0) return binary;
    return heap_sub_bits(process_heap(p), binary, 0, size);
}

// A list only; iolist_to_binary takes a binary too.
Term bif_erlang_list_to_binary_1(Process *p, const Term *args)
{
    if (!term_is_list(args[0])) return bif_error(p, ATOM_badarg);
    return join(p, args[0], true);
}

// A binary is its own answer.
Term bif_erlang_iolist_to_binary_1(Process *p, const Term *args)
{
    return term_is_binary(args[0]) ? args[0] : join(p, args[0], true);
}

Term bif_erlang_list_to_bitstring_1(Process *p, const Term *args)
{
    if (!term_is_list(args[0])) return bif_error(p, ATOM_badarg);
    return join(p, args[0], false);
}

// Without building anything.
Term bif_erlang_iolist_size_1(Process *p, const Term *args)
{
    size_t size;
    // It need not fit in a binary.
    const IodataLimit limit = {8, SIZE_MAX, bif_steps_most(p)};
    IodataResult r = iodata_count(args[0], &limit, &size);
    if (r != IODATA_OK) return iodata_error(p, r);
    return heap_unsigned(process_heap(p), size);
}

// ---- iolist_to_iovec: the same bytes as a flat list of binaries. Small parts
// are joined, large ones stay as they are ----

// Below it a copy costs less than another entry in the vector, so no part is
// shorter that another one follows.
enum { VECTOR_PART_LEAST = 256 }; // bytes

// What is collected; memory of malloc until the end.
typedef struct {
    Heap *heap;
    Term *parts;             // newest last
    size_t count, room;      // in use, and allocated
    uint8_t *bytes;          // small things that wait to be joined
    size_t used, bytes_room; // of bytes
} Vector;

// Terms here are roots of nothing: no collection comes in between.
static void vector_add(Vector *v, Term part)
{
    if (v->count == v->room)
        v->parts = memory_grow(v->parts, &v->room, 16, sizeof(Term));
    v->parts[v->count++] = part;
}

// What was joined becomes one binary.
static void vector_flush(Vector *v)
{
    if (v->used > 0) vector_add(v, heap_binary(v->heap, v->bytes, v->used));
    v->used = 0;
}

// Room at the end, counted as used already.
static uint8_t *vector_space(Vector *v, size_t size)
{
    while (v->bytes_room - v->used < size)
        v->bytes = memory_grow(v->bytes, &v->bytes_room, 1024, 1);
    uint8_t *space = v->bytes + v->used;
    v->used += size;
    return space;
}

// A large binary stays as it is. What waits goes before it; where that is
// little, the binary's first bytes fill it up to what a part has at least.
static void vector_large(Vector *v, Term t, const Bits *bits)
{
    size_t size = bits->size / 8;
    if (v->used == 0 || v->used >= VECTOR_PART_LEAST) {
        vector_flush(v);
        vector_add(v, t);
        return;
    }
    size_t spilt = v->used + size < 2 * VECTOR_PART_LEAST
                       ? size
                       : VECTOR_PART_LEAST - v->used;
    Bits first = *bits;
    first.size = spilt * 8;
    bits_copy(vector_space(v, spilt), &first);
    if (spilt == size) return;
    vector_flush(v);
    vector_add(v, heap_sub_bits(v->heap, t, spilt * 8, bits->size - spilt * 8));
}

// A byte, a binary, or the nil at a list's end.
static void vector_leaf(Vector *v, Term t)
{
    Bits bits;
    if (term_is_small(t))
        *vector_space(v, 1) = (uint8_t)term_small_value(t);
    else if (term_bits(t, &bits) && bits.size >= VECTOR_PART_LEAST * 8)
        vector_large(v, t, &bits);
    else if (!term_is_nil(t))
        bits_copy(vector_space(v, bits.size / 8), &bits);
}

// A deep list, from left to right.
static void vector_walk(Vector *v, Term t)
{
    TermStack stack;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (!term_stack_is_empty(&stack)) {
        t = term_stack_pop(&stack);
        for (; term_is_cons(t) && !term_is_cons(term_head(t));
             t = term_tail(t))
            vector_leaf(v, term_head(t));
        if (term_is_cons(t)) {
            term_stack_push(&stack, term_tail(t));
            term_stack_push(&stack, term_head(t));
        } else {
            vector_leaf(v, t);
        }
    }
    term_stack_free(&stack);
}

Term bif_erlang_iolist_to_iovec_1(Process *p, const Term *args)
{
    size_t size;
    IodataResult r = iodata_size(args[0], &size);
    // Checked as a whole before: the walk cannot fail.
    if (r != IODATA_OK) return iodata_error(p, r);
    Vector v = {process_heap(p)};
    if (size > 0) vector_walk(&v, args[0]);
    vector_flush(&v);
    Term list = heap_list(v.heap, v.count, v.parts, TERM_NIL);
    free(v.parts);
    free(v.bytes);
    bif_bump(p, size / BYTES_A_REDUCTION);
    return list;
}

// ---- to lists ----
// One byte is one cell.

// The [n] bytes of [bits] from byte [from] on, as a list ending in [tail].
// All cells in one piece, each leading to the next.
static Term list_from_bits(Process *p, const Bits *bits, size_t from,
                           size_t n, Term tail)
{
    if (n == 0) return tail;
    Term *cells = heap_alloc(process_heap(p), 2 * n);
    size_t at = bits->offset + from * 8;
    for (size_t i = 0; i < n; i++, at += 8) {
        cells[2 * i] = term_small(bits_byte_at(bits->base, at));
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    // The last one's tail.
    cells[2 * n - 1] = tail;
    bif_bump(p, n / 64);
    return term_from_cons(cells);
}

Term bif_erlang_binary_to_list_1(Process *p, const Term *args)
{
    Bits bits;
    if (!term_bits(args[0], &bits) || bits.size % 8 != 0)
        return bif_error(p, ATOM_badarg);
    return list_from_bits(p, &bits, 0, bits.size / 8, TERM_NIL);
}

// Positions from 1; an empty range is badarg.
Term bif_erlang_binary_to_list_3(Process *p, const Term *args)
{
    Bits bits;
    size_t first, last;
    if (!term_bits(args[0], &bits) || !bif_get_size(args[1], &first)
        || !bif_get_size(args[2], &last) || first < 1 || first > last
        || last > bits.size / 8)
        return bif_error(p, ATOM_badarg);
    return list_from_bits(p, &bits, first - 1, last - first + 1, TERM_NIL);
}

Term bif_erlang_bitstring_to_list_1(Process *p, const Term *args)
{
    Bits bits;
    if (!term_bits(args[0], &bits)) return bif_error(p, ATOM_badarg);
    size_t bytes = bits.size / 8;
    Term tail = TERM_NIL;
    // Odd bits are the last element, a bitstring.
    if (bits.size % 8 != 0) {
        Term rest = heap_sub_bits(process_heap(p), args[0], bytes * 8,
                                  bits.size % 8);
        tail = heap_cons(process_heap(p), rest, TERM_NIL);
    }
    return list_from_bits(p, &bits, 0, bytes, tail);
}

// ---- parts ----
// Parts are sub-binaries: no bytes are copied.

Term bif_erlang_split_binary_2(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Bits bits;
    size_t at;
    if (!term_bits(args[0], &bits) || !bif_get_size(args[1], &at)
        || at > bits.size / 8)
        return bif_error(p, ATOM_badarg);
    Term before = heap_sub_bits(h, args[0], 0, at * 8);
    Term behind = heap_sub_bits(h, args[0], at * 8, bits.size - at * 8);
    return heap_tuple2(h, before, behind);
}

// A part of few bytes is copied, so that it does not keep the whole.
// 64 bytes: what fits on the heap.
enum { PART_COPIED_BITS = 64 * 8 };

// [length] bytes of [binary] from [start] on; a negative length counts to the
// left.
static Term part(Process *p, Term binary, Term start, Term length)
{
    Bits bits;
    int64_t from, n;
    if (!term_bits(binary, &bits) || bits.size % 8 != 0
        || !bif_get_int64(start, &from) || !bif_get_int64(length, &n))
        return bif_error(p, ATOM_badarg);
    int64_t size = (int64_t)(bits.size / 8);
    // Within the binary on both sides.
    if (from < 0 || from > size) return bif_error(p, ATOM_badarg);
    if (n > size - from || n < -from) return bif_error(p, ATOM_badarg);
    if (n < 0) {
        from += n;
        n = -n;
    }
    size_t at = (size_t)from * 8, count = (size_t)n * 8;
    if (count > PART_COPIED_BITS)
        return heap_sub_bits(process_heap(p), binary, at, count);
    bits.offset += at;
    bits.size = count;
    return heap_bits(process_heap(p), &bits);
}

Term bif_erlang_binary_part_3(Process *p, const Term *args)
{
    return part(p, args[0], args[1], args[2]);
}

Term bif_erlang_binary_part_2(Process *p, const Term *args)
{
    if (!term_is_tuple_of(args[1], 2)) return bif_error(p, ATOM_badarg);
    return part(p, args[0], term_tuple_get(args[1], 0),
                term_tuple_get(args[1], 1));
}
