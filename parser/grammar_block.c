// SPDX-License-Identifier: Apache-2.0
// Rules for what ends in "end": begin, if, case, receive, fun, try, maybe, and
// for clauses.
#include "grammar_part.h"

static int is_name(char kind)
{
    return kind == TOKEN_ATOM || kind == TOKEN_VAR;
}

// fun m:f/A: the arity may be a variable, a local fun's may not.
static int is_arity(char kind)
{
    return kind == TOKEN_INTEGER || kind == TOKEN_VAR;
}

// The stack trace of a catch clause: Class:Reason:Stack.
static int is_variable(char kind)
{
    return kind == TOKEN_VAR;
}

// ---- clauses ----

// "X > 1, is_list(L); true -> ok": guards stand where a head does.
static mpc_parser_t *if_clause(Grammar *g)
{
    return NODE(g, "clause ^12 [] 2 3", rule(g, RULE_HERE),
                list_of_rule(g, RULE_EXPRS, TOKEN_SEMICOLON),
                rule(g, RULE_BODY));
}

// One pattern, as a list: {clause, A, [P], Guard, Body}. It is read as an
// expression, for in OTP the grammar says so and the linter refuses what is no
// pattern.
static mpc_parser_t *cr_clause(Grammar *g)
{
    return NODE(g, "clause ^12 [2] 3 4", rule(g, RULE_HERE),
                rule(g, RULE_EXPR), rule(g, RULE_GUARD), rule(g, RULE_BODY));
}

static void define_clauses(Grammar *g)
{
    // "when A, B; C": a list of lists, semicolons being the outer.
    mpc_parser_t *guard = PICK(2, skip(g, TOKEN_WHEN),
                               list_of_rule(g, RULE_EXPRS, TOKEN_SEMICOLON));
    define(g, RULE_GUARD, or_nil(guard));
    // Every body has at least one expression.
    define(g, RULE_BODY,
           PICK(2, skip(g, TOKEN_ARROW), rule(g, RULE_EXPRS)));
    define(g, RULE_CR_CLAUSES, list_of(g, cr_clause, TOKEN_SEMICOLON));
    define(g, RULE_PAT_ARGS,
           PICK(2, skip(g, TOKEN_LPAREN),
                or_nil(list_of_rule(g, RULE_PAT, TOKEN_COMMA)),
                skip(g, TOKEN_RPAREN)));
}

// The name that clauses of functions and funs begin with, none when there is
// none.
static Term name_of(Grammar *g, const Item *clause)
{
    const Token *t = token_at(g, clause->token);
    return t->kind == TOKEN_LPAREN ? TERM_NONE : t->value;
}

// Whether the clause has the name and the number of arguments of [first].
static bool agrees(Grammar *g, const Item *first, const Item *clause)
{
    return term_same(name_of(g, first), name_of(g, clause))
           && term_list_length(term_tuple_get(first->value, 2))
                  == term_list_length(term_tuple_get(clause->value, 2));
}

// Every clause is compared with the first, as OTP does.
Term grammar_clauses(Grammar *g, Item *clauses, size_t next)
{
    Term list = TERM_NIL, *end = &list;
    for (Item *c = clauses; c != NULL; c = c->next) {
        if (!agrees(g, clauses, c))
            // The place is the clause's own, the reason comes behind the last.
            grammar_fail_text(g, next, anno_at(g, c->token), "head mismatch");
        *end = heap_cons(g->heap, c->value, TERM_NIL);
        end = term_cons_ptr(*end) + 1;
    }
    return list;
}

// ---- receive ----

// The values: the time, what is done then.
static mpc_val_t *fold_after(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[2]));
    (void)n;
    item->second = value_term(xs[3]);
    return item;
}

// The values: "receive", clauses, the after part or nothing.
static mpc_val_t *fold_receive(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term anno = anno_at(g, value_token(xs[1])), clauses = value_term(xs[2]);
    const Item *after = xs[3];
    (void)n;
    // Without "after" the form has three elements.
    if (after == NULL)
        return term_value(heap_tuple3(g->heap, ATOM_receive, anno, clauses));
    return term_value(heap_tuple(g->heap, 5,
                                 (Term[]){ATOM_receive, anno, clauses,
                                          after->value, after->second}));
}

static mpc_parser_t *after_part(Grammar *g)
{
    return SEQ(g, fold_after, skip(g, TOKEN_AFTER), rule(g, RULE_EXPR),
               rule(g, RULE_BODY));
}

// "receive after T -> ok end" has no clauses, and the form an empty list. Both
// choices begin with "receive", so the token behind it decides.
static mpc_parser_t *receive(Grammar *g)
{
    mpc_parser_t *no_clauses = mpc_lift_val(term_value(TERM_NIL));
    return CHOICE(SEQ(g, fold_receive, mark(g, TOKEN_RECEIVE), no_clauses,
                      after_part(g), skip(g, TOKEN_END)),
                  SEQ(g, fold_receive, mark(g, TOKEN_RECEIVE),
                      rule(g, RULE_CR_CLAUSES), mpc_maybe(after_part(g)),
                      skip(g, TOKEN_END)));
}

// ---- fun ----

// The values: name or nothing, '(', patterns, guard, body. The clause's place
// is its name's, or the parenthesis.
// fun (X) -> X end, or fun F(0) -> 1; F(N) -> N * F(N - 1) end.
static mpc_val_t *fold_fun_clause(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    uint32_t at = value_token(xs[xs[1] != NULL ? 1 : 2]);
    Term clause = heap_tuple(g->heap, 5,
                             (Term[]){ATOM_clause, anno_at(g, at),
                                      value_term(xs[3]), value_term(xs[5]),
                                      value_term(xs[6])});
    Item *item = grammar_item(g, clause);
    item->token = at;
    return item;
}

static mpc_parser_t *fun_clause(Grammar *g)
{
    return SEQ(g, fold_fun_clause, mpc_maybe(mark(g, TOKEN_VAR)),
               mark(g, TOKEN_LPAREN),
               or_nil(list_of_rule(g, RULE_PAT, TOKEN_COMMA)),
               skip(g, TOKEN_RPAREN), rule(g, RULE_GUARD), rule(g, RULE_BODY));
}

// The values: "fun", the first clause, the others, "end".
// Two forms: {named_fun, A, Name, Clauses}, {'fun', A, {clauses, Cs}}.
static mpc_val_t *fold_fun(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Item *first = items_append(xs[2], xs[3]);
    Term anno = anno_at(g, value_token(xs[1])), name = name_of(g, first);
    (void)n;
    // "end" is complete before what follows it is looked at.
    Term clauses = grammar_clauses(g, first, value_token(xs[4]) + 1);
    if (!term_is_none(name))
        return term_value(heap_tuple(g->heap, 4,
                                     (Term[]){ATOM_named_fun, anno, name,
                                              clauses}));
    Term body = heap_tuple2(g->heap, ATOM_clauses, clauses);
    return term_value(heap_tuple3(g->heap, ATOM_fun, anno, body));
}

// The values: "fun", the name, '/', the arity.
// fun f/1: atom and integer stand bare in the form.
static mpc_val_t *fold_local_fun(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term body = heap_tuple3(g->heap, ATOM_function,
                            token_at(g, value_token(xs[2]))->value,
                            token_at(g, value_token(xs[4]))->value);
    (void)n;
    return term_value(heap_tuple3(g->heap, ATOM_fun,
                                  anno_at(g, value_token(xs[1])), body));
}

// The values: "fun", module, ':', name, '/', arity.
// fun m:f/1: each is a form of its own, as any may be a variable.
static mpc_val_t *fold_remote_fun(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term body = heap_tuple(g->heap, 4,
                           (Term[]){ATOM_function, value_term(xs[2]),
                                    value_term(xs[4]), value_term(xs[6])});
    (void)n;
    return term_value(heap_tuple3(g->heap, ATOM_fun,
                                  anno_at(g, value_token(xs[1])), body));
}

static mpc_parser_t *fun(Grammar *g)
{
    mpc_parser_t *local = SEQ(g, fold_local_fun, mark(g, TOKEN_FUN),
                              mark(g, TOKEN_ATOM), skip(g, TOKEN_SLASH),
                              mark(g, TOKEN_INTEGER));
    mpc_parser_t *remote = SEQ(g, fold_remote_fun, mark(g, TOKEN_FUN),
                               leaf(g, is_name), skip(g, TOKEN_COLON),
                               leaf(g, is_name), skip(g, TOKEN_SLASH),
                               leaf(g, is_arity));
    mpc_parser_t *more = PICK(2, skip(g, TOKEN_SEMICOLON), fun_clause(g));
    mpc_parser_t *clauses = SEQ(g, fold_fun, mark(g, TOKEN_FUN), fun_clause(g),
                                many_items(more), mark(g, TOKEN_END));
    // The token behind "fun" and the one behind that decide.
    return CHOICE(local, remote, clauses);
}

// ---- try ----

// {clause, A, [{tuple, A, [Class, Pattern, Trace]}], Guard, Body}
// What "catch Class:Pattern:Trace ->" becomes: one pattern, a triple.
static Term build_try_clause(Grammar *g, const Term *parts, mpc_val_t **xs)
{
    Heap *h = g->heap;
    Term triple = heap_list(h, 3, parts + 1, TERM_NIL);
    Term tuple = heap_tuple3(h, ATOM_tuple, parts[0], triple);
    return heap_tuple(h, 5,
                      (Term[]){ATOM_clause, parts[0],
                               heap_cons(h, tuple, TERM_NIL),
                               value_term(xs[0]), value_term(xs[1])});
}

// A trace that is not asked for is '_', at the place of the pattern.
static Term underscore_behind(Grammar *g, Term pattern)
{
    return heap_tuple3(g->heap, ATOM_var, grammar_last_anno(g, pattern),
                       ATOM_underscore);
}

// The values: where it begins, pattern, guard, body.
// "catch Pattern ->" is short for throw:Pattern:_.
static mpc_val_t *fold_try_throw(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term pattern = value_term(xs[2]);
    (void)n;
    Term anno = grammar_first_anno(g, value_token(xs[1]), pattern);
    Term class = heap_tuple3(g->heap, ATOM_atom, anno, ATOM_throw);
    Term parts[] = {anno, class, pattern, underscore_behind(g, pattern)};
    return term_value(build_try_clause(g, parts, xs + 3));
}

// The values: class, ':', pattern, trace or nothing, guard, body.
// "error:badarg:St ->"; a class may be an atom or a variable.
static mpc_val_t *fold_try_class(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term class = value_term(xs[1]), pattern = value_term(xs[3]);
    Term trace = value_term(xs[4]);
    (void)n;
    // No item but a term's bits: an absent trace is NULL, TERM_NONE.
    if (term_is_none(trace)) trace = underscore_behind(g, pattern);
    Term parts[] = {term_tuple_get(class, 1), class, pattern, trace};
    return term_value(build_try_clause(g, parts, xs + 5));
}

static mpc_parser_t *try_clause(Grammar *g)
{
    mpc_parser_t *trace = PICK(2, skip(g, TOKEN_COLON), leaf(g, is_variable));
    mpc_parser_t *with_class = SEQ(g, fold_try_class, leaf(g, is_name),
                                   skip(g, TOKEN_COLON), rule(g, RULE_PAT),
                                   mpc_maybe(trace), rule(g, RULE_GUARD),
                                   rule(g, RULE_BODY));
    mpc_parser_t *thrown = SEQ(g, fold_try_throw, rule(g, RULE_HERE),
                               rule(g, RULE_PAT), rule(g, RULE_GUARD),
                               rule(g, RULE_BODY));
    // Tried in this order: a lone name is a pattern unless ':' follows.
    return CHOICE(with_class, thrown);
}

// What ends a try: clauses and the after part, both perhaps empty.
static mpc_val_t *fold_try_end(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[1]));
    (void)n;
    item->second = value_term(xs[2]);
    return item;
}

// The values: "try", expressions, "of" clauses, the end.
// {'try', A, Body, OfClauses, CatchClauses, After}.
static mpc_val_t *fold_try(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    const Item *end = xs[4];
    (void)n;
    return term_value(heap_tuple(g->heap, 6,
                                 (Term[]){ATOM_try,
                                          anno_at(g, value_token(xs[1])),
                                          value_term(xs[2]), value_term(xs[3]),
                                          end->value, end->second}));
}

static mpc_parser_t *after_exprs(Grammar *g)
{
    return PICK(2, skip(g, TOKEN_AFTER), rule(g, RULE_EXPRS));
}

// One of catch and after must be there: "try X end" is a syntax error.
static mpc_parser_t *try(Grammar *g)
{
    mpc_parser_t *clauses = PICK(2, skip(g, TOKEN_CATCH),
                                 list_of(g, try_clause, TOKEN_SEMICOLON));
    mpc_parser_t *catch = SEQ(g, fold_try_end, clauses, or_nil(after_exprs(g)),
                              skip(g, TOKEN_END));
    mpc_parser_t *no_clauses = mpc_lift_val(term_value(TERM_NIL));
    mpc_parser_t *after = SEQ(g, fold_try_end, no_clauses, after_exprs(g),
                              skip(g, TOKEN_END));
    mpc_parser_t *of = PICK(2, skip(g, TOKEN_OF), rule(g, RULE_CR_CLAUSES));
    return SEQ(g, fold_try, mark(g, TOKEN_TRY), rule(g, RULE_EXPRS),
               or_nil(of), CHOICE(catch, after));
}

// ---- maybe ----

// The values: an expression, "?=" with its right side or nothing.
// "ok ?= f(X)" is {maybe_match, A, ok, Call}; other expressions stay.
static mpc_val_t *fold_maybe_match(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    const Item *right = xs[2];
    (void)n;
    if (right == NULL) return xs[1];
    return term_value(heap_tuple(g->heap, 4,
                                 (Term[]){ATOM_maybe_match,
                                          anno_at(g, right->token),
                                          value_term(xs[1]), right->value}));
}

static mpc_val_t *fold_right(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[2]));
    (void)n;
    item->token = value_token(xs[1]);
    return item;
}

static mpc_parser_t *maybe_match(Grammar *g)
{
    return SEQ(g, fold_maybe_match, rule(g, RULE_EXPR),
               mpc_maybe(SEQ(g, fold_right, mark(g, TOKEN_MAYBE_MATCH),
                             rule(g, RULE_EXPR))));
}

// The values: "maybe", expressions, the else part or nothing, "end".
// {maybe, A, Body} or {maybe, A, Body, {else, A2, Clauses}}.
static mpc_val_t *fold_maybe(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term anno = anno_at(g, value_token(xs[1])), body = value_term(xs[2]);
    (void)n;
    if (xs[3] == NULL)
        return term_value(heap_tuple3(g->heap, ATOM_maybe, anno, body));
    return term_value(heap_tuple(g->heap, 4,
                                 (Term[]){ATOM_maybe, anno, body,
                                          value_term(xs[3])}));
}

// An expression is read before "?=" is seen, for it may be a pattern.
static mpc_parser_t *maybe(Grammar *g)
{
    mpc_parser_t *otherwise = NODE(g, "else @1 2", mark(g, TOKEN_ELSE),
                                   rule(g, RULE_CR_CLAUSES));
    return SEQ(g, fold_maybe, mark(g, TOKEN_MAYBE),
               list_of(g, maybe_match, TOKEN_COMMA), mpc_maybe(otherwise),
               skip(g, TOKEN_END));
}

// ---- all of them ----

void grammar_define_blocks(Grammar *g)
{
    define_clauses(g);
    define(g, RULE_BLOCK,
           NODE(g, "block @1 2", mark(g, TOKEN_BEGIN), rule(g, RULE_EXPRS),
                skip(g, TOKEN_END)));
    define(g, RULE_IF,
           NODE(g, "if @1 2", mark(g, TOKEN_IF),
                list_of(g, if_clause, TOKEN_SEMICOLON), skip(g, TOKEN_END)));
    define(g, RULE_CASE,
           NODE(g, "case @1 2 4", mark(g, TOKEN_CASE), rule(g, RULE_EXPR),
                skip(g, TOKEN_OF), rule(g, RULE_CR_CLAUSES),
                skip(g, TOKEN_END)));
    define(g, RULE_RECEIVE, receive(g));
    define(g, RULE_FUN, fun(g));
    define(g, RULE_TRY, try(g));
    define(g, RULE_MAYBE, maybe(g));
}
