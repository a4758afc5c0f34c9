// SPDX-License-Identifier: Apache-2.0
// Scanner: text to tokens, form by form.
//
// A scanner is a position in UTF-8 text (see scanner_text_from_latin1 for
// other text) and never owns that text. It keeps no state between tokens but
// the position, so that scanning can go on after an error and, when more text
// has arrived, at the token that was cut off.
#ifndef MERLE_SCANNER_H
#define MERLE_SCANNER_H

#include "atom.h"
#include "token.h"

// Options; SCANNER_MAYBE alone is set by scanner_init.
enum {
    SCANNER_WHITE_SPACE = 1 << 0, // tokens for white space
    SCANNER_COMMENTS = 1 << 1,    // tokens for comments
    SCANNER_MAYBE = 1 << 2,       // maybe and else are reserved words
    // See SCAN_MORE.
    SCANNER_MORE = 1 << 3,        // more text may follow what is there
    SCANNER_PLAIN_WORDS = 1 << 4  // no word is reserved: all are ATOM
};

// Words met before, for speed: a table of atoms has any number of such caches,
// each for one scanner at a time. Memory of malloc.
// It remembers what kind a word was, so a cache belongs to one set of options
// at a time and is emptied when they change.
typedef struct WordCache WordCache;
WordCache *word_cache_new(void);

typedef struct {
    AtomTable *atoms; // interns atoms; any thread may use it
    // Nothing here collects: what a caller holds stays where it is.
    Heap *heap;          // where strings, floats and large integers are built
    const uint8_t *text; // UTF-8; [size] bytes
    size_t size;         // in bytes
    size_t at;           // the next byte
    Place place;         // of that byte; column 0: columns are not counted
    unsigned options;    // SCANNER_...
    WordCache *words;    // NULL at first; the caller's
} Scanner;

// Answers of scanner_form. An error is not the end: OTP goes on behind the
// bad token too, so that a file's later forms are still checked.
typedef enum {
    SCAN_FORM,  // tokens up to and including a dot
    SCAN_END,   // end of text; the tokens before it, without a dot, if any
    SCAN_ERROR, // an illegal token; the scanner stands behind it
    SCAN_MORE   // with SCANNER_MORE: stands at the token that may be cut off
} ScanStatus;

typedef struct {
    Place place;     // where the illegal token begins
    // erl_scan answers it as EndLocation.
    Place end;       // where the scanner gave up
    Term descriptor; // erl_scan's: {illegal,character}, {string,34,"abc"} ...
} ScanError;

// A scanner at the beginning of [text], which must outlive its use.
void scanner_init(Scanner *s, AtomTable *atoms, Heap *heap,
                  const uint8_t *text, size_t size);

// Appends the tokens of the next form to [out]. The descriptor of an error is
// built on the heap; out then holds the tokens before the illegal one.
ScanStatus scanner_form(Scanner *s, TokenList *out, ScanError *error);

// The encoding that the first two lines of a file name in a comment such as
// "%% coding: latin-1"; the default is UTF-8.
// OTP's epp looks no further than these lines either.
typedef enum { ENCODING_UTF8, ENCODING_LATIN1 } Encoding;
Encoding scanner_encoding(const uint8_t *text, size_t size);

// UTF-8 made of Latin-1 text, in memory of malloc; its size in [*utf8_size].
// For old files: the scanner itself reads nothing but UTF-8.
uint8_t *scanner_text_from_latin1(const uint8_t *text, size_t size,
                                  size_t *utf8_size);

#endif
