// SPDX-License-Identifier: Apache-2.0
// Match functions.
//
// Guard BIFs by the names that specifications use; operators have atoms of
// their own in atoms.tab. Anything else is no function there.
#include "match_function.h"

#include "process.h"
#include "runtime_bifs.gen.h"

// These two are instructions elsewhere, so there is no BIF to point to.
static Term self(Process *p, const Term *args)
{
    return p->pid;
}

static Term node(Process *p, const Term *args)
{
    return atomic_load(&p->node->name);
}

// NULL: no function; the caller says so in OTP's words.
BifFunction match_function_find(Term name, unsigned arity)
{
    static const struct {
        uintptr_t name;
        unsigned arity;
        BifFunction function;
    } functions[] = {
        {ATOM_BITS_eq, 2, bif_erlang_equal_2},
        {ATOM_BITS_exact_eq, 2, bif_erlang_exact_equal_2},
        {ATOM_BITS_ne, 2, bif_erlang_not_equal_2},
        {ATOM_BITS_exact_ne, 2, bif_erlang_exact_not_equal_2},
        {ATOM_BITS_gt, 2, bif_erlang_greater_2},
        {ATOM_BITS_ge, 2, bif_erlang_greater_equal_2},
        {ATOM_BITS_lt, 2, bif_erlang_less_2},
        {ATOM_BITS_le, 2, bif_erlang_less_equal_2},
        {ATOM_BITS_plus, 2, bif_erlang_plus_2},
        {ATOM_BITS_minus, 2, bif_erlang_minus_2},
        {ATOM_BITS_times, 2, bif_erlang_times_2},
        {ATOM_BITS_slash, 2, bif_erlang_divide_2},
        {ATOM_BITS_div, 2, bif_erlang_div_2},
        {ATOM_BITS_rem, 2, bif_erlang_rem_2},
        {ATOM_BITS_band, 2, bif_erlang_band_2},
        {ATOM_BITS_bor, 2, bif_erlang_bor_2},
        {ATOM_BITS_bxor, 2, bif_erlang_bxor_2},
        {ATOM_BITS_bnot, 1, bif_erlang_bnot_1},
        {ATOM_BITS_bsl, 2, bif_erlang_bsl_2},
        {ATOM_BITS_bsr, 2, bif_erlang_bsr_2},
        {ATOM_BITS_plus, 1, bif_erlang_plus_1},
        {ATOM_BITS_minus, 1, bif_erlang_minus_1},
        {ATOM_BITS_abs, 1, bif_erlang_abs_1},
        {ATOM_BITS_round, 1, bif_erlang_round_1},
        {ATOM_BITS_trunc, 1, bif_erlang_trunc_1},
        {ATOM_BITS_float, 1, bif_erlang_float_1},
        {ATOM_BITS_is_atom, 1, bif_erlang_is_atom_1},
        {ATOM_BITS_is_binary, 1, bif_erlang_is_binary_1},
        {ATOM_BITS_is_float, 1, bif_erlang_is_float_1},
        {ATOM_BITS_is_function, 1, bif_erlang_is_function_1},
        {ATOM_BITS_is_integer, 1, bif_erlang_is_integer_1},
        {ATOM_BITS_is_list, 1, bif_erlang_is_list_1},
        {ATOM_BITS_is_map, 1, bif_erlang_is_map_1},
        {ATOM_BITS_is_number, 1, bif_erlang_is_number_1},
        {ATOM_BITS_is_pid, 1, bif_erlang_is_pid_1},
        {ATOM_BITS_is_port, 1, bif_erlang_is_port_1},
        {ATOM_BITS_is_reference, 1, bif_erlang_is_reference_1},
        {ATOM_BITS_is_tuple, 1, bif_erlang_is_tuple_1},
        {ATOM_BITS_is_record, 3, bif_erlang_is_record_3},
        {ATOM_BITS_not, 1, bif_erlang_not_1},
        {ATOM_BITS_xor, 2, bif_erlang_xor_2},
        {ATOM_BITS_element, 2, bif_erlang_element_2},
        {ATOM_BITS_hd, 1, bif_erlang_hd_1},
        {ATOM_BITS_tl, 1, bif_erlang_tl_1},
        {ATOM_BITS_length, 1, bif_erlang_length_1},
        {ATOM_BITS_size, 1, bif_erlang_size_1},
        {ATOM_BITS_bit_size, 1, bif_erlang_bit_size_1},
        {ATOM_BITS_byte_size, 1, bif_erlang_byte_size_1},
        {ATOM_BITS_binary_part, 2, bif_erlang_binary_part_2},
        {ATOM_BITS_binary_part, 3, bif_erlang_binary_part_3},
        {ATOM_BITS_map_size, 1, bif_erlang_map_size_1},
        {ATOM_BITS_map_get, 2, bif_erlang_map_get_2},
        {ATOM_BITS_is_map_key, 2, bif_erlang_is_map_key_2},
        {ATOM_BITS_self, 0, self},
        {ATOM_BITS_node, 0, node},
        {ATOM_BITS_node, 1, bif_erlang_node_1},
    };
    // Few, and looked up while compiling only.
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].name == name.bits && functions[i].arity == arity)
            return functions[i].function;
    return NULL;
}
