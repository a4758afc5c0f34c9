// SPDX-License-Identifier: Apache-2.0
// Text of terms, as io_lib's ~w, ~p, ~W and ~P have it. All text is appended
// to a buffer as UTF-8.
//
// Text is built forwards into the buffer, never on a heap: a BIF makes its
// answer of it at the end. The order of maps is that of maps:iterator.
#ifndef MERLE_PRINT_H
#define MERLE_PRINT_H

#include "buffer.h"
#include "node.h"

// PRINT_DISPLAY: Unicode, but atoms with an @ are quoted, and floats have six
// decimals (erlang:display).
typedef enum { PRINT_LATIN1, PRINT_UNICODE, PRINT_DISPLAY } PrintEncoding;

enum { PRINT_NO_LIMIT = -1 };

// Around each part of the text that is a list within io_lib's list of
// characters: bytes that UTF-8 has not.
enum { PRINT_OPEN = 0xFE, PRINT_CLOSE = 0xFF };

typedef struct {
    bool nested;            // with PRINT_OPEN and PRINT_CLOSE in the text
    PrintEncoding encoding; // UNICODE: ~t
    bool strings;           // ~p: lists of characters as "..."
    bool unicode_strings;   // printable characters are those of Unicode (+pc)
    intptr_t depth;         // PRINT_NO_LIMIT: all
    intptr_t max_chars;     // PRINT_NO_LIMIT: all
    intptr_t column;        // where the text starts, from 1
    intptr_t line_length;   // 80 as a rule; 0: never break a line
    intptr_t max_line;      // most characters of a line but its indentation;
                            // PRINT_NO_LIMIT: only line_length counts
    Term records;           // map {Name, FieldCount} => [Field], or TERM_NONE
    Term orders;            // map Map => [Key], or TERM_NONE: for those maps
                            // whose keys have another order than their own
} PrintOptions;

// Sets what ~tp has, on a line of 80.
void print_options_init(PrintOptions *o);

// ~w and ~W: on one line. Any depth of nesting.
void print_write(const Node *node, Buffer *out, Term t, const PrintOptions *o);

// ~p and ~P: broken into lines.
void print_pretty(const Node *node, Buffer *out, Term t, const PrintOptions *o);

// An atom's text, quoted if need be.
void print_atom(const Node *node, Buffer *out, Term atom,
                PrintEncoding encoding);

// Character [c] as it stands in text quoted by [quote]. In Latin-1, characters
// beyond are written \x{...}.
void print_char(Buffer *out, uint32_t c, char quote, PrintEncoding encoding);

// A number, pid, port, reference or fun.
void print_leaf(const Node *node, Buffer *out, Term t, PrintEncoding encoding);

// The text of a bitstring's bytes between << and >>, at most [depth] - 1 of
// them, and as many as fit into [chars] characters. False when it was cut.
bool print_bytes(Buffer *out, Term t, intptr_t depth, intptr_t chars);

// Appends such [text] with marks around each of its numbers.
void print_mark_numbers(Buffer *out, const uint8_t *text, size_t size);

// The list of characters that [text] is, with a list in it for each pair of
// marks. Does not collect.
Term print_list(Heap *h, const Buffer *text);

#endif
