// SPDX-License-Identifier: Apache-2.0
// Comprehensions, as loops: each generator is a function that takes what is
// left of its source and calls itself.
//
// For a list, the function's value is the list of what this and all later
// elements give, followed by what the loops around still give; so nothing is
// appended or reversed:
//
//   loop([P | T], Env...) -> [E | loop(T, Env...)]
//   loop([], Env...)      -> []        or, inside another: around(T0, ...)
//
// For a binary it takes and returns what has been made so far. A map is made
// of the list of its pairs. Zipped generators are one function with several
// sources.
//
// Where the unit wants it, lists:seq(A, B) as a source is counted through and
// no list made: the prompt does, where nobody traces the call.
//
// A loop is a function, not a block that jumps back, because that is what OTP
// makes of it: stack traces and module_info name it ('-f/1-lc$^0/1-0-'), and a
// process may be suspended within a step. It takes its environment as further
// arguments, so it is no fun and costs no memory.
#include "builder.h"
#include "fold.h"
#include "match.h"

typedef enum {
    SOURCE_LIST,
    SOURCE_BINARY,
    SOURCE_MAP,
    SOURCE_RANGE // what is left is the next number, or [] of an empty one
} SourceKind;

enum { SOURCES_MOST = 64 };

typedef struct {
    SourceKind kind;
    bool strict;  // <:- and the like: what does not match is an error
    Term pattern; // of a map: key and value in a tuple form
    Term from;    // expression
} Source;

typedef struct {
    Source sources[SOURCES_MOST]; // one, but of a zip
    size_t count; // of sources
    Term anno;    // where bad_generator is raised
    Term last;    // the name that holds a range's last number; TERM_NONE
} Generator;

// A loop that is being built, and how to go on with it from inside.
typedef struct Loop Loop;
struct Loop {
    Function *f;       // that calls itself
    Loop *around;      // of the generator before; NULL: this is the first
    Term *names;       // variables that it is given, beside its sources
    Term *aliases;     // the same by names that nothing hides
    size_t name_count; // of both
    Term rest[SOURCES_MOST]; // names that hold what is left of its sources
    size_t source_count; // of rest
};

typedef struct {
    Term template; // what is made for each element
    bool binary; // a binary comprehension
    bool effect; // of a list whose value nobody wants: none is made
    bool sized;  // each step of one binary gives as many bytes
} Kind;

// What is made by the qualifiers from here on, within the innermost [loop];
// [acc] is the binary made so far. The recursion is over the list of
// qualifiers.
static Inst *lower(Builder *b, const Kind *kind, Term qualifiers, Loop *loop,
                   Inst *acc);

// ---- generators ----

// K := V <- Map is a generator of pairs whose pattern is a tuple.
static void read_source(Builder *b, Term q, Source *s)
{
    Term tag = form_tag(q);
    *s = (Source){SOURCE_LIST, false, form_get(q, 3), form_get(q, 4)};
    s->strict = term_same(tag, ATOM_generate_strict)
                || term_same(tag, ATOM_b_generate_strict)
                || term_same(tag, ATOM_m_generate_strict);
    if (term_same(tag, ATOM_b_generate)
        || term_same(tag, ATOM_b_generate_strict))
        s->kind = SOURCE_BINARY;
    if (term_same(tag, ATOM_m_generate)
        || term_same(tag, ATOM_m_generate_strict)) {
        s->kind = SOURCE_MAP;
        Heap *h = &b->u->heap;
        Term both = heap_cons(h, form_get(s->pattern, 4), TERM_NIL);
        both = heap_cons(h, form_get(s->pattern, 3), both);
        s->pattern = heap_tuple3(h, ATOM_tuple, form_get(q, 2), both);
    }
}

// The call as it is written, lists:seq(A, B); with three arguments it stays a
// call.
static bool is_sequence(Term e)
{
    if (!form_is(e, ATOM_call) || !form_is(form_get(e, 3), ATOM_remote))
        return false;
    Term module = form_get(form_get(e, 3), 3), args = form_get(e, 4);
    Term function = form_get(form_get(e, 3), 4);
    return form_is(module, ATOM_atom) && form_is(function, ATOM_atom)
           && term_same(form_get(module, 3), ATOM_lists)
           && term_same(form_get(function, 3), ATOM_seq)
           && term_list_length(args) == 2;
}

// [depth] of the loop that it is for: loops within each other need names that
// differ.
static void read_generator(Builder *b, Term q, unsigned depth, Generator *g)
{
    *g = (Generator){.anno = form_get(q, 2), .last = TERM_NONE};
    if (!form_is(q, ATOM_zip)) {
        Source *s = &g->sources[g->count++];
        read_source(b, q, s);
        if (!b->u->lazy_sequences || s->kind != SOURCE_LIST
            || !is_sequence(s->from))
            return;
        s->kind = SOURCE_RANGE;
        g->last = unit_atom(b->u, "%% last %u", depth);
        return;
    }
    for (Term l = form_get(q, 3); term_is_cons(l); l = term_tail(l))
        if (g->count < SOURCES_MOST)
            read_source(b, term_head(l), &g->sources[g->count++]);
}

// ---- what a loop needs of the variables around ----
// A loop takes as arguments the variables that anything within it names. Unlike
// a fun's environment it must be known before the body is built, since the body
// calls the loop; so the forms are searched for names.

typedef struct {
    Term *names;        // each once
    size_t count, room; // of names
} Names;

// Not bound here: it is bound within, or nowhere.
static void add_name(Builder *b, Names *names, Term name)
{
    for (size_t i = 0; i < names->count; i++)
        if (term_same(names->names[i], name)) return;
    if (build_lookup(b, name) == NULL) return;
    if (names->count == names->room)
        names->names = arena_grow(&b->u->arena, names->names, names->count,
                                  &names->room, sizeof(Term));
    names->names[names->count++] = name;
}

// Names of variables in form [t] that are bound here. One that only a pattern
// hides is passed on as well: to take one too many is harmless.
static void collect(Builder *b, Names *names, Term t)
{
    if (form_is(t, ATOM_var) && term_arity(t) == 3) {
        Term name = form_get(t, 3);
        if (term_is_atom(name)) add_name(b, names, name);
        return;
    }
    if (form_is(t, ATOM_named_fun)) add_name(b, names, form_get(t, 3));
    if (term_is_tuple(t))
        for (size_t i = 1; i < term_arity(t); i++)
            collect(b, names, term_tuple_get(t, i));
    for (; term_is_cons(t); t = term_tail(t)) collect(b, names, term_head(t));
}

// ---- the end of a way through a loop ----
// With an accumulator the end of a way is a return of it; for a list it is a
// call of the loop for what is left.

// Calls [loop] with what is left of its sources. Aliases give the environment
// as it was when the loop began: patterns may have hidden the names since.
static Inst *call_again(Builder *b, Loop *loop, Inst *acc)
{
    size_t n = loop->source_count, extra = acc != NULL;
    Inst **args = arena_alloc(&b->u->arena, (n + 1 + loop->name_count)
                                                * sizeof *args);
    for (size_t i = 0; i < n; i++)
        // Arguments: what is left of the sources, accumulator, environment.
        args[i] = ir_value(build_lookup(b, loop->rest[i]));
    if (extra) args[n] = acc;
    for (size_t i = 0; i < loop->name_count; i++)
        args[n + extra + i] = ir_value(build_lookup(b, loop->aliases[i]));
    Inst *call = build_inst(b, IR_CALL, n + extra + loop->name_count, args);
    call->function = loop->f;
    return call;
}

// What follows when a loop has come to its end: for a list the next element of
// the loop around, whose list continues this one.
static Inst *after_loop(Builder *b, Loop *around, Inst *acc)
{
    if (acc != NULL) return acc;
    return around == NULL ? build_nil(b) : call_again(b, around, NULL);
}

// What follows when an element gave nothing (more).
static Inst *next_element(Builder *b, Loop *loop, Inst *acc)
{
    if (acc != NULL) return acc;
    return loop == NULL ? build_nil(b) : call_again(b, loop, NULL);
}

// ---- one step of a loop ----

// A source's state while a step is built: the list that is left, the binary
// that is left, {Key, Value, Iterator} or none of a map, or a number.
typedef struct {
    Inst *state;   // parameter
    Block *ended;  // it has no more elements
    Block *wrong;  // it is no source of its kind
} Step;

static void bind_rest(Builder *b, Loop *loop, size_t i, Inst *rest)
{
    build_bind(b, loop->rest[i], rest);
}

// Pattern of a binary generator with the rest of the binary behind it. With
// [any] it asks for the same sizes but for no values, to pass over bits that
// are there.
static Pattern *with_rest(Builder *b, Pattern *p, Pattern *rest, bool any)
{
    Pattern *q = arena_zeroed(&b->u->arena, sizeof *q);
    *q = *p;
    q->segments = arena_alloc(&b->u->arena,
                              (p->count + 1) * sizeof *q->segments);
    if (p->count > 0)
        memcpy(q->segments, p->segments, p->count * sizeof *q->segments);
    PatSegment *s = &q->segments[q->count++];
    *s = (PatSegment){.value = rest, .type = SEG_BINARY, .unit = 1,
                      .size = TERM_NONE};
    if (!any) return q;
    for (size_t i = 0; i < p->count; i++) {
        // Variables stay where a later size may need them.
        Pattern *v = q->segments[i].value;
        if (v->kind == PAT_VARIABLE) continue;
        q->segments[i].value = arena_zeroed(&b->u->arena, sizeof *v);
        q->segments[i].value->kind = PAT_ANY;
    }
    return q;
}

// A pattern that binds [name] to whatever comes.
static Pattern *variable_pattern(Builder *b, Term name)
{
    Pattern *p = arena_zeroed(&b->u->arena, sizeof *p);
    p->kind = PAT_VARIABLE;
    p->term = name;
    return p;
}

// Takes one element off a binary; goes on where the pattern matched. Where the
// bits were there but did not match, the rest is bound too and [skip] is where
// to go on. A binary that is too short for an element just ends.
static void step_binary(Builder *b, Loop *loop, const Source *s, size_t i,
                        Step *step, Join *skip)
{
    Pattern *rest = variable_pattern(b, loop->rest[i]);
    Pattern *p = pattern_read(b, s->pattern, true);
    if (p->kind != PAT_BINARY) p->kind = PAT_NEVER;
    // Three clauses: the pattern; as many bits, which are skipped, as in
    // << <<X>> || <<1, X>> <= B >>; and any binary, which has come to its end.
    Row rows[3] = {{.clause = 0}, {.clause = 1}, {.clause = 2}};
    MatchClause clauses[3] = {{.guard = TERM_NIL}, {.guard = TERM_NIL},
                              {.guard = TERM_NIL}};
    // Of several sources all must have their element before one of them may
    // be found not to match: see match_element.
    bool later = loop->source_count > 1;
    if (p->kind == PAT_BINARY) {
        match_constrain(b, &rows[0], step->state,
                        with_rest(b, p, rest, later));
        match_constrain(b, &rows[1], step->state, with_rest(b, p, rest, true));
    }
    Pattern *none = arena_zeroed(&b->u->arena, sizeof *none);
    none->kind = PAT_BINARY;
    Pattern *ignored = arena_zeroed(&b->u->arena, sizeof *ignored);
    match_constrain(b, &rows[2], step->state,
                    with_rest(b, none, ignored, false));
    Matcher m = {.b = b, .clauses = clauses, .fail = step->wrong,
                 .base = build_mark(b), .budget = 64};
    match_rows(&m, rows, 3);
    build_undo(b, m.base);
    size_t mark = build_mark(b);
    if (match_enter(b, &clauses[2])) {
        Block *left = build_block(b);
        // A strict generator must have used the binary up.
        if (s->strict) {
            Inst *empty = build_literal(b, heap_binary(&b->u->heap, "", 0));
            build_test(b, ATOM_exact_eq, 2, (Inst *[]){step->state, empty},
                       true, later ? step->wrong : left);
        }
        build_jump(b, step->ended);
        build_undo(b, mark);
        if (left->prev_count > 0) {
            build_at(b, left);
            build_last(b, IR_BADMATCH, 1, &step->state);
        }
    }
    if (match_enter(b, &clauses[1])) {
        if (s->strict) {
            if (later) build_jump(b, step->wrong);
            else build_last(b, IR_BADMATCH, 1, &step->state);
            build_undo(b, mark);
        } else {
            Inst *left = build_lookup(b, loop->rest[i]);
            build_undo(b, mark);
            match_way(b, skip, left, mark);
        }
    }
    if (!match_enter(b, &clauses[0])) {
        build_at(b, build_block(b)); // it never matches
        bind_rest(b, loop, i, step->state);
    }
}

// The next number. Above the last, or [], which is above any, none is left.
// Only the test is needed: start_range has seen that both are integers.
static Inst *take_number(Builder *b, Loop *loop, Inst *last, size_t i,
                         Step *step)
{
    Inst *v = step->state, *one = build_literal(b, term_small(1));
    build_test(b, ATOM_ge, 2, (Inst *[]){last, v}, true, step->ended);
    build_narrow(b, v, TYPE_INTEGER);
    bind_rest(b, loop, i, build_bif(b, ATOM_plus, 2, (Inst *[]){v, one}));
    return v;
}

// The element of a list or of a map's iterator, and what is left behind it. An
// improper tail is a wrong source.
static Inst *take_element(Builder *b, Loop *loop, const Source *s, size_t i,
                          Step *step)
{
    Inst *v = step->state;
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    if (s->kind == SOURCE_LIST) {
        build_test(b, ATOM_is_nonempty_list, 1, &v, true, no);
        Block *on = build_aside(b, mark, no);
        build_test(b, ATOM_is_nil, 1, &v, true, step->wrong);
        build_jump(b, step->ended);
        build_undo(b, mark);
        build_at(b, on);
        build_narrow(b, v, TYPE_CONS);
        Inst *head = build_part(b, IR_HEAD, v);
        bind_rest(b, loop, i, build_part(b, IR_TAIL, v));
        return head;
    }
    // {Key, Value, Iterator}, or none.
    build_test(b, ATOM_is_tuple, 1, &v, true, no);
    build_test(b, ATOM_test_arity, 2,
               (Inst *[]){v, build_literal(b, term_small(3))}, true, no);
    Block *on = build_aside(b, mark, no);
    build_test(b, ATOM_exact_eq, 2,
               (Inst *[]){v, build_literal(b, ATOM_none)}, true, step->wrong);
    build_jump(b, step->ended);
    build_undo(b, mark);
    build_at(b, on);
    Inst *parts[2] = {build_element(b, v, 0), build_element(b, v, 1)};
    bind_rest(b, loop, i, build_element(b, v, 2));
    return build_tuple(b, 2, parts);
}

static Inst *call_internal(Builder *b, Term name, Inst *argument)
{
    Inst *i = build_inst(b, IR_CALL_EXT, 1, &argument);
    i->term = ATOM_erts_internal;
    i->term2 = name;
    return i;
}

// The next state of a map's source: computed before the body, as the body's
// call of the loop needs it. An iterator holds some pairs; behind them it is to
// be asked for more.
static Inst *advance_map(Builder *b, Inst *iterator)
{
    Join join = {0};
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    build_test(b, ATOM_is_nonempty_list, 1, &iterator, true, no);
    match_way(b, &join, call_internal(b, ATOM_mc_refill, iterator), mark);
    build_at(b, no);
    match_way(b, &join, iterator, mark);
    return match_join(b, &join);
}

// ---- a loop ----

// From 0 for the outermost.
static unsigned loop_depth(const Loop *loop)
{
    unsigned depth = 0;
    for (const Loop *l = loop->around; l != NULL; l = l->around) depth++;
    return depth;
}

// Blanks and % keep the name apart from all that a source can name.
static Term rest_name(Builder *b, const Loop *loop, size_t i)
{
    return unit_atom(b->u, "%% rest %u %zu", loop_depth(loop), i);
}

// The names that a loop is given: those used in what it runs, and those that
// the loops around need to go on, since the end of this loop calls them.
static void choose_names(Builder *b, Loop *loop, const Kind *kind,
                         const Generator *g, Term qualifiers)
{
    Names names = {0};
    for (size_t i = 0; i < g->count; i++)
        collect(b, &names, g->sources[i].pattern);
    collect(b, &names, qualifiers);
    collect(b, &names, kind->template);
    if (!term_is_none(g->last)) add_name(b, &names, g->last);
    // With an accumulator the loop around goes on by itself, when this one has
    // returned.
    if (!kind->binary && loop->around != NULL) {
        for (size_t i = 0; i < loop->around->name_count; i++)
            add_name(b, &names, loop->around->aliases[i]);
        for (size_t i = 0; i < loop->around->source_count; i++)
            add_name(b, &names, loop->around->rest[i]);
    }
    loop->names = names.names;
    loop->name_count = names.count;
    loop->aliases = arena_alloc(&b->u->arena, (names.count + 1) * sizeof(Term));
    for (size_t i = 0; i < names.count; i++)
        loop->aliases[i] = unit_atom(b->u, "%% env %u %zu",
                                     loop_depth(loop), i);
}

// The first call, from outside: the environment is what the names are bound to
// there.
static Inst *call_loop(Builder *b, Loop *loop, Inst **states, Inst *acc)
{
    size_t n = loop->source_count, extra = acc != NULL;
    Inst **args = arena_alloc(&b->u->arena, (n + 1 + loop->name_count)
                                                * sizeof *args);
    for (size_t i = 0; i < n; i++) args[i] = states[i];
    if (extra) args[n] = acc;
    for (size_t i = 0; i < loop->name_count; i++)
        args[n + extra + i] = ir_value(build_lookup(b, loop->names[i]));
    Inst *call = build_inst(b, IR_CALL, n + extra + loop->name_count, args);
    call->function = loop->f;
    return call;
}

// Goes on with the next elements: for a list that is all there is to do, for a
// binary the loop calls itself with what was made.
static Inst *go_on(Builder *b, const Kind *kind, Loop *loop, Inst *acc)
{
    return kind->binary ? call_again(b, loop, acc)
                        : call_again(b, loop, NULL);
}

// With the source as it is then: what is left of it, as erlc has it,
// {bad_generator, b} of [a | b].
static void raise_bad(Builder *b, const Generator *g, Inst **states)
{
    Inst *value = states[0];
    if (g->count > 1) {
        value = build_tuple(b, g->count, states);
        build_error(b, ATOM_bad_generators, value);
        return;
    }
    build_error(b, ATOM_bad_generator, value);
}

// When one of several sources has ended all must have: zip generators raise
// bad_generators else. What is left of a binary does not matter, but to a strict
// generator.
static void check_all_ended(Builder *b, const Generator *g, Inst **states,
                            Block *wrong)
{
    for (size_t i = 0; i < g->count; i++) {
        const Source *s = &g->sources[i];
        Term end = s->kind == SOURCE_LIST ? TERM_NIL : ATOM_none;
        if (s->kind == SOURCE_BINARY && !s->strict) {
            build_test(b, ATOM_is_bitstring, 1, &states[i], true, wrong);
            continue;
        }
        if (s->kind == SOURCE_BINARY) end = heap_binary(&b->u->heap, "", 0);
        build_test(b, ATOM_exact_eq, 2,
                   (Inst *[]){states[i], build_literal(b, end)}, true, wrong);
    }
}

// Matches the element of a list or map; where it does not match the loop goes on
// without it, and a strict generator raises badmatch.
static void match_element(Builder *b, const Source *s, Inst *element,
                          Join *skip)
{
    Block *no = build_block(b);
    match_bind(b, element, pattern_read(b, s->pattern, true), no);
    if (no->prev_count == 0) return;
    Block *on = b->cur;
    build_at(b, no);
    if (s->strict) build_last(b, IR_BADMATCH, 1, &element);
    else match_way(b, skip, element, build_mark(b));
    build_at(b, on);
}

// ---- the patterns of a zip ----
// They are matched as one, so a variable in two of them asks for equal values.
// Elements that do not match are left out as long as the strict generators
// match theirs; what these share with others counts for that.

// Pattern of source [s] of a zip: of an element, or of the binary that one is
// taken off.
static Pattern *zip_pattern(Builder *b, const Source *s)
{
    Pattern *p = pattern_read(b, s->pattern, true);
    if (s->kind != SOURCE_BINARY || p->kind != PAT_BINARY) return p;
    return with_rest(b, p, arena_zeroed(&b->u->arena, sizeof *p), false);
}

// Whether variable [name] stands in pattern [p].
static bool binds(const Pattern *p, Term name)
{
    if (p->kind == PAT_VARIABLE) return term_same(p->term, name);
    bool binary = p->kind == PAT_BINARY;
    for (size_t i = 0; i < p->count; i++)
        if (binds(binary ? p->segments[i].value : p->parts[i], name))
            return true;
    return false;
}

// [p] as far as it says something of variables that [strict] patterns bind,
// too; whatever is around them stays, all else may be anything.
static Pattern *shared_part(Builder *b, Pattern *p, Pattern **strict, size_t n)
{
    Pattern *any = arena_zeroed(&b->u->arena, sizeof *any), *q = any;
    if (p->kind == PAT_VARIABLE) {
        for (size_t i = 0; i < n; i++)
            if (binds(strict[i], p->term)) return p;
        return any;
    }
    if (p->kind == PAT_BINARY || p->count == 0) return any;
    Pattern **parts = arena_alloc(&b->u->arena, p->count * sizeof *parts);
    bool shared = false;
    for (size_t i = 0; i < p->count; i++) {
        parts[i] = shared_part(b, p->parts[i], strict, n);
        shared = shared || parts[i]->kind != PAT_ANY;
    }
    if (!shared) return any;
    *q = *p;
    q->parts = parts;
    for (size_t i = 0; i < p->count; i++)
        if (p->parts[i]->kind == PAT_LITERAL) parts[i] = p->parts[i];
    return q;
}

// Matches the elements of a zip, together; those of binaries are what is left
// of them. Goes to [wrong] where a strict generator does not match.
static void match_zip(Builder *b, const Generator *g, Inst **elements,
                      Join *skip, Block *wrong)
{
    Pattern *patterns[SOURCES_MOST], *strict[SOURCES_MOST];
    Row rows[2] = {{.clause = 0}, {.clause = 1}};
    MatchClause clauses[2] = {{.guard = TERM_NIL}, {.guard = TERM_NIL}};
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++) {
        patterns[i] = zip_pattern(b, &g->sources[i]);
        if (g->sources[i].strict) strict[n++] = patterns[i];
        match_constrain(b, &rows[0], elements[i], patterns[i]);
    }
    bool lenient = n < g->count; // some generator leaves elements out
    for (size_t i = 0; lenient && i < g->count; i++)
        match_constrain(b, &rows[1], elements[i], g->sources[i].strict
                            ? patterns[i]
                            : shared_part(b, patterns[i], strict, n));
    Matcher m = {.b = b, .clauses = clauses, .fail = wrong,
                 .base = build_mark(b), .budget = 64};
    match_rows(&m, rows, lenient ? 2 : 1);
    build_undo(b, m.base);
    size_t mark = build_mark(b);
    if (match_enter(b, &clauses[1])) {
        Inst *left = elements[0]; // any value: nobody asks for the join's
        build_undo(b, mark);
        match_way(b, skip, left, mark);
    }
    if (!match_enter(b, &clauses[0])) build_at(b, build_block(b));
}

// Sources that have taken their element when another of a zip does not match
// stay bound: skip joins the ways, so what is left of each is known there.
static void loop_body(Builder *b, const Kind *kind, Term qualifiers,
                      const Generator *g, Loop *loop, Inst **states, Inst *acc)
{
    Block *ended = build_block(b), *wrong = build_block(b);
    Join skip = {0}, result = {0};
    Inst *elements[SOURCES_MOST];
    Step step = {NULL, ended, wrong};
    size_t outer = build_mark(b);
    // Lists, maps and ranges come first: they bind no variables yet.
    for (size_t i = 0; i < g->count; i++) {
        step.state = states[i];
        if (g->sources[i].kind == SOURCE_RANGE)
            elements[i] = take_number(b, loop,
                                      ir_value(build_lookup(b, g->last)), i,
                                      &step);
        else if (g->sources[i].kind != SOURCE_BINARY)
            elements[i] = take_element(b, loop, &g->sources[i], i, &step);
    }
    for (size_t i = 0; i < g->count; i++) {
        if (g->sources[i].kind != SOURCE_BINARY) continue;
        step.state = elements[i] = states[i];
        step_binary(b, loop, &g->sources[i], i, &step, &skip);
    }
    for (size_t i = 0; i < g->count; i++)
        if (g->sources[i].kind == SOURCE_MAP) {
            Inst *rest = ir_value(build_lookup(b, loop->rest[i]));
            bind_rest(b, loop, i, advance_map(b, rest));
        }
    size_t mark = build_mark(b);
    if (g->count > 1) match_zip(b, g, elements, &skip, wrong);
    else if (g->sources[0].kind != SOURCE_BINARY)
        match_element(b, &g->sources[0], elements[0], &skip);
    Inst *value = lower(b, kind, qualifiers, loop, acc);
    if (kind->binary) value = go_on(b, kind, loop, value);
    match_way(b, &result, value, mark);
    if (skip.count > 0) {
        Inst *left = match_join(b, &skip);
        if (g->count == 1 && g->sources[0].kind == SOURCE_BINARY)
            bind_rest(b, loop, 0, left);
        match_way(b, &result, go_on(b, kind, loop, acc), mark);
    }
    build_undo(b, outer);
    if (ended->prev_count > 0) {
        build_at(b, ended);
        if (g->count > 1) check_all_ended(b, g, states, wrong);
        match_way(b, &result, after_loop(b, loop->around, acc), outer);
    }
    if (wrong->prev_count > 0) {
        build_at(b, wrong);
        build_place(b, g->anno);
        raise_bad(b, g, states);
    }
    value = match_join(b, &result);
    build_last(b, IR_RETURN, 1, &value);
}

// The builder has no parent: what the loop names it is given, and nothing is
// found around by itself.
static void build_loop(Builder *outer, const Kind *kind, Term qualifiers,
                       const Generator *g, Loop *loop)
{
    Builder b;
    builder_init(&b, outer->u, NULL, loop->f);
    b.origin = outer->origin;
    b.depth = outer->depth;
    b.place = outer->place;
    Arena *a = &outer->u->arena;
    size_t n = g->count + kind->binary + loop->name_count, k = 0;
    Inst **params = arena_alloc(a, n * sizeof *params);
    for (size_t i = 0; i < g->count; i++)
        params[k++] = build_param(&b, TYPE_ANY);
    Inst *acc = NULL;
    if (kind->binary) params[k++] = acc = build_param(&b, TYPE_ANY);
    for (size_t i = 0; i < loop->name_count; i++) {
        params[k] = build_param(&b, TYPE_ANY);
        build_bind(&b, loop->names[i], params[k]);
        build_bind(&b, loop->aliases[i], params[k++]);
    }
    loop->f->entry = b.cur = build_block(&b);
    loop_body(&b, kind, qualifiers, g, loop, params, acc);
    build_finish(&b, n, params);
}

// The first number of a range, whose last one gets a name. What is no range of
// integers is left to the function: it fails, or there are none.
static Inst *start_range(Builder *b, const Source *s, const Generator *g)
{
    Term args = form_get(s->from, 4);
    Inst *both[2] = {ir_value(build_expr(b, term_head(args)))};
    both[1] = ir_value(build_expr(b, term_head(term_tail(args))));
    build_bind(b, g->last, both[1]);
    Join join = {0};
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    build_place(b, form_get(s->from, 2));
    build_test(b, ATOM_is_integer, 1, &both[0], true, no);
    build_test(b, ATOM_is_integer, 1, &both[1], true, no);
    build_test(b, ATOM_ge, 2, (Inst *[]){both[1], both[0]}, true, no);
    match_way(b, &join, both[0], mark);
    if (no->prev_count > 0) {
        build_at(b, no);
        Inst *made = build_call_ext(b, ATOM_lists, ATOM_seq, 2, both);
        match_way(b, &join, made, mark);
    }
    return match_join(b, &join);
}

// The first state of a source. Lists and binaries are tested step by step, a
// map or its iterator by what it is asked for, so here.
static Inst *start(Builder *b, const Source *s, Term anno)
{
    Inst *v = ir_value(build_expr(b, s->from));
    if (s->kind != SOURCE_MAP) return v;
    build_place(b, anno);
    Inst *i = call_internal(b, ATOM_mc_iterator, v);
    Block *bad = build_block(b);
    size_t mark = build_mark(b);
    Inst *nil = build_nil(b);
    build_test(b, ATOM_exact_ne, 2, (Inst *[]){i, nil}, true, bad);
    Block *on = build_aside(b, mark, bad);
    build_error(b, ATOM_bad_generator, v);
    build_undo(b, mark);
    build_at(b, on);
    return i;
}

// ---- the binary that a comprehension fills ----
// Appending in place needs a binary that was made for it (bs_init_writable). A
// good guess of the size spares copies as it grows.

// Bits of a binary's segments when all are fixed, else 0.
static size_t fixed_bits(Builder *b, Term e)
{
    size_t bits = 0;
    if (!form_is(e, ATOM_bin)) return 0;
    for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l)) {
        PatSegment s;
        segment_read(b->u, &s, term_head(l));
        Term value = form_get(term_head(l), 3);
        if (!s.fixed) return 0;
        bits += form_is(value, ATOM_string)
                    ? s.bits * (size_t)term_list_length(form_get(value, 3))
                    : s.bits;
    }
    return bits;
}

static Inst *writable(Builder *b, Inst *size) // [size] in bytes
{
    Inst *acc = build_inst(b, IR_INIT_WRITABLE, 1, &size);
    acc->type = TYPE_BITSTRING;
    return acc;
}

// The binary to be filled: of the size that it will have, when that is known
// from the source: <<(X+1):16 || <<X>> <= B>> takes two bytes for each of B.
static Inst *start_binary(Builder *b, const Kind *kind, const Source *s,
                          Inst *source)
{
    Inst *guess = build_literal(b, term_small(256));
    size_t from = fixed_bits(b, s->pattern), to = fixed_bits(b, kind->template);
    if (!kind->sized || from == 0 || to == 0 || to % 8 != 0)
        return writable(b, guess);
    Join join = {0};
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    build_test(b, ATOM_is_bitstring, 1, &source, true, no);
    Inst *bits = build_bif(b, ATOM_bit_size, 1, &source);
    Inst *by = build_literal(b, term_small((intptr_t)from));
    Inst *steps = build_bif(b, ATOM_div, 2, (Inst *[]){bits, by});
    by = build_literal(b, term_small((intptr_t)to / 8));
    match_way(b, &join, build_bif(b, ATOM_times, 2, (Inst *[]){steps, by}),
              mark);
    if (no->prev_count > 0) { // no binary: the loop will raise
        build_at(b, no);
        match_way(b, &join, guess, mark);
    }
    return writable(b, match_join(b, &join));
}

// The source is evaluated before the loop is entered, once, also within other
// loops: there it is evaluated for each element around.
static Inst *generate(Builder *b, const Kind *kind, Term q, Term qualifiers,
                      Loop *around, Inst *acc)
{
    Generator g = {0}; // compilers do not see that there is a first source
    read_generator(b, q, around == NULL ? 0 : loop_depth(around) + 1, &g);
    Inst *states[SOURCES_MOST];
    for (size_t i = 0; i < g.count; i++)
        states[i] = g.sources[i].kind == SOURCE_RANGE
                        ? start_range(b, &g.sources[i], &g)
                        : start(b, &g.sources[i], g.anno);
    build_place(b, g.anno);
    if (kind->binary && acc == NULL)
        acc = start_binary(b, kind, &g.sources[0], states[0]);
    Loop *loop = arena_zeroed(&b->u->arena, sizeof *loop);
    loop->around = around;
    loop->source_count = g.count;
    build_hide_siblings(b);
    choose_names(b, loop, kind, &g, qualifiers);
    build_show_siblings(b);
    for (size_t i = 0; i < g.count; i++) loop->rest[i] = rest_name(b, loop, i);
    size_t n = g.count + kind->binary;
    // The kind shows in the name: lc or lbc, as with erlc.
    Term name = lifted_loop_name(b, q, kind->binary ? "lbc$^" : "lc$^", n);
    loop->f = build_lifted(b, name, n + loop->name_count);
    build_loop(b, kind, qualifiers, &g, loop);
    return call_loop(b, loop, states, acc);
}

// ---- qualifiers ----
// A filter is a guard by its form or an expression; they fail differently.

// Outside of guards what is no boolean raises, and may bind variables for what
// follows.
static Inst *filter(Builder *b, const Kind *kind, Term q, Term qualifiers,
                    Loop *loop, Inst *acc)
{
    Join join = {0};
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    if (build_is_condition(b, q)) {
        build_condition(b, q, true, no);
    } else {
        Inst *v = ir_value(build_expr(b, q));
        build_place(b, form_get(q, 2));
        mark = build_mark(b); // what the filter binds is seen behind it
        // Anything but a boolean raises {bad_filter, V}.
        Block *other = build_block(b), *bad = build_block(b);
        build_test(b, ATOM_exact_eq, 2,
                   (Inst *[]){v, build_literal(b, ATOM_true)}, true, other);
        Block *on = build_aside(b, mark, other);
        build_test(b, ATOM_exact_eq, 2,
                   (Inst *[]){v, build_literal(b, ATOM_false)}, true, bad);
        build_jump(b, no);
        if (bad->prev_count > 0) {
            build_at(b, bad);
            build_error(b, ATOM_bad_filter, v);
        }
        build_at(b, on);
    }
    Inst *value = lower(b, kind, qualifiers, loop, acc);
    match_way(b, &join, value, mark);
    if (no->prev_count > 0) {
        build_at(b, no);
        match_way(b, &join, next_element(b, loop, acc), mark);
    }
    return match_join(b, &join);
}

// A filter that would be a guard fails silently, as a guard does.
static Inst *guard_filter(Builder *b, const Kind *kind, Term q,
                          Term qualifiers, Loop *loop, Inst *acc)
{
    Join join = {0};
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    Heap *h = &b->u->heap;
    Term guard = heap_cons(h, heap_cons(h, q, TERM_NIL), TERM_NIL);
    build_guard(b, guard, no);
    Inst *value = lower(b, kind, qualifiers, loop, acc);
    match_way(b, &join, value, mark);
    if (no->prev_count > 0) {
        build_at(b, no);
        match_way(b, &join, next_element(b, loop, acc), mark);
    }
    return match_join(b, &join);
}

// At the end of the qualifiers stands the template. Its value is wanted before
// the rest of the list: effects come in order.
static Inst *lower(Builder *b, const Kind *kind, Term qualifiers, Loop *loop,
                   Inst *acc)
{
    if (term_is_cons(qualifiers)) {
        Term q = term_head(qualifiers), rest = term_tail(qualifiers);
        if (form_is_generator(q)) return generate(b, kind, q, rest, loop, acc);
        if (build_is_guard_test(b, q))
            return guard_filter(b, kind, q, rest, loop, acc);
        return filter(b, kind, q, rest, loop, acc);
    }
    size_t mark = build_mark(b);
    Inst *value;
    if (kind->binary) {
        value = build_binary_onto(b, acc, kind->template);
    } else if (kind->effect) {
        build_expr(b, kind->template);
        value = next_element(b, loop, NULL);
    } else {
        Inst *head = ir_value(build_expr(b, kind->template));
        value = build_cons(b, head, next_element(b, loop, NULL));
    }
    build_undo(b, mark);
    return value;
}

// The same loop, but each step calls the next as its last: it runs in constant
// space.
void build_comprehension_effect(Builder *b, Term e)
{
    size_t mark = build_mark(b);
    Kind kind = {form_get(e, 3), false, true, false};
    build_place(b, form_get(e, 2));
    lower(b, &kind, form_get(e, 4), NULL, NULL);
    build_undo(b, mark);
}

// A list is what the first loop returns; a map is made of the list of its pairs
// when all are there.
Inst *build_comprehension(Builder *b, Term e)
{
    Term template = form_get(e, 3), qualifiers = form_get(e, 4);
    size_t mark = build_mark(b);
    build_place(b, form_get(e, 2));
    if (form_is(e, ATOM_bc)) {
        bool first = form_is_generator(term_head(qualifiers));
        bool alone = term_is_nil(term_tail(qualifiers))
                     && form_is(term_head(qualifiers), ATOM_b_generate);
        Kind kind = {template, true, false, alone};
        Inst *acc = NULL;
        if (!first) acc = writable(b, build_literal(b, term_small(256)));
        Inst *value = lower(b, &kind, qualifiers, NULL, acc);
        build_undo(b, mark);
        return value;
    }
    Kind kind = {template, false, false, false};
    if (form_is(e, ATOM_mc)) {
        Heap *h = &b->u->heap;
        Term both = heap_cons(h, form_get(template, 4), TERM_NIL);
        both = heap_cons(h, form_get(template, 3), both);
        kind.template = heap_tuple3(h, ATOM_tuple, form_get(e, 2), both);
    }
    Inst *value = lower(b, &kind, qualifiers, NULL, NULL);
    build_undo(b, mark);
    if (!form_is(e, ATOM_mc)) return value;
    build_place(b, form_get(e, 2));
    return build_call_ext(b, ATOM_maps, ATOM_from_list, 1, &value);
}
