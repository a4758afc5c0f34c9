// SPDX-License-Identifier: Apache-2.0
// erlang: tuples.
#include "bif.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { TUPLE_MOST = (1 << 24) - 1 }; // elements

// Element number [t], counted from 1 to [last], as an index from 0.
// One check for all wrong indices.
static bool get_index(Term t, size_t last, size_t *i)
{
    if (!term_is_small(t)) return false; // no tuple has as many
    *i = (size_t)term_small_value(t) - 1; // 0 and less become too large
    return *i < last;
}

// A tuple of [n] elements that the caller fills.
// No term yet: nothing may be built before it is filled.
static Term *new_tuple(Process *p, size_t n)
{
    Term *box = heap_alloc(process_heap(p), n + 1);
    box[0] = term_header(SUBTAG_TUPLE, n);
    return box;
}

// memcpy of nothing from nowhere is undefined.
static void copy_elements(Term *to, const Term *from, size_t n)
{
    if (n > 0) memcpy(to, from, n * sizeof(Term));
}

Term bif_erlang_tuple_size_1(Process *p, const Term *args)
{
    if (!term_is_tuple(args[0])) return bif_error(p, ATOM_badarg);
    return term_small((intptr_t)term_arity(args[0]));
}

Term bif_erlang_element_2(Process *p, const Term *args)
{
    size_t i;
    if (!term_is_tuple(args[1]) || !get_index(args[0], term_arity(args[1]), &i))
        return bif_error(p, ATOM_badarg);
    return term_tuple_get(args[1], i);
}

// A copy; the compiler's own instruction changes in place where nobody sees it.
Term bif_erlang_setelement_3(Process *p, const Term *args)
{
    size_t i;
    if (!term_is_tuple(args[1]) || !get_index(args[0], term_arity(args[1]), &i))
        return bif_error(p, ATOM_badarg);
    size_t n = term_arity(args[1]);
    Term *box = new_tuple(p, n);
    copy_elements(box + 1, term_box_ptr(args[1]) + 1, n);
    box[1 + i] = args[2];
    return term_from_box(box);
}

// make_tuple's first argument; also its limit.
// badarg beyond it.
static bool get_arity(Term t, size_t *n)
{
    return bif_get_size(t, n) && *n <= TUPLE_MOST;
}

static Term fill_tuple(Process *p, size_t n, Term value)
{
    Term *box = new_tuple(p, n);
    for (size_t i = 1; i <= n; i++) box[i] = value;
    return term_from_box(box);
}

Term bif_erlang_make_tuple_2(Process *p, const Term *args)
{
    size_t n;
    if (!get_arity(args[0], &n)) return bif_error(p, ATOM_badarg);
    return fill_tuple(p, n, args[1]);
}

// [{Position, Value}], later ones win.
Term bif_erlang_make_tuple_3(Process *p, const Term *args)
{
    size_t n, i;
    if (!get_arity(args[0], &n)) return bif_error(p, ATOM_badarg);
    Term tuple = fill_tuple(p, n, args[1]);
    Term list = args[2];
    // The tuple is new, so it may be written to.
    for (; term_is_cons(list); list = term_tail(list)) {
        Term pair = term_head(list);
        if (!term_is_tuple_of(pair, 2)
            || !get_index(term_tuple_get(pair, 0), n, &i))
            return bif_error(p, ATOM_badarg);
        term_box_ptr(tuple)[1 + i] = term_tuple_get(pair, 1);
    }
    return term_is_nil(list) ? tuple : bif_error(p, ATOM_badarg);
}

// A copy of the tuple [t] with [value] put in as element [i], from 0.
// In front of element [i], or at the end.
static Term insert(Process *p, Term t, size_t i, Term value)
{
    size_t n = term_arity(t);
    const Term *from = term_box_ptr(t) + 1;
    Term *box = new_tuple(p, n + 1);
    copy_elements(box + 1, from, i);
    box[1 + i] = value;
    copy_elements(box + 2 + i, from + i, n - i);
    return term_from_box(box);
}

Term bif_erlang_append_element_2(Process *p, const Term *args)
{
    if (!term_is_tuple(args[0]) || term_arity(args[0]) >= TUPLE_MOST)
        return bif_error(p, ATOM_badarg);
    if (bif_is_long(p, term_arity(args[0]))) return bif_to_pool(p);
    return insert(p, args[0], term_arity(args[0]), args[1]);
}

// Positions up to size + 1.
Term bif_erlang_insert_element_3(Process *p, const Term *args)
{
    size_t i;
    if (!term_is_tuple(args[1]) || term_arity(args[1]) >= TUPLE_MOST
        || !get_index(args[0], term_arity(args[1]) + 1, &i))
        return bif_error(p, ATOM_badarg);
    if (bif_is_long(p, term_arity(args[1]))) return bif_to_pool(p);
    return insert(p, args[1], i, args[2]);
}

// The others move down.
Term bif_erlang_delete_element_2(Process *p, const Term *args)
{
    size_t i;
    if (!term_is_tuple(args[1]) || !get_index(args[0], term_arity(args[1]), &i))
        return bif_error(p, ATOM_badarg);
    size_t n = term_arity(args[1]);
    if (bif_is_long(p, n)) return bif_to_pool(p);
    const Term *from = term_box_ptr(args[1]) + 1;
    Term *box = new_tuple(p, n - 1);
    copy_elements(box + 1, from, i);
    copy_elements(box + 1 + i, from + i + 1, n - i - 1);
    return term_from_box(box);
}

// Elements lie side by side. How long it takes is a matter of their number
// alone: they may be as deep as they like.
Term bif_erlang_tuple_to_list_1(Process *p, const Term *args)
{
    if (!term_is_tuple(args[0])) return bif_error(p, ATOM_badarg);
    if (bif_is_long(p, term_arity(args[0]))) return bif_to_pool(p);
    return heap_list(process_heap(p), term_arity(args[0]),
                     term_box_ptr(args[0]) + 1, TERM_NIL);
}

// Longer lists are badarg.
Term bif_erlang_list_to_tuple_1(Process *p, const Term *args)
{
    intptr_t n = bif_list_length(p, args[0], 1);
    if (n < 0) return bif_list_error(p, n);
    if (n > TUPLE_MOST) return bif_error(p, ATOM_badarg);
    Term *box = new_tuple(p, (size_t)n), *to = box + 1;
    for (Term l = args[0]; term_is_cons(l); l = term_tail(l))
        *to++ = term_head(l);
    return term_from_box(box);
}

// Whether [t] is a tuple whose first element is [tag].
// A record is a tuple with a tag.
static bool is_tagged(Term t, Term tag)
{
    return term_is_tuple(t) && term_arity(t) > 0
           && term_same(term_tuple_get(t, 0), tag);
}

Term bif_erlang_is_record_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[1])) return bif_error(p, ATOM_badarg);
    return is_tagged(args[0], args[1]) ? ATOM_true : ATOM_false;
}

// {Tag, ...} of that size.
Term bif_erlang_is_record_3(Process *p, const Term *args)
{
    if (!term_is_atom(args[1]) || !term_is_small(args[2]))
        return bif_error(p, ATOM_badarg);
    bool is = is_tagged(args[0], args[1])
              && (intptr_t)term_arity(args[0]) == term_small_value(args[2]);
    return is ? ATOM_true : ATOM_false;
}
