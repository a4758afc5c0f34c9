// SPDX-License-Identifier: Apache-2.0
// Registry: registered names. One word for each atom that was ever a name, in
// chunks that never move, so that looking up takes no lock.
//
// A name has one holder; a process has one name, which it also holds itself, so
// that its end can take it back. Both are set by compare-and-swap: of two that
// want the same, one gets it.
#ifndef MERLE_REGISTRY_H
#define MERLE_REGISTRY_H

#include "heap.h"
#include "node.h"

Registry *registry_new(size_t atom_limit);
void registry_free(Registry *r);

// Gives [name] to [id], a local pid or port; false when it is taken.
bool registry_add(Registry *r, Term name, Term id);

// Takes [name] from [id]; false when it has it not.
bool registry_remove(Registry *r, Term name, Term id);

// The pid or port called [name], TERM_NONE without.
Term registry_find(const Registry *r, Term name);

// Gives the living local process [pid] the name [name]: false when there is
// no such process, it has a name, or the name is taken. And takes the name
// from whoever has it; false when nobody has.
bool registry_name_process(Node *node, Term name, Term pid);
bool registry_forget(Node *node, Term name);

// All names, as a list.
Term registry_names(const Registry *r, Heap *h);

#endif
