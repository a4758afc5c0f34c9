// SPDX-License-Identifier: Apache-2.0
// MatchSpec: match specifications, [{Head, Guards, Body}], compiled to small
// programs for a stack machine. Tables and tracing run them.
//
// The head's instructions take terms from a stack of what is still to be
// matched; those of guards and body are a postfix program. A failure in a
// guard fails the clause; in a body it gives the atom 'EXIT'.
//
// Compiled once and then read only: several threads may run one at the same
// time. Each run has its own variables and stack.
#ifndef MERLE_MATCH_SPEC_H
#define MERLE_MATCH_SPEC_H

#include "bif.h"
#include "counted.h"
#include "heap.h"
#include "node.h"

// What subject and actions may be.
typedef enum { MATCH_TABLE, MATCH_TRACE } MatchKind;

typedef struct {
    uint8_t code;  // see match_spec.c
    uint32_t n;    // number of a variable, a size, a place to go on
    union {
        Term term;
        BifFunction function;
        uint8_t action; // MatchAction
    };
} MatchOp;

typedef struct {
    Term head;      // as it was given
    uint32_t start; // its first instruction
} MatchClause;

typedef struct {
    Counted counted; // must be first
    MatchKind kind;
    Node *node;
    Heap heap;       // the specification, when it is kept
    Term source;     // the specification
    MatchOp *ops;
    size_t op_count, op_room;
    MatchClause *clauses;
    size_t clause_count, clause_room;
    size_t variables; // most of a clause
} MatchSpec;

// What the actions of a trace specification ask for.
typedef struct {
    Term message;      // TERM_NONE: none was given; ATOM_false: none to send
    bool traced;       // they act on the process, as when a call is traced
    bool at_call;      // its stack begins with who called
    bool return_trace, exception_trace;
} MatchActions;

enum { MATCH_ERROR_ROOM = 128 };

// Whether [error] is of a specification that is too deep, which is a
// system_limit where others are badarg.
bool match_error_is_limit(const char *error);

// Compiles [spec]; its count is 1. NULL when it is none: [error], if not NULL,
// gets a text of that many bytes. Unless [keep] is set it is good only while
// [spec] is.
MatchSpec *match_spec_compile(Node *node, Term spec, MatchKind kind,
                              bool keep, char *error);

// Whether [ms] has an action of [set], a bit for each MatchAction.
bool match_spec_has_action(const MatchSpec *ms, uint32_t set);

// Ends one; also tells a magic reference of one.
void match_spec_destroy(Counted *c);

// Runs [ms] on [subject]: the answer of the first clause that matches, on the
// heap of [p]; TERM_NONE without. [copy] says that [subject] lies elsewhere.
// [actions] may be NULL for tables.
Term match_spec_run(const MatchSpec *ms, Process *p, Term subject, bool copy,
                    MatchActions *actions);

// Whether all that [ms] can match has a given element [position] (from 0), so
// that only some keys need to be looked at: the one of clause [i] is [*key].
bool match_spec_key(const MatchSpec *ms, size_t i, size_t position, Term *key);

// Whether keys that can match lie together in the order of terms, as far as
// [*pattern], the head's element [position] (from 0), begins with constants.
bool match_spec_range(const MatchSpec *ms, size_t position, Term *pattern);

// Where [key] stands: below 0 before all that can match such a pattern, above 0
// behind them.
int match_spec_order(const MatchSpec *ms, Term pattern, Term key);

// The number of variable '$N'; false of other atoms and terms.
bool match_spec_variable(const Node *node, Term t, uint64_t *n);

// Whether all that [ms] answers are tuples with the same element [position]
// (from 0) as the subject, as its text tells: nothing that is computed is.
bool match_spec_keeps(const MatchSpec *ms, size_t position);

#endif
