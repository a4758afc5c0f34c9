// SPDX-License-Identifier: Apache-2.0
// erts_debug: sizes and identity of terms.
#include <stdlib.h>

#include "bif.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "term_stack.h"

// The cells and boxes that were counted already, open addressing.
typedef struct {
    const Term **slots;
    size_t count, mask;
} Seen;

static size_t seen_slot(const Seen *s, const Term *p)
{
    size_t i = ((uintptr_t)p >> 4) * 0x9E3779B97F4A7C15u >> 20 & s->mask;
    while (s->slots[i] != NULL && s->slots[i] != p) i = (i + 1) & s->mask;
    return i;
}

static void seen_grow(Seen *s)
{
    Seen larger = {.mask = s->mask * 2 + 1};
    larger.slots = memory_zeroed(larger.mask + 1, sizeof *larger.slots);
    for (size_t i = 0; s->count > 0 && i <= s->mask; i++)
        if (s->slots[i] != NULL)
            larger.slots[seen_slot(&larger, s->slots[i])] = s->slots[i];
    larger.count = s->count;
    free(s->slots);
    *s = larger;
}

// False when [p] was there.
static bool seen_add(Seen *s, const Term *p)
{
    if (s->count * 2 >= s->mask) seen_grow(s);
    size_t i = seen_slot(s, p);
    if (s->slots[i] != NULL) return false;
    s->slots[i] = p;
    s->count++;
    return true;
}

// Pushes the terms that the box holds; its words.
static size_t open_box(const Term *box, TermStack *stack)
{
    size_t arity = header_arity(box[0]), first = 1;
    switch (header_subtag(box[0])) {
    case SUBTAG_TUPLE:
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP:
        break;
    case SUBTAG_FUN:
        first = 2;
        break;
    case SUBTAG_BITS:
        first = 3;
        break;
    default:
        return arity + 1;
    }
    for (size_t i = first; i <= arity; i++) term_stack_push(stack, box[i]);
    // OTP's small maps have a word for their size.
    return arity + 1 + (header_subtag(box[0]) == SUBTAG_FLATMAP);
}

// Words of [t]; those of a part that occurs again are counted once when [seen]
// is given.
static size_t count_words(Term t, Seen *seen)
{
    TermStack stack;
    size_t words = 0;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (!term_stack_is_empty(&stack)) {
        t = term_stack_pop(&stack);
        for (; term_is_cons(t); t = term_tail(t)) {
            if (seen != NULL && !seen_add(seen, term_cons_ptr(t))) break;
            words += 2;
            if (!term_is_immediate(term_head(t)))
                term_stack_push(&stack, term_head(t));
        }
        if (term_is_boxed(t)
            && (seen == NULL || seen_add(seen, term_box_ptr(t))))
            words += open_box(term_box_ptr(t), &stack);
    }
    term_stack_free(&stack);
    return words;
}

// flat_size(Term): the words of a copy of it.
Term bif_erts_debug_flat_size_1(Process *p, const Term *args)
{
    size_t words = count_words(args[0], NULL);
    bif_bump(p, words / 16);
    return heap_unsigned(process_heap(p), words);
}

// size_shared(Term), size(Term): the words that it takes as it is.
Term bif_erts_debug_size_shared_1(Process *p, const Term *args)
{
    Seen seen = {0};
    size_t words = count_words(args[0], &seen);
    free(seen.slots);
    bif_bump(p, words / 8);
    return heap_unsigned(process_heap(p), words);
}

Term bif_erts_debug_size_1(Process *p, const Term *args)
{
    return bif_erts_debug_size_shared_1(p, args);
}

// same(A, B): whether both are the very same words.
Term bif_erts_debug_same_2(Process *p, const Term *args)
{
    return term_same(args[0], args[1]) ? ATOM_true : ATOM_false;
}

// set_internal_state(Name, Value): merle has no inner states to set. That they
// may be set is always so; any other is answered false.
Term bif_erts_debug_set_internal_state_2(Process *p, const Term *args)
{
    (void)p;
    return term_same(args[0], ATOM_available_internal_state) ? ATOM_true
                                                             : ATOM_false;
}
