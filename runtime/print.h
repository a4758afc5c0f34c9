// SPDX-License-Identifier: Apache-2.0
// Text of terms, as io_lib's ~w, ~p, ~W and ~P have it.
#ifndef MERLE_PRINT_H
#define MERLE_PRINT_H

#include "buffer.h"
#include "node.h"

typedef enum { PRINT_LATIN1, PRINT_UNICODE } PrintEncoding;

enum { PRINT_NO_LIMIT = -1 };

typedef struct {
    PrintEncoding encoding; // UNICODE: ~t
    bool strings;           // ~p: lists of characters as "..."
    bool unicode_strings;   // printable characters are those of Unicode (+pc)
    intptr_t depth;         // PRINT_NO_LIMIT: all
    intptr_t max_chars;     // PRINT_NO_LIMIT: all
    intptr_t column;        // where the text starts, from 1
    intptr_t line_length;   // 80 as a rule
    intptr_t max_line;      // most characters of a line but its indentation;
                            // PRINT_NO_LIMIT: only line_length counts
    Term records;           // map {Name, FieldCount} => [Field], or TERM_NONE
} PrintOptions;

// Sets what ~tp has, on a line of 80.
void print_options_init(PrintOptions *o);

// ~w and ~W: appends the text of [t] as UTF-8 to [out]; on one line.
void print_write(const Node *node, Buffer *out, Term t, const PrintOptions *o);

// ~p and ~P: the same, broken into lines.
void print_pretty(const Node *node, Buffer *out, Term t, const PrintOptions *o);

// Appends an atom's text, quoted if need be.
void print_atom(const Node *node, Buffer *out, Term atom,
                PrintEncoding encoding);

// Whether the bare atom of these UTF-8 bytes needs quotes.
bool print_atom_is_quoted(const char *bytes, size_t size,
                          PrintEncoding encoding);

#endif
