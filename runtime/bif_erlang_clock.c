// SPDX-License-Identifier: Apache-2.0
// erlang: the clock, time units and unique integers.
// The native unit is the nanosecond. Monotonic time is the system's; system
// time is it plus an offset that never changes (no_time_warp).
#include "arith.h"
#include "bif.h"
#include "clock.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { NANO = 1000000000 };

// Parts of a second of the units that have names, the old ones too.
// The names with plural s and underscore are of OTP 18 and older.
static const struct {
    uintptr_t name; // an atom's bits
    int64_t parts;  // of a second
} units[] = {
    {ATOM_BITS_native, NANO},
    {ATOM_BITS_nanosecond, NANO},
    {ATOM_BITS_microsecond, 1000000},
    {ATOM_BITS_millisecond, 1000},
    {ATOM_BITS_second, 1},
    {ATOM_BITS_perf_counter, NANO},
    {ATOM_BITS_nano_seconds, NANO},
    {ATOM_BITS_micro_seconds, 1000000},
    {ATOM_BITS_milli_seconds, 1000},
    {ATOM_BITS_seconds, 1},
};

// Parts of a second in unit [t], a positive integer; TERM_NONE when it is no
// unit.
// An integer is a unit of its own: parts per second.
static Term unit_parts(Term t)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].name == t.bits) return term_small(units[i].parts);
    if (term_has_subtag(t, SUBTAG_BIG_POS)) return t;
    return term_is_small(t) && term_small_value(t) > 0 ? t : TERM_NONE;
}

// Of any integer.
static bool is_negative(Term t)
{
    return term_is_small(t) ? term_small_value(t) < 0
                            : term_subtag(t) == SUBTAG_BIG_NEG;
}

// [time] in parts [from] to parts [to], rounded down.
// erlang:convert_time_unit rounds down, also below 0.
static Term convert(Heap *h, Term time, Term from, Term to)
{
    if (term_same(from, to)) return time;
    Term product = arith_multiply(h, time, to);
    if (is_negative(product)) {
        Term less = arith_subtract(h, from, term_small(1));
        product = arith_subtract(h, product, less);
    }
    return arith_div(h, product, from);
}

// [ns] as an answer in [unit].
// [unit] is what the caller gave: badarg if it is none.
static Term answer_in(Process *p, int64_t ns, Term unit)
{
    Term parts = unit_parts(unit);
    if (term_is_none(parts)) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    return convert(h, heap_integer(h, ns), term_small(NANO), parts);
}

Term bif_erlang_convert_time_unit_3(Process *p, const Term *args)
{
    Term from = unit_parts(args[1]), to = unit_parts(args[2]);
    if (!term_is_integer(args[0]) || term_is_none(from) || term_is_none(to))
        return bif_error(p, ATOM_badarg);
    return convert(process_heap(p), args[0], from, to);
}

// Without a unit no conversion, and nothing but the integer is built.
Term bif_erlang_monotonic_time_0(Process *p, const Term *args)
{
    return heap_integer(process_heap(p),
                        clock_to_erlang(clock_monotonic()));
}

Term bif_erlang_monotonic_time_1(Process *p, const Term *args)
{
    return answer_in(p, clock_to_erlang(clock_monotonic()), args[0]);
}

Term bif_erlang_system_time_0(Process *p, const Term *args)
{
    return heap_integer(process_heap(p), clock_system(p->node));
}

Term bif_erlang_system_time_1(Process *p, const Term *args)
{
    return answer_in(p, clock_system(p->node), args[0]);
}

// System time less monotonic time.
Term bif_erlang_time_offset_0(Process *p, const Term *args)
{
    return heap_integer(process_heap(p), clock_erlang_offset(p->node));
}

Term bif_erlang_time_offset_1(Process *p, const Term *args)
{
    return answer_in(p, clock_erlang_offset(p->node), args[0]);
}

// {MegaSecs, Secs, MicroSecs}
Term clock_stamp(Heap *h, int64_t us)
{
    int64_t seconds = us / 1000000;
    return heap_tuple3(h, term_small(seconds / 1000000),
                       term_small(seconds % 1000000),
                       term_small(us % 1000000));
}

// May come twice the same, and go back.
Term bif_erlang_timestamp_0(Process *p, const Term *args)
{
    return clock_stamp(process_heap(p), clock_system(p->node) / 1000);
}

// erlang:now/0: never the same twice, always rising.
Term clock_now(Node *node, Heap *h)
{
    _Atomic int64_t *last = &node->now_last;
    int64_t us = clock_system(node) / 1000;
    int64_t seen = atomic_load(last);
    // The clock stood still, or somebody was faster.
    do {
        if (us <= seen) us = seen + 1;
    } while (!atomic_compare_exchange_weak(last, &seen, us));
    return clock_stamp(h, us);
}

Term bif_erlang_now_0(Process *p, const Term *args)
{
    return clock_now(p->node, process_heap(p));
}

// ---- unique integers: negative ones start at the least small ----
// One counter for each kind: ordered ones are strictly rising over all
// processes.

Term clock_unique_integer(Node *node, Heap *h, bool positive, bool ordered)
{
    _Atomic uint64_t *counter = ordered ? &node->unique_ordered
                                        : &node->unique_plain;
    uint64_t n = atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    // From 1 on.
    if (positive) return heap_unsigned(h, n + 1);
    return heap_integer(h, SMALL_MIN + (int64_t)n);
}

Term bif_erlang_unique_integer_0(Process *p, const Term *args)
{
    return clock_unique_integer(p->node, process_heap(p), false, false);
}

Term bif_erlang_unique_integer_1(Process *p, const Term *args)
{
    bool positive = false, ordered = false;
    Term l = args[0];
    for (; term_is_cons(l); l = term_tail(l)) {
        if (term_same(term_head(l), ATOM_positive)) {
            positive = true;
        } else if (term_same(term_head(l), ATOM_monotonic)) {
            ordered = true;
        } else {
            return bif_error(p, ATOM_badarg);
        }
    }
    if (!term_is_nil(l)) return bif_error(p, ATOM_badarg);
    return clock_unique_integer(p->node, process_heap(p), positive, ordered);
}
