// SPDX-License-Identifier: Apache-2.0
// The names of the functions that funs and comprehensions become: they are
// seen in stack traces, so they carry the numbers that erlc gives them. It
// counts twice, and neither time in the order in which the code runs: once as
// it takes the expressions apart (arguments from the right, what lies in a fun
// before the fun, the sources of a comprehension before its loops), and once
// as it moves loops out of the function (a loop before what it holds).
//
//     f(X) -> [fun() -> [Y || Y <- X] end, fun() -> X end].
// Here the second fun is -f/1-fun-0-, the loop has number 1 and the first fun
// is -f/1-fun-2-. Both counts are over the forms, before any code is built, so
// that names do not depend on what is inlined or dropped.
#include "builder.h"

// Deeper expressions have numbers in the order in which they are built.
enum { DEPTH_MOST = 5000 };

typedef struct {
    uint32_t number; // of all funs and loops
    uint32_t lifted; // of loops and named funs
    bool is_taken;   // a form may stand in two places, its name may not
} FunNumber;

typedef struct {
    Arena *arena; // of the table of numbers
    Origin *origin; // whose numbers are given
    uint32_t depth; // of nesting, up to DEPTH_MOST
    bool is_lifting; // the second count
} Counter;

static void count(Counter *c, Term t);
static void count_right(Counter *c, Term list);

// Which of the numbers is given depends on the count that is going on.
static void number(Counter *c, Term form)
{
    // By the word of the term: each form that is written is a term of its own.
    Table *t = &c->origin->numbers;
    FunNumber *n = table_get(t, form.bits);
    if (n == NULL) {
        n = arena_zeroed(c->arena, sizeof *n);
        table_put(t, c->arena, form.bits, n);
    }
    if (c->is_lifting) n->lifted = c->origin->lifted++;
    else n->number = c->origin->count++;
}

static void count_list(Counter *c, Term list) // in order, as bodies are
{
    for (; term_is_cons(list); list = term_tail(list))
        count(c, term_head(list));
}

// All that [form] is made of, in order. Unknown kinds are counted so, too.
static void count_parts(Counter *c, Term form)
{
    for (size_t i = 3; i <= term_arity(form); i++) count(c, form_get(form, i));
}

// ---- arguments ----

// The last argument first: it is how v3_core takes arguments apart.
static void count_right_deep(Counter *c, Term list)
{
    if (!term_is_cons(list)) return;
    // By recursion, as lists are linked forwards only; up to a depth, as a
    // list that is written may be longer than the stack.
    if (c->depth++ < DEPTH_MOST) {
        count_right_deep(c, term_tail(list));
        count(c, term_head(list));
    }
    c->depth--;
}

// Items that are taken apart from the last to the first, but moved in order.
static void count_right(Counter *c, Term list)
{
    if (c->is_lifting) count_list(c, list);
    else count_right_deep(c, list);
}

// Two operands, as of [Head | Tail] and A + B.
static void count_pair(Counter *c, Term left, Term right)
{
    count(c, c->is_lifting ? left : right);
    count(c, c->is_lifting ? right : left);
}

static void count_call(Counter *c, Term e)
{
    Term f = form_get(e, 3);
    // M:F(A, B) from the right: B, A, F, M.
    if (form_is(f, ATOM_remote) && !c->is_lifting) {
        count_right(c, form_get(e, 4));
        count_pair(c, form_get(f, 3), form_get(f, 4));
        return;
    }
    count(c, f);
    count_right(c, form_get(e, 4));
}

// Operators are calls of two arguments, so from the right; in the second count
// in order.
static void count_op(Counter *c, Term e)
{
    Term name = form_get(e, 3);
    if (term_arity(e) == 4 || term_same(name, ATOM_andalso)
        || term_same(name, ATOM_orelse))
        // `andalso' becomes a case, whose parts are in order.
        count_parts(c, e);
    else
        count_pair(c, form_get(e, 4), form_get(e, 5));
}

// ---- funs ----

// A fun that only names a function is no function of its own, but v3_core makes
// a number for it and throws it away.
static void count_fun(Counter *c, Term e)
{
    Term f = form_get(e, 3);
    if (form_is(f, ATOM_clauses)) {
        // Funs within have lower numbers: the outer one is named last.
        count(c, form_get(f, 2));
        if (!c->is_lifting) number(c, e);
    } else if (term_arity(f) == 3) {
        // `fun f/1': OTP lets a number pass for it.
        // The name of a wrapper that is not made.
        if (!c->is_lifting) c->origin->count++;
    } else {
        count_pair(c, form_get(f, 2), form_get(f, 3));
    }
}

// A named fun becomes a letrec in Core Erlang, so it has numbers of both kinds.
static void count_named_fun(Counter *c, Term e)
{
    if (c->is_lifting) number(c, e);
    count(c, form_get(e, 4));
    if (!c->is_lifting) number(c, e);
}

// ---- comprehensions ----

static Term generator_source(Term q) // of any of the generators
{
    return form_get(q, 4);
}

static void count_sources(Counter *c, Term q) // zipped: all of them, in order
{
    if (!form_is(q, ATOM_zip)) {
        count(c, generator_source(q));
        return;
    }
    for (Term l = form_get(q, 3); term_is_cons(l); l = term_tail(l))
        count(c, generator_source(term_head(l)));
}

// In the second count the loop of a generator comes first, then what is in it,
// and its source last, as the source is an argument of the call of the loop.
static void lift_loops(Counter *c, Term qualifiers, Term template)
{
    if (!term_is_cons(qualifiers)) {
        count(c, template);
        return;
    }
    Term q = term_head(qualifiers);
    if (c->depth++ < DEPTH_MOST) {
        if (!form_is_generator(q)) count(c, q);
        else number(c, q);
        lift_loops(c, term_tail(qualifiers), template);
        if (form_is_generator(q)) count_sources(c, q);
    }
    c->depth--;
}

static void count_comprehension(Counter *c, Term e)
{
    Term template = form_get(e, 3), qualifiers = form_get(e, 4);
    if (c->is_lifting) {
        lift_loops(c, qualifiers, template);
        return;
    }
    // [E || X <- A, Y <- B]: sources, then a loop for each generator, then E.
    for (Term l = qualifiers; term_is_cons(l); l = term_tail(l)) {
        Term q = term_head(l);
        if (form_is_generator(q)) count_sources(c, q);
        else count(c, q);
    }
    for (Term l = qualifiers; term_is_cons(l); l = term_tail(l))
        if (form_is_generator(term_head(l))) number(c, term_head(l));
    count(c, template);
}

// ---- the rest ----

// Nested cases, each within the one before: what follows is in the clause.
static void count_maybe_steps(Counter *c, Term steps)
{
    if (!term_is_cons(steps)) return;
    Term e = term_head(steps);
    // `P ?= E' becomes a case around all that follows.
    bool last_first = form_is(e, ATOM_maybe_match) && !c->is_lifting;
    if (c->depth++ < DEPTH_MOST) {
        if (!last_first) count(c, e);
        count_maybe_steps(c, term_tail(steps));
        if (last_first) count(c, form_get(e, 4));
    }
    c->depth--;
}

static void count_maybe(Counter *c, Term e)
{
    count_maybe_steps(c, form_get(e, 3));
    if (term_arity(e) == 4) count(c, form_get(e, 4));
}

// The rest of a try is in order; the names of an after show if it is a
// function.
static void count_try(Counter *c, Term e)
{
    // A large `after' is made a function, so that it is not there twice.
    bool large = build_after_is_large(form_get(e, 6));
    if (large && c->is_lifting) {
        number(c, e);
        count(c, form_get(e, 6));
    }
    for (size_t i = 3; i < 6; i++) count(c, form_get(e, i));
    if (!large || !c->is_lifting) count(c, form_get(e, 6));
    if (large && !c->is_lifting) number(c, e);
}

// The time and its body come first, as v3_core has them in front of the
// clauses.
static void count_receive(Counter *c, Term e)
{
    if (term_arity(e) == 5) {
        count(c, form_get(e, 4));
        count(c, form_get(e, 5));
    }
    count(c, form_get(e, 3));
}

// Literals have nothing to count, and are most of all forms.
static void count_form(Counter *c, Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_var: case ATOM_BITS_atom: case ATOM_BITS_integer:
    case ATOM_BITS_string: case ATOM_BITS_char: case ATOM_BITS_float:
    case ATOM_BITS_nil: case ATOM_BITS_value: break;
    case ATOM_BITS_fun: count_fun(c, e); break;
    case ATOM_BITS_named_fun: count_named_fun(c, e); break;
    case ATOM_BITS_lc: case ATOM_BITS_bc: case ATOM_BITS_mc:
        count_comprehension(c, e);
        break;
    case ATOM_BITS_tuple: count_right(c, form_get(e, 3)); break;
    case ATOM_BITS_record: count_right(c, form_get(e, term_arity(e))); break;
    case ATOM_BITS_cons:
        count_pair(c, form_get(e, 3), form_get(e, 4));
        break;
    case ATOM_BITS_call: count_call(c, e); break;
    case ATOM_BITS_op: count_op(c, e); break;
    case ATOM_BITS_try: count_try(c, e); break;
    case ATOM_BITS_maybe: count_maybe(c, e); break;
    case ATOM_BITS_receive: count_receive(c, e); break;
    default: count_parts(c, e);
    }
}

// Tuples that are no forms (values, annotations) have no atom in front, mostly;
// those that have one are counted like unknown forms, and hold no funs.
static void count(Counter *c, Term t)
{
    if (c->depth >= DEPTH_MOST) return;
    c->depth++;
    if (term_is_cons(t)) count_list(c, t);
    else if (term_is_tuple(t) && term_is_atom(form_tag(t))) count_form(c, t);
    c->depth--;
}

// Origins without funs cost one walk. Numbers begin at 0 for each function.
void lifted_count(Unit *u, Origin *origin, Term clauses)
{
    Counter c = {.arena = &u->arena, .origin = origin};
    count(&c, clauses);
    // The common function holds no funs or loops: nothing is to be lifted.
    if (origin->count == 0) return;
    c.is_lifting = true;
    count(&c, clauses);
}

// ---- names ----

// The numbers of [form]: those it was given, else the next ones.
static FunNumber take(Builder *b, Term form, bool is_lifted)
{
    Origin *o = b->origin;
    FunNumber *n = table_get(&o->numbers, form.bits);
    if (n != NULL && !n->is_taken) {
        n->is_taken = true;
        return *n;
    }
    // A form that has been copied (a clause put in place of a call, an `after'
    // that is not large) or lies too deep.
    FunNumber next = {.number = o->count++};
    if (is_lifted) next.lifted = o->lifted++;
    return next;
}

// The names, as erlc makes them: the function's, its arity, kind and numbers.
Term lifted_fun_name(Builder *b, Term e)
{
    Origin *o = b->origin;
    FunNumber n = take(b, e, false);
    return unit_atom(b->u, "-%s/%u-fun-%u-",
                     atom_text(b->u->atoms, o->name)->bytes, o->arity,
                     n.number);
}

Term lifted_self_name(Builder *b, Term e, size_t arity)
{
    Origin *o = b->origin;
    FunNumber n = take(b, e, true);
    return unit_atom(b->u, "-%s/%u-%s/%zu-%u-",
                     atom_text(b->u->atoms, o->name)->bytes, o->arity,
                     atom_text(b->u->atoms, form_get(e, 3))->bytes, arity,
                     n.lifted);
}

Term lifted_loop_name(Builder *b, Term q, const char *kind, size_t arity)
{
    Origin *o = b->origin;
    FunNumber n = take(b, q, true);
    return unit_atom(b->u, "-%s/%u-%s%u/%zu-%u-",
                     atom_text(b->u->atoms, o->name)->bytes, o->arity, kind,
                     n.number, arity, n.lifted);
}
