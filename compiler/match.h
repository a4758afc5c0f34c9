// SPDX-License-Identifier: Apache-2.0
// Match: clauses of patterns and guards compiled to a tree of decisions.
//
// A row is a clause on its way through the tree: what of its patterns is still
// to be tested (constraints), and what its variables are bound to. Each test
// sends on to either side the rows that may still match there, so no test is
// done twice. A row that asks nothing of the tested value goes to both sides;
// where copying would make too many, the rows behind it are left for a common
// block that all failures of those before lead to.
#ifndef MERLE_MATCH_H
#define MERLE_MATCH_H

#include "builder.h"

typedef enum { PAT_ANY, PAT_VARIABLE, PAT_SAME, PAT_LITERAL, PAT_CONS,
               PAT_TUPLE, PAT_MAP, PAT_BINARY, PAT_ALIAS, PAT_NEVER } PatKind;

typedef struct Pattern Pattern;

typedef struct {
    Pattern *value; // what it must be
    uint8_t type, flags; // as Segment's
    uint16_t unit; // bits that its size counts
    Term size;     // expression; TERM_NONE: all that is left, or none in utf
    bool fixed;    // size is a literal
    size_t bits;   // when fixed
    uint32_t line; // where it stands
} PatSegment;

struct Pattern {
    PatKind kind; // decides which of the others count
    uint32_t count; // of parts, or of segments
    Term term;        // variable's name, or the literal
    Inst *same;       // the value it must be equal to
    Pattern **parts;  // elements; values of a map; the two of an alias
    Inst **keys;      // of a map
    PatSegment *segments; // of a binary, in order
};

// Place in a match context, of which a position may have been kept.
typedef struct {
    Inst *kept; // BS_POSITION
    Inst *rest; // BS_REST
} Position;

typedef struct Constraint Constraint;
struct Constraint {
    Inst *value; // what is to be tested
    Pattern *pattern; // what it must match
    Position *at;     // value is a match context: its segments from
    uint32_t segment; // this one on are to be found here
    Constraint *next; // to be looked at after this one
};

typedef struct Binding Binding;
struct Binding {
    Term name; // of the variable
    Inst *value; // what it is bound to
    Inst *context; // of the binary whose segment it names, if any
    Binding *next; // bound before this one
};

typedef struct {
    Constraint *left; // to be tested, in the order of the source
    Binding *bound;   // newest first
    uint32_t clause; // index into Matcher.clauses
} Row;

// One way to a clause's body.
typedef struct {
    Block *from;   // that jumps to the body
    Binding *bound; // what its row has bound
    Change *facts; // what was known there
    size_t fact_count;
    bool moved;    // a context has gone on behind a rest that was taken
} Arrival;

typedef struct {
    Term guard; // nil: none
    Block *body; // NULL until a way leads there
    Arrival *arrivals; // ways to the body, in the order of its predecessors
    size_t count, room;
    Term anno; // of the clause, for diagnostics
    bool tried; // its guard was reached
} MatchClause;

typedef struct {
    Builder *b; // stands where the match goes on
    MatchClause *clauses; // that rows name by index
    Block *fail; // where it goes when no row is left
    size_t base;   // trail mark where the match begins
    size_t budget; // copies of rows that may still be made
} Matcher;

// The pattern of form [e]. Variables that are bound already mean equality,
// unless [shadow].
Pattern *pattern_read(Builder *b, Term e, bool shadow);

// Reads size, type and flags of a {bin_element, ...}.
void segment_read(Unit *u, PatSegment *s, Term element);

// The bits of literal [t] in segment [s], in the eight [bytes] or in [t]
// itself; false when it is left to run time.
bool segment_literal(const PatSegment *s, Term t, uint8_t *bytes, Bits *bits);

// Bits that are known, one behind the other.
typedef struct {
    uint8_t *bytes; // the last one may be filled in part
    size_t bits, room;
} LiteralBits;

void literal_bits_add(Arena *a, LiteralBits *l, const Bits *bits);

// Compiles [n] rows; afterwards the builder stands nowhere.
void match_rows(Matcher *m, Row *rows, size_t n);

// Adds to [row] that [value] is to match [pattern].
void match_constrain(Builder *b, Row *row, Inst *value, Pattern *pattern);

// Goes to the body of clause [c] and binds its variables; false when nothing
// leads there.
bool match_enter(Builder *b, MatchClause *c);

// One step on a constraint of the first row; sends rows on. See match.c.
// Answers how many of [*rows] are left to do where the builder then stands.
size_t match_bits_step(Matcher *m, Constraint *c, Row **rows, size_t n);

// Has place [at] of a context, where it stands, kept.
void match_keep(Builder *b, Inst *context, Position *at);

// Whether the context still stands where [rest], a BS_REST, was taken.
bool match_rest_is_here(const Inst *rest);

// Rows that go to one side of a test.
typedef struct {
    Row *rows; // in the order of the clauses
    size_t count, room;
    bool closed; // the last matches without condition: no more are needed
} Side;

void match_side_add(Matcher *m, Side *s, const Row *row);

// [row] without [c], which is in it.
Row match_without(Builder *b, const Row *row, const Constraint *c);

// Rows that a step leaves for a common block, to which all failures of those
// before lead.
typedef struct {
    Block *outer; // m->fail as it was
    Block *rest;  // the common block; NULL: no rows are left
    size_t at;    // index of the first of them
    size_t mark;  // trail mark of the facts that hold there
} Cut;

// Leaves [rows] from [at] on, of [n], for a common block. What fails on the way
// there may have moved a match context: the places that they look at are kept.
Cut match_cut_begin(Matcher *m, Row *rows, size_t n, size_t at);

// Goes to the common block of a cut that left some rows; [*rows] are then
// those, and their number is answered.
size_t match_cut_end(Matcher *m, Cut cut, Row **rows, size_t n);

// The end of a step: the builder stands where the test of it did not hold, and
// [no] are the rows that go on there. They are answered in [*rows], or, when a
// cut left some, compiled, and the answer is those of the cut.
size_t match_others(Matcher *m, const Side *no, Cut cut, Row **rows, size_t n);

// Whether [row] may be copied to [side] besides where it goes anyway; paid for
// from the budget.
bool match_affords(Matcher *m, const Side *side, const Row *row);

// The constraint of [row] on [value], or NULL.
Constraint *match_find(const Row *row, const Inst *value);

// Matches [value] against clauses of form [{clause, A, Patterns, Guard,
// Body}]; the value of the whole. [fail] is where it goes without a match.
Inst *match_clauses(Builder *b, size_t n, Inst *const *values, Term clauses,
                    Block *fail, bool shadow);

// Matches [value] to the one pattern; its variables are then bound here.
void match_bind(Builder *b, Inst *value, Pattern *p, Block *fail);

// The join of several ways: value and the variables that all of them bind.
typedef struct {
    Block *from;    // that jumps to the join
    Inst *value;    // of the whole by this way
    Binding *bound; // variables that it has bound
} Way;
typedef struct {
    Block *block; // where they meet; NULL before the first
    Way *ways; // those that get there, as its predecessors
    size_t count, room;
} Join;

// Ends a way whose bindings began at trail mark [mark], and undoes them.
void match_way(Builder *b, Join *join, Inst *value, size_t mark);

// Goes on behind the join; the value there.
Inst *match_join(Builder *b, Join *join);

#endif
