// SPDX-License-Identifier: Apache-2.0
// Copying terms between heaps: messages, table objects, spawn arguments.
#ifndef MERLE_COPY_H
#define MERLE_COPY_H

#include "heap.h"
#include "node.h"

// Words that a copy of [t] takes; literals are shared and count nothing, unless
// they are about to be freed.
// Shared subterms count each time they occur. Any depth.
size_t copy_size(const Node *node, Term t);

// A copy of [t] on [to]. Counted binaries are shared; so are such literals.
Term copy_term(const Node *node, Heap *to, Term t);

// The same into [size] words at [*at], which is moved on; [to] gets what is
// counted. For callers that have measured.
Term copy_into(const Node *node, Heap *to, Term t, Term **at);

// Whether a copy of all of [t] takes more than [words], or it is a bitstring of
// more than so many.
bool copy_is_larger(Term t, size_t words);

// The same with literals copied too: for what may live longer than the code
// that they belong to (tables).
size_t copy_whole_size(Term t);
Term copy_whole_into(Heap *to, Term t, Term **at);
Term copy_whole(Heap *to, Term t);

#endif
