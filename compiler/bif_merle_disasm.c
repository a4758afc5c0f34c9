// SPDX-License-Identifier: Apache-2.0
// merle_disasm: what beam_disasm of the library needs to know.
#include "bif.h"
#include "compiler_bifs.gen.h"
#include "loader.h"
#include "process.h"

// merle_disasm:opcode(Number) -> {Name, Arity}
// The generic instruction of that number.
Term bif_merle_disasm_opcode_1(Process *p, const Term *args)
{
    if (!term_is_small(args[0]) || term_small_value(args[0]) < 1
        || term_small_value(args[0]) >= GENERIC_COUNT
        || generic_infos[term_small_value(args[0])].name == NULL)
        return bif_error(p, ATOM_badarg);
    const GenericInfo *info = &generic_infos[term_small_value(args[0])];
    Term name = atom_new(p->node->atoms, info->name, strlen(info->name));
    return heap_tuple2(process_heap(p), name, term_small(info->arity));
}
