// SPDX-License-Identifier: Apache-2.0
// Obsolete: what of Erlang/OTP's libraries should be called no more.
#ifndef MERLE_OBSOLETE_H
#define MERLE_OBSOLETE_H

#include "atom.h"
#include "heap.h"

typedef struct {
    const char *module;  // that has it, or is it
    const char *name;    // NULL: all names
    int arity;           // -1: all arities
    bool removed;        // it is gone; else it still works
    const char *text;    // what to do instead
    const char *release; // when it goes, or NULL
} Obsolete;

typedef enum { OBSOLETE_FUNCTION, OBSOLETE_TYPE } ObsoleteKind;

// What is known against [module]:[name]/[arity], or NULL.
const Obsolete *obsolete_find(const AtomTable *atoms, ObsoleteKind kind,
                              Term module, Term name, size_t arity);

// {deprecated | removed, What, Text} or {.., What, Text, Release}, without
// [what] when it is TERM_NONE.
Term obsolete_tuple(Heap *h, const Obsolete *o, Term what);

#endif
