// SPDX-License-Identifier: Apache-2.0
// Instructions: the form of loaded code, as ops.tab and runtime/gen_ops.py lay
// it down.
//
// Code is an array of 64-bit words. An instruction's first word holds the
// offset of its handler from the loop's base (32 bits) and up to two 16-bit
// operands; further words hold the others, each at the first place that fits
// its size:
//
//     | handler 32 | half | half |  | label 32 | half | half |  | constant 64 |
//
// Words are read through pointers of the operand's size, so the layout is the
// same in memory on every machine. Labels are offsets in words from the first
// word of the instruction.
//
// An item (a word behind an instruction with a tail) is a constant term, or a
// register: its low bits are then 00 as those of no term.
#ifndef MERLE_INSTRUCTION_H
#define MERLE_INSTRUCTION_H

#include "ops.gen.h"
#include "process.h"

// What an operand is; generated tables and the disassembler use these too.
typedef enum {
    OPERAND_X, // index of an x register
    OPERAND_Y,
    OPERAND_SMALL,   // before CONSTANT: taken where both fit
    OPERAND_CONSTANT,
    OPERAND_ZERO,    // these numbers, for which the opcode stands
    OPERAND_ONE,
    OPERAND_TWO,
    OPERAND_THREE,
    OPERAND_FOUR,
    OPERAND_HALF,   // 16 bits, unsigned
    OPERAND_NUMBER, // 32 bits
    OPERAND_WORD,   // 64 bits, as it is
    OPERAND_LABEL,  // distance in words; 0: no label
    OPERAND_EXPORT, // its address
    OPERAND_FLOAT,  // index of a float register
    OPERAND_TAIL    // words behind: counted by another operand
} OperandKind;

enum {
    OPERANDS_MOST = 10,
    FRAME_SLACK = 4,     // words of stack that need no check
    LIVE_UNKNOWN = 1023  // no collection possible here
};

typedef struct {
    const char *name; // as the disassembler shows it
    uint8_t words;    // without the tail
    uint8_t operand_count;
    struct {
        uint8_t kind; // OperandKind
        uint8_t slot; // place, in units of 16 bits
        bool out;     // written, not read
    } operands[OPERANDS_MOST];
} Instruction;

extern const Instruction instructions[OP_COUNT];

static inline uint16_t code_half(const CodeWord *pc, size_t slot)
{
    return ((const uint16_t *)pc)[slot];
}

static inline int32_t code_number(const CodeWord *pc, size_t slot)
{
    return ((const int32_t *)pc)[slot / 2];
}

// The offset of the handler of the instruction at [pc]. Breakpoints change it
// while other threads run the code.
static inline int32_t code_handler(const CodeWord *pc)
{
    return __atomic_load_n((const int32_t *)pc, __ATOMIC_RELAXED);
}

// Release: who reads the handler of a breakpoint finds its data ready.
static inline void code_set_handler(CodeWord *pc, int32_t handler)
{
    __atomic_store_n((int32_t *)pc, handler, __ATOMIC_RELEASE);
}

static inline uint64_t code_word(const CodeWord *pc, size_t slot)
{
    return pc[slot / 4];
}

// Items: registers in a word.
// Bit 2 says y; the index stands above. Low bits 00: no term.
static inline CodeWord item_register(bool is_y, unsigned index)
{
    return (CodeWord)index << 3 | (CodeWord)is_y << 2;
}

static inline bool item_is_constant(CodeWord w)
{
    return (w & TAG_MASK) != TAG_HEADER;
}

// What the item [w] stands for, with the registers at [x] and [y].
static inline Term item_value(CodeWord w, const Term *x, const Term *y)
{
    if (item_is_constant(w)) return (Term){w};
    return (w & 4 ? y : x)[w >> 3];
}

// [w] is a register, as the loader has made sure.
static inline Term *item_place(CodeWord w, Term *x, Term *y)
{
    return &(w & 4 ? y : x)[w >> 3];
}

// What stands before the first instruction of a function.
enum {
    FUNCTION_ARITY = 2, // half slot in the func_info instruction
    FUNCTION_MODULE = 1, // words
    FUNCTION_NAME = 2,
    FUNCTION_BREAKPOINT = 3, // 0, or what breakpoint.h keeps of it
    FUNCTION_NIF = 4,        // 0, or the NifFunction that stands for it
    FUNCTION_WORDS = WORDS_func_info
};

// The func_info before the function that starts at [entry].
static inline const CodeWord *function_info(const CodeWord *entry)
{
    return entry - FUNCTION_WORDS;
}

static inline unsigned function_arity(const CodeWord *entry)
{
    return code_half(function_info(entry), FUNCTION_ARITY);
}

// The handlers' offsets, by Op; made by the loop.
const int32_t *loop_handlers(void);

// Whether [pc] is no function but the stub of an export or fun.
bool code_is_stub(const CodeWord *pc);

// The instruction at [pc].
// Linear over all handlers: for tools only.
Op code_op(const CodeWord *pc);

// Makes [word] the first word of an instruction [op] without operands.
static inline CodeWord code_plain(Op op)
{
    CodeWord word = 0;
    memcpy(&word, &loop_handlers()[op], sizeof(int32_t));
    return word;
}

#endif
