// SPDX-License-Identifier: Apache-2.0
// Liveness: which values are still needed where, and which therefore must
// live in the frame.
//
// Before live_compute blocks are ordered and name no value that is replaced;
// after it Block.live holds what is needed at the entry of each, phis of the
// block itself left out. Each value walks up from its uses to its definition,
// and stops where it has been: the work is the size of the answer. live_split
// gives what must outlive a call to the frame, and then computes it anew, as
// its copies are new values.
//
// What is asked behind it: which values a block needs at its entry (registers,
// holes), where a value is used last (registers become free), and what lives
// over a call (frames). The first is kept in blocks, the others are found by
// walking a block from its end.
#include <string.h>

#include "backend.h"
#include "walk.h"

typedef struct Use Use;
struct Use {
    Block *block; // one that needs the value within or at its end
    Use *next; // of the same value
};

static void add_use(Arena *a, Inst *v, Block *b)
{
    if (ir_is_literal(v)) return;
    // Uses are gathered block by block, so the last one is all to look at.
    if (v->used != NULL && ((Use *)v->used)->block == b) return;
    Use *use = arena_alloc(a, sizeof *use);
    *use = (Use){b, (Use *)v->used};
    v->used = (struct Use *)use;
}

// Asked once for each value and block: live_mark sees to that.
static void add_live(Arena *a, Block *b, Inst *v)
{
    if (b->live_count == b->live_room)
        b->live = arena_grow(a, b->live, b->live_count, &b->live_room,
                             sizeof *b->live);
    b->live[b->live_count++] = v;
    v->last_live = b;
}

// Where [v] is defined: a parameter in the entry.
static bool defined_in(const Inst *v, const Block *b)
{
    // Parameters lie in no block; the walk ends at the entry by itself.
    return v->op == IR_PARAM ? false : v->block == b;
}

// [v] is needed at the end of the blocks on the stack: marks it live at the
// entry of each block on the ways from its definition, and of none beyond.
static void walk_up(Walk *w, Inst *v)
{
    for (Block *b; (b = walk_pop(w)) != NULL;) {
        if (defined_in(v, b)) continue;
        if (b->live_mark == v->id) continue;
        b->live_mark = v->id;
        add_live(&w->u->arena, b, v);
        for (size_t k = 0; k < b->prev_count; k++) walk_push(w, b->prev[k]);
        // An exception may leave a block of the region at any place.
        for (size_t k = 0; k < b->region_count; k++) walk_push(w, b->region[k]);
    }
}

// Takes time in proportion to the blocks where the value lives.
static void find_value(Walk *w, Inst *v)
{
    for (Use *use = (Use *)v->used; use != NULL; use = use->next)
        walk_push(w, use->block);
    walk_up(w, v);
    // A value is visited once, and the next run starts clean.
    v->used = NULL;
}

// In order of the blocks, so that uses in one follow on each other.
static void collect_uses(Unit *u, Function *f)
{
    Arena *a = &u->arena;
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        for (Inst *x = b->first; x != NULL; x = x->next)
            for (size_t k = 0; k < x->nargs; k++) {
                // A phi uses its arguments at the end of where they come from.
                if (x->op == IR_PHI) add_use(a, x->args[k], b->prev[k]);
                else add_use(a, x->args[k], b);
            }
    }
}

// Blocks whose exceptions come to a handler lead to it from any place within,
// so what it needs lives all through them.
static void collect_regions(Unit *u, Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Block *h = f->blocks[i]->handler;
        if (h == NULL) continue;
        if (h->region_count == h->region_room)
            h->region = arena_grow(&u->arena, h->region, h->region_count,
                                   &h->region_room, sizeof *h->region);
        h->region[h->region_count++] = f->blocks[i];
    }
}

// Run anew after every change of the graph: nothing of an earlier run is used.
void live_compute(Unit *u, Function *f)
{
    Walk w = {.u = u, .f = f};
    for (size_t i = 0; i < f->block_count; i++) {
        f->blocks[i]->live_count = 0;
        f->blocks[i]->region_count = 0;
        f->blocks[i]->live_mark = 0;
    }
    collect_regions(u, f);
    collect_uses(u, f);
    for (uint32_t i = 0; i < f->arity; i++)
        if (f->params[i]->used != NULL) find_value(&w, f->params[i]);
    for (size_t i = 0; i < f->block_count; i++)
        for (Inst *x = f->blocks[i]->first; x != NULL; x = x->next)
            if (x->used != NULL) find_value(&w, x);
}

// ---- sets ----
// A set is an array; a value knows its place in it, and the stamp tells whether
// that is of this set. Adding, removing and asking take no search.

static void set_add(Arena *a, LiveSet *s, Inst *v)
{
    if (ir_is_literal(v) || v->stamp == s->stamp) return;
    v->stamp = s->stamp;
    if (s->count == s->room)
        s->live = arena_grow(a, s->live, s->count, &s->room, sizeof *s->live);
    v->place_in_set = (uint32_t)s->count;
    s->live[s->count++] = v;
}

static void set_remove(LiveSet *s, Inst *v)
{
    if (v->stamp != s->stamp) return;
    v->stamp = 0;
    // The last takes its place: no search, and order does not count.
    Inst *last = s->live[--s->count];
    s->live[v->place_in_set] = last;
    last->place_in_set = v->place_in_set;
}

// Also what the handler needs: an exception may leave the block at its end.
void live_at_end(Arena *a, Block *b, LiveSet *set, uint32_t stamp)
{
    set->count = 0;
    set->stamp = stamp;
    for (size_t i = 0; i < b->next_count; i++) {
        Block *to = b->next[i];
        for (size_t k = 0; k < to->live_count; k++)
            set_add(a, set, to->live[k]);
        // Of phis the argument for this way only; a switch may lead there by
        // several ways, which all have the same block before.
        if (to->first == NULL || to->first->op != IR_PHI) continue;
        for (size_t k = 0; k < to->prev_count; k++)
            if (to->prev[k] == b)
                for (Inst *x = to->first; x != NULL && x->op == IR_PHI;
                     x = x->next)
                    set_add(a, set, x->args[k]);
    }
    if (b->handler != NULL)
        for (size_t k = 0; k < b->handler->live_count; k++)
            set_add(a, set, b->handler->live[k]);
}

// Only values that die in the block get a last use of it.
void live_mark_last(Arena *a, Block *b, uint32_t stamp)
{
    LiveSet set = {0};
    live_at_end(a, b, &set, stamp);
    // Walking back, a value that is not yet in the set is used last here.
    for (size_t i = 0; i < set.count; i++) set.live[i]->last_use = NULL;
    for (Inst *x = b->last; x != NULL && x->op != IR_PHI; x = x->prev)
        for (size_t k = 0; k < x->nargs; k++) {
            Inst *v = x->args[k];
            if (ir_is_literal(v) || v->stamp == stamp) continue;
            v->stamp = stamp;
            v->last_use = x;
        }
}

// ---- what must be in the frame ----
// A value that the frame's own blocks compute is put there at once; one from
// before is copied when the frame is made.

static bool belongs_to(const Inst *v, const Block *root)
{
    // Phis of the root are set by the moves before it, in X registers: the
    // frame is not there yet.
    return v->op != IR_PARAM && v->block->root == root
           && !(v->op == IR_PHI && v->block == root);
}

// One copy for each frame, noted in the value till the next frame's turn.
static void want_copy(Unit *u, Block *root, Inst *v)
{
    if (v->last_copy != NULL && v->last_copy->block == root) return;
    Inst *c = ir_inst_new(&u->arena, u->split, IR_COPY, 1);
    c->args[0] = v;
    c->type = v->type;
    c->flags |= INST_NEEDS_Y;
    // Not inserted yet: a block is walked while copies are found.
    c->block = root;
    v->last_copy = c;
    if (root->copy_count == root->copy_room)
        root->copies = arena_grow(&u->arena, root->copies, root->copy_count,
                                  &root->copy_room, sizeof *root->copies);
    root->copies[root->copy_count++] = c;
}

// Whatever is live behind a call must be in the frame.
static void find_needs(Unit *u, Block *b, LiveSet *set)
{
    live_at_end(&u->arena, b, set, ++u->stamp);
    for (Inst *x = b->last; x != NULL && x->op != IR_PHI; x = x->prev) {
        set_remove(set, x);
        // A tail call gives the frame back: nothing lives behind it.
        bool clobbers = ir_clobbers(x) && !frame_is_tail(x);
        for (size_t i = 0; clobbers && i < set->count; i++) {
            Inst *v = set->live[i];
            if (belongs_to(v, b->root)) v->flags |= INST_NEEDS_Y;
            else want_copy(u, b->root, v);
        }
        for (size_t k = 0; k < x->nargs; k++)
            set_add(&u->arena, set, x->args[k]);
    }
}

// What a handler needs must be in the frame all through its region.
static void handler_needs(Unit *u, Block *h)
{
    // The handler may be reached from any call in the region, and looks for
    // each value in one place.
    for (size_t k = 0; k < h->live_count; k++) {
        Inst *v = h->live[k];
        if (belongs_to(v, h->root)) v->flags |= INST_NEEDS_Y;
        else want_copy(u, h->root, v);
    }
}

// The copy of [v] for [root], or [v] itself.
static Inst *copied(Inst *v, const Block *root)
{
    Inst *c = v->last_copy;
    return c != NULL && c->block == root && c != v ? c : v;
}

// The instruction up to which what a root copies is still in X registers: its
// first call, or NULL when it has none.
static Inst *first_call(const Block *root)
{
    Inst *x = root->first;
    while (x != NULL && !ir_clobbers(x)) x = x->next;
    return x;
}

// Uses within the frame of [root] are of the copies, but for those before
// anything has been lost: so arguments of the first call need not be moved
// back.
static void rename_uses(Block *root)
{
    Inst *until = first_call(root);
    for (Block *b = root; b != NULL; b = b->next_in_root) {
        Inst *first = b->first;
        // Not under a handler: that finds its values in the frame only.
        if (b == root && root->handler == NULL)
            first = until == NULL ? NULL : until->next;
        for (Inst *x = first; x != NULL; x = x->next) {
            if (x->op == IR_PHI) continue;
            for (size_t k = 0; k < x->nargs; k++)
                x->args[k] = copied(x->args[k], root);
        }
        for (size_t n = 0; n < b->next_count; n++) {
            Block *to = b->next[n];
            for (size_t k = 0; k < to->prev_count; k++)
                if (to->prev[k] == b)
                    for (Inst *x = to->first; x != NULL && x->op == IR_PHI;
                         x = x->next)
                        x->args[k] = copied(x->args[k], root);
        }
    }
}

// Chains the blocks of each frame, in order, from its root.
static void chain_roots(Function *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        Block *b = f->blocks[i];
        b->copy_count = 0;
        b->next_in_root = NULL;
        b->last_in_root = b;
        if (b->root == NULL || b->root == b) continue;
        b->root->last_in_root->next_in_root = b;
        b->root->last_in_root = b;
    }
}

// Copies of parameters: every other one first, so that neighbours do not lie
// side by side in the frame; see emit_moves.
static void order_copies(Block *root)
{
    size_t n = 0;
    for (uint32_t odd = 2; odd-- > 0;)
        for (size_t k = n; k < root->copy_count; k++) {
            Inst *c = root->copies[k];
            const Inst *v = c->args[0];
            if (v->op != IR_PARAM || v->index % 2 != odd) continue;
            memmove(root->copies + n + 1, root->copies + n,
                    (k - n) * sizeof *root->copies);
            root->copies[n++] = c;
        }
}

// Behind it values of different frames have nothing in common, and each is in a
// Y register or in no need of one.
void live_split(Unit *u, Function *f)
{
    LiveSet set = {0};
    bool any = false;
    u->split = f;
    chain_roots(f);
    // A value is split for one frame after the other, as it keeps but one
    // copy at a time.
    for (size_t i = 0; i < f->block_count; i++) {
        Block *root = f->blocks[i];
        if (root->root != root) continue;
        for (Block *b = root; b != NULL; b = b->next_in_root) {
            find_needs(u, b, &set);
            if (b->region_count > 0) handler_needs(u, b);
        }
        if (root->copy_count == 0) continue;
        any = true;
        rename_uses(root);
        order_copies(root);
        // Each goes to the front, so the last one first.
        for (size_t k = root->copy_count; k-- > 0;)
            ir_insert_first(root, root->copies[k]);
    }
    if (any) live_compute(u, f);
}
