// SPDX-License-Identifier: Apache-2.0
// Match specifications: the machine. It builds on the process's heap; what was
// bound in the head may lie elsewhere (in a table), and is copied when the
// body takes it. What guards build may point there, but is garbage when they
// are done.
//
// Several threads may run one specification: all that changes is in Run.
#include "compare.h"
#include "copy.h"
#include "map.h"
#include "match_action.h"
#include "match_op.h"
#include "match_spec.h"
#include "process.h"
#include "term_stack.h"

enum { LOCAL_VARIABLES = 16 }; // without malloc

// One run of one clause after the other.
typedef struct {
    Process *process; // whose heap and context it is
    const MatchSpec *ms;
    Term subject; // what is matched
    bool copy;    // what comes from the subject is to be copied
    bool in_body;
    TermStack stack;       // heads: what is to be matched; expressions: values
    Term *variables;       // of the clause; bound before they are read
    MatchActions *actions; // NULL for tables
} Run;

// ---- heads ----

// The first element comes to the top.
static bool match_tuple(Run *r, Term t, uint32_t n)
{
    if (!term_is_tuple_of(t, n)) return false;
    for (uint32_t i = n; i-- > 0;)
        term_stack_push(&r->stack, term_tuple_get(t, i));
    return true;
}

static bool match_cons(Run *r, Term t)
{
    if (!term_is_cons(t)) return false;
    term_stack_push(&r->stack, term_tail(t));
    term_stack_push(&r->stack, term_head(t));
    return true;
}

// The value of a key of the map below comes on top of it.
static bool match_key(Run *r, Term map, Term key)
{
    Term value = map_get(map, key);
    if (term_is_none(value)) return false;
    term_stack_push(&r->stack, map);
    term_stack_push(&r->stack, value);
    return true;
}

static bool match_map(Run *r, Term t)
{
    term_stack_push(&r->stack, t);
    return term_is_map(t);
}

// [t] has been popped already.
static bool run_head(Run *r, const MatchOp *op, Term t)
{
    switch ((MatchOpCode)op->code) {
    case MATCH_SKIP:
        return true;
    case MATCH_SAME:
        return term_same(t, op->term);
    case MATCH_EQUAL:
        return term_exact_equal(t, op->term);
    case MATCH_BIND:
        r->variables[op->n] = t;
        return true;
    case MATCH_BOUND:
        return term_exact_equal(t, r->variables[op->n]);
    case MATCH_TUPLE:
        return match_tuple(r, t, op->n);
    case MATCH_CONS:
        return match_cons(r, t);
    case MATCH_MAP:
        return match_map(r, t);
    default:
        return match_key(r, t, op->term);
    }
}

// ---- expressions ----

static Heap *heap_of(Run *r)
{
    return process_heap(r->process);
}

// A term of the subject as a value.
// In guards nothing is copied: most objects fail there.
static Term taken(Run *r, Term t)
{
    if (!r->in_body || !r->copy || term_is_immediate(t)) return t;
    return copy_term(r->process->node, heap_of(r), t);
}

// A term of the specification as a value.
// The specification may be freed before the answer.
static Term constant(Run *r, Term t)
{
    if (!r->in_body || term_is_immediate(t)) return t;
    return copy_term(r->process->node, heap_of(r), t);
}

// The [n] values on top of the stack, which are dropped but stay there.
static Term *take_values(Run *r, size_t n)
{
    r->stack.count -= n;
    return r->stack.items + r->stack.count;
}

static Term call(Run *r, const MatchOp *op)
{
    Term *args = take_values(r, op->n);
    Term value = op->function(r->process, args);
    if (!term_is_none(value)) return value;
    // What a BIF leaves when it fails is not for the process.
    r->process->reason = REASON_NONE;
    r->process->exception_value = TERM_NIL;
    return TERM_NONE;
}

// and, or.
static Term logic(Run *r, size_t n, bool is_and)
{
    const Term *args = take_values(r, n);
    bool value = is_and;
    for (size_t i = 0; i < n; i++) {
        bool is = term_same(args[i], ATOM_true);
        if (!is && !term_same(args[i], ATOM_false)) return TERM_NONE;
        value = is_and ? value && is : value || is;
    }
    return value ? ATOM_true : ATOM_false;
}

static Term make(Run *r, const MatchOp *op)
{
    Heap *h = heap_of(r);
    size_t n = op->n;
    if (op->code == MATCH_MAKE_TUPLE)
        return heap_tuple(h, n, take_values(r, n));
    if (op->code == MATCH_MAKE_LIST) {
        Term tail = term_stack_pop(&r->stack);
        return heap_list(h, n, take_values(r, n), tail);
    }
    return map_from_pairs(h, process_atoms(r->process), n,
                          take_values(r, 2 * n));
}

static Term action(Run *r, const MatchOp *op)
{
    const Term *args = take_values(r, op->n);
    return match_action(r->process, op->action, op->n, args, r->actions);
}

// The value of an expression's instruction; TERM_NONE when it fails.
static Term run_expression(Run *r, const MatchOp *op)
{
    switch ((MatchOpCode)op->code) {
    case MATCH_CONSTANT:
        return constant(r, op->term);
    case MATCH_VARIABLE:
        return taken(r, r->variables[op->n]);
    case MATCH_SUBJECT:
        return taken(r, r->subject);
    case MATCH_CALL:
        return call(r, op);
    case MATCH_AND:
    case MATCH_OR:
        return logic(r, op->n, op->code == MATCH_AND);
    case MATCH_MAKE_TUPLE:
    case MATCH_MAKE_LIST:
    case MATCH_MAKE_MAP:
        return make(r, op);
    default:
        return action(r, op);
    }
}

// ---- clauses ----

// andalso, orelse. False when the value is no boolean and guards fail of it.
static bool jump(Run *r, const MatchOp *op, const MatchOp **next)
{
    Term *top = &r->stack.items[r->stack.count - 1];
    Term decides = op->code == MATCH_ANDALSO ? ATOM_false : ATOM_true;
    bool is_boolean = term_same(*top, ATOM_true)
                      || term_same(*top, ATOM_false);
    if (!is_boolean && !r->in_body) return false;
    if (!is_boolean) *top = ATOM_EXIT; // in a body it is the value
    if (is_boolean && !term_same(*top, decides)) {
        r->stack.count--;
    } else {
        *next = r->ms->ops + op->n; // to the end, with the value on top
    }
    return true;
}

// Runs from [op] on; TERM_NONE when the clause does not match.
static Term run_clause(Run *r, const MatchOp *op)
{
    for (;;) {
        const MatchOp *at = op++;
        Term value;
        if (at->code <= MATCH_KEY) { // heads come first in the enum
            if (!run_head(r, at, term_stack_pop(&r->stack))) return TERM_NONE;
            continue;
        }
        switch ((MatchOpCode)at->code) {
        case MATCH_ANDALSO:
        case MATCH_ORELSE:
            if (!jump(r, at, &op)) return TERM_NONE;
            break;
        case MATCH_REQUIRE:
            if (!term_same(term_stack_pop(&r->stack), ATOM_true))
                return TERM_NONE;
            break;
        case MATCH_BODY:
            r->in_body = true;
            break;
        case MATCH_DROP:
            term_stack_pop(&r->stack);
            break;
        case MATCH_RETURN:
            return term_stack_pop(&r->stack);
        default:
            value = run_expression(r, at);
            if (term_is_none(value)) {
                // A failing guard fails the clause; a body has 'EXIT' in its
                // place.
                if (!r->in_body) return TERM_NONE;
                value = ATOM_EXIT;
            }
            term_stack_push(&r->stack, value);
        }
    }
}

Term match_spec_run(const MatchSpec *ms, Process *p, Term subject, bool copy,
                    MatchActions *actions)
{
    Term local[LOCAL_VARIABLES];
    Run r = {.process = p, .ms = ms, .subject = subject, .copy = copy,
             .variables = local, .actions = actions};
    // Rarely: most specifications bind a few.
    if (ms->variables > LOCAL_VARIABLES)
        r.variables = memory_alloc(ms->variables * sizeof(Term));
    term_stack_init(&r.stack);
    Term value = TERM_NONE;
    // The first clause that matches decides.
    for (size_t i = 0; i < ms->clause_count && term_is_none(value); i++) {
        r.in_body = false;
        r.stack.count = 0;
        term_stack_push(&r.stack, subject);
        value = run_clause(&r, ms->ops + ms->clauses[i].start);
    }
    term_stack_free(&r.stack);
    if (r.variables != local) free(r.variables);
    return value;
}
