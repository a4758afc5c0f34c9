// SPDX-License-Identifier: Apache-2.0
// The order of terms is one: antisymmetric, transitive, and in accord with
// equality and hashes; at any depth.
#include "compare.h"
#include "hash.h"
#include "terms.h"

enum { TERMS = 150, DEEP = 1000000 };

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void test_order(void **state)
{
    Bench b;
    Term t[TERMS];
    bench_init(&b);
    const AtomTable *atoms = b.node.atoms;
    for (size_t i = 0; i < TERMS; i++) t[i] = bench_term(&b, 3);
    for (size_t i = 0; i < TERMS; i++) {
        for (size_t j = 0; j < TERMS; j++) {
            int order = sign(term_compare(atoms, t[i], t[j]));
            assert_int_equal(sign(term_compare(atoms, t[j], t[i])), -order);
            assert_true(term_equal(t[i], t[j]) == (order == 0));
            int exact = term_compare_exact(atoms, t[i], t[j]);
            assert_true(term_exact_equal(t[i], t[j]) == (exact == 0));
            if (exact != 0) continue;
            assert_int_equal(hash_phash2(atoms, t[i]),
                             hash_phash2(atoms, t[j]));
            assert_int_equal(hash_internal(t[i]), hash_internal(t[j]));
        }
    }
    bench_free(&b);
}

static void test_transitive(void **state)
{
    Bench b;
    Term t[TERMS / 3];
    size_t n = TERMS / 3;
    bench_init(&b);
    const AtomTable *atoms = b.node.atoms;
    for (size_t i = 0; i < n; i++) t[i] = bench_term(&b, 2);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                if (term_compare(atoms, t[i], t[j]) <= 0
                    && term_compare(atoms, t[j], t[k]) <= 0)
                    assert_true(term_compare(atoms, t[i], t[k]) <= 0);
    bench_free(&b);
}

static void test_kinds(void **state)
{
    Bench b;
    bench_init(&b);
    Heap *h = &b.heap;
    Term kinds[] = {
        term_small(7), heap_float(h, 7.5), ATOM_ok, term_local_port(1),
        term_local_pid(1), heap_tuple(h, 0, NULL), map_new(h), TERM_NIL,
        heap_cons(h, TERM_NIL, TERM_NIL), heap_binary(h, "", 0)};
    for (size_t i = 0; i + 1 < sizeof kinds / sizeof *kinds; i++)
        assert_true(term_compare(b.node.atoms, kinds[i], kinds[i + 1]) < 0);
    Term one = term_small(1), real = heap_float(h, 1.0);
    assert_true(term_equal(one, real) && !term_exact_equal(one, real));
    assert_true(term_compare_exact(b.node.atoms, one, real) < 0);
    assert_true(term_exact_equal(heap_float(h, 0.0), heap_float(h, -0.0)));
    bench_free(&b);
}

static Term deep(Heap *h, intptr_t n)
{
    Term t = term_small(n);
    for (int i = 0; i < DEEP; i++)
        t = i % 2 == 0 ? heap_cons(h, t, TERM_NIL) : heap_tuple(h, 1, &t);
    return t;
}

static void test_depth(void **state)
{
    Bench b;
    bench_init(&b);
    Term one = deep(&b.heap, 1), two = deep(&b.heap, 2);
    Term same = deep(&b.heap, 1);
    assert_true(term_compare(b.node.atoms, one, two) < 0);
    assert_true(term_exact_equal(one, same));
    assert_int_equal(hash_internal(one), hash_internal(same));
    assert_int_equal(hash_phash2(b.node.atoms, one),
                     hash_phash2(b.node.atoms, same));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_transitive),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
