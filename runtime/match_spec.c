// SPDX-License-Identifier: Apache-2.0
// Match specifications: the compiler.
//
// One pass: each part of a clause is compiled as it is met, heads to
// instructions that take terms apart, expressions to postfix. Errors are texts,
// which must be OTP's to the letter, since ets:test_ms shows them.
#include "match_spec.h"

#include <stdio.h>
#include <stdlib.h>

#include "buffer.h"
#include "copy.h"
#include "map.h"
#include "match_action.h"
#include "match_function.h"
#include "match_op.h"
#include "memory.h"
#include "node.h"
#include "print.h"
#include "term_stack.h"

// As deep as OTP goes; where its texts are cut.
enum { NESTING_MOST = 1000, ERROR_MOST = 99 };

// One specification on its way.
typedef struct {
    MatchSpec *ms; // what is made
    Node *node;
    uint64_t *numbers;  // of the clause's variables, in the order of binding
    size_t count, room; // of numbers: slots of this clause so far
    unsigned depth;     // of nesting
    bool in_body;       // else in guards: some actions are not allowed there
    char *error;        // MATCH_ERROR_ROOM bytes, or NULL
} Compiler;

static const char too_deep[] = "Excessive nesting; system limit reached near: ";

bool match_error_is_limit(const char *error)
{
    return strncmp(error, too_deep, sizeof too_deep - 1) == 0;
}

// The first error is the one that is told.
static bool fail(Compiler *c, const char *text)
{
    if (c->error != NULL && c->error[0] == 0)
        snprintf(c->error, MATCH_ERROR_ROOM, "%s", text);
    return false;
}

// [before] term [behind], cut where OTP cuts.
static bool fail_term(Compiler *c, const char *before, Term t,
                      const char *behind)
{
    Buffer b;
    PrintOptions options;
    if (c->error == NULL || c->error[0] != 0) return false;
    buffer_init(&b);
    print_options_init(&options);
    buffer_add(&b, before, strlen(before));
    // On one line, as long as it gets.
    options.line_length = 0;
    options.max_line = PRINT_NO_LIMIT;
    print_pretty(c->node, &b, t, &options);
    buffer_add(&b, behind, strlen(behind));
    // Cut where OTP cuts it.
    size_t size = b.size < ERROR_MOST ? b.size : ERROR_MOST;
    memcpy(c->error, b.bytes, size);
    c->error[size] = 0;
    buffer_free(&b);
    return false;
}

// "Special form 'name' <why> in term."
static bool fail_form(Compiler *c, Term t, const char *why)
{
    char text[MATCH_ERROR_ROOM];
    // Of the form itself, or a name alone.
    Term name = term_is_tuple(t) ? term_tuple_get(t, 0) : t;
    snprintf(text, sizeof text, "Special form '%.40s' %s",
             atom_text(c->node->atoms, name)->bytes, why);
    return term_is_tuple(t) ? fail_term(c, text, t, ".") : fail(c, text);
}

// ---- emitting ----

// Good until the next one is emitted.
static MatchOp *emit(Compiler *c, MatchOpCode code, size_t n)
{
    MatchSpec *ms = c->ms;
    if (ms->op_count == ms->op_room)
        ms->ops = memory_grow(ms->ops, &ms->op_room, 32, sizeof *ms->ops);
    MatchOp *op = &ms->ops[ms->op_count++];
    *op = (MatchOp){.code = (uint8_t)code, .n = (uint32_t)n};
    return op;
}

static void emit_term(Compiler *c, MatchOpCode code, Term t)
{
    emit(c, code, 0)->term = t;
}

// ---- variables ----

bool match_spec_variable(const Node *node, Term t, uint64_t *n)
{
    if (!term_is_atom(t)) return false;
    const AtomText *text = atom_text(node->atoms, t);
    // $ and up to nine digits.
    if (text->size < 2 || text->size > 10 || text->bytes[0] != '$')
        return false;
    *n = 0;
    for (size_t i = 1; i < text->size; i++) {
        char digit = text->bytes[i];
        if (digit < '0' || digit > '9') return false;
        *n = *n * 10 + (uint64_t)(digit - '0');
    }
    return true;
}

// The slot of variable [number], or the number of slots. Linear: a clause has
// few.
static size_t find_slot(const Compiler *c, uint64_t number)
{
    size_t i = 0;
    while (i < c->count && c->numbers[i] != number) i++;
    return i;
}

// Slots are given in the order of binding.
static size_t add_slot(Compiler *c, uint64_t number)
{
    if (c->count == c->room)
        c->numbers = memory_grow(c->numbers, &c->room, 16,
                                 sizeof *c->numbers);
    c->numbers[c->count] = number;
    return c->count++;
}

// ---- heads ----

static bool is_any(Term t)
{
    return term_same(t, ATOM_underscore);
}

// Whether [t] holds no variable, so that it matches what is equal to it. Maps
// match what has more keys, so they are none.
static bool is_ground(const Compiler *c, Term t)
{
    // Without recursion: a head may hold a large constant.
    TermStack stack;
    uint64_t n;
    bool ground = true;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (ground && !term_stack_is_empty(&stack)) {
        t = term_stack_pop(&stack);
        // Tails are followed here, so that long lists do not fill the stack.
        for (; term_is_cons(t); t = term_tail(t))
            term_stack_push(&stack, term_head(t));
        if (term_is_tuple(t))
            for (size_t i = 0; i < term_arity(t); i++)
                term_stack_push(&stack, term_tuple_get(t, i));
        ground = !is_any(t) && !match_spec_variable(c->node, t, &n)
                 && !term_is_map(t);
    }
    term_stack_free(&stack);
    return ground;
}

static bool compile_pattern(Compiler *c, Term t);

// The head is read from left to right: the first place binds.
static void compile_variable(Compiler *c, uint64_t number)
{
    size_t slot = find_slot(c, number);
    if (slot < c->count) { // the second time: must be equal
        emit(c, MATCH_BOUND, slot);
    } else {
        emit(c, MATCH_BIND, add_slot(c, number));
    }
}

// What [t] ends with that has no variables: all of it, or a part, or not even
// its end.
static Term ground_end(const Compiler *c, Term t)
{
    Term from = t;
    for (; term_is_cons(t); t = term_tail(t))
        if (!is_ground(c, term_head(t))) from = term_tail(t);
    return is_ground(c, t) ? from : t;
}

// Ends at the first tail without variables: compared at once.
static bool compile_list_pattern(Compiler *c, Term t)
{
    Term end = ground_end(c, t);
    for (; !term_same(t, end); t = term_tail(t)) {
        emit(c, MATCH_CONS, 0);
        if (!compile_pattern(c, term_head(t))) return false;
    }
    return compile_pattern(c, t);
}

// Keys are constants: they are looked up.
static bool compile_map_pattern(Compiler *c, Term t)
{
    MapIterator it;
    Term key, value;
    emit(c, MATCH_MAP, 0);
    map_iterate(&it, t);
    while (map_next(&it, &key, &value)) {
        uint64_t n;
        if (match_spec_variable(c->node, key, &n))
            // OTP's words; keys must be known to look them up.
            return fail(c, "Variable found in map key.");
        if (is_any(key)) return fail(c, "Underscore found in map key.");
        emit_term(c, MATCH_KEY, key);
        if (!compile_pattern(c, value)) return false;
    }
    emit(c, MATCH_SKIP, 0); // the map itself
    return true;
}

static bool compile_pattern_inside(Compiler *c, Term t)
{
    uint64_t n;
    if (is_any(t)) {
        emit(c, MATCH_SKIP, 0);
    } else if (match_spec_variable(c->node, t, &n)) {
        compile_variable(c, n);
    } else if (is_ground(c, t)) {
        // Constants are compared whole, which is faster than in parts.
        // Immediates are equal when their words are.
        emit_term(c, term_is_immediate(t) ? MATCH_SAME : MATCH_EQUAL, t);
    } else if (term_is_cons(t)) {
        return compile_list_pattern(c, t);
    } else if (term_is_map(t)) {
        return compile_map_pattern(c, t);
    } else {
        // Elements follow in their order: the instruction pushes them.
        emit(c, MATCH_TUPLE, term_arity(t));
        for (size_t i = 0; i < term_arity(t); i++)
            if (!compile_pattern(c, term_tuple_get(t, i))) return false;
    }
    return true;
}

static bool compile_pattern(Compiler *c, Term t)
{
    if (c->depth == NESTING_MOST)
        return fail_term(c, too_deep, t, "");
    c->depth++;
    bool good = compile_pattern_inside(c, t);
    c->depth--;
    return good;
}

static bool compile_head(Compiler *c, Term head)
{
    uint64_t n;
    // A trace head is a list of arguments, or a variable for all.
    bool good = is_any(head) || match_spec_variable(c->node, head, &n)
                || c->ms->kind == MATCH_TABLE || term_is_list(head);
    if (!good) return fail(c, "Match head is invalid in this context.");
    return compile_pattern(c, head);
}

// ---- expressions ----

static bool compile_expression(Compiler *c, Term t);

// Compiles elements [from] to the last of tuple [t].
static bool compile_elements(Compiler *c, Term t, size_t from)
{
    for (size_t i = from; i < term_arity(t); i++)
        if (!compile_expression(c, term_tuple_get(t, i))) return false;
    return true;
}

// and, or: all arguments are booleans, and are all evaluated.
static bool compile_logic(Compiler *c, Term t, MatchOpCode code)
{
    if (term_arity(t) < 2)
        return fail_form(c, t, "called without arguments in ");
    // Arguments first, then the operation: postfix.
    if (!compile_elements(c, t, 1)) return false;
    emit(c, code, term_arity(t) - 1);
    return true;
}

// andalso, orelse: the first that decides ends it.
static bool compile_short_logic(Compiler *c, Term t, MatchOpCode code)
{
    size_t last = term_arity(t) - 1;
    if (last == 0)
        return fail_form(c, t, "called without arguments in ");
    // The jumps are chained through their places until the end is known.
    size_t chain = SIZE_MAX;
    for (size_t i = 1; i <= last; i++) {
        if (!compile_expression(c, term_tuple_get(t, i))) return false;
        // The last one's value is the value of all.
        if (i == last) break;
        emit(c, code, chain); // for now: the jump before it
        chain = c->ms->op_count - 1;
    }
    // UINT32_MAX: SIZE_MAX cut to the op's field.
    while (chain != SIZE_MAX && chain != UINT32_MAX) {
        size_t next = c->ms->ops[chain].n;
        c->ms->ops[chain].n = (uint32_t)c->ms->op_count;
        chain = next;
    }
    return true;
}

// An action of trace specifications, with as many arguments as it takes.
static bool compile_action(Compiler *c, Term t, Term name, unsigned arity)
{
    const MatchActionInfo *info = match_action_find(name);
    if (info == NULL) {
        char text[MATCH_ERROR_ROOM];
        // Written as OTP has it: Function name/1 does_not_exist.
        snprintf(text, sizeof text, "/%u does_not_exist.", arity);
        return fail_term(c, "Function ", name, text);
    }
    // The order of these questions decides which text comes.
    if (c->ms->kind != MATCH_TRACE)
        return fail_form(c, name, "used in wrong dialect.");
    if (!c->in_body && !info->in_guards)
        return fail_form(c, name, "called in guard context.");
    if (arity < info->least || arity > info->most)
        return fail_form(c, t, info->most == 0
                                   ? "called with arguments in "
                                   : "called with wrong number of arguments "
                                     "in ");
    if (!compile_elements(c, t, 1)) return false;
    emit(c, MATCH_ACTION, arity)->action = info->action;
    return true;
}

// A function first: actions are few and have names of their own.
static bool compile_call(Compiler *c, Term t, Term name)
{
    unsigned arity = (unsigned)term_arity(t) - 1;
    BifFunction function = match_function_find(name, arity);
    if (function == NULL) return compile_action(c, t, name, arity);
    if (!compile_elements(c, t, 1)) return false;
    emit(c, MATCH_CALL, arity)->function = function;
    return true;
}

#define NO_CALL \
    " is neither a function call, nor a tuple (tuples are written {{ ... }})."

static bool compile_tuple_expression(Compiler *c, Term t)
{
    // {} could be meant as a tuple: it must be written {{}}.
    if (term_arity(t) == 0) return fail_term(c, "", t, NO_CALL);
    Term name = term_tuple_get(t, 0);
    // {{...}} makes a tuple; {...} is a call.
    if (term_arity(t) == 1 && term_is_tuple(name)) {
        if (!compile_elements(c, name, 0)) return false;
        emit(c, MATCH_MAKE_TUPLE, term_arity(name));
        return true;
    }
    if (!term_is_atom(name)) return fail_term(c, "", t, NO_CALL);
    // {const, T}: T as it is.
    if (term_same(name, ATOM_const)) {
        if (term_arity(t) != 2)
            return fail_form(c, t, "called with more than one argument in ");
        emit_term(c, MATCH_CONSTANT, term_tuple_get(t, 1));
        return true;
    }
    if (term_same(name, ATOM_and)) return compile_logic(c, t, MATCH_AND);
    if (term_same(name, ATOM_or)) return compile_logic(c, t, MATCH_OR);
    if (term_same(name, ATOM_andalso))
        return compile_short_logic(c, t, MATCH_ANDALSO);
    if (term_same(name, ATOM_orelse))
        return compile_short_logic(c, t, MATCH_ORELSE);
    return compile_call(c, t, name);
}

// '$$': the list of all variables, in the order of their numbers.
static void emit_all_variables(Compiler *c)
{
    uint64_t last = 0;
    // Few variables: picking the next one each time will do.
    for (size_t done = 0; done < c->count; done++) {
        size_t least = c->count; // slot of the next higher number
        for (size_t i = 0; i < c->count; i++) {
            if (done > 0 && c->numbers[i] <= last) continue;
            if (least == c->count || c->numbers[i] < c->numbers[least])
                least = i;
        }
        last = c->numbers[least];
        emit(c, MATCH_VARIABLE, least);
    }
    emit_term(c, MATCH_CONSTANT, TERM_NIL);
    emit(c, MATCH_MAKE_LIST, c->count);
}

// A bound variable, $_, $$, or an atom that means itself.
static bool compile_atom_expression(Compiler *c, Term t)
{
    uint64_t n;
    char text[MATCH_ERROR_ROOM];
    if (term_same(t, ATOM_dollar_underscore)) {
        emit(c, MATCH_SUBJECT, 0);
    } else if (term_same(t, ATOM_dollar_dollar)) {
        emit_all_variables(c);
    } else if (match_spec_variable(c->node, t, &n)) {
        size_t slot = find_slot(c, n);
        snprintf(text, sizeof text, "Variable $%u is unbound.", (unsigned)n);
        // Bound by the head only: a body binds nothing.
        if (slot == c->count) return fail(c, text);
        emit(c, MATCH_VARIABLE, slot);
    } else {
        emit_term(c, MATCH_CONSTANT, t);
    }
    return true;
}

static bool compile_list_expression(Compiler *c, Term t)
{
    size_t n = 0;
    for (; term_is_cons(t); t = term_tail(t), n++)
        if (!compile_expression(c, term_head(t))) return false;
    // The tail is an expression, too: often [].
    if (!compile_expression(c, t)) return false;
    emit(c, MATCH_MAKE_LIST, n);
    return true;
}

static bool compile_map_expression(Compiler *c, Term t)
{
    MapIterator it;
    Term key, value;
    size_t n = 0;
    map_iterate(&it, t);
    for (; map_next(&it, &key, &value); n++)
        // Keys are expressions here, unlike in heads.
        if (!compile_expression(c, key) || !compile_expression(c, value))
            return false;
    emit(c, MATCH_MAKE_MAP, n);
    return true;
}

// Numbers, binaries and the like mean themselves.
static bool compile_expression_inside(Compiler *c, Term t)
{
    if (term_is_atom(t)) return compile_atom_expression(c, t);
    if (term_is_cons(t)) return compile_list_expression(c, t);
    if (term_is_tuple(t)) return compile_tuple_expression(c, t);
    if (term_is_map(t)) return compile_map_expression(c, t);
    emit_term(c, MATCH_CONSTANT, t);
    return true;
}

static bool compile_expression(Compiler *c, Term t)
{
    // The same limit as for patterns.
    if (c->depth == NESTING_MOST)
        return fail_term(c, too_deep, t, "");
    c->depth++;
    bool good = compile_expression_inside(c, t);
    c->depth--;
    return good;
}

// ---- clauses ----

// All must be true: each one ends the clause when it is not.
static bool compile_guards(Compiler *c, Term list)
{
    // Some actions are not allowed there.
    c->in_body = false;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (!compile_expression(c, term_head(list))) return false;
        emit(c, MATCH_REQUIRE, 0);
    }
    return term_is_nil(list) || fail(c, "Match expression is not a list.");
}

// The value of the last expression is the clause's.
static bool compile_body(Compiler *c, Term list)
{
    c->in_body = true;
    // From here on failures are values: see match_run.c.
    emit(c, MATCH_BODY, 0);
    if (!term_is_cons(list) && c->ms->kind == MATCH_TABLE)
        return fail(c, "Body clause does not return anything.");
    // An empty trace body.
    if (term_is_nil(list)) emit_term(c, MATCH_CONSTANT, ATOM_true);
    for (; term_is_cons(list); list = term_tail(list)) {
        if (!compile_expression(c, term_head(list))) return false;
        // Only the last value counts.
        if (term_is_cons(term_tail(list))) emit(c, MATCH_DROP, 0);
    }
    emit(c, MATCH_RETURN, 0);
    return term_is_nil(list) || fail(c, "Match expression is not a list.");
}

static bool compile_clause(Compiler *c, Term clause)
{
    MatchSpec *ms = c->ms;
    if (!term_is_tuple_of(clause, 3))
        return fail(c, "Match program part is not a tuple of arity 3.");
    if (ms->clause_count == ms->clause_room)
        ms->clauses = memory_grow(ms->clauses, &ms->clause_room, 4,
                                  sizeof *ms->clauses);
    // The head is kept for tables, which look for a key in it.
    ms->clauses[ms->clause_count++] = (MatchClause){
        term_tuple_get(clause, 0), (uint32_t)ms->op_count};
    c->count = 0; // variables are of one clause
    // In this order: variables are bound in the head.
    bool good = compile_head(c, term_tuple_get(clause, 0))
                && compile_guards(c, term_tuple_get(clause, 1))
                && compile_body(c, term_tuple_get(clause, 2));
    // Room for variables is taken once for all clauses.
    if (c->count > ms->variables) ms->variables = c->count;
    return good;
}

static bool compile_clauses(Compiler *c, Term spec)
{
    if (!term_is_cons(spec))
        return fail(c, "Match programs are not in a list.");
    // One after the other: the first that fails decides on the text.
    for (; term_is_cons(spec); spec = term_tail(spec))
        if (!compile_clause(c, term_head(spec))) return false;
    return term_is_nil(spec)
           || fail(c, "Match programs are not in a proper list.");
}

bool match_spec_key(const MatchSpec *ms, size_t i, size_t position, Term *key)
{
    // The element of the head's program would do too; the term is at hand.
    Term head = ms->clauses[i].head;
    Compiler c = {.node = ms->node};
    if (!term_is_tuple(head) || term_arity(head) <= position) return false;
    *key = term_tuple_get(head, position);
    // Ground: then only one object, or one key's, can match.
    return is_ground(&c, *key);
}

bool match_spec_has_action(const MatchSpec *ms, uint32_t set)
{
    for (size_t i = 0; i < ms->op_count; i++)
        if (ms->ops[i].code == MATCH_ACTION && set >> ms->ops[i].action & 1)
            return true;
    return false;
}

MatchSpec *match_spec_compile(Node *node, Term spec, MatchKind kind,
                              bool keep, char *error)
{
    MatchSpec *ms = memory_zeroed(1, sizeof *ms);
    atomic_init(&ms->counted.count, 1);
    ms->counted.destroy = match_spec_destroy;
    ms->kind = kind;
    ms->node = node;
    // Kept: copied whole, with literals, since code may go.
    if (keep) spec = copy_whole(&ms->heap, spec);
    ms->source = spec;
    // No text stands for no error.
    if (error != NULL) error[0] = 0;
    Compiler c = {.ms = ms, .node = node, .error = error};
    bool good = compile_clauses(&c, spec);
    free(c.numbers);
    if (good) return ms;
    // What was made so far goes with it.
    match_spec_destroy(&ms->counted);
    return NULL;
}

void match_spec_destroy(Counted *counted)
{
    // By the last that holds it; runs of it have ended.
    MatchSpec *ms = (MatchSpec *)counted;
    heap_free(&ms->heap);
    free(ms->ops);
    free(ms->clauses);
    free(ms);
}
