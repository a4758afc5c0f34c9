// SPDX-License-Identifier: Apache-2.0
// Receive: the loop over the message queue.
//
//   next:  RECV message, or go to wait
//          match; body: RECV_TAKE ...; nothing matches: RECV_NEXT next
//   wait:  WAIT next, or WAIT_TIMEOUT next; over: TIMEOUT ...
//
// Each way through the match ends in RECV_TAKE or RECV_NEXT, before anything
// is called: a guard cannot. Messages that do not match stay in the queue in
// their order. The time of `after' is evaluated once, before the loop.
//
// The blocks are those of OTP's code, which the emitter relies on: a message
// that was looked at lies in a register that no other instruction may keep.
#include "builder.h"
#include "match.h"

// An instruction that leads back to [to].
static void lead_back(Builder *b, IrOp op, size_t n, Inst *const *args,
                      Block *to)
{
    build_inst(b, op, n, args);
    ir_link(&b->u->arena, b->cur, to);
}

// What was read of a message may lie outside the heap until it is taken; the
// machine allows it in no frame before. So variables are copied behind.
static void copy_bound(Builder *b, const MatchClause *c)
{
    for (Binding *x = c->arrivals[0].bound; x != NULL; x = x->next) {
        Inst *v = ir_value(build_lookup(b, x->name));
        if (ir_is_literal(v)) continue;
        Inst *copy = build_inst(b, IR_COPY, 1, &v);
        copy->type = v->type;
        copy->flags |= INST_RECEIVED;
        build_bind(b, x->name, copy);
    }
}

// Variables and guards as in a case; what is different is said below.
static void take_message(Builder *b, Inst *message, Term clauses, Block *next,
                         Join *join)
{
    Arena *a = &b->u->arena;
    Block *fail = build_block(b);
    size_t count = (size_t)term_list_length(clauses), i = 0;
    // As match_clauses does it; but what a message holds is copied in the
    // bodies, and what does not match goes round the loop.
    Row *rows = arena_zeroed(a, count * sizeof *rows);
    Matcher m = {.b = b, .fail = fail, .base = build_mark(b),
                 .budget = 4 * count + 16};
    m.clauses = arena_zeroed(a, count * sizeof *m.clauses);
    for (Term l = clauses; term_is_cons(l); l = term_tail(l), i++) {
        Term clause = term_head(l);
        rows[i].clause = (uint32_t)i;
        match_constrain(b, &rows[i], message,
                        pattern_read(b, term_head(form_get(clause, 3)), false));
        m.clauses[i].guard = form_get(clause, 4);
        m.clauses[i].anno = form_get(clause, 2);
    }
    match_rows(&m, rows, count);
    build_undo(b, m.base);
    for (i = 0; i < count; i++, clauses = term_tail(clauses)) {
        size_t mark = build_mark(b);
        if (!match_enter(b, &m.clauses[i])) continue;
        build_inst(b, IR_RECV_TAKE, 0, NULL);
        copy_bound(b, &m.clauses[i]);
        Inst *value = build_body(b, form_get(term_head(clauses), 5));
        match_way(b, join, value, mark);
    }
    build_at(b, fail);
    lead_back(b, IR_RECV_NEXT, 0, NULL, next);
}

// Waiting, when the queue holds no more messages. Where time is over the
// receive's value is that of the body behind `after'.
static void wait(Builder *b, Term e, Inst *time, Block *next, Join *join)
{
    size_t mark = build_mark(b);
    // `after 0': the queue is looked through once, without waiting.
    bool now = time != NULL && ir_is_literal(time)
               && term_same(time->term, term_small(0));
    if (time == NULL
        || (ir_is_literal(time) && term_same(time->term, ATOM_infinity))) {
        lead_back(b, IR_WAIT, 0, NULL, next);
        return;
    }
    if (!now) {
        lead_back(b, IR_WAIT_TIMEOUT, 1, &time, next);
        Block *over = build_block(b);
        ir_link(&b->u->arena, b->cur, over);
        build_at(b, over);
    }
    build_inst(b, IR_TIMEOUT, 0, NULL);
    Inst *value = build_body(b, form_get(e, 5));
    match_way(b, join, value, mark);
}

// Places: the receive's own is that of its exceptions (timeout_value).
Inst *build_receive(Builder *b, Term e)
{
    Join join = {0};
    Inst *time = NULL;
    if (term_arity(e) >= 5) time = ir_value(build_expr(b, form_get(e, 4)));
    build_place(b, form_get(e, 2));
    Term clauses = form_get(e, 3);
    Block *next = build_block(b);
    if (!term_is_cons(clauses)) {
        // A bare timeout: only waiting is left.
        build_jump(b, next);
        build_at(b, next);
        wait(b, e, time, next, &join);
        return match_join(b, &join);
    }
    Block *none = build_block(b);
    build_jump(b, next);
    build_at(b, next);
    Inst *message = build_ending(b, IR_RECV, 0, NULL, none);
    // Its way out is part of the instruction, not a failure of a guard.
    message->flags &= (uint8_t)~INST_GUARD;
    take_message(b, message, clauses, next, &join);
    build_at(b, none);
    wait(b, e, time, next, &join);
    return match_join(b, &join);
}
