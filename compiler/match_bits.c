// SPDX-License-Identifier: Apache-2.0
// Match: the inside of binaries, segment by segment.
//
// A match context has one current place, which a segment that is read moves
// on. A row that is still to be tested at an earlier place needs that place
// kept before it is left, and set again when the row's turn has come. Where
// the context stands is a fact that the builder keeps in the BS_START.
//
// Rows name the context, a place and a segment to be found there. Two rows
// share what is read only when their segments are the same in type, flags,
// unit and size, and the size is a number or a variable. Rows that read
// otherwise wait until all before them have failed: on the ways of those there
// is nothing to be won for them, and with a copy on each the code would grow
// with the power of their number. Where a step ends, the context stands where
// the rows of that side begin, or the place of those was kept: the machine has
// no way back otherwise. Segments fail, never raise: a size that is wrong is a
// pattern that does not match.
//
//     f(<<1, T/binary>>) -> ...; f(<<2, N, B:N/binary>>) -> ...
// reads one byte for both rows, and N and B behind the second's test only.
#include "big.h"
#include "fold.h"
#include "match.h"

// NULL when several ways have met, behind a cut.
static Position *current(const Inst *context)
{
    return (Position *)(void *)context->segments;
}

static void set_current(Builder *b, Inst *context, Position *at)
{
    build_set(b, &context->segments, (uint64_t)(uintptr_t)at);
}

// The constraint of [row] at that place in the context.
static Constraint *find_at(const Row *row, const Inst *context,
                           const Position *at)
{
    for (Constraint *c = row->left; c != NULL; c = c->next)
        if (c->value == context && c->at == at) return c;
    return NULL;
}

// Then the rest may be handed on as the context itself (context.c).
bool match_rest_is_here(const Inst *rest)
{
    return current(rest->args[0]) == (Position *)(void *)rest->segments;
}

// ---- the start ----

// [row] with [c] asking of the inside from its first segment on; other
// constraints keep their places in the row.
static Row with_context(Builder *b, const Row *row, Constraint *c,
                        Inst *context, Position *at)
{
    Row r = *row;
    r.left = NULL;
    Constraint **link = &r.left;
    for (Constraint *x = row->left; x != NULL; x = x->next) {
        *link = arena_alloc(&b->u->arena, sizeof *x);
        **link = *x;
        if (x == c) {
            (*link)->value = context;
            (*link)->at = at;
            (*link)->segment = 0;
        }
        link = &(*link)->next;
    }
    *link = NULL;
    return r;
}

// What constraint [x] asks for may be a binary without being a pattern of one:
// equality, or nothing at all. Such a row goes to both sides.
static bool is_open(const Constraint *x)
{
    return x == NULL || x->pattern->kind == PAT_SAME
           || x->pattern->kind == PAT_LITERAL;
}

// How many rows are sorted on whether [v] is a binary; the others are cut off.
static size_t count_start(Matcher *m, const Inst *v, const Row *rows, size_t n)
{
    Side yes = {0};
    size_t i = 1;
    for (; i < n; i++) {
        Constraint *x = match_find(&rows[i], v);
        if (is_open(x) && !match_affords(m, &yes, &rows[i])) break;
    }
    return i;
}

// All rows with a binary pattern share one context; only one start is done for
// a value on any way.
static size_t step_start(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Builder *b = m->b;
    Inst *v = c->value;
    Cut cut = match_cut_begin(m, *rows, n, count_start(m, v, *rows, n));
    size_t mark = build_mark(b);
    Block *other = build_block(b);
    Inst *subject = v;
    // The machine wants what it matches in a register.
    if (ir_is_literal(v)) subject = build_inst(b, IR_COPY, 1, &v);
    Inst *context = build_ending(b, IR_BS_START, 1, &subject, other);
    Position *at = arena_zeroed(&b->u->arena, sizeof *at);
    Side yes = {0}, no = {0};
    build_narrow(b, v, TYPE_BITSTRING);
    set_current(b, context, at);
    for (size_t i = 0; i < cut.at; i++) {
        Row r = (*rows)[i];
        Constraint *x = match_find(&r, v);
        if (x != NULL && x->pattern->kind == PAT_BINARY) {
            r = with_context(b, &r, x, context, at);
            match_side_add(m, &yes, &r);
            continue;
        }
        if (is_open(x)) match_side_add(m, &yes, &r);
        match_side_add(m, &no, &r);
    }
    match_rows(m, yes.rows, yes.count);
    build_undo(b, mark);
    build_at(b, other);
    return match_others(m, &no, cut, rows, n);
}

// ---- segments ----
// A segment is read or skipped, and that moves the context for all rows that go
// on on that side.

static const PatSegment *segment_of(const Constraint *c)
{
    if (c->segment >= c->pattern->count) return NULL; // at the end
    return &c->pattern->segments[c->segment];
}

// Binds what was bound in the binary of [context], oldest first, so that the
// newest is found.
static void bind_sizes(Builder *b, const Binding *x, const Inst *context)
{
    if (x == NULL) return;
    bind_sizes(b, x->next, context);
    // <<N, B:N/binary>>: N is what was read just before.
    if (x->context == context) build_bind(b, x->name, x->value);
}

// Value of a size expression of row [r]. Variables bound in the same binary
// come before those around. Where it fails, no such segment is there.
static Inst *size_value(Matcher *m, const Row *r, const Constraint *c,
                        Block *fail)
{
    Builder *b = m->b;
    Term size = segment_of(c)->size, constant = form_constant(b->u, size);
    if (!term_is_none(constant)) return build_literal(b, constant);
    size_t mark = build_mark(b);
    bind_sizes(b, r->bound, c->value);
    // An error in the size, as in a guard, is no match.
    Block *outer = b->fail;
    b->fail = fail;
    Inst *value = ir_value(build_guard_expr(b, size));
    b->fail = outer;
    build_undo(b, mark);
    return value;
}

// What row [r] has for the variable of a size in the binary of [c], or around.
static Inst *size_variable(Builder *b, const Row *r, const Constraint *c,
                           Term name)
{
    for (const Binding *x = r->bound; x != NULL; x = x->next)
        if (x->context == c->value && term_same(x->name, name)) return x->value;
    return build_lookup(b, name);
}

// Whether the sizes of the segments at [c] of row [r] and at [d] of row [q] are
// the same variable, or different ones of the same value.
static bool same_variable(Builder *b, const Row *r, const Constraint *c,
                          const Row *q, const Constraint *d)
{
    Term s = segment_of(c)->size, t = segment_of(d)->size;
    if (!form_is(s, ATOM_var) || !form_is(t, ATOM_var)) return false;
    Inst *x = size_variable(b, r, c, form_get(s, 3));
    return x != NULL && x == size_variable(b, q, d, form_get(t, 3));
}

// Whether row [q] reads at [d] what row [r] reads at [c]: then one read serves
// both.
static bool same_segment(Builder *b, const Row *r, const Constraint *c,
                         const Row *q, const Constraint *d)
{
    const PatSegment *s = segment_of(c), *t = segment_of(d);
    if (s->type != t->type || s->flags != t->flags || s->unit != t->unit
        || s->fixed != t->fixed)
        return false;
    if (s->fixed) return s->bits == t->bits;
    if (term_is_none(s->size) || term_is_none(t->size))
        return term_is_none(s->size) && term_is_none(t->size);
    return same_variable(b, r, c, q, d);
}

static bool is_tail(const PatSegment *s) // only the last segment can be one
{
    return s->type == SEG_BINARY && term_is_none(s->size);
}

// Row [r] with its place moved on behind segment c->segment, and the value that
// was read asked for what the segment's pattern asks.
static Row moved(Builder *b, const Row *row, Constraint *c, Position *to,
                 Inst *value)
{
    Row r = *row, parts = {.bound = row->bound};
    r.left = NULL;
    match_constrain(b, &parts, value, segment_of(c)->value);
    r.bound = parts.bound;
    for (Binding *x = r.bound; x != row->bound; x = x->next)
        x->context = c->value;
    Constraint **link = &r.left;
    for (Constraint *x = row->left; x != NULL; x = x->next) {
        // What its value must match comes before what follows in the binary: a
        // size behind may name it.
        if (x == c) {
            *link = parts.left;
            while (*link != NULL) link = &(*link)->next;
        }
        *link = arena_alloc(&b->u->arena, sizeof *x);
        **link = *x;
        if (x == c) {
            (*link)->at = to;
            (*link)->segment++;
        }
        link = &(*link)->next;
    }
    *link = NULL;
    return r;
}

// Lets the context stand at [at], whose position was kept if the context has
// left it.
static void go_to(Builder *b, Inst *context, Position *at)
{
    // As most often: a binary is read from its start on.
    if (current(context) == at) return;
    build_inst(b, IR_BS_SET_POSITION, 2, (Inst *[]){context, at->kept});
    set_current(b, context, at);
}

// Kept before it is left, where that is still possible. On other ways than this
// it is not kept, so the note of it is undone with the way.
void match_keep(Builder *b, Inst *context, Position *at)
{
    if (at->kept != NULL) return;
    Inst *i = build_inst(b, IR_BS_POSITION, 1, &context);
    i->type = TYPE_INTEGER;
    // Undone where the builder goes back to: it is not kept on other ways.
    build_set(b, &at->kept, (uint64_t)(uintptr_t)i);
}

// Whether segment [s] is found only where bits are left: nothing is read at the
// end but what is of no size, or of one that is known only at run time.
static bool needs_bits(const PatSegment *s)
{
    return s->type > SEG_BINARY || (s->fixed && s->bits > 0);
}

// How many rows are sorted on whether the binary is at its end.
static size_t count_end(Matcher *m, const Constraint *c, const Row *rows,
                        size_t n)
{
    Side yes = {0};
    size_t i = 1;
    for (; i < n; i++) {
        Constraint *x = find_at(&rows[i], c->value, c->at);
        const PatSegment *s = x == NULL ? NULL : segment_of(x);
        if (x != NULL && (s == NULL || needs_bits(s))) continue;
        if (!match_affords(m, &yes, &rows[i])) break;
    }
    return i;
}

// The end of the binary is asked for: rows that ask for it, too, share the
// test.
static size_t step_end(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Builder *b = m->b;
    Inst *context = c->value;
    Position *at = c->at;
    Side yes = {0}, no = {0};
    Cut cut = match_cut_begin(m, *rows, n, count_end(m, c, *rows, n));
    size_t mark = build_mark(b);
    Block *other = build_block(b);
    build_ending(b, IR_BS_AT_END, 1, &context, other);
    for (size_t i = 0; i < cut.at; i++) {
        Row *r = &(*rows)[i];
        Constraint *x = find_at(r, context, at);
        const PatSegment *s = x == NULL ? NULL : segment_of(x);
        if (x != NULL && s == NULL) {
            Row q = match_without(b, r, x);
            match_side_add(m, &yes, &q);
            continue;
        }
        // Nothing is left here, so a row that reads bits fails at once.
        if (s == NULL || !needs_bits(s)) match_side_add(m, &yes, r);
        match_side_add(m, &no, r);
    }
    match_rows(m, yes.rows, yes.count);
    build_undo(b, mark);
    build_at(b, other);
    return match_others(m, &no, cut, rows, n);
}

// All bits that are left. Other rows at this place stay where they are: to take
// the rest does not move the context.
static size_t step_tail(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Builder *b = m->b;
    Inst *context = c->value;
    const PatSegment *s = segment_of(c);
    size_t mark = build_mark(b);
    Block *outer = m->fail, *other = NULL;
    // <<B/binary>>: a multiple of 8 bits. /bits takes whatever there is.
    if (s->unit != 1) {
        other = m->fail = build_block(b);
        Inst *test = build_ending(b, IR_BS_UNIT, 1, &context, m->fail);
        test->index = s->unit;
    }
    Row r = match_without(b, *rows, c);
    if (s->value->kind != PAT_ANY) {
        Inst *rest = c->at->rest;
        // One bitstring for all rows that take the rest at this place.
        if (rest == NULL) {
            rest = build_inst(b, IR_BS_REST, 1, &context);
            rest->type = s->unit % 8 == 0 ? TYPE_BINARY : TYPE_BITSTRING;
            rest->segments = (void *)c->at; // where it begins
            build_set(b, &c->at->rest, (uint64_t)(uintptr_t)rest);
        }
        match_constrain(b, &r, rest, s->value);
    }
    if (s->unit == 1) {
        (*rows)[0] = r;
        return n;
    }
    match_rows(m, &r, 1);
    m->fail = outer;
    build_undo(b, mark);
    build_at(b, other);
    (*rows)++;
    return n - 1;
}

// What can be told from size and unit before anything is read.
static uint64_t segment_type(const PatSegment *s)
{
    switch (s->type) {
    case SEG_FLOAT: return TYPE_FLOAT;
    case SEG_BINARY:
        if (s->unit % 8 == 0 || (s->fixed && s->bits % 8 == 0))
            return TYPE_BINARY;
        return TYPE_BITSTRING;
    default: return TYPE_INTEGER;
    }
}

// How many rows are sorted on whether the segment at [c] of the first is there:
// those that read the same, or ask for the end, or nothing here. Whoever reads
// otherwise would have to go back on either side, so is cut off.
static size_t count_segment(Matcher *m, const Constraint *c, const Row *rows,
                            size_t n)
{
    Side yes = {0};
    bool moves = needs_bits(segment_of(c));
    size_t i = 1;
    for (; i < n; i++) {
        Constraint *x = find_at(&rows[i], c->value, c->at);
        if (x != NULL && segment_of(x) != NULL) {
            if (!same_segment(m->b, rows, c, &rows[i], x)) break;
            continue;
        }
        // Where bits were read the binary was not at its end.
        if (x != NULL && moves) continue;
        if (!match_affords(m, &yes, &rows[i])) break;
    }
    return i;
}

// Sorts [n] rows so counted on whether the segment was there; [get] is its
// value.
static void sort_segment(Matcher *m, Constraint *c, Row *rows, size_t n,
                         Inst *get, Side *yes, Side *no)
{
    Builder *b = m->b;
    Position *to = arena_zeroed(&b->u->arena, sizeof *to);
    bool moves = needs_bits(segment_of(c));
    set_current(b, c->value, to);
    for (size_t i = 0; i < n; i++) {
        Constraint *x = find_at(&rows[i], c->value, c->at);
        if (x != NULL && segment_of(x) != NULL) {
            Row r = moved(b, &rows[i], x, to, get);
            match_side_add(m, yes, &r);
            continue;
        }
        if (x == NULL || !moves) match_side_add(m, yes, &rows[i]);
        match_side_add(m, no, &rows[i]);
    }
}

// Whether one of [n] rows so counted has to come back to the place of [c],
// though the segment was there.
static bool is_shared(const Constraint *c, const Row *rows, size_t n)
{
    if (needs_bits(segment_of(c))) return false;
    for (size_t i = 1; i < n; i++) {
        Constraint *x = find_at(&rows[i], c->value, c->at);
        if (x != NULL && segment_of(x) == NULL) return true;
    }
    return false;
}

// Whether one of [n] rows so counted wants the value of the segment at [c].
static bool is_wanted(const Constraint *c, const Row *rows, size_t n)
{
    uint8_t type = segment_of(c)->type;
    // These have no way to skip.
    if (type == SEG_FLOAT || type == SEG_UTF16 || type == SEG_UTF32)
        return true;
    for (size_t i = 0; i < n; i++) {
        Constraint *x = find_at(&rows[i], c->value, c->at);
        const PatSegment *s = x == NULL ? NULL : segment_of(x);
        if (s != NULL && s->value->kind != PAT_ANY) return true;
    }
    return false;
}

// The size of the segment at [c] of row [r], or NULL: it has none.
static Inst *segment_size(Matcher *m, const Row *r, const Constraint *c,
                          Block *fail)
{
    const PatSegment *s = segment_of(c);
    if (s->type > SEG_BINARY) return NULL;
    // A size in the pattern is checked even when it is a literal: the default
    // of the type has none.
    if (term_is_none(s->size))
        return build_literal(m->b, term_small(s->type == SEG_FLOAT ? 64 : 8));
    return size_value(m, r, c, fail);
}

// <<X:foo>> or a size below 0.
static bool is_no_size(const Inst *size)
{
    return size != NULL && ir_is_literal(size)
           && !(term_is_integer(size->term) && big_sign(size->term) >= 0);
}

// The type is a fact of the value from the start: no test of it follows.
static Inst *read_segment(Matcher *m, const Constraint *c, Inst *size,
                          bool wanted, Block *other)
{
    Builder *b = m->b;
    const PatSegment *s = segment_of(c);
    Inst *args[] = {c->value, size};
    Inst *get = build_ending(b, wanted ? IR_BS_GET : IR_BS_SKIP,
                             size == NULL ? 1 : 2, args, other);
    Segment *seg = arena_zeroed(&b->u->arena, sizeof *seg);
    *seg = (Segment){.type = s->type, .flags = s->flags, .unit = s->unit};
    get->segments = seg;
    get->place.line = s->line;
    if (wanted) get->type = segment_type(s);
    return get;
}

// The first row decides what is read; others go along as far as they fit.
static size_t step_segment(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    Builder *b = m->b;
    size_t at = count_segment(m, c, *rows, n);
    if (is_shared(c, *rows, at)) match_keep(b, c->value, c->at);
    Cut cut = match_cut_begin(m, *rows, n, at);
    size_t mark = build_mark(b);
    Block *other = build_block(b);
    Inst *size = segment_size(m, *rows, c, other);
    Side yes = {0}, no = {0};
    if (is_no_size(size)) {
        // None of the rows that read the same can match.
        build_jump(b, other);
        sort_segment(m, c, *rows, at, NULL, &yes, &no);
    } else {
        Inst *get = read_segment(m, c, size, is_wanted(c, *rows, at), other);
        sort_segment(m, c, *rows, at, get, &yes, &no);
        match_rows(m, yes.rows, yes.count);
    }
    build_undo(b, mark);
    build_at(b, other);
    return match_others(m, &no, cut, rows, n);
}

// ---- literal strings ----

// Whether [s] is a literal of whole bytes that can be compared as such.
static bool is_text(const PatSegment *s)
{
    return s->type == SEG_INTEGER && s->fixed && s->bits == 8 && s->unit == 1
           && s->value->kind == PAT_LITERAL && term_is_small(s->value->term);
}

// Literal bytes that only the first row asks for are compared at once, as with
// <<"GET ", _/binary>>: one instruction for all of them.
static size_t step_text(Matcher *m, Constraint *c, size_t length, Row **rows,
                        size_t n)
{
    Builder *b = m->b;
    Block *outer = m->fail;
    uint8_t *bytes;
    size_t mark = build_mark(b);
    Term text = heap_binary_new(&b->u->heap, length, &bytes);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)term_small_value(segment_of(c)[i].value->term);
    Block *rest = build_block(b);
    Inst *test = build_ending(b, IR_BS_STRING, 1, &c->value, rest);
    test->term = text;
    Position *to = arena_zeroed(&b->u->arena, sizeof *to);
    set_current(b, c->value, to);
    Row r = match_without(b, *rows, c);
    Constraint *on = arena_alloc(&b->u->arena, sizeof *on);
    *on = *c;
    on->at = to;
    on->segment += (uint32_t)length;
    on->next = r.left;
    r.left = on;
    m->fail = rest;
    match_rows(m, &r, 1);
    m->fail = outer;
    build_undo(b, mark);
    build_at(b, rest); // no other row looks at this place
    (*rows)++;
    return n - 1;
}

// The number of literal bytes at [c] if no other row looks at this place in
// another way that a byte would serve too; 0 when reading is better.
static size_t text_length(Constraint *c, Row *rows, size_t n)
{
    size_t length = 0;
    while (c->segment + length < c->pattern->count
           && is_text(&segment_of(c)[length]))
        length++;
    // One byte is as well read, and may be shared then.
    if (length < 2) return 0;
    for (size_t i = 1; i < n; i++) {
        Constraint *x = find_at(&rows[i], c->value, c->at);
        if (x != NULL) return 0;
    }
    return length;
}

// Steps of the inside of a binary, in the order in which they are looked for:
// the context is brought to the row's place before any.
size_t match_bits_step(Matcher *m, Constraint *c, Row **rows, size_t n)
{
    if (c->at == NULL) return step_start(m, c, rows, n);
    // Rows that look at the place where the context stands now come later: the
    // first one wants another place.
    Position *here = current(c->value);
    if (here != NULL && here != c->at)
        for (size_t i = 1; i < n; i++)
            if (find_at(&(*rows)[i], c->value, here) != NULL)
                match_keep(m->b, c->value, here);
    go_to(m->b, c->value, c->at);
    const PatSegment *s = segment_of(c);
    if (s == NULL) return step_end(m, c, rows, n);
    if (is_tail(s) && c->segment + 1 == c->pattern->count)
        return step_tail(m, c, rows, n);
    size_t length = text_length(c, *rows, n);
    if (length > 0) return step_text(m, c, length, rows, n);
    return step_segment(m, c, rows, n);
}
