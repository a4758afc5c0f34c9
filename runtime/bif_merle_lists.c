// SPDX-License-Identifier: Apache-2.0
// merle_lists: the work of lists' functions in C, for lists.erl. Each answers
// a list, or false when its arguments are not what it can do (an improper
// list, an element that is no tuple ...): lists.erl then goes its own way and
// fails as it should.
// So no error text or stack trace has to be imitated here: the Erlang code
// behind gives it.
#include <stdlib.h>

#include "bif.h"
#include "compare.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "term_stack.h"

enum { // work of a list's function counts so
    CELLS_A_REDUCTION = 16,
    // A longer list is made by the library's loop: that one can be stopped, and
    // the collector sees it grow past the process's limit.
    MADE_AT_ONCE = 4000000
};

// ---- joining and flattening ----

// Appends the cells of proper list [l] behind [link]; answers the new end.
// The cells are new, the elements shared.
static Term *copy_list(Heap *h, Term l, Term *link)
{
    for (; term_is_cons(l); l = term_tail(l)) {
        *link = heap_cons(h, term_head(l), TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    return link;
}

// The last list is not copied, as with ++.
Term bif_merle_lists_append_1(Process *p, const Term *args)
{
    Term list = args[0], result = TERM_NIL, *link = &result;
    size_t cells = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term head = term_head(list);
        if (term_is_nil(term_tail(list))) { // the last is shared
            *link = head;
            break;
        }
        intptr_t n = term_list_length(head);
        if (n < 0) return ATOM_false; // improper: lists.erl fails
        if (bif_is_long(p, cells + (size_t)n)) return bif_to_pool(p);
        link = copy_list(process_heap(p), head, link);
        cells += (size_t)n + 1;
    }
    bif_bump(p, cells / CELLS_A_REDUCTION);
    return term_is_list(list) ? result : ATOM_false;
}

// Flattens [t] behind [link]; false when some list in it is improper.
// Gives up with more than [most] cells.
// Its own stack, of tails that are to come back to.
static bool flatten(Heap *h, Term t, Term *link, size_t *cells, size_t most)
{
    TermStack stack;
    bool proper = true;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (proper && !term_stack_is_empty(&stack) && *cells <= most) {
        Term l = term_stack_pop(&stack);
        while (term_is_cons(l)) {
            Term head = term_head(l), tail = term_tail(l);
            if (term_is_cons(head)) {
                // An empty tail needs not come back.
                if (!term_is_nil(tail)) term_stack_push(&stack, tail);
                l = head;
                continue;
            }
            // Empty lists vanish.
            if (!term_is_nil(head)) {
                *link = heap_cons(h, head, TERM_NIL);
                link = term_cons_ptr(*link) + 1;
            }
            l = tail;
            ++*cells;
        }
        proper = term_is_nil(l);
    }
    term_stack_free(&stack);
    return proper;
}

// Whether a list holds neither lists nor an improper end: it is flat already.
// Then flatten answers its argument.
static bool is_flat(Term l, size_t *cells)
{
    for (; term_is_cons(l) && !term_is_list(term_head(l)); l = term_tail(l))
        ++*cells;
    return term_is_nil(l);
}

Term bif_merle_lists_flatten_1(Process *p, const Term *args)
{
    Term result = TERM_NIL;
    size_t cells = 0, most = bif_steps_most(p);
    bool flat = is_flat(args[0], &cells);
    bool good = flat || cells > most
                || flatten(process_heap(p), args[0], &result, &cells, most);
    if (!flat && cells > most) return bif_to_pool(p);
    if (!good) return ATOM_false;
    bif_bump(p, cells / CELLS_A_REDUCTION);
    return flat ? args[0] : result;
}

// ---- finding ----

static bool is_property(Term t, Term key)
{
    if (term_is_atom(t)) return term_same(t, key);
    return term_is_tuple(t) && term_arity(t) > 0
           && term_exact_equal(term_tuple_get(t, 0), key);
}

// property(Key, List): the part of [List] that begins with what proplists
// takes for the property, or the tail of the list without one.
Term bif_merle_lists_property_2(Process *p, const Term *args)
{
    Term list = args[1];
    size_t n = 0;
    for (; term_is_cons(list); list = term_tail(list), n++) {
        if (is_property(term_head(list), args[0])) break;
        if (bif_is_long(p, n)) return bif_to_pool(p);
    }
    bif_bump(p, n / CELLS_A_REDUCTION);
    return list;
}

// position(Part, List): where strings [List] first goes on with [Part], from 1
// on; 0 if nowhere. For immediates: a comparison of words decides.
Term bif_merle_lists_position_2(Process *p, const Term *args)
{
    Term list = args[1];
    size_t at = 1, n = 0, most = bif_steps_most(p);
    if (!term_is_cons(args[0])) return ATOM_false;
    for (; term_is_cons(list); list = term_tail(list), at++) {
        Term part = args[0], rest = list;
        for (; term_is_cons(part) && term_is_cons(rest); n++) {
            Term a = term_head(part), b = term_head(rest);
            if (!term_is_immediate(a) || !term_is_immediate(b))
                return ATOM_false;
            if (!term_same(a, b)) break;
            part = term_tail(part);
            rest = term_tail(rest);
        }
        if (!term_is_list(part) || !term_is_list(rest)) return ATOM_false;
        if (term_is_nil(part)) break;
        if (++n > most) return bif_to_pool(p);
    }
    if (!term_is_list(list)) return ATOM_false;
    bif_bump(p, n / CELLS_A_REDUCTION);
    return term_small(term_is_cons(list) ? (intptr_t)at : 0);
}

// ---- numbers ----
// For small integers, which most are.

Term bif_merle_lists_sum_1(Process *p, const Term *args)
{
    Term list = args[0];
    intptr_t sum = 0;
    size_t n = 0, most = bif_steps_most(p);
    for (; term_is_cons(list); list = term_tail(list), n++) {
        if (n == most) return bif_to_pool(p);
        // Eight times the greatest small integer fits.
        if (!term_is_small(term_head(list)) || !term_fits_small(sum))
            return ATOM_false;
        sum += term_small_value(term_head(list));
    }
    if (!term_is_nil(list)) return ATOM_false;
    bif_bump(p, n / CELLS_A_REDUCTION);
    return heap_integer(process_heap(p), sum);
}

// The greatest in args[0], or the least: the words compare as the numbers do.
static Term find_extreme(Process *p, const Term *args, bool greatest)
{
    Term list = args[0];
    intptr_t found = greatest ? INTPTR_MIN : INTPTR_MAX;
    size_t n = 0, most = bif_steps_most(p);
    for (; term_is_cons(list); list = term_tail(list), n++) {
        if (n == most) return bif_to_pool(p);
        if (!term_is_small(term_head(list))) return ATOM_false;
        intptr_t word = (intptr_t)term_head(list).bits;
        if (greatest ? word > found : word < found) found = word;
    }
    if (n == 0 || !term_is_nil(list)) return ATOM_false;
    bif_bump(p, n / CELLS_A_REDUCTION);
    return (Term){(uintptr_t)found};
}

Term bif_merle_lists_max_1(Process *p, const Term *args)
{
    return find_extreme(p, args, true);
}

Term bif_merle_lists_min_1(Process *p, const Term *args)
{
    return find_extreme(p, args, false);
}

// ---- taking out ----
// Cells in front are copied, those behind shared.

// [list] without its cell [at].
static Term without_cell(Process *p, Term list, Term at, size_t before)
{
    if (before == 0) return term_tail(at);
    // One block for all that are copied.
    Term *cells = heap_alloc(process_heap(p), 2 * before);
    for (size_t i = 0; i < before; i++, list = term_tail(list)) {
        cells[2 * i] = term_head(list);
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    cells[2 * before - 1] = term_tail(at);
    bif_bump(p, before / CELLS_A_REDUCTION);
    return term_from_cons(cells);
}

// =:= decides.
Term bif_merle_lists_delete_2(Process *p, const Term *args)
{
    size_t before = 0, most = bif_steps_most(p);
    Term l = args[1];
    for (; term_is_cons(l); l = term_tail(l), before++) {
        if (term_exact_equal(args[0], term_head(l)))
            return without_cell(p, args[1], l, before);
        if (before == most) return bif_to_pool(p);
    }
    // Not found: the list itself.
    return term_is_nil(l) ? args[1] : ATOM_false;
}

// keydelete(Key, Position, List)
// == decides, and elements that are no tuples are passed over.
Term bif_merle_lists_keydelete_3(Process *p, const Term *args)
{
    size_t position, before = 0, most = bif_steps_most(p);
    if (!bif_get_size(args[1], &position) || position < 1) return ATOM_false;
    Term l = args[2];
    for (; term_is_cons(l); l = term_tail(l), before++) {
        Term t = term_head(l);
        if (term_is_tuple(t) && term_arity(t) >= position
            && term_equal(args[0], term_tuple_get(t, position - 1)))
            return without_cell(p, args[2], l, before);
        if (before == most) return bif_to_pool(p);
    }
    return term_is_nil(l) ? args[2] : ATOM_false;
}

// ---- making ----
// Lists of known length are one block of memory.

// duplicate(N, Term)
Term bif_merle_lists_duplicate_2(Process *p, const Term *args)
{
    size_t n;
    // A bignum is none of ours.
    if (!term_is_small(args[0]) || !bif_get_size(args[0], &n)
        || n > MADE_AT_ONCE)
        return ATOM_false;
    if (n == 0) return TERM_NIL;
    if (bif_is_long(p, n)) return bif_to_pool(p);
    Term *cells = heap_alloc(process_heap(p), 2 * n);
    for (size_t i = 0; i < n; i++) {
        cells[2 * i] = args[1];
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    cells[2 * n - 1] = TERM_NIL;
    bif_bump(p, n / CELLS_A_REDUCTION);
    return term_from_cons(cells);
}

// How many integers there are from [from] to [to] in steps of [step]; -1 when
// the step leads nowhere.
// seq(1, 0) is [], seq(2, 0) is an error.
static intptr_t seq_count(intptr_t from, intptr_t to, intptr_t step)
{
    if (step == 0) return from == to ? 1 : -1;
    // Too far in the wrong direction.
    if (step > 0 ? to < from - step : to > from - step) return -1;
    return (to - from + step) / step;
}

// seq(From, To, Step)
Term bif_merle_lists_seq_3(Process *p, const Term *args)
{
    for (int i = 0; i < 3; i++)
        if (!term_is_small(args[i])) return ATOM_false;
    intptr_t from = term_small_value(args[0]), step = term_small_value(args[2]);
    intptr_t count = seq_count(from, term_small_value(args[1]), step);
    if (count < 0 || count > MADE_AT_ONCE) return ATOM_false;
    if (count == 0) return TERM_NIL;
    size_t n = (size_t)count;
    if (bif_is_long(p, n)) return bif_to_pool(p);
    Term *cells = heap_alloc(process_heap(p), 2 * n);
    for (size_t i = 0; i < n; i++) {
        cells[2 * i] = term_small(from + (intptr_t)i * step);
        cells[2 * i + 1] = term_from_cons(cells + 2 * i + 2);
    }
    cells[2 * n - 1] = TERM_NIL;
    bif_bump(p, n / CELLS_A_REDUCTION);
    return term_from_cons(cells);
}

// zip(List1, List2)
// Different lengths are an error.
Term bif_merle_lists_zip_2(Process *p, const Term *args)
{
    intptr_t n = term_list_length(args[0]);
    if (n < 0 || n != term_list_length(args[1])) return ATOM_false;
    if (n == 0) return TERM_NIL;
    if (bif_is_long(p, 2 * (size_t)n)) return bif_to_pool(p);
    // A cell and a tuple for each pair, side by side: five words.
    Term *to = heap_alloc(process_heap(p), 5 * (size_t)n), *at = to;
    Term a = args[0], b = args[1];
    for (; term_is_cons(a); a = term_tail(a), b = term_tail(b), at += 5) {
        at[0] = term_from_box(at + 2);
        at[1] = term_from_cons(at + 5);
        at[2] = term_header(SUBTAG_TUPLE, 2);
        at[3] = term_head(a);
        at[4] = term_head(b);
    }
    // The last cell's tail.
    at[1 - 5] = TERM_NIL;
    bif_bump(p, (size_t)n / CELLS_A_REDUCTION);
    return term_from_cons(to);
}

// unzip(Pairs) -> {Firsts, Seconds}
// Both lists grow at their ends.
Term bif_merle_lists_unzip_1(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term first = TERM_NIL, second = TERM_NIL, *to1 = &first, *to2 = &second;
    Term l = args[0];
    size_t n = 0, most = bif_steps_most(p);
    for (; term_is_cons(l); l = term_tail(l), n++) {
        if (n == most) return bif_to_pool(p);
        Term pair = term_head(l);
        if (!term_is_tuple_of(pair, 2)) return ATOM_false;
        *to1 = heap_cons(h, term_tuple_get(pair, 0), TERM_NIL);
        *to2 = heap_cons(h, term_tuple_get(pair, 1), TERM_NIL);
        to1 = term_cons_ptr(*to1) + 1;
        to2 = term_cons_ptr(*to2) + 1;
    }
    bif_bump(p, n / CELLS_A_REDUCTION);
    return term_is_nil(l) ? heap_tuple2(h, first, second) : ATOM_false;
}
