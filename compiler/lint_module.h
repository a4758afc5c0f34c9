// SPDX-License-Identifier: Apache-2.0
// Lint of a module's attributes, and of what is known in the end.
#ifndef MERLE_LINT_MODULE_H
#define MERLE_LINT_MODULE_H

#include "lint_state.h"

// Looks at attribute -[name]([value]).
void lint_attribute(Lint *l, Term name, Term anno, Term value);

// Warns of callbacks that are missing.
void lint_check_behaviours(Lint *l);

// After the last form: what is undefined or unused. l->file is the main file.
void lint_finish(Lint *l, Term forms);

#endif
