// SPDX-License-Identifier: Apache-2.0
// The shape of forms: what a parse transform or a program made need not be
// forms at all, and what reads them takes their shape for granted.
#ifndef MERLE_FORM_CHECK_H
#define MERLE_FORM_CHECK_H

#include "term.h"

// Whether each of list [forms] is a form, with expressions of the right shape.
// Of attributes, the values of records, types and specifications are looked
// into; others may be any term.
bool form_check_all(Term forms);

// Whether list [exprs] holds expressions.
bool form_check_exprs(Term exprs);

#endif
