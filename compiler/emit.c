// SPDX-License-Identifier: Apache-2.0
// Emit: functions and blocks; registers, moves, and what the collector must
// be able to rely on.
#include "emit.h"

//
// For each block the state at its start is what all blocks before it left at
// their ends (exit_known and the like), so blocks come in an order in which
// those before, but for loops back, are done. A function of the source becomes
//     label L    line N    func_info M F A
//     label L+1  ...       the entry, then block by block
// and a failed head jumps to L with its arguments in x0, x1 ...
#include "atom.h"

// X registers beyond the mask are never known: they are not used so far up.
static bool x_has(const XMask *m, int32_t r)
{
    return r / 64 < X_WORDS && (m->bits[r / 64] >> (r % 64) & 1);
}

static void x_set(XMask *m, int32_t r) // without a register: nothing
{
    if (r >= 0 && r / 64 < X_WORDS) m->bits[r / 64] |= (uint64_t)1 << (r % 64);
}

static void x_clear(XMask *m, int32_t r)
{
    if (r >= 0 && r / 64 < X_WORDS)
        m->bits[r / 64] &= ~((uint64_t)1 << (r % 64));
}

// -1: none. One more than this is what the machine is told to keep.
static int32_t x_highest(const XMask *m)
{
    for (size_t i = X_WORDS; i-- > 0;)
        if (m->bits[i] != 0)
            return (int32_t)(i * 64) + 63 - __builtin_clzll(m->bits[i]);
    return -1;
}

// -1: there is none here.
int emit_frame(const Emitter *e)
{
    return e->block->root == NULL ? -1 : (int)e->block->root->frame_size;
}

// The number of a Y register from the near end of the frame. Values are counted
// from the far end, where the tags lie: the machine finds the handler of an
// exception by the lowest Y register that holds a tag, which must be that of
// the innermost try. Counting from the far end also lets numbers be given
// before the size of the frame is known.
static uint32_t y_number(const Emitter *e, int32_t reg)
{
    return e->block->root->frame_size - 1 - (uint32_t)(reg - REG_Y);
}

// Y registers have their final number only once the frame's size is known.
Arg emit_register(Emitter *e, int32_t reg)
{
    assert(reg != REG_NONE);
    if (reg < REG_Y) return (Arg){.kind = ARG_X, .number = (uint64_t)reg};
    return (Arg){.kind = ARG_Y, .number = y_number(e, reg)};
}

// A literal is an operand like any other for most instructions; where the
// machine wants a register the caller has seen to it.
Arg emit_source(Emitter *e, const Inst *v)
{
    if (ir_is_literal(v)) return assemble_literal(e->a, v->term);
    return emit_register(e, v->reg);
}

// Numbers are given out when they are first asked for.
Arg emit_label(Emitter *e, Block *b)
{
    if (b->label == 0) b->label = ++e->a->labels;
    return arg_f(b->label);
}

// The block that is emitted next needs no jump; its label is given out all the
// same, for the others that lead there.
void emit_goto(Emitter *e, Block *to)
{
    Arg label = emit_label(e, to);
    if (to != e->following) assemble(e->a, OP_JUMP, 1, &label);
}

// From here on the collector may look at it.
void emit_written(Emitter *e, int32_t reg)
{
    if (reg == REG_NONE) return;
    if (reg < REG_Y) {
        x_set(&e->known, reg);
        return;
    }
    size_t n = (size_t)(reg - REG_Y);
    e->unset[n / 64] &= ~((uint64_t)1 << (n % 64));
    e->empty[n / 64] &= ~((uint64_t)1 << (n % 64));
    e->stale[n / 64] &= ~((uint64_t)1 << (n % 64));
}

Arg emit_fail(Emitter *e, const Inst *i)
{
    if (!(i->flags & INST_GUARD)) return arg_f(0);
    return emit_label(e, i->block->next[1]);
}

void emit_move(Emitter *e, Arg from, int32_t to)
{
    Arg dest = emit_register(e, to);
    // The value is there already.
    if (from.kind == dest.kind && from.number == dest.number) return;
    assemble(e->a, OP_MOVE, 2, (Arg[]){from, dest});
    emit_written(e, to);
}

// ---- the collector ----

// What the machine keeps is x0 up to the highest live one, so holes in between
// must hold terms: any left-over value will do as well as a new nil.
uint32_t emit_live(Emitter *e)
{
    int32_t live = x_highest(&e->live) + 1;
    for (int32_t r = 0; r < live; r++) {
        if (x_has(&e->known, r)) continue; // even what nobody needs will do
        // A hole: x1 is live, and x0 holds no term.
        emit_move(e, arg_atom(TERM_NIL), r);
    }
    return (uint32_t)live;
}

// Behind a collection only what it knew of is a term: the others still hold
// what they did, but that has moved.
void emit_collected(Emitter *e, uint32_t live)
{
    for (size_t i = 0; i < X_WORDS; i++) {
        size_t first = i * 64;
        if (first + 64 <= live) continue;
        e->known.bits[i] &= live <= first
                                ? 0 : ((uint64_t)1 << (live - first)) - 1;
    }
}

// Registers of the frame are not cleared when it is made: most are written
// before anything may collect. Those that are not are set by one instruction,
// just before the first that matters.
void emit_safe(Emitter *e)
{
    if (e->block->root == NULL) return;
    Arg list[1024];
    size_t n = 0;
    uint32_t size = e->block->root->frame_size;
    for (size_t w = 0; w < e->unset_words; w++) {
        while (e->unset[w] != 0) {
            size_t y = w * 64 + (size_t)__builtin_ctzll(e->unset[w]);
            e->unset[w] &= e->unset[w] - 1;
            e->empty[w] |= (uint64_t)1 << (y % 64);
            if (y < size && n < 1024)
                list[n++] = emit_register(e, REG_Y + (int32_t)y);
        }
    }
    if (n == 0) return; // most often
    assemble_op(e->a, OP_INIT_YREGS);
    assemble_arg(e->a, arg_list(n));
    while (n > 0) assemble_arg(e->a, list[--n]);
}

// Notes that the value of [v] is needed no more. Tags are taken out by what
// ends their try or catch, and must stay in the meantime though no instruction
// names them.
static void forget(Emitter *e, const Inst *v)
{
    if (v->reg < REG_Y || (v->flags & INST_TAG)) return;
    size_t n = (size_t)(v->reg - REG_Y);
    e->stale[n / 64] |= (uint64_t)1 << (n % 64);
}

// last_use is good in this block only, which the stamp tells.
static void forget_last_uses(Emitter *e, Inst *x)
{
    for (size_t k = 0; k < x->nargs; k++) {
        const Inst *v = x->args[k];
        if (!ir_is_literal(v) && v->last_use == x && v->stamp == e->stamp)
            forget(e, v);
    }
}

void emit_forget(Emitter *e)
{
    // As unset they are written anew by emit_safe; one that was emptied before
    // needs no second time.
    for (size_t w = 0; w < e->unset_words; w++) {
        e->unset[w] |= e->stale[w] & ~e->empty[w];
        e->stale[w] = 0;
    }
}

// Also of line 0: the trace must not tell the place of the call before.
void emit_line(Emitter *e, const Inst *i)
{
    if (e->a->u->no_line_info) return;
    uint32_t n = assemble_line(e->a, i->place);
    assemble(e->a, OP_LINE, 1, (Arg[]){arg_u(n)});
}

// ---- blocks ----

// One bit for each Y register.
static size_t unset_size(const Block *b)
{
    return b->root == NULL ? 0 : (b->root->frame_size + 63) / 64;
}

static uint64_t *new_set(Emitter *e) // one word more: there may be no frame
{
    return arena_zeroed(&e->a->u->arena,
                        (e->unset_words + 1) * sizeof(uint64_t));
}

// What was emptied on all ways that lead to [b] is empty; what else is not
// live there is stale.
static void enter_stale(Emitter *e, const Block *b)
{
    bool any = false;
    for (size_t w = 0; w < e->unset_words; w++) e->empty[w] = ~(uint64_t)0;
    for (size_t k = 0; k < b->prev_count; k++) {
        const Block *p = b->prev[k];
        any = p->root == b->root && p->order < b->order
              && p->exit_empty != NULL;
        if (!any) break;
        for (size_t w = 0; w < e->unset_words; w++)
            e->empty[w] &= p->exit_empty[w];
    }
    for (size_t w = 0; w < e->unset_words; w++) {
        if (!any || b->region_count > 0) e->empty[w] = 0;
        e->stale[w] = ~(e->unset[w] | e->empty[w]);
    }
    // Tags of tries around are in use though no value says so.
    for (size_t n = 0; n < 64 * e->unset_words; n++)
        if (n < e->f->tag_depth || n >= b->root->frame_size)
            e->stale[n / 64] &= ~((uint64_t)1 << (n % 64));
}

// What holds a term at the entry: what does so on all ways that lead here. A
// block with a way back has states that are not yet known, so it begins with
// nothing but what is live.
static void enter_state(Emitter *e, Block *b)
{
    e->unset_words = unset_size(b);
    e->unset = new_set(e);
    e->empty = new_set(e);
    e->stale = new_set(e);
    bool any = false;
    // All hold something until a way to the block says otherwise.
    memset(&e->known, 0xFF, sizeof e->known);
    for (size_t k = 0; k < b->prev_count; k++) {
        Block *p = b->prev[k];
        if (p->order >= b->order || p->exit_known == NULL) {
            memset(&e->known, 0, sizeof e->known); // a loop: nothing is kept
            continue; // and for Y registers: live ones were written
        }
        any = true;
        for (size_t i = 0; i < X_WORDS; i++)
            e->known.bits[i] &= p->exit_known[i];
        for (size_t i = 0; p->root == b->root && i < e->unset_words; i++)
            e->unset[i] |= p->exit_unset[i];
    }
    if (!any) memset(&e->known, 0, sizeof e->known);
    if (b == e->f->entry)
        for (uint32_t i = 0; i < e->f->arity; i++) x_set(&e->known, (int32_t)i);
    // An exception leaves no X registers but those it brings.
    if (b->region_count > 0) memset(&e->known, 0, sizeof e->known);
    if (b->root != b) enter_stale(e, b); // its root makes the frame behind this
    // Whatever the ways say, live values and phis were written on each.
    for (size_t k = 0; k < b->live_count; k++) {
        int32_t r = b->live[k]->reg;
        emit_written(e, r);
    }
    for (Inst *x = b->first; x != NULL && x->op == IR_PHI; x = x->next)
        emit_written(e, x->reg);
}

// Kept for the blocks behind: they begin with what all ways to them share.
static void exit_state(Emitter *e, Block *b)
{
    Arena *a = &e->a->u->arena;
    b->exit_known = arena_alloc(a, sizeof e->known);
    memcpy(b->exit_known, &e->known, sizeof e->known);
    b->exit_unset = e->unset;
    b->exit_empty = e->empty;
    // A key that is not there has written nothing; where it is, the block
    // behind finds it among what is live.
    const Inst *last = b->last;
    if (last->op != IR_MAP_GET || last->uses == 0) return;
    uint32_t n = (uint32_t)(last->reg < REG_Y ? last->reg : last->reg - REG_Y);
    if (last->reg < REG_Y)
        b->exit_known[n / 64] &= ~((uint64_t)1 << (n % 64));
    else
        b->exit_unset[n / 64] |= (uint64_t)1 << (n % 64);
}

// Of Y registers nothing is asked: they are kept by the frame as a whole.
static void live_at_entry(Emitter *e, const Block *b)
{
    memset(&e->live, 0, sizeof e->live);
    for (size_t k = 0; k < b->live_count; k++)
        if (b->live[k]->reg < REG_Y) x_set(&e->live, b->live[k]->reg);
    for (Inst *x = b->first; x != NULL && x->op == IR_PHI; x = x->next)
        if (x->reg < REG_Y) x_set(&e->live, x->reg);
}

// Makes the frame, at the start of its root. This may collect, so X registers
// must be in order.
static void make_frame(Emitter *e, Block *b)
{
    uint32_t live = emit_live(e);
    assemble(e->a, OP_ALLOCATE,
             2, (Arg[]){arg_u(b->frame_size), arg_u(live)});
    emit_collected(e, live);
    // OP_ALLOCATE leaves in them what the stack held.
    for (size_t y = 0; y < b->frame_size; y++)
        e->unset[y / 64] |= (uint64_t)1 << (y % 64);
}

// Registers whose value is not needed behind [x] are free for what comes, also
// for the result of [x] itself.
static void drop_last_uses(Emitter *e, Inst *x)
{
    for (size_t k = 0; k < x->nargs; k++) {
        Inst *v = x->args[k];
        if (!ir_is_literal(v) && v->last_use == x && v->stamp == e->stamp
            && v->reg < REG_Y)
            x_clear(&e->live, v->reg);
    }
}

// The label comes first in any case; those that nothing leads to are dropped
// when the code is encoded (assemble.c).
static void emit_block(Emitter *e, Block *b)
{
    e->block = b;
    Arg label = emit_label(e, b);
    assemble(e->a, OP_LABEL, 1, (Arg[]){arg_u(label.number)});
    // The machine looks for it as the first instruction of a function.
    if (b == e->f->entry && e->f->is_on_load)
        assemble(e->a, OP_ON_LOAD, 0, NULL);
    if (b == e->f->entry && e->f->is_nif)
        assemble(e->a, OP_NIF_START, 0, NULL);
    enter_state(e, b);
    live_at_entry(e, b);
    e->heap_left = 0; // other ways here have reserved nothing
    e->stamp = ++e->a->u->stamp;
    live_mark_last(&e->a->u->arena, b, e->stamp);
    if (b->root == b) make_frame(e, b);
    for (Inst *x = b->first; x != NULL; x = x->next) {
        if (x->op == IR_PHI) continue; // set at the end of each way here
        forget_last_uses(e, x); // first: the result may take such a register
        emit_inst(e, x);
        drop_last_uses(e, x);
        if (ir_has_value(x) && x->uses > 0 && x->reg < REG_Y)
            x_set(&e->live, x->reg);
    }
    exit_state(e, b);
}

// Blocks were ordered by simplify: what goes well is next, so the common way
// has the fewest jumps. Options may have stack traces call all functions by
// other names (a shell's commands).
void emit_function(Assembler *a, Function *f)
{
    Emitter e = {.a = a, .f = f};
    if (f->label == 0) { // no call has come before it
        f->label = a->labels + 1;
        a->labels += 2;
    }
    // The line of a function_clause stands between label and func_info.
    if (!a->u->no_line_info) {
        uint32_t line = assemble_line(a, f->place);
        assemble(a, OP_LABEL, 1, (Arg[]){arg_u(f->label)});
        assemble(a, OP_LINE, 1, (Arg[]){arg_u(line)});
    } else {
        assemble(a, OP_LABEL, 1, (Arg[]){arg_u(f->label)});
    }
    const Unit *u = a->u;
    bool is_own = term_is_none(u->shown_module);
    assemble(a, OP_FUNC_INFO, 3,
             (Arg[]){arg_atom(is_own ? u->name : u->shown_module),
                     arg_atom(is_own ? f->name : u->shown_function),
                     arg_u(f->arity)});
    f->entry->label = f->label + 1;
    for (size_t i = 0; i < f->block_count; i++) {
        e.following = i + 1 < f->block_count ? f->blocks[i + 1] : NULL;
        emit_block(&e, f->blocks[i]);
    }
}
