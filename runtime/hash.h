// SPDX-License-Identifier: Apache-2.0
// Hashes of terms. Equal as =:= means equal hashes in all three.
#ifndef MERLE_HASH_H
#define MERLE_HASH_H

#include "atom.h"
#include "term.h"

// erlang:phash2/1 before it is cut to its range: the same on every node,
// release and machine.
uint32_t hash_phash2(const AtomTable *atoms, Term t);

// What erlang:phash/2 takes modulo its range.
// Kept for old programs; new ones use phash2.
uint32_t hash_phash(const AtomTable *atoms, Term t);

// The hash of maps, tables and dictionaries of this run: fast, and not the
// same from node to node. That of integers, binaries, floats, and lists and
// tuples of them is fixed: iteration over large maps follows it.
uint32_t hash_internal(Term t);

// The same with [salt] mixed in; salt 0 gives hash_internal.
uint32_t hash_internal_salted(Term t, uint32_t salt);

// The same for the eight levels of a map's trie from level 8 * [depth] on.
// Independent of each other for different depths, so that keys with equal
// hashes part further down.
uint32_t hash_internal_deep(Term t, unsigned depth);

#endif
