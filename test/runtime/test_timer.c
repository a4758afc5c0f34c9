// SPDX-License-Identifier: Apache-2.0
// The timer wheel, with a clock that the test turns.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "scheduler.h"
#include "timer.h"

enum { MS = 1000000, COUNT = 20000 };

static unsigned seed = 1;

static unsigned draw(unsigned below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

// Delays of all sizes, up to days.
static int64_t delay(void)
{
    static const unsigned sizes[] = {10, 300, 70000, 20000000, 400000000};
    return (int64_t)draw(sizes[draw(5)]) * MS;
}

// Everything fires, nothing too early, and timer_next never tells too late.
static void all_fire_in_time(void **state)
{
    Node *node = node_new(&(NodeOptions){.schedulers = 1});
    Scheduler *s = node->schedulers[0];
    int64_t start = s->now, *due = calloc(COUNT, sizeof *due);
    RefId *refs = calloc(COUNT, sizeof *refs);
    for (int i = 0; i < COUNT; i++) {
        due[i] = start + delay();
        refs[i] = timer_start(s, due[i], ATOM_nobody, term_small(i), false);
    }
    // A third is cancelled.
    for (int i = 0; i < COUNT; i += 3) {
        assert_true(timer_read(s, refs[i], true) >= 0);
        assert_int_equal(timer_read(s, refs[i], true), -1);
        due[i] = INT64_MAX;
    }
    while (timer_count(s->timers) > 0) {
        int64_t next = timer_next(s->timers);
        assert_true(next > s->now - MS && next < INT64_MAX);
        s->now = next + draw(3) * MS;
        timer_advance(s);
        if (draw(50) > 0) continue;
        for (int i = 0; i < COUNT; i++) {
            bool there = timer_read(s, refs[i], false) >= 0;
            if (due[i] == INT64_MAX || due[i] < s->now - MS)
                assert_false(there);
            else if (due[i] > s->now)
                assert_true(there);
        }
    }
    assert_true(timer_next(s->timers) == INT64_MAX);
    free(due);
    free(refs);
    node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_fire_in_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
