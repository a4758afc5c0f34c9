// SPDX-License-Identifier: Apache-2.0
// erts_debug: sizes, identity and kinds of terms.
// OTP's tests of memory and of the loader ask here; answers are in OTP's words,
// even where merle's terms are smaller.
#include <stdlib.h>

#include "bif.h"
#include "counted.h"
#include "instruction.h"
#include "map.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "term_stack.h"

// The cells and boxes that were counted already, open addressing.
// Addresses of words, never followed: they tell shared parts from copies.
typedef struct {
    const Term **slots; // NULL: vacant
    size_t count, mask; // taken; all slots less one
} Seen;

// The low bits of an address are the same for all.
static size_t seen_slot(const Seen *s, const Term *p)
{
    size_t i = ((uintptr_t)p >> 4) * 0x9E3779B97F4A7C15u >> 20 & s->mask;
    while (s->slots[i] != NULL && s->slots[i] != p) i = (i + 1) & s->mask;
    return i;
}

// At most half full.
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

// The words that such a box has in OTP, which is what programs count on.
// What is smaller here was a term of more words there.
static size_t otp_words(const Term *box)
{
    // Words that merle's boxes do not have.
    enum { FUN_MORE = 2, EXPORT = 5, MAGIC = 3 };
    size_t arity = header_arity(box[0]);
    switch (header_subtag(box[0])) {
    case SUBTAG_TUPLE:
        // The empty tuple is one word for all in OTP.
        return arity == 0 ? 0 : arity + 1;
    case SUBTAG_FLATMAP:
    case SUBTAG_COUNTED:
    case SUBTAG_BITS:
    case SUBTAG_EXT_PID:
    case SUBTAG_EXT_PORT:
        return arity + 2;
    case SUBTAG_FUN:
        return arity + 1 + FUN_MORE;
    case SUBTAG_EXPORT:
        return EXPORT;
    case SUBTAG_REF:
        return arity == MAGIC_REF_ARITY ? MAGIC : arity + 1;
    default:
        return arity + 1;
    }
}

// Pushes the terms that the box holds; its words.
// Only these hold terms; what the others hold is bytes.
static size_t open_box(const Term *box, TermStack *stack)
{
    size_t arity = header_arity(box[0]), first = 1;
    switch (header_subtag(box[0])) {
    case SUBTAG_TUPLE:
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP:
        break;
    case SUBTAG_FUN:
        // Behind the pointer to the code comes the environment.
        first = 2;
        break;
    case SUBTAG_BITS:
        // The third word is the binary that it is a part of.
        first = 3;
        break;
    default:
        return otp_words(box);
    }
    for (size_t i = first; i <= arity; i++) term_stack_push(stack, box[i]);
    return otp_words(box);
}

// Words of [t]; those of a part that occurs again are counted once when [seen]
// is given.
// Its own stack: depth does not matter.
static size_t count_words(Term t, Seen *seen)
{
    TermStack stack;
    size_t words = 0;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (!term_stack_is_empty(&stack)) {
        t = term_stack_pop(&stack);
        // Lists are walked, not pushed cell by cell.
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
// What sending it would copy.
Term bif_erts_debug_flat_size_1(Process *p, const Term *args)
{
    size_t words = count_words(args[0], NULL);
    // As long as the term is large.
    bif_bump(p, words / 16);
    return heap_unsigned(process_heap(p), words);
}

// size_shared(Term), size(Term): the words that it takes as it is.
// A part that is met twice is in memory once.
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
// Pointer equality; small terms are always the same.
Term bif_erts_debug_same_2(Process *p, const Term *args)
{
    return term_same(args[0], args[1]) ? ATOM_true : ATOM_false;
}

// ---- tries, instructions ----
// For tests of maps, and for looking at the loader.

typedef struct {
    size_t bitmaps, arrays, leaves; // nodes with holes, full ones, keys
} Trie;

// How a map of many keys is built.
// A leaf is a cell of key and value.
static Trie count_nodes(Term map)
{
    enum { FULL = 16 };
    Trie trie = {0};
    TermStack stack;
    term_stack_init(&stack);
    term_stack_push(&stack, map);
    while (!term_stack_is_empty(&stack)) {
        Term t = term_stack_pop(&stack);
        if (term_is_cons(t)) {
            trie.leaves++;
            continue;
        }
        const Term *box = term_box_ptr(t);
        size_t children = header_arity(box[0]) - 1;
        if (children == FULL)
            trie.arrays++;
        else
            trie.bitmaps++;
        for (size_t i = 0; i < children; i++)
            term_stack_push(&stack, box[2 + i]);
    }
    term_stack_free(&stack);
    return trie;
}

// map_info(Map): the numbers of nodes of a map that is a trie.
// Only maps of more than 32 keys are tries.
Term bif_erts_debug_map_info_1(Process *p, const Term *args)
{
    if (!term_is_map(args[0]) || map_is_flat(args[0]))
        return bif_error(p, ATOM_badarg);
    Trie trie = count_nodes(args[0]);
    Heap *h = process_heap(p);
    Term parts[] = {
        heap_tuple2(h, ATOM_bitmaps, heap_unsigned(h, trie.bitmaps)),
        heap_tuple2(h, ATOM_arrays, heap_unsigned(h, trie.arrays)),
        heap_tuple2(h, ATOM_leafs, heap_unsigned(h, trie.leaves))};
    return heap_list(h, 3, parts, TERM_NIL);
}

// instructions(): the names of those that loaded code is made of.
// Made from the table of instructions.
Term bif_erts_debug_instructions_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = OP_COUNT; i-- > 0;) {
        const char *name = instructions[i].name;
        list = heap_cons(h, heap_string(h, name, strlen(name), TERM_NIL), list);
    }
    return list;
}

// ---- kinds of terms ----
// Names of OTP's representations.

static uintptr_t kind_of_immediate(Term t)
{
    if (term_is_small(t)) return ATOM_BITS_fixnum;
    if (term_is_atom(t)) return ATOM_BITS_atom;
    if (term_is_nil(t)) return ATOM_BITS_nil;
    return term_is_local_pid(t) ? ATOM_BITS_pid : ATOM_BITS_port;
}

// erts_internal:term_type(Term): how it is built.
// Every subtag has its row.
Term bif_erts_internal_term_type_1(Process *p, const Term *args)
{
    static const uintptr_t kinds[] = {
        [SUBTAG_TUPLE] = ATOM_BITS_tuple,
        [SUBTAG_FLATMAP] = ATOM_BITS_flatmap,
        [SUBTAG_HASHMAP] = ATOM_BITS_hashmap,
        [SUBTAG_FUN] = ATOM_BITS_fun,
        [SUBTAG_EXPORT] = ATOM_BITS_export,
        [SUBTAG_BIG_POS] = ATOM_BITS_bignum,
        [SUBTAG_BIG_NEG] = ATOM_BITS_bignum,
        [SUBTAG_FLOAT] = ATOM_BITS_hfloat,
        [SUBTAG_REF] = ATOM_BITS_reference,
        [SUBTAG_COUNTED] = ATOM_BITS_refc_binary,
        [SUBTAG_BYTES] = ATOM_BITS_heap_binary,
        [SUBTAG_BITS] = ATOM_BITS_sub_binary,
        [SUBTAG_MATCH] = ATOM_BITS_matchstate,
        [SUBTAG_EXT_PID] = ATOM_BITS_external_pid,
        [SUBTAG_EXT_PORT] = ATOM_BITS_external_port,
        [SUBTAG_EXT_REF] = ATOM_BITS_external_reference,
    };
    Term t = args[0];
    if (term_is_cons(t)) return ATOM_list;
    if (!term_is_boxed(t)) return (Term){kind_of_immediate(t)};
    return (Term){kinds[term_subtag(t)]};
}
