// SPDX-License-Identifier: Apache-2.0
// The types that need no definition.
#include "predefined_type.h"

#include "atom.h"

// By bits of the atom: the table is constant.
typedef struct {
    uintptr_t name;
    uint8_t arities; // bit N: there is one of N arguments
} PredefinedType;

// No arity is above 2. Those with 0 and 1, such as list, are two types.
static const PredefinedType types[] = {
    {ATOM_BITS_any, 1 << 0},
    {ATOM_BITS_arity, 1 << 0},
    {ATOM_BITS_atom, 1 << 0},
    {ATOM_BITS_binary, 1 << 0},
    {ATOM_BITS_bitstring, 1 << 0},
    {ATOM_BITS_bool, 1 << 0},
    {ATOM_BITS_boolean, 1 << 0},
    {ATOM_BITS_byte, 1 << 0},
    {ATOM_BITS_char, 1 << 0},
    {ATOM_BITS_dynamic, 1 << 0},
    {ATOM_BITS_float, 1 << 0},
    {ATOM_BITS_function, 1 << 0},
    {ATOM_BITS_identifier, 1 << 0},
    {ATOM_BITS_integer, 1 << 0},
    {ATOM_BITS_iodata, 1 << 0},
    {ATOM_BITS_iolist, 1 << 0},
    {ATOM_BITS_list, 1 << 0 | 1 << 1},
    {ATOM_BITS_map, 1 << 0},
    {ATOM_BITS_maybe_improper_list, 1 << 0 | 1 << 2},
    {ATOM_BITS_mfa, 1 << 0},
    {ATOM_BITS_module, 1 << 0},
    {ATOM_BITS_neg_integer, 1 << 0},
    {ATOM_BITS_nil, 1 << 0},
    {ATOM_BITS_no_return, 1 << 0},
    {ATOM_BITS_node, 1 << 0},
    {ATOM_BITS_non_neg_integer, 1 << 0},
    {ATOM_BITS_none, 1 << 0},
    {ATOM_BITS_nonempty_binary, 1 << 0},
    {ATOM_BITS_nonempty_bitstring, 1 << 0},
    {ATOM_BITS_nonempty_improper_list, 1 << 2},
    {ATOM_BITS_nonempty_list, 1 << 0 | 1 << 1},
    {ATOM_BITS_nonempty_maybe_improper_list, 1 << 0 | 1 << 2},
    {ATOM_BITS_nonempty_string, 1 << 0},
    {ATOM_BITS_number, 1 << 0},
    {ATOM_BITS_pid, 1 << 0},
    {ATOM_BITS_port, 1 << 0},
    {ATOM_BITS_pos_integer, 1 << 0},
    {ATOM_BITS_reference, 1 << 0},
    {ATOM_BITS_string, 1 << 0},
    {ATOM_BITS_term, 1 << 0},
    {ATOM_BITS_timeout, 1 << 0},
    {ATOM_BITS_tuple, 1 << 0},
};

bool predefined_type_has(Term name, size_t arity)
{
    // Asked for once for each type in a file: a linear search will do.
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].name == name.bits)
            return arity < 8 && (types[i].arities >> arity & 1);
    return false;
}
