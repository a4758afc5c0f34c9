// SPDX-License-Identifier: Apache-2.0
// Rules for binaries: elements with sizes and types, binary comprehensions.
#include "grammar_part.h"

// What stands behind the first expression between "<<" and ">>".
enum { BINARY_ELEMENTS, BINARY_COMPREHENSION };

// These alone; "+" and "-" may also stand between operands.
int is_prefix_operator(char kind)
{
    return kind == TOKEN_PLUS || kind == TOKEN_MINUS || kind == TOKEN_BNOT
           || kind == TOKEN_NOT;
}

// One operator and its operand.
// A size or value may have one prefix without parentheses: <<-1:8>>.
static mpc_val_t *fold_prefixed(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t at = value_token(xs[1]);
    (void)n;
    return term_value(heap_tuple(g->heap, 4,
                                 (Term[]){ATOM_op, anno_at(g, at),
                                          token_at(g, at)->value,
                                          value_term(xs[2])}));
}

// <<X + 1>> is a syntax error: no other operators without parentheses, since
// "/" and "-" have another meaning here.
static mpc_parser_t *bit_expression(Grammar *g)
{
    return CHOICE(rule(g, RULE_EXPR_MAX),
                  SEQ(g, fold_prefixed, mark_any(is_prefix_operator),
                      rule(g, RULE_EXPR_MAX)));
}

// The values: the name, the unit's integer or none.
// integer, or {unit, 8} for "unit:8".
static mpc_val_t *fold_bit_type(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term name = token_at(g, value_token(xs[1]))->value;
    (void)n;
    // Whether the name is one of those allowed is for the linter to say.
    if (xs[2] == NULL) return term_value(name);
    Term unit = token_at(g, value_token(xs[2]))->value;
    return term_value(heap_tuple2(g->heap, name, unit));
}

static mpc_parser_t *bit_type(Grammar *g)
{
    mpc_parser_t *unit = PICK(2, skip(g, TOKEN_COLON), mark(g, TOKEN_INTEGER));
    return SEQ(g, fold_bit_type, mark(g, TOKEN_ATOM), mpc_maybe(unit));
}

// [xs]: size and types, each "default" when left out.
static Term build_element(Grammar *g, uint32_t start, Term form, mpc_val_t **xs)
{
    return heap_tuple(g->heap, 5,
                      (Term[]){ATOM_bin_element,
                               grammar_first_anno(g, start, form), form,
                               value_term(xs[0]), value_term(xs[1])});
}

static mpc_val_t *fold_element(int n, mpc_val_t **xs)
{
    (void)n;
    return term_value(build_element(xs[0], value_token(xs[1]),
                                    value_term(xs[2]), xs + 3));
}

// X:Size/Type-Type
static mpc_parser_t *element(Grammar *g)
{
    return SEQ(g, fold_element, rule(g, RULE_HERE), bit_expression(g),
               rule(g, RULE_BIN_SIZE), rule(g, RULE_BIN_TYPES));
}

// What follows the first expression: the values are its size and types, more
// elements, and the closing token.
// Which of elements and comprehension it is shows only behind the first
// expression: <<X, ...>> or <<X || ...>>. So both begin the same.
static mpc_val_t *fold_elements(int n, mpc_val_t **xs)
{
    Item *rest = grammar_item(xs[0], value_term(xs[3]));
    // A second item carries what belongs to the first element.
    Item *size = grammar_item(xs[0], value_term(xs[1]));
    (void)n;
    size->second = value_term(xs[2]);
    rest->kind = BINARY_ELEMENTS;
    rest->next = size;
    return rest;
}

// The values: "||", the qualifiers.
// The token is that of "||", where a wrong prefix is reported.
static mpc_val_t *fold_comprehension(int n, mpc_val_t **xs)
{
    Item *rest = grammar_item(xs[0], value_term(xs[2]));
    (void)n;
    rest->kind = BINARY_COMPREHENSION;
    rest->token = value_token(xs[1]);
    return rest;
}

// The values: "<<", where the expression begins, it, what follows.
// Two forms: {bin, A, Elements} and {bc, A, Expr, Qualifiers}.
static mpc_val_t *fold_binary(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t open = value_token(xs[1]), start = value_token(xs[2]);
    Term form = value_term(xs[3]), anno = anno_at(g, open);
    const Item *rest = xs[4];
    (void)n;
    if (rest->kind == BINARY_COMPREHENSION) {
        // What it collects has no operator before it.
        // OTP: "<< -X || ... >>" is a syntax error before "||".
        if (is_prefix_operator((char)token_at(g, start)->kind))
            grammar_fail_syntax(g, rest->token);
        return term_value(heap_tuple(g->heap, 4,
                                     (Term[]){ATOM_bc, anno, form,
                                              rest->value}));
    }
    mpc_val_t *details[] = {term_value(rest->next->value),
                            term_value(rest->next->second)};
    Term first = build_element(g, start, form, details);
    return term_value(heap_tuple3(g->heap, ATOM_bin, anno,
                                  heap_cons(g->heap, first, rest->value)));
}

static mpc_parser_t *elements_rest(Grammar *g)
{
    mpc_parser_t *more = PICK(2, skip(g, TOKEN_COMMA),
                              list_of_rule(g, RULE_BIN_ELEMENT, TOKEN_COMMA));
    return SEQ(g, fold_elements, rule(g, RULE_BIN_SIZE),
               rule(g, RULE_BIN_TYPES), or_nil(more), skip(g, TOKEN_RBINARY));
}

static mpc_parser_t *binary_with(Grammar *g, mpc_parser_t *rest)
{
    mpc_parser_t *empty = NODE(g, "bin @1 []", mark(g, TOKEN_LBINARY),
                               skip(g, TOKEN_RBINARY));
    return CHOICE(empty, SEQ(g, fold_binary, mark(g, TOKEN_LBINARY),
                             rule(g, RULE_HERE), bit_expression(g), rest));
}

void grammar_define_binaries(Grammar *g)
{
    define(g, RULE_BIN_SIZE,
           or_default(PICK(2, skip(g, TOKEN_COLON), rule(g, RULE_EXPR_MAX))));
    define(g, RULE_BIN_TYPES,
           or_default(PICK(2, skip(g, TOKEN_SLASH),
                           list_of(g, bit_type, TOKEN_MINUS))));
    define(g, RULE_BIN_ELEMENT, element(g));
    mpc_parser_t *comprehension = SEQ(g, fold_comprehension,
                                      mark(g, TOKEN_BARBAR),
                                      rule(g, RULE_QUALIFIERS),
                                      skip(g, TOKEN_RBINARY));
    define(g, RULE_BINARY,
           binary_with(g, CHOICE(elements_rest(g), comprehension)));
    // In patterns no comprehension can follow, so the plain rule gives the
    // right error token.
    define(g, RULE_BINARY_PLAIN, binary_with(g, elements_rest(g)));
}
