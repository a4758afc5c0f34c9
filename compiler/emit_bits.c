// SPDX-License-Identifier: Apache-2.0
// Emit: bit syntax.
//
// What reads a segment may have to make a term of it (a big integer, a float, a
// sub-binary), so it may collect. A skip and a test never do, though that of
// utf8 names live registers all the same.
//
// The shapes, as OTP 25 has them:
//     bs_create_bin Fail Words Live Unit Dst [Type N Unit Flags Value Size ...]
//     bs_start_match4 Fail Live Src Ctx
//     bs_get_integer2 Fail Ctx Live Size Unit Flags Dst
// A failure leaves the context where it stood before the instruction.
#include "emit.h"

#include "atom.h"

// What bs_create_bin calls the segment. An append grows the first binary where
// it lies, if nothing was appended to it before: <<Acc/binary, X>>. A private
// append is of a binary that nobody else can have seen: the accumulator of a
// comprehension.
static Term segment_name(const Segment *s, bool appends, bool private)
{
    if (appends) return private ? ATOM_private_append : ATOM_append_segment;
    static const uintptr_t names[] = {
        [SEG_INTEGER] = ATOM_BITS_integer, [SEG_FLOAT] = ATOM_BITS_float,
        [SEG_BINARY] = ATOM_BITS_binary, [SEG_UTF8] = ATOM_BITS_utf8,
        [SEG_UTF16] = ATOM_BITS_utf16, [SEG_UTF32] = ATOM_BITS_utf32,
        [SEG_STRING] = ATOM_BITS_string};
    return (Term){names[s->type]};
}

// The flags of a segment that is made, as a list literal; [] says all of the
// usual.
static Arg flag_list(Emitter *e, const Segment *s)
{
    Heap *h = &e->a->u->heap;
    Term list = TERM_NIL;
    if (s->flags & SEG_SIGNED) list = heap_cons(h, ATOM_signed, list);
    if (s->flags & SEG_LITTLE) list = heap_cons(h, ATOM_little, list);
    if (s->flags & SEG_NATIVE) list = heap_cons(h, ATOM_native, list);
    return assemble_literal(e->a, list);
}

// All strings of a module are in one chunk; the operand is the place there.
static void put_string(Emitter *e, const Segment *s, size_t *size)
{
    Bits bits;
    term_bits(s->string, &bits);
    *size = bits.size / 8;
    assemble_arg(e->a, arg_u(assemble_string(e->a, bits.base, *size)));
}

// These know their size by themselves, so they have neither size nor unit.
static bool is_utf(const Segment *s)
{
    return s->type == SEG_UTF8 || s->type == SEG_UTF16 || s->type == SEG_UTF32;
}

// Six operands: type, number, unit, flags, value and size. The number, from 1,
// is what an error message of OTP 25 names the segment by:
//     segment 2 of type 'integer': expected an integer ...
static void put_segment(Emitter *e, Inst *i, size_t k, bool appends)
{
    const Segment *s = &i->segments[k];
    size_t count = i->nargs / 2, size;
    assemble_arg(e->a, arg_atom(segment_name(s, appends, i->index)));
    assemble_arg(e->a, arg_u(k + 1));
    assemble_arg(e->a, arg_u(is_utf(s) ? 0 : s->unit));
    assemble_arg(e->a, flag_list(e, s));
    if (s->type == SEG_STRING) {
        put_string(e, s, &size);
        assemble_arg(e->a, arg_int((intptr_t)size));
        return;
    }
    assemble_arg(e->a, emit_source(e, i->args[k]));
    if (is_utf(s)) assemble_arg(e->a, arg_atom(ATOM_undefined));
    else if (s->size == NULL) assemble_arg(e->a, arg_atom(ATOM_all));
    else assemble_arg(e->a, emit_source(e, i->args[count + k]));
}

// The unit in front is for an append: what the first binary must be a multiple
// of.
static void create(Emitter *e, Inst *i)
{
    size_t count = i->nargs / 2;
    const Segment *first = &i->segments[0];
    bool appends = first->type == SEG_BINARY && first->size == NULL
                   && !ir_is_literal(i->args[0]);
    emit_safe(e);
    // What raises tells its line; a guard only fails.
    if (!(i->flags & INST_GUARD)) emit_line(e, i);
    uint32_t live = emit_live(e);
    assemble_op(e->a, OP_BS_CREATE_BIN);
    assemble_arg(e->a, emit_fail(e, i));
    assemble_arg(e->a, arg_u(0)); // words to take for what is built behind it
    assemble_arg(e->a, arg_u(live));
    assemble_arg(e->a, arg_u(appends ? first->unit : 1));
    assemble_arg(e->a, emit_register(e, i->reg));
    assemble_arg(e->a, arg_list(6 * count));
    for (size_t k = 0; k < count; k++)
        put_segment(e, i, k, appends && k == 0);
    emit_collected(e, live);
    emit_written(e, i->reg);
}

// A context may be matched again: then the instruction only takes it as it is.
static void start(Emitter *e, Inst *i)
{
    emit_safe(e);
    uint32_t live = emit_live(e);
    Arg source = emit_source(e, i->args[0]);
    if (ir_is_literal(i->args[0])) { // the machine wants a register
        emit_move(e, source, i->reg);
        source = emit_register(e, i->reg);
    }
    assemble(e->a, OP_BS_START_MATCH4, 4,
             (Arg[]){emit_fail(e, i), arg_u(live), source,
                     emit_register(e, i->reg)});
    emit_collected(e, live);
    emit_written(e, i->reg);
}

// [size]: of units.
static Arg size_arg(Emitter *e, const Inst *i)
{
    return i->nargs > 1 ? emit_source(e, i->args[1]) : arg_atom(ATOM_all);
}

// Also for floats and utf, whose forms differ only in what they leave out.
static void get(Emitter *e, Inst *i)
{
    static const OpCode codes[] = {
        [SEG_INTEGER] = OP_BS_GET_INTEGER2, [SEG_FLOAT] = OP_BS_GET_FLOAT2,
        [SEG_BINARY] = OP_BS_GET_BINARY2, [SEG_UTF8] = OP_BS_GET_UTF8,
        [SEG_UTF16] = OP_BS_GET_UTF16, [SEG_UTF32] = OP_BS_GET_UTF32};
    const Segment *s = i->segments;
    emit_safe(e);
    uint32_t live = emit_live(e);
    assemble_op(e->a, codes[s->type]);
    assemble_arg(e->a, emit_fail(e, i));
    assemble_arg(e->a, emit_source(e, i->args[0]));
    assemble_arg(e->a, arg_u(live));
    if (!is_utf(s)) {
        assemble_arg(e->a, size_arg(e, i));
        assemble_arg(e->a, arg_u(s->unit));
    }
    assemble_arg(e->a, arg_u(s->flags));
    assemble_arg(e->a, emit_register(e, i->reg));
    emit_collected(e, live);
    emit_written(e, i->reg);
}

// Nothing is made, so nothing can be collected; only utf8 and its like must be
// read to be passed over.
static void skip(Emitter *e, Inst *i)
{
    const Segment *s = i->segments;
    if (s->type == SEG_UTF8) {
        assemble(e->a, OP_BS_SKIP_UTF8, 4,
                 (Arg[]){emit_fail(e, i), emit_source(e, i->args[0]),
                         arg_u(emit_live(e)), arg_u(s->flags)});
        return;
    }
    assemble(e->a, OP_BS_SKIP_BITS2, 5,
             (Arg[]){emit_fail(e, i), emit_source(e, i->args[0]),
                     size_arg(e, i), arg_u(s->unit), arg_u(s->flags)});
}

// An unread integer or binary is skipped. A float is read even so: not all bits
// are one, and <<_:64/float>> does not match a NaN.
static bool is_skipped(const Inst *i)
{
    uint8_t type = i->segments->type;
    return i->uses == 0 && (type == SEG_INTEGER || type == SEG_BINARY
                            || type == SEG_UTF8);
}

// The bits of literals that stand at the front of several segments are compared
// at once.
static void string(Emitter *e, Inst *i)
{
    Bits bits;
    term_bits(i->term, &bits);
    size_t at = assemble_string(e->a, bits.base, bits.size / 8);
    assemble(e->a, OP_BS_MATCH_STRING, 4,
             (Arg[]){emit_fail(e, i), emit_source(e, i->args[0]),
                     arg_u(bits.size), arg_u(at)});
}

// These make a term: a binary, or a position that takes a box.
static void with_live(Emitter *e, Inst *i, OpCode code)
{
    emit_safe(e);
    uint32_t live = emit_live(e);
    assemble(e->a, code, 3,
             (Arg[]){emit_source(e, i->args[0]), emit_register(e, i->reg),
                     arg_u(live)});
    emit_collected(e, live);
    emit_written(e, i->reg);
}

// Segments that end their block go on by the caller (emit_inst): first to what
// comes next, else with a jump.
void emit_bits(Emitter *e, Inst *i)
{
    Arg context = emit_source(e, i->args[0]);
    switch (i->op) {
    case IR_BIN: create(e, i); break;
    case IR_BS_START: start(e, i); break;
    case IR_BS_GET:
        if (is_skipped(i)) skip(e, i);
        else get(e, i);
        break;
    case IR_BS_SKIP: skip(e, i); break;
    case IR_BS_STRING: string(e, i); break;
    case IR_BS_AT_END:
        assemble(e->a, OP_BS_TEST_TAIL2, 3,
                 (Arg[]){emit_fail(e, i), context, arg_u(0)});
        break;
    case IR_BS_UNIT:
        assemble(e->a, OP_BS_TEST_UNIT, 3,
                 (Arg[]){emit_fail(e, i), context, arg_u(i->index)});
        break;
    case IR_BS_REST: with_live(e, i, OP_BS_GET_TAIL); break;
    case IR_BS_POSITION: with_live(e, i, OP_BS_GET_POSITION); break;
    default:
        assemble(e->a, OP_BS_SET_POSITION, 2,
                 (Arg[]){context, emit_source(e, i->args[1])});
    }
}
