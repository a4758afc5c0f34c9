// SPDX-License-Identifier: Apache-2.0
// Tagged: whether a term is a tuple, of that size, with that atom first, is one
// instruction when all three lead to the same place. That is what matching a
// record asks.
//
//   case T of {point, X, Y} -> ... ; _ -> ... end
//
// It needs blocks in order and uses counted. Only where each test leads to the
// next and to nothing else may they be one, as the middle ones can then not be
// told apart; the element that held the tag must have no other use.
//
// The loader of the machine knows is_tagged_tuple as one instruction, and OTP's
// compiler makes it in the same place.
#include "atom.h"
#include "backend.h"

static bool is_test(const Inst *i, Term name)
{
    return i != NULL && i->op == IR_TEST && term_same(i->term, name);
}

// The block behind [b] that only [b] leads to, or NULL.
static Block *only_next(const Block *b)
{
    Block *to = b->next[0];
    return to->prev_count == 1 && to->handler == b->handler ? to : NULL;
}

// There is one: [pred] leads to [b].
static size_t find_pred(const Block *b, const Block *pred)
{
    size_t k = 0;
    while (b->prev[k] != pred) k++;
    return k;
}

// Whether phis of [to] get the same by both ways.
static bool is_same_way(const Block *to, const Block *a, const Block *b)
{
    size_t m = find_pred(to, a), n = find_pred(to, b);
    for (const Inst *p = to->first; p != NULL && p->op == IR_PHI; p = p->next)
        if (p->args[m] != p->args[n]) return false;
    return true;
}

// The test of the first element that ends [b], which does nothing else.
static Inst *tag_test(const Block *b, const Inst *tuple)
{
    const Inst *e = b->first;
    if (e == NULL || e->op != IR_ELEMENT || e->index != 0 || e->uses != 1
        || e->args[0] != tuple || e->next != b->last)
        return NULL;
    Inst *end = b->last;
    if (!is_test(end, ATOM_exact_eq) || end->args[0] != e
        || !ir_is_literal(end->args[1]) || !term_is_atom(end->args[1]->term))
        return NULL;
    return end;
}

// Lets [from], whose end becomes [test], stand for itself and [last].
static void join(Block *from, Block *last, Inst *test)
{
    Block *to = last->next[0];
    ir_remove(from->last);
    ir_append(from, test);
    to->prev[find_pred(to, last)] = from;
    from->next[0] = to;
}

// Tries the tests from the end of [b] on: is_tuple may have been left out, when
// the builder knew that it holds.
static bool fuse(Unit *u, Function *f, Block *b)
{
    Inst *first = b->last;
    Block *fail = b->next_count == 2 ? b->next[1] : NULL, *sized = b;
    if (is_test(first, ATOM_is_tuple)) sized = only_next(b);
    // A test whose ways meet at once tells nothing.
    if (fail == NULL || sized == NULL || fail == b->next[0]) return false;
    Inst *size = sized->last;
    if (!is_test(size, ATOM_test_arity) || size->args[0] != first->args[0]
        || (sized != b && sized->first != size))
        return false;
    Block *tagged = only_next(sized);
    Inst *end = tagged == NULL ? NULL : tag_test(tagged, size->args[0]);
    if (end == NULL || sized->next[1] != fail || tagged->next[1] != fail
        || tagged->next[0] == fail || !is_same_way(fail, b, sized)
        || !is_same_way(fail, b, tagged))
        return false;
    Inst *test = ir_inst_new(&u->arena, f, IR_TEST, 3);
    test->term = ATOM_is_tagged_tuple;
    test->args[0] = size->args[0];
    test->args[1] = size->args[1];
    test->args[2] = end->args[1];
    test->place = first->place;
    // What was known of the tuple before the first test still holds.
    test->seen[0] = first->seen[0];
    if (sized != b) ir_remove_pred(fail, find_pred(fail, sized));
    ir_remove_pred(fail, find_pred(fail, tagged));
    join(b, tagged, test);
    tagged->next_count = 0; // nothing leads there any more
    if (sized != b) sized->next_count = 0;
    return true;
}

// The blocks that were joined are dropped by putting the others into order.
void tagged_fuse(Unit *u, Function *f)
{
    bool any = false;
    for (size_t i = 0; i < f->block_count; i++)
        if (f->blocks[i]->last->op == IR_TEST) any |= fuse(u, f, f->blocks[i]);
    if (any) simplify_order(u, f);
}
