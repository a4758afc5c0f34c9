// SPDX-License-Identifier: Apache-2.0
// Floats: arithmetic that is known to be of floats is done in float registers.
// An operand that is itself such a result, used only here, is made a part of
// the one instruction; only the whole result is put on the heap.
//
//   X * X + Y * Y      leaves X, Y; steps X * X, Y * Y, then their sum
//
// Exceptions stay as they are: a step that overflows raises badarith as the
// operator does, and a part is moved to the whole only over what can neither
// raise nor be seen. Counts of uses are right before, and are not kept up.
//
// The whole point is memory: a float term takes two words of heap, and a sum of
// ten products would make nineteen of them. types.c must have run.
#include "atom.h"
#include "big.h"
#include "types.h"

enum { REGISTERS_MOST = 14 }; // leaves and steps of one instruction

// Only what has an instruction of its own.
static FloatOp operator_of(const Inst *i)
{
    switch (i->term.bits) {
    case ATOM_BITS_plus: return FLOAT_ADD;
    case ATOM_BITS_minus: return FLOAT_SUBTRACT;
    case ATOM_BITS_times: return FLOAT_MULTIPLY;
    case ATOM_BITS_slash: return FLOAT_DIVIDE;
    default: return FLOAT_NONE;
    }
}

// Integers that have no exact float are left to the general case: it raises
// where they are too large.
static bool is_number(const Inst *v)
{
    double d;
    if (!ir_is_literal(v)) return true;
    return term_is_float(v->term)
           || (term_is_small(v->term) && big_to_double(v->term, &d));
}

// Guards are left alone: their failure is a way, and float instructions raise.
static bool is_float_op(const Inst *i)
{
    if (i->op != IR_BIF || i->nargs != 2 || i->flags & INST_GUARD) return false;
    FloatOp op = operator_of(i);
    if (op == FLOAT_NONE || !is_number(i->args[0]) || !is_number(i->args[1]))
        return false;
    // One float makes the result a float; / always does, even of integers.
    return types_is_float(i->args[0]) || types_is_float(i->args[1])
           || op == FLOAT_DIVIDE;
}

// Whether what [part] computes may be computed at [at] instead: nothing with an
// effect, no exception but of floats, lies between.
static bool may_move(const Inst *part, const Inst *at)
{
    for (const Inst *i = part->next; i != at; i = i->next)
        if (i == NULL || (!ir_is_pure(i) && i->op != IR_FLOAT
                          && i->op != IR_NOP))
            return false;
    return true;
}

// An instruction while it is put together.
typedef struct {
    Inst *leaves[REGISTERS_MOST];    // operands that come from outside
    FloatStep steps[REGISTERS_MOST]; // operands before what uses them
    size_t leaf_count, step_count;   // together at most REGISTERS_MOST
} Tree;

// Used once, here, so nobody misses its result.
static bool is_part(const Inst *v, const Inst *at)
{
    return v->op == IR_FLOAT && v->uses == 1 && v->block == at->block
           && may_move(v, at);
}

// Used twice, it is loaded once.
static uint16_t add_leaf(Tree *t, Inst *v)
{
    for (size_t k = 0; k < t->leaf_count; k++)
        if (t->leaves[k] == v) return (uint16_t)k;
    t->leaves[t->leaf_count] = v;
    return (uint16_t)t->leaf_count++;
}

// Adds [v]; steps are named by FLOAT_STEP + their number.
static uint16_t add_operand(Tree *t, Inst *v, const Inst *at)
{
    if (!is_part(v, at)) return add_leaf(t, v);
    uint16_t map[REGISTERS_MOST], first = (uint16_t)t->step_count;
    for (size_t k = 0; k < v->nargs; k++) map[k] = add_leaf(t, v->args[k]);
    for (size_t s = 0; s < v->index; s++) {
        FloatStep step = v->steps[s];
        step.a = step.a >= FLOAT_STEP ? (uint16_t)(step.a + first)
                                      : map[step.a];
        step.b = step.b >= FLOAT_STEP ? (uint16_t)(step.b + first)
                                      : map[step.b];
        t->steps[t->step_count++] = step;
    }
    return (uint16_t)(FLOAT_STEP + t->step_count - 1);
}

// How many registers operand [v] would take.
static size_t size_of(const Inst *v, const Inst *at)
{
    return is_part(v, at) ? v->nargs + v->index : 1u;
}

// What became part of the whole is computed there only.
static void drop_part(Inst *v, const Inst *at)
{
    if (is_part(v, at)) ir_remove(v);
}

// In the order of the code, so operands have been joined before.
static void convert(Unit *u, Function *f, Inst *i)
{
    Inst *x = ir_value(i->args[0]), *y = ir_value(i->args[1]);
    Tree t = {.leaf_count = 0};
    // A long sum stays in several parts, each with its result on the heap.
    if (size_of(x, i) + size_of(y, i) + 1 > REGISTERS_MOST) return;
    FloatStep last = {.op = (uint8_t)operator_of(i)};
    last.a = add_operand(&t, x, i);
    last.b = add_operand(&t, y, i);
    t.steps[t.step_count++] = last;
    // What is a part of this goes; y first, for it may lie behind x.
    drop_part(y, i);
    if (x != y) drop_part(x, i);
    Inst *new = ir_inst_new(&u->arena, f, IR_FLOAT, t.leaf_count);
    for (size_t k = 0; k < t.leaf_count; k++) new->args[k] = t.leaves[k];
    new->steps = arena_alloc(&u->arena, t.step_count * sizeof(FloatStep));
    memcpy(new->steps, t.steps, t.step_count * sizeof(FloatStep));
    new->index = (uint32_t)t.step_count;
    new->place = i->place;
    new->type = TYPE_FLOAT;
    new->kinds = TYPE_FLOAT;
    new->uses = i->uses;
    ir_insert_before(i, new);
    ir_remove(i);
    i->forward = new;
}

static void each_arg(Function *f, void (*visit)(Inst **arg))
{
    for (size_t b = 0; b < f->block_count; b++)
        for (Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
            for (size_t k = 0; k < i->nargs; k++) visit(&i->args[k]);
}

static void clear_uses(Inst **arg) { (*arg)->uses = 0; }
static void count_use(Inst **arg) { (*arg)->uses++; }
static void resolve(Inst **arg) { *arg = ir_value(*arg); }

void floats_fuse(Unit *u, Function *f) // counts of uses must be right before
{
    bool any = false;
    each_arg(f, clear_uses);
    each_arg(f, count_use);
    for (size_t b = 0; b < f->block_count; b++) {
        Inst *next;
        for (Inst *i = f->blocks[b]->first; i != NULL; i = next) {
            next = i->next;
            if (!is_float_op(i)) continue;
            convert(u, f, i);
            any = true;
        }
    }
    if (any) each_arg(f, resolve);
}
