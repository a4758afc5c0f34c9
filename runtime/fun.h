// SPDX-License-Identifier: Apache-2.0
// Funs as terms: local ones (FUN) and fun M:F/A (EXPORT).
#ifndef MERLE_FUN_H
#define MERLE_FUN_H

#include "code.h"
#include "heap.h"

// The term fun M:F/A for [e].
Term fun_new_export(Heap *h, const Export *e);

// What local fun [fun] refers to.
const FunEntry *fun_entry(Term fun);

// What [fun], an EXPORT, refers to.
const Export *fun_export(Term fun);

// The name of its function; '' when its code is not there.
Term fun_name(Node *node, Term fun);

#endif
