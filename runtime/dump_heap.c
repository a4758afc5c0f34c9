// SPDX-License-Identifier: Apache-2.0
// Dump: terms of a heap. A line is the address of an object and what lies
// there:
//
//     7F00:lI1|H7F10      cons cell of 1 and what lies at 7F10
//     7F10:t2:A1:a,N      tuple of 'a' and []
//
// What viewers have no line for (maps, funs, references) is written in the
// external format. Each object of a process once: addresses that are due are
// remembered in a set.
#include "dump.h"

#include <stdlib.h>
#include <string.h>

#include "external.h"
#include "memory.h"
#include "number_text.h"
#include "print.h"
#include "term_stack.h"

struct DumpHeap {
    Dump *dump;
    TermStack due;   // to be written
    uintptr_t *seen; // open addressing; 0: vacant
    size_t count, mask;
};

DumpHeap *dump_heap_new(Dump *d)
{
    enum { FIRST = 256 };
    DumpHeap *h = memory_zeroed(1, sizeof *h);
    h->dump = d;
    term_stack_init(&h->due);
    h->mask = FIRST - 1;
    h->seen = memory_zeroed(FIRST, sizeof *h->seen);
    return h;
}

void dump_heap_free(DumpHeap *h)
{
    term_stack_free(&h->due);
    free(h->seen);
    free(h);
}

// False when the address was there.
static bool insert(uintptr_t *seen, size_t mask, uintptr_t address)
{
    size_t i = (address >> 4) * 0x9E3779B97F4A7C15u >> 20 & mask;
    for (; seen[i] != 0; i = (i + 1) & mask)
        if (seen[i] == address) return false;
    seen[i] = address;
    return true;
}

// At most half full.
static bool is_new(DumpHeap *h, uintptr_t address)
{
    if (2 * h->count > h->mask) {
        size_t mask = 2 * h->mask + 1;
        uintptr_t *seen = memory_zeroed(mask + 1, sizeof *seen);
        for (size_t i = 0; i <= h->mask; i++)
            if (h->seen[i] != 0) insert(seen, mask, h->seen[i]);
        free(h->seen);
        h->seen = seen;
        h->mask = mask;
    }
    bool is = insert(h->seen, h->mask, address);
    h->count += is;
    return is;
}

// A local pid or port.
static void write_identifier(Dump *d, char kind, Term t)
{
    Buffer b;
    buffer_init(&b);
    print_leaf(d->node, &b, t, PRINT_LATIN1);
    dump_print(d, "%c%.*s", kind, (int)b.size, (const char *)b.bytes);
    buffer_free(&b);
}

void dump_heap_word(DumpHeap *h, Term t)
{
    Dump *d = h->dump;
    if (term_is_small(t)) {
        dump_print(d, "I%ld", (long)term_small_value(t));
    } else if (term_is_atom(t)) {
        const AtomText *text = atom_text(d->node->atoms, t);
        dump_print(d, "A%X:%s", (unsigned)text->size, text->bytes);
    } else if (term_is_nil(t)) {
        dump_print(d, "N");
    } else if (term_is_local_pid(t)) {
        write_identifier(d, 'P', t);
    } else if (term_is_local_port(t)) {
        write_identifier(d, 'p', t);
    } else if (term_is_cons(t) || term_is_boxed(t)) {
        const Term *at = term_is_cons(t) ? term_cons_ptr(t) : term_box_ptr(t);
        dump_print(d, "H%lX", (unsigned long)(uintptr_t)at);
        if (is_new(h, (uintptr_t)at)) term_stack_push(&h->due, t);
    } else {
        dump_print(d, "SCatch"); // or another word of the machine
    }
}

void dump_heap_pair(DumpHeap *h, const Term *address, Term a, Term b)
{
    dump_print(h->dump, "%lX:t2:", (unsigned long)(uintptr_t)address);
    dump_heap_word(h, a);
    dump_print(h->dump, ",");
    dump_heap_word(h, b);
    dump_print(h->dump, "\n");
}

static void write_external(Dump *d, Term t)
{
    size_t size;
    uint8_t *bytes = external_encode(d->node, t, NULL, &size);
    dump_print(d, "E");
    dump_base64(d, bytes, size);
    free(bytes);
}

static void write_binary(Dump *d, Term t, const Bits *bits)
{
    const uint8_t *bytes = bits->base + bits->offset / 8;
    size_t size = bits->size / 8;
    // Parts of a byte are nothing that viewers know.
    if (bits->size % 8 != 0 || bits->offset % 8 != 0) {
        write_external(d, t);
    } else if (size <= BINARY_HEAP_MAX) {
        dump_print(d, "Yh");
        dump_base64(d, bytes, size);
    } else {
        if (d->binary_count == d->binary_room)
            d->binaries = memory_grow(d->binaries, &d->binary_room, 64,
                                      sizeof *d->binaries);
        d->binaries[d->binary_count++] = (DumpBinary){bytes, size};
        dump_print(d, "Yc%lX:0:%zX", (unsigned long)(uintptr_t)bytes, size);
    }
}

static void write_float(Dump *d, double f)
{
    char text[64];
    size_t size = (size_t)snprintf(text, sizeof text, "%.20e", f);
    dump_print(d, "F%zX:%s", size, text);
}

static void write_big(Dump *d, Term t)
{
    const Term *box = term_box_ptr(t);
    bool negative = term_subtag(t) == SUBTAG_BIG_NEG;
    dump_print(d, "B%s16#", negative ? "-" : "");
    for (size_t i = term_arity(t); i > 0; i--)
        dump_print(d, i == term_arity(t) ? "%lX" : "%016lX",
                   (unsigned long)box[i].bits);
}

static void write_tuple(DumpHeap *h, Term t)
{
    size_t n = term_arity(t);
    dump_print(h->dump, "t%zX:", n);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) dump_print(h->dump, ",");
        dump_heap_word(h, term_tuple_get(t, i));
    }
}

static void write_box(DumpHeap *h, Term t)
{
    Dump *d = h->dump;
    Bits bits;
    if (term_is_tuple(t))
        write_tuple(h, t);
    else if (term_is_float(t))
        write_float(d, term_float_value(t));
    else if (term_is_big(t))
        write_big(d, t);
    else if (term_bits(t, &bits))
        write_binary(d, t, &bits);
    else if (term_has_subtag(t, SUBTAG_EXT_PID))
        write_identifier(d, 'P', t);
    else if (term_has_subtag(t, SUBTAG_EXT_PORT))
        write_identifier(d, 'p', t);
    else if (term_has_subtag(t, SUBTAG_MATCH))
        dump_print(d, "t0:"); // of a function that takes a binary apart
    else
        write_external(d, t);
}

void dump_heap_write(DumpHeap *h)
{
    Dump *d = h->dump;
    while (!term_stack_is_empty(&h->due) && !d->is_cut) {
        Term t = term_stack_pop(&h->due);
        const Term *at = term_is_cons(t) ? term_cons_ptr(t) : term_box_ptr(t);
        dump_print(d, "%lX:", (unsigned long)(uintptr_t)at);
        if (term_is_cons(t)) {
            dump_print(d, "l");
            dump_heap_word(h, at[0]);
            dump_print(d, "|");
            dump_heap_word(h, at[1]);
        } else {
            write_box(h, t);
        }
        dump_print(d, "\n");
    }
}

// By address; of those at one place the longest first.
static int compare_binaries(const void *a, const void *b)
{
    const DumpBinary *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return x->size > y->size ? -1 : x->size < y->size;
}

void dump_heap_binaries(Dump *d)
{
    if (d->binary_count == 0) return;
    qsort(d->binaries, d->binary_count, sizeof *d->binaries, compare_binaries);
    for (size_t i = 0; i < d->binary_count; i++) {
        const DumpBinary *b = &d->binaries[i];
        if (i > 0 && b[-1].bytes == b->bytes) continue;
        dump_print(d, "=binary:%lX\n", (unsigned long)(uintptr_t)b->bytes);
        dump_base64(d, b->bytes, b->size);
        dump_print(d, "\n");
    }
    free(d->binaries);
}
