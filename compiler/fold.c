// SPDX-License-Identifier: Apache-2.0
// Folding of operators and tests, by the values and types that are known.
//
// What fails is never folded: 1 div 0 must raise where it stands, with its
// place, and only if it is reached. TERM_NONE and -1 say that nothing is known.
#include "fold.h"

#include "arith.h"
#include "big.h"
#include "compare.h"
#include "map.h"
#include "operator.h"

// Booleans first: they are atoms too, but types of their own, so that a test
// against one of them leaves the other.
uint64_t build_term_type(Term t)
{
    if (term_same(t, ATOM_true)) return TYPE_TRUE;
    if (term_same(t, ATOM_false)) return TYPE_FALSE;
    if (term_is_atom(t)) return TYPE_ATOM_OTHER;
    if (term_is_nil(t)) return TYPE_NIL;
    if (term_is_cons(t)) return TYPE_CONS;
    if (term_is_integer(t)) return TYPE_INTEGER;
    if (term_is_float(t)) return TYPE_FLOAT;
    if (term_is_tuple(t))
        return TYPE_TUPLE | (uint64_t)(term_arity(t) + 1) << TYPE_ARITY_SHIFT;
    if (term_is_map(t)) return TYPE_MAP;
    if (term_is_fun(t)) return TYPE_FUN;
    if (term_is_bitstring(t))
        return term_is_binary(t) ? TYPE_BINARY : TYPE_BITS;
    if (term_is_pid(t)) return TYPE_PID;
    if (term_is_port(t)) return TYPE_PORT;
    return TYPE_REF;
}

// Only tests that ask for a type and nothing else, so that the answer may be
// turned round: what fails one is of none of these types.
uint64_t fold_test_type(Term name)
{
    switch (name.bits) {
    case ATOM_BITS_is_atom: return TYPE_ATOM;
    case ATOM_BITS_is_boolean: return TYPE_BOOL;
    case ATOM_BITS_is_integer: return TYPE_INTEGER;
    case ATOM_BITS_is_float: return TYPE_FLOAT;
    case ATOM_BITS_is_number: return TYPE_NUMBER;
    case ATOM_BITS_is_list: return TYPE_LIST;
    case ATOM_BITS_is_nonempty_list: return TYPE_CONS;
    case ATOM_BITS_is_nil: return TYPE_NIL;
    case ATOM_BITS_is_tuple: return TYPE_TUPLE;
    case ATOM_BITS_is_map: return TYPE_MAP;
    case ATOM_BITS_is_function: return TYPE_FUN;
    case ATOM_BITS_is_pid: return TYPE_PID;
    case ATOM_BITS_is_port: return TYPE_PORT;
    case ATOM_BITS_is_reference: return TYPE_REF;
    case ATOM_BITS_is_binary: return TYPE_BINARY;
    case ATOM_BITS_is_bitstring: return TYPE_BITSTRING;
    default: return 0;
    }
}

// is_nil and the like are instructions, not functions that a program could
// call, so they never give a value.
bool build_bif_is_boolean(Term name, size_t arity)
{
    if (arity == 1 && fold_test_type(name) != 0)
        return !term_same(name, ATOM_is_nil)
               && !term_same(name, ATOM_is_nonempty_list);
    OperatorClass class = operator_class(name, arity);
    return class == OPERATOR_LOGICAL || class == OPERATOR_COMPARISON
           || (arity == 2 && (term_same(name, ATOM_is_function)
                              || term_same(name, ATOM_is_map_key)));
}

// Those of erl_internal:guard_bif/2, the operators, and what the compiler
// itself makes. is_record/2,3 is missing: it has no instruction and becomes
// tests (guard.c).
bool build_is_guard_bif(Term name, size_t arity)
{
    if (build_bif_is_boolean(name, arity)) return true;
    if (operator_class(name, arity) != OPERATOR_NONE) return true;
    switch (name.bits) {
    case ATOM_BITS_self: return arity == 0;
    case ATOM_BITS_node: return arity <= 1;
    case ATOM_BITS_abs: case ATOM_BITS_bit_size: case ATOM_BITS_byte_size:
    case ATOM_BITS_ceil: case ATOM_BITS_float: case ATOM_BITS_floor:
    case ATOM_BITS_hd: case ATOM_BITS_length: case ATOM_BITS_map_size:
    // size/1 is one although it has two kinds of operands; it is never folded
    // away by a type alone, but by that of a tuple.
    case ATOM_BITS_round: case ATOM_BITS_size: case ATOM_BITS_tl:
    case ATOM_BITS_trunc: case ATOM_BITS_tuple_size:
        return arity == 1;
    case ATOM_BITS_element: case ATOM_BITS_map_get: case ATOM_BITS_max:
    case ATOM_BITS_min:
        return arity == 2;
    case ATOM_BITS_binary_part: return arity == 2 || arity == 3;
    default: return false;
    }
}

// The type of the value if there is one: what fails gives none. Sums may be of
// either kind of number; types.c knows more, once it has seen the operands.
uint64_t build_bif_type(Term name, size_t arity)
{
    if (build_bif_is_boolean(name, arity)) return TYPE_BOOL;
    switch (name.bits) {
    case ATOM_BITS_self: return TYPE_PID;
    case ATOM_BITS_node: return TYPE_ATOM_OTHER;
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_times:
    case ATOM_BITS_abs:
        return TYPE_NUMBER; // what remains has integers only
    case ATOM_BITS_slash: case ATOM_BITS_float: return TYPE_FLOAT;
    case ATOM_BITS_binary_part: return TYPE_BINARY;
    case ATOM_BITS_hd: case ATOM_BITS_tl: case ATOM_BITS_element:
    case ATOM_BITS_map_get: case ATOM_BITS_max: case ATOM_BITS_min:
        return TYPE_ANY;
    default: return TYPE_INTEGER;
    }
}

// Erlang's booleans are atoms, C's are not.
static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// Failures of all kinds come back as TERM_NONE, so that the machine raises
// them.
static Term fold_unary(Unit *u, Term name, Term a)
{
    Heap *h = &u->heap;
    uint64_t type = fold_test_type(name);
    if (type != 0) return boolean(build_term_type(a) & type);
    if (operator_class(name, 1) != OPERATOR_NONE)
        return operator_prefix(h, name, a);
    switch (name.bits) {
    case ATOM_BITS_abs: return arith_abs(h, a);
    case ATOM_BITS_float: {
        double d;
        return arith_to_double(a, &d) ? arith_float(h, d) : TERM_NONE;
    }
    case ATOM_BITS_round: return arith_round(h, a);
    case ATOM_BITS_trunc: return arith_trunc(h, a);
    case ATOM_BITS_floor: return arith_floor(h, a);
    case ATOM_BITS_ceil: return arith_ceil(h, a);
    case ATOM_BITS_hd: return term_is_cons(a) ? term_head(a) : TERM_NONE;
    case ATOM_BITS_tl: return term_is_cons(a) ? term_tail(a) : TERM_NONE;
    case ATOM_BITS_length: {
        intptr_t n = term_is_list(a) ? term_list_length(a) : -1;
        return n >= 0 ? term_small(n) : TERM_NONE;
    }
    case ATOM_BITS_tuple_size:
        return term_is_tuple(a) ? term_small((intptr_t)term_arity(a))
                                : TERM_NONE;
    case ATOM_BITS_size:
        if (term_is_tuple(a)) return term_small((intptr_t)term_arity(a));
        return term_is_binary(a) ? term_small((intptr_t)term_binary_size(a))
                                 : TERM_NONE;
    case ATOM_BITS_byte_size: case ATOM_BITS_bit_size: {
        Bits bits;
        if (!term_bits(a, &bits)) return TERM_NONE;
        size_t n = bits.size;
        if (term_same(name, ATOM_byte_size)) n = (n + 7) / 8;
        return term_small((intptr_t)n);
    }
    case ATOM_BITS_map_size:
        return term_is_map(a) ? term_small((intptr_t)map_size(a)) : TERM_NONE;
    default: return TERM_NONE;
    }
}

// A shift whose result would be absurdly large is left to run time, where it
// fails or takes its time.
static bool shifts_far(Term name, Term b)
{
    if (!term_same(name, ATOM_bsl) && !term_same(name, ATOM_bsr)) return false;
    if (!term_is_small(b)) return true;
    intptr_t n = term_small_value(b);
    return n > 1024 || n < -1024;
}

// From 1, and only if it is there: element(3, {a, b}) must raise.
static Term fold_element(Term at, Term tuple)
{
    if (!term_is_small(at) || !term_is_tuple(tuple)) return TERM_NONE;
    intptr_t n = term_small_value(at);
    if (n < 1 || (size_t)n > term_arity(tuple)) return TERM_NONE;
    return term_tuple_get(tuple, (size_t)n - 1);
}

// A key that a map does not have makes no value: map_get gives TERM_NONE, and
// the badkey is left to run time.
static Term fold_binary(Unit *u, Term name, Term a, Term b)
{
    if (operator_class(name, 2) != OPERATOR_NONE)
        return shifts_far(name, b)
                   ? TERM_NONE
                   : operator_infix(&u->heap, u->atoms, name, a, b);
    switch (name.bits) {
    case ATOM_BITS_element: return fold_element(a, b);
    case ATOM_BITS_map_get:
        return term_is_map(b) ? map_get(b, a) : TERM_NONE;
    case ATOM_BITS_is_map_key:
        return term_is_map(b) ? boolean(!term_is_none(map_get(b, a)))
                              : TERM_NONE;
    default: return TERM_NONE;
    }
}

// Whatever takes more operands is rarely called with constants.
Term fold_call(Unit *u, Term name, size_t n, const Term *args)
{
    if (n == 1) return fold_unary(u, name, args[0]);
    if (n == 2) return fold_binary(u, name, args[0], args[1]);
    return TERM_NONE;
}

// Types decide where values are not known: is_tuple({X}) holds, and
// tuple_size({X, Y}) is 2, whatever X is.
Term fold_bif(Unit *u, Term name, size_t n, Inst *const *args)
{
    if (n == 0 || n > 2) return TERM_NONE;
    if (build_bif_is_boolean(name, n)) {
        int known = fold_test(u, name, n, args);
        if (known >= 0) return boolean(known == 1);
    }
    if (n == 1 && (term_same(name, ATOM_tuple_size)
                   || term_same(name, ATOM_size))
        && (args[0]->type & 0xFFFF) == TYPE_TUPLE
        && args[0]->type >> TYPE_ARITY_SHIFT != 0)
        return term_small((intptr_t)(args[0]->type >> TYPE_ARITY_SHIFT) - 1);
    Term terms[2];
    for (size_t i = 0; i < n; i++) {
        if (!ir_is_literal(args[i])) return TERM_NONE;
        terms[i] = args[i]->term;
    }
    return fold_call(u, name, n, terms);
}

// The type that each argument of guard BIF name/arity must have for it not to
// fail; 0 when nothing is known. Of plus and minus both arities: they are signs,
// too. Where operands want different types, as with element/2, nothing is said.
static uint64_t wanted_type(Term name, size_t arity)
{
    switch (name.bits) {
    case ATOM_BITS_plus: case ATOM_BITS_minus: return TYPE_NUMBER;
    case ATOM_BITS_times: case ATOM_BITS_slash:
        return arity == 2 ? TYPE_NUMBER : 0;
    case ATOM_BITS_div: case ATOM_BITS_rem: case ATOM_BITS_band:
    case ATOM_BITS_bor: case ATOM_BITS_bxor: case ATOM_BITS_bsl:
    case ATOM_BITS_bsr:
        return arity == 2 ? TYPE_INTEGER : 0;
    default: break;
    }
    if (arity != 1) return 0;
    switch (name.bits) {
    case ATOM_BITS_hd: case ATOM_BITS_tl: return TYPE_CONS;
    case ATOM_BITS_length: return TYPE_LIST;
    case ATOM_BITS_bnot: return TYPE_INTEGER;
    case ATOM_BITS_tuple_size: return TYPE_TUPLE;
    case ATOM_BITS_byte_size: case ATOM_BITS_bit_size: return TYPE_BITSTRING;
    case ATOM_BITS_not: return TYPE_BOOL;
    case ATOM_BITS_abs: case ATOM_BITS_round: case ATOM_BITS_trunc:
    case ATOM_BITS_float: case ATOM_BITS_floor: case ATOM_BITS_ceil:
        return TYPE_NUMBER;
    default: return 0;
    }
}

// Such calls are warned of by OTP and end their block here: what follows is
// never reached.
bool fold_must_fail(Term name, size_t n, Inst *const *args)
{
    uint64_t wanted = wanted_type(name, n);
    for (size_t i = 0; wanted != 0 && i < n; i++)
        if (!(args[i]->type & wanted)) return true;
    return false;
}

// Exact equality by types alone: values of types that do not meet differ.
static int fold_exact(Inst *a, Inst *b)
{
    if (!(a->type & b->type & 0xFFFF)) return 0;
    // There is no NaN, so a float is itself too.
    if (a == b && a->op != IR_LITERAL) return 1; // X =:= X
    // Sizes that differ: {A, B} is never {C, D, E}.
    uint64_t x = a->type >> TYPE_ARITY_SHIFT, y = b->type >> TYPE_ARITY_SHIFT;
    if ((a->type & 0xFFFF) == TYPE_TUPLE && (b->type & 0xFFFF) == TYPE_TUPLE
        && x != 0 && y != 0 && x != y)
        return 0;
    // Types with only one value: what is of the type is that value.
    uint64_t single = TYPE_TRUE | TYPE_FALSE | TYPE_NIL;
    uint64_t t = a->type & 0xFFFF;
    if (t == (b->type & 0xFFFF) && (t & single) == t && (t & (t - 1)) == 0)
        return 1;
    return -1;
}

// A test of literals that fails is no test: the BIF behind it raises, or the
// guard it stands in fails. Which it is depends on where it stands, so it is
// left alone.
static int fold_literals(Unit *u, Term name, size_t n, Inst *const *args)
{
    Term terms[2];
    for (size_t i = 0; i < n; i++) {
        if (!ir_is_literal(args[i])) return -1;
        terms[i] = args[i]->term;
    }
    Term t = fold_call(u, name, n, terms);
    if (term_same(t, ATOM_true)) return 1;
    return term_same(t, ATOM_false) ? 0 : -1;
}

// Literals decide by their values, everything else by types only. Comparisons
// by size are left to the machine: terms of different types have an order too.
int fold_test(Unit *u, Term name, size_t n, Inst *const *args)
{
    if (n == 0 || n > 2) return -1;
    int known = fold_literals(u, name, n, args);
    if (known >= 0) return known;
    // A type that shares nothing with what the value can be: no. One that holds
    // all it can be: yes.
    uint64_t type = n == 1 ? fold_test_type(name) : 0;
    if (type != 0) {
        if (!(args[0]->type & type)) return 0;
        if (!(args[0]->type & 0xFFFF & ~type)) return 1;
        return -1;
    }
    // test_arity is an instruction that only patterns make.
    if (n == 2 && term_same(name, ATOM_test_arity)) {
        uint64_t arity = args[0]->type >> TYPE_ARITY_SHIFT;
        if (arity == 0 || (args[0]->type & 0xFFFF) != TYPE_TUPLE) return -1;
        return arity - 1 == (uint64_t)term_small_value(args[1]->term);
    }
    if (n == 2 && term_same(name, ATOM_exact_eq))
        return fold_exact(args[0], args[1]);
    if (n == 2 && term_same(name, ATOM_exact_ne)) {
        known = fold_exact(args[0], args[1]);
        return known < 0 ? -1 : !known;
    }
    return -1;
}

// Behind a == or =:= with a literal the value is known better. Both sides of
// it: X =:= Y makes each of the type of the other. Where it does not hold less
// follows; of types with one value that it is not of that type.
static void narrow_equal(Builder *b, Inst *const *args, bool exact, bool sense)
{
    uint64_t t = args[0]->type & args[1]->type & 0xFFFF;
    // 1 == 1.0: equal numbers may be of different types.
    if (!exact && (args[0]->type | args[1]->type) & ~(uint64_t)TYPE_ATOM)
        return;
    if (sense) {
        uint64_t arity = 0;
        for (int i = 0; i < 2; i++)
            if ((args[i]->type & 0xFFFF) == TYPE_TUPLE)
                arity = args[i]->type >> TYPE_ARITY_SHIFT << TYPE_ARITY_SHIFT;
        for (int i = 0; i < 2; i++)
            if (!ir_is_literal(args[i])) build_narrow(b, args[i], t | arity);
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (ir_is_literal(args[i]) || !ir_is_literal(args[1 - i])) continue;
        uint64_t other = args[1 - i]->type;
        // These types have one value: not to be it is not to be of the type.
        if (other == TYPE_TRUE || other == TYPE_FALSE || other == TYPE_NIL)
            build_narrow(b, args[i], args[i]->type & ~other);
    }
}

// Facts of the way that is taken. Where a test did not hold less is known: that
// a value is no tuple of two elements says nothing of its type. All of it goes
// by the trail, so it ends with the way.
void fold_narrow(Builder *b, Term name, size_t n, Inst *const *args,
                 bool sense)
{
    uint64_t type = n == 1 ? fold_test_type(name) : 0;
    if (type != 0) {
        // That a list which is not empty has a head is known to us, but not to
        // beam_validator: it wants the test.
        if (!sense && type == TYPE_NIL
            && !(args[0]->type & ~(uint64_t)TYPE_LIST))
            return;
        // The same of a list: what is a cell or an integer here is a cell when
        // it is a list, but the validator then knows a list only.
        if (sense && type == TYPE_LIST && args[0]->type != TYPE_CONS) {
            build_set(b, &args[0]->type, TYPE_LIST);
            return;
        }
        build_narrow(b, args[0], sense ? type : args[0]->type & ~type);
        return;
    }
    switch (name.bits) {
    case ATOM_BITS_test_arity:
        if (sense)
            build_narrow(b, args[0],
                         TYPE_TUPLE
                             | (uint64_t)(term_small_value(args[1]->term) + 1)
                                   << TYPE_ARITY_SHIFT);
        break;
    case ATOM_BITS_exact_eq: narrow_equal(b, args, true, sense); break;
    case ATOM_BITS_exact_ne: narrow_equal(b, args, true, !sense); break;
    // == and /= between numbers tell of no type, so these look at atoms only.
    case ATOM_BITS_eq: narrow_equal(b, args, false, sense); break;
    case ATOM_BITS_ne: narrow_equal(b, args, false, !sense); break;
    // Any arity will do.
    case ATOM_BITS_is_function:
        if (sense) build_narrow(b, args[0], TYPE_FUN);
        break;
    default: break;
    }
}
