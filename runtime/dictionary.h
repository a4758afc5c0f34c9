// SPDX-License-Identifier: Apache-2.0
// Dictionary: the process dictionary, a table with open addresses.
//
// Its words are roots of the collector; keys and values lie on the process's
// heap. Only the process itself touches it.
#ifndef MERLE_DICTIONARY_H
#define MERLE_DICTIONARY_H

#include "process.h"

// The value of [key], TERM_NONE without.
Term dictionary_get(const Dictionary *d, Term key);

// Sets [key] to [value], both on the process's heap; answers the old value or
// TERM_NONE.
Term dictionary_put(Process *p, Term key, Term value);

// Takes [key] out; answers its value or TERM_NONE.
Term dictionary_erase(Process *p, Term key);

void dictionary_clear(Process *p);

size_t dictionary_count(const Dictionary *d);

// All words: key, value, key, value ... ; a vacant pair is TERM_NONE twice.
// For the collector and for listing; [*n] words.
Term *dictionary_words(Dictionary *d, size_t *n);

// [{Key, Value}]
Term dictionary_to_list(const Dictionary *d, Heap *h);

void dictionary_free(Dictionary *d);

#endif
