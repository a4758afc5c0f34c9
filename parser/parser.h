// SPDX-License-Identifier: Apache-2.0
// Parser: the face of this folder to the others. What it keeps hangs on
// node->extension, so that two nodes of one program do not meet.
#ifndef MERLE_PARSER_H
#define MERLE_PARSER_H

#include "bif.h"
#include "grammar.h"
#include "header.h"
#include "node.h"
#include "scanner.h"

// The BIFs of the parser, for node_add_bifs.
extern const BifModule parser_bifs[];

// Hangs what the parser keeps on [node]; before node_run. parser_detach frees
// it.
void parser_attach(Node *node);
void parser_detach(Node *node);

// A grammar for the caller's use alone until it is given back. Any thread.
// One is built where none is idle; the answer is never NULL.
Grammar *parser_take_grammar(Node *node);
void parser_return_grammar(Node *node, Grammar *grammar);

// A cache of words, in the same way. What an earlier user left in it stays: it
// only maps spellings to atoms, which hold for the whole node.
WordCache *parser_take_words(Node *node);
void parser_return_words(Node *node, WordCache *words);

// An empty list of tokens, likely with memory of an earlier user; what is given
// back is empty then as well.
TokenList parser_take_tokens(Node *node);
void parser_return_tokens(Node *node, TokenList *tokens);

// The headers that were met on the node.
HeaderTable *parser_headers(Node *node);

// What a layer above keeps on the node; NULL at first.
void **parser_extension(Node *node);

#endif
