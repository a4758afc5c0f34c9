// SPDX-License-Identifier: Apache-2.0
// Iodata: two passes over the same walk. The first counts and checks, the
// second copies and may trust what the first has seen.
#include "iodata.h"

#include "bits.h"
#include "term_stack.h"

// Counts what is no list; [whole] refuses bits that fill no byte.
static IodataResult count_leaf(Term t, bool whole, size_t *bits)
{
    Bits b;
    if (!term_bits(t, &b)) return IODATA_BAD;
    if (whole && b.size % 8 != 0) return IODATA_BAD;
    return __builtin_add_overflow(*bits, b.size, bits) ? IODATA_LARGE
                                                       : IODATA_OK;
}

static bool is_byte(Term t)
{
    return term_is_small(t) && (uintptr_t)term_small_value(t) < 256;
}

// Counts the cells of [t] up to its end or its first element that is a list;
// the lists left to do go on the stack.
static IodataResult count_list(Term t, bool whole, size_t *bits,
                               TermStack *stack)
{
    for (; term_is_cons(t); t = term_tail(t)) {
        Term head = term_head(t);
        if (is_byte(head)) {
            *bits += 8;
        } else if (term_is_cons(head)) {
            // Goes on behind the inner list later: first things first.
            term_stack_push(stack, term_tail(t));
            term_stack_push(stack, head);
            return IODATA_OK;
        } else if (!term_is_nil(head)) {
            IodataResult r = count_leaf(head, whole, bits);
            if (r != IODATA_OK) return r;
        }
    }
    return term_is_nil(t) ? IODATA_OK : count_leaf(t, whole, bits);
}

// The first and only term may be a binary: count_list takes it as a tail.
static IodataResult count(Term t, bool whole, size_t *bits)
{
    TermStack stack;
    IodataResult r = IODATA_OK;
    *bits = 0;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (r == IODATA_OK && !term_stack_is_empty(&stack))
        r = count_list(term_stack_pop(&stack), whole, bits, &stack);
    term_stack_free(&stack);
    return r;
}

IodataResult iodata_bits(Term t, size_t *bits)
{
    return count(t, false, bits);
}

IodataResult iodata_size(Term t, size_t *bytes)
{
    IodataResult r = count(t, true, bytes);
    *bytes /= 8;
    return r;
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
