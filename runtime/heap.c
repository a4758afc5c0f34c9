// SPDX-License-Identifier: Apache-2.0
// Heaps: fragments and the builders of the common terms.
#include "heap.h"

#include <stdlib.h>

#include "memory.h"
#include "page.h"
#include "utf8.h"

// In words. The first one of a small process is small as well: it may wait for
// long before it collects.
// FREE is for a heap without a block (a message, a parser's result), which is
// to be full soon; MOST stops the doubling at half a megabyte.
enum { FRAGMENT_LEAST = 32, FRAGMENT_FREE = 256, FRAGMENT_MOST = 65536 };

void heap_init(Heap *h)
{
    *h = (Heap){0};
}

// A list of counted boxes that nobody will read any more: drops what they hold.
// The boxes themselves lie in memory that is freed with the heap.
static void release_counted(Term *box)
{
    while (box != NULL) {
        Term *next = (Term *)box[COUNTED_NEXT].bits;
        counted_release((Counted *)box[COUNTED_OBJECT].bits);
        box = next;
    }
}

void heap_free_fragments(Fragment **list)
{
    for (Fragment *f = *list; f != NULL;) {
        Fragment *next = f->next;
        free(f);
        f = next;
    }
    *list = NULL;
}

void heap_free(Heap *h)
{
    release_counted(h->counted);
    heap_free_fragments(&h->fragments);
    heap_init(h);
}

void heap_close_fragment(Heap *h)
{
    if (h->main_limit == NULL) return; // the main block is current
    h->fragments->used = (size_t)(h->top - h->fragments->words);
    h->top = h->main_top;
    h->limit = h->main_limit;
    h->main_top = h->main_limit = NULL;
}

// Each fragment is twice the one before, so that building something large
// takes few of them.
static size_t fragment_size(const Heap *h, size_t words)
{
    size_t size = h->limit == NULL ? FRAGMENT_FREE : FRAGMENT_LEAST;
    if (h->fragments != NULL) size = h->fragments->size * 2;
    if (size > FRAGMENT_MOST) size = FRAGMENT_MOST;
    return size < words ? words : size;
}

// A heap without a main block never leaves its newest fragment: main_limit is
// then the address of this word, only to be not NULL.
static const Term no_block[1];

// A new fragment, which is empty and the current block.
static void add_fragment(Heap *h, size_t size)
{
    Fragment *f = memory_alloc(sizeof *f + size * sizeof(Term));
    // One large result: fewer page faults.
    if (size > FRAGMENT_MOST) page_prefer_huge(f->words, size * sizeof(Term));
    // A fragment was current: its fill level is written down before it is left,
    // for the collector reads [used] of all but the newest.
    if (h->main_limit != NULL) {
        h->fragments->used = (size_t)(h->top - h->fragments->words);
    } else {
        // The main block is left as it is, to be gone on with after the
        // collection: the rest of it is small change.
        bool none = h->limit == NULL;
        h->main_top = none ? (Term *)no_block : h->top;
        h->main_limit = none ? (Term *)no_block : h->limit;
    }
    f->next = h->fragments;
    f->size = size;
    f->used = 0;
    h->fragments = f;
    h->fragment_words += size;
    h->top = f->words;
    // What is left of the fragment is used by the next small terms.
    h->limit = f->words + size;
}

Term *heap_alloc_slow(Heap *h, size_t words)
{
    add_fragment(h, fragment_size(h, words));
    Term *at = h->top;
    h->top += words;
    return at;
}

void heap_start(Heap *h, size_t words)
{
    heap_init(h);
    if (words > 0) add_fragment(h, words);
}

void heap_adopt(Heap *to, Heap *from)
{
    // Both: [used] of every fragment must stand before they change hands, and
    // the current block of [to] must not be one of them.
    heap_close_fragment(from);
    heap_close_fragment(to);
    if (from->fragments != NULL) {
        // Order among fragments has no meaning but for the newest, so the
        // shorter way is to hang the old list behind.
        Fragment *last = from->fragments;
        while (last->next != NULL) last = last->next;
        last->next = to->fragments;
        to->fragments = from->fragments;
    }
    if (from->counted != NULL) {
        Term *last = from->counted;
        while (last[COUNTED_NEXT].bits != 0)
            last = (Term *)last[COUNTED_NEXT].bits;
        last[COUNTED_NEXT].bits = (uintptr_t)to->counted;
        to->counted = from->counted;
    }
    to->counted_bytes += from->counted_bytes;
    to->fragment_words += from->fragment_words;
    heap_init(from);
}

void heap_link_counted(Heap *h, Term *box)
{
    // Newest first: a minor collection takes the young list whole, and need not
    // search it.
    box[COUNTED_NEXT].bits = (uintptr_t)h->counted;
    h->counted = box;
}

Term heap_tuple(Heap *h, size_t n, const Term *elements)
{
    Term *to, tuple = heap_tuple_new(h, n, &to);
    // Most tuples are small: a call to copy them would take longer.
    for (size_t i = 0; i < n; i++) to[i] = elements[i];
    return tuple;
}

Term heap_list(Heap *h, size_t n, const Term *elements, Term tail)
{
    if (n == 0) return tail;
    // One allocation for all cells: they lie side by side, and walking the list
    // reads memory in order.
    Term *cells = heap_alloc(h, 2 * n);
    for (size_t i = 0; i < n; i++) {
        cells[2 * i] = elements[i];
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    cells[2 * n - 1] = tail;
    return term_from_cons(cells);
}

Term heap_string(Heap *h, const char *bytes, size_t n, Term tail)
{
    if (n == 0) return tail;
    Term *cells = heap_alloc(h, 2 * n);
    for (size_t i = 0; i < n; i++) {
        cells[2 * i] = term_small((unsigned char)bytes[i]);
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    cells[2 * n - 1] = tail;
    return term_from_cons(cells);
}

Term heap_integer(Heap *h, int64_t n)
{
    if (term_fits_small(n)) return term_small(n);
    Term *box = heap_alloc(h, 2);
    // A bignum is never one that would fit a small: equality of terms compares
    // tags first.
    box[0] = term_header(n < 0 ? SUBTAG_BIG_NEG : SUBTAG_BIG_POS, 1);
    // Negated as unsigned, for -INT64_MIN is no int64_t.
    box[1].bits = n < 0 ? 0 - (uintptr_t)n : (uintptr_t)n;
    return term_from_box(box);
}

Term heap_unsigned(Heap *h, uint64_t n)
{
    if (n <= (uint64_t)SMALL_MAX) return term_small((intptr_t)n);
    Term *box = heap_alloc(h, 2);
    box[0] = term_header(SUBTAG_BIG_POS, 1);
    box[1].bits = n;
    return term_from_box(box);
}

Term heap_float(Heap *h, double d)
{
    Term *box = heap_alloc(h, 2);
    box[0] = term_header(SUBTAG_FLOAT, 1);
    memcpy(box + 1, &d, sizeof d);
    return term_from_box(box);
}

Term heap_binary_new(Heap *h, size_t size, uint8_t **bytes)
{
    if (size > BINARY_HEAP_MAX) {
        // Its bytes must not move or be copied for messages: out of the heap.
        Blob *blob = blob_new(size);
        *bytes = blob->bytes;
        return heap_binary_from_blob(h, blob, size);
    }
    size_t words = (size + sizeof(Term) - 1) / sizeof(Term);
    Term *box = heap_alloc(h, 2 + words);
    box[0] = term_header(SUBTAG_BYTES, 1 + words);
    box[1].bits = size;
    if (words > 0) box[1 + words].bits = 0; // no garbage behind the last byte
    *bytes = (uint8_t *)(box + 2);
    return term_from_box(box);
}

Term heap_binary(Heap *h, const void *bytes, size_t size)
{
    uint8_t *to;
    Term t = heap_binary_new(h, size, &to);
    if (size > 0) memcpy(to, bytes, size);
    return t;
}

Term heap_binaries(Heap *h, const Term *box, Term list)
{
    for (; box != NULL; box = (const Term *)box[COUNTED_NEXT].bits) {
        if (header_subtag(box[0]) != SUBTAG_COUNTED) continue; // a reference
        Blob *blob = (Blob *)box[COUNTED_OBJECT].bits;
        size_t count = atomic_load(&blob->counted.count);
        Term entry = heap_tuple3(h, heap_unsigned(h, (uintptr_t)blob),
                                 heap_unsigned(h, blob->size),
                                 heap_unsigned(h, count));
        list = heap_cons(h, entry, list);
    }
    return list;
}

Term heap_binary_from_blob(Heap *h, Blob *blob, size_t size)
{
    Term *box = heap_alloc(h, 1 + COUNTED_ARITY);
    // The true size; the blob may have been made larger than what came.
    blob->size = size;
    box[0] = term_header(SUBTAG_COUNTED, COUNTED_ARITY);
    box[COUNTED_OBJECT].bits = (uintptr_t)blob;
    box[COUNTED_SIZE].bits = size;
    box[COUNTED_FLAGS].bits = 0;
    heap_link_counted(h, box);
    bool few = h->counted_bytes < HEAP_COUNTED_MOST;
    h->counted_bytes += size;
    // That much outside asks for a collection as a full heap does, by taking
    // the free room away: the next test of room in code fails and collects.
    if (few && h->counted_bytes >= HEAP_COUNTED_MOST) h->limit = h->top;
    return term_from_box(box);
}

Term heap_sub_bits(Heap *h, Term t, size_t offset, size_t size)
{
    const Term *box = term_box_ptr(t);
    // A part of a part is a part of the original: chains would keep more alive
    // and cost a step each.
    if (header_subtag(box[0]) == SUBTAG_BITS) {
        offset += box[1].bits;
        t = box[3];
    }
    Term *sub = heap_alloc(h, 4);
    sub[0] = term_header(SUBTAG_BITS, 3);
    sub[1].bits = offset;
    sub[2].bits = size;
    sub[3] = t;
    return term_from_box(sub);
}

Term heap_bits(Heap *h, const Bits *bits)
{
    uint8_t *to;
    Term t = heap_binary_new(h, (bits->size + 7) / 8, &to);
    bits_copy(to, bits);
    // Whole bytes: a binary, no BITS box needed.
    if (bits->size % 8 == 0) return t;
    return heap_sub_bits(h, t, 0, bits->size);
}

Term heap_string_utf8(Heap *h, const char *bytes, size_t n, Term tail)
{
    const uint8_t *p = (const uint8_t *)bytes, *end = p + n;
    if (n == 0) return tail;
    Term first = TERM_NIL, *link = &first;
    while (p < end) {
        uint32_t c;
        unsigned used = utf8_read(p, end, &c);
        // No UTF-8: the byte stands for itself (Latin-1).
        if (used == 0) {
            c = *p;
            used = 1;
        }
        p += used;
        *link = heap_cons(h, term_small(c), tail);
        link = term_cons_ptr(*link) + 1;
    }
    return first;
}
