// SPDX-License-Identifier: Apache-2.0
// The collector: random terms are built and dropped, and compared with copies
// that live outside the heap.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "compare.h"
#include "copy.h"
#include "dictionary.h"
#include "gc.h"
#include "map.h"
#include "ref.h"
#include "scheduler.h"

enum { ROOTS = 24 };

typedef struct {
    Node *node;
    Scheduler *scheduler;
    Process *p;
    Term x[ROOTS];        // registers
    Heap twin_heap[ROOTS];
    Term twin[ROOTS];     // what they should be
    unsigned random;
} World;

static unsigned draw(World *w, unsigned below)
{
    w->random = w->random * 1103515245 + 12345;
    return (w->random >> 16) % below;
}

static World *world_new(void)
{
    World *w = calloc(1, sizeof *w);
    w->node = node_new(&(NodeOptions){.schedulers = 1});
    w->scheduler = w->node->schedulers[0];
    size_t words = FIRST_HEAP + FIRST_STACK;
    w->p = calloc(1, sizeof(Process) + words * sizeof(Term));
    w->p->node = w->node;
    w->p->fullsweep_after = UINT16_MAX;
    atomic_init(&w->p->home, w->scheduler);
    gc_init(w->p);
    mailbox_init(&w->p->mailbox);
    for (int i = 0; i < ROOTS; i++) {
        w->x[i] = w->twin[i] = TERM_NIL;
        heap_init(&w->twin_heap[i]);
    }
    return w;
}

static void world_free(World *w)
{
    for (int i = 0; i < ROOTS; i++) heap_free(&w->twin_heap[i]);
    dictionary_clear(w->p);
    mailbox_free(&w->p->mailbox);
    gc_free(w->p);
    free(w->p);
    node_free(w->node);
    free(w);
}

// Any root, or something small.
static Term part(World *w)
{
    if (draw(w, 3) == 0) return w->x[draw(w, ROOTS)];
    return term_small((int)draw(w, 1000));
}

static Term build_binary(World *w, Heap *h)
{
    uint8_t *bytes;
    size_t size = draw(w, 200);
    Term t = heap_binary_new(h, size, &bytes);
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)draw(w, 256);
    if (draw(w, 2) == 0 && size > 8) t = heap_sub_bits(h, t, 3, 40);
    return t;
}

static Term build_map(World *w, Heap *h)
{
    Term pairs[200];
    size_t n = draw(w, 5) == 0 ? 100 : draw(w, 8);
    for (size_t i = 0; i < n; i++) {
        pairs[2 * i] = term_small((int)i);
        pairs[2 * i + 1] = part(w);
    }
    return map_from_pairs(h, w->node->atoms, n, pairs);
}

static Term build(World *w)
{
    Heap *h = &w->p->heap;
    Term list = TERM_NIL;
    switch (draw(w, 8)) {
    case 0:
        return heap_tuple3(h, part(w), part(w), part(w));
    case 1:
        return build_binary(w, h);
    case 2:
        return build_map(w, h);
    case 3:
        return ref_new(w->node, h);
    case 4:
        return heap_float(h, draw(w, 1000) / 7.0);
    case 5:
        return heap_unsigned(h, UINT64_MAX - draw(w, 1000));
    default:
        for (unsigned n = draw(w, 40); n > 0; n--)
            list = heap_cons(h, part(w), list);
        return list;
    }
}

// Terms that share much print as trees: drop what has become too large.
static void set_root(World *w, unsigned i, Term t)
{
    if (copy_size(w->node, t) > 20000) t = TERM_NIL;
    w->x[i] = t;
    heap_free(&w->twin_heap[i]);
    w->twin[i] = copy_term(w->node, &w->twin_heap[i], t);
}

static void check(World *w)
{
    for (int i = 0; i < ROOTS; i++)
        assert_true(term_exact_equal(w->x[i], w->twin[i]));
}

static void roots_survive(void **state)
{
    World *w = world_new();
    for (int round = 0; round < 30000; round++) {
        set_root(w, draw(w, ROOTS), build(w));
        Heap *h = &w->p->heap;
        size_t need = draw(w, 100);
        if ((size_t)(h->limit - h->top) < need || h->main_limit != NULL) {
            gc_collect(w->p, need, w->x, ROOTS);
            assert_true((size_t)(h->limit - h->top) >= need);
            if (round % 16 == 0) check(w);
        }
        if (draw(w, 3000) == 0) gc_full(w->p, w->x, ROOTS);
    }
    check(w);
    world_free(w);
}

// A long list grows old, and stays whole.
static void old_list_survives(void **state)
{
    World *w = world_new();
    Heap *h = &w->p->heap;
    enum { LENGTH = 400000 };
    for (int i = 0; i < LENGTH; i++) {
        if (h->limit - h->top < 8) gc_collect(w->p, 8, w->x, 1);
        heap_tuple2(h, w->x[0], w->x[0]); // garbage
        Term pair = heap_tuple2(h, term_small(i), ATOM_ok);
        w->x[0] = heap_cons(h, pair, w->x[0]);
    }
    assert_non_null(w->p->old);
    assert_int_equal(term_list_length(w->x[0]), LENGTH);
    Term t = w->x[0];
    for (int i = LENGTH; i-- > 0; t = term_tail(t))
        assert_int_equal(term_small_value(term_tuple_get(term_head(t), 0)), i);
    w->x[0] = TERM_NIL;
    gc_full(w->p, w->x, 1);
    assert_true(gc_heap_size(w->p) < 1000);
    world_free(w);
}

// Messages are roots, whether young or old.
static void messages_survive(void **state)
{
    World *w = world_new();
    Heap *h = &w->p->heap;
    Mailbox *m = &w->p->mailbox;
    int sent = 0, taken = 0;
    for (int round = 0; round < 200000; round++) {
        if (h->limit - h->top < 8) gc_collect(w->p, 8, w->x, 0);
        Term t = heap_tuple2(h, term_small(sent++), ATOM_ok);
        mailbox_append(m, heap_cons(h, t, TERM_NIL));
        while (m->count > 20000 + draw(w, 100)) {
            // Leave the first, so that others come out of the middle.
            mailbox_skip(m);
            Term got = term_head(mailbox_peek(m));
            assert_int_equal(term_small_value(term_tuple_get(got, 0)),
                             ++taken);
            mailbox_take(m);
        }
    }
    Term first = term_head(mailbox_peek(m));
    assert_int_equal(term_small_value(term_tuple_get(first, 0)), 0);
    world_free(w);
}

// Counted binaries are released when nobody refers to them.
static void blobs_are_released(void **state)
{
    World *w = world_new();
    uint8_t *bytes;
    w->x[0] = heap_binary_new(&w->p->heap, 1000, &bytes);
    Blob *blob = counted_blob(w->x[0]);
    counted_keep(&blob->counted);
    for (int i = 0; i < 3; i++) gc_collect(w->p, 10, w->x, 1);
    assert_int_equal(atomic_load(&blob->counted.count), 2);
    gc_collect(w->p, 10, w->x, 0);
    assert_int_equal(atomic_load(&blob->counted.count), 1);
    counted_release(&blob->counted);
    world_free(w);
}

static void stack_and_dictionary_are_roots(void **state)
{
    World *w = world_new();
    Process *p = w->p;
    for (int i = 0; i < 1000; i++) {
        if (p->stack - p->stack_limit < 1) gc_grow_stack(p, 1);
        *--p->stack = heap_tuple2(&p->heap, term_small(i), TERM_NIL);
        dictionary_put(p, term_small(i),
                       heap_tuple2(&p->heap, term_small(i), ATOM_ok));
        if (i % 10 == 0) gc_collect(p, 20, w->x, 0);
    }
    gc_full(p, w->x, 0);
    for (int i = 0; i < 1000; i++) {
        Term t = p->stack_base[-1 - i];
        assert_int_equal(term_small_value(term_tuple_get(t, 0)), i);
        t = dictionary_get(p->dictionary, term_small(i));
        assert_int_equal(term_small_value(term_tuple_get(t, 0)), i);
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_survive),
        cmocka_unit_test(old_list_survives),
        cmocka_unit_test(messages_survive),
        cmocka_unit_test(blobs_are_released),
        cmocka_unit_test(stack_and_dictionary_are_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
