// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_names: which functions and types are known without
// a definition. erl_internal is made of them. What is no name and arity is none
// of them.
#include "auto_import.h"
#include "bif.h"
#include "parser_bifs.gen.h"
#include "predefined_type.h"
#include "process.h"

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// False when it can be no function: a negative arity, or a huge one.
static bool get_name(const Term *args, size_t *arity)
{
    return term_is_atom(args[0]) && bif_get_size(args[1], arity);
}

// merle_names:is_imported(Name, Arity)
Term bif_merle_names_is_imported_2(Process *p, const Term *args)
{
    size_t n;
    if (!get_name(args, &n)) return ATOM_false;
    return boolean(auto_import_has(process_atoms(p), args[0], n));
}

// merle_names:is_guard(Name, Arity)
Term bif_merle_names_is_guard_2(Process *p, const Term *args)
{
    size_t n;
    if (!get_name(args, &n)) return ATOM_false;
    return boolean(auto_import_has_guard(process_atoms(p), args[0], n));
}

// merle_names:is_old(Name, Arity)
Term bif_merle_names_is_old_2(Process *p, const Term *args)
{
    size_t n;
    if (!get_name(args, &n)) return ATOM_false;
    return boolean(auto_import_has_old(process_atoms(p), args[0], n));
}

// merle_names:is_type(Name, Arity)
Term bif_merle_names_is_type_2(Process *p, const Term *args)
{
    size_t n;
    if (!get_name(args, &n)) return ATOM_false;
    return boolean(predefined_type_has(args[0], n));
}
