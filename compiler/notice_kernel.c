// SPDX-License-Identifier: Apache-2.0
// Notice: clauses that cannot match because of those before them, as far as
// OTP's pattern compiler sees that. It takes the patterns apart column by
// column: rows that begin with variables and rows that begin with constructors
// go into groups of neighbours, what follows a group is what it falls back to,
// and within rows of constructors those with the same one go on together.
//
// Values are not known to it, only patterns; it gets the clauses that are left
// when impossible ones are gone. A row that matches for certain shadows the one
// behind it and what its group falls back to, and just those are told of: OTP
// finds the rest when it comes to them, or never.
//
// What it finds is therefore neither all that is shadowed nor only what is: the
// shape of the algorithm, v3_kernel's match/4, decides, and is followed here
// step by step.
#include "compare.h"
#include "notice.h"

enum { COLUMNS_MOST = 4000 }; // wider patterns are left alone

typedef struct {
    NoticeRow *row; // the clause it stands for
    Term columns; // what is left of its patterns, a list
} Line;

typedef enum {
    HEAD_VARIABLE, HEAD_LITERAL, HEAD_CONS, HEAD_TUPLE, HEAD_OTHER
} HeadKind;

// What a pattern is in the first place. [parts] of a constructor are put in
// front of the columns that are left.
typedef struct {
    HeadKind kind; // HEAD_OTHER: groups with no other
    Term value; // of a literal; the parts of the others
    size_t size; // of the parts of a tuple or list cell
} Head;

// A form made here stands at the place of [p].
static Term form2(Notice *n, Term tag, Term p, Term value)
{
    return heap_tuple3(&n->u->heap, tag, form_get(p, 2), value);
}

static Term pair(Notice *n, Term a, Term b) // the list of both
{
    Heap *h = &n->u->heap;
    return heap_cons(h, a, heap_cons(h, b, TERM_NIL));
}

// "text" and "text" ++ Tail are lists, taken apart a character at a time as the
// columns are reached; the tail takes the place of [].
static Head head_of_string(Notice *n, Term p, Term text, Term tail)
{
    if (!term_is_cons(text)) {
        if (term_is_none(tail)) return (Head){HEAD_LITERAL, TERM_NIL, 0};
        return (Head){HEAD_OTHER, TERM_NIL, 0};
    }
    // One character at a time: "ab" is [$a | "b"].
    Term first = form2(n, ATOM_integer, p, term_head(text));
    Term rest = form2(n, ATOM_string, p, term_tail(text));
    if (!term_is_none(tail))
        rest = term_is_nil(term_tail(text))
                   ? tail
                   : heap_tuple(&n->u->heap, 5,
                                (Term[]){ATOM_op, form_get(p, 2), ATOM_append,
                                         rest, tail});
    return (Head){HEAD_CONS, pair(n, first, rest), 2};
}

// The pattern of a field: named, or that of `_ = P', or anything.
static Term field_pattern(Term fields, Term name, Term otherwise)
{
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term key = form_get(term_head(fields), 3);
        if (term_same(form_get(key, 3), name))
            return form_get(term_head(fields), 4);
        if (form_is(key, ATOM_var)) otherwise = form_get(term_head(fields), 4);
    }
    return otherwise;
}

// A record is a tuple with its name in front, as it is in Core Erlang.
static Head head_of_record(Notice *n, Term p)
{
    Heap *h = &n->u->heap;
    Record *r = unit_record(n->u, form_get(p, 3));
    if (r == NULL || term_arity(p) != 4) return (Head){HEAD_OTHER, TERM_NIL, 0};
    Term any = form2(n, ATOM_var, p, ATOM_underscore), parts = TERM_NIL;
    for (size_t i = r->count; i-- > 0;)
        parts = heap_cons(h, field_pattern(form_get(p, 4), r->fields[i], any),
                          parts);
    parts = heap_cons(h, form2(n, ATOM_atom, p, form_get(p, 3)), parts);
    return (Head){HEAD_TUPLE, parts, r->count + 1};
}

// Of P1 = P2 the one that is no variable; two constructors at one place
// (records in aliases) go with no other.
static Head head_of(Notice *n, Term p)
{
    switch (form_tag(p).bits) {
    case ATOM_BITS_var: return (Head){HEAD_VARIABLE, TERM_NIL, 0};
    case ATOM_BITS_match: {
        Head left = head_of(n, form_get(p, 3));
        if (left.kind == HEAD_VARIABLE) return head_of(n, form_get(p, 4));
        if (head_of(n, form_get(p, 4)).kind == HEAD_VARIABLE) return left;
        return (Head){HEAD_OTHER, TERM_NIL, 0};
    }
    case ATOM_BITS_nil: return (Head){HEAD_LITERAL, TERM_NIL, 0};
    case ATOM_BITS_string:
        return head_of_string(n, p, form_get(p, 3), TERM_NONE);
    case ATOM_BITS_cons:
        return (Head){HEAD_CONS, pair(n, form_get(p, 3), form_get(p, 4)), 2};
    case ATOM_BITS_tuple:
        return (Head){HEAD_TUPLE, form_get(p, 3),
                      (size_t)term_list_length(form_get(p, 3))};
    case ATOM_BITS_record: return head_of_record(n, p);
    case ATOM_BITS_op:
        if (term_arity(p) == 5 && term_same(form_get(p, 3), ATOM_append)
            && form_is(form_get(p, 4), ATOM_string))
            return head_of_string(n, p, form_get(form_get(p, 4), 3),
                                  form_get(p, 5));
        break;
    default: break;
    }
    Term t = form_constant(n->u, p);
    if (term_is_none(t)) return (Head){HEAD_OTHER, TERM_NIL, 0};
    return (Head){HEAD_LITERAL, t, 0};
}

// Literals are equal by value, tuples by their size alone: elements are columns
// of their own.
static bool is_same_head(const Head *a, const Head *b)
{
    if (a->kind != b->kind || a->size != b->size) return false;
    // What is HEAD_OTHER (maps, binaries) is never the same as another.
    if (a->kind != HEAD_LITERAL) return a->kind != HEAD_OTHER;
    if (term_is_immediate(a->value) || term_is_immediate(b->value))
        return term_same(a->value, b->value);
    return term_exact_equal(a->value, b->value);
}

// Always told by the line, without the name of the function.
static void warn_shadowed(Notice *n, const NoticeRow *by, const NoticeRow *row)
{
    Term line = term_small((intptr_t)unit_place(n->u, by->anno).line);
    notice_warn(n, row->anno, ATOM_v3_kernel, ATOM_nomatch,
                heap_tuple2(n->u->out, ATOM_shadow, line));
}

// All columns are done: behind a row that always matches nothing is reached,
// neither the next nor what they would fall back to. One of each is told, like
// in OTP.
static void finish(Notice *n, const Line *lines, size_t count,
                   const NoticeRow *fallback)
{
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].row->is_certain) continue;
        if (i + 1 < count) warn_shadowed(n, lines[i].row, lines[i + 1].row);
        if (fallback != NULL) warn_shadowed(n, lines[i].row, fallback);
        return;
    }
}

// [parts] in front of [rest]; as deep as one pattern is wide.
static Term in_front(Notice *n, Term parts, Term rest)
{
    if (!term_is_cons(parts)) return rest;
    return heap_cons(&n->u->heap, term_head(parts),
                     in_front(n, term_tail(parts), rest));
}

// [fallback] is the first row of the group behind, NULL without one.
static void match(Notice *n, Line *lines, size_t count,
                  const NoticeRow *fallback);

// What heads that are the same share, and others do not: for immediates and
// what is made of parts. 0: only is_same_head can tell. The top bit marks what
// is no literal, so the two kinds never meet.
static uint64_t key_of(const Head *h)
{
    if (h->kind == HEAD_TUPLE || h->kind == HEAD_CONS)
        return (uint64_t)1 << 63 | (uint64_t)h->size << 8 | h->kind;
    if (h->kind != HEAD_LITERAL || !term_is_immediate(h->value)) return 0;
    // Small integers are the only immediates that reach so far up.
    return term_is_small(h->value) && h->value.bits >> 62 != 0
               ? 0 : (h->value.bits << 1) + 2;
}

// For each row the next one, plus one, whose head is the same; 0: none. Clauses
// may be thousands, each with a head of its own, so a table is asked: linear,
// where comparing each with each would be quadratic.
static size_t *link_same(Notice *n, const Head *heads, size_t count)
{
    Arena *a = &n->u->arena;
    size_t *next = arena_zeroed(a, count * sizeof *next);
    Table last = {0};
    for (size_t i = count; i-- > 0;) {
        uint64_t key = key_of(&heads[i]);
        if (key != 0) {
            next[i] = (size_t)(uintptr_t)table_get(&last, key);
            table_put(&last, a, key, (void *)(uintptr_t)(i + 1));
            continue;
        }
        for (size_t k = i + 1; k < count && next[i] == 0; k++)
            // Only floats, big integers and the like are compared one by one.
            if (key_of(&heads[k]) == 0 && is_same_head(&heads[i], &heads[k]))
                next[i] = k + 1;
    }
    return next;
}

// Rows that begin with constructors, by these. [heads] are those of [lines];
// what is done is marked by HEAD_VARIABLE. Each group has the parts of its
// constructor as new columns in front.
static void match_constructors(Notice *n, const Line *lines, Head *heads,
                               size_t count)
{
    Line *group = arena_alloc(&n->u->arena, count * sizeof *group);
    const size_t *next = link_same(n, heads, count);
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        HeadKind kind = heads[i].kind;
        if (kind == HEAD_VARIABLE || kind == HEAD_OTHER) continue;
        for (size_t k = i + 1; k > 0; k = next[k - 1]) {
            const Line *line = &lines[k - 1];
            Term parts = kind == HEAD_LITERAL ? TERM_NIL : heads[k - 1].value;
            group[size].row = line->row;
            group[size++].columns = in_front(n, parts,
                                             term_tail(line->columns));
            heads[k - 1].kind = HEAD_VARIABLE;
        }
        // A row alone shadows nothing. There is no fallback: rows of other
        // constructors go there, too.
        if (size > 1) match(n, group, size, NULL);
    }
}

// By the first column: variables say nothing and are passed over; groups change
// where variables and constructors meet.
static void match(Notice *n, Line *lines, size_t count,
                  const NoticeRow *fallback)
{
    if (!term_is_cons(lines[0].columns)) {
        finish(n, lines, count, fallback);
        return;
    }
    Head *heads = arena_alloc(&n->u->arena, count * sizeof *heads);
    for (size_t i = 0; i < count; i++)
        heads[i] = head_of(n, term_head(lines[i].columns));
    // Groups of neighbours, from the last: each is the next one's fallback.
    for (size_t end = count, at; end > 0; end = at) {
        bool variables = heads[end - 1].kind == HEAD_VARIABLE;
        for (at = end - 1; at > 0; at--)
            if ((heads[at - 1].kind == HEAD_VARIABLE) != variables) break;
        const NoticeRow *first = lines[at].row;
        if (variables) {
            for (size_t i = at; i < end; i++)
                lines[i].columns = term_tail(lines[i].columns);
            match(n, lines + at, end - at, fallback);
        } else if (end - at > 1) {
            match_constructors(n, lines + at, heads + at, end - at);
        }
        fallback = first;
    }
}

// One row shadows nothing. Depth is that of columns, so wide tuples are left
// alone.
void notice_shadows(Notice *n, NoticeRow *rows, size_t count)
{
    if (count < 2 || term_list_length(rows[0].patterns) > COLUMNS_MOST) return;
    Line *lines = arena_alloc(&n->u->arena, count * sizeof *lines);
    for (size_t i = 0; i < count; i++)
        lines[i] = (Line){&rows[i], rows[i].patterns};
    match(n, lines, count, NULL);
}
