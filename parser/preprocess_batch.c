// SPDX-License-Identifier: Apache-2.0
// Answers of the preprocessor, and the parsing of forms beside it.
//
// The forms of a short file are parsed as they come. Those of others, if there
// are cores for it, are collected as tokens in batches, which threads of the
// pool parse, each on a heap of its own, while the preprocessor goes on. Each
// batch takes half of what the text still has, so that the pool begins early
// and is woken seldom, and little is left when the text ends. Of a batch that
// nobody has begun when two more are full no core is to be hoped for: the
// preprocessor parses it itself, while its tokens are in the cache, and they do
// not pile up. A batch lives until both sides are done with it.
#include <pthread.h>
#include <stdlib.h>

#include "memory.h"
#include "parser.h"
#include "pool.h"
#include "preprocess_state.h"

enum {
    TOKEN_BYTES = 5,       // of text, about, for each token
    WORTH_A_THREAD = 1000, // tokens that are to come
    BATCH_LEAST = 500,     // tokens of a batch
    BATCH_MOST = 6000
};

typedef enum { BATCH_WAITS, BATCH_RUNS, BATCH_DONE } BatchState;

// One answer: a term, or the tokens up to [end] of a form to be parsed.
// A file's answers keep their order by being collected in it.
typedef struct {
    Term term;  // TERM_NONE until it is parsed
    size_t end; // of the batch's tokens
} Answer;

// The lock guards [state] and [users]; everything else has one owner at a time:
// the preprocessor until it is handed out, then who claims it.
struct Batch {
    PoolJob job;            // must be first
    Batch *older;           // made before it; NULL: the first
    pthread_mutex_t lock;   // of state and users
    pthread_cond_t changed; // signalled when it is done
    BatchState state;
    int users;          // preprocessor and pool
    Heap heap;          // where its forms are built; adopted in the end
    TokenList tokens;   // of its forms, one behind the other
    size_t most;        // tokens that make it full
    Answer *answers;    // in the order of the source
    size_t count, room; // of answers, in use and allocated
};

// How many tokens are to come, judged by the text.
static size_t tokens_left(const Preprocess *pp)
{
    size_t bytes = 0;
    for (const SourceFile *f = pp->file; f != NULL; f = f->below)
        bytes += f->scanner.size - f->scanner.at;
    return bytes / TOKEN_BYTES;
}

static size_t batch_size(const Preprocess *pp)
{
    size_t half = tokens_left(pp) / 2;
    if (half > BATCH_MOST) return BATCH_MOST;
    return half < BATCH_LEAST ? BATCH_LEAST : half;
}

static Batch *new_batch(Preprocess *pp)
{
    Batch *b = memory_zeroed(1, sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    b->users = 1; // the preprocessor
    heap_init(&b->heap);
    // The last form may go beyond the limit; a quarter more is mostly enough,
    // so that tokens are not moved.
    b->tokens = parser_take_tokens(pp->node);
    b->most = batch_size(pp);
    token_list_reserve(&b->tokens, b->most + b->most / 4);
    b->older = pp->batch;
    pp->batch = b;
    return b;
}

// Gives up one use; the last one frees the batch.
// The preprocessor may be done before the pool came to its job, which then
// finds nothing to do and frees.
static void leave_batch(Batch *b)
{
    pthread_mutex_lock(&b->lock);
    bool last = --b->users == 0;
    pthread_mutex_unlock(&b->lock);
    if (!last) return;
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    heap_free(&b->heap);
    free(b->answers);
    free(b);
}

// The grammar's terms go to [heap] alone, so threads need no lock.
static Term parse_tokens(Grammar *grammar, Heap *heap, TokenList *tokens)
{
    Term form;
    ParseError error;
    if (grammar_parse_form(grammar, heap, tokens, &form, &error)) return form;
    return heap_tuple2(heap, ATOM_error, grammar_error_term(heap, &error));
}

// Its tokens go to the next batch at once: a large file has dozens of them.
static void parse_batch(Node *node, Batch *b, Grammar *grammar)
{
    size_t from = 0;
    // Errors and -file forms are terms already; tokens belong to the others.
    for (size_t i = 0; i < b->count; i++) {
        Answer *a = &b->answers[i];
        if (!term_is_none(a->term)) continue;
        // A view of the batch's tokens: annotations are filled in there.
        TokenList form = {.items = b->tokens.items + from,
                          .count = a->end - from, .room = a->end - from};
        a->term = parse_tokens(grammar, &b->heap, &form);
        from = a->end;
    }
    parser_return_tokens(node, &b->tokens);
}

// Takes a batch that waits; false when somebody has it.
// Whoever is first, a thread of the pool or the preprocessor.
static bool claim_batch(Batch *b)
{
    pthread_mutex_lock(&b->lock);
    bool mine = b->state == BATCH_WAITS;
    if (mine) b->state = BATCH_RUNS;
    pthread_mutex_unlock(&b->lock);
    return mine;
}

// Parses a batch that was claimed.
static void finish_batch(Node *node, Batch *b, Grammar *grammar)
{
    parse_batch(node, b, grammar);
    pthread_mutex_lock(&b->lock);
    b->state = BATCH_DONE;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

// Runs on a thread of the pool.
static void run_batch(Node *node, PoolJob *job)
{
    Batch *b = (Batch *)job;
    if (claim_batch(b)) {
        Grammar *grammar = parser_take_grammar(node);
        finish_batch(node, b, grammar);
        parser_return_grammar(node, grammar);
    }
    // Also when the batch was taken by the preprocessor.
    leave_batch(b);
}

static void wait_for_batch(Batch *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->state != BATCH_DONE) pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

// From here on others may touch the batch.
static void hand_out(Preprocess *pp, Batch *b)
{
    // One waits beside it at most: the one before that has had its time.
    Batch *late = b->older == NULL ? NULL : b->older->older;
    if (late != NULL && claim_batch(late))
        finish_batch(pp->node, late, pp->grammar);
    b->users++;
    b->job.run = run_batch;
    pool_add(pp->node->pool, &b->job);
}

static void add_to_batch(Preprocess *pp, Term term, const TokenList *tokens)
{
    Batch *b = pp->batch;
    // Only whole forms: a batch is a little larger than its limit.
    if (b == NULL || b->tokens.count >= b->most) {
        if (b != NULL) hand_out(pp, b);
        b = new_batch(pp);
    }
    if (b->count == b->room)
        b->answers = memory_grow(b->answers, &b->room, 64, sizeof *b->answers);
    if (tokens != NULL)
        token_list_append(&b->tokens, tokens->items, tokens->count);
    // Of a term the end is that of the form before it: it has no tokens.
    b->answers[b->count++] = (Answer){term, b->tokens.count};
}

// The list grows at its end, for it is never turned round.
static void append_answer(Preprocess *pp, Term t)
{
    Term cell = heap_cons(pp->heap, t, TERM_NIL);
    if (term_is_none(pp->last))
        pp->first = cell;
    else
        term_cons_ptr(pp->last)[1] = cell;
    pp->last = cell;
}

// Once there are batches every answer must go through them.
void answer_term(Preprocess *pp, Term t)
{
    if (pp->batch != NULL)
        add_to_batch(pp, t, NULL);
    else
        append_answer(pp, t);
}

// A node of one scheduler has no core to spare.
static bool wants_batch(const Preprocess *pp)
{
    return pp->batch != NULL
           || (pp->node->pool != NULL && pp->node->scheduler_count > 1
               && tokens_left(pp) >= WORTH_A_THREAD);
}

void answer_form(Preprocess *pp, TokenList *tokens)
{
    if (wants_batch(pp))
        add_to_batch(pp, TERM_NONE, tokens);
    else
        append_answer(pp, parse_tokens(pp->grammar, pp->heap, tokens));
}

// Collects [b] and all before it.
// The list runs from newest to oldest, so the recursion answers them in the
// right order; its depth is one for each batch.
static void finish_batches(Preprocess *pp, Batch *b)
{
    if (b == NULL) return;
    // The newest are begun last, so they are the first to be done here.
    if (claim_batch(b))
        finish_batch(pp->node, b, pp->grammar);
    else
        wait_for_batch(b);
    finish_batches(pp, b->older);
    // Terms stay where they are: the heap's pages change their owner.
    heap_adopt(pp->heap, &b->heap);
    for (size_t i = 0; i < b->count; i++) append_answer(pp, b->answers[i].term);
    leave_batch(b);
}

void answers_finish(Preprocess *pp)
{
    Batch *b = pp->batch;
    // Answers from here on go straight to the list.
    pp->batch = NULL;
    finish_batches(pp, b);
}
