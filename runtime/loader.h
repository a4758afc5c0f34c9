// SPDX-License-Identifier: Apache-2.0
// Loader: the way from the generic instructions of a .beam file to code of the
// loop. Its parts:
//
//   beam_file.c    the file's chunks and tables
//   beam_decode.c  the Code chunk to an array of GenericOp
//   loader.c       rules, instructions out, labels; the whole way
//   loader_rewrite.c  what the rules of ops.tab cannot say
//
// Nothing in a file is trusted: a part that finds something wrong calls
// loader_fail and goes on as far as is safe; the result is then thrown away.
//
// The way of an instruction:
//
//   Code chunk --decode--> GenericOp + GenericOperand
//     --rule of ops.tab matches one or more ops--> families with operands
//     --the member for these kinds of operand--> words, label patches
#ifndef MERLE_LOADER_H
#define MERLE_LOADER_H

#include "beam_file.h"
#include "code.h"
#include "code_module.h"
#include "instruction.h"
#include "literal.h"

// Kinds of generic operands; ops.tab writes them u x y c l f p L e.
typedef enum {
    GENERIC_NUMBER,   // also sizes, units, flags
    GENERIC_X,        // registers
    GENERIC_Y,
    GENERIC_CONSTANT, // a term
    GENERIC_FLOAT,    // float register
    GENERIC_LABEL,
    GENERIC_NO_LABEL, // label 0: raise
    GENERIC_LIST,     // value: index of the first item; count items
    GENERIC_EXPORT,
    GENERIC_LITERAL,  // value: index of a literal, until decoding is done
    GENERIC_KEYS      // the same, of a tuple: see loader_sort_keys
} GenericKind;

typedef struct {
    uint8_t kind;   // GenericKind
    uint32_t count; // items of a list
    uint64_t value; // as the kind has it: number, index, bits of a term
} GenericOperand;

// One instruction of the file; its operands stand in one array for all.
typedef struct {
    uint16_t op;    // GENERIC_...
    uint16_t count; // operands
    uint32_t first; // the first of them
    uint32_t line;  // index of a line, or 0, plus 1 when the file says one
} GenericOp;

typedef struct {
    const char *name; // NULL: no such instruction
    uint8_t arity;    // operands
    bool obsolete;    // only very old compilers emit it: not taken
} GenericInfo;
extern const GenericInfo generic_infos[];

typedef struct {
    const char *function; // of module erlang; NULL ends the list
    uint8_t arity;
    uint16_t generic;     // the instruction that stands for its calls
} OperatorInfo;
extern const OperatorInfo operator_infos[];

// Instructions that do the same and differ in the kinds of operands only.
typedef struct {
    uint16_t first;        // Op of its first member
    uint8_t operand_count; // of all members
    struct {
        uint16_t kinds; // bits of OperandKind
        bool out;       // written, not read
    } operands[OPERANDS_MOST];
} Family;
extern const Family families[FAMILY_COUNT];

typedef struct Loader Loader;

// What an operand of a rule says of one in the file, and what results take.
typedef enum {
    PATTERN_ANY, // matches everything
    PATTERN_X,   // this very register
    PATTERN_Y,
    PATTERN_NUMBER, // this very number
    PATTERN_BIND,   // variable index, kinds or 0
    PATTERN_SAME,   // the same operand as the variable has
    RESULT_X,       // in a result: this register
    RESULT_Y,
    RESULT_NUMBER,  // this number
    RESULT_VARIABLE // what the variable has matched
} RuleOperandKind;

typedef struct {
    uint8_t kind;     // RuleOperandKind
    uint8_t variable; // its index
    uint16_t value;   // register, number, or bits of GenericKind
} RuleOperand;

// As many as gen_ops.py lets a rule have.
enum { RULE_PATTERNS = 5, RULE_RESULTS = 3, RULE_VARIABLES = 16 };

typedef struct {
    uint8_t pattern_count; // 0 ends the rules of an instruction
    uint8_t result_count;
    // GENERIC_...; the first is the array's index.
    uint16_t patterns[RULE_PATTERNS];
    uint16_t results[RULE_RESULTS]; // FamilyName
    const RuleOperand *operands;    // of patterns, then of results
    // Must also hold; NULL: always.
    bool (*when)(Loader *l, const GenericOperand *variables);
    // Emits in place of results; NULL: none.
    void (*rewrite)(Loader *l, const GenericOperand *variables);
} Rule;
extern const Rule *const rules_of[];

// A place that a label's distance is written to when all labels are known.
typedef struct {
    uint32_t at;     // index of the word, in units of 32 bits
    uint32_t origin; // word that the offset counts from
    uint32_t label;  // number in the file
    bool wide;       // a whole word
} LabelPatch;

// One module on its way. Freed whole, whatever has happened.
struct Loader {
    Node *node;           // whose atoms, exports and literals are used
    const BeamFile *file; // read before; outlives the loader
    Term module;          // by the name in the file
    bool failed;          // the rest is done for nothing, but safely
    char *why;            // gets the first error's text
    size_t why_size;

    GenericOp *ops; // decoded
    size_t op_count, op_room;
    GenericOperand *operands; // of all ops
    size_t operand_count, operand_room;
    Export **imports;         // [file->import_count]
    Heap heap;                // literals under way
    Term *literals;           // those of the file, then others
    size_t literal_count, literal_room;
    LiteralBlock *literal_block;

    CodeWord *words; // written so far; become Code.words
    size_t word_count, word_room;
    int64_t *labels;     // word of each, or -1
    LabelPatch *patches; // to be filled in at the end
    size_t patch_count, patch_room;
    CodeFunction *functions;
    size_t function_count, function_room;
    CodeLine *lines;
    size_t line_count, line_room;
    uint32_t line; // pending for the next instruction, as in GenericOp
    FunEntry **funs;          // [file->fun_count]
    const GenericOp *op;      // being translated
    size_t behind;            // the op behind those that a rule is tried on
    int64_t on_load;          // word of the on_load function or -1
    bool in_list;     // decoding the items of a list operand
    uint8_t *strings;         // copy of the StrT chunk
};

// Notes that the file is bad; the first text is kept.
void loader_fail(Loader *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Decodes the Code chunk to l->ops.
void loader_decode(Loader *l);

// A term made of l->heap, to be one of the literals.
void loader_add_literal(Loader *l, Term t);

// Puts the pairs of instructions on maps in the order of their keys. Where one
// makes a map its source becomes the tuple of these, GENERIC_KEYS.
void loader_sort_keys(Loader *l);

// Moves l->literals to the literal area, so that they can be operands.
void loader_fix_literals(Loader *l);

// Emits the member of [family] that fits the kinds of [args]; operands that
// the family does not take are moved through scratch registers. Answers the
// index of the instruction's first word.
size_t loader_emit(Loader *l, FamilyName family, const GenericOperand *args);

// Emits one word of a tail.
void loader_emit_word(Loader *l, CodeWord word);

// Emits a source operand (register or constant) as an item.
void loader_emit_item(Loader *l, const GenericOperand *operand);

// Emits a label as a word of a tail: its distance from the instruction at
// word [origin].
void loader_emit_label(Loader *l, const GenericOperand *label, size_t origin);

// Makers of operands.
static inline GenericOperand operand_number(uint64_t n)
{
    return (GenericOperand){.kind = GENERIC_NUMBER, .value = n};
}

static inline GenericOperand operand_x(unsigned index)
{
    return (GenericOperand){.kind = GENERIC_X, .value = index};
}

static inline GenericOperand operand_constant(Term t)
{
    return (GenericOperand){.kind = GENERIC_CONSTANT, .value = t.bits};
}

static inline GenericOperand operand_export(Export *e)
{
    return (GenericOperand){.kind = GENERIC_EXPORT, .value = (uintptr_t)e};
}

static inline bool operand_is_register(const GenericOperand *o)
{
    return o->kind == GENERIC_X || o->kind == GENERIC_Y;
}

static inline bool operand_is_source(const GenericOperand *o)
{
    return operand_is_register(o) || o->kind == GENERIC_CONSTANT;
}

// Whether [o] is a small integer that fits an OPERAND_SMALL.
static inline bool operand_is_small(const GenericOperand *o)
{
    return o->kind == GENERIC_CONSTANT && term_is_small((Term){o->value})
           && (int64_t)o->value == (int32_t)o->value;
}

// Registers that no .beam file uses: the loader's own.
enum {
    SCRATCH_FIRST = 1024, // to legalise operands: behind those of files
    SCRATCH_IGNORE = 1038 // takes what nobody wants
};

// Whether the items of list [o] are all sources; else the file is bad.
bool loader_check_sources(Loader *l, const GenericOperand *o);

#endif
