// SPDX-License-Identifier: Apache-2.0
// For the files that hold rewriters, what the rules of ops.tab hand over to C:
// loader_rewrite_... Their operands are the variables of the rule, in the order
// of their first mention.
//
// The letters above a rewriter are those variables: F a label to fail to, S a
// source, D a destination, L live registers or a list, N a number or size, U a
// unit, G flags. What it is given has been matched by kind only where the rule
// says so: sizes, positions and lists of a file are checked here.
#ifndef MERLE_LOADER_REWRITE_H
#define MERLE_LOADER_REWRITE_H

#include "loader.h"

#define REWRITER(name) \
    void loader_rewrite_##name(Loader *l, const GenericOperand *v); \
    void loader_rewrite_##name(Loader *l, const GenericOperand *v)

// The operands are in the order of the family's in ops.tab.
#define EMIT(l, family, ...) \
    loader_emit(l, FAMILY_##family, (const GenericOperand[]){__VA_ARGS__})

// For instructions that raise in place of failing.
static inline GenericOperand operand_no_label(void)
{
    return (GenericOperand){.kind = GENERIC_NO_LABEL};
}

// Without [count]: for registers, numbers and constants.
static inline bool operand_same(const GenericOperand *a,
                                const GenericOperand *b)
{
    return a->kind == b->kind && a->value == b->value;
}

// NULL, and the file is bad, when it is no list.
static inline const GenericOperand *loader_items(Loader *l,
                                                 const GenericOperand *list)
{
    if (list->kind != GENERIC_LIST) {
        loader_fail(l, "list expected");
        return NULL;
    }
    return l->operands + list->value;
}

// The number in a number or constant operand; -1 for anything else.
static inline int64_t operand_value(const GenericOperand *o)
{
    if (o->kind == GENERIC_NUMBER) return (int64_t)o->value;
    Term t = {o->value};
    if (o->kind == GENERIC_CONSTANT && term_is_small(t))
        return term_small_value(t);
    return -1;
}

static inline bool operand_is(const GenericOperand *o, Term atom)
{
    return o->kind == GENERIC_CONSTANT && o->value == atom.bits;
}

// A number where a source is wanted becomes a constant.
static inline GenericOperand operand_source(const GenericOperand *o)
{
    if (o->kind != GENERIC_NUMBER) return *o;
    // Cut: the file's number may be anything.
    return operand_constant(term_small((intptr_t)(o->value & INT32_MAX)));
}

// Moves behind an instruction with a tail would be taken for its tail, so what
// such an instruction reads and writes is put into x registers before, and
// taken from there behind the tail.
static inline GenericOperand loader_in_register(Loader *l,
                                                const GenericOperand *o)
{
    if (o->kind == GENERIC_X) return *o;
    GenericOperand scratch = operand_x(SCRATCH_FIRST);
    EMIT(l, move, *o, scratch);
    return scratch;
}

// Where the instruction itself writes to.
static inline GenericOperand operand_out(const GenericOperand *o)
{
    return o->kind == GENERIC_X ? *o : operand_x(SCRATCH_FIRST + 1);
}

static inline void loader_take_out(Loader *l, const GenericOperand *out,
                     const GenericOperand *wanted)
{
    if (!operand_same(out, wanted)) EMIT(l, move, *out, *wanted);
}

#endif
