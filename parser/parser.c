// SPDX-License-Identifier: Apache-2.0
// Parser: what the parser keeps on a node: grammars, caches of words and
// memory of tokens that nobody uses now, and the headers it has met. What is
// idle is dear to make and cheap to use again, so whoever is done hands it to
// the next. What is in use belongs to its user alone and stands in no list
// here; the lock is therefore held only while a pointer is moved, never while
// something is built or freed.
#include "parser.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"

enum {
    IDLE_MOST = 8,      // of a sort, kept for the next who asks
    TOKENS_MOST = 8192  // of a list; one large file is not to cost for ever
};

// A stack: the last one used is warm in cache.
typedef struct {
    void *items[IDLE_MOST];
    size_t count; // how many of them are set
} Idle;

typedef struct {
    pthread_mutex_t lock; // guards what is idle
    Idle grammars, words; // words are plain memory, freed with free
    TokenList tokens[IDLE_MOST];
    size_t token_lists; // how many of [tokens] are set
    HeaderTable *headers;
    void *extension; // of the layer above, which frees it itself
} Parser;

static Parser *parser_of(Node *node)
{
    return node->extension;
}

void parser_attach(Node *node)
{
    Parser *p = memory_zeroed(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    p->headers = header_table_new();
    node->extension = p;
}

// No process may run any more: one that still held a grammar would give it back
// to freed memory.
void parser_detach(Node *node)
{
    Parser *p = parser_of(node);
    for (size_t i = 0; i < p->grammars.count; i++)
        grammar_free(p->grammars.items[i]);
    for (size_t i = 0; i < p->words.count; i++) free(p->words.items[i]);
    for (size_t i = 0; i < p->token_lists; i++) token_list_free(&p->tokens[i]);
    header_table_free(p->headers);
    pthread_mutex_destroy(&p->lock);
    free(p);
    node->extension = NULL;
}

// NULL when none is idle.
static void *take_idle(Parser *p, Idle *idle)
{
    pthread_mutex_lock(&p->lock);
    void *item = idle->count > 0 ? idle->items[--idle->count] : NULL;
    pthread_mutex_unlock(&p->lock);
    return item;
}

// False: more were in use at once than are kept, and the caller frees it.
static bool keep_idle(Parser *p, Idle *idle, void *item)
{
    pthread_mutex_lock(&p->lock);
    bool room = idle->count < IDLE_MOST;
    if (room) idle->items[idle->count++] = item;
    pthread_mutex_unlock(&p->lock);
    return room;
}

Grammar *parser_take_grammar(Node *node)
{
    Parser *p = parser_of(node);
    Grammar *grammar = take_idle(p, &p->grammars);
    return grammar != NULL ? grammar : grammar_new(node);
}

void parser_return_grammar(Node *node, Grammar *grammar)
{
    Parser *p = parser_of(node);
    if (!keep_idle(p, &p->grammars, grammar)) grammar_free(grammar);
}

WordCache *parser_take_words(Node *node)
{
    Parser *p = parser_of(node);
    WordCache *words = take_idle(p, &p->words);
    return words != NULL ? words : word_cache_new();
}

void parser_return_words(Node *node, WordCache *words)
{
    Parser *p = parser_of(node);
    if (!keep_idle(p, &p->words, words)) free(words);
}

TokenList parser_take_tokens(Node *node)
{
    Parser *p = parser_of(node);
    TokenList tokens = {0};
    pthread_mutex_lock(&p->lock);
    if (p->token_lists > 0) tokens = p->tokens[--p->token_lists];
    pthread_mutex_unlock(&p->lock);
    return tokens;
}

void parser_return_tokens(Node *node, TokenList *tokens)
{
    Parser *p = parser_of(node);
    tokens->count = 0;
    pthread_mutex_lock(&p->lock);
    if (tokens->room > 0 && tokens->room <= TOKENS_MOST
        && p->token_lists < IDLE_MOST) {
        p->tokens[p->token_lists++] = *tokens;
        *tokens = (TokenList){0};
    }
    pthread_mutex_unlock(&p->lock);
    token_list_free(tokens);
}

HeaderTable *parser_headers(Node *node)
{
    return parser_of(node)->headers;
}

// Read without the lock: it is set while the node has one thread.
void **parser_extension(Node *node)
{
    return &parser_of(node)->extension;
}
