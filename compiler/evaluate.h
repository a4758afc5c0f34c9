// SPDX-License-Identifier: Apache-2.0
// Evaluate: what functions of the runtime make of constants, found by calling
// them. For warnings; code is folded by what fold.h knows.
#ifndef MERLE_EVALUATE_H
#define MERLE_EVALUATE_H

#include "unit.h"

// The value of module:name(args), on the unit's heap. TERM_NONE when the call
// fails: then [*why] is the error's reason, or TERM_NONE when nothing is known,
// as of functions that are not in C. Only for functions without an effect that
// need no running node.
Term evaluate_call(Unit *u, const Term name[2], size_t arity, const Term *args,
                   Term *why);

#endif
