// SPDX-License-Identifier: Apache-2.0
// Contexts: a function that hands the rest of a binary to one that matches it
// hands over the match context itself, so that no binary is made on the way.
//
// A parameter can take a context when the function does nothing with it before
// its one BS_START; where the value itself is needed behind that, it is made
// from the context, set back to where it began. That must not disturb what is
// still to be matched.
//
//   count(<<_, T/binary>>, N) -> count(T, N + 1);  hands its context to itself
//   count(<<>>, N) -> N.
//
// A function that takes a context takes a binary as well: bs_start_match lets
// a context through. So nothing changes for calls from outside. OTP's validator
// wants that a context is used for nothing but matching until it is tested,
// which is what "takes" says.
//
// The four walks of context_reuse go over all functions: which parameters could
// take a context (takes: 1), who hands over a rest (2), what values must still
// be made, and only then are rests replaced, since the walks before look for
// them.
#include "atom.h"
#include "backend.h"

// The blocks where something was found or reached, by mark.
enum { IN_MATCH = 1, BEHIND_MATCH = 2 };

typedef struct {
    Unit *u;       // the module
    Function *f;   // that is looked at
    Inst *param, *start; // a parameter, and the one BS_START of it
    Block *inside; // where the match has begun
    Inst **uses;   // other uses of the parameter
    size_t count, room; // of uses
    Block **seen;  // by the search that is going on
    size_t seen_room; // of seen
} Search;

// By order alone: a dominator comes earlier, and its dominator earlier still.
static bool dominates(const Block *a, const Block *b)
{
    while (b->order > a->order) b = b->dominator;
    return a == b;
}

static bool uses_value(const Inst *x, const Inst *v)
{
    for (size_t k = 0; k < x->nargs; k++)
        if (x->args[k] == v) return true;
    return false;
}

// Whether [x] has to do with context [start], or a rest of it.
static bool touches(const Inst *x, const Inst *start)
{
    for (size_t k = 0; k < x->nargs; k++) {
        const Inst *v = x->args[k];
        if (v == start
            || (v->op == IR_BS_REST && v->args[0] == start))
            return true;
    }
    return false;
}

// Whether [x] moves the context.
static bool moves(const Inst *x, const Inst *start)
{
    switch (x->op) {
    case IR_BS_GET: case IR_BS_SKIP: case IR_BS_STRING: case IR_BS_SET_POSITION:
        return x->args[0] == start;
    default: return false;
    }
}

// Puts the successors of [b] among the [count] blocks seen; how many there are.
static size_t see_next(Search *s, const Block *b, size_t count)
{
    for (size_t i = 0; i < b->next_count; i++) {
        Block *to = b->next[i];
        if (to->mark) continue;
        to->mark = 1;
        if (count == s->seen_room)
            s->seen = arena_grow(&s->u->arena, s->seen, count, &s->seen_room,
                                 sizeof *s->seen);
        s->seen[count++] = to;
    }
    return count;
}

// Whether an instruction for which [found] holds can come behind [from]. No
// block is marked before or after. A search that gets too long is given up, so
// that a function of many clauses takes time in proportion to them.
static bool comes_behind(Search *s, const Inst *from, const Inst *start,
                         bool (*found)(const Inst *, const Inst *))
{
    enum { SEEN_MOST = 1000 };
    for (const Inst *x = from->next; x != NULL; x = x->next)
        if (found(x, start)) return true;
    bool comes = false;
    size_t count = see_next(s, from->block, 0);
    for (size_t i = 0; i < count && !comes; i++) {
        const Block *b = s->seen[i];
        for (const Inst *x = b->first; x != NULL && !comes; x = x->next)
            comes = x->op != IR_PHI && found(x, start);
        count = see_next(s, b, count);
        comes = comes || count > SEEN_MOST;
    }
    for (size_t i = 0; i < count; i++) s->seen[i]->mark = 0;
    return comes;
}

static void clear_marks(const Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) f->blocks[i]->mark = 0;
}

// ---- which parameters can take a context ----

// The first start is the match; all else is a use of the value. False: the
// parameter cannot take a context.
static bool add_use(Search *s, Inst *x)
{
    if (x->op == IR_BS_START && s->start == NULL) {
        s->start = x;
        return true;
    }
    // A second match would begin where the first has come to; a phi uses it at
    // the end of another block, where no value could be made.
    if (x->op == IR_BS_START || x->op == IR_PHI) return false;
    if (s->count == s->room)
        s->uses = arena_grow(&s->u->arena, s->uses, s->count, &s->room,
                             sizeof *s->uses);
    s->uses[s->count++] = x;
    return true;
}

// False also when it is never matched.
static bool find_uses(Search *s)
{
    s->start = NULL;
    s->count = 0;
    for (size_t i = 0; i < s->f->block_count; i++)
        for (Inst *x = s->f->blocks[i]->first; x != NULL; x = x->next)
            if (uses_value(x, s->param) && !add_use(s, x)) return false;
    return s->start != NULL;
}

// Marks blocks where the match has begun, and those outside that they lead to.
static void mark_blocks(Search *s)
{
    for (size_t i = 0; i < s->f->block_count; i++) {
        Block *b = s->f->blocks[i];
        b->place = dominates(s->inside, b) ? IN_MATCH : 0;
        for (size_t k = 0; !b->place && k < b->prev_count; k++)
            if (b->prev[k]->order < b->order && b->prev[k]->place)
                b->place = BEHIND_MATCH;
    }
}

// The block through which the match leads to [b]: it dominates [b], and all
// its ways come straight from the match or from where it never began.
static Block *entry_to(const Search *s, Block *b)
{
    for (; b->order > s->start->block->order; b = b->dominator) {
        bool direct = false, indirect = false;
        for (size_t k = 0; k < b->prev_count; k++) {
            direct |= b->prev[k]->place == IN_MATCH;
            indirect |= b->prev[k]->place == BEHIND_MATCH;
        }
        if (direct) return indirect || b->first->op == IR_PHI ? NULL : b;
    }
    return NULL;
}

// A use in a region of a handler would have to be right from anywhere in it.
static bool use_is_good(Search *s, Inst *use)
{
    Block *b = use->block;
    if (b->handler != NULL) return false;
    // Setting the context back is seen by all that still reads it.
    if (b->place == IN_MATCH)
        return !comes_behind(s, use, s->start, touches);
    // Before the match a context must not be used as a value.
    if (b == s->start->block || !dominates(s->start->block, b)) return false;
    return b->place == 0 || entry_to(s, b) != NULL;
}

// The match must begin in one place, which nothing else leads to, so that what
// it dominates is just where the context is one.
static bool can_take(Search *s)
{
    if (!find_uses(s)) return false;
    s->inside = s->start->block->next[0];
    if (s->inside->prev_count != 1) return false;
    mark_blocks(s);
    for (size_t i = 0; i < s->count; i++)
        if (!use_is_good(s, s->uses[i])) return false;
    return true;
}

// Costs nothing for functions that match no binary in a parameter.
static void find_takers(Unit *u, Function *f)
{
    Search s = {.u = u, .f = f};
    bool any = false;
    f->takes = arena_zeroed(&u->arena, f->arity + 1);
    for (size_t i = 0; i < f->block_count; i++) {
        Inst *last = f->blocks[i]->last;
        any |= last->op == IR_BS_START && last->args[0]->op == IR_PARAM;
    }
    if (!any) return; // most functions match no binary
    dominate_function(f);
    clear_marks(f);
    for (uint32_t i = 0; i < f->arity; i++) {
        s.param = f->params[i];
        f->takes[i] = can_take(&s);
    }
}

// ---- who hands over ----

static void tell_reused(Unit *u, const Inst *call)
{
    if (unit_option(u->options, ATOM_bin_opt_info))
        unit_inform(u, call->place, ATOM_beam_ssa_bsm, ATOM_context_reused);
}

// A rest is marked as long as all that is done with it may be to hand it to
// functions that take a context.

static bool is_marked_rest(const Inst *x)
{
    return x->op == IR_BS_REST && (x->flags & INST_MARK) != 0;
}

// Whether [x] only hands over its argument [k], a rest, as nothing else it
// takes is of that context, and nothing behind touches the context: the callee
// moves it.
static bool hands_over(Search *s, const Inst *x, size_t k)
{
    const Inst *rest = x->args[k];
    if (x->op != IR_CALL || k >= x->function->arity || !x->function->takes[k])
        return false;
    for (size_t i = 0; i < x->nargs; i++)
        if (i != k && x->args[i] == rest) return false;
    return !comes_behind(s, x, rest->args[0], touches);
}

// A rest is the context only as long as that stands where the rest began.
static void mark_rest(Search *s, Inst *x)
{
    if (x->op != IR_BS_REST) return;
    x->flags &= (uint8_t)~INST_MARK;
    if (x->args[0]->op == IR_BS_START
        && !comes_behind(s, x, x->args[0], moves))
        x->flags |= INST_MARK;
}

// Uses are looked at one by one: a single one that needs the binary is enough.
static void unmark_rests(Search *s, Inst *x)
{
    for (size_t k = 0; k < x->nargs; k++)
        if (is_marked_rest(x->args[k]) && !hands_over(s, x, k))
            x->args[k]->flags &= (uint8_t)~INST_MARK;
}

// The functions that are handed a rest are wanted to take a context.
static void want_takers(Search *s, Inst *x)
{
    for (size_t k = 0; k < x->nargs; k++) {
        if (!is_marked_rest(x->args[k])) continue;
        x->function->takes[k] = 2;
        tell_reused(s->u, x);
    }
}

// Three walks: a rest is marked when nothing moves the context behind it, the
// mark goes when any use is not a handing over, and what still has it is told
// to the callees.
static void hand_over(Unit *u, Function *f)
{
    static void (*const rounds[])(Search *, Inst *) = {mark_rest, unmark_rests,
                                                       want_takers};
    Search s = {.u = u, .f = f};
    clear_marks(f);
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 0; i < f->block_count; i++)
            for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
                rounds[round](&s, x);
}

// Marked rests are the context itself. This comes last, as what takes contexts
// still finds them by their rests.
static void replace_rests(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Inst *next;
        for (Inst *x = f->blocks[i]->first; x != NULL; x = next) {
            next = x->next;
            for (size_t k = 0; k < x->nargs; k++)
                x->args[k] = ir_value(x->args[k]);
            if (x->op != IR_BS_REST || !(x->flags & INST_MARK)) continue;
            x->forward = x->args[0];
            ir_remove(x);
        }
    }
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            for (size_t k = 0; k < x->nargs; k++)
                x->args[k] = ir_value(x->args[k]);
}

// ---- the value where it is still needed ----

// What is made for a match has its place.
static Inst *new_inst(Search *s, IrOp op, size_t n, Inst *const *args)
{
    Inst *i = ir_inst_new(&s->u->arena, s->f, op, n);
    for (size_t k = 0; k < n; k++) i->args[k] = args[k];
    i->place = s->start->place;
    return i;
}

// Where the match began. A context that was handed over does not begin at 0, so
// the place is read, once, before anything moves.
static Inst *first_position(Search *s)
{
    Inst *first = s->inside->first;
    if (first->op == IR_BS_POSITION && first->args[0] == s->start) return first;
    Inst *i = new_inst(s, IR_BS_POSITION, 1, &s->start);
    i->type = TYPE_INTEGER;
    ir_insert_first(s->inside, i);
    return i;
}

static Inst *set_back(Search *s) // for who reads the value behind the match
{
    return new_inst(s, IR_BS_SET_POSITION, 2,
                    (Inst *[]){s->start, first_position(s)});
}

// Makes the value in front of [use], and has all uses behind it in the block
// take that one.
static void make_here(Search *s, Inst *use)
{
    Inst *back = set_back(s), *rest = new_inst(s, IR_BS_REST, 1, &s->start);
    ir_insert_before(use, back);
    ir_insert_before(use, rest);
    for (Inst *x = use; x != NULL; x = x->next)
        for (size_t k = 0; k < x->nargs; k++)
            if (x->args[k] == s->param) x->args[k] = rest;
}

// Uses of the parameter in [entry] and below are of [phi].
static void rename_below(Search *s, Block *entry, Inst *phi)
{
    for (size_t i = 0; i < s->count; i++) {
        Inst *use = s->uses[i];
        if (use->block == NULL || !dominates(entry, use->block)) continue;
        for (size_t k = 0; k < use->nargs; k++)
            if (use->args[k] == s->param) use->args[k] = phi;
    }
}

// A block on the ways from the match to [entry] makes the value.
static void make_before(Search *s, Block *entry)
{
    Arena *a = &s->u->arena;
    Block *made = ir_block_new(a, s->f);
    Inst *rest = new_inst(s, IR_BS_REST, 1, &s->start);
    ir_append(made, set_back(s));
    ir_append(made, rest);
    ir_append(made, new_inst(s, IR_JUMP, 0, NULL));
    for (size_t k = entry->prev_count; k-- > 0;) {
        Block *p = entry->prev[k];
        if (p->place != IN_MATCH) continue;
        ir_remove_pred(entry, k);
        for (size_t i = 0; i < p->next_count; i++)
            if (p->next[i] == entry) {
                p->next[i] = made;
                size_t room;
                made->prev = arena_grow(a, made->prev, made->prev_count, &room,
                                        sizeof *made->prev);
                made->prev_room = (uint32_t)room;
                made->prev[made->prev_count++] = p;
                break;
            }
    }
    ir_link(a, made, entry);
    // Elsewhere the match never began: there it is the parameter itself.
    Inst *phi = ir_inst_new(a, s->f, IR_PHI, entry->prev_count);
    for (size_t k = 0; k < entry->prev_count; k++)
        phi->args[k] = entry->prev[k] == made ? rest : s->param;
    phi->block = entry;
    ir_insert_before(entry->first, phi);
    rename_below(s, entry, phi);
}

// Where the match never began the parameter is still what it was.
static void take_context(Search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        Inst *use = s->uses[i];
        if (!uses_value(use, s->param)) continue; // done with another
        if (use->block->place == IN_MATCH) make_here(s, use);
        else if (use->block->place == BEHIND_MATCH)
            make_before(s, entry_to(s, use->block));
    }
}

// Order and dominators are found anew for each, as blocks may have been added.
static void take_contexts(Unit *u, Function *f)
{
    bool any = false;
    for (uint32_t i = 0; i < f->arity; i++) {
        if (f->takes[i] != 2) continue;
        Search s = {.u = u, .f = f, .param = f->params[i]};
        simplify_order(u, f);
        dominate_function(f);
        clear_marks(f);
        // What was found before still holds unless another parameter's value
        // is made in between, which leaves this one as it is.
        if (can_take(&s)) take_context(&s);
        any = true;
    }
    if (any) simplify_order(u, f);
}

void context_reuse(Unit *u)
{
    for (Function *f = u->first; f != NULL; f = f->next) find_takers(u, f);
    for (Function *f = u->first; f != NULL; f = f->next) hand_over(u, f);
    for (Function *f = u->first; f != NULL; f = f->next) take_contexts(u, f);
    for (Function *f = u->first; f != NULL; f = f->next) replace_rests(f);
}
