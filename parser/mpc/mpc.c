// SPDX-License-Identifier: Apache-2.0
// mpc: making, naming and freeing parsers, and errors as text.
#include "mpc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mpc_part.h"

// The parser's own, as the caller's text may be a local array.
static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}

// ---- naming and freeing ----

static mpc_parser_t *make(MpcType type)
{
    mpc_parser_t *p = memory_zeroed(1, sizeof *p);
    p->type = (uint8_t)type;
    return p;
}

// A parser with [n] children, still to be filled in.
static mpc_parser_t *make_parent(MpcType type, int n)
{
    mpc_parser_t *p = make(type);
    p->n = n;
    p->xs = memory_zeroed((size_t)n, sizeof *p->xs);
    return p;
}

static mpc_parser_t *make_over(MpcType type, mpc_parser_t *a)
{
    mpc_parser_t *p = make_parent(type, 1);
    p->xs[0] = a;
    return p;
}

mpc_parser_t *mpc_new(const char *name)
{
    mpc_parser_t *p = make(MPC_UNDEFINED);
    p->retained = true;
    p->text = copy_text(name);
    return p;
}

// Frees what [p] holds but not [p].
// A named child has its own owner, and may be gone already: all names are
// undefined before any is deleted, see mpc_cleanup.
static void clear(mpc_parser_t *p)
{
    for (int i = 0; i < p->n; i++)
        if (!p->xs[i]->retained) mpc_delete(p->xs[i]);
    free(p->xs);
    free(p->dtors);
    free(p->text);
    mpc_code_free(&p->code);
    // The address stays good, as other parsers point to it.
    *p = (mpc_parser_t){.retained = p->retained};
}

// The contents of [a] become those of [p]; its name is no longer needed.
mpc_parser_t *mpc_define(mpc_parser_t *p, mpc_parser_t *a)
{
    clear(p);
    // A name for a name: copying it would free it twice.
    if (a->retained) {
        *p = (mpc_parser_t){.type = MPC_PREDICTIVE, .retained = true, .n = 1};
        p->xs = memory_zeroed(1, sizeof *p->xs);
        p->xs[0] = a;
        return p;
    }
    *p = *a;
    p->retained = true;
    free(a); // the struct moved, its children stay where they are
    return p;
}

mpc_parser_t *mpc_undefine(mpc_parser_t *p)
{
    clear(p);
    return p;
}

void mpc_delete(mpc_parser_t *p)
{
    // Not safe for parsers that still use [p]; mpc has the same rule.
    clear(p);
    free(p);
}

void mpc_cleanup(int n, ...)
{
    va_list parsers;
    va_start(parsers, n);
    // Twice over, as the first to be deleted may be a child of the next.
    for (int i = 0; i < n; i++) mpc_undefine(va_arg(parsers, mpc_parser_t *));
    va_end(parsers);
    va_start(parsers, n);
    for (int i = 0; i < n; i++) mpc_delete(va_arg(parsers, mpc_parser_t *));
    va_end(parsers);
}

// ---- parsers of one character, or of none ----

mpc_parser_t *mpc_any(void)
{
    mpc_parser_t *p = make(MPC_CHARACTERS);
    memset(&p->first, 0xFF, sizeof p->first);
    // Errors speak of what was expected, never of a set of bits.
    return mpc_expect(p, "any character");
}

mpc_parser_t *mpc_range(char s, char e)
{
    mpc_parser_t *p = make(MPC_CHARACTERS);
    for (int c = (unsigned char)s; c <= (unsigned char)e; c++)
        mpc_set_add(&p->first, (unsigned char)c);
    char text[] = {'\'', s, '\'', ' ', 't', 'o', ' ', '\'', e, '\'', 0};
    return mpc_expect(p, text);
}

mpc_parser_t *mpc_char(char c)
{
    mpc_parser_t *p = make(MPC_CHARACTERS);
    mpc_set_add(&p->first, (unsigned char)c);
    char text[] = {'\'', c, '\'', 0};
    return mpc_expect(p, text);
}

// Too long to be listed, as mpc does it.
mpc_parser_t *mpc_oneof(const char *s)
{
    mpc_parser_t *p = make(MPC_CHARACTERS);
    for (; *s != 0; s++) mpc_set_add(&p->first, (unsigned char)*s);
    return mpc_expect(p, "one of several characters");
}

mpc_parser_t *mpc_noneof(const char *s)
{
    mpc_parser_t *p = make(MPC_CHARACTERS);
    for (int c = 0; c < 256; c++)
        // strchr would find the NUL that ends [s], so 0 is tested first.
        if (c == 0 || strchr(s, c) == NULL)
            mpc_set_add(&p->first, (unsigned char)c);
    return mpc_expect(p, "none of several characters");
}

// [f] is not called while parsing: what it answers must not change.
mpc_parser_t *mpc_satisfy(int (*f)(char))
{
    mpc_parser_t *p = make(MPC_CHARACTERS);
    for (int c = 0; c < 256; c++)
        if (f((char)c)) mpc_set_add(&p->first, (unsigned char)c);
    return mpc_expect(p, "character satisfying function");
}

// A child of a sequence that has nothing to say.
mpc_parser_t *mpc_pass(void)
{
    return make(MPC_PASS);
}

mpc_parser_t *mpc_fail(const char *m)
{
    mpc_parser_t *p = make(MPC_FAIL);
    p->text = copy_text(m);
    return p;
}

mpc_parser_t *mpc_lift(mpc_ctor_t f)
{
    mpc_parser_t *p = make(MPC_LIFT);
    p->f.lift = f;
    return p;
}

mpc_parser_t *mpc_lift_val(mpc_val_t *x)
{
    mpc_parser_t *p = make(MPC_LIFT_VAL);
    p->x = x;
    return p;
}

mpc_parser_t *mpc_state(void)
{
    return make(MPC_STATE);
}

// "Nothing may follow" needs no kind of its own.
mpc_parser_t *mpc_eoi(void)
{
    return mpc_expect(mpc_not(mpc_any(), mpcf_dtor_null), "end of input");
}

// ---- combinators ----

mpc_parser_t *mpc_expect(mpc_parser_t *a, const char *e)
{
    mpc_parser_t *p = make_over(MPC_EXPECT, a);
    p->text = copy_text(e);
    return p;
}

mpc_parser_t *mpc_apply(mpc_parser_t *a, mpc_apply_t f)
{
    mpc_parser_t *p = make_over(MPC_APPLY, a);
    p->f.apply = f;
    return p;
}

mpc_parser_t *mpc_apply_to(mpc_parser_t *a, mpc_apply_to_t f, void *x)
{
    mpc_parser_t *p = make_over(MPC_APPLY_TO, a);
    p->f.apply_to = f;
    p->x = x;
    return p;
}

mpc_parser_t *mpc_check(mpc_parser_t *a, mpc_dtor_t da, mpc_check_t f,
                        const char *e)
{
    mpc_parser_t *p = make_over(MPC_CHECK, a);
    p->dtor = da;
    p->f.check = f;
    p->text = copy_text(e);
    return p;
}

mpc_parser_t *mpc_check_with(mpc_parser_t *a, mpc_dtor_t da,
                             mpc_check_with_t f, void *x, const char *e)
{
    mpc_parser_t *p = make_over(MPC_CHECK_WITH, a);
    p->dtor = da;
    p->f.check_with = f;
    p->x = x;
    p->text = copy_text(e);
    return p;
}

mpc_parser_t *mpc_not(mpc_parser_t *a, mpc_dtor_t da)
{
    mpc_parser_t *p = make_over(MPC_NOT, a);
    p->dtor = da;
    return p;
}

mpc_parser_t *mpc_maybe(mpc_parser_t *a)
{
    return mpc_maybe_lift(a, mpcf_ctor_null);
}

mpc_parser_t *mpc_maybe_lift(mpc_parser_t *a, mpc_ctor_t lf)
{
    mpc_parser_t *p = make_over(MPC_MAYBE, a);
    p->f.lift = lf;
    return p;
}

// Zero or more, one or more: both fold in the same way.
static mpc_parser_t *make_repeated(MpcType type, mpc_fold_t f, mpc_parser_t *a)
{
    mpc_parser_t *p = make_over(type, a);
    p->f.fold = f;
    return p;
}

mpc_parser_t *mpc_many(mpc_fold_t f, mpc_parser_t *a)
{
    return make_repeated(MPC_MANY, f, a);
}

mpc_parser_t *mpc_many1(mpc_fold_t f, mpc_parser_t *a)
{
    return make_repeated(MPC_MANY1, f, a);
}

mpc_parser_t *mpc_or(int n, ...)
{
    mpc_parser_t *p = make_parent(MPC_OR, n);
    va_list rest;
    va_start(rest, n);
    // No more parsers are read than [n] says, though more may be given.
    for (int i = 0; i < n; i++) p->xs[i] = va_arg(rest, mpc_parser_t *);
    va_end(rest);
    return p;
}

mpc_parser_t *mpc_and(int n, mpc_fold_t f, ...)
{
    mpc_parser_t *p = make_parent(MPC_AND, n);
    // One more than needed: a sequence of one has no destructors, and a block
    // of size 0 would be NULL.
    p->dtors = memory_zeroed((size_t)n, sizeof *p->dtors);
    p->f.fold = f;
    va_list rest;
    va_start(rest, f);
    for (int i = 0; i < n; i++) p->xs[i] = va_arg(rest, mpc_parser_t *);
    for (int i = 0; i < n - 1; i++) p->dtors[i] = va_arg(rest, mpc_dtor_t);
    va_end(rest);
    return p;
}

mpc_parser_t *mpc_predictive(mpc_parser_t *a)
{
    return make_over(MPC_PREDICTIVE, a);
}

// ---- common functions ----

void mpcf_dtor_null(mpc_val_t *x)
{
    (void)x;
}

mpc_val_t *mpcf_ctor_null(void)
{
    return NULL;
}

// mpc's frees a character's copy. Here characters are constants, so a free
// would be of static memory; compile_apply knows this function by its address.
mpc_val_t *mpcf_free(mpc_val_t *x)
{
    (void)x; // belongs to the parse
    return NULL;
}

mpc_val_t *mpcf_null(int n, mpc_val_t **xs)
{
    (void)n;
    (void)xs;
    return NULL;
}

mpc_val_t *mpcf_fst(int n, mpc_val_t **xs)
{
    (void)n;
    return xs[0];
}

mpc_val_t *mpcf_snd(int n, mpc_val_t **xs)
{
    (void)n;
    return xs[1];
}

mpc_val_t *mpcf_trd(int n, mpc_val_t **xs)
{
    (void)n;
    return xs[2];
}

// ---- parsing and errors ----

int mpc_nparse(const char *filename, const char *string, size_t length,
               mpc_parser_t *p, mpc_result_t *r)
{
    // Not safe when two threads parse first: who shares a parser calls
    // mpc_optimise before.
    if (p->code.count == 0) mpc_optimise(p);
    return mpc_run(filename, string, length, p, r);
}

int mpc_parse(const char *filename, const char *string, mpc_parser_t *p,
              mpc_result_t *r)
{
    return mpc_nparse(filename, string, strlen(string), p, r);
}

void mpc_err_delete(mpc_err_t *e)
{
    for (int i = 0; i < e->expected_num; i++) free(e->expected[i]);
    free(e->expected);
    free(e->filename);
    free(e->failure);
    free(e);
}

// Writes "expected a, b or c" or the failure.
static void print_reason(const mpc_err_t *e, FILE *f)
{
    if (e->failure != NULL) {
        fputs(e->failure, f);
        return;
    }
    fputs("expected ", f);
    for (int i = 0; i < e->expected_num; i++) {
        if (i > 0) fputs(i + 1 < e->expected_num ? ", " : " or ", f);
        fputs(e->expected[i], f);
    }
    // '\0' is taken for the end: an error cannot tell it from a real NUL.
    if (e->received != 0)
        fprintf(f, " at '%c'", e->received);
    else
        fputs(" at end of input", f);
}

void mpc_err_print_to(mpc_err_t *e, FILE *f)
{
    // People count from 1.
    fprintf(f, "%s:%ld:%ld: error: ", e->filename, e->state.row + 1,
            e->state.col + 1);
    print_reason(e, f);
    fputc('\n', f);
}

void mpc_err_print(mpc_err_t *e)
{
    mpc_err_print_to(e, stdout);
}

char *mpc_err_string(mpc_err_t *e)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    // An error in making an error ends the program like any lack of memory.
    if (f == NULL) memory_exhausted("error text", 0);
    mpc_err_print_to(e, f);
    fclose(f);
    return text;
}
