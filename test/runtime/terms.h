// SPDX-License-Identifier: Apache-2.0
// What the C tests of terms share: a node that has atoms and code only, and
// random terms.
#ifndef MERLE_TEST_TERMS_H
#define MERLE_TEST_TERMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "code.h"
#include "external.h"
#include "literal.h"
#include "map.h"
#include "remote.h"

typedef struct {
    Node node;
    RemoteNode self;
    Heap heap;
    uint64_t seed;
} Bench;

static inline void bench_init(Bench *b)
{
    *b = (Bench){.seed = 42};
    b->node.atoms = atom_table_new(4096);
    b->self.name = ATOM_nonode_nohost;
    b->node.this_node = &b->self;
    b->node.literals = literal_area_new();
    b->node.code = code_table_new(&b->node);
    heap_init(&b->heap);
}

static inline void bench_free(Bench *b)
{
    heap_free(&b->heap);
    code_table_free(b->node.code);
    literal_area_free(b->node.literals);
    atom_table_free(b->node.atoms);
}

// xorshift: the same numbers in every run.
static inline uint64_t bench_random(Bench *b)
{
    b->seed ^= b->seed << 13;
    b->seed ^= b->seed >> 7;
    b->seed ^= b->seed << 17;
    return b->seed;
}

static inline size_t bench_below(Bench *b, size_t n)
{
    return (size_t)(bench_random(b) % n);
}

// A random term of at most [depth] levels, without identifiers and funs.
Term bench_term(Bench *b, unsigned depth);

// A random integer of up to [limbs] limbs.
Term bench_integer(Bench *b, size_t limbs);

#endif
