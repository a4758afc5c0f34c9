// SPDX-License-Identifier: Apache-2.0
// mpc: the part of the public interface of mpc ("micro parser combinators",
// github.com/orangeduck/mpc) that merle's grammar uses, in merle's own
// implementation. Names and signatures are those of mpc 0.9, so that the same
// grammar builds against either.
//
// What differs. There is no cap on depth: the evaluator keeps its own stack.
// What primitive parsers answer (the character matched, a state) lives until
// the parse ends and must not be freed: mpcf_free does nothing. Once
// mpc_optimise was called on a finished grammar it is read only and may serve
// several threads at a time.
#ifndef MERLE_MPC_H
#define MERLE_MPC_H

#include <stddef.h>
#include <stdio.h>

// ---- results ----

// What mpc_state answers. Over tokens only [pos] means something: it is the
// index of the token.
typedef struct {
    // [row], [col] count '\n'.
    long pos, row, col; // from 0
    // There for mpc's sake.
    int term;           // always 0
} mpc_state_t;

// The caller's, until mpc_err_delete.
typedef struct {
    mpc_state_t state; // the furthest place that any parser failed at
    int expected_num;  // names in [expected]
    char *filename;    // as given to mpc_parse; copied
    char *failure;     // of mpc_fail and mpc_check; NULL without
    char **expected;   // [expected_num] what could have stood there
    char received;     // what stood there; 0 at the end
} mpc_err_t;

typedef void mpc_val_t;

// Which of the two counts is what mpc_parse answered.
typedef union {
    mpc_err_t *error;
    mpc_val_t *output;
} mpc_result_t;

// Opaque here as it is there: nothing outside asks what a parser is made of.
typedef struct mpc_parser_t mpc_parser_t;

// Frees an error; its text, in memory of malloc; the text to a file.
void mpc_err_delete(mpc_err_t *e);
char *mpc_err_string(mpc_err_t *e);
void mpc_err_print(mpc_err_t *e);
void mpc_err_print_to(mpc_err_t *e, FILE *f);

// Runs [p] on [string] (of [length] bytes; not copied). 1: r->output is the
// result. 0: r->error says why, to be freed with mpc_err_delete.
int mpc_parse(const char *filename, const char *string, mpc_parser_t *p,
              mpc_result_t *r);
int mpc_nparse(const char *filename, const char *string, size_t length,
               mpc_parser_t *p, mpc_result_t *r);

// ---- functions that parsers are made with ----

typedef void (*mpc_dtor_t)(mpc_val_t *); // destroys a result no longer wanted
typedef mpc_val_t *(*mpc_ctor_t)(void); // makes a result of nothing
typedef mpc_val_t *(*mpc_apply_t)(mpc_val_t *); // one result from another
// The same, with the maker's data.
typedef mpc_val_t *(*mpc_apply_to_t)(mpc_val_t *, void *);
// How many results, and they.
typedef mpc_val_t *(*mpc_fold_t)(int, mpc_val_t **);
typedef int (*mpc_check_t)(mpc_val_t **); // 0: refuse; it may change the result
// The same, with the maker's data.
typedef int (*mpc_check_with_t)(mpc_val_t **, void *);

// ---- names ----
// A parser that is an argument below belongs to the parser made of it, unless
// mpc_new made it: a named parser may stand in many places, before it is
// defined too, and is freed by its maker (mpc_undefine all, then mpc_delete).

mpc_parser_t *mpc_new(const char *name);
// Moves [a]'s contents into [p]: [a] must not be used any more, unless it has a
// name of its own.
mpc_parser_t *mpc_define(mpc_parser_t *p, mpc_parser_t *a);
mpc_parser_t *mpc_undefine(mpc_parser_t *p);
void mpc_delete(mpc_parser_t *p);
void mpc_cleanup(int n, ...); // undefines and deletes the [n] given

// Prepares all that can be reached from [p] for fast parsing. Without it the
// first parse does so.
// It must not run while another thread parses with any of them.
void mpc_optimise(mpc_parser_t *p);

// ---- parsers of one character, or of none ----

mpc_parser_t *mpc_any(void);
mpc_parser_t *mpc_char(char c);
mpc_parser_t *mpc_range(char s, char e);
mpc_parser_t *mpc_oneof(const char *s);    // any character of [s]
mpc_parser_t *mpc_noneof(const char *s);   // any that is not in [s]
mpc_parser_t *mpc_satisfy(int (*f)(char)); // asked once for each of the 256

// These consume nothing.
mpc_parser_t *mpc_pass(void);             // answers NULL
mpc_parser_t *mpc_fail(const char *m);    // fails with message [m]
mpc_parser_t *mpc_lift(mpc_ctor_t f);     // answers f()
mpc_parser_t *mpc_lift_val(mpc_val_t *x); // answers x
mpc_parser_t *mpc_state(void);            // answers a mpc_state_t *
mpc_parser_t *mpc_eoi(void);              // the end of input

// ---- combinators ----

// [a]; when it fails the error says that [e] was expected at its beginning.
mpc_parser_t *mpc_expect(mpc_parser_t *a, const char *e);

// [a] with its result passed through [f].
mpc_parser_t *mpc_apply(mpc_parser_t *a, mpc_apply_t f);
mpc_parser_t *mpc_apply_to(mpc_parser_t *a, mpc_apply_to_t f, void *x);

// [a] if [f] is true of its result, else failure [e] behind it.
mpc_parser_t *mpc_check(mpc_parser_t *a, mpc_dtor_t da, mpc_check_t f,
                        const char *e);
mpc_parser_t *mpc_check_with(mpc_parser_t *a, mpc_dtor_t da,
                             mpc_check_with_t f, void *x, const char *e);

// Succeeds, consuming nothing, where [a] fails.
mpc_parser_t *mpc_not(mpc_parser_t *a, mpc_dtor_t da);
// [a], or NULL; [a], or what [lf] answers.
mpc_parser_t *mpc_maybe(mpc_parser_t *a);
mpc_parser_t *mpc_maybe_lift(mpc_parser_t *a, mpc_ctor_t lf);

// [a] any number of times, at least once; [f] folds the results.
// A round that consumes nothing is the last; mpc itself would go on for ever.
mpc_parser_t *mpc_many(mpc_fold_t f, mpc_parser_t *a);
mpc_parser_t *mpc_many1(mpc_fold_t f, mpc_parser_t *a);

// The first of [n] parsers that succeeds.
// Tried in this order; one that succeeded is not gone back to, whatever fails
// behind the choice. (So "a / ab" never finds ab.)
mpc_parser_t *mpc_or(int n, ...);

// [n] parsers one after the other, then the n - 1 destructors of all results
// but the last; goes back to the beginning when one fails.
mpc_parser_t *mpc_and(int n, mpc_fold_t f, ...);

// [a]; upstream does not go back inside of it.
// Here it changes nothing: choices look one character ahead anyway.
mpc_parser_t *mpc_predictive(mpc_parser_t *a);

// ---- common functions ----

// These are for folds and destructors where nothing is to be done.
void mpcf_dtor_null(mpc_val_t *x);
mpc_val_t *mpcf_ctor_null(void);
mpc_val_t *mpcf_free(mpc_val_t *x);
mpc_val_t *mpcf_null(int n, mpc_val_t **xs); // answers NULL
mpc_val_t *mpcf_fst(int n, mpc_val_t **xs);  // the first of the results
mpc_val_t *mpcf_snd(int n, mpc_val_t **xs);  // the second
mpc_val_t *mpcf_trd(int n, mpc_val_t **xs);  // the third

#endif
