// SPDX-License-Identifier: Apache-2.0
// Iodata: two passes over the same walk. The first counts and checks, the
// second copies and may trust what the first has seen.
#include "iodata.h"

#include "bits.h"
#include "heap.h"
#include "term_stack.h"

// What is counted: [unit] bits each, and no part of one.
typedef struct {
    unsigned unit; // 8 or 1
    size_t sum;    // so far
    size_t most;   // not to go on beyond
} Count;

// Counts what is no list.
static IodataResult count_leaf(Term t, Count *c)
{
    Bits b;
    if (!term_bits(t, &b)) return IODATA_BAD;
    if (b.size % c->unit != 0) return IODATA_BAD;
    // Parts that occur many times may be more than there can ever be.
    return __builtin_add_overflow(c->sum, b.size / c->unit, &c->sum)
                   || c->sum > c->most
               ? IODATA_LARGE
               : IODATA_OK;
}

static bool is_byte(Term t)
{
    return term_is_small(t) && (uintptr_t)term_small_value(t) < 256;
}

// Counts the cells of [t] up to its end or its first element that is a list;
// the lists left to do go on the stack.
static IodataResult count_list(Term t, Count *c, TermStack *stack)
{
    for (; term_is_cons(t); t = term_tail(t)) {
        Term head = term_head(t);
        if (is_byte(head)) {
            c->sum += 8 / c->unit;
        } else if (term_is_cons(head)) {
            // Goes on behind the inner list later: first things first.
            term_stack_push(stack, term_tail(t));
            term_stack_push(stack, head);
            return IODATA_OK;
        } else if (!term_is_nil(head)) {
            IodataResult r = count_leaf(head, c);
            if (r != IODATA_OK) return r;
        }
    }
    return term_is_nil(t) ? IODATA_OK : count_leaf(t, c);
}

// The first and only term may be a binary: count_list takes it as a tail.
IodataResult iodata_count(Term t, const IodataLimit *limit, size_t *sum)
{
    TermStack stack;
    IodataResult r = IODATA_OK;
    Count c = {limit->unit, 0, limit->most};
    size_t lists = limit->lists;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (r == IODATA_OK && !term_stack_is_empty(&stack))
        r = lists-- == 0 ? IODATA_LONG
                         : count_list(term_stack_pop(&stack), &c, &stack);
    term_stack_free(&stack);
    *sum = c.sum;
    return r;
}

IodataResult iodata_size(Term t, size_t *bytes)
{
    const IodataLimit limit = {8, BINARY_BYTES_MOST, SIZE_MAX};
    return iodata_count(t, &limit, bytes);
}

// Puts a byte or bitstring at bit [*at] of [to].
static void copy_leaf(Term t, uint8_t *to, size_t *at)
{
    Bits b;
    uint8_t byte;
    if (!term_bits(t, &b)) {
        byte = (uint8_t)term_small_value(t);
        b = (Bits){&byte, 0, 8};
    }
    // On byte borders copied whole, else shifted.
    if (*at % 8 == 0) {
        bits_copy(to + *at / 8, &b);
    } else {
        bits_put(to, *at, &b);
    }
    *at += b.size;
}

// The same walk as count_list, without its questions.
static void copy_list(Term t, uint8_t *to, size_t *at, TermStack *stack)
{
    for (; term_is_cons(t); t = term_tail(t)) {
        Term head = term_head(t);
        // Bytes at byte borders by far the most.
        if (term_is_small(head) && *at % 8 == 0) {
            to[*at / 8] = (uint8_t)term_small_value(head);
            *at += 8;
        } else if (term_is_cons(head)) {
            term_stack_push(stack, term_tail(t));
            term_stack_push(stack, head);
            return;
        } else if (!term_is_nil(head)) {
            copy_leaf(head, to, at);
        }
    }
    if (!term_is_nil(t)) copy_leaf(t, to, at);
}

void iodata_copy(Term t, uint8_t *to)
{
    TermStack stack;
    size_t at = 0;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (!term_stack_is_empty(&stack))
        copy_list(term_stack_pop(&stack), to, &at, &stack);
    term_stack_free(&stack);
}
