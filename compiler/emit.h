// SPDX-License-Identifier: Apache-2.0
// Emit: what the files that turn blocks into generic instructions share.
//
// The machine asks more of registers than that their values be right: when it
// may collect, X registers below the count that the instruction names and all Y
// registers of the frame must hold terms. So the emitter goes along with what
// each register holds, block by block, and puts something into those that hold
// nothing just before it matters. OTP's validator refuses code where it does
// not, and a collector that finds garbage there crashes.
#ifndef MERLE_EMIT_H
#define MERLE_EMIT_H

#include "assemble.h"
#include "backend.h"

enum { X_WORDS = 16 }; // 1024 X registers, as many as the machine has

typedef struct {
    uint64_t bits[X_WORDS]; // x0 is the lowest of the first
} XMask;

typedef struct {
    Assembler *a;      // takes the instructions
    Function *f;       // that is emitted
    Block *block;      // of it
    Block *following;  // the block that comes next in the code
    XMask live;        // X registers in use before the instruction
    XMask known;       // X registers that hold some term
    // Sets of Y registers: that hold nothing yet; that were emptied; that hold
    // what nobody needs any more.
    uint64_t *unset, *empty, *stale;
    size_t unset_words; // of each set
    uint32_t heap_left; // terms to come for which room is reserved
    uint32_t stamp;     // of values whose last_use is in this block
} Emitter;

// The argument for a value or literal.
Arg emit_source(Emitter *e, const Inst *v);
Arg emit_register(Emitter *e, int32_t reg);
Arg emit_label(Emitter *e, Block *b);

// Where [i] goes when it fails: a guard's other block, or label 0, which has
// the machine raise.
Arg emit_fail(Emitter *e, const Inst *i);

// Notes that [reg] is written.
void emit_written(Emitter *e, int32_t reg);

// One move, unless the value is there already.
void emit_move(Emitter *e, Arg from, int32_t to);

// Copies all of [from] to [to] at once.
void emit_moves(Emitter *e, size_t n, Inst *const *from, const int32_t *to);

// IR_COPY [i], together with those behind it that save values in the frame.
void emit_copies(Emitter *e, Inst *i);

// Live X registers before an instruction that may collect; fills holes.
uint32_t emit_live(Emitter *e);

// Behind it only the first [live] X registers are good.
void emit_collected(Emitter *e, uint32_t live);

// Has all Y registers hold something: before what may collect or raise.
void emit_safe(Emitter *e);

// Before a call whose arguments are in place: what the frame holds and nobody
// needs must not stay alive during the call, so emit_safe will empty it.
void emit_forget(Emitter *e);

// Names the place of [i] for stack traces, unless the unit wants none.
void emit_line(Emitter *e, const Inst *i);

// The instruction that ends a block or any other; see emit_op.c.
void emit_inst(Emitter *e, Inst *i);
void emit_test(Emitter *e, Inst *i);
void emit_bits(Emitter *e, Inst *i);
void emit_call(Emitter *e, Inst *i);
void emit_end(Emitter *e, Inst *i);

// Goes on at [to]: nothing when that comes next.
void emit_goto(Emitter *e, Block *to);

// Frame of the block, or -1.
int emit_frame(const Emitter *e);

#endif
