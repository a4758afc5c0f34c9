// SPDX-License-Identifier: Apache-2.0
// The words that rules are written with, made of mpc's.
#include <stdlib.h>

#include "grammar_part.h"
#include "memory.h"

// The parser is shared, not copied: mpc counts its name as its owner.
mpc_parser_t *rule(Grammar *g, RuleName name)
{
    return g->rules[name];
}

void define(Grammar *g, RuleName name, mpc_parser_t *p)
{
    mpc_define(g->rules[name], p);
}

// ---- sequences ----
// mpc takes the parsers and the destructors of a sequence as arguments; this
// is the one place that counts them.

// [f] folds the [n] values of [p].
static mpc_parser_t *and_parts(int n, mpc_fold_t f, mpc_parser_t *const *p)
{
    mpc_dtor_t k = mpcf_dtor_null; // nothing is ever freed one by one
    switch (n) {
    case 1: return mpc_and(1, f, p[0]);
    case 2: return mpc_and(2, f, p[0], p[1], k);
    case 3: return mpc_and(3, f, p[0], p[1], p[2], k, k);
    case 4: return mpc_and(4, f, p[0], p[1], p[2], p[3], k, k, k);
    case 5: return mpc_and(5, f, p[0], p[1], p[2], p[3], p[4], k, k, k, k);
    case 6:
        return mpc_and(6, f, p[0], p[1], p[2], p[3], p[4], p[5], k, k, k, k, k);
    case 7:
        return mpc_and(7, f, p[0], p[1], p[2], p[3], p[4], p[5], p[6], k, k, k,
                       k, k, k);
    case 8:
        return mpc_and(8, f, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], k,
                       k, k, k, k, k, k);
    default:
        assert(n == 9); // a longer rule is a mistake in the grammar
        return mpc_and(9, f, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7],
                       p[8], k, k, k, k, k, k, k, k);
    }
}

static int count_parts(mpc_parser_t *const *parts)
{
    int n = 0;
    while (parts[n] != NULL) n++;
    return n;
}

// [parts] behind a parser that answers [context] and consumes nothing.
// How a fold gets at the grammar, for mpc's folds have no data of their own.
static mpc_parser_t *sequence_with(void *context, mpc_fold_t fold,
                                   mpc_parser_t *const *parts)
{
    mpc_parser_t *all[9] = {mpc_lift_val(context)};
    int n = count_parts(parts);
    assert(n < 9);
    memcpy(all + 1, parts, (size_t)n * sizeof *all);
    return and_parts(n + 1, fold, all);
}

mpc_parser_t *sequence(Grammar *g, mpc_fold_t fold, mpc_parser_t *const *parts)
{
    return sequence_with(g, fold, parts);
}

mpc_parser_t *pick(int n, mpc_parser_t *const *parts)
{
    mpc_fold_t fold = n == 1 ? mpcf_fst : n == 2 ? mpcf_snd : mpcf_trd;
    return and_parts(count_parts(parts), fold, parts);
}

mpc_parser_t *choice(mpc_parser_t *const *p)
{
    // mpc takes no more arguments than it is told there are.
    // C cannot build an argument list, so 16 are always passed.
    assert(count_parts(p) <= 16);
    mpc_parser_t *x[16] = {NULL};
    int n = count_parts(p);
    memcpy(x, p, (size_t)n * sizeof *x);
    return mpc_or(n, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8],
                  x[9], x[10], x[11], x[12], x[13], x[14], x[15]);
}

// ---- tokens ----

// Of a state and the matched character.
// The state tells the index: its position counts tokens.
static size_t take_place(mpc_val_t **xs)
{
    long at = ((mpc_state_t *)xs[0])->pos;
    mpcf_free(xs[0]);
    mpcf_free(xs[1]);
    return (size_t)at;
}

static mpc_val_t *fold_mark(int n, mpc_val_t **xs)
{
    (void)n;
    return token_value(take_place(xs));
}

// The token itself is the form: {var, Anno, 'X'}.
static mpc_val_t *fold_leaf(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    size_t at = take_place(xs + 1);
    Token *t = token_at(g, at);
    (void)n;
    return term_value(heap_tuple3(g->heap, token_symbol((TokenKind)t->kind),
                                  anno_at(g, at), t->value));
}

static mpc_parser_t *mark_char(mpc_parser_t *c)
{
    return mpc_and(2, fold_mark, mpc_state(), c, free);
}

// One for each kind, shared by all rules. Their name is never seen, for they
// are simple and compiled in place.
mpc_parser_t *mark(Grammar *g, TokenKind kind)
{
    if (g->marks[kind] == NULL) {
        g->marks[kind] = mpc_new("token");
        mpc_define(g->marks[kind], mark_char(mpc_char((char)kind)));
    }
    return g->marks[kind];
}

mpc_parser_t *skip(Grammar *g, TokenKind kind)
{
    if (g->skips[kind] == NULL) {
        g->skips[kind] = mpc_new("token");
        mpc_define(g->skips[kind],
                   mpc_apply(mpc_char((char)kind), mpcf_free));
    }
    return g->skips[kind];
}

// Not shared: it is made where it is used, a dozen times.
mpc_parser_t *mark_any(int (*f)(char))
{
    return mark_char(mpc_satisfy(f));
}

mpc_parser_t *leaf(Grammar *g, int (*f)(char))
{
    return SEQ(g, fold_leaf, mpc_state(), mpc_satisfy(f));
}

// mpc_not consumes nothing: the next token stays for who follows.
mpc_parser_t *lone_leaf(Grammar *g, int (*f)(char), int (*more)(char))
{
    return PICK(1, leaf(g, f), mpc_not(mpc_satisfy(more), free));
}

// ---- templates ----

// Elements of a tuple.
enum { TEMPLATE_MOST = 7 };

typedef enum {
    FIELD_CONSTANT,  // an atom, or nil
    FIELD_VALUE,     // the value as it is
    FIELD_LIST,      // [Value]
    FIELD_ANNO,      // anno of a token
    FIELD_TOKEN,     // value of a token
    FIELD_FIRST_ANNO // anno of the leftmost token
} FieldKind;

typedef struct {
    uint8_t kind;  // FieldKind
    uint8_t part;  // which value
    uint8_t other; // of FIRST_ANNO: the form that begins there
    Term constant; // of CONSTANT
} Field;

// Data of a fold in place of the Grammar; it leads back to it.
struct Template {
    Grammar *g;                  // in whose heap it builds
    size_t count;                // of fields
    Field fields[TEMPLATE_MOST]; // by element
};

// Values are numbered from 1, the template itself being value 0.
static Term fill_field(Grammar *g, const Field *f, mpc_val_t **xs)
{
    switch ((FieldKind)f->kind) {
    case FIELD_CONSTANT: return f->constant;
    case FIELD_VALUE: return value_term(xs[f->part]);
    case FIELD_LIST:
        return heap_cons(g->heap, value_term(xs[f->part]), TERM_NIL);
    case FIELD_ANNO: return anno_at(g, value_token(xs[f->part]));
    case FIELD_TOKEN: return token_at(g, value_token(xs[f->part]))->value;
    // The only kind that needs two values: a HERE and the form behind it.
    case FIELD_FIRST_ANNO: break;
    }
    return grammar_first_anno(g, value_token(xs[f->part]),
                              value_term(xs[f->other]));
}

// All forms that need no decision are made here.
static mpc_val_t *fold_node(int n, mpc_val_t **xs)
{
    const Template *t = xs[0];
    (void)n;
    // Fields may take room on the heap behind the tuple: nothing moves.
    Term *to, tuple = heap_tuple_new(t->g->heap, t->count, &to);
    for (size_t i = 0; i < t->count; i++)
        to[i] = fill_field(t->g, &t->fields[i], xs);
    return term_value(tuple);
}

// Parts are numbered with one digit: no sequence has more than 8.
static uint8_t digit(char c)
{
    return (uint8_t)(c - '0');
}

// One letter decides; words that begin otherwise are tags.
static Field read_field(Grammar *g, const char *word, size_t size)
{
    Field f = {.kind = FIELD_VALUE, .part = digit(word[0])};
    if (size == 1) return f;
    f.part = digit(word[1]);
    switch (word[0]) {
    case '@': f.kind = FIELD_ANNO; return f;
    case '=': f.kind = FIELD_TOKEN; return f;
    case '^':
        f.kind = FIELD_FIRST_ANNO;
        f.other = digit(word[2]);
        return f;
    case '[':
        // "[]" is nil, "[2]" a list of one.
        f.kind = size == 2 ? FIELD_CONSTANT : FIELD_LIST;
        f.constant = TERM_NIL;
        return f;
    default:
        f.kind = FIELD_CONSTANT;
        f.constant = atom_new(g->atoms, word, size);
        return f;
    }
}

// Read once when the grammar is made, never while parsing.
static Template *read_template(Grammar *g, const char *text)
{
    Template *t = memory_zeroed(1, sizeof *t);
    t->g = g;
    assert(g->template_count < TEMPLATES_MOST);
    g->templates[g->template_count++] = t;
    while (*text != 0) {
        size_t size = strcspn(text, " ");
        t->fields[t->count++] = read_field(g, text, size);
        text += size + (text[size] == ' ');
    }
    return t;
}

mpc_parser_t *node(Grammar *g, const char *text, mpc_parser_t *const *parts)
{
    return sequence_with(read_template(g, text), fold_node, parts);
}

// ---- options and lists ----

static mpc_val_t *make_nil(void)
{
    return term_value(TERM_NIL);
}

static mpc_val_t *make_default(void)
{
    return term_value(ATOM_default);
}

mpc_parser_t *or_nil(mpc_parser_t *p)
{
    return mpc_maybe_lift(p, make_nil);
}

mpc_parser_t *or_default(mpc_parser_t *p)
{
    return mpc_maybe_lift(p, make_default);
}

// A list cell for the last value; its tail comes when the list is folded.
// The value is the last, as separators come before it.
static mpc_val_t *fold_cell(int n, mpc_val_t **xs)
{
    Grammar *g = xs[0];
    return term_value(heap_cons(g->heap, value_term(xs[n - 1]), TERM_NIL));
}

// Cells, the last of which may begin a list, become one list.
// The cells were made by this parse and nothing else points to them, so they
// may be written to.
static mpc_val_t *fold_cells(int n, mpc_val_t **xs)
{
    if (n == 0) return term_value(TERM_NIL);
    for (int i = 0; i + 1 < n; i++)
        term_cons_ptr(value_term(xs[i]))[1] = value_term(xs[i + 1]);
    return xs[0];
}

// Twice the item's parser, because each has one owner; a rule's name may stand
// in many places.
static mpc_parser_t *cells(Grammar *g, mpc_parser_t *first, mpc_parser_t *more,
                           TokenKind separator)
{
    mpc_parser_t *next = SEQ(g, fold_cell, skip(g, separator), more);
    return mpc_and(2, fold_cells, SEQ(g, fold_cell, first),
                   mpc_many(fold_cells, next), mpcf_dtor_null);
}

mpc_parser_t *list_of(Grammar *g, mpc_parser_t *(*p)(Grammar *),
                      TokenKind separator)
{
    return cells(g, p(g), p(g), separator);
}

mpc_parser_t *list_of_rule(Grammar *g, RuleName name, TokenKind separator)
{
    return cells(g, rule(g, name), rule(g, name), separator);
}

// ---- items ----

// Chains are short, or appended in front of by fold_items.
Item *items_append(Item *items, Item *more)
{
    if (items == NULL) return more;
    Item *last = items;
    while (last->next != NULL) last = last->next;
    last->next = more;
    return items;
}

// Chains become one chain, from the back, so that each is walked once.
static mpc_val_t *fold_items(int n, mpc_val_t **xs)
{
    Item *all = NULL;
    for (int i = n; i-- > 0;) all = items_append(xs[i], all);
    return all;
}

mpc_parser_t *many_items(mpc_parser_t *p)
{
    return mpc_many(fold_items, p);
}

mpc_parser_t *some_items(mpc_parser_t *p)
{
    return mpc_many1(fold_items, p);
}
