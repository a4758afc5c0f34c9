// SPDX-License-Identifier: Apache-2.0
// Types: what kinds of terms values can be, over all functions of a module.
//
// Found once, when all functions are simplified; passes that change the graph
// behind it keep the facts of the values they keep, and give their own to what
// they make. Before it, and in modules with functions in C, nothing is known.
#ifndef MERLE_TYPES_H
#define MERLE_TYPES_H

#include "unit.h"

// Whether the module loads functions in C: then its code tells less.
bool types_has_nifs(const Unit *u);

// Finds the kinds of all values: Inst.kinds, Function.returns.
void types_infer(Unit *u);

// What [v] can be; 0 when nothing is known. Copies that are made later are what
// they copy.
uint16_t types_of(const Inst *v);

// Whether [v] is known to be a float.
bool types_is_float(const Inst *v);

// Sums and products of floats become IR_FLOAT: their parts are never boxed.
void floats_fuse(Unit *u, Function *f);

#endif
