// SPDX-License-Identifier: Apache-2.0
// The external term format: there and back, cut short, damaged, and limits.
#include "compare.h"
#include "terms.h"

enum { TERMS = 400, DEEP = 100000 };

static Term decode(Bench *b, const uint8_t *bytes, size_t size)
{
    return external_decode(&b->node, &b->heap, bytes, size, NULL, NULL);
}

static void check_there_and_back(Bench *b, Term t, const ExternalOutput *o)
{
    size_t size;
    uint8_t *bytes = external_encode(&b->node, t, o, &size);
    Term back = decode(b, bytes, size);
    assert_false(term_is_none(back));
    assert_true(term_exact_equal(t, back));
    free(bytes);
}

static void test_there_and_back(void **state)
{
    static const ExternalOutput forms[] = {{.utf8_atoms = true},
                                           {.deterministic = true},
                                           {.old_floats = true},
                                           {.compression = 6}};
    Bench b;
    bench_init(&b);
    for (int i = 0; i < TERMS; i++) {
        Term t = bench_term(&b, 4);
        check_there_and_back(&b, t, NULL);
        for (size_t k = 0; k < 4; k++) check_there_and_back(&b, t, &forms[k]);
    }
    bench_free(&b);
}

// Every beginning of a term is an error, and no more than that.
static void test_cut(void **state)
{
    Bench b;
    bench_init(&b);
    for (int i = 0; i < TERMS / 10; i++) {
        size_t size;
        uint8_t *bytes =
            external_encode(&b.node, bench_term(&b, 3), NULL, &size);
        for (size_t n = 0; n < size; n++) {
            uint8_t *part = malloc(n + 1); // so that reading behind is seen
            memcpy(part, bytes, n);
            assert_true(term_is_none(decode(&b, part, n)));
            free(part);
        }
        free(bytes);
    }
    bench_free(&b);
}

static void test_damaged(void **state)
{
    Bench b;
    bench_init(&b);
    ExternalInput safe = {.safe = true}; // damage makes no atoms
    for (int i = 0; i < 50 * TERMS; i++) {
        size_t size;
        Heap h;
        heap_init(&h);
        uint8_t *bytes =
            external_encode(&b.node, bench_term(&b, 2), NULL, &size);
        for (int k = 0; k < 3; k++)
            bytes[bench_below(&b, size)] = (uint8_t)bench_random(&b);
        if (size < 20000)
            external_decode(&b.node, &h, bytes, size, &safe, NULL);
        free(bytes);
        heap_free(&h);
    }
    bench_free(&b);
}

// Sizes that lie must not take memory, however they are nested.
static void test_lies(void **state)
{
    static const uint8_t heads[][6] = {{'i', 0xFF, 0xFF, 0xFF, 0xFF},
                                       {'l', 0x7F, 0xFF, 0xFF, 0xFF},
                                       {'t', 0, 0, 0x80, 0},
                                       {'i', 0, 0, 0x80, 0},
                                       {'o', 0xFF, 0xFF, 0xFF, 0xFF},
                                       {'m', 0xFF, 0xFF, 0xFF, 0xFF},
                                       {'P', 0xFF, 0xFF, 0xFF, 0xFF}};
    Bench b;
    bench_init(&b);
    uint8_t *bytes = malloc(1 + 5 * 40000);
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) {
        bytes[0] = EXTERNAL_VERSION;
        for (size_t i = 0; i < 40000; i++)
            memcpy(bytes + 1 + 5 * i, heads[k], 5);
        assert_true(term_is_none(decode(&b, bytes, 1 + 5 * 40000)));
        assert_true(b.heap.fragment_words < 1000000);
    }
    free(bytes);
    bench_free(&b);
}

static void test_deep(void **state)
{
    Bench b;
    bench_init(&b);
    Term chain = TERM_NIL;
    for (int i = 0; i < DEEP; i++) chain = heap_tuple(&b.heap, 1, &chain);
    check_there_and_back(&b, chain, NULL);
    bench_free(&b);
}

static void test_safe(void **state)
{
    static const uint8_t atom[] = {131, 'w', 5, 'n', 'e', 'w', '_', '1'};
    Bench b;
    bench_init(&b);
    ExternalInput safe = {.safe = true};
    assert_true(term_is_none(external_decode(&b.node, &b.heap, atom,
                                             sizeof atom, &safe, NULL)));
    assert_true(term_is_atom(decode(&b, atom, sizeof atom)));
    assert_false(term_is_none(external_decode(&b.node, &b.heap, atom,
                                              sizeof atom, &safe, NULL)));
    bench_free(&b);
}

// A key must not come twice.
static void test_double_key(void **state)
{
    static const uint8_t map[] = {131, 't', 0, 0, 0, 2, 'a', 1, 'a', 2,
                                  'a', 1,   'a', 3};
    Bench b;
    bench_init(&b);
    assert_true(term_is_none(decode(&b, map, sizeof map)));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_damaged),        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_deep),           cmocka_unit_test(test_safe),
        cmocka_unit_test(test_double_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
