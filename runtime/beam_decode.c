// SPDX-License-Identifier: Apache-2.0
// The Code chunk, decoded to an array of generic instructions with operands.
// A list operand's items follow in the same array of operands. Calls of guard
// BIFs that ops.tab knows as operators become those instructions.
//
// Every index of the file is checked here once, so that rules and the loop may
// rely on it: registers, labels, atoms, literals, imports.
#include <stdlib.h>

#include "beam_reader.h"
#include "big.h"
#include "loader.h"
#include "memory.h"
#include "scheduler.h"

// OPERANDS_OF_OP: of an instruction with all its arguments.
enum { REGISTER_MOST = SCRATCH_FIRST, OPERANDS_OF_OP = 16 };

enum { // extended operands
    EXTENDED_LIST = 1,
    EXTENDED_FLOAT = 2,
    EXTENDED_ALLOCATION = 3,
    EXTENDED_LITERAL = 4,
    EXTENDED_TYPED = 5
};

enum { FLOAT_WORDS = 2, FUN_WORDS = 3 }; // heap needs in allocation lists

// Pointers into l->operands are bad after this.
static GenericOperand *add_operand(Loader *l)
{
    if (l->operand_count == l->operand_room)
        l->operands = memory_grow(l->operands, &l->operand_room, 1024,
                                  sizeof *l->operands);
    GenericOperand *o = &l->operands[l->operand_count++];
    *o = (GenericOperand){0};
    return o;
}

static bool fail_operand(Loader *l)
{
    loader_fail(l, "damaged operand");
    return false;
}

// The integer of [t], which is in two's complement.
static Term make_integer(Loader *l, const BeamTagged *t)
{
    // Nearly always: files write few numbers of more than 64 bits.
    if (t->fits) return heap_integer(&l->heap, t->value);
    bool negative = (t->bytes[0] & 0x80) != 0;
    // Big-endian, most significant byte first.
    if (!negative)
        return big_from_bytes(&l->heap, t->bytes, t->size, false, false);
    // The magnitude: inverted, plus one, from the last byte on.
    uint8_t *magnitude = memory_alloc(t->size);
    unsigned carry = 1;
    for (size_t i = t->size; i-- > 0;) {
        carry += (uint8_t)~t->bytes[i];
        magnitude[i] = (uint8_t)carry;
        carry >>= 8;
    }
    Term big = big_from_bytes(&l->heap, magnitude, t->size, false, true);
    free(magnitude);
    return big;
}

// An integer that is no small, as a literal.
static bool decode_big(Loader *l, const BeamTagged *t, GenericOperand *o)
{
    Term big = make_integer(l, t);
    // More limbs than a bignum may have.
    if (term_is_none(big)) return fail_operand(l);
    o->kind = GENERIC_LITERAL;
    // Its literals are counted on behind those of the file.
    o->value = l->literal_count;
    loader_add_literal(l, big);
    return true;
}

// The last registers are the loader's own.
static bool decode_register(Loader *l, GenericKind kind, const BeamTagged *t,
                            GenericOperand *o)
{
    // The tagged number is a file's: anything may stand there.
    if (!t->fits || t->value < 0 || t->value >= REGISTER_MOST)
        return fail_operand(l);
    o->kind = (uint8_t)kind;
    o->value = (uint64_t)t->value;
    return true;
}

// Label 0 says that there is none.
static bool decode_label(Loader *l, const BeamTagged *t, GenericOperand *o)
{
    if (!t->fits || t->value < 0 || t->value >= l->file->label_count)
        return fail_operand(l);
    o->kind = t->value == 0 ? GENERIC_NO_LABEL : GENERIC_LABEL;
    o->value = (uint64_t)t->value;
    return true;
}

// Atom 0 is nil.
static bool decode_atom(Loader *l, const BeamTagged *t, GenericOperand *o)
{
    if (!t->fits || t->value < 0
        || (uint64_t)t->value > l->file->atom_count)
        return fail_operand(l);
    *o = operand_constant(l->file->atoms[t->value]);
    return true;
}

// A number too large for a word is the largest one.
static bool decode_natural(Loader *l, const BeamTagged *t, GenericOperand *o)
{
    if (t->fits ? t->value < 0 : (t->bytes[0] & 0x80) != 0)
        return fail_operand(l);
    *o = operand_number(t->fits ? (uint64_t)t->value : UINT64_MAX);
    return true;
}

static bool decode_extended(Loader *l, BeamReader *b, int64_t form, size_t at);

// One operand into l->operands[at]; the array may move.
static bool decode_operand(Loader *l, BeamReader *b, size_t at)
{
    BeamTagged t;
    if (!reader_tagged(b, &t)) return fail_operand(l);
    // Good until an operand is added.
    GenericOperand *o = &l->operands[at];
    switch (t.tag) {
    case BEAM_TAG_U:
    case BEAM_TAG_H:
        return decode_natural(l, &t, o);
    case BEAM_TAG_I:
        // Smalls stand in the code; others are literals.
        if (!t.fits || !term_fits_small(t.value)) return decode_big(l, &t, o);
        *o = operand_constant(term_small((intptr_t)t.value));
        return true;
    case BEAM_TAG_A: return decode_atom(l, &t, o);
    case BEAM_TAG_X: return decode_register(l, GENERIC_X, &t, o);
    case BEAM_TAG_Y: return decode_register(l, GENERIC_Y, &t, o);
    case BEAM_TAG_F: return decode_label(l, &t, o);
    case BEAM_TAG_Z: return t.fits && decode_extended(l, b, t.value, at);
    }
    return fail_operand(l);
}

// A plain number within an extended form.
static bool decode_number(Loader *l, BeamReader *b, uint64_t *n)
{
    BeamTagged t;
    if (!reader_tagged(b, &t) || t.tag != BEAM_TAG_U || !t.fits || t.value < 0)
        return fail_operand(l);
    *n = (uint64_t)t.value;
    return true;
}

// Its items stand side by side behind all that is there by now. No list holds
// another: a file cannot make this go deep.
static bool decode_list(Loader *l, BeamReader *b, size_t at)
{
    uint64_t count;
    if (l->in_list || !decode_number(l, b, &count)) return fail_operand(l);
    // Each item takes a byte.
    if (count > (size_t)(b->end - b->at)) return fail_operand(l);
    // An index, since the array may move below.
    size_t first = l->operand_count;
    // First all places, then the items: a literal among them adds none.
    for (uint64_t i = 0; i < count; i++) add_operand(l);
    l->in_list = true;
    for (uint64_t i = 0; i < count; i++)
        if (!decode_operand(l, b, first + i)) return false;
    l->in_list = false;
    l->operands[at] = (GenericOperand){GENERIC_LIST, (uint32_t)count, first};
    return true;
}

// An allocation list is a need for words, floats and funs.
static bool decode_allocation(Loader *l, BeamReader *b, size_t at)
{
    static const uint64_t words[] = {1, FLOAT_WORDS, FUN_WORDS};
    uint64_t count, kind, n, need = 0;
    if (!decode_number(l, b, &count)) return false;
    // Summed: where the words go does not matter.
    for (uint64_t i = 0; i < count; i++) {
        if (!decode_number(l, b, &kind) || !decode_number(l, b, &n))
            return false;
        // More than any program needs: sums stay small.
        if (kind > 2 || n > 1 << 24 || need > 1 << 26) return fail_operand(l);
        need += n * words[kind];
    }
    l->operands[at] = operand_number(need);
    return true;
}

static bool decode_literal(Loader *l, BeamReader *b, size_t at)
{
    uint64_t index;
    if (!decode_number(l, b, &index)) return false;
    // Not yet a term: literals are moved before the code is made.
    if (index >= l->file->literal_count) return fail_operand(l);
    l->operands[at] = (GenericOperand){GENERIC_LITERAL, 0, index};
    return true;
}

// A register with a type: the type is not used.
static bool decode_typed(Loader *l, BeamReader *b, size_t at)
{
    BeamTagged t;
    uint64_t type;
    if (!reader_tagged(b, &t) || (t.tag != BEAM_TAG_X && t.tag != BEAM_TAG_Y))
        return fail_operand(l);
    GenericKind kind = t.tag == BEAM_TAG_X ? GENERIC_X : GENERIC_Y;
    return decode_register(l, kind, &t, &l->operands[at])
           && decode_number(l, b, &type);
}

static bool decode_float_register(Loader *l, BeamReader *b, size_t at)
{
    uint64_t index;
    if (!decode_number(l, b, &index)) return false;
    // Checked here: the loop uses it as it is.
    if (index >= FLOAT_REGISTERS) return fail_operand(l);
    l->operands[at] = (GenericOperand){GENERIC_FLOAT, 0, index};
    return true;
}

static bool decode_extended(Loader *l, BeamReader *b, int64_t form, size_t at)
{
    // Other forms would be of newer compilers.
    switch (form) {
    case EXTENDED_LIST: return decode_list(l, b, at);
    case EXTENDED_FLOAT: return decode_float_register(l, b, at);
    case EXTENDED_ALLOCATION: return decode_allocation(l, b, at);
    case EXTENDED_LITERAL: return decode_literal(l, b, at);
    case EXTENDED_TYPED: return decode_typed(l, b, at);
    default: return fail_operand(l);
    }
}

// ---- imports ----

// Which operand of a generic instruction is an index of an import; -1: none.
// It becomes the export itself.
static int import_operand(unsigned op)
{
    switch (op) {
    case GENERIC_bif0: return 0;
    case GENERIC_bif1:
    case GENERIC_bif2:
    case GENERIC_call_ext:
    case GENERIC_call_ext_last:
    case GENERIC_call_ext_only: return 1;
    case GENERIC_gc_bif1:
    case GENERIC_gc_bif2:
    case GENERIC_gc_bif3: return 2;
    default: return -1;
    }
}

// By the instruction; the import must agree.
static unsigned bif_arity(unsigned op)
{
    switch (op) {
    case GENERIC_bif0: return 0;
    case GENERIC_bif1:
    case GENERIC_gc_bif1: return 1;
    case GENERIC_bif2:
    case GENERIC_gc_bif2: return 2;
    default: return 3;
    }
}

// The operator for a call of erlang:[function]/[arity], or 0.
static unsigned find_operator(const Loader *l, const BeamImport *import)
{
    if (!term_same(import->module, ATOM_erlang)) return 0;
    const char *name = atom_text(l->node->atoms, import->function)->bytes;
    // Linear: a few dozen names, once for each call in the file.
    for (const OperatorInfo *o = operator_infos; o->function != NULL; o++) {
        if (o->arity == import->arity && strcmp(o->function, name) == 0)
            return o->generic;
    }
    return 0;
}

// A call of a guard BIF becomes its operator: label, live, arguments,
// destination. bif instructions have no live: they never collect.
static void make_operator(Loader *l, GenericOp *op, unsigned generic)
{
    GenericOperand *o = &l->operands[op->first];
    unsigned arity = bif_arity(op->op);
    bool gc = op->op >= GENERIC_gc_bif1;
    // Copied first: add_operand moves the array.
    GenericOperand made[OPERANDS_OF_OP] = {0};
    made[0] = arity == 0 ? (GenericOperand){.kind = GENERIC_NO_LABEL} : o[0];
    made[1] = gc ? o[1] : operand_number(LIVE_UNKNOWN);
    // bif0 has no label, the gc forms have live and import before.
    unsigned from = op->op == GENERIC_bif0 ? 1 : gc ? 3 : 2;
    for (unsigned i = 0; i <= arity; i++) made[2 + i] = o[from + i];
    size_t first = l->operand_count;
    for (unsigned i = 0; i < arity + 3; i++) *add_operand(l) = made[i];
    op->op = (uint16_t)generic;
    op->first = (uint32_t)first;
    op->count = (uint16_t)(arity + 3);
}

static void resolve_import(Loader *l, GenericOp *op)
{
    int at = import_operand(op->op);
    if (at < 0) return;
    // Good until an operand is added: see make_operator.
    GenericOperand *o = &l->operands[op->first + (unsigned)at];
    if (o->kind != GENERIC_NUMBER || o->value >= l->file->import_count) {
        loader_fail(l, "bad import index");
        return;
    }
    const BeamImport *import = &l->file->imports[o->value];
    Export *e = l->imports[o->value];
    *o = operand_export(e);
    // Calls may be of anything; guards of BIFs only.
    bool guard = op->op < GENERIC_call_ext || op->op > GENERIC_call_ext_last;
    if (!guard || op->op == GENERIC_call_ext_only) return;
    if (import->arity != bif_arity(op->op)) {
        loader_fail(l, "guard BIF with wrong arity");
        return;
    }
    // With an instruction of its own it is no call at all.
    unsigned generic = find_operator(l, import);
    if (generic != 0) {
        make_operator(l, op, generic);
    } else if (e->bif == NULL) { // its function may fail, but must be there
        loader_fail(l, "%s:%s/%u is no guard BIF",
                    atom_text(l->node->atoms, import->module)->bytes,
                    atom_text(l->node->atoms, import->function)->bytes,
                    (unsigned)import->arity);
    }
}

// ---- instructions ----

static GenericOp *add_op(Loader *l)
{
    if (l->op_count == l->op_room)
        l->ops = memory_grow(l->ops, &l->op_room, 512, sizeof *l->ops);
    return &l->ops[l->op_count++];
}

static bool decode_op(Loader *l, BeamReader *b, unsigned number)
{
    const GenericInfo *info = &generic_infos[number];
    if (info->name == NULL || info->obsolete || number >= GENERIC_op_add) {
        loader_fail(l, "instruction %u is not known", number);
        return false;
    }
    // Places first, side by side, then the operands.
    GenericOp op = {(uint16_t)number, info->arity,
                    (uint32_t)l->operand_count, 0};
    for (unsigned i = 0; i < info->arity; i++) add_operand(l);
    for (unsigned i = 0; i < info->arity; i++) {
        if (!decode_operand(l, b, op.first + i)) return false;
    }
    // No bitstring has more bits left than that.
    if (number == GENERIC_bs_test_tail2 && !l->failed
        && l->operands[op.first + 2].value > INT32_MAX)
        l->operands[op.first + 2].value = INT32_MAX;
    // After the operands, for the index is one of them.
    resolve_import(l, &op);
    *add_op(l) = op;
    return !l->failed;
}

// Lines are no instructions: they go with the one that follows.
static void fold_line(Loader *l, uint32_t *line)
{
    // The one that was read last.
    GenericOp *op = &l->ops[l->op_count - 1];
    if (op->op != GENERIC_line) {
        // It becomes a row of the line table when the op is emitted.
        op->line = *line;
        *line = 0;
        return;
    }
    const GenericOperand *o = &l->operands[op->first];
    if (o->kind != GENERIC_NUMBER || o->value > UINT32_MAX - 1)
        loader_fail(l, "bad line");
    // Without a line table all lines are unknown.
    *line = o->value <= l->file->line_count ? (uint32_t)o->value + 1 : 1;
    // Dropped: the line is kept by the caller until the next one.
    l->op_count--;
}

// Once they have moved to where they stay: see loader_fix_literals.
static void resolve_literals(Loader *l)
{
    for (size_t i = 0; i < l->operand_count; i++) {
        GenericOperand *o = &l->operands[i];
        if (o->kind == GENERIC_LITERAL)
            *o = operand_constant(l->literals[o->value]);
        else if (o->kind == GENERIC_KEYS)
            o->value = l->literals[o->value].bits;
    }
}

void loader_decode(Loader *l)
{
    BeamReader b = {l->file->code.bytes,
                    l->file->code.bytes + l->file->code.size};
    uint32_t line = 0;
    uint8_t number;
    // One byte of opcode, then as many operands as it has.
    // What comes behind the end is not looked at.
    do {
        if (!reader_u8(&b, &number)) {
            loader_fail(l, "code is cut short");
            return;
        }
        if (!decode_op(l, &b, number)) return;
        fold_line(l, &line);
    } while (number != GENERIC_int_code_end && !l->failed);
    if (l->failed) return;
    // All operands are there: what follows needs the whole code.
    loader_sort_keys(l);
    loader_fix_literals(l);
    resolve_literals(l);
}
