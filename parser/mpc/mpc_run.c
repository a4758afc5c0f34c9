// SPDX-License-Identifier: Apache-2.0
// The evaluator of mpc: one loop over a stack of frames of its own, so that no
// nesting of the input can overflow the C stack.
//
// A frame is a parser that waits for its child: how far it has come, where it
// began, and where the results of its children begin on the stack of values.
// Two moves make up a parse: to enter a parser, which pushes a frame or ends at
// once, and to return to the frame on top with a result or a failure. A parser
// that can neither begin with the next character nor succeed on none is never
// entered; it fails where it stands, and only that place is noted.
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mpc_part.h"

typedef struct {
    const mpc_parser_t *p;
    uint32_t start;  // where it began
    uint32_t step;   // children done; alternative tried
    uint32_t values; // where its children's results begin
    uint32_t far;    // of EXPECT: how far others had come before
} Frame;

enum { FAILED_MOST = 24 };

// States are handed out from chunks that live as long as the parse.
typedef struct StateChunk {
    struct StateChunk *next;
    size_t used;
    mpc_state_t states[64];
} StateChunk;

typedef struct {
    const char *text;
    uint32_t size;
    uint32_t at;
    Frame *frames;
    size_t frame_count, frame_room;
    mpc_val_t **values;
    size_t value_count, value_room;
    mpc_val_t *value;  // the result that is being returned
    StateChunk *states;
    bool has_newlines; // rows have to be counted
    uint32_t far;      // the furthest place that anything failed at
    unsigned failed_count;
    const mpc_parser_t *failed[FAILED_MOST]; // what failed there
} Run;

// What a move leads to.
typedef enum { DOWN, SUCCESS, FAILURE } Move;

// Strings of one character, as primitive parsers answer them.
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

static Frame *push_frame(Run *r, const mpc_parser_t *p)
{
    if (r->frame_count == r->frame_room)
        r->frames = memory_grow(r->frames, &r->frame_room,
                                r->frame_count + 256, sizeof *r->frames);
    Frame *f = &r->frames[r->frame_count++];
    *f = (Frame){.p = p, .start = r->at, .values = (uint32_t)r->value_count};
    return f;
}

static void push_value(Run *r, mpc_val_t *x)
{
    if (r->value_count == r->value_room)
        r->values = memory_grow(r->values, &r->value_room,
                                r->value_count + 256, sizeof *r->values);
    r->values[r->value_count++] = x;
}

// Notes that [p] failed where the run stands.
static inline Move fail(Run *r, const mpc_parser_t *p)
{
    if (r->at < r->far) return FAILURE;
    if (r->at > r->far) r->failed_count = 0;
    r->far = r->at;
    if (r->failed_count < FAILED_MOST) r->failed[r->failed_count++] = p;
    return FAILURE;
}

static inline Move succeed(Run *r, mpc_val_t *x)
{
    r->value = x;
    return SUCCESS;
}

// The next character, 256 at the end.
static inline int next_character(const Run *r)
{
    return r->at < r->size ? (unsigned char)r->text[r->at] : 256;
}

static void find_row(const Run *r, uint32_t at, mpc_state_t *state)
{
    state->pos = state->col = (long)at;
    for (uint32_t i = 0; r->has_newlines && i < at; i++) {
        if (r->text[i] != '\n') continue;
        state->row++;
        state->col = (long)(at - i - 1);
    }
}

static mpc_state_t *new_state(Run *r)
{
    const size_t room = sizeof r->states->states / sizeof *r->states->states;
    if (r->states == NULL || r->states->used == room) {
        StateChunk *chunk = memory_alloc(sizeof *chunk);
        chunk->next = r->states;
        chunk->used = 0;
        r->states = chunk;
    }
    mpc_state_t *state = &r->states->states[r->states->used++];
    *state = (mpc_state_t){0};
    find_row(r, r->at, state);
    return state;
}

static bool can_begin(const mpc_parser_t *p, int c)
{
    return p->nullable || (c < 256 && mpc_set_has(&p->first, (unsigned char)c));
}

// ---- simple parsers ----

static bool run_simple(Run *r, const mpc_parser_t *p, mpc_val_t **x);

// Runs [p] if it is one of the parsers that sequences are mostly made of;
// they are told apart by tests, which predict better than a jump by type.
static inline bool run_primitive(Run *r, const mpc_parser_t *p, mpc_val_t **x)
{
    if (p->type == MPC_LIFT_VAL) {
        *x = p->x;
        return true;
    }
    if (p->type == MPC_STATE) {
        *x = new_state(r);
        return true;
    }
    if (p->type == MPC_EXPECT) {
        int c = next_character(r);
        if (c < 256 && mpc_set_has(&p->first, (unsigned char)c)) {
            *x = (mpc_val_t *)one_character[c];
            r->at++;
            return true;
        }
        (void)fail(r, p);
        return false;
    }
    return run_simple(r, p, x);
}

// The values of a simple sequence are on the C stack, which its depth, being
// bounded by the grammar, cannot exhaust.
static bool run_simple_and(Run *r, const mpc_parser_t *p, mpc_val_t **x)
{
    mpc_val_t *values[MPC_SIMPLE_MOST];
    uint32_t start = r->at;
    for (int i = 0; i < p->n; i++) {
        if (run_primitive(r, p->xs[i], &values[i])) continue;
        while (i-- > 0)
            if (p->dtors[i] != free) p->dtors[i](values[i]);
        r->at = start;
        return false;
    }
    *x = p->f.fold(p->n, values);
    return true;
}

// Runs simple parser [p]; its result goes to [*x].
static bool run_simple(Run *r, const mpc_parser_t *p, mpc_val_t **x)
{
    uint32_t start;
    switch ((MpcType)p->type) {
    case MPC_CHARACTERS:
        if (r->at == r->size
            || !mpc_set_has(&p->first, (unsigned char)r->text[r->at]))
            break;
        *x = (mpc_val_t *)one_character[(unsigned char)r->text[r->at++]];
        return true;
    case MPC_PASS: *x = NULL; return true;
    case MPC_LIFT: *x = p->f.lift(); return true;
    case MPC_LIFT_VAL: *x = p->x; return true;
    case MPC_STATE: *x = new_state(r); return true;
    case MPC_AND: return run_simple_and(r, p, x);
    case MPC_NOT:
        start = r->at;
        if (!run_primitive(r, p->xs[0], x)) {
            *x = NULL;
            return true;
        }
        if (p->dtor != free) p->dtor(*x);
        r->at = start;
        break;
    default:
        if (!run_primitive(r, p->xs[0], x)) return false;
        if (p->type == MPC_APPLY) *x = p->f.apply(*x);
        if (p->type == MPC_APPLY_TO) *x = p->f.apply_to(*x, p->x);
        return true; // EXPECT too
    }
    (void)fail(r, p);
    return false;
}

// ---- alternatives ----

// The first alternative of [p] from [i] on that can match; n when none can.
static int next_alternative(const Run *r, const mpc_parser_t *p, int i)
{
    int c = next_character(r);
    while (i < p->n && !can_begin(p->xs[i], c)) i++;
    return i;
}

// Enters an "or". The last alternative that can match takes its place without
// a frame: its fate is the fate of the whole.
static Move enter_or(Run *r, const mpc_parser_t **p)
{
    const mpc_parser_t *whole = *p;
    int i;
    if (whole->f.dispatch != NULL) {
        int c = next_character(r);
        const mpc_parser_t *only = whole->f.dispatch->only[c];
        if (only != NULL) {
            *p = only;
            return DOWN;
        }
        i = whole->f.dispatch->first[c];
        if (i == MPC_NONE) return fail(r, whole);
    } else {
        i = next_alternative(r, whole, 0);
        if (i == whole->n) return fail(r, whole);
    }
    if (whole->xs[i]->simple) { // tried on the spot, as are those behind it
        if (run_simple(r, whole->xs[i], &r->value)) return SUCCESS;
        i = next_alternative(r, whole, i + 1);
        if (i == whole->n) return FAILURE;
    }
    *p = whole->xs[i];
    if (next_alternative(r, whole, i + 1) < whole->n) // it is not the last
        push_frame(r, whole)->step = (uint32_t)i;
    return DOWN;
}

// ---- sequences ----

static Frame *top_frame(Run *r)
{
    return &r->frames[r->frame_count - 1];
}

// Ends the frame on top with success, folding the values of its children.
static Move fold_values(Run *r, const Frame *f)
{
    int n = (int)(r->value_count - f->values);
    mpc_val_t *x = f->p->f.fold(n, r->values + f->values);
    r->value_count = f->values;
    r->frame_count--;
    return succeed(r, x);
}

// The parser that [p] comes to where [c] is next: a choice that only one can
// win is that one.
static inline const mpc_parser_t *look_through(const mpc_parser_t *p, int c)
{
    if (p->type != MPC_OR || p->f.dispatch == NULL) return p;
    const mpc_parser_t *only = p->f.dispatch->only[c];
    return only != NULL ? only : p;
}

// Runs the children of a sequence from the next one on, as far as they need no
// frame.
static Move advance(Run *r, Frame *f, const mpc_parser_t **p)
{
    const mpc_parser_t *x = f->p;
    for (; f->step < (uint32_t)x->n; f->step++) {
        int c = next_character(r);
        const mpc_parser_t *child = look_through(x->xs[f->step], c);
        if (child->simple) {
            if (!run_primitive(r, child, &r->value)) return FAILURE;
        } else if (child->type == MPC_MAYBE && !can_begin(child->xs[0], c)) {
            (void)fail(r, child->xs[0]);
            r->value = child->f.lift();
        } else if (child->type == MPC_MANY && !can_begin(child->xs[0], c)) {
            (void)fail(r, child->xs[0]);
            r->value = child->f.fold(0, NULL);
        } else {
            *p = child;
            return DOWN;
        }
        push_value(r, r->value);
    }
    return fold_values(r, f);
}

// ---- entering ----

// Enters [*p]: ends at once, or leaves the parser to enter next in [*p].
static Move enter(Run *r, const mpc_parser_t **p)
{
    const mpc_parser_t *x = *p;
    int c = next_character(r);
    if (!can_begin(x, c)) return fail(r, x);
    if (x->simple)
        return run_simple(r, x, &r->value) ? SUCCESS : FAILURE;
    if (x->type == MPC_OR) return enter_or(r, p);
    if (x->type == MPC_AND) return advance(r, push_frame(r, x), p);
    switch ((MpcType)x->type) {
    case MPC_CHARACTERS:
        r->at++;
        return succeed(r, (mpc_val_t *)one_character[c]);
    case MPC_PASS: return succeed(r, NULL);
    case MPC_LIFT: return succeed(r, x->f.lift());
    case MPC_LIFT_VAL: return succeed(r, x->x);
    case MPC_STATE: return succeed(r, new_state(r));
    case MPC_UNDEFINED:
    case MPC_FAIL: return fail(r, x);
    case MPC_PREDICTIVE: *p = x->xs[0]; return DOWN;
    case MPC_EXPECT:
        *p = x->xs[0];
        // One character that can match will match: no frame for the message.
        if ((*p)->type != MPC_CHARACTERS) push_frame(r, x)->far = r->far;
        return DOWN;
    case MPC_COUNT:
        if (x->n == 0) return succeed(r, x->f.fold(0, NULL));
        break;
    case MPC_MAYBE:
    case MPC_MANY:
        if (can_begin(x->xs[0], c)) break;
        (void)fail(r, x->xs[0]);
        return succeed(r, x->type == MPC_MAYBE ? x->f.lift()
                                               : x->f.fold(0, NULL));
    default: break;
    }
    push_frame(r, x);
    *p = x->xs[0];
    return DOWN;
}

// ---- returning ----

static Move end_success(Run *r, mpc_val_t *x)
{
    r->frame_count--;
    return succeed(r, x);
}

static Move end_failure(Run *r)
{
    r->frame_count--;
    return FAILURE;
}

// A child of a repetition succeeded: another round, unless it stands still.
static Move repeat(Run *r, Frame *f, const mpc_parser_t **p)
{
    const mpc_parser_t *x = f->p, *child = x->xs[0];
    push_value(r, r->value);
    f->step++;
    if (x->type == MPC_COUNT && f->step == (uint32_t)x->n)
        return fold_values(r, f);
    if (!can_begin(child, next_character(r)) && x->type != MPC_COUNT) {
        (void)fail(r, child);
        return fold_values(r, f);
    }
    *p = child;
    return DOWN;
}

// An element or a separator of MPC_SEPBY1 succeeded; elements are even steps.
static Move separate(Run *r, Frame *f, const mpc_parser_t **p)
{
    bool element = f->step++ % 2 == 0;
    if (element) {
        push_value(r, r->value);
        f->start = r->at; // back to here when no element follows
    }
    *p = f->p->xs[element];
    return DOWN;
}

static Move check(Run *r, const Frame *f)
{
    const mpc_parser_t *x = f->p;
    bool good = x->type == MPC_CHECK ? x->f.check(&r->value)
                                     : x->f.check_with(&r->value, x->x);
    r->frame_count--;
    if (good) return SUCCESS;
    if (x->dtor != free) x->dtor(r->value);
    return fail(r, x);
}

// Returns the result r->value to the frame on top.
static Move return_success(Run *r, const mpc_parser_t **p)
{
    Frame *f = top_frame(r);
    const mpc_parser_t *x = f->p;
    if (x->type == MPC_AND) { // by far the most
        push_value(r, r->value);
        f->step++;
        return advance(r, f, p);
    }
    switch ((MpcType)x->type) {
    case MPC_APPLY: return end_success(r, x->f.apply(r->value));
    case MPC_APPLY_TO: return end_success(r, x->f.apply_to(r->value, x->x));
    case MPC_CHECK:
    case MPC_CHECK_WITH: return check(r, f);
    case MPC_NOT:
        r->at = f->start;
        if (x->dtor != free) x->dtor(r->value);
        r->frame_count--;
        return fail(r, x);
    case MPC_MANY:
    case MPC_MANY1:
    case MPC_COUNT: return repeat(r, f, p);
    case MPC_SEPBY1: return separate(r, f, p);
    default: // OR, MAYBE, EXPECT: the child's result is theirs
        return end_success(r, r->value);
    }
}

// Destroys the values that the frame on top has collected.
static void drop_values(Run *r, const Frame *f)
{
    for (size_t i = f->values; i < r->value_count; i++) {
        const mpc_parser_t *x = f->p;
        mpc_dtor_t dtor = x->dtor;
        if (x->type == MPC_AND) dtor = x->dtors[i - f->values];
        if (dtor != NULL && dtor != free) dtor(r->values[i]);
    }
    r->value_count = f->values;
}

// Returns a failure to the frame on top.
static Move return_failure(Run *r, const mpc_parser_t **p)
{
    Frame *f = top_frame(r);
    const mpc_parser_t *x = f->p;
    int i;
    switch ((MpcType)x->type) {
    case MPC_AND:
    case MPC_COUNT:
        drop_values(r, f);
        r->at = f->start;
        return end_failure(r);
    case MPC_OR:
        i = next_alternative(r, x, (int)f->step + 1);
        if (i == x->n) return end_failure(r);
        f->step = (uint32_t)i;
        *p = x->xs[i];
        return DOWN;
    case MPC_NOT: return end_success(r, NULL);
    case MPC_MAYBE: return end_success(r, x->f.lift());
    case MPC_MANY1:
        if (f->step == 0) return end_failure(r);
        return fold_values(r, f);
    case MPC_MANY: return fold_values(r, f);
    case MPC_SEPBY1:
        if (f->step == 0) return end_failure(r);
        r->at = f->start;
        return fold_values(r, f);
    case MPC_EXPECT: // what it expected counts, not what its child did
        r->frame_count--;
        if (f->far < r->at || r->far == r->at) r->failed_count = 0;
        return fail(r, x);
    default: return end_failure(r);
    }
}

// ---- errors ----

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}

static void add_expected(mpc_err_t *e, const char *text)
{
    enum { EXPECTED_MOST = 32 };
    for (int i = 0; i < e->expected_num; i++)
        if (strcmp(e->expected[i], text) == 0) return;
    if (e->expected_num == EXPECTED_MOST) return;
    e->expected[e->expected_num++] = copy_text(text);
}

// Adds what [p] can begin with, as far as it is named. [depth] bounds
// recursive grammars.
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
        if (p->type == MPC_AND && !p->xs[i]->nullable) return;
    }
}

static mpc_err_t *make_error(const Run *r, const char *filename)
{
    enum { NAMES_MOST = 32, DEPTH_MOST = 12 };
    mpc_err_t *e = memory_zeroed(1, sizeof *e);
    e->expected = memory_zeroed(NAMES_MOST, sizeof *e->expected);
    e->filename = copy_text(filename);
    e->received = r->far < r->size ? r->text[r->far] : 0;
    find_row(r, r->far, &e->state);
    for (unsigned i = 0; i < r->failed_count; i++) {
        const mpc_parser_t *p = r->failed[i];
        bool named = p->type == MPC_CHECK || p->type == MPC_CHECK_WITH
                     || p->type == MPC_FAIL;
        if (named && e->failure == NULL) e->failure = copy_text(p->text);
        if (!named) add_beginnings(e, p, DEPTH_MOST);
    }
    return e;
}

static void free_run(Run *r)
{
    free(r->frames);
    free(r->values);
    while (r->states != NULL) {
        StateChunk *next = r->states->next;
        free(r->states);
        r->states = next;
    }
}

bool mpc_run(const char *filename, const char *string, size_t length,
             const mpc_parser_t *p, mpc_result_t *result)
{
    Run r = {.text = string, .size = (uint32_t)length};
    r.has_newlines = memchr(string, '\n', length) != NULL;
    Move move = DOWN;
    for (;;) {
        if (move == DOWN)
            move = enter(&r, &p);
        else if (r.frame_count == 0)
            break;
        else if (move == SUCCESS)
            move = return_success(&r, &p);
        else
            move = return_failure(&r, &p);
    }
    if (move == SUCCESS)
        result->output = r.value;
    else
        result->error = make_error(&r, filename);
    free_run(&r);
    return move == SUCCESS;
}
