// SPDX-License-Identifier: Apache-2.0
// What the files of mpc share: the parser's representation, and the steps that
// it is compiled into.
//
// A parser is a tagged node. mpc_prepare.c finds what characters each can
// begin with, mpc_compile.c makes steps of those that have a name, with all
// unnamed ones in place, and mpc_run.c is the machine that runs steps.
#ifndef MERLE_MPC_PART_H
#define MERLE_MPC_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "mpc.h"

// What a parser is. mpc has more kinds; those that the grammar does without, or
// that are combinations of these, have none here (mpc_eoi is a NOT).
typedef enum {
    MPC_UNDEFINED,  // fails wherever it is entered
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
    MPC_OR,
    MPC_AND,
    MPC_PREDICTIVE // is what it is over; see mpc_define
} MpcType;

// A set of characters.
// All that one character can be, for characters are kinds of tokens: so a look
// ahead is one bit test.
// What follows the last of them is in no set, see MPC_END.
typedef struct {
    uint64_t bits[5]; // bit c & 63 of word c >> 6
} MpcSet;

static inline bool mpc_set_has(const MpcSet *set, unsigned c)
{
    return set->bits[c >> 6] >> (c & 63) & 1;
}

static inline void mpc_set_add(MpcSet *set, unsigned char c)
{
    set->bits[c >> 6] |= (uint64_t)1 << (c & 63);
}

// One beyond the characters, so that "nothing follows" can be an index like any
// other.
enum { MPC_END = 256 }; // the next "character" at the end of input

// ---- steps ----
// Values lie on one stack; a step takes its operands from the top. Frames, on
// another, are what a failure goes back to and what a call returns to. [to] is
// another step, [p] the parser whose failure or data it is. Some steps are two
// or three of the others at once, for these come most often.

#define MPC_STEPS(X)                                                           \
    X(CHARS)      /* a character of the set: the character */                  \
    X(SKIP)       /* the same: NULL */                                         \
    X(PLACE)      /* the state before it, and the character */                 \
    X(MARK)       /* PLACE, and a fold of the two */                           \
    X(VALUE_MARK) /* a constant before that */                                 \
    X(VALUE_PLACE) /* a constant, PLACE, and a fold of the three */            \
    X(NOT_CHARS)  /* none of the set may follow: NULL */                       \
    X(VALUE)      /* a constant */                                             \
    X(LIFT)       /* what a function answers */                                \
    X(STATE)      /* the state */                                              \
    X(HERE)       /* STATE, and a fold of it */                                \
    X(VALUE_HERE) /* a constant before that */                                 \
    X(FOLD)       /* n values become one */                                    \
    X(FOLD_RETURN) /* and RETURN */                                            \
    X(APPLY)                                                                   \
    X(APPLY_TO)                                                                \
    X(CHECK)                                                                   \
    X(CHECK_WITH)                                                              \
    X(DTOR)       /* a failure destroys the value on top */                    \
    X(CALL)                                                                    \
    X(CALL_SELECT) /* CALL of code that begins with SELECT */                  \
    X(RETURN)                                                                  \
    X(JUMP)                                                                    \
    X(SELECT)     /* on by the next character */                               \
    X(AHEAD)      /* on at [to] if the next but one is of the set */           \
    X(TRY)        /* a failure goes back to here, and on at [to] */            \
    X(COMMIT)     /* it need no longer: on at [to] */                          \
    X(MAYBE)      /* tries what follows, or lifts (before [to]) and goes on */ \
    X(REFUSE)     /* what was tried succeeded, so NOT fails */                 \
    X(OPEN)       /* the first round of a repetition, which must succeed */    \
    X(MANY)       /* the first round, or an empty fold and on at [to] */       \
    X(LOOP)       /* a round is done: another from [to] on, or the next step */\
    X(GATHER)     /* folds the values of a repetition */                       \
    X(EXPECT)     /* failures from here on are named by [p] */                 \
    X(EXPECTED)   /* ... up to here */                                         \
    X(FAIL)                                                                    \
    X(UNWIND)     /* goes back to where something is left to try */            \
    X(DONE)                                                                    \
    X(LOST)

typedef enum {
#define STEP_ENUM(name) STEP_##name,
    MPC_STEPS(STEP_ENUM)
#undef STEP_ENUM
} MpcOp;

typedef struct MpcStep MpcStep;
struct MpcStep {
    uint8_t op;     // MpcOp
    uint8_t dtors;  // of FOLD: frames of DTOR that lie on top
    uint32_t n;     // of FOLD: values; of SELECT: entries, but for the last
    union {
        // Which of them it is follows from the step and how far compilation is.
        size_t index;          // in the same code, until it is linked
        const MpcStep *step;
        const MpcStep **table; // of SELECT: by character, n for all others
        mpc_val_t *x;          // of VALUE_MARK, VALUE_PLACE, VALUE_HERE
    } to;
    union {
        mpc_val_t *x;             // of VALUE
        mpc_ctor_t lift;          // of LIFT
        mpc_apply_t apply;        // of APPLY
        mpc_fold_t fold;          // of FOLD, GATHER, MARK, VALUE_PLACE, HERE
        mpc_dtor_t dtor;          // of DTOR
        const MpcSet *set;        // of CHARS, SKIP, PLACE, NOT_CHARS, AHEAD
        const mpc_parser_t *part; // of MAYBE, MANY, LOOP: what must be
                                  // able to begin
    } f;
    const mpc_parser_t *p;
};

// Steps move as the code grows, so until it is complete they are named by
// index; mpc_code_link makes addresses of them.
typedef struct {
    MpcStep *steps;     // memory of malloc; NULL: not compiled
    size_t count, room; // steps in use, and allocated
} MpcCode;

// ---- parsers ----

struct mpc_parser_t {
    uint8_t type;      // MpcType
    bool nullable;     // can succeed on no character
    bool simple;       // made of few parsers, none of them recursive: is
                       // compiled where it stands
    bool prepared;     // first, nullable and simple are known
    bool retained;     // made by mpc_new: not owned by who uses it
    int n;             // parsers in xs
    mpc_parser_t **xs; // children
    // By type; MAYBE lifts, AND and repetitions fold.
    union {
        mpc_ctor_t lift;             // of LIFT, MAYBE
        mpc_apply_t apply;           // of APPLY
        mpc_apply_to_t apply_to;     // of APPLY_TO
        mpc_fold_t fold;             // of AND and repetitions
        mpc_check_t check;           // of CHECK
        mpc_check_with_t check_with; // of CHECK_WITH
    } f;
    MpcSet first;      // what it can begin with, if not nullable
    MpcCode code;      // of those that have a name, or are run
    void *x;           // of LIFT_VAL, APPLY_TO, CHECK_WITH
    mpc_dtor_t *dtors; // [n - 1] of MPC_AND
    mpc_dtor_t dtor;   // of CHECK, NOT
    char *text;        // name, message of EXPECT, CHECK and FAIL; owned
};

// Whether [p] can match where [c] (or MPC_END) is next.
// False is certain, true is not: of a parser that may match nothing, all that
// follows it could begin here.
static inline bool mpc_can_begin(const mpc_parser_t *p, unsigned c)
{
    return p->nullable || mpc_set_has(&p->first, c);
}

// Makes the code of [p], which is prepared; mpc_code_link, once all code is
// made, turns indices into addresses, and mpc_code_shorten then leads choices
// straight to what they choose.
void mpc_code_make(mpc_parser_t *p);
void mpc_code_link(mpc_parser_t *p);
void mpc_code_shorten(mpc_parser_t *p);
void mpc_code_free(MpcCode *code);

// Runs [p], which has code, on [length] bytes.
// False: result->error is the caller's. [p] is only read, so several threads
// may run it.
bool mpc_run(const char *filename, const char *string, size_t length,
             const mpc_parser_t *p, mpc_result_t *r);

#endif
