// SPDX-License-Identifier: Apache-2.0
// The compiler's intermediate form: a function is a graph of blocks, a block a
// list of instructions of which the last, and no other, goes elsewhere. Each
// instruction is also the value that it computes, and is computed once (SSA);
// where ways meet, a PHI chooses by the way that was taken.
//
// The body of a block is emitted in order; phis come first. An instruction
// that ends a block has its successors in the block: what goes well first.
//
// Holds between any two passes: next of one block and prev of the other name
// each other; a phi has as many arguments as its block predecessors, and in
// their order; what defines a value dominates all its uses. Literals and
// parameters lie in no block, so they dominate everything.
//
// Passes keep their notes in the fields here rather than in tables beside them.
// Such a field is good only while its pass runs, or until a pass changes the
// graph: order, dominator and live are to be found anew then.
#ifndef MERLE_IR_H
#define MERLE_IR_H

#include "arena.h"
#include "atom.h"
#include "term.h"

typedef struct Inst Inst;
typedef struct Block Block;
typedef struct Function Function;

// What instructions there are. "ends" marks those that end a block.
typedef enum {
    IR_NOP,     // removed
    IR_LITERAL, // term; lies in no block
    IR_PARAM,   // parameter number index; lies in no block
    IR_PHI,     // one argument for each predecessor
    IR_COPY,    // args[0] in another register

    IR_BIF,     // erlang:term(args); ends, with a way for failure, in guards
    IR_FLOAT,   // steps on args, numbers, in float registers; index steps
    IR_CALL,    // function(args) of this module
    IR_CALL_EXT, // term:term2(args)
    IR_CALL_FUN, // args[0](args[1..])
    IR_APPLY,   // args[0]:args[1](args[2..])
    IR_MAKE_FUN, // of function with environment args
    IR_TUPLE,
    IR_CONS,
    IR_MAP,     // args[0] updated by pairs args[1..]; index: 1 exact, 0 assoc;
                // exact ends with a way for failure in guards
    IR_BIN,     // bs_create_bin of segments; ends in guards
    IR_INIT_WRITABLE, // args[0] bytes, a binary to append to
    IR_HEAD,
    IR_TAIL,
    IR_ELEMENT, // index from 0 of tuple args[0]

    IR_MAP_GET, // ends: value of key args[1] in map args[0], or fails
    IR_BS_START, // ends: match context of args[0], or fails
    IR_BS_GET,  // ends: next segment of context args[0] [size args[1]]
    IR_BS_SKIP, // ends: the same without a value
    IR_BS_STRING, // ends: the bits of a string come next; term a binary
    IR_BS_AT_END, // ends: no bits are left
    IR_BS_UNIT, // ends: the bits left are a multiple of index
    IR_BS_REST, // the bits left as a bitstring
    IR_BS_POSITION,
    IR_BS_SET_POSITION, // context, position

    IR_TRY,     // ends: body, handler; the value is the tag
    IR_TRY_END, // args[0] the tag
    IR_TRY_CASE, // first in a handler: args[0] the tag; value: the class
    IR_EXTRACT, // after TRY_CASE: 1 the reason, 2 the raw trace
    IR_CATCH,   // ends: body, handler; the value is the tag
    IR_CATCH_END, // args[0] the tag, args[1] the value
    IR_CATCH_LAND, // first in the handler of a CATCH
    IR_BUILD_TRACE, // the stack trace of raw trace args[0]
    IR_RAW_RAISE, // ends: class, reason, raw trace

    IR_RECV,    // ends: the next message, or none
    IR_RECV_TAKE, // removes the message from the queue
    IR_RECV_NEXT, // ends: jump back to RECV, the message stays
    IR_WAIT,    // ends: jump back to RECV when a message has come
    IR_WAIT_TIMEOUT, // ends: back to RECV, or time is over; args[0] the time
    IR_TIMEOUT, // the queue is looked at from its start again
    IR_RECV_MARKER_RESERVE, IR_RECV_MARKER_BIND, // reserve; marker, reference
    IR_RECV_MARKER_USE, // reference

    IR_JUMP,    // ends
    IR_RETURN,  // ends: args[0]
    IR_TEST,    // ends: test term(args): true, false
    IR_SWITCH,  // ends: args[0] against cases; last successor: none of them
    IR_SWITCH_ARITY, // the same on the size of a tuple
    IR_BADMATCH, IR_CASE_CLAUSE, IR_TRY_CLAUSE, IR_BADRECORD, // end: args[0]
    IR_IF_CLAUSE, // ends
    IR_FUNCTION_CLAUSE, // ends: to the function's head, arguments in place
    IR_UNREACHABLE, // ends
} IrOp;

// What is known of a value: the union of these.
enum {
    TYPE_TRUE = 1, TYPE_FALSE = 2, TYPE_ATOM_OTHER = 4,
    TYPE_BOOL = 3, TYPE_ATOM = 7,
    TYPE_INTEGER = 8, TYPE_FLOAT = 16, TYPE_NUMBER = 24,
    TYPE_NIL = 32, TYPE_CONS = 64, TYPE_LIST = 96,
    TYPE_TUPLE = 128, TYPE_MAP = 256, TYPE_FUN = 512, TYPE_PID = 1024,
    TYPE_PORT = 2048, TYPE_REF = 4096, TYPE_BINARY = 8192, TYPE_BITS = 16384,
    TYPE_BITSTRING = TYPE_BINARY | TYPE_BITS,
    TYPE_ANY = 32767,
    TYPE_ARITY_SHIFT = 16 // of a tuple: size + 1 above, when it is known
};

typedef enum { SEG_INTEGER, SEG_FLOAT, SEG_BINARY, SEG_UTF8, SEG_UTF16,
               SEG_UTF32, SEG_STRING } SegType;

// The bits that the flag operands of bs_get instructions have, as they stand in
// the file.
enum { SEG_LITTLE = 2, SEG_SIGNED = 4, SEG_NATIVE = 16 };

// How a segment of a binary is read or written.
typedef struct {
    uint8_t type;  // SegType
    uint8_t flags; // SEG_LITTLE ...
    uint16_t unit; // bits that one of size stands for
    Inst *size;    // NULL: all that is left, or none in utf
    Term string;   // SEG_STRING: a binary
    uint32_t line; // where the segment is written
} Segment;

typedef enum { FLOAT_NONE, FLOAT_ADD, FLOAT_SUBTRACT, FLOAT_MULTIPLY,
               FLOAT_DIVIDE } FloatOp;

// One operation of an IR_FLOAT; the last gives its value.
enum { FLOAT_STEP = 256 };
typedef struct {
    uint8_t op;    // FloatOp
    uint16_t a, b; // below FLOAT_STEP an argument, else the result of a step
} FloatStep;

// Where in the source something stands.
typedef struct {
    uint32_t line; // 0: nowhere, so that stack traces tell no place
    uint32_t file; // index into the module's files
} Place;

enum { REG_NONE = -1, REG_Y = 0x4000 }; // Inst.reg: X number, or REG_Y + Y

enum {
    INST_GUARD = 1,   // ends its block: args, then the way of failure
    INST_NEEDS_Y = 2, // lives over a call
    INST_MARK = 4,    // for passes
    INST_TAG = 8,     // a catch tag
    INST_COMPILER = 16, // made by the compiler: no warning is due
    INST_SAFE = 32,   // cannot fail
    INST_RECEIVED = 64, // a copy of what was read of a message
    INST_RAW = 128,   // of a call of raise/3: its trace is raw
};

struct Inst {
    uint8_t op; // IrOp
    uint8_t flags;  // INST_GUARD ...
    uint16_t nargs; // an arity is at most 255, but a tuple may be long
    uint32_t id;    // number within the function, from 1; also its order
    Inst *prev, *next; // within the block
    Block *block;   // NULL: lies in none
    Inst *forward;  // replaced by this one
    Inst **args;    // behind the instruction itself, unless it has grown
    Term term, term2; // a literal, or names: see IrOp
    union {
        Function *function; // of CALL, MAKE_FUN
        Segment *segments; // of BIN one each, of BS_GET one
        FloatStep *steps;  // of FLOAT; index of them
    };
    uint64_t type;     // fact: TYPE_..., and the size of a tuple
    uint16_t kinds;    // of types.c: what it can be, over the whole module
    uint16_t seen[2];  // what its first arguments were known to be, or 0
    uint32_t known_size; // of types.c: of a tuple, and one, or 0
    Term exact;        // of types.c: the one immediate it can be, or NONE
    Term tag;          // fact: first element of the tuple, or of the list
    struct Part *parts; // fact: parts that were read
    uint32_t index;    // a number that the op needs: see IrOp
    uint32_t uses;     // as an argument, when they were last counted
    Place place;       // for line instructions and warnings
    int32_t reg;   // REG_NONE, or its register
    int32_t hint;  // register it had best be in
    Inst *last_copy;   // of frame_place, live_split: its copy
    Inst *last_use;    // within the block that is walked
    struct Use *used;  // of live_compute: blocks that use it
    Block *last_live;  // of live_compute
    uint32_t stamp, place_in_set; // of LiveSet
};

struct Block {
    Inst *first, *last; // with phis
    Block **next;  // successors
    Block **prev;  // predecessors, in the order of the arguments of phis
    Term *cases;   // of a switch
    Block *handler; // where exceptions in this block go
    Block *into;   // of simplify.c: the block that it was merged into
    Inst **live;   // live at entry, without phis; see live.c
    size_t live_count, live_room; // of live
    uint32_t next_count, prev_count, prev_room; // of next and prev
    uint32_t id, order; // order: place in the function's order
    uint32_t label;  // 0: nothing has asked for one
    Block *dominator; // the nearest; the entry's is itself
    uint8_t mark;    // for passes, each of which clears it first
    bool is_reached;     // of types.c
    uint8_t place;       // of context.c: where a match has begun
    uint32_t live_mark; // of live_compute
    uint8_t framed;  // FRAME_...
    Block *root;     // block that makes the frame
    uint32_t frame_size; // of a root
    uint64_t *exit_known; // X registers that hold something at the end
    uint64_t *exit_unset; // Y registers that hold nothing yet at the end
    uint64_t *exit_empty; // those that were emptied
    Inst **copies;       // of a root: values that it copies into the frame
    size_t copy_count, copy_room; // of copies
    Block *next_in_root, *last_in_root; // list of the blocks of one frame
    Inst *reference;     // of receive_mark.c: that all its messages hold
    Block **region;      // of a handler: blocks whose exceptions come here
    size_t region_count, region_room; // of region
};

struct Function {
    Function *next;   // in order of code
    Term name;        // as stack traces have it: -f/1-fun-0- of a fun
    uint32_t arity;   // with the environment
    uint32_t free_count; // how many of these are the environment; they are last
    uint32_t index;   // among funs, when is_fun
    uint32_t label;   // of func_info; the entry is label + 1
    Place place;      // of its first clause, for func_info
    Inst **params;    // [arity] of IR_PARAM
    Block *entry;     // where calls begin
    Block **blocks;   // in order of emission, once ordered
    size_t block_count, block_room; // of blocks
    uint32_t inst_count; // ids given out
    uint32_t tag_depth; // how deep tries nest at most
    bool is_fun;      // made into funs, so has an entry in FunT
    bool is_exported;
    bool is_lifted;   // out of another: code has it behind the written ones
    bool is_on_load;
    bool is_nif;      // declared to be native
    bool is_reached;  // from outside; see reach.c
    uint16_t returns; // of types.c: as Inst.kinds and those behind it
    uint32_t returns_size; // of a tuple, as Inst.known_size
    Term returns_exact;    // as Inst.exact
    bool is_stale;    // of types.c: it is to be looked at again
    bool diverges; // it never returns; see diverge.c
    bool is_open; // being built: its environment is not yet known
    uint32_t fun_line;
    uint32_t size;    // instructions, roughly
    uint8_t *takes;   // parameters: 1 could be a match context, 2 are
    uint8_t *marks;   // of receive_mark.c, for parameters
};

// The value that stands for [i] now.
static inline Inst *ir_value(Inst *i)
{
    while (i->forward != NULL) i = i->forward;
    return i;
}

// Whether it is what a function fails with that may be replaced by one in C:
// so the function returns though its code does not.
static inline bool ir_is_nif_error(const Inst *i)
{
    return i->op == IR_CALL_EXT && term_same(i->term, ATOM_erlang)
           && term_same(i->term2, ATOM_nif_error);
}

static inline bool ir_is_literal(const Inst *i)
{
    return i->op == IR_LITERAL;
}

Block *ir_block_new(Arena *a, Function *f);
Inst *ir_inst_new(Arena *a, Function *f, IrOp op, size_t nargs);

// Puts [i] at the end of [b], or before [at].
void ir_append(Block *b, Inst *i);
void ir_insert_before(Inst *at, Inst *i);
void ir_insert_first(Block *b, Inst *i); // behind the phis
void ir_remove(Inst *i);

// Makes [to] a successor of [from].
void ir_link(Arena *a, Block *from, Block *to);

// Removes predecessor [n] of [b], with its arguments of phis.
void ir_remove_pred(Block *b, size_t n);

// Whether the value may be left out when nobody uses it.
bool ir_is_pure(const Inst *i);

// Whether [i] leaves nothing in X registers (a call, a receive).
bool ir_is_call(const Inst *i);

// Whether [i] leaves nothing but its result in X registers that outlives it: a
// call, or an instruction bound to x0.
bool ir_clobbers(const Inst *i);

// Whether [i] has a value that needs a register.
bool ir_has_value(const Inst *i);

#endif
