// SPDX-License-Identifier: Apache-2.0
// Assemble: generic instructions as data, and the chunks of a .beam file.
//
// Instructions are kept as data until all functions are emitted: only then is
// it known which labels something leads to, and the rest need not be written.
// Tables (atoms, imports, literals ...) grow in the order in which the code
// asks, so the same source gives the same bytes each time.
#ifndef MERLE_ASSEMBLE_H
#define MERLE_ASSEMBLE_H

#include "range.h"
#include "unit.h"

// Numbers of the generic instructions that the compiler uses.
typedef enum {
    OP_LABEL = 1, OP_FUNC_INFO = 2, OP_INT_CODE_END = 3, OP_CALL = 4,
    OP_CALL_LAST = 5, OP_CALL_ONLY = 6, OP_CALL_EXT = 7, OP_CALL_EXT_LAST = 8,
    OP_BIF0 = 9, OP_BIF1 = 10, OP_BIF2 = 11, OP_ALLOCATE = 12,
    OP_ALLOCATE_HEAP = 13, OP_TEST_HEAP = 16, OP_DEALLOCATE = 18,
    OP_RETURN = 19, OP_SEND = 20, OP_REMOVE_MESSAGE = 21, OP_TIMEOUT = 22,
    OP_LOOP_REC = 23, OP_LOOP_REC_END = 24, OP_WAIT = 25,
    OP_WAIT_TIMEOUT = 26, OP_IS_LT = 39, OP_IS_GE = 40, OP_IS_EQ = 41,
    OP_IS_NE = 42, OP_IS_EQ_EXACT = 43, OP_IS_NE_EXACT = 44,
    OP_IS_INTEGER = 45, OP_IS_FLOAT = 46, OP_IS_NUMBER = 47, OP_IS_ATOM = 48,
    OP_IS_PID = 49, OP_IS_REFERENCE = 50, OP_IS_PORT = 51, OP_IS_NIL = 52,
    OP_IS_BINARY = 53, OP_IS_LIST = 55, OP_IS_NONEMPTY_LIST = 56,
    OP_IS_TUPLE = 57, OP_TEST_ARITY = 58, OP_SELECT_VAL = 59,
    OP_SELECT_TUPLE_ARITY = 60, OP_JUMP = 61, OP_CATCH = 62,
    OP_CATCH_END = 63, OP_MOVE = 64, OP_GET_LIST = 65,
    OP_GET_TUPLE_ELEMENT = 66, OP_PUT_LIST = 69, OP_BADMATCH = 72,
    OP_IF_END = 73, OP_CASE_END = 74, OP_IS_FUNCTION = 77,
    OP_CALL_EXT_ONLY = 78, OP_TRY = 104, OP_TRY_END = 105, OP_TRY_CASE = 106,
    OP_FMOVE = 96, OP_FCONV = 97, OP_FADD = 98, OP_FSUB = 99, OP_FMUL = 100,
    OP_FDIV = 101,
    OP_TRY_CASE_END = 107, OP_RAISE = 108, OP_APPLY = 112, OP_APPLY_LAST = 113,
    OP_IS_BOOLEAN = 114, OP_IS_FUNCTION2 = 115, OP_BS_GET_INTEGER2 = 117,
    OP_BS_GET_FLOAT2 = 118, OP_BS_GET_BINARY2 = 119, OP_BS_SKIP_BITS2 = 120,
    OP_BS_TEST_TAIL2 = 121, OP_GC_BIF1 = 124, OP_GC_BIF2 = 125,
    OP_IS_BITSTR = 129, OP_BS_TEST_UNIT = 131, OP_BS_MATCH_STRING = 132,
    OP_BS_INIT_WRITABLE = 133, OP_TRIM = 136, OP_BS_GET_UTF8 = 138,
    OP_BS_SKIP_UTF8 = 139, OP_BS_GET_UTF16 = 140, OP_BS_SKIP_UTF16 = 141,
    OP_BS_GET_UTF32 = 142, OP_BS_SKIP_UTF32 = 143, OP_ON_LOAD = 149,
    OP_GC_BIF3 = 152, OP_LINE = 153, OP_PUT_MAP_ASSOC = 154,
    OP_PUT_MAP_EXACT = 155, OP_IS_MAP = 156, OP_HAS_MAP_FIELDS = 157,
    OP_GET_MAP_ELEMENTS = 158, OP_IS_TAGGED_TUPLE = 159,
    OP_BUILD_STACKTRACE = 160, OP_RAW_RAISE = 161, OP_GET_HD = 162,
    OP_GET_TL = 163, OP_PUT_TUPLE2 = 164, OP_BS_GET_TAIL = 165,
    OP_BS_GET_POSITION = 167, OP_BS_SET_POSITION = 168, OP_SWAP = 169,
    OP_BS_START_MATCH4 = 170, OP_MAKE_FUN3 = 171, OP_INIT_YREGS = 172,
    OP_RECV_MARKER_BIND = 173, OP_RECV_MARKER_CLEAR = 174,
    OP_RECV_MARKER_RESERVE = 175, OP_RECV_MARKER_USE = 176,
    OP_BS_CREATE_BIN = 177, OP_CALL_FUN2 = 178, OP_NIF_START = 179,
    OP_BADRECORD = 180, OP_HIGHEST = 180
} OpCode;

typedef enum { ARG_U, ARG_I, ARG_A, ARG_X, ARG_Y, ARG_F, ARG_LITERAL,
               ARG_LIST, ARG_ALLOC,
               ARG_FR } ArgKind;

typedef struct {
    uint8_t kind; // ArgKind
    uint16_t told; // of X, Y: index of what it is known to be; 0: not told
    union {
        uint64_t number; // of U, X, Y, F, FR, LITERAL; of LIST how many follow
        Term term;       // I: an integer; A: an atom, or nil
    };
} Arg;

typedef struct {
    uint16_t code;         // OpCode
    uint32_t first, count; // its arguments
} Op;

typedef struct Import Import;
struct Import {
    uint32_t module_atom, function_atom, arity; // as chunk ImpT has them
    Term module;     // the atom: what a chain is searched by
    uint32_t number; // in the chunk, from 0
    Import *next; // same function and arity, another module
};

enum { TYPES_MOST = 128 }; // as many types are told apart

// What a register is told to hold.
typedef struct {
    uint16_t kinds; // TYPE_...
    bool has_range; // only of integers
    Range range;
} Told;

typedef struct {
    Unit *u;                // the module; its arena holds all of this
    Op *ops;                // the code, in order
    size_t op_count, op_room; // of ops
    Arg *args;              // of all ops, one behind the other
    size_t arg_count, arg_room; // of args
    uint32_t labels;        // labels given out
    Table atoms;            // atom -> index in the table
    Term *atom_list;        // the table, in order
    size_t atom_count, atom_room; // of atom_list
    Table imports;          // function and arity -> chain of imports
    Import **import_list;   // in order of their numbers
    size_t import_count, import_room; // of import_list
    Term *literals;         // the pool, in order
    struct LiteralEntry **literal_heads; // by hash
    // The last is the size of literal_heads, a power of two.
    size_t literal_count, literal_room, literal_size;
    uint8_t *strings;       // chunk StrT
    size_t string_size, string_room; // of strings
    Place *lines;           // places that line instructions name, from 1
    size_t line_count, line_room, line_ops; // line_ops: of the code
    Table line_index;       // file and line -> number in lines
    Told types[TYPES_MOST]; // that registers are told to have; first: any
    size_t type_count;      // of types
    Function **funs;        // chunk FunT
    size_t fun_count, fun_room; // of funs
} Assembler;

void assembler_init(Assembler *a, Unit *u);

// Begins an instruction; its arguments follow by assemble_arg.
void assemble_op(Assembler *a, OpCode code);
void assemble_arg(Assembler *a, Arg arg);

// A whole instruction.
void assemble(Assembler *a, OpCode code, size_t n, const Arg *args);

static inline Arg arg_u(uint64_t n)
{
    return (Arg){.kind = ARG_U, .number = n};
}

static inline Arg arg_f(uint64_t label)
{
    return (Arg){.kind = ARG_F, .number = label};
}

static inline Arg arg_atom(Term atom)
{
    return (Arg){.kind = ARG_A, .term = atom};
}

static inline Arg arg_int(intptr_t n)
{
    return (Arg){.kind = ARG_I, .term = term_small(n)};
}

static inline Arg arg_list(uint64_t n)
{
    return (Arg){.kind = ARG_LIST, .number = n};
}

// A literal as an argument: an atom, integer, nil, or of the pool.
Arg assemble_literal(Assembler *a, Term t);

// The index of type [told] in the chunk of types; 0, which tells nothing, when
// there are too many.
uint16_t assemble_type(Assembler *a, const Told *told);

// The number of an atom in the file's table, from 1.
uint32_t assemble_atom(Assembler *a, Term atom);

// The number of import m:f/n, and of a place for line instructions (0: none).
uint32_t assemble_import(Assembler *a, Term module, Term function,
                         uint32_t arity);
uint32_t assemble_line(Assembler *a, Place place);

// The number of function [f] among those that funs are made of.
uint32_t assemble_fun(Assembler *a, Function *f);

// Offset of [size] bytes among the strings.
size_t assemble_string(Assembler *a, const uint8_t *bytes, size_t size);

// The .beam file, in memory of malloc. [chunks]: see codegen.h.
uint8_t *assemble_file(Assembler *a, Term chunks, size_t *size);

// Emits the code of [f], whose values have registers.
void emit_function(Assembler *a, Function *f);

#endif
