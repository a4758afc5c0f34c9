// SPDX-License-Identifier: Apache-2.0
// Depth of forms: how deep the printer, which recurses, will get.
//
// The elements of a list lie side by side, as do those that a chain of cons
// nodes stands for. All else that is inside of something is one level deeper.
#include "map.h"
#include "pretty_item.h"
#include "term_stack.h"

// Atoms and small numbers have no depth.
static void push(TermStack *stack, Term t)
{
    if (!term_is_immediate(t)) term_stack_push(stack, t);
}

// "[a, b, c]" as a form is as deep as it is long.
static bool is_cons_node(Term t)
{
    return term_is_tuple_of(t, 4)
           && term_same(term_tuple_get(t, 0), ATOM_cons);
}

// Values in attributes may be maps.
static void push_map(TermStack *stack, Term map)
{
    MapIterator it;
    Term key, value;
    map_iterate(&it, map);
    while (map_next(&it, &key, &value)) {
        push(stack, key);
        push(stack, value);
    }
}

// Pushes what [t] holds.
// Only one of the three cases holds.
static void push_parts(TermStack *stack, Term t)
{
    for (; term_is_cons(t); t = term_tail(t)) push(stack, term_head(t));
    for (; is_cons_node(t); t = term_tuple_get(t, 3))
        push(stack, term_tuple_get(t, 2));
    if (term_is_tuple(t))
        for (size_t i = 0; i < term_arity(t); i++)
            push(stack, term_tuple_get(t, i));
    else if (term_is_map(t))
        push_map(stack, t);
}

// TERM_NONE on the stack marks the end of a term's parts. The search stops as
// soon as it is known to be too deep.
size_t pretty_depth(Term form, size_t most)
{
    TermStack stack;
    size_t depth = 0, deepest = 0;
    term_stack_init(&stack);
    push(&stack, form);
    while (!term_stack_is_empty(&stack) && deepest <= most) {
        Term t = term_stack_pop(&stack);
        if (term_is_none(t)) { // all within a term is done
            depth--;
            continue;
        }
        if (++depth > deepest) deepest = depth;
        term_stack_push(&stack, TERM_NONE);
        push_parts(&stack, t);
    }
    term_stack_free(&stack);
    return deepest;
}
