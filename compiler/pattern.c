// SPDX-License-Identifier: Apache-2.0
// Patterns: from abstract form to what the matcher works on.
//
// A pattern holds no forms but sizes of segments: constants are folded, records
// are tuples, strings are lists. What can never match (an unknown record, an
// expression that is no constant: lint tells of both) becomes PAT_NEVER.
// Keys of maps are computed at once, before the match: they may name only
// variables that were bound before. Lists are read by a loop, since they may
// be as long as a string literal.
#include "big.h"
#include "fold.h"
#include "match.h"

// Parts are not cleared: whoever makes a pattern sets all of them.
static Pattern *pattern_new(Builder *b, PatKind kind, size_t count)
{
    Pattern *p = arena_zeroed(&b->u->arena, sizeof *p);
    p->kind = kind;
    p->count = (uint32_t)count;
    if (count > 0)
        p->parts = arena_alloc(&b->u->arena, count * sizeof(Pattern *));
    return p;
}

static Pattern *literal(Builder *b, Term t)
{
    Pattern *p = pattern_new(b, PAT_LITERAL, 0);
    p->term = t;
    return p;
}

// A variable that has a value is a comparison. [shadow], in heads of funs and
// in generators, binds anew instead: `X = 1, fun(X) -> X end'.
static Pattern *variable(Builder *b, Term name, bool shadow)
{
    if (term_same(name, ATOM_underscore)) return pattern_new(b, PAT_ANY, 0);
    Inst *bound = shadow ? NULL : build_lookup(b, name);
    if (bound != NULL) {
        bound = ir_value(bound);
        // X = 1, case Y of X -> ...: a case of a switch like any other.
        if (ir_is_literal(bound)) return literal(b, bound->term);
        Pattern *p = pattern_new(b, PAT_SAME, 0);
        p->same = bound;
        return p;
    }
    Pattern *p = pattern_new(b, PAT_VARIABLE, 0);
    p->term = name;
    return p;
}

static Pattern *pair(Builder *b, PatKind kind, Pattern *x, Pattern *y)
{
    Pattern *p = pattern_new(b, kind, 2);
    p->parts[0] = x;
    p->parts[1] = y;
    return p;
}

// A list pattern for the characters of [chars], ending in [tail]. As if each
// character had been written: [$a, $b | Tail].
static Pattern *string(Builder *b, Term chars, Pattern *tail)
{
    Pattern *first = tail, **link = &first;
    for (; term_is_cons(chars); chars = term_tail(chars)) {
        *link = pair(b, PAT_CONS, literal(b, term_head(chars)), tail);
        link = &(*link)->parts[1];
    }
    return first;
}

static Pattern *cons(Builder *b, Term e, bool shadow)
{
    Pattern *first = NULL, **link = &first;
    while (form_is(e, ATOM_cons)) {
        Pattern *head = pattern_read(b, form_get(e, 3), shadow);
        *link = pair(b, PAT_CONS, head, NULL);
        link = &(*link)->parts[1];
        e = form_get(e, 4);
    }
    *link = pattern_read(b, e, shadow);
    return first;
}

static Pattern *tuple(Builder *b, Term e, bool shadow)
{
    Term list = form_get(e, 3);
    Pattern *p = pattern_new(b, PAT_TUPLE, (size_t)term_list_length(list));
    for (size_t i = 0; term_is_cons(list); list = term_tail(list))
        p->parts[i++] = pattern_read(b, term_head(list), shadow);
    return p;
}

// #r{a = 1} is the tuple {r, 1, _}: there is no badrecord in a pattern, it just
// does not match.
static Pattern *record(Builder *b, Term e, bool shadow)
{
    Record *r = unit_record(b->u, form_get(e, 3));
    if (r == NULL) return pattern_new(b, PAT_NEVER, 0);
    Pattern *p = pattern_new(b, PAT_TUPLE, r->count + 1);
    p->parts[0] = literal(b, r->name);
    for (size_t i = 1; i <= r->count; i++) p->parts[i] = NULL;
    Term other = TERM_NONE;
    for (Term fs = form_get(e, 4); term_is_cons(fs); fs = term_tail(fs)) {
        Term name = form_get(form_get(term_head(fs), 3), 3);
        Term value = form_get(term_head(fs), 4);
        if (form_is(form_get(term_head(fs), 3), ATOM_var)) other = value;
        // Fields that are unknown are told by lint, and skipped here.
        for (size_t i = 0; i < r->count; i++)
            if (term_same(r->fields[i], name))
                p->parts[i + 1] = pattern_read(b, value, shadow);
    }
    for (size_t i = 1; i <= r->count; i++) {
        if (p->parts[i] != NULL) continue;
        // `_ = P' stands for all fields not named, without it they are free.
        p->parts[i] = term_is_none(other) ? pattern_new(b, PAT_ANY, 0)
                                          : pattern_read(b, other, shadow);
    }
    return p;
}

// #r.field is a number, that of the element with the tag as the first.
static Pattern *record_index(Builder *b, Term e)
{
    Record *r = unit_record(b->u, form_get(e, 3));
    Term field = form_get(form_get(e, 4), 3);
    for (size_t i = 0; r != NULL && i < r->count; i++)
        if (term_same(r->fields[i], field))
            return literal(b, term_small((intptr_t)i + 2));
    return pattern_new(b, PAT_NEVER, 0);
}

// The key of a map pattern. Where computing it fails the pattern cannot match:
// then it is a reference that is nowhere else.
static Inst *map_key(Builder *b, Term e)
{
    Join join = {0};
    Block *outer = b->fail, *fail = build_block(b);
    size_t mark = build_mark(b);
    b->fail = fail;
    Inst *key = ir_value(build_guard_expr(b, e));
    b->fail = outer;
    // A literal or a variable, as nearly always: it cannot fail.
    if (fail->prev_count == 0) return key;
    match_way(b, &join, key, mark);
    build_at(b, fail);
    key = build_call_ext(b, ATOM_erlang, ATOM_make_ref, 0, NULL);
    match_way(b, &join, key, mark);
    return match_join(b, &join);
}

// A key is an expression and is computed now, as the pattern is read; nothing
// may be computed in the middle of a match. Values are patterns as everywhere.
static Pattern *map(Builder *b, Term e, bool shadow)
{
    Term list = form_get(e, 3);
    size_t n = (size_t)term_list_length(list);
    Pattern *p = pattern_new(b, PAT_MAP, n);
    p->keys = arena_alloc(&b->u->arena, n * sizeof(Inst *));
    for (size_t i = 0; term_is_cons(list); list = term_tail(list), i++) {
        Term field = term_head(list);
        p->keys[i] = map_key(b, form_get(field, 3));
        p->parts[i] = pattern_read(b, form_get(field, 4), shadow);
    }
    return p;
}

// ---- binaries ----

static const struct {
    uintptr_t name; // bits of the atom
    uint8_t type, flags;
} specifiers[] = {
    {ATOM_BITS_integer, SEG_INTEGER, 0}, {ATOM_BITS_float, SEG_FLOAT, 0},
    {ATOM_BITS_binary, SEG_BINARY, 0}, {ATOM_BITS_bytes, SEG_BINARY, 0},
    {ATOM_BITS_bitstring, SEG_BINARY, 0}, {ATOM_BITS_bits, SEG_BINARY, 0},
    {ATOM_BITS_utf8, SEG_UTF8, 0}, {ATOM_BITS_utf16, SEG_UTF16, 0},
    {ATOM_BITS_utf32, SEG_UTF32, 0}, {ATOM_BITS_signed, 0xFF, SEG_SIGNED},
    {ATOM_BITS_unsigned, 0xFF, 0}, {ATOM_BITS_little, 0xFF, SEG_LITTLE},
    {ATOM_BITS_big, 0xFF, 0}, {ATOM_BITS_native, 0xFF, SEG_NATIVE},
};

// What contradicts something said before lint has refused. Type 0xFF leaves the
// type as it is.
static void read_specifier(PatSegment *s, Term t, size_t *unit)
{
    if (term_is_tuple_of(t, 2)
        && term_same(term_tuple_get(t, 0), ATOM_unit)) {
        *unit = (size_t)term_small_value(term_tuple_get(t, 1));
        return;
    }
    for (size_t i = 0; i < sizeof specifiers / sizeof *specifiers; i++) {
        if (specifiers[i].name != t.bits) continue;
        if (specifiers[i].type != 0xFF) s->type = specifiers[i].type;
        s->flags |= specifiers[i].flags;
    }
    // `bitstring' counts bits; `binary' has unit 8, the default of its type.
    bool bits = term_same(t, ATOM_bitstring) || term_same(t, ATOM_bits);
    if (bits && *unit == 0) *unit = 1;
}

// A size that is an expression of literals counts as fixed: <<X:(4 * 2)>> is
// read by the same instructions as <<X:8>>. Without a size an integer has 8
// bits, a float 64, and a binary takes the rest.
void segment_read(Unit *u, PatSegment *s, Term element)
{
    Term size = form_get(element, 4), types = form_get(element, 5);
    size_t unit = 0;
    *s = (PatSegment){.type = SEG_INTEGER, .size = TERM_NONE};
    s->line = unit_place(u, form_get(element, 2)).line;
    for (; term_is_cons(types); types = term_tail(types))
        read_specifier(s, term_head(types), &unit);
    bool given = !term_same(size, ATOM_default);
    if (given) s->size = size;
    if (unit == 0) unit = s->type == SEG_BINARY ? 8 : 1; // binary: bytes
    s->unit = (uint16_t)unit;
    if (s->type == SEG_INTEGER || s->type == SEG_FLOAT) {
        Term n = given ? form_constant(u, size)
                       : term_small(s->type == SEG_FLOAT ? 64 : 8);
        s->fixed = term_is_small(n) && term_small_value(n) >= 0;
        if (s->fixed) s->bits = (size_t)term_small_value(n) * s->unit;
    } else if (s->type == SEG_BINARY && given) { // utf8 and the like have none
        Term n = form_constant(u, size);
        s->fixed = term_is_small(n) && term_small_value(n) >= 0;
        if (s->fixed) s->bits = (size_t)term_small_value(n) * s->unit;
    }
}

// How many segments there are: a string literal makes one of each character.
static size_t count_segments(Term elements)
{
    size_t n = 0;
    for (; term_is_cons(elements); elements = term_tail(elements)) {
        Term value = form_get(term_head(elements), 3);
        // <<"abc"/utf8>> is <<$a/utf8, $b/utf8, $c/utf8>>.
        if (form_is(value, ATOM_string))
            n += (size_t)term_list_length(form_get(value, 3));
        else
            n++;
    }
    return n;
}

// The pattern of a segment's value. Integers are floats in float segments.
static Pattern *segment_value(Builder *b, PatSegment *s, Term e, bool shadow)
{
    Pattern *p = pattern_read(b, e, shadow);
    double d;
    if (s->type == SEG_FLOAT && p->kind == PAT_LITERAL
        && term_is_integer(p->term) && big_to_double(p->term, &d))
        p->term = heap_float(&b->u->heap, d);
    return p;
}

// Segments are read in order, but a size may name a variable of an earlier
// segment: sizes stay expressions till then.
static Pattern *binary(Builder *b, Term e, bool shadow)
{
    Term list = form_get(e, 3);
    size_t n = count_segments(list), i = 0;
    Pattern *p = pattern_new(b, PAT_BINARY, 0);
    p->count = (uint32_t)n;
    p->segments = arena_alloc(&b->u->arena, n * sizeof(PatSegment));
    for (; term_is_cons(list); list = term_tail(list)) {
        PatSegment s;
        segment_read(b->u, &s, term_head(list));
        Term value = form_get(term_head(list), 3);
        if (!form_is(value, ATOM_string)) {
            s.value = segment_value(b, &s, value, shadow);
            p->segments[i++] = s;
            continue;
        }
        Term chars = form_get(value, 3);
        for (; term_is_cons(chars); chars = term_tail(chars)) {
            s.value = literal(b, term_head(chars));
            if (s.type == SEG_FLOAT)
                s.value->term = heap_float(
                    &b->u->heap,
                    (double)term_small_value(term_head(chars)));
            p->segments[i++] = s;
        }
    }
    return p;
}

// "text" ++ Tail, and [c1, c2] ++ Tail.
static Pattern *append(Builder *b, Term e, bool shadow)
{
    Term text = form_get(e, 4);
    Pattern *tail = pattern_read(b, form_get(e, 5), shadow);
    Term chars = form_constant(b->u, text);
    // Only a constant may stand on the left, as lint has told.
    if (term_is_none(chars)) return pattern_new(b, PAT_NEVER, 0);
    return string(b, chars, tail);
}

// Whatever has no rule must be a constant expression, as -1 or 1 bsl 3.
Pattern *pattern_read(Builder *b, Term e, bool shadow)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_var: return variable(b, form_get(e, 3), shadow);
    case ATOM_BITS_integer: case ATOM_BITS_char: case ATOM_BITS_float:
    case ATOM_BITS_atom:
        return literal(b, form_get(e, 3));
    case ATOM_BITS_nil: return literal(b, TERM_NIL);
    case ATOM_BITS_string:
        return string(b, form_get(e, 3), literal(b, TERM_NIL));
    case ATOM_BITS_cons: return cons(b, e, shadow);
    case ATOM_BITS_tuple: return tuple(b, e, shadow);
    case ATOM_BITS_map: return map(b, e, shadow);
    case ATOM_BITS_bin: return binary(b, e, shadow);
    case ATOM_BITS_record: return record(b, e, shadow);
    case ATOM_BITS_record_index: return record_index(b, e);
    case ATOM_BITS_match: {
        Pattern *left = pattern_read(b, form_get(e, 3), shadow);
        return pair(b, PAT_ALIAS, left,
                    pattern_read(b, form_get(e, 4), shadow));
    }
    case ATOM_BITS_op:
        if (term_arity(e) == 5 && term_same(form_get(e, 3), ATOM_append))
            return append(b, e, shadow);
        break;
    default: break;
    }
    Term t = form_constant(b->u, e);
    return term_is_none(t) ? pattern_new(b, PAT_NEVER, 0) : literal(b, t);
}

// ---- constants ----

// Failures are no constants: the pattern 1 div 0 never matches, and raises
// nothing.
static Term constant_op(Unit *u, Term e)
{
    Term args[2];
    size_t n = term_arity(e) - 3;
    if (n < 1 || n > 2) return TERM_NONE;
    for (size_t i = 0; i < n; i++) {
        args[i] = form_constant(u, form_get(e, 4 + i));
        if (term_is_none(args[i])) return TERM_NONE;
    }
    // Reversed and put before the right one: lists are as long as the source
    // makes them, so C must not recurse over them.
    if (n == 2 && term_same(form_get(e, 3), ATOM_append)) {
        Term list = args[0], items = TERM_NIL;
        for (; term_is_cons(list); list = term_tail(list))
            items = heap_cons(&u->heap, term_head(list), items);
        if (!term_is_nil(list)) return TERM_NONE;
        Term result = args[1];
        for (; term_is_cons(items); items = term_tail(items))
            result = heap_cons(&u->heap, term_head(items), result);
        return result;
    }
    return fold_call(u, form_get(e, 3), n, args);
}

// The same, for long literals.
static Term constant_cons(Unit *u, Term e)
{
    Term items = TERM_NIL;
    for (; form_is(e, ATOM_cons); e = form_get(e, 4)) {
        Term head = form_constant(u, form_get(e, 3));
        if (term_is_none(head)) return TERM_NONE;
        items = heap_cons(&u->heap, head, items);
    }
    Term result = form_constant(u, e);
    for (; !term_is_none(result) && term_is_cons(items);
         items = term_tail(items))
        result = heap_cons(&u->heap, term_head(items), result);
    return result;
}

// Also sizes of segments and keys are asked for here, so variables, even those
// that are known to be literals, are no constants.
Term form_constant(Unit *u, Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_integer: case ATOM_BITS_char: case ATOM_BITS_float:
    case ATOM_BITS_atom: case ATOM_BITS_string:
        return form_get(e, 3);
    case ATOM_BITS_nil: return TERM_NIL;
    case ATOM_BITS_op: return constant_op(u, e);
    case ATOM_BITS_cons: return constant_cons(u, e);
    case ATOM_BITS_tuple: {
        Term list = form_get(e, 3);
        size_t n = (size_t)term_list_length(list);
        Term *items = arena_alloc(&u->arena, n * sizeof(Term));
        for (size_t i = 0; i < n; i++, list = term_tail(list)) {
            items[i] = form_constant(u, term_head(list));
            if (term_is_none(items[i])) return TERM_NONE;
        }
        return heap_tuple(&u->heap, n, items);
    }
    default: return TERM_NONE;
    }
}
