// SPDX-License-Identifier: Apache-2.0
// Builder: makes the blocks of one function from its abstract form. It stands
// at the end of a block [cur], to which all that is built is appended; after a
// jump it stands in a block that nothing leads to.
//
// Facts: what is known of a value where the builder stands (its type, the
// place of a match context) is kept in the value itself and undone, by the
// trail, when the builder goes back to where it was not yet known. Bindings
// of variables are kept in the same way.
//
// So whoever builds two ways takes a mark before the first, builds it, undoes
// to the mark and builds the other. What a way leaves behind in values must not
// be looked at on the other: a type narrowed by a test would be believed where
// the test has failed.
#ifndef MERLE_BUILDER_H
#define MERLE_BUILDER_H

#include "unit.h"

typedef struct {
    Term name;   // an atom
    Inst *value; // bound to, NULL when it is not
    Inst *free;  // the parameter that brings it from around the fun
} Variable;

typedef struct {
    void *place;   // a word that was changed
    uint64_t word; // what it was
    Variable *variable; // when it is a binding
} Change;

// Counts the functions that are made of parts of one function.
typedef struct {
    Term name;       // of the function as it is written
    uint32_t arity;  // of it
    uint32_t count;  // of funs, comprehensions and the like
    uint32_t lifted; // of those but funs
    Table numbers;   // form -> its numbers (lifted.c)
} Origin;

typedef struct Builder Builder;
// Operands side by side do not see what the others bind. Those of one value that
// are built by now: what lies in the trail from [from] up to [to].
typedef struct Siblings Siblings;
struct Siblings {
    const Siblings *around; // those of the value that this one is an operand of
    size_t from, to;
};

struct Builder {
    Unit *u;           // the module
    const Siblings *siblings; // of what is built; NULL: none
    Function *f;       // the one that is built
    Builder *parent;   // of the function around this fun
    Origin *origin;    // shared with all funs in the function
    Block *cur;        // never NULL: what nothing leads to is dropped later
    Block *handler;    // where exceptions go; NULL: to the caller
    Block *fail;       // in guards: where to go when it fails; else NULL
    Place place;       // given to what is built next
    uint32_t tag_depth; // tries and catches around, so the number of the next
    uint32_t depth;    // of nested expressions
    Table index;       // variable's name -> its Variable
    Variable *vars;    // the piece that new ones are taken from
    size_t var_count, var_room; // of vars
    Change *trail;     // what to undo, oldest first
    size_t trail_count, trail_room; // of trail
    Inst **frees;      // parameters for variables of the function around
    Term *free_names;  // their names
    size_t free_count, free_room; // of frees and free_names
    Term self_name;    // of a named fun, else TERM_NONE
    uint32_t self_arity; // without the environment
    Inst **self_uses;  // that wait for the fun's environment
    size_t self_count, self_room; // of self_uses
};

void builder_init(Builder *b, Unit *u, Builder *parent, Function *f);

// ---- blocks ----

Block *build_block(Builder *b);

// Goes on at the end of [block].
void build_at(Builder *b, Block *block);

// Goes on at [block], where what is known since [mark] does not hold; answers
// where the builder stood.
Block *build_aside(Builder *b, size_t mark, Block *block);

// Ends the current block with a jump to [to].
void build_jump(Builder *b, Block *to);

// ---- values ----

Inst *build_literal(Builder *b, Term t);
Inst *build_nil(Builder *b);

// An instruction with [n] arguments, appended to the current block.
Inst *build_inst(Builder *b, IrOp op, size_t n, Inst *const *args);

// An instruction that ends the block; the builder goes on where it succeeds.
// [fail] is where it leads otherwise.
Inst *build_ending(Builder *b, IrOp op, size_t n, Inst *const *args,
                   Block *fail);

// An instruction that ends the block and leads nowhere.
void build_last(Builder *b, IrOp op, size_t n, Inst *const *args);

// The value of erlang:name(args), for names that have an instruction; folded
// when it can be. In a guard, failure leads to b->fail.
Inst *build_bif(Builder *b, Term name, size_t n, Inst *const *args);
Inst *build_cons(Builder *b, Inst *head, Inst *tail);
Inst *build_tuple(Builder *b, size_t n, Inst *const *elements);

// Element [i] (from 0) of a tuple, head or tail of a cell; read once.
Inst *build_element(Builder *b, Inst *tuple, uint32_t i);
Inst *build_part(Builder *b, IrOp op, Inst *cell);

// A call of erlang:name(args) that never returns.
void build_raise(Builder *b, Term name, size_t n, Inst *const *args);

// Tests name(args): goes on where it is [sense]; [other] else.
void build_test(Builder *b, Term name, size_t n, Inst *const *args, bool sense,
                Block *other);

// Has it known that [first] is [term]; if it is the first part of a tuple or
// list, that is a fact of this one.
void build_know_tag(Builder *b, Inst *first, Term term);

// A phi of the values that come from [n] predecessors of the current block.
Inst *build_phi(Builder *b, size_t n, Inst *const *values);

bool build_is_guard_bif(Term name, size_t arity); // has an instruction
bool build_bif_is_boolean(Term name, size_t arity);

// Type of the result of a BIF.
uint64_t build_bif_type(Term name, size_t arity);

// The type of a literal.
uint64_t build_term_type(Term t);

// ---- facts and variables ----

// Where the trail stands, and a way back there: facts and bindings that came
// since are gone. Blocks and instructions stay.
size_t build_mark(const Builder *b);
void build_undo(Builder *b, size_t mark);
void build_set(Builder *b, void *place, uint64_t word); // word changed, trailed

// Narrows the type of [v] to [type].
void build_narrow(Builder *b, Inst *v, uint64_t type);

// Around a fun or the like that is built as an operand: a pattern in it may use
// a name that an operand beside it binds, too, and means a variable of its own.
void build_hide_siblings(Builder *b);
void build_show_siblings(Builder *b);

// What a variable is bound to, NULL when it is not.
Inst *build_lookup(Builder *b, Term name);
void build_bind(Builder *b, Term name, Inst *value);

// ---- expressions (expression.c and the files beside it) ----

Inst *build_expr(Builder *b, Term e);
Inst *build_body(Builder *b, Term exprs);

// The values of a list of expressions, in order, in the arena.
Inst **build_exprs(Builder *b, Term list, size_t *n);

// Guards. [guard] is a list of lists; the builder goes on where it holds.
void build_guard(Builder *b, Term guard, Block *fail);

// Goes on where boolean expression [e] is [sense], jumps to [other] where it
// is not; outside of guards only for what build_is_condition says.
void build_condition(Builder *b, Term e, bool sense, Block *other);

// The value of condition [e], true or false.
Inst *build_condition_value(Builder *b, Term e);

bool build_is_condition(Builder *b, Term e);

// Goes on where [v] is a tuple of [size] elements that begins with [tag].
void build_record_test(Builder *b, Inst *v, Term tag, intptr_t size, Block *no);

// andalso and orelse as values; their second operand may be anything.
Inst *build_logic(Builder *b, Term e);

// Whether [e] is a guard test, as erl_lint has it.
bool build_is_guard_test(Builder *b, Term e);

// Whether guard expression [e] cannot fail.
bool form_is_safe(Builder *b, Term e);

// Whether a call of name/arity means a function of the module or an import,
// not one of erlang.
bool build_is_local(Builder *b, Term name, size_t arity);

// Raises {badarg, value} and the like: erlang:error({[reason], [value]}).
void build_error(Builder *b, Term reason, Inst *value);

// Value of an expression within a guard.
Inst *build_guard_expr(Builder *b, Term e);

// Value of an expression that may stand in a guard or outside, as the builder
// does: in a guard nothing may raise, so failure leads to b->fail.
Inst *build_value(Builder *b, Term e);

Inst *build_case(Builder *b, Term e);
Inst *build_if(Builder *b, Term e);
Inst *build_match(Builder *b, Term e);
Inst *build_maybe(Builder *b, Term e);
Inst *build_try(Builder *b, Term e);
Inst *build_catch(Builder *b, Term e);
Inst *build_receive(Builder *b, Term e);
Inst *build_fun(Builder *b, Term e);
Inst *build_comprehension(Builder *b, Term e);
void build_comprehension_effect(Builder *b, Term e); // its value is unused
Inst *build_binary(Builder *b, Term e);

// What form [e], a binary, gives, appended to [front].
Inst *build_binary_onto(Builder *b, Inst *front, Term e);
Inst *build_map(Builder *b, Term e);
Inst *build_record(Builder *b, Term e);
Inst *build_call(Builder *b, Term e);
// The guard BIF that the function maps:name/n is, TERM_NONE when it is none.
Term build_map_bif(Term name, size_t n);
Inst *build_call_ext(Builder *b, Term module, Term name, size_t n, Inst **args);

// ---- names (lifted.c) ----

// Numbers the funs and loops in [clauses], of the function [origin].
void lifted_count(Unit *u, Origin *origin, Term clauses);

// The name of the function that is made of fun [e], of named fun [e], of a
// loop made for form [q].
Term lifted_fun_name(Builder *b, Term e);
Term lifted_self_name(Builder *b, Term e, size_t arity);
Term lifted_loop_name(Builder *b, Term q, const char *kind, size_t arity);

// ---- inlining (inline.c) ----

// The value of calling the literal fun [f] where it stands; NULL when that
// takes a fun.
Inst *inline_fun(Builder *b, Term f, Term args);

// The form of a loop in place of [call], of lists:[name] with a literal fun, or
// TERM_NONE when options do not ask for it.
Term inline_lists_call(Unit *u, Term call, Term name);

bool inline_is_wanted(Builder *b, Definition *d);
Inst *inline_call(Builder *b, Definition *d, size_t n, Inst **args);

// ---- functions (lambda.c) ----

// A function made of part of another; it is not yet in the unit.
Function *build_lifted(Builder *b, Term name, size_t arity);
Inst *build_param(Builder *b, uint64_t type);

// Gives [b]'s function its parameters: [params] and its environment, and puts
// it into the unit.
void build_finish(Builder *b, size_t n, Inst **params);

// A call of the function being built, or a fun of it; its environment is added
// by build_finish.
Inst *build_self(Builder *b, IrOp op, size_t n, Inst *const *args);

// The end of a function none of whose clauses matched, in block [fail]; close
// it when the parameters are known.
void build_function_clause(Builder *b, Block *fail);
void build_close_head(Builder *b, Block *fail);

// A fun of [clauses], made for part of [form] and named by [kind].
Inst *build_closure(Builder *b, Term form, Term clauses, const char *kind);

// Whether the expressions of an after become a function.
bool build_after_is_large(Term after);

// The stack trace of a handler, when its body asks for it.
Inst *build_bind_trace(Builder *b, Term e);

// fun M:F/A of three values.
Inst *build_make_export(Builder *b, Inst *const *args);

void unit_add_function(Unit *u, Function *f);

// Makes [f] from [clauses]; the parameters and blocks are filled in.
void build_function(Unit *u, Builder *parent, Function *f, Term clauses,
                    Origin *origin, Term self_name);

// Element [i] (from 1) of an abstract form.
static inline Term form_get(Term form, size_t i)
{
    return term_tuple_get(form, i - 1);
}

// The atom that says what a form is; nil when it is no form.
static inline Term form_tag(Term form)
{
    if (!term_is_tuple(form) || term_arity(form) < 1) return TERM_NIL;
    return term_tuple_get(form, 0);
}

static inline bool form_is(Term form, Term tag)
{
    return term_same(form_tag(form), tag);
}

static inline bool form_is_generator(Term q)
{
    switch (form_tag(q).bits) {
    case ATOM_BITS_generate: case ATOM_BITS_b_generate:
    case ATOM_BITS_m_generate: case ATOM_BITS_generate_strict:
    case ATOM_BITS_b_generate_strict: case ATOM_BITS_m_generate_strict:
    case ATOM_BITS_zip:
        return true;
    default: return false;
    }
}

// Sets the place for what is built next.
void build_place(Builder *b, Term anno);

// The value of a constant expression of literals and operators on them;
// TERM_NONE when it is no constant.
Term form_constant(Unit *u, Term e);

#endif
