// SPDX-License-Identifier: Apache-2.0
// Notice: patterns and clauses. Whether a pattern matches what is known of a
// value is certain, excluded or open.
//
// Trying a pattern binds its variables, also where it never matches, as the
// body is looked at in most cases all the same. A clause that always matches
// shadows all behind it; what is told then depends on who finds it:
// sys_core_fold knows values, v3_kernel (notice_shadows) only patterns.
//
// OTP finds these in three places, each with words of its own: v3_core tells of
// patterns that contradict themselves, sys_core_fold of clauses that do not fit
// the value or whose guard is false, v3_kernel of clauses that others shadow.
#include "notice.h"

#include "compare.h"

typedef enum { MATCH_NEVER, MATCH_MAYBE, MATCH_ALWAYS } Match;

static Match both(Match a, Match b) // NEVER < MAYBE < ALWAYS
{
    return a < b ? a : b;
}

// ---- variables of patterns ----
// Patterns are walked as terms: whatever looks like {var, A, Name} in one is a
// variable.

typedef void (*VisitVariable)(Notice *n, Term name);

static void each_variable(Notice *n, Term p, VisitVariable visit)
{
    for (; term_is_cons(p); p = term_tail(p))
        each_variable(n, term_head(p), visit);
    if (!term_is_tuple(p)) return;
    if (term_arity(p) == 3 && form_is(p, ATOM_var)) {
        if (!term_same(form_get(p, 3), ATOM_underscore))
            visit(n, form_get(p, 3));
        return;
    }
    for (size_t i = 0; i < term_arity(p); i++)
        each_variable(n, term_tuple_get(p, i), visit);
}

// One that is bound already stays as it is: in a pattern it is a comparison.
static void bind_nothing(Notice *n, Term name)
{
    if (notice_find(n, name) == NULL) notice_bind(n, name, NULL);
}

// For patterns that are not followed further (binaries, maps).
void notice_bind_all(Notice *n, Term pattern)
{
    each_variable(n, pattern, bind_nothing);
}

// From here to n->count's reset the name is as if it had never been bound.
static void hide(Notice *n, Term name)
{
    // Nothing of that name is around.
    if (notice_find(n, name) == NULL) return;
    notice_bind(n, name, NULL);
    n->bound[n->count - 1].hidden = true;
}

void notice_hide(Notice *n, Term patterns)
{
    each_variable(n, patterns, hide);
}

// ---- one pattern ----

static Match match(Notice *n, Term p, Know *k);

// Equal to the bit: 1.0 does not match 1.
static Match against_literal(Term wanted, const Know *k)
{
    if (!k->is_data) return MATCH_MAYBE;
    // A tuple or list cell that was made here is no such literal.
    if (k->kind != KNOW_LITERAL) return MATCH_NEVER;
    return term_exact_equal(wanted, k->term) ? MATCH_ALWAYS : MATCH_NEVER;
}

// Part [i] of a list cell or tuple; of a literal it is a literal.
static Know *part(Notice *n, const Know *k, size_t i)
{
    if (k->kind == KNOW_CONS || k->kind == KNOW_TUPLE) return k->parts[i];
    if (k->kind != KNOW_LITERAL) return know_nothing(n);
    if (term_is_cons(k->term))
        return know_literal(n, i == 0 ? term_head(k->term)
                                      : term_tail(k->term));
    return know_literal(n, term_tuple_get(k->term, i));
}

// Parts are tried whatever came before, since that binds their variables.
static Match against_cons(Notice *n, Term p, const Know *k)
{
    bool fits = k->kind == KNOW_CONS
                || (k->kind == KNOW_LITERAL && term_is_cons(k->term));
    Match m = !k->is_data ? MATCH_MAYBE : fits ? MATCH_ALWAYS : MATCH_NEVER;
    Know *parts[2];
    for (size_t i = 0; i < 2; i++) {
        parts[i] = m == MATCH_ALWAYS ? part(n, k, i) : know_nothing(n);
        // Also where it does not fit: its variables are to be bound.
        Match inside = match(n, form_get(p, 3 + i), parts[i]);
        if (m != MATCH_NEVER) m = both(m, inside);
    }
    return m;
}

// A tuple of another size never matches; one that is not known may.
static Match against_tuple(Notice *n, Term list, const Know *k)
{
    size_t size = (size_t)term_list_length(list);
    bool fits = (k->kind == KNOW_TUPLE && k->count == size)
                || (k->kind == KNOW_LITERAL && term_is_tuple(k->term)
                    && term_arity(k->term) == size);
    bool open = !k->is_data;
    Match m = open ? MATCH_MAYBE : fits ? MATCH_ALWAYS : MATCH_NEVER;
    for (size_t i = 0; term_is_cons(list); list = term_tail(list), i++) {
        Know *inner = fits && !open ? part(n, k, i) : know_nothing(n);
        Match inside = match(n, term_head(list), inner);
        if (m != MATCH_NEVER) m = both(m, inside);
    }
    return m;
}

// OTP compares a bound variable in the clause's guard, where literals alone are
// found to differ; if one of several comparisons is open it tells nothing.
static void compare_pinned(Notice *n, const Know *bound, const Know *k)
{
    bool known = bound != NULL && bound->kind == KNOW_LITERAL
                 && k->kind == KNOW_LITERAL;
    if (!known) n->pin_open = true;
    else n->pin_never |= !term_exact_equal(bound->term, k->term);
}

// A variable that is bound is compared; that may fail even with itself, unless
// the value is that very variable.
static Match against_variable(Notice *n, Term p, Know *k)
{
    Term name = form_get(p, 3);
    if (term_same(name, ATOM_underscore)) return MATCH_ALWAYS;
    const Known *bound = notice_find(n, name);
    if (bound != NULL) {
        compare_pinned(n, bound->value, k);
        bool same = !term_is_none(k->variable) && term_same(k->variable, name);
        return same ? MATCH_ALWAYS : MATCH_MAYBE;
    }
    bool seen = k->kind == KNOW_LITERAL || !term_is_none(k->variable);
    notice_bind(n, name, seen ? k : NULL);
    return MATCH_ALWAYS;
}

static bool is_binary_literal(const Know *k) // <<"ab">>, as it was written
{
    return k->kind == KNOW_LITERAL && term_is_bitstring(k->term);
}

// A string is a literal here, a list of cells there: OTP sees the one against
// the other as open.
static Match against_string(Term p, const Know *k)
{
    Match m = against_literal(form_get(p, 3), k);
    // "ab" of a cell made here: its parts are not compared.
    return m == MATCH_NEVER && k->kind == KNOW_CONS ? MATCH_MAYBE : m;
}

// Binaries and maps have no literal patterns in OTP: what fits them by its kind
// may match. Of records nothing is concluded here: notice_kernel.c looks into
// them as tuples.
static Match match(Notice *n, Term p, Know *k)
{
    switch (form_tag(p).bits) {
    case ATOM_BITS_var: return against_variable(n, p, k);
    case ATOM_BITS_match: {
        Match m = match(n, form_get(p, 3), k);
        return both(m, match(n, form_get(p, 4), k));
    }
    case ATOM_BITS_nil: return against_literal(TERM_NIL, k);
    case ATOM_BITS_cons: return against_cons(n, p, k);
    case ATOM_BITS_tuple: return against_tuple(n, form_get(p, 3), k);
    case ATOM_BITS_string: return against_string(p, k);
    case ATOM_BITS_bin:
        notice_bind_all(n, p);
        return k->is_data && !is_binary_literal(k) ? MATCH_NEVER : MATCH_MAYBE;
    case ATOM_BITS_map:
        notice_bind_all(n, p);
        if (!k->is_data) return MATCH_MAYBE;
        return k->kind == KNOW_LITERAL && term_is_map(k->term) ? MATCH_MAYBE
                                                               : MATCH_NEVER;
    case ATOM_BITS_record:
        notice_bind_all(n, form_get(p, 4));
        return MATCH_MAYBE;
    default: break;
    }
    Term t = form_constant(n->u, p);
    if (!term_is_none(t)) return against_literal(t, k);
    notice_bind_all(n, p);
    return MATCH_MAYBE;
}

// ---- patterns that contradict themselves ----
// v3_core joins the two sides of P1 = P2 to one pattern, and tells when it
// cannot.

static bool contradicts(Notice *n, Term a, Term b);

// Fields of the same name that cannot be the same; others do not meet.
static bool fields_contradict(Notice *n, Term a, Term b)
{
    for (; term_is_cons(a); a = term_tail(a)) {
        Term key = form_get(term_head(a), 3);
        for (Term l = b; term_is_cons(l); l = term_tail(l))
            if (term_same(form_get(form_get(term_head(l), 3), 3),
                          form_get(key, 3))
                && contradicts(n, form_get(term_head(a), 4),
                               form_get(term_head(l), 4)))
                return true;
    }
    return false;
}

// Whether P1 = P2 cannot both match anything: literals that differ, tuples of
// different sizes, patterns of different kinds. Variables match anything.
static bool contradicts(Notice *n, Term a, Term b)
{
    if (form_is(a, ATOM_var) || form_is(b, ATOM_var)) return false;
    if (form_is(a, ATOM_match))
        return contradicts(n, form_get(a, 3), b)
               || contradicts(n, form_get(a, 4), b);
    if (form_is(b, ATOM_match)) return contradicts(n, b, a);
    if (form_is(a, ATOM_cons) && form_is(b, ATOM_cons))
        return contradicts(n, form_get(a, 3), form_get(b, 3))
               || contradicts(n, form_get(a, 4), form_get(b, 4));
    if (form_is(a, ATOM_tuple) && form_is(b, ATOM_tuple)) {
        Term x = form_get(a, 3), y = form_get(b, 3);
        for (; term_is_cons(x) && term_is_cons(y);
             x = term_tail(x), y = term_tail(y))
            if (contradicts(n, term_head(x), term_head(y))) return true;
        return term_is_cons(x) != term_is_cons(y);
    }
    // A map may have all the keys that both ask for, bits may be read twice.
    if (form_is(a, ATOM_map) && form_is(b, ATOM_map)) return false;
    if (form_is(a, ATOM_bin) && form_is(b, ATOM_bin)) return false;
    if (form_is(a, ATOM_record) && form_is(b, ATOM_record))
        return !term_same(form_get(a, 3), form_get(b, 3))
               || fields_contradict(n, form_get(a, 4), form_get(b, 4));
    if (form_is(a, ATOM_record) || form_is(b, ATOM_record)) return false;
    Term x = form_constant(n->u, a), y = form_constant(n->u, b);
    if (!term_is_none(x) && !term_is_none(y)) return !term_exact_equal(x, y);
    // An operation may come to whatever the other is.
    if (form_is(a, ATOM_op) || form_is(b, ATOM_op)) return false;
    if (form_is(a, ATOM_string) || form_is(b, ATOM_string)) return false;
    return true; // of different kinds
}

// At any depth. Parts from the third on: tag and place are no patterns.
static bool is_impossible(Notice *n, Term p)
{
    for (; term_is_cons(p); p = term_tail(p))
        if (is_impossible(n, term_head(p))) return true;
    if (!term_is_tuple(p) || term_arity(p) < 2) return false;
    if (form_is(p, ATOM_match)
        && contradicts(n, form_get(p, 3), form_get(p, 4)))
        return true;
    for (size_t i = 2; i < term_arity(p); i++)
        if (is_impossible(n, term_tuple_get(p, i))) return true;
    return false;
}

// The place is that of the clause, not of the pattern.
static bool warn_impossible(Notice *n, Term patterns, Term anno)
{
    if (!is_impossible(n, patterns)) return false;
    notice_warn(n, anno, ATOM_v3_core, ATOM_nomatch, ATOM_pattern);
    return true;
}

// ---- guards ----
// A guard that is false for certain makes its clause impossible; one that is
// true for certain may make it shadow others.

static Term test_value(Notice *n, Term e)
{
    Know *k = notice_expr(n, e, WANT_VALUE);
    return k->kind == KNOW_LITERAL ? k->term : TERM_NONE;
}

// Within an alternative a test that is known to be false decides only if no
// test before it is open: what is open might fail, and sys_core_fold folds from
// the left.
Term notice_guard(Notice *n, Term guard)
{
    Term known = term_is_nil(guard) ? ATOM_true : ATOM_false;
    for (; term_is_cons(guard); guard = term_tail(guard)) {
        // Tests joined by `,' within alternatives joined by `;'.
        Term all = ATOM_true;
        for (Term t = term_head(guard); term_is_cons(t); t = term_tail(t)) {
            Term v = test_value(n, term_head(t));
            if (term_is_none(v)) all = TERM_NONE;
            else if (!term_is_none(all) && !term_same(v, ATOM_true))
                all = ATOM_false;
        }
        if (term_is_none(all) || term_is_none(known)) known = TERM_NONE;
        else if (term_same(all, ATOM_true)) known = ATOM_true;
    }
    return known;
}

// ---- clauses ----

typedef struct { // for one case, function, if ...
    size_t count;     // of the values, and of each head's patterns
    Know *const *values; // what is matched, count of them
    bool is_literal;  // the value of the case is written there
    Want want;        // of what the bodies give
    Term anno;        // the function's name for its own clauses, else nil
    Term shadow;      // place of the clause that always matches, or NONE
    size_t left;      // clauses that may match
    NoticeRow *rows;  // these clauses
} Clauses;

// The text names the line of the clause that shadows.
static Term line_of(Notice *n, Term anno)
{
    return term_small((intptr_t)unit_place(n->u, anno).line);
}

// The text for a function's clauses names the function, as OTP's does.
static void warn_shadowed(Notice *n, const Clauses *c, Term clause)
{
    Heap *h = n->u->out;
    Term what;
    if (c->anno.bits == n->function.bits) // the function's own clauses
        what = heap_tuple3(h, ATOM_shadow, c->shadow,
                           heap_tuple2(h, n->function,
                                       term_small((intptr_t)n->arity)));
    else
        what = heap_tuple2(h, ATOM_shadow, c->shadow);
    notice_warn(n, form_get(clause, 2), ATOM_sys_core_fold, ATOM_nomatch, what);
}

// Pins are the variables of a pattern that were bound before.
static void forget_pins(Notice *n)
{
    n->pin_open = n->pin_never = false;
}

// Whether comparing the bound variables of the last match fails for certain.
static bool pins_fail(const Notice *n)
{
    return n->pin_never && !n->pin_open;
}

// All values are matched, even if one never does, so that all variables are
// bound for the guard and the body.
static Match match_head(Notice *n, const Clauses *c, Term patterns)
{
    Match m = MATCH_ALWAYS;
    forget_pins(n);
    for (size_t i = 0; i < c->count; i++, patterns = term_tail(patterns)) {
        Match one = match(n, term_head(patterns), c->values[i]);
        m = both(m, one);
    }
    return m;
}

// A name that was bound by this pattern already stands there twice: that is a
// comparison, too.
static void find_pinned(Notice *n, Term name)
{
    n->pinned |= notice_find(n, name) != NULL;
    bind_nothing(n, name);
}

// Whether a variable of [patterns] is bound before, or stands there twice: such
// a clause is not certain for v3_kernel, which sees the comparison as a guard.
static bool has_pinned(Notice *n, Term patterns)
{
    size_t mark = n->count;
    n->pinned = false;
    each_variable(n, patterns, find_pinned);
    // They were bound only to see which of them stand twice.
    n->count = mark;
    return n->pinned;
}

// The order of tests is that of OTP's passes: v3_core, then sys_core_fold, then
// what is left goes to v3_kernel. A clause that never matches is left out, so
// its body is not looked at; one whose pattern contradicts itself is dropped
// only behind that.
static void clause(Notice *n, Clauses *c, Term form)
{
    size_t mark = n->count;
    Term anno = form_get(form, 2), patterns = form_get(form, 3);
    if (!term_is_none(c->shadow)) { // all behind the shadowing clause
        // Of `case 1 of' the choice is clear: OTP says nothing of others.
        if (!c->is_literal) warn_shadowed(n, c, form);
        return;
    }
    // {a} = {b}; the body is looked at all the same.
    if (warn_impossible(n, patterns, anno)) {
        notice_bind_all(n, patterns);
        notice_body(n, form_get(form, 5), c->want);
        n->count = mark;
        return;
    }
    bool pinned = has_pinned(n, patterns);
    if (notice_bad_segment(n, patterns)) return;
    Match m = match_head(n, c, patterns);
    if (m == MATCH_NEVER && !n->unfolded) {
        if (!c->is_literal)
            notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch,
                        ATOM_clause_type);
        n->count = mark;
        return;
    }
    Term guard = notice_guard(n, form_get(form, 4));
    if (term_same(guard, ATOM_true) && pins_fail(n)) guard = ATOM_false;
    notice_body(n, form_get(form, 5), c->want);
    n->count = mark;
    n->is_dead = false;
    if (term_same(guard, ATOM_false) && !n->unfolded) {
        notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch, ATOM_guard);
        return;
    }
    bool open = term_same(guard, ATOM_true);
    // It may match: v3_kernel gets to see it.
    c->rows[c->left++] = (NoticeRow){anno, patterns, open && !pinned};
    if (m == MATCH_ALWAYS && open && !n->unfolded)
        c->shadow = line_of(n, anno);
}

// Clauses on a boolean: those behind true and false are not reached, others
// than these cannot match. Answers the clauses that are left, or NONE when some
// clause may match whatever it be. sys_core_fold knows that comparisons and
// type tests give booleans, and makes a case of two clauses of it.
static Term boolean_clauses(Notice *n, Term clauses)
{
    bool seen[2] = {false, false};
    Term left = TERM_NIL;
    for (; term_is_cons(clauses); clauses = term_tail(clauses)) {
        Term c = term_head(clauses), p = term_head(form_get(c, 3));
        bool is_true = form_is(p, ATOM_atom)
                       && term_same(form_get(p, 3), ATOM_true);
        bool is_bool = is_true || (form_is(p, ATOM_atom)
                                   && term_same(form_get(p, 3), ATOM_false));
        if (seen[0] && seen[1]) {
            notice_warn(n, form_get(c, 2), ATOM_sys_core_fold, ATOM_nomatch,
                        ATOM_shadow);
            continue;
        }
        // A guard or a variable: the clauses are looked at in the usual way.
        if (term_is_cons(form_get(c, 4)) || form_is(p, ATOM_var)
            || form_is(p, ATOM_match))
            return TERM_NONE;
        if (is_bool && !seen[is_true]) {
            seen[is_true] = true;
            left = heap_cons(&n->u->heap, c, left);
            continue;
        }
        notice_warn(n, form_get(c, 2), ATOM_sys_core_fold, ATOM_nomatch,
                    is_bool ? ATOM_shadow : ATOM_clause_type);
    }
    Term list = TERM_NIL;
    for (; term_is_cons(left); left = term_tail(left))
        list = heap_cons(&n->u->heap, term_head(left), list);
    return list;
}

// What the clauses give is not known: several may be taken. [anno] is nil where
// no match is no error (receive) or told otherwise (try).
Know *notice_clauses(Notice *n, Term clauses, size_t count, Know *const *values,
                     Term anno, Want want)
{
    Clauses c = {.count = count, .values = values, .want = want};
    // The warning for clauses of the function itself names it.
    bool of_function = n->count == 0 && n->depth == 0;
    c.anno = of_function ? n->function : TERM_NIL;
    c.is_literal = count == 1 && values[0]->kind == KNOW_LITERAL;
    if (count == 1 && values[0]->is_boolean && !n->unfolded) {
        Term left = boolean_clauses(n, clauses);
        if (!term_is_none(left)) clauses = left;
    }
    bool any = false;
    size_t rows = (size_t)term_list_length(clauses) + 1;
    c.rows = arena_alloc(&n->u->arena, rows * sizeof *c.rows);
    for (Term l = clauses; term_is_cons(l); l = term_tail(l))
        any |= !is_impossible(n, form_get(term_head(l), 3));
    bool was_dead = n->is_dead;
    for (; term_is_cons(clauses); clauses = term_tail(clauses)) {
        clause(n, &c, term_head(clauses));
        n->is_dead = was_dead;
    }
    // Not when all were impossible: v3_core has told of each then.
    if (c.left == 0 && any && !term_is_nil(anno))
        notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch, ATOM_no_clause);
    if (count > 0) notice_shadows(n, c.rows, c.left);
    return know_nothing(n);
}

// A match with one pattern is a case with one clause in Core Erlang, and is
// told in the words of one. Of a literal on the right only the last warning is
// told.
void notice_match(Notice *n, Term pattern, Know *value, Term anno)
{
    if (warn_impossible(n, pattern, anno)) {
        notice_bind_all(n, pattern);
        return;
    }
    bool never = notice_bad_segment(n, pattern);
    forget_pins(n);
    if (never) notice_bind_all(n, pattern);
    else if (match(n, pattern, value) != MATCH_NEVER) {
        if (!pins_fail(n) || n->unfolded) return;
        notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch, ATOM_guard);
    } else if (value->kind != KNOW_LITERAL) {
        notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch,
                    ATOM_clause_type);
    }
    notice_warn(n, anno, ATOM_sys_core_fold, ATOM_nomatch, ATOM_no_clause);
    // The match raises badmatch: what follows has been left out.
    n->is_dead = !n->unfolded;
}
