// SPDX-License-Identifier: Apache-2.0
// Abstract: the values that constant forms stand for.
//
// Values are built from the outside in: a form still to be looked at waits
// together with the word that its value goes to. Words on a heap never move
// while C code runs, so a cell can be made before its head is known. A map can
// not: its pairs are collected first, and it is made when they all are there.
#include "abstract.h"

#include <stdlib.h>

#include "abstract_binary.h"
#include "arith.h"
#include "code.h"
#include "fun.h"
#include "map.h"
#include "memory.h"

// A form and where its value goes, or, with count > 0, a map to be made of
// the pairs that have been built behind [pairs].
// Tasks are taken last in, first out; a map's lies below those of its keys and
// values, and so comes when they are done.
typedef struct {
    Term form;          // to be looked at
    Term *to;           // on the heap: a cell, a tuple or the result
    Term *pairs;        // keys and values in turn; NULL but for maps
    size_t count;       // of pairs plus one; 0: no map
    NormaliseMode mode; // whether f/1 is a value here
} Task;

// Memory of malloc; the C stack stays as it is, however deep the form.
typedef struct {
    Node *node; // for exports and atoms
    Heap *heap; // of the values
    Task *tasks;
    size_t count, room; // tasks, in use and allocated
} Work;

static void push(Work *w, Term form, Term *to, NormaliseMode mode)
{
    if (w->count == w->room)
        w->tasks = memory_grow(w->tasks, &w->room, w->count + 64,
                               sizeof *w->tasks);
    w->tasks[w->count++] = (Task){.form = form, .to = to, .mode = mode};
}

// Arities are checked everywhere: forms may come from anybody, as arguments of
// erl_parse:normalise/1.
static bool is_form(Term t, Term tag, size_t arity)
{
    return term_is_tuple_of(t, arity) && term_same(term_tuple_get(t, 0), tag);
}

static bool normalise_cons(Work *w, const Task *t)
{
    Term *cell = heap_alloc(w->heap, 2);
    // Whole at all times, should the form turn out bad.
    cell[0] = cell[1] = TERM_NIL;
    *t->to = term_from_cons(cell);
    push(w, term_tuple_get(t->form, 3), &cell[1], t->mode);
    // The head is on top of the stack and thus done first.
    push(w, term_tuple_get(t->form, 2), &cell[0], t->mode);
    return true;
}

static bool normalise_tuple(Work *w, const Task *t)
{
    Term elements = term_tuple_get(t->form, 2);
    intptr_t n = term_list_length(elements);
    if (n < 0) return false;
    Term *box = heap_alloc(w->heap, 1 + (size_t)n);
    box[0] = term_header(SUBTAG_TUPLE, (size_t)n);
    *t->to = term_from_box(box);
    for (intptr_t i = 1; i <= n; i++, elements = term_tail(elements)) {
        box[i] = TERM_NIL;
        push(w, term_head(elements), &box[i], t->mode);
    }
    return true;
}

// Maps are sorted or hashed by key, so they can be made only when all keys have
// their value.
static bool normalise_map(Work *w, const Task *t)
{
    Term fields = term_tuple_get(t->form, 2);
    intptr_t n = term_list_length(fields);
    if (n < 0) return false;
    Task map = *t;
    map.count = (size_t)n + 1; // one more, so that an empty map has a task too
    // A word to spare, for an allocation of none is not allowed.
    map.pairs = heap_alloc(w->heap, 2 * (size_t)n + 1);
    for (intptr_t i = 0; i < 2 * n; i++) map.pairs[i] = TERM_NIL;
    push(w, map.form, map.to, map.mode);
    w->tasks[w->count - 1] = map;
    for (intptr_t i = 0; i < n; i++, fields = term_tail(fields)) {
        Term f = term_head(fields);
        // #{k := v} updates something, so it is no constant.
        if (!is_form(f, ATOM_map_field_assoc, 4)) return false;
        // A key is a term even in attributes.
        push(w, term_tuple_get(f, 2), &map.pairs[2 * i], NORMALISE_TERM);
        push(w, term_tuple_get(f, 3), &map.pairs[2 * i + 1], t->mode);
    }
    return true;
}

// An operator before a number, or Name/Arity.
// -1 and +1.5 are constants, -(-1) and 1 + 1 are not: the operand must be a
// literal, as in erl_parse.
static bool normalise_operator(Work *w, const Task *t)
{
    Term symbol = term_tuple_get(t->form, 2), a = term_tuple_get(t->form, 3);
    bool minus = term_same(symbol, ATOM_minus);
    if (!minus && !term_same(symbol, ATOM_plus)) return false;
    // -$a is allowed as well; a character is an integer.
    if (!is_form(a, ATOM_integer, 3) && !is_form(a, ATOM_float, 3)
        && !is_form(a, ATOM_char, 3))
        return false;
    Term n = term_tuple_get(a, 2);
    *t->to = minus ? arith_negate(w->heap, n) : n;
    return !term_is_none(*t->to);
}

// Only the shape is checked; lint looks at the number.
static bool normalise_arity(Work *w, const Task *t)
{
    if (t->mode != NORMALISE_ATTRIBUTE || !is_form(t->form, ATOM_op, 5)
        || !term_same(term_tuple_get(t->form, 2), ATOM_slash))
        return false;
    Term name = term_tuple_get(t->form, 3), arity = term_tuple_get(t->form, 4);
    if (!is_form(name, ATOM_atom, 3) || !is_form(arity, ATOM_integer, 3))
        return false;
    *t->to = heap_tuple2(w->heap, term_tuple_get(name, 2),
                         term_tuple_get(arity, 2));
    return true;
}

static bool read_constant(void *context, Term form, Term *value)
{
    const Work *w = context;
    return abstract_normalise(w->node, w->heap, form, NORMALISE_TERM, value);
}

static bool normalise_binary(Work *w, const Task *t)
{
    AbstractReader reader = {read_constant, w};
    *t->to = abstract_binary(w->heap, term_tuple_get(t->form, 2), &reader);
    return !term_is_none(*t->to);
}

// fun M:F/A of constants.
// The only fun that is a constant: it has no environment, and stays the same
// when code is loaded.
static bool normalise_fun(Work *w, const Task *t)
{
    Term body = term_tuple_get(t->form, 2);
    Term parts[3];
    if (!is_form(body, ATOM_function, 4)) return false;
    for (size_t i = 0; i < 3; i++) {
        Term part = term_tuple_get(body, i + 1);
        if (!is_form(part, i < 2 ? ATOM_atom : ATOM_integer, 3)) return false;
        parts[i] = term_tuple_get(part, 2);
    }
    // An arity that no function has.
    if (!term_is_small(parts[2]) || term_small_value(parts[2]) < 0
        || term_small_value(parts[2]) > 255)
        return false;
    unsigned arity = (unsigned)term_small_value(parts[2]);
    *t->to = fun_new_export(w->heap,
                            code_export(w->node, parts[0], parts[1], arity));
    return true;
}

static bool normalise_one(Work *w, const Task *t)
{
    Term form = t->form;
    if (!term_is_tuple(form) || term_arity(form) < 2) return false;
    Term tag = term_tuple_get(form, 0);
    if (is_form(form, ATOM_nil, 2)) {
        *t->to = TERM_NIL;
        return true;
    }
    if (is_form(form, ATOM_cons, 4)) return normalise_cons(w, t);
    if (is_form(form, ATOM_op, 4)) return normalise_operator(w, t);
    if (term_arity(form) != 3) return normalise_arity(w, t);
    if (term_same(tag, ATOM_tuple)) return normalise_tuple(w, t);
    if (term_same(tag, ATOM_map)) return normalise_map(w, t);
    if (term_same(tag, ATOM_bin)) return normalise_binary(w, t);
    if (term_same(tag, ATOM_fun)) return normalise_fun(w, t);
    // The rest are literals: their third element is the value itself, whatever
    // it is, for the parser made it.
    if (!term_same(tag, ATOM_atom) && !term_same(tag, ATOM_integer)
        && !term_same(tag, ATOM_string) && !term_same(tag, ATOM_char)
        && !term_same(tag, ATOM_float))
        return false;
    *t->to = term_tuple_get(form, 2);
    return true;
}

// [value] is a word of the caller, not of the heap; it is the first target.
bool abstract_normalise(Node *node, Heap *heap, Term form,
                        NormaliseMode mode, Term *value)
{
    Work w = {.node = node, .heap = heap};
    bool good = true;
    *value = TERM_NIL;
    push(&w, form, value, mode);
    while (good && w.count > 0) {
        Task t = w.tasks[--w.count];
        if (t.count > 0)
            // Later pairs win over earlier ones of the same key, as in a source
            // text.
            *t.to = map_from_pairs(heap, node->atoms, t.count - 1, t.pairs);
        else
            good = normalise_one(&w, &t);
    }
    free(w.tasks);
    return good;
}
