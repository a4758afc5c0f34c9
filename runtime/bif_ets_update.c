// SPDX-License-Identifier: Apache-2.0
// ets: changing elements of objects in their place.
// The table is entered for writing, so each update is atomic for all others. A
// new object is made on the caller's heap and then put in; only if small
// integers alone change is the object itself written to.
#include "arith.h"
#include "bif.h"
#include "compare.h"
#include "ets.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// One change of a counter: {Position, Increment [, Threshold, SetValue]}.
// As {2, 1} or {2, 1, 100, 0}.
typedef struct {
    size_t position; // from 0
    Term increment;  // to be added; may be negative
    Term threshold;  // TERM_NONE without
    Term set_value;  // with a threshold only
} Step;

// Reads a step; [whole] allows a bare increment, of the element behind the key.
// update_counter(T, K, 1) is {KeyPos + 1, 1}.
static bool get_step(const EtsTable *t, Term op, bool whole, Step *step)
{
    *step = (Step){.position = t->key_position + 1, .increment = op};
    if (whole && term_is_integer(op)) return true;
    if (!term_is_tuple_of(op, 2) && !term_is_tuple_of(op, 4)) return false;
    if (!bif_get_size(term_tuple_get(op, 0), &step->position)
        || step->position < 1)
        return false;
    step->position--;
    step->increment = term_tuple_get(op, 1);
    if (!term_is_integer(step->increment)) return false;
    if (term_arity(op) == 2) return true; // without a threshold
    step->threshold = term_tuple_get(op, 2);
    step->set_value = term_tuple_get(op, 3);
    return term_is_integer(step->threshold)
           && term_is_integer(step->set_value);
}

// The counter [value] after [step].
// The threshold counts in the direction of the increment.
static Term step_value(Process *p, const Step *step, Term value)
{
    Term sum = arith_add(process_heap(p), value, step->increment);
    if (term_is_none(step->threshold)) return sum;
    bool down = term_compare(process_atoms(p), step->increment,
                             term_small(0)) < 0;
    int order = term_compare(process_atoms(p), sum, step->threshold);
    return (down ? order < 0 : order > 0) ? step->set_value : sum;
}

// The outcome of an update: an answer, or an error with its cause.
// Raised only after the table was left.
typedef struct {
    bool failed; // badarg
    Term cause;  // TERM_NONE: none
    Term answer;
} Update;

static Update update_failed(Term cause)
{
    return (Update){.failed = true, .cause = cause};
}

// Does one step on [elements], a copy of an object's.
// The key's own element must not change: it is where the object is found.
static Update do_step(Process *p, const EtsTable *t, Term op, bool whole,
                      Term tuple)
{
    Step step;
    if (!get_step(t, op, whole, &step)) return update_failed(TERM_NONE);
    if (step.position == t->key_position) return update_failed(ATOM_keypos);
    if (step.position >= term_arity(tuple))
        return update_failed(ATOM_position);
    Term *element = term_box_ptr(tuple) + 1 + step.position;
    // A float is no counter.
    if (!term_is_integer(*element)) return update_failed(TERM_NONE);
    Term value = step_value(p, &step, *element);
    if (term_is_none(value)) return update_failed(TERM_NONE);
    *element = value;
    return (Update){.answer = value};
}

// Does the operations [ops] on [tuple]; the answers to a list are a list.
// [{2, 1}, {3, -1}]: each sees what those before it did. A failure leaves the
// object as it was, since [tuple] is a copy.
static Update do_steps(Process *p, const EtsTable *t, Term ops, Term tuple)
{
    if (!term_is_list(ops)) return do_step(p, t, ops, true, tuple);
    Term list = TERM_NIL, *link = &list;
    for (; term_is_cons(ops); ops = term_tail(ops)) {
        Update one = do_step(p, t, term_head(ops), false, tuple);
        if (one.failed) return one;
        *link = heap_cons(process_heap(p), one.answer, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    if (!term_is_nil(ops)) return update_failed(TERM_NONE);
    return (Update){.answer = list};
}

// Whether the elements that differ from the object's are small integers in
// both: then they can be stored where they are.
// No pointer may come into the object from another heap.
static bool store_smalls(EtsTable *t, EtsObject *o, Term tuple)
{
    Term *old = term_box_ptr(ets_tuple(t, o)) + 1;
    const Term *new = term_box_ptr(tuple) + 1;
    size_t n = term_arity(tuple);
    for (size_t i = 0; i < n; i++)
        if (!term_same(old[i], new[i])
            && (!term_is_small(old[i]) || !term_is_small(new[i])))
            return false;
    memcpy(old, new, n * sizeof(Term));
    return true;
}

// Puts [tuple] in the place of [o], or in if that is NULL.
// With a default the object may be new.
static void store(EtsTable *t, EtsObject *o, Term tuple)
{
    if (o == NULL) {
        ets_put(t, tuple);
    } else if (!store_smalls(t, o, tuple)) {
        ets_replace(t, o, tuple);
    }
}

// A tuple with the elements of [t] that can be changed.
// The elements still lie in the table; ets_replace copies them.
static Term shallow_copy(Heap *h, Term t)
{
    return heap_tuple(h, term_arity(t), term_box_ptr(t) + 1);
}

// The default object under [key]; TERM_NONE when it is none.
// Whatever key the default has.
static Term default_tuple(Heap *h, const EtsTable *t, Term key, Term object)
{
    if (!ets_is_object(t, object)) return TERM_NONE;
    Term tuple = shallow_copy(h, object);
    term_box_ptr(tuple)[1 + t->key_position] = key;
    return tuple;
}

// The commonest case: one step without a threshold from small integer to small
// integer is done in [o] itself. TERM_NONE: it is another case.
// No term is built and no object replaced.
static Term count_in_place(const EtsTable *t, EtsObject *o, Term op)
{
    Step step;
    Term tuple = ets_tuple(t, o);
    if (term_is_list(op) || !get_step(t, op, true, &step)
        || !term_is_none(step.threshold) || !term_is_small(step.increment)
        || step.position == t->key_position
        || step.position >= term_arity(tuple))
        return TERM_NONE;
    Term *element = term_box_ptr(tuple) + 1 + step.position;
    if (!term_is_small(*element)) return TERM_NONE;
    intptr_t sum = term_small_value(*element)
                   + term_small_value(step.increment);
    // The sum became a big integer: the long way.
    if (!term_fits_small(sum)) return TERM_NONE;
    return *element = term_small(sum);
}

// update_counter; [object] is the default, or TERM_NONE.
// The error's causes are those that erl_stdlib_errors explains.
static Update update_counter(Process *p, EtsTable *t, const Term *args,
                             Term object)
{
    Heap *h = process_heap(p);
    // In a bag a key has no single object.
    if (t->type != ETS_SET && t->type != ETS_ORDERED_SET)
        return update_failed(ATOM_table_type);
    EtsObject *o = ets_find(t, args[1]);
    Term tuple;
    if (o != NULL) {
        Term sum = count_in_place(t, o, args[2]);
        if (!term_is_none(sum)) return (Update){.answer = sum};
        tuple = shallow_copy(h, ets_tuple(t, o));
    } else {
        if (term_is_none(object)) return update_failed(ATOM_badkey);
        tuple = default_tuple(h, t, args[1], object);
        if (term_is_none(tuple)) return update_failed(TERM_NONE);
    }
    Update update = do_steps(p, t, args[2], tuple);
    if (!update.failed) store(t, o, tuple);
    return update;
}

// Sets one {Position, Value} in [tuple].
// TERM_NONE: only checks, as there is no object. Where there is a default OTP
// tells of a position behind the end.
static Update set_element(const EtsTable *t, Term op, Term tuple, Term behind)
{
    size_t position;
    if (!term_is_tuple_of(op, 2)
        || !bif_get_size(term_tuple_get(op, 0), &position) || position < 1)
        return update_failed(TERM_NONE);
    if (position - 1 == t->key_position) return update_failed(ATOM_keypos);
    if (!term_is_none(tuple)) {
        if (position > term_arity(tuple)) return update_failed(behind);
        term_box_ptr(tuple)[position] = term_tuple_get(op, 1);
    }
    return (Update){.answer = ATOM_true};
}

// Checked to the end before any of it is stored.
static Update set_elements(const EtsTable *t, Term ops, Term tuple, Term behind)
{
    if (!term_is_list(ops)) return set_element(t, ops, tuple, behind);
    Update update = {.answer = ATOM_true};
    for (; !update.failed && term_is_cons(ops); ops = term_tail(ops))
        update = set_element(t, term_head(ops), tuple, behind);
    if (update.failed || term_is_nil(ops)) return update;
    return update_failed(TERM_NONE);
}

// update_element; [object] is the default, or TERM_NONE: then it is false
// without the key, but bad arguments are found all the same. Of a bag OTP tells
// no cause here.
static Update update_element(Process *p, EtsTable *t, const Term *args,
                             Term object)
{
    if (t->type != ETS_SET && t->type != ETS_ORDERED_SET)
        return update_failed(TERM_NONE);
    Heap *h = process_heap(p);
    bool has_default = !term_is_none(object);
    EtsObject *o = ets_find(t, args[1]);
    Term tuple = TERM_NONE;
    if (o != NULL) {
        tuple = shallow_copy(h, ets_tuple(t, o));
    } else if (has_default) {
        tuple = default_tuple(h, t, args[1], object);
        if (term_is_none(tuple)) return update_failed(ATOM_position);
    }
    Update update = set_elements(t, args[2], tuple,
                                 has_default ? ATOM_position : TERM_NONE);
    if (update.failed) return update;
    if (term_is_none(tuple)) return (Update){.answer = ATOM_false};
    store(t, o, tuple);
    return update;
}

typedef Update UpdateFunction(Process *p, EtsTable *t, const Term *args,
                              Term object);

// Has [update] done in the table of [args]; [object] is the default, or
// TERM_NONE. A default counts even if the key is there: it must be a tuple.
static Term updated(Process *p, const Term *args, UpdateFunction *update,
                    Term object)
{
    EtsAccess a;
    if (!ets_enter_key(p, args[0], ETS_WRITE, args[1], &a)) return TERM_NONE;
    Update done = term_is_none(object) || term_is_tuple(object)
                      ? update(p, a.table, args, object)
                      : update_failed(TERM_NONE);
    ets_leave(&a);
    if (!done.failed) return done.answer;
    return bif_error_cause(p, ATOM_badarg, done.cause);
}

// update_counter(Table, Key, Operations)
Term bif_ets_update_counter_3(Process *p, const Term *args)
{
    return updated(p, args, update_counter, TERM_NONE);
}

// update_counter(Table, Key, Operations, Default)
Term bif_ets_update_counter_4(Process *p, const Term *args)
{
    return updated(p, args, update_counter, args[3]);
}

// update_element(Table, Key, {Position, Value} | [{Position, Value}])
Term bif_ets_update_element_3(Process *p, const Term *args)
{
    return updated(p, args, update_element, TERM_NONE);
}

// update_element(Table, Key, Operations, Default)
Term bif_ets_update_element_4(Process *p, const Term *args)
{
    return updated(p, args, update_element, args[3]);
}
