// SPDX-License-Identifier: Apache-2.0
// The conditions of -if and -elif: guard expressions without variables.
//
// An expression that is no guard is an error; one that fails is false.
// -if(?OTP_RELEASE >= 27). Evaluated here, so no process and no compiled code
// is needed for a form that is read before its module exists.
#include "abstract_binary.h"
#include "arith.h"
#include "auto_import.h"
#include "big.h"
#include "buffer.h"
#include "compare.h"
#include "map.h"
#include "operator.h"
#include "preprocess_state.h"

// Element [i], counted from 0: the tag is 0, the annotation 1.
static Term at(Term tuple, size_t i)
{
    return term_tuple_get(tuple, i);
}

// Of a node of the abstract format.
static bool is_node(Term t, Term tag, size_t arity)
{
    return term_is_tuple_of(t, arity) && term_same(at(t, 0), tag);
}

// ---- which expressions may be used ----
// What is_guard of erl_lint takes, with defined/1 beside it. A variable is a
// guard but has no value: it makes the condition false.

static bool is_guard(const Preprocess *pp, Term e);

static bool are_guards(const Preprocess *pp, Term list)
{
    for (; term_is_cons(list); list = term_tail(list))
        if (!is_guard(pp, term_head(list))) return false;
    return true;
}

// A call without module: of defined/1, of a guard BIF, or of a function that
// does not exist, which fails when it is called.
// Such as -if(foo(1)): no error, but false.
static bool is_local_call(const Preprocess *pp, Term name, Term args)
{
    intptr_t arity = term_list_length(args);
    if (term_same(name, ATOM_defined) && arity == 1)
        return is_node(term_head(args), ATOM_var, 3)
               || is_node(term_head(args), ATOM_atom, 3);
    // A BIF that is no guard, such as spawn/1, makes the expression bad.
    if (auto_import_has(pp->atoms, name, (size_t)arity)
        && !auto_import_has_guard(pp->atoms, name, (size_t)arity))
        return false;
    return are_guards(pp, args);
}

// f(X) or erlang:f(X); other modules are no guards.
static bool is_guard_call(const Preprocess *pp, Term call)
{
    Term name = at(call, 2), args = at(call, 3);
    if (is_node(name, ATOM_atom, 3))
        return is_local_call(pp, at(name, 2), args);
    if (!is_node(name, ATOM_remote, 4) || !is_node(at(name, 2), ATOM_atom, 3)
        || !is_node(at(name, 3), ATOM_atom, 3)
        || !term_same(at(at(name, 2), 2), ATOM_erlang))
        return false;
    return auto_import_has_guard(pp->atoms, at(at(name, 3), 2),
                                 (size_t)term_list_length(args))
           && are_guards(pp, args);
}

// {map_field_assoc, A, K, V}: both arrows have the same shape.
static bool are_map_fields(const Preprocess *pp, Term fields)
{
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        if (!is_guard(pp, at(f, 2)) || !is_guard(pp, at(f, 3))) return false;
    }
    return true;
}

// {bin_element, A, Value, Size, Types}.
static bool are_bit_fields(const Preprocess *pp, Term fields)
{
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        if (!is_guard(pp, at(f, 2))) return false;
        if (!term_same(at(f, 3), ATOM_default) && !is_guard(pp, at(f, 3)))
            return false;
    }
    return true;
}

static bool is_guard(const Preprocess *pp, Term e)
{
    switch (at(e, 0).bits) {
    case ATOM_BITS_var: case ATOM_BITS_char: case ATOM_BITS_integer:
    case ATOM_BITS_float: case ATOM_BITS_atom: case ATOM_BITS_string:
    case ATOM_BITS_nil: return true;
    case ATOM_BITS_cons:
        return is_guard(pp, at(e, 2)) && is_guard(pp, at(e, 3));
    case ATOM_BITS_tuple: return are_guards(pp, at(e, 2));
    case ATOM_BITS_map:
        // #{...} has three elements, M#{...} four.
        if (term_arity(e) == 3) return are_map_fields(pp, at(e, 2));
        return is_guard(pp, at(e, 2)) && are_map_fields(pp, at(e, 3));
    case ATOM_BITS_bin: return are_bit_fields(pp, at(e, 2));
    case ATOM_BITS_call: return is_guard_call(pp, e);
    case ATOM_BITS_op:
        // These may have effects or build lists of any length.
        if (term_same(at(e, 2), ATOM_send_op)
            || term_same(at(e, 2), ATOM_append)
            || term_same(at(e, 2), ATOM_subtract))
            return false;
        // Prefix operators have four elements.
        return is_guard(pp, at(e, 3))
               && (term_arity(e) == 4 || is_guard(pp, at(e, 4)));
    default: return false;
    }
}

// ---- their values; TERM_NONE when they fail ----
// Nothing raises here: a failure goes up as TERM_NONE and makes the condition
// false.

static Term evaluate(Preprocess *pp, Term e);

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

static bool is_boolean(Term t)
{
    return term_same(t, ATOM_true) || term_same(t, ATOM_false);
}

// Evaluates [list] to a list.
// Also arguments of calls. The recursion is as deep as the list is long, which
// a person wrote.
static Term evaluate_list(Preprocess *pp, Term list)
{
    if (!term_is_cons(list)) return TERM_NIL;
    Term head = evaluate(pp, term_head(list));
    Term tail = evaluate_list(pp, term_tail(list));
    if (term_is_none(head) || term_is_none(tail)) return TERM_NONE;
    return heap_cons(pp->heap, head, tail);
}

static Term list_to_tuple(Preprocess *pp, Term list)
{
    size_t n = (size_t)term_list_length(list), i = 0;
    Term *box = heap_alloc(pp->heap, n + 1);
    box[i++] = term_header(SUBTAG_TUPLE, n);
    // The empty tuple is a box as well.
    for (; term_is_cons(list); list = term_tail(list))
        box[i++] = term_head(list);
    return term_from_box(box);
}

// Puts the [fields] into [map]; := asks for a key that is there.
// Later fields win, as in the language.
static Term evaluate_map(Preprocess *pp, Term map, Term fields)
{
    if (!term_is_map(map)) return TERM_NONE;
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        Term key = evaluate(pp, at(f, 2)), value = evaluate(pp, at(f, 3));
        if (term_is_none(key) || term_is_none(value)) return TERM_NONE;
        // M#{k := 1} fails without a k.
        if (is_node(f, ATOM_map_field_exact, 4)
            && term_is_none(map_get(map, key)))
            return TERM_NONE;
        map = map_put(pp->heap, pp->atoms, map, key, value);
    }
    return map;
}

static bool read_value(void *context, Term e, Term *value)
{
    *value = evaluate(context, e);
    return !term_is_none(*value);
}

static Term evaluate_bits(Preprocess *pp, Term fields)
{
    AbstractReader reader = {read_value, pp};
    return abstract_binary(pp->heap, fields, &reader);
}

// andalso and orelse look at the right side only if they must.
static Term evaluate_operator(Preprocess *pp, Term e)
{
    Term op = at(e, 2), a = evaluate(pp, at(e, 3));
    if (term_is_none(a)) return TERM_NONE;
    if (term_arity(e) == 4) return operator_prefix(pp->heap, op, a);
    bool and = term_same(op, ATOM_andalso);
    if (and || term_same(op, ATOM_orelse)) {
        if (!is_boolean(a)) return TERM_NONE;
        // false andalso .. is false, true orelse .. is true.
        if (term_same(a, boolean(!and))) return a;
        return evaluate(pp, at(e, 4));
    }
    Term b = evaluate(pp, at(e, 4));
    if (term_is_none(b)) return TERM_NONE;
    return operator_infix(pp->heap, pp->atoms, op, a, b);
}

// ---- guard BIFs ----

static Term call_type_test(Term name, Term t)
{
    switch (name.bits) {
    case ATOM_BITS_is_atom: return boolean(term_is_atom(t));
    case ATOM_BITS_is_binary: return boolean(term_is_binary(t));
    case ATOM_BITS_is_bitstring: return boolean(term_is_bitstring(t));
    case ATOM_BITS_is_boolean: return boolean(is_boolean(t));
    case ATOM_BITS_is_float: return boolean(term_is_float(t));
    case ATOM_BITS_is_integer: return boolean(term_is_integer(t));
    case ATOM_BITS_is_list: return boolean(term_is_list(t));
    case ATOM_BITS_is_map: return boolean(term_is_map(t));
    case ATOM_BITS_is_number: return boolean(term_is_number(t));
    case ATOM_BITS_is_pid: return boolean(term_is_pid(t));
    case ATOM_BITS_is_tuple: return boolean(term_is_tuple(t));
    // No value of a condition is one of these.
    case ATOM_BITS_is_function: case ATOM_BITS_is_port:
    case ATOM_BITS_is_reference: return ATOM_false;
    default: return TERM_NONE;
    }
}

// In bits; -1: it is no bitstring.
static intptr_t bits_in(Term t)
{
    Bits bits;
    return term_bits(t, &bits) ? (intptr_t)bits.size : -1;
}

// What has no size of that kind fails.
static Term call_size(Preprocess *pp, Term name, Term t)
{
    intptr_t n = -1, bits = bits_in(t);
    switch (name.bits) {
    case ATOM_BITS_length: n = term_list_length(t); break;
    case ATOM_BITS_tuple_size:
        if (term_is_tuple(t)) n = (intptr_t)term_arity(t);
        break;
    case ATOM_BITS_bit_size: n = bits; break;
    // An incomplete byte counts for byte_size, and does not for size.
    case ATOM_BITS_byte_size: n = bits < 0 ? -1 : (bits + 7) / 8; break;
    case ATOM_BITS_map_size:
        if (term_is_map(t)) n = (intptr_t)map_size(t);
        break;
    case ATOM_BITS_size:
        if (term_is_tuple(t)) n = (intptr_t)term_arity(t);
        else n = bits < 0 ? -1 : bits / 8;
        break;
    default: break;
    }
    return n < 0 ? TERM_NONE : heap_integer(pp->heap, n);
}

static Term node_name(const Preprocess *pp)
{
    // merlec has a node that never gets a name.
    Term name = atomic_load(&pp->node->name);
    return term_is_atom(name) ? name : ATOM_nonode_nohost;
}

static Term call_float(Preprocess *pp, Term t)
{
    double d;
    return arith_to_double(t, &d) ? arith_float(pp->heap, d) : TERM_NONE;
}

// Names with one argument; the others answer TERM_NONE.
static Term call_one(Preprocess *pp, Term name, Term t)
{
    switch (name.bits) {
    case ATOM_BITS_abs: return arith_abs(pp->heap, t);
    case ATOM_BITS_float: return call_float(pp, t);
    case ATOM_BITS_node: return term_is_pid(t) ? node_name(pp) : TERM_NONE;
    case ATOM_BITS_round: return arith_round(pp->heap, t);
    case ATOM_BITS_trunc: return arith_trunc(pp->heap, t);
    case ATOM_BITS_floor: return arith_floor(pp->heap, t);
    case ATOM_BITS_ceil: return arith_ceil(pp->heap, t);
    case ATOM_BITS_hd: return term_is_cons(t) ? term_head(t) : TERM_NONE;
    case ATOM_BITS_tl: return term_is_cons(t) ? term_tail(t) : TERM_NONE;
    default: break;
    }
    Term answer = call_type_test(name, t);
    return term_is_none(answer) ? call_size(pp, name, t) : answer;
}

static Term call_is_record(Term t, Term tag, intptr_t size)
{
    if (!term_is_atom(tag)) return TERM_NONE;
    return boolean(term_is_tuple(t) && term_arity(t) > 0
                   && (size < 0 || term_arity(t) == (size_t)size)
                   && term_same(at(t, 0), tag));
}

// [length] bytes from [start] on; backwards when it is negative.
static Term call_part(Preprocess *pp, Term t, Term start, Term length)
{
    intptr_t bits = bits_in(t);
    if (bits < 0 || bits % 8 != 0 || !term_is_small(start)
        || !term_is_small(length))
        return TERM_NONE;
    intptr_t from = term_small_value(start), n = term_small_value(length);
    if (n < 0) {
        from += n;
        n = -n;
    }
    if (from < 0 || from > bits / 8 || n > bits / 8 - from) return TERM_NONE;
    return heap_sub_bits(pp->heap, t, (size_t)from * 8, (size_t)n * 8);
}

static Term call_element(Term n, Term t)
{
    if (!term_is_small(n) || !term_is_tuple(t) || term_small_value(n) < 1
        || (size_t)term_small_value(n) > term_arity(t))
        return TERM_NONE;
    return at(t, (size_t)term_small_value(n) - 1);
}

static Term call_two(Preprocess *pp, Term name, Term a, Term b)
{
    switch (name.bits) {
    case ATOM_BITS_binary_part:
        if (!term_is_tuple_of(b, 2)) return TERM_NONE;
        return call_part(pp, a, at(b, 0), at(b, 1));
    case ATOM_BITS_element: return call_element(a, b);
    case ATOM_BITS_is_function:
        // Nothing here is a function, but the arity must be one.
        return term_is_integer(b) && big_sign(b) >= 0 ? ATOM_false : TERM_NONE;
    case ATOM_BITS_is_map_key:
        return term_is_map(b) ? boolean(!term_is_none(map_get(b, a)))
                              : TERM_NONE;
    case ATOM_BITS_is_record: return call_is_record(a, b, -1);
    case ATOM_BITS_map_get:
        return term_is_map(b) ? map_get(b, a) : TERM_NONE;
    case ATOM_BITS_max: return term_compare(pp->node->atoms, a, b) >= 0 ? a : b;
    case ATOM_BITS_min: return term_compare(pp->node->atoms, a, b) <= 0 ? a : b;
    default: return TERM_NONE;
    }
}

static Term call_three(Preprocess *pp, Term name, const Term *args)
{
    if (term_same(name, ATOM_binary_part))
        return call_part(pp, args[0], args[1], args[2]);
    if (!term_same(name, ATOM_is_record) || !term_is_small(args[2]))
        return TERM_NONE;
    // No tuple is of a size below 0, yet to ask for one is no error.
    return term_small_value(args[2]) < 0
               ? ATOM_false
               : call_is_record(args[0], args[1], term_small_value(args[2]));
}

static Term call_none(const Preprocess *pp, Term name)
{
    if (term_same(name, ATOM_node)) return node_name(pp);
    // Whoever asks can do nothing with it but see that it is a pid.
    return term_same(name, ATOM_self) ? term_local_pid(0) : TERM_NONE;
}

// The module, if there is one, is known to be erlang.
static Term evaluate_call(Preprocess *pp, Term e)
{
    Term name = at(e, 2), args = at(e, 3);
    bool local = is_node(name, ATOM_atom, 3);
    name = local ? at(name, 2) : at(at(name, 3), 2);
    intptr_t arity = term_list_length(args);
    // defined(X): the name of a macro, not its value. Names that are predefined
    // without a value count too.
    if (local && term_same(name, ATOM_defined) && arity == 1)
        return boolean(macro_find(&pp->macros, at(term_head(args), 2)) != NULL);
    args = evaluate_list(pp, args);
    if (term_is_none(args) || arity > 3) return TERM_NONE;
    Term list[3];
    for (size_t i = 0; term_is_cons(args); args = term_tail(args))
        list[i++] = term_head(args);
    switch (arity) {
    case 0: return call_none(pp, name);
    case 1: return call_one(pp, name, list[0]);
    case 2: return call_two(pp, name, list[0], list[1]);
    default: return call_three(pp, name, list);
    }
}

// Forms come from the parser, so their shape is not checked again.
static Term evaluate(Preprocess *pp, Term e)
{
    switch (at(e, 0).bits) {
    case ATOM_BITS_char: case ATOM_BITS_integer: case ATOM_BITS_float:
    case ATOM_BITS_atom: case ATOM_BITS_string: return at(e, 2);
    case ATOM_BITS_nil: return TERM_NIL;
    case ATOM_BITS_cons: {
        Term head = evaluate(pp, at(e, 2)), tail = evaluate(pp, at(e, 3));
        if (term_is_none(head) || term_is_none(tail)) return TERM_NONE;
        return heap_cons(pp->heap, head, tail);
    }
    case ATOM_BITS_tuple: {
        Term list = evaluate_list(pp, at(e, 2));
        return term_is_none(list) ? TERM_NONE : list_to_tuple(pp, list);
    }
    case ATOM_BITS_map:
        if (term_arity(e) == 3)
            return evaluate_map(pp, map_new(pp->heap), at(e, 2));
        return evaluate_map(pp, evaluate(pp, at(e, 2)), at(e, 3));
    case ATOM_BITS_bin: return evaluate_bits(pp, at(e, 2));
    case ATOM_BITS_op: return evaluate_operator(pp, e);
    case ATOM_BITS_call: return evaluate_call(pp, e);
    default: return TERM_NONE;
    }
}

// Directives skip what follows on both FALSE and BAD.
Condition condition_evaluate(Preprocess *pp, size_t from,
                             const Token *directive)
{
    Term exprs;
    ParseError error;
    Token place = *directive; // a copy: pp->form may move
    pp->function = FUNCTION_NOT_SOUGHT;
    if (!macro_expand(pp, &pp->form, from)) {
        answer_error(pp, &pp->failed, pp->failure);
        return CONDITION_BAD;
    }
    if (!grammar_parse_exprs(pp->grammar, pp->heap, &pp->expanded, &exprs,
                             &error)) {
        answer_parse_error(pp, &error);
        return CONDITION_BAD;
    }
    if (term_list_length(exprs) != 1 || !is_guard(pp, term_head(exprs))) {
        answer_error(pp, &place, heap_tuple2(pp->heap, ATOM_bad, ATOM_if));
        return CONDITION_BAD;
    }
    Term value = evaluate(pp, term_head(exprs));
    // 1 or foo is not true, hence false.
    return term_same(value, ATOM_true) ? CONDITION_TRUE : CONDITION_FALSE;
}
