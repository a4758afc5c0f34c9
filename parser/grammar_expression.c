// SPDX-License-Identifier: Apache-2.0
// Rules for expressions without operators: literals, lists, tuples, maps,
// records, calls, comprehensions.
#include "grammar_part.h"

// Which update or call stands behind an expression.
// F(X), m:f(X), M#{..}, R#r.f, R#r{..}.
// How the item of a TAIL is filled: [value] the arguments, fields or field;
// [token] the '#' or ':'; [start] the record's name; [second] the arguments of
// a remote call.
enum { TAIL_CALL, TAIL_REMOTE, TAIL_MAP, TAIL_FIELD, TAIL_RECORD };

// What stands behind the first element of a list or between a map's braces.
// The same item serves lists and maps.
enum { REST_ELEMENTS, REST_COMPREHENSION };

// ---- literals ----

// Each of them is a form as it stands.
int is_leaf(char kind)
{
    return kind == TOKEN_ATOM || kind == TOKEN_VAR || kind == TOKEN_INTEGER
           || kind == TOKEN_FLOAT || kind == TOKEN_CHAR;
}

// Of a repetition only the last token's index is wanted.
static mpc_val_t *fold_last(int n, mpc_val_t **xs)
{
    return xs[n - 1];
}

// The characters of [list] before [tail].
// A copy, since the strings of tokens may be shared.
static Term append(Heap *h, Term list, Term tail)
{
    Term first = tail, *end = &first;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term cell = heap_cons(h, term_head(list), tail);
        // The tail of a cell is filled in when the next is made.
        *end = cell;
        end = term_cons_ptr(cell) + 1;
    }
    return first;
}

// The strings between the marks are one string.
// "abc" "def" are joined here, so "a" ++ "b" stays an operation. From the last
// to the first: each is copied once.
static mpc_val_t *fold_strings(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t first = value_token(xs[1]), at = value_token(xs[2]);
    (void)n;
    Term all = token_at(g, at)->value;
    while (at-- > first) all = append(g->heap, token_at(g, at)->value, all);
    Term anno = anno_at(g, first);
    return term_value(heap_tuple3(g->heap, ATOM_string, anno, all));
}

// What "~b" and the like, at [anno], make of [string].
// ~"x" and ~b"x" are <<"x"/utf8>>, ~s"x" is "x"; upper case letters only mean
// that the scanner read no escapes. [*known]: the grammar knows these names
// only, whatever the scanner let through.
static Term build_sigil(Grammar *g, Term anno, Term name, Term string,
                        bool *known)
{
    bool bytes = term_same(name, ATOM_empty) || term_same(name, ATOM_b)
                 || term_same(name, ATOM_B);
    *known = bytes || term_same(name, ATOM_s) || term_same(name, ATOM_S);
    // A form in any case: what is read around it looks at its parts.
    if (!bytes) return string;
    Term types = heap_cons(g->heap, ATOM_utf8, TERM_NIL);
    Term element = heap_tuple(g->heap, 5,
                              (Term[]){ATOM_bin_element,
                                       term_tuple_get(string, 1), string,
                                       ATOM_default, types});
    return heap_tuple3(g->heap, ATOM_bin, anno,
                       heap_cons(g->heap, element, TERM_NIL));
}

// Its parts are one behind the other: the string is token prefix + 1.
static mpc_val_t *fold_sigil(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t prefix = value_token(xs[1]), suffix = value_token(xs[3]);
    (void)n;
    Term anno = anno_at(g, prefix);
    // The text has a place of its own, behind the prefix.
    Term string = heap_tuple3(g->heap, ATOM_string, anno_at(g, prefix + 1),
                              token_at(g, prefix + 1)->value);
    bool known;
    Term form = build_sigil(g, anno, token_at(g, prefix)->value, string,
                            &known);
    if (!known) {
        grammar_fail_text(g, suffix + 1, anno, "illegal sigil prefix");
    } else if (!term_is_nil(token_at(g, suffix)->value)) {
        // Suffixes are there for later versions of the language.
        grammar_fail_text(g, suffix + 1, anno_at(g, suffix),
                          "illegal sigil suffix");
    }
    return term_value(form);
}

// HERE marks the first string; the repetition answers the last.
static void define_literals(Grammar *g)
{
    define(g, RULE_LEAF, leaf(g, is_leaf));
    mpc_parser_t *strings = SEQ(g, fold_strings, rule(g, RULE_HERE),
                                mpc_many1(fold_last, mark(g, TOKEN_STRING)));
    mpc_parser_t *sigil = SEQ(g, fold_sigil, mark(g, TOKEN_SIGIL_PREFIX),
                              mark(g, TOKEN_STRING),
                              mark(g, TOKEN_SIGIL_SUFFIX));
    define(g, RULE_STRINGS, CHOICE(strings, sigil));
}

// ---- lists ----

// ", Expr" or "| Expr" as an item.
// [start]: where the element begins; a cell of the list takes its place.
static mpc_val_t *fold_element(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    Item *item = grammar_item(g, value_term(xs[3]));
    item->start = value_token(xs[2]);
    return item;
}

static mpc_parser_t *element_behind(Grammar *g, TokenKind separator)
{
    return SEQ(g, fold_element, skip(g, separator), rule(g, RULE_HERE),
               rule(g, RULE_EXPR));
}

// The values: elements, the improper tail, the bracket.
// "[A, B | T]": rest behind the first element. Without T the nil stands at the
// bracket, so the token is kept.
static mpc_val_t *fold_list_rest(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    Item *tail = xs[2], *rest = grammar_item(g, TERM_NONE);
    rest->kind = REST_ELEMENTS;
    rest->token = value_token(xs[3]);
    rest->next = xs[1];
    if (tail != NULL) rest->value = tail->value;
    return rest;
}

// "[X || X <- L]": the value is the list of qualifiers.
static mpc_val_t *fold_comprehension_rest(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    Item *rest = grammar_item(g, value_term(xs[2]));
    rest->kind = REST_COMPREHENSION;
    return rest;
}

static mpc_parser_t *comprehension_rest(Grammar *g, TokenKind close)
{
    return SEQ(g, fold_comprehension_rest, skip(g, TOKEN_BARBAR),
               rule(g, RULE_QUALIFIERS), skip(g, close));
}

// Behind "|" comes exactly one expression.
static mpc_parser_t *list_rest(Grammar *g)
{
    return SEQ(g, fold_list_rest, many_items(element_behind(g, TOKEN_COMMA)),
               mpc_maybe(element_behind(g, TOKEN_BAR)),
               mark(g, TOKEN_RBRACKET));
}

// Turns a chain round.
// In place: chains belong to the parse and are read once.
static Item *reverse(Item *items)
{
    Item *done = NULL;
    while (items != NULL) {
        Item *next = items->next;
        items->next = done;
        done = items;
        items = next;
    }
    return done;
}

// [a, b] is {cons, 1, a, {cons, 1, b, {nil, 1}}}.
static Term build_cons(Grammar *g, Term anno, Term head, Term tail)
{
    return heap_tuple(g->heap, 4, (Term[]){ATOM_cons, anno, head, tail});
}

// The tail of a list: elements, then the improper tail or nil.
// From the back, so that no cell is written to after it was made.
static Term build_tail(Grammar *g, Item *rest)
{
    Term tail = rest->value;
    if (term_is_none(tail))
        tail = heap_tuple2(g->heap, ATOM_nil, anno_at(g, rest->token));
    for (Item *e = reverse(rest->next); e != NULL; e = e->next)
        tail = build_cons(g, grammar_first_anno(g, e->start, e->value),
                          e->value, tail);
    return tail;
}

// The values: bracket, first element, rest.
// What follows the first element decides between list and comprehension.
static mpc_val_t *fold_list(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term anno = anno_at(g, value_token(xs[1])), first = value_term(xs[2]);
    Item *rest = xs[3];
    (void)n;
    if (rest->kind == REST_ELEMENTS)
        return term_value(build_cons(g, anno, first, build_tail(g, rest)));
    return term_value(heap_tuple(g->heap, 4,
                                 (Term[]){ATOM_lc, anno, first, rest->value}));
}

static mpc_parser_t *list_with(Grammar *g, mpc_parser_t *rest)
{
    mpc_parser_t *empty = NODE(g, "nil @1", mark(g, TOKEN_LBRACKET),
                               skip(g, TOKEN_RBRACKET));
    return CHOICE(empty, SEQ(g, fold_list, mark(g, TOKEN_LBRACKET),
                             rule(g, RULE_EXPR), rest));
}

// LIST_PLAIN is for patterns, which know no comprehensions.
static void define_lists(Grammar *g)
{
    mpc_parser_t *either = CHOICE(list_rest(g),
                                  comprehension_rest(g, TOKEN_RBRACKET));
    define(g, RULE_LIST, list_with(g, either));
    define(g, RULE_LIST_PLAIN, list_with(g, list_rest(g)));
}

// ---- qualifiers of comprehensions ----
// X <- L, <<X>> <= B, K := V <- M, X > 1, and zipped by "&&".

static int is_list_arrow(char kind)
{
    return kind == TOKEN_LARROW || kind == TOKEN_STRICT_LARROW;
}

static int is_binary_arrow(char kind)
{
    return kind == TOKEN_BINARY_LARROW || kind == TOKEN_STRICT_BINARY_LARROW;
}

// An expression that may be the left side of a generator: an item, its second
// the marker of the token behind it.
// Filters and generators begin alike: an expression first, the arrow tells.
static mpc_val_t *fold_left(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    Item *item = grammar_item(g, value_term(xs[2]));
    item->start = value_token(xs[1]);
    // The token behind it, still unread.
    item->token = value_token(xs[3]);
    return item;
}

// Only a binary, without parentheses, may stand before the arrow '<='.
static int may_be_left(mpc_val_t **x, void *context)
{
    Grammar *g = context;
    const Item *left = *x;
    // Other arrows take any pattern.
    if (!is_binary_arrow((char)token_at(g, left->token)->kind)) return 1;
    return token_at(g, left->start)->kind == TOKEN_LBINARY
           && term_same(term_tuple_get(left->value, 0), ATOM_bin);
}

static mpc_parser_t *generator_left(Grammar *g)
{
    mpc_parser_t *left = SEQ(g, fold_left, rule(g, RULE_HERE),
                             rule(g, RULE_EXPR), rule(g, RULE_HERE));
    return mpc_check_with(left, mpcf_dtor_null, may_be_left, g,
                          "binary expected");
}

// The values: ":=" and an expression or nothing, the arrow, the right side.
// [kind] is that of the arrow, [start] the ":=" of a map's generator.
static mpc_val_t *fold_generator_tail(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    Item *item = grammar_item(g, value_term(xs[3])), *value = xs[1];
    item->token = value_token(xs[2]);
    item->kind = token_at(g, item->token)->kind;
    if (value != NULL) {
        item->second = value->value;
        item->start = value->token; // of ":="
    }
    return item;
}

static mpc_val_t *fold_map_value(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    (void)n;
    Item *item = grammar_item(g, value_term(xs[2]));
    item->token = value_token(xs[1]);
    return item;
}

// Tags by arrow: <- <:- <= <:=, the first two also of maps.
static Term generator_tag(uint32_t kind, bool of_map)
{
    switch (kind) {
    case TOKEN_LARROW: return of_map ? ATOM_m_generate : ATOM_generate;
    case TOKEN_STRICT_LARROW:
        return of_map ? ATOM_m_generate_strict : ATOM_generate_strict;
    case TOKEN_BINARY_LARROW: return ATOM_b_generate;
    default: return ATOM_b_generate_strict;
    }
}

// A map's generator has a pair as its pattern: {map_field_exact, ...}.
static Term build_generator(Grammar *g, const Item *left, const Item *tail)
{
    Term pattern = left->value;
    bool of_map = !term_is_none(tail->second);
    if (of_map)
        pattern = heap_tuple(g->heap, 4,
                             (Term[]){ATOM_map_field_exact,
                                      anno_at(g, tail->start), pattern,
                                      tail->second});
    return heap_tuple(g->heap, 4,
                      (Term[]){generator_tag(tail->kind, of_map),
                               anno_at(g, tail->token), pattern, tail->value});
}

static mpc_val_t *fold_generator(int n, mpc_val_t **xs)
{
    (void)n;
    return term_value(build_generator(xs[0], xs[1], xs[2]));
}

// A filter, or a generator and those zipped with it.
// "X <- A && Y <- B": {zip, Anno, [Generator, ...]} at the first one's place,
// but at that of the comma before another qualifier, as in OTP.
static mpc_val_t *fold_qualifier(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    const Item *left = xs[1], *tail = xs[2];
    Term zipped = value_term(xs[3]);
    (void)n;
    if (tail == NULL) {
        // Behind a filter there is no "&&".
        // "X > 1 && Y <- B" is refused at "&&".
        if (!term_is_nil(zipped)) grammar_fail_syntax(g, left->token);
        return term_value(left->value);
    }
    Term generator = build_generator(g, left, tail);
    if (term_is_nil(zipped)) return term_value(generator);
    uint32_t next = value_token(xs[4]);
    Term anno = token_at(g, next)->kind == TOKEN_COMMA
                    ? anno_at(g, next)
                    : term_tuple_get(generator, 1);
    return term_value(heap_tuple3(g->heap, ATOM_zip, anno,
                                  heap_cons(g->heap, generator, zipped)));
}

// Behind "&&" only generators may stand, no filters.
static mpc_parser_t *generator(Grammar *g)
{
    return SEQ(g, fold_generator, generator_left(g),
               rule(g, RULE_GENERATOR_TAIL));
}

static mpc_parser_t *qualifier(Grammar *g)
{
    mpc_parser_t *zipped = PICK(2, skip(g, TOKEN_ZIP),
                                list_of(g, generator, TOKEN_ZIP));
    return SEQ(g, fold_qualifier, generator_left(g),
               mpc_maybe(rule(g, RULE_GENERATOR_TAIL)), or_nil(zipped),
               rule(g, RULE_HERE));
}

// ":=" with a binary's arrow is left out: there is no such generator.
static void define_qualifiers(Grammar *g)
{
    mpc_parser_t *value = SEQ(g, fold_map_value, mark(g, TOKEN_MAP_EXACT),
                              rule(g, RULE_EXPR));
    mpc_parser_t *of_list = SEQ(g, fold_generator_tail, mpc_maybe(value),
                                mark_any(is_list_arrow), rule(g, RULE_EXPR));
    mpc_parser_t *of_binary = SEQ(g, fold_generator_tail, mpc_pass(),
                                  mark_any(is_binary_arrow),
                                  rule(g, RULE_EXPR));
    define(g, RULE_GENERATOR_TAIL, CHOICE(of_list, of_binary));
    define(g, RULE_QUALIFIERS, list_of(g, qualifier, TOKEN_COMMA));
}

// ---- maps and records ----

// K => V in all maps, K := V in updates and patterns.
static int is_map_arrow(char kind)
{
    return kind == TOKEN_MAP_ASSOC || kind == TOKEN_MAP_EXACT;
}

// Which arrow is right at this place is for the linter.
static mpc_val_t *fold_map_field(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t arrow = value_token(xs[2]);
    bool assoc = token_at(g, arrow)->kind == TOKEN_MAP_ASSOC;
    (void)n;
    Term tag = assoc ? ATOM_map_field_assoc : ATOM_map_field_exact;
    return term_value(heap_tuple(g->heap, 4,
                                 (Term[]){tag, anno_at(g, arrow),
                                          value_term(xs[1]),
                                          value_term(xs[3])}));
}

static mpc_parser_t *map_field(Grammar *g)
{
    return SEQ(g, fold_map_field, rule(g, RULE_EXPR), mark_any(is_map_arrow),
               rule(g, RULE_EXPR));
}

// "_ = 0" is a field as well: #r{_ = 0} sets all others.
static int is_name(char kind)
{
    return kind == TOKEN_ATOM || kind == TOKEN_VAR;
}

static mpc_val_t *fold_record_field(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term name = value_term(xs[1]);
    (void)n;
    // The field's place is its name's.
    return term_value(heap_tuple(g->heap, 4,
                                 (Term[]){ATOM_record_field,
                                          term_tuple_get(name, 1), name,
                                          value_term(xs[3])}));
}

static mpc_parser_t *record_field(Grammar *g)
{
    return SEQ(g, fold_record_field, leaf(g, is_name), skip(g, TOKEN_MATCH),
               rule(g, RULE_EXPR));
}

// An empty list when there is nothing between the braces.
static mpc_parser_t *in_braces(Grammar *g, mpc_parser_t *fields)
{
    return PICK(2, skip(g, TOKEN_LBRACE), or_nil(fields),
                skip(g, TOKEN_RBRACE));
}

// The values: '#', the fields.
// M#{a := 1}: the token is the '#'.
static mpc_val_t *fold_map_update(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[2]));
    (void)n;
    item->kind = TAIL_MAP;
    item->token = value_token(xs[1]);
    return item;
}

// The values: '#', the record's name, then '.' and a field or the fields.
// R#r.f
static mpc_val_t *fold_record_access(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[3]));
    (void)n;
    item->token = value_token(xs[1]);
    item->start = value_token(xs[2]);
    item->kind = TAIL_FIELD;
    return item;
}

// R#r{f = 1}
static mpc_val_t *fold_record_update(int n, mpc_val_t **xs)
{
    Item *item = fold_record_access(n, xs);
    item->kind = TAIL_RECORD;
    return item;
}

static int is_atom(char kind)
{
    return kind == TOKEN_ATOM;
}

static void define_updates(Grammar *g)
{
    define(g, RULE_MAP_FIELDS,
           in_braces(g, list_of(g, map_field, TOKEN_COMMA)));
    define(g, RULE_RECORD_FIELDS,
           in_braces(g, list_of(g, record_field, TOKEN_COMMA)));
    define(g, RULE_MAP_UPDATE,
           SEQ(g, fold_map_update, mark(g, TOKEN_HASH),
               rule(g, RULE_MAP_FIELDS)));
    // '.' is a PERIOD here: the scanner saw that no white space follows.
    mpc_parser_t *field = PICK(2, skip(g, TOKEN_PERIOD), leaf(g, is_atom));
    define(g, RULE_RECORD_UPDATE,
           CHOICE(SEQ(g, fold_record_access, mark(g, TOKEN_HASH),
                      mark(g, TOKEN_ATOM), field),
                  SEQ(g, fold_record_update, mark(g, TOKEN_HASH),
                      mark(g, TOKEN_ATOM), rule(g, RULE_RECORD_FIELDS))));
}

// ---- what stands behind an expression ----
// In OTP's grammar each is a rule of its own; here they are tails to one
// expression, so that what they share is read once.

// {call, Anno, Function, Arguments}
static Term build_call(Grammar *g, Term anno, Term function, Term arguments)
{
    return heap_tuple(g->heap, 4,
                      (Term[]){ATOM_call, anno, function, arguments});
}

// [form] with [tail] behind it; [anno] is where it begins.
// A call's place is where its function begins, an update's its '#'.
static Term build_tailed(Grammar *g, Term form, const Item *tail, Term first)
{
    Heap *h = g->heap;
    if (tail->kind == TAIL_CALL) return build_call(g, first, form, tail->value);
    Term anno = anno_at(g, tail->token);
    switch (tail->kind) {
    case TAIL_MAP:
        return heap_tuple(h, 4, (Term[]){ATOM_map, anno, form, tail->value});
    case TAIL_REMOTE:
        form = heap_tuple(h, 4, (Term[]){ATOM_remote, anno, form, tail->value});
        // "m:f" alone is no call; lint refuses it.
        if (term_is_none(tail->second)) return form;
        return build_call(g, first, form, tail->second);
    default: break;
    }
    Term tag = tail->kind == TAIL_FIELD ? ATOM_record_field : ATOM_record;
    return heap_tuple(h, 5, (Term[]){tag, anno, form,
                                     token_at(g, tail->start)->value,
                                     tail->value});
}

// X#r{..}#r{..}: updates follow each other from left to right.
static mpc_val_t *fold_postfix(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term form = value_term(xs[2]);
    (void)n;
    if (xs[3] == NULL) return xs[2]; // most operands have nothing behind them
    Term first = grammar_first_anno(g, value_token(xs[1]), form);
    for (const Item *tail = xs[3]; tail != NULL; tail = tail->next)
        form = build_tailed(g, form, tail, first);
    return term_value(form);
}

static mpc_val_t *fold_call_tail(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[1]));
    (void)n;
    item->kind = TAIL_CALL;
    return item;
}

// The values: ':', the function, its arguments or none.
static mpc_val_t *fold_remote_tail(int n, mpc_val_t **xs)
{
    Item *item = grammar_item(xs[0], value_term(xs[2]));
    (void)n;
    item->kind = TAIL_REMOTE;
    item->token = value_token(xs[1]);
    // NULL is TERM_NONE, so an absent part needs no test.
    item->second = value_term(xs[3]);
    return item;
}

// The values: an item, the chain of those behind it.
// Value 0 is the grammar, as always.
static mpc_val_t *fold_more_items(int n, mpc_val_t **xs)
{
    (void)n;
    return items_append(xs[1], xs[2]);
}

static mpc_parser_t *postfix(Grammar *g)
{
    mpc_parser_t *call = SEQ(g, fold_call_tail, rule(g, RULE_ARGS));
    mpc_parser_t *remote = SEQ(g, fold_remote_tail, mark(g, TOKEN_COLON),
                               rule(g, RULE_EXPR_MAX),
                               mpc_maybe(rule(g, RULE_ARGS)));
    // The first update tells whether all are of maps or of records.
    // In OTP "M#{}#r.f" is a syntax error.
    mpc_parser_t *maps = SEQ(g, fold_more_items, rule(g, RULE_MAP_UPDATE),
                             many_items(rule(g, RULE_MAP_UPDATE)));
    mpc_parser_t *records = SEQ(g, fold_more_items,
                                rule(g, RULE_RECORD_UPDATE),
                                many_items(rule(g, RULE_RECORD_UPDATE)));
    return SEQ(g, fold_postfix, rule(g, RULE_HERE), rule(g, RULE_EXPR_MAX),
               mpc_maybe(CHOICE(call, remote, maps, records)));
}

// ---- maps and records of their own ----
// "#{a => 1}", "#r{a = 1}", "#r.a": nothing stands before the '#'.

// The values: '#', the fields, updates.
// #{}#{a => 1} is an update of an empty map.
static mpc_val_t *fold_map(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    Term anno = anno_at(g, value_token(xs[1]));
    (void)n;
    Term form = heap_tuple3(g->heap, ATOM_map, anno, value_term(xs[2]));
    for (const Item *tail = xs[3]; tail != NULL; tail = tail->next)
        form = build_tailed(g, form, tail, anno);
    return term_value(form);
}

// The values: '#', '{', the first field, what follows it.
// "#{K => V || ...}" is a comprehension, so a map's first field is read before
// it is known which it is.
static mpc_val_t *fold_full_map(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    uint32_t hash = value_token(xs[1]);
    Term field = value_term(xs[3]), anno = anno_at(g, hash);
    Item *rest = xs[4];
    (void)n;
    if (rest->kind == REST_COMPREHENSION)
        return term_value(heap_tuple(g->heap, 4,
                                     (Term[]){ATOM_mc, anno, field,
                                              rest->value}));
    // The fields behind the first are already a list.
    Term fields = heap_cons(g->heap, field, rest->value);
    Term form = heap_tuple3(g->heap, ATOM_map, anno, fields);
    for (const Item *tail = rest->next; tail != NULL; tail = tail->next)
        form = build_tailed(g, form, tail, anno);
    return term_value(form);
}

// The values: more fields, '}', updates.
// [value]: the other fields, [next]: the updates.
static mpc_val_t *fold_map_rest(int n, mpc_val_t **xs)
{
    Item *rest = grammar_item(xs[0], value_term(xs[1]));
    (void)n;
    rest->kind = REST_ELEMENTS;
    rest->next = xs[3];
    return rest;
}

// With one field at least; the empty map has a rule of its own.
static mpc_parser_t *full_map(Grammar *g)
{
    mpc_parser_t *more = PICK(2, skip(g, TOKEN_COMMA),
                              list_of(g, map_field, TOKEN_COMMA));
    mpc_parser_t *fields = SEQ(g, fold_map_rest, or_nil(more),
                               skip(g, TOKEN_RBRACE),
                               many_items(rule(g, RULE_MAP_UPDATE)));
    return SEQ(g, fold_full_map, mark(g, TOKEN_HASH), skip(g, TOKEN_LBRACE),
               map_field(g),
               CHOICE(fields, comprehension_rest(g, TOKEN_RBRACE)));
}

// The values: the access, more of them. Without an expression before it an
// access is a record's making, or the index of a field.
// #r{a = 1} is {record, A, r, Fields}, #r.a {record_index, A, r, a}.
static mpc_val_t *fold_record(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    const Item *first = xs[1];
    (void)n;
    Term anno = anno_at(g, first->token);
    Term tag = first->kind == TAIL_FIELD ? ATOM_record_index : ATOM_record;
    Term form = heap_tuple(g->heap, 4,
                           (Term[]){tag, anno, token_at(g, first->start)->value,
                                    first->value});
    for (const Item *tail = xs[2]; tail != NULL; tail = tail->next)
        form = build_tailed(g, form, tail, anno);
    return term_value(form);
}

// Patterns have neither updates nor comprehensions: mpc_pass stands in the
// place of the updates, so the same folds serve.
static void define_hashes(Grammar *g)
{
    mpc_parser_t *empty = SEQ(g, fold_map, mark(g, TOKEN_HASH),
                              PICK(3, skip(g, TOKEN_LBRACE),
                                   skip(g, TOKEN_RBRACE),
                                   mpc_lift_val(term_value(TERM_NIL))),
                              many_items(rule(g, RULE_MAP_UPDATE)));
    mpc_parser_t *record = SEQ(g, fold_record, rule(g, RULE_RECORD_UPDATE),
                               many_items(rule(g, RULE_RECORD_UPDATE)));
    define(g, RULE_HASH, CHOICE(empty, full_map(g), record));
    mpc_parser_t *map_pattern = SEQ(g, fold_map, mark(g, TOKEN_HASH),
                                    rule(g, RULE_MAP_FIELDS), mpc_pass());
    mpc_parser_t *record_pattern = SEQ(g, fold_record,
                                       rule(g, RULE_RECORD_UPDATE), mpc_pass());
    // Patterns of function heads. Those of case and the like are read as
    // expressions.
    define(g, RULE_PAT_PRIMARY,
           CHOICE(rule(g, RULE_LEAF), rule(g, RULE_STRINGS),
                  rule(g, RULE_LIST_PLAIN), rule(g, RULE_BINARY_PLAIN),
                  rule(g, RULE_TUPLE),
                  PICK(2, skip(g, TOKEN_LPAREN), rule(g, RULE_PAT),
                       skip(g, TOKEN_RPAREN)),
                  map_pattern, record_pattern));
}

// ---- all of them ----

void grammar_define_expressions(Grammar *g)
{
    define_literals(g);
    define_lists(g);
    define_qualifiers(g);
    define_updates(g);
    define_hashes(g);
    define(g, RULE_EXPRS, list_of_rule(g, RULE_EXPR, TOKEN_COMMA));
    define(g, RULE_ARGS,
           PICK(2, skip(g, TOKEN_LPAREN), or_nil(rule(g, RULE_EXPRS)),
                skip(g, TOKEN_RPAREN)));
    define(g, RULE_TUPLE,
           NODE(g, "tuple @1 2", mark(g, TOKEN_LBRACE),
                or_nil(rule(g, RULE_EXPRS)), skip(g, TOKEN_RBRACE)));
    define(g, RULE_PAREN,
           PICK(2, skip(g, TOKEN_LPAREN), rule(g, RULE_EXPR),
                skip(g, TOKEN_RPAREN)));
    // What may stand before a call, a ':' or a '#' without parentheses.
    define(g, RULE_EXPR_MAX,
           CHOICE(rule(g, RULE_LEAF), rule(g, RULE_STRINGS),
                  rule(g, RULE_LIST), rule(g, RULE_BINARY),
                  rule(g, RULE_TUPLE), rule(g, RULE_PAREN),
                  rule(g, RULE_BLOCK), rule(g, RULE_IF), rule(g, RULE_CASE),
                  rule(g, RULE_RECEIVE), rule(g, RULE_FUN), rule(g, RULE_TRY),
                  rule(g, RULE_MAYBE)));
    // One tail at most, but a chain of updates.
    define(g, RULE_PRIMARY, CHOICE(postfix(g), rule(g, RULE_HASH)));
}
