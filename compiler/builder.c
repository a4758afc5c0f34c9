// SPDX-License-Identifier: Apache-2.0
// The builder: blocks, values, facts and variables.
//
// Each build_ function that makes a value first asks whether it is known: a
// literal, an element of a tuple that was just built, the same read a few lines
// before. So {A, B} = {f(), g()} builds no tuple that is then taken apart. What
// is built for nothing is dropped by simplify.
#include "builder.h"

#include "compare.h"
#include "fold.h"

// A fun goes on at the depth where it stands: funs in funs use C stack too.
// Until a form has told its own, the place is the function's.
void builder_init(Builder *b, Unit *u, Builder *parent, Function *f)
{
    *b = (Builder){.u = u, .f = f, .parent = parent};
    b->self_name = TERM_NONE;
    b->place = f->place;
    if (parent != NULL) b->depth = parent->depth;
}

Block *build_block(Builder *b)
{
    // Regions of handlers are made of whole blocks: a block is in that where it
    // was made, even if it is filled later.
    Block *block = ir_block_new(&b->u->arena, b->f);
    block->handler = b->handler;
    return block;
}

void build_at(Builder *b, Block *block)
{
    b->cur = block;
}

Block *build_aside(Builder *b, size_t mark, Block *block)
{
    Block *on = b->cur;
    build_undo(b, mark);
    build_at(b, block);
    return on;
}

// Every instruction gets the place that was set last; which of them keep it is
// for the emitter to say.
static Inst *new_inst(Builder *b, IrOp op, size_t n, Inst *const *args)
{
    Inst *i = ir_inst_new(&b->u->arena, b->f, op, n);
    for (size_t k = 0; k < n; k++) i->args[k] = args[k];
    i->place = b->place;
    return i;
}

// Behind a jump the builder must still stand somewhere. Callers go on as if
// nothing had happened; simplify drops what no way leads to, so nobody has to
// ask whether he is in dead code.
void build_jump(Builder *b, Block *to)
{
    ir_append(b->cur, new_inst(b, IR_JUMP, 0, NULL));
    ir_link(&b->u->arena, b->cur, to);
    b->cur = build_block(b); // nothing leads to it
}

// A new one each time: what is learnt of one occurrence stays with it.
Inst *build_literal(Builder *b, Term t)
{
    Inst *i = new_inst(b, IR_LITERAL, 0, NULL);
    i->term = t;
    i->type = build_term_type(t);
    return i;
}

Inst *build_nil(Builder *b)
{
    return build_literal(b, TERM_NIL);
}

Inst *build_inst(Builder *b, IrOp op, size_t n, Inst *const *args)
{
    Inst *i = new_inst(b, op, n, args);
    ir_append(b->cur, i);
    return i;
}

// INST_GUARD tells that a failure is a way and no exception, as of an
// instruction with a fail label.
Inst *build_ending(Builder *b, IrOp op, size_t n, Inst *const *args,
                   Block *fail)
{
    Inst *i = build_inst(b, op, n, args);
    i->flags |= INST_GUARD;
    Block *on = build_block(b);
    ir_link(&b->u->arena, b->cur, on);
    ir_link(&b->u->arena, b->cur, fail);
    b->cur = on;
    return i;
}

void build_last(Builder *b, IrOp op, size_t n, Inst *const *args)
{
    build_inst(b, op, n, args);
    b->cur = build_block(b);
}

// One of what was read or computed of a value. The list is a fact of it, so it
// is as long as the way here was, and short.
typedef struct Part Part;
struct Part {
    uint32_t op, index; // ELEMENT and its index, HEAD, TAIL, or BIF
    Inst *value;        // what came of it
    Part *next;         // known before this
};

// Whether [x] is what stands in [v]: its part that [op] reads, at [index]. A
// literal stands for a part when a test has shown the part to be it: in {ok, X}
// the tag is known and never read.
static bool is_part(const Inst *x, const Inst *v, IrOp op, uint32_t index)
{
    if (!ir_is_literal(x))
        return x->op == op && x->index == index && ir_value(x->args[0]) == v;
    if (op != IR_TAIL && index == 0 && term_same(v->tag, x->term)) return true;
    // A list that was matched as [X] has no tail of any other type.
    if (!term_is_nil(x->term)) return false;
    for (const Part *p = (const Part *)v->parts; p != NULL; p = p->next)
        if (p->op == op && p->index == index)
            return ir_value(p->value)->type == TYPE_NIL;
    return false;
}

// What [x] was read from by [op] at [index], of [type]; NULL: from nothing. The
// types must be the same to the size: an element of a larger tuple is no proof.
static Inst *read_from(const Inst *x, IrOp op, uint32_t index, uint64_t type)
{
    if (x->op != op || x->index != index) return NULL;
    Inst *v = ir_value(x->args[0]);
    return v->type == type ? v : NULL;
}

// f({ok, X}) -> {ok, X}: the term that was taken apart is that which is made.
// Saves the words, and a body that only passes its argument on needs no memory
// at all. Any element may be the one that was read, since those that are
// literals were not.
static Inst *same_tuple(size_t n, Inst *const *elements)
{
    uint64_t type = TYPE_TUPLE | (uint64_t)(n + 1) << TYPE_ARITY_SHIFT;
    Inst *v = NULL;
    for (uint32_t k = 0; v == NULL && k < n; k++)
        v = read_from(elements[k], IR_ELEMENT, k, type);
    for (uint32_t k = 0; v != NULL && k < n; k++)
        if (!is_part(elements[k], v, IR_ELEMENT, k)) v = NULL;
    return v;
}

// The same of cells: [H | T] -> [H | T].
static Inst *same_cons(const Inst *head, const Inst *tail)
{
    Inst *v = read_from(head, IR_HEAD, 0, TYPE_CONS);
    if (v == NULL) v = read_from(tail, IR_TAIL, 0, TYPE_CONS);
    if (v == NULL || !is_part(head, v, IR_HEAD, 0)
        || !is_part(tail, v, IR_TAIL, 0))
        return NULL;
    return v;
}

// Cells of literals are made now, on the unit's heap; they go to the literals
// of the file if they are still there when code is emitted.
Inst *build_cons(Builder *b, Inst *head, Inst *tail)
{
    if (ir_is_literal(head) && ir_is_literal(tail))
        return build_literal(b, heap_cons(&b->u->heap, head->term, tail->term));
    Inst *i = same_cons(head, tail);
    if (i != NULL) return i;
    i = build_inst(b, IR_CONS, 2, (Inst *[]){head, tail});
    i->type = TYPE_CONS;
    return i;
}

// So a constant of any depth is one literal: each level sees that its parts
// are.
Inst *build_tuple(Builder *b, size_t n, Inst *const *elements)
{
    bool constant = true;
    for (size_t k = 0; k < n; k++) constant &= ir_is_literal(elements[k]);
    if (constant) {
        Term *box = heap_alloc(&b->u->heap, n + 1);
        box[0] = term_header(SUBTAG_TUPLE, n);
        for (size_t k = 0; k < n; k++) box[k + 1] = elements[k]->term;
        return build_literal(b, term_from_box(box));
    }
    Inst *i = same_tuple(n, elements);
    if (i != NULL) return i;
    i = build_inst(b, IR_TUPLE, n, elements);
    i->type = TYPE_TUPLE | (uint64_t)(n + 1) << TYPE_ARITY_SHIFT;
    return i;
}

// Whether [name]/[n] can fail on arguments of what type they are known to be.
// What cannot fail needs no way of failure in a guard and may be dropped when
// nobody uses it. Sums are not among it even of numbers: 1.0e308 * 10 is a
// badarith.
static bool bif_is_safe(Term name, size_t n, Inst *const *args)
{
    if (build_bif_is_boolean(name, n)) {
        switch (name.bits) {
        case ATOM_BITS_and: case ATOM_BITS_or: case ATOM_BITS_xor:
            // What is no boolean is a badarg.
            return !((args[0]->type | args[1]->type) & ~TYPE_BOOL);
        case ATOM_BITS_not:
            return !(args[0]->type & ~TYPE_BOOL);
        case ATOM_BITS_is_map_key:
            return !(args[1]->type & ~TYPE_MAP); // else badmap
        case ATOM_BITS_is_function:
            return n == 1; // a bad arity raises
        case ATOM_BITS_is_record:
            return false; // a bad tag raises
        default:
            return true;
        }
    }
    switch (name.bits) {
    case ATOM_BITS_self: return n == 0;
    case ATOM_BITS_node: return n == 0;
    case ATOM_BITS_map_size: return !(args[0]->type & ~TYPE_MAP);
    case ATOM_BITS_bit_size: case ATOM_BITS_byte_size:
        return !(args[0]->type & ~TYPE_BITSTRING);
    case ATOM_BITS_tuple_size: return (args[0]->type & 0xFFFF) == TYPE_TUPLE;
    case ATOM_BITS_hd: case ATOM_BITS_tl: return args[0]->type == TYPE_CONS;
    default: return false;
    }
}

// A part of [v] that was read where the builder has come from is not read
// again.
static Inst *read_once(Builder *b, IrOp op, Inst *v, uint32_t index)
{
    for (Part *p = (Part *)v->parts; p != NULL; p = p->next)
        if (p->op == op && p->index == index) return ir_value(p->value);
    Inst *i = build_inst(b, op, 1, &v);
    i->index = index;
    Part *p = arena_alloc(&b->u->arena, sizeof *p);
    *p = (Part){op, index, i, (Part *)v->parts};
    build_set(b, &v->parts, (uint64_t)(uintptr_t)p);
    return i;
}

// What was made here is not read at all; of a literal its element is there
// already. So {A, B} = {f(), g()} costs nothing.
Inst *build_element(Builder *b, Inst *v, uint32_t i)
{
    if (v->op == IR_TUPLE) return ir_value(v->args[i]);
    if (ir_is_literal(v)) return build_literal(b, term_tuple_get(v->term, i));
    if (i == 0 && !term_is_none(v->tag)) return build_literal(b, v->tag);
    return read_once(b, IR_ELEMENT, v, i);
}

// The same of a cell.
Inst *build_part(Builder *b, IrOp op, Inst *v)
{
    if (v->op == IR_CONS) return ir_value(v->args[op == IR_TAIL]);
    if (ir_is_literal(v))
        return build_literal(b, op == IR_TAIL ? term_tail(v->term)
                                              : term_head(v->term));
    if (op == IR_HEAD && !term_is_none(v->tag)) return build_literal(b, v->tag);
    return read_once(b, op, v, 0);
}

// hd, tl and element of what is known to be there are reads.
static Inst *read_part(Builder *b, Term name, size_t n, Inst *const *args)
{
    if (n == 1 && args[0]->type == TYPE_CONS) {
        if (term_same(name, ATOM_hd)) return build_part(b, IR_HEAD, args[0]);
        if (term_same(name, ATOM_tl)) return build_part(b, IR_TAIL, args[0]);
    }
    if (n == 2 && term_same(name, ATOM_element) && ir_is_literal(args[0])
        && term_is_small(args[0]->term)
        && (args[1]->type & 0xFFFF) == TYPE_TUPLE) {
        intptr_t at = term_small_value(args[0]->term);
        uint64_t arity = args[1]->type >> TYPE_ARITY_SHIFT;
        // Also when the size is not known: then the BIF must test it. The BIF
        // raises or fails.
        if (at < 1 || (uint64_t)at >= arity) return NULL;
        return build_element(b, args[1], (uint32_t)at - 1);
    }
    return NULL;
}

// What is known here of the operands is told to the machine, which then has
// less to test.
static void note_seen(Inst *i)
{
    for (size_t k = 0; k < i->nargs && k < 2; k++)
        i->seen[k] = (uint16_t)(i->args[k]->type & TYPE_ANY);
}

// The operand with which a BIF is remembered. Any would do if it is the same
// each time: the first that is no literal.
static Inst *keeper(size_t n, Inst *const *args)
{
    for (size_t k = 0; k < n; k++)
        if (!ir_is_literal(args[k])) return args[k];
    return NULL;
}

// Literals are made anew at each occurrence, so they are compared by value;
// only immediates, as that is fast and nearly all.
static bool same_args(const Inst *i, size_t n, Inst *const *args)
{
    if (i->nargs != n) return false;
    for (size_t k = 0; k < n; k++) {
        const Inst *a = ir_value(i->args[k]), *c = args[k];
        if (a != c
            && !(ir_is_literal(a) && ir_is_literal(c)
                 && term_is_immediate(a->term)
                 && term_same(a->term, c->term)))
            return false;
    }
    return true;
}

// The same of the same operands, where the builder has come from, or NULL. As
// of byte_size(B) in a guard and again in the body. It was computed on the way
// here, so it dominates this place.
static Inst *computed_bif(Term name, size_t n, Inst *const *args)
{
    const Inst *at = keeper(n, args);
    if (at == NULL) return NULL;
    for (Part *p = (Part *)at->parts; p != NULL; p = p->next)
        if (p->op == IR_BIF && term_same(p->value->term, name)
            && same_args(p->value, n, args))
            return ir_value(p->value);
    return NULL;
}

// Sums and the like are done again as fast as they are kept, and had best stay
// in float registers when they are floats.
static bool is_dear(Term name)
{
    switch (name.bits) {
    case ATOM_BITS_plus: case ATOM_BITS_minus: case ATOM_BITS_times:
    case ATOM_BITS_slash:
        return false;
    default: return true;
    }
}

static void remember_bif(Builder *b, Inst *i)
{
    Inst *at = keeper(i->nargs, i->args);
    if (at == NULL) return;
    Part *p = arena_alloc(&b->u->arena, sizeof *p);
    *p = (Part){IR_BIF, 0, i, (Part *)at->parts};
    build_set(b, &at->parts, (uint64_t)(uintptr_t)p);
}

// What cannot fail is cheap, too, so it is done again rather than kept in a
// register over all that lies between.
Inst *build_bif(Builder *b, Term name, size_t n, Inst *const *args)
{
    Term folded = fold_bif(b->u, name, n, args);
    if (!term_is_none(folded)) return build_literal(b, folded);
    Inst *i = read_part(b, name, n, args);
    if (i == NULL) i = computed_bif(name, n, args);
    if (i != NULL) return i;
    bool safe = bif_is_safe(name, n, args);
    if (b->fail != NULL && !safe) { // in a guard failure is no exception
        i = build_ending(b, IR_BIF, n, args, b->fail);
    } else {
        i = build_inst(b, IR_BIF, n, args);
        if (safe) i->flags |= INST_SAFE;
    }
    i->term = name;
    i->type = build_bif_type(name, n);
    note_seen(i);
    if (!safe && is_dear(name)) remember_bif(b, i);
    return i;
}

// The call stays in the code, for its place in the stack trace; nothing is
// emitted behind it.
void build_raise(Builder *b, Term name, size_t n, Inst *const *args)
{
    Inst *i = build_inst(b, IR_CALL_EXT, n, args);
    i->term = ATOM_erlang;
    i->term2 = name;
    build_last(b, IR_UNREACHABLE, 0, NULL);
}

// What is known decides first: then there is no test. Operands are told to the
// machine as they were known before the test, so that is noted before they are
// narrowed.
void build_test(Builder *b, Term name, size_t n, Inst *const *args, bool sense,
                Block *other)
{
    // X =:= [] is the type test, which narrows and costs less.
    if (n == 2 && ir_is_literal(args[1]) && term_is_nil(args[1]->term)
        && (term_same(name, ATOM_exact_eq) || term_same(name, ATOM_exact_ne))) {
        sense = sense == term_same(name, ATOM_exact_eq);
        build_test(b, ATOM_is_nil, 1, args, sense, other);
        return;
    }
    int known = fold_test(b->u, name, n, args);
    if (known >= 0) {
        if ((known == 1) == sense) return;
        // What the caller builds next nothing leads to; it is built even so.
        build_jump(b, other);
        return;
    }
    Inst *i = build_inst(b, IR_TEST, n, args);
    i->term = name;
    note_seen(i);
    Block *on = build_block(b);
    ir_link(&b->u->arena, b->cur, sense ? on : other);
    ir_link(&b->u->arena, b->cur, sense ? other : on);
    b->cur = on;
    fold_narrow(b, name, n, args, sense);
    if (term_same(name, sense ? ATOM_exact_eq : ATOM_exact_ne)
        && ir_is_literal(args[1]))
        build_know_tag(b, args[0], args[1]->term);
}

// Later reads of the part are then the literal. Immediates only: tags are
// compared by their bits.
void build_know_tag(Builder *b, Inst *first, Term term)
{
    bool is_first = (first->op == IR_ELEMENT && first->index == 0)
                    || first->op == IR_HEAD;
    if (is_first && term_is_immediate(term))
        build_set(b, &ir_value(first->args[0])->tag, term.bits);
}

// A type is what any of them may be.
Inst *build_phi(Builder *b, size_t n, Inst *const *values)
{
    Inst *first = ir_value(values[0]);
    bool same = true;
    uint64_t type = 0;
    for (size_t k = 0; k < n; k++) {
        Inst *v = ir_value(values[k]);
        if (v != first
            && !(ir_is_literal(v) && ir_is_literal(first)
                 && term_same(v->term, first->term)))
            same = false; // no more than one value comes
        uint64_t t = v->type;
        // Known sizes survive only where they agree.
        if (type != 0 && (type | t) >> TYPE_ARITY_SHIFT != 0
            && type >> TYPE_ARITY_SHIFT != t >> TYPE_ARITY_SHIFT) {
            type &= 0xFFFF;
            t &= 0xFFFF;
        }
        type |= t;
    }
    if (same) return first;
    Inst *phi = new_inst(b, IR_PHI, n, values);
    phi->block = b->cur;
    phi->type = type;
    // Phis come first.
    Inst *at = b->cur->first;
    while (at != NULL && at->op == IR_PHI) at = at->next;
    if (at != NULL) ir_insert_before(at, phi);
    else ir_append(b->cur, phi);
    return phi;
}

size_t build_mark(const Builder *b)
{
    return b->trail_count;
}

// The newest first: a word that was changed twice ends up as it was before
// both.
void build_undo(Builder *b, size_t mark)
{
    while (b->trail_count > mark) {
        Change *c = &b->trail[--b->trail_count];
        *(uint64_t *)c->place = c->word;
    }
}

// Facts are changed here and nowhere else. A plain assignment would outlive the
// way on which it holds, and the code would be wrong on another.
void build_set(Builder *b, void *place, uint64_t word)
{
    if (b->trail_count == b->trail_room)
        b->trail = arena_grow(&b->u->arena, b->trail, b->trail_count,
                              &b->trail_room, sizeof *b->trail);
    uint64_t *at = place;
    b->trail[b->trail_count++] = (Change){at, *at, NULL};
    *at = word;
}

// Of two sizes the one that was just tested wins; if they differ nothing gets
// here.
void build_narrow(Builder *b, Inst *v, uint64_t type)
{
    uint64_t arity = v->type >> TYPE_ARITY_SHIFT << TYPE_ARITY_SHIFT;
    if (type >> TYPE_ARITY_SHIFT != 0)
        arity = type >> TYPE_ARITY_SHIFT << TYPE_ARITY_SHIFT;
    uint64_t now = v->type & type & 0xFFFF;
    if (now & TYPE_TUPLE) now |= arity;
    if (now != v->type) build_set(b, &v->type, now);
}

// The variable's entry; made, when [make], if there is none. The trail holds
// addresses of entries, so these never move: new ones come in new pieces.
static Variable *find(Builder *b, Term name, bool make)
{
    uint64_t key = table_atom_key(name);
    Variable *v = table_get(&b->index, key);
    if (v != NULL || !make) return v;
    if (b->var_count == b->var_room) {
        b->var_room = 64;
        b->vars = arena_zeroed(&b->u->arena, 64 * sizeof *b->vars);
        b->var_count = 0;
    }
    v = &b->vars[b->var_count++];
    v->name = name;
    table_put(&b->index, &b->u->arena, key, v);
    return v;
}

// The parameter that brings a variable of the function around. What is known
// of it there is not used: the function must be right by itself.
static Inst *make_free(Builder *b, Variable *v)
{
    Inst *p = ir_inst_new(&b->u->arena, b->f, IR_PARAM, 0);
    p->term = v->name;
    v->free = p;
    if (b->free_count == b->free_room) {
        b->frees = arena_grow(&b->u->arena, b->frees, b->free_count,
                              &b->free_room, sizeof *b->frees);
        b->free_names = arena_grow(&b->u->arena, b->free_names, b->free_count,
                                   &b->free_room, sizeof *b->free_names);
    }
    b->free_names[b->free_count] = v->name;
    b->frees[b->free_count++] = p;
    return p;
}

// A binding of its own hides the name of the fun, and that hides what is
// around:
//   X = 1, fun X(0) -> X; X(N) -> X end    is about the fun
// Constants are not part of an environment: they stand in the code of the fun
// as they do in the code around it, and funs get smaller, as erlc's do.
Inst *build_lookup(Builder *b, Term name)
{
    Variable *v = find(b, name, false);
    if (v != NULL && v->value != NULL) return v->value;
    if (term_same(name, b->self_name))
        return build_self(b, IR_MAKE_FUN, 0, NULL);
    if (b->parent == NULL) return NULL;
    if (v != NULL && v->free != NULL) return v->free;
    // Through each fun between here and where it is bound: each of them gets a
    // parameter for it.
    Inst *outer = build_lookup(b->parent, name);
    if (outer == NULL) return NULL;
    outer = ir_value(outer);
    if (ir_is_literal(outer)) return build_literal(b, outer->term);
    return make_free(b, find(b, name, true));
}

// Exchanges a variable's value with the one that it had before: done twice, from
// the newest on and back again, all is as it was.
static void exchange(Builder *b, size_t i)
{
    Change *c = &b->trail[i];
    if (c->variable == NULL) return;
    Inst *value = c->variable->value;
    c->variable->value = (Inst *)(uintptr_t)c->word;
    c->word = (uint64_t)(uintptr_t)value;
}

void build_hide_siblings(Builder *b)
{
    for (const Siblings *s = b->siblings; s != NULL; s = s->around)
        for (size_t i = s->to; i > s->from; i--) exchange(b, i - 1);
}

static void show(Builder *b, const Siblings *s)
{
    if (s == NULL) return;
    show(b, s->around);
    for (size_t i = s->from; i < s->to; i++) exchange(b, i);
}

void build_show_siblings(Builder *b)
{
    show(b, b->siblings);
}

// The trail names the variable so that match_way can tell what was bound on a
// way from what was learnt there.
void build_bind(Builder *b, Term name, Inst *value)
{
    Variable *v = find(b, name, true);
    build_set(b, &v->value, (uint64_t)(uintptr_t)value);
    b->trail[b->trail_count - 1].variable = v;
}

// What the compiler has made has no line and keeps the place of what it was
// made for. Files change only between forms, so the file stays.
void build_place(Builder *b, Term anno)
{
    Place place = unit_place(b->u, anno);
    place.file = b->place.file;
    if (place.line != 0) b->place = place;
}
