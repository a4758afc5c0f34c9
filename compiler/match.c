// SPDX-License-Identifier: Apache-2.0
// Match: the tree of decisions, but for the inside of binaries (match_bits.c).
//
// A step looks at the first constraint of the first row, makes one test and
// sorts the rows: first the side where it holds is compiled by recursion, then
// the loop goes on with the other side, so that thousands of clauses do not
// nest. Rows keep their order on either side: of two that match the one that
// was written first wins. Facts of a side are undone behind it. A value is
// tested by the type that is known of it, which a test narrows; so a
// constraint that needs two tests (a map, a list cell) stays in its row and
// is found again with the first one decided.
//
// The cost: a row is copied only to sides where it may match, each copy beyond
// the first comes out of m->budget, and what cannot be paid is left for the
// common block (Cut). So the tree has a size in proportion to the clauses,
// where trees of decisions may else be exponential.
//
// For f(a, 1), f(b, 2), f(X, 3) on values V and W:
//     select_val V: a -> {test W = 1, else W = 3}
//                   b -> {test W = 2, else W = 3}    else -> test W = 3
// where the third row has been copied to each case.
#include "match.h"

#include "fold.h"
#include "map.h"

// ---- rows ----

// Shared between rows once it is made, so it is copied rather than changed.
static Constraint *constraint(Builder *b, Inst *value, Pattern *p,
                              Constraint *next)
{
    Constraint *c = arena_zeroed(&b->u->arena, sizeof *c);
    c->value = value;
    c->pattern = p;
    c->next = next;
    return c;
}

// Rows bind names; the builder learns of them at a leaf.
static void bind(Builder *b, Row *row, Term name, Inst *value)
{
    Binding *x = arena_alloc(&b->u->arena, sizeof *x);
    *x = (Binding){name, value, NULL, row->bound};
    row->bound = x;
}

// What asks nothing of the value is done; everything else is a constraint.
static void push(Builder *b, Row *row, Inst *value, Pattern *p)
{
    switch (p->kind) {
    case PAT_ANY: return;
    case PAT_VARIABLE: bind(b, row, p->term, value); return;
    // `P1 = P2': both ask of the same value; the left one is to be first.
    case PAT_ALIAS:
        push(b, row, value, p->parts[1]);
        push(b, row, value, p->parts[0]);
        return;
    default: row->left = constraint(b, value, p, row->left);
    }
}

// Constraints are taken from the front; so what is pushed last is first. The
// new ones come behind all others, to keep the order of the source.
void match_constrain(Builder *b, Row *row, Inst *value, Pattern *p)
{
    Row fresh = {.bound = row->bound};
    push(b, &fresh, value, p);
    row->bound = fresh.bound;
    if (fresh.left == NULL) return;
    // Lists are shared between rows: those in front are copied.
    Constraint *first = fresh.left, *last = first;
    while (last->next != NULL) last = last->next;
    Constraint *copy = NULL, **link = &copy;
    for (Constraint *c = row->left; c != NULL; c = c->next) {
        *link = arena_alloc(&b->u->arena, sizeof *c);
        **link = *c;
        link = &(*link)->next;
    }
    *link = first;
    row->left = copy;
}

// Linear in the constraints of the row, of which few are left at a time.
Row match_without(Builder *b, const Row *row, const Constraint *c)
{
    // A copy: the row may stand on other sides too.
    Row r = *row;
    r.left = NULL;
    Constraint **link = &r.left;
    for (Constraint *x = row->left; x != NULL; x = x->next) {
        if (x == c) continue;
        *link = arena_alloc(&b->u->arena, sizeof *x);
        **link = *x;
        link = &(*link)->next;
    }
    *link = NULL;
    return r;
}

// [row] with constraint [c] replaced by those on its parts, in its place: {a,
// {b, c}} is looked at from left to right and from outside to inside, which is
// the order of OTP's code.
static Row with_parts(Builder *b, const Row *row, const Constraint *c, size_t n,
                      Inst *const *values)
{
    Row parts = {.bound = row->bound};
    for (size_t i = n; i-- > 0;)
        push(b, &parts, values[i], c->pattern->parts[i]);
    Row r = match_without(b, row, c);
    r.bound = parts.bound;
    if (parts.left == NULL) return r;
    Constraint *last = parts.left;
    while (last->next != NULL) last = last->next;
    last->next = r.left;
    r.left = parts.left;
    return r;
}

// NULL: the row asks nothing of the value, so it goes everywhere.
Constraint *match_find(const Row *row, const Inst *value)
{
    for (Constraint *c = row->left; c != NULL; c = c->next)
        // With a place it is the inside of a binary, not the value.
        if (c->value == value && c->at == NULL) return c;
    return NULL;
}

// What the same name was bound to before: f(X, X) has X twice, newest first.
static Inst *bound_before(const Binding *x)
{
    for (const Binding *y = x->next; y != NULL; y = y->next)
        if (term_same(y->name, x->name)) return y->value;
    return NULL;
}

// Whether nothing is left that could fail, so that rows behind it are never
// reached.
static bool is_certain(const Matcher *m, const Row *row)
{
    if (row->left != NULL || !term_is_nil(m->clauses[row->clause].guard))
        return false;
    // `f(X, X)': an equality is left to be tested.
    for (const Binding *x = row->bound; x != NULL; x = x->next)
        if (bound_before(x) != NULL) return false;
    return true;
}

// Rows behind a certain one are dropped: they are shadowed there, even if not
// elsewhere.
void match_side_add(Matcher *m, Side *s, const Row *row)
{
    if (s->closed) return;
    if (s->count == s->room)
        s->rows = arena_grow(&m->b->u->arena, s->rows, s->count, &s->room,
                             sizeof *s->rows);
    s->rows[s->count++] = *row;
    s->closed = is_certain(m, row);
}

// ---- leaves ----
// Where the patterns of a row all matched.

// Variables that stand twice in the patterns must have got the same value.
// Compared last, when cheaper tests have decided.
static void test_repeated(Matcher *m, const Row *r, Block *fail)
{
    for (Binding *x = r->bound; x != NULL; x = x->next) {
        Inst *other = bound_before(x);
        if (other == NULL || other == x->value) continue;
        build_test(m->b, ATOM_exact_eq, 2, (Inst *[]){other, x->value}, true,
                   fail);
    }
}

// A way to the body. Facts since the beginning of the match are kept for it:
// with only one way they hold there.
static void arrive(Matcher *m, MatchClause *c, const Row *r)
{
    Builder *b = m->b;
    size_t mark = m->base;
    if (c->body == NULL) c->body = build_block(b);
    if (c->count == c->room)
        c->arrivals = arena_grow(&b->u->arena, c->arrivals, c->count, &c->room,
                                 sizeof *c->arrivals);
    Arrival *a = &c->arrivals[c->count++];
    *a = (Arrival){.from = b->cur, .bound = r->bound};
    for (Binding *x = r->bound; x != NULL; x = x->next)
        if (x->value->op == IR_BS_REST && !match_rest_is_here(x->value))
            a->moved = true;
    // What is known on the one way there is known in the body too. With a
    // second way match_enter leaves it aside; most bodies have one.
    if (c->count == 1) {
        size_t n = b->trail_count - mark;
        a->facts = arena_alloc(&b->u->arena, n * sizeof(Change));
        for (size_t i = mark; i < b->trail_count; i++) {
            Change *now = &b->trail[i];
            if (now->variable != NULL) continue;
            a->facts[a->fact_count] = *now;
            a->facts[a->fact_count++].word = *(uint64_t *)now->place;
        }
    }
    build_jump(b, c->body); // the block begins with phis if others come
}

// All patterns of [r] match: equalities and the guard are left. False when
// nothing can follow; else the builder stands where they failed. The guard sees
// the variables of this way, so with several ways it is built for each; the
// budget bounds that.
static bool leaf(Matcher *m, const Row *r)
{
    Builder *b = m->b;
    MatchClause *c = &m->clauses[r->clause];
    Block *fail = NULL;
    size_t mark = build_mark(b);
    c->tried = true;
    fail = build_block(b);
    test_repeated(m, r, fail);
    if (!term_is_nil(c->guard)) {
        // A guard is built once for each way that leads to it.
        for (Binding *x = r->bound; x != NULL; x = x->next)
            build_bind(b, x->name, x->value);
        build_guard(b, c->guard, fail);
    }
    arrive(m, c, r);
    build_undo(b, mark);
    build_at(b, fail);
    // Without guard or equality nothing fails: rows behind are shadowed.
    return fail->prev_count > 0;
}

// ---- tests ----
// Patterns by what they ask first.

typedef enum { CLASS_ATOM, CLASS_INTEGER, CLASS_NIL, CLASS_CONS, CLASS_TUPLE,
               CLASS_MAP, CLASS_BINARY, CLASS_SAME, CLASS_OTHER } Class;

static Class class_of(const Pattern *p)
{
    switch (p->kind) {
    case PAT_CONS: return CLASS_CONS;
    case PAT_TUPLE: return CLASS_TUPLE;
    case PAT_MAP: return CLASS_MAP;
    case PAT_BINARY: return CLASS_BINARY;
    case PAT_SAME: return CLASS_SAME;
    default: break;
    }
    if (term_is_atom(p->term)) return CLASS_ATOM;
    // Only integers that fit a word can be cases of a switch.
    if (term_is_small(p->term)) return CLASS_INTEGER;
    return term_is_nil(p->term) ? CLASS_NIL : CLASS_OTHER;
}

// What a value must be, at least, to match. Of no type at all: it never does.
static uint64_t type_of(const Pattern *p)
{
    switch (class_of(p)) {
    case CLASS_CONS: return TYPE_CONS;
    case CLASS_TUPLE: return TYPE_TUPLE;
    case CLASS_MAP: return TYPE_MAP;
    case CLASS_BINARY: return TYPE_BITSTRING;
    case CLASS_SAME: return p->same->type & 0xFFFF;
    default:
        if (p->kind == PAT_NEVER) return 0;
        return build_term_type(p->term) & 0xFFFF;
    }
}

// Called before a test is built, as what leads to the common block may have any
// state: kept places are found again by the rows behind.
Cut match_cut_begin(Matcher *m, Row *rows, size_t n, size_t at)
{
    Cut cut = {m->fail, NULL, at, 0};
    for (size_t i = at; i < n; i++)
        for (Constraint *c = rows[i].left; c != NULL; c = c->next)
            if (c->at != NULL) match_keep(m->b, c->value, c->at);
    cut.mark = build_mark(m->b);
    if (at < n) m->fail = cut.rest = build_block(m->b);
    return cut;
}

// [n] counts the rows of the step; those before the cut are done.
size_t match_cut_end(Matcher *m, Cut cut, Row **rows, size_t n)
{
    m->fail = cut.outer;
    build_undo(m->b, cut.mark);
    build_at(m->b, cut.rest);
    // Many ways lead here, so where the contexts stand is not known: the
    // places that were kept are set again.
    for (size_t i = cut.at; i < n; i++)
        for (Constraint *c = (*rows)[i].left; c != NULL; c = c->next)
            if (c->at != NULL) build_set(m->b, &c->value->segments, 0);
    *rows += cut.at;
    return n - cut.at;
}

size_t match_others(Matcher *m, const Side *no, Cut cut, Row **rows, size_t n)
{
    if (cut.at == n) {
        *rows = no->rows;
        return no->count;
    }
    match_rows(m, no->rows, no->count);
    return match_cut_end(m, cut, rows, n);
}

// [copies] rows are to be added beyond those that are moved.
static bool afford(Matcher *m, const Side *side, size_t copies)
{
    // Nothing is added to a closed side.
    if (side->closed) return true;
    if (copies > m->budget) return false;
    m->budget -= copies;
    return true;
}

// A leaf without bindings costs nothing to reach twice: it is a jump.
static bool is_free(const Matcher *m, const Row *r)
{
    return r->left == NULL && term_is_nil(m->clauses[r->clause].guard);
}

// Asked before a row is put on two sides.
bool match_affords(Matcher *m, const Side *side, const Row *row)
{
    return is_free(m, row) || afford(m, side, 1);
}

// Sorts rows on whether the value is of [type], a class that all rows which ask
// for it share. Answers how many are sorted; the rest could not be paid.
static size_t sort_by_type(Matcher *m, Inst *v, uint64_t type, Row *rows,
                           size_t n, Side *yes, Side *no)
{
    for (size_t i = 0; i < n; i++) {
        Constraint *c = match_find(&rows[i], v);
        // A row that does not ask goes to both sides.
        uint64_t wants = c == NULL ? TYPE_ANY : type_of(c->pattern);
        bool into_yes = wants & type && !yes->closed;
        bool into_no = wants & ~type && !no->closed;
        if (into_yes && into_no && !match_affords(m, yes, &rows[i]))
            // Too dear: this row and those behind it become the rest.
            return i;
        if (into_yes) match_side_add(m, yes, &rows[i]);
        if (into_no) match_side_add(m, no, &rows[i]);
    }
    return n;
}

// Splits on a type test [name]; rows that ask for the type are then known to
// have it, and are looked at again: the test has narrowed the value.
static size_t step_type(Matcher *m, Inst *v, Term name, Row **rows, size_t n)
{
    Builder *b = m->b;
    uint64_t type = fold_test_type(name);
    Side yes = {0}, no = {0};
    size_t at = sort_by_type(m, v, type, *rows, n, &yes, &no);
    Cut cut = match_cut_begin(m, *rows, n, at);
    size_t mark = build_mark(b);
    Block *other = build_block(b);
    build_test(b, name, 1, &v, true, other);
    match_rows(m, yes.rows, yes.count);
    build_undo(b, mark);
    build_at(b, other);
    // Where it does not hold the value is of another type.
    fold_narrow(b, name, 1, &v, false);
    return match_others(m, &no, cut, rows, n);
}

// ---- switches ----
// Atoms, small integers and sizes of tuples are decided by one select_val or
// select_tuple_arity over all rows that ask for such.

typedef struct {
    Term key; // an atom, an integer, or the size of a tuple
    Side side; // its rows
} Case;

typedef struct {
    Case *cases; // in the order of the first row of each
    size_t count, room;
    Table index; // key -> place in cases, from 1
    Side other;   // rows that match none of the cases, or any
    Side any;     // rows that ask nothing: new cases begin with them
} Switch;

// Cases may be thousands, so a table leads to them.
static Case *find_case(Switch *s, Term key)
{
    uintptr_t at = (uintptr_t)table_get(&s->index, key.bits);
    return at == 0 ? NULL : &s->cases[at - 1];
}

static Case *add_case(Matcher *m, Switch *s, Term key)
{
    Arena *a = &m->b->u->arena;
    if (s->count == s->room)
        s->cases = arena_grow(a, s->cases, s->count, &s->room,
                              sizeof *s->cases);
    Case *c = &s->cases[s->count++];
    *c = (Case){.key = key};
    // Rows before that ask nothing come before the first that asks for the key.
    for (size_t i = 0; i < s->any.count; i++)
        match_side_add(m, &c->side, &s->any.rows[i]);
    table_put(&s->index, a, key.bits, (void *)(uintptr_t)s->count);
    return c;
}

// The case that constraint [c] belongs to, as a term.
static Term case_key(const Constraint *c)
{
    if (c->pattern->kind == PAT_TUPLE)
        return term_small((intptr_t)c->pattern->count);
    return c->pattern->term;
}

// A row that asks nothing of the value, or not what the switch decides: it may
// match in each case, and in cases that are still to come (any).
static bool add_to_all(Matcher *m, Switch *s, const Row *row)
{
    size_t open = 0;
    for (size_t i = 0; i < s->count; i++) open += !s->cases[i].side.closed;
    if (!is_free(m, row) && open > 0) {
        if (open > m->budget) return false;
        m->budget -= open;
    }
    for (size_t i = 0; open > 0 && i < s->count; i++)
        match_side_add(m, &s->cases[i].side, row);
    match_side_add(m, &s->any, row);
    match_side_add(m, &s->other, row);
    return true;
}

// Adds a row to its case; a new case copies the rows that go everywhere and
// came before it.
static bool add_to_case(Matcher *m, Switch *s, const Row *row, Constraint *c)
{
    Case *k = find_case(s, case_key(c));
    if (k == NULL) {
        if (s->any.count > m->budget) return false;
        m->budget -= s->any.count;
        k = add_case(m, s, case_key(c));
    }
    Row r = *row;
    // A tuple of that size has elements still to be tested; an atom is done.
    if (c->pattern->kind != PAT_TUPLE) r = match_without(m->b, row, c);
    match_side_add(m, &k->side, &r);
    return true;
}

// Answers how many rows are sorted. Rows of another class can only match where
// no case does.
static size_t sort_by_case(Matcher *m, Switch *s, Inst *v, Row *rows, size_t n)
{
    // A switch is over terms of one class; rows of others match none of them.
    Class class = class_of(match_find(&rows[0], v)->pattern);
    for (size_t i = 0; i < n; i++) {
        Constraint *c = match_find(&rows[i], v);
        bool done = true;
        if (c == NULL || c->pattern->kind == PAT_SAME)
            done = add_to_all(m, s, &rows[i]);
        else if (class_of(c->pattern) == class)
            done = add_to_case(m, s, &rows[i], c);
        else
            match_side_add(m, &s->other, &rows[i]);
        if (!done) return i;
        if (s->any.closed) return n; // what follows is shadowed
    }
    return n;
}

// The types that the cases of a switch cover wholly.
static uint64_t covered(const Switch *s)
{
    uint64_t types = 0;
    // `true' and `false' are all that a boolean can be; no other set of keys
    // is finite.
    for (size_t i = 0; i < s->count; i++) {
        if (term_same(s->cases[i].key, ATOM_true)) types |= TYPE_TRUE;
        if (term_same(s->cases[i].key, ATOM_false)) types |= TYPE_FALSE;
    }
    return types;
}

// Replaces constraints of tuples on [v], known to be one of [n] elements, by
// those on its elements: each is read once for all rows, in front of their
// tests.
static void open_tuples(Matcher *m, Inst *v, size_t n, Side *s)
{
    Inst **parts = arena_zeroed(&m->b->u->arena, n * sizeof(Inst *));
    for (size_t i = 0; i < s->count; i++) {
        Constraint *c = match_find(&s->rows[i], v);
        if (c == NULL || c->pattern->kind != PAT_TUPLE) continue;
        // Only the elements that a pattern asks for are read.
        for (size_t k = 0; k < n; k++)
            if (parts[k] == NULL && c->pattern->parts[k]->kind != PAT_ANY)
                parts[k] = build_element(m->b, v, (uint32_t)k);
        s->rows[i] = with_parts(m->b, &s->rows[i], c, n, parts);
    }
}

// The rows of one case, where the value is known to be its key.
static void case_body(Matcher *m, Case *k, Inst *v, Block *block, bool tuple)
{
    Builder *b = m->b;
    size_t mark = build_mark(b);
    build_at(b, block);
    uint64_t type = build_term_type(k->key);
    if (tuple)
        type = TYPE_TUPLE
               | (uint64_t)(term_small_value(k->key) + 1) << TYPE_ARITY_SHIFT;
    build_narrow(b, v, type);
    if (!tuple) build_know_tag(b, v, k->key);
    if (tuple) {
        size_t n = (size_t)term_small_value(k->key);
        open_tuples(m, v, n, &k->side);
    }
    match_rows(m, k->side.rows, k->side.count);
    build_undo(b, mark);
}

// One case: a test. The builder then stands at the failure.
static void emit_test(Matcher *m, Switch *s, Inst *v, bool tuple, Block *other)
{
    Builder *b = m->b;
    Case *k = &s->cases[0];
    size_t mark = build_mark(b);
    Inst *args[] = {v, build_literal(b, k->key)};
    if (tuple) {
        // A record asks for its tag next: the three tests are joined later.
        build_test(b, ATOM_is_tuple, 1, args, true, other);
        build_test(b, ATOM_test_arity, 2, args, true, other);
    } else {
        build_test(b, ATOM_exact_eq, 2, args, true, other);
    }
    case_body(m, k, v, b->cur, tuple);
    build_undo(b, mark);
    build_at(b, other);
    if (!tuple) fold_narrow(b, ATOM_exact_eq, 2, args, false);
}

// Each case gets a block; the last successor is for all other values, unless
// there can be none.
static void emit_switch(Matcher *m, Switch *s, Inst *v, bool tuple,
                        Block *other)
{
    Builder *b = m->b;
    Arena *a = &b->u->arena;
    // Of a boolean with both cases nothing is left over.
    bool whole = !(v->type & 0xFFFF & ~covered(s));
    size_t mark = build_mark(b);
    if (tuple) build_test(b, ATOM_is_tuple, 1, &v, true, other);
    build_inst(b, tuple ? IR_SWITCH_ARITY : IR_SWITCH, 1, &v);
    Block *from = b->cur, **blocks = arena_alloc(a, (s->count + 1)
                                                        * sizeof *blocks);
    from->next = arena_alloc(a, (s->count + 1) * sizeof *from->next);
    from->cases = arena_alloc(a, s->count * sizeof(Term));
    for (size_t i = 0; i < s->count; i++) {
        blocks[i] = build_block(b);
        from->cases[i] = s->cases[i].key;
        ir_link(a, from, blocks[i]);
    }
    // When all is covered the last case takes the place of the rest.
    if (!whole) ir_link(a, from, other);
    for (size_t i = 0; i < s->count; i++)
        case_body(m, &s->cases[i], v, blocks[i], tuple);
    build_undo(b, mark);
    build_at(b, other);
    if (!tuple) build_narrow(b, v, v->type & ~covered(s));
}

// What is known of a literal or of a value just built needs no switch: only the
// rows of its case are built.
static bool known_case(Matcher *m, Switch *s, Inst *v, bool tuple)
{
    uint64_t arity = v->type >> TYPE_ARITY_SHIFT;
    Term key = v->term;
    if (tuple) {
        // case {A, B} of {x, _} -> ...: its size is no question.
        if ((v->type & 0xFFFF) != TYPE_TUPLE || arity == 0) return false;
        key = term_small((intptr_t)arity - 1);
    } else if (!ir_is_literal(v)) {
        return false;
    }
    Case *k = NULL;
    for (size_t i = 0; i < s->count; i++)
        if (term_same(s->cases[i].key, key)) k = &s->cases[i];
    if (k != NULL) case_body(m, k, v, m->b->cur, tuple);
    else match_rows(m, s->other.rows, s->other.count);
    return true;
}

// Cases that what is known of the value rules out: true and false of what is an
// atom but no boolean.
static void drop_impossible(Switch *s, Inst *v, bool tuple)
{
    // A tuple is one type, whatever its size.
    if (tuple) return;
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        if (build_term_type(s->cases[i].key) & v->type)
            s->cases[n++] = s->cases[i];
    s->count = n;
}

// SIZE_MAX: no row is left and the builder stands nowhere.
static size_t step_switch(Matcher *m, Inst *v, Row **rows, size_t n)
{
    Builder *b = m->b;
    bool tuple = class_of(match_find(*rows, v)->pattern) == CLASS_TUPLE;
    Switch s = {0};
    size_t at = sort_by_case(m, &s, v, *rows, n);
    Cut cut = match_cut_begin(m, *rows, n, at);
    size_t mark = build_mark(b);
    if (known_case(m, &s, v, tuple)) {
        build_undo(b, mark);
        if (at == n) return SIZE_MAX;
        return match_cut_end(m, cut, rows, n);
    }
    drop_impossible(&s, v, tuple);
    if (s.count > 0) {
        Block *other = build_block(b);
        if (s.count == 1) emit_test(m, &s, v, tuple, other);
        else emit_switch(m, &s, v, tuple, other);
    }
    return match_others(m, &s.other, cut, rows, n);
}

// ---- cons, literals, equality, maps ----
// These take two tests, or only one row profits of them.

// First the type, by step_type, which comes back here; then head and tail
// become constraints of their own in all rows.
static size_t step_cons(Matcher *m, Inst *v, Row **rows, size_t n)
{
    Builder *b = m->b;
    if (v->type != TYPE_CONS)
        return step_type(m, v, ATOM_is_nonempty_list, rows, n);
    Inst *parts[] = {build_part(b, IR_HEAD, v), build_part(b, IR_TAIL, v)};
    // All rows that ask of the value ask for a list cell, or cannot match.
    Side s = {0};
    for (size_t i = 0; i < n; i++) {
        Constraint *c = match_find(&(*rows)[i], v);
        Row r = (*rows)[i];
        if (c != NULL && !(type_of(c->pattern) & TYPE_CONS)) continue;
        if (c != NULL && c->pattern->kind == PAT_CONS)
            r = with_parts(b, &r, c, 2, parts);
        match_side_add(m, &s, &r);
    }
    *rows = s.rows;
    return s.count;
}

// Equality with a literal or another value: only the first row gains by it, so
// all others are left for where it fails. Floats, big integers, and variables
// bound before.
static size_t step_equal(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Builder *b = m->b;
    Inst *other = c->pattern->kind == PAT_SAME
                      ? ir_value(c->pattern->same)
                      : build_literal(b, c->pattern->term);
    Cut cut = match_cut_begin(m, *rows, n, 1);
    // The only row: its failure needs a block of its own all the same, to
    // see whether the test was decided at once.
    if (cut.rest == NULL) m->fail = cut.rest = build_block(b);
    build_test(b, ATOM_exact_eq, 2, (Inst *[]){c->value, other}, true,
               cut.rest);
    Row r = match_without(b, *rows, c);
    match_rows(m, &r, 1);
    size_t left = match_cut_end(m, cut, rows, n);
    return cut.rest->prev_count == 0 ? SIZE_MAX : left;
}

// Keys by value: literals are made anew for each pattern.
static bool same_key(const Inst *a, const Inst *b)
{
    return a == b || (ir_is_literal(a) && ir_is_literal(b)
                      && term_is_immediate(a->term)
                      && term_same(a->term, b->term));
}

// SIZE_MAX when the pattern does not ask for the key.
static size_t find_key(const Pattern *p, const Inst *key)
{
    for (size_t i = 0; i < p->count; i++)
        if (same_key(p->keys[i], key)) return i;
    return SIZE_MAX;
}

// [c] without the key at [at], whose value is [value]: the pattern is copied,
// as other rows may share it.
static Row without_key(Builder *b, const Row *row, const Constraint *c,
                       size_t at, Inst *value)
{
    Pattern *p = arena_alloc(&b->u->arena, sizeof *p);
    *p = *c->pattern;
    size_t size = p->count * sizeof(void *);
    p->parts = memcpy(arena_alloc(&b->u->arena, size), p->parts, size);
    p->keys = memcpy(arena_alloc(&b->u->arena, size), p->keys, size);
    p->count--;
    memmove(p->parts + at, p->parts + at + 1,
            (p->count - at) * sizeof(void *));
    memmove(p->keys + at, p->keys + at + 1, (p->count - at) * sizeof(void *));
    Row r = match_without(b, row, c);
    if (p->count > 0) r.left = constraint(b, c->value, p, r.left);
    match_constrain(b, &r, value, c->pattern->parts[at]);
    return r;
}

// Rows that ask for a key, where it is and where it is not; a row that asks for
// other keys may match in either case.
static size_t sort_by_key(Matcher *m, Inst *get, Row *rows, size_t n, Side *yes,
                          Side *no)
{
    for (size_t i = 0; i < n; i++) {
        Constraint *c = match_find(&rows[i], get->args[0]);
        size_t at = SIZE_MAX;
        if (c != NULL && c->pattern->kind == PAT_MAP)
            at = find_key(c->pattern, get->args[1]);
        if (at != SIZE_MAX) {
            Row r = without_key(m->b, &rows[i], c, at, get);
            match_side_add(m, yes, &r);
            continue;
        }
        // A row that asks for other keys, or for no map at all.
        if (!match_affords(m, yes, &rows[i])) return i;
        match_side_add(m, yes, &rows[i]);
        match_side_add(m, no, &rows[i]);
    }
    return n;
}

// A key of a literal map: known to be there or not.
static size_t known_key(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Term value = map_get(c->value->term, c->pattern->keys[0]->term);
    if (term_is_none(value)) {
        // #{a := X} = #{}: the row can never match.
        (*rows)++;
        return n - 1;
    }
    (*rows)[0] = without_key(m->b, &(*rows)[0], c, 0,
                             build_literal(m->b, value));
    return n;
}

// One key at a time, the first that the first row asks for: get_map_elements of
// one key, and rows that ask for the same key share it.
static size_t step_map(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Builder *b = m->b;
    Block *outer = m->fail;
    if (c->value->type != TYPE_MAP)
        return step_type(m, c->value, ATOM_is_map, rows, n);
    // `#{}' matches every map; so does what has had its keys read.
    if (c->pattern->count == 0) {
        (*rows)[0] = match_without(b, &(*rows)[0], c);
        return n;
    }
    if (ir_is_literal(c->value)) {
        // The machine reads no keys of literals.
        if (ir_is_literal(c->pattern->keys[0]))
            return known_key(m, c, rows, n);
        Inst *copy = build_inst(b, IR_COPY, 1, &c->value);
        copy->type = TYPE_MAP;
        Row r = match_without(b, &(*rows)[0], c);
        match_constrain(b, &r, copy, c->pattern);
        (*rows)[0] = r;
        return n;
    }
    // Whether there will be a cut is not known before the key is read.
    (void)match_cut_begin(m, *rows, n, 1);
    // Only the places that it keeps are wanted of it.
    m->fail = outer;
    size_t mark = build_mark(b);
    Block *other = build_block(b);
    Inst *get = build_ending(b, IR_MAP_GET, 2,
                             (Inst *[]){c->value, c->pattern->keys[0]}, other);
    Side yes = {0}, no = {0};
    size_t at = sort_by_key(m, get, *rows, n, &yes, &no);
    Cut cut = match_cut_begin(m, *rows, n, at);
    cut.mark = mark; // what the key tells does not hold there
    match_rows(m, yes.rows, yes.count);
    build_undo(b, mark);
    build_at(b, other);
    return match_others(m, &no, cut, rows, n);
}

// A row of which nothing more can match is dropped without a test.
static size_t step(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    if (c->at != NULL) return match_bits_step(m, c, rows, n);
    if (!(type_of(c->pattern) & c->value->type)) {
        (*rows)++; // of a type that cannot match
        return n - 1;
    }
    switch (class_of(c->pattern)) {
    case CLASS_ATOM: case CLASS_INTEGER: case CLASS_TUPLE:
        return step_switch(m, c->value, rows, n);
    case CLASS_NIL:
        if (c->value->type == TYPE_NIL) {
            (*rows)[0] = match_without(m->b, &(*rows)[0], c);
            return n;
        }
        return step_type(m, c->value, ATOM_is_nil, rows, n);
    case CLASS_CONS: return step_cons(m, c->value, rows, n);
    case CLASS_MAP: return step_map(m, c, rows, n);
    case CLASS_BINARY: return match_bits_step(m, c, rows, n);
    default: return step_equal(m, c, rows, n);
    }
}

// A loop over what does not hold, a recursion into what does: the stack is as
// deep as patterns nest, not as there are clauses. At the end of the rows all
// is left to m->fail.
void match_rows(Matcher *m, Row *rows, size_t n)
{
    Builder *b = m->b;
    for (;;) {
        if (n == SIZE_MAX) return; // a step that left nothing
        if (n == 0) {
            build_jump(b, m->fail);
            return;
        }
        if (rows->left != NULL) {
            n = step(m, rows->left, &rows, n);
            continue;
        }
        if (!leaf(m, rows)) return;
        rows++;
        n--;
    }
}
