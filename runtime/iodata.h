// SPDX-License-Identifier: Apache-2.0
// Iodata: binaries, and deep lists of bytes and binaries that may end in a
// binary. Everything that is written or joined comes in this form.
//
// Any depth, and nothing is built on a heap.
#ifndef MERLE_IODATA_H
#define MERLE_IODATA_H

#include "term.h"

typedef enum {
    IODATA_OK,
    IODATA_BAD,   // something in it is neither byte nor bitstring
    IODATA_LARGE, // more than is allowed
    IODATA_LONG   // would take too long
} IodataResult;

// Counts the bytes of [t]; bitstrings that are no binaries are IODATA_BAD. More
// than a binary can have (BINARY_BYTES_MOST) are IODATA_LARGE.
IodataResult iodata_size(Term t, size_t *bytes);

// What is counted, and how far.
typedef struct {
    unsigned unit; // bits of what is counted, of which there are no parts: 8, 1
    size_t most;   // more of them are IODATA_LARGE
    size_t lists;  // more lists in each other are IODATA_LONG
} IodataLimit;

// Counts as [limit] says.
IodataResult iodata_count(Term t, const IodataLimit *limit, size_t *n);

// Copies what iodata_size or iodata_count has counted to [to]; the unused bits
// of the last byte are 0.
void iodata_copy(Term t, uint8_t *to);

#endif
