// SPDX-License-Identifier: Apache-2.0
// Evaluate: what functions of the runtime make of constants.
//
// A function in C needs of its process no more than a heap, as long as it
// neither waits nor looks at other processes. So a process that never ran is
// lent to it.
//
// Only notice asks (what a call with constants gives, or why it fails): code is
// never folded this way, since a function's result may depend on the node that
// runs it.
#include "evaluate.h"

#include <string.h>

#include "atom.h"
#include "copy.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { SLICE = 4000 }; // reductions, so that nothing gives up at once

// By text: the table of BIFs knows no atoms of this node. NULL: not in C.
static BifFunction find(const AtomTable *atoms, const Term name[2],
                        size_t arity)
{
    const char *module = atom_text(atoms, name[0])->bytes;
    const char *function = atom_text(atoms, name[1])->bytes;
    for (const BifModule *m = runtime_bifs; m->module != NULL; m++) {
        if (strcmp(m->module, module) != 0) continue;
        for (const Bif *b = m->bifs; b->name != NULL; b++)
            if (b->arity == arity && strcmp(b->name, function) == 0)
                return b->function;
    }
    return NULL;
}

Term evaluate_call(Unit *u, const Term name[2], size_t arity, const Term *args,
                   Term *why)
{
    *why = TERM_NONE;
    BifFunction function = find(u->atoms, name, arity);
    if (function == NULL) return TERM_NONE;
    Process p = {.node = u->node, .reductions = SLICE,
                 .exception_class = TERM_NONE};
    heap_init(&p.heap);
    Term value = function(&p, args);
    if (!term_is_none(value))
        value = copy_whole(&u->heap, value);
    else if (term_same(p.exception_class, ATOM_error))
        *why = copy_whole(u->out, p.exception_value);
    heap_free(&p.heap);
    return value;
}
