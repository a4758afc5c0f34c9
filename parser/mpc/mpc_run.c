// SPDX-License-Identifier: Apache-2.0
// The machine of mpc: one loop over the steps that parsers are compiled into,
// with stacks of its own, so that no nesting of the input can overflow the C
// stack.
//
// Only what may have to be gone back to, and calls of named parsers, need a
// frame; a sequence leaves its values on the stack until its fold. A failure
// notes its place and unwinds to the newest frame that knows how to go on. It
// takes up the text and the values where that frame was made.
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mpc_part.h"

// What a frame is for; of a RETURN only [next] and [kind] are set.
typedef enum {
    FRAME_RETURN, // of a call: where it goes on
    FRAME_TRY,    // a failure goes on at [next]
    FRAME_MANY,   // the same; the frame stays for the fold
    FRAME_OPEN,   // a first round that must succeed
    FRAME_EXPECT, // a failure is named by its parser
    FRAME_DTOR    // the newest value is destroyed
} FrameKind;

typedef struct {
    // Where to go on; of EXPECT and DTOR the step itself.
    const MpcStep *next;
    uint32_t at;     // of the text, when it was made
    uint32_t values; // of the stack of values, then or after the last round
    uint32_t base;   // where a repetition's values begin; of EXPECT: how far
                     // failures had come
    uint8_t kind;    // FrameKind
} Frame;

// More failures at one place than FAILED_MOST are not told. The others are what
// an expression of a few lines needs; larger parses go to malloc.
enum { FAILED_MOST = 24, FRAMES_LOCAL = 64, VALUES_LOCAL = 128,
       STATES_LOCAL = 128 };

// All that one parse needs; it lies on the C stack of mpc_run.
typedef struct {
    const unsigned char *text; // the input; not copied
    uint32_t size; // of the input
    bool has_newlines;  // rows have to be counted
    uint32_t far;       // the furthest place that anything failed at
    unsigned failed_count; // parsers in [failed]
    const mpc_parser_t *failed[FAILED_MOST]; // what failed there
    Frame *frames; // local_frames, or memory of malloc
    Frame *frames_end; // behind the last there is room for
    mpc_val_t **values; // local_values, or memory of malloc
    mpc_val_t **values_end; // behind the last there is room for
    mpc_state_t *states; // by place; local_states, or memory of malloc
    // What parses of usual size need no other memory than.
    Frame local_frames[FRAMES_LOCAL];
    mpc_val_t *local_values[VALUES_LOCAL];
    mpc_state_t local_states[STATES_LOCAL];
} Run;

// Strings of one character, as primitive parsers answer them.
// Constants: a character as a value needs no memory, and mpcf_free may ignore
// it.
#define ONE(c) {(char)(c), 0}
#define ONE4(c) ONE(c), ONE((c) + 1), ONE((c) + 2), ONE((c) + 3)
#define ONE16(c) ONE4(c), ONE4((c) + 4), ONE4((c) + 8), ONE4((c) + 12)
#define ONE64(c) ONE16(c), ONE16((c) + 16), ONE16((c) + 32), ONE16((c) + 48)
static const char one_character[256][2] = {ONE64(0), ONE64(64), ONE64(128),
                                           ONE64(192)};
#undef ONE
#undef ONE4
#undef ONE16
#undef ONE64

// Steps that no code contains: GO(&unwind) is how a step fails.
static const MpcStep unwind = {.op = STEP_UNWIND};
static const MpcStep done = {.op = STEP_DONE};
static const MpcStep lost = {.op = STEP_LOST};

// ---- the stacks ----

// Memory for twice the [*size] bytes at [from], which are moved there.
// Local memory cannot be resized, so the first growth copies.
static void *double_room(void *from, const void *local, size_t *size)
{
    void *to = memory_resize(from == local ? NULL : from, 2 * *size);
    if (from == local) memcpy(to, local, *size);
    *size *= 2;
    return to;
}

// Room for more frames; answers where [top] lies now.
// Frames move, so no pointer to one is kept across a push.
static Frame *grow_frames(Run *r, const Frame *top)
{
    size_t used = (size_t)(top - r->frames);
    size_t size = (size_t)(r->frames_end - r->frames) * sizeof *top;
    r->frames = double_room(r->frames, r->local_frames, &size);
    r->frames_end = r->frames + size / sizeof *top;
    return r->frames + used;
}

static mpc_val_t **grow_values(Run *r, mpc_val_t *const *top)
{
    size_t used = (size_t)(top - r->values);
    size_t size = (size_t)(r->values_end - r->values) * sizeof *top;
    r->values = double_room(r->values, r->local_values, &size);
    r->values_end = r->values + size / sizeof *top;
    return r->values + used;
}

// The common case is one comparison and one store.
static inline mpc_val_t **push_value(Run *r, mpc_val_t **top, mpc_val_t *x)
{
    if (top == r->values_end) top = grow_values(r, top);
    *top = x;
    return top + 1;
}

// Fields are stored one by one: what is stored in parts and loaded as a whole
// at once waits for the store.
static inline Frame *push_frame(Run *r, Frame *top, FrameKind kind,
                                const MpcStep *next)
{
    if (top == r->frames_end) top = grow_frames(r, top);
    top->kind = (uint8_t)kind;
    top->next = next;
    return top + 1;
}

// A frame that a failure at or behind [at] goes back to; [values] stay.
// [base] is the same at first; a repetition moves [values] on with each round,
// EXPECT keeps something else there.
static inline Frame *push_try(Run *r, Frame *top, FrameKind kind,
                              const MpcStep *next, uint32_t at,
                              uint32_t values)
{
    top = push_frame(r, top, kind, next);
    top[-1].at = at;
    top[-1].values = top[-1].base = values;
    return top;
}

// By count, since the stack may move.
static inline uint32_t count_values(const Run *r, mpc_val_t *const *top)
{
    return (uint32_t)(top - r->values);
}

// ---- places ----

// The character at [at].
// A number for the end as well, which is in no set, so one look serves all.
static inline unsigned character_at(const Run *r, uint32_t at)
{
    return at < r->size ? r->text[at] : MPC_END;
}

// Notes that [p] failed at [at].
// An error tells what failed furthest: what failed before was only a choice
// that was not the right one.
static inline void note(Run *r, uint32_t at, const mpc_parser_t *p)
{
    if (at < r->far) return;
    if (at > r->far) r->failed_count = 0;
    r->far = at;
    // A list that is full says enough.
    if (r->failed_count < FAILED_MOST) r->failed[r->failed_count++] = p;
}

// Only for real text. Over tokens a kind of 10 is a newline too, and the row
// means nothing.
static void find_row(const Run *r, uint32_t at, mpc_state_t *state)
{
    for (uint32_t i = 0; i < at; i++) {
        if (r->text[i] != '\n') continue;
        state->row++;
        state->col = (long)(at - i - 1);
    }
}

// By place: a place asked for twice, after going back, is overwritten with the
// same. One array for all, so that a state needs no malloc and stays where it
// is.
static inline mpc_state_t *state_at(Run *r, uint32_t at)
{
    mpc_state_t *state = &r->states[at];
    *state = (mpc_state_t){.pos = (long)at, .col = (long)at};
    if (r->has_newlines) find_row(r, at, state);
    return state;
}

// ---- what steps do at length ----

// A check may put another value in place.
static bool run_check(const MpcStep *s, mpc_val_t **x)
{
    const mpc_parser_t *p = s->p;
    return s->op == STEP_CHECK ? p->f.check(x) : p->f.check_with(x, p->x);
}

// What [p] expected counts, not what its parts did; it began at [f].
// So an error says "expected end of input", not all the tokens that were looked
// for there.
static void note_expected(Run *r, const Frame *f)
{
    if (f->base < f->at || r->far == f->at) r->failed_count = 0;
    note(r, f->at, f->next->p);
}

static void destroy(mpc_dtor_t dtor, mpc_val_t *x)
{
    if (dtor != NULL && dtor != free) dtor(x);
}

// Takes frames off, from the newest on, up to one that knows how to go on; that
// one is left at [*top], for the caller to look at. Where there is none the
// step to go on at is "lost".
// Frames of calls are dropped on the way: what failed does not return.
static const MpcStep *unwind_frames(Run *r, Frame **top)
{
    while (*top > r->frames) {
        Frame *f = --*top;
        switch ((FrameKind)f->kind) {
        case FRAME_TRY:
        case FRAME_MANY: return f->next;
        case FRAME_EXPECT: note_expected(r, f); break;
        case FRAME_DTOR: f->next->f.dtor(r->values[f->values - 1]); break;
        case FRAME_OPEN:
        case FRAME_RETURN: break;
        }
    }
    return &lost;
}

// Where the SELECT [s] goes on when [c] is next.
static inline const MpcStep *selected(const MpcStep *s, unsigned c)
{
    return s->to.table[c < s->n ? c : s->n];
}

// The newest values become one.
static inline mpc_val_t **fold_values(Run *r, const MpcStep *s, mpc_val_t **top)
{
    top -= s->n;
    return push_value(r, top, s->f.fold((int)s->n, top));
}

// Whether another round of the repetition in frame [f] can begin with [next],
// the character at [at]; [p] is what it begins with. A round that consumed
// nothing was the last.
static inline bool goes_round(Run *r, Frame *f, uint32_t at, unsigned next,
                              const mpc_parser_t *p)
{
    bool stands = at == f->at && f->kind == FRAME_MANY;
    // From the second round on a failure ends the repetition instead of failing
    // it: OPEN becomes MANY.
    f->kind = FRAME_MANY;
    f->at = at;
    if (!stands && mpc_can_begin(p, next)) return true;
    // What could have gone on belongs to the error too: "expected ','".
    note(r, at, p);
    return false;
}

// ---- the loop ----

// Every step jumps to the next by itself, which is easier to foresee than one
// jump for all of them.
#define STEP(name) do_##name:
#define GO(step)             \
    do {                     \
        s = (step);          \
        goto *steps[s->op];  \
    } while (0)
#define NEXT() GO(s + 1)
#define MOVE_TO(place)                  \
    do {                                \
        at = (place);                   \
        next = character_at(r, at);     \
    } while (0)

// Runs steps from [s] on; the result goes to [*result].
// [at], [next], [top] and [frame] are locals, so that they stay in registers;
// only what is needed at length goes through [r].
static bool run(Run *r, const MpcStep *s, mpc_val_t **result)
{
    static const void *const steps[] = {
#define STEP_LABEL(name) &&do_##name,
        MPC_STEPS(STEP_LABEL)
#undef STEP_LABEL
    };
    uint32_t at = 0;
    unsigned next = character_at(r, 0); // that at [at]
    mpc_val_t **top = r->values; // the next free place
    Frame *frame = r->frames;    // likewise
    // The bottom frame: when the root returns, the parse is done.
    frame = push_frame(r, frame, FRAME_RETURN, &done);
    goto *steps[s->op];
    STEP(CHARS)
        if (!mpc_set_has(s->f.set, next)) {
            note(r, at, s->p);
            GO(&unwind);
        }
        top = push_value(r, top, (mpc_val_t *)one_character[next]);
        MOVE_TO(at + 1);
        NEXT();
    STEP(SKIP)
        if (!mpc_set_has(s->f.set, next)) {
            note(r, at, s->p);
            GO(&unwind);
        }
        MOVE_TO(at + 1);
        top = push_value(r, top, NULL);
        NEXT();
    STEP(PLACE)
        if (!mpc_set_has(s->f.set, next)) {
            note(r, at, s->p);
            GO(&unwind);
        }
        top = push_value(r, top, state_at(r, at));
        top = push_value(r, top, (mpc_val_t *)one_character[next]);
        MOVE_TO(at + 1);
        NEXT();
    STEP(VALUE_MARK) top = push_value(r, top, s->to.x); // and then:
    STEP(MARK) {
        if (!mpc_set_has(&s->p->first, next)) {
            note(r, at, s->p);
            GO(&unwind);
        }
        mpc_val_t *xs[] = {state_at(r, at), (mpc_val_t *)one_character[next]};
        MOVE_TO(at + 1);
        top = push_value(r, top, s->f.fold(2, xs));
        NEXT();
    }
    STEP(VALUE_PLACE) {
        if (!mpc_set_has(&s->p->first, next)) {
            note(r, at, s->p);
            GO(&unwind);
        }
        mpc_val_t *xs[] = {s->to.x, state_at(r, at),
                           (mpc_val_t *)one_character[next]};
        MOVE_TO(at + 1);
        top = push_value(r, top, s->f.fold(3, xs));
        NEXT();
    }
    STEP(NOT_CHARS)
        // Noted even when it succeeds: where the parse fails later at this
        // place, the look ahead is a reason too.
        note(r, at, s->p);
        if (mpc_set_has(s->f.set, next)) GO(&unwind);
        top = push_value(r, top, NULL);
        NEXT();
    STEP(VALUE) top = push_value(r, top, s->f.x); NEXT();
    STEP(LIFT) top = push_value(r, top, s->f.lift()); NEXT();
    STEP(STATE) top = push_value(r, top, state_at(r, at)); NEXT();
    STEP(VALUE_HERE) top = push_value(r, top, s->to.x); // and then:
    STEP(HERE) {
        mpc_val_t *x = state_at(r, at);
        top = push_value(r, top, s->f.fold(1, &x));
        NEXT();
    }
    STEP(FOLD)
        frame -= s->dtors; // their values are safe in the fold's hands
        top = fold_values(r, s, top);
        NEXT();
    STEP(FOLD_RETURN)
        frame -= s->dtors;
        top = fold_values(r, s, top);
        GO((--frame)->next);
    STEP(APPLY) top[-1] = s->f.apply(top[-1]); NEXT();
    STEP(APPLY_TO) top[-1] = s->p->f.apply_to(top[-1], s->p->x); NEXT();
    STEP(CHECK)
    STEP(CHECK_WITH)
        if (run_check(s, &top[-1])) NEXT();
        destroy(s->p->dtor, top[-1]);
        note(r, at, s->p);
        GO(&unwind);
    STEP(DTOR)
        frame = push_try(r, frame, FRAME_DTOR, s, at, count_values(r, top));
        NEXT();
    STEP(CALL)
        frame = push_frame(r, frame, FRAME_RETURN, s + 1);
        GO(s->to.step);
    STEP(CALL_SELECT)
        frame = push_frame(r, frame, FRAME_RETURN, s + 1);
        GO(selected(s->to.step, next));
    STEP(RETURN) GO((--frame)->next);
    STEP(JUMP) GO(s->to.step);
    STEP(SELECT) GO(selected(s, next));
    STEP(MAYBE)
        if (!mpc_can_begin(s->f.part, next)) {
            note(r, at, s->f.part);
            top = push_value(r, top, s->p->f.lift());
            GO(s->to.step);
        }
        frame = push_try(r, frame, FRAME_TRY, s->to.step - 1, at,
                         count_values(r, top));
        NEXT();
    STEP(AHEAD)
        // The next character is known to fit, see compile_piece.
        if (mpc_set_has(s->f.set, character_at(r, at + 1))) GO(s->to.step);
        NEXT();
    STEP(TRY)
        frame = push_try(r, frame, FRAME_TRY, s->to.step, at,
                         count_values(r, top));
        NEXT();
    STEP(COMMIT)
        // The alternative has succeeded: nothing goes back to it any more.
        frame--;
        GO(s->to.step);
    STEP(REFUSE)
        // The frame is that of the TRY that NOT began with.
        frame--;
        destroy(s->p->dtor, top[-1]);
        // A NOT consumes nothing, also when it fails.
        MOVE_TO(frame->at);
        note(r, at, s->p);
        GO(&unwind);
    STEP(MANY)
        if (!mpc_can_begin(s->f.part, next)) {
            note(r, at, s->f.part);
            top = push_value(r, top, s->p->f.fold(0, NULL));
            GO(s->to.step);
        }
        frame = push_try(r, frame, FRAME_MANY, s->to.step - 1, at,
                         count_values(r, top));
        NEXT();
    STEP(OPEN)
        frame = push_try(r, frame, FRAME_OPEN, s, at, count_values(r, top));
        NEXT();
    STEP(LOOP)
        // A failure of the next round takes up the text and the values as they
        // are here.
        frame[-1].values = count_values(r, top);
        frame[-1].next = s + 1;
        if (!goes_round(r, &frame[-1], at, next, s->f.part)) NEXT();
        GO(s->to.step);
    STEP(GATHER) {
        uint32_t base = (--frame)->base;
        int n = (int)(count_values(r, top) - base);
        top = r->values + base;
        top = push_value(r, top, s->f.fold(n, top));
        NEXT();
    }
    STEP(EXPECT)
        frame = push_try(r, frame, FRAME_EXPECT, s, at, r->far);
        NEXT();
    STEP(EXPECTED) frame--; NEXT();
    STEP(FAIL)
        note(r, at, s->p);
        GO(&unwind);
    STEP(UNWIND)
        s = unwind_frames(r, &frame);
        if (s == &lost) GO(s); // nothing is left to try
        MOVE_TO(frame->at);
        // Values made since are forgotten, not freed: the run or the caller
        // owns what they point to.
        top = r->values + frame->values;
        // MANY is folded as far as it came; TRY is used up.
        if (frame->kind == FRAME_MANY) frame++; // its fold takes it off
        GO(s);
    STEP(DONE) *result = top[-1]; return true;
    STEP(LOST) return false;
}

// ---- errors ----

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}

static void add_expected(mpc_err_t *e, const char *text)
{
    // More would be no message for anybody.
    enum { EXPECTED_MOST = 32 };
    for (int i = 0; i < e->expected_num; i++) // each only once
        if (strcmp(e->expected[i], text) == 0) return;
    if (e->expected_num == EXPECTED_MOST) return;
    e->expected[e->expected_num++] = copy_text(text);
}

// Adds what [p] can begin with, as far as it is named. [depth] bounds
// recursive grammars.
// As the parsers of merle's grammar name no rules but only tokens, an error of
// mpc's is hardly ever shown; the place is what counts.
static void add_beginnings(mpc_err_t *e, const mpc_parser_t *p, int depth)
{
    if (depth == 0) return;
    if (p->type == MPC_EXPECT) {
        add_expected(e, p->text);
        return;
    }
    bool several = p->type == MPC_OR || p->type == MPC_AND;
    int n = p->xs == NULL ? 0 : several ? p->n : 1;
    for (int i = 0; i < n; i++) {
        add_beginnings(e, p->xs[i], depth - 1);
        // Only those that can stand first.
        if (p->type == MPC_AND && !p->xs[i]->nullable) return;
    }
}

static mpc_err_t *make_error(const Run *r, const char *filename)
{
    enum { NAMES_MOST = 32, DEPTH_MOST = 12 };
    mpc_err_t *e = memory_zeroed(1, sizeof *e);
    e->expected = memory_zeroed(NAMES_MOST, sizeof *e->expected);
    e->filename = copy_text(filename);
    // 0 also for the end, see mpc_err_t.
    e->received = r->far < r->size ? (char)r->text[r->far] : 0;
    e->state.pos = e->state.col = (long)r->far;
    find_row(r, r->far, &e->state);
    for (unsigned i = 0; i < r->failed_count; i++) {
        const mpc_parser_t *p = r->failed[i];
        bool named = p->type == MPC_CHECK || p->type == MPC_CHECK_WITH
                     || p->type == MPC_FAIL;
        // The first failure with words of its own wins over lists of names.
        if (named && e->failure == NULL) e->failure = copy_text(p->text);
        if (!named) add_beginnings(e, p, DEPTH_MOST);
    }
    return e;
}

// ---- a parse ----

// What has outgrown the local arrays.
static void free_run(Run *r)
{
    if (r->frames != r->local_frames) free(r->frames);
    if (r->values != r->local_values) free(r->values);
    if (r->states != r->local_states) free(r->states);
}

bool mpc_run(const char *filename, const char *string, size_t length,
             const mpc_parser_t *p, mpc_result_t *result)
{
    // Not zeroed as a whole: the local arrays are 6 KB that a short parse does
    // not touch.
    Run r;
    r.text = (const unsigned char *)string;
    r.size = (uint32_t)length;
    r.has_newlines = memchr(string, '\n', length) != NULL;
    r.far = 0;
    r.failed_count = 0;
    r.frames = r.local_frames;
    r.frames_end = r.frames + FRAMES_LOCAL;
    r.values = r.local_values;
    r.values_end = r.values + VALUES_LOCAL;
    // Not touched before a state is asked for.
    r.states = r.size < STATES_LOCAL
                   ? r.local_states
                   : memory_alloc((r.size + (size_t)1) * sizeof *r.states);
    mpc_val_t *output = NULL;
    bool good = run(&r, p->code.steps, &output);
    if (good)
        result->output = output;
    else
        result->error = make_error(&r, filename);
    free_run(&r);
    return good;
}
