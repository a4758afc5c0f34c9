// SPDX-License-Identifier: Apache-2.0
// Lint of a module's attributes, and of what is known in the end.
#ifndef MERLE_LINT_MODULE_H
#define MERLE_LINT_MODULE_H

#include "lint_state.h"

// Looks at attribute -[name]([value]).
void lint_attribute(Lint *l, Term name, Term anno, Term value);

// Checks of attributes when all forms are known. lint_check_option looks at
// the functions that options {[tag], ...} name: [error] when there is no such.
void lint_check_option(Lint *l, Term forms, Term tag, Term error);
void lint_check_record_options(Lint *l, Term forms);
void lint_check_clash_options(Lint *l, Term forms);
void lint_check_deprecated(Lint *l, Term forms);
void lint_check_removed(Lint *l, Term forms);
void lint_check_dialyzer(Lint *l, Term forms);

// Warns of callbacks that are missing.
void lint_check_behaviours(Lint *l);

// After the last form: what is undefined or unused. l->file is the main file.
void lint_finish(Lint *l, Term forms);

#endif
