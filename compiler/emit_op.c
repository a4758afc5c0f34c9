// SPDX-License-Identifier: Apache-2.0
// Emit: the instructions that compute, build and take apart.
//
// Tuples, cells and funs are built in room that a test_heap has taken before
// them, one for all that are built up to the next instruction that may collect:
// {[A], [B]} asks once. OTP's validator counts the words.
//
// Instructions that may collect name the X registers to keep, and before them
// every Y register must hold something (emit_live, emit_safe). A fail label of
// 0 means an exception; a guard's is the block where it fails.
#include "big.h"
#include "builder.h"
#include "compare.h"
#include "emit.h"
#include "fold.h"
#include "types.h"

// ---- room on the heap ----

// Words that [i] takes of the heap, beside a fun: its own size is the machine's
// affair, and test_heap names funs apart.
static uint32_t words_of(const Inst *i)
{
    switch (i->op) {
    case IR_TUPLE: return i->nargs + 1u;
    case IR_CONS: return 2;
    case IR_MAKE_FUN: return i->nargs;
    default: return 0;
    }
}

// These take room that was reserved for several at once.
static bool builds(const Inst *i)
{
    return i->op == IR_TUPLE || i->op == IR_CONS || i->op == IR_MAKE_FUN;
}

// Whether the machine has the BIF as one that may make a term: it is then
// called by gc_bif, which names live registers, and else by bif. The loader
// knows each by one of the two only, and refuses a file that has it the other
// way.
static bool is_gc_bif(Term name, size_t n)
{
    switch (name.bits) {
    case ATOM_BITS_hd: case ATOM_BITS_tl: case ATOM_BITS_self:
    case ATOM_BITS_node: case ATOM_BITS_element: case ATOM_BITS_map_get:
    case ATOM_BITS_tuple_size: case ATOM_BITS_max: case ATOM_BITS_min:
        return false;
    default: return !build_bif_is_boolean(name, n);
    }
}

// Whether room that was taken before [i] is still there behind it: it takes
// none beyond that, and cannot lead elsewhere.
static bool keeps_heap(const Inst *i)
{
    switch (i->op) {
    case IR_TUPLE: case IR_CONS: case IR_MAKE_FUN: case IR_HEAD: case IR_TAIL:
    case IR_ELEMENT: case IR_COPY:
        return true;
    case IR_BIF:
        return !is_gc_bif(i->term, i->nargs) && !(i->flags & INST_GUARD);
    default: return false;
    }
}

// Takes room for [i] and for what is built behind it, up to the next
// instruction that may collect. heap_left counts those to come, which must not
// take it again.
static void reserve(Emitter *e, Inst *i)
{
    if (e->heap_left > 0) { // one before it has taken room for this too
        e->heap_left--;
        return;
    }
    uint32_t words = 0, funs = 0, count = 0;
    for (Inst *x = i; x != NULL && keeps_heap(x); x = x->next) {
        words += words_of(x);
        funs += x->op == IR_MAKE_FUN;
        count += builds(x);
    }
    e->heap_left = count - 1;
    emit_safe(e);
    uint32_t live = emit_live(e);
    assemble_op(e->a, OP_TEST_HEAP);
    if (funs == 0) { // a number of words alone
        assemble_arg(e->a, arg_u(words));
    } else {
        // A list of two: so many words, so many funs.
        assemble_arg(e->a, (Arg){.kind = ARG_ALLOC, .number = 2});
        assemble_arg(e->a, arg_u(words));
        assemble_arg(e->a, arg_u(funs));
    }
    assemble_arg(e->a, arg_u(live));
    emit_collected(e, live);
}

// A list of operands, as put_tuple2 and the like take it: their count, then
// each.
static void put_sources(Emitter *e, const Inst *i, size_t first)
{
    assemble_arg(e->a, arg_list(i->nargs - first));
    for (size_t k = first; k < i->nargs; k++)
        assemble_arg(e->a, emit_source(e, i->args[k]));
}

// Reserving comes first: it may collect, and then the operands have moved.
static void build(Emitter *e, Inst *i)
{
    reserve(e, i);
    Arg dest = emit_register(e, i->reg);
    switch (i->op) {
    case IR_TUPLE: // {A, B} with its elements in place
        assemble_op(e->a, OP_PUT_TUPLE2);
        assemble_arg(e->a, dest);
        put_sources(e, i, 0);
        break;
    case IR_CONS:
        assemble(e->a, OP_PUT_LIST, 3,
                 (Arg[]){emit_source(e, i->args[0]),
                         emit_source(e, i->args[1]), dest});
        break;
    default:
        assemble_op(e->a, OP_MAKE_FUN3); // the fun's number in FunT says which
        assemble_arg(e->a, arg_u(assemble_fun(e->a, i->function)));
        assemble_arg(e->a, dest);
        put_sources(e, i, 0);
    }
    emit_written(e, i->reg);
}

// ---- BIFs ----

// Kinds that are worth telling to the machine: with others it tests as much. A
// union of, say, atoms and tuples says nothing that an instruction could use.
static bool is_telling(uint16_t kinds)
{
    static const uint16_t sets[] = {TYPE_NUMBER, TYPE_TUPLE, TYPE_MAP,
                                    TYPE_LIST, TYPE_ATOM, TYPE_FUN,
                                    TYPE_BITSTRING};
    for (size_t i = 0; kinds != 0 && i < sizeof sets / sizeof *sets; i++)
        if (!(kinds & ~sets[i])) return true;
    return false;
}

// Argument [k] of [i], with what it is known to be: over the module (types.c)
// and here (seen), of which each may know more. OTP's loader makes of `+' with
// two small integers an addition without tests.
static Arg typed_source(Emitter *e, const Inst *i, size_t k)
{
    const Inst *v = i->args[k];
    Arg a = emit_source(e, v);
    uint16_t kinds = types_of(v), seen = k < 2 ? i->seen[k] : 0;
    if (kinds == 0) kinds = TYPE_ANY; // nothing was found out
    if (seen != 0) kinds &= seen;
    if ((a.kind != ARG_X && a.kind != ARG_Y) || !is_telling(kinds)) return a;
    Told told = {.kinds = kinds};
    told.has_range = kinds == TYPE_INTEGER && range_of(v, &told.range);
    a.told = assemble_type(e->a, &told);
    // Ranges are many; the kind is left when there is no room for another.
    if (a.told == 0 && told.has_range)
        a.told = assemble_type(e->a, &(Told){.kinds = kinds});
    return a;
}

// The machine takes no literals apart: hd and tl find theirs in a register.
static Arg bif_source(Emitter *e, const Inst *i, size_t k)
{
    bool reads = term_same(i->term, ATOM_hd) || term_same(i->term, ATOM_tl);
    if (i->nargs != 1 || !reads || !ir_is_literal(i->args[0]))
        return typed_source(e, i, k);
    return emit_register(e, i->reg);
}

// BIFs with an instruction of their own, as tuple_size or +, are told like any
// other; the loader knows them by name.
static void bif(Emitter *e, Inst *i)
{
    size_t n = i->nargs;
    uint32_t import = assemble_import(e->a, ATOM_erlang, i->term, (uint32_t)n);
    bool gc = is_gc_bif(i->term, n), raises = !(i->flags & INST_GUARD);
    uint32_t live = 0;
    // As of hd("abc"): into a register first.
    if (n == 1 && bif_source(e, i, 0).kind != emit_source(e, i->args[0]).kind)
        emit_move(e, emit_source(e, i->args[0]), i->reg);
    // What raises may lead to a collection with the frame as it is.
    if (raises && !(i->flags & INST_SAFE)) {
        emit_safe(e);
        emit_line(e, i);
    }
    if (gc) {
        emit_safe(e);
        live = emit_live(e);
        static const OpCode codes[] = {OP_GC_BIF1, OP_GC_BIF2, OP_GC_BIF3};
        assemble_op(e->a, codes[n - 1]);
    } else {
        static const OpCode codes[] = {OP_BIF0, OP_BIF1, OP_BIF2};
        assemble_op(e->a, codes[n]);
    }
    if (n > 0) assemble_arg(e->a, emit_fail(e, i)); // self() cannot fail
    if (gc) assemble_arg(e->a, arg_u(live));
    assemble_arg(e->a, arg_u(import));
    for (size_t k = 0; k < n; k++)
        assemble_arg(e->a, bif_source(e, i, k));
    assemble_arg(e->a, emit_register(e, i->reg));
    if (gc) emit_collected(e, live);
    emit_written(e, i->reg);
}

// ---- floats ----

// Arguments have the first float registers, steps those behind.
static Arg float_register(const Inst *i, uint16_t operand)
{
    uint64_t n = operand >= FLOAT_STEP ? (uint64_t)operand - FLOAT_STEP
                                             + i->nargs
                                       : operand;
    return (Arg){.kind = ARG_FR, .number = n};
}

// Argument [k] into its float register: fmove of what is a float, fconv of what
// may be an integer, which raises badarith for anything else. Integer literals
// are made floats now.
static void load_float(Emitter *e, const Inst *i, uint16_t k)
{
    Inst *v = i->args[k];
    double d;
    Arg to = float_register(i, k), from = {0};
    if (ir_is_literal(v) && term_is_small(v->term)
        && big_to_double(v->term, &d))
        from = assemble_literal(e->a, heap_float(&e->a->u->heap, d));
    else
        from = emit_source(e, v);
    assemble(e->a, types_is_float(v) || ir_is_literal(v) ? OP_FMOVE : OP_FCONV,
             2, (Arg[]){from, to});
}

// The whole expression has one box, for its value:
//     fmove x0 fr0    fmul fr0 fr0 fr1    ...    fmove fr1 x0
static void float_steps(Emitter *e, Inst *i)
{
    static const OpCode codes[] = {0, OP_FADD, OP_FSUB, OP_FMUL, OP_FDIV};
    emit_safe(e);
    emit_line(e, i);
    // Leaves come first, steps behind them: fr0 ... as in float_register.
    for (uint16_t k = 0; k < i->nargs; k++) load_float(e, i, k);
    for (uint16_t s = 0; s < i->index; s++)
        assemble(e->a, codes[i->steps[s].op], 4,
                 (Arg[]){arg_f(0), float_register(i, i->steps[s].a),
                         float_register(i, i->steps[s].b),
                         float_register(i, (uint16_t)(FLOAT_STEP + s))});
    uint32_t live = emit_live(e);
    assemble_op(e->a, OP_TEST_HEAP);
    assemble_arg(e->a, (Arg){.kind = ARG_ALLOC, .number = 3});
    assemble_arg(e->a, arg_u(0)); // words
    assemble_arg(e->a, arg_u(0)); // funs
    assemble_arg(e->a, arg_u(1)); // floats
    assemble_arg(e->a, arg_u(live));
    emit_collected(e, live);
    uint16_t last = (uint16_t)(FLOAT_STEP + i->index - 1);
    assemble(e->a, OP_FMOVE, 2,
             (Arg[]){float_register(i, last), emit_register(e, i->reg)});
    emit_written(e, i->reg);
}

// ---- taking apart ----

// The machine takes no literals apart, and phis may have become such; in code
// that is never reached they may even be of another kind, and some term has to
// be put there.
static bool literal_part(Emitter *e, Inst *i)
{
    if (!ir_is_literal(i->args[0])) return false;
    Term t = i->args[0]->term, part = TERM_NIL;
    if (i->op == IR_ELEMENT) {
        if (term_is_tuple(t) && i->index < term_arity(t))
            part = term_tuple_get(t, i->index);
    } else if (term_is_cons(t)) {
        part = i->op == IR_HEAD ? term_head(t) : term_tail(t);
    }
    emit_move(e, assemble_literal(e->a, part), i->reg);
    return true;
}

static void element(Emitter *e, Inst *i) // the test for the tuple came before
{
    if (literal_part(e, i)) return;
    assemble(e->a, OP_GET_TUPLE_ELEMENT, 3,
             (Arg[]){emit_source(e, i->args[0]), arg_u(i->index),
                     emit_register(e, i->reg)});
    emit_written(e, i->reg);
}

// Head and tail that are read one behind the other are read at once; the second
// is marked as done.
static void part(Emitter *e, Inst *i)
{
    if (i->flags & INST_MARK || literal_part(e, i)) return;
    Arg cell = emit_source(e, i->args[0]), dest = emit_register(e, i->reg);
    Inst *next = i->next;
    if (i->op == IR_HEAD && next->op == IR_TAIL
        && next->args[0] == i->args[0] && next->reg != i->reg) {
        assemble(e->a, OP_GET_LIST, 3,
                 (Arg[]){cell, dest, emit_register(e, next->reg)});
        next->flags |= INST_MARK;
        emit_written(e, next->reg);
    } else {
        assemble(e->a, i->op == IR_HEAD ? OP_GET_HD : OP_GET_TL, 2,
                 (Arg[]){cell, dest});
    }
    emit_written(e, i->reg);
}

// An update of a map takes room by itself, unlike tuples and cells, so it must
// come with a list of live registers of its own.
static void map(Emitter *e, Inst *i)
{
    emit_safe(e);
    if (!(i->flags & (INST_GUARD | INST_SAFE))) emit_line(e, i);
    uint32_t live = emit_live(e);
    assemble_op(e->a, i->index ? OP_PUT_MAP_EXACT : OP_PUT_MAP_ASSOC);
    assemble_arg(e->a, emit_fail(e, i));
    assemble_arg(e->a, emit_source(e, i->args[0]));
    assemble_arg(e->a, emit_register(e, i->reg));
    assemble_arg(e->a, arg_u(live));
    put_sources(e, i, 1);
    emit_collected(e, live);
    emit_written(e, i->reg);
}

// ---- keys of maps ----
// Keys that are asked of one map in a row, and lead to the same place when they
// are not there, are asked for by one instruction.

// Whether a key can be asked for together with those before it, before that is
// known to be there. The machine takes keys in its own order, so a register may
// be written though another key is not there: at the place of failure it must
// hold nothing.
static bool is_written_early(const Inst *i)
{
    const Block *fail = i->block->next[1];
    for (size_t k = 0; k < fail->live_count; k++)
        if (i->uses > 0 && fail->live[k]->reg == i->reg) return false;
    return true;
}

// Whether the gets from [first] to [last] ask for the key of [next]: OTP's
// machine wants each only once.
static bool is_asked(const Inst *first, const Inst *last, const Inst *next)
{
    for (const Inst *x = first;; x = x->block->next[0]->first) {
        if (term_exact_equal(x->args[1]->term, next->args[1]->term))
            return true;
        if (x == last) return false;
    }
}

// The get behind [i] that can join those from [first] to [i]; NULL when there
// is none.
static Inst *joining_get(Emitter *e, const Inst *first, const Inst *i)
{
    const Block *b = i->block, *n = b->next[0];
    bool follows = (size_t)b->order + 1 < e->f->block_count
                   && e->f->blocks[b->order + 1] == n;
    if (!follows || n->prev_count != 1 || n->first != n->last
        || n->root == n || n->region_count > 0)
        return NULL;
    Inst *next = n->first;
    bool joins = next->op == IR_MAP_GET && next->args[0] == i->args[0]
                 && (next->uses > 0) == (i->uses > 0)
                 && ir_is_literal(i->args[1]) && ir_is_literal(next->args[1])
                 && n->next[1] == b->next[1];
    // The map's own register is written last, if at all.
    bool keeps = i->uses == 0 || i->reg != i->args[0]->reg;
    if (!joins || !keeps || !is_written_early(next)) return NULL;
    return is_asked(first, i, next) ? NULL : next;
}

// A key that is only asked for needs no register, and has_map_fields reads
// nothing. Those that join are marked: nothing is left to be done when they
// come, but that their registers are written.
static void map_get(Emitter *e, Inst *i)
{
    size_t n = 1;
    bool wanted = i->uses > 0;
    if (!(i->flags & INST_MARK)) {
        for (Inst *x = i; (x = joining_get(e, i, x)) != NULL; n++)
            x->flags |= INST_MARK;
        assemble_op(e->a, wanted ? OP_GET_MAP_ELEMENTS : OP_HAS_MAP_FIELDS);
        assemble_arg(e->a, emit_fail(e, i));
        assemble_arg(e->a, emit_source(e, i->args[0]));
        assemble_arg(e->a, arg_list(wanted ? 2 * n : n));
        for (const Inst *x = i; n > 0; n--, x = x->block->next[0]->first) {
            assemble_arg(e->a, emit_source(e, x->args[1]));
            if (wanted) assemble_arg(e->a, emit_register(e, x->reg));
        }
    }
    if (wanted) emit_written(e, i->reg);
}

// ---- tests ----
// Each test has an instruction that goes on where it holds.

static const struct {
    uintptr_t name;
    uint16_t code;
} tests[] = {
    {ATOM_BITS_is_atom, OP_IS_ATOM}, {ATOM_BITS_is_boolean, OP_IS_BOOLEAN},
    {ATOM_BITS_is_integer, OP_IS_INTEGER}, {ATOM_BITS_is_float, OP_IS_FLOAT},
    {ATOM_BITS_is_number, OP_IS_NUMBER}, {ATOM_BITS_is_list, OP_IS_LIST},
    {ATOM_BITS_is_nonempty_list, OP_IS_NONEMPTY_LIST},
    {ATOM_BITS_is_nil, OP_IS_NIL}, {ATOM_BITS_is_tuple, OP_IS_TUPLE},
    {ATOM_BITS_is_map, OP_IS_MAP}, {ATOM_BITS_is_pid, OP_IS_PID},
    {ATOM_BITS_is_port, OP_IS_PORT}, {ATOM_BITS_is_reference, OP_IS_REFERENCE},
    {ATOM_BITS_is_binary, OP_IS_BINARY}, {ATOM_BITS_is_bitstring, OP_IS_BITSTR},
    {ATOM_BITS_test_arity, OP_TEST_ARITY}, {ATOM_BITS_lt, OP_IS_LT},
    {ATOM_BITS_ge, OP_IS_GE}, {ATOM_BITS_eq, OP_IS_EQ},
    {ATOM_BITS_ne, OP_IS_NE}, {ATOM_BITS_exact_eq, OP_IS_EQ_EXACT},
    {ATOM_BITS_exact_ne, OP_IS_NE_EXACT},
    {ATOM_BITS_is_tagged_tuple, OP_IS_TAGGED_TUPLE},
};

// The table is short and its order is by how often they come. A test that is
// none of them would be a mistake of the builder.
static OpCode test_code(const Inst *i)
{
    if (term_same(i->term, ATOM_is_function))
        return i->nargs == 1 ? OP_IS_FUNCTION : OP_IS_FUNCTION2;
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++)
        if (tests[k].name == i->term.bits) return (OpCode)tests[k].code;
    assert(false);
    return OP_JUMP;
}

// The test with the opposite outcome, or 0. Type tests have none.
static OpCode opposite(OpCode code)
{
    switch (code) {
    case OP_IS_LT: return OP_IS_GE;
    case OP_IS_GE: return OP_IS_LT;
    case OP_IS_EQ: return OP_IS_NE;
    case OP_IS_NE: return OP_IS_EQ;
    case OP_IS_EQ_EXACT: return OP_IS_NE_EXACT;
    case OP_IS_NE_EXACT: return OP_IS_EQ_EXACT;
    default: return (OpCode)0;
    }
}

// Of the two blocks one comes next in the code most often; a jump is needed
// only when neither does.
void emit_test(Emitter *e, Inst *i)
{
    OpCode code = test_code(i);
    Block *yes = i->block->next[0], *no = i->block->next[1];
    // A test goes on where it holds; turned round, this one needs no jump.
    if (yes != e->following && no == e->following && opposite(code) != 0) {
        code = opposite(code);
        Block *b = yes;
        yes = no;
        no = b;
    }
    assemble_op(e->a, code);
    assemble_arg(e->a, emit_label(e, no));
    assemble_arg(e->a, typed_source(e, i, 0));
    // With a number: the arity.
    if (code == OP_TEST_ARITY || code == OP_IS_TAGGED_TUPLE)
        assemble_arg(e->a,
                     arg_u((uint64_t)term_small_value(i->args[1]->term)));
    else if (i->nargs == 2)
        assemble_arg(e->a, typed_source(e, i, 1));
    if (code == OP_IS_TAGGED_TUPLE)
        assemble_arg(e->a, emit_source(e, i->args[2]));
    emit_goto(e, yes);
}

// ---- all ----

// A guard's instruction ends its block here; tests and what is in emit_end say
// themselves where to go on.
void emit_inst(Emitter *e, Inst *i)
{
    if (!keeps_heap(i)) e->heap_left = 0;
    switch (i->op) {
    case IR_NOP: break;
    case IR_COPY: emit_copies(e, i); break;
    case IR_BIF: bif(e, i); break;
    case IR_FLOAT: float_steps(e, i); break;
    case IR_TUPLE: case IR_CONS: case IR_MAKE_FUN: build(e, i); break;
    case IR_HEAD: case IR_TAIL: part(e, i); break;
    case IR_ELEMENT: element(e, i); break;
    case IR_MAP: map(e, i); break;
    case IR_MAP_GET: map_get(e, i); break;
    case IR_TEST: emit_test(e, i); return;
    case IR_BIN: case IR_BS_START: case IR_BS_GET: case IR_BS_SKIP:
    case IR_BS_STRING: case IR_BS_AT_END: case IR_BS_UNIT: case IR_BS_REST:
    case IR_BS_POSITION: case IR_BS_SET_POSITION:
        emit_bits(e, i);
        break;
    case IR_CALL: case IR_CALL_EXT: case IR_CALL_FUN: case IR_APPLY:
    case IR_INIT_WRITABLE:
        emit_call(e, i);
        break;
    default: emit_end(e, i); return;
    }
    if (i->flags & INST_GUARD) emit_goto(e, i->block->next[0]);
}
