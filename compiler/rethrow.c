// SPDX-License-Identifier: Apache-2.0
// Rethrow: a stack trace that a handler only raises again is not made. The raw
// one goes on, as with OTP's compiler (a trace that has been through a list
// shows a little more than one that has not).
//
//   try f() catch C:R:S -> cleanup(), erlang:raise(C, R, S) end
//
// Needed are all traces that anything else names: printed, matched, returned.
//
// The raw trace is a term of the machine's that no program may see. So it is
// only let through where its one user is raise/3 with a class that is good for
// certain, and that becomes an instruction, whose failure would tell badarg
// otherwise.
#include "atom.h"
#include "backend.h"

enum { TRACE_ARG = 2 }; // of erlang:raise/3

static bool is_raise(const Inst *i)
{
    return i->op == IR_CALL_EXT && i->nargs == 3
           && term_same(i->term, ATOM_erlang)
           && term_same(i->term2, ATOM_raise);
}

// raise/3 answers badarg for what is no class; that must have been looked at.
static bool is_class(const Inst *i)
{
    // What a handler got is a class; a variable of the program may be anything.
    if (!ir_is_literal(i)) return i->op == IR_TRY_CASE;
    return term_same(i->term, ATOM_error) || term_same(i->term, ATOM_exit)
           || term_same(i->term, ATOM_throw);
}

// Marks the traces that are used in another way; false when there is none.
static bool mark_needed(const Function *f)
{
    bool any = false;
    for (size_t b = 0; b < f->block_count; b++)
        for (const Inst *i = f->blocks[b]->first; i != NULL; i = i->next) {
            any |= i->op == IR_BUILD_TRACE;
            for (size_t k = 0; k < i->nargs; k++) {
                Inst *v = ir_value(i->args[k]);
                bool again = k == TRACE_ARG && is_raise(i)
                             && is_class(ir_value(i->args[0]));
                if (v->op == IR_BUILD_TRACE && !again) v->flags |= INST_MARK;
            }
        }
    return any;
}

static bool is_needless(const Inst *i)
{
    return i->op == IR_BUILD_TRACE && !(i->flags & INST_MARK);
}

// Of the call only its place and arguments are left.
static void raise_raw(Function *f)
{
    for (size_t b = 0; b < f->block_count; b++)
        for (Inst *i = f->blocks[b]->first; i != NULL; i = i->next) {
            if (!is_raise(i)) continue;
            Inst *trace = ir_value(i->args[TRACE_ARG]);
            if (!is_needless(trace)) continue;
            i->args[TRACE_ARG] = ir_value(trace->args[0]);
            // What is emitted for it then is raw_raise, not a call.
            i->flags |= INST_RAW;
        }
}

void rethrow_function(Function *f)
{
    if (!mark_needed(f)) return;
    raise_raw(f);
    for (size_t b = 0; b < f->block_count; b++)
        for (Inst *i = f->blocks[b]->first, *next; i != NULL; i = next) {
            next = i->next;
            if (is_needless(i)) ir_remove(i);
            else if (i->op == IR_BUILD_TRACE) i->flags &= (uint8_t)~INST_MARK;
        }
}
