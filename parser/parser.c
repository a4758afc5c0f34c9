// SPDX-License-Identifier: Apache-2.0
// Parser: what the parser keeps on a node: grammars and caches of words that
// nobody uses now.
#include "parser.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"

enum { IDLE_MOST = 8 }; // grammars kept for the next who asks

typedef struct {
    pthread_mutex_t lock;
    Grammar *idle[IDLE_MOST];
    size_t count;
    WordCache *words[IDLE_MOST];
    size_t word_count;
    void *extension;
} Parser;

static Parser *parser_of(Node *node)
{
    return node->extension;
}

void parser_attach(Node *node)
{
    Parser *p = memory_zeroed(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    node->extension = p;
}

void parser_detach(Node *node)
{
    Parser *p = parser_of(node);
    for (size_t i = 0; i < p->count; i++) grammar_free(p->idle[i]);
    for (size_t i = 0; i < p->word_count; i++) free(p->words[i]);
    pthread_mutex_destroy(&p->lock);
    free(p);
    node->extension = NULL;
}

Grammar *parser_take_grammar(Node *node)
{
    Parser *p = parser_of(node);
    Grammar *grammar = NULL;
    pthread_mutex_lock(&p->lock);
    if (p->count > 0) grammar = p->idle[--p->count];
    pthread_mutex_unlock(&p->lock);
    return grammar != NULL ? grammar : grammar_new(node);
}

void parser_return_grammar(Node *node, Grammar *grammar)
{
    Parser *p = parser_of(node);
    pthread_mutex_lock(&p->lock);
    bool room = p->count < IDLE_MOST;
    if (room) p->idle[p->count++] = grammar;
    pthread_mutex_unlock(&p->lock);
    if (!room) grammar_free(grammar);
}

WordCache *parser_take_words(Node *node)
{
    Parser *p = parser_of(node);
    WordCache *words = NULL;
    pthread_mutex_lock(&p->lock);
    if (p->word_count > 0) words = p->words[--p->word_count];
    pthread_mutex_unlock(&p->lock);
    return words != NULL ? words : word_cache_new();
}

void parser_return_words(Node *node, WordCache *words)
{
    Parser *p = parser_of(node);
    pthread_mutex_lock(&p->lock);
    bool room = p->word_count < IDLE_MOST;
    if (room) p->words[p->word_count++] = words;
    pthread_mutex_unlock(&p->lock);
    if (!room) free(words);
}

void **parser_extension(Node *node)
{
    return &parser_of(node)->extension;
}
