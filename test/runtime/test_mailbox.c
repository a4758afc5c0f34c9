// SPDX-License-Identifier: Apache-2.0
// The mailbox's queue: order, holes, markers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "mailbox.h"

static intptr_t take(Mailbox *m)
{
    Term t = mailbox_peek(m);
    mailbox_take(m);
    return term_small_value(t);
}

static void fill(Mailbox *m, int from, int to)
{
    for (int i = from; i <= to; i++) mailbox_append(m, term_small(i));
}

static void first_in_first_out(void **state)
{
    Mailbox m;
    mailbox_init(&m);
    assert_true(term_is_none(mailbox_peek(&m)));
    for (int round = 0; round < 1000; round++) {
        fill(&m, 1, round % 50);
        for (int i = 1; i <= round % 50; i++) assert_int_equal(take(&m), i);
        assert_int_equal(m.count, 0);
    }
    mailbox_free(&m);
}

// Messages taken from anywhere leave the others in their order.
static void taken_from_the_middle(void **state)
{
    enum { COUNT = 2000 };
    Mailbox m;
    mailbox_init(&m);
    fill(&m, 0, COUNT - 1);
    // Every third, which lies further and further behind.
    for (int i = 2; i < COUNT; i += 3) {
        while (term_small_value(mailbox_peek(&m)) != i) mailbox_skip(&m);
        mailbox_take(&m);
        assert_int_equal(m.save, m.head);
    }
    for (int i = 0; i < COUNT; i++)
        if (i % 3 != 2) assert_int_equal(take(&m), i);
    assert_int_equal(m.count, 0);
    assert_true(term_is_none(mailbox_peek(&m)));
    mailbox_free(&m);
}

static void rewinding(void **state)
{
    Mailbox m;
    mailbox_init(&m);
    fill(&m, 1, 3);
    mailbox_skip(&m);
    mailbox_skip(&m);
    assert_int_equal(term_small_value(mailbox_peek(&m)), 3);
    mailbox_rewind(&m);
    assert_int_equal(term_small_value(mailbox_peek(&m)), 1);
    mailbox_free(&m);
}

// A marker lets a receive start behind what came before its reference, and
// never behind what came after.
static void markers(void **state)
{
    Mailbox m;
    RefId ref = {1, 2}, other = {3, 4};
    mailbox_init(&m);
    fill(&m, 1, 100);
    uint64_t at = mailbox_marker_reserve(&m);
    mailbox_marker_bind(&m, at, ref);
    fill(&m, 101, 102);
    mailbox_marker_use(&m, other);
    assert_int_equal(m.save, 0);
    mailbox_marker_use(&m, ref);
    assert_int_equal(term_small_value(mailbox_peek(&m)), 101);
    mailbox_rewind(&m);
    // Messages that are taken, and an array that moves, do not matter.
    for (int i = 1; i <= 90; i++) assert_int_equal(take(&m), i);
    fill(&m, 103, 300);
    mailbox_marker_use(&m, ref);
    assert_int_equal(take(&m), 101);
    mailbox_marker_clear(&m, ref);
    mailbox_marker_use(&m, ref);
    assert_int_equal(term_small_value(mailbox_peek(&m)), 91);
    mailbox_free(&m);
}

// Several markers are open at a time, each at its own place; of too many the
// oldest is forgotten.
static void several_markers(void **state)
{
    Mailbox m;
    mailbox_init(&m);
    fill(&m, 1, 50);
    for (uint64_t i = 1; i <= 9; i++) {
        mailbox_marker_bind(&m, mailbox_marker_reserve(&m), (RefId){i, i});
        fill(&m, 50 + (int)i, 50 + (int)i);
    }
    for (uint64_t i = 2; i <= 9; i++) {
        mailbox_marker_use(&m, (RefId){i, i});
        assert_int_equal(term_small_value(mailbox_peek(&m)), 50 + i);
        mailbox_rewind(&m);
    }
    mailbox_marker_use(&m, (RefId){1, 1});
    assert_int_equal(m.save, 0);
    for (uint64_t i = 9; i >= 3; i--) {
        mailbox_marker_clear(&m, (RefId){i, i});
        mailbox_marker_use(&m, (RefId){i, i});
        assert_int_equal(m.save, 0);
    }
    mailbox_marker_use(&m, (RefId){2, 2});
    assert_int_equal(term_small_value(mailbox_peek(&m)), 52);
    mailbox_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(taken_from_the_middle),
        cmocka_unit_test(rewinding),
        cmocka_unit_test(markers),
        cmocka_unit_test(several_markers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
