// SPDX-License-Identifier: Apache-2.0
// The part of mpc that the grammar uses, whichever mpc it is built with.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <mpc.h>

// Values are numbers in pointers.
static mpc_val_t *value(intptr_t n)
{
    return (mpc_val_t *)n;
}

static void keep(mpc_val_t *x)
{
    (void)x;
}

static mpc_val_t *to_digit(mpc_val_t *x)
{
    intptr_t n = *(char *)x - '0';
    mpcf_free(x);
    return value(n);
}

static mpc_val_t *fold_sum(int n, mpc_val_t **xs)
{
    intptr_t sum = 0;
    for (int i = 0; i < n; i++) sum += (intptr_t)xs[i];
    return value(sum);
}

static mpc_val_t *fold_place(int n, mpc_val_t **xs)
{
    long pos = ((mpc_state_t *)xs[0])->pos;
    for (int i = 0; i < n; i++) mpcf_free(xs[i]);
    return value(pos);
}

static int is_small(mpc_val_t **x)
{
    return (intptr_t)*x < 5;
}

static int is_even_digit(char c)
{
    return c >= '0' && c <= '9' && (c - '0') % 2 == 0;
}

static mpc_parser_t *digit(void)
{
    return mpc_apply(mpc_range('0', '9'), to_digit);
}

static mpc_parser_t *drop(char c)
{
    return mpc_apply(mpc_char(c), mpcf_free);
}

// The number that [p] makes of [text]; -1 - place of the error.
static intptr_t run(mpc_parser_t *p, const char *text)
{
    mpc_result_t r;
    if (mpc_nparse("test", text, strlen(text), p, &r))
        return (intptr_t)r.output;
    intptr_t at = -1 - (intptr_t)r.error->state.pos;
    mpc_err_delete(r.error);
    return at;
}

static intptr_t run_once(mpc_parser_t *p, const char *text)
{
    intptr_t n = run(p, text);
    mpc_delete(p);
    return n;
}

static void test_sequences(void **state)
{
    (void)state;
    mpc_parser_t *sum = mpc_and(3, fold_sum, digit(), drop('+'), digit(), keep,
                                keep);
    assert_int_equal(run(sum, "2+3"), 5);
    assert_int_equal(run(sum, "2-3"), -2);
    assert_int_equal(run_once(sum, "2+"), -3);
    mpc_parser_t *place = mpc_and(2, fold_place, mpc_state(), mpc_any(), free);
    assert_int_equal(run_once(mpc_and(2, mpcf_snd, drop('a'), place, keep),
                              "ab"), 1);
}

static void test_repetition(void **state)
{
    (void)state;
    assert_int_equal(run_once(mpc_many(fold_sum, digit()), "123x"), 6);
    assert_int_equal(run_once(mpc_many(fold_sum, digit()), "x"), 0);
    assert_int_equal(run_once(mpc_many1(fold_sum, digit()), "x"), -1);
    assert_int_equal(run_once(mpc_maybe(digit()), "x"), 0);
}

static void test_choices(void **state)
{
    (void)state;
    // The furthest failure counts, though the choice went on.
    mpc_parser_t *p = mpc_or(2,
        mpc_and(3, fold_sum, digit(), drop(','), digit(), keep, keep),
        mpc_and(2, fold_sum, digit(), drop(';'), keep));
    assert_int_equal(run(p, "1;"), 1);
    assert_int_equal(run(p, "1,2"), 3);
    assert_int_equal(run_once(p, "1,x"), -3);
    p = mpc_and(2, mpcf_snd, mpc_not(mpc_char('1'), free), digit(), keep);
    assert_int_equal(run(p, "2"), 2);
    assert_true(run_once(p, "1") < 0);
    p = mpc_apply(mpc_satisfy(is_even_digit), to_digit);
    assert_int_equal(run(p, "4"), 4);
    assert_int_equal(run_once(p, "5"), -1);
}

static void test_checks(void **state)
{
    (void)state;
    mpc_parser_t *p = mpc_check(digit(), keep, is_small, "too large");
    assert_int_equal(run(p, "4"), 4);
    assert_int_equal(run_once(p, "5"), -2);
    // A sequence around a check goes back for the next alternative.
    p = mpc_or(2,
        mpc_and(1, mpcf_fst, mpc_check(digit(), keep, is_small, "too large")),
        mpc_and(2, fold_sum, digit(), digit(), keep));
    assert_int_equal(run_once(p, "56"), 11);
}

// Counts what is destroyed, by its number.
static int destroyed[10];

static void destroy(mpc_val_t *x)
{
    destroyed[(intptr_t)x]++;
}

static mpc_parser_t *pair(char first)
{
    mpc_parser_t *a = mpc_apply(mpc_char(first), to_digit);
    return mpc_and(3, fold_sum, a, digit(), drop(';'), destroy, destroy);
}

// What was made before a failure is destroyed, once, however far back the
// failure goes.
static void test_destruction(void **state)
{
    (void)state;
    memset(destroyed, 0, sizeof destroyed);
    mpc_parser_t *p = mpc_or(2, pair('1'), pair('1'));
    assert_int_equal(run(p, "12;"), 3);
    assert_int_equal(destroyed[1] + destroyed[2], 0);
    assert_true(run_once(p, "12,") < 0);
    assert_int_equal(destroyed[1], 2);
    assert_int_equal(destroyed[2], 2);
    p = mpc_or(2, mpc_and(3, fold_sum, digit(), digit(), digit(), destroy,
                          destroy),
               mpc_many(fold_sum, digit()));
    assert_int_equal(run_once(p, "34"), 7);
    assert_int_equal(destroyed[3], 1);
    assert_int_equal(destroyed[4], 1);
    p = mpc_and(2, mpcf_snd, mpc_not(digit(), destroy), mpc_any(), keep);
    assert_int_equal(run_once(p, "5"), -1);
    assert_int_equal(destroyed[5], 1);
    p = mpc_check(digit(), destroy, is_small, "too large");
    assert_true(run_once(p, "6") < 0);
    assert_int_equal(destroyed[6], 1);
}

static mpc_parser_t *separated(void)
{
    mpc_parser_t *more = mpc_and(2, mpcf_snd, drop(','), digit(), keep);
    return mpc_and(2, fold_sum, digit(), mpc_many(fold_sum, more), keep);
}

static void test_separation(void **state)
{
    (void)state;
    mpc_parser_t *p = separated();
    assert_int_equal(run(p, "1,2,3"), 6);
    assert_int_equal(run(p, "1,2,x"), 3); // the last comma is left
    assert_int_equal(run_once(p, ",1"), -1);
    p = mpc_and(2, mpcf_snd, separated(),
                mpc_and(2, fold_place, mpc_state(), drop(','), keep), keep);
    assert_int_equal(run_once(p, "1,2,x"), 3); // where that comma stands
#ifdef MERLE_MPC_H // for mpc itself it has no end
    // A round that consumes nothing is the last.
    p = mpc_many(fold_sum, mpc_maybe(digit()));
    assert_int_equal(run_once(p, "12x"), 3);
#endif
}

// More alternatives than a table is made for.
static void test_many_choices(void **state)
{
    enum { DEPTH = 70 };
    (void)state;
    mpc_parser_t *p = digit();
    for (int i = 0; i < DEPTH; i++) p = mpc_or(2, drop('a'), p);
    assert_int_equal(run(p, "7"), 7);
    assert_int_equal(run_once(p, "b"), -1);
}

static void test_recursion(void **state)
{
    (void)state;
    mpc_parser_t *nest = mpc_new("nest");
    mpc_parser_t *inner = mpc_and(3, mpcf_snd, drop('('), nest, drop(')'), keep,
                                  keep);
    mpc_define(nest, mpc_or(2, inner, digit()));
    mpc_optimise(nest);
    assert_int_equal(run(nest, "((7))"), 7);
    assert_int_equal(run(nest, "((7)"), -5);
    enum { DEEP = 300000 };
    char *text = malloc(2 * DEEP + 2);
    memset(text, '(', DEEP);
    text[DEEP] = '8';
    memset(text + DEEP + 1, ')', DEEP);
    text[2 * DEEP + 1] = 0;
    intptr_t n = run(nest, text);
    assert_true(n == 8 || n < 0); // an error where depth is limited
    free(text);
    mpc_cleanup(1, nest);
}

static void test_errors(void **state)
{
    (void)state;
    mpc_result_t r;
    mpc_parser_t *p = mpc_and(2, mpcf_fst, mpc_expect(digit(), "digit"),
                              drop(';'), keep);
    assert_false(mpc_parse("file", "1,", p, &r));
    char *text = mpc_err_string(r.error);
    assert_non_null(strstr(text, "file:1:2"));
    assert_non_null(strstr(text, "';'"));
    free(text);
    mpc_err_delete(r.error);
    mpc_delete(p);
    // A message stands for what it is about, as far as that begins there.
    p = mpc_expect(mpc_and(2, mpcf_fst, digit(), drop(';'), keep), "a pair");
    assert_false(mpc_parse("file", "x", p, &r));
    text = mpc_err_string(r.error);
    assert_non_null(strstr(text, "expected a pair"));
    free(text);
    mpc_err_delete(r.error);
    mpc_delete(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences), cmocka_unit_test(test_repetition),
        cmocka_unit_test(test_choices),   cmocka_unit_test(test_checks),
        cmocka_unit_test(test_recursion), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_destruction), cmocka_unit_test(test_separation),
        cmocka_unit_test(test_many_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
