// SPDX-License-Identifier: Apache-2.0
// Regex cache: the regular expressions of a node that were run last. In Erlang
// a compiled one is a binary (see regex.h); what PCRE made of it is here.
//
// A thousand at most; of those that share a place the one that was not used
// for longest leaves.
#ifndef MERLE_REGEX_CACHE_H
#define MERLE_REGEX_CACHE_H

#include "node.h"
#include "regex.h"

// The node's, made at its first use.
RegexCache *regex_cache(Node *node);

// PCRE's tables with the letters of Latin-1.
const uint8_t *regex_cache_letters(const RegexCache *cache);

// That of [source] with [options], counted for the caller; NULL if it is not
// there. [*fast] is set, and the answer NULL, when it was used so often that it
// ought to be compiled to machine code.
Regex *regex_cache_find(RegexCache *cache, RegexSource source,
                        const RegexOptions *options, bool *fast);

// Keeps [regex], instead of one of the same source if there is one.
void regex_cache_add(RegexCache *cache, Regex *regex);

// At the end of [node], when nobody runs one any more.
void regex_cache_free(Node *node);

#endif
