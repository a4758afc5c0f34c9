// SPDX-License-Identifier: Apache-2.0
// Operators: they are read flat, as a chain of operators and operands, and
// folded by precedence.
//
// A comparison (and ".." of types) does not associate. The rules let at most
// one stand between two operators that bind looser, so that the first token
// that may not follow is the one that is reported.
//
//     expression  =  segment { loose segment }
//     segment     =  run [ single run ]
//     run         =  operand { tight operand }
#include <stdlib.h>

#include "grammar_part.h"

typedef struct {
    // Precedences are those of erl_parse.yrl, numbered from 1; prefixes bind
    // tighter than all, "catch" looser.
    uint8_t power; // how tightly it binds; 0: no operator
    bool right;    // a op b op c is a op (b op c)
} Binding;

// Indexed by kind; what is missing is no operator.
static const Binding bindings[TOKEN_COUNT] = {
    // X = Y ! Z is X = (Y ! Z).
    [TOKEN_MATCH] = {1, true},      [TOKEN_BANG] = {1, true},
    // A orelse B orelse C: right.
    [TOKEN_ORELSE] = {2, true},     [TOKEN_ANDALSO] = {3, true},
    [TOKEN_EQ] = {4, false},        [TOKEN_NE] = {4, false},
    [TOKEN_LE] = {4, false},        [TOKEN_LT] = {4, false},
    [TOKEN_GE] = {4, false},        [TOKEN_GT] = {4, false},
    [TOKEN_EXACT_EQ] = {4, false},  [TOKEN_EXACT_NE] = {4, false},
    [TOKEN_DOTDOT] = {4, false},    [TOKEN_APPEND] = {5, true},
    [TOKEN_SUBTRACT] = {5, true},   [TOKEN_PLUS] = {6, false},
    [TOKEN_MINUS] = {6, false},     [TOKEN_BOR] = {6, false},
    // 1 bsl 2 + 3 is (1 bsl 2) + 3.
    [TOKEN_BXOR] = {6, false},      [TOKEN_BSL] = {6, false},
    [TOKEN_BSR] = {6, false},       [TOKEN_OR] = {6, false},
    [TOKEN_XOR] = {6, false},       [TOKEN_TIMES] = {7, false},
    [TOKEN_SLASH] = {7, false},     [TOKEN_DIV] = {7, false},
    [TOKEN_REM] = {7, false},       [TOKEN_BAND] = {7, false},
    [TOKEN_AND] = {7, false},
};

// "==" and its like stand between "andalso" and "++".
enum { POWER_SINGLE = 4, POWER_LIST = 5 };

static unsigned power_of(char kind)
{
    // mpc asks with all 256 characters.
    return bindings[(unsigned char)kind % TOKEN_COUNT].power;
}

static int is_loose(char kind)
{
    // Looser than comparisons: a segment ends before them.
    return power_of(kind) > 0 && power_of(kind) < POWER_SINGLE;
}

static int is_comparison(char kind)
{
    // ".." belongs to types alone.
    return power_of(kind) == POWER_SINGLE && kind != TOKEN_DOTDOT;
}

// Tighter than comparisons: these may follow each other freely.
static int is_tight(char kind)
{
    return power_of(kind) > POWER_SINGLE;
}

// What goes on with an expression behind its first token.
// What makes the first token of an expression only a part of it: X + .., f(..),
// m:f(..), X#r.f.
static int goes_on(char kind)
{
    return power_of(kind) > 0 || kind == TOKEN_LPAREN || kind == TOKEN_COLON
           || kind == TOKEN_HASH;
}

static int goes_on_in_patterns(char kind)
{
    return power_of(kind) > 0;
}

static int is_match(char kind)
{
    // In patterns "=" is the only loose operator: {ok, X} = Y.
    return kind == TOKEN_MATCH;
}

static int is_tight_in_types(char kind)
{
    // Types know no "++".
    return power_of(kind) > POWER_LIST;
}

static int is_range(char kind)
{
    return kind == TOKEN_DOTDOT;
}

static int is_type_operator(char kind)
{
    return is_tight_in_types(kind) || is_range(kind);
}

// ---- folding ----

// [left] with the operator of [right] between. The left operand's item becomes
// the whole's.
// The place of an operation is its operator's, but "=" has that of its left
// side; so has a range.
static void combine(Grammar *g, Item *left, const Item *right)
{
    Term anno = anno_at(g, right->token);
    Term symbol = token_at(g, right->token)->value;
    Term a = left->value, b = right->value;
    Heap *h = g->heap;
    switch (token_at(g, right->token)->kind) {
    case TOKEN_MATCH:
        anno = grammar_first_anno(g, left->start, a);
        left->value = heap_tuple(h, 4, (Term[]){ATOM_match, anno, a, b});
        return;
    case TOKEN_DOTDOT:
        // 1..10 in types: {type, Anno, range, [From, To]}.
        anno = term_tuple_get(a, 1);
        b = heap_list(h, 2, (Term[]){a, b}, TERM_NIL);
        left->value = heap_tuple(h, 4,
                                 (Term[]){ATOM_type, anno, ATOM_range, b});
        return;
    default:
        left->value = heap_tuple(h, 5, (Term[]){ATOM_op, anno, symbol, a, b});
    }
}

// Whether [stacked], the operator before [next], is to be folded first.
// Equal power: 1 - 2 - 3 folds the left first, A = B = C the right.
static bool goes_first(Grammar *g, const Item *stacked, const Item *next)
{
    Binding a = bindings[token_at(g, stacked->token)->kind];
    Binding b = bindings[token_at(g, next->token)->kind];
    return a.power > b.power || (a.power == b.power && !a.right);
}

// Folds a chain of operators and operands behind [first]; each item waits on a
// stack, linked through next, until what follows binds no tighter.
// Each item holds an operand and the operator before it. Every item is pushed
// and taken off once, so long sums take linear time and no C stack.
static Term fold_chain(Grammar *g, Item *first, Item *chain)
{
    Item *stack = first; // the bottom has no operator
    first->next = NULL;
    // Both empty: one item is left and holds it all.
    while (chain != NULL || stack->next != NULL) {
        while (stack->next != NULL
               && (chain == NULL || goes_first(g, stack, chain))) {
            combine(g, stack->next, stack);
            stack = stack->next;
        }
        // The stack is down to the whole.
        if (chain == NULL) break;
        // The links are used twice: for the chain, then for the stack.
        Item *rest = chain->next;
        chain->next = stack;
        stack = chain;
        chain = rest;
    }
    return stack->value;
}

// The values: where the first operand begins, it, the chain of operations.
static mpc_val_t *fold_expression(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    // No operator: the operand is the expression.
    if (xs[3] == NULL) return xs[2];
    Item *first = grammar_item(g, value_term(xs[2]));
    first->start = value_token(xs[1]);
    return term_value(fold_chain(g, first, xs[3]));
}

// The values are chains.
// Value 0 is the grammar; from the back, so that each is walked once.
static mpc_val_t *fold_operations(int n, mpc_val_t **xs)
{
    Item *chain = NULL;
    for (int i = n; i-- > 1;) chain = items_append(xs[i], chain);
    return chain;
}

// ---- rules ----

// The values: operator, where its operand begins, the operand, and what
// follows in the segment.
static mpc_val_t *fold_operation(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Item *item = grammar_item(g, value_term(xs[3]));
    // The operand waits in the item until its operators are compared.
    item->token = value_token(xs[1]);
    item->start = value_token(xs[2]);
    for (int i = n; i-- > 4;) item->next = items_append(xs[i], item->next);
    return item;
}

// What the operators of one kind of expression are.
typedef struct {
    RuleName operand;         // what stands between them
    int (*tight)(char kind);  // bind tighter than comparisons
    int (*single)(char kind); // at most one in a segment
    int (*loose)(char kind);  // NULL: none
} Operators;

// "+ Operand"
static mpc_parser_t *tight(Grammar *g, const Operators *o)
{
    return SEQ(g, fold_operation, mark_any(o->tight), rule(g, RULE_HERE),
               rule(g, o->operand));
}

// "== Operand", and then only tight ones: 1 < 2 < 3 is a syntax error at the
// second "<".
static mpc_parser_t *single(Grammar *g, const Operators *o)
{
    return SEQ(g, fold_operation, mark_any(o->single), rule(g, RULE_HERE),
               rule(g, o->operand), many_items(tight(g, o)));
}

// "= Operand", and all that one segment may hold.
static mpc_parser_t *loose(Grammar *g, const Operators *o)
{
    return SEQ(g, fold_operation, mark_any(o->loose), rule(g, RULE_HERE),
               rule(g, o->operand), many_items(tight(g, o)),
               mpc_maybe(single(g, o)));
}

static mpc_parser_t *loose_chain(Grammar *g, const Operators *o)
{
    return o->loose == NULL ? mpc_pass() : many_items(loose(g, o));
}

// What stands behind the first operand, which is nothing as a rule: so it is
// one choice, made by one look at the next token.
static mpc_parser_t *operations(Grammar *g, const Operators *o)
{
    mpc_parser_t *tight_first = SEQ(g, fold_operations,
                                    some_items(tight(g, o)),
                                    mpc_maybe(single(g, o)),
                                    loose_chain(g, o));
    mpc_parser_t *single_first = SEQ(g, fold_operations, single(g, o),
                                     loose_chain(g, o));
    if (o->loose == NULL) return CHOICE(tight_first, single_first);
    return CHOICE(tight_first, single_first, some_items(loose(g, o)));
}

static mpc_parser_t *expression(Grammar *g, const Operators *o)
{
    return SEQ(g, fold_expression, rule(g, RULE_HERE), rule(g, o->operand),
               mpc_maybe(operations(g, o)));
}

// Its own item, so that "- - X" is a chain.
static mpc_val_t *fold_prefix(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], TERM_NIL);
    (void)n;
    item->token = value_token(xs[1]);
    return item;
}

// The values: the first prefix, the others, the operand.
static mpc_val_t *fold_unary(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Item *turned = NULL, *prefixes = items_append(xs[1], xs[2]);
    Term form = value_term(xs[3]);
    (void)n;
    // Turned round: "not -X" is {op, not, {op, '-', X}}.
    while (prefixes != NULL) { // the last one is applied first
        Item *next = prefixes->next;
        prefixes->next = turned;
        turned = prefixes;
        prefixes = next;
    }
    for (; turned != NULL; turned = turned->next)
        form = heap_tuple(g->heap, 4,
                          (Term[]){ATOM_op, anno_at(g, turned->token),
                                   token_at(g, turned->token)->value, form});
    return term_value(form);
}

// Prefixes before [operand]. They bind tighter than all others.
// -X * Y is (-X) * Y; -1 stays an operation, for the scanner reads no sign.
static mpc_parser_t *prefixed(Grammar *g, mpc_parser_t *operand)
{
    mpc_parser_t *one = SEQ(g, fold_prefix, mark_any(is_prefix_operator));
    mpc_parser_t *more = SEQ(g, fold_prefix, mark_any(is_prefix_operator));
    return SEQ(g, fold_unary, one, many_items(more), operand);
}

// "catch" takes all that follows it, wherever it stands.
// "X = catch f() + 1" catches all of the sum. OTP's grammar has it as an
// operand, too, so "1 + catch X" is allowed.
static mpc_parser_t *catch(Grammar *g)
{
    return NODE(g, "catch @1 2", mark(g, TOKEN_CATCH), rule(g, RULE_EXPR));
}

void grammar_define_operators(Grammar *g)
{
    // These tables are all that differs between the three kinds.
    static const Operators of_expressions = {RULE_UNARY, is_tight,
                                             is_comparison, is_loose};
    static const Operators of_patterns = {RULE_PAT_UNARY, is_tight,
                                          is_comparison, is_match};
    static const Operators of_types = {RULE_TYPE_UNARY, is_tight_in_types,
                                       is_range, NULL};
    // Most expressions are one token, and known as such by the next.
    define(g, RULE_EXPR,
           CHOICE(lone_leaf(g, is_leaf, goes_on),
                  expression(g, &of_expressions)));
    // "catch" may stand behind a prefix as well: - catch X.
    define(g, RULE_UNARY,
           CHOICE(rule(g, RULE_PRIMARY), catch(g),
                  prefixed(g, CHOICE(rule(g, RULE_PRIMARY), catch(g)))));
    define(g, RULE_PAT,
           CHOICE(lone_leaf(g, is_leaf, goes_on_in_patterns),
                  expression(g, &of_patterns)));
    define(g, RULE_PAT_UNARY,
           CHOICE(rule(g, RULE_PAT_PRIMARY),
                  prefixed(g, rule(g, RULE_PAT_PRIMARY))));
    // An operator without its operand is given up again, but nothing may be
    // built of what stands before it then.
    define(g, RULE_TYPE,
           PICK(1, expression(g, &of_types),
                mpc_not(mpc_satisfy(is_type_operator), free)));
    define(g, RULE_TYPE_UNARY,
           CHOICE(rule(g, RULE_TYPE_MAX), prefixed(g, rule(g, RULE_TYPE_MAX))));
}
