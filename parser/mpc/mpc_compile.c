// SPDX-License-Identifier: Apache-2.0
// Compilation of parsers to steps.
//
// A named parser that is not simple is code of its own, which others call; all
// else is compiled where it stands. A choice looks at the next character: for
// each set of alternatives that can begin with some character there is a piece
// of code, which tries them in turn; the last of them needs no frame, for its
// fate is the fate of the whole.
#include <stdlib.h>

#include "memory.h"
#include "mpc_part.h"

// One bit of a mask each.
enum { SELECT_MOST = 64 }; // alternatives of a choice by character

static void compile(MpcCode *c, const mpc_parser_t *p);

// ---- steps ----
// Steps are made in the order in which they run; what leads forward gets its
// target when that is known, see land.

// The pointer is good until the next emit, which may move all steps.
static MpcStep *emit(MpcCode *c, MpcOp op, const mpc_parser_t *p)
{
    if (c->count == c->room)
        c->steps = memory_grow(c->steps, &c->room, c->count + 16,
                               sizeof *c->steps);
    MpcStep *s = &c->steps[c->count++];
    *s = (MpcStep){.op = (uint8_t)op, .p = p};
    return s;
}

// The last step, if it is [op]; else NULL. Nothing leads to the place behind
// it as long as no land comes between.
static MpcStep *last_step(const MpcCode *c, MpcOp op)
{
    MpcStep *last = c->count == 0 ? NULL : &c->steps[c->count - 1];
    return last != NULL && last->op == op ? last : NULL;
}

// The step at [at] leads to the one that comes next.
static void land(MpcCode *c, size_t at)
{
    c->steps[at].to.index = c->count;
}

// ---- characters ----

// The set of a parser of one character; NULL when it is another.
static const MpcSet *characters_of(const mpc_parser_t *p)
{
    // A character is mostly wrapped in the EXPECT that names it.
    if (p->type == MPC_EXPECT) p = p->xs[0];
    return p->type == MPC_CHARACTERS ? &p->first : NULL;
}

// A state is mostly asked for where a character follows.
// mark() is STATE and CHARS: together they are one step, and the commonest of
// the grammar.
static void compile_characters(MpcCode *c, const mpc_parser_t *p,
                               const MpcSet *set)
{
    bool place = last_step(c, STEP_STATE) != NULL;
    if (place) c->count--;
    emit(c, place ? STEP_PLACE : STEP_CHARS, p)->f.set = set;
}

static void compile_not(MpcCode *c, const mpc_parser_t *p)
{
    // A look at one character needs no frame.
    const MpcSet *set = characters_of(p->xs[0]);
    if (set != NULL) {
        emit(c, STEP_NOT_CHARS, p)->f.set = set;
        return;
    }
    size_t at = c->count;
    // What fails within takes up the text here and goes on behind REFUSE: with
    // success.
    emit(c, STEP_TRY, p);
    compile(c, p->xs[0]);
    emit(c, STEP_REFUSE, p);
    land(c, at);
    emit(c, STEP_VALUE, p)->f.x = NULL;
}

static void compile_apply(MpcCode *c, const mpc_parser_t *p)
{
    const MpcSet *set = characters_of(p->xs[0]);
    // skip(): no value is fetched to be thrown away.
    if (set != NULL && p->f.apply == mpcf_free) {
        emit(c, STEP_SKIP, p->xs[0])->f.set = set;
        return;
    }
    compile(c, p->xs[0]);
    emit(c, STEP_APPLY, p)->f.apply = p->f.apply;
}

static void compile_expect(MpcCode *c, const mpc_parser_t *p)
{
    // The name of characters stands in their step; for other parsers the name
    // has to be noted while they run.
    const MpcSet *set = characters_of(p);
    if (set != NULL) {
        compile_characters(c, p, set);
        return;
    }
    emit(c, STEP_EXPECT, p);
    compile(c, p->xs[0]);
    emit(c, STEP_EXPECTED, p);
}

// ---- sequences and repetitions ----

// The value on top is to be destroyed by [dtor] when what follows fails;
// answers how many frames that takes. What the run itself owns needs nothing.
// The grammar destroys nothing, so it pays nothing for this.
static uint8_t compile_dtor(MpcCode *c, const mpc_parser_t *p, mpc_dtor_t dtor)
{
    // What primitive parsers answer is freed by "free" in mpc; here the run
    // owns it.
    if (dtor == NULL || dtor == free || dtor == mpcf_dtor_null) return 0;
    emit(c, STEP_DTOR, p)->f.dtor = dtor;
    return 1;
}

// The last step, which finds a place, becomes one that folds it as well, [op];
// together with a constant before it, [with].
// How a token becomes a value of the grammar: every second step would be one
// of these.
static void fuse_fold(MpcCode *c, mpc_fold_t fold, MpcOp op, MpcOp with)
{
    MpcStep step = c->steps[--c->count];
    step.op = (uint8_t)op;
    step.f.fold = fold;
    MpcStep *value = last_step(c, STEP_VALUE);
    if (value != NULL) {
        step.op = (uint8_t)with;
        step.to.x = value->f.x;
        c->count--;
    }
    c->steps[c->count++] = step;
}

static void compile_fold(MpcCode *c, const mpc_parser_t *p, unsigned dtors)
{
    // With destructors between them, other steps stand between them too.
    if (p->n == 2 && last_step(c, STEP_PLACE) != NULL) {
        fuse_fold(c, p->f.fold, STEP_MARK, STEP_VALUE_MARK);
        return;
    }
    if (p->n == 1 && last_step(c, STEP_STATE) != NULL) {
        fuse_fold(c, p->f.fold, STEP_HERE, STEP_VALUE_HERE);
        return;
    }
    // Three values, two of which the last step leaves: the constant is one.
    if (p->n == 3 && last_step(c, STEP_PLACE) != NULL
        && c->count > 1 && c->steps[c->count - 2].op == STEP_VALUE) {
        fuse_fold(c, p->f.fold, STEP_PLACE, STEP_VALUE_PLACE);
        return;
    }
    MpcStep *s = emit(c, STEP_FOLD, p);
    s->n = (uint32_t)p->n;
    s->dtors = (uint8_t)dtors;
    s->f.fold = p->f.fold;
}

// Children leave their values on the stack, the fold takes all of them.
static void compile_and(MpcCode *c, const mpc_parser_t *p)
{
    unsigned dtors = 0;
    for (int i = 0; i < p->n; i++) {
        compile(c, p->xs[i]);
        if (i + 1 < p->n) dtors += compile_dtor(c, p, p->dtors[i]);
    }
    compile_fold(c, p, dtors);
}

// One frame for all rounds; it remembers where the values begin.
static void compile_many(MpcCode *c, const mpc_parser_t *p)
{
    size_t at = c->count;
    // MANY may have no round at all, OPEN must have one.
    emit(c, p->type == MPC_MANY ? STEP_MANY : STEP_OPEN, p)->f.part = p->xs[0];
    compile(c, p->xs[0]);
    MpcStep *loop = emit(c, STEP_LOOP, p);
    loop->to.index = at + 1; // rounds begin behind the first step
    loop->f.part = p->xs[0];
    emit(c, STEP_GATHER, p)->f.fold = p->f.fold;
    land(c, at);
}

// The step before the target of MAYBE is the LIFT: a failure goes on there, a
// success jumps over it.
static void compile_maybe(MpcCode *c, const mpc_parser_t *p)
{
    size_t at = c->count;
    emit(c, STEP_MAYBE, p)->f.part = p->xs[0];
    compile(c, p->xs[0]);
    size_t commit = c->count;
    emit(c, STEP_COMMIT, p);
    emit(c, STEP_LIFT, p)->f.lift = p->f.lift;
    land(c, commit);
    land(c, at);
}

// ---- choices ----

// A piece for what each character can begin, and one for each remainder.
enum { PIECES_MOST = (MPC_END + 1) * SELECT_MOST };

// The pieces of code of a choice, by the set of alternatives that each tries.
// A piece for {A, B, C} is "try A, else the piece for {B, C}".
typedef struct {
    uint64_t mask[PIECES_MOST];  // its alternatives, as bits
    size_t index[PIECES_MOST];   // where the piece begins
    size_t count;                // pieces in use
    size_t routine[SELECT_MOST]; // of an alternative that several pieces begin
                                 // with: its code; else 0
} Pieces;

// Which alternatives can begin with character [c].
static uint64_t mask_of(const mpc_parser_t *p, unsigned c)
{
    uint64_t mask = 0;
    for (int i = 0; i < p->n; i++)
        if (mpc_can_begin(p->xs[i], c)) mask |= (uint64_t)1 << i;
    return mask;
}

// A linear search: choices have a dozen pieces or so.
static size_t find_piece(const Pieces *pieces, uint64_t mask)
{
    size_t i = 0;
    while (i < pieces->count && pieces->mask[i] != mask) i++;
    return i;
}

// Adds a piece for [mask] and those for what is left when its first
// alternatives have failed, which come before it.
// The remainder first: when a piece is compiled its index is known.
static void add_pieces(Pieces *pieces, uint64_t mask)
{
    if (find_piece(pieces, mask) < pieces->count) return;
    uint64_t rest = mask & (mask - 1); // all but the first alternative
    if (rest != 0) add_pieces(pieces, rest);
    pieces->mask[pieces->count++] = mask;
}

// Whether the steps from [from] on are one character that something may not
// follow, the rest being constants and folds: then that is all that can fail,
// the first character being known. Answers what may not follow.
// Then one look at the character behind decides, and no frame is needed:
// lone_leaf (a single token that is a whole expression) is this.
static const MpcSet *set_behind(const MpcCode *c, size_t from)
{
    const MpcSet *set = NULL;
    bool consumed = false;
    for (size_t i = from; i < c->count; i++) {
        const MpcStep *s = &c->steps[i];
        switch ((MpcOp)s->op) {
        case STEP_CHARS:
        case STEP_SKIP:
        case STEP_PLACE:
        case STEP_MARK:
        case STEP_VALUE_MARK:
        case STEP_VALUE_PLACE:
            // Two characters: the first one tells too little.
            if (consumed) return NULL;
            consumed = true;
            break;
        case STEP_NOT_CHARS:
            // Before the character, or twice.
            if (!consumed || set != NULL) return NULL;
            set = s->f.set;
            break;
        // These cannot fail.
        case STEP_VALUE: case STEP_LIFT: case STEP_STATE: case STEP_HERE:
        case STEP_VALUE_HERE: case STEP_FOLD: case STEP_APPLY:
        case STEP_APPLY_TO: break;
        default: return NULL;
        }
    }
    return set;
}

// What AHEAD has looked at need not be looked at again: where the last steps
// are such a look, and a fold that forgets its answer, they go.
static void drop_look_behind(MpcCode *c)
{
    const MpcStep *fold = last_step(c, STEP_FOLD);
    if (fold != NULL && fold->n == 2 && fold->f.fold == mpcf_fst
        && fold[-1].op == STEP_NOT_CHARS)
        c->count -= 2;
}

// Alternatives that several pieces begin with are compiled once, unless they
// are small: choices of choices would else double at every level.
// Emitted before the pieces, so that a piece can call it.
static void compile_routines(MpcCode *c, const mpc_parser_t *p, Pieces *pieces)
{
    for (int i = 0; i < p->n; i++) {
        size_t pieces_with = 0;
        for (size_t k = 0; k < pieces->count; k++)
            if (pieces->mask[k] != 0 && __builtin_ctzll(pieces->mask[k]) == i)
                pieces_with++;
        pieces->routine[i] = 0;
        // A named one is called anyway, a simple one costs less than the call.
        if (pieces_with < 2 || p->xs[i]->retained || p->xs[i]->simple) continue;
        pieces->routine[i] = c->count;
        compile(c, p->xs[i]);
        emit(c, STEP_RETURN, p);
    }
}

// Tries the first alternative of piece [k]; another piece is what is left.
// [ends] is the chain of steps that lead behind the choice.
static void compile_piece(MpcCode *c, const mpc_parser_t *p, Pieces *pieces,
                          size_t k, size_t *ends)
{
    uint64_t mask = pieces->mask[k], rest = mask & (mask - 1);
    size_t at = pieces->index[k] = c->count;
    if (mask == 0) { // nothing can begin with such a character
        emit(c, STEP_FAIL, p);
        return;
    }
    int first = __builtin_ctzll(mask);
    // The last alternative has no frame: if it fails the choice fails, and what
    // lies below on the stack is right.
    if (rest != 0)
        emit(c, STEP_TRY, p)->to.index =
            pieces->index[find_piece(pieces, rest)];
    if (pieces->routine[first] != 0)
        emit(c, STEP_CALL, NULL)->to.index = pieces->routine[first];
    else
        compile(c, p->xs[first]);
    // Compiled as a TRY first; only its steps show whether AHEAD will do.
    const MpcSet *behind = rest != 0 ? set_behind(c, at + 1) : NULL;
    if (behind != NULL) {
        c->steps[at].op = STEP_AHEAD;
        c->steps[at].f.set = behind;
        drop_look_behind(c);
    }
    bool sure = rest == 0 || behind != NULL;
    size_t end = c->count;
    // The chain runs through the targets of the jumps themselves until
    // compile_or knows where the choice ends.
    emit(c, sure ? STEP_JUMP : STEP_COMMIT, p)->to.index = *ends;
    *ends = end;
}

// More characters than this one can not be told apart by [p].
// All of them share the last entry of the table, with the end of input.
static unsigned table_size(const mpc_parser_t *p)
{
    unsigned n = MPC_END;
    while (n > 0 && !mpc_set_has(&p->first, n - 1)) n--;
    return n;
}

enum { NO_END = 0 }; // no step that ends a choice is the first of its code

// Too many alternatives for a table: one after the other.
static void compile_in_turn(MpcCode *c, const mpc_parser_t *p, size_t *ends)
{
    for (int i = 0; i < p->n; i++) {
        size_t at = c->count, end;
        emit(c, STEP_TRY, p);
        compile(c, p->xs[i]);
        end = c->count;
        emit(c, STEP_COMMIT, p)->to.index = *ends;
        *ends = end;
        land(c, at);
    }
    emit(c, STEP_FAIL, p);
}

static void compile_select(MpcCode *c, const mpc_parser_t *p, size_t *ends)
{
    unsigned n = table_size(p);
    const MpcStep **table = memory_alloc((n + 1) * sizeof *table);
    size_t at = c->count;
    // Some 260 KB: too much for the C stack.
    Pieces *pieces = memory_alloc(sizeof *pieces);
    pieces->count = 0;
    // [select] is good only up to the next emit.
    MpcStep *select = emit(c, STEP_SELECT, p);
    select->n = n;
    select->to.table = table;
    for (unsigned k = 0; k <= n; k++)
        add_pieces(pieces, mask_of(p, k < n ? k : MPC_END));
    compile_routines(c, p, pieces);
    for (size_t i = 0; i < pieces->count; i++)
        compile_piece(c, p, pieces, i, ends);
    for (unsigned k = 0; k <= n; k++) {
        uint64_t mask = mask_of(p, k < n ? k : MPC_END);
        size_t index = pieces->index[find_piece(pieces, mask)];
        // Until the code is linked: how many steps further on it is.
        table[k] = (const MpcStep *)(uintptr_t)(index - at);
    }
    free(pieces);
}

static void compile_or(MpcCode *c, const mpc_parser_t *p)
{
    size_t ends = NO_END;
    if (p->n > SELECT_MOST)
        compile_in_turn(c, p, &ends);
    else
        compile_select(c, p, &ends);
    while (ends != NO_END) {
        size_t next = c->steps[ends].to.index; // land overwrites it
        land(c, ends);
        ends = next;
    }
}

// ---- all of them ----

// A check of a value; fails behind what it looked at.
// The value stays where it is, only looked at or replaced.
static void compile_check(MpcCode *c, const mpc_parser_t *p, MpcOp op)
{
    compile(c, p->xs[0]);
    emit(c, op, p);
}

// The body of [p], whether it has code of its own or not.
static void compile_body(MpcCode *c, const mpc_parser_t *p)
{
    switch ((MpcType)p->type) {
    case MPC_CHARACTERS: compile_characters(c, p, &p->first); break;
    case MPC_PASS: emit(c, STEP_VALUE, p)->f.x = NULL; break;
    // An undefined name fails, so a grammar with a hole can still be tried.
    case MPC_UNDEFINED:
    case MPC_FAIL: emit(c, STEP_FAIL, p); break;
    case MPC_LIFT: emit(c, STEP_LIFT, p)->f.lift = p->f.lift; break;
    case MPC_LIFT_VAL: emit(c, STEP_VALUE, p)->f.x = p->x; break;
    case MPC_STATE: emit(c, STEP_STATE, p); break;
    case MPC_EXPECT: compile_expect(c, p); break;
    case MPC_APPLY: compile_apply(c, p); break;
    case MPC_APPLY_TO: compile_check(c, p, STEP_APPLY_TO); break;
    case MPC_CHECK: compile_check(c, p, STEP_CHECK); break;
    case MPC_CHECK_WITH: compile_check(c, p, STEP_CHECK_WITH); break;
    case MPC_NOT: compile_not(c, p); break;
    case MPC_MAYBE: compile_maybe(c, p); break;
    case MPC_MANY:
    case MPC_MANY1: compile_many(c, p); break;
    case MPC_OR: compile_or(c, p); break;
    case MPC_AND: compile_and(c, p); break;
    // No step: the choice above it is already decided by a look ahead.
    case MPC_PREDICTIVE: compile(c, p->xs[0]); break;
    }
}

static void compile(MpcCode *c, const mpc_parser_t *p)
{
    if (p->retained && !p->simple)
        emit(c, STEP_CALL, p);
    else
        compile_body(c, p);
}

void mpc_code_make(mpc_parser_t *p)
{
    // A root may have a name and be in the list as well.
    if (p->code.count > 0) return;
    compile_body(&p->code, p);
    emit(&p->code, STEP_RETURN, p);
}

// ---- linking ----
// From here on no step moves.

static void link_table(MpcStep *s)
{
    for (uint32_t k = 0; k <= s->n; k++)
        s->to.table[k] = s + (uintptr_t)s->to.table[k];
}

// Where a jump to [s] comes to in the end.
// Chains of jumps come from choices within choices. They end: no choice leads
// back to itself without a step between.
static const MpcStep *follow(const MpcStep *s)
{
    while (s->op == STEP_JUMP) s = s->to.step;
    return s;
}

void mpc_code_link(mpc_parser_t *p)
{
    MpcCode *c = &p->code;
    for (size_t i = 0; i < c->count; i++) {
        MpcStep *s = &c->steps[i];
        switch ((MpcOp)s->op) {
        case STEP_SELECT: link_table(s); break;
        case STEP_CALL:
            // A routine of the same code has no parser of its own, see
            // compile_piece.
            s->to.step = s->p == NULL ? c->steps + s->to.index
                                      : s->p->code.steps;
            break;
        case STEP_JUMP: case STEP_AHEAD: case STEP_TRY: case STEP_COMMIT:
        case STEP_MAYBE:
        case STEP_MANY: case STEP_LOOP:
            s->to.step = c->steps + s->to.index;
            break;
        default: break;
        }
    }
}

// A call whose result is the caller's own needs no frame to return to.
// Deep nests of parentheses then need fewer frames.
static void shorten_calls(MpcCode *c)
{
    for (size_t i = 0; i < c->count; i++) {
        MpcStep *s = &c->steps[i];
        if (s->op == STEP_JUMP) s->to.step = follow(s->to.step);
        if (s->op == STEP_JUMP && s->to.step->op == STEP_RETURN)
            s->op = STEP_RETURN;
        if (s->op == STEP_CALL && follow(s + 1)->op == STEP_RETURN)
            s->op = STEP_JUMP;
        if (s->op == STEP_FOLD && follow(s + 1)->op == STEP_RETURN)
            s->op = STEP_FOLD_RETURN;
        if (s->op == STEP_CALL && s->to.step->op == STEP_SELECT)
            s->op = STEP_CALL_SELECT;
    }
}

// A choice whose alternative is a choice looks twice at the same character;
// here the outer table takes over the inner one's answer.
void mpc_code_shorten(mpc_parser_t *p)
{
    MpcCode *c = &p->code;
    shorten_calls(c);
    for (size_t i = 0; i < c->count; i++) {
        MpcStep *s = &c->steps[i];
        // Each table is shortened by one level, but tables that came before are
        // already short, so mostly all levels vanish.
        for (uint32_t k = 0; s->op == STEP_SELECT && k <= s->n; k++) {
            const MpcStep *to = follow(s->to.table[k]);
            // The last entry stands for several characters.
            if (to->op == STEP_SELECT && k < s->n)
                to = follow(to->to.table[k < to->n ? k : to->n]);
            s->to.table[k] = to;
        }
    }
}

// Steps own nothing but tables; sets, functions and parsers are others'.
void mpc_code_free(MpcCode *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->steps[i].op == STEP_SELECT) free(c->steps[i].to.table);
    free(c->steps);
    *c = (MpcCode){0};
}
