// SPDX-License-Identifier: Apache-2.0
// ets: putting objects in, looking them up, taking them out.
// Objects are copied into the table and out of it, so no process's heap is
// pointed to. The error of a bad argument is raised after the table was left.
#include "bif.h"
#include "bif_ets.h"
#include "compare.h"
#include "copy.h"
#include "ets_grave.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "term_stack.h"

// ---- insert ----

// Whether [t] is an object or a proper list of objects.
// Looked at before anything is put in: insert is all or nothing.
static bool are_objects(const EtsTable *table, Term t)
{
    if (!term_is_list(t)) return ets_is_object(table, t);
    for (; term_is_cons(t); t = term_tail(t))
        if (!ets_is_object(table, term_head(t))) return false;
    return term_is_nil(t);
}

// Puts an object or a list of them in. Lists go into bags from their end, as in
// OTP: that shows in the order of objects with the same key.
// In sets a later object of the same key wins.
static size_t put_all(EtsTable *table, Term t)
{
    size_t n = 0;
    if (!term_is_list(t)) ets_put(table, t);
    // A stack of its own, as terms are not to be turned round on the heap.
    if (table->type == ETS_BAG) {
        TermStack stack;
        term_stack_init(&stack);
        for (; term_is_cons(t); t = term_tail(t), n++)
            term_stack_push(&stack, term_head(t));
        while (!term_stack_is_empty(&stack))
            ets_put(table, term_stack_pop(&stack));
        term_stack_free(&stack);
        return n;
    }
    for (; term_is_cons(t); t = term_tail(t), n++) // not a list: none of it
        ets_put(table, term_head(t));
    return n;
}

enum { STEPS_AN_OBJECT = 10 }; // of putting it into a table that is in a cache

Term bif_ets_insert_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (bif_is_long_list(p, args[1], STEPS_AN_OBJECT)) return bif_to_pool(p);
    if (!ets_enter_object(p, args[0], ETS_WRITE, args[1], &a)) return TERM_NONE;
    bool good = are_objects(a.table, args[1]);
    size_t n = good ? put_all(a.table, args[1]) : 0;
    ets_leave(&a);
    bif_bump(p, n);
    return good ? ATOM_true : bif_error(p, ATOM_badarg);
}

// 1 and 1.0 are one key in ordered sets, two in the others.
static bool has_key_of(const EtsTable *table, Term tuple)
{
    return ets_find(table, term_tuple_get(tuple, table->key_position)) != NULL;
}

// Whether one of the keys of [t] is there.
// One is enough: then nothing is inserted.
static bool has_some(const EtsTable *table, Term t)
{
    if (!term_is_list(t)) return has_key_of(table, t);
    while (term_is_cons(t) && !has_key_of(table, term_head(t)))
        t = term_tail(t);
    return term_is_cons(t);
}

Term bif_ets_insert_new_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (bif_is_long_list(p, args[1], STEPS_AN_OBJECT)) return bif_to_pool(p);
    if (!ets_enter_object(p, args[0], ETS_WRITE, args[1], &a)) return TERM_NONE;
    bool good = are_objects(a.table, args[1]);
    bool is_new = good && !has_some(a.table, args[1]);
    if (is_new) bif_bump(p, put_all(a.table, args[1]));
    ets_leave(&a);
    if (!good) return bif_error(p, ATOM_badarg);
    return is_new ? ATOM_true : ATOM_false;
}

// ---- lookup ----

// The objects with the key of [o], oldest first.
// ets_find_more goes from the newest to the oldest; the list turns that.
static Term objects_term(const EtsTable *t, const EtsObject *o, Heap *h)
{
    Term list = TERM_NIL;
    for (; o != NULL; o = ets_find_more(t, o))
        list = heap_cons(h, ets_object_copy(t, o, h), list);
    return list;
}

Term bif_ets_lookup_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter_key(p, args[0], ETS_READ, args[1], &a)) return TERM_NONE;
    const EtsObject *o = ets_find(a.table, args[1]);
    // Copied while the table is held.
    Term list = objects_term(a.table, o, process_heap(p));
    ets_leave(&a);
    return list;
}

// A copy of element [i] of the object.
static Term element_copy(const EtsTable *t, const EtsObject *o, size_t i,
                         Heap *h)
{
    return copy_term(t->node, h, term_tuple_get(ets_tuple(t, o), i));
}

// Element [position] of the objects from [o] on: of a bag a list. TERM_NONE
// when one is too small.
// A set has one object at most, so its answer is no list.
static Term elements_term(const EtsTable *t, const EtsObject *o,
                          size_t position, Heap *h)
{
    bool is_bag = t->type == ETS_BAG || t->type == ETS_DUPLICATE_BAG;
    Term list = TERM_NIL;
    for (; o != NULL; o = ets_find_more(t, o)) {
        if (position > term_arity(ets_tuple(t, o))) return TERM_NONE;
        Term element = element_copy(t, o, position - 1, h);
        if (!is_bag) return element;
        list = heap_cons(h, element, list);
    }
    return list;
}

// lookup_element(Table, Key, Position); [absent] is the answer without the key,
// TERM_NONE if that is an error.
static Term lookup_element(Process *p, const Term *args, Term absent)
{
    EtsAccess a;
    size_t position = 0;
    if (!ets_enter_key(p, args[0], ETS_READ, args[1], &a)) return TERM_NONE;
    // The position is badarg before the key is looked for.
    bool good = bif_get_size(args[2], &position) && position > 0;
    const EtsObject *o = good ? ets_find(a.table, args[1]) : NULL;
    Term answer = good && o == NULL ? absent : TERM_NONE;
    if (o != NULL)
        answer = elements_term(a.table, o, position, process_heap(p));
    ets_leave(&a);
    if (!term_is_none(answer)) return answer;
    // The cause makes the text "not a key that exists in the table".
    if (good && o == NULL) return bif_error_cause(p, ATOM_badarg, ATOM_badkey);
    return bif_error(p, ATOM_badarg);
}

Term bif_ets_lookup_element_3(Process *p, const Term *args)
{
    return lookup_element(p, args, TERM_NONE);
}

// lookup_element(Table, Key, Position, Default)
Term bif_ets_lookup_element_4(Process *p, const Term *args)
{
    return lookup_element(p, args, args[3]);
}

Term bif_ets_member_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter_key(p, args[0], ETS_READ, args[1], &a)) return TERM_NONE;
    bool is = ets_find(a.table, args[1]) != NULL;
    ets_leave(&a);
    return is ? ATOM_true : ATOM_false;
}

// ---- delete ----
// All objects of the key go; that there are none is no error.

static void remove_key(EtsTable *t, EtsObject *o)
{
    while (o != NULL) {
        EtsObject *more = ets_find_more(t, o);
        ets_remove(t, o);
        o = more;
    }
}

Term bif_ets_delete_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter_key(p, args[0], ETS_WRITE, args[1], &a)) return TERM_NONE;
    remove_key(a.table, ets_find(a.table, args[1]));
    ets_leave(&a);
    return ATOM_true;
}

// lookup and delete in one.
Term bif_ets_take_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter_key(p, args[0], ETS_WRITE, args[1], &a)) return TERM_NONE;
    EtsObject *o = ets_find(a.table, args[1]);
    Term list = objects_term(a.table, o, process_heap(p));
    remove_key(a.table, o);
    ets_leave(&a);
    return list;
}

Term bif_ets_delete_object_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter_object(p, args[0], ETS_WRITE, args[1], &a)) return TERM_NONE;
    bool good = ets_is_object(a.table, args[1]);
    EtsObject *o = NULL;
    if (good)
        // Several may be equal in a duplicate bag: all of them go.
        o = ets_find(a.table,
                     term_tuple_get(args[1], a.table->key_position));
    while (o != NULL) {
        EtsObject *more = ets_find_more(a.table, o);
        if (term_exact_equal(ets_tuple(a.table, o), args[1]))
            ets_remove(a.table, o);
        o = more;
    }
    ets_leave(&a);
    return good ? ATOM_true : bif_error(p, ATOM_badarg);
}

// One by one the objects would be too many: the table gets new storage, and the
// old one is freed slice by slice.

// How many objects were taken out; NONE if the table may not be entered. A
// table that is fixed keeps its objects, and so there is no grave.
static Term take_all(Process *p, Term tid, EtsGrave **grave)
{
    EtsAccess a;
    if (!ets_enter(p, tid, ETS_WRITE, &a)) return TERM_NONE;
    size_t count = ets_size(a.table);
    if (ets_is_fixed(a.table)) {
        ets_mark_all(a.table);
        bif_bump(p, count / 16);
    } else {
        *grave = ets_grave_dig(a.table);
        ets_storage_init(a.table);
    }
    ets_leave(&a);
    if (*grave != NULL) ets_grave_own(*grave, p);
    return term_small((intptr_t)count);
}

// internal_delete_all(Table, undefined), and again (Grave, Count).
Term bif_ets_internal_delete_all_2(Process *p, const Term *args)
{
    EtsGrave *grave = ets_grave_of(args[0]);
    Term count = args[1];
    if (grave == NULL) count = take_all(p, args[0], &grave);
    if (grave == NULL || ets_grave_step(grave, p)) return count;
    Term again[] = {ets_grave_ref(grave, p), count};
    return bif_yield(p, 2, again);
}

// ---- traversal by keys ----
// The answer is a copy of the key, and of its objects if they are wanted; the
// table is free between two calls, and may have changed.

typedef Term ObjectAnswer(Process *p, const EtsTable *t, const EtsObject *o);

static Term key_term(Process *p, const EtsTable *t, const EtsObject *o)
{
    if (o == NULL) return ATOM_dollar_end_of_table;
    return copy_term(t->node, process_heap(p), ets_key(t, o));
}

// {Key, Objects}
static Term key_objects_term(Process *p, const EtsTable *t, const EtsObject *o)
{
    if (o == NULL) return ATOM_dollar_end_of_table;
    Heap *h = process_heap(p);
    const EtsObject *newest = ets_find(t, ets_key(t, o));
    return heap_tuple2(h, key_term(p, t, o), objects_term(t, newest, h));
}

static Term at_end(Process *p, const Term *args, EtsObject *end(EtsTable *),
                   ObjectAnswer *answer)
{
    EtsAccess a;
    if (!ets_enter(p, args[0], ETS_READ, &a)) return TERM_NONE;
    Term found = answer(p, a.table, end(a.table));
    ets_leave(&a);
    return found;
}

Term bif_ets_first_1(Process *p, const Term *args)
{
    return at_end(p, args, ets_first, key_term);
}

Term bif_ets_first_lookup_1(Process *p, const Term *args)
{
    return at_end(p, args, ets_first, key_objects_term);
}

Term bif_ets_last_1(Process *p, const Term *args)
{
    return at_end(p, args, ets_last, key_term);
}

Term bif_ets_last_lookup_1(Process *p, const Term *args)
{
    return at_end(p, args, ets_last, key_objects_term);
}

// False of a find: the key is not in a set's table, and so has no neighbour. An
// ordered set needs no such key, but the end has none anywhere.
static Term neighbour(Process *p, const Term *args,
                      bool find(EtsTable *, Term, EtsObject **),
                      ObjectAnswer *answer)
{
    EtsAccess a;
    EtsObject *o;
    if (!ets_enter(p, args[0], ETS_READ, &a)) return TERM_NONE;
    Term found = TERM_NONE;
    bool is_end = term_same(args[1], ATOM_dollar_end_of_table);
    if (!is_end && find(a.table, args[1], &o)) found = answer(p, a.table, o);
    ets_leave(&a);
    return term_is_none(found) ? bif_error(p, ATOM_badarg) : found;
}

Term bif_ets_next_2(Process *p, const Term *args)
{
    return neighbour(p, args, ets_next_key, key_term);
}

Term bif_ets_next_lookup_2(Process *p, const Term *args)
{
    return neighbour(p, args, ets_next_key, key_objects_term);
}

Term bif_ets_prev_2(Process *p, const Term *args)
{
    return neighbour(p, args, ets_previous_key, key_term);
}

Term bif_ets_prev_lookup_2(Process *p, const Term *args)
{
    return neighbour(p, args, ets_previous_key, key_objects_term);
}

// ---- all objects ----
// The whole table at once, while it is held.

// The objects from [o] on while [same_bucket] (or all), the last first.
static Term collect(EtsTable *t, const EtsObject *o, size_t bucket,
                    Heap *h)
{
    Term list = TERM_NIL;
    for (; o != NULL; o = ets_next(t, o)) {
        if (bucket != SIZE_MAX && ets_hash_bucket(t, o->hash) != bucket) break;
        list = heap_cons(h, ets_object_copy(t, o, h), list);
    }
    return list;
}

Term bif_ets_all_objects(Process *p, const Term *args)
{
    EtsAccess a;
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    if (!ets_enter(p, args[0], ETS_READ, &a)) return TERM_NONE;
    if (bif_is_long(p, 4 * ets_size(a.table))) {
        ets_leave(&a);
        return bif_to_pool(p);
    }
    if (a.table->type == ETS_ORDERED_SET) {
        // In order of the keys.
        Term *link = &list;
        for (EtsObject *o = ets_first(a.table); o != NULL;
             o = ets_next(a.table, o)) {
            *link = heap_cons(h, ets_object_copy(a.table, o, h), TERM_NIL);
            link = term_cons_ptr(*link) + 1;
        }
    } else {
        // In no order that is promised, but OTP's.
        list = collect(a.table, ets_first(a.table), SIZE_MAX, h);
    }
    bif_bump(p, ets_size(a.table) / 4);
    ets_leave(&a);
    return list;
}

// What is in slot [i]: a bucket, or the object of that number (ordered sets).
// For ets:i and old loops: they count slots until the end.
static Term slot_term(EtsTable *t, size_t i, Heap *h)
{
    const EtsObject *o = ets_first(t);
    bool is_tree = t->type == ETS_ORDERED_SET;
    size_t slots = is_tree ? ets_size(t) : t->active;
    // One behind the last is the end, more is badarg.
    if (i == slots) return ATOM_dollar_end_of_table;
    if (i > slots) return TERM_NONE;
    if (!is_tree) return collect(t, ets_hash_from(t, i), i, h);
    while (i-- > 0) o = ets_next(t, o);
    return heap_cons(h, ets_object_copy(t, o, h), TERM_NIL);
}

Term bif_ets_slot_2(Process *p, const Term *args)
{
    EtsAccess a;
    size_t i = 0;
    if (!ets_enter(p, args[0], ETS_READ, &a)) return TERM_NONE;
    Term answer = TERM_NONE;
    if (bif_get_size(args[1], &i))
        answer = slot_term(a.table, i, process_heap(p));
    ets_leave(&a);
    return term_is_none(answer) ? bif_error(p, ATOM_badarg) : answer;
}
