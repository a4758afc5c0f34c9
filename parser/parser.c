// SPDX-License-Identifier: Apache-2.0
// Parser: what the parser keeps on a node: grammars and caches of words that
// nobody uses now. A grammar is dear to build and cheap to use again, so
// whoever is done hands it to the next. One in use belongs to its user alone
// and stands in no list here; the lock is therefore held only while a pointer
// is moved, never while one is built or freed.
#include "parser.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"

enum { IDLE_MOST = 8 }; // grammars kept for the next who asks

typedef struct {
    pthread_mutex_t lock;        // guards both lists and their counts
    Grammar *idle[IDLE_MOST];    // a stack: the last one used is warm in cache
    size_t count;                // how many of idle are set
    WordCache *words[IDLE_MOST]; // likewise; plain memory, freed with free
    size_t word_count;           // how many of words are set
    void *extension;             // of the layer above, which frees it itself
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

// No process may run any more: one that still held a grammar would give it back
// to freed memory.
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
    if (!room) grammar_free(grammar); // more were in use at once than are kept
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

// Read without the lock: it is set while the node has one thread.
void **parser_extension(Node *node)
{
    return &parser_of(node)->extension;
}
