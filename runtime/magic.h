// SPDX-License-Identifier: Apache-2.0
// Magic references: references that stand for an object outside the heaps.
#ifndef MERLE_MAGIC_H
#define MERLE_MAGIC_H

#include "counted.h"
#include "heap.h"
#include "node.h"
#include "ref.h"

// A new magic reference to [object], whose count passes to the heap.
Term magic_ref_new(Node *node, Heap *h, Counted *object);

// The same with number [id], for an object that always has the same.
Term magic_ref_from_id(Heap *h, Counted *object, RefId id);

// The object of magic reference [t] if it is one that [destroy] ends, which
// tells its kind; else NULL.
Counted *magic_object(Term t, void (*destroy)(Counted *));

#endif
