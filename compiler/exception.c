// SPDX-License-Identifier: Apache-2.0
// Exceptions: try and catch.
//
// A try is a region of blocks whose handler is set; its tag lives from IR_TRY
// to IR_TRY_END, and on the other way to the handler. Exceptions do not come
// from where a block ends but from anywhere in it, so a handler may use only
// what was known when the region began. The clauses behind of are outside of
// the region:
//
//   try E of P -> B catch ...      an exception in B is not caught
//
// Code of a try, with T a Y register that holds the tag while the region lasts:
//   try T, Handler     <body>     try_end T     <of clauses>
//   Handler: try_case T     class, reason, raw trace in x0, x1, x2
// What lives in the handler must be in Y registers, as an exception leaves no X
// registers but these three; live.c sees to it, by the handlers of blocks.
#include "builder.h"
#include "match.h"

// Tags are numbered by depth: the machine looks for the nearest by its place in
// the frame, so the tag of an inner try lies before that of the outer one, and
// two tries side by side share a number. An exception in the handler itself
// goes further out.
static Inst *begin(Builder *b, IrOp op, Block *handler)
{
    Inst *tag = build_inst(b, op, 0, NULL);
    tag->flags |= INST_TAG;
    tag->index = b->tag_depth++;
    if (b->tag_depth > b->f->tag_depth) b->f->tag_depth = b->tag_depth;
    Block *from = b->cur, *outer = b->handler;
    b->handler = handler;
    Block *body = build_block(b);
    ir_link(&b->u->arena, from, body);
    ir_link(&b->u->arena, from, handler);
    handler->handler = outer;
    build_at(b, body);
    return tag;
}

// Leaves the region of a handler: what follows goes to [outer]. The region ends
// with its block, as regions are made of whole ones, so a new block begins even
// if nothing else leads there.
static void leave(Builder *b, Block *outer)
{
    b->handler = outer;
    b->tag_depth--;
    Block *on = build_block(b);
    build_jump(b, on);
    build_at(b, on);
}

// By number, as in x1 and x2 behind a try_case.
static Inst *extract(Builder *b, uint32_t which)
{
    Inst *i = build_inst(b, IR_EXTRACT, 0, NULL);
    i->index = which;
    return i;
}

// The exception in a handler: class, reason, raw trace.
static void land(Builder *b, Block *handler, Inst *tag, Inst *caught[3])
{
    build_at(b, handler); // nothing of the body is known here
    caught[0] = build_inst(b, IR_TRY_CASE, 1, &tag);
    caught[0]->type = TYPE_ATOM_OTHER; // error, exit, throw
    caught[1] = extract(b, 1);
    caught[2] = extract(b, 2);
}

// With the trace as it was: nobody sees that it was looked at here.
static void raise_again(Builder *b, Inst *const caught[3])
{
    build_last(b, IR_RAW_RAISE, 3, caught);
}

// The pattern of a handler's clause is {Class, Reason, Trace}; the first two
// are matched, the third can only be a variable.
static Term two_patterns(Builder *b, Term clause, Term *trace)
{
    Term parts = form_get(term_head(form_get(clause, 3)), 3);
    Term class = term_head(parts), reason = term_head(term_tail(parts));
    *trace = form_get(term_head(term_tail(term_tail(parts))), 3);
    Term list = heap_cons(&b->u->heap, reason, TERM_NIL);
    return heap_cons(&b->u->heap, class, list);
}

// The body of a clause of catch, with the variable of the stack trace bound.
// Making a list of the raw trace costs, so it is done in the bodies that name
// it and nowhere before: guards may not name it, as lint has seen to.
static Term with_trace(Builder *b, Term clause)
{
    Term trace, patterns = two_patterns(b, clause, &trace);
    Term body = form_get(clause, 5);
    if (!term_same(trace, ATOM_underscore)) {
        Term bind = heap_tuple2(&b->u->heap, ATOM_bind_trace, trace);
        body = heap_cons(&b->u->heap, bind, body);
    }
    return heap_tuple(&b->u->heap, 5,
                      (Term[]){ATOM_clause, form_get(clause, 2), patterns,
                               form_get(clause, 4), body});
}

// The raw trace goes by a name that no variable can have: it is an atom that
// begins with a small letter.
Inst *build_bind_trace(Builder *b, Term e)
{
    Inst *raw = build_lookup(b, ATOM_raw_trace);
    raw = ir_value(raw);
    Inst *trace = build_inst(b, IR_BUILD_TRACE, 1, &raw);
    build_bind(b, form_get(e, 2), trace);
    return trace;
}

// Clauses see class and reason as two values, so catch error:X is one test of
// an atom. The way on which none of them matches raises again.
static void handle(Builder *b, Term handlers, Inst *caught[3], Join *join,
                   size_t mark)
{
    Block *fail = build_block(b);
    Term clauses = TERM_NIL;
    Term *items = arena_alloc(&b->u->arena,
                              (size_t)(term_list_length(handlers) + 1)
                                  * sizeof(Term));
    size_t n = 0;
    for (; term_is_cons(handlers); handlers = term_tail(handlers))
        items[n++] = with_trace(b, term_head(handlers));
    clauses = heap_list(&b->u->heap, n, items, TERM_NIL);
    build_bind(b, ATOM_raw_trace, caught[2]);
    Inst *value = match_clauses(b, 2, caught, clauses, fail, false);
    match_way(b, join, value, mark);
    if (fail->prev_count == 0) return; // some clause takes all: _:_ -> ...
    build_at(b, fail);
    raise_again(b, caught);
}

// A value that no clause takes is a try_clause, raised outside of the region
// like the rest of these clauses.
static void of_clauses(Builder *b, Term e, Inst *value, Join *join, size_t mark)
{
    Term clauses = form_get(e, 4);
    if (term_is_cons(clauses)) {
        Block *fail = build_block(b);
        Place place = b->place; // of try, for the exception
        Inst *subject = ir_value(value);
        value = match_clauses(b, 1, &subject, clauses, fail, false);
        if (fail->prev_count > 0) {
            Block *on = b->cur;
            build_at(b, fail);
            b->place = place;
            build_last(b, IR_TRY_CLAUSE, 1, &subject);
            build_at(b, on);
        }
    }
    match_way(b, join, value, mark);
}

// try Body of ... catch ... end
static Inst *try_catch(Builder *b, Term e)
{
    Join join = {0};
    Block *outer = b->handler;
    Block *handler = build_block(b);
    size_t mark = build_mark(b);
    Inst *tag = begin(b, IR_TRY, handler);
    Inst *value = build_body(b, form_get(e, 3));
    build_inst(b, IR_TRY_END, 1, &tag);
    leave(b, outer);
    of_clauses(b, e, value, &join, mark);
    Inst *caught[3];
    land(b, handler, tag, caught);
    handle(b, form_get(e, 5), caught, &join, mark);
    return match_join(b, &join);
}

// With `after' only, try has neither clauses nor handlers: no region is needed,
// and `try E of P -> B end' is a case with an error of its own.
static Inst *try_plain(Builder *b, Term e)
{
    if (term_is_cons(form_get(e, 5))) return try_catch(b, e);
    Inst *value = build_body(b, form_get(e, 3));
    if (!term_is_cons(form_get(e, 4))) return value;
    Join join = {0};
    of_clauses(b, e, value, &join, build_mark(b));
    return match_join(b, &join);
}

// Runs the expressions of an after; what they bind is not seen behind.
static void run_after(Builder *b, Term after)
{
    size_t mark = build_mark(b);
    build_body(b, after);
    build_undo(b, mark);
}

// Roughly the number of nodes in a form, counted up to [most]. Another try
// counts as large at once: its own after would be there twice for each time
// this one is.
static size_t form_size(Term t, size_t most)
{
    size_t n = 1;
    if (term_is_tuple(t)) {
        for (size_t i = 0; i < term_arity(t) && n < most; i++)
            n += form_size(term_tuple_get(t, i), most - n);
        if (form_is(t, ATOM_try)) n = most;
    }
    for (; term_is_cons(t) && n < most; t = term_tail(t))
        n += form_size(term_head(t), most - n);
    return n;
}

bool build_after_is_large(Term after)
{
    enum { SMALL = 120 };
    return form_size(after, SMALL) >= SMALL;
}

// What is to be run as the after of [e]: the expressions, or a call of a
// function made of them. The function's name is erlc's, -f/1-after$^0/0-0-; see
// lifted.c. The variable that holds the fun is called as no source can call
// one.
static Term after_calls(Builder *b, Term e)
{
    Heap *h = &b->u->heap;
    Term after = form_get(e, 6);
    if (!build_after_is_large(after)) return after;
    Term anno = form_get(term_head(after), 2);
    Term clause = heap_tuple(h, 5, (Term[]){ATOM_clause, anno, TERM_NIL,
                                            TERM_NIL, after});
    Term name = unit_atom(b->u, "%% after %u", b->tag_depth);
    Inst *fun = build_closure(b, e, heap_cons(h, clause, TERM_NIL),
                              "after$^");
    build_bind(b, name, fun);
    Term var = heap_tuple3(h, ATOM_var, anno, name);
    Term call = heap_tuple(h, 4, (Term[]){ATOM_call, anno, var, TERM_NIL});
    return heap_cons(h, call, TERM_NIL);
}

// try ... after After end. A long After, or one that holds another, is made a
// function, so that nested ones do not double each time. After is built on both
// ways, so n nested ones would be there 2^n times.
static Inst *try_after(Builder *b, Term e)
{
    size_t mark = build_mark(b);
    Term after = after_calls(b, e);
    Block *outer = b->handler;
    Block *handler = build_block(b);
    Inst *tag = begin(b, IR_TRY, handler);
    size_t body = build_mark(b);
    Inst *value = try_plain(b, e);
    build_inst(b, IR_TRY_END, 1, &tag); // the value is kept over After
    leave(b, outer);
    run_after(b, after);
    Block *on = b->cur;
    build_undo(b, body); // what it showed need not hold where it failed
    Inst *caught[3];
    land(b, handler, tag, caught);
    run_after(b, after); // the same once more: After comes on both ways
    raise_again(b, caught);
    build_undo(b, mark);
    build_at(b, on);
    return value;
}

Inst *build_try(Builder *b, Term e)
{
    build_place(b, form_get(e, 2));
    if (term_is_cons(form_get(e, 6))) return try_after(b, e);
    return try_plain(b, e);
}

// As in OTP: exits are {'EXIT', Reason}, errors with a trace, and a throw is
// its value. The machine does that at catch_end, which both ways pass, so the
// value is what meets there.
Inst *build_catch(Builder *b, Term e)
{
    Join join = {0};
    Block *outer = b->handler;
    Block *handler = build_block(b);
    size_t mark = build_mark(b);
    Inst *tag = begin(b, IR_CATCH, handler);
    Inst *value = build_expr(b, form_get(e, 3));
    value = build_inst(b, IR_CATCH_END, 2, (Inst *[]){tag, ir_value(value)});
    leave(b, outer);
    match_way(b, &join, value, mark);
    build_at(b, handler);
    value = build_inst(b, IR_CATCH_LAND, 1, &tag);
    match_way(b, &join, value, mark);
    return match_join(b, &join);
}
