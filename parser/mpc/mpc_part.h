// SPDX-License-Identifier: Apache-2.0
// What the files of mpc share: the parser's representation.
//
// A parser is a tagged node. Preparation (mpc_prepare.c) adds to every node
// what characters it can begin with and whether it can succeed on none; the
// evaluator (mpc_run.c) looks at these before it enters a node.
#ifndef MERLE_MPC_PART_H
#define MERLE_MPC_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "mpc.h"

typedef enum {
    MPC_UNDEFINED,
    MPC_CHARACTERS, // one character of [first]
    MPC_PASS,
    MPC_FAIL,
    MPC_LIFT,
    MPC_LIFT_VAL,
    MPC_STATE,
    MPC_EXPECT,
    MPC_APPLY,
    MPC_APPLY_TO,
    MPC_CHECK,
    MPC_CHECK_WITH,
    MPC_NOT,
    MPC_MAYBE,
    MPC_MANY,
    MPC_MANY1,
    MPC_COUNT,
    MPC_SEPBY1,
    MPC_OR,
    MPC_AND,
    MPC_PREDICTIVE
} MpcType;

// A set of characters.
typedef struct {
    uint64_t bits[4];
} MpcSet;

static inline bool mpc_set_has(const MpcSet *set, unsigned char c)
{
    return set->bits[c >> 6] >> (c & 63) & 1;
}

static inline void mpc_set_add(MpcSet *set, unsigned char c)
{
    set->bits[c >> 6] |= (uint64_t)1 << (c & 63);
}

// How an "or" chooses, by the next character (the last entry: end of input).
typedef struct {
    // The one parser that can match, alternatives of alternatives looked
    // through; NULL when there are several, or none.
    const mpc_parser_t *only[257];
    uint8_t first[257]; // the first alternative that can match, or MPC_NONE
} MpcDispatch;

enum {
    MPC_NONE = 0xFF,    // alternatives that have a table are fewer
    MPC_SIMPLE_MOST = 8 // children of a simple sequence
};

// What the evaluator reads comes first, to lie in one line of cache.
struct mpc_parser_t {
    uint8_t type;      // MpcType
    bool nullable;     // can succeed on no character
    bool simple;       // made of few parsers, none of them recursive: runs
                       // without frames
    bool prepared;
    int n;             // parsers in xs; of MPC_COUNT the number of times
    mpc_parser_t **xs; // children
    union {
        mpc_ctor_t lift;
        mpc_apply_t apply;
        mpc_apply_to_t apply_to;
        mpc_fold_t fold;
        mpc_check_t check;
        mpc_check_with_t check_with;
        MpcDispatch *dispatch; // of OR with many alternatives; owned
    } f;
    MpcSet first;      // what it can begin with, if not nullable
    void *x;           // of LIFT_VAL, APPLY_TO, CHECK_WITH
    mpc_dtor_t *dtors; // [n - 1] of MPC_AND
    mpc_dtor_t dtor;   // of CHECK, NOT, COUNT
    char *text;        // name, message of EXPECT, CHECK and FAIL; owned
    bool retained;     // made by mpc_new: not owned by who uses it
};

// Runs [p], which is prepared, on [length] bytes.
bool mpc_run(const char *filename, const char *string, size_t length,
             const mpc_parser_t *p, mpc_result_t *r);

#endif
