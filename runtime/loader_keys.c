// SPDX-License-Identifier: Apache-2.0
// Keys of maps that stand in the code. They are sorted when it is loaded.
//
// Maps that one place makes from nothing, #{name => N, age => A}, share a tuple
// of keys, a literal, so that making one takes no more than its values.
#include "compare.h"
#include "loader.h"
#include "map.h"

// The term of a key, or TERM_NONE when it is only known at run time.
static Term key_term(const Loader *l, const GenericOperand *o)
{
    if (o->kind == GENERIC_CONSTANT) return (Term){o->value};
    return o->kind == GENERIC_LITERAL ? l->literals[o->value] : TERM_NONE;
}

// Puts pair [i] of a list in its place among those before it, which are in
// order. False when its key is there already, or not known.
static bool place_pair(const Loader *l, GenericOperand *items, uint32_t i)
{
    GenericOperand key = items[2 * i], value = items[2 * i + 1];
    Term t = key_term(l, &key);
    if (term_is_none(t)) return false;
    uint32_t to = i;
    for (; to > 0; to--) {
        Term before = key_term(l, &items[2 * to - 2]);
        int order = term_compare_exact(l->node->atoms, before, t);
        // The last value would count: seldom enough to be left to the map.
        if (order == 0) return false;
        if (order < 0) break;
        items[2 * to] = items[2 * to - 2];
        items[2 * to + 1] = items[2 * to - 1];
    }
    items[2 * to] = key;
    items[2 * to + 1] = value;
    return true;
}

static bool sort_pairs(const Loader *l, GenericOperand *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!place_pair(l, items, i)) return false;
    return true;
}

// The order of pairs in the code has no meaning, so they may stay as they are
// when this gives up in the middle.
static void share_keys(Loader *l, const GenericOp *op)
{
    GenericOperand *source = &l->operands[op->first + 1];
    const GenericOperand *list = &l->operands[op->first + 4];
    Term keys[MAP_FLAT_MAX];
    if (source->kind != GENERIC_LITERAL || list->kind != GENERIC_LIST) return;
    Term empty = l->literals[source->value];
    uint32_t n = list->count / 2;
    if (!term_is_map(empty) || map_size(empty) != 0) return;
    if (n == 0 || n > MAP_FLAT_MAX || list->count % 2 != 0) return;
    GenericOperand *items = &l->operands[list->value];
    if (!sort_pairs(l, items, n)) return;
    for (uint32_t i = 0; i < n; i++) keys[i] = key_term(l, &items[2 * i]);
    source->kind = GENERIC_KEYS;
    source->value = l->literal_count;
    loader_add_literal(l, heap_tuple(&l->heap, n, keys));
}

// What is asked of a map in the order of its keys is found in one walk.
static void sort_questions(Loader *l, const GenericOp *op)
{
    const GenericOperand *list = &l->operands[op->first + 2];
    if (list->kind == GENERIC_LIST && list->count % 2 == 0)
        sort_pairs(l, &l->operands[list->value], list->count / 2);
}

void loader_sort_keys(Loader *l)
{
    for (size_t i = 0; i < l->op_count; i++) {
        const GenericOp *op = &l->ops[i];
        if (op->op == GENERIC_put_map_assoc) share_keys(l, op);
        else if (op->op == GENERIC_get_map_elements) sort_questions(l, op);
    }
}
