// SPDX-License-Identifier: Apache-2.0
// Notice: what OTP's passes behind lint warn of: clauses that cannot match,
// calls that must fail, values that nobody uses. Code does not depend on it.
#ifndef MERLE_NOTICE_H
#define MERLE_NOTICE_H

#include "builder.h"

// Warns about all functions of [u], unless its options say no.
void notice_module(Unit *u);

// ---- between notice.c and notice_match.c ----

typedef enum { KNOW_NOTHING, KNOW_LITERAL, KNOW_CONS, KNOW_TUPLE } KnowKind;

// What is known of a value.
typedef struct Know Know;
struct Know {
    KnowKind kind; // decides which of the others count
    bool is_boolean;  // it is true or false
    bool is_data;     // a literal, or made here
    Term term;        // of a literal
    Term variable;    // it is the value of that variable
    size_t count;     // of the parts of what is made here
    Know **parts; // of a list cell: head and tail; of a tuple: its elements
};

// What becomes of a value.
typedef enum {
    WANT_VALUE,
    WANT_EFFECT, // nobody looks at it
    WANT_INNER   // part of a term that nobody looks at
} Want;

typedef struct {
    Term name;   // of a variable
    Know *value; // NULL: bound to what is not known
    bool hidden; // the name is free again
} Known;

typedef struct {
    Unit *u; // takes the warnings
    uint32_t file; // where the function is, as Unit.files counts
    Term function;  // its name, and its arity
    size_t arity;
    Table counts;   // how often each variable is named in the function
    Known *bound;   // newest last
    size_t count, room;
    bool quiet;     // within what is bound to _
    bool pinned;    // of has_pinned: such a variable was seen
    bool pin_open;  // of the last match: a bound variable may be equal or not
    bool pin_never; // of the last match: one is not equal
    bool unfolded;  // nothing is told of what OTP finds by folding
    bool is_dead;   // a match before this never holds: nothing more is told
    uint32_t depth; // of nesting
} Notice;

// Looks at [e], whose value is wanted for [want]; what is known of the value,
// never NULL. A body's value is that of its last expression.
Know *notice_expr(Notice *n, Term e, Want want);
Know *notice_body(Notice *n, Term exprs, Want want);

// The literal [t], and a value made of parts.
Know *know_literal(Notice *n, Term t);
Know *know_made(Notice *n, KnowKind kind, size_t count, Know **parts);
Know *know_nothing(Notice *n);

// Binds [name] till n->count is set back; [value] NULL: nothing is known of it.
void notice_bind(Notice *n, Term name, Know *value);

// What [name] is bound to, NULL when it is not, or is hidden.
const Known *notice_find(const Notice *n, Term name);

// Warns {[class], what} of [pass] at [anno].
void notice_warn(Notice *n, Term anno, Term pass, Term class, Term what);

// Warns that what is made at [anno] is not used, if it is so.
void notice_useless(Notice *n, Term anno, Want want);

// Looks at clauses of [values] with case, if or a function at [anno], which
// take what they get by [want].
Know *notice_clauses(Notice *n, Term clauses, size_t count, Know *const *values,
                     Term anno, Want want);

// Looks at [pattern] = [value] at [anno].
void notice_match(Notice *n, Term pattern, Know *value, Term anno);

// The value of a guard that is known: true, false, or TERM_NONE.
Term notice_guard(Notice *n, Term guard);

// Within a fun or comprehension the variables of [patterns] hide those around.
void notice_hide(Notice *n, Term patterns);

// Binds the variables of [pattern] to what is not known.
void notice_bind_all(Notice *n, Term pattern);

// ---- clauses, as the pattern compiler sees them (notice_kernel.c) ----

typedef struct {
    Term anno;       // of the clause
    Term patterns;   // a list
    bool is_certain; // no guard, no variable that must be equal to another
} NoticeRow;

// Tells of clauses that others before them shadow.
void notice_shadows(Notice *n, NoticeRow *rows, size_t count);

// ---- binaries (notice_binary.c) ----

Know *notice_binary(Notice *n, Term e, Want want);

// Whether some segment within [pattern] can match nothing; it is told of.
bool notice_bad_segment(Notice *n, Term pattern);

#endif
