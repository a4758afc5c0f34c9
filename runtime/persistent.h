// SPDX-License-Identifier: Apache-2.0
// Persistent terms: a table of terms that all processes read without copying
// and hardly ever change. Values are literals.
//
// Readers take no lock: the table they find never changes; a change makes a new
// one. Tables and values that were replaced are kept as long as somebody may
// read them, see literal_collect.c: changing is for what changes rarely.
//
// A value that is read may be used as long as its process keeps it: the
// collection of literals copies it to the heap before it goes.
#ifndef MERLE_PERSISTENT_H
#define MERLE_PERSISTENT_H

#include "heap.h"
#include "node.h"

PersistentTerms *persistent_new(void);
void persistent_free(PersistentTerms *terms);

// The value of [key]; TERM_NONE without.
Term persistent_get(const PersistentTerms *terms, Term key);

// Sets [key] to [value]; both are copied. With [only_new] nothing happens and
// the answer is false when [key] has another value.
bool persistent_put(Node *node, Term key, Term value, bool only_new);

// Forgets [key]; false when it had no value.
bool persistent_erase(Node *node, Term key);

// [{Key, Value}] of all.
Term persistent_list(const PersistentTerms *terms, Heap *h);

// The table of now, and freeing those before it, which nobody reads any more.
void *persistent_mark(PersistentTerms *terms);
void persistent_trim(PersistentTerms *terms, void *mark);

size_t persistent_count(const PersistentTerms *terms);

// How many places its table has.
size_t persistent_slots(const PersistentTerms *terms);

#endif
