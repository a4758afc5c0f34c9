// SPDX-License-Identifier: Apache-2.0
// Maps against a plain array, order, and that a map has one form however it
// was made.
#include "compare.h"
#include "hash.h"
#include "terms.h"

enum { KEYS = 200, ROUNDS = 20000 };

// The value of key i is values[i]; none when it is not in the map.
typedef struct {
    Term keys[KEYS], values[KEYS];
} Model;

static void init_model(Bench *b, Model *m)
{
    for (size_t i = 0; i < KEYS; i++) {
        Term number = term_small((intptr_t)i);
        Term real = heap_float(&b->heap, (double)i);
        m->keys[i] = i % 2 == 0 ? number : heap_tuple2(&b->heap, number, real);
        m->values[i] = TERM_NONE;
    }
}

static size_t model_size(const Model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < KEYS; i++) n += !term_is_none(m->values[i]);
    return n;
}

static Term model_map(Bench *b, const Model *m)
{
    Term pairs[2 * KEYS];
    size_t n = 0;
    for (size_t i = 0; i < KEYS; i++) {
        if (term_is_none(m->values[i])) continue;
        pairs[2 * n] = m->keys[i];
        pairs[2 * n++ + 1] = m->values[i];
    }
    return map_from_pairs(&b->heap, b->node.atoms, n, pairs);
}

static void check_model(const Model *m, Term map)
{
    size_t n = model_size(m), seen = 0;
    assert_int_equal(map_size(map), n);
    assert_true(map_is_flat(map) == (n <= MAP_FLAT_MAX));
    for (size_t i = 0; i < KEYS; i++)
        assert_true(term_same(map_get(map, m->keys[i]), m->values[i]));
    MapIterator it;
    Term key, value;
    map_iterate(&it, map);
    while (map_next(&it, &key, &value)) seen++;
    assert_int_equal(seen, n);
}

// One random change, made in both.
static Term change(Bench *b, Model *m, Term map, bool growing)
{
    size_t i = bench_below(b, KEYS);
    if (bench_below(b, 4) < (growing ? 3 : 1)) {
        m->values[i] = term_small((intptr_t)bench_below(b, 1000));
        return map_put(&b->heap, b->node.atoms, map, m->keys[i], m->values[i]);
    }
    Term was = m->values[i], removed;
    m->values[i] = TERM_NONE;
    map = map_remove(&b->heap, b->node.atoms, map, m->keys[i], &removed);
    assert_true(term_same(was, removed));
    return map;
}

static void test_changes(void **state)
{
    Bench b;
    Model m;
    bench_init(&b);
    init_model(&b, &m);
    Term map = map_new(&b.heap);
    for (size_t i = 0; i < ROUNDS; i++) {
        map = change(&b, &m, map, i / 500 % 2 == 0);
        if (i % 16 != 0) continue;
        check_model(&m, map);
        Term built = model_map(&b, &m);
        assert_true(term_exact_equal(map, built));
        assert_int_equal(hash_internal(map), hash_internal(built));
        assert_int_equal(term_compare(b.node.atoms, map, built), 0);
    }
    bench_free(&b);
}

static void test_merge(void **state)
{
    Bench b;
    Model m, n;
    bench_init(&b);
    for (int round = 0; round < 300; round++) {
        init_model(&b, &m);
        init_model(&b, &n);
        size_t some = bench_below(&b, 2 * KEYS), more = bench_below(&b, KEYS);
        Term one = map_new(&b.heap), two = one;
        for (size_t i = 0; i < some; i++) one = change(&b, &m, one, true);
        for (size_t i = 0; i < more; i++) two = change(&b, &n, two, true);
        for (size_t i = 0; i < KEYS; i++)
            if (!term_is_none(n.values[i])) m.values[i] = n.values[i];
        Term both = map_merge(&b.heap, b.node.atoms, one, two);
        check_model(&m, both);
        assert_true(term_exact_equal(both, model_map(&b, &m)));
    }
    bench_free(&b);
}

// Equal keys count once, the last one's value stays.
static void test_doubles(void **state)
{
    Bench b;
    bench_init(&b);
    for (size_t different = 1; different < 60; different += 7) {
        Term pairs[600];
        for (size_t i = 0; i < 300; i++) {
            pairs[2 * i] = term_small((intptr_t)(i % different));
            pairs[2 * i + 1] = term_small((intptr_t)i);
        }
        Term map = map_from_pairs(&b.heap, b.node.atoms, 300, pairs);
        assert_int_equal(map_size(map), different);
        Term last = map_get(map, term_small(0));
        assert_int_equal(term_small_value(last), 299 / different * different);
    }
    bench_free(&b);
}

// An iterator can be left and taken up at any place.
static void test_places(void **state)
{
    Bench b;
    Model m;
    bench_init(&b);
    init_model(&b, &m);
    for (size_t n = 1; n < KEYS; n += 13) {
        for (size_t i = 0; i < n; i++) m.values[i] = term_small((intptr_t)i);
        Term map = model_map(&b, &m), place = term_small(0);
        MapIterator whole, part;
        map_iterate_fold(&whole, map);
        for (Term k, v, k2, v2; map_next(&whole, &k, &v);) {
            assert_true(map_iterate_from(&part, map, place));
            assert_true(map_next(&part, &k2, &v2));
            assert_true(term_same(k, k2) && term_same(v, v2));
            place = map_iterator_place(&b.heap, &part);
        }
        assert_true(term_is_none(place));
        assert_false(map_iterate_from(&part, map, term_small(SMALL_MAX)));
    }
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
