// SPDX-License-Identifier: Apache-2.0
// Fold: what is known of operators and tests at compile time.
#ifndef MERLE_FOLD_H
#define MERLE_FOLD_H

#include "builder.h"

// The value of erlang:name(args) when it is known, TERM_NONE when it is not or
// the call would fail.
Term fold_bif(Unit *u, Term name, size_t n, Inst *const *args);

// The same with arguments that are all literals.
Term fold_call(Unit *u, Term name, size_t n, const Term *args);

// Whether the types of the arguments alone rule success of name(args) out,
// whatever the values are.
bool fold_must_fail(Term name, size_t n, Inst *const *args);

// The outcome of test name(args): 1, 0, or -1 when it is not known.
int fold_test(Unit *u, Term name, size_t n, Inst *const *args);

// Narrows the types of [args] where the test was [sense].
void fold_narrow(Builder *b, Term name, size_t n, Inst *const *args,
                 bool sense);

// The type that a type test name/1 asks for; 0 when it is no such test.
uint64_t fold_test_type(Term name);

#endif
