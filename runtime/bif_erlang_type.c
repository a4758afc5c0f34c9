// SPDX-License-Identifier: Apache-2.0
// erlang: type tests and the logical operators, for guards that need a value
// and for apply; the instructions of the same names do without them.
#include "bif.h"
#include "code.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Tests never fail.
static Term boolean(bool is)
{
    return is ? ATOM_true : ATOM_false;
}

Term bif_erlang_is_atom_1(Process *p, const Term *args)
{
    return boolean(term_is_atom(args[0]));
}

Term bif_erlang_is_binary_1(Process *p, const Term *args)
{
    return boolean(term_is_binary(args[0]));
}

Term bif_erlang_is_bitstring_1(Process *p, const Term *args)
{
    return boolean(term_is_bitstring(args[0]));
}

static bool is_boolean(Term t)
{
    return term_same(t, ATOM_true) || term_same(t, ATOM_false);
}

Term bif_erlang_is_boolean_1(Process *p, const Term *args)
{
    return boolean(is_boolean(args[0]));
}

Term bif_erlang_is_float_1(Process *p, const Term *args)
{
    return boolean(term_is_float(args[0]));
}

Term bif_erlang_is_function_1(Process *p, const Term *args)
{
    return boolean(term_is_fun(args[0]));
}

// How many arguments fun [t] takes.
// Both kinds of fun know it in their entry.
static size_t fun_arity(Term t)
{
    const Term *box = term_box_ptr(t);
    if (header_subtag(box[0]) == SUBTAG_EXPORT)
        return ((const Export *)box[1].bits)->arity;
    return ((const FunEntry *)box[1].bits)->arity;
}

// A very large arity is one that no fun has.
Term bif_erlang_is_function_2(Process *p, const Term *args)
{
    if (term_has_subtag(args[1], SUBTAG_BIG_POS)) return ATOM_false;
    size_t arity;
    if (!bif_get_size(args[1], &arity)) return bif_error(p, ATOM_badarg);
    return boolean(term_is_fun(args[0]) && fun_arity(args[0]) == arity);
}

Term bif_erlang_is_integer_1(Process *p, const Term *args)
{
    return boolean(term_is_integer(args[0]));
}

Term bif_erlang_is_list_1(Process *p, const Term *args)
{
    return boolean(term_is_list(args[0]));
}

Term bif_erlang_is_map_1(Process *p, const Term *args)
{
    return boolean(term_is_map(args[0]));
}

Term bif_erlang_is_number_1(Process *p, const Term *args)
{
    return boolean(term_is_number(args[0]));
}

Term bif_erlang_is_pid_1(Process *p, const Term *args)
{
    return boolean(term_is_pid(args[0]));
}

Term bif_erlang_is_port_1(Process *p, const Term *args)
{
    return boolean(term_is_port(args[0]));
}

Term bif_erlang_is_reference_1(Process *p, const Term *args)
{
    return boolean(term_is_ref(args[0]));
}

Term bif_erlang_is_tuple_1(Process *p, const Term *args)
{
    return boolean(term_is_tuple(args[0]));
}

// ---- logical operators ----
// and, or, xor look at both sides; badarg of what is no boolean.

Term bif_erlang_and_2(Process *p, const Term *args)
{
    if (!is_boolean(args[0]) || !is_boolean(args[1]))
        return bif_error(p, ATOM_badarg);
    return boolean(term_same(args[0], ATOM_true)
                   && term_same(args[1], ATOM_true));
}

Term bif_erlang_or_2(Process *p, const Term *args)
{
    if (!is_boolean(args[0]) || !is_boolean(args[1]))
        return bif_error(p, ATOM_badarg);
    return boolean(term_same(args[0], ATOM_true)
                   || term_same(args[1], ATOM_true));
}

Term bif_erlang_xor_2(Process *p, const Term *args)
{
    if (!is_boolean(args[0]) || !is_boolean(args[1]))
        return bif_error(p, ATOM_badarg);
    return boolean(!term_same(args[0], args[1]));
}

Term bif_erlang_not_1(Process *p, const Term *args)
{
    if (!is_boolean(args[0])) return bif_error(p, ATOM_badarg);
    return boolean(term_same(args[0], ATOM_false));
}
