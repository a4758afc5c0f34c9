// SPDX-License-Identifier: Apache-2.0
// Match specifications: whether an answer has the key of what was matched, as
// the text of the specification tells. A body rebuilds a part of the head when
// it is the same text but for the double braces of tuples, and holds nothing
// that is computed; only then is select_replace allowed.
#include "compare.h"
#include "match_spec.h"
#include "node.h"
#include "term_stack.h"

// Pairs that are still to be compared; on the C stack.
typedef struct {
    const MatchSpec *ms;
    TermStack pairs; // of head and body, each with whether it is a constant
} Comparison;

static void add_pair(Comparison *c, Term head, Term body, bool constant)
{
    term_stack_push(&c->pairs, head);
    term_stack_push(&c->pairs, body);
    term_stack_push(&c->pairs, term_small(constant));
}

// Whether atom [head], which is the body, too, gives what it has matched. [$_]
// and [$$] mean other things in a body; a constant is no variable.
static bool rebuilds_atom(const MatchSpec *ms, Term head, bool constant)
{
    uint64_t n;
    if (term_same(head, ATOM_underscore)
        || term_same(head, ATOM_dollar_underscore)
        || term_same(head, ATOM_dollar_dollar))
        return false;
    return !constant || !match_spec_variable(ms->node, head, &n);
}

// The elements of both, in pairs.
static bool add_elements(Comparison *c, Term head, Term body, bool constant)
{
    if (!term_is_tuple_of(head, term_arity(body))) return false;
    for (size_t i = 0; i < term_arity(body); i++)
        add_pair(c, term_tuple_get(head, i), term_tuple_get(body, i),
                 constant);
    return true;
}

// {{...}} and {const, T}: any other tuple is a call.
static bool add_tuple(Comparison *c, Term head, Term body, bool constant)
{
    if (constant) return add_elements(c, head, body, true);
    if (term_is_tuple_of(body, 1) && term_is_tuple(term_tuple_get(body, 0)))
        return add_elements(c, head, term_tuple_get(body, 0), false);
    if (!term_is_tuple_of(body, 2)
        || !term_same(term_tuple_get(body, 0), ATOM_const))
        return false;
    add_pair(c, head, term_tuple_get(body, 1), true);
    return true;
}

// One pair; parts of it are added.
static bool compare_pair(Comparison *c, Term head, Term body, bool constant)
{
    if (term_is_cons(body)) {
        if (!term_is_cons(head)) return false;
        add_pair(c, term_head(head), term_head(body), constant);
        add_pair(c, term_tail(head), term_tail(body), constant);
        return true;
    }
    if (term_is_tuple(body)) return add_tuple(c, head, body, constant);
    // The map that was matched may have more keys.
    if (term_is_map(body)) return false;
    if (!term_exact_equal(head, body)) return false;
    return !term_is_atom(head) || rebuilds_atom(c->ms, head, constant);
}

// Without recursion: keys may be deep.
static bool rebuilds(const MatchSpec *ms, Term head, Term body, bool constant)
{
    Comparison c = {.ms = ms};
    bool same = true;
    term_stack_init(&c.pairs);
    add_pair(&c, head, body, constant);
    while (same && !term_stack_is_empty(&c.pairs)) {
        constant = term_small_value(term_stack_pop(&c.pairs)) != 0;
        body = term_stack_pop(&c.pairs);
        head = term_stack_pop(&c.pairs);
        same = compare_pair(&c, head, body, constant);
    }
    term_stack_free(&c.pairs);
    return same;
}

// The tuple that [body], one expression, makes; TERM_NONE: none that can be
// told.
static Term made_tuple(Term body, bool *constant)
{
    *constant = term_is_tuple_of(body, 2)
                && term_same(term_tuple_get(body, 0), ATOM_const);
    if (!*constant && !term_is_tuple_of(body, 1)) return TERM_NONE;
    return term_tuple_get(body, *constant ? 1 : 0);
}

static bool has_element(Term t, size_t position)
{
    return !term_is_none(t) && term_is_tuple(t) && term_arity(t) > position;
}

// {element, Position, '$_'}: the subject's own.
static bool is_own_element(Term t, size_t position)
{
    return term_is_tuple_of(t, 3)
           && term_same(term_tuple_get(t, 0), ATOM_element)
           && term_same(term_tuple_get(t, 1),
                        term_small((intptr_t)position + 1))
           && term_same(term_tuple_get(t, 2), ATOM_dollar_underscore);
}

static bool clause_keeps(const MatchSpec *ms, Term clause, size_t position)
{
    bool constant;
    Term head = term_tuple_get(clause, 0), body = term_tuple_get(clause, 2);
    // What comes before the last expression does nothing in a table: one is
    // expected, as in OTP.
    if (!term_is_nil(term_tail(body))) return false;
    body = term_head(body);
    if (term_same(body, ATOM_dollar_underscore)) return true;
    Term made = made_tuple(body, &constant);
    if (!has_element(head, position) || !has_element(made, position))
        return false;
    Term key = term_tuple_get(made, position);
    if (!constant && is_own_element(key, position)) return true;
    return rebuilds(ms, term_tuple_get(head, position), key, constant);
}

bool match_spec_keeps(const MatchSpec *ms, size_t position)
{
    Term list = ms->source; // has been compiled: its shape is known
    for (; term_is_cons(list); list = term_tail(list))
        if (!clause_keeps(ms, term_head(list), position)) return false;
    return true;
}

// ---- the place of keys that can match ----
// A key pattern that begins with constants matches keys that lie together in
// the order of terms.

// How a key stands to a pattern: OPEN when a variable was met before they
// differed.
typedef enum { BEFORE = -1, EQUAL, BEHIND, OPEN } Order;

static Order order_of(const MatchSpec *ms, Term key, Term pattern);

static Order compare_whole(const MatchSpec *ms, Term key, Term pattern)
{
    int order = term_compare(ms->node->atoms, key, pattern);
    return order < 0 ? BEFORE : order > 0 ? BEHIND : EQUAL;
}

static Order order_of_tuple(const MatchSpec *ms, Term key, Term pattern)
{
    size_t n = term_arity(pattern);
    if (term_arity(key) != n) return term_arity(key) < n ? BEFORE : BEHIND;
    Order order = EQUAL;
    for (size_t i = 0; order == EQUAL && i < n; i++)
        order = order_of(ms, term_tuple_get(key, i),
                         term_tuple_get(pattern, i));
    return order;
}

// As deep as patterns may be, which compiling has seen to; tails are no depth.
static Order order_of(const MatchSpec *ms, Term key, Term pattern)
{
    uint64_t n;
    while (term_is_cons(pattern) && term_is_cons(key)) {
        Order order = order_of(ms, term_head(key), term_head(pattern));
        if (order != EQUAL) return order;
        key = term_tail(key);
        pattern = term_tail(pattern);
    }
    // A map matches others than itself.
    if (term_same(pattern, ATOM_underscore) || term_is_map(pattern)
        || match_spec_variable(ms->node, pattern, &n))
        return OPEN;
    if (term_is_tuple(pattern) && term_is_tuple(key))
        return order_of_tuple(ms, key, pattern);
    // Of different kinds, or without parts.
    return compare_whole(ms, key, pattern);
}

bool match_spec_range(const MatchSpec *ms, size_t position, Term *pattern)
{
    if (ms->clause_count != 1) return false;
    Term head = ms->clauses[0].head;
    if (!has_element(head, position)) return false;
    *pattern = term_tuple_get(head, position);
    return term_is_tuple(*pattern) || term_is_cons(*pattern);
}

int match_spec_order(const MatchSpec *ms, Term pattern, Term key)
{
    Order order = order_of(ms, key, pattern);
    return order == OPEN ? 0 : (int)order;
}
