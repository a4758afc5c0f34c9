// SPDX-License-Identifier: Apache-2.0
// Expressions: from abstract form to instructions, but for what has a file of
// its own (calls, funs, binaries, maps, records, comprehensions, try, receive).
//
// Values are made in the order in which Erlang evaluates them, so that effects
// and exceptions come in that order without any pass having to mind it. What is
// pure may be dropped later, never moved before something else.
//
// Three things that stay where they were when an expression has been built: the
// place (build_place) is that of the part built last, so whoever needs his own
// for an exception keeps it; facts of a way are undone at joins; and the
// builder always stands in some block, be it one that nothing leads to.
#include "builder.h"
#include "fold.h"
#include "match.h"

// Nesting deeper than this is refused: each level takes C stack.
enum { DEPTH_MOST = 20000 };

static Siblings begin_operands(const Builder *b)
{
    return (Siblings){b->siblings, build_mark(b), build_mark(b)};
}

static Inst *operand(Builder *b, Siblings *s, Term e)
{
    s->to = build_mark(b);
    b->siblings = s;
    return ir_value(build_expr(b, e));
}

// From the left: in f(g(), h()) the exception of g is the one that is seen.
Inst **build_exprs(Builder *b, Term list, size_t *n)
{
    *n = (size_t)term_list_length(list);
    Inst **values = arena_alloc(&b->u->arena, (*n + 1) * sizeof(Inst *));
    Siblings s = begin_operands(b);
    for (size_t i = 0; i < *n; i++, list = term_tail(list))
        values[i] = operand(b, &s, term_head(list));
    b->siblings = s.around;
    return values;
}

// The value of a body is its last one. A comprehension in front of that is for
// its effects only, so no list is made of it: what erlc does in the same place,
// and what makes [io:format(X) || X <- L], ok run in constant space.
Inst *build_body(Builder *b, Term exprs)
{
    Inst *value = NULL;
    for (; term_is_cons(exprs); exprs = term_tail(exprs)) {
        Term e = term_head(exprs);
        bool last = term_is_nil(term_tail(exprs));
        // _ = [...] is for its effects only, too.
        if (form_is(e, ATOM_match) && form_is(form_get(e, 3), ATOM_var)
            && term_same(form_get(form_get(e, 3), 3), ATOM_underscore)
            && form_is(form_get(e, 4), ATOM_lc))
            e = form_get(e, 4);
        if (form_is(e, ATOM_lc) && !last)
            build_comprehension_effect(b, e);
        else
            value = build_expr(b, e);
    }
    // No grammar makes an empty body.
    return value != NULL ? value : build_literal(b, ATOM_ok);
}

static Inst *variable(Builder *b, Term e)
{
    Inst *v = build_lookup(b, form_get(e, 3));
    // Lint has refused unbound variables; this is for forms that skipped it.
    return v != NULL ? ir_value(v) : build_literal(b, form_get(e, 3));
}

// A long list literal nests as deep as it is long, so it is walked.
static Inst *cons(Builder *b, Term e)
{
    size_t n = 0, room = 0;
    Inst **heads = NULL;
    Siblings s = begin_operands(b);
    for (; form_is(e, ATOM_cons); e = form_get(e, 4)) {
        if (n == room)
            heads = arena_grow(&b->u->arena, heads, n, &room, sizeof *heads);
        heads[n++] = operand(b, &s, form_get(e, 3));
    }
    // Evaluated from the left, built from the right.
    Inst *tail = operand(b, &s, e);
    b->siblings = s.around;
    while (n-- > 0) tail = build_cons(b, heads[n], tail);
    return tail;
}

// For what has no instruction of its own: {badarg, V}, {badmap, V},
// {else_clause, V}. The stack trace begins with erlang:error/1's caller, which
// is the function that is built, as with the instructions.
void build_error(Builder *b, Term reason, Inst *value)
{
    Inst *parts[] = {build_literal(b, reason), value};
    Inst *tuple = build_tuple(b, 2, parts);
    build_raise(b, ATOM_error, 1, &tuple);
}

// Goes on where [v] is [sense], to [other] where it is the other boolean;
// anything else is a badarg. Outside of guards that takes two tests, the second
// aside:
//   is_eq_exact V, true, no      goes on
//   no: is_eq_exact V, false, bad   -> other
//   bad: erlang:error({badarg, V})
// In a guard there is nothing to raise: bad is where the guard fails.
static void boolean_branch(Builder *b, Inst *v, bool sense, Block *other)
{
    Inst *want = build_literal(b, sense ? ATOM_true : ATOM_false);
    Inst *unwanted = build_literal(b, sense ? ATOM_false : ATOM_true);
    if (!(v->type & ~(uint64_t)TYPE_BOOL)) { // one test tells them apart
        build_test(b, ATOM_exact_eq, 2, (Inst *[]){v, want}, true, other);
        return;
    }
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    build_test(b, ATOM_exact_eq, 2, (Inst *[]){v, want}, true, no);
    Block *on = build_aside(b, mark, no);
    Block *bad = b->fail != NULL ? b->fail : build_block(b);
    build_test(b, ATOM_exact_eq, 2, (Inst *[]){v, unwanted}, true, bad);
    build_jump(b, other);
    if (b->fail == NULL) {
        build_at(b, bad);
        build_error(b, ATOM_badarg, v);
    }
    build_undo(b, mark);
    build_at(b, on);
}

// What the first operand binds is seen in both ways; what the second binds,
// behind it only. The value of `X andalso f()' is that of f(), whatever it is;
// only X must be a boolean. Written last in a function, f() has to be a tail
// call, or loops written so would use up the stack: it goes to the return by a
// phi only, and simplify puts the return before the join.
Inst *build_logic(Builder *b, Term e)
{
    bool both = term_same(form_get(e, 3), ATOM_andalso);
    Join join = {0};
    Block *shortcut = build_block(b);
    size_t mark = build_mark(b);
    if (build_is_condition(b, form_get(e, 4))) {
        build_condition(b, form_get(e, 4), both, shortcut);
    } else {
        Inst *v = build_value(b, form_get(e, 4));
        mark = build_mark(b); // what X binds stays for both ways
        boolean_branch(b, v, both, shortcut);
    }
    Inst *second = build_value(b, form_get(e, 5));
    match_way(b, &join, second, mark);
    build_at(b, shortcut);
    Inst *known = build_literal(b, both ? ATOM_false : ATOM_true);
    match_way(b, &join, known, mark);
    return match_join(b, &join);
}

// --, ++ and ! have no instructions: they are calls like any other, and may not
// stand in guards.
static Inst *call_erlang(Builder *b, Term name, size_t n, Inst *const *args)
{
    Inst *i = build_inst(b, IR_CALL_EXT, n, args);
    i->term = ATOM_erlang;
    i->term2 = name;
    return i;
}

// List ++ Tail: cells in front when the list is a literal. So "ab" ++ T makes
// two cells and copies nothing. With an improper list it stays a call, which
// raises.
static Inst *append(Builder *b, Inst *list, Inst *tail)
{
    if (!ir_is_literal(list) || !term_is_list(list->term))
        return call_erlang(b, ATOM_append, 2, (Inst *[]){list, tail});
    intptr_t n = term_list_length(list->term); // negative: improper
    if (n < 0) return call_erlang(b, ATOM_append, 2, (Inst *[]){list, tail});
    Term *items = arena_alloc(&b->u->arena, (size_t)(n + 1) * sizeof(Term));
    Term rest = list->term;
    for (intptr_t i = 0; i < n; i++, rest = term_tail(rest))
        items[i] = term_head(rest);
    while (n-- > 0) tail = build_cons(b, build_literal(b, items[n]), tail);
    return tail;
}

// The place is set behind the operands: an exception of the operator is told
// with its own line, theirs with theirs.
static Inst *binary_op(Builder *b, Term e)
{
    Term name = form_get(e, 3);
    if (term_same(name, ATOM_andalso) || term_same(name, ATOM_orelse)) {
        if (build_is_condition(b, e)) return build_condition_value(b, e);
        return build_logic(b, e);
    }
    Inst *args[2];
    // OTP's compiler gives a comprehension the tail it goes in front of: that
    // is evaluated first. At the prompt nothing is.
    bool last_first = term_same(name, ATOM_append)
                      && form_is(form_get(e, 4), ATOM_lc)
                      && !b->u->lazy_sequences;
    Siblings s = begin_operands(b);
    if (last_first) args[1] = operand(b, &s, form_get(e, 5));
    args[0] = operand(b, &s, form_get(e, 4));
    if (!last_first) args[1] = operand(b, &s, form_get(e, 5));
    b->siblings = s.around;
    build_place(b, form_get(e, 2));
    if (term_same(name, ATOM_append)) return append(b, args[0], args[1]);
    if (term_same(name, ATOM_subtract) || term_same(name, ATOM_send_op))
        return call_erlang(b, name, 2, args);
    return build_bif(b, name, 2, args);
}

static Inst *unary_op(Builder *b, Term e)
{
    Inst *v = ir_value(build_expr(b, form_get(e, 4)));
    build_place(b, form_get(e, 2));
    return build_bif(b, form_get(e, 3), 1, &v);
}

static Inst *tuple(Builder *b, Term e)
{
    size_t n;
    Inst **values = build_exprs(b, form_get(e, 3), &n);
    return build_tuple(b, n, values);
}

// ---- case, if, = ----

// The clause that a known boolean chooses, when that is clear from patterns
// that are true, false or a variable, and from no guard; else 0.
static size_t choose(Term clauses, Term value)
{
    size_t i = 1;
    for (; term_is_cons(clauses); clauses = term_tail(clauses), i++) {
        Term clause = term_head(clauses);
        Term pattern = term_head(form_get(clause, 3));
        if (!term_is_nil(form_get(clause, 4))) return 0;
        if (form_is(pattern, ATOM_var))
            return term_same(form_get(pattern, 3), ATOM_underscore) ? i : 0;
        if (!form_is(pattern, ATOM_atom)) return 0;
        if (term_same(form_get(pattern, 3), value)) return i;
    }
    return 0;
}

static Term nth(Term list, size_t n)
{
    while (n-- > 1) list = term_tail(list);
    return term_head(list);
}

// case Condition of true -> ...; false -> ... end
// By jumps: no boolean is made only to be compared. Where the condition is
// known the other clause is never reached and not built.
static Inst *condition_case(Builder *b, Term e, size_t yes, size_t no)
{
    Term clauses = form_get(e, 4);
    Join join = {0};
    Block *other = build_block(b);
    size_t outer = build_mark(b);
    build_condition(b, form_get(e, 3), true, other);
    Inst *value = build_body(b, form_get(nth(clauses, yes), 5));
    match_way(b, &join, value, outer);
    if (other->prev_count > 0) { // else the condition always holds
        build_at(b, other);
        value = build_body(b, form_get(nth(clauses, no), 5));
        match_way(b, &join, value, outer);
    }
    return match_join(b, &join);
}

// The subject of a case in the block where no clause matched. A tuple made
// only to be matched is made again there, so that it need not be made before.
static Inst *again(Builder *b, Inst *v)
{
    if (v->op != IR_TUPLE) return v;
    return build_tuple(b, v->nargs, v->args);
}

// The place of the exception is that of the case, though the clauses have set
// theirs by then. Failures are built aside, when all clauses are done, and the
// builder goes on behind the join.
//   is_ok(X) = case f(X) of ok -> true end
// fails with {case_clause, f(X)}, the very term: that is why the subject must
// still be known there.
Inst *build_case(Builder *b, Term e)
{
    Term clauses = form_get(e, 4);
    if (build_is_condition(b, form_get(e, 3))) {
        size_t yes = choose(clauses, ATOM_true);
        size_t no = choose(clauses, ATOM_false);
        if (yes > 0 && no > 0 && yes != no)
            return condition_case(b, e, yes, no);
    }
    Inst *v = ir_value(build_expr(b, form_get(e, 3)));
    build_place(b, form_get(e, 2));
    Place place = b->place;
    Block *fail = build_block(b);
    Inst *value = match_clauses(b, 1, &v, clauses, fail, false);
    if (fail->prev_count == 0) return value; // some clause takes all
    Block *on = b->cur;
    build_at(b, fail);
    b->place = place;
    v = again(b, v);
    build_last(b, IR_CASE_CLAUSE, 1, &v);
    build_at(b, on);
    return value;
}

// A match of no values: nothing but guards. Without `true ->' the last failure
// leads to if_clause.
Inst *build_if(Builder *b, Term e)
{
    build_place(b, form_get(e, 2));
    Place place = b->place;
    Block *fail = build_block(b);
    Inst *value = match_clauses(b, 0, NULL, form_get(e, 3), fail, false);
    if (fail->prev_count == 0) return value; // true -> ...
    Block *on = b->cur;
    build_at(b, fail);
    b->place = place;
    build_last(b, IR_IF_CLAUSE, 0, NULL);
    build_at(b, on);
    return value;
}

// E before P: what E binds is bound when P is read, so X = (X = 1) compares.
Inst *build_match(Builder *b, Term e)
{
    Inst *v = ir_value(build_expr(b, form_get(e, 4)));
    build_place(b, form_get(e, 2));
    Place place = b->place;
    Pattern *p = pattern_read(b, form_get(e, 3), false);
    Block *fail = build_block(b);
    match_bind(b, v, p, fail);
    if (fail->prev_count > 0) { // X = f() never fails
        Block *on = b->cur;
        build_at(b, fail);
        b->place = place; // of the =, not of what the pattern holds
        Inst *subject = again(b, v);
        build_last(b, IR_BADMATCH, 1, &subject);
        build_at(b, on);
    }
    b->place = place;
    return v;
}

// ---- maybe ----

// One expression of a maybe: P ?= E leaves for [fail] with the value of E. All
// failures meet in one phi, the subject of the else clauses.
static Inst *maybe_step(Builder *b, Term e, Join *failed)
{
    if (!form_is(e, ATOM_maybe_match)) return build_expr(b, e);
    Inst *v = ir_value(build_expr(b, form_get(e, 4)));
    build_place(b, form_get(e, 2));
    Pattern *p = pattern_read(b, form_get(e, 3), false);
    Block *fail = build_block(b);
    match_bind(b, v, p, fail);
    if (fail->prev_count > 0) {
        Block *on = b->cur;
        build_at(b, fail);
        Inst *subject = again(b, v);
        match_way(b, failed, subject, build_mark(b));
        build_at(b, on);
    }
    return v;
}

// What follows when a maybe's match failed. Without an else the value that did
// not match is that of the maybe. With one that matches nothing either it is an
// error, {else_clause, V}.
static Inst *maybe_else(Builder *b, Term e, Inst *v)
{
    if (term_arity(e) < 4) return v;
    Term other = form_get(e, 4);
    Block *fail = build_block(b);
    Inst *value = match_clauses(b, 1, &v, form_get(other, 3), fail, false);
    if (fail->prev_count == 0) return value;
    Block *on = b->cur;
    build_at(b, fail);
    build_place(b, form_get(other, 2));
    build_error(b, ATOM_else_clause, v);
    build_at(b, on);
    return value;
}

// What its steps bind is undone at the join: lint has refused every use of it
// behind the maybe, and in the else.
Inst *build_maybe(Builder *b, Term e)
{
    Join join = {0}, failed = {0};
    size_t mark = build_mark(b);
    Inst *value = build_literal(b, ATOM_ok);
    for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
        value = maybe_step(b, term_head(l), &failed);
    match_way(b, &join, value, mark);
    if (failed.count > 0) {
        Inst *v = match_join(b, &failed);
        value = maybe_else(b, e, v);
        match_way(b, &join, value, mark);
    }
    return match_join(b, &join);
}

// ---- all ----

// What lint would have refused (forms of parse transforms may get past it) is
// `undefined' rather than a crash of the compiler.
static Inst *other_expr(Builder *b, Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_bin: return build_binary(b, e);
    case ATOM_BITS_map: return build_map(b, e);
    case ATOM_BITS_record: case ATOM_BITS_record_field:
    case ATOM_BITS_record_index:
        return build_record(b, e);
    case ATOM_BITS_try: return build_try(b, e);
    case ATOM_BITS_catch: return build_catch(b, e);
    case ATOM_BITS_receive: return build_receive(b, e);
    case ATOM_BITS_fun: case ATOM_BITS_named_fun: return build_fun(b, e);
    case ATOM_BITS_lc: case ATOM_BITS_bc: case ATOM_BITS_mc:
        return build_comprehension(b, e);
    case ATOM_BITS_maybe: return build_maybe(b, e);
    // Newer parsers put these in for coverage; they do nothing here.
    case ATOM_BITS_executable_line: case ATOM_BITS_debug_line:
        return build_literal(b, ATOM_ok);
    case ATOM_BITS_bind_trace: return build_bind_trace(b, e);
    // A term as it is, as erl_eval's forms hold them.
    case ATOM_BITS_value: return build_literal(b, form_get(e, 3));
    default: return build_literal(b, ATOM_undefined);
    }
}

// The common ones first, so that the switch stays short for most of them.
static Inst *build_one(Builder *b, Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_var: return variable(b, e);
    case ATOM_BITS_integer: case ATOM_BITS_float: case ATOM_BITS_char:
    case ATOM_BITS_atom: case ATOM_BITS_string:
        return build_literal(b, form_get(e, 3));
    case ATOM_BITS_nil: return build_nil(b);
    case ATOM_BITS_cons: return cons(b, e);
    case ATOM_BITS_tuple: return tuple(b, e);
    case ATOM_BITS_call: return build_call(b, e);
    case ATOM_BITS_match: return build_match(b, e);
    case ATOM_BITS_block: return build_body(b, form_get(e, 3));
    case ATOM_BITS_case: return build_case(b, e);
    case ATOM_BITS_if: return build_if(b, e);
    case ATOM_BITS_op:
        return term_arity(e) == 5 ? binary_op(b, e) : unary_op(b, e);
    default: return other_expr(b, e);
    }
}

// Told once: whatever is nested deeper is nil, and codegen gives up at the end,
// as of any error.
Inst *build_expr(Builder *b, Term e)
{
    if (b->depth >= DEPTH_MOST) {
        if (!b->u->too_deep) {
            b->u->too_deep = true;
            unit_error(b->u, b->place.file, form_get(e, 2), ATOM_compile,
                       ATOM_nesting_too_deep);
        }
        return build_nil(b);
    }
    b->depth++;
    Inst *value = build_one(b, e);
    b->depth--;
    return value;
}
