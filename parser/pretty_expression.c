// SPDX-License-Identifier: Apache-2.0
// Items of expressions, patterns, guards and clauses.
#include "atom.h"
#include "auto_import.h"
#include "pretty_item.h"
#include "quote.h"

// Element [i], from 0: the tag is 0, the annotation 1.
static Term at(Term tuple, size_t i)
{
    return term_tuple_get(tuple, i);
}

static bool is_node(Term t, Term tag, size_t arity)
{
    return term_is_tuple_of(t, arity) && term_same(at(t, 0), tag);
}

// ---- precedences: of the left side, the expression, the right side ----
// The numbers are those of erl_parse's inop_prec and preop_prec. A side with
// less than its number needs parentheses: for "-" left 400 and right 500, so a
// - (b - c) keeps them.

Precedence precedence_infix(Term op)
{
    switch (op.bits) {
    case ATOM_BITS_match_op:
    case ATOM_BITS_send_op: return (Precedence){150, 100, 100};
    case ATOM_BITS_orelse: return (Precedence){160, 150, 150};
    case ATOM_BITS_andalso: return (Precedence){200, 160, 160};
    case ATOM_BITS_eq: case ATOM_BITS_ne: case ATOM_BITS_le:
    case ATOM_BITS_lt: case ATOM_BITS_ge: case ATOM_BITS_gt:
    case ATOM_BITS_exact_eq:
    case ATOM_BITS_exact_ne: return (Precedence){300, 200, 300};
    case ATOM_BITS_append:
    case ATOM_BITS_subtract: return (Precedence){400, 300, 300};
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_bor:
    case ATOM_BITS_bxor: case ATOM_BITS_bsl: case ATOM_BITS_bsr:
    case ATOM_BITS_or:
    case ATOM_BITS_xor: return (Precedence){400, 400, 500};
    case ATOM_BITS_times: case ATOM_BITS_slash: case ATOM_BITS_div:
    case ATOM_BITS_rem: case ATOM_BITS_band:
    case ATOM_BITS_and: return (Precedence){500, 500, 600};
    case ATOM_BITS_hash: return (Precedence){800, 700, 800};
    case ATOM_BITS_colon: return (Precedence){900, 800, 900};
    case ATOM_BITS_period: return (Precedence){900, 900, 1000};
    default: return (Precedence){0, -1, 0}; // no operator
    }
}

Precedence precedence_prefix(Term op)
{
    switch (op.bits) {
    case ATOM_BITS_catch: return (Precedence){0, 700, 100};
    case ATOM_BITS_hash: return (Precedence){0, 700, 800};
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_bnot:
    case ATOM_BITS_not: return (Precedence){0, 600, 700};
    default: return (Precedence){0, -1, 0};
    }
}

// [self] is what the item binds with, [outer] what its place asks for.
const Item *make_parenthesized(Pretty *p, int self, int outer,
                               const Item *item)
{
    if (self >= outer) return item;
    return item_row(p, 3, (const Item *[]){item_text(p, "("), item,
                                           item_text(p, ")")});
}

// ---- helpers for what is spelled often ----

// Rows and lists with few parts, written without counting.
static const Item *make_row2(Pretty *p, const Item *a, const Item *b)
{
    return item_row(p, 2, (const Item *[]){a, b});
}

static const Item *make_row3(Pretty *p, const Item *a, const Item *b,
                             const Item *c)
{
    return item_row(p, 3, (const Item *[]){a, b, c});
}

static const Item *make_list2(Pretty *p, const Item *a, const Item *b)
{
    return item_list(p, 2, (const Item *[]){a, b});
}

static const Item *make_list1(Pretty *p, const Item *a)
{
    return item_list(p, 1, &a);
}

static const Item *make_end(Pretty *p)
{
    return item_text(p, "end");
}

// "KEYWORD body" with the body on a line of its own if need be.
// "case X" or "begin ... end": the word, then the body indented.
static const Item *make_keyword(Pretty *p, const char *word, const Item *body)
{
    return item_step(p, item_leaf(p, word), body);
}

static const Item *make_tuple(Pretty *p, Term list, ItemMaker make)
{
    if (term_is_nil(list)) return item_leaf(p, "{}");
    return item_brackets(p, "{", "}", list, make);
}

// "(A, B)"
const Item *make_args(Pretty *p, Term args)
{
    return item_brackets(p, "(", ")", args, make_expression);
}

// "f(" and arguments below each other behind the parenthesis.
const Item *make_call(Pretty *p, const Item *name, Term args)
{
    return item_first(p, name, make_args(p, args));
}

// One expression stays on the clause's line if it fits; more of them are one a
// line, always.
const Item *make_body(Pretty *p, Term body)
{
    if (term_is_cons(body) && term_is_nil(term_tail(body)))
        return make_expression(p, term_head(body));
    return item_lines(p, ",", body, make_expression);
}

// ---- guards ----

// "A, B": all must hold.
static const Item *make_tests(Pretty *p, Term tests)
{
    return item_series(p, ",", tests, make_expression);
}

// A guard may be one list of tests, as it was before there were alternatives.
// Old forms, and guards given by hand.
static Term guard_alternatives(Pretty *p, Term guard)
{
    if (term_is_cons(guard) && !term_is_list(term_head(guard)))
        return heap_cons(&p->scratch, guard, TERM_NIL);
    return guard;
}

// "when A, B; C"; empty without a guard.
const Item *make_guard(Pretty *p, Term guard)
{
    if (term_is_nil(guard)) return &item_empty;
    Term alternatives = guard_alternatives(p, guard);
    return make_list1(p, make_keyword(p, "when",
                                      item_series(p, ";", alternatives,
                                                  make_tests)));
}

// "f(X) when X > 0 ->": the arrow never begins a line.
const Item *make_guarded(Pretty *p, const Item *head, Term guard)
{
    const Item *list =
        make_list1(p, item_step(p, head, make_guard(p, guard)));
    return make_row2(p, list, item_leaf(p, " ->"));
}

// ---- clauses ----

static bool is_clause(Pretty *p, Term t)
{
    if (is_node(t, ATOM_clause, 5)) return true;
    p->bad = true;
    return false;
}

// The body is the step's second part: on the line, or below, indented.
static const Item *finish_clause(Pretty *p, const Item *head, Term clause)
{
    return item_step(p, make_guarded(p, head, at(clause, 3)),
                     make_body(p, at(clause, 4)));
}

// An empty guard is "true", as the compiler makes it.
static const Item *make_if_clause(Pretty *p, Term t)
{
    if (!is_clause(p, t)) return &item_empty;
    const Item *guard;
    if (term_is_nil(at(t, 3))) {
        guard = item_leaf(p, "true");
    } else {
        Item *series = (Item *)item_series(
            p, ";", guard_alternatives(p, at(t, 3)), make_tests);
        // if X > 0;Y -> : erl_pp has no space there.
        if (series->kind == ITEM_SEQUENCE) series->spaced = false;
        guard = series;
    }
    return item_step(p, make_row2(p, guard, item_leaf(p, " ->")),
                     make_body(p, at(t, 4)));
}

// One pattern: case, receive, maybe's else and try's of.
static const Item *make_case_clause(Pretty *p, Term t)
{
    if (!is_clause(p, t)) return &item_empty;
    if (term_list_length(at(t, 2)) != 1) return item_bad(p);
    return finish_clause(p, make_expression(p, term_head(at(t, 2))), t);
}

// cond is no part of the language; erl_pp prints it all the same.
static const Item *make_cond_clause(Pretty *p, Term t)
{
    if (!is_clause(p, t)) return &item_empty;
    Term guard = at(t, 3);
    if (term_list_length(guard) != 1 || !term_is_cons(term_head(guard)))
        return item_bad(p);
    const Item *test = make_expression(p, term_head(term_head(guard)));
    return item_step(p, make_row2(p, test, item_leaf(p, " ->")),
                     make_body(p, at(t, 4)));
}

// Class:Reason, and :Stack unless that is _.
// "error:badarg:St ->"
static const Item *make_try_clause(Pretty *p, Term t)
{
    if (!is_clause(p, t)) return &item_empty;
    if (term_list_length(at(t, 2)) != 1) return item_bad(p);
    Term tuple = term_head(at(t, 2));
    if (!is_node(tuple, ATOM_tuple, 3) || term_list_length(at(tuple, 2)) != 3)
        return item_bad(p);
    Term class = at(tuple, 2), reason = term_tail(class);
    Term stack = term_head(term_tail(reason));
    const Item *parts[5] = {make_expression(p, term_head(class)),
                            item_text(p, ":"),
                            make_expression(p, term_head(reason))};
    size_t n = 3;
    if (!is_node(stack, ATOM_var, 3) || !term_same(at(stack, 2),
                                                   ATOM_underscore)) {
        parts[n++] = item_text(p, ":");
        parts[n++] = make_expression(p, stack);
    }
    return finish_clause(p, item_row(p, n, parts), t);
}

// "(X) when X > 0 ->", behind the word fun.
static const Item *make_fun_clause(Pretty *p, Term t)
{
    if (!is_clause(p, t)) return &item_empty;
    return finish_clause(p, make_args(p, at(t, 2)), t);
}

static const Item *make_clauses(Pretty *p, Term clauses, ItemMaker make)
{
    return item_lines(p, ";", clauses, make);
}

// Clauses of a named fun: the name stands before each.
// fun F(0) -> 1; F(N) -> ... end.
static const Item *make_named_clauses(Pretty *p, Term name, Term clauses)
{
    const Item *lines = make_clauses(p, clauses, make_fun_clause);
    for (size_t i = 0; i < lines->count; i++) {
        const Item *clause = lines->items[i];
        if (clause->kind != ITEM_STEP || !leaf_add_name(p, name))
            return item_bad(p);
        const Item *head = make_row2(p, leaf_close(p, false), clause->first);
        lines->items[i] = item_step(p, head, clause->second);
    }
    return lines;
}

// ---- literals ----

// A variable made by the compiler may have a number for its name: _12.
static const Item *make_var(Pretty *p, Term name)
{
    if (term_is_small(name)) {
        leaf_add(p, "_");
        leaf_add_integer(p, name);
    } else if (!leaf_add_name(p, name)) { // may have written a part
        return item_bad(p);
    }
    return leaf_close(p, true);
}

// $a, $\n: never as a number.
static const Item *make_char(Pretty *p, Term c)
{
    if (!term_is_small(c) || !utf8_is_valid((uint32_t)term_small_value(c)))
        return item_bad(p);
    quote_add_char_literal(&p->leaf, (uint32_t)term_small_value(c),
                           p->options->latin1);
    return leaf_close(p, false);
}

static const Item *make_number(Pretty *p, Term n)
{
    leaf_add_term(p, n);
    return leaf_close(p, true);
}

// Broken into pieces when laid out, so its text is not made here.
static const Item *make_string(Pretty *p, Term characters)
{
    Item *item = item_new(p, ITEM_STRING, 0);
    item->term = characters;
    return item;
}

// ---- lists and comprehensions ----

// The elements of a chain of cons nodes, and the tail if it is not nil.
// A loop, not recursion: lists of a thousand elements are common.
static const Item *make_cons(Pretty *p, Term cons)
{
    size_t count = 0, n = 0;
    Term t = cons;
    for (; is_node(t, ATOM_cons, 4); t = at(t, 3)) count++;
    bool proper = is_node(t, ATOM_nil, 2);
    Item *item = item_new(p, ITEM_SEQUENCE, count + !proper);
    for (t = cons; is_node(t, ATOM_cons, 4); t = at(t, 3))
        item->items[n++] = make_expression(p, at(t, 2));
    if (!proper) item->items[n] = make_expression(p, t);
    item->before = item_text(p, "[");
    item->after = item_text(p, "]");
    item->separator = item->last_separator = item_text(p, ",");
    if (!proper) item->last_separator = item_leaf(p, " |");
    item->spaced = true;
    return item;
}

// In comprehensions as well: K := V <- M.
static const Item *make_map_field(Pretty *p, Term t)
{
    bool exact = is_node(t, ATOM_map_field_exact, 4);
    if (!exact && !is_node(t, ATOM_map_field_assoc, 4))
        return make_expression(p, t);
    const Item *key = make_row2(p, make_expression(p, at(t, 2)),
                                item_leaf(p, exact ? " :=" : " =>"));
    return make_list1(p, item_step(p, key, make_expression(p, at(t, 3))));
}

// NULL of what is no generator: a filter.
static const char *generator_arrow(Term tag)
{
    switch (tag.bits) {
    case ATOM_BITS_generate:
    case ATOM_BITS_m_generate: return " <-";
    case ATOM_BITS_b_generate: return " <=";
    case ATOM_BITS_generate_strict:
    case ATOM_BITS_m_generate_strict: return " <:-";
    case ATOM_BITS_b_generate_strict: return " <:=";
    default: return NULL;
    }
}

// "X <- L", zipped ones with " &&" between.
static const Item *make_qualifier(Pretty *p, Term t)
{
    if (is_node(t, ATOM_zip, 3))
        return item_series(p, " &&", at(t, 2), make_qualifier);
    const char *arrow = NULL;
    if (term_is_tuple_of(t, 4)) arrow = generator_arrow(at(t, 0));
    if (arrow == NULL) return make_expression(p, t);
    const Item *pattern =
        make_row2(p, make_map_field(p, at(t, 2)), item_leaf(p, arrow));
    return make_list1(p, item_step(p, pattern, make_expression(p, at(t, 3))));
}

// [X || X <- L, X > 1]: the qualifiers line up behind the bars.
static const Item *make_comprehension(Pretty *p, const char *open,
                                      const Item *value, Term qualifiers,
                                      const char *close)
{
    const Item *head = make_row2(p, value, item_leaf(p, " ||"));
    const Item *lines = item_lines(p, ",", qualifiers, make_qualifier);
    const Item *inner = make_list1(p, item_step(p, head, lines));
    Item *sequence = item_new(p, ITEM_SEQUENCE, 1);
    sequence->items[0] = item_commented(p, item_leaf(p, " "), inner);
    sequence->before = item_text(p, open);
    sequence->spaced = true;
    return make_list2(p, sequence, item_text(p, close));
}

// ---- records and maps ----

// #name
static const Item *make_record_name(Pretty *p, Term name)
{
    return make_row2(p, item_text(p, "#"), item_atom(p, name));
}

// "a = 1 :: integer()", "a = 1" or "a".
static const Item *make_record_field(Pretty *p, Term t)
{
    if (is_node(t, ATOM_typed_record_field, 3)) {
        Term field = at(t, 1);
        if (!is_node(field, ATOM_record_field, 4))
            return make_typed(p, make_record_field(p, field), at(t, 2));
        Precedence prec = precedence_infix(ATOM_match_op);
        const Item *value = make_expression_in(p, at(field, 3), prec.right);
        const Item *name = make_expression_in(p, at(field, 2), prec.left);
        return make_list1(
            p, item_close_step(p, make_row2(p, name, item_leaf(p, " =")),
                               make_typed(p, value, at(t, 2))));
    }
    if (is_node(t, ATOM_record_field, 3)) return make_expression(p, at(t, 2));
    if (!is_node(t, ATOM_record_field, 4)) return item_bad(p);
    Precedence prec = precedence_infix(ATOM_match_op);
    const Item *name = make_expression_in(p, at(t, 2), prec.left);
    const Item *value = make_expression_in(p, at(t, 3), prec.right);
    return make_list1(
        p, item_close_step(p, make_row2(p, name, item_leaf(p, " =")), value));
}

// {a = 1,b}
const Item *make_record_fields(Pretty *p, Term fields)
{
    return make_tuple(p, fields, make_record_field);
}

// An integer or fun before a # is kept apart from it by a space.
// 1#r would be read as a number in base 1.
static bool needs_space_before_hash(Term e)
{
    if (is_node(e, ATOM_integer, 3)) return true;
    if (!is_node(e, ATOM_fun, 3)) return false;
    return is_node(at(e, 2), ATOM_function, 3)
           || is_node(at(e, 2), ATOM_function, 4);
}

static const Item *make_hash_space(Pretty *p, Term e)
{
    return needs_space_before_hash(e) ? item_text(p, " ") : &item_empty;
}

// {record, _, Name, Fields}
static const Item *make_record(Pretty *p, Term e, int outer)
{
    const Item *item = item_first(p, make_record_name(p, at(e, 2)),
                                  make_record_fields(p, at(e, 3)));
    return make_parenthesized(p, precedence_prefix(ATOM_hash).self, outer,
                              item);
}

// {record, _, Record, Name, Fields}
static const Item *make_record_update(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_infix(ATOM_hash);
    const Item *head =
        make_row3(p, make_expression_in(p, at(e, 2), prec.left),
                  make_hash_space(p, at(e, 2)), make_record_name(p, at(e, 3)));
    const Item *item = item_first(p, head, make_record_fields(p, at(e, 4)));
    return make_parenthesized(p, prec.self, outer, item);
}

// {record_index, _, Name, Field}
static const Item *make_record_index(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_prefix(ATOM_hash);
    const Item *item =
        make_row3(p, make_record_name(p, at(e, 2)), item_text(p, "."),
                  make_expression_in(p, at(e, 3), prec.right));
    return make_parenthesized(p, prec.self, outer, item);
}

// {record_field, _, Record, Name, Field}
static const Item *make_record_access(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_infix(ATOM_hash);
    const Item *record = make_expression_in(p, at(e, 2), prec.left);
    const Item *name =
        make_row3(p, make_hash_space(p, at(e, 2)),
                  make_record_name(p, at(e, 3)), item_text(p, "."));
    const Item *item = make_row3(p, record, name,
                                 make_expression_in(p, at(e, 4), prec.right));
    return make_parenthesized(p, prec.self, outer, item);
}

// {record_field, _, Record, Field}: of the old packages, Record.Field
static const Item *make_package(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_infix(ATOM_period);
    const Item *field = make_expression_in(p, at(e, 3), prec.right);
    Term left = at(e, 2);
    const Item *item;
    if (is_node(left, ATOM_atom, 3) && term_same(at(left, 2), ATOM_empty))
        item = make_row2(p, item_text(p, "."), field);
    else
        item = make_row3(p, make_expression_in(p, left, prec.left),
                         item_text(p, "."), field);
    return make_parenthesized(p, prec.self, outer, item);
}

// #{k => v}
static const Item *make_map(Pretty *p, Term e, int outer)
{
    const Item *item = item_first(p, item_text(p, "#"),
                                  make_tuple(p, at(e, 2), make_map_field));
    return make_parenthesized(p, precedence_prefix(ATOM_hash).self, outer,
                              item);
}

// M#{k := v}
static const Item *make_map_update(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_infix(ATOM_hash);
    const Item *head =
        make_row3(p, make_expression_in(p, at(e, 2), prec.left),
                  make_hash_space(p, at(e, 2)), item_text(p, "#"));
    const Item *item =
        item_first(p, head, make_tuple(p, at(e, 3), make_map_field));
    return make_parenthesized(p, prec.self, outer, item);
}

// ---- blocks ----

// "begin ... end", "if ... end": closed by its own line.
static const Item *make_block(Pretty *p, const char *word, const Item *body)
{
    return make_list2(p, make_keyword(p, word, body), make_end(p));
}

// "case X of" has two steps: the expression's, and the clauses'.
static const Item *make_case(Pretty *p, Term e)
{
    const Item *head =
        make_list2(p, make_keyword(p, "case", make_expression(p, at(e, 2))),
                   item_text(p, "of"));
    const Item *clauses = make_clauses(p, at(e, 3), make_case_clause);
    return make_list2(p, item_step(p, head, clauses), make_end(p));
}

// The after part is a block of its own within.
static const Item *make_receive_after(Pretty *p, Term e)
{
    const Item *time = make_row2(p, make_expression(p, at(e, 3)),
                                 item_leaf(p, " ->"));
    const Item *after =
        make_list1(p, item_step(p, time, make_body(p, at(e, 4))));
    const Item *clauses = make_clauses(p, at(e, 2), make_case_clause);
    return item_list(p, 3, (const Item *[]){
                               make_keyword(p, "receive", clauses),
                               make_keyword(p, "after", after), make_end(p)});
}

// try ... of ... catch ... after ... end, parts that are empty left out.
static const Item *make_try(Pretty *p, Term e)
{
    const Item *parts[4];
    size_t n = 0;
    const Item *body = make_keyword(p, "try", make_body(p, at(e, 2)));
    if (!term_is_nil(at(e, 3))) {
        const Item *head = make_list2(p, body, item_text(p, "of"));
        body = item_step(p, head, make_clauses(p, at(e, 3), make_case_clause));
    }
    parts[n++] = body;
    if (!term_is_nil(at(e, 4)))
        parts[n++] = make_keyword(p, "catch", make_clauses(p, at(e, 4),
                                                           make_try_clause));
    if (!term_is_nil(at(e, 5)))
        parts[n++] = make_keyword(p, "after", make_body(p, at(e, 5)));
    parts[n++] = make_end(p);
    return item_list(p, n, parts);
}

// maybe ... else ... end
static const Item *make_maybe_else(Pretty *p, Term e)
{
    if (!is_node(at(e, 3), ATOM_else, 3)) return item_bad(p);
    const Item *clauses =
        make_clauses(p, at(at(e, 3), 2), make_case_clause);
    return item_list(p, 3, (const Item *[]){
                               make_keyword(p, "maybe", make_body(p, at(e, 2))),
                               make_keyword(p, "else", clauses), make_end(p)});
}

// ---- funs ----

// fun f/1, or fun m:f/1 whose parts are forms.
static const Item *make_fun_name(Pretty *p, Term f)
{
    leaf_add(p, "fun ");
    const Item *word = leaf_close(p, true);
    if (term_arity(f) == 3) {
        const Item *name = item_atom(p, at(f, 1));
        leaf_add(p, "/");
        leaf_add_term(p, at(f, 2));
        return make_row3(p, word, name, leaf_close(p, true));
    }
    return item_row(p, 6, (const Item *[]){
                              word, make_expression(p, at(f, 1)),
                              item_text(p, ":"), make_expression(p, at(f, 2)),
                              item_text(p, "/"), make_expression(p, at(f, 3))});
}

// {'fun', _, What}
// Three shapes: a name, a remote name, clauses.
static const Item *make_fun(Pretty *p, Term e)
{
    Term what = at(e, 2);
    if (is_node(what, ATOM_function, 3) || is_node(what, ATOM_function, 4))
        return make_fun_name(p, what);
    if (!is_node(what, ATOM_clauses, 2)) return item_bad(p);
    const Item *clauses = make_clauses(p, at(what, 1), make_fun_clause);
    return make_list2(p, item_first(p, item_leaf(p, "fun"), clauses),
                      make_end(p));
}

// The space behind "fun" is text: nothing breaks there.
static const Item *make_named_fun(Pretty *p, Term e)
{
    const Item *clauses = make_named_clauses(p, at(e, 2), at(e, 3));
    return make_list2(p, item_first(p, item_text(p, "fun "), clauses),
                      make_end(p));
}

// Forms that the compiler made carry information on a fun, shown in a comment.
// Five elements, or four of a plain fun.
static const Item *make_fun_with_info(Pretty *p, Term extra, const Item *fun)
{
    leaf_add(p, "% fun-info: ");
    leaf_add_pretty_term(p, extra);
    return item_commented(p, leaf_close(p, false), fun);
}

// ---- calls, operators, matches ----
// Operators of a chain have parentheses only where precedence asks.

static const Item *make_call_expression(Pretty *p, Term e, int outer)
{
    enum { FUNCTION = 800, SELF = 700 };
    Term name = at(e, 2);
    intptr_t arity = term_list_length(at(e, 3));
    if (arity < 0) return item_bad(p);
    // A call of erlang:F is written without the module when F is imported.
    // erlang:float/1 is left as it is: erl_pp does so.
    if (is_node(name, ATOM_remote, 4) && is_node(at(name, 2), ATOM_atom, 3)
        && is_node(at(name, 3), ATOM_atom, 3)
        && term_same(at(at(name, 2), 2), ATOM_erlang)
        && !term_same(at(at(name, 3), 2), ATOM_float)
        && auto_import_has(p->node->atoms, at(at(name, 3), 2), (size_t)arity))
        name = at(name, 3);
    const Item *call =
        make_call(p, make_expression_in(p, name, FUNCTION), at(e, 3));
    return make_parenthesized(p, SELF, outer, call);
}

// m:f
static const Item *make_remote(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_infix(ATOM_colon);
    const Item *item =
        make_row3(p, make_expression_in(p, at(e, 2), prec.left),
                  item_text(p, ":"),
                  make_expression_in(p, at(e, 3), prec.right));
    return make_parenthesized(p, prec.self, outer, item);
}

// X = f(), and ok ?= f() which never has parentheses.
static const Item *make_match(Pretty *p, Term e, const char *sign,
                              Precedence prec, int outer)
{
    const Item *left = make_expression_in(p, at(e, 2), prec.left);
    const Item *right = make_expression_in(p, at(e, 3), prec.right);
    const Item *head = make_row2(p, left, item_leaf(p, sign));
    const Item *item = make_list1(p, item_close_step(p, head, right));
    return make_parenthesized(p, prec.self, outer, item);
}

// catch f(): parentheses as an operand.
static const Item *make_catch(Pretty *p, Term e, int outer)
{
    Precedence prec = precedence_prefix(ATOM_catch);
    const Item *inner = make_expression_in(p, at(e, 2), prec.right);
    const Item *item = make_list1(p, make_keyword(p, "catch", inner));
    return make_parenthesized(p, prec.self, outer, item);
}

// "-X", "not X": words have a space, signs none.
static const Item *make_prefix(Pretty *p, Term e, int outer)
{
    Term op = at(e, 2);
    Precedence prec = precedence_prefix(op);
    if (prec.self < 0 || !leaf_add_name(p, op)) return item_bad(p);
    if (!term_same(op, ATOM_plus) && !term_same(op, ATOM_minus))
        leaf_add(p, " ");
    const Item *sign = leaf_close(p, false);
    const Item *item =
        make_row2(p, sign, make_expression_in(p, at(e, 3), prec.right));
    return make_parenthesized(p, prec.self, outer, item);
}

// "A + B": breaks before and behind the operator. erl_pp puts the operands of
// andalso and orelse on lines of their own.
static const Item *make_infix(Pretty *p, Term e, int outer)
{
    Term op = at(e, 2);
    Precedence prec = precedence_infix(op);
    if (prec.self < 0 || !leaf_add_name(p, op)) return item_bad(p);
    const Item *sign = leaf_close(p, false);
    const Item *sides[3] = {make_expression_in(p, at(e, 3), prec.left), sign,
                            make_expression_in(p, at(e, 4), prec.right)};
    // The cast is of an item made just now.
    Item *item = (Item *)item_list(p, 3, sides);
    if (term_same(op, ATOM_orelse) || term_same(op, ATOM_andalso))
        item->kind = ITEM_LINES;
    return make_parenthesized(p, prec.self, outer, item);
}

// ---- bit syntax ----
// X:8/little-unit:8

// A type is an atom or a pair of a name and a number.
static const Item *make_bit_type(Pretty *p, Term type)
{
    if (!term_is_tuple_of(type, 2)) return make_abstract(p, type, 0);
    return make_row3(p, make_abstract(p, at(type, 0), 0), item_text(p, ":"),
                     make_abstract(p, at(type, 1), 0));
}

// "/" before the first, "-" before the others.
static const Item *make_bit_types(Pretty *p, Term types)
{
    intptr_t n = term_list_length(types);
    if (n < 1) return item_bad(p);
    Item *row = item_new(p, ITEM_ROW, 2 * (size_t)n);
    for (size_t i = 0; i < row->count; i += 2, types = term_tail(types)) {
        row->items[i] = item_text(p, i == 0 ? "/" : "-");
        row->items[i + 1] = make_bit_type(p, term_head(types));
    }
    return row;
}

// Value and size need parentheses unless they are plain.
static const Item *make_bit_element(Pretty *p, Term t)
{
    if (!is_node(t, ATOM_bin_element, 5)) return item_bad(p);
    const Item *item = make_expression_in(p, at(t, 2), PRECEDENCE_MOST);
    if (!term_same(at(t, 3), ATOM_default))
        item = make_row3(p, item, item_text(p, ":"),
                         make_expression_in(p, at(t, 3), PRECEDENCE_MOST));
    if (!term_same(at(t, 4), ATOM_default))
        item = make_row2(p, item, make_bit_types(p, at(t, 4)));
    return item;
}

// Elements are parted by "," alone.
static const Item *make_bits(Pretty *p, Term elements)
{
    if (term_is_nil(elements)) return item_leaf(p, "<<>>");
    Item *series = (Item *)item_series(p, ",", elements, make_bit_element);
    if (series->kind == ITEM_SEQUENCE) series->spaced = false;
    return make_row3(p, item_leaf(p, "<<"), series, item_leaf(p, ">>"));
}

// ---- all of them ----

// What is no form: a hook's, or shown as it is.
static const Item *make_unknown(Pretty *p, Term e, int outer)
{
    if (!p->hooks) {
        leaf_add(p, "INVALID-FORM:");
        leaf_add_term(p, e);
        leaf_add(p, ":");
        return leaf_close(p, true);
    }
    Item *item = item_new(p, ITEM_HOOK, 0);
    item->term = e;
    // The precedence goes in the width's place: a hook has no width.
    item->width = (uint32_t)outer;
    return item;
}

// {Tag, Anno, Value}
static const Item *make_small_node(Pretty *p, Term e, int outer)
{
    Term value = at(e, 2);
    switch (at(e, 0).bits) {
    case ATOM_BITS_var: return make_var(p, value);
    case ATOM_BITS_char: return make_char(p, value);
    case ATOM_BITS_integer:
    case ATOM_BITS_float: return make_number(p, value);
    case ATOM_BITS_atom: return item_atom(p, value);
    case ATOM_BITS_string: return make_string(p, value);
    case ATOM_BITS_tuple: return make_tuple(p, value, make_expression);
    case ATOM_BITS_map: return make_map(p, e, outer);
    case ATOM_BITS_block: return make_block(p, "begin", make_body(p, value));
    case ATOM_BITS_if:
        return make_block(p, "if", make_clauses(p, value, make_if_clause));
    case ATOM_BITS_cond:
        return make_block(p, "cond", make_clauses(p, value, make_cond_clause));
    case ATOM_BITS_receive:
        return make_block(p, "receive",
                          make_clauses(p, value, make_case_clause));
    case ATOM_BITS_fun: return make_fun(p, e);
    case ATOM_BITS_catch: return make_catch(p, e, outer);
    case ATOM_BITS_maybe: return make_block(p, "maybe", make_body(p, value));
    case ATOM_BITS_bin: return make_bits(p, value);
    case ATOM_BITS_value:
        // A value put into a form by a tool.
        leaf_add_pretty_term(p, value);
        return leaf_close(p, false);
    default: return make_unknown(p, e, outer);
    }
}

// {Tag, Anno, A, B}
static const Item *make_middle_node(Pretty *p, Term e, int outer)
{
    switch (at(e, 0).bits) {
    case ATOM_BITS_cons: return make_cons(p, e);
    case ATOM_BITS_lc:
        return make_comprehension(p, "[", make_expression(p, at(e, 2)),
                                  at(e, 3), "]");
    case ATOM_BITS_bc:
        return make_comprehension(
            p, "<<", make_expression_in(p, at(e, 2), PRECEDENCE_MOST),
            at(e, 3), ">>");
    case ATOM_BITS_mc:
        return make_comprehension(p, "#{", make_map_field(p, at(e, 2)),
                                  at(e, 3), "}");
    case ATOM_BITS_record_index: return make_record_index(p, e, outer);
    case ATOM_BITS_record: return make_record(p, e, outer);
    case ATOM_BITS_record_field: return make_package(p, e, outer);
    case ATOM_BITS_map: return make_map_update(p, e, outer);
    case ATOM_BITS_case: return make_case(p, e);
    case ATOM_BITS_named_fun: return make_named_fun(p, e);
    case ATOM_BITS_call: return make_call_expression(p, e, outer);
    case ATOM_BITS_maybe: return make_maybe_else(p, e);
    case ATOM_BITS_maybe_match:
        return make_match(p, e, " ?=", (Precedence){0}, 0);
    case ATOM_BITS_match:
        return make_match(p, e, " =", precedence_infix(ATOM_match_op), outer);
    case ATOM_BITS_op: return make_prefix(p, e, outer);
    case ATOM_BITS_remote: return make_remote(p, e, outer);
    case ATOM_BITS_fun: {
        // A fun with information: printed as one without, behind a comment.
        Term fun = heap_tuple3(&p->scratch, ATOM_fun, at(e, 1), at(e, 2));
        return make_fun_with_info(p, at(e, 3), make_fun(p, fun));
    }
    default: return make_unknown(p, e, outer);
    }
}

// Five elements and more.
static const Item *make_large_node(Pretty *p, Term e, int outer)
{
    if (is_node(e, ATOM_record, 5)) return make_record_update(p, e, outer);
    if (is_node(e, ATOM_record_field, 5))
        return make_record_access(p, e, outer);
    if (is_node(e, ATOM_receive, 5)) return make_receive_after(p, e);
    if (is_node(e, ATOM_op, 5)) return make_infix(p, e, outer);
    if (is_node(e, ATOM_try, 6)) return make_try(p, e);
    if (is_node(e, ATOM_named_fun, 5))
        return make_fun_with_info(p, at(e, 4), make_named_fun(p, e));
    return make_unknown(p, e, outer);
}

// By size first, which is how most tags are told apart that have two shapes,
// like 'fun' or map.
const Item *make_expression_in(Pretty *p, Term e, int precedence)
{
    if (!term_is_tuple(e) || term_arity(e) < 2)
        return make_unknown(p, e, precedence);
    switch (term_arity(e)) {
    case 2:
        if (is_node(e, ATOM_nil, 2)) return item_leaf(p, "[]");
        return make_unknown(p, e, precedence);
    case 3: return make_small_node(p, e, precedence);
    case 4: return make_middle_node(p, e, precedence);
    default: return make_large_node(p, e, precedence);
    }
}

const Item *make_expression(Pretty *p, Term e)
{
    return make_expression_in(p, e, 0);
}
