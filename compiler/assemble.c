// SPDX-License-Identifier: Apache-2.0
// Assemble: the tables that instructions refer to, and the instructions as
// compact bytes. The file around them is chunk.c's.
//
// An entry once made keeps its number. Atoms may still be added while bytes are
// made; so the code is encoded before the table of atoms is written.
//
// Instructions are kept as operands until a function is done and labels are
// known; only then is it bytes. Tables are made as operands name their entries,
// so what nothing refers to is not in the file.
#include "assemble.h"

#include "chunk.h"
#include "compare.h"
#include "hash.h"

void assembler_init(Assembler *a, Unit *u)
{
    *a = (Assembler){.u = u};
    assemble_atom(a, u->name); // must be the first
}

// Operands follow by assemble_arg, which counts them.
void assemble_op(Assembler *a, OpCode code)
{
    if (a->op_count == a->op_room)
        a->ops = arena_grow(&a->u->arena, a->ops, a->op_count, &a->op_room,
                            sizeof *a->ops);
    a->ops[a->op_count++] = (Op){(uint16_t)code, (uint32_t)a->arg_count, 0};
}

void assemble_arg(Assembler *a, Arg arg)
{
    if (a->arg_count == a->arg_room)
        a->args = arena_grow(&a->u->arena, a->args, a->arg_count, &a->arg_room,
                             sizeof *a->args);
    a->args[a->arg_count++] = arg;
    a->ops[a->op_count - 1].count++;
}

void assemble(Assembler *a, OpCode code, size_t n, const Arg *args)
{
    assemble_op(a, code);
    for (size_t i = 0; i < n; i++) assemble_arg(a, args[i]);
}

// ---- tables ----

// From 1: 0 stands for nil in operands.
uint32_t assemble_atom(Assembler *a, Term atom)
{
    uint64_t key = table_atom_key(atom);
    uintptr_t at = (uintptr_t)table_get(&a->atoms, key);
    if (at != 0) return (uint32_t)at;
    if (a->atom_count == a->atom_room)
        a->atom_list = arena_grow(&a->u->arena, a->atom_list, a->atom_count,
                                  &a->atom_room, sizeof *a->atom_list);
    a->atom_list[a->atom_count++] = atom;
    table_put(&a->atoms, &a->u->arena, key, (void *)a->atom_count);
    return (uint32_t)a->atom_count;
}

// From 0, in the order in which the code names them.
uint32_t assemble_import(Assembler *a, Term module, Term function,
                         uint32_t arity)
{
    // A chain of imports for each function and arity.
    uint64_t key = table_function_key(function, arity);
    Import *first = table_get(&a->imports, key);
    for (Import *i = first; i != NULL; i = i->next)
        if (term_same(i->module, module)) return i->number;
    Import *i = arena_alloc(&a->u->arena, sizeof *i);
    *i = (Import){assemble_atom(a, module), assemble_atom(a, function), arity,
                  module, (uint32_t)a->import_count, first};
    if (a->import_count == a->import_room)
        a->import_list = arena_grow(&a->u->arena, a->import_list,
                                    a->import_count, &a->import_room,
                                    sizeof *a->import_list);
    a->import_list[a->import_count++] = i;
    table_put(&a->imports, &a->u->arena, key, i);
    return i->number;
}

// Each place has one number however often it is named; 0 is no place.
uint32_t assemble_line(Assembler *a, Place place)
{
    // The chunk says how many line instructions there are, with those of no
    // place: a loader takes room for that many.
    a->line_ops++;
    if (place.line == 0) return 0;
    uint64_t key = ((uint64_t)place.file << 32 | place.line) + 1;
    uintptr_t at = (uintptr_t)table_get(&a->line_index, key);
    if (at != 0) return (uint32_t)at;
    if (a->line_count == a->line_room)
        a->lines = arena_grow(&a->u->arena, a->lines, a->line_count,
                              &a->line_room, sizeof *a->lines);
    a->lines[a->line_count++] = place;
    table_put(&a->line_index, &a->u->arena, key, (void *)a->line_count);
    return (uint32_t)a->line_count;
}

// The number of [f] in FunT. Made into a fun in two places, it has one entry.
uint32_t assemble_fun(Assembler *a, Function *f)
{
    if (f->is_fun) return f->index;
    f->is_fun = true;
    f->index = (uint32_t)a->fun_count;
    if (a->fun_count == a->fun_room)
        a->funs = arena_grow(&a->u->arena, a->funs, a->fun_count, &a->fun_room,
                             sizeof *a->funs);
    a->funs[a->fun_count++] = f;
    return f->index;
}

// Where [bytes] stand in StrT. Looking for them there is only worth it near
// the start: what is put together by hand repeats itself, long texts do not.
size_t assemble_string(Assembler *a, const uint8_t *bytes, size_t size)
{
    // Short strings are often there already, at the end. The bound keeps it
    // linear in a module that is nothing but texts.
    if (size <= a->string_size && size > 0) {
        const uint8_t *found = memmem(a->strings, a->string_size > 4096
                                                      ? 4096 : a->string_size,
                                      bytes, size);
        if (found != NULL) return (size_t)(found - a->strings);
    }
    while (a->string_size + size > a->string_room) {
        uint8_t *more = arena_alloc(&a->u->arena, a->string_room * 2 + size);
        if (a->string_size > 0) memcpy(more, a->strings, a->string_size);
        a->strings = more;
        a->string_room = a->string_room * 2 + size;
    }
    memcpy(a->strings + a->string_size, bytes, size);
    a->string_size += size;
    return a->string_size - size;
}

typedef struct LiteralEntry {
    Term term;             // not copied: it lives as long as the forms
    uint32_t hash, number; // its place in the pool, from 0
    struct LiteralEntry *next; // of the same head
} LiteralEntry;

// Doubles the table; numbers stay.
static void enlarge_literals(Assembler *a)
{
    size_t size = a->literal_size == 0 ? 64 : a->literal_size * 2;
    LiteralEntry **heads = arena_zeroed(&a->u->arena, size * sizeof *heads);
    for (size_t i = 0; i < a->literal_size; i++) {
        LiteralEntry *next;
        for (LiteralEntry *l = a->literal_heads[i]; l != NULL; l = next) {
            next = l->next;
            l->next = heads[l->hash & (size - 1)];
            heads[l->hash & (size - 1)] = l;
        }
    }
    a->literal_heads = heads;
    a->literal_size = size;
}

// Floats that differ only in the sign of zero are not the same literal, though
// they are equal.
static bool same_literal(Term x, Term y)
{
    if (term_is_float(x) && term_is_float(y))
        return memcmp(term_box_ptr(x), term_box_ptr(y), 16) == 0;
    return term_exact_equal(x, y);
}

// Equal literals share a number, so they are one term when the module is
// loaded. By value, with a hash: literals may be large and many.
static uint64_t literal_number(Assembler *a, Term t)
{
    uint32_t hash = hash_internal(t);
    if (a->literal_count >= a->literal_size) enlarge_literals(a);
    LiteralEntry **head = &a->literal_heads[hash & (a->literal_size - 1)];
    for (LiteralEntry *l = *head; l != NULL; l = l->next)
        if (l->hash == hash && same_literal(l->term, t)) return l->number;
    LiteralEntry *l = arena_alloc(&a->u->arena, sizeof *l);
    *l = (LiteralEntry){t, hash, (uint32_t)a->literal_count, *head};
    *head = l;
    if (a->literal_count == a->literal_room)
        a->literals = arena_grow(&a->u->arena, a->literals, a->literal_count,
                                 &a->literal_room, sizeof *a->literals);
    a->literals[a->literal_count++] = t;
    return l->number;
}

// What fits into a word stands in the code itself.
Arg assemble_literal(Assembler *a, Term t)
{
    if (term_is_small(t)) return (Arg){.kind = ARG_I, .term = t};
    if (term_is_atom(t) || term_is_nil(t)) return arg_atom(t);
    return (Arg){.kind = ARG_LITERAL, .number = literal_number(a, t)};
}

// ---- bytes ----

enum { TAG_U, TAG_I, TAG_A, TAG_X, TAG_Y, TAG_F, TAG_H, TAG_Z };

// The compact form of .beam files: a tag of three bits, then 4 or 11 bits, or
// a count of bytes and these, with a sign.
//
//   nnnn 0 ttt            0 to 15: most registers and labels near the start
//   nnn 01 ttt  nnnnnnnn  up to 2047
//   ccc 11 ttt  ...       c + 2 bytes, the highest first
void encode_number(Bytes *out, unsigned tag, int64_t n)
{
    uint8_t bytes[9];
    size_t size = 0;
    if (n >= 0 && n < 16) {
        bytes_put(out, (uint8_t)(n << 4 | tag));
        return;
    }
    if (n >= 0 && n < 0x800) {
        bytes_put(out, (uint8_t)(n >> 3 & 0xE0) | (uint8_t)tag | 8);
        bytes_put(out, (uint8_t)n);
        return;
    }
    // The fewest bytes, two at least, that hold the number with its sign. Eight
    // are enough: an integer that is no small one is a literal.
    size = 2;
    while (size < 8 && (n >> (8 * size - 1)) != (n < 0 ? -1 : 0)) size++;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(n >> (8 * (size - 1 - i)));
    bytes_put(out, (uint8_t)((size - 2) << 5 | 0x18 | tag));
    bytes_add(out, bytes, size);
}

// Tag 7 announces an operand of another kind, by number.
static void encode_extended(Bytes *out, unsigned what)
{
    encode_number(out, TAG_Z, what);
}

static bool is_same_type(const Told *a, const Told *b)
{
    return a->kinds == b->kinds && a->has_range == b->has_range
           && (!a->has_range || (a->range.low == b->range.low
                                 && a->range.high == b->range.high));
}

// Linear: at most TYPES_MOST are told, as their numbers must stay short.
uint16_t assemble_type(Assembler *a, const Told *told)
{
    uint16_t at = 1;
    if (a->type_count == 0) a->type_count = 1; // the first: any
    while (at < a->type_count && !is_same_type(&a->types[at], told)) at++;
    if (at == TYPES_MOST) return 0; // told less than is known, which is right
    if (at == a->type_count) a->types[a->type_count++] = *told;
    return at;
}

// A register and the number of its type in the chunk of types.
static void encode_typed(Bytes *out, const Arg *arg)
{
    encode_extended(out, 5);
    encode_number(out, arg->kind == ARG_X ? TAG_X : TAG_Y,
                  (int64_t)arg->number);
    encode_number(out, TAG_U, arg->told);
}

// What stands in tables is written as its number there.
static void encode_arg(Assembler *a, Bytes *out, const Arg *arg)
{
    if (arg->told != 0) {
        encode_typed(out, arg);
        return;
    }
    switch (arg->kind) {
    case ARG_U: encode_number(out, TAG_U, (int64_t)arg->number); break;
    case ARG_I: encode_number(out, TAG_I, term_small_value(arg->term)); break;
    case ARG_A:
        encode_number(out, TAG_A,
                      // nil is an atom without a number
                      term_is_nil(arg->term) ? 0 : assemble_atom(a, arg->term));
        break;
    case ARG_X: encode_number(out, TAG_X, (int64_t)arg->number); break;
    case ARG_Y: encode_number(out, TAG_Y, (int64_t)arg->number); break;
    case ARG_F: encode_number(out, TAG_F, (int64_t)arg->number); break;
    case ARG_LIST:
        encode_extended(out, 1);
        encode_number(out, TAG_U, (int64_t)arg->number);
        break;
    case ARG_FR:
        encode_extended(out, 2);
        encode_number(out, TAG_U, (int64_t)arg->number);
        break;
    case ARG_LITERAL:
        encode_extended(out, 4);
        encode_number(out, TAG_U, (int64_t)arg->number);
        break;
    default: break;
    }
}

// The room a test_heap asks for: words, funs and floats.
static size_t encode_alloc(Bytes *out, const Arg *arg)
{
    // The file's numbers for them; floats, its 1, come last here as they are
    // asked for alone.
    static const uint8_t kinds[] = {0, 2, 1};
    encode_extended(out, 3);
    encode_number(out, TAG_U, (int64_t)arg->number);
    for (size_t i = 0; i < arg->number; i++) {
        encode_number(out, TAG_U, kinds[i]);
        encode_number(out, TAG_U, (int64_t)arg[1 + i].number);
    }
    return arg->number;
}

// Which labels something leads to: [out] has a byte for each. Both labels of a
// function count always, since exports, funs and func_info name them.
static void find_targets(const Assembler *a, uint8_t *out)
{
    for (const Function *f = a->u->first; f != NULL; f = f->next)
        out[f->label] = out[f->label + 1] = 1; // the tables name them
    for (size_t i = 0; i < a->op_count; i++) {
        const Op *op = &a->ops[i];
        for (size_t k = 0; k < op->count; k++) {
            const Arg *arg = &a->args[op->first + k];
            if (arg->kind == ARG_F) out[arg->number] = 1;
        }
    }
}

// Labels that are dropped keep their numbers, which costs nothing.
void encode_code(Assembler *a, Bytes *out)
{
    uint8_t *targets = arena_zeroed(&a->u->arena, a->labels + 2);
    find_targets(a, targets);
    for (size_t i = 0; i < a->op_count; i++) {
        const Op *op = &a->ops[i];
        // A loader joins no instructions over a label.
        if (op->code == OP_LABEL && !targets[a->args[op->first].number])
            continue;
        bytes_put(out, (uint8_t)op->code);
        for (size_t k = 0; k < op->count; k++) {
            const Arg *arg = &a->args[op->first + k];
            if (arg->kind == ARG_ALLOC) k += encode_alloc(out, arg);
            else encode_arg(a, out, arg);
        }
    }
}
