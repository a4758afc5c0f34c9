// SPDX-License-Identifier: Apache-2.0
// Receive markers: a receive all of whose clauses ask for a reference that was
// just made need not look at the messages that were there before. Where the
// reference is made a place in the queue is marked and goes with it; where the
// receive begins it is asked for. A reference without a place costs little, so
// one that is handed to a function of the module may be asked for there.
//
//   Ref = monitor(process, P), P ! {call, Ref, X},
//   receive {Ref, Y} -> Y; {'DOWN', Ref, _, _, _} -> ... end
//
// What must hold: a message without the reference is never taken, whatever the
// way through the match; only then may older messages, which cannot hold it,
// be passed over. Marks of parameters only grow, so the walks over the
// functions come to an end.
//
// It is OTP's optimisation of the same name (beam_ssa_recv), with its messages:
// users ask by recv_opt_info whether it was done. Order: which parameters
// receives want, which are given references by calls, then the instructions.
#include "atom.h"
#include "backend.h"
#include "walk.h"

enum { CANDIDATES_MOST = 8 }; // references that a receive is tried with

// What is known of a parameter: Function.marks.
enum { MARK_WANTED = 1, MARK_GIVEN = 2 };

// The result is a reference that no message before could hold; monitor and the
// like also send something that will.
static bool makes_reference(const Inst *i)
{
    if (i->op != IR_CALL_EXT || !term_same(i->term, ATOM_erlang)) return false;
    // Returned at once, as by a wrapper: no receive of this function follows.
    if (i->next == NULL || i->next->op == IR_RETURN) return false;
    switch (i->term2.bits) {
    case ATOM_BITS_make_ref: return i->nargs == 0;
    case ATOM_BITS_monitor: return i->nargs == 2 || i->nargs == 3;
    case ATOM_BITS_alias: return i->nargs <= 1;
    case ATOM_BITS_spawn_request: return true;
    default: return false;
    }
}

static bool may_be_marked(const Inst *v) // as far as this function can tell
{
    return v->op == IR_PARAM || makes_reference(v);
}

static void push(Walk *w, Block *b) // of the receive that is looked at
{
    // Each block once, so loops end and a walk is linear.
    if (b->mark) return;
    b->mark = 1;
    walk_push(w, b);
}

static void start(Walk *w, Block *b)
{
    for (size_t i = 0; i < w->f->block_count; i++) w->f->blocks[i]->mark = 0;
    w->depth = 0;
    push(w, b);
}

// The successor that is taken where [end], a test, finds [ref] in the message,
// or -1. The order of operands does not matter.
static int way_of_match(const Inst *end, const Inst *ref)
{
    if (end->op != IR_TEST || end->nargs != 2
        || (end->args[0] != ref && end->args[1] != ref))
        return -1;
    if (term_same(end->term, ATOM_exact_eq)) return 0;
    return term_same(end->term, ATOM_exact_ne) ? 1 : -1;
}

static bool takes_message(const Block *b) // the receive ends here
{
    for (const Inst *x = b->first; x != NULL; x = x->next)
        if (x->op == IR_RECV_TAKE) return true;
    return false;
}

// Whether no message is taken in which [ref] was not found.
static bool always_asks(Walk *w, Block *first, const Inst *ref)
{
    start(w, first);
    for (Block *b; (b = walk_pop(w)) != NULL;) {
        if (takes_message(b)) return false;
        if (b->last->op == IR_RECV_NEXT) continue;
        int match = way_of_match(b->last, ref);
        for (int n = 0; n < (int)b->next_count; n++)
            // Behind the way where it was found all is allowed.
            if (n != match) push(w, b->next[n]);
    }
    return true;
}

// Values outside of the receive that its tests ask for.
static size_t find_candidates(Walk *w, Block *first, Inst **found)
{
    size_t count = 0;
    start(w, first);
    for (Block *b; (b = walk_pop(w)) != NULL;) {
        // Tests behind belong to the body of the clause.
        if (takes_message(b) || b->last->op == IR_RECV_NEXT) continue;
        const Inst *end = b->last;
        for (size_t k = 0; end->op == IR_TEST && k < end->nargs; k++)
            if (count < CANDIDATES_MOST && may_be_marked(end->args[k]))
                found[count++] = end->args[k];
        for (size_t n = 0; n < b->next_count; n++) push(w, b->next[n]);
    }
    return count;
}

// The first that works; most receives name one reference only.
static Inst *reference_of(Walk *w, Block *receive)
{
    Inst *found[CANDIDATES_MOST];
    Block *first = receive->next[0];
    size_t count = find_candidates(w, first, found);
    for (size_t i = 0; i < count; i++)
        if (always_asks(w, first, found[i])) return found[i];
    return NULL;
}

// ---- what is told with recv_opt_info ----

// No warning in truth, but OTP tells it as one.
static void tell(Unit *u, const Inst *at, Term what)
{
    if (u->tells_receives) unit_inform(u, at->place, ATOM_beam_ssa_recv, what);
}

// Who made the reference, or which parameter brings it: for the text.
static Term creation_of(Unit *u, const Inst *ref)
{
    if (ref->op == IR_PARAM)
        return heap_tuple2(u->out, ATOM_parameter,
                           term_small((intptr_t)ref->index + 1));
    Heap *h = u->out;
    return heap_tuple(h, 4, (Term[]){ref->term, ref->term2,
                                     term_small(ref->nargs),
                                     term_small((intptr_t)ref->place.line)});
}

// A message is taken whatever it be: such a receive needs no marker.
static bool takes_any(const Block *receive)
{
    const Block *b = receive->next[0];
    for (;;) {
        if (takes_message(b)) return true;
        if (b->last->op != IR_JUMP || b->next[0] == receive) return false;
        b = b->next[0];
    }
}

// ---- instructions ----

// Instructions made here have the place of what they serve.
static Inst *new_inst(Walk *w, IrOp op, Inst *arg, const Inst *at)
{
    Inst *i = ir_inst_new(&w->u->arena, w->f, op, arg != NULL);
    if (arg != NULL) i->args[0] = arg;
    i->place = at->place;
    return i;
}

// Has a place in the queue go with [ref], which is made here.
static void reserve(Walk *w, Inst *ref)
{
    if (ref->flags & INST_MARK) return;
    ref->flags |= INST_MARK;
    Inst *place = new_inst(w, IR_RECV_MARKER_RESERVE, NULL, ref);
    Inst *bind = ir_inst_new(&w->u->arena, w->f, IR_RECV_MARKER_BIND, 2);
    bind->args[0] = place;
    bind->args[1] = ref;
    bind->place = ref->place;
    ir_insert_before(ref, place);
    ir_insert_before(ref->next, bind);
    tell(w->u, ref, ATOM_reserved_receive_marker);
}

// Before the loop of a receive is entered. False when that is no one place.
static bool use(Walk *w, Block *receive, Inst *ref)
{
    Block *before = NULL;
    for (size_t k = 0; k < receive->prev_count; k++) {
        Block *p = receive->prev[k];
        // A way back from within the loop.
        if (p->order >= receive->order) continue;
        if (before != NULL || p->last->op != IR_JUMP) return false;
        before = p;
    }
    if (before == NULL) return false;
    ir_insert_before(before->last,
                     new_inst(w, IR_RECV_MARKER_USE, ref, receive->last));
    return true;
}

// ---- over functions ----
// Functions are looked at together, as references are made in one and asked for
// in another: gen:call makes it, a helper receives.

static void each_block(Unit *u, void (*visit)(Walk *w, Block *b))
{
    Walk w = {.u = u};
    for (w.f = u->first; w.f != NULL; w.f = w.f->next)
        for (size_t k = 0; k < w.f->block_count; k++)
            visit(&w, w.f->blocks[k]);
}

// Parameters that a receive asks for are wanted with a place.
static void want(Walk *w, Block *b)
{
    if (b->last->op != IR_RECV) return;
    Inst *ref = b->reference = reference_of(w, b);
    if (ref != NULL && ref->op == IR_PARAM)
        w->f->marks[ref->index] |= MARK_WANTED;
}

// What a call hands to a parameter is wanted, or given, as that is.
static void hand_over(Walk *w, Block *b)
{
    for (Inst *i = b->first; i != NULL; i = i->next) {
        for (size_t k = 0; i->op == IR_CALL && k < i->nargs; k++) {
            uint8_t *marks = &i->function->marks[k], before = *marks;
            Inst *v = i->args[k];
            // Most parameters.
            if (!(before & MARK_WANTED)) continue;
            if (makes_reference(v)) *marks |= MARK_GIVEN;
            if (v->op == IR_PARAM) {
                uint8_t *own = &w->f->marks[v->index];
                w->u->marks_changed |= !(*own & MARK_WANTED);
                *own |= MARK_WANTED;
                // From parameter to parameter: given if it was given here.
                *marks |= *own & MARK_GIVEN;
            }
            w->u->marks_changed |= *marks != before;
        }
    }
}

// A parameter that nobody gives a fresh reference has no place to use.
static void mark_receive(Walk *w, Block *b)
{
    Inst *ref = b->reference;
    bool given = ref != NULL && (ref->op != IR_PARAM
                                 || w->f->marks[ref->index] & MARK_GIVEN);
    if (given && use(w, b, ref)) {
        // A place is reserved only where some receive uses it.
        if (ref->op != IR_PARAM) reserve(w, ref);
        tell(w->u, b->last,
             heap_tuple2(w->u->out, ATOM_used_receive_marker,
                         creation_of(w->u, ref)));
    } else {
        tell(w->u, b->last,
             takes_any(b) ? ATOM_matches_any_message
                          : ATOM_unoptimized_selective_receive);
    }
}

// A call that passes a reference on is told of as well.
static void mark(Walk *w, Block *b)
{
    Inst *next;
    for (Inst *i = b->first; i != NULL; i = next) {
        next = i->next;
        for (size_t k = 0; i->op == IR_CALL && k < i->nargs; k++) {
            Inst *v = i->args[k];
            if (!(i->function->marks[k] & MARK_WANTED) || !may_be_marked(v))
                continue;
            if (makes_reference(v)) reserve(w, v);
            else if (!(w->f->marks[v->index] & MARK_GIVEN)) continue;
            tell(w->u, i, heap_tuple2(w->u->out, ATOM_passed_marker,
                                      creation_of(w->u, v)));
        }
    }
    if (b->last->op == IR_RECV) mark_receive(w, b);
}

// Modules without a receive, most of them, end at the first look.
void receive_mark(Unit *u)
{
    bool any = false;
    u->tells_receives = unit_option(u->options, ATOM_recv_opt_info);
    for (Function *f = u->first; f != NULL; f = f->next) {
        f->marks = arena_zeroed(&u->arena, f->arity + 1);
        for (size_t k = 0; k < f->block_count; k++) {
            f->blocks[k]->reference = NULL;
            any |= f->blocks[k]->last->op == IR_RECV;
        }
    }
    if (!any) return;
    each_block(u, want);
    do {
        u->marks_changed = false;
        each_block(u, hand_over);
    } while (u->marks_changed);
    each_block(u, mark);
}
