// SPDX-License-Identifier: Apache-2.0
// References: new ones, and what their numbers say.
//
// Number 2 of a reference (id1; printed first) says who made it: (64 +
// scheduler index) << 24 | timer slot, where the slot is 0 unless the reference
// is a timer's (timer.h). Numbers 1 and 0 (id0) are a counter of that
// scheduler, which starts anywhere. All are as wide in print as those of OTP
// mostly are, for what is printed around them breaks its lines by that.
#ifndef MERLE_REF_H
#define MERLE_REF_H

#include "heap.h"
#include "node.h"

typedef struct {
    uint64_t id0, id1; // as in a REF term
} RefId;

enum {
    REF_SLOT_BITS = 24,
    REF_FIRST_MAKER = 64, // scheduler 0
    REF_FOREIGN = 255,    // no scheduler's thread
};

// A number that no other reference of this node has. Any thread.
RefId ref_id_new(Node *node);

static inline bool ref_id_same(RefId a, RefId b)
{
    return a.id0 == b.id0 && a.id1 == b.id1;
}

// The reference term of [id].
Term ref_from_id(Heap *h, RefId id);

// An alias reference: [pid] is the process that it leads to.
Term ref_alias_from_id(Heap *h, RefId id, Term pid);

// The numbers of a local reference (magic ones too).
RefId ref_to_id(Term ref);

// Whether [t] is a reference of this node.
bool ref_is_local(Term t);

// The pid that an alias reference leads to; TERM_NONE of others.
Term ref_alias_pid(Term ref);

// A new reference.
Term ref_new(Node *node, Heap *h);

#endif
