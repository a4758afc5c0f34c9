// SPDX-License-Identifier: Apache-2.0
// External term format: terms as bytes, as term_to_binary, .beam files and the
// distribution have them.
//
// The decoder trusts nothing: sizes are checked against the bytes there are
// before memory is taken, depth is bounded only by the input.
//
// Decoding has no state: it may run on any thread that may build on the heap.
// Encoding reads the term only.
#ifndef MERLE_EXTERNAL_H
#define MERLE_EXTERNAL_H

#include "buffer.h"
#include "heap.h"
#include "node.h"

enum { EXTERNAL_VERSION = 131 }; // first byte of every term

typedef struct {
    bool safe;           // make no new atoms, exports, funs
    bool no_version;     // the version byte is not there
    const Term *cached;  // what ATOM_CACHE_REF n means; may be NULL
    size_t cached_count; // entries of it
} ExternalInput;

// The term in [size] [bytes], built on [h]. [input] may be NULL: nothing
// special. [*used], if asked for, is how many bytes it took; without it all
// must be used up. TERM_NONE when the bytes are damaged or unsafe.
Term external_decode(Node *node, Heap *h, const uint8_t *bytes, size_t size,
                     const ExternalInput *input, size_t *used);

// Forms of a term that may be chosen.
typedef struct {
    bool no_version;     // leave the version byte out
    bool old_floats;     // minor_version 0: floats as text
    bool utf8_atoms;     // minor_version 2: all atoms in UTF-8; else in Latin-1
                         // where they can be
    bool aliases;        // references that are aliases say of whom
    bool deterministic;  // large maps in the order of their keys
    int compression;     // 0 none, 1 to 9
    size_t most;         // of the two that can: give up when it takes about
                         // so many bytes; 0: never
} ExternalOutput;

// The bytes of [t] in memory of malloc. [output] may be NULL.
uint8_t *external_encode(const Node *node, Term t, const ExternalOutput *output,
                         size_t *size);

// Appends them to [b]. False when it takes more than [output]->most: what is in
// [b] then is of no use.
bool external_append(const Node *node, Buffer *b, Term t,
                     const ExternalOutput *output);

// The same as a binary on [h]; TERM_NONE: it takes more than [output]->most.
Term external_encode_binary(const Node *node, Heap *h, Term t,
                            const ExternalOutput *output);

// How many bytes external_encode gives at most, as external_size/1 has it:
// exact but for funs.
size_t external_size(const Node *node, Term t, const ExternalOutput *output);

#endif
