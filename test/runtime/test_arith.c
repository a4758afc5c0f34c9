// SPDX-License-Identifier: Apache-2.0
// Arithmetic against GMP's integers.
#include "arith.h"
#include "big.h"
#include "terms.h"

enum { ROUNDS = 20000, LIMBS = 6 };

static void set_mpz(mpz_t z, Term t)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    mpz_import(z, b.size, -1, sizeof(mp_limb_t), 0, 0, b.limbs);
    if (b.negative) mpz_neg(z, z);
}

// [t] must be the integer [z], in its one normal form.
static void check(Term t, const mpz_t z)
{
    mpz_t got;
    mpz_init(got);
    assert_true(term_is_integer(t));
    set_mpz(got, t);
    assert_int_equal(mpz_cmp(got, z), 0);
    bool small = mpz_cmp_si(z, SMALL_MAX) <= 0 && mpz_cmp_si(z, SMALL_MIN) >= 0;
    assert_true(term_is_small(t) == small);
    mpz_clear(got);
}

typedef Term (*Operator)(Heap *h, Term a, Term b);
typedef void (*Oracle)(mpz_t to, const mpz_t a, const mpz_t b);

static void check_operator(Operator op, Oracle oracle, bool not_zero)
{
    Bench b;
    mpz_t x, y, z;
    bench_init(&b);
    mpz_inits(x, y, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        Term s = bench_integer(&b, LIMBS), t = bench_integer(&b, LIMBS);
        if (not_zero && big_sign(t) == 0) continue;
        set_mpz(x, s);
        set_mpz(y, t);
        oracle(z, x, y);
        check(op(&b.heap, s, t), z);
    }
    mpz_clears(x, y, z, NULL);
    bench_free(&b);
}

static void test_sums(void **state)
{
    check_operator(arith_add, mpz_add, false);
    check_operator(arith_subtract, mpz_sub, false);
}

static void test_products(void **state)
{
    check_operator(arith_multiply, mpz_mul, false);
    check_operator(arith_div, mpz_tdiv_q, true);
    check_operator(arith_rem, mpz_tdiv_r, true);
}

static void test_bits(void **state)
{
    check_operator(arith_and, mpz_and, false);
    check_operator(arith_or, mpz_ior, false);
    check_operator(arith_xor, mpz_xor, false);
}

static void test_shifts(void **state)
{
    Bench b;
    mpz_t x, z;
    bench_init(&b);
    mpz_inits(x, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        Term t = bench_integer(&b, LIMBS);
        size_t bits = bench_below(&b, 300);
        Term n = term_small((intptr_t)bits);
        set_mpz(x, t);
        mpz_mul_2exp(z, x, bits);
        check(arith_shift_left(&b.heap, t, n), z);
        mpz_fdiv_q_2exp(z, x, bits);
        check(arith_shift_right(&b.heap, t, n), z);
        mpz_com(z, x);
        check(arith_not(&b.heap, t), z);
    }
    mpz_clears(x, z, NULL);
    bench_free(&b);
}

static void test_text(void **state)
{
    Bench b;
    mpz_t z;
    bench_init(&b);
    mpz_init(z);
    for (int i = 0; i < ROUNDS / 10; i++) {
        int base = 2 + (int)bench_below(&b, 35);
        Term t = bench_integer(&b, 20);
        size_t size;
        char *text = big_to_text(t, base, &size);
        assert_int_equal(mpz_set_str(z, text, base), 0);
        check(t, z);
        check(big_from_text(&b.heap, text, size, base), z);
        free(text);
    }
    mpz_clear(z);
    bench_free(&b);
}

// Doubles beyond 2^53 compare as what they are, not as what they are near to.
static void test_doubles(void **state)
{
    Bench b;
    mpz_t z;
    bench_init(&b);
    mpz_init(z);
    for (int i = 0; i < ROUNDS; i++) {
        Term t = bench_integer(&b, 4);
        double d;
        set_mpz(z, t);
        assert_true(big_to_double(t, &d));
        int order = mpz_cmp_d(z, d);
        int got = big_compare_double(t, d);
        assert_int_equal((got > 0) - (got < 0), (order > 0) - (order < 0));
        mpz_set_d(z, d);
        check(big_from_double(&b.heap, d), z);
    }
    mpz_clear(z);
    bench_free(&b);
}

static void test_failures(void **state)
{
    Bench b;
    bench_init(&b);
    Heap *h = &b.heap;
    Term one = term_small(1), zero = term_small(0), f = heap_float(h, 1.5);
    Term huge = heap_float(h, 1e308), bits = term_small(64 * BIG_LIMBS_MAX);
    assert_true(term_is_none(arith_add(h, one, ATOM_ok)));
    assert_true(term_is_none(arith_div(h, one, zero)));
    assert_true(term_is_none(arith_and(h, one, f)));
    assert_true(term_is_none(arith_multiply(h, huge, huge)));
    assert_true(term_is_none(arith_shift_left(h, one, bits)));
    assert_true(term_same(arith_reason(one, bits), ATOM_system_limit));
    assert_true(term_same(arith_reason(one, zero), ATOM_badarith));
    Term less = term_small(64 * (intptr_t)BIG_LIMBS_MAX - 1);
    assert_false(term_is_none(arith_shift_left(h, one, less)));
    assert_true(term_same(arith_shift_left(h, one, term_small(-70)), zero));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),    cmocka_unit_test(test_products),
        cmocka_unit_test(test_bits),    cmocka_unit_test(test_shifts),
        cmocka_unit_test(test_text),    cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
