// SPDX-License-Identifier: Apache-2.0
// Slow paths of the loop's instructions, as functions. They build on the
// process's heap, never collect, and fail as BIFs do: TERM_NONE or NULL, with
// the exception in the process. For the loop only.
#ifndef MERLE_LOOP_SLOW_H
#define MERLE_LOOP_SLOW_H

#include "code.h"
#include "instruction.h"

// In the order of ops.tab's operators: arith_table has the same.
typedef enum {
    ARITH_ADD,
    ARITH_SUB,
    ARITH_MUL,
    ARITH_DIV,
    ARITH_REM,
    ARITH_AND,
    ARITH_OR,
    ARITH_XOR,
    ARITH_SHIFT_LEFT,
    ARITH_SHIFT_RIGHT
} ArithOp;

typedef enum {
    COMPARE_LESS,
    COMPARE_NOT_LESS,
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_SAME,
    COMPARE_NOT_SAME
} Comparison;

// An instruction that takes its slow path. In memory: were these locals of the
// loop, the fast paths would keep their operands there too.
typedef struct {
    uint16_t op;   // Op of the instruction at p->pc
    uint16_t what; // ArithOp or Comparison
    Term a, b;     // its operands
    Term *into;    // an operator's destination
} SlowOperator;

// Does the operator. False: it failed and the reason is in the process.
bool slow_operate(Process *p, const SlowOperator *slow);

// Whether the comparison holds.
bool slow_compare(const Process *p, const SlowOperator *slow);

// low =< t and t =< high, of any terms.
bool slow_is_between(const Process *p, Term t, Term low, Term high);

// Whether [slow] adds or subtracts a small literal: OTP names no operator then,
// but in what was typed at the prompt.
bool slow_is_increment(const Process *p, const SlowOperator *slow);

// The function that is the operator: erlang:'+'/2 and so on.
const Export *slow_arith_export(Node *node, ArithOp op);

// Orders and equality of terms that are not both small.
bool slow_less(const Process *p, Term a, Term b);

// The code that calls fun x[arity] with [arity] arguments runs on at. NULL:
// badfun or badarity.
const CodeWord *slow_call_fun(Process *p, Term fun, unsigned arity, Term *x);

// Spreads the list [args] over the registers for a call of [fun], or of
// [module]:[function].
const CodeWord *slow_apply_fun(Process *p, Term fun, Term args, Term *x);
const CodeWord *slow_apply(Process *p, Term module, Term function, Term args,
                           Term *x);

// What failed when slow_apply_fun has: apply/2 if its list is none of arguments,
// NULL if the fun cannot be called with it.
const Export *slow_apply_culprit(const Process *p);

// The export of module:function/arity, whose names lie behind the arguments,
// kept in the instruction's [cache] too. NULL: bad module or function.
const Export *slow_apply_registers(Process *p, unsigned arity, Term *x,
                                   const CodeWord *cache);

// Turns the call of undefined [e] into one of the error handler, in the
// registers; NULL when there is none.
const CodeWord *slow_call_undefined(Process *p, const Export *e, Term *x);

// The map instructions; [items] are [count] items, key and value in turns.
// Reads what [items] ask of the map: pairs of key and destination. False when
// it is no map, or has not all of the keys.
bool slow_get_fields(Term map, unsigned count, const CodeWord *items, Term *x,
                     Term *y);

// Free words of the heap, of which nothing is taken yet.
typedef struct {
    Term *top;
    const Term *limit;
} SlowRoom;

// A copy at [room] of a flat map with values set of keys that are all there and
// immediates; the map itself when that changes nothing. TERM_NONE: it is
// another case, or there is not enough room.
Term slow_set_fields(Term map, unsigned count, const CodeWord *items,
                     const Term *registers[2], const SlowRoom *room);

Term slow_put_map(Process *p, Term map, unsigned count, const CodeWord *items,
                  const Term *registers[2]);
Term slow_update_map(Process *p, Term map, unsigned count,
                     const CodeWord *items, const Term *registers[2]);

// The value of [key] in [map], TERM_NONE without.
Term slow_map_get(Term map, Term key);

// A number as a double; false with badarith.
bool slow_to_double(Process *p, Term t, double *d);

// Whether [t] is a fun of [arity] arguments.
bool slow_is_function(Term t, Term arity);

// Bytes of code point [t] in UTF-8 and UTF-16; of anything else, those of the
// largest: putting it fails anyway.
Term slow_utf8_size(Term t);
Term slow_utf16_size(Term t);

// Milliseconds to wait; false with timeout_value. UINT64_MAX: for ever.
bool slow_timeout(Process *p, Term t, uint64_t *ms);

// A traced process takes the message at its save position, or has waited as
// long as it wanted.
void slow_received(Process *p);
void slow_timed_out(Process *p);

// Keeps the first [live] registers in the process, and brings them back.
void slow_save_registers(Process *p, const Term *x, unsigned live);
void slow_load_registers(Process *p, Term *x);

// What is wrong with a module, a function and a list of arguments in the
// registers; TERM_NONE: nothing.
Term slow_apply_fault(const Term *x);

#endif
