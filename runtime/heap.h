// SPDX-License-Identifier: Apache-2.0
// Heap: where terms are built. A process's heap, a message on its way, the
// result of the parser and a table's object are all built through this one
// interface.
//
// A heap is a block that is filled from [top] to [limit], and a list of
// fragments for what did not fit. Nothing that is built ever moves while C
// code runs: heap_alloc takes a new fragment rather than to collect. Only the
// collector (gc.h), called by the instruction loop between instructions, moves
// terms; so a BIF may hold terms in C variables as long as it likes.
//
// Invariants: what a heap refers to lies on itself or is a literal. One thread
// at a time may build on a heap, so nothing here is atomic but the counts of
// counted objects.
//
//   block      |terms ....|top     free     |limit
//   fragments  newest -> older -> ... -> NULL   (each one malloc)
//   counted    newest box -> older box -> ...    (word COUNTED_NEXT)
#ifndef MERLE_HEAP_H
#define MERLE_HEAP_H

#include "counted.h"
#include "term.h"

typedef struct Fragment Fragment;
// One allocation for what the block has no room for. The next collection moves
// what lives in it to the nursery and frees it.
struct Fragment {
    Fragment *next; // older fragment
    size_t size;    // words there are
    size_t used;    // words in use; of the newest only when it is closed
    Term words[];   // the terms
};

typedef struct {
    Term *top;           // next free word of the current block
    Term *limit;         // end of the current block
    Fragment *fragments; // newest first; its block is the current one if any
    Term *main_top;      // top of the main block while a fragment is current
    Term *main_limit;    // its limit; both NULL while the main block is current
    Term *counted;       // newest COUNTED or magic REF, linked through them
    size_t counted_bytes; // bytes held by counted binaries since a collection
    size_t fragment_words; // words of all fragments
} Heap;

// Bytes of counted binaries since a collection that make the next one due.
enum { HEAP_COUNTED_MOST = 16 << 20 };

// An empty heap without a main block: all goes to fragments.
void heap_init(Heap *h);

// Frees the fragments of [*list], which is empty then.
void heap_free_fragments(Fragment **list);

// Frees fragments and releases what the heap counted; not the main block.
void heap_free(Heap *h);

// An empty heap with room for just [words] words, without a main block: for
// something small that is kept long.
void heap_start(Heap *h, size_t words);

// Takes a new fragment for [words]; heap_alloc's slow path.
Term *heap_alloc_slow(Heap *h, size_t words);

// Room for [words] words, in one piece. Never fails, never moves terms.
static inline Term *heap_alloc(Heap *h, size_t words)
{
    // The difference of pointers and not top + words: that sum could overflow.
    if ((size_t)(h->limit - h->top) < words) return heap_alloc_slow(h, words);
    Term *p = h->top;
    h->top = p + words;
    return p;
}

// Makes the main block current again and closes the newest fragment. The
// collector and whoever looks at heap sizes calls it first.
void heap_close_fragment(Heap *h);

// Hands all fragments and counted things of [from] to [to]; [from] is then
// empty. The terms in them stay where they are.
void heap_adopt(Heap *to, Heap *from);

// Puts a COUNTED or magic REF whose header lies at [box] on the heap's list.
void heap_link_counted(Heap *h, Term *box);

// ---- building ----

static inline Term heap_cons(Heap *h, Term head, Term tail)
{
    Term *cell = heap_alloc(h, 2);
    cell[0] = head;
    cell[1] = tail;
    return term_from_cons(cell);
}

// A tuple of [n] elements, copied from [elements].
Term heap_tuple(Heap *h, size_t n, const Term *elements);

// A tuple of [n] elements that are to be filled in, at once, from [*elements]
// on.
static inline Term heap_tuple_new(Heap *h, size_t n, Term **elements)
{
    Term *box = heap_alloc(h, n + 1);
    box[0] = term_header(SUBTAG_TUPLE, n);
    *elements = box + 1;
    return term_from_box(box);
}

static inline Term heap_tuple2(Heap *h, Term a, Term b)
{
    Term *to, tuple = heap_tuple_new(h, 2, &to);
    to[0] = a;
    to[1] = b;
    return tuple;
}

static inline Term heap_tuple3(Heap *h, Term a, Term b, Term c)
{
    Term *to, tuple = heap_tuple_new(h, 3, &to);
    to[0] = a;
    to[1] = b;
    to[2] = c;
    return tuple;
}

// The list of the [n] [elements], ending in [tail].
Term heap_list(Heap *h, size_t n, const Term *elements, Term tail);

// A list of small integers from bytes (Latin-1), ending in [tail].
Term heap_string(Heap *h, const char *bytes, size_t n, Term tail);

// A list of code points from UTF-8; invalid bytes stand for themselves.
Term heap_string_utf8(Heap *h, const char *bytes, size_t n, Term tail);

Term heap_integer(Heap *h, int64_t n);
Term heap_unsigned(Heap *h, uint64_t n);

// [d] must be finite.
Term heap_float(Heap *h, double d);

// The same limit as in OTP: below it a copy costs less than counting, and
// binary:referenced_byte_size and the like show it.
enum { BINARY_HEAP_MAX = 64 }; // bytes; longer binaries are counted

// More than any memory has: sizes are asked for before it is.
#define BINARY_BYTES_MOST ((size_t)1 << 47)

// A binary of [size] bytes to be filled at [*bytes].
Term heap_binary_new(Heap *h, size_t size, uint8_t **bytes);

// A binary that holds a copy of [size] [bytes].
Term heap_binary(Heap *h, const void *bytes, size_t size);

// [{Address, Size, References}] of the counted binaries in the list [counted]
// of some heap, in front of [tail]. An address tells one from another.
Term heap_binaries(Heap *h, const Term *counted, Term tail);

// A binary on [blob], whose reference passes to the heap.
Term heap_binary_from_blob(Heap *h, Blob *blob, size_t size);

// [size] bits of bitstring [t] from bit [offset] on, shared with [t].
Term heap_sub_bits(Heap *h, Term t, size_t offset, size_t size);

// A bitstring that holds a copy of [bits].
Term heap_bits(Heap *h, const Bits *bits);

#endif
