// SPDX-License-Identifier: Apache-2.0
// Types: what kinds of terms values can be, over all functions of the module.
// A function that is called from here only gets what its calls give it. All
// begins with nothing and grows until it fits, so that loops keep their types.
#include "types.h"

#include "atom.h"
#include "fold.h"

enum { PASSES_MOST = 24 }; // then nothing is known

static uint16_t of_value(const Inst *v)
{
    if (ir_is_literal(v)) return (uint16_t)(build_term_type(v->term) & 0xFFFF);
    return v->kinds;
}

static bool is_only(uint16_t kinds, uint64_t of)
{
    return kinds != 0 && !(kinds & ~of);
}

// Sums and products: floats when an operand is one.
static uint16_t of_arithmetic(const Inst *i)
{
    uint16_t a = of_value(i->args[0]), b = of_value(i->args[1]);
    if (a == 0 || b == 0) return 0;
    if (is_only(a, TYPE_FLOAT) || is_only(b, TYPE_FLOAT)) return TYPE_FLOAT;
    if (is_only(a, TYPE_INTEGER) && is_only(b, TYPE_INTEGER))
        return TYPE_INTEGER;
    return TYPE_NUMBER;
}

static uint16_t of_bif(const Inst *i)
{
    switch (i->term.bits) {
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_times:
        if (i->nargs == 2) return of_arithmetic(i);
        break;
    default: break;
    }
    return (uint16_t)(build_bif_type(i->term, i->nargs) & 0xFFFF);
}

static uint16_t of_phi(const Inst *i)
{
    uint16_t kinds = 0;
    for (size_t k = 0; k < i->nargs; k++) kinds |= of_value(i->args[k]);
    return kinds;
}

static bool is_math(const Inst *i)
{
    return i->op == IR_CALL_EXT && term_same(i->term, ATOM_math);
}

static uint16_t of_inst(const Inst *i)
{
    switch (i->op) {
    case IR_PHI: return of_phi(i);
    case IR_COPY: return of_value(i->args[0]);
    case IR_BIF: return of_bif(i);
    case IR_CALL: return i->function->returns;
    case IR_TUPLE: return TYPE_TUPLE;
    case IR_CONS: return TYPE_CONS;
    case IR_MAP: return TYPE_MAP;
    case IR_MAKE_FUN: return TYPE_FUN;
    case IR_CALL_EXT: return is_math(i) ? TYPE_FLOAT : TYPE_ANY;
    default: return TYPE_ANY;
    }
}

static bool grow(uint16_t *kinds, uint16_t more)
{
    if (!(more & ~*kinds)) return false;
    *kinds |= more;
    return true;
}

static bool open_params(Function *f)
{
    bool changed = false;
    for (size_t k = 0; k < f->arity; k++)
        changed |= grow(&f->params[k]->kinds, TYPE_ANY);
    return changed;
}

// What [i] tells of itself and of the function that it calls.
static bool look(Function *f, Inst *i)
{
    bool changed = grow(&i->kinds, of_inst(i));
    switch (i->op) {
    case IR_CALL:
        for (size_t k = 0; k < i->nargs; k++)
            changed |= grow(&i->function->params[k]->kinds,
                            of_value(i->args[k]));
        break;
    case IR_MAKE_FUN: changed |= open_params(i->function); break;
    case IR_RETURN: changed |= grow(&f->returns, of_value(i->args[0])); break;
    default: break;
    }
    return changed;
}

static bool pass(Unit *u)
{
    bool changed = false;
    for (Function *f = u->first; f != NULL; f = f->next)
        for (size_t b = 0; b < f->block_count; b++)
            for (Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
                changed |= look(f, i);
    return changed;
}

static void forget_all(Unit *u)
{
    for (Function *f = u->first; f != NULL; f = f->next) {
        open_params(f);
        for (size_t b = 0; b < f->block_count; b++)
            for (Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
                i->kinds = TYPE_ANY;
    }
}

void types_infer(Unit *u)
{
    int passes = 0;
    for (Function *f = u->first; f != NULL; f = f->next) {
        f->returns = 0;
        for (size_t k = 0; k < f->arity; k++) f->params[k]->kinds = 0;
        for (size_t b = 0; b < f->block_count; b++)
            for (Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
                i->kinds = 0;
        if (f->is_exported || f->is_on_load) open_params(f);
    }
    while (passes < PASSES_MOST && pass(u)) passes++;
    if (passes == PASSES_MOST) forget_all(u);
}

uint16_t types_of(const Inst *v)
{
    while (v->op == IR_COPY && v->kinds == 0) v = v->args[0];
    return of_value(v);
}

bool types_is_float(const Inst *v)
{
    return is_only(types_of(v), TYPE_FLOAT);
}

// Functions that are replaced by others in C do not do what their code says.
bool types_has_nifs(const Unit *u)
{
    for (const Function *f = u->first; f != NULL; f = f->next)
        for (size_t b = 0; b < f->block_count; b++)
            for (const Inst *i = f->blocks[b]->first; i != NULL; i = i->next)
                if (i->op == IR_CALL_EXT && term_same(i->term2, ATOM_load_nif))
                    return true;
    return false;
}
