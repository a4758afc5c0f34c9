// SPDX-License-Identifier: Apache-2.0
// Simplify: dead blocks and values go, blocks that only jump are passed by,
// returns come before the jumps to them (so that calls before them become tail
// calls), and blocks get their order.
//
// Whatever leads nowhere or is named by nobody is gone afterwards; f->blocks
// holds the blocks that can be reached, in an order in which a block comes
// behind those that dominate it, and no argument is replaced any more. It may
// be run again after every pass. Ways change, so whatever a pass knows of
// dominators or liveness is void behind it.
//
// The parts work on what those before have left; each keeps the invariants of
// ir.h, so they may be run in any number. Every part is linear but for loops
// that end when nothing changes.
#include "atom.h"
#include "backend.h"

// ---- order ----

typedef struct {
    Block *block; // whose successors are being visited
    uint32_t next; // how many of them are left, from the last
} Visit;

// Postorder with the first successor visited last, so that reversed it comes
// right behind its block: the way of success falls through. What is not reached
// does not appear.
void simplify_order(Unit *u, Function *f)
{
    size_t total = f->block_count, depth = 0, n = total, room = 0;
    Block **order = arena_alloc(&u->arena, (total + 1) * sizeof *order);
    Visit *stack = NULL;
    // By a stack of its own: functions may have very many blocks.
    for (size_t i = 0; i < total; i++) f->blocks[i]->mark = 0;
    stack = arena_grow(&u->arena, stack, 0, &room, sizeof *stack);
    stack[depth++] = (Visit){f->entry, f->entry->next_count};
    f->entry->mark = 1;
    while (depth > 0) {
        Visit *v = &stack[depth - 1];
        if (v->next == 0) {
            order[--n] = v->block;
            depth--;
            continue;
        }
        Block *to = v->block->next[--v->next];
        if (to->mark) continue;
        to->mark = 1;
        if (depth == room)
            stack = arena_grow(&u->arena, stack, depth, &room, sizeof *stack);
        stack[depth++] = (Visit){to, to->next_count};
    }
    f->block_count = f->block_room = total - n;
    f->blocks = order + n;
    for (size_t i = 0; i < f->block_count; i++)
        f->blocks[i]->order = (uint32_t)i;
}

// Ways from where nothing leads no longer count for phis; with one way left a
// phi is that value.
static void drop_dead_preds(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        for (size_t k = b->prev_count; k-- > 0;)
            if (!b->prev[k]->mark) ir_remove_pred(b, k);
    }
}

// ---- values ----

// What was replaced is named by nobody afterwards, so that later passes need
// not look through forward, and may compare pointers.
static void resolve_args(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            for (size_t k = 0; k < x->nargs; k++)
                x->args[k] = ir_value(x->args[k]);
}

// Literals are made anew each time.
static bool same_value(const Inst *a, const Inst *b)
{
    return a == b || (ir_is_literal(a) && ir_is_literal(b)
                      && term_same(a->term, b->term));
}

// The one value that a phi can have, or NULL.
static Inst *only_value(Inst *phi)
{
    Inst *only = NULL;
    for (size_t k = 0; k < phi->nargs; k++) {
        Inst *v = ir_value(phi->args[k]);
        // Round a loop it brings back itself.
        if (v == phi) continue;
        if (only != NULL && !same_value(only, v)) return NULL;
        only = v;
    }
    return only;
}

// Phis that one walk makes equal may make others so; those are left to the next
// run, or to a move.
static void simplify_phis(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Inst *next;
        for (Inst *x = f->blocks[i]->first; x != NULL && x->op == IR_PHI;
             x = next) {
            next = x->next;
            Inst *only = only_value(x);
            if (only == NULL) continue;
            ir_remove(x);
            x->forward = only;
        }
    }
    resolve_args(f);
}

// From nothing: passes in between do not keep count, as it is only asked for
// here and by floats and registers.
static void count_uses(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            x->uses = 0;
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            for (size_t k = 0; k < x->nargs; k++) x->args[k]->uses++;
}

// Removes [x] and whatever was computed only for it. With a stack: rows of dead
// computations may be long.
static void remove_unused(Unit *u, Inst *x)
{
    size_t depth = 0, room = 0;
    Inst **stack = arena_grow(&u->arena, NULL, 0, &room, sizeof *stack);
    stack[depth++] = x;
    while (depth > 0) {
        x = stack[--depth];
        if (x->block == NULL) continue;
        ir_remove(x);
        for (size_t k = 0; k < x->nargs; k++) {
            Inst *arg = x->args[k];
            if (--arg->uses > 0 || !ir_is_pure(arg) || arg->block == NULL)
                continue;
            if (depth == room)
                stack = arena_grow(&u->arena, stack, depth, &room,
                                   sizeof *stack);
            stack[depth++] = arg;
        }
        x->op = IR_NOP;
    }
}

// From the end, so that users go before what they use, and one walk is enough.
static void remove_dead(Unit *u, Function *f)
{
    count_uses(f);
    for (size_t i = 0; i < f->block_count; i++) {
        Inst *prev;
        for (Inst *x = f->blocks[i]->last; x != NULL; x = prev) {
            prev = x->prev;
            if (x->uses == 0 && ir_is_pure(x) && ir_has_value(x)) {
                remove_unused(u, x);
                // What stood before went with it: from the end again.
                prev = prev != NULL && prev->block == NULL
                           ? f->blocks[i]->last : prev;
            }
        }
    }
}

// ---- jumps ----

// A return of phis is done in each block that jumps there. So a call in front
// of the jump stands before a return and is a tail call:
//     f(X) -> case X of a -> g(); b -> h() end.
static bool spread_return(Unit *u, Function *f, Block *b)
{
    if (b->last == NULL || b->last->op != IR_RETURN || b->prev_count == 0)
        return false;
    Inst *x = b->first;
    while (x->op == IR_PHI) x = x->next;
    // It does more than return: that would be there many times.
    if (x != b->last) return false;
    bool done = false;
    for (size_t k = b->prev_count; k-- > 0;) {
        Block *p = b->prev[k];
        // A test or switch cannot return by itself.
        if (p->last->op != IR_JUMP) continue;
        Inst *v = b->last->args[0];
        if (v->op == IR_PHI && v->block == b) v = ir_value(v->args[k]);
        Inst *ret = ir_inst_new(&u->arena, f, IR_RETURN, 1);
        ret->args[0] = v;
        ret->place = b->last->place;
        ir_remove(p->last);
        ir_append(p, ret);
        p->next_count = 0;
        ir_remove_pred(b, k);
        done = true;
    }
    return done;
}

// From the last block on: what returns moves towards the start.
static void spread_returns(Unit *u, Function *f)
{
    bool changed = true;
    while (changed) {
        // A return that was moved may come to stand alone behind phis, too.
        changed = false;
        for (size_t i = f->block_count; i-- > 0;)
            changed |= spread_return(u, f, f->blocks[i]);
    }
}

static bool only_jumps(const Block *b) // nothing is done there
{
    return b->first != NULL && b->first == b->last && b->first->op == IR_JUMP;
}

static bool has_phis(const Block *b) // phis come first, so one look is enough
{
    return b->first != NULL && b->first->op == IR_PHI;
}

// Whether whoever jumps to [b] may as well jump to where that jumps.
static bool is_passable(const Function *f, const Block *b)
{
    if (b == f->entry || !only_jumps(b)) return false;
    const Block *to = b->next[0];
    // An endless loop: `f() -> f()' within a body. With phis behind, a way of
    // its own is needed to set them.
    return to != b && !has_phis(to);
}

// Where [b] leads, past blocks that only jump. What is passed by leads there at
// once afterwards, so that long rows of such blocks are gone through once.
static Block *pass_on(const Function *f, Block *b)
{
    Block *to = b;
    // Where the jumps lead round a loop, one that was met before is the target.
    for (; is_passable(f, to) && !to->mark; to = to->next[0]) to->mark = 1;
    while (b != to) {
        Block *next = b->next[0];
        b->mark = 0;
        b->next[0] = to;
        b = next;
    }
    return to;
}

// The same as in ir_link, without a successor: relink has those already.
static void add_pred(Unit *u, Block *b, Block *p)
{
    if (b->prev_count == b->prev_room) {
        size_t room;
        b->prev = arena_grow(&u->arena, b->prev, b->prev_count, &room,
                             sizeof *b->prev);
        b->prev_room = (uint32_t)room;
    }
    b->prev[b->prev_count++] = p;
}

// The predecessors of blocks without phis anew: in those their order does not
// matter, and to look one up among thousands would take long.
static void relink(Unit *u, Function *f)
{
    for (size_t i = 0; i < f->block_count; i++)
        if (!has_phis(f->blocks[i])) f->blocks[i]->prev_count = 0;
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        // Nobody leads to what was passed by.
        if (is_passable(f, b) && !b->mark) continue;
        for (size_t n = 0; n < b->next_count; n++)
            if (!has_phis(b->next[n])) add_pred(u, b->next[n], b);
    }
}

// All targets first, then predecessors once: a chain may be as long as the
// function.
static void pass_jumps(Unit *u, Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) f->blocks[i]->mark = 0;
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        for (size_t n = 0; n < b->next_count; n++)
            b->next[n] = pass_on(f, b->next[n]);
    }
    relink(u, f);
}

// Appends [to] to [b], the only block that leads there. Its successors go on
// naming it; see merge_jumps. Fewer blocks mean fewer labels, over which no
// facts of registers are kept and loaders join nothing.
static void merge(Block *b, Block *to)
{
    ir_remove(b->last);
    for (Inst *x = to->first; x != NULL; x = x->next) x->block = b;
    to->first->prev = b->last;
    if (b->last != NULL) b->last->next = to->first;
    else b->first = to->first;
    b->last = to->last;
    to->first = to->last = NULL;
    b->next = to->next;
    b->next_count = to->next_count;
    b->cases = to->cases;
    to->next_count = 0;
    to->prev_count = 0;
    to->into = b;
}

// Only within one region: exceptions must find the same handler.
static void merge_jumps(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        if (b->prev_count == 0 && b != f->entry) continue;
        while (b->last != NULL && b->last->op == IR_JUMP) {
            Block *to = b->next[0];
            // Under another handler exceptions would go elsewhere.
            if (to->prev_count != 1 || to == b || to == f->entry
                || to->handler != b->handler || has_phis(to))
                break;
            merge(b, to);
        }
    }
    // All at once: a block may have thousands of predecessors to look among.
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        for (size_t k = 0; k < b->prev_count; k++)
            while (b->prev[k]->into != NULL) b->prev[k] = b->prev[k]->into;
    }
}

static void straighten(Unit *u, Function *f)
{
    pass_jumps(u, f);
    merge_jumps(f);
}

// Whether a literal that reaches a test or switch by a phi decides it: then the
// block that it comes from jumps on directly.
static Block *decided(Block *b, const Inst *v)
{
    Inst *end = b->last;
    if (end->op == IR_SWITCH) {
        size_t n = 0;
        while (n + 1 < b->next_count && !term_same(b->cases[n], v->term)) n++;
        return b->next[n];
    }
    return NULL;
}

// A block of one phi and a test of it with a literal: where way [k] goes.
static Block *thread_target(Block *b, size_t k)
{
    Inst *phi = b->first, *end = b->last;
    Inst *v = ir_value(phi->args[k]);
    if (!ir_is_literal(v) || !term_is_immediate(v->term)) return NULL;
    if (end->op == IR_TEST && term_same(end->term, ATOM_exact_eq)
        && ir_is_literal(end->args[1])
        && term_is_immediate(end->args[1]->term))
        return b->next[!term_same(end->args[1]->term, v->term)];
    return decided(b, v);
}

// Nothing may stand between the phi and the test, as the way past it would
// leave that out.
static bool is_threadable(const Block *b)
{
    Inst *phi = b->first, *end = b->last;
    if (phi == NULL || phi->op != IR_PHI || phi->next != end) return false;
    return (end->op == IR_TEST || end->op == IR_SWITCH)
           && end->args[0] == phi && phi->uses == 1
           && (end->op != IR_SWITCH || b->next_count > 1);
}

// Boolean values that are made only to be tested turn into jumps, as of `case
// (A andalso B) of true -> ...', whatever made them.
static void thread_jumps(Unit *u, Function *f)
{
    count_uses(f);
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        if (!is_threadable(b)) continue;
        for (size_t k = b->prev_count; k-- > 0;) {
            Block *p = b->prev[k];
            if (p->last->op != IR_JUMP) continue;
            Block *to = thread_target(b, k);
            // Phis there would need a value for the new way.
            if (to == NULL || has_phis(to)) continue;
            p->next_count = 0;
            ir_link(&u->arena, p, to);
            ir_remove_pred(b, k);
        }
    }
}

// Phis go first, so that fewer blocks have any; returns are spread when blocks
// are few. The two last runs see what the spreading has made.
void simplify_function(Unit *u, Function *f)
{
    simplify_order(u, f);
    drop_dead_preds(f);
    simplify_phis(f);
    thread_jumps(u, f);
    simplify_order(u, f);
    drop_dead_preds(f);
    simplify_phis(f);
    remove_dead(u, f);
    straighten(u, f);
    simplify_order(u, f);
    drop_dead_preds(f);
    spread_returns(u, f);
    simplify_order(u, f);
    drop_dead_preds(f);
    simplify_phis(f);
    straighten(u, f);
    simplify_order(u, f);
    drop_dead_preds(f);
    remove_dead(u, f);
}
