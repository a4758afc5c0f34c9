// SPDX-License-Identifier: Apache-2.0
// The intermediate form: making and linking blocks and instructions.
//
// Nothing here looks at what an instruction means but the predicates at the
// end; each of these has one switch, so a new op is told of here and the passes
// that ask need no change.
#include "ir.h"

#include "atom.h"

// Numbers are the order of making; simplify puts blocks into their order later.
// Zero says `nothing known' in all fields.
Block *ir_block_new(Arena *a, Function *f)
{
    Block *b = arena_zeroed(a, sizeof *b);
    if (f->block_count == f->block_room)
        f->blocks = arena_grow(a, f->blocks, f->block_count, &f->block_room,
                               sizeof *f->blocks);
    b->id = (uint32_t)f->block_count;
    f->blocks[f->block_count++] = b;
    return b;
}

// The arguments lie behind the instruction: most never grow, and one piece of
// memory is fewer misses than two. Fields that start from something else than
// zero are set here and by nobody else.
Inst *ir_inst_new(Arena *a, Function *f, IrOp op, size_t nargs)
{
    Inst *i = arena_zeroed(a, sizeof *i + nargs * sizeof(Inst *));
    // What zero does not say "nothing known" for is set here.
    i->op = (uint8_t)op;
    i->nargs = (uint16_t)nargs;
    i->args = (Inst **)(i + 1); // until it grows
    i->id = ++f->inst_count;
    i->type = TYPE_ANY;
    i->reg = i->hint = REG_NONE; // zero is x0
    return i;
}

// The last of a block may be appended to again only before it ends.
void ir_append(Block *b, Inst *i)
{
    i->block = b;
    i->prev = b->last;
    i->next = NULL;
    if (b->last != NULL) b->last->next = i;
    else b->first = i;
    b->last = i;
}

void ir_insert_before(Inst *at, Inst *i)
{
    i->block = at->block;
    i->prev = at->prev;
    i->next = at;
    if (at->prev != NULL) at->prev->next = i;
    else at->block->first = i;
    at->prev = i;
}

// For what has to hold from the start of a block: phis are no code, they are
// done on the way in.
void ir_insert_first(Block *b, Inst *i)
{
    Inst *at = b->first;
    while (at != NULL && at->op == IR_PHI) at = at->next;
    if (at != NULL) ir_insert_before(at, i);
    else ir_append(b, i);
}

// Uses of its value are not looked at: who removes it has replaced it, or
// nobody asks. It stays as it is otherwise, so forward may lead on.
void ir_remove(Inst *i)
{
    if (i->prev != NULL) i->prev->next = i->next;
    else i->block->first = i->next;
    if (i->next != NULL) i->next->prev = i->prev;
    else i->block->last = i->prev;
    // A walk over the block must have taken its next before.
    i->prev = i->next = NULL;
    i->block = NULL; // so that who still holds it sees that it is gone
}

void ir_link(Arena *a, Block *from, Block *to)
{
    // Room for two successors is taken at once; a switch brings its own. A test
    // whose ways lead to the same block is two links: phis see them apart.
    if (from->next == NULL) from->next = arena_alloc(a, 2 * sizeof(Block *));
    from->next[from->next_count++] = to;
    if (to->prev_count == to->prev_room) {
        size_t room;
        to->prev = arena_grow(a, to->prev, to->prev_count, &room,
                              sizeof *to->prev);
        to->prev_room = (uint32_t)room;
    }
    to->prev[to->prev_count++] = from;
}

// Linear in what the block has: phis are few, predecessors are removed seldom.
void ir_remove_pred(Block *b, size_t n)
{
    b->prev_count--;
    // The order of the others stays, as phis go by it.
    for (size_t i = n; i < b->prev_count; i++) b->prev[i] = b->prev[i + 1];
    for (Inst *p = b->first; p != NULL && p->op == IR_PHI; p = p->next) {
        p->nargs--;
        for (size_t i = n; i < p->nargs; i++) p->args[i] = p->args[i + 1];
    }
}

// What may be left out is less than what has no effect: failures are effects,
// too, and so is reading a message. What is not named here stays.
bool ir_is_pure(const Inst *i)
{
    switch (i->op) {
    case IR_LITERAL: case IR_PARAM: case IR_PHI: case IR_COPY:
    case IR_MAKE_FUN: case IR_TUPLE: case IR_CONS: case IR_HEAD: case IR_TAIL:
    case IR_ELEMENT: case IR_BS_POSITION:
    case IR_EXTRACT: case IR_BS_REST:
        return true;
    case IR_BIF: // _ = hd(L) must still raise when L is no list
        // In a guard the failure is a way that must stay.
        return i->flags & INST_SAFE && !(i->flags & INST_GUARD);
    case IR_MAP: // := raises when a key is missing
        return i->index == 0 && i->flags & INST_SAFE;
    default: // a call may do anything; BIN may be given what it cannot take
        return false;
    }
}

// Everything that must survive one lives in Y registers, so this decides where
// frames are.
bool ir_is_call(const Inst *i)
{
    switch (i->op) {
    case IR_CALL: case IR_CALL_EXT: case IR_CALL_FUN: case IR_APPLY:
    case IR_INIT_WRITABLE: case IR_RECV: case IR_WAIT: case IR_WAIT_TIMEOUT:
        return true; // a process that waits keeps no X registers
    default:
        return false;
    }
}

// These two take their operand in x0 and give their value there; the machine
// may use the others while it makes the trace.
bool ir_clobbers(const Inst *i)
{
    return ir_is_call(i) || i->op == IR_BUILD_TRACE || i->op == IR_CATCH_END;
}

// What is not named has none, so no register, and nobody may use it.
bool ir_has_value(const Inst *i)
{
    switch (i->op) {
    case IR_PARAM: case IR_PHI: case IR_COPY: case IR_BIF: case IR_FLOAT:
    case IR_CALL:
    case IR_CALL_EXT: case IR_CALL_FUN: case IR_APPLY: case IR_MAKE_FUN:
    case IR_TUPLE: case IR_CONS: case IR_MAP: case IR_BIN:
    case IR_INIT_WRITABLE: case IR_HEAD: case IR_TAIL: case IR_ELEMENT:
    case IR_MAP_GET: case IR_BS_START: case IR_BS_GET:
    case IR_BS_REST: case IR_BS_POSITION: case IR_TRY: case IR_TRY_CASE:
    case IR_EXTRACT: case IR_CATCH: case IR_CATCH_END: case IR_CATCH_LAND:
    case IR_BUILD_TRACE: case IR_RECV: case IR_RECV_MARKER_RESERVE:
        return true;
    default:
        return false;
    }
}
