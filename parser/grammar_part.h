// SPDX-License-Identifier: Apache-2.0
// What the files of the grammar share: the context that actions build in, and
// the words that rules are written with.
//
// The values that travel through mpc are words: a Term (by its bits), a token
// (its index as a small integer), or an Item. Nothing is ever freed one by one:
// terms lie on the heap of the caller, items on the grammar's own pages, which
// are used again by the next parse. A fold of mpc gets no argument of its own,
// so the first of its values is always the Grammar (or a Template, which leads
// to it), put there by a parser that consumes nothing.
#ifndef MERLE_GRAMMAR_PART_H
#define MERLE_GRAMMAR_PART_H

#include <mpc.h>

#include "grammar.h"

// What a rule has found that is no form yet: operands with their operators,
// calls behind a function, clauses before their heads are compared.
// Which fields mean something, and what, is told at the fold that fills them.
typedef struct Item Item;
struct Item {
    Item *next;     // of the chain: operands, clauses, ...
    uint32_t token; // that gives it its place: operator, name, bracket
    uint32_t start; // first token of the value
    uint32_t kind;  // by the rule that makes it
    Term value;     // what was read; a form, as a rule
    Term second;    // TERM_NONE without
};

typedef struct ItemPage ItemPage; // 256 items at a time, see grammar.c
typedef struct Template Template; // how a tuple is put together, see node

// The rules that have a name because they are used before they are defined or
// in more than one place.
// All other rules are C functions that make a parser of their own at each place
// they are used.
#define RULES(X)                                                               \
    X(FORM) X(EXPRS_FORM) X(EXPR) X(EXPRS) X(UNARY) X(PRIMARY) X(EXPR_MAX)     \
    X(LEAF) X(STRINGS) X(LIST) X(LIST_PLAIN) X(BINARY) X(BINARY_PLAIN)         \
    X(TUPLE) X(PAREN) X(BLOCK) X(IF) X(CASE) X(RECEIVE) X(FUN) X(TRY)          \
    X(MAYBE) X(HASH) X(ARGS) X(QUALIFIERS) X(GENERATOR_TAIL) X(MAP_FIELDS)     \
    X(RECORD_FIELDS) X(MAP_UPDATE) X(RECORD_UPDATE) X(BIN_ELEMENT)             \
    X(BIN_SIZE) X(BIN_TYPES) X(CR_CLAUSES) X(GUARD) X(BODY) X(PAT)             \
    X(PAT_UNARY) X(PAT_PRIMARY) X(PAT_ARGS) X(HERE) X(TYPE) X(TOP_TYPE)        \
    X(TOP_TYPES) X(TYPE_UNARY) X(TYPE_MAX) X(FUN_TYPE) X(TYPE_SPEC)            \
    X(FUNCTION_CLAUSE) X(ATTRIBUTE_REST)

typedef enum {
#define RULE_ENUM(name) RULE_##name,
    RULES(RULE_ENUM)
#undef RULE_ENUM
    RULE_COUNT
} RuleName;

// Of node(); more is an assertion in read_template.
enum { TEMPLATES_MOST = 96 };

struct Grammar {
    Node *node;                          // whose atoms and printer it uses
    AtomTable *atoms;                    // of that node
    mpc_parser_t *rules[RULE_COUNT];     // by name; made before any is defined
    mpc_parser_t *marks[TOKEN_COUNT];    // a token: its index
    mpc_parser_t *skips[TOKEN_COUNT];    // a token: nothing
    Template *templates[TEMPLATES_MOST]; // owned; freed with the grammar
    size_t template_count;

    // Of the parse that is going on.
    Heap *heap; // the caller's: where all terms are built
    Token *tokens; // the caller's; places become annotations
    size_t count; // of tokens, the dot included
    bool ordered;      // no token's place lies before that of one before it
    uint32_t run_start, run_end; // parentheses passed over last
    char *kinds;       // what mpc reads
    size_t kinds_room;
    ItemPage *pages;   // newest first
    ItemPage *spare;   // for the next parse
    unsigned spare_count; // pages in it: to walk them would miss the cache
    bool failed;       // an action found an error
    size_t failed_at;  // token that followed what the action looked at
    // The place and reason of the failure that counts; see grammar_fail.
    Term failed_location, failed_descriptor;
};

// ---- values ----
// From one kind of value to another. None of these can fail: a rule knows what
// its parts answer.

static inline Term value_term(const mpc_val_t *x)
{
    return (Term){(uintptr_t)x};
}

static inline mpc_val_t *term_value(Term t)
{
    return (mpc_val_t *)t.bits;
}

// A small integer has tag bits, so no token's value is NULL, which is what an
// optional part answers when it is absent.
static inline uint32_t value_token(const mpc_val_t *x)
{
    return (uint32_t)term_small_value(value_term(x));
}

static inline mpc_val_t *token_value(size_t index)
{
    return term_value(term_small((intptr_t)index));
}

static inline Token *token_at(const Grammar *g, size_t index)
{
    return &g->tokens[index];
}

// Annotation of token [index].
static inline Term anno_at(Grammar *g, size_t index)
{
    return token_anno(g->heap, &g->tokens[index]);
}

// The annotation of what stands leftmost in [form], whose first token is
// [start].
// Of "f(X) + 1" it is f's, though the form's own is that of '+'.
Term grammar_first_anno(Grammar *g, uint32_t start, Term form);

// The last annotation in [form].
// OTP gives the '_' that stands for a stack trace this place.
Term grammar_last_anno(Grammar *g, Term form);

// A new item; all zero but its value.
Item *grammar_item(Grammar *g, Term value);

// A form: the tuple {tag, anno, ...} of [n] elements.
Term grammar_form(Grammar *g, size_t n, const Term *elements);

// Notes that an action failed at [anno] with [descriptor]; [next] is the token
// behind what it looked at. The first failure counts.
// Later parts of the form cannot hide it: OTP's actions run in order, and the
// first that fails ends the parse.
void grammar_fail(Grammar *g, size_t next, Term anno, Term descriptor);
void grammar_fail_text(Grammar *g, size_t next, Term anno, const char *text);

// Notes that token [index] may not stand where it does.
// For what yecc's tables refuse and these rules accept.
void grammar_fail_syntax(Grammar *g, size_t index);

// ["syntax error before: ", Text] for token [index]; past the end: for no text.
Term grammar_syntax_descriptor(Grammar *g, size_t index);

// The location that [anno] holds.
// Line or {Line, Column} out of a list of properties too.
Term grammar_location(Term anno);

// Location of what stands leftmost in a form of unknown beginning.
Term grammar_leftmost(Grammar *g, Term form);

// ---- words that rules are written with ----
// These are few and read like the grammar itself, for example block: NODE(g,
// "block @1 2", mark(BEGIN), rule(EXPRS), skip(END)).

// A name may stand in rules before it is defined.
mpc_parser_t *rule(Grammar *g, RuleName name);
void define(Grammar *g, RuleName name, mpc_parser_t *p);

mpc_parser_t *mark(Grammar *g, TokenKind kind); // the token: its index
mpc_parser_t *skip(Grammar *g, TokenKind kind); // the token: nothing
// A token of the kinds that [f] is true of: its index.
mpc_parser_t *mark_any(int (*f)(char));
// A token of these kinds as {Category, Anno, Value}.
// {atom, 1, foo}, {integer, 1, 42}: the form is its token.
mpc_parser_t *leaf(Grammar *g, int (*f)(char));
// The same if no token that [more] is true of follows.
// Decides on one token and the next what otherwise takes the way through all
// levels of operators.
mpc_parser_t *lone_leaf(Grammar *g, int (*f)(char), int (*more)(char));

// [parts], ended by NULL, one after the other, folded by [fold]; its first
// value is the grammar.
// At most 8 of them: and_parts counts no further.
mpc_parser_t *sequence(Grammar *g, mpc_fold_t fold, mpc_parser_t *const *parts);
#define SEQ(g, fold, ...) \
    sequence(g, fold, (mpc_parser_t *[]){__VA_ARGS__, NULL})

// [parts] one after the other: the value of part [n], counted from 1.
mpc_parser_t *pick(int n, mpc_parser_t *const *parts);
#define PICK(n, ...) pick(n, (mpc_parser_t *[]){__VA_ARGS__, NULL})

// [parts] one after the other, built into a form as [text] says: the tag and
// then for each element, where N is the number of a part,
//     N  its value          @N  anno of the token        =N  the token's value
//     []  nil               [N] a list of its value      ^NM first anno of M,
//                                                        which begins at HERE N
// For example "case @1 2 4" over CASE EXPR OF CLAUSES END makes {case, Anno,
// Expr, Clauses}.
mpc_parser_t *node(Grammar *g, const char *text, mpc_parser_t *const *parts);
#define NODE(g, text, ...) \
    node(g, text, (mpc_parser_t *[]){__VA_ARGS__, NULL})

// The first of [parts] that matches.
// One look at the next token leaves the few that can begin with it; what they
// have in common is read again for each that is tried.
mpc_parser_t *choice(mpc_parser_t *const *parts);
#define CHOICE(...) choice((mpc_parser_t *[]){__VA_ARGS__, NULL})

// [p] or nil; [p] or the atom default.
mpc_parser_t *or_nil(mpc_parser_t *p);
mpc_parser_t *or_default(mpc_parser_t *p);

// One [p] or more with [separator] between: a list of their values.
// Lists are made front to back, cell by cell, with the tail filled in by the
// fold: no reversal.
mpc_parser_t *list_of(Grammar *g, mpc_parser_t *(*p)(Grammar *),
                      TokenKind separator);
mpc_parser_t *list_of_rule(Grammar *g, RuleName name, TokenKind separator);

// [p], whose value is an item, any number of times or at least once: the chain
// of them.
// NULL when there are none.
mpc_parser_t *many_items(mpc_parser_t *p);
mpc_parser_t *some_items(mpc_parser_t *p);

// Appends [more] to the chain [items]; answers the chain.
Item *items_append(Item *items, Item *more);

// ---- what the files define ----

void grammar_define_expressions(Grammar *g); // grammar_expression.c
void grammar_define_blocks(Grammar *g);      // grammar_block.c
void grammar_define_binaries(Grammar *g);    // grammar_binary.c
void grammar_define_operators(Grammar *g);   // grammar_operator.c
void grammar_define_types(Grammar *g);       // grammar_type.c
void grammar_define_forms(Grammar *g);       // grammar_form.c

// A token that is a prefix operator; one that is an expression by itself.
int is_prefix_operator(char kind);
int is_leaf(char kind);

// Clauses (items) made into forms; heads of another name or arity than the
// first are an error.
// "f(0) -> a; g(1) -> b." is a "head mismatch"; [next] is the token behind the
// last clause.
Term grammar_clauses(Grammar *g, Item *clauses, size_t next);

// The attribute named by token [name], [value] being an item as the rules of
// attributes make it; [next] is the dot. TERM_NIL when it is in error.
Term grammar_attribute(Grammar *g, uint32_t name, const Item *value,
                       size_t next);

// What is behind the attribute's name.
// The kinds of the item: -export([f/1]). / -record(r, {a :: integer()}). /
// -type t() :: atom().
enum { ATTRIBUTE_VALUES, ATTRIBUTE_RECORD, ATTRIBUTE_TYPE };

// The attribute of a specification.
Term grammar_spec(Grammar *g, uint32_t name, const Item *spec);

#endif
