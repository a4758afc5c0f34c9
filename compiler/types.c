// SPDX-License-Identifier: Apache-2.0
// Types: what kinds of terms values can be, over all functions of the module.
// A function that is called from here only gets what its calls give it. All
// begins with nothing and grows until it fits, so that loops keep their types;
// a way is taken only when what is known by then does not forbid it.
//
// Facts end in Inst.kinds, known_size and exact, and Function.returns. They
// hold for all runs of the module: exported functions, those of funs and what
// comes from other modules bring anything, since any of them may be called
// or replaced at run time. No code is loaded in place of a local call, so what
// local calls give is all that a function gets.
//
// The facts of a place (Inst.type, kept by the builder) are of no use here:
// they hold on one way, these on all. What is found is used twice: tests that
// are decided are left out, and what operands are is told to the machine
// (emit_op.c).
//
//     f() -> g(a).    g(T) -> case T of b -> x; _ -> y end.
// When nobody else calls g, the test is gone and g always gives y.
#include "types.h"

#include "atom.h"
#include "backend.h"
#include "fold.h"

enum { PASSES_MOST = 24 }; // then nothing is known

// What a value can be. With no kinds it is not yet known to be anything.
typedef struct {
    uint16_t kinds; // TYPE_ATOM ...
    uint32_t size; // of a tuple, and one; 0: any
    Term exact;    // the one literal, an immediate, or TERM_NONE
} Fact;

static const Fact anything = {TYPE_ANY, 0, {0}};

static Fact of_kinds(uint64_t kinds)
{
    return (Fact){(uint16_t)(kinds & TYPE_ANY), 0, TERM_NONE};
}

// Only immediates are kept apart as exact: comparing them is comparing words.
static Fact of_literal(Term t)
{
    uint64_t type = build_term_type(t);
    return (Fact){(uint16_t)(type & TYPE_ANY),
                  (uint32_t)(type >> TYPE_ARITY_SHIFT),
                  term_is_immediate(t) ? t : TERM_NONE};
}

// What was computed nowhere yet has no kinds: no fact, but a beginning.
static Fact of_value(const Inst *v)
{
    if (ir_is_literal(v)) return of_literal(v->term);
    return (Fact){v->kinds, v->known_size, v->exact};
}

// False as long as nothing has reached the value.
static bool is_only(uint16_t kinds, uint64_t of)
{
    return kinds != 0 && !(kinds & ~of);
}

// What is one or the other. Grows or stays in each of its three parts, which is
// what lets the passes end.
static Fact either(Fact a, Fact b)
{
    if (a.kinds == 0) return b;
    if (b.kinds == 0) return a;
    // Two literals: one of them.
    if (!term_same(a.exact, b.exact)) a.exact = TERM_NONE;
    if (a.size != b.size) {
        // The sizes of what is no tuple do not count.
        bool a_has = a.kinds & TYPE_TUPLE, b_has = b.kinds & TYPE_TUPLE;
        a.size = a_has && b_has ? 0 : a_has ? a.size : b.size;
    }
    a.kinds |= b.kinds;
    return a;
}

// ---- what instructions give ----

// Sums and products: floats when an operand is one, integers when both are.
static uint16_t of_arithmetic(const Inst *i)
{
    uint16_t a = of_value(i->args[0]).kinds, b = of_value(i->args[1]).kinds;
    // Not reached yet: an operand that is nothing gives nothing.
    if (a == 0 || b == 0) return 0;
    if (is_only(a, TYPE_FLOAT) || is_only(b, TYPE_FLOAT)) return TYPE_FLOAT;
    if (is_only(a, TYPE_INTEGER) && is_only(b, TYPE_INTEGER))
        return TYPE_INTEGER;
    return TYPE_NUMBER;
}

// Failures give nothing, so they do not count: hd(X) is what a head can be.
static Fact of_bif(const Inst *i)
{
    switch (i->term.bits) {
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_times:
        if (i->nargs == 2) return of_kinds(of_arithmetic(i));
        break;
    default: break;
    }
    return of_kinds(build_bif_type(i->term, i->nargs));
}

// Binaries cut out of others may have any number of bits, and handed from
// function to function they may be match contexts.
static Fact of_segment(const Inst *i)
{
    switch (i->segments->type) {
    case SEG_INTEGER: case SEG_UTF8: case SEG_UTF16: case SEG_UTF32:
        return of_kinds(TYPE_INTEGER);
    case SEG_FLOAT: return of_kinds(TYPE_FLOAT);
    default: return anything;
    }
}

// Only functions that cannot be replaced while the module runs: those of erlang
// and math are part of the machine.
static Fact of_call_ext(const Inst *i)
{
    // Whatever math answers is a float, or it fails.
    if (term_same(i->term, ATOM_math)) return of_kinds(TYPE_FLOAT);
    if (!term_same(i->term, ATOM_erlang)) return anything;
    switch (i->term2.bits) {
    case ATOM_BITS_setelement: return of_kinds(TYPE_TUPLE);
    case ATOM_BITS_list_to_tuple: return of_kinds(TYPE_TUPLE);
    case ATOM_BITS_integer_to_list: return of_kinds(TYPE_LIST);
    case ATOM_BITS_atom_to_list: return of_kinds(TYPE_LIST);
    case ATOM_BITS_tuple_to_list: return of_kinds(TYPE_LIST);
    default: return anything;
    }
}

// What no case names may be anything: parts of terms above all, as nothing is
// known of what a tuple holds.
static Fact of_inst(const Inst *i)
{
    switch (i->op) {
    case IR_COPY: return of_value(i->args[0]);
    case IR_BIF: return of_bif(i);
    case IR_CALL:
        return (Fact){i->function->returns, i->function->returns_size,
                      i->function->returns_exact};
    case IR_TUPLE: return (Fact){TYPE_TUPLE, i->nargs + 1u, TERM_NONE};
    case IR_CONS: return of_kinds(TYPE_CONS);
    case IR_MAP: return of_kinds(TYPE_MAP);
    case IR_MAKE_FUN: return of_kinds(TYPE_FUN);
    case IR_CALL_EXT: return of_call_ext(i);
    case IR_BS_GET: return of_segment(i);
    case IR_BIN: return of_kinds(TYPE_BITSTRING);
    case IR_TRY_CASE: return of_kinds(TYPE_ATOM);
    default: return anything;
    }
}

// ---- tests that are decided ----

// 1: it holds, 0: it does not, -1: it is open. Equal kinds say nothing of equal
// values, but different ones do.
static int decide_equal(const Fact *a, const Fact *b)
{
    if (!(a->kinds & b->kinds)) return 0;
    if (term_is_none(a->exact) || term_is_none(b->exact)) return -1;
    return term_same(a->exact, b->exact);
}

// The tests are those whose outcome types alone can decide, as in fold.c, but
// with what is known over the whole module.
static int decide(const Inst *i)
{
    Fact a = of_value(i->args[0]);
    // Nothing is known of it, so both ways stay open.
    if (a.kinds == 0) return -1;
    // is_atom(X) and the like.
    if (i->nargs == 1) {
        uint64_t type = fold_test_type(i->term);
        if (type == 0) return -1;
        if (!(a.kinds & type)) return 0;
        return is_only(a.kinds, type) ? 1 : -1;
    }
    Fact b = of_value(i->args[1]);
    if (b.kinds == 0) return -1;
    int known;
    switch (i->term.bits) {
    case ATOM_BITS_test_arity:
        if (!is_only(a.kinds, TYPE_TUPLE) || a.size == 0) return -1;
        return a.size - 1
               == (uint64_t)term_small_value(i->args[1]->term);
    case ATOM_BITS_exact_eq: return decide_equal(&a, &b);
    case ATOM_BITS_exact_ne:
        known = decide_equal(&a, &b);
        return known < 0 ? -1 : !known;
    default: return -1;
    }
}

// The one successor of [b] that can be reached, or -1: all, or nobody knows.
static int only_way(const Block *b)
{
    const Inst *end = b->last;
    if (end->op == IR_TEST) {
        int known = decide(end);
        return known < 0 ? -1 : !known;
    }
    if (end->op != IR_SWITCH && end->op != IR_SWITCH_ARITY) return -1;
    Fact v = of_value(end->args[0]);
    Term key = v.exact;
    if (end->op == IR_SWITCH_ARITY)
        key = is_only(v.kinds, TYPE_TUPLE) && v.size > 0
                  ? term_small((intptr_t)v.size - 1) : TERM_NONE;
    if (v.kinds == 0 || term_is_none(key)) return -1;
    // The last is for the rest, or for the last case when all are there.
    int k = 0;
    while (k + 1 < (int)b->next_count && !term_same(b->cases[k], key)) k++;
    return k;
}

// ---- spreading ----

typedef struct {
    Unit *u;      // whose functions are visited
    bool changed; // of the function that is visited
    bool returned; // some function was found to return more
} Spread;

// Facts only ever grow, so that the passes come to an end: each value has a few
// steps from nothing to anything.
static bool grow(uint16_t *kinds, uint32_t *size, Term *exact, Fact more)
{
    Fact old = {*kinds, *size, *exact}, new = either(old, more);
    if (new.kinds == old.kinds && new.size == old.size
        && term_same(new.exact, old.exact))
        return false;
    *kinds = new.kinds;
    *size = new.size;
    *exact = new.exact;
    return true;
}

static bool grow_value(Inst *v, Fact more)
{
    return grow(&v->kinds, &v->known_size, &v->exact, more);
}

// A parameter that grew makes its function stale: it is visited again, in this
// pass if it comes later, else in the next.
static void grow_param(Function *f, size_t k, Fact more)
{
    f->is_stale |= grow_value(f->params[k], more);
}

// Whoever may call it from elsewhere may give it anything.
static void open_params(Function *f)
{
    for (size_t k = 0; k < f->arity; k++) grow_param(f, k, anything);
}

static void grow_returns(Spread *s, Function *f, Fact more)
{
    if (grow(&f->returns, &f->returns_size, &f->returns_exact, more))
        s->returned = true;
}

// Phis take what comes by the ways that can be taken: a way that is not reached
// yet must not spoil what a loop knows of its variables.
static Fact of_phi(const Block *b, const Inst *phi)
{
    Fact all = of_kinds(0);
    for (size_t k = 0; k < phi->nargs; k++)
        if (b->prev[k]->is_reached) all = either(all, of_value(phi->args[k]));
    return all;
}

// What [i] tells of itself and of the function that it calls. The value grows
// by what the instruction gives; arguments by what is handed.
static void look(Spread *s, Function *f, Block *b, Inst *i)
{
    Fact fact = i->op == IR_PHI ? of_phi(b, i) : of_inst(i);
    s->changed |= grow_value(i, fact);
    switch (i->op) {
    case IR_CALL:
        for (size_t k = 0; k < i->nargs; k++)
            grow_param(i->function, k, of_value(i->args[k]));
        break;
    // Whoever has the fun may call it; its environment is left open as well.
    case IR_MAKE_FUN: open_params(i->function); break;
    case IR_RETURN:
        grow_returns(s, f, of_value(i->args[0]));
        break;
    // The function in C that takes this one's place may return anything.
    case IR_CALL_EXT:
        if (ir_is_nif_error(i)) grow_returns(s, f, anything);
        break;
    default: break;
    }
}

// A block counts from when some way to it can be taken; before, what stands in
// it is not looked at.
static void reach(Spread *s, Block *b)
{
    if (b == NULL || b->is_reached) return;
    b->is_reached = true;
    s->changed = true;
}

// In the order of the code, so that most facts are there before they are
// asked for; what a loop brings back is seen by the next pass.
static void visit(Spread *s, Function *f)
{
    for (size_t k = 0; k < f->block_count; k++) {
        Block *b = f->blocks[k];
        if (!b->is_reached) continue;
        for (Inst *i = b->first; i != NULL; i = i->next) look(s, f, b, i);
        // Any instruction of the block may raise.
        reach(s, b->handler);
        int way = only_way(b);
        for (size_t n = 0; n < b->next_count; n++)
            if (way < 0 || way == (int)n) reach(s, b->next[n]);
    }
}

// Calls of what returns more than was thought are looked at again, wherever
// they are: there is no list of callers.
static bool pass(Spread *s)
{
    bool any = false, all = s->returned;
    s->returned = false;
    for (Function *f = s->u->first; f != NULL; f = f->next) {
        if (!f->is_stale && !all) continue;
        f->is_stale = s->changed = false;
        visit(s, f);
        f->is_stale |= s->changed;
        any |= f->is_stale;
    }
    return any || s->returned;
}

// [fact] for all: nothing at the start, anything when it took too long.
static void set_all(Unit *u, Fact fact, bool reached)
{
    for (Function *f = u->first; f != NULL; f = f->next) {
        f->is_stale = true;
        f->returns = fact.kinds;
        f->returns_size = 0;
        f->returns_exact = TERM_NONE;
        for (size_t k = 0; k < f->arity; k++) {
            f->params[k]->kinds = fact.kinds;
            f->params[k]->known_size = 0;
            f->params[k]->exact = TERM_NONE;
        }
        for (size_t k = 0; k < f->block_count; k++) {
            Block *b = f->blocks[k];
            b->is_reached = reached || b == f->entry;
            for (Inst *i = b->first; i != NULL; i = i->next) {
                i->kinds = fact.kinds;
                i->known_size = 0;
                i->exact = TERM_NONE;
            }
        }
    }
}

// ---- using it ----

// The end of [b] leads to successor [way] only. Other ways lose it as a
// predecessor; the phis of what stays are as they were.
static void go_one_way(Unit *u, Function *f, Block *b, int way)
{
    Block *to = b->next[way];
    Inst *jump = ir_inst_new(&u->arena, f, IR_JUMP, 0);
    jump->place = b->last->place;
    for (int n = 0; n < (int)b->next_count; n++) {
        Block *other = b->next[n];
        if (n == way) continue;
        for (size_t k = other->prev_count; k-- > 0;)
            // The same block may stand there for several cases of a switch.
            if (other->prev[k] == b && other != to) ir_remove_pred(other, k);
    }
    ir_remove(b->last);
    ir_append(b, jump);
    b->next[0] = to;
    b->next_count = 1;
}

// A call that always returns the literal that is then returned is the last
// thing done. It must not stand in a try, whose tag needs the frame.
static bool return_call(Inst *end)
{
    Inst *call = end->prev;
    // f(X) -> g(X), ok where g always returns ok: g(X) is a tail call.
    if (end->op != IR_RETURN || call == NULL || call->op != IR_CALL
        || !ir_is_literal(end->args[0]) || end->block->handler != NULL
        || call->kinds == 0 || term_is_none(call->exact)
        || !term_same(call->exact, end->args[0]->term))
        return false;
    end->args[0] = call;
    return true;
}

// Where the machine takes a literal as well as a register, and gains by it.
static bool takes_literal(const Inst *i, size_t k)
{
    switch (i->op) {
    case IR_CALL: case IR_CALL_EXT: case IR_TUPLE: case IR_CONS:
    case IR_MAKE_FUN: case IR_PHI: case IR_RETURN:
        return true;
    // Of two literals the machine compares none.
    case IR_TEST: return i->nargs == 2 && !ir_is_literal(i->args[1 - k]);
    default: return false;
    }
}

// Uses of what is always the same literal are of that.
static bool use_literals(Unit *u, Function *f, Block *b)
{
    bool any = false;
    for (Inst *i = b->first; i != NULL; i = i->next)
        for (size_t k = 0; k < i->nargs; k++) {
            Inst *v = i->args[k];
            if (ir_is_literal(v) || v->kinds == 0 || term_is_none(v->exact)
                || !takes_literal(i, k)
                || (i->op == IR_RETURN && v->op == IR_CALL))
                continue;
            Inst *literal = ir_inst_new(&u->arena, f, IR_LITERAL, 0);
            literal->term = v->exact;
            literal->type = build_term_type(v->exact);
            i->args[k] = literal;
            any = true;
        }
    return any;
}

// What was a test is a jump now, so blocks and values may have died: simplify
// sees to them. A call before a return of a literal is found only behind that.
static void use_facts(Unit *u, Function *f)
{
    bool changed = false;
    for (size_t k = 0; k < f->block_count; k++) {
        Block *b = f->blocks[k];
        int way = b->is_reached ? only_way(b) : -1;
        changed |= use_literals(u, f, b);
        // All ways are open, or nothing gets here.
        if (way < 0) continue;
        go_one_way(u, f, b, way);
        changed = true;
    }
    if (!changed) return;
    simplify_function(u, f);
    changed = false;
    for (size_t k = 0; k < f->block_count; k++)
        changed |= return_call(f->blocks[k]->last);
    if (changed) simplify_function(u, f);
}

// The work is linear in the code for each pass, and passes are bounded.
void types_infer(Unit *u)
{
    Spread s = {.u = u};
    int passes = 0;
    set_all(u, of_kinds(0), false);
    for (Function *f = u->first; f != NULL; f = f->next)
        if (f->is_exported || f->is_on_load) open_params(f);
    while (passes < PASSES_MOST && pass(&s)) passes++;
    // Half of a growth is no fact: what is there may still be too narrow.
    if (passes == PASSES_MOST) {
        set_all(u, anything, true);
        return;
    }
    for (Function *f = u->first; f != NULL; f = f->next) use_facts(u, f);
}

// For who asks behind live_split, whose copies were made later.
uint16_t types_of(const Inst *v)
{
    while (v->op == IR_COPY && v->kinds == 0) v = v->args[0];
    return of_value(v).kinds;
}

bool types_is_float(const Inst *v)
{
    return is_only(types_of(v), TYPE_FLOAT);
}

// Functions that are replaced by others in C do not do what their code says, so
// in such a module nothing is concluded from any.
bool types_has_nifs(const Unit *u)
{
    if (u->nifs.used > 0) return true;
    for (const Function *f = u->first; f != NULL; f = f->next)
        for (size_t b = 0; b < f->block_count; b++)
            for (const Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
                if (i->op == IR_CALL_EXT && term_same(i->term2, ATOM_load_nif))
                    return true;
    return false;
}
