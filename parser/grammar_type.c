// SPDX-License-Identifier: Apache-2.0
// Rules for types and specifications.
// Precedence as in erl_parse: a union binds loosest, then "Var ::", then the
// operators of grammar_operator.c; whether a name is defined is lint's
// question.
#include <stdlib.h>

#include "grammar_part.h"
#include "predefined_type.h"

// Types that stand for themselves: a variable, 42, $a. An atom may have
// arguments and is read by named().
static int is_constant(char kind)
{
    return kind == TOKEN_VAR || kind == TOKEN_INTEGER || kind == TOKEN_CHAR;
}

// {Tag, Anno, A, B}: the shape of nearly all that stands in types.
static Term form4(Grammar *g, Term tag, Term anno, Term a, Term b)
{
    return heap_tuple(g->heap, 4, (Term[]){tag, anno, a, b});
}

static Term type_form(Grammar *g, Term anno, Term name, Term arguments)
{
    return form4(g, ATOM_type, anno, name, arguments);
}

static Term list2(Grammar *g, Term a, Term b)
{
    return heap_list(g->heap, 2, (Term[]){a, b}, TERM_NIL);
}

// ---- unions and annotations ----

// The values: the first, the rest of the union or none.
// Right recursion: a | (b | c), flattened to one list on the way back.
static mpc_val_t *fold_union(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term first = value_term(xs[1]), rest = value_term(xs[2]);
    (void)n;
    if (term_is_none(rest)) return xs[1];
    // The type of a fun begins at its parenthesis, not at "fun".
    // So the place cannot be taken from the tokens as elsewhere.
    Term anno = grammar_leftmost(g, first);
    bool is_union = term_is_tuple_of(rest, 4)
                    && term_same(term_tuple_get(rest, 0), ATOM_type)
                    && term_same(term_tuple_get(rest, 2), ATOM_union);
    // A union in parentheses on the right is flattened too, as in OTP.
    Term all = is_union ? heap_cons(g->heap, first, term_tuple_get(rest, 3))
                        : list2(g, first, rest);
    return term_value(type_form(g, anno, ATOM_union, all));
}

// The values: a variable, the type it names.
// "N :: integer()" inside a type: {ann_type, Anno, [Var, Type]}.
static mpc_val_t *fold_annotated(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term var = value_term(xs[1]);
    (void)n;
    return term_value(heap_tuple3(g->heap, ATOM_ann_type,
                                  term_tuple_get(var, 1),
                                  list2(g, var, value_term(xs[3]))));
}

static int is_variable(char kind)
{
    return kind == TOKEN_VAR;
}

static void define_unions(Grammar *g)
{
    mpc_parser_t *annotated = SEQ(g, fold_annotated, leaf(g, is_variable),
                                  skip(g, TOKEN_COLONCOLON),
                                  rule(g, RULE_TOP_TYPE));
    // Everything behind the bar, further bars included, is one top type.
    mpc_parser_t *more = PICK(2, skip(g, TOKEN_BAR), rule(g, RULE_TOP_TYPE));
    define(g, RULE_TOP_TYPE,
           CHOICE(annotated, SEQ(g, fold_union, rule(g, RULE_TYPE),
                                 mpc_maybe(more))));
    define(g, RULE_TOP_TYPES,
           list_of_rule(g, RULE_TOP_TYPE, TOKEN_COMMA));
}

// ---- names ----

// A predefined type or the user's.
static Term named_type(Grammar *g, uint32_t at, Term arguments)
{
    Term name = token_at(g, at)->value, anno = anno_at(g, at);
    size_t arity = (size_t)term_list_length(arguments);
    // tuple() and map() without arguments are any tuple and any map; their own
    // forms would mean {} and #{}.
    bool any = arity == 0 && (term_same(name, ATOM_tuple)
                              || term_same(name, ATOM_map));
    if (any) return type_form(g, anno, name, ATOM_any);
    Term tag = predefined_type_has(name, arity) ? ATOM_type : ATOM_user_type;
    return form4(g, tag, anno, name, arguments);
}

// The values: the name, arguments or none.
// "ok" is an atom, "ok()" a type without arguments: NULL and nil differ.
static mpc_val_t *fold_named(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t at = value_token(xs[1]);
    (void)n;
    if (xs[2] != NULL) return term_value(named_type(g, at, value_term(xs[2])));
    return term_value(heap_tuple3(g->heap, ATOM_atom, anno_at(g, at),
                                  token_at(g, at)->value));
}

static int is_atom(char kind)
{
    return kind == TOKEN_ATOM;
}

// The values: module, ':', name, arguments.
// m:t(A) is {remote_type, Anno, [Module, Name, Args]}.
static mpc_val_t *fold_remote(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term module = value_term(xs[1]);
    (void)n;
    Term parts[] = {module, value_term(xs[3]), value_term(xs[4])};
    return term_value(heap_tuple3(g->heap, ATOM_remote_type,
                                  term_tuple_get(module, 1),
                                  heap_list(g->heap, 3, parts, TERM_NIL)));
}

static mpc_parser_t *type_arguments(Grammar *g)
{
    return PICK(2, skip(g, TOKEN_LPAREN), or_nil(rule(g, RULE_TOP_TYPES)),
                skip(g, TOKEN_RPAREN));
}

static mpc_parser_t *named(Grammar *g)
{
    // A remote type needs its parentheses.
    mpc_parser_t *remote = SEQ(g, fold_remote, leaf(g, is_atom),
                               skip(g, TOKEN_COLON), leaf(g, is_atom),
                               type_arguments(g));
    // What is to be remote is no name alone: actions behind it would run.
    return CHOICE(remote, SEQ(g, fold_named, mark(g, TOKEN_ATOM),
                              mpc_maybe(type_arguments(g)),
                              mpc_not(mpc_char(TOKEN_COLON), free)));
}

// ---- lists, maps, records ----

// The values: '[', type, "..." or none.
// [t()] and [t(), ...]; [] is the type nil.
static mpc_val_t *fold_list(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term name = xs[3] == NULL ? ATOM_list : ATOM_nonempty_list;
    (void)n;
    return term_value(type_form(g, anno_at(g, value_token(xs[1])), name,
                                heap_cons(g->heap, value_term(xs[2]),
                                          TERM_NIL)));
}

static mpc_parser_t *list(Grammar *g)
{
    mpc_parser_t *nonempty = PICK(2, skip(g, TOKEN_COMMA),
                                  mark(g, TOKEN_ELLIPSIS));
    return CHOICE(NODE(g, "type @1 nil []", mark(g, TOKEN_LBRACKET),
                       skip(g, TOKEN_RBRACKET)),
                  SEQ(g, fold_list, mark(g, TOKEN_LBRACKET),
                      rule(g, RULE_TOP_TYPE), mpc_maybe(nonempty),
                      skip(g, TOKEN_RBRACKET)));
}

static int is_map_arrow(char kind)
{
    return kind == TOKEN_MAP_ASSOC || kind == TOKEN_MAP_EXACT;
}

// Both arrows: k => v may be there, k := v must.
static mpc_val_t *fold_pair(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t arrow = value_token(xs[2]);
    bool assoc = token_at(g, arrow)->kind == TOKEN_MAP_ASSOC;
    (void)n;
    return term_value(type_form(g, anno_at(g, arrow),
                                assoc ? ATOM_map_field_assoc
                                      : ATOM_map_field_exact,
                                list2(g, value_term(xs[1]),
                                      value_term(xs[3]))));
}

static mpc_parser_t *pair(Grammar *g)
{
    return SEQ(g, fold_pair, rule(g, RULE_TOP_TYPE), mark_any(is_map_arrow),
               rule(g, RULE_TOP_TYPE));
}

// #r{a :: t()} narrows the field's type.
static mpc_val_t *fold_field(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term name = value_term(xs[1]);
    (void)n;
    return term_value(type_form(g, term_tuple_get(name, 1), ATOM_field_type,
                                list2(g, name, value_term(xs[3]))));
}

static mpc_parser_t *field(Grammar *g)
{
    return SEQ(g, fold_field, leaf(g, is_atom), skip(g, TOKEN_COLONCOLON),
               rule(g, RULE_TOP_TYPE));
}

// The values: '#', the name, '{', fields.
// {type, A, record, [Name | Fields]}: the name is the first of the list.
static mpc_val_t *fold_record(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    return term_value(type_form(g, anno_at(g, value_token(xs[1])), ATOM_record,
                                heap_cons(g->heap, value_term(xs[2]),
                                          value_term(xs[4]))));
}

static mpc_parser_t *map(Grammar *g)
{
    return NODE(g, "type @1 map 3", mark(g, TOKEN_HASH), skip(g, TOKEN_LBRACE),
                or_nil(list_of(g, pair, TOKEN_COMMA)), skip(g, TOKEN_RBRACE));
}

static mpc_parser_t *record(Grammar *g)
{
    return SEQ(g, fold_record, mark(g, TOKEN_HASH), leaf(g, is_atom),
               skip(g, TOKEN_LBRACE), or_nil(list_of(g, field, TOKEN_COMMA)),
               skip(g, TOKEN_RBRACE));
}

// ---- binaries: <<>>, <<_:M>>, <<_:_*N>>, <<_:M, _:_*N>> ----
// Base and unit are types by grammar; "integer" is for lint to demand.

// The rule reads any variable, yecc does too; its action then refuses.
static void check_underscore(Grammar *g, uint32_t at, size_t next)
{
    if (!term_same(token_at(g, at)->value, ATOM_underscore))
        grammar_fail_text(g, next, anno_at(g, at), "Bad binary type");
}

// The values: '_', ':', the size.
// The token behind, value 4, is where the failure counts.
static mpc_val_t *fold_base(int n, mpc_val_t **xs)
{
    check_underscore(xs[0], value_token(xs[1]), value_token(xs[4]));
    (void)n;
    return xs[3];
}

// The values: '_', ':', '_', '*', the unit.
static mpc_val_t *fold_unit(int n, mpc_val_t **xs)
{
    check_underscore(xs[0], value_token(xs[1]), value_token(xs[6]));
    check_underscore(xs[0], value_token(xs[3]), value_token(xs[6]));
    (void)n;
    return xs[5];
}

// The values: "<<", base or none, unit or none. The zero that stands for what
// is missing has a line only.
static mpc_val_t *fold_binary(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term anno = anno_at(g, value_token(xs[1]));
    (void)n;
    // As OTP's zero has: its action takes the line, not the location.
    Term line = grammar_location(anno);
    if (term_is_tuple(line)) line = term_tuple_get(line, 0);
    Term zero = heap_tuple3(g->heap, ATOM_integer, line, term_small(0));
    Term base = xs[2] == NULL ? zero : value_term(xs[2]);
    Term unit = xs[3] == NULL ? zero : value_term(xs[3]);
    return term_value(type_form(g, anno, ATOM_binary, list2(g, base, unit)));
}

static mpc_parser_t *unit(Grammar *g)
{
    return SEQ(g, fold_unit, mark(g, TOKEN_VAR), skip(g, TOKEN_COLON),
               mark(g, TOKEN_VAR), skip(g, TOKEN_TIMES), rule(g, RULE_TYPE),
               rule(g, RULE_HERE));
}

// "_:_ *" is always a unit, though "_ * N" could be a type.
static mpc_parser_t *base(Grammar *g)
{
    mpc_parser_t *times = PICK(1, mark(g, TOKEN_VAR), skip(g, TOKEN_TIMES));
    mpc_parser_t *colon = PICK(1, skip(g, TOKEN_COLON),
                               mpc_not(times, mpcf_dtor_null));
    return SEQ(g, fold_base, mark(g, TOKEN_VAR), colon, rule(g, RULE_TYPE),
               rule(g, RULE_HERE));
}

static mpc_parser_t *binary(Grammar *g)
{
    mpc_parser_t *of_unit = SEQ(g, fold_binary, mark(g, TOKEN_LBINARY),
                                mpc_pass(), unit(g), skip(g, TOKEN_RBINARY));
    mpc_parser_t *behind = PICK(2, skip(g, TOKEN_COMMA), unit(g));
    mpc_parser_t *of_base = SEQ(g, fold_binary, mark(g, TOKEN_LBINARY), base(g),
                                mpc_maybe(behind), skip(g, TOKEN_RBINARY));
    mpc_parser_t *empty = SEQ(g, fold_binary, mark(g, TOKEN_LBINARY),
                              mpc_pass(), mpc_pass(), skip(g, TOKEN_RBINARY));
    return CHOICE(of_unit, of_base, empty);
}

// ---- funs ----

// fun((A, B) -> R): {type, A, 'fun', [{type, A, product, Args}, R]}.
static mpc_val_t *fold_product(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t open = value_token(xs[1]);
    (void)n;
    Term product = type_form(g, anno_at(g, open), ATOM_product,
                             value_term(xs[2]));
    return term_value(type_form(g, anno_at(g, open), ATOM_fun,
                                list2(g, product, value_term(xs[5]))));
}

// fun((...) -> R): any number of arguments.
static mpc_val_t *fold_any_fun(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term anno = anno_at(g, value_token(xs[1]));
    (void)n;
    Term any = heap_tuple3(g->heap, ATOM_type, anno, ATOM_any);
    return term_value(type_form(g, anno, ATOM_fun,
                                list2(g, any, value_term(xs[5]))));
}

// Also the signature of a -spec, where no "fun" stands before it.
static mpc_parser_t *fun_type(Grammar *g)
{
    return CHOICE(SEQ(g, fold_any_fun, mark(g, TOKEN_LPAREN),
                      skip(g, TOKEN_ELLIPSIS), skip(g, TOKEN_RPAREN),
                      skip(g, TOKEN_ARROW), rule(g, RULE_TOP_TYPE)),
                  SEQ(g, fold_product, mark(g, TOKEN_LPAREN),
                      or_nil(rule(g, RULE_TOP_TYPES)), skip(g, TOKEN_RPAREN),
                      skip(g, TOKEN_ARROW), rule(g, RULE_TOP_TYPE)));
}

// fun() is any fun at all.
static mpc_parser_t *fun(Grammar *g)
{
    mpc_parser_t *some = PICK(3, skip(g, TOKEN_FUN), skip(g, TOKEN_LPAREN),
                              rule(g, RULE_FUN_TYPE), skip(g, TOKEN_RPAREN));
    return CHOICE(NODE(g, "type @1 fun []", mark(g, TOKEN_FUN),
                       skip(g, TOKEN_LPAREN), skip(g, TOKEN_RPAREN)),
                  some);
}

// ---- specifications ----

// V :: t() behind "when" is {type, A, constraint, [is_subtype, [V, T]]}.
static Term constraint(Grammar *g, Term var, Term type)
{
    Term anno = term_tuple_get(var, 1);
    Term name = heap_tuple3(g->heap, ATOM_atom, anno, ATOM_is_subtype);
    return type_form(g, anno, ATOM_constraint,
                     list2(g, name, list2(g, var, type)));
}

// The values: a variable, "::", the type, the token behind.
// '_' as a bound name would say nothing.
static mpc_val_t *fold_constraint(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term var = value_term(xs[1]);
    (void)n;
    if (term_same(term_tuple_get(var, 2), ATOM_underscore))
        grammar_fail_text(g, value_token(xs[4]), term_tuple_get(var, 1),
                          "bad type variable");
    return term_value(constraint(g, var, value_term(xs[3])));
}

// "unsupported constraint Name" as io_lib:format makes it.
static void fail_constraint(Grammar *g, size_t next, uint32_t at)
{
    Term name = grammar_syntax_descriptor(g, at);
    Term text = heap_list(g->heap, 1,
                          (Term[]){term_head(term_tail(name))}, TERM_NIL);
    static const char words[] = "unsupported constraint ";
    grammar_fail(g, next, anno_at(g, at),
                 heap_string(g->heap, words, sizeof words - 1, text));
}

// The old form is_subtype(Var, Type). The values: the name, '(', types, ')',
// the token behind.
// Only is_subtype/2 was ever allowed.
static mpc_val_t *fold_old_constraint(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t name = value_token(xs[1]), next = value_token(xs[5]);
    Term types = value_term(xs[3]), first = term_head(types);
    (void)n;
    bool known = term_same(token_at(g, name)->value, ATOM_is_subtype)
                 && term_list_length(types) == 2;
    if (!known) {
        fail_constraint(g, next, name);
        // The failure counts, so any value will do.
        return xs[3];
    }
    if (!term_same(term_tuple_get(first, 0), ATOM_var)) {
        grammar_fail_text(g, next, grammar_leftmost(g, first),
                          "bad type variable");
        return xs[3];
    }
    if (term_same(term_tuple_get(first, 2), ATOM_underscore))
        grammar_fail_text(g, next, term_tuple_get(first, 1),
                          "bad type variable");
    return term_value(constraint(g, first, term_head(term_tail(types))));
}

static mpc_parser_t *type_guard(Grammar *g)
{
    return CHOICE(SEQ(g, fold_constraint, leaf(g, is_variable),
                      skip(g, TOKEN_COLONCOLON), rule(g, RULE_TOP_TYPE),
                      rule(g, RULE_HERE)),
                  SEQ(g, fold_old_constraint, mark(g, TOKEN_ATOM),
                      skip(g, TOKEN_LPAREN), rule(g, RULE_TOP_TYPES),
                      skip(g, TOKEN_RPAREN), rule(g, RULE_HERE)));
}

// The values: the fun type, constraints or none.
// Constraints belong to one clause of the -spec, not to all.
static mpc_val_t *fold_signature(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term type = value_term(xs[1]);
    (void)n;
    if (xs[2] == NULL) return xs[1];
    return term_value(type_form(g, term_tuple_get(type, 1), ATOM_bounded_fun,
                                list2(g, type, value_term(xs[2]))));
}

static mpc_parser_t *signature(Grammar *g)
{
    mpc_parser_t *guards = PICK(2, skip(g, TOKEN_WHEN),
                                list_of(g, type_guard, TOKEN_COMMA));
    return SEQ(g, fold_signature, rule(g, RULE_FUN_TYPE), mpc_maybe(guards));
}

// The values: name or module, the name behind ':' or none, signatures.
// A module before the name is allowed for old times' sake.
static mpc_val_t *fold_spec(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[3]));
    (void)n;
    item->token = value_token(xs[1]);
    // 0 for none: token 0 of a form is its '-'.
    item->start = xs[2] == NULL ? 0 : value_token(xs[2]);
    return item;
}

// (A) -> B; (C) -> D: one signature for each clause.
static mpc_parser_t *bare_spec(Grammar *g)
{
    mpc_parser_t *name = PICK(2, skip(g, TOKEN_COLON), mark(g, TOKEN_ATOM));
    return SEQ(g, fold_spec, mark(g, TOKEN_ATOM), mpc_maybe(name),
               list_of(g, signature, TOKEN_SEMICOLON));
}

// ---- all of them ----

void grammar_define_types(Grammar *g)
{
    define_unions(g);
    define(g, RULE_FUN_TYPE, fun_type(g));
    // What an operator may stand between.
    define(g, RULE_TYPE_MAX,
           CHOICE(PICK(2, skip(g, TOKEN_LPAREN), rule(g, RULE_TOP_TYPE),
                       skip(g, TOKEN_RPAREN)),
                  leaf(g, is_constant), named(g), list(g), map(g), record(g),
                  NODE(g, "type @1 tuple 2", mark(g, TOKEN_LBRACE),
                       or_nil(rule(g, RULE_TOP_TYPES)), skip(g, TOKEN_RBRACE)),
                  binary(g), fun(g)));
    // -spec(f(A) -> B). and -spec f(A) -> B. are the same.
    define(g, RULE_TYPE_SPEC,
           CHOICE(PICK(2, skip(g, TOKEN_LPAREN), bare_spec(g),
                       skip(g, TOKEN_RPAREN)),
                  bare_spec(g)));
}
