// SPDX-License-Identifier: Apache-2.0
// The process table: pids, slots, grace periods.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "process_table.h"

enum { LIMIT = 1024 };

static void finds_what_lives(void **state)
{
    ProcessTable *t = process_table_new(LIMIT, 1);
    Process *p = calloc(LIMIT + 1, sizeof *p);
    for (int i = 0; i < LIMIT; i++) assert_true(process_table_add(t, &p[i]));
    assert_false(process_table_add(t, &p[LIMIT]));
    assert_int_equal(process_table_count(t), LIMIT);
    for (int i = 0; i < LIMIT; i++)
        assert_ptr_equal(process_table_find(t, p[i].pid), &p[i]);
    // A slot that is used again has another pid.
    Term old = p[7].pid;
    process_table_remove(t, &p[7]);
    assert_null(process_table_find(t, old));
    assert_true(process_table_add(t, &p[LIMIT]));
    assert_null(process_table_find(t, old));
    assert_ptr_equal(process_table_find(t, p[LIMIT].pid), &p[LIMIT]);
    assert_false(term_same(old, p[LIMIT].pid));
    free(p);
    process_table_free(t);
}

static void waits_for_readers(void **state)
{
    ProcessTable *t = process_table_new(LIMIT, 2);
    process_table_quiet(t, 0, false);
    process_table_quiet(t, 1, false);
    uint64_t stamp = process_table_stamp(t);
    assert_false(process_table_is_past(t, stamp));
    process_table_quiet(t, 0, false);
    assert_false(process_table_is_past(t, stamp));
    process_table_quiet(t, 1, true); // a sleeper holds nothing
    assert_true(process_table_is_past(t, stamp));
    process_table_enter(t);
    assert_false(process_table_is_past(t, stamp));
    process_table_leave(t);
    assert_true(process_table_is_past(t, stamp));
    process_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_lives),
        cmocka_unit_test(waits_for_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
