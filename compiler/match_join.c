// SPDX-License-Identifier: Apache-2.0
// Match: entering the bodies of clauses, and where their ways meet again.
//
// A body is built once, however many ways lead to it: what they bind to a
// variable meets in a phi. Behind a `case' the same holds of its value and of
// what all its clauses bind. A variable that only some bind is unsafe: the
// checks of the source refuse its use, so it needs no phi. Ways that end (in
// an exception, a tail call) take no part.
#include "match.h"

// The value that a way has bound to [name]; NULL: it has not.
static Inst *bound_in(const Binding *list, Term name)
{
    for (; list != NULL; list = list->next)
        if (term_same(list->name, name)) return list->value;
    return NULL;
}

// The rest of a binary that several ways bring is taken where they meet: then
// it is one value, which may be handed on as a context.
static Inst *common_rest(Builder *b, MatchClause *c, Inst **values)
{
    if (values[0]->op != IR_BS_REST) return NULL;
    for (size_t i = 0; i < c->count; i++)
        // The context no longer stands there, or the rests are of two binaries.
        if (c->arrivals[i].moved || values[i]->op != IR_BS_REST
            || values[i]->args[0] != values[0]->args[0]
            || values[i]->type != values[0]->type)
            return NULL;
    Inst *rest = build_inst(b, IR_BS_REST, 1, values[0]->args);
    rest->type = values[0]->type;
    return rest;
}

// The value of a variable in the body that several arrivals lead to.
static Inst *merge_bound(Builder *b, MatchClause *c, Term name)
{
    Inst **values = arena_alloc(&b->u->arena, c->count * sizeof(Inst *));
    for (size_t i = 0; i < c->count; i++)
        values[i] = bound_in(c->arrivals[i].bound, name);
    Inst *rest = common_rest(b, c, values);
    return rest != NULL ? rest : build_phi(b, c->count, values);
}

bool match_enter(Builder *b, MatchClause *c)
{
    if (c->count == 0) return false;
    build_at(b, c->body);
    Arrival *first = &c->arrivals[0];
    // With several ways nothing is known that all would have to say.
    if (c->count == 1)
        for (size_t i = 0; i < first->fact_count; i++)
            build_set(b, first->facts[i].place, first->facts[i].word);
    for (Binding *x = first->bound; x != NULL; x = x->next) {
        Inst *value = x->value;
        if (c->count > 1) value = merge_bound(b, c, x->name);
        build_bind(b, x->name, value);
    }
    return true;
}

// Variables that were bound since [mark], as a list.
static Binding *bound_since(Builder *b, size_t mark)
{
    Binding *list = NULL;
    for (size_t i = mark; i < b->trail_count; i++) {
        Variable *v = b->trail[i].variable;
        // An entry for a fact, or for a variable that was bound before already.
        if (v == NULL || v->value == NULL || b->trail[i].word != 0) continue;
        Binding *x = arena_alloc(&b->u->arena, sizeof *x);
        *x = (Binding){v->name, v->value, NULL, list};
        list = x;
    }
    return list;
}

void match_way(Builder *b, Join *join, Inst *value, size_t mark)
{
    if (join->block == NULL) join->block = build_block(b);
    if (join->count == join->room)
        join->ways = arena_grow(&b->u->arena, join->ways, join->count,
                                &join->room, sizeof *join->ways);
    // Nothing leads to a block behind a call that never returns.
    if (b->cur->prev_count > 0 || b->cur == b->f->entry) {
        join->ways[join->count++] =
            (Way){b->cur, value, bound_since(b, mark)};
        build_jump(b, join->block);
    }
    // The next clause must not see what this one has bound.
    build_undo(b, mark);
}

// Binds behind the join what all ways bind.
static void export_bound(Builder *b, Join *join)
{
    Inst **values = arena_alloc(&b->u->arena, join->count * sizeof(Inst *));
    for (Binding *x = join->ways[0].bound; x != NULL; x = x->next) {
        size_t n = 0;
        for (; n < join->count; n++) {
            values[n] = bound_in(join->ways[n].bound, x->name);
            if (values[n] == NULL) break;
        }
        if (n == join->count) build_bind(b, x->name, build_phi(b, n, values));
    }
}

Inst *match_join(Builder *b, Join *join)
{
    if (join->count == 0) {
        build_at(b, build_block(b)); // behind ways that all end
        return build_nil(b);
    }
    build_at(b, join->block);
    Inst **values = arena_alloc(&b->u->arena, join->count * sizeof(Inst *));
    for (size_t i = 0; i < join->count; i++) values[i] = join->ways[i].value;
    Inst *value = build_phi(b, join->count, values);
    export_bound(b, join);
    return value;
}

// The patterns of a clause, one for each value, become constraints of its row.
static void clause_row(Builder *b, Row *row, size_t n, Inst *const *values,
                       Term patterns, bool shadow)
{
    for (size_t i = 0; i < n; i++, patterns = term_tail(patterns))
        match_constrain(b, row, values[i],
                        pattern_read(b, term_head(patterns), shadow));
}

static void run(Builder *b, Matcher *m, Row *rows, size_t n)
{
    m->base = build_mark(b);
    // In proportion to the clauses, so that the code is too.
    m->budget = 4 * n + 16;
    m->b = b;
    match_rows(m, rows, n);
    build_undo(b, m->base);
}

// Patterns are read before anything is tested, since keys of maps are computed
// then, in front of the tree.
Inst *match_clauses(Builder *b, size_t n, Inst *const *values, Term clauses,
                    Block *fail, bool shadow)
{
    Arena *a = &b->u->arena;
    size_t count = (size_t)term_list_length(clauses), i = 0;
    Row *rows = arena_zeroed(a, count * sizeof *rows);
    Matcher m = {.fail = fail};
    m.clauses = arena_zeroed(a, count * sizeof *m.clauses);
    Place place = b->place;
    for (Term l = clauses; term_is_cons(l); l = term_tail(l), i++) {
        Term clause = term_head(l);
        build_place(b, form_get(clause, 2));
        rows[i].clause = (uint32_t)i;
        clause_row(b, &rows[i], n, values, form_get(clause, 3), shadow);
        m.clauses[i].guard = form_get(clause, 4);
        m.clauses[i].anno = form_get(clause, 2);
    }
    b->place = place;
    run(b, &m, rows, count);
    Join join = {0};
    // Bodies in the order of the source, whatever the tree looks like.
    for (i = 0; i < count; i++, clauses = term_tail(clauses)) {
        size_t mark = build_mark(b);
        if (!match_enter(b, &m.clauses[i])) continue;
        Inst *value = build_body(b, form_get(term_head(clauses), 5));
        match_way(b, &join, value, mark);
    }
    b->place = place;
    return match_join(b, &join);
}

// A match is a clause without a body of its own: what follows it is that.
void match_bind(Builder *b, Inst *value, Pattern *p, Block *fail)
{
    MatchClause clause = {.guard = TERM_NIL};
    Row row = {0};
    Matcher m = {.clauses = &clause, .fail = fail};
    match_constrain(b, &row, value, p);
    run(b, &m, &row, 1);
    // `1 = 2': what follows is dead, but must be built somewhere.
    if (!match_enter(b, &clause)) build_at(b, build_block(b));
}
