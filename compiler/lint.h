// SPDX-License-Identifier: Apache-2.0
// Lint: the checks on a module's forms before code is made of them; what
// erl_lint reports, in its order and words.
#ifndef MERLE_LINT_H
#define MERLE_LINT_H

#include "heap.h"
#include "node.h"

typedef struct {
    Term errors;   // [{File, [{Location, erl_lint, Descriptor}]}], sorted
    Term warnings; // the same
    bool asks_behaviours; // of a behaviour nobody told what it asks for
} LintResult;

// Checks [forms] (a list as epp gives it) of [file] with compile [options];
// the result is built on [heap].
LintResult lint_module(Node *node, Heap *heap, Term forms, Term file,
                       Term options);

// Checks [expressions] where [bindings] are known: names of variables, and
// record attributes; for a prompt.
LintResult lint_expressions_of(Node *node, Heap *heap, Term expressions,
                               Term bindings, Term options);

// The text of an erl_lint descriptor as UTF-8, in memory of malloc.
char *lint_format(Node *node, Term descriptor);

// The same with what is filled into the text between marks; NULL when
// [descriptor] is none.
enum { LINT_MARK = 1 };
char *lint_format_marked(Node *node, Term descriptor);

#endif
