// SPDX-License-Identifier: Apache-2.0
// Rules for forms: functions, attributes, and what a prompt reads.
#include "grammar_part.h"

// ---- functions ----

// The values: name, patterns, guard, body.
// "f(X) when X > 0 -> ok": an item, since heads are compared later.
static mpc_val_t *fold_clause(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t name = value_token(xs[1]);
    (void)n;
    Term clause = heap_tuple(g->heap, 5,
                             (Term[]){ATOM_clause, anno_at(g, name),
                                      value_term(xs[2]), value_term(xs[3]),
                                      value_term(xs[4])});
    Item *item = grammar_item(g, clause);
    item->token = name;
    return item;
}

// The values: the first clause, the others, the dot.
// {function, Anno, Name, Arity, Clauses}.
static mpc_val_t *fold_function(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Item *first = items_append(xs[1], xs[2]);
    const Token *name = token_at(g, first->token);
    intptr_t arity = term_list_length(term_tuple_get(first->value, 2));
    (void)n;
    // yecc runs this action when it sees the dot, so the dot is the token
    // behind the clauses.
    Term clauses = grammar_clauses(g, first, value_token(xs[3]));
    return term_value(heap_tuple(g->heap, 5,
                                 (Term[]){ATOM_function,
                                          anno_at(g, first->token), name->value,
                                          term_small(arity), clauses}));
}

static mpc_parser_t *more_clauses(Grammar *g)
{
    return many_items(PICK(2, skip(g, TOKEN_SEMICOLON),
                           rule(g, RULE_FUNCTION_CLAUSE)));
}

// ---- attributes ----

// An expression, with "::" and a type or without; the values: it, the type.
// {typed, Expr, Type}: a record's field in -record(r, {a = 1 :: integer()}).
static mpc_val_t *fold_typed(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    if (xs[2] == NULL) return xs[1];
    return term_value(heap_tuple3(g->heap, ATOM_typed, value_term(xs[1]),
                                  value_term(xs[2])));
}

static mpc_parser_t *typed_expression(Grammar *g)
{
    return SEQ(g, fold_typed, rule(g, RULE_EXPR),
               mpc_maybe(PICK(2, skip(g, TOKEN_COLONCOLON),
                              rule(g, RULE_TOP_TYPE))));
}

// The values: '{', the fields.
// Both ways to see them: the fields, and the tuple that other attributes take
// for an ordinary value.
static mpc_val_t *fold_typed_fields(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Item *item = grammar_item(g, value_term(xs[3]));
    (void)n;
    item->kind = ATTRIBUTE_RECORD;
    item->second = heap_tuple3(g->heap, ATOM_tuple,
                               anno_at(g, value_token(xs[2])),
                               value_term(xs[3]));
    return item;
}

// Fields without a type are an ordinary tuple, and may be part of more.
// Such a value then is read a second time, as EXPRS.
static int has_typed_field(mpc_val_t **x)
{
    const Item *item = *x;
    for (Term f = item->value; term_is_cons(f); f = term_tail(f))
        if (term_same(term_tuple_get(term_head(f), 0), ATOM_typed)) return 1;
    return 0;
}

// -type t() :: integer(): the expression is the head, the second the type.
static mpc_val_t *fold_attribute_type(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], TERM_NIL);
    (void)n;
    item->kind = ATTRIBUTE_TYPE;
    item->second = value_term(xs[2]);
    return item;
}

// -foo(a, b): all values, the first of them is added by fold_value.
static mpc_val_t *fold_more_values(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[1]));
    (void)n;
    item->kind = ATTRIBUTE_VALUES;
    return item;
}

// What stands behind the first expression of an attribute.
// "-record(r, {a :: integer()})", "-type t() :: atom()" or plain values.
static mpc_parser_t *attribute_rest(Grammar *g)
{
    mpc_parser_t *fields = SEQ(g, fold_typed_fields, skip(g, TOKEN_COMMA),
                               mark(g, TOKEN_LBRACE),
                               list_of(g, typed_expression, TOKEN_COMMA),
                               skip(g, TOKEN_RBRACE));
    mpc_parser_t *more = PICK(2, skip(g, TOKEN_COMMA), rule(g, RULE_EXPRS));
    // A check that fails does not go back by itself; a sequence does.
    mpc_parser_t *typed = PICK(1, mpc_check(fields, mpcf_dtor_null,
                                            has_typed_field,
                                            "type expected"));
    return CHOICE(typed,
                  SEQ(g, fold_attribute_type, skip(g, TOKEN_COLONCOLON),
                      rule(g, RULE_TOP_TYPE)),
                  SEQ(g, fold_more_values, or_nil(more)));
}

// The values: an expression, what stands behind it.
// Whether these values are right for the attribute is decided later, when all
// of it is read: see attribute.c.
static mpc_val_t *fold_value(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Item *rest = xs[2];
    (void)n;
    if (rest->kind == ATTRIBUTE_VALUES)
        rest->value = heap_cons(g->heap, value_term(xs[1]), rest->value);
    else
        rest->value = value_term(xs[1]);
    return rest;
}

static mpc_parser_t *attribute_value(Grammar *g)
{
    return SEQ(g, fold_value, rule(g, RULE_EXPR),
               rule(g, RULE_ATTRIBUTE_REST));
}

// The values: '-', the name, the value, the dot.
static mpc_val_t *fold_attribute(int n, mpc_val_t **xs)
{
    (void)n;
    return term_value(grammar_attribute(xs[0], value_token(xs[2]), xs[3],
                                        value_token(xs[4])));
}

// See mark_spec: these kinds stand only behind the '-' of a form.
static int is_spec(char kind)
{
    return kind == TOKEN_SPEC || kind == TOKEN_CALLBACK;
}

static mpc_val_t *fold_spec(int n, mpc_val_t **xs)
{
    (void)n;
    return term_value(grammar_spec(xs[0], value_token(xs[2]), xs[3]));
}

// ---- what a prompt reads ----

// As in OTP, expressions are read as the body of a function f().
// Thus "1; f() -> 2." is a head mismatch and no syntax error.
static mpc_val_t *fold_exprs(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    const Item *clause = xs[2];
    (void)n;
    if (clause != NULL)
        grammar_fail_text(g, value_token(xs[3]), anno_at(g, clause->token),
                          "head mismatch");
    return xs[1];
}

// ---- all of them ----

// What a file and a prompt hold, each up to its dot.
void grammar_define_forms(Grammar *g)
{
    define(g, RULE_FUNCTION_CLAUSE,
           SEQ(g, fold_clause, mark(g, TOKEN_ATOM), rule(g, RULE_PAT_ARGS),
               rule(g, RULE_GUARD), rule(g, RULE_BODY)));
    define(g, RULE_ATTRIBUTE_REST, attribute_rest(g));
    mpc_parser_t *function = SEQ(g, fold_function,
                                 rule(g, RULE_FUNCTION_CLAUSE),
                                 more_clauses(g), mark(g, TOKEN_DOT));
    mpc_parser_t *in_parentheses = PICK(2, skip(g, TOKEN_LPAREN),
                                        attribute_value(g),
                                        skip(g, TOKEN_RPAREN));
    // The parentheses may also be the beginning of a larger expression.
    // -foo(a). and -foo(a) + 1 ... both begin with '(': the longer is tried
    // when the shorter does not end in a dot.
    define(g, RULE_FORM,
           CHOICE(function,
                  SEQ(g, fold_spec, skip(g, TOKEN_MINUS), mark_any(is_spec),
                      rule(g, RULE_TYPE_SPEC), skip(g, TOKEN_DOT)),
                  SEQ(g, fold_attribute, skip(g, TOKEN_MINUS),
                      mark(g, TOKEN_ATOM), in_parentheses, mark(g, TOKEN_DOT)),
                  SEQ(g, fold_attribute, skip(g, TOKEN_MINUS),
                      mark(g, TOKEN_ATOM), attribute_value(g),
                      mark(g, TOKEN_DOT))));
    define(g, RULE_EXPRS_FORM,
           SEQ(g, fold_exprs, rule(g, RULE_EXPRS), more_clauses(g),
               mark(g, TOKEN_DOT)));
}
